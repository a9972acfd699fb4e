"""Law: what a distribution object is, once it's read: a family with parameters, or just something with a density."""

from collections import namedtuple
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, nextafter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidValue

__all__ = ["FAMILIES", "PARAMETERS", "Floats", "Law", "Parameters", "Sampled", "parameters"]

Floats = NDArray[np.float64]

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "normal": ("loc", "scale"),
    "lognormal": ("mu", "median", "sigma", "origin"),
    "laplace": ("loc", "scale"),
    "cauchy": ("loc", "scale"),
    "half-cauchy": ("scale", "origin"),
    "logistic": ("loc", "scale"),
    "gumbel": ("loc", "scale"),
    "reversed gumbel": ("loc", "scale"),
    "von mises": ("loc", "kappa"),
    "student t": ("df", "loc", "scale"),
    "generalised gamma": ("shape", "scale", "power", "divisor", "origin"),
    "inverse gaussian": ("mu", "scale", "origin"),
    "pareto": ("shape", "scale", "origin"),
    "beta": ("a", "b", "low", "width"),
    "uniform": ("low", "high", "width"),
    "log-uniform": ("low", "high", "origin"),
    "bernoulli": ("p", "c", "origin"),
    "binomial": ("n", "p", "c", "origin"),
    "geometric": ("p", "c", "origin"),
    "negative binomial": ("n", "p", "c", "origin"),
    "poisson": ("mean", "origin"),
    "discrete uniform": ("low", "high"),
    "categorical": ("p",),
    "multinomial": ("n", "p"),
    "multivariate normal": ("mean", "tril"),
    "multivariate t": ("df", "mean", "tril"),
    "dirichlet": ("alpha",),
    "wishart": ("df", "tril"),
    "inverse wishart": ("df", "tril"),
}
"""The parameters of each family, in the order in which a reader gives them. `c` is 1 − p; `tril` a Cholesky factor."""

Parameters = Any
"""A named tuple of the parameters of a family, each a plain float, an array or, where another takes its place, None."""
PARAMETERS: Mapping[str, Callable[..., Parameters]] = {
    family: namedtuple("Parameters", names) for family, names in FAMILIES.items()
}

POSITIVE = "scale", "sigma", "kappa", "df", "shape", "a", "b", "width", "alpha", "median", "n", "divisor"
RANGES = dict.fromkeys(POSITIVE, "positive") | {"p": "probability", "c": "probability"}
"""What a parameter must be, if it's more than finite."""
BETWEEN = {"finite": (-inf, inf), "positive": (0.0, inf), "probability": (nextafter(0.0, -1.0), nextafter(1.0, 2.0))}
CHECKED = {
    family: [(name, kind := RANGES.get(name, "finite"), *BETWEEN[kind]) for name in names]
    for family, names in FAMILIES.items()
}
"""Of each parameter what it must be, and the numbers that it lies between."""


class Sampled(Protocol):
    """One law, not a batch of them, with what the numerical rungs ask of it, in float64."""

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value possible, of a law on the line."""
        ...

    @property
    def landmarks(self) -> Floats:
        """Points between which a law on the line is smooth and has its mass."""
        ...

    def log_density(self, x: Floats, near: float = 0.0) -> Floats:
        """log of the density or mass at near + x, −inf where there is none; x (n,) or (n, *event)."""
        ...

    def draw(self, n: int, seed: int) -> Floats:
        """n independent values; (n,) or (n, *event)."""
        ...

    def cdf(self, x: Floats) -> Floats | None:
        """Of a continuous law on the line, where it's known."""
        ...

    def moments(self) -> tuple[Floats, Floats] | None:
        """Mean and variance of each coordinate of a normal law, or of a mixture of them."""
        ...


@dataclass(slots=True)
class Law:
    """A distribution, or a batch of them.

    Attributes:
        name: what its library calls it.
        family: of `FAMILIES`, "" where it is none of them, "mixture" of a mixture.
        at: its parameters.
        m: the mathematics of the framework that they're of.
        discrete: whether it has probabilities instead of a density.
        batch: shape of the batch; () of one law.
        event: shape of one value.
        independent: how many of the last batch axes are coordinates of one value, independent of one another.
        element: the law at an index of the batch, for the numerical rungs.
    """

    name: str
    family: str
    at: Any
    m: Any
    discrete: bool
    batch: tuple[int, ...]
    event: tuple[int, ...]
    element: Callable[[tuple[int, ...]], Sampled]
    independent: int = 0


def parameters(name: str, family: str, values: tuple[Any, ...], holds: Callable[[Any], bool] | None) -> Parameters:
    """The parameters of a family by their names; `holds` says whether a condition does everywhere, None doesn't look.

    Raises:
        InvalidValue: one that isn't finite, or isn't positive where it must be.
    """
    if holds is bool:  # plain numbers, for which this is the larger part of the time
        for (parameter, kind, low, high), value in zip(CHECKED[family], values, strict=True):
            if value is not None and not low < value < high:
                raise _refused(name, parameter, kind, value, holds)
    elif holds is not None:
        for (parameter, kind, _, _), value in zip(CHECKED[family], values, strict=True):
            if value is not None and not holds(_right(kind, value)):
                raise _refused(name, parameter, kind, value, holds)
    return PARAMETERS[family](*values)


def _right(kind: str, value: Any) -> Any:
    if kind == "finite":
        return abs(value) < inf
    return (value > 0) & (value < inf) if kind == "positive" else (value >= 0) & (value <= 1)


def _refused(name: str, parameter: str, kind: str, value: Any, holds: Callable[[Any], bool]) -> InvalidValue:
    if not holds(abs(value) < inf):
        kind = "finite"
    needed, hint = {
        "finite": ("a finite number", "NaN, or a limit?"),
        "positive": ("a positive number", "such a law doesn't exist"),
        "probability": ("a probability", "from 0 to 1"),
    }[kind]
    return InvalidValue(f"{name} has {parameter}={value!r}; needed: {needed}", hint=hint)
