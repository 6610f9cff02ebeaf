"""Simulated annotators whose ways are known, answering one queue with gold items among the others.

Severities have the shares SHARES. A careful annotator is right in 85 to 92 % of the items and else mostly
one level off; some items, gold ones too, mislead many to the same wrong value. A pair of responses has one
better one, seldom a tie, shown first or second by lot.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Any

import numpy as np

from app.agreement.measures.counts import Counts, Matrix
from app.quality.answers import UNKNOWN, Answers

SHARES = np.array([0.55, 0.2, 0.15, 0.1])
PAIR_SHARES = np.array([0.475, 0.475, 0.05])
OVERLAP = 3
GOLD_EVERY = 10
N_WORDS = 150
# How often somebody is led astray by an item that misleads, and the share of items that do.
MISLED = 0.4
MISLEADING = 0.05


class Kind(StrEnum):
    CAREFUL = "careful"
    SLOPPY = "sloppy"
    RANDOM = "random clicker"
    ALWAYS_FIRST = "always the first"
    TURNED = "turns bad halfway"
    COPIED = "copied from"
    COPIER = "copies"
    FAST = "too fast"


CAREFUL_ONES = (Kind.CAREFUL,) * 8
BAD_ONES = (Kind.SLOPPY, Kind.RANDOM, Kind.ALWAYS_FIRST, Kind.TURNED, Kind.COPIED, Kind.COPIER, Kind.FAST)
MIXED = CAREFUL_ONES + BAD_ONES


@dataclass(frozen=True)
class Campaign:
    """`turn[j]`: the j-th answer's number among those of its annotator, from 0."""

    answers: Answers
    turn: Counts

    def after(self, n: int) -> Answers:
        """When everybody had given `n` answers."""
        rows = self.turn < n
        columns = {field.name: getattr(self.answers, field.name) for field in fields(Answers)}
        some: dict[str, Any] = {
            name: column[rows] for name, column in columns.items() if isinstance(column, np.ndarray)
        }
        return replace(self.answers, **some)


def campaign(kinds: Sequence[Kind], n_each: int, seed: int, *, is_pairs: bool = False) -> Campaign:
    """Everybody gives `n_each` answers, one in GOLD_EVERY to a gold item."""
    random = np.random.default_rng(seed)
    n_values = 3 if is_pairs else 4
    item, annotator, turn, n_gold = schedule(random, len(kinds), n_each)
    n_items = int(item.max()) + 1
    truth = random.choice(n_values, size=n_items, p=PAIR_SHARES if is_pairs else SHARES)
    value = said(random, kinds, n_each, truth, (item, annotator, turn), n_values)
    first = random.integers(0, 2, item.size)
    value, place = with_places(kinds, annotator, value, first) if is_pairs else (value, None)
    answers = Answers(
        item,
        annotator,
        value,
        gold=np.where(item < n_gold, truth[item], UNKNOWN),
        active_ms=times(random, kinds, annotator),
        n_words=np.full(item.size, N_WORDS),
        n_items=n_items,
        n_annotators=len(kinds),
        n_values=n_values,
        place=place,
        harm_mask=None if is_pairs else masks(random, value),
    )
    return Campaign(answers, turn)


