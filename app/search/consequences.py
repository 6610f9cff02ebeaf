"""What a change to many items would do, counted before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adjudication.models import AdjudicationCase, CaseState
from app.adjudication.queries import outcomes_to_promote
from app.assignments.models import Assignment
from app.gold.models import GoldItem
from app.i18n import gettext as _
from app.items.models import Item, ItemResponse
from app.queues.models import Queue, QueueItem
from app.search.changes import annotator_chosen, queue_chosen, responses_named, turns_to_change
from app.search.conditions import among
from app.search.forms import ChangeKind, Choice
from app.voids.queries import Preview, ids_of_answers_to, preview_of
from app.withdrawals.models import WithdrawalKind
from app.withdrawals.reach import items_with, standing


@dataclass(frozen=True, slots=True)
class Consequences:
    """Of the `n_items` that were chosen. `n_changed`: items; of a withdrawal responses, of a voiding answers.
    `facts`: what else is to be known, such as how many stay as they are, in words. `voided`: what a voiding
    does to labels."""

    n_items: int
    n_changed: int
    facts: dict[str, int]
    voided: Preview | None = None


def consequences(session: Session, project_id: int, choice: Choice, ids: Sequence[int]) -> Consequences:
    if choice.change is ChangeKind.WITHDRAWAL:
        return of_withdrawing(session, project_id, ids)
    queue = queue_chosen(session, project_id, choice)
    if choice.change is ChangeKind.VOIDING:
        return of_voiding(session, queue, choice, ids)
    if choice.change is ChangeKind.PRIORITY:
        return of_another_priority(session, queue, choice, ids)
    by_kind = {
        ChangeKind.QUEUE: of_adding,
        ChangeKind.ADJUDICATION: of_adjudicating,
        ChangeKind.GOLD: of_making_gold,
    }
    return by_kind[choice.change](session, queue, ids)


def of_adding(session: Session, queue: Queue, ids: Sequence[int]) -> Consequences:
    is_there = (
        select(QueueItem.item_id).where(QueueItem.queue_id == queue.id, QueueItem.item_id == Item.id).exists()
    )
    is_of_kind = Item.kind == queue.item_kind
    row = session.execute(
        select(
            func.count().filter(is_of_kind & ~is_there),
            func.count().filter(is_there),
            func.count().filter(~is_of_kind),
        ).where(Item.id == among(list(ids)))
    ).one()
    stays = {_("are in the queue already"): row[1], _("are of another kind than the queue's"): row[2]}
    return Consequences(len(ids), row[0], told(stays))


def of_adjudicating(session: Session, queue: Queue, ids: Sequence[int]) -> Consequences:
    case = (AdjudicationCase.queue_id == queue.id) & (AdjudicationCase.item_id == QueueItem.item_id)
    row = session.execute(
        select(
            func.count().filter(AdjudicationCase.state == CaseState.OPEN),
            func.count().filter(AdjudicationCase.state == CaseState.DECIDED),
            func.count(),
        )
        .select_from(QueueItem)
        .outerjoin(AdjudicationCase, case)
        .where(QueueItem.queue_id == queue.id, QueueItem.item_id == among(list(ids)))
    ).one()
    n_open, n_decided, n_there = row
    stays = {
        _("are with adjudicators already"): n_open,
        _("were decided by adjudicators"): n_decided,
        _("are not in the queue"): len(ids) - n_there,
    }
    return Consequences(len(ids), n_there - n_open - n_decided, told(stays))


def of_withdrawing(session: Session, project_id: int, ids: Sequence[int]) -> Consequences:
    named = responses_named(session, project_id, ids)
    n_withdrawn = session.scalars(standing(project_id, named)).one()
    responses = session.scalars(
        select(ItemResponse.response_id).where(ItemResponse.item_id == among(list(ids))).distinct()
    ).all()
    concerned = items_with(responses, WithdrawalKind.RESPONSE)
    n_concerned = session.scalars(select(func.count()).select_from(concerned)).one()
    n_responses = len(named.sha256s)
    facts = {
        _("Items with one of the responses"): n_concerned,
        _("responses are withdrawn already"): n_withdrawn,
    }
    return Consequences(len(ids), n_responses - n_withdrawn, told(facts))


def of_another_priority(session: Session, queue: Queue, choice: Choice, ids: Sequence[int]) -> Consequences:
    changing = (
        turns_to_change(queue, choice, ids)
        .order_by(None)
        .with_only_columns(func.count(), func.count().filter(QueueItem.is_open))
    )
    n_changed, n_open = session.execute(changing).one()
    n_there = n_in_queue(session, queue, ids)
    facts = {
        _("of them are asked for answers now"): n_open,
        _("have this priority already"): n_there - n_changed,
        _("are not in the queue"): len(ids) - n_there,
    }
    return Consequences(len(ids), n_changed, told(facts))


def of_making_gold(session: Session, queue: Queue, ids: Sequence[int]) -> Consequences:
    decided = outcomes_to_promote(queue.id, ids).order_by(None).with_only_columns(func.count())
    n_changed = session.scalars(decided).one()
    gold = select(func.count()).where(GoldItem.queue_id == queue.id, GoldItem.item_id == among(list(ids)))
    n_gold = session.scalars(gold).one()
    facts = {
        _("are gold items of the queue already"): n_gold,
        _("were not decided by adjudicators in this queue: send them there first"): len(ids)
        - n_changed
        - n_gold,
    }
    return Consequences(len(ids), n_changed, told(facts))


def of_voiding(session: Session, queue: Queue, choice: Choice, ids: Sequence[int]) -> Consequences:
    answers = ids_of_answers_to(session, queue.id, ids, annotator_chosen(session, choice))
    n_annotators, n_answered = session.execute(
        select(
            func.count(Assignment.annotator_id.distinct()), func.count(Assignment.item_id.distinct())
        ).where(Assignment.id == among(list(answers)))
    ).one()
    facts = {
        _("Annotators who gave these answers"): n_annotators,
        _("Items with such an answer"): n_answered,
        _("Items without one"): len(ids) - n_answered,
    }
    return Consequences(len(ids), len(answers), told(facts), preview_of(session, queue.id, answers))


def n_in_queue(session: Session, queue: Queue, ids: Sequence[int]) -> int:
    there = select(func.count()).where(QueueItem.queue_id == queue.id, QueueItem.item_id == among(list(ids)))
    return session.scalars(there).one()


def told(facts: dict[str, int]) -> dict[str, int]:
    return {words: n for words, n in facts.items() if n}
