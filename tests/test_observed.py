"""Formulas on continuous and mixed observations: who answers, and what is said of it."""

from math import inf, log

import numba  # noqa: F401  the compiled loops are then taken for any n
import numpy as np
import pytest

import plogp as pp
from plogp import estimate, samples
from plogp.errors import BadTable, InvalidType, InvalidValue, ShapeMismatch, UnknownName
from plogp.estimate import KSG, Ross
from plogp.estimate.parts import parts
from plogp.formula import Formula
from plogp.lines import Line

RNG = np.random.default_rng(0)
N = 400
X = RNG.normal(size=N)
Y = 0.6 * X + 0.8 * RNG.normal(size=N)
Z = RNG.normal(size=N)
TABLE = {
    "x": X,
    "y": Y,
    "z": Z,
    "tied": np.round(X, 1),
    "word": np.where(X > 0, "up", "down"),
    "level": np.digitize(Y, [-1, 1]),
    "year": np.arange(N) % 7,
}


def measured(formula, table=TABLE, **options):
    return pp.measure(formula, table, unit="nats", **{"confidence": None} | options)


# ---- who answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "estimator", "why"),
    [
        ("I(word;level)", "independence-shrinkage", "counted on arrays"),
        ("I(x;word)", "ross", "continuous with discrete"),
        ("I(word;x)", "ross", "continuous with discrete"),
        ("I(x,y;word)", "surrogate-ross", "continuous with discrete"),
        ("I(tied;y)", "frenzel-pompe", "ties in `tied`"),
        ("I(tied;word)", "frenzel-pompe", "ties in `tied`"),
        ("I(x,word;y)", "frenzel-pompe", "discrete and continuous variables together"),
        ("I(x;y|z)", "surrogate-frenzel-pompe", "continuous, given continuous"),
        ("I(x;y|word)", "frenzel-pompe", "discrete and continuous variables together"),
        ("I(x;y|tied)", "frenzel-pompe", "ties in `tied`"),
        ("H(x)", "nearest-neighbour", "continuous, k = 5"),
        ("H(x,y)", "nearest-neighbour", "continuous, k = 5"),
        ("H(tied)", "vasicek", "ties in `tied`, which spacings may hold; spacings of order 20"),
        ("H(x|word)", "nearest-neighbour + ross", "+1·H(x) by nearest-neighbour"),
        ("H(x,word)", "nearest-neighbour + ross + chao-wang-jost", "+1·H(word) by chao-wang-jost"),
    ],
)
def test_auto_takes_the_estimator_that_is_made_for_it_and_says_why(formula, estimator, why):
    result = measured(formula)
    assert result.estimator == estimator
    assert why in result.route


def test_two_continuous_variables_have_a_neighbour_estimator():
    result = measured("I(x;y)")
    assert result.estimator in {"surrogate-ksg", "ksg"}
    assert result.value == pytest.approx(-log(0.8), abs=0.1)


@pytest.mark.parametrize("name", ["ksg", "gao", "frenzel-pompe", "mesner-shalizi"])
def test_an_estimator_that_is_named_takes_the_values_as_they_are(name):
    rule = estimate.SAMPLE_NAMES[name]()
    result = measured("I(x;y)", estimator=name)
    assert result.value == rule.mutual_information(X[:, None], Y[:, None]).value
    assert result.estimator == measured("I(x;y)", estimator=rule).estimator == name


def test_kinds_override():
    assert measured("I(x;year)", kinds={"year": "continuous"}).estimator == "frenzel-pompe"
    assert measured("I(x;y)", kinds={"x": "mixed"}).estimator == "frenzel-pompe"
    assert measured("I(tied;y)", kinds={"tied": "discrete"}).estimator == "ross"
    assert measured("H(tied)", kinds={"tied": "discrete"}).estimator == "chao-wang-jost"


def test_columns_may_be_vectors():
    vectors = {"a": np.stack([X, Z], axis=1), "b": Y, "word": TABLE["word"]}
    one, other = measured("I(a;word)", vectors), measured("I(x,z;word)")
    assert one.value == other.value
    assert estimate.mutual_information(vectors["a"], Y, confidence=None, unit="nats").value == pytest.approx(
        measured("I(x,z;y)").value
    )


