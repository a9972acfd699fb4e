"""Entropy and divergence of NumPy arrays: a few entries by Python's own numbers, which are done before NumPy has begun;
small arrays at once, large ones in blocks that stay in cache, or compiled.

Σ of each distribution comes with the value of large arrays, since it costs nothing while an entry is at hand. So a
check needs no second reading of memory.
"""

from collections.abc import Callable, Iterator
from math import fsum, isfinite, log, nan
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from plogp import _kernels
from plogp.frameworks.base import SMALL
from plogp.frameworks.numpy import quietly

__all__ = ["FEW", "divergence", "entropy", "lost"]

FEW = 16  # entries
BLOCK = 1 << 15  # entries of a NumPy block: 256 KB, so that its steps run in the second-level cache
COMPILED_BLOCK = 1 << 20  # entries of a compiled block, which is read once; in smaller ones calls begin to cost
WORTH_COMPILING = 1 << 20  # entries
LONGEST_ROW = 1 << 7  # entries added in one go, and asked for ahead; longer rows are cut, their pieces added pairwise

LARGEST = {np.dtype(name): np.finfo(name).max for name in (np.float32, np.float64)}

Floats: TypeAlias = NDArray[np.floating[Any]]
Axis: TypeAlias = int | tuple[int, ...]
Sums: TypeAlias = Callable[..., None]
Totals: TypeAlias = tuple[float, float] | None
"""The least and the greatest Σ of a row, where no entry is negative; None where that isn't known."""


def entropy(p: Floats, axis: Axis, unit: float = 1.0, bare: bool = False) -> tuple[Any, Totals]:
    """−Σ p log p along `axis`, over `unit`; and the totals of p; `bare`: nobody asks for those."""
    if p.ndim == 1 and p.size <= FEW and axis == -1:
        x = p.tolist()
        try:
            value = 0.0 - fsum([a * log(a) for a in x if a])
        except (ValueError, ArithmeticError):  # for NumPy to say
            value = nan
        if isfinite(value):
            return np.float64(value / unit), None if bare else _total(x)
    return _entropy_of_array(p, axis, unit)


@quietly
def _entropy_of_array(p: Floats, axis: Axis, unit: float) -> tuple[Any, Totals]:
    if p.size > BLOCK:
        value, totals = _along(axis, unit, _entropy, "entropy", p)
        return value, totals[0]
    p = p.astype(np.float64, copy=False)
    return (0.0 - np.add.reduce(p * np.log(_possible(p)), axis=axis)) / unit, None


def divergence(p: Floats, q: Floats, axis: Axis, unit: float = 1.0, bare: bool = False) -> tuple[Any, Totals, Totals]:
    """Σ p log(p/q) along `axis`, over `unit`; and the totals of p and q. Large arrays are never `bare`."""
    if p.ndim == 1 and p.size <= FEW and axis == -1 and p.shape == q.shape:
        x, y = p.tolist(), q.tolist()
        try:
            value = fsum([a * log(a / b) if a else 0.0 * b for a, b in zip(x, y, strict=True)])
        except (ValueError, ArithmeticError):  # for NumPy to say
            value = nan
        if not bare and value < SMALL:
            value += lost(x, y)
        if isfinite(value):
            return np.float64(value / unit), *((None, None) if bare else (_total(x), _total(y)))
    return _divergence_of_arrays(p, q, axis, unit, bare)


def _total(x: list[float]) -> Totals:
    """Σ x, unless an entry is negative."""
    total = sum(x)
    return (total, total) if min(x) >= 0 else None


def lost(p: list[float], q: list[float]) -> float:
    """Σ p log(p / (q·ratio)): what the ratio p/q, rounded, has lost where it is almost 1, to first order."""
    return fsum([(a - b) - b * (a / b - 1.0) for a, b in zip(p, q, strict=True) if b < 2 * a < 4 * b])


@quietly
def _divergence_of_arrays(p: Floats, q: Floats, axis: Axis, unit: float, bare: bool) -> tuple[Any, Totals, Totals]:
    p, q = np.broadcast_arrays(p, q) if p.shape != q.shape else (p, q)
    if p.size > BLOCK:
        value, (p_totals, q_totals) = _along(axis, unit, _divergence, "divergence", p, q)
        return value, p_totals, q_totals
    p_, q_ = _both_possible(p, q)
    if bare:
        return np.add.reduce(p * np.log(p_ / q_), axis=axis, dtype=np.float64) / unit, None, None
    ratio = _ratio(p_, q_)
    value = np.add.reduce(p * np.log(ratio), axis=axis, dtype=np.float64)
    if np.maximum.reduce(value, axis=None, initial=-np.inf) > -SMALL:
        value = value - np.add.reduce(_rounded_off(p_, q_, ratio), axis=axis)
    return (0.0 - value) / unit, None, None


