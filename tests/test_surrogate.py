"""Surrogate-corrected KSG: each step alone, then all of them."""

from dataclasses import replace
from math import inf, log

import numpy as np
import pytest
from scipy.special import digamma
from scipy.stats import multivariate_normal
from truths_continuous import DEPENDENT, additive, either_sign, gaussian, regression, rotated, student, warped
from truths_mixed import NULLS

from plogp.errors import InvalidValue
from plogp.estimate.gaussian import Gaussian, normal_scores
from plogp.estimate.surrogate import SurrogateKSG
from plogp.estimate.surrogate.base import choose_base, clearly_positive, robust
from plogp.estimate.surrogate.canonical import bartlett_rank, canonical, linear_information, trimmed, wishart_bias
from plogp.estimate.surrogate.columns import at_three_scales, few_neighbours, light_tailed, of_unit_spread
from plogp.estimate.surrogate.correction import choose_surrogate, correction
from plogp.estimate.surrogate.estimator import steps
from plogp.estimate.surrogate.increment import by_pairs, by_sample, increment, ratio_gain
from plogp.estimate.surrogate.models import (
    Mixture,
    fit_gaussian,
    fit_mixture,
    fit_scales,
    held_out,
    related,
    significant,
)
from plogp.estimate.surrogate.neighbour_terms import ksg_terms
from plogp.estimate.surrogate.remainder import remainder
from plogp.estimate.surrogate.subspace import Along, Linear, Quadratic, leading, relevant_subspace
from plogp.estimate.surrogate.turning import towards, turned

SQUARE = regression("square", lambda x: x**2, 0.3, np.linspace(-3, 39, 4201))
SINE = regression("sine", lambda x: np.sin(3 * x), 0.25, np.linspace(-3, 3, 1201))


@pytest.fixture
def rng():
    return np.random.default_rng(21)


def covariance(correlations, p, q):
    c = np.eye(p + q)
    for i, r in enumerate(correlations):
        c[i, p + i] = c[p + i, i] = r
    return c


def mixed(rng, d=4, k=3):
    """A mixture with nothing simple about it."""
    roots = rng.normal(size=(k, d, d)) * 0.4 + np.eye(d)
    return Mixture(np.arange(1, k + 1) / (k * (k + 1) / 2), 2 * rng.normal(size=(k, d)), roots @ roots.swapaxes(1, 2))


def shuffled(truth, n, seed=0):
    rng = np.random.default_rng(seed)
    return truth.draw(n, rng)


# ---- canonical correlations -----------------------------------------------------------------------------------------


def test_canonical_bases_are_white_and_paired(rng):
    z = rng.normal(size=(200, 5)) @ rng.normal(size=(5, 5))
    c = np.cov(z.T)
    a, b, s = canonical(c, 3)
    np.testing.assert_allclose(a.T @ c[:3, :3] @ a, np.eye(3), atol=1e-9)
    np.testing.assert_allclose(b.T @ c[3:, 3:] @ b, np.eye(2), atol=1e-9)
    np.testing.assert_allclose(a.T @ c[:3, 3:] @ b, np.vstack([np.diag(s), np.zeros((1, 2))]), atol=1e-9)
    log_dets = [np.linalg.slogdet(block)[1] for block in (c[:3, :3], c[3:, 3:], c)]
    assert -0.5 * np.log1p(-(s**2)).sum() == pytest.approx(0.5 * (log_dets[0] + log_dets[1] - log_dets[2]))


def test_trimming_keeps_the_first_pairs(rng):
    c = np.cov((rng.normal(size=(200, 5)) @ rng.normal(size=(5, 5))).T)
    s = canonical(c, 3)[2]
    np.testing.assert_allclose(canonical(trimmed(c, 3, 1), 3)[2], [s[0], 0], atol=1e-7)
    np.testing.assert_allclose(trimmed(c, 3, 2), c, atol=1e-9)
    np.testing.assert_allclose(trimmed(c, 3, 0)[:3, 3:], 0)


