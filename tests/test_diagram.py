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
    (one, other), off = circles("XY", {x: a - shared, y: b - shared, x | y: shared})
    assert off == 0
    assert min(one.x - one.radius, other.x - other.radius) == pytest.approx(-1)
    assert max(one.x + one.radius, other.x + other.radius) == pytest.approx(1)
    unit = a / (math.pi * one.radius**2)
    assert unit * math.pi * other.radius**2 == pytest.approx(b)
    assert unit * lens(one.radius, other.radius, other.x - one.x) == pytest.approx(shared, abs=1e-6)


@pytest.mark.parametrize("values", [(1, 1, -0.1), (-0.1, 1, 0.5), (0, 0, 0)])
def test_what_areas_cannot_show_is_not_said_to_be_to_scale(values):
    x, y = frozenset("X"), frozenset("Y")
    drawn, off = circles("XY", dict(zip([x, y, x | y], values, strict=True)))
    assert off is None
    assert drawn[0].radius == drawn[1].radius


def gridded(drawn, names):
    """The area of each region as a part of all, by counting points."""
    x, y = np.meshgrid(np.linspace(-1, 1, 1501), np.linspace(-1, 1, 1501))
    within = {c.name: (x - c.x) ** 2 + (y - c.y) ** 2 < c.radius**2 for c in drawn}
    covered = np.any([*within.values()], axis=0).sum()
    return {
        region: np.all([within[name] == (name in region) for name in names], axis=0).sum() / covered
        for region in map(frozenset, regions(names))
    }


@pytest.mark.parametrize("seed", range(11))
def test_three_circles_are_to_scale_or_say_what_is_not(seed):
    p = np.random.default_rng(seed).dirichlet(np.full(27, 0.2)).reshape(3, 3, 3)
    joint = Joint(p, names=tuple("XYZ"))
    drawing = Diagram.of("XYZ", measure(list(regions("XYZ").values()), joint))
    whole = sum(map(float, drawing.regions.values()))
    values = {region: float(result) / whole for region, result in drawing.regions.items()}
    if drawing.off is None:
        assert min(values.values()) < -0.01
        assert drawing.scale == "not to scale"
        return
    areas = gridded(drawing.circles, "XYZ")
    x, y, shared = (sum(v for region, v in values.items() if {*some} <= region) for some in ("X", "Y", "XY"))
    whole_x = sum(area for region, area in areas.items() if "X" in region)
    parts = {region: area * x / whole_x for region, area in areas.items()}  # in the unit in which X is to scale
    assert sum(part for region, part in parts.items() if "Y" in region) == pytest.approx(y, rel=0.01)
    assert sum(part for region, part in parts.items() if {*"XY"} <= region) == pytest.approx(shared, abs=0.004)
    worst = max(abs(part - values[region]) for region, part in parts.items())
    if drawing.off:
        assert worst == pytest.approx(drawing.off, abs=0.004)
        assert drawing.scale == f"to scale within {100 * drawing.off:.1f} % of the whole"
    else:
        assert worst < 0.014
        assert drawing.scale == "to scale"


def test_most_that_is_not_negative_is_drawn_with_its_areas():
    drawn = 0
    for seed in range(100):
        p = np.random.default_rng(seed).dirichlet(np.full(27, 0.2)).reshape(3, 3, 3)
        results = measure(list(regions("XYZ").values()), Joint(p, names=tuple("XYZ")))
        if min(map(float, results)) >= 0:
            drawn += Diagram.of("XYZ", results).off is not None
            assert drawn or seed < 50
    assert drawn > 10


@pytest.mark.parametrize(
    ("x", "y", "z", "scale"),
    [
        ([0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 1, 1], "to scale"),  # a copy, and one that is independent of both
        ([0, 1, 2, 3], [0, 1, 2, 3], [0, 0, 1, 1], "to scale"),  # a copy, and a part of both
        ([0, 1, 2, 3], [0, 0, 1, 1], [0, 1, 0, 1], "not to scale"),  # two that are apart don't fit into their whole
        ([0, 0, 1, 2], [0, 0, 1, 1], [0, 0, 0, 0], "not to scale"),  # a constant is no circle
    ],
)
def test_circles_that_touch_or_lie_in_each_other(x, y, z, scale):
    p = np.zeros((4, 4, 4))
    np.add.at(p, (x, y, z), 0.25)
    results = measure(list(regions("XYZ").values()), Joint(p, names=tuple("XYZ")))
    drawing = Diagram.of("XYZ", results)
    assert drawing.scale == scale
    if scale == "to scale":
        whole = sum(map(float, results))
        for region, area in gridded(drawing.circles, "XYZ").items():
            assert area == pytest.approx(float(drawing.regions[region]) / whole, abs=0.005)


def test_overlaps_that_leave_no_middle_are_not_drawn_with_one():
    values = dict(zip(map(frozenset, regions("XYZ")), (1, 1, 1, 2, 2, 2, 0.0), strict=True))
    drawn, off = circles("XYZ", values)
    assert off is None
    assert len({c.radius for c in drawn}) == 1


def test_a_region_below_nothing_by_chance_has_no_area():
    values = dict(zip(map(frozenset, regions("XYZ")), (0.787, 0.701, 1.011, 0.742, -0.004, -0.004, 0.0), strict=True))
    drawn, off = circles("XYZ", values)
    areas = gridded(drawn, "XYZ")
    assert off == 0
    assert areas[frozenset("XZ")] == areas[frozenset("XYZ")] == 0
    assert areas[frozenset("XY")] == pytest.approx(0.742 / 3.233, abs=0.01)


def test_a_negative_region_stays_negative_and_places_lie_in_their_regions():
    drawing = Diagram.of(XOR.names, measure(list(regions(XOR.names).values()), XOR))
    assert float(drawing.regions[frozenset("XYZ")]) == pytest.approx(-1)
    assert drawing.scale == "not to scale"
    assert len(drawing.places) == 7
    for names, ((x, y), depth) in drawing.places.items():
        for c in drawing.circles:
            assert (math.hypot(x - c.x, y - c.y) < c.radius - depth + 1e-9) == (c.name in names)


@pytest.mark.parametrize("a", [0.3, 1, 2])
def test_places_and_names_of_two_circles_lie_where_they_belong(a):
    x, y = frozenset("X"), frozenset("Y")
    values = {x: a, y: 0.7, x | y: 0.4}
    joint = Diagram.of(
        "XY", [measure("H(X)", Joint([0.5, 0.5], names=("X",))).scaled(v, "bits") for v in values.values()]
    )
    assert joint.scale == "to scale"
    for (names, ((px, py), _)), c in product(joint.places.items(), joint.circles):
        assert (math.hypot(px - c.x, py - c.y) < c.radius) == (c.name in names)
    for c, other in zip(joint.circles, joint.circles[::-1], strict=True):
        px, py, up = joint.beside(c, 0.0)
        assert math.hypot(px - c.x, py - c.y) == pytest.approx(c.radius)
        assert math.hypot(px - other.x, py - other.y) > other.radius
        px, py, up = joint.beside(c, 0.4)
        assert abs(px) <= 1.13 - 0.4
        for end in np.linspace(px - 0.4, px + 0.4, 50):
            assert math.hypot(end - c.x, py + 1e-9 * up - c.y) >= c.radius
