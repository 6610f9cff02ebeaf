"""All that one queue's answers say of each of its annotators, and what of it is reason for an alarm.

An alarm asks a person to look; it decides nothing. The bound of an interval, or of a chance, raises it, never
the figure itself, so few answers raise none. All findings on an annotator share ALARM_RATE in equal parts
(Bonferroni): at one look at the answers, at most that share of the careful ones is alarmed by chance.
"""

from app.quality.answers import Answers
from app.quality.confusion import fit
from app.quality.finding import MOST_FINDINGS, Finding, FindingName
from app.quality.leave_one_out import compare_values
from app.quality.own_findings import drift_findings, place_findings, run_findings, speed_findings
from app.quality.peer_findings import (
    agreed_findings,
    agreement_of_each,
    gold_findings,
    harm_findings,
    informativeness_findings,
    likeness_findings,
)

ALARM_RATE = 0.01


def findings(answers: Answers, alarm_rate: float = ALARM_RATE) -> tuple[tuple[Finding, ...], ...]:
    """For each annotator, the findings that the dimension has, in the order of FindingName."""
    tail = alarm_rate / MOST_FINDINGS
    model = fit(answers)
    comparisons = compare_values(answers.item, answers.value, answers.n_items, answers.n_values)
    agreement = agreement_of_each(answers, comparisons)
    columns = [
        gold_findings(answers, tail),
        agreed_findings(FindingName.AGREEMENT, agreement, tail),
        *harm_findings(answers, tail),
        informativeness_findings(answers, model, tail),
        speed_findings(answers, tail),
        run_findings(answers, tail),
        *place_findings(answers, tail),
        drift_findings(answers, comparisons, agreement, tail),
        likeness_findings(answers, model, tail),
    ]
    return tuple(zip(*columns, strict=True))
