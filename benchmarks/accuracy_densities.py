"""How right `plogp.densities` is, and how honest about it: `python -m benchmarks.accuracy_densities [--quick]`.

Three tables, each against a truth of its own (some ten minutes):

- closed forms, beside the printed forms in 120 digits, at scales from 1e-8 to 1e8 and shapes from .01 to 1e6, half of
  the pairs independent of each other and half so near that a printed form in doubles has no digit left;
- quadrature of 200 random pairs of two families, beside mpmath's integral in 40 digits; where D is infinite, beside
  what the supports and the tails of both laws say;
- how often nominal 95 % intervals of Monte Carlo hold the truth.

The process fails if a figure isn't as good as docs/densities.md says.
"""

import argparse
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

import laws_exact
import numpy as np
import plain_forms
from random_laws import Named, infinite, made, random_pairs
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
    """A law of (scale, shape, shape): the parameters of the printed form, and SciPy's distribution of them."""

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
    "multinomial": Family(
        lambda s, a, b: (4.0, 0.25, 0.5 * part(a), 0.75 - 0.5 * part(a)), lambda n, *p: stats.multinomial(int(n), p)
    ),
    "multivariate_normal": Family(
        lambda s, a, b: (s, -s, *positive(s, a)), lambda u, v, *m: stats.multivariate_normal([u, v], matrix(m)),
        least=-3, limit=1e-10,
    ),
    "dirichlet": Family(lambda s, a, b: (a, b, 3.0), lambda *a: stats.dirichlet(a)),
    "wishart": Family(
        lambda s, a, b: (1 + a, *positive(s, b)), lambda n, *v: stats.wishart(n, matrix(v)), least=-3, limit=1e-10
    ),
    "invwishart": Family(
        lambda s, a, b: (1 + a, *positive(s, b)), lambda n, *v: stats.invwishart(n, matrix(v)), least=-3, limit=1e-10
    ),
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


def closed_table(n: int) -> Iterator[str]:
    """The worst relative error of each family."""
    yield f"| D within a family, {n} extreme pairs each | worst relative error | limit |"
    yield "|---|---|---|"
    for name, family in FAMILIES.items():
        worst = max(abs(found - exact) / exact if found != exact else 0.0 for _, _, exact, found in closed(name, n))
        yield f"| {name} | {worst:.1e} | {family.limit:.0e}{verdict(worst <= family.limit)} |"


def verdict(good: bool) -> str:
    """Nothing, or a word that the process looks for at its end."""
    return "" if good else " MISSED"


# ---- quadrature -----------------------------------------------------------------------------------------------------


