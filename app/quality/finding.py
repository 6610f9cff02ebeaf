"""One thing that answers say of an annotator."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.agreement.measures.counts import Counts, Matrix
from app.quality.answers import Flags
from app.quality.posterior import Interval


class FindingName(StrEnum):
    """`agreement`: on the value itself, which is the severity or the order of a pair."""

    GOLD = "gold"
    AGREEMENT = "agreement"
    AGREEMENT_SAFE = "agreement_safe"
    AGREEMENT_CATEGORIES = "agreement_categories"
    INFORMATIVENESS = "informativeness"
    SPEED = "speed"
    RUN = "run"
    PLACE = "place"
    DRIFT = "drift"
    LIKENESS = "likeness"


# No dimension has more: those of categories and of places never come together.
MOST_FINDINGS = 9


@dataclass(frozen=True, slots=True)
class Finding:
    """`figure`, in `lower`..`upper`, from `n` answers, pairs or comparisons; all None for n = 0.

    `limit`: what the figure is held against. `p`: a bound on the chance of such answers from someone careful.
    None where there is no such number. `facts`: more numbers for a sentence about it, named where the
    finding is made; empty for n = 0.
    """

    name: FindingName
    figure: float | None
    lower: float | None
    upper: float | None
    limit: float | None
    p: float | None
    n: int
    is_alarm: bool
    facts: Mapping[str, float]


def findings_of_each(
    name: FindingName,
    n: Counts,
    figure: Interval,
    is_alarm: Flags,
    limit: Matrix | None = None,
    p: Matrix | None = None,
    **facts: Counts | Matrix,
) -> list[Finding]:
    """One for each annotator; all arrays of shape (n_annotators,)."""

    def of_one(annotator: int) -> Finding:
        def number(column: Matrix | None) -> float | None:
            return None if column is None or not n[annotator] else float(column[annotator])

        return Finding(
            name,
            figure=number(figure.mean),
            lower=number(figure.lower),
            upper=number(figure.upper),
            limit=number(limit),
            p=number(p),
            n=int(n[annotator]),
            is_alarm=bool(is_alarm[annotator] and n[annotator]),
            facts={fact: column[annotator].item() for fact, column in facts.items()} if n[annotator] else {},
        )

    return [of_one(annotator) for annotator in range(n.size)]
