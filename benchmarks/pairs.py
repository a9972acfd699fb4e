"""All pairs of 200 columns and of 20 continuous ones, and rankings of 100: `python -m benchmarks.pairs [rows]`.

Every contestant runs on one processor, and its processor time is compared: the least of several rounds, in turns. Slow
peers do a part of the work, and the table says for how many pairs or columns; times are per pair or per column.
fast-select is compared where it is installed.

Predicted for 1e5 rows and 10 levels, before the loops were written: a word of two planes is one AND, one POPCNT and one
ADD of vectors, .1 ns; 9 × 9 planes of 1,563 words are 13 µs a pair, the sums over 100 cells some 3 µs: .32 s for 19,900
pairs, and .1 s for encoding, packing and means under permutation.

Of the rankings: a column is argsorted (3 ms), and all else reads it in order: bins and codes 1 ms, for classes windows
of k + 1 of a class and the ends of what is nearer 3 ms, for real targets the plane of normal scores 30 ms; some 9 and
36 ms a column. Measured 12.8 and 37: the ends of what is nearer take 35 ns a value, as no branch there is foreseen.
Of 20 continuous columns a pair is to take the time of its plane, some 33 ms, and the 20 sorts nothing beside it.
"""

import os
import sys
from collections.abc import Callable
from functools import partial
from itertools import combinations, islice
from typing import Any

from benchmarks.timing import Timing, duration, one_thread, race

one_thread()
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402
from sklearn.feature_selection import mutual_info_classif, mutual_info_regression  # noqa: E402
from sklearn.metrics import mutual_info_score  # noqa: E402

from plogp import measure  # noqa: E402
from plogp.pairwise import mutual_information_matrix, rank  # noqa: E402

COLUMNS, LEVELS, FEATURES, CONTINUOUS = 200, 10, 100, 20
GOALS = {"fast-select": 50, "scikit-learn": 500}
RANK_GOALS = {"class target": 30, "real target": 12}

Call = Callable[[], Any]


def columns(n: int) -> NDArray[np.int64]:
    """Columns of 10 levels, each of which copies a common one two times in ten; shape (n, 200)."""
    rng = np.random.default_rng(0)
    base = rng.integers(0, LEVELS, (n, 1))
    return np.where(rng.random((n, COLUMNS)) < 0.2, base, rng.integers(0, LEVELS, (n, COLUMNS)))


def fast_select(x: NDArray[np.int32]) -> float:
    """I of the first two columns in nats, as its fastest function has it."""
    from fast_select.mutual_information import calculate_mi_matrices

    return float(calculate_mi_matrices(x, x[:, 0], backend="cpu", unit="nat")[1][0, 1])


def in_a_loop(x: NDArray[np.int64], pairs: int) -> float:
    """As people write it."""
    first, *_ = [mutual_info_score(x[:, i], x[:, j]) for i, j in islice(combinations(range(COLUMNS), 2), pairs)]
    return float(first)


def shown(title: str, times: dict[str, Timing], parts: dict[str, int], of: int, what: str) -> None:
    """A table of times per part, and how long the whole takes by that."""
    per = {name: timing.cpu / parts[name] for name, timing in times.items()}
    print(f"| {title} | {what}s timed | a {what} | all {of:,} | times plogp |\n|---|---|---|---|---|")
    for name, seconds in per.items():
        ratio = f"{seconds / per['plogp']:.1f}" if times[name].right else "WRONG VALUE"
        print(f"| {name} | {parts[name]:,} | {duration(seconds)} | {duration(of * seconds)} | {ratio} |")
    print()


