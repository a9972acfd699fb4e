"""Dependent continuous samplers that know their own mutual information, in nats.

truth = gaussian(5, 5, [0.8, 0.6])
x, y = truth.draw(1000, rng)               # (n, 5) each
truth.value                                # closed form, quadrature, or Monte Carlo with `truth.error`

What changes no information is a step on top: `warped` by monotone functions, `rotated` with noise dimensions,
`swirled` by a smooth bijection.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import log, pi, sqrt

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.special import digamma, gammaln, i0e, ive, ndtr, xlogy

Floats = NDArray[np.float64]
Draw = Callable[[int, Generator], tuple[Floats, ...]]
Density = Callable[[Floats, Floats], Floats]

__all__ = ["DEPENDENT", "Truth", "by_grid", "gaussian", "rotated", "swirled", "warped"]


@dataclass(frozen=True)
class Truth:
    """A sampler of (x, y), or of (x, y, z), and what x and y share, given z.

    Attributes:
        name: of the truth.
        family: of truths that fail alike.
        draw: n observations of each, shape (n, d).
        known: the value, or what computes it.
        error: standard error of a value that was itself drawn.
    """

    name: str
    family: str
    draw: Draw
    known: float | Callable[[], float]
    error: float = 0.0

    @cached_property
    def value(self) -> float:
        return float(self.known() if callable(self.known) else self.known)

    @cached_property
    def dimensions(self) -> tuple[int, ...]:
        return tuple(part.shape[1] for part in self.draw(2, np.random.default_rng(0)))


# ---- what a value is computed by ------------------------------------------------------------------------------------


def by_grid(density: Density, x: Floats, y: Floats) -> Callable[[], float]:
    """∫∫ p ln p/(pₓ p_y) on a grid of points evenly apart, for a smooth density, normalised there."""

    def value() -> float:
        p = density(x[:, None], y[None, :])
        p = p / p.sum()
        return float(xlogy(p, p).sum() - xlogy(p.sum(0), p.sum(0)).sum() - xlogy(p.sum(1), p.sum(1)).sum())

    return value


def normal(x: Floats, sd: Floats | float = 1.0) -> Floats:
    return np.exp(-0.5 * (x / sd) ** 2) / (sqrt(2 * pi) * sd)


def flipped(share: float) -> float:
    """What a fair coin tells of itself flipped with that probability."""
    return log(2) + float(xlogy(share, share) + xlogy(1 - share, 1 - share))


def column(*parts: Floats) -> Floats:
    return np.stack(parts, axis=1)


# ---- steps that keep the information --------------------------------------------------------------------------------


def warped(truth: Truth, name: str, *maps: Callable[[Floats], Floats]) -> Truth:
    """Each side mapped by a bijection of its own."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        return tuple(f(part) for f, part in zip(maps, truth.draw(n, rng), strict=True))

    return replace(truth, name=f"{truth.name}, {name}", family="warped", draw=draw)


def rotated(truth: Truth, p: int, q: int, noise: str = "normal") -> Truth:
    """Dimensions of independent noise added up to p and q, and both sides rotated."""
    wheels = [np.linalg.qr(np.random.default_rng(d).normal(size=(d, d)))[0] for d in (p, q)]

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        sides = truth.draw(n, rng)
        full = (np.hstack([s, rng.normal(size=(n, d - s.shape[1]))]) for s, d in zip(sides, (p, q), strict=True))
        return tuple(side @ wheel for side, wheel in zip(full, wheels, strict=True))

    return replace(truth, name=f"{truth.name}, in {p} + {q}", draw=draw)


def swirled(truth: Truth, speed: float) -> Truth:
    """The first two coordinates of x turned by an angle that grows with their distance from 0."""

    def swirl(x: Floats) -> Floats:
        angle = speed * np.sqrt(x[:, 0] ** 2 + x[:, 1] ** 2)
        c, s = np.cos(angle), np.sin(angle)
        return np.hstack([column(c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1]), x[:, 2:]])

    return replace(warped(truth, f"swirl {speed:g}", swirl, lambda y: y), family="spiral")


