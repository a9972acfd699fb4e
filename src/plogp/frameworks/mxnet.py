"""MXNet 1.9 in the words of the array API, as far as measures need them, around its traps.

Its sum of inf and 0 is NaN unless an old NDArray does it, `where` with a number has a gradient of zero, and
`take_along_axis` has none.
"""

from typing import Any

from numpy.typing import NDArray

from plogp.errors import InvalidType

__all__ = ["MXNet"]

NDArrayMX = Any
Axis = int | tuple[int, ...] | None


class MXNet:
    """The namespace; it imports MXNet when it's made, which is when the first array came."""

    def __init__(self) -> None:
        import mxnet as mx

        self.mx = mx
        self.abs, self.sqrt, self.exp, self.expm1 = mx.np.abs, mx.np.sqrt, mx.np.exp, mx.np.expm1
        self.log, self.log1p = mx.np.log, mx.np.log1p
        self.isfinite, self.isnan = mx.np.isfinite, mx.np.isnan
        self.max, self.min, self.all = mx.np.max, mx.np.min, mx.np.all
        self.maximum, self.minimum = mx.np.maximum, mx.np.minimum
        self.permute_dims = mx.np.transpose

    def own(self, name: str, x: Any) -> NDArrayMX:
        """An array with NumPy's semantics, the old NDArray turned into one."""
        if not isinstance(x, self.mx.nd.NDArray):
            raise InvalidType(f"`{name}` is a {type(x).__name__}; a dense array is needed")
        if not self.mx.util.is_np_shape():
            raise InvalidType(
                f"`{name}` is of MXNet without NumPy's semantics, which can't hold a result without axes",
                hint="call `mxnet.npx.set_np()` first",
            )
        return x.as_np_ndarray()

    def tracing(self, x: NDArrayMX) -> bool:
        """Never: MXNet's arrays always have values."""
        return False

    def to_numpy(self, x: NDArrayMX) -> NDArray[Any]:
        """The values of an array."""
        values: NDArray[Any] = x.asnumpy()
        return values

    def constant(self, x: NDArrayMX) -> NDArrayMX:
        """The values of an array, through which no gradient goes."""
        return x.detach()

    def astype(self, x: NDArrayMX, dtype: Any) -> NDArrayMX:
        """`x` in another dtype."""
        return x.astype(dtype)

    def where(self, condition: NDArrayMX, x: NDArrayMX, y: NDArrayMX) -> NDArrayMX:
        """A number becomes an array, so that the other branch keeps its gradient."""
        x = self.mx.np.full_like(y, x) if isinstance(x, float) else x
        y = self.mx.np.full_like(x, y) if isinstance(y, float) else y
        return self.mx.np.where(condition, x, y)

    def sum(self, x: NDArrayMX, axis: Axis = None, dtype: Any = None, keepdims: bool = False) -> NDArrayMX:
        """Σ x, in `dtype` if that is given."""
        over = range(x.ndim) if axis is None else (axis,) if isinstance(axis, int) else axis
        axes = [a % x.ndim for a in over]
        shape = tuple(1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes)
        wide = x if dtype is None else x.astype(dtype)
        return wide.as_nd_ndarray().sum(axis=axes).as_np_ndarray().reshape(shape) if axes else wide

    def take_along_axis(self, x: NDArrayMX, index: NDArrayMX, axis: int) -> NDArrayMX:
        """The entry of each row of `x` at `index`, whose length is 1 along `axis`."""
        return self.mx.npx.pick(x, index.squeeze(axis), axis=axis, keepdims=True)
