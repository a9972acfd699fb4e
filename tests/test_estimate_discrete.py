"""Estimators from counts: known answers, definitions in high precision, and what must not matter."""

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plogp import estimate
from plogp.errors import InvalidType, InvalidValue, UnknownName
from plogp.estimate import (
    NSB,
    ChaoShen,
    ChaoWangJost,
    Grassberger,
    IndependenceShrinkage,
    MillerMadow,
    PlugIn,
    Shrinkage,
    Zhang,
)
from plogp.estimate.base import DiscreteEstimator, fingerprint
from plogp.estimate.discrete import geometric_over_linear, unseen
from plogp.estimate.nsb import log_rising, moments, posterior

NINETEEN = [4, 12, 4, 5, 3, 1, 5, 1, 2, 2, 2, 2, 11, 3, 4, 12, 12, 1, 2]
TWENTY = [7, 3, 5, 8, 9, 1, 3, 3, 1, 0, 2, 5, 2, 11, 4, 23, 5, 0, 8, 0]
EVERY = [PlugIn(), MillerMadow(), Grassberger(), Zhang(), ChaoShen(), ChaoWangJost(), Shrinkage(), NSB()]
ADDITIVE = [PlugIn(), MillerMadow(), Zhang(), ChaoWangJost()]

counts_of = st.lists(st.integers(1, 30), min_size=2, max_size=12).filter(lambda c: max(c) > 1)
few = settings(max_examples=40, deadline=None, database=None)


# ---- known answers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("estimator", "counts", "value", "tolerance"),
    [
        (PlugIn(), NINETEEN, 2.635444264608, 1e-12),
        (MillerMadow(), NINETEEN, 2.737716991881, 1e-12),
        (ChaoShen(), NINETEEN, 2.761664047585, 1e-12),
        (Zhang(), NINETEEN, 2.744682985061, 1e-12),
        (ChaoWangJost(), NINETEEN, 2.752811271038, 1e-12),
        (NSB(n_outcomes=100), NINETEEN, 2.80609692, 5e-9),
        (NSB(), NINETEEN, 2.81307, 5e-6),
        (NSB(n_outcomes=20), TWENTY, 2.6236343448, 5e-11),
        (NSB(n_outcomes=2), [2, 1], 0.849666 * math.log(2), 5e-7),
        (ChaoWangJost(), [50, 30, 20, 5, 1, 1], 1.2877674429699573, 1e-12),
    ],
    ids=lambda case: str(case) if isinstance(case, DiscreteEstimator) else None,
)
def test_known_answers(estimator, counts, value, tolerance):
    assert estimator.entropy(counts) == pytest.approx(value, abs=tolerance)


def test_nsb_has_a_known_posterior():
    assert NSB(n_outcomes=100).posterior(fingerprint(NINETEEN))[1] == pytest.approx(0.119477, abs=5e-7)


def test_the_number_of_outcomes_may_come_with_the_counts():
    assert NSB().entropy(TWENTY, n_outcomes=20) == NSB(n_outcomes=20).entropy(TWENTY)
    assert Shrinkage().entropy(TWENTY, n_outcomes=20) == Shrinkage(n_outcomes=20).entropy(TWENTY)


# ---- definitions -----------------------------------------------------------------------------------------------------