# ---- dependent, continuous ------------------------------------------------------------------------------------------


def gaussian(p: int, q: int, correlations: Sequence[float], condition: float = 1.0, name: str = "sparse") -> Truth:
    """The first columns correlated in pairs; with a condition number, rotated and stretched."""
    r = np.asarray(correlations)
    stretch = [np.geomspace(1, condition, d) for d in (p, q)]
    wheels = [np.linalg.qr(np.random.default_rng(d + 7).normal(size=(d, d)))[0] for d in (p, q)]

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x, y = rng.normal(size=(n, p)), rng.normal(size=(n, q))
        y[:, : r.size] = r * x[:, : r.size] + np.sqrt(1 - r**2) * y[:, : r.size]
        return (x, y) if name == "sparse" else tuple(s @ w * c for s, w, c in zip((x, y), wheels, stretch, strict=True))

    return Truth(f"gaussian {name} {p} + {q}", "gaussian", draw, -0.5 * float(np.log1p(-(r**2)).sum()))


def student(p: int, q: int, correlations: Sequence[float], freedom: float) -> Truth:
    """Multivariate t: dependent even where nothing is correlated (doi:10.1111/j.1467-9469.2011.00774.x)."""
    base = gaussian(p, q, correlations)

    def entropy(d: int) -> float:
        half, all_ = freedom / 2, (freedom + d) / 2
        return gammaln(half) - gammaln(all_) + d / 2 * log(freedom * pi) + all_ * (digamma(all_) - digamma(half))

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        scale = np.sqrt(freedom / rng.chisquare(freedom, size=(n, 1)))
        return tuple(scale * part for part in base.draw(n, rng))

    name = f"student {freedom:g} {p} + {q}{' correlated' if len(correlations) else ''}"
    return Truth(name, "student", draw, base.value + entropy(p) + entropy(q) - entropy(p + q))


def additive(width: float, copies: int = 1) -> Truth:
    """y = x + u in each of so many columns, x uniform on (0, 1), u on (−width, width), width ≤ ½."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x = rng.uniform(size=(n, copies))
        return x, x + rng.uniform(-width, width, size=(n, copies))

    return Truth(f"uniform noise {copies} + {copies}", "additive", draw, copies * (width - log(2 * width)))


def regression(name: str, f: Callable[[Floats], Floats], noise: float, y: Floats, family: str = "nonlinear") -> Truth:
    """y = f(x) + noise of that standard deviation, x and the noise normal."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x = rng.normal(size=(n, 1))
        return x, f(x) + noise * rng.normal(size=(n, 1))

    grid = np.linspace(-6, 6, 1201)
    return Truth(name, family, draw, by_grid(lambda u, v: normal(u) * normal(v - f(u), noise), grid, y))


def laplace() -> Truth:
    """y = x + ½ Laplace noise."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x = rng.normal(size=(n, 1))
        return x, x + rng.laplace(scale=0.5, size=(n, 1))

    def density(x: Floats, y: Floats) -> Floats:
        return normal(x) * np.exp(-2 * np.abs(y - x))

    return Truth(
        "laplace noise", "additive", draw, by_grid(density, np.linspace(-6, 6, 1201), np.linspace(-16, 16, 3201))
    )


def either_sign(noise: float = 0.25) -> Truth:
    """y = ±x + noise, the sign a fair coin."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x = rng.normal(size=(n, 1))
        return x, rng.choice([-1.0, 1.0], size=(n, 1)) * x + noise * rng.normal(size=(n, 1))

    def density(x: Floats, y: Floats) -> Floats:
        return normal(x) * (normal(y - x, noise) + normal(y + x, noise))

    return Truth("either sign", "nonlinear", draw, by_grid(density, np.linspace(-6, 6, 1201), np.linspace(-8, 8, 1601)))


