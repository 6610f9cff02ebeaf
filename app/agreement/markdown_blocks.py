"""Markdown blocks from plain values."""

import re
from collections.abc import Iterable, Sequence

Cell = str | int | float | bool | None

SIGNS = re.compile(r"([\\`*_\[\]<>|#~$&])")
NOTHING = "-"


def plain(text: str) -> str:
    """The text on one line, its signs escaped, so that it is shown as it is wherever it stands."""
    return SIGNS.sub(r"\\\1", " ".join(text.split()))


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def table(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Strings in `columns` and `rows` are Markdown already."""
    lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def share(n: int, total: int) -> str:
    return f"{100 * n / total:.1f} %" if total else NOTHING


def _cell(value: Cell) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if isinstance(value, float) else value
