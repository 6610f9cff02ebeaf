"""One question with everybody's answers to it, in the long form that measures of annotators take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from app.agreement.measures.blocks import blocks_of, type_up_to
from app.agreement.measures.counts import Counts, Indexes
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
EVERYTHING = slice(None)


class Meetings:
    """Where two annotators met, found when it is first asked for: it is the same for many questions."""

    def __init__(self, unit: Indexes, annotator: Indexes) -> None:
        self.unit, self.annotator = unit, annotator

    @cached_property
    def by_size(self) -> list[Indexes]:
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
    answer: Indexes | slice
    unit: Indexes
    value: Indexes
    n_units: int
    meetings: Meetings

    @cached_property
    def annotator(self) -> Indexes:
        return self.given.annotator[self.answer]

    @property
    def guideline(self) -> Indexes:
        return self.given.guideline[self.answer]

    @property
    def week(self) -> Indexes:
        """How many weeks, each from Monday on, after that of 1970-01-01."""
        return (self.given.day.astype(np.int32)[self.answer] + MONDAY_OF_EPOCH) // DAYS_A_WEEK


@dataclass(frozen=True)
class Kinds:
    """The different labels that were given: `severity` and `mask` of each, and `label` of each answer."""

    given: Answers
    severity: Counts
    mask: Counts
    label: Indexes

    @cached_property
    def patterns(self) -> Patterns:
        """How items show them."""
        return label_patterns(self.given.item, self.label, self.given.n_items)


def kinds_of_labels(labels: SafetyLabels) -> Kinds:
    n_answers = labels.severity.size
    some = [np.unique(numbered(labels, block)) for block in blocks_of(n_answers)]
    kinds = np.unique(np.concatenate([np.empty(0, np.int64), *some]))
    label = np.empty(n_answers, type_up_to(kinds.size))
    for block in blocks_of(n_answers):
        label[block] = kinds.searchsorted(numbered(labels, block))
    mask, severity = np.divmod(kinds, N_SEVERITIES)
    return Kinds(labels.given, severity, mask, label)


def numbered(labels: SafetyLabels, block: slice) -> Counts:
    """One number for the label of each answer."""
    return labels.mask[block].astype(np.int64) * N_SEVERITIES + labels.severity[block]


def asked_of_labels(kinds: Kinds, category_names: Sequence[str]) -> Iterator[Asked]:
    """Every question of safety labels, one after the other: all at once would take hundreds of megabytes.

    Answers that a question leaves out are left out.
    """
    meetings = Meetings(kinds.given.item, kinds.given.annotator)
    for question in safety_questions(kinds.severity, kinds.mask, category_names):
        yield asked_of_label(kinds, question, meetings)


def asked_of_label(kinds: Kinds, question: Question, meetings: Meetings) -> Asked:
    """`meetings`: of all answers."""
    given = kinds.given
    names = NAMES_OF_VALUES.get(question.name, YES_OR_NO)
    value = question.value_of_label.astype(type_up_to(question.n_values))[kinds.label]
    if (question.value_of_label >= 0).all():
        return Asked(question, names, given, EVERYTHING, given.item, value, given.n_items, meetings)
    answer = np.flatnonzero(value >= 0).astype(type_up_to(value.size))
    item = given.item[answer]
    met = Meetings(item, given.annotator[answer])
    return Asked(question, names, given, answer, item, value[answer], given.n_items, met)


def asked_of_pairs(dimension: str, rankings: Rankings, pairs: Pairs) -> Asked:
    given = rankings.given
    met = Meetings(pairs.unit, given.annotator[pairs.answer])
    question = preference_question(dimension)
    return Asked(question, PREFERENCES, given, pairs.answer, pairs.unit, pairs.value, pairs.n_units, met)
