"""Simulated crowds: careful annotators are left alone, and bad ones are found in time."""

import numpy as np
import pytest

from app.agreement.measures.counts import Counts
from tests.quality.crowd import BAD_ONES, CAREFUL_ONES, MIXED, Kind
from tests.quality.detection import N_ANSWERS, NEVER, first_alarms, of_kind

SEEDS = range(100)
MOST_FALSE_ALARMS = 0.02

# Of each kind: answers after which so many of a hundred are found. Of who turns bad: answers after that.
FOUND_BY = [
    (Kind.RANDOM, 40, 90),
    (Kind.RANDOM, 80, 98),
    (Kind.ALWAYS_FIRST, 20, 85),
    (Kind.ALWAYS_FIRST, 40, 98),
    (Kind.FAST, 20, 98),
    (Kind.TURNED, 80, 90),
    (Kind.SLOPPY, 160, 30),
    (Kind.SLOPPY, 320, 65),
    (Kind.COPIED, 320, 85),
    (Kind.COPIER, 320, 85),
]


@pytest.fixture(scope="module")
def mixed() -> Counts:
    return first_alarms(MIXED, SEEDS)


def test_of_careful_annotators_alone_hardly_any_is_alarmed() -> None:
    assert np.mean(first_alarms(CAREFUL_ONES, SEEDS) < NEVER) < MOST_FALSE_ALARMS


def test_bad_annotators_around_them_do_not_make_careful_ones_suspect(mixed: Counts) -> None:
    assert np.mean(of_kind(mixed, MIXED, Kind.CAREFUL) < NEVER) < MOST_FALSE_ALARMS


@pytest.mark.parametrize(("kind", "n", "percent"), FOUND_BY)
def test_bad_annotators_are_found(mixed: Counts, kind: Kind, n: int, percent: int) -> None:
    assert np.mean(of_kind(mixed, MIXED, kind) <= n) >= percent / 100


def test_every_bad_kind_has_a_bound() -> None:
    assert {kind for kind, n, _ in FOUND_BY if n <= N_ANSWERS} == set(BAD_ONES)
