"""How often each annotator agrees with what the others of an item say, and how often others do there."""

from dataclasses import dataclass

import numpy as np

from app.agreement.measures.counts import Counts, Matrix, count_values
from app.quality.answers import Flags


@dataclass(frozen=True, slots=True)
class Comparisons:
    """Each answer against the consensus of its item's other answers; all of shape (n_answers,).

    `is_compared`: the others have a consensus. `is_tied`: there are others, but they have none.
    `agrees`: False wherever `is_compared` is.
    """

    is_compared: Flags
    is_tied: Flags
    agrees: Flags


@dataclass(frozen=True, slots=True)
class PeerAgreement:
    """All of shape (n_annotators,). `n_agreed` of `n` comparisons agreed; `n_tied` answers were left out.

    `n_peers_agreed` of `n_peers`: the same for the other annotators of the same items, each item weighing
    as much as one peer's answer: what an average peer does there. Not whole numbers.
    """

    n: Counts
    n_agreed: Counts
    n_tied: Counts
    n_peers: Matrix
    n_peers_agreed: Matrix


def compare_values(item: Counts, value: Counts, n_items: int, n_values: int) -> Comparisons:
    """The consensus is the value that more of the others gave than any other value."""
    others = count_values(item, value, n_items, n_values)[item].T
    answer = np.arange(item.size)
    others[value, answer] -= 1
    most = others.max(axis=0, initial=0)
    has_others = most > 0
    is_tied = has_others & (np.count_nonzero(others == most, axis=0) > 1)
    is_compared = has_others & ~is_tied
    return Comparisons(is_compared, is_tied, is_compared & (others[value, answer] == most))


def compare_categories(item: Counts, harm_mask: Counts, n_items: int) -> Comparisons:
    """The consensus is the set of categories that more than half of the others named.

    Only answers that call the item unsafe are compared, and with those alone. A category that exactly half of
    the others named leaves them without a consensus. One agrees who named that set, no more and no less.
    """
    unsafe = np.flatnonzero(harm_mask)
    of, mask = item[unsafe], harm_mask[unsafe]
    n_others = np.bincount(of, minlength=n_items)[of] - 1
    is_tied = np.zeros(of.size, np.bool_)
    agrees = np.ones(of.size, np.bool_)
    for bit in range(int(mask.max(initial=0)).bit_length()):
        names = (mask >> bit) & 1
        n_naming = np.bincount(of[names == 1], minlength=n_items)[of] - names
        is_tied |= 2 * n_naming == n_others
        agrees &= (2 * n_naming > n_others) == (names == 1)
    has_others = n_others > 0
    is_compared = has_others & ~is_tied
    columns = (is_compared, has_others & is_tied, is_compared & agrees)
    return Comparisons(*(_spread(column, unsafe, item.size) for column in columns))


def by_annotator(
    comparisons: Comparisons, item: Counts, annotator: Counts, n_items: int, n_annotators: int
) -> PeerAgreement:
    """Sums of `comparisons`, which are of the answers `item` and `annotator` tell of.

    A peer of an answer is somebody else who answered the same item; peers are compared as everybody is, with
    all others of the item. So of three answers with one dissent only the dissenter is compared, for all
    alike: an annotator who is like their peers has the same expected share of agreement as they have.
    """
    n_answers = np.bincount(item, minlength=n_items)[item]
    weight = 1.0 / np.maximum(n_answers - 1, 1)

    def of_each(flags: Flags) -> Counts:
        return np.bincount(annotator[flags], minlength=n_annotators)

    def of_peers(flags: Flags) -> Matrix:
        n_peers = np.bincount(item[flags], minlength=n_items)[item] - flags
        sums = np.bincount(annotator, n_peers * weight, n_annotators)
        return sums.astype(np.float64)

    return PeerAgreement(
        n=of_each(comparisons.is_compared),
        n_agreed=of_each(comparisons.agrees),
        n_tied=of_each(comparisons.is_tied),
        n_peers=of_peers(comparisons.is_compared),
        n_peers_agreed=of_peers(comparisons.agrees),
    )


def _spread(flags: Flags, places: Counts, n: int) -> Flags:
    spread = np.zeros(n, np.bool_)
    spread[places] = flags
    return spread
