"""The forecast of a queue's end, against what can be reckoned by hand."""

from datetime import date, timedelta

import numpy as np
import pytest

from app.overview.forecast import Forecast, forecast

MONDAY = date(2026, 3, 2)
WORKING_WEEK = [50, 50, 50, 50, 50, 0, 0]


def test_a_steady_pace_leaves_no_doubt() -> None:
    last = MONDAY + timedelta(days=2)
    assert forecast(101, [50] * 28, MONDAY, 1) == Forecast(last, last, last)
    assert forecast(100, [50] * 28, MONDAY, 1) == Forecast(*[MONDAY + timedelta(days=1)] * 3)


def test_weekends_are_as_quiet_as_they_were() -> None:
    """250 a week from a Monday on: the 251st comes on the Monday after."""
    next_monday = MONDAY + timedelta(days=7)
    assert forecast(251, WORKING_WEEK * 4, MONDAY, 1) == Forecast(next_monday, next_monday, next_monday)
    friday = MONDAY + timedelta(days=4)
    assert forecast(250, WORKING_WEEK * 4, MONDAY, 1) == Forecast(friday, friday, friday)


def test_an_uneven_pace_has_an_interval_that_holds_what_it_says() -> None:
    """Other runs of the same kind end within it about nine times in ten."""
    random = np.random.default_rng(5)
    known = random.poisson(40, 28) * random.integers(0, 3, 28)
    said = forecast(1000, known.tolist(), MONDAY, 7)
    assert said is not None
    assert said.early is not None
    assert said.middle is not None
    assert said.late is not None
    assert said.early < said.middle < said.late
    hits = 0
    for _ in range(300):
        weeks = np.concatenate([known[random.integers(0, 4, 7) * 7 + np.arange(7)] for _ in range(30)])
        finish = MONDAY + timedelta(days=int(np.argmax(np.cumsum(weeks) >= 1000)))
        hits += said.early <= finish <= said.late
    assert 0.8 < hits / 300 < 0.98


@pytest.mark.parametrize(
    ("n_left", "n_by_day"), [(0, [5] * 28), (10, [0] * 28), (10, []), (10, [9, *[0] * 28])]
)
def test_nothing_left_or_nothing_lately_has_no_forecast(n_left: int, n_by_day: list[int]) -> None:
    assert forecast(n_left, n_by_day, MONDAY, 1) is None


def test_the_days_before_the_first_answer_do_not_count() -> None:
    """Begun three days ago: not as slow as four weeks with three days of work."""
    last = MONDAY + timedelta(days=1)
    assert forecast(100, [*[0] * 25, 50, 50, 50], MONDAY, 1) == Forecast(last, last, last)


def test_more_than_a_year_is_not_told_to_the_day() -> None:
    assert forecast(10**9, [1] * 28, MONDAY, 1) == Forecast(None, None, None)


def test_it_says_the_same_again() -> None:
    known = [int(n) for n in np.random.default_rng(3).integers(0, 90, 28)]
    assert forecast(700, known, MONDAY, 4) == forecast(700, known, MONDAY, 4)
