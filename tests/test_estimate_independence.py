"""Tables under permutation, the blend, and permutations that are drawn."""

import math
import os
import subprocess
import sys
from itertools import permutations

import mpmath as mp
import numpy as np
import pytest
from scipy.special import digamma
from scipy.stats import hypergeom
from sklearn.metrics.cluster import expected_mutual_information
from truths import LAWS, conditionally_independent, independent

from plogp._kernels.independence import cell_mean, cell_moments
from plogp.counts import Counts
from plogp.errors import InvalidValue
from plogp.estimate import CountsSource
from plogp.estimate.independence import Blend, Permutation, Table
from plogp.estimate.permutation import Independence, random_tables
from plogp.evaluate import Request
from plogp.formula import Formula


def infer(formula, counts, estimator="auto", **request):
    return CountsSource(counts, estimator).infer(Formula(formula), Request(**request))


def table_of(array, given=False):
    """A table of X × Y, in strata of Z if it has three axes."""
    counts = Counts(np.asarray(array), names=("X", "Y", "Z")[: np.ndim(array)])
    return Table.of(counts, frozenset("X"), frozenset("Y"), frozenset("Z") if np.ndim(array) == 3 else frozenset())


# ---- tables: permutation and shrinkage -------------------------------------------------------------------------------

TABLES = [
    [[40, 10], [12, 38]],
    [[20, 5, 3], [4, 17, 2], [6, 6, 30]],
    [[3, 0], [1, 2], [0, 1]],
    [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    [[500, 1], [1, 3]],
]


@pytest.mark.parametrize("array", TABLES)
def test_expected_mutual_information_is_that_of_scikit_learn(array):
    table, contingency = table_of(array), np.array(array)
    wanted = expected_mutual_information(contingency, int(contingency.sum()))
    assert Permutation.of(table).mean / (2 * table.n) == pytest.approx(wanted, rel=1e-10)


def g_of(table):
    """2n times the plug-in mutual information."""
    e = np.outer(table.sum(1), table.sum(0)) / max(table.sum(), 1)
    return 2 * float(np.sum(table[table > 0] * np.log(table[table > 0] / e[table > 0])))


def every_permutation(array):
    """The tables of all permutations of the columns' outcomes, as equally likely."""
    array = np.asarray(array)
    rows, columns = (np.repeat(np.arange(m.size), m) for m in (array.sum(1), array.sum(0)))
    for order in permutations(range(columns.size)):
        table = np.zeros_like(array)
        np.add.at(table, (rows, columns[list(order)]), 1)
        yield table


SMALL = [[[3, 0], [1, 2], [0, 1]], [[2, 1], [1, 2]], [[1, 1, 1], [1, 2, 1]], [[4, 1], [1, 1]]]


@pytest.mark.parametrize("array", SMALL)
def test_moments_over_all_permutations(array):
    """Means exactly; the variance where each cell is tied to its neighbours only roughly."""
    drawn = list(every_permutation(array))
    found, n = Permutation.of(table_of(array)), int(np.sum(array))
    assert found.mean == pytest.approx(np.mean([g_of(t) for t in drawn]), rel=1e-12)
    assert found.part == pytest.approx(np.mean([np.sum(t[t > 0] * digamma(t[t > 0])) for t in drawn]), abs=1e-12 * n)
    assert found.f1 == pytest.approx(np.mean([(t == 1).sum() for t in drawn]), rel=1e-12)
    assert found.f2 == pytest.approx(np.mean([(t == 2).sum() for t in drawn]), rel=1e-12)
    assert found.variance == pytest.approx(np.var([g_of(t) for t in drawn]), rel=0.35)


@pytest.mark.parametrize(("rows", "columns"), [([30, 50], [40, 40]), ([5, 95], [50, 50]), ([3, 997], [10, 990])])
def test_variance_of_two_by_two_tables(rows, columns):
    """One cell decides the table: the exact variance is a sum over its hypergeometric counts."""
    n = sum(rows)
    counts = np.arange(max(0, rows[0] + columns[0] - n), min(rows[0], columns[0]) + 1)
    p = hypergeom.pmf(counts, n, rows[0], columns[0])
    g = np.array([g_of(np.array([[k, rows[0] - k], [columns[0] - k, n - rows[0] - columns[0] + k]])) for k in counts])
    found = Permutation.of(
        table_of([[counts[0], rows[0] - counts[0]], [columns[0] - counts[0], rows[1] - columns[0] + counts[0]]])
    )
    assert found.mean == pytest.approx(p @ g, rel=1e-10)
    assert found.variance == pytest.approx(p @ g**2 - (p @ g) ** 2, rel=0.1)


@pytest.mark.parametrize("shape", [(5, 5, 1), (10, 10, 1), (30, 30, 1), (3, 3, 8), (2, 2, 30)])
def test_variance_of_larger_tables_against_drawn_permutations(shape):
    rng = np.random.default_rng(3)
    array = rng.multinomial(200, np.ones(math.prod(shape)) / math.prod(shape)).reshape(shape)
    total = np.zeros(4000)
    for z in range(shape[2]):
        rows, columns = (np.repeat(np.arange(m.size), m) for m in (array[:, :, z].sum(1), array[:, :, z].sum(0)))
        for i in range(total.size):
            cells = rows * shape[1] + rng.permutation(columns)
            total[i] += g_of(np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape[:2]))
    found = Permutation.of(table_of(array))
    assert found.mean == pytest.approx(total.mean(), abs=5 * total.std() / math.sqrt(total.size))
    assert 0.9 < found.variance / total.var() < 1.25


