"""Exact measures: their values against 50 digits, their laws, their limits, on every framework and every path."""

import re
import tracemalloc
from math import inf, log, nan

import exact
import numpy as np
import pytest
from backends import FRAMEWORKS, backend
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plogp import _kernels, pmf
from plogp.errors import NotADistribution, UnknownName
from plogp.frameworks import blocks

LN2 = log(2)
EPS = {"float32": 2.0**-23, "float64": 2.0**-52}

# ---- 50 digits ------------------------------------------------------------------------------------------------------


def normalized(x):
    return np.asarray(x) / np.sum(x)


def random(seed, k, sharpness=1.0):
    return np.random.default_rng(seed).dirichlet(np.full(k, sharpness))


DISTRIBUTIONS = {
    "three outcomes": (normalized([1, 2, 4]), normalized([3, 1, 1])),
    "random": (random(1, 100), random(2, 100)),
    "spiky": (random(3, 1000, 0.05) + 0.0, random(4, 1000)),
    "uniform": (np.full(7, 1 / 7), random(5, 7)),
    "near uniform": (normalized(1 + 1e-4 * random(6, 50)), normalized(1 + 1e-4 * random(7, 50))),
    "almost uniform": (normalized(1 + 1e-9 * random(6, 50)), normalized(1 + 1e-9 * random(7, 50))),
    "almost certain": (np.array([1 - 3e-16, 2e-16, 1e-16]), np.array([1 - 1e-12, 0.5e-12, 0.5e-12])),
    "certain": (np.array([0.0, 1.0, 0.0]), np.array([0.25, 0.5, 0.25])),
    "tiny masses": (np.array([0.5, 0.5, 1e-300, 1e-200]), np.array([1e-250, 0.5, 1e-30, 0.5])),
}
SUBNORMAL = {
    "float64": (np.array([0.5, 0.5, 5e-324, 1e-310]), np.array([5e-324, 0.5, 0.5, 1e-312])),
    "float32": (np.array([0.5, 0.5, 1e-45, 1e-40]), np.array([1e-45, 0.5, 0.5, 1e-42])),
}


def error_in_ulp(value, truth, dtype):
    """How many units in the last place of what was added up the value is off; where that is 0, it must be too."""
    true, absolute = truth
    off = abs(exact.mpf(float(value)) - true)
    return float(off / (absolute * EPS[dtype])) if absolute else (inf if off else 0.0)


MEASURES = {
    "entropy": (lambda p, q: pmf.entropy(p, unit="nats"), lambda p, q: exact.entropy(p)),
    "cross_entropy": (lambda p, q: pmf.cross_entropy(p, q, unit="nats"), exact.cross_entropy),
    "kl_divergence": (lambda p, q: pmf.kl_divergence(p, q, unit="nats"), exact.kl_divergence),
    "jensen_shannon_divergence": (
        lambda p, q: pmf.jensen_shannon_divergence(p, q, unit="nats"),
        exact.jensen_shannon_divergence,
    ),
    "renyi_entropy": (lambda p, q: pmf.renyi_entropy(p, 2, unit="nats"), lambda p, q: exact.renyi_entropy(p, 2)),
    "tsallis_entropy": (lambda p, q: pmf.tsallis_entropy(p, 1.5), lambda p, q: exact.tsallis_entropy(p, 1.5)),
}


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("dtype", EPS)
@pytest.mark.parametrize("which", DISTRIBUTIONS)
def test_values_are_right_to_8_ulp_on_every_framework(xp, which, dtype, measure):
    ours, truth = MEASURES[measure]
    p, q = (x.astype(dtype) for x in DISTRIBUTIONS[which])
    if dtype == "float32" and which == "tiny masses":
        p, q = np.array([0.5, 0.5, 1e-36, 1e-30], dtype), np.array([1e-33, 0.5, 1e-6, 0.5], dtype)
    value = ours(xp.asarray(p, dtype), xp.asarray(q, dtype))
    assert error_in_ulp(value, truth(p, q), dtype) <= 8


def million(dtype):
    """A million outcomes of 200 kinds, so that 200 terms in 50 digits tell the truth: p, q, and one of each kind."""
    kinds = np.random.default_rng(8).gamma(0.5, size=(2, 200)).astype(dtype)
    kinds = (kinds / (5000 * kinds.sum(axis=1, keepdims=True, dtype=float))).astype(dtype)
    p, q = np.repeat(kinds, 5000, axis=1)[:, np.random.default_rng(9).permutation(1_000_000)]
    return p, q, kinds


def truth_of_million(measure, kinds):
    true, absolute = MEASURES[measure][1](*kinds)
    return 5000 * true, 5000 * absolute


@pytest.mark.parametrize("measure", ["entropy", "cross_entropy", "kl_divergence", "jensen_shannon_divergence"])
@pytest.mark.parametrize("dtype", EPS)
def test_a_million_outcomes_are_right_to_8_ulp_on_every_framework(xp, dtype, measure):
    """JAX adds up in float64 only if that is switched on, as it is in these tests."""
    p, q, kinds = million(dtype)
    value = MEASURES[measure][0](xp.asarray(p, dtype), xp.asarray(q, dtype))
    assert error_in_ulp(value, truth_of_million(measure, kinds), dtype) <= 8


@pytest.mark.parametrize("measure", ["entropy", "cross_entropy", "kl_divergence", "jensen_shannon_divergence"])
@pytest.mark.parametrize("dtype", SUBNORMAL)
@pytest.mark.parametrize("name", [name for name, made in FRAMEWORKS.items() if made.subnormals])
def test_subnormal_masses_neither_overflow_nor_vanish(name, dtype, measure):
    """JAX and TensorFlow take such numbers for zero."""
    xp = backend(name)
    ours, truth = MEASURES[measure]
    p, q = (x.astype(dtype) for x in SUBNORMAL[dtype])
    for a, b in ((p, q), (q, p)):
        assert error_in_ulp(ours(xp.asarray(a, dtype), xp.asarray(b, dtype)), truth(a, b), dtype) <= 8


@pytest.mark.parametrize("bits", [1e-2, 1e-5, 1e-8])
@pytest.mark.parametrize("dtype", EPS)
def test_small_mutual_information_is_not_lost(xp, dtype, bits):
    joint = almost_independent(bits)
    value = pmf.mutual_information(xp.asarray(joint, dtype))
    assert float(value) == pytest.approx(bits, rel=0.01 if dtype == "float32" else 1e-6)


def test_small_mutual_information_is_not_lost_without_float64():
    """JAX has no float64 unless it is switched on."""
    jax = backend("jax").jax
    with jax.enable_x64(False):
        joint = jax.numpy.asarray(almost_independent(1e-8), "float32")
        value = pmf.mutual_information(joint)
        assert value.dtype == "float32"
        assert float(value) == pytest.approx(1e-8, rel=0.01)


