"""The chapter on information theory of "Dive into Deep Learning" (19.11), from its first line to its last exercise.

Every number that it prints comes back by the bare formula, on each framework; what is ill-posed is refused if checked;
and what it should have computed has the right value. Its claims are laws that hold for whatever hypothesis draws.
"""

import math
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from backends import backend
from chapter_examples import (
    EXAMPLES,
    PREDICTED,
    SORTED_SAMPLES,
    agrees,
    kls_of_sorted_samples,
    signed_kl_of_positive_ratios,
    sorted_samples,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plogp import language, losses, pmf
from plogp.errors import NotADistribution, PlogpError

example = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name.replace(" ", "-"))
law = settings(max_examples=60, deadline=None, database=None)
near = partial(pytest.approx, rel=1e-10, abs=1e-12)


def distributions(*shape):
    """Arrays of small whole numbers, rescaled: zeros and equal entries are common."""
    counts = arrays(np.int64, st.tuples(*shape), elements=st.integers(0, 20))
    return counts.filter(np.any).map(lambda n: n / n.sum())


vectors = distributions(st.integers(1, 6))
pairs = st.integers(1, 6).flatmap(lambda k: st.tuples(*[distributions(st.just(k))] * 2))
joints = distributions(st.integers(1, 5), st.integers(1, 5))

# ---- every number that is printed -----------------------------------------------------------------------------------


@example
def test_the_bare_formula_gives_what_was_printed(example, xp):
    """NumPy and JAX, which the chapter doesn't run on, must give what it printed with MXNet."""
    printed = example.printed.get(xp.name, example.printed["mxnet"])
    values = example.reproduced(xp)
    assert len(values) == len(printed)
    assert all(map(agrees, values, printed)), (values, printed)


@example
def test_the_checked_formula_refuses_what_is_ill_posed(example, xp):
    if example.refusal is None:
        assert example.checked(xp) == pytest.approx([example.right], rel=1e-6)
        return
    with pytest.raises(PlogpError, match=example.refusal):
        example.checked(xp)


@example
@pytest.mark.parametrize(("dtype", "rel"), [("float32", 3e-6), ("float64", 1e-12)])
def test_sound_input_gives_the_right_value(example, dtype, rel, xp):
    assert example.corrected(xp, dtype) == pytest.approx(example.right, rel=rel)


def test_agreement_is_with_each_digit():
    assert agrees(1.68545, "1.6855")
    assert not agrees(1.68544, "1.6855")
    assert not agrees(1.6854757, "1.6854753")
    assert not agrees(14130.128, "14130.125")


def test_rows_that_tensorflow_printed_are_parts_of_the_whole():
    for example in EXAMPLES:
        rows = list(map(float, example.printed["tensorflow"]))
        assert sum(rows) == pytest.approx(float(example.printed["mxnet"][0]), rel=2e-7)


# ---- 19.11.1 information ---------------------------------------------------------------------------------------------


def test_cards():
    """Exercise 1: a card, a heart, the three of spades, and the order of the whole deck."""
    assert pmf.self_information([1, 1 / 4, 1 / 52]) == near([0, 2, 5.700439718141092])
    assert pmf.self_information(log_probs=-math.lgamma(53)) == near(225.5810031237028)
    assert pmf.self_information(1 / np.arange(1, 53)).sum() == near(225.5810031237028), "card by card"


@given(code=st.text("01", min_size=1, max_size=40))
def test_a_code_of_n_fair_digits_has_n_bits(code):
    assert pmf.self_information(2.0 ** -len(code)) == near(len(code))


@pytest.mark.parametrize(("p", "why"), [(-0.1, "negative"), (1.5, "above 1"), (math.nan, "not a finite number")])
def test_self_information_of_what_is_no_probability_is_refused(p, why, xp):
    with pytest.raises(NotADistribution, match=why):
        pmf.self_information(xp.asarray(p))


def test_an_impossible_event_would_be_infinitely_surprising(xp):
    assert float(pmf.self_information(xp.asarray(0.0))) == math.inf


# ---- 19.11.2 entropy -------------------------------------------------------------------------------------------------


