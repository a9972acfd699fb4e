"""Tables: every engine says the same, and nothing but the cells that occur comes back from it."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import duckdb
import narwhals
import numpy as np
import pandas
import polars
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plogp import engines, frames
from plogp.errors import BadTable, EngineFailure, InvalidType, InvalidValue, UnknownName
from plogp.frames import Table, is_frame
from plogp.measure import measure
from plogp.samples import Samples

NAN = float("nan")
UTC = dt.UTC

PERIODS = {
    "text": ["a", "b", "a", None, "ç;'\" \\"],
    "number": [1, 2, 2, 3, None, 1, 10**12],
    "whole": [3, 1, 2, 1],
    "extreme": [-(2**63), 2**63 - 1, 0],
    "truth": [True, False, True, None],
    "flag": [True, False, False],
    "day": [dt.date(2020, 1, 1), None, dt.date(1900, 12, 31)],
    "time": [dt.datetime(2020, 1, 1, 12, 30, 0, 5), dt.datetime(1970, 1, 1), None, dt.datetime(2020, 1, 1)],
    "zoned": [dt.datetime(2020, 1, 1, 12, tzinfo=UTC), None, dt.datetime(2020, 7, 1, tzinfo=UTC)],
    "real": [1.5, NAN, -0.0, 0.0, 2.0, 1.5, None],
    "money": [Decimal("1.50"), Decimal("2.00"), None],
    "bytes": [b"x", b"", None, b"\xff"],
}
DATA = {name: (period * 60)[:60] for name, period in PERIODS.items()}
GROUPS = [(name,) for name in DATA] + [
    ("text", "number"), ("whole", "flag"), ("real", "truth", "day"), ("time", "money", "bytes", "zoned"),
]  # fmt: skip
KINDS = {"real": "discrete"}

SPARK = pytest.param("pyspark", marks=pytest.mark.spark)
LAZY = ("polars-lazy", "duckdb", "ibis", "dask", SPARK)


def is_missing(value):
    return value is None or value != value


def by_hand(columns, missing="drop"):
    """Cells and the number of rows left out, counted by collections.Counter."""
    rows = [tuple(None if is_missing(v) else v for v in row) for row in zip(*columns, strict=True)]
    kept = rows if missing == "category" else [row for row in rows if None not in row]
    cells = Counter(kept)
    return ({key[0]: n for key, n in cells.items()} if len(columns) == 1 else dict(cells)), len(rows) - len(kept)


# ---- every engine says the same -------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["drop", "category"])
def test_every_engine_counts_what_a_loop_counts(frame, missing):
    table = Table(frame(DATA), kinds=KINDS)
    for names in GROUPS:
        counts, n_missing = table.counts(names, missing=missing)
        assert (counts.to_dict(), n_missing) == by_hand([DATA[name] for name in names], missing)
        for name in names:
            types = {type(label) for label in counts.outcomes[name] if label is not None}
            assert types == {type(value) for value in DATA[name] if not is_missing(value)}


def test_every_engine_gives_the_counts_of_samples_in_any_order_of_rows(frame):
    backwards = {name: values[::-1] for name, values in DATA.items()}
    table, samples = Table(frame(backwards), kinds=KINDS), Samples(DATA, kinds=KINDS)
    for names in (("text", "number"), ("number", "text"), ("real", "truth", "day")):
        counts, n_missing = table.counts(names)
        expected, expected_missing = samples.counts(names)
        assert (counts, n_missing) == (expected, expected_missing)
        assert counts.names == names
        assert repr(counts.outcomes) == repr(expected.outcomes)
        assert counts.frequencies().tobytes() == expected.frequencies().tobytes()


def test_every_engine_gives_the_same_result(frame):
    formulas = ["I(text;number)", "H(day|truth)", "I(text;truth|number)"]
    for missing in ("drop", "category"):
        results = measure(formulas, frame(DATA), missing=missing)
        for result, expected in zip(results, measure(formulas, DATA, missing=missing), strict=True):
            route = expected.route.replace("counted on arrays", f"counted on {frame.engine}")
            assert repr(result) == repr(replace(expected, route=route))


def test_engine_names_and_kinds(frame):
    table = Table(frame(DATA))
    assert table.engine == frame.engine
    assert table.names == tuple(DATA)
    assert table.kinds == dict.fromkeys(DATA, "discrete") | {"real": "continuous"}
    assert repr(table).startswith("<Table of text (discrete), number (discrete)")


def test_any_name_of_a_column_works(frame):
    names = [
        "a.b",
        "a`b",
        'a"b',
        "a; DROP TABLE t --",
        "é ü",
        "it's",
        "x`.`y",
        "a\\b",
        "n",
        "c1",
        "len",
        "SELECT",
        "%s",
    ]
    data = {name: [(row + place) % 3 for row in range(7)] for place, name in enumerate(names)}
    table = Table(frame(data))
    for pair in pairwise(names):
        assert table.counts(pair)[0].to_dict() == by_hand([data[name] for name in pair])[0]


@pytest.mark.parametrize("frame", ["pandas", "polars", "polars-lazy", "pyarrow", "dask", SPARK], indirect=True)
def test_names_that_differ_in_case_only(frame):
    data = {"x": [1, 1, 2], "X": [5, 6, 6]}
    assert Table(frame(data)).counts(["X"])[0].to_dict() == {5: 1, 6: 2}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["", "a", "b", "1", None]),
            st.one_of(st.none(), st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1)),
            st.sampled_from([True, False, None]),
        ),
        min_size=1,
    ),
    st.sampled_from(["drop", "category"]),
)
def test_tables_in_memory_count_what_a_loop_counts(rows, missing):
    columns = dict(zip(("x", "y", "z"), zip(*rows, strict=True), strict=True))
    schema = {"x": pyarrow.string(), "y": pyarrow.int64(), "z": pyarrow.bool_()}
    table = pyarrow.table({name: pyarrow.array(columns[name], kind) for name, kind in schema.items()})
    cells, n_missing = by_hand(list(columns.values()), missing)
    for native in (table, polars.from_arrow(table), table.to_pandas(integer_object_nulls=True)):
        if cells:
            counts, left_out = Table(native).counts(("x", "y", "z"), missing=missing)
            assert (counts.to_dict(), left_out) == (cells, n_missing)
        else:
            with pytest.raises(BadTable, match="lacks `x` or `y` or `z`"):
                Table(native).counts(("x", "y", "z"), missing=missing)


# ---- only the cells that occur come back ----------------------------------------------------------------------------


class Crossings:
    """Rows that methods bring over from an engine."""

    def __init__(self, monkeypatch):
        self.rows = 0
        self._monkeypatch = monkeypatch

    def watch(self, owner, *methods):
        for method in filter(owner.__dict__.__contains__, methods):
            self._monkeypatch.setattr(owner, method, self._counting(getattr(owner, method)))

    def _counting(self, fetch):
        def fetch_and_count(*args, **kwargs):
            fetched = fetch(*args, **kwargs)
            columns = (
                list(fetched.values()) if isinstance(fetched, dict) else [fetched]
            )  # DuckDB's arrays come in a dict
            self.rows += len(columns[0]) if hasattr(columns[0], "__len__") else 1
            return fetched

        return fetch_and_count

    def of(self, call):
        """How many rows one call brings over."""
        before = self.rows
        call()
        return self.rows - before


@pytest.fixture
def crossings(monkeypatch):
    return Crossings(monkeypatch)


def test_a_duckdb_table_of_five_million_rows_sends_its_cells_only(crossings):
    ways_out = ("fetchall", "fetchmany", "fetchone", "fetchnumpy", "df", "to_df", "fetchdf", "pl", "to_arrow_table")
    crossings.watch(duckdb.DuckDBPyRelation, *ways_out)
    with duckdb.connect() as connection:
        rows = connection.sql("SELECT i % 7 AS x, i % 11 AS y, i % 13 AS z FROM range(5_000_000) t(i)")
        assert crossings.of(rows.limit(10).fetchall) == crossings.of(rows.limit(10).to_arrow_table) == 10
        table = Table(rows)
        assert crossings.of(lambda: table.counts(["x", "y"])) == 77
        assert table.counts(["x", "y"])[0].n == 5_000_000


@pytest.mark.spark
def test_a_spark_table_of_a_million_rows_sends_its_cells_only(spark, crossings):
    from pyspark.sql.classic.dataframe import DataFrame

    crossings.watch(DataFrame, "collect", "toArrow", "toPandas", "take", "tail", "head", "_collect_as_arrow")
    rows = spark.range(1_000_000).selectExpr("id % 7 AS x", "id % 11 AS y", "id % 13 AS z")
    assert crossings.of(rows.limit(10).collect) == crossings.of(rows.limit(10).toArrow) == 10
    table = Table(rows)
    assert crossings.of(lambda: table.counts(["x", "y"])) == 77
    assert table.counts(["x", "y"])[0].n == 1_000_000


@pytest.mark.parametrize("frame", LAZY, indirect=True)
def test_every_lazy_engine_sends_its_cells_only(frame, crossings):
    crossings.watch(narwhals.LazyFrame, "collect")
    crossings.watch(duckdb.DuckDBPyRelation, "fetchall", "fetchnumpy")
    table = Table(frame({"x": [i % 3 for i in range(300)], "y": [i % 4 for i in range(300)]}))
    assert crossings.of(lambda: table.counts(["x", "y"])) == 12


def test_columns_in_memory_are_encoded_once(monkeypatch):
    seen, encode = [], frames.encoded
    monkeypatch.setattr(frames, "encoded", lambda column: seen.append(column.name) or encode(column))
    table = Table(pandas.DataFrame({"x": list("abab"), "y": list("uuvv"), "z": [1, 2, 3, 4]}))
    for names in (("x", "y"), ("y", "x"), ("x",)):
        table.counts(names)
    assert seen == ["x", "y"]


def test_duckdb_needs_no_other_library():
    code = """