def test_bartlett_s_level_is_its_false_alarms(rng):
    ranks = []
    for _ in range(400):
        z = rng.normal(size=(100, 5))
        ranks.append(bartlett_rank(canonical(np.cov(z.T), 3)[2], 100, 3, 2, 0.05))
    assert np.mean(np.array(ranks) > 0) == pytest.approx(0.05, abs=0.03)
    assert bartlett_rank(np.array([0.9, 0.5, 0.02]), 200, 3, 3, 0.01) == 2


@pytest.mark.parametrize(("p", "q", "n"), [(1, 1, 10), (3, 2, 12), (10, 10, 60)])
def test_the_bias_of_canonical_information_is_exact(p, q, n, rng):
    found = []
    for _ in range(400):
        x, y = np.split(rng.normal(size=(n, p + q)), [p], axis=1)
        y[:, 0] += x[:, 0]
        s = canonical(np.cov(np.hstack([x, y]).T), p)[2]
        found.append(linear_information(s, n, p, q))
    assert np.mean(found) == pytest.approx(0.5 * log(2), abs=3.5 * np.std(found) / 20)
    assert wishart_bias(n, p, q) > 0


# ---- models ---------------------------------------------------------------------------------------------------------


def test_densities_are_scipy_s(rng):
    model, z = mixed(rng), 2 * rng.normal(size=(50, 4))
    parts = [
        w * multivariate_normal(m, c).pdf(z)
        for w, m, c in zip(model.weights, model.means, model.covariances, strict=True)
    ]
    np.testing.assert_allclose(model.log_density(z), np.log(np.sum(parts, axis=0)), rtol=1e-6)
    x, y = model.margin(slice(None, 1)), model.margin(slice(1, None))
    ratio = model.log_density(z) - x.log_density(z[:, :1]) - y.log_density(z[:, 1:])
    np.testing.assert_allclose(model.log_ratio(z, 1), ratio)


def test_gradients_are_numerical_ones(rng):
    model, z, step = mixed(rng), rng.normal(size=(6, 4)), 1e-5
    for axis in range(4):
        move = step * np.eye(4)[axis]
        numerical = (model.log_ratio(z + move, 3) - model.log_ratio(z - move, 3)) / (2 * step)
        np.testing.assert_allclose(np.hstack(model.ratio_score(z, 3))[:, axis], numerical, atol=1e-5)


def test_samples_have_the_moments_and_projections_the_density(rng):
    model = mixed(rng)
    z = model.sample(40_000, rng)
    mean = model.weights @ model.means
    second = np.einsum("k,kij->ij", model.weights, model.covariances + model.means[:, :, None] * model.means[:, None])
    np.testing.assert_allclose(z.mean(axis=0), mean, atol=0.06)
    np.testing.assert_allclose(np.cov(z.T), second - np.outer(mean, mean), atol=0.25)
    basis = rng.normal(size=(4, 2))
    np.testing.assert_allclose(model.projected(np.eye(4)[:, 1:3]).means, model.margin(slice(1, 3)).means)
    down = model.projected(basis).sample(40_000, rng)
    np.testing.assert_allclose(down.mean(axis=0), mean @ basis, atol=0.1)


def test_a_gaussian_is_fitted_by_its_moments(rng):
    z = rng.normal(size=(100, 3)) @ rng.normal(size=(3, 3))
    model = fit_gaussian(z)
    np.testing.assert_allclose(model.means[0], z.mean(axis=0))
    np.testing.assert_allclose(model.covariances[0], np.cov(z.T))


