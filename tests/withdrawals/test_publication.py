"""Annotators say whether their single answers may be published; admins learn only how many said what."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.audit.models import AuditEntry
from app.projects.models import Project
from app.queues.members import set_members
from app.queues.models import Queue, QueueMember
from app.withdrawals.actions import say_publication, withdraw
from app.withdrawals.models import WithdrawalKind
from app.withdrawals.queries import (
    PublicationCounts,
    consents,
    own_publications,
    publication_counts,
    withdrawn,
)
from app.withdrawals.reach import Named
from tests import make
from tests.browse import enter, post


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(3)]


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


@pytest.fixture
def queue(session: Session, project: Project, people: list[User]) -> Queue:
    return make.queue(session, project, members=tuple(people))


def say(client: TestClient, project: Project, may_publish: str) -> int:
    path = f"/annotate/projects/{project.id}/publication"
    return post(client, path, may_publish=may_publish).status_code


def consenting(session: Session, queue: Queue, people: list[User]) -> list[bool]:
    members = select(QueueMember.annotator_id).join(Queue, Queue.id == QueueMember.queue_id)
    asked = members.where(Queue.id == queue.id, consents(QueueMember.annotator_id, Queue.project_id))
    found = session.scalars(asked).all()
    return [person.id in found for person in people]


def test_said_twice_and_otherwise_the_last_word_counts(
    client: TestClient, session: Session, people: list[User], project: Project, queue: Queue
) -> None:
    enter(client, session, people[0])
    assert "You have not said" in client.get("/annotate/publication").text
    for word, words in (("true", "You said yes"), ("false", "You said no"), ("true", "You said yes")):
        said_at = []
        for _ in range(2):
            assert say(client, project, may_publish=word) == 303
            [own] = own_publications(session, people[0].id)
            said_at.append(own.said_at)
        assert said_at[0] == said_at[1]
        assert own.may_publish is (word == "true")
        assert words in client.get("/annotate/publication").text


def test_silence_is_no_consent_and_no_is_honoured_everywhere(
    session: Session, people: list[User], project: Project, queue: Queue
) -> None:
    yes, no, _silent = people
    say_publication(session, yes.id, project.id, may_publish=True)
    say_publication(session, no.id, project.id, may_publish=False)
    assert publication_counts(session, project.id) == PublicationCounts(n_yes=1, n_no=1, n_silent=1)
    assert consenting(session, queue, people) == [True, False, False]
    assert withdrawn(session, project.id).annotators == {no.id}
    named = Named(WithdrawalKind.ANNOTATOR, annotators=((yes.id, yes.username),))
    withdraw(session, project.id, named, "They wrote to us")
    assert consenting(session, queue, people) == [False] * 3
    assert withdrawn(session, project.id).annotators == {yes.id, no.id}


def test_one_who_has_left_may_still_say_no_and_no_stranger_says_anything(
    client: TestClient, session: Session, people: list[User], project: Project, queue: Queue
) -> None:
    set_members(session, queue.id, [])
    enter(client, session, people[0])
    assert say(client, project, may_publish="perhaps") == 422
    assert say(client, project, may_publish="false") == 303
    enter(client, session, make.user(session))
    assert say(client, project, may_publish="true") == 404
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert say(client, project, may_publish="true") == 403


def test_no_admin_reads_who_said_what(
    client: TestClient, session: Session, people: list[User], project: Project, queue: Queue
) -> None:
    before = session.scalars(select(AuditEntry.id)).all()
    enter(client, session, people[0])
    assert say(client, project, may_publish="false") == 303
    assert session.scalars(select(AuditEntry.id)).all() == before
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = client.get(f"/admin/projects/{project.id}/withdrawals").text
    assert "<dt>No</dt><dd>1</dd>" in page
    assert people[0].username not in page
