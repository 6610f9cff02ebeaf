"""Each person's days of work are summed up as they answer, and need no counting later."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.forms import SafetyLabel
from app.assignments.actions import lock_member_of
from app.assignments.models import Assignment
from app.db import now
from app.queues.models import Dimension, QueueKind
from app.voids.actions import void_period
from app.voids.forms import Period
from app.work.actions import revise_safety_label
from app.work.models import WorkDay
from tests import answer, make


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


def sums(session: Session, annotator: User) -> list[tuple[int, int, int]]:
    """Items, answers and milliseconds of each of their days."""
    days = select(WorkDay).where(WorkDay.annotator_id == annotator.id).order_by(WorkDay.day)
    found = session.scalars(days.execution_options(populate_existing=True))
    return [(day.n_items, day.n_answers, day.active_ms) for day in found]


def label(session: Session, annotator: User, **label: object) -> Assignment:
    """One answer to an item of its own."""
    project = make.project(session)
    make.item(session, project)
    held = make.assignment(session, make.queue(session, project, members=(annotator,)), annotator)
    answer.safety(session, held, SafetyLabel.model_validate({"is_safe": True, **label}))
    return held


def test_an_answer_adds_an_item_and_its_time(session: Session, annotator: User) -> None:
    held = label(session, annotator, active_ms=30_000)
    day = session.scalars(select(WorkDay)).one()
    assert (day.queue_id, day.day) == (held.queue_id, now().date())
    assert sums(session, annotator) == [(1, 1, 30_000)]


def test_an_answer_without_a_time_counts(session: Session, annotator: User) -> None:
    label(session, annotator)
    assert sums(session, annotator) == [(1, 1, 0)]


def test_of_two_steps_the_last_one_makes_the_item(session: Session, annotator: User) -> None:
    project = make.project(session)
    make.item(session, project, responses=("One", "Other"))
    queue = make.queue(session, project, kind=QueueKind.DUAL, members=(annotator,))
    held = make.assignment(session, queue, annotator)
    answer.ranking(session, held, Dimension.HELPFULNESS, [1, 2])
    assert sums(session, annotator) == [(0, 1, 0)]
    answer.ranking(session, held, Dimension.HARMLESSNESS, [2, 1])
    assert sums(session, annotator) == [(1, 2, 0)]


def test_a_changed_answer_adds_its_time_alone(session: Session, annotator: User) -> None:
    held = label(session, annotator, active_ms=30_000)
    member = lock_member_of(session, held.id, annotator.id)
    revise_safety_label(session, member, held.id, SafetyLabel(is_safe=True, active_ms=5_000))
    assert sums(session, annotator) == [(1, 1, 35_000)]


def test_what_is_voided_is_told_beside_what_was_done(session: Session, annotator: User) -> None:
    held = label(session, annotator, active_ms=30_000)
    member = lock_member_of(session, held.id, annotator.id)
    revise_safety_label(session, member, held.id, SafetyLabel(is_safe=True, active_ms=5_000))
    void_period(session, held.queue_id, annotator.id, "a test", Period())
    assert sums(session, annotator) == [(1, 1, 35_000)]
    day = session.scalars(select(WorkDay)).one()
    assert (day.n_items_voided, day.n_answers_voided, day.active_ms_voided) == (1, 1, 35_000)


def test_many_answers_of_several_days_come_in_one_statement(session: Session, annotator: User) -> None:
    project = make.project(session)
    for _ in range(3):
        make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    for _ in range(3):
        answer.skip(session, make.assignment(session, queue, annotator))
    session.execute(
        text("""
            INSERT INTO annotation (assignment_id, dimension, is_safe, harm_categories, harm_mask,
                                    severity, taxonomy_version, active_ms, created_at)
            SELECT id, 'safety', true, '{}', 0, 0, 'test', 1000,
                   :at - make_interval(days => CAST(row_number() OVER (ORDER BY id) / 3 AS int))
            FROM assignment WHERE queue_id = :queue_id
        """),
        {"queue_id": queue.id, "at": now()},
    )
    assert sums(session, annotator) == [(1, 1, 1000), (2, 2, 2000)]


def test_a_skip_is_no_work(session: Session, annotator: User) -> None:
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    answer.skip(session, make.assignment(session, queue, annotator))
    assert sums(session, annotator) == []
