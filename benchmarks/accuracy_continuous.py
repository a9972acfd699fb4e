"""The same for continuous data: `python -m benchmarks.accuracy_continuous [--sizes N …] [--many N] [--seeds N]`.

Prints, in nats, for truths of 1 to 50 dimensions: bias and error of mutual information for each family and each
dimension, CPU seconds, and how often nominal 95 % intervals cover the truth. Beside it, on the same samples, stand
KSG alone (k = 3, columns of equal variance), a Gaussian copula, and of scikit-learn, npeet, infomeasure and ennemi what
is installed; those that take single columns are measured on these. `--sizes 10000` measures that size alone, `--single`
only single columns. At the end stands what `"auto"` takes for many rows of single columns.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from itertools import product
from math import log

import numpy as np
from numpy.typing import NDArray
from truths_continuous import DEPENDENT, Truth
from truths_mixed import NULLS

from plogp.estimate import mutual_information
from plogp.estimate.gaussian import GaussianCopula
from plogp.estimate.local import Estimate, SampleEstimator
from plogp.estimate.spread import uncertainty
from plogp.estimate.surrogate import SurrogateKSG
from plogp.estimate.surrogate.neighbour_terms import ksg_terms

Floats = NDArray[np.float64]
TRUTHS = {truth.name: truth for truth in (*DEPENDENT, *NULLS)}
NOMINAL = 0.95
SMOOTH = ("gaussian", "warped", "student", "mixture")
"""Families whose densities have no edges, folds or waves."""


@dataclass(frozen=True)
class KSG(SampleEstimator):
    """Neighbours alone."""

    name = "ksg"

    def mutual_information(self, x: Floats, y: Floats) -> Estimate:
        return Estimate(float(ksg_terms(x / x.std(axis=0), y / y.std(axis=0), 3).mean()))


OURS: dict[str, SampleEstimator] = {one.name: one for one in (SurrogateKSG(), KSG(), GaussianCopula())}


# ---- peers ----------------------------------------------------------------------------------------------------------


def by_scikit_learn(x: Floats, y: Floats) -> float:
    from sklearn.feature_selection import mutual_info_regression

    return float(mutual_info_regression(x, y[:, 0], random_state=0)[0])


def by_npeet(x: Floats, y: Floats) -> float:
    import npeet_plus

    return float(npeet_plus.mi(x, y, k=3)) * log(2)


def by_infomeasure(x: Floats, y: Floats) -> float:
    import infomeasure

    return float(infomeasure.mutual_information(x, y, approach="metric", k=3))


def by_ennemi(x: Floats, y: Floats) -> float:
    import ennemi

    return float(ennemi.estimate_mi(y[:, 0], x[:, 0], k=3)[0, 0])


@dataclass(frozen=True)
class Peer:
    """Another library: how it is called, whether for single columns only, its module, and whether it clips at 0."""

    call: Callable[[Floats, Floats], float]
    single: bool
    module: str
    clips: bool = False

    @property
    def present(self) -> bool:
        return find_spec(self.module) is not None


PEERS = {
    "scikit-learn": Peer(by_scikit_learn, True, "sklearn", clips=True),
    "npeet": Peer(by_npeet, False, "npeet_plus"),
    "infomeasure": Peer(by_infomeasure, False, "infomeasure"),
    "ennemi": Peer(by_ennemi, True, "ennemi"),
}


# ---- one sample -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What was found on one sample.

    Attributes:
        truth, n: of the sample.
        errors, seconds: of each estimator.
        covered, widths: of the intervals of each of ours.
        flagged: whether ours warned of bias.
    """

    truth: str
    n: int
    errors: dict[str, float] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    covered: dict[str, bool] = field(default_factory=dict)
    widths: dict[str, float] = field(default_factory=dict)
    flagged: bool = False

    @property
    def of(self) -> Truth:
        return TRUTHS[self.truth]


