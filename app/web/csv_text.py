"""Lines of CSV (RFC 4180) that a spreadsheet shows as they are."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

# A spreadsheet would take a cell that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_line(values: Sequence[object]) -> str:
    """With its line break. Nothing for None; times in UTC; text that looks like a formula is quoted by '."""
    line = io.StringIO()
    csv.writer(line).writerow([plain(value) for value in values])
    return line.getvalue()


def plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
