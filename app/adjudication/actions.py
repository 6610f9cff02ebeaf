"""Opening cases, taking them, deciding them."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import BigInteger, all_, func, literal, null, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from app.accounts.queries import user_of
from app.adjudication.answers import N_FOR_SEVERE, Answers, agreed, is_nobodys, is_severe
from app.adjudication.findings import reasons_by_item
from app.adjudication.forms import Grounds
from app.adjudication.models import AdjudicationCase, CaseReason, CaseState, Decision
from app.adjudication.queries import (
    answers_on,
    has_decided_before,
    is_own_item,
    outcomes_to_promote,
    standing_decision_of,
    standing_decisions,
)
from app.agreement.queries import finished_items
from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict, Forbidden, NotFound
from app.gold.actions import promote, promote_many
from app.i18n import gettext as _
from app.queues.models import Queue, QueueItem
from app.queues.queries import queue_of, withheld_from

SUBJECT = "adjudication case"
LEASE = timedelta(minutes=30)
CHANGEABLE_FOR = timedelta(minutes=60)
# They stand whether or not the item has all its annotations.
LASTING = (CaseReason.BY_HAND, CaseReason.SUSPENDED_GOLD)

# Locked and taken in one statement, so that two never get the same case.
TAKE_NEXT = text("""
    UPDATE adjudication_case
    SET held_by = :adjudicator_id, held_until = now() + make_interval(secs => :seconds)
    WHERE id = (
        SELECT id FROM adjudication_case AS open_case
        WHERE queue_id = :queue_id AND state = 'open'
          AND (held_by IS NULL OR held_by = :adjudicator_id OR held_until < now())
          AND NOT EXISTS (
              SELECT FROM decision
              WHERE case_id = open_case.id AND adjudicator_id = :adjudicator_id AND superseded_at IS NULL)
          AND NOT EXISTS (
              SELECT FROM item_response AS asked
              JOIN item_response AS shared USING (response_id)
              JOIN queue_item ON queue_item.item_id = shared.item_id
              JOIN assignment ON assignment.queue_id = queue_item.queue_id
                AND assignment.item_id = queue_item.item_id AND annotator_id = :adjudicator_id
              WHERE asked.item_id = open_case.item_id
                AND status IN ('open', 'submitted', 'surplus', 'voided'))
          AND NOT EXISTS (
              SELECT FROM queue_item AS place
              WHERE place.item_id = open_case.item_id AND place.harm_mask & :withheld <> 0)
        ORDER BY held_by = :adjudicator_id DESC NULLS LAST, id
        LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id
""")


# A new case; or the open one with the reasons added; or the withdrawn one, anew.
PUT_CASE = """
    INSERT INTO adjudication_case AS known (queue_id, item_id, reasons, n_needed)
    {rows}
    ON CONFLICT (queue_id, item_id) DO UPDATE SET
        reasons = CASE known.state WHEN 'open'
            THEN ARRAY(SELECT DISTINCT unnest(known.reasons || EXCLUDED.reasons) ORDER BY 1)
            ELSE EXCLUDED.reasons END,
        n_needed = greatest(known.n_needed, EXCLUDED.n_needed),
        opened_at = CASE known.state WHEN 'open' THEN known.opened_at ELSE now() END,
        state = 'open'
    WHERE known.state <> 'decided'
    RETURNING id
"""
PUT_ONE = text(PUT_CASE.format(rows="VALUES (:queue_id, :item_id, :reasons, :n_needed)"))
# Those that adjudicators neither have nor have decided.
PUT_MANY = text(
    PUT_CASE.format(
        rows="""
    SELECT queue_id, item_id, CAST(:reasons AS text[]), 1 FROM queue_item AS asked
    WHERE queue_id = :queue_id AND item_id = ANY(:item_ids) AND NOT EXISTS (
        SELECT FROM adjudication_case AS had
        WHERE had.queue_id = asked.queue_id AND had.item_id = asked.item_id AND had.state <> 'withdrawn')
    ORDER BY item_id"""
    )
)


class NotYourCase(Forbidden):
    """An adjudicator settles no item that they, or their answers, are part of."""


class CaseNotHeld(Conflict):
    """It is with somebody else, or was settled."""


class CaseNotDecided(Conflict):
    pass


class CaseDecided(Conflict):
    pass


class NotInQueue(NotFound):
    """An item."""


def open_cases(session: Session, queue_id: int) -> int:
    """Cases of all items that the queue's settings send to adjudicators; how many are new.

    May run twice, and at once. An open case learns new reasons; one whose item lacks annotations again is
    withdrawn, and comes back with the next reason. Raises NotFound.
    """
    queue = queue_of(session, queue_id)
    found, severe = reasons_by_item(session, queue)
    n_new = add_cases(session, queue, found, severe)
    n_withdrawn = withdraw_unfinished(session, queue_id)
    if n_new or n_withdrawn:
        after = {"n_opened": n_new, "n_withdrawn": n_withdrawn}
        record(session, Action.CHANGED, "adjudication cases", queue_id=queue_id, after=after)
    return n_new


def add_cases(session: Session, queue: Queue, found: dict[int, set[CaseReason]], severe: set[int]) -> int:
    known = {
        case.item_id: case
        for case in session.scalars(select(AdjudicationCase).where(AdjudicationCase.queue_id == queue.id))
    }
    n_new = 0
    # In one order, so that two who do this at once wait for each other and don't lock each other out.
    for item_id in sorted(found):
        case = known.get(item_id)
        needs_two = item_id in severe
        if case is None or case.state == CaseState.WITHDRAWN:
            n_new += bool(put_case(session, queue.id, item_id, found[item_id], needs_two=needs_two))
        elif case.state == CaseState.OPEN and not found[item_id] <= set(case.reasons):
            put_case(session, queue.id, item_id, found[item_id], needs_two=needs_two)
    return n_new


def put_case(
    session: Session, queue_id: int, item_id: int, reasons: Iterable[CaseReason], *, needs_two: bool = False
) -> int | None:
    """Its id; None where it was decided."""
    values = {
        "queue_id": queue_id,
        "item_id": item_id,
        "reasons": sorted(reasons),
        "n_needed": N_FOR_SEVERE if needs_two else 1,
    }
    case_id: int | None = session.scalar(PUT_ONE, values)
    return case_id


def withdraw_unfinished(session: Session, queue_id: int) -> int:
    finished = [item.item_id for item in finished_items(session, queue_id)]
    withdrawn = session.scalars(
        update(AdjudicationCase)
        .where(
            AdjudicationCase.queue_id == queue_id,
            AdjudicationCase.state == CaseState.OPEN,
            AdjudicationCase.item_id != all_(literal(finished, ARRAY(BigInteger))),
            ~AdjudicationCase.reasons.overlap(list(LASTING)),
        )
        .values(state=CaseState.WITHDRAWN, withdrawn_at=func.now(), held_by=None, held_until=None)
        .returning(AdjudicationCase.id)
    )
    return len(withdrawn.all())


def open_by_hand(session: Session, queue_id: int, item_id: int, reason: str) -> int:
    """Its id. Raises NotInQueue, and CaseDecided for an item that was decided."""
    if session.get(QueueItem, (queue_id, item_id)) is None:
        raise NotInQueue(_("This queue has no such item."))
    case_id = put_case(session, queue_id, item_id, [CaseReason.BY_HAND])
    if case_id is None:
        raise CaseDecided(_("Adjudicators have decided this item. Open its case again on the case's page."))
    record(session, Action.CREATED, SUBJECT, queue_id=queue_id, item_id=item_id, reason=reason)
    return case_id


def open_many_by_hand(session: Session, queue_id: int, item_ids: Sequence[int], reason: str) -> int:
    """Of those items of the queue that have no case; how many."""
    values = {"queue_id": queue_id, "item_ids": list(item_ids), "reasons": [CaseReason.BY_HAND]}
    n_new = len(session.execute(PUT_MANY, values).all())
    if n_new:
        after = {"n_opened": n_new}
        record(session, Action.CHANGED, "adjudication cases", queue_id=queue_id, reason=reason, after=after)
    return n_new


def take_next_case(session: Session, queue_id: int, adjudicator_id: int) -> int | None:
    """The id of a case that is this adjudicator's for 30 minutes; None where there is none for them.

    Never one of an item that they annotated, or of one that shares a response with it, nor one that they
    decided, nor one that may touch what they are not cleared for. The one they hold comes first.
    """
    values = {
        "queue_id": queue_id,
        "adjudicator_id": adjudicator_id,
        "withheld": withheld_from(session, user_of(session, adjudicator_id), queue_id),
        "seconds": LEASE.total_seconds(),
    }
    case_id: int | None = session.scalar(TAKE_NEXT, values)
    return case_id


def decide(
    session: Session, case_id: int, adjudicator_id: int, answers: Answers, grounds: Grounds
) -> AdjudicationCase:
    """A decision, or a newer version of this adjudicator's own; the same again changes nothing.

    A first one needs the case to be held. A changed one is taken while the case is open, and for an hour
    after it was decided. Raises NotFound, NotYourCase or CaseNotHeld.
    """
    case = locked_case(session, case_id)
    if is_own_item(session, case.item_id, adjudicator_id):
        raise NotYourCase(_("You annotated this item, or one with the same response: others settle it."))
    own = standing_decision_of(session, case_id, adjudicator_id)
    if own is not None and (own.answers, own.cause, own.note) == (answers, grounds.cause, grounds.note):
        return case
    if not may_decide(case, own, adjudicator_id):
        raise CaseNotHeld(_("This case is not with you any more: take the next one."))
    is_blind = queue_of(session, case.queue_id).is_blind
    is_blind = is_blind and not has_decided_before(session, case_id, adjudicator_id)
    if own is not None:
        own.superseded_at = now()
        session.flush()
    given = [answer.answers for answer in answers_on(session, case.queue_id, case.item_id)]
    session.add(
        Decision(
            case_id=case_id,
            adjudicator_id=adjudicator_id,
            answers=answers,
            cause=grounds.cause,
            note=grounds.note,
            is_blind=is_blind,
            is_third=is_nobodys(answers, given),
        )
    )
    settle(session, case)
    record(
        session,
        Action.DECIDED,
        SUBJECT,
        queue_id=case.queue_id,
        item_id=case.item_id,
        reason=grounds.note or None,
        before=None if own is None else {"answers": own.answers, "cause": own.cause},
        after={"answers": answers, "cause": grounds.cause, "state": case.state},
    )
    return case


def may_decide(case: AdjudicationCase, own: Decision | None, adjudicator_id: int) -> bool:
    """A lease that ran out holds until somebody else takes the case."""
    if own is None:
        return case.state == CaseState.OPEN and case.held_by == adjudicator_id
    if case.state == CaseState.DECIDED and case.decided_at is not None:
        return now() < case.decided_at + CHANGEABLE_FOR
    return case.state == CaseState.OPEN


def settle(session: Session, case: AdjudicationCase) -> None:
    """Decided once enough standing decisions agree; open to the next adjudicator as long as they don't."""
    session.flush()
    said = [decision.answers for decision in standing_decisions(session, case.id)]
    if any(map(is_severe, said)):
        case.n_needed = max(case.n_needed, N_FOR_SEVERE)
    case.held_by = case.held_until = None
    put_outcome(session, case, agreed(said, case.n_needed))


def put_outcome(session: Session, case: AdjudicationCase, outcome: Answers | None) -> None:
    """Decided, or open again where there is none. A decided case that changes keeps its time."""
    if outcome is None:
        case.state, case.decided_at = CaseState.OPEN, None
    elif case.state != CaseState.DECIDED:
        case.state, case.decided_at = CaseState.DECIDED, now()
    # As an attribute, None would be stored as JSON's null.
    case.outcome = null() if outcome is None else outcome
    session.flush()
    session.refresh(case)


def promote_outcome(session: Session, case_id: int, explanation: str) -> AdjudicationCase:
    """What was decided becomes the item's known answer. Raises NotFound, Conflict where it is not decided,
    GoldAlready where it has one."""
    case = locked_case(session, case_id)
    if case.outcome is None:
        raise Conflict(_("This case is not decided yet."))
    promote(session, case.queue_id, case.item_id, case.outcome, explanation)
    return case


def promote_outcomes(session: Session, queue_id: int, item_ids: Sequence[int], reason: str) -> int:
    """As `promote_outcome`, of those of these items that are decided and no gold items yet; how many."""
    rows = session.execute(outcomes_to_promote(queue_id, item_ids)).all()
    return promote_many(session, queue_id, {row.item_id: row.outcome for row in rows}, reason)


def reopen_case(session: Session, case_id: int, reason: str) -> None:
    """It needs all its decisions anew; those that stood are kept as they were.

    Raises NotFound, or CaseNotDecided.
    """
    case = locked_case(session, case_id)
    if case.state != CaseState.DECIDED:
        raise CaseNotDecided(_("This case is not decided."))
    session.execute(
        update(Decision)
        .where(Decision.case_id == case_id, Decision.superseded_at.is_(None))
        .values(superseded_at=now())
    )
    before = {"state": case.state, "outcome": case.outcome}
    put_outcome(session, case, None)
    after = {"state": case.state}
    where = {"queue_id": case.queue_id, "item_id": case.item_id}
    record(session, Action.CHANGED, SUBJECT, reason=reason, before=before, after=after, **where)


def locked_case(session: Session, case_id: int) -> AdjudicationCase:
    """Raises NotFound."""
    case = session.scalar(
        select(AdjudicationCase)
        .where(AdjudicationCase.id == case_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound(_("There is no such case."))
    return case
