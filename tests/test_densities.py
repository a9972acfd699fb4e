"""Distributions: closed forms against 40 digits, numerical rungs against closed forms, and what is refused."""

from math import exp, inf, isnan, log, pi, sqrt

import laws_exact
import mpmath as mp
import numpy as np
import plain_forms
import pytest
from benchmarks import coverage
from benchmarks.accuracy_densities import FAMILIES as EXTREME
from benchmarks.accuracy_densities import Tally, admits, closed, covered, extremes, inner, judged
from hypothesis import given
from hypothesis import strategies as some
from random_laws import POSITIVE, infinite, made, random_law, random_pairs
from scipy import stats

from plogp import densities
from plogp.densities.answers import closed_divergence, closed_entropy
from plogp.densities.bounds import entropy_bounds
from plogp.densities.closed import DIVERGENCES, ENTROPIES
from plogp.densities.law import FAMILIES
from plogp.densities.reading import law
from plogp.densities.renyi import closed_renyi
from plogp.densities.sampled import OF_FAMILY
from plogp.errors import InvalidType, InvalidValue, PlogpError, ShapeMismatch, UnknownName


def kl(p, q, **how):
    return densities.kl_divergence(p, q, unit="nats", **how)


def value(p, q, **how):
    return float(kl(p, q, **how))


# ---- closed forms ---------------------------------------------------------------------------------------------------

QUICK = {"norm", "gamma", "weibull_min", "gumbel_r"}
PAIRS = [
    (("norm", 0.3, 1.2), ("norm", -0.2, 0.9)),
    (("laplace", 0.2, 1.1), ("laplace", -0.3, 0.8)),
    (("gamma", 2.2, 0.0, 0.7), ("gamma", 0.6, 0.0, 1.1)),
    (("weibull_min", 1.7, 0.0, 1.2), ("weibull_min", 0.8, 0.0, 0.9)),
    (("gumbel_r", 0.2, 0.8), ("gumbel_r", -0.1, 1.2)),
    (("beta", 2.3, 0.7, 0.0, 1.0), ("beta", 1.2, 1.9, 0.0, 1.0)),
    (("vonmises", 1.8, 0.0, 1.0), ("vonmises", 0.9, 0.4, 1.0)),
    (("lognorm", 0.7, 0.0, 1.0), ("lognorm", 0.9, 0.0, 1.3)),
    (("cauchy", 0.1, 1.3), ("cauchy", 0.5, 0.7)),
    (("halfcauchy", 0.0, 1.3), ("halfcauchy", 0.0, 0.7)),
    (("logistic", 0.4, 0.9), ("logistic", -0.2, 0.9)),
    (("gumbel_l", 0.2, 0.8), ("gumbel_l", -0.1, 1.2)),
    (("expon", 0.0, 1.3), ("gamma", 1.7, 0.0, 0.8)),
    (("chi2", 3.1, 0.0, 1.0), ("chi2", 4.4, 0.0, 1.0)),
    (("chi", 3.1, 0.0, 1.1), ("chi", 1.4, 0.0, 1.0)),
    (("halfnorm", 0.0, 0.8), ("rayleigh", 0.0, 1.1)),
    (("rayleigh", 0.0, 0.8), ("maxwell", 0.0, 1.1)),
    (("maxwell", 0.0, 0.8), ("halfnorm", 0.0, 1.1)),
    (("nakagami", 1.4, 0.0, 0.8), ("nakagami", 0.6, 0.0, 1.1)),
    (("gengamma", 1.6, 1.8, 0.0, 0.8), ("gengamma", 0.7, 0.9, 0.0, 1.1)),
    (("invgamma", 2.6, 0.0, 0.8), ("invgamma", 1.2, 0.0, 1.1)),
    (("invweibull", 2.6, 0.0, 0.8), ("invweibull", 1.2, 0.0, 1.1)),
    (("levy", 0.0, 0.8), ("levy", 0.0, 1.3)),
    (("gamma", 3.4, 0.0, 1.0), ("invgamma", 1.3, 0.0, 1.0)),
    (("invgauss", 0.8, 0.0, 1.1), ("invgauss", 1.2, 0.0, 0.9)),
    (("pareto", 2.1, 0.0, 1.0), ("pareto", 1.3, 0.0, 0.7)),
    (("arcsine", 0.0, 1.0), ("powerlaw", 1.4, 0.0, 1.0)),
    (("uniform", 0.0, 1.0), ("uniform", -0.5, 2.0)),
    (("laplace", 0.2, 1.1), ("norm", -0.3, 0.8)),
    (("logistic", 0.2, 1.1), ("norm", -0.3, 0.8)),
    (("gumbel_r", 0.2, 1.1), ("norm", -0.3, 0.8)),
    (("gumbel_l", 0.2, 1.1), ("norm", -0.3, 0.8)),
    (("uniform", 0.2, 1.1), ("norm", -0.3, 0.8)),
    (("gamma", 2.2, 0.0, 0.7), ("norm", 1.3, 0.8)),
    (("norm", 0.2, 1.1), ("laplace", -0.3, 0.8)),
    (("uniform", 0.2, 1.1), ("expon", 0.0, 0.8)),
    (("beta", 2.3, 0.7, 0.0, 1.0), ("uniform", -0.5, 2.0)),
    (("uniform", 0.0, 1.0), ("beta", 1.2, 1.9, 0.0, 1.0)),
]


