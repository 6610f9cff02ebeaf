"""Dawid-Skene posteriors: the truth behind simulated annotators, the corner cases, and what always holds."""

import math
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.consensus.dawid_skene import (
    MOST_ITERATIONS,
    RIGHT_PSEUDO_ANSWERS,
    TOLERANCE,
    WRONG_PSEUDO_ANSWERS,
    Posterior,
    dawid_skene,
)
from app.agreement.measures.counts import Counts, count_values

# How often each simulated annotator is right: two careful ones, two sloppy ones, one who answers at random.
ACCURACIES = np.array([0.95, 0.95, 0.70, 0.70, 0.50])
CAREFUL, SLOPPY, RANDOM = 0, 2, 4

N_VALUES = pytest.mark.parametrize("n_values", [2, 4])


@dataclass(frozen=True)
class Answers:
    """`triples`: (item, annotator, value) of each answer."""

    triples: list[tuple[int, int, int]]
    n_items: int
    n_annotators: int
    n_values: int

    def columns(self) -> tuple[Counts, Counts, Counts]:
        item, annotator, value = np.array(self.triples, dtype=np.int64).reshape(-1, 3).T
        return item, annotator, value

    def posterior(self) -> Posterior:
        return dawid_skene(*self.columns(), self.n_items, self.n_annotators, self.n_values)


@st.composite
def any_answers(draw: st.DrawFn) -> Answers:
    """Up to 24 answers of 1 to 5 annotators to 1 to 7 items, with 1 to 4 values; also an item twice."""
    sizes = draw(st.tuples(st.integers(1, 7), st.integers(1, 5), st.integers(1, 4)))
    answer = st.tuples(*(st.integers(0, n - 1) for n in sizes))
    return Answers(draw(st.lists(answer, max_size=24)), *sizes)


def simulated(n_items: int, n_values: int) -> tuple[Counts, Answers]:
    """The true values, and what everybody in ACCURACIES says of each item; wrong values are equally likely.

    Value 0 is true of half of the items, the others share the rest.
    """
    random = np.random.default_rng(7)
    truth = random.choice(n_values, size=n_items, p=[0.5, *[0.5 / (n_values - 1)] * (n_values - 1)])
    is_right = random.random((n_items, ACCURACIES.size)) < ACCURACIES
    wrong = (truth[:, np.newaxis] + random.integers(1, n_values, is_right.shape)) % n_values
    said = np.where(is_right, truth[:, np.newaxis], wrong)
    triples = [(i, a, int(value)) for (i, a), value in np.ndenumerate(said)]
    return truth, Answers(triples, n_items, ACCURACIES.size, n_values)


@N_VALUES
def test_it_finds_the_truth_more_often_than_the_majority(n_values: int) -> None:
    truth, answers = simulated(2000, n_values)
    item, _, value = answers.columns()
    majority = count_values(item, value, answers.n_items, n_values).argmax(axis=1)
    posterior = answers.posterior()
    assert posterior.has_converged
    found = posterior.of_item.argmax(axis=1)
    assert np.mean(found == truth) > max(0.95, np.mean(majority == truth))
    assert posterior.of_item.max(axis=1).mean() == pytest.approx(np.mean(found == truth), abs=0.02)


@N_VALUES
def test_it_learns_how_well_each_annotator_answers(n_values: int) -> None:
    truth, answers = simulated(2000, n_values)
    posterior = answers.posterior()
    share_right = np.diagonal(posterior.confusion, axis1=1, axis2=2) @ posterior.prevalence
    assert share_right == pytest.approx(ACCURACIES, abs=0.03)
    assert posterior.prevalence == pytest.approx(np.bincount(truth) / truth.size, abs=0.03)


def test_it_learns_which_value_an_annotator_says_for_which() -> None:
    said_by = [[0, 1, 2], [0, 1, 2], [0, 2, 2]]  # the last annotator says 2 where 1 is true
    triples = [(i, a, said[i % 3]) for i in range(600) for a, said in enumerate(said_by)]
    confusion = Answers(triples, n_items=600, n_annotators=3, n_values=3).posterior().confusion
    assert confusion[2] == pytest.approx(np.array([[1, 0, 0], [0, 0, 1], [0, 0, 1]]), abs=0.03)


@N_VALUES
def test_three_careful_answers_alike_leave_little_doubt(n_values: int) -> None:
    _, answers = simulated(400, n_values)
    alike = [(400, CAREFUL, 1), (400, CAREFUL + 1, 1), (400, 5, 1)]  # of annotator 5 nothing else is known
    of_item = Answers(answers.triples + alike, 401, 6, n_values).posterior().of_item
    assert of_item[400, 1] > 0.95


