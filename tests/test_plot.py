"""The pictures: what is drawn are the values, where they belong."""

import math
import subprocess
import sys
from dataclasses import dataclass

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("agg")
from matplotlib import pyplot
from matplotlib.patches import Circle

import plogp as pp
from plogp.diagram import lens
from plogp.errors import InvalidType, InvalidValue, NotADistribution, ShapeMismatch

JOINT = pp.Joint([[0.3, 0.1, 0.1], [0.05, 0.05, 0.4]], names=("X", "Y"))
XOR = pp.Joint(np.array([[[0.25, 0], [0, 0.25]], [[0, 0.25], [0.25, 0]]]), names=("X", "Y", "Z"))


@pytest.fixture(autouse=True)
def close():
    yield
    pyplot.close("all")


def circles(axes):
    return [patch for patch in axes.patches if isinstance(patch, Circle) and patch.get_fill()]


def test_two_circles_are_drawn_to_scale_and_labelled():
    axes = pp.plot.information_diagram(["X", "Y"], JOINT, unit="nats")
    a, b = circles(axes)
    h_x, h_y, shared = (float(pp.measure(f, JOINT, unit="nats")) for f in ("H(X)", "H(Y)", "I(X;Y)"))
    assert (b.radius / a.radius) ** 2 == pytest.approx(h_y / h_x)
    overlap = lens(a.radius, b.radius, math.dist(a.center, b.center)) / (math.pi * a.radius**2)
    assert overlap == pytest.approx(shared / h_x, rel=1e-6)
    assert axes.get_title() == "nats, areas to scale"
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["X", "Y", f"{h_x - shared:.4f}", f"{h_y - shared:.4f}", f"{shared:.4f}"]
    for text, inside in zip(axes.texts[2:], ([a], [b], [a, b]), strict=True):
        assert [c for c in (a, b) if math.dist(text.get_position(), c.center) < c.radius] == inside


def test_a_negative_region_is_hatched_and_nothing_else():
    axes = pp.plot.information_diagram(["X", "Y", "Z"], XOR)
    [hatched] = [c for c in axes.collections if getattr(c, "hatches", [None])[0]]
    vertices = np.concatenate([path.vertices for path in hatched.get_paths()])
    for circle in circles(axes):
        assert (np.hypot(*(vertices - circle.center).T) < circle.radius + 0.01).all()
    assert "-1.0000" in [text.get_text() for text in axes.texts]
    assert axes.get_title() == "bits, areas not to scale"
    axes.figure.canvas.draw()
    assert not [c for c in pp.plot.information_diagram(["X", "Y"], JOINT).collections if hasattr(c, "hatches")]


def test_a_region_without_room_has_its_number_beside():
    joint = pp.Joint([[0.5, 0], [0, 0.5]], names=("X", "$Y$"))
    axes = pp.plot.information_diagram(["X", "$Y$"], joint)
    texts = [text.get_text() for text in axes.texts]
    assert texts[2:] == [r"H(X|\`\$Y\$\`) = 0.0000".replace(r"\`", "`"), r"H(`\$Y\$`|X) = 0.0000", "1.0000"]
    axes.figure.canvas.draw()


