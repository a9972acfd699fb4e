"""The information diagram of two or three variables: its regions, which may be negative, and where they are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import acos, cos, pi, sin, sqrt

from plogp.errors import InvalidValue
from plogp.notation import quoted
from plogp.result import Result

__all__ = ["Circle", "Diagram", "circles", "lens", "regions"]

Names = frozenset[str]


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
        circles: one for each variable.
        to_scale: whether the areas are the measures; three circles can't be in general, nor anything negative.
        places: the middle of each region.
    """

    names: tuple[str, ...]
    regions: Mapping[Names, Result]
    circles: tuple[Circle, ...]
    to_scale: bool
    places: Mapping[Names, tuple[float, float]]

    @classmethod
    def of(cls, names: Sequence[str], results: Sequence[Result]) -> "Diagram":
        """The diagram of some variables, given what is measured for their `regions`, in that order."""
        found = dict(zip(regions(names), results, strict=True))
        drawn, to_scale = circles(names, {region: float(result) for region, result in found.items()})
        return cls(tuple(names), found, drawn, to_scale, _places(drawn))


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
        for inside in combinations(names, size):
            rest = ",".join(quoted(name) for name in names if name not in inside)
            shared = ";".join(map(quoted, inside))
            formulas[frozenset(inside)] = f"{'H' if size == 1 else 'I'}({shared}{'|' if rest else ''}{rest})"
    return formulas


def circles(names: Sequence[str], values: Mapping[Names, float]) -> tuple[tuple[Circle, ...], bool]:
    """Circles within [-1, 1]², and whether they are to scale.

    Two are: the area of each is its entropy, and the area in which they overlap what they share. Three circles have
    too few degrees of freedom for seven regions, so they stand in a fixed place.
    """
    if len(names) == 3:
        angles = (5 * pi / 6, pi / 6, -pi / 2)
        turned = zip(names, angles, strict=True)
        return tuple(Circle(name, 0.38 * cos(a), 0.38 * sin(a), 0.6) for name, a in turned), False
    shared = values[frozenset(names)]
    entropies = [values[frozenset([name])] + shared for name in names]
    fits = 0 <= shared <= min(entropies) and min(entropies) > 0
    radii = [sqrt(h / pi) for h in entropies] if fits else [0.5, 0.5]
    distance = _distance(radii[0], radii[1], shared) if fits else 1.0
    left, right = min(-radii[0], distance - radii[1]), max(radii[0], distance + radii[1])
    scale, middle = 2 / (right - left), (left + right) / 2
    drawn = zip(names, (0.0, distance), radii, strict=True)
    return tuple(Circle(name, scale * (x - middle), 0.0, scale * r) for name, x, r in drawn), fits


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
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if lens(a, b, middle) > area else (low, middle)
    return low


def _places(drawn: Sequence[Circle]) -> dict[Names, tuple[float, float]]:
    """The middle of each region, for its label."""
    if len(drawn) == 2:
        a, b = drawn
        edges = (a.x - a.radius, b.x - b.radius, a.x + a.radius, b.x + b.radius)
        middles = [(edges[i] + edges[i + 1]) / 2 for i in range(3)]
        whose = (frozenset([a.name]), frozenset([a.name, b.name]), frozenset([b.name]))
        return {names: (x, 0.0) for names, x in zip(whose, middles, strict=True)}
    places = {frozenset(c.name for c in drawn): (0.0, 0.0)}
    for c in drawn:
        places[frozenset([c.name])] = (1.75 * c.x, 1.75 * c.y)
        places[frozenset(d.name for d in drawn) - {c.name}] = (-0.9 * c.x, -0.9 * c.y)
    return places