# ---- formulas --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "discrete", "wanted"),
    [
        ("I(X;Y)", "", ["+1 I(X;Y)"]),
        ("H(Y) - H(Y|X)", "", ["+1 I(X;Y)"]),
        ("I(X;Y|Z)", "Z", ["+1 I(X;Y|Z)"]),
        ("H(X,Y)", "", ["+1 H(X,Y)"]),
        ("H(X,Y)", "X", ["+1 H(X)", "+1 H(Y)", "-1 I(Y;X)"]),
        ("H(X|Y)", "", ["+1 H(X)", "-1 I(Y;X)"]),
        ("H(X|Y)", "XY", ["+1 H(X,Y)", "-1 H(Y)"]),
        ("VI(X;Y)", "", ["+1 H(X)", "+1 H(Y)", "-2 I(Y;X)"]),
        ("TC(X;Y;Z)", "", ["+1 I(Y;X)", "+1 I(Z;X,Y)"]),
        ("TC(X;Y;Z)", "XY", ["+1 H(X)", "+1 H(Y)", "+1 I(Z;X,Y)", "-1 H(X,Y)"]),
        ("I(X;Y;Z)", "", ["+1 I(Z;Y)", "-1 I(Z;Y|X)"]),
        ("DTC(X;Y;Z)", "", ["+1 I(Y;X)", "+1 I(Z;X|Y)", "+1 I(Z;Y|X)"]),
    ],
)
def test_formulas_are_taken_apart_by_the_chain_rule(formula, discrete, wanted):
    found = parts(Formula(formula).primitive()[1], "XYZ", frozenset(discrete))
    assert sorted(f"{c:+} {part}" for c, part in found) == wanted


@pytest.mark.parametrize("discrete", ["", "X", "XY"])
@pytest.mark.parametrize(
    "formula", ["O(X;Y;Z;W)", "DTC(X;Y;Z;W)", "I(X;Y;Z;W)", "I(X;Y;Z|W)", "H(X,Y|Z,W) - 3*I(X;W)", "VI(X,Y;Z|W)"]
)
def test_the_parts_add_up_to_the_formula(formula, discrete):
    formula = Formula(formula)
    total = 0 * formula
    for c, part in parts(formula.primitive()[1], "XYZW", frozenset(discrete)):
        total = total + c * Formula(str(part))
    assert total * formula.primitive()[0] == formula


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I(x;y)", "I(y;x)"),
        ("I(x;y)", "H(x) + H(y) - H(x,y)"),
        ("I(x;y)", "H(y) - H(y|x)"),
        ("I(x;word)", "H(word) - H(word|x)"),
        ("I(x;y|word)", "H(x|word) - H(x|y,word)"),
        ("TC(x;y;word)", "I(x;y) + I(x,y;word)"),
        ("I(x;y;z)", "I(y;z) - I(y;z|x)"),
        ("H(x|word)", "H(x,word) - H(word)"),
    ],
)
def test_equal_formulas_have_equal_results(one, other):
    a, b = measured([one, other])
    assert (a.value, a.estimator, a.notes) == (b.value, b.estimator, b.notes)


def test_multiples():
    one, minus = measured(["I(x;word)", "-2*I(x;word)"], confidence=0.9)
    assert minus.value == pytest.approx(-2 * one.value)
    assert minus.interval == pytest.approx((-2 * one.interval[1], -2 * one.interval[0]))


def test_a_sum_warns_of_its_biases_and_is_the_sum_of_its_parts():
    total = measured("TC(x;y;word)")
    assert total.value == pytest.approx(measured("I(x;word)").value + measured("I(y;x,word)").value)
    assert any("the biases that are left need not cancel" in note for note in total.notes)


def test_differential_entropy_isnt_clipped():
    assert measured("H(x)", {"x": X / 1000}).value == pytest.approx(0.5 * log(2 * np.pi * np.e) - log(1000), abs=0.1)
    assert measured("H(x,y)", {"x": X / 2**10, "y": Y * 2**17}).value == pytest.approx(
        measured("H(x,y)").value + 7 * log(2)
    )


def test_scales_far_apart_make_no_difference():
    far = {"x": X * 2.0**-950, "y": Y * 2.0**950, "z": Z, "word": TABLE["word"], "tied": TABLE["tied"] * 2.0**900}
    for formula in ("I(x;y)", "I(x;word)", "I(x;tied)", "I(x,y;word)", "I(x;tied|word)"):
        assert measured(formula, far).value == pytest.approx(measured(formula).value, abs=1e-9)


# ---- uncertainty -----------------------------------------------------------------------------------------------------