@pytest.mark.parametrize(
    ("p", "q"),
    [pytest.param(p, q, marks=[] if p[0] in QUICK and q[0] == p[0] else pytest.mark.slow) for p, q in PAIRS],
    ids=lambda d: d[0],
)
def test_closed_divergences_are_the_integral_in_40_digits(p, q):
    found = kl(made(p), made(q))
    assert found.estimator == "closed-form"
    exact = laws_exact.divergence(p, q, inner(made(p), made(q)))
    assert found.value == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize(
    "p",
    [
        pytest.param(p, marks=[] if p[0] in QUICK else pytest.mark.slow)
        for p in (*{p[0]: p for p, _ in PAIRS if p[0] != "invgauss"}.values(), ("t", 3.3, 0.2, 1.4))
    ],
    ids=lambda d: d[0],
)
def test_closed_entropies_are_the_integral_in_40_digits(p):
    found = densities.entropy(made(p), unit="nats")
    assert found.estimator == "closed-form"
    assert found.value == pytest.approx(float(laws_exact.entropy(p, inner(made(p)))), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("name", EXTREME)
def test_closed_divergences_hold_for_extreme_and_for_nearly_equal_parameters(name):
    for p, q, exact, found in closed(name, 16):
        assert found == pytest.approx(exact, rel=EXTREME[name].limit, abs=0.0), (p, q)


@pytest.mark.parametrize("kind", ["Gamma", "Beta", "Gumbel", "Laplace", "Normal", "LogNormal"])
def test_batches_are_mended_where_it_takes_care(kind):
    """Equal, near and far in one batch of PyTorch are what each is alone in SciPy's floats."""
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    a, b = np.exp(rng.normal(size=(2, 60)))
    c, d = a * (1 + 10.0 ** rng.uniform(-9, 0, 60)), b * (1 + 10.0 ** rng.uniform(-9, 0, 60))
    c[:5], d[:5] = a[:5], b[:5]
    p, q = (getattr(torch.distributions, kind)(*map(torch.from_numpy, at)) for at in ((a, b), (c, d)))
    whole = kl(p, q).value
    alone = [
        float(kl(*(getattr(torch.distributions, kind)(*map(torch.tensor, at)) for at in ((a[i], b[i]), (c[i], d[i])))))
        for i in range(60)
    ]
    assert whole.numpy() == pytest.approx(alone, rel=1e-13, abs=0.0)
    assert (whole[:5] == 0).all()


def test_closed_entropies_hold_for_extreme_parameters():
    for (s, a, b), _ in extremes(5, 24):
        for d, form, at in (
            (stats.gengamma(a, b, scale=s), "gengamma", (a, b, s)),
            (stats.gamma(a, scale=s), "gengamma", (a, 1, s)),
            (stats.beta(a, b), "beta", (a, b)),
            (stats.t(a, scale=s), "t", (a, s)),
            (stats.vonmises(min(a, 3e3)), "vonmises", (min(a, 3e3),)),
        ):
            exact = float(plain_forms.exactly(plain_forms.ENTROPIES[form], at))
            assert densities.entropy(d, unit="nats").value == pytest.approx(exact, rel=1e-12, abs=1e-12), (form, at)


def test_gamma_laws_near_their_normal_law():
    """What is left is a millionth part of what cancels."""
    for shape in (0.5, 30.0, 1e6):
        p, q = (shape, 2.0), (2 * shape, 2 * sqrt(shape))
        exact = plain_forms.exactly(plain_forms.gamma_to_normal, p, q)
        assert value(stats.gamma(shape, scale=2), stats.norm(*q)) == pytest.approx(float(exact), rel=1e-12)


@pytest.mark.parametrize("near", [True, False])
def test_wishart_and_multivariate_normal_laws(near):
    rng = np.random.default_rng(3)
    for d in (1, 2, 4):
        v, w = (a @ a.T for a in rng.normal(size=(2, d, d + 3)))
        n, k = d + 2.5, d + 40.0
        if near:
            w, k = v * (1 + 1e-3), n * (1 + 1e-4)
        with mp.workdps(50):
            v_, w_ = mp.matrix(v.tolist()), mp.matrix(w.tolist())
            exact = plain_forms.wishart_divergence((mp.mpf(n), v_), (mp.mpf(k), w_))
            inverse = plain_forms.wishart_divergence((mp.mpf(n), v_**-1), (mp.mpf(k), w_**-1))
            h = plain_forms.wishart_entropy((mp.mpf(n), v_))
            ratio = w_**-1 * v_
            normal = (sum(ratio[i, i] for i in range(d)) - d - mp.log(mp.det(ratio)) + sum(w_**-1)) / 2
        assert value(stats.wishart(n, v), stats.wishart(k, w)) == pytest.approx(float(exact), rel=1e-10)
        assert value(stats.invwishart(n, v), stats.invwishart(k, w)) == pytest.approx(float(inverse), rel=1e-10)
        assert densities.entropy(stats.wishart(n, v), unit="nats").value == pytest.approx(float(h), rel=1e-12)
        p, q = stats.multivariate_normal(np.zeros(d), v), stats.multivariate_normal(np.ones(d), w)
        assert value(p, q) == pytest.approx(float(normal), rel=1e-11)


EXAMPLES = {**coverage.CONTINUOUS, **coverage.DISCRETE, **coverage.OTHERS}


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_family_by_another_rung(name):
    """Divergence and entropy by quadrature or sums to 1e-8, of vectors by Monte Carlo to 5 standard errors."""
    p, q = EXAMPLES[name]
    if name in ("multivariate t", "multinomial"):
        return  # by draws only; their entropies are compared with SciPy's elsewhere
    for measure, laws in ((densities.kl_divergence, (p, q)), (densities.entropy, (p,))):
        found = measure(*laws, unit="nats")
        if found.estimator == "monte-carlo":  # there is no other
            continue
        rung = "monte-carlo" if law("p", p).event else "exact-sum" if law("p", p).discrete else "quadrature"
        if found.estimator == rung:
            rung = "monte-carlo"
        again = measure(*laws, unit="nats", rung=rung, tolerance=0.03 if rung == "monte-carlo" else None)
        assert again.estimator == rung
        assert again.value == pytest.approx(found.value, abs=5 * again.std_error if again.std_error else 1e-8)


def test_the_tables_are_whole():
    """Each row is met by an example, and each family can be had from SciPy."""
    shown = {law("d", d).family for pair in EXAMPLES.values() for d in pair} | {"categorical", "uniform"}
    assert set(FAMILIES) == set(OF_FAMILY) == shown
    assert {family for pair in DIVERGENCES for family in pair} | set(ENTROPIES) <= set(FAMILIES)
    assert all(row.source for row in (*DIVERGENCES.values(), *ENTROPIES.values()))


def test_the_page_shows_the_tables_as_they_are():
    shown = coverage.PAGE.read_text().split("<!-- coverage -->\n")[1].split("<!-- end -->")[0]
    assert shown == coverage.tables(), "run python -m benchmarks.coverage"


# ---- laws that hold for all -----------------------------------------------------------------------------------------

ALL = sorted(EXAMPLES)


@given(some.sampled_from(ALL))
def test_a_law_is_at_no_distance_from_itself(name):
    p = EXAMPLES[name][0]
    if closed_divergence(law("p", p), law("q", p)) is not None:
        assert value(p, p) == 0.0


@given(some.floats(0.02, 1e4), some.floats(0.02, 1e4), some.floats(1e-6, 1e6), some.floats(1e-3, 1e3))
def test_divergences_are_positive_and_know_no_scale(a, b, s, r):
    p, q = stats.gamma(a, scale=s), stats.gamma(b, scale=r * s)
    wide = stats.gamma(a, scale=4 * s), stats.gamma(b, scale=4 * (r * s))
    assert value(p, q) >= 0
    assert value(*wide) == pytest.approx(value(p, q), rel=1e-9)
    moved = densities.entropy(wide[0], unit="nats").value - densities.entropy(p, unit="nats").value
    assert moved == pytest.approx(log(4), abs=1e-12)


@given(some.floats(-3, 3), some.floats(0.2, 5))
def test_cross_entropy_is_entropy_and_divergence(loc, scale):
    for p, q in ((stats.norm(loc, scale), stats.norm(1, 2)), (stats.laplace(loc, scale), stats.norm(1, 2))):
        whole = densities.cross_entropy(p, q).value
        assert whole == pytest.approx(densities.entropy(p).value + densities.kl_divergence(p, q).value, abs=1e-12)


def test_cross_entropy_by_quadrature():
    p, q = stats.t(4), stats.logistic(0.3)
    whole = densities.cross_entropy(p, q)
    assert whole.estimator == "quadrature"
    assert whole.value == pytest.approx(densities.entropy(p).value + densities.kl_divergence(p, q).value, abs=1e-9)


def test_units():
    p, q = stats.norm(0, 1), stats.norm(1, 2)
    nats = value(p, q)
    assert densities.kl_divergence(p, q).value == pytest.approx(nats / log(2), rel=1e-15)
    assert densities.kl_divergence(p, q, unit="hartleys").value == pytest.approx(nats / log(10), rel=1e-15)
    drawn = kl(stats.t(5), q, rung="monte-carlo")
    assert drawn.to("bits").std_error == pytest.approx(drawn.std_error / log(2))


# ---- quadrature -----------------------------------------------------------------------------------------------------


def test_quadrature_finds_closed_forms_across_families():
    rng = np.random.default_rng(1)
    names = [name for name in POSITIVE if name not in ("lognorm", "halfcauchy", "invgauss")]
    pairs = [(random_law(rng, names), random_law(rng, names)) for _ in range(40)]
    for p, q in pairs:
        closed, found = kl(made(p), made(q)), kl(made(p), made(q), rung="quadrature")
        assert closed.estimator == "closed-form"
        assert admits(found, closed.value), (p, q, closed.value, found.value, found.route)


@pytest.mark.slow
def test_quadrature_of_random_pairs_in_40_digits():
    tally = Tally()
    for p, q in random_pairs(2, 16):
        judged(p, q, tally)
        assert not tally.wrong, (p, q)
    assert tally.worst <= 1e-8
    assert tally.pairs > tally.supports + tally.tail + tally.unknown + tally.flagged


def test_infinite_is_said_where_supports_or_tails_say_so_and_nowhere_else():
    said = set()
    for p, q in random_pairs(5, 150):
        found = kl(made(p), made(q), rung="quadrature")
        why = infinite(p, q)
        assert (found.value == inf) == (why != ""), (p, q, found)
        assert not why or f"proven by the {why}" in found.notes[0], (p, q, found)
        said.add(why)
    assert said == {"", "supports", "tail"}


def test_kinks_and_ends_are_where_the_integral_is_cut():
    p, q = stats.triang(0.3), stats.laplace_asymmetric(1.7, 0.4)
    with mp.workdps(30):

        def term(x):
            f = 2 * x / mp.mpf(0.3) if x < mp.mpf(0.3) else 2 * (1 - x) / (1 - mp.mpf(0.3))
            k, y = mp.mpf(1.7), x - mp.mpf(0.4)
            g = mp.exp(-y * k if y >= 0 else y / k) / (k + 1 / k)
            return f * mp.log(f / g) if f > 0 else mp.mpf(0)

        exact = mp.quad(term, [0, mp.mpf(0.3), mp.mpf(0.4), 1])
    assert value(p, q) == pytest.approx(float(exact), abs=1e-9)


def test_a_gap_in_a_support_has_nothing_to_add():
    parted = densities.Mixture([0.5, 0.5], [stats.uniform(0, 1), stats.uniform(2, 1)])
    found = densities.entropy(parted, unit="nats")
    assert found.estimator == "quadrature"
    assert found.value == pytest.approx(log(2), abs=1e-12)
    assert kl(stats.uniform(0, 3), parted).notes == ("+∞, proven by the supports: p has mass where q has none",)
    histogram = stats.rv_histogram(np.histogram([1.0, 2.0, 2.0, 2.0, 3.0, 9.0], bins=8))
    assert densities.entropy(histogram, unit="nats").value == pytest.approx(histogram.entropy(), abs=1e-12)


def test_a_shape_so_small_that_its_mass_is_below_the_smallest_double():
    p, q = stats.gamma(0.01), stats.gamma(0.02)
    found = kl(p, q, rung="quadrature")
    assert admits(found, value(p, q))
    assert any("mass" in note for note in found.notes)


INFINITE = [
    (stats.uniform(0, 2), stats.uniform(0, 1), "supports"),
    (stats.norm(), stats.expon(), "supports"),
    (stats.uniform(0, 2), stats.beta(2, 3), "supports"),
    (stats.expon(), stats.expon(loc=0.1), "supports"),
    (stats.pareto(2), stats.pareto(2, scale=1.5), "supports"),
    (stats.poisson(2), stats.binom(5, 0.5), "supports"),
    (stats.bernoulli(0.5), stats.bernoulli(1.0), "supports"),
    (stats.multinomial(3, [0.5, 0.5]), stats.multinomial(3, [1.0, 0.0]), "supports"),
    (stats.gamma(0.8), stats.invgamma(2), "tail"),
    (stats.rv_discrete(values=([0, 1], [0.5, 0.5])), stats.rv_discrete(values=([0, 1], [1.0, 0.0])), "tail"),
    (stats.cauchy(), stats.norm(), "tail"),
    (stats.halfcauchy(), stats.expon(), "tail"),
    (stats.t(1.0), stats.laplace(), "tail"),
    (stats.expon(), stats.invgamma(2), "tail"),
    (stats.uniform(0, 1), stats.invgamma(2), "tail"),
    (stats.laplace(0, 2.9), stats.gumbel_r(0, 2.85), "tail"),
    (stats.gumbel_r(0, 3), stats.gumbel_l(0, 2), "tail"),
    (stats.invgamma(1.46), stats.maxwell(scale=3), "by the tail"),
]


@pytest.mark.parametrize(("p", "q", "proof"), INFINITE)
def test_infinite_divergences_are_proven(p, q, proof):
    found = kl(p, q)
    assert found.value == inf
    assert any("proven" in note and (proof in note or proof == "tail") for note in found.notes), found.notes
    assert found.to_dict()["infinite"] == "+inf"


@pytest.mark.parametrize(
    ("p", "q"),
    [
        (stats.t(2.2), stats.norm()),
        (stats.cauchy(), stats.t(0.3)),
        (stats.laplace(0, 2.8), stats.gumbel_r(0, 2.9)),
        (stats.t(1.2), stats.laplace()),
        (stats.gamma(1.2), stats.invgamma(2)),
    ],
)
def test_what_is_finite_by_a_little_is_not_infinite(p, q):
    assert value(p, q) < inf


def test_a_value_beyond_the_largest_double_is_not_called_infinite():
    found = kl(stats.weibull_min(1e6, scale=1e8), stats.weibull_min(1e6, scale=1e-8))
    assert found.notes == ("finite, but larger than the largest double",)


def test_infinite_and_undefined_entropies():
    torch = pytest.importorskip("torch")
    import torch.distributions as td

    half = td.TransformedDistribution(td.HalfCauchy(torch.tensor(1.0)), [td.ExpTransform()])
    whole = td.TransformedDistribution(td.Cauchy(torch.tensor(0.0), torch.tensor(1.0)), [td.ExpTransform()])
    assert float(densities.entropy(half)) == inf
    found = densities.entropy(whole)
    assert isnan(float(found))
    assert "undefined" in found.notes[0]
    assert densities.entropy(stats.cauchy(scale=3)).value == pytest.approx(log(12 * pi) / log(2))


# ---- whole numbers --------------------------------------------------------------------------------------------------


def test_sums_are_exact():
    def exact(p, q, n):
        with mp.workdps(30):
            f, g = (laws_exact.LOG_DENSITIES[d[0]][1] for d in (p, q))
            logs = [(f(k, *map(mp.mpf, p[1:])), g(k, *map(mp.mpf, q[1:]))) for k in range(1, n)]
            return float(mp.fsum(mp.exp(a) * (a - b) for a, b in logs))

    found = kl(stats.geom(0.2), stats.poisson(3))
    at_zero = 0.0  # geom starts at 1
    assert found.estimator == "exact-sum"
    assert found.value == pytest.approx(exact(("geom", 0.2), ("poisson", 3.0), 400) + at_zero, abs=1e-12)
    entropy = densities.entropy(stats.poisson(1e6), unit="nats").value
    assert entropy == pytest.approx(0.5 * log(2 * pi * exp(1) * 1e6) - 1 / 12e6, abs=1e-10)


def test_a_heavy_tail_of_whole_numbers():
    found = densities.entropy(stats.zipf(3.0), unit="nats")
    with mp.workdps(30):
        exact = 3 * -mp.zeta(3, derivative=1) / mp.zeta(3) + mp.log(mp.zeta(3))
    assert found.value == pytest.approx(float(exact), abs=1e-9)


def test_a_probability_that_underflows_is_no_proof():
    """SciPy's skellam law has log of a pmf that is 0 from some 150 on, where the geometric law has mass."""
    found = kl(stats.geom(0.01, loc=-1), stats.skellam(1, 1), rung="exact-sum")
    assert found.value < inf
    assert any("no bound of the error" in note for note in found.notes)


# ---- Monte Carlo ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting", ["D(normal ‖ t)", "D(Poisson ‖ geometric)", "D_0.5(normal ‖ Laplace)", "h(multivariate t)"]
)
def test_intervals_cover(setting):
    assert 0.88 <= covered(setting, 100) <= 1.0


