"""The closed forms as their sources print them, in as many digits as it takes for nothing to be lost by cancelling.

Parameters are those of scipy.stats, as the exact values of the doubles that came. `laws_exact` integrates the same
quantities where an integral is feasible; these serve for shapes of a million and scales of 1e-8.
"""

from typing import Any

import mpmath as mp
from mpmath import mpf

__all__ = ["DIVERGENCES", "ENTROPIES", "exactly"]

Number = Any


def exactly(form: Any, *laws: tuple[float, ...]) -> Number:
    """A form of laws' parameters, in 120 digits."""
    with mp.workdps(120):
        return form(*([mpf(float(x)) for x in law] for law in laws))


def gengamma_divergence(p: Any, q: Any) -> Number:
    """Of (a, c, scale): Bauckhage 2014, with d = ac; a power may be negative."""
    (k1, c1, s1), (k2, c2, s2) = p, q
    if k1 + c2 / c1 <= 0:
        return mp.inf
    value = mp.log(abs(c1) / abs(c2)) + k2 * c2 * mp.log(s2) - k1 * c1 * mp.log(s1)
    value += mp.loggamma(k2) - mp.loggamma(k1)
    value += (mp.digamma(k1) / c1 + mp.log(s1)) * (k1 * c1 - k2 * c2)
    return value + mp.exp(mp.loggamma(k1 + c2 / c1) - mp.loggamma(k1)) * (s1 / s2) ** c2 - k1


def gengamma_entropy(p: Any) -> Number:
    k, c, s = p
    return mp.log(s / abs(c)) + mp.loggamma(k) + k + (1 / c - k) * mp.digamma(k)


def dirichlet_divergence(p: Any, q: Any) -> Number:
    value = mp.loggamma(sum(p)) - mp.loggamma(sum(q))
    for a, b in zip(p, q, strict=True):
        value += mp.loggamma(b) - mp.loggamma(a) + (a - b) * (mp.digamma(a) - mp.digamma(sum(p)))
    return value


def dirichlet_entropy(p: Any) -> Number:
    value = sum(mp.loggamma(a) for a in p) - mp.loggamma(sum(p))
    return value - sum((a - 1) * (mp.digamma(a) - mp.digamma(sum(p))) for a in p)


def normal_divergence(p: Any, q: Any) -> Number:
    (u, s), (v, t) = p, q
    return mp.log(t / s) + (s**2 + (u - v) ** 2) / (2 * t**2) - mpf(1) / 2


def lognormal_divergence(p: Any, q: Any) -> Number:
    """Of (sigma, scale)."""
    return normal_divergence((mp.log(p[1]), p[0]), (mp.log(q[1]), q[0]))


def laplace_divergence(p: Any, q: Any) -> Number:
    (u, s), (v, t) = p, q
    d = abs(u - v)
    return mp.log(t / s) + d / t + s / t * mp.exp(-d / s) - 1


def cauchy_divergence(p: Any, q: Any) -> Number:
    (u, s), (v, t) = p, q
    return mp.log(((s + t) ** 2 + (u - v) ** 2) / (4 * s * t))


def logistic_divergence(p: Any, q: Any) -> Number:
    d = (p[0] - q[0]) / p[1]
    return d / mp.tanh(d / 2) - 2 if d else mpf(0)


def gumbel_divergence(p: Any, q: Any) -> Number:
    """As Gil et al. 2013."""
    (u, s), (v, t) = p, q
    value = mp.log(t / s) + mp.euler * (s / t - 1) - 1 + (u - v) / t
    return value + mp.exp((v - u) / t) * mp.gamma(s / t + 1)


def von_mises_divergence(p: Any, q: Any) -> Number:
    (u, k), (v, w) = p, q
    a = mp.besseli(1, k) / mp.besseli(0, k)
    return mp.log(mp.besseli(0, w) / mp.besseli(0, k)) + a * (k - w * mp.cos(u - v))


def pareto_divergence(p: Any, q: Any) -> Number:
    """Of (b, scale), the scale of p being at least q's."""
    (a, s), (b, t) = p, q
    return mp.log(a / b) + b * mp.log(s / t) + b / a - 1


