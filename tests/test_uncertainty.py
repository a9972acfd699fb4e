"""How sure: variances against brute force, intervals that behave, p-values that are uniform, notes that are said."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy.special import chndtr, ndtr
from truths import (
    Distribution,
    conditionally_independent,
    dependent,
    independent,
    near_deterministic,
    random_table,
    spike,
    uniform,
    zipf,
)

from plogp import estimate
from plogp.counts import Counts
from plogp.estimate import NSB, ChaoWangJost, CountsSource, PlugIn
from plogp.estimate.base import fingerprint, jackknife_variance
from plogp.estimate.independence import Blend, Permutation, Table, leave_one_out, unseen_event, without_excess
from plogp.estimate.notes import many_levels
from plogp.estimate.uncertainty import entropy_variance, noncentrality, sum_variance, undersampled
from plogp.evaluate import Request
from plogp.formula import Formula

FORMULAS = ["H(X)", "H(X,Y)", "H(X|Y)", "I(X;Y)", "I(X;Y|Z)", "TC(X;Y;Z)", "I(X;Y;Z)", "O(X;Y;Z)", "VI(X;Y)"]
tables = arrays.arrays(np.int64, st.tuples(*[st.integers(1, 4)] * 3), elements=st.integers(0, 9)).filter(
    lambda table: table.sum() > 0
)


def infer(formula, counts, estimator="auto", **request):
    return CountsSource(counts, estimator).infer(Formula(formula), Request(**request))


def three(array):
    return Counts(array, names=("X", "Y", "Z"))


def seen(array):
    """The same as samples would give it: only what was seen is known to be possible."""
    return Counts(
        {tuple(map(int, cell)): int(array[tuple(cell)]) for cell in np.argwhere(array)}, names=("X", "Y", "Z")
    )


def rows(array):
    """The observations behind a table of counts, shape (n, variables)."""
    return np.repeat(np.argwhere(array), array[array > 0], axis=0)


def brute_force(formula, array, estimator):
    """The delete-one jackknife variance of a signed sum of entropies, by deleting each observation."""
    data, terms = rows(array), Formula(formula).terms
    axes = {"X": 0, "Y": 1, "Z": 2}

    def value(kept):
        total = 0.0
        for names, c in terms.items():
            _, counts = np.unique(kept[:, sorted(axes[name] for name in names)], axis=0, return_counts=True)
            total += c * estimator.entropy(counts)
        return total

    loo = np.array([value(np.delete(data, i, axis=0)) for i in range(len(data))])
    return (len(data) - 1) / len(data) * float(np.sum((loo - loo.mean()) ** 2))


@pytest.mark.parametrize("estimator", ["plug-in", "miller-madow", "zhang", "chao-shen", "shrinkage"])
@pytest.mark.parametrize("formula", ["H(X)", "I(X;Y)", "I(X;Y|Z)", "I(X;Y;Z)"])
def test_the_standard_error_is_the_jackknife_over_observations(formula, estimator):
    array = np.random.default_rng(0).poisson(2.0, (3, 2, 3))
    wanted = brute_force(formula, array, estimate.estimator(estimator))
    assert infer(formula, seen(array), estimator).std_error ** 2 == pytest.approx(wanted, rel=1e-9)


def test_the_jackknife_of_the_blend_is_that_over_observations():
    array = np.random.default_rng(1).poisson(2.0, (3, 4))
    table = Table.of(Counts(array, names=("X", "Y")), frozenset("X"), frozenset("Y"))
    for weights, estimator in (((1.0, 0.0), ChaoWangJost()), ((0.0, 1.0), PlugIn())):
        found = jackknife_variance(leave_one_out(table, *weights), table.joint)
        assert found == pytest.approx(brute_force("I(X;Y)", array, estimator), rel=1e-9)


def test_the_jackknife_of_chao_wang_jost():
    """From a separate implementation: 0.008719260201861269 for these counts."""
    counts = fingerprint([50, 30, 20, 5, 1, 1])
    loo = ChaoWangJost().leave_one_out(counts)
    assert jackknife_variance(loo[counts.inverse], counts.values[counts.inverse]) == pytest.approx(0.008719260201861269)
    assert entropy_variance(counts) == pytest.approx(0.008719260201861269)


def test_the_excess_is_taken_away_where_it_is_known():
    counts = fingerprint(np.random.default_rng(2).poisson(100, 40))
    loo = ChaoWangJost().leave_one_out(counts)[counts.inverse]
    jackknife = jackknife_variance(loo, counts.values[counts.inverse])
    assert entropy_variance(counts) == pytest.approx(jackknife - 19.5 / counts.n**2)
    assert without_excess(5.0, 2.0) == 3
    assert without_excess(3.0, 2.0) == 2
    assert without_excess(1.0, 2.0) == 1


def test_degenerate_sums_have_the_variance_of_what_is_left():
    even = fingerprint([25, 25, 25, 25])
    margins = fingerprint([50, 50])
    terms = [(1, margins), (1, margins), (-1, even)]
    assert sum_variance(0.0, terms) == pytest.approx(2 * 1 / 100**2)
    assert sum_variance(0.0, [(1, even), (-1, even)]) == pytest.approx(1.64 * ((math.log(100) + 1) / 100) ** 2)


def test_one_unseen_event_by_its_definition():
    array = np.array([[40, 0, 3], [0, 50, 0]])
    table = Table.of(Counts(array, names=("X", "Y")), frozenset("X"), frozenset("Y"))
    e = np.outer(array.sum(1), array.sum(0)) / array.sum()
    empty = e[array == 0]
    squares = empty @ ((np.maximum(np.log(empty), 0) + 1 + table.plug_in) / array.sum()) ** 2
    wanted = 1.64 * min(empty.sum(), 1) * squares / empty.sum()
    assert unseen_event(table, Permutation.of(table)) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_standard_error_is_the_spread_of_the_estimate(seed):
    rng = np.random.default_rng(seed)
    population = [dependent(5, 4, rng), independent(3, 6, rng), near_deterministic(4, 4, rng, 0.2)][seed % 3]
    formula = ["I(X;Y)", "H(X|Y)"][seed // 3]
    results = [infer(formula, population.counts(1_000, rng)) for _ in range(250)]
    spread = np.std([r.value for r in results])
    assert 0.85 < math.sqrt(np.mean([r.std_error**2 for r in results])) / spread < 1.35


# ---- intervals ------------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, database=None)
@given(array=tables, formula=st.sampled_from(FORMULAS))
def test_intervals_of_any_table_are_in_order_and_hold_what_is_possible(array, formula):
    result = infer(formula, three(array))
    assert math.isfinite(result.value)
    if array.sum() == 1 and result.interval is None:
        return
    low, high = result.interval
    assert low <= high or math.isnan(high)
    assert low >= 0 or not Formula(formula).nonnegative()
    assert low <= max(result.value, 0) + 1e-9
    assert result.p_value is None or 0 <= result.p_value <= 1


@pytest.mark.parametrize("formula", FORMULAS)
def test_more_confidence_is_a_wider_interval(formula):
    counts = seen(np.random.default_rng(3).poisson(5.0, (3, 4, 2)))
    half, most = (infer(formula, counts, confidence=c).interval for c in (0.5, 0.99))
    assert most[0] <= half[0] <= half[1] <= most[1]
    assert most != half


def test_without_confidence_nothing_of_it():
    result = infer("I(X;Y)", three(np.ones((2, 2, 2), dtype=int)), confidence=None)
    assert (result.interval, result.std_error, result.confidence) == (None, None, None)


def test_an_interval_is_never_of_no_width():
    """Perfectly even counts, functions, and constants still leave doubt."""
    even, function = np.full((2, 2, 2), 50), np.zeros((2, 2, 2), dtype=int)
    function[0, 0], function[1, 1] = 50, 50
    for array in (even, function):
        for formula in FORMULAS:
            low, high = infer(formula, three(array)).interval
            assert high - low > 1e-4, (formula, array)
    low, high = infer("H(X)", Counts({"a": 50}, names="X")).interval
    assert low == 0 < high < 0.3


def test_intervals_end_where_entropies_do():
    assert infer("H(X)", Counts([50, 51], names="X")).interval[1] == pytest.approx(math.log(2))
    assert infer("H(X)", Counts({"a": 50, "b": 51}, names="X")).interval[1] > math.log(2)


def test_without_a_coincidence_there_is_no_upper_limit():
    low, high = infer("H(X)", Counts(dict.fromkeys(range(100), 1), names="X")).interval
    assert low == pytest.approx(math.log(100 * 99 / (2 * -math.log(0.025))))
    assert math.isnan(high)
    assert infer("H(X)", Counts([1, 1, 1], names="X")).interval[1] == pytest.approx(math.log(3))


def test_the_interval_far_from_independence_is_normal_and_near_it_starts_at_zero():
    rng = np.random.default_rng(4)
    strong = infer("I(X;Y)", dependent(4, 4, rng, 1.5).counts(20_000, rng))
    low, high = strong.interval
    assert (strong.value - low, high - strong.value) == pytest.approx([1.96 * strong.std_error] * 2, rel=0.05)
    assert infer("I(X;Y)", Counts([[50, 51], [49, 50]], names=("X", "Y"))).interval[0] == 0


def test_the_lower_limit_leaves_zero_where_the_p_value_says_so():
    for extra in range(0, 40, 2):
        result = infer("I(X;Y)", Counts([[100 + extra, 100], [100, 100 + extra]], names=("X", "Y")))
        if abs(result.p_value - 0.025) > 0.01:
            assert (result.interval[0] > 0) == (result.p_value < 0.025)


@pytest.mark.parametrize("f", [0.01, 0.5, 3.0, 100.0, 5e4, 9.9e4, 1.1e5, 1e8, 1e12])
@pytest.mark.parametrize("above", [0.0, 1.0, 5.0, 100.0])
@pytest.mark.parametrize("p", [0.005, 0.025, 0.975])
def test_the_noncentrality_is_where_its_distribution_says(f, above, p):
    x = f + above * math.sqrt(2 * f)
    delta = noncentrality(x, f, p)
    if f > 1e10:  # beyond what SciPy can say
        z = (x - f - delta) / math.sqrt(2 * (f + 2 * delta))
        assert ndtr(z) == pytest.approx(p, abs=1e-5) if delta else ndtr(above) <= p
    elif delta:
        assert chndtr(x, f, delta) == pytest.approx(p, abs=1e-8 if x <= 1e5 else 5e-4)
    else:
        assert chndtr(x, f, 0) <= p


POPULATIONS = {
    "H(X)": [uniform(20), zipf(50), spike(10, 0.8)],
    "I(X;Y)": [independent(6, 5, np.random.default_rng(0)), dependent(6, 5, np.random.default_rng(1))],
    "I(X;Y|Z)": [conditionally_independent(3, 3, 4, np.random.default_rng(2))],
    "H(X|Y)": [near_deterministic(5, 5, np.random.default_rng(3), 0.2)],
    "TC(X;Y;Z)": [conditionally_independent(2, 3, 3, np.random.default_rng(4))],
}


@pytest.mark.parametrize(
    ("formula", "population"),
    [(f, p) for f, each in POPULATIONS.items() for p in each],
    ids=lambda x: getattr(x, "name", x),
)
def test_intervals_cover(formula, population):
    rng, truth = np.random.default_rng(5), population.truth(formula)
    intervals = [infer(formula, population.counts(1_000, rng)).interval for _ in range(300)]
    assert np.mean([low <= truth <= high for low, high in intervals]) >= 0.92


@pytest.mark.slow
def test_intervals_cover_on_random_tables():
    rng, good = np.random.default_rng(6), []
    for _ in range(40):
        population = random_table(rng)
        truth = population.truth("I(X;Y)")
        results = [infer("I(X;Y)", population.counts(1_000, rng)) for _ in range(300)]
        warned = np.mean([any(note.startswith("undersampled") for note in r.notes) for r in results])
        covered = np.mean([r.interval[0] <= truth <= r.interval[1] for r in results])
        good.append(0.9 <= covered <= 0.995 or warned > 0.5)
    assert np.mean(good) >= 0.9


# ---- p-values -------------------------------------------------------------------------------------------------------


def distance_from_uniform(p):
    p = np.sort(p)
    steps = np.arange(p.size + 1) / p.size
    return max(np.max(steps[1:] - p), np.max(p - steps[:-1]))


def null(formula, rng):
    """A random population in which the formula is 0."""
    r, c, s = (int(k) for k in rng.integers(2, 9, 3))
    concentration = float(rng.choice([1.0, 3.0, 100.0]))
    if formula == "I(X;Y)":
        return independent(r, c, rng, concentration)
    if formula == "I(X;Y|Z)":
        return conditionally_independent(r, c, s, rng, concentration)
    return Distribution(np.einsum("i,j,k->ijk", *(rng.dirichlet(np.full(k, concentration)) for k in (r, c, s))))


@pytest.mark.parametrize(("size", "limit"), [(500, 0.075), pytest.param(3000, 0.03, marks=pytest.mark.slow)])
@pytest.mark.parametrize("formula", ["I(X;Y)", "I(X;Y|Z)", "TC(X;Y;Z)"])
def test_p_values_are_uniform_under_random_nulls(formula, size, limit):
    rng, p = np.random.default_rng(7), []
    while len(p) < size:
        counts = null(formula, rng).counts(int(rng.choice([200, 1_000])), rng)
        value = infer(formula, counts, confidence=None).p_value
        if value is not None:
            p.append(value)
    assert distance_from_uniform(np.array(p)) < limit


def test_rare_events_do_not_look_significant():
    """One observation in a corner that expects 0.01 or none: the gamma alone would give p = .05 for none."""
    assert infer("I(X;Y)", Counts([[0, 10], [10, 9980]], names=("X", "Y"))).p_value > 0.5
    assert infer("I(X;Y)", Counts([[9, 1], [1, 9989]], names=("X", "Y"))).p_value < 1e-6


def test_a_strong_relation_has_a_small_p_value():
    rng = np.random.default_rng(8)
    assert infer("I(X;Y)", dependent(5, 5, rng, 1.0).counts(2_000, rng)).p_value < 1e-20


@pytest.mark.parametrize("formula", ["H(X)", "H(X|Y)", "I(X;Y;Z)", "VI(X;Y)"])
def test_what_has_no_null_has_no_p_value(formula):
    result = infer(formula, three(np.full((2, 2, 2), 5)), permutations=9)
    assert result.p_value is None
    assert "no permutations: this has no null hypothesis of independence" in result.notes


def test_what_no_permutation_can_change():
    constant = infer("I(X;Y)", Counts({("a", "u"): 3, ("b", "u"): 2}, names=("X", "Y")))
    assert (constant.value, constant.p_value, constant.std_error, constant.interval[0]) == (0, None, None, 0)
    assert math.isnan(constant.interval[1])
    identifier = infer("I(X;Y)", Counts({(i, i % 2): 1 for i in range(40)}, names=("X", "Y")))
    assert (identifier.value, identifier.p_value) == (0, 1)
    assert math.isnan(identifier.interval[1])


# ---- notes ----------------------------------------------------------------------------------------------------------


def said(counts, formula="I(X;Y)", n_missing=0, **options):
    return CountsSource(counts, n_missing=n_missing).infer(Formula(formula), Request(**options)).notes


NOTES = [
    (Counts({("a", "u"): 60, ("b", "u"): 40}, names=("X", "Y")), "`Y` is constant"),
    (Counts({(i, i % 2): 1 for i in range(60)}, names=("X", "Y")), "`X` differs in each of 60 rows, an identifier"),
    (Counts({("a", 1): 40, ("b", 2): 40}, names=("X", "Y")), "`X` and `Y` are functions of each other"),
    (Counts(np.full((5, 5), 1), names=("X", "Y")), "sparse: 25 cells are occupied by 25 observations"),
    (Counts({("a", "u"): 1}, names=("X", "Y")), "one row"),
    (Counts(np.eye(30, dtype=int) + np.diag(np.ones(29, dtype=int), 1), names=("X", "Y")), "undersampled: 59 of 59"),
]


@pytest.mark.parametrize(("counts", "words"), NOTES, ids=[words for _, words in NOTES])
def test_notes_are_said_where_they_apply(counts, words):
    assert any(note.startswith(words) for note in said(counts))
    assert not any(note.startswith(words) for note in said(Counts([[500, 400], [300, 600]], names=("X", "Y"))))


def test_rows_left_out_are_said():
    counts = Counts([[500, 400], [300, 600]], names=("X", "Y"))
    assert said(counts, n_missing=3) == ("3 rows left out because a variable is missing",)
    assert said(counts) == ()
    assert CountsSource(counts, n_missing=3).infer(Formula("H(X)"), Request()).n_missing == 3


def test_a_value_beyond_what_can_be_is_said():
    """Splitting one outcome of Y makes doubletons, from which Chao-Wang-Jost learns that little is unseen."""
    cells = {("a", f"once {i}"): 1 for i in range(60)} | {("a", "u"): 34, ("a", "v"): 2, ("a", "w"): 2, ("b", "w"): 2}
    beyond = infer("I(X;Y)", Counts(cells, names=("X", "Y")), "chao-wang-jost")
    assert beyond.value > ChaoWangJost().entropy([98, 2])
    assert any("beyond the smaller of the two entropies" in note for note in beyond.notes)
    entropy = infer("H(X)", Counts([50, 50], names="X"), "chao-wang-jost")
    assert entropy.value > math.log(2)
    assert any("beyond ln K" in note for note in entropy.notes)


def test_chosen_estimators_say_what_the_interval_leaves_out():
    counts = three(np.full((2, 2, 2), 40) + np.arange(8).reshape(2, 2, 2))
    assert any("sampling error of Plug-In, not of its bias" in n for n in infer("H(X)", counts, "plug-in").notes)
    assert any("each joint entropy is by Grassberger" in n for n in infer("I(X;Y)", counts, "grassberger").notes)


def test_the_standard_error_of_nsb_is_that_of_its_posterior():
    counts = Counts([30, 12, 0], names="X")
    assert infer("H(X)", counts, "nsb").std_error == NSB(n_outcomes=3).posterior(fingerprint([30, 12]))[1]


def test_integers_with_many_levels():
    years = Counts({(year, year % 2): 2 for year in range(1990, 2010)}, names=("year", "odd"))
    assert len(many_levels(years)) == 1
    assert "`year` holds integers with 20 levels" in many_levels(years)[0]
    assert many_levels(Counts({(True, "a"): 1, (False, "b"): 1}, names=("X", "Y"))) == []


def test_coverage_decides_what_is_undersampled():
    assert undersampled(fingerprint([1] * 30 + [2] * 5))
    assert undersampled(fingerprint([200, 1, 1, 1, 1]))
    assert not undersampled(fingerprint([100, 100, 1, 1]))


def test_an_undersampled_interval_reaches_further_up():
    rng = np.random.default_rng(9)
    counts = dependent(20, 20, rng, 1.0).counts(150, rng)
    table = Table.of(counts, frozenset("X"), frozenset("Y"))
    blend = Blend(table, Permutation.of(table))
    assert infer("I(X;Y)", counts).interval[1] >= blend.permutation_centred
