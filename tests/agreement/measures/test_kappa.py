"""Cohen's kappa and Gwet's AC1: published figures, slow definitions, and every degenerate table."""

import math
from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.measures.counts import Counts, Matrix
from app.agreement.measures.kappa import (
    ac1_of_tables,
    agreement_share,
    annotator_matrix,
    cohen_kappa,
    linear_differences,
    quadratic_differences,
)
from tests.agreement.measures.data_sets import (
    XSTEST_MODELS,
    in_long_form,
    json_of,
    numbered,
    pandalm_answers,
    rows_of,
)

# A. Agresti, "Categorical Data Analysis" (2002), table 10.8: two pathologists on 118 slides.
PATHOLOGISTS = np.array([[22, 2, 2, 0], [5, 7, 14, 0], [0, 2, 36, 0], [0, 1, 17, 10]])
# A. Agresti, "Categorical Data Analysis" (1990), p. 366: husbands and wives on how often sex is fun.
COUPLES = np.array([[7, 7, 2, 3], [2, 8, 3, 7], [1, 5, 4, 9], [2, 8, 9, 14]])

WEIGHTS = pytest.mark.parametrize(
    "differences_of", [None, linear_differences, quadratic_differences], ids=["plain", "linear", "quadratic"]
)


@st.composite
def tables(draw: st.DrawFn) -> Counts:
    """1 to 5 values, up to 6 items a cell, many of them empty."""
    n_values = draw(st.integers(1, 5))
    cell = st.sampled_from([0, 0, 1, 2, 6])
    row = st.lists(cell, min_size=n_values, max_size=n_values)
    return np.array(draw(st.lists(row, min_size=n_values, max_size=n_values)), np.int64)


def differences_for(n_values: int, differences_of: object) -> Matrix | None:
    return differences_of(n_values) if callable(differences_of) else None


def kappa_item_by_item(table: Counts, differences: Matrix) -> tuple[float, float]:
    """(kappa, standard error) from agreement weights, as the 1969 paper writes them."""
    n, n_values = int(table.sum()), len(table)
    values = range(n_values)
    weights = 1 - differences / max(differences.max(), 1)
    share = (table / n).tolist() if n else table.tolist()
    rows = [sum(share[v]) for v in values]
    columns = [sum(share[v][w] for v in values) for w in values]
    observed = sum(weights[v][w] * share[v][w] for v, w in product(values, values))
    expected = sum(weights[v][w] * rows[v] * columns[w] for v, w in product(values, values))
    if n == 0 or np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) == 1:
        return math.nan, math.nan
    row_weights = [sum(columns[w] * weights[v][w] for w in values) for v in values]
    column_weights = [sum(rows[v] * weights[v][w] for v in values) for w in values]
    total = sum(
        share[v][w]
        * (weights[v][w] * (1 - expected) - (row_weights[v] + column_weights[w]) * (1 - observed)) ** 2
        for v, w in product(values, values)
    )
    variance = (total - (observed * expected - 2 * expected + observed) ** 2) / (n * (1 - expected) ** 4)
    return (observed - expected) / (1 - expected), math.sqrt(max(variance, 0.0))


def same(figure: Matrix | float, *, within: float = 1e-9) -> object:
    return pytest.approx(figure, abs=within, nan_ok=True)


def test_it_gives_the_pathologists_published_kappa() -> None:
    figures = cohen_kappa(PATHOLOGISTS)
    assert (round(float(figures.kappa), 3), round(float(figures.standard_error), 3)) == (0.493, 0.057)
    assert (float(figures.agreement), int(figures.n)) == (75 / 118, 118)


def test_it_gives_the_couples_published_weighted_kappa() -> None:
    plain, weighted = cohen_kappa(COUPLES), cohen_kappa(COUPLES, linear_differences(4))
    assert (round(float(plain.kappa), 4), round(float(plain.standard_error), 4)) == (0.1293, 0.0686)
    assert (round(float(weighted.kappa), 4), round(float(weighted.standard_error), 4)) == (0.2374, 0.0783)


