"""What frameworks do to functions: compile, vectorise, differentiate. Only while they trace are values not checked."""

from math import inf, log, nan

import numpy as np
import pytest
from backends import backend

from plogp import losses, pmf
from plogp.errors import NotADistribution, ShapeMismatch

P = np.array([0.1, 0.5, 0.1, 0.3])
Q = np.array([0.2, 0.3, 0.1, 0.4])
BATCH = np.stack([P, Q, [0.25, 0.25, 0.25, 0.25], [0.7, 0.1, 0.1, 0.1]])
BAD = np.array([0.9, 0.9, 0.9, 0.9])

MEASURES = {
    "entropy": lambda p, q, table: pmf.entropy(p),
    "entropy of logits": lambda p, q, table: pmf.entropy(logits=p),
    "perplexity": lambda p, q, table: pmf.perplexity(p),
    "self-information": lambda p, q, table: pmf.self_information(p),
    "kl": lambda p, q, table: pmf.kl_divergence(p, q),
    "kl of logits": lambda p, q, table: pmf.kl_divergence(p, q_logits=q),
    "cross-entropy": lambda p, q, table: pmf.cross_entropy(p, q),
    "js": lambda p, q, table: pmf.jensen_shannon_divergence(p, q),
    "js distance": lambda p, q, table: pmf.jensen_shannon_distance(p, q, weights=(0.3, 0.7)),
    "joint entropy": lambda p, q, table: pmf.joint_entropy(table, axis=(-2, -1)),
    "conditional entropy": lambda p, q, table: pmf.conditional_entropy(table),
    "mutual information": lambda p, q, table: pmf.mutual_information(table),
    "pmi": lambda p, q, table: pmf.pointwise_mutual_information(table),
    "npmi": lambda p, q, table: pmf.pointwise_mutual_information(table, normalized=True),
    "renyi 2": lambda p, q, table: pmf.renyi_entropy(p, 2),
    "renyi near 1": lambda p, q, table: pmf.renyi_entropy(p, 1.001),
    "renyi max": lambda p, q, table: pmf.renyi_entropy(p, inf),
    "tsallis 3": lambda p, q, table: pmf.tsallis_entropy(p, 3),
    "renyi divergence": lambda p, q, table: pmf.renyi_divergence(p, q, 0.5),
    "normalized": lambda p, q, table: pmf.entropy(p, normalize=True),
}
EXPECTED = {name: measure(P, Q, P.reshape(2, 2)) for name, measure in MEASURES.items()}
every_measure = pytest.mark.parametrize("name", MEASURES)


def of_table(measure):
    """A measure of p, q and the table that p makes."""
    return lambda p, q: measure(p, q, p.reshape((*p.shape[:-1], 2, 2)))


# ---- PyTorch --------------------------------------------------------------------------------------------------------


@pytest.fixture
def torch():
    torch = backend("torch").torch
    torch._dynamo.reset()  # it compiles one piece of code so many times and no more
    return torch


@every_measure
def test_torch_compiles_the_whole_graph(torch, name):
    compiled = torch.compile(of_table(MEASURES[name]), fullgraph=True, backend="eager")
    value = compiled(torch.tensor(P), torch.tensor(Q))
    np.testing.assert_allclose(value, EXPECTED[name], rtol=1e-14)
    with_bad = compiled(torch.tensor(BAD), torch.tensor(Q))  # no error: a graph has no values
    assert with_bad.shape == value.shape


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:`torch.jit.script_method` is deprecated:DeprecationWarning")  # torch's own inductor
def test_torch_inductor_computes_the_same(torch):
    def loss(p, q):
        return pmf.kl_divergence(p, q) + pmf.mutual_information(p.reshape(2, 2))

    p, q = torch.tensor(P, requires_grad=True), torch.tensor(Q)
    compiled = torch.compile(loss, fullgraph=True)
    expected = loss(p, q)
    np.testing.assert_allclose(compiled(p, q).detach(), expected.detach(), rtol=1e-14)
    (ours,) = torch.autograd.grad(compiled(p, q), p)
    (theirs,) = torch.autograd.grad(expected, p)
    np.testing.assert_allclose(ours, theirs, rtol=1e-13)


