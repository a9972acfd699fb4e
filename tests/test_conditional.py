"""Conditional mutual information from neighbours: equal to its formula point by point, centred, and its limits."""

import numpy as np
import pytest
from scipy.special import digamma
from truths_mixed import CONDITIONAL

from plogp.errors import InvalidType, InvalidValue
from plogp.estimate.conditional import FrenzelPompe, MesnerShalizi
from plogp.estimate.gaussian import Gaussian, normal_scores
from plogp.estimate.residual import regressions, relevant_directions, residuals, whitened, without_condition
from plogp.estimate.surrogate_frenzel_pompe import SurrogateFrenzelPompe, gaussian_bias, has_atoms


def cmi(estimator, *parts):
    return estimator.conditional_mutual_information(*parts)


def triple(n, seed=0, d=1, correlation=0.6):
    """x and y, z and noise of that correlation each."""
    rng = np.random.default_rng(seed)
    z, e, f = rng.normal(size=(n, d)), *rng.normal(size=(2, n, 1))
    shared = z.sum(axis=1, keepdims=True) / np.sqrt(d)
    return shared + e, shared + correlation * e + np.sqrt(1 - correlation**2) * f, z


def apart(codes):
    """Codes farther from each other than any values here."""
    return 1000 * codes


# ---- brute force -----------------------------------------------------------------------------------------------------


def brute_force(rule, k, x, y, z):
    """The formula, one observation at a time, by all distances."""
    terms = []
    for i in range(len(x)):
        others = np.arange(len(x)) != i
        far = {name: np.abs(part - part[i]).max(axis=1)[others] for name, part in (("x", x), ("y", y), ("z", z))}
        r = np.sort(np.maximum.reduce(list(far.values())))[k - 1]
        far = {names: np.maximum.reduce([far[name] for name in names]) for names in ("xyz", "xz", "yz", "z")}
        n = {names: (distance <= r).sum() for names, distance in far.items()}
        if rule is FrenzelPompe:
            n |= {names: max(n[names], (far[names] < r).sum() + 1) for names in ("xz", "yz", "z")}
        terms.append(digamma(n["xyz"]) - digamma(n["xz"]) - digamma(n["yz"]) + digamma(n["z"]))
    return np.array(terms)


def rounded(*parts):
    return tuple(np.round(part, 1) for part in parts)


RNG = np.random.default_rng(1)
SMALL = {
    "continuous": triple(60),
    "three conditions": triple(60, d=3),
    "vectors": tuple(RNG.normal(size=(3, 50, 2))),
    "rounded": rounded(*triple(80)),
    "discrete": tuple(RNG.integers(0, 3, (3, 60, 1)).astype(float)),
    "discrete condition": (*RNG.normal(size=(2, 60, 1)), apart(RNG.integers(0, 4, (60, 1)).astype(float))),
    "a stratum of two": (*RNG.normal(size=(2, 40, 1)), apart((np.arange(40)[:, None] < 2).astype(float))),
    "censored": tuple(np.maximum(part, 0) for part in triple(60)),
    "evenly apart": (np.arange(40.0)[:, None], np.arange(40.0)[::-1, None] % 7, np.arange(40.0)[:, None] % 3),
    "all alike": tuple(np.ones((3, 10, 1))),
}


@pytest.mark.parametrize("rule", [FrenzelPompe, MesnerShalizi])
@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("sample", SMALL)
def test_equals_brute_force(rule, k, sample):
    found = cmi(rule(k), *SMALL[sample])
    expected = brute_force(rule, k, *SMALL[sample])
    assert found.terms == pytest.approx(expected, abs=1e-12)
    assert found.value == pytest.approx(expected.mean(), abs=1e-12)


def test_frenzel_pompe_without_ties_is_the_paper_s():
    """ψ(k) − ⟨ψ(n_xz + 1) + ψ(n_yz + 1) − ψ(n_z + 1)⟩ over open balls."""
    x, y, z = SMALL["continuous"]
    distance = {name: np.abs(part - part.T) for name, part in (("x", x), ("y", y), ("z", z))}
    r = np.sort(np.maximum.reduce(list(distance.values())), axis=1)[:, [4]]  # itself is the first
    n_xz, n_yz, n_z = (
        (np.maximum.reduce([distance[name] for name in names]) < r).sum(axis=1) for names in ("xz", "yz", "z")
    )  # itself counts for the + 1
    expected = digamma(4) - np.mean(digamma(n_xz) + digamma(n_yz) - digamma(n_z))
    assert cmi(FrenzelPompe(4), x, y, z).value == pytest.approx(expected, abs=1e-12)