def test_nan_is_neither_dropped_nor_let_in(xp):
    """The chapter's nansum, there for 0·log 0, also loses every NaN that means something."""
    p = xp.asarray([0.5, 0.5, math.nan])
    assert math.isnan(pmf.entropy(p, check=False))
    with pytest.raises(NotADistribution, match=r"`p` has NaN at index \(2,\)"):
        pmf.entropy(p)
    assert float(pmf.entropy(xp.asarray([0.5, 0.5, 0.0]))) == 1


@law
@given(p=vectors, data=st.data())
def test_axiom_names_and_impossible_outcomes_do_not_matter(p, data):
    renamed = np.array(data.draw(st.permutations([*p, 0.0, 0.0])))
    assert pmf.entropy(renamed) == near(pmf.entropy(p))


@law
@given(p=joints)
def test_axiom_two_variables_tell_no_more_than_their_sum(p):
    apart = pmf.entropy(p.sum(1)) + pmf.entropy(p.sum(0))
    assert pmf.joint_entropy(p) <= apart + 1e-12
    assert pmf.joint_entropy(np.outer(p.sum(1), p.sum(0))) == near(apart), "independent"


@law
@given(p=vectors, shift=st.floats(0, 1e-9))
def test_axiom_what_is_nearly_certain_tells_nearly_nothing(p, shift):
    nearly = np.append((1 - shift), shift * p)
    assert 0 <= pmf.self_information(1 - shift) <= 2e-9
    assert 0 <= pmf.entropy(nearly) <= 1e-7


@law
@given(p=vectors)
def test_entropy_is_the_average_surprise(p):
    seen = p[p > 0]
    assert pmf.entropy(p) == near(seen @ pmf.self_information(seen))


@law
@given(p=vectors)
def test_entropy_lies_between_zero_and_that_of_the_uniform(p):
    k = len(p)
    assert 0 <= pmf.entropy(p) <= math.log2(k) + 1e-12
    assert (pmf.entropy(p) >= math.log2(k) - 1e-12) == np.allclose(p, 1 / k, atol=1e-6)


@law
@given(pq=pairs)
def test_gibbs_no_other_code_is_shorter(pq):
    p, q = pq
    assert pmf.cross_entropy(p, q) >= pmf.entropy(p) - 1e-12
    assert pmf.cross_entropy(p, p) == near(pmf.entropy(p))
    assert np.array_equal(p, q) or pmf.cross_entropy(p, q) > pmf.entropy(p)


@law
@given(p=vectors, width=st.floats(0.01, 100))
def test_differential_entropy_may_be_negative_and_is_largest_for_the_uniform(p, width):
    """Of a density that is constant on k cells of an interval: h = H + log2(width / k)."""
    differential = pmf.entropy(p) + math.log2(width / len(p))
    assert differential <= math.log2(width) + 1e-12, "which is below 0 on an interval shorter than 1"


# ---- 19.11.3 mutual information --------------------------------------------------------------------------------------


@law
@given(p=joints)
def test_joint_entropy_is_between_the_larger_and_the_sum(p):
    h_x, h_y = pmf.entropy(p.sum(1)), pmf.entropy(p.sum(0))
    assert max(h_x, h_y) - 1e-12 <= pmf.joint_entropy(p) <= h_x + h_y + 1e-12


@law
@given(p=vectors)
def test_a_variable_beside_itself_adds_nothing(p):
    assert pmf.joint_entropy(np.diag(p)) == near(pmf.entropy(p))
    assert pmf.conditional_entropy(np.diag(p)) == near(0)


@law
@given(p=joints)
def test_conditional_entropy_by_its_definition_and_by_the_chain_rule(p):
    p_x = p.sum(1, keepdims=True)
    p_y_given_x = np.divide(p, p_x, out=np.ones_like(p), where=p > 0)
    assert pmf.conditional_entropy(p, given=0) == near(-(p * np.log2(p_y_given_x)).sum())
    assert pmf.conditional_entropy(p, given=0) == near(pmf.joint_entropy(p) - pmf.entropy(p.sum(1)))
    assert pmf.conditional_entropy(p.T, given=1) == near(pmf.conditional_entropy(p, given=0))


