"""Breaks of the invariants are named, and repaired on request alone."""

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations import jobs
from app.annotations.check import check_all_of
from app.annotations.models import Annotation
from app.annotations.patterns import rebuild_patterns
from app.assignments.check import Break, Found, repair_queue
from app.db import transaction
from app.queues.models import Queue, QueueItem, QueueMember
from tests import answer, make


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


@pytest.fixture
def queue(session: Session, annotator: User) -> Queue:
    """One item answered, one held, one open."""
    project = make.project(session)
    for _ in range(3):
        make.item(session, project)
    made = make.queue(session, project, overlap=2, members=(annotator, make.user(session)))
    answer.safety(session, make.assignment(session, made, annotator))
    make.assignment(session, made, annotator)
    return made


def found(session: Session, queue: Queue) -> list[Break]:
    return [each.what for each in check_all_of(session, queue.id)]


def test_a_queue_at_work_has_none(session: Session, queue: Queue) -> None:
    assert found(session, queue) == []


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("UPDATE queue_item SET n_assigned = 2 WHERE n_assigned = 1", Break.COUNTS),
        ("UPDATE queue_item SET n_surplus = 1", Break.COUNTS),
        ("UPDATE queue_member SET n_submitted = 7", Break.MEMBER),
        ("UPDATE queue_member SET cursors = '{99, 99, 99, 99}'", Break.MISSED),
        ("UPDATE queue SET last_pos = 1", Break.LAST_POS),
        ("UPDATE item_pattern SET answers = '{{3, 1}}'", Break.PATTERN),
        ("DELETE FROM pattern_change", Break.PATTERN),
        ("DELETE FROM queue_progress", Break.PROGRESS),
    ],
)
def test_each_break_is_named_and_counting_anew_mends_it(
    session: Session, queue: Queue, annotator: User, damage: str, expected: Break
) -> None:
    session.execute(text(damage))
    assert expected in found(session, queue)
    repair_queue(session, queue.id)
    rebuild_patterns(session, queue.id)
    assert found(session, queue) == []
    session.expire_all()
    assert make.claim(session, queue, annotator) is not None


def test_more_than_the_overlap_is_named_and_mended_without_losing_an_answer(
    session: Session, queue: Queue, annotator: User
) -> None:
    session.execute(update(QueueItem).values(overlap=1))
    session.execute(
        text(
            "INSERT INTO assignment (queue_id, item_id, annotator_id, expires_at)"
            " SELECT queue_id, item_id, :other, now() FROM queue_item WHERE n_submitted = 1"
        ),
        {"other": other_than(session, queue, annotator)},
    )
    assert Break.OVERFULL in found(session, queue)
    repair_queue(session, queue.id)
    assert found(session, queue) == []


def other_than(session: Session, queue: Queue, annotator: User) -> int:
    members = session.query(QueueMember.annotator_id).filter(QueueMember.queue_id == queue.id)
    return next(member_id for (member_id,) in members if member_id != annotator.id)


def test_a_missing_answer_is_named(session: Session, queue: Queue) -> None:
    session.execute(delete(Annotation))
    assert found(session, queue) == [Break.UNANSWERED, Break.PATTERN]


@pytest.mark.usefixtures("database")
def test_the_nightly_job_notes_what_it_found_and_changes_nothing() -> None:
    with transaction() as session:
        project = make.project(session)
        make.item(session, project)
        queue = make.queue(session, project, members=(make.user(session),))
        session.execute(update(QueueItem).values(n_assigned=1))
    for _ in range(2):
        jobs.check()
    with transaction() as session:
        noted = session.get_one(Queue, queue.id)
        assert noted.n_breaks == 1
        assert noted.checked_at is not None
        assert check_all_of(session, queue.id) == [
            Found(Break.COUNTS, 1, [session.query(QueueItem.item_id).scalar()])
        ]