import sys
sys.modules |= dict.fromkeys(("pyarrow", "pandas", "polars", "pytz"))
import duckdb
from plogp.frames import Table
time = "TIMESTAMPTZ '2020-01-01 00:00:00+02'"
table = Table(duckdb.sql(f"SELECT * FROM (VALUES (1, {time}), (1, NULL), (2, {time})) t(x, t)"))
print(table.counts(["x", "t"])[0].to_dict())
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    utc = dt.datetime(2019, 12, 31, 22, tzinfo=UTC)
    assert said.strip().replace("datetime.", "dt.") == str({(1, utc): 1, (2, utc): 1}).replace("datetime.", "dt.")


# ---- categories, and what is particular to an engine ----------------------------------------------------------------

COLOURS = ["red", "blue", None, "red", "green", "red"]
CODES = pyarrow.array([1, 0, None, 1, 3, 1], pyarrow.uint8())
CATEGORIES = ["blue", "red", "unused", "green"]


def dask_categories():
    import dask.dataframe

    frame = dask.dataframe.from_pandas(pandas.DataFrame({"x": COLOURS}), npartitions=3)
    return frame.astype({"x": "category"})


@pytest.mark.parametrize(
    "make",
    {
        "pandas category": lambda: pandas.DataFrame({"x": pandas.Categorical(COLOURS, CATEGORIES)}),
        "pandas ordered": lambda: pandas.DataFrame({"x": pandas.Categorical(COLOURS, CATEGORIES, ordered=True)}),
        "pandas object": lambda: pandas.DataFrame({"x": pandas.Series(COLOURS, dtype=object)}),
        "pandas object with NaN": lambda: pandas.DataFrame({"x": pandas.Series(COLOURS, dtype=object).fillna(NAN)}),
        "pandas string": lambda: pandas.DataFrame({"x": pandas.Series(COLOURS, dtype="string[python]")}),
        "pandas Arrow string": lambda: pandas.DataFrame({"x": pandas.Series(COLOURS, dtype="string[pyarrow]")}),
        "polars Categorical": lambda: polars.DataFrame({"x": polars.Series(COLOURS, dtype=polars.Categorical)}),
        "polars Enum": lambda: polars.DataFrame({"x": polars.Series(COLOURS, dtype=polars.Enum(CATEGORIES))}),
        "polars lazy Categorical": lambda: polars.LazyFrame({"x": COLOURS}, schema={"x": polars.Categorical}),
        "pyarrow dictionary": lambda: pyarrow.table({"x": pyarrow.DictionaryArray.from_arrays(CODES, CATEGORIES)}),
        "pyarrow chunks": lambda: pyarrow.concat_tables(
            pyarrow.table({"x": pyarrow.array(part).dictionary_encode()}) for part in (COLOURS[:2], COLOURS[2:])
        ),
        "duckdb enum": lambda: duckdb.from_arrow(pyarrow.table({"x": COLOURS})).project(
            "x::ENUM('blue', 'red', 'unused', 'green') AS x"
        ),
        "dask category": dask_categories,
    }.values(),
)
def test_categories_count_by_their_labels(make):
    table = Table(make())
    assert table.kinds == {"x": "discrete"}
    assert table.counts(["x"])[0] == Samples({"x": COLOURS}).counts(["x"])[0]
    assert table.counts(["x"], missing="category")[0].to_dict() == {"blue": 1, "green": 1, "red": 3, None: 1}


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        (pandas.Series([True, 1, 1, "1", None], dtype=object), {True: 3, "1": 1}),
        (pandas.Series([1, 2, pandas.NA, 2], dtype=object), {1: 1, 2: 2}),
        (pandas.Series([True, None, True], dtype=object), {True: 2}),
        (pandas.Series([dt.date(2020, 1, 1), None, pandas.NaT]), {dt.date(2020, 1, 1): 1}),
        (pandas.Series(pandas.Categorical([2, 1, 2, None])), {1: 1, 2: 2}),
        (pandas.Series(["a", "a", "b"], dtype="string[pyarrow]"), {"a": 2, "b": 1}),
        (pandas.cut(pandas.Series([0.5, 1.5, 1.7]), [0, 1, 2]), {pandas.Interval(0, 1): 1, pandas.Interval(1, 2): 2}),
        (pandas.Series([1, None, 1], dtype="Int64"), {1: 2}),
        (pandas.Series([1, 2**63], dtype="uint64"), {1: 1, 2**63: 1}),
    ],
)
def test_columns_of_pandas(column, cells):
    counts = Table(pandas.DataFrame({"x": column})).counts(["x"])[0]
    assert counts.to_dict() == cells
    assert set(map(type, counts.outcomes["x"])) == set(map(type, cells))


