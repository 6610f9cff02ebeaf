"""Pairs of annotators who answer alike where two people working by themselves would not."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from app.agreement.consensus.dawid_skene import Posterior
from app.agreement.measures.counts import Counts, Matrix
from app.quality.answers import Answers, Flags
from app.quality.confusion import truth_without_own, truth_without_two

# The share of answers that somebody who copies is taken to copy.
COPIED = 0.9
# An answer counts as at least so likely: some items mislead everybody in the same way, and no single
# coincidence shall weigh more than a few.
LEAST_CHANCE = 0.05
# So many answers are paired at once.
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Likeness:
    """Every two annotators; all of shape (n_annotators, n_annotators), symmetric.

    `n_alike` of `n_shared` items got the same answer from both, where `expected_alike` were to be expected of
    two who know nothing of each other. `n_unusual` of those are not what the rest make the likeliest answer.
    `log_evidence`: natural logarithm of how much likelier the answers are if one copies than if not; that it
    reaches log(1 / p) has a chance of at most p for two who work by themselves, at any time, as far as the
    model knows them.
    """

    n_shared: Matrix
    n_alike: Matrix
    n_unusual: Matrix
    expected_alike: Matrix
    log_evidence: Matrix


def likeness(answers: Answers, model: Posterior) -> Likeness:
    """Given an item's truth, two people answer independently, each by their own confusion.

    One who copies gives the other's answer in COPIED of the items, their own else. So the likelihood ratio
    is 1 - COPIED for two answers that differ and little above 1 for two that everybody would give; shared
    wrong answers weigh most. What the truth is, the key of a gold item says, else all answers but the one
    that may be a copy: the other's may be right where the rest are wrong. What is to be expected, and what
    is unusual, is judged by the rest alone.
    Source of its bound: Ville's inequality; V. Vovk, R. Wang, "E-values: Calibration, combination and
    applications", Annals of Statistics 49(3), 2021, whose mean is taken of the two directions.
    """
    n = answers.n_annotators
    sums = np.zeros((4, n * n))
    copying = np.zeros(n * n)
    known = truth_without_own(answers, model)
    same = np.einsum("ats,bts->abt", model.confusion[:n], model.confusion[:n])
    for one, other in _pairs(answers.item):
        truth = truth_without_two(answers, model, one, other)
        who, whose = answers.annotator[one], answers.annotator[other]
        is_alike = answers.value[one] == answers.value[other]
        is_unusual = is_alike & (truth.argmax(axis=1) != answers.value[one])
        expected = (truth * same[who, whose]).sum(axis=1)
        sums += _by_cell(who * n + whose, n * n, np.ones(one.size), is_alike, is_unusual, expected)
        for copier, source, own, original in ((who, whose, one, other), (whose, who, other, one)):
            chance = (known[own] * model.confusion[copier, :, answers.value[original]]).sum(axis=1)
            ratio = 1 - COPIED + COPIED * is_alike / np.maximum(chance, LEAST_CHANCE)
            copying += np.bincount(copier * n + source, np.log(ratio), n * n)
    n_shared, n_alike, n_unusual, expected_alike = sums.reshape(4, n, n) + sums.reshape(4, n, n).mT
    directed = copying.reshape(n, n)
    log_evidence = np.logaddexp(directed, directed.T) - np.log(2)
    return Likeness(n_shared, n_alike, n_unusual, expected_alike, log_evidence)


def _by_cell(cell: Counts, n_cells: int, *columns: Matrix | Flags) -> Matrix:
    """Sums of each column by cell, shape (n_columns, n_cells)."""
    return np.stack([np.bincount(cell, column, n_cells) for column in columns])


def _pairs(item: Counts) -> Iterator[tuple[Counts, Counts]]:
    """Every two answers to one item once, as places in `item`, in chunks that memory bears."""
    order = np.argsort(item, kind="stable")
    sorted_items = item[order]
    furthest = int(np.bincount(item).max(initial=0))
    step = max(1, CHUNK // max(item.size, 1))
    for nearest in range(1, furthest, step):
        distances = range(nearest, min(nearest + step, furthest))
        firsts = [np.flatnonzero(sorted_items[n:] == sorted_items[:-n]) for n in distances]
        seconds = [first + n for first, n in zip(firsts, distances, strict=True)]
        yield order[np.concatenate(firsts)], order[np.concatenate(seconds)]
