"""Divergences of gamma, beta and Dirichlet laws, in nats: the formulas of the table in `closed` that are of log Γ.

The plain forms, as the sources print them, cancel where two laws are near or a shape is large. There they're mended by
sums of terms that are all at least 0, or nearly so.
"""

from math import inf
from typing import Any

from plogp.arrays import Array
from plogp.densities.law import Parameters
from plogp.densities.mathematics import of
from plogp.densities.stable import (
    EULER,
    NEAR,
    NEARBY,
    excess,
    exp_excess,
    lgamma_divergence,
    lgamma_near,
    lgamma_step,
    log_ratio,
    ratio_excess,
    stirling,
    stirling_divergence,
    stirling_slope,
)

__all__ = [
    "beta", "beta_to_uniform", "dirichlet_near", "in_gamma", "lgamma_terms", "mean_excess", "power", "uniform_to_beta",
    "weibull",
]  # fmt: skip

SMALL = 30.0
"""Shapes below this leave digits enough when what belongs to the mean cancels."""


# ---- generalised gamma: X = origin + scale · (G/divisor)^(1/power), G gamma of a shape; the power may be negative ----


def power(m: Any, p: Parameters, q: Parameters) -> Array:
    """In the variable of q, p is e^y·Gᵖ with ρ = power₂/power₁: equal powers, Weibull laws, or any others."""
    at = p.shape, q.shape, p.scale, q.scale, p.divisor, q.divisor, q.power, p.power
    return m.choose(p.power == q.power, _gamma, _other_powers, *at)


def _gamma(m: Any, a: Array, b: Array, s: Array, t: Array, u: Array, v: Array, power: Array, _: Array) -> Array:
    """log Γ(b)/Γ(a) + (a − b) ψ(a) + a (e^y − 1) − b y."""
    if isinstance(a, float) and abs(b - a) < NEAR * a and abs(s - t) < NEAR * t:  # plain numbers, and it would cancel
        return _gamma_near(m, a, b, s, t, u, v, power)
    y = in_gamma(m, m.log_quotient(s / t, s, t), power, u, v)
    (value, terms), shift = lgamma_terms(m, a, b), b * y
    value = value + a * m.expm1(y) - shift
    return m.mend(value, m.solid(value, terms + abs(shift)), _gamma_near, a, b, s, t, u, v, power)


def lgamma_terms(m: Any, a: Array, b: Array) -> tuple[Array, Array]:
    """log Γ(b)/Γ(a) + (a − b) ψ(a), and the size of what cancels if it is small."""
    before, slope = m.lgamma(a), (a - b) * m.digamma(a)
    return m.lgamma(b) - before + slope, abs(before) + abs(slope)


def in_gamma(m: Any, y: Array, power: Array, u: Array, v: Array) -> Array:
    """log of the ratio of the scales of the gamma laws behind, y being that of their own, u and v the divisors."""
    y = y if isinstance(power, float) and power == 1.0 else power * y
    return y if isinstance(u, float) and isinstance(v, float) and u == v else y + log_ratio(m, v, u)


def _gamma_near(m: Any, a: Array, b: Array, s: Array, t: Array, u: Array, v: Array, power: Array) -> Array:
    y, d = in_gamma(m, log_ratio(m, s, t), power, u, v), b - a
    return m.choose((abs(d) < NEARBY * a) & (a < SMALL), _gamma_small, _gamma_by_mean, a, b, d, y)


def _gamma_small(m: Any, a: Array, b: Array, d: Array, y: Array) -> Array:
    own, of_scales, mixed = lgamma_near(m, a, d), a * exp_excess(m, y), d * y
    value = own + of_scales - mixed
    return m.mend(value, m.solid(value, own + of_scales + abs(mixed)), _gamma_by_mean, a, b, d, y)


def _gamma_by_mean(m: Any, a: Array, b: Array, d: Array, y: Array) -> Array:
    """Of gamma laws of shapes a and b, whose scales have the ratio e^y: b (u − 1 − log u) + …, u the means' ratio."""
    return b * mean_excess(m, a, b, y) + 0.5 * ratio_excess(m, b, a) + stirling_divergence(m, b, a, d)


def mean_excess(m: Any, a: Array, b: Array, y: Array) -> Array:
    """u − 1 − log u of u = a e^y/b."""
    of_log = log_ratio(m, a, b) + y
    far = (abs(a - b) > 0.5 * b) | (abs(of_log) > 2 * NEAR)
    return m.mend(exp_excess(m, of_log), far, _mean_excess_near, a, b, y)


def _mean_excess_near(m: Any, a: Array, b: Array, y: Array) -> Array:
    x, w = (a - b) / b, m.expm1(y)
    return excess(m, x + w + x * w)


def _other_powers(m: Any, a: Array, b: Array, s: Array, t: Array, u: Array, v: Array, power: Array, c: Array) -> Array:
    rho, of_weibull = power / c, (a == 1.0) & (b == 1.0) & (power / c > 0)
    y = power * log_ratio(m, s, t) + (m.log_of(v) - rho * m.log_of(u))
    return m.choose(of_weibull, _of_weibull, _of_any_powers, y, power, c, a, b)


