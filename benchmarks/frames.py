"""Count two columns of 5e6 rows on each engine: `python -m benchmarks.frames [rows] [spark]`.

Two jobs, 100 × 50 outcomes each: integers, and texts. "again" counts columns that were encoded already. Dask and Spark
work on partitions, as they would on many machines; Spark takes some ten seconds to start, so it must be asked for.
"""

import os
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import dask.dataframe
import duckdb
import ibis
import numpy as np
import pandas
import polars
import pyarrow
import pyarrow.parquet

from benchmarks.timing import race, table
from plogp.counts import Counts
from plogp.frames import Table

NAMES = ("x", "y")
Calls = dict[str, Callable[[], Any]]


def columns(n: int, texts: bool) -> pyarrow.Table:
    """x has 100 outcomes, y has 50, and y follows x three times in ten."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 100, n)
    y = np.where(rng.random(n) < 0.3, x % 50, rng.integers(0, 50, n))
    if not texts:
        return pyarrow.table({"x": x, "y": y})
    labels = pyarrow.array([f"outcome {k}" for k in range(100)])
    return pyarrow.table({"x": labels.take(pyarrow.array(x)), "y": labels.take(pyarrow.array(y))})


def contestants(rows: pyarrow.Table, spark: Any, folder: str) -> Calls:
    """Every engine through plogp, and what people write by hand."""
    frame, polar = rows.to_pandas(), polars.from_arrow(rows)
    frames = {
        "polars": polar,
        "polars-lazy": polar.lazy(),
        "pyarrow": rows,
        "pandas": frame,
        "duckdb": duckdb.from_arrow(rows),
        "ibis": ibis.memtable(rows),
        "dask": dask.dataframe.from_pandas(frame, npartitions=4),
    }
    if spark:
        file = Path(folder, "rows.parquet")  # Spark sends a table of another engine along with every query
        pyarrow.parquet.write_table(rows, file)
        frames["pyspark"] = spark.read.parquet(str(file)).cache()
    encoded = Table(polar)
    return {
        **{name: counted(frame) for name, frame in frames.items()},
        "polars, again": lambda: encoded.counts(NAMES)[0],
        "by hand: pandas.crosstab": lambda: pandas.crosstab(frame["x"], frame["y"]),
        "by hand: polars group_by": lambda: polar.group_by(NAMES).len(),
    }


def counted(frame: Any) -> Callable[[], Counts]:
    """Make a table of a frame, and count."""
    return lambda: Table(frame).counts(NAMES)[0]


def start_spark() -> Any:
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "4g"}
    return SparkSession.builder.master("local[2]").config(map=settings).getOrCreate()


def main(n: int, with_spark: bool) -> None:
    warnings.filterwarnings("ignore", "Dask support is moving", FutureWarning)
    spark = start_spark() if with_spark else None
    for texts in (False, True):
        rows = columns(n, texts)
        truth = Table(rows).counts(NAMES)[0]
        with TemporaryDirectory() as folder:
            times = race(
                contestants(rows, spark, folder),
                rounds=5,
                right=lambda value, truth=truth: value == truth if isinstance(value, Counts) else value is not None,
            )
        print(table(f"{n:,} rows of {'texts' if texts else 'integers'}", times, baseline="polars"))


if __name__ == "__main__":
    numbers = [int(float(word)) for word in sys.argv[1:] if word != "spark"]
    main(*(numbers or [5_000_000]), with_spark="spark" in sys.argv)
