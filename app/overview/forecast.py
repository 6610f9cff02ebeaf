"""When a queue will be finished, if its people go on as they did."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

DAYS_A_WEEK = 7
DAYS_LOOKED_AT = 4 * DAYS_A_WEEK
LONGEST_DAYS = 366
N_RUNS = 1000
# Of the runs that are finished by then: the interval and its middle.
EARLY, MIDDLE, LATE = 0.05, 0.5, 0.95


class Forecast(NamedTuple):
    """The day (UTC) on which the last answer comes: in 5, 50 and 95 of 100 runs it is no later. None where
    that is more than a year away."""

    early: date | None
    middle: date | None
    late: date | None


def forecast(n_left: int, n_by_day: Sequence[int], next_day: date, seed: int) -> Forecast | None:
    """Run the days to come, each as one of the same weekday among the last ones, till `n_left` are given.

    `n_by_day`: places filled on each day before `next_day`, the newest last; the last four weeks are looked
    at, from the first day on which anything was answered. With less than two weeks of them any day may be
    like any other. None where nothing is left, or nothing was answered.
    """
    began = next((place for place, n in enumerate(n_by_day[-DAYS_LOOKED_AT:]) if n), None)
    if n_left <= 0 or began is None:
        return None
    known = np.asarray(n_by_day[-DAYS_LOOKED_AT:][began:], dtype=np.int64)
    # Runs are rarely three times as slow as the mean, and a page draws them anew every few seconds.
    n_days = min(LONGEST_DAYS, int(3 * n_left / known.mean()) + DAYS_LOOKED_AT)
    given = np.cumsum(simulated(known, n_days, np.random.default_rng(seed)), axis=1)
    ends = np.where(given[:, -1] >= n_left, np.argmax(given >= n_left, axis=1), LONGEST_DAYS)
    quantiles = np.quantile(ends, (EARLY, MIDDLE, LATE), method="inverted_cdf")
    return Forecast(*(day_after(next_day, int(n)) for n in quantiles))


def simulated(known: NDArray[np.int64], n_days: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Answers in N_RUNS runs (rows) on each of `n_days` days; the first follows the last known one."""
    if len(known) < 2 * DAYS_A_WEEK:
        return random.choice(known, (N_RUNS, n_days))
    days = np.empty((N_RUNS, n_days), dtype=np.int64)
    for first in range(DAYS_A_WEEK):
        of_weekday = known[(len(known) + first) % DAYS_A_WEEK :: DAYS_A_WEEK]
        days[:, first::DAYS_A_WEEK] = random.choice(of_weekday, days[:, first::DAYS_A_WEEK].shape)
    return days


def day_after(first: date, n_days: int) -> date | None:
    return first + timedelta(days=n_days) if n_days < LONGEST_DAYS else None
