"""The answers that a release's labels are made of, item by item and without names."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Row, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, distinct_on
from sqlalchemy.orm import Session

from app.agreement.models import ItemConsensus
from app.agreement.queries import ROWS_AT_ONCE, finished_answers
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.items.models import Item, ItemResponse, Prompt, Response
from app.queues.models import Dimension, Queue
from app.releases.dataset import split_of_digest
from app.releases.judgements import JudgedItem, Judgement
from app.releases.pseudonyms import pseudonym_of

AnyRow = Row[*tuple[Any, ...]]
Judged = tuple[int, list[Judgement]]


def judged_items(session: Session, project_id: int, salt: bytes) -> Iterator[JudgedItem]:
    """Each item that has all its annotations, by dimension and id; `salt`: of the annotators' pseudonyms."""
    for dimension in Dimension:
        judged = judgements_by_item(session, project_id, dimension, salt)
        while some := list(islice(judged, ROWS_AT_ONCE)):
            yield from with_keys(session, project_id, dimension, some)


def judgements_by_item(
    session: Session, project_id: int, dimension: Dimension, salt: bytes
) -> Iterator[Judged]:
    """By item; within it by pseudonym, as an order by person would be the same in every release."""
    rows = session.execute(
        finished_answers(project_id, dimension).add_columns(
            Assignment.annotator_id,
            Annotation.is_safe,
            Annotation.severity,
            Annotation.harm_categories,
            Annotation.verdict,
            Annotation.ranks,
            Annotation.displayed_order,
            Annotation.strength,
            Annotation.confidence,
            Annotation.taxonomy_version,
            Annotation.guideline_version,
            Annotation.created_at,
        ),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    for item_id, answers in groupby(rows, lambda row: int(row.item_id)):
        judgements = [judgement_of(row, salt) for row in answers]
        yield item_id, sorted(judgements, key=lambda judgement: judgement.annotator)


def judgement_of(row: AnyRow, salt: bytes) -> Judgement:
    answered_at: datetime = row.created_at
    return Judgement(
        annotator=pseudonym_of(salt, row.annotator_id),
        answered_at=answered_at.astimezone(UTC).isoformat(timespec="seconds"),
        taxonomy_version=row.taxonomy_version,
        guideline_version=row.guideline_version,
        confidence=row.confidence,
        is_safe=row.is_safe,
        severity=row.severity,
        harm_categories=None if row.harm_categories is None else frozenset(row.harm_categories),
        verdict=row.verdict,
        ranks=row.ranks and tuple(row.ranks),
        displayed_order=row.displayed_order and tuple(row.displayed_order),
        strength=row.strength,
    )


def with_keys(
    session: Session, project_id: int, dimension: Dimension, judged: Sequence[Judged]
) -> Iterator[JudgedItem]:
    item_ids = [item_id for item_id, _ in judged]
    keys = keys_of(session, item_ids)
    posteriors = posteriors_of(session, project_id, dimension, item_ids)
    for item_id, judgements in judged:
        prompt_sha256, responses = keys[item_id]
        posterior = posteriors.get(item_id)
        yield JudgedItem(
            dimension=dimension.value,
            split=split_of_digest(prompt_sha256),
            responses=tuple(responses),
            judgements=tuple(judgements),
            posterior=None if posterior is None else tuple(posterior),
        )


def keys_of(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[bytes, list[str]]]:
    """(SHA-256 of the prompt; of prompt and response, of each in the item's order) by item."""
    text = func.convert_to(Prompt.text + Response.text, "UTF8")
    key = func.encode(func.sha256(text), "hex")
    rows = session.execute(
        select(
            Item.id,
            Prompt.sha256,
            func.array_agg(aggregate_order_by(key, ItemResponse.position)).label("responses"),
        )
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(is_one_of(Item.id, item_ids))
        .group_by(Item.id, Prompt.sha256)
    )
    return {row.id: (row.sha256, row.responses) for row in rows}


def posteriors_of(
    session: Session, project_id: int, dimension: Dimension, item_ids: Sequence[int]
) -> dict[int, list[float]]:
    """As in `ItemConsensus`, by item; of several queues that of the most answers."""
    rows = session.execute(
        select(ItemConsensus.item_id, ItemConsensus.posterior)
        .ext(distinct_on(ItemConsensus.item_id))
        .join(Queue, Queue.id == ItemConsensus.queue_id)
        .where(
            Queue.project_id == project_id,
            ItemConsensus.dimension == dimension,
            is_one_of(ItemConsensus.item_id, item_ids),
        )
        .order_by(ItemConsensus.item_id, ItemConsensus.n_answers.desc(), ItemConsensus.queue_id)
    )
    return {row.item_id: row.posterior for row in rows}


def is_one_of(column: Any, item_ids: Sequence[int]) -> ColumnElement[bool]:
    """One parameter, however many there are."""
    return column == any_(literal(list(item_ids), ARRAY(BigInteger)))  # type: ignore[no-any-return]
