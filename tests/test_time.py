"""Information in time: closed forms, embedding, intervals and p-values of series that depend on their own past."""

from math import log

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov
from scipy.stats import kstest

from plogp.errors import BadTable, InvalidType, InvalidValue, ShapeMismatch, UnknownName
from plogp.estimate.measures import mutual_information
from plogp.estimate.resampling import permuted, rearranged_test
from plogp.estimate.time import active_information_storage, effective_size, plug_in_terms, transfer_entropy

# ---- Gaussian autoregression: closed forms ---------------------------------------------------------------------------


def autoregression(n, a, noise, rng):
    """x_t = A x_{t−1} + noise, from its stationary distribution on."""
    x = np.empty((n, len(a)))
    x[0] = np.linalg.cholesky(solve_discrete_lyapunov(a, noise)) @ rng.normal(size=len(a))
    e = rng.normal(size=(n, len(a))) @ np.linalg.cholesky(noise).T
    for t in range(1, n):
        x[t] = a @ x[t - 1] + e[t]
    return x


def covariance(a, noise, times):
    """Of the series at these times, stacked; shape (len(times)·d, …)."""
    now = solve_discrete_lyapunov(a, noise)

    def between(s, t):  # E x_s x_tᵀ
        return np.linalg.matrix_power(a, s - t) @ now if s >= t else between(t, s).T

    return np.block([[between(s, t) for t in times] for s in times])


def shared(c, one, other, given):
    """I(one;other|given) of a normal vector with covariance c."""
    blocks = one + given, other + given, one + other + given, given
    volume = [np.linalg.slogdet(c[np.ix_(i, i)])[1] if i else 0.0 for i in blocks]
    return (volume[0] + volume[1] - volume[2] - volume[3]) / 2


A, NOISE = np.array([[0.5, 0.0], [0.6, 0.4]]), np.array([[1.0, 0.3], [0.3, 1.0]])
C = covariance(A, NOISE, [3, 2, 1, 0])  # x₃ y₃ x₂ y₂ x₁ y₁ x₀ y₀


@pytest.mark.parametrize("estimator", ["gaussian", "frenzel-pompe", "auto"])
def test_transfer_entropy_of_an_autoregression(estimator):
    x, y = autoregression(800, A, NOISE, np.random.default_rng(0)).T
    there = transfer_entropy(x, y, estimator=estimator, unit="nats")
    back = transfer_entropy(y, x, estimator=estimator, unit="nats", confidence=None)
    truth = shared(C, [1], [2], [3])
    assert truth == pytest.approx(0.156, abs=0.01)
    assert there.interval[0] < truth < there.interval[1]
    assert there.value == pytest.approx(truth, abs=0.05)
    assert back.value == pytest.approx(0, abs=0.03)
    assert (there.formula, there.n) == ("T(source→target)", 799)


@pytest.mark.parametrize(
    ("options", "now", "source", "past", "n"),
    [
        ({}, [1], [2], [3], 3999),
        ({"history": 2}, [1], [2], [3, 5], 3998),
        ({"source_history": 2}, [1], [2, 4], [3], 3998),
        ({"lag": 2}, [1], [4], [3], 3998),
        ({"lag": 2, "history": 3}, [1], [4], [3, 5, 7], 3997),
        ({"lag": 2, "source_history": 2}, [1], [4, 6], [3], 3997),
    ],
)
def test_embedding_by_closed_forms(options, now, source, past, n):
    """The Gaussian estimator has no bias here, so that a wrong lag or history shows."""
    x, y = autoregression(4000, A, NOISE, np.random.default_rng(1)).T
    found = transfer_entropy(x, y, estimator="gaussian", unit="nats", **options)
    assert found.n == n
    assert found.value == pytest.approx(shared(C, now, source, past), abs=4 * found.std_error)


def test_embedding_of_small_series_by_hand():
    x, y, w = np.arange(8) % 3, np.array([0, 1, 1, 0, 1, 0, 0, 1]), np.array(list("aababbab"))
    found = transfer_entropy(x, y, lag=2, history=1, source_history=2, given=w, estimator="plug-in")
    now, past = y[3:], y[2:-1]
    source, given = np.stack([x[1:-2], x[:-3]], axis=1), np.stack([w[1:-2], w[:-3]], axis=1)
    condition = np.array([f"{a}{b}" for a, b in zip(past, map("".join, given), strict=True)])
    assert found.n == 5
    assert found.value == pytest.approx(mutual_information(source, now, condition, estimator="plug-in").value)
    assert found.formula == "T(source→target|given)"


