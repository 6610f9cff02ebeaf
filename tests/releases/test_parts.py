"""A release made in parts: by several workers, after a crash, and until it is cancelled."""

import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.db import export_snapshot, transaction
from app.queues.models import QueueKind
from app.queues.queries import member_ids
from app.releases import jobs, making
from app.releases.actions import (
    cancel_release,
    note_plan,
    release_folder,
    request_release,
    staging_of,
    start_release,
)
from app.releases.making import make_release
from app.releases.models import Release, ReleaseState
from app.releases.queries import release_of
from app.releases.reading import plan
from app.releases.reading.part import Source, fill
from app.releases.reading.plan import Part, PartKind
from tests import make
from tests.browse import enter, post
from tests.releases.samples import rows_below
from tests.releases.test_make_release import N_PROMPTS, answer_next, imported_project, label

pytestmark = pytest.mark.usefixtures("database", "home")
KINDS = (QueueKind.SAFETY, QueueKind.DUAL, QueueKind.SINGLE)


class Killed(BaseException):
    """As a signal ends a worker: nobody catches it."""


@pytest.fixture
def asked(tmp_path: Path) -> int:
    """A release of a labelled project that waits; its id."""
    with transaction() as session:
        project = imported_project(session, tmp_path)
        for kind in KINDS:
            label(session, project, kind)
        return request_release(session, project.id).id


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two items each, so that there are many."""
    monkeypatch.setattr(plan, "ITEMS_A_PART", dict.fromkeys(PartKind, 2))


def found(release_id: int) -> Release:
    with transaction() as session:
        return release_of(session, release_id)


def made_by(release_id: int, on_progress: Callable[[int], None] = lambda _n: None) -> Path:
    """Its folder."""
    with transaction(snapshot=True) as session:
        make_release(session, release_id, on_progress=on_progress)
    return release_folder(found(release_id))


def checksum_of(folder: Path) -> str:
    """Of all data of a release."""
    checksum: str = orjson.loads((folder / "manifest.json").read_bytes())["content_sha256"]
    return checksum


def killed_at(n_items: int) -> Callable[[int], None]:
    """Dies once so many items have been read."""
    read = 0

    def on_progress(n: int) -> None:
        nonlocal read
        read += n
        if read >= n_items:
            raise Killed

    return on_progress


def test_in_many_parts_it_has_the_rows_that_it_has_in_one(
    asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = made_by(asked)
    rows = {folder.name: rows_below(folder) for folder in whole.iterdir() if folder.is_dir()}
    one = orjson.loads((whole / "manifest.json").read_bytes())
    monkeypatch.setattr(plan, "ITEMS_A_PART", dict.fromkeys(PartKind, 2))
    again = made_by(asked)
    assert {folder.name: rows_below(folder) for folder in again.iterdir() if folder.is_dir()} == rows
    many = orjson.loads((again / "manifest.json").read_bytes())
    counted = ("n_rows", "configs", "dropped", "labels", "pairs", "counts")
    for before, after in zip(one["datasets"], many["datasets"], strict=True):
        assert {name: before[name] for name in counted} == {name: after[name] for name in counted}
    assert len(many["datasets"][0]["files"]) > len(one["datasets"][0]["files"])
    assert not staging_of(found(asked)).folder.exists()


@pytest.mark.usefixtures("small_parts")
def test_several_workers_make_it_from_one_snapshot(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes while they are at it is in none of the parts."""
    jobs.follow_all_answers(asked)
    alone = checksum_of(made_by(asked))
    n_made = 0

    def help_at_once(job: object, release_id: int, snapshot: str) -> None:
        nonlocal n_made
        n_made += 1
        with transaction() as session:
            make.item(session, release_of(session, release_id).project, prompt=f"Late {n_made}?")
        jobs.help_write(release_id, snapshot)

    monkeypatch.setattr(jobs, "send", help_at_once)
    jobs.write(asked)
    assert n_made > N_PROMPTS
    assert found(asked).state == ReleaseState.DONE
    assert checksum_of(release_folder(found(asked))) == alone


def test_who_comes_too_late_to_help_does_nothing(asked: int) -> None:
    with transaction(snapshot=True) as session:
        snapshot = export_snapshot(session)
    for name in (snapshot, "'; DROP TABLE release; --"):
        jobs.help_write(asked, name)
    assert found(asked).state == ReleaseState.WAITING
    assert not staging_of(found(asked)).folder.exists()