def volatility() -> Truth:
    """y = eˣ times normal noise."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x = rng.normal(size=(n, 1))
        return x, np.exp(x) * rng.normal(size=(n, 1))

    log_y = np.linspace(-22, 8, 3001)  # of |y|, since the sign tells nothing

    def density(x: Floats, v: Floats) -> Floats:
        return normal(x) * np.exp(v - x) * normal(np.exp(v - x))

    return Truth("volatility", "nonlinear", draw, by_grid(density, np.linspace(-6, 6, 1201), log_y))


def ring(noise: float = 0.15) -> Truth:
    """Both coordinates of points around a circle."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        angle = rng.uniform(0, 2 * pi, size=(n, 1))
        return np.cos(angle) + noise * rng.normal(size=(n, 1)), np.sin(angle) + noise * rng.normal(size=(n, 1))

    def density(x: Floats, y: Floats) -> Floats:
        r = np.sqrt(x**2 + y**2)
        return np.exp(-((r - 1) ** 2) / (2 * noise**2)) * i0e(r / noise**2)

    grid = np.linspace(-2, 2, 1601)
    return Truth("ring", "shape", draw, by_grid(density, grid, grid))


def angles(concentration: float, turns: int = 1) -> Truth:
    """Two points of random distance whose directions are related: y turns with `turns` times the angle of x."""
    ratio = ive(1, concentration) / ive(0, concentration)
    value = concentration * ratio - log(ive(0, concentration)) - concentration  # ln 2π less the entropy of von Mises

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        a = rng.uniform(0, 2 * pi, size=n)
        b = turns * a + rng.vonmises(0, concentration, size=n)
        radii = np.exp(0.2 * rng.normal(size=(2, n, 1)))
        return tuple(r * column(np.cos(t), np.sin(t)) for r, t in zip(radii, (a, b), strict=True))

    return Truth(f"angles, {turns} turn", "shape", draw, value)


