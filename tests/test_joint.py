"""Joint: named variables on an exact distribution, on every framework, with gradients."""

import numpy as np
import pytest
from backends import FRAMEWORKS, backend

from plogp import pmf
from plogp.errors import InvalidType, InvalidValue, NotADistribution, ShapeMismatch, UnknownName
from plogp.evaluate import evaluate
from plogp.formula import Formula
from plogp.joint import Joint

LN2 = np.log(2)
P = np.array([[[0.10, 0.05], [0.15, 0.20]], [[0.05, 0.10], [0.20, 0.15]], [[0.0, 0.0], [0.0, 0.0]]])
XYZ = ("X", "Y", "Z")


@pytest.fixture
def joint(xp):
    return Joint(xp.asarray(P), names=XYZ, outcomes={"Y": ("no", "yes")})


def test_it_knows_its_variables_and_their_outcomes(joint):
    assert joint.names == XYZ
    assert joint.outcomes == {"X": (0, 1, 2), "Y": ("no", "yes"), "Z": (0, 1)}
    assert repr(joint).startswith("Joint(X: 3, Y: 2, Z: 2; ")


@pytest.mark.parametrize("names", [("X",), ("Z", "X"), ("Y", "Z", "X"), XYZ])
def test_a_marginal_has_the_variables_in_the_order_asked_for(xp, joint, names):
    marginal = joint.marginal(*names)
    assert marginal.names == names
    assert marginal.outcomes == {name: joint.outcomes[name] for name in names}
    away = tuple(i for i, name in enumerate(XYZ) if name not in names)
    kept = [name for name in XYZ if name in names]
    expected = np.transpose(P.sum(axis=away), [kept.index(name) for name in names])
    np.testing.assert_allclose(xp.to_numpy(marginal.array), expected, rtol=1e-15)
    assert xp.is_own(marginal.array)


def test_given_conditions_on_an_outcome(xp, joint):
    known = joint.given(Y="yes")
    assert known.names == ("X", "Z")
    np.testing.assert_allclose(xp.to_numpy(known.array), P[:, 1] / P[:, 1].sum(), rtol=1e-15)
    both = joint.given({"Y": "no"}, Z=1)
    np.testing.assert_allclose(xp.to_numpy(both.array), P[:, 0, 1] / P[:, 0, 1].sum(), rtol=1e-15)


def test_entropy_is_in_nats_of_some_variables_together(xp, joint):
    for names in ({"X"}, {"X", "Z"}, set(XYZ)):
        h = joint.entropy(frozenset(names))
        away = tuple(i for i, name in enumerate(XYZ) if name not in names)
        assert float(h) == pytest.approx(float(pmf.joint_entropy(P.sum(axis=away), unit="nats")), rel=1e-14)
        assert tuple(h.shape) == ()
    assert float(joint.entropy(())) == 0.0


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("I(X;Y)", lambda: pmf.mutual_information(P.sum(2))),
        ("I(X;Y|Z)", lambda: pmf.conditional_mutual_information(P)),
        ("H(X|Y,Z)", lambda: pmf.conditional_entropy(P, given=(1, 2), axis=(0, 1, 2))),
        ("H(X) - H(X,Y)", lambda: pmf.entropy(P.sum((1, 2))) - pmf.joint_entropy(P.sum(2))),
    ],
)
def test_every_formula_has_an_exact_value_of_its_framework(xp, joint, formula, expected):
    result = evaluate(Formula(formula), joint)
    assert float(result) == pytest.approx(float(expected()), rel=1e-12, abs=1e-14)
    assert (result.estimator, result.n, result.interval) == ("exact", None, None)
    assert xp.is_own(result.value)


def test_gradients_flow_through_a_formula():
    joint_xy = np.array([[0.4, 0.1], [0.2, 0.3]])
    x, y = joint_xy.sum(1, keepdims=True), joint_xy.sum(0)

    def information(p):
        return evaluate(Formula("I(X;Y)"), Joint(p, names=("X", "Y")), unit="nats").value

    for name, made in FRAMEWORKS.items():
        if made.differentiable:
            gradient = backend(name).grad(information, backend(name).asarray(joint_xy))
            np.testing.assert_allclose(gradient, np.log(joint_xy / (x * y)) - 1, rtol=1e-12)


