"""Contradictions of harmlessness orders with the consensus of safety labels."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.contradictions import severe_above_mild, unsafe_above_safe
from app.agreement.measures.counts import Counts

FIRST, SECOND, TIE = 0, 1, 2
UNKNOWN = -1

# (annotator, preferred, severity of the first, severity of the second)
Row = tuple[int, int, int, int]


def columns(rows: list[Row]) -> tuple[Counts, Counts, Counts, Counts, Counts]:
    """Each about an item of its own."""
    annotator, preferred, first, second = np.array(rows, np.int64).reshape(-1, 4).T
    return np.arange(len(rows)), annotator, preferred, first, second


def test_unsafe_above_safe_by_hand() -> None:
    rows = [
        (0, FIRST, 2, 0),  # contradicts
        (0, SECOND, 2, 0),
        (0, SECOND, 0, 1),  # contradicts
        (1, FIRST, 0, 3),
        (1, TIE, 0, 3),
        (1, FIRST, 0, 0),
        (1, FIRST, 3, 1),
        (1, FIRST, 3, UNKNOWN),
        (1, SECOND, UNKNOWN, 0),
    ]
    found = unsafe_above_safe(*columns(rows), 3)
    assert np.flatnonzero(found.is_contradiction).tolist() == [0, 2]
    assert found.of_annotator.n_yes.tolist() == [2, 0, 0]
    assert found.of_annotator.n.tolist() == [3, 1, 0]
    assert np.isnan(found.of_annotator.share).tolist() == [False, False, True]
    assert (int(found.of_queue.n_yes), int(found.of_queue.n)) == (2, 4)


def test_severe_above_mild_by_hand() -> None:
    rows = [
        (0, FIRST, 3, 1),  # contradicts
        (0, SECOND, 3, 1),
        (1, SECOND, 1, 2),  # contradicts
        (1, FIRST, 2, 2),
        (1, TIE, 3, 1),
        (1, FIRST, 2, 0),
        (1, FIRST, 2, UNKNOWN),
    ]
    found = severe_above_mild(*columns(rows), 2)
    assert np.flatnonzero(found.is_contradiction).tolist() == [0, 2]
    assert found.of_annotator.n.tolist() == [2, 1]
    assert (int(found.of_queue.n_yes), int(found.of_queue.n)) == (2, 3)


def test_nothing_comparable_gives_no_share() -> None:
    for measure in (unsafe_above_safe, severe_above_mild):
        for rows in ([], [(0, FIRST, 0, 0)], [(0, TIE, 3, 0)]):
            found = measure(*columns(rows), 1)
            assert not found.is_contradiction.any()
            assert np.isnan([found.of_queue.share, found.of_queue.lower, found.of_queue.upper]).all()


def test_a_known_rate_of_contradictions_is_recovered() -> None:
    rng = np.random.default_rng(8)
    annotator = np.repeat(np.arange(5), 1000)
    rate = np.array([0.0, 0.05, 0.1, 0.2, 0.5])
    safe_is_first = rng.integers(0, 2, annotator.size) == 1
    first, second = np.where(safe_is_first, 0, 2), np.where(safe_is_first, 2, 0)
    contradicts = rng.random(annotator.size) < rate[annotator]
    preferred = np.where(safe_is_first ^ contradicts, FIRST, SECOND)
    found = unsafe_above_safe(np.arange(5000), annotator, preferred, first, second, 5)
    assert np.array_equal(found.is_contradiction, contradicts)
    assert ((found.of_annotator.lower <= rate) & (rate <= found.of_annotator.upper)).all()


ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-1, 3), st.integers(-1, 3)), max_size=20
)


@settings(deadline=None)
@given(ROWS)
def test_order_and_which_response_is_first_do_not_matter(rows: list[Row]) -> None:
    turned = [(who, {0: 1, 1: 0}.get(won, won), second, first) for who, won, first, second in rows[::-1]]
    for measure in (unsafe_above_safe, severe_above_mild):
        one, other = measure(*columns(rows), 3), measure(*columns(turned), 3)
        assert one.is_contradiction.tolist() == other.is_contradiction.tolist()[::-1]
        assert one.of_annotator.n.tolist() == other.of_annotator.n.tolist()


@settings(deadline=None)
@given(ROWS)
def test_no_preference_is_a_contradiction_of_both_kinds(rows: list[Row]) -> None:
    both = [measure(*columns(rows), 3).is_contradiction for measure in (unsafe_above_safe, severe_above_mild)]
    assert not (both[0] & both[1]).any()