def test_the_tolerance_is_met_and_the_seed_stated():
    p, q = stats.norm(), stats.t(3)
    found = densities.kl_divergence(p, q, rung="monte-carlo", tolerance=1e-3, seed=4)
    assert found.std_error <= 1e-3
    assert "seed 4" in found.route
    assert found.confidence == 0.95
    again = densities.kl_divergence(p, q, rung="monte-carlo", tolerance=1e-3, seed=4)
    assert again.value == found.value
    assert densities.kl_divergence(p, q, rung="monte-carlo", confidence=None).interval is None
    assert densities.kl_divergence(p, q, rung="monte-carlo").route.count("seed 0") == 1


def test_control_variates_help():
    """log p of a normal law is quadratic, so that known moments leave nothing to chance."""
    found = densities.entropy(stats.norm(1, 3), rung="monte-carlo", unit="nats")
    assert found.value == pytest.approx(log(3 * sqrt(2 * pi * exp(1))), abs=1e-12)


# ---- Rényi and Jensen-Shannon ---------------------------------------------------------------------------------------


TILTED = [
    name
    for name, (p, q) in EXAMPLES.items()
    if not law("p", p).event and closed_renyi(law("p", p), law("q", q), 0.3) is not None
]


@pytest.mark.parametrize("order", [0.3, 0.999, 2.5])
@pytest.mark.parametrize("name", TILTED)
def test_renyi_divergences_by_another_rung(name, order):
    p, q = EXAMPLES[name]
    found = densities.renyi_divergence(p, q, order, unit="nats")
    assert found.estimator == "closed-form"
    rung = "exact-sum" if law("p", p).discrete else "quadrature"
    again = densities.renyi_divergence(p, q, order, unit="nats", rung=rung)
    assert again.value == pytest.approx(found.value, rel=1e-7, abs=1e-7)


