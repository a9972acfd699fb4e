"""Points of a plane, in order: their neighbours, by compiled loops."""

from functools import cached_property
from math import sqrt

import numpy as np

from plogp._kernels import both, in_parts
from plogp.estimate.base import Floats, Ints
from plogp.lines import Line, Places

__all__ = ["Plane"]

FULL = 5.0
"""Points of a strip of a plane, in units of √n, where both coordinates have like spreads."""

LEAST = 8
"""Points of a strip at least."""


class Plane:
    """Points (x, y) whose coordinates are in order, to be paired in any way.

    Args:
        x, y: of n points each.
    """

    def __init__(self, x: Line, y: Line) -> None:
        self.x, self.y = x, y
        both(lambda line: line.table, x, y, x.values.size)
        self._turned = x.typical < y.typical
        self._u, self._v = (y, x) if self._turned else (x, y)  # strips are cut across u, the one that spreads farther

    def kth_distance(self, k: int) -> Floats:
        """How far the k-th other point is from each."""
        return self.x.in_rows(self._radii(k)[0])

    def counts(self, k: int, order: Ints | None = None) -> tuple[Places, Places]:
        """How many other points are nearer in x, and in y, than the k-th is; by row, or in order of x and of y.

        Args:
            k: 1 is the nearest.
            order: of the rows of y, shape (n,), as they are paired with those of x; the counts then aren't by row.
        """
        n_x, n_y = self.ordered_counts(k, order)
        if order is None:
            n_x, n_y = both(lambda some: _in_rows(*some), (self.x, n_x), (self.y, n_y), n_x.size)
        return n_x, n_y

    def ordered_counts(self, k: int, order: Ints | None = None) -> tuple[Places, Places]:
        """The same in order of x and of y."""
        r_x, r_y = self._radii(k, order)
        if order is not None:
            return self.x.count(r_x, alone=True), self.y.count(r_y, alone=True)  # others have orders of their own
        n_x, n_y = both(lambda some: some[0].count(some[1]), (self.x, r_x), (self.y, r_y), r_x.size)
        return n_x, n_y

    def _radii(self, k: int, order: Ints | None = None) -> tuple[Floats, Floats]:
        """How far the k-th other point is from each, in order of x and in order of y."""
        from plogp._kernels import planes

        n, starts, rank = self.x.values.size, self._starts, self._rank(order)
        points, at, radii = np.empty((2, n)), np.empty((2, n), np.int32), np.empty((2, n))

        def sort(first: int, last: int) -> None:
            planes.distribute(first, last, rank, self._u.values, self._v.values, starts, points, at[0], at[1])

        def search(first: int, last: int) -> None:
            planes.nearest(first, last, k, self._u.values, starts, points, at[0], at[1], radii)

        strips = starts.size - 1
        least = strips + 1 if order is not None else max(8192 * strips // n, 1)
        in_parts(sort, strips, least=least, each=1)
        in_parts(search, strips, least=least)
        return (radii[1], radii[0]) if self._turned else (radii[0], radii[1])

    @cached_property
    def _starts(self) -> Ints:
        """Where each strip begins in the order of u, and the last ends.

        A strip is to be a few times as wide as neighbours are far: where u spreads farther than v, that takes more.
        """
        n, ratio = self.x.values.size, self._v.typical / self._u.typical if self._u.typical else 1.0
        full = max(FULL * sqrt(n * ratio), LEAST)
        strips = max(int(n / full), 1)
        return np.arange(strips + 1) * n // strips

    def _rank(self, order: Ints | None) -> Places:
        """For each point in order of v its rank in u."""
        from plogp._kernels import planes

        if self._turned and order is not None:
            return self._u.rank[order[self._v.order]]
        if order is None:
            held, wanted, rank = self._u.rank, self._v.order, np.empty_like(self._u.order)
            in_parts(lambda begin, stop: planes.gather(begin, stop, held, wanted, rank), rank.size, each=1)
            return rank
        row = np.empty_like(order)
        row[order] = np.arange(order.size)
        return self._u.rank[row[self._v.order]]


def _in_rows(line: Line, counts: Places) -> Places:
    """As `line.in_rows`, in half the time."""
    from plogp._kernels import planes

    out = np.empty_like(counts)
    planes.scatter(counts, line.order, out)
    return out
