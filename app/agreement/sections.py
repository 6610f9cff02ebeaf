"""The parts of a report, each from the measure it shows."""

from datetime import date, timedelta

import numpy as np

from app.agreement.answers import Pairs, Rankings
from app.agreement.asked import Asked
from app.agreement.content import (
    Confusion,
    Halo,
    KappaMatrix,
    Orders,
    Period,
    Share,
    Table,
    Version,
)
from app.agreement.figures import number
from app.agreement.hygiene.halo import halo
from app.agreement.hygiene.over_time import agreement_over_time
from app.agreement.hygiene.position import position_bias
from app.agreement.hygiene.shares import Shares
from app.agreement.hygiene.versions import agreement_by_version
from app.agreement.measures.counts import Counts, Level, Matrix
from app.agreement.measures.kappa import cohen_kappa, quadratic_differences
from app.agreement.measures.kendall import mean_tau_b, ranked_pairs
from app.agreement.measures.pair_tables import pair_tables

EPOCH = date(1970, 1, 1)


def annotator_tables(asked: Asked) -> Counts:
    return pair_tables(
        asked.unit, asked.annotator, asked.value, asked.given.n_annotators, asked.question.n_values
    )


def kappa_matrix(asked: Asked, tables: Counts) -> KappaMatrix:
    """Weighted where the values stand in an order."""
    is_ordered = asked.question.level is Level.ORDINAL
    kappa = cohen_kappa(tables, quadratic_differences(asked.question.n_values) if is_ordered else None)
    return KappaMatrix(
        question=asked.question.name,
        weights="quadratic" if is_ordered else "none",
        annotator_ids=asked.given.annotator_ids.tolist(),
        kappa=numbers(kappa.kappa),
        lower=numbers(kappa.lower),
        upper=numbers(kappa.upper),
        n=kappa.n.tolist(),
    )


def confusion(asked: Asked, tables: Counts) -> Confusion:
    return Confusion(asked.question.name, list(asked.value_names), tables.sum(axis=(0, 1)).tolist())


def periods(asked: Asked) -> list[Period]:
    """By week; those without an item are left out."""
    weeks, period = np.unique(asked.week, return_inverse=True)
    question = asked.question
    found = agreement_over_time(
        asked.unit, asked.value, period, asked.n_units, question.n_values, weeks.size, question.level
    )
    yes = list(question.yes)
    return [
        Period(
            question=question.name,
            start=(EPOCH + timedelta(days=int(week))).isoformat(),
            n_items=int(found.n_pairable[p]),
            n_answers=int(found.prevalence.n[p, 0]),
            prevalence=number(found.prevalence.share[p, yes].sum()),
            raw_agreement=number(found.raw_agreement[p]),
            alpha=number(found.alpha[p]),
        )
        for p, week in enumerate(weeks)
        if found.n_items[p]
    ]


def versions(asked: Asked) -> list[Version]:
    """By version of the guidelines; 0 is none."""
    numbers_of, version = np.unique(asked.guideline, return_inverse=True)
    question = asked.question
    found = agreement_by_version(
        asked.unit,
        asked.annotator,
        asked.value,
        version,
        asked.given.n_annotators,
        question.n_values,
        numbers_of.size,
        question.level,
    )
    return [
        Version(
            kind="guidelines",
            version=str(name),
            question=question.name,
            n_items=int(found.n_pairable[v]),
            n_answers=int(found.prevalence.n[v, 0]),
            prevalence=number(found.prevalence.share[v, list(question.yes)].sum()),
            raw_agreement=number(found.raw_agreement[v]),
            alpha=number(found.alpha[v]),
        )
        for v, name in enumerate(numbers_of.tolist())
    ]


def orders(dimension: str, rankings: Rankings) -> Orders:
    who = (rankings.given.item, rankings.given.annotator, rankings.ranks)
    tau, pairs = mean_tau_b(*who), ranked_pairs(*who)
    n = max(pairs.n, 1)
    return Orders(
        dimension=dimension,
        n_pairs=tau.n,
        tau_b=number(np.float64(tau.mean)),
        agree=(pairs.n_agree + pairs.n_both_tie) / n if pairs.n else None,
        disagree=pairs.n_disagree / n if pairs.n else None,
        one_tie=pairs.n_one_ties / n if pairs.n else None,
    )


def position_shares(asked: Asked, pairs: Pairs) -> list[Share]:
    """Of the queue, then of each annotator."""
    bias = position_bias(asked.annotator, pairs.place, asked.given.n_annotators)
    name = asked.question.name
    whole = share_of(name, None, bias.of_queue, (), number(bias.p_of_queue))
    return [
        whole,
        *(
            share_of(name, annotator_id, bias.of_annotator, (a,), number(bias.p_of_annotator[a]))
            for a, annotator_id in enumerate(asked.given.annotator_ids.tolist())
        ),
    ]


