"""How two samples differ: formulas by brute force, closed forms, nulls, infinity where it is honest, and errors."""

from math import inf, log, pi

import numpy as np
import pytest
from scipy.special import digamma
from scipy.stats import multivariate_normal

from plogp import estimate
from plogp.errors import BadTable, InvalidType, InvalidValue, ShapeMismatch, UnknownName
from plogp.estimate.counted_divergence import CountedDivergence
from plogp.estimate.discrete import AddConstant, PlugIn, Zhang
from plogp.estimate.divergence import SurrogateWangKulkarniVerdu, WangKulkarniVerdu
from plogp.estimate.gaussian import Gaussian
from plogp.estimate.mixed import Ross
from plogp.estimate.normal import drawn_in, gains, log_density, normal_like, normals_tell
from plogp.estimate.surrogate_ross import SurrogateRoss
from plogp.estimate.two_samples import cross_entropy, jensen_shannon_divergence, kl_divergence


def normal_divergence(mean, p, q):
    """D(N(mean, p) ‖ N(0, q))."""
    inverse = np.linalg.inv(q)
    volume = np.linalg.slogdet(q)[1] - np.linalg.slogdet(p)[1]
    return float(np.trace(inverse @ p) + mean @ inverse @ mean - len(p) + volume) / 2


def normals(n, mean, p, rng):
    return mean + rng.normal(size=(n, len(p))) @ np.linalg.cholesky(p).T


# ---- continuous samples ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("d", [1, 3])
def test_neighbours_equal_brute_force(k, d):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(30, d)), rng.normal(size=(40, d)) + 1
    own = np.sort(np.abs(x[:, None] - x).max(axis=2), axis=1)[:, k]
    other = np.sort(np.abs(x[:, None] - y).max(axis=2), axis=1)[:, k - 1]
    found = WangKulkarniVerdu(k).kl_divergence(x, y)
    assert found.value == pytest.approx(d * np.mean(np.log(other / own)) + log(40 / 29), abs=1e-12)
    assert found.terms.mean() == pytest.approx(found.value, abs=1e-12)
    expected = d * np.mean(np.log(2 * other)) + log(40) - digamma(k)
    assert WangKulkarniVerdu(k).cross_entropy(x, y).value == pytest.approx(expected, abs=1e-12)


def test_gaussian_divergence_and_cross_entropy_are_free_of_bias():
    """The mean over many small samples is the closed form."""
    rng = np.random.default_rng(1)
    mean, p, q = np.array([1.0, -0.5]), np.array([[2.0, 0.6], [0.6, 1.0]]), np.array([[1.0, 0.3], [0.3, 1.5]])
    drawn = [(normals(9, mean, p, rng), normals(12, np.zeros(2), q, rng)) for _ in range(4000)]
    truth = normal_divergence(mean, p, q)
    entropy = log(2 * pi) + 1 + np.linalg.slogdet(p)[1] / 2
    for verb, known in ((Gaussian().kl_divergence, truth), (Gaussian().cross_entropy, truth + entropy)):
        found = np.array([verb(*samples).value for samples in drawn])
        assert found.mean() == pytest.approx(known, abs=4 * found.std() / np.sqrt(found.size))


def test_a_divergence_doesn_t_depend_on_the_scale():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(100, 3)), rng.normal(size=(120, 3)) * 2
    scale, shift = np.array([1e150, 1.0, 1e-150]), np.array([0.0, 5.0, 0.0])
    for estimator in (SurrogateWangKulkarniVerdu(), Gaussian()):
        found = estimator.kl_divergence(x, y).value
        assert estimator.kl_divergence(x * scale + shift, y * scale + shift).value == pytest.approx(found, rel=1e-6)


TEN = np.diag(np.repeat([0.3, 2.0], 5))
TEN[:5, :5] += 0.1