# ---- truths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("truth", CONDITIONAL, ids=lambda truth: truth.name)
def test_the_surrogate_route_finds_the_truth(truth):
    """Three samples of 500; the tolerance is some three standard errors of their mean, and a tenth of the value."""
    x, y, z = zip(*(truth.draw(500, np.random.default_rng(seed)) for seed in range(3)), strict=True)
    found = [cmi(SurrogateFrenzelPompe(), *parts).value for parts in zip(x, y, z, strict=True)]
    assert np.mean(found) == pytest.approx(truth.value, abs=0.06 + 0.1 * truth.value)


def test_five_conditions_cost_the_surrogate_route_less_than_half():
    """x and y follow z closely: neighbours in seven dimensions are too far away to see what they share."""

    def draw(seed):
        rng = np.random.default_rng(seed)
        z, e, f = rng.normal(size=(1000, 5)), *rng.normal(size=(2, 1000, 1))
        return e + z @ [[2], [1], [0.5], [0.5], [0]], 0.6 * e + 0.8 * f + z @ [[1], [-1], [2], [0], [0.5]], z

    error = np.array(
        [[cmi(e, *draw(seed)).value - 0.2231 for e in (FrenzelPompe(), SurrogateFrenzelPompe())] for seed in (1, 2, 3)]
    )
    plain, surrogate = np.sqrt((error**2).mean(axis=0))
    assert surrogate < plain / 2
    assert surrogate < 0.05


NULLS = {
    "normal": lambda rng: triple(500, rng, correlation=0.0),
    "discrete condition": lambda rng: discrete_condition(rng, apart),
    "codes as they are": lambda rng: discrete_condition(rng, np.asarray),
    "rounded": lambda rng: rounded(*triple(500, rng, correlation=0.0)),
    "discrete": lambda rng: tuple(rng.integers(0, 2, (3, 500, 1)).astype(float)),
    "binary given a number": lambda rng: tuple(
        (part > 0).astype(float) if i < 2 else part for i, part in enumerate(triple(500, rng, correlation=0.0))
    ),
    "censored condition": lambda rng: censored_condition(rng),
}


def discrete_condition(rng, codes):
    z = rng.integers(0, 4, (500, 1)).astype(float)
    return *(z + rng.normal(size=(2, 500, 1))), codes(z)


def censored_condition(rng):
    z = np.maximum(rng.normal(size=(500, 1)), 0)
    return *(z + rng.normal(size=(2, 500, 1))), z


@pytest.mark.parametrize("null", NULLS)
def test_nulls_are_centred_with_ties_and_discrete_conditions_too(null):
    found = [cmi(FrenzelPompe(), *NULLS[null](np.random.default_rng(seed))).value for seed in range(8)]
    assert np.mean(found) == pytest.approx(0, abs=0.025)
    assert min(found) < 0.005  # nothing is clipped


# ---- laws ------------------------------------------------------------------------------------------------------------


def test_a_condition_that_is_independent_changes_little():
    x, y, _ = triple(800, correlation=0.8)
    z = np.random.default_rng(5).normal(size=(800, 1))
    alone = Gaussian().mutual_information(normal_scores(x), normal_scores(y)).value
    assert cmi(FrenzelPompe(), x, y, z).value == pytest.approx(alone, abs=0.1)
    assert cmi(SurrogateFrenzelPompe(), x, y, z).value == pytest.approx(alone, abs=0.06)


@pytest.mark.parametrize("estimator", [FrenzelPompe(), MesnerShalizi(), SurrogateFrenzelPompe()], ids=lambda e: e.name)
def test_x_and_y_change_places(estimator):
    x, y, z = triple(300, d=2)
    assert cmi(estimator, y, x, z).value == pytest.approx(cmi(estimator, x, y, z).value, abs=0.02)


