"""How far annotators agree with each other, out of a report's matrices: each two, each with all others."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from app.agreement.page.rows import name_of, or_last
from app.agreement.report.content import KappaMatrix, Report

# More are no picture any more: of 200 there are 20,000 pairs.
MOST_IN_PICTURE = 60


class Annotator(NamedTuple):
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class WithOthers:
    """`kappa`: the mean with all others, weighted by the items they share; None where no kappa is defined.
    `n_others`: those with whom one is; `n`: the items shared with each of them, added up."""

    question: str
    weights: str
    annotator: Annotator
    kappa: float | None
    n_others: int
    n: int


@dataclass(frozen=True, slots=True)
class AnnotatorPair:
    question: str
    weights: str
    annotator: Annotator
    with_annotator: Annotator
    kappa: float | None
    lower: float | None
    upper: float | None
    n: int


def annotators_in(report: Report, names: dict[int, str]) -> list[Annotator]:
    """Whom any matrix tells of, by name."""
    ids = {annotator_id for matrix in report.kappa_matrices for annotator_id in matrix.annotator_ids}
    return sorted((annotator_of(each, names) for each in ids), key=lambda each: (each.name, each.id))


def annotator_of(annotator_id: int, names: dict[int, str]) -> Annotator:
    return Annotator(annotator_id, name_of(annotator_id, names))


def fits_a_picture(report: Report) -> bool:
    return all(len(matrix.annotator_ids) <= MOST_IN_PICTURE for matrix in report.kappa_matrices)


def with_others(matrix: KappaMatrix, names: dict[int, str]) -> list[WithOthers]:
    """Of each who shares items with anyone, the lowest mean first; undefined ones last."""
    found = [
        mean_of(matrix, place, annotator_of(annotator_id, names))
        for place, annotator_id in enumerate(matrix.annotator_ids)
        if any(matrix.n[place])
    ]
    return sorted(found, key=lambda each: (or_last(each.kappa), each.annotator.id))


def means_by_question(report: Report, names: dict[int, str]) -> Iterator[WithOthers]:
    for matrix in report.kappa_matrices:
        yield from with_others(matrix, names)


def mean_of(matrix: KappaMatrix, place: int, annotator: Annotator) -> WithOthers:
    row = zip(matrix.kappa[place], matrix.n[place], strict=True)
    known = [(kappa, n) for kappa, n in row if kappa is not None and n]
    total = sum(n for _, n in known)
    mean = sum(kappa * n for kappa, n in known) / total if total else None
    return WithOthers(matrix.question, matrix.weights, annotator, mean, len(known), total)


def by_mean_kappa(matrix: KappaMatrix) -> list[int]:
    """Places of the annotators, the highest mean first; those without any kappa last."""
    means = [mean_of(matrix, place, Annotator(0, "")).kappa for place in range(len(matrix.annotator_ids))]
    return sorted(
        range(len(means)),
        key=lambda place: (means[place] is None, -(means[place] or 0.0), matrix.annotator_ids[place]),
    )


def annotator_pairs(report: Report, names: dict[int, str]) -> Iterator[AnnotatorPair]:
    """Of each two that share items, the lowest kappa first; undefined ones last."""
    for matrix in report.kappa_matrices:
        places = [(a, b) for a in range(len(matrix.annotator_ids)) for b in range(a) if matrix.n[a][b]]
        for a, b in sorted(places, key=lambda place: or_last(matrix.kappa[place[0]][place[1]])):
            yield pair_of(matrix, a, b, names)


def pairs_of_one(matrix: KappaMatrix, annotator_id: int, names: dict[int, str]) -> list[AnnotatorPair]:
    """With everyone that this annotator shares items with, the lowest kappa first; undefined ones last."""
    if annotator_id not in matrix.annotator_ids:
        return []
    a = matrix.annotator_ids.index(annotator_id)
    pairs = [pair_of(matrix, a, b, names) for b, n in enumerate(matrix.n[a]) if n]
    return sorted(pairs, key=lambda pair: (or_last(pair.kappa), pair.with_annotator.id))


def pair_of(matrix: KappaMatrix, a: int, b: int, names: dict[int, str]) -> AnnotatorPair:
    return AnnotatorPair(
        matrix.question,
        matrix.weights,
        annotator_of(matrix.annotator_ids[a], names),
        annotator_of(matrix.annotator_ids[b], names),
        matrix.kappa[a][b],
        matrix.lower[a][b],
        matrix.upper[a][b],
        matrix.n[a][b],
    )
