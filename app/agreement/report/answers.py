"""A queue's answers as columns: one entry an answer, items and annotators told by index."""

from dataclasses import dataclass

import numpy as np

from app.agreement.measures.counts import Counts, Indexes

FIRST, SECOND, TIE = range(3)
N_PREFERENCES = 3
N_SEVERITIES = 4
NOT_THERE = 0  # the rank of a response that an item does not have


@dataclass(frozen=True, slots=True)
class Answers:
    """Whose answers to what, all of shape (n_answers,): `item[j]` is the item of `item_ids[item[j]]`.

    Sorted by item, then by annotator, where millions are to take little memory (measures/blocks.py).
    `day`: days since 1970-01-01 (UTC). `guideline`: the version of the guidelines, 0 for none.
    """

    item_ids: Counts
    annotator_ids: Counts
    item: Indexes
    annotator: Indexes
    day: Indexes
    guideline: Indexes

    @property
    def n_items(self) -> int:
        return self.item_ids.size

    @property
    def n_annotators(self) -> int:
        return self.annotator_ids.size


@dataclass(frozen=True, slots=True)
class SafetyLabels:
    """`severity`: 0 (safe) to 3. `mask`: harm categories as bits, 0 for safe."""

    given: Answers
    severity: Indexes
    mask: Indexes


@dataclass(frozen=True, slots=True)
class Rankings:
    """`ranks`: shape (n_answers, most_responses), in the item's order, 1 the best, 0 behind the last one.

    `order`: same shape, the position in the item of the response in each place of the page; -1 behind the
    last.
    """

    given: Answers
    ranks: Indexes
    order: Indexes


@dataclass(frozen=True, slots=True)
class Pairs:
    """What rankings say of every two responses of an item: one entry an answer and pair of responses.

    `pair`: its place in `pairs_in_order`; `unit`: the item's pair, `item * n_pairs + pair`, 0..n_units-1;
    `value`: FIRST, SECOND or TIE; `place`: 0 where the better one stood first on the page, 1 where the other
    did, -1 for a tie. `answer`: which ranking says so.
    """

    n_units: int
    n_pairs: int
    answer: Counts
    unit: Counts
    pair: Counts
    value: Counts
    place: Counts


def preferred(first_rank: int, second_rank: int) -> int:
    if first_rank == second_rank:
        return TIE
    return FIRST if first_rank < second_rank else SECOND


def pairs_of(rankings: Rankings) -> Pairs:
    pairs = pairs_in_order(rankings.ranks.shape[1])
    columns = [of_pair(rankings, number, *pair) for number, pair in enumerate(pairs)]
    none = np.empty(0, np.int64)
    answer, pair, value, place = (np.concatenate([none, *column]) for column in zip(*columns, strict=True))
    unit = rankings.given.item[answer].astype(np.int64) * len(pairs) + pair
    return Pairs(rankings.given.n_items * len(pairs), len(pairs), answer, unit, pair, value, place)


def pairs_in_order(n_responses: int) -> list[tuple[int, int]]:
    """(0, 1), (0, 2), (1, 2), (0, 3), ...: a pair has the same place whatever the number of responses."""
    return [(one, other) for other in range(1, n_responses) for one in range(other)]


def place_of_pair(one: int, other: int) -> int:
    """In `pairs_in_order`; `one` < `other`."""
    return other * (other - 1) // 2 + one


def of_pair(rankings: Rankings, number: int, one: int, other: int) -> tuple[Counts, Counts, Counts, Counts]:
    """(answer, pair, value, place) of the rankings that hold both responses."""
    answer = np.flatnonzero(rankings.ranks[:, other] != NOT_THERE)
    one_rank, other_rank = rankings.ranks[answer, one], rankings.ranks[answer, other]
    value = np.select([one_rank < other_rank, one_rank > other_rank], [FIRST, SECOND], TIE)
    order = rankings.order[answer]
    is_one_ahead = np.argmax(order == one, axis=1) < np.argmax(order == other, axis=1)
    place = np.where(value == TIE, -1, (is_one_ahead != (value == FIRST)).astype(np.int64))
    return answer, np.full(answer.size, number), value, place
