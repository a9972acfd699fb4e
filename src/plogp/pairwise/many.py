"""What pairs of columns share, perhaps given a third, for many pairs at once.

Tables in memory that are small enough are counted densely and estimated together; all others one by one. The formulas
are those of `plogp.estimate`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import combinations_with_replacement, compress
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.cells import Integers
from plogp.counts import Counts
from plogp.errors import InvalidValue
from plogp.estimate import CountsSource, DiscreteEstimator, IndependenceShrinkage, PlugIn, estimator, many_levels
from plogp.estimate.choice import Estimator
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.notation import quoted
from plogp.pairwise.counting import SMALL, Block, Column, blocks, count, tile
from plogp.pairwise.estimates import Estimates
from plogp.pairwise.variables import Variables
from plogp.result import Result

__all__ = ["BATCH", "Progress", "all_pairs", "formula", "results", "together", "values", "with_p_values"]

Choice = str | Estimator
Floats = NDArray[np.float64]
Group = tuple[str, ...]
Progress = Callable[[int, int], None]
"""Called with how many are done, and of how many."""

NO_MEANS, NO_PLACES = np.empty((0, 0)), np.empty(0, np.int64)

MOST_MARGINS = 2048
"""Distinct margins at most for which the mean under permutation is worked out once for all pairs."""

BATCH = 64
"""Groups that are counted in one go on a lazy engine."""


def formula(a: str, b: str, *given: str) -> Formula:
    """I(a;b|given) of columns of any name."""
    condition = f"|{','.join(map(quoted, given))}" if given else ""
    return Formula(f"I({quoted(a)};{quoted(b)}{condition})")


def together(choice: Choice) -> bool:
    """Whether an estimator has a formula for many tables at once."""
    return isinstance(estimator(choice), (IndependenceShrinkage, PlugIn))


def results(
    variables: Variables,
    formulas: Sequence[Formula],
    choice: Choice = "auto",
    request: Request | None = None,
    progress: Progress | None = None,
    cut: bool = False,
) -> list[Result | None]:
    """The result of each formula by itself, in nats; None where nothing can be measured.

    By counts where all variables are discrete, or `cut` into bins, and the estimator takes counts.
    """
    request, counting = request or Request(), isinstance(estimator(choice), DiscreteEstimator)
    found: list[Result | None] = []
    for start in range(0, len(formulas), BATCH):
        some = formulas[start : start + BATCH]
        groups = [f.variables for f in some if cut or (counting and not variables.as_they_are & {*f.variables})]
        counted = dict(zip(groups, variables.several(groups), strict=True))
        for f in some:
            if f.variables in counted:
                try:
                    found.append(_counted(*counted[f.variables], f, choice, request, variables.route))
                except InvalidValue as error:  # NSB where no outcome was seen twice
                    variables.reasons[f] = error.message
                    found.append(None)
            else:
                found.append(variables.measured(f, choice, request))
        if progress is not None:
            progress(len(found), len(formulas))
    return found


def with_p_values(
    variables: Variables,
    formulas: Sequence[Formula],
    choice: Choice,
    request: Request,
    progress: Progress | None = None,
) -> list[Result | None]:
    """The results with p-values, of bins where a column is measured as it is."""
    found = results(variables, formulas, choice, request, progress)
    places = [i for i, f in enumerate(formulas) if variables.as_they_are & {*f.variables}]
    cut = results(variables, [formulas[i] for i in places], request=replace(request, confidence=None), cut=True)
    for i, of_bins in zip(places, cut, strict=True):
        if (result := found[i]) is not None:
            found[i] = replace(result, p_value=None if of_bins is None else of_bins.p_value)
    return found


def _counted(
    counts: Counts | None, n_missing: int, measured: Formula, choice: Choice, request: Request, route: str
) -> Result | None:
    """The result of a formula on the counts of its variables."""
    if counts is None:
        return None
    return CountsSource(counts, choice, n_missing, route).infer(measured, request).noted(many_levels(counts))


def values(variables: Variables, triples: Sequence[Group], choice: Choice = "auto") -> Floats:
    """I(a;b), or I(a;b|given), of triples of names that are discrete or cut, in nats; NaN where no row has them all."""
    from plogp._kernels.pairs_of_columns import SUMS, table_sums

    quick = [together(choice) and not variables.lazy and _is_small(variables, triple) for triple in triples]
    out = np.full(len(triples), np.nan)
    if any(quick):
        sums, pairs = np.empty((sum(quick), SUMS)), dict[Group, Column]()
        for names, found in zip(compress(triples, quick), sums, strict=True):
            table_sums(_table(variables, names, pairs), NO_MEANS, NO_PLACES, NO_PLACES, False, found)
        out[quick] = Estimates(sums, isinstance(estimator(choice), IndependenceShrinkage)).values
    slow = [i for i, is_quick in enumerate(quick) if not is_quick]
    rest = results(variables, [formula(*triples[i]) for i in slow], choice, Request(confidence=None), cut=True)
    out[slow] = [np.nan if result is None else float(result) for result in rest]
    return out


def _is_small(variables: Variables, triple: Group) -> bool:
    """Whether the table of some columns in memory is small enough to be counted densely."""
    return prod(variables.column(name).size for name in triple) <= max(SMALL, 4 * variables.n)


def _table(variables: Variables, triple: Group, pairs: dict[Group, Column]) -> Integers:
    """The table of a triple, shape (strata, rows, columns), without what is missing; `pairs` keeps fused columns."""
    a, b, *given = (variables.column(name) for name in triple)
    if not given:
        return count(a, b)[None, : a.kept, : b.kept]
    [c] = given
    fused = pairs.get(triple[1:]) or pairs.setdefault(triple[1:], c.with_(b))
    table = count(a, fused).reshape(a.size, c.size, b.size).transpose(1, 0, 2)
    return table[: c.kept, : a.kept, : b.kept]


def all_pairs(
    columns: Sequence[Column], choice: Choice, moments: bool = False, progress: Progress | None = None
) -> tuple[Integers, Estimates]:
    """The pairs of columns in memory, by their places, shape (m, 2), and the estimates of I(A;B) of each.

    The columns are `alike`, and have so few outcomes that a dense table of any two is small.
    """
    from plogp._kernels.pairs_of_columns import SUMS, tile_sums

    shrunk = isinstance(estimator(choice), IndependenceShrinkage)
    order = sorted(range(len(columns)), key=lambda i: columns[i].size)
    every = list(blocks([columns[i] for i in order]))
    firsts = np.cumsum([0, *(len(block.columns) for block in every)])
    means, places = np.zeros((1, 1)), [0 * block.margins for block in every]  # plug-in needs none, moments their own
    if shrunk and not moments:
        means, places = _means(every)
    tiles = list(combinations_with_replacement(range(len(every)), 2))

    def work(where: tuple[int, int]) -> tuple[Integers, Floats]:
        one, other = every[where[0]], every[where[1]]
        a, b = np.indices((len(one.columns), len(other.columns))).reshape(2, -1)
        pairs = np.stack([a, b], axis=1)[a < b] if one is other else np.stack([a, b], axis=1)
        sums = np.empty((len(pairs), SUMS))
        kept = [np.array([column.kept for column in block.columns]) for block in (one, other)]
        extents = (one.starts, kept[0], other.starts, kept[1])
        around = (means, places[where[0]], places[where[1]])
        tile_sums(tile(one, other), *extents, pairs, *around, moments, sums)
        return np.asarray(order)[pairs + firsts[list(where)]], sums

    found = list(_in_threads(work, tiles, progress))
    return np.concatenate([pairs for pairs, _ in found]), Estimates(np.concatenate([s for _, s in found]), shrunk)


def _means(every: Sequence[Block]) -> tuple[Floats, list[Integers]]:
    """The mean of G's part of a cell under permutation for each two margins that occur, and the margins' places.

    Nothing where rows are left out of some pairs, which have margins of their own, or where there are too many margins.
    """
    from plogp._kernels.pairs_of_columns import cell_means

    margins, places = np.unique(np.concatenate([block.margins for block in every]), return_inverse=True)
    if margins.size > MOST_MARGINS or any(column.gap for block in every for column in block.columns):
        return NO_MEANS, [NO_PLACES] * len(every)
    means = np.zeros((margins.size, margins.size))
    cell_means(margins, len(every[0].columns[0].codes), means)
    return means, np.split(places, np.cumsum([block.margins.size for block in every])[:-1])


def processors() -> int:
    """How many processors this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _in_threads(work: Callable[[Any], Any], jobs: Sequence[Any], progress: Progress | None) -> Iterator[Any]:
    """What the work makes of each job, in order, by as many threads as there are processors for this process."""
    pool = ThreadPoolExecutor(processors())
    try:
        for done, found in enumerate(pool.map(work, jobs), start=1):
            yield found
            if progress is not None:
                progress(done, len(jobs))
    finally:
        pool.shutdown(cancel_futures=True)
