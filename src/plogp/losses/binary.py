"""Cross-entropy of predictions that are yes or no, each by itself."""

from typing import Any

import numpy as np

from plogp.arrays import Array, Framework, as_given, shape_of
from plogp.errors import InvalidValue, ShapeMismatch
from plogp.losses.common import agree, check_factor, check_reduction, one_of, reduced, weighted, xlogy
from plogp.units import nats_per

__all__ = ["binary_cross_entropy"]


def binary_cross_entropy(
    *,
    probs: Any = None,
    logits: Any = None,
    targets: Any,
    weight: Any = None,
    pos_weight: Any = None,
    reduction: str = "mean",
    unit: str = "nats",
) -> Array:
    """The cross-entropy of yes-or-no predictions, each entry by itself: −t ln p − (1 − t) ln(1 − p).

    Args:
        probs, logits: the predictions, in one of these forms, any shape: p, or what a sigmoid would make p of. Several
            labels that don't exclude each other are an axis of it.
        targets: t in [0, 1], of the same shape; booleans and integers will do.
        weight: a factor for each entry, of a shape that broadcasts to the predictions'.
        pos_weight: a factor for t, likewise.
        reduction: "mean" over all entries, "sum", or "none".
        unit: "nats", "bits" or "hartleys".

    Returns:
        An array of the framework and the dtype of the predictions; float16 and bfloat16 are computed in float32.

    Raises:
        InvalidType: predictions in no form or in both, or arrays of two frameworks.
        ShapeMismatch: shapes that differ.
        InvalidValue: a target or a probability out of [0, 1] or NaN, or a mean over nothing; not while tracing.

    >>> round(float(binary_cross_entropy(probs=[0.5, 0.25], targets=[1, 0], unit="bits", reduction="sum")), 4)
    1.415
    """
    per = nats_per(unit)
    check_reduction(reduction)
    form, x = one_of(probs=probs, logits=logits)
    factors = {name: w for name, w in (("weight", weight), ("pos_weight", pos_weight)) if w is not None}
    f, (dtype, *_), arrays = as_given(**{form: x, "targets": targets} | factors)
    x, t, *w = (f.computed(array, dtype) for array in arrays)
    _check_same_shape(form, x, t)
    for name, factor in zip(factors, w, strict=True):
        _check_broadcasts(name, factor, form, x)
        check_factor(f, name, factor)
    _check_unit_interval(f, "targets", t, "yes is 1, and no is 0")
    yes, no = t, 1.0 - t
    if pos_weight is not None:
        yes = yes * w[-1]
    if weight is not None:
        yes, no = yes * w[0], no * w[0]
    if form == "logits":
        losses = weighted(f, yes, _cost(f, x)) + weighted(f, no, _cost(f, 0.0 - x))
    else:
        _check_unit_interval(f, form, x, "logits? pass `logits=`")
        losses = 0.0 - xlogy(f, yes, x) - no * f.xp.log1p(f.zero(no) * f.zero(1.0 - x) - x)
    return f.cast(reduced(f, reduction, losses, per), dtype)


def _cost(f: Framework, x: Array) -> Array:
    """−ln of the sigmoid, ln(1 + e^−x) = max(−x, 0) + ln(1 + e^−|x|), with the right derivatives at 0 too."""
    size = f.xp.where(x >= 0, x, 0.0 - x)
    return f.xp.where(x >= 0, 0.0, 0.0 - x) + f.xp.log1p(f.xp.exp(0.0 - size))


def _check_same_shape(form: str, x: Array, targets: Array) -> None:
    shape, came = shape_of(x), shape_of(targets)
    if shape is not None and came is not None and not agree(shape, came):
        raise ShapeMismatch(
            f"`targets` of shape {came} with `{form}` of shape {shape}; one shape is needed",
            hint="labels of several classes go to `cross_entropy`",
        )


def _check_broadcasts(name: str, factor: Array, form: str, x: Array) -> None:
    shape, to = shape_of(factor), shape_of(x)
    if shape is None or to is None:
        return
    tail = to[len(to) - len(shape) :]
    if len(shape) > len(to) or not all(a in (1, b) or None in (a, b) for a, b in zip(shape, tail, strict=True)):
        raise ShapeMismatch(
            f"`{name}` of shape {shape} doesn't broadcast to `{form}` of shape {to}",
            hint="one for each entry, or for each label",
        )


def _check_unit_interval(f: Framework, name: str, x: Array, hint: str) -> None:
    """Refuse an entry out of [0, 1], where that can be seen."""
    if not f.tracing(x) and not bool(f.xp.all((x >= 0) & (x <= 1))):
        values = f.to_numpy(x)
        at = tuple(int(i) for i in np.argwhere(~((values >= 0) & (values <= 1)))[0])
        raise InvalidValue(f"`{name}` has {values[at]:.6g} at index {at}; entries from 0 to 1 are needed", hint=hint)
