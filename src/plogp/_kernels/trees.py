"""Neighbours in max-norm among points of several dimensions, by a balanced tree of boxes.

The tree is an array: node v has the children 2v and 2v + 1, and the leaves are the last half. The points of a leaf are
first looked at in float32, a coordinate at a time, which is quick; how far rounding can lead astray is known, and where
that could matter they are looked at again as they are, so that the result is exact.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.processor import wide

__all__ = ["build", "count", "nearest"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Ints = NDArray[np.int64]
Single = Any  # np.float32
Index = Any  # np.uintp: an index that can't be negative, which is what lets a loop be vectorised

ROUNDING = 2.0**-22
"""Of a difference of two numbers in float32, in units of the sum of their sizes; twice what is needed."""

SMALLEST = 1e-30
"""What is smaller in units of the tree is doubtful too: float32 may hold nothing of it."""

SLACK = {"inline": "always", "fastmath": {"nnan", "nsz", "contract", "reassoc"}}  # no NaN comes, a maximum is exact


@kernel()
def build(points: Floats, order: Ints, starts: Ints, boxes: Floats) -> None:
    """Halve the points at the median of the widest side of their box, and so on.

    Args:
        points: shape (n, d).
        order: 0..n-1; becomes the order of the points in the tree.
        starts: shape (2·leaves + 1,); becomes where the points of each node begin; those of node v end where those of
            the next node of its level begin.
        boxes: shape (2·leaves, 2, d); becomes the least and the greatest coordinates of each node.
    """
    leaves, d = boxes.shape[0] // 2, points.shape[1]
    starts[1], ends = 0, np.empty_like(starts)
    ends[1] = order.size
    for v in range(1, 2 * leaves):
        start, end = starts[v], ends[v]
        for j in range(d):
            low = high = points[order[start], j]
            for i in range(start, end):
                low, high = min(low, points[order[i], j]), max(high, points[order[i], j])
            boxes[v, 0, j], boxes[v, 1, j] = low, high
        if v < leaves:
            middle = (start + end) // 2
            select(points[:, np.argmax(boxes[v, 1] - boxes[v, 0])], order, start, end - 1, middle)
            starts[2 * v], ends[2 * v], starts[2 * v + 1], ends[2 * v + 1] = start, middle, middle, end
    starts[2 * leaves] = order.size


@kernel()
def select(values: Floats, order: Ints, left: int, right: int, middle: int) -> None:
    """Rearrange order[left..right] so that values are no greater before the middle, and no less after it (Hoare)."""
    while left < right:
        pivot, i, j = values[order[middle]], left, right
        while i <= j:
            while values[order[i]] < pivot:
                i += 1
            while values[order[j]] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                i, j = i + 1, j - 1
        if j < middle:
            left = i
        if middle < i:
            right = j


@kernel(**SLACK)
def first_one(slim: Singles, at: Index, width: Index, a: float, out: Singles) -> None:
    """|x − a| of one coordinate."""
    for i in range(width):
        out[i] = abs(slim[at + i] - a)


@kernel(**SLACK)
def more_one(slim: Singles, at: Index, width: Index, a: float, out: Singles) -> None:
    """The greater of what is there and |x − a|."""
    for i in range(width):
        u, t = out[i], abs(slim[at + i] - a)
        out[i] = t if t > u else u


@kernel(**SLACK)
def first_four(slim: Singles, at: Index, width: Index, a: float, b: float, c: float, e: float, out: Singles) -> None:
    """The greatest difference of four coordinates."""
    two, three, four = at + width, at + width + width, at + width + width + width
    for i in range(width):
        t, u = abs(slim[at + i] - a), abs(slim[two + i] - b)
        t = u if u > t else t
        u = abs(slim[three + i] - c)
        t = u if u > t else t
        u = abs(slim[four + i] - e)
        out[i] = u if u > t else t


@kernel(**SLACK)
def more_four(slim: Singles, at: Index, width: Index, a: float, b: float, c: float, e: float, out: Singles) -> None:
    """The greater of what is there and the greatest difference of four coordinates."""
    two, three, four = at + width, at + width + width, at + width + width + width
    for i in range(width):
        t, u = abs(slim[at + i] - a), abs(slim[two + i] - b)
        t = u if u > t else t
        u = abs(slim[three + i] - c)
        t = u if u > t else t
        u = abs(slim[four + i] - e)
        t = u if u > t else t
        u = out[i]
        out[i] = t if t > u else u


@kernel(**SLACK)
def last_one(slim: Singles, at: Index, width: Index, a: float, low: Single, high: Single, out: Singles) -> Any:
    """As `more_one`, and how many then are below each of two limits."""
    some, more = np.int32(0), np.int32(0)
    for i in range(width):
        u, t = out[i], abs(slim[at + i] - a)
        t = t if t > u else u
        some += np.int32(t < low)
        more += np.int32(t < high)
        out[i] = t
    return some, more


@kernel(**SLACK)
def distances(slim: Singles, leaf: int, q: Singles, low: Single, high: Single, out: Singles) -> Any:
    """The distances from q to the points of a leaf, in float32, and how many are below each of two limits."""
    d, width = q.size, np.uintp(out.size)
    at, j = np.uintp(leaf) * np.uintp(d) * width, 1
    if d > 4:
        first_four(slim, at, width, q[0], q[1], q[2], q[3], out)
        j = 4
    elif d > 1:
        first_one(slim, at, width, q[0], out)
    else:
        out[:] = 0
        j = 0
    while j + 4 < d:
        more_four(slim, at + np.uintp(j) * width, width, q[j], q[j + 1], q[j + 2], q[j + 3], out)
        j += 4
    while j + 1 < d:
        more_one(slim, at + np.uintp(j) * width, width, q[j], out)
        j += 1
    return last_one(slim, at + np.uintp(j) * width, width, q[j], low, high, out)


@kernel()
def distance(p: Floats, q: Floats) -> float:
    """The distance of two points."""
    greatest = 0.0
    for j in range(q.size):
        greatest = max(greatest, abs(p[j] - q[j]))
    return greatest


@kernel(**SLACK)
def bound(box: Floats, q: Floats) -> float:
    """How far a box is from q, at least."""
    least = 0.0
    for j in range(q.size):
        least = max(least, max(box[0, j] - q[j], q[j] - box[1, j]))
    return least


@kernel()
def all_nearer(box: Floats, q: Floats, limit: float) -> bool:
    """Whether all of a box is nearer to q than a limit; mostly the first coordinate says no."""
    j = 0
    while j < q.size and max(box[1, j] - q[j], q[j] - box[0, j]) < limit:
        j += 1
    return bool(j == q.size)


@kernel()
def nearest(
    begin: int,
    stop: int,
    k: int,
    own: bool,
    queries: Floats,
    slim_queries: Singles,
    sizes: Floats,
    points: Floats,
    starts: Ints,
    boxes: Floats,
    slim: Singles,
    leaf_sizes: Floats,
    unit: float,
    radii: Floats,
) -> None:
    """The distances from queries begin..stop-1 to the k-th nearest point; `own`: to the k-th other, as i is point i.

    Args:
        slim_queries, slim: queries, shape (m, d), and points, shape (leaves·d·width,), about a centre and over `unit`.
        sizes, leaf_sizes: the greatest coordinate, in size, of each of them, shape (m,) and (leaves,).
    """
    wide()
    leaves = boxes.shape[0] // 2
    near, best = np.empty(slim.size // (leaves * queries.shape[1]), np.float32), np.empty(k)
    stack, bounds = np.empty(128, np.int64), np.empty(128)
    for i in range(begin, stop):
        q, slim_q, worst, top = queries[i], slim_queries[i], np.inf, 1
        best[:] = np.inf
        stack[0], bounds[0] = 1, 0.0
        while top > 0:
            top -= 1
            v = stack[top]
            if bounds[top] >= worst:
                continue
            if v < leaves:
                one, other = bound(boxes[2 * v], q), bound(boxes[2 * v + 1], q)
                first = np.int64(one > other)  # the nearer child is looked at first
                stack[top], bounds[top] = 2 * v + 1 - first, max(one, other)
                stack[top + 1], bounds[top + 1] = 2 * v + first, min(one, other)
                top += 2
                continue
            leaf, start = v - leaves, starts[v]
            limit = np.float32(worst / unit + ROUNDING * (sizes[i] + leaf_sizes[leaf]) + SMALLEST)
            if distances(slim, leaf, slim_q, limit, limit, near)[1] == 0:
                continue
            for c in range(starts[v + 1] - start):
                if near[c] < limit and not (own and start + c == i):
                    found = distance(points[start + c], q)
                    if found < worst:
                        j = k - 1
                        while j > 0 and best[j - 1] > found:
                            best[j] = best[j - 1]
                            j -= 1
                        best[j] = found
                        worst = best[k - 1]
        radii[i] = worst


@kernel()
def count(
    begin: int,
    stop: int,
    queries: Floats,
    slim_queries: Singles,
    sizes: Floats,
    limits: Floats,
    points: Floats,
    starts: Ints,
    boxes: Floats,
    slim: Singles,
    leaf_sizes: Floats,
    unit: float,
    counts: Ints,
) -> None:
    """How many points are nearer than its limit to each of the queries begin..stop-1; else as `nearest`."""
    wide()
    leaves = boxes.shape[0] // 2
    near = np.empty(slim.size // (leaves * queries.shape[1]), np.float32)
    stack = np.empty(128, np.int64)
    for i in range(begin, stop):
        q, limit, found, top = queries[i], limits[i], 0, 1
        stack[0] = 1
        while top > 0:
            top -= 1
            v = stack[top]
            if bound(boxes[v], q) >= limit:
                continue
            leaf = v - leaves
            if all_nearer(boxes[v], q, limit):
                found += size(starts, v, leaves)
            elif leaf < 0:
                stack[top], stack[top + 1] = 2 * v, 2 * v + 1
                top += 2
            else:
                slack = ROUNDING * (sizes[i] + leaf_sizes[leaf]) + SMALLEST
                low, high = np.float32(limit / unit - slack), np.float32(limit / unit + slack)
                inside, perhaps = distances(slim, leaf, slim_queries[i], low, high, near)
                if inside != perhaps:
                    inside = 0
                    for c in range(starts[v], starts[v + 1]):
                        inside += np.int64(distance(points[c], q) < limit)
                found += inside
        counts[i] = found


@kernel()
def size(starts: Ints, v: int, leaves: int) -> int:
    """How many points a node has: from where it begins to where the next of its level does."""
    last = v & (v + 1) == 0  # 2^l − 1, the last of its level
    return int((starts[2 * leaves] if last else starts[v + 1]) - starts[v])
