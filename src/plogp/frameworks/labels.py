"""What losses need of a framework beside its verbs: labels that pick entries, and rows in blocks.

The logits of a large vocabulary are the largest array in the room: 4096 × 32000 of float32 are half a gigabyte. So
NumPy and PyTorch take a block of rows at a time where copies are made, PyTorch once more for the gradient, and JAX
compiles, which leaves nothing in memory that isn't asked for.
"""

from collections.abc import Callable
from math import ceil
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from plogp import _kernels
from plogp.errors import InvalidType
from plogp.frameworks.base import Array, Framework
from plogp.frameworks.numpy import quietly

__all__ = ["Labels", "labels_of"]

OfRows: TypeAlias = Callable[[Framework, Array, Array, Array | None], Array]
"""(framework, x, targets, weight) -> a number for each row; hashable, and equal if it does the same."""

NUMPY_BLOCK = 1 << 22  # entries; beside it the overhead of NumPy's calls is small
CACHED_BLOCK = 1 << 17  # entries, so that the steps of a log-sum-exp run in the second-level cache
WORTH_COMPILING = 1 << 20  # entries; blocks of equal size have that many if there is more than one
LONG_ROW = 256  # entries
TORCH_BLOCK = 1 << 21  # entries: 64 rows of 32000
TORCH_LARGE = 1 << 22  # entries; from here on memory matters more than calls