def test_which_variable_is_given_is_said():
    """The chapter divides along the last axis, so its X is the variable of the columns."""
    p_xy = np.array([[0.1, 0.5], [0.2, 0.3]])
    with pytest.raises(NotADistribution, match=r"`p_xy` sums to 1\.1"):
        pmf.conditional_entropy(p_xy)
    assert pmf.conditional_entropy(p_xy, given=1, normalize=True) == near(0.9445781386875626)
    assert pmf.conditional_entropy(p_xy, given=0, normalize=True) == near(0.7958988638330425)


@law
@given(p=joints)
def test_the_four_forms_of_mutual_information(p):
    h_x, h_y, h_xy = pmf.entropy(p.sum(1)), pmf.entropy(p.sum(0)), pmf.joint_entropy(p)
    h_y_x, h_x_y = pmf.conditional_entropy(p, given=0), pmf.conditional_entropy(p, given=1)
    assert [h_xy - h_y_x - h_x_y, h_x - h_x_y, h_y - h_y_x, h_x + h_y - h_xy] == near([pmf.mutual_information(p)] * 4)


@law
@given(p=joints)
def test_mutual_information_is_symmetric_and_not_negative(p):
    assert pmf.mutual_information(p) == near(pmf.mutual_information(p.T))
    assert pmf.mutual_information(p) >= -1e-15


@law
@given(p=joints)
def test_mutual_information_is_zero_exactly_for_independent_variables(p):
    independent = np.outer(p.sum(1), p.sum(0))
    assert pmf.mutual_information(independent) == near(0)
    assert (pmf.mutual_information(p) < 1e-12) == np.allclose(p, independent, atol=1e-9)


@law
@given(p=vectors, data=st.data())
def test_an_invertible_map_keeps_all_information(p, data):
    joint = np.diag(p)[:, data.draw(st.permutations(range(len(p))))]
    assert pmf.mutual_information(joint) == near(pmf.entropy(p))
    assert pmf.mutual_information(joint) == near(pmf.entropy(joint.sum(0)))


@law
@given(p=joints)
def test_mutual_information_is_the_average_pointwise_one(p):
    terms = pmf.pointwise_mutual_information(p)[p > 0]
    assert p[p > 0] @ terms == near(pmf.mutual_information(p))


def test_the_sign_of_pointwise_mutual_information_says_more_or_less_often_than_by_chance():
    p = np.array([[0.4, 0.1], [0.0, 0.5]])
    assert pmf.pointwise_mutual_information(p)[0] == near([1, math.log2(1 / 3)])
    assert pmf.pointwise_mutual_information(p)[1, 0] == -math.inf


def test_marginals_passed_by_hand_can_be_wrong_without_being_no_distributions(xp):
    """As a column, the chapter's p_y gives a sound product, but not of this joint: 0.0855 instead of 0.0074 bits."""
    p_xy, p_x, p_y = xp.asarray([[0.1, 0.5], [0.1, 0.3]]), xp.asarray([0.2, 0.8]), xp.asarray([[0.75], [0.25]])
    assert float(pmf.kl_divergence(p_xy, p_x * p_y, axis=(-2, -1))) == pytest.approx(0.08547529722733, rel=1e-5)


# ---- 19.11.4 Kullback–Leibler divergence -----------------------------------------------------------------------------


@law
@given(pq=pairs)
def test_kl_is_zero_for_equals_and_positive_otherwise(pq):
    """Exercise 2: −log is convex, so by Jensen Σ p·(−log q/p) ≥ −log Σ p·q/p = −log Σ_{p>0} q ≥ 0."""
    p, q = pq
    jensen = 0.0 - math.log2(q[p > 0].sum() or 5e-324)
    assert pmf.kl_divergence(p, q) >= jensen - 1e-12 >= -2e-12
    assert pmf.kl_divergence(p, p) == 0
    assert (pmf.kl_divergence(p, q) < 1e-12) == np.allclose(p, q, atol=1e-9)


