"""The five frameworks behind one face, for the `xp` fixture: make an array, read it, differentiate."""

from collections.abc import Callable
from typing import Any

import legacy_mxnet
import numpy as np
from numpy.typing import NDArray

__all__ = ["FRAMEWORKS", "Backend", "backend"]

Measure = Callable[[Any], Any]


class Backend:
    """NumPy, which the others override."""

    name = "numpy"
    differentiable = False
    subnormals = True  # whether a number below the smallest normal one is more than 0 to it

    def asarray(self, x: Any, dtype: str = "float64") -> Any:
        return np.asarray(x, dtype=dtype)

    def to_numpy(self, x: Any) -> NDArray[Any]:
        return np.asarray(x)

    def is_own(self, x: Any) -> bool:
        return isinstance(x, np.ndarray | np.generic)

    def grad(self, measure: Measure, x: Any) -> NDArray[Any]:
        """The gradient of a measure with one value, at an array of the framework."""
        raise NotImplementedError(f"{self.name} has no gradients")


class Torch(Backend):
    name = "torch"
    differentiable = True

    def __init__(self) -> None:
        import torch

        self.torch = torch

    def asarray(self, x, dtype="float64"):
        return self.torch.tensor(np.asarray(x).tolist(), dtype=getattr(self.torch, dtype))

    def to_numpy(self, x):
        return x.detach().to(self.torch.float32 if x.dtype == self.torch.bfloat16 else x.dtype).numpy()

    def is_own(self, x):
        return isinstance(x, self.torch.Tensor)

    def grad(self, measure, x):
        leaf = x.clone().requires_grad_()
        return self.torch.autograd.grad(measure(leaf), leaf)[0].numpy()


class Jax(Backend):
    name = "jax"
    differentiable = True
    subnormals = False

    def __init__(self) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax = jax

    def asarray(self, x, dtype="float64"):
        return self.jax.numpy.asarray(x, dtype=dtype)

    def is_own(self, x):
        return isinstance(x, self.jax.Array)

    def grad(self, measure, x):
        return np.asarray(self.jax.grad(measure)(x))


class TensorFlow(Backend):
    name = "tensorflow"
    differentiable = True
    subnormals = False

    def __init__(self) -> None:
        import tensorflow

        self.tf = tensorflow

    def asarray(self, x, dtype="float64"):
        return self.tf.cast(self.tf.constant(np.asarray(x)), dtype)

    def to_numpy(self, x):
        return x.numpy()

    def is_own(self, x):
        return isinstance(x, self.tf.Tensor)

    def grad(self, measure, x):
        with self.tf.GradientTape() as tape:
            tape.watch(x)
            value = measure(x)
        return tape.gradient(value, x).numpy()


class MXNet(Backend):
    name = "mxnet"
    differentiable = True

    def __init__(self) -> None:
        self.mx = legacy_mxnet.load()

    def asarray(self, x, dtype="float64"):
        return self.mx.np.array(x, dtype=dtype)

    def to_numpy(self, x):
        return x.asnumpy()

    def is_own(self, x):
        return isinstance(x, self.mx.np.ndarray)

    def grad(self, measure, x):
        leaf = x.copy()
        leaf.attach_grad()
        with self.mx.autograd.record():
            value = measure(leaf)
        value.backward()
        return leaf.grad.asnumpy()


FRAMEWORKS = {made.name: made for made in (Backend, Torch, Jax, TensorFlow, MXNet)}
_MADE: dict[str, Backend] = {}


def backend(name: str) -> Backend:
    """The one backend of that name; its framework is imported now, and must be there."""
    if name not in _MADE:
        _MADE[name] = FRAMEWORKS[name]()
    return _MADE[name]
