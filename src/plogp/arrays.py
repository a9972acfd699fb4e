"""Arrays of any framework: the only file that knows which frameworks there are.

`accept_one` and `accept_two` find the framework of what a caller gave, by its type, and turn it into arrays of float32
or float64; a measure is then written in the verbs of that `Framework`. No framework is imported unless an array of it
came.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidType, InvalidValue, ShapeMismatch
from plogp.frameworks import eager
from plogp.frameworks import numpy as numpy_namespace
from plogp.frameworks.base import Array, Axis, Framework, Totals

__all__ = [
    "Array",
    "Axis",
    "Framework",
    "Totals",
    "accept_one",
    "accept_two",
    "as_given",
    "fit",
    "fits",
    "shape_of",
    "to_numpy",
]

HALVES = ("float16", "bfloat16")
WHOLE = ("b", "i", "u")  # NumPy's kinds of dtypes; it takes microseconds to spell one out
FLOATS = (*HALVES, "float32", "float64")
NEEDED = "an array of NumPy, PyTorch, JAX, TensorFlow, MXNet or CuPy, or a list, is needed"


def as_given(**given: Any) -> tuple[Framework, list[str], list[Array]]:
    """The framework that the arrays given are of, the float that each is or becomes, and the arrays as they came.

    Raises:
        InvalidType: not an array of a known framework, of two frameworks, or not of real numbers.
        InvalidValue: rows of different lengths, or pandas objects whose indices differ.
    """
    learned = [_learn(name, x) for name, x in given.items()]
    _together(given, [f for f, _, _ in learned])
    return learned[0][0], [dtype for _, dtype, _ in learned], [x for _, _, x in learned]


def accept_one(name: str, x: Any) -> tuple[Framework, str, Array]:
    """The framework of an array, the dtype of results, and the array in the dtype to compute in.

    Integers and booleans become the framework's default float; the half precisions are computed in float32.

    Raises:
        InvalidType: not an array of a known framework, or not of real numbers.
        InvalidValue: rows of different lengths.
    """
    framework, dtype, own = _learn(name, x)
    return framework, dtype, framework.computed(own, dtype)


def accept_two(p_name: str, p: Any, q_name: str, q: Any) -> tuple[Framework, str, Array, Array]:
    """As `accept_one`, for two arrays, which are both turned into the wider dtype.

    Raises:
        InvalidType: as there, or they are of two frameworks.
        InvalidValue: as there, or pandas objects whose indices differ.
    """
    (framework, dtype, x), (other, q_dtype, y) = _learn(p_name, p), _learn(q_name, q)
    if framework is not other or x is not p or y is not q:
        _together({p_name: p, q_name: q}, [framework, other])
    if dtype != q_dtype:
        dtype = max("float32", dtype, q_dtype, key=FLOATS.index)  # a half can't hold another
    return framework, dtype, framework.computed(x, dtype), framework.computed(y, dtype)


def to_numpy(x: Any, name: str = "x") -> NDArray[Any]:
    """The values of an array of any framework, or of a list, as they are, but for the half precisions in float32."""
    framework = _BY_TYPE.get(type(x)) or _meet(name, x)
    own = framework.own(name, x)
    return framework.to_numpy(framework.cast(own, "float32") if framework.names.get(own.dtype) in HALVES else own)


def shape_of(x: Array) -> tuple[int | None, ...] | None:
    """The shape of an array; a length is None, or all of it, where a graph doesn't know it yet."""
    shape = x.shape
    return None if getattr(shape, "rank", 0) is None else tuple(shape)


def fits(axis: Axis | None, x: Array, y: Array | None) -> TypeGuard[int]:
    """Whether an axis fits at first sight: counted from the end, no length is 0, and the shapes are the same."""
    shape = x.shape
    if isinstance(axis, int) and isinstance(shape, tuple) and (y is None or shape == y.shape):
        return -x.ndim <= axis < 0 and 0 not in shape  # with `!=` a compiled call of PyTorch would ask for sizes
    return False


