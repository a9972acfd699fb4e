"""Loops over pairs of columns of codes: tables by bit-planes or row by row, and what estimates need to know of a table.

A plane is a row of bits, one an observation, set where a column has one outcome; the count of a cell is the number of
bits that two planes share. A plane of 64 observations is one word, and so is counted by one instruction.
"""

from math import inf, log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.independence import cell_mean, digamma, stratum_moments

__all__ = ["SUMS", "cell_means", "count_codes", "count_planes", "count_rows", "pack_planes", "table_sums", "tile_sums"]

Words = NDArray[np.uint64]
Codes = NDArray[np.integer[Any]]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

SUMS = 22
"""How many numbers `table_sums` makes."""

STRETCH = 256
"""Words of a plane that are read at a time: those of a block of columns stay in the cache."""


@kernel()
def pack_planes(codes: Codes, planes: Words) -> None:
    """Set bit i of plane u where the code of row i is u; codes beyond the planes have none."""
    words = np.zeros(codes.max() + 1, np.uint64)
    for w in range((codes.size + 63) // 64):
        words[:] = 0
        bit = np.uint64(1)
        for code in codes[64 * w : 64 * w + 64]:
            words[code] |= bit
            bit <<= np.uint64(1)
        for u in range(min(planes.shape[0], words.size)):
            planes[u, w] = words[u]


@kernel()
def bits(word: np.uint64) -> np.uint64:
    """How many bits are set, by sums in parallel; compilers know this form and make one instruction of it."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (word * np.uint64(0x0101010101010101)) >> np.uint64(56)


@kernel()
def count_planes(one: Words, other: Words, above: bool, table: Ints) -> None:
    """Add to `table`, shape (p, q), how many bits each plane of one shares with each of the other; 3 divides p and q.

    With `above` only what is above the diagonal is sure to be counted: enough where one and the other are the same.
    Three planes by three at a time, so that nine sums stay in registers and each word that is read serves three.
    """
    for start in range(0, one.shape[1], STRETCH):
        stop = min(start + STRETCH, one.shape[1])
        for u in range(0, one.shape[0], 3):
            a0, a1, a2 = one[u, start:stop], one[u + 1, start:stop], one[u + 2, start:stop]
            for v in range(u if above else 0, other.shape[0], 3):
                b0, b1, b2 = other[v, start:stop], other[v + 1, start:stop], other[v + 2, start:stop]
                s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = np.uint64(0)
                for w in range(stop - start):
                    x0, x1, x2, y0, y1, y2 = a0[w], a1[w], a2[w], b0[w], b1[w], b2[w]
                    s00 += bits(x0 & y0)
                    s01 += bits(x0 & y1)
                    s02 += bits(x0 & y2)
                    s10 += bits(x1 & y0)
                    s11 += bits(x1 & y1)
                    s12 += bits(x1 & y2)
                    s20 += bits(x2 & y0)
                    s21 += bits(x2 & y1)
                    s22 += bits(x2 & y2)
                table[u, v] += s00
                table[u, v + 1] += s01
                table[u, v + 2] += s02
                table[u + 1, v] += s10
                table[u + 1, v + 1] += s11
                table[u + 1, v + 2] += s12
                table[u + 2, v] += s20
                table[u + 2, v + 1] += s21
                table[u + 2, v + 2] += s22


@kernel()
def count_codes(x: Codes, margin: Ints) -> None:
    """Add one to `margin[x[i]]` for each row, four rows at a time in margins of their own."""
    apart = np.zeros((3, margin.size), np.int64)
    for i in range(0, x.size - 3, 4):
        margin[x[i]] += 1
        apart[0, x[i + 1]] += 1
        apart[1, x[i + 2]] += 1
        apart[2, x[i + 3]] += 1
    for i in range(x.size - x.size % 4, x.size):
        margin[x[i]] += 1
    margin += apart[0] + apart[1] + apart[2]


@kernel()
def count_rows(x: Codes, y: Codes, table: Ints) -> None:
    """Add one to `table[x[i], y[i]]` for each row; odd rows in a table of their own, lest one wait for the other."""
    odd = np.zeros_like(table)
    for i in range(0, x.size - 1, 2):
        table[x[i], y[i]] += 1
        odd[x[i + 1], y[i + 1]] += 1
    if x.size % 2:
        table[x[-1], y[-1]] += 1
    table += odd


@kernel()
def cell_means(margins: Ints, n: int, out: Floats) -> None:
    """`cell_mean` of each two margins, shape (d, d)."""
    for i in range(margins.size):
        for j in range(i + 1):
            out[i, j] = out[j, i] = cell_mean(margins[i], margins[j], n)


@kernel()
def add_count(k: int, sums: Floats) -> None:
    """Add k ln k, kψ(k), [k = 1] and [k = 2] of one count."""
    if k > 0:
        sums[0] += k * log(k)
        sums[1] += k * digamma(k)
        sums[2] += k == 1
        sums[3] += k == 2


@kernel()
def runs(margins: Ints) -> tuple[Ints, Ints]:
    """The distinct positive margins, and how many there are of each."""
    ordered = np.sort(margins[margins > 0])
    cells = np.zeros(ordered.size, np.int64)
    found = 0
    for margin in ordered:
        if found == 0 or ordered[found - 1] != margin:
            ordered[found] = margin
            found += 1
        cells[found - 1] += 1
    return ordered[:found], cells[:found]


@kernel()
def add_chance(n: int, rows: Ints, columns: Ints, moments: bool, out: Floats) -> None:
    """Add the mean and the variance of G = 2n·Î_plug-in under permutation; ∞ for a variance that is known not to be 0.

    It isn't 0 where both margins have two outcomes of two observations or more. A table of two such rows and columns
    can be changed in two steps of one kind, and Σ k ln k, which is strictly convex, can't be the same at all three.
    """
    if (rows > 0).sum() < 2 or (columns > 0).sum() < 2:
        return
    a, a_cells = runs(rows)
    b, b_cells = runs(columns)
    if moments or (rows > 1).sum() < 2 or (columns > 1).sum() < 2:
        sums = np.zeros(7)
        stratum_moments(n, a, a_cells, b, b_cells, sums)
        out[0] += sums[0]
        out[1] += sums[1]
        return
    out[1] = inf
    for i in range(a.size):
        for j in range(b.size):
            out[0] += a_cells[i] * b_cells[j] * cell_mean(a[i], b[j], n)


@kernel()
def add_stratum(table: Ints, means: Floats, row_places: Ints, column_places: Ints, moments: bool, out: Floats) -> None:
    """Add one stratum to `out`; see `table_sums`."""
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    n = rows.sum()
    if n == 0:
        return
    a2 = b2 = 0.0
    for u in range(rows.size):
        add_count(rows[u], out[4:8])
        a2 += (rows[u] / n) ** 2
    for v in range(columns.size):
        add_count(columns[v], out[8:12])
        b2 += (columns[v] / n) ** 2
    add_count(n, out[12:16])
    for u in range(rows.size):
        for v in range(columns.size):
            add_count(table[u, v], out[0:4])
            out[18] += (table[u, v] - rows[u] * (columns[v] / n)) ** 2
    out[16] += n
    out[17] += (1 - a2) * (1 - b2) * n * (n / max(n - 1.0, 1.0))
    out[21] += ((rows > 0).sum() - 1) * ((columns > 0).sum() - 1)
    if moments or means.size == 0 or (rows > 1).sum() < 2 or (columns > 1).sum() < 2:
        add_chance(n, rows, columns, moments, out[19:21])
        return
    out[20] = inf
    for u in range(rows.size):
        for v in range(columns.size):
            out[19] += means[row_places[u], column_places[v]]


@kernel()
def table_sums(tables: Ints, means: Floats, row_places: Ints, column_places: Ints, moments: bool, out: Floats) -> None:
    """What estimates of I(A;B|C) need to know of a table, shape (strata, rows, columns).

    `out`: Σ k ln k, Σ kψ(k), f₁ and f₂ of the cells, of the rows, of the columns and of the strata; n; V and D of the
    weight of shrinkage; mean and variance of G under permutation, the latter ∞ where it isn't wanted and isn't 0;
    degrees of freedom. `means`, where there are any, are `cell_means` of margins, with the places of these.
    """
    out[:] = 0.0
    for z in range(tables.shape[0]):
        add_stratum(tables[z], means, row_places, column_places, moments, out)


@kernel()
def tile_sums(
    tile: Ints,
    row_starts: Ints,
    row_sizes: Ints,
    column_starts: Ints,
    column_sizes: Ints,
    pairs: Ints,
    means: Floats,
    row_places: Ints,
    column_places: Ints,
    moments: bool,
    out: Floats,
) -> None:
    """`table_sums` of the table of each pair, shape (m, 2), of columns whose tables lie side by side in a tile."""
    for p in range(pairs.shape[0]):
        r, c = row_starts[pairs[p, 0]], column_starts[pairs[p, 1]]
        s, d = r + row_sizes[pairs[p, 0]], c + column_sizes[pairs[p, 1]]
        out[p] = 0.0
        add_stratum(tile[r:s, c:d], means, row_places[r:s], column_places[c:d], moments, out[p])
