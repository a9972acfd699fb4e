"""Cross-entropy of predictions over several classes."""

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from plogp.arrays import Array, Framework, as_given, fit, fits, shape_of
from plogp.distributions import TOLERANCE, Distribution
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch
from plogp.frameworks.labels import labels_of
from plogp.losses.common import (
    agree,
    check_factor,
    check_range,
    check_reduction,
    one_of,
    reduced,
    weighted,
    xlogy,
)
from plogp.units import nats_per

__all__ = ["cross_entropy", "one_hot"]


def cross_entropy(
    *,
    logits: Any = None,
    log_probs: Any = None,
    probs: Any = None,
    targets: Any,
    axis: int = -1,
    ignore_index: int | None = None,
    label_smoothing: float = 0.0,
    weight: Any = None,
    reduction: str = "mean",
    unit: str = "nats",
) -> Array:
    """The cross-entropy of predictions against labels or distributions: −Σ t ln p.

    Args:
        logits, log_probs, probs: the predictions, in one of these forms, (..., k, ...): what a softmax would make
            probabilities of, natural logarithms of probabilities, or probabilities. Nothing is guessed.
        targets: labels 0..k-1, integers of the shape of the predictions without `axis`; or distributions over the
            classes, of the very shape of the predictions.
        axis: of the classes; all others are rows.
        ignore_index: a label whose rows don't count, as if they were removed; what they predict is not looked at.
        label_smoothing: ε: (1 − ε)·t + ε/k takes the place of t.
        weight: of each class, (k,): −Σ w t ln p.
        reduction: "mean" over the rows that count, with `weight` and labels Σ loss / Σ w(y), as PyTorch has it; "sum";
            or "none", for a loss of each row, 0 where it is ignored.
        unit: "nats", "bits" or "hartleys".

    Returns:
        An array of the framework and the dtype of the predictions; float16 and bfloat16 are computed in float32. Large
        arrays of NumPy and PyTorch are taken in blocks of rows, so that no second copy of them is made.

    Raises:
        InvalidType: predictions in no form or in several, arrays of two frameworks, labels that aren't integers.
        ShapeMismatch: shapes that don't fit; the message has both.
        InvalidValue: a label out of range, or a mean over nothing. While a framework traces, values aren't known:
            then a label out of range gives what the framework makes of it, and a mean over nothing is NaN.
        NotADistribution: `probs`, `log_probs` or `targets` that aren't distributions; not while a framework traces.

    An impossible label costs +inf. A row of logits may hold −inf for what is impossible; if it holds nothing else, or
    NaN, or +inf, its loss is NaN, for the loop that trains to see.

    Reference: C. Szegedy et al., "Rethinking the Inception architecture" (2016), doi:10.1109/CVPR.2016.308, for label
    smoothing.

    >>> import numpy as np
    >>> round(float(cross_entropy(probs=[[0.3, 0.6, 0.1], [0.2, 0.3, 0.5]], targets=[0, 2])), 4)
    0.9486
    >>> cross_entropy(logits=np.zeros((2, 8)), targets=[3, 5], reduction="none", unit="bits")
    array([3., 3.])
    """
    per = nats_per(unit)
    check_reduction(reduction)
    form, x = one_of(logits=logits, log_probs=log_probs, probs=probs)
    given = {form: x, "targets": targets} | ({} if weight is None else {"weight": weight})
    f, (dtype, *_), (x, targets, *weights) = as_given(**given)
    axis = _axis(axis, form, x)
    labelled = _labelled(f, form, x, targets, axis)
    _check_ignore_index(ignore_index, labelled)
    loss = _CrossEntropy(form, dtype, axis, labelled, ignore_index, _smoothing(label_smoothing))
    if labelled:
        targets = labels_of(f).index("targets", targets)
    loss.check(f, x, targets)
    w = _class_weight(f, dtype, x, axis, weights[0]) if weights else None
    losses = labels_of(f).by_rows(loss.of_rows, axis, x, targets, w, loss.copies)
    counts = loss.counts(f, targets, w)
    return f.cast(reduced(f, reduction, losses, per, counts, ignore_index), dtype)


