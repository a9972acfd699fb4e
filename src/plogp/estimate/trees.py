"""Points of several dimensions in a tree of boxes: their neighbours in max-norm, by compiled loops."""

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import in_parts
from plogp.estimate.base import Floats, Ints

__all__ = ["Tree"]

LEAF = 128
"""Points of a leaf at most."""

LANES = 32
"""What the points of a leaf are filled up to a multiple of, with points at infinity."""

FAR = 1e30
"""In units of the tree; float32 holds it, and the sum of two such."""


class Tree:
    """Points, halved again and again at the median of the widest side of their box.

    Args:
        points: shape (n, d).
    """

    def __init__(self, points: Floats) -> None:
        from plogp._kernels import trees

        n, d = points.shape
        leaves = 1
        while n > leaves * LEAF:
            leaves *= 2
        self.order = np.arange(n)
        starts, boxes = np.empty(2 * leaves + 1, np.int64), np.empty((2 * leaves, 2, d))
        trees.build(np.ascontiguousarray(points), self.order, starts, boxes)
        self.points = points[self.order]
        self._centre = self.points[n // 2]
        with np.errstate(over="ignore"):
            farthest = float(np.abs(boxes[1] - self._centre).max())
        self._unit = float(np.ldexp(1.0, np.frexp(farthest)[1])) if 0 < farthest < np.inf else 1.0
        sizes = np.abs(boxes[leaves:] - self._centre).max(axis=(1, 2)) / self._unit
        self._held = self.points, starts, boxes, self._leaves(starts[leaves:]), sizes, self._unit

    def kth_distance(self, k: int, queries: Floats | None = None) -> Floats:
        """How far the k-th point is from each of the queries, shape (m, d), or the k-th other from each point."""
        from plogp._kernels import trees

        asked = self.points if queries is None else np.ascontiguousarray(queries)
        slim, sizes = self._slim(asked)
        radii = np.empty(len(asked))

        def loop(begin: int, stop: int) -> None:
            trees.nearest(begin, stop, k, queries is None, asked, slim, sizes, *self._held, radii)

        in_parts(loop, len(asked), least=1024)
        return radii if queries is not None else self._in_rows(radii)

    def count(self, limits: Floats, queries: Floats | None = None) -> Ints:
        """How many points are nearer than its limit to each of the queries, or to each point, itself among them."""
        from plogp._kernels import trees

        asked = self.points if queries is None else np.ascontiguousarray(queries)
        slim, sizes = self._slim(asked)
        counts, wanted = np.empty(len(asked), np.int64), limits if queries is not None else limits[self.order]

        def loop(begin: int, stop: int) -> None:
            trees.count(begin, stop, asked, slim, sizes, wanted, *self._held, counts)

        in_parts(loop, len(asked), least=1024)
        return counts if queries is not None else self._in_rows(counts)

    def _slim(self, points: Floats) -> tuple[NDArray[np.float32], Floats]:
        """Points about the centre in float32, of size 1 at most where they lie in the tree, and the size of each.

        What float32 can't hold is cut off; its size then says that all is doubtful.
        """
        about = (points - self._centre) / self._unit
        return np.clip(about, -FAR, FAR).astype(np.float32), np.abs(about).max(axis=1)

    def _leaves(self, starts: Ints) -> NDArray[np.float32]:
        """The points of each leaf, a coordinate after the other, filled up; flat, of shape (leaves, d, width)."""
        sizes = np.diff(starts)
        width = -(-int(sizes.max()) // LANES) * LANES
        filled = np.full((sizes.size, self.points.shape[1], width), np.inf, np.float32)
        leaf = np.repeat(np.arange(sizes.size), sizes)
        filled[leaf, :, np.arange(len(self.points)) - starts[leaf]] = self._slim(self.points)[0]
        return filled.ravel()

    def _in_rows(self, ordered: NDArray[np.generic]) -> NDArray[np.generic]:
        """What is in the order of the tree, for each point where it came."""
        out = np.empty_like(ordered)
        out[self.order] = ordered
        return out