def test_torch_compiles_with_dynamic_shapes(torch):
    compiled = torch.compile(lambda p: pmf.entropy(p), fullgraph=True, backend="eager", dynamic=True)
    for k in (2, 3, 8, 100):
        assert float(compiled(torch.full((k,), 1 / k, dtype=torch.float64))) == pytest.approx(np.log2(k), rel=1e-14)


def test_torch_exports(torch):
    pmf.entropy(torch.tensor([0.5, 0.5]))  # so that plogp has met PyTorch before, which an export would warn of

    class Module(torch.nn.Module):
        def forward(self, p):
            return pmf.entropy(p)

    program = torch.export.export(Module(), (torch.tensor(P),), strict=True)
    assert float(program.module()(torch.tensor(Q))) == pytest.approx(float(pmf.entropy(Q)), rel=1e-14)


@every_measure
def test_torch_vmap_is_a_loop(torch, name):
    measure = of_table(MEASURES[name])
    batch, q = torch.tensor(BATCH), torch.tensor(Q)
    value = torch.vmap(measure, in_dims=(0, None))(batch, q)
    np.testing.assert_allclose(value, np.stack([measure(p, q) for p in batch]), rtol=1e-14)
    value = torch.vmap(measure, in_dims=(None, 0))(q, batch)
    np.testing.assert_allclose(value, np.stack([measure(q, p) for p in batch]), rtol=1e-14)


@every_measure
def test_torch_func_grad_is_autograd(torch, name):
    measure = of_table(MEASURES[name])
    p, q = torch.tensor(P), torch.tensor(Q)
    leaf = p.clone().requires_grad_()
    (expected,) = torch.autograd.grad(measure(leaf, q).sum(), leaf)
    np.testing.assert_allclose(torch.func.grad(lambda p: measure(p, q).sum())(p), expected, rtol=1e-14)
    per_row = torch.vmap(torch.func.grad(lambda p: measure(p, q).sum()))(torch.stack([p, p]))
    np.testing.assert_allclose(per_row[1], expected, rtol=1e-14)


UNCHECKED = {
    "entropy": lambda p: pmf.entropy(p, check=False),
    "kl of p": lambda p: pmf.kl_divergence(p, p.flip(0), check=False),
    "cross-entropy": lambda p: pmf.cross_entropy(p, p.flip(0), check=False),
    "js": lambda p: pmf.jensen_shannon_divergence(p, p.flip(0), check=False),
    "mutual information": lambda p: pmf.mutual_information(p.reshape(2, 2), check=False),
    "conditional entropy": lambda p: pmf.conditional_entropy(p.reshape(2, 2), check=False),
    "pmi": lambda p: pmf.pointwise_mutual_information(p.reshape(2, 2), check=False),
    "npmi": lambda p: pmf.pointwise_mutual_information(p.reshape(2, 2), normalized=True, check=False),
    "renyi 0.5": lambda p: pmf.renyi_entropy(p, 0.5, check=False),
    "renyi near 1": lambda p: pmf.renyi_entropy(p, 1.001, check=False),
    "tsallis 3": lambda p: pmf.tsallis_entropy(p, 3, check=False),
    "renyi divergence": lambda p: pmf.renyi_divergence(p, p.flip(0), 2, check=False),
    "entropy of logits": lambda p: pmf.entropy(logits=p),
    "mutual information of logits": lambda p: pmf.mutual_information(logits=p.reshape(2, 2)),
    "kl of logits": lambda p: pmf.kl_divergence(p_logits=p, q_logits=p.flip(0)),
}