def test_a_common_cause_is_taken_out_by_a_condition():
    """w drives x at once and y one step later: x seems to drive y until w is given."""
    rng = np.random.default_rng(2)
    w = rng.normal(size=800)
    x = w + 0.5 * rng.normal(size=800)
    y = np.append(0, w[:-1]) + 0.5 * rng.normal(size=800)
    assert transfer_entropy(x, y, unit="nats", confidence=None).value > 0.3
    assert transfer_entropy(x, y, given=w, unit="nats", confidence=None).value == pytest.approx(0, abs=0.04)


def test_vectors():
    series = autoregression(1000, A, NOISE, np.random.default_rng(3))
    found = transfer_entropy(series, series[:, 1], estimator="gaussian", unit="nats")
    assert found.value == pytest.approx(transfer_entropy(*series.T, estimator="gaussian", unit="nats").value, abs=0.01)
    stored = active_information_storage(series, estimator="gaussian", unit="nats")
    assert stored.value == pytest.approx(shared(C, [0, 1], [2, 3], []), abs=4 * stored.std_error)


# ---- discrete series -------------------------------------------------------------------------------------------------


def copied(n, error, rng):
    """A fair coin each time, and its copy one step later, wrong with that probability."""
    x = rng.integers(0, 2, n)
    return x, np.append(0, x[:-1] ^ (rng.random(n - 1) < error))


def test_transfer_entropy_of_a_noisy_copy():
    x, y = copied(3000, 0.1, np.random.default_rng(4))
    truth = 1 + 0.1 * np.log2(0.1) + 0.9 * np.log2(0.9)
    found = transfer_entropy(x, y)
    assert found.interval[0] < truth < found.interval[1]
    assert transfer_entropy(x.astype(str), y, lag=2).value == pytest.approx(0, abs=0.005)
    assert transfer_entropy(y, x).value == pytest.approx(0, abs=0.005)


def test_storage_of_a_markov_chain():
    """A coin that stays with probability .8: a step tells 1 − H(.2) bits of the next, and two no more than one."""
    flips = np.random.default_rng(5).random(3000) < 0.2
    x = np.cumsum(flips) % 2
    truth = 1 + 0.2 * np.log2(0.2) + 0.8 * np.log2(0.8)
    for history in (1, 2):
        found = active_information_storage(x, history)
        assert found.interval[0] < truth < found.interval[1]
        assert found.n == 3000 - history


def test_storage_of_an_autoregression():
    x = autoregression(2000, np.array([[0.7]]), np.eye(1), np.random.default_rng(6))[:, 0]
    found = active_information_storage(x, unit="nats", permutations=50)
    assert found.value == pytest.approx(-log(1 - 0.49) / 2, abs=0.05)
    assert found.p_value == 1 / 51
    noise = active_information_storage(np.random.default_rng(7).normal(size=500), unit="nats", permutations=50)
    assert noise.value == pytest.approx(0, abs=0.06)
    assert noise.p_value > 0.05


def test_plug_in_terms():
    rng = np.random.default_rng(8)
    x, y, z = rng.integers(0, 3, (3, 200))
    assert plug_in_terms(x, y, z).mean() == pytest.approx(
        mutual_information(x, y, z, estimator="plug-in", unit="nats").value, abs=1e-12
    )
    i = 17
    together = (x == x[i]) & (y == y[i]) & (z == z[i])
    same = z == z[i]
    expected = log(together.sum() * same.sum() / ((x == x[i]) & same).sum() / ((y == y[i]) & same).sum())
    assert plug_in_terms(x, y, z)[i] == pytest.approx(expected)


# ---- how sure --------------------------------------------------------------------------------------------------------


def test_effective_size():
    rng = np.random.default_rng(9)
    white = rng.normal(size=(40, 1000))
    assert np.mean([effective_size(w) for w in white]) == pytest.approx(1000, rel=0.1)
    slow = autoregression(20_000, np.array([[0.8]]), np.eye(1), rng)[:, 0]
    assert effective_size(slow) == pytest.approx(20_000 / 9, rel=0.2)
    assert effective_size(np.repeat(rng.normal(size=500), 10)) == pytest.approx(500, rel=0.2)
    assert effective_size(np.ones(50)) == 50
    assert effective_size(np.array([1.0, 2.0, 3.0])) == 3


