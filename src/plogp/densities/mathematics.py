"""The functions that closed forms are written in: of Python floats, NumPy, PyTorch and JAX, by the same names.

Parameters that are plain numbers stay Python floats, since a call of NumPy costs as much as a whole formula then.
"""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from plogp.arrays import Array, Framework, as_given

__all__ = ["FLOATS", "Floats", "Mathematics", "of"]

COARSE = 3e-3
"""What share of its terms a sum in float64 must be at least, for their rounding not to matter."""
LAST = [tuple(range(-n, 0)) for n in range(10)]
MANY = 1000
"""Numbers for which some forty operations take less time than one slow function."""


class Mathematics:
    """Elementary, special and matrix functions of the arrays of one framework."""

    def __init__(self, framework: Framework, xp: Any, special: Any, under: Callable[[Array, Array], Array]) -> None:
        self.framework, self.xp = framework, xp
        self.under = under  # L⁻¹a for a lower triangular L and a matrix a; batches broadcast
        self.exp, self.log, self.log1p, self.expm1, self.sqrt = xp.exp, xp.log, xp.log1p, xp.expm1, xp.sqrt
        self.sin, self.tanh, self.where, self.least = xp.sin, xp.tanh, xp.where, framework.at_most
        self.digamma, self.lgamma, self.i0e, self.i1e = special.digamma, special.gammaln, special.i0e, special.i1e
        self.erf, self.zeta = special.erf, special.zeta
        self.picks = framework.name != "JAX"  # which compiles anew for each number of elements

    def trigamma(self, x: Array) -> Array:
        """ψ′(x), by ψ′(x) − ψ′(x + 1) = 1/x² and from 8 on a series; PyTorch's polygamma has ten digits only."""
        if self.framework.name != "PyTorch" or x.numel() < MANY:
            return self.zeta(2.0, x)
        value = 0.0
        for k in range(8):
            value = value + 1.0 / (x + k) ** 2
        z = 1.0 / (x + 8.0)
        w = z * z
        series = 1 / 6 - w * (1 / 30 - w * (1 / 42 - w * (1 / 30 - w * (5 / 66 - w * (691 / 2730)))))
        return value + z + w * (0.5 + z * series)

    def integral(self, f: Callable[..., Array], a: Array, d: Array, at: Any, weights: Any) -> Array:
        """Σ wⱼ f(a + atⱼ d)."""
        own = self.xp.asarray(at, dtype=a.dtype), self.xp.asarray(weights, dtype=a.dtype)
        return (own[1] * f(self, a[..., None] + own[0] * d[..., None])).sum(-1)

    def holds(self, condition: Array) -> bool:
        """Whether a condition holds everywhere, or can't be looked at because a framework traces."""
        if isinstance(condition, bool):
            return condition
        return self.framework.tracing(condition) or bool(condition.all())

    def solid(self, value: Array, terms: Array) -> Array:
        """Where a sum is so large a share of the sizes of its terms that its rounding doesn't matter."""
        double = self.framework.names.get(value.dtype) == "float64"
        return value > (COARSE if double else 0.02 if self.picks else 0.2) * terms  # JAX's log Γ has six digits

    def mend(self, value: Array, good: Array, f: Callable[..., Array], *at: Array, axes: int = 0) -> Array:
        """The value where it's good, elsewhere f(m, *at), which is computed nowhere else.

        `axes` is how many of the last axes of `at` belong to one value.
        """
        if isinstance(good, bool):
            return value if good else f(self, *at)
        if not self.framework.tracing(good):
            seen = self.framework.to_numpy(good)  # in which NumPy looks, tens of times as quick as PyTorch
            if seen.all():
                return value
            if not seen.any():
                return f(self, *at)
            if self.picks:
                return self._mended(value, seen, f, at, axes)
        return self.where(good, value, f(self, *at))

    def _mended(self, value: Array, good: Any, f: Callable[..., Array], at: tuple[Array, ...], axes: int) -> Array:
        xp, whole = self.xp, np.broadcast_shapes(tuple(value.shape), good.shape)
        value, poor = xp.broadcast_to(value, whole), np.flatnonzero(~np.broadcast_to(good, whole))
        here = poor if xp is np else xp.asarray(poor, device=value.device)

        def picked(x: Array) -> Array:
            if not getattr(x, "ndim", 0):
                return x
            own = tuple(x.shape[x.ndim - axes :])
            x = xp.broadcast_to(x, (*whole, *own)).reshape(-1, *own)
            return x[poor] if xp is np else x.index_select(0, here)

        mended = f(self, *map(picked, at))
        if xp is not np:
            return value.reshape(-1).scatter(0, here, mended).reshape(whole)
        value = value.copy()
        value.flat[poor] = mended
        return value

    def choose(
        self, condition: Array, f: Callable[..., Array], g: Callable[..., Array], *at: Array, axes: int = 0
    ) -> Array:
        """f(m, *at) where the condition holds, else g(m, *at)."""
        if isinstance(condition, bool):
            return f(self, *at) if condition else g(self, *at)
        if self.framework.tracing(condition) or not condition.all():
            return self.mend(g(self, *at), ~condition, f, *at, axes=axes)
        return f(self, *at)

    def log_quotient(self, ratio: Array, a: Array, b: Array) -> Array:
        """log of the ratio a/b, also where the dtype has no room for it."""
        value = self.log(ratio)
        room = 690.0 if self.framework.names.get(value.dtype) == "float64" else 80.0
        if not self.framework.tracing(value):
            if math.prod(value.shape) == 1 and abs(value.item()) < room:  # half the time of the look below
                return value
            seen = self.framework.to_numpy(value)
            if not seen.size or np.abs(seen).max() < room:
                return value
        return self.mend(value, abs(value) < room, _difference_of_logs, a, b)

    def mend_far(self, value: Array, f: Callable[..., Array], *at: Array) -> Array:
        """The value where it's so small that no ratio behind it left the dtype, elsewhere f(m, *at)."""
        limit = 1200.0 if self.framework.names.get(value.dtype) == "float64" else 150.0
        if not self.framework.tracing(value):
            seen = self.framework.to_numpy(value)
            if not seen.size or seen.max() < limit:
                return value
        return self.mend(value, value < limit, f, *at)

    def log_of(self, x: Array) -> Array:
        """log of an array or a plain number."""
        return math.log(x) if isinstance(x, float) else self.log(x)

    def sum(self, x: Array, axes: int = 1) -> Array:
        """Σ over the last axes."""
        return x.sum(LAST[axes]) if axes else x

    def floats(self, x: Array) -> Array:
        """x in this framework, in floats."""
        return self.xp.asarray(x) * 1.0

    def stack(self, *x: Array) -> Array:
        """Along a new last axis."""
        shape = np.broadcast_shapes(*(tuple(each.shape) for each in x))
        return self.xp.stack([self.xp.broadcast_to(each, shape) for each in x], axis=-1)

    def diagonal(self, a: Array) -> Array:
        """The diagonal of the last two axes."""
        return a.diagonal(0, -2, -1)


