"""How strong each response model is, from comparisons of two: Bradley and Terry's model with Davidson's ties.

Of a comparison of i and j, i is preferred with a chance in proportion to s_i, j to s_j, and they tie in
proportion to t * sqrt(s_i * s_j): s is a model's strength, t > 0 one tie parameter for all. Equal models tie
in t / (2 + t) of the comparisons. Strengths are the most likely ones, found by Newton's method from equal
strengths; the likelihood has one peak, so the start decides nothing but the number of iterations.
Source: R. R. Davidson, "On Extending the Bradley-Terry Model to Accommodate Ties in Paired Comparison
Experiments", Journal of the American Statistical Association 65, 1970.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from app.agreement.measures.blocks import blocks_of, wide
from app.agreement.measures.counts import Counts, Indexes, Matrix, require_range

FIRST, SECOND, TIE = range(3)
MOST_ITERATIONS = 100
TOLERANCE = 1e-9  # on the largest change of a log strength or of the log tie parameter in one iteration
# A longer step is cut: it can leap to strengths so far apart that the likelihood is flat there.
LONGEST_STEP = 1.0
# Added both ways to every two models that were compared, where otherwise no finite strengths are most likely.
PSEUDO_WINS = 0.5


@dataclass(frozen=True, slots=True)
class Strengths:
    """`log_strength`: shape (n_models,), mean 0 in each component; NaN for a model that was never compared.

    `covariance`: of the log strengths, shape (n_models, n_models), from the curvature of the likelihood;
    NaN between components. It takes comparisons as independent, so with several annotators on the same two
    responses it is too small. `tie`: the tie parameter, 0 where nobody ever tied, NaN without comparisons.
    `component`: shape (n_models,); models with the same number are linked by comparisons, and only their
    strengths can be compared. `has_pseudo_wins`: no finite strengths were the most likely ones (some models
    never lost to or tied with the rest, or an order of the models explains wins and ties without exception),
    so PSEUDO_WINS were added to all pairs that were compared, and the strengths depend on that number.
    """

    log_strength: Matrix
    covariance: Matrix
    tie: float
    component: Counts
    has_pseudo_wins: bool
    n_iterations: int
    has_converged: bool

    @property
    def standard_error(self) -> Matrix:
        """Of each log strength, shape (n_models,)."""
        errors: Matrix = np.sqrt(np.diagonal(self.covariance))
        return errors

    @property
    def is_connected(self) -> bool:
        """Every two models can be compared."""
        return bool((self.component == 0).all())


def count_comparisons(
    first: Indexes, second: Indexes, outcome: Indexes, n_models: int
) -> tuple[Counts, Counts]:
    """(wins, ties) as `bradley_terry` takes them, of comparisons in long form.

    `first`, `second`: the models whose responses were compared; `outcome`: FIRST, SECOND or TIE. Comparisons
    of a model with itself say nothing about it and are left out.
    Raises ValueError for a model outside 0..n_models-1, another outcome, or arrays of unequal length.
    """
    if not first.shape == second.shape == outcome.shape:
        raise ValueError("first, second and outcome must have the same length")
    require_range("first", first, n_models)
    require_range("second", second, n_models)
    require_range("outcome", outcome, 3)
    tables = np.zeros((3, n_models, n_models), np.int64)
    for block in blocks_of(first.size):
        one, other, said = wide((first, second, outcome), block)
        cells = (said * n_models + one) * n_models + other
        tables += np.bincount(cells[one != other], minlength=tables.size).reshape(tables.shape)
    return tables[FIRST] + tables[SECOND].T, tables[TIE] + tables[TIE].T


def bradley_terry(wins: Counts | Matrix, ties: Counts | Matrix) -> Strengths:
    """The most likely strengths. `wins`: shape (n_models, n_models), [i, j]: how often i was preferred to j.

    `ties`: same shape, symmetric: each tie of i and j stands at [i, j] and at [j, i]. Both diagonals are 0.
    Models that no chain of comparisons links get strengths within their component only, with one tie
    parameter for all. See Strengths for all that is undefined.
    Raises ValueError for other shapes, negative numbers, a diagonal that is not 0, or ties not symmetric.
    """
    _require_comparisons(wins, ties)
    won, tied = wins.astype(np.float64), ties.astype(np.float64)
    is_compared = (won + won.T + tied) > 0
    component = _components(is_compared)
    has_pseudo_wins = not _is_finite(won, tied, component)
    if has_pseudo_wins:
        won = won + PSEUDO_WINS * is_compared
    log_strength, log_tie, n_iterations, has_converged = _fit(won, tied, component)
    covariance = _covariance(won, tied, log_strength, log_tie, component)
    covariance[component[:, np.newaxis] != component] = np.nan
    log_strength[~is_compared.any(axis=1)] = np.nan
    covariance[~is_compared.any(axis=1)] = np.nan
    return Strengths(
        log_strength,
        covariance,
        float(np.exp(log_tie)) if is_compared.any() else float("nan"),
        component,
        has_pseudo_wins,
        n_iterations,
        has_converged,
    )


def chance_preferred(strengths: Strengths) -> Matrix:
    """[i, j]: the chance that i is preferred to j, shape (n_models, n_models), ties being the rest.

    NaN on the diagonal, between components and for a model that was never compared.
    """
    with np.errstate(divide="ignore"):
        log_tie = np.log(np.nan_to_num(strengths.tie))
    chance, _ = _chances(np.nan_to_num(strengths.log_strength), log_tie)
    component = strengths.component
    chance[component[:, np.newaxis] != component] = np.nan
    np.fill_diagonal(chance, np.nan)
    return chance


def _require_comparisons(wins: Counts | Matrix, ties: Counts | Matrix) -> None:
    if wins.ndim != 2 or wins.shape[0] != wins.shape[1] or wins.shape != ties.shape:
        raise ValueError("wins and ties must both have shape (n_models, n_models)")
    if (wins < 0).any() or (ties < 0).any():
        raise ValueError("wins and ties must not be negative")
    if np.diagonal(wins).any() or np.diagonal(ties).any():
        raise ValueError("a model is not compared with itself")
    if (ties != ties.T).any():
        raise ValueError("ties must be symmetric")


def _components(is_compared: NDArray[np.bool_]) -> Counts:
    """The component of each model, numbered in the order of their first models."""
    _, labels = connected_components(is_compared, directed=False)
    first, number = np.unique(labels, return_index=True)[1], np.empty(len(set(labels)), np.int64)
    number[np.argsort(first)] = np.arange(first.size)
    component: Counts = number[labels]
    return component


def _is_finite(wins: Matrix, ties: Matrix, component: Counts) -> bool:
    """Whether finite strengths, and with ties a finite tie parameter, are the most likely ones.

    They are not where strengths can drift apart for ever without making one outcome less likely. Either the
    tie parameter stays: then no win or tie leads back from some models to the others. Or it drifts as well,
    by half a step: then every win spans a step or more, every tie a step or less. Such distances exist unless
    some way round, counting 1 for each win and -1 for each tie, comes back with more than it began.
    """
    _, strong = connected_components((wins + ties) > 0, directed=True, connection="strong")
    if len(np.unique(strong)) != len(np.unique(component)):
        return False
    if not ties.any():
        return True
    longest = np.where(wins > 0, 1.0, np.where(ties > 0, -1.0, -np.inf))
    np.fill_diagonal(longest, 0.0)
    for middle in range(len(longest)):
        longest = np.maximum(longest, longest[:, [middle]] + longest[[middle], :])
        if (np.diagonal(longest) > 0).any():
            return True
    return False


def _fit(wins: Matrix, ties: Matrix, component: Counts) -> tuple[Matrix, float, int, bool]:
    """(log strengths, log tie parameter, iterations, whether they converged)."""
    n_ties, n_wins = ties.sum() / 2, wins.sum()
    log_strength = np.zeros(len(wins))
    # At equal strengths, as many ties as there are.
    log_tie = np.log(2 * n_ties / n_wins) if n_ties else -np.inf
    likelihood = _log_likelihood(wins, ties, log_strength, log_tie)
    for n_iterations in range(1, MOST_ITERATIONS + 1):
        slope, curvature = _derivatives(wins, ties, log_strength, log_tie, component)
        step = np.linalg.solve(curvature, slope)
        length = np.abs(step).max()
        step *= LONGEST_STEP / max(length, LONGEST_STEP)
        # Half of a step that would go too far, until it climbs: sums of logarithms are rounded.
        for _ in range(MOST_ITERATIONS):
            next_likelihood = _log_likelihood(wins, ties, log_strength + step[:-1], log_tie + step[-1])
            if next_likelihood >= likelihood - 1e-12 * abs(likelihood):
                break
            step /= 2
        log_strength, log_tie = log_strength + step[:-1], float(log_tie + step[-1])
        likelihood = next_likelihood
        if length < TOLERANCE:
            return log_strength, log_tie, n_iterations, True
    return log_strength, log_tie, MOST_ITERATIONS, False


def _chances(log_strength: Matrix, log_tie: float) -> tuple[Matrix, Matrix]:
    """([i, j]: i is preferred to j, [i, j]: they tie), each of shape (n_models, n_models)."""
    half = (log_strength[:, np.newaxis] - log_strength) / 2
    tie = np.full_like(half, log_tie)
    log_sum = np.logaddexp(np.logaddexp(half, -half), tie)
    return np.exp(half - log_sum), np.exp(tie - log_sum)


def _log_likelihood(wins: Matrix, ties: Matrix, log_strength: Matrix, log_tie: float) -> float:
    half = (log_strength[:, np.newaxis] - log_strength) / 2
    log_sum = np.logaddexp(np.logaddexp(half, -half), log_tie)
    of_ties = (ties * (log_tie - log_sum)).sum() / 2 if ties.any() else 0.0
    return float((wins * (half - log_sum)).sum() + of_ties)


def _derivatives(
    wins: Matrix, ties: Matrix, log_strength: Matrix, log_tie: float, component: Counts
) -> tuple[Matrix, Matrix]:
    """Slope, and curvature with its sign turned, of the log likelihood by the log strengths and the log tie.

    Per comparison, a win moves the strengths by half, a loss by minus half, a tie by 0: the slope is what was
    seen less what is expected, the curvature its variance. The likelihood does not change with the level of a
    component's strengths; a term for each component keeps that mean at 0 and the curvature invertible.
    """
    n_models = len(wins)
    n = wins + wins.T + ties
    preferred, tied = _chances(log_strength, log_tie)
    expected = (preferred - preferred.T) / 2
    slope, curvature = np.zeros(n_models + 1), np.zeros((n_models + 1, n_models + 1))
    slope[:-1] = ((wins - wins.T) / 2 - n * expected).sum(axis=1)
    between = n * ((preferred + preferred.T) / 4 - np.square(expected))
    curvature[:-1, :-1] = np.diag(between.sum(axis=1)) - between + (component[:, np.newaxis] == component)
    if ties.any():
        slope[-1] = (ties - n * tied).sum() / 2
        curvature[:-1, -1] = curvature[-1, :-1] = (-n * expected * tied).sum(axis=1)
        curvature[-1, -1] = (n * tied * (1 - tied)).sum() / 2
    else:
        curvature[-1, -1] = 1.0
    return slope, curvature


def _covariance(
    wins: Matrix, ties: Matrix, log_strength: Matrix, log_tie: float, component: Counts
) -> Matrix:
    """Shape (n_models, n_models). Takes the term for a component's level out again: it is no knowledge."""
    _, curvature = _derivatives(wins, ties, log_strength, log_tie, component)
    of_component = np.bincount(component)[component].astype(np.float64)
    level = (component[:, np.newaxis] == component) / np.square(of_component)
    covariance: Matrix = np.linalg.inv(curvature)[:-1, :-1] - level
    return covariance