def test_single_precision_stays_and_its_marginals_need_not_sum_to_one_in_double(xp):
    """A float32 that rounds to 1 within its own tolerance is a distribution; so are its marginals."""
    p = np.full((3, 7), 1 / 21, "float32") * np.float32(1 + 1e-5)
    joint = Joint(xp.asarray(p, "float32"), names=("X", "Y"))
    marginal = joint.marginal("Y")
    assert marginal.array.dtype == joint.array.dtype == xp.asarray(p, "float32").dtype
    assert float(marginal.marginal("Y").entropy({"Y"})) == pytest.approx(np.log(7), rel=1e-4)
    assert float(joint.given(X=1).array[0]) == pytest.approx(1 / 7, rel=1e-6)


def test_counts_and_others_are_refused(xp):
    with pytest.raises(NotADistribution, match=r"`array` sums to 10;.*hint: counts\?"):
        Joint(xp.asarray([[1.0, 2.0], [3.0, 4.0]]), names=("X", "Y"))
    with pytest.raises(NotADistribution, match=r"`array` has -0\.5 at index \(1,\)"):
        Joint(xp.asarray([1.5, -0.5]), names=("X",))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Joint([[0.5, 0.5]], names=("X",)), ShapeMismatch, r"1 names \('X',\) for an array of shape \(1, 2\)"),
        (lambda: Joint([0.5, 0.5], names="X"), InvalidType, "names='X'; needed: texts, one for each variable"),
        (lambda: Joint([[0.5, 0.5]], names=("X", "X")), InvalidValue, "the name `X` came twice"),
        (lambda: Joint([0.5, 0.5], ("X",), {"X": ["a"]}), ShapeMismatch, "`X` has 1 outcomes .* of length 2"),
        (lambda: Joint([0.5, 0.5], ("X",), {"X": ["a", "a"]}), InvalidValue, "`X` has an outcome twice"),
        (lambda: Joint([0.5, 0.5], ("X",), {"Z": ["a", "b"]}), UnknownName, "`Z` is not a variable here"),
        (lambda: Joint([0.5, 0.5], ("sky",)).marginal("sku"), UnknownName, "did you mean `sky`"),
        (lambda: Joint([0.5, 0.5], ("X",)).entropy({"Y"}), UnknownName, "`Y` is not a variable here"),
        (lambda: Joint([[0.5, 0.5]], ("X", "Y")).given(Y="a"), UnknownName, "'a' is not an outcome of `Y`"),
        (lambda: Joint([[0.5, 0.5]], ("X", "Y")).given(), InvalidValue, "leaves all variables"),
        (lambda: Joint([[0.5, 0.5]], ("X", "Y")).given(X=0, Y=0), InvalidValue, "leaves no variables"),
        (lambda: Joint([[1.0, 0.0]], ("X", "Y")).given(Y=1), InvalidValue, "has probability 0"),
    ],
)
def test_bad_names_and_outcomes_are_refused(make, error, words):
    with pytest.raises(error, match=words):
        make()


def test_conditioning_on_the_impossible_is_refused_everywhere(joint):
    with pytest.raises(InvalidValue, match=r"\{'X': 2\} has probability 0, so nothing is given by it"):
        joint.given(X=2)


def test_outcomes_come_by_name_or_in_order():
    by_name = Joint([[0.1, 0.2], [0.3, 0.4]], ("X", "Y"), {"X": ["a", "b"], "Y": ["c", "d"]})
    in_order = Joint([[0.1, 0.2], [0.3, 0.4]], ("X", "Y"), [["a", "b"], ["c", "d"]])
    assert in_order.outcomes == by_name.outcomes == {"X": ("a", "b"), "Y": ("c", "d")}
    assert np.allclose(in_order.given(Y="c").array, [0.25, 0.75])
    for outcomes, words in (([["a", "b"]], "sequence of labels for each"), (["ab", "cd"], "are a text")):
        with pytest.raises((ShapeMismatch, InvalidType), match=words):
            Joint([[0.1, 0.2], [0.3, 0.4]], ("X", "Y"), outcomes)