@pytest.mark.parametrize("name", UNCHECKED)
def test_torch_gradcheck(torch, name):
    p = torch.tensor(P, requires_grad=True)
    assert torch.autograd.gradcheck(UNCHECKED[name], (p,))
    assert torch.autograd.gradgradcheck(UNCHECKED[name], (p,))


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")  # torch's own hessian
def test_torch_hessian(torch):
    p = torch.tensor(P)
    hessian = torch.autograd.functional.hessian(lambda p: pmf.entropy(p, unit="nats"), p)
    np.testing.assert_allclose(hessian, np.diag(-1 / P), rtol=1e-14)
    hessian = torch.func.hessian(lambda q: pmf.kl_divergence(p, q, unit="nats"))(torch.tensor(Q))
    np.testing.assert_allclose(hessian, np.diag(P / Q**2), rtol=1e-13)


def test_torch_checks_under_grad_but_not_under_vmap(torch):
    bad = torch.tensor(BAD)
    with pytest.raises(NotADistribution, match=r"sums to 3\.6"):
        torch.func.grad(pmf.entropy)(bad)
    leaf = bad.clone().requires_grad_()
    with pytest.raises(NotADistribution, match=r"sums to 3\.6"):
        pmf.entropy(leaf)
    assert torch.vmap(pmf.entropy)(bad[None]).shape == (1,)
    assert torch.vmap(torch.func.grad(pmf.entropy))(bad[None]).shape == (1, 4)


def test_torch_shapes_are_checked_while_compiling(torch):
    compiled = torch.compile(pmf.kl_divergence, fullgraph=False, backend="eager")
    with pytest.raises(ShapeMismatch, match="don't go together along axis -1"):
        compiled(torch.tensor(P), torch.tensor([0.5, 0.5], dtype=torch.float64))


def test_torch_meta_tensors_have_shapes_only(torch):
    assert pmf.entropy(torch.empty(5, 3, device="meta")).shape == (5,)


# ---- JAX ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def jax():
    return backend("jax").jax


@every_measure
def test_jax_jit_vmap_and_grad(jax, name):
    measure = of_table(MEASURES[name])
    p, q = jax.numpy.asarray(P), jax.numpy.asarray(Q)
    jitted = jax.jit(measure)
    np.testing.assert_allclose(jitted(p, q), EXPECTED[name], rtol=1e-13)
    assert jitted(jax.numpy.asarray(BAD), q).shape == EXPECTED[name].shape  # no error: a trace has no values
    batch = jax.numpy.asarray(BATCH)
    rows = jax.vmap(measure, in_axes=(0, None))(batch, q)
    np.testing.assert_allclose(rows, np.stack([measure(row, q) for row in batch]), rtol=1e-13)
    rows = jax.vmap(measure, in_axes=(None, 0))(q, batch)
    np.testing.assert_allclose(rows, np.stack([measure(q, row) for row in batch]), rtol=1e-13)
    eager = jax.grad(lambda p: measure(p, q).sum())(p)
    np.testing.assert_allclose(jax.jit(jax.grad(lambda p: measure(p, q).sum()))(p), eager, rtol=1e-12, atol=1e-15)
    assert np.isfinite(eager).all()


def test_jax_hessian(jax):
    hessian = jax.hessian(lambda p: pmf.entropy(p, unit="nats"))(jax.numpy.asarray(P))
    np.testing.assert_allclose(hessian, np.diag(-1 / P), rtol=1e-14)
    p = jax.numpy.asarray(P)
    hessian = jax.jit(jax.hessian(lambda q: pmf.kl_divergence(p, q, unit="nats")))(jax.numpy.asarray(Q))
    np.testing.assert_allclose(hessian, np.diag(P / Q**2), rtol=1e-13)


def test_jax_checks_under_grad_but_not_under_jit(jax):
    bad = jax.numpy.asarray(BAD)
    with pytest.raises(NotADistribution, match=r"sums to 3\.6"):
        jax.grad(pmf.entropy)(bad)
    assert jax.jit(pmf.entropy)(bad).shape == ()
    assert jax.vmap(jax.grad(pmf.entropy))(bad[None]).shape == (1, 4)
    assert jax.jit(lambda p: pmf.kl_divergence(p, bad))(bad).shape == ()  # what is known isn't looked at either
    assert jax.eval_shape(pmf.entropy, bad).shape == ()


