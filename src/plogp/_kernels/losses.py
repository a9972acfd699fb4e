"""Log-sum-exp of long rows of float32: two passes over a row that stays in cache, and no array beside it.

A loop runs in vector lanes only if it has no branch and no call. So the exponential is written here, and the maximum
compares bits. Exponentials go into a buffer that stays in the nearest cache.
"""

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = ["log_sum_exp"]

SEGMENT = 2048
"""How many exponentials are added up in float32 before their sum goes into a double."""

INFINITY = np.int32(0x7F800000)  # the bits of it
MAGNITUDE = np.int32(0x7FFFFFFF)  # all bits but the sign

ROUND_ONCE = {"contract"}  # a·b + c
ADD_IN_ANY_ORDER = {"reassoc", "nsz"}


@kernel(fastmath=ROUND_ONCE)
def exp(x: np.float32) -> np.float32:
    """e^x for x ≤ 0, exactly 1 at 0; off by a fraction of 4e-7 at -5 and 4e-6 at -87, below which it stays e^-87.

    x log₂e = k + f with |f| ≤ ½: adding 1.5·2²³ rounds to k and leaves it in the low bits, which are added to the
    exponent of 2^f, the polynomial with the least greatest error that is 1 at 0 (9.1e-8, as a fraction).
    """
    y = (x if x > np.float32(-87.0) else np.float32(-87.0)) * np.float32(1.442695)
    shifted = np.float32(y + np.float32(12582912.0))
    f = y - (shifted - np.float32(12582912.0))
    p = np.float32(1.3264734e-3)
    p = p * f + np.float32(9.671513e-3)
    p = p * f + np.float32(5.5507336e-2)
    p = p * f + np.float32(0.24022242)
    p = p * f + np.float32(0.693147)
    p = p * f + np.float32(1.0)
    return np.int32(np.float32(p).view(np.int32) + (shifted.view(np.int32) << np.int32(23))).view(np.float32)


@kernel()
def maximum(row: NDArray[np.float32]) -> np.float32:
    """The greatest of a row, NaN if it has one: bits are in the order of floats once negative ones are flipped."""
    greatest = np.int32(-0x80000000)
    largest = np.int32(0)
    bits = row.view(np.int32)
    for j in range(bits.size):
        largest = max(largest, np.int32(bits[j] & MAGNITUDE))
        greatest = max(greatest, np.int32(bits[j] ^ ((bits[j] >> np.int32(31)) & MAGNITUDE)))
    if largest > INFINITY:
        return np.float32(np.nan)
    return np.int32(greatest ^ ((greatest >> np.int32(31)) & MAGNITUDE)).view(np.float32)


@kernel(fastmath=ADD_IN_ANY_ORDER)
def sum_exp(row: NDArray[np.float32], greatest: np.float32, terms: NDArray[np.float32]) -> np.float32:
    """Σ e^(x − greatest) of a segment, in two loops: one that computes, one that adds."""
    for j in range(row.size):
        terms[j] = exp(row[j] - greatest)
    total = np.float32(0.0)
    for j in range(row.size):
        total += terms[j]
    return total


@kernel()
def log_sum_exp(rows: NDArray[np.float32], out: NDArray[np.float64]) -> None:
    """Fill in ln Σ e^x of each row of `rows` (n, k); NaN where the row has one, -inf where all of it is."""
    terms = np.empty(SEGMENT, dtype=np.float32)
    for i in range(rows.shape[0]):
        greatest = maximum(rows[i])
        total = 0.0
        for start in range(0, rows.shape[1], SEGMENT):
            total += float(sum_exp(rows[i, start : start + SEGMENT], greatest, terms))
        out[i] = greatest + np.log(total)
