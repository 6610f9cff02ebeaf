"""What was found as a file: without texts, in cells that no spreadsheet takes for formulas."""

import csv

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.audit.models import Action, AuditEntry
from app.db import transaction
from app.history.severity import severity_of
from app.projects.models import Project
from app.projects.pku import PKU
from app.projects.queries import taxonomy_of
from app.queues.models import Dimension, QueueKind
from app.search import listing
from app.search.forms import Filters
from app.search.listing import cells, csv_lines
from app.search.rows import rows_of
from app.search.scope import Scope, scope_of
from tests import answer, make
from tests.browse import enter


def test_a_row_tells_what_is_known_and_no_text(session: Session) -> None:
    project, admin = make.project(session), make.user(session, role=Role.ADMIN)
    item = make.item(session, project, prompt="Secret?", sources=("=cmd()",))
    people = tuple(make.user(session) for _ in range(2))
    queue = make.queue(session, project, overlap=2, members=people)
    answer.safety(session, make.assignment(session, queue, people[0]))
    answer.safety(session, make.assignment(session, queue, people[1]), answer.harmful("Violence", severity=2))
    (row,) = rows_of(session, admin, project, taxonomy_of(session, project.id), [item.id])
    told = dict(zip(listing.COLUMNS, cells(row), strict=True))
    assert told["sources"] == "tests; =cmd()"
    assert (told["n_answers"], told["n_harmful"], told["severity"]) == (2, 1, 2)
    assert (told["harm_categories"], told["answers_differ"], told["is_gold"]) == ("Violence", True, False)
    assert "Secret?" not in told.values()


def test_orders_of_a_ranking_are_counted(session: Session) -> None:
    project, admin = make.project(session), make.user(session, role=Role.ADMIN)
    item = make.item(session, project, responses=("a", "b"))
    person = make.user(session)
    queue = make.queue(session, project, kind=QueueKind.HELPFULNESS, overlap=1, members=(person,))
    answer.ranking(session, make.assignment(session, queue, person), Dimension.HELPFULNESS, [2, 1])
    (row,) = rows_of(session, admin, project, taxonomy_of(session, project.id), [item.id])
    assert "helpfulness B > A: 1" in cells(row)


@pytest.fixture
def kept_scope(database: None) -> tuple[Project, User, Scope]:
    """Committed, since the file is read in a transaction of its own."""
    with transaction() as session:
        project, admin = make.project(session), make.user(session, role=Role.ADMIN)
        for _ in range(7):
            make.item(session, project, sources=("=cmd()",))
        scope = scope_of(session, project.id, Filters())
    return project, admin, scope


def test_it_has_all_rows_up_to_a_bound(
    kept_scope: tuple[Project, User, Scope], monkeypatch: pytest.MonkeyPatch
) -> None:
    project, admin, scope = kept_scope
    monkeypatch.setattr(listing, "ROWS_AT_ONCE", 2)
    rows = list(csv.DictReader(csv_lines(admin, project, scope)))
    assert len({row["item"] for row in rows}) == 7
    monkeypatch.setattr(listing, "MOST_ROWS", 5)
    assert len(list(csv.DictReader(csv_lines(admin, project, scope)))) == 5


def test_that_it_was_downloaded_is_noted(client: TestClient, session: Session) -> None:
    admin, project = make.user(session, role=Role.ADMIN), make.project(session)
    enter(client, session, admin)
    answered = client.get(f"/admin/projects/{project.id}/items.csv", params={"status": "open"})
    assert answered.headers["content-disposition"] == f'attachment; filename="items-{project.id}.csv"'
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.DOWNLOADED)).one()
    assert (entry.project_id, entry.after) == (project.id, {"status": "open"})


def test_a_response_set_is_covered_where_one_of_its_responses_was_called_harmful(session: Session) -> None:
    project, annotator = make.project(session), make.user(session)
    both = make.item_with_pairs(session, project, responses=("Warm the pot.", "Leave it on the stove."))
    safety = make.queue(session, project, overlap=1, members=(annotator,))
    admin = make.user(session, role=Role.ADMIN)
    [before] = rows_of(session, admin, project, PKU, [both.id])
    assert not before.is_covered
    answer.safety(session, make.assignment(session, safety, annotator), answer.harmful("Physical Harm"))
    session.expire_all()
    [after] = rows_of(session, admin, project, PKU, [both.id])
    assert after.is_covered
    assert severity_of(session, both.id) == 2
