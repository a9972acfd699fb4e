"""Gaussian estimates against closed forms, brute force and the laws of information."""

from math import e, inf, log, pi

import numpy as np
import pytest
from scipy.special import digamma

import plogp as pp
from plogp.errors import InvalidType, InvalidValue
from plogp.estimate.gaussian import Gaussian, GaussianCopula, independent_columns, normal_scores, svd


@pytest.fixture
def rng():
    return np.random.default_rng(12)


BOTH = pytest.mark.parametrize("estimator", [Gaussian(), GaussianCopula()], ids=lambda one: one.name)


def correlated(n, rng, d=3):
    """Columns of a normal distribution, all related."""
    return rng.normal(size=(n, d)) @ (np.eye(d) + 0.4)


def entropy_by_hand(x):
    """From the determinant of the covariance and Misra, Singh & Demchuk's digammas."""
    n, d = x.shape
    log_det = np.linalg.slogdet(np.cov(x.T).reshape(d, d))[1]
    bias = sum(digamma((n - i) / 2) for i in range(1, d + 1)) - d * log((n - 1) / 2)
    return 0.5 * (d * log(2 * pi * e) + log_det - bias)


@pytest.mark.parametrize("d", [1, 2, 5])
def test_entropy_is_that_of_the_determinant(d, rng):
    x = correlated(12, rng, d)
    assert Gaussian().entropy(x).value == pytest.approx(entropy_by_hand(x), abs=1e-12)


def test_information_is_a_sum_of_entropies(rng):
    x, y, z = np.split(correlated(30, rng, 6), 3, axis=1)
    parts = {"xz": (x, z), "yz": (y, z), "xyz": (x, y, z), "z": (z,)}
    xz, yz, xyz, alone = (entropy_by_hand(np.hstack(part)) for part in parts.values())
    assert Gaussian().conditional_mutual_information(x, y, z).value == pytest.approx(xz + yz - xyz - alone, abs=1e-12)


@BOTH
@pytest.mark.parametrize(("p", "q", "r", "n"), [(1, 1, 0, 20), (3, 2, 0, 15), (2, 2, 3, 20), (10, 10, 0, 40)])
def test_nulls_are_centred_and_covered(estimator, p, q, r, n, rng):
    found = []
    for _ in range(300):
        x, y, z = np.split(rng.normal(size=(n, p + q + r)), [p, p + q], axis=1)
        found.append(estimator.conditional_mutual_information(x + z.sum(1, keepdims=True), y - z[:, :1].sum(), z))
    values, errors = np.array([one.value for one in found]), np.array([one.std_error for one in found])
    assert abs(values.mean()) < 3.5 * values.std() / np.sqrt(300) + 0.002
    assert np.mean(np.abs(values) < 1.96 * errors) > 0.88


@BOTH
def test_the_standard_error_is_the_spread_of_estimates(estimator, rng):
    found = []
    for _ in range(300):
        z = correlated(200, rng, 4)
        found.append(estimator.mutual_information(z[:, :2], z[:, 2:]))
    spread = np.std([one.value for one in found])
    assert np.mean([one.std_error for one in found]) == pytest.approx(spread, rel=0.15)


def test_the_standard_error_holds_for_what_isn_t_normal(rng):
    found = []
    for _ in range(300):
        x = rng.standard_t(6, size=(300, 1))
        found.append(Gaussian().mutual_information(x, x + rng.uniform(-2, 2, size=(300, 1))))
    assert np.mean([one.std_error for one in found]) == pytest.approx(np.std([one.value for one in found]), rel=0.15)


@BOTH
def test_the_chain_rule_holds(estimator, rng):
    x, y, z = np.split(correlated(60, rng, 6), 3, axis=1)
    given = estimator.conditional_mutual_information(x, y, z).value
    both, first = (estimator.mutual_information(x, other).value for other in (np.hstack([y, z]), z))
    assert both == pytest.approx(first + given, abs=1e-12)


@BOTH
def test_terms_have_the_value_as_their_mean(estimator, rng):
    x, y = np.split(correlated(60, rng, 4), 2, axis=1)
    for found in (estimator.mutual_information(x, y), estimator.entropy(x)):
        assert found.terms.shape == (60,)
        assert found.terms.mean() == pytest.approx(found.value, abs=1e-12)


def test_linear_maps_change_nothing(rng):
    x, y = np.split(correlated(60, rng, 4), 2, axis=1)
    value = Gaussian().mutual_information(x, y).value
    assert Gaussian().mutual_information(x @ [[2, 1], [0, 1e-3]] + 5, y).value == pytest.approx(value, abs=1e-9)
    assert Gaussian().mutual_information(x * [1e300, 1e-300], y * 1e200).value == pytest.approx(value, abs=1e-9)


def test_monotone_maps_of_columns_change_nothing_of_the_copula(rng):
    x, y = np.split(correlated(60, rng, 4), 2, axis=1)
    value = GaussianCopula().mutual_information(x, y).value
    assert GaussianCopula().mutual_information(np.exp(x), y**3).value == value


