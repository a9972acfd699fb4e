"""Points of a line and of a plane, in order: their neighbours, by compiled loops."""

from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import both, in_parts
from plogp.estimate.base import Floats, Ints

__all__ = ["Line", "Plane", "kth_in_order"]

Places = NDArray[np.int32]

STEPS = 2
"""Of the table of a line, for each of its values."""

TAIL = 256
"""One value of so many is in a tail, on either side."""

FULL = 2.0
"""Points of a strip of a plane, in units of √n, where both coordinates have like spreads."""

LEAST = 8
"""Points of a strip at least."""


class Line:
    """Values in order.

    Args:
        values: shape (n,).
    """

    def __init__(self, values: Floats) -> None:
        self.order = np.argsort(values).astype(np.int32)
        self.values = values[self.order]

    @cached_property
    def rank(self) -> Places:
        """The place of each value in the order."""
        rank = np.empty_like(self.order)
        rank[self.order] = np.arange(rank.size, dtype=np.int32)
        return rank

    @cached_property
    def typical(self) -> float:
        """How far apart values are that √n others lie between, as a rule."""
        steps = np.diff(self.values[:: max(int(sqrt(self.values.size)), 1)])
        return float(np.median(steps)) if steps.size else 0.0

    @cached_property
    def table(self) -> tuple[float, float, Places]:
        """Where to look for a value: where steps begin, how many go to one, and the place of the first in each.

        The steps are of equal width, and most of the values lie among them; the first and the last hold the tails.
        """
        from plogp._kernels import planes

        n = self.values.size
        origin, end = float(self.values[n // TAIL]), float(self.values[n - 1 - n // TAIL])
        with np.errstate(all="ignore"):  # what is too wide or too narrow for a step has none, and is searched
            scale = float(STEPS * n / np.float64(end - origin))
        scale = scale if 0 < scale < np.inf else 0.0
        table = np.empty(STEPS * n + 3, np.int32)
        planes.buckets(self.values, origin, scale, table)
        return origin, scale, table

    def kth_distance(self, k: int) -> Floats:
        """How far the k-th other value is from each; in order."""
        return kth_in_order(self.values, k)

    def count(self, limits: Floats, *, alone: bool = False) -> Places:
        """How many values are nearer to each than its limit, itself among them; in order."""
        from plogp._kernels import planes

        counts, held = np.empty(self.values.size, np.int32), self.table

        def loop(begin: int, stop: int) -> None:
            planes.count(begin, stop, self.values, *held, limits, counts)

        loop(0, counts.size) if alone else in_parts(loop, counts.size)
        return counts

    def in_rows(self, ordered: NDArray[Any]) -> NDArray[Any]:
        """What is in order, for each value where it came."""
        out = np.empty_like(ordered)
        out[self.order] = ordered
        return out


def kth_in_order(v: Floats, k: int) -> Floats:
    """How far the k-th other is from each of values in order, as the narrowest window of k + 1 around it tells."""
    n = v.size
    radii = np.full(n, np.inf)
    for j in range(k + 1):
        middle = slice(j, n - k + j)
        np.minimum(radii[middle], np.maximum(v[middle] - v[: n - k], v[k:] - v[middle]), out=radii[middle])
    return radii


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
        radii = self._radii(k, order)
        alone = order is not None
        found = [np.maximum(line.count(r, alone=alone) - 1, 0) for line, r in zip((self.x, self.y), radii, strict=True)]
        n_x, n_y = found if alone else (line.in_rows(n) for line, n in zip((self.x, self.y), found, strict=True))
        return n_x, n_y

    def _radii(self, k: int, order: Ints | None = None) -> tuple[Floats, Floats]:
        """How far the k-th other point is from each, in order of x and in order of y."""
        from plogp._kernels import planes

        n, starts, rank = self.x.values.size, self._starts, self._rank(order)
        points, at, radii = np.empty((n, 2)), np.empty((2, n), np.int32), np.empty((2, n))

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

        A strip should be as wide as neighbours are far: where u spreads farther than v, that takes more of them.
        """
        n, ratio = self.x.values.size, self._v.typical / self._u.typical if self._u.typical else 1.0
        full = max(FULL * sqrt(n * ratio), LEAST)
        strips = max(int(n / full), 1)
        return np.arange(strips + 1) * n // strips

    def _rank(self, order: Ints | None) -> Places:
        """For each point in order of v its rank in u."""
        if self._turned:
            return self._u.rank[self._v.order if order is None else order[self._v.order]]
        if order is None:
            return self._u.rank[self._v.order]
        row = np.empty_like(order)
        row[order] = np.arange(order.size)
        return self._u.rank[row[self._v.order]]
