"""Mutual information from nearest neighbours, beside its peers: `python -m benchmarks.speed [largest n]`.

Each race is on one thread, but for the last, which asks what a second one brings; its ratios are of processor time,
which other work on the machine disturbs less. KSG and Ross are published rules, so
that all contestants must print the same number; scikit-learn is asked for its bare rules, without the noise and the
scaling that its public functions add. npeet adds noise of 1e-10, and is held to 1e-6.

Adversarial inputs race against the recipe with SciPy's tree. At n = 10,000 most of them take milliseconds.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from time import perf_counter

from benchmarks.timing import one_thread, race, table

if "--threads" not in sys.argv:
    one_thread()

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from scipy.special import digamma
from sklearn.feature_selection._mutual_info import _compute_mi_cc, _compute_mi_cd
from sklearn.neighbors import KDTree as Trees

from plogp.estimate import KSG, Ross

Floats = NDArray[np.float64]
Contestants = dict[str, Callable[[], float]]

GOALS = {(1, 10_000): 10, (1, 100_000): 10, (1, 1_000_000): 30, (5, 10_000): 5, (5, 100_000): 10}
"""How many times quicker than the best peer, by dimensions a side and n."""

ROUNDS = 6
"""Of one and of two threads, in each of the processes that take turns."""


def gaussian(n: int, d: int) -> tuple[Floats, Floats]:
    """d pairs with correlation .6."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, d))
    return x, 0.6 * x + 0.8 * rng.normal(size=(n, d))


def by_scipy(x: Floats, y: Floats, k: int = 3) -> float:
    """The recipe with SciPy's tree."""
    both = np.hstack([x, y])
    radii = KDTree(both).query(both, [k + 1], p=np.inf)[0][:, 0]
    limits = np.nextafter(radii, -np.inf)
    counts = [KDTree(v).query_ball_point(v, limits, p=np.inf, return_length=True) for v in (x, y)]
    n_x, n_y = (np.where(radii > 0, n, 1) for n in counts)  # itself among them
    return float(digamma(k) + digamma(len(x)) - np.mean(digamma(n_x) + digamma(n_y)))


def by_trees(x: Floats, y: Floats, k: int = 3) -> float:
    """The recipe with scikit-learn's trees, of any dimension; npeet's too, but for its noise."""
    both = np.hstack([x, y])
    radii = np.nextafter(Trees(both, metric="chebyshev").query(both, k + 1)[0][:, k], 0)
    n_x, n_y = (Trees(v, metric="chebyshev").query_radius(v, radii, count_only=True) for v in (x, y))
    return float(digamma(k) + digamma(len(x)) - np.mean(digamma(n_x) + digamma(n_y)))


def by_npeet(x: Floats, y: Floats) -> float:
    import npeet_plus

    return float(npeet_plus.mi(x, y, k=3) * np.log(2))


def against_peers(n: int, d: int) -> None:
    x, y = gaussian(n, d)
    contestants: Contestants = {"plogp": lambda: KSG().mutual_information(x, y).value}
    if d == 1:
        contestants["scikit-learn"] = lambda: float(_compute_mi_cc(x[:, 0], y[:, 0], 3))
    else:
        contestants["scikit-learn's trees"] = lambda: by_trees(x, y)
    if n <= 10_000:
        contestants["SciPy's tree"] = lambda: by_scipy(x, y)
        if find_spec("npeet_plus"):
            contestants["npeet"] = lambda: by_npeet(x, y)
    truth = contestants["plogp"]()
    times = race(contestants, rounds=5 if n <= 10_000 else 2, right=lambda value: abs(value - truth) < 1e-6)
    print(table(f"KSG, {d} + {d} dimensions, n = {n:,}", times, baseline="plogp"))
    best = min(t.cpu for name, t in times.items() if name != "plogp" and t.right)
    goal = f"; the goal is {GOALS[d, n]} ×" if (d, n) in GOALS else ""
    print(f"The best peer took {best / times['plogp'].cpu:.1f} × our time{goal}.")
    print(f"Memory: {(times['plogp'].peak or 0) / n:.0f} bytes a point.\n")