def test_ten_dimensions_of_different_covariance_within_fifteen_percent():
    truth = normal_divergence(np.zeros(10), TEN, np.eye(10))
    drawn = [np.random.default_rng(seed) for seed in range(4)]
    samples = [(normals(1000, 0, TEN, rng), normals(1000, 0, np.eye(10), rng)) for rng in drawn]
    corrected = [SurrogateWangKulkarniVerdu().kl_divergence(*pair) for pair in samples]
    plain = [WangKulkarniVerdu().kl_divergence(*pair).value for pair in samples]
    assert np.mean(plain) < 0.6 * truth
    assert [found.value for found in corrected] == pytest.approx([truth] * 4, rel=0.15)
    assert corrected[0].route == "normal surrogate, seed 0 (fixed)"


LAWS = {
    "shift": (0.5, lambda n, rng: rng.normal(0, 1, (n, 1)), lambda n, rng: rng.normal(1, 1, (n, 1))),
    "scale": (log(2) - 3 / 8, lambda n, rng: rng.normal(0, 1, (n, 1)), lambda n, rng: rng.normal(0, 2, (n, 1))),
    "exponential": (log(2) - 0.5, lambda n, rng: rng.exponential(1, (n, 1)), lambda n, rng: rng.exponential(2, (n, 1))),
    "uniform": (log(2), lambda n, rng: rng.uniform(0, 1, (n, 1)), lambda n, rng: rng.uniform(0, 2, (n, 1))),
    "shift in 5": (0.625, lambda n, rng: rng.normal(0, 1, (n, 5)), lambda n, rng: rng.normal(0.5, 1, (n, 5))),
    "null": (0.0, lambda n, rng: rng.normal(0, 1, (n, 2)), lambda n, rng: rng.normal(0, 1, (n, 2))),
    "null, Cauchy": (0.0, lambda n, rng: rng.standard_cauchy((n, 1)), lambda n, rng: rng.standard_cauchy((n, 1))),
    "null in 10": (0.0, lambda n, rng: rng.standard_t(3, (n, 10)), lambda n, rng: rng.standard_t(3, (n, 10))),
}


@pytest.mark.parametrize("law", LAWS)
def test_the_correction_helps_or_does_no_harm(law):
    """Mean of eight samples; the surrogate's squared error is at most a little above that of neighbours alone."""
    truth, p, q = LAWS[law]
    rng = np.random.default_rng(3)
    drawn = [(p(600, rng), q(600, rng)) for _ in range(8)]
    plain, corrected = (
        np.array([estimator.kl_divergence(*pair).value for pair in drawn]) - truth
        for estimator in (WangKulkarniVerdu(5), SurrogateWangKulkarniVerdu())
    )
    assert corrected.mean() == pytest.approx(0, abs=0.06)
    assert np.sqrt(np.mean(corrected**2)) < np.sqrt(np.mean(plain**2)) + 0.015


def test_normal_models_tell_only_what_is_there():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 400, 2))
    assert not normals_tell([x, y])
    assert normals_tell([x, y + np.array([0.8, 0])])
    assert normals_tell([x[:200], 2 * y])
    assert normals_tell([x, y, y + 2])
    assert not normals_tell([x[:6], y[:6] + 100])  # too few to fit on a half


def test_normal_models():
    rng = np.random.default_rng(5)
    x, y = normals(200, np.array([1.0, 2.0]), TEN[:2, :2], rng), rng.normal(size=(300, 2))
    p, q = (multivariate_normal(part.mean(axis=0), np.cov(part.T)) for part in (x, y))
    assert log_density(x, y) - log_density(y, y) == pytest.approx(p.logpdf(y) - q.logpdf(y), abs=1e-9)
    of_x, of_y = gains([x, y], [x, y])
    assert of_x == pytest.approx(p.logpdf(x) - np.log(0.4 * p.pdf(x) + 0.6 * q.pdf(x)), abs=1e-9)
    assert of_y == pytest.approx(q.logpdf(y) - np.log(0.4 * p.pdf(y) + 0.6 * q.pdf(y)), abs=1e-9)
    drawn = np.vstack([normal_like(x, rng) for _ in range(100)])
    assert drawn.mean(axis=0) == pytest.approx(x.mean(axis=0), abs=0.03)
    assert np.cov(drawn.T) == pytest.approx(np.cov(x.T), abs=0.03)


