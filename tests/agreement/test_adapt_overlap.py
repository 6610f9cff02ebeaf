"""Items whose label is uncertain get more annotators, the others no more than they need."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.actions import adapt_overlap
from app.agreement.models import OverlapReport
from app.projects.models import Project
from app.queues.models import Queue, QueueItem, QueueKind
from tests import answer, make
from tests.answer import SAFE, harmful
from tests.browse import enter

N_ITEMS = 12
VIOLENT = harmful("Violence")


@pytest.fixture
def people(session: Session) -> list[User]:
    return [make.user(session) for _ in range(4)]


@pytest.fixture
def queue(session: Session, people: list[User]) -> Queue:
    """Two annotators have answered every item; they differ on the last two in the queue's order."""
    project = make.project(session)
    for _ in range(N_ITEMS):
        make.item(session, project)
    made = make.queue(session, project, overlap=2, members=tuple(people))
    made.max_overlap, made.threshold = 4, 0.9
    session.flush()
    order = in_order(session, made)
    for who, person in enumerate(people[:2]):
        labels = {item_id: VIOLENT if place % 2 else SAFE for place, item_id in enumerate(order)}
        if who:
            labels |= {order[-2]: VIOLENT, order[-1]: SAFE}
        answer.all_safety(session, made, person, labels)
    return made


def in_order(session: Session, queue: Queue) -> list[int]:
    items = select(QueueItem.item_id).where(QueueItem.queue_id == queue.id).order_by(QueueItem.pos)
    return list(session.scalars(items))


def adapt(session: Session, queue: Queue) -> OverlapReport:
    report = adapt_overlap(session, queue.id)
    assert report is not None
    session.expire_all()
    return report


def overlaps(session: Session, queue: Queue) -> list[int]:
    return sorted(session.scalars(select(QueueItem.overlap).where(QueueItem.queue_id == queue.id)))


def test_only_the_items_in_doubt_get_one_more_place(
    session: Session, queue: Queue, people: list[User]
) -> None:
    doubtful = set(in_order(session, queue)[-2:])
    report = adapt(session, queue)
    assert (report.n_finished, report.n_confident, report.n_raised) == (N_ITEMS, N_ITEMS - 2, 2)
    assert report.n_saved == (N_ITEMS - 2) * 2
    assert overlaps(session, queue) == [2] * (N_ITEMS - 2) + [3] * 2
    got = {make.assignment(session, queue, person).item_id for person in people[2:]}
    assert got == doubtful


def test_it_goes_on_until_the_label_is_certain_or_the_most_is_reached(
    session: Session, queue: Queue, people: list[User]
) -> None:
    certain, _ = in_order(session, queue)[-2:]
    for person, label in zip(people[2:], (SAFE, VIOLENT), strict=True):
        adapt(session, queue)
        for _ in range(2):
            if (assignment_id := make.claim(session, queue, person)) is None:
                break
            held = make.assignment(session, queue, person)
            assert held.id == assignment_id
            answer.safety(session, held, SAFE if held.item_id == certain else label)
    report = adapt(session, queue)
    assert report.n_raised == 0
    assert report.n_at_most + report.n_confident == N_ITEMS
    assert max(overlaps(session, queue)) <= 4


def test_the_report_says_what_was_saved(client: TestClient, session: Session, queue: Queue) -> None:
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    assert "Adaptive overlap" not in client.get(f"/agreement/queues/{queue.id}").text
    n_saved = adapt(session, queue).n_saved
    page = client.get(f"/agreement/queues/{queue.id}").text
    assert f"<dt>Annotations saved</dt><dd>{n_saved}</dd>" in page


def test_asked_twice_it_adds_nothing_more(session: Session, queue: Queue) -> None:
    adapt(session, queue)
    assert adapt(session, queue).n_raised == 0
    assert overlaps(session, queue) == [2] * (N_ITEMS - 2) + [3] * 2


def test_a_fixed_overlap_stays_as_it_is(session: Session, queue: Queue) -> None:
    queue.threshold = None
    session.flush()
    assert adapt_overlap(session, queue.id) is None
    assert overlaps(session, queue) == [2] * N_ITEMS


def test_the_most_uncertain_come_first_where_the_queue_says_so(
    session: Session, queue: Queue, people: list[User]
) -> None:
    make.item(session, session.get_one(Project, queue.project_id))
    doubtful = set(in_order(session, queue)[-2:])
    queue.uncertain_first = True
    session.flush()
    adapt(session, queue)
    assert {make.assignment(session, queue, person).item_id for person in people[2:]} == doubtful


def test_a_dual_queue_is_as_certain_as_its_less_certain_question(session: Session) -> None:
    project = make.project(session)
    for _ in range(6):
        make.item(session, project, responses=("A.", "B."))
    people = [make.user(session) for _ in range(2)]
    queue = make.queue(session, project, kind=QueueKind.DUAL, overlap=2, members=tuple(people))
    queue.max_overlap, queue.threshold = 3, 0.9
    session.flush()
    contested = in_order(session, queue)[-1]
    for who, person in enumerate(people):
        for _ in range(6):
            held = make.assignment(session, queue, person)
            differs = who == 1 and held.item_id == contested
            helpfulness, harmlessness = queue.steps
            answer.ranking(session, held, helpfulness, [1, 2])
            answer.ranking(session, held, harmlessness, [1, 2] if differs else [2, 1])
    assert adapt(session, queue).n_raised == 1
