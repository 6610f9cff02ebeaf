"""How tests get to cases: a queue with answers that disagree, and what adjudicators do with it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.adjudication.actions import decide, open_by_hand, open_cases, take_next_case
from app.adjudication.answers import Answers
from app.adjudication.forms import Grounds
from app.adjudication.models import AdjudicationCase, Cause
from app.annotations.forms import SafetyLabel
from app.items.models import Item
from app.projects.models import Project
from app.queues.models import Queue, QueueKind
from tests import answer, make

ALL_REASONS = ["no_majority", "contradiction", "flag", "severe", "suspended_gold"]
SAFE: Answers = {"safety": {"is_safe": True, "harm_categories": [], "severity": 0}}
CARELESS = Grounds(cause=Cause.CARELESS)


def harmful(severity: int = 2, *names: str) -> Answers:
    label = {"is_safe": False, "harm_categories": list(names or ("Violence",)), "severity": severity}
    return {"safety": label}


def labelled_queue(
    session: Session,
    *labels: Sequence[SafetyLabel],
    project: Project | None = None,
    adjudicates: Sequence[str] = ALL_REASONS,
    **settings: Any,
) -> Queue:
    """`labels`: of each item the annotators' answers, as many for each."""
    project = project or make.project(session)
    items = [make.item(session, project) for _ in labels]
    people = tuple(make.user(session) for _ in labels[0])
    queue = make.queue(
        session,
        project,
        overlap=len(people),
        members=people,
        item_order="imported",
        adjudicates=list(adjudicates),
        **settings,
    )
    for place, person in enumerate(people):
        said = {item.id: of_item[place] for item, of_item in zip(items, labels, strict=True)}
        answer.all_safety(session, queue, person, said)
    return queue


def ranked_queue(
    session: Session, *orders: list[int], kind: QueueKind = QueueKind.SINGLE, **settings: Any
) -> Queue:
    """One response set, ranked in every step by an annotator each."""
    project = make.project(session)
    make.item(session, project, responses=("Tea.", "Coffee.", "Water.")[: len(orders[0])])
    people = tuple(make.user(session) for _ in orders)
    given: dict[str, Any] = {"adjudicates": ALL_REASONS} | settings
    queue = make.queue(session, project, kind=kind, overlap=len(people), members=people, **given)
    for person, ranks in zip(people, orders, strict=True):
        assignment = make.assignment(session, queue, person)
        for step in queue.steps:
            answer.ranking(session, assignment, step, ranks)
    return queue


def opened(session: Session, queue: Queue) -> list[AdjudicationCase]:
    """All cases of the queue, after a look for more."""
    open_cases(session, queue.id)
    return cases_of(session, queue)


def cases_of(session: Session, queue: Queue) -> list[AdjudicationCase]:
    return list(
        session.scalars(
            select(AdjudicationCase)
            .where(AdjudicationCase.queue_id == queue.id)
            .order_by(AdjudicationCase.id)
            .execution_options(populate_existing=True)
        )
    )


def adjudicator(session: Session) -> User:
    return make.user(session, role=Role.ADJUDICATOR)


def taken(session: Session, queue: Queue, person: User) -> int:
    case_id = take_next_case(session, queue.id, person.id)
    assert case_id is not None
    return case_id


def settle(session: Session, queue: Queue, answers: Answers) -> AdjudicationCase:
    """The next case, decided so by an adjudicator of its own."""
    person = adjudicator(session)
    return decide(session, taken(session, queue, person), person.id, answers, CARELESS)


def item_ids(session: Session, queue: Queue) -> list[int]:
    return list(session.scalars(select(Item.id).where(Item.project_id == queue.project_id).order_by(Item.id)))


def put_by_hand(session: Session, queue: Queue, item_id: int) -> int:
    return open_by_hand(session, queue.id, item_id, "A test.")