def test_a_scale_mixture_finds_the_shape_and_the_tails(rng):
    x, y = student(2, 2, [0.7], 3.0).draw(4000, rng)
    z = np.hstack([x, y])
    model = fit_scales(z)
    np.testing.assert_allclose(canonical(model.covariances[0], 2)[2], [0.7, 0], atol=0.05)
    assert model.log_ratio(z, 2).mean() == pytest.approx(student(2, 2, [0.7], 3.0).value, abs=0.04)
    sizes = model.covariances[:, 0, 0]
    assert sizes.max() > 8 * sizes.min()


@pytest.mark.parametrize("radial", [True, False])
def test_a_mixture_finds_its_clusters(radial, rng):
    centres = np.array([[4.0, 0], [-4, 0]]) if not radial else np.zeros((2, 2))
    spread = [1.0, 1.0] if not radial else [0.5, 4.0]
    label = rng.integers(0, 2, size=3000)
    z = centres[label] + np.array(spread)[label][:, None] * rng.normal(size=(3000, 2))
    model = fit_mixture(z, 2, radial, 0)
    np.testing.assert_allclose(np.sort(np.sqrt(model.covariances[:, 0, 0])), spread, rtol=0.12)
    np.testing.assert_allclose(np.sort(model.means[:, 0]), np.sort(centres[:, 0]), atol=0.2)
    assert fit_mixture(z, 2, radial, 0).means.tolist() == model.means.tolist()


def test_models_are_judged_on_the_other_half(rng):
    z = rng.normal(size=(400, 4))
    ratio, density = held_out(fit_gaussian, z, 2)
    model = fit_gaussian(z[1::2])
    np.testing.assert_allclose(ratio[::2], model.log_ratio(z[::2], 2))
    np.testing.assert_allclose(density[::2], model.log_density(z[::2]))
    np.testing.assert_allclose(held_out(significant(fit_gaussian, 2), z, 2)[0], 0, atol=1e-9)
    assert held_out(fit_scales, np.zeros((40, 4)), 2) is None


def test_related_keeps_every_component_s_shape(rng):
    model = fit_scales(np.hstack(student(2, 2, [0.7, 0.5], 3.0).draw(500, rng)))
    cut = related(model, 2, 0)
    assert np.abs(cut.covariances[:, :2, 2:]).max() < 1e-12
    np.testing.assert_allclose(cut.covariances[:, :2, :2], model.covariances[:, :2, :2])


