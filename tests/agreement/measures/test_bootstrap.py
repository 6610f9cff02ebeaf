"""Bootstrap intervals over items: what is drawn, what is left out, and what comes back."""

from functools import partial

import numpy as np
import pytest
from numpy.random import PCG64, Generator
from scipy.stats import binom

from app.agreement.measures import bootstrap
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.bootstrap import interval_over_items, resamples
from app.agreement.measures.counts import Counts, Level, Matrix
from app.agreement.measures.specific import specific_agreement
from tests.agreement.measures.matrices import as_counts

TWO_ANNOTATORS = as_counts([[2, 0], [1, 1], [0, 2]])
WEIGHT = np.array([60, 30, 10])


def share_of_first(weight: Counts) -> Matrix:
    """A figure of items alone: the share of them that stand in row 0."""
    return np.asarray(weight[..., 0] / weight.sum(axis=-1), np.float64)


def agreement_on(value: int, weight: Counts) -> Matrix:
    return specific_agreement(TWO_ANNOTATORS, weight)[..., value]


def all_resamples(weight: Counts, n_resamples: int) -> Counts:
    return np.concatenate(list(resamples(Generator(PCG64(3)), weight, n_resamples)))


def test_the_interval_of_a_share_is_that_of_the_binomial() -> None:
    interval = interval_over_items(share_of_first, np.array([300, 700]), seed=1, n_resamples=20_000)
    lower, upper = binom.ppf([0.025, 0.975], 1000, 0.3) / 1000
    assert interval.lower == pytest.approx(lower, abs=0.003)
    assert interval.upper == pytest.approx(upper, abs=0.003)


def test_less_confidence_is_a_narrower_interval_around_the_figure() -> None:
    figure = partial(raw_agreement, TWO_ANNOTATORS)
    wide, narrow = (interval_over_items(figure, WEIGHT, 1, confidence=level) for level in (0.95, 0.5))
    assert wide.lower < narrow.lower < figure(WEIGHT) < narrow.upper < wide.upper


def test_the_same_seed_gives_the_same_interval() -> None:
    figure = partial(krippendorff_alpha, TWO_ANNOTATORS, Level.NOMINAL)
    first, again, other = (interval_over_items(figure, WEIGHT, seed) for seed in (5, 5, 6))
    assert first == again != other


def test_several_figures_at_once_get_the_bounds_that_each_gets_alone() -> None:
    both = interval_over_items(partial(specific_agreement, TWO_ANNOTATORS), WEIGHT, 1)
    assert both.lower.shape == both.upper.shape == (2,)
    for value in (0, 1):
        alone = interval_over_items(partial(agreement_on, value), WEIGHT, 1)
        assert float(alone.lower) == both.lower[value]
        assert float(alone.upper) == both.upper[value]


def test_a_figure_that_never_changes_has_no_width() -> None:
    interval = interval_over_items(partial(raw_agreement, as_counts([[2, 0], [0, 3]])), np.array([5, 6]), 1)
    assert [float(interval.lower), float(interval.upper)] == [1.0, 1.0]


def test_resamples_without_a_figure_are_left_out_where_they_are_few() -> None:
    # 20 items, 4 of them with another value: alpha is undefined in 0.8^20 = 1.2 % of the resamples.
    interval = interval_over_items(
        partial(krippendorff_alpha, as_counts([[2, 0], [0, 2]]), Level.NOMINAL), np.array([16, 4]), 1
    )
    assert [float(interval.lower), float(interval.upper)] == [1.0, 1.0]


def test_the_interval_is_undefined_where_many_resamples_have_no_figure() -> None:
    # One of 20 items: undefined in .95^20 = 36 % of the resamples.
    alpha = partial(krippendorff_alpha, as_counts([[2, 0], [0, 2]]), Level.NOMINAL)
    interval = interval_over_items(alpha, np.array([19, 1]), 1)
    assert np.isnan([interval.lower, interval.upper]).all()


def test_a_value_that_is_never_given_leaves_the_others_their_intervals() -> None:
    counts = as_counts([[2, 0, 0], [1, 1, 0], [0, 2, 0]])
    interval = interval_over_items(partial(specific_agreement, counts), WEIGHT, 1)
    assert np.isnan(interval.lower).tolist() == np.isnan(interval.upper).tolist() == [False, False, True]


@pytest.mark.parametrize("weight", [[0, 0, 0], []], ids=["zero weights", "no rows"])
def test_without_items_the_interval_is_undefined(weight: list[int]) -> None:
    counts = TWO_ANNOTATORS[: len(weight)]
    interval = interval_over_items(partial(raw_agreement, counts), np.array(weight, np.int64), 1)
    assert np.isnan([interval.lower, interval.upper]).all()


def test_one_item_gives_an_interval_without_width() -> None:
    interval = interval_over_items(partial(raw_agreement, as_counts([[2, 1]])), np.array([1]), 1)
    assert interval.lower == interval.upper == pytest.approx(1 / 3)


@pytest.mark.parametrize("n_rows", [3, bootstrap.MANY_ROWS + 200], ids=["few rows", "many rows"])
def test_every_resample_has_as_many_items_and_every_row_its_share(n_rows: int) -> None:
    weight = np.arange(n_rows) % 30
    drawn = all_resamples(weight, 2000)
    assert (drawn.sum(axis=1) == weight.sum()).all()
    # A mean of 2,000 binomials lies within five standard errors.
    assert (np.abs(drawn.mean(axis=0) - weight) <= 5 * np.sqrt(weight / 2000)).all()
    variance = weight * (1 - weight / weight.sum())
    assert drawn.var(axis=0).sum() == pytest.approx(variance.sum(), rel=0.05)


def test_resamples_are_drawn_in_chunks_that_stay_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "CELLS_AT_ONCE", 700)
    chunks = [chunk.shape for chunk in resamples(Generator(PCG64(1)), np.ones(100, np.int64), 20)]
    assert chunks == [(7, 100), (7, 100), (6, 100)]
    huge = [chunk.shape for chunk in resamples(Generator(PCG64(1)), np.ones(1000, np.int64), 2)]
    assert huge == [(1, 1000), (1, 1000)]


def test_more_rows_than_can_be_left_out_one_by_one_still_get_an_interval() -> None:
    weight = np.ones(bootstrap.MOST_ROWS_LEFT_OUT + 1, np.int64)
    weight[0] = 500
    interval = interval_over_items(share_of_first, weight, 1)
    assert interval.lower < 500 / weight.sum() < interval.upper
