"""Engines: a column under a plain name, a small table fetched, a sample of the rows drawn, each in its own way.

And dataframes made for them, and their failures told from ours.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plogp.errors import BadTable, EngineFailure, MissingExtra, PlogpError, UnknownName, did_you_mean

if TYPE_CHECKING:
    import narwhals as nw

__all__ = [
    "Column",
    "at_most",
    "chosen",
    "columns_of",
    "fetch",
    "frame_like",
    "frame_of",
    "listed",
    "plainly_named",
    "unmasked",
    "working",
]

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


def frame_of(columns: Mapping[str, Any], backend: Any) -> Any:
    """A dataframe of "pandas", "polars" or "pyarrow" from columns.

    Raises:
        UnknownName: another backend.
        MissingExtra: the backend isn't installed.
    """
    import narwhals as nw

    if backend not in {"pandas", "polars", "pyarrow"}:
        known = ("pandas", "polars", "pyarrow")
        raise UnknownName(f"backend={backend!r}; needed: {', '.join(known)}", hint=did_you_mean(str(backend), known))
    with working(backend):
        return nw.from_dict(dict(columns), backend=backend).to_native()


def frame_like(columns: Mapping[str, Any], engine: str) -> Any:
    """Columns as a dataframe of an engine in memory, in pandas with the first as index; of others a dict of arrays.

    >>> frame_like({"column": ["x"], "value": [1.0]}, "arrays")
    {'column': array(['x'], dtype='<U1'), 'value': array([1.])}
    """
    import narwhals as nw

    if engine not in ("pandas", "polars", "polars-lazy", "pyarrow"):
        return {name: np.asarray(column) for name, column in columns.items()}
    frame = nw.from_native(frame_of(columns, engine.removesuffix("-lazy")), eager_only=True)
    return nw.maybe_set_index(frame, next(iter(columns))).to_native()


@contextmanager
def working(engine: str) -> Iterator[None]:
    """A context in which whatever goes wrong is the fault of the engine, but for plogp's own errors."""
    try:
        yield
    except PlogpError:
        raise
    except Exception as error:
        said = str(error).strip().split("\n")[0].rstrip(".") or type(error).__name__
        if said == "Query interrupted":  # so does DuckDB call a KeyboardInterrupt
            raise KeyboardInterrupt from error
        if isinstance(error, ImportError):
            raise MissingExtra(f"{engine} lacks a library: {said}", hint="install it beside plogp") from error
        raise EngineFailure(f"{engine} failed: {said}", hint="its own error is the cause of this one") from error
