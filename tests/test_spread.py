"""Uncertainty by halves, on estimates whose error is known."""

import numpy as np
import pytest

from plogp.errors import InvalidValue
from plogp.estimate.local import Estimate
from plogp.estimate.spread import Uncertainty, uncertainty
from plogp.estimate.surrogate.neighbour_terms import ksg_terms


@pytest.fixture
def rng():
    return np.random.default_rng(12)


def of_mean(x, seed=None):
    return uncertainty(lambda rows: float(x[rows].mean()), Estimate(float(x.mean())), len(x), seed=seed)


def test_the_standard_error_of_a_mean(rng):
    found = [of_mean(rng.normal(size=300)) for _ in range(200)]
    assert np.sqrt(np.mean([one.std_error**2 for one in found])) == pytest.approx(300**-0.5, rel=0.05)
    assert max(abs(one.drift) for one in found) < 1e-12
    covered = [one.interval(0.95)[0] < 0 < one.interval(0.95)[1] for one in found]
    assert 0.91 <= np.mean(covered) <= 0.99


def test_two_samples_are_halved_each_by_itself(rng):
    x, y = rng.normal(size=400), 3 * rng.normal(size=101)
    errors = []
    for seed in range(100):
        found = uncertainty(
            lambda i, j: float(x[i].mean() - y[j].mean()), Estimate(float(x.mean() - y.mean())), 400, 101, seed=seed
        )
        errors.append(found.std_error**2)
    assert np.sqrt(np.mean(errors)) == pytest.approx(np.sqrt(x.var() / 400 + y.var() / 101), rel=0.1)


@pytest.mark.parametrize(("slope", "way"), [(-1.0, "low"), (1.0, "high")])
def test_drift_is_bias_that_more_observations_take_away(slope, way):
    found = uncertainty(lambda rows: slope / np.sqrt(rows.size), Estimate(slope / np.sqrt(1000), std_error=0.001), 1000)
    assert found.drift == pytest.approx(slope * (1 - np.sqrt(2)) / np.sqrt(1000))
    assert f"the estimate is likely too {way}" in found.notes[0]
    low, high = found.interval(0.95)
    assert low < slope / np.sqrt(1000) - 2.5 * abs(found.drift) < slope / np.sqrt(1000) + 2.5 * abs(found.drift) < high


def test_no_drift_no_note(rng):
    assert of_mean(rng.normal(size=300)).notes == ()


def test_doubt_widens_the_interval_alone():
    sure, unsure = (Uncertainty(1.0, 0.03, 0.0, doubt) for doubt in (0.0, 0.04))
    assert sure.interval(0.95) == pytest.approx((1 - 1.96 * 0.03, 1 + 1.96 * 0.03), abs=1e-4)
    assert unsure.interval(0.95) == pytest.approx((1 - 1.96 * 0.05, 1 + 1.96 * 0.05), abs=1e-4)


def test_an_estimator_that_knows_its_error_is_believed(rng):
    x = rng.normal(size=300)
    found = uncertainty(lambda rows: float(x[rows].mean()), Estimate(float(x.mean()), std_error=0.5, doubt=0.1), 300)
    assert (found.std_error, found.doubt, found.halvings) == (0.5, 0.1, None)
    assert found.route == "bias by 1 random halving, seed 0 (fixed)"


def test_the_route_says_how_and_the_seed_decides(rng):
    x = rng.exponential(size=300)
    assert of_mean(x).route == "standard error and bias by 10 random halvings, seed 0 (fixed)"
    assert of_mean(x, 3).route.endswith("seed 3")
    assert of_mean(x).std_error == of_mean(x, 0).std_error
    assert of_mean(x, 1).std_error != of_mean(x, 2).std_error


def refuses(rows):
    raise InvalidValue("too few")


@pytest.mark.parametrize("verb", [refuses, lambda rows: np.inf], ids=["too few", "infinite"])
@pytest.mark.parametrize("known", [None, 0.1])
def test_halves_without_a_finite_estimate_leave_no_interval_and_say_so(verb, known):
    found = uncertainty(verb, Estimate(0.0, std_error=known), 10)
    assert found.interval(0.95) is None
    assert found.std_error == known
    assert found.notes == ("halves of the sample have no finite estimate, so that there is no interval",)


@pytest.mark.slow
@pytest.mark.parametrize("correlation", [0.0, 0.6])
def test_neighbours_are_covered(correlation, rng):
    covered = []
    for _ in range(60):
        x, y = rng.normal(size=(2, 300, 1))
        y = correlation * x + np.sqrt(1 - correlation**2) * y

        def verb(rows, x=x, y=y):
            return float(ksg_terms(x[rows], y[rows], 3).mean())

        found = uncertainty(verb, Estimate(verb(np.arange(300))), 300)
        low, high = found.interval(0.95)
        covered.append(low < -0.5 * np.log(1 - correlation**2) < high)
    assert np.mean(covered) >= 0.9