def one_hot(labels: Any, n_classes: int) -> Array:
    """Labels as distributions that are certain: 1.0 at the label, 0.0 elsewhere, along a new last axis.

    Args:
        labels: integers 0..n_classes-1, any shape.
        n_classes: how many classes there are.

    Raises:
        InvalidType: labels that aren't integers.
        InvalidValue: a label out of range; not while a framework traces.

    >>> one_hot([0, 2], 3)
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    f, _, (y,) = as_given(labels=labels)
    if isinstance(n_classes, bool) or not isinstance(n_classes, int | np.integer) or n_classes < 1:
        raise InvalidValue(f"n_classes={n_classes!r}; needed: how many classes there are", hint="a whole number")
    y = labels_of(f).index("labels", y)
    check_range(f, "labels", y, int(n_classes))
    return labels_of(f).one_hot(y, int(n_classes))


@dataclass(frozen=True)
class _CrossEntropy:
    """The loss of each row, a row being what lies along the axis of the classes."""

    form: str
    dtype: str
    axis: int
    labelled: bool
    ignore_index: int | None
    smoothing: float

    @property
    def copies(self) -> bool:
        """Whether more is made of the predictions than a sum for each row."""
        return self.form != "logits" or not self.labelled or self.ignore_index is not None or self.smoothing > 0

    def of_rows(self, f: Framework, x: Array, targets: Array, weight: Array | None) -> Array:
        """−Σ w t ln p of each row; 0 where it is ignored."""
        if not self.labelled:
            x, t = f.computed(x, self.dtype), f.computed(targets, self.dtype)
            return self._of_distributions(f, x, t, weight)
        scored, y = self._scored(f, targets)
        losses = self._of_labels(f, self._counted(f, x, scored), y, weight)
        return losses if scored is None else f.xp.where(scored, losses, 0.0)

    def _scored(self, f: Framework, targets: Array) -> tuple[Array | None, Array]:
        """Which rows count, None if all do; and the labels, with any in rows that don't."""
        if self.ignore_index is None:
            return None, targets
        scored = targets != self.ignore_index
        return scored, f.xp.where(scored, targets, 0)

    def _counted(self, f: Framework, x: Array, scored: Array | None) -> Array:
        """The predictions, uniform in rows that don't count, so that nothing there reaches value, check or gradient."""
        x = f.computed(x, self.dtype)
        if scored is None:
            return x
        k = x.shape[self.axis] or 1  # unknown only while tracing, where any number will do
        uniform = {"logits": 0.0, "log_probs": -log(k), "probs": 1 / k}[self.form]
        return f.xp.where(labels_of(f).across(scored, self.axis), x, uniform)

    def _of_labels(self, f: Framework, x: Array, y: Array, weight: Array | None) -> Array:
        """−(1 − ε)·w(y) ln p(y) − ε/k·Σ w ln p."""
        labels = labels_of(f)
        if self.form == "probs" and weight is not None:  # an impossible class of weight 0 costs nothing
            x = x + f.zero(_along(weight, self.axis)) * f.zero(x)
        if self.smoothing:
            costs = 0.0 - self._logs(f, x)
            own = labels.pick(costs, y, self.axis)
        elif self.form == "logits":
            own = labels.loss(x, y, self.axis)
        else:
            p = labels.pick(x, y, self.axis)
            own = 0.0 - (p if self.form == "log_probs" else f.xp.log(p))
        if weight is not None:
            own = weighted(f, labels.look_up(weight, y), own)
        if not self.smoothing:
            return own
        every = self._sum(f, costs if weight is None else weighted(f, _along(weight, self.axis), costs))
        share = self.smoothing / x.shape[self.axis]
        return share * every + ((1 - self.smoothing) * own if self.smoothing < 1 else 0.0)

    def _of_distributions(self, f: Framework, x: Array, t: Array, weight: Array | None) -> Array:
        """−Σ w t ln p."""
        if self.smoothing:
            t = (1 - self.smoothing) * t + self.smoothing / x.shape[self.axis]
        if weight is not None:
            t = t * _along(weight, self.axis)
        if self.form == "probs":
            return 0.0 - self._sum(f, xlogy(f, t, x))
        return self._sum(f, weighted(f, t, 0.0 - self._logs(f, x)))

    def _logs(self, f: Framework, x: Array) -> Array:
        """ln p."""
        if self.form == "logits":
            return f.log_softmax(x, self.axis)
        return x if self.form == "log_probs" else f.xp.log(x)

    def _sum(self, f: Framework, x: Array) -> Array:
        """Σ along the axis of classes."""
        return f.cast(f.sum(x, self.axis), f.names[x.dtype])

    def totals(self, f: Framework, x: Array, targets: Array, weight: Array | None) -> Array:
        """Σ p of each row; NaN where an entry is negative."""
        x = self._counted(f, x, self._scored(f, targets)[0])
        if self.form == "log_probs":
            return f.xp.exp(labels_of(f).log_norm(x, self.axis))
        return f.xp.where(f.xp.min(x, axis=self.axis) >= 0, self._sum(f, x), float("nan"))

    def check(self, f: Framework, x: Array, targets: Array) -> None:
        """Refuse targets and predictions that can't be, as far as values can be seen."""
        if self.smoothing and x.shape[self.axis] is None:
            raise InvalidValue(
                "label_smoothing needs the number of classes, which this graph doesn't know yet",
                hint="give the predictions a static length along the axis of classes",
            )
        if 0 in (shape_of(x) or ()):
            return
        if self.labelled:
            check_range(f, "targets", self._scored(f, targets)[1], x.shape[self.axis])
        else:
            self._distribution(f, "targets", f.computed(targets, self.dtype)).verify()
        if self.form != "logits" and not f.tracing(x):
            off = f.xp.abs(labels_of(f).by_rows(self.totals, self.axis, x, targets, None) - 1.0)
            if not bool(f.xp.all(off <= TOLERANCE[self.dtype])):
                self._distribution(f, self.form, self._counted(f, x, self._scored(f, targets)[0])).verify()

    def _distribution(self, f: Framework, name: str, x: Array) -> Distribution:
        p, logs = (f.xp.exp(x), x) if name == "log_probs" else (x, None)
        return Distribution(f, name, x, self.dtype, self.axis, p, logs)

    def counts(self, f: Framework, targets: Array, weight: Array | None) -> Array | None:
        """For how much each row counts in a mean; None if for one."""
        if not self.labelled or (weight is None and self.ignore_index is None):
            return None
        scored, y = self._scored(f, targets)
        if weight is None:
            return f.computed(scored, self.dtype)
        counts = labels_of(f).look_up(weight, y)
        return counts if scored is None else f.xp.where(scored, counts, 0.0)