def test_monotone_maps_change_nothing_of_the_surrogate_route():
    x, y, z = triple(300, d=2)
    found = cmi(SurrogateFrenzelPompe(), x, y, z)
    mapped = cmi(SurrogateFrenzelPompe(), np.exp(x), y**3, np.sinh(z) * [1e200, 1e-200])
    assert mapped.value == pytest.approx(found.value, rel=1e-12)


@pytest.mark.parametrize("estimator", [FrenzelPompe(), MesnerShalizi(), SurrogateFrenzelPompe()], ids=lambda e: e.name)
def test_the_order_of_rows_changes_nothing(estimator):
    x, y, z = triple(300, d=2)
    order = np.random.default_rng(1).permutation(300)
    first, second = cmi(estimator, x, y, z), cmi(estimator, x[order], y[order], z[order])
    assert second.value == pytest.approx(first.value, rel=1e-12)
    assert second.terms == pytest.approx(first.terms[order], rel=1e-9)


def test_what_a_seed_changes():
    parts = triple(300, d=5)
    first, again, other = (cmi(SurrogateFrenzelPompe(seed=seed), *parts) for seed in (None, 0, 1))
    assert first.value == again.value != other.value
    assert other.value == pytest.approx(first.value, abs=0.03)
    assert first.route.endswith("seed 0 (fixed)")
    assert again.route.endswith("seed 0")


# ---- the steps of the surrogate route --------------------------------------------------------------------------------


def test_residuals_leave_one_out():
    """Each is what the regression on the other rows alone predicts wrongly."""
    rng = np.random.default_rng(0)
    z = whitened(rng.normal(size=(40, 2)))
    y = z @ [[2.0], [1.0]] + rng.normal(size=(40, 1))
    kind, left = next(regressions(z, y))
    assert kind == "line"
    design = np.hstack([np.ones((40, 1)), z])
    for i in range(40):
        rest = np.arange(40) != i
        slope = np.linalg.lstsq(design[rest], y[rest], rcond=None)[0]
        assert left[i] == pytest.approx(y[i] - design[i] @ slope, abs=1e-10)


def test_kinds_of_regression():
    rng = np.random.default_rng(1)
    z = whitened(rng.normal(size=(600, 3)))
    noise = rng.normal(size=(600, 3))
    left, kinds = residuals(z, noise + np.stack([0 * z[:, 0], 2 * z[:, 1], 2 * np.sin(2 * z[:, 2])], axis=1))
    assert kinds == ["constant", "line", "smooth"]
    assert left.var(axis=0) == pytest.approx(noise.var(axis=0), rel=0.2)
    assert np.abs(np.corrcoef(left.T, noise.T)[:3, 3:].diagonal()).min() > 0.9


def test_directions_that_matter():
    """The spread of r depends on one direction of z, and nothing on the others."""
    rng = np.random.default_rng(2)
    z = whitened(rng.normal(size=(1000, 4)))
    direction = np.array([0.6, 0.0, 0.8, 0.0])
    r = normal_scores(rng.normal(size=(1000, 2)) * np.exp(z @ direction / 2)[:, None])
    found = relevant_directions(r, z, np.random.default_rng(0))
    assert found.shape == (4, 1)
    assert abs(found[:, 0] @ direction) > 0.95
    assert relevant_directions(rng.normal(size=(1000, 2)), z, np.random.default_rng(0)).shape == (4, 0)


def test_a_square_and_a_product_matter():
    rng = np.random.default_rng(3)
    z = whitened(rng.normal(size=(1000, 4)))
    square = normal_scores(rng.normal(size=(1000, 1)) + z[:, :1] ** 2)
    product = normal_scores(rng.normal(size=(1000, 1)) + 2 * z[:, 1:2] * z[:, 2:3])
    found = relevant_directions(np.hstack([square, product]), z, np.random.default_rng(0))
    assert np.linalg.norm(found[3]) < 0.3
    assert found.shape == (4, 3)


def test_whitened_columns():
    rng = np.random.default_rng(4)
    a, b = rng.normal(size=(2, 100, 2))
    z = whitened(np.hstack([a, a @ [[1.0], [2.0]], 1e-3 * b, np.ones((100, 1))]))
    assert z.shape == (100, 4)
    assert z.T @ z / 100 == pytest.approx(np.eye(4), abs=1e-9)


