"""The dose: how much harm each person was shown, day by day."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from statistics import median
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.people.exposure import SeenOnDay
from app.web.csv_text import csv_line

# A person or a day with more than so many times the median dose is marked.
HIGH = 2
PEOPLE_A_PAGE = 25
SEVERITIES = ("safe", "minor", "moderate", "severe")


class PageOfPeople(BaseModel):
    """Which one, from 1 on."""

    model_config = ConfigDict(extra="ignore")

    page: Annotated[int, Field(ge=1, le=100_000)] = 1


@dataclass(frozen=True, slots=True)
class Exposure:
    """One person's, in all the days together. `doses`: one for each day."""

    user_id: int
    username: str
    n_items: int
    by_severity: list[int]
    n_reveals: int
    doses: list[int]

    @property
    def dose(self) -> int:
        return sum(self.doses)


def exposures(seen: Sequence[SeenOnDay], days: Sequence[date]) -> list[Exposure]:
    """`seen`: by person. One for each person in it, the highest dose first."""
    found = [exposure(list(of_person), days) for _, of_person in groupby(seen, key=lambda each: each.user_id)]
    return sorted(found, key=lambda person: (-person.dose, person.username))


def exposure(seen: Sequence[SeenOnDay], days: Sequence[date]) -> Exposure:
    """`seen`: of one person, one day at least."""
    dose_of = {each.day: each.dose for each in seen}
    return Exposure(
        seen[0].user_id,
        seen[0].username,
        sum(each.n_items for each in seen),
        [sum(counts) for counts in zip(*(each.by_severity for each in seen), strict=True)],
        sum(each.n_reveals for each in seen),
        [dose_of.get(day, 0) for day in days],
    )


def on_page(people: Sequence[Exposure], page: int) -> Sequence[Exposure]:
    return people[(page - 1) * PEOPLE_A_PAGE : page * PEOPLE_A_PAGE]


def exposure_lines(seen: Iterable[SeenOnDay]) -> Iterator[str]:
    yield csv_line(("username", "day", "items_seen", *SEVERITIES, "uncovered", "dose"))
    for each in seen:
        yield csv_line((each.username, each.day, each.n_items, *each.by_severity, each.n_reveals, each.dose))


def high_dose(doses: Iterable[int]) -> float:
    """What is more than this is marked: twice the median. None of none is high."""
    known = list(doses)
    return HIGH * median(known) if known else 0
