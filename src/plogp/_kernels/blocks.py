"""Queries that look for their neighbours together, and the leaf that they look into, on one grid."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.grids import NOWHERE, gaps, place, places_of, scale_to
from plogp._kernels.processor import LANES, below, lowest, wide
from plogp._kernels.trees import Boxes, about, end, start

__all__ = ["Block", "Sheet", "block_of", "lay_out", "sheet_of", "split_off", "swallow", "values_of", "within"]

Floats = NDArray[np.float64]
Shorts = NDArray[np.int16]
Ints = NDArray[np.int64]


class Block(NamedTuple):
    """Queries that go through a tree together.

    Attributes:
        rows: which they are, of the queries of a node.
        values: the coordinates of those of the node, one query after the other; flat.
        box: around the block.
        centre, scale: of their grid.
        places: of the block on the grid, one query after the other; flat.
        grid: the same, one coordinate after the other, of shape (d, width), with a width that is a multiple of LANES;
            flat.
        steps: room for a number for each.
    """

    rows: Ints
    values: Floats
    box: Floats
    centre: Floats
    scale: float
    places: Shorts
    grid: Shorts
    steps: Shorts


class Sheet(NamedTuple):
    """Room for the points of a leaf on a grid.

    Attributes:
        grid: their places, one coordinate after the other; flat.
        blank: 0 where there is a point, NOWHERE where there is none.
        near: how far they are from a point, in steps.
    """

    grid: Shorts
    blank: Shorts
    near: Shorts


FAR = 64.0
"""Queries of a block are within so many times the greatest of their limits."""

LIKE = 0.125
"""And none of them has less than so much of it: the steps of one grid suit them all then."""


@kernel()
def values_of(queries: Boxes, v: int) -> Floats:
    """The points of a node, one after the other; flat."""
    leaf, d, begin, stop = v, queries.boxes.shape[2], start(queries, v), end(queries, v)
    while leaf < queries.boxes.shape[0] // 2:
        leaf *= 2
    values, row = np.empty((stop - begin) * d), 0
    while row < stop - begin:
        size = queries.starts[leaf + 1] - queries.starts[leaf]
        for j in range(d):
            for i in range(size):
                values[(row + i) * d + j] = queries.columns[(begin + row) * d + j * size + i]
        row, leaf = row + size, leaf + 1
    return values


@kernel()
def split_off(rows: Ints, begin: int, values: Floats, limits: Floats) -> int:
    """Rearrange rows[begin:] so that queries of one block come first, and say where they end.

    At `begin`, where no limit is above 0.
    """
    seed, stop, d = -1, begin, values.size // limits.size
    for r in range(begin, rows.size):
        if limits[rows[r]] > (limits[seed] if seed >= 0 else 0.0):
            seed = rows[r]
    if seed < 0:
        return begin
    for r in range(begin, rows.size):
        row, away = rows[r], 0.0
        for j in range(d):
            away = max(away, abs(values[row * d + j] - values[seed * d + j]))
        if limits[row] >= LIKE * limits[seed] and not away > FAR * limits[seed]:
            rows[r], rows[stop] = rows[stop], row
            stop += 1
    return stop


@kernel()
def block_of(rows: Ints, values: Floats, limits: Floats, whole: Floats) -> Block:
    """Queries on a grid that reaches as far beyond them as their limits, or to the end of the whole."""
    d, m = whole.shape[1], rows.size
    width = (m + LANES - 1) // LANES * LANES
    box, centre, limit = np.empty((2, d)), np.empty(d), 0.0
    box[0], box[1] = np.inf, -np.inf
    for row in rows:
        limit = max(limit, limits[row])
        for j in range(d):
            box[0, j], box[1, j] = min(box[0, j], values[row * d + j]), max(box[1, j], values[row * d + j])
    for j in range(d):
        centre[j] = 0.5 * box[0, j] + 0.5 * box[1, j]
    own = about(box, centre)
    scale = scale_to(max(own, min(about(whole, centre), own + limit)))
    places, grid = np.empty(m * d, np.int16), np.zeros(d * width, np.int16)
    for c in range(m):
        for j in range(d):
            places[c * d + j] = grid[j * width + c] = place(values[rows[c] * d + j], centre[j], scale)
    return Block(rows, values, box, centre, scale, places, grid, np.empty(width, np.int16))


@kernel()
def sheet_of(tree: Boxes) -> Sheet:
    """Room for any leaf of a tree."""
    leaves, d = tree.boxes.shape[0] // 2, tree.boxes.shape[2]
    most = ((tree.starts[2 * leaves] + leaves - 1) // leaves + LANES - 1) // LANES * LANES
    return Sheet(np.zeros(d * most, np.int16), np.empty(most, np.int16), np.empty(LANES, np.int16))


@kernel()
def lay_out(tree: Boxes, leaf: int, block: Block, sheet: Sheet) -> int:
    """Put the points of a leaf on the grid of a block, and say its width, which is a multiple of LANES."""
    wide()
    d, begin = block.centre.size, tree.starts[leaf]
    size = tree.starts[leaf + 1] - begin
    width = (size + LANES - 1) // LANES * LANES
    for j in range(d):
        at, to = np.uintp(begin * d + j * size), np.uintp(j * width)
        places_of(tree.columns, at, np.uintp(size), block.centre[j], block.scale, sheet.grid, to)
    sheet.blank[:size], sheet.blank[size:width] = 0, NOWHERE
    return int(width)


@kernel()
def steps_to(box: Floats, low: int, high: int, block: Block) -> None:
    """Fill in how many steps each query of a block is from a box.

    With 0 and 1 for `low` and `high` from the nearest of it, with 1 and 0 from its farthest corner.
    """
    wide()
    steps, centre, scale = block.steps, block.centre, block.scale
    width = np.uintp(steps.size)
    for c in range(width):
        steps[c] = 0
    for j in range(centre.size):
        first, last = place(box[low, j], centre[j], scale), place(box[high, j], centre[j], scale)
        gaps(block.grid, np.uintp(j) * width, width, first, last, steps)


@kernel()
def within(box: Floats, block: Block, limits: Shorts, who: Ints) -> int:
    """Which queries of a block have less than their limit, in steps, to a box, and how many have."""
    wide()
    steps_to(box, 0, 1, block)
    steps, found = block.steps, 0
    for c in range(np.uintp(limits.size)):
        steps[c] = np.int16(steps[c] - limits[c])
    for at in range(0, limits.size, LANES):
        some = below(steps, at, np.int16(0))
        while some:
            who[found] = at + lowest(some)
            found, some = found + 1, some & (some - 1)
    return found


@kernel()
def swallow(box: Floats, size: int, block: Block, limits: Shorts, who: Ints, found: int, counts: Ints) -> int:
    """Count a box of so many points for the queries that have all of it within their limits, and keep the others."""
    steps_to(box, 1, 0, block)
    left = 0
    for a in range(found):
        c = who[a]
        if block.steps[c] < limits[c]:
            counts[block.rows[c]] += size
        else:
            who[left] = c
            left += 1
    return left
