"""Outcomes: labels of any kind <-> codes, in one canonical order, whatever order or type they came in.

Labels become plain Python values. None, NaN, NaT and NA are one outcome, None: missing. Labels of one type are in their
own order, labels of several types in the order of the names of the types, and None comes last. Labels that are equal
(1, 1.0 and True) are one outcome, as they are one key of a dict.
"""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from operator import lt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.cells import BLOCK, Codes, Integers, compiled
from plogp.errors import InvalidType

__all__ = ["encode", "narrow", "ordered"]

PLAIN = frozenset({bool, bytes, date, datetime, int, str, time, timedelta})  # types of labels that stay as they are
ORDERED = PLAIN - {datetime, time}  # those of them that < always compares; not a time with a zone and one without
SMALL_RANGE = 1 << 16  # integers that span no more are their own codes, but for an offset


def ordered(labels: Iterable[Any]) -> tuple[tuple[Any, ...], Integers]:
    """The distinct outcomes in canonical order, and for each label the position of its outcome.

    Raises:
        InvalidType: a label that isn't hashable, such as a list.

    >>> ordered(["b", None, "a", float("nan")])
    (('a', 'b', None), array([1, 2, 0, 2]))
    """
    labels = labels if isinstance(labels, (range, tuple)) else tuple(labels)
    if _in_order(labels):
        return tuple(labels), np.arange(len(labels))
    natives = _natives(labels)
    chosen: dict[Any, tuple[Any, Any]] = {}  # of equal labels, such as 1 and True, the one that comes first in order
    for native, key in zip(natives, _keys(natives), strict=True):
        if native is not None and (native not in chosen or key < chosen[native][0]):
            chosen[native] = key, native
    pairs = list(chosen.values())
    try:
        pairs.sort(key=lambda pair: pair[0])
    except TypeError:  # values without an order, such as members of an Enum
        pairs.sort(key=lambda pair: repr(pair[0]))
    outcomes = [native for _, native in pairs] + [None] * any(native is None for native in natives)
    places = {outcome: place for place, outcome in enumerate(outcomes)}
    return tuple(outcomes), np.array([places[native] for native in natives], np.int64)


def encode(column: NDArray[Any]) -> tuple[Codes, Sequence[Any]]:
    """Codes of the observations in a column of shape (n,) or (n, d), and the outcomes that they stand for.

    The outcomes are in canonical order. Those of integers may include some that don't occur. An outcome of a column of
    shape (n, d) is a row.

    >>> encode(np.array(["b", "a", "b"]))
    (array([1, 0, 1], dtype=uint8), ('a', 'b'))
    """
    if column.ndim == 1 and column.dtype.kind == "b":
        return column.view(np.uint8), (False, True)
    if column.ndim == 1 and column.dtype.kind in "iu":
        low, high = _bounds(column)
        if high - low < max(SMALL_RANGE, column.size):
            return _offset(column, low, high)
    codes, firsts = _factorized(column)
    outcomes, places = ordered(_labels(column[firsts]))
    return places.astype(narrow(len(outcomes)))[codes], outcomes


def narrow(size: int) -> np.dtype[Any]:
    """The narrowest type of codes 0..size-1."""
    return np.min_scalar_type(max(size - 1, 0))


def _in_order(labels: Sequence[Any]) -> bool:
    """Whether labels are plain, distinct and in canonical order already."""
    if isinstance(labels, range):
        return labels.step > 0
    present = labels[:-1] if labels and labels[-1] is None else labels
    types = set(map(type, present))
    return len(types) <= 1 and types <= ORDERED and all(map(lt, present, present[1:]))


def _natives(labels: Sequence[Any]) -> Sequence[Any]:
    """Labels as plain Python values."""
    return labels if set(map(type, labels)) <= PLAIN | {type(None)} else [_native(label) for label in labels]


def _native(label: Any) -> Any:
    """One label as a plain Python value, None where it's missing; a row is missing where a part of it is."""
    if type(label) in PLAIN or _is_missing(label):
        return None if _is_missing(label) else label
    if isinstance(label, tuple):
        row = tuple(map(_native, label))
        return None if any(part is None for part in row) else row
    if isinstance(label, (float, np.floating)):
        return float(label) + 0.0  # -0.0 is 0.0
    if isinstance(label, (np.datetime64, np.timedelta64)):
        return _native_time(label)
    if isinstance(label, np.generic):
        return label.item()
    if isinstance(label, (datetime, timedelta)):
        return _native_timestamp(label)
    if type(label).__hash__ is None:
        raise InvalidType(
            f"an outcome is of type {type(label).__name__}, which isn't hashable",
            hint="make it a tuple, a text or a number",
        )
    return label