def test_drawn_in_as_far_as_chance_explains_it():
    terms = np.array([1.0, 2.0, 3.0, 4.0])
    by_model = terms[[1, 0, 2, 3]]  # differences of variance ½, hence of the mean ½/4, and twice that with one draw
    assert drawn_in(terms, by_model, 2.0, 1) == pytest.approx(2 + 0.5 * (1 - 0.25 / 0.25))
    assert drawn_in(terms, by_model, 1.5, 1) == pytest.approx(1.5 + 1.0 * (1 - 0.25))
    assert drawn_in(terms, terms, 0.0, 4) == 2.5


def test_samples_of_fewer_dimensions_are_infinitely_far():
    rng = np.random.default_rng(6)
    x, y = rng.normal(size=(2, 100, 2))
    flat = np.hstack([x[:, :1], np.ones((100, 1))])
    for one, other in ((flat, y), (x, flat)):
        assert SurrogateWangKulkarniVerdu().kl_divergence(one, other).value == inf
    both = SurrogateWangKulkarniVerdu().kl_divergence(flat, np.hstack([y[:, :1], np.ones((100, 1))]))
    assert both.value == pytest.approx(SurrogateWangKulkarniVerdu().kl_divergence(x[:, :1], y[:, :1]).value, rel=1e-9)


# ---- discrete samples ------------------------------------------------------------------------------------------------

X, Y = np.array([10, 5, 1, 0]), np.array([4, 4, 1, 3])


def test_discrete_rules_by_their_formulas():
    p, q = X[:3] / 16, Y[:3] / 12
    assert CountedDivergence(X, Y, PlugIn()).value == pytest.approx(p @ np.log(p / q))
    assert CountedDivergence(X, Y, PlugIn(), cross=True).value == pytest.approx(-p @ np.log(q))
    s, t = (X + 0.5) / 18, (Y + 0.5) / 14
    assert CountedDivergence(X, Y, AddConstant()).value == pytest.approx(s @ np.log(s / t))


def zhang_grabchak(x, y):
    """The series as the paper writes it, product by product."""
    n, m, total = x.sum(), y.sum(), 0.0
    for a, b in zip(x, y, strict=True):
        if a == 0:
            continue
        for_q = [np.prod([1 - b / (m - j + 1) for j in range(1, v + 1)]) / v for v in range(1, m - b + 1)]
        for_p = [np.prod([1 - (a - 1) / (n - j) for j in range(1, v + 1)]) / v for v in range(1, n - a + 1)]
        total += a / n * (sum(for_q) - sum(for_p))
    return total


@pytest.mark.parametrize("pair", [(X, Y), (np.array([3, 0, 4]), np.array([0, 2, 9])), (np.array([7]), np.array([2]))])
def test_zhang_grabchak_equals_its_series(pair):
    assert CountedDivergence(*pair, Zhang()).value == pytest.approx(zhang_grabchak(*pair), abs=1e-12)


def test_automatic_is_unbiased_and_covers_where_the_plug_in_isn_t():
    rng = np.random.default_rng(7)
    p, q = rng.dirichlet(np.full(10, 3.0)), rng.dirichlet(np.full(10, 3.0)) * 0.8 + 0.02
    truth = float(p @ np.log(p / q))
    drawn = [(rng.multinomial(300, p), rng.multinomial(500, q)) for _ in range(400)]
    found = [CountedDivergence(x, y) for x, y in drawn]
    values = np.array([divergence.value for divergence in found])
    assert values.mean() == pytest.approx(truth, abs=0.008)
    assert np.mean([CountedDivergence(x, y, PlugIn()).value for x, y in drawn]) > truth + 0.01
    covered = [low <= truth <= high for low, high in (divergence.interval(0.95) for divergence in found)]
    assert 0.91 < np.mean(covered) < 0.99
    assert np.mean([divergence.std_error for divergence in found]) == pytest.approx(values.std(), rel=0.2)