def test_floats_may_be_declared_discrete_with_nan_and_null_as_one():
    column = pandas.arrays.ArrowExtensionArray(pyarrow.chunked_array([[1.5, NAN], [None, 1.5, -0.0, 0.0]]))
    counts, n_missing = Table(pandas.DataFrame({"x": column}), kinds={"x": "discrete"}).counts(["x"])
    assert (counts.to_dict(), n_missing) == ({0.0: 2, 1.5: 2}, 2)


def test_times_finer_than_microseconds_are_kept_apart_or_refused():
    instants = np.array(["2020-01-01T00:00:00.000000001", "2020-01-01T00:00:00.000000002"], "datetime64[ns]")
    assert Table(pandas.DataFrame({"x": instants})).counts(["x"])[0].n_cells == 2
    assert Table(pyarrow.table({"x": instants})).counts(["x"])[0].n_cells == 2
    for frame in (
        polars.DataFrame({"x": instants}),
        polars.LazyFrame({"x": instants}),
        duckdb.from_arrow(pyarrow.table({"x": instants})),
    ):
        with pytest.raises(BadTable, match=r"`x` has times less than a microsecond apart.*hint: cut them"):
            Table(frame).counts(["x"])


# ---- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda t: t.counts(["tex"]), UnknownName, "`tex` is not a column here. hint: did you mean `text`"),
        (lambda t: t.counts(["real"]), InvalidType, r"`real` is continuous \(Float64\); needed: a discrete variable"),
        (lambda t: t.counts(["real"]), InvalidType, "hint: kinds={'real': 'discrete'} takes each different number"),
        (lambda t: t.counts(["text", "text"]), InvalidValue, "the name `text` occurs twice"),
        (
            lambda t: t.counts(["text"], missing="ignore"),
            InvalidValue,
            "missing='ignore'; needed: 'drop' or 'category'",
        ),
        (lambda t: t.counts(["nothing"]), BadTable, "each of 3 rows lacks `nothing`"),
        (lambda t: t.counts(["text", "late"]), BadTable, "each of 3 rows lacks `text` or `late`"),
    ],
)
def test_bad_questions(frame, call, error, words):
    data = {"text": ["a", None, None], "real": [1.0, 2.5, NAN], "nothing": [None] * 3, "late": [None, 1, 2]}
    with pytest.raises(error, match=words):
        call(Table(frame(data)))


