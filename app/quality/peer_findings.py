"""What answers say of annotators beside their peers: gold items, agreement, what they tell, who is alike.

Every function gives one finding for each annotator; `tail` is the chance of a false alarm of each.
"""

import numpy as np

from app.agreement.consensus.dawid_skene import Posterior
from app.agreement.measures.counts import Counts, Matrix
from app.quality.answers import Answers, Flags
from app.quality.collusion import likeness
from app.quality.confusion import informativeness
from app.quality.finding import Finding, FindingName, findings_of_each
from app.quality.leave_one_out import (
    Comparisons,
    PeerAgreement,
    by_annotator,
    compare_categories,
    compare_values,
)
from app.quality.posterior import Interval, difference_interval, share_interval

# Careful people differ: only who is worse than their peers by more than this is looked at.
MARGIN = 0.05
# So many comparisons of others on any items stand in for those on the same items, while they are few.
LENT = 100
# On gold items nobody may be wrong more often than right, however their peers do.
LEAST_RIGHT = 0.5
# Answers must tell at least this part of what the middle one of the others' answers tell.
LEAST_PART_TOLD = 0.5


def gold_findings(answers: Answers, tail: float) -> list[Finding]:
    """Facts: `expected`, the others' share of right answers."""
    n, n_right = gold_counts(answers)
    own, peers = share_interval(n_right, n, tail), share_interval(n_right.sum() - n_right, n.sum() - n, tail)
    is_alarm = _is_below(own, peers) | (own.upper < LEAST_RIGHT)
    limit = np.maximum(peers.mean - MARGIN, LEAST_RIGHT)
    return findings_of_each(FindingName.GOLD, n, own, is_alarm, limit, n_right=n_right, expected=peers.mean)


def agreed_findings(name: FindingName, agreement: PeerAgreement, tail: float) -> list[Finding]:
    """Facts: `expected`, what the middle one of their peers does on the same items; `n_tied`, left out."""
    own = share_interval(agreement.n_agreed, agreement.n, tail)
    peers = peers_interval(agreement, tail)
    return findings_of_each(
        name,
        agreement.n,
        own,
        _is_below(own, peers),
        peers.mean - MARGIN,
        n_agreed=agreement.n_agreed,
        n_tied=agreement.n_tied,
        expected=peers.mean,
    )


def peers_interval(agreement: PeerAgreement, tail: float) -> Interval:
    """How often the middle one of the others would agree on the same items.

    The mean of the others there, to which all their answers lend some weight; raised by as much as the
    median of the others lies above their mean, so that a few bad ones among them do not excuse another.
    """
    n_others = agreement.n.sum() - agreement.n
    mean = (agreement.n_agreed.sum() - agreement.n_agreed) / np.maximum(n_others, 1)
    n_lent = np.minimum(n_others, LENT)
    n = agreement.n_peers + n_lent
    share = (agreement.n_peers_agreed + mean * n_lent) / np.maximum(n, 1)
    median = _medians_of_others(agreement.n_agreed / np.maximum(agreement.n, 1), agreement.n)
    return share_interval(n * np.minimum(share + np.maximum(median - mean, 0.0), 1.0), n, tail)


def harm_findings(answers: Answers, tail: float) -> list[list[Finding]]:
    """Safe or not, and the harm categories; nothing where the answers are no safety labels."""
    if answers.harm_mask is None:
        return []
    harmful = (answers.value > 0).astype(np.int64)
    safe = compare_values(answers.item, harmful, answers.n_items, 2)
    categories = compare_categories(answers.item, answers.harm_mask, answers.n_items)
    return [
        agreed_findings(FindingName.AGREEMENT_SAFE, agreement_of_each(answers, safe), tail),
        agreed_findings(FindingName.AGREEMENT_CATEGORIES, agreement_of_each(answers, categories), tail),
    ]


def informativeness_findings(answers: Answers, model: Posterior, tail: float) -> list[Finding]:
    """Facts: `expected`, the median of the others' figures."""
    n = np.bincount(answers.annotator, minlength=answers.n_annotators)
    own = informativeness(answers, model, tail).of_each
    expected = _medians_of_others(own.mean, n)
    limit = LEAST_PART_TOLD * expected
    return findings_of_each(FindingName.INFORMATIVENESS, n, own, own.upper < limit, limit, expected=expected)


def likeness_findings(answers: Answers, model: Posterior, tail: float) -> list[Finding]:
    """With the annotator most suspiciously alike: the share of items that both answered alike.

    The limit is the share to be expected. Facts: `partner`, `n_alike`, and `n_unusual` of these that are not
    what the rest make the likeliest answer. Whoever copies, the alarm is on both.
    """
    pairs = likeness(answers, model)
    evidence = np.where(pairs.n_shared > 0, pairs.log_evidence, -np.inf)
    one = np.arange(answers.n_annotators)
    partner = evidence.argmax(axis=1) if one.size else one
    n, n_alike = pairs.n_shared[one, partner], pairs.n_alike[one, partner]
    n_partners = max(one.size - 1, 1)
    p = np.exp(np.minimum(np.log(n_partners) - evidence[one, partner], 0.0))
    return findings_of_each(
        FindingName.LIKENESS,
        n.astype(np.int64),
        share_interval(n_alike, n, tail),
        p < tail,
        pairs.expected_alike[one, partner] / np.maximum(n, 1),
        p,
        partner=partner,
        n_alike=n_alike,
        n_unusual=pairs.n_unusual[one, partner],
    )


def agreement_of_each(answers: Answers, comparisons: Comparisons) -> PeerAgreement:
    return by_annotator(comparisons, answers.item, answers.annotator, answers.n_items, answers.n_annotators)


def gold_counts(answers: Answers) -> tuple[Counts, Counts]:
    """Of each annotator: how many gold items they answered, and how many rightly."""
    who = answers.annotator
    is_right = answers.is_gold & (answers.value == answers.gold)
    n, n_right = (
        np.bincount(who[rows], minlength=answers.n_annotators) for rows in (answers.is_gold, is_right)
    )
    return n, n_right


def _is_below(own: Interval, peers: Interval) -> Flags:
    return difference_interval(own, peers).upper < -MARGIN


def _medians_of_others(figure: Matrix, n: Counts) -> Matrix:
    """Shape as given; of those who have answers, 0 where nobody else has."""
    is_other = (n > 0) & ~np.eye(n.size, dtype=np.bool_)
    ascending = np.sort(np.where(is_other, figure, np.inf), axis=1)
    n_others = np.count_nonzero(is_other, axis=1)
    one = np.arange(n.size)
    middle = (ascending[one, (n_others - 1) // 2] + ascending[one, n_others // 2]) / 2
    return np.where(n_others > 0, middle, 0.0)
