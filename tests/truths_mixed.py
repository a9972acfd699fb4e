"""Samplers of independent, mixed and conditional data that know what they share, in nats; as `truths_continuous`."""

from collections.abc import Callable
from math import log, sqrt

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import ndtr, xlogy
from truths_continuous import Draw, Truth, flipped, gaussian, normal, student, swirled

Floats = NDArray[np.float64]

__all__ = ["CONDITIONAL", "MIXED", "NULLS", "censored"]

# ---- nulls ----------------------------------------------------------------------------------------------------------


def null(name: str, *laws: Callable[[int, Generator], Floats]) -> Truth:
    """x and y of laws of their own, independent."""
    return Truth(f"null, {name}", "null", lambda n, rng: tuple(law(n, rng) for law in laws), 0.0)


def law(name: str, d: int) -> Callable[[int, Generator], Floats]:
    """A margin of d columns, by name."""
    drawn: dict[str, Draw] = {
        "normal": lambda n, rng: rng.normal(size=(n, d)),
        "cauchy": lambda n, rng: rng.standard_cauchy(size=(n, d)),
        "log-normal": lambda n, rng: rng.lognormal(size=(n, d)),
        "uniform": lambda n, rng: rng.uniform(size=(n, d)),
        "clusters": lambda n, rng: 6.0 * rng.integers(0, 3, size=(n, 1)) + rng.normal(size=(n, d)),
        "sphere": lambda n, rng: unit(rng.normal(size=(n, d))),
        "student": lambda n, rng: student(d, 1, [], 2.0).draw(n, rng)[0],
        "swirl": lambda n, rng: swirled(gaussian(d, 1, []), 2.0).draw(n, rng)[0],
    }
    return drawn[name]


def unit(x: Floats) -> Floats:
    return x / np.sqrt((x**2).sum(axis=1, keepdims=True))


NULLS: tuple[Truth, ...] = tuple(
    null(f"{a} {p} + {b} {q}", law(a, p), law(b, q))
    for a, p, b, q in (
        ("normal", 1, "normal", 1),
        ("cauchy", 1, "log-normal", 1),
        ("uniform", 1, "clusters", 1),
        ("normal", 2, "normal", 2),
        ("sphere", 2, "sphere", 3),
        ("swirl", 2, "student", 2),
        ("clusters", 3, "clusters", 3),
        ("normal", 5, "normal", 5),
        ("student", 5, "student", 5),
        ("log-normal", 10, "uniform", 10),
        ("student", 10, "normal", 2),
        ("normal", 25, "normal", 25),
    )
)
"""Truths of 0 in 1 to 25 dimensions, with margins of every kind."""


# ---- mixed: atoms, labels -------------------------------------------------------------------------------------------


def zero_inflated(share: float = 0.4) -> Truth:
    """y is 0 in that share, and x + noise else."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x = rng.normal(size=(n, 1))
        return x, np.where(rng.uniform(size=(n, 1)) < share, 0.0, x + 0.5 * rng.normal(size=(n, 1)))

    return Truth("zero-inflated", "mixed", draw, (1 - share) * 0.5 * log(1 + 4))


def censored(noise: float = 0.5) -> Truth:
    """y = max(x + noise, 0)."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x = rng.normal(size=(n, 1))
        return x, np.maximum(x + noise * rng.normal(size=(n, 1)), 0.0)

    def value() -> float:
        x, y = np.linspace(-7, 7, 1401), np.linspace(0, 9, 1801)[:-1] + 0.0025
        p_x, atom = normal(x) * 0.01, ndtr(-x / noise)
        above = normal(y - x[:, None], noise)  # the density of y given x, (x, y)
        return float(p_x @ (xlogy(atom, 2 * atom) + 0.005 * xlogy(above, above / (p_x @ above)).sum(axis=1)))

    return Truth("censored", "mixed", draw, value)


def atoms_and_density(correlation: float = 0.8, flips: float = 0.1) -> Truth:
    """Half the pairs normal, half of them ±1, equal but for some flips."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        smooth, coin = gaussian(1, 1, [correlation]).draw(n, rng), rng.choice([-1.0, 1.0], size=(n, 1))
        other = coin * np.where(rng.uniform(size=(n, 1)) < flips, -1.0, 1.0)
        atoms = rng.uniform(size=(n, 1)) < 0.5
        return np.where(atoms, coin, smooth[0]), np.where(atoms, other, smooth[1])

    value = log(2) + 0.5 * (flipped(flips) - 0.5 * log(1 - correlation**2))
    return Truth("atoms and density", "mixed", draw, value)


def steps(levels: int = 5) -> Truth:
    """x one of so many levels, y uniform on (x, x + 2)."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x = rng.integers(0, levels, size=(n, 1)).astype(np.float64)
        return x, x + rng.uniform(0, 2, size=(n, 1))

    return Truth("levels", "mixed", draw, log(levels) - (levels - 1) / levels * log(2))


def mixed_null(share: float = 0.3) -> Truth:
    """Independent, both with an atom at 0."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        return tuple(rng.normal(size=(n, 1)) * (rng.uniform(size=(n, 1)) >= share) for _ in range(2))

    return Truth("null, atoms", "mixed", draw, 0.0)


MIXED: tuple[Truth, ...] = (zero_inflated(), censored(), atoms_and_density(), steps(), mixed_null())
"""Truths with atoms."""


# ---- conditional ----------------------------------------------------------------------------------------------------


def common_cause(name: str, d: int, f: Callable[[Floats], Floats], correlation: float) -> Truth:
    """x and y are functions of z, d columns, plus noise that is correlated: I(x;y|z) is that of the noise."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        z = rng.normal(size=(n, d))
        x, y = gaussian(1, 1, [correlation]).draw(n, rng)
        return x + f(z), y - f(z), z

    return Truth(f"{name}, given {d}", "conditional", draw, -0.5 * log(1 - correlation**2))


def chain(levels: int = 3) -> Truth:
    """x − z − y, z one of a few levels, x and y normal around it."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        z = rng.integers(0, levels, size=(n, 1)).astype(np.float64)
        return z + rng.normal(size=(n, 1)), z + rng.normal(size=(n, 1)), z

    return Truth("chain with a discrete middle", "conditional null", draw, 0.0)


def mean(z: Floats) -> Floats:
    return z.mean(axis=1, keepdims=True) * sqrt(z.shape[1])


CONDITIONAL: tuple[Truth, ...] = (
    common_cause("linear cause", 1, mean, 0.6),
    common_cause("linear cause", 5, mean, 0.6),
    common_cause("bent cause", 1, lambda z: np.abs(mean(z)), 0.6),
    common_cause("bent cause", 5, lambda z: np.abs(mean(z)), 0.6),
    common_cause("null, linear cause", 1, mean, 0.0),
    common_cause("null, linear cause", 5, mean, 0.0),
    common_cause("null, bent cause", 2, lambda z: np.abs(mean(z)), 0.0),
    chain(),
)
"""Truths of what x and y share given z."""
