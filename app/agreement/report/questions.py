"""The questions that one answer is taken to answer: is it safe, how severe is it, is it Violence, ...

A label is the number of one possible answer in full, from 0. A question has a value for each label.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.agreement.measures.counts import Counts, Level
from app.agreement.report.answers import FIRST, N_PREFERENCES, N_SEVERITIES, SECOND

NO_VALUE = -1
AMONG_UNSAFE = "severity of unsafe"


@dataclass(frozen=True, slots=True)
class Question:
    """`value_of_label`: shape (n_labels,), -1 where the answer is left out. `yes`: the values whose share is
    the prevalence."""

    name: str
    level: Level
    value_of_label: Counts
    n_values: int
    yes: Sequence[int]


@dataclass(frozen=True, slots=True)
class SetQuestion:
    """`mask_of_label`: a set of harm categories as bits, shape (n_labels,)."""

    name: str
    mask_of_label: Counts


def safety_questions(severity: Counts, mask: Counts, category_names: Sequence[str]) -> list[Question]:
    """`severity`, `mask`: of each label."""
    is_harmful = (severity > 0).astype(np.int64)
    among_unsafe = np.where(severity > 0, severity - 1, NO_VALUE)
    questions = [
        Question("safe", Level.NOMINAL, is_harmful, 2, yes=[0]),
        Question("severity", Level.ORDINAL, severity, N_SEVERITIES, yes=[1, 2, 3]),
        Question(AMONG_UNSAFE, Level.ORDINAL, among_unsafe, N_SEVERITIES - 1, yes=[2]),
    ]
    for bit, name in enumerate(category_names):
        questions.append(Question(f"category: {name}", Level.NOMINAL, (mask >> bit) & 1, 2, yes=[1]))
    return questions


def categories_question(mask: Counts) -> SetQuestion:
    return SetQuestion("categories", mask)


def preference_question(dimension: str) -> Question:
    """Its labels are its values: FIRST, SECOND and TIE."""
    return Question(dimension, Level.NOMINAL, np.arange(N_PREFERENCES), N_PREFERENCES, yes=[FIRST, SECOND])
