"""Formulas on counts and on observations: one rule, one answer, whatever the notation."""

import numpy as np
import pytest
from truths import dependent, independent, xor

from plogp import estimate
from plogp.counts import Counts
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch, UnknownName
from plogp.estimate import NSB, CountsSource
from plogp.evaluate import Request, evaluate
from plogp.formula import Formula


def infer(formula, counts, estimator="auto", **request):
    return CountsSource(counts, estimator).infer(Formula(formula), Request(**request))


EVERY = [kind() for name, kind in estimate.NAMES.items() if name != "independence-shrinkage"]


# ---- formulas on counts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", EVERY, ids=lambda e: e.name)
@pytest.mark.parametrize("formula", ["H(X)", "I(X;Y)", "I(X;Y|Z)", "H(X|Y)", "TC(X;Y;Z)", "I(X;Y;Z)"])
def test_a_value_is_the_signed_sum_of_entropies_by_one_rule(estimator, formula):
    counts = dependent(3, 4, np.random.default_rng(0))
    array = np.random.default_rng(1).multinomial(500, np.repeat(counts.p.ravel(), 2) / 2).reshape(3, 4, 2)
    source = CountsSource(Counts(array, names=("X", "Y", "Z")), estimator)
    wanted = sum(c * source.entropy(names) for names, c in Formula(formula).terms.items())
    result = evaluate(Formula(formula), source, unit="nats")
    assert result.value == pytest.approx(wanted, abs=1e-12)
    assert result.estimator == estimator.name
    assert result.n == 500


def test_defaults():
    rng = np.random.default_rng(2)
    sparse, dense = independent(3, 4, rng).counts(300, rng), Counts([[20, 10], [5, 30]], names=("X", "Y"))
    assert infer("H(X)", sparse).estimator == "chao-wang-jost"
    assert infer("H(X|Y)", sparse).estimator == "chao-wang-jost"
    assert infer("I(X;Y)", sparse).estimator == "independence-shrinkage"
    assert infer("H(X)", dense).estimator == "nsb"
    assert infer("H(X)", dense, "independence-shrinkage").estimator == "chao-wang-jost"
    assert infer("H(X)", dense).value == NSB(n_outcomes=2).entropy([30, 35])


def test_zeros_of_a_dense_table_are_possible_outcomes():
    dense, sparse = Counts([3, 2, 0, 0], names="X"), Counts({"a": 3, "b": 2}, names="X")
    assert infer("H(X)", dense, "nsb").value == NSB(n_outcomes=4).entropy([3, 2])
    assert infer("H(X)", dense, "shrinkage").value > infer("H(X)", sparse, "shrinkage").value


def test_a_number_of_outcomes_is_for_one_entropy():
    with pytest.raises(InvalidValue, match=r"NSB\(n_outcomes=9\) for `I\(X;Y\)`, a sum of several entropies"):
        infer("I(X;Y)", Counts([[5, 2], [2, 4]], names=("X", "Y")), NSB(n_outcomes=9))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("I(X;Y)", "I(Y;X)"),
        ("I(X;Y)", "H(X) - H(X|Y)"),
        ("I(X;Y)", "TC(X;Y)"),
        ("I(X;Y)", "H(Y) + H(X) - H(Y,X)"),
        ("I(X;Y|Z)", "H(X,Z) + H(Z,Y) - H(Y,X,Z) - H(Z)"),
        ("I(X;Y|Z)", "I(Y;X,Z) - I(Y;Z)"),
        ("TC(X;Y;Z)", "I(X;Y) + I(X,Y;Z)"),
        ("H(X|Y)", "H(X,Y) - H(Y)"),
        ("I(X;Y;Z)", "I(Y;Z) - I(Y;Z|X)"),
    ],
)
def test_equal_formulas_have_equal_results(one, other):
    rng = np.random.default_rng(3)
    counts = Counts(rng.poisson(6.0, (3, 2, 4)), names=("X", "Y", "Z"))
    for estimator in ("auto", "plug-in", "nsb"):
        a, b = (infer(formula, counts, estimator) for formula in (one, other))
        assert (a.value, a.std_error, a.interval, a.p_value) == (b.value, b.std_error, b.interval, b.p_value)