def test_strata_add_up():
    rng = np.random.default_rng(4)
    array = rng.poisson(2.0, (4, 3, 6))
    whole = Permutation.of(table_of(array))
    parts = [Permutation.of(table_of(array[:, :, z])) for z in range(6)]
    for moment in ("mean", "variance", "part", "f1", "f2"):
        assert getattr(whole, moment) == pytest.approx(sum(getattr(part, moment) for part in parts), rel=1e-12)
    assert whole.reach == pytest.approx([sum(part.reach[i] for part in parts) for i in (0, 1)], rel=1e-12)


def test_reach_is_a_sum_over_the_grid():
    array = np.array(TABLES[1])
    e = np.outer(array.sum(1), array.sum(0)) / array.sum()
    u = np.maximum(np.log(e), 0) + 1
    assert Permutation.of(table_of(array)).reach == pytest.approx((np.sum(e * u), np.sum(e * u**2)))


def test_ten_million_observations_in_hundreds_of_thousands_of_levels():
    rng = np.random.default_rng(5)
    levels, n = 100_000, 1_000_000
    codes = {name: rng.integers(0, levels, n) for name in ("X", "Y")}
    counts = Counts.from_codes(codes, {name: range(levels) for name in codes})
    table = Table.of(counts, frozenset("X"), frozenset("Y"))
    found = Permutation.of(table)
    assert found.mean == pytest.approx(2 * n * table.plug_in, rel=1e-4)
    assert found.variance > 0


