"""−Σ p log p and Σ p log(p/q) of many rows in one pass over memory, with the sums that a check needs.

A loop runs in vector lanes only if it has no branch and no call, so the logarithm is written here: x = 2^k·m with m
within √½..√2, log m = 2 artanh s with s = (m − 1)/(m + 1), artanh by a minimax polynomial in s² that was fitted at 60
digits (relative error 2⁻⁵⁹). It is right to one ulp. The value of a row is NaN where a loop can't tell what the bare
formula says, as with an entry that has a minus sign: the signs of a row are gathered with one OR an entry.
"""

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.processor import AHEAD, LINE, prefetch, wide

__all__ = ["divergence", "entropy"]

SQRT_HALF = 0x3FE6A09E667F3BCD  # the bits of √½
LN2 = 0.6931471805599453
TINY = 1e-280
SMALL = 2.0**-4  # what a division rounds off can't matter in a divergence larger than that times Σ p

NEXT, STEP = AHEAD // 8, LINE // 8  # of doubles

ADD_IN_ANY_ORDER = {"reassoc", "contract", "nsz"}
ROUND_ONCE = {"contract"}  # a·b + c


@kernel(fastmath=ROUND_ONCE)
def log(x: float, exponent: int) -> float:
    """Log of x / 2^exponent for a positive normal x; some finite number for any other x."""
    bits = np.float64(x).view(np.int64)
    k = (bits - SQRT_HALF) >> 52
    f = np.int64(bits - (k << 52)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    odd = z * (0.6666666666666734 + w * (0.285714287420151 + w * (0.18183562402612846 + w * 0.147954744875509)))
    even = w * (0.39999999999416375 + w * (0.22222198610829796 + w * 0.1531409890171908))
    return np.float64(k - exponent) * LN2 + (f - s * (f - (odd + even)))


@kernel(fastmath=ROUND_ONCE)
def rounded_off(p: NDArray[np.float64], q: NDArray[np.float64]) -> float:
    """Σ p log(r·p/q), where r is q/p rounded: what a ratio of almost 1 has lost, to first order."""
    lost = 0.0
    for j in range(p.size):
        off = q[j] / p[j] - 1.0
        if abs(off) < 1.0:
            lost += p[j] * off + (p[j] - q[j])
    return lost


@kernel(fastmath=ADD_IN_ANY_ORDER)
def entropy(p: NDArray[np.float64], values: NDArray[np.float64], totals: NDArray[np.float64]) -> None:
    """Fill in −Σ p log p and Σ p of each row of `p` (n, k); NaN for a value so small that subnormal entries matter."""
    wide()
    n, k = p.shape
    for i in range(n):
        value = total = 0.0
        signs = np.int64(0)
        for place in range(i * k + NEXT, i * k + NEXT + k, STEP):
            prefetch(p, place)
        for j in range(k):
            x = p[i, j]
            value -= x * log(x, 0)
            total += x
            signs |= np.float64(x).view(np.int64)
        values[i] = value if signs >= 0 and (abs(value) > TINY or value == 0.0) else np.nan
        totals[i] = total


@kernel(fastmath=ADD_IN_ANY_ORDER)
def divergence(
    p: NDArray[np.float64],
    q: NDArray[np.float64],
    values: NDArray[np.float64],
    p_totals: NDArray[np.float64],
    q_totals: NDArray[np.float64],
) -> None:
    """Fill in Σ p log(p/q), Σ p and Σ q of each row of `p` and `q` (n, k)."""
    wide()
    n, k = p.shape
    for i in range(n):
        value = p_total = q_total = 0.0
        signs = np.int64(0)
        for place in range(i * k + NEXT, i * k + NEXT + k, STEP):
            prefetch(p, place)
            prefetch(q, place)
        for j in range(k):
            x = p[i, j]
            y = q[i, j]
            signs |= np.float64(x).view(np.int64) | np.float64(y).view(np.int64)
            none = 1.0 if x == 0.0 else 0.0  # a ratio that is finite, since its factor is zero
            ratio = min((y + none) / (x + none), 2.0**960)  # it is larger only if x is subnormal
            logarithm = log(ratio * 2.0**54, 54) if ratio != 0.0 else -np.inf  # 2^54 makes a subnormal ratio normal
            value -= x * logarithm
            p_total += x
            q_total += y
        value = value if signs >= 0 else np.nan
        values[i] = value + rounded_off(p[i], q[i]) if abs(value) < SMALL * p_total else value
        p_totals[i] = p_total
        q_totals[i] = q_total