@pytest.mark.usefixtures("small_parts")
def test_after_a_crash_the_parts_that_were_made_are_used(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = checksum_of(made_by(asked))
    with pytest.raises(Killed):
        made_by(asked, killed_at(N_PROMPTS + 1))
    assert checksum_of(release_folder(found(asked))) == expected
    n_made = len(list(staging_of(found(asked)).folder.glob("parts/*.json")))
    filled: list[Part] = []

    def noted(source: Source, part: Part, *rest: Any) -> None:
        filled.append(part)
        fill(source, part, *rest)

    monkeypatch.setattr(making, "fill", noted)
    assert checksum_of(made_by(asked)) == expected
    n_parts = N_PROMPTS // 2 + N_PROMPTS + N_PROMPTS // 2
    assert n_made > 2
    assert len(filled) == n_parts + 1 - n_made


@pytest.mark.usefixtures("small_parts")
def test_answers_given_after_a_crash_make_it_begin_anew(tmp_path: Path) -> None:
    with transaction() as session:
        project = imported_project(session, tmp_path)
        queue = label(session, project, QueueKind.SAFETY, n_left=1)
        release_id = request_release(session, project.id).id
    with pytest.raises(Killed):
        made_by(release_id, killed_at(2 * N_PROMPTS))
    with transaction() as session:
        answer_next(session, queue, session.get_one(User, max(member_ids(session, queue.id))))
    assert len(rows_below(made_by(release_id) / "PKU-SafeRLHF-QA")) == 2 * N_PROMPTS


@pytest.mark.usefixtures("small_parts")
def test_other_filters_after_a_crash_make_it_begin_anew(asked: int) -> None:
    with pytest.raises(Killed):
        made_by(asked, killed_at(2 * N_PROMPTS))
    with transaction() as session:
        session.get_one(Release, asked).filters = {"min_answers": 50}
    made_by(asked)
    assert not (release_folder(found(asked)) / "PKU-SafeRLHF-QA").exists()


@pytest.mark.usefixtures("small_parts")
def test_cancelled_in_the_middle_it_leaves_nothing(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    show = jobs.show_progress

    def cancel_at_once(release_id: int, n_items: int) -> None:
        with transaction() as session:
            cancel_release(session, release_id)
        show(release_id, n_items)

    monkeypatch.setattr(jobs, "show_progress", cancel_at_once)
    jobs.write(asked)
    jobs.write(asked)
    release = found(asked)
    assert (release.state, release.manifest) == (ReleaseState.CANCELLED, None)
    assert list(release_folder(release).parent.iterdir()) == []


def test_a_full_disk_is_named_and_leaves_nothing(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(making, "fill", no_room)
    with pytest.raises(OSError, match="No space"):
        jobs.write(asked)
    release = found(asked)
    assert (release.state, release.error) == (ReleaseState.FAILED, jobs.NO_ROOM)
    assert list(release_folder(release).parent.iterdir()) == []


def test_its_page_shows_how_far_it_is_and_cancels_and_tries_again(
    asked: int, app: FastAPI, client: TestClient, session: Session
) -> None:
    with transaction() as beside:
        start_release(beside, asked)
        note_plan(beside, asked, n_items=400, n_items_done=100)
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = client.get(f"/admin/releases/{asked}").text
    assert "100 of 400 items and prompts" in page
    assert "left" in page
    for _ in range(2):
        assert post(client, f"/admin/releases/{asked}/cancel").status_code == 303
    assert release_of(session, asked).state == ReleaseState.CANCELLED
    assert "Try again" in client.get(f"/admin/releases/{asked}").text
    for _ in range(2):
        assert post(client, f"/admin/releases/{asked}/retry").status_code == 303
    assert release_of(session, asked).state == ReleaseState.WAITING
    assert len(session.info["after_commit"]) == 1


def test_what_is_left_out_is_listed_with_its_reasons(session: Session, tmp_path: Path) -> None:
    project = imported_project(session, tmp_path)
    release = make.release(session, project.id)
    assert release.manifest is not None
    lines = (release_folder(release) / "left-out.jsonl").read_bytes().splitlines()
    listed = [orjson.loads(line) for line in lines]
    assert len(listed) == release.manifest["left_out"]["n_rows"] == 3 * N_PROMPTS
    pairs = [row for row in listed if row["kind"] == "pair"]
    assert pairs[0]["reasons"]["PKU-SafeRLHF-single-dimension"] == "no_single_preference"
    assert len(pairs[0]["responses"]) == 2
    for entry in release.manifest["datasets"]:
        assert sum(entry["dropped"].values()) == sum(entry["name"] in row["reasons"] for row in listed)
