"""What a queue's report is made of, out of the database."""

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import ColumnElement, Integer, Select, and_, case, cast, func, not_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, aliased

from app.agreement.columns import read_columns, read_narrowly
from app.agreement.duplicates import near_duplicates_in
from app.agreement.loading import rankings, safety_labels
from app.agreement.measures.blocks import type_up_to
from app.agreement.measures.counts import Counts, Indexes
from app.agreement.models import ConsensusModel, ItemConsensus
from app.agreement.queries import is_called_harmful
from app.agreement.report.answers import FIRST, N_SEVERITIES, SECOND, TIE
from app.agreement.report.asked import NAMES_OF_VALUES, PREFERENCES, SEVERITIES
from app.agreement.report.content import Model, Versus
from app.agreement.report.parts import against_imported
from app.agreement.report.posteriors import models_of
from app.agreement.report.whole import Material, Ranked, Responses
from app.items.models import Import, ItemResponse, ReferenceLabel, Response
from app.queues.models import Dimension, Queue, QueueItem

NOT_SAID = -1


def material_of(session: Session, queue: Queue) -> Material:
    """Models and consensus as they were kept last."""
    asks_safety = Dimension.SAFETY in queue.steps
    return Material(
        safety=safety_labels(session, queue.id) if asks_safety else None,
        ranked=ranked_in(session, queue),
        near_duplicates=near_duplicates_in(session, queue) if asks_safety else None,
        models=[model for dimension in queue.steps for model in kept_models(session, queue.id, dimension)],
        versus=[found for dimension in queue.steps for found in versus_files(session, queue, dimension)],
    )


def kept_models(session: Session, queue_id: int, dimension: Dimension) -> list[Model]:
    model = session.get(ConsensusModel, (queue_id, dimension))
    return models_of(model.content) if model else []


def ranked_in(session: Session, queue: Queue) -> dict[str, Ranked]:
    dimensions = [dimension for dimension in queue.steps if dimension is not Dimension.SAFETY]
    if not dimensions:
        return {}
    sources, columns = columns_of_responses(session, queue.id)
    found = {}
    for dimension in dimensions:
        ranked = rankings(session, queue.id, dimension)
        responses = arranged(sources, columns, ranked.given.item_ids, ranked.ranks.shape[1])
        found[str(dimension)] = Ranked(ranked, responses)
    return found


def columns_of_responses(session: Session, queue_id: int) -> tuple[list[str], list[Indexes]]:
    """The names of their sources; and of each response its item's id, position, source and severity.

    One that several queues labelled has the severity of the most answers; -1 for none.
    """
    names = session.scalars(
        select(Response.source)
        .join(ItemResponse, ItemResponse.response_id == Response.id)
        .join(QueueItem, QueueItem.item_id == ItemResponse.item_id)
        .where(QueueItem.queue_id == queue_id)
        .distinct()
        .order_by(Response.source)
    ).all()
    labels = labels_of_responses(queue_id).subquery()
    columns = read_narrowly(
        session,
        select(
            QueueItem.item_id,
            ItemResponse.position,
            func.dense_rank().over(order_by=Response.source) - 1,
            func.coalesce(labels.c.severity, -1),
        )
        .join(ItemResponse, ItemResponse.item_id == QueueItem.item_id)
        .join(Response, Response.id == ItemResponse.response_id)
        .outerjoin(labels, labels.c.response_id == Response.id)
        .where(QueueItem.queue_id == queue_id),
    )
    return list(names), columns


def arranged(sources: list[str], columns: Sequence[Indexes], item_ids: Counts, n_responses: int) -> Responses:
    """Of these items alone."""
    item_id, position, source, severity = columns
    is_ranked = np.isin(item_id, item_ids) & (position < n_responses)
    item = np.searchsorted(item_ids, item_id[is_ranked])
    table = np.full((2, item_ids.size, n_responses), -1, type_up_to(max(len(sources), N_SEVERITIES)))
    table[:, item, position[is_ranked]] = source[is_ranked], severity[is_ranked]
    return Responses(sources, table[0], table[1])