def inverse_gaussian_divergence(p: Any, q: Any) -> Number:
    """Of SciPy's (mu, scale)."""
    (m1, s1), (m2, s2) = p, q
    u, v = m1 * s1, m2 * s2
    return (mp.log(s1 / s2) - 1 + s2 / s1 + s2 * (u - v) ** 2 / (u * v**2)) / 2


def bernoulli_divergence(p: Any, q: Any) -> Number:
    (a,), (b,) = p, q
    return a * mp.log(a / b) + (1 - a) * mp.log((1 - a) / (1 - b))


def geometric_divergence(p: Any, q: Any) -> Number:
    return bernoulli_divergence(p, q) / p[0]


def poisson_divergence(p: Any, q: Any) -> Number:
    (a,), (b,) = p, q
    return a * mp.log(a / b) - a + b


def t_entropy(p: Any) -> Number:
    """Of (df, scale)."""
    v, s = p
    value = mp.log(s * mp.sqrt(v)) + mp.log(mp.beta(v / 2, mpf(1) / 2))
    return value + (v + 1) / 2 * (mp.digamma((v + 1) / 2) - mp.digamma(v / 2))


def von_mises_entropy(p: Any) -> Number:
    k = p[0]
    return mp.log(2 * mp.pi * mp.besseli(0, k)) - k * mp.besseli(1, k) / mp.besseli(0, k)


def bernoulli_entropy(p: Any) -> Number:
    return -p[0] * mp.log(p[0]) - (1 - p[0]) * mp.log(1 - p[0])


def _multigamma(d: int, x: Number) -> Number:
    return d * (d - 1) / mpf(4) * mp.log(mp.pi) + sum(mp.loggamma(x - mpf(i) / 2) for i in range(d))


def _multidigamma(d: int, x: Number) -> Number:
    return sum(mp.digamma(x - mpf(i) / 2) for i in range(d))


def wishart_divergence(p: Any, q: Any) -> Number:
    """Of (df, V): Penny 2001."""
    (n, v), (k, w) = p, q
    d = v.rows
    ratio = w**-1 * v
    value = (n - k) / 2 * _multidigamma(d, n / 2) - _multigamma(d, n / 2) + _multigamma(d, k / 2)
    return value - k / 2 * mp.log(mp.det(ratio)) + n / 2 * (sum(ratio[i, i] for i in range(d)) - d)


def wishart_entropy(p: Any) -> Number:
    n, v = p
    d = v.rows
    value = mpf(d + 1) / 2 * mp.log(mp.det(v)) + mpf(d * (d + 1)) / 2 * mp.log(2) + _multigamma(d, n / 2)
    return value - (n - d - 1) / 2 * _multidigamma(d, n / 2) + n * d / 2


def gamma_to_normal(p: Any, q: Any) -> Number:
    """Of (a, scale) and (loc, scale)."""
    (a, s), (loc, sd) = p, q
    cross = mp.log(2 * mp.pi * sd**2) / 2 + (a * s**2 + (a * s - loc) ** 2) / (2 * sd**2)
    return cross - gengamma_entropy((a, mpf(1), s))


def through(form: Any, parameters: Any) -> Any:
    """A form of a law that is a special case of another: `parameters` gives that one's."""
    return lambda *laws: form(*(parameters(*law) for law in laws))


def uniform_divergence(p: Any, q: Any) -> Number:
    """Of (loc, scale), where q's interval holds p's."""
    return mp.log(q[1] / p[1])


def log_uniform_divergence(p: Any, q: Any) -> Number:
    """Of (a, b, scale), where q's interval holds p's."""
    return mp.log(mp.log(q[1] / q[0]) / mp.log(p[1] / p[0]))


def multinomial_divergence(p: Any, q: Any) -> Number:
    """Of (n, p, …); that doubles sum to 1 only nearly is counted on both sides."""
    return p[0] * sum(a * mp.log(a / b) - a + b for a, b in zip(p[1:], q[1:], strict=True))


def multivariate_normal_divergence(p: Any, q: Any) -> Number:
    """Of (mean, mean, …, and the rows of the covariance)."""
    (u, v), (w, t) = _split_normal(p), _split_normal(q)
    ratio, shift = t**-1 * v, w - u
    quadratic = (shift.T * t**-1 * shift)[0]
    return (sum(ratio[i, i] for i in range(v.rows)) - v.rows - mp.log(mp.det(ratio)) + quadratic) / 2


