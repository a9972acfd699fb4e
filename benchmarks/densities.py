"""Closed forms of distributions beside the bare formula, PyTorch and SciPy: `python -m benchmarks.densities`.

Predicted first: reading a frozen distribution of SciPy takes 3 µs and a `Result` 2, so a divergence of two takes 12 to
20 µs beyond its formula, and twice the formula for terms that don't cancel; a batch of gamma laws several times
PyTorch's formula, as tensors pay for each branch that a batch needs. It was 21 to 51 µs, and 25 times. Predicted next:
with the plain formula first, and terms that don't cancel only where its sum is less than 0.3 % of its terms, a batch
takes 1.5 times PyTorch's formula, and a pair 15 µs. It was 1.3 to 3 times, and 13 to 18 µs. A quadrature evaluates both
densities some 20 to 40 times on a thousand points: 10 to 50 ms.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.timing import duration, one_thread, race, table

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
        "gamma, near": (stats.gamma(3), stats.gamma(3.01), lambda: gamma_formula(3.0, 1.0, 3.01, 1.0)),
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
    kinds = (td.Normal, td.Gamma, td.Beta, td.Laplace, td.Gumbel)
    pairs = {kind.__name__: (kind(a, b), kind(c, d)) for kind in kinds}

    def job(p: Any, q: Any) -> Job:
        return {
            "plogp": lambda: densities.kl_divergence(p, q, unit="nats"),
            "torch.distributions": lambda: td.kl_divergence(p, q),
        }

    return {f"{n:,} {name} laws": job(*each) for name, each in pairs.items()}


def within(ours: float, bare: float) -> str:
    """Whether the goal is met, by processor time."""
    limit = 2 * bare + 20e-6
    return f"\n{'within' if ours <= limit else 'BEYOND'} the limit of {duration(limit)}\n"


def main() -> None:
    """Print a table a job."""
    print(GOALS)
    for title, job in {**scalars(), **tensors(1), **tensors(100_000)}.items():
        other = next(name for name in job if name != "plogp")
        truth, slow = np.asarray(job[other]()), {name: f for name, f in job.items() if "quad" in name}
        quick = {name: f for name, f in job.items() if name not in slow}
        times = race(quick, rounds=101, right=near(truth, 1e-6)) | race(slow, right=near(truth, 1e-6))
        print(table(f"D, {title}", times, baseline=other), within(times["plogp"].cpu, times[other].cpu), sep="")
    v, bare = np.eye(20) * 2.0, "the bare formula"
    p, q = stats.multivariate_normal(np.zeros(20), v), stats.multivariate_normal(np.zeros(20), np.eye(20))
    job = {
        "plogp": lambda: densities.kl_divergence(p, q, unit="nats"),
        bare: lambda: matrices_formula(v, np.eye(20)),
    }
    times = race(job, rounds=41, right=near(job[bare]()))
    print(
        table("D, normal laws of 20 variables", times, baseline=bare),
        within(times["plogp"].cpu, times[bare].cpu),
        sep="",
    )
    t, logistic, ours = stats.t(5), stats.logistic(), "plogp, quadrature"
    job = {
        ours: lambda: densities.kl_divergence(t, logistic, unit="nats"),
        "by scipy.integrate.quad": by_definition(t, logistic),
    }
    print(table("D, t ‖ logistic", race(job, right=near(job[ours]().value)), baseline=ours))


if __name__ == "__main__":
    main()
