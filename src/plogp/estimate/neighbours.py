"""Neighbours in max-norm: how far the k-th is, and how many are near.

Distances are between observations of shape (n, d), |x − y| the largest difference of a coordinate. Differences are
taken first and compared then (|x_j − x_i| < r, never x_j < x_i + r), so that ties stay ties.

Points of a line are sorted, those of a plane cut into strips, and those of more dimensions put into a tree of boxes, in
compiled loops; few points, or all where Numba is absent, go to SciPy's tree, which gives the same numbers.
"""

import sys
from functools import cached_property

import numpy as np

from plogp import _kernels
from plogp.estimate.base import Floats, Ints
from plogp.estimate.planes import Plane
from plogp.estimate.trees import Tree
from plogp.lines import Line, Places

__all__ = ["Pair", "compiled", "count_within", "kth_distance"]

COMPILED_FROM = 2000
"""Points; for fewer, importing Numba costs more than its loops save, unless it's there already."""


def compiled(n: int) -> bool:
    """Whether the compiled loops are taken for n points; the numbers are the same either way."""
    return _kernels.COMPILED and (n >= COMPILED_FROM or "numba" in sys.modules)


def kth_distance(points: Floats, k: int, among: Floats | None = None) -> Floats:
    """The distance from each point to its k-th nearest neighbour.

    Args:
        points: shape (n, d).
        k: 1 is the nearest.
        among: where the neighbours are, shape (m, d), k ≤ m; None is the other points, k ≤ n − 1.
    """
    from scipy.spatial import KDTree

    if among is None and points.shape[1] == 1:
        line = Line(points[:, 0])
        return line.in_rows(line.kth_distance(k))
    if not compiled(len(points)):
        held, rank = (points, k + 1) if among is None else (among, k)
        return np.asarray(KDTree(held).query(points, [rank], p=np.inf)[0][:, 0])
    if among is None and points.shape[1] == 2:
        return Plane(*_kernels.both(Line, points[:, 0], points[:, 1], len(points))).kth_distance(k)
    return Tree(points).kth_distance(k) if among is None else Tree(points).kth_distance(k, Tree(among))


def count_within(points: Floats, radii: Floats, *, closed: bool = False, among: Floats | None = None) -> Ints:
    """How many of the other points are nearer than its radius to each point; `closed` counts those at the radius too.

    Args:
        points: shape (n, d); those of no dimension are all in one place.
        radii: shape (n,).
        closed: whether a point at the radius itself counts.
        among: what is counted, shape (m, d); None is the other points.
    """
    limits = np.nextafter(radii, np.inf) if closed else radii
    itself = limits > 0 if among is None else 0
    if not points.shape[1]:
        return (limits > 0) * np.int64(len(points if among is None else among)) - itself
    if not compiled(len(points)):
        from scipy.spatial import KDTree

        tree = KDTree(points if among is None else among)
        counts = tree.query_ball_point(points, np.nextafter(limits, -np.inf), p=np.inf, return_length=True)
        return np.asarray(counts, np.int64) - itself
    if among is None and points.shape[1] == 1:
        line = Line(points[:, 0])
        return line.in_rows(line.count(limits[line.order])).astype(np.int64)
    if among is None:
        return Tree(points).count(limits) - itself
    return Tree(points).count(limits, Tree(among)) - itself


class Pair:
    """Observations of two vectors, (x, y), whose neighbours are counted in x and in y.

    Args:
        x: shape (n, p).
        y: shape (n, q).
    """

    def __init__(self, x: Floats, y: Floats) -> None:
        self.x, self.y, self.n = x, y, len(x)

    @cached_property
    def points(self) -> Floats:
        """The observations as points, shape (n, p + q)."""
        return np.hstack([self.x, self.y])

    @cached_property
    def plane(self) -> Plane | None:
        """The points of a plane in order, if they are such, and many."""
        flat = self.x.shape[1] == self.y.shape[1] == 1 and compiled(self.n)
        return Plane(*_kernels.both(Line, self.x[:, 0], self.y[:, 0], self.n)) if flat else None

    def counts(self, k: int) -> tuple[Ints | Places, Ints | Places]:
        """How many others are nearer in x than the k-th neighbour is in (x, y), and how many in y."""
        if self.plane is not None:
            return self.plane.counts(k)
        radii = kth_distance(self.points, k)
        in_x, in_y = _kernels.both(lambda v: count_within(v, radii), self.x, self.y, self.n)
        return in_x, in_y

    def counts_in_boxes(self, k: int) -> tuple[Ints, Ints]:
        """How many others are no farther in x than the farthest in x of the neighbours, and how many in y.

        The neighbours are those in (x, y) that are no farther than the k-th.
        """
        from scipy.spatial import KDTree

        radii = kth_distance(self.points, k)
        near = KDTree(self.points).query_ball_point(self.points, radii, p=np.inf)
        sizes, others = np.array([len(rows) for rows in near]), np.concatenate(near).astype(np.int64)
        start, centre = np.append(0, np.cumsum(sizes)[:-1]), np.repeat(np.arange(self.n), sizes)
        boxes = (np.maximum.reduceat(np.abs(v[others] - v[centre]).max(axis=1), start) for v in (self.x, self.y))
        n_x, n_y = (count_within(v, box, closed=True) for v, box in zip((self.x, self.y), boxes, strict=True))
        return n_x, n_y
