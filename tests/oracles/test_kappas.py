"""Fleiss' kappa and Gwet's AC1, AC2 against irrCAC, Cohen's kappa and shares against scikit-learn, to 1e-9.

Every definition is the same, for answers that are missing as well. Where Cohen's kappa is undefined both are
NaN; scikit-learn then warns.
"""

import irrCAC.raw
import irrCAC.table
import numpy as np
import pandas
import pytest
from sklearn.metrics import (
    accuracy_score,
    cohen_kappa_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from app.agreement.measures.counts import Counts, Matrix
from app.agreement.measures.fleiss import agreement_of_items, fleiss_kappa
from app.agreement.measures.gwet import gwet_ac1, gwet_ac2
from app.agreement.measures.kappa import (
    ac1_of_tables,
    annotator_matrix,
    cohen_kappa,
    linear_differences,
    quadratic_differences,
)
from app.agreement.measures.pair_tables import pair_tables
from app.agreement.measures.specific import specific_agreement
from app.agreement.measures.versus import versus
from tests.oracles.crowds import ANY_ANSWERS, Answers, exactly

WEIGHTS = pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
OF_IRRCAC = {None: "identity", "linear": "linear", "quadratic": "quadratic"}


def differences_of(weights: str | None, n_values: int) -> Matrix | None:
    if weights is None:
        return None
    return linear_differences(n_values) if weights == "linear" else quadratic_differences(n_values)


def raw_of_irrcac(answers: Answers, weights: str | None) -> irrCAC.raw.CAC:
    return irrCAC.raw.CAC(
        pandas.DataFrame(answers.with_gaps),
        weights=OF_IRRCAC[weights],
        categories=[float(value) for value in range(answers.n_values)],
        digits=15,
    )


@ANY_ANSWERS
def test_fleiss_kappa_is_that_of_irrcac(answers: Answers) -> None:
    theirs = raw_of_irrcac(answers, None).fleiss()["est"]
    assert fleiss_kappa(answers.counts) == exactly(theirs["coefficient_value"])
    assert agreement_of_items(answers.counts) == exactly(theirs["pa"])


@ANY_ANSWERS
def test_ac1_is_that_of_irrcac(answers: Answers) -> None:
    theirs = raw_of_irrcac(answers, None).gwet()["est"]["coefficient_value"]
    assert gwet_ac1(answers.counts) == exactly(theirs)


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
@ANY_ANSWERS
def test_ac2_is_that_of_irrcac(answers: Answers, weights: str) -> None:
    apart = differences_of(weights, answers.n_values)
    assert apart is not None
    theirs = raw_of_irrcac(answers, weights).gwet()["est"]["coefficient_value"]
    assert gwet_ac2(answers.counts, 1 - apart / apart.max()) == exactly(theirs)


# --- Two annotators


def answers_of_both(answers: Answers) -> tuple[Counts, Counts]:
    """Of the first two annotators, to the items that both answered."""
    both = answers.table[(answers.table[:, :2] >= 0).all(axis=1), :2]
    return both[:, 0], both[:, 1]


def first_table(answers: Answers) -> Counts:
    tables = pair_tables(*answers.long_form(), answers.table.shape[1], answers.n_values)
    first: Counts = tables[0, 1]
    return first


@WEIGHTS
@ANY_ANSWERS
def test_cohen_kappa_of_every_two_annotators_is_that_of_scikit_learn(
    answers: Answers, weights: str | None
) -> None:
    n_annotators, values = answers.table.shape[1], list(range(answers.n_values))
    ours = annotator_matrix(
        *answers.long_form(), n_annotators, answers.n_values, differences_of(weights, answers.n_values)
    )
    for one in range(n_annotators):
        for other in range(one):
            both = answers.table[(answers.table[:, [one, other]] >= 0).all(axis=1)]
            assert ours.n[one, other] == len(both)
            # scikit-learn raises for no items, and warns where kappa is undefined; so it is not asked there.
            if not np.isnan(ours.kappa[one, other]):
                theirs = cohen_kappa_score(both[:, one], both[:, other], labels=values, weights=weights)
                assert ours.kappa[one, other] == exactly(theirs)
                assert ours.agreement[one, other] == exactly(accuracy_score(both[:, one], both[:, other]))


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::RuntimeWarning")
def test_cohen_kappa_of_one_value_is_undefined_for_both() -> None:
    table = np.array([[7, 0], [0, 0]])
    assert np.isnan(cohen_kappa(table).kappa)
    assert np.isnan(cohen_kappa_score([0] * 7, [0] * 7, labels=[0, 1]))


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # of its p-value, where it is 0 / 0
@WEIGHTS
@ANY_ANSWERS
def test_cohen_kappa_and_its_error_are_those_of_irrcac(answers: Answers, weights: str | None) -> None:
    table = first_table(answers)
    ours = cohen_kappa(table, differences_of(weights, answers.n_values))
    theirs = irrCAC.table.CAC(pandas.DataFrame(table), weights=OF_IRRCAC[weights], digits=15).cohen()["est"]
    assert ours.kappa == exactly(theirs["coefficient_value"])
    assert ours.standard_error == exactly(theirs["se"])


@ANY_ANSWERS
def test_ac1_of_a_table_is_that_of_irrcac(answers: Answers) -> None:
    table = first_table(answers)
    theirs = irrCAC.table.CAC(pandas.DataFrame(table), digits=15).gwet()["est"]["coefficient_value"]
    assert ac1_of_tables(table) == exactly(theirs)


@ANY_ANSWERS
def test_specific_agreement_of_two_is_the_f1_of_scikit_learn(answers: Answers) -> None:
    """Of two annotators it is 2a / (2a + b + c), which is F1 whoever of them is taken for the truth."""
    both = Answers(np.stack(answers_of_both(answers), axis=1), answers.n_values)
    theirs = f1_score(*both.table.T, labels=list(range(both.n_values)), average=None, zero_division=np.nan)
    assert specific_agreement(both.counts) == exactly(theirs)


@ANY_ANSWERS
def test_one_set_of_labels_against_another_as_scikit_learn_says(answers: Answers) -> None:
    reference, other = answers_of_both(answers)
    values = list(range(answers.n_values))
    ours = versus(reference, other, answers.n_values)
    precision, recall, f1, _ = precision_recall_fscore_support(
        reference, other, labels=values, zero_division=np.nan
    )
    assert ours.confusion[:, :-1].tolist() == confusion_matrix(reference, other, labels=values).tolist()
    assert ours.agreement == exactly(accuracy_score(reference, other))
    assert ours.precision == exactly(precision)
    assert ours.recall == exactly(recall)
    assert ours.f1 == exactly(f1)
    # Of the values that either uses, 0 where it is undefined.
    macro = precision_recall_fscore_support(reference, other, average="macro", zero_division=0)
    assert [ours.macro_precision, ours.macro_recall, ours.macro_f1] == exactly(list(macro[:3]))