def _difference_of_logs(m: Any, a: Array, b: Array) -> Array:
    return m.log_of(a) - m.log_of(b)


class Floats:
    """The same for Python floats, by the C library; what overflows is infinite."""

    sqrt, sin, tanh, erf, least = math.sqrt, math.sin, math.tanh, math.erf, min

    def __getattr__(self, name: str) -> Callable[..., float]:
        """A special function, of SciPy."""
        import scipy.special

        special = getattr(scipy.special, "gammaln" if name == "lgamma" else name)  # Python's own loses a digit

        def function(*x: float) -> float:
            return float(special(*x))

        setattr(self, name, function)
        return function

    @staticmethod
    def exp(x: float) -> float:
        return math.exp(x) if x < 709.7 else math.inf

    @staticmethod
    def expm1(x: float) -> float:
        return math.expm1(x) if x < 709.7 else math.inf

    @staticmethod
    def log(x: float) -> float:
        return math.log(x) if x > 0 else -math.inf

    log_of = log

    def mend_far(self, value: float, f: Callable[..., float], *at: Any) -> float:
        return value if value < 1200.0 else f(self, *at)

    @staticmethod
    def log_quotient(ratio: float, a: float, b: float) -> float:
        return math.log(ratio) if 1e-300 < ratio < 1e300 else Floats.log(a) - Floats.log(b)

    @staticmethod
    def log1p(x: float) -> float:
        return math.log1p(x) if x > -1 else -math.inf

    @staticmethod
    def stack(*x: float) -> Array:
        return np.array(x)

    @staticmethod
    def integral(f: Callable[..., Array], a: Any, d: Any, at: Any, weights: Any) -> Any:
        if isinstance(a, np.ndarray):
            return f(of(at), a[:, None] + d[:, None] * at) @ weights
        return float(f(of(at), a + d * at).dot(weights))

    holds = bool

    @staticmethod
    def solid(value: float, terms: float) -> bool:
        return value > COARSE * terms

    @staticmethod
    def where(condition: bool, x: float, y: float) -> float:
        return x if condition else y

    def mend(self, value: float, good: bool, f: Callable[..., float], *at: Any) -> float:
        return value if good else f(self, *at)

    def choose(self, condition: bool, f: Callable[..., float], g: Callable[..., float], *at: Any) -> float:
        return f(self, *at) if condition else g(self, *at)


FLOATS = Floats()
_BY_TYPE: dict[type, Mathematics] = {}


def of(x: Any) -> Mathematics:
    """The mathematics of the framework that an array is of."""
    if type(x) not in _BY_TYPE:
        framework = as_given(x=x)[0]
        known = next((m for m in _BY_TYPE.values() if m.framework is framework), None)
        _BY_TYPE[type(x)] = known or _mathematics(framework)
    return _BY_TYPE[type(x)]


def _mathematics(framework: Framework) -> Mathematics:
    if framework.name == "PyTorch":
        import torch

        return Mathematics(framework, torch, torch.special, partial(torch.linalg.solve_triangular, upper=False))
    if framework.name == "JAX":
        import jax

        under = partial(jax.scipy.linalg.solve_triangular, lower=True)
        return Mathematics(framework, jax.numpy, jax.scipy.special, under)
    import scipy

    def of_matrices(tril: Array, a: Array) -> Array:
        return scipy.linalg.lapack.dtrtrs(tril.T, a, trans=1)[0]  # SciPy has no batches of matrices

    return Mathematics(framework, np, scipy.special, of_matrices)
