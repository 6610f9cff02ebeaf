"""What holds of every measure that is computed from counts."""

from collections.abc import Callable
from functools import partial
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Counts, Level, Matrix, count_values, prevalence
from app.agreement.measures.fleiss import fleiss_kappa
from app.agreement.measures.gwet import gwet_ac1
from app.agreement.measures.patterns import distinct_rows
from app.agreement.measures.specific import specific_agreement
from tests.agreement.measures.matrices import as_counts, count_matrices, same

Measure = Callable[..., Matrix]

NOMINAL: dict[str, Measure] = {
    "nominal alpha": partial(krippendorff_alpha, level=Level.NOMINAL),
    "raw agreement": raw_agreement,
    "Fleiss": fleiss_kappa,
    "AC1": gwet_ac1,
}
OF_EACH_VALUE: dict[str, Measure] = {"specific agreement": specific_agreement, "prevalence": prevalence}
ALL: dict[str, Measure] = {
    **NOMINAL,
    **OF_EACH_VALUE,
    "ordinal alpha": partial(krippendorff_alpha, level=Level.ORDINAL),
    "interval alpha": partial(krippendorff_alpha, level=Level.INTERVAL),
}


def each(measures: dict[str, Measure]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("measure", list(measures.values()), ids=list(measures))


@each(ALL)
@given(counts=count_matrices(), data=st.data())
@settings(deadline=None)
def test_a_row_of_weight_w_is_w_rows(measure: Measure, counts: Counts, data: st.DataObject) -> None:
    weight = np.array(data.draw(st.lists(st.integers(0, 3), min_size=len(counts), max_size=len(counts))))
    assert measure(counts, weight=weight) == same(measure(np.repeat(counts, weight, axis=0)))
    distinct, weight_of_distinct = distinct_rows(counts, weight)
    assert measure(distinct, weight=weight_of_distinct) == same(measure(counts, weight=weight))


@each(ALL)
@given(counts=count_matrices(), seed=st.integers(0, 99))
@settings(deadline=None)
def test_many_weights_at_once_give_each_its_own_figure(measure: Measure, counts: Counts, seed: int) -> None:
    weights = np.random.default_rng(seed).integers(0, 3, (2, 3, len(counts)))
    at_once = measure(counts, weight=weights)
    assert at_once.shape[:2] == (2, 3)
    assert at_once == same(np.array([[measure(counts, weight=w) for w in row] for row in weights]))


@each(ALL)
def test_weights_that_are_all_zero_leave_nothing_defined(measure: Measure) -> None:
    assert np.isnan(measure(as_counts([[2, 1], [0, 3]]), weight=np.array([0, 0]))).all()


@each(ALL)
@given(counts=count_matrices(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_items_does_not_matter(measure: Measure, counts: Counts, random: Random) -> None:
    order = random.sample(range(len(counts)), len(counts))
    assert measure(counts[order]) == same(measure(counts))


@each(NOMINAL)
@given(counts=count_matrices(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_what_the_values_are_called_does_not_matter(measure: Measure, counts: Counts, random: Random) -> None:
    order = random.sample(range(counts.shape[1]), counts.shape[1])
    assert measure(counts[:, order]) == same(measure(counts))


@each(OF_EACH_VALUE)
@given(counts=count_matrices(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_figures_of_values_go_where_the_values_go(measure: Measure, counts: Counts, random: Random) -> None:
    order = random.sample(range(counts.shape[1]), counts.shape[1])
    assert measure(counts[:, order]) == same(measure(counts)[order])


@each(NOMINAL)
@given(counts=count_matrices())
@settings(deadline=None)
def test_a_copy_of_every_annotator_never_lowers_agreement(measure: Measure, counts: Counts) -> None:
    pairable = counts[counts.sum(axis=1) >= 2]
    before = measure(pairable)
    assume(not np.isnan(before))
    assert measure(2 * pairable) >= before - 1e-9


@each(NOMINAL)
def test_shuffled_answers_agree_by_chance_alone(measure: Measure) -> None:
    random = np.random.default_rng(7)
    answers = random.choice(3, (20_000, 3), p=[0.6, 0.3, 0.1])
    by_chance = {raw_agreement: 0.46, gwet_ac1: (0.46 - 0.27) / (1 - 0.27)}  # AC1 guesses evenly
    assert float(measure(counts_of(answers))) == pytest.approx(by_chance.get(measure, 0.0), abs=0.01)


def counts_of(answers: Counts) -> Counts:
    """`answers`: one row an item, one column an annotator, values 0 to 2."""
    n_items, n_annotators = answers.shape
    return count_values(np.repeat(np.arange(n_items), n_annotators), answers.ravel(), n_items, 3)
