"""Named laws once more, in 30 digits and more: log-densities as the books have them, and integrals over them.

`divergence` and `entropy` integrate what the definitions say, by mpmath's tanh-sinh rule, which minds neither
singularities at the ends nor exponents beyond a double's. What is at the ends of the support is cut off at points where
a tail holds less than 1e-40. Laws are named and parametrised as in scipy.stats: shapes, then loc, then scale.
"""

from collections.abc import Callable, Sequence
from typing import Any

import mpmath as mp
from mpmath import mpf

__all__ = ["LOG_DENSITIES", "divergence", "entropy", "log_density", "renyi"]

DIGITS = 40
Number = Any


def _log_beta(a: Number, b: Number) -> Number:
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


def _gengamma(y: Number, a: Number, c: Number) -> Number:
    return mp.log(abs(c)) + (c * a - 1) * mp.log(y) - y**c - mp.loggamma(a)


LOG_DENSITIES: dict[str, tuple[tuple[float, float], Callable[..., Number]]] = {
    "norm": ((-mp.inf, mp.inf), lambda y: -y * y / 2 - mp.log(2 * mp.pi) / 2),
    "lognorm": ((0, mp.inf), lambda y, s: -((mp.log(y) / s) ** 2) / 2 - mp.log(s * y * mp.sqrt(2 * mp.pi))),
    "laplace": ((-mp.inf, mp.inf), lambda y: -abs(y) - mp.log(2)),
    "cauchy": ((-mp.inf, mp.inf), lambda y: -mp.log(mp.pi * (1 + y * y))),
    "halfcauchy": ((0, mp.inf), lambda y: mp.log(2 / (mp.pi * (1 + y * y)))),
    "logistic": ((-mp.inf, mp.inf), lambda y: -y - 2 * mp.log1p(mp.exp(-y))),
    "gumbel_r": ((-mp.inf, mp.inf), lambda y: -y - mp.exp(-y)),
    "gumbel_l": ((-mp.inf, mp.inf), lambda y: y - mp.exp(y)),
    "t": (
        (-mp.inf, mp.inf),
        lambda y, v: mp.loggamma((v + 1) / 2) - mp.loggamma(v / 2) - mp.log(v * mp.pi) / 2
        - (v + 1) / 2 * mp.log1p(y * y / v),
    ),
    "vonmises": ((-mp.pi, mp.pi), lambda y, k: k * mp.cos(y) - mp.log(2 * mp.pi * mp.besseli(0, k))),
    "expon": ((0, mp.inf), lambda y: -y),
    "gamma": ((0, mp.inf), lambda y, a: (a - 1) * mp.log(y) - y - mp.loggamma(a)),
    "chi2": ((0, mp.inf), lambda y, k: (k / 2 - 1) * mp.log(y) - y / 2 - k / 2 * mp.log(2) - mp.loggamma(k / 2)),
    "chi": (
        (0, mp.inf),
        lambda y, k: (k - 1) * mp.log(y) - y * y / 2 - (k / 2 - 1) * mp.log(2) - mp.loggamma(k / 2),
    ),
    "halfnorm": ((0, mp.inf), lambda y: mp.log(2 / mp.pi) / 2 - y * y / 2),
    "rayleigh": ((0, mp.inf), lambda y: mp.log(y) - y * y / 2),
    "maxwell": ((0, mp.inf), lambda y: mp.log(2 / mp.pi) / 2 + 2 * mp.log(y) - y * y / 2),
    "nakagami": (
        (0, mp.inf),
        lambda y, v: mp.log(2) + v * mp.log(v) - mp.loggamma(v) + (2 * v - 1) * mp.log(y) - v * y * y,
    ),
    "weibull_min": ((0, mp.inf), lambda y, c: mp.log(c) + (c - 1) * mp.log(y) - y**c),
    "gengamma": ((0, mp.inf), _gengamma),
    "invgamma": ((0, mp.inf), lambda y, a: -(a + 1) * mp.log(y) - 1 / y - mp.loggamma(a)),
    "invweibull": ((0, mp.inf), lambda y, c: mp.log(c) - (c + 1) * mp.log(y) - y**-c),
    "levy": ((0, mp.inf), lambda y: -1 / (2 * y) - mp.log(2 * mp.pi * y**3) / 2),
    "invgauss": ((0, mp.inf), lambda y, u: -((y - u) ** 2) / (2 * y * u * u) - mp.log(2 * mp.pi * y**3) / 2),
    "pareto": ((1, mp.inf), lambda y, b: mp.log(b) - (b + 1) * mp.log(y)),
    "beta": ((0, 1), lambda y, a, b: (a - 1) * mp.log(y) + (b - 1) * mp.log1p(-y) - _log_beta(a, b)),
    "arcsine": ((0, 1), lambda y: -mp.log(mp.pi * mp.sqrt(y * (1 - y)))),
    "powerlaw": ((0, 1), lambda y, a: mp.log(a) + (a - 1) * mp.log(y)),
    "uniform": ((0, 1), lambda y: mpf(0)),
    "bernoulli": ((0, 1), lambda k, p: mp.log(p) if k else mp.log1p(-p)),
    "binom": (
        (0, mp.inf),
        lambda k, n, p: mp.log(mp.binomial(n, k)) + k * mp.log(p) + (n - k) * mp.log1p(-p),
    ),
    "geom": ((1, mp.inf), lambda k, p: (k - 1) * mp.log1p(-p) + mp.log(p)),
    "nbinom": (
        (0, mp.inf),
        lambda k, n, p: mp.loggamma(k + n) - mp.loggamma(n) - mp.loggamma(k + 1) + n * mp.log(p) + k * mp.log1p(-p),
    ),
    "poisson": ((0, mp.inf), lambda k, u: k * mp.log(u) - u - mp.loggamma(k + 1)),
}  # fmt: skip
"""The support of the standard law, and its log-density from a standard value and the shapes."""