@N_VALUES
def test_a_dissent_counts_by_who_dissents(n_values: int) -> None:
    _, answers = simulated(1000, n_values)
    two_sloppy = [(i, a, 0) for i in (1000, 1001) for a in (SLOPPY, SLOPPY + 1)]
    dissents = [(1000, CAREFUL, 1), (1001, RANDOM, 1)]
    of_item = Answers(answers.triples + two_sloppy + dissents, 1002, 5, n_values).posterior().of_item
    assert of_item[1000, 1] > of_item[1001, 1] + 0.2
    assert of_item[1001, 0] > 0.8


def test_without_answers_nothing_is_known() -> None:
    posterior = Answers([], n_items=3, n_annotators=2, n_values=4).posterior()
    assert posterior.has_converged
    assert posterior.of_item.tolist() == [[0.25] * 4] * 3
    assert posterior.prevalence.tolist() == [0.25] * 4
    share_right = RIGHT_PSEUDO_ANSWERS / (RIGHT_PSEUDO_ANSWERS + WRONG_PSEUDO_ANSWERS)
    assert np.diagonal(posterior.confusion, axis1=1, axis2=2) == pytest.approx(np.full((2, 4), share_right))


def test_without_items_and_annotators_the_shapes_still_hold() -> None:
    posterior = Answers([], n_items=0, n_annotators=0, n_values=2).posterior()
    assert (posterior.of_item.shape, posterior.confusion.shape) == ((0, 2), (0, 2, 2))


def test_an_item_without_answers_gets_the_prevalence_and_leaves_it_alone() -> None:
    triples = [(i, a, int(i == 2)) for i in range(3) for a in range(3)]
    without = Answers(triples, n_items=3, n_annotators=3, n_values=2).posterior()
    posterior = Answers(triples, n_items=4, n_annotators=3, n_values=2).posterior()
    assert posterior.of_item[3].tolist() == posterior.prevalence.tolist() == without.prevalence.tolist()


@pytest.mark.parametrize(("n_items", "n_annotators"), [(1, 1), (1, 3), (10, 1), (20, 5)])
def test_one_answer_an_annotator_or_an_item_is_believed(n_items: int, n_annotators: int) -> None:
    n_answers = max(n_items, n_annotators)
    triples = [(j % n_items, j % n_annotators, j % n_items % 2) for j in range(n_answers)]
    of_item = Answers(triples, n_items, n_annotators, n_values=2).posterior().of_item
    assert of_item.argmax(axis=1).tolist() == [i % 2 for i in range(n_items)]
    assert of_item.max() < 1


@pytest.mark.parametrize(("n_annotators", "believed"), [(1, 1), (4, 0)])
def test_without_overlap_a_rare_value_is_barely_believed_of_one_annotator_and_not_of_several(
    n_annotators: int, believed: int
) -> None:
    triples = [(i, i % n_annotators, int(i % 20 < n_annotators)) for i in range(200)]
    of_item = Answers(triples, 200, n_annotators, n_values=2).posterior().of_item
    assert (of_item[0].argmax(), of_item[19].argmax()) == (believed, 0)
    assert of_item[0, 1] == pytest.approx(0.5, abs=0.1)
    assert of_item[19, 0] > 0.75


@pytest.mark.parametrize("n_values", [1, 2, 4])
def test_all_answers_alike_leave_no_doubt(n_values: int) -> None:
    posterior = Answers([(i, a, 0) for i in range(50) for a in range(3)], 50, 3, n_values).posterior()
    assert posterior.has_converged
    assert posterior.of_item[:, 0].min() > 0.99


def test_very_many_answers_to_one_item_do_not_underflow() -> None:
    of_item = Answers([(0, a, a % 2) for a in range(5001)], 1, 5001, n_values=2).posterior().of_item
    assert of_item.sum() == pytest.approx(1)


def test_what_the_answers_leave_even_stays_even() -> None:
    """Nothing tells values 1 and 2 of item 0 apart; without DECIMALS rounding errors make one 99 % sure."""
    triples = [(0, 0, 1), (0, 1, 1), (0, 1, 2), (0, 2, 0), (0, 2, 0), (0, 2, 2), (1, 1, 0), (1, 2, 3)]
    of_item = Answers(triples, n_items=2, n_annotators=3, n_values=4).posterior().of_item
    assert of_item[0, 1] == pytest.approx(of_item[0, 2], abs=1e-9)


