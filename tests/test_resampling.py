"""p-values by rearrangement: exact where it can be, uniform under the null, the same for any number of threads."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import kstest

from plogp._kernels.resampling import draw_from_lists
from plogp.errors import InvalidValue
from plogp.estimate.resampling import ENOUGH, locally_permuted, permuted, rearranged_test, shifted


def covariance(x, y):
    return lambda order: float(abs(x @ y[order]))


@pytest.mark.parametrize(("m", "stops"), [(20, False), (49, False), (50, True), (10_000, True)])
def test_all_values_alike_give_a_p_value_of_one(m, stops):
    """Every value reaches the estimate: (m + 1)/(m + 1), or 50/50 after 50 draws."""
    found = rearranged_test(lambda order: 1.0, 1.0, permuted(5), m)
    assert found.p_value == 1.0
    assert found.drawn == min(m, ENOUGH)
    assert ("stopped" in found.route) == (stops and m > ENOUGH)


def test_add_one_where_chance_never_reaches_the_estimate():
    found = rearranged_test(lambda order: 0.0, 1.0, permuted(5), 199, seed=7)
    assert (found.p_value, found.drawn) == (1 / 200, 199)
    assert found.route == "p-value: 199 permutations, seed 7"
    assert "seed 0 (fixed)" in rearranged_test(lambda order: 0.0, 1.0, permuted(5), 1).route


def test_the_early_stop_counts_its_last_draw():
    """h/l at the l-th draw, when it is the h-th that reaches the estimate."""
    x, y = np.random.default_rng(5).normal(size=(2, 30))
    found = rearranged_test(covariance(x, y), 0.8 * abs(x @ y), permuted(30), 5000)
    assert found.p_value == ENOUGH / found.drawn
    drawn = [covariance(x, y)(permuted(30).draw(np.random.default_rng([0, i]))) for i in range(found.drawn)]
    reached = np.array(drawn) >= 0.8 * abs(x @ y)
    assert reached.sum() == ENOUGH
    assert reached[-1]


def test_the_p_value_is_that_of_all_permutations():
    x, y = np.random.default_rng(2).normal(size=(2, 6))
    statistic = covariance(x, y)
    every = np.array([statistic(np.array(order)) for order in permutations(range(6))])
    exact = np.mean(every >= statistic(np.arange(6)) * (1 - 1e-12))
    found = rearranged_test(statistic, statistic(np.arange(6)), permuted(6), 5000, seed=1)
    assert found.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / found.drawn))


def test_the_number_of_threads_changes_nothing():
    x, y = np.random.default_rng(3).normal(size=(2, 40))
    one, two, five = (
        rearranged_test(covariance(x, y), abs(x @ y), permuted(40), 300, threads=threads) for threads in (1, 2, 5)
    )
    assert one == two == five


def test_p_values_are_uniform_under_independence():
    rng = np.random.default_rng(5)
    p = []
    for seed in range(500):
        x, y = rng.normal(size=(2, 30))
        p.append(rearranged_test(covariance(x, y), abs(x @ y), permuted(30), 199, seed, threads=1).p_value)
    assert kstest(p, "uniform").pvalue > 0.01
    assert np.mean(np.array(p) <= 0.05) == pytest.approx(0.05, abs=0.035)


@pytest.mark.slow
def test_p_values_are_uniform_under_conditional_independence():
    """x and y depend on each other through z alone; permutations of all rows take that for a dependence."""
    rng = np.random.default_rng(6)
    local, wrong = [], []
    for seed in range(300):
        z = rng.normal(size=200)
        x, y = z + rng.normal(size=(2, 200))
        for null, found in ((locally_permuted(z[:, None]), local), (permuted(200), wrong)):
            found.append(rearranged_test(lambda o, x=x, y=y: float(x @ y[o]), x @ y, null, 99, seed, 1).p_value)
    assert kstest(local, "uniform").pvalue > 0.01
    assert np.mean(np.array(wrong) <= 0.05) > 0.9


# ---- what is drawn ---------------------------------------------------------------------------------------------------


def test_rows_with_the_same_condition_are_permuted_among_themselves():
    z = np.repeat([[3.0], [1.0], [2.0]], [40, 7, 20], axis=0)
    z = z[np.random.default_rng(0).permutation(67)]
    null, rng = locally_permuted(z), np.random.default_rng(1)
    drawn = np.array([null.draw(rng) for _ in range(2000)])
    assert (z[drawn] == z).all()
    assert (np.sort(drawn, axis=1) == np.arange(67)).all()
    seven = np.flatnonzero(z[:, 0] == 1)
    assert np.bincount(drawn[:, seven[0]], minlength=67)[seven] == pytest.approx(np.full(7, 2000 / 7), abs=80)


def test_other_rows_take_one_of_their_neighbours():
    z = np.random.default_rng(2).normal(size=(60, 2))
    null, rng = locally_permuted(z, k=4), np.random.default_rng(3)
    distance = np.abs(z[:, None] - z).max(axis=2)
    allowed = distance <= np.sort(distance, axis=1)[:, [3]]
    drawn = np.array([null.draw(rng) for _ in range(300)])
    assert allowed[np.arange(60), drawn].all()
    assert np.mean([np.unique(order).size for order in drawn]) > 50  # with replacement: 38


def test_each_row_is_taken_once_where_possible():
    lists = np.array([[0, 1], [0, 2], [0, 1]])
    order = np.empty(3, np.int64)
    draw_from_lists(lists, np.array([2, 1, 0]), order)
    assert order.tolist() == [1, 2, 0]
    draw_from_lists(lists, np.array([0, 2, 1]), order)
    assert order.tolist() == [0, 2, 1]
    draw_from_lists(np.array([[0], [0], [0]]), np.array([0, 1, 2]), order)
    assert order.tolist() == [0, 0, 0]


def test_circular_shifts():
    null, rng = shifted(10, 3), np.random.default_rng(0)
    drawn = [null.draw(rng) for _ in range(200)]
    assert {int(order[0]) for order in drawn} == {3, 4, 5, 6, 7}
    assert all((np.diff(order) % 10 == 1).all() for order in drawn)
    with pytest.raises(InvalidValue, match=r"6 successive rows can't be shifted by 3.*needed: 7 rows"):
        shifted(6, 3)
