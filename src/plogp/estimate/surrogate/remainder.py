"""Step 5, the remainder: bias that the model doesn't have, where near neighbours say more than farther ones."""

from math import sqrt

from plogp.estimate.base import Floats
from plogp.estimate.surrogate.neighbour_terms import FARTHER, STRETCH

__all__ = ["remainder"]


def remainder(difference: Floats, expected: Floats, d: int) -> float:
    """The factor γ of what the difference of near and far terms, less that of the surrogate, adds to the estimate.

    A relation with edges has a bias in proportion to the neighbours' distance, which grows as k^(1/d), so that the bias
    at k is γ = 1/(4^(1/d) − 1) times what it grows by up to 4k. It is shrunk to 0 as by James and Stein, with two
    standard errors for one, and is 0 where the far neighbours say more.

    Args:
        difference: terms at k less those at 4k, on the data, (n,).
        expected: the same on samples of the surrogate, (samples, n).
        d: dimensions; from four on γ is that of four.
    """
    excess = float(difference.mean() - expected.mean())
    variance = STRETCH * float(difference.var() + expected.var(axis=1).mean() / len(expected)) / difference.size
    if excess <= 2 * sqrt(variance):
        return 0.0
    growth: float = FARTHER ** (1 / min(d, 4)) - 1
    return (1 - 4 * variance / excess**2) / growth
