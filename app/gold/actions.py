"""Making gold items, scoring their answers, and deciding what is disputed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.actions import ACTOR, record
from app.audit.models import Action
from app.errors import Conflict, NotFound, Refused
from app.gold.forms import Afterwards, Decision, NewGold
from app.gold.models import (
    DisputeState,
    ExamAttempt,
    GoldItem,
    GoldPurpose,
    GoldResult,
    GoldSource,
    GoldState,
)
from app.gold.queries import answered_of, is_disputable
from app.gold.rot import Rot, rotten
from app.gold.scoring import is_right, scores_of
from app.i18n import gettext as _
from app.items.models import Item
from app.projects.queries import taxonomy_of
from app.projects.taxonomy import Taxonomy
from app.queues.actions import add_without_places
from app.queues.models import HeldFor, Queue, QueueItem, QueueKind

SUBJECT = "gold item"
DISPUTE = "gold dispute"

OF_ASSIGNMENT = text("SELECT queue_id, item_id, annotator_id FROM assignment WHERE id = :assignment_id")


def score_gold(session: Session, assignment_id: int, dimension: str, given: Mapping[str, Any]) -> None:
    """Keep how right the first answer of a step was; a later version of it changes nothing."""
    asked = session.execute(OF_ASSIGNMENT, {"assignment_id": assignment_id}).one()
    gold = session.get(GoldItem, (asked.queue_id, asked.item_id))
    if gold is None or dimension not in gold.answers:
        return
    expected = gold.answers[dimension]
    scores = scores_of(expected, given)
    attempt = select(ExamAttempt.id).where(
        ExamAttempt.queue_id == asked.queue_id,
        ExamAttempt.annotator_id == asked.annotator_id,
        ExamAttempt.ended_at.is_(None),
    )
    session.execute(
        insert(GoldResult)
        .values(
            assignment_id=assignment_id,
            dimension=dimension,
            queue_id=asked.queue_id,
            item_id=asked.item_id,
            annotator_id=asked.annotator_id,
            attempt_id=attempt.scalar_subquery(),
            expected=expected,
            scores=scores,
            is_right=is_right(scores),
        )
        .on_conflict_do_nothing()
    )


class GoldAlready(Conflict):
    pass


class GoldMovedOn(Conflict):
    """Someone else was faster, or the same was sent twice."""


class DisputeClosed(Conflict):
    pass


def make_gold(
    session: Session, queue_id: int, new: NewGold, source: GoldSource = GoldSource.MADE
) -> GoldItem:
    """An item of the queue's project becomes one whose answer is known.

    Where it has no place taken it is handed out as gold alone; else its places stay, and it goes on.
    Raises GoldAlready, or Refused for an item that the queue can't ask.
    """
    queue = session.get_one(Queue, queue_id)
    if not store_gold(session, queue, [new], source):
        raise GoldAlready(_("This item is a gold item of this queue already: change that one."))
    record(
        session,
        Action.CREATED,
        SUBJECT,
        project_id=queue.project_id,
        queue_id=queue_id,
        item_id=new.item_id,
        after={"answers": new.answers, "purpose": new.purpose, "source": source},
    )
    return session.get_one(GoldItem, (queue_id, new.item_id))


def promote(
    session: Session, queue_id: int, item_id: int, answers: dict[str, dict[str, Any]], explanation: str
) -> GoldItem:
    """What was settled about an item becomes its known answer. Raises GoldAlready."""
    new = NewGold(item_id=item_id, answers=answers, explanation=explanation, purpose=GoldPurpose.GOLD)
    return make_gold(session, queue_id, new, GoldSource.PROMOTED)


def promote_many(
    session: Session, queue_id: int, answers_by_item: Mapping[int, dict[str, dict[str, Any]]], reason: str
) -> int:
    """As `promote`, of those that are no gold items yet, with one entry in the audit log; how many."""
    if not answers_by_item:
        return 0
    queue = session.get_one(Queue, queue_id)
    news = [NewGold(item_id=item_id, answers=answers) for item_id, answers in answers_by_item.items()]
    made = store_gold(session, queue, news, GoldSource.PROMOTED)
    if made:
        record(
            session,
            Action.CREATED,
            SUBJECT,
            project_id=queue.project_id,
            queue_id=queue_id,
            reason=reason,
            after={"source": GoldSource.PROMOTED, "item_ids": sorted(made)},
        )
    return len(made)


def import_gold(session: Session, queue_id: int, news: Sequence[NewGold], file_name: str) -> None:
    """All or nothing. Raises GoldAlready where one of them is gold already."""
    queue = session.get_one(Queue, queue_id)
    if len(store_gold(session, queue, news, GoldSource.IMPORTED)) < len(news):
        raise GoldAlready(_("Some of these items have become gold items meanwhile. Send the file again."))
    record(
        session,
        Action.IMPORTED,
        SUBJECT,
        project_id=queue.project_id,
        queue_id=queue_id,
        after={"file": file_name, "item_ids": [new.item_id for new in news]},
    )


def store_gold(session: Session, queue: Queue, news: Sequence[NewGold], source: GoldSource) -> Sequence[int]:
    """Ids of those that were no gold items yet."""
    item_ids = sorted(new.item_id for new in news)
    refuse_strange_items(session, queue, item_ids)
    clear_places(session, queue.id, item_ids)
    made = session.scalars(
        insert(GoldItem)
        .values(
            [
                {
                    "queue_id": queue.id,
                    "item_id": new.item_id,
                    "answers": new.answers,
                    "explanation": new.explanation,
                    "purpose": new.purpose,
                    "source": source,
                    "created_by": session.info.get(ACTOR),
                }
                for new in news
            ]
        )
        .on_conflict_do_nothing()
        .returning(GoldItem.item_id)
    ).all()
    taxonomy = taxonomy_of(session, queue.project_id)
    for new in news:
        expect_harm(session, queue.id, taxonomy, new)
    return made


def refuse_strange_items(session: Session, queue: Queue, item_ids: Sequence[int]) -> None:
    """Raises Refused for what is not of the queue's project and kind."""
    kind = QueueKind(queue.kind).item_kind
    known = select(func.count()).where(
        Item.id.in_(item_ids), Item.project_id == queue.project_id, Item.kind == kind
    )
    if session.scalars(known).one() < len(item_ids):
        raise Refused(_("This queue can't ask such an item: choose one of its project, of its kind."))


