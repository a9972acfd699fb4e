"""Sums over the whole numbers, outwards from where the mass is, with a bound of what is left out."""

from collections.abc import Callable
from math import inf, isfinite

import numpy as np

from plogp.densities.law import Floats
from plogp.densities.quadrature import HARMONIC, Integral

__all__ = ["MOST_TERMS", "total"]

MOST_TERMS = 1 << 22
"""Terms on either side."""
FIRST = 1024
FAR_OUT = 2.0**100

Terms = Callable[[Floats], tuple[Floats, Floats]]
"""k -> the terms of the sum and the probabilities of p."""


def total(f: Terms, support: tuple[float, float], middle: float, tolerance: float) -> Integral:
    """Σ f over the whole numbers of a support, its error a bound of the terms left out.

    Beyond the last term f falls geometrically, by the ratio of the last two, if it is log-concave there, as the laws
    of textbooks are; otherwise as a power of k, and then the bound is an estimate.
    """
    low, high = support
    start = min(max(float(np.floor(middle)), low), high)
    with np.errstate(all="ignore"):
        right = _side(f, start, high, 1.0, tolerance)
        left = _side(f, start - 1, low, -1.0, tolerance) if start > low else Integral(0.0, 0.0, 0.0)
    value = left.value + right.value  # ∞ − ∞ is NaN, and undefined
    return Integral(value, left.error + right.error, left.mass + right.mass)


def _side(f: Terms, start: float, end: float, direction: float, tolerance: float) -> Integral:
    """The terms from `start` on, towards `end`, in blocks that double."""
    value = mass = 0.0
    done, size, rest, terms = 0, FIRST, inf, np.zeros(0)
    while rest > tolerance / 10 and done < MOST_TERMS:
        length = int(min(size, abs(end - start) + 1 - done))
        k: Floats = np.arange(done, done + length, dtype=np.float64)
        terms, probabilities = f(start + direction * k)
        value, mass, done, size = value + float(terms.sum()), mass + float(probabilities.sum()), done + length, 2 * size
        if not isfinite(value):
            return Integral(value, 0.0, mass)
        if done == abs(end - start) + 1:
            return Integral(value, 0.0, mass)
        rest = _rest(np.abs(terms[-2:]), done)
    if rest > tolerance and _diverges(f, start, direction):
        return Integral(float(np.copysign(inf, terms[-1])), 0.0, mass)
    return Integral(value, rest, mass)


def _rest(last: Floats, done: int) -> float:
    """What the last two terms leave: t r/(1 − r), which of a power k^(−b) is t k/b and then t k/(b − 1) in truth."""
    before, t = (float(x) for x in last) if len(last) == 2 else (inf, float(last[-1]))
    if t == 0.0:
        return 0.0
    b = done * (1 - t / before) if before > 0 else 0.0
    return t * done / (b - 1) if b > HARMONIC else inf


def _diverges(f: Terms, start: float, direction: float) -> bool:
    """Whether the terms fall so slowly, far out, that k·f(k) decreases no faster than 1/log k."""
    k = FAR_OUT ** np.array([0.5, 1.0])
    terms, _ = f(start + direction * np.floor(k))
    if not np.isfinite(terms).all() or (terms == 0).any():
        return False
    size = np.log(np.abs(terms) * k)
    return bool((size[0] - size[1]) / np.log(2) <= HARMONIC)
