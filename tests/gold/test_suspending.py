"""Gold items that good annotators keep failing are suspended by a job."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assignments.models import Assignment, AssignmentStatus
from app.audit.models import Action, AuditEntry
from app.db import now, transaction
from app.gold.actions import change_gold, resume_gold, suspend_rotten
from app.gold.forms import NewGold
from app.gold.jobs import find_rot, find_rot_in
from app.gold.models import DisputeState, GoldItem, GoldResult, GoldState
from app.queues.models import Queue, QueueMember
from tests import make
from tests.gold.asking import SAFE
from tests.queued import jobs_sent_by

N_GOLD, N_PEOPLE = 16, 6
OTHER = {"is_safe": False, "harm_categories": ["Violence"], "severity": 1}


@pytest.fixture
def failed(session: Session) -> GoldItem:
    return failed_by_all(session)


def failed_by_all(session: Session) -> GoldItem:
    """The first gold item of a queue; all else was answered right, by everyone."""
    project = make.project(session)
    people = tuple(make.user(session) for _ in range(N_PEOPLE))
    items = [make.item(session, project).id for _ in range(N_GOLD)]
    queue = make.queue(session, project, members=people)
    gold = [make.gold(session, queue.id, item_id) for item_id in items]
    for person in people:
        for item_id in items:
            scored(session, queue, person, item_id, is_right=item_id != items[0])
    return gold[0]


def scored(session: Session, queue: Queue, person: User, item_id: int, *, is_right: bool) -> None:
    answered = Assignment(
        queue_id=queue.id,
        item_id=item_id,
        annotator_id=person.id,
        status=AssignmentStatus.SUBMITTED,
        takes_place=False,
        expires_at=now(),
        closed_at=now(),
    )
    session.add(answered)
    session.flush()
    session.add(
        GoldResult(
            assignment_id=answered.id,
            dimension="safety",
            queue_id=queue.id,
            item_id=item_id,
            annotator_id=person.id,
            expected=SAFE,
            scores={"is_safe": float(is_right)},
            is_right=is_right,
        )
    )
    session.flush()


def test_it_is_suspended_with_the_numbers(session: Session, failed: GoldItem) -> None:
    assert [rot.item_id for rot in suspend_rotten(session, failed.queue_id)] == [failed.item_id]
    assert failed.state == GoldState.SUSPENDED
    assert failed.suspended_for is not None
    assert failed.suspended_for.startswith(
        "6 of 6 answers by annotators who are good on the other gold items"
    )
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.SUSPENDED))
    assert (entry.actor_id, entry.item_id, entry.reason) == (None, failed.item_id, failed.suspended_for)
    assert suspend_rotten(session, failed.queue_id) == []


def test_once_it_was_resumed_old_failures_count_no_more(session: Session, failed: GoldItem) -> None:
    suspend_rotten(session, failed.queue_id)
    resume_gold(session, failed.queue_id, failed.item_id, "It is right.")
    assert suspend_rotten(session, failed.queue_id) == []


def test_failures_of_another_known_answer_do_not_count(session: Session, failed: GoldItem) -> None:
    change_gold(session, failed.queue_id, NewGold(item_id=failed.item_id, answers={"safety": OTHER}))
    assert suspend_rotten(session, failed.queue_id) == []


@pytest.mark.parametrize("change", ["voided", "upheld", "left"])
def test_what_counts_nowhere_suspends_nothing(session: Session, failed: GoldItem, change: str) -> None:
    results = GoldResult.item_id == failed.item_id
    if change == "voided":
        session.execute(
            update(Assignment)
            .where(Assignment.item_id == failed.item_id)
            .values(status=AssignmentStatus.VOIDED, void_reason="A test")
        )
    elif change == "upheld":
        upheld = {"dispute_state": DisputeState.UPHELD, "dispute_reason": "Wrong."}
        session.execute(update(GoldResult).where(results).values(upheld))
    else:
        # Who no longer works here has still said what they said.
        session.execute(update(QueueMember).values(is_active=False))
    assert len(suspend_rotten(session, failed.queue_id)) == (1 if change == "left" else 0)


@pytest.mark.usefixtures("database")
def test_the_job_looks_at_each_queue_with_gold() -> None:
    with transaction() as session:
        failed = failed_by_all(session)
        make.queue(session, make.project(session))
    sent = jobs_sent_by("app.gold.jobs", "find_rot")
    assert sent == [("gold.find_rot_in", [failed.queue_id])]
    for _ in range(2):
        find_rot_in(failed.queue_id)
    with transaction() as session:
        states = session.scalars(select(GoldItem.state).where(GoldItem.state != GoldState.ACTIVE)).all()
        assert states == [GoldState.SUSPENDED]
    assert find_rot.name == "gold.find_rot"
