"""Means over draws from a law, with control variates, a standard error and a tolerance."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plogp.densities.law import Floats, Sampled

__all__ = ["FIRST", "MOST", "Mean", "mean", "moment_controls"]

FIRST, MOST = 1 << 14, 1 << 20
WELL_BEHAVED = 0.1
"""The least effective share of draws, (Σ r)²/(n Σ r²), for a ratio of densities r to serve as a control."""


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean, its standard error, how many draws it is of, and what it was controlled by."""

    value: float
    std_error: float
    n: int
    controls: int


def mean(f: Callable[[Floats], tuple[Floats, list[Floats]]], p: Sampled, seed: int, tolerance: float) -> Mean:
    """E f(X) for X from p; draws double until the standard error is within the tolerance, or there are `MOST`.

    f gives its values and controls, which are values of functions whose mean is known to be 0: the mean is the constant
    of the regression of f on them (Owen 2013, Monte Carlo theory, methods and examples, section 8.9).
    """
    n = FIRST
    while True:
        values, controls = f(p.draw(n, seed))
        if not np.isfinite(values).all():
            return Mean(float(np.mean(values)), float("nan"), n, 0)
        kept = [c for c in controls if np.isfinite(c).all() and c.std() > 0]
        design = np.stack([np.ones(n), *(c / c.std() for c in kept)], axis=1)
        coefficients = np.linalg.lstsq(design, values, rcond=None)[0]
        residual = values - design @ coefficients
        error = float(residual.std(ddof=len(coefficients)) / np.sqrt(n))
        if error <= tolerance or n >= MOST:
            return Mean(float(coefficients[0]), error, n, len(kept))
        n = min(MOST, 4 * n)


def moment_controls(p: Sampled, x: Floats) -> list[Floats]:
    """x − mean and (x − mean)² − variance of each coordinate, where p knows them."""
    moments = p.moments()
    if moments is None:
        return []
    apart = (x - moments[0]).reshape(len(x), -1)
    squares = apart**2 - np.ravel(moments[1])
    return [*apart.T, *squares.T]


def ratio_control(log_ratio: Floats) -> list[Floats]:
    """q/p − 1, whose mean under p is 0 where q has no mass outside of p's support; unless few draws carry it."""
    ratio = np.exp(log_ratio)
    effective = ratio.sum() ** 2 / (len(ratio) * (ratio**2).sum())
    return [ratio - 1] if effective > WELL_BEHAVED else []
