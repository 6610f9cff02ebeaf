"""Which items go to adjudicators, and why."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.adjudication import jobs
from app.adjudication.actions import open_by_hand, open_cases
from app.adjudication.answers import labels_lack_majority, orders_lack_majority
from app.adjudication.models import CaseState
from app.agreement.queries import safety_vote
from app.annotations.models import Annotation
from app.db import transaction
from app.errors import Conflict, NotFound
from app.flags.actions import flag_label
from app.gold.models import GoldItem, GoldSource, GoldState
from app.items.models import ItemKind
from app.queues.models import QueueItem, QueueKind
from tests import answer, make
from tests.adjudication import cases
from tests.answer import SAFE, harmful
from tests.queued import jobs_sent_by

RUDE = ("Insulting Behavior",)


@pytest.mark.parametrize(
    ("votes", "lacks"),
    [
        ([(0, []), (0, []), (2, ["Violence"])], False),
        ([(0, []), (2, ["Violence"])], True),
        ([(1, ["Violence"]), (1, ["Violence"]), (0, [])], False),
        ([(1, ["Violence"]), (2, ["Violence"]), (0, [])], True),
        ([(1, ["Violence"]), (1, ["Drugs"]), (1, ["Gambling"])], True),
        ([(1, ["Violence"]), (1, ["Violence", "Drugs"]), (3, ["Drugs"])], False),
        ([(2, ["Violence"])], False),
    ],
)
def test_labels_need_a_majority_for_safe_severity_and_category(
    votes: list[tuple[int, list[str]]], lacks: bool
) -> None:
    assert labels_lack_majority([safety_vote(*vote) for vote in votes]) is lacks


@pytest.mark.parametrize(
    ("orders", "lacks"),
    [
        ([[1, 2], [1, 2], [2, 1]], False),
        ([[1, 2], [2, 1]], True),
        ([[1, 2], [2, 1], [1, 1]], True),
        ([[1, 1], [1, 1], [2, 1]], False),
        ([[1, 2, 3], [1, 3, 2]], True),
        ([], True),
    ],
)
def test_orders_need_a_majority_for_each_pair(orders: list[list[int]], lacks: bool) -> None:
    assert orders_lack_majority(orders) is lacks


def test_items_without_majority_or_with_severe_answers_are_opened(session: Session) -> None:
    queue = cases.labelled_queue(
        session,
        [SAFE, SAFE],
        [SAFE, harmful(*RUDE)],
        [harmful(*RUDE, severity=3), harmful(*RUDE, severity=3)],
    )
    _calm, split, severe = cases.item_ids(session, queue)
    found = {case.item_id: (case.reasons, case.n_needed) for case in cases.opened(session, queue)}
    assert found == {split: (["no_majority"], 1), severe: (["severe"], 2)}


def test_an_order_without_majority_is_opened(session: Session) -> None:
    queue = cases.ranked_queue(session, [1, 2], [2, 1])
    assert [case.reasons for case in cases.opened(session, queue)] == [["no_majority"]]


def test_only_what_the_settings_ask_for_is_opened(session: Session) -> None:
    queue = cases.labelled_queue(session, [SAFE, harmful(*RUDE, severity=3)], adjudicates=[])
    assert cases.opened(session, queue) == []


def test_an_unfinished_item_waits(session: Session) -> None:
    queue = cases.labelled_queue(session, [SAFE, harmful(*RUDE)])
    session.execute(update(QueueItem).where(QueueItem.queue_id == queue.id).values(overlap=3))
    assert cases.opened(session, queue) == []


def test_an_uncertain_label_is_opened(session: Session) -> None:
    labels = [SAFE, harmful(*RUDE)], [SAFE, SAFE]
    queue = cases.labelled_queue(session, *labels, adjudicates=["uncertain"], adjudicates_below=1.0)
    assert ["uncertain"] in [case.reasons for case in cases.opened(session, queue)]


def test_a_contradiction_is_opened(session: Session) -> None:
    queue = cases.ranked_queue(session, [1, 2], [1, 2], kind=QueueKind.HARMLESSNESS)
    assert cases.opened(session, queue) == []
    session.execute(update(Annotation).values(contradicts_labels=True))
    assert [case.reasons for case in cases.opened(session, queue)] == [["contradiction"]]


def test_a_flag_of_the_next_stage_opens_the_case_of_the_qa_pair(session: Session) -> None:
    project = make.project(session)
    made = make.item_with_pairs(session, project, responses=("Tea is calmer.", "Coffee is stronger."))
    labeller, ranker = make.user(session), make.user(session)
    wanted = ["flag", "no_majority"]
    safety = make.queue(session, project, overlap=1, members=(labeller,), adjudicates=wanted)
    for _ in range(2):
        answer.safety(session, make.assignment(session, safety, labeller))
    ranking = make.queue(
        session, project, kind=QueueKind.SINGLE, overlap=1, members=(ranker,), adjudicates=wanted
    )
    assignment = make.assignment(session, ranking, ranker)
    flag_label(session, assignment.id, 1, "It is hot.")
    assert cases.opened(session, ranking) == []
    (case,) = cases.opened(session, safety)
    assert case.reasons == ["flag"]
    assert case.item_id != made.id
    assert made.kind == ItemKind.RESPONSE_SET


def test_suspended_gold_is_opened_and_stays(session: Session) -> None:
    queue = cases.labelled_queue(session, [SAFE, SAFE])
    (item_id,) = cases.item_ids(session, queue)
    session.add(
        GoldItem(
            queue_id=queue.id,
            item_id=item_id,
            answers=cases.SAFE,
            source=GoldSource.MADE,
            state=GoldState.SUSPENDED,
            suspended_for="Good annotators keep failing it.",
        )
    )
    session.flush()
    session.execute(update(QueueItem).where(QueueItem.queue_id == queue.id).values(overlap=2))
    for _ in range(2):
        assert [case.reasons for case in cases.opened(session, queue)] == [["suspended_gold"]]


def test_a_second_look_changes_nothing_and_new_reasons_are_added(session: Session) -> None:
    queue = cases.labelled_queue(session, [SAFE, harmful(*RUDE)])
    (first,) = cases.opened(session, queue)
    assert open_cases(session, queue.id) == 0
    session.execute(
        update(Annotation).where(Annotation.is_safe.is_(False)).values(severity=3, contradicts_labels=True)
    )
    (case,) = cases.opened(session, queue)
    assert case.id == first.id
    assert (case.reasons, case.n_needed) == (["contradiction", "no_majority", "severe"], 2)


def test_a_case_is_withdrawn_when_its_item_is_not_finished_any_more_and_comes_back(session: Session) -> None:
    queue = cases.labelled_queue(session, [SAFE, harmful(*RUDE)])
    cases.opened(session, queue)
    places = update(QueueItem).where(QueueItem.queue_id == queue.id)
    session.execute(places.values(overlap=3))
    assert [case.state for case in cases.opened(session, queue)] == [CaseState.WITHDRAWN]
    session.execute(places.values(overlap=2))
    assert [case.state for case in cases.opened(session, queue)] == [CaseState.OPEN]


def test_a_case_by_hand_needs_no_answers_and_stays(session: Session) -> None:
    project = make.project(session)
    item = make.item(session, project)
    queue = make.queue(session, project)
    case_id = open_by_hand(session, queue.id, item.id, "Someone wrote to us.")
    assert [(case.id, case.reasons) for case in cases.opened(session, queue)] == [(case_id, ["by_hand"])]
    with pytest.raises(NotFound):
        open_by_hand(session, queue.id, item.id + 1, "No such item.")


def test_a_decided_case_stays_decided(session: Session) -> None:
    queue = cases.labelled_queue(session, [SAFE, harmful(*RUDE)])
    cases.opened(session, queue)
    case = cases.settle(session, queue, cases.SAFE)
    assert [case.state for case in cases.opened(session, queue)] == [CaseState.DECIDED]
    with pytest.raises(Conflict):
        open_by_hand(session, queue.id, case.item_id, "Once more.")


@pytest.mark.usefixtures("database")
def test_each_queue_that_sends_items_to_adjudicators_is_looked_through() -> None:
    with transaction() as session:
        queue = cases.labelled_queue(session, [SAFE, harmful(*RUDE)])
        cases.labelled_queue(session, [SAFE, harmful(*RUDE)], adjudicates=[])
    assert jobs_sent_by("app.adjudication.jobs", "open_all") == [("adjudication.open_in", [queue.id])]
    for _ in range(2):
        jobs.open_in(queue.id)
    with transaction() as session:
        assert len(cases.cases_of(session, queue)) == 1