def multivariate_normal_entropy(p: Any) -> Number:
    _, v = _split_normal(p)
    return mp.log(mp.det(2 * mp.pi * mp.e * v)) / 2


def _split_normal(p: Any) -> tuple[Any, Any]:
    d = next(d for d in range(1, 20) if d + d * d == len(p))
    return mp.matrix(p[:d]), mp.matrix([p[d + i * d : d + (i + 1) * d] for i in range(d)])


def _wishart_parameters(df: Number, *v: Number) -> tuple[Number, Any]:
    d = round(len(v) ** 0.5)
    return df, mp.matrix([v[i * d : (i + 1) * d] for i in range(d)])


def inverse_wishart_parameters(df: Number, *v: Number) -> tuple[Number, Any]:
    df, scale = _wishart_parameters(df, *v)
    return df, scale**-1


DIVERGENCES = {
    "norm": normal_divergence, "lognorm": lognormal_divergence, "laplace": laplace_divergence,
    "cauchy": cauchy_divergence, "halfcauchy": through(cauchy_divergence, lambda s: (mpf(0), s)),
    "logistic": logistic_divergence, "gumbel_r": gumbel_divergence,
    "gumbel_l": through(gumbel_divergence, lambda u, s: (-u, s)), "vonmises": von_mises_divergence,
    "gengamma": gengamma_divergence,
    "expon": through(gengamma_divergence, lambda s: (mpf(1), mpf(1), s)),
    "gamma": through(gengamma_divergence, lambda a, s: (a, mpf(1), s)),
    "chi2": through(gengamma_divergence, lambda k, s: (k / 2, mpf(1), 2 * s)),
    "chi": through(gengamma_divergence, lambda k, s: (k / 2, mpf(2), mp.sqrt(2) * s)),
    "halfnorm": through(gengamma_divergence, lambda s: (mpf(1) / 2, mpf(2), mp.sqrt(2) * s)),
    "rayleigh": through(gengamma_divergence, lambda s: (mpf(1), mpf(2), mp.sqrt(2) * s)),
    "maxwell": through(gengamma_divergence, lambda s: (mpf(3) / 2, mpf(2), mp.sqrt(2) * s)),
    "nakagami": through(gengamma_divergence, lambda v, s: (v, mpf(2), s / mp.sqrt(v))),
    "weibull_min": through(gengamma_divergence, lambda c, s: (mpf(1), c, s)),
    "invgamma": through(gengamma_divergence, lambda a, s: (a, mpf(-1), s)),
    "invweibull": through(gengamma_divergence, lambda c, s: (mpf(1), -c, s)),
    "levy": through(gengamma_divergence, lambda s: (mpf(1) / 2, mpf(-1), s / 2)),
    "beta": dirichlet_divergence, "powerlaw": through(dirichlet_divergence, lambda a: (a, mpf(1))),
    "pareto": pareto_divergence, "invgauss": inverse_gaussian_divergence,
    "uniform": uniform_divergence, "loguniform": log_uniform_divergence,
    "bernoulli": bernoulli_divergence, "binom": lambda p, q: p[0] * bernoulli_divergence(p[1:], q[1:]),
    "geom": geometric_divergence, "nbinom": lambda p, q: p[0] * geometric_divergence(p[1:], q[1:]),
    "poisson": poisson_divergence, "randint": lambda p, q: mp.log((q[1] - q[0]) / (p[1] - p[0])),
    "multinomial": multinomial_divergence, "multivariate_normal": multivariate_normal_divergence,
    "wishart": through(wishart_divergence, _wishart_parameters),
    "invwishart": through(wishart_divergence, inverse_wishart_parameters),
}  # fmt: skip
"""D of two laws of a family, by the name and the parameters of scipy.stats."""

ENTROPIES = {
    "gengamma": gengamma_entropy, "beta": dirichlet_entropy, "t": t_entropy, "vonmises": von_mises_entropy,
    "bernoulli": bernoulli_entropy, "multivariate_normal": multivariate_normal_entropy,
}  # fmt: skip
