"""One law at a time, in float64, with what quadrature, sums and Monte Carlo ask of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import pi
from typing import Any

import numpy as np

from plogp.arrays import to_numpy
from plogp.densities import mathematics
from plogp.densities.law import Floats, Sampled
from plogp.densities.stable import HALF_LOG_2PI, divergence_term, stirling

__all__ = ["OF_FAMILY", "Line", "Modern", "Vectors", "of_family"]

OF_FAMILY: Mapping[str, Callable[[Any, Any], Any]] = {
    "normal": lambda s, p: s.norm(p.loc, p.scale),
    "lognormal": lambda s, p: s.lognorm(p.sigma, p.origin, np.exp(p.mu) if p.median is None else p.median),
    "laplace": lambda s, p: s.laplace(p.loc, p.scale),
    "cauchy": lambda s, p: s.cauchy(p.loc, p.scale),
    "half-cauchy": lambda s, p: s.halfcauchy(p.origin, p.scale),
    "logistic": lambda s, p: s.logistic(p.loc, p.scale),
    "gumbel": lambda s, p: s.gumbel_r(p.loc, p.scale),
    "reversed gumbel": lambda s, p: s.gumbel_l(p.loc, p.scale),
    "von mises": lambda s, p: s.vonmises(p.kappa, p.loc),
    "student t": lambda s, p: s.t(p.df, p.loc, p.scale),
    "generalised gamma": lambda s, p: s.gengamma(p.shape, p.power, p.origin, p.scale * p.divisor ** (-1 / p.power)),
    "inverse gaussian": lambda s, p: s.invgauss(p.mu, p.origin, p.scale),
    "pareto": lambda s, p: s.pareto(p.shape, p.origin, p.scale),
    "beta": lambda s, p: s.beta(p.a, p.b, p.low, p.width),
    "uniform": lambda s, p: s.uniform(p.low, p.width),
    "log-uniform": lambda s, p: s.loguniform(p.low, p.high, p.origin),
    "bernoulli": lambda s, p: s.bernoulli(p.p, p.origin),
    "binomial": lambda s, p: s.binom(p.n, p.p, p.origin),
    "geometric": lambda s, p: s.geom(p.p, p.origin - 1),
    "negative binomial": lambda s, p: s.nbinom(p.n, p.p, p.origin),
    "poisson": lambda s, p: s.poisson(p.mean, p.origin),
    "discrete uniform": lambda s, p: s.randint(p.low, p.high + 1),
    "categorical": lambda s, p: s.rv_discrete(values=(np.arange(len(p.p)), p.p / p.p.sum())),
    "multinomial": lambda s, p: s.multinomial(p.n, p.p),
    "multivariate normal": lambda s, p: s.multivariate_normal(p.mean, p.tril @ p.tril.T),
    "multivariate t": lambda s, p: s.multivariate_t(p.mean, p.tril @ p.tril.T, p.df),
    "dirichlet": lambda s, p: s.dirichlet(p.alpha),
    "wishart": lambda s, p: s.wishart(p.df, p.tril @ p.tril.T),
    "inverse wishart": lambda s, p: s.invwishart(p.df, p.tril @ p.tril.T),
}
"""A law of SciPy for what came from elsewhere: given scipy.stats and the parameters."""

EVENT_AXES: Mapping[str, Mapping[str, int]] = {
    "categorical": {"p": 1},
    "multinomial": {"p": 1},
    "dirichlet": {"alpha": 1},
    "multivariate normal": {"mean": 1, "tril": 2},
    "multivariate t": {"mean": 1, "tril": 2},
    "wishart": {"tril": 2},
    "inverse wishart": {"tril": 2},
}
"""Which parameters are vectors and matrices."""

LANDMARKS = (0.1, 0.5, 0.9)
KINKS: Mapping[str, Callable[..., tuple[float, ...]]] = {
    "laplace_asymmetric": lambda kappa, loc, s: (loc,),
    "triang": lambda c, loc, s: (loc + c * s,),
    "trapezoid": lambda c, d, loc, s: (loc + c * s, loc + d * s),
    "dgamma": lambda a, loc, s: (loc,),
    "dweibull": lambda c, loc, s: (loc,),
    "loglaplace": lambda c, loc, s: (loc + s,),
    "crystalball": lambda beta, m, loc, s: (loc - beta * s,),
    "foldcauchy": lambda c, loc, s: (loc + c * s,),
}
"""Where the density of a law isn't smooth, or falls to nothing, within its support."""


