"""Rows side by side, whatever their keys and labels, in one part or in many."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from app.differences import buckets
from app.differences.buckets import n_buckets_for, rows_of, spread
from app.differences.matching import Differing, differing_rows

Rows = list[tuple[str, int | None]]

KEYS = st.sampled_from(["00a", "3fb", "40c", "7fd", "80e", "fff"])
ROWS = st.lists(st.tuples(KEYS, st.sampled_from([0, 1, None])), max_size=12)


def compared(before: Rows, after: Rows, *, is_matched: bool, n_buckets: int) -> list[Differing]:
    with TemporaryDirectory() as place:
        folders = [Path(place, side) for side in ("before", "after")]
        for folder, rows in zip(folders, (before, after), strict=True):
            # Some rows at a time, as files are read.
            tables = [table(rows[start : start + 5]) for start in range(0, len(rows), 5)]
            assert spread(tables, folder, n_buckets) == len(rows)
        return [
            row
            for bucket in range(n_buckets)
            for row in differing_rows(*(rows_of(folder, bucket) for folder in folders), is_matched=is_matched)
        ]


def table(rows: Rows) -> pa.Table:
    keys, labels = [key for key, _ in rows], [label for _, label in rows]
    return pa.table({"key": pa.array(keys, pa.string()), "label": pa.array(labels, pa.int64())})


@settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, st.booleans(), st.sampled_from([1, 2, 5]))
def test_it_is_what_counting_by_hand_gives(
    before: Rows, after: Rows, is_matched: bool, n_buckets: int
) -> None:
    found = compared(before, after, is_matched=is_matched, n_buckets=n_buckets)
    gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
    assert Counter((row.key, row.before["label"]) for row in found if row.before) == gone
    assert Counter((row.key, row.after["label"]) for row in found if row.after) == come
    for key in {key for key, _ in (*before, *after)}:
        sides = [sum(n for (of, _), n in counted.items() if of == key) for counted in (gone, come)]
        n_changed = sum(row.key == key and None not in (row.before, row.after) for row in found)
        assert n_changed == (min(sides) if is_matched else 0)
    assert [row.key for row in found] == sorted(row.key for row in found)


def test_parts_are_no_larger_than_they_should_be() -> None:
    assert [n_buckets_for(n) for n in (0, 1, buckets.ROWS_A_BUCKET, buckets.ROWS_A_BUCKET + 1)] == [
        1,
        1,
        1,
        2,
    ]
    assert n_buckets_for(10**9) == 256
