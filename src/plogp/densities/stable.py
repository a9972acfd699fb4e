"""Differences that would cancel, written so that they don't.

A divergence within an exponential family is a Bregman divergence B_f(b; a) = f(b) − f(a) − (b − a) f′(a) of its
log-partition function: a small difference of large numbers whenever two laws are near, or their parameters large. Each
is taken apart here into terms that are all positive. `m` is the mathematics of a framework; arguments are positive.
"""

from math import factorial, log, pi, prod
from typing import Any

import numpy as np

from plogp.arrays import Array

__all__ = [
    "EULER", "HALF_LOG_2PI", "NEAR", "NEARBY", "divergence_term", "excess", "exp_excess", "lgamma_divergence",
    "lgamma_near", "lgamma_step", "log_i0_divergence", "log_ratio", "one_less_i1_over_i0", "ratio_excess",
    "scaled_log_i0", "squares_excess", "stirling", "stirling_divergence", "stirling_slope",
]  # fmt: skip

EULER = 0.5772156649015329
HALF_LOG_2PI = log(2 * pi) / 2
STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
"""S(x) = Σ STIRLING[j] / x^(2j + 1), to 1e-16 from x = 10 on."""
SLOPE = tuple(-(2 * j + 1) * c for j, c in enumerate(STIRLING))
STIRLING_FROM = 10
FALLING = tuple((c, tuple(range(2 * j + 1, 0, -1))) for j, c in enumerate(STIRLING[:6]))
NEAR = 0.03
"""How near a ratio is to 1 when it's time for a series: further away, what cancels costs two digits at most."""
NEARBY = 0.18
"""How near when an integral over six points has all digits."""
I0_FROM = 30.0


def nodes(n: int) -> tuple[Any, Any]:
    """Of Gauss and Legendre's rule for ∫ (1 − s) f(s) ds from 0 to 1: where f is taken, and its weights."""
    x, w = np.polynomial.legendre.leggauss(n)
    return (1 + x) / 2, w * (1 - x) / 4


SIX, TWELVE = nodes(6), nodes(12)


def log_i0_series(terms: int) -> tuple[float, ...]:
    """log(I₀(x) e⁻ˣ √(2πx)) = Σ c[j] / x^(j + 1): the logarithm of Hankel's series Σ ((2k − 1)!!)² / (k! (8x)ᵏ)."""
    hankel = [prod(range(1, 2 * k, 2)) ** 2 / (factorial(k) * 8.0**k) for k in range(terms + 1)]
    c = [0.0]
    for n in range(1, terms + 1):
        c.append(hankel[n] - sum(k * c[k] * hankel[n - k] for k in range(1, n)) / n)
    return tuple(c[1:])


LOG_I0 = log_i0_series(18)


def excess(m: Any, t: Array) -> Array:
    """t − log(1 + t) ≥ 0 for t > −1: by how much the logarithm of a ratio 1 + t falls short of a straight line."""
    return m.mend(t - m.log1p(m.least(t, 1e30)), abs(t) > NEAR, _excess_series, t)


def _excess_series(m: Any, t: Array) -> Array:
    s = t / (2.0 + t)  # log(1 + t) = 2 artanh s
    z = s * s
    series = 1 / 3 + z * (1 / 5 + z * (1 / 7 + z / 9.0))
    return s * (t - 2.0 * z * series)


def ratio_excess(m: Any, b: Array, a: Array, d: Array | None = None) -> Array:
    """b/a − 1 − log(b/a); d = b − a may be known better than its rounded ends tell."""
    d = b - a if d is None else d
    ratio = b / a
    return m.mend(ratio - 1.0 - m.log_quotient(ratio, b, a), abs(d) > NEAR * a, _ratio_excess_near, d, a)


def _ratio_excess_near(m: Any, d: Array, a: Array) -> Array:
    return _excess_series(m, d / a)


def squares_excess(m: Any, b: Array, a: Array) -> Array:
    """b²/a² − 1 − log(b²/a²)."""
    ratio = b / a  # whose square may be too small to be held
    value = m.mend_far(ratio * ratio - 1.0 - 2.0 * m.log(ratio), _squares_excess_far, b, a)
    return m.mend(value, value > NEAR * NEAR, _squares_excess_near, b, a)


