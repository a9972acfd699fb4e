"""A race: several ways of doing one job, in one process, on the same data, taking turns.

Absolute times mean nothing on another machine; ratios within one race do. Each round runs every contestant once, so
that a busy moment hits all alike. A contestant whose answer is wrong is shown as wrong, and its time isn't compared.

    one_thread()                                        # before NumPy is imported
    times = race({"plogp": ours, "scipy": theirs}, right=lambda value: abs(value - truth) < 1e-9)
    print(table("entropy of 1e7 outcomes", times, baseline="plogp"))
"""

import ctypes
import gc
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

__all__ = ["Timing", "duration", "memory", "one_thread", "race", "table"]

THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
SHORTEST = 2e-3  # seconds; a quicker call is repeated until a round takes this long


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """What one contestant took for one call.

    Attributes:
        wall: the least seconds of any round, the one that other work disturbed least.
        wall_median: the median of the rounds.
        cpu: the least seconds of processor time, all threads together.
        peak: bytes of memory at the highest point of one call, beyond those in use before; None off Linux.
        right: whether the answer passed the test it was given.
    """

    wall: float
    wall_median: float
    cpu: float
    peak: int | None
    right: bool = True


def one_thread() -> None:
    """Hold the numeric libraries to one thread; they read this when they're imported, so call it first."""
    if "numpy" in sys.modules:
        raise RuntimeError("NumPy is imported already; call one_thread() before it")
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))


def race(
    contestants: Mapping[str, Callable[[], Any]],
    *,
    rounds: int = 7,
    right: Callable[[Any], bool] | None = None,
) -> dict[str, Timing]:
    """Time each contestant `rounds` times, taking turns, after one untimed call that warms caches and compilers."""
    values = {name: call() for name, call in contestants.items()}
    calls = {name: _calls_a_round(call) for name, call in contestants.items()}
    walls: dict[str, list[float]] = {name: [] for name in contestants}
    cpus: dict[str, list[float]] = {name: [] for name in contestants}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in contestants.items():
                wall, cpu = _round(call, calls[name])
                walls[name].append(wall)
                cpus[name].append(cpu)
    finally:
        gc.enable()
    return {
        name: Timing(
            wall=min(walls[name]),
            wall_median=median(walls[name]),
            cpu=min(cpus[name]),
            peak=_peak(call),
            right=right is None or bool(right(values[name])),
        )
        for name, call in contestants.items()
    }


def table(title: str, times: Mapping[str, Timing], *, baseline: str) -> str:
    """A Markdown table; the last column says how many times the baseline's least wall time each took."""
    unit = times[baseline].wall
    rows = [
        f"| {name} | {duration(t.wall)} | {duration(t.wall_median)} | {duration(t.cpu)} | {memory(t.peak)} "
        f"| {f'{t.wall / unit:.2f}' if t.right else 'WRONG VALUE'} |"
        for name, t in times.items()
    ]
    head = f"| {title} | least | median | CPU | peak memory | times {baseline} |"
    return "\n".join([head, "|---|---|---|---|---|---|", *rows, ""])


def duration(seconds: float) -> str:
    """Seconds in the unit that reads best: `5.2 µs`, `18.5 ms`, `2.3 s`."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}" if seconds * factor < 1000 else f"{seconds * factor:,.0f} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def memory(n_bytes: int | None) -> str:
    """Bytes in MB, "?" where they couldn't be measured."""
    return "?" if n_bytes is None else f"{n_bytes / 1e6:,.1f} MB"


def _calls_a_round(call: Callable[[], Any]) -> int:
    start = perf_counter()
    call()
    return max(1, round(SHORTEST / max(perf_counter() - start, 1e-7)))


def _round(call: Callable[[], Any], calls: int) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    cpu, wall = process_time(), perf_counter()
    for _ in range(calls):
        call()
    return (perf_counter() - wall) / calls, (process_time() - cpu) / calls


def _peak(call: Callable[[], Any]) -> int | None:
    """The rise of resident memory in one call, from the kernel's own high-water mark, whatever library allocates."""
    if sys.platform != "linux":
        return None
    gc.collect()
    if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        libc.malloc_trim(0)  # memory that malloc keeps from earlier calls would hide what this one needs
    Path("/proc/self/clear_refs").write_text("5")  # 5: forget the high-water mark
    before = _status("VmRSS")
    call()
    return max(0, _status("VmHWM") - before)


def _status(field: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return 1024 * int(line.split()[1])
