"""What a loop asks of the processor: memory before it is needed, and vectors as wide as there are.

A processor reads ahead by itself within a page of 4 KB. A loop that computes much with each entry doesn't come to the
next page early enough, and waits there: a quarter of its time. And LLVM uses half of a vector of 512 bits where early
processors with such vectors ran slower with the whole.
"""

from typing import Any

from plogp._kernels import COMPILED

__all__ = ["AHEAD", "LINE", "prefetch", "wide"]

AHEAD = 8192
"""How far before, in bytes: two pages."""

LINE = 64
"""Bytes that come at once."""


def prefetch(array: Any, place: int) -> None:
    """Bring the entry at a place of a contiguous array into the cache; a place beyond its end does no harm."""


def wide() -> None:
    """Let LLVM take vectors of 512 bits in the function that calls this, where the processor has them."""


if COMPILED:
    from llvmlite import ir
    from numba import types
    from numba.extending import intrinsic

    @intrinsic
    def prefetch(typing: Any, array: Any, place: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            byte, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            entry = builder.gep(context.make_array(signature.args[0])(context, builder, given[0]).data, [given[1]])
            returns_nothing = ir.FunctionType(ir.VoidType(), [byte, number, number, number])
            instruction = builder.module.declare_intrinsic("llvm.prefetch", [byte], returns_nothing)
            to_read, to_keep, data = number(0), number(3), number(1)
            builder.call(instruction, [builder.bitcast(entry, byte), to_read, to_keep, data])
            return context.get_dummy_value()

        return types.void(array, types.intp), code

    @intrinsic
    def wide(typing: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # its own `add` knows only a few
            return context.get_dummy_value()

        return types.void(), code
