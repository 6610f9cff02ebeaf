"""Labels of near-duplicates: how many are consistent, and which are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.duplicate_labels import DuplicateConsistency, duplicate_consistency
from app.agreement.hygiene.near_duplicates import near_duplicate_groups

UNKNOWN = -1


def consistency(group: list[int], label: list[int]) -> DuplicateConsistency:
    return duplicate_consistency(np.array(group, np.int64), np.array(label, np.int64))


def test_a_hand_computed_example() -> None:
    found = consistency([0, 1, 0, 1, 0, 5, 6, 6], [1, 0, 1, 0, 0, 1, 0, UNKNOWN])
    # Group 0: labels 1 1 0, one equal pair of three; group 1: one of one; 6 has one label alone.
    assert (int(found.of_pairs.n_yes), int(found.of_pairs.n)) == (2, 4)
    assert (int(found.of_groups.n_yes), int(found.of_groups.n)) == (1, 2)
    assert [(one.texts.tolist(), one.labels.tolist(), one.differ) for one in found.groups] == [
        ([0, 2, 4], [1, 1, 0], True),
        ([1, 3], [0, 0], False),
    ]


@pytest.mark.parametrize("label", [[], [0, 1], [UNKNOWN] * 3])
def test_without_a_pair_all_is_undefined(label: list[int]) -> None:
    found = consistency([0, 1, 1][: len(label)], label)
    assert found.groups == ()
    assert np.isnan([found.of_pairs.share, found.of_pairs.lower, found.of_groups.share]).all()


def test_arrays_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        consistency([0, 0], [1])


def test_a_known_rate_of_differing_labels_is_recovered_from_texts() -> None:
    rng = np.random.default_rng(6)
    prompts = [" ".join(f"word{n}" for n in rng.integers(0, 5000, 40)) for _ in range(400)]
    label = rng.integers(0, 2, 400)
    is_changed = rng.random(400) < 0.2
    texts = [*prompts, *(prompt.upper() + " ?" for prompt in prompts)]
    found = duplicate_consistency(near_duplicate_groups(texts), np.concatenate([label, label ^ is_changed]))
    assert [one.differ for one in found.groups] == is_changed.tolist()
    assert found.of_pairs.n == found.of_groups.n == 400
    assert found.of_groups.lower < 0.8 < found.of_groups.upper


def test_a_large_group_is_no_proof_of_many_pairs() -> None:
    # One group of twenty with equal labels and one pair that differs: 190 of 191 pairs, but two groups.
    found = consistency([0] * 20 + [20] * 2, [1] * 20 + [0, 1])
    assert (int(found.of_pairs.n_yes), int(found.of_pairs.n)) == (190, 191)
    assert found.of_pairs.lower < 0.97


TEXTS = st.lists(st.tuples(st.integers(0, 4), st.integers(-1, 3)), max_size=25)


@settings(deadline=None)
@given(TEXTS)
def test_pairs_are_those_counted_one_by_one(texts: list[tuple[int, int]]) -> None:
    labelled = [(group, label) for group, label in texts if label >= 0]
    pairs = [
        (one[1], other[1])
        for place, one in enumerate(labelled)
        for other in labelled[:place]
        if one[0] == other[0]
    ]
    found = consistency([group for group, _ in texts], [label for _, label in texts])
    assert (int(found.of_pairs.n_yes), int(found.of_pairs.n)) == (sum(x == y for x, y in pairs), len(pairs))


@settings(deadline=None)
@given(TEXTS)
def test_the_order_of_texts_does_not_matter(texts: list[tuple[int, int]]) -> None:
    one, other = (
        consistency([group for group, _ in rows], [label for _, label in rows])
        for rows in (texts, texts[::-1])
    )
    assert one.of_groups.n_yes == other.of_groups.n_yes
    assert one.of_pairs.n_yes == other.of_pairs.n_yes