def by_definition(name, counts, k=None):
    """Each estimator as its paper writes it, one cell at a time, in high precision."""
    n, digits = sum(counts), mpmath.digamma
    p = [mpmath.mpf(c) / n for c in counts]
    f1, f2 = counts.count(1), counts.count(2)
    plug_in = -sum(x * mpmath.log(x) for x in p)
    zhang = sum(x * (mpmath.harmonic(n - 1) - mpmath.harmonic(c - 1)) for x, c in zip(p, counts, strict=True))
    if name == "plug-in":
        return plug_in
    if name == "miller-madow":
        return plug_in + mpmath.mpf(len(counts) - 1) / (2 * n)
    if name == "grassberger":
        g = {c: digits(c) + (-1) ** c * (digits((c + 1) / 2) - digits(c / 2)) / 2 for c in map(mpmath.mpf, counts)}
        return mpmath.log(n) - sum(c * g[c] for c in map(mpmath.mpf, counts)) / n
    if name == "zhang":
        return zhang
    if name == "chao-shen":
        coverage = 1 - mpmath.mpf(f1 if f1 < n else n - 1) / n
        return -sum(coverage * x * mpmath.log(coverage * x) / (1 - (1 - coverage * x) ** n) for x in p)
    if name == "chao-wang-jost":
        if not f1 or (f2 == 0 and f1 == 1):
            return zhang
        a = mpmath.mpf(2 * f2) / ((n - 1) * f1 + 2 * f2) if f2 else mpmath.mpf(2) / ((n - 1) * (f1 - 1) + 2)
        rest = -mpmath.log(a) - sum((1 - a) ** r / r for r in range(1, n))
        return zhang + mpmath.mpf(f1) / n * (1 - a) ** (1 - n) * rest
    k = k or len(counts)
    spread = (n - 1) * (sum((mpmath.mpf(1) / k - x) ** 2 for x in p) + mpmath.mpf(k - len(p)) / k**2)
    weight = min((1 - sum(x**2 for x in p)) / spread, 1) if spread else 1
    q = [weight / mpmath.mpf(k) + (1 - weight) * x for x in p]
    q += [weight / mpmath.mpf(k)] * (k - len(p))
    return -sum(x * mpmath.log(x) for x in q if x > 0)


@pytest.mark.parametrize("estimator", [e for e in EVERY if e.name != "nsb"], ids=lambda e: e.name)
@few
@given(counts=counts_of)
def test_estimators_are_what_their_papers_say(estimator, counts):
    with mpmath.workdps(40):
        wanted = float(by_definition(estimator.name, counts))
    assert estimator.entropy(counts) == pytest.approx(wanted, abs=1e-12)


def test_shrinkage_with_more_outcomes_than_were_seen():
    with mpmath.workdps(40):
        assert Shrinkage(n_outcomes=25).entropy(NINETEEN) == pytest.approx(
            float(by_definition("shrinkage", NINETEEN, 25)), abs=1e-12
        )


@pytest.mark.parametrize(("counts", "k"), [([2, 1], 2), ([3, 1, 1], 3), ([40, 30, 30], 3)])
def test_nsb_is_its_integral(counts, k):
    """Mean and deviation by quadrature in β of the definitions, the moments of a Dirichlet from its raw moments."""
    n = sum(counts)
    cells = counts + [0] * (k - len(counts))

    def weight(b):
        prior = k * mpmath.psi(1, k * b + 1) - mpmath.psi(1, b + 1)
        return prior * mpmath.rf(k * b, n) ** -1 * mpmath.fprod(mpmath.rf(b, c) for c in counts)

    def mean(b):
        a = n + k * b
        return mpmath.psi(0, a + 1) - sum((c + b) * mpmath.psi(0, c + b + 1) for c in cells) / a

    def square(b):
        """E[(Σ p ln p)²] with p ~ Dirichlet(c + b), from derivatives of E[pᵢˢ pⱼᵗ] in s and t at 1."""
        a = n + k * b
        total = mpmath.mpf(0)
        for i, x in enumerate(c + b for c in cells):
            up = mpmath.psi(0, x + 2) - mpmath.psi(0, a + 2)
            total += x * (x + 1) * (up**2 + mpmath.psi(1, x + 2) - mpmath.psi(1, a + 2))
            for j, y in enumerate(c + b for c in cells):
                if i != j:
                    one, two = (mpmath.psi(0, z + 1) - mpmath.psi(0, a + 2) for z in (x, y))
                    total += x * y * (one * two - mpmath.psi(1, a + 2))
        return total / (a * (a + 1))

    points = [0, 1e-4, 1e-2, 0.1, 0.5, 1, 2, 5, 10, 100, 1e3, 1e5, mpmath.inf]
    with mpmath.workdps(20):
        norm, first, second = (
            mpmath.quad(lambda b, f=f: weight(b) * f(b), points) for f in (lambda b: 1, mean, square)
        )
        value, deviation = first / norm, mpmath.sqrt(second / norm - (first / norm) ** 2)
    found = posterior(fingerprint(counts), k)
    assert found == pytest.approx((float(value), float(deviation)), rel=2e-6)


