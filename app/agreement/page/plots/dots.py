"""A dot with its interval in each row; beside it a share as a bar, and how many it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.agreement.page.plots.scale import MOST_STEPS, Scale, Words, axis_over, percent, widest
from app.web.minus import with_minus

ROW, HEAD, FOOT, GAP = 24, 46, 28, 16
BAR_WIDTH, NUMBER_WIDTH = 100, 56
BASE_LINE = 4.5
# So that two numbers below the axis do not touch.
TICK_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Measured:
    """One row. `second`: another measure of the same; `share`: drawn as a bar; `note`: stands in place of the
    dot where there is no value, else at the end of the row; `is_faint`: few answers, so it tells little."""

    label: str
    value: float | None
    lower: float | None = None
    upper: float | None = None
    second: float | None = None
    share: float | None = None
    n: str = ""
    note: str = ""
    title: str = ""
    is_faint: bool = False


@dataclass(frozen=True, slots=True)
class Heads:
    """Words above the columns. Without words for the share or the number there is no such column."""

    value: str
    second: str = ""
    share: str = ""
    n: str = ""


@dataclass(frozen=True, slots=True)
class DotRow:
    """`dot`, `second`: places, None where undefined. `whisker`: from and to. `bar`: its length."""

    y: float
    dot: float | None
    second: float | None
    whisker: tuple[float, float] | None
    bar: float | None
    words: list[Words]
    note: Words | None
    title: str
    is_faint: bool


@dataclass(frozen=True, slots=True)
class DotPlot:
    """`guides`: values that are drawn as lines with their words."""

    kind = "dots"
    title: str
    description: str
    width: float
    height: float
    axis_top: float
    axis_bottom: float
    ticks: list[Words]
    guides: list[Words]
    heads: list[Words]
    legend: list[tuple[str, Words]]
    rows: list[DotRow]
    bar_x: float
    whole_bar: float


def dot_plot(
    title: str,
    description: str,
    measured: Sequence[Measured],
    heads: Heads,
    *,
    low: float = 0,
    high: float = 1,
    guides: Sequence[tuple[float, str]] = (),
    axis_width: float = 260,
    as_percent: bool = False,
) -> DotPlot:
    """`low`, `high`: what the axis shows at least; rows that tell little do not make it longer. `guides`:
    value and words. `as_percent`: values are shares."""
    telling = [row for row in measured if not row.is_faint] or measured
    places = (place for row in telling for place in (row.value, row.second, row.lower, row.upper))
    axis = axis_over(places, low=low, high=high, most_steps=min(MOST_STEPS, int(axis_width // TICK_WIDTH)))
    left = widest(row.label for row in measured) + GAP
    x = Scale(axis.low, axis.high, left, left + axis_width)
    columns = _Columns(heads, x.end + GAP, as_percent)
    notes = widest(row.note for row in measured if row.value is not None)
    bottom = HEAD + ROW * len(measured)
    return DotPlot(
        title=title,
        description=description,
        width=round(columns.end + notes),
        height=bottom + FOOT,
        axis_top=HEAD - 6,
        axis_bottom=bottom,
        ticks=[Words(x(tick), bottom + 18, columns.tick(tick), "middle") for tick in axis.ticks],
        guides=[Words(x(value), HEAD - 12, words, "middle") for value, words in guides],
        heads=columns.heads(),
        legend=_legend(heads, left),
        rows=[_row(row, HEAD + ROW * (place + 0.5), x, columns) for place, row in enumerate(measured)],
        bar_x=columns.bar,
        whole_bar=BAR_WIDTH,
    )


class _Columns:
    """Where the columns beside the axis begin."""

    def __init__(self, heads: Heads, start: float, as_percent: bool) -> None:
        self.words, self.as_percent = heads, as_percent
        self.value = start + NUMBER_WIDTH - 14
        self.bar = start + NUMBER_WIDTH
        after_bar = self.bar + (BAR_WIDTH + NUMBER_WIDTH if heads.share else 0)
        self.n = after_bar + (NUMBER_WIDTH + 10 if heads.n else 0)
        self.end = self.n + GAP

    def number(self, value: float) -> str:
        return percent(value) if self.as_percent else with_minus(f"{value:.2f}")

    def tick(self, value: float) -> str:
        return with_minus(f"{100 * value:g} %" if self.as_percent else f"{value:g}")

    def heads(self) -> list[Words]:
        found = [Words(self.bar, 16, self.words.share)] if self.words.share else []
        return [*found, Words(self.n, 16, self.words.n, "end")] if self.words.n else found


def _legend(heads: Heads, left: float) -> list[tuple[str, Words]]:
    found = [("dot", Words(left + 12, 16, heads.value))]
    if heads.second:
        found.append(("second", Words(left + 36 + widest([heads.value]), 16, heads.second)))
    return found


def _row(row: Measured, y: float, x: Scale, columns: _Columns) -> DotRow:
    line = y + BASE_LINE
    words = [Words(x.start - 12, line, row.label, "end")]
    if row.value is not None:
        words.append(Words(columns.value, line, columns.number(row.value), "end"))
    if row.share is not None:
        words.append(Words(columns.bar + BAR_WIDTH + NUMBER_WIDTH - 6, line, percent(row.share), "end"))
    if columns.words.n:
        words.append(Words(columns.n, line, row.n, "end"))
    note = Words(x.start + 6 if row.value is None else columns.end, line, row.note) if row.note else None
    has_whisker = row.value is not None and row.lower is not None and row.upper is not None
    return DotRow(
        y=y,
        dot=None if row.value is None else x(row.value),
        second=None if row.second is None else x(row.second),
        whisker=(x(row.lower or 0.0), x(row.upper or 0.0)) if has_whisker else None,
        bar=None if row.share is None else round(row.share * BAR_WIDTH, 1),
        words=words,
        note=note,
        title=row.title,
        is_faint=row.is_faint,
    )
