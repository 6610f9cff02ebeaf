"""What is left of a release when its worker is killed, the disk is full, or PostgreSQL goes away: the ones
before as they were, nothing half-written, and a next run that ends well."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep

import orjson
import pytest
from alembic import command
from alembic.config import Config

from app.db import engine, session_factory, transaction
from app.embedded.children import children_of
from app.embedded.postgres import NAME, Postgres, can_connect, start_postgres
from app.queues.models import QueueKind
from app.releases import jobs
from app.releases.actions import claim_release, release_folder, request_release
from app.releases.models import Release, ReleaseState
from app.releases.queries import release_of
from app.releases.reading import plan
from app.releases.reading.plan import PartKind
from app.settings import settings
from tests.conftest import ROOT
from tests.releases.samples import bytes_below
from tests.releases.test_make_release import imported_project, label
from tests.releases.worker import ITEMS_A_PART, PATIENCE_SECONDS, worker_on

N_KILLS = 10
HALFWAY = 300
"""File operations of a worker's some six hundred."""


class Campaign:
    """A labelled project with one release that is done. `before`: its files."""

    def __init__(self, folder: Path) -> None:
        with transaction() as session:
            self.project = imported_project(session, folder)
            label(session, self.project, QueueKind.SAFETY)
        self.first = self.asked()
        jobs.write(self.first)
        self.folder = release_folder(found(self.first))
        self.before = bytes_below(self.folder)

    def asked(self) -> int:
        """The id of one more release, which waits."""
        with transaction() as session:
            return request_release(session, self.project.id).id

    def check_nothing_half(self, release_id: int) -> None:
        """A folder that has its name is whole, and the one before is as it was."""
        assert bytes_below(self.folder) == self.before
        folder = release_folder(found(release_id))
        if folder.exists():
            check_whole(folder)

    def check_failed_for_room(self, release_id: int) -> None:
        release = found(release_id)
        assert (release.state, release.error) == (ReleaseState.FAILED, jobs.NO_ROOM)
        assert not release_folder(release).exists()
        self.check_nothing_half(release_id)

    def check_ends_well(self, release_id: int) -> None:
        """By a next run, which finds what there is."""
        wait_until_nobody_has(release_id)
        jobs.write(release_id)
        release = found(release_id)
        assert (release.state, release.error) == (ReleaseState.DONE, None)
        folder = release_folder(release)
        assert orjson.loads((folder / "manifest.json").read_bytes()) == release.manifest
        check_whole(folder)
        assert [path.name for path in folder.parent.iterdir() if path.name.startswith(".")] == []
        assert bytes_below(self.folder) == self.before


def found(release_id: int) -> Release:
    with transaction() as session:
        return release_of(session, release_id)


def wait_until_nobody_has(release_id: int) -> None:
    """PostgreSQL sees a moment later that a worker is dead, and gives its lock back."""
    for _ in range(PATIENCE_SECONDS * 20):
        with transaction() as session:
            if claim_release(session, release_id):
                return
        sleep(0.05)
    raise AssertionError("the dead worker still has the release")


def check_whole(folder: Path) -> None:
    """Every file of the manifest is there and is the one it tells of; there are no others but the cards."""
    manifest = orjson.loads((folder / "manifest.json").read_bytes())
    lists = [entry for entry in manifest.values() if isinstance(entry, dict) and "path" in entry]
    files = [*lists, *(file for dataset in manifest["datasets"] for file in dataset["files"])]
    told = {file["path"]: file["sha256"] for file in files if file["n_rows"]}
    there = {path: sha256(content).hexdigest() for path, content in bytes_below(folder).items()}
    others = there.keys() - told.keys() - {"manifest.json", *(entry["path"] for entry in lists)}
    assert told.items() <= there.items()
    assert {path.rpartition("/")[2] for path in others} <= {"README.md"}


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "ITEMS_A_PART", dict.fromkeys(PartKind, ITEMS_A_PART))


@pytest.mark.usefixtures("database", "home")
def test_a_worker_may_be_killed_at_any_time(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    with worker_on(campaign.asked(), os.environ) as worker:
        n_operations = worker.wait()
    assert n_operations > 10 * N_KILLS
    for number in range(N_KILLS):
        release_id = campaign.asked()
        # The first and the last one, and some between.
        halt_at = (n_operations - 1) * number // (N_KILLS - 1)
        with worker_on(release_id, os.environ, halt_at) as worker:
            assert worker.wait() == halt_at
            worker.kill()
        assert found(release_id).state == ReleaseState.RUNNING
        campaign.check_nothing_half(release_id)
        campaign.check_ends_well(release_id)


@pytest.mark.usefixtures("database", "home")
def test_a_file_that_finds_no_room_leaves_a_clear_failure(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    for most_bytes in (300, 10_000):
        release_id = campaign.asked()
        with worker_on(release_id, os.environ, most_bytes=most_bytes) as worker:
            worker.wait()
        campaign.check_failed_for_room(release_id)
        campaign.check_ends_well(release_id)


@pytest.mark.usefixtures("database")
def test_a_full_disk_leaves_a_clear_failure(small_disk: Path, tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    ballast = small_disk / "ballast"
    for n_bytes_left in (0, 400_000):
        release_id = campaign.asked()
        ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - n_bytes_left))
        with pytest.raises(OSError, match="No space left"):
            jobs.write(release_id)
        campaign.check_failed_for_room(release_id)
        ballast.unlink()
        campaign.check_ends_well(release_id)


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The data folder, a file system of its own in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place))
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a disk")
    monkeypatch.setenv("EVENHAND_HOME", str(place))
    settings.cache_clear()
    yield place
    monkeypatch.undo()
    settings.cache_clear()
    subprocess.run(("umount", str(place)), check=True)


@pytest.mark.usefixtures("home")
def test_postgresql_may_be_restarted_in_the_middle(own_postgres: Postgres, tmp_path: Path) -> None:
    campaign = Campaign(tmp_path)
    for is_back_at_once in (True, False):
        release_id = campaign.asked()
        with worker_on(release_id, os.environ, HALFWAY) as worker:
            assert worker.wait() == HALFWAY
            own_postgres.children.stop(NAME)
            if is_back_at_once:
                start_again(own_postgres)
            worker.go_on()
        if not is_back_at_once:
            start_again(own_postgres)
        # Ours are gone as well.
        engine().dispose()
        release = found(release_id)
        assert (release.state, release.error) in {
            (ReleaseState.RUNNING, None),
            (ReleaseState.FAILED, jobs.CRASHED),
        }
        campaign.check_nothing_half(release_id)
        campaign.check_ends_well(release_id)


def start_again(postgres: Postgres) -> None:
    url = postgres.web_url.replace("+psycopg", "")
    postgres.children.wait_until_ready(postgres.spawn(), partial(can_connect, url), PATIENCE_SECONDS)


@pytest.fixture
def own_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[Postgres]:
    """One that nothing else uses, migrated; every setting points to it."""
    with TemporaryDirectory(prefix="evenhand-") as folder:
        # Open to pass through, as that of the other throw-away servers.
        Path(folder).chmod(0o711)
        with children_of(Path(folder)) as children:
            started = start_postgres(children, durable=False)
            monkeypatch.setenv("DATABASE_URL", started.web_url)
            monkeypatch.setenv("EVENHAND_OWNER_DATABASE_URL", started.owner_url)
            forget_connections()
            command.upgrade(Config(ROOT / "alembic.ini"), "head")
            yield started
            monkeypatch.undo()
            forget_connections()


def forget_connections() -> None:
    engine().dispose()
    for kept in (settings, engine, session_factory):
        kept.cache_clear()
