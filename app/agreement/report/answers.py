"""A queue's answers as columns: one entry an answer, items and annotators told by index."""

from dataclasses import dataclass

import numpy as np

from app.agreement.measures.blocks import blocks_of, type_up_to
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
    """What rankings say of every two responses of an item: one entry an answer and pair of responses, sorted
    by unit.

    `pair`: its place in `pairs_in_order`; `unit`: the item's pair, `item * n_pairs + pair`, 0..n_units-1;
    `value`: FIRST, SECOND or TIE; `place`: 0 where the better one stood first on the page, 1 where the other
    did, -1 for a tie. `answer`: which ranking says so.
    """

    n_units: int
    n_pairs: int
    answer: Indexes
    unit: Indexes
    pair: Indexes
    value: Indexes
    place: Indexes


def preferred(first_rank: int, second_rank: int) -> int:
    if first_rank == second_rank:
        return TIE
    return FIRST if first_rank < second_rank else SECOND


def pairs_of(rankings: Rankings) -> Pairs:
    pairs = pairs_in_order(rankings.ranks.shape[1])
    n_units = rankings.given.n_items * len(pairs)
    columns = [of_pair(rankings, number, *pair) for number, pair in enumerate(pairs)]
    answer, pair, value, place = map(np.concatenate, zip(*columns, strict=True))
    unit = rankings.given.item[answer].astype(type_up_to(n_units)) * len(pairs) + pair
    if (unit[1:] < unit[:-1]).any():
        order = unit.argsort(kind="stable")
        answer, unit, pair, value, place = (column[order] for column in (answer, unit, pair, value, place))
    return Pairs(n_units, len(pairs), answer, unit, pair, value, place)


def pairs_in_order(n_responses: int) -> list[tuple[int, int]]:
    """(0, 1), (0, 2), (1, 2), (0, 3), ...: a pair has the same place whatever the number of responses."""
    return [(one, other) for other in range(1, n_responses) for one in range(other)]


def place_of_pair(one: int, other: int) -> int:
    """In `pairs_in_order`; `one` < `other`."""
    return other * (other - 1) // 2 + one


def of_pair(
    rankings: Rankings, number: int, one: int, other: int
) -> tuple[Indexes, Indexes, Indexes, Indexes]:
    """(answer, pair, value, place) of the rankings that hold both responses."""
    answer = np.flatnonzero(rankings.ranks[:, other] != NOT_THERE).astype(type_up_to(len(rankings.ranks)))
    one_rank, other_rank = rankings.ranks[answer, one], rankings.ranks[answer, other]
    value = np.full(answer.size, TIE, np.int8)
    value[one_rank < other_rank] = FIRST
    value[one_rank > other_rank] = SECOND
    place = np.empty(answer.size, np.int8)
    for block in blocks_of(answer.size):
        order = rankings.order[answer[block]]
        is_one_ahead = np.argmax(order == one, axis=1) < np.argmax(order == other, axis=1)
        place[block] = is_one_ahead != (value[block] == FIRST)
    place[value == TIE] = -1
    return answer, np.full(answer.size, number, type_up_to(number)), value, place
