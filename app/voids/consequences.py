"""What the consensus of items becomes without some of their answers."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from app.agreement.consensus.majority import SafetyConsensus, SafetyVote, majority_preference, majority_safety
from app.queues.models import Dimension

Label = SafetyConsensus | tuple[int | None, ...]


class Answer(NamedTuple):
    """One that stands, in one dimension; of an item, by the time they came. `said`: a vote, or the ranks in
    the item's order, None where its annotator could not judge."""

    assignment_id: int
    item_id: int
    dimension: str
    is_surplus: bool
    said: SafetyVote | Sequence[int] | None


class Kind(StrEnum):
    """What of an item's label is another one afterwards."""

    NOW_HARMFUL = "safe to harmful"
    NOW_SAFE = "harmful to safe"
    SEVERITY = "severity"
    HARM_CATEGORIES = "harm categories"
    ORDER = "order"
    GONE = "no label any more"


@dataclass(frozen=True, slots=True)
class Change:
    """`before`, `after`: a safety consensus; or of a ranking, for each pair of responses in order, the
    position of the better one, None for neither. `after` is None where no answer is left."""

    item_id: int
    dimension: str
    kinds: tuple[Kind, ...]
    before: Label
    after: Label | None


def changes(
    answers: Sequence[Answer],
    voided: AbstractSet[int],
    n_promoted: Mapping[int, int],
    category_names: Sequence[str],
) -> list[Change]:
    """By item. `voided`: ids of assignments; `n_promoted`: by item, how many kept answers take places;
    `category_names`: the taxonomy's."""
    found = []
    groups: dict[tuple[int, str], list[Answer]] = {}
    for answer in answers:
        groups.setdefault((answer.item_id, answer.dimension), []).append(answer)
    for (item_id, dimension), given in sorted(groups.items()):
        counting = [answer for answer in given if not answer.is_surplus]
        kept = [answer for answer in given if answer.is_surplus and answer.assignment_id not in voided]
        left = [answer for answer in counting if answer.assignment_id not in voided]
        before = label_of(counting, dimension, category_names)
        after = label_of([*left, *kept[: n_promoted.get(item_id, 0)]], dimension, category_names)
        if before is not None and (kinds := kinds_of(before, after)):
            found.append(Change(item_id, dimension, kinds, before, after))
    return found


def label_of(answers: Sequence[Answer], dimension: str, category_names: Sequence[str]) -> Label | None:
    if dimension == Dimension.SAFETY:
        votes = [answer.said for answer in answers if isinstance(answer.said, SafetyVote)]
        return majority_safety(votes, category_names)
    orders = [answer.said for answer in answers if answer.said is not None]
    return better_of_pairs([ranks for ranks in orders if not isinstance(ranks, SafetyVote)])


def better_of_pairs(orders: Sequence[Sequence[int]]) -> tuple[int | None, ...] | None:
    if not orders:
        return None
    better: list[int | None] = []
    for pair in combinations(range(len(orders[0])), 2):
        winner = majority_preference(orders, *pair).winner
        better.append(None if winner is None else pair[winner])
    return tuple(better)


def kinds_of(before: Label, after: Label | None) -> tuple[Kind, ...]:
    """None where all is as it was."""
    if after is None:
        return (Kind.GONE,)
    if not isinstance(before, SafetyConsensus) or not isinstance(after, SafetyConsensus):
        return () if before == after else (Kind.ORDER,)
    if before.is_safe != after.is_safe:
        return (Kind.NOW_HARMFUL if before.is_safe else Kind.NOW_SAFE,)
    found = []
    if before.severity != after.severity:
        found.append(Kind.SEVERITY)
    if before.harm_categories != after.harm_categories:
        found.append(Kind.HARM_CATEGORIES)
    return tuple(found)