SMALL_DIVERGENCES = {
    "kl_divergence": (pmf.kl_divergence, exact.kl_divergence),
    "jensen_shannon_divergence": (pmf.jensen_shannon_divergence, exact.jensen_shannon_divergence),
}


@pytest.mark.parametrize("measure", SMALL_DIVERGENCES)
@pytest.mark.parametrize("dtype", EPS)
def test_small_divergences_are_not_lost(xp, dtype, measure):
    """1e-8 bits, of the numbers as they came and, once their sums are made 1, of what they stand for."""
    ours, truth = SMALL_DIVERGENCES[measure]
    p = random(1, 20)
    q = normalized(p * (1 + 2e-4 * np.random.default_rng(2).normal(size=20)))
    a, b = p.astype(dtype), q.astype(dtype)
    assert 1e-9 < truth(p, q)[0] / LN2 < 1e-7
    value = float(ours(xp.asarray(a, dtype), xp.asarray(b, dtype)))
    assert value == pytest.approx(float(truth(a, b)[0] / LN2), rel=1e-6)
    normal = float(ours(xp.asarray(a, dtype), xp.asarray(b, dtype), normalize=True))
    assert normal == pytest.approx(float(truth(p, q)[0] / LN2), rel=0.01 if dtype == "float32" else 1e-6)


def test_small_divergences_of_logits_are_not_lost(xp):
    p, change = random(1, 20), 2e-4 * np.random.default_rng(2).normal(size=20)
    z = np.log(p).astype("float32"), (np.log(p) + change).astype("float32")
    value = float(pmf.kl_divergence(p_logits=xp.asarray(z[0], "float32"), q_logits=xp.asarray(z[1], "float32")))
    assert value == pytest.approx(float(exact.kl_divergence(*(softmax(x.astype(float)) for x in z))[0] / LN2), rel=1e-5)


def test_no_divergence_of_large_arrays_is_lost(path):
    """Rows that are near uniform among rows that aren't, and zeros among them."""
    p, q = (np.stack([d, random(3 + i, 50)] * 40) for i, d in enumerate(DISTRIBUTIONS["almost uniform"]))
    p[:, 7] = q[:, 7] = 0.0
    values = pmf.kl_divergence(p, q, unit="nats", check=False)
    for i in (0, 1, 78, 79):
        assert error_in_ulp(values[i], exact.kl_divergence(p[i], q[i]), "float64") <= 8


def almost_independent(bits):
    """A joint distribution of 3 × 4 outcomes with that mutual information, by bisection in 50 digits."""
    p_x, p_y, shift = random(1, 3, 5.0), random(2, 4, 5.0), np.random.default_rng(3).normal(size=(3, 4))
    shift -= shift @ p_y[:, None] + p_x @ shift - p_x @ shift @ p_y

    def joint(size):
        return np.outer(p_x, p_y) * (1 + size * shift)

    low, high = 0.0, 0.3
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if exact.mutual_information(joint(middle))[0] / LN2 < bits else (low, middle)
    return joint(high)


@pytest.mark.parametrize("seed", range(3))
def test_mutual_information_is_right_to_8_ulp(xp, seed):
    joint = random(seed, 20, 0.3).reshape(4, 5)
    value = pmf.mutual_information(xp.asarray(joint), unit="nats")
    assert error_in_ulp(value, exact.mutual_information(joint), "float64") <= 8


# ---- NumPy's paths: plain, in blocks, compiled ----------------------------------------------------------------------


@pytest.fixture(params=["compiled", "blocks"])
def path(request, monkeypatch):
    """Both ways in which large arrays are summed; small ones take them too here."""
    monkeypatch.setattr(blocks, "BLOCK", 64)
    monkeypatch.setattr(blocks, "COMPILED_BLOCK", 256)
    monkeypatch.setattr(blocks, "WORTH_COMPILING", 65)
    monkeypatch.setattr(blocks, "LONGEST_ROW", 32)
    monkeypatch.setattr(_kernels, "COMPILED", request.param == "compiled")
    return request.param


LAYOUTS = {
    "one row": ((1000,), -1),
    "rows": ((200, 7), -1),
    "columns": ((7, 200), 0),
    "long rows": ((5, 100), 1),
    "middle axis": ((4, 9, 6), 1),
    "two axes": ((6, 4, 5), (0, 2)),
    "all axes": ((6, 4, 5), None),
    "rows of one piece": ((20, 32), -1),
    "rows of whole pieces": ((20, 96), -1),
    "one outcome": ((100, 1), -1),
}


def batch(shape, axis, dtype="float64", seed=0):
    x = np.random.default_rng(seed).gamma(0.3, size=shape)
    x[np.random.default_rng(seed + 1).random(shape) < 0.2] = 0.0
    x += 1e-3 * (x.sum(axis=axis, keepdims=True) == 0)
    return (x / x.sum(axis=axis, keepdims=True)).astype(dtype)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", EPS)