def test_an_empty_table(frame):
    empty = frame({"x": ["a"], "y": [1]})
    empty = (
        empty.limit(0)
        if frame.engine in ("duckdb", "ibis", "pyspark")
        else empty.head(0, **({"npartitions": -1, "compute": False} if frame.engine == "dask" else {}))
        if frame.engine != "pyarrow"
        else empty[:0]
    )
    with pytest.raises(BadTable, match="a table with no rows; needed: one at least"):
        Table(empty).counts(["x", "y"])


def test_one_row_is_a_table(frame):
    assert Table(frame({"x": ["a"], "y": [1]})).counts(["x", "y"])[0].to_dict() == {("a", 1): 1}


@pytest.mark.parametrize(
    ("kinds", "error", "words"),
    [
        ({"tex": "discrete"}, UnknownName, "`tex` is not a column here. hint: did you mean `text`"),
        ({"text": "discreet"}, UnknownName, "kind 'discreet' of `text`.*hint: did you mean `discrete`"),
        ({"text": "continuous"}, InvalidType, "`text` as continuous: it holds String; needed: numbers"),
        ({"truth": "mixed"}, InvalidType, "`truth` as mixed: it holds Boolean; needed: numbers"),
    ],
)
def test_kinds_that_make_no_sense(kinds, error, words):
    with pytest.raises(error, match=words):
        Table(polars.DataFrame({"text": ["a"], "truth": [True]}), kinds=kinds)


