"""Rényi's divergence: in closed form by tilting, else ∫ p^α q^(1−α) by the numerical rungs."""

from functools import cached_property
from math import inf, isfinite, log, nan

import numpy as np

from plogp.densities import montecarlo
from plogp.densities.answers import Closed, alike, evaluated, pooled, summed
from plogp.densities.closed import DIVERGENCES
from plogp.densities.ladder import OUTSIDE, Found, endless, said
from plogp.densities.law import Floats, Law, Sampled
from plogp.densities.mixtures import Mixed
from plogp.densities.quadrature import Integral, halves, integrate
from plogp.densities.sums import total
from plogp.densities.tilted import TILTS
from plogp.errors import InvalidValue

__all__ = ["Between", "closed_renyi", "renyi"]

NO_OUTCOME = "p and q share no outcome"
NOTHING = Integral(0.0, 0.0, 0.0)


def closed_renyi(p: Law, q: Law, order: float) -> Closed:
    """[α D(p* ‖ p) + (1 − α) D(p* ‖ q)] / (1 − α), within a family; of uniform laws it is D whatever the order."""
    if p.family != q.family or p.independent != q.independent or not 0 < order < inf:
        return None
    m, a, b = pooled(p, q)
    row = DIVERGENCES.get((p.family, p.family))
    if row is not None and p.family in ("uniform", "discrete uniform", "log-uniform") and order > 1:
        return summed(p, evaluated(row, m, a, b)), row.source
    if row is None or p.family not in TILTS or not alike(a, b, (*row.equal, *TILTS[p.family][1])):
        return None
    with np.errstate(all="ignore"):
        tilted, good = TILTS[p.family][0](m, a, b, order)
        parts = order * evaluated(row, m, tilted, a) + (1 - order) * evaluated(row, m, tilted, b)
        value = m.where(good, parts / (1 - order), inf)
    return summed(p, value), "by tilting; van Erven & Harremoës 2014, doi:10.1109/TIT.2014.2320500"


class Between:
    """p^α q^(1−α) as an unnormalised law on the line, over its own greatest value."""

    def __init__(self, p: Sampled, q: Sampled, order: float) -> None:
        self.p, self.q, self.order = p, q, order
        self.support = max(p.support[0], q.support[0]), min(p.support[1], q.support[1])

    def height(self, x: Floats, near: float = 0.0) -> Floats:
        """α log p + (1 − α) log q, which is −inf where either is, unless its exponent is 0."""
        with np.errstate(all="ignore"):
            log_p, log_q = self.p.log_density(x, near), self.q.log_density(x, near)
            value = np.where(self.order == 0, 0.0, self.order * log_p) + (1 - self.order) * log_q
        return np.where((log_p == -inf) | ((log_q == -inf) & (self.order < 1)), -inf, value)

    @cached_property
    def landmarks(self) -> Floats:
        """Those of both, and the highest point between them, where all the mass may be."""
        from scipy.optimize import minimize_scalar

        own = np.concatenate([self.p.landmarks, self.q.landmarks, self.p.support, self.q.support])
        own = np.unique(own[np.isfinite(own) & (own >= self.support[0]) & (own <= self.support[1])])
        grid = np.unique(np.concatenate([own, np.linspace(own[0], own[-1], 2001)]))
        top = int(np.nanargmax(self.height(grid)))
        low, high = grid[max(top - 1, 0)], grid[min(top + 1, len(grid) - 1)]
        if low == high:
            return own
        best = minimize_scalar(lambda x: -float(self.height(np.array([x]))[0]), bounds=(low, high), method="bounded")
        return np.append(own, best.x)

    @cached_property
    def top(self) -> tuple[float, float]:
        """The landmark where the height is greatest and finite, and how high that is."""
        height = self.height(self.landmarks)
        best = int(np.argmax(np.where(np.isfinite(height), height, -1e300)))
        return float(self.landmarks[best]), float(height[best])

    def integral(self, discrete: bool, tolerance: float) -> Integral:
        """∫ p^α q^(1−α), or Σ, over its greatest value."""
        middle, top = self.top

        def f(x: Floats, near: float = 0.0) -> tuple[Floats, Floats]:
            value = np.exp(self.height(x, near) - top)
            return value, value

        if discrete:
            return total(f, self.support, middle, tolerance)
        return integrate(f, self.support, self.landmarks, tolerance)