def schedule(random: np.random.Generator, n_people: int, n_each: int) -> tuple[Counts, Counts, Counts, int]:
    """Item, annotator and turn of each answer, in order of turns; how many items are gold: the first ones.

    Everybody gets the same gold items, in an order of their own. The others come in rounds of as many items
    as there are people: OVERLAP turns, in each of which the people stand in a ring turned by another amount.
    """
    n_gold = n_each // GOLD_EVERY
    n_rounds = -(-(n_each - n_gold) // OVERLAP)
    people = np.arange(n_people)
    ring = random.permuted(np.tile(people, (n_rounds, 1)), axis=1)
    turned = random.permuted(np.tile(people, (n_rounds, 1)), axis=1)[:, :OVERLAP]
    place = (people[:, np.newaxis, np.newaxis] + turned[np.newaxis]) % n_people
    # Axes: place in the ring, round, turn of the round.
    new = n_gold + np.arange(n_rounds)[np.newaxis, :, np.newaxis] * n_people + place
    who = np.broadcast_to(ring.T[:, :, np.newaxis], new.shape)
    by_person = np.empty((n_people, n_rounds * OVERLAP), np.int64)
    rounds = np.broadcast_to(np.arange(n_rounds)[np.newaxis, :, np.newaxis], new.shape)
    turns = np.broadcast_to(np.arange(OVERLAP), new.shape)
    by_person[who, rounds * OVERLAP + turns] = new
    items = np.empty((n_people, n_each), np.int64)
    is_gold = np.zeros((n_people, n_each), np.bool_)
    at = np.arange(n_gold) * GOLD_EVERY + random.integers(0, GOLD_EVERY, (n_people, n_gold))
    np.put_along_axis(is_gold, at, True, axis=1)
    items[is_gold] = random.permuted(np.tile(np.arange(n_gold), (n_people, 1)), axis=1).ravel()
    items[~is_gold] = by_person[:, : n_each - n_gold].ravel()
    annotator = np.tile(people, n_each)
    turn = np.repeat(np.arange(n_each), n_people)
    return items.T.ravel(), annotator, turn, n_gold


def said(
    random: np.random.Generator,
    kinds: Sequence[Kind],
    n_each: int,
    truth: Counts,
    where: tuple[Counts, Counts, Counts],
    n_values: int,
) -> Counts:
    item, annotator, turn = where
    matrices = np.array([confusion(random, kind, n_values) for kind in kinds])
    value = draw(random, matrices[annotator, truth[item]])
    trap = np.where(random.random(truth.size) < MISLEADING, (truth + 1) % n_values, UNKNOWN)[item]
    reads = np.array([kind not in {Kind.RANDOM, Kind.ALWAYS_FIRST, Kind.FAST} for kind in kinds])[annotator]
    value = np.where(reads & (trap >= 0) & (random.random(item.size) < MISLED), trap, value)
    anything = random.integers(0, n_values, item.size)
    is_turned = np.array([kind == Kind.TURNED for kind in kinds])[annotator] & (2 * turn >= n_each)
    value = np.where(is_turned, anything, value)
    return with_copies(random, kinds, item, annotator, value)


def with_copies(
    random: np.random.Generator, kinds: Sequence[Kind], item: Counts, annotator: Counts, value: Counts
) -> Counts:
    """Who copies has the other's answer in 95 of a hundred of the items that both get."""
    if Kind.COPIER not in kinds:
        return value
    copied_from, copier = (kinds.index(kind) for kind in (Kind.COPIED, Kind.COPIER))
    source = np.full(int(item.max()) + 1, UNKNOWN)
    of_source = annotator == copied_from
    source[item[of_source]] = value[of_source]
    original = source[item]
    copies = (annotator == copier) & (original >= 0) & (random.random(item.size) < 0.95)
    return np.where(copies, original, value)


def confusion(random: np.random.Generator, kind: Kind, n_values: int) -> Matrix:
    """Chance of each answer by the true value, shape (n_values, n_values)."""
    if kind == Kind.RANDOM:
        return np.full((n_values, n_values), 1 / n_values)
    if kind == Kind.ALWAYS_FIRST:
        return np.tile(np.eye(n_values)[0], (n_values, 1))
    right = {Kind.SLOPPY: 0.65, Kind.FAST: 0.75}.get(kind, random.uniform(0.85, 0.92))
    distance = np.abs(np.subtract.outer(np.arange(n_values), np.arange(n_values)))
    wrong = np.where(distance == 0, 0.0, 0.25 ** np.maximum(distance - 1, 0))
    wrong *= (1 - right) / wrong.sum(axis=1, keepdims=True)
    return wrong + right * np.eye(n_values)


def draw(random: np.random.Generator, chances: Matrix) -> Counts:
    """A value for each row of chances."""
    cumulated = chances.cumsum(axis=1)[:, :-1]
    value: Counts = (random.random((len(chances), 1)) >= cumulated).sum(axis=1)
    return value


def with_places(
    kinds: Sequence[Kind], annotator: Counts, value: Counts, first: Counts
) -> tuple[Counts, Counts]:
    """`first`: which response stands first on the page. Who always takes that one does so here."""
    always = np.array([kind == Kind.ALWAYS_FIRST for kind in kinds])[annotator]
    value = np.where(always, first, value)
    return value, np.where(value == 2, UNKNOWN, (value != first).astype(np.int64))


def masks(random: np.random.Generator, value: Counts) -> Counts:
    """One category of three for each severity, the usual one in nine of ten."""
    usual = 1 << (value - 1).clip(0)
    return np.where(value == 0, 0, np.where(random.random(value.size) < 0.9, usual, 8))


def times(random: np.random.Generator, kinds: Sequence[Kind], annotator: Counts) -> Counts:
    """Around 250 ms a word; 50 of who is too fast. One answer in twenty takes a glance."""
    is_fast = np.array([kind == Kind.FAST for kind in kinds])[annotator]
    ms_a_word = np.where(is_fast, 50.0, 250.0) * random.lognormal(0.0, 0.3, annotator.size)
    ms_a_word[random.random(annotator.size) < 0.05] /= 4
    return (ms_a_word * N_WORDS).astype(np.int64)
