"""The parts of a report that speak of pairs of responses."""

from collections.abc import Sequence

import numpy as np

from app.agreement.hygiene.contradictions import severe_above_mild, unsafe_above_safe
from app.agreement.hygiene.halo import halo
from app.agreement.hygiene.position import position_bias
from app.agreement.hygiene.shares import Shares
from app.agreement.measures.bradley_terry import bradley_terry, count_comparisons
from app.agreement.measures.counts import Counts
from app.agreement.measures.kappa import NORMAL_95
from app.agreement.measures.kendall import mean_tau_b, ranked_pairs
from app.agreement.report.answers import Pairs, Rankings, pairs_in_order
from app.agreement.report.asked import Asked
from app.agreement.report.content import Halo, Orders, Share, Strengths
from app.agreement.report.figures import number
from app.agreement.report.parts import numbers


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
    bias = position_bias(asked.annotator.astype(np.int64), pairs.place, asked.given.n_annotators)
    name = asked.question.name
    whole = share_of(name, None, bias.of_queue, (), number(bias.p_of_queue))
    return [
        whole,
        *(
            share_of(name, annotator_id, bias.of_annotator, (a,), number(bias.p_of_annotator[a]))
            for a, annotator_id in enumerate(asked.given.annotator_ids.tolist())
        ),
    ]


def contradictions(asked: Asked, pairs: Pairs, severity: Counts) -> list[Share]:
    """`severity`: by consensus, of each item's response in each position, -1 where there is none.

    Of the queue, then of each annotator who has any comparable pair; first unsafe above safe, then more
    severe above less.
    """
    one, other = np.array(pairs_in_order(severity.shape[1]), np.int64).T
    item, annotator = asked.given.item[pairs.answer].astype(np.int64), asked.annotator.astype(np.int64)
    first, second = severity[item, one[pairs.pair]], severity[item, other[pairs.pair]]
    n_annotators = asked.given.n_annotators
    found = []
    for question, count in (
        ("unsafe above safe", unsafe_above_safe),
        ("more severe above less", severe_above_mild),
    ):
        counted = count(item, annotator, pairs.value, first, second, n_annotators)
        found.append(share_of(question, None, counted.of_queue, ()))
        found += [
            share_of(question, int(asked.given.annotator_ids[a]), counted.of_annotator, (a,))
            for a in np.flatnonzero(counted.of_annotator.n).tolist()
        ]
    return found


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
            joint_mistakes=number(found.joint_mistakes.difference[a]),
            lower=number(found.joint_mistakes.lower[a]),
            upper=number(found.joint_mistakes.upper[a]),
        )
        for a, annotator_id in enumerate(people.tolist())
    ]


def strengths(asked: Asked, pairs: Pairs, source: Counts, names: Sequence[str]) -> Strengths:
    """`source`: of each item's response in each position, an index into `names`."""
    one, other = np.array(pairs_in_order(source.shape[1]), np.int64).T
    item = asked.given.item[pairs.answer]
    first, second = source[item, one[pairs.pair]], source[item, other[pairs.pair]]
    wins, ties = count_comparisons(first, second, pairs.value, len(names))
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
