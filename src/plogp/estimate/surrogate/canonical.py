"""Canonical correlations: what two sides share linearly, how much of it chance alone would show."""

from math import log

import numpy as np

from plogp.estimate.base import Floats
from plogp.estimate.gaussian import svd

__all__ = ["bartlett_rank", "canonical", "linear_information", "trimmed", "wishart_bias"]

LARGEST = 1 - 1e-9
"""A canonical correlation is cut here, so that logarithms stay finite."""


def canonical(covariance: Floats, p: int) -> tuple[Floats, Floats, Floats]:
    """Bases A, (p, p), and B, (q, q), in which both sides are white and correlated in pairs, and the correlations.

    The first p rows of the covariance are those of x. A column of A is a direction of x.
    """
    from scipy.linalg import solve_triangular

    root_x, root_y = (np.linalg.cholesky(block) for block in (covariance[:p, :p], covariance[p:, p:]))
    half = solve_triangular(root_x, covariance[:p, p:], lower=True)
    u, s, vt = svd(solve_triangular(root_y, half.T, lower=True).T, full=True)
    a, b = solve_triangular(root_x.T, u), solve_triangular(root_y.T, vt.T)
    return a, b, np.clip(s, 0, LARGEST)


def trimmed(covariance: Floats, p: int, rank: int) -> Floats:
    """The covariance with no more than its first canonical pairs between the sides."""
    a, b, s = canonical(covariance, p)
    out = covariance.copy()
    out[:p, p:] = (covariance[:p, :p] @ a[:, :rank] * s[:rank]) @ (covariance[p:, p:] @ b[:, :rank]).T
    out[p:, :p] = out[:p, p:].T
    return out


def bartlett_rank(s: Floats, n: int, p: int, q: int, level: float) -> int:
    """How many canonical pairs are significant: the tests go on until one isn't.

    −(n − 1 − (p + q + 1)/2) Σ_{j>i} ln(1 − sⱼ²) ~ χ² with (p − i)(q − i) degrees of freedom (Bartlett 1938,
    doi:10.1017/S0305004100019290).
    """
    from scipy.special import chdtrc

    for i in range(s.size):
        statistic = -(n - 1 - (p + q + 1) / 2) * np.log1p(-(s[i:] ** 2)).sum()
        if chdtrc((p - i) * (q - i), statistic) >= level:
            return i
    return s.size


def wishart_bias(n: int, p: int, q: int) -> float:
    """By how much −½ Σ ln(1 − s²) is too high on average for normal data, exactly.

    b(p) + b(q) − b(p + q), with b(d) = ½ [Σ_{i=1..d} ψ((n − i)/2) − d ln((n − 1)/2)] (doi:10.1016/j.jmva.2003.10.003).
    """
    from scipy.special import digamma

    def b(d: int) -> float:
        return 0.5 * (float(digamma((n - np.arange(1, d + 1)) / 2).sum()) - d * log((n - 1) / 2))

    return b(p) + b(q) - b(p + q)


def linear_information(s: Floats, n: int, p: int, q: int) -> float:
    """−½ Σ ln(1 − s²) without its bias: the information of normal data with these canonical correlations."""
    return float(-0.5 * np.log1p(-(s**2)).sum()) - wishart_bias(n, p, q)
