"""What a report costs: `plogp report` as a whole process, on tables of mixed kinds, seeded.

The goals: 20,000 × 20 in 5 s and 0.5 MB, 1,000,000 × 50 in 60 s, with a target or without. Wall time is that of a busy
machine; CPU is what counts. One run each: a process that starts, reads, measures and writes is what a user waits for.
Kernels are compiled once by a first run that isn't counted.

python -m benchmarks.report            all of it: some minutes, and 0.5 GB of files for a while
python -m benchmarks.report --small    20,000 × 20 alone

Predicted before it was measured, of 1,000,000 × 50: 1,225 pairs of codes at 5 ms each are 6 s, encoding and the
entropies of 50 columns as much again, and a Parquet file is read in 1 s, a CSV in 3: 15 to 20 s. With a target a
ranking of 49 more pairs is nothing beside that, if what a column adds is counted only until cells are too few.

It came otherwise. While DuckDB grouped each pair, that took most of 109 s of CPU with a target; with codes brought here
pairs and ranking are 4 s, as foreseen, and the most is what wasn't thought of: the intervals of the differential
entropies of 17 columns of floats, each by 21 sorts of a million numbers or of parts of them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from urllib.request import urlopen

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

GOALS = {(20_000, 20): (5, 0.5), (1_000_000, 50): (60, None)}
"""Rows and columns, and seconds and megabytes to stay within."""


def table(n_rows: int, n_columns: int, seed: int = 0) -> pa.Table:
    """Columns of texts, whole numbers and floats by turns, half of which hang together; some values are missing."""
    rng = np.random.default_rng(seed)
    hidden = rng.integers(0, 6, n_rows)
    columns = {}
    for i in range(n_columns):
        levels = 2 + i % 9
        known = np.where(rng.random(n_rows) < 0.5 * (i % 2), hidden, rng.integers(0, 6, n_rows))
        codes = (known * (1 + i % 3) + rng.integers(0, 2, n_rows)) % levels
        missing = rng.random(n_rows) < 0.02 * (i % 5 == 4)
        if i % 3 == 0:
            names = pa.array([f"level {k}" for k in range(levels)])
            columns[f"text_{i}"] = names.take(pa.array(codes, mask=missing))
        elif i % 3 == 1:
            columns[f"whole_{i}"] = pa.array(codes, mask=missing)
        else:
            columns[f"float_{i}"] = pa.array((codes + rng.normal(size=n_rows)).round(4), mask=missing)
    return pa.table(columns)


def files(folder: Path, n_rows: int, n_columns: int) -> Iterator[Path]:
    """The table as Parquet and as CSV."""
    held = table(n_rows, n_columns)
    parquet.write_table(held, folder / "table.parquet")
    yield folder / "table.parquet"
    csv.write_csv(held, folder / "table.csv")
    yield folder / "table.csv"


def run(path: Path, target: str | None) -> tuple[float, float, float, float]:
    """Wall and CPU seconds of a whole process, its peak memory in GB, and the size of the page in MB."""
    page = path.with_suffix(".html")
    command = [str(Path(sys.executable).parent / "plogp"), "report", str(path), "--output", str(page)]
    start = perf_counter()
    process = subprocess.Popen(command + (["--target", target] if target else []), stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9, page.stat().st_size / 1e6


def learn(port: int = 2798) -> tuple[float, float]:
    """Wall and CPU seconds from `plogp learn` to its first answer."""
    start = perf_counter()
    command = [str(Path(sys.executable).parent / "plogp"), "learn", "--no-browser", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        with suppress(OSError):
            urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            break
        if perf_counter() - start > 60:
            raise SystemExit("plogp learn doesn't answer")
        sleep(0.02)
    wall = perf_counter() - start
    server.terminate()
    _, _, used = os.wait4(server.pid, 0)
    return wall, used.ru_utime + used.ru_stime


def main() -> None:
    """A Markdown table, the goals beside; and how long the pages that move take to be there."""
    print("| table | file | target | wall s | CPU s | goal s | peak GB | page MB | goal MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    sizes = list(GOALS)[:1] if "--small" in sys.argv else list(GOALS)
    for n_rows, n_columns in sizes:
        seconds, size = GOALS[n_rows, n_columns]
        with TemporaryDirectory() as folder:
            for path in files(Path(folder), n_rows, n_columns):
                for target in (None, "text_3"):
                    if n_rows == 20_000:
                        run(path, target)
                    wall, cpu, peak, page = run(path, target)
                    what = f"{n_rows:,} × {n_columns} | {path.suffix[1:]} | {target or '–'}"
                    found = f"{wall:.1f} | {cpu:.1f} | {seconds} | {peak:.2f} | {page:.2f} | {size or '–'}"
                    print(f"| {what} | {found} |", flush=True)
    wall, cpu = (min(times) for times in zip(*(learn() for _ in range(3)), strict=True))
    print(f"\n`plogp learn` answers after {wall:.1f} s, {cpu:.1f} s of CPU; the goal is 5 s.")


if __name__ == "__main__":
    main()
