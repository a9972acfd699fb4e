"""Neighbours in max-norm: how far the k-th is, and how many are near.

Distances are between observations of shape (n, d), |x − y| the largest difference of a coordinate. Differences are
taken first and compared then (|x_j − x_i| < r, never x_j < x_i + r), so that ties stay ties.
"""

import numpy as np

from plogp.estimate.base import Floats, Ints

__all__ = ["count_within", "kth_distance"]


def kth_distance(points: Floats, k: int, among: Floats | None = None) -> Floats:
    """The distance from each point to its k-th nearest neighbour.

    Args:
        points: shape (n, d).
        k: 1 is the nearest.
        among: where the neighbours are, shape (m, d), k ≤ m; None is the other points, k ≤ n − 1.
    """
    from scipy.spatial import KDTree

    if among is None:
        return np.asarray(KDTree(points).query(points, [k + 1], p=np.inf)[0][:, 0])
    return np.asarray(KDTree(among).query(points, [k], p=np.inf)[0][:, 0])


def count_within(points: Floats, radii: Floats, *, closed: bool = False, among: Floats | None = None) -> Ints:
    """How many of the other points are nearer than its radius to each point; `closed` counts those at the radius too.

    Args:
        points: shape (n, d).
        radii: shape (n,).
        closed: whether a point at the radius itself counts.
        among: what is counted, shape (m, d); None is the other points.
    """
    from scipy.spatial import KDTree

    limits = radii if closed else np.nextafter(radii, -np.inf)
    counts = KDTree(points if among is None else among).query_ball_point(points, limits, p=np.inf, return_length=True)
    itself = (limits >= 0).astype(np.int64) if among is None else 0
    return np.asarray(counts, np.int64) - itself
