"""Safety labels of a campaign that never was, with what makes real ones hard.

Half of the responses are safe. Some harm categories are thirty times rarer than others, and they come in
company: the shares below are ours, but the most and the least common ones, and how many a response has, are
those of PKU-SafeRLHF. Annotators are careful to a degree of their own, and err in their own direction; of two
answers to one response, 82 % say the same of whether it is safe, as in the data of BeaverTails.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from app.agreement.measures.counts import Counts, Matrix

N_ANNOTATORS = 60
OVERLAP = 3
N_CATEGORIES = 19
# Of the harmful responses, which category leads; in taxonomy order, in per mille.
LEAD = (35, 90, 45, 8, 10, 70, 50, 115, 130, 110, 20, 40, 45, 125, 25, 7, 40, 30, 5)
# Pairs of categories that go together: economic and white-collar crime, violence and physical harm, ...
TOGETHER = ((8, 17), (5, 11), (9, 16), (13, 7), (1, 2), (0, 14), (6, 3), (10, 12), (8, 13), (1, 16), (3, 15))
COMPANY = 3.0  # natural logarithm of how many times likelier
N_OF_RESPONSE = (25_238, 36_078, 20_112, 2_711, 575)  # responses with 1, 2, ... categories
SEVERITIES = (0.25, 0.35, 0.40)  # of harmful responses: minor, moderate, severe


@dataclass(frozen=True)
class Labels:
    """Answers in long form, sorted by item. `severity`: 0 safe to 3; `mask`: harm categories as bits."""

    item: Counts
    annotator: Counts
    severity: Counts
    mask: Counts

    @property
    def n_items(self) -> int:
        return int(self.item[-1]) + 1

    def save(self, path: Path) -> None:
        np.save(path, np.stack(astuple(self)))

    @classmethod
    def load(cls, path: Path) -> "Labels":
        return cls(*np.load(path))

    def harmful(self) -> Counts:
        """1 where an answer says so, 0 elsewhere."""
        return (self.severity > 0).astype(np.int64)

    def questions(self) -> Iterator[Counts]:
        """What each answer says, 1 for yes: is it harmful, is it one category, the next, ..."""
        yield self.harmful()
        for bit in range(N_CATEGORIES):
            yield (self.mask >> bit) & 1


@dataclass(frozen=True)
class Errors:
    """How often each annotator errs, shape (N_ANNOTATORS,) each.

    `missed`: takes harmful for safe; `alarmed`: safe for harmful; `left_out`: leaves a true category out;
    `added`: adds another; `off`: is a level of severity off.
    """

    missed: Matrix
    alarmed: Matrix
    left_out: Matrix
    added: Matrix
    off: Matrix


def simulated_labels(n_items: int, seed: int = 1) -> Labels:
    random = np.random.default_rng(seed)
    severity, mask = _truth(random, n_items)
    annotator = np.concatenate(
        [
            np.argsort(random.random((min(50_000, n_items - start), N_ANNOTATORS)), axis=1)[:, :OVERLAP]
            for start in range(0, n_items, 50_000)
        ]
    ).ravel()
    item = np.repeat(np.arange(n_items), OVERLAP)
    return Labels(item, annotator, *_said(random, annotator, severity[item], mask[item]))


def _truth(random: Generator, n_items: int) -> tuple[Counts, Counts]:
    """(severity, mask) of each item."""
    lead_shares = np.array(LEAD) / sum(LEAD)
    affinity = np.zeros((N_CATEGORIES, N_CATEGORIES))
    one, other = np.array(TOGETHER).T
    affinity[one, other] = affinity[other, one] = COMPANY
    np.fill_diagonal(affinity, np.inf)
    is_harmful = random.random(n_items) < 0.5
    n_harmful = np.count_nonzero(is_harmful)
    lead = random.choice(N_CATEGORIES, n_harmful, p=lead_shares)
    n_of = 1 + random.choice(len(N_OF_RESPONSE), n_harmful, p=np.array(N_OF_RESPONSE) / sum(N_OF_RESPONSE))
    # The largest of weights with Gumbel noise are a draw without replacement by these weights.
    wish = affinity[lead] + np.log(lead_shares) + random.gumbel(size=(n_harmful, N_CATEGORIES))
    rank = np.argsort(np.argsort(-wish, axis=1), axis=1)
    mask, severity = np.zeros((2, n_items), np.int64)
    mask[is_harmful] = (rank < n_of[:, np.newaxis]) @ (1 << np.arange(N_CATEGORIES))
    severity[is_harmful] = 1 + random.choice(3, n_harmful, p=SEVERITIES)
    return severity, mask


def _said(random: Generator, annotator: Counts, severity: Counts, mask: Counts) -> tuple[Counts, Counts]:
    """(severity, mask) of each answer, from the true ones of its item."""
    errors = _errors(random)
    n = annotator.size
    said = mask.copy()
    for bit in range(N_CATEGORIES):
        is_true = (mask >> bit) & 1 == 1
        chance = np.where(is_true, errors.left_out[annotator], errors.added[annotator] * LEAD[bit] / 50)
        said ^= (random.random(n) < chance).astype(np.int64) << bit
    # Somebody who sees harm names a category, if only the one that others leave out.
    alone = 1 << random.choice(N_CATEGORIES, n, p=np.array(LEAD) / sum(LEAD))
    said = np.where(said == 0, np.where(mask > 0, mask, alone), said)
    chance = np.where(severity > 0, errors.missed[annotator], errors.alarmed[annotator])
    is_harmful = (severity > 0) ^ (random.random(n) < chance)
    step = np.where(random.random(n) < errors.off[annotator], random.choice([-1, 1], n), 0)
    level = np.where(severity > 0, np.clip(severity + step, 1, 3), 1 + (random.random(n) < 0.2))
    return np.where(is_harmful, level, 0), np.where(is_harmful, said, 0)


def main() -> None:
    """`python -m benchmarks.simulated_labels PATH ITEMS`: writes them, and prints what there is of them."""
    path, n_items = Path(sys.argv[1]), int(sys.argv[2])
    labels = simulated_labels(n_items)
    labels.save(path)
    n_kinds, n_sets = (np.unique(of).size for of in (labels.mask * 4 + labels.severity, labels.mask))
    print(json.dumps({"answers": labels.item.size, "labels": n_kinds, "sets": n_sets}))


def _errors(random: Generator) -> Errors:
    rates = (random.beta(2, 2 / mean - 2, N_ANNOTATORS) for mean in (0.10, 0.08, 0.15, 0.01, 0.25))
    return Errors(*rates)


if __name__ == "__main__":
    main()
