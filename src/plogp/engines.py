"""Lazy engines: a column under a plain name, a small table fetched, a sample of the rows drawn; each in its own way."""

from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plogp.errors import BadTable

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["Column", "at_most", "chosen", "columns_of", "fetch", "listed", "plainly_named", "unmasked"]

Column = Sequence[Any] | NDArray[Any]
"""What came of a column: numbers as an array, masked where some are missing; all else as a sequence of labels."""

MOST_ROWS = 1_000_000
"""So many rows are fetched at most; of more, a sample."""


def plainly_named(frame: "nw.LazyFrame[Any]") -> "nw.LazyFrame[Any]":
    """The columns as c0, c1, …: some engines split a name at its dots, end it at a backtick, or ignore its case."""
    import narwhals as nw

    native, names = frame.to_native(), [f"c{i}" for i in range(len(frame.columns))]
    if frame.implementation.is_spark_like():
        native = native.toDF(*names)
    elif frame.implementation.is_duckdb():
        native = native.project(", ".join(f"#{i} AS {name}" for i, name in enumerate(names, start=1)))
    else:
        return frame.select(nw.col(name).alias(plain) for name, plain in zip(frame.columns, names, strict=True))
    known: nw.LazyFrame[Any] = nw.from_native(native)
    return known


def fetch(cells: "nw.LazyFrame[Any]") -> list[Column]:
    """The columns of a small table; of DuckDB by itself, as Narwhals would need PyArrow, and times with a zone pytz."""
    if not cells.implementation.is_duckdb():
        return columns_of(cells.collect())
    types = cells.collect_schema().values()
    if all(map(_is_plain, types)):
        return list(cells.to_native().fetchnumpy().values())
    zoned = [getattr(dtype, "time_zone", None) is not None for dtype in types]
    asked = [f"timezone('UTC', {name})" if zone else name for name, zone in zip(cells.columns, zoned, strict=True)]
    rows = cells.to_native().project(", ".join(asked)).fetchall()
    columns = list(zip(*rows, strict=True)) or [()] * len(asked)
    return [
        [time and time.replace(tzinfo=UTC) for time in column] if zone else column
        for zone, column in zip(zoned, columns, strict=True)
    ]


def columns_of(frame: "nw.DataFrame[Any]") -> list[Column]:
    """The columns of a table in memory."""
    return [_numbers(column) if _is_plain(column.dtype) else column.to_list() for column in frame.iter_columns()]


def _numbers(column: "nw.Series[Any]") -> NDArray[Any]:
    if not column.null_count():
        return column.to_numpy()
    return np.ma.MaskedArray(column.fill_null(0).to_numpy(), column.is_null().to_numpy())


def _is_plain(dtype: "nw.dtypes.DType") -> bool:
    """Whether NumPy has the same numbers."""
    import narwhals as nw

    return dtype.is_float() or (dtype.is_integer() and dtype not in (nw.Int128, nw.UInt128))


def chosen(column: Column, places: NDArray[np.integer[Any]] | None = None) -> Column:
    """The labels at some places, or all: as a plain array where none is missing, else as a list."""
    if not isinstance(column, np.ndarray):
        return column if places is None else [column[i] for i in places.tolist()]
    some = column if places is None else column[places]
    return some.tolist() if np.ma.getmaskarray(some).any() else np.ma.getdata(some)


def listed(column: Column) -> list[Any]:
    """Python values, None where one is missing."""
    values: list[Any] = np.ma.asarray(column, object).tolist() if isinstance(column, np.ndarray) else list(column)
    return values


def at_most(some: "nw.LazyFrame[Any]", n: int, seed: int) -> tuple["nw.LazyFrame[Any]", str]:
    """All of n rows, or a sample of about a million that the engine draws, and what it is.

    DuckDB and Polars draw by a hash of the number of the row, which their threads can't change.
    """
    import narwhals as nw

    if n <= MOST_ROWS:
        return some, "rows"
    engine, native, share = some.implementation, some.to_native(), MOST_ROWS / n
    if engine.is_duckdb():
        numbered = native.project("*, row_number() OVER () AS r").filter(f"hash(r, {seed}) < {share} * 2::DOUBLE ** 64")
        drawn = numbered.project(", ".join(some.columns))
    elif engine.is_polars():
        place = some.__native_namespace__().col("r").hash(seed)
        drawn = native.with_row_index("r").filter(place < int(share * 2**64)).drop("r")
    elif engine.is_dask():
        drawn = native.sample(frac=share, random_state=seed)
    elif engine.is_pyspark():
        drawn = native.sample(fraction=share, seed=seed)  # of a fraction by position it forgets the seed
    elif engine.is_ibis():
        drawn = native.sample(share, seed=seed)
    else:
        raise BadTable(
            f"{n:,} rows with a continuous variable; needed: {MOST_ROWS:,} at most, as {engine} can't draw a sample",
            hint="draw one first, and measure that",
        )
    lazy: nw.LazyFrame[Any] = nw.from_native(drawn)
    return lazy, f"rows drawn from {n:,}, seed {seed}"


def unmasked(array: NDArray[Any], kind: str) -> NDArray[Any]:
    """A column of DuckDB with NaN or None where it's missing."""
    absent, values = np.ma.getmaskarray(array), np.ma.getdata(array)
    if kind == "discrete" and not absent.any():
        return values
    values = values.astype(object if kind == "discrete" else np.float64)
    values[absent] = None if kind == "discrete" else np.nan
    return values