# ---- step 1: base ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("truth", "name", "rank"),
    [
        (gaussian(5, 5, [0.8, 0.6], condition=1e3, name="ill-conditioned"), "gaussian on ", 2),
        (warped(gaussian(3, 3, [0.8, 0.6]), "exp", np.exp, lambda y: y**5), "gaussian on ranks", 2),
        (student(3, 3, [], 2.0), "scale mixture on values", 0),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_the_base_suits_the_data(truth, name, rank):
    base = choose_base(*shuffled(truth, 800))
    assert base.name.startswith(name)
    assert (base.rank, base.active) == (rank, True)
    u, v = base.sides(800)
    assert u.shape[1] + v.shape[1] == sum(truth.dimensions)


def test_the_base_of_independent_sides_is_idle():
    base = choose_base(*shuffled(NULLS[4], 500))
    assert (base.rank, base.active) == (0, False)
    np.testing.assert_allclose(base.correlations, 0, atol=1e-7)


def test_robust_margins():
    x = np.append(np.linspace(-1, 1, 101), 1e9)[:, None]
    assert np.median(robust(x)) == 0
    assert np.subtract(*np.percentile(robust(x), [75, 25])) == pytest.approx(1.349)
    assert np.isfinite(robust(np.append(np.zeros(50), 1.0)[:, None])).all()


def test_clearly_positive_asks_for_two_standard_errors():
    terms = np.tile([1.0, -1.0], 50)  # one standard error is .1
    assert clearly_positive(terms + 0.21)
    assert not clearly_positive(terms + 0.19)
    assert clearly_positive(terms + 0.11, errors=1)


# ---- step 2: subspace -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["linear", "quadratic", "along"])
def test_gradients_of_features_are_mean_outer_products(kind, rng):
    z = rng.normal(size=(200_000, 3))
    features = {"linear": Linear(z), "quadratic": Quadratic(z), "along": Along(z, np.eye(3)[:, 1:2])}[kind]
    weights = rng.normal(size=features.values.shape[1])
    sd = np.sqrt(2)
    match kind:
        case "linear":
            gradients = np.tile(weights, (len(z), 1))
        case "quadratic":  # z₀², z₀z₁, z₀z₂, z₁², z₁z₂, z₂² of variance 1
            a, b, c, d, e, f = weights / np.array([sd, 1, 1, sd, 1, sd])
            gradients = z @ np.array([[2 * a, b, c], [b, 2 * d, e], [c, e, 2 * f]])
        case "along":  # z, and z₁z₀, z₁², z₁z₂
            a, b, c = weights[3:] / np.array([1, sd, 1])
            gradients = weights[:3] + z @ np.array([[0, a, 0], [a, 2 * b, c], [0, c, 0]])
    expected = gradients.T @ gradients / len(z)
    np.testing.assert_allclose(features.gradients(weights), expected, rtol=0.05, atol=0.05 * np.abs(expected).max())


def test_the_subspace_of_a_square_is_its_direction():
    x, y = shuffled(rotated(SQUARE, 5, 5), 800)
    base = choose_base(x, y)
    kept_x, kept_y = relevant_subspace(base, np.random.default_rng(0))
    assert (kept_x.shape[1], kept_y.shape[1]) == (1, 1)
    u, v = base.sides(800)
    wheel = np.linalg.qr(np.random.default_rng(5).normal(size=(5, 5)))[0]  # as `rotated` turns
    hidden_x, hidden_y = x @ wheel[0], y @ wheel[0]
    assert abs(np.corrcoef(u @ kept_x[:, 0], hidden_x)[0, 1]) > 0.98
    assert abs(np.corrcoef(v @ kept_y[:, 0], hidden_y)[0, 1]) > 0.95


def test_no_subspace_where_nothing_is_related():
    none = [relevant_subspace(choose_base(*shuffled(NULLS[7], 400, s)), np.random.default_rng(0)) for s in range(8)]
    assert sum(found is None for found in none) >= 7


def test_leading_keeps_what_is_more_than_a_fifth():
    assert leading(np.diag([1.0, 0.1, 0.3])).shape == (3, 2)
    assert leading(np.eye(9)).shape == (9, 5)
    assert leading(np.zeros((3, 3))).shape == (3, 0)


# ---- step 3: surrogate ----------------------------------------------------------------------------------------------


def test_neighbours_are_counted_as_kraskov_says(rng):
    x, y, k = rng.normal(size=(60, 2)), rng.normal(size=(60, 1)), 3
    terms = []
    for i in range(60):
        d_x, d_y = np.abs(x - x[i]).max(axis=1), np.abs(y - y[i]).max(axis=1)
        radius = np.sort(np.maximum(d_x, d_y))[k]
        near = [(d < radius).sum() - 1 for d in (d_x, d_y)]
        terms.append(digamma(k) + digamma(60) - digamma(near[0] + 1) - digamma(near[1] + 1))
    np.testing.assert_allclose(ksg_terms(x, y, k), terms, rtol=1e-12)


def test_a_surrogate_is_chosen_by_what_it_says_of_new_rows():
    x, y = shuffled(gaussian(2, 2, [0.8, 0.6]), 600)
    assert choose_surrogate(x, y, 2, 0).name == "gaussian"
    x, y = shuffled(regression("bend", np.abs, 0.3, np.linspace(-2, 8, 500)), 600)
    assert choose_surrogate(x, y, 0, 0).name.startswith("mixture of")
    x, y = shuffled(NULLS[3], 600)
    assert choose_surrogate(x, y, 0, 0) is None


def test_a_gaussian_surrogate_mends_neighbours_in_ten_dimensions():
    truth, errors, before = gaussian(5, 5, [0.8, 0.6, 0.4, 0.3, 0.2]), [], []
    for seed in range(4):
        x, y = shuffled(truth, 400, seed)
        a, b = normal_scores(x), normal_scores(y)
        surrogate = replace(choose_surrogate(x, y, 5, 0), name="gaussian", fit=fit_gaussian)
        terms = ksg_terms(a, b, 5)
        added = correction(surrogate, 5, 5, terms, 5, np.random.default_rng(seed))
        assert 0 <= added.weight <= 1
        errors.append(terms.mean() + added.value - truth.value)
        before.append(terms.mean() - truth.value)
    assert np.mean(before) < -0.4
    assert abs(np.mean(errors)) < 0.06


def test_the_correction_is_shrunk_to_the_closed_form_within_its_noise():
    x, y = shuffled(gaussian(1, 1, [0.6]), 500)
    surrogate = choose_surrogate(x, y, 1, 0)
    terms = ksg_terms(normal_scores(x), normal_scores(y), 5)
    added = correction(surrogate, 1, 1, terms, 5, np.random.default_rng(1))
    closed = Gaussian().mutual_information(normal_scores(x), normal_scores(y)).value
    before, after = (terms.mean() + amount - closed for amount in (added.size, added.value))
    assert after == pytest.approx((1 - added.weight) * before, abs=1e-9)
    far = correction(surrogate, 1, 1, terms + 1, 5, np.random.default_rng(1))
    assert far.weight < 0.02


def test_directions_turn_to_where_the_model_has_its_gradients():
    x, y = shuffled(rotated(SINE, 3, 3), 1500)
    u, v = normal_scores(x), normal_scores(y)
    kept = np.eye(3), np.eye(3)
    new_x, new_y = turned(choose_surrogate(u, v, 0, 0), (u, v), kept)
    assert new_x.shape == new_y.shape == (3, 1)
    wheel = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]
    assert abs(wheel[0] @ new_x[:, 0]) > 0.95
    assert abs(wheel[0] @ new_y[:, 0]) > 0.95


