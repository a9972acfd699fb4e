"""Columns: names, codes, counts and observations as people give them -> checked arrays."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.cells import Codes, Integers
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch

__all__ = ["MOST", "array_of", "check_lengths", "checked_codes", "checked_counts", "checked_names"]

MOST = 1 << 62
"""Most observations that a table counts."""

ONE_ROW = "a row is one observation"


def checked_names(names: str | Iterable[str]) -> tuple[str, ...]:
    """Names of variables: one or more texts, all different. One text is one name.

    >>> checked_names("species")
    ('species',)
    """
    names = (names,) if isinstance(names, str) else tuple(names)
    for name in names:
        if not isinstance(name, str):
            raise InvalidType(f"the name {name!r} is {type(name).__name__}; needed: a text", hint="such as 'species'")
    if not names or "" in names:
        raise InvalidValue(f"the names are {names!r}; needed: one for each variable", hint="such as ('X', 'Y')")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidValue(f"the name `{twice}` occurs twice", hint="give each variable a name of its own")
    return names


def check_lengths(columns: Mapping[str, NDArray[Any]]) -> None:
    """Refuse columns of several lengths."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"`{name}` has {length:,}" for name, length in lengths.items())
        raise ShapeMismatch(f"columns of several lengths: {shown}; needed: one length", hint="a row is one observation")


def checked_codes(name: str, codes: Any) -> Codes:
    """Codes of one variable: integers of shape (n,)."""
    refuse_masked(f"the codes of `{name}` are", codes)
    array: Codes = np.asarray(codes)
    if array.dtype.kind not in "iu":
        raise InvalidType(
            f"the codes of `{name}` are {array.dtype}; needed: integers", hint="0 for the first outcome, …"
        )
    if array.ndim != 1:
        raise ShapeMismatch(f"the codes of `{name}` have shape {array.shape}; needed: (n,)", hint="one code a row")
    return array


def checked_counts(counts: Any) -> Integers:
    """Counts as integers: whole numbers, none negative."""
    refuse_masked("the counts are", counts)
    try:
        array = np.asarray(counts)
    except ValueError:
        raise ShapeMismatch("rows of several lengths; needed: a table of counts", hint="fill it with zeros") from None
    if not array.size:
        array = array.astype(np.int64)
    if array.dtype.kind not in "iuf":
        raise InvalidType(
            f"the counts are {array.dtype}; needed: whole numbers", hint="for observations there is plogp.Samples"
        )
    wrong = ~(array >= 0) | (array != np.floor(array)) if array.dtype.kind == "f" else array < 0
    if wrong.any():
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise InvalidValue(
            f"the count {array[place].item()!r} at {place if len(place) > 1 else place[0]}; needed: 0, 1, 2, …",
            hint="weights aren't counts, nor are probabilities: for those there is plogp.Joint",
        )
    if array.sum(dtype=np.float64) > MOST:
        raise InvalidValue(f"the counts add up to {array.sum(dtype=np.float64):.3g}; needed: 2⁶² at most", hint="")
    return array.astype(np.int64)


def array_of(name: str, column: Any) -> NDArray[Any]:
    """Observations of one variable as an array of shape (n,) or (n, d).

    Lists become arrays without making texts of numbers; objects become floats where all are numbers and one is a float.

    Raises:
        InvalidType: not texts, numbers, truth values, times or hashable objects; a masked array.
        ShapeMismatch: nested, rows of several lengths, or not of one or two axes.
    """
    refuse_masked(f"the column `{name}` is", column)
    if _has_nulls(column):  # NumPy would make floats of integers
        column = column.to_list() if hasattr(column, "to_list") else column.to_pylist()
    try:
        array = np.array(column, object) if isinstance(column, (list, tuple)) else np.asarray(column)
    except ValueError:
        raise ShapeMismatch(f"the column `{name}` has rows of several lengths; needed: one", hint=ONE_ROW) from None
    if array.dtype.kind in "OT":
        array = _array_of_objects(name, array.astype(object))
    if array.ndim not in (1, 2) or 0 in array.shape[1:]:
        raise ShapeMismatch(
            f"the column `{name}` is {type(column).__name__} of shape {array.shape}; needed: (n,) or (n, d)",
            hint=ONE_ROW,
        )
    if array.dtype.kind in "cV":
        raise InvalidType(
            f"the column `{name}` is {array.dtype}; needed: texts, numbers, truth values or times",
            hint="give its parts as columns of their own",
        )
    return array


def refuse_masked(what: str, array: Any) -> None:
    """Refuse a masked array, whose mask NumPy would drop."""
    if isinstance(array, np.ma.MaskedArray):
        raise InvalidType(
            f"{what} a masked array; needed: a plain one", hint="fill it, or leave the masked rows out: .compressed()"
        )


def _array_of_objects(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """Numbers as an array of numbers, and anything else as it is."""
    values = array.ravel().tolist()
    types = set(map(type, values))
    if nested := types & {dict, list, set, np.ndarray}:
        raise ShapeMismatch(
            f"the column `{name}` holds {nested.pop().__name__}s, nested or of several lengths; needed: plain values",
            hint="a row of d values belongs in an array of shape (n, d), or make it a tuple",
        )
    present = {kind for kind in types if kind.__name__ not in ("NoneType", "NAType", "NaTType")}
    if types == present and len(types) == 1 and issubclass(next(iter(types)), (bool, int, complex, np.generic)):
        return np.array(values).reshape(array.shape)
    numbers = all(issubclass(kind, (int, float, np.number)) and kind is not bool for kind in present)
    if numbers and any(issubclass(kind, (float, np.floating)) for kind in present):
        absent = types - present
        return np.array([np.nan if type(v) in absent else v for v in values], np.float64).reshape(array.shape)
    return array


def _has_nulls(column: Any) -> bool:
    """Whether a column of Polars, Arrow or pandas has missing values that aren't NaN."""
    if hasattr(column, "iloc"):
        return not isinstance(getattr(column, "dtype", np.dtype(float)), np.dtype) and bool(column.hasnans)
    count = getattr(column, "null_count", 0)
    return bool(count() if callable(count) else count)
