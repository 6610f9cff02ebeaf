"""Gold items with a wrong answer are found by those who are good on the others; good ones are left alone."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest

from app.gold.rot import Answered, Rot, rotten

N_ITEMS, N_ANNOTATORS = 20, 12
WRONG_ITEM = 0
SEEDS = range(200)


def asks(seed: int, *, is_wrong: bool) -> list[Answered]:
    """In random order, each annotator on each item once. Most are right in 85 to 95 %, two in every other;
    the items are not equally hard. With `is_wrong` the known answer of one item is wrong."""
    random = np.random.default_rng(seed)
    skill = np.concatenate([random.uniform(0.85, 0.95, N_ANNOTATORS - 2), [0.5, 0.5]])
    ease = random.uniform(-0.07, 0.05, N_ITEMS)
    pairs = random.permutation([(item, person) for item in range(N_ITEMS) for person in range(N_ANNOTATORS)])
    chance = skill[pairs[:, 1]] + ease[pairs[:, 0]]
    if is_wrong:
        chance = np.where(pairs[:, 0] == WRONG_ITEM, (1 - chance) / 2, chance)
    is_right = random.random(len(pairs)) < chance
    return [
        Answered(int(item), int(person), bool(right))
        for (item, person), right in zip(pairs, is_right, strict=True)
    ]


def found_over_time(answers: Sequence[Answered], step: int = 40) -> dict[int, int]:
    """By item that is found when it is looked again and again: after how many asks of it."""
    found: dict[int, int] = {}
    for n in range(step, len(answers) + 1, step):
        left = [answer for answer in answers[:n] if answer.item_id not in found]
        for rot in rotten(left):
            found[rot.item_id] = sum(answer.item_id == rot.item_id for answer in left)
    return found


@cache
def found_among_wrong() -> list[dict[int, int]]:
    return [found_over_time(asks(seed, is_wrong=True)) for seed in SEEDS[:100]]


def test_a_wrong_answer_is_found_within_twelve_asks() -> None:
    n_asks = [found[WRONG_ITEM] for found in found_among_wrong() if WRONG_ITEM in found]
    assert len(n_asks) >= 0.9 * len(found_among_wrong())
    assert np.median(n_asks) <= 10
    assert max(n_asks) <= N_ANNOTATORS


def test_good_items_are_left_alone() -> None:
    """Over all looks and all 20 items together."""
    false = sum(bool(found_over_time(asks(seed, is_wrong=False))) for seed in SEEDS)
    assert false < 0.02 * len(SEEDS)


def test_good_items_beside_a_wrong_one_are_left_alone() -> None:
    assert sum(bool(found.keys() - {WRONG_ITEM}) for found in found_among_wrong()) == 0


GOOD = [Answered(item, person, True) for item in range(1, 31) for person in range(5)]
FAILED = [Answered(0, person, False) for person in range(5)]


def test_it_says_the_numbers() -> None:
    (rot,) = rotten(GOOD + FAILED)
    assert (rot.item_id, rot.n_right, rot.n) == (0, 0, 5)
    assert rot.upper == pytest.approx(0.620, abs=0.001)
    assert rot.expected == pytest.approx(0.888, abs=0.001)


def test_those_who_fail_everywhere_are_no_witnesses() -> None:
    wrong = [answer._replace(is_right=False) for answer in GOOD]
    assert rotten(wrong + FAILED) == []


def test_without_other_answers_nobody_is_a_witness() -> None:
    assert rotten(FAILED) == []


def test_what_was_answered_before_it_was_resumed_counts_against_it_no_more() -> None:
    old = [answer._replace(is_new=False) for answer in FAILED]
    assert rotten(GOOD + old) == []
    assert rotten(GOOD + old[:2] + FAILED[2:]) == []


def test_nothing_is_found_in_nothing() -> None:
    assert rotten([]) == list[Rot]()