def test_blocks_and_compiled_loops_give_what_the_formula_gives(path, layout, dtype):
    shape, axis = LAYOUTS[layout]
    p = batch(shape, axis, dtype)
    q = (batch(shape, axis, seed=2) + 0.1) / (batch(shape, axis, seed=2) + 0.1).sum(axis=axis, keepdims=True)
    q = q.astype(dtype)
    wide_p, wide_q = p.astype(float), q.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        h = -np.where(wide_p > 0, wide_p * np.log(wide_p), 0.0).sum(axis=axis)
        d = np.where(wide_p > 0, wide_p * np.log(wide_p / wide_q), 0.0).sum(axis=axis)
    tolerance = 4 * EPS[dtype]
    np.testing.assert_allclose(pmf.entropy(p, axis, unit="nats"), h, rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(pmf.kl_divergence(p, q, axis, unit="nats"), d, rtol=tolerance, atol=tolerance)
    assert pmf.entropy(p, axis).dtype == pmf.kl_divergence(p, q, axis).dtype == dtype


@pytest.mark.parametrize("p", [*(p for p, _ in DISTRIBUTIONS.values()), SUBNORMAL["float64"][0]], ids=len)
def test_blocks_and_compiled_loops_are_right_to_4_ulp(path, p):
    rows = np.stack([p] * 70)
    for h in pmf.entropy(rows, unit="nats")[[0, 35, 69]]:
        assert error_in_ulp(h, exact.entropy(p), "float64") <= 4


def test_the_least_that_can_be_uncertain(path):
    """An entropy that is a subnormal number, to the last place."""
    p = np.array([[1.0, 5e-324]] * 70)
    assert (pmf.entropy(p, unit="nats") == float(exact.entropy(p[0])[0])).all()


@pytest.mark.parametrize(
    ("where", "value", "words"),
    [
        (3, -1e-3, "is negative"),
        (70, nan, "not a finite number"),
        (99, inf, "not a finite number"),
        (5, 0.5, "sums to"),
    ],
)
def test_blocks_and_compiled_loops_refuse_what_is_no_distribution(path, where, value, words):
    p = np.full((2, 100), 0.01)
    p[1, where] = value
    for measure in (pmf.entropy, lambda p: pmf.kl_divergence(p, np.full(100, 0.01))):
        with pytest.raises(NotADistribution, match=re.escape(words)):
            measure(p)
    with pytest.raises(NotADistribution, match="`q`"):
        pmf.kl_divergence(np.full((2, 100), 0.01), p)


def test_negative_counts_are_refused_though_they_normalize(path):
    with pytest.raises(NotADistribution, match=r"`p` has -1 at index \(0,\), which is negative"):
        pmf.entropy(np.full(100, -1.0), normalize=True)


def test_a_negative_entry_that_the_sum_hides_is_refused(path):
    p = np.full((2, 100), 0.01)
    p[0, :2] = -0.01, 0.03
    for arrays_ in ((p, np.full((2, 100), 0.01)), (np.full((2, 100), 0.01), p), (p, p)):
        with pytest.raises(NotADistribution, match=r"-0\.01 at index \(0, 0\), which is negative"):
            pmf.kl_divergence(*arrays_)
    with pytest.raises(NotADistribution, match=r"-0\.01 at index \(0, 0\), which is negative"):
        pmf.entropy(p)


def test_unchecked_blocks_and_compiled_loops_evaluate_the_bare_formula(path):
    counts = np.arange(100.0)
    assert pmf.entropy(counts, check=False, unit="nats") == pytest.approx(
        -np.sum(counts[1:] * np.log(counts[1:])), rel=1e-14
    )
    signs = np.where(np.arange(100) % 2, 1.0, -1.0)
    p, q = signs * (1 + counts), signs * (101 - counts)
    assert pmf.kl_divergence(p, q, check=False, unit="nats") == pytest.approx(np.sum(p * np.log(p / q)), rel=1e-13)
    assert np.isnan(pmf.entropy(p, check=False))
    assert np.isnan(pmf.kl_divergence(p, -q, check=False))
    assert pmf.entropy(np.array([inf] + 99 * [0.0]), check=False) == -inf
    for where in (0, 99):
        q[where] = nan
        assert np.isnan(pmf.kl_divergence(p, q, check=False))


def test_compiled_and_block_sums_of_large_arrays_agree():
    """The real sizes at which they take over."""
    p = random(0, (1 << 20) + 12345)
    q = random(1, (1 << 20) + 12345)
    compiled = pmf.entropy(p), pmf.kl_divergence(p, q)
    try:
        _kernels.COMPILED = False
        blocks = pmf.entropy(p), pmf.kl_divergence(p, q)
    finally:
        _kernels.COMPILED = True
    assert compiled == pytest.approx(blocks, rel=1e-15)


# ---- laws -----------------------------------------------------------------------------------------------------------

FEW = settings(max_examples=60, deadline=None)


def weights(*shape):
    """Distributions, with some masses zero and some tiny; but products of three are still normal numbers."""
    mass = st.one_of(st.floats(1e-9, 1), st.just(0.0), st.floats(1e-90, 1e-3))
    return arrays(float, shape, elements=mass).filter(lambda x: x.sum() > 1e-3).map(normalized)


pairs = st.integers(1, 8).flatmap(lambda k: st.tuples(weights(k), weights(k)))
tables = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(lambda shape: weights(*shape))
cubes = weights(3, 2, 4)
ONE = {"rel": 1e-12, "abs": 1e-12}


@FEW
@given(pairs, st.randoms())
def test_relabelling_changes_nothing(pair, random):
    order = list(range(len(pair[0])))
    random.shuffle(order)
    p, q = pair
    for measure in (pmf.kl_divergence, pmf.jensen_shannon_divergence, lambda p, q: pmf.renyi_divergence(p, q, 0.5)):
        assert measure(p[order], q[order]) == pytest.approx(measure(p, q), **ONE)
    for measure in (pmf.entropy, lambda p: pmf.renyi_entropy(p, 3), lambda p: pmf.tsallis_entropy(p, 0.3)):
        assert measure(p[order]) == pytest.approx(measure(p), **ONE)


@FEW
@given(pairs)
def test_impossible_outcomes_change_nothing(pair):
    p, q = pair
    more_p, more_q = np.append(p, 0.0), np.append(q, 0.0)
    for order in (0, 0.5, 1, 1.001, 2, inf):
        assert pmf.renyi_entropy(more_p, order) == pytest.approx(pmf.renyi_entropy(p, order), **ONE)
        assert pmf.tsallis_entropy(more_p, order) == pytest.approx(pmf.tsallis_entropy(p, order), **ONE)
        assert pmf.renyi_divergence(more_p, more_q, order) == pytest.approx(pmf.renyi_divergence(p, q, order), **ONE)
    for measure in (pmf.kl_divergence, pmf.cross_entropy, pmf.jensen_shannon_divergence):
        assert measure(more_p, more_q) == pytest.approx(measure(p, q), **ONE)


@FEW
@given(pairs, pairs)
def test_independent_parts_add_up(first, second):
    (p, q), (r, s) = first, second
    together_p, together_q = np.outer(p, r), np.outer(q, s)
    assert pmf.joint_entropy(together_p) == pytest.approx(pmf.entropy(p) + pmf.entropy(r), **ONE)
    assert pmf.kl_divergence(together_p, together_q, axis=(0, 1), check=False) == pytest.approx(
        pmf.kl_divergence(p, q) + pmf.kl_divergence(r, s), **ONE
    )
    assert pmf.mutual_information(together_p) == pytest.approx(0, abs=1e-12)
    for order in (0.5, 2, 5):
        assert pmf.renyi_entropy(together_p, order, axis=(0, 1)) == pytest.approx(
            pmf.renyi_entropy(p, order) + pmf.renyi_entropy(r, order), **ONE
        )


@FEW
@given(pairs)
def test_gibbs(pair):
    """Entropy is the least cross-entropy, and no divergence is negative."""
    p, q = pair
    assert pmf.cross_entropy(p, q) >= pmf.entropy(p) - 1e-12
    assert pmf.kl_divergence(p, q) >= -1e-15
    assert pmf.kl_divergence(p, p) == 0
    assert pmf.cross_entropy(p, q) == pytest.approx(pmf.entropy(p) + pmf.kl_divergence(p, q), **ONE)


@FEW
@given(weights(6))
def test_entropies_lie_between_0_and_log_k(p):
    previous = inf
    for order in (0, 0.3, 0.999, 1, 1.001, 2, 7, inf):
        h = float(pmf.renyi_entropy(p, order))
        assert -1e-12 <= h <= np.log2(6) + 1e-12
        assert h <= previous + 1e-12  # Rényi's entropies don't rise with the order
        previous = h
    assert pmf.renyi_entropy(p, 1) == pmf.entropy(p)
    assert pmf.perplexity(p) == pytest.approx(2 ** pmf.entropy(p), **ONE)


@FEW
@given(tables)
def test_chain_rule_and_the_forms_of_mutual_information(p):
    x, y, h = p.sum(1), p.sum(0), pmf.joint_entropy(p)
    given_x, given_y = pmf.conditional_entropy(p), pmf.conditional_entropy(p, given=1)
    i = pmf.mutual_information(p)
    assert pmf.entropy(x) + given_x == pytest.approx(h, **ONE)
    assert pmf.entropy(y) + given_y == pytest.approx(h, **ONE)
    assert i == pytest.approx(pmf.entropy(x) + pmf.entropy(y) - h, **ONE)
    assert i == pytest.approx(pmf.entropy(x) - given_y, **ONE)
    assert i == pytest.approx(pmf.entropy(y) - given_x, **ONE)
    assert i == pytest.approx(h - given_x - given_y, **ONE)
    assert i == pytest.approx(pmf.kl_divergence(p.ravel(), np.outer(x, y).ravel(), check=False), **ONE)
    assert -1e-15 <= i <= min(pmf.entropy(x), pmf.entropy(y)) + 1e-12
    assert i == pytest.approx(pmf.mutual_information(p.T), **ONE)
    assert i == pytest.approx(pmf.mutual_information(p, check=False), **ONE)


@FEW
@given(tables)
def test_pointwise_values_average_to_mutual_information(p):
    pointwise = pmf.pointwise_mutual_information(p)
    assert np.sum(p[p > 0] * pointwise[p > 0]) == pytest.approx(pmf.mutual_information(p), **ONE)
    normalised = pmf.pointwise_mutual_information(p, normalized=True)
    finite = ~np.isnan(normalised)
    assert np.array_equal(finite, np.outer(p.sum(1) > 0, p.sum(0) > 0))
    assert (np.abs(normalised[finite]) <= 1 + 1e-12).all()


@FEW
@given(cubes)
def test_conditional_mutual_information_is_a_sum_of_entropies(p):
    i = pmf.conditional_mutual_information(p)
    h = {axes: pmf.joint_entropy(p.sum(axes)) for axes in (0, 1, (0, 1))}
    assert i == pytest.approx(h[1] + h[0] - pmf.joint_entropy(p) - h[0, 1], **ONE)
    assert i == pytest.approx(pmf.conditional_entropy(p.sum(1)[:, None], given=2, axis=(0, 1, 2))
                              - pmf.conditional_entropy(p, given=(1, 2), axis=(0, 1, 2)), **ONE)  # fmt: skip
    assert pmf.conditional_mutual_information(np.moveaxis(p, 2, 0), given=0) == pytest.approx(i, **ONE)


@FEW
@given(weights(4, 5), weights(5, 3))
def test_processing_adds_no_information(joint, channel):
    rows = channel.sum(1, keepdims=True)
    channel = np.where(rows > 0, channel / np.where(rows > 0, rows, 1), 1 / 3)
    assert pmf.mutual_information(joint @ channel) <= pmf.mutual_information(joint) + 1e-12


@FEW
@given(pairs)
def test_jensen_shannon_is_bounded_symmetric_and_a_metric_squared(pair):
    p, q = pair
    js = pmf.jensen_shannon_divergence(p, q)
    assert -1e-16 <= js <= 1 + 1e-12
    assert js == pytest.approx(pmf.jensen_shannon_divergence(q, p), **ONE)
    assert pmf.jensen_shannon_distance(p, q) == pytest.approx(np.sqrt(max(js, 0)), **ONE)
    mixture = (p + q) / 2
    assert js == pytest.approx(pmf.entropy(mixture) - (pmf.entropy(p) + pmf.entropy(q)) / 2, **ONE)
    third = np.roll(p, 1)
    d = pmf.jensen_shannon_distance
    assert d(p, q) <= d(p, third) + d(third, q) + 1e-7


@FEW
@given(weights(5), st.floats(0.01, 0.99))
def test_jensen_shannon_with_weights(p, w):
    q = np.roll(p, 2)
    m = w * p + (1 - w) * q
    expected = w * pmf.kl_divergence(p, m) + (1 - w) * pmf.kl_divergence(q, m)
    assert pmf.jensen_shannon_divergence(p, q, weights=(w, 1 - w)) == pytest.approx(expected, **ONE)


@FEW
@given(weights(5), st.floats(0, 4))
def test_families_are_continuous_at_order_1_and_match_their_definition(p, order):
    if abs(order - 1) > 1e-6:  # nearer, the definition magnifies the rounding of Σ p = 1, which is taken for 1 here
        truth = float(exact.tsallis_entropy(p, order)[0])
        assert pmf.tsallis_entropy(p, order) == pytest.approx(truth, rel=1e-9, abs=1e-9)
        assert pmf.renyi_entropy(p, order, unit="nats") == pytest.approx(
            float(exact.renyi_entropy(p, order)[0]), rel=1e-9, abs=1e-9
        )
    h = pmf.entropy(p, unit="nats")
    for near in (1 - 1e-9, 1 + 1e-9):
        assert pmf.renyi_entropy(p, near, unit="nats") == pytest.approx(h, rel=1e-5, abs=1e-9)
        assert pmf.tsallis_entropy(p, near) == pytest.approx(h, rel=1e-5, abs=1e-9)


@FEW
@given(pairs)
def test_renyi_divergences_rise_with_the_order(pair):
    p, q = pair
    previous = -1e-12
    for order in (0, 0.3, 0.999, 1, 1.001, 2, inf):
        d = float(pmf.renyi_divergence(p, q, order))
        assert d >= previous - 1e-12
        previous = d
    assert pmf.renyi_divergence(p, q, 1) == pmf.kl_divergence(p, q)
    both = (p > 0) & (q > 0)
    if both.any():
        half = -2 * np.log2(np.sum(np.sqrt(p[both] * q[both])))
        assert pmf.renyi_divergence(p, q, 0.5) == pytest.approx(half, **ONE)


# ---- known values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "bits"),
    [
        (lambda a: pmf.entropy(a([0.25, 0.25, 0.25, 0.25])), 2.0),
        (lambda a: pmf.self_information(a([1 / 64, 1.0])), [6.0, 0.0]),
        (lambda a: pmf.self_information(a([0.5, 0.0])), [1.0, inf]),
        (lambda a: pmf.kl_divergence(a([0.5, 0.5]), a([1.0, 0.0])), inf),
        (lambda a: pmf.kl_divergence(a([1.0, 0.0]), a([0.5, 0.5])), 1.0),
        (lambda a: pmf.cross_entropy(a([0.5, 0.5]), a([1.0, 0.0])), inf),
        (lambda a: pmf.cross_entropy(a([1.0, 0.0]), a([1.0, 0.0])), 0.0),
        (lambda a: pmf.mutual_information(a([[0.5, 0.0], [0.0, 0.5]])), 1.0),
        (lambda a: pmf.mutual_information(a([[0.25, 0.25], [0.25, 0.25]])), 0.0),
        (lambda a: pmf.conditional_entropy(a([[0.25, 0.25], [0.5, 0.0]])), 0.5),
        (lambda a: pmf.conditional_entropy(a([[0.25, 0.25], [0.5, 0.0]]), given=1), 0.6887218755408672),
        (lambda a: pmf.conditional_entropy(a([[0.25, 0.25], [0.5, 0.0]]), given=-1), 0.6887218755408672),
        (lambda a: pmf.jensen_shannon_divergence(a([1.0, 0.0]), a([0.0, 1.0])), 1.0),
        (lambda a: pmf.jensen_shannon_divergence(a([1.0, 0.0]), a([0.0, 1.0]), weights=(1, 0)), 0.0),
        (lambda a: pmf.jensen_shannon_distance(a([0.3, 0.7]), a([0.3, 0.7])), 0.0),
        (lambda a: pmf.perplexity(a([0.125] * 8)), 8.0),
        (lambda a: pmf.renyi_entropy(a([0.5, 0.5, 0.0]), 0), 1.0),
        (lambda a: pmf.renyi_entropy(a([0.5, 0.25, 0.25]), inf), 1.0),
        (lambda a: pmf.renyi_entropy(a([0.5, 0.5]), 1000), 1.0),
        (lambda a: pmf.tsallis_entropy(a([0.25] * 4), 2), 0.75),
        (lambda a: pmf.tsallis_entropy(a([0.25, 0.75, 0.0]), 0), 1.0),
        (lambda a: pmf.tsallis_entropy(a([0.25, 0.75]), inf), 0.0),
        (lambda a: pmf.renyi_divergence(a([0.5, 0.5, 0.0]), a([0.25, 0.25, 0.5]), 0), 1.0),
        (lambda a: pmf.renyi_divergence(a([1.0, 0.0]), a([0.0, 1.0]), 0.5), inf),
        (lambda a: pmf.renyi_divergence(a([0.5, 0.5]), a([1.0, 0.0]), 2), inf),
        (lambda a: pmf.pointwise_mutual_information(a([[0.5, 0.0], [0.0, 0.5]])), [[1.0, -inf], [-inf, 1.0]]),
        (lambda a: pmf.pointwise_mutual_information(a([[0.5, 0.0, 0.5]])), [[0.0, nan, 0.0]]),
        (
            lambda a: pmf.pointwise_mutual_information(a([[0.5, 0.0], [0.0, 0.5]]), normalized=True),
            [[1.0, -1.0], [-1.0, 1.0]],
        ),
        (lambda a: pmf.pointwise_mutual_information(a([[1.0, 0.0]]), normalized=True), [[1.0, nan]]),
    ],
)
def test_known_values(xp, value, bits):
    np.testing.assert_allclose(xp.to_numpy(value(xp.asarray)), bits, rtol=1e-15, atol=1e-15)


