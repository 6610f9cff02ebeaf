"""Charts of outcomes: silent while somebody stays as they were, loud when they become worse."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.quality.drift import LENGTH, LOG_ODDS_LOST, cusum, ewma, ewma_limit, own_rates

TAIL = 0.01


def test_no_outcomes_raise_no_alarm() -> None:
    chart = cusum(np.zeros(0), np.zeros(0), TAIL)
    assert (chart.alarmed_at, chart.changed_at, chart.peak) == (None, 0, 0.0)
    assert ewma(np.zeros(0), 0.8).size == 0


def test_by_hand() -> None:
    """Peers are right in 4 of 5, as this person was: right answers lower the chart, wrong ones raise it."""
    outcome = np.concatenate([np.tile([0.0, 1.0, 1.0, 1.0, 1.0], 8), np.zeros(20)])
    chart = cusum(outcome, np.full(outcome.size, 0.8), TAIL)
    after = 4 * np.exp(-LOG_ODDS_LOST) / (1 + 4 * np.exp(-LOG_ODDS_LOST))
    gain = np.log((1 - after) / 0.2)
    assert chart.baseline == pytest.approx(0.8)
    assert chart.threshold == pytest.approx(np.log(LENGTH / TAIL))
    assert chart.changed_at == 40
    assert chart.peak == pytest.approx(20 * gain)
    assert chart.alarmed_at == 40 + int(np.ceil(chart.threshold / gain)) - 1


def test_the_own_first_part_counts_only_where_it_is_worse() -> None:
    peers = np.full(60, 0.8)
    assert own_rates(np.ones(60), peers) == pytest.approx(peers)
    worse = np.concatenate([np.tile([0.0, 1.0], 20), np.ones(20)])
    assert own_rates(worse, peers) == pytest.approx(np.full(60, (20 + 16) / 60))


def test_false_alarms_are_as_rare_as_promised() -> None:
    random = np.random.default_rng(5)
    outcomes = (random.random((1_000, LENGTH)) < 0.87).astype(np.float64)
    peers = np.full(LENGTH, 0.87)
    alarms = [cusum(outcome, peers, TAIL).alarmed_at is not None for outcome in outcomes]
    assert np.mean(alarms) < TAIL
    limit = ewma_limit(0.87, TAIL)
    assert 0 < limit < 0.87
    assert np.mean([ewma(outcome, 0.87).min() < limit for outcome in outcomes]) < TAIL


def test_a_fall_is_seen_soon_by_both() -> None:
    random = np.random.default_rng(6)
    limit = ewma_limit(0.87, TAIL)
    delays, ewma_delays, changes = [], [], []
    for _ in range(200):
        outcome = np.concatenate([random.random(150) < 0.87, random.random(250) < 0.4]).astype(np.float64)
        chart = cusum(outcome, np.full(outcome.size, 0.87), TAIL)
        assert chart.alarmed_at is not None
        delays.append(chart.alarmed_at - 150)
        changes.append(chart.changed_at - 150)
        ewma_delays.append(int(np.argmax(ewma(outcome, 0.87) < limit)) - 150)
    assert 0 < np.median(delays) < 40
    assert 0 < np.median(ewma_delays) < 60
    assert abs(np.median(changes)) <= 3


def test_the_rate_lately_by_hand() -> None:
    assert ewma(np.array([0.0, 1.0]), 0.8, weight=0.5) == pytest.approx([0.4, 0.7])


@given(wrong=st.sets(st.integers(0, 119), max_size=119))
@settings(deadline=None)
def test_what_comes_later_changes_no_alarm(wrong: set[int]) -> None:
    outcome = np.ones(120)
    outcome[list(wrong)] = 0.0
    peers = np.full(120, 0.85)
    earlier, later = cusum(outcome[:80], peers[:80], TAIL), cusum(outcome, peers, TAIL)
    if earlier.alarmed_at is not None or (later.alarmed_at or 120) < 80:
        assert earlier.alarmed_at == later.alarmed_at
    assert 0 <= later.changed_at < 120