def test_an_interval_around_the_estimate_and_a_p_value_if_asked():
    result = measured("I(x;word)", confidence=0.95, permutations=99)
    assert result.interval[0] < result.value < result.interval[1]
    assert result.std_error > 0
    assert result.p_value == 0.01
    assert "random halvings, seed 0 (fixed)" in result.route
    assert "99 permutations, seed 0 (fixed)" in result.route
    assert measured("I(z;word)", permutations=99).p_value > 0.05
    assert measured("I(x;near|word)", {**TABLE, "near": X + 0.3 * Z}, permutations=99).p_value == 0.01
    assert measured("I(x;word)").p_value is None


def test_the_seed_decides():
    one, again, other = (measured("I(tied;y)", confidence=0.95, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one.value == other.value
    assert one.std_error != other.std_error


def test_what_has_no_null_hypothesis_says_so():
    assert any("no null hypothesis" in note for note in measured("H(x)", permutations=9).notes)


# ---- what must be said, and what is refused --------------------------------------------------------------------------


def test_rows_with_something_missing_are_left_out_and_said():
    gaps = np.where(np.arange(N) < 5, np.nan, X)
    result = measured("I(x;word)", {"x": gaps, "word": TABLE["word"]})
    assert (result.n, result.n_missing) == (N - 5, 5)
    assert result.notes[0] == "5 rows left out because a variable is missing"


def test_ties_are_said():
    assert any(note.startswith("ties among floats: 9") for note in measured("I(tied;y)").notes)
    few = X.copy()
    few[:2] = few[2]
    result = measured("I(x;word)", {"x": few, "word": TABLE["word"]})
    assert result.estimator == "ross"
    assert any(note.startswith("ties among floats: 0.8%") for note in result.notes)


def test_constants_share_exactly_nothing():
    for table in ({"x": X, "c": np.ones(N)}, {"x": X, "c": ["a"] * N}):
        result = measured("I(x;c)", table, confidence=0.95, permutations=9)
        assert (result.value, result.p_value, result.interval, result.std_error) == (0, None, None, None)
        assert "`c` is constant: it shares nothing" in result.notes
    assert measured("H(c)", {"c": np.ones(N)}).value == -inf
    table = {"x": X, "y": Y, "c": np.ones(N)}
    assert measured("I(x;y|c)", table).value == measured("I(x;y)", table).value
    assert any("`c` is constant" in note for note in measured("I(x,c;y)", table).notes)


@pytest.mark.parametrize(
    "other", [X, -3 * X + 5, np.exp(X), np.stack([Z, X], axis=1)], ids=["x", "line", "exp", "part"]
)
def test_functions_of_each_other_share_infinitely_much(other):
    result = measured("I(x;y)", {"x": X, "y": other}, confidence=0.95)
    assert result.value == inf
    assert result.interval is None
    assert any(note.startswith("`x` and `y` rise and fall together, or against") for note in result.notes)


def test_two_columns_whose_noise_hardly_changes_the_order_have_no_made_up_interval():
    """All 300 rows aren't in one order, but the half is that has one of the two that change places."""
    x = np.random.default_rng(0).normal(size=300)
    y, two = x.copy(), np.argsort(x)[:2]
    y[two] = x[two[::-1]]
    result = measured("I(x;y)", {"x": x, "y": y}, confidence=0.95)
    assert np.isfinite(result.value)
    assert result.interval is None
    assert any("there is no interval" in note for note in result.notes)


def test_a_variable_and_itself():
    result = measured("I(x;x)")
    assert result.value == measured("H(x)").value
    assert "`x`, being continuous, shares infinitely much with itself; this is H" in result.notes
    assert measured("H(x)").notes == ()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: measured("I(x;y)", {"x": X[:3], "y": Y[:3]}), InvalidValue, "3 observations"),
        (
            lambda: measured("H(x)", {"x": X[:1]}),
            InvalidValue,
            "1 observation of continuous variables; needed: several",
        ),
        (
            lambda: measured("H(x)", {"x": np.append(X, [inf, -inf])}),
            InvalidValue,
            r"`x` is infinite in 2 rows, first in row 400 \(counted from 0\)",
        ),
        (lambda: measured("I(x;y)", {"x": X, "y": Y[:5]}), ShapeMismatch, "`x` has 400, `y` has 5"),
        (lambda: measured("H(x)", {"x": np.full(5, np.nan)}), BadTable, "each of 5 rows lacks `x`"),
        (lambda: measured("I(x;w)"), UnknownName, "`w`"),
        (lambda: measured("I(x;y)", estimator="plug-in"), InvalidType, "`x` is continuous.*needed: a discrete"),
        (lambda: measured("I(x;word)", estimator="ksg"), InvalidType, "`word` is discrete; needed: continuous"),
        (lambda: measured("I(x;y)", estimator="ross"), InvalidType, "continuous and continuous variables; needed"),
        (lambda: measured("H(x)", estimator="ksg"), InvalidType, "estimator='ksg' doesn't estimate an entropy"),
        (
            lambda: pp.measure("I(a;b)", pp.Counts([[3, 1], [1, 3]], names=("a", "b")), estimator="ksg"),
            InvalidType,
            "estimator='ksg' for counts; it needs the observations themselves",
        ),
        (
            lambda: measured("I(x;word)", {"x": np.where(X < 0, np.nan, X), "word": Y > 0}, missing="category"),
            InvalidValue,
            "`x` is continuous and missing in .* rows; needed: a discrete variable for missing='category'",
        ),
    ],
)
def test_bad_input_has_one_clear_error(call, error, words):
    with pytest.raises(error, match=words):
        call()