def _along(weight: Array, axis: int) -> Array:
    """A number for each class, along that axis."""
    return weight[(..., *(None,) * (-axis - 1))]


def _check_ignore_index(ignore_index: Any, labelled: bool) -> None:
    if ignore_index is None:
        return
    if isinstance(ignore_index, bool) or not isinstance(ignore_index, int | np.integer):
        raise InvalidType(f"ignore_index={ignore_index!r} is not a label", hint="one integer is needed, such as -100")
    if not labelled:
        raise InvalidValue(
            f"ignore_index={ignore_index} with targets that are distributions; labels are needed for it",
            hint="leave it out, or remove those rows",
        )


def _smoothing(label_smoothing: Any) -> float:
    number = isinstance(label_smoothing, int | float) and not isinstance(label_smoothing, bool)
    if not number or not 0 <= label_smoothing <= 1:
        raise InvalidValue(f"label_smoothing={label_smoothing!r}; a number from 0 to 1 is needed", hint="such as 0.1")
    return float(label_smoothing)


def _axis(axis: Any, form: str, x: Array) -> int:
    """The axis of the classes, counted from the end."""
    if isinstance(axis, bool) or not isinstance(axis, int | np.integer):
        raise InvalidType(f"axis={axis!r} is not an axis of classes", hint="one integer is needed")
    fitted: Any = axis if fits(int(axis), x, None) else fit(int(axis), **{form: x})
    return int(fitted)


def _labelled(f: Framework, form: str, x: Array, targets: Array, axis: int) -> bool:
    """Whether the targets are labels, by their shape; by their dtype only where a graph doesn't know the shape yet."""
    shape, came = shape_of(x), shape_of(targets)
    is_float = targets.dtype in f.names
    if shape is None or came is None:
        return not is_float
    rows = (*shape[:axis], *shape[axis:][1:])
    if agree(came, shape):
        return False
    if not agree(came, rows):
        raise ShapeMismatch(
            f"`targets` of shape {came} with `{form}` of shape {shape} and classes along axis {axis}; "
            f"{rows} is needed for labels, {shape} for distributions",
            hint="is the axis of classes another one?",
        )
    return True


def _class_weight(f: Framework, dtype: str, x: Array, axis: int, weight: Array) -> Array:
    """The weight of each class, a number for each."""
    shape, k = shape_of(weight), x.shape[axis]
    if shape is not None and not agree(shape, (k,)):
        raise ShapeMismatch(
            f"`weight` of shape {shape} with {k} classes along axis {axis}; ({k},) is needed", hint="one for each class"
        )
    check_factor(f, "weight", weight)
    return f.computed(weight, dtype)