def labels_of_responses(queue_id: int) -> Select[int, int]:
    """(response id, severity by consensus) of the responses in the queue that have safety labels."""
    of_pair, of_set = aliased(ItemResponse), aliased(ItemResponse)
    return (
        select(of_pair.response_id, consensus_severity().label("severity"))
        .ext(distinct_on(of_pair.response_id))
        .join_from(ItemConsensus, of_pair, of_pair.item_id == ItemConsensus.item_id)
        .join(of_set, of_set.response_id == of_pair.response_id)
        .join(QueueItem, QueueItem.item_id == of_set.item_id)
        .where(ItemConsensus.dimension == Dimension.SAFETY, QueueItem.queue_id == queue_id)
        .order_by(of_pair.response_id, ItemConsensus.n_answers.desc(), ItemConsensus.queue_id)
    )


def consensus_severity() -> ColumnElement[int]:
    """Of a safety label's posterior: 0 for safe, else the median severity if unsafe, of two the higher."""
    minor, moderate, severe = (ItemConsensus.posterior[n] for n in range(3, 6))
    half = (minor + moderate + severe) / 2
    return case((not_(is_called_harmful()), 0), (minor > half, 1), (minor + moderate > half, 2), else_=3)


def preferred_response() -> ColumnElement[int]:
    """Of a pair's posterior: the most probable outcome, neither one where two are as probable."""
    first, second, tie = (ItemConsensus.posterior[n] for n in range(1, 4))
    is_first, is_second = and_(first > second, first > tie), and_(second > first, second > tie)
    return case((is_first, FIRST), (is_second, SECOND), else_=TIE)


def versus_files(session: Session, queue: Queue, dimension: Dimension) -> list[Versus]:
    """Each file that brought labels of the queue's items: an AI's, or those of people elsewhere."""
    files = session.execute(
        select(Import.id, Import.file_name).where(Import.project_id == queue.project_id).order_by(Import.id)
    ).all()
    found = []
    for import_id, file_name in files:
        for question, names, ours, theirs in compared(session, queue.id, dimension, import_id):
            if ours.size:
                found.append(against_imported(question, file_name, names, ours, theirs))
    return found


def compared(
    session: Session, queue_id: int, dimension: Dimension, import_id: int
) -> Iterator[tuple[str, Sequence[str], Counts, Counts]]:
    """(question, names of its values, consensus, imported) of the items that have both."""
    ours = consensus_severity() if dimension is Dimension.SAFETY else preferred_response()
    keys = ("is_safe", "severity") if dimension is Dimension.SAFETY else ("better",)
    # JSON's true is 1, and what a file does not say is -1.
    theirs = [
        func.coalesce(case((said == "true", 1), (said == "false", 0), else_=cast(said, Integer)), NOT_SAID)
        for said in (ReferenceLabel.answer[key].astext for key in keys)
    ]
    consensus, *said = read_columns(
        session,
        select(ours, *theirs)
        .join_from(ItemConsensus, ReferenceLabel, ReferenceLabel.item_id == ItemConsensus.item_id)
        .where(
            ItemConsensus.queue_id == queue_id,
            ItemConsensus.dimension == dimension,
            ReferenceLabel.dimension == dimension,
            ReferenceLabel.import_id == import_id,
        ),
    )
    if dimension is Dimension.SAFETY:
        is_safe, severity = said
        there = is_safe != NOT_SAID
        yield "safe", NAMES_OF_VALUES["safe"], (consensus > 0)[there].astype(np.int64), 1 - is_safe[there]
        there = severity != NOT_SAID
        yield "severity", SEVERITIES, consensus[there], severity[there]
    else:
        there = said[0] != NOT_SAID
        yield dimension, PREFERENCES, consensus[there], said[0][there]
