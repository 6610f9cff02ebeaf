"""What each annotator's own answers say, in the order they were given: haste, runs, places, drift.

Every function gives one finding for each annotator; `tail` is the chance of a false alarm of each.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from app.agreement.measures.counts import Counts, Matrix, count_values
from app.quality.answers import UNKNOWN, Answers
from app.quality.drift import cusum, ewma
from app.quality.finding import Finding, FindingName, findings_of_each
from app.quality.habits import chance_by_others, hurry, longest_run, place_habit
from app.quality.leave_one_out import Comparisons, PeerAgreement
from app.quality.peer_findings import gold_counts, peers_interval
from app.quality.posterior import Interval, share_interval

# A glance can be enough: the first words of some responses settle their label.
MOST_TOO_FAST = 0.25
# The first place on a page may draw people a little.
MOST_FROM_HALF = 0.1


def speed_findings(answers: Answers, tail: float) -> list[Finding]:
    """Facts: `ms_a_word`, the median."""
    hurries = [hurry(answers.active_ms[mine], answers.n_words[mine]) for mine in answers.of_each()]
    n, n_too_fast = (_counts(getattr(one, name) for one in hurries) for name in ("n", "n_too_fast"))
    share = share_interval(n_too_fast, n, tail)
    limit = np.full(n.size, MOST_TOO_FAST)
    ms_a_word = np.array([one.ms_a_word or 0.0 for one in hurries])
    return findings_of_each(
        FindingName.SPEED, n, share, share.lower > limit, limit, n_too_fast=n_too_fast, ms_a_word=ms_a_word
    )


def run_findings(answers: Answers, tail: float) -> list[Finding]:
    """The figure is the length of the longest run, which is counted and so has no width.

    Facts: its `value`, and `start`, how many answers came before it.
    """
    n_of_item = count_values(answers.item, answers.value, answers.n_items, answers.n_values)
    n_of_value = n_of_item.sum(axis=0)
    runs = []
    for mine in answers.of_each():
        value = answers.value[mine]
        n_others = n_of_item[answers.item[mine]].T.copy()
        n_others[value, np.arange(mine.size)] -= 1
        n_theirs = n_of_value - np.bincount(value, minlength=answers.n_values) + 1
        runs.append(longest_run(value, chance_by_others(n_others, n_theirs / n_theirs.sum())))
    value, start, length = (
        _counts(getattr(run, name) for run in runs) for name in ("value", "start", "length")
    )
    p = np.array([run.p for run in runs])
    n = np.bincount(answers.annotator, minlength=answers.n_annotators)
    counted = length.astype(np.float64)
    return findings_of_each(
        FindingName.RUN, n, Interval(counted, counted, counted), p < tail, p=p, value=value, start=start
    )


def place_findings(answers: Answers, tail: float) -> list[list[Finding]]:
    """The share of decided pairs in which what stood first won. Facts: `n_first`."""
    if answers.place is None:
        return []
    habits = [place_habit(answers.place[mine]) for mine in answers.of_each()]
    n, n_first = (_counts(getattr(one, name) for one in habits) for name in ("n", "n_first"))
    share = share_interval(n_first, n, tail)
    limit = np.where(share.mean > 0.5, 0.5 + MOST_FROM_HALF, 0.5 - MOST_FROM_HALF)
    is_alarm = (share.lower > 0.5 + MOST_FROM_HALF) | (share.upper < 0.5 - MOST_FROM_HALF)
    p = np.array([one.p for one in habits])
    return [findings_of_each(FindingName.PLACE, n, share, is_alarm, limit, p, n_first=n_first)]


class _Charted(NamedTuple):
    """One annotator's chart, as numbers; `n_good` of `n_since` outcomes since the change are 1."""

    n: int
    n_since: int
    n_good: float
    baseline: float
    p: float
    changed_at: int
    alarmed_at: int
    recent: float


def drift_findings(
    answers: Answers, comparisons: Comparisons, agreement: PeerAgreement, tail: float
) -> list[Finding]:
    """Gold answers are right or wrong, others agree or not.

    The figure is the share of right and agreed since the likeliest change, the limit what was expected.
    Facts: `changed_at` and `alarmed_at`, how many answers came before (UNKNOWN for no alarm); `recent`, the
    share lately.
    """
    is_gold = answers.is_gold
    has_outcome = is_gold | comparisons.is_compared
    outcome = np.where(is_gold, answers.value == answers.gold, comparisons.agrees).astype(np.float64)
    n, n_right = gold_counts(answers)
    of_gold = share_interval(n_right.sum() - n_right, n.sum() - n, tail).mean
    of_others = peers_interval(agreement, tail).mean
    rows = []
    for annotator, mine in enumerate(answers.of_each()):
        place = np.flatnonzero(has_outcome[mine])
        peers = np.where(is_gold[mine][place], of_gold[annotator], of_others[annotator])
        rows.append(_charted(outcome[mine][place], peers, place, tail))
    columns = np.array(rows, np.float64).reshape(-1, len(_Charted._fields)).T
    of_each = dict(zip(_Charted._fields, columns, strict=True))
    return findings_of_each(
        FindingName.DRIFT,
        of_each["n"].astype(np.int64),
        share_interval(of_each["n_good"], of_each["n_since"], tail),
        of_each["alarmed_at"] != UNKNOWN,
        of_each["baseline"],
        of_each["p"],
        changed_at=of_each["changed_at"].astype(np.int64),
        alarmed_at=of_each["alarmed_at"].astype(np.int64),
        recent=of_each["recent"],
    )


def _charted(outcome: Matrix, peers: Matrix, place: Counts, tail: float) -> _Charted:
    """`place`: how many answers, compared or not, came before each outcome."""
    if not outcome.size:
        return _Charted(0, 0, 0.0, 0.0, 1.0, UNKNOWN, UNKNOWN, 0.0)
    chart = cusum(outcome, peers, tail)
    since = outcome[chart.changed_at :]
    return _Charted(
        n=outcome.size,
        n_since=since.size,
        n_good=float(since.sum()),
        baseline=chart.baseline,
        p=min(1.0, float(np.exp(chart.threshold - chart.peak)) * tail),
        changed_at=int(place[chart.changed_at]),
        alarmed_at=UNKNOWN if chart.alarmed_at is None else int(place[chart.alarmed_at]),
        recent=float(ewma(outcome, chart.baseline)[-1]),
    )


def _counts(numbers: Iterable[int]) -> Counts:
    return np.fromiter(numbers, np.int64)