def _squares_excess_far(m: Any, b: Array, a: Array) -> Array:
    ratio = b / a
    return ratio * ratio - 1.0 - 2.0 * (m.log_of(b) - m.log_of(a))


def _squares_excess_near(m: Any, b: Array, a: Array) -> Array:
    t = (b - a) / a
    return _excess_series(m, t * (2.0 + t))


def exp_excess(m: Any, x: Array) -> Array:
    """exp(x) − 1 − x."""
    return m.mend(m.expm1(x) - x, abs(x) > NEAR, _exp_excess_series, x)


def _exp_excess_series(m: Any, x: Array) -> Array:
    series: Any = 1.0
    for k in range(8, 2, -1):
        series = 1.0 + x * (1 / k) * series
    return x * x / 2.0 * series


def log_ratio(m: Any, a: Array, b: Array, d: Array | None = None) -> Array:
    """log(a/b); d = a − b may be known better than its rounded ends tell."""
    off = (a - b if d is None else d) / b
    return m.mend(m.log1p(off), abs(off) < 0.5, _log_of_ratio, a, b)


def _log_of_ratio(m: Any, a: Array, b: Array) -> Array:
    return m.log_quotient(a / b, a, b)


def divergence_term(m: Any, p: Array, q: Array, d: Array | None = None) -> Array:
    """p log(p/q) − p + q, which is q at p = 0; d = q − p may be known better than its rounded ends tell."""
    none = p == 0
    d = q - p if d is None else d
    return m.where(none, q, p * ratio_excess(m, q, m.where(none, 1.0, p), m.where(none, 0.0, d)))


def stirling(m: Any, x: Array) -> Array:
    """S(x) = log Γ(x) − [(x − ½) log x − x + ½ log 2π]."""
    return m.choose(x < STIRLING_FROM, _stirling_direct, _stirling_series, x)


def _stirling_direct(m: Any, x: Array) -> Array:
    return m.lgamma(x) - ((x - 0.5) * m.log(x) - x + HALF_LOG_2PI)


def _stirling_series(m: Any, x: Array) -> Array:
    return _series(STIRLING, 1.0 / (x * x)) / x


def stirling_slope(m: Any, x: Array) -> Array:
    """S′(x) = ψ(x) − log x + 1/(2x)."""
    return m.choose(x < STIRLING_FROM, _slope_direct, _slope_series, x)


def _slope_direct(m: Any, x: Array) -> Array:
    return m.digamma(x) - m.log(x) + 0.5 / x


def _slope_series(m: Any, x: Array) -> Array:
    z = 1.0 / (x * x)
    return _series(SLOPE, z) * z


def _series(coefficients: tuple[float, ...], z: Array) -> Array:
    """Σ c[j] zʲ."""
    value: Any = 0.0
    for c in reversed(coefficients):
        value = c + z * value
    return value


def stirling_divergence(m: Any, b: Array, a: Array, d: Array) -> Array:
    """B_S(b; a) ≥ 0; d = b − a may be known better than its rounded ends tell."""
    return m.choose(abs(d) < NEARBY * a, _stirling_near, _stirling_far, b, a, d)


def _stirling_far(m: Any, b: Array, a: Array, d: Array) -> Array:
    return stirling(m, b) - stirling(m, a) - d * stirling_slope(m, a)


def _stirling_near(m: Any, b: Array, a: Array, d: Array) -> Array:
    return m.choose(a > 1.6 * STIRLING_FROM, _divergence_of_series, _divergence_integral, b, a, d)


def _divergence_integral(m: Any, b: Array, a: Array, d: Array) -> Array:
    """d² ∫ (1 − s) S″(a + sd) ds from 0 to 1, by Gauss and Legendre."""
    return d * d * m.integral(_stirling_curvature, a, d, *SIX)


def _stirling_curvature(m: Any, x: Array) -> Array:
    """S″(x) = ψ′(x) − 1/x − 1/2x²."""
    inverse = 1.0 / x
    return m.trigamma(x) - inverse * (1.0 + 0.5 * inverse)