def test_moments_given_the_concentration_agree_with_draws():
    rng = np.random.default_rng(0)
    counts, k, b = [5, 3, 1, 1], 6, 0.7
    p = rng.dirichlet(np.array([*counts, 0, 0]) + b, size=200_000)
    h = -np.sum(p * np.log(p), axis=1)
    mean, square = moments(np.array([b]), fingerprint(counts), k)
    assert float(mean[0]) == pytest.approx(h.mean(), abs=5 * h.std() / 400)
    assert float(square[0] - mean[0] ** 2) == pytest.approx(h.var(), rel=0.02)


@pytest.mark.parametrize("k", [10, 1000, 10**6, 10**10])
def test_nsb_stays_finite_for_many_observations_and_outcomes(k):
    rng = np.random.default_rng(1)
    for n in (1_000, 1_000_000):
        value, deviation = posterior(fingerprint(rng.multinomial(n, np.ones(10) / 10)), k)
        assert math.log(10) - 0.02 < value < math.log(10) + 0.02
        assert 0 < deviation < 0.05


@pytest.mark.parametrize("x", [1e-12, 1e-3, 0.5, 19.9, 20.1, 1e4, 1e8, 1e15])
@pytest.mark.parametrize("n", [1, 3, 88, 10_000])
def test_log_rising_factorial(x, n):
    with mpmath.workdps(50):
        wanted = float(mpmath.log(mpmath.rf(mpmath.mpf(x), n)))
    assert float(log_rising(np.array(x), n)) == pytest.approx(wanted, rel=1e-13, abs=1e-13)


@pytest.mark.parametrize("n", [2, 3, 10, 63, 64, 65, 1000, 10**7])
@pytest.mark.parametrize("a", [1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 0.01, 0.1, 0.3, 0.5, 0.63, 0.64, 0.9, 1 - 1e-9])
def test_the_tail_of_chao_wang_jost(n, a):
    """Σ qᵐ/(n − 1 + m) = ∫ q e^(−nt)/(1 − q e^(−t)) dt."""
    with mpmath.workdps(25):
        q, cuts = 1 - mpmath.mpf(a), [0, *(mpmath.mpf(10) ** k for k in range(-14, 2)), mpmath.inf]
        wanted = float(mpmath.quad(lambda t: q * mpmath.exp(-n * t) / (1 - q * mpmath.exp(-t)), cuts))
    assert float(geometric_over_linear(np.log1p(-np.array(a)), n)) == pytest.approx(wanted, rel=1e-12)


def test_without_singletons_nothing_is_unseen():
    assert np.array_equal(unseen(10, np.array([0, 1, 0]), np.array([0, 0, 4])), [0, 0, 0])


# ---- one observation less --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", ADDITIVE, ids=lambda e: e.name)
@few
@given(counts=counts_of)
def test_leave_one_out_is_the_estimate_without_one(estimator, counts):
    found = fingerprint(counts)
    loo = estimator.leave_one_out(found)[found.inverse]
    for cell, value in enumerate(loo):
        less = [c - (i == cell) for i, c in enumerate(counts)]
        assert value == pytest.approx(estimator.entropy(less), abs=1e-12)


