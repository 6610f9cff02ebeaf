"""Halo: whether the response that somebody finds more helpful is also the one they find more harmless.

Often it is, by the responses' own nature: the crowd shows how often. A halo is an annotator whose two answers
go together more than the crowd's do. How far two answers go together is the share of pairs in which both
name the same response: .5 is independence, and twice the share less 1 is the phi correlation of the two, with
both responses as likely to be called the first. So it does not matter which response is called so.

Without a halo, mistakes in the one answer have nothing to do with those in the other. They pull a share
towards .5, and a majority makes fewer. So carelessness alone puts somebody below a crowd whose answers go
together, and above one whose answers go against each other (share below .5). `joint_mistakes` is free of
that: it looks at whether the annotator's departures from the crowd's two answers come together in the way a
halo makes them. It is smaller than the halo's whole effect, since a halo itself looks like many mistakes.
The reading: a halo is shown where its interval lies above 0; `excess` says how large it is.
"""

from dataclasses import dataclass

import numpy as np

from app.agreement.hygiene.shares import Z_95, Difference, Shares, paired_difference, shares_of
from app.agreement.measures.counts import Counts, Matrix, divide, require_range

FIRST, SECOND = 0, 1


@dataclass(frozen=True, slots=True)
class Halo:
    """Each of shape (n_annotators,), over the same items: those whose four preferences are all decided.

    `own`: the annotator's two preferences are the same. `crowd`: the majority of the others' helpfulness
    preferences is that of the others' harmlessness preferences. `excess`: own share less the crowd's.
    `joint_mistakes`: own share less that of somebody with as many mistakes, each made for itself, were the
    crowd's two answers the same in half of the items.
    NaN for an annotator without such an item; `joint_mistakes` also without one where the crowd's answers are
    the same or without one where they differ, and its interval with fewer than two of either.
    """

    own: Shares
    crowd: Shares
    excess: Difference
    joint_mistakes: Difference


def count_halo(
    item: Counts, annotator: Counts, helpful: Counts, harmless: Counts, n_items: int, n_annotators: int
) -> Counts:
    """Answers in long form: `annotator[j]` prefers `helpful[j]` and `harmless[j]` of the two of `item[j]`.

    A preference is 0 for the first response and 1 for the second. All other numbers decide nothing: a tie, or
    an annotator who gave one of the two rankings alone; their other one counts for the crowd. The others'
    majority is undecided where their votes are even, or there are none. One annotator has one answer an item.
    Returns how often each annotator met what: shape (n_annotators, 2, 2, 2), [a, s, v, w] with s whether the
    crowd's two preferences are the same, v whether the first of the annotator's is the crowd's, w whether the
    second is. Such counts of different items can be added up.
    Raises ValueError for an index outside 0..n-1.
    """
    require_range("item", item, n_items)
    require_range("annotator", annotator, n_annotators)
    one, other = _side(helpful), _side(harmless)
    crowd_one, crowd_other = (
        _majority_of_others(item, one, n_items),
        _majority_of_others(item, other, n_items),
    )
    cell = 4 * (crowd_one == crowd_other) + 2 * (one == crowd_one) + (other == crowd_other) + 8 * annotator
    is_decided = (one * other * crowd_one * crowd_other) != 0
    return np.bincount(cell[is_decided], minlength=8 * n_annotators).reshape(n_annotators, 2, 2, 2)


def halo(counts: Counts) -> Halo:
    """`counts`: as by `count_halo`."""
    n = counts.sum(axis=(1, 2, 3))
    # One who agrees with the crowd twice, or never, says the same twice where the crowd does.
    alike, unlike = counts[:, :, 0, 0] + counts[:, :, 1, 1], counts[:, :, 0, 1] + counts[:, :, 1, 0]
    own = shares_of(alike[:, 1] + unlike[:, 0], n)
    crowd = shares_of(alike[:, 1] + unlike[:, 1], n)
    return Halo(own, crowd, paired_difference(unlike[:, 0], unlike[:, 1], n), _joint_mistakes(counts))


def _joint_mistakes(counts: Counts) -> Difference:
    """From the covariance of being right (1) or wrong (-1) in the one ranking and in the other.

    Both answers are the same where the crowd's are and both are right or both wrong, or where the crowd's are
    not and one of them alone is wrong. What makes an item hard brings mistakes together in both kinds of
    items; in the mean of the two, each with half the weight, it cancels out.
    """
    times = counts.astype(np.float64)
    n = times.sum(axis=(2, 3))

    def mean_of_kind(number: Matrix) -> Matrix:
        """`number`: to be broadcast to the shape of the counts."""
        return divide((times * number).sum(axis=(2, 3)), n)

    def less_mean(number: Matrix) -> Matrix:
        deviation: Matrix = number - mean_of_kind(number)[:, :, np.newaxis, np.newaxis]
        return deviation

    sign = np.array([-1.0, 1.0])
    one, other = less_mean(sign[:, np.newaxis]), less_mean(sign)
    share = sign[:, np.newaxis, np.newaxis] * one * other / 2
    mean = mean_of_kind(share)
    # Few mistakes may by chance never have met, and vary less than they must where they are independent.
    least = mean_of_kind(np.square(one)) * mean_of_kind(np.square(other)) / 4
    variance = np.maximum(mean_of_kind(np.square(less_mean(share))), least)
    of_mean = divide(variance, np.maximum(n - 1, 0))
    middle = mean.mean(axis=1)
    half = Z_95 * np.sqrt(of_mean.sum(axis=1)) / 2
    return Difference(middle, np.maximum(middle - half, -1.0), np.minimum(middle + half, 1.0))


def _side(preference: Counts) -> Counts:
    """1 for the first response, -1 for the second, 0 for neither."""
    return np.select([preference == FIRST, preference == SECOND], [1, -1], 0)


def _majority_of_others(item: Counts, side: Counts, n_items: int) -> Counts:
    """The side that most of the others' answers to the same item take, 0 where they are even."""
    n_first = np.bincount(item[side > 0], minlength=n_items)
    n_second = np.bincount(item[side < 0], minlength=n_items)
    of_others: Counts = np.sign((n_first - n_second)[item] - side)
    return of_others