def test_multiples():
    counts = Counts([[20, 10], [5, 30]], names=("X", "Y"))
    one, minus = infer("I(X;Y)", counts), infer("-3*I(X;Y)", counts)
    assert minus.value == pytest.approx(-3 * one.value)
    assert minus.std_error == pytest.approx(3 * one.std_error)
    assert minus.interval == pytest.approx((-3 * one.interval[1], -3 * one.interval[0]))
    assert minus.p_value == one.p_value


def test_the_zero_formula_is_zero():
    assert infer("I(X;Y) - I(Y;X)", Counts([[20, 10], [5, 30]], names=("X", "Y"))).value == 0


def test_only_the_variables_of_the_formula_count():
    rng = np.random.default_rng(4)
    array = rng.poisson(3.0, (3, 3, 5))
    three, two = Counts(array, names=("X", "Y", "Z")), Counts(array.sum(2), names=("X", "Y"))
    a, b = infer("I(X;Y)", three), infer("I(X;Y)", two)
    assert (a.value, a.interval, a.p_value, a.notes) == (b.value, b.interval, b.p_value, b.notes)


def test_xor_is_seen_by_three_but_not_by_two():
    rng = np.random.default_rng(5)
    counts = xor(0.02).counts(2_000, rng)
    truth = xor(0.02).truth("I(X,Y;Z)")
    low, high = infer("I(X,Y;Z)", counts).interval
    assert low < truth < high
    assert infer("I(X;Z)", counts).interval[0] == 0
    assert infer("I(X;Y;Z)", counts).interval[1] < -0.4


# ---- functions of observations ---------------------------------------------------------------------------------------


def test_functions_of_observations_are_formulas_on_counts():
    rng = np.random.default_rng(6)
    x, z = rng.integers(0, 4, 300), rng.integers(0, 3, 300)
    y = np.where(rng.random(300) < 0.5, x, rng.integers(0, 4, 300))
    array = np.zeros((4, 4, 3), dtype=np.int64)
    np.add.at(array, (x, y, z), 1)
    cells = Counts(array, names=("x", "y", "given"))
    for result, formula in (
        (estimate.mutual_information(x, y, unit="nats"), "I(x;y)"),
        (estimate.mutual_information(x, y, given=z, unit="nats"), "I(x;y|given)"),
    ):
        wanted = infer(formula, cells)
        assert (result.value, result.interval, result.p_value) == (wanted.value, wanted.interval, wanted.p_value)
        assert result.formula == formula
    together = estimate.total_correlation(np.stack([x, y, z], axis=1), unit="nats", estimator="plug-in")
    parts = [
        estimate.entropy(v, unit="nats", estimator="plug-in").value for v in (x, y, z, np.stack([x, y, z], axis=1))
    ]
    assert together.value == pytest.approx(sum(parts[:3]) - parts[3])


def test_observations_in_any_order_with_any_labels():
    rng = np.random.default_rng(7)
    x = rng.integers(0, 5, 200)
    y = (x + rng.integers(0, 2, 200)) % 5
    order = rng.permutation(200)
    names = np.array(["e", "a", "d", "b", "c"])
    one, other = estimate.mutual_information(x, y), estimate.mutual_information(names[x[order]], y[order])
    assert one.value == pytest.approx(other.value, rel=1e-12)
    assert one.interval == pytest.approx(other.interval, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: estimate.entropy([0.5, 1.5], estimator="plug-in"),
            InvalidType,
            "`x` is continuous.*needed: a discrete variable",
        ),
        (lambda: estimate.mutual_information(["a", "b"], ["a"]), ShapeMismatch, "several lengths"),
        (lambda: estimate.total_correlation([1, 2, 3]), ShapeMismatch, r"x has shape \(3,\)"),
        (lambda: estimate.entropy(["a"], unit="bit"), UnknownName, "unit='bit'"),
        (lambda: estimate.entropy(["a"], confidence=95), InvalidValue, "confidence=95"),
        (lambda: estimate.entropy(["a"], estimator="Nsb"), UnknownName, "`nsb`"),
    ],
)
def test_bad_observations_and_options(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_kinds_override():
    assert estimate.entropy([0.5, 1.5, 0.5, 1.5], kinds={"x": "discrete"}, estimator="plug-in").value == 1
