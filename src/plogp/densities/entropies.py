"""Entropies, differential and of whole numbers, in nats: the formulas of the table in `closed`.

log Γ and ψ come by Stirling's formula, log Γ(x) = (x − ½) log x − x + ½ log 2π + S(x), so that what is large is
cancelled on paper.
"""

from math import log, pi
from typing import Any

from plogp.arrays import Array
from plogp.densities.law import Parameters
from plogp.densities.stable import (
    EULER,
    HALF_LOG_2PI,
    log_ratio,
    one_less_i1_over_i0,
    scaled_log_i0,
    stirling,
    stirling_slope,
)

__all__ = [
    "bernoulli", "beta", "categorical", "cauchy", "dirichlet", "discrete_uniform", "geometric", "gumbel", "half_cauchy",
    "inverse_wishart", "laplace", "log_uniform", "logistic", "lognormal", "multivariate_normal", "multivariate_t",
    "normal", "of_t", "pareto", "power", "student", "uniform", "von_mises", "wishart",
]  # fmt: skip


def normal(m: Any, p: Parameters) -> Array:
    """½ log 2πeσ²."""
    return m.log(p.scale) + HALF_LOG_2PI + 0.5


def lognormal(m: Any, p: Parameters) -> Array:
    """μ + ½ log 2πeσ²."""
    return m.log(p.sigma) + HALF_LOG_2PI + 0.5 + (m.log(p.median) if p.mu is None else p.mu)


def laplace(m: Any, p: Parameters) -> Array:
    """log 2eb."""
    return m.log(p.scale) + log(2) + 1.0


def cauchy(m: Any, p: Parameters) -> Array:
    """log 4πγ."""
    return m.log(p.scale) + log(4 * pi)


def half_cauchy(m: Any, p: Parameters) -> Array:
    """log 2πγ."""
    return m.log(p.scale) + log(2 * pi)


def logistic(m: Any, p: Parameters) -> Array:
    """log s + 2."""
    return m.log(p.scale) + 2.0


def gumbel(m: Any, p: Parameters) -> Array:
    """log β + γ + 1, γ Euler's constant."""
    return m.log(p.scale) + (EULER + 1.0)


def von_mises(m: Any, p: Parameters) -> Array:
    """log 2πI₀(κ) − κ A(κ), A = I₁/I₀."""
    return scaled_log_i0(m, p.kappa) + p.kappa * one_less_i1_over_i0(m, p.kappa) + 2 * HALF_LOG_2PI


def power(m: Any, p: Parameters) -> Array:
    """log (s Γ(κ)/|power|) + κ + (1/power − κ) ψ(κ) of X = s G^(1/power), s = scale · divisor^(−1/power)."""
    k = p.shape
    slope = stirling_slope(m, k)
    digamma = m.log(k) - 0.5 / k + slope
    of_log = 0.5 - 0.5 * m.log(k) + HALF_LOG_2PI + stirling(m, k) - k * slope
    return m.log(p.scale) - m.log(abs(p.power + 0.0 * k)) + (digamma - m.log_of(p.divisor)) / p.power + of_log


def beta(m: Any, p: Parameters) -> Array:
    """log B(a, b) − (a − 1) ψ(a) − (b − 1) ψ(b) + (a + b − 2) ψ(a + b), and the log of the interval's length."""
    return m.log(p.width + 0.0 * p.a) + dirichlet_of(m, _of_one(m, p.a) + _of_one(m, p.b), p.a + p.b, 2)


def dirichlet(m: Any, p: Parameters) -> Array:
    """log B(a) − Σ (a − 1)(ψ(a) − ψ(Σ a))."""
    return dirichlet_of(m, m.sum(_of_one(m, p.alpha)), m.sum(p.alpha), p.alpha.shape[-1])


def _of_one(m: Any, a: Array) -> Array:
    """log Γ(a) − (a − 1) ψ(a), less ½ log 2π − ½ and what the components share."""
    return 0.5 * m.log(a) - 0.5 / a + stirling(m, a) - (a - 1.0) * stirling_slope(m, a)


def dirichlet_of(m: Any, parts: Array, total: Array, k: int) -> Array:
    """The sum of `_of_one`, and what belongs to the total of k parameters."""
    shared = (0.5 - k) * m.log(total) + 0.5 * k / total - stirling(m, total) + (total - k) * stirling_slope(m, total)
    return parts + shared + (k - 1) * (HALF_LOG_2PI + 0.5)