def test_outcomes_that_never_came_are_infinitely_far():
    found = kl_divergence(["a", "b", "c", "c"], ["a", "b", "b"])
    assert (found.value, found.interval, found.std_error, found.estimator) == (inf, None, None, "plug-in")
    assert "1 of the outcomes of x, 50.0% of its observations, never came in y: infinite" in found.notes[0]
    assert kl_divergence(["a", "b"], ["a", "b", "c", "c"]).value < inf
    assert cross_entropy(["a", "b", "c", "c"], ["a", "b", "b"]).value == inf
    smoothed = kl_divergence(["a", "b", "c", "c"], ["a", "b", "b"], estimator=AddConstant(alpha=1.0), unit="nats")
    s, t = np.array([2, 2, 3]) / 7, np.array([2, 3, 1]) / 6
    assert smoothed.value == pytest.approx(s @ np.log(s / t))
    assert any("1 was added to the count of each of 3 outcomes" in note for note in smoothed.notes)


def test_rows_are_outcomes():
    x = np.array([[0, 1], [0, 1], [1, 0], [1, 1]])
    found = kl_divergence(x, x[[0, 1, 2, 2, 3]], estimator="plug-in", unit="nats")
    p, q = np.array([2, 1, 1]) / 4, np.array([2, 2, 1]) / 5
    assert found.value == pytest.approx(p @ np.log(p / q))


# ---- the functions ---------------------------------------------------------------------------------------------------


def test_units_and_what_a_result_says():
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(300, 2)), rng.normal(size=(200, 2)) + 1
    nats, bits = (kl_divergence(x, y, unit=unit) for unit in ("nats", "bits"))
    assert nats.value == pytest.approx(bits.value * log(2))
    assert (bits.formula, bits.n, bits.estimator) == ("KL(x‖y)", 500, "surrogate-wang-kulkarni-verdu")
    assert bits.interval[0] < 1 / log(2) < bits.interval[1]
    assert bits.route.startswith("300 observations of x and 200 of y; normal surrogate, seed 0 (fixed)")
    assert kl_divergence(x, y, confidence=None).interval is None
    assert kl_divergence(x, y, estimator="gaussian").estimator == "gaussian"
    x[3, 1] = np.nan
    missing = kl_divergence(x, y)
    assert (missing.n, missing.n_missing) == (499, 1)
    assert "1 row left out" in missing.notes[0]


def test_cross_entropy_less_entropy_is_divergence():
    rng = np.random.default_rng(9)
    x, y = rng.integers(0, 4, 500), rng.integers(0, 5, 600)
    cross, own, divergence = (
        cross_entropy(x, y, unit="nats").value,
        float(Zhang().entropy(np.bincount(x))),
        kl_divergence(x, y, unit="nats").value,
    )
    assert cross - own == pytest.approx(divergence, abs=1e-12)
    shifted = cross_entropy(rng.normal(0, 1, 2000), rng.normal(1, 1, 2000), unit="nats")
    assert shifted.interval[0] < log(2 * pi) / 2 + 1 < shifted.interval[1]


@pytest.mark.parametrize(("distance", "truth"), [(0.0, 0.0), (2.0, 0.3369), (50.0, log(2))])
def test_jensen_shannon_of_normal_samples(distance, truth):
    rng = np.random.default_rng(10)
    found = jensen_shannon_divergence(rng.normal(0, 1, 1000), rng.normal(distance, 1, 1000), unit="nats")
    assert found.value == pytest.approx(truth, abs=0.03)


