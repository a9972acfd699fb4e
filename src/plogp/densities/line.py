"""Divergences of laws on the line and on the whole numbers, in nats: the formulas of the table in `closed`.

Each takes the mathematics `m` of a framework and the parameters of two laws. The plain forms stand in the sources; here
they're sums of terms that are all at least 0, so that none cancels where two laws are near or a shape is large.
"""

from collections.abc import Callable
from math import e, inf, log, pi, sqrt
from types import SimpleNamespace
from typing import Any

from plogp.arrays import Array
from plogp.densities.mathematics import of
from plogp.densities.stable import (  # fmt: skip
    EULER,
    NEAR,
    NEARBY,
    divergence_term,
    excess,
    exp_excess,
    lgamma_divergence,
    lgamma_near,
    lgamma_step,
    log_i0_divergence,
    log_ratio,
    one_less_i1_over_i0,
    ratio_excess,
    square_excess,
    stirling,
    stirling_divergence,
    stirling_slope,
)  # isort: skip

__all__ = [
    "bernoulli", "beta", "beta_to_uniform", "binomial", "categorical", "cauchy", "dirichlet_near", "discrete_uniform",
    "gamma_moments", "geometric", "gumbel", "gumbel_moments", "half_cauchy", "in_gamma", "inverse_gaussian", "laplace",
    "laplace_moments", "lgamma_terms", "log_uniform", "logistic", "logistic_moments", "lognormal", "mean_excess",
    "multinomial", "negative_binomial", "normal", "normal_to_laplace", "pareto", "poisson", "power", "reversed_gumbel",
    "reversed_gumbel_moments", "to_normal", "uniform", "uniform_moments", "uniform_to_beta", "uniform_to_exponential",
    "von_mises",
]  # fmt: skip

Parameters = Any

SMALL = 30.0
"""Shapes below this leave digits enough when what belongs to the mean cancels."""


# ---- location and scale ---------------------------------------------------------------------------------------------


def normal(m: Any, p: Parameters, q: Parameters) -> Array:
    """log(σ₂/σ₁) + (σ₁² + (μ₁ − μ₂)²) / 2σ₂² − ½."""
    d = (p.loc - q.loc) / q.scale
    return square_excess(m, p.scale, q.scale) + 0.5 * d * d


def lognormal(m: Any, p: Parameters, q: Parameters) -> Array:
    """As the normal laws of the logarithms; `mu` or, where it is known better, `median` came."""
    exact = p.mu is None and q.mu is None
    shift = log_ratio(m, p.median, q.median) if exact else _log_median(m, p) - _log_median(m, q)
    d = shift / q.sigma
    return square_excess(m, p.sigma, q.sigma) + 0.5 * d * d


def _log_median(m: Any, p: Parameters) -> Array:
    return m.log(p.median) if p.mu is None else p.mu


def laplace(m: Any, p: Parameters, q: Parameters) -> Array:
    """log(b₂/b₁) + |d|/b₂ + (b₁/b₂) exp(−|d|/b₁) − 1."""
    d, ratio = abs(p.loc - q.loc), p.scale / q.scale
    far = d / q.scale
    value = far + ratio * m.exp(-d / p.scale) - 1.0 - m.log(ratio)
    return m.mend(value, m.solid(value, far + 1.0), _laplace_near, d, p.scale, q.scale)


def _laplace_near(m: Any, d: Array, p_scale: Array, q_scale: Array) -> Array:
    return ratio_excess(m, p_scale, q_scale) + p_scale / q_scale * exp_excess(m, -d / p_scale)


def cauchy(m: Any, p: Parameters, q: Parameters) -> Array:
    """log[((γ₁ + γ₂)² + d²) / 4γ₁γ₂]."""
    far = (p.loc - q.loc) / p.scale
    return _cauchy(m, p, q, far * far)


def half_cauchy(m: Any, p: Parameters, q: Parameters) -> Array:
    """log[(γ₁ + γ₂)² / 4γ₁γ₂]."""
    return _cauchy(m, p, q, 0.0)


