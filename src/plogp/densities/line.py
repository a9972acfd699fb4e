"""Divergences of laws on the line and on the whole numbers, in nats: the formulas of the table in `closed`.

Each takes the mathematics `m` of a framework and the parameters of two laws. The plain forms stand in the sources; here
they're sums of terms that are all at least 0, or mended by such where two laws are near.
"""

from collections.abc import Callable
from math import e, inf, log, pi, sqrt
from typing import Any

from plogp.arrays import Array
from plogp.densities.gammas import weibull
from plogp.densities.law import Parameters
from plogp.densities.stable import (
    EULER,
    divergence_term,
    exp_excess,
    log_i0_divergence,
    log_ratio,
    one_less_i1_over_i0,
    ratio_excess,
    squares_excess,
    stirling,
    stirling_slope,
)

__all__ = [
    "bernoulli", "binomial", "categorical", "cauchy", "discrete_uniform", "gamma_moments", "geometric", "gumbel",
    "gumbel_moments", "half_cauchy", "inverse_gaussian", "laplace", "laplace_moments", "log_uniform", "logistic",
    "logistic_moments", "lognormal", "multinomial", "negative_binomial", "normal", "normal_to_laplace", "pareto",
    "poisson", "reversed_gumbel", "reversed_gumbel_moments", "to_normal", "uniform", "uniform_moments",
    "uniform_to_exponential", "von_mises",
]  # fmt: skip


# ---- location and scale ---------------------------------------------------------------------------------------------


def normal(m: Any, p: Parameters, q: Parameters) -> Array:
    """log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²) / 2σ₂² − ½."""
    d = (p.loc - q.loc) / q.scale
    return 0.5 * (squares_excess(m, p.scale, q.scale) + d * d)


def lognormal(m: Any, p: Parameters, q: Parameters) -> Array:
    """As the normal laws of the logarithms; `mu` or, where it is known better, `median` came."""
    exact = p.mu is None and q.mu is None
    shift = log_ratio(m, p.median, q.median) if exact else _log_median(m, p) - _log_median(m, q)
    d = shift / q.sigma
    return 0.5 * (squares_excess(m, p.sigma, q.sigma) + d * d)


def _log_median(m: Any, p: Parameters) -> Array:
    return m.log(p.median) if p.mu is None else p.mu


def laplace(m: Any, p: Parameters, q: Parameters) -> Array:
    """log(b₂/b₁) + |d|/b₂ + (b₁/b₂) exp(−|d|/b₁) − 1."""
    d, ratio = abs(p.loc - q.loc), p.scale / q.scale
    far = d / q.scale
    value = far + ratio * m.exp(-d / p.scale) - 1.0 - m.log_quotient(ratio, p.scale, q.scale)
    return m.mend(value, m.solid(value, 1.0), _laplace_near, d, p.scale, q.scale)


def _laplace_near(m: Any, d: Array, p_scale: Array, q_scale: Array) -> Array:
    return ratio_excess(m, p_scale, q_scale) + p_scale / q_scale * exp_excess(m, -d / p_scale)


def cauchy(m: Any, p: Parameters, q: Parameters) -> Array:
    """log[((γ₁ + γ₂)² + d²) / 4γ₁γ₂]."""
    return _cauchy(m, abs(p.loc - q.loc), p.scale, q.scale)


def half_cauchy(m: Any, p: Parameters, q: Parameters) -> Array:
    """log[(γ₁ + γ₂)² / 4γ₁γ₂]."""
    return _cauchy(m, 0.0 * p.scale, p.scale, q.scale)


def _cauchy(m: Any, d: Array, p_scale: Array, q_scale: Array) -> Array:
    wide, far = (p_scale - q_scale) / p_scale, d / p_scale
    off = (wide * wide + far * far) / (4.0 * q_scale / p_scale)
    return m.mend(m.log1p(off), off < 1e30, _cauchy_far, d, p_scale, q_scale)


def _cauchy_far(m: Any, d: Array, p_scale: Array, q_scale: Array) -> Array:
    """The logarithm part by part, which no square overflows."""
    both = p_scale + q_scale
    most, least = m.where(d > both, d, both), m.where(d > both, both, d)
    share = least / most
    return 2.0 * m.log(most) + m.log1p(share * share) - m.log(p_scale) - m.log(q_scale) - log(4.0)


