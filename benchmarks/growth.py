"""How time and memory grow: `python -m benchmarks.growth [rows] [spark]`, rows up to 1e7 unless told (1e8 takes 3 GB).

`python -m benchmarks.growth identical [rows]` measures one Parquet file on DuckDB and on Spark, and compares all bits;
`python -m benchmarks.growth beside [rows]` times a formula beside the bare GROUP BY alone.

Rows on DuckDB and, if asked, on Spark, from Parquet files; columns and levels in memory. Each figure comes from a
process of its own, whose peak memory is that of Python and the engine together; the rows are never in Python.
A picture of it is written to docs/growth.svg.

Predicted: time on DuckDB is that of its GROUP BY and some 10 ms; memory is flat in rows (an engine's buffers aside);
the matrix grows with the square of columns, and with the square of levels until row by row is quicker.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from math import log10
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

import duckdb
import numpy as np

from benchmarks.timing import duration, memory
from plogp import measure
from plogp.pairwise import mutual_information_matrix, rank

FORMULA = "I(x;y|z)"
TIMES = "processor time, times the GROUP BY"
NAMES = ("a", "b", "c", "x", "y", "z")
PICTURE = Path(__file__).parent.parent / "docs" / "growth.svg"


def write(path: Path, rows: int) -> None:
    """Six columns of 2 to 50 levels and a continuous one, in a Parquet file; DuckDB makes them."""
    duckdb.sql(
        f"""COPY (SELECT (i % 2)::INT AS a, (hash(8 * i) % 3)::INT AS b, (hash(8 * i + 1) % 5)::INT AS c,
        (hash(8 * i + 2) % 10)::INT AS x,
        (hash(8 * i + CASE WHEN hash(8 * i + 3) % 3 = 0 THEN 2 ELSE 4 END) % 10)::INT AS y,
        (hash(8 * i + 5) % 50)::INT AS z, hash(8 * i + 2) % 10 + hash(8 * i + 6) / 2::DOUBLE ** 64 AS r
        FROM range({rows}) t(i)) TO '{path}' (FORMAT parquet)"""
    )


def timed(call: Callable[[], Any], rounds: int = 3, clock: Callable[[], float] = perf_counter) -> float:
    """The least of a few times, after one that warms caches and compilers."""
    call()
    times = []
    for _ in range(rounds):
        start = clock()
        call()
        times.append(clock() - start)
    return min(times)


def beside_bare(path: str) -> dict[str, float]:
    """Seconds of plogp and of the bare query for three columns, and the ratio of their processor times."""
    table = duckdb.read_parquet(path)
    ours = lambda: measure(FORMULA, table)
    bare = lambda: duckdb.sql(f"SELECT x, y, z, count(*) FROM '{path}' GROUP BY x, y, z").fetchall()
    ratio = timed(ours, clock=process_time) / timed(bare, clock=process_time)
    return {FORMULA: timed(ours), "bare GROUP BY": timed(bare), TIMES: ratio}


def on_duckdb(path: str) -> dict[str, float]:
    """The same, and seconds of the matrix of six columns and of a ranking."""
    table = duckdb.read_parquet(path)
    return beside_bare(path) | {
        "matrix of 6 columns": timed(lambda: mutual_information_matrix(table, NAMES), 1),
        "ranking of 6 columns, one continuous": timed(lambda: rank(table, "x", columns=("a", "b", "c", "y", "r")), 1),
    }


@contextmanager
def on_sparks_table(path: str, **settings: str) -> Iterator[Any]:
    """The file as a table of a Spark of this machine."""
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    quiet = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "2g"}
    spark = SparkSession.builder.master("local[2]").config(map=quiet | settings).getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    yield spark.read.parquet(path)
    spark.stop()


def on_spark(path: str) -> dict[str, float]:
    """The same on Spark; and what its own event log says was read, shuffled and collected for one of each."""
    with TemporaryDirectory() as logs:
        settings = {
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": f"file://{logs}",
            "spark.eventLog.rolling.enabled": "false",
            "spark.eventLog.compress": "false",
        }
        with on_sparks_table(path, **settings) as table:
            calls: dict[str, Callable[[], Any]] = {
                FORMULA: lambda: measure(FORMULA, table),
                "bare GROUP BY": lambda: table.groupBy("x", "y", "z").count().collect(),
                "matrix of 6 columns": lambda: mutual_information_matrix(table, NAMES),
            }
            found = {what: timed(call, 1) for what, call in calls.items()}
            for what in (FORMULA, "matrix of 6 columns"):
                table.sparkSession.sparkContext.setJobDescription(what)
                calls[what]()
        [log] = Path(logs).iterdir()
        return found | counters(log)


def numbers(table: Any) -> dict[str, float]:
    """Every number that a formula, a matrix and a ranking of the table give."""
    found = {FORMULA: measure(FORMULA, table).value}
    matrix = mutual_information_matrix(table, p_values=True)
    for (i, j), value in np.ndenumerate(matrix.values):
        pair = f"{matrix.columns[i]};{matrix.columns[j]}"
        found |= {f"matrix {pair}": value, f"p {pair}": matrix.p_values[i, j]}
    for row in rank(table, "x").to_dicts():
        name = row.pop("column")
        row["low"], row["high"] = row.pop("interval")
        found |= {f"ranking {name} {what}": number for what, number in row.items()}
    return {what: np.nan if value is None else float(value) for what, value in found.items()}


def numbers_on_spark(path: str) -> dict[str, float]:
    """The same on Spark."""
    with on_sparks_table(path) as table:
        return numbers(table)


def beside(rows: int) -> None:
    """A formula of three columns beside the bare query, on DuckDB."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        write(path, rows)
        table("rows, on duckdb", {rows: apart("three columns on duckdb", str(path))})


