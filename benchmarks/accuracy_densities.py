"""How right `plogp.densities` is, and how honest about it: `python -m benchmarks.accuracy_densities [--quick]`.

Three tables, each against a truth of its own (three to four minutes):

- closed forms, beside the printed forms in 120 digits, at scales from 1e-8 to 1e8 and shapes from .01 to 1e6, half of
  the pairs independent of each other and half so near that a printed form in doubles has no digit left;
- quadrature of 200 random pairs of two families, beside mpmath's integral in 40 digits; where D is infinite, beside
  what the supports and the tails of both laws say;
- how often nominal 95 % intervals of Monte Carlo hold the truth.

The process fails if a figure isn't as good as docs/densities.md says.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf, sqrt
from typing import Any

import laws_exact
import numpy as np
import plain_forms
from scipy import stats

from plogp import densities

Numbers = tuple[float, ...]

# ---- closed forms ---------------------------------------------------------------------------------------------------


def extremes(seed: int, n: int, least: float = -8) -> Iterator[tuple[Numbers, Numbers]]:
    """(scale, shape, shape) pairs: far from each other, and so near that a plain formula would lose all its digits."""
    rng = np.random.default_rng(seed)

    def one() -> Numbers:
        return (float(10 ** rng.uniform(-8, 8)), *(float(10 ** rng.uniform(-2, 6)) for _ in range(2)))

    for i in range(n):
        p = one()
        away = float(rng.choice([-1, 1]) * 10 ** rng.uniform(least, -1))
        yield p, one() if i % 2 else tuple(x * (1 + away * rng.uniform(0.3, 1)) for x in p)


@dataclass(frozen=True)
class Family:
    """What (scale, shape, shape) makes a law of: the parameters of the printed form, and SciPy's distribution of them."""

    at: Callable[[float, float, float], Numbers]
    make: Callable[..., Any]
    ordered: bool = False
    """Whether the larger one, by its last parameter, holds the other, and is q."""
    least: float = -8.0
    """log₁₀ of how near the nearest pairs are: matrices are given by rounded Cholesky factors."""
    limit: float = 1e-12


def part(x: float) -> float:
    """A probability of a shape."""
    return x / (1 + x)


def matrix(values: Numbers) -> Any:
    d = round(len(values) ** 0.5)
    return np.array(values).reshape(d, d)


def positive(s: float, a: float) -> Numbers:
    """A covariance, well conditioned."""
    return s, 0.3 * s * part(a), 0.3 * s * part(a), s


FAMILIES = {
    "norm": Family(lambda s, a, b: (0.7 * s, s), stats.norm),
    "lognorm": Family(lambda s, a, b: (a, s), lambda a, s: stats.lognorm(a, scale=s)),
    "laplace": Family(lambda s, a, b: (0.7 * s, s), stats.laplace),
    "cauchy": Family(lambda s, a, b: (0.7 * s, s), stats.cauchy),
    "halfcauchy": Family(lambda s, a, b: (s,), lambda s: stats.halfcauchy(scale=s)),
    "logistic": Family(lambda s, a, b: (a, 3.0), stats.logistic),
    "gumbel_r": Family(lambda s, a, b: (0.7, a), stats.gumbel_r),
    "gumbel_l": Family(lambda s, a, b: (0.7, a), stats.gumbel_l),
    "vonmises": Family(lambda s, a, b: (part(b), min(a, 3e3)), lambda u, k: stats.vonmises(k, u)),
    "expon": Family(lambda s, a, b: (s,), lambda s: stats.expon(scale=s)),
    "gamma": Family(lambda s, a, b: (a, s), lambda a, s: stats.gamma(a, scale=s)),
    "chi2": Family(lambda s, a, b: (a, s), lambda k, s: stats.chi2(k, scale=s)),
    "chi": Family(lambda s, a, b: (a, s), lambda k, s: stats.chi(k, scale=s)),
    "halfnorm": Family(lambda s, a, b: (s,), lambda s: stats.halfnorm(scale=s)),
    "rayleigh": Family(lambda s, a, b: (s,), lambda s: stats.rayleigh(scale=s)),
    "maxwell": Family(lambda s, a, b: (s,), lambda s: stats.maxwell(scale=s)),
    "nakagami": Family(lambda s, a, b: (a, s), lambda v, s: stats.nakagami(v, scale=s)),
    "weibull_min": Family(lambda s, a, b: (a, 1.1), lambda c, s: stats.weibull_min(c, scale=s)),
    "gengamma": Family(lambda s, a, b: (a, 1.7, s), lambda a, c, s: stats.gengamma(a, c, scale=s)),
    "invgamma": Family(lambda s, a, b: (a, s), lambda a, s: stats.invgamma(a, scale=s)),
    "invweibull": Family(lambda s, a, b: (a, 1.1), lambda c, s: stats.invweibull(c, scale=s)),
    "levy": Family(lambda s, a, b: (s,), lambda s: stats.levy(scale=s)),
    "invgauss": Family(lambda s, a, b: (a, s), lambda u, s: stats.invgauss(u, scale=s)),
    "pareto": Family(lambda s, a, b: (a, s), lambda a, s: stats.pareto(a, scale=s), ordered=True),
    "beta": Family(lambda s, a, b: (a, b), stats.beta),
    "powerlaw": Family(lambda s, a, b: (a,), stats.powerlaw),
    "uniform": Family(lambda s, a, b: (0.0, s), stats.uniform, ordered=True),
    "loguniform": Family(lambda s, a, b: (1.0, 1 + a), stats.loguniform, ordered=True),
    "bernoulli": Family(lambda s, a, b: (part(a),), stats.bernoulli),
    "binom": Family(lambda s, a, b: (7.0, part(a)), stats.binom),
    "geom": Family(lambda s, a, b: (part(a),), stats.geom),
    "nbinom": Family(lambda s, a, b: (2.5, part(a)), stats.nbinom),
    "poisson": Family(lambda s, a, b: (a,), stats.poisson),
    "randint": Family(lambda s, a, b: (0.0, float(int(a) + 1)), stats.randint, ordered=True),
    "multinomial": Family(lambda s, a, b: (4.0, 0.25, 0.5 * part(a), 0.75 - 0.5 * part(a)), lambda n, *p: stats.multinomial(int(n), p)),
    "multivariate_normal": Family(
        lambda s, a, b: (s, -s, *positive(s, a)), lambda u, v, *m: stats.multivariate_normal([u, v], matrix(m)),
        least=-3, limit=1e-10,
    ),
    "dirichlet": Family(lambda s, a, b: (a, b, 3.0), lambda *a: stats.dirichlet(a)),
    "wishart": Family(lambda s, a, b: (1 + a, *positive(s, b)), lambda n, *v: stats.wishart(n, matrix(v)), least=-3, limit=1e-10),
    "invwishart": Family(lambda s, a, b: (1 + a, *positive(s, b)), lambda n, *v: stats.invwishart(n, matrix(v)), least=-3, limit=1e-10),
}  # fmt: skip


def closed(name: str, n: int) -> Iterator[tuple[Any, Any, float, float]]:
    """p, q, D in 120 digits and what plogp says, for n extreme pairs of a family."""
    family, form = FAMILIES[name], plain_forms.DIVERGENCES["beta" if name == "dirichlet" else name]
    for pair in extremes(len(name), n, family.least):
        p, q = (family.at(*each) for each in pair)
        if family.ordered and (p[-1] > q[-1]) != (name == "pareto"):
            p, q = q, p
        exact = float(plain_forms.exactly(form, p, q))
        yield p, q, exact, float(densities.kl_divergence(family.make(*p), family.make(*q), unit="nats"))
