"""A distribution as it was given: probabilities, logits or log-probabilities; and whether it is one.

A measure takes what came through `distribution` or `distributions`, and calls `verify` unless told `check=False`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.arrays import Array, Axis, Framework, Totals, accept_one, accept_two, fit, fits, shape_of
from plogp.errors import InvalidType, NotADistribution

__all__ = [
    "TOLERANCE",
    "Distribution",
    "Form",
    "distribution",
    "distributions",
    "log_under",
    "sum_excess",
]

Form = tuple[Any, Any, Any]
"""Probabilities, logits and log-probabilities, of which one came and the others are None."""

KINDS = ("p", "logits", "log_probs")

TOLERANCE = {"float16": 2.0**-5, "bfloat16": 2.0**-3.5, "float32": 2.0**-11.5, "float64": 2.0**-26}
"""How far from one a sum may be: √ε of the dtype, which is .03, .09, 3.5e-4 and 1.5e-8."""

COUNTS = (
    "counts? divide by their sum (measures have `normalize=True`), or pass `plogp.Counts`; "
    "samples? `plogp.estimate.entropy`"
)
LOGITS = "logits? pass `logits=`; log-probabilities? `log_probs=`; samples? `plogp.estimate.entropy`"
UNKNOWN = "find out where it comes from; `check=False` lets it through"


@dataclass(slots=True)
class Distribution:
    """What was given for one distribution.

    Attributes:
        framework: of its array.
        name: the argument that it came by.
        raw: the array that came, as floats of the dtype that is computed in.
        dtype: the name of the dtype that it came in, which sets the tolerance.
        axis: of the outcomes, counted from the end.
        p: the probabilities; rescaled if that was asked for.
        log: their natural logarithms, where logits or log-probabilities came.
    """

    framework: Framework
    name: str
    raw: Array
    dtype: str
    axis: Axis
    p: Array
    log: Array | None

    def logs(self) -> Array:
        """The logarithms of the probabilities, with 0 for −inf, since a factor of 0 goes with it."""
        f = self.framework
        return f.xp.log(f.possible(self.p)) if self.log is None else f.xp.where(self.p == 0, 0.0, self.log)

    def entropy(self, unit: float = 1.0, bare: bool = False) -> tuple[Array, Totals]:
        """−Σ p log p, over `unit`, and the totals of p if they came with it."""
        f = self.framework
        if self.log is None:
            return f.entropy(self.p, self.axis, unit, bare)
        return (0.0 - f.sum(self.p * self.logs(), self.axis)) / unit, None

    def divergence(self, q: "Distribution", unit: float = 1.0, bare: bool = False) -> tuple[Array, Totals, Totals]:
        """Σ p log(p/q), over `unit`, and the totals of p and of q if they came with it."""
        f = self.framework
        if self.log is None and q.log is None:
            return f.divergence(self.p, q.p, self.axis, unit, bare)
        ratio = (self.logs() - log_under(self, q)) * (1.0 - f.zero(self.p))  # 0, and without a gradient, where p is
        return f.sum(self.p * ratio, self.axis) / unit, None, None

    def verify(self, totals: Totals = None) -> None:
        """Refuse what is not a distribution; `totals` are the least and the greatest Σ p, if they are known already.

        Raises:
            NotADistribution: an entry is NaN, infinite or negative, or they don't sum to one.
        """
        found = self._extremes(totals)
        if found is None:
            return
        least, low, high = found
        if not (least >= 0 and abs(low - 1) <= TOLERANCE[self.dtype] >= abs(high - 1)):
            raise self._wrong_entry() or self._wrong_sum()

    def _extremes(self, totals: Totals) -> tuple[float, float, float] | None:
        """The least entry, and the least and the greatest Σ p; None where nothing can be looked at, or nothing is."""
        if totals is not None and self.p is self.raw:
            return 0.0, *totals
        if 0 in (shape_of(self.raw) or ()):
            return None
        return self.framework.extremes(self.raw if self.log is None else self.p, self.p, self.axis)

    def verify_entries(self) -> None:
        """Refuse entries that are no probabilities, whatever their sum.

        Raises:
            NotADistribution: an entry is NaN, negative or above one.
        """
        f = self.framework
        if f.tracing(self.raw) or 0 in (shape_of(self.raw) or ()):
            return
        least, most = f.xp.min(self.raw if self.log is None else self.p, axis=None), f.xp.max(self.p, axis=None)
        if not (bool(least >= 0) and bool(most <= 1 + TOLERANCE[self.dtype])):
            raise self._wrong_entry() or self._wrong("above 1", f.to_numpy(self.p) > 1, COUNTS)

    def _wrong_entry(self) -> NotADistribution | None:
        """What is wrong with one entry, in the same words whatever the framework."""
        x = self.framework.to_numpy(self.raw)
        if (wrong := np.isnan(x) | (x == np.inf)).any():
            return self._wrong("not a finite number", wrong, UNKNOWN)
        if self.log is None and (x < 0).any():
            return self._wrong("negative", x < 0, LOGITS)
        return None

    def _wrong(self, how: str, wrong: NDArray[np.bool_], hint: str) -> NotADistribution:
        at = _first(wrong)
        value = f"{self.framework.to_numpy(self.raw)[at]:.6g}".replace("nan", "NaN")
        return NotADistribution(f"`{self.name}` has {value} at index {at}, which is {how}", hint)

    @np.errstate(over="ignore")  # a sum of infinity is one to speak of
    def _wrong_sum(self) -> NotADistribution:
        to_numpy = self.framework.to_numpy
        total = to_numpy(self.p).sum(axis=self.axis, dtype=np.float64)
        off = np.abs(total - 1)
        at = _first(~(off < min(TOLERANCE[self.dtype], off.max())))
        where = f" at index {at}" if at else ""
        if self.log is not None and np.isnan(total[at]):
            return NotADistribution(f"`{self.name}` is -inf throughout{where}; one possible outcome is needed", UNKNOWN)
        if self.log is None and self.p is not self.raw:
            total = to_numpy(self.raw).sum(axis=self.axis, dtype=np.float64)
            return NotADistribution(f"`{self.name}` sums to {total[at]:.9g}{where}; it can't be rescaled to 1", UNKNOWN)
        what, hint = (
            (f"`{self.name}`", COUNTS) if self.log is None else (f"exp of `{self.name}`", "logits? pass `logits=`")
        )
        needed = f"1 within {TOLERANCE[self.dtype]:.2g} is needed"
        return NotADistribution(f"{what} sums to {total[at]:.9g}{where}; {needed}", hint)


def distribution(axis: Axis | None, normalize: bool, who: str, form: Form, *, wide: bool) -> Distribution:
    """The one distribution that was given, with its outcome axis counted from the end.

    A `wide` one is computed in the dtype that sums are kept in, from the start.

    Raises:
        InvalidType: it came in no form or in several, or not as an array of real numbers.
        ShapeMismatch: its array doesn't fit the axis.
    """
    name, x, kind = _form(who, form, "")
    f, dtype, x = accept_one(name, x)
    axes = axis if fits(axis, x, None) else fit(axis, **{name: x})
    return _distribution(f, name, f.widen(x) if wide else x, dtype, axes, kind, normalize)


def distributions(
    axis: Axis | None, normalize: bool, check: bool, p: Form, q: Form, *, wide: bool
) -> tuple[Distribution, Distribution]:
    """The two distributions that were given; unless they're to be checked, one outcome may stand for many.

    Raises:
        InvalidType: one came in no form or in several, or they came as arrays of two frameworks.
        ShapeMismatch: the arrays don't fit the axis or one another.
    """
    p_name, x, p_kind = _form("p", p, "p_")
    q_name, y, q_kind = _form("q", q, "q_")
    f, dtype, x, y = accept_two(p_name, x, q_name, y)
    axes = axis if fits(axis, x, y) else fit(axis, broadcast=not check, **{p_name: x, q_name: y})
    if wide:
        x, y = f.widen(x), f.widen(y)
    return (
        _distribution(f, p_name, x, dtype, axes, p_kind, normalize),
        _distribution(f, q_name, y, dtype, axes, q_kind, normalize),
    )


def log_under(p: Distribution, q: Distribution) -> Array:
    """log q, which is −inf at q = 0, but 0 where p is 0 too."""
    f = p.framework
    if q.log is None:
        return f.xp.log(q.p + f.zero(p.p) * f.zero(q.p))
    return f.xp.where((p.p == 0) & (q.log == -np.inf), 0.0, q.log)


def sum_excess(f: Framework, x: Array, y: Array, axis: Axis, scale: Array | float = 1.0) -> Array:
    """Σ x log(x/z) − Σ x + Σ z in nats, for z = y·scale ≥ 0 that is 0 only where x is.

    With r = z/x it is Σ x·(r − 1) − Σ x log r, where an error in r that is almost 1 cancels: small values survive.
    """
    none = f.tiny(x)
    ratio = y / (x + none) * scale + none
    return f.sum(x * (ratio - 1.0) + none * y * scale, axis) - f.sum(x * f.xp.log(ratio), axis)


def _form(who: str, form: Form, prefix: str) -> tuple[str, Any, str]:
    """The name of the argument that came, its value, and which form it is."""
    p, logits, log_probs = form
    if p is not None and logits is None and log_probs is None:
        return who, p, "p"
    names = {who: p, f"{prefix}logits": logits, f"{prefix}log_probs": log_probs}
    came = [(name, x, kind) for (name, x), kind in zip(names.items(), KINDS, strict=True) if x is not None]
    if len(came) != 1:
        what = " and ".join(f"`{name}`" for name, _, _ in came) or "none"
        raise InvalidType(f"{what} came; one of {', '.join(f'`{name}`' for name in names)} is needed")
    return came[0]


def _distribution(
    f: Framework, name: str, x: Array, dtype: str, axis: Axis, form: str, normalize: bool
) -> Distribution:
    if form == "p":
        return Distribution(f, name, x, dtype, axis, f.normalized(x, axis) if normalize else x, None)
    log = f.log_softmax(x, axis) if form == "logits" or normalize else x
    return Distribution(f, name, x, dtype, axis, f.xp.exp(log), log)


def _first(wrong: NDArray[np.bool_]) -> tuple[int, ...]:
    """The index of the first true entry."""
    return tuple(int(i) for i in np.argwhere(wrong)[0])
