import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.embedded.children import Children, children_of
from app.embedded.postgres import DATA_FOLDER, start_postgres
from tests.embedded.stack_process import processes_of


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped server's data folder, made once: copying it is faster than making another."""
    home = tmp_path_factory.mktemp("fresh") / "home"
    with children_of(home) as children:
        start_postgres(children)
    return home / DATA_FOLDER


@pytest.fixture
def data_home(tmp_path: Path, fresh_database: Path) -> Iterator[Path]:
    """A data folder in which a database is ready to be started; nothing outlives the test in it."""
    # pytest's folders are closed to others; a server that runs as another user must get through.
    # With several processes, each has one more around all of its own.
    n_around = 3 if "PYTEST_XDIST_WORKER" in os.environ else 2
    for folder in (tmp_path, *tmp_path.parents[:n_around]):
        folder.chmod(0o711)
    home = tmp_path / "home"
    home.mkdir(mode=0o711)
    shutil.copytree(fresh_database, home / DATA_FOLDER)
    yield home
    for pid in processes_of(home):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def children(data_home: Path) -> Iterator[Children]:
    with children_of(data_home) as started:
        yield started
