"""Any dataframe -> Counts or rows, on the engine that holds it; Narwhals is known here and in the rooms that this uses.

A discrete formula becomes one ``group_by(columns).agg(len)`` where the table lives, and only the cells that occur come
back. In a table in memory each column is encoded once, and the cells are counted on codes. A formula with a continuous
variable needs rows: of a lazy table, those columns alone come back, and of more than a million rows a sample.

Engines differ in what they call missing (null, NaN, NaT, NA), in the types of their labels and in the names that they
can read. Here they're made alike, so that the answer doesn't depend on the engine.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plogp import queries
from plogp.cells import Codes
from plogp.columns import array_of
from plogp.counts import Counts
from plogp.engines import Column, at_most, chosen, columns_of, fetch, listed, plainly_named, unmasked, working
from plogp.errors import BadTable, InvalidType, UnknownName, did_you_mean
from plogp.outcomes import encode
from plogp.samples import Observations, Samples, as_numbers
from plogp.series import encoded, too_fine

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["Table", "documents_of", "is_frame"]

Labels = Sequence[Any]
Floats = NDArray[np.float64]

MOST_CELLS = 10_000_000
"""Cells of one group at most that come from an engine; more are refused."""

MOST_TOGETHER = 1 << 20
"""Cells of several groups at most that come from an engine in one table, which has a column for each of their keys."""

SEED = 0
"""Of the sample, unless another is asked for."""


def is_frame(obj: object) -> bool:
    """Whether `obj` is a dataframe that Narwhals knows, in memory or lazy.

    >>> is_frame([1, 2])
    False
    """
    import narwhals as nw

    try:
        return isinstance(nw.from_native(obj, pass_through=True), (nw.DataFrame, nw.LazyFrame))
    except nw.exceptions.DuplicateError:
        return True  # a dataframe; Table says what is wrong with it


def documents_of(source: Any, column: str | None) -> list[Any] | None:
    """What a series or a column of a dataframe holds, as Python values; None where the source is neither.

    Raises:
        UnknownName: the column isn't there, or which one isn't said.
        InvalidType: a column is named, but the source isn't a dataframe.

    >>> import duckdb
    >>> documents_of(duckdb.sql("SELECT 'a text' AS t"), "t")
    ['a text']
    """
    import narwhals as nw

    if column is None and not is_frame(source):
        series = nw.from_native(source, pass_through=True, allow_series=True)
        return series.to_list() if isinstance(series, nw.Series) else None
    frame = _known_frame(source)
    if column not in frame.columns:
        what = "which column holds the text isn't said" if column is None else f"there is no column `{column}`"
        raise UnknownName(what, hint=f"column=: {did_you_mean(column or '', frame.columns)}")
    with working(_engine(frame)):
        return listed(fetch(frame.lazy().select(column))[0])


class Table(Observations):
    """A dataframe as named variables, counted on its own engine.

    Args:
        frame: pandas, Polars (eager or lazy), PyArrow, a DuckDB relation, Ibis, PySpark, Dask, or what else Narwhals
            knows; a row is one observation.
        kinds: "discrete", "continuous" or "mixed" for some of the columns. Of the others, floats are continuous, and
            texts, categories, booleans, integers, decimals, dates and times are discrete.

    Attributes:
        names: the columns.
        kinds: what each column is; "nested" for lists and structs, which can't be measured.
        engine: "pandas", "polars", "polars-lazy", "pyarrow", "duckdb", "ibis", "pyspark", "dask", …

    Raises:
        InvalidType: not a dataframe, or a kind of a column that makes no sense.
        BadTable: no columns, or names of columns that are equal or aren't texts.
        UnknownName: `kinds` names a column or a kind that isn't there; the nearest is suggested.
        EngineFailure: the engine can't say what the columns are.

    >>> import duckdb
    >>> table = Table(duckdb.sql("SELECT * FROM (VALUES ('a', 1.5::DOUBLE), ('b', 2), ('a', NULL)) t(x, y)"))
    >>> table.engine, table.kinds
    ('duckdb', {'x': 'discrete', 'y': 'continuous'})
    >>> table.counts(["x"])[0].to_dict()
    {'a': 2, 'b': 1}
    """

    def __init__(self, frame: Any, kinds: Mapping[str, str] | None = None) -> None:
        self._frame = _known_frame(frame)
        self.engine = _engine(self._frame)
        with working(self.engine):
            self.names = _checked_columns(list(self._frame.columns))
            self._schema = dict(self._frame.collect_schema())
        self.kinds = {name: _kind(dtype) for name, dtype in self._schema.items()}
        self._override(kinds)
        self._given = frozenset(kinds or ())
        self._encoded: dict[str, tuple[Codes, Labels]] = {}

    def __repr__(self) -> str:
        columns = (f"{name} ({kind})" for name, kind in self.kinds.items())
        return f"<Table of {', '.join(columns)} on {self.engine}>"

    def _count(self, names: Sequence[str]) -> Counts:
        import narwhals as nw

        if isinstance(self._frame, nw.LazyFrame):
            return self._count_cells(names)
        return self._count_rows(self._frame, names)

    def several(self, groups: Sequence[Sequence[str]], missing: str = "drop") -> list[tuple[Counts, int]]:
        if not self.lazy or any(self._is_fine(name) for group in groups for name in group):
            return super().several(groups, missing)
        found: list[tuple[Counts, int]] = []
        for batch in queries.batches(groups):
            cells = self._grouped([[self.key(name) for name in group] for group in batch])
            for group, (columns, counts) in zip(batch, cells, strict=True):
                if not len(counts):
                    raise _no_rows()
                table = Counts.from_cells(dict(zip(group, columns, strict=True)), counts)
                found.append(table.without_missing() if missing == "drop" else (table, 0))
        return found

    def _grouped(self, groups: Sequence[Sequence[str]]) -> Iterator[tuple[Sequence[Column], Column]]:
        """The labels and counts of each group of keys; by one query where the engine has grouping sets."""
        if self.engine in queries.ENGINES and len(groups) > 1:
            keys = sorted({key for group in groups for key in group})
            [rows] = self._ask([queries.first(queries.grouping_sets(keys, groups), MOST_TOGETHER)])
            if len(rows[0]) <= MOST_TOGETHER:
                yield from queries.split(rows, keys, groups)
            else:
                yield from self._grouped(groups[: len(groups) // 2])
                yield from self._grouped(groups[len(groups) // 2 :])
            return
        found = self._ask([queries.first(queries.counted(group), MOST_CELLS) for group in groups])
        for group, (*columns, counts) in zip(groups, found, strict=True):
            if len(counts) > MOST_CELLS:
                [[[n]]] = self.fetch([queries.how_many(queries.counted(group))])
                raise _too_many_cells([self.names[int(key[1:])] for key in group], n)
            yield list(map(chosen, columns)), chosen(counts)

    @property
    def lazy(self) -> bool:
        import narwhals as nw

        return isinstance(self._frame, nw.LazyFrame)

    def _codes(self, name: str) -> tuple[Codes, Labels]:
        frame: Any = self._frame
        if name not in self._encoded:
            self._count_rows(frame, [name])
        return self._encoded[name]

    def key(self, name: str) -> str:
        """What a column is called in queries."""
        return f"c{self.names.index(self._known(name))}"

    def fetch(self, asked: Sequence[queries.Query]) -> list[list[list[Any]]]:
        """The columns that each query of a lazy table returns, as Python values: a few rows."""
        return [list(map(listed, found)) for found in self._ask(asked)]

    def _ask(self, asked: Sequence[queries.Query]) -> list[list[Column]]:
        """The columns that each query returns; in one pass over the rows where the engine shares it."""
        import narwhals as nw

        lazy: Any = self._frame
        with working(self.engine):
            frame = plainly_named(lazy)
            found = [query(frame) for query in asked]
            if len(found) > 1 and frame.implementation.is_polars():
                natives = frame.__native_namespace__().collect_all([query.to_native() for query in found])
            elif len(found) > 1 and frame.implementation.is_dask():
                from dask.base import compute

                natives = compute(*(query.to_native() for query in found))
            else:
                return list(map(fetch, found))
            return [columns_of(nw.from_native(native, eager_only=True)) for native in natives]

    def with_bins(self, edges: Mapping[str, Sequence[float]]) -> "Table":
        """The lazy table with some columns cut: the outcome of a number is how many edges are below it."""
        import narwhals as nw

        cut = copy(self)
        lazy: Any = self._frame
        with working(self.engine):
            keys = {self.key(name): cuts for name, cuts in edges.items()}
            cut._frame = queries.with_bins(plainly_named(lazy), keys)
        cut._schema = self._schema | dict.fromkeys(edges, nw.Float64())
        cut.kinds = self.kinds | dict.fromkeys(edges, "discrete")
        return cut

    def _count_rows(self, frame: "nw.DataFrame[Any]", names: Sequence[str]) -> Counts:
        """Encode columns in memory, each once, and count the cells on the codes."""
        if not len(frame):
            raise _no_rows()
        for name in names:
            if name not in self._encoded:
                with working(self.engine):
                    self._encoded[name] = encoded(frame[name]) or self._encode_objects(frame[name])
        codes, outcomes = zip(*(self._encoded[name] for name in names), strict=True)
        return Counts.from_codes(dict(zip(names, codes, strict=True)), dict(zip(names, outcomes, strict=True)))

    def _count_cells(self, names: Sequence[str]) -> Counts:
        """Let the engine group and count the rows; only the cells come back."""
        [(columns, counts)] = self._grouped([[self.key(name) for name in names]])
        if not len(counts):
            raise _no_rows()
        fine = [name for name in names if self._is_fine(name)]
        if fine and len(set(zip(*columns, strict=True))) < len(counts):
            raise too_fine(fine[0])
        return Counts.from_cells(dict(zip(names, columns, strict=True)), counts)

    def kind(self, name: str) -> str:
        import narwhals as nw

        of_objects = isinstance(self._frame, nw.DataFrame) and self._schema[self._known(name)] == nw.Object
        if of_objects and name not in self._given and self.kinds[name] == "discrete":
            array = array_of(name, self._frame[name].to_list())
            if array.ndim > 1:
                raise _nested(name, "rows")
            self.kinds[name] = "continuous" if array.dtype.kind == "f" else "discrete"
        return super().kind(name)

    def _read(self, names: Sequence[str], seed: int | None) -> tuple[dict[str, Floats], str]:
        import narwhals as nw

        for name in names:
            if self._schema[name].is_nested():
                raise _nested(name, self._type(name))
        if isinstance(self._frame, nw.LazyFrame):
            return self._fetch_rows(self._frame, names, seed)
        if not len(self._frame):
            raise _no_rows()
        return {name: self._numbers(self._frame, name) for name in names}, f"rows of {self.engine}"

    def _numbers(self, frame: "nw.DataFrame[Any]", name: str) -> Floats:
        """A column in memory as numbers, NaN where missing; a discrete one as codes."""
        import narwhals as nw

        if self.kind(name) == "discrete":
            self._count_rows(frame, [name])
            return as_numbers(*self._encoded[name])
        if self._schema[name] == nw.Object:
            return array_of(name, frame[name].to_list()).astype(np.float64)[:, None]
        with working(self.engine):
            return frame[name].cast(nw.Float64).to_numpy().astype(np.float64)[:, None]

    def _fetch_rows(
        self, frame: "nw.LazyFrame[Any]", names: Sequence[str], seed: int | None
    ) -> tuple[dict[str, Floats], str]:
        """The columns of a lazy table, or of a sample of its rows, brought here."""
        import narwhals as nw

        keys = [f"c{self.names.index(name)}" for name in names]
        with working(self.engine):
            some = plainly_named(frame).select(keys)
            n = int(fetch(some.select(nw.len().alias("n")))[0][0])
            some, what = at_most(some, n, SEED if seed is None else seed)
            held = _held(some, {key: (name, self.kinds[name]) for key, name in zip(keys, names, strict=True)})
        columns, _ = held._read(names, seed)
        if what != "rows":
            what = f"{len(columns[names[0]]):,} {what}{' (fixed)' if seed is None else ''}"
        return columns, f"{what} of {self.engine}"

    def _encode_objects(self, column: "nw.Series[Any]") -> tuple[Codes, Labels]:
        """Codes and outcomes of Python objects."""
        array = array_of(column.name, column.to_list())
        if array.ndim > 1:
            raise _nested(column.name, "rows")
        return encode(array)

    def _refuse_unless_discrete(self, name: str) -> None:
        if self._schema[name].is_nested():
            raise _nested(name, self._type(name))
        super()._refuse_unless_discrete(name)

    def _is_fine(self, name: str) -> bool:
        """Whether a column has times of nanoseconds, which Python can't tell apart."""
        return getattr(self._schema[name], "time_unit", None) == "ns"

    def _type(self, name: str) -> str:
        return str(self._schema[name])

    def _is_numeric(self, name: str) -> bool:
        return self._schema[name].is_numeric()