def _is_missing(label: Any) -> bool:
    if isinstance(label, (float, np.floating, np.datetime64, np.timedelta64)):
        return bool(label != label)
    if isinstance(label, Decimal):
        return label.is_nan()
    return label is None or type(label).__name__ in ("NAType", "NaTType")


def _native_time(label: np.datetime64 | np.timedelta64) -> Any:
    """A NumPy time as one of `datetime`, unless it's finer than microseconds."""
    if np.datetime_data(label.dtype)[0] not in ("ns", "ps", "fs", "as"):
        return label.item()
    coarse = label.astype(f"{label.dtype.kind}8[us]")
    return coarse.item() if coarse == label else label


def _native_timestamp(label: Any) -> Any:
    """A time of a dataframe library as one of `datetime`, from which it derives, unless it's finer."""
    convert = getattr(label, "to_pydatetime", None) or getattr(label, "to_pytimedelta", None)
    fine = getattr(label, "nanosecond", 0) or getattr(label, "nanoseconds", 0)
    return label if convert is None or fine else convert()


def _keys(natives: Sequence[Any]) -> Sequence[Hashable]:
    """What tells outcomes apart and orders them: the label, with the name of its type where there are several types."""
    types = set(map(type, natives)) - {type(None)}
    return natives if len(types) <= 1 and types <= PLAIN | {float} else [_key(native) for native in natives]


def _key(native: Any) -> Hashable:
    if isinstance(native, tuple):
        return "tuple", tuple(map(_key, native))
    return type(native).__name__, native


def _bounds(column: NDArray[np.integer[Any]]) -> tuple[int, int]:
    """The least and the greatest, in one reading of the memory."""
    blocks = [column[start : start + BLOCK] for start in range(0, column.size, BLOCK)]
    limits = [(int(block.min()), int(block.max())) for block in blocks]
    return min(low for low, _ in limits), max(high for _, high in limits)


def _offset(column: NDArray[np.integer[Any]], low: int, high: int) -> tuple[Codes, range]:
    """Integers of a small range as codes: themselves if they begin near 0, so that nothing is copied."""
    if 0 <= low <= high - low:
        return column, range(high + 1)
    codes = np.empty(column.size, narrow(high - low + 1))
    np.subtract(column, low, out=codes, dtype=np.uint64 if column.dtype.kind == "u" else np.int64, casting="unsafe")
    return codes, range(low, high + 1)


def _factorized(column: NDArray[Any]) -> tuple[Integers, Integers]:
    """Codes in no particular order, some perhaps for equal outcomes, and a row where each of them occurs."""
    if column.dtype.kind in "OT":
        return _factorized_by_dict(_keys(_natives(_labels(column))))
    words = _words(column)
    if kernels := compiled(len(words)):
        codes, firsts = kernels.factorize(words)
        return codes, firsts
    if words.shape[1] == 1:
        _, firsts, codes = np.unique(words[:, 0], return_index=True, return_inverse=True)
        return codes, firsts
    return _factorized_by_dict(words.view(f"V{words.strides[0]}")[:, 0].tolist())


def _factorized_by_dict(keys: Sequence[Hashable]) -> tuple[Integers, Integers]:
    places: dict[Hashable, int] = {}
    codes = np.fromiter((places.setdefault(key, len(places)) for key in keys), np.int64, len(keys))
    firsts = np.empty(len(places), np.int64)
    firsts[codes] = np.arange(len(keys))
    return codes, firsts


def _words(column: NDArray[Any]) -> NDArray[np.unsignedinteger[Any]]:
    """The bytes of each row, as a row of the widest words that fit."""
    if column.dtype.kind == "f":
        column = column.astype(np.float64) + 0.0  # -0.0 is 0.0
    rows = np.ascontiguousarray(column).reshape(len(column), -1)
    width = rows.shape[1] * rows.itemsize
    return rows.view(f"u{next(size for size in (8, 4, 2, 1) if width % size == 0)}")


def _labels(values: NDArray[Any]) -> list[Any]:
    """The labels in an array; rows as tuples."""
    labels = list(values) if values.dtype.kind in "mM" else values.tolist()  # tolist makes numbers of times
    return labels if values.ndim == 1 else [tuple(row) for row in labels]