def test_jax_scan_and_checkpoint(jax):
    def step(total, p):
        return total + jax.checkpoint(pmf.entropy)(p), None

    total, _ = jax.lax.scan(step, 0.0, jax.numpy.asarray(BATCH))
    assert float(total) == pytest.approx(pmf.entropy(BATCH).sum(), rel=1e-14)


# ---- TensorFlow -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tf():
    return backend("tensorflow").tf


@every_measure
def test_tensorflow_graphs_of_known_and_unknown_shapes(tf, name):
    measure = MEASURES[name]

    def of_pair(p, q):
        return measure(p, q, tf.reshape(p, (2, 2)))

    p, q = tf.constant(P), tf.constant(Q)
    np.testing.assert_allclose(tf.function(of_pair)(p, q), EXPECTED[name], rtol=1e-13)
    for shape in ([None], None):
        spec = tf.TensorSpec(shape, tf.float64)
        graph = tf.function(of_pair, input_signature=[spec, spec])
        np.testing.assert_allclose(graph(p, q), EXPECTED[name], rtol=1e-13)
        assert graph(tf.constant(BAD), q).shape == EXPECTED[name].shape  # no error: a graph has no values


@every_measure
def test_tensorflow_xla_and_gradients(tf, name):
    measure = MEASURES[name]

    def of_pair(p, q):
        return measure(p, q, tf.reshape(p, (2, 2)))

    p, q = tf.constant(P), tf.constant(Q)
    np.testing.assert_allclose(tf.function(of_pair, jit_compile=True)(p, q), EXPECTED[name], rtol=1e-13)

    def gradient(p):
        with tf.GradientTape() as tape:
            tape.watch(p)
            value = tf.reduce_sum(of_pair(p, q))
        return tape.gradient(value, p)

    eager = gradient(p)
    np.testing.assert_allclose(tf.function(gradient)(p), eager, rtol=1e-12)
    assert np.isfinite(eager).all()


def test_autograph_understands_our_code(tf, caplog):
    """It warns where it can't, in the user's log."""
    tf.get_logger().addHandler(caplog.handler)
    try:
        tf.function(pmf.kl_divergence)(tf.constant(P), tf.constant(Q))
        tf.function(pmf.mutual_information)(tf.constant(P.reshape(2, 2)))
    finally:
        tf.get_logger().removeHandler(caplog.handler)
    assert not caplog.records


def test_tensorflow_second_derivatives(tf):
    p = tf.constant(P)
    with tf.GradientTape() as outer:
        outer.watch(p)
        with tf.GradientTape() as inner:
            inner.watch(p)
            h = pmf.entropy(p, unit="nats")
        first = inner.gradient(h, p)
    np.testing.assert_allclose(outer.jacobian(first, p), np.diag(-1 / P), rtol=1e-14)


def test_tensorflow_all_axes_of_an_unknown_rank_are_refused(tf):
    unknown = [tf.TensorSpec(None, tf.float64)]
    graph = tf.function(lambda p: pmf.joint_entropy(p), input_signature=unknown, autograph=False)
    with pytest.raises(ShapeMismatch, match=r"axis=None is all axes, and this graph doesn't know how many"):
        graph(tf.constant(P))


def test_tensorflow_checks_eagerly(tf):
    with pytest.raises(NotADistribution, match=r"sums to 3\.6"):
        pmf.entropy(tf.constant(BAD))


# ---- MXNet ----------------------------------------------------------------------------------------------------------


@every_measure
def test_mxnet_autograd_is_the_gradient_that_torch_finds(torch, name):
    mx = backend("mxnet")
    measure = of_table(MEASURES[name])
    q = mx.asarray(Q)
    gradient = mx.grad(lambda p: measure(p, q).sum(), mx.asarray(P))
    expected = torch.func.grad(lambda p: measure(p, torch.tensor(Q)).sum())(torch.tensor(P))
    np.testing.assert_allclose(gradient, expected, rtol=1e-11, atol=1e-12)