def clear_places(session: Session, queue_id: int, item_ids: Sequence[int]) -> None:
    """Whatever nobody has a place of is handed out as gold alone.

    Locked in this order: the items that the queue has, then the queue, to add the others; what someone else
    adds in between is passed over where it is in use.
    """
    given = select(QueueItem.item_id).where(QueueItem.queue_id == queue_id, QueueItem.item_id.in_(item_ids))
    session.execute(given.order_by(QueueItem.item_id).with_for_update(key_share=True))
    lacking = set(item_ids).difference(session.scalars(given))
    if lacking:
        add_without_places(session, queue_id, lacking)
    unused = given.where(QueueItem.n_assigned == 0).with_for_update(key_share=True, skip_locked=True)
    session.execute(
        update(QueueItem)
        .where(QueueItem.queue_id == queue_id, QueueItem.item_id.in_(session.scalars(unused).all()))
        .values(overlap=0, held_for=func.nullif(QueueItem.held_for, HeldFor.SAFETY))
    )


def expect_harm(session: Session, queue_id: int, taxonomy: Taxonomy, new: NewGold) -> None:
    """What is known of the item is expected of it: nobody meets it who is not to be shown such harm."""
    safety = new.answers.get("safety")
    if safety is None or safety["is_safe"]:
        return
    session.execute(
        update(QueueItem)
        .where(QueueItem.queue_id == queue_id, QueueItem.item_id == new.item_id)
        .values(
            harm_mask=QueueItem.harm_mask.bitwise_or(taxonomy.mask_of(safety["harm_categories"])),
            severity_prior=func.greatest(QueueItem.severity_prior, safety["severity"]),
        )
    )


def change_gold(session: Session, queue_id: int, new: NewGold) -> None:
    """Results that are there keep the answer that was expected of them. Raises GoldMovedOn, NotFound."""
    gold = locked_gold(session, queue_id, new.item_id)
    if gold.state == GoldState.RETIRED:
        raise GoldMovedOn(_("This gold item is retired: it can't be changed any more."))
    changed = {"answers": new.answers, "explanation": new.explanation, "purpose": new.purpose.value}
    before = {name: getattr(gold, name) for name in changed}
    if before == changed:
        return
    for name, value in changed.items():
        setattr(gold, name, value)
    session.flush()
    project_id = session.get_one(Queue, queue_id).project_id
    expect_harm(session, queue_id, taxonomy_of(session, project_id), new)
    record_change(session, Action.CHANGED, gold, before=before, after=changed)


def locked_gold(session: Session, queue_id: int, item_id: int) -> GoldItem:
    gold = session.get(GoldItem, (queue_id, item_id), with_for_update=True, populate_existing=True)
    if gold is None:
        raise NotFound(_("There is no such gold item."))
    return gold


