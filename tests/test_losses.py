"""Losses: equal to PyTorch's, to what the chapter says they are, to themselves in other words; and their gradients."""

import math
import subprocess
import sys
import tracemalloc
from itertools import product

import numpy as np
import pytest
import scipy.special
from backends import backend
from hypothesis import given, settings
from hypothesis import strategies as st

import plogp
from plogp import _kernels, losses
from plogp.errors import InvalidType, InvalidValue, NotADistribution, ShapeMismatch, UnknownName
from plogp.frameworks import labels as rooms

rng = np.random.default_rng(20)
LOGITS = rng.normal(scale=2, size=(6, 4))
LOG_PROBS = scipy.special.log_softmax(LOGITS, axis=-1)
PROBS = np.exp(LOG_PROBS)
LABELS = np.array([0, 3, 1, 2, 2, 0])
TARGETS = rng.dirichlet(np.full(4, 0.5), 6)
WEIGHT = np.array([0.5, 2.0, 1.0, 0.0])
FORMS = {"logits": LOGITS, "log_probs": LOG_PROBS, "probs": PROBS}


@pytest.fixture(params=FORMS)
def form(request):
    return request.param


def value(xp, *, dtype="float64", **arguments):
    """The loss on a framework, as NumPy's."""
    return xp.to_numpy(loss(xp, dtype=dtype, **arguments))


def loss(xp, *, dtype="float64", **arguments):
    own = {name: xp.asarray(x, dtype_of(x, dtype)) if isinstance(x, np.ndarray) else x for name, x in arguments.items()}
    return losses.cross_entropy(**own)


def dtype_of(x, dtype):
    return "int64" if x.dtype.kind == "i" else dtype


# equal to PyTorch's


@pytest.mark.parametrize(
    ("form", "labelled", "ignore_index", "smoothing", "weighted"),
    [
        *product(["logits"], [True], [None, 2, -100], [0.0, 0.3], [False, True]),
        *product(["logits"], [False], [None], [0.0, 0.3], [False, True]),
        ("logits", True, None, 1.0, False),
        *product(["log_probs", "probs"], [True], [None, 2], [0.3], [True]),
        *product(["log_probs", "probs"], [False], [None], [0.3], [True]),
    ],
)
def test_it_equals_pytorch(xp, form, labelled, ignore_index, smoothing, weighted):
    import torch

    labels = np.where(LABELS == 1, -100, LABELS) if ignore_index == -100 else LABELS
    targets = labels if labelled else TARGETS
    for reduction in ("mean", "sum", "none"):
        options = {"label_smoothing": smoothing, "reduction": reduction}
        got = value(
            xp, **{form: FORMS[form]}, targets=targets, ignore_index=ignore_index, **options,
            weight=WEIGHT if weighted else None,
        )  # fmt: skip
        want = torch.nn.functional.cross_entropy(
            torch.tensor(LOG_PROBS),
            torch.tensor(targets),
            ignore_index=-100 if ignore_index is None else ignore_index,
            weight=torch.tensor(WEIGHT) if weighted else None,
            **options,
        )
        np.testing.assert_allclose(got, want.numpy(), rtol=1e-12, atol=1e-14)
        assert got.shape == want.shape


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
@pytest.mark.parametrize("labelled", [True, False])
def test_classes_along_any_axis(xp, axis, labelled):
    logits = np.random.default_rng(3).normal(size=(3, 3, 3))
    moved = np.moveaxis(logits, axis, -1)
    labels = np.arange(9).reshape(3, 3) % 3
    targets = (
        labels
        if labelled
        else np.moveaxis(TARGETS[:, :3][rng.permutation(6)].repeat(2, 0)[:9].reshape(3, 3, 3), -1, axis)
    )
    if not labelled:
        targets = targets / targets.sum(axis, keepdims=True)
    want = value(
        xp, logits=moved, targets=labels if labelled else np.moveaxis(targets, axis, -1), reduction="none",
        weight=WEIGHT[:3], label_smoothing=0.2,
    )  # fmt: skip
    got = value(xp, logits=logits, targets=targets, axis=axis, reduction="none", weight=WEIGHT[:3], label_smoothing=0.2)
    np.testing.assert_allclose(got, want, rtol=1e-13)


@pytest.mark.parametrize(("unit", "nats"), [("bits", math.log(2)), ("hartleys", math.log(10)), ("nats", 1)])
def test_units(xp, unit, nats):
    got = value(xp, logits=LOGITS, targets=LABELS, unit=unit)
    assert got == pytest.approx(value(xp, logits=LOGITS, targets=LABELS) / nats)


def test_one_row_without_a_batch(xp):
    got = value(xp, probs=np.array([0.25, 0.75]), targets=np.array(1), unit="bits")
    assert got == pytest.approx(-math.log2(0.75))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_the_result_has_the_dtype_of_the_predictions_and_is_computed_in_more(xp, dtype):
    if dtype == "bfloat16" and xp.name in {"numpy", "mxnet"}:
        pytest.skip(f"{xp.name} has no bfloat16")
    logits = np.zeros((5000, 4))  # 5000 losses of ln 4 overflow no float16 if they're added in more
    got = loss(xp, logits=logits, targets=np.zeros(5000, int), dtype=dtype)
    assert dtype in str(got.dtype)
    assert float(xp.to_numpy(got)) == pytest.approx(
        math.log(4), rel={"float16": 1e-3, "bfloat16": 1e-2}.get(dtype, 1e-6)
    )