def test_no_uniform_distribution_of_order_0_is_special():
    assert pmf.renyi_entropy(np.full(5, 0.2), 0) == pytest.approx(np.log2(5), rel=1e-15)


# ---- forms, units, axes ---------------------------------------------------------------------------------------------

SINGLE = {
    "entropy": pmf.entropy,
    "perplexity": pmf.perplexity,
    "renyi": lambda *p, **forms: pmf.renyi_entropy(*p, order=0.7, **forms),
    "renyi near 1": lambda *p, **forms: pmf.renyi_entropy(*p, order=1.001, **forms),
    "renyi min": lambda *p, **forms: pmf.renyi_entropy(*p, order=inf, **forms),
    "tsallis": lambda *p, **forms: pmf.tsallis_entropy(*p, order=0.4, **forms),
    "tsallis 2": lambda *p, **forms: pmf.tsallis_entropy(*p, order=2, **forms),
    "self-information": pmf.self_information,
}
OF_JOINT = {
    "joint_entropy": pmf.joint_entropy,
    "conditional_entropy": pmf.conditional_entropy,
    "mutual_information": pmf.mutual_information,
    "pmi": pmf.pointwise_mutual_information,
    "npmi": lambda *p, **forms: pmf.pointwise_mutual_information(*p, normalized=True, **forms),
}
PAIRED = {
    "kl": pmf.kl_divergence,
    "cross_entropy": pmf.cross_entropy,
    "js": pmf.jensen_shannon_divergence,
    "js distance": pmf.jensen_shannon_distance,
    "divergence 0.5": lambda *pq, **forms: pmf.renyi_divergence(*pq, order=0.5, **forms),
    "divergence near 1": lambda *pq, **forms: pmf.renyi_divergence(*pq, order=0.998, **forms),
    "divergence max": lambda *pq, **forms: pmf.renyi_divergence(*pq, order=inf, **forms),
}


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@pytest.mark.parametrize("measure", [*SINGLE, *OF_JOINT])
def test_logits_and_log_probabilities_mean_the_same_as_probabilities(xp, measure):
    """Among them an impossible outcome, whose logit is −inf."""
    function, axis = (SINGLE[measure], -1) if measure in SINGLE else (OF_JOINT[measure], (-2, -1))
    logits = np.random.default_rng(0).normal(size=(3, 4, 5)) * 3
    logits[0, 1, 2] = -inf
    p = np.stack([softmax(x.ravel()).reshape(4, 5) for x in logits]) if measure in OF_JOINT else softmax(logits)
    kwargs = {"axis": axis} if measure == "joint_entropy" else {}
    expected = function(p, **kwargs)
    with np.errstate(divide="ignore"):
        forms = {"logits": logits + 7.0, "log_probs": np.log(p)}
    for form, x in forms.items():
        value = xp.to_numpy(function(**{form: xp.asarray(x)}, **kwargs))
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("measure", PAIRED)
def test_two_distributions_come_in_any_forms(xp, measure):
    function = PAIRED[measure]
    p_logits, q_logits = np.random.default_rng(1).normal(size=(2, 4, 6)) * 2
    p_logits[0, 0] = q_logits[0, 0] = q_logits[1, 1] = -inf
    p_logits[1, 1] = -inf
    p, q = softmax(p_logits), softmax(q_logits)
    expected = function(p, q)
    with np.errstate(divide="ignore"):
        p_forms = {"p": p, "p_logits": p_logits, "p_log_probs": np.log(p)}
        q_forms = {"q": q, "q_logits": q_logits, "q_log_probs": np.log(q)}
    for p_form, x in p_forms.items():
        for q_form, y in q_forms.items():
            value = xp.to_numpy(function(**{p_form: xp.asarray(x), q_form: xp.asarray(y)}))
            np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("measure", [*SINGLE, *OF_JOINT])