def hard(n: int) -> dict[str, tuple[Floats, Floats]]:
    """Inputs that trees, tables and strips like least."""
    rng = np.random.default_rng(1)
    x, y = gaussian(n, 1)
    far = 1e6 * rng.integers(0, 2, size=(n, 1))
    line, grid = np.linspace(0, 1, n)[:, None], rng.integers(0, 10, size=(2, n, 1)).astype(float)
    return {
        "ties": (np.round(x, 1), np.round(y, 1)),
        "one of them with ties": (np.round(x, 1), y),
        "a grid of 10 × 10": (grid[0], grid[1]),
        "one of them constant": (np.ones((n, 1)), y),
        "Cauchy": (rng.standard_cauchy((n, 1)), rng.standard_cauchy((n, 1))),
        "y times 1e6": (x, 1e6 * y),
        "x times 1e6": (1e6 * x, y),
        "all on a line": (rng.permutation(line), rng.permutation(line)),
        "y = x": (x, x),
        "half of them copies": (np.repeat(x[: n // 2], 2, axis=0), np.repeat(y[: n // 2], 2, axis=0)),
        "two far clusters": (x + far, y + far),
        "sorted": (np.sort(x, axis=0), np.sort(y, axis=0)),
        "reversed": (np.sort(x, axis=0)[::-1].copy(), np.sort(y, axis=0)),
        "Cauchy, 3 + 3": (rng.standard_cauchy((n, 3)), rng.standard_cauchy((n, 3))),
        "ties, 3 + 3": (np.round(rng.normal(size=(n, 3)), 1), np.round(rng.normal(size=(n, 3)), 1)),
        "on a line, 3 + 3": (np.repeat(line, 3, axis=1), np.repeat(line, 3, axis=1)),
        "two far clusters, 3 + 3": (rng.normal(size=(n, 3)) + far, rng.normal(size=(n, 3)) + far),
    }


def on_hard_inputs(n: int) -> None:
    print(f"| KSG on hard inputs, n = {n:,} | plogp | SciPy's tree takes |\n|---|---|---|")
    for name, (x, y) in hard(n).items():
        contestants: Contestants = {
            "plogp": lambda x=x, y=y: KSG().mutual_information(x, y).value,
            "SciPy": lambda x=x, y=y: by_scipy(x, y),
        }
        truth = contestants["SciPy"]()
        times = race(contestants, rounds=2, right=lambda value, truth=truth: abs(value - truth) < 1e-9)
        ratio = f"{times['SciPy'].cpu / times['plogp'].cpu:.1f} ×" if times["plogp"].right else "WRONG VALUE"
        print(f"| {name} | {1e3 * times['plogp'].cpu:.1f} ms | {ratio} |")
    print()


def permutations(n: int, m: int) -> None:
    """m permutations, with what doesn't change kept; the peers' time is that of one, m times."""
    x, y = gaussian(n, 1)
    rng = np.random.default_rng(2)
    orders = [rng.permutation(n) for _ in range(m)]

    def ours() -> float:
        statistic = KSG().rearranged(x, y)
        return float(np.mean([statistic(order) for order in orders]))

    contestants: Contestants = {
        "plogp": ours,
        "scikit-learn, one of them": lambda: float(_compute_mi_cc(x[:, 0], y[orders[0], 0], 3)),
    }
    times = race(contestants, rounds=2)
    print(table(f"{m:,} permutations of KSG, n = {n:,}", times, baseline="plogp"))
    print(f"As many by the peer: {m * times['scikit-learn, one of them'].cpu / times['plogp'].cpu:.1f} × our time.\n")


def ranking(n: int) -> None:
    """One column of many, against a target of four classes; against a real one it is KSG."""
    x, y = gaussian(n, 1)
    classes = np.digitize(y, [-1, 0, 1]).astype(float)
    one = race(
        {
            "plogp": lambda: Ross().mutual_information(x, classes).value,
            "scikit-learn": lambda: float(_compute_mi_cd(x[:, 0], classes[:, 0], 3)),
        },
        rounds=3,
        right=lambda value: abs(value - _compute_mi_cd(x[:, 0], classes[:, 0], 3)) < 1e-9,
    )
    print(table(f"Ross, n = {n:,}, four classes", one, baseline="plogp"))
    print(f"scikit-learn took {one['scikit-learn'].cpu / one['plogp'].cpu:.1f} × our time; the goal is 30 ×.\n")


def growth(largest: int) -> None:
    print("| n | KSG, nanoseconds a point |\n|---|---|")
    for n in (n for n in (1_000, 10_000, 100_000, 1_000_000, 3_000_000) if n <= largest):
        x, y = gaussian(n, 1)
        took = race({"plogp": lambda x=x, y=y: KSG().mutual_information(x, y).value}, rounds=3)["plogp"].cpu
        print(f"| {n:,} | {1e9 * took / n:.0f} |")
    print()


def threads(n: int) -> None:
    """One and two threads, in processes of their own that take turns; the values must be equal to the bit."""
    found: dict[str, list[list[str]]] = {"1": [], "2": []}
    for count in 4 * ["1", "2"]:
        environment = os.environ | {"NUMBA_NUM_THREADS": count}
        command = [sys.executable, "-m", "benchmarks.speed", str(n), "--threads"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        found[count].append(done.stdout.split())
    for job, name in enumerate(("KSG, 1 + 1", "KSG, 5 + 5")):
        values, took = set(), {}
        for count, runs in found.items():
            values |= {run[job].split(",")[0] for run in runs}
            took[count] = min(float(run[job].split(",")[1]) for run in runs)
        assert len(values) == 1
        size = n if job == 0 else n // 10
        print(f"{name}, n = {size:,}: one thread takes {took['1'] / took['2']:.2f} × the time of two; the same bits.")


def one_run(n: int) -> None:
    """For each job its value and the least seconds that it took, with as many threads as this process has."""
    for d in (1, 5):
        x, y = gaussian(n if d == 1 else n // 10, d)
        took = []
        for _ in range(ROUNDS):
            start = perf_counter()
            value = KSG().mutual_information(x, y).value
            took.append(perf_counter() - start)
        print(f"{value.hex()},{min(took)}")


def main(largest: int) -> None:
    for d, n in GOALS:
        if n <= (largest if d == 1 else largest // 10):
            against_peers(n, d)
    on_hard_inputs(min(largest, 10_000))
    permutations(10_000, 100)
    ranking(min(largest, 100_000))
    growth(largest)
    threads(largest)


if __name__ == "__main__":
    asked = [argument for argument in sys.argv[1:] if argument != "--threads"]
    (one_run if "--threads" in sys.argv else main)(int(float(asked[0])) if asked else 1_000_000)