def test_renyi_divergence_of_normal_laws():
    """Gil, Alajaji & Linder 2013."""
    (u, s), (v, t), a = (0.3, 1.2), (-0.5, 0.9), 0.7
    mixed = a * t**2 + (1 - a) * s**2
    exact = log(t / s) + log(t**2 / mixed) / (2 * (a - 1)) + a * (u - v) ** 2 / (2 * mixed)
    assert densities.renyi_divergence(stats.norm(u, s), stats.norm(v, t), a, unit="nats").value == pytest.approx(exact)
    far = densities.renyi_divergence(stats.norm(0, 1), stats.norm(100, 1), 0.5, unit="nats", rung="quadrature")
    assert far.value == pytest.approx(2500)


def test_renyi_divergence_of_multivariate_normal_laws():
    rng = np.random.default_rng(0)
    v, w = (a @ a.T for a in rng.normal(size=(2, 3, 6)))
    for a in (0.4, 0.9):
        mixed = a * w + (1 - a) * v
        sizes = [np.linalg.slogdet(x)[1] for x in (mixed, v, w)]
        exact = a / 2 * np.linalg.solve(mixed, np.ones(3)).sum()
        exact -= (sizes[0] - (1 - a) * sizes[1] - a * sizes[2]) / (2 * (a - 1))
        p, q = stats.multivariate_normal(np.zeros(3), v), stats.multivariate_normal(np.ones(3), w)
        assert densities.renyi_divergence(p, q, a, unit="nats").value == pytest.approx(exact, rel=1e-10)


