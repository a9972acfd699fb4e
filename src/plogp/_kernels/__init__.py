"""Compiled loops: plain scalar Python, compiled by Numba where it is installed.

Rooms import a kernel module late, inside the function that needs it, so that `import plogp` never pays for Numba.
Without Numba the same functions run interpreted: right, and slow; rooms with large arrays take a NumPy path then.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["COMPILED", "both", "in_parts", "in_turn", "kernel"]

COMPILED = find_spec("numba") is not None and os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")
"""Whether kernels are compiled."""

F = TypeVar("F", bound=Callable[..., Any])
One = TypeVar("One")
Made = TypeVar("Made")

FEW = 16384
"""Of so few values a thread costs more than it saves."""


def kernel(**options: Any) -> Callable[[F], F]:
    """Compile a function on its first call and keep the machine code for the next process.

    No fast-math unless asked: a kernel gives the same bits compiled and interpreted.
    """

    def compile_(function: F) -> F:
        if not COMPILED:
            return function
        import numba

        compiled: F = numba.njit(**{"cache": True, "nogil": True, "error_model": "numpy"} | options)(function)
        return compiled

    return compile_


def threads() -> int:
    """How many threads Numba may use: NUMBA_NUM_THREADS, or one a processor; 1 where it isn't loaded."""
    numba = sys.modules.get("numba")
    return 1 if numba is None else int(numba.config.NUMBA_NUM_THREADS)


def in_parts(loop: Callable[[int, int], None], n: int, *, least: int = FEW // 2, each: int = 16) -> None:
    """Run a loop over begin..stop-1 on all of 0..n-1, in parts, on as many threads as there may be.

    What a part does must not depend on the others, so that the number of threads changes nothing.

    Args:
        loop: it lets other threads run.
        n: how far.
        least: of a part.
        each: parts for each thread at most.
    """
    parts = min(each * threads(), n // least) if threads() > 1 else 1
    if parts <= 1:
        loop(0, n)
        return
    edges = [n * i // parts for i in range(parts + 1)]
    _together([partial(loop, *part) for part in pairwise(edges)])


def both(function: Callable[[One], Made], one: One, other: One, n: int) -> list[Made]:
    """A function of each of two things of n values, side by side where there may be two threads."""
    if n < FEW or threads() == 1:
        return [function(one), function(other)]
    return _together([partial(function, one), partial(function, other)])


def _together(tasks: list[Callable[[], Made]]) -> list[Made]:
    """What tasks give, in their order, by the helpers and the caller, who takes the last that nobody has begun.

    A caller who only waits may find two helpers on the processor that it was on. None waits for a task that isn't being
    done, so that tasks may have tasks of their own.
    """
    futures = [_helpers(threads() - 1).submit(task) for task in tasks]
    found: dict[int, Made] = {}
    try:
        for i in reversed(range(len(tasks))):
            if futures[i].cancel():
                found[i] = tasks[i]()
        return [found[i] if i in found else future.result() for i, future in enumerate(futures)]
    finally:
        for future in futures:
            future.cancel()


@cache
def _helpers(many: int) -> "ThreadPoolExecutor":
    """Threads beside the caller, begun once: that takes longer than many a task."""
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(many)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_helpers.cache_clear)  # a child has none of its parent's threads


@contextmanager
def in_turn() -> Iterator[Callable[..., None]]:
    """A way to call functions that give nothing back, one after the other, beside the caller if there may be two
    threads; each waits for the one before, and the end of the context for the last."""
    if threads() == 1:
        yield lambda function, *arguments: function(*arguments)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        last = [pool.submit(lambda: None)]

        def call(function: Callable[..., None], *arguments: Any) -> None:
            last.pop().result()
            last.append(pool.submit(function, *arguments))

        yield call
        last.pop().result()
