"""Quantile bins of a continuous column, found by counting wherever it is: only counts of cells come back.

The range is cut into cells of equal width; the run of cells that hold too much is cut again between its least and its
greatest value, until each cell holds little or one value alone. Every engine does the same arithmetic, so the edges,
which are values that occur, are the same on each.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from plogp.cells import Integers

__all__ = ["CELLS", "MOST_BINS", "Parts", "n_bins", "parts_of", "quantile_edges"]

Floats = NDArray[np.float64]
Parts = tuple[Floats, Floats, Integers]
"""The least value, the greatest value and the count of parts that hold something, in order."""

Cut = Callable[[float, float], Parts]

MOST_BINS = 64

CELLS = 4096
"""Cells that a range is cut into."""

DEPTH = 12
"""How often: by then 4096¹² times finer than the range, which is finer than floats are."""


def n_bins(n: int) -> int:
    """∛n, 2 at least and 64 at most: both bins and observations of a cell of two binned columns grow with n.

    >>> n_bins(1000), n_bins(10**7)
    (10, 64)
    """
    wanted: int = round(n ** (1 / 3))
    return min(max(wanted, 2), MOST_BINS)


def quantile_edges(cut: Cut, low: float, high: float, n: int) -> list[float]:
    """The edges between `n_bins(n)` bins that hold about as many values each, fewer where values repeat.

    Args:
        cut: gives the parts of the values from one limit to another, both included.
        low, high: the least value and the greatest.
        n: how many values there are.

    A number is in the bin whose place is how many edges are below it. A bin holds its share of n to a sixteenth of it,
    unless one value alone has more.
    """
    bins = n_bins(n)
    ends, counts = _refined(cut, low, high, n / (8 * bins), DEPTH)
    below, wanted = np.cumsum(counts), np.arange(1, bins) * n / bins
    place = np.searchsorted(below, wanted)
    nearer = (place > 0) & (wanted - below[np.maximum(place - 1, 0)] < below[place] - wanted)
    edges: list[float] = np.unique(ends[place - nearer]).tolist()
    return [edge for edge in edges if edge < high]


def _refined(cut: Cut, low: float, high: float, most: float, depth: int) -> tuple[Floats, Integers]:
    """The greatest value and the count of parts from low to high that hold `most` at most, or one value.

    What holds more is cut, neighbours at once.
    """
    least, greatest, counts = cut(low, high)
    heavy = np.flatnonzero((counts > most) & (least < greatest))
    if not heavy.size or not depth:
        return greatest, counts
    apart = least[heavy[1:]] - greatest[heavy[:-1]] > 2 * (high - low) / CELLS
    found, start = list[tuple[Floats, Integers]](), 0
    for run in np.split(heavy, np.flatnonzero((np.diff(heavy) > 1) | apart) + 1):
        first, stop = run[0], run[-1] + 1
        found.append((greatest[start:first], counts[start:first]))
        found.append(_refined(cut, least[first], greatest[stop - 1], most, depth - 1))
        start = stop
    ends, many = zip(*found, (greatest[start:], counts[start:]), strict=True)
    return np.concatenate(ends), np.concatenate(many)


def parts_of(values: Floats) -> Cut:
    """How to cut values in memory, sorted, none of them NaN."""

    def cut(low: float, high: float) -> Parts:
        some = values[np.searchsorted(values, low) : np.searchsorted(values, high, side="right")]
        places = np.floor((some - low) * (CELLS / (high - low or 1.0)))
        starts = np.flatnonzero(np.append(True, places[1:] != places[:-1]))
        stops = np.append(starts[1:], some.size)
        return some[starts], some[stops - 1], stops - starts

    return cut