def measured(task: tuple[str, int, int], intervals: bool = True) -> Row:
    """Draw, and estimate by each, ours with intervals."""
    name, n, seed = task
    truth = TRUTHS[name]
    x, y = truth.draw(n, np.random.default_rng([seed, n]))
    row, flagged = Row(name, n), False
    for who, estimator in OURS.items():
        start = time.process_time()
        found = estimator.mutual_information(x, y)
        row.seconds[who] = time.process_time() - start
        row.errors[who] = found.value - truth.value
        if not intervals:
            continue
        known = uncertainty(lambda rows, by=estimator: by.mutual_information(x[rows], y[rows]).value, found, n)
        if limits := known.interval(NOMINAL):
            low, high = limits
            row.covered[who], row.widths[who] = low <= truth.value <= high, (high - low) / 2
            flagged |= who == "surrogate-ksg" and bool(known.notes)
    for who, peer in PEERS.items():
        if peer.present and not (peer.single and max(truth.dimensions) > 1):
            start = time.process_time()
            row.errors[who] = peer.call(x, y) - truth.value
            row.seconds[who] = time.process_time() - start
    return Row(name, n, row.errors, row.seconds, row.covered, row.widths, flagged)


# ---- tables ---------------------------------------------------------------------------------------------------------


def dimension(row: Row) -> str:
    d = max(row.of.dimensions)
    return next(
        name
        for most, name in ((1, "1 + 1"), (3, "2 to 3"), (5, "4 to 5"), (10, "6 to 10"), (99, "25 to 50"))
        if d <= most
    )


