"""How fast something goes, and how long the rest takes if it goes as the beginning did."""

from datetime import datetime
from math import ceil
from typing import NamedTuple


class Pace(NamedTuple):
    """`per_second`: of what is told, such as rows."""

    per_second: int
    seconds_left: int


def pace_of(began_at: datetime | None, at: datetime, n_told: int, n_done: int, n_all: int) -> Pace | None:
    """`n_told`: how many are told as done. `n_done` of `n_all`: what the rest is measured by, such as bytes.

    None while nothing is done.
    """
    seconds = (at - began_at).total_seconds() if began_at else 0.0
    if seconds <= 0 or not n_done:
        return None
    return Pace(round(n_told / seconds), ceil(seconds * max(0, n_all - n_done) / n_done))