def _known_frame(frame: Any) -> "nw.DataFrame[Any] | nw.LazyFrame[Any]":
    """The dataframe in the hands of Narwhals."""
    import narwhals as nw

    try:
        known = nw.from_native(frame, pass_through=True)
    except nw.exceptions.DuplicateError:
        _checked_columns(list(frame.column_names if hasattr(frame, "column_names") else frame.columns))
        raise
    if not isinstance(known, (nw.DataFrame, nw.LazyFrame)):
        raise InvalidType(
            f"the table is {type(frame).__name__}; needed: a dataframe, such as of pandas, Polars, PyArrow, DuckDB, "
            "Ibis, PySpark or Dask",
            hint="a Series? .to_frame() makes a table of it. Arrays? plogp.Samples takes a dict of them",
        )
    return known


def _engine(frame: "nw.DataFrame[Any] | nw.LazyFrame[Any]") -> str:
    """What people call the engine; one that Narwhals knows by a plugin only goes by its module."""
    import narwhals as nw

    if frame.implementation is nw.Implementation.UNKNOWN:
        return type(frame.to_native()).__module__.split(".")[0]
    lazy = frame.implementation.is_polars() and isinstance(frame, nw.LazyFrame)
    return "polars-lazy" if lazy else str(frame.implementation)


