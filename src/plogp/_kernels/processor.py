"""What a loop asks of the processor: memory before it is needed, vectors as wide as there are, comparisons as bits.

A processor reads ahead by itself within a page of 4 KB. A loop that computes much with each entry doesn't come to the
next page early enough, and waits there: a quarter of its time. And LLVM uses half of a vector of 512 bits where early
processors with such vectors ran slower with the whole.
"""

from typing import Any

from plogp._kernels import COMPILED

__all__ = ["AHEAD", "LANES", "LINE", "below", "farthest", "lowest", "ones", "prefetch", "wide"]

AHEAD = 8192
"""How far before, in bytes: two pages."""

LINE = 64
"""Bytes that come at once."""

LANES = 64
"""Numbers of 16 bits that are compared at once."""


def below(array: Any, place: int, limit: Any) -> int:
    """Which of the `LANES` numbers from a place on are less than a limit: a bit for each, the lowest for the first."""
    return sum(1 << i for i in range(LANES) if array[place + i] < limit)


def farthest(grid: Any, at: int, width: int, q: Any, first: int, d: int, least: Any, out: Any) -> None:
    """For `LANES` i the greatest of least[at + i] and of |grid[at + i + j·width] − q[first + j]|, all j < d."""
    for i in range(LANES):
        out[i] = max([least[at + i], *(abs(grid[at + i + j * width] - q[first + j]) for j in range(d))])


def lowest(some: int) -> int:
    """The place of the lowest bit that is set."""
    return (some & -some).bit_length() - 1


def ones(some: int) -> int:
    """How many bits are set."""
    return some.bit_count()


def prefetch(array: Any, place: int) -> None:
    """Bring the entry at a place of a contiguous array into the cache; a place beyond its end does no harm."""


def wide() -> None:
    """Let LLVM take vectors of 512 bits in the function that calls this, where the processor has them."""


if COMPILED:
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
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

    NUMBER, PLACE = ir.IntType(16), ir.IntType(32)
    MANY = ir.VectorType(NUMBER, LANES)

    def entry(context: Any, builder: Any, array: Any, kind: Any, place: Any) -> Any:
        """Where an entry of an array is."""
        return builder.gep(context.make_array(kind)(context, builder, array).data, [place])

    def many(builder: Any, start: Any) -> Any:
        """Where as many numbers are as are compared at once."""
        return builder.bitcast(start, MANY.as_pointer())

    def alike(builder: Any, number: Any) -> Any:
        """So many times a number."""
        one = builder.insert_element(ir.Constant(MANY, ir.Undefined), number, PLACE(0))
        return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(PLACE, LANES), None))

    @intrinsic
    def below(typing: Any, array: Any, place: Any, limit: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            numbers = builder.load(many(builder, entry(context, builder, given[0], array, given[1])), align=2)
            return builder.bitcast(builder.icmp_signed("<", numbers, alike(builder, given[2])), ir.IntType(LANES))

        return types.int64(array, types.intp, types.int16), code

    @intrinsic
    def farthest(typing: Any, grid: Any, at: Any, width: Any, q: Any, first: Any, d: Any, least: Any, out: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            grid_, at_, width_, q_, first_, d_, least_, out_ = given
            start = builder.load(many(builder, entry(context, builder, least_, least, at_)), align=2)
            most = cgutils.alloca_once_value(builder, start)
            with cgutils.for_range(builder, d_) as loop:
                there = builder.add(at_, builder.mul(loop.index, width_))
                numbers = builder.load(many(builder, entry(context, builder, grid_, grid, there)), align=2)
                here = builder.load(entry(context, builder, q_, q, builder.add(first_, loop.index)))
                apart = builder.sub(numbers, alike(builder, here))
                apart = builder.select(builder.icmp_signed("<", apart, MANY(None)), builder.neg(apart), apart)
                before = builder.load(most)
                builder.store(builder.select(builder.icmp_signed(">", apart, before), apart, before), most)
            builder.store(
                builder.load(most), many(builder, entry(context, builder, out_, out, ir.IntType(64)(0))), align=2
            )
            return context.get_dummy_value()

        return types.void(grid, types.intp, types.intp, q, types.intp, types.intp, least, out), code

    @intrinsic
    def lowest(typing: Any, some: Any) -> Any:
        return types.int64(types.int64), lambda _c, builder, _s, given: builder.cttz(given[0], ir.IntType(1)(0))

    @intrinsic
    def ones(typing: Any, some: Any) -> Any:
        return types.int64(types.int64), lambda _c, builder, _s, given: builder.ctpop(given[0])