def test_a_number_added_to_all_logits_changes_nothing(xp, measure):
    """Multiples of 1/64 stay what they are when 2¹⁷ is added, even in float32."""
    function, axis = (SINGLE[measure], -1) if measure in SINGLE else (OF_JOINT[measure], (-2, -1))
    kwargs = {"axis": axis} if measure == "joint_entropy" else {}
    logits = np.round(64 * np.random.default_rng(0).normal(size=(3, 4, 5))) / 64
    one, other = (xp.to_numpy(function(logits=xp.asarray(x, "float32"), **kwargs)) for x in (logits, logits + 2.0**17))
    np.testing.assert_array_equal(other, one)


def test_logits_reach_where_probabilities_vanish(xp):
    """exp(−1000) is no number, but its logarithm is."""
    logits = xp.asarray([0.0, -1000.0])
    sure = xp.asarray([1.0, 0.0])
    assert float(pmf.cross_entropy(xp.asarray([0.0, 1.0]), q_logits=logits, unit="nats")) == 1000.0
    assert xp.to_numpy(pmf.self_information(logits=logits, unit="nats")).tolist() == [0.0, 1000.0]
    assert float(pmf.kl_divergence(sure, q_logits=logits)) == 0.0
    assert float(pmf.entropy(logits=logits)) == 0.0