def test_the_bias_of_a_gaussian_fit_is_exact():
    rng = np.random.default_rng(6)
    fitted = []
    for _ in range(4000):
        s = np.cov(rng.normal(size=(4, 12)))
        volume = [np.linalg.slogdet(s[np.ix_(i, i)])[1] for i in ([0, 2, 3], [1, 2, 3], [0, 1, 2, 3], [2, 3])]
        fitted.append((volume[0] + volume[1] - volume[2] - volume[3]) / 2)
    assert np.mean(fitted) == pytest.approx(gaussian_bias(12, 1, 1, 2), abs=5 * np.std(fitted) / np.sqrt(4000))


def test_residuals_keep_the_order_of_the_rows():
    x, y, z = triple(200, d=2)
    left = without_condition(x, y, z, np.random.default_rng(0))
    shared = z.sum(axis=1, keepdims=True) / np.sqrt(2)
    assert np.corrcoef(left.x[:, 0], (x - shared)[:, 0])[0, 1] > 0.95
    assert np.corrcoef(left.y[:, 0], (y - shared)[:, 0])[0, 1] > 0.95


# ---- what can't be estimated -----------------------------------------------------------------------------------------


def test_a_function_in_common_is_infinite_and_a_constant_is_nothing():
    x, _, z = triple(100)
    same = cmi(SurrogateFrenzelPompe(), x, x**3, z)
    assert same.value == np.inf
    assert "infinite" in same.notes[0]
    for parts in ((np.ones((100, 1)), x, z), (z, x, z)):
        assert cmi(SurrogateFrenzelPompe(), *parts).value == 0.0


def test_repeated_values_are_no_density():
    x, y, z = triple(300)
    x = np.maximum(x, 0)
    assert has_atoms(x)
    assert not has_atoms(np.round(y, 2))
    found = cmi(SurrogateFrenzelPompe(k=3), x, y, z)
    assert found.value == cmi(FrenzelPompe(k=3), x, y, z).value
    assert found.route == "repeated values: Frenzel-Pompe alone"


@pytest.mark.parametrize("rule", [FrenzelPompe(), MesnerShalizi()], ids=lambda e: e.name)
def test_small_strata_add_nothing(rule):
    """Two observations of an outcome have no three neighbours of it: their ball is all that is next to them."""
    assert cmi(rule, *SMALL["a stratum of two"]).terms[:2] == pytest.approx([0, 0], abs=1e-12)
    x, y = RNG.normal(size=(2, 40, 1))
    assert cmi(rule, x, x + y, apart(np.arange(40.0)[:, None] // 2)).value == pytest.approx(0, abs=1e-12)


def test_a_note_on_ties():
    assert cmi(FrenzelPompe(), *triple(50)).notes == ()
    assert "several neighbours as far as the k-th" in cmi(FrenzelPompe(), *SMALL["rounded"]).notes[0]


@pytest.mark.parametrize("estimator", [FrenzelPompe, MesnerShalizi, SurrogateFrenzelPompe])
def test_errors(estimator):
    with pytest.raises(InvalidValue, match="k=0 neighbours; needed: a whole number"):
        estimator(k=0)
    with pytest.raises(InvalidValue, match=r"3 observations for k = 3 neighbours.*hint"):
        cmi(estimator(k=3), *np.zeros((3, 3, 1)))
    with pytest.raises(InvalidType, match=r"doesn't estimate an entropy.*hint"):
        estimator().entropy(np.zeros((3, 1)))


@pytest.mark.parametrize("estimator", [FrenzelPompe(), SurrogateFrenzelPompe()], ids=lambda e: e.name)
def test_what_is_rearranged_keeps_the_condition(estimator):
    """Rearranged among neighbours, dependence given z is lost and dependence through z is kept."""
    x, y, z = triple(400, correlation=0.9)
    statistic, null = estimator.rearranged_given(x, y, z)
    chance = [statistic(null.draw(np.random.default_rng(seed))) for seed in range(10)]
    assert statistic(np.arange(400)) > 0.5
    assert np.mean(chance) == pytest.approx(0, abs=0.1)
