"""The labels that came with a file, kept with the items they belong to."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import orjson

from app.items.bulk import Packed, RowCursor, fetch, packed
from app.items.copy_rows import label_rows
from app.items.rows import Row, Safety

# As JSON with its keys in order, so that what is equal has the same bytes.
Answer = bytes
Label = tuple[int, str]


class Placed(NamedTuple):
    """A row's place in the tables. `item_ids`: a QA pair for each response, then the response set, if any."""

    line: int
    row: Row
    response_ids: list[int]
    item_ids: list[int]


class Relabelled(NamedTuple):
    """A label not kept: an earlier row of the same import gave this content another one."""

    line: int
    dimension: str


def place_labels(
    cursor: RowCursor,
    copies: list[Packed],
    import_id: int,
    rows: Sequence[Placed],
    old_items: list[int],
    orders: dict[int, list[int]],
) -> list[Relabelled]:
    """`old_items`: those that may have labels already. `orders`: item -> its responses' ids in its order."""
    query = (
        "SELECT item_id, dimension, answer FROM reference_label WHERE import_id = %s AND item_id = ANY(%b)"
    )
    kept: dict[Label, Answer] = {
        (item_id, dimension): json_of(answer)
        for item_id, dimension, answer in fetch(cursor, query, (import_id, old_items))
    }
    n_known = len(kept)
    relabelled = []
    for placed in rows:
        for label, answer in labels_of(placed, orders):
            if kept.setdefault(label, answer) != answer:
                relabelled.append(Relabelled(placed.line, label[1]))
    new = ((*label, answer) for label, answer in islice(kept.items(), n_known, None))
    copies.append(
        packed("reference_label (item_id, import_id, dimension, answer)", label_rows(import_id, new))
    )
    return relabelled


def labels_of(placed: Placed, orders: dict[int, list[int]]) -> Iterator[tuple[Label, Answer]]:
    row = placed.row
    for item_id, label in zip(placed.item_ids, row.safety, strict=False):
        yield (item_id, "safety"), safety_answer(label)
    set_id = placed.item_ids[-1]
    for dimension, preferred in row.preferences:
        yield (set_id, dimension), better_answer(orders[set_id].index(placed.response_ids[preferred]))


@lru_cache(maxsize=4096)
def safety_answer(label: Safety) -> Answer:
    answer: dict[str, object] = {"is_safe": label.is_safe}
    if label.harm_categories is not None:
        answer["harm_categories"] = list(label.harm_categories)
    if label.severity is not None:
        answer["severity"] = label.severity
    return json_of(answer)


@lru_cache(maxsize=64)
def better_answer(position: int) -> Answer:
    return json_of({"better": position})


def json_of(answer: dict[str, object]) -> Answer:
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)