@pytest.mark.parametrize("measure", [*SINGLE, *PAIRED])
@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_any_axis_and_the_others_are_a_batch(measure, axis):
    function = (SINGLE | PAIRED)[measure]
    given_ = [batch((3, 4, 5), axis, seed=s) for s in range(1 if measure in SINGLE else 2)]
    if measure in PAIRED:
        given_[1] = given_[1] * 0.5 + 0.5 / given_[1].shape[axis]
    value = function(*given_, axis=axis)
    rows = [np.moveaxis(x, axis, -1) for x in given_]
    expected = np.array(
        [[function(*(x[i, j] for x in rows)) for j in range(rows[0].shape[1])] for i in range(len(rows[0]))]
    )
    if measure == "self-information":
        expected = np.moveaxis(expected, -1, axis)
    np.testing.assert_allclose(value, expected, rtol=1e-13, atol=1e-13)


def test_batches_broadcast(xp):
    p, q = batch((3, 1, 4), -1), np.full((5, 4), 0.25)
    value = xp.to_numpy(pmf.kl_divergence(xp.asarray(p), xp.asarray(q)))
    assert value.shape == (3, 5)
    np.testing.assert_allclose(value, np.repeat(2 - pmf.entropy(p), 5, axis=1), rtol=1e-12)
    assert xp.to_numpy(pmf.kl_divergence(xp.asarray(p), xp.asarray(q), axis=2)).shape == (3, 5)


def test_an_empty_batch_is_answered_by_an_empty_batch():
    nothing = np.empty((0, 4))
    for value in (pmf.entropy(nothing), pmf.kl_divergence(nothing, nothing), pmf.entropy(logits=nothing)):
        assert value.shape == (0,)


def test_joint_measures_of_a_batch_on_any_axes():
    p = batch((2, 3, 4), (1, 2))
    assert np.allclose(pmf.joint_entropy(p, axis=(1, 2)), [pmf.joint_entropy(x) for x in p])
    assert np.allclose(pmf.mutual_information(p), [pmf.mutual_information(x) for x in p])
    moved = np.moveaxis(p, 1, 0)
    assert np.allclose(pmf.mutual_information(moved, axis=(0, 2)), pmf.mutual_information(p))
    assert np.allclose(pmf.conditional_entropy(moved, given=1, axis=(0, 2)), pmf.conditional_entropy(p, given=1))
    assert np.allclose(pmf.conditional_entropy(moved, given=0, axis=(2, 0)), pmf.conditional_entropy(p, given=1))


def test_conditional_and_pointwise_measures_of_a_batch(xp):
    """Row by row on NumPy is what a batch must give on each framework."""
    p = batch((5, 2, 3, 4), (1, 2, 3))
    for given_ in (0, 1, -1):
        value = xp.to_numpy(pmf.conditional_mutual_information(xp.asarray(p), given=given_))
        np.testing.assert_allclose(value, [pmf.conditional_mutual_information(x, given=given_) for x in p], rtol=1e-12)
    for given_ in (0, (0, 1), (1, 2)):
        value = xp.to_numpy(pmf.conditional_entropy(xp.asarray(p), given=given_, axis=(-3, -2, -1)))
        expected = [pmf.conditional_entropy(x, given=given_, axis=(-3, -2, -1)) for x in p]
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-15)
    for normalized_ in (False, True):
        value = xp.to_numpy(pmf.pointwise_mutual_information(xp.asarray(p.sum(3)), normalized=normalized_))
        expected = [pmf.pointwise_mutual_information(x, normalized=normalized_) for x in p.sum(3)]
        np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(("unit", "per_bit"), [("bits", 1.0), ("nats", LN2), ("hartleys", LN2 / log(10))])
def test_units(unit, per_bit):
    p, q, joint = random(1, 4), random(2, 4), random(3, 6).reshape(2, 3)
    for measure, *given_ in (
        (pmf.entropy, p),
        (pmf.self_information, p),
        (pmf.kl_divergence, p, q),
        (pmf.cross_entropy, p, q),
        (pmf.jensen_shannon_divergence, p, q),
        (pmf.joint_entropy, joint),
        (pmf.conditional_entropy, joint),
        (pmf.mutual_information, joint),
        (pmf.pointwise_mutual_information, joint),
    ):
        np.testing.assert_allclose(measure(*given_, unit=unit), measure(*given_) * per_bit, rtol=1e-14)
    for order in (0.5, 2):
        assert pmf.renyi_entropy(p, order, unit=unit) == pytest.approx(pmf.renyi_entropy(p, order) * per_bit)
        assert pmf.renyi_divergence(p, q, order, unit=unit) == pytest.approx(
            pmf.renyi_divergence(p, q, order) * per_bit
        )
    normalised = pmf.pointwise_mutual_information(joint, normalized=True)
    assert np.array_equal(pmf.pointwise_mutual_information(joint, normalized=True, unit=unit), normalised)


def test_an_unknown_unit_is_refused():
    with pytest.raises(UnknownName, match="unit='bit' is not a unit of information"):
        pmf.entropy([0.5, 0.5], unit="bit")


# ---- check and normalize --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_tolerance_is_the_root_of_epsilon(xp, dtype):
    tolerance = np.sqrt(float(np.finfo(dtype).eps))
    for off in (0.4 * tolerance, -0.4 * tolerance):
        pmf.entropy(xp.asarray([0.5, 0.5 + off], dtype))
    for off in (2.5 * tolerance, -2.5 * tolerance):
        with pytest.raises(NotADistribution, match=r"sums to (0\.9|1\.0).*is needed"):
            pmf.entropy(xp.asarray([0.5, 0.5 + off], dtype))


def test_normalize_rescales_counts(xp):
    counts = xp.asarray([[1.0, 2.0, 1.0], [0.0, 0.0, 5.0]])
    assert xp.to_numpy(pmf.entropy(counts, normalize=True)) == pytest.approx([1.5, 0.0], rel=1e-15)
    assert float(pmf.mutual_information(counts, normalize=True)) == pytest.approx(
        float(pmf.mutual_information(xp.asarray(np.array([[1, 2, 1], [0, 0, 5]]) / 9))), rel=1e-12
    )
    assert float(pmf.kl_divergence(xp.asarray([3.0, 1.0]), xp.asarray([2.0, 2.0]), normalize=True)) == pytest.approx(
        1 - float(pmf.entropy([0.75, 0.25])), rel=1e-12
    )
    log_counts = xp.asarray(np.log([1.0, 2.0, 1.0]))
    assert float(pmf.entropy(log_probs=log_counts, normalize=True)) == pytest.approx(1.5, rel=1e-14)


