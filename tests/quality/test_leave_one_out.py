"""Each answer against the others of its item."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.agreement.measures.counts import Counts
from app.quality.leave_one_out import by_annotator, compare_categories, compare_values

# (item, value): three alike; two against one; all different; alone; two who differ; four, two of a kind.
ITEM = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 4, 5, 5, 5, 5])
VALUE = np.array([1, 1, 1, 2, 2, 0, 0, 1, 2, 3, 0, 1, 0, 0, 1, 2])
Y, N, T, A = "agrees", "differs", "tied", "alone"
OUTCOME = [Y, Y, Y, T, T, N, T, T, T, A, N, N, T, T, N, N]


def test_the_consensus_is_what_more_of_the_others_say_than_anything_else() -> None:
    found = compare_values(ITEM, VALUE, n_items=6, n_values=4)
    assert found.is_compared.tolist() == [one in {Y, N} for one in OUTCOME]
    assert found.is_tied.tolist() == [one == T for one in OUTCOME]
    assert found.agrees.tolist() == [one == Y for one in OUTCOME]


def test_no_answers_are_no_trouble() -> None:
    none = np.array([], np.int64)
    found = compare_values(none, none, n_items=0, n_values=4)
    agreement = by_annotator(found, none, none, n_items=0, n_annotators=2)
    assert agreement.n.tolist() == agreement.n_peers.tolist() == [0, 0]
    assert compare_categories(none, none, n_items=0).agrees.size == 0


@pytest.mark.parametrize(
    ("masks", "outcome"),
    [
        ([0b01, 0b01, 0b01], [Y, Y, Y]),
        ([0b11, 0b01, 0b01], [N, T, T]),
        ([0b11, 0b11, 0b01], [T, T, N]),
        ([0b01, 0b10, 0], [N, N, A]),
        ([0b01, 0, 0], [A, A, A]),
        ([0b11, 0b11, 0b01, 0b11], [Y, Y, N, Y]),
    ],
)
def test_categories_are_compared_as_sets_among_those_who_call_it_unsafe(
    masks: list[int], outcome: list[str]
) -> None:
    found = compare_categories(np.zeros(len(masks), np.int64), np.array(masks), n_items=1)
    assert found.is_compared.tolist() == [one in {Y, N} for one in outcome]
    assert found.is_tied.tolist() == [one == T for one in outcome]
    assert found.agrees.tolist() == [one == Y for one in outcome]


def test_peers_are_counted_by_the_same_rule() -> None:
    """Two items of three: all alike, and one where annotator 0 dissents; its peers are tied there."""
    item, annotator = np.repeat([0, 1], 3), np.tile([0, 1, 2], 2)
    found = compare_values(item, np.array([0, 0, 0, 1, 0, 0]), n_items=2, n_values=2)
    agreement = by_annotator(found, item, annotator, n_items=2, n_annotators=3)
    assert (agreement.n.tolist(), agreement.n_agreed.tolist()) == ([2, 1, 1], [1, 1, 1])
    assert agreement.n_tied.tolist() == [0, 1, 1]
    assert agreement.n_peers.tolist() == [1.0, 1.5, 1.5]
    assert agreement.n_peers_agreed.tolist() == [1.0, 1.0, 1.0]


def test_equally_good_annotators_agree_as_often_as_their_peers() -> None:
    random = np.random.default_rng(3)
    said = (random.random((20_000, 3)) < 0.85).astype(np.int64)
    item, annotator = (places.ravel() for places in np.indices(said.shape))
    found = compare_values(item, said.ravel(), len(said), 2)
    agreement = by_annotator(found, item, annotator, len(said), 3)
    expected = agreement.n_peers_agreed / agreement.n_peers
    assert agreement.n_agreed / agreement.n == pytest.approx(expected, abs=0.01)


@st.composite
def any_answers(draw: st.DrawFn) -> tuple[Counts, Counts]:
    rows = draw(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3)), max_size=30))
    item, value = np.array(rows, np.int64).reshape(-1, 2).T
    return item, value


@given(answers=any_answers())
def test_it_equals_its_definition_answer_by_answer(answers: tuple[Counts, Counts]) -> None:
    item, value = answers
    found = compare_values(item, value, n_items=5, n_values=4)
    for j in range(item.size):
        others = [int(value[k]) for k in range(item.size) if k != j and item[k] == item[j]]
        most = max((others.count(one) for one in others), default=0)
        top = {one for one in others if others.count(one) == most}
        assert found.is_compared[j] == (len(top) == 1)
        assert found.is_tied[j] == (len(top) > 1)
        assert found.agrees[j] == (top == {int(value[j])})
