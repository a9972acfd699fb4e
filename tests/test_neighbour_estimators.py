"""KSG, Ross, Gao and the differential entropies: equal to their formulas on all pairs, to peers, and near the truth."""

from math import inf, log, pi

import numba  # noqa: F401  the compiled loops are then taken for any n
import numpy as np
import pytest
from scipy.special import digamma
from scipy.stats import differential_entropy
from sklearn.feature_selection._mutual_info import _compute_mi_cc, _compute_mi_cd

from plogp import _kernels, estimate
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch
from plogp.estimate import KSG, FrenzelPompe, Gao, NearestNeighbour, Ross, Vasicek


@pytest.fixture(params=["compiled", "SciPy"])
def path(request, monkeypatch):
    monkeypatch.setattr(_kernels, "COMPILED", request.param == "compiled")


# ---- the formulas, on all pairs --------------------------------------------------------------------------------------


def apart(points):
    distances = np.abs(points[:, None] - points[None]).max(axis=2)
    np.fill_diagonal(distances, inf)
    return distances


def ksg(x, y, k, variant):
    joint, n = apart(np.hstack([x, y])), len(x)
    radii = np.sort(joint, axis=1)[:, k - 1 : k]
    if variant == 1:
        n_x, n_y = ((apart(v) < radii).sum(axis=1) for v in (x, y))
        return digamma(k) + digamma(n) - np.mean(digamma(n_x + 1) + digamma(n_y + 1))
    near = joint <= radii
    boxes = (np.where(near, apart(v), 0).max(axis=1, keepdims=True) for v in (x, y))
    n_x, n_y = ((apart(v) <= box).sum(axis=1) for v, box in zip((x, y), boxes, strict=True))
    return digamma(k) - 1 / k + digamma(n) - np.mean(digamma(n_x) + digamma(n_y))


def ross(x, y, k):
    total, rows = 0.0, [i for i in range(len(y)) if (y == y[i]).sum() > 1]
    x, y = x[rows], y[rows, 0]
    for i in range(len(y)):
        steps = np.abs(x - x[i]).max(axis=1)
        same = np.sort(np.delete(steps, i)[np.delete(y, i) == y[i]])
        nearest = min(k, same.size)
        m = (np.delete(steps, i) < same[nearest - 1]).sum() + 1
        total += digamma(nearest) - digamma(same.size + 1) - digamma(m)
    return digamma(len(y)) + total / len(y)


def gao(x, y, k):
    """As the authors' program counts: the observation itself too."""
    joint, total, n = np.hstack([x, y]), 0.0, len(x)
    for i in range(n):
        both, in_x, in_y = (np.abs(v - v[i]).max(axis=1) for v in (joint, x, y))
        radius = np.sort(both)[k]
        if radius == 0:
            k_i, n_x, n_y = ((steps == 0).sum() for steps in (both, in_x, in_y))
        else:
            k_i, n_x, n_y = k, (in_x < radius).sum(), (in_y < radius).sum()
        total += digamma(k_i) + log(n) - digamma(n_x) - digamma(n_y)
    return total / n


RNG = np.random.default_rng(0)
SMALL = {
    "continuous": (RNG.normal(size=(120, 1)), RNG.normal(size=(120, 1))),
    "vectors": (RNG.normal(size=(120, 2)), RNG.normal(size=(120, 3))),
    "rounded": (np.round(RNG.normal(size=(120, 1)), 1), np.round(RNG.normal(size=(120, 1)), 1)),
    "a grid": (RNG.integers(0, 4, size=(120, 1)) * 1.0, RNG.integers(0, 6, size=(120, 2)) * 1.0),
    "half atoms": (np.maximum(RNG.normal(size=(120, 1)), 0), np.maximum(RNG.normal(size=(120, 1)), 0)),
}


@pytest.mark.usefixtures("path")
@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("k", [1, 3, 6])
def test_estimates_are_their_formulas(name, k):
    x, y = SMALL[name]
    for variant in (1, 2):
        assert KSG(k, variant).mutual_information(x, y).value == pytest.approx(ksg(x, y, k, variant), abs=1e-12)
    assert Gao(k).mutual_information(x, y).value == pytest.approx(gao(x, y, k), abs=1e-12)
    codes = np.digitize(y[:, :1], [-0.5, 0.5, 2.2]).astype(float)
    assert Ross(k).mutual_information(x, codes).value == pytest.approx(ross(x, codes, k), abs=1e-12)