def renyi(p: Sampled, q: Sampled, order: float, rung: str, tolerance: float | None, seed: int, discrete: bool) -> Found:
    """D_α(p ‖ q) of one pair, in nats."""
    if rung == "monte-carlo":
        return _monte_carlo(p, q, order, tolerance or 1e-3, seed)
    if order > 1 and not (q.support[0] <= p.support[0] and p.support[1] <= q.support[1]):
        return endless(rung, OUTSIDE)
    if order == inf:
        return _supremum(p, q, rung, discrete)
    if order == 0 and p.support[0] <= q.support[0] and q.support[1] <= p.support[1]:
        return Found(0.0, f"{said(rung)}, not needed: p allows whatever q does")
    between = Between(p, q, order)
    part = between.integral(discrete, tolerance or 1e-10) if between.support[0] <= between.support[1] else NOTHING
    if part.value == 0:
        return endless(rung, f"+∞, proven by the supports: {NO_OUTCOME}")
    if not isfinite(part.value):
        return endless(rung, "+∞, proven by the tail: p^α q^(1−α) has no finite integral")
    value = (log(part.value) + between.top[1]) / (order - 1)
    error = part.error / part.value / abs(order - 1)
    return Found(value, f"{said(rung)}, error at most about {max(error, 1e-15):.1g} nats", error=error)


def _supremum(p: Sampled, q: Sampled, rung: str, discrete: bool) -> Found:
    """log sup p/q: the greatest on a grid, and between its points; infinite where it still grows at the last."""
    cuts = halves(p.support, np.concatenate([p.landmarks, q.landmarks, q.support]))
    x = np.unique(np.concatenate([cut + way * np.exp(np.arange(-30.0, length, 0.02)) for cut, way, length in cuts]))
    x = np.unique(np.clip([np.floor(x), np.ceil(x)], *p.support)) if discrete else x
    with np.errstate(all="ignore"):
        log_p = p.log_density(x)
        x, log_p = x[log_p > -700], log_p[log_p > -700]
        height = log_p - q.log_density(x)
    top = int(np.nanargmax(height))
    if top in (0, len(x) - 1) and not (discrete and x[top] in p.support):
        growth = height[top] - height[1 if top == 0 else top - 1]
        if growth > 1e-9 * max(1.0, abs(height[top])):
            return endless(rung, "+∞: p/q still grows where p is nearly nothing")
    elif not discrete:
        fine = np.linspace(x[top - 1], x[top + 1], 10_001)
        height = p.log_density(fine) - q.log_density(fine)
    return Found(float(np.nanmax(height)), f"{said(rung)}: the greatest ratio on a grid")


def _monte_carlo(p: Sampled, q: Sampled, order: float, tolerance: float, seed: int) -> Found:
    """log E p^α q^(1−α)/m over α − 1, by draws from m = ½ p + ½ q, with the error of the logarithm to first order.

    Of orders below 1 no value is above 2; draws from p would have values without a fourth moment.
    """
    if not 0 < order < inf:
        raise InvalidValue(f"order={order} can't be drawn; needed: an order above 0, and finite", hint="rung=None")
    mixed, between = Mixed(np.array([0.5, 0.5]), (p, q)), Between(p, q, order)
    outside = False

    def f(x: Floats) -> Floats:
        nonlocal outside
        height = between.height(x)
        outside |= bool((height == inf).any())
        with np.errstate(over="ignore"):
            return np.exp(height - mixed.log_density(x))

    found = montecarlo.mean(f, mixed, seed, tolerance * abs(order - 1) / 4)
    if outside or found.value == 0:
        return endless(
            "monte-carlo", f"+∞, proven by draws: {'p has mass where q has none' if outside else NO_OUTCOME}"
        )
    if not isfinite(found.value):
        return Found(nan, "Monte Carlo", None, ("p/q is too large for a double at some draws",), inf)
    error = found.std_error / found.value / abs(order - 1)
    drawn = f"Monte Carlo, {found.n:,} draws, seed {seed}, {found.controls} control variates"
    return Found(log(found.value) / (order - 1), f"{drawn}, standard error {error:.1g} nats", error, error=error)
