"""BCa intervals over items against SciPy's, of the very resamples that ours draws, to 1e-9.

SciPy draws items and not weights of rows, so it is handed the figures of our resamples; all that makes bounds
of them, the bias and the acceleration that leaves one item out after the other, is its own. Ours leaves up to
5 % of undefined resamples out, where SciPy gives NaN.
"""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.random import PCG64, Generator
from scipy.stats import bootstrap

from app.agreement.measures.alpha import krippendorff_alpha
from app.agreement.measures.bootstrap import interval_over_items, resamples
from app.agreement.measures.counts import Counts, Level, Matrix
from app.agreement.measures.fleiss import fleiss_kappa
from app.agreement.measures.gwet import gwet_ac1
from app.agreement.measures.patterns import distinct_rows
from tests.oracles.crowds import CROWDS, drawn, exactly

SEED = 3
MEASURES = {
    "nominal alpha": partial(krippendorff_alpha, level=Level.NOMINAL),
    "ordinal alpha": partial(krippendorff_alpha, level=Level.ORDINAL),
    "Fleiss": fleiss_kappa,
    "AC1": gwet_ac1,
}


@pytest.mark.parametrize("confidence", [0.9, 0.95])
@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())
@pytest.mark.parametrize(
    "crowd", ["complete", "a third missing", "a rare value", "all guess", "a dozen values"]
)
def test_intervals_over_items_are_those_of_scipy(
    crowd: str, measure: Callable[..., Matrix], confidence: float
) -> None:
    counts, weight = distinct_rows(drawn(CROWDS[crowd], seed=1).counts)
    ours = interval_over_items(
        lambda drawn_weight: measure(counts, weight=drawn_weight), weight, SEED, 400, confidence
    )
    figures = [measure(counts, weight=some) for some in resamples(Generator(PCG64(SEED)), weight, 400)]
    row_of_item = np.repeat(np.arange(weight.size), weight)

    def of_items(rows: Counts, axis: int) -> Matrix:
        by_sample = np.moveaxis(rows, axis, -1).reshape(-1, rows.shape[axis])
        drawn_weight = np.array([np.bincount(sample, minlength=weight.size) for sample in by_sample])
        return measure(counts, weight=drawn_weight).reshape(np.moveaxis(rows, axis, -1).shape[:-1])

    theirs = bootstrap(
        (row_of_item,),
        of_items,
        n_resamples=0,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=np.concatenate(figures)),
        confidence_level=confidence,
        vectorized=True,
        method="BCa",
    ).confidence_interval
    assert [ours.lower, ours.upper] == exactly([theirs.low, theirs.high])
