"""The continuous truths, computed a second time in another way, and their samplers against them."""

from itertools import pairwise
from math import erf, log, pi, sqrt

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtri
from scipy.stats import norm
from truths_continuous import (
    CLUSTERS_ERROR,
    DEPENDENT,
    by_grid,
    clusters,
    clusters_log_ratio,
    gaussian,
    normal,
    student,
)
from truths_mixed import CONDITIONAL, MIXED, NULLS, censored

from plogp.estimate.gaussian import Gaussian
from plogp.estimate.surrogate.neighbour_terms import ksg_terms

TRUTHS = {truth.name: truth for truth in (*DEPENDENT, *NULLS, *MIXED, *CONDITIONAL)}


def entropy(density, *limits):
    """−∫ p ln p, piece by piece."""

    def integrand(y):
        p = density(y)
        return -p * log(p) if p > 0 else 0.0

    return sum(quad(integrand, a, b, epsabs=1e-6, limit=500)[0] for a, b in pairwise(limits))


X = ndtri((np.arange(4000) + 0.5) / 4000)[:, None]
"""A normal distribution in 4,000 equal shares."""


def mixture_entropy(centres, noise, *limits):
    return entropy(lambda y: float(norm.pdf(y, centres, noise).mean()), *limits)


@pytest.mark.parametrize(
    ("name", "f", "noise", "limits"),
    [
        ("square", lambda x: x**2, 0.3, (-2, 0, 2, 10, 25)),
        ("tanh", lambda x: np.tanh(2 * x), 0.3, (-3, 0, 3)),
        ("sine", lambda x: np.sin(3 * x), 0.25, (-3, 0, 3)),
    ],
)
def test_regressions_are_the_entropy_of_y_less_that_of_noise(name, f, noise, limits):
    value = mixture_entropy(f(X), noise, *limits) - 0.5 * log(2 * pi * np.e * noise**2)
    assert TRUTHS[name].value == pytest.approx(value, abs=2e-3)


def test_either_sign_is_what_is_left_of_a_coin():
    given = np.mean([mixture_entropy(np.array([x, -x]), 0.25, -8, 0, 8) for x in X[::80, 0]])
    assert TRUTHS["either sign"].value == pytest.approx(mixture_entropy([X, -X], 0.25, -8, 0, 8) - given, abs=5e-3)


def test_volatility_by_the_entropy_of_y():
    y = entropy(lambda y: float(norm.pdf(y, 0, np.exp(X)).mean()), -400, -20, -2, -0.1, 0, 0.1, 2, 20, 400)
    assert TRUTHS["volatility"].value == pytest.approx(y - 0.5 * log(2 * pi * np.e), abs=3e-3)


def test_laplace_noise_by_the_entropy_of_y():
    y = entropy(lambda y: float(np.exp(-2 * np.abs(y - X)).mean()), -12, -3, 0, 3, 12)
    assert TRUTHS["laplace noise"].value == pytest.approx(y - 1, abs=2e-3)  # h of the noise is ln(2·½) + 1


def test_uniform_noise_by_the_trapezium():
    def density(y):
        return max(0.0, min(1.0, (y + 0.2) / 0.4, (1.2 - y) / 0.4))

    assert TRUTHS["uniform noise 1 + 1"].value == pytest.approx(
        entropy(density, -0.2, 0.2, 0.8, 1.2) - log(0.4), abs=1e-6
    )


def test_gaussian_and_student_by_a_grid():
    grid = np.linspace(-7, 7, 701)

    def pair(x, y, r=0.6):
        return np.exp(-(x**2 - 2 * r * x * y + y**2) / (2 * (1 - r**2)))

    assert by_grid(pair, grid, grid)() == pytest.approx(gaussian(1, 1, [0.6]).value, abs=1e-6)
    t = np.tan(np.linspace(-1.55, 1.55, 2001))  # so that the tails are in the grid; the Jacobian is 1 + t²

    def heavy(x, y, v=3.0):
        return (1 + (x**2 + y**2) / v) ** (-(v + 2) / 2) * (1 + x**2) * (1 + y**2)

    assert by_grid(heavy, t, t)() == pytest.approx(student(1, 1, [], 3.0).value, abs=2e-3)


