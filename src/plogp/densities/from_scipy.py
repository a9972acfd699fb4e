"""Laws of SciPy: frozen ones, its new distribution objects, and those of vectors and matrices."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from plogp.densities import mathematics
from plogp.densities.law import Law, parameters
from plogp.densities.sampled import Line, Modern, Vectors, of_family
from plogp.errors import InvalidType, InvalidValue

__all__ = ["custom_law", "frozen_law", "histogram_law", "modern_law", "vector_law"]

Values = tuple[Any, ...]

UNIVARIATE: Mapping[str, tuple[str, Callable[..., Values]]] = {
    "norm": ("normal", lambda loc, s: (loc, s)),
    "lognorm": ("lognormal", lambda sigma, loc, s: (None, s, sigma, loc)),
    "laplace": ("laplace", lambda loc, s: (loc, s)),
    "cauchy": ("cauchy", lambda loc, s: (loc, s)),
    "halfcauchy": ("half-cauchy", lambda loc, s: (s, loc)),
    "logistic": ("logistic", lambda loc, s: (loc, s)),
    "gumbel_r": ("gumbel", lambda loc, s: (loc, s)),
    "gumbel_l": ("reversed gumbel", lambda loc, s: (loc, s)),
    "t": ("student t", lambda df, loc, s: (df, loc, s)),
    "expon": ("generalised gamma", lambda loc, s: (1.0 + 0.0 * s, s, 1.0, 1.0, loc)),
    "gamma": ("generalised gamma", lambda a, loc, s: (a, s, 1.0, 1.0, loc)),
    "erlang": ("generalised gamma", lambda a, loc, s: (a, s, 1.0, 1.0, loc)),
    "chi2": ("generalised gamma", lambda df, loc, s: (df / 2.0, 2.0 * s, 1.0, 1.0, loc)),
    "chi": ("generalised gamma", lambda df, loc, s: (df / 2.0, s, 2.0, 0.5, loc)),
    "halfnorm": ("generalised gamma", lambda loc, s: (0.5 + 0.0 * s, s, 2.0, 0.5, loc)),
    "rayleigh": ("generalised gamma", lambda loc, s: (1.0 + 0.0 * s, s, 2.0, 0.5, loc)),
    "maxwell": ("generalised gamma", lambda loc, s: (1.5 + 0.0 * s, s, 2.0, 0.5, loc)),
    "nakagami": ("generalised gamma", lambda nu, loc, s: (nu, s, 2.0, nu, loc)),
    "weibull_min": ("generalised gamma", lambda c, loc, s: (1.0 + 0.0 * c, s, c, 1.0, loc)),
    "gengamma": ("generalised gamma", lambda a, c, loc, s: (a, s, c, 1.0, loc)),
    "invgamma": ("generalised gamma", lambda a, loc, s: (a, s, -1.0, 1.0, loc)),
    "invweibull": ("generalised gamma", lambda c, loc, s: (1.0 + 0.0 * c, s, -c, 1.0, loc)),
    "levy": ("generalised gamma", lambda loc, s: (0.5 + 0.0 * s, s / 2.0, -1.0, 1.0, loc)),
    "invgauss": ("inverse gaussian", lambda mu, loc, s: (mu, s, loc)),
    "pareto": ("pareto", lambda b, loc, s: (b, s, loc)),
    "beta": ("beta", lambda a, b, loc, s: (a, b, loc, s)),
    "arcsine": ("beta", lambda loc, s: (0.5 + 0.0 * s, 0.5 + 0.0 * s, loc, s)),
    "powerlaw": ("beta", lambda a, loc, s: (a, 1.0 + 0.0 * a, loc, s)),
    "uniform": ("uniform", lambda loc, s: (loc, loc + s, s)),
    "loguniform": ("log-uniform", lambda a, b, loc, s: (a * s, b * s, loc)),
    "reciprocal": ("log-uniform", lambda a, b, loc, s: (a * s, b * s, loc)),
    "bernoulli": ("bernoulli", lambda p, loc: (p, 1.0 - p, loc)),
    "binom": ("binomial", lambda n, p, loc: (n, p, 1.0 - p, loc)),
    "geom": ("geometric", lambda p, loc: (p, 1.0 - p, loc + 1.0)),
    "nbinom": ("negative binomial", lambda n, p, loc: (n, p, 1.0 - p, loc)),
    "poisson": ("poisson", lambda mu, loc: (mu, loc)),
    "randint": ("discrete uniform", lambda low, high, loc: (low + loc, high + loc - 1.0)),
}
"""What a frozen distribution is, from its shapes, loc and (where it's continuous) scale."""

OWN_CHECKS = {
    "lognorm", "t", "gamma", "chi2", "chi", "nakagami", "invgamma", "invgauss", "pareto", "beta", "powerlaw",
}  # fmt: skip
"""Where all that SciPy asks of the shapes is that they're positive, which `parameters` asks too, and quicker."""

PLAIN = {float, int, np.float64, np.int64}
"""Types of numbers."""

NAMES = {
    "ChiSquared": "chi2", "Exponential": "expon", "Gumbel": "gumbel_r", "ReflectedGumbel": "gumbel_l",
    "HalfCauchy": "halfcauchy", "HalfNormal": "halfnorm", "InverseGammma": "invgamma", "InverseGaussian": "invgauss",
    "InverseWeibull": "invweibull", "LogNormal": "lognorm", "LogUniform": "loguniform", "PowerLaw": "powerlaw",
    "StudentT": "t", "Weibull": "weibull_min", "GeneralizedGamma": "gengamma", "Geometric": "geom",
    "NegativeBinomial": "nbinom", "UniformDiscrete": "randint",
}  # fmt: skip
"""What `scipy.stats.make_distribution` calls the families above, where that isn't their name in another case."""


def frozen_law(d: Any) -> Law:
    """A frozen distribution of `scipy.stats`, on the line."""
    shapes, loc, scale = d.dist._parse_args(*d.args, **d.kwds)
    return _law(d.dist, shapes, loc, scale, type(d).__name__ == "rv_discrete_frozen")


def _law(dist: Any, shapes: Values, loc: Any, scale: Any, discrete: bool = False) -> Law:
    name = dist.name
    if shapes and name not in OWN_CHECKS and not np.asarray(dist._argcheck(*shapes)).all():
        named = ", ".join(f"{n}={v!r}" for n, v in zip(dist.shapes.split(", "), shapes, strict=True))
        raise InvalidValue(f"{name} with {named} is no distribution", hint=f"see scipy.stats.{name}")
    values, batch, m = _numbers((*shapes, loc) if discrete else (*shapes, loc, scale))
    family, read = UNIVARIATE.get(name, ("", None))
    if name == "vonmises" and np.all(values[-1] == 1):
        family, read = "von mises", lambda kappa, loc, s: (loc, kappa)
    if read is None:
        if not discrete:
            _positive(name, scale)
        return Law(name, "", None, m, discrete, batch, (), partial(_element, dist, values, discrete))
    at = parameters(name, family, read(*values), m.holds)
    return Law(name, family, at, m, discrete, batch, (), partial(of_family, family, at, batch))


def histogram_law(d: Any) -> Law:
    """An `rv_histogram`, which is a distribution as it stands."""
    return Law("histogram", "", None, mathematics.FLOATS, False, (), (), lambda index: Line(d, [0.0, 1.0], False))


def custom_law(d: Any) -> Law:
    """An `rv_discrete` of given values, which is a distribution as it stands."""
    return Law(d.name or "discrete", "", None, mathematics.FLOATS, True, (), (), lambda index: Line(d, [0.0], True))


def _numbers(given: Values) -> tuple[list[Any], tuple[int, ...], Any]:
    """Plain floats and no batch, or arrays that broadcast to one."""
    if PLAIN.issuperset(map(type, given)) or not any(np.ndim(x) for x in given):
        return list(map(float, given)), (), mathematics.FLOATS
    arrays = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in given))
    return list(arrays), arrays[0].shape, mathematics.of(arrays[0])