def test_kinds_override():
    table = Table(polars.DataFrame({"year": [1, 2], "x": [0.5, 1.5]}), kinds={"year": "continuous", "x": "discrete"})
    assert table.kinds == {"year": "continuous", "x": "discrete"}
    assert table.counts(["x"])[0].to_dict() == {0.5: 1, 1.5: 1}
    with pytest.raises(InvalidType, match="`year` is continuous"):
        table.counts(["year"])


def test_samples_and_tables_complain_in_the_same_words():
    data = {"x": [0.5, 1.5], "y": ["a", "b"]}
    for call in (
        lambda make: make(data).counts(["z"]),
        lambda make: make(data).counts(["x"]),
        lambda make: make(data).counts(["y"], missing="no"),
        lambda make: make(data, kinds={"y": "odd"}),
        lambda make: make(data, kinds={"z": "continuous"}),
    ):
        said = []
        for make in (Samples, lambda data, **options: Table(pandas.DataFrame(data), **options)):
            with pytest.raises(Exception, match="hint: ") as caught:
                call(make)
            said.append((type(caught.value), str(caught.value).lower()))
        assert said[0] == said[1]


NESTED = {"x": [[1], [2, 3]], "y": ["a", "b"]}


@pytest.mark.parametrize(
    "make",
    {
        "pandas lists": lambda: pandas.DataFrame(NESTED),
        "pandas lists of one length": lambda: pandas.DataFrame({"x": [[1], [2]], "y": ["a", "b"]}),
        "pandas dicts": lambda: pandas.DataFrame({"x": [{"k": 1}, None], "y": ["a", "b"]}),
        "polars lists": lambda: polars.DataFrame(NESTED),
        "polars structs": lambda: polars.LazyFrame({"x": [{"k": 1}, {"k": 2}], "y": ["a", "b"]}),
        "polars objects": lambda: polars.DataFrame(
            {"x": polars.Series([[1], {}], dtype=polars.Object), "y": ["a", "b"]}
        ),
        "pyarrow lists": lambda: pyarrow.table(NESTED),
        "duckdb lists": lambda: duckdb.from_arrow(pyarrow.table(NESTED)),
        "duckdb structs": lambda: duckdb.sql("SELECT {'k': 1} AS x, y FROM (VALUES ('a'), ('b')) t(y)"),
        "duckdb maps": lambda: duckdb.sql("SELECT map {'k': 1} AS x, y FROM (VALUES ('a'), ('b')) t(y)"),
    }.values(),
)
def test_nested_columns_are_refused_by_name_and_leave_the_others_alone(make):
    table = Table(make())
    with pytest.raises((InvalidType, InvalidValue), match=r"`x` (is|holds).*nested"):
        table.counts(["x", "y"])
    assert table.counts(["y"])[0].to_dict() == {"a": 1, "b": 1}


