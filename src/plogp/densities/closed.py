"""The closed forms in two tables: divergences, a row a pair of families, and entropies, each with its source."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plogp.arrays import Array
from plogp.densities import entropies, gammas, line, vectors

__all__ = ["DIVERGENCES", "ENTROPIES", "Row"]


@dataclass(frozen=True, slots=True)
class Row:
    """A closed form.

    Attributes:
        formula: (m, p) or (m, p, q) -> nats, m being the mathematics of a framework and p, q parameters.
        source: where its plain form stands.
        equal: parameters that both laws must share; otherwise there is no closed form.
        only: parameters of p or q that must have a value.
    """

    formula: Callable[..., Array]
    source: str
    equal: tuple[str, ...] = ()
    only: tuple[tuple[str, str, float], ...] = ()


COVER = "Cover & Thomas 2006, doi:10.1002/047174882X"
GIL = "Gil, Alajaji & Linder 2013, doi:10.1016/j.ins.2013.06.018"
PENNY = "Penny 2001, KL-divergences of normal, gamma, Dirichlet and Wishart densities"
CHYZAK = "Chyzak & Nielsen 2019, arXiv:1905.10965"
BAUCKHAGE = "Bauckhage 2014, arXiv:1401.6853"
KITAGAWA = "Kitagawa & Rowley 2022, arXiv:2202.05192"
BISHOP = "Bishop 2006, Pattern Recognition and Machine Learning, appendix B"
NADARAJAH = "Nadarajah & Zografos 2003, doi:10.1016/S0020-0255(03)00156-7"
ZOGRAFOS = "Zografos & Nadarajah 2005, Statist. Probab. Lett. 71, 71-84"
MOMENTS = "by the moments of p; Cover & Thomas 2006, doi:10.1002/047174882X"
FOLDED = "by the mean of a folded normal law; Leone, Nelson & Nottingham 1961, doi:10.2307/1266560"
BY_PARTS = "by parts, from E log(1 + ce⁻ˣ) = c log c/(c − 1)"

DIVERGENCES: Mapping[tuple[str, str], Row] = {
    ("normal", "normal"): Row(line.normal, GIL),
    ("lognormal", "lognormal"): Row(line.lognormal, GIL, equal=("origin",)),
    ("laplace", "laplace"): Row(line.laplace, GIL),
    ("cauchy", "cauchy"): Row(line.cauchy, CHYZAK),
    ("half-cauchy", "half-cauchy"): Row(line.half_cauchy, CHYZAK, equal=("origin",)),
    ("logistic", "logistic"): Row(line.logistic, BY_PARTS, equal=("scale",)),
    ("gumbel", "gumbel"): Row(line.gumbel, GIL),
    ("reversed gumbel", "reversed gumbel"): Row(line.reversed_gumbel, GIL),
    ("von mises", "von mises"): Row(line.von_mises, KITAGAWA),
    ("generalised gamma", "generalised gamma"): Row(gammas.power, BAUCKHAGE, equal=("origin",)),
    ("beta", "beta"): Row(gammas.beta, GIL, equal=("low", "width")),
    ("inverse gaussian", "inverse gaussian"): Row(line.inverse_gaussian, GIL, equal=("origin",)),
    ("pareto", "pareto"): Row(line.pareto, GIL, equal=("origin",)),
    ("uniform", "uniform"): Row(line.uniform, GIL),
    ("log-uniform", "log-uniform"): Row(line.log_uniform, GIL, equal=("origin",)),
    ("bernoulli", "bernoulli"): Row(line.bernoulli, COVER, equal=("origin",)),
    ("binomial", "binomial"): Row(line.binomial, COVER, equal=("n", "origin")),
    ("geometric", "geometric"): Row(line.geometric, COVER, equal=("origin",)),
    ("negative binomial", "negative binomial"): Row(line.negative_binomial, COVER, equal=("n", "origin")),
    ("poisson", "poisson"): Row(line.poisson, COVER, equal=("origin",)),
    ("discrete uniform", "discrete uniform"): Row(line.discrete_uniform, COVER),
    ("categorical", "categorical"): Row(line.categorical, COVER),
    ("multinomial", "multinomial"): Row(line.multinomial, COVER, equal=("n",)),
    ("multivariate normal", "multivariate normal"): Row(vectors.multivariate_normal, PENNY),
    ("dirichlet", "dirichlet"): Row(vectors.dirichlet, PENNY),
    ("wishart", "wishart"): Row(vectors.wishart, PENNY),
    ("inverse wishart", "inverse wishart"): Row(vectors.inverse_wishart, PENNY),
    ("laplace", "normal"): Row(line.to_normal(line.laplace_moments), MOMENTS),
    ("logistic", "normal"): Row(line.to_normal(line.logistic_moments), MOMENTS),
    ("gumbel", "normal"): Row(line.to_normal(line.gumbel_moments), MOMENTS),
    ("reversed gumbel", "normal"): Row(line.to_normal(line.reversed_gumbel_moments), MOMENTS),
    ("uniform", "normal"): Row(line.to_normal(line.uniform_moments), MOMENTS),
    ("generalised gamma", "normal"): Row(line.to_normal(line.gamma_moments), MOMENTS, only=(("p", "power", 1.0),)),
    ("normal", "laplace"): Row(line.normal_to_laplace, FOLDED),
    ("uniform", "generalised gamma"): Row(
        line.uniform_to_exponential, MOMENTS, only=(("q", "shape", 1.0), ("q", "power", 1.0))
    ),
    ("beta", "uniform"): Row(gammas.beta_to_uniform, GIL),
    ("uniform", "beta"): Row(gammas.uniform_to_beta, GIL, equal=("low", "width")),
}  # fmt: skip
"""D(p ‖ q), where the support of p lies within that of q."""

ENTROPIES: Mapping[str, Row] = {
    "normal": Row(entropies.normal, COVER),
    "lognormal": Row(entropies.lognormal, COVER),
    "laplace": Row(entropies.laplace, COVER),
    "cauchy": Row(entropies.cauchy, COVER),
    "half-cauchy": Row(entropies.half_cauchy, COVER),
    "logistic": Row(entropies.logistic, COVER),
    "gumbel": Row(entropies.gumbel, NADARAJAH),
    "reversed gumbel": Row(entropies.gumbel, NADARAJAH),
    "von mises": Row(entropies.von_mises, KITAGAWA),
    "generalised gamma": Row(entropies.power, NADARAJAH),
    "beta": Row(entropies.beta, COVER),
    "pareto": Row(entropies.pareto, COVER),
    "uniform": Row(entropies.uniform, COVER),
    "log-uniform": Row(entropies.log_uniform, COVER),
    "student t": Row(entropies.student, NADARAJAH),
    "bernoulli": Row(entropies.bernoulli, COVER),
    "geometric": Row(entropies.geometric, COVER),
    "discrete uniform": Row(entropies.discrete_uniform, COVER),
    "categorical": Row(entropies.categorical, COVER),
    "multivariate normal": Row(entropies.multivariate_normal, COVER),
    "multivariate t": Row(entropies.multivariate_t, ZOGRAFOS),
    "dirichlet": Row(entropies.dirichlet, PENNY),
    "wishart": Row(entropies.wishart, BISHOP),
    "inverse wishart": Row(entropies.inverse_wishart, "as the Wishart law of the inverse; Bishop 2006, appendix B"),
}
