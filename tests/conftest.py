"""Fixtures that are shared: one `xp` over all frameworks, one `frame` over all engines."""

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from backends import FRAMEWORKS, backend
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)  # the same examples here and in CI
settings.load_profile("repeatable")

# ---- xp: one framework after the other, none of which may be absent -------------------------------------------------


@pytest.fixture(params=FRAMEWORKS)
def xp(request):
    """A `backends.Backend`: `.asarray`, `.to_numpy`, `.grad`, `.name`."""
    return backend(request.param)


# ---- frame: the same data on every engine ---------------------------------------------------------------------------

Data = Mapping[str, Sequence[Any]]

ENGINES = ("pandas", "polars", "polars-lazy", "pyarrow", "duckdb", "ibis", "dask")


@pytest.fixture(params=[*ENGINES, pytest.param("pyspark", marks=pytest.mark.spark)])
def frame(request):
    """A function that makes a frame on one engine, its `.engine`, from a dict of lists; None is missing."""
    return FrameMaker(request.param, request)


class FrameMaker:
    """Columns of Python values -> a frame of one engine, with the types that this engine has for them."""

    def __init__(self, engine: str, request: pytest.FixtureRequest) -> None:
        self.engine = engine
        self._request = request

    def __call__(self, data: Data) -> Any:
        match self.engine:
            case "pandas":
                return pandas_frame(data)
            case "dask":
                import dask.dataframe

                return dask.dataframe.from_pandas(dask_part(data), npartitions=3)
            case "pyspark":
                return self._request.getfixturevalue("spark").createDataFrame(arrow_table(data))
            case "duckdb":
                return self._request.getfixturevalue("duckdb_connection").from_arrow(arrow_table(data))
            case "ibis":
                import ibis

                return ibis.memtable(arrow_table(data))
            case "pyarrow":
                return arrow_table(data)
        import polars

        table = polars.DataFrame(data, strict=False)
        return table.lazy() if self.engine == "polars-lazy" else table


def arrow_table(data: Data) -> Any:
    import pyarrow

    return pyarrow.table(dict(data))


def pandas_frame(data: Data) -> Any:
    """As careful people make it: integers with a missing value stay integers."""
    import pandas

    def column(values: Sequence[Any]) -> Any:
        whole = {int} == {type(value) for value in values if value is not None} and None in values
        return pandas.Series(values, dtype="Int64" if whole else None)

    return pandas.DataFrame({name: column(values) for name, values in data.items()})


def dask_part(data: Data) -> Any:
    """Columns of Arrow types, as Dask makes texts of objects; except floats, whose NaN and null pandas can't merge."""
    import pandas
    import pyarrow

    table = arrow_table(data)
    return table.to_pandas(types_mapper=lambda t: None if pyarrow.types.is_floating(t) else pandas.ArrowDtype(t))


@pytest.fixture(scope="session")
def duckdb_connection():
    import duckdb

    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def spark():
    """A Spark of our own: two threads, no web page, times in UTC. Where it must be there, its absence is a failure."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        absent = "PySpark needs Java 17, which isn't here"
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.timestampType": "TIMESTAMP_NTZ",
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",  # starts in half the time
    }
    session = SparkSession.builder.master("local[2]").appName("plogp").config(map=settings).getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


# ---- the summary: how many tests each framework and each engine passed ----------------------------------------------


def pytest_terminal_summary(terminalreporter):
    """A line for the frameworks and one for the engines, counted by the parameters in the names of the tests."""
    passed = [set(re.split(r"[^\w-]+|-(?!lazy)", r.nodeid)) for r in terminalreporter.stats.get("passed", [])]
    for kind, names in (("frameworks", FRAMEWORKS), ("engines", (*ENGINES, "pyspark"))):
        counts = {name: sum(name in words for words in passed) for name in names}
        terminalreporter.write_line(f"passed by {kind}: {', '.join(f'{name} {n}' for name, n in counts.items())}")