@law
@given(pq=pairs)
def test_kl_is_infinite_exactly_where_q_rules_out_what_happens(pq):
    p, q = pq
    assert math.isinf(pmf.kl_divergence(p, q)) == bool(((p > 0) & (q == 0)).any())


def test_kl_is_not_symmetric(xp):
    p, q = xp.asarray([0.5, 0.5]), xp.asarray([0.9, 0.1])
    assert float(pmf.kl_divergence(p, q)) == pytest.approx(0.7369655941662061, rel=1e-6)
    assert float(pmf.kl_divergence(q, p)) == pytest.approx(0.5310044064107189, rel=1e-6)


@law
@given(p=joints)
def test_the_three_forms_of_mutual_information_as_a_divergence(p):
    p = p[p.sum(1) > 0][:, p.sum(0) > 0]
    p_x, p_y = p.sum(1), p.sum(0)
    x_given_y, y_given_x = (p / p_y).T, p / p_x[:, None]
    forms = [
        pmf.kl_divergence(p, np.outer(p_x, p_y), axis=(-2, -1)),
        p_y @ pmf.kl_divergence(x_given_y, np.broadcast_to(p_x, x_given_y.shape)),
        p_x @ pmf.kl_divergence(y_given_x, np.broadcast_to(p_y, y_given_x.shape)),
    ]
    assert forms == near([pmf.mutual_information(p)] * 3)


@pytest.fixture(scope="module")
def torch_samples():
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(1)
        return sorted_samples(lambda mean, n: torch.normal(mean, 1, (n,)))


def test_kl_of_sorted_samples_as_pytorch_printed_it(torch_samples, xp):
    """With its seed every digit comes back, on any framework that is given PyTorch's numbers."""
    kl_pq1, kl_pq2, kl_q2p = values = kls_of_sorted_samples(xp, *torch_samples)
    assert all(map(agrees, values, SORTED_SAMPLES["torch"])), values
    assert 200 * abs(kl_pq1 - kl_pq2) / (kl_pq1 + kl_pq2) == pytest.approx(2.8290698237936858, abs=1e-4)
    assert 200 * abs(kl_q2p - kl_pq2) / (kl_q2p + kl_pq2) == pytest.approx(46.18621024399691, abs=1e-4)


def test_kl_of_sorted_samples_as_mxnet_printed_it():
    """The chapter seeds Python's generator, not MXNet's, so these are the first draws of a process: here, a new one."""
    program = """
from backends import backend
from chapter_examples import kls_of_sorted_samples, sorted_samples
xp = backend("mxnet")
samples = sorted_samples(lambda mean, n: xp.to_numpy(xp.mx.np.random.normal(mean, 1, (n,))))
print(*kls_of_sorted_samples(xp, *samples))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parent)
    assert done.returncode == 0, done.stderr
    values = list(map(float, done.stdout.split()))
    assert all(map(agrees, values, SORTED_SAMPLES["mxnet"])), values


def test_kl_of_sorted_samples_is_like_what_tensorflow_printed():
    """Without a seed its numbers can't come back; what can be said is that draws of our own give some such numbers."""
    xp = backend("tensorflow")
    generator = xp.tf.random.Generator.from_seed(1)
    samples = sorted_samples(lambda mean, n: generator.normal((n,), mean, 1).numpy())
    printed = list(map(float, SORTED_SAMPLES["tensorflow"]))
    assert kls_of_sorted_samples(xp, *samples) == pytest.approx(printed, rel=0.05)


def test_samples_are_no_distributions(torch_samples, xp):
    """Half are negative; a third of the terms is NaN; and the sign that abs hides is one that no divergence has."""
    p, q1, q2 = torch_samples
    assert [int((x < 0).sum()) for x in torch_samples] == [4958, 8409, 1539]
    assert [int((a / b < 0).sum()) for a, b in ((p, q1), (p, q2), (q2, p))] == [3451, 3419, 3419]
    assert signed_kl_of_positive_ratios(xp, p, q2) == pytest.approx(-8828.31, abs=0.02)
    with pytest.raises(NotADistribution, match=r"`p` has -4\.18412 at index \(0,\), which is negative.*samples\?"):
        pmf.kl_divergence(xp.asarray(p), xp.asarray(q1))