def _positive(name: str, scale: Any) -> None:
    if not np.all(np.asarray(scale) > 0):
        raise InvalidValue(f"{name} has scale={scale!r}; needed: a positive number", hint="such a law doesn't exist")


def _element(dist: Any, values: list[Any], discrete: bool, index: tuple[int, ...]) -> Line:
    """The law at an index of a batch."""
    own = [float(v[index]) if index else float(v) for v in values]
    return Line(dist, own, discrete)


def modern_law(d: Any) -> Law:
    """One of SciPy's new distribution objects: as a frozen one of its family, or as it is."""
    from scipy import stats

    dist, loc, scale = d, 0.0, 1.0
    if type(d).__name__ == "ShiftedScaledDistribution":
        dist, loc, scale = d._dist, d.loc, d.scale
    kind, own = repr(dist).partition("(")[0], dist._parameters
    positive = np.all(np.asarray(scale) > 0)
    if kind in ("Normal", "Logistic", "Uniform", "Binomial") and positive:
        own = {k: v[()] for k, v in own.items()}
        if kind == "Normal":
            return _law(stats.norm, (), loc + scale * own.get("mu", 0.0), scale * own.get("sigma", 1.0))
        if kind == "Uniform":
            return _law(stats.uniform, (), loc + scale * own["a"], scale * (own["b"] - own["a"]))
        if kind == "Binomial" and dist is d:
            return _law(stats.binom, (own["n"], own["p"]), 0.0, 1.0, True)
        if kind == "Logistic":
            return _law(stats.logistic, (), loc, scale)
    name = NAMES.get(kind, kind.lower())
    if type(dist).__name__ == "CustomDistribution" and name in UNIVARIATE and positive:
        family = getattr(stats, name)
        whole = isinstance(family, stats.rv_discrete)
        if dist is d or not whole:
            shapes = tuple(own[k][()] for k in (family.shapes or "").split(", ") if k)
            return _law(family, shapes, loc, scale, whole)
    discrete = isinstance(d, stats._distribution_infrastructure.DiscreteDistribution)
    batch = tuple(d._shape)
    if batch:
        raise InvalidType(f"a batch of {batch} of {kind} came", hint="give one at a time")
    return Law(kind, "", None, mathematics.FLOATS, discrete, (), (), lambda index: Modern(d, discrete))


