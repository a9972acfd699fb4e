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


class Mathematics:
    """Elementary, special and matrix functions of the arrays of one framework."""

    def __init__(self, framework: Framework, special: Any) -> None:
        self.framework = framework
        self.xp = xp = np if framework.name == "NumPy" else framework.xp
        self.exp, self.log, self.log1p, self.expm1, self.sqrt = xp.exp, xp.log, xp.log1p, xp.expm1, xp.sqrt
        self.sin, self.tanh = xp.sin, xp.tanh
        self.digamma, self.lgamma, self.i0e, self.i1e = special.digamma, special.gammaln, special.i0e, special.i1e
        self.erf = special.erf
        self.trigamma = partial(special.zeta, 2.0)  # torch.polygamma(1, x) is right to ten digits only

    def integral(self, f: Callable[..., Array], a: Array, d: Array, at: Any, weights: Any) -> Array:
        """Σ wⱼ f(a + atⱼ d)."""
        own = self.xp.asarray(at, dtype=a.dtype), self.xp.asarray(weights, dtype=a.dtype)
        return (own[1] * f(self, a[..., None] + own[0] * d[..., None])).sum(-1)

    def holds(self, condition: Array) -> bool:
        """Whether a condition holds everywhere, or can't be looked at because a framework traces."""
        if isinstance(condition, bool):
            return condition
        return self.framework.tracing(condition) or bool(condition.all())

    def where(self, condition: Array, x: Array, y: Array) -> Array:
        """x where the condition holds, else y."""
        return self.xp.where(condition, x, y)

    def choose(self, condition: Array, f: Callable[..., Array], g: Callable[..., Array], *at: Array) -> Array:
        """f(*at) where the condition holds, else g(*at); one that is needed nowhere isn't computed."""
        if isinstance(condition, bool):
            return f(*at) if condition else g(*at)
        if not self.framework.tracing(condition):
            if bool(condition.all()):
                return f(*at)
            if not bool(condition.any()):
                return g(*at)
        return self.where(condition, f(*at), g(*at))

    def least(self, x: Array, limit: float) -> Array:
        """The smaller of x and a number."""
        return self.framework.at_most(x, limit)

    def sum(self, x: Array, axes: int = 1) -> Array:
        """Σ over the last axes."""
        return self.xp.sum(x, axis=tuple(range(-axes, 0))) if axes else x

    def floats(self, x: Array) -> Array:
        """x in this framework, in floats."""
        return self.xp.asarray(x) * 1.0

    def diagonal(self, a: Array) -> Array:
        """The diagonal of the last two axes."""
        d = self.xp.arange(a.shape[-1])
        return a[..., d, d]

    def under(self, tril: Array, a: Array) -> Array:
        """L⁻¹a for a lower triangular L and a matrix a; batches broadcast."""
        xp = self.xp
        shape = np.broadcast_shapes(tuple(tril.shape[:-2]), tuple(a.shape[:-2]))
        lower = xp.broadcast_to(tril, (*shape, *tril.shape[-2:]))
        return xp.linalg.solve(lower, xp.broadcast_to(a, (*shape, *a.shape[-2:])))


class Floats:
    """The same for Python floats, by the C library; what overflows is infinite."""

    sqrt, sin, tanh, erf, lgamma, least = math.sqrt, math.sin, math.tanh, math.erf, math.lgamma, min

    def __getattr__(self, name: str) -> Callable[..., float]:
        """A special function, of SciPy."""
        import scipy.special

        special = getattr(scipy.special, name)

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

    @staticmethod
    def log1p(x: float) -> float:
        return math.log1p(x) if x > -1 else -math.inf

    @staticmethod
    def integral(f: Callable[..., Array], a: float, d: float, at: Any, weights: Any) -> float:
        return float(weights @ f(of(at), a + d * at))

    @staticmethod
    def where(condition: bool, x: float, y: float) -> float:
        return x if condition else y

    @staticmethod
    def choose(condition: bool, f: Callable[..., float], g: Callable[..., float], *at: Any) -> float:
        return f(*at) if condition else g(*at)


FLOATS = Floats()
_BY_TYPE: dict[type, Mathematics] = {}


def of(x: Any) -> Mathematics:
    """The mathematics of the framework that an array is of."""
    if type(x) not in _BY_TYPE:
        framework = as_given(x=x)[0]
        known = next((m for m in _BY_TYPE.values() if m.framework is framework), None)
        _BY_TYPE[type(x)] = known or Mathematics(framework, _special(framework.name))
    return _BY_TYPE[type(x)]


def _special(name: str) -> Any:
    if name == "PyTorch":
        import torch

        return torch.special
    if name == "JAX":
        import jax.scipy.special

        return jax.scipy.special
    import scipy.special

    return scipy.special