GRID = np.linspace(-15, 15, 30_001)


def gaussian(mean, sd):
    """ln of the density on a fine grid, but for a constant."""
    return -0.5 * ((GRID - mean) / sd) ** 2


def discretised_kl(p, q, unit="nats"):
    return float(pmf.kl_divergence(p_logits=gaussian(*p), q_logits=gaussian(*q), unit=unit))


def test_the_right_value_is_half_a_nat_in_both_directions():
    """What the chapter takes for asymmetry comes of pairing sorted samples: equal variances make KL symmetric."""
    p, q1, q2 = (0, 1), (-1, 1), (1, 1)
    assert [discretised_kl(*pair) for pair in ((p, q1), (p, q2), (q2, p))] == near([0.5] * 3)
    assert discretised_kl(p, q2, unit="bits") == near(0.7213475204444817)


# ---- 19.11.5 cross-entropy -------------------------------------------------------------------------------------------


def test_the_loss_is_in_nats_where_all_else_is_in_bits(xp):
    probs, labels = xp.asarray(PREDICTED), xp.asarray([0, 2], "int64")
    bits = losses.cross_entropy(probs=probs, targets=labels, unit="bits")
    assert float(bits) == pytest.approx(1.368482797083103, rel=1e-6)


def test_logits_log_probabilities_and_probabilities_are_never_mistaken_for_one_another(xp):
    """TensorFlow's example feeds log-probabilities as logits, so that rows which sum to 2 would go unnoticed."""
    log_probs, labels = np.log(PREDICTED), xp.asarray([0, 2], "int64")
    for form in (
        {"log_probs": xp.asarray(log_probs)},
        {"logits": xp.asarray(log_probs)},
        {"logits": xp.asarray(log_probs + math.log(2))},
    ):
        assert float(losses.cross_entropy(targets=labels, **form)) == pytest.approx(0.9485599924429406, rel=1e-6)
    with pytest.raises(NotADistribution, match="sums to 2"):
        losses.cross_entropy(probs=xp.asarray(2 * np.array(PREDICTED)), targets=labels)


def test_an_impossible_label_costs_infinity(xp):
    """MXNet's metric adds 1e-12 to each probability, and says 27.6 nats."""
    probs, labels = xp.asarray([[1.0, 0.0]]), xp.asarray([1], "int64")
    assert float(losses.cross_entropy(probs=probs, targets=labels)) == math.inf


@law
@given(pq=pairs)
def test_cross_entropy_is_entropy_plus_divergence(pq):
    p, q = pq
    assert pmf.cross_entropy(p, q) == near(pmf.entropy(p) + pmf.kl_divergence(p, q))


labelled = st.integers(2, 5).flatmap(
    lambda k: st.tuples(
        arrays(np.float64, (k,), elements=st.floats(-3, 3)),
        arrays(np.int64, st.integers(1, 12), elements=st.integers(0, k - 1)),
    )
)


@law
@given(data=labelled)
def test_maximum_likelihood_of_a_multinoulli_is_least_cross_entropy_is_least_divergence(data):
    logits, labels = data
    q = np.exp(logits - np.logaddexp.reduce(logits))
    rows, observed = np.tile(q, (len(labels), 1)), np.bincount(labels, minlength=len(q)) / len(labels)
    likelihood = np.prod(q ** losses.one_hot(labels, len(q)))  # Π_i Π_j π_j^{y_ij}
    loss = losses.cross_entropy(probs=rows, targets=labels)
    assert loss == near(-math.log(likelihood) / len(labels))
    assert loss == near(losses.cross_entropy(log_probs=np.log(rows), targets=labels))
    assert loss == near(losses.cross_entropy(probs=rows, targets=np.eye(len(q))[labels]))
    assert loss == near(pmf.entropy(observed, unit="nats") + pmf.kl_divergence(observed, q, unit="nats"))
    assert loss >= pmf.cross_entropy(observed, observed, unit="nats") - 1e-12, "the frequencies are the best q"


