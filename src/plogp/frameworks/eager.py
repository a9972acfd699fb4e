"""Frameworks with ways of their own: the same verbs in fewer calls, since a call costs more than a few numbers do.

A call of PyTorch takes 1 to 2 µs whatever it computes, one of TensorFlow 10 to 20, one of JAX that isn't compiled as
many.
"""

from functools import cached_property
from math import inf
from typing import Any

import numpy as np

from plogp.frameworks import blocks
from plogp.frameworks.base import LARGEST, SMALL, SMALLEST_NORMAL, Array, Axis, Framework, Totals
from plogp.frameworks.numpy import quietly

__all__ = ["JAX", "NumPy", "PyTorch", "TensorFlow"]

CASTS = {"float16": "half", "bfloat16": "bfloat16", "float32": "float", "float64": "double"}
"""PyTorch's methods, which take half the time of `to`."""

TINY = SMALLEST_NORMAL["float64"]


def _of_few(entries: Array, p: Array) -> tuple[float, float, float]:
    """The least of the entries, and Σ p twice, by Python's own numbers."""
    total = sum(p.tolist())
    return min(entries.tolist()), total, total


class NumPy(Framework):
    """NumPy, where large arrays are taken in blocks or by compiled loops; what is refused draws no warning before."""

    normalized = quietly(Framework.normalized)
    below_greatest = quietly(Framework.below_greatest)

    entropy = staticmethod(blocks.entropy)  # type: ignore[assignment]
    divergence = staticmethod(blocks.divergence)  # type: ignore[assignment]

    def extremes(self, entries: Array, p: Array, axis: Axis) -> tuple[float, float, float] | None:
        """The least of the entries, and the least and the greatest Σ p."""
        if p.ndim != 1 or axis != -1 or p.size > blocks.FEW:
            return self._extremes(entries, p, axis)
        return _of_few(entries, p)

    _extremes = quietly(Framework.extremes)


class PyTorch(Framework):
    """PyTorch, where masks cost more than logarithms: without a zero there is nothing to mask."""

    __slots__ = ()

    def sum(self, x: Array, axis: Axis, *, keepdims: bool = False) -> Array:
        """Σ x along `axis`, kept in float64 where the device has it."""
        if axis == ():  # which is all axes to PyTorch
            return super().sum(x, axis, keepdims=keepdims)
        wide = self.dtypes["float64"]
        return x.sum(axis, keepdims, dtype=wide if x.dtype is not wide and self.has_float64(x) else None)

    def cast(self, x: Array, dtype: str) -> Array:
        """`x` in the float of that name."""
        return x if self.names[x.dtype] == dtype else getattr(x, CASTS[dtype])()

    def possible(self, x: Array) -> Array:
        """x, with 1 in the place of 0; x itself if it can be seen that it has none."""
        if self.tracing(x):
            return x.masked_fill(x == 0, 1.0)  # which compilers fold into the loop
        if entries := self.few(x):
            return self.xp.threshold(x, 0.0, 1.0) if 0.0 in entries else x
        return x if self.seen(x) and int(x.count_nonzero()) == x.numel() else x + x.logical_not()

    def seen(self, x: Array) -> bool:
        """Whether an array that isn't traced has values that can be looked at without a wait."""
        kind = type(x)  # not all subclasses have them
        return (kind is self.xp.Tensor or kind is self.xp.nn.Parameter) and x.is_cpu

    def few(self, x: Array) -> list[float]:
        """The entries of so small a vector that Python sees them before PyTorch has begun; [] where one is negative or
        not finite, and of any other array."""
        if x.ndim != 1 or not 0 < x.numel() <= blocks.FEW or not self.seen(x):
            return []
        entries: list[float] = x.tolist()
        return entries if min(entries) >= 0 and sum(entries) < inf else []

    def both_possible(self, x: Array, y: Array) -> tuple[Array, Array]:
        """x and y, with 1 and 1 where x is 0 (but NaN if y is)."""
        x_ = self.possible(x)
        if x_ is x:
            return x, y
        return x_, (1.0 + (y - y)).where(x == 0, y) if self.tracing(x) else self.xp.lerp(y, x_, x_ - x)

    def entropy(self, x: Array, axis: Axis, unit: float = 1.0, bare: bool = False) -> tuple[Array, Totals]:
        """−Σ x log x, over `unit`."""
        if axis == ():
            return super().entropy(x, axis, unit, bare)
        terms = (x * self.log(self.possible(x), unit)).neg_()  # Σ of −0 is 0, whose negative were −0
        return terms.sum(axis) if bare else self.sum(terms, axis), None

    def divergence(
        self, x: Array, y: Array, axis: Axis, unit: float = 1.0, bare: bool = False
    ) -> tuple[Array, Totals, Totals]:
        """Σ x log(x/y), over `unit`; what the division rounds off is put back where it can be seen to matter."""
        if axis == ():
            return super().divergence(x, y, axis, unit, bare)
        traced = self.tracing(x)
        seen = x.shape == y.shape and not traced and not self.tracing(y)
        if seen and (p := self.few(x)) and (q := self.few(y)) and min(q) > TINY:
            ratio = self.xp.threshold(x / y, 0.0, 1.0) if 0.0 in p else x / y
            value = x.dot(self.log(ratio, unit))
            if bare:
                return value, None, None
            if float(value.detach()) < SMALL:
                value = value + blocks.lost(p, q) / unit
            return value, (sum(p), sum(p)), (sum(q), sum(q))
        x_, y_ = self.both_possible(x, y)
        factor = x_ if traced else x  # 1·log 1 is 0 too; a compiled loop is a third quicker if x is read once
        if bare:
            return (factor * self.log(x_ / y_, unit)).sum(axis), None, None
        ratio = (y_ / x_).clamp(max=LARGEST[self.names[x.dtype]])
        terms = factor * self.log(ratio, unit)
        if self.tracing(ratio):
            return self.sum(self.rounded_off(x_, y_, ratio) / unit - terms, axis), None, None
        value = self.sum(terms, axis)
        if not value.numel() or float(value.detach().max()) > -SMALL:
            value = value - self.sum(self.rounded_off(x_, y_, ratio), axis) / unit
        return self.xp.rsub(value, 0.0), None, None

    def log(self, x: Array, unit: float) -> Array:
        """The logarithm of x in a unit."""
        value: Array = x.log() if unit == 1 else x.log2() if unit < 1 else x.log10()  # ln 2 < 1 < ln 10
        return value

    def rounded_off(self, x: Array, y: Array, ratio: Array) -> Array:
        """x log(ratio·x/y): what a ratio of almost 1 has lost of y/x, to first order; without a gradient."""
        x, off = x.detach(), ratio.detach() - 1.0
        return self.xp.addcmul(x - y.detach(), x, off) * (1.0 - off).clamp(0.0, 1.0)  # cheaper than `where`

    def extremes(self, entries: Array, p: Array, axis: Axis) -> tuple[float, float, float] | None:
        """The least of the entries, and the least and the greatest Σ p; None while nothing can be looked at."""
        if self.tracing(entries):
            return None
        if p.ndim == 1 and axis == -1 and p.numel() <= blocks.FEW:
            return _of_few(entries, p)
        least, total = float(entries.detach().min()), self.sum(p.detach(), axis)
        low, high = self.xp.aminmax(total) if total.ndim else (total, total)
        return least, float(low), float(high)


