"""The parts of a report that speak of pairs of responses."""

from collections.abc import Iterator, Sequence

import numpy as np

from app.agreement.hygiene.contradictions import severe_above_mild, unsafe_above_safe
from app.agreement.hygiene.halo import count_halo, halo
from app.agreement.hygiene.position import position_bias
from app.agreement.hygiene.shares import Shares
from app.agreement.measures.bradley_terry import bradley_terry, count_comparisons
from app.agreement.measures.counts import Counts, Indexes
from app.agreement.measures.kappa import NORMAL_95
from app.agreement.measures.kendall import mean_tau_b, ranked_pairs
from app.agreement.report.answers import Pairs, Rankings, pairs_in_order
from app.agreement.report.asked import Asked
from app.agreement.report.content import Halo, Orders, Share, Strengths
from app.agreement.report.figures import number
from app.agreement.report.parts import numbers

ITEMS_AT_ONCE = 100_000


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


def contradictions(asked: Asked, pairs: Pairs, severity: Indexes) -> list[Share]:
    """`severity`: by consensus, of each item's response in each position, -1 where there is none.

    Of the queue, then of each annotator who has any comparable pair; first unsafe above safe, then more
    severe above less.
    """
    one, other = np.array(pairs_in_order(severity.shape[1]), np.int64).T
    item, annotator = asked.given.item[pairs.answer], asked.annotator
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
    people = np.union1d(helpfulness.given.annotator_ids, harmlessness.given.annotator_ids)
    counts, is_there = np.zeros((people.size, 2, 2, 2), np.int64), np.zeros(people.size, np.bool_)
    for n_units, unit, annotator, (one, other) in side_by_side(helpfulness, harmlessness, people):
        counts += count_halo(unit, annotator, one, other, n_units, people.size)
        is_there[annotator] = True
    found = halo(counts)
    return [
        Halo(
            annotator_id=int(people[a]),
            n=int(found.own.n[a]),
            own=number(found.own.share[a]),
            crowd=number(found.crowd.share[a]),
            difference=number(found.excess.difference[a]),
            joint_mistakes=number(found.joint_mistakes.difference[a]),
            lower=number(found.joint_mistakes.lower[a]),
            upper=number(found.joint_mistakes.upper[a]),
        )
        for a in np.flatnonzero(is_there).tolist()
    ]


def strengths(asked: Asked, pairs: Pairs, source: Indexes, names: Sequence[str]) -> Strengths:
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


def side_by_side(
    one: Asked, other: Asked, people: Counts
) -> Iterator[tuple[int, Counts, Counts, list[Counts]]]:
    """(n_units, unit, annotator, both values) of each answer to either, some whole items at a time; -1 where
    one of the two is missing. `people`: the ids that annotators are told by.

    Both are of pairs of responses, which are told by their item's id and their place, whatever its index.
    """
    item_ids = np.union1d(one.given.item_ids, other.given.item_ids)
    n_pairs = max(pairs_an_item(one), pairs_an_item(other))
    for start in range(0, item_ids.size, ITEMS_AT_ONCE):
        ids = item_ids[start : start + ITEMS_AT_ONCE]
        said = [said_of_items(asked, ids, people, n_pairs) for asked in (one, other)]
        keys = np.union1d(said[0][0], said[1][0])
        values = []
        for own_keys, own_values in said:
            value = np.full(keys.size, -1, np.int64)
            value[keys.searchsorted(own_keys)] = own_values
            values.append(value)
        unit, annotator = np.divmod(keys, max(people.size, 1))
        yield ids.size * n_pairs, unit, annotator, values


def said_of_items(asked: Asked, item_ids: Counts, people: Counts, n_pairs: int) -> tuple[Counts, Indexes]:
    """(key, value) of its answers to items from the first to the last of `item_ids`, ascending; a key tells
    the pair, by the item's place among these, and the person."""
    own = pairs_an_item(asked)
    items = asked.given.item_ids.searchsorted([item_ids[0], item_ids[-1] + 1])
    rows = slice(*asked.unit.searchsorted(items * own).tolist())
    item, pair = np.divmod(asked.unit[rows].astype(np.int64), max(own, 1))
    unit = item_ids.searchsorted(asked.given.item_ids[item]) * n_pairs + pair
    person = people.searchsorted(asked.given.annotator_ids)[asked.annotator[rows]]
    return unit * people.size + person, asked.value[rows]


def pairs_an_item(asked: Asked) -> int:
    return asked.n_units // max(asked.given.n_items, 1)


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
