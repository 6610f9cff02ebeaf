"""Who may get what: caps, qualifications, topics, severe items, and nobody judges what they labelled."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.accounts.models import Qualification, User
from app.assignments.actions import lock_member
from app.assignments.check import check_queue
from app.assignments.eligibility import REST, Refusal, has_rested
from app.assignments.queries import EmptyState, Nothing, empty_state
from app.assignments.statements import CLAIM, LOCK_MEMBER, LOCK_MEMBER_OF
from app.db import now
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.forms import MemberCaps
from app.queues.members import set_avoided, set_member_caps
from app.queues.models import HeldFor, Queue, QueueItem, QueueMember, QueueState
from tests import answer, make


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


@pytest.fixture
def project(session: Session) -> Project:
    made = make.project(session)
    for _ in range(4):
        make.item(session, made)
    return made


@pytest.fixture
def queue(session: Session, project: Project, annotator: User) -> Queue:
    return make.queue(session, project, overlap=1, members=(annotator,))


def ask(session: Session, queue: Queue, **values: object) -> None:
    session.execute(update(Queue).where(Queue.id == queue.id).values(**values))


def expect(session: Session, queue: Queue, place: int, **values: object) -> int:
    """Change what is expected of the item in this place of the queue; its id."""
    items = select(QueueItem.item_id).where(QueueItem.queue_id == queue.id).order_by(QueueItem.pos)
    item_id = session.scalars(items.offset(place).limit(1)).one()
    session.execute(
        update(QueueItem).where(QueueItem.queue_id == queue.id, QueueItem.item_id == item_id).values(**values)
    )
    return item_id


def work(session: Session, queue: Queue, annotator: User, most: int = 99) -> list[int]:
    """Item ids in the order they were labelled, until nothing came."""
    done: list[int] = []
    while len(done) < most and make.claim(session, queue, annotator) is not None:
        held = make.assignment(session, queue, annotator)
        answer.safety(session, held)
        done.append(held.item_id)
    return done


def rest(session: Session) -> None:
    """For long enough, from severe items."""
    session.execute(update(QueueMember).values(severe_at=now() - REST))


def why(session: Session, queue: Queue, annotator: User) -> EmptyState:
    return empty_state(session, lock_member(session, queue.id, annotator.id))


@pytest.mark.parametrize(
    ("cap", "reason"), [("max_total", Refusal.CAP_TOTAL), ("max_a_day", Refusal.CAP_TODAY)]
)
def test_a_cap_stops_after_so_many_answers(
    session: Session, queue: Queue, annotator: User, cap: str, reason: Refusal
) -> None:
    ask(session, queue, **{cap: 2})
    assert len(work(session, queue, annotator)) == 2
    assert why(session, queue, annotator).reason == reason


def test_the_days_cap_ends_with_the_day(session: Session, queue: Queue, annotator: User) -> None:
    ask(session, queue, max_a_day=2)
    work(session, queue, annotator)
    session.execute(update(QueueMember).values(day=now().date() - timedelta(days=1)))
    assert len(work(session, queue, annotator)) == 2


def test_a_members_own_cap_goes_before_the_queues(session: Session, queue: Queue, annotator: User) -> None:
    ask(session, queue, max_total=1)
    set_member_caps(session, queue.id, annotator.id, MemberCaps(max_total=3))
    assert len(work(session, queue, annotator)) == 3


def test_whoever_holds_enough_elsewhere_gets_nothing_more(
    session: Session, project: Project, queue: Queue, annotator: User
) -> None:
    ask(session, queue, max_at_once=1)
    other = make.queue(session, project, members=(annotator,))
    held = make.assignment(session, other, annotator)
    assert make.claim(session, queue, annotator) is None
    assert why(session, queue, annotator).reason == Refusal.CAP_AT_ONCE
    answer.safety(session, held)
    assert make.claim(session, queue, annotator) is not None


def test_a_qualification_opens_the_queue_until_it_ends(
    session: Session, queue: Queue, annotator: User
) -> None:
    ask(session, queue, qualification="violence-1")
    assert make.claim(session, queue, annotator) is None
    assert why(session, queue, annotator).reason == Refusal.NOT_QUALIFIED
    granted = Qualification(user_id=annotator.id, name="violence-1", reason="Passed the exam")
    session.add(granted)
    session.flush()
    assert len(work(session, queue, annotator, most=1)) == 1
    granted.expires_at = now() - timedelta(hours=1)
    session.flush()
    assert make.claim(session, queue, annotator) is None


def test_topics_opted_out_of_are_not_handed_out_and_come_back_when_wanted_again(
    session: Session, queue: Queue, annotator: User
) -> None:
    avoided = expect(session, queue, 1, harm_mask=PKU.mask_of(["Violence", "Drugs"]))
    set_avoided(session, annotator.id, ["Drugs"])
    assert avoided not in work(session, queue, annotator)
    assert why(session, queue, annotator).reason == Nothing.OPTED_OUT
    set_avoided(session, annotator.id, [])
    assert work(session, queue, annotator) == [avoided]


def test_severe_items_wait_for_tomorrow_once_the_days_cap_is_reached(
    session: Session, queue: Queue, annotator: User
) -> None:
    severe = [expect(session, queue, place, severity_prior=3) for place in range(3)]
    ask(session, queue, max_severe_a_day=1)
    today = work(session, queue, annotator)
    assert today[0] == severe[0]
    assert len(today) == 2
    assert why(session, queue, annotator).reason == Nothing.SEVERE_TODAY
    for tomorrows in severe[1:]:
        session.execute(update(QueueMember).values(day=now().date() - timedelta(days=1)))
        assert work(session, queue, annotator) == [tomorrows]


def test_after_so_many_severe_items_in_a_row_comes_another_and_none_is_lost(
    session: Session, queue: Queue, annotator: User
) -> None:
    severe = {expect(session, queue, place, severity_prior=3) for place in (0, 1)}
    ask(session, queue, max_severe_in_row=1)
    kinds = [item_id in severe for item_id in work(session, queue, annotator)]
    assert kinds == [True, False, True, False]


def test_where_only_severe_items_are_left_they_come_again_after_a_rest(
    session: Session, queue: Queue, annotator: User
) -> None:
    severe = [expect(session, queue, place, severity_prior=3) for place in range(4)]
    ask(session, queue, max_severe_in_row=2)
    assert work(session, queue, annotator) == severe[:2]
    left = why(session, queue, annotator)
    assert left.reason == Nothing.SEVERE_IN_ROW
    assert left.rests_until is not None
    assert left.rests_until > now()
    rest(session)
    assert work(session, queue, annotator) == severe[2:]


def test_the_rest_begins_when_the_severe_item_is_done(
    session: Session, queue: Queue, annotator: User
) -> None:
    for place in range(2):
        expect(session, queue, place, severity_prior=3)
    ask(session, queue, max_severe_in_row=1)
    slow = make.assignment(session, queue, annotator)
    rest(session)
    answer.safety(session, slow)
    assert not has_rested(lock_member(session, queue.id, annotator.id))


def test_the_days_cap_and_the_cap_in_a_row_hold_together(
    session: Session, queue: Queue, annotator: User
) -> None:
    severe = [expect(session, queue, place, severity_prior=3) for place in range(4)]
    ask(session, queue, max_severe_a_day=2, max_severe_in_row=1)
    assert work(session, queue, annotator) == [severe[0]]
    assert why(session, queue, annotator).reason == Nothing.SEVERE_IN_ROW
    rest(session)
    assert work(session, queue, annotator) == [severe[1]]
    rest(session)
    assert why(session, queue, annotator).reason == Nothing.SEVERE_TODAY
    session.execute(update(QueueMember).values(day=now().date() - timedelta(days=1)))
    assert work(session, queue, annotator) == [severe[2]]


def test_however_often_a_cap_comes_and_goes_no_item_is_walked_by_twice(
    session: Session, annotator: User
) -> None:
    project = make.project(session)
    for _ in range(40):
        make.item(session, project)
    queue = make.queue(session, project, overlap=1, members=(annotator,), max_severe_in_row=1)
    for place in range(20):
        expect(session, queue, place, severity_prior=3)
    stood = []
    for _ in range(20):
        work(session, queue, annotator, most=1)
        stood.append(lock_member(session, queue.id, annotator.id))
    # The severe ones from the front, the others from the middle on; both only ever forward.
    assert [member.cursors[2] for member in stood[1::2]] == list(range(21, 31))
    assert [(member.resume_cursors or [0] * 4)[2] for member in stood[1::2]] == list(range(1, 11))
    assert check_queue(session, queue.id) == []


def test_a_claims_statement_is_short_enough_to_be_parsed_once() -> None:
    for statement in (CLAIM, LOCK_MEMBER, LOCK_MEMBER_OF):
        assert len(str(statement.compile(dialect=postgresql.psycopg.dialect()))) <= 4096  # type: ignore[no-untyped-call]


def test_nobody_gets_what_they_annotated_in_the_queue_it_follows(
    session: Session, project: Project, queue: Queue, annotator: User
) -> None:
    own = work(session, queue, annotator, most=2)
    second = make.queue(session, project, overlap=1, members=(annotator,))
    ask(session, second, not_by_queue_id=queue.id)
    assert set(work(session, second, annotator)).isdisjoint(own)


def test_each_empty_state_says_why(session: Session, project: Project, queue: Queue, annotator: User) -> None:
    colleague = make.user(session)
    both = make.queue(session, project, overlap=1, members=(annotator, colleague))
    work(session, both, annotator, most=3)
    held = make.assignment(session, both, colleague)
    leased = why(session, both, annotator)
    assert (leased.reason, leased.n_leased, leased.leased_until) == (Nothing.LEASED, 1, held.expires_at)
    answer.safety(session, held)
    assert why(session, both, annotator).reason == Nothing.DONE
    ask(session, both, state=QueueState.PAUSED)
    assert why(session, both, annotator).reason == Refusal.PAUSED
    alone = make.queue(session, project, overlap=2, members=(annotator,))
    work(session, alone, annotator)
    assert why(session, alone, annotator).reason == Nothing.REST_FOR_OTHERS
    waiting = make.queue(session, project, overlap=1, members=(annotator,))
    session.execute(update(QueueItem).where(QueueItem.queue_id == waiting.id).values(held_for=HeldFor.SAFETY))
    assert why(session, waiting, annotator).reason == Nothing.WAITING