def parity(p: int, q: int, flips: float = 0.04) -> Truth:
    """Normal columns; the sign of the product of the x is that of the y, but for some."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        x, y = rng.normal(size=(n, p)), rng.normal(size=(n, q))
        wrong = np.where(rng.uniform(size=n) < flips, -1.0, 1.0)
        y[:, 0] *= np.sign(x.prod(axis=1)) * np.sign(y.prod(axis=1)) * wrong
        return x, y

    return Truth(f"parity {p} + {q}", "parity", draw, flipped(flips))


def labelled(distance: float = 4.0) -> Truth:
    """Two normal clusters, the same for x and y."""

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        label = rng.choice([-0.5, 0.5], size=(n, 1)) * distance
        return label + rng.normal(size=(n, 1)), label + rng.normal(size=(n, 1))

    def density(x: Floats, y: Floats) -> Floats:
        return sum(normal(x - c) * normal(y - c) for c in (distance / 2, -distance / 2))

    grid = np.linspace(-9, 9, 1201)
    return Truth("two clusters", "mixture", draw, by_grid(density, grid, grid))


CENTRES = 3.0 * np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1.0]])


def clusters() -> Truth:
    """Five normal clusters in 3 + 3 dimensions, the same for x and y, in another order."""
    other = CENTRES[[2, 0, 4, 1, 3]]

    def draw(n: int, rng: Generator) -> tuple[Floats, ...]:
        label = rng.integers(0, 5, size=n)
        return CENTRES[label] + rng.normal(size=(n, 3)), other[label] + rng.normal(size=(n, 3))

    return Truth("five clusters 3 + 3", "mixture", draw, CLUSTERS_VALUE, CLUSTERS_ERROR)


def clusters_log_ratio(x: Floats, y: Floats) -> Floats:
    """ln p(x, y)/(p(x) p(y)) of `clusters`, to draw its value from."""
    a, b = (
        np.exp(-0.5 * ((v[:, None] - c) ** 2).sum(axis=2)) for v, c in ((x, CENTRES), (y, CENTRES[[2, 0, 4, 1, 3]]))
    )
    ratio: Floats = np.log((a * b).mean(1) / (a.mean(1) * b.mean(1)))
    return ratio


CLUSTERS_VALUE, CLUSTERS_ERROR = 1.3543, 0.0004  # of 4 million draws of the log ratio


def roll(x: Floats) -> Floats:
    """A normal column rolled up in two dimensions."""
    t = 1.5 * pi * (1 + 2 * ndtr(x))
    return np.hstack([t * np.cos(t), t * np.sin(t)]) / 21


def bimodal(x: Floats) -> Floats:
    return x + 3 * np.tanh(2 * x)


def wiggly(x: Floats) -> Floats:
    return x + 0.4 * np.sin(x) + 0.2 * np.sin(1.7 * x + 1) + 0.03 * np.sin(3.3 * x - 2.5)


def half_cube(x: Floats) -> Floats:
    return x * np.sqrt(np.abs(x))


def same(x: Floats) -> Floats:
    return x


PAIR, FIVE = gaussian(1, 1, [0.75]), [0.8, 0.6, 0.4]
SQUARE = regression("square", lambda x: x**2, 0.3, np.linspace(-3, 39, 4201))
SINE = regression("sine", lambda x: np.sin(3 * x), 0.25, np.linspace(-3, 3, 1201))

DEPENDENT: tuple[Truth, ...] = (
    PAIR,
    gaussian(2, 2, [0.8, 0.3], name="dense"),
    gaussian(5, 5, FIVE, name="dense"),
    gaussian(5, 5, FIVE, condition=1e3, name="ill-conditioned"),
    gaussian(10, 10, FIVE),
    gaussian(25, 25, [0.8] * 3),
    gaussian(50, 50, [0.6] * 6, name="dense"),
    gaussian(3, 1, [0.9], name="dense"),
    warped(PAIR, "bimodal", bimodal, bimodal),
    warped(PAIR, "wiggly", wiggly, wiggly),
    warped(PAIR, "exp and cube", np.exp, lambda y: y**3),
    warped(PAIR, "swiss roll", roll, same),
    warped(gaussian(3, 3, [0.7, 0.7]), "half-cube", half_cube, half_cube),
    warped(gaussian(5, 5, FIVE), "cube", lambda x: x**3, same),
    warped(gaussian(10, 10, FIVE), "asinh", lambda x: np.arcsinh(3 * x), np.arcsinh),
    swirled(gaussian(2, 2, [0.8, 0.8]), 1.0),
    swirled(gaussian(3, 3, [0.8, 0.8]), 1.5),
    student(1, 1, [], 1.0),
    student(1, 1, [0.6], 3.0),
    student(2, 2, [0.7], 3.0),
    student(5, 5, [], 2.0),
    student(5, 5, [0.7, 0.5], 3.0),
    warped(student(3, 3, [], 2.0), "asinh", np.arcsinh, np.arcsinh),
    additive(0.2),
    additive(0.4, copies=3),
    laplace(),
    regression("tanh", lambda x: np.tanh(2 * x), 0.3, np.linspace(-4, 4, 1201)),
    SQUARE,
    rotated(SQUARE, 2, 2),
    rotated(SQUARE, 5, 5),
    rotated(SQUARE, 10, 10),
    SINE,
    rotated(SINE, 3, 3),
    either_sign(),
    rotated(either_sign(), 5, 5),
    volatility(),
    rotated(volatility(), 3, 3),
    ring(),
    angles(8.0),
    angles(8.0, turns=2),
    rotated(angles(8.0), 5, 5),
    parity(2, 1),
    parity(2, 2),
    rotated(parity(2, 1), 5, 5),
    parity(3, 1),
    labelled(),
    rotated(labelled(), 10, 10),
    clusters(),
    rotated(clusters(), 10, 10),
)
"""Continuous truths of 1 to 50 dimensions."""