def test_a_tilt_finds_the_direction_that_was_missed(rng):
    z = rng.normal(size=(20_000, 3))
    truth = np.array([1.0, 0.2, 0.0]) / np.hypot(1, 0.2)
    y = z @ truth + 0.5 * rng.normal(size=20_000)
    start = np.eye(3)[:, :1]
    score = ((y - z[:, 0]) / 0.25)[:, None]  # of the model y ~ N(z₀, ¼), by its derivative along z₀
    found = towards(z, start, score)
    assert abs(found[:, 0] @ truth) > 0.998 > abs(start[:, 0] @ truth)


# ---- two single columns ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "few"), [(5, [2, 3, 4]), (10, [5, 6, 7, 8, 9]), (3, [1, 2]), (2, [1]), (1, [1])])
def test_few_neighbours_are_those_before_the_kth_from_the_half_of_it(k, few):
    assert list(few_neighbours(k)) == few


def test_three_scales_are_weighed_by_how_little_their_terms_grow_beyond_the_neighbours_of_the_mean():
    x, y = (of_unit_spread(side) for side in shuffled(SINE, 500))
    near, growth, weights = [], [], []
    for scale, weight in ((0.5, 1), (1, 4), (2, 1)):
        near.append([ksg_terms(scale * x, y, k) for k in (2, 3, 4)])
        growth.append(ksg_terms(scale * x, y, 6).mean() - ksg_terms(scale * x, y, 24).mean())
        weights.append(weight / (growth[-1] ** 2 + 1 / 500) ** 2)
    found, _, edges = at_three_scales(x, y, 5)
    clear = (np.average(growth, weights=weights) * np.sqrt(500) / 0.7) ** 4
    assert edges == pytest.approx(clear / (1 + clear))
    two, three, four = np.average(near, 0, weights)
    np.testing.assert_allclose(found, (two + three + (1 - edges / 2) * four) / (3 - edges / 2), atol=1e-12)
    assert weights[2] > 0.7 * sum(weights)  # the wave is steep: x wants more room than y
    np.testing.assert_allclose(at_three_scales(y, x, 5)[0], found, atol=1e-12)


