"""By what the rows of each dataset are told apart, and which of their columns are compared.

A row becomes its key and its labels, without a text. Nested columns become flat ones, such as
`harm_category.Violence`, and lists are written out. Of a pair the response whose SHA-256 is the smaller one
comes first, so that its order in the file does not matter; `is_swapped`: there it was the other way round.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.releases.manifest import DatasetName, Split
from app.releases.rows.long_format import VALUES

KEY, SPLIT, IS_SWAPPED, CHOSEN = "key", "split", "is_swapped", "chosen"
FIRST, SECOND = "response_0", "response_1"
SIDES = frozenset({"better_response_id", "safer_response_id", CHOSEN})
"""Columns whose value is one side of the pair, 0 or 1."""

NOT_COMPARED = frozenset(
    {
        *("prompt", "response", "completion", "chosen", "rejected", FIRST, SECOND),
        *("sha256", "response_0_sha256", "response_1_sha256"),
        *("item", "responses", "dimension", "annotator", "answered_at", "displayed_order"),
        *("taxonomy_version", "guideline_version", "posterior"),
    }
)
"""Texts and keys; of judgements what tells who gave them, and when; and posteriors, since each new answer
moves those of all items of its annotator a little."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """`keys`: of a batch's rows, one array, or two for a pair; `told_by`: the columns that they need.

    `is_matched`: a row of the one release is found in the other by its key, so that it can have changed.
    `is_preference`: what was chosen stands first.
    """

    told_by: tuple[str, ...]
    keys: Callable[[pa.RecordBatch], list[pa.Array]]
    is_matched: bool = True
    is_preference: bool = False

    def needs(self, column: str) -> bool:
        return column in self.told_by or column not in NOT_COMPARED


def of_columns(*names: str) -> Shape:
    return Shape(names, lambda batch: [batch.column(name) for name in names])


def of_texts(*texts: tuple[str, ...], is_preference: bool = False) -> Shape:
    """Each key is the SHA-256 of some texts, one after the other."""
    names = tuple(dict.fromkeys(name for some in texts for name in some))
    return Shape(
        names,
        lambda batch: [checksums([plain_text(batch.column(name)) for name in some]) for some in texts],
        is_preference=is_preference,
    )


def item_and_dimension(batch: pa.RecordBatch) -> list[pa.Array]:
    return [pc.binary_join_element_wise(batch.column("item"), batch.column("dimension"), " ")]


PAIR = of_columns("response_0_sha256", "response_1_sha256")
PREFERENCE = of_texts(("prompt", "chosen"), ("prompt", "rejected"), is_preference=True)
JUDGED = ("item", "dimension")
SHAPES = {
    DatasetName.DUAL: PAIR,
    DatasetName.QA: of_columns("sha256"),
    DatasetName.BEAVERTAILS: of_texts(("prompt", "response")),
    DatasetName.SINGLE: PAIR,
    DatasetName.PROMPT: of_texts(("prompt",)),
    DatasetName.V0: of_texts(("prompt", FIRST), ("prompt", SECOND)),
    DatasetName.HELPFUL: PREFERENCE,
    DatasetName.HARMLESS: PREFERENCE,
    DatasetName.OVERALL: PREFERENCE,
    DatasetName.HELPFUL_CHAT: PREFERENCE,
    DatasetName.HARMLESS_CHAT: PREFERENCE,
    DatasetName.OVERALL_CHAT: PREFERENCE,
    DatasetName.UNPAIRED: of_texts(("prompt", "completion")),
    # Each release has pseudonyms of its own, so nobody's answer can be followed from one to the other.
    DatasetName.ANNOTATIONS: Shape(JUDGED, item_and_dimension, is_matched=False),
    DatasetName.CONSENSUS: Shape(JUDGED, item_and_dimension),
}


def keyed(shape: Shape, batch: pa.RecordBatch, split: Split) -> pa.Table:
    """The batch as keys and labels."""
    compared = [name for name in batch.schema.names if name not in NOT_COMPARED]
    labels = flat(pa.Table.from_batches([batch]).select(compared))
    labels = labels.append_column(SPLIT, pa.repeat(str(split), len(batch)))
    if shape.is_preference:
        labels = labels.append_column(CHOSEN, pa.repeat(0, len(batch)))
    keys = shape.keys(batch)
    if len(keys) == 1:
        return labels.append_column(KEY, keys[0])
    is_swapped = pc.greater(*keys)
    both = pc.binary_join_element_wise(pc.min_element_wise(*keys), pc.max_element_wise(*keys), " ")
    return in_order(labels, is_swapped).append_column(KEY, both).append_column(IS_SWAPPED, is_swapped)


def in_order(labels: pa.Table, is_swapped: pa.Array) -> pa.Table:
    """The sides of a pair changed, where it is swapped."""
    columns = {}
    for name in labels.column_names:
        other = pc.subtract(1, labels[name]) if name in SIDES else labels[other_side(name)]
        columns[name] = pc.if_else(is_swapped, other, labels[name])
    return pa.table(columns)


def as_in_file(row: Row, like: Row) -> Row:
    """The labels of a row of `in_order`, the sides as they were in the file of the row `like`."""
    is_swapped = like.get(IS_SWAPPED)
    if is_swapped is None:
        return row
    names = [name for name in row if name != IS_SWAPPED]
    if not is_swapped:
        return {name: row[name] for name in names}
    others = ((name, row[other_side(name)]) for name in names)
    return {name: 1 - value if name in SIDES and value is not None else value for name, value in others}


@cache
def other_side(name: str) -> str:
    if FIRST in name:
        return name.replace(FIRST, SECOND)
    return name.replace(SECOND, FIRST)


def flat(table: pa.Table) -> pa.Table:
    """Structs as columns of their own, lists written out."""
    while any(pa.types.is_struct(column.type) for column in table.schema):
        table = table.flatten()
    for place, column in enumerate(table.schema):
        if pa.types.is_list(column.type):
            table = table.set_column(place, column.name, written(table.column(place).combine_chunks()))
    return table


def written(lists: pa.Array) -> pa.Array:
    """Each list as one text; null for null."""
    is_of_pairs = pa.types.is_struct(lists.type.value_type)
    values = shares_written(lists.values) if is_of_pairs else lists.values.cast(pa.string())
    texts = pc.binary_join(pa.ListArray.from_arrays(lists.offsets, values), " ")
    return pc.if_else(lists.is_valid(), texts, None)


def shares_written(pairs: pa.StructArray) -> pa.Array:
    """Such as "0-1:0.5/0.25/0.25": the shares of answers that prefer response 0, response 1, neither."""
    of_pair = [pairs.field(name).cast(pa.string()) for name in ("first", "second")]
    shares = [pairs.field(f"{value}_share").cast(pa.string()) for value in VALUES]
    return pc.binary_join_element_wise(
        pc.binary_join_element_wise(*of_pair, "-"), pc.binary_join_element_wise(*shares, "/"), ":"
    )


def plain_text(column: pa.Array) -> pa.Array:
    """Of a conversation its messages, one after the other."""
    if not pa.types.is_list(column.type):
        return column
    return pc.binary_join(pa.ListArray.from_arrays(column.offsets, column.values.field("content")), "")


def checksums(texts: Sequence[pa.Array]) -> pa.Array:
    """SHA-256 in lower hex, as `app.releases.rows.pku.text_checksum`."""
    joined = pc.binary_join_element_wise(*texts, "").cast(pa.binary())
    return pa.array([sha256(text).hexdigest() for text in joined.to_pylist()], pa.string())