def _of_weibull(m: Any, y: Array, power: Array, c: Array, a: Array, b: Array) -> Array:
    return weibull(m, y, power + 0.0 * y, c + 0.0 * y)


def weibull(m: Any, y: Array, b: Array, a: Array) -> Array:
    """E exponential, against e^y Eᵖ with ρ = b/a: e^z − 1 − y − log ρ + γ (ρ − 1) with z = y + log Γ(1 + ρ)."""
    rho = b / a
    value = m.expm1(y + m.lgamma(1.0 + rho)) - y - m.log_quotient(rho, b, a) + EULER * (rho - 1.0)
    return m.mend(value, m.solid(value, 0.5), _weibull_near, y, b, a)  # where it's small, so is each term


def _weibull_near(m: Any, y: Array, b: Array, a: Array) -> Array:
    """(e^z − 1 − z) + B(ρ; 1)."""
    rho, t, one = b / a, (b - a) / a, 1.0 + 0.0 * b
    z = y + m.choose(abs(t) < 0.5, _lgamma_near_two, _lgamma_after_one, rho, t)
    return exp_excess(m, z) + lgamma_divergence(m, rho, one, t)


def _lgamma_near_two(m: Any, rho: Array, t: Array) -> Array:
    return lgamma_divergence(m, 1.0 + rho, 2.0 + 0.0 * rho, t) + t * (1.0 - EULER)


def _lgamma_after_one(m: Any, rho: Array, t: Array) -> Array:
    return m.lgamma(1.0 + rho)


def _of_any_powers(m: Any, y: Array, power: Array, c: Array, a: Array, b: Array) -> Array:
    """E Gᵖ = Γ(a + ρ)/Γ(a), and infinite unless a + ρ > 0."""
    rho = power / c + 0.0 * a
    finite = a + rho > 0
    rho = m.where(finite, rho, 1.0)
    mean = y + lgamma_step(m, a, rho) - m.log(b)
    rest = b * lgamma_divergence(m, a + rho, a, rho) + 0.5 * m.log(a / b) - 0.5
    rest = rest + a * stirling_slope(m, a) - stirling(m, a) + stirling(m, b) - m.log(abs(rho))
    return m.where(finite, b * exp_excess(m, mean) + rest, inf)


# ---- beta and Dirichlet ---------------------------------------------------------------------------------------------


def beta(m: Any, p: Parameters, q: Parameters) -> Array:
    """Of one interval, as Dirichlet laws of two."""
    (one, of_one), (two, of_two) = lgamma_terms(m, p.a, q.a), lgamma_terms(m, p.b, q.b)
    whole, of_whole = lgamma_terms(m, p.a + p.b, q.a + q.b)
    value = one + two - whole
    return m.mend(value, m.solid(value, of_one + of_two + of_whole), _beta_near, p.a, p.b, q.a, q.b)


def _beta_near(m: Any, p_a: Array, p_b: Array, q_a: Array, q_b: Array) -> Array:
    a, b = m.stack(p_a, p_b), m.stack(q_a, q_b)
    value = dirichlet_near(of(a), a, b)
    return float(value) if isinstance(p_a, float) else value


def dirichlet_near(m: Any, a: Array, b: Array) -> Array:
    """Of Dirichlet laws of parameters a and b, (…, k)."""
    small = (abs(b - a) < NEARBY * a).all(-1) & (m.sum(a) < SMALL)
    return m.choose(small, _dirichlet_small, _dirichlet_by_means, a, b, axes=1)


def _dirichlet_small(m: Any, a: Array, b: Array) -> Array:
    d = b - a
    own, whole = m.sum(lgamma_near(m, a, d)), lgamma_near(m, m.sum(a), m.sum(d))
    value = own - whole
    return m.mend(value, m.solid(value, own + whole), _dirichlet_by_means, a, b, axes=1)


def _dirichlet_by_means(m: Any, a: Array, b: Array) -> Array:
    """For each component b (u − 1 − log u) + …, u the ratio of its means, less what belongs to the totals."""
    total, other, d = m.sum(a), m.sum(b), m.sum(b - a)
    each = _gamma_by_mean(m, a, b, b - a, log_ratio(m, other, total, d)[..., None])
    return m.sum(each) - 0.5 * ratio_excess(m, other, total, d) - stirling_divergence(m, other, total, d)


def beta_to_uniform(m: Any, p: Parameters, q: Parameters) -> Array:
    """log of the ratio of lengths, and the divergence from the beta law of 1 and 1."""
    value = log_ratio(m, q.width, p.width) + beta(m, p, _flat(p))
    return m.where((p.low >= q.low) & (p.low + p.width <= q.high), value, inf)


def uniform_to_beta(m: Any, p: Parameters, q: Parameters) -> Array:
    """Of one interval, where uniform is the beta law of 1 and 1."""
    return beta(m, _flat(q), q)


def _flat(p: Parameters) -> Parameters:
    one = 1.0 + 0.0 * p.a
    return p._replace(a=one, b=one)