# ---- columns in order ------------------------------------------------------------------------------------------------


def correlated(n, rho=0.6, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.normal(size=n)


def test_many_rows_of_two_columns_need_no_correction():
    x, y = correlated(60_000)
    found = pp.measure("I(x;y)", {"x": x, "y": y}, unit="nats")
    assert found.value == pytest.approx(-0.5 * np.log(1 - 0.6**2), abs=0.01)
    assert found.interval[0] < -0.5 * np.log(1 - 0.6**2) < found.interval[1]
    assert found.estimator == "ksg"
    assert "more than 50,000 rows of one column each, as normal scores" in found.route
    warped = pp.measure("I(x;y)", {"x": np.exp(x), "y": y**3}, unit="nats", confidence=None)
    assert warped.value == found.value


def test_columns_in_order_give_what_the_arrays_give():
    x, y = correlated(3000)
    codes = (y > 0).astype(float) + (y > 1)
    for rule, other, line in ((KSG(), y[:, None], Line(y)), (Ross(), codes[:, None], codes[:, None])):
        wanted = rule.mutual_information(x[:, None], other)
        assert rule.in_order(Line(x), line).value == pytest.approx(wanted.value, abs=1e-12)
        assert wanted.terms.mean() == pytest.approx(wanted.value, abs=1e-12)


@pytest.mark.parametrize("discrete", [True, False])
def test_rows_that_lack_a_value_are_as_if_they_were_not_there(discrete):
    x, y = correlated(2500)
    y = (y > 0).astype(object) if discrete else y
    gone = np.random.default_rng(1).random(2500) < 0.1
    lacking = {"x": np.where(gone, np.nan, x), "y": y}
    found, wanted = (pp.measure("I(x;y)", data, confidence=None) for data in (lacking, {"x": x[~gone], "y": y[~gone]}))
    assert (found.value, found.n_missing) == (wanted.value, gone.sum())


def test_each_column_is_sorted_once_for_all_pairs(monkeypatch):
    made = []
    monkeypatch.setattr(samples, "Line", lambda *args: made.append(1) or Line(*args))
    data = {f"x{i}": column for i, column in enumerate([*correlated(400), *correlated(400, seed=1)])}
    matrix = pp.mutual_information_matrix(data, unit="nats")
    assert len(made) == 4
    alone = {name: data[name] for name in ("x0", "x1")}
    assert matrix["x0", "x1"] == pp.measure("I(x0;x1)", alone, unit="nats", confidence=None).value


def test_lines_are_forgotten_where_they_are_too_many(monkeypatch):
    monkeypatch.setattr(samples, "LINES", 1000)
    x, y = correlated(400)
    held = pp.Samples({"x": x, "y": y, "z": x + y})
    first = held.line("x")
    held.line("y")
    assert held.line("x") is first
    held.line("z")
    assert held.line("x") is first
    assert set(held._lines) == {"x", "z"}


def test_infinities_that_cancel_are_refused():
    table = {"x": X, "y": np.arange(N) + 0.5, "z": 2.0 * np.arange(N)}
    with pytest.raises(BadTable, match="∞ − ∞: parts of the formula are infinite"):
        measured("I(x;y;z)", table)


@pytest.mark.parametrize("formula", ["I(x;levle)", "I(levle;x)", "H(levle)"])
def test_a_name_that_isn_t_there_is_looked_for_among_all_columns(formula):
    with pytest.raises(UnknownName, match=r"`levle` is not a column here\. hint: did you mean `level`"):
        measured(formula)