def test_renyi_divergence_of_multinomial_and_inverse_wishart_laws():
    p, q = np.array([0.2, 0.3, 0.5]), np.array([0.3, 0.3, 0.4])
    found = densities.renyi_divergence(stats.multinomial(4, p), stats.multinomial(4, q), 0.4, unit="nats")
    assert found.value == pytest.approx(4 * log((p**0.4 * q**0.6).sum()) / -0.6, rel=1e-12)
    apart = stats.multinomial(3, [0, 0.5, 0.5]), stats.multinomial(3, [0.5, 0.5, 0])
    assert densities.renyi_divergence(*apart, 2).value == inf
    assert densities.renyi_divergence(*apart, 0.5).value == pytest.approx(6)
    v, w = coverage.MATRIX, coverage.OTHER
    of_inverses = [stats.wishart(n, np.linalg.inv(m)) for n, m in ((5, v), (6, w))]
    found = densities.renyi_divergence(stats.invwishart(5, v), stats.invwishart(6, w), 0.4)
    assert found.value == pytest.approx(densities.renyi_divergence(*of_inverses, 0.4).value, rel=1e-12)


def test_orders_at_the_limits():
    p, q = stats.norm(0, 1), stats.norm(1, 2)
    at_one = densities.renyi_divergence(p, q, 1)
    assert at_one.value == densities.kl_divergence(p, q).value
    assert densities.renyi_divergence(p, q, 1 + 1e-9).value == pytest.approx(at_one.value, rel=1e-8)
    assert densities.renyi_divergence(p, q, 0).value == 0
    assert densities.renyi_divergence(stats.uniform(0, 1), stats.uniform(0, 4), 0).value == pytest.approx(2)
    # p/q is greatest where x = -1/3: 2 exp(1/6)
    assert densities.renyi_divergence(p, q, inf, unit="nats").value == pytest.approx(log(2) + 1 / 6, abs=1e-8)
    assert densities.renyi_divergence(q, p, inf).value == inf
    heavy = densities.renyi_divergence(stats.norm(0, 2), stats.norm(0, 1), 3)
    assert heavy.value == inf
    assert "proven by the tail" in heavy.notes[0]
    assert densities.renyi_divergence(stats.bernoulli(0.5), stats.bernoulli(0.25), inf).value == pytest.approx(1)
    with pytest.raises(InvalidValue, match="order=-1 came; an order of 0 or more is needed"):
        densities.renyi_divergence(p, q, -1)
    with pytest.raises(InvalidType, match="a number is needed"):
        densities.renyi_divergence(p, q, "2")