def test_pandalm_annotators_agree_as_published() -> None:
    expected = json_of("pandalm", "expected.json")
    figures = annotator_matrix(*in_long_form(pandalm_answers()), 3, 3)
    assert (figures.n == 999 * (1 - np.eye(3))).all()
    for first, second in [(0, 1), (0, 2), (1, 2)]:
        pair = f"{first + 1}-{second + 1}"
        assert round(float(figures.kappa[first, second]), 4) == expected["cohen_kappa"][pair]
        assert round(float(figures.agreement[first, second]), 4) == expected["pct_agreement"][pair]
        assert figures.lower[first, second] < figures.kappa[first, second] < figures.upper[first, second]


@pytest.mark.parametrize("model", XSTEST_MODELS)
def test_xstest_annotators_agree_as_expected(model: str) -> None:
    expected = json_of("xstest", "expected.json")
    rows = rows_of("xstest", f"xstest_v2_{model}_labels.csv")
    answers = [numbered([row[f"annotation_{n}"] for row in rows], expected["classes"]) for n in (1, 2)]
    figures = annotator_matrix(*in_long_form(np.array(answers).T), 2, 3)
    assert round(float(figures.kappa[0, 1]), 5) == expected[model]["cohen"]
    assert round(float(figures.agreement[0, 1]), 5) == expected[model]["pct_agreement"]


@WEIGHTS
@given(table=tables())
@settings(deadline=None)
def test_kappa_and_its_error_equal_their_definition(differences_of: object, table: Counts) -> None:
    differences = differences_for(len(table), differences_of)
    by_hand = kappa_item_by_item(table, 1 - np.eye(len(table)) if differences is None else differences)
    figures = cohen_kappa(table, differences)
    assert float(figures.kappa) == same(by_hand[0])
    # The root of a rounding error near 0 is larger than the error.
    assert float(figures.standard_error) == same(by_hand[1], within=1e-6)


@WEIGHTS
@given(table=tables())
@settings(deadline=None)
def test_transposing_a_table_changes_nothing(differences_of: object, table: Counts) -> None:
    differences = differences_for(len(table), differences_of)
    figures, transposed = cohen_kappa(table, differences), cohen_kappa(table.T, differences)
    assert float(figures.kappa) == same(float(transposed.kappa))
    assert float(figures.standard_error) == same(float(transposed.standard_error), within=1e-6)
    assert float(ac1_of_tables(table)) == same(float(ac1_of_tables(table.T)))