def fit(axis: Axis | None, *, broadcast: bool = False, **arrays: Array) -> Axis:
    """`axis` counted from the end, once it is known to be an axis of outcomes that all the arrays share; None is all.

    `broadcast` lets one outcome stand for many, as a bare formula does.

    Raises:
        ShapeMismatch: no such axis, no outcomes, different outcomes, or batches that don't go together.
        InvalidType: `axis` isn't an integer or a tuple of them.
    """
    known = {name: shape_of(x) for name, x in arrays.items()}
    shapes = {name: lengths for name, lengths in known.items() if lengths is not None}
    if axis is None and not shapes:
        raise ShapeMismatch("axis=None is all axes, and this graph doesn't know how many", hint="name the axes")
    rank = max([0, *(len(shape) for shape in shapes.values())])
    axes = tuple(range(-rank, 0)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    if not all(isinstance(a, int | np.integer) and not isinstance(a, bool) for a in axes):
        raise InvalidType(f"axis={axis!r} is not an axis", hint="an integer or a tuple of integers is needed")
    axes = tuple(a - rank if a >= 0 and shapes else a for a in axes)
    for name, shape in shapes.items():
        if len(set(axes)) < len(axes) or not all(-len(shape) <= a < 0 for a in axes):
            raise ShapeMismatch(
                f"axis={axis} doesn't name axes of `{name}`, whose shape is {shape}",
                hint="outcomes lie along an axis; a single probability goes to `self_information`",
            )
        if any(shape[a] == 0 for a in axes):
            raise ShapeMismatch(f"`{name}` of shape {shape} has no outcomes along axis {axis}; one is needed at least")
    if len(shapes) > 1:
        _same_lengths(axis, () if broadcast else axes, shapes)
    return axes[0] if isinstance(axis, int | np.integer) else axes


def _same_lengths(axis: Axis | None, axes: tuple[int, ...], shapes: Mapping[str, tuple[int | None, ...]]) -> None:
    (first, a), (second, b) = shapes.items()
    for i in range(-1, -1 - min(len(a), len(b)), -1):
        if a[i] != b[i] and None not in (a[i], b[i]) and (i in axes or 1 not in (a[i], b[i])):
            raise ShapeMismatch(
                f"`{first}` of shape {a} and `{second}` of shape {b} don't go together along axis {i}",
                hint=f"the same outcomes are needed along axis {axis}, and equal lengths or 1 along the others",
            )


def _together(given: Mapping[str, Any], frameworks: list[Framework]) -> None:
    """Refuse arrays of two frameworks, and pandas objects that would be paired by position against their indices."""
    if any(other is not frameworks[0] for other in frameworks):
        kinds = " and ".join(f"`{name}` of {f.name}" for name, f in zip(given, frameworks, strict=True))
        raise InvalidType(
            f"{kinds} came together; arrays of one framework are needed", hint="convert one of them first"
        )
    indexed = [x for x in given.values() if type(x).__module__.partition(".")[0] == "pandas"]
    if any(not x.index.equals(indexed[0].index) for x in indexed):
        raise InvalidValue(
            f"the indices of {' and '.join(f'`{name}`' for name in given)} differ; pairs by position would be wrong",
            hint="align them first (`p.align(q)`), or pass `.to_numpy()` if the order is the same",
        )


def _learn(name: str, x: Any) -> tuple[Framework, str, Array]:
    """The framework of one array, the name of the float that it is or becomes, and the array as it came."""
    own: Array = x
    if isinstance(x, _TENSOR):
        framework = _TORCH
    else:
        framework = _BY_TYPE.get(type(x)) or _meet(name, x)
        own = framework.own(name, x)
    return framework, framework.names.get(own.dtype) or _float_for(framework, name, own), own


def _float_for(framework: Framework, name: str, x: Array) -> str:
    """The name of the float that an array of integers or booleans becomes."""
    if getattr(x.dtype, "kind", None) in WHOLE:
        return framework.default()
    kind = getattr(x.dtype, "name", str(x.dtype))
    if not re.search(r"\b(bool_?|u?int\d+)\b", kind):
        kind = re.sub(r"^torch\.|(?<=^str)\d+$", "", kind)
        raise InvalidType(f"`{name}` is an array of {kind}; real numbers are needed")
    return framework.default()


def _meet(name: str, x: Any) -> Framework:
    """Learn a type that comes for the first time, by the package that it, or a base of it, is from."""
    if isinstance(x, list | tuple | int | float | complex | str | bytes):
        return NUMPY
    packages = [base.__module__.partition(".")[0] for base in type(x).__mro__]
    package = next((p for p in packages if p in _LOADERS), None)
    if package is None:
        raise InvalidType(f"`{name}` is a {type(x).__name__}; {NEEDED}")
    loader = _LOADERS[package]
    if loader not in _LOADED:
        _LOADED[loader] = loader()
    _BY_TYPE[type(x)] = _LOADED[loader]
    return _LOADED[loader]


def _numpy() -> Framework:
    xp = numpy_namespace
    dtypes = {name: np.dtype(name) for name in FLOATS if name != "bfloat16"}
    return _framework("NumPy", xp, dtypes, kind=eager.NumPy, own=xp.own)


def _torch() -> Framework:
    import array_api_compat.torch as xp
    import torch

    wrapped, batched = torch._C._functorch.is_functorch_wrapped_tensor, torch._C._functorch.is_batchedtensor
    compiling, in_jit = torch.compiler.is_compiling, torch._C._is_tracing

    def tracing(x: Array) -> bool:
        if compiling() or in_jit() or x.is_meta:
            return True
        while wrapped(x):
            if batched(x):
                return True
            x = torch._C._functorch.get_unwrapped(x)
        return False

    def to_numpy(x: Array) -> Array:
        if not wrapped(x):
            return x.detach().cpu().numpy()
        while wrapped(x):
            x = torch._C._functorch.get_unwrapped(x)
        return np.asarray(x.tolist())  # inside a transformation any operation would wrap it again

    global _TENSOR, _TORCH
    _TENSOR = torch.Tensor
    _TORCH = _framework(
        "PyTorch",
        xp,
        kind=eager.PyTorch,
        dtypes={name: getattr(torch, name) for name in FLOATS},
        default=lambda: str(torch.get_default_dtype()).removeprefix("torch."),
        tracing=tracing,
        to_numpy=to_numpy,
        at_most=lambda x, limit: x.clamp(max=limit),
        constant=lambda x: x.detach(),
        has_float64=lambda x: not x.is_mps,
    )
    return _TORCH


def _jax() -> Framework:
    import jax

    itself = jax.jit(lambda x: x)

    def tracing(x: Array) -> bool:
        if not isinstance(x, jax.core.Tracer):
            x = itself(0.0)  # inside jit nothing can be looked at, not even what is known
        return isinstance(x, jax.core.Tracer) and x.to_concrete_value() is None

    return _framework(
        "JAX",
        jax.numpy,
        kind=eager.JAX,
        dtypes={name: jax.numpy.dtype(name) for name in FLOATS},
        default=lambda: "float64" if jax.config.jax_enable_x64 else "float32",
        tracing=tracing,
        to_numpy=lambda x: np.asarray(x.to_concrete_value() if isinstance(x, jax.core.Tracer) else x),
        constant=jax.lax.stop_gradient,
        has_float64=lambda x: bool(jax.config.jax_enable_x64),
    )


def _tensorflow() -> Framework:
    from plogp.frameworks.tensorflow import TensorFlow

    xp = TensorFlow()
    dtypes = {name: getattr(xp.tf, name) for name in FLOATS}
    facts: dict[str, Any] = {"own": xp.own, "tracing": xp.tracing, "to_numpy": xp.to_numpy, "constant": xp.constant}
    return _framework("TensorFlow", xp, dtypes, kind=eager.TensorFlow, default=lambda: "float32", **facts)


def _mxnet() -> Framework:
    from plogp.frameworks.mxnet import MXNet

    xp = MXNet()
    dtypes = {name: np.dtype(name) for name in FLOATS if name != "bfloat16"}
    names = {form(dtype): name for name, dtype in dtypes.items() for form in (np.dtype, _scalar_type)}
    facts: dict[str, Any] = {"own": xp.own, "to_numpy": xp.to_numpy, "constant": xp.constant}
    return _framework("MXNet", xp, dtypes, names=names, default=lambda: "float32", **facts)


def _cupy() -> Framework:
    import array_api_compat.cupy as xp
    import cupy  # type: ignore[import-not-found]

    dtypes = {name: np.dtype(name) for name in FLOATS if name != "bfloat16"}
    return _framework("CuPy", xp, dtypes, to_numpy=cupy.asnumpy)


def _framework(
    name: str, xp: Any, dtypes: Mapping[str, Any], kind: type[Framework] = Framework, **facts: Any
) -> Framework:
    """A framework that is like NumPy but for the facts given."""
    like_numpy = {
        "names": {dtype: n for n, dtype in dtypes.items()},
        "default": lambda: "float64",
        "own": lambda name, x: x,
        "tracing": lambda x: False,
        "to_numpy": np.asarray,
        "at_most": xp.minimum,
        "constant": lambda x: x,
        "has_float64": lambda x: True,
    }
    return kind(name, xp, dtypes, **like_numpy | facts)


def _scalar_type(dtype: np.dtype[Any]) -> type:
    return dtype.type  # how MXNet names a dtype on an old NumPy


NUMPY = _numpy()
_LOADERS = {
    "numpy": _numpy,
    "pandas": _numpy,
    "polars": _numpy,
    "torch": _torch,
    "jax": _jax,
    "jaxlib": _jax,
    "tensorflow": _tensorflow,
    "mxnet": _mxnet,
    "cupy": _cupy,
}
_LOADED = {_numpy: NUMPY}
_BY_TYPE: dict[type, Framework] = {np.ndarray: NUMPY}
_TENSOR: type | tuple[()] = ()
_TORCH: Framework = NUMPY
"""PyTorch's type and framework, once it is met: `torch.compile` looks at each entry of a dictionary at every call."""
