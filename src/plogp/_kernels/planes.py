"""Neighbours in max-norm among points of a plane, and counts along a line.

The plane is cut into strips of equally many points by the rank of one coordinate, and each strip is sorted by the
other. A point looks along its own strip, both ways, as far as the neighbours found so far allow, and then into the
strips to either side. Points of a strip come in order, so that where to begin in another strip only moves on.
"""

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = ["buckets", "count", "distribute", "nearest"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]


@kernel()
def distribute(
    first: int, last: int, rank: Places, u: Floats, v: Floats, starts: Ints, points: Floats, at_u: Places, at_v: Places
) -> None:
    """Put the points of strips first..last-1 in order.

    Args:
        rank: for each point in order of v its rank in u, shape (n,).
        u, v: both coordinates, each in its own order.
        starts: where each strip begins, by rank in u, and the last ends.
        points: u and v of the points, strip by strip, in order of v; shape (n, 2).
        at_u, at_v: their ranks in u and in v.
    """
    strip = np.empty(starts[last] - starts[first], np.int32)
    cursors = starts[first : last + 1].copy()
    for s in range(first, last):
        strip[starts[s] - starts[first] : starts[s + 1] - starts[first]] = s - first
    for j in range(rank.size):
        i = rank[j] - starts[first]
        if 0 <= i < strip.size:
            place = cursors[strip[i]]
            cursors[strip[i]] = place + 1
            points[place, 0], points[place, 1] = u[rank[j]], v[j]
            at_u[place], at_v[place] = rank[j], j


@kernel(inline="always")
def insert(best: Floats, found: float) -> float:
    """Put a distance among the least k, and say the greatest of these."""
    j = best.size - 1
    while j > 0 and best[j - 1] > found:
        best[j] = best[j - 1]
        j -= 1
    best[j] = found
    return best[best.size - 1]


@kernel(inline="always")
def along(points: Floats, start: int, stop: int, step: int, x: float, y: float, worst: float, best: Floats) -> float:
    """Look at points from start on, as far as a better one may come."""
    p = start
    while p != stop:
        away = (points[p, 1] - y) * step
        if away >= worst:
            break
        found = max(abs(points[p, 0] - x), away)
        if found < worst:
            worst = insert(best, found)
        p += step
    return worst


@kernel()
def nearest(
    first: int, last: int, k: int, u: Floats, starts: Ints, points: Floats, at_u: Places, at_v: Places, radii: Floats
) -> None:
    """The distances from the points of strips first..last-1 to the k-th other; shape (2, n), in order of u, and of v."""
    strips, best, begin = starts.size - 1, np.empty(k), starts[:-1].copy()
    for s in range(first, last):
        begin[:] = starts[:-1]
        for i in range(starts[s], starts[s + 1]):
            x, y, worst = points[i, 0], points[i, 1], np.inf
            best[:] = np.inf
            worst = along(points, i + 1, starts[s + 1], 1, x, y, worst, best)
            worst = along(points, i - 1, starts[s] - 1, -1, x, y, worst, best)
            for side in (-1, 1):
                t = s + side
                while 0 <= t < strips:
                    gap = x - u[starts[t + 1] - 1] if side < 0 else u[starts[t]] - x
                    if gap >= worst:
                        break
                    p, stop = begin[t], starts[t + 1]
                    while p < stop and points[p, 1] < y:
                        p += 1
                    begin[t] = p
                    worst = along(points, p, stop, 1, x, y, worst, best)
                    worst = along(points, p - 1, starts[t] - 1, -1, x, y, worst, best)
                    t += side
            radii[0, at_u[i]] = worst
            radii[1, at_v[i]] = worst


@kernel()
def buckets(values: Floats, scale: float, table: Places) -> None:
    """For each of equal steps from the least value on, the place of the first value there or beyond; then their end."""
    b = 0
    for i in range(values.size):
        c = np.int64((values[i] - values[0]) * scale)
        while b <= c:
            table[b] = i
            b += 1
    table[b:] = values.size


@kernel()
def count(begin: int, stop: int, values: Floats, scale: float, table: Places, limits: Floats, counts: Places) -> None:
    """How many values are nearer than its limit to each of those at begin..stop-1; the values are in order.

    The table tells to three steps where the limit is; rounding can't be off by more. There the differences decide.
    """
    last = table.size - 3
    for i in range(begin, stop):
        x, limit = values[i], limits[i]
        z = (x + limit - values[0]) * scale
        b = np.int64(z) if z < last else last
        low, high = table[max(b - 1, 0)], table[b + 2]
        while low < high:
            middle = (low + high) // 2
            if values[middle] - x < limit:
                low = middle + 1
            else:
                high = middle
        end = low
        z = (x - limit - values[0]) * scale
        b = min(np.int64(z), last) if z > 0 else 0
        low, high = table[max(b - 1, 0)], table[b + 2]
        while low < high:
            middle = (low + high) // 2
            if x - values[middle] < limit:
                high = middle
            else:
                low = middle + 1
        counts[i] = max(end - low, 0)
