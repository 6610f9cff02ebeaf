"""What a rule looks at: each annotator's outcomes in time, each good (1) or not (0)."""

from enum import StrEnum

import numpy as np

from app.agreement.measures.counts import Counts
from app.quality.answers import Answers, Flags
from app.quality.habits import LEAST_MS_A_WORD
from app.quality.leave_one_out import compare_values
from app.quality.posterior import share_interval

# Of the two-sided interval whose bound a rule compares.
LEVEL = 0.95


class Collector(StrEnum):
    """Gold items answered rightly; answers that are the others' consensus; answers that were read; of decided
    pairs, those in which what stood first on the page won."""

    GOLD = "gold"
    AGREEMENT = "agreement"
    UNHURRIED = "unhurried"
    FIRST_PLACE = "first_place"


def outcomes(answers: Answers, collector: Collector) -> tuple[Flags, Flags]:
    """Which answers have an outcome, and which of these are good; both of shape (n_answers,)."""
    if collector is Collector.GOLD:
        return answers.is_gold, answers.value == answers.gold
    if collector is Collector.AGREEMENT:
        compared = compare_values(answers.item, answers.value, answers.n_items, answers.n_values)
        return compared.is_compared, compared.agrees
    if collector is Collector.UNHURRIED:
        has_time = (answers.active_ms >= 0) & (answers.n_words > 0)
        return has_time, answers.active_ms >= LEAST_MS_A_WORD * answers.n_words
    if answers.place is None:
        nothing = np.zeros(answers.item.size, np.bool_)
        return nothing, nothing
    return answers.place >= 0, answers.place == 0


def shares(answers: Answers, collector: Collector, window: int | None) -> list[dict[str, float]]:
    """Of each annotator's newest `window` outcomes: `n`, `n_good`, their share `figure`, `lower`, `upper`.

    `n_ever`: the outcomes before them too, so that new ones can be told.
    """
    has_outcome, is_good = outcomes(answers, collector)

    def of_one(mine: Counts) -> dict[str, float]:
        ever = mine[has_outcome[mine]]
        counted = ever[-window if window else None :]
        n, n_good = counted.size, int(np.count_nonzero(is_good[counted]))
        interval = share_interval(np.array(n_good), np.array(n), (1 - LEVEL) / 2)
        return {
            "n": n,
            "n_good": n_good,
            "n_ever": ever.size,
            "figure": n_good / n if n else 0.0,
            "lower": float(interval.lower),
            "upper": float(interval.upper),
        }

    return [of_one(mine) for mine in answers.of_each()]