def test_a_change_of_scale_in_ten_dimensions():
    """Neighbours of one class are all about the middle; normal models see that the other is farther out."""
    rng = np.random.default_rng(14)
    x, y = rng.normal(0, 1, (1000, 10)), rng.normal(0, 1.5, (1000, 10))
    radius = np.linspace(0, 12, 4001)[1:]
    p, q = (2 * (r := radius / s) ** 9 * np.exp(-(r**2) / 2) / (2**5 * 24 * s) for s in (1.0, 1.5))
    truth = np.sum(p * np.log(2 * p / (p + q)) + q * np.log(2 * q / (p + q))) / 2 * (radius[1] - radius[0])
    found = jensen_shannon_divergence(x, y, unit="nats", confidence=None)
    assert found.estimator == "surrogate-ross"
    assert found.value == pytest.approx(truth, abs=0.04)
    labels = np.repeat([[0.0], [1.0]], 1000, axis=0)
    assert Ross().mutual_information(np.vstack([x, y]), labels).value < truth / 2


@pytest.mark.parametrize(("distance", "truth"), [(0.0, 0.0), (1.0, 0.1114), (2.0, 0.3369), (50.0, log(2))])
def test_surrogate_ross_in_one_dimension_and_for_three_classes(distance, truth):
    rng = np.random.default_rng(15)
    x, y = np.vstack([rng.normal(0, 1, (500, 1)), rng.normal(distance, 1, (500, 1))]), np.repeat([[3.0], [1.0]], 500, 0)
    found = SurrogateRoss().mutual_information(x, y)
    assert found.value == pytest.approx(truth, abs=0.06)
    order = rng.permutation(1000)
    again = SurrogateRoss().mutual_information(x[order], y[order])
    assert again.terms.mean() == pytest.approx(found.terms.mean(), abs=0.03)
    far = np.vstack([x, rng.normal(1000, 1, (500, 1))])
    three = SurrogateRoss().mutual_information(far, np.vstack([y, np.full((500, 1), 2.0)]))
    assert three.value == pytest.approx(log(3) - 2 / 3 * (log(2) - truth), abs=0.05)


def test_jensen_shannon_of_discrete_samples():
    rng = np.random.default_rng(11)
    p, q = np.array([0.5, 0.3, 0.2, 0.0]), np.array([0.1, 0.2, 0.3, 0.4])
    found = jensen_shannon_divergence(rng.choice(4, 2000, p=p), rng.choice(4, 2000, p=q), unit="nats")
    m = (p + q) / 2
    truth = (p[:3] @ np.log(p[:3] / m[:3]) + q @ np.log(q / m)) / 2
    assert found.interval[0] < truth < found.interval[1]
    assert found.value == pytest.approx(truth, abs=0.02)
    assert jensen_shannon_divergence([1, 2] * 50, [3, 4] * 50).value == pytest.approx(1.0, abs=0.02)


def test_jensen_shannon_weighs_both_alike():
    rng = np.random.default_rng(12)
    found = jensen_shannon_divergence(rng.choice(2, 5000, p=[0.9, 0.1]), rng.choice(2, 1000), unit="nats")
    m = np.array([0.7, 0.3])
    truth = (np.array([0.9, 0.1]) @ np.log([0.9 / 0.7, 0.1 / 0.3]) + np.log(0.5 / m).mean()) / 2
    assert found.value == pytest.approx(truth, abs=0.02)
    assert found.n == 2000
    assert found.route.startswith("1,000 of 5,000 observations of the larger sample, drawn with seed 0 (fixed)")