def identical(rows: int) -> None:
    """How many numbers DuckDB and Spark give of one Parquet file, in processes of their own, and how many differ."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "rows.parquet")
        write(path, rows)
        one, other = (apart(job, str(path)) for job in ("numbers on duckdb", "numbers on spark"))
    del one["peak memory"], other["peak memory"]
    differ = [what for what, value in one.items() if value.hex() != other[what].hex()]
    digest = sha256("".join(f"{what} {value.hex()}" for what, value in one.items()).encode()).hexdigest()[:16]
    print(f"{rows:,} rows on DuckDB and on Spark: {len(one)} numbers, {len(differ)} differ {differ[:5] or ''}")
    print(f"{FORMULA} = {one[FORMULA].hex()}, all together {digest}")


def counters(log: Path) -> dict[str, int]:
    """Per described job: tasks, bytes read, records and bytes shuffled, and bytes that tasks sent to the driver."""
    of_stage: dict[int, str] = {}
    found: dict[str, int] = {}
    for event in map(json.loads, log.open()):
        if event["Event"] == "SparkListenerJobStart" and (what := event["Properties"].get("spark.job.description")):
            of_stage |= dict.fromkeys(event["Stage IDs"], what)
        if event["Event"] == "SparkListenerTaskEnd" and event["Stage ID"] in of_stage:
            metrics, what = event["Task Metrics"], of_stage[event["Stage ID"]]
            numbers = {
                "tasks": 1,
                "records read": metrics["Input Metrics"]["Records Read"],
                "records shuffled": metrics["Shuffle Write Metrics"]["Shuffle Records Written"],
                "bytes shuffled": metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"],
                "bytes collected": metrics["Result Size"],
            }
            for name, number in numbers.items():
                found[f"{what}: {name}"] = found.get(f"{what}: {name}", 0) + number
    return found


def of_columns(n_columns: str) -> dict[str, float]:
    """The matrix of so many columns of 10 levels, 10,000 rows."""
    rng = np.random.default_rng(0)
    table = {f"x{i}": rng.integers(0, 10, 10_000) for i in range(int(n_columns))}
    return {"matrix, 1e4 rows": timed(lambda: mutual_information_matrix(table), 1)}


def of_levels(levels: str) -> dict[str, float]:
    """The matrix of 20 columns of so many levels, 100,000 rows."""
    rng = np.random.default_rng(0)
    table = {f"x{i}": rng.integers(0, int(levels), 100_000) for i in range(5 if int(levels) > 1000 else 20)}
    pairs = len(table) * (len(table) - 1) / 2
    return {"a pair, 1e5 rows": timed(lambda: mutual_information_matrix(table), 1) / pairs}


JOBS: dict[str, Callable[[str], dict[str, float]]] = {
    "duckdb": on_duckdb,
    "three columns on duckdb": beside_bare,
    "spark": on_spark,
    "columns": of_columns,
    "levels": of_levels,
    "numbers on duckdb": lambda path: numbers(duckdb.read_parquet(path)),
    "numbers on spark": numbers_on_spark,
}


def apart(job: str, of: str) -> dict[str, float]:
    """What a job finds in a process of its own, and the peak of its memory in bytes."""
    command = [sys.executable, "-m", "benchmarks.growth", job, of]
    found: dict[str, float] = json.loads(
        subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.splitlines()[-1]
    )
    return found


def table(title: str, found: dict[int, dict[str, float]]) -> None:
    """A Markdown table, a row a size."""
    names = list(next(iter(found.values())))
    print(f"| {title} | {' | '.join(names)} |\n|---{'|---' * len(names)}|")
    for size, values in found.items():
        print(f"| {size:,} | {' | '.join(shown(name, value) for name, value in values.items())} |")
    print()


def shown(name: str, value: float) -> str:
    """A figure in the unit that its name says."""
    if name == TIMES:
        return f"{value:.2f}"
    if "memory" in name:
        return memory(int(value))
    return f"{value:,.0f}" if any(word in name for word in ("bytes", "records", "tasks")) else duration(value)


def picture(lines: dict[str, dict[int, float]]) -> str:
    """Seconds over sizes, both in powers of ten, as an SVG."""
    points = {name: [(log10(x), log10(y)) for x, y in values.items()] for name, values in lines.items()}
    every = [point for values in points.values() for point in values]
    left, right = min(x for x, _ in every), max(x for x, _ in every)
    low, high = np.floor(min(y for _, y in every)), np.ceil(max(y for _, y in every))
    place = lambda x, y: (60 + 520 * (x - left) / (right - left), 300 - 270 * (y - low) / (high - low))
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 340" font-family="sans-serif" font-size="12">']
    for power in range(int(low), int(high) + 1):
        y = place(left, power)[1]
        parts.append(
            f'<path d="M60 {y:.0f}H580" stroke="#8884"/><text x="4" y="{y + 4:.0f}">{duration(10.0**power)}</text>'
        )
    powers = range(round(left), round(right) + 1)
    parts += [f'<text x="{place(power, low)[0] - 10:.0f}" y="320">1e{power}</text>' for power in powers]
    for i, (name, values) in enumerate(points.items()):
        colour = ("#1b6ca8", "#8a8a8a", "#c2571a", "#3a8f4d", "#7b4fa3")[i % 5]
        line = " ".join(f"{x:.0f},{y:.0f}" for x, y in (place(*value) for value in values))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="590" y="{40 + 20 * i}" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>\n"])


def main(most: int, with_spark: bool) -> None:
    sizes = [10**power for power in range(4, round(log10(most)) + 1)]
    with TemporaryDirectory() as folder:
        on_engines: dict[str, dict[int, dict[str, float]]] = {"duckdb": {}, "spark": {}}
        for n in sizes:
            path = Path(folder, f"{n}.parquet")
            write(path, n)
            on_engines["duckdb"][n] = apart("duckdb", str(path))
            if with_spark and n >= 10**6:
                on_engines["spark"][n] = apart("spark", str(path))
    for engine, found in on_engines.items():
        if found:
            table(f"rows, on {engine}", found)
    last = on_engines["duckdb"][sizes[-1]]
    print(f"{FORMULA} on {sizes[-1]:,} rows: {last[TIMES]:.2f} × the bare GROUP BY; the goal is 1.3 × on 1e8\n")
    table("columns of 10 levels", {d: apart("columns", str(d)) for d in (10, 100, 300, 1000)})
    table("levels", {k: apart("levels", str(k)) for k in (2, 10, 100, 1000, 10_000, 100_000)})
    names = [name for name in last if name != TIMES and "memory" not in name]
    PICTURE.write_text(picture({name: {n: found[name] for n, found in on_engines["duckdb"].items()} for name in names}))


if __name__ == "__main__":
    if len(sys.argv) == 3 and sys.argv[1] in JOBS:
        measured = JOBS[sys.argv[1]](sys.argv[2])
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps(measured | {"peak memory": peak}))
    else:
        alone = {"identical": identical, "beside": beside}
        sizes = [int(float(word)) for word in sys.argv[1:] if word not in ("spark", *alone)]
        if sys.argv[1:] and sys.argv[1] in alone:
            alone[sys.argv[1]](*(sizes or [10**7]))
        else:
            main(*(sizes or [10**7]), with_spark="spark" in sys.argv)