def retire_gold(session: Session, queue_id: int, item_id: int, reason: str) -> None:
    """It is asked never again. Raises GoldMovedOn, NotFound."""
    gold = locked_gold(session, queue_id, item_id)
    if gold.state == GoldState.RETIRED:
        raise GoldMovedOn(_("This gold item is retired already."))
    set_state(session, gold, GoldState.RETIRED, Action.CHANGED, reason)


def resume_gold(session: Session, queue_id: int, item_id: int, reason: str) -> None:
    """A suspended one is asked again. Raises GoldMovedOn, NotFound."""
    gold = locked_gold(session, queue_id, item_id)
    if gold.state != GoldState.SUSPENDED:
        raise GoldMovedOn(_("This gold item is not suspended any more."))
    set_state(session, gold, GoldState.ACTIVE, Action.RESUMED, reason)


def suspend_rotten(session: Session, queue_id: int) -> list[Rot]:
    """Suspend the queue's gold items that good annotators keep failing."""
    found = []
    for rot in rotten(answered_of(session, queue_id)):
        gold = locked_gold(session, queue_id, rot.item_id)
        if gold.state == GoldState.ACTIVE:
            set_state(session, gold, GoldState.SUSPENDED, Action.SUSPENDED, reason_of(rot))
            found.append(rot)
    return found


def reason_of(rot: Rot) -> str:
    """In English, since it is stored."""
    return (
        f"{rot.n - rot.n_right} of {rot.n} answers by annotators who are good on the other gold items were"
        f" wrong: it is answered right in at most {rot.upper:.0%}, they are expected to reach"
        f" {rot.expected:.0%}."
    )


def set_state(session: Session, gold: GoldItem, state: GoldState, action: Action, reason: str) -> None:
    before = {"state": gold.state}
    gold.state = state
    gold.suspended_for = reason if state is GoldState.SUSPENDED else None
    session.flush()
    record_change(session, action, gold, reason=reason, before=before, after={"state": state.value})


def record_change(session: Session, action: Action, gold: GoldItem, **what: Any) -> None:
    record(session, action, SUBJECT, queue_id=gold.queue_id, item_id=gold.item_id, **what)


def dispute_result(
    session: Session, assignment_id: int, dimension: str, annotator_id: int, reason: str
) -> None:
    """Once a result. Raises NotFound for what this annotator is not shown, DisputeClosed."""
    if not is_disputable(session, assignment_id, dimension, annotator_id):
        raise NotFound(_("There is no such result of yours."))
    disputed = session.scalar(
        update(GoldResult)
        .where(
            GoldResult.assignment_id == assignment_id,
            GoldResult.dimension == dimension,
            GoldResult.dispute_state.is_(None),
        )
        .values(dispute_state=DisputeState.OPEN, dispute_reason=reason, disputed_at=func.now())
        .returning(GoldResult.assignment_id)
    )
    if disputed is None:
        raise DisputeClosed(_("You have disputed this result already. An admin's decision appears here."))


def decide_dispute(
    session: Session, queue_id: int, assignment_id: int, dimension: str, decision: Decision
) -> int:
    """The item's id. A result whose dispute is upheld leaves every count. Raises DisputeClosed."""
    decided = session.execute(
        update(GoldResult)
        .where(
            GoldResult.queue_id == queue_id,
            GoldResult.assignment_id == assignment_id,
            GoldResult.dimension == dimension,
            GoldResult.dispute_state == DisputeState.OPEN,
        )
        .values(
            dispute_state=decision.state,
            decided_by=session.info.get(ACTOR),
            decided_at=func.now(),
            decision_reason=decision.reason,
        )
        .returning(GoldResult.item_id, GoldResult.annotator_id)
    ).one_or_none()
    if decided is None:
        raise DisputeClosed(_("This dispute is not open any more: someone has decided it."))
    item_id: int = decided.item_id
    record(
        session,
        Action.DECIDED,
        DISPUTE,
        queue_id=queue_id,
        item_id=item_id,
        user_id=decided.annotator_id,
        reason=decision.reason,
        before={"state": DisputeState.OPEN},
        after={"state": decision.state, "assignment_id": assignment_id, "dimension": dimension},
    )
    gold = locked_gold(session, queue_id, item_id)
    if decision.afterwards is Afterwards.RETIRE and gold.state != GoldState.RETIRED:
        set_state(session, gold, GoldState.RETIRED, Action.CHANGED, decision.reason)
    return item_id