class Labels:
    """The ways of a framework that is like NumPy."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework

    def index(self, name: str, labels: Array) -> Array:
        """Labels in a dtype that can be an index, and can be compared with any integer.

        Raises:
            InvalidType: they aren't integers.
        """
        if getattr(labels.dtype, "kind", None) in ("i", "u"):
            return labels
        if labels.dtype in self.framework.names or "bool" in str(labels.dtype):
            kind = self.framework.names.get(labels.dtype, "bool")
            raise InvalidType(
                f"`{name}` are labels of {kind}; integers are needed",
                hint="distributions have an axis of classes too; yes or no goes to `binary_cross_entropy`",
            )
        return labels

    def across(self, x: Array, axis: int) -> Array:
        """What there is for each row, along the axis that rows lie along."""
        return x[(..., None, *(slice(None),) * (-axis - 1))]

    def ends(self, labels: Array) -> tuple[int, int]:
        """The least and the greatest label."""
        xp = self.framework.xp
        return int(xp.min(labels, axis=None)), int(xp.max(labels, axis=None))

    def look_up(self, table: Array, labels: Array) -> Array:
        """The entry of a table (k,) for each label."""
        return table[labels]

    def one_hot(self, labels: Array, n_classes: int) -> Array:
        """1.0 at the label along a new last axis, else 0.0, in the default float."""
        f = self.framework
        return f.xp.astype(labels[..., None] == f.xp.arange(n_classes), f.dtypes[f.default()])

    def pick(self, x: Array, labels: Array, axis: int) -> Array:
        """The entry of each row of `x` at its label; `axis` counts from the end."""
        return self.framework.xp.sum(self.framework.take(x, self.across(labels, axis), axis), axis=axis)

    def log_norm(self, logits: Array, axis: int) -> Array:
        """log Σ exp of each row."""
        return self.framework.logsumexp(logits, axis)

    def loss(self, logits: Array, labels: Array, axis: int) -> Array:
        """−ln p of the label of each row: log Σ exp less its logit, both below the greatest; NaN where one is +inf."""
        _, top, total = self.framework.below_greatest(logits, axis)  # the difference itself isn't kept for all classes
        xp = self.framework.xp
        total = xp.sum(xp.where(xp.isfinite(total), total, np.nan), axis=axis)
        return total - (self.pick(logits, labels, axis) - xp.sum(top, axis=axis))

    def by_rows(
        self, function: OfRows, axis: int, x: Array, targets: Array, weight: Array | None, copies: bool = True
    ) -> Array:
        """The function of all rows, a row being what lies along `axis`; it may make copies of what it is given."""
        return function(self.framework, x, targets, weight)


class NumPy(Labels):
    """Blocks of rows, and a compiled log-sum-exp for long ones."""

    def one_hot(self, labels: Array, n_classes: int) -> Array:
        """1.0 at the label along a new last axis, else 0.0."""
        return (labels[..., None] == np.arange(n_classes)).astype(np.float64)

    def pick(self, x: Array, labels: Array, axis: int) -> Array:
        """The entry of each row of `x` at its label, without the overhead of `take_along_axis` where that is simple."""
        return x[np.arange(len(x)), labels] if x.ndim == 2 and axis == -1 else super().pick(x, labels, axis)

    def log_norm(self, logits: Array, axis: int) -> Array:
        """log Σ exp of each row."""
        rows = logits if axis == -1 else np.moveaxis(logits, axis, -1)
        return _log_sum_exp(rows.reshape(-1, rows.shape[-1])).reshape(rows.shape[:-1])

    @quietly
    def loss(self, logits: Array, labels: Array, axis: int) -> Array:
        """−ln p of the label of each row; of a long one in float64, which has the digits that a difference loses."""
        if logits.shape[axis] < LONG_ROW:
            return super().loss(logits, labels, axis)
        total = self.log_norm(logits, axis)
        return np.where(total < np.inf, total, np.nan) - self.pick(logits, labels, axis)

    def by_rows(
        self, function: OfRows, axis: int, x: Array, targets: Array, weight: Array | None, copies: bool = True
    ) -> Array:
        """The function of all rows, in blocks of equal size unless it reads long rows of floats without a copy."""
        if axis == -1 and x.ndim > 2:
            return self.by_rows(function, axis, *_flat(x, targets), weight, copies).reshape(x.shape[:-1])
        copies |= axis != -1 or x.shape[axis] < LONG_ROW or x.dtype not in (np.float32, np.float64)
        if x.size <= NUMPY_BLOCK or x.ndim == -axis or not copies:
            return function(self.framework, x, targets, weight)
        n = min(len(x), ceil(x.size / NUMPY_BLOCK))
        blocks = zip(np.array_split(x, n), np.array_split(targets, n), strict=True)
        return np.concatenate([function(self.framework, *block, weight) for block in blocks])


def _flat(x: Array, targets: Array) -> tuple[Array, Array]:
    """Predictions (…, k) as (n, k), and targets (…) or (…, k) as (n) or (n, k)."""
    return x.reshape(-1, x.shape[-1]), targets.reshape(-1, *targets.shape[x.ndim - 1 :])


def _log_sum_exp(rows: NDArray[Any]) -> NDArray[np.float64]:
    """log Σ exp of each row (n, k), in memory that doesn't grow with n."""
    out = np.empty(len(rows))
    long = rows.shape[1] >= LONG_ROW
    plain = rows.dtype == np.float32 and rows.flags.c_contiguous
    if long and plain and rows.size >= WORTH_COMPILING and _kernels.COMPILED:
        from plogp._kernels import losses

        def loop(begin: int, stop: int) -> None:
            losses.log_sum_exp(rows[begin:stop], out[begin:stop])

        _kernels.in_parts(loop, len(out), least=ceil(WORTH_COMPILING / rows.shape[1]))
        return out
    step = max(1, CACHED_BLOCK // rows.shape[1])
    with np.errstate(all="ignore"):
        for start in range(0, len(rows), step):
            block = rows[start : start + step]
            top = np.maximum.reduce(block, axis=1, keepdims=True)
            top[~np.isfinite(top)] = 0
            np.log(np.exp(block - top).sum(axis=1, dtype=None if long else np.float64), out=out[start : start + step])
            out[start : start + step] += top[:, 0]
    return out


class PyTorch(Labels):
    """PyTorch's own log-softmax, and large arrays in blocks of rows that are computed again for the gradient."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        import torch

        self.torch = torch
        self.in_blocks = _torch_blocks(torch)

    def index(self, name: str, labels: Array) -> Array:
        """Labels as int64, the only index that PyTorch takes everywhere."""
        return super().index(name, labels).long()

    def ends(self, labels: Array) -> tuple[int, int]:
        """The least and the greatest label."""
        least, greatest = labels.aminmax()
        return int(least), int(greatest)

    def one_hot(self, labels: Array, n_classes: int) -> Array:
        """1.0 at the label along a new last axis, else 0.0, in the default float."""
        return self.torch.nn.functional.one_hot(labels, n_classes).to(self.torch.get_default_dtype())

    def loss(self, logits: Array, labels: Array, axis: int) -> Array:
        """−ln p of the label of each row; PyTorch has it for classes along the second axis."""
        if logits.ndim != 2 or axis != -1:
            return -self.pick(self.torch.log_softmax(logits, axis), labels, axis)
        if not self._can_be_numpy(logits):
            return self.torch.nn.functional.cross_entropy(logits, labels, reduction="none")
        total = self.torch.from_numpy(_log_sum_exp(logits.numpy(force=True)))
        return (total.where(total < np.inf, np.nan) - logits.gather(1, labels[:, None])[:, 0]).to(logits.dtype)

    def _can_be_numpy(self, x: Array) -> bool:
        """Whether the compiled log-sum-exp can have it: many values in the memory of the processor, and no gradient."""
        torch = self.torch
        plain = type(x) is torch.Tensor and x.dtype == torch.float32 and x.device.type == "cpu" and x.is_contiguous()
        large = _kernels.COMPILED and x.numel() >= WORTH_COMPILING
        return large and plain and not x.requires_grad and not self._traced(x)

    def _traced(self, x: Array) -> bool:
        return bool(self.torch.compiler.is_compiling() or self.torch._C._functorch.is_functorch_wrapped_tensor(x))

    def by_rows(
        self, function: OfRows, axis: int, x: Array, targets: Array, weight: Array | None, copies: bool = True
    ) -> Array:
        """The function of all rows; block by block where that is large, and only `x` needs a gradient."""
        if axis == -1 and x.ndim > 2:
            return self.by_rows(function, axis, *_flat(x, targets), weight).reshape(x.shape[:-1])
        plain = (
            x.numel() <= TORCH_LARGE
            or x.ndim == -axis
            or self._traced(x)
            or any(other is not None and other.requires_grad for other in (targets, weight))
        )
        if plain:
            return function(self.framework, x, targets, weight)
        return self.in_blocks.apply(lambda x, targets: function(self.framework, x, targets, weight), x, targets)


def _torch_blocks(torch: Any) -> Any:
    """A function of rows whose memory is that of a block, and whose gradient needs no more than itself."""

    def blocks(x: Array, *beside: Array) -> Any:
        step = max(1, TORCH_BLOCK * len(x) // x.numel())
        return zip(x.split(step), *(b.split(step) for b in beside), strict=True)

    class InBlocks(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, function: Any, x: Array, targets: Array) -> Array:
            ctx.function = function
            ctx.save_for_backward(x, targets)
            out, start = None, 0
            for block in blocks(x.detach(), targets):  # a list of results would hold the memory between them
                result = function(*block)
                out = result.new_empty((len(x), *result.shape[1:])) if out is None else out
                out[start : start + len(result)] = result
                start += len(result)
            return out

        @staticmethod
        def backward(ctx: Any, gradient: Array) -> tuple[None, Array, None]:
            x, targets = ctx.saved_tensors
            if torch.is_grad_enabled():  # a gradient of the gradient will be asked for, which takes the whole graph
                return None, *torch.autograd.grad(ctx.function(x, targets), x, gradient, create_graph=True), None
            out = torch.empty_like(x)
            with torch.enable_grad():
                for x_, targets_, gradient_, out_ in blocks(x.detach(), targets, gradient, out):
                    x_ = x_.requires_grad_()
                    out_.copy_(*torch.autograd.grad(ctx.function(x_, targets_), x_, gradient_))
            return None, out, None

    return InBlocks


class JAX(Labels):
    """JAX's compiler, which fuses; and a gradient that is written down, because that of picking is slow."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        import jax

        self.jax = jax
        self._loss = _jax_loss(jax, super().loss, self.across)
        again = jax.checkpoint(self._call, static_argnums=0)  # keep no copy for the gradient
        self._compiled = jax.jit(again, static_argnums=0)

    def _call(self, function: OfRows, x: Array, targets: Array, weight: Array | None) -> Array:
        return function(self.framework, x, targets, weight)

    def index(self, name: str, labels: Array) -> Array:
        """Labels of four bytes at least, which hold an `ignore_index` below zero, and every class."""
        labels = super().index(name, labels)
        return labels.astype("int32") if labels.dtype.itemsize < 4 else labels

    def one_hot(self, labels: Array, n_classes: int) -> Array:
        """1.0 at the label along a new last axis, else 0.0, in the default float."""
        return self.jax.nn.one_hot(labels, n_classes)

    def loss(self, logits: Array, labels: Array, axis: int) -> Array:
        """−ln p of the label of each row."""
        return self._loss(logits, labels, axis)

    def by_rows(
        self, function: OfRows, axis: int, x: Array, targets: Array, weight: Array | None, copies: bool = True
    ) -> Array:
        """The function of all rows, compiled."""
        return self._compiled(function, x, targets, weight)


def _jax_loss(jax: Any, loss: Callable[..., Array], across: Callable[..., Array]) -> Any:
    """−ln p(y) = log Σ exp z − z(y) with its derivative, p(c) − 1[c = y]."""

    def derivative(axis: int, primals: Any, tangents: Any) -> tuple[Array, Array]:
        (logits, labels), (change, _) = primals, tangents
        classes = jax.lax.broadcasted_iota("int32", logits.shape, logits.ndim + axis)
        slope = jax.nn.softmax(logits, axis) - (classes == across(labels, axis))
        return loss(logits, labels, axis), (slope * change).sum(axis)

    function = jax.custom_jvp(loss, nondiff_argnums=(2,))
    function.defjvp(derivative)
    return function


class TensorFlow(Labels):
    """TensorFlow's own lookups."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self.tf = framework.xp.tf

    def index(self, name: str, labels: Array) -> Array:
        """Labels as int64; TensorFlow doesn't look up by smaller ones."""
        return self.tf.cast(super().index(name, labels), self.tf.int64)

    def look_up(self, table: Array, labels: Array) -> Array:
        """The entry of a table (k,) for each label."""
        return self.tf.gather(table, labels)

    def one_hot(self, labels: Array, n_classes: int) -> Array:
        """1.0 at the label along a new last axis, else 0.0."""
        return self.tf.one_hot(labels, n_classes)

    def pick(self, x: Array, labels: Array, axis: int) -> Array:
        """The entry of each row of `x` at its label; by comparison where TensorFlow can't look it up."""
        if axis == -1 and labels.shape.rank is not None:
            return self.tf.gather(x, labels, axis=-1, batch_dims=labels.shape.rank)
        classes = self.tf.range(self.tf.shape(x, self.tf.int64)[axis])[(..., *(None,) * (-axis - 1))]
        return self.tf.reduce_sum(self.framework.xp.where(classes == self.across(labels, axis), x, 0.0), axis)


class MXNet(Labels):
    """MXNet's own lookups, and floats for labels, since its arrays of integers are floats unless told otherwise."""

    def __init__(self, framework: Framework) -> None:
        super().__init__(framework)
        self.mx = framework.xp.mx

    def index(self, name: str, labels: Array) -> Array:
        """Labels as int64; floats if they're whole numbers."""
        whole = labels.astype("int64")
        if labels.dtype in self.framework.names and labels.size and bool((whole.astype(labels.dtype) == labels).all()):
            return whole
        return super().index(name, labels).astype("int64")

    def across(self, x: Array, axis: int) -> Array:
        """What there is for each row, along the axis that rows lie along."""
        return self.mx.np.expand_dims(x, axis)

    def look_up(self, table: Array, labels: Array) -> Array:
        """The entry of a table (k,) for each label."""
        return self.mx.np.take(table, labels)

    def one_hot(self, labels: Array, n_classes: int) -> Array:
        """1.0 at the label along a new last axis, else 0.0."""
        return self.mx.npx.one_hot(labels, n_classes)

    def pick(self, x: Array, labels: Array, axis: int) -> Array:
        """The entry of each row of `x` at its label; of one row too, which MXNet alone refuses."""
        rows, labels = self.mx.np.expand_dims(x, 0), self.mx.np.expand_dims(labels, 0)
        return self.mx.npx.pick(rows, labels, axis=axis).squeeze(0)


_KINDS: dict[str, type[Labels]] = {
    "NumPy": NumPy,
    "PyTorch": PyTorch,
    "JAX": JAX,
    "TensorFlow": TensorFlow,
    "MXNet": MXNet,
}
_MADE: dict[str, Labels] = {}


def labels_of(framework: Framework) -> Labels:
    """The ways of this framework."""
    if framework.name not in _MADE:
        _MADE[framework.name] = _KINDS.get(framework.name, Labels)(framework)
    return _MADE[framework.name]