# ---- gradients where probabilities are zero ------------------------------------------------------------------------

ZERO, ONCE_ZERO, EVEN = np.array([0.5, 0.5, 0.0, 0.0]), np.array([0.25, 0.25, 0.5, 0.0]), np.full(4, 0.25)
LOGITS = np.array([0.0, 1.0, -inf, 0.5])
SOFTMAX = np.exp(LOGITS) / np.exp(LOGITS).sum()
LOG_SOFTMAX = np.where(SOFTMAX > 0, LOGITS, 0.0) - np.log(np.exp(LOGITS).sum())

AT_ZERO = {  # a measure of x and of something constant; x, the constant, and the gradient, NaN where it is infinite
    "entropy": (lambda p, _: pmf.entropy(p, unit="nats"), ZERO, EVEN, [log(2) - 1, log(2) - 1, nan, nan]),
    "entropy of logits": (
        lambda z, _: pmf.entropy(logits=z, unit="nats"),
        *(LOGITS, EVEN),
        -SOFTMAX * (LOG_SOFTMAX - SOFTMAX @ LOG_SOFTMAX),
    ),
    "kl of p": (
        lambda p, q: pmf.kl_divergence(p, q, unit="nats"),
        *(ZERO, ONCE_ZERO),
        [log(2) + 1, log(2) + 1, nan, nan],
    ),
    "kl of q": (lambda q, p: pmf.kl_divergence(p, q, unit="nats"), ONCE_ZERO, ZERO, [-2, -2, 0, 0]),
    "kl of logits": (lambda z, p: pmf.kl_divergence(p, q_logits=z, unit="nats"), LOGITS, ZERO, SOFTMAX - ZERO),
    "cross-entropy of p": (
        lambda p, q: pmf.cross_entropy(p, q, unit="nats"),
        *(ZERO, ONCE_ZERO),
        [log(4), log(4), log(2), nan],
    ),
    "cross-entropy of q": (lambda q, p: pmf.cross_entropy(p, q, unit="nats"), ONCE_ZERO, ZERO, [-2, -2, 0, 0]),
    "js": (
        lambda q, p: pmf.jensen_shannon_divergence(p, q, unit="nats"),
        *(EVEN, ZERO),
        [log(2 / 3) / 2, log(2 / 3) / 2, log(2) / 2, log(2) / 2],
    ),
    "mutual information": (
        lambda p, _: pmf.mutual_information(p, unit="nats"),
        *(np.array([[0.5, 0.0], [0.0, 0.5]]), EVEN),
        [[log(2) - 1, nan], [nan, log(2) - 1]],
    ),
    "loss of logits": (lambda z, t: losses.cross_entropy(logits=z, targets=t), LOGITS, ZERO, SOFTMAX - ZERO),
    "loss of probabilities": (lambda p, t: losses.cross_entropy(probs=p, targets=t), ONCE_ZERO, ZERO, [-2, -2, 0, 0]),
}


def total(xs, constants):
    """All measures in one function, for one graph: its gradient has theirs."""
    return sum(
        measure(*at) for (measure, *_), at in zip(AT_ZERO.values(), zip(xs, constants, strict=True), strict=True)
    )


def points(xp):
    return [[xp.asarray(case[i]) for case in AT_ZERO.values()] for i in (1, 2)]


def assert_gradients(gradients):
    for (name, (*_, expected)), gradient in zip(AT_ZERO.items(), gradients, strict=True):
        expected, gradient = np.asarray(expected, dtype=float), np.asarray(gradient)
        finite = np.isfinite(expected)
        np.testing.assert_allclose(gradient[finite], expected[finite], rtol=1e-12, atol=1e-15, err_msg=name)
        assert np.isfinite(gradient).all(), name


