"""How alike two texts are: the Jaccard index of their sets of shingles, counted exactly.

A text's shingles are its runs of SHINGLE characters once it is normalised; the index is the number of those
in both texts over that of those in either, 1 for equal ones. Most texts differ so much in length or in words
that it need not be counted.
Source: A. Z. Broder, "On the Resemblance and Containment of Documents", 1997.
"""

from collections.abc import Set
from functools import lru_cache
from typing import Any

from app.items.texts.normalised_text import normalised
from app.items.texts.words import words_of

SHINGLE = 5
# Of longer texts their beginnings are compared.
LONGEST_COMPARED = 20_000
LONGEST_KEPT = 2_000
FEWEST_WORDS = 8
# Normalising shortens texts by different shares; a word that is another one takes more shingles with it than
# its own, so of the words more are in common than of the shingles.
LENGTH_TOLERANCE = 0.8
WORDS_TOLERANCE = 0.75


class Compared:
    """A text, and its words once they are needed."""

    __slots__ = ("_words", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._words: set[bytes] | None = None

    @property
    def words(self) -> set[bytes]:
        if self._words is None:
            self._words = set(words_of(self.text[:LONGEST_COMPARED]))
        return self._words


def lengths_alike(length: int, least: float) -> tuple[float, float]:
    """From what to what the lengths of texts are that can be as alike as this to one of such a length."""
    tolerated = LENGTH_TOLERANCE * least
    return length * tolerated, length / tolerated


def likeness(one: Compared, other: Compared, least: float) -> float:
    """The index where it is `least` or more, else 0.

    0 too for the rare two that have so many shingles in common, but not their words or their length.
    """
    shortest, longest = lengths_alike(len(one.text), least)
    if not shortest <= len(other.text) <= longest:
        return 0.0
    fewer, more = sorted((len(one.words), len(other.words)))
    if fewer >= FEWEST_WORDS:
        least_words = WORDS_TOLERANCE * least
        if fewer < least_words * more or jaccard(one.words, other.words) < least_words:
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