def by(rows: Iterable[Row], key: Callable[[Row], str]) -> dict[str, list[Row]]:
    """The rows in groups; nulls by themselves."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault("nulls" if row.of.family == "null" else key(row), []).append(row)
    return groups


def report_errors(rows: list[Row]) -> None:
    """Mean absolute error, bias and root mean square error; only rows that an estimator takes."""
    who = [*OURS, *(name for name, peer in PEERS.items() if peer.present)]
    print(f"\n### n = {rows[0].n:,}: mean absolute error / bias / root mean square error, nats\n")
    print(f"| truths | samples | {' | '.join(who)} |\n|{'--|' * (len(who) + 2)}")
    dependent = [row for row in rows if row.of.family != "null"]
    groups = {"all but nulls": dependent} | by(dependent, dimension) | by(rows, lambda row: row.of.family)
    for name, group in groups.items():
        cells = []
        for one in who:
            errors = np.array([row.errors[one] for row in group if one in row.errors])
            whole = errors.size == len(group)
            figures = (np.abs(errors).mean(), errors.mean(), np.sqrt((errors**2).mean())) if whole else ()
            cells.append("{:.3f} / {:+.3f} / {:.3f}".format(*figures) if whole else "")
        print(f"| {name} | {len(group)} | {' | '.join(cells)} |")
    seconds = [[row.seconds[one] for row in rows if one in row.seconds] for one in who]
    print(f"| CPU seconds, mean (greatest) | | {' | '.join(f'{np.mean(s):.3f} ({max(s):.2f})' for s in seconds)} |")


def report_single(rows: list[Row]) -> None:
    """Root mean square error on each truth of single columns, and ours over the best peer's, ± its standard error.

    Where the truth is 0, a peer that replaces negative estimates by 0 isn't compared with: it can't err below.
    """
    single = by([row for row in rows if max(row.of.dimensions) == 1], lambda row: row.truth)
    who = [one for one in (*OURS, *PEERS) if any(one in row.errors for group in single.values() for row in group)]
    print(f"\n### n = {rows[0].n:,}: root mean square error on single columns, nats\n")
    print(f"| truth | I | {' | '.join(who)} | over the best peer |\n|{'--|' * (len(who) + 3)}")
    for name, group in single.items():
        squares = {one: np.array([row.errors[one] ** 2 for row in group]) for one in who}
        peers = [one for one in who if one in PEERS and not (name == "nulls" and PEERS[one].clips)]
        best = min(peers, key=lambda one: squares[one].mean(), default="ksg")
        ratio = ratio_of(squares["surrogate-ksg"], squares[best])
        cells = " | ".join(f"{np.sqrt(squares[one].mean()):.3f}" for one in who)
        print(f"| {name} | {group[0].of.value:.3f} | {cells} | {ratio} |")


def ratio_of(ours: Floats, theirs: Floats) -> str:
    """The root of the ratio of two means, and of several samples its standard error by the jackknife."""
    ratio = f"{np.sqrt(ours.mean() / theirs.mean()):.2f}"
    if ours.size == 1:
        return ratio
    without = np.sqrt((ours.sum() - ours) / (theirs.sum() - theirs))
    return f"{ratio} ± {np.sqrt((ours.size - 1) * without.var()):.2f}"


def report_coverage(rows: list[Row]) -> None:
    """Share of intervals that hold the truth, and half their width, of ours."""
    print(f"\n### n = {rows[0].n:,}: coverage of nominal 95 % intervals (median half width, nats)\n")
    print(f"| truths | samples | {' | '.join(OURS)} | surrogate-ksg flags bias |\n|{'--|' * (len(OURS) + 3)}")
    dependent = [row for row in rows if row.of.family != "null"]
    smooth = [row for row in dependent if row.of.family in SMOOTH and max(row.of.dimensions) <= 5]
    groups = {"all": rows, "all but nulls": dependent, "smooth, to 5 + 5": smooth}
    for name, group in (groups | by(dependent, dimension) | by(rows, lambda row: row.of.family)).items():
        cells = []
        for one in OURS:
            covered = [row.covered[one] for row in group if one in row.covered]
            cells.append(
                f"{np.mean(covered):.0%} ({np.median([row.widths[one] for row in group if one in row.widths]):.3f})"
            )
        print(f"| {name} | {len(group)} | {' | '.join(cells)} | {np.mean([row.flagged for row in group]):.0%} |")


def report_weak(rows: list[Row]) -> None:
    """The truths that ours errs most on, and how often it said so."""
    groups = by(rows, lambda row: row.truth)

    def error(group: list[Row]) -> float:
        return float(np.mean([abs(row.errors["surrogate-ksg"]) for row in group]))

    print(f"\n### n = {rows[0].n:,}: where surrogate-ksg errs most, nats\n")
    print("| truth | I | mean absolute error | bias | flagged |\n|--|--|--|--|--|")
    for name, group in sorted(groups.items(), key=lambda item: -error(item[1]))[:8]:
        bias = np.mean([row.errors["surrogate-ksg"] for row in group])
        flagged = f"{sum(row.flagged for row in group)} of {len(group)}"
        print(f"| {name} | {group[0].of.value:.2f} | {error(group):.2f} | {bias:+.2f} | {flagged} |")


# ---- nulls ----------------------------------------------------------------------------------------------------------


def measured_null(task: tuple[str, int, int]) -> tuple[str, float]:
    """Draw independent x and y, and estimate."""
    name, n, seed = task
    x, y = TRUTHS[name].draw(n, np.random.default_rng([seed, n]))
    return name, SurrogateKSG().mutual_information(x, y).value


def report_nulls(found: list[tuple[str, float]], n: int) -> None:
    """The mean on each, unclipped, ± its standard error."""
    print(f"\n### n = {n:,}: nulls, mean of surrogate-ksg ± its standard error, nats\n")
    print("| truth | samples | mean |\n|--|--|--|")
    for name in [*dict.fromkeys(name for name, _ in found), "all"]:
        values = np.array([value for of, value in found if name in (of, "all")])
        print(f"| {name} | {values.size} | {values.mean():+.4f} ± {values.std(ddof=1) / np.sqrt(values.size):.4f} |")


# ---- many rows ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Many:
    """What `"auto"` found on many rows of single columns, and `SurrogateKSG` beside it."""

    truth: str
    estimator: str
    error: float
    half_width: float
    covered: bool
    surrogate_error: float
    seconds: tuple[float, float]


def measured_many(task: tuple[str, int, int]) -> Many:
    """Draw, and estimate by both; the seconds are those of the estimate alone, without its interval."""
    name, n, seed = task
    truth = TRUTHS[name]
    x, y = (side[:, 0] for side in truth.draw(n, np.random.default_rng([seed, n])))
    found = mutual_information(x, y, unit="nats", confidence=NOMINAL)
    assert found.interval is not None
    low, high = found.interval
    values, seconds = [], []
    for estimator in ("auto", "surrogate-ksg"):
        start = time.process_time()
        values.append(float(mutual_information(x, y, estimator=estimator, unit="nats", confidence=None).value))
        seconds.append(time.process_time() - start)
    error, other = (value - truth.value for value in values)
    inside = low <= truth.value <= high
    return Many(name, found.estimator, error, (high - low) / 2, inside, other, (seconds[0], seconds[1]))


def report_many(rows: list[Many], n: int) -> None:
    """Error and coverage of `"auto"` on each truth of single columns, and the error and time of the other."""
    print(f'\n### n = {n:,}, single columns: "auto" is {" or ".join(sorted({row.estimator for row in rows}))}\n')
    print(
        "| truth | I | bias | mean absolute error | coverage (half width) | by surrogate-ksg: error | times the time |"
    )
    print("|--|--|--|--|--|--|--|")
    for name in [*dict.fromkeys(row.truth for row in rows), "all"]:
        group = [row for row in rows if name in (row.truth, "all")]
        errors, others = (np.array([getattr(row, of) for row in group]) for of in ("error", "surrogate_error"))
        covered = f"{np.mean([row.covered for row in group]):.0%} ({np.median([r.half_width for r in group]):.4f})"
        ours, theirs = np.sum([row.seconds for row in group], axis=0)
        value = "" if name == "all" else f"{TRUTHS[name].value:.3f}"
        cells = f"{errors.mean():+.4f} | {np.abs(errors).mean():.4f} | {covered} | {np.abs(others).mean():.4f}"
        print(f"| {name} | {value} | {cells} | {theirs / ours:.0f} × |")
    print(f"\nCPU seconds of an estimate: {np.mean([row.seconds for row in rows], axis=0).round(3)}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="*", default=[300, 1_000, 10_000], help="observations a sample")
    parser.add_argument(
        "--seeds",
        type=int,
        default=4,
        help="samples a truth (default 4; of 10,000 or more one); of single columns twelve times as many",
    )
    parser.add_argument("--many", type=int, default=60_000, help='rows for "auto" on single columns; 0 for none')
    parser.add_argument("--single", action="store_true", help="only truths of single columns")
    parser.add_argument("--first", type=int, default=500, help="the first seed (default 500)")
    parser.add_argument("--workers", type=int, default=None, help="processes (default: one a core)")
    options = parser.parse_args()
    single = [name for name, truth in TRUTHS.items() if max(truth.dimensions) == 1]
    for name, peer in PEERS.items():
        if not peer.present:
            print(f"\n{name} isn't installed and isn't measured.")
    with ProcessPoolExecutor(options.workers) as pool:
        for n in options.sizes:
            seeds = range(options.first, options.first + (options.seeds if n < 10_000 else 1))
            rows = list(pool.map(measured, product(single if options.single else TRUTHS, [n], seeds)))
            report_errors(rows)
            more = range(options.first + len(seeds), options.first + 12 * options.seeds)
            report_single(rows + list(pool.map(partial(measured, intervals=False), product(single, [n], more))))
            more = range(options.first, options.first + (12 if n < 10_000 else 1) * options.seeds)
            independent = [one for one in (single if options.single else TRUTHS) if TRUTHS[one].family == "null"]
            report_nulls(list(pool.map(measured_null, product(independent, [n], more))), n)
            report_coverage(rows)
            report_weak(rows)
        if options.many:
            tasks = product(single, [options.many], range(options.first, options.first + options.seeds))
            report_many(list(pool.map(measured_many, tasks)), options.many)


if __name__ == "__main__":
    main()
