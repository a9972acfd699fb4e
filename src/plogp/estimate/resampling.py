"""p-values by rearranging the observations: how often chance alone reaches the estimate.

A null hypothesis says which orders of the rows are as likely as the one that was seen. The variables on one side of the
question are taken in such an order, and the others stay.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from plogp.errors import InvalidValue
from plogp.estimate.base import Floats, Ints

__all__ = ["Rearrangement", "Test", "locally_permuted", "permuted", "rearranged_test", "shifted"]

SEED = 0
"""Of what is drawn, unless another is asked for."""

ENOUGH = 50
"""So many values of chance that reach the estimate settle the p-value, to 14 % of itself."""


@dataclass(frozen=True)
class Rearrangement:
    """A way to draw orders of the rows that are all as likely as the observed one where the null hypothesis holds.

    Attributes:
        name: what is drawn, in the plural.
        draw: an order of the rows, shape (n,), from a generator.
    """

    name: str
    draw: Callable[[Generator], Ints]


def permuted(n: int) -> Rearrangement:
    """All orders of n independent observations: the null hypothesis is independence."""
    return Rearrangement("permutations", lambda rng: rng.permutation(n))


def locally_permuted(z: Floats, k: int = 5) -> Rearrangement:
    """Orders in which a row takes the place of one near it in z, shape (n, d): the null is independence given z.

    More than k rows with the same z are permuted among themselves, which is exact. Any other row takes one of its k
    nearest in max-norm, itself among them, each row once where possible: exact as far as the distribution given z
    changes little among k neighbours. Runge (2018), arXiv:1709.01447.
    """
    from scipy.spatial import KDTree

    from plogp._kernels.resampling import draw_from_lists

    _, stratum, sizes = np.unique(z, axis=0, return_inverse=True, return_counts=True)
    stratum = stratum.ravel()
    tied = np.flatnonzero(sizes[stratum] > k)
    tied = tied[np.argsort(stratum[tied], kind="stable")]
    rest = np.flatnonzero(sizes[stratum] <= k)
    if rest.size:
        near = KDTree(z[rest]).query(z[rest], np.arange(1, min(k, rest.size) + 1), p=np.inf)[1]

    def draw(rng: Generator) -> Ints:
        order = np.arange(len(z))
        order[tied] = tied[np.lexsort((rng.random(tied.size), stratum[tied]))]
        if rest.size:
            local = np.empty(rest.size, np.int64)
            draw_from_lists(rng.permuted(near, axis=1), rng.permutation(rest.size), local)
            order[rest] = rest[local]
        return order

    return Rearrangement("local permutations", draw)


def shifted(n: int, least: int) -> Rearrangement:
    """Circular shifts of n successive rows by `least` or more: the null is that two series have nothing in common.

    Each series keeps its own dependence in time, which permutations would destroy, and with it the p-value.

    Raises:
        InvalidValue: no such shift.
    """
    if n < 2 * least + 1:
        raise InvalidValue(
            f"{n} successive rows can't be shifted by {least} or more either way; needed: {2 * least + 1} rows",
            hint="give a longer series, or permutations=None",
        )
    return Rearrangement(
        f"circular shifts by {least} or more", lambda rng: np.roll(np.arange(n), rng.integers(least, n - least + 1))
    )


@dataclass(frozen=True)
class Test:
    """A p-value, how many values of chance it took, and how it was got."""

    p_value: float
    drawn: int
    route: str


def rearranged_test(
    statistic: Callable[[Ints], float],
    observed: float,
    null: Rearrangement,
    permutations: int,
    seed: int | None = None,
    threads: int | None = None,
) -> Test:
    """The p-value of an estimate, large where the null hypothesis is wrong.

    (b + 1)/(m + 1), b of m drawn values being as large as the observed one (Phipson & Smyth 2010,
    doi:10.2202/1544-6115.1585); and h/l as soon as the l-th is the h-th of that size, which keeps the test valid (Besag
    & Clifford 1991, doi:10.1093/biomet/78.2.301). Each draw has a seed of its own, so that the number of threads
    changes nothing.

    Args:
        statistic: the estimate when one side is taken in the order given, shape (n,).
        observed: the estimate.
        null: which orders are drawn.
        permutations: m.
        seed: None is a fixed one.
        threads: None is one a core.
    """
    root = SEED if seed is None else seed
    limit = observed - 1e-12 * max(abs(observed), 1.0)  # sums may round differently in another order

    def reaches(i: int) -> bool:
        return statistic(null.draw(np.random.default_rng([root, i]))) >= limit

    reached = drawn = 0
    for hit in in_order(reaches, permutations, threads or os.cpu_count() or 1):
        drawn += 1
        reached += hit
        if reached == ENOUGH and drawn < permutations:
            break
    stopped = drawn < permutations
    how = f"p-value: {permutations:,} {null.name}, seed {root}{' (fixed)' if seed is None else ''}"
    if stopped:
        how += f", stopped after {drawn:,} when {ENOUGH} had reached the estimate"
    return Test(reached / drawn if stopped else (reached + 1) / (permutations + 1), drawn, how)


def in_order(function: Callable[[int], bool], n: int, threads: int) -> Iterator[bool]:
    """The values at 0, 1, …, n − 1 in this order, a few computed at a time; what isn't asked for isn't begun."""
    if threads == 1:
        yield from map(function, range(n))
        return
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, n, 2 * threads):
            yield from pool.map(function, range(start, min(start + 2 * threads, n)))
