"""Compares two releases, dataset by dataset.

Rows are spread over temporary files by their key and compared part by part, so that memory does not grow with
the releases.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from app.differences.buckets import n_buckets_for, rows_of, spread
from app.differences.content import AgreementDifference, DatasetDifference, Difference, Side
from app.differences.counting import Counting
from app.differences.listing import ListRow, listing
from app.differences.matching import differing_rows
from app.differences.shapes import SHAPES, keyed
from app.differences.sources import Source, ToldFigure
from app.releases.manifest import DatasetName

OF_ONE_CATEGORY = "category: "


def compare_releases(
    before: Source, after: Source, list_path: Path | None = None, aside: Path | None = None
) -> Difference:
    """`list_path`: where all that differs is listed. `aside`: a folder for temporary files, about as large as
    the labels of the largest dataset in both releases; the system's where left out.

    Raises ReleaseUnreadable.
    """
    with listing(list_path) as list_row:
        return Difference(
            before=side_of(before),
            after=side_of(after),
            datasets=[
                compared(name, before, after, aside, list_row)
                for name in DatasetName
                if name in before.datasets or name in after.datasets
            ],
            agreement=compared_agreement(before, after),
        )


def compared(
    name: DatasetName, before: Source, after: Source, aside: Path | None, list_row: ListRow
) -> DatasetDifference:
    is_matched = SHAPES[name].is_matched
    counting = Counting(name, list_row)
    n_buckets = n_buckets_for(max(n_rows_told(before, name), n_rows_told(after, name)))
    with TemporaryDirectory(dir=aside) as place:
        folders = [Path(place, side) for side in ("before", "after")]
        n_before, n_after = (
            spread(labels_in(source, name), folder, n_buckets)
            for source, folder in zip((before, after), folders, strict=True)
        )
        for bucket in range(n_buckets):
            sides = (rows_of(folder, bucket) for folder in folders)
            for row in differing_rows(*sides, is_matched=is_matched):
                counting.count(row)
    return counting.difference(n_before, n_after, is_matched=is_matched)


def n_rows_told(source: Source, name: DatasetName) -> int:
    return source.datasets[name].n_rows if name in source.datasets else 0


def labels_in(source: Source, name: DatasetName) -> Iterator[pa.Table]:
    if name in source.datasets:
        shape = SHAPES[name]
        for split, batch in source.batches(source.datasets[name], shape.needs):
            yield keyed(shape, batch, split)


def compared_agreement(before: Source, after: Source) -> list[AgreementDifference]:
    """Of each queue that is in one of the two, but for single harm categories."""
    old, new = figures_of(before), figures_of(after)
    return [
        AgreementDifference(
            *asked,
            *(figures[asked].alpha if asked in figures else None for figures in (old, new)),
            *(figures[asked].ac1 if asked in figures else None for figures in (old, new)),
        )
        for asked in (old | new)
    ]


def figures_of(source: Source) -> dict[tuple[str, str], ToldFigure]:
    """By queue and question."""
    return {
        (told.queue, figure.question): figure
        for told in source.facts.agreement
        for figure in told.report.figures
        if not figure.question.startswith(OF_ONE_CATEGORY)
    }


def side_of(source: Source) -> Side:
    facts = source.facts
    return Side(facts.project, facts.number, facts.as_of, facts.code_version, facts.taxonomy_version)
