"""One set of labels against another: published judges, slow definitions, and every degenerate case."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.measures.counts import Counts
from app.agreement.measures.versus import OFF_SCHEMA, versus
from tests.agreement.measures.data_sets import XSTEST_MODELS, json_of, numbered, pandalm_answers, rows_of

N_VALUES = 3
LABELS = st.lists(st.tuples(st.integers(0, N_VALUES - 1), st.integers(OFF_SCHEMA, N_VALUES - 1)), max_size=30)


def columns(labels: list[tuple[int, int]]) -> tuple[Counts, Counts]:
    reference, other = np.array(labels, np.int64).reshape(-1, 2).T
    return reference, other


def judge_of(name: str, field: str, tie: str) -> Counts:
    """Verdicts like PandaLM's answers; OFF_SCHEMA for all that is neither a tie nor one of the two."""
    verdicts = [str(row[field]) for row in json_of("pandalm", name)]
    return numbered(verdicts, [tie, "1", "2"], otherwise=OFF_SCHEMA)


def majority() -> Counts:
    return np.array([np.bincount(row, minlength=3).argmax() for row in pandalm_answers()])


@pytest.mark.parametrize(
    ("name", "field", "tie"),
    [
        ("pandalm-7b-testset-v1.json", "pandalm_result", "0"),
        ("gpt-3.5-turbo-testset-v1.json", "gpt_result", "Tie"),
    ],
    ids=["pandalm", "gpt"],
)
def test_pandalm_judges_are_as_right_as_published(name: str, field: str, tie: str) -> None:
    expected = json_of("pandalm", "expected.json")["judge_vs_majority"][field]
    judge = judge_of(name, field, tie)
    as_it_is = versus(majority(), judge, 3)
    assert as_it_is.n_off_schema == expected["garbage"]
    assert round(as_it_is.agreement, 5) == expected["accuracy_garbage_wrong"]
    published = versus(majority(), np.where(judge == OFF_SCHEMA, 0, judge), 3)
    assert round(published.agreement, 5) == expected["accuracy_garbage_as_tie"]
    assert round(published.macro_precision, 5) == expected["macro_precision"]
    assert round(published.macro_recall, 5) == expected["macro_recall"]
    assert round(published.macro_f1, 5) == expected["macro_f1"]
    assert round(float(published.kappa.kappa), 5) == expected["cohen_kappa_vs_majority"]


@pytest.mark.parametrize("model", XSTEST_MODELS)
@pytest.mark.parametrize("labels", ["gpt4_label", "strmatch_label"])
def test_xstest_machine_labels_agree_with_the_final_ones_as_expected(model: str, labels: str) -> None:
    all_expected = json_of("xstest", "expected.json")
    classes: list[str] = all_expected["classes"]
    expected: dict[str, Any] = all_expected[model][f"final_vs_{labels}"]
    rows = rows_of("xstest", f"xstest_v2_{model}_labels.csv")
    final = numbered([row["final_label"] for row in rows], classes)
    machine = numbered([row[labels] for row in rows], classes, otherwise=OFF_SCHEMA)
    found = versus(final, machine, len(classes))
    assert found.n == 450
    assert round(found.agreement, 5) == expected["pct"]
    assert round(float(found.kappa.kappa), 5) == expected["cohen"]
    n_labels = expected["n_labels"]
    assert found.n_off_schema == sum(n for label, n in n_labels.items() if label not in classes)
    assert found.confusion.sum(axis=0)[:3].tolist() == [n_labels.get(label, 0) for label in classes]


@given(labels=LABELS)
@settings(deadline=None)
def test_figures_equal_their_definition(labels: list[tuple[int, int]]) -> None:
    found = versus(*columns(labels), N_VALUES)
    nan = float("nan")

    def share(n: int, of: int) -> object:
        return pytest.approx(n / of if of else nan, abs=1e-12, nan_ok=True)

    n_same = sum(a == b for a, b in labels)
    n_off = sum(b == OFF_SCHEMA for _, b in labels)
    assert (found.n, found.n_off_schema, found.confusion.sum()) == (len(labels), n_off, len(labels))
    assert found.agreement == share(n_same, len(labels))
    assert found.agreement_on_schema == share(n_same, len(labels) - n_off)
    for value in range(N_VALUES):
        n_right = labels.count((value, value))
        n_reference = sum(a == value for a, _ in labels)
        n_other = sum(b == value for _, b in labels)
        assert found.precision[value] == share(n_right, n_other)
        assert found.recall[value] == share(n_right, n_reference)
        assert found.f1[value] == share(2 * n_right, n_reference + n_other)


