"""The information diagram of two or three variables: its regions, which may be negative, and where they are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import acos, cos, pi, sin, sqrt

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidValue
from plogp.notation import quoted
from plogp.result import Result, fixed

__all__ = ["Circle", "Diagram", "circles", "inside", "lens", "regions"]

Names = frozenset[str]
Point = tuple[float, float]

EXACT, MOST = 0.01, 0.1
"""How far areas may be from their measures, as parts of the joint entropy: in a picture to scale, and in any but a
scheme."""


@dataclass(frozen=True)
class Circle:
    """Where the entropy of a variable is drawn."""

    name: str
    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Diagram:
    """The regions of an information diagram, and the circles that they are drawn in.

    Attributes:
        names: two or three variables.
        regions: what the variables of a set share that the others don't know, for each set.
        circles: one for each variable, within [-1, 1]².
        off: how far the area of a region is from its measure at most, as a part of the joint entropy; 0 where all are
            to scale, None where the circles are only a scheme.
        places: the middle of each region, and how far it is from the nearest circle, for those that are drawn.
    """

    names: tuple[str, ...]
    regions: Mapping[Names, Result]
    circles: tuple[Circle, ...]
    off: float | None
    places: Mapping[Names, tuple[Point, float]]

    @classmethod
    def of(cls, names: Sequence[str], results: Sequence[Result]) -> "Diagram":
        """The diagram of some variables, given what is measured for their `regions`, in that order."""
        found = dict(zip(regions(names), results, strict=True))
        drawn, off = circles(names, {region: float(result) for region, result in found.items()})
        return cls(tuple(names), found, drawn, off, _places(drawn))

    @property
    def scale(self) -> str:
        """What the areas are: `to scale`, or not."""
        if self.off is None:
            return "not to scale"
        return "to scale" + (f" within {fixed(100 * self.off, 1)} % of the whole" if self.off else "")

    def beside(self, circle: Circle, half: float) -> tuple[float, float, int]:
        """Where a name that is `half` wide on each side stands free of its circle: x, y, and 1 above it, -1 below.

        It is where the circle is farthest from the others, and within [-1.13, 1.13].
        """
        angles = np.pi * np.concatenate([np.linspace(0.25, 0.75, 9), np.linspace(-0.75, -0.25, 9)])
        x, y = circle.x + circle.radius * np.cos(angles), circle.y + circle.radius * np.sin(angles)
        others = [c for c in self.circles if c is not circle]
        free = np.min([np.hypot(x - c.x, y - c.y) - c.radius for c in others], axis=0)
        at = int(np.argmax(free.round(6)))
        middle = float(np.clip(x[at], min(half - 1.13, 0), max(1.13 - half, 0)))
        off = float(np.clip(circle.x, middle - half, middle + half)) - circle.x  # where the circle is nearest to it
        up = 1 if y[at] >= circle.y else -1
        return middle, circle.y + up * sqrt(max(0.0, circle.radius**2 - off**2)), up


def regions(names: Sequence[str]) -> dict[Names, str]:
    """The formula of each region: I(A;…|rest) of a set of variables, H(A|rest) of a single one.

    >>> list(regions(["X", "Y"]).values())
    ['H(X|Y)', 'H(Y|X)', 'I(X;Y)']
    >>> list(regions(["X", "Y", "Z"]).values())[3:]
    ['I(X;Y|Z)', 'I(X;Z|Y)', 'I(Y;Z|X)', 'I(X;Y;Z)']
    """
    if len(set(names)) != len(names) or len(names) not in (2, 3):
        raise InvalidValue(f"a diagram of {', '.join(names)}; needed: two or three variables", hint="choose among them")
    formulas = {}
    for size in range(1, len(names) + 1):
        for within in combinations(names, size):
            rest = ",".join(quoted(name) for name in names if name not in within)
            shared = ";".join(map(quoted, within))
            formulas[frozenset(within)] = f"{'H' if size == 1 else 'I'}({shared}{'|' if rest else ''}{rest})"
    return formulas


def circles(names: Sequence[str], values: Mapping[Names, float]) -> tuple[tuple[Circle, ...], float | None]:
    """Circles within [-1, 1]², and how far they are off; see `Diagram`.

    The area of each circle is the entropy of its variable, and each two overlap in what they share. Of three circles
    that settles all: what they have in common is what it is, and each region is off by as much as that is. A region
    that is negative by more than rounding or chance, or overlaps that no three circles have, make them a scheme.
    """
    whole = sum(values.values())
    entropies = [sum(v for region, v in values.items() if name in region) for name in names]
    shared = [sum(v for region, v in values.items() if {*pair} <= region) for pair in combinations(names, 2)]
    drawable = min(entropies) > 0 and min(*values.values(), *shared) >= -EXACT * whole
    if not drawable or (placed := _placed(entropies, shared)) is None:
        return _scheme(names), None
    drawn = tuple(Circle(name, x, y, sqrt(h / pi)) for name, (x, y), h in zip(names, placed, entropies, strict=True))
    off = max(abs(area - values[region]) for region, area in _areas(drawn).items()) / whole
    return (_fitted(drawn), off if off > EXACT else 0.0) if off <= MOST else (_scheme(names), None)


def _scheme(names: Sequence[str]) -> tuple[Circle, ...]:
    """Circles of one size in a fixed place."""
    if len(names) == 2:
        return tuple(Circle(name, x, 0.0, 0.65) for name, x in zip(names, (-0.35, 0.35), strict=True))
    angles = (5 * pi / 6, pi / 6, -pi / 2)
    return tuple(Circle(name, 0.38 * cos(a), 0.38 * sin(a), 0.6) for name, a in zip(names, angles, strict=True))


def _placed(areas: Sequence[float], shared: Sequence[float]) -> list[Point] | None:
    """Centres of circles of such areas that overlap so two by two; None where there are none."""
    radii = [sqrt(area / pi) for area in areas]
    pairs = list(combinations(radii, 2))
    apart = [_distance(a, b, area) for (a, b), area in zip(pairs, shared, strict=True)]
    if len(radii) == 2:
        return [(0.0, 0.0), (apart[0], 0.0)]
    longest = max(range(3), key=apart.__getitem__)
    others = [side for side in range(3) if side != longest]
    if apart[longest] > (reach := sum(apart[side] for side in others)):
        if apart[longest] <= abs(pairs[longest][0] - pairs[longest][1]):  # one within the other: as near as you like
            apart[longest] = reach
        elif free := [side for side in others if apart[side] >= sum(pairs[side])]:  # disjoint: as far as you like
            apart[free[0]] += apart[longest] - reach
        else:
            return None
    ab, ac, bc = apart
    x = (ab**2 + ac**2 - bc**2) / (2 * ab) if ab > 0 else ac
    return [(0.0, 0.0), (ab, 0.0), (x, -sqrt(max(0.0, ac**2 - x**2)))]


def _fitted(drawn: Sequence[Circle]) -> tuple[Circle, ...]:
    """The same circles within [-1, 1]², as large as they can be."""
    low = np.min([(c.x - c.radius, c.y - c.radius) for c in drawn], axis=0)
    high = np.max([(c.x + c.radius, c.y + c.radius) for c in drawn], axis=0)
    scale, (x, y) = 2 / float(max(high - low)), map(float, (low + high) / 2)
    return tuple(Circle(c.name, scale * (c.x - x), scale * (c.y - y), scale * c.radius) for c in drawn)


def lens(a: float, b: float, distance: float) -> float:
    """The area in which circles of radii a and b overlap, whose centres are so far apart."""
    if distance >= a + b:
        return 0.0
    if distance <= abs(a - b):
        return pi * min(a, b) ** 2
    at_a, at_b = (
        acos(min(1.0, (distance**2 + r**2 - other**2) / (2 * distance * r)))  # 1 but for rounding where they touch
        for r, other in ((a, b), (b, a))
    )
    return a**2 * (at_a - sin(2 * at_a) / 2) + b**2 * (at_b - sin(2 * at_b) / 2)


def _distance(a: float, b: float, area: float) -> float:
    """How far apart the centres are where the circles overlap in this area: by bisection, as it falls with distance."""
    low, high = abs(a - b), a + b
    if area <= 0:
        return high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if lens(a, b, middle) > area else (low, middle)
    return low


def _areas(drawn: Sequence[Circle]) -> dict[Names, float]:
    """The area of each region, by inclusion and exclusion of what circles have in common."""
    sets = [part for size in range(1, len(drawn) + 1) for part in combinations(drawn, size)]
    common = {frozenset(c.name for c in part): _common(part) for part in sets}
    return {
        region: sum((-1) ** len(part - region) * area for part, area in common.items() if region <= part)
        for region in common
    }


def _common(drawn: Sequence[Circle], slices: int = 20_000) -> float:
    """The area that all circles have in common, sliced from left to right."""
    left, right = max(c.x - c.radius for c in drawn), min(c.x + c.radius for c in drawn)
    x = left + (right - left) * (np.arange(slices) + 0.5) / slices
    halves = [np.sqrt(np.maximum(c.radius**2 - (x - c.x) ** 2, 0)) for c in drawn]
    tops = np.min([c.y + half for c, half in zip(drawn, halves, strict=True)], axis=0)
    bottoms = np.max([c.y - half for c, half in zip(drawn, halves, strict=True)], axis=0)
    return max(0.0, right - left) * float(np.maximum(tops - bottoms, 0).mean())


def inside(
    drawn: Sequence[Circle], region: Names, x: NDArray[np.float64], y: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far points are inside a region, from the nearest circle; negative outside of it."""
    far = [c.radius - np.hypot(x - c.x, y - c.y) for c in drawn]
    least: NDArray[np.float64] = np.min(
        [depth if c.name in region else -depth for c, depth in zip(drawn, far, strict=True)], axis=0
    )
    return least


def _places(drawn: Sequence[Circle]) -> dict[Names, tuple[Point, float]]:
    """Where each region is widest, for its label."""
    x, y = np.meshgrid(*[np.linspace(-1, 1, 201)] * 2)
    places = {}
    for region in map(frozenset, regions([c.name for c in drawn])):
        depth = inside(drawn, region, x, y)
        at = np.unravel_index(np.argmax(depth), depth.shape)
        if depth[at] > 0:
            places[region] = ((float(x[at]), float(y[at])), float(depth[at]))
    return places
