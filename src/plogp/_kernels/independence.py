"""Loops over contingency tables whose margins are fixed: moments under permutation, and permutations themselves.

Under permutation a cell of a stratum is hypergeometric: n observations, a in its row, b in its column. Equal margins
share a distribution, so that the loops run over groups of equal margins, not over cells.
"""

from math import log, sqrt

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = ["cell_mean", "digamma", "permutation_moments", "shuffle_within", "stratum_moments"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TAIL = 1e-13
"""A probability, or a term of a series, so small beside the greatest is left out."""

MANY = 200.0
"""From this mean of a count on, a series in its central moments is quicker than the sum over its distribution."""

FEW = 50.0
"""The same where only the mean of g is wanted, in which the terms beyond are below 1e-10."""

ORDERS = 26
"""Moments that the series takes at most; at a mean of 200 the terms beyond are below 1e-12."""

STEPS = np.array([[(j + 1) / (r - j) if j < r else 0.0 for j in range(ORDERS)] for r in range(ORDERS)])
"""C(r, j)/C(r, j + 1)."""

SQUARE = np.array([sum(1 / (r * (r - 1) * (s - r) * (s - r - 1)) for r in range(2, s - 1)) for s in range(ORDERS)])
"""The coefficients of the square of Σ yʳ/(r(r − 1))."""


@kernel()
def digamma(x: float) -> float:
    """ψ(x) for x > 0: upwards to 8 by its recurrence, then its asymptotic series."""
    below = 0.0
    while x < 8.0:
        below -= 1.0 / x
        x += 1.0
    y = 1.0 / (x * x)
    series = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y / 132))))
    return below + log(x) - 0.5 / x - series


@kernel()
def add_term(k: float, p: float, psi: float, mean: float, sums: Floats) -> None:
    """Add the weight p of the count k to the sums over a cell's distribution."""
    g = 2.0 * (k * log(k / mean) - k + mean) if k > 0 else 2.0 * mean
    sums[0] += p
    sums[1] += p * g
    sums[2] += p * g * g
    sums[3] += p * g * (k - mean)
    sums[4] += p * k * psi
    if k == 1:
        sums[5] += p
    if k == 2:
        sums[6] += p


@kernel()
def next_moment(r: int, moments: Floats, a: int, b: int, n: int, mean: float) -> float:
    """E yʳ⁺¹ of y = k/μ − 1 from the moments up to E yʳ.

    By P(k + 1)·(k + 1)(n − a − b + k + 1) = P(k)·(a − k)(b − k), summed against (y − 1/μ)ʳ:
    (n − r) E yʳ⁺¹ = −Σ_{j<r} C(r, j)(−1/μ)ʳ⁻ʲ E yʲ(A + Dy + μy²), the last summand without its μy².
    """
    spread, drift = (n - a) * (1.0 - b / n), n - a - b + 2.0 * mean
    total, weight, step = 0.0, 1.0, -1.0 / mean
    for j in range(r - 1, -1, -1):
        weight *= STEPS[r, j] * step
        total += weight * (spread * moments[j] + drift * moments[j + 1])
        if j < r - 1:
            total += weight * mean * moments[j + 2]
    return -total / (n - r)


@kernel()
def series_moments(a: int, b: int, n: int, mean: float, sums: Floats) -> None:
    """`cell_moments` of a great mean: g = 2μ Σ_{r≥2} (−y)ʳ/(r(r − 1)), term by term."""
    y = np.zeros(ORDERS)
    y[0] = 1.0
    sums[:] = 0.0
    reciprocal, before = 1.0, 0.0
    for s in range(2, ORDERS):
        y[s] = next_moment(s - 1, y, a, b, n, mean)
        sign = 1.0 - 2.0 * (s % 2)
        term = 4.0 * mean * mean * sign * SQUARE[s] * y[s]
        sums[1] += 2.0 * mean * sign * y[s] / (s * (s - 1.0))
        sums[2] += term
        sums[3] -= 2.0 * mean * mean * sign * y[s] / ((s - 1.0) * (s - 2.0)) if s > 2 else 0.0
        reciprocal += sign * y[s]
        if s > 4 and abs(term) + abs(before) < TAIL * sums[2]:
            break
        before = term
    sums[0] = 1.0
    sums[4] = mean * log(mean) + 0.5 * sums[1] - 0.5 - reciprocal / (12.0 * mean)
    sums[4] += (1.0 + 6.0 * y[2]) / (120.0 * mean**3)


@kernel()
def cell_moments(a: int, b: int, n: int, sums: Floats) -> None:
    """E over the hypergeometric count k of 1, g, g², g·(k − μ), kψ(k), [k = 1], [k = 2]; g = 2(k ln(k/μ) − k + μ).

    Probabilities relative to the mode's, by their ratio outwards from it; the sums are normalised at the end, so that
    no factorial is needed and nothing overflows whatever n.
    """
    mean = a * (b / n)
    if mean >= MANY:
        series_moments(a, b, n, mean, sums)
        return
    low, high = max(0, a + b - n), min(a, b)
    mode = min(high, max(low, int((a + 1.0) * (b + 1.0) / (n + 2.0))))
    psi = digamma(mode) if mode > 0 else 0.0
    sums[:] = 0.0
    add_term(mode, 1.0, psi, mean, sums)
    k, p, psi_k = mode, 1.0, psi
    while k < high and p > TAIL:
        p *= (a - k) / (k + 1.0) * ((b - k) / (n - a - b + k + 1.0))
        psi_k = psi_k + 1.0 / k if k > 0 else digamma(1.0)
        k += 1
        add_term(k, p, psi_k, mean, sums)
    k, p, psi_k = mode, 1.0, psi
    while k > low and p > TAIL:
        p *= k / (a - k + 1.0) * ((n - a - b + k) / (b - k + 1.0))
        k -= 1
        psi_k = psi_k - 1.0 / k if k > 0 else 0.0
        add_term(k, p, psi_k, mean, sums)
    sums[1:] /= sums[0]