LOG_DENSITIES: Mapping[str, Callable[..., Floats]] = {
    "laplace": lambda y: -np.abs(y) - np.log(2),
    "cauchy": lambda y: -2 * np.log(np.hypot(1, y)) - np.log(np.pi),
    "halfcauchy": lambda y: np.where(y < 0, -np.inf, -2 * np.log(np.hypot(1, y)) - np.log(np.pi / 2)),
    "pareto": lambda y, b: np.where(y < 1, -np.inf, np.log(b) - (b + 1) * np.log(y)),
    "t": lambda y, df: -(df + 1) * np.log(np.hypot(1, y / np.sqrt(df))) + _log_t_at_0(df),
    "gengamma": lambda y, k, c: _log_gengamma(np.where(y > 0, y, np.nan), k, c),
    "poisson": lambda k, u: np.where(k < 0, -np.inf, _log_gamma(u, np.log(u), np.maximum(k, 0) + 1.0) - np.log(u)),
    "dlaplace": lambda k, a: np.log(np.tanh(a / 2)) - a * np.abs(k),
    "planck": lambda k, a: np.where(k < 0, -np.inf, np.log(-np.expm1(-a)) - a * k),
    "zipf": lambda k, a: np.where(k < 1, -np.inf, -a * np.log(k) - np.log(zeta(a))),
}
"""Of laws whose logarithm SciPy takes of a density that may be 0 before it is, or where it squares what overflows, or
subtracts what cancels."""


def _log_gamma(y: Any, log_y: Any, k: Any) -> Floats:
    """k log y − y − log Γ(k), where y is near k by Stirling's formula, as large numbers cancel there."""
    from scipy.special import gammaln

    y, log_y, k = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (y, log_y, k)))
    m, near = mathematics.of(y), np.abs(y - k) < 0.5 * k
    at = np.where(near, y, k)
    value: Floats = 0.5 * np.log(k) - HALF_LOG_2PI - stirling(m, k) - divergence_term(m, k, at)
    return np.where(near, value, k * log_y - y - gammaln(k))


def _log_beta(x: Floats, shapes: Sequence[float], place: Sequence[float], high: float) -> Floats:
    """Of a beta law from low to high, one of which may be 0: then the distance from there isn't rounded."""
    from scipy.special import betaln, xlogy

    (a, b), (low, width) = shapes, place
    below, above = (x - low) / width, (high - x) / width
    inside = (below >= 0) & (above >= 0)
    value = xlogy(a - 1, np.maximum(below, 0)) + xlogy(b - 1, np.maximum(above, 0)) - betaln(a, b) - np.log(width)
    return np.where(inside, value, -np.inf)


def _log_gengamma(y: Floats, k: float, c: float) -> Floats:
    value: Floats = np.log(abs(c)) + _log_gamma(y**c, c * np.log(y), k) - np.log(y)
    return np.where(np.isnan(value), -np.inf, value)


def _log_t_at_0(df: float) -> float:
    from scipy.stats import t

    return float(t.logpdf(0.0, df))


def zeta(a: float) -> float:
    from scipy.special import zeta

    return float(zeta(a))


class Line:
    """A frozen distribution of SciPy on the line: from its family, and its shapes, loc and (if continuous) scale."""

    def __init__(self, dist: Any, values: list[float], discrete: bool) -> None:
        self.dist, self.discrete = dist, discrete
        self.shapes, self.place = values[: len(values) - 2 + discrete], values[len(values) - 2 + discrete :]

    @cached_property
    def support(self) -> tuple[float, float]:
        """The ends; of an angle those of a whole turn."""
        if self.dist.name == "vonmises":
            return -pi, pi
        low, high = self.dist.support(*self.shapes, *self.place)
        return float(low), float(high)

    @cached_property
    def landmarks(self) -> Floats:
        """Some quantiles, and kinks."""
        if self.dist.name == "vonmises":
            return np.array([np.remainder(self.place[0] + pi, 2 * pi) - pi])
        quantiles = self.dist.ppf(LANDMARKS, *self.shapes, *self.place)
        kinks = KINKS[self.dist.name](*self.shapes, *self.place) if self.dist.name in KINKS else ()
        kinks = (*kinks, *getattr(self.dist, "_hbins", ()))  # of a histogram
        return np.array([*quantiles, *kinks])

    def log_density(self, x: Floats, near: float = 0.0) -> Floats:
        """log of the density or mass at near + x."""
        place = [self.place[0] - near, *self.place[1:]]
        if self.dist.name == "beta":
            return _log_beta(x, self.shapes, place, self.support[1] - near)
        if self.dist.name in LOG_DENSITIES:
            scale = 1.0 if self.discrete else place[1]
            with np.errstate(all="ignore"):
                standard: Floats = LOG_DENSITIES[self.dist.name]((x - place[0]) / scale, *self.shapes)
            return standard - float(np.log(scale))
        density = self.dist.logpmf if self.discrete else self.dist.logpdf
        with np.errstate(all="ignore"):
            out: Floats = density(x, *self.shapes, *place)
        return out

    def draw(self, n: int, seed: int) -> Floats:
        """n independent values."""
        rng = np.random.default_rng(seed)
        whole = [int(x) if self.discrete and x.is_integer() else x for x in self.shapes]  # NumPy wants counts as such
        return np.asarray(self.dist.rvs(*whole, *self.place, size=n, random_state=rng), dtype=np.float64)

    def cdf(self, x: Floats) -> Floats | None:
        """Of a continuous law; that of an angle would begin somewhere else."""
        if self.discrete or self.dist.name == "vonmises":
            return None
        return np.asarray(self.dist.cdf(x, *self.shapes, *self.place))

    def moments(self) -> tuple[Floats, Floats] | None:
        """Mean and variance of a normal law."""
        if self.dist.name != "norm":
            return None
        return np.asarray(self.place[0]), np.asarray(self.place[1] ** 2)


