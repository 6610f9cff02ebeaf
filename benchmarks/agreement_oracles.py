"""What the benchmark of agreement measures of other people's packages, from the same answers in long form.

Run by the Python of `.venv-oracles`, which `make oracles` makes.
"""

from collections.abc import Iterator

import krippendorff
import numpy as np
import pandas
from crowdkit.aggregation import DawidSkene
from sklearn.metrics import cohen_kappa_score

from app.agreement.measures.counts import Counts, Matrix, count_values
from benchmarks.simulated_labels import N_ANNOTATORS, Labels
from benchmarks.timed_parts import run

N_SEVERITIES = 4


def questions(labels: Labels) -> Iterator[tuple[Counts, int, str]]:
    """(values, how many there are, level) of safe, each category, severity."""
    for value in labels.questions():
        yield value, 2, "nominal"
    yield labels.severity, N_SEVERITIES, "ordinal"


def alphas(labels: Labels) -> list[float]:
    """From one row an annotator, as its documentation has it."""
    matrix: Matrix = np.full((N_ANNOTATORS, labels.n_items), np.nan)
    found = []
    for value, n_values, level in questions(labels):
        matrix[labels.annotator, labels.item] = value
        alpha = krippendorff.alpha(matrix, value_domain=range(n_values), level_of_measurement=level)
        found.append(float(alpha))
    return found


def alphas_of_counts(labels: Labels) -> list[float]:
    """From how often each item got each value, which our own function counts for it."""
    found = []
    for value, n_values, level in questions(labels):
        counts = count_values(labels.item, value, labels.n_items, n_values)
        found.append(float(krippendorff.alpha(value_counts=counts, level_of_measurement=level)))
    return found


def kappas(labels: Labels) -> list[float]:
    """Pair by pair, the items of both found in one row an annotator."""
    matrix = np.full((N_ANNOTATORS, labels.n_items), -1, np.int8)
    matrix[labels.annotator, labels.item] = labels.harmful()
    found = []
    for one in range(N_ANNOTATORS):
        for other in range(one + 1, N_ANNOTATORS):
            both = np.flatnonzero((matrix[one] >= 0) & (matrix[other] >= 0))
            found.append(float(cohen_kappa_score(matrix[one, both], matrix[other, both], labels=[0, 1])))
    return found


def model_of_safe(labels: Labels, n_iterations: int) -> list[float]:
    """As many iterations as ours took, which `tol` does not cut short."""
    rows = pandas.DataFrame({"task": labels.item, "worker": labels.annotator, "label": labels.harmful()})
    DawidSkene(n_iter=n_iterations, tol=-np.inf).fit(rows)
    return [n_iterations]


def model_of_safe_as_it_ends(labels: Labels) -> list[float]:
    """By its own tolerance, on another sum than ours, so after another number of iterations."""
    rows = pandas.DataFrame({"task": labels.item, "worker": labels.annotator, "label": labels.harmful()})
    return [len(DawidSkene().fit(rows).loss_history_)]


PARTS = {
    part.__name__: part
    for part in (alphas, alphas_of_counts, kappas, model_of_safe, model_of_safe_as_it_ends)
}

if __name__ == "__main__":
    run(PARTS)