@pytest.mark.parametrize(
    ("make", "words"),
    {
        "pandas twins": (lambda: pandas.DataFrame([[1, 2]], columns=["a", "a"]), "2 columns have the name `a`"),
        "pyarrow twins": (lambda: pyarrow.table([[1], [2]], names=["a", "a"]), "2 columns have the name `a`"),
        "duckdb twins": (lambda: duckdb.sql("SELECT 1 AS a, 2 AS a"), "2 columns have the name `a`"),
        "numbers as names": (lambda: pandas.DataFrame([[1, 2]]), "a column has the name 0, a int; needed: a text"),
        "no columns in pandas": (lambda: pandas.DataFrame(index=[0, 1]), "a table with no columns"),
        "no columns in polars": (lambda: polars.LazyFrame(), "a table with no columns"),
    }.values(),
)
def test_bad_columns(make, words):
    assert is_frame(make())
    with pytest.raises(BadTable, match=words):
        Table(make())


def test_floats_among_objects_are_continuous_still():
    table = Table(pandas.DataFrame({"x": pandas.Series([0.5, 1, None], dtype=object)}))
    with pytest.raises(InvalidType, match="`x` is continuous"):
        table.counts(["x"])
    discrete = Table(pandas.DataFrame({"x": pandas.Series([0.5, 1, None], dtype=object)}), kinds={"x": "discrete"})
    assert discrete.counts(["x"])[0].to_dict() == {0.5: 1, 1.0: 1}


@pytest.mark.parametrize(
    "thing", [[1, 2], {"x": [1]}, np.eye(2), "table.csv", None, pandas.Series([1]), polars.Series([1]), duckdb]
)
def test_what_is_no_dataframe(thing):
    assert not is_frame(thing)
    with pytest.raises(InvalidType, match=r"the table is .*; needed: a dataframe.*hint: a Series"):
        Table(thing)


def test_what_is_a_dataframe(frame):
    native = frame({"x": [1]})
    assert is_frame(native)
    assert Table(narwhals.from_native(native)).counts(["x"])[0].n == 1


# ---- faults of the engine -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("frame", LAZY, indirect=True)
def test_a_fault_of_the_engine_keeps_its_cause(frame):
    native = frame({"x": [1, 2], "y": [1, 2]})
    match frame.engine:
        case "polars-lazy":
            broken = native.with_columns(x=polars.col("x").map_batches(lambda _: 1 / 0, return_dtype=polars.Int64))
        case "duckdb":
            broken = native.project("error('division by zero') AS x, y")
        case "ibis":
            broken = native.mutate(x=native.y.cast("string").re_extract("(", 0))
        case "dask":
            broken = native.map_partitions(lambda part: 1 / 0, meta=native._meta)
        case "pyspark":
            broken = native.selectExpr("raise_error('division by zero') AS x", "y")
    with pytest.raises(EngineFailure, match=f"{frame.engine} failed: .*hint: ") as caught:
        Table(broken).counts(["x"])
    assert caught.value.__cause__ is not None