def test_normalize_of_integers():
    assert pmf.entropy([2, 1, 1], normalize=True) == 1.5
    assert pmf.entropy(np.array([True, True]), normalize=True) == 1.0


def test_unchecked_is_the_bare_formula(xp):
    """On whatever is given: counts, halves of distributions, negative pairs."""
    counts = np.array([3.0, 1.0, 2.0])
    other = np.array([1.0, 4.0, 2.5])
    a, b = xp.asarray(counts), xp.asarray(other)
    assert float(pmf.entropy(a, check=False, unit="nats")) == pytest.approx(-np.sum(counts * np.log(counts)))
    assert float(pmf.kl_divergence(a, b, check=False, unit="nats")) == pytest.approx(
        np.sum(counts * np.log(counts / other))
    )
    assert float(pmf.kl_divergence(0.0 - a, 0.0 - b, check=False, unit="nats")) == pytest.approx(
        -np.sum(counts * np.log(counts / other))
    )
    assert float(pmf.cross_entropy(a, b, check=False, unit="nats")) == pytest.approx(-np.sum(counts * np.log(other)))
    for order in (0.5, 1.001, 3):
        powers = np.sum(counts**order)
        assert float(pmf.renyi_entropy(a, order, check=False, unit="nats")) == pytest.approx(
            np.log(powers) / (1 - order)
        )
        assert float(pmf.tsallis_entropy(a, order, check=False)) == pytest.approx((1 - powers) / (order - 1))
        powers = np.sum(counts**order * other ** (1 - order))
        assert float(pmf.renyi_divergence(a, b, order, check=False, unit="nats")) == pytest.approx(
            np.log(powers) / (order - 1)
        )
    table = np.array([[1.0, 2.0], [4.0, 0.5]])
    x, y = table.sum(1, keepdims=True), table.sum(0)
    joint = xp.asarray(table)
    assert float(pmf.mutual_information(joint, check=False, unit="nats")) == pytest.approx(
        np.sum(table * np.log(table / (x * y)))
    )
    assert float(pmf.conditional_entropy(joint, check=False, unit="nats")) == pytest.approx(
        -np.sum(table * np.log(table / x))
    )
    np.testing.assert_allclose(
        xp.to_numpy(pmf.pointwise_mutual_information(joint, check=False, unit="nats")), np.log(table / (x * y))
    )
    mean = (counts + other) / 2
    assert float(pmf.jensen_shannon_divergence(a, b, check=False, unit="nats")) == pytest.approx(
        np.sum(counts * np.log(counts / mean) + other * np.log(other / mean)) / 2
    )


def test_unchecked_one_outcome_may_stand_for_many(xp):
    p = np.array([[0.1, 0.5], [0.1, 0.3]])
    q = np.array([[0.15, 0.2]])
    value = pmf.kl_divergence(xp.asarray(p), xp.asarray(q), axis=(-2, -1), check=False)
    assert float(value) == pytest.approx(0.7194602975157967, rel=1e-14)


NAN_IN = {name: (f, 1) for name, f in SINGLE.items()} | {name: (f, 2) for name, f in PAIRED.items()}


@pytest.mark.parametrize("measure", [*NAN_IN, *OF_JOINT])
def test_nan_in_is_nan_out(xp, measure):
    if measure in OF_JOINT:
        for where in ((0, 0), (1, 1)):
            p = np.array([[0.25, 0.25], [0.5, 0.0]])
            p[where] = nan
            assert np.isnan(xp.to_numpy(OF_JOINT[measure](xp.asarray(p), check=False))).any()
        return
    function, n = NAN_IN[measure]
    for bad in range(n):
        for where in (0, 2):
            given_ = [np.array([0.5, 0.5, 0.0]) for _ in range(n)]
            given_[bad][where] = nan
            value = xp.to_numpy(function(*map(xp.asarray, given_), check=False))
            assert np.isnan(value).any(), (bad, where)


ROWS = [
    ([0.25, 0.5, 0.0, 0.25], [0.3, 0.2, 0.3, 0.2]),
    ([0.5, 0.5, 0.0], [1.0, 0.0, 0.0]),
    ([0.0, 1.0], [nan, 1.0]),
    ([0.0, 1.0], [inf, 1.0]),
    ([nan, 0.5], [0.5, 0.5]),
    ([inf, 0.5], [0.5, 0.5]),
    ([-0.5, 1.5, 0.0], [0.5, 0.5, 0.0]),
    ([0.5, 0.5, 0.0], [-0.5, 1.5, 1.0]),
    ([-1.0, 2.0], [-1.0, 2.0]),
    ([1.0, 5e-324], [1.0, 1.0]),
    ([1.0, 1.0], [1.0, 5e-324]),
    ([1.0], [1.0]),
]


@pytest.mark.parametrize(("p", "q"), ROWS)
def test_a_vector_of_a_few_is_a_row_of_a_batch(xp, p, q):
    """A few entries have a way of their own, which must say what the bare formula of an array says."""
    for measure in (lambda p, q: pmf.entropy(p, check=False), lambda p, q: pmf.kl_divergence(p, q, check=False)):
        alone, row = (xp.to_numpy(measure(xp.asarray(a), xp.asarray(b))) for a, b in ((p, q), ([p], [q])))
        np.testing.assert_allclose(alone, row[0], rtol=1e-14, atol=1e-15)


# ---- gradients ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=[name for name, made in FRAMEWORKS.items() if made.differentiable])
def autodiff(request):
    """A framework that differentiates."""
    return backend(request.param)


def test_a_gradient_of_zero_goes_through_impossible_outcomes(autodiff):
    p, q = np.array([0.5, 0.5, 0.0]), np.array([0.25, 0.25, 0.5])

    def grad(measure, *at):
        return autodiff.grad(measure, autodiff.asarray(*at))

    h = grad(lambda p: pmf.entropy(p, unit="nats"), p)
    np.testing.assert_allclose(h, [-1 - np.log(0.5)] * 2 + [0.0], rtol=1e-12)
    wrt_q = grad(lambda q: pmf.kl_divergence(autodiff.asarray(p), q, unit="nats"), q)
    np.testing.assert_allclose(wrt_q, -p / q, rtol=1e-12)
    wrt_p = grad(lambda p: pmf.cross_entropy(p, autodiff.asarray(q), unit="nats"), p)
    np.testing.assert_allclose(wrt_p, -np.log(q), rtol=1e-12)
    both_zero = grad(lambda q: pmf.cross_entropy(autodiff.asarray(p), q, unit="nats"), p)
    np.testing.assert_allclose(both_zero, [-1.0, -1.0, 0.0], rtol=1e-12)