def log_density(name: str, *parameters: float) -> Callable[[Number], Number]:
    """log f as a function of x; parameters are shapes, loc, scale."""
    *shapes, loc, scale = map(mpf, parameters)
    _, f = LOG_DENSITIES[name]
    return lambda x: f((x - loc) / scale, *shapes) - mp.log(scale)


def _integral(f: Callable[[Number], Number], support: Sequence[Number], inner: Sequence[float]) -> Number:
    low, high = support

    def inside(x: Number) -> Number:
        """Of a node that was rounded to an end, where the density may be infinite, nothing."""
        return mpf(0) if x in (low, high) else f(x)

    points = sorted({mpf(float(x)) for x in inner if low < x < high})
    value, error = mp.quad(inside, [low, *points, high], error=True, maxdegree=9)
    if error > mpf(10) ** -16 * (1 + abs(value)):
        raise ArithmeticError(f"mpmath: {mp.nstr(value, 20)}, error {mp.nstr(error, 3)}")
    return value


def _support(name: str, parameters: Sequence[float]) -> tuple[Number, Number]:
    low, high = LOG_DENSITIES[name][0]
    loc, scale = map(mpf, parameters[-2:])
    return loc + scale * low, loc + scale * high


def divergence(p: tuple[Any, ...], q: tuple[Any, ...], inner: Sequence[float]) -> Number:
    """∫ p log(p/q) for laws such as ("gamma", 2.0, 0.0, 1.0); `inner` are points where p changes its pace."""
    with mp.workdps(DIGITS):
        f, g = log_density(*p), log_density(*q)

        def term(x: Number) -> Number:
            log_p = f(x)
            return mp.exp(log_p) * (log_p - g(x)) if log_p > -(mpf(10) ** 6) else mpf(0)

        return _integral(term, _support(p[0], p[1:]), inner)


def entropy(p: tuple[Any, ...], inner: Sequence[float]) -> Number:
    """−∫ p log p."""
    with mp.workdps(DIGITS):
        f = log_density(*p)

        def term(x: Number) -> Number:
            log_p = f(x)
            return -mp.exp(log_p) * log_p if log_p > -(mpf(10) ** 6) else mpf(0)

        return _integral(term, _support(p[0], p[1:]), inner)


def renyi(p: tuple[Any, ...], q: tuple[Any, ...], order: float, inner: Sequence[float]) -> Number:
    """log ∫ p^α q^(1−α) / (α − 1)."""
    with mp.workdps(DIGITS):
        f, g, a = log_density(*p), log_density(*q), mpf(order)
        value = _integral(lambda x: mp.exp(a * f(x) + (1 - a) * g(x)), _support(p[0], p[1:]), inner)
        return mp.log(value) / (a - 1)
