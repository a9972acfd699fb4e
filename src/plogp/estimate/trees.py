"""Points of several dimensions in a tree of boxes: their neighbours in max-norm, by compiled loops."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import in_parts
from plogp.estimate.base import Floats, Ints

__all__ = ["Tree"]

LEAF = 128
"""Points of a leaf at most."""

TOGETHER = 8
"""Leaves whose points look for their neighbours together."""


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
        self.order, self._blocks = np.arange(n), max(leaves // TOGETHER, 1)
        self._held = trees.Boxes(np.empty(2 * leaves + 1, np.int64), np.empty((2 * leaves, 2, d)), np.empty(n * d))
        trees.build(np.ascontiguousarray(points), self.order, self._held)

    def kth_distance(self, k: int, among: "Tree | None" = None) -> Floats:
        """How far the k-th other point is from each, or the k-th of the points of another tree."""
        from plogp._kernels import neighbours

        radii, (rank, held) = np.empty(self.order.size), (k, among._held) if among else (k + 1, self._held)

        def loop(first: int, last: int) -> None:  # each is the first of its own neighbours
            neighbours.nearest(first, last, self._blocks, rank, self._held, held, radii)

        in_parts(loop, self._blocks, least=2)
        return self._in_rows(radii)

    def count(self, limits: Floats, among: "Tree | None" = None) -> Ints:
        """How many points, itself among them, or of another tree, are nearer than its limit to each."""
        from plogp._kernels import neighbours

        counts, wanted, held = np.empty(self.order.size, np.int64), limits[self.order], (among or self)._held

        def loop(first: int, last: int) -> None:
            neighbours.count(first, last, self._blocks, self._held, wanted, held, counts)

        in_parts(loop, self._blocks, least=2)
        return self._in_rows(counts)

    def _in_rows(self, ordered: NDArray[Any]) -> NDArray[Any]:
        """What is in the order of the tree, for each point where it came."""
        out = np.empty_like(ordered)
        out[self.order] = ordered
        return out
