"""Rényi's divergence: in closed form by tilting, else ∫ p^α q^(1−α) by the numerical rungs."""

from functools import cached_property
from math import inf, isfinite, log

import numpy as np

from plogp.densities import montecarlo
from plogp.densities.answers import Closed, alike, evaluated, pooled, summed
from plogp.densities.closed import DIVERGENCES
from plogp.densities.ladder import Found
from plogp.densities.law import Floats, Law, Sampled
from plogp.densities.quadrature import Integral, halves, integrate
from plogp.densities.sums import total
from plogp.densities.tilted import TILTS
from plogp.errors import InvalidValue

__all__ = ["closed_renyi", "renyi"]


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
        height = np.where(np.isnan(self.height(grid)), -inf, self.height(grid))
        top = int(np.argmax(height))
        bounds = grid[max(top - 1, 0)], grid[min(top + 1, len(grid) - 1)]
        if bounds[0] == bounds[1]:
            return own
        best = minimize_scalar(lambda x: -float(self.height(np.array([x]))[0]), bounds=bounds, method="bounded")
        return np.append(own, best.x)

    @cached_property
    def top(self) -> float:
        """The greatest finite height at a landmark, by which the integrand is scaled."""
        height = self.height(self.landmarks)
        return float(np.max(height[np.isfinite(height)], initial=-1e300))

    def log_total(self, discrete: bool, tolerance: float) -> tuple[float, Integral]:
        """log ∫ p^α q^(1−α), and the integral over the top."""
        if self.support[0] > self.support[1]:
            return -inf, Integral(0.0, 0.0, 0.0)

        def f(x: Floats, near: float = 0.0) -> tuple[Floats, Floats]:
            value = np.exp(self.height(np.floor(x) if discrete else x, near) - self.top)
            return value, value

        middle = float(self.landmarks[np.argmax(self.height(self.landmarks))])
        part = total(f, self.support, middle, tolerance) if discrete else integrate(f, self.support, self.landmarks, tolerance)
        return (log(part.value) + self.top if part.value > 0 else -inf), part


def renyi(p: Sampled, q: Sampled, order: float, rung: str, tolerance: float | None, seed: int, discrete: bool) -> Found:
    """D_α(p ‖ q) of one pair, in nats."""
    if rung == "monte-carlo":
        return _monte_carlo(p, q, order, tolerance or 1e-3, seed)
    if order == inf:
        return _supremum(p, q, discrete)
    if order > 1 and not (q.support[0] <= p.support[0] and p.support[1] <= q.support[1]):
        return Found(inf, f"{rung.replace('-', ' ')}, +∞", None, ("+∞, proven by the supports: p has mass where q has none",))
    log_total, part = Between(p, q, order).log_total(discrete, tolerance or 1e-10)
    value = log_total / (order - 1)
    if not isfinite(value):
        why = "p and q share no outcome" if log_total < 0 else "p^α q^(1−α) has no finite integral, by its tail"
        return Found(value, f"{rung.replace('-', ' ')}, +∞", None, (f"+∞: {why}",))
    error = part.error / part.value / abs(order - 1)
    return Found(abs(value) if value == 0 else value, f"{rung.replace('-', ' ')}, error at most about {max(error, 1e-15):.1g} nats")


def _supremum(p: Sampled, q: Sampled, discrete: bool) -> Found:
    """log sup p/q: the greatest on a grid, and between its points; infinite where it still grows at the last of them."""
    route = "search for the greatest ratio"
    cuts = halves(p.support, np.concatenate([p.landmarks, q.landmarks, q.support]))
    x = np.unique(np.concatenate([cut + way * np.exp(np.arange(-30.0, length, 0.02)) for cut, way, length in cuts]))
    x = np.unique(np.clip(np.floor(x), *p.support)) if discrete else x
    with np.errstate(all="ignore"):
        log_p = p.log_density(x)
        x, log_p = x[log_p > -700], log_p[log_p > -700]
        height = log_p - q.log_density(x)
    top = int(np.nanargmax(height))
    if height[top] == inf:
        return Found(inf, route, None, ("+∞, proven by the supports: p has mass where q has none",))
    ended = discrete and x[top] in p.support
    if top in (0, len(x) - 1) and not ended:
        growth = height[top] - height[1 if top == 0 else top - 1]
        grows = growth > 1e-9 * max(1.0, abs(height[top]))
        return Found(inf, route, None, ("+∞: the ratio grows without bound",)) if grows else Found(height[top], route)
    fine = x[top : top + 1] if discrete else np.linspace(x[top - 1], x[top + 1], 10_001)
    return Found(float(np.max(p.log_density(fine) - q.log_density(fine))), route)


def _monte_carlo(p: Sampled, q: Sampled, order: float, tolerance: float, seed: int) -> Found:
    """log E (p/q)^(α − 1) over α − 1, by draws from p, with the error of the logarithm to first order."""
    if not 0 < order < inf:
        raise InvalidValue(f"order={order} can't be drawn; needed: an order above 0, and finite", hint="rung=None")

    def f(x: Floats) -> tuple[Floats, list[Floats]]:
        with np.errstate(all="ignore"):
            values = np.exp((order - 1) * (p.log_density(x) - q.log_density(x)))
            return values, montecarlo.moment_controls(p, x)

    found = montecarlo.mean(f, p, seed, tolerance * abs(order - 1) / 4)
    if not isfinite(found.value) or found.value <= 0:
        return Found(inf, "Monte Carlo", None, ("+∞, proven by a draw: p has mass where q has none",))
    error = found.std_error / found.value / abs(order - 1)
    route = f"Monte Carlo, {found.n:,} draws, seed {seed}, {found.controls} control variates, standard error {error:.1g} nats"
    return Found(log(found.value) / (order - 1), route, error)