def test_jensen_shannon():
    disjoint = densities.jensen_shannon_divergence(stats.uniform(0, 1), stats.uniform(2, 1))
    assert disjoint.value == pytest.approx(1)
    weighted = densities.jensen_shannon_divergence(stats.uniform(0, 1), stats.uniform(2, 1), weights=(0.1, 0.9))
    assert weighted.value == pytest.approx(-0.1 * np.log2(0.1) - 0.9 * np.log2(0.9))
    p, q = 0.3, 0.6
    m = (p + q) / 2
    h = [stats.entropy([x, 1 - x], base=2) for x in (m, p, q)]
    found = densities.jensen_shannon_divergence(stats.bernoulli(p), stats.bernoulli(q))
    assert found.value == pytest.approx(h[0] - (h[1] + h[2]) / 2)
    with mp.workdps(30):
        f, g = laws_exact.log_density("norm", 0, 1), laws_exact.log_density("cauchy", 1, 2)

        def term(x):
            a, b = mp.exp(f(x)), mp.exp(g(x))
            mean = (a + b) / 2
            return (a * mp.log(a / mean) + b * mp.log(b / mean)) / 2 if a > 0 else b * mp.log(2) / 2

        exact = mp.quad(term, [-mp.inf, -40, -6, -1, 0, 1, 6, 40, mp.inf])
    found = densities.jensen_shannon_divergence(stats.norm(0, 1), stats.cauchy(1, 2), unit="nats")
    assert found.value == pytest.approx(float(exact), abs=1e-9)
    with pytest.raises(InvalidValue, match="sum to 1"):
        densities.jensen_shannon_divergence(stats.norm(), stats.norm(), weights=(0.5, 0.6))


# ---- mixtures -------------------------------------------------------------------------------------------------------


def test_the_entropy_of_a_mixture_lies_within_its_bounds():
    for apart in (0.1, 1.0, 4.0, 30.0):
        parts = [stats.norm(0, 1), stats.norm(apart, 2)]
        found = densities.entropy(densities.Mixture([0.3, 0.7], parts), unit="nats")
        low, high = entropy_bounds(np.array([0.3, 0.7]), [law("d", part) for part in parts])
        assert low <= found.value + 1e-9
        assert found.value <= high + 1e-9
        assert f"between {low:.6g} and {high:.6g} nats" in found.notes[0]
    assert high - low < 1e-6  # far apart, both are exact


def test_mixtures_by_quadrature_and_by_draws():
    m = densities.Mixture([0.25, 0.75], [stats.norm(-2, 0.5), stats.laplace(1, 1)])
    found, drawn = kl(m, stats.norm(0, 3)), kl(m, stats.norm(0, 3), rung="monte-carlo")
    assert found.estimator == "quadrature"
    assert abs(found.value - drawn.value) < 5 * drawn.std_error


