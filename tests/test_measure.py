"""The public verb: one formula, every source, one answer."""

import math

import numpy as np
import pytest

import plogp as pp
from plogp.errors import BadTable, FormulaError, InvalidType, InvalidValue, UnknownName

TABLE = {"x": ["a", "b", "a", "b", "a", "b", "a", "a"], "y": ["u", "v", "u", "v", "v", "v", "u", "u"]}
X_Y = np.array([[4, 1], [0, 3]])


def plug_in(table):
    """Mutual information of a table of counts in bits, by its definition."""
    p = table / table.sum()
    q = p.sum(1, keepdims=True) * p.sum(0, keepdims=True)
    return float(sum(a * math.log2(a / b) for a, b in zip(p.ravel(), q.ravel(), strict=True) if a > 0))


@pytest.mark.parametrize(
    "source",
    [
        TABLE,
        pp.Samples(TABLE),
        pp.Counts(X_Y, names=("x", "y")),
        pp.Counts({("a", "u"): 4, ("a", "v"): 1, ("b", "v"): 3}, names=("x", "y")),
    ],
    ids=["dict", "Samples", "dense Counts", "sparse Counts"],
)
def test_every_source_of_the_same_sample_says_the_same(source):
    result = pp.measure("I(x;y)", source, estimator="plug-in")
    assert float(result) == pytest.approx(plug_in(X_Y), abs=1e-12)
    assert result.n == 8
    assert result.estimator == "plug-in"
    assert result.interval[0] <= float(result) <= result.interval[1]


def test_an_exact_joint_needs_no_interval():
    result = pp.measure("I(x;y)", pp.Joint(X_Y / 8, names=("x", "y")))
    assert float(result) == pytest.approx(plug_in(X_Y), abs=1e-12)
    assert (result.n, result.interval, result.p_value, result.route) == (None, None, None, "exact")


def test_a_list_of_formulas_gives_a_list_of_results():
    one, two = pp.measure(["H(x)", "H(x|y)"], TABLE, estimator="plug-in", unit="nats")
    assert float(one) == pytest.approx(-5 / 8 * math.log(5 / 8) - 3 / 8 * math.log(3 / 8))
    assert two.formula == "H(x|y)"
    assert two.unit == "nats"


def test_each_formula_leaves_out_only_the_rows_it_must():
    table = {"x": ["a", "b", "a", "b"], "y": ["u", None, "u", "v"]}
    alone, both = pp.measure(["H(x)", "H(x,y)"], table)
    assert (alone.n, alone.n_missing) == (4, 0)
    assert (both.n, both.n_missing) == (3, 1)
    assert any("missing" in note for note in both.notes)
    assert pp.measure("H(x,y)", table, missing="category").n == 4


def test_equal_formulas_have_equal_results():
    for one, other in [("I(x;y)", "H(x) + H(y) - H(x,y)"), ("I(x;y)", "H(y) - H(y|x)"), ("H(x|y)", "H(x,y) - H(y)")]:
        a, b = pp.measure([one, other], TABLE)
        assert (a.value, a.interval, a.p_value, a.estimator) == (b.value, b.interval, b.p_value, b.estimator)


def test_a_multiple_of_a_formula_is_a_multiple_of_its_result():
    one, minus_two = pp.measure(["I(x;y)", "-2*I(x;y)"], TABLE)
    assert minus_two.value == pytest.approx(-2 * one.value)
    assert minus_two.interval == pytest.approx((-2 * one.interval[1], -2 * one.interval[0]))


def test_without_confidence_there_is_no_interval():
    result = pp.measure("I(x;y)", TABLE, confidence=None)
    assert result.interval is None


def test_a_wider_confidence_gives_a_wider_interval():
    narrow, wide = (pp.measure("I(x;y)", TABLE, confidence=c).interval for c in (0.5, 0.99))
    assert wide[0] <= narrow[0] < narrow[1] < wide[1]


def test_permutations_give_the_exact_test_and_the_seed_decides():
    one, again = (pp.measure("I(x;y)", TABLE, permutations=99, seed=1) for _ in range(2))
    assert one.p_value == again.p_value
    assert (100 * one.p_value) == pytest.approx(round(100 * one.p_value))
    assert 0 < one.p_value <= 1


def test_integers_with_many_levels_carry_a_note_in_a_table_but_not_in_counts():
    years = {"year": np.arange(50) % 20, "x": ["a", "b"] * 25}
    assert any("year" in note and "levels" in note for note in pp.measure("I(x;year)", years).notes)
    counts, _ = pp.Samples(years).counts(("x", "year"))
    assert not any("year" in note and "levels" in note for note in pp.measure("I(x;year)", counts).notes)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (dict(formula="I(x;z)"), UnknownName, "`z`.*hint: there are `x`, `y`"),
        (dict(formula="I(x y)"), FormulaError, "character"),
        (dict(formula=[]), InvalidType, "formula is an empty list"),
        (dict(formula=3), InvalidType, "formula is int; .* the formula comes first"),
        (dict(source=3), InvalidType, "source is int.*needed: Joint, Counts"),
        (dict(source="penguins.csv"), InvalidType, "source is str.*hint: a file"),
        (dict(source={}), (BadTable, InvalidValue), "no columns|empty|nothing"),
        (dict(source={"x": [], "y": []}), BadTable, "no rows|empty"),
        (dict(source={"x": [None, None], "y": ["a", "b"]}), BadTable, "missing|no rows"),
        (dict(unit="bit"), UnknownName, "unit='bit'"),
        (dict(estimator="Plug-In"), UnknownName, "hint: did you mean `plug-in`"),
        (dict(confidence=95), InvalidValue, "confidence=95"),
        (dict(confidence=True), InvalidValue, "confidence=True"),
        (dict(permutations=0), InvalidValue, "permutations=0"),
        (dict(permutations=2.5), InvalidValue, "permutations=2.5"),
        (dict(seed=-1), InvalidValue, "seed=-1"),
        (dict(missing="ignore"), InvalidValue, "missing='ignore'"),
        (dict(source=pp.Counts(X_Y, names=("x", "y")), kinds={"x": "discrete"}), InvalidValue, "kinds="),
        (dict(source=pp.Joint(X_Y / 8, names=("x", "y")), estimator="nsb"), InvalidValue, "nothing to estimate"),
    ],
)
def test_bad_input_has_one_clear_error(arguments, error, words):
    arguments = {"formula": "I(x;y)", "source": TABLE} | arguments
    with pytest.raises(error, match=words):
        pp.measure(arguments.pop("formula"), arguments.pop("source"), **arguments)


def test_of_several_formulas_the_one_without_an_answer_is_named():
    table = {"x": np.random.default_rng(0).normal(size=50), "id": np.arange(50)}
    with pytest.raises(BadTable, match=r"^I\(x;id\): 50 outcomes of 50 observations"):
        pp.measure(["H(x)", "I(x;id)"], table)
