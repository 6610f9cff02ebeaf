"""CSV and its relatives: a header, then a row a record, with a comma, semicolon or tab between fields.

Fields in quotes may hold line breaks; a record is known by the line it begins on. One that can't be read
is rejected alone, and reading goes on with the next line.
"""

import csv
import re
from collections.abc import Iterator
from io import BufferedReader, StringIO

from app.items.files.cells import columns_of, split_name
from app.items.files.lines import BOM, Line, lines_of
from app.items.files.records import LONGEST_LINE_BYTES, TOO_LONG, FileRefused, Problem, Record
from app.items.shapes import KNOWN_KEYS
from app.items.vocabularies import Vocabularies

DELIMITERS = ",;\t"
# Excel's own first line, which says what stands between the fields.
SEPARATOR_LINE = re.compile(r"\s*\"?sep=([,;\t])\"?\s*")
NAME = re.compile(r"[^{}\[\]\"<>]{1,100}")
# What the module says.
UNCLOSED = "unexpected end of data"
BARE_RETURN = "new-line character seen in unquoted field"
# The module knows one limit for all its readers, and texts of prompts are longer than the one it has.
csv.field_size_limit(LONGEST_LINE_BYTES)


class TooLong(Exception):
    """A record has no end within the most bytes of a line."""


def delimiter_of(start: bytes, vocabularies: Vocabularies) -> str | None:
    """`start`: of the file. None if that is no table's: its first line is no list of names."""
    text = start.removeprefix(BOM).decode(errors="replace").lstrip("\r\n")
    if said := SEPARATOR_LINE.fullmatch(text.split("\n", 1)[0]):
        return said[1]
    headers = {delimiter: first_row(text, delimiter) for delimiter in DELIMITERS}
    n_known = {delimiter: n_known_of(names, vocabularies) for delimiter, names in headers.items()}
    best = max(DELIMITERS, key=lambda delimiter: (n_known[delimiter], len(headers[delimiter])))
    names = headers[best]
    is_header = n_known[best] or (len(names) > 1 and all(NAME.fullmatch(name) for name in names if name))
    return best if is_header else None


def first_row(text: str, delimiter: str) -> list[str]:
    try:
        return [
            name.strip() for name in next(csv.reader(StringIO(text, newline=""), delimiter=delimiter), [])
        ]
    except csv.Error:
        return []


def n_known_of(names: list[str], vocabularies: Vocabularies) -> int:
    return sum(
        name in KNOWN_KEYS or bool(split_name(name, vocabularies, has_severity=False)[1]) for name in names
    )


class LineFeed:
    """Lines as text for a CSV reader, and what is to be known of those of one record.

    `first`: the number of its first line. `problem`: what is wrong with one of them.
    """

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self.first = self.last = 0
        self.n_bytes = 0
        self.problem = ""

    def begin(self) -> None:
        self.first = self.n_bytes = 0
        self.problem = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """Raises TooLong."""
        self.last, content = next(self._lines)
        self.first = self.first or self.last
        if content is None:
            self.problem = self.problem or f"the line {TOO_LONG}"
            return "\n"
        self.n_bytes += len(content)
        if self.n_bytes > LONGEST_LINE_BYTES:
            raise TooLong
        try:
            return content.decode()
        except UnicodeDecodeError as wrong:
            line = "the line" if self.last == self.first else f"line {self.last:,}"
            self.problem = self.problem or f"not valid UTF-8 at byte {wrong.start + 1} of {line}"
            return content.decode(errors="replace")


class Table:
    """The columns' names say what their cells are (`cells.py`). Rows without content are passed over."""

    share_read: float | None = None
    unit = "line"
    no_rows = "The file has no rows: there is a header alone."
    no_objects = "Not one row can be read."

    def __init__(self, stream: BufferedReader, delimiter: str, vocabularies: Vocabularies) -> None:
        self._feed = LineFeed(lines_of(stream))
        self._delimiter = delimiter
        self._vocabularies = vocabularies
        self._reader = csv.reader(self._feed, delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[Record]:
        names = self._header()
        columns = columns_of(names, self._vocabularies)
        for cells in self._rows():
            feed = self._feed
            if isinstance(cells, Problem):
                yield Record(feed.first, cells, feed.n_bytes)
                continue
            if len(cells) > len(names) and not any(cells[len(names) :]):
                del cells[len(names) :]
            if len(cells) == len(names):
                yield Record(feed.first, columns.object_of(cells), feed.n_bytes)
            else:
                reason = f"has {len(cells):,} fields; the header has {len(names):,}"
                yield Record(feed.first, Problem("", reason), feed.n_bytes)

    def _header(self) -> list[str]:
        for cells in self._rows():
            if isinstance(cells, Problem):
                raise FileRefused(f"The header can't be read: {cells.reason}.")
            if self._feed.first > 1 or not SEPARATOR_LINE.fullmatch(self._delimiter.join(cells)):
                return [name.strip() for name in cells]
        return []

    def _rows(self) -> Iterator[list[str] | Problem]:
        while True:
            self._feed.begin()
            cells: list[str] = []
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except (csv.Error, TooLong) as error:
                yield Problem("", self._feed.problem or self._why_not_csv(error))
                continue
            if self._feed.problem:
                yield Problem("", self._feed.problem)
            elif any(cell and not cell.isspace() for cell in cells):
                yield cells

    def _why_not_csv(self, error: Exception) -> str:
        if isinstance(error, TooLong):
            return f"the row {TOO_LONG}, or a quote in it is not closed; {self._left_out()}"
        if str(error) == UNCLOSED:
            return f"a quote is not closed; {self._left_out()}"
        if str(error).startswith(BARE_RETURN):
            return (
                "a carriage return stands in a field without quotes; put the field in quotes, or end the "
                "line with a line feed"
            )
        return f"not valid CSV: {error}"

    def _left_out(self) -> str:
        first, last = self._feed.first, self._feed.last
        return f"lines {first:,} to {last:,} are left out" if first < last else f"line {first:,} is left out"
