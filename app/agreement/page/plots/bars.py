"""A bar a day, as it is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app.agreement.page.plots.scale import Scale, Words

WIDTH, HEIGHT = 560, 150
LEFT, RIGHT, TOP, FOOT = 52, 8, 12, 24
MOST_TICKS = 4
DAYS_BETWEEN_DATES = 7


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    height: float
    title: str


@dataclass(frozen=True, slots=True)
class BarPlot:
    """`ticks`: lines across, each with its number."""

    title: str
    description: str
    width: int
    height: int
    left: int
    right: int
    base: int
    bar_width: float
    bars: list[Bar]
    ticks: list[Words]
    dates: list[Words]


def bar_plot(title: str, description: str, values: Sequence[tuple[date, float, str]]) -> BarPlot:
    """`values`: of days that follow one another, each with the words for its value. Where all are 0,
    the axis ends at 1."""
    most = max(value for _, value, _ in values) or 1
    step = tick_step(most)
    n_ticks = int(-(-most // step))
    base = HEIGHT - FOOT
    y = Scale(0, n_ticks * step, base, TOP)
    pitch = (WIDTH - LEFT - RIGHT) / len(values)
    places = [LEFT + pitch * (n + 0.5) for n in range(len(values))]
    width = round(pitch * 0.72, 1)
    return BarPlot(
        title=title,
        description=description,
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        base=base,
        bar_width=width,
        bars=[
            Bar(round(x - width / 2, 1), y(value), round(base - y(value), 1), f"{day}: {words}")
            for x, (day, value, words) in zip(places, values, strict=True)
        ],
        ticks=[Words(LEFT - 8, y(n * step), f"{n * step:,g}", "end") for n in range(n_ticks + 1)],
        dates=[
            Words(round(places[n], 1), base + 17, f"{values[n][0]:%m-%d}", "middle")
            for n in range(len(values) - 1, -1, -DAYS_BETWEEN_DATES)
        ],
    )


def tick_step(most: float) -> float:
    """1, 2 or 5 times a power of ten, so that at most four steps reach `most`."""
    power = 0.01
    while True:
        for factor in (1, 2, 5):
            if most <= MOST_TICKS * factor * power:
                return factor * power
        power *= 10
