"""Haste, runs of one answer, and a place on the page that always wins."""

from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.quality.habits import (
    LEAST_MS_A_WORD,
    Run,
    chance_by_others,
    expected_runs,
    hurry,
    longest_run,
    place_habit,
)


def test_a_page_takes_its_words_times_the_least_time() -> None:
    n_words = np.array([100, 100, 100, 0, 100])
    active_ms = np.array([9_999, 10_000, 30_000, 0, -1])
    found = hurry(active_ms, n_words)
    assert LEAST_MS_A_WORD == 100
    assert (found.n, found.n_too_fast, found.ms_a_word) == (3, 1, 100.0)


def test_without_a_time_there_is_no_haste() -> None:
    found = hurry(np.array([-1]), np.array([5]))
    assert (found.n, found.n_too_fast, found.ms_a_word) == (0, 0, None)


def test_what_all_others_say_too_is_no_sign() -> None:
    n_others = np.array([[2, 1, 0, 0], [0, 1, 2, 0]])
    chance = chance_by_others(n_others, np.array([0.75, 0.25]))
    assert chance[0].tolist() == pytest.approx([1, 1.75 / 3, 0.75 / 3, 1])
    assert chance[1].tolist() == pytest.approx([0.25 / 3, 1.25 / 3, 1, 1])


@given(chances=st.lists(st.floats(0.05, 0.95), min_size=1, max_size=8), length=st.integers(1, 8))
def test_expected_runs_by_every_sequence_there_is(chances: list[float], length: int) -> None:
    expected = 0.0
    for events in product([0, 1], repeat=len(chances)):
        p = np.prod([chance if event else 1 - chance for event, chance in zip(events, chances, strict=True)])
        runs = [len(list(run)) for event, run in groupby(events) if event]
        expected += float(p) * sum(run >= length for run in runs)
    assert expected_runs(np.array(chances), length) == pytest.approx(expected, abs=1e-9)


def test_the_longest_run_is_found_with_its_beginning() -> None:
    value = np.array([1, 0, 0, 2, 2, 2, 2, 2, 2, 1])
    chance = np.full((3, value.size), 0.1)
    run = longest_run(value, chance)
    assert (run.value, run.start, run.length) == (2, 3, 6)
    assert run.p == pytest.approx(3 * (1 + 4 * 0.9) * 0.1**6)


def test_nobody_is_suspected_for_no_answers_or_likely_ones() -> None:
    assert longest_run(np.array([], np.int64), np.zeros((2, 0))) == Run(0, 0, 0, 1.0)
    assert longest_run(np.zeros(50, np.int64), np.array([np.ones(50), np.zeros(50)])).p == 1.0


def test_runs_by_chance_are_rarer_than_p() -> None:
    random = np.random.default_rng(4)
    chance = np.repeat([[0.7], [0.3]], 200, axis=1)
    p = [longest_run((random.random(200) < 0.3).astype(np.int64), chance).p for _ in range(1_000)]
    assert np.mean(np.array(p) <= 0.05) <= 0.05


@pytest.mark.parametrize(
    ("place", "n", "n_first", "p"),
    [
        ([], 0, 0, 1.0),
        ([-1, -1], 0, 0, 1.0),
        ([0, 1], 2, 1, 1.0),
        ([0] * 5, 5, 5, 2 / 32),
        ([1] * 5, 5, 0, 2 / 32),
        ([0, 0, 0, 1, -1], 4, 3, 2 * 5 / 16),
    ],
)
def test_the_first_place_wins_by_lot(place: list[int], n: int, n_first: int, p: float) -> None:
    habit = place_habit(np.array(place, np.int64))
    assert (habit.n, habit.n_first) == (n, n_first)
    assert habit.p == pytest.approx(p)