def _cauchy(m: Any, p: Parameters, q: Parameters, far: Array) -> Array:
    wide = (p.scale - q.scale) / p.scale
    return m.log1p((wide * wide + far) / (4.0 * q.scale / p.scale))


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
    return _weibull(m, (q.loc - p.loc) / q.scale, p.scale, q.scale)


def reversed_gumbel(m: Any, p: Parameters, q: Parameters) -> Array:
    """As Weibull laws: exp(X) is one."""
    return _weibull(m, (p.loc - q.loc) / q.scale, p.scale, q.scale)


def von_mises(m: Any, p: Parameters, q: Parameters) -> Array:
    """log I₀(κ₂)/I₀(κ₁) + A(κ₁)(κ₁ − κ₂ cos d), A = I₁/I₀."""
    turn = m.sin((p.loc - q.loc) / 2.0)
    a = 1.0 - one_less_i1_over_i0(m, p.kappa)
    return log_i0_divergence(m, q.kappa, p.kappa) + 2.0 * a * q.kappa * turn * turn


# ---- generalised gamma: X = origin + scale · (G/divisor)^(1/power), G gamma of a shape; the power may be negative ----


def power(m: Any, p: Parameters, q: Parameters) -> Array:
    """In the variable of q, p is e^y·Gᵖ with ρ = power₂/power₁: equal powers, Weibull laws, or any others."""
    at = p.shape, q.shape, p.scale, q.scale, p.divisor, q.divisor, q.power, p.power
    return m.choose(p.power == q.power, _gamma, _other_powers, *at)


def _gamma(m: Any, a: Array, b: Array, s: Array, t: Array, u: Array, v: Array, power: Array, _: Array) -> Array:
    """log Γ(b)/Γ(a) + (a − b) ψ(a) + a (e^y − 1) − b y."""
    y = in_gamma(m, m.log(s / t), power, u, v)
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
    rho, weibull = power / c, (a == 1.0) & (b == 1.0) & (power / c > 0)
    y = power * log_ratio(m, s, t) + (m.log_of(v) - rho * m.log_of(u))
    return m.choose(weibull, _of_weibull, _of_any_powers, y, power, c, a, b)


def _of_weibull(m: Any, y: Array, power: Array, c: Array, a: Array, b: Array) -> Array:
    return _weibull(m, y, power + 0.0 * y, c + 0.0 * y)


def _weibull(m: Any, y: Array, b: Array, a: Array) -> Array:
    """E exponential, against e^y Eᵖ with ρ = b/a: e^z − 1 − y − log ρ + γ (ρ − 1) with z = y + log Γ(1 + ρ)."""
    rho = b / a
    rise, of_ratio = m.lgamma(1.0 + rho), m.log(rho)
    value = m.expm1(y + rise) - y - of_ratio + EULER * (rho - 1.0)
    return m.mend(value, m.solid(value, 0.25 + abs(rise) + abs(y) + abs(of_ratio)), _weibull_near, y, b, a)


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


# ---- bounded on one side or both ------------------------------------------------------------------------------------


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
        return negentropy + square_excess(m, sd, q.scale) + 0.5 * d * d

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


def beta_to_uniform(m: Any, p: Parameters, q: Parameters) -> Array:
    """log of the ratio of lengths, and the divergence from the beta law of 1 and 1."""
    value = log_ratio(m, q.width, p.width) + beta(m, p, _flat(p.a))
    return m.where((p.low >= q.low) & (p.low + p.width <= q.high), value, inf)


def uniform_to_beta(m: Any, p: Parameters, q: Parameters) -> Array:
    """Of one interval, where uniform is the beta law of 1 and 1."""
    return beta(m, _flat(q.a), q)


def _flat(like: Array) -> SimpleNamespace:
    one = 1.0 + 0.0 * like
    return SimpleNamespace(a=one, b=one)
