"""Compiled loops: plain scalar Python, compiled by Numba where it is installed.

Rooms import a kernel module late, inside the function that needs it, so that `import plogp` never pays for Numba.
Without Numba the same functions run interpreted: right, and slow; rooms with large arrays take a NumPy path then.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

__all__ = ["COMPILED", "kernel"]

COMPILED = find_spec("numba") is not None
"""Whether kernels are compiled."""

F = TypeVar("F", bound=Callable[..., Any])


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
