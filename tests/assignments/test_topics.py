"""An annotator says which topics they are not to be shown."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.projects.pku import PKU
from app.queues.models import QueueItem
from tests import answer, make
from tests.browse import enter, post

PATH = "/annotate/topics"


def opted_out(session: Session, user: User) -> list[str]:
    return session.scalars(select(User.opted_out).where(User.id == user.id)).one()


def test_the_page_offers_all_topics_and_shows_what_is_chosen(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    enter(client, session, annotator)
    page = client.get(PATH).text
    assert page.count('name="opted_out"') == len(PKU.category_names) == 19
    assert " checked" not in page
    post(client, PATH, opted_out="Violence")
    assert 'value="Violence" checked' in client.get(PATH).text
    assert f'href="{PATH}"' in client.get("/annotate").text


@pytest.mark.parametrize("chosen", [["Violence"], ["Animal Abuse", "Violence"], []])
def test_exactly_the_ticked_topics_are_stored(
    client: TestClient, session: Session, chosen: list[str]
) -> None:
    annotator = make.user(session)
    enter(client, session, annotator)
    post(client, PATH, opted_out="Cybercrime")
    for _ in range(2):
        saved = post(client, PATH, opted_out=chosen)
        assert (saved.status_code, saved.headers["location"]) == (303, PATH)
        assert set(opted_out(session, annotator)) == set(chosen)


def test_an_unknown_topic_is_refused(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    enter(client, session, annotator)
    assert post(client, PATH, opted_out=["Violence", "Weather"]).status_code == 422
    assert opted_out(session, annotator) == []


def test_what_was_passed_over_comes_once_its_topic_is_welcome_again(
    client: TestClient, session: Session
) -> None:
    annotator = make.user(session)
    project = make.project(session)
    for _ in range(2):
        make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    first = session.scalars(
        select(QueueItem.item_id).where(QueueItem.queue_id == queue.id).order_by(QueueItem.pos)
    ).first()
    violent = {"harm_mask": PKU.mask_of(["Violence"])}
    session.execute(update(QueueItem).where(QueueItem.item_id == first).values(**violent))
    enter(client, session, annotator)
    post(client, PATH, opted_out="Violence")
    other = make.assignment(session, queue, annotator)
    assert other.item_id != first
    answer.safety(session, other)
    assert make.claim(session, queue, annotator) is None
    post(client, PATH, opted_out=[])
    assert make.assignment(session, queue, annotator).item_id == first


def test_nobody_else_is_concerned(client: TestClient, session: Session) -> None:
    annotator, other = make.user(session), make.user(session)
    enter(client, session, annotator)
    post(client, PATH, opted_out="Violence")
    assert (opted_out(session, annotator), opted_out(session, other)) == (["Violence"], [])


def test_an_admin_has_no_topics(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get(PATH).status_code == 403
    assert post(client, PATH, opted_out="Violence").status_code == 403
