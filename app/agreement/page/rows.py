"""Rows of tables in long form, out of what a report holds as matrices."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.agreement.report.content import Competence, Report, Share

ALL = "all"
# Of a p: below it a whole queue of annotators has hardly anyone by chance.
BY_CHANCE = 0.001


@dataclass(frozen=True, slots=True)
class Severities:
    category: str
    n_minor: int
    n_moderate: int
    n_severe: int
    n: int


@dataclass(frozen=True, slots=True)
class CategoryPair:
    category: str
    with_category: str
    n: int
    of_first_share: float | None
    of_second_share: float | None


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """`share`: of the pairs in which the one says so."""

    question: str
    one_says: str
    another_says: str
    n: int
    share: float | None


@dataclass(frozen=True, slots=True)
class Strength:
    dimension: str
    source: str
    n: int
    strength: float | None
    lower: float | None
    upper: float | None
    component: int
    ties: float | None


@dataclass(frozen=True, slots=True)
class ShareOf:
    question: str
    annotator: str
    n: int
    n_yes: int
    share: float | None
    lower: float | None
    upper: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class CompetenceOf:
    annotator: str
    question: str
    n: int
    one_coin: float | None
    mace: float | None


@dataclass(frozen=True, slots=True)
class HaloOf:
    annotator: str
    n: int
    own: float | None
    crowd: float | None
    difference: float | None
    joint_mistakes: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class VersusFile:
    question: str
    source: str
    n_items: int
    raw_agreement: float | None
    kappa: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, slots=True)
class VersusCell:
    question: str
    source: str
    consensus: str
    in_file: str
    n: int


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    group: int
    item_ids: list[int]


def name_of(annotator_id: int, names: dict[int, str]) -> str:
    return names.get(annotator_id, f"#{annotator_id}")


def share_of(n: int, total: int) -> float | None:
    return n / total if total else None


def or_last(value: float | None) -> float:
    return float("inf") if value is None else value


def severities(report: Report) -> Iterator[Severities]:
    for name, counts in zip(report.categories, report.severity_by_category or [], strict=False):
        minor, moderate, severe = counts
        yield Severities(name, minor, moderate, severe, sum(counts))


def category_pairs(report: Report) -> list[CategoryPair]:
    """That are named together at all, the most frequent first."""
    counts = report.co_occurrence or []
    found = [
        CategoryPair(
            report.categories[first],
            report.categories[second],
            n,
            share_of(n, counts[first][first]),
            share_of(n, counts[second][second]),
        )
        for second, row in enumerate(counts)
        for first, n in enumerate(row[:second])
        if n
    ]
    return sorted(found, key=lambda pair: -pair.n)


def confusion_cells(report: Report) -> Iterator[ConfusionCell]:
    for confusion in report.confusions:
        for value, row in zip(confusion.values, confusion.n, strict=True):
            for other, n in zip(confusion.values, row, strict=True):
                yield ConfusionCell(confusion.question, value, other, n, share_of(n, sum(row)))


def strengths(report: Report) -> Iterator[Strength]:
    """The strongest first in each group of sources that can be compared."""
    for of in report.strengths:
        rows = zip(of.sources, of.n, of.strength, of.lower, of.upper, of.component, strict=True)
        found = [
            Strength(of.dimension, source, n, strength, lower, upper, component, of.ties)
            for source, n, strength, lower, upper, component in rows
        ]
        yield from sorted(found, key=lambda row: (row.component, or_last(row.strength and -row.strength)))


def shares(found: Iterable[Share], names: dict[int, str]) -> Iterator[ShareOf]:
    """Those that come from anything at all."""
    for each in found:
        if each.n:
            who = ALL if each.annotator_id is None else name_of(each.annotator_id, names)
            rest = (each.n, each.n_yes, each.share, each.lower, each.upper, each.p)
            yield ShareOf(each.question, who, *rest)


def competences(found: Iterable[Competence], names: dict[int, str]) -> Iterator[CompetenceOf]:
    """The least able first, by question."""
    for of in sorted(found, key=lambda each: (each.question, or_last(each.mace))):
        yield CompetenceOf(name_of(of.annotator_id, names), of.question, of.n, of.one_coin, of.mace)


def halos(report: Report, names: dict[int, str]) -> Iterator[HaloOf]:
    """The clearest halo first."""
    for of in sorted(report.halos, key=lambda halo: or_last(halo.joint_mistakes and -halo.joint_mistakes)):
        who = name_of(of.annotator_id, names)
        yield HaloOf(who, of.n, of.own, of.crowd, of.difference, of.joint_mistakes, of.lower, of.upper)


def versus(report: Report) -> Iterator[VersusFile]:
    for of in report.versus:
        n_items = sum(sum(row) for row in of.n)
        yield VersusFile(of.question, of.source, n_items, of.raw_agreement, of.kappa, of.lower, of.upper)


def versus_cells(report: Report) -> Iterator[VersusCell]:
    for of in report.versus:
        for value, row in zip(of.values, of.n, strict=True):
            for other, n in zip(of.values, row, strict=True):
                yield VersusCell(of.question, of.source, value, other, n)


def duplicate_groups(report: Report) -> Iterator[DuplicateGroup]:
    for place, item_ids in enumerate(report.near_duplicates.groups if report.near_duplicates else []):
        yield DuplicateGroup(place + 1, item_ids)
