"""Count two columns of 1e7 rows and take their mutual information: `python -m benchmarks.counting [rows]`.

Three jobs: 100 × 100 outcomes, which fit a dense table; 100,000 × 100,000 outcomes of which most pairs occur once; and
as many outcomes in only 100,000 pairs, where memory should follow the pairs and not the rows.

The second is run again in a process whose NumPy has no wide vectors. With them NumPy sorts some eight times as fast,
and where a processor is good at that, a sort of all words is as quick as any way to count; elsewhere the goal of 3 ×
stands.

Predicted for 1e7 rows of int64, one thread, before the loops were written, and again after a first sketch of them:
- dense: packing is bound by one read of the 160 MB (8 ms), counting adds some .5 ns a row: 16 to 18 ms; then 14 to
  16 ms, 2.3 × bincount;
- sparse: two reads, one scatter into buckets (50 ms), a radix sort of each bucket in the cache (70 ms), and the margins
  (40 ms): 210 to 240 ms; then 200 to 240 ms, 3.3 × sort + diff.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.timing import one_thread, race, table

one_thread()
os.environ["POLARS_MAX_THREADS"] = "1"

import duckdb  # noqa: E402
import numpy as np  # noqa: E402
import polars  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from sklearn.metrics import mutual_info_score  # noqa: E402

from plogp.counts import Counts  # noqa: E402
from plogp.estimate import PlugIn  # noqa: E402
from plogp.samples import Samples  # noqa: E402

Column = NDArray[np.int64]

GOALS = {
    "dense": {"scikit-learn": 100, "NumPy bincount": 2},
    "sparse": {"scikit-learn": 40, "NumPy sort + diff": 3},
}


def dense(rng: np.random.Generator, n: int) -> tuple[Column, Column, int]:
    """100 outcomes each; y copies x three times in ten."""
    return (*copied(rng, n, 100), 100)


def sparse(rng: np.random.Generator, n: int) -> tuple[Column, Column, int]:
    """100,000 outcomes each; y copies x three times in ten."""
    return (*copied(rng, n, 100_000), 100_000)


def few_pairs(rng: np.random.Generator, n: int) -> tuple[Column, Column, int]:
    """100,000 outcomes each, in 100,000 pairs."""
    pairs, pick = rng.integers(0, 100_000, (100_000, 2)), rng.integers(0, 100_000, n)
    return np.ascontiguousarray(pairs[pick, 0]), np.ascontiguousarray(pairs[pick, 1]), 100_000


def copied(rng: np.random.Generator, n: int, k: int) -> tuple[Column, Column]:
    x = rng.integers(0, k, n)
    return x, np.where(rng.random(n) < 0.3, x, rng.integers(0, k, n))


def entropy(counts: NDArray[Any], n: int) -> float:
    """The plug-in entropy from how many cells have each count, for the peers."""
    cells = np.bincount(counts)
    values = np.flatnonzero(cells)[np.flatnonzero(cells) > 0]
    return float(np.log(n) - cells[values] @ (values * np.log(values)) / n)


def mutual_information(counts: NDArray[Any], x: NDArray[Any], y: NDArray[Any], n: int) -> float:
    return entropy(x, n) + entropy(y, n) - entropy(counts, n)


def of(counts: Counts) -> float:
    """By plogp's own estimator."""
    plug_in = PlugIn()
    x, y, both = (plug_in.entropy(counts.frequencies(names)) for names in ("x", "y", None))
    return x + y - both


def contestants(x: Column, y: Column, k: int) -> dict[str, Callable[[], float]]:
    """Ways to the same number; each but the first two knows nothing of codes outside 0..k-1."""
    n, outcomes = x.size, {"x": range(k), "y": range(k)}
    frame = polars.DataFrame({"x": x, "y": y})
    base = duckdb.connect()
    base.execute("SET threads = 1")
    base.register("pairs", frame.to_arrow())

    def margins(counts: Iterable[int]) -> float:
        return mutual_information(np.asarray(counts), np.bincount(x), np.bincount(y), n)

    def bincount() -> float:
        cells = np.bincount(x * k + y, minlength=k * k).reshape(k, k)
        return mutual_information(cells.ravel(), cells.sum(1), cells.sum(0), n)

    def sort_diff() -> float:
        words = x * k + y
        words.sort()
        return margins(np.diff(np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1], [True]]))))

    numpy_ = {"NumPy bincount": bincount} if k * k < n else {"NumPy sort + diff": sort_diff}
    return {
        "plogp": lambda: of(Counts.from_codes({"x": x, "y": y}, outcomes)),
        "plogp.Samples": lambda: of(Samples({"x": x, "y": y}).counts(["x", "y"])[0]),
        **numpy_,
        "Polars": lambda: margins(frame.group_by("x", "y").len()["len"].to_numpy()),
        "DuckDB": lambda: margins(base.sql("SELECT count(*) AS c FROM pairs GROUP BY x, y").fetchnumpy()["c"]),
    }


def without_wide_vectors(n: int) -> None:
    """The sparse job once more, in a process of its own."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    if found:
        print(f"With NumPy kept from {', '.join(found)}:\n", flush=True)
        environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(found)}
        subprocess.run([sys.executable, "-m", "benchmarks.counting", str(n), "sparse"], env=environment, check=True)


def main(n: int, *names: str) -> None:
    for job in (dense, sparse, few_pairs):
        if names and job.__name__ not in names:
            continue
        x, y, k = job(np.random.default_rng(0), n)
        truth = float(mutual_info_score(x, y))
        quick = contestants(x, y, k)
        slow = {"plogp": quick["plogp"], "scikit-learn": lambda x=x, y=y: float(mutual_info_score(x, y))}
        title = f"count + MI, {n:,} rows, {job.__name__.replace('_', ' ')} ({job.__doc__})"
        for rounds, some in ((7, quick), (2, slow)):
            times = race(some, rounds=rounds, right=lambda value, truth=truth: abs(value - truth) < 1e-9 * truth)
            print(table(title, times, baseline="plogp"))
            for peer, goal in GOALS.get(job.__name__, {}).items():
                if peer in times:
                    print(f"{peer}: {times[peer].wall / times['plogp'].wall:.1f} × our time; the goal is {goal} ×\n")

    if not names:
        without_wide_vectors(n)


if __name__ == "__main__":
    main(int(float(sys.argv[1])) if len(sys.argv) > 1 else 10_000_000, *sys.argv[2:])