@given(labels=LABELS, order=st.permutations(range(N_VALUES)))
@settings(deadline=None)
def test_renaming_the_values_changes_no_figure(labels: list[tuple[int, int]], order: list[int]) -> None:
    reference, other = columns(labels)
    new_name = np.array([*order, OFF_SCHEMA])
    found = versus(reference, other, N_VALUES)
    renamed = versus(new_name[reference], new_name[other], N_VALUES)
    for figure in ("agreement", "agreement_on_schema", "macro_precision", "macro_recall", "macro_f1"):
        assert getattr(renamed, figure) == pytest.approx(getattr(found, figure), nan_ok=True)
    assert renamed.kappa.kappa == pytest.approx(found.kappa.kappa, nan_ok=True)


@given(labels=LABELS)
@settings(deadline=None)
def test_swapping_the_sides_swaps_precision_and_recall(labels: list[tuple[int, int]]) -> None:
    on_schema = [(a, b) for a, b in labels if b != OFF_SCHEMA]
    reference, other = columns(on_schema)
    found, swapped = versus(reference, other, N_VALUES), versus(other, reference, N_VALUES)
    assert found.precision.tolist() == pytest.approx(swapped.recall.tolist(), nan_ok=True)
    assert found.macro_f1 == pytest.approx(swapped.macro_f1, nan_ok=True)
    assert found.kappa.kappa == pytest.approx(swapped.kappa.kappa, nan_ok=True)


def test_off_schema_labels_are_wrong_and_counted_apart() -> None:
    found = versus(np.array([0, 0, 1, 1]), np.array([0, OFF_SCHEMA, 1, OFF_SCHEMA]), 2)
    assert found.confusion.tolist() == [[1, 0, 1], [0, 1, 1]]
    assert (found.n, found.n_off_schema, found.agreement, found.agreement_on_schema) == (4, 2, 0.5, 1.0)
    assert found.recall.tolist() == [0.5, 0.5]
    assert found.precision.tolist() == [1.0, 1.0]


def test_a_value_never_given_counts_nothing_towards_the_macro_figures() -> None:
    found = versus(np.array([0, 0, 1]), np.array([0, 0, 0]), 3)
    assert np.isnan(found.precision).tolist() == [False, True, True]
    assert np.isnan(found.recall).tolist() == [False, False, True]
    # Value 2 is used by neither side and left out; value 1 has precision 0.
    assert found.macro_precision == pytest.approx((2 / 3 + 0) / 2)
    assert found.macro_recall == pytest.approx((1 + 0) / 2)


def test_one_and_the_same_value_on_both_sides_leaves_kappa_undefined() -> None:
    found = versus(np.array([1, 1]), np.array([1, 1]), 2)
    assert np.isnan(found.kappa.kappa)
    assert (found.agreement, found.macro_f1) == (1.0, 1.0)


def test_labels_that_are_all_off_schema_agree_with_nothing() -> None:
    found = versus(np.array([1, 0]), np.array([OFF_SCHEMA, OFF_SCHEMA]), 2)
    assert (found.agreement, float(found.kappa.kappa), found.macro_recall) == (0.0, 0.0, 0.0)
    assert np.isnan(found.agreement_on_schema)


def test_without_items_all_is_undefined() -> None:
    none = np.array([], np.int64)
    found = versus(none, none, 2)
    assert (found.n, found.n_off_schema) == (0, 0)
    assert np.isnan([found.agreement, found.agreement_on_schema, found.macro_f1]).all()
    assert np.isnan(found.kappa.kappa)


@pytest.mark.parametrize(("reference", "other"), [([OFF_SCHEMA], [0]), ([2], [0]), ([0], [2]), ([0], [-2])])
def test_it_refuses_labels_outside_the_schema(reference: list[int], other: list[int]) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        versus(np.array(reference), np.array(other), 2)


def test_it_refuses_arrays_of_unequal_length() -> None:
    with pytest.raises(ValueError, match="must have the same length"):
        versus(np.array([0, 1]), np.array([0]), 2)
