"""The information diagram: its regions add up, and areas are what they say."""

import math
from itertools import product

import numpy as np
import pytest

from plogp.diagram import Diagram, circles, lens, regions
from plogp.errors import InvalidValue
from plogp.formula import Formula
from plogp.joint import Joint
from plogp.measure import measure

XOR = Joint(np.array([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]), names=("X", "Y", "Z"))


@pytest.mark.parametrize("names", [("X", "Y"), ("X", "Y", "Z")])
def test_the_regions_within_a_circle_add_up_to_its_entropy_and_all_to_the_joint_entropy(names):
    formulas = {names: Formula(text) for names, text in regions(names).items()}
    assert len(formulas) == 2 ** len(names) - 1
    for name in names:
        inside = [formula for region, formula in formulas.items() if name in region]
        assert sum(inside[1:], inside[0]) == Formula(f"H({name})")
    whole = list(formulas.values())
    assert sum(whole[1:], whole[0]) == Formula(f"H({','.join(names)})")


@pytest.mark.parametrize("names", [["X"], ["X", "X"], list("WXYZ")])
def test_a_diagram_is_of_two_or_three_variables(names):
    with pytest.raises(InvalidValue, match="needed: two or three variables"):
        regions(names)


@pytest.mark.parametrize(("a", "b", "d"), [(1, 1, 1), (1, 0.6, 0.9), (0.5, 1, 0.6), (1, 1, 2.5), (1, 0.2, 0.5)])
def test_the_area_of_a_lens_is_that_of_a_fine_grid(a, b, d):
    x, y = np.meshgrid(np.linspace(-1, 3, 2001), np.linspace(-1, 1, 1001))
    covered = (x**2 + y**2 < a**2) & ((x - d) ** 2 + y**2 < b**2)
    assert lens(a, b, d) == pytest.approx(covered.mean() * 8, abs=4e-3)


@pytest.mark.parametrize(("a", "b", "shared"), [(2, 1, 0.5), (1, 1, 0), (1, 1, 1), (3, 0.2, 0.2), (1.5, 1.4, 1e-6)])
def test_two_circles_are_to_scale(a, b, shared):
    x, y = frozenset("X"), frozenset("Y")
    (one, other), to_scale = circles("XY", {x: a - shared, y: b - shared, x | y: shared})
    assert to_scale
    assert min(one.x - one.radius, other.x - other.radius) == pytest.approx(-1)
    assert max(one.x + one.radius, other.x + other.radius) == pytest.approx(1)
    unit = a / (math.pi * one.radius**2)
    assert unit * math.pi * other.radius**2 == pytest.approx(b)
    assert unit * lens(one.radius, other.radius, other.x - one.x) == pytest.approx(shared, abs=1e-6)


@pytest.mark.parametrize("values", [(1, 1, -0.1), (-0.1, 1, 0.5), (0, 0, 0)])
def test_what_areas_cannot_show_is_not_said_to_be_to_scale(values):
    x, y = frozenset("X"), frozenset("Y")
    drawn, to_scale = circles("XY", dict(zip([x, y, x | y], values, strict=True)))
    assert not to_scale
    assert drawn[0].radius == drawn[1].radius


def test_a_negative_region_stays_negative_and_places_lie_in_their_regions():
    results = measure(list(regions(XOR.names).values()), XOR)
    drawing = Diagram.of(XOR.names, results)
    assert float(drawing.regions[frozenset("XYZ")]) == pytest.approx(-1)
    assert not drawing.to_scale
    for names, (x, y) in drawing.places.items():
        for c in drawing.circles:
            assert (math.hypot(x - c.x, y - c.y) < c.radius) == (c.name in names)


@pytest.mark.parametrize("a", [0.3, 1, 2])
def test_places_of_two_circles_lie_in_their_regions(a):
    x, y = frozenset("X"), frozenset("Y")
    values = {x: a, y: 0.7, x | y: 0.4}
    joint = Diagram.of(
        "XY", [measure("H(X)", Joint([0.5, 0.5], names=("X",))).scaled(v, "bits") for v in values.values()]
    )
    assert joint.to_scale
    for (names, (px, py)), c in product(joint.places.items(), joint.circles):
        assert (math.hypot(px - c.x, py - c.y) < c.radius) == (c.name in names)
