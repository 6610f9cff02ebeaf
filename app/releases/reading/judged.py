"""The answers that a release's labels are made of, item by item and without names."""

from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain, groupby
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.agreement.models import ItemConsensus
from app.agreement.queries import ROWS_AT_ONCE, Ids, finished_answers
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.db import streamed
from app.queues.models import Dimension, Queue
from app.releases.files.dataset import split_of
from app.releases.filters import answer_conditions
from app.releases.pseudonyms import pseudonym_of
from app.releases.reading.texts import ReleasedItem
from app.releases.rows.filters import ALL_WANTED, Wanted
from app.releases.rows.judgements import JudgedItem, Judgement, Said

Judged = dict[int, JudgedItem]


def judged_items(
    session: Session,
    project_id: int,
    dimension: Dimension,
    items: Sequence[ReleasedItem],
    salt: bytes,
    wanted: Wanted = ALL_WANTED,
) -> Judged:
    """By id, those of `items` that have all their annotations, with those of them that are wanted. `items`:
    one or more of a project and kind, in the order of ids and with none left out between them; `salt`: of the
    annotators' pseudonyms."""
    ids = Ids(items[0].id, items[-1].id)
    judgements = judgements_by_item(session, project_id, dimension, ids, salt, wanted)
    # Posteriors are of all answers, so of some of them there are none.
    has_posteriors = bool(judgements) and not wanted.filters.restrict_answers
    posteriors = posteriors_of(session, project_id, dimension, ids) if has_posteriors else {}
    return {
        item.id: JudgedItem(
            dimension=dimension.value,
            split=split_of(item.prompt),
            responses=item.checksums,
            judgements=tuple(judgements[item.id]),
            posterior=posteriors.get(item.id),
        )
        for item in items
        if item.id in judgements
    }


def judgements_by_item(
    session: Session, project_id: int, dimension: Dimension, items: Ids, salt: bytes, wanted: Wanted
) -> dict[int, list[Judgement]]:
    """Within an item by pseudonym, as an order by person would be the same in every release."""
    answers = (
        finished_answers(project_id, dimension, items)
        .where(*answer_conditions(wanted.filters))
        .add_columns(
            Assignment.annotator_id,
            Annotation.created_at,
            Annotation.taxonomy_version,
            Annotation.guideline_version,
            Annotation.confidence,
            Annotation.is_safe,
            Annotation.severity,
            Annotation.harm_categories,
            Annotation.verdict,
            Annotation.ranks,
            Annotation.displayed_order,
            Annotation.strength,
        )
    )
    rows = chain.from_iterable(streamed(session, answers, ROWS_AT_ONCE))
    found = {}
    for item_id, given in groupby(rows, itemgetter(0)):
        judgements = [judgement_of(row, salt, wanted.withdrawn.annotators) for row in given]
        judgements.sort(key=attrgetter("annotator"))
        found[item_id] = judgements
    return found


def judgement_of(row: tuple[Any, ...], salt: bytes, withheld: Collection[int]) -> Judgement:
    """`row`: as `judgements_by_item` asks for it.
    `withheld`: the annotators whose single answers are not published."""
    _, annotator_id, answered_at, *plain, harm_categories, verdict, ranks, order, strength = row
    said = said_of(
        *plain,
        None if harm_categories is None else tuple(harm_categories),
        verdict,
        ranks and tuple(ranks),
        order and tuple(order),
        strength,
    )
    # ISO 8601; told by PostgreSQL in UTC, as `db.engine` asks.
    second = answered_at.isoformat(timespec="seconds")
    return Judgement(pseudonym_of(salt, annotator_id), second, said, annotator_id in withheld)


@lru_cache(maxsize=10_000)
def said_of(
    taxonomy_version: str,
    guideline_version: int | None,
    confidence: int | None,
    is_safe: bool | None,
    severity: int | None,
    harm_categories: tuple[str, ...] | None,
    *ranking: Any,
) -> Said:
    """One object for all answers that say the same."""
    ticked = None if harm_categories is None else frozenset(harm_categories)
    label = (is_safe, severity, ticked)
    return Said(taxonomy_version, guideline_version, confidence, *label, *ranking)


def posteriors_of(
    session: Session, project_id: int, dimension: Dimension, items: Ids
) -> dict[int, tuple[float, ...]]:
    """As in `ItemConsensus`, by item; of several queues that of the most answers."""
    kept = (
        select(ItemConsensus.item_id, ItemConsensus.posterior)
        .ext(distinct_on(ItemConsensus.item_id))
        .join(Queue, Queue.id == ItemConsensus.queue_id)
        .where(
            Queue.project_id == project_id,
            ItemConsensus.dimension == dimension,
            ItemConsensus.item_id.between(*items),
        )
        .order_by(ItemConsensus.item_id, ItemConsensus.n_answers.desc(), ItemConsensus.queue_id)
    )
    rows = chain.from_iterable(streamed(session, kept, ROWS_AT_ONCE))
    return {item_id: tuple(posterior) for item_id, posterior in rows}