def test_edges_are_seen_where_they_are_and_not_on_clusters_or_noise(rng):
    noise = [at_three_scales(*rng.normal(size=(2, 300, 1)), 5)[2] for _ in range(40)]
    assert np.mean(noise) < 0.15
    for name, least, greatest in (("uniform noise 1 + 1", 0.7, 1), ("two clusters", 0, 0.2)):
        truth = next(truth for truth in DEPENDENT if truth.name == name)
        drawn = [(of_unit_spread(side) for side in shuffled(truth, 300, seed)) for seed in range(20)]
        assert least < np.mean([at_three_scales(x, y, 5)[2] for x, y in drawn]) < greatest


def test_a_steep_wave_is_measured_better_than_at_the_scale_of_equal_spread():
    errors = []
    for seed in range(60):
        x, y = (of_unit_spread(side) for side in shuffled(SINE, 300, seed))
        errors.append([at_three_scales(x, y, 5)[0].mean() - SINE.value, ksg_terms(x, y, 3).mean() - SINE.value])
    ours, alone = np.sqrt(np.square(errors).mean(axis=0))
    assert ours < 0.9 * alone


def test_light_tails_are_those_of_normal_columns_and_shorter_ones(rng):
    light = [rng.normal(size=(2000, 1)), rng.uniform(size=(2000, 1))]
    heavy = [rng.standard_cauchy((2000, 1)), np.exp(rng.normal(size=(2000, 1))), rng.laplace(size=(2000, 1))]
    assert all(light_tailed(x) for x in light)
    assert not any(light_tailed(x) for x in heavy)


def test_edges_are_measured_on_values_by_few_neighbours_with_hardly_a_correction():
    x, y = shuffled(additive(0.2), 1000)
    found = steps(x, y, 5, 0)
    near, _, edges = at_three_scales(of_unit_spread(x), of_unit_spread(y), 5)
    assert found.ks == range(2, 5)
    np.testing.assert_array_equal(found.near, near)
    assert edges > 0.9
    assert found.correction.value == pytest.approx(0.75 * (1 - edges) * found.correction.size)


def test_a_ring_without_edges_takes_three_quarters_of_the_correction_of_a_mixture():
    ring = next(truth for truth in DEPENDENT if truth.name == "ring")
    errors = []
    for seed in range(6):
        found = steps(*shuffled(ring, 3000, seed), 5, 0)
        assert found.correction.value == pytest.approx(0.75 * found.correction.size, rel=0.1)
        assert f"({found.correction.value:+.3f} nats)" in found.route
        errors.append([found.value - ring.value, found.near.mean() - ring.value])
    ours, without = np.sqrt(np.square(errors).mean(axis=0))
    assert ours < 0.95 * without


def test_tails_are_measured_on_normal_scores():
    x, y = shuffled(student(1, 1, [], 1.0), 1000)
    found = steps(x, y, 5, 0)
    np.testing.assert_array_equal(found.near, at_three_scales(normal_scores(x), normal_scores(y), 5)[0])


def test_edges_cost_no_more_than_with_neighbours_alone():
    edges, errors = additive(0.2), []
    for seed in range(8):
        x, y = shuffled(edges, 300, seed)
        alone = ksg_terms(of_unit_spread(x), of_unit_spread(y), 3).mean()
        errors.append([SurrogateKSG().mutual_information(x, y).value - edges.value, alone - edges.value])
    ours, theirs = np.sqrt(np.square(errors).mean(axis=0))
    assert ours < 1.1 * theirs