@pytest.mark.parametrize("n", [10**7, 10**12])
def test_large_counts_keep_their_precision(n):
    """G has the mean (r − 1)(c − 1) and twice that as its variance."""
    found = Permutation.of(table_of(np.full((3, 4), n // 12)))
    assert found.mean == pytest.approx(6, rel=1e-4)
    assert found.variance == pytest.approx(12, rel=1e-4)


# From a separate implementation of the same formulas (nats): estimate, expected mutual information, λ, the sum of
# Chao-Wang-Jost entropies, the permutation mean of the joint one, and the plug-in value.
REFERENCE = [
    (TABLES[0], 0.1615090826961, 0.0050765411601, 0.0321583178726, 0.1614687683256, 1.3955441985566, 0.1666057912774),
    (TABLES[1], 0.2920212232943, 0.0222257788792, 0.0619361867544, 0.2915942924510, 2.1817568741869, 0.3144893698020),
    (
        np.moveaxis([[[12, 3, 5], [4, 9, 2]], [[7, 7, 8], [6, 1, 10]], [[2, 0, 1], [0, 11, 4]]], 0, 2),
        0.0979152776939, 0.0366035468581, 0.3220144117782, 0.0974940563237, 2.7665925344729, 0.1297398049583,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("array", "value", "chance", "weight", "cwj", "joint", "plug_in"), REFERENCE)
def test_the_blend_is_that_of_a_separate_implementation(array, value, chance, weight, cwj, joint, plug_in):
    table = table_of(array)
    null = Permutation.of(table)
    blend = Blend(table, null)
    found = (blend.value, null.mean / (2 * table.n), blend.weight, blend.chao_wang_jost, null.joint_entropy(table.n))
    assert (*found, table.plug_in) == pytest.approx((value, chance, weight, cwj, joint, plug_in), abs=1e-11)


@pytest.mark.parametrize("law", LAWS)
def test_rows_and_columns_may_change_places(law):
    array = LAWS[law](4, 7, np.random.default_rng(6), 1.0).draw(300, np.random.default_rng(7))
    one, other = (infer("I(X;Y)", Counts(a, names=("X", "Y"))) for a in (array, array.T))
    assert (one.value, one.std_error, *one.interval) == pytest.approx((other.value, other.std_error, *other.interval))
    assert one.p_value == pytest.approx(other.p_value)


def test_the_value_is_unbiased_under_independence():
    rng = np.random.default_rng(8)
    population = independent(12, 9, rng)
    values = [infer("I(X;Y)", population.counts(150, rng), confidence=None).value for _ in range(300)]
    assert abs(np.mean(values)) < 4 * np.std(values) / math.sqrt(300) + 0.003


def test_conditional_values_are_unbiased_under_conditional_independence():
    rng = np.random.default_rng(9)
    population = conditionally_independent(4, 4, 6, rng, concentration=0.5)
    assert population.truth("I(X;Y)") > 0.01
    values = [infer("I(X;Y|Z)", population.counts(400, rng), confidence=None).value for _ in range(300)]
    assert abs(np.mean(values)) < 4 * np.std(values) / math.sqrt(300) + 0.003


# ---- drawn permutations ----------------------------------------------------------------------------------------------


def test_random_tables_have_their_margins_and_the_distribution_of_permutations():
    rng = np.random.default_rng(8)
    rows, columns = np.array([4, 3]), np.array([2, 4, 1])
    drawn = random_tables(np.tile(rows, (50_000, 1)), columns, rng)
    assert np.array_equal(drawn.sum(2), np.tile(rows, (50_000, 1)))
    assert np.array_equal(drawn.sum(1), np.tile(columns, (50_000, 1)))
    every = list(every_permutation([[1, 3, 0], [1, 1, 1]]))
    for cell in np.ndindex(2, 3):
        for k in range(4):
            wanted = np.mean([t[cell] == k for t in every])
            assert np.mean(drawn[:, *cell] == k) == pytest.approx(wanted, abs=0.012)


@pytest.mark.parametrize("scale", [1, 60], ids=["shuffled", "tables"])
@pytest.mark.parametrize("formula", ["I(X;Y)", "I(X;Y|Z)", "TC(X;Y;Z)"])
def test_drawn_permutations_agree_with_the_moments(formula, scale):
    """Both ways of drawing, against the p-value from exact moments, where nothing is very unlikely."""
    rng = np.random.default_rng(9)
    array = rng.multinomial(80 * scale, np.ones(12) / 12).reshape(2, 3, 2)
    counts = Counts(array, names=("X", "Y", "Z"))
    drawn = infer(formula, counts, permutations=3000)
    assert drawn.p_value == pytest.approx(infer(formula, counts).p_value, abs=0.04)
    assert drawn.p_value * 3001 == pytest.approx(round(drawn.p_value * 3001))
    assert "3,000 permutations, seed 0 (fixed)" in drawn.route
    assert infer(formula, counts, permutations=3000, seed=1).p_value != drawn.p_value


def test_a_drawn_p_value_of_a_tiny_table_is_the_share_of_all_permutations():
    array = np.array([[3, 0], [1, 3]])
    share = np.mean([g_of(t) >= g_of(array) - 1e-9 for t in every_permutation(array)])
    result = infer("I(X;Y)", Counts(array, names=("X", "Y")), permutations=20_000)
    assert result.p_value == pytest.approx(share, abs=0.015)


def test_drawing_permutations_of_too_many_observations_is_refused():
    counts = Counts([[10**9, 5], [4, 10**9]], names=("X", "Y"))
    with pytest.raises(InvalidValue, match=r"needed: fewer than 1,000,000,000.*hint: leave out permutations="):
        infer("I(X;Y)", counts, permutations=10)


def test_groups_of_a_total_correlation_follow_one_another():
    counts = Counts(np.random.default_rng(10).poisson(3.0, (2, 3, 4)), names=("X", "Y", "Z"))
    null = Independence.of(counts, Formula("TC(Z;X;Y)"))
    assert [(t.rows.size, t.columns.size) for t in null.tables] == [(2, 3), (6, 4)]
    assert sum(2 * t.n * t.plug_in for t in null.tables) == pytest.approx(
        2 * counts.n * infer("TC(X;Y;Z)", counts, "plug-in").value
    )
    assert Independence.of(counts, Formula("H(X)")) is None


@pytest.mark.parametrize(
    ("a", "b", "n"),
    [(300, 700, 1000), (1000, 2000, 10_000), (5000, 6000, 10_000), (401, 5000, 10_000), (9990, 9995, 10_000)],
)
def test_moments_of_great_counts_are_those_of_their_distribution(a, b, n):
    """From a mean of 200 on a series is summed; here the hypergeometric distribution itself, with 40 digits."""
    with mp.workdps(40):
        mean, p, terms = mp.mpf(a) * b / n, mp.mpf(1), []
        for k in range(max(1, a + b - n), min(a, b) + 1):
            g = 2 * (k * mp.log(k / mean) - k + mean)
            terms.append([p * x for x in (1, g, g * g, g * (k - mean), k * mp.digamma(k))])
            p *= mp.mpf(a - k) * (b - k) / ((k + 1) * mp.mpf(n - a - b + k + 1))
        whole, *sums = map(mp.fsum, zip(*terms, strict=True))
        exact = [float(x / whole) for x in sums]
    found = np.empty(7)
    cell_moments(a, b, n, found)
    assert found[1:5] == pytest.approx(exact, rel=1e-9, abs=1e-13)
    assert cell_mean(a, b, n) == pytest.approx(exact[0], rel=1e-9)


@pytest.mark.parametrize(("a", "b", "n"), [(50, 1000, 1000), (60, 900, 1000), (100, 700, 1000), (150, 5000, 10_000)])
def test_the_mean_alone_is_the_mean_of_all_moments(a, b, n):
    found = np.empty(7)
    cell_moments(a, b, n, found)
    assert cell_mean(a, b, n) == pytest.approx(found[1], rel=1e-8, abs=1e-12)


def test_interpreted_kernels_give_the_same():
    """Where Numba is absent, or told to stay out, the same functions run as they are written."""
    code = """if True:
        import numpy as np
        from plogp._kernels.independence import permutation_moments, shuffle_within
        i = lambda *x: np.array(x)
        rows, columns = (i(0, 2, 3), i(40, 50, 3), i(1, 1, 2)), (i(0, 2, 3), i(30, 60, 6), i(1, 1, 1))
        print(permutation_moments(i(90, 6), *rows, *columns).tolist())
        codes = np.arange(9)
        shuffle_within(codes, i(0, 4, 9), np.random.default_rng(1))
        print(codes.tolist())
    """
    with_numba, without = (
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"NUMBA_DISABLE_JIT": off}, capture_output=True, text=True
        )
        for off in ("0", "1")
    )
    assert without.stdout == with_numba.stdout != ""
