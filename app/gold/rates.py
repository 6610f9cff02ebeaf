"""How well something is answered, as far as a few answers can tell."""

from functools import lru_cache

from scipy.special import betaincinv


@lru_cache(maxsize=100_000)
def right_rate_quantile(n_right: int, n_wrong: int, quantile: float) -> float:
    """Of the posterior Beta(1 + n_right, 1 + n_wrong) of a share, from a uniform prior."""
    return float(betaincinv(1 + n_right, 1 + n_wrong, quantile))


def right_rate_interval(n_right: int, n_wrong: int) -> tuple[float, float]:
    """The middle 95 % of the posterior."""
    return right_rate_quantile(n_right, n_wrong, 0.025), right_rate_quantile(n_right, n_wrong, 0.975)