def test_integers_are_labels_whatever_their_size(xp):
    want = value(xp, logits=LOGITS, targets=LABELS)
    for dtype in ("int32", "uint8"):
        for ignore_index in (None, -100, 1000):
            got = losses.cross_entropy(
                logits=xp.asarray(LOGITS), targets=xp.asarray(LABELS, dtype), ignore_index=ignore_index
            )
            assert xp.to_numpy(got) == pytest.approx(want)


@pytest.mark.parametrize("dtype", ["uint8", "int64"])
def test_small_labels_of_many_classes(xp, dtype):
    """A byte doesn't hold all of 300 classes."""
    if not xp.differentiable:
        pytest.skip("no gradients")
    logits, labels = np.random.default_rng(6).normal(size=(3, 300)), np.array([0, 44, 255])
    gradient = xp.grad(
        lambda z: losses.cross_entropy(logits=z, targets=xp.asarray(labels, dtype), reduction="sum"), xp.asarray(logits)
    )
    want = scipy.special.softmax(logits, -1) - np.eye(300)[labels]
    np.testing.assert_allclose(gradient, want, rtol=1e-11, atol=1e-15)


def test_a_one_hot_of_integers_is_a_distribution(xp):
    got = losses.cross_entropy(logits=xp.asarray(LOGITS), targets=xp.asarray(np.eye(4)[LABELS], "int64"))
    assert xp.to_numpy(got) == pytest.approx(value(xp, logits=LOGITS, targets=LABELS))


# what it is: the chapter's equivalences


def test_cross_entropy_is_negative_log_likelihood_and_entropy_plus_divergence(xp, form):
    ce = value(xp, **{form: FORMS[form]}, targets=TARGETS, reduction="none")
    np.testing.assert_allclose(ce, -(TARGETS * LOG_PROBS).sum(-1), rtol=1e-12)
    h = plogp.entropy(TARGETS, unit="nats")
    np.testing.assert_allclose(ce, h + plogp.kl_divergence(TARGETS, PROBS, unit="nats"), rtol=1e-12)
    labelled = value(xp, **{form: FORMS[form]}, targets=LABELS, reduction="sum")
    assert labelled == pytest.approx(-math.log(np.prod(PROBS[np.arange(6), LABELS])))


def test_maximum_likelihood_of_a_multinoulli_minimises_it():
    counts = np.array([5, 2, 1])
    labels = np.repeat(np.arange(3), counts)
    best = counts / 8

    def at(p):
        return float(losses.cross_entropy(probs=np.tile(p, (8, 1)), targets=labels))

    assert at(best) == pytest.approx(float(plogp.entropy(best, unit="nats")))
    for other in np.random.default_rng(1).dirichlet(10 * best, 50):
        assert at(other) >= at(best)


def test_the_chapter_prints_it():
    assert losses.cross_entropy(probs=[[0.3, 0.6, 0.1], [0.2, 0.3, 0.5]], targets=[0, 2]) == pytest.approx(
        0.94856, abs=5e-6
    )


def test_labels_are_distributions_that_are_certain(xp, form):
    hot = xp.to_numpy(losses.one_hot(xp.asarray(LABELS, "int64"), 4))
    assert hot.dtype.kind == "f"
    np.testing.assert_array_equal(hot, np.eye(4)[LABELS])
    for smoothing in (0.0, 0.1):
        given = {form: FORMS[form], "label_smoothing": smoothing, "weight": WEIGHT, "reduction": "none"}
        np.testing.assert_allclose(
            value(xp, targets=hot.astype(float), **given), value(xp, targets=LABELS, **given), rtol=1e-12
        )


# laws


@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(st.integers(0, 3), min_size=1, max_size=8),
    ignored=st.integers(0, 3),
    smoothing=st.sampled_from([0.0, 0.2]),
    weighted=st.booleans(),
    form=st.sampled_from(list(FORMS)),
    junk=st.sampled_from([np.nan, np.inf, -np.inf, 7.0]),
)
def test_an_ignored_row_equals_a_removed_one(labels, ignored, smoothing, weighted, form, junk):
    labels = np.array(labels)
    rows = FORMS[form][np.arange(len(labels)) % 6].copy()
    kept = labels != ignored
    rows[~kept] = junk
    options = {"label_smoothing": smoothing, "weight": np.array([0.5, 2, 1, 0.25]) if weighted else None}
    none = losses.cross_entropy(**{form: rows}, targets=labels, ignore_index=ignored, reduction="none", **options)
    assert (none[~kept] == 0).all()
    for reduction in ("mean", "sum"):
        if reduction == "mean" and not kept.any():
            continue
        got = losses.cross_entropy(**{form: rows}, targets=labels, ignore_index=ignored, reduction=reduction, **options)
        want = losses.cross_entropy(**{form: rows[kept]}, targets=labels[kept], reduction=reduction, **options)
        assert got == pytest.approx(float(want), rel=1e-12)


def test_nothing_of_an_ignored_row_reaches_the_gradient(xp):
    if not xp.differentiable:
        pytest.skip("no gradients")
    logits = LOGITS.copy()
    logits[LABELS == 2] = [np.nan, np.inf, -np.inf, 0]
    gradient = xp.grad(
        lambda z: losses.cross_entropy(logits=z, targets=xp.asarray(LABELS, "int64"), ignore_index=2),
        xp.asarray(logits),
    )
    kept = LABELS != 2
    assert (gradient[~kept] == 0).all()
    want = (PROBS - np.eye(4)[LABELS])[kept] / kept.sum()
    np.testing.assert_allclose(gradient[kept], want, rtol=1e-12, atol=1e-15)


def test_all_ignored(xp):
    given = {"logits": LOGITS[:2], "targets": np.array([3, 3]), "ignore_index": 3}
    with pytest.raises(InvalidValue, match=r"all 2 targets are ignored or of weight 0 \(ignore_index=3\).*hint: reduc"):
        value(xp, **given)
    assert value(xp, **given, reduction="sum") == 0
    np.testing.assert_array_equal(value(xp, **given, reduction="none"), [0, 0])


