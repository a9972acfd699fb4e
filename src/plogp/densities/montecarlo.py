"""Means over draws from a law, with control variates, a standard error and a tolerance."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plogp.densities.law import Floats, Sampled

__all__ = ["Mean", "controls", "mean"]

FIRST, MOST = 1 << 14, 1 << 20


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean, its standard error, how many draws it is of, and what it was controlled by."""

    value: float
    std_error: float
    n: int
    controls: int


def mean(f: Callable[[Floats], Floats], p: Sampled, seed: int, tolerance: float) -> Mean:
    """E f(X) for X from p, of four times as many draws until the standard error is within the tolerance, or of `MOST`.

    It is the constant of the regression of f on the controls (Owen 2013, Monte Carlo theory, methods and examples,
    section 8.9).
    """
    n = FIRST
    while True:
        x = p.draw(n, seed)
        values = f(x)
        if not np.isfinite(values).all():
            return Mean(float(np.mean(values)), float("nan"), n, 0)
        known = controls(p, x)
        design = np.stack([np.ones(n), *known], axis=1)
        coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
        residual = values - design @ coefficients
        error = float(residual.std(ddof=len(coefficients)) / np.sqrt(n))
        if error <= tolerance or n >= MOST:
            return Mean(float(coefficients[0]), error, n, len(known))
        n = min(MOST, 4 * n)


def controls(p: Sampled, x: Floats) -> list[Floats]:
    """Functions of x whose mean under p is 0, and whose variance is finite whatever p is.

    On the line Legendre's polynomials of F(x), which is uniform; of normal laws also x − mean and (x − mean)² −
    variance of each coordinate. (A ratio of densities, q/p − 1, has mean 0 too, but often no variance: its intervals
    don't cover.)
    """
    found = []
    if (u := p.cdf(x)) is not None:
        found += [np.polynomial.legendre.Legendre.basis(k)(2 * u - 1) for k in range(1, 5)]
    if (moments := p.moments()) is not None:
        apart = (x - moments[0]).reshape(len(x), -1)
        found += [*apart.T, *(apart**2 - np.ravel(moments[1])).T]
    return found
