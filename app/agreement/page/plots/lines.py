"""A measure from week to week, and below it how many items it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.agreement.page.plots.scale import Scale, Words, axis_over
from app.web.minus import with_minus

WIDTH, LEFT, RIGHT, TOP = 470, 46, 34, 14
LINE_HEIGHT, GAP, BAR_HEIGHT, FOOT = 120, 14, 40, 24
DAYS_A_WEEK = 7
MOST_DATES = 5
MOST_STEPS = 4
WIDEST_BAR = 22


@dataclass(frozen=True, slots=True)
class Week:
    """`start`: its Monday. `value`: None where it is undefined."""

    start: date
    value: float | None
    n: int
    title: str
    is_faint: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    title: str
    is_faint: bool


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class LinePlot:
    """`lines`: each through weeks that follow one another and have a value."""

    kind = "lines"
    title: str
    description: str
    width: float
    height: float
    left: float
    right: float
    bar_base: float
    bar_width: float
    y_ticks: list[Words]
    x_ticks: list[Words]
    most: Words
    unit: Words
    lines: list[list[Mark]]
    bars: list[Bar]


def line_plot(title: str, description: str, weeks: Sequence[Week], unit: str) -> LinePlot:
    """`unit`: of what the bars count. `weeks`: one or more, in order; those without answers are missing."""
    axis = axis_over((week.value for week in weeks), low=0, high=1, most_steps=MOST_STEPS)
    y = Scale(axis.low, axis.high, TOP + LINE_HEIGHT, TOP)
    first, last = weeks[0].start.toordinal(), weeks[-1].start.toordinal()
    n_weeks = (last - first) // DAYS_A_WEEK + 1
    pitch = (WIDTH - LEFT - RIGHT) / n_weeks
    x = Scale(first, max(last, first + 1), LEFT + pitch / 2, WIDTH - RIGHT - pitch / 2)
    base = TOP + LINE_HEIGHT + GAP + BAR_HEIGHT
    most = max(week.n for week in weeks)
    bar = Scale(0, max(most, 1), 0, BAR_HEIGHT)
    width = round(min(pitch * 0.7, WIDEST_BAR), 1)
    return LinePlot(
        title=title,
        description=description,
        width=WIDTH,
        height=base + FOOT,
        left=LEFT,
        right=WIDTH - RIGHT,
        bar_base=base,
        bar_width=width,
        y_ticks=[Words(LEFT - 8, y(tick), with_minus(f"{tick:g}"), "end") for tick in axis.ticks],
        x_ticks=_dates(weeks, x, base + 17),
        most=Words(LEFT - 8, base - BAR_HEIGHT + 8, f"{most:,}", "end"),
        unit=Words(LEFT - 8, base, unit, "end"),
        lines=_lines(weeks, x, y),
        bars=[
            Bar(
                round(x(week.start.toordinal()) - width / 2, 1),
                round(base - bar(week.n), 1),
                bar(week.n),
                week.title,
            )
            for week in weeks
        ],
    )


def _dates(weeks: Sequence[Week], x: Scale, y: float) -> list[Words]:
    """Of at most five weeks, evenly among those there are."""
    n_shown = min(MOST_DATES, len(weeks))
    places = {round(n * (len(weeks) - 1) / max(n_shown - 1, 1)) for n in range(n_shown)}
    starts = [weeks[place].start for place in sorted(places)]
    return [Words(x(start.toordinal()), y, start.isoformat(), "middle") for start in starts]


def _lines(weeks: Sequence[Week], x: Scale, y: Scale) -> list[list[Mark]]:
    lines: list[list[Mark]] = []
    before: date | None = None
    for week in weeks:
        if week.value is None:
            continue
        if before is None or (week.start - before).days > DAYS_A_WEEK:
            lines.append([])
        lines[-1].append(Mark(x(week.start.toordinal()), y(week.value), week.title, week.is_faint))
        before = week.start
    return lines
