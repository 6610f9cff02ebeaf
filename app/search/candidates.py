"""The smallest set of a project's items that is known to hold all that can fit."""

from sqlalchemy import (
    CompoundSelect,
    Select,
    cast,
    func,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from app.annotations.models import ItemPattern
from app.assignments.models import Assignment
from app.items.models import Item, ItemKind, ItemResponse, Prompt
from app.items.queries import n_items_by_kind
from app.queues.models import EXPECTS_HARM, Dimension, QueueItem, QueueKind, QueueMember
from app.queues.queries import progress_by_queue
from app.search.conditions import among, answers, with_status
from app.search.forms import Disagreement, Status
from app.search.models import SearchDocument
from app.search.scope import Scope
from app.withdrawals.models import Withdrawal, WithdrawalKind
from app.withdrawals.queries import STANDS

Ids = Select[int] | CompoundSelect[int]

FEW_RESPONSES = 5_000
"""Of responses with some words: more of them are dense enough to be met on a walk."""
FEW_ITEMS = 50_000
NOTHING = select(QueueItem.item_id).where(QueueItem.queue_id == 0)
FEW_STATUSES = (Status.IN_WORK, Status.HELD, Status.GOLD, Status.IN_ADJUDICATION, Status.SETTLED)


def few_candidates(session: Session, scope: Scope, n: int) -> Ids | None:
    """None where they are many; a walk that is to find `n` of them meets more on its way than a short one."""
    filters = scope.filters
    if scope.asked.item_id is not None:
        return select(Item.id.label("item_id")).where(Item.id == scope.asked.item_id)
    if scope.asked.sha256 is not None:
        return with_sha256(scope, scope.asked.sha256)
    if scope.n_with_words is not None and scope.n_with_words <= max(FEW_RESPONSES, 2 * n):
        return with_words(scope.tsquery)
    if filters.status in FEW_STATUSES and are_few(session, with_status(scope, filters.status)[0]):
        return with_status(scope, filters.status)[0]
    if filters.status is Status.WITHDRAWN and are_few(session, standing(scope), FEW_RESPONSES):
        return union(withdrawn_prompts(scope), withdrawn_responses(scope))
    if filters.status is Status.IN_NO_QUEUE and are_all_in_a_queue(session, scope):
        return NOTHING
    if scope.annotator_id is not None or filters.answered_from or filters.answered_to:
        of_people = answers(scope).where(Assignment.annotator_id.in_(members(scope)))
        return of_people if are_few(session, of_people) else None
    return None


def are_few(session: Session, found: Select[int], most: int = FEW_ITEMS) -> bool:
    counted = select(func.count()).select_from(found.limit(most + 1).subquery())
    return session.scalars(counted).one() <= most


def are_all_in_a_queue(session: Session, scope: Scope) -> bool:
    """Is there for each kind of item a queue that has as many as the project? To look for one in no queue
    would be a walk through all."""
    progress = progress_by_queue(session, scope.queue_ids)
    most = dict.fromkeys(ItemKind, 0)
    for queue in scope.queues:
        kind = QueueKind(queue.kind).item_kind
        most[kind] = max(most[kind], progress[queue.id].n_items + progress[queue.id].n_broken)
    return all(most[kind] >= n for kind, n in n_items_by_kind(session, scope.project_id).items())


def with_sha256(scope: Scope, sha256: bytes) -> Ids:
    """Of the item, of its prompt, or of one of its responses with the prompt."""
    own = select(Item.id.label("item_id")).where(Item.project_id == scope.project_id, Item.sha256 == sha256)
    prompts = (
        select(Item.id)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .where(Prompt.project_id == scope.project_id, Prompt.sha256 == sha256)
    )
    responses = of_documents().where(SearchDocument.sha256 == sha256)
    return union(own, prompts, responses)


def of_documents() -> Select[int]:
    return select(ItemResponse.item_id).join(
        SearchDocument, SearchDocument.response_id == ItemResponse.response_id
    )


def with_words(tsquery: str) -> Select[int]:
    return of_documents().where(SearchDocument.words.op("@@")(cast(tsquery, TSQUERY)))


def standing(scope: Scope) -> Select[int]:
    return select(Withdrawal.id).where(
        Withdrawal.project_id == scope.project_id, Withdrawal.kind != WithdrawalKind.ANNOTATOR, STANDS
    )


def withdrawn_prompts(scope: Scope) -> Select[int]:
    return (
        select(Item.id.label("item_id"))
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(Withdrawal, (Withdrawal.sha256 == Prompt.sha256) & (Withdrawal.kind == WithdrawalKind.PROMPT))
        .where(Withdrawal.project_id == scope.project_id, STANDS, Prompt.project_id == scope.project_id)
    )


def withdrawn_responses(scope: Scope) -> Select[int]:
    is_it = (Withdrawal.sha256 == SearchDocument.sha256) & (Withdrawal.kind == WithdrawalKind.RESPONSE)
    stands = of_documents().join(Withdrawal, is_it)
    return stands.where(Withdrawal.project_id == scope.project_id, STANDS)


def members(scope: Scope) -> Select[int]:
    """Also those who are members no more; or the one who is asked for."""
    found = select(QueueMember.annotator_id).where(QueueMember.queue_id == among(scope.queue_ids))
    if scope.annotator_id is not None:
        found = found.where(QueueMember.annotator_id == scope.annotator_id)
    return found


def everything(scope: Scope) -> list[Select[int]]:
    """In parts, each in the order of an index: so that a walk reads no more than it needs."""
    filters = scope.filters
    if scope.annotator_id is not None or filters.answered_from or filters.answered_to:
        # An item has several, and a step that is cut has as many items as it is long.
        return [
            select(Assignment.item_id).where(Assignment.queue_id == id_).distinct() for id_ in ids_of(scope)
        ]
    if scope.is_about_answers:
        of_safety = filters.says or filters.says_severity or filters.disagreement is Disagreement.SAFETY
        parts = [
            select(ItemPattern.item_id).where(
                ItemPattern.queue_id == queue.id, ItemPattern.dimension == dimension
            )
            for queue in scope.queues
            for dimension in queue.steps
            if dimension is Dimension.SAFETY or not of_safety
        ]
        return parts or [NOTHING]
    if filters.expects or filters.expects_severity:
        return [
            select(QueueItem.item_id).where(QueueItem.queue_id == id_, EXPECTS_HARM) for id_ in ids_of(scope)
        ]
    if filters.queue is not None:
        return [select(QueueItem.item_id).where(QueueItem.queue_id == id_) for id_ in ids_of(scope)]
    found = select(Item.id.label("item_id")).where(Item.project_id == scope.project_id)
    if scope.spans:
        first, last = min(scope.spans)[0], max(end for _, end in scope.spans)
        found = found.where(Item.id.between(first, last))
    return [found]


def ids_of(scope: Scope) -> list[int]:
    """There is none of the id 0."""
    return scope.queue_ids or [0]
