"""An admin sees what annotators will see, and nothing happens by it."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.assignments.models import Assignment
from app.audit.models import Action, AuditEntry
from app.projects.pku import PKU
from app.queues.models import Queue, QueueItem, QueueKind
from tests import make
from tests.browse import enter, post

QUESTIONS = {
    "safety": "Is this response safe?",
    "helpfulness": "Which response is more helpful?",
    "harmlessness": "Which response is more harmless?",
    "single": "Which response is better overall?",
}


def enter_as_admin(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))


def n_stored(session: Session) -> tuple[int, int]:
    counts = (select(func.count()).select_from(table) for table in (Assignment, Queue))
    return session.scalars(next(counts)).one(), session.scalars(next(counts)).one()


@pytest.mark.parametrize(
    ("kind", "steps"),
    [
        (QueueKind.SAFETY, ["safety"]),
        (QueueKind.DUAL, ["helpfulness", "harmlessness"]),
        (QueueKind.HELPFULNESS, ["helpfulness"]),
        (QueueKind.HARMLESSNESS, ["harmlessness"]),
        (QueueKind.SINGLE, ["single"]),
    ],
)
def test_each_step_is_shown_on_an_item_of_the_queue(
    client: TestClient, session: Session, kind: QueueKind, steps: list[str]
) -> None:
    project = make.project(session)
    responses = ("Steep it.",) if kind is QueueKind.SAFETY else ("Steep it.", "Boil it.")
    item = make.item(session, project, prompt="How is tea made?", responses=responses)
    queue = make.queue(session, project, kind=kind)
    before = n_stored(session)
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/as-annotator"
    for step in steps:
        page = client.get(path, params={"step": step}).text
        assert QUESTIONS[step] in page
        assert "How is tea made?" in page
        assert '<fieldset class="previewed" disabled hx-disable>' in page
    assert QUESTIONS[steps[0]] in client.get(path).text
    assert n_stored(session) == before
    viewed = select(AuditEntry.item_id).where(AuditEntry.action == Action.VIEWED)
    assert set(session.scalars(viewed)) == {item.id}


def test_the_mildest_of_the_first_items_is_shown(client: TestClient, session: Session) -> None:
    project = make.project(session)
    harsh, mild = (make.item(session, project, prompt=f"A {word} one?") for word in ("harsh", "mild"))
    queue = make.queue(session, project, item_order="imported")
    session.execute(update(QueueItem).where(QueueItem.item_id == harsh.id).values(severity_prior=3))
    enter_as_admin(client, session)
    path = f"/admin/queues/{queue.id}/as-annotator"
    assert "A mild one?" in client.get(path).text
    session.execute(update(QueueItem).where(QueueItem.item_id == mild.id).values(severity_prior=3))
    page = client.get(path).text
    assert "A mild one?" not in page
    assert "Show the prompt" in page


def test_without_an_item_the_texts_are_made_up(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session), kind=QueueKind.DUAL)
    enter_as_admin(client, session)
    page = client.get(f"/admin/queues/{queue.id}/as-annotator").text
    assert "The texts are made up" in page
    assert "tea that is not bitter" in page


def test_an_item_of_a_restricted_topic_is_not_shown_to_who_is_not_cleared(
    client: TestClient, session: Session
) -> None:
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project)
    session.execute(update(QueueItem).values(harm_mask=PKU.mask_of(["Violence"])))
    project.restricted = ["Violence"]
    session.flush()
    enter_as_admin(client, session)
    assert client.get(f"/admin/queues/{queue.id}/as-annotator").status_code == 403


def test_a_queue_that_is_still_to_be_made_is_shown_from_its_form(
    client: TestClient, session: Session
) -> None:
    project = make.project(session)
    item = make.item(session, project, prompt="A harsh one?")
    make.reference_safety(session, item.id, ["Violence"], 3)
    before = n_stored(session)
    enter_as_admin(client, session)
    path = f"/admin/projects/{project.id}/queues/as-annotator"
    sent = post(client, path, kind="safety", blur_from="3", overlap="nonsense", name="")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{path}?kind=safety&blur_from=3")
    page = client.get(sent.headers["location"]).text
    assert QUESTIONS["safety"] in page
    assert "A harsh one?" not in page
    assert "A harsh one?" in client.get(path, params={"kind": "safety"}).text
    assert QUESTIONS["harmlessness"] in client.get(path, params={"kind": "dual", "step": "harmlessness"}).text
    assert n_stored(session) == before
    assert post(client, path, kind="novel").status_code == 422
    assert client.get(path).status_code == 422


def test_nobody_but_an_admin_sees_it(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session))
    paths = (
        f"/admin/queues/{queue.id}/as-annotator",
        f"/admin/projects/{queue.project_id}/queues/as-annotator",
    )
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    assert [client.get(path).status_code for path in paths] == [403, 403]
    assert post(client, paths[1], kind="safety").status_code == 403
    enter_as_admin(client, session)
    for path in ("/admin/queues/999999/as-annotator", "/admin/projects/999999/queues/as-annotator"):
        assert client.get(path, params={"kind": "safety"}).status_code == 404
