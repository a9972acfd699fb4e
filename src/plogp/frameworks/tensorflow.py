"""TensorFlow in the words of the array API, as far as measures need them."""

from typing import Any

from numpy.typing import NDArray

from plogp.errors import InvalidType

__all__ = ["TensorFlow"]

Tensor = Any
Axis = int | tuple[int, ...] | None


class TensorFlow:
    """The namespace; it imports TensorFlow when it's made, which is when the first tensor came."""

    def __init__(self) -> None:
        import tensorflow as tf

        self.tf = tf
        self.abs, self.sqrt, self.exp, self.expm1 = tf.abs, tf.sqrt, tf.exp, tf.math.expm1
        self.log, self.log1p = tf.math.log, tf.math.log1p
        self.isfinite, self.isnan = tf.math.is_finite, tf.math.is_nan
        self.maximum, self.minimum = tf.maximum, tf.minimum
        self.permute_dims, self.constant = tf.transpose, tf.stop_gradient
        self.take_along_axis = tf.experimental.numpy.take_along_axis

    def own(self, name: str, x: Any) -> Tensor:
        """A tensor or the value of a variable."""
        if not isinstance(x, self.tf.Tensor | self.tf.Variable):
            raise InvalidType(f"`{name}` is a {type(x).__name__}; a dense tensor is needed")
        return self.tf.convert_to_tensor(x)

    def tracing(self, x: Tensor) -> bool:
        """Whether this runs inside a `tf.function`, or something else that builds a graph."""
        return not self.tf.executing_eagerly()

    def to_numpy(self, x: Tensor) -> NDArray[Any]:
        """The values of an eager tensor."""
        values: NDArray[Any] = x.numpy()
        return values

    def astype(self, x: Tensor, dtype: Any) -> Tensor:
        """`x` in another dtype."""
        return self.tf.cast(x, dtype)

    def where(self, condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
        """A number takes the dtype of the other branch; TensorFlow alone would make it float32."""
        x = self.tf.cast(x, y.dtype) if isinstance(x, float) else x
        y = self.tf.cast(y, x.dtype) if isinstance(y, float) else y
        return self.tf.where(condition, x, y)

    def sum(self, x: Tensor, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> Tensor:
        """Σ x, in `dtype` if that is given."""
        return self.tf.reduce_sum(x if dtype is None else self.tf.cast(x, dtype), axis=axis, keepdims=keepdims)

    def max(self, x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The largest entry."""
        return self.tf.reduce_max(x, axis=axis, keepdims=keepdims)

    def min(self, x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
        """The smallest entry."""
        return self.tf.reduce_min(x, axis=axis, keepdims=keepdims)

    def all(self, x: Tensor, axis: Axis = None) -> Tensor:
        """Whether all entries are true."""
        return self.tf.reduce_all(x, axis=axis)