@pytest.mark.usefixtures("path")
def test_terms_are_of_the_observations_in_their_rows():
    x, y = SMALL["vectors"]
    order = np.random.default_rng(1).permutation(len(x))
    codes = (y[:, :1] > 0).astype(float)
    for rule, other in ((KSG(), y), (KSG(variant=2), y), (Gao(), y), (Ross(), codes)):
        found, moved = rule.mutual_information(x, other), rule.mutual_information(x[order], other[order])
        assert found.terms[order] == pytest.approx(moved.terms, abs=1e-12)
        assert found.terms.mean() == pytest.approx(found.value)
    one, other = NearestNeighbour().entropy(x), NearestNeighbour().entropy(x[order])
    assert one.terms[order] == pytest.approx(other.terms)
    one, other = Vasicek().entropy(x[:, :1]), Vasicek().entropy(x[order, :1])
    assert one.terms[order] == pytest.approx(other.terms)


@pytest.mark.usefixtures("path")
def test_equal_to_scikit_learn_where_nothing_ties():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2500, 1))
    y = 0.6 * x + 0.8 * rng.normal(size=(2500, 1))
    labels = np.array([5, 7, 9])[np.digitize(y[:, 0], [-1, 0.3])]
    assert KSG().mutual_information(x, y).value == pytest.approx(_compute_mi_cc(x[:, 0], y[:, 0], 3), abs=1e-12)
    wanted = _compute_mi_cd(x[:, 0], labels, 3)
    assert Ross().mutual_information(x, labels[:, None].astype(float)).value == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("rule", [KSG(), KSG(variant=2), Ross(), Gao()])
def test_rearranged_is_the_estimate_on_rearranged_rows(rule):
    x = RNG.normal(size=(200, 1))
    y = np.round(x + RNG.normal(size=(200, 1)))
    order = np.random.default_rng(3).permutation(200)
    assert rule.rearranged(x, y)(order) == pytest.approx(rule.mutual_information(x, y[order]).value, abs=1e-12)


def test_a_code_is_only_a_name():
    x, y = SMALL["continuous"]
    codes = np.digitize(y, [-1, 0, 1]).astype(float)
    names = np.array([3.5, -2.0, 1e9, 0.25])[codes.astype(int)]
    assert Ross().mutual_information(x, codes).value == Ross().mutual_information(x, names).value


def test_outcomes_that_occur_once_are_left_out_and_said():
    x, y = RNG.normal(size=(60, 1)), np.repeat([0.0, 1.0], 30)[:, None]
    y[5] = 17
    found = Ross().mutual_information(x, y)
    assert found.value == Ross().mutual_information(np.delete(x, 5, 0), np.delete(y, 5, 0)).value
    assert found.notes == ("1 observations with an outcome that occurs once have no neighbour and are left out",)


def test_kozachenko_leonenko_is_its_formula():
    for x in (RNG.normal(size=(90, 1)), RNG.normal(size=(90, 4)) * 1e-300):
        radii = np.sort(apart(x), axis=1)[:, 2]
        wanted = digamma(90) - digamma(3) + x.shape[1] * np.mean(np.log(2) + np.log(radii))
        assert NearestNeighbour().entropy(x).value == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("m", [1, 4, 30])
def test_spacings_are_those_of_ebrahimi_as_scipy_has_them(m):
    x = RNG.exponential(size=(90, 1))
    wanted = differential_entropy(x[:, 0], window_length=m, method="ebrahimi")
    assert Vasicek(m).entropy(x).value == pytest.approx(wanted, abs=1e-12)


# ---- laws and truths -------------------------------------------------------------------------------------------------


def gaussian(rho, n, d=1, seed=4):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    return x, rho * x + (1 - rho**2) ** 0.5 * rng.normal(size=(n, d))


@pytest.mark.parametrize("rule", [KSG(), KSG(variant=2), KSG(k=10), Gao(), FrenzelPompe()])
@pytest.mark.parametrize("rho", [0.0, 0.6, -0.9])
def test_near_the_truth_of_a_gaussian(rule, rho):
    x, y = gaussian(rho, 4000)
    assert rule.mutual_information(x, y).value == pytest.approx(-0.5 * log(1 - rho**2), abs=0.05)


def test_without_ties_frenzel_pompe_given_nothing_is_ksg():
    x, y = gaussian(0.5, 500, d=2)
    assert FrenzelPompe(4).mutual_information(x, y).value == pytest.approx(KSG(4).mutual_information(x, y).value)


def test_rounding_leaves_frenzel_pompe_where_it_was():
    x, y = (np.round(v, 1) for v in gaussian(0.6, 1000))
    assert FrenzelPompe().mutual_information(x, y).value == pytest.approx(-0.5 * log(0.64), abs=0.06)
    assert Gao().mutual_information(x, y).value > 0.5  # as the documents say