def logistic(m: Any, p: Parameters, q: Parameters) -> Array:
    """δ coth(δ/2) − 2 with δ = |d|/s, for equal scales s: from E log(1 + c e⁻ˣ) = c log c/(c − 1)."""
    d = abs(p.loc - q.loc) / p.scale
    far = d > 0.3
    return m.mend(d / m.tanh(m.where(far, d / 2.0, 1.0)) - 2.0, far, _logistic_near, d)


def _logistic_near(m: Any, d: Array) -> Array:
    z = d * d
    return z * (1 / 6 - z * (1 / 360 - z * (1 / 15120 - z * (1 / 604800 - z / 23950080.0))))


def gumbel(m: Any, p: Parameters, q: Parameters) -> Array:
    """As Weibull laws: exp(−X) is one."""
    return weibull(m, (q.loc - p.loc) / q.scale, p.scale, q.scale)


def reversed_gumbel(m: Any, p: Parameters, q: Parameters) -> Array:
    """As Weibull laws: exp(X) is one."""
    return weibull(m, (p.loc - q.loc) / q.scale, p.scale, q.scale)


def von_mises(m: Any, p: Parameters, q: Parameters) -> Array:
    """log I₀(κ₂)/I₀(κ₁) + A(κ₁)(κ₁ − κ₂ cos d), A = I₁/I₀."""
    turn = m.sin((p.loc - q.loc) / 2.0)
    a = 1.0 - one_less_i1_over_i0(m, p.kappa)
    return log_i0_divergence(m, q.kappa, p.kappa) + 2.0 * a * q.kappa * turn * turn


# ---- bounded on one side or both ------------------------------------------------------------------------------------


def inverse_gaussian(m: Any, p: Parameters, q: Parameters) -> Array:
    """½ (λ₂/λ₁ − 1 − log λ₂/λ₁) + λ₂ (μ₁ − μ₂)² / (2 μ₁ μ₂²), where λ = scale and μ = mu · scale."""
    x, w = (p.mu - q.mu) / q.mu, (p.scale - q.scale) / q.scale
    d = m.where(abs(x) + abs(w) < 0.5, x + w + x * w, p.mu / q.mu * (p.scale / q.scale) - 1.0)
    return 0.5 * ratio_excess(m, q.scale, p.scale) + 0.5 * q.scale / (p.mu * p.scale) * d * d


def pareto(m: Any, p: Parameters, q: Parameters) -> Array:
    """α₂ log(m₁/m₂) + α₂/α₁ − 1 − log(α₂/α₁), where m₁ ≥ m₂."""
    value = ratio_excess(m, q.shape, p.shape) + q.shape * log_ratio(m, p.scale, q.scale)
    return m.where(p.scale >= q.scale, value, inf)


def uniform(m: Any, p: Parameters, q: Parameters) -> Array:
    """log of the ratio of lengths, where one interval holds the other."""
    return m.where(_within(p, q), log_ratio(m, q.width, p.width), inf)


def _within(p: Parameters, q: Parameters) -> Array:
    return (p.low >= q.low) & (p.high <= q.high)


def log_uniform(m: Any, p: Parameters, q: Parameters) -> Array:
    """As uniform laws of the logarithms."""
    wider = log_ratio(m, q.high, p.high) + log_ratio(m, p.low, q.low)
    value = log_ratio(m, log_ratio(m, q.high, q.low), log_ratio(m, p.high, p.low), wider)
    return m.where(_within(p, q), value, inf)


# ---- whole numbers --------------------------------------------------------------------------------------------------


def bernoulli(m: Any, p: Parameters, q: Parameters) -> Array:
    """p log(p/q) + (1 − p) log((1 − p)/(1 − q)); `c` is 1 − p."""
    d = m.where(p.p < 0.5, q.p - p.p, p.c - q.c)  # the smaller of both has the finer rounding
    return divergence_term(m, p.p, q.p, d) + divergence_term(m, p.c, q.c, -d)


def binomial(m: Any, p: Parameters, q: Parameters) -> Array:
    """Of equal n."""
    return p.n * bernoulli(m, p, q)


