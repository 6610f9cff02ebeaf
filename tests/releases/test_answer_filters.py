"""Which answers make labels, where a release asks for some of them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.agreement.queries import EVERY, finished_answers
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.projects.models import Project
from app.queues.models import Dimension, Queue
from app.releases.filters import ReleaseFilters, answer_conditions
from app.withdrawals.actions import say_publication, withdraw
from app.withdrawals.models import WithdrawalKind
from app.withdrawals.reach import Named
from tests import answer, make

LAST_MOMENT = datetime(2026, 1, 31, 23, 59, 59, 999_999, UTC)
NEXT_DAY = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(2)]


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


@pytest.fixture
def queue(session: Session, project: Project, people: list[User]) -> Queue:
    """One item, labelled by the first before February and by the second in it."""
    make.item(session, project)
    made = make.queue(session, project, overlap=2, members=tuple(people))
    for person, moment in zip(people, (LAST_MOMENT, NEXT_DAY), strict=True):
        assignment = make.assignment(session, made, person)
        answer.safety(session, assignment)
        given = update(Annotation).where(Annotation.assignment_id == assignment.id)
        session.execute(given.values(created_at=moment))
    return made


def answering(session: Session, project: Project, **filters: Any) -> set[int]:
    """Whose answers count."""
    asked = answer_conditions(ReleaseFilters.model_validate(filters))
    answers = finished_answers(project.id, Dimension.SAFETY, EVERY).where(*asked)
    people = answers.add_columns(Assignment.annotator_id).subquery()
    return set(session.scalars(select(people.c.annotator_id)))


def test_days_begin_and_end_at_midnight_utc(
    session: Session, project: Project, people: list[User], queue: Queue
) -> None:
    first, second = (person.id for person in people)
    assert answering(session, project) == {first, second}
    assert answering(session, project, answered_until="2026-01-31") == {first}
    assert answering(session, project, answered_from="2026-02-01") == {second}
    assert answering(session, project, answered_from="2026-01-31", answered_until="2026-01-31") == {first}
    assert answering(session, project, answered_until="9999-12-31", answered_from="0001-01-01") == {
        first,
        second,
    }


def test_a_round_is_its_queues(session: Session, project: Project, people: list[User], queue: Queue) -> None:
    another = make.queue(session, project)
    assert answering(session, project, queues=[queue.id, another.id]) == {person.id for person in people}
    assert answering(session, project, queues=another.id) == set()


def test_silence_and_withdrawal_are_no_consent(
    session: Session, project: Project, people: list[User], queue: Queue
) -> None:
    first, second = people
    assert answering(session, project, consenting_only="true") == set()
    say_publication(session, first.id, project.id, may_publish=True)
    say_publication(session, second.id, project.id, may_publish=False)
    assert answering(session, project, consenting_only="true") == {first.id}
    named = Named(WithdrawalKind.ANNOTATOR, annotators=((first.id, first.username),))
    withdraw(session, project.id, named, "They wrote to us")
    assert answering(session, project, consenting_only="true") == set()