def _checked_columns(names: Sequence[Any]) -> tuple[str, ...]:
    """The names of the columns: one at least, all of them texts, and different."""
    for name, times in Counter(names).items():
        if not isinstance(name, str):
            raise BadTable(
                f"a column has the name {name!r}, a {type(name).__name__}; needed: a text",
                hint="in pandas: frame.columns = frame.columns.map(str)",
            )
        if times > 1:
            raise BadTable(
                f"{times} columns have the name `{name}`; needed: different names", hint="rename one of them"
            )
    if not names:
        raise BadTable("a table with no columns; needed: one at least", hint="is it the right table?")
    return tuple(names)


def _kind(dtype: "nw.dtypes.DType") -> str:
    return "nested" if dtype.is_nested() else "continuous" if dtype.is_float() else "discrete"


def _no_rows() -> BadTable:
    return BadTable("a table with no rows; needed: one at least", hint="is the filter before it right?")


def _too_many_cells(names: Sequence[str], n: int) -> BadTable:
    together = "have together" if len(names) > 1 else "has"
    return BadTable(
        f"{', '.join(f'`{name}`' for name in names)} {together} {n:,} cells that occur; needed: {MOST_CELLS:,} at "
        "most, as they come here",
        hint="leave out identifiers, and gather rare outcomes or cut numbers into bins",
    )


def _nested(name: str, holds: str) -> InvalidType:
    return InvalidType(
        f"`{name}` is nested ({holds}); needed: one value a row", hint="make its parts columns of their own"
    )


def _held(some: "nw.LazyFrame[Any]", known: Mapping[str, tuple[str, str]]) -> Observations:
    """The columns in memory, by their names and kinds; of DuckDB by itself, as Narwhals would need PyArrow."""
    names, kinds = {key: name for key, (name, _) in known.items()}, dict(known.values())
    if not some.implementation.is_duckdb():
        return Table(some.collect().rename(names).to_native(), kinds)
    arrays = some.to_native().fetchnumpy()
    return Samples({name: unmasked(arrays[key], kinds[name]) for key, name in names.items()}, kinds)