@pytest.mark.parametrize("d", [1, 3])
def test_a_class_of_a_continuous_vector(d):
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, size=(3000, 1)).astype(float)
    assert Ross().mutual_information(rng.normal(size=(3000, d)), y).value == pytest.approx(0, abs=0.03)
    far = rng.normal(size=(3000, d)) + 20 * y
    assert Ross().mutual_information(far, y).value == pytest.approx(log(3), abs=0.01)


def test_a_mixture_of_atoms_and_density():
    """Gao et al. 2017, V.C: X is exponential; Y is 0 with probability p, else Poisson about X; .3012 (1 − p)."""
    rng = np.random.default_rng(6)
    x = rng.exponential(size=(5000, 1))
    y = np.where(rng.random((5000, 1)) < 0.15, 0, rng.poisson(x)).astype(float)
    assert Gao().mutual_information(x, y).value == pytest.approx(0.85 * 0.3012, abs=0.03)
    x = rng.integers(0, 5, size=(5000, 1)).astype(float)
    y = x + 2 * rng.random((5000, 1))
    assert Gao().mutual_information(x, y).value == pytest.approx(log(5) - 0.8 * log(2), abs=0.02)


def test_non_uniformity_correction_mends_a_strong_relation_and_warns():
    x, y = gaussian(1 - 1e-7, 1000)
    truth = -0.5 * log(1 - (1 - 1e-7) ** 2)
    plain, mended = KSG(5, 2).mutual_information(x, y), KSG(5, 2, lnc=0.2).mutual_information(x, y)
    assert abs(mended.value - truth) < 0.3 * abs(plain.value - truth)
    assert mended.notes[0].startswith("local non-uniformity correction: it helps where")
    scaled = KSG(5, 2, lnc=0.2).mutual_information(x * 2.0**900, y * 2.0**900)
    assert scaled.value == mended.value
    x, y = gaussian(0.3, 1000)
    assert KSG(5, 2, lnc=0.05).mutual_information(x, y).value == KSG(5, 2).mutual_information(x, y).value


@pytest.mark.parametrize("rule", [NearestNeighbour(), NearestNeighbour(k=5), Vasicek()])
def test_entropy_moves_with_scale_and_may_be_negative(rule):
    x = np.random.default_rng(7).normal(size=(3000, 1))
    one = rule.entropy(x).value
    assert one == pytest.approx(0.5 * log(2 * pi) + 0.5, abs=0.05)
    for scale in (2.0**-900, 2.0**900):
        assert rule.entropy(scale * x).value == pytest.approx(one + log(scale), abs=1e-9)


def test_entropy_of_a_vector():
    x = np.random.default_rng(8).uniform(size=(4000, 3))
    assert NearestNeighbour().entropy(4 * x).value == pytest.approx(3 * log(4), abs=0.1)


@pytest.mark.parametrize("rule", [NearestNeighbour(), Vasicek(m=2)])
def test_atoms_have_no_density(rule):
    x = np.repeat(np.random.default_rng(9).normal(size=(40, 1)), 6, axis=0)
    found = rule.entropy(x)
    assert found.value == -inf
    assert "coincide" in found.notes[0]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda x: KSG(k=0), InvalidValue, "k=0 neighbours; needed: a whole number"),
        (lambda x: Gao(k=2.5), InvalidValue, "k=2.5"),
        (lambda x: KSG(variant=3), InvalidValue, "variant=3 of KSG; needed: 1 or 2"),
        (lambda x: KSG(lnc=0.2), InvalidValue, "lnc=0.2 with variant=1"),
        (lambda x: KSG(k=5).mutual_information(x[:5], x[:5]), InvalidValue, "5 observations for k = 5 neighbours"),
        (lambda x: Gao().mutual_information(x[:1], x[:1]), InvalidValue, "1 observation for k = 3 neighbours"),
        (lambda x: NearestNeighbour().entropy(x[:3]), InvalidValue, "3 observations for k = 3"),
        (lambda x: Vasicek(m=6).entropy(x), InvalidValue, "order m = 6 of 10 observations"),
        (lambda x: Vasicek().entropy(np.hstack([x, x])), ShapeMismatch, "2 columns; needed: one"),
        (lambda x: Ross().mutual_information(x, x), InvalidValue, "10 outcomes of 10 observations"),
        (lambda x: KSG().entropy(x), InvalidType, "estimator='ksg' doesn't estimate an entropy"),
        (lambda x: Ross().conditional_mutual_information(x, x, x), InvalidType, "there is 'frenzel-pompe'"),
        (lambda x: Vasicek().mutual_information(x, x), InvalidType, "there is 'ksg' or 'gao'"),
    ],
)
def test_bad_input(call, error, words):
    with pytest.raises(error, match=words):
        call(np.arange(10.0)[:, None])


def test_each_has_a_name_in_kebab_case():
    for name, kind in estimate.SAMPLE_NAMES.items():
        assert estimate.estimator(name) == kind()
