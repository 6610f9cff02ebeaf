"""The answers that a release's labels are made of, item by item and without names."""

from collections.abc import Collection, Sequence
from datetime import datetime
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
from app.releases.rows.judgements import JudgedItem, Judgement

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
    annotator_id, created_at, taxonomy, guideline, confidence, *said = row[1:]
    is_safe, severity, harm_categories, verdict, ranks, order, strength = said
    return Judgement(
        annotator=pseudonym_of(salt, annotator_id),
        answered_at=second_of(created_at),
        taxonomy_version=taxonomy,
        guideline_version=guideline,
        confidence=confidence,
        is_safe=is_safe,
        severity=severity,
        harm_categories=None if harm_categories is None else set_of(tuple(harm_categories)),
        verdict=verdict,
        ranks=ranks and tuple(ranks),
        displayed_order=order and tuple(order),
        strength=strength,
        is_withheld=annotator_id in withheld,
    )


def second_of(moment: datetime) -> str:
    """ISO 8601; told by PostgreSQL in UTC, as `db.engine` asks."""
    return moment.isoformat(timespec="seconds")


@lru_cache(maxsize=100_000)
def set_of(harm_categories: tuple[str, ...]) -> frozenset[str]:
    """One object for all answers that say the same."""
    return frozenset(harm_categories)


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
