"""New items are read once, whole batches at a time, and never while more of them are coming in."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import transaction
from app.items.actions import lock_key, run_import, start_import
from app.items.models import Import
from app.projects.models import Project
from app.search import indexing
from app.search.indexing import newest_item_id, projects_to_read, read_items
from app.search.jobs import read_all
from app.search.models import SearchDocument, SearchWord
from tests import make
from tests.search.test_find import found, read

ROWS = '{"prompt": "Which tea?", "response": "Green."}\n{"prompt": "Which milk?", "response": "Oat."}\n'


def n_documents(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(SearchDocument)).one()


def n_with(session: Session, word: str) -> int | None:
    return session.scalar(select(SearchWord.n_documents).where(SearchWord.word == word))


def test_each_response_is_read_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it is in several items, and though there are several batches."""
    monkeypatch.setattr(indexing, "ITEMS_A_BATCH", 2)
    project = make.project(session)
    make.item_with_pairs(session, project, responses=("cup", "mug cup", "pot"))
    assert projects_to_read(session) == [project.id]
    read(session, project)
    read(session, project)
    assert projects_to_read(session) == []
    assert (n_documents(session), n_with(session, "cup")) == (3, 2)


@pytest.mark.usefixtures("database")
def test_a_project_is_not_read_while_it_is_imported_into() -> None:
    with transaction() as session:
        project = make.project(session)
        make.item(session, project)
    with transaction() as importing, transaction() as reading:
        importing.execute(select(func.pg_advisory_xact_lock(lock_key("import into project", project.id))))
        assert newest_item_id(reading, project.id) is None
        read_all(project.id)
        assert n_documents(reading) == 0
    read_all(project.id)
    read_all(project.id)
    with transaction() as session:
        assert n_documents(session) == 1


@pytest.mark.usefixtures("database")
def test_two_workers_read_no_item_twice() -> None:
    with transaction() as session:
        project = make.project(session)
        make.item(session, project)
        read(session, project)
        newest_id = make.item(session, project).id
    with transaction() as first, transaction() as second:
        assert read_items(first, project.id, newest_id)
        assert not read_items(second, project.id, newest_id)


def brought(session: Session, project: Project, path: Path, text: str) -> Import:
    path.write_text(text)
    started = start_import(session, project.id, path.name, len(text))
    assert run_import(session, started.id, path, lambda progress: None)
    session.refresh(started)
    return started


def test_an_import_knows_its_items(session: Session, home: Path, tmp_path: Path) -> None:
    project = make.project(session)
    earlier = make.item(session, project)
    first = brought(session, project, tmp_path / "teas.jsonl", ROWS)
    again = brought(session, project, tmp_path / "again.jsonl", ROWS)
    of_import = found(session, project, brought_by=first.id)
    assert len(of_import) == 2
    assert earlier.id not in of_import
    assert (again.first_item_id, found(session, project, brought_by=again.id)) == (None, [])
    today = first.created_at.date()
    assert found(session, project, imported_from=today, imported_to=today) == of_import
    assert found(session, project, imported_to="2020-01-01") == []
