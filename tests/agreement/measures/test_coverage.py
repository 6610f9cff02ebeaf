"""Do 95 % intervals hold the truth 95 % of the time? Simulated campaigns from populations that are known.

Three annotators answer every item. An item's true value and what they say of it are independent draws, so the
chance of each pattern of answers is known, and the truth is the figure of 10^12 items in these shares. Of
1,000 campaigns an exact interval misses 93-97 % in about four runs of a thousand; the seeds are fixed.
"""

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
import pytest
from numpy.random import PCG64, Generator

from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.bootstrap import interval_over_items
from app.agreement.measures.counts import Counts, Level, Matrix, count_values
from app.agreement.measures.gwet import gwet_ac1
from app.agreement.measures.patterns import distinct_rows

N_CAMPAIGNS = 1000
N_ANNOTATORS = 3
N_IN_POPULATION = 10**12


def either(wrong: float) -> Matrix:
    """Chances of yes-or-no answers [true, said], wrong equally often of either."""
    return np.array([[1 - wrong, wrong], [wrong, 1 - wrong]])


# Of unsafe items: minor, moderate, severe.
SEVERITIES = np.array([[0.75, 0.20, 0.05], [0.20, 0.60, 0.20], [0.05, 0.30, 0.65]])


def population_of(prevalence: list[float], said: Matrix) -> tuple[Counts, Counts]:
    """The distinct rows of counts that can occur, and how many of the population's items show each."""
    n_values = len(prevalence)
    answers = np.array(list(product(range(n_values), repeat=N_ANNOTATORS)))
    chance = np.array(prevalence) @ said[:, answers].prod(axis=2)
    item = np.repeat(np.arange(len(answers)), N_ANNOTATORS)
    counts = count_values(item, answers.ravel(), len(answers), n_values)
    return distinct_rows(counts, np.rint(chance * N_IN_POPULATION).astype(np.int64))


@pytest.mark.parametrize(
    ("measure", "n_items", "prevalence", "said"),
    [
        (partial(krippendorff_alpha, level=Level.NOMINAL), 300, [0.7, 0.3], either(0.1)),
        (partial(krippendorff_alpha, level=Level.NOMINAL), 200, [0.95, 0.05], either(0.03)),
        (partial(krippendorff_alpha, level=Level.ORDINAL), 300, [0.5, 0.3, 0.2], SEVERITIES),
        (gwet_ac1, 400, [0.9, 0.1], either(0.08)),
        (raw_agreement, 300, [0.7, 0.3], either(0.1)),
    ],
    ids=["nominal alpha", "nominal alpha of a rare value", "ordinal alpha", "AC1", "raw agreement"],
)
def test_a_95_percent_interval_holds_the_truth_in_93_to_97_percent_of_campaigns(
    measure: Callable[..., Matrix], n_items: int, prevalence: list[float], said: Matrix
) -> None:
    counts, of_population = population_of(prevalence, said)
    truth = float(measure(counts, weight=of_population))
    campaigns = Generator(PCG64(11)).multinomial(n_items, of_population / of_population.sum(), N_CAMPAIGNS)
    n_covered = 0
    for seed, weight in enumerate(campaigns):
        interval = interval_over_items(partial(_figure, measure, counts), weight, seed)
        n_covered += bool(interval.lower <= truth <= interval.upper)
    assert 0.93 <= n_covered / N_CAMPAIGNS <= 0.97


def _figure(measure: Callable[..., Matrix], counts: Counts, weight: Counts) -> Matrix:
    return measure(counts, weight=weight)
