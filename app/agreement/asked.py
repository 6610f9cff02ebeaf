"""One question with everybody's answers to it, in the long form that measures of annotators take."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.agreement.answers import Answers, Pairs, Rankings, SafetyLabels
from app.agreement.measures.counts import Counts
from app.agreement.questions import Question

MONDAY_OF_EPOCH = 3  # 1970-01-01 was a Thursday: days from the Monday before
DAYS_A_WEEK = 7


@dataclass(frozen=True)
class Asked:
    """Answer j is of `unit[j]`: an item, or a pair of an item's responses; `answer[j]` says which of `given`.

    `value`: 0..question.n_values-1. `value_names`: of each value.
    """

    question: Question
    value_names: tuple[str, ...]
    given: Answers
    answer: Counts
    unit: Counts
    value: Counts
    n_units: int

    @cached_property
    def annotator(self) -> Counts:
        return self.given.annotator[self.answer]

    @cached_property
    def guideline(self) -> Counts:
        return self.given.guideline[self.answer]

    @cached_property
    def week(self) -> Counts:
        """The Monday that it begins with, in days since 1970-01-01."""
        return week_of(self.given.day)[self.answer]


def week_of(day: Counts) -> Counts:
    return day - (day + MONDAY_OF_EPOCH) % DAYS_A_WEEK


def asked_of_labels(question: Question, names: tuple[str, ...], labels: SafetyLabels, label: Counts) -> Asked:
    """`label`: of each answer. Answers that the question leaves out are left out."""
    value = question.value_of_label[label]
    answer = np.flatnonzero(value >= 0)
    return Asked(
        question, names, labels.given, answer, labels.given.item[answer], value[answer], labels.given.n_items
    )


def asked_of_pairs(question: Question, names: tuple[str, ...], rankings: Rankings, pairs: Pairs) -> Asked:
    return Asked(question, names, rankings.given, pairs.answer, pairs.unit, pairs.value, pairs.n_units)
