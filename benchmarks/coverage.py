"""Which rung answers for which pair of families: `python -m benchmarks.coverage` writes this into docs/densities.md.

The tables say what `plogp.densities` does with an example of each family, beside the registries of PyTorch, which is
asked, and of TensorFlow Probability 0.25.0, as it was read. A test fails when the page isn't what this prints.
"""

import re
from pathlib import Path
from typing import Any

from scipy import stats

from plogp.densities.answers import closed_divergence, closed_entropy
from plogp.densities.law import Law
from plogp.densities.reading import law
from plogp.densities.renyi import closed_renyi

PAGE = Path(__file__).parent.parent / "docs" / "densities.md"
MATRIX = [[1.0, 0.3], [0.3, 2.0]]
OTHER = [[1.5, 0.1], [0.1, 0.8]]

CONTINUOUS: dict[str, tuple[Any, Any]] = {
    "normal": (stats.norm(0.3, 1.2), stats.norm(-0.2, 0.9)),
    "lognormal": (stats.lognorm(0.7), stats.lognorm(0.9, scale=1.3)),
    "Laplace": (stats.laplace(0.2, 1.1), stats.laplace(-0.3, 0.8)),
    "logistic": (stats.logistic(0.4, 0.9), stats.logistic(-0.2, 0.9)),
    "Cauchy": (stats.cauchy(0.1, 1.3), stats.cauchy(0.5, 0.7)),
    "Student t": (stats.t(3.5), stats.t(5, 0.2, 1.1)),
    "Gumbel": (stats.gumbel_r(0.2, 0.8), stats.gumbel_r(-0.1, 1.2)),
    "exponential": (stats.expon(scale=1.3), stats.expon(scale=0.8)),
    "gamma": (stats.gamma(2.2, scale=0.7), stats.gamma(1.4, scale=1.1)),
    "chi-square": (stats.chi2(3.1), stats.chi2(4.4)),
    "inverse gamma": (stats.invgamma(2.6), stats.invgamma(1.9, scale=1.2)),
    "Weibull": (stats.weibull_min(1.7, scale=1.2), stats.weibull_min(1.2, scale=0.9)),
    "half-normal": (stats.halfnorm(scale=0.8), stats.halfnorm(scale=1.1)),
    "Rayleigh": (stats.rayleigh(scale=1.1), stats.rayleigh(scale=0.9)),
    "Maxwell": (stats.maxwell(scale=0.9), stats.maxwell(scale=1.2)),
    "Pareto": (stats.pareto(2.1), stats.pareto(1.3)),
    "beta": (stats.beta(2.3, 1.4), stats.beta(1.2, 1.9)),
    "uniform": (stats.uniform(0, 1), stats.uniform(-0.5, 2)),
    "von Mises": (stats.vonmises(1.8), stats.vonmises(0.9, 0.4)),
}
"""Two laws of each family on the line."""

DISCRETE: dict[str, tuple[Any, Any]] = {
    "Bernoulli": (stats.bernoulli(0.3), stats.bernoulli(0.6)),
    "binomial": (stats.binom(6, 0.4), stats.binom(6, 0.55)),
    "Poisson": (stats.poisson(2.5), stats.poisson(1.7)),
    "geometric": (stats.geom(0.35), stats.geom(0.5)),
    "negative binomial": (stats.nbinom(3, 0.6), stats.nbinom(3, 0.45)),
    "discrete uniform": (stats.randint(0, 5), stats.randint(-1, 7)),
}