@pytest.mark.parametrize("function", [kl_divergence, jensen_shannon_divergence])
def test_p_values_of_one_distribution(function):
    rng = np.random.default_rng(13)
    same = [function(*rng.normal(size=(2, 60)), permutations=60, confidence=None).p_value for _ in range(20)]
    assert 0.25 < np.mean(same) < 0.75
    assert function(rng.normal(size=60), 2 + rng.normal(size=60), permutations=200, confidence=None).p_value == 1 / 201
    discrete = function(rng.integers(0, 3, 100), rng.integers(1, 4, 100), permutations=200)
    assert discrete.p_value == 1 / 201
    assert function(rng.integers(0, 3, 100), rng.integers(0, 3, 100)).p_value > 0.01


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "words"),
    [
        ([1.0, 2.0], [1, 2], {}, InvalidType, "x is continuous and y is discrete"),
        (np.zeros((9, 2)), np.zeros((9, 3)), {}, ShapeMismatch, "x has 2 columns and y has 3"),
        ([1.0, 2.0, 3.0], np.arange(9.0), {}, InvalidValue, "3 observations for k = 5"),
        (np.arange(9.0), [1.0, 2.0], {"estimator": "wang-kulkarni-verdu"}, InvalidValue, "for k = 3 neighbours"),
        ([1.0, 2.0] * 9, np.arange(9.0), {}, InvalidValue, "coincides with 8 others.*kinds="),
        ([1.0, np.inf] * 9, np.arange(9.0), {}, InvalidValue, "infinite"),
        ([], [1, 2], {}, BadTable, "no rows"),
        ([1, 2], [1, 2], {"estimator": "chao-shen"}, InvalidType, "there are 'zhang', 'plug-in'"),
        ([1, 2], [1, 2], {"estimator": "gaussian"}, InvalidType, "estimator='gaussian' for discrete samples"),
        (np.arange(9.0), np.arange(9.0), {"estimator": "zhang"}, InvalidType, "'zhang' for continuous samples"),
        (np.arange(9.0), np.arange(9.0), {"estimator": "ksg"}, InvalidType, "doesn't estimate a divergence"),
        (np.arange(9.0), np.arange(9.0), {"estimator": "zang"}, UnknownName, "did you mean `zhang`"),
        ([1, 2], [1, 2], {"kinds": {"z": "discrete"}}, UnknownName, "kinds of"),
        ([1, 2], [1, 2], {"unit": "bit"}, UnknownName, "bits"),
    ],
)
def test_errors(x, y, options, error, words):
    with pytest.raises(error, match=words):
        kl_divergence(x, y, **options)


def test_rounded_numbers_need_more_neighbours():
    rng = np.random.default_rng(17)
    x, y = np.round(rng.normal(0, 1, 400), 1), np.round(rng.normal(1, 1, 400), 1)
    found = kl_divergence(x, y, unit="nats", confidence=None)
    most = max(np.unique(x, return_counts=True)[1].max() - 1, max((y == value).sum() for value in x))
    assert f"k = {most + 1}, since up to {most} observations coincide with one of x" in found.route
    assert found.value == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize("function", [kl_divergence, jensen_shannon_divergence])
def test_the_order_of_rows_changes_nothing(function):
    rng = np.random.default_rng(18)
    x, y = rng.normal(size=(100, 2)), 1 + rng.normal(size=(80, 2))
    found = function(x, y, confidence=None).value
    assert function(x[::-1], y[rng.permutation(80)], confidence=None).value == pytest.approx(found, rel=1e-9)


def test_jensen_shannon_with_estimators_by_name():
    rng = np.random.default_rng(16)
    x, y = rng.normal(size=100), 3 + rng.normal(size=100)
    assert jensen_shannon_divergence(x, y).estimator == "ross"
    assert jensen_shannon_divergence(np.round(x), np.round(y)).estimator == "gao"
    assert jensen_shannon_divergence(x, y, estimator="gao").value == pytest.approx(0.8, abs=0.2)
    with pytest.raises(InvalidType, match=r"'plug-in' for continuous samples.*'ross' and 'gao'"):
        jensen_shannon_divergence(x, y, estimator="plug-in")


def test_add_constant():
    with pytest.raises(InvalidValue, match="alpha=0; needed: a number above 0"):
        AddConstant(alpha=0)
    assert AddConstant(alpha=1, n_outcomes=3).entropy([1, 1]) == pytest.approx(-0.8 * log(0.4) - 0.2 * log(0.2))
    assert estimate.entropy(["a", "b"], estimator="add-constant", unit="nats").value == pytest.approx(log(2))


def test_jensen_shannon_wants_as_many_columns_of_both():
    rng = np.random.default_rng(0)
    with pytest.raises(ShapeMismatch, match="x has 2 columns and y has 1; needed: as many"):
        jensen_shannon_divergence(rng.normal(size=(9, 2)), rng.normal(size=9))
