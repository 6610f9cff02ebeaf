"""One question with everybody's answers to it, in the long form that measures of annotators take."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.agreement.answers import N_SEVERITIES, Answers, Pairs, Rankings, SafetyLabels
from app.agreement.measures.counts import Counts
from app.agreement.measures.patterns import Patterns, label_patterns
from app.agreement.questions import AMONG_UNSAFE, Question, preference_question, safety_questions

SEVERITIES = ("safe", "minor", "moderate", "severe")
NAMES_OF_VALUES = {
    "safe": ("safe", "harmful"),
    "severity": SEVERITIES,
    AMONG_UNSAFE: SEVERITIES[1:],
}
YES_OR_NO = ("no", "yes")
PREFERENCES = ("first", "second", "tie")

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


@dataclass(frozen=True, slots=True)
class Kinds:
    """The different labels that were given: `severity` and `mask` of each, `label` of each answer, and how
    items show them."""

    severity: Counts
    mask: Counts
    label: Counts
    patterns: Patterns


def kinds_of_labels(labels: SafetyLabels) -> Kinds:
    kinds, label = np.unique(labels.mask * N_SEVERITIES + labels.severity, return_inverse=True)
    mask, severity = np.divmod(kinds, N_SEVERITIES)
    return Kinds(severity, mask, label, label_patterns(labels.given.item, label, labels.given.n_items))


def asked_of_labels(labels: SafetyLabels, kinds: Kinds, category_names: Sequence[str]) -> list[Asked]:
    """Every question of safety labels. Answers that a question leaves out are left out."""
    asked = []
    for question in safety_questions(kinds.severity, kinds.mask, category_names):
        value = question.value_of_label[kinds.label]
        answer = np.flatnonzero(value >= 0)
        names = NAMES_OF_VALUES.get(question.name, YES_OR_NO)
        item = labels.given.item[answer]
        asked.append(Asked(question, names, labels.given, answer, item, value[answer], labels.given.n_items))
    return asked


def asked_of_pairs(dimension: str, rankings: Rankings, pairs: Pairs) -> Asked:
    question = preference_question(dimension)
    return Asked(question, PREFERENCES, rankings.given, pairs.answer, pairs.unit, pairs.value, pairs.n_units)
