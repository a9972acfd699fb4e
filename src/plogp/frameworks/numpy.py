"""NumPy: the functions that measures need, and the two heaviest sums in blocks that stay in cache, or compiled.

Here the logarithm of zero is −inf, and of a negative number NaN, without a warning: measures know what they mean.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import abs, all, isfinite, isnan, maximum, minimum, sqrt, take_along_axis, where
from numpy.typing import DTypeLike, NDArray

from plogp import _kernels
from plogp.errors import InvalidType, InvalidValue

__all__ = [
    "abs",
    "all",
    "astype",
    "exp",
    "expm1",
    "isfinite",
    "isnan",
    "log",
    "log1p",
    "max",
    "maximum",
    "min",
    "minimum",
    "own",
    "permute_dims",
    "sqrt",
    "sum",
    "sum_xlogratio",
    "sum_xlogx",
    "take_along_axis",
    "where",
]

BLOCK = 1 << 14  # entries of a NumPy block: 128 KB, so that its steps run in the second-level cache
COMPILED_BLOCK = 1 << 18  # entries of a compiled block, which is read once
WORTH_COMPILING = 1 << 20  # entries
LONGEST_ROW = 1 << 8  # entries that are added in one go; longer rows are cut and their pieces added pairwise

Floats = NDArray[np.floating[Any]]
Axis = int | tuple[int, ...]
Sums = Callable[..., None]

quietly = np.errstate(divide="ignore", invalid="ignore", over="ignore")
log = quietly(np.log)
exp = quietly(np.exp)
expm1 = quietly(np.expm1)
log1p = quietly(np.log1p)
permute_dims = np.transpose  # the array API's name
sum = np.add.reduce  # half the overhead of np.sum
max = np.maximum.reduce
min = np.minimum.reduce


def astype(x: Floats, dtype: DTypeLike) -> Floats:
    """`x` in another dtype, scalars included."""
    return x.astype(dtype)


def own(name: str, x: Any) -> NDArray[Any]:
    """An array of what came: a list, a number, a Series, a subclass of NumPy's array."""
    if type(x) is np.ndarray:
        return x
    if type(x).__module__.startswith("numpy.ma"):
        raise InvalidType(
            f"`{name}` is a masked array; an array of which every entry counts is needed",
            hint="pass `x.compressed()`, or `x.filled(0.0)` where a masked outcome is impossible",
        )
    if isinstance(x, list | tuple):
        first = _first(x)
        if hasattr(first, "__array__") and not isinstance(first, np.ndarray | np.generic):
            raise InvalidType(
                f"`{name}` is a list of {type(first).__module__.partition('.')[0]} arrays; one array is needed",
                hint="stack them with their framework, so that gradients survive",
            )
    try:
        return np.asarray(x)
    except ValueError as error:
        raise InvalidValue(f"`{name}` isn't a regular array: {error}", hint="rows of one length are needed") from None


def _first(x: Any) -> Any:
    return _first(x[0]) if isinstance(x, list | tuple) and x else x


def sum_xlogx(p: Floats, axis: Axis) -> tuple[Any, Any]:
    """Σ p log p, and Σ p if it came with it and no entry is negative."""
    if p.size > BLOCK:
        value, total = _along(axis, _sum_xlogx, "sum_xlogx", p)
        return value, None if np.isnan(sum(value, axis=None)) else total
    p = p.astype(np.float64, copy=False)
    if min(p, axis=None, initial=1.0) > 0:
        return sum(p * np.log(p), axis=axis), None
    return sum(p * log(p + (p == 0)), axis=axis), None


@quietly
def sum_xlogratio(p: Floats, q: Floats, axis: Axis) -> tuple[Any, Any, Any]:
    """Σ p log(p/q), and Σ p and Σ q if they came with it and no entry is negative."""
    p, q = np.broadcast_arrays(p, q) if p.shape != q.shape else (p, q)
    if p.size > BLOCK:
        value, p_total, q_total = _along(axis, _sum_xlogratio, "sum_xlogratio", p, q)
        return (value, None, None) if np.isnan(sum(value, axis=None)) else (value, p_total, q_total)
    return 0.0 - sum(p * _log_ratio(p, q), axis=axis, dtype=np.float64), None, None


def _along(axis: Axis, in_numpy: Sums, compiled: str, *arrays: Floats) -> tuple[Any, ...]:
    """Sums of each row, where the axes that are summed over make up a row."""
    axes = (axis,) if isinstance(axis, int) else axis
    moved = [np.moveaxis(x, axes, range(-len(axes), 0)) for x in arrays]
    shape = moved[0].shape[: -len(axes)]
    rows = [x.reshape(int(np.prod(shape)), -1) for x in moved]
    if _kernels.COMPILED and rows[0].size >= WORTH_COMPILING:
        from plogp._kernels import pmf

        out = _sums(getattr(pmf, compiled), COMPILED_BLOCK, rows)
        if not np.isnan(sum(out[0])):  # a compiled loop says NaN where it can't tell what the bare formula says
            return tuple(sums.reshape(shape)[()] for sums in out)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return tuple(sums.reshape(shape)[()] for sums in _sums(in_numpy, BLOCK, rows))


def _sums(sums: Sums, block: int, rows: list[Floats]) -> NDArray[np.float64]:
    """One row of sums for each of (value, *totals), block by block."""
    n, k = rows[0].shape
    out = np.empty((1 + len(rows), n))
    if k > LONGEST_ROW:
        cut = k - k % LONGEST_ROW
        for i in range(n):
            pieces = _sums(sums, block, [x[i, :cut].reshape(-1, LONGEST_ROW) for x in rows])
            rest = _sums(sums, block, [x[i : i + 1, cut:] for x in rows]) if cut < k else pieces[:, :0]
            out[:, i] = np.add.reduce(np.concatenate([pieces, rest], axis=1), axis=1)
        return out
    step = block // k or 1
    for start in range(0, n, step):
        here = slice(start, start + step)
        sums(*(np.ascontiguousarray(x[here], dtype=np.float64) for x in rows), *out[:, here])
    return out


def _sum_xlogx(p: Floats, values: Floats, totals: Floats) -> None:
    none = p == 0
    logs = np.log(p + none if none.any() else p)
    np.einsum("ij,ij->i", p, logs, out=values)
    np.einsum("ij->i", p, out=totals)


def _sum_xlogratio(p: Floats, q: Floats, values: Floats, p_totals: Floats, q_totals: Floats) -> None:
    np.einsum("ij,ij->i", p, _log_ratio(p, q), out=values)
    np.subtract(0.0, values, out=values)
    for x, totals in ((p, p_totals), (q, q_totals)):
        np.einsum("ij->i", x, out=totals)
        if x.min() < 0:
            totals[:] = np.nan  # the ratio of two negative numbers hides them


def _log_ratio(p: Floats, q: Floats) -> Floats:
    """log(q/p), finite at p = 0."""
    none = p == 0
    ratio = (q + none) / (p + none) if none.any() else q / p
    np.minimum(ratio, np.finfo(ratio.dtype).max, out=ratio)  # it overflows only if p is subnormal
    logs: Floats = np.log(ratio)
    return logs
