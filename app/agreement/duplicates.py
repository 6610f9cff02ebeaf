"""QA pairs in nearly the same words, and whether they end with the same label."""

from collections.abc import Iterator

import numpy as np
from sqlalchemy import case, delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.orm import Session

from app.agreement.columns import read_columns
from app.agreement.hygiene.duplicate_labels import duplicate_consistency
from app.agreement.hygiene.near_duplicates import near_duplicate_groups
from app.agreement.measures.counts import Counts
from app.agreement.models import ItemConsensus, NearDuplicate, NearDuplicateSearch
from app.agreement.queries import is_called_harmful
from app.agreement.report.content import NearDuplicates
from app.agreement.report.figures import number
from app.items.models import Item, ItemKind, ItemResponse, Prompt, Response
from app.queues.models import Dimension, Queue

ROWS_AT_ONCE = 2000
MOST_GROUPS = 200


def search_near_duplicates(session: Session, project_id: int) -> int:
    """Find them among the project's QA pairs; nothing to do where there are no more pairs than last time.

    Returns how many pairs are in a group. Texts are streamed; a group holds prompt and response together.
    """
    of_project = (Item.project_id == project_id, Item.kind == ItemKind.QA_PAIR)
    n_items = session.scalars(select(func.count()).select_from(Item).where(*of_project)).one()
    last = session.get(NearDuplicateSearch, project_id, populate_existing=True)
    if last is not None and last.n_items == n_items:
        of_groups = select(func.count()).where(NearDuplicate.project_id == project_id)
        return session.scalars(of_groups).one()
    rows = session.execute(
        select(Item.id, Prompt.text, Response.text)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(*of_project)
        .order_by(Item.id),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    item_ids: list[int] = []

    def texts() -> Iterator[str]:
        for item_id, prompt, response in rows:
            item_ids.append(item_id)
            yield f"{prompt}\n{response}"

    first = near_duplicate_groups(texts())
    ids = np.array(item_ids, np.int64)
    is_in_group = (np.bincount(first, minlength=first.size) > 1)[first]
    keep_groups(session, project_id, n_items, ids[is_in_group], ids[first[is_in_group]])
    return int(is_in_group.sum())


def keep_groups(
    session: Session, project_id: int, n_items: int, item_ids: Counts, first_item_ids: Counts
) -> None:
    session.execute(delete(NearDuplicate).where(NearDuplicate.project_id == project_id))
    pairs = zip(item_ids.tolist(), first_item_ids.tolist(), strict=True)
    rows = [
        {"project_id": project_id, "item_id": item_id, "first_item_id": first_item_id}
        for item_id, first_item_id in pairs
    ]
    if rows:
        session.execute(insert(NearDuplicate), rows)
    values = {"n_items": n_items, "searched_at": func.now()}
    search = insert_or_update(NearDuplicateSearch).values(project_id=project_id, **values)
    session.execute(search.on_conflict_do_update(index_elements=["project_id"], set_=values))


def near_duplicates_in(session: Session, queue: Queue) -> NearDuplicates | None:
    """Of the queue's items with a consensus: safe or harmful. None where there are none."""
    is_harmful = case((is_called_harmful(), 1), else_=0)
    first, item, label = read_columns(
        session,
        select(NearDuplicate.first_item_id, NearDuplicate.item_id, is_harmful)
        .join(ItemConsensus, ItemConsensus.item_id == NearDuplicate.item_id)
        .where(
            NearDuplicate.project_id == queue.project_id,
            ItemConsensus.queue_id == queue.id,
            ItemConsensus.dimension == Dimension.SAFETY,
        )
        .order_by(NearDuplicate.item_id),
    )
    _, group = np.unique(first, return_inverse=True)
    found = duplicate_consistency(group, label)
    if not found.groups:
        return None
    return NearDuplicates(
        n_groups=len(found.groups),
        n_pairs=int(found.of_pairs.n),
        n_consistent=int(found.of_pairs.n_yes),
        share=number(found.of_pairs.share),
        lower=number(found.of_pairs.lower),
        upper=number(found.of_pairs.upper),
        groups=[item[one.texts].tolist() for one in found.groups if one.differ][:MOST_GROUPS],
    )
