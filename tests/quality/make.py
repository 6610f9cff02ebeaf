"""Answers with what a test leaves open filled in."""

import numpy as np

from app.agreement.measures.counts import Counts
from app.quality.answers import UNKNOWN, Answers


def answers_of(
    item: Counts,
    annotator: Counts,
    value: Counts,
    *,
    gold: Counts | None = None,
    n_annotators: int | None = None,
    n_values: int = 2,
    harm_mask: Counts | None = None,
    place: Counts | None = None,
) -> Answers:
    unknown = np.full(item.size, UNKNOWN)
    return Answers(
        item.ravel(),
        annotator.ravel(),
        value.ravel(),
        gold=unknown if gold is None else gold.ravel(),
        active_ms=unknown,
        n_words=unknown * 0,
        n_items=int(item.max(initial=-1)) + 1,
        n_annotators=int(annotator.max(initial=-1)) + 1 if n_annotators is None else n_annotators,
        n_values=n_values,
        harm_mask=harm_mask,
        place=place,
    )


def answers_to_all(said: Counts, gold: Counts | None = None, *, n_values: int = 2) -> Answers:
    """Everybody answered every item. `said`: shape (n_annotators, n_items); `gold`: of each item."""
    n_annotators, n_items = said.shape
    return answers_of(
        np.tile(np.arange(n_items), n_annotators),
        np.repeat(np.arange(n_annotators), n_items),
        said,
        gold=None if gold is None else np.tile(gold, n_annotators),
        n_values=n_values,
    )