class JAX(Framework):
    """JAX, compiled once for each shape; a mask by `where` is folded into the loop."""

    @cached_property
    def _compiled(self) -> dict[str, Any]:
        from jax import jit

        return {
            "entropy": jit(super().entropy, static_argnums=(1, 3), inline=True),
            "divergence": jit(super().divergence, static_argnums=(2, 4), inline=True),
            "extremes": jit(self._extremes, static_argnums=2),
        }

    def possible(self, x: Array) -> Array:
        """x, with 1 in the place of 0."""
        return self.xp.where(x == 0, 1.0, x)

    def both_possible(self, x: Array, y: Array) -> tuple[Array, Array]:
        """x and y, with 1 and 1 where x is 0 (but NaN if y is)."""
        return self.possible(x), self.xp.where(x == 0, 1.0 + (y - y), y)

    def _extremes(self, entries: Array, p: Array, axis: Axis) -> Array:
        total = self.sum(p, axis)
        return self.xp.stack([entries.min(), total.min(), total.max()])

    def entropy(self, x: Array, axis: Axis, unit: float = 1.0, bare: bool = False) -> tuple[Array, Totals]:
        """−Σ x log x, over `unit`."""
        value: tuple[Array, Totals] = self._compiled["entropy"](x, axis, unit, bare)
        return value

    def divergence(
        self, x: Array, y: Array, axis: Axis, unit: float = 1.0, bare: bool = False
    ) -> tuple[Array, Totals, Totals]:
        """Σ x log(x/y), over `unit`."""
        value: tuple[Array, Totals, Totals] = self._compiled["divergence"](x, y, axis, unit, bare)
        return value

    def extremes(self, entries: Array, p: Array, axis: Axis) -> tuple[float, float, float] | None:
        """The least of the entries, and the least and the greatest Σ p; None while nothing can be looked at."""
        entries, p = _concrete(entries), _concrete(p)
        if entries is None or p is None:
            return None
        found = _concrete(self._compiled["extremes"](entries, p, axis))  # inside jit even what is known is traced
        return None if found is None else tuple(np.asarray(found).tolist())


def _concrete(x: Array) -> Array | None:
    """The array without its tracer; None if the tracer has no values."""
    return x.to_concrete_value() if hasattr(x, "to_concrete_value") else x


class TensorFlow(Framework):
    """TensorFlow, whose `xlogy` has a gradient of 0 at 0, and whose arrays NumPy reads where they are."""

    def entropy(self, x: Array, axis: Axis, unit: float = 1.0, bare: bool = False) -> tuple[Array, Totals]:
        """−Σ x log x, over `unit`."""
        return self._over(unit, 0.0 - self.sum(self.xp.tf.math.xlogy(x, x), axis)), None

    def divergence(
        self, x: Array, y: Array, axis: Axis, unit: float = 1.0, bare: bool = False
    ) -> tuple[Array, Totals, Totals]:
        """Σ x log(x/y), over `unit`."""
        tf = self.xp.tf
        ratio = tf.raw_ops.DivNoNan(x=y, y=x)  # 0 at x = 0, as its gradient is
        lost = tf.subtract(y, y)  # 0, but NaN where y is, which the others hide at x = 0
        if not bare:
            lost = tf.add(lost, self.rounded_off(x, y, ratio))
        return self._over(unit, self.sum(tf.subtract(lost, tf.math.xlogy(x, ratio)), axis)), None, None

    def _over(self, unit: float, value: Array) -> Array:
        return value if unit == 1 else value / unit

    def extremes(self, entries: Array, p: Array, axis: Axis) -> tuple[float, float, float] | None:
        """The least of the entries, and the least and the greatest Σ p; None while nothing can be looked at."""
        if self.tracing(entries) or "CPU" not in entries.device:
            return super().extremes(entries, p, axis)
        total = np.add.reduce(p.numpy(), axis=axis, dtype=np.float64)
        return float(entries.numpy().min()), float(total.min()), float(total.max())