@pytest.mark.parametrize("estimator", [ChaoShen(), Shrinkage(n_outcomes=40), NSB(n_outcomes=40)], ids=lambda e: e.name)
def test_the_generic_leave_one_out(estimator):
    found = fingerprint(NINETEEN)
    loo = estimator.leave_one_out(found)[found.inverse]
    for cell in (0, 1, 5, 8):
        less = [c - (i == cell) for i, c in enumerate(NINETEEN)]
        assert loo[cell] == pytest.approx(estimator.entropy(less), abs=1e-12)


# ---- what must not matter --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", EVERY, ids=lambda e: e.name)
def test_the_order_of_cells_and_empty_cells_do_not_matter(estimator):
    shuffled = np.random.default_rng(0).permutation([*NINETEEN, 0, 0])
    assert estimator.entropy(shuffled) == estimator.entropy(NINETEEN)


@pytest.mark.parametrize("estimator", EVERY, ids=lambda e: e.name)
def test_one_outcome_has_no_entropy(estimator):
    if estimator.name != "nsb":
        assert estimator.entropy([7]) == 0
    assert estimator.entropy([7], n_outcomes=1) == 0


@pytest.mark.parametrize("estimator", [e for e in EVERY if e.name != "shrinkage"], ids=lambda e: e.name)
def test_all_are_near_the_truth_when_much_is_seen(estimator):
    counts = np.random.default_rng(2).multinomial(1_000_000, [0.5, 0.25, 0.125, 0.125])
    assert estimator.entropy(counts) == pytest.approx(1.75 * math.log(2), abs=0.005)


def test_nsb_without_a_coincidence_asks_for_the_number_of_outcomes():
    with pytest.raises(InvalidValue, match=r"no outcome was seen twice in 3 observations.*hint: give n_outcomes="):
        NSB().entropy([1, 1, 1])
    assert 0 < NSB(n_outcomes=5).entropy([1, 1, 1]) < math.log(5)


@pytest.mark.parametrize("estimator", [NSB(n_outcomes=2), Shrinkage(n_outcomes=2)], ids=lambda e: e.name)
def test_fewer_possible_outcomes_than_seen(estimator):
    with pytest.raises(InvalidValue, match="n_outcomes=2 but 3 different outcomes were seen"):
        estimator.entropy([3, 2, 1])


@pytest.mark.parametrize(
    ("counts", "error", "words"),
    [
        ([], (InvalidType, InvalidValue), "counts"),
        ([0, 0], InvalidValue, "no observation"),
        ([1, -1], InvalidValue, "counts hold -1"),
        ([0.5, 0.5], InvalidType, "dtype float64"),
        ([[1, 2]], InvalidType, r"shape \(1, 2\)"),
    ],
)
def test_bad_counts(counts, error, words):
    with pytest.raises(error, match=words):
        PlugIn().entropy(counts)


# ---- names -----------------------------------------------------------------------------------------------------------


def test_every_name_is_its_class_in_kebab_case():
    for name, kind in estimate.NAMES.items():
        kebab = "".join(f"-{a}" if a.isupper() and i else a for i, a in enumerate(kind.__name__)).lower()
        assert name == (kebab if kind is not NSB else "nsb") == estimate.estimator(name).name
        assert estimate.estimator(kind()) == kind()


@pytest.mark.parametrize(
    ("choice", "error", "words"),
    [
        ("Plug-In", UnknownName, "did you mean `plug-in`"),
        ("ChaoWangJost", UnknownName, "did you mean `chao-wang-jost`"),
        ("chao_shen", UnknownName, "did you mean `chao-shen`"),
        ("nbs", UnknownName, "`nsb`"),
        (None, InvalidType, "estimator=None"),
        (PlugIn, InvalidType, r"hint: make one: PlugIn\(\)"),
    ],
)
def test_other_spellings_are_refused_with_the_nearest(choice, error, words):
    with pytest.raises(error, match=words):
        estimate.estimator(choice)


def test_shrinkage_says_so_of_what_is_not_information():
    assert IndependenceShrinkage().entropy(NINETEEN) == ChaoWangJost().entropy(NINETEEN)