# ---- steps 4 and 5: increment, remainder ----------------------------------------------------------------------------


def test_the_increment_is_what_the_dropped_pairs_say():
    truth = gaussian(6, 6, [0.8, 0.5])
    found = []
    for seed in range(40):
        base = choose_base(*shuffled(truth, 400, seed))
        if base.scales or base.rank != 2:
            continue
        first = np.eye(6)[:, :1]
        found.append(by_pairs(base, first, first) + linear_information(base.correlations[:1], 400, 1, 1))
    assert len(found) > 20
    assert np.mean(found) == pytest.approx(truth.value, abs=0.03)
    assert by_pairs(replace(base, rank=0), first, first) == 0


def test_the_increment_of_a_scale_mixture_is_that_of_its_samples():
    base = choose_base(*shuffled(student(4, 4, [], 2.0), 1000))
    assert base.scales
    kept = np.eye(4)[:, :2]
    value, gain = increment(base, kept, kept, True, np.random.default_rng(0))
    assert value == by_sample(base, kept, kept, np.random.default_rng(0))
    np.testing.assert_allclose(gain, ratio_gain(base, kept, kept, base.z))
    expected = student(4, 4, [], 2.0).value - student(2, 2, [], 2.0).value
    assert value == pytest.approx(expected, abs=0.06)


def test_the_remainder_is_what_far_neighbours_lose(rng):
    noise = rng.normal(size=(2, 1000))
    difference, expected = 0.3 + 0.1 * noise[0], 0.1 * noise[1:]
    variance = 2 * (difference.var() + expected.var()) / 1000
    excess = difference.mean() - expected.mean()
    assert remainder(difference, expected, 3) == pytest.approx((1 - 4 * variance / excess**2) / (4 ** (1 / 3) - 1))
    assert remainder(difference, expected, 9) == remainder(difference, expected, 4)
    assert remainder(difference, expected + 0.3, 3) == 0
    assert remainder(difference, expected + 0.6, 3) == 0


# ---- all together ---------------------------------------------------------------------------------------------------


def estimate(truth, n, seed=0):
    return SurrogateKSG().mutual_information(*shuffled(truth, n, seed))


def test_the_steps_sum_to_the_value_and_the_route_names_them():
    x, y = shuffled(rotated(SQUARE, 3, 3), 300)
    found = steps(x, y, 5, 0)
    parts = found.near.mean() + found.correction.value + found.increment + found.remainder
    assert found.value == pytest.approx(parts)
    route = SurrogateKSG(seed=3).mutual_information(x, y).route
    assert route.startswith("base: ")
    assert "KSG in 1 of 3 + 1 of 3 dimensions; surrogate: mixture of" in route
    assert route.endswith("k = 5, seed 3")


def test_irrelevant_dimensions_and_rotations_cost_little():
    sign = either_sign()
    errors = [estimate(rotated(sign, 5, 5), 500, seed).value - sign.value for seed in range(2)]
    assert abs(np.mean(errors)) < 0.1  # neighbours alone miss .6


def test_the_order_of_rows_does_not_matter():
    x, y = shuffled(gaussian(2, 2, [0.7, 0.4]), 300)
    order = np.random.default_rng(1).permutation(300)
    one, other = (SurrogateKSG().mutual_information(a, b) for a, b in ((x, y), (x[order], y[order])))
    assert other.value == pytest.approx(one.value, abs=1e-9)
    np.testing.assert_allclose(other.terms, one.terms[order], atol=1e-9)
    assert one.terms.mean() == pytest.approx(one.value)


def test_monotone_maps_change_nothing_in_one_dimension():
    x, y = shuffled(gaussian(1, 1, [0.7]), 300)
    value = SurrogateKSG().mutual_information(x, y).value
    assert SurrogateKSG().mutual_information(np.exp(x), y**3).value == value
    assert SurrogateKSG().mutual_information(1e-300 * x, 1e300 * y).value == value


