"""Neighbours in max-norm among points in a tree.

Points that lie near each other, those of a node of their own tree, go through it together: most leaves that one of them
must look into, others must too, and so a leaf is brought into the cache once for many. There its points are put on a
grid about those that look, which tells for many of them at once whether they are near enough; where the grid leaves a
doubt, distances are taken as they are, so that the result is exact.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.blocks import Block, Sheet, block_of, lay_out, sheet_of, split_off, swallow, values_of, within
from plogp._kernels.grids import NOWHERE, above, greatest, surely
from plogp._kernels.processor import LANES, below, farthest, lowest, ones, wide
from plogp._kernels.trees import Boxes, across, apart, aside, beyond, end, home, start

__all__ = ["count", "nearest"]

Floats = NDArray[np.float64]
Shorts = NDArray[np.int16]
Ints = NDArray[np.int64]


@kernel()
def nearest(first: int, last: int, blocks: int, k: int, queries: Boxes, tree: Boxes, radii: Floats) -> None:
    """How far the k-th nearest point of a tree is from each query.

    Args:
        first, last: of a level of the tree of the queries the nodes to work on.
        blocks: how many nodes the level has.
        queries: may be the tree itself, where each point is its own nearest.
        radii: shape (m,), in the order of the queries; becomes the distances.
    """
    each, sheet = queries.boxes.shape[0] // 2 // blocks, sheet_of(tree)
    for v in range(blocks + first, blocks + last):
        for step in range(each + 1):  # at first the k-th in a leaf that is near, which is an upper bound
            node = v * each + step if step < each else v
            root = home(tree, queries.boxes[node], k) if step < each else 1
            known = radii[start(queries, node) : end(queries, node)]
            if step < each:
                known[:] = np.inf
            values, rows, begin = values_of(queries, node), np.arange(known.size), 0
            stop = split_off(rows, begin, values, known)
            while begin < stop:
                search(block_of(rows[begin:stop], values, known, tree.boxes[root]), root, tree, k, sheet, known)
                begin, stop = stop, split_off(rows, stop, values, known)


@kernel()
def search(block: Block, root: int, tree: Boxes, k: int, sheet: Sheet, radii: Floats) -> None:
    """The distances from the queries of a block to the k-th nearest below a root, where they are less than `radii`."""
    wide()
    leaves, m, width = tree.boxes.shape[0] // 2, block.rows.size, block.grid.size // block.centre.size
    limits, best = np.zeros(width, np.int16), np.full(m * k, np.inf)
    for c in range(m):
        limits[c] = above(radii[block.rows[c]], block.scale)
    who, stack, top, widest = np.empty(width, np.int64), np.empty(128, np.int64), 1, greatest(limits)
    stack[0] = root
    while top > 0:
        top -= 1
        node = stack[top]
        if widest < NOWHERE and apart(tree.boxes[node], block.box) * block.scale >= widest:
            continue
        if node < leaves:  # the nearer child first
            one, other = aside(tree.boxes[2 * node], block.centre), aside(tree.boxes[2 * node + 1], block.centre)
            stack[top] = 2 * node + int(one <= other)
            stack[top + 1] = 4 * node + 1 - stack[top]
            top += 2
            continue
        found = within(tree.boxes[node], block, limits, who)
        if found > 0:
            look(tree, node, block, who, found, k, sheet, limits, best, radii)
            widest = greatest(limits)


@kernel()
def look(
    tree: Boxes,
    leaf: int,
    block: Block,
    who: Ints,
    found: int,
    k: int,
    sheet: Sheet,
    limits: Shorts,
    best: Floats,
    radii: Floats,
) -> None:
    """Look into a leaf for neighbours of some queries of a block that are nearer than those found.

    Args:
        who, found: places of these queries in the block, and how many they are.
        limits: above the radii, in steps.
        best: the k least distances found, for each query of the block; flat.
    """
    wide()
    d, start, width = block.centre.size, tree.starts[leaf], lay_out(tree, leaf, block, sheet)
    size = np.uintp(tree.starts[leaf + 1] - start)
    grid, blank, near, places = sheet.grid, sheet.blank, sheet.near, block.places
    for a in range(found):
        c = who[a]
        row, limit, first = block.rows[c], limits[c], c * k
        worst = radii[row]
        for lane in range(0, width, LANES):
            farthest(grid, lane, width, places, c * d, d, blank, near)
            some = below(near, 0, limit)
            while some:
                i = lowest(some)
                some &= some - 1
                if near[i] >= limit:
                    continue
                at = np.uintp(start * d + lane + i)
                away = distance(tree.columns, at, size, block.values, np.uintp(row * d), np.uintp(d))
                if away < worst:
                    j = first + k - 1
                    while j > first and best[j - 1] > away:
                        best[j] = best[j - 1]
                        j -= 1
                    best[j] = away
                    worst = min(worst, best[first + k - 1])
                    limit = above(worst, block.scale)
        limits[c], radii[row] = limit, worst


@kernel()
def count(first: int, last: int, blocks: int, queries: Boxes, limits: Floats, tree: Boxes, counts: Ints) -> None:
    """How many points of a tree are nearer than its limit to each query; else as `nearest`."""
    sheet = sheet_of(tree)
    for v in range(blocks + first, blocks + last):
        begin, stop = start(queries, v), end(queries, v)
        wanted, found = limits[begin:stop], counts[begin:stop]
        values, rows, begin = values_of(queries, v), np.arange(wanted.size), 0
        stop, found[:] = split_off(rows, begin, values, wanted), 0
        while begin < stop:
            add_up(block_of(rows[begin:stop], values, wanted, tree.boxes[1]), wanted, tree, sheet, found)
            begin, stop = stop, split_off(rows, stop, values, wanted)


@kernel()
def add_up(block: Block, limits: Floats, tree: Boxes, sheet: Sheet, counts: Ints) -> None:
    """How many points are nearer than its limit to each query of a block."""
    wide()
    leaves, width = tree.boxes.shape[0] // 2, block.grid.size // block.centre.size
    least, most, near_to_all = np.inf, 0.0, 0
    under, over = np.zeros(width, np.int16), np.zeros(width, np.int16)
    for c in range(block.rows.size):
        limit = limits[block.rows[c]]
        least, most = min(least, limit), max(most, limit)
        under[c], over[c] = surely(limit, block.scale), above(limit, block.scale)
    who, stack, top = np.empty(width, np.int64), np.empty(128, np.int64), 1
    stack[0] = 1
    while top > 0:
        top -= 1
        node = stack[top]
        if apart(tree.boxes[node], block.box) >= most:
            continue
        if across(tree.boxes[node], block.box) < least:
            near_to_all += end(tree, node) - start(tree, node)
            continue
        if node < leaves:
            stack[top], stack[top + 1] = 2 * node, 2 * node + 1
            top += 2
            continue
        found = within(tree.boxes[node], block, over, who)
        if found > 0 and beyond(tree.boxes[node], block.box) < most:
            found = swallow(tree.boxes[node], end(tree, node) - start(tree, node), block, under, who, found, counts)
        if found > 0:
            add(tree, node, block, who, found, sheet, under, over, limits, counts)
    for row in block.rows:
        counts[row] += near_to_all


@kernel()
def add(
    tree: Boxes,
    leaf: int,
    block: Block,
    who: Ints,
    found: int,
    sheet: Sheet,
    under: Shorts,
    over: Shorts,
    limits: Floats,
    counts: Ints,
) -> None:
    """Count the points of a leaf that are nearer than its limit to each of some queries of a block.

    Args:
        who, found: places of these queries in the block, and how many they are.
        under, over: steps, fewer than which are within the limit surely, or perhaps.
    """
    wide()
    d, start, width = block.centre.size, tree.starts[leaf], lay_out(tree, leaf, block, sheet)
    size = np.uintp(tree.starts[leaf + 1] - start)
    grid, blank, near, places = sheet.grid, sheet.blank, sheet.near, block.places
    for a in range(found):
        c = who[a]
        row, inside = block.rows[c], 0
        for lane in range(0, width, LANES):
            farthest(grid, lane, width, places, c * d, d, blank, near)
            sure = below(near, 0, under[c])
            inside += ones(sure)
            some = below(near, 0, over[c]) & ~sure
            while some:
                at = np.uintp(start * d + lane + lowest(some))
                some &= some - 1
                away = distance(tree.columns, at, size, block.values, np.uintp(row * d), np.uintp(d))
                inside += int(away < limits[row])
        counts[row] += inside


@kernel()
def distance(columns: Floats, at: Any, step: Any, values: Floats, to: Any, d: Any) -> float:
    """The distance of a point of a leaf, with a coordinate every `step` numbers, from a query of a block."""
    most = 0.0
    for j in range(d):
        difference = abs(columns[at + j * step] - values[to + j])
        most = difference if difference > most else most
    return most
