"""Answers on their way into the tables: their items are stored, they themselves wait in a table of the
transaction's own until the file is read, so that memory stays bounded."""

from collections.abc import Sequence
from hashlib import sha256

from app.answer_files.intake import OnLine
from app.items.bulk import Packed, RowCursor, copy_in, copy_packed
from app.items.merge import (
    ItemKey,
    item_keys,
    known_content,
    n_response_sets,
    place_items,
    place_prompts,
    place_responses,
    response_orders,
)
from app.projects.taxonomy import Taxonomy
from app.queues.models import Dimension

# The rankings stand under the names of their dimensions.
CREATE = b"""
    CREATE TEMPORARY TABLE staged_answer (
        line int, item_id bigint, annotator_id bigint,
        severity smallint, harm_categories text[], harm_mask int,
        helpfulness smallint[], harmlessness smallint[], single smallint[], displayed_order smallint[],
        confidence smallint, answered_at timestamptz,
        verdict text, strength smallint, taxonomy_version text, guideline_version int, active_ms int
    ) ON COMMIT DROP
"""
TARGET = (
    "staged_answer (line, item_id, annotator_id, severity, harm_categories, harm_mask,"
    " helpfulness, harmlessness, single, displayed_order, confidence, answered_at,"
    " verdict, strength, taxonomy_version, guideline_version, active_ms)"
)
TYPES = (
    *("int4", "int8", "int8", "int2", "text[]", "int4"),
    *("int2[]", "int2[]", "int2[]", "int2[]", "int2", "timestamptz"),
    *("text", "int2", "text", "int4", "int4"),
)
RANKED = (Dimension.HELPFULNESS, Dimension.HARMLESSNESS, Dimension.SINGLE)


class ItemNames:
    """Which of the file's own names each content has.

    The first one is the content itself, so that an item that is here already is met again; another name with
    the same texts is another item, since the file says so.
    """

    def __init__(self) -> None:
        self._first: dict[bytes, str] = {}

    def key(self, content: ItemKey, name: str) -> ItemKey:
        kind, digest = content
        if not name or self._first.setdefault(digest, name) == name:
            return content
        return kind, sha256(digest + name.encode()).digest()


def create_staging(cursor: RowCursor) -> None:
    cursor.execute(CREATE)


def drop_staging(cursor: RowCursor) -> None:
    cursor.execute(b"DROP TABLE staged_answer")


def stage(
    cursor: RowCursor,
    project_id: int,
    batch: Sequence[OnLine],
    names: ItemNames,
    annotator_ids: dict[str, int],
    taxonomy: Taxonomy,
) -> tuple[int, int]:
    """How many QA pairs and response sets are new. `annotator_ids`: by the file's name of each; `taxonomy`:
    the project's."""
    rows = [given.row for _, given in batch]
    copies: list[Packed] = []
    known = known_content(cursor, project_id, rows)
    prompts = place_prompts(cursor, copies, project_id, rows, known.prompts)
    response_ids = place_responses(cursor, copies, prompts, rows, known)
    keys = [item_keys(row) for row in rows]
    for row_keys, (_, given) in zip(keys, batch, strict=True):
        row_keys[-1] = names.key(row_keys[-1], given.item)
    items = place_items(cursor, copies, project_id, prompts, response_ids, keys)
    orders = response_orders(cursor, items)
    copy_packed(cursor, copies)
    item_ids = [items.ids[row_keys[-1]] for row_keys in keys]
    copy_in(
        cursor,
        TARGET,
        TYPES,
        (
            staged(
                each,
                item_id,
                annotator_ids[each.given.annotator],
                [orders[item_id].index(r) for r in ids],
                taxonomy,
            )
            for each, item_id, ids in zip(batch, item_ids, response_ids, strict=True)
        ),
    )
    n_new_sets = n_response_sets(items)
    return len(items.new) - n_new_sets, n_new_sets


def staged(
    each: OnLine, item_id: int, annotator_id: int, positions: list[int], taxonomy: Taxonomy
) -> list[object]:
    """`positions[i]`: where the row's i-th response stands in the item."""
    given, beside = each.given, each.given.circumstances
    ranks = [in_item_order(given.ranks.get(dimension), positions) for dimension in RANKED]
    shown = positions if beside.displayed_order is None else [positions[i] for i in beside.displayed_order]
    names = given.harm_categories
    label = [given.severity, names, None if names is None else taxonomy.mask_of(names)]
    return [
        *(each.line, item_id, annotator_id, *label, *ranks, shown if given.ranks else None),
        *(given.confidence, given.answered_at),
        *(beside.verdict, beside.strength, beside.taxonomy_version, beside.guideline_version),
        given.active_ms,
    ]


def in_item_order(ranks: list[int] | None, positions: list[int]) -> list[int] | None:
    if ranks is None:
        return None
    rank_at = dict(zip(positions, ranks, strict=True))
    return [rank_at[position] for position in range(len(ranks))]
