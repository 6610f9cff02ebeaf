"""Where values and words stand in a plot. Lengths are in the units of the drawing, about a pixel each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor
from unicodedata import east_asian_width

from app.web.minus import with_minus

FONT = 13
SMALL_FONT = 11
# Of the height of the font; a wide character is as wide as it is high.
MEAN_CHAR_WIDTH = 0.56
# Between ticks of an axis, from the finest.
STEPS = (0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)
MOST_STEPS = 8


@dataclass(frozen=True, slots=True)
class Words:
    """`anchor`: start, middle or end of the text stands at `x`; `y` is its base line."""

    x: float
    y: float
    text: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class Scale:
    """From values `low` to `high`, which differ, to places `start` to `end`; what is beyond stands there."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


@dataclass(frozen=True, slots=True)
class Axis:
    """From `low` to `high`, with `ticks` at multiples of a step."""

    low: float
    high: float
    ticks: list[float]


def axis_over(
    values: Iterable[float | None], *, low: float, high: float, most_steps: int = MOST_STEPS
) -> Axis:
    """At least from `low` to `high`, further where a value is."""
    known = [value for value in values if value is not None]
    least, most = min([low, *known]), max([high, *known])
    if least == most:
        most = least + 1
    step = next((step for step in STEPS if (most - least) / step <= most_steps), (most - least) / most_steps)
    first, last = floor(round(least / step, 6)), ceil(round(most / step, 6))
    ticks = [round(n * step, 6) for n in range(first, last + 1)]
    return Axis(ticks[0], ticks[-1], ticks)


def bin_of(value: float, edges: Sequence[float]) -> int:
    """0 below the first edge, up to len(edges) from the last one on."""
    return sum(value >= edge for edge in edges)


def text_width(text: str, font: float = FONT) -> float:
    """About: the font itself is the reader's."""
    return font * sum(1.0 if east_asian_width(char) in "WF" else MEAN_CHAR_WIDTH for char in text)


def widest(texts: Iterable[str], font: float = FONT) -> float:
    return max((text_width(text, font) for text in texts), default=0.0)


def percent(share: float, decimals: int = 1) -> str:
    return with_minus(f"{100 * share:.{decimals}f} %")
