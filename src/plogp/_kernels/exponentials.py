"""Σ e^(x − shift) in vectors of 16 float32 that are spelled out for LLVM, with memory asked for between them.

A scalar loop that asks for memory isn't turned into vectors; asked for before it, much at once, memory comes late, and
a third of the time is spent on that. Four stretches of memory take turns: a processor reads each ahead by itself, and
while one comes to its next page the others go on; they are added up in the time that takes to read them. Where a
processor has narrower vectors LLVM takes several.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import COMPILED

__all__ = ["LANES", "STRETCHES", "sum_exp"]

LANES, STRETCHES = 16, 4
"""How many entries of a stretch are taken at once, and from how many by turns; each such place has its own sum."""

LEAST = -87.0  # below which e^x is no normal number
LOG2_E = 1.442695
TWO_TO = (1.0, 0.693147, 0.24022242, 5.5507336e-2, 9.671513e-3, 1.3264734e-3)
"""2^f ≈ Σ c·f^i for |f| ≤ ½ with the least greatest error among those that are 1 at 0: 9.1e-8, as a fraction."""

ROUNDING = 12582912.0 + 127  # 1.5·2²³, for the nearest integer in the low bits of a sum, and the bias of exponents
FAR = int(np.float32(ROUNDING + 12).view(np.int32))
"""The bits of that sum for 12: e^x beyond 2^12 of what is subtracted would lose what the rest adds."""


def sum_exp(
    x: NDArray[np.float32], place: int, apart: int, steps: int, ahead: int, shift: np.float32
) -> tuple[float, bool]:
    """Σ e^(x − shift) of the `STRETCHES` stretches of steps · `LANES` entries that begin `apart` from each other.

    And whether all x are numbers not far beyond `shift`; without that the sum is void. Each term is off by a fraction
    of 1e-7, exactly 1 at 0, and e^-87 below that. Memory is asked for as many entries `ahead`.
    """
    starts = place + apart * np.arange(STRETCHES)[:, None]
    near = x.reshape(-1)[starts + np.arange(steps * LANES)]
    terms = np.exp(np.maximum(near - shift, np.float32(LEAST)))
    return float(terms.sum(dtype=np.float64)), bool(terms.max() <= 2.0**12)


if COMPILED:
    from llvmlite import ir
    from numba import types
    from numba.core import cgutils
    from numba.extending import intrinsic

    FLOAT, INTEGER, DOUBLE, BYTE = ir.FloatType(), ir.IntType(32), ir.DoubleType(), ir.IntType(8).as_pointer()
    FLOATS, INTEGERS, DOUBLES = (ir.VectorType(kind, LANES) for kind in (FLOAT, INTEGER, DOUBLE))

    def _floats(number: float) -> Any:
        return ir.Constant(FLOATS, [float(np.float32(number))] * LANES)

    def _integers(number: int) -> Any:
        return ir.Constant(INTEGERS, [number] * LANES)

    def _llvm(builder: Any, name: str, result: Any, *given: Any) -> Any:
        kind = ir.FunctionType(result, [x.type for x in given])
        return cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}")

    def _fma(builder: Any, *given: Any) -> Any:
        """a·b + c, rounded once where the processor can."""
        return builder.call(_llvm(builder, f"fmuladd.v{LANES}f32", FLOATS, *given), given)

    def _exp(builder: Any, x: Any) -> tuple[Any, Any]:
        """2^f and the bits of k in a sum, of which 2^k is yet to be made: e^x is their product."""
        least, rounding = _floats(LEAST), _floats(ROUNDING)
        y = builder.fmul(builder.select(builder.fcmp_ordered(">", least, x), least, x), _floats(LOG2_E))  # NaN stays
        rounded = builder.fadd(y, rounding)
        f, p = builder.fsub(y, builder.fsub(rounded, rounding)), _floats(TWO_TO[-1])
        for c in TWO_TO[-2::-1]:
            p = _fma(builder, p, f, _floats(c))
        return p, builder.bitcast(rounded, INTEGERS)

    @intrinsic
    def sum_exp(typing: Any, x: Any, place: Any, apart: Any, steps: Any, ahead: Any, shift: Any) -> Any:
        def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            array, place, apart, steps, ahead, shift = given
            read_to_keep = INTEGER(0), INTEGER(3), INTEGER(1)  # the last for data
            first = builder.gep(context.make_array(signature.args[0])(context, builder, array).data, [place])
            stretches = [builder.gep(first, [builder.mul(apart, place.type(i))]) for i in range(STRETCHES)]
            one = builder.insert_element(_floats(0.0), shift, INTEGER(0))
            shifts = builder.shuffle_vector(one, one, _integers(0))
            highest = cgutils.alloca_once_value(builder, _integers(0))
            sums = [cgutils.alloca_once_value(builder, _floats(0.0)) for _ in stretches]

            with cgutils.for_range(builder, steps) as step:
                entry = builder.mul(step.index, place.type(LANES))
                for start, total in zip(stretches, sums, strict=True):
                    here = builder.gep(start, [entry])
                    later = builder.bitcast(builder.gep(here, [ahead]), BYTE)
                    prefetch = _llvm(builder, "prefetch.p0", ir.VoidType(), later, *read_to_keep)
                    builder.call(prefetch, [later, *read_to_keep])
                    entries = builder.load(builder.bitcast(here, FLOATS.as_pointer()), align=4)
                    p, bits = _exp(builder, builder.fsub(entries, shifts))
                    so_far = builder.load(highest)
                    builder.store(builder.select(builder.icmp_signed(">", bits, so_far), bits, so_far), highest)
                    power = builder.bitcast(builder.shl(bits, _integers(23)), FLOATS)
                    builder.store(_fma(builder, p, power, builder.load(total)), total)

            wide_sum, *others = (builder.fpext(builder.load(total), DOUBLES) for total in sums)
            for other in others:
                wide_sum = builder.fadd(wide_sum, other)
            add = _llvm(builder, f"vector.reduce.fadd.v{LANES}f64", DOUBLE, DOUBLE(0.0), wide_sum)
            total = builder.call(add, [DOUBLE(0.0), wide_sum], fastmath=["reassoc"])
            bits = builder.load(highest)
            greatest = builder.call(_llvm(builder, f"vector.reduce.smax.v{LANES}i32", INTEGER, bits), [bits])
            is_number = builder.fcmp_ordered("ord", total, total)
            near = builder.and_(builder.icmp_signed("<=", greatest, INTEGER(FAR)), is_number)
            return context.make_tuple(builder, signature.return_type, [total, near])

        whole = types.intp
        return types.Tuple((types.float64, types.boolean))(x, whole, whole, whole, whole, types.float32), code