def test_all_of_weight_zero(xp):
    with pytest.raises(InvalidValue, match="of weight 0"):
        value(xp, logits=LOGITS[:2], targets=np.array([3, 3]), weight=WEIGHT)


def test_no_rows(xp):
    if xp.name == "mxnet":
        pytest.skip("MXNet can't compute with nothing")
    nothing = {"logits": xp.asarray(np.zeros((1, 3)))[:0], "targets": xp.asarray([0], "int64")[:0]}
    with pytest.raises(InvalidValue, match="there are no rows; a mean needs one"):
        losses.cross_entropy(**nothing)
    assert xp.to_numpy(losses.cross_entropy(**nothing, reduction="sum")) == 0
    assert losses.cross_entropy(**nothing, reduction="none").shape == (0,)


@pytest.mark.parametrize("k", [6, 9000])  # short rows, and such as NumPy has compiled loops for
@pytest.mark.parametrize("smoothing", [0, 0.1])
def test_shifted_logits_change_nothing(xp, k, smoothing):
    """Multiples of 1/64 stay what they are when 2¹⁷ is added, even in float32."""
    logits = np.round(64 * np.random.default_rng(0).normal(size=(4, k))) / 64
    targets, options = np.arange(4), {"reduction": "none", "label_smoothing": smoothing}
    wanted = value(xp, logits=logits, targets=targets, **options)
    for shift in (2.0**17, -(2.0**17)):
        shifted = xp.asarray(logits + shift, "float32")
        got = xp.to_numpy(losses.cross_entropy(logits=shifted, targets=xp.asarray(targets, "int64"), **options))
        np.testing.assert_allclose(got, wanted, rtol=1e-6)


@pytest.mark.parametrize("k", [3, 300])
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_the_loss_of_logits_that_are_no_numbers_is_nan_without_a_warning(xp, bad, k):
    logits = np.zeros((2, k))
    logits[1, 0] = bad
    got = value(xp, logits=logits, targets=np.array([0, 0]), reduction="none")
    np.testing.assert_array_equal(np.isnan(got), [False, True])


# impossible classes


def test_an_impossible_label_costs_infinitely_and_an_impossible_other_nothing(xp):
    with np.errstate(divide="ignore"):
        forms = {"probs": np.array([[0.0, 0.25, 0.75]]), "log_probs": np.log([[0.0, 0.25, 0.75]])}
        forms["logits"] = forms["log_probs"] + 3
    for name, x in forms.items():
        for targets in (np.array([0]), np.array([[0.5, 0.5, 0.0]])):
            assert value(xp, **{name: x}, targets=targets) == np.inf
        assert value(xp, **{name: x}, targets=np.array([1])) == pytest.approx(math.log(4))
        assert value(xp, **{name: x}, targets=np.array([[0.0, 0.5, 0.5]])) == pytest.approx(0.5 * math.log(16 / 3))
        assert value(xp, **{name: x}, targets=np.array([1]), label_smoothing=0.1) == np.inf
        assert value(xp, **{name: x}, targets=np.array([0]), reduction="sum", weight=np.array([0.0, 1, 1])) == 0


def test_gradients_are_finite_where_the_mathematics_is(xp, form):
    if not xp.differentiable:
        pytest.skip("no gradients")
    with np.errstate(divide="ignore"):
        p = np.array([[0.0, 0.25, 0.75]])
        x = {"probs": p, "log_probs": np.log(p), "logits": np.log(p)}[form]
    wanted = {
        "labels": {"probs": [0, -4, 0], "log_probs": [0, -1, 0], "logits": [0, -0.75, 0.75]},
        "distributions": {"probs": [0, -2, -2 / 3], "log_probs": [0, -0.5, -0.5], "logits": [0, -0.25, 0.25]},
    }
    for kind, targets in (("labels", xp.asarray([1], "int64")), ("distributions", xp.asarray([[0.0, 0.5, 0.5]]))):
        gradient = xp.grad(lambda x, t=targets: losses.cross_entropy(**{form: x}, targets=t), xp.asarray(x))
        np.testing.assert_allclose(gradient[0], wanted[kind][form], rtol=1e-12, atol=1e-15)
    weight = xp.asarray([0.0, 1.0, 1.0])
    gradient = xp.grad(
        lambda x: losses.cross_entropy(**{form: x}, targets=xp.asarray([0], "int64"), weight=weight, reduction="sum"),
        xp.asarray(x),
    )
    np.testing.assert_array_equal(gradient[0], [0, 0, 0])


# gradients


@pytest.mark.parametrize("labelled", [True, False])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True])
def test_gradients_of_logits_in_closed_form(xp, labelled, smoothing, weighted):
    """Of Σ −w t ln p: (Σ w t)·p − w t, for smoothed t."""
    if not xp.differentiable:
        pytest.skip("no gradients")
    t = (1 - smoothing) * (np.eye(4)[LABELS] if labelled else TARGETS) + smoothing / 4
    if weighted:
        t = t * WEIGHT
    targets = xp.asarray(LABELS, "int64") if labelled else xp.asarray(TARGETS)
    weight = xp.asarray(WEIGHT) if weighted else None
    gradient = xp.grad(
        lambda z: losses.cross_entropy(
            logits=z, targets=targets, weight=weight, label_smoothing=smoothing, reduction="sum"
        ),
        xp.asarray(LOGITS),
    )
    np.testing.assert_allclose(gradient, t.sum(-1, keepdims=True) * PROBS - t, rtol=1e-11, atol=1e-14)