def test_an_interval_is_as_wide_as_dependent_times_make_it():
    """What a slow series stores: taken as independent, its times would cover the truth every other time only."""
    truth, covered, narrow = -log(1 - 0.81) / 2, [], []
    for seed in range(60):
        x = autoregression(500, np.array([[0.9]]), np.eye(1), np.random.default_rng(seed))[:, 0]
        found = active_information_storage(x, estimator="gaussian", unit="nats")
        amount = float(found.route.split("times amount to ")[1].split(" independent")[0])
        low, high = found.interval
        covered.append(low < truth < high)
        narrow.append(abs(found.value - truth) < (high - low) / 2 * np.sqrt(amount / found.n))
    assert np.mean(covered) > 0.8
    assert np.mean(narrow) < 0.7


def test_shifts_keep_what_permutations_destroy():
    """Two slow series that have nothing in common: lagged correlation looks significant to permutations alone."""
    rng = np.random.default_rng(11)
    shifts, naive = [], []
    for seed in range(60):
        x, y = autoregression(300, np.diag([0.95, 0.95]), np.eye(2), rng).T
        shifts.append(transfer_entropy(x, y, estimator="gaussian", permutations=39, confidence=None, seed=seed).p_value)
        a, b = x[:-1], y[1:]
        test = rearranged_test(lambda o, a=a, b=b: abs(a @ b[o]), abs(a @ b), permuted(299), 39, seed)
        naive.append(test.p_value)
    assert kstest(shifts, "uniform").pvalue > 0.01
    assert np.mean(np.array(shifts) <= 0.05) < 0.15
    assert np.mean(np.array(naive) <= 0.05) > 0.5


def test_p_values_find_what_is_there():
    x, y = copied(400, 0.2, np.random.default_rng(12))
    found = transfer_entropy(x, y, permutations=99, seed=3)
    assert found.p_value == 0.01
    assert "99 circular shifts by 39 or more, seed 3" in found.route
    assert transfer_entropy(y, x, permutations=99).p_value > 0.05
    assert transfer_entropy(x, y).p_value is None


# ---- what can't be measured ------------------------------------------------------------------------------------------


def test_missing_times_and_constants():
    x, y = autoregression(200, A, NOISE, np.random.default_rng(13)).T
    x[50], y[100] = np.nan, np.nan
    found = transfer_entropy(x, y, confidence=None)
    assert (found.n, found.n_missing) == (196, 3)
    still = transfer_entropy(np.ones(200), np.nan_to_num(y), permutations=10)
    assert (still.value, still.p_value) == (0.0, None)
    assert "`source` is constant" in still.notes[0]


@pytest.mark.parametrize(
    ("source", "target", "options", "error", "words"),
    [
        ([1, 2, 3], [1, 2], {}, ShapeMismatch, "`source` has 3, `target` has 2"),
        ([1, 2, 3], [1, 2, 3], {"lag": 0}, InvalidValue, "lag=0; needed: a whole number, 1 or more"),
        ([1, 2, 3], [1, 2, 3], {"history": 1.0}, InvalidValue, "history=1.0"),
        ([1, 2, 3], [1, 2, 3], {"source_history": True}, InvalidValue, "source_history=True"),
        ([1, 2, 3], [1, 2, 3], {"lag": 2, "source_history": 2}, InvalidValue, "3 times for lags .* needed: 5"),
        (np.arange(4.0), np.arange(4.0)[::-1] ** 2, {}, InvalidValue, "3 observations for k = 5"),
        (np.array([1.0, np.inf] * 9), np.arange(18.0), {}, InvalidValue, "infinite"),
        ([np.nan] * 9, np.arange(9.0), {}, BadTable, "lacks"),
        (np.arange(9.0), np.arange(9.0), {"estimator": "plug-in"}, InvalidType, "continuous"),
        ([1, 2] * 9, [1, 2] * 9, {"permutations": 0}, InvalidValue, "permutations=0"),
        ([1, 2] * 9, [1, 2] * 9, {"kinds": {"x": "discrete"}}, UnknownName, "`x` is not a column"),
        ([1, 2] * 9, [1, 2] * 9, {"unit": "bit"}, UnknownName, "bits"),
    ],
)
def test_errors(source, target, options, error, words):
    with pytest.raises(error, match=words):
        transfer_entropy(source, target, **options)
