"""Log-sum-exp of long rows of float32: one pass over memory, and no array beside it.

A loop runs in vector lanes only if it has no branch and no call. So the exponential is written here, and the maximum
compares bits.
"""

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.processor import AHEAD, LINE, prefetch, wide

__all__ = ["log_sum_exp"]

SEGMENT = 128
"""How many exponentials are added up in float32 before their sum goes into a double; so many are asked for at once."""

NEXT, STEP = AHEAD // 4, LINE // 4  # of float32

LOG2_E = np.float32(1.442695)
ROUNDING = np.float32(12582912.0)  # 1.5·2²³: added to a small number, it leaves its nearest integer in the low bits
FAR = np.float32(ROUNDING + np.float32(12.0)).view(np.int32)
"""Those bits of 12: e^x beyond 2^12 of what is subtracted would lose what the rest adds."""

INFINITY = np.int32(0x7F800000)  # the bits of it
MAGNITUDE = np.int32(0x7FFFFFFF)  # all bits but the sign

ROUND_ONCE = {"contract"}  # a·b + c
ADD_IN_ANY_ORDER = {"reassoc", "nsz"}


@kernel(fastmath=ROUND_ONCE)
def exp2(y: np.float32, rounded: np.float32) -> np.float32:
    """2^y for -126 ≤ y ≤ 127, exactly 1 at 0, `rounded` being y + ROUNDING; off by a fraction of 1e-7 and its own ulp.

    y = k + f with |f| ≤ ½: k, in the low bits of `rounded`, is added to the exponent of 2^f, the polynomial with the
    least greatest error that is 1 at 0 (9.1e-8, as a fraction).
    """
    f = y - (rounded - ROUNDING)
    p = np.float32(1.3264734e-3)
    p = p * f + np.float32(9.671513e-3)
    p = p * f + np.float32(5.5507336e-2)
    p = p * f + np.float32(0.24022242)
    p = p * f + np.float32(0.693147)
    p = p * f + np.float32(1.0)
    return np.int32(np.float32(p).view(np.int32) + (np.float32(rounded).view(np.int32) << np.int32(23))).view(
        np.float32
    )


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
def sum_exp(row: NDArray[np.float32], shift: np.float32) -> tuple[np.float32, bool]:
    """Σ e^(x − shift) of a segment, and whether all its x are numbers not far beyond `shift`, without which it is void.

    Below -87 it stays e^-87.
    """
    wide()
    highest, total = np.int32(0), np.float32(0.0)
    for j in range(row.size):
        x = row[j] - shift
        y = (np.float32(-87.0) if np.float32(-87.0) > x else x) * LOG2_E  # NaN stays NaN
        rounded = np.float32(y + ROUNDING)
        highest = max(highest, rounded.view(np.int32))
        total += exp2(y, rounded)
    return total, bool(highest <= FAR and total == total)  # a NaN with a sign has bits below zero


@kernel()
def log_sum_exp(rows: NDArray[np.float32], out: NDArray[np.float64]) -> None:
    """Fill in ln Σ e^x of each row of `rows` (n, k); NaN where the row has one, -inf where all of it is.

    One pass over memory: what is subtracted from x is the greatest of an earlier segment. A segment that goes far
    beyond is added up once more, while it is in the nearest cache.
    """
    wide()
    k = rows.shape[1]
    for i in range(rows.shape[0]):
        shift, total = maximum(rows[i, :SEGMENT]), 0.0
        for start in range(0, k, SEGMENT):
            segment, next_ = rows[i, start : start + SEGMENT], i * k + start + NEXT
            for place in range(next_, next_ + SEGMENT, STEP):
                prefetch(rows, place)
            part, near = sum_exp(segment, shift)
            if not near:
                greatest = maximum(segment)
                if greatest == -np.inf:
                    continue
                total *= np.exp(np.float64(shift) - np.float64(greatest))
                shift = greatest
                part, _ = sum_exp(segment, shift)
            total += np.float64(part)
        out[i] = shift + np.log(total) if total == total else maximum(rows[i])  # NaN where an x is +inf or NaN
