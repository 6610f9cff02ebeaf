"""Random answers of crowds in the shapes of real ones: with gaps, rare values, values that nobody gives."""

from dataclasses import dataclass

import numpy as np
import pytest

from app.agreement.measures.counts import Counts, Matrix, count_values

EXACTLY = 1e-9
N_SEEDS = 10


@dataclass(frozen=True)
class Crowd:
    """`shares`: of the true values. `missing`: chance that an annotator leaves an item out.

    `wrong`: chance that an answer is drawn by `shares` again instead of being the true value.
    """

    n_items: int
    n_annotators: int
    shares: tuple[float, ...]
    missing: float
    wrong: float


CROWDS = {
    "complete": Crowd(60, 4, (0.25, 0.25, 0.25, 0.25), 0.0, 0.4),
    "two annotators": Crowd(25, 2, (0.6, 0.4), 0.0, 0.5),
    "a third missing": Crowd(80, 6, (0.5, 0.2, 0.2, 0.1), 0.35, 0.4),
    "mostly alone": Crowd(60, 8, (0.4, 0.3, 0.3), 0.85, 0.4),
    "a rare value": Crowd(200, 5, (0.94, 0.03, 0.02, 0.01), 0.4, 0.3),
    "yes is rare": Crowd(150, 3, (0.97, 0.03), 0.1, 0.5),
    "a value unused": Crowd(60, 5, (0.5, 0.0, 0.3, 0.0, 0.2), 0.3, 0.4),
    "all guess": Crowd(70, 4, (0.3, 0.3, 0.4), 0.2, 1.0),
    "all agree": Crowd(40, 4, (0.4, 0.3, 0.3), 0.3, 0.0),
    "a dozen values": Crowd(120, 7, (1 / 12,) * 12, 0.4, 0.3),
}


@dataclass(frozen=True)
class Answers:
    """`table`: shape (n_items, n_annotators), a value from 0 or -1 for none."""

    table: Counts
    n_values: int

    def long_form(self) -> tuple[Counts, Counts, Counts]:
        """(item, annotator, value) of each answer."""
        item, annotator = np.nonzero(self.table >= 0)
        return item, annotator, self.table[item, annotator]

    @property
    def counts(self) -> Counts:
        item, _, value = self.long_form()
        return count_values(item, value, len(self.table), self.n_values)

    @property
    def with_gaps(self) -> Matrix:
        """The table, NaN for none."""
        return np.where(self.table < 0, np.nan, self.table)


def drawn(crowd: Crowd, seed: int) -> Answers:
    random = np.random.default_rng(seed)
    shape, n_values = (crowd.n_items, crowd.n_annotators), len(crowd.shares)
    truth = random.choice(n_values, (crowd.n_items, 1), p=crowd.shares)
    again = random.choice(n_values, shape, p=crowd.shares)
    table = np.where(random.random(shape) < crowd.wrong, again, truth)
    table[random.random(shape) < crowd.missing] = -1
    # Two values at least have a pair, or nothing is defined.
    table[:2, :2] = [[0, 0], [0, n_values - 1]]
    return Answers(table, n_values)


ANY_ANSWERS = pytest.mark.parametrize(
    "answers",
    [drawn(crowd, seed) for crowd in CROWDS.values() for seed in range(N_SEEDS)],
    ids=[f"{name}, {seed}" for name in CROWDS for seed in range(N_SEEDS)],
)


def exactly(figure: object) -> object:
    """To 1e-9, absolute; NaN equals NaN."""
    return pytest.approx(figure, abs=EXACTLY, rel=0, nan_ok=True)