def test_the_entropy_of_a_copula_has_the_margins_own(rng):
    values = [GaussianCopula().entropy(np.exp(correlated(300, rng, 2))).value for _ in range(40)]
    covariance = (np.eye(2) + 0.4) @ (np.eye(2) + 0.4)
    truth = log(2 * pi * e) + 0.5 * np.linalg.slogdet(covariance)[1]  # log-normal: means of the logarithms are 0
    assert np.mean(values) == pytest.approx(truth, abs=4 * np.std(values) / np.sqrt(40))


def test_a_square_is_not_seen(rng):
    x = rng.normal(size=(2000, 1))
    assert abs(GaussianCopula().mutual_information(x, x**2).value) < 0.01


@BOTH
def test_columns_that_say_nothing_new_are_left_out_and_said(estimator, rng):
    x, y = np.split(correlated(60, rng, 4), 2, axis=1)
    plain = estimator.mutual_information(x, y)
    more = estimator.mutual_information(np.hstack([x, x[:, :1], np.full((60, 1), 7.0)]), y)
    assert more.value == pytest.approx(plain.value, abs=1e-12)
    assert "2 columns of x and y are constant" in more.notes[0]


@BOTH
def test_a_constant_shares_nothing(estimator, rng):
    found = estimator.mutual_information(np.full((40, 1), 1e9 / 3), rng.normal(size=(40, 1)))
    assert (found.value, found.std_error) == (0.0, 0.0)
    assert "constant" in found.notes[0]


@BOTH
def test_a_common_column_is_infinite_information(estimator, rng):
    x = rng.normal(size=(40, 2))
    found = estimator.mutual_information(x, x[:, :1])
    assert found.value == inf
    assert "infinite" in found.notes[-1]
    given = estimator.conditional_mutual_information(x[:, :1], x[:, :1], x[:, 1:])
    assert given.value == inf
    assert estimator.conditional_mutual_information(x, rng.normal(size=(40, 1)), x).value == 0


@BOTH
def test_a_flat_distribution_has_no_finite_entropy(estimator, rng):
    x = rng.normal(size=(40, 1))
    found = estimator.entropy(np.hstack([x, x]))
    assert found.value == -inf
    assert "−∞" in found.notes[0]


@BOTH
def test_too_few_observations_are_refused(estimator, rng):
    with pytest.raises(InvalidValue, match=r"10 observations came of 12 columns .* hint: measure fewer"):
        estimator.mutual_information(rng.normal(size=(10, 6)), rng.normal(size=(10, 6)))


def test_the_divergence_of_ranks_is_no_divergence(rng):
    with pytest.raises(InvalidType, match="doesn't estimate a divergence"):
        GaussianCopula().kl_divergence(rng.normal(size=(10, 1)), rng.normal(size=(10, 1)))


def test_normal_scores_share_ranks_among_ties():
    assert normal_scores(np.array([[3.0], [1.0], [1.0]]))[1:, 0].tolist() == [pytest.approx(-0.4307, abs=1e-4)] * 2


def test_independent_columns_keep_the_first():
    x = np.random.default_rng(0).normal(size=(9, 2))
    table = np.column_stack([np.ones(9), x[:, 0], 3 * x[:, 0] + 1, x[:, 1], x.sum(axis=1)])
    assert independent_columns(table).tolist() == [1, 3]
    assert independent_columns(table, x[:, :1]).tolist() == [3]


def test_the_copula_s_entropy_of_rounded_values_is_minus_infinity_and_says_so():
    x = np.round(np.random.default_rng(0).normal(size=(60, 1)), 1)
    found = GaussianCopula().entropy(x)
    assert found.value == -np.inf
    assert "coincide with as many others" in found.notes[0]
    assert pp.measure("H(x)", {"x": x[:, 0]}, estimator="gaussian-copula").value == -np.inf


def test_the_copula_s_entropy_needs_three_neighbours():
    with pytest.raises(InvalidValue, match="3 observations for k = 3 neighbours"):
        GaussianCopula().entropy(np.array([[1.0], [2.0], [4.0]]))


def test_singular_values_come_where_the_quick_way_doesn_t_converge(rng, monkeypatch):
    a = correlated(5, rng) @ rng.normal(size=(3, 8))

    def stuck(*_args, **_options):
        raise np.linalg.LinAlgError("SVD did not converge")

    quick = svd(a, full=True)
    monkeypatch.setattr(np.linalg, "svd", stuck)
    u, s, vt = svd(a)
    assert (u.shape, s.shape, vt.shape) == ((5, 5), (5,), (5, 8))
    np.testing.assert_allclose(u * s @ vt, a, atol=1e-12)
    np.testing.assert_allclose(s, quick[1], atol=1e-12)
    assert [part.shape for part in svd(a, full=True)] == [part.shape for part in quick] == [(5, 5), (5,), (8, 8)]