def kl_in_forms(autodiff, q):
    """D(p ‖ q) in nats as a function of p, with q in each form."""
    with np.errstate(divide="ignore"):
        forms = {"q": q, "q_logits": np.log(q) + 1.0, "q_log_probs": np.log(q)}
    for form, x in forms.items():
        for check in (True, False):
            kwargs = {form: autodiff.asarray(x), "unit": "nats", "check": check}
            yield lambda p, kwargs=kwargs: pmf.kl_divergence(p, **kwargs)


def test_the_gradient_of_kl_at_p_0_is_0_in_whatever_form_q_came(autodiff):
    p, q = np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.25, 0.25, 0.5, 0.0])
    for measure in kl_in_forms(autodiff, q):
        gradient = autodiff.grad(measure, autodiff.asarray(p))
        np.testing.assert_allclose(gradient, [1 + LN2, 1 + LN2, 0.0, 0.0], rtol=1e-12)


@pytest.mark.parametrize("w", [0.5, 0.3])
def test_the_gradient_of_jensen_shannon_where_both_are_0_is_that_of_one_alone(autodiff, w):
    """There p alone is linear, w·p log 1/w; where only p is 0 the derivative is infinite, and no gradient goes."""
    p, q = np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.25, 0.25, 0.5, 0.0])

    def js(p):
        return pmf.jensen_shannon_divergence(p, autodiff.asarray(q), weights=(w, 1 - w), unit="nats", check=False)

    gradient = autodiff.grad(js, autodiff.asarray(p))
    possible = w * np.log(0.5 / (0.5 * w + 0.25 * (1 - w)))
    np.testing.assert_allclose(gradient, [possible, possible, 0.0, -w * np.log(w)], rtol=1e-12, atol=1e-15)


def test_no_gradient_goes_through_an_impossible_cell(autodiff):
    """Of a possible row and column, of one of them, or of neither."""
    table = np.array([[0.5, 0.0, 0.0], [0.25, 0.25, 0.0], [0.0, 0.0, 0.0]])
    x, y = table.sum(1, keepdims=True), table.sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_mi = np.where(table > 0, np.log(table / (x * y)) - 1, 0.0)
        of_entropy = np.where(table > 0, -np.log(table / x), 0.0)
    for measure, expected in (
        (lambda p: pmf.mutual_information(p, unit="nats"), of_mi),
        (lambda p: pmf.mutual_information(p, unit="nats", check=False), of_mi),
        (lambda p: pmf.conditional_mutual_information(p[None], given=0, unit="nats"), of_mi + (table > 0)),
        (lambda p: pmf.conditional_entropy(p, unit="nats"), of_entropy),
    ):
        gradient = autodiff.grad(measure, autodiff.asarray(table))
        np.testing.assert_allclose(gradient, expected, rtol=1e-12, atol=1e-15)


EVEN = [0.25, 0.25, 0.25, 0.25]
FINITE = {
    "entropy": pmf.entropy,
    "perplexity": pmf.perplexity,
    "kl of p": lambda p, a: pmf.kl_divergence(p, a(EVEN)),
    "kl of q": lambda q, a: pmf.kl_divergence(a([0.5, 0.5, 0.0, 0.0]), q),
    "cross-entropy of q": lambda q, a: pmf.cross_entropy(a([0.5, 0.5, 0.0, 0.0]), q),
    "js": lambda p, a: pmf.jensen_shannon_divergence(p, a([0.25, 0.25, 0.5, 0.0])),
    "mutual information": lambda p, a: pmf.mutual_information(p[None] * a([[1.0], [0.0]])),
    "conditional entropy": lambda p, a: pmf.conditional_entropy(p[None] * a([[1.0], [0.0]])),
    "renyi 0.5": lambda p, a: pmf.renyi_entropy(p, 0.5),
    "renyi near 1": lambda p, a: pmf.renyi_entropy(p, 0.999),
    "renyi 2": lambda p, a: pmf.renyi_entropy(p, 2),
    "renyi max": lambda p, a: pmf.renyi_entropy(p, inf),
    "tsallis 0.3": lambda p, a: pmf.tsallis_entropy(p, 0.3),
    "tsallis 2": lambda p, a: pmf.tsallis_entropy(p, 2),
    "renyi divergence": lambda p, a: pmf.renyi_divergence(p, a([0.25, 0.25, 0.5, 0.0]), 2),
}


@pytest.mark.parametrize("measure", FINITE)
def test_gradients_are_finite_where_probabilities_are_zero(autodiff, measure):
    function = FINITE[measure]
    alone = measure in ("entropy", "perplexity")
    at = autodiff.asarray([0.5, 0.5, 0.0, 0.0])
    gradient = autodiff.grad(function if alone else lambda p: function(p, autodiff.asarray), at)
    assert np.isfinite(gradient).all(), gradient


def test_gradients_agree_across_frameworks(autodiff):
    """With the derivative that calculus gives."""
    p, q = random(1, 5), random(2, 5)
    table = random(3, 6).reshape(2, 3)
    x, y = table.sum(1, keepdims=True), table.sum(0)
    for measure, at, expected in (
        (lambda p: pmf.entropy(p, unit="nats", check=False), p, -np.log(p) - 1),
        (lambda p: pmf.kl_divergence(p, autodiff.asarray(q), unit="nats", check=False), p, np.log(p / q) + 1),
        (lambda q: pmf.kl_divergence(autodiff.asarray(p), q, unit="nats", check=False), q, -p / q),
        (lambda t: pmf.mutual_information(t, unit="nats", check=False), table, np.log(table / (x * y)) - 1),
        (
            lambda t: pmf.mutual_information(t, unit="nats"),
            table,
            np.log(table / (x * y)) - 1,
        ),  # the same but for a constant
        (lambda t: pmf.conditional_entropy(t, unit="nats"), table, -np.log(table / x)),
        (lambda p: pmf.tsallis_entropy(p, 3), p, -1.5 * p**2),
    ):
        np.testing.assert_allclose(autodiff.grad(measure, autodiff.asarray(at)), expected, rtol=1e-11, atol=1e-12)
    logits = np.random.default_rng(4).normal(size=5)
    s = softmax(logits)
    h = -np.sum(s * np.log(s))
    np.testing.assert_allclose(
        autodiff.grad(lambda z: pmf.entropy(logits=z, unit="nats"), autodiff.asarray(logits)),
        -s * (np.log(s) + h),
        rtol=1e-11,
    )


def test_large_arrays_need_no_second_copy():
    p = np.full((1, 1 << 22), 2.0**-22)
    pmf.entropy(p)
    tracemalloc.start()
    try:
        assert pmf.entropy(p)[0] == pytest.approx(22.0, rel=1e-14)
        assert pmf.kl_divergence(p, p)[0] == 0.0
        assert tracemalloc.get_traced_memory()[1] < p.nbytes / 10
    finally:
        tracemalloc.stop()
