"""Gold rot: gold items that annotators who are good on all others keep failing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import NamedTuple

from app.gold.rates import right_rate_quantile

# Who is right on the others in at least this share, by the lower bound, is a witness against an item.
FLOOR = 0.6
FEWEST_FAILURES = 4
LOWER, UPPER = 0.025, 0.997


class Answered(NamedTuple):
    """`is_new`: given since an admin last let the item be asked again; the others tell of their annotator
    alone."""

    item_id: int
    annotator_id: int
    is_right: bool
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Rot:
    """`n_right` of `n` good annotators' answers. `upper`: bound of the item's right rate; `expected`: the
    least that these annotators are right on other items, on average."""

    item_id: int
    n_right: int
    n: int
    upper: float
    expected: float


class Record(NamedTuple):
    n_right: int
    n: int

    @property
    def n_wrong(self) -> int:
        return self.n - self.n_right

    def without(self, other: "Record") -> "Record":
        return Record(self.n_right - other.n_right, self.n - other.n)


def rotten(answers: Sequence[Answered]) -> list[Rot]:
    """The items whose right rate, at its upper bound, is below what their good annotators reach on others.

    Each annotator is measured without the item in question.
    """
    by_item: defaultdict[int, list[Answered]] = defaultdict(list)
    for answer in answers:
        by_item[answer.item_id].append(answer)
    records = records_of(answers)
    found = (rot_of(item_id, given, records) for item_id, given in by_item.items())
    return [rot for rot in found if rot is not None]


def rot_of(item_id: int, given: Sequence[Answered], records: Mapping[int, Record]) -> Rot | None:
    """`given`: all answers to the item; `records`: each annotator's on all items, this one too."""
    new = [answer for answer in given if answer.is_new]
    if record_of(new).n_wrong < FEWEST_FAILURES:
        return None
    lower = {
        annotator_id: lower_bound(records[annotator_id].without(on_item))
        for annotator_id, on_item in records_of(given).items()
    }
    witnessed = [answer for answer in new if lower[answer.annotator_id] > FLOOR]
    n_right, n = record = record_of(witnessed)
    if record.n_wrong < FEWEST_FAILURES:
        return None
    upper = right_rate_quantile(n_right, record.n_wrong, UPPER)
    expected = fmean(lower[answer.annotator_id] for answer in witnessed)
    return Rot(item_id, n_right, n, upper, expected) if upper < expected else None


def records_of(answers: Iterable[Answered]) -> dict[int, Record]:
    """By annotator."""
    found: defaultdict[int, list[Answered]] = defaultdict(list)
    for answer in answers:
        found[answer.annotator_id].append(answer)
    return {annotator_id: record_of(given) for annotator_id, given in found.items()}


def record_of(answers: Sequence[Answered]) -> Record:
    return Record(sum(answer.is_right for answer in answers), len(answers))


def lower_bound(record: Record) -> float:
    return right_rate_quantile(record.n_right, record.n_wrong, LOWER)
