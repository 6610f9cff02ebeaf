"""Habits that answers show without anyone knowing the truth: too fast, always the same, always one place.

Each function looks at one annotator's answers, in the order they were given.
"""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.shares import chance_of_evens, shares_of
from app.agreement.measures.counts import Counts, Matrix

# Nobody who read the page was faster. Scanning a text for one word, the fastest there is, goes at 600 words a
# minute, skimming at 450, reading at 300: R. P. Carver, "Reading rate: Theory, research, and practical
# implications", Journal of Reading 36(2), 1992. Reading alone: 238 a minute on the mean of 190 studies
# (M. Brysbaert, "How many words do we read per minute?", Journal of Memory and Language 109, 2019).
FASTEST_WORDS_A_MINUTE = 600
LEAST_MS_A_WORD = 60_000 / FASTEST_WORDS_A_MINUTE
# Shorter runs are not looked at.
LEAST_RUN = 6


@dataclass(frozen=True, slots=True)
class Hurry:
    """`n_too_fast` of `n` answers whose time was measured; `ms_a_word`: their median, None for n = 0."""

    n: int
    n_too_fast: int
    ms_a_word: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """The longest run of one value: `length` answers from `start` on; 0 for no answers.

    `p`: a bound on the chance that someone who answers item by item shows such a run of any value.
    """

    value: int
    start: int
    length: int
    p: float


@dataclass(frozen=True, slots=True)
class PlaceHabit:
    """Of `n` pairs that were decided, the response that stood first on the page won `n_first`.

    `p`: the chance of a share at least as far from a half, with the order on the page drawn by lot (two-sided
    binomial test); 1 for n = 0.
    """

    n: int
    n_first: int
    p: float


def hurry(active_ms: Counts, n_words: Counts) -> Hurry:
    """Answers given in less than LEAST_MS_A_WORD a word; pages without words are left out."""
    is_measured = (active_ms >= 0) & (n_words > 0)
    ms_a_word = active_ms[is_measured] / n_words[is_measured]
    if not ms_a_word.size:
        return Hurry(0, 0, None)
    n_too_fast = int(np.count_nonzero(ms_a_word < LEAST_MS_A_WORD))
    return Hurry(int(ms_a_word.size), n_too_fast, float(np.median(ms_a_word)))


def chance_by_others(n_others: Counts, share: Matrix) -> Matrix:
    """At most how likely someone says each value of each item, by the others' answers to it, shape as given.

    `n_others`: shape (n_values, n), how many others gave the j-th item a value; `share`: of each value among
    all their answers, which weighs as one more answer to each item. Where all others gave one value, or there
    are none, the chance is 1: a run of what others say too, however long, says nothing, so items that come
    sorted make nobody suspect.
    """
    n: Counts = n_others.sum(axis=0)
    return np.where(n_others == n, 1.0, (n_others + share[:, np.newaxis]) / (n + 1))


def longest_run(value: Counts, chance: Matrix) -> Run:
    """`chance`: shape (n_values, n), at most how likely the j-th answer was to be each value.

    The expected number of runs as long as the longest one of its value, which bounds the chance of any
    (Boole); the least over the values, times their number (Bonferroni).
    """
    if not value.size:
        return Run(0, 0, 0, 1.0)
    starts = np.flatnonzero(np.diff(value, prepend=-1))
    lengths = np.diff(starts, append=value.size)
    p = 1.0
    for of_value, of_answer in enumerate(chance):
        longest = int(lengths[value[starts] == of_value].max(initial=0))
        if longest >= LEAST_RUN:
            p = min(p, expected_runs(of_answer, longest) * len(chance))
    start = int(lengths.argmax())
    return Run(int(value[starts[start]]), int(starts[start]), int(lengths[start]), p)


def expected_runs(chance: Matrix, length: int) -> float:
    """How many runs of at least `length` in a row are to be expected of events with these chances."""
    if length > chance.size:
        return 0.0
    sums = np.concatenate([[0.0], np.cumsum(np.log(np.maximum(chance, 1e-12)))])
    products = np.exp(sums[length:] - sums[:-length])
    begins = np.concatenate([[1.0], 1.0 - chance[: products.size - 1]])
    return float((begins * products).sum())


def place_habit(place: Counts) -> PlaceHabit:
    """`place`: 0 or 1 for which of the two won, other numbers are left out."""
    n_first, n_second = int(np.count_nonzero(place == 0)), int(np.count_nonzero(place == 1))
    n = n_first + n_second
    p = float(chance_of_evens(shares_of(np.int64(n_first), np.int64(n)))) if n else 1.0
    return PlaceHabit(n, n_first, p)
