"""Compiled loops: plain scalar Python, compiled by Numba where it is installed.

Rooms import a kernel module late, inside the function that needs it, so that `import plogp` never pays for Numba.
Without Numba the same functions run interpreted: right, and slow; rooms with large arrays take a NumPy path then.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import pairwise
from typing import Any, TypeVar

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

    What a part does must not depend on the others, so that the number of threads changes nothing. The caller takes the
    last part that is left: where all are others' and it waits, two of them may be put on the processor that it was on.

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
    from concurrent.futures import ThreadPoolExecutor

    edges = [n * i // parts for i in range(parts + 1)]
    tasks = list(pairwise(edges))
    with ThreadPoolExecutor(threads() - 1) as pool:
        futures = [pool.submit(loop, *task) for task in tasks]
        try:
            for future, task in zip(reversed(futures), reversed(tasks), strict=True):
                if future.cancel():  # no other thread has begun it
                    loop(*task)
            for future in futures:
                if not future.cancelled():
                    future.result()
        finally:
            for future in futures:
                future.cancel()


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


def both(function: Callable[[One], Made], one: One, other: One, n: int) -> list[Made]:
    """A function of each of two things of n values, side by side where there may be two threads; one is the caller."""
    if n < FEW or threads() == 1:
        return [function(one), function(other)]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(function, one)
        second = function(other)
        return [first.result(), second]
