"""Quantile bins of a continuous column, found by counting wherever it is: only counts of cells come back.

The range is cut into cells of equal width; the run of cells that hold too much is cut again between its least and its
greatest value, until each cell holds little or one value alone. Every engine does the same arithmetic, so the edges,
which are values that occur, are the same on each.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["CELLS", "MOST_BINS", "Cells", "cells_of", "n_bins", "quantile_edges"]

Floats = NDArray[np.float64]
Cells = list[tuple[float, float, int]]
"""The least value, the greatest value and the count of cells that hold something, in order."""

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
    return min(max(round(float(n) ** (1 / 3)), 2), MOST_BINS)


def quantile_edges(cut: Callable[[float, float], Cells], low: float, high: float, n: int) -> list[float]:
    """The edges between `n_bins(n)` bins that hold about as many values each, fewer where values repeat.

    Args:
        cut: gives the cells of the values from one limit to another, both included.
        low, high: the least value and the greatest.
        n: how many values there are.

    A number is in the bin whose place is how many edges are below it. A bin holds its share of n to a sixteenth of it,
    unless one value alone has more.
    """
    bins = n_bins(n)
    cells = _refined(cut, low, high, n / (8 * bins), DEPTH)
    ends = np.array([greatest for _, greatest, _ in cells])
    below = np.cumsum([count for _, _, count in cells])
    wanted = np.arange(1, bins) * n / bins
    place = np.searchsorted(below, wanted)
    nearer = (place > 0) & (wanted - below[np.maximum(place - 1, 0)] < below[place] - wanted)
    edges: list[float] = np.unique(ends[place - nearer]).tolist()
    return [edge for edge in edges if edge < high]


def _refined(cut: Callable[[float, float], Cells], low: float, high: float, most: float, depth: int) -> Cells:
    """Cells from low to high that hold `most` at most, or one value; what holds more is cut, neighbours at once."""
    out: Cells = []
    run: Cells = []
    apart = 2 * (high - low) / CELLS
    for cell in [*cut(low, high), (np.inf, np.inf, 0)]:
        if run and (cell[2] <= most or cell[0] - run[-1][1] > apart):
            out += _refined(cut, run[0][0], run[-1][1], most, depth - 1)
            run = []
        if cell[2] > most and cell[0] < cell[1] and depth:
            run.append(cell)
        else:
            out.append(cell)
    return out[:-1]


def cells_of(values: Floats) -> Callable[[float, float], Cells]:
    """How to cut values in memory, sorted, none of them NaN."""

    def cut(low: float, high: float) -> Cells:
        some = values[np.searchsorted(values, low) : np.searchsorted(values, high, side="right")]
        places = np.floor((some - low) * (CELLS / (high - low or 1.0)))
        starts = np.flatnonzero(np.diff(places, prepend=-1.0))
        stops = np.append(starts[1:], some.size)
        return list(zip(some[starts].tolist(), some[stops - 1].tolist(), (stops - starts).tolist(), strict=True))

    return cut
