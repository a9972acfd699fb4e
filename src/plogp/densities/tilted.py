"""Rényi's divergence in closed form, within an exponential family.

p^α q^(1−α) is, but for a constant, a law p* of the same family, whose natural parameters lie on the line through those
of p and q; and D_α(p ‖ q) = [α D(p* ‖ p) + (1 − α) D(p* ‖ q)] / (1 − α), which needs nothing but the family's table row
for D. Where no such p* exists the divergence is infinite. Source: van Erven & Harremoës 2014, theorem 30,
doi:10.1109/TIT.2014.2320500.
"""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from plogp.arrays import Array
from plogp.densities.gammas import in_gamma
from plogp.densities.law import PARAMETERS, Parameters
from plogp.densities.stable import log_ratio

__all__ = ["TILTS"]

Tilted = tuple[Parameters, Array]
"""The parameters of p*, and whether there is such a law."""


def normal(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Precisions add up."""
    ratio = p.scale / q.scale
    precision = a + (1 - a) * ratio * ratio  # in units of that of p
    good = precision > 0
    precision = m.where(good, precision, 1.0)
    loc = p.loc + (1 - a) * ratio * ratio / precision * (q.loc - p.loc)
    return p._replace(loc=loc, scale=p.scale / m.sqrt(precision)), good


def lognormal(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    mu = [m.log(x.median) if x.mu is None else x.mu for x in (p, q)]
    first, second = (PARAMETERS["normal"](u, x.sigma) for u, x in zip(mu, (p, q), strict=True))
    own, good = normal(m, first, second, a)
    return p._replace(mu=own.loc, median=None, sigma=own.scale), good


def power(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Of equal powers: shapes add up, and rates of the gamma laws behind."""
    shape = a * p.shape + (1 - a) * q.shape
    rise = m.expm1(
        in_gamma(m, log_ratio(m, p.scale, q.scale), q.power, p.divisor, q.divisor)
    )  # the rates' ratio, less 1
    good = (shape > 0) & ((1 - a) * rise > -1)
    slower = m.log1p(m.where(good, (1 - a) * rise, 0.0))
    own = {"shape": m.where(good, shape, 1.0), "scale": p.scale * m.exp(-slower / p.power)}
    return p._replace(**own), good


def beta(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    one, two = a * p.a + (1 - a) * q.a, a * p.b + (1 - a) * q.b
    good = (one > 0) & (two > 0)
    return p._replace(a=m.where(good, one, 1.0), b=m.where(good, two, 1.0)), good


def pareto(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Of equal scales."""
    shape = a * p.shape + (1 - a) * q.shape
    return p._replace(shape=m.where(shape > 0, shape, 1.0)), shape > 0


def poisson(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    mean = m.exp(a * m.log(p.mean) + (1 - a) * m.log(q.mean))
    return p._replace(mean=mean), mean >= 0


def bernoulli(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Logits add up."""
    logit = a * (m.log(p.p) - m.log(p.c)) + (1 - a) * (m.log(q.p) - m.log(q.c))
    own = {"p": 1.0 / (1.0 + m.exp(-logit)), "c": 1.0 / (1.0 + m.exp(logit))}
    return p._replace(**own), logit == logit


def geometric(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Logarithms of 1 − p add up."""
    log_c = a * m.log(p.c) + (1 - a) * m.log(q.c)
    good = log_c < 0
    log_c = m.where(good, log_c, -1.0)
    return p._replace(p=-m.expm1(log_c), c=m.exp(log_c)), good


def dirichlet(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    alpha = a * p.alpha + (1 - a) * q.alpha
    good = m.sum(1.0 * (alpha <= 0)) == 0
    return p._replace(alpha=m.where(good[..., None], alpha, 1.0)), good


def multivariate_normal(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Precisions add up."""
    tril, good = _between(m, p.tril, q.tril, a)
    shift = m.under(q.tril, (q.mean - p.mean)[..., None])
    step = tril @ (tril.mT @ m.xp.linalg.solve(q.tril.mT + 0.0 * tril, shift))
    return p._replace(mean=p.mean + (1 - a) * step[..., 0], tril=tril), good


def _between(m: Any, p_tril: Array, q_tril: Array, a: float) -> Tilted:
    """The factor of (α Σ₁⁻¹ + (1 − α) Σ₂⁻¹)⁻¹ = L₁ (α + (1 − α) MᵀM)⁻¹ L₁ᵀ, M = L₂⁻¹L₁."""
    ratio = m.under(q_tril, p_tril)
    eye = m.xp.eye(p_tril.shape[-1], dtype=ratio.dtype)
    inner = a * eye + (1 - a) * ratio.mT @ ratio
    good = m.xp.linalg.eigvalsh(inner)[..., 0] > 0
    covariance = m.xp.linalg.inv(m.where(good[..., None, None], inner, eye))
    return m.xp.linalg.cholesky(p_tril @ covariance @ p_tril.mT), good


def wishart(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Degrees of freedom add up, and inverse scales."""
    tril, good = _between(m, p.tril, q.tril, a)
    df, least = a * p.df + (1 - a) * q.df, p.tril.shape[-1] - 1.0
    return p._replace(df=m.where(df > least, df, least + 1.0), tril=tril), good & (df > least)


def inverse_wishart(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Degrees of freedom add up, and scales."""
    scale = a * (p.tril @ p.tril.mT) + (1 - a) * (q.tril @ q.tril.mT)
    df, least = a * p.df + (1 - a) * q.df, p.tril.shape[-1] - 1.0
    good = (m.xp.linalg.eigvalsh(scale)[..., 0] > 0) & (df > least)
    tril = m.xp.linalg.cholesky(m.where(good[..., None, None], scale, m.xp.eye(scale.shape[-1], dtype=scale.dtype)))
    return p._replace(df=m.where(good, df, least + 1.0), tril=tril), good


def categorical(m: Any, p: Parameters, q: Parameters, a: float) -> Tilted:
    """Logarithms of probabilities add up."""
    each = m.where(p.p == 0, 0.0, m.exp(a * m.log(p.p) + (1 - a) * m.log(q.p)))
    total = m.sum(each)
    good = (total > 0) & (total < inf)
    return p._replace(p=m.where(good[..., None], each / total[..., None], p.p)), good


TILTS: Mapping[str, tuple[Callable[..., Tilted], tuple[str, ...]]] = {
    "normal": (normal, ()),
    "lognormal": (lognormal, ("origin",)),
    "generalised gamma": (power, ("origin", "power")),
    "beta": (beta, ("low", "width")),
    "pareto": (pareto, ("origin", "scale")),
    "poisson": (poisson, ("origin",)),
    "bernoulli": (bernoulli, ("origin",)),
    "binomial": (bernoulli, ("n", "origin")),
    "geometric": (geometric, ("origin",)),
    "negative binomial": (geometric, ("n", "origin")),
    "dirichlet": (dirichlet, ()),
    "multivariate normal": (multivariate_normal, ()),
    "wishart": (wishart, ()),
    "inverse wishart": (inverse_wishart, ()),
    "categorical": (categorical, ()),
    "multinomial": (categorical, ("n",)),
}
"""For each family its p*, and the parameters that both laws must share."""
