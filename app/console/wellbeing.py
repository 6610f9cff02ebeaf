"""The dose: how much harm each person was shown, day by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import median

from app.people.exposure import SeenOnDay

# A person or a day with more than so many times the median dose is marked.
HIGH = 2


@dataclass(frozen=True, slots=True)
class Exposure:
    """One person's, in all the days together. `doses`: one for each day."""

    username: str
    n_items: int
    by_severity: list[int]
    n_reveals: int
    doses: list[int]

    @property
    def dose(self) -> int:
        return sum(self.doses)


def exposures(seen: Sequence[SeenOnDay], days: Sequence[date]) -> list[Exposure]:
    """`seen`: by person. One for each person in it."""
    return [
        exposure(username, list(of_person), days)
        for username, of_person in groupby(seen, key=lambda each: each.username)
    ]


def exposure(username: str, seen: Sequence[SeenOnDay], days: Sequence[date]) -> Exposure:
    dose_of = {each.day: each.dose for each in seen}
    return Exposure(
        username,
        sum(each.n_items for each in seen),
        [sum(counts) for counts in zip(*(each.by_severity for each in seen), strict=True)],
        sum(each.n_reveals for each in seen),
        [dose_of.get(day, 0) for day in days],
    )


def high_dose(doses: Iterable[int]) -> float:
    """What is more than this is marked: twice the median. None of none is high."""
    known = list(doses)
    return HIGH * median(known) if known else 0