def _divergence_of_series(m: Any, b: Array, a: Array, d: Array) -> Array:
    """Of each term c/xⁿ: c (d²/ab) a⁻ⁿ Σₖ (n − k) vᵏ, v = a/b."""
    v, z = a / b, 1.0 / (a * a)
    value: Any = 0.0
    for c, falling in reversed(FALLING):
        value = c * _series(falling, v) + z * value
    return value * d * d * z / b


def lgamma_near(m: Any, a: Array, d: Array) -> Array:
    """B_f(a + d; a) of f = log Γ for |d| < NEARBY · a: d² ∫ (1 − s) ψ′(a + sd) ds from 0 to 1."""
    return d * d * m.integral(_trigamma, a, d, *SIX)


def _trigamma(m: Any, x: Array) -> Array:
    return m.trigamma(x)


def lgamma_divergence(m: Any, b: Array, a: Array, d: Array) -> Array:
    """B_f(b; a) of f = log Γ, d = b − a."""
    of_logs = (b - 0.5) * log_ratio(m, b, a, d) - d + 0.5 * d / a
    of_logs = m.mend(of_logs, abs(d) > NEAR * a, _log_divergence_near, b, a, d)
    return of_logs + stirling_divergence(m, b, a, d)


def _log_divergence_near(m: Any, b: Array, a: Array, d: Array) -> Array:
    return b * _excess_series(m, -d / b) + 0.5 * _excess_series(m, d / a)


def lgamma_step(m: Any, x: Array, h: Array) -> Array:
    """log Γ(x + h) − log Γ(x)."""
    rise = (x + h - 0.5) * m.log1p(h / x) - h + h * m.log(x)
    return rise + stirling(m, x + h) - stirling(m, x)


def scaled_log_i0(m: Any, x: Array) -> Array:
    """log I₀(x) − x, of the Bessel function."""
    return m.choose(x < I0_FROM, _log_i0_direct, _log_i0_series, x)


def _log_i0_direct(m: Any, x: Array) -> Array:
    return m.log(m.i0e(x))


def _log_i0_series(m: Any, x: Array) -> Array:
    return _series(LOG_I0, 1.0 / x) / x - 0.5 * m.log(2 * pi * x)


def one_less_i1_over_i0(m: Any, x: Array) -> Array:
    """1 − I₁(x)/I₀(x)."""
    return m.choose(x < I0_FROM, _complement_direct, _complement_series, x)


def _complement_direct(m: Any, x: Array) -> Array:
    return (m.i0e(x) - m.i1e(x)) / m.i0e(x)


def _complement_series(m: Any, x: Array) -> Array:
    return (0.5 + _series(tuple((j + 1) * c for j, c in enumerate(LOG_I0)), 1.0 / x) / x) / x


def log_i0_divergence(m: Any, b: Array, a: Array) -> Array:
    """B_f(b; a) of f = log I₀."""
    return m.choose((a > I0_FROM) & (b > I0_FROM), _i0_divergence_of_series, _i0_divergence_elsewhere, b, a)


def _i0_divergence_elsewhere(m: Any, b: Array, a: Array) -> Array:
    return m.choose(abs(b - a) < 0.5, _i0_divergence_integral, _i0_divergence_direct, b, a)


def _i0_divergence_direct(m: Any, b: Array, a: Array) -> Array:
    return scaled_log_i0(m, b) - scaled_log_i0(m, a) + (b - a) * one_less_i1_over_i0(m, a)


def _i0_divergence_integral(m: Any, b: Array, a: Array) -> Array:
    """(b − a)² ∫ (1 − s) f″(a + s(b − a)) ds from 0 to 1, by Gauss and Legendre."""
    d = b - a
    return d * d * m.integral(_i0_curvature, a, d, *TWELVE)


def _i0_curvature(m: Any, x: Array) -> Array:
    """1 − A/x − A² with A = I₁/I₀."""
    ratio = m.i1e(x) / m.i0e(x)
    return 1.0 - ratio / x - ratio * ratio


def _i0_divergence_of_series(m: Any, b: Array, a: Array) -> Array:
    """As `_divergence_of_series`, after the term −½ log x."""
    v, value = a / b, 0.0
    for j in reversed(range(len(LOG_I0))):
        value = (value + LOG_I0[j] * _series(tuple(range(j + 1, 0, -1)), v)) / a
    return 0.5 * ratio_excess(m, b, a) + value * (b - a) * (b - a) / (a * b)