class Modern:
    """One of SciPy's new distribution objects, on the line."""

    def __init__(self, d: Any, discrete: bool) -> None:
        self.d, self.discrete = d, discrete

    @cached_property
    def support(self) -> tuple[float, float]:
        """The ends."""
        low, high = self.d.support()
        return float(low), float(high)

    @cached_property
    def landmarks(self) -> Floats:
        """Some quantiles."""
        return np.asarray(self.d.icdf(np.array(LANDMARKS)))

    def log_density(self, x: Floats, near: float = 0.0) -> Floats:
        """log of the density or mass at near + x."""
        return np.asarray(self.d.logpmf(near + x) if self.discrete else self.d.logpdf(near + x))

    def draw(self, n: int, seed: int) -> Floats:
        """n independent values."""
        return np.asarray(self.d.sample(n, rng=np.random.default_rng(seed)), dtype=np.float64)

    def cdf(self, x: Floats) -> Floats | None:
        """Of a continuous law."""
        return None if self.discrete else np.asarray(self.d.cdf(x))

    def moments(self) -> tuple[Floats, Floats] | None:
        """Left to those who know them."""
        return None


class Vectors:
    """A frozen distribution of vectors or matrices of SciPy."""

    def __init__(self, d: Any, discrete: bool) -> None:
        self.d, self.discrete = d, discrete

    support, landmarks = (-np.inf, np.inf), np.empty(0)

    def log_density(self, x: Floats, near: float = 0.0) -> Floats:
        """log of the density or mass at x (n, *event)."""
        if self.discrete:
            return np.asarray(self.d.logpmf(x))
        if type(self.d).__name__ in ("dirichlet_frozen", "wishart_frozen", "invwishart_frozen"):
            x = np.moveaxis(x, 0, -1)  # SciPy has these the other way round
        return np.atleast_1d(self.d.logpdf(x))

    def draw(self, n: int, seed: int) -> Floats:
        """n independent values (n, *event)."""
        return np.asarray(self.d.rvs(size=n, random_state=np.random.default_rng(seed)), dtype=np.float64)

    def cdf(self, x: Floats) -> Floats | None:
        """There is none that is uniform."""
        return None

    def moments(self) -> tuple[Floats, Floats] | None:
        """Mean and variances of a normal law's coordinates."""
        if type(self.d).__name__ != "multivariate_normal_frozen":
            return None
        return np.asarray(self.d.mean), np.diagonal(self.d.cov_object.covariance)


def of_family(family: str, at: Any, batch: tuple[int, ...], index: tuple[int, ...]) -> Sampled:
    """The law at an index of a batch of a known family, as SciPy has it."""
    from scipy import stats

    axes = EVENT_AXES.get(family, {})
    own = at._make(v if v is None else _at(v, axes.get(k, 0), batch, index) for k, v in at._asdict().items())
    d = OF_FAMILY[family](stats, own)
    if isinstance(d, stats.rv_discrete):
        return Line(d, [0.0], True)
    if not hasattr(d, "dist"):
        return Vectors(d, hasattr(d, "logpmf"))
    shapes, loc, scale = d.dist._parse_args(*d.args, **d.kwds)
    discrete = hasattr(d.dist, "pmf")
    return Line(d.dist, [*map(float, shapes), float(loc), *([] if discrete else [float(scale)])], discrete)


def _at(value: Any, axes: int, batch: tuple[int, ...], index: tuple[int, ...]) -> Any:
    """A parameter at an index of the batch: a float, a vector or a matrix."""
    array = np.asarray(value if isinstance(value, float) else to_numpy(value), dtype=np.float64)
    array = np.broadcast_to(array, (*batch, *array.shape[array.ndim - axes :]))[index]
    return array if axes else float(array)