def test_the_gradient_reaches_the_targets(xp):
    if not xp.differentiable:
        pytest.skip("no gradients")
    t = np.array([[0.0, 0.5, 0.5, 0.0]])
    gradient = xp.grad(lambda t: losses.cross_entropy(log_probs=xp.asarray(LOG_PROBS[:1]), targets=t), xp.asarray(t))
    np.testing.assert_allclose(gradient, -LOG_PROBS[:1], rtol=1e-12)


# the large vocabulary


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of few rows, so that small arrays go the way of large ones."""
    monkeypatch.setattr(rooms, "NUMPY_BLOCK", 2000)
    monkeypatch.setattr(rooms, "CACHED_BLOCK", 700)
    monkeypatch.setattr(rooms, "WORTH_COMPILING", 300)
    monkeypatch.setattr(rooms, "TORCH_BLOCK", 900)
    monkeypatch.setattr(rooms, "TORCH_LARGE", 1000)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "options", [{}, {"ignore_index": 7}, {"label_smoothing": 0.1}], ids=["plain", "ignore", "smooth"]
)
@pytest.mark.parametrize("forms", ["logits", "log_probs"])
def test_blocks_of_numpy_change_nothing(small_blocks, monkeypatch, compiled, dtype, options, forms):
    monkeypatch.setattr(_kernels, "COMPILED", compiled)
    x = np.random.default_rng(2).normal(scale=4, size=(23, 300))
    labels = np.random.default_rng(2).integers(0, 300, 23)
    labels[3] = 7
    logs = scipy.special.log_softmax(x, axis=-1)
    got = losses.cross_entropy(
        **{forms: (x if forms == "logits" else logs).astype(dtype)}, targets=labels, reduction="none", **options
    )
    assert got.dtype == dtype
    want = -logs[np.arange(23), labels]
    if "label_smoothing" in options:
        want = 0.9 * want - 0.1 * logs.mean(-1)
    if "ignore_index" in options:
        want[labels == 7] = 0
    np.testing.assert_allclose(got, want, rtol=1e-6 if dtype == "float32" else 1e-12)


@pytest.mark.parametrize("k", [4, 300])
def test_a_row_with_no_finite_greatest_is_nan(xp, k):
    x = np.zeros((5, k), np.float32)
    x[0, 2], x[1], x[2, 3], x[3, 0], x[4, 1] = np.inf, -np.inf, np.nan, -np.inf, np.inf
    labels = np.array([0, 0, 0, 0, 1])
    for targets in (labels, np.eye(k, dtype=np.float32)[labels]):
        got = value(xp, logits=x, targets=targets, reduction="none")
        np.testing.assert_array_equal(got, [np.nan, np.nan, np.nan, np.inf, np.nan])


@pytest.mark.parametrize("compiled", [True, False])
def test_log_sum_exp_of_rows_that_are_hard(small_blocks, monkeypatch, compiled):
    monkeypatch.setattr(_kernels, "COMPILED", compiled)
    rows = np.full((15, 5000), -1, dtype=np.float32)
    rows[0, 7] = np.nan
    rows[1, 9] = -np.float32(np.nan)
    rows[2] = -np.inf
    rows[3, 5] = np.inf
    rows[4, :-1] = -np.inf
    rows[5] = -1e30
    rows[6] = np.float32(3e38)
    rows[7, 2499] = 1e4
    rows[8] = np.linspace(-200, 0, 5000)
    rows[9] = 1e-40
    rows[10, :2100] = -np.inf
    rows[11, 2100:4900] = 90
    rows[12, 2100:4900] = 7.5
    rows[13, 4999] = np.nan
    rows[14, 2100:] = -np.inf
    got = rooms._log_sum_exp(rows)
    with np.errstate(all="ignore"):
        want = scipy.special.logsumexp(rows.astype(np.float64), axis=1)
    np.testing.assert_allclose(got, want, rtol=1e-7)


def test_the_kernel_is_right_to_a_part_in_a_million():
    from plogp._kernels.losses import log_sum_exp

    for scale in (0.01, 1, 10, 100):
        rows = np.random.default_rng(4).normal(scale=scale, size=(50, 5000)).astype(np.float32)
        out = np.empty(50)
        log_sum_exp(rows, out)
        np.testing.assert_allclose(out, scipy.special.logsumexp(rows.astype(float), axis=1), rtol=0, atol=6e-7)


@pytest.mark.parametrize("k", [1, 15, 16, 63, 64, 65, 128, 1023, 1024, 1025, 1100, 4096, 5003])
def test_the_kernel_reads_each_entry_once(k):
    from plogp._kernels.losses import log_sum_exp

    places = np.unique(np.linspace(0, k - 1, 40).astype(int))
    rows = np.random.default_rng(5).normal(size=(len(places) + 1, k)).astype(np.float32)
    rows[np.arange(len(places)), places] = 40
    out = np.empty(len(rows))
    log_sum_exp(rows, out)
    np.testing.assert_allclose(out, scipy.special.logsumexp(rows.astype(float), axis=1), rtol=1e-7, atol=6e-7)
    rows[np.arange(len(places)), places] = np.nan
    log_sum_exp(rows, out)
    np.testing.assert_array_equal(np.isnan(out), np.arange(len(rows)) < len(places))


def test_the_kernel_is_right_without_numba():
    code = """if True:
        import sys
        sys.modules["numba"] = None
        import numpy as np
        from plogp import _kernels
        from plogp._kernels.losses import log_sum_exp
        assert not _kernels.COMPILED
        rows = np.linspace(-99, 5, 2500, dtype=np.float32).reshape(2, -1)
        rows[1, 0] = np.nan
        out = np.empty(2)
        log_sum_exp(rows, out)
        print(*out)
    """
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert done.stderr == ""
    right = scipy.special.logsumexp(np.linspace(-99, 5, 2500)[:1250])
    assert [float(x) for x in done.stdout.split()] == pytest.approx([right, math.nan], rel=1e-6, nan_ok=True)


def test_large_arrays_with_the_classes_first_are_taken_whole(small_blocks):
    x = np.random.default_rng(2).normal(size=(300, 23))
    labels = np.random.default_rng(2).integers(0, 300, 23)
    got = losses.cross_entropy(logits=x, targets=labels, axis=0)
    assert got == pytest.approx(float(losses.cross_entropy(logits=x.T, targets=labels)))


@pytest.mark.parametrize("labelled", [True, False])
def test_rows_of_several_axes_are_taken_in_blocks_of_rows(small_blocks, monkeypatch, labelled):
    import torch

    x = np.random.default_rng(2).normal(size=(2, 13, 300))
    labels = np.random.default_rng(2).integers(0, 300, (2, 13))
    targets = labels if labelled else np.eye(300)[labels]
    want = scipy.special.logsumexp(x, axis=-1) - np.take_along_axis(x, labels[..., None], -1)[..., 0]
    sizes = []
    of_rows = losses.classes._CrossEntropy.of_rows
    monkeypatch.setattr(
        losses.classes._CrossEntropy, "of_rows", lambda *a: sizes.append(math.prod(a[2].shape)) or of_rows(*a)
    )
    options = {"ignore_index": -1} if labelled else {}  # it makes a copy
    for own in (np.asarray, torch.tensor):
        got = losses.cross_entropy(logits=own(x), targets=own(targets), reduction="none", **options)
        np.testing.assert_allclose(got, want, rtol=1e-12)
    assert max(sizes) <= 2100


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("options", [{}, {"ignore_index": 0}], ids=["plain", "ignore"])
def test_no_second_copy_of_large_logits_is_made(monkeypatch, compiled, dtype, options):
    monkeypatch.setattr(_kernels, "COMPILED", compiled)
    monkeypatch.setattr(rooms, "NUMPY_BLOCK", 1 << 17)
    x, labels = np.ones((200, 10_000), dtype), np.arange(200)
    losses.cross_entropy(logits=x, targets=labels, **options)
    tracemalloc.start()
    got = losses.cross_entropy(logits=x, targets=labels, **options)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert got == pytest.approx(math.log(10_000), rel=1e-3)
    assert peak < x.nbytes / 2


class TestTorchInBlocks:
    @pytest.fixture(autouse=True)
    def _blocks(self, small_blocks):
        import torch

        self.torch = torch
        torch.manual_seed(0)
        self.x = 3 * torch.randn(13, 300, dtype=torch.float64)
        self.labels = torch.randint(0, 300, (13,))
        self.labels[2] = 5

    @pytest.mark.parametrize(
        "options", [{}, {"ignore_index": 5}, {"label_smoothing": 0.2}], ids=["plain", "ignore", "smooth"]
    )
    @pytest.mark.parametrize("dtype", ["float64", "float32", "bfloat16"])
    def test_value_and_gradient(self, options, dtype):
        torch = self.torch
        x = self.x.to(getattr(torch, dtype)).requires_grad_()
        loss = losses.cross_entropy(logits=x, targets=self.labels, **options)
        loss.backward()
        same = x.detach().double().requires_grad_()
        want = torch.nn.functional.cross_entropy(same, self.labels, **options)
        want.backward()
        tolerance = {"float64": 1e-12, "float32": 1e-5, "bfloat16": 1e-2}[dtype]
        torch.testing.assert_close(loss.double(), want, rtol=tolerance, atol=0)
        torch.testing.assert_close(x.grad.double(), same.grad, rtol=tolerance, atol=tolerance * 1e-3)

    def test_it_is_taken_in_blocks_and_only_for_what_is_large(self, monkeypatch):
        sizes = []
        loss = rooms.PyTorch.loss
        monkeypatch.setattr(rooms.PyTorch, "loss", lambda *a: sizes.append(len(a[1])) or loss(*a))
        losses.cross_entropy(logits=self.x, targets=self.labels)
        losses.cross_entropy(logits=self.x[:3], targets=self.labels[:3])
        assert sizes == [3, 3, 3, 3, 1, 3]

    def test_values_of_float32_come_from_the_compiled_loop(self, monkeypatch):
        torch, seen = self.torch, []
        log_sum_exp = rooms._log_sum_exp
        monkeypatch.setattr(rooms, "_log_sum_exp", lambda rows: seen.append(len(rows)) or log_sum_exp(rows))
        x = self.x.float()
        x[4, 7], x[5], x[6, 9], x[7, 0] = np.inf, -np.inf, np.nan, -np.inf
        want = torch.nn.functional.cross_entropy(x.double(), self.labels, reduction="none")
        for some in (x, x.clone().requires_grad_()):
            got = losses.cross_entropy(logits=some, targets=self.labels, reduction="none")
            torch.testing.assert_close(got.double(), want, rtol=1e-6, atol=1e-6, equal_nan=True)
        assert seen == 2 * [3, 3, 3, 3, 1]
        seen.clear()
        losses.cross_entropy(logits=self.x, targets=self.labels)
        losses.cross_entropy(logits=x[:, ::2], targets=self.labels % 150, reduction="none")
        assert not seen

    def test_gradcheck_twice(self):
        torch = self.torch
        x = torch.randn(6, 200, dtype=torch.float64, requires_grad=True)
        labels = torch.randint(0, 200, (6,))

        def f(x):
            return losses.cross_entropy(logits=x, targets=labels, ignore_index=int(labels[0]))

        assert torch.autograd.gradcheck(f, x, fast_mode=True)
        assert torch.autograd.gradgradcheck(f, x, fast_mode=True)

    def test_distributions_that_need_a_gradient_themselves(self):
        torch = self.torch
        t = torch.softmax(torch.randn(13, 300, dtype=torch.float64), -1).requires_grad_()
        losses.cross_entropy(logits=self.x, targets=t).backward()
        torch.testing.assert_close(t.grad, -torch.log_softmax(self.x, -1) / 13)

    def test_transformations_take_the_plain_way(self):
        torch = self.torch

        def f(x):
            return losses.cross_entropy(logits=x, targets=self.labels)

        x = self.x.clone().requires_grad_()
        (want,) = torch.autograd.grad(f(x), x)
        torch.testing.assert_close(torch.func.grad(f)(self.x), want)
        torch.testing.assert_close(torch.func.vmap(f)(self.x[None]), f(self.x)[None])


# transformations


def test_pytorch_transforms():
    import torch

    x, labels, t = torch.tensor(LOGITS), torch.tensor(LABELS), torch.tensor(TARGETS)

    def f(x):
        return losses.cross_entropy(logits=x, targets=labels, label_smoothing=0.1, ignore_index=2)

    def each(x, label):
        return losses.cross_entropy(logits=x, targets=label)

    leaf = x.clone().requires_grad_()
    assert torch.autograd.gradcheck(f, leaf)
    assert torch.autograd.gradgradcheck(f, leaf)
    assert torch.autograd.gradcheck(
        lambda x: losses.cross_entropy(logits=x, targets=t, weight=torch.tensor(WEIGHT)), leaf
    )
    torch.testing.assert_close(torch.func.grad(f)(x), torch.autograd.grad(f(leaf), leaf)[0])
    torch.testing.assert_close(torch.func.vmap(each)(x, labels).mean(), each(x, labels))
    p = torch.tensor(PROBS[0])
    hessian = torch.autograd.functional.hessian(lambda z: each(z, labels[0]), x[0])
    torch.testing.assert_close(hessian, torch.diag(p) - torch.outer(p, p))


@pytest.mark.slow
def test_pytorch_compiles_in_one_graph():
    import torch

    x, labels = torch.tensor(LOGITS, requires_grad=True), torch.tensor(LABELS)

    def f(x, labels):
        return losses.cross_entropy(logits=x, targets=labels, label_smoothing=0.1, ignore_index=2)

    compiled = torch.compile(f, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(x, labels), f(x, labels))
    (got,) = torch.autograd.grad(compiled(x, labels), x)
    torch.testing.assert_close(got, *torch.autograd.grad(f(x, labels), x))


def test_jax_transforms():
    jax = backend("jax").jax
    x, labels = jax.numpy.asarray(LOGITS), jax.numpy.asarray(LABELS)

    def f(x, labels):
        return losses.cross_entropy(logits=x, targets=labels, label_smoothing=0.1, ignore_index=2)

    def each(x, label):
        return losses.cross_entropy(logits=x, targets=label)

    np.testing.assert_allclose(jax.jit(f)(x, labels), f(x, labels), rtol=1e-12)
    np.testing.assert_allclose(jax.jit(jax.grad(f))(x, labels), jax.grad(f)(x, labels), rtol=1e-12)
    np.testing.assert_allclose(jax.vmap(each)(x, labels).mean(), each(x, labels), rtol=1e-12)
    p = PROBS[0]
    np.testing.assert_allclose(jax.hessian(each)(x[0], labels[0]), np.diag(p) - np.outer(p, p), rtol=1e-12, atol=1e-15)
    _, slope = jax.jvp(lambda x: each(x, labels), (x,), (x,))
    np.testing.assert_allclose(slope, (jax.grad(each)(x, labels) * x).sum(), rtol=1e-12)


def test_jax_compiles_with_constants_that_are_known():
    """Inside jit nothing can be looked at, not even arrays from outside."""
    jax = backend("jax").jax
    probs, targets = jax.numpy.asarray(PROBS), jax.numpy.asarray(TARGETS)
    got = jax.jit(lambda scale: scale * losses.cross_entropy(probs=probs, targets=targets))(2.0)
    assert float(got) == pytest.approx(2 * -(TARGETS * LOG_PROBS).sum(-1).mean())


def test_jax_keeps_no_copy_of_large_logits():
    """The compiled gradient holds logits and gradient, and nothing else of their size."""
    jax = backend("jax").jax
    x = jax.numpy.zeros((256, 5000), "float32")
    labels = jax.numpy.zeros(256, "int32")
    f = jax.grad(lambda x: losses.cross_entropy(logits=x, targets=labels))
    memory = jax.jit(f).lower(x).compile().memory_analysis()
    assert memory.temp_size_in_bytes < x.nbytes / 2
    assert memory.output_size_in_bytes <= x.nbytes + 4096


@pytest.mark.slow
@pytest.mark.parametrize("xla", [False, True])
def test_tensorflow_functions(xla):
    import tensorflow as tf

    def f(x, labels):
        return losses.cross_entropy(logits=x, targets=labels, ignore_index=2)

    shapes = [tf.TensorSpec([None, 4], tf.float64), tf.TensorSpec([None], tf.int64)]
    unknown = [tf.TensorSpec(None, tf.float64), tf.TensorSpec(None, tf.int64)]
    x, labels = tf.constant(LOGITS), tf.constant(LABELS, tf.int64)
    want = f(x, labels).numpy()
    for signature in [shapes] if xla else [shapes, unknown]:
        traced = tf.function(f, input_signature=signature, jit_compile=xla)
        np.testing.assert_allclose(traced(x, labels).numpy(), want, rtol=1e-12)

        @tf.function(input_signature=signature, jit_compile=xla)
        def slope(x, labels):
            with tf.GradientTape() as tape:
                tape.watch(x)
                value = f(x, labels)
            return tape.gradient(value, x)

        np.testing.assert_allclose(
            slope(x, labels)[LABELS != 2], (PROBS - np.eye(4)[LABELS])[LABELS != 2] / 4, rtol=1e-9, atol=1e-12
        )


def test_a_graph_that_does_not_know_the_number_of_classes():
    import tensorflow as tf

    @tf.function(
        autograph=False,
        input_signature=[tf.TensorSpec([None, None], tf.float64), tf.TensorSpec([None], tf.int64)],
    )
    def f(x, labels):
        return losses.cross_entropy(logits=x, targets=labels, label_smoothing=0.1)

    with pytest.raises(InvalidValue, match="needs the number of classes, which this graph doesn't know yet"):
        f(tf.constant(LOGITS), tf.constant(LABELS, tf.int64))


def test_labels_of_mxnet_may_be_floats_as_they_are_there_unless_told_otherwise():
    mx = backend("mxnet").mx
    labels = mx.np.array(LABELS.tolist())
    assert "float" in str(labels.dtype)
    got = losses.cross_entropy(logits=mx.np.array(LOGITS, dtype="float64"), targets=labels)
    assert float(got) == pytest.approx(-LOG_PROBS[np.arange(6), LABELS].mean())
    with pytest.raises(InvalidType, match="labels of"):
        losses.cross_entropy(logits=mx.np.array(LOGITS), targets=labels + 0.5)


# two classes


@pytest.mark.parametrize("kind", ["logits", "probs"])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_two_classes_equal_pytorch(xp, kind, weighted, reduction):
    import torch

    z = np.array([[0.3, -2.0, 5.0], [0.0, 40.0, -40.0]])
    t = np.array([[1.0, 0.0, 0.25], [1.0, 1.0, 0.0]])
    weight, pos_weight = np.array([1.0, 0.5, 2.0]), np.array([3.0, 1.0, 0.5])
    factors = {"weight": weight, "pos_weight": pos_weight} if weighted else {}
    got = losses.binary_cross_entropy(
        **{kind: xp.asarray(z if kind == "logits" else scipy.special.expit(z))},
        targets=xp.asarray(t), reduction=reduction, **{name: xp.asarray(w) for name, w in factors.items()},
    )  # fmt: skip
    want = torch.nn.functional.binary_cross_entropy_with_logits(
        torch.tensor(z), torch.tensor(t), reduction=reduction, **{name: torch.tensor(w) for name, w in factors.items()}
    )
    np.testing.assert_allclose(xp.to_numpy(got), want.numpy(), rtol=1e-12, atol=1e-17)


def test_two_classes_are_two_classes(xp):
    p, labels = np.array([0.2, 0.7, 0.5]), np.array([1, 0, 1])
    got = losses.binary_cross_entropy(probs=xp.asarray(p), targets=xp.asarray(labels, "int64"), unit="bits")
    want = value(xp, probs=np.stack([1 - p, p], -1), targets=labels, unit="bits")
    assert xp.to_numpy(got) == pytest.approx(want)


def test_certain_predictions_of_two_classes(xp):
    inf = np.inf
    for predictions, targets, right in [
        ({"probs": [0.0, 1.0]}, [0.0, 1.0], 0),
        ({"probs": [0.0, 1.0]}, [0.0, 0.5], inf),
        ({"logits": [-inf, inf]}, [0.0, 1.0], 0),
        ({"logits": [-inf, inf]}, [1.0, 1.0], inf),
        ({"logits": [1000.0, -1000.0]}, [0.0, 1.0], 1000),
        ({"probs": [1e-30, 0.5]}, [0.0, 1.0], math.log(2) / 2),
    ]:
        own = {name: xp.asarray(x) for name, x in predictions.items()}
        got = losses.binary_cross_entropy(**own, targets=xp.asarray(targets))
        assert xp.to_numpy(got) == pytest.approx(right)


def test_gradients_of_two_classes(xp):
    if not xp.differentiable:
        pytest.skip("no gradients")
    z = np.array([-3.0, 0.0, 2.0, 50.0, -800.0])
    t = np.array([0.0, 0.3, 1.0, 1.0, 0.5])
    gradient = xp.grad(
        lambda z: losses.binary_cross_entropy(logits=z, targets=xp.asarray(t), reduction="sum"), xp.asarray(z)
    )
    np.testing.assert_allclose(gradient, scipy.special.expit(z) - t, rtol=1e-12, atol=1e-16)
    p, t = np.array([0.0, 0.25, 1.0]), np.array([0.0, 0.5, 1.0])
    gradient = xp.grad(
        lambda p: losses.binary_cross_entropy(probs=p, targets=xp.asarray(t), reduction="sum"), xp.asarray(p)
    )
    np.testing.assert_allclose(gradient[1], 0.5 / 0.75 - 0.5 / 0.25, rtol=1e-12)
    np.testing.assert_allclose(gradient[[0, 2]], [1, -1], rtol=1e-12)


def test_second_derivatives_of_two_classes_at_zero():
    import torch

    jax = backend("jax").jax

    def f(z, t):
        return losses.binary_cross_entropy(logits=z, targets=t)

    assert float(jax.grad(jax.grad(f))(jax.numpy.asarray(0.0), jax.numpy.asarray(0.3))) == pytest.approx(0.25)
    got = torch.autograd.functional.hessian(lambda z: f(z, torch.tensor(0.3)), torch.tensor(0.0))
    assert float(got) == pytest.approx(0.25)


# bad input


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({}, InvalidType, "none came; one of `logits`, `log_probs`, `probs` is needed"),
        ({"logits": LOGITS, "probs": PROBS}, InvalidType, "`logits` and `probs` came"),
        ({"probs": 2 * PROBS}, NotADistribution, "`probs` sums to 2 at index \\(0,\\)"),
        ({"probs": LOGITS}, NotADistribution, "`probs` has -.* which is negative"),
        ({"log_probs": LOGITS}, NotADistribution, "exp of `log_probs` sums to"),
        ({"log_probs": LOG_PROBS * np.nan}, NotADistribution, "`log_probs` has NaN"),
        (
            {"logits": LOGITS, "targets": LABELS + 1},
            InvalidValue,
            r"`targets` has 4 at index \(1,\); labels 0..3 are needed",
        ),
        ({"logits": LOGITS, "targets": LABELS - 1}, InvalidValue, r"`targets` has -1 at index \(0,\)"),
        ({"logits": LOGITS, "targets": LABELS - 1, "ignore_index": -100}, InvalidValue, r"has -1 at index \(0,\)"),
        ({"logits": LOGITS, "targets": LABELS + 0.5}, InvalidType, "labels of .*float64.*; integers are needed"),
        ({"logits": LOGITS, "targets": 2 * TARGETS}, NotADistribution, "`targets` sums to 2"),
        ({"logits": LOGITS, "targets": TARGETS, "ignore_index": 1}, InvalidValue, "targets that are distributions"),
        (
            {"logits": LOGITS, "targets": LABELS[:5]},
            ShapeMismatch,
            r"`targets` of shape \(5,\) with `logits` of shape \(6, 4\) and classes along axis -1; \(6,\) is needed",
        ),
        ({"logits": LOGITS, "axis": 0}, ShapeMismatch, r"axis -2; \(4,\) is needed for labels, \(6, 4\) for"),
        ({"logits": LOGITS, "axis": 2}, ShapeMismatch, "axis=2 doesn't name axes of `logits`"),
        ({"logits": LOGITS, "axis": (0, 1)}, InvalidType, "not an axis of classes"),
        ({"logits": LOGITS, "ignore_index": 1.0}, InvalidType, "ignore_index=1.0 is not a label"),
        ({"logits": LOGITS, "weight": WEIGHT[:3]}, ShapeMismatch, r"`weight` of shape \(3,\) with 4 classes"),
        ({"logits": LOGITS, "weight": -WEIGHT}, InvalidValue, "`weight` has an entry that is negative"),
        ({"logits": LOGITS, "reduction": "average"}, UnknownName, "reduction='average' is none; 'mean', 'sum' or"),
        ({"logits": LOGITS, "unit": "nat"}, UnknownName, "did you mean `nats`"),
        ({"logits": LOGITS, "label_smoothing": 1.5}, InvalidValue, "label_smoothing=1.5; a number from 0 to 1"),
    ],
)
def test_bad_input_is_refused_in_the_same_words_everywhere(xp, arguments, error, words):
    with pytest.raises(error, match=words):
        loss(xp, **{"targets": LABELS} | arguments)


def test_two_frameworks_are_refused():
    import torch

    with pytest.raises(InvalidType, match="`logits` of PyTorch and `targets` of NumPy"):
        losses.cross_entropy(logits=torch.tensor(LOGITS), targets=LABELS)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"probs": [0.5, 1.5]}, InvalidValue, r"`probs` has 1.5 at index \(1,\); entries from 0 to 1"),
        ({"probs": [0.5, math.nan]}, InvalidValue, r"`probs` has nan at index \(1,\)"),
        ({"logits": [0.5, 1.5], "targets": [0.0, -1.0]}, InvalidValue, r"`targets` has -1 at index \(1,\)"),
        ({"logits": [[0.5, 1.5]]}, ShapeMismatch, r"`targets` of shape \(2,\) with `logits` of shape \(1, 2\)"),
        ({"logits": [0.5, 1.5], "weight": [1.0, 2.0, 3.0]}, ShapeMismatch, r"`weight` of shape \(3,\) doesn't broad"),
        ({"logits": [0.5, 1.5], "pos_weight": [-1.0, 1.0]}, InvalidValue, "`pos_weight` has an entry that is negative"),
        ({"logits": [0.5, 1.5], "probs": [0.5, 0.5]}, InvalidType, "`probs` and `logits` came"),
    ],
)
def test_bad_input_of_two_classes_is_refused(xp, arguments, error, words):
    own = {name: xp.asarray(x) for name, x in ({"targets": [0.0, 1.0]} | arguments).items()}
    with pytest.raises(error, match=words):
        losses.binary_cross_entropy(**own)


@pytest.mark.parametrize(
    ("labels", "n", "error", "words"),
    [
        ([0, 3], 3, InvalidValue, r"`labels` has 3 at index \(?1"),
        ([0, -1], 3, InvalidValue, "`labels` has -1"),
        ([0, 1], 0, InvalidValue, "n_classes=0"),
        ([True, False], 2, InvalidType, "labels of bool; integers are needed"),
    ],
)
def test_bad_labels_are_refused(labels, n, error, words):
    with pytest.raises(error, match=words):
        losses.one_hot(labels, n)


def test_labels_that_are_floats_are_refused_in_the_same_words_everywhere(xp):
    with pytest.raises(InvalidType, match="`labels` are labels of float64; integers are needed"):
        losses.one_hot(xp.asarray([0.5, 1.0]), 3)
