"""Rows of two releases side by side: which are in one alone, and which have other labels."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from app.differences.shapes import IS_SWAPPED, KEY, Row, as_in_file

ROWS_AT_ONCE = 1_000
N_MORE = "n_more"
"""How many more such rows the release before has than the one after."""


class Differing(NamedTuple):
    """Labels by field; None on the side of the release that lacks the row.

    The sides of a changed pair are numbered as in the release before.
    """

    key: str
    before: Row | None
    after: Row | None


def differing_rows(
    before: pa.Table | None, after: pa.Table | None, *, is_matched: bool
) -> Iterator[Differing]:
    """By key; rows that are the same in every field are left out.

    Where several rows have one key, those that are not the same are matched in the order of the files.
    """
    for key, rows in groupby(unlike_rows(before, after), lambda row: str(row.pop(KEY))):
        gone: list[Row] = []
        come: list[Row] = []
        for row in rows:
            n_more = row.pop(N_MORE)
            (gone if n_more > 0 else come).extend([row] * abs(n_more))
        n_matched = min(len(gone), len(come)) if is_matched else 0
        for old, new in zip(gone[:n_matched], come[:n_matched], strict=True):
            yield Differing(key, as_in_file(old, like=old), as_in_file(new, like=old))
        for row in gone[n_matched:]:
            yield Differing(key, as_in_file(row, like=row), None)
        for row in come[n_matched:]:
            yield Differing(key, None, as_in_file(row, like=row))


def unlike_rows(before: pa.Table | None, after: pa.Table | None) -> Iterator[Row]:
    """Each once, whichever release has more of it, with N_MORE; by key."""
    sides = [
        rows.append_column(N_MORE, pa.repeat(n, len(rows)))
        for rows, n in ((before, 1), (after, -1))
        if rows is not None
    ]
    if not sides:
        return
    both = pa.concat_tables(sides, promote_options="permissive")
    counted = [(N_MORE, "sum"), (IS_SWAPPED, "max")] if IS_SWAPPED in both.column_names else [(N_MORE, "sum")]
    labels = [name for name in both.column_names if name not in (N_MORE, IS_SWAPPED)]
    found = both.group_by(labels, use_threads=False).aggregate(counted)
    found = found.rename_columns([*labels, *(name for name, _ in counted)])
    found = found.filter(pc.not_equal(found[N_MORE], 0)).sort_by(KEY)
    for some in found.to_batches(max_chunksize=ROWS_AT_ONCE):
        yield from some.to_pylist()