def test_it_says_when_it_stopped_too_early() -> None:
    """One annotator alone shows none of their errors, so the model drifts slowly to the pseudo-counts."""
    posterior = Answers([(i, 0, i % 2) for i in range(200)], 200, 1, n_values=2).posterior()
    assert (posterior.has_converged, posterior.n_iterations) == (False, MOST_ITERATIONS)


@pytest.mark.parametrize("answer", [(3, 0, 0), (-1, 0, 0), (0, 2, 0), (0, -1, 0), (0, 0, 4), (0, 0, -1)])
def test_it_refuses_answers_out_of_range(answer: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"^(item|annotator|value) must lie in 0\.\."):
        Answers([answer], n_items=3, n_annotators=2, n_values=4).posterior()


@pytest.mark.parametrize("lengths", [(2, 1, 1), (1, 2, 1), (1, 1, 2)])
def test_it_refuses_columns_of_unequal_length(lengths: tuple[int, int, int]) -> None:
    item, annotator, value = (np.zeros(n, dtype=np.int64) for n in lengths)
    with pytest.raises(ValueError, match="must have the same length"):
        dawid_skene(item, annotator, value, 3, 2, 4)


def test_it_refuses_a_question_without_values() -> None:
    with pytest.raises(ValueError, match="n_values must be at least 1"):
        Answers([], n_items=1, n_annotators=1, n_values=0).posterior()


@given(answers=any_answers())
@settings(deadline=None)
def test_every_row_is_a_distribution(answers: Answers) -> None:
    posterior = answers.posterior()
    for rows in (posterior.of_item, posterior.confusion, posterior.prevalence):
        assert (rows > 0).all()
        assert rows.sum(axis=-1) == pytest.approx(np.ones(rows.shape[:-1]))


@given(answers=any_answers())
@settings(deadline=None)
def test_posterior_and_model_follow_from_each_other(answers: Answers) -> None:
    """By Bayes' rule, answer by answer, in one direction; by counting, once converged, in the other."""
    posterior, n_values = answers.posterior(), answers.n_values
    n_said = np.full((answers.n_annotators, n_values, n_values), WRONG_PSEUDO_ANSWERS / max(n_values - 1, 1))
    n_said[:, range(n_values), range(n_values)] = RIGHT_PSEUDO_ANSWERS
    for i, of_item in enumerate(posterior.of_item):
        said = [(a, value) for item, a, value in answers.triples if item == i]
        joint = posterior.prevalence * [
            math.prod(posterior.confusion[a, true, value] for a, value in said) for true in range(n_values)
        ]
        assert of_item == pytest.approx(joint / joint.sum(), abs=1e-9)
        for a, value in said:
            n_said[a, :, value] += of_item
    if posterior.has_converged:
        counted = n_said / n_said.sum(axis=2, keepdims=True)
        assert posterior.confusion == pytest.approx(counted, abs=24 * TOLERANCE)


@given(answers=any_answers(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_order_of_answers_changes_no_bit(answers: Answers, random: Random) -> None:
    shuffled = random.sample(answers.triples, len(answers.triples))
    again = Answers(shuffled, answers.n_items, answers.n_annotators, answers.n_values).posterior()
    posterior = answers.posterior()
    assert again.n_iterations == posterior.n_iterations
    assert again.of_item.tobytes() == posterior.of_item.tobytes()
    assert again.confusion.tobytes() == posterior.confusion.tobytes()
    assert again.prevalence.tobytes() == posterior.prevalence.tobytes()


@given(answers=any_answers(), random=st.randoms(use_true_random=False))
@settings(deadline=None)
def test_what_items_annotators_and_values_are_called_changes_nothing(
    answers: Answers, random: Random
) -> None:
    sizes = (answers.n_items, answers.n_annotators, answers.n_values)
    items, annotators, values = (random.sample(range(n), n) for n in sizes)
    renamed = [(items[i], annotators[a], values[value]) for i, a, value in answers.triples]
    again, posterior = Answers(renamed, *sizes).posterior(), answers.posterior()
    assert again.of_item[np.ix_(items, values)] == pytest.approx(posterior.of_item, abs=1e-9)
    assert again.confusion[np.ix_(annotators, values, values)] == pytest.approx(posterior.confusion, abs=1e-9)
    assert again.prevalence[values] == pytest.approx(posterior.prevalence, abs=1e-9)
