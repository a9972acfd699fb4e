"""How far an estimate from neighbours may be from the truth: by chance, and by the bias that halving the sample shows.

The bootstrap is wrong here, since copies of an observation become neighbours at distance 0, and so is the spread of the
terms, since observations that are near share their neighbours. Halves have neither fault. Two halves A and B of a
sample of n are independent samples, and a variance falls as 1/n, so that (Î_A − Î_B)²/4 estimates the variance at n
without bias: the smallest partition of Holmes & Nemenman (2019), doi:10.1103/PhysRevE.100.022404, many times over. What
is estimated on all, less the mean on halves, is the drift, the part of the bias that more observations would take away.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, nan, sqrt

import numpy as np

from plogp.errors import InvalidValue
from plogp.estimate.base import Ints
from plogp.estimate.local import Estimate

__all__ = ["Uncertainty", "uncertainty"]

HALVINGS = 10
"""How many random halvings tell a standard error, to a quarter of itself; one tells the drift."""

BIAS = 1.5
"""Times the drift: a bias that falls as 1/n is the drift itself, one that falls as 1/√n is 2.4 times the drift."""

SEED = 0
"""Of the halvings, unless another is asked for."""


@dataclass(frozen=True)
class Uncertainty:
    """What may be wrong with an estimate, in nats.

    Attributes:
        value: the estimate.
        std_error: of chance alone; None where halves of the sample can't tell it.
        drift: the value less its mean on halves of the sample; None where they have none.
        doubt: what else may be wrong by the estimator's own account.
        halvings: degrees of freedom of the standard error, None where the estimator knows it.
        route: how this was got.
    """

    value: float
    std_error: float | None
    drift: float | None
    doubt: float = 0.0
    halvings: int | None = None
    route: str = ""

    def interval(self, confidence: float) -> tuple[float, float] | None:
        """Value ± t·√(SE² + (1.5 drift)² + doubt²), with Student's t; cut nowhere. None where something is unknown."""
        from scipy.special import ndtri, stdtrit

        if self.std_error is None or self.drift is None:
            return None
        tail = 0.5 + confidence / 2
        t = float(ndtri(tail) if self.halvings is None else stdtrit(self.halvings, tail))
        reach = t * hypot(self.std_error, BIAS * self.drift, self.doubt)
        return self.value - reach, self.value + reach

    @property
    def notes(self) -> tuple[str, ...]:
        """A warning where the drift can't be chance, or isn't known."""
        if self.std_error is None or self.drift is None:
            return ("halves of the sample have no finite estimate, so that there is no interval",)
        if abs(self.drift) <= 2 * self.std_error:
            return ()
        return (
            f"bias: halves of the sample give {-self.drift:+.3g} nats on average, more than two standard errors; the "
            f"estimate is likely too {'low' if self.drift > 0 else 'high'}, and the interval may miss the truth",
        )


def uncertainty(verb: Callable[..., float], estimate: Estimate, *sizes: int, seed: int | None = None) -> Uncertainty:
    """The uncertainty of an estimate, from the same estimate on random halves.

    Args:
        verb: the estimate on chosen rows, an array of positions a sample: ``lambda rows: ksg(x[rows], y[rows])``.
        estimate: that on all rows; where it knows its standard error, only the drift is measured.
        sizes: how many rows each sample has; paired observations are one sample.
        seed: of the halvings, None for a fixed one.

    >>> x = np.random.default_rng(2).normal(size=400)
    >>> found = uncertainty(lambda rows: float(np.mean(x[rows])), Estimate(float(np.mean(x))), 400)
    >>> round(found.std_error, 2), round(abs(found.drift), 6), [round(limit, 2) for limit in found.interval(0.95)]
    (0.05, 0.0, [-0.13, 0.08])
    """
    known = estimate.std_error
    rng = np.random.default_rng(SEED if seed is None else seed)
    try:
        halvings = range(HALVINGS if known is None else 1)
        halves = np.array([[verb(*rows) for rows in halved(sizes, rng)] for _ in halvings])  # (halvings, 2)
    except InvalidValue:  # too few to estimate from
        halves = np.array([[nan]])
    if not np.isfinite(halves).all():
        return Uncertainty(estimate.value, known, None)
    error = sqrt(np.mean((halves[:, 0] - halves[:, 1]) ** 2)) / 2 if known is None else known
    drawn = f"{len(halves)} random halving{'s' * (len(halves) > 1)}, seed {worded(seed)}"
    route = f"{'standard error and bias' if known is None else 'bias'} by {drawn}"
    drift = estimate.value - float(halves.mean())
    return Uncertainty(estimate.value, error, drift, estimate.doubt, len(halves) if known is None else None, route)


def halved(sizes: tuple[int, ...], rng: np.random.Generator) -> list[list[Ints]]:
    """The rows of both random halves of each sample."""
    orders = [rng.permutation(n) for n in sizes]
    return [[order[: order.size // 2] for order in orders], [order[order.size // 2 :] for order in orders]]


def worded(seed: int | None) -> str:
    """A seed in words."""
    return f"{SEED} (fixed)" if seed is None else f"{seed}"
