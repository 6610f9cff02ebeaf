"""The report of an import or a check: each rejected row and each warning, as CSV."""

import csv
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from app.settings import settings

COLUMNS = ("file", "line", "severity", "field", "reason", "outcome")
MOST_LISTED = 100_000


def imports_folder() -> Path:
    return settings().home / "imports"


def import_folder(import_id: int) -> Path:
    """Where an import's upload and report lie."""
    return imports_folder() / str(import_id)


def upload_path(import_id: int) -> Path:
    return import_folder(import_id) / "upload"


def report_path(import_id: int) -> Path:
    """The file is there once the import has ended, if there is anything to report."""
    return import_folder(import_id) / "report.csv"


class Outcome(StrEnum):
    """What becomes of a row; where a file is only checked, what would."""

    LEFT_OUT = "left out"
    IMPORTED = "imported"
    MERGED = "merged with what is there"


class InFile(NamedTuple):
    """What is read now. `name`: within a folder, else "". `unit`: what its numbers count, "line" or "row"."""

    name: str = ""
    unit: str = "line"

    def place(self, line: int) -> str:
        """Short: 12, or data/a.jsonl:12."""
        return f"{self.name}:{line}" if self.name else str(line)

    def where(self, line: int) -> str:
        """In words: on line 12, or on row 12 of data/a.parquet."""
        return f"on {self.unit} {line}" + (f" of {self.name}" if self.name else "")


class Report:
    """Counts what it is told, and lists the first MOST_LISTED. `first`: a sentence on the first error.

    `line`: the number of a row where the file has no lines. What is told waits until its rows are settled.
    """

    def __init__(self, file: TextIO, file_name: str) -> None:
        self._writer = csv.writer(file)
        self._writer.writerow(COLUMNS)
        self._import_name = self._file_name = file_name
        self.in_file = InFile()
        self._waiting: list[tuple[str, int, str, str, str, str]] = []
        self.n_errors = 0
        self.n_warnings = 0
        self.first = ""

    def now_in(self, name: str, unit: str) -> None:
        """What follows is about this file of a folder, "" where no folder was given."""
        self._file_name = f"{self._import_name}/{name}" if name else self._import_name
        self.in_file = InFile(name, unit)

    def error(self, line: int, field: str, reason: str) -> None:
        self.n_errors += 1
        what = f"{field} {reason}" if field else reason
        within = f"{self.in_file.name}, " if self.in_file.name else ""
        self.first = self.first or f"The first: {within}{self.in_file.unit} {line}: {what}."
        self._list(line, "error", field, reason, Outcome.LEFT_OUT)

    def warn(self, line: int, field: str, reason: str, outcome: Outcome = Outcome.IMPORTED) -> None:
        self.n_warnings += 1
        self._list(line, "warning", field, reason, outcome)

    def settle(self, outcomes: Mapping[int, Outcome]) -> None:
        """What has been told so far is written. `outcomes`: by line, what became of rows told as IMPORTED."""
        for file_name, line, severity, field, reason, outcome in self._waiting:
            settled = outcomes.get(line, outcome) if outcome == Outcome.IMPORTED else outcome
            self._writer.writerow((file_name, line, severity, field, reason, settled))
        self._waiting.clear()

    def _list(self, line: int, severity: str, field: str, reason: str, outcome: str) -> None:
        n_listed = self.n_errors + self.n_warnings
        if n_listed <= MOST_LISTED:
            self._waiting.append((self._file_name, line, severity, field, reason, outcome))
        elif n_listed == MOST_LISTED + 1:
            rest = f"only the first {MOST_LISTED:,} problems are listed"
            self._waiting.append((self._file_name, line, "warning", "", rest, ""))


@contextmanager
def report_of(import_id: int, file_name: str) -> Iterator[Report]:
    """Written beside its place and renamed in at the end, also when the import fails."""
    path = report_path(import_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        report = Report(file, file_name)
        try:
            yield report
        finally:
            report.settle({})
            file.close()
            if report.n_errors or report.n_warnings:
                os.replace(unfinished, path)
            else:
                unfinished.unlink()


def first_problems(import_id: int, most: int) -> list[dict[str, str]]:
    """By the names of COLUMNS; empty where there is no report. One from before a column came lacks it."""
    try:
        with report_path(import_id).open(encoding="utf-8", newline="") as file:
            return [dict.fromkeys(COLUMNS, "") | row for row in islice(csv.DictReader(file), most)]
    except FileNotFoundError:
        return []