@kernel()
def cell_mean(a: int, b: int, n: int) -> float:
    """E g alone, to some 1e-10 of it; as `cell_moments`."""
    mean = a * (b / n)
    if mean < FEW:
        sums = np.empty(7)
        cell_moments(a, b, n, sums)
        return float(sums[1])
    y = np.zeros(ORDERS)
    y[0] = 1.0
    total = before = 0.0
    for s in range(2, ORDERS):
        y[s] = next_moment(s - 1, y, a, b, n, mean)
        term = 2.0 * mean * (1.0 - 2.0 * (s % 2)) * y[s] / (s * (s - 1.0))
        total += term
        if abs(term) + abs(before) < 1e-11 * total:
            break
        before = term
    return total


@kernel()
def add_reach(cells: float, expected: float, out: Floats) -> None:
    """Add Σ e·u and Σ e·u² of cells that expect e observations, u = max(ln e, 0) + 1."""
    reach = max(log(expected), 0.0) + 1.0
    out[5] += cells * expected * reach
    out[6] += cells * expected * reach * reach


@kernel()
def stratum_moments(n: int, rows: Ints, row_cells: Ints, columns: Ints, column_cells: Ints, out: Floats) -> None:
    """Add one stratum to `out`; see `permutation_moments`.

    The variance is that of Σ g(k) with each cell's g split into c·(k − μ), whose variance under permutation is exact,
    and a rest of standard deviation s, uncorrelated with k. The rests of two cells have the square of the correlation
    of their counts, as in the Gaussian limit: (a a′)/((n − a)(n − a′)) for two rows, and likewise for columns.
    """
    sums = np.empty(7)
    c_column, s_column = np.zeros(columns.size), np.zeros(columns.size)
    linear = c_all = rest = s_all = 0.0
    for i in range(rows.size):
        a, cells_a = rows[i], row_cells[i]
        w = a / (n - a)
        c_row = s_row = 0.0
        for j in range(columns.size):
            b, cells_b = columns[j], column_cells[j]
            u = b / (n - b)
            cell_moments(a, b, n, sums)
            cells = float(cells_a) * cells_b
            out[0] += cells * sums[1]
            out[2] += cells * sums[4]
            out[3] += cells * sums[5]
            out[4] += cells * sums[6]
            add_reach(cells, a * (b / n), out)
            spread = a * (b / n) * (1 - a / n) * (1 - b / n) * (n / (n - 1.0))
            c = sums[3] / spread
            s2 = max(sums[2] - sums[1] ** 2 - c * sums[3], 0.0)
            s = sqrt(s2)
            linear += cells * a * b * c * c
            c_row += cells_b * b * c / n
            c_column[j] += cells_a * a * c / n
            rest += cells * (1 - w * w) * (1 - u * u) * s2
            s_row += cells_b * u * s
            s_column[j] += cells_a * w * s
        linear -= cells_a * a * c_row**2 * n
        c_all += cells_a * a * c_row / n
        rest += cells_a * (1 - w * w) * s_row**2
        s_all += cells_a * w * s_row
    for j in range(columns.size):
        b = columns[j]
        linear -= column_cells[j] * b * c_column[j] ** 2 * n
        rest += column_cells[j] * (1 - (b / (n - b)) ** 2) * s_column[j] ** 2
    linear += c_all**2 * n * n
    out[1] += max(linear, 0.0) / (n - 1.0) + rest + s_all**2


@kernel()
def add_settled(margins: Ints, margin_cells: Ints, out: Floats) -> None:
    """Add a stratum of one row or one column to `out`: its cells are its margins."""
    for i in range(margins.size):
        margin, cells = margins[i], margin_cells[i]
        out[2] += cells * margin * digamma(margin)
        out[3] += cells * (margin == 1)
        out[4] += cells * (margin == 2)
        add_reach(cells, float(margin), out)


@kernel()
def permutation_moments(
    totals: Ints,
    row_start: Ints,
    rows: Ints,
    row_cells: Ints,
    column_start: Ints,
    columns: Ints,
    column_cells: Ints,
) -> Floats:
    """Over permutations of the columns within strata: mean and variance of G = 2n·Î_plug-in, means of Σ kψ(k), f₁, f₂.

    And two sums over the grid of margins, Σ e·u and Σ e·u² with u = max(ln e, 0) + 1. Stratum z holds the margins
    `rows[row_start[z]:row_start[z + 1]]`, each as often as `row_cells` says; so columns. The means are exact. A stratum
    of one row or one column stays what it is.
    """
    out = np.zeros(7)
    for z in range(totals.size):
        r, s = row_start[z], row_start[z + 1]
        c, d = column_start[z], column_start[z + 1]
        if rows[r] == totals[z]:
            add_settled(columns[c:d], column_cells[c:d], out)
        elif columns[c] == totals[z]:
            add_settled(rows[r:s], row_cells[r:s], out)
        else:
            stratum_moments(totals[z], rows[r:s], row_cells[r:s], columns[c:d], column_cells[c:d], out)
    return out


@kernel()
def shuffle_within(codes: Ints, start: Ints, rng: Generator) -> None:
    """Shuffle each stretch `codes[start[z]:start[z + 1]]` in place (Fisher-Yates)."""
    for z in range(start.size - 1):
        for i in range(start[z + 1] - 1, start[z], -1):
            j = start[z] + int(rng.random() * (i + 1 - start[z]))
            codes[i], codes[j] = codes[j], codes[i]
