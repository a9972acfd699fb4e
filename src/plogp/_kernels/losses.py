"""Log-sum-exp of long rows of float32: one pass over memory, and no array beside it.

A loop runs in vector lanes only if it has no branch and no call, so the maximum compares bits.
"""

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.exponentials import LANES, STRETCHES, sum_exp
from plogp._kernels.processor import wide

__all__ = ["log_sum_exp"]

PIECE = 16 * LANES
"""How many entries of each stretch are added up in float32, as many sums as lanes, before these become doubles."""

ENTRIES_AHEAD = 1024
"""How many entries before it is needed memory is asked for: a page."""

INFINITY = np.int32(0x7F800000)  # the bits of it
MAGNITUDE = np.int32(0x7FFFFFFF)  # all bits but the sign


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


@kernel()
def maximum_of(x: NDArray[np.float32], place: int, apart: int, n: int) -> np.float32:
    """The greatest of the first n entries of all stretches."""
    greatest = np.float32(-np.inf)
    for start in range(place, place + STRETCHES * apart, apart):
        greatest = np.maximum(greatest, maximum(x[start : start + n]))
    return greatest


@kernel()
def with_exp(
    x: NDArray[np.float32], place: int, apart: int, n: int, ahead: int, shift: np.float32, total: float
) -> tuple[np.float32, float]:
    """A shift and Σ e^(x − shift), after n entries of each stretch were added to it.

    Entries that go far beyond the shift are added up once more, while they are in the nearest cache.
    """
    part, near = sum_exp(x, place, apart, n // LANES, ahead, shift)
    if not near:
        greatest = maximum_of(x, place, apart, n)
        if greatest == -np.inf:
            return shift, total
        total *= np.exp(np.float64(shift) - np.float64(greatest))
        shift = greatest
        part, _ = sum_exp(x, place, apart, n // LANES, ahead, shift)
    return shift, total + part


@kernel()
def log_sum_exp(rows: NDArray[np.float32], out: NDArray[np.float64]) -> None:
    """Fill in ln Σ e^x of each row of `rows` (n, k); NaN where the row has one, -inf where all of it is.

    One pass over memory, by turns over the quarters of a row; what these leave over is copied and filled up with -inf.
    What is subtracted from x is the greatest of some earlier entries.
    """
    wide()
    k, x, rest = rows.shape[1], rows.reshape(-1), np.full(STRETCHES * LANES, -np.inf, np.float32)
    quarter, over = k // rest.size * LANES, k % rest.size
    for i in range(rows.shape[0]):
        shift, total = maximum(rows[i, : rest.size]), 0.0
        for start in range(0, quarter, PIECE):
            ahead = ENTRIES_AHEAD if start + ENTRIES_AHEAD < quarter else ENTRIES_AHEAD + k - quarter  # of the next row
            shift, total = with_exp(x, i * k + start, quarter, min(PIECE, quarter - start), ahead, shift, total)
        if over:
            rest[:over] = rows[i, k - over :]
            shift, total = with_exp(rest, 0, LANES, LANES, 0, shift, total)
        out[i] = shift + np.log(total) if total == total else maximum(rows[i])  # NaN where an x is +inf or NaN
