"""Closed forms of distributions beside the bare formula, PyTorch and SciPy: `python -m benchmarks.densities`.

Predicted: reading a frozen distribution of SciPy takes 3 µs and a `Result` 2, so a divergence of two takes 12 to 20 µs
beyond its formula, and twice the formula for terms that don't cancel. Tensors pay for each branch that a batch needs,
so a batch of gamma laws takes several times PyTorch's plain formula. A quadrature evaluates both densities some 20 to
40 times on a thousand points: 10 to 50 ms.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.timing import one_thread, race, table

one_thread()

import numpy as np  # noqa: E402
import torch  # noqa: E402
from scipy import integrate, stats  # noqa: E402
from scipy.special import digamma, gammaln  # noqa: E402
from torch import distributions as td  # noqa: E402

from plogp import densities  # noqa: E402

torch.set_num_threads(1)
Job = dict[str, Callable[[], Any]]

GOALS = """Goal: a closed form takes no more than twice the bare formula and 20 µs. The bare formulas are a line or two
of NumPy for plain numbers, the printed ones, which lose digits where plogp's don't; of tensors they are PyTorch's own.
"""


def near(truth: float, within: float = 1e-9) -> Callable[[Any], bool]:
    return lambda value: np.allclose(np.asarray(getattr(value, "value", value)), truth, rtol=within, atol=within)


def gamma_formula(a: float, s: float, b: float, t: float) -> Any:
    return (a - b) * digamma(a) - gammaln(a) + gammaln(b) + b * np.log(t / s) + a * (s / t - 1)


def beta_formula(a: float, b: float, c: float, d: float) -> Any:
    both = gammaln(a + b) - gammaln(a) - gammaln(b) + gammaln(c) + gammaln(d) - gammaln(c + d)
    return both + (a - c) * digamma(a) + (b - d) * digamma(b) - (a + b - c - d) * digamma(a + b)


def normal_formula(u: float, s: float, v: float, t: float) -> Any:
    return np.log(t / s) + (s**2 + (u - v) ** 2) / (2 * t**2) - 0.5


def matrices_formula(v: Any, w: Any) -> Any:
    ratio = np.linalg.solve(w, v)
    return (np.trace(ratio) - len(v) - np.linalg.slogdet(ratio)[1]) / 2


def by_definition(p: Any, q: Any) -> Callable[[], Any]:
    return lambda: integrate.quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), *p.support(), limit=200)[0]


def scalars() -> dict[str, Job]:
    """Two laws of SciPy, one pair at a time."""
    laws = {
        "normal": (stats.norm(0, 1), stats.norm(1, 2), lambda: normal_formula(0.0, 1.0, 1.0, 2.0)),
        "gamma": (stats.gamma(2, scale=3), stats.gamma(5, scale=2), lambda: gamma_formula(2.0, 3.0, 5.0, 2.0)),
        "gamma, near": (stats.gamma(2), stats.gamma(2.01), lambda: gamma_formula(2.0, 1.0, 2.01, 1.0)),
        "beta": (stats.beta(2, 3), stats.beta(4, 1), lambda: beta_formula(2.0, 3.0, 4.0, 1.0)),
    }

    def job(p: Any, q: Any, bare: Callable[[], Any]) -> Job:
        return {
            "plogp": lambda: densities.kl_divergence(p, q, unit="nats"),
            "the bare formula": bare,
            "by scipy.integrate.quad": by_definition(p, q),
        }

    return {name: job(*each) for name, each in laws.items()}


def tensors(n: int) -> dict[str, Job]:
    """Batches of PyTorch."""
    rng = np.random.default_rng(0)
    a, b, c, d = (torch.from_numpy(rng.uniform(1, 2, n)) for _ in range(4))
    pairs = {"Normal": (td.Normal(a, b), td.Normal(c, d)), "Gamma": (td.Gamma(a, b), td.Gamma(c, d))}

    def job(p: Any, q: Any) -> Job:
        return {
            "plogp": lambda: densities.kl_divergence(p, q, unit="nats"),
            "torch.distributions": lambda: td.kl_divergence(p, q),
        }

    return {f"{n:,} {name} laws": job(*each) for name, each in pairs.items()}


def main() -> None:
    """Print a table a job."""
    print(GOALS)
    for title, job in {**scalars(), **tensors(1), **tensors(100_000)}.items():
        other = next(name for name in job if name != "plogp")
        truth = np.asarray(job[other]())
        print(table(f"D, {title}", race(job, right=near(truth, 1e-6)), baseline=other))
    v, bare = np.eye(20) * 2.0, "the bare formula"
    p, q = stats.multivariate_normal(np.zeros(20), v), stats.multivariate_normal(np.zeros(20), np.eye(20))
    job = {
        "plogp": lambda: densities.kl_divergence(p, q, unit="nats"),
        bare: lambda: matrices_formula(v, np.eye(20)),
    }
    print(table("D, normal laws of 20 variables", race(job, right=near(job[bare]())), baseline=bare))
    t, logistic, ours = stats.t(5), stats.logistic(), "plogp, quadrature"
    job = {
        ours: lambda: densities.kl_divergence(t, logistic, unit="nats"),
        "by scipy.integrate.quad": by_definition(t, logistic),
    }
    print(table("D, t ‖ logistic", race(job, right=near(job[ours]().value)), baseline=ours))


if __name__ == "__main__":
    main()
