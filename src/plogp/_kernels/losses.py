"""Log-sum-exp of long rows of float32: one pass over memory, and no array beside it.

A loop runs in vector lanes only if it has no branch and no call, so the maximum compares bits.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.exponentials import BLOCK, sum_exp
from plogp._kernels.processor import wide

__all__ = ["log_sum_exp"]

SEGMENT = 16 * BLOCK
"""How many exponentials are added up in float32, in as many sums as a block has entries, before these are doubles."""

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
def sum_exp_of(rows: NDArray[np.float32], place: int, n: int, shift: np.float32, piece: NDArray[np.float32]) -> Any:
    """As `sum_exp`, of n entries; if they are no whole blocks, of a copy that is filled up with -inf."""
    if n % BLOCK == 0:
        return sum_exp(rows, place, n // BLOCK, shift)
    blocks = n // BLOCK + 1
    piece[:n] = rows.reshape(-1)[place : place + n]
    piece[n : blocks * BLOCK] = -np.inf
    return sum_exp(piece, 0, blocks, shift)


@kernel()
def log_sum_exp(rows: NDArray[np.float32], out: NDArray[np.float64]) -> None:
    """Fill in ln Σ e^x of each row of `rows` (n, k); NaN where the row has one, -inf where all of it is.

    One pass over memory: what is subtracted from x is the greatest of an earlier segment. A segment that goes far
    beyond is added up once more, while it is in the nearest cache.
    """
    wide()
    k, piece = rows.shape[1], np.empty(SEGMENT, np.float32)
    for i in range(rows.shape[0]):
        shift, total = maximum(rows[i, :BLOCK]), 0.0
        for start in range(0, k, SEGMENT):
            n = min(SEGMENT, k - start)
            part, near = sum_exp_of(rows, i * k + start, n, shift, piece)
            if not near:
                greatest = maximum(rows[i, start : start + n])
                if greatest == -np.inf:
                    continue
                total *= np.exp(np.float64(shift) - np.float64(greatest))
                shift = greatest
                part, _ = sum_exp_of(rows, i * k + start, n, shift, piece)
            total += part
        out[i] = shift + np.log(total) if total == total else maximum(rows[i])  # NaN where an x is +inf or NaN
