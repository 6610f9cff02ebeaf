"""How certain the label of each item is, by the posterior of Dawid and Skene."""

from collections.abc import Hashable, Sequence
from itertools import combinations
from typing import TypeVar

import numpy as np

from app.agreement.consensus.dawid_skene import dawid_skene
from app.agreement.measures.counts import Counts, Matrix
from app.agreement.report import preferred

N_PREFERENCES = 3
Name = TypeVar("Name", bound=Hashable)


def certainty_of_units(answers: Sequence[tuple[Name, int, int]], n_values: int) -> dict[Name, float]:
    """The probability of each unit's most probable value. `answers`: (unit, annotator id, value)."""
    if not answers:
        return {}
    units, annotators, values = zip(*answers, strict=True)
    names, unit = number(units)
    people, annotator = number(annotators)
    said = np.array(values, np.int64)
    posterior = dawid_skene(unit, annotator, said, len(names), len(people), n_values)
    most: Matrix = posterior.of_item.max(axis=1)
    return dict(zip(names, most.tolist(), strict=True))


def number(names: Sequence[Name]) -> tuple[list[Name], Counts]:
    """The different ones in the order they first come, and the place of each of all in that list."""
    place: dict[Name, int] = {}
    places = [place.setdefault(name, len(place)) for name in names]
    return list(place), np.array(places, np.int64)


def certainty_of_preferences(answers: Sequence[tuple[int, int, Sequence[int]]]) -> dict[int, float]:
    """By item, that of its least certain pair. `answers`: (item id, annotator id, ranks in the item's order).

    Every pair of an item's responses is one unit, with the values first, second and tie.
    """
    votes = [
        ((item_id, first, second), annotator_id, preferred(ranks[first], ranks[second]))
        for item_id, annotator_id, ranks in answers
        for first, second in combinations(range(len(ranks)), 2)
    ]
    certainty: dict[int, float] = {}
    for (item_id, _, _), probability in certainty_of_units(votes, N_PREFERENCES).items():
        certainty[item_id] = min(probability, certainty.get(item_id, 1.0))
    return certainty