@given(table=tables(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_renaming_the_values_changes_nothing(table: Counts, random: Random) -> None:
    order = list(range(len(table)))
    random.shuffle(order)
    renamed = table[order][:, order]
    assert float(cohen_kappa(renamed).kappa) == same(float(cohen_kappa(table).kappa))
    assert float(ac1_of_tables(renamed)) == same(float(ac1_of_tables(table)))
    assert agreement_share(renamed) == same(agreement_share(table))


@WEIGHTS
@given(table=tables())
@settings(deadline=None)
def test_reversing_the_order_of_values_changes_nothing(differences_of: object, table: Counts) -> None:
    differences = differences_for(len(table), differences_of)
    reverse = cohen_kappa(table[::-1, ::-1], differences)
    assert float(cohen_kappa(table, differences).kappa) == same(float(reverse.kappa))


@given(table=tables())
@settings(deadline=None)
def test_only_the_ratios_of_differences_matter(table: Counts) -> None:
    differences = quadratic_differences(len(table))
    figures, tenfold = cohen_kappa(table, differences), cohen_kappa(table, 10 * differences)
    assert float(figures.kappa) == same(float(tenfold.kappa))
    assert float(figures.standard_error) == same(float(tenfold.standard_error), within=1e-6)


@given(table=tables())
@settings(deadline=None)
def test_a_hundred_times_the_items_give_a_tenth_of_the_error(table: Counts) -> None:
    figures, more = cohen_kappa(table), cohen_kappa(100 * table)
    assert float(figures.kappa) == same(float(more.kappa))
    assert float(figures.standard_error) == same(10 * float(more.standard_error), within=1e-6)


@given(table=tables())
@settings(deadline=None)
def test_figures_stay_in_their_range(table: Counts) -> None:
    figures = cohen_kappa(table)
    if np.isnan(figures.kappa):
        assert np.isnan([figures.lower, figures.upper, figures.standard_error]).all()
    else:
        assert -1 <= figures.lower <= figures.kappa + 1e-12
        assert figures.kappa - 1e-12 <= figures.upper <= 1
    assert (figures.kappa == 1) == (figures.agreement == 1 and np.count_nonzero(np.diagonal(table)) >= 2)


@given(stack=st.lists(tables(), min_size=1, max_size=6))
@settings(deadline=None)
def test_all_tables_at_once_give_what_each_gives_alone(stack: list[Counts]) -> None:
    padded = np.array([np.pad(table, (0, 5 - len(table))) for table in stack])
    together = cohen_kappa(padded)
    assert together.kappa.shape == together.n.shape == (len(stack),)
    for index, table in enumerate(padded):
        alone = cohen_kappa(table)
        assert together.kappa[index] == same(float(alone.kappa))
        assert together.upper[index] == same(float(alone.upper), within=1e-6)
        assert ac1_of_tables(padded)[index] == same(float(ac1_of_tables(table)))


@WEIGHTS
def test_kappa_is_undefined_where_both_use_one_and_the_same_value(differences_of: object) -> None:
    figures = cohen_kappa(np.array([[0, 0], [0, 9]]), differences_for(2, differences_of))
    assert np.isnan([figures.kappa, figures.lower, figures.upper, figures.standard_error]).all()
    assert [float(figures.agreement), int(figures.n)] == [1, 9]


def test_kappa_is_zero_where_each_uses_one_value_and_not_the_same() -> None:
    figures = cohen_kappa(np.array([[0, 9], [0, 0]]))
    assert [float(figures.kappa), float(figures.agreement), int(figures.n)] == [0, 0, 9]


def test_without_a_shared_item_every_figure_is_undefined() -> None:
    for n_values in (0, 1, 3):
        figures = cohen_kappa(np.zeros((n_values, n_values), np.int64))
        assert np.isnan([figures.kappa, figures.lower, figures.upper, figures.agreement]).all()
        assert figures.n == 0
        assert np.isnan(ac1_of_tables(np.zeros((n_values, n_values), np.int64)))


def test_perfect_agreement_has_an_interval_without_width() -> None:
    figures = cohen_kappa(np.array([[5, 0], [0, 4]]))
    assert [float(figures.kappa), float(figures.lower), float(figures.upper)] == [1, 1, 1]
    assert figures.standard_error == 0


def test_an_annotator_without_overlap_has_no_kappa_with_anybody() -> None:
    item, annotator, value = np.array([[0, 0, 0], [0, 1, 0], [1, 0, 1], [1, 1, 1], [2, 2, 1]]).T
    figures = annotator_matrix(item, annotator, value, 3, 2)
    assert figures.kappa[0, 1] == figures.kappa[1, 0] == 1.0
    assert np.isnan(figures.kappa[2]).all()
    assert np.isnan(np.diagonal(figures.kappa)).all()
    assert figures.n.tolist() == [[0, 2, 0], [2, 0, 0], [0, 0, 0]]


def test_ac1_stays_near_raw_agreement_where_kappa_collapses() -> None:
    table = np.array([[118, 5], [2, 0]])  # K. L. Gwet (2008), table 4: kappa -.0234, AC1 .9408
    assert round(float(cohen_kappa(table).kappa), 4) == -0.0234
    assert round(float(ac1_of_tables(table)), 4) == 0.9408


def test_ac1_of_one_value_used_is_one_on_a_scale_of_several_and_undefined_on_a_scale_of_one() -> None:
    assert ac1_of_tables(np.array([[9, 0], [0, 0]])) == 1.0
    assert np.isnan(ac1_of_tables(np.array([[9]])))