def _along(axis: Axis, unit: float, in_numpy: Sums, compiled: str, *arrays: Floats) -> tuple[Any, list[Totals]]:
    """The values of all rows, where the axes that are summed over make up a row, and the totals of each array."""
    axes = (axis,) if isinstance(axis, int) else axis
    moved = [np.moveaxis(x, axes, range(-len(axes), 0)) for x in arrays]
    shape = moved[0].shape[: -len(axes)]
    rows = [x.reshape(int(np.prod(shape)), -1) for x in moved]
    values = np.empty(len(rows[0]))
    if _kernels.COMPILED and rows[0].size >= WORTH_COMPILING:
        from plogp._kernels import pmf

        totals = _fill(values, unit, _sums_by_block(getattr(pmf, compiled), COMPILED_BLOCK, rows))
        if totals is not None:
            return values.reshape(shape)[()], totals
    totals = _fill(values, unit, _sums_by_block(in_numpy, BLOCK, rows))
    return values.reshape(shape)[()], totals or [None] * len(rows)


def _fill(values: Floats, unit: float, sums_by_block: Iterator[Floats]) -> list[Totals] | None:
    """Fill in the values; the totals of each array, or None where a value is NaN, or an entry negative."""
    start, extremes = 0, []
    for sums in sums_by_block:
        np.divide(sums[0], unit, out=values[start : start + sums.shape[1]])
        start += sums.shape[1]
        extremes.append((sums[1:].min(axis=1), sums[1:].max(axis=1)))
    if np.isnan(np.add.reduce(values)):  # a compiled loop says NaN where it can't tell what the bare formula says
        return None
    lowest, highest = np.array(extremes).min(axis=0)[0], np.array(extremes).max(axis=0)[1]
    return None if np.isnan(lowest).any() else list(zip(lowest.tolist(), highest.tolist(), strict=True))


def _sums_by_block(sums: Sums, block: int, rows: list[Floats]) -> Iterator[Floats]:
    """The sums of one block of rows after another, (value, *totals) × rows, in one buffer."""
    n, k = rows[0].shape
    if k > LONGEST_ROW:
        cut = k - k % LONGEST_ROW
        for i in range(n):
            pieces = [x[i, :cut].reshape(-1, LONGEST_ROW) for x in rows]
            rest = [x[i : i + 1, cut:] for x in rows] if cut < k else [x[:0] for x in pieces]
            parts = [
                np.add.reduce(part, axis=1)
                for cut_rows in (pieces, rest)
                for part in _sums_by_block(sums, block, cut_rows)
            ]
            yield np.add.reduce(np.stack(parts, axis=1), axis=1, keepdims=True)
        return
    step = block // k or 1
    out = np.empty((1 + len(rows), min(step, n)))
    for start in range(0, n, step):
        here = [np.ascontiguousarray(x[start : start + step], dtype=np.float64) for x in rows]
        filled = out[:, : len(here[0])]
        sums(*here, *filled)
        yield filled


def _entropy(p: Floats, values: Floats, totals: Floats) -> None:
    np.einsum("ij,ij->i", p, np.log(_possible(p)), out=values)
    np.subtract(0.0, values, out=values)
    np.einsum("ij->i", p, out=totals)


def _divergence(p: Floats, q: Floats, values: Floats, p_totals: Floats, q_totals: Floats) -> None:
    p_, q_ = _both_possible(p, q)
    ratio = _ratio(p_, q_)
    np.einsum("ij,ij->i", p, np.log(ratio), out=values)
    if (values > -SMALL * np.einsum("ij->i", p, out=p_totals)).any():
        values -= np.einsum("ij->i", _rounded_off(p_, q_, ratio))
    np.subtract(0.0, values, out=values)
    for x, totals in ((p, p_totals), (q, q_totals)):
        np.einsum("ij->i", x, out=totals)
        if x.min() < 0:
            totals[:] = np.nan  # the ratio of two negative numbers hides them


def _possible(p: Floats) -> Floats:
    """p, with 1 in the place of 0."""
    return p if np.count_nonzero(p) == p.size else p + (p == 0)


def _both_possible(p: Floats, q: Floats) -> tuple[Floats, Floats]:
    """p and q, with 1 and 1 where p is 0 (but NaN if q is)."""
    p_ = _possible(p)
    return p_, q if p_ is p else q * (p != 0) + (p == 0)


def _ratio(p: Floats, q: Floats) -> Floats:
    """q/p for p > 0."""
    ratio: Floats = q / p
    return np.minimum(ratio, LARGEST[ratio.dtype], out=ratio)  # it overflows only if p is subnormal


def _rounded_off(p: Floats, q: Floats, ratio: Floats) -> Floats:
    """p log(ratio·p/q), as `Framework.rounded_off`; from ½ to 2 the weight is almost 1 where it matters."""
    off = ratio - 1.0
    weight = np.minimum(np.maximum(1.0 - off, 0.0), 1.0)  # a tenth of the time of `where`
    lost: Floats = (p * off + (p - q)) * weight
    return lost
