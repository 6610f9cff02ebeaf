"""One safety label an item, from three posteriors that know nothing of each other: safe or not, severity, and
each harm category. Each alone may contradict the others; the label never does."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.agreement.consensus.ordinal import DECIMALS, median_of_posterior
from app.agreement.measures.counts import Counts, Matrix, divide

POSTERIOR_SAFETY_RULE = (
    "A response is safe when its annotators, each weighed by how well they answer, leave it a chance of less "
    "than one half to be unsafe; an even chance counts as unsafe. "
    "The severity of an unsafe response is the median of its chances of severity 1, 2 and 3, a half rounded "
    "up, and it gets every harm category with a chance of at least one half, "
    "or, if there is none, the likeliest category, the first in taxonomy order among equals. "
    "A safe response has severity 0 and no harm category."
)

SAFE, UNSAFE = range(2)


@dataclass(frozen=True, slots=True)
class CertainSafety:
    """The parts of a label as in SafetyConsensus, its certainties as in SafetyLabels."""

    is_safe: bool
    harm_categories: frozenset[str]
    severity: int
    certainty: float
    least_certainty: float


@dataclass(frozen=True, slots=True)
class SafetyLabels:
    """One row an item. Safe, severity 0 and no harm category go together in each.

    `severity`: shape (n_items,), 0..3. `harm_categories`: shape (n_items, n_categories), in taxonomy order.
    `certainty`: shape (n_items,), 0.5..1, the chance of what `is_safe` says.
    `least_certainty`: 0..1, that of the label's least certain part: safe or not, and for an unsafe response
    also its severity, as one of 1 to 3, and each category, whether it applies or not.
    """

    is_safe: NDArray[np.bool_]
    severity: Counts
    harm_categories: NDArray[np.bool_]
    certainty: Matrix
    least_certainty: Matrix

    def label(self, item: int, category_order: Sequence[str]) -> CertainSafety:
        named = [category_order[c] for c in np.flatnonzero(self.harm_categories[item]).tolist()]
        return CertainSafety(
            is_safe=bool(self.is_safe[item]),
            harm_categories=frozenset(named),
            severity=int(self.severity[item]),
            certainty=float(self.certainty[item]),
            least_certainty=float(self.least_certainty[item]),
        )


def safety_labels(safe: Matrix, severity: Matrix, categories: Matrix) -> SafetyLabels:
    """Labels by the rule in POSTERIOR_SAFETY_RULE.

    `safe`: shape (n_items, 2), the chances of SAFE and UNSAFE. `severity`: shape (n_items, 4), of 0 to 3;
    what 0 has is left out of an unsafe response's; where it has all, the severity is 1, its certainty NaN.
    `categories`: shape (n_items, n_categories), the chance of each to apply, in taxonomy order.
    A row that is NaN is unsafe, the cautious side, and its certainties are NaN.
    Raises ValueError without a category, for then an unsafe response could have none.
    """
    if categories.shape[1] == 0:
        raise ValueError("an unsafe response needs a harm category")
    is_safe = safe[:, UNSAFE].round(DECIMALS) < 0.5
    harms = np.where(is_safe[:, np.newaxis], False, _applying(categories))
    of_unsafe = divide(severity[:, 1:], severity[:, 1:].sum(axis=1, keepdims=True))
    grade = np.maximum(median_of_posterior(of_unsafe), 0)
    certainty = np.where(is_safe, safe[:, SAFE], safe[:, UNSAFE])
    of_grade = np.take_along_axis(of_unsafe, grade[:, np.newaxis], axis=1)
    parts = np.concatenate([of_grade, np.where(harms, categories, 1 - categories)], axis=1)
    return SafetyLabels(
        is_safe=is_safe,
        severity=np.where(is_safe, 0, grade + 1),
        harm_categories=harms,
        certainty=certainty,
        least_certainty=np.where(is_safe, certainty, np.minimum(certainty, parts.min(axis=1))),
    )


def _applying(categories: Matrix) -> NDArray[np.bool_]:
    """At least an even chance, or else the likeliest; so every row has one."""
    applies: NDArray[np.bool_] = categories.round(DECIMALS) >= 0.5
    without = np.flatnonzero(~applies.any(axis=1))
    likeliest = np.nan_to_num(categories[without].round(DECIMALS)).argmax(axis=1)
    applies[without, likeliest] = True
    return applies