def geometric(m: Any, p: Parameters, q: Parameters) -> Array:
    """log(p/q) + (1 − p)/p · log((1 − p)/(1 − q))."""
    return bernoulli(m, p, q) / p.p


def negative_binomial(m: Any, p: Parameters, q: Parameters) -> Array:
    """Of equal n, which may be a fraction: as the sum of n geometric numbers."""
    return p.n * bernoulli(m, p, q) / p.p


def poisson(m: Any, p: Parameters, q: Parameters) -> Array:
    """λ₁ log(λ₁/λ₂) − λ₁ + λ₂."""
    return divergence_term(m, p.mean, q.mean)


def discrete_uniform(m: Any, p: Parameters, q: Parameters) -> Array:
    """log of the ratio of the numbers of outcomes, where one set holds the other."""
    return m.where(_within(p, q), log_ratio(m, q.high - q.low + 1.0, p.high - p.low + 1.0), inf)


def categorical(m: Any, p: Parameters, q: Parameters) -> Array:
    """Σ p log(p/q)."""
    return m.sum(divergence_term(m, p.p, q.p))


def multinomial(m: Any, p: Parameters, q: Parameters) -> Array:
    """Of equal n."""
    return p.n * categorical(m, p, q)


# ---- families across ------------------------------------------------------------------------------------------------


def to_normal(own: Callable[[Any, Parameters], tuple[Array, Array, Array]]) -> Callable[..., Array]:
    """D(p ‖ p's own normal) + D(that ‖ q), since the logarithm of q has no moments but the first two.

    `own` gives the mean, the standard deviation, and how far p is from the normal law with both.
    """

    def formula(m: Any, p: Parameters, q: Parameters) -> Array:
        mean, sd, negentropy = own(m, p)
        d = (mean - q.loc) / q.scale
        return negentropy + 0.5 * (squares_excess(m, sd, q.scale) + d * d)

    return formula


def laplace_moments(m: Any, p: Parameters) -> tuple[Array, Array, Array]:
    return p.loc, sqrt(2) * p.scale, log(pi / e) / 2


def logistic_moments(m: Any, p: Parameters) -> tuple[Array, Array, Array]:
    return p.loc, pi / sqrt(3) * p.scale, log(2 * pi**3 * e / 3) / 2 - 2


def gumbel_moments(m: Any, p: Parameters) -> tuple[Array, Array, Array]:
    return p.loc + EULER * p.scale, pi / sqrt(6) * p.scale, log(pi**3 * e / 3) / 2 - EULER - 1


def reversed_gumbel_moments(m: Any, p: Parameters) -> tuple[Array, Array, Array]:
    return p.loc - EULER * p.scale, pi / sqrt(6) * p.scale, log(pi**3 * e / 3) / 2 - EULER - 1


def uniform_moments(m: Any, p: Parameters) -> tuple[Array, Array, Array]:
    return p.low + p.width / 2.0, p.width / sqrt(12), log(pi * e / 6) / 2


def gamma_moments(m: Any, p: Parameters) -> tuple[Array, Array, Array]:
    """Of power 1. By Stirling's formula all but 1/2κ − S(κ) − (1 − κ) S′(κ) cancels."""
    k, scale = p.shape, p.scale
    return p.origin + k * scale, m.sqrt(k) * scale, 0.5 / k - stirling(m, k) - (1.0 - k) * stirling_slope(m, k)


def normal_to_laplace(m: Any, p: Parameters, q: Parameters) -> Array:
    """log 2b + E|X − μ₂|/b − ½ log 2πeσ², the mean of a folded normal law within."""
    d = (p.loc - q.loc) / p.scale
    folded = sqrt(2 / pi) * m.exp(-d * d / 2.0) + d * m.erf(d / sqrt(2))
    return m.log(q.scale / p.scale) + folded * (p.scale / q.scale) + log(2 / (pi * e)) / 2


def uniform_to_exponential(m: Any, p: Parameters, q: Parameters) -> Array:
    """log θ − log w + (E X − origin)/θ."""
    value = m.log(q.scale / p.width) + (p.low - q.origin + p.width / 2.0) / q.scale
    return m.where(p.low >= q.origin, value, inf)
