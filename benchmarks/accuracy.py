"""How near the truth, and how honest about it: `python -m benchmarks.accuracy [--quick] [--seed N]`.

Prints, for discrete data, in nats: the error of each estimator of entropy; bias and error of mutual information; how
often nominal 95 % intervals cover the truth on fresh random tables of 4 to 1,000 cells; and whether p-values are
uniform under 3,000 random nulls of each kind. Peers stand beside: scikit-learn's plug-in value, and the delta method.

`benchmarks.accuracy_continuous` is of continuous data, `accuracy_densities` of laws; `make accuracy` runs all of them.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.random import Generator, SeedSequence
from truths import (
    Distribution,
    conditionally_independent,
    independent,
    near_deterministic,
    random_distribution,
    random_table,
    spike,
    uniform,
    zipf,
)

from plogp.counts import Counts
from plogp.estimate import NAMES, NSB, CountsSource, DiscreteEstimator
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.result import Result

SIZES = (200, 1_000, 10_000)
NOMINAL = 0.95
GOOD = (0.92, 0.985)
"""What the coverage of a nominal 95 % interval should be within."""


def infer(formula: Formula, counts: Counts, estimator: str | DiscreteEstimator = "auto") -> Result:
    return CountsSource(counts, estimator).infer(formula, Request(confidence=NOMINAL))


# ---- coverage -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Setting:
    """A formula on samples of one size from one population."""

    formula: str
    population: Distribution
    n: int
    seed: SeedSequence
    repetitions: int


@dataclass(frozen=True)
class Coverage:
    """How often the intervals of one setting covered the truth.

    Attributes:
        setting: of what.
        covered: share of samples whose interval holds the truth.
        flagged: share of samples whose result warns of undersampling.
        delta: the same for the delta method around the plug-in value, of mutual information; else NaN.
        bias, spread, std_error: of the estimate, and root mean square of its standard error.
    """

    setting: Setting
    covered: float
    flagged: float
    delta: float
    bias: float
    spread: float
    std_error: float

    @property
    def good(self) -> bool:
        return GOOD[0] <= self.covered <= GOOD[1]


def coverage(setting: Setting) -> Coverage:
    """Draw, infer, compare; samples in which a variable is constant say nothing and are left out."""
    formula, rng = Formula(setting.formula), np.random.default_rng(setting.seed)
    truth, rows = setting.population.truth(setting.formula), []
    while len(rows) < setting.repetitions:
        counts = setting.population.counts(setting.n, rng)
        result = infer(formula, counts)
        if result.interval is None or result.std_error is None:
            continue
        low, high = result.interval
        warned = any(note.startswith("undersampled") for note in result.notes)
        delta = delta_method(counts) if setting.formula == "I(X;Y)" else (np.nan, np.nan)
        inside = [a - 1e-12 <= truth and not b + 1e-12 < truth for a, b in ((low, high), delta)]
        rows.append((inside[0], warned, inside[1], result.value, result.std_error**2))
    covered, flagged, by_delta, value, variance = np.array(rows, dtype=np.float64).T
    by_delta = by_delta if setting.formula == "I(X;Y)" else np.array([np.nan])
    means = covered.mean(), flagged.mean(), by_delta.mean(), value.mean() - truth, value.std(), sqrt(variance.mean())
    return Coverage(setting, *map(float, means))


def delta_method(counts: Counts) -> tuple[float, float]:
    """The plug-in mutual information ± 1.96 standard errors, cut at 0: what is usually done."""
    p = counts.to_array() / counts.n
    with np.errstate(divide="ignore", invalid="ignore"):
        local = np.where(p > 0, np.log(p / np.outer(p.sum(1), p.sum(0))), 0.0)
    value = float(np.sum(p * local))
    reach = 1.96 * sqrt(max(float(np.sum(p * local**2)) - value**2, 0.0) / counts.n)
    return max(value - reach, 0.0), value + reach


def settings(seed: int, tables: int, repetitions: int) -> Iterator[Setting]:
    """Fresh random populations for each quantity; the same at each n."""
    kinds: dict[str, Callable[[Generator], Distribution]] = {
        "H(X)": random_distribution,
        "I(X;Y)": random_table,
        "I(X;Y|Z)": lambda rng: random_table(rng, strata=True),
        "H(X|Y)": random_table,
        "TC(X;Y;Z)": lambda rng: random_table(rng, strata=True),
    }
    for formula, seeds in zip(kinds, SeedSequence(seed).spawn(len(kinds)), strict=True):
        for own in seeds.spawn(tables):
            population = kinds[formula](np.random.default_rng(own))
            for n, drawn in zip(SIZES, own.spawn(len(SIZES)), strict=True):
                yield Setting(formula, population, n, drawn, repetitions)


def report_coverage(found: list[Coverage]) -> None:
    print(f"\n## Coverage of nominal 95 % intervals: settings within {GOOD[0]:.1%} and {GOOD[1]:.1%}\n")
    print("| formula | n | settings | within | below | above | mean | worst | flagged | within, of unflagged | delta |")
    print("|--|--|--|--|--|--|--|--|--|--|--|")
    formulas = dict.fromkeys(c.setting.formula for c in found)
    for formula, n in [(f, n) for f in (*formulas, "all") for n in SIZES]:
        part = [c for c in found if c.setting.n == n and formula in (c.setting.formula, "all")]
        covered, plain = np.array([c.covered for c in part]), [c.good for c in part if c.flagged < 0.5]
        by_delta = [GOOD[0] <= c.delta <= GOOD[1] for c in part if not np.isnan(c.delta)]
        print(
            f"| {formula} | {n:,} | {len(part)} | {np.mean([c.good for c in part]):.0%} "
            f"| {np.mean(covered < GOOD[0]):.0%} | {np.mean(covered > GOOD[1]):.0%} | {covered.mean():.1%} "
            f"| {covered.min():.1%} | {np.mean([c.flagged for c in part]):.0%} | {np.mean(plain):.0%} "
            f"| {f'{np.mean(by_delta):.0%}' if by_delta else ''} |"
        )
    print("\nSettings below, and whether the result warned:\n")
    for c in sorted(found, key=lambda c: c.covered):
        if c.covered < GOOD[0]:
            print(
                f"- {c.setting.formula}, n = {c.setting.n:,}, {c.setting.population.name}: {c.covered:.1%}, flagged "
                f"{c.flagged:.0%}, bias {c.bias:+.4f}, spread {c.spread:.4f}, standard error {c.std_error:.4f}"
            )


# ---- p-values -------------------------------------------------------------------------------------------------------


def null_p_value(formula: str, seed: SeedSequence) -> float:
    """The p-value of one sample from one random population in which the formula is 0."""
    rng = np.random.default_rng(seed)
    table = random_table(rng, strata=formula != "I(X;Y)", law="independent").p
    n, concentration = int(rng.choice(SIZES)), float(rng.choice([0.5, 1.0, 3.0, 100.0]))
    population = {
        "I(X;Y)": lambda: independent(*table.shape, rng, concentration),
        "I(X;Y|Z)": lambda: conditionally_independent(*table.shape, rng, concentration),
        "TC(X;Y;Z)": lambda: Distribution(
            np.einsum("i,j,k->ijk", *(rng.dirichlet(np.full(k, concentration)) for k in table.shape))
        ),
    }[formula]()
    p_value = infer(Formula(formula), population.counts(n, rng)).p_value
    return np.nan if p_value is None else p_value


def null_p_values(formula: str, seeds: Iterable[SeedSequence]) -> list[float]:
    return [null_p_value(formula, seed) for seed in seeds]


def report_p_values(found: dict[str, list[float]]) -> None:
    print("\n## p-values under random nulls of 4 to 1,000 cells, n = 200, 1,000 or 10,000\n")
    print("| formula | nulls | Kolmogorov-Smirnov D | below .1 | below .05 | below .01 |\n|--|--|--|--|--|--|")
    for formula, values in found.items():
        p = np.sort([value for value in values if not np.isnan(value)])
        steps = np.arange(p.size + 1) / p.size
        distance = max(np.max(steps[1:] - p), np.max(p - steps[:-1]))
        shares = " | ".join(f"{np.mean(p < level):.3f}" for level in (0.1, 0.05, 0.01))
        print(f"| {formula} | {p.size:,} | {distance:.4f} | {shares} |")


# ---- points ---------------------------------------------------------------------------------------------------------


def entropy_errors(seed: SeedSequence, repetitions: int) -> dict[str, list[float]]:
    """Root mean square error of each estimator on nine distributions and three n."""
    rng = np.random.default_rng(seed)
    populations = [
        *(uniform(k) for k in (10, 1000)),
        *(zipf(k, a) for k, a in ((100, 1.0), (1000, 1.0), (1000, 1.5))),
        spike(200, 0.8),
        *(Distribution(rng.dirichlet(np.full(k, a))) for k, a in ((100, 1.0), (1000, 0.1), (1000, 10.0))),
    ]
    estimators = {name: kind() for name, kind in NAMES.items() if name != "independence-shrinkage"}
    errors: dict[str, list[float]] = {name: [] for name in (*estimators, "nsb, K known")}
    for population in populations:
        truth = population.truth("H(X)")
        for n in (100, 1_000, 10_000):
            found: dict[str, list[float]] = {name: [] for name in errors}
            for _ in range(repetitions):
                counts = population.draw(n, rng)
                for name, estimator in estimators.items():
                    found[name].append(estimator.entropy(counts) - truth)
                found["nsb, K known"].append(NSB(n_outcomes=population.p.size).entropy(counts) - truth)
            for name, each in found.items():
                errors[name].append(sqrt(np.mean(np.square(each))))
    return errors


def information_errors(seed: SeedSequence, repetitions: int) -> None:
    """Bias and error of mutual information, null and not, beside the plug-in value that scikit-learn has."""
    from sklearn.metrics import mutual_info_score

    rng = np.random.default_rng(seed)
    estimators = ("plug-in", "miller-madow", "grassberger", "chao-shen", "chao-wang-jost", "independence-shrinkage")
    cases = [(independent(k, k, rng, 100.0), n) for k, n in ((10, 100), (10, 1000), (30, 1000))]
    cases += [(random_table(rng, law="strong"), 1000), (near_deterministic(10, 10, rng), 200)]
    print("\n## Mutual information: bias / root mean square error, nats\n")
    print(f"| population | n | truth | scikit-learn | {' | '.join(estimators)} |")
    print("|--" * (len(estimators) + 4) + "|")
    for population, n in cases:
        truth, found = population.truth("I(X;Y)"), []
        for _ in range(repetitions):
            counts = population.counts(n, rng)
            ours = [infer(Formula("I(X;Y)"), counts, name).value for name in estimators]
            found.append([mutual_info_score(None, None, contingency=counts.to_array()), *ours])
        error = np.array(found) - truth
        cells = (f"{b:+.3f} / {e:.3f}" for b, e in zip(error.mean(0), np.sqrt((error**2).mean(0)), strict=True))
        print(f"| {population.name} | {n:,} | {truth:.3f} | {' | '.join(cells)} |")


def report_adds(seed: SeedSequence, repetitions: int) -> None:
    """What `plogp.pairwise.rank` says that a second column adds, by the rows that its cells hold on average."""
    import plogp as pp

    rng, levels = np.random.default_rng(seed), 20
    print("\n## What a column adds in a ranking, of what it truly adds\n")
    print("| rows a cell | truth, bits | mean | least share of the truth | greatest |\n|--|--|--|--|--|")
    for rows in (4, 10, 25, 50):
        found, truths = [], []
        for _ in range(repetitions):
            weak = rng.uniform(0.1, 0.3)
            of_a, of_b = rng.dirichlet(np.full(4, 0.1), (2, levels))
            a, b = rng.dirichlet(np.full(levels, 0.5), 2)
            joint = np.multiply.outer(a, b)[..., None] * (0.6 * of_a[:, None] + weak * of_b + (0.4 - weak) / 4)
            truths.append(float(pp.measure("I(b;t|a)", pp.Joint(joint, names=["a", "b", "t"]))))
            cells = rng.choice(joint.size, rows * joint.size, p=joint.ravel())
            columns = dict(zip("abt", np.unravel_index(cells, joint.shape), strict=True))
            added = {row.column: row.adds for row in pp.pairwise.rank(columns, "t")}
            found.append(added["b"] or 0.0)
        share = np.divide(found, truths)
        print(f"| {rows} | {np.mean(truths):.4f} | {np.mean(found):.4f} | {min(share):.2f} | {max(share):.2f} |")


def report_entropy_errors(errors: dict[str, list[float]]) -> None:
    print("\n## Entropy: root mean square error, mean over nine distributions and n = 100, 1,000, 10,000, nats\n")
    print("| estimator | error |\n|--|--|")
    for name, each in sorted(errors.items(), key=lambda item: np.mean(item[1])):
        print(f"| {name} | {np.mean(each):.4f} |")


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="fewer tables, samples and nulls: a look, not a measurement"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the random tables and samples (default 0)")
    parser.add_argument("--workers", type=int, default=None, help="processes (default: one a core)")
    options = parser.parse_args(arguments)
    tables, repetitions, nulls, points = (6, 100, 300, 5) if options.quick else (24, 300, 3000, 30)
    start = time.perf_counter()
    of_points, of_nulls = SeedSequence(options.seed + 1).spawn(2)
    print(f"# Accuracy of discrete estimates (seed {options.seed})")
    with ProcessPoolExecutor(options.workers) as pool:
        errors = pool.submit(entropy_errors, of_points, points)
        formulas = dict(zip(("I(X;Y)", "I(X;Y|Z)", "TC(X;Y;Z)"), of_nulls.spawn(3), strict=True))
        tests = {f: pool.submit(null_p_values, f, seeds.spawn(nulls)) for f, seeds in formulas.items()}
        intervals = pool.map(coverage, settings(options.seed, tables, repetitions), chunksize=5)
        report_entropy_errors(errors.result())
        information_errors(of_points, 5 * points)
        report_adds(of_points, points)
        report_coverage(list(intervals))
        report_p_values({formula: test.result() for formula, test in tests.items()})
    print(f"\n{time.perf_counter() - start:.0f} seconds. Continuous data: python -m benchmarks.accuracy_continuous.")


if __name__ == "__main__":
    main(sys.argv[1:])
