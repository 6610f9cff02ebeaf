"""Counts over the rows of a release, kept while it is written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from typing import Any

from app.releases.rows.pku import LabelledResponse, ResponsePair

UNSAFE_SEVERITIES = ("1", "2", "3")


@dataclass(slots=True)
class LabelCounts:
    """Safety labels of the written responses; a response in two rows counts twice.

    `by_n_categories`: from "0" up to the number of categories. `by_category_and_severity`: the severity
    is the response's, one for all of its categories.
    """

    n_responses: int
    n_safe: int
    n_unsafe: int
    by_severity: dict[str, int]
    by_n_categories: dict[str, int]
    by_category: dict[str, int]
    by_category_and_severity: dict[str, dict[str, int]]


@dataclass(slots=True)
class DualCounts:
    """Written pairs with both rankings.

    `n_first_better`, `n_first_safer`: response 0 is preferred. `n_better_is_not_safer`: the more helpful
    and the more harmless response are different ones.
    """

    n_first_better: int = 0
    n_first_safer: int = 0
    n_better_is_not_safer: int = 0
    n_both_safe: int = 0
    n_one_safe: int = 0
    n_none_safe: int = 0


@dataclass(slots=True)
class SingleCounts:
    """Written pairs with a single preference. `n_first_better`: response 0 is preferred."""

    n_first_better: int = 0


def no_labels(category_names: Sequence[str]) -> LabelCounts:
    return LabelCounts(
        n_responses=0,
        n_safe=0,
        n_unsafe=0,
        by_severity=dict.fromkeys(("0", *UNSAFE_SEVERITIES), 0),
        by_n_categories={str(n): 0 for n in range(len(category_names) + 1)},
        by_category=dict.fromkeys(category_names, 0),
        by_category_and_severity={name: dict.fromkeys(UNSAFE_SEVERITIES, 0) for name in category_names},
    )


def count_label(counts: LabelCounts, response: LabelledResponse) -> None:
    """`response` has passed the row rules."""
    severity = str(response.severity)
    counts.n_responses += 1
    counts.n_safe += response.is_safe is True
    counts.n_unsafe += response.is_safe is False
    counts.by_severity[severity] += 1
    counts.by_n_categories[str(len(response.harm_categories))] += 1
    for name in response.harm_categories:
        counts.by_category[name] += 1
        counts.by_category_and_severity[name][severity] += 1


def count_dual(counts: DualCounts, pair: ResponsePair) -> None:
    """`pair` has passed the row rules."""
    n_safe = (pair.response_0.is_safe is True) + (pair.response_1.is_safe is True)
    counts.n_first_better += pair.better == 0
    counts.n_first_safer += pair.safer == 0
    counts.n_better_is_not_safer += pair.better != pair.safer
    counts.n_both_safe += n_safe == 2
    counts.n_one_safe += n_safe == 1
    counts.n_none_safe += n_safe == 0


def count_single(counts: SingleCounts, pair: ResponsePair) -> None:
    """`pair` has passed the row rules."""
    counts.n_first_better += pair.single == 0


def summed(every: Iterable[Any]) -> Any:
    """The counts of all together, each of one class or None; None where all are."""
    counted = [counts for counts in every if counts is not None]
    return reduce(added, counted) if counted else None


def added(first: Any, second: Any) -> Any:
    """Numbers, or numbers by name."""
    if isinstance(first, int):
        return first + second
    if isinstance(first, dict):
        return {name: added(value, second[name]) for name, value in first.items()}
    names = [field.name for field in fields(first)]
    return type(first)(**{name: added(getattr(first, name), getattr(second, name)) for name in names})