def test_mixtures_of_scikit_learn():
    from sklearn.mixture import GaussianMixture

    x = np.random.default_rng(0).normal(size=(300, 2)) * [1.0, 3.0]
    for kind in ("full", "tied", "diag", "spherical"):
        model = GaussianMixture(2, covariance_type=kind, random_state=0).fit(x)
        found = densities.entropy(model, unit="nats", seed=1)
        points, _ = model.sample(200_000)
        plain = -model.score_samples(points)
        assert abs(found.value - plain.mean()) < 5 * np.hypot(found.std_error, plain.std() / sqrt(len(plain)))
    with pytest.raises(InvalidValue, match=r"isn't fitted.*hint: call \.fit"):
        densities.entropy(GaussianMixture(2))


# ---- blocks of a multivariate law -----------------------------------------------------------------------------------


def test_information_between_blocks():
    rng = np.random.default_rng(2)
    a = rng.normal(size=(4, 7))
    joint = stats.multivariate_normal(np.zeros(4), a @ a.T)
    whole = densities.entropy(joint).value
    for split, known in ((1, [0]), (2, [0, 1]), ([1, 3], [1, 3])):
        rest = [i for i in range(4) if i not in known]
        first, second = (
            densities.entropy(stats.multivariate_normal(np.zeros(len(i)), (a @ a.T)[np.ix_(i, i)])).value
            for i in (known, rest)
        )
        assert densities.mutual_information(joint, split).value == pytest.approx(first + second - whole, abs=1e-12)
        assert densities.conditional_entropy(joint, split).value == pytest.approx(whole - first, abs=1e-12)
    weak = stats.multivariate_normal([0, 0], [[1, 1e-8], [1e-8, 1]])
    assert densities.mutual_information(weak, 1, unit="nats").value == pytest.approx(5e-17, rel=1e-9)


def test_information_of_a_t_law():
    shape = np.array([[1.0, 0.4], [0.4, 2.0]])
    joint = stats.multivariate_t([0, 0], shape, df=3)
    parts = [densities.entropy(stats.t(3, scale=sqrt(shape[i, i]))).value for i in (0, 1)]
    whole = densities.entropy(joint).value
    assert densities.mutual_information(joint, 1).value == pytest.approx(sum(parts) - whole, abs=1e-12)
    assert densities.conditional_entropy(joint, 1).value == pytest.approx(whole - parts[0], abs=1e-12)
    assert densities.mutual_information(stats.multivariate_t([0, 0], np.eye(2), df=3), 1).value > 0.05
    assert whole == pytest.approx(joint.entropy() / log(2))


@pytest.mark.parametrize("split", [0, 2, [], [0, 1], [0, 0], [5], [-1], 1.5, [0.5], True, "x", None])
def test_splits_that_split_nothing(split):
    with pytest.raises(InvalidValue, match="doesn't split 2 variables in two"):
        densities.mutual_information(stats.multivariate_normal([0, 0]), split)


# ---- what may come --------------------------------------------------------------------------------------------------


def test_scipys_new_objects():
    p = stats.Normal(mu=0.3, sigma=1.2)
    assert value(p, stats.norm(-0.2, 0.9)) == value(stats.norm(0.3, 1.2), stats.norm(-0.2, 0.9))
    gamma = stats.make_distribution(stats.gamma)
    assert value(2 * gamma(a=2.0) + 1, stats.gamma(3, loc=1)) == value(
        stats.gamma(2, loc=1, scale=2), stats.gamma(3, loc=1)
    )
    assert densities.entropy(stats.Uniform(a=1.0, b=5.0)).value == 2
    assert densities.entropy(stats.Binomial(n=3, p=0.5)).value == densities.entropy(stats.binom(3, 0.5)).value
    through = densities.entropy(stats.exp(p))
    assert through.estimator == "quadrature"
    assert through.value == pytest.approx(densities.entropy(stats.lognorm(1.2, scale=exp(0.3))).value, abs=1e-8)
    mixed = stats.Mixture([p, stats.Normal(mu=4.0, sigma=1.0)], weights=[0.5, 0.5])
    ours = densities.Mixture([0.5, 0.5], [stats.norm(0.3, 1.2), stats.norm(4, 1)])
    assert densities.entropy(mixed).value == densities.entropy(ours).value


def test_batches_of_scipy():
    p, q = stats.gamma([[0.5], [2.0]], scale=[1.0, 2.0, 3.0]), stats.gamma(1.5)
    found = kl(p, q)
    assert found.value.shape == (2, 3)
    assert found.value[1, 2] == pytest.approx(value(stats.gamma(2, scale=3), q), rel=1e-14)
    assert str(found) == "D(p‖q) = (2, 3) values in nats  (Closed-Form)"
    assert found.to_dict()["value"] == found.value.tolist()
    numerical = kl(stats.t([3.0, 5.0]), stats.logistic())
    assert numerical.value == pytest.approx([value(stats.t(v), stats.logistic()) for v in (3, 5)])
    drawn = kl(stats.t([3.0, 5.0]), stats.logistic(), rung="monte-carlo")
    assert drawn.std_error.shape == drawn.interval[0].shape == (2,)


