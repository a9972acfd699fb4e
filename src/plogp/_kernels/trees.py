"""A balanced tree of boxes around points of several dimensions.

The tree is an array: node v has the children 2v and 2v + 1, and the leaves are the last half.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = ["Boxes", "about", "across", "apart", "aside", "beyond", "build", "end", "home", "start"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Boxes(NamedTuple):
    """A tree of points of d dimensions.

    Attributes:
        starts: where the points of each node begin, and at last where those of the last leaf end; of shape (2·leaves
            + 1,). Those of node v end where those of the next node of its level begin.
        boxes: the least and the greatest coordinates of each node, shape (2·leaves, 2, d).
        columns: the points, leaf after leaf, of a leaf one coordinate after the other; flat.
    """

    starts: Ints
    boxes: Floats
    columns: Floats


@kernel()
def build(points: Floats, order: Ints, tree: Boxes) -> None:
    """Halve the points at the median of the widest side of their box, and so on, and copy them into the leaves.

    Args:
        points: shape (n, d).
        order: 0..n-1; becomes the order of the points in the tree.
        tree: becomes theirs.
    """
    starts, boxes = tree.starts, tree.boxes
    leaves, d = boxes.shape[0] // 2, points.shape[1]
    starts[1], ends = 0, np.empty_like(starts)
    ends[1] = order.size
    for v in range(1, 2 * leaves):
        start, end = starts[v], ends[v]
        for j in range(d):
            low = high = points[order[start], j]
            for i in range(start, end):
                low, high = min(low, points[order[i], j]), max(high, points[order[i], j])
                if v >= leaves:
                    tree.columns[start * d + j * (end - start) + i - start] = points[order[i], j]
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


@kernel()
def start(tree: Boxes, v: int) -> int:
    """Where the points of a node begin; those of the next of its level, where v is one more: where they end."""
    leaves = tree.boxes.shape[0] // 2
    while v < leaves:
        v *= 2
    return int(tree.starts[v])


@kernel()
def end(tree: Boxes, v: int) -> int:
    """Where the points of a node end."""
    leaves = tree.boxes.shape[0] // 2
    v += 1
    while v <= leaves:
        v *= 2
    return int(tree.starts[v])


@kernel()
def apart(box: Floats, other: Floats) -> float:
    """How far two boxes are from each other, at least."""
    least = 0.0
    for j in range(box.shape[1]):
        least = max(least, box[0, j] - other[1, j], other[0, j] - box[1, j])
    return least


@kernel()
def across(box: Floats, other: Floats) -> float:
    """How far points of two boxes are from each other, at most."""
    most = 0.0
    for j in range(box.shape[1]):
        most = max(most, box[1, j] - other[0, j], other[1, j] - box[0, j])
    return most


@kernel()
def beyond(box: Floats, other: Floats) -> float:
    """How far the farthest corner of a box is from a point of another, at least."""
    least = 0.0
    for j in range(box.shape[1]):
        half = 0.5 * box[1, j] - 0.5 * box[0, j]
        least = max(least, max(half, box[1, j] - other[1, j], other[0, j] - box[0, j]))
    return least


@kernel()
def about(box: Floats, centre: Floats) -> float:
    """How far a box reaches from a centre."""
    most = 0.0
    for j in range(centre.size):
        most = max(most, box[1, j] - centre[j], centre[j] - box[0, j])
    return most


@kernel()
def aside(box: Floats, centre: Floats) -> float:
    """How far the middle of a box is from a centre."""
    most = 0.0
    for j in range(centre.size):
        most = max(most, abs(0.5 * box[0, j] + 0.5 * box[1, j] - centre[j]))
    return most


@kernel()
def outside(box: Floats, point: Floats) -> float:
    """How far a point is from a box."""
    most = 0.0
    for j in range(point.size):
        most = max(most, box[0, j] - point[j], point[j] - box[1, j])
    return most


@kernel()
def home(tree: Boxes, box: Floats, k: int) -> int:
    """A node of k points at least, and not many more if it can be, near the middle of a box."""
    leaves, centre, v = tree.boxes.shape[0] // 2, 0.5 * box[0] + 0.5 * box[1], 1
    while v < leaves:
        v = 2 * v + int(outside(tree.boxes[2 * v], centre) > outside(tree.boxes[2 * v + 1], centre))
    while end(tree, v) - start(tree, v) < k:
        v //= 2
    return v
