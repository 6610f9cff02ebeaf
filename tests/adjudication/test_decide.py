"""Taking a case and deciding it: never one's own, twice where it may be severe, in versions."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.adjudication.actions import (
    CaseNotDecided,
    CaseNotHeld,
    NotYourCase,
    decide,
    reopen_case,
    take_next_case,
)
from app.adjudication.figures import figures_of
from app.adjudication.forms import Grounds
from app.adjudication.models import AdjudicationCase, CaseState, Cause, Decision
from app.adjudication.queries import all_decisions, standing_decisions
from app.audit.models import Action, AuditEntry
from app.db import now
from app.queues.members import set_members
from app.queues.models import QueueKind
from tests import answer, make
from tests.adjudication import cases
from tests.adjudication.cases import CARELESS
from tests.answer import SAFE, harmful

SPLIT = [SAFE, harmful("Violence")]
SEVERE = [harmful("Violence", severity=3), harmful("Violence", severity=3)]


def test_one_decision_settles_a_case(session: Session) -> None:
    queue = cases.labelled_queue(session, SPLIT)
    cases.opened(session, queue)
    case = cases.settle(session, queue, cases.SAFE)
    assert (case.state, case.outcome, case.held_by) == (CaseState.DECIDED, cases.SAFE, None)
    (decision,) = standing_decisions(session, case.id)
    assert (decision.is_third, decision.is_blind) == (False, True)
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.DECIDED)).one()
    assert entry.item_id == case.item_id


def test_what_nobody_said_is_a_third_answer(session: Session) -> None:
    queue = cases.labelled_queue(session, SPLIT)
    cases.opened(session, queue)
    case = cases.settle(session, queue, cases.harmful(1, "Insulting Behavior"))
    assert [decision.is_third for decision in standing_decisions(session, case.id)] == [True]


def test_a_held_case_goes_to_nobody_else_until_its_lease_ends(session: Session) -> None:
    queue = cases.labelled_queue(session, SPLIT)
    cases.opened(session, queue)
    first, second = cases.adjudicator(session), cases.adjudicator(session)
    case_id = cases.taken(session, queue, first)
    assert take_next_case(session, queue.id, second.id) is None
    assert cases.taken(session, queue, first) == case_id
    session.execute(update(AdjudicationCase).values(held_until=now() - timedelta(minutes=1)))
    assert cases.taken(session, queue, second) == case_id
    with pytest.raises(CaseNotHeld):
        decide(session, case_id, first.id, cases.SAFE, CARELESS)


@pytest.mark.parametrize("shares", ["the item", "a response"])
def test_nobody_settles_what_they_annotated(session: Session, shares: str) -> None:
    project = make.project(session)
    made = make.item_with_pairs(session, project, responses=("Tea is calmer.", "Coffee is stronger."))
    person, other = cases.adjudicator(session), make.user(session)
    kind = QueueKind.SINGLE if shares == "the item" else QueueKind.SAFETY
    mine = make.queue(session, project, kind=kind, overlap=1, members=(person,))
    assignment = make.assignment(session, mine, person)
    if kind is QueueKind.SAFETY:
        answer.safety(session, assignment)
    else:
        answer.ranking(session, assignment, mine.steps[0], [1, 2])
    queue = make.queue(session, project, kind=QueueKind.HELPFULNESS, overlap=1, members=(other,))
    cases.put_by_hand(session, queue, made.id)
    assert take_next_case(session, queue.id, person.id) is None
    case = cases.cases_of(session, queue)[0]
    with pytest.raises(NotYourCase):
        decide(session, case.id, person.id, {"helpfulness": {"ranks": [1, 2]}}, CARELESS)
    assert take_next_case(session, queue.id, cases.adjudicator(session).id) == case.id
    set_members(session, mine.id, [])
    assert take_next_case(session, queue.id, person.id) is None


def test_a_severe_case_needs_two_that_agree(session: Session) -> None:
    queue = cases.labelled_queue(session, SEVERE)
    cases.opened(session, queue)
    first = cases.adjudicator(session)
    case = decide(session, cases.taken(session, queue, first), first.id, cases.SAFE, CARELESS)
    assert (case.state, case.outcome) == (CaseState.OPEN, None)
    assert take_next_case(session, queue.id, first.id) is None
    case = cases.settle(session, queue, cases.harmful(3))
    assert case.state == CaseState.OPEN
    case = cases.settle(session, queue, cases.harmful(3))
    assert (case.state, case.outcome) == (CaseState.DECIDED, cases.harmful(3))
    figures = figures_of(session, queue.id)
    assert (figures.n_decisions, figures.n_third, figures.n_pairs, figures.n_equal) == (3, 1, 3, 1)


def test_a_decision_that_says_severe_needs_a_second_one(session: Session) -> None:
    queue = cases.labelled_queue(session, SPLIT)
    cases.opened(session, queue)
    case = cases.settle(session, queue, cases.harmful(3))
    assert (case.state, case.n_needed) == (CaseState.OPEN, 2)
    assert cases.settle(session, queue, cases.harmful(3)).state == CaseState.DECIDED


def test_a_changed_decision_is_a_new_version_and_the_same_again_is_none(session: Session) -> None:
    queue = cases.labelled_queue(session, SPLIT)
    cases.opened(session, queue)
    person = cases.adjudicator(session)
    case_id = cases.taken(session, queue, person)
    for answers in (cases.SAFE, cases.SAFE, cases.harmful(1)):
        case = decide(session, case_id, person.id, answers, CARELESS)
    assert (case.state, case.outcome) == (CaseState.DECIDED, cases.harmful(1))
    newer, older = all_decisions(session, case_id)
    assert (newer.is_blind, older.is_blind) == (False, True)
    assert older.superseded_at is not None
    assert standing_decisions(session, case_id) == [newer]


def test_an_own_decision_can_be_changed_for_an_hour(session: Session) -> None:
    queue = cases.labelled_queue(session, SPLIT)
    cases.opened(session, queue)
    person = cases.adjudicator(session)
    case_id = cases.taken(session, queue, person)
    decide(session, case_id, person.id, cases.SAFE, CARELESS)
    session.execute(update(AdjudicationCase).values(decided_at=now() - timedelta(minutes=61)))
    with pytest.raises(CaseNotHeld):
        decide(session, case_id, person.id, cases.harmful(1), Grounds(cause=Cause.TASTE))


def test_a_case_that_is_opened_again_needs_new_decisions(session: Session) -> None:
    queue = cases.labelled_queue(session, SPLIT)
    cases.opened(session, queue)
    case = cases.settle(session, queue, cases.SAFE)
    reopen_case(session, case.id, "The guidelines have changed.")
    (case,) = cases.cases_of(session, queue)
    assert (case.state, case.outcome, case.decided_at) == (CaseState.OPEN, None, None)
    assert standing_decisions(session, case.id) == []
    with pytest.raises(CaseNotDecided):
        reopen_case(session, case.id, "Once more.")
    (old,) = session.scalars(select(Decision)).all()
    again = decide(
        session,
        cases.taken(session, queue, make.user(session, role=Role.ADJUDICATOR)),
        session.scalars(select(AdjudicationCase.held_by)).one() or 0,
        cases.harmful(1),
        CARELESS,
    )
    assert again.outcome == cases.harmful(1)
    assert old.superseded_at is not None


def test_both_orders_of_a_dual_queue_are_decided_together(session: Session) -> None:
    queue = cases.ranked_queue(session, [1, 2], [2, 1], kind=QueueKind.DUAL, is_blind=False)
    cases.opened(session, queue)
    orders = {"helpfulness": {"ranks": [1, 2]}, "harmlessness": {"ranks": [1, 1]}}
    case = cases.settle(session, queue, orders)
    assert case.outcome == orders
    (decision,) = standing_decisions(session, case.id)
    assert (decision.is_third, decision.is_blind) == (True, False)
