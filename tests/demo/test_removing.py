"""The demo campaign goes without a trace, and nothing else does."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.models import Assignment
from app.db import Base, transaction
from app.demo.actions import DemoAtWork, remove_demo
from app.demo.models import DemoCampaign
from app.demo.queries import demo_campaign
from app.items.actions import lock_key
from app.items.models import Item, ItemResponse, Prompt
from app.items.report import import_folder
from app.projects.models import Project
from app.queues.models import Queue
from app.releases.actions import project_folder
from app.releases.models import Release
from tests import answer, make
from tests.browse import enter, post
from tests.demo.conftest import Loaded

# What is told of things that are gone.
LOG = "audit_entry"
NAMED = ("project_id", "queue_id", "item_id", "prompt_id", "response_id", "assignment_id", "release_id")


def ids_named(session: Session) -> dict[tuple[str, str], set[int]]:
    """By table and column, every id of a thing that a project has."""
    found = {}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if column.name in NAMED and table.name != LOG:
                found[table.name, column.name] = set(session.scalars(select(column).distinct()))
    return found


def n_rows(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalars(select(func.count()).select_from(table)).one()
        for table in Base.metadata.sorted_tables
    }


def test_nothing_of_it_is_left_and_nothing_else_is_touched(session: Session, loaded: Loaded) -> None:
    ids = ids_of_project(session, loaded.project_id)
    others = ids_of_project(session, loaded.other_id)
    n_entries = n_rows(session)[LOG]
    import_ids = remove_demo(session, loaded.project_id)
    assert import_ids
    left = {
        (table, column): found & ids[column]
        for (table, column), found in ids_named(session).items()
        if found & ids[column]
    }
    assert left == {}
    assert ids_of_project(session, loaded.other_id) == others
    assert session.scalars(select(Project.id)).all() == [loaded.other_id]
    people = session.scalars(select(User.username).where(User.username.startswith("demo-"))).all()
    assert people == []
    assert {name for name, n in n_rows(session).items() if name.startswith("demo_") and n} == set()
    # All it says stays, and one entry says that this is over.
    assert n_rows(session)[LOG] == n_entries + 1


def ids_of_project(session: Session, project_id: int) -> dict[str, set[int]]:
    """By the name of a column that would have them."""
    items = select(Item.id).where(Item.project_id == project_id)
    queues = select(Queue.id).where(Queue.project_id == project_id)
    asked = {
        "project_id": select(Project.id).where(Project.id == project_id),
        "queue_id": queues,
        "item_id": items,
        "prompt_id": select(Prompt.id).where(Prompt.project_id == project_id),
        "response_id": select(ItemResponse.response_id).where(ItemResponse.item_id.in_(items)),
        "assignment_id": select(Assignment.id).where(Assignment.queue_id.in_(queues)),
        "release_id": select(Release.id).where(Release.project_id == project_id),
    }
    return {name: set(session.scalars(statement)) for name, statement in asked.items()}


def test_its_files_go_with_it(client: TestClient, session: Session, loaded: Loaded) -> None:
    import_ids = list(session.scalars(text("SELECT id FROM import ORDER BY id")))
    assert list(project_folder(loaded.project_id).iterdir())
    enter(client, session, loaded.admin)
    page = client.get("/admin/demo/remove").text
    assert ">266<" in page
    kept = {path: path.rename(path.with_name(f"{path.name}-kept")) for path in existing(loaded, import_ids)}
    for path, copy in kept.items():
        path.mkdir()
        (path / "file").write_text(copy.name)
    try:
        sent = post(client, "/admin/demo/remove", project_id=loaded.project_id)
        assert (sent.status_code, sent.headers["location"]) == (303, "/admin")
        for call in session.info.pop("after_commit", []):
            call()
        assert existing(loaded, import_ids) == []
    finally:
        for path, copy in kept.items():
            copy.rename(path)
    again = post(client, "/admin/demo/remove", project_id=loaded.project_id)
    assert again.status_code == 303
    assert client.get("/admin/demo/remove", follow_redirects=False).status_code == 303


def existing(loaded: Loaded, import_ids: list[int]) -> list[Path]:
    folders = [project_folder(loaded.project_id), *map(import_folder, import_ids)]
    return [folder for folder in folders if folder.exists()]


def test_answers_of_others_are_told_of_beforehand(
    client: TestClient, session: Session, loaded: Loaded
) -> None:
    queue = session.scalars(select(Queue).where(Queue.name == "Safety, second round")).one()
    answer.safety(session, make.assignment(session, queue, session.get_one(User, loaded.annotator.id)))
    enter(client, session, loaded.admin)
    assert "1 answer is of somebody who is not simulated" in client.get("/admin/demo/remove").text


def test_it_stays_while_it_is_loaded_or_written_to(session: Session, loaded: Loaded) -> None:
    for subject in ("demo", "import into project"):
        with transaction() as worker:
            worker.execute(select(func.pg_advisory_xact_lock(lock_key(subject, loaded.project_id))))
            with pytest.raises(DemoAtWork):
                remove_demo(session, loaded.project_id)
    assert demo_campaign(session) is not None


def test_another_project_is_not_removed(session: Session, loaded: Loaded) -> None:
    assert remove_demo(session, loaded.other_id) is None
    with pytest.raises(DBAPIError, match="is no demo"), session.begin_nested():
        session.execute(select(func.remove_demo(loaded.other_id)))
    assert session.get(Project, loaded.other_id) is not None


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO demo_removal VALUES (1)",
        "SELECT remove_rows('project', 'true')",
        "DELETE FROM item",
        "DELETE FROM prompt",
    ],
)
def test_content_stays_whoever_asks(session: Session, loaded: Loaded, statement: str) -> None:
    with pytest.raises(DBAPIError), session.begin_nested():
        session.execute(text(statement))
    assert session.scalar(select(func.count()).select_from(Item))


def test_a_project_with_content_becomes_no_demo(session: Session) -> None:
    project = make.project(session)
    make.item(session, project)
    session.add(DemoCampaign(project_id=project.id, asked_by=make.user(session, role=Role.ADMIN).id))
    with pytest.raises(DBAPIError, match="becomes no demo"):
        session.flush()
