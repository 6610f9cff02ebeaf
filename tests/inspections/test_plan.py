"""How much a sample tells, against counting by hand."""

from math import comb

import pytest

from app.inspections.plan import (
    chance_to_accept,
    fewest_right,
    plan_of,
    sample_size,
    sample_size_for,
    sampled,
)


def counted(n_answers: int, n_sampled: int, n_wrong: int, most_wrong: int) -> float:
    """Of all samples there are, the share with at most so many wrong ones."""
    good = sum(
        comb(n_wrong, wrong) * comb(n_answers - n_wrong, n_sampled - wrong) for wrong in range(most_wrong + 1)
    )
    return good / comb(n_answers, n_sampled)


@pytest.mark.parametrize(
    ("n_answers", "n_sampled", "share_wrong", "n_wrong", "most_wrong"),
    [
        (100, 10, 0.2, 20, 1),
        (50, 20, 0.1, 5, 2),
        (20, 20, 0.15, 3, 2),
        (20, 20, 0.1, 2, 2),
        (30, 3, 0.02, 1, 0),
    ],
)
def test_the_chance_is_that_of_all_samples(
    n_answers: int, n_sampled: int, share_wrong: float, n_wrong: int, most_wrong: int
) -> None:
    chance = chance_to_accept(n_answers, n_sampled, 0.9, share_wrong)
    assert chance == pytest.approx(counted(n_answers, n_sampled, n_wrong, most_wrong))


def test_shares_are_taken_as_they_are_typed() -> None:
    assert (fewest_right(10, 0.9), fewest_right(11, 0.9), fewest_right(1, 0.9)) == (9, 10, 1)
    assert (sample_size(30, 0.1), sample_size(31, 0.1), sample_size(1, 0.1)) == (3, 4, 1)


def test_the_sample_that_is_needed_is_the_smallest_that_holds_the_risk() -> None:
    needed = sample_size_for(200, 0.9, 0.2, 0.1)
    assert needed is not None
    assert chance_to_accept(200, needed, 0.9, 0.2) <= 0.1
    assert all(chance_to_accept(200, smaller, 0.9, 0.2) > 0.1 for smaller in range(1, needed))


def test_no_sample_refuses_what_is_good_enough() -> None:
    assert sample_size_for(100, 0.9, 0.05, 0.1) is None


def test_a_worse_batch_is_never_accepted_more_often() -> None:
    chances = [point.chance for point in plan_of(137, 0.25, 0.9, 0.2, 0.1).curve]
    assert chances == sorted(chances, reverse=True)


def test_the_seed_decides_the_sample_whatever_the_order() -> None:
    ids = list(range(100, 150))
    assert sampled(ids, 5, 7) == sampled(ids[::-1], 5, 7)
    assert len(sampled(ids, 5, 7)) == 5
    assert len({frozenset(sampled(ids, 5, seed)) for seed in range(20)}) > 1
