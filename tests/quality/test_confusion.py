"""What answers tell of the truth: all, nothing, or its opposite."""

import numpy as np
import pytest

from app.agreement.measures.counts import Counts
from app.quality.answers import UNKNOWN
from app.quality.confusion import Informativeness, fit, informativeness, truth_without_own, truth_without_two
from tests.quality.make import answers_of, answers_to_all

TAIL = 0.01


def told(said: Counts, truth: Counts) -> Informativeness:
    """`said`: shape (n_annotators, n_items); all items are gold."""
    answers = answers_to_all(said, truth)
    return informativeness(answers, fit(answers), TAIL)


def test_always_right_never_and_whatever_is_true() -> None:
    truth = np.arange(400) % 2
    found = told(np.stack([truth, 1 - truth, np.zeros(400, np.int64), np.arange(400) // 2 % 2]), truth)
    assert found.of_each.mean == pytest.approx([1, -1, 0, 0], abs=0.02)
    assert (found.of_each.lower[:2] > [0.9, -1.01]).all()
    assert found.of_each.upper[2] < 0.05
    assert found.of_each.lower[3] < 0 < found.of_each.upper[3]
    assert found.n_said[0].tolist() == [[200, 0], [0, 200]]


def test_for_two_values_it_is_sensitivity_and_specificity_less_one() -> None:
    truth = np.repeat([0, 1], 1_000)
    said = np.concatenate([np.repeat([0, 1], [900, 100]), np.repeat([0, 1], [300, 700])])
    assert told(said[np.newaxis], truth).of_each.mean == pytest.approx([0.9 + 0.7 - 1], abs=0.002)


def test_who_has_no_answers_may_tell_anything() -> None:
    none = np.array([], np.int64)
    answers = answers_of(none, none, none, n_annotators=2, n_values=4)
    found = informativeness(answers, fit(answers), TAIL).of_each
    assert found.mean.tolist() == [0, 0]
    assert (found.lower < -0.6).all()
    assert (found.upper > 0.6).all()


def test_ones_own_answer_makes_nobody_right() -> None:
    """Without it, an item that nobody else answered has the prevalence; a gold item its known value."""
    answers = answers_of(np.array([0, 1]), np.array([0, 0]), np.array([1, 0]), gold=np.array([UNKNOWN, 1]))
    model = fit(answers)
    truth = truth_without_own(answers, model)
    assert truth[0] == pytest.approx(model.prevalence)
    assert truth[1].tolist() == [0, 1]


def test_without_two_answers_the_third_decides() -> None:
    item, annotator = np.repeat(np.arange(50), 3), np.tile([0, 1, 2], 50)
    value = np.where((item == 0) & (annotator < 2), 1, 0)
    answers = answers_of(item, annotator, value)
    truth = truth_without_two(answers, fit(answers), np.array([0]), np.array([1]))
    assert truth[0, 0] > 0.9
