"""When simulated people work: on weekdays from morning to afternoon, now and then at a weekend."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from numpy.random import Generator

from app.demo.people import Annotator

N_DAYS = 21
CARELESS_AFTER = 14
SATURDAY = 5
CHANCE_OF_WEEKDAY = 0.8
CHANCE_OF_WEEKEND = 0.12
LONGEST_PAUSE_SECONDS = 1500
TIME_SPREAD = 0.45


class Turn(NamedTuple):
    """One item's turn: `place` of it in its list; when it was answered, and the time at work on it."""

    place: int
    at: datetime
    seconds: float

    def is_late(self, today: date) -> bool:
        """Of the last week."""
        return self.at.date() >= today - timedelta(days=N_DAYS - CARELESS_AFTER)


def work_days(rng: Generator, today: date) -> list[date]:
    """Of the three weeks before today; at least one."""
    days = [today - timedelta(days=ago) for ago in range(N_DAYS, 0, -1)]
    chances = [CHANCE_OF_WEEKEND if day.weekday() >= SATURDAY else CHANCE_OF_WEEKDAY for day in days]
    chosen = [day for day, chance in zip(days, chances, strict=True) if rng.random() < chance]
    return chosen or [next(day for day in days if day.weekday() < SATURDAY)]


def turns(
    rng: Generator, who: Annotator, places: Sequence[int], days: Sequence[date], hour: float
) -> list[Turn]:
    """The items, shared out evenly over the days; each day's one after the other from about `hour` (UTC)."""
    made: list[Turn] = []
    for number, day in enumerate(days):
        begins = datetime.combine(day, time(), UTC) + timedelta(hours=hour + rng.uniform(-0.5, 0.75))
        for place in places[number * len(places) // len(days) : (number + 1) * len(places) // len(days)]:
            seconds = round(who.seconds * float(rng.lognormal(0, TIME_SPREAD)), 1)
            begins += timedelta(seconds=seconds + float(rng.uniform(5, LONGEST_PAUSE_SECONDS)))
            made.append(Turn(place, begins, seconds))
    return made


def turns_beside(rng: Generator, who: Annotator, of_other: Sequence[Turn]) -> list[Turn]:
    """Each a while after another annotator's turn with the same item."""
    return [
        Turn(
            turn.place,
            turn.at + timedelta(minutes=float(rng.uniform(12, 20))),
            round(who.seconds * float(rng.lognormal(0, TIME_SPREAD)), 1),
        )
        for turn in of_other
    ]
