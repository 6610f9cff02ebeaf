"""How alike two texts are: the Jaccard index of their sets of shingles, counted exactly.

A text's shingles are its runs of SHINGLE characters once it is normalised; the index is the number of those
in both texts over that of those in either, 1 for equal ones. Most texts differ so much in length, or in their
pairs of neighbouring words, that it need not be counted.
Source: A. Z. Broder, "On the Resemblance and Containment of Documents", 1997.
"""

from collections.abc import Set
from functools import lru_cache
from itertools import pairwise
from typing import Any

from app.items.texts.normalised_text import normalised
from app.items.texts.words import words_of

SHINGLE = 5
# Of longer texts their beginnings are compared.
LONGEST_COMPARED = 20_000
LONGEST_KEPT = 2_000
FEWEST_PAIRS = 8
# Normalising shortens texts by different shares. One word of ten that is another takes a fifth of the pairs
# and a sixth of the shingles with it.
LENGTH_TOLERANCE = 0.8
PAIRS_TOLERANCE = 0.5


class Compared:
    """A text, and its pairs of words once they are needed, by hash."""

    __slots__ = ("_pairs", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._pairs: set[int] | None = None

    @property
    def pairs(self) -> set[int]:
        if self._pairs is None:
            self._pairs = set(map(hash, pairwise(words_of(self.text[:LONGEST_COMPARED]))))
        return self._pairs


def likeness(one: Compared, other: Compared, least: float) -> float:
    """The index where it is `least` or more, else 0.

    0 too for the rare two that have so many shingles in common, but not their words or their length.
    """
    shorter, longer = sorted((len(one.text), len(other.text)))
    if shorter < LENGTH_TOLERANCE * least * longer:
        return 0.0
    if min(len(one.pairs), len(other.pairs)) >= FEWEST_PAIRS:
        index = jaccard(one.pairs, other.pairs)
        if index < PAIRS_TOLERANCE * least:
            return 0.0
    index = jaccard(shingles_of(one.text), shingles_of(other.text))
    return index if index >= least else 0.0


def shingles_of(text: str) -> frozenset[str]:
    make = kept_shingles if len(text) <= LONGEST_KEPT else kept_shingles.__wrapped__
    return make(text[:LONGEST_COMPARED])


@lru_cache(maxsize=128)
def kept_shingles(text: str) -> frozenset[str]:
    """One that is shorter for a text that is; none where nothing is left of it."""
    plain = normalised(text)
    n_shingles = max(1, len(plain) - SHINGLE + 1) if plain else 0
    return frozenset(plain[start : start + SHINGLE] for start in range(n_shingles))


def jaccard(one: Set[Any], other: Set[Any]) -> float:
    n_both = len(one & other)
    n_either = len(one) + len(other) - n_both
    return n_both / n_either if n_either else 0.0