def test_rings_by_polar_coordinates():
    p = TRUTHS["ring"].draw(200_000, np.random.default_rng(0))
    density, edges = np.histogram(p[0], bins=160, range=(-2, 2), density=True)
    margin = -float(np.sum(density * np.log(np.maximum(density, 1e-12)))) * (edges[1] - edges[0])
    r = np.hypot(*p)[:, 0]
    radial, edges = np.histogram(r, bins=160, range=(0, 2), density=True)
    joint = -float(np.sum(radial * np.log(np.maximum(radial, 1e-12)))) * (edges[1] - edges[0])
    joint += float(np.log(2 * pi * r).mean())
    assert TRUTHS["ring"].value == pytest.approx(2 * margin - joint, abs=5e-3)


def test_two_clusters_by_hermite_quadrature():
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    w = np.outer(weights, weights) / (2 * pi)
    x, y = nodes[:, None] + 2, nodes[None, :] + 2  # both clusters are alike

    def density(v):
        return 0.5 * (normal(v - 2) + normal(v + 2))

    joint = 0.5 * (normal(x - 2) * normal(y - 2) + normal(x + 2) * normal(y + 2))
    value = float(np.sum(w * np.log(joint / (density(x) * density(y)))))
    assert TRUTHS["two clusters"].value == pytest.approx(value, abs=1e-3)


def test_five_clusters_by_fresh_draws():
    ratio = clusters_log_ratio(*clusters().draw(200_000, np.random.default_rng(5)))
    error = np.hypot(ratio.std() / sqrt(200_000), CLUSTERS_ERROR)
    assert clusters().value == pytest.approx(ratio.mean(), abs=4 * error)


def test_censoring_by_draws_of_the_log_ratio():
    rng = np.random.default_rng(3)
    x, y = (part[:, 0] for part in censored().draw(200_000, rng))
    atom = np.array([0.5 * (1 - erf(v / 0.5 / sqrt(2))) for v in x])
    ratio = np.where(y > 0, np.log(normal(y - x, 0.5) / normal(y, sqrt(1.25))), np.log(np.maximum(atom, 1e-300) / 0.5))
    assert censored().value == pytest.approx(ratio.mean(), abs=4 * ratio.std() / sqrt(200_000))


@pytest.mark.parametrize("truth", [t for t in DEPENDENT if t.dimensions == (1, 1)], ids=lambda t: t.name)
def test_one_dimensional_samplers_show_their_value(truth):
    x, y = ((part - np.median(part)) for part in truth.draw(3000, np.random.default_rng(1)))
    ranks = [ndtri((np.argsort(np.argsort(part, axis=0), axis=0) + 0.5) / 3000) for part in (x, y)]
    assert ksg_terms(*ranks, 3).mean() == pytest.approx(truth.value, abs=0.07)


@pytest.mark.parametrize("truth", [t for t in DEPENDENT if t.name.startswith("gaussian") and "," not in t.name])
def test_gaussian_samplers_show_their_value(truth):
    found = Gaussian().mutual_information(*truth.draw(4000, np.random.default_rng(2)))
    assert found.value == pytest.approx(truth.value, abs=4 * found.std_error)


@pytest.mark.parametrize("truth", [t for t in CONDITIONAL if "linear" in t.name], ids=lambda t: t.name)
def test_conditional_samplers_show_their_value(truth):
    found = Gaussian().conditional_mutual_information(*truth.draw(4000, np.random.default_rng(2)))
    assert found.value == pytest.approx(truth.value, abs=4 * found.std_error)


def test_there_are_enough_of_every_kind():
    assert len(DEPENDENT) >= 25
    assert len(TRUTHS) == len(DEPENDENT) + len(NULLS) + len(MIXED) + len(CONDITIONAL)  # no name twice
    assert all(truth.value > 0.1 for truth in DEPENDENT)
    assert all(truth.value == 0 for truth in NULLS)
    assert {1, 2, 3, 5, 10, 25, 50} <= {max(truth.dimensions) for truth in DEPENDENT}