def vector_law(d: Any) -> Law:
    """A frozen distribution of vectors or matrices."""
    name = type(d).__name__.removesuffix("_frozen")
    discrete = hasattr(d, "logpmf")
    read = VECTORS.get(name)
    if read is None and not (hasattr(d, "rvs") and hasattr(d, "logpmf" if discrete else "logpdf")):
        raise InvalidType(f"{name} came, which SciPy can't draw from or has no density of; needed: a law with both")
    if read is None:
        event = np.asarray(d.rvs(random_state=0)).shape
        return Law(name, "", None, mathematics.of(np.zeros(1)), discrete, (), event, lambda index: Vectors(d, discrete))
    family, values, event = read(d)
    arrays = tuple(np.asarray(v, dtype=np.float64) for v in values)
    m = mathematics.of(arrays[-1])
    at = parameters(name, family, arrays, m.holds)
    return Law(name, family, at, m, discrete, (), event, lambda index: Vectors(d, discrete))


def factor(name: str, matrix: Any) -> Any:
    """The lower Cholesky factor of a covariance or scale matrix."""
    try:
        return np.linalg.cholesky(np.atleast_2d(matrix))
    except np.linalg.LinAlgError:
        raise InvalidValue(
            f"the matrix of {name} is singular; needed: a positive definite one, as a density needs it",
            hint="drop coordinates that are functions of others",
        ) from None


def _normal(d: Any) -> tuple[str, Values, tuple[int, ...]]:
    return "multivariate normal", (d.mean, factor("multivariate_normal", d.cov_object.covariance)), (d.dim,)


def _t(d: Any) -> tuple[str, Values, tuple[int, ...]]:
    return "multivariate t", (d.df, d.loc, factor("multivariate_t", d.shape)), (d.dim,)


def _wishart(d: Any, family: str) -> tuple[str, Values, tuple[int, ...]]:
    return family, (d.df, factor(family, d.scale)), (d.dim, d.dim)


VECTORS: Mapping[str, Callable[[Any], tuple[str, Values, tuple[int, ...]]]] = {
    "multivariate_normal": _normal,
    "multivariate_t": _t,
    "dirichlet": lambda d: ("dirichlet", (d.alpha,), d.alpha.shape),
    "multinomial": lambda d: ("multinomial", (d.n, d.p), d.p.shape),
    "wishart": lambda d: _wishart(d, "wishart"),
    "invwishart": lambda d: _wishart(d, "inverse wishart"),
}
