"""The page of items: what it shows of whom to whom, and what it refuses."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.audit.models import Action, AuditEntry
from app.items.models import Item
from app.projects.models import Project
from tests import answer, make
from tests.browse import enter, post
from tests.search.test_find import read

HARM = "Violence"


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN)
    enter(client, session, made)
    return made


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


def page(client: TestClient, project: Project, **asked: str) -> str:
    found = client.get(f"/admin/projects/{project.id}/items", params=asked)
    assert found.status_code == 200
    return found.text


def seen(session: Session) -> list[AuditEntry]:
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == Action.VIEWED)))


def harmful(session: Session, project: Project) -> Item:
    item = make.item(session, project, prompt="Marmalade?", responses=("Gooseberry.",))
    make.reference_safety(session, item.id, [HARM], 2)
    return item


@pytest.mark.usefixtures("admin")
def test_an_empty_project_says_what_comes_here(client: TestClient, project: Project) -> None:
    assert "Import a file" in page(client, project)


def test_it_shows_how_texts_begin_and_notes_it(
    client: TestClient, session: Session, project: Project, admin: User
) -> None:
    make.item(session, project, prompt="<b>Tea</b>?", responses=("Milk & more.",))
    shown = page(client, project)
    assert "&lt;b&gt;Tea&lt;/b&gt;?" in shown
    assert "Milk &amp; more." in shown
    (entry,) = seen(session)
    assert (entry.actor_id, entry.project_id, entry.after) == (admin.id, project.id, {"n_shown": 1})


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize("is_in_queue", [False, True])
def test_a_text_expected_to_be_harmful_is_not_on_the_page(
    client: TestClient, session: Session, project: Project, is_in_queue: bool
) -> None:
    item = harmful(session, project)
    if is_in_queue:
        make.queue(session, project)
    shown = page(client, project)
    assert "Marmalade" not in shown
    assert "Gooseberry" not in shown
    assert not seen(session)
    opening = client.get(f"/admin/projects/{project.id}/items/{item.id}/opening")
    assert "Gooseberry" in opening.text
    assert [entry.item_id for entry in seen(session)] == [item.id]


@pytest.mark.usefixtures("admin")
def test_a_text_that_somebody_called_harmful_is_covered(
    client: TestClient, session: Session, project: Project
) -> None:
    make.item(session, project, prompt="Marmalade?")
    queue = make.queue(session, project, members=(make.user(session),))
    answer.safety(
        session,
        make.assignment(session, queue, make.member(session, queue)),
        answer.harmful(HARM, severity=1),
    )
    shown = page(client, project)
    assert "Marmalade" not in shown
    assert "1 of 1 harmful" in shown


@pytest.mark.usefixtures("admin")
def test_who_is_not_cleared_sees_no_text_of_a_restricted_topic(
    client: TestClient, session: Session, project: Project
) -> None:
    item = harmful(session, project)
    make.queue(session, project)
    project.restricted = [HARM]
    session.flush()
    shown = page(client, project)
    assert "cleared" in shown
    assert "Show how it begins" not in shown
    assert client.get(f"/admin/projects/{project.id}/items/{item.id}/opening").status_code == 403


@pytest.mark.usefixtures("admin")
def test_items_of_another_project_have_no_opening_here(
    client: TestClient, session: Session, project: Project
) -> None:
    item = make.item(session, make.project(session))
    assert client.get(f"/admin/projects/{project.id}/items/{item.id}/opening").status_code == 404


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("queue", "x"), ("queue", "0"), ("status", "odd"), ("says", "x" * 201), ("says_severity", "9")),
        *(("certainty_below", "101"), ("answered_from", "yesterday"), ("after", "-1"), ("find", "x" * 401)),
        ("brought_by", str(2**70)),
    ],
)
def test_nonsense_is_to_be_corrected(client: TestClient, project: Project, name: str, value: str) -> None:
    found = client.get(f"/admin/projects/{project.id}/items", params={name: value})
    assert found.status_code == 422
    assert client.get(f"/admin/projects/{project.id}/items.csv", params={name: value}).status_code in (
        200,
        422,
    )


@pytest.mark.usefixtures("admin")
@pytest.mark.parametrize(
    "find", ["'", '"', "%", "_", "\\", ":*", "a & | !", "(", "[", "😀", "中", "*", "**", "*%*", "<->"]
)
def test_any_sign_can_be_looked_for(
    client: TestClient, session: Session, project: Project, find: str
) -> None:
    make.item(session, project)
    read(session, project)
    page(client, project, find=find)


@pytest.mark.usefixtures("admin")
def test_what_was_asked_stays_in_the_form_and_in_the_next_page(
    client: TestClient, session: Session, project: Project
) -> None:
    for _ in range(51):
        make.item(session, project)
    shown = page(client, project, status="in_no_queue", find="")
    assert 'value="in_no_queue" selected' in shown
    assert "items?status=in_no_queue&amp;after=" in shown


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ADJUDICATOR])
def test_admins_alone_see_it(client: TestClient, session: Session, project: Project, role: Role) -> None:
    enter(client, session, make.user(session, role=role))
    for path in ("items", "items.csv", "items/1/opening"):
        assert client.get(f"/admin/projects/{project.id}/{path}").status_code == 403
    for path in ("items/preview", "items/change"):
        assert post(client, f"/admin/projects/{project.id}/{path}").status_code == 403


@pytest.mark.usefixtures("admin")
def test_there_is_nothing_of_a_project_that_is_not_there(client: TestClient) -> None:
    for path in ("items", "items.csv"):
        assert client.get(f"/admin/projects/999999/{path}").status_code == 404
