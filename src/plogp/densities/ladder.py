"""The numerical rungs: quadrature, exact sums, Monte Carlo; and what each says of its error.

A quantity is a sum of expectations, each of some h under a law; `h` is given x, which counts from `near`, and the log
density of its law there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import inf, isfinite, isnan, nan, sqrt

import numpy as np

from plogp.densities import montecarlo
from plogp.densities.law import Floats, Sampled
from plogp.densities.quadrature import TINY, Integral, integrate
from plogp.densities.sums import total

__all__ = ["OUTSIDE", "RUNGS", "Found", "Term", "climb", "endless", "said"]

RUNGS = ("closed-form", "quadrature", "exact-sum", "monte-carlo")
TOLERANCE = {"quadrature": 1e-9, "exact-sum": 1e-12, "monte-carlo": 1e-3}
"""In nats, unless told; of Monte Carlo it is the standard error."""
OUTSIDE = "+∞, proven by the supports: p has mass where q has none"
GOOD = 1e-8
ROUNDING = 3e-14
"""Of a sum of many terms, relative to it."""


@dataclass(frozen=True, slots=True)
class Term:
    """weight · E h under a law.

    Attributes:
        weight: of this expectation in the sum.
        law: that is integrated over, or drawn from.
        h: (x, near, log density) -> values.
        others: laws whose landmarks the integrand has too.
    """

    weight: float
    law: Sampled
    h: Callable[[Floats, float, Floats], Floats]
    others: tuple[Sampled, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """A value in nats, how it was got, its standard error where it was drawn, what to note, and how wrong it may be."""

    value: float
    route: str
    std_error: float | None = None
    notes: tuple[str, ...] = ()
    error: float = 0.0


def climb(terms: Sequence[Term], rung: str, tolerance: float | None, seed: int) -> Found:
    """The sum of the terms by one rung."""
    tolerance = TOLERANCE[rung] if tolerance is None else tolerance
    if rung == "monte-carlo":
        return _monte_carlo(terms, tolerance, seed)
    method = _quadrature if rung == "quadrature" else _exact_sum
    each = [method(term, tolerance / len(terms)) for term in terms]
    value = sum(term.weight * part.value for term, part in zip(terms, each, strict=True) if term.weight)
    missing = max(abs(1 - part.mass) for part in each)
    error = sum(term.weight * part.error for term, part in zip(terms, each, strict=True))
    if any(part.gap for part in each):
        return endless(rung, OUTSIDE)
    if not isfinite(value):
        return _infinite(value, rung)
    notes = []
    error = max(error, missing * (1 + abs(value)), ROUNDING * abs(value))  # rounding of the densities shows in the mass
    if missing > 1e-9:
        notes.append(f"{missing:.1g} of the mass is rounding, or lies where doubles can't hold the densities")
    if error > max(GOOD, tolerance, 1e-12 * abs(value)):
        size = f"the error may be as large as {error:.1g} nats" if isfinite(error) else "no bound of the error is known"
        notes.append(f"{size}; rung='monte-carlo' gives another opinion")
    return Found(value, f"{said(rung)}, error at most about {max(error, 1e-16):.1g} nats", None, tuple(notes), error)


def said(rung: str) -> str:
    """A rung as people write it."""
    return "Monte Carlo" if rung == "monte-carlo" else rung.replace("-", " ")


def endless(rung: str, why: str, value: float = inf) -> Found:
    """An infinite value and what proves it."""
    return Found(value, said(rung), None, (why,))


def _infinite(value: float, rung: str) -> Found:
    if isnan(value):
        return endless(rung, "undefined: +∞ in one place and −∞ in another", value)
    falls = "the integrand falls too slowly to have a finite integral"
    return endless(rung, f"{'+' if value > 0 else '−'}∞, proven by the tail: {falls}", value)


def _quadrature(term: Term, tolerance: float) -> Integral:
    points = np.concatenate([term.law.landmarks, *(other.landmarks for other in term.others)])
    ends = np.array([end for other in term.others for end in other.support])
    return integrate(lambda x, near: _weighted(term, x, near)[:2], term.law.support, np.append(points, ends), tolerance)


def _exact_sum(term: Term, tolerance: float) -> Integral:
    """A probability of q that is 0 among others which are nearly too small for a double isn't known."""

    all_known = True

    def f(k: Floats) -> tuple[Floats, Floats]:
        nonlocal all_known
        value, p, h = _weighted(term, k, 0.0)
        unknown = np.isinf(h) & (np.max(np.abs(h[np.isfinite(h)]), initial=0.0) > TINY) & (p > 0)
        all_known &= not unknown.any()
        return np.where((p == 0) | unknown, 0.0, value), np.where(unknown, 0.0, p)

    part = total(f, term.law.support, float(np.median(term.law.landmarks)), tolerance)
    return part if all_known else replace(part, error=inf)


def _weighted(term: Term, x: Floats, near: float) -> tuple[Floats, Floats, Floats]:
    """p·h, p and h; p·h is NaN where p is 0, and isn't 0 where p is only too small for a double."""
    log_p = term.law.log_density(x, near)
    h = term.h(x, near, log_p)
    value = np.sign(h) * np.exp(log_p + np.log(np.abs(h)))
    return np.where(h == 0, 0.0, np.where(log_p > -inf, value, nan)), np.exp(log_p), h


def _undrawn(terms: Sequence[Term], value: float) -> Found:
    """A draw where q has no density proves an infinite value, unless q may only be too small there for a double."""
    if any(other.landmarks.size for term in terms for other in term.others):
        return Found(nan, "Monte Carlo", None, ("q is too small for a double at some draws from p",), inf)
    return endless("monte-carlo", "proven by a draw: p has mass where q has none", value)


def _monte_carlo(terms: Sequence[Term], tolerance: float, seed: int) -> Found:
    means = []
    for i, term in enumerate(terms):

        def f(x: Floats, term: Term = term) -> Floats:
            with np.errstate(all="ignore"):
                return term.h(x, 0.0, term.law.log_density(x))

        means.append(montecarlo.mean(f, term.law, seed + i, tolerance / sqrt(len(terms))))
    value = sum(term.weight * each.value for term, each in zip(terms, means, strict=True))
    if not isfinite(value):
        return _undrawn(terms, value)
    error = sqrt(sum((term.weight * each.std_error) ** 2 for term, each in zip(terms, means, strict=True)))
    n, controls = sum(each.n for each in means), max(each.controls for each in means)
    route = f"Monte Carlo, {n:,} draws, seed {seed}, {controls} control variates, standard error {error:.1g} nats"
    notes = () if error <= tolerance else (f"the tolerance of {tolerance:.1g} nats would need more than {n:,} draws",)
    return Found(value, route, error, notes, error)
