"""What losses have in common: one form of predictions, a reduction, and the checks of what came."""

from typing import Any

import numpy as np

from plogp.arrays import Array, Framework, shape_of
from plogp.errors import InvalidType, InvalidValue, UnknownName, did_you_mean
from plogp.frameworks.labels import labels_of

__all__ = [
    "agree",
    "check_factor",
    "check_range",
    "check_reduction",
    "one_of",
    "reduced",
    "weighted",
    "xlogy",
]

REDUCTIONS = ("mean", "sum", "none")


def one_of(**forms: Any) -> tuple[str, Any]:
    """The form that the predictions came in, and they themselves."""
    came = {form: x for form, x in forms.items() if x is not None}
    if len(came) != 1:
        what = " and ".join(f"`{form}`" for form in came) or "none"
        needed = ", ".join(f"`{form}`" for form in forms)
        raise InvalidType(f"{what} came; one of {needed} is needed", hint="say by name what the predictions are")
    return next(iter(came.items()))


def weighted(f: Framework, weight: Array, loss: Array) -> Array:
    """weight·loss; 0 where the weight is 0 and the loss infinite."""
    return weight * f.xp.where(weight == 0, f.xp.where(loss == np.inf, 0.0, loss), loss)


def xlogy(f: Framework, x: Array, y: Array) -> Array:
    """x log y; 0 where both are 0."""
    return x * f.xp.log(y + f.zero(x) * f.zero(y))


def reduced(
    f: Framework,
    reduction: str,
    losses: Array,
    unit: float,
    counts: Array | None = None,
    ignore_index: int | None = None,
) -> Array:
    """The losses, their sum, or their mean, Σ loss / Σ count, over `unit`."""
    if reduction == "none":
        return losses / unit
    total = _total(f, losses)
    if reduction == "sum":
        return total / unit
    n = _size(losses)
    if counts is not None:
        weight = _total(f, counts)
    else:
        weight = _total(f, f.xp.astype(f.xp.isnan(losses), losses.dtype) * 0.0 + 1.0) if n is None else n
    if not f.tracing(losses) and float(weight) == 0:
        none = f"all {n} targets are ignored or of weight 0 (ignore_index={ignore_index})" if n else "there are no rows"
        raise InvalidValue(f"{none}; a mean needs one that counts", hint="reduction='sum' is 0 then, 'none' zeros")
    return total / (weight * unit)


def _size(x: Array) -> int | None:
    """How many entries there are; None if a graph doesn't know yet."""
    shape = shape_of(x)
    if shape is None or None in shape:
        return None
    n = 1
    for length in shape:
        n *= length or 0
    return n


def _total(f: Framework, x: Array) -> Array:
    """Σ of all entries."""
    every: Any = None
    return x if shape_of(x) == () else f.sum(x, every)


def check_reduction(reduction: str) -> None:
    if reduction not in REDUCTIONS:
        raise UnknownName(
            f"reduction={reduction!r} is none; 'mean', 'sum' or 'none' is needed",
            hint=did_you_mean(str(reduction), REDUCTIONS),
        )


def agree(shape: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
    return len(shape) == len(other) and all(a == b or None in (a, b) for a, b in zip(shape, other, strict=True))


def check_range(f: Framework, name: str, labels: Array, k: int | None) -> None:
    """Refuse a label that isn't in 0..k-1, where that can be seen."""
    if k is None or f.tracing(labels) or 0 in (shape_of(labels) or ()):
        return
    least, greatest = labels_of(f).ends(labels)
    if least < 0 or greatest >= k:
        values = f.to_numpy(labels)
        at = tuple(int(i) for i in np.argwhere((values < 0) | (values >= k))[0])
        raise InvalidValue(
            f"`{name}` has {values[at]} at index {at}; labels 0..{k - 1} are needed",
            hint=f"do they count from 1? does `ignore_index={values[at]}` hold?",
        )


def check_factor(f: Framework, name: str, factor: Array) -> None:
    """Refuse a factor that is negative, NaN or infinite."""
    if not f.tracing(factor) and not bool(f.xp.all((factor >= 0) & (factor < np.inf))):
        raise InvalidValue(f"`{name}` has an entry that is negative, infinite or NaN", hint="weights are at least 0")