def share_of(
    question: str, annotator_id: int | None, shares: Shares, cell: tuple[int, ...], p: float | None = None
) -> Share:
    return Share(
        question=question,
        annotator_id=annotator_id,
        n=int(shares.n[cell]),
        n_yes=int(shares.n_yes[cell]),
        share=number(shares.share[cell]),
        lower=number(shares.lower[cell]),
        upper=number(shares.upper[cell]),
        p=p,
    )


def halos(helpfulness: Asked, harmlessness: Asked) -> list[Halo]:
    """Of the annotators who gave both; the two queues of answers may hold different items."""
    unit, person, (helpful, harmless) = side_by_side(helpfulness, harmlessness)
    units, item = np.unique(unit, return_inverse=True)
    people, annotator = np.unique(person, return_inverse=True)
    found = halo(item, annotator, helpful, harmless, units.size, people.size)
    return [
        Halo(
            annotator_id=annotator_id,
            n=int(found.own.n[a]),
            own=number(found.own.share[a]),
            crowd=number(found.crowd.share[a]),
            difference=number(found.excess.difference[a]),
            lower=number(found.excess.lower[a]),
            upper=number(found.excess.upper[a]),
        )
        for a, annotator_id in enumerate(people.tolist())
    ]


def side_by_side(one: Asked, other: Asked) -> tuple[Counts, Counts, list[Counts]]:
    """(unit, annotator id, both values) of each answer to either; -1 where one of the two is missing.

    Both are of pairs of responses, which are told by their item's id and their place, whatever its index.
    """
    item_ids = np.union1d(one.given.item_ids, other.given.item_ids)
    people = np.union1d(one.given.annotator_ids, other.given.annotator_ids)
    n_pairs = max(asked.n_units // max(asked.given.n_items, 1) for asked in (one, other))

    def keys(asked: Asked) -> Counts:
        item, pair = np.divmod(asked.unit, max(asked.n_units // max(asked.given.n_items, 1), 1))
        unit = np.searchsorted(item_ids, asked.given.item_ids)[item] * n_pairs + pair
        return unit * people.size + np.searchsorted(people, asked.given.annotator_ids)[asked.annotator]

    both = np.union1d(keys(one), keys(other))
    values = []
    for asked in (one, other):
        value = np.full(both.size, -1, np.int64)
        value[np.searchsorted(both, keys(asked))] = asked.value
        values.append(value)
    unit, person = np.divmod(both, max(people.size, 1))
    return unit, people[person], values


def numbers(matrix: Matrix) -> Table:
    """JSON has no NaN."""
    return [[None if np.isnan(cell) else cell for cell in row] for row in matrix.tolist()]


def contradictions(asked: Asked, pairs: Pairs, severity: Counts) -> list[Share]:
    """`severity`: by consensus, of each item's response in each position, -1 where there is none.

    Of the queue, then of each annotator who has any comparable pair; first unsafe above safe, then more
    severe above less.
    """
    one, other = np.array(pairs_in_order(severity.shape[1]), np.int64).T
    item = asked.given.item[pairs.answer]
    first, second = severity[item, one[pairs.pair]], severity[item, other[pairs.pair]]
    n_annotators = asked.given.n_annotators
    found = []
    for question, count in (
        ("unsafe above safe", unsafe_above_safe),
        ("more severe above less", severe_above_mild),
    ):
        counted = count(asked.annotator, asked.value, first, second, n_annotators)
        found.append(share_of(question, None, counted.of_queue, ()))
        found += [
            share_of(question, int(asked.given.annotator_ids[a]), counted.of_annotator, (a,))
            for a in np.flatnonzero(counted.of_annotator.n)
        ]
    return found


def strengths(asked: Asked, pairs: Pairs, source: Counts, names: Sequence[str]) -> Strengths:
    """`source`: of each item's response in each position, an index into `names`."""
    one, other = np.array(pairs_in_order(source.shape[1]), np.int64).T
    item = asked.given.item[pairs.answer]
    first, second = source[item, one[pairs.pair]], source[item, other[pairs.pair]]
    wins, ties = count_comparisons(first, second, asked.value, len(names))
    fit = bradley_terry(wins, ties)
    half = NORMAL_95 * fit.standard_error
    return Strengths(
        dimension=asked.question.name,
        sources=list(names),
        n=(wins.sum(axis=1) + wins.sum(axis=0) + ties.sum(axis=1)).tolist(),
        strength=numbers(fit.log_strength[np.newaxis])[0],
        lower=numbers((fit.log_strength - half)[np.newaxis])[0],
        upper=numbers((fit.log_strength + half)[np.newaxis])[0],
        component=fit.component.tolist(),
        ties=number(np.float64(fit.tie)),
    )


def against_imported(
    question: str, source: str, names: Sequence[str], consensus: Counts, imported: Counts
) -> Versus:
    """Item by item, values as indices into `names`."""
    found = versus(consensus, imported, len(names))
    return Versus(
        question=question,
        source=source,
        values=list(names),
        n=found.confusion[:, : len(names)].tolist(),
        raw_agreement=number(np.float64(found.agreement)),
        kappa=number(found.kappa.kappa),
        lower=number(found.kappa.lower),
        upper=number(found.kappa.upper),
    )