@pytest.mark.parametrize("how", ["eager", "func.grad", "vmap", "compile"])
def test_torch_gradients_at_zero(torch, how):
    """aot_eager also traces the way back, and needs no C++ compiler, which would take seconds for every graph."""
    xs, constants = points(backend("torch"))
    if how == "func.grad":
        gradients = torch.func.grad(total)(xs, constants)
    elif how == "vmap":
        per_row = torch.vmap(torch.func.grad(total))
        gradients = [g[1] for g in per_row(*([torch.stack([x, x]) for x in arrays] for arrays in (xs, constants)))]
    else:
        function = torch.compile(total, fullgraph=True, backend="aot_eager") if how == "compile" else total
        leaves = [x.requires_grad_() for x in xs]
        gradients = torch.autograd.grad(function(leaves, constants), leaves)
    assert_gradients(gradients)


def test_jax_gradients_at_zero(jax):
    xs, constants = points(backend("jax"))
    assert_gradients(jax.jit(jax.grad(total))(xs, constants))
    per_row = jax.jit(jax.vmap(jax.grad(total)))(*([x[None] for x in arrays] for arrays in (xs, constants)))
    assert_gradients([g[0] for g in per_row])


@pytest.mark.parametrize("how", [{}, {"jit_compile": True}, {"shape": None}], ids=["graph", "XLA", "unknown shapes"])
def test_tensorflow_gradients_at_zero(tf, how):
    def gradients(xs, constants):
        with tf.GradientTape() as tape:
            tape.watch(xs)
            value = total(xs, constants)
        return tape.gradient(value, xs)

    at = points(backend("tensorflow"))
    unknown = [[tf.TensorSpec(None, tf.float64)] * len(AT_ZERO)] * 2
    options = {"input_signature": unknown} if "shape" in how else how
    assert_gradients(tf.function(gradients, autograph=False, **options)(*at))


@pytest.mark.parametrize("name", AT_ZERO)
def test_mxnet_gradients_at_zero(name):
    mx = backend("mxnet")
    measure, x, constant, expected = AT_ZERO[name]
    gradient = mx.grad(lambda x: measure(x, mx.asarray(constant)), mx.asarray(x))
    finite = np.isfinite(expected)
    np.testing.assert_allclose(gradient[finite], np.asarray(expected)[finite], rtol=1e-12, atol=1e-15)
    assert np.isfinite(gradient).all()


@pytest.mark.filterwarnings("ignore:`torch.jit.script` is deprecated:DeprecationWarning")  # torch's own hessian
def test_hessians_at_zero(torch, jax):
    expected = np.diag(np.divide(ZERO, ONCE_ZERO**2, out=np.zeros(4), where=ZERO > 0))
    for xp, hessian in (("torch", torch.func.hessian), ("jax", jax.hessian)):
        p, q = (backend(xp).asarray(x) for x in (ZERO, ONCE_ZERO))
        for measure in (pmf.kl_divergence, pmf.cross_entropy):
            second = hessian(lambda q, p=p, measure=measure: measure(p, q, unit="nats"))(q)
            np.testing.assert_allclose(second, expected, rtol=1e-13)


# ---- what is refused outside a trace passes inside -----------------------------------------------------------------

REFUSED = {
    "entropy": pmf.entropy,
    "kl": lambda p: pmf.kl_divergence(p, p),
    "cross-entropy": lambda p: pmf.cross_entropy(p, p),
    "js": lambda p: pmf.jensen_shannon_divergence(p, p),
    "mutual information": lambda p: pmf.mutual_information(p[None]),
    "loss": lambda p: losses.cross_entropy(probs=p, targets=p),
}


@pytest.mark.parametrize("name", REFUSED)
def test_checks_are_skipped_while_tracing_and_only_then(xp, name):
    measure, bad = REFUSED[name], xp.asarray(BAD)
    if xp.name == "torch":
        assert xp.torch.vmap(measure)(bad[None]).shape == (1,)
    elif xp.name == "jax":
        assert xp.jax.jit(measure)(bad).shape == ()
    elif xp.name == "tensorflow":
        assert xp.tf.function(measure, autograph=False)(bad).shape == ()
    with pytest.raises(NotADistribution, match=r"sums to 3\.6"):
        measure(bad)