def inner(*laws: Any) -> list[float]:
    """Points where their densities change pace, or what they're multiplied by does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some quantiles of some laws are too far out for SciPy
        points = [f(x) for d in laws for f in (d.ppf, d.isf) for x in (1e-100, 1e-30, 1e-12, 1e-6, 0.01, 0.25, 0.5)]
    return [float(x) for x in points if np.isfinite(x)]


def admits(found: Any, exact: float) -> bool:
    """Within 1e-8, or within twice the error that the route states."""
    return found.value == exact or abs(found.value - exact) <= max(1e-8, 2 * stated(found))


def stated(found: Any) -> float:
    """The error that a route says there is at most."""
    return float(found.route.split("about ")[1].split(" ")[0])


@dataclass
class Tally:
    """What became of the pairs whose first law is of one family."""

    pairs: int = 0
    supports: int = 0
    tail: int = 0
    unknown: int = 0
    flagged: int = 0
    wrong: int = 0
    worst: float = 0.0


def judged(p: Named, q: Named, tally: Tally) -> None:
    """One pair, counted."""
    found = densities.kl_divergence(made(p), made(q), unit="nats", rung="quadrature")
    why = infinite(p, q)
    tally.pairs += 1
    if why or found.value == inf:
        proof = "supports" if any("supports" in note for note in found.notes) else "tail"
        tally.supports, tally.tail = tally.supports + (why == "supports"), tally.tail + (why == "tail")
        tally.wrong += found.value != inf or proof != why
        return
    try:
        exact = float(laws_exact.divergence(p, q, inner(made(p), made(q))))
    except ArithmeticError:  # mpmath says that it doesn't know
        tally.unknown += 1
        return
    flagged = bool(found.notes) or stated(found) > 1e-8
    tally.flagged += flagged
    tally.wrong += not admits(found, exact)
    if not flagged:
        tally.worst = max(tally.worst, abs(found.value - exact))


def quadrature_table(seed: int, n: int) -> Iterator[str]:
    """A row a family of p."""
    tallies: dict[str, Tally] = {}
    for p, q in random_pairs(seed, n):
        judged(p, q, tallies.setdefault(p[0], Tally()))
    yield f"| D by quadrature, {n} pairs | pairs | +∞: supports | tail | mpmath fails | flagged | worst of the others |"
    yield "|---|---|---|---|---|---|---|"
    for name, t in [*sorted(tallies.items()), ("all", total(tallies.values()))]:
        counts = f"{t.pairs} | {t.supports} | {t.tail} | {t.unknown} | {t.flagged}"
        yield f"| {name} | {counts} | {t.worst:.1e}{verdict(not t.wrong and t.worst <= 1e-8)} |"


def total(tallies: Any) -> Tally:
    whole = Tally()
    for tally in tallies:
        for field, value in vars(tally).items():
            old = getattr(whole, field)
            setattr(whole, field, max(old, value) if field == "worst" else old + value)
    return whole


# ---- Monte Carlo ----------------------------------------------------------------------------------------------------

EYE = np.eye(2)
COV = np.array([[1.0, 0.4], [0.4, 2.0]])
SETTINGS: dict[str, Callable[..., Any]] = {
    "D(normal ‖ t)": lambda **how: densities.kl_divergence(stats.norm(), stats.t(4), **how),
    "D(gamma ‖ lognormal)": lambda **how: densities.kl_divergence(stats.gamma(2), stats.lognorm(1), **how),
    "D(beta ‖ uniform)": lambda **how: densities.kl_divergence(stats.beta(0.5, 2), stats.uniform(), **how),
    "D(Poisson ‖ geometric)": lambda **how: densities.kl_divergence(stats.poisson(4), stats.geom(0.2, loc=-1), **how),
    "CE(logistic, normal)": lambda **how: densities.cross_entropy(stats.logistic(), stats.norm(1, 2), **how),
    "h(Student t)": lambda **how: densities.entropy(stats.t(3), **how),
    "JS(normal, Cauchy)": lambda **how: densities.jensen_shannon_divergence(stats.norm(), stats.cauchy(1), **how),
    "D_0.5(normal ‖ Laplace)": lambda **how: densities.renyi_divergence(stats.norm(), stats.laplace(1), 0.5, **how),
    "h(mixture of normals)": lambda **how: densities.entropy(
        densities.Mixture([0.3, 0.7], [stats.norm(0, 1), stats.norm(5, 2)]), **how
    ),
    "D(normal ‖ normal), vectors": lambda **how: densities.kl_divergence(
        stats.multivariate_normal([0, 1], COV), stats.multivariate_normal([1, 1], EYE), **how
    ),
    "h(multivariate t)": lambda **how: densities.entropy(stats.multivariate_t([0, 0], COV, df=4), **how),
    "D(Dirichlet ‖ Dirichlet)": lambda **how: densities.kl_divergence(
        stats.dirichlet([0.5, 2, 3]), stats.dirichlet([1, 1, 1]), **how
    ),
}
"""Quantities that another rung knows."""
COVERS = 0.915, 0.985
"""What a nominal 95 % interval should hold the truth in: four standard errors of 400 runs below, three above."""


def covered(setting: str, runs: int) -> float:
    """The share of intervals that hold what the first rung says; 16,384 draws each."""
    measure = SETTINGS[setting]
    truth = float(measure(unit="nats"))
    intervals = (measure(unit="nats", rung="monte-carlo", tolerance=10.0, seed=i).interval for i in range(runs))
    return float(np.mean([low <= truth <= high for low, high in intervals]))


def coverage_table(runs: int) -> Iterator[str]:
    yield f"| Monte Carlo, {runs} runs each | 95 % intervals that hold the truth |"
    yield "|---|---|"
    for setting in SETTINGS:
        share = covered(setting, runs)
        yield f"| {setting} | {share:.1%}{verdict(COVERS[0] <= share <= COVERS[1])} |"


def main() -> None:
    """Print the tables as they come, and fail if something is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument("--seed", type=int, default=0, help="of the random pairs")
    given = parser.parse_args()
    share = 10 if given.quick else 1
    missed = False
    for table in (
        closed_table(200 // share), quadrature_table(given.seed, 200 // share), coverage_table(400 // share)
    ):  # fmt: skip
        for line in table:
            missed |= "MISSED" in line
            print(line, flush=True)
        print()
    sys.exit("a figure isn't as good as it should be" if missed else 0)


if __name__ == "__main__":
    main()