def test_the_regions_of_a_sample_add_up_to_its_entropies():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 4, 200)
    source = {"x": x, "y": x // 2, "z": rng.integers(0, 3, 200)}
    axes = pp.plot.information_diagram(list("xyz"), source)
    numbers = [float(text.get_text().rpartition("= ")[2]) for text in axes.texts[3:]]
    assert len(numbers) == 7
    assert sum(numbers) == pytest.approx(float(pp.measure("H(x,y,z)", source, estimator="chao-wang-jost")), abs=0.004)
    with pytest.raises(InvalidValue, match="two or three variables"):
        pp.plot.information_diagram(["x"], source)


@dataclass
class Matrix:
    columns: tuple
    unit: str
    values: np.ndarray

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


def test_a_matrix_shows_its_values_names_and_unit():
    values = np.array([[1.5, 0.25], [0.25, np.nan]])
    axes = pp.plot.matrix(Matrix(("a$b$", "c"), "nats", values))
    assert np.array_equal(axes.images[0].get_array().filled(np.nan), values, equal_nan=True)
    assert [text.get_text() for text in axes.texts] == ["1.50", "0.25", "0.25", "?"]
    assert [label.get_text() for label in axes.get_yticklabels()] == [r"a\$b\$", "c"]
    assert axes.get_title() == "mutual information in nats"
    axes.figure.canvas.draw()


def test_a_matrix_and_a_ranking_of_a_table_are_drawn():
    x = np.arange(60) % 3
    source = {"x": x, "half": x // 2, "other": np.arange(60) % 5}
    axes = pp.plot.matrix(pp.mutual_information_matrix(source))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["x", "half", "other"]
    axes = pp.plot.ranking(pp.rank(source, "x"))
    assert [label.get_text() for label in axes.get_yticklabels()] == ["half", "other"]


class Ranking:
    def to_dicts(self):
        return [
            {"column": "b", "value": 0.7, "interval": (0.6, 0.9)},
            {"column": "a", "value": -0.1, "interval": None},
        ]


def test_a_ranking_goes_down_with_an_interval_for_each():
    axes = pp.plot.ranking(Ranking())
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]
    points = [line.get_xydata()[0].tolist() for line in axes.lines[:2]]
    assert points == [[0.7, 0.0], [-0.1, 1.0]]
    [interval] = axes.collections
    assert interval.get_segments()[0].tolist() == [[0.6, 0.0], [0.9, 0.0]]
    low, high = axes.get_ylim()
    assert low > high


def test_the_last_point_of_a_growth_is_the_estimate_and_the_sizes_double():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 10, 100)
    source = {"x": x, "y": np.where(rng.random(100) < 0.5, x, rng.integers(0, 10, 100))}
    axes = pp.plot.growth("I(x;y)", source, unit="nats", confidence=0.9)
    for line, band, name in zip(axes.lines, axes.collections, ("plug-in", "auto"), strict=True):
        result = pp.measure("I(x;y)", source, estimator=name, unit="nats", confidence=0.9)
        assert line.get_label() == name
        assert line.get_xdata().tolist() == [16, 32, 64, 100]
        assert line.get_ydata()[-1] == pytest.approx(float(result))
        corners = band.get_paths()[0].vertices
        assert corners[corners[:, 0] == 100][:, 1].min() == pytest.approx(result.interval[0])
        assert corners[corners[:, 0] == 100][:, 1].max() == pytest.approx(result.interval[1])
    assert axes.lines[0].get_ydata()[0] > axes.lines[0].get_ydata()[-1]
    again = pp.plot.growth("I(x;y)", source, unit="nats")
    other = pp.plot.growth("I(x;y)", source, unit="nats", seed=1)
    assert again.lines[1].get_ydata().tolist() == axes.lines[1].get_ydata().tolist()
    assert other.lines[1].get_ydata().tolist() != axes.lines[1].get_ydata().tolist()
    assert "seed 0" in axes.get_xlabel()


def test_growth_is_of_any_observations_and_of_nothing_else():
    import polars

    source = {"x": list("aab") * 8, "y": list("xyx") * 8}
    lines = [
        pp.plot.growth("H(x)", held, estimators=["plug-in"]).lines[0].get_ydata().tolist()
        for held in (source, pp.Samples(source), polars.DataFrame(source), pp.Samples(source).counts(["x", "y"])[0])
    ]
    assert lines == lines[:1] * 4
    with pytest.raises(InvalidType, match="the source is Joint; needed: observations"):
        pp.plot.growth("H(X)", JOINT)


def test_p_stands_against_q_with_both_divergences():
    p, q = [0.5, 0.25, 0.25], [0.25, 0.5, 0.25]
    axes = pp.plot.divergences(p, q, outcomes=["a", "b", "c"])
    heights = [patch.get_height() for patch in axes.patches]
    assert heights == [*p, *q]
    centres = [patch.get_x() + patch.get_width() / 2 for patch in axes.patches]
    assert centres == pytest.approx([-0.2, 0.8, 1.8, 0.2, 1.2, 2.2])
    assert axes.get_title() == "D(p‖q) = 0.2500, D(q‖p) = 0.2500, JS = 0.0613 bits"
    given = pyplot.subplots()[1]
    assert pp.plot.divergences(p, q, ax=given) is given
    with pytest.raises(NotADistribution):
        pp.plot.divergences([0.5, 0.6], [0.5, 0.5])
    with pytest.raises(ShapeMismatch, match=r"p of shape \(2,\), q of shape \(3,\)"):
        pp.plot.divergences([0.5, 0.5], q)


def test_without_matplotlib_the_error_says_how_to_get_it():
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "import plogp as pp\n"
        "try: pp.plot.divergences([0.5, 0.5], [0.5, 0.5])\n"
        "except pp.errors.MissingExtra as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "pictures need matplotlib, which isn't here. hint: pip install 'plogp[plot]'\n"
