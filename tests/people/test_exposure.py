"""What people were shown is summed up day by day, and the sums follow whatever is said of it later."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.assignments.models import Assignment
from app.db import now, transaction
from app.people.counting import DAYS_ONCE_A_DAY, count_exposure, recount_exposure, stray_exposure
from app.people.exposure import doses_in_project, exposure_counted_at, seen_by_person
from app.people.forms import Days
from app.people.models import ExposureCount, ExposureDay, exposure_change
from app.projects.models import Project
from app.queues.models import Dimension, Queue, QueueItem, QueueKind
from app.wellbeing.actions import uncover
from tests import answer, make

LONG_AGO = timedelta(days=40)


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


@pytest.fixture
def project(session: Session) -> Project:
    made = make.project(session)
    make.item_with_pairs(session, made, responses=("Tea.", "Coffee."))
    return made


@pytest.fixture
def ranking(session: Session, project: Project, annotator: User) -> Queue:
    return make.queue(session, project, kind=QueueKind.HELPFULNESS, members=(annotator,))


def day_before(before: timedelta) -> date:
    return (now() - before).date()


def doses(session: Session, annotator: User) -> dict[date, int]:
    """Of each day, in all projects, as counted now."""
    assert count_exposure(session)
    return kept(session, annotator)


def kept(session: Session, annotator: User) -> dict[date, int]:
    days = Days(since=now().date() - timedelta(days=300))
    return {each.day: each.dose for each in seen_by_person(session, annotator.id, days)}


def move(session: Session, assignment: Assignment, before: timedelta) -> None:
    """It was handed out so long ago."""
    handed_out = {"created_at": now() - before}
    session.execute(update(Assignment).where(Assignment.id == assignment.id).values(handed_out))


def expect(session: Session, queue: Queue, severity: int) -> None:
    session.execute(update(QueueItem).where(QueueItem.queue_id == queue.id).values(severity_prior=severity))


def ranked_long_ago(session: Session, ranking: Queue, annotator: User, severity: int = 1) -> Assignment:
    """A pair of which this severity was expected."""
    expect(session, ranking, severity)
    ranked = make.assignment(session, ranking, annotator)
    move(session, ranked, LONG_AGO)
    answer.ranking(session, ranked, Dimension.HELPFULNESS, [1, 2])
    return ranked


def all_kept(session: Session) -> Sequence[tuple[object, ...]]:
    rows = session.execute(select(ExposureDay.__table__).order_by(ExposureDay.queue_id, ExposureDay.day))
    return [tuple(row) for row in rows]


def tamper(session: Session, day: date) -> None:
    session.execute(update(ExposureDay).where(ExposureDay.day == day).values(n_severity_3=100))


def counted_on(session: Session, at: datetime) -> None:
    """As if all answers so far had been in a count then."""
    newest = session.scalar(text("SELECT max(id) FROM annotation"))
    session.execute(update(ExposureCount).values(counted_at=at, up_to_answer_id=newest))


def test_what_was_before_the_first_count_is_counted_then(
    session: Session, ranking: Queue, annotator: User
) -> None:
    ranked_long_ago(session, ranking, annotator, severity=2)
    assert exposure_counted_at(session) is None
    assert doses(session, annotator) == {day_before(LONG_AGO): 4}
    assert exposure_counted_at(session) is not None


def test_counting_twice_changes_nothing(session: Session, ranking: Queue, annotator: User) -> None:
    ranked_long_ago(session, ranking, annotator)
    assert count_exposure(session)
    first = all_kept(session)
    assert count_exposure(session)
    assert all_kept(session) == first != []


def test_a_later_label_changes_the_day_on_which_its_response_was_shown(
    session: Session, project: Project, ranking: Queue, annotator: User
) -> None:
    ranked_long_ago(session, ranking, annotator)
    other = make.member(session, ranking)
    safety = make.queue(session, project, members=(annotator, other))
    before = day_before(LONG_AGO)
    assert doses(session, annotator) == {before: 2}
    counted_on(session, now())
    answer.safety(session, make.assignment(session, safety, other), answer.harmful("Drugs", severity=3))
    assert doses(session, annotator) == {before: 2}
    label = answer.harmful("Drugs", severity=3)
    answer.safety(session, make.assignment(session, safety, annotator), label)
    assert doses(session, annotator) == {before: 1 + 3, now().date(): 3}


def test_a_text_uncovered_later_was_seen_on_the_day_of_its_item(
    session: Session, ranking: Queue, annotator: User
) -> None:
    expect(session, ranking, 3)
    held = make.assignment(session, ranking, annotator)
    move(session, held, LONG_AGO)
    assert doses(session, annotator) == {}
    uncover(session, held.id, 1)
    assert doses(session, annotator) == {day_before(LONG_AGO): 3}
    assert session.scalar(select(func.count()).select_from(exposure_change)) == 0


def test_what_is_expected_or_covered_by_now_counts(session: Session, ranking: Queue, annotator: User) -> None:
    held = make.assignment(session, ranking, annotator)
    move(session, held, LONG_AGO)
    answer.skip(session, held)
    before = day_before(LONG_AGO)
    assert doses(session, annotator) == {before: 0}
    expect(session, ranking, 2)
    assert doses(session, annotator) == {before: 4}
    session.execute(update(Queue).where(Queue.id == ranking.id).values(blur_from=2))
    assert doses(session, annotator) == {}


def test_days_that_are_over_are_left_as_they_are(session: Session, ranking: Queue, annotator: User) -> None:
    ranked_long_ago(session, ranking, annotator)
    before = day_before(LONG_AGO)
    doses(session, annotator)
    counted_on(session, now())
    tamper(session, before)
    assert doses(session, annotator)[before] > 100


def test_once_a_day_the_last_days_are_counted_again(
    session: Session, project: Project, annotator: User
) -> None:
    safety = make.queue(session, project, members=(annotator,))
    label = answer.harmful("Drugs", severity=1)
    recent, older = timedelta(days=DAYS_ONCE_A_DAY - 1), timedelta(days=DAYS_ONCE_A_DAY + 3)
    for before in (recent, older):
        held = make.assignment(session, safety, annotator)
        move(session, held, before)
        answer.safety(session, held, label)
    doses(session, annotator)
    for before in (recent, older):
        tamper(session, day_before(before))
    counted_on(session, now() - timedelta(days=1))
    found = doses(session, annotator)
    assert found[day_before(recent)] == 1
    assert found[day_before(older)] > 100


def test_a_person_has_the_sum_of_all_projects_and_each_project_its_own(
    session: Session, project: Project, annotator: User
) -> None:
    other = make.project(session)
    make.item(session, other)
    for of, severity in ((project, 1), (other, 3)):
        held = make.assignment(session, make.queue(session, of, members=(annotator,)), annotator)
        answer.safety(session, held, answer.harmful("Drugs", severity=severity))
    assert doses(session, annotator) == {now().date(): 4}
    assert doses_in_project(session, project.id, Days()) == {annotator.id: 1}
    assert doses_in_project(session, other.id, Days()) == {annotator.id: 3}


def test_what_differs_is_named_and_counted_anew(session: Session, ranking: Queue, annotator: User) -> None:
    ranked = ranked_long_ago(session, ranking, annotator)
    assert stray_exposure(session, ranking.id) == []
    doses(session, annotator)
    counted_on(session, now())
    before = all_kept(session)
    assert stray_exposure(session, ranking.id) == []
    tamper(session, day_before(LONG_AGO))
    assert stray_exposure(session, ranking.id) == [annotator.id]
    uncover(session, ranked.id, 0)
    assert stray_exposure(session, ranking.id) == []  # The next count takes that day anyway.
    session.execute(delete(exposure_change))
    session.execute(delete(ExposureDay))
    assert stray_exposure(session, ranking.id) == [annotator.id]
    recount_exposure(session, ranking.id)
    assert stray_exposure(session, ranking.id) == []
    assert [row[:-1] for row in all_kept(session)] == [row[:-1] for row in before]


def count_now() -> None:
    with transaction() as session:
        assert count_exposure(session)


def made_long_ago() -> tuple[int, int, int]:
    """Ids of an annotator, of a queue that asks for labels, and of the pair that they ranked long ago."""
    with transaction() as session:
        project, annotator = make.project(session), make.user(session)
        make.item_with_pairs(session, project, responses=("Tea.", "Coffee."))
        ranking = make.queue(session, project, kind=QueueKind.HELPFULNESS, members=(annotator,))
        safety = make.queue(session, project, members=(annotator,))
        ranked = ranked_long_ago(session, ranking, annotator)
        return annotator.id, safety.id, ranked.id


@pytest.mark.usefixtures("database")
def test_an_answer_that_comes_late_is_counted_though_later_ones_were_before() -> None:
    """Its number is lower than those of answers that were stored, and counted, before it."""
    annotator_id, safety_id, _ = made_long_ago()
    before = day_before(LONG_AGO)
    count_now()
    with transaction() as slow:
        annotator, safety = slow.get_one(User, annotator_id), slow.get_one(Queue, safety_id)
        label = answer.harmful("Drugs", severity=3)
        answer.safety(slow, make.assignment(slow, safety, annotator), label)
        made_long_ago()
        for _ in range(3):
            count_now()
        with transaction() as session:
            assert kept(session, annotator) == {before: 2}
    count_now()
    with transaction() as session:
        assert kept(session, annotator) == {before: 4, now().date(): 3}
        known = session.scalars(select(ExposureCount)).one()
    for _ in range(3):  # Something else may have been open at one of these moments.
        count_now()
    with transaction() as session:
        assert session.scalars(select(ExposureCount)).one().up_to_answer_id == known.marked_answer_id


@pytest.mark.usefixtures("database")
def test_one_counts_at_a_time() -> None:
    made_long_ago()
    with transaction() as first, transaction() as second:
        assert count_exposure(first)
        assert not count_exposure(second)
    with transaction() as session:
        assert count_exposure(session)
