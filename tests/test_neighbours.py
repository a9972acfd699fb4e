"""Neighbours in max-norm: the compiled loops and SciPy's tree both say what looking at all pairs does, to the bit."""

import os
import subprocess
import sys
import threading

import numba  # noqa: F401  the compiled loops are then taken for any n
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plogp import _kernels, lines
from plogp._kernels import grids
from plogp.estimate.neighbours import Pair, count_within, kth_distance
from plogp.estimate.planes import Plane
from plogp.estimate.trees import Tree
from plogp.lines import Line

RNG = np.random.default_rng(0)
N = 300
FAR = np.where(RNG.random((N, 1)) < 0.5, 1e9, 0.0)

POINTS = {
    "normal": RNG.normal(size=(N, 2)),
    "grid": RNG.integers(0, 5, size=(N, 2)).astype(float),
    "one of them on a grid": np.column_stack([RNG.integers(0, 5, N), RNG.normal(size=N)]),
    "rounded": np.round(RNG.normal(size=(N, 2)), 1),
    "one constant": np.column_stack([np.ones(N), RNG.normal(size=N)]),
    "all the same": np.full((N, 2), 7.0),
    "on a line": np.repeat(np.arange(N, dtype=float)[:, None], 2, axis=1),
    "reversed": np.column_stack([np.arange(N, dtype=float), -np.arange(N, dtype=float)]),
    "Cauchy": RNG.standard_cauchy((N, 2)),
    "scales apart": RNG.normal(size=(N, 2)) * [1e-300, 1e300],
    "near the least numbers": RNG.normal(size=(N, 2)) * 1e-310,
    "two far clusters": RNG.normal(size=(N, 2)) + FAR,
    "far from zero": RNG.normal(size=(N, 2)) + 1e9,
    "copies": np.repeat(RNG.normal(size=(N // 2, 2)), 2, axis=0),
    "three dimensions": RNG.normal(size=(N, 3)),
    "four on a grid": RNG.integers(0, 3, size=(N, 4)).astype(float),
    "five with heavy tails": RNG.standard_cauchy((N, 5)),
    "nine, rounded": np.round(RNG.normal(size=(N, 9)), 1),
}


def pairwise(points, among):
    return np.abs(points[:, None] - among[None]).max(axis=2)


def others(points):
    """Distances to the other points, ∞ to itself."""
    apart = pairwise(points, points)
    np.fill_diagonal(apart, np.inf)
    return apart


@pytest.fixture(params=["compiled", "SciPy"])
def path(request, monkeypatch):
    monkeypatch.setattr(_kernels, "COMPILED", request.param == "compiled")


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("name", POINTS)
@pytest.mark.parametrize("k", [1, 3, 8])
def test_neighbours_are_those_of_all_pairs(name, k):
    points = POINTS[name]
    for some in (points, points[:, :1]):
        apart = others(some)
        radii = np.sort(apart, axis=1)[:, k - 1]
        assert (kth_distance(some, k) == radii).all()
        assert (count_within(some, radii) == (apart < radii[:, None]).sum(axis=1)).all()
        assert (count_within(some, radii, closed=True) == (apart <= radii[:, None]).sum(axis=1)).all()


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("name", POINTS)
def test_neighbours_among_others(name):
    points, among = POINTS[name][::3], POINTS[name][1::3]
    apart = pairwise(points, among)
    radii = np.sort(apart, axis=1)[:, 1]
    assert (kth_distance(points, 2, among) == radii).all()
    for closed, inside in ((False, apart < radii[:, None]), (True, apart <= radii[:, None])):
        assert (count_within(points, radii, closed=closed, among=among) == inside.sum(axis=1)).all()


def test_queries_of_a_scale_far_from_that_of_the_points():
    among, points = RNG.normal(size=(400, 3)) * 1e-40, RNG.normal(size=(50, 3)) * 1e40
    apart = pairwise(points, among)
    radii = np.sort(apart, axis=1)[:, 3]
    assert (kth_distance(points, 4, among) == radii).all()
    assert (count_within(points, radii, closed=True, among=among) == (apart <= radii[:, None]).sum(axis=1)).all()


@pytest.mark.parametrize("exponent", [100, 300, 700])
def test_a_column_that_is_far_wider_leaves_the_others_their_differences(exponent):
    points = np.round(np.random.default_rng(2).normal(size=(600, 3)), 1)
    points[:, 2] = np.where(np.arange(600) % 3 > 0, 0.0, points[:, 2] * 2.0**exponent)
    apart = pairwise(points, points)
    nothing = np.zeros(600)
    assert (count_within(points, nothing, closed=True) == (apart <= 0).sum(axis=1) - 1).all()
    assert (kth_distance(points, 3) == np.sort(apart, axis=1)[:, 3]).all()


MANY = {
    "normal, five": RNG.normal(size=(3000, 5)),
    "normal, two": RNG.normal(size=(3000, 2)),
    "tails, three": RNG.standard_cauchy((3000, 3)),
    "rounded, three": np.round(RNG.normal(size=(3000, 3)), 1),
    "clusters, four": RNG.normal(size=(3000, 4)) * 10.0 ** RNG.integers(-8, 8, size=(3000, 1)),
    "one far from all, three": RNG.normal(size=(3000, 3)) * np.where(np.arange(3000) == 7, 1e12, 1.0)[:, None],
}


@pytest.mark.parametrize("name", MANY)
def test_a_tree_of_many_leaves_says_what_all_pairs_do(name):
    points, unlike = MANY[name], 10.0 ** np.random.default_rng(3).uniform(-9, 9, 3000)
    apart = others(points)
    near = np.partition(apart, 4, axis=1)[:, 4]
    tree = Tree(points)
    assert (tree.kth_distance(5) == near).all()
    for limits in (near, np.nextafter(near, np.inf), unlike, np.where(unlike > 1, near, -1.0)):
        itself = limits > 0
        assert (tree.count(limits) == (apart < limits[:, None]).sum(axis=1) + itself).all()
    far = points[:700] * 1.5 + 0.25
    away = pairwise(far, points)
    radii = np.partition(away, 199, axis=1)[:, 199]  # more than a leaf holds
    assert (Tree(far).kth_distance(200, tree) == radii).all()
    assert (Tree(far).count(radii, tree) == (away < radii[:, None]).sum(axis=1)).all()


@given(
    arrays(np.float64, 3, elements=st.floats(-1.7e308, 1.7e308)),
    st.floats(0, 1.7e308, exclude_min=True),
    st.floats(1, 1e6),
)
@example(np.array([-0.05e308, -1.7e308, 0.0]), 1.6e308, 1.0)
@example(np.array([1.7e308, 0.0, -0.85e308]), 1e308, 1.0)
def test_steps_of_a_grid_are_never_wrong_by_more_than_is_allowed_for(values, limit, room):
    x, q, centre = values
    at = np.empty(2, np.int16)
    with np.errstate(over="ignore"):
        own = abs(q - centre)
        for reach, covered in ((own, False), ((own + limit) * room, True)):
            scale = grids.scale_to(reach)
            grids.places_of(values[:2].copy(), np.uintp(0), np.uintp(2), centre, scale, at, np.uintp(0))
            steps, near = abs(int(at[0]) - int(at[1])), abs(x - q) < limit
            assert steps < grids.above(limit, scale) or not near
            assert near or not (covered and steps < grids.surely(limit, scale))


INTERPRETED = """
import numpy as np
from plogp.estimate.trees import Tree
points = np.random.default_rng(0).normal(size=(300, 3)).round(1)
tree = Tree(points)
radii = tree.kth_distance(3)
print(radii.tolist(), tree.count(radii).tolist(), Tree(points[:50] + 0.3).kth_distance(2, tree).tolist())
"""


def test_interpreted_loops_of_the_tree_give_the_same():
    with_numba, without = (
        subprocess.run(
            [sys.executable, "-W", "error", "-c", INTERPRETED],
            env=os.environ | {"NUMBA_DISABLE_JIT": off},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for off in ("0", "1")
    )
    assert without == with_numba != ""


@pytest.mark.usefixtures("path")
@given(arrays(np.float64, st.tuples(st.integers(5, 40), st.integers(1, 5)), elements=st.integers(-3, 3).map(float)))
def test_neighbours_on_small_grids(points):
    apart = others(points)
    radii = np.sort(apart, axis=1)[:, 2]
    assert (kth_distance(points, 3) == radii).all()
    assert (count_within(points, radii) == (apart < radii[:, None]).sum(axis=1)).all()


@pytest.mark.usefixtures("path")
def test_limits_of_nothing_and_of_everything():
    points = POINTS["grid"]
    assert (count_within(points, np.full(N, -1.0)) == 0).all()
    assert (count_within(points, np.zeros(N)) == 0).all()
    assert (count_within(points, np.full(N, np.inf)) == N - 1).all()
    assert (count_within(points[:, :0], np.ones(N)) == N - 1).all()


COLUMNS = {
    "normal": RNG.normal(size=5000),
    "rounded": np.round(RNG.normal(size=5000), 2),
    "of both signs, and zeros": RNG.choice([-1.5, -0.0, 0.0, 1.5, -5e-324, 5e-324, np.inf, -np.inf], 5000),
    "of all sizes": RNG.normal(size=5000) * 10.0 ** RNG.integers(-300, 300, 5000),
    "alike in most bits": 1 + RNG.permutation(5000) * 2.0**-50,
    "alike in most bits, a few": np.append(RNG.normal(size=4900), 1 + RNG.permutation(100) * 2.0**-42),
    "pairs apart by a bit": RNG.permutation(np.outer(RNG.normal(size=2500), [1, 1 + 2.0**-52]).ravel()),
    "a column of two": RNG.normal(size=(5000, 2))[:, 1],
    "one": np.ones(1),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_line_is_in_order(name):
    values = COLUMNS[name]
    line = Line(values)
    assert (line.values == np.sort(values)).all()
    assert (line.values == values[line.order]).all()
    assert (line.order[line.rank] == np.arange(values.size)).all()
    assert (np.sort(line.order) == np.arange(values.size)).all()


@pytest.mark.parametrize("name", [name for name, points in POINTS.items() if points.shape[1] == 2])
def test_a_plane_counts_by_row_and_in_any_pairing(name):
    x, y = POINTS[name].T
    plane, order = Plane(Line(x), Line(y)), np.random.default_rng(1).permutation(N)
    apart = others(np.column_stack([x, y[order]]))
    radii = np.sort(apart, axis=1)[:, 2:3]
    wanted = [(others(v[:, None]) < radii).sum(axis=1) for v in (x, y[order])]
    assert [sorted(counts) for counts in plane.counts(3, order)] == [sorted(counts) for counts in wanted]
    for by_row, counts in zip(Plane(Line(x), Line(y[order])).counts(3), wanted, strict=True):
        assert (by_row == counts).all()


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("name", ["normal", "grid", "three dimensions", "four on a grid"])
def test_boxes_hold_all_neighbours_that_are_as_near_as_the_kth(name):
    points = POINTS[name]
    pair = Pair(points[:, :1], points[:, 1:])
    apart = others(points)
    near = apart <= np.sort(apart, axis=1)[:, 2:3]
    for counts, v in zip(pair.counts_in_boxes(3), (pair.x, pair.y), strict=True):
        steps = others(v)
        box = np.where(near, steps, 0).max(axis=1, keepdims=True)
        assert (counts == (steps <= box).sum(axis=1)).all()


THREADED = """
import numpy as np
from plogp.estimate import KSG
x = np.random.default_rng(0).normal(size=(40_000, 4))
for a, b in ((x[:, :1], x[:, 1:2]), (x[:, :2], x[:, 2:])):
    print(KSG().mutual_information(a, b).value.hex())
"""


@pytest.mark.slow
def test_threads_change_nothing():
    said = {
        subprocess.run(
            [sys.executable, "-c", THREADED],
            env=os.environ | {"NUMBA_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "3")
    }
    assert len(said) == 1


FORKED = """
import os, sys
import numpy as np
from plogp.estimate import KSG
x = np.random.default_rng(0).normal(size=(40_000, 2))
measured = lambda: KSG().mutual_information(x[:, :1], x[:, 1:]).value
first = measured()
child = os.fork()
if not child:
    os._exit(measured() != first)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_process_has_threads_of_its_own():
    environment = os.environ | {"NUMBA_NUM_THREADS": "3"}
    subprocess.run([sys.executable, "-c", FORKED], env=environment, check=True, timeout=120)


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_tasks_have_tasks_of_their_own(monkeypatch, count):
    monkeypatch.setattr(_kernels, "threads", lambda: count)

    def filled(number):
        out = np.zeros(50_000, int)

        def loop(begin, stop):
            out[begin:stop] += number

        _kernels.in_parts(loop, out.size, least=100)
        return out

    for _ in range(20):
        one, other = _kernels.both(filled, 1, 2, 50_000)
        assert (one == 1).all()
        assert (other == 2).all()


def test_what_a_part_raises_comes_through(monkeypatch):
    monkeypatch.setattr(_kernels, "threads", lambda: 3)
    for wrong in range(8):
        with pytest.raises(ZeroDivisionError):
            _kernels.in_parts(lambda begin, stop, wrong=wrong: 1 // abs(begin // 1000 - wrong), 8000, least=1000)


def test_two_lines_make_their_tables_side_by_side(monkeypatch):
    """Each waits for the other to have begun; a lock that all lines share would let none of them end."""
    both_are_here = threading.Barrier(2, timeout=20)
    steps = lines.steps
    monkeypatch.setattr(lines, "steps", lambda values: both_are_here.wait() + 1 and steps(values))
    monkeypatch.setattr(_kernels, "threads", lambda: 2)
    x = np.random.default_rng(0).normal(size=(2, 20_000))
    plane = Plane(Line(x[0]), Line(x[1]))
    assert plane.x.table[2].size == plane.y.table[2].size
