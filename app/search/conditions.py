"""Each filter as a condition on an item, looked up by itself: items are walked in their order, and the walk
ends with the page. `OFFSET 0` keeps PostgreSQL from making one large join of it, which would be computed
for all items first."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    TextClause,
    any_,
    cast,
    exists,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from app.adjudication.models import AdjudicationCase, CaseState
from app.agreement.models import ItemConsensus
from app.annotations.models import ItemPattern
from app.assignments.models import ANSWERED, Assignment, AssignmentStatus
from app.gold.models import GoldItem
from app.items.models import Item, ItemResponse, Prompt
from app.queues.models import Dimension, QueueItem
from app.search.forms import Disagreement, Status
from app.search.models import SearchDocument
from app.search.scope import Id, Scope, day_after
from app.withdrawals.models import Withdrawal, WithdrawalKind
from app.withdrawals.queries import STANDS

BIGINTS = ARRAY(BigInteger)
# Patterns are sorted: all answers are the same where the first and the last are, and the first is the least
# severe one.
LAST = "array_upper(item_pattern.answers, 1)"
DIFFER: ColumnElement[bool] = literal_column(
    f"item_pattern.answers[1:1] <> item_pattern.answers[{LAST}:{LAST}]"
)
SAFE_AND_HARMFUL: ColumnElement[bool] = literal_column(
    f"(item_pattern.answers[1][1] = 0 AND item_pattern.answers[{LAST}][1] > 0)"
)
SAYS = text("""(
    SELECT bool_or(answers[place][1] >= :least AND answers[place][2] & :mask <> 0)
    FROM generate_subscripts(item_pattern.answers, 1) AS place)""")
SEVERAL: ColumnElement[bool] = literal_column(f"{LAST} > 1")


def looked_up(found: Select[Any]) -> ColumnElement[bool]:
    return exists(found.offset(literal_column("0")))


def conditions(scope: Scope, item_id: Id) -> Iterator[ColumnElement[bool]]:
    filters = scope.filters
    yield from of_item(scope, item_id)
    if scope.tsquery:
        yield has_words(scope.tsquery, item_id)
    if filters.status is not None:
        yield has_status(scope, filters.status, item_id)
    elif filters.queue is not None:
        yield in_queue(scope, item_id)
    if filters.expects or filters.expects_severity:
        yield in_queue(scope, item_id, *expected(scope))
    if filters.says or filters.says_severity:
        yield in_pattern(scope.safety_queue_ids, item_id, says(scope), dimension=Dimension.SAFETY)
    if filters.disagreement is not None:
        yield from disagrees(scope, filters.disagreement, item_id)
    if filters.certainty_below is not None:
        yield looked_up(
            select(ItemConsensus.item_id).where(
                ItemConsensus.queue_id == among(scope.queue_ids),
                ItemConsensus.dimension.in_(list(Dimension)),
                ItemConsensus.item_id == item_id,
                ItemConsensus.certainty < filters.certainty_below / 100,
            )
        )
    if scope.is_about_answers and (scope.annotator_id or filters.answered_from or filters.answered_to):
        yield looked_up(answers(scope).where(Assignment.item_id == item_id))


def among(ids: list[int]) -> ColumnElement[Any]:
    return any_(literal(ids, type_=BIGINTS))


def of_item(scope: Scope, item_id: Id) -> Iterator[ColumnElement[bool]]:
    own = select(Item.id).where(Item.id == item_id, Item.project_id == scope.project_id)
    if scope.filters.kind is not None:
        own = own.where(Item.kind == scope.filters.kind)
    yield looked_up(own)
    if scope.spans is not None:
        yield or_(*(item_id.between(first, last) for first, last in scope.spans), literal(value=False))


def has_words(tsquery: str, item_id: Id) -> ColumnElement[bool]:
    """In the prompt and one of its responses."""
    return looked_up(
        select(SearchDocument.response_id)
        .join(ItemResponse, ItemResponse.response_id == SearchDocument.response_id)
        .where(ItemResponse.item_id == item_id, SearchDocument.words.op("@@")(cast(tsquery, TSQUERY)))
    )


def in_queue(scope: Scope, item_id: Id, *where: ColumnElement[bool]) -> ColumnElement[bool]:
    return looked_up(
        select(QueueItem.item_id).where(
            QueueItem.item_id == item_id, QueueItem.queue_id == among(scope.queue_ids), *where
        )
    )


def expected(scope: Scope) -> Iterator[ColumnElement[bool]]:
    filters = scope.filters
    if filters.expects:
        yield QueueItem.harm_mask.bitwise_and(scope.taxonomy.mask_of([filters.expects])) != 0
    if filters.expects_severity:
        yield QueueItem.severity_prior >= filters.expects_severity


def in_pattern(
    queue_ids: list[int],
    item_id: Id,
    *where: ColumnElement[bool] | TextClause,
    dimension: Dimension | None = None,
) -> ColumnElement[bool]:
    dimensions = list(Dimension) if dimension is None else [dimension]
    return looked_up(
        select(ItemPattern.item_id).where(
            ItemPattern.queue_id == among(queue_ids),
            ItemPattern.dimension.in_(dimensions),
            ItemPattern.item_id == item_id,
            *where,
        )
    )


def says(scope: Scope) -> TextClause:
    """Both of the same answer, whose first number is its severity and whose second its categories."""
    filters = scope.filters
    mask = scope.taxonomy.mask_of([filters.says]) if filters.says else ~0
    return SAYS.bindparams(least=filters.says_severity or 1, mask=mask)


def disagrees(scope: Scope, wanted: Disagreement, item_id: Id) -> Iterator[ColumnElement[bool]]:
    if wanted is Disagreement.SAFETY:
        yield in_pattern(scope.safety_queue_ids, item_id, SAFE_AND_HARMFUL, dimension=Dimension.SAFETY)
    elif wanted is Disagreement.ANY:
        yield in_pattern(scope.queue_ids, item_id, DIFFER)
    else:
        yield in_pattern(scope.queue_ids, item_id, SEVERAL)
        yield ~in_pattern(scope.queue_ids, item_id, DIFFER)


def answers(scope: Scope) -> Select[int]:
    """Items of the answers, by that annotator and of that time."""
    filters = scope.filters
    found = select(Assignment.item_id).where(
        Assignment.queue_id == among(scope.queue_ids), Assignment.status.in_(ANSWERED)
    )
    if scope.annotator_id is not None:
        found = found.where(Assignment.annotator_id == scope.annotator_id)
    if filters.answered_from is not None:
        found = found.where(Assignment.closed_at >= datetime.combine(filters.answered_from, time.min, UTC))
    if filters.answered_to is not None:
        found = found.where(Assignment.closed_at < day_after(filters.answered_to))
    return found


def has_status(scope: Scope, status: Status, item_id: Id) -> ColumnElement[bool]:
    if status is Status.OPEN:
        return in_queue(scope, item_id, QueueItem.is_open.is_(True))
    if status is Status.FINISHED:
        return in_queue(scope, item_id, QueueItem.overlap > 0, QueueItem.n_submitted >= QueueItem.overlap)
    if status is Status.IN_NO_QUEUE:
        return ~in_queue(scope, item_id)
    if status is Status.WITHDRAWN:
        return is_withdrawn(scope.project_id, item_id)
    found, column = with_status(scope, status)
    return looked_up(found.where(column == item_id))


def with_status(scope: Scope, status: Status) -> tuple[Select[int], Any]:
    """The items that have one of the statuses that few have, and the column of their ids."""
    ids = scope.queue_ids
    if status is Status.IN_WORK:
        is_leased = (Assignment.queue_id == among(ids), Assignment.status == AssignmentStatus.OPEN)
        return select(Assignment.item_id).where(*is_leased), Assignment.item_id
    if status is Status.HELD:
        is_held = (QueueItem.queue_id == among(ids), QueueItem.held_for.is_not(None))
        return select(QueueItem.item_id).where(*is_held), QueueItem.item_id
    if status is Status.GOLD:
        return select(GoldItem.item_id).where(GoldItem.queue_id == among(ids)), GoldItem.item_id
    state = CaseState.OPEN if status is Status.IN_ADJUDICATION else CaseState.DECIDED
    is_so = (AdjudicationCase.queue_id == among(ids), AdjudicationCase.state == state)
    return select(AdjudicationCase.item_id).where(*is_so), AdjudicationCase.item_id


def is_withdrawn(project_id: int, item_id: Id) -> ColumnElement[bool]:
    """Its prompt is, or one of its responses."""
    stands = (Withdrawal.project_id == project_id, STANDS)
    prompt = (
        select(Withdrawal.id)
        .join(Prompt, Prompt.sha256 == Withdrawal.sha256)
        .join(Item, Item.prompt_id == Prompt.id)
        .where(Item.id == item_id, Withdrawal.kind == WithdrawalKind.PROMPT, *stands)
    )
    response = (
        select(Withdrawal.id)
        .join(SearchDocument, SearchDocument.sha256 == Withdrawal.sha256)
        .join(ItemResponse, ItemResponse.response_id == SearchDocument.response_id)
        .where(ItemResponse.item_id == item_id, Withdrawal.kind == WithdrawalKind.RESPONSE, *stands)
    )
    return or_(looked_up(prompt), looked_up(response))