def matrices(n: int) -> None:
    x, every = columns(n), COLUMNS * (COLUMNS - 1) // 2
    table = {f"x{i}": np.ascontiguousarray(x[:, i]) for i in range(COLUMNS)}
    truth = float(mutual_info_score(x[:, 0], x[:, 1]))
    ours = partial(mutual_information_matrix, table, unit="nats")
    contestants: dict[str, Call] = {
        "plogp": lambda: ours(estimator="plug-in")["x0", "x1"],
        "plogp, bias-corrected": lambda: ours()["x0", "x1"],
        "plogp, and p-values": lambda: ours(p_values=True)["x0", "x1"],
        "scikit-learn": partial(in_a_loop, x, 20),
    }
    parts = dict.fromkeys(contestants, every) | {"scikit-learn": 20, "fast-select": 40 * 39 // 2}
    try:
        some = np.ascontiguousarray(x[:, :40].astype(np.int32))
        fast_select(some)
        contestants["fast-select"] = partial(fast_select, some)
    except ImportError:
        print("fast-select isn't installed and wasn't timed\n")
    times = race(contestants, rounds=5, right=lambda value: abs(value - truth) < 1e-3)
    shown(f"all pairs, {n:,} rows × {COLUMNS} columns × {LEVELS} levels", times, parts, every, "pair")
    ratios = {name: times[name].cpu / parts[name] / (times["plogp"].cpu / every) for name in GOALS if name in times}
    for name, ratio in ratios.items():
        print(f"{name}: {ratio:.0f} × our time; the goal is {GOALS[name]} ×\n")


def rankings(n: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, FEATURES))
    y = x[:, :5].sum(1) + rng.standard_normal(n)
    classes = np.digitize(y, [-2, 0, 2])
    peers = {"class target": (classes, mutual_info_classif), "real target": (y, mutual_info_regression)}
    for kind, (target, peer) in peers.items():
        table = {f"x{i}": x[:, i] for i in range(FEATURES)} | {"y": target}
        contestants: dict[str, Call] = {
            "plogp": lambda table=table: len(rank(table, "y", confidence=None)),
            "plogp, bins": lambda table=table: len(rank(table, "y", confidence=None, continuous="bins")),
            "scikit-learn": lambda peer=peer, target=target: len(peer(x[:, :2], target, n_neighbors=3)),
        }
        parts = {"plogp": FEATURES, "plogp, bins": FEATURES, "scikit-learn": 2}
        times = race(contestants, rounds=2)
        shown(f"ranking, {n:,} rows × {FEATURES} columns, {kind}", times, parts, FEATURES, "column")
        ratio = times["scikit-learn"].cpu / 2 / (times["plogp"].cpu / FEATURES)
        print(f"scikit-learn, {kind}: {ratio:.1f} × our time; the goal is {RANK_GOALS[kind]} ×\n")


def measured(table: dict[str, NDArray[np.float64]], pairs: list[tuple[str, str]]) -> float:
    """I of the first pair in nats, each pair by itself."""
    formulas = [(f"I({a};{b})", {a: table[a], b: table[b]}) for a, b in pairs]
    first, *_ = [measure(formula, columns, unit="nats", confidence=None).value for formula, columns in formulas]
    return float(first)


def continuous(n: int) -> None:
    """All pairs of continuous columns, each sorted once, and the same pairs one by one."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, 1)) + 2 * rng.standard_normal((n, CONTINUOUS))
    table = {f"x{i}": x[:, i] for i in range(CONTINUOUS)}
    every = CONTINUOUS * (CONTINUOUS - 1) // 2
    some = list(islice(combinations(table, 2), 5))
    contestants: dict[str, Call] = {
        "plogp": lambda: mutual_information_matrix(table, unit="nats")["x0", "x1"],
        "plogp.measure, pair by pair": partial(measured, table, some),
        "scikit-learn": lambda: mutual_info_regression(x[:, :1], x[:, 1], n_neighbors=3)[0],
    }
    parts = {"plogp": every, "plogp.measure, pair by pair": len(some), "scikit-learn": 1}
    truth = -0.5 * np.log(1 - 0.2**2)
    times = race(contestants, rounds=2, right=lambda value: abs(value - truth) < 0.02)
    shown(f"all pairs, {n:,} rows × {CONTINUOUS} continuous columns", times, parts, every, "pair")


if __name__ == "__main__":
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 100_000
    matrices(rows)
    continuous(rows)
    rankings(rows)