OTHERS: dict[str, tuple[Any, Any]] = {
    "chi": (stats.chi(2.4), stats.chi(3.1)),
    "generalised gamma": (stats.gengamma(1.6, 1.8), stats.gengamma(1.2, 1.5)),
    "Nakagami": (stats.nakagami(1.4), stats.nakagami(2.2)),
    "inverse Weibull": (stats.invweibull(2.2), stats.invweibull(1.8)),
    "Lévy": (stats.levy(), stats.levy(scale=1.4)),
    "inverse Gaussian": (stats.invgauss(0.8), stats.invgauss(1.2, scale=0.9)),
    "half-Cauchy": (stats.halfcauchy(), stats.halfcauchy(scale=1.7)),
    "reversed Gumbel": (stats.gumbel_l(), stats.gumbel_l(0.2, 1.1)),
    "log-uniform": (stats.loguniform(1.2, 3), stats.loguniform(1, 4)),
    "power law": (stats.powerlaw(1.7), stats.powerlaw(2.2)),
    "arcsine": (stats.arcsine(), stats.arcsine()),
    "multinomial": (stats.multinomial(4, [0.2, 0.3, 0.5]), stats.multinomial(4, [0.3, 0.3, 0.4])),
    "multivariate normal": (stats.multivariate_normal([0, 1], MATRIX), stats.multivariate_normal([0.5, 1], OTHER)),
    "multivariate t": (stats.multivariate_t([0, 1], MATRIX, df=4), stats.multivariate_t([0, 1], OTHER, df=6)),
    "Dirichlet": (stats.dirichlet([1.2, 2, 3]), stats.dirichlet([2, 1.5, 2.5])),
    "Wishart": (stats.wishart(4, MATRIX), stats.wishart(5, OTHER)),
    "inverse Wishart": (stats.invwishart(5, MATRIX), stats.invwishart(6, OTHER)),
}
"""Of the other families, compared within themselves."""

TFP = {
    "Bernoulli", "beta", "Cauchy", "chi", "chi-square", "Dirichlet", "gamma", "Gumbel", "half-normal", "Laplace",
    "lognormal", "multivariate normal", "normal", "Pareto", "uniform", "von Mises", "Weibull", "exponential",
}  # fmt: skip
"""Families that TensorFlow Probability compares within themselves; across there are chi-square–gamma, Weibull–gamma."""


def cell(p: Law, q: Law) -> str:
    """∞ by the supports, C for a closed form, else Q or S."""
    (p_low, p_high), (q_low, q_high) = p.element(()).support, q.element(()).support
    if p_low < q_low or p_high > q_high:
        return "∞"
    if closed_divergence(p, q) is not None:
        return "C"
    return "S" if p.discrete else "Q"


def matrix(laws: dict[str, tuple[Any, Any]]) -> list[str]:
    """Families × families; the second law of a family within it, the first of each elsewhere."""
    read = {name: tuple(law(name, d) for d in pair) for name, pair in laws.items()}
    rows = [f"| p ‖ q | {' | '.join(laws)} |", "|---" * (len(laws) + 1) + "|"]
    for name, (p, _) in read.items():
        cells = [cell(p, second if other == name else first) for other, (first, second) in read.items()]
        rows.append(f"| **{name}** | {' | '.join(cells)} |")
    return [*rows, ""]


def within() -> list[str]:
    """What is closed of each family, here and elsewhere."""
    rows = ["| family | D | Rényi | entropy | D in PyTorch | D in TFP |", "|---|---|---|---|---|---|"]
    for name, pair in {**CONTINUOUS, **DISCRETE, **OTHERS}.items():
        p, q = (law(name, d) for d in pair)
        ours = closed_divergence(p, q), closed_renyi(p, q, 0.7), closed_entropy(p)
        has = [*(found is not None for found in ours), in_torch(name), name in TFP]
        rows.append(f"| {name} | {' | '.join('yes' if yes else '–' for yes in has)} |")
    return [*rows, ""]


def in_torch(name: str) -> bool:
    """Whether PyTorch's registry has a row for this family with itself."""
    from torch.distributions.kl import _KL_REGISTRY

    key = re.sub(r"[- ]", "", name).lower().replace("chisquare", "chi2")
    bases = {"chi2": "gamma"}  # torch's is a subclass
    kinds = {a.__name__.lower() for a, b in _KL_REGISTRY if a is b}
    kinds |= {"lognormal"} if "transformeddistribution" in kinds else set()
    kinds |= {"dirichlet", "gamma", "beta"} if "exponentialfamily" in kinds else set()
    return bases.get(key, key) in kinds


def tables() -> str:
    """The generated part of the page."""
    return "\n".join([*matrix(CONTINUOUS), *matrix(DISCRETE), *within()])


def main() -> None:
    """Write the tables between the marks of the page."""
    text = PAGE.read_text()
    head, rest = text.split("<!-- coverage -->\n")
    PAGE.write_text(f"{head}<!-- coverage -->\n{tables()}<!-- end -->{rest.split('<!-- end -->')[1]}")


if __name__ == "__main__":
    main()
