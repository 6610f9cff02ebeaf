"""Halo: whether the response that somebody finds more helpful is also the one they find more harmless.

Often it is, by the responses' own nature: the crowd shows how often. A halo is an annotator whose two answers
go together more than the crowd's do. How far two answers go together is the share of pairs in which both
name the same response: .5 is independence, and twice the share less 1 is the phi correlation of the two, with
both responses as likely to be called the first. So it does not matter which response is called so.

Nobody's mistakes in the two answers are the same, unless there is a halo, and mistakes pull a share towards
.5; those of a majority are fewer. So where the crowd's two answers go together, a careless annotator without
a halo lies below 0, and an interval above 0 is a strong sign. Where they go against each other (share below
.5), carelessness alone can lie above it: read the difference beside both shares.
"""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.shares import Difference, Shares, paired_difference, shares_by
from app.agreement.measures.counts import Counts, require_range

FIRST, SECOND = 0, 1


@dataclass(frozen=True, slots=True)
class Halo:
    """Each of shape (n_annotators,), over the same items: those whose four preferences are all decided.

    `own`: the annotator's two preferences are the same. `crowd`: the majority of the others' helpfulness
    preferences is that of the others' harmlessness preferences. `excess`: own share less the crowd's.
    All NaN for an annotator without such an item.
    """

    own: Shares
    crowd: Shares
    excess: Difference


def halo(
    item: Counts, annotator: Counts, helpful: Counts, harmless: Counts, n_items: int, n_annotators: int
) -> Halo:
    """Answers in long form: `annotator[j]` prefers `helpful[j]` and `harmless[j]` of the two of `item[j]`.

    A preference is 0 for the first response and 1 for the second. All other numbers decide nothing: a tie, or
    an annotator who gave one of the two rankings alone; their other one counts for the crowd. The others'
    majority is undecided where their votes are even, or there are none. One annotator has one answer an item.
    Raises ValueError for an index outside 0..n-1.
    """
    require_range("item", item, n_items)
    require_range("annotator", annotator, n_annotators)
    sides = [_side(helpful), _side(harmless)]
    of_others = [_majority_of_others(item, side, n_items) for side in sides]
    is_decided = (sides[0] * sides[1] * of_others[0] * of_others[1]) != 0
    is_own, is_crowd = (sides[0] == sides[1])[is_decided], (of_others[0] == of_others[1])[is_decided]
    person = annotator[is_decided]
    own, crowd = shares_by(person, is_own, n_annotators), shares_by(person, is_crowd, n_annotators)
    n_own_alone = np.bincount(person[is_own & ~is_crowd], minlength=n_annotators)
    n_crowd_alone = np.bincount(person[is_crowd & ~is_own], minlength=n_annotators)
    return Halo(own, crowd, paired_difference(n_own_alone, n_crowd_alone, own.n))


def _side(preference: Counts) -> Counts:
    """1 for the first response, -1 for the second, 0 for neither."""
    return np.select([preference == FIRST, preference == SECOND], [1, -1], 0)


def _majority_of_others(item: Counts, side: Counts, n_items: int) -> Counts:
    """The side that most of the others' answers to the same item take, 0 where they are even."""
    n_first = np.bincount(item[side > 0], minlength=n_items)
    n_second = np.bincount(item[side < 0], minlength=n_items)
    of_others: Counts = np.sign((n_first - n_second)[item] - side)
    return of_others
