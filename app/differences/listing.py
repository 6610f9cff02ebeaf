"""The file of all that differs between two releases: CSV, one field of a row or one whole row a line."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.differences.content import Listed

COLUMNS = ("dataset", "change", "key", "field", "before", "after")

ListRow = Callable[[str, Listed], None]
"""Takes the dataset's name, and what is to be listed of it."""


@contextmanager
def listing(path: Path | None) -> Iterator[ListRow]:
    """Without a path nothing is written. Values are JSON, so a spreadsheet takes none for a formula."""
    if path is None:
        yield lambda dataset, listed: None
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)

        def list_row(dataset: str, row: Listed) -> None:
            writer.writerow((dataset, row.change, row.key, row.field, row.before, row.after))

        yield list_row
