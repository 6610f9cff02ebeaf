"""One question with everybody's answers to it, in the long form that measures of annotators take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.agreement.measures.counts import Counts
from app.agreement.measures.pair_tables import answers_by_size
from app.agreement.measures.patterns import Patterns, label_patterns
from app.agreement.report.answers import N_SEVERITIES, Answers, Pairs, Rankings, SafetyLabels
from app.agreement.report.questions import AMONG_UNSAFE, Question, preference_question, safety_questions

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


class Meetings:
    """Where two annotators met, found when it is first asked for: it is the same for many questions."""

    def __init__(self, unit: Counts, annotator: Counts) -> None:
        self.unit, self.annotator = unit, annotator

    @cached_property
    def by_size(self) -> list[Counts]:
        """See measures/pair_tables.py: answers_by_size."""
        return list(answers_by_size(self.unit, self.annotator))


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
    meetings: Meetings

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


def asked_of_labels(labels: SafetyLabels, kinds: Kinds, category_names: Sequence[str]) -> Iterator[Asked]:
    """Every question of safety labels, one after the other: all at once would take hundreds of megabytes.

    Answers that a question leaves out are left out.
    """
    given = labels.given
    everything = np.arange(given.item.size)
    meetings = Meetings(given.item, given.annotator)
    for question in safety_questions(kinds.severity, kinds.mask, category_names):
        names = NAMES_OF_VALUES.get(question.name, YES_OR_NO)
        value = question.value_of_label[kinds.label]
        if (question.value_of_label >= 0).all():
            yield Asked(question, names, given, everything, given.item, value, given.n_items, meetings)
            continue
        answer = np.flatnonzero(value >= 0)
        item = given.item[answer]
        met = Meetings(item, given.annotator[answer])
        yield Asked(question, names, given, answer, item, value[answer], given.n_items, met)


def asked_of_pairs(dimension: str, rankings: Rankings, pairs: Pairs) -> Asked:
    given = rankings.given
    met = Meetings(pairs.unit, given.annotator[pairs.answer])
    question = preference_question(dimension)
    return Asked(question, PREFERENCES, given, pairs.answer, pairs.unit, pairs.value, pairs.n_units, met)