def test_the_same_call_gives_the_same_bits_and_seeds_differ():
    x, y = shuffled(gaussian(2, 2, [0.7, 0.4]), 300)
    assert SurrogateKSG().mutual_information(x, y).value == SurrogateKSG(seed=0).mutual_information(x, y).value
    assert SurrogateKSG(seed=1).mutual_information(x, y).value != SurrogateKSG(seed=2).mutual_information(x, y).value


@pytest.mark.parametrize("truth", NULLS, ids=lambda t: t.name)
def test_nulls_are_near_nothing_and_unclipped(truth):
    found = [estimate(truth, 120, seed) for seed in range(2)]
    assert all(abs(one.value) < 4 * one.std_error for one in found)
    assert found[0].value != found[1].value


def test_columns_that_say_nothing_are_left_out_and_said():
    x, y = shuffled(gaussian(2, 1, [0.7]), 300)
    more = np.hstack([x, x[:, :1] - x[:, 1:], np.full((300, 1), 3.0)])
    one, other = (SurrogateKSG().mutual_information(side, y) for side in (x, more))
    assert other.value == one.value
    assert "2 columns of x and y are constant or a linear function" in other.notes[0]


def test_a_constant_shares_nothing():
    found = SurrogateKSG().mutual_information(np.ones((50, 2)), np.arange(50.0)[:, None])
    assert (found.value, found.std_error) == (0, 0)


@pytest.mark.parametrize("f", [lambda x: 2 * x[:, :1] - x[:, 1:], lambda x: np.exp(x[:, :1])])
def test_what_is_a_function_of_the_other_is_infinite(f):
    x = np.random.default_rng(0).normal(size=(100, 2))
    found = SurrogateKSG().mutual_information(x, f(x))
    assert found.value == inf
    assert "infinite" in found.notes[-1]


def test_columns_of_one_side_may_have_the_same_ranks():
    x, y = shuffled(gaussian(1, 1, [0.7]), 200)
    found = SurrogateKSG().mutual_information(np.hstack([x, np.exp(x)]), y)
    assert found.value == pytest.approx(-0.5 * log(1 - 0.49), abs=0.2)


def test_few_observations_are_said_or_refused():
    x, y = shuffled(gaussian(20, 20, [0.8]), 60)
    found = SurrogateKSG().mutual_information(x, y)
    assert "too few observations for a surrogate" in found.route
    assert "60 observations of 40 dimensions" in found.notes[0]
    with pytest.raises(InvalidValue, match=r"10 observations came; needed: more than 2k = 10\. hint: a smaller k"):
        SurrogateKSG().mutual_information(x[:10], y[:10])
    with pytest.raises(InvalidValue, match="k=0; needed: 1 or more"):
        SurrogateKSG(k=0)


@pytest.mark.slow
def test_far_better_than_neighbours_alone():
    ours, plain = [], []
    for truth in DEPENDENT[2::4]:
        x, y = shuffled(truth, 400, 8)
        ours.append(abs(SurrogateKSG().mutual_information(x, y).value - truth.value))
        plain.append(abs(ksg_terms(x / x.std(axis=0), y / y.std(axis=0), 3).mean() - truth.value))
    assert np.mean(ours) < 0.09
    assert np.mean(ours) < 0.3 * np.mean(plain)


@pytest.mark.parametrize("name", ["sine", "square", "uniform noise 1 + 1"])
def test_two_bent_columns_take_no_remainder(name):
    truth = next(truth for truth in DEPENDENT if truth.name == name)
    for seed in range(4):
        x, y = truth.draw(300, np.random.default_rng(seed))
        found = steps(x, y, 5, 0)
        assert found.surrogate.name != "gaussian"
        assert found.value == found.near.mean() + found.correction.value
        assert abs(found.correction.value) < 0.2 * abs(found.correction.size)  # which tells how much may be wrong
        assert found.doubt(0.0) > 0
