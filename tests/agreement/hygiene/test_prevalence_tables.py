"""Tables of categories: by severity, and by what else is named with them."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.prevalence_tables import PrevalenceTables, lift, prevalence_tables


def tables(answers: list[tuple[int, int]], n_categories: int = 3) -> PrevalenceTables:
    """Of (severity, mask), each about an item of its own."""
    severity, mask = np.array(answers, np.int64).reshape(-1, 2).T
    return prevalence_tables(np.arange(len(answers)), severity, mask, n_categories)


def test_a_hand_computed_example() -> None:
    found = tables([(0, 0), (0, 0), (1, 0b001), (3, 0b011), (3, 0b001), (2, 0b011)])
    assert found.naming.n_yes.tolist() == [4, 2, 0]
    assert found.naming.n.tolist() == [6, 6, 6]
    assert found.severity.n_yes.tolist() == [[1, 1, 2], [0, 1, 1], [0, 0, 0]]
    assert found.severity.n.tolist() == [[4] * 3, [2] * 3, [0] * 3]
    assert found.together.n_yes.tolist() == [[4, 2, 0], [2, 2, 0], [0, 0, 0]]
    assert found.together.share[:2, :2].tolist() == [[1, 0.5], [1, 1]]
    assert np.isnan(found.together.share[2]).all()
    assert np.isnan(found.severity.lower[2]).all()
    # Category 1 comes in a third of the answers, and in half of those that name category 0.
    assert lift(found)[0, 1] == pytest.approx(1.5)
    assert np.isnan(lift(found)[2]).all()
    assert np.isnan(lift(found)[:, 2]).all()


def test_without_answers_there_are_no_figures() -> None:
    assert np.isnan(tables([]).naming.share).all()
    assert tables([]).severity.n_yes.sum() == 0


def test_an_unsafe_answer_without_a_category_counts_in_n_alone() -> None:
    found = tables([(2, 0)])
    assert found.naming.n.tolist() == [1, 1, 1]
    assert found.naming.n_yes.tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("answer", "match"), [((4, 1), "severity"), ((-1, 1), "severity"), ((1, 8), "mask"), ((0, 1), "safe")]
)
def test_impossible_answers_are_refused(answer: tuple[int, int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        tables([answer])


def test_arrays_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        prevalence_tables(np.array([0, 1]), np.array([1]), np.array([1, 1]), 3)


def test_a_taxonomy_without_categories_is_refused() -> None:
    with pytest.raises(ValueError, match="n_categories"):
        tables([(0, 0)], n_categories=0)


def test_answers_to_one_item_make_no_narrower_an_interval_than_one_answer() -> None:
    item, mask = np.arange(30), np.arange(30) % 2
    once = prevalence_tables(item, mask, mask, 1)
    thrice = prevalence_tables(np.repeat(item, 3), np.repeat(mask, 3), np.repeat(mask, 3), 1)
    assert thrice.naming.n_yes.tolist() == [45]
    assert thrice.naming.lower == pytest.approx(once.naming.lower)
    assert thrice.severity.lower == pytest.approx(once.severity.lower)


ANSWERS = st.lists(st.just((0, 0)) | st.tuples(st.integers(1, 3), st.integers(0, 2**5 - 1)), max_size=30)


@settings(deadline=None)
@given(ANSWERS)
def test_tables_are_those_counted_one_by_one(answers: list[tuple[int, int]]) -> None:
    found = tables(answers, 5)
    for one, other in product(range(5), repeat=2):
        n_both = sum(bool(mask >> one & 1 and mask >> other & 1) for _, mask in answers)
        assert found.together.n_yes[one, other] == n_both
    for category, severity in product(range(5), (1, 2, 3)):
        n = sum(bool(mask >> category & 1) and said == severity for said, mask in answers)
        assert found.severity.n_yes[category, severity - 1] == n
    assert found.severity.n_yes.sum(axis=1).tolist() == found.naming.n_yes.tolist()


@settings(deadline=None)
@given(ANSWERS)
def test_the_order_of_answers_does_not_matter(answers: list[tuple[int, int]]) -> None:
    one, other = tables(answers, 5), tables(answers[::-1], 5)
    assert np.array_equal(one.together.share, other.together.share, equal_nan=True)
    assert np.array_equal(one.severity.upper, other.severity.upper, equal_nan=True)
