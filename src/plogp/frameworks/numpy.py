"""NumPy: the functions that measures need.

Here the logarithm of zero is −inf, and of a negative number NaN, without a warning: measures know what they mean.
"""

from typing import Any

import numpy as np
from numpy import abs, all, isfinite, isnan, maximum, minimum, sqrt, take_along_axis, where
from numpy.typing import DTypeLike, NDArray

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
    "take_along_axis",
    "where",
]

Floats = NDArray[np.floating[Any]]

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
        if hasattr(first, "dtype") and not isinstance(first, np.ndarray | np.generic):
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