@law
@given(
    data=st.lists(st.tuples(st.floats(0.01, 0.99), st.integers(0, 1)), min_size=1, max_size=8),
)
def test_binary_cross_entropy_is_minus_the_log_likelihood(data):
    predicted, labels = map(np.array, zip(*data, strict=True))
    likelihood = np.prod(np.where(labels == 1, predicted, 1 - predicted))
    total = losses.binary_cross_entropy(probs=predicted, targets=labels, reduction="sum")
    assert total == near(-math.log(likelihood))


def test_one_hot_of_three_classes(xp):
    rows = losses.one_hot(xp.asarray([0, 1, 2], "int64"), 3)
    assert np.array_equal(xp.to_numpy(rows), np.eye(3))


# ---- 19.11.7 exercises (1 and 2 are above) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "rate", "ratio", "bits_per_char"),
    [
        pytest.param(44, "perplexity/char", {}, 5.459431618637297, id="monkey"),
        pytest.param(2000, "perplexity/word", {"chars_per_word": 4.5}, 2.4368409521471306, id="typesetter"),
        pytest.param(15, "perplexity/word", {"chars_per_word": 4.5}, 0.8681979101352264, id="model-as-it-is-worded"),
        pytest.param(15, "perplexity/char", {}, 3.9068905956085187, id="model-as-its-formula-says"),
    ],
)
def test_exercise_3_bits_per_character(value, rate, ratio, bits_per_char):
    assert language.convert(value, rate, "bits/char", **ratio) == near(bits_per_char)


def test_exercise_3_is_the_entropy_of_equally_likely_keys_and_words():
    assert pmf.entropy(np.full(44, 1 / 44)) == near(5.459431618637297)
    assert pmf.entropy(np.full(2000, 1 / 2000)) / 4.5 == near(2.4368409521471306)
    assert pmf.perplexity(np.full(15, 1 / 15)) == near(15)


@law
@given(p=arrays(np.float64, st.integers(1, 9), elements=st.floats(1e-3, 1)))
def test_exercise_3_perplexity_is_one_over_the_geometric_mean_and_e_to_the_loss(p):
    perplexity = np.prod(p) ** (-1 / len(p))
    assert language.evaluate(np.log(p)).perplexity_per_token == near(perplexity)


@law
@given(p=joints)
def test_exercise_4_both_sides_are_one_expectation(p):
    """I(X;Y) = E log p(x,y)/(p(x)p(y)) = E[−log p(x)] − E[−log p(x|y)] = H(X) − H(X|Y)."""
    p_x, p_y = p.sum(1, keepdims=True), p.sum(0, keepdims=True)

    def expected(x):
        return p[p > 0] @ x[p > 0]

    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, surprise, surprise_given_y = np.log2(p / (p_x * p_y)), -np.log2(p_x + 0 * p), -np.log2(p / p_y)
    assert expected(ratio) == near(pmf.mutual_information(p))
    assert expected(surprise) == near(pmf.entropy(p.sum(1)))
    assert expected(surprise_given_y) == near(pmf.conditional_entropy(p, given=1))
    assert expected(ratio) == near(expected(surprise) - expected(surprise_given_y))


@given(
    m=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    s=st.tuples(st.floats(0.3, 1.2), st.floats(0.3, 1.2)),
)
@settings(max_examples=20, deadline=None, database=None)
def test_exercise_5_two_gaussians(m, s):
    """D = ln(σ2/σ1) + (σ1² + (μ1 − μ2)²) / (2σ2²) − ½ nats."""
    closed = math.log(s[1] / s[0]) + (s[0] ** 2 + (m[0] - m[1]) ** 2) / (2 * s[1] ** 2) - 0.5
    assert discretised_kl((m[0], s[0]), (m[1], s[1])) == pytest.approx(closed, rel=1e-9, abs=1e-11)


def test_exercise_5_different_widths_are_what_makes_it_asymmetric():
    narrow, wide = (0, 1), (1, 2)
    assert discretised_kl(narrow, wide, unit="bits") == pytest.approx(0.6393262397777592, rel=1e-9)
    assert discretised_kl(wide, narrow, unit="bits") == pytest.approx(1.8853900817779268, rel=1e-7)
