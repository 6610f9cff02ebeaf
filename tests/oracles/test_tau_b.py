"""Kendall's tau-b against SciPy to 1e-9, with ties and missing responses; NaN for both where undefined."""

import numpy as np
import pytest
from scipy.stats import kendalltau

from app.agreement.measures.kendall import mean_tau_b, tau_b
from tests.oracles.crowds import exactly

SIZES = pytest.mark.parametrize("n_responses", [2, 3, 4, 9])
SHAPES = pytest.mark.parametrize("n_ranks", [2, 9])  # few ranks make many ties


@SHAPES
@SIZES
def test_tau_b_is_that_of_scipy(n_responses: int, n_ranks: int) -> None:
    random = np.random.default_rng(n_responses)
    first, second = random.integers(1, n_ranks + 1, (2, 300, n_responses))
    theirs = [kendalltau(*ranks, variant="b").statistic for ranks in zip(first, second, strict=True)]
    assert tau_b(first, second) == exactly(np.array(theirs))


@SHAPES
@SIZES
def test_tau_b_without_a_response_is_that_of_the_others(n_responses: int, n_ranks: int) -> None:
    random = np.random.default_rng(n_responses)
    first, second = random.integers(0, n_ranks + 1, (2, 300, n_responses))
    theirs = []
    for one, other in zip(first, second, strict=True):
        in_both = (one > 0) & (other > 0)
        # SciPy warns of fewer than two.
        is_enough = np.count_nonzero(in_both) >= 2
        theirs.append(kendalltau(one[in_both], other[in_both]).statistic if is_enough else np.nan)
    assert tau_b(first, second) == exactly(np.array(theirs))


@SHAPES
def test_mean_tau_b_is_the_mean_over_every_two_rankings_of_an_item(n_ranks: int) -> None:
    random = np.random.default_rng(3)
    item, annotator = np.nonzero(random.random((60, 5)) < 0.6)
    ranks = random.integers(1, n_ranks + 1, (item.size, 4))
    theirs = np.array(
        [
            kendalltau(ranks[one], ranks[other]).statistic
            for one in range(item.size)
            for other in range(one)
            if item[one] == item[other]
        ]
    )
    ours = mean_tau_b(item, annotator, ranks)
    assert ours.mean == exactly(np.nanmean(theirs))
    assert ours.n_undefined == np.isnan(theirs).sum()
    assert ours.n == theirs.size - ours.n_undefined