REFUSED = [
    (lambda: densities.entropy([1, 2, 3]), InvalidType, r"type list.*hint: samples\? plogp\.estimate"),
    (lambda: densities.entropy(np.zeros(3)), InvalidType, r"type ndarray.*hint: samples"),
    (lambda: densities.entropy(3.0), InvalidType, "type float"),
    (lambda: densities.entropy(stats.norm), InvalidType, r"norm, a family without its parameters.*scipy\.stats\.norm"),
    (lambda: densities.entropy(stats.Normal), InvalidType, "the class Normal.*give it its parameters"),
    (lambda: densities.entropy(stats.norm(0, -1)), InvalidValue, r"norm has scale=-1\.0; needed: a positive"),
    (lambda: densities.entropy(stats.gamma(-2)), InvalidValue, r"gamma has shape=-2\.0; needed: a positive"),
    (lambda: densities.entropy(stats.weibull_min(-2)), InvalidValue, "weibull_min with c=-2 is no distribution"),
    (lambda: densities.entropy(stats.bernoulli(1.5)), InvalidValue, "bernoulli with p=1.5 is no distribution"),
    (lambda: densities.entropy(stats.norm(np.nan, 1)), InvalidValue, "loc=nan; needed: a finite number"),
    (lambda: densities.entropy(stats.norm(0, np.inf)), InvalidValue, "scale=inf; needed: a finite number"),
    (lambda: densities.entropy(stats.norm([0, 1], [1, -1])), InvalidValue, "needed: a positive number"),
    (
        lambda: densities.entropy(stats.multivariate_normal([0, 0], [[1, 1], [1, 1]], allow_singular=True)),
        InvalidValue,
        "singular; needed: a positive definite one",
    ),
    (lambda: kl(stats.norm(), stats.poisson(1)), InvalidType, r"p is continuous \(norm\) and q is discrete"),
    (lambda: kl(stats.norm(), stats.multivariate_normal([0, 0])), ShapeMismatch, r"values of shape \(\) and q of \(2,"),
    (lambda: kl(stats.norm([0, 1]), stats.norm([0, 1, 2])), ShapeMismatch, r"shape \(2,\) and q of \(3,\)"),
    (lambda: kl(stats.t(3), stats.t(4), rung="closed-form"), InvalidValue, "no closed form here for t and t"),
    (lambda: kl(stats.t(3), stats.t(4), rung="exact-sum"), InvalidValue, "hint: 'quadrature' or 'monte-carlo'"),
    (lambda: kl(stats.t(3), stats.t(4), rung="quadratura"), UnknownName, "did you mean `quadrature`"),
    (lambda: densities.entropy(stats.t(3), unit="bit"), UnknownName, "did you mean `bits`"),
    (lambda: densities.entropy(stats.t(3), tolerance=0), InvalidValue, "tolerance=0; needed: a number above 0"),
    (lambda: densities.entropy(stats.t(3), confidence=95), InvalidValue, "confidence=95; needed: between 0 and 1"),
    (lambda: densities.entropy(stats.t(3), seed=-1), InvalidValue, "seed=-1; needed: a whole number"),
    (lambda: densities.entropy(stats.t(3), tolerance="x"), InvalidValue, "tolerance='x'; needed: a number above 0"),
    (lambda: densities.entropy(stats.t(3), confidence="95%"), InvalidValue, "confidence='95%'; needed: between 0"),
    (lambda: densities.entropy(stats.t(3), seed=True), InvalidValue, "seed=True; needed: a whole number"),
    (lambda: densities.entropy(stats.dirichlet([1, 2]), rung="quadrature"), InvalidValue, "hint: 'monte-carlo'$"),
    (lambda: densities.entropy(stats.special_ortho_group(3)), InvalidType, "has no density of"),
    (lambda: densities.jensen_shannon_divergence(stats.norm(), stats.norm(1), 0.5), InvalidValue, "weights=0.5 came"),
    (lambda: densities.Mixture("ab", [stats.norm()]), InvalidType, "weights='ab' came; a list of numbers"),
    (lambda: densities.Mixture([1.0], 5), InvalidType, "components=5 came; a list of distributions"),
    (lambda: densities.mutual_information(stats.norm(), 1), InvalidType, "needed: a multivariate normal or t"),
    (lambda: densities.Mixture([0.5, 0.6], [stats.norm(), stats.norm()]), InvalidValue, "sum to 1"),
    (lambda: densities.Mixture([1.0], [stats.norm(), stats.norm()]), InvalidValue, "one probability for each"),
    (
        lambda: densities.entropy(densities.Mixture([0.5, 0.5], [stats.norm(), stats.poisson(1)])),
        InvalidType,
        "all of one kind",
    ),
    (
        lambda: densities.entropy(densities.Mixture([1.0], [stats.norm([0, 1])])),
        ShapeMismatch,
        "needed: no batch, one event shape",
    ),
]


@pytest.mark.parametrize(("call", "kind", "words"), REFUSED)
def test_what_is_refused_and_in_what_words(call, kind, words):
    with pytest.raises(kind, match=words) as caught:
        call()
    assert isinstance(caught.value, PlogpError)


def test_closed_entropy_is_none_where_there_is_none():
    assert closed_entropy(law("d", stats.poisson(2))) is None
