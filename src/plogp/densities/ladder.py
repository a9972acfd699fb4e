"""The numerical rungs: quadrature, exact sums, Monte Carlo; and what each says of its error.

A quantity is a sum of expectations, each of some h under a law; `h` is given x, which counts from `near`, and the log
density of its law there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan, sqrt

import numpy as np

from plogp.densities import montecarlo
from plogp.densities.law import Floats, Sampled
from plogp.densities.quadrature import Integral, integrate
from plogp.densities.sums import total

__all__ = ["RUNGS", "Found", "Term", "climb"]

RUNGS = ("closed-form", "quadrature", "exact-sum", "monte-carlo")
TOLERANCE = {"quadrature": 1e-9, "exact-sum": 1e-12, "monte-carlo": 1e-3}
"""In nats, unless told; of Monte Carlo it is the standard error."""
GOOD = 1e-8
UNDERFLOW = -690.0
"""A log density below this may be −inf because a density was too small for a double."""


@dataclass(frozen=True, slots=True)
class Term:
    """weight · E h under a law.

    Attributes:
        weight: of this expectation in the sum.
        law: that is integrated over, or drawn from.
        h: (x, near, log density) -> values.
        others: laws whose landmarks the integrand has too.
        controls: (x, log density) -> functions whose mean under the law is 0.
    """

    weight: float
    law: Sampled
    h: Callable[[Floats, float, Floats], Floats]
    others: tuple[Sampled, ...] = ()
    controls: Callable[[Floats, Floats], list[Floats]] = lambda x, log_p: []


@dataclass(frozen=True, slots=True)
class Found:
    """A value in nats, how it was got, and what to note."""

    value: float
    route: str
    std_error: float | None = None
    notes: tuple[str, ...] = ()


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
    if not isfinite(value):
        return _infinite(value, rung)
    notes = []
    if missing > 1e-9:
        error = max(error, missing * (1 + abs(value)))
        notes.append(f"{missing:.1g} of the mass lies where doubles can't resolve or represent the densities")
    if error > max(GOOD, tolerance):
        notes.append(f"the error may be as large as {error:.1g} nats; rung='monte-carlo' gives another opinion")
    what = "error" if rung == "quadrature" else "tail and rounding"
    return Found(value, f"{rung.replace('-', ' ')}, {what} at most about {max(error, 1e-16):.1g} nats", None, tuple(notes))


def _infinite(value: float, rung: str) -> Found:
    if isnan(value):
        return Found(value, rung.replace("-", " "), None, ("undefined: +∞ in one place and −∞ in another",))
    proof = "proven by the tail: the integrand falls too slowly to have a finite integral"
    return Found(value, f"{rung.replace('-', ' ')}, {'+' if value > 0 else '−'}∞", None, (proof,))


def _quadrature(term: Term, tolerance: float) -> Integral:
    def f(x: Floats, near: float) -> tuple[Floats, Floats]:
        return _weighted(term, x, near)

    low, high = term.law.support
    points = np.concatenate([term.law.landmarks, *(other.landmarks for other in term.others)])
    ends = np.array([end for other in term.others for end in other.support])
    return integrate(f, (low, high), np.concatenate([points, ends]), tolerance)


def _exact_sum(term: Term, tolerance: float) -> Integral:
    return total(lambda k: _weighted(term, k, 0.0), term.law.support, float(np.median(term.law.landmarks)), tolerance)


def _weighted(term: Term, x: Floats, near: float) -> tuple[Floats, Floats]:
    """p·h and p: 0 where p is 0, whatever h is there."""
    log_p = term.law.log_density(x, near)
    p = np.exp(log_p)
    return np.where(p > 0, p * np.where(p > 0, term.h(x, near, log_p), 0.0), 0.0), p


def _monte_carlo(terms: Sequence[Term], tolerance: float, seed: int) -> Found:
    means = []
    for i, term in enumerate(terms):

        def f(x: Floats, term: Term = term) -> tuple[Floats, list[Floats]]:
            with np.errstate(all="ignore"):
                log_p = term.law.log_density(x)
                controls = montecarlo.moment_controls(term.law, x) + term.controls(x, log_p)
                return term.h(x, 0.0, log_p), controls

        means.append(montecarlo.mean(f, term.law, seed + i, tolerance / sqrt(len(terms))))
    value = sum(term.weight * each.value for term, each in zip(terms, means, strict=True))
    if not isfinite(value):
        return Found(value, "Monte Carlo", None, ("proven by a draw: p has mass where q has none",))
    error = sqrt(sum((term.weight * each.std_error) ** 2 for term, each in zip(terms, means, strict=True)))
    n, controls = sum(each.n for each in means), max(each.controls for each in means)
    route = f"Monte Carlo, {n:,} draws, seed {seed}, {controls} control variates, standard error {error:.1g} nats"
    notes = () if error <= tolerance else (f"the tolerance of {tolerance:.1g} nats would need more than {n:,} draws",)
    return Found(value, route, error, notes)