def pareto(m: Any, p: Parameters) -> Array:
    """log m/α + 1 + 1/α."""
    return m.log(p.scale / p.shape) + 1.0 + 1.0 / p.shape


def uniform(m: Any, p: Parameters) -> Array:
    """log of the length."""
    return m.log(p.width)


def log_uniform(m: Any, p: Parameters) -> Array:
    """log log b/a + ½ (log a + log b)."""
    return m.log(log_ratio(m, p.high, p.low)) + 0.5 * (m.log(p.low) + m.log(p.high))


def student(m: Any, p: Parameters) -> Array:
    """log s√ν B(ν/2, ½) + ½ (ν + 1) [ψ(½ (ν + 1)) − ψ(½ ν)]."""
    return m.log(p.scale) + of_t(m, p.df, 0.5)


def multivariate_t(m: Any, p: Parameters) -> Array:
    """½ log |Σ| and the entropy of d standard variables."""
    return m.sum(m.log(m.diagonal(p.tril))) + of_t(m, p.df, p.tril.shape[-1] / 2)


def of_t(m: Any, df: Array, h: float) -> Array:
    """log [(νπ)ʰ Γ(x)/Γ(x + h)] + (x + h) [ψ(x + h) − ψ(x)] with x = ν/2, of 2h variables."""
    x = df / 2.0
    rise = stirling(m, x + h) - stirling(m, x)
    slope = stirling_slope(m, x + h) - stirling_slope(m, x)
    return h * (2 * HALF_LOG_2PI + 1.0) + 0.5 * m.log1p(h / x) + 0.5 * h / x - rise + (x + h) * slope


def multivariate_normal(m: Any, p: Parameters) -> Array:
    """½ log |2πeΣ|."""
    return m.sum(m.log(m.diagonal(p.tril))) + p.tril.shape[-1] * (HALF_LOG_2PI + 0.5)


def wishart(m: Any, p: Parameters) -> Array:
    """½ (d + 1) log |2V| + log Γ_d(ν/2) − ½ (ν − d − 1) ψ_d(ν/2) + ½ νd."""
    d = p.tril.shape[-1]
    return (d + 1) * m.sum(m.log(m.diagonal(p.tril))) + _wishart_of(m, p.df, d)


def inverse_wishart(m: Any, p: Parameters) -> Array:
    """That of the inverse X, which is Wishart, less (d + 1) E log |X|."""
    d = p.tril.shape[-1]
    half = (p.df / 2.0)[..., None] - m.xp.arange(d) / 2.0
    log_det = m.sum(m.log(half) - 0.5 / half + stirling_slope(m, half)) + d * log(2)
    return (d + 1) * m.sum(m.log(m.diagonal(p.tril))) + _wishart_of(m, p.df, d) - (d + 1) * log_det


def _wishart_of(m: Any, df: Array, d: int) -> Array:
    """The entropy of a Wishart law of scale 1, a gamma law's for each row i of shape a − i/2, a = ν/2."""
    a = (df / 2.0)[..., None]
    i = m.xp.arange(d) * 1.0
    x = a - i / 2.0
    rows = 0.5 * (d - i) * m.log(x) + 0.5 * i + HALF_LOG_2PI + stirling(m, x)
    rows = rows + (a - 0.5 * (d + 1)) * (0.5 / x - stirling_slope(m, x))
    return m.sum(rows) + d * (d - 1) / 4 * log(pi) + d * (d + 1) / 2 * log(2)


def bernoulli(m: Any, p: Parameters) -> Array:
    """−p log p − (1 − p) log(1 − p)."""
    return minus_xlogx(m, p.p) + minus_xlogx(m, p.c)


def minus_xlogx(m: Any, x: Array) -> Array:
    return m.where(x == 0, 0.0, -x * m.log(m.where(x == 0, 1.0, x)))


def geometric(m: Any, p: Parameters) -> Array:
    """That of a Bernoulli law, over p."""
    return bernoulli(m, p) / p.p


def categorical(m: Any, p: Parameters) -> Array:
    """−Σ p log p."""
    return m.sum(minus_xlogx(m, p.p))


def discrete_uniform(m: Any, p: Parameters) -> Array:
    """log of the number of outcomes."""
    return m.log(p.high - p.low + 1.0)