def test_a_closed_connection_is_a_fault_of_the_engine():
    with duckdb.connect() as connection:
        table = Table(connection.sql("SELECT 1 AS x"))
    with pytest.raises(EngineFailure, match=r"duckdb failed: .*onnection"):
        table.counts(["x"])


def test_a_missing_file_of_a_lazy_table_is_a_fault_of_the_engine(tmp_path):
    with pytest.raises(EngineFailure, match="polars-lazy failed: ") as caught:
        Table(polars.scan_parquet(tmp_path / "nowhere.parquet"))
    assert isinstance(caught.value.__cause__, OSError)


def test_an_interrupt_stays_an_interrupt():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a process in the background may ignore it
    try:
        with duckdb.connect() as connection:
            table = Table(connection.sql("SELECT i % 7 AS x FROM range(20_000_000_000) t(i)"))
            threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()
            with pytest.raises(KeyboardInterrupt):
                table.counts(["x"])
    finally:
        signal.signal(signal.SIGINT, before)


# ---- rows: what a continuous variable needs --------------------------------------------------------------------------

MIXED = {
    "x": [0.5, 1.25, None, 2.0, 3.5, 0.5, 9.0, 4.0],
    "n": [3, 1, 4, 1, None, 9, 2, 6],
    "word": ["b", "a", "b", None, "a", "b", "a", "c"],
}


def test_rows_are_the_same_on_every_engine(frame):
    rows = Table(frame(MIXED), kinds={"n": "continuous"}).rows(["x", "n", "word"])
    held = Samples(MIXED | {"n": np.array(MIXED["n"], float)}).rows(["x", "n", "word"])
    assert rows.n_missing == held.n_missing == 3
    order, wanted = (np.lexsort([v[:, 0] for v in r.values.values()]) for r in (rows, held))
    for name in ("x", "n", "word"):
        assert (rows.values[name][order] == held.values[name][wanted]).all()
    assert rows.kinds == {"x": "continuous", "n": "continuous", "word": "discrete"}
    assert rows.route == f"rows of {frame.engine}"


def test_missing_as_a_category_is_a_code_of_its_own(frame):
    rows = Table(frame({"word": MIXED["word"], "n": MIXED["n"]})).rows(["word", "n"], missing="category")
    assert rows.n_missing == 0
    assert [np.unique(v).size for v in rows.values.values()] == [4, 7]
    with pytest.raises(InvalidValue, match="`x` is continuous and missing in 1 rows"):
        Table(frame(MIXED)).rows(["x"], missing="category")


def test_of_many_rows_a_seeded_sample_is_drawn(frame, monkeypatch):
    monkeypatch.setattr(engines, "MOST_ROWS", 200)
    table = Table(frame({"x": [i / 7 for i in range(1000)]}))
    if frame.engine in ("pandas", "polars", "pyarrow"):
        assert len(table.rows(["x"]).values["x"]) == 1000  # it is here already
        return
    rows, again, other = table.rows(["x"]), table.rows(["x"]), table.rows(["x"], seed=5)
    drawn = len(rows.values["x"])
    assert 130 < drawn < 270
    assert rows.route == f"{drawn} rows drawn from 1,000, seed 0 (fixed) of {frame.engine}"
    assert sorted(rows.values["x"]) == sorted(again.values["x"])
    assert sorted(rows.values["x"]) != sorted(other.values["x"])
    assert other.route.endswith(f"seed 5 of {frame.engine}")


def test_a_nested_column_has_no_rows():
    with pytest.raises(InvalidType, match="`x` is nested"):
        Table(polars.DataFrame({"x": [[1.0], [2.0]], "y": [0.5, 1.5]})).rows(["x", "y"])


def test_floats_among_objects_are_measured_as_floats():
    table = pandas.DataFrame({"x": pandas.Series([0.5, None, *range(40)], dtype=object), "y": range(42)})
    result = measure("H(x)", table, confidence=None)
    assert (result.n, result.n_missing, result.estimator) == (41, 1, "nearest-neighbour")
