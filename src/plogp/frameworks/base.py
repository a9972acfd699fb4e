"""Framework: a namespace and its facts, and the verbs that every measure is written in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Axis", "Framework", "Totals"]

Array: TypeAlias = Any
Axis: TypeAlias = int | tuple[int, ...]
Totals: TypeAlias = tuple[float, float] | None
"""The least and the greatest Σ of the distributions in a batch, none of which has a negative entry; else None."""

LARGEST = {name: float(np.finfo(name).max) for name in ("float32", "float64")}
SMALL = 2.0**-4  # nats, or bits, for each Σ p; what a division rounds off can't matter in a larger divergence
SMALLEST_NORMAL = {name: float(np.finfo(name).smallest_normal) for name in ("float32", "float64")}


@dataclass(frozen=True, slots=True)
class Framework:
    """One framework: what sets it apart, and the verbs that measures are written in.

    Attributes:
        name: as its people write it.
        xp: its namespace, in the words of the array API.
        dtypes: the floats that it knows, by name.
        names: their names back.
        default: the name of the float that integers and booleans become.
        own: what came, as an array of this framework.
        tracing: whether an array has no values to look at, being part of a graph in the making.
        to_numpy: the values of an array, for a message.
        at_most: the entries of an array, or a number where they are larger.
        constant: the values of an array, through which no gradient goes.
        has_float64: whether an array can become float64 where it is.
    """

    name: str
    xp: Any
    dtypes: Mapping[str, Any]
    names: Mapping[Any, str]
    default: Callable[[], str]
    own: Callable[[str, Any], Array]
    tracing: Callable[[Array], bool]
    to_numpy: Callable[[Array], NDArray[Any]]
    at_most: Callable[[Array, float], Array]
    constant: Callable[[Array], Array]
    has_float64: Callable[[Array], bool]

    def cast(self, x: Array, dtype: str) -> Array:
        """`x` in the float of that name."""
        return x if self.names[x.dtype] == dtype else self.xp.astype(x, self.dtypes[dtype])

    def computed(self, x: Array, dtype: str) -> Array:
        """`x` in the float that results of this dtype are computed in: float32 for the half precisions."""
        dtype = "float64" if dtype == "float64" else "float32"
        return x if self.names.get(x.dtype) == dtype else self.xp.astype(x, self.dtypes[dtype])

    def widen(self, x: Array) -> Array:
        """`x` in the dtype that sums are kept in: float64 where the framework has it."""
        return self.cast(x, "float64") if self.has_float64(x) else x

    def sum(self, x: Array, axis: Axis, *, keepdims: bool = False) -> Array:
        """Σ x along `axis`, kept in float64 where the framework has it."""
        wide = self.dtypes["float64"] if self.names[x.dtype] != "float64" and self.has_float64(x) else None
        return self.xp.sum(x, axis=axis, dtype=wide, keepdims=keepdims)

    def zero(self, x: Array) -> Array:
        """1.0 where x is zero, else 0.0."""
        return self.xp.astype(x == 0, x.dtype)

    def possible(self, x: Array) -> Array:
        """x, with 1 in the place of 0: the argument of a log whose factor is x, so that 0·log 0 is 0."""
        return x + self.zero(x)

    def both_possible(self, x: Array, y: Array) -> tuple[Array, Array]:
        """x and y, with 1 and 1 where x is 0 (but NaN if y is), so that no gradient goes through there."""
        x_ = self.possible(x)
        none = x_ - x
        return x_, y * (1.0 - none) + none

    def solid(self, x: Array) -> Array:
        """x, but no gradient goes through it where it is 0."""
        return x * (1.0 - self.zero(x))

    def gradient_of(self, x: Array) -> Array:
        """0, with the gradient of x: in the place of what is 0 but for rounding, and must still be differentiated."""
        return x - self.constant(x)

    def tiny(self, x: Array) -> Array:
        """1.0 where x is zero or so small that dividing by it may overflow, else 0.0."""
        return self.xp.astype(self.xp.abs(x) < SMALLEST_NORMAL[self.names[x.dtype]], x.dtype)

    def xlogx(self, x: Array) -> Array:
        """x log x; at x = 0 it is 0, and so is its gradient."""
        return x * self.xp.log(self.possible(x))

    def entropy(self, x: Array, axis: Axis, unit: float = 1.0, bare: bool = False) -> tuple[Array, Totals]:
        """−Σ x log x, over `unit`; and the totals of x where they came with it; `bare`: as people write it."""
        return (0.0 - self.sum(self.xlogx(x), axis)) / unit, None

    def divergence(
        self, x: Array, y: Array, axis: Axis, unit: float = 1.0, bare: bool = False
    ) -> tuple[Array, Totals, Totals]:
        """Σ x log(x/y), over `unit`, 0 at x = 0 and +inf at y = 0 < x; and the totals where they came with it.

        Unless it is `bare`, what the division rounds off is put back, so that a small sum of larger terms is right.
        """
        x_, y_ = self.both_possible(x, y)
        if bare:
            return self.sum(x * self.xp.log(x_ / y_), axis) / unit, None, None
        ratio = self.at_most(y_ / x_, LARGEST[self.names[x.dtype]])  # it overflows if x is subnormal
        return self.sum(self.rounded_off(x_, y_, ratio) - x * self.xp.log(ratio), axis) / unit, None, None

    def rounded_off(self, x: Array, y: Array, ratio: Array) -> Array:
        """x log(ratio·x/y): what a ratio of almost 1 has lost of y/x, to first order; without a gradient."""
        x, y, ratio = (self.constant(a) for a in (x, y, ratio))
        off = ratio - 1.0  # exact where the ratio is from ½ to 2, as x − y is
        return self.xp.where(self.xp.abs(off) < 1, x * off + (x - y), 0.0)

    def extremes(self, entries: Array, p: Array, axis: Axis) -> tuple[float, float, float] | None:
        """The least of the entries, and the least and the greatest Σ p; None while nothing can be looked at."""
        if self.tracing(entries):
            return None
        total = self.sum(p, axis)
        of_totals = (self.xp.min(total, axis=None), self.xp.max(total, axis=None)) if total.ndim else (total, total)
        least, low, high = (float(x) for x in (self.xp.min(entries, axis=None), *of_totals))
        return least, low, high

    def normalized(self, x: Array, axis: Axis) -> Array:
        """x / Σ x along `axis`; 0 where all are 0."""
        return x / self.cast(self.possible(self.sum(x, axis, keepdims=True)), self.names[x.dtype])

    def below_greatest(self, x: Array, axis: Axis) -> tuple[Array, Array, Array]:
        """x less its greatest entry; that entry; and log Σ exp of the difference, −inf where every entry is −inf.

        The difference of two large entries is exact where that of one and a log Σ exp would lose digits.
        """
        top = self.xp.max(x, axis=axis, keepdims=True)
        top = self.xp.where(self.xp.isfinite(top), top, 0.0)
        below = x - top
        total = self.cast(self.sum(self.xp.exp(below), axis, keepdims=True), self.names[x.dtype])
        return below, top, self.xp.where(total == 0, -np.inf, self.xp.log(self.possible(total)))

    def logsumexp(self, x: Array, axis: Axis, *, keepdims: bool = False) -> Array:
        """log Σ exp x along `axis`, without overflow; −inf, with a gradient of 0, where every entry is −inf."""
        _, top, total = self.below_greatest(x, axis)
        return top + total if keepdims else self.xp.sum(top + total, axis=axis)

    def log_softmax(self, x: Array, axis: Axis) -> Array:
        """x − log Σ exp x: logarithms of probabilities from logits; NaN where all are −inf or one is +inf."""
        below, _, total = self.below_greatest(x, axis)
        return below - self.xp.where(self.xp.isfinite(total), total, np.nan)

    def take(self, x: Array, index: Array, axis: int) -> Array:
        """The entries of x at `index` along `axis`; `index` has x's shape, but for `axis`."""
        return self.xp.take_along_axis(x, index, axis=axis)
