"""Whatever array comes: known by its type, refused in the same words, answered in its framework and dtype."""

import subprocess
import sys

import numpy as np
import pandas
import polars
import pytest
from backends import FRAMEWORKS, backend

from plogp import pmf
from plogp.arrays import accept_one, to_numpy
from plogp.errors import InvalidType, InvalidValue, NotADistribution, ShapeMismatch

P = [0.1, 0.5, 0.1, 0.3]
DTYPES = {
    "numpy": ["float16", "float32", "float64"],
    "torch": ["float16", "bfloat16", "float32", "float64"],
    "jax": ["float16", "bfloat16", "float32", "float64"],
    "tensorflow": ["float16", "bfloat16", "float32", "float64"],
    "mxnet": ["float16", "float32", "float64"],
}

# ---- what comes back ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "dtype"), [(name, dtype) for name, dtypes in DTYPES.items() for dtype in dtypes])
def test_a_result_has_framework_and_dtype_of_its_input(name, dtype):
    xp = backend(name)
    p = xp.asarray([0.5, 0.25, 0.125, 0.125], dtype)
    h = pmf.entropy(p)
    assert xp.is_own(h)
    assert h.dtype == p.dtype
    assert tuple(h.shape) == ()
    assert float(h) == 1.75  # these powers of two are exact in every dtype


@pytest.mark.parametrize("name", DTYPES)
def test_integers_and_booleans_become_the_default_float(name):
    xp = backend(name)
    default = {"numpy": "float64", "torch": "float32", "jax": "float64", "tensorflow": "float32", "mxnet": "float32"}
    for sure in (xp.asarray([0, 1, 0], "int32"), xp.asarray([False, True, False], "bool")):
        h = pmf.entropy(sure)
        assert h.dtype == xp.asarray([0.5], default[name]).dtype
        assert float(h) == 0.0


def test_torch_integers_follow_its_default_dtype():
    torch = backend("torch").torch
    torch.set_default_dtype(torch.float64)
    try:
        assert pmf.entropy(torch.tensor([1, 0])).dtype == torch.float64
    finally:
        torch.set_default_dtype(torch.float32)


def test_of_two_dtypes_the_wider_one_is_answered(xp):
    narrow, wide = xp.asarray([0.5, 0.5], "float32"), xp.asarray([0.25, 0.75], "float64")
    d = pmf.kl_divergence(narrow, wide)
    assert d.dtype == wide.dtype
    assert float(d) == pytest.approx(0.5 * np.log2(0.5 / 0.25) + 0.5 * np.log2(0.5 / 0.75), rel=1e-15)


@pytest.mark.parametrize("name", ["torch", "jax", "tensorflow"])
def test_of_two_halves_neither_holds_the_other(name):
    xp = backend(name)
    d = pmf.kl_divergence(xp.asarray([0.5, 0.5], "float16"), xp.asarray([0.25, 0.75], "bfloat16"))
    assert d.dtype == xp.asarray([0.0], "float32").dtype


def test_a_half_is_summed_in_single_precision(xp):
    """A sum of 4096 times 2^-12 in float16 would stop at 2^-1, where 2^-12 is half an ulp."""
    uniform = xp.asarray(np.full(4096, 2.0**-12), "float16")
    assert float(pmf.entropy(uniform)) == 12.0


def test_negative_zero_is_never_the_answer(xp):
    sure = xp.asarray([0.0, 1.0])
    alone = xp.asarray(1.0)
    for value in (
        pmf.entropy(sure),
        pmf.entropy(sure, check=False, unit="nats"),
        pmf.joint_entropy(alone),
        pmf.self_information(sure),
        pmf.kl_divergence(sure, sure),
        pmf.kl_divergence(sure, sure, check=False),
    ):
        assert not np.signbit(xp.to_numpy(value)).any()


# ---- what is taken for an array -------------------------------------------------------------------------------------


class Tagged(np.ndarray):
    """A subclass of NumPy's array."""


@pytest.mark.parametrize(
    "p",
    [P, tuple(P), np.array(P), pandas.Series(P), polars.Series(P), np.array(P).view(Tagged), np.asfortranarray([P, P])],
    ids=lambda p: f"{type(p).__module__}.{type(p).__name__}",
)
def test_lists_and_series_become_numpy(p):
    framework, dtype, array = accept_one("p", p)
    assert (framework.name, dtype) == ("NumPy", "float64")
    assert type(array) is np.ndarray
    assert np.array_equal(array, np.asarray(p))


def test_a_subclass_is_of_the_framework_of_its_base():
    torch = backend("torch").torch

    class Named(torch.Tensor):
        pass

    assert accept_one("p", torch.tensor(P).as_subclass(Named))[0].name == "PyTorch"
    assert accept_one("p", torch.nn.Parameter(torch.tensor(P)))[0].name == "PyTorch"


def test_variables_of_tensorflow_are_tensors():
    tf = backend("tensorflow").tf
    assert float(pmf.entropy(tf.Variable([0.5, 0.5]))) == 1.0


def test_the_old_ndarray_of_mxnet_is_taken_and_its_gradient_flows():
    mx = backend("mxnet").mx
    p = mx.nd.array([0.25, 0.75])
    p.attach_grad()
    with mx.autograd.record():
        h = pmf.entropy(p, unit="nats")
    h.backward()
    assert p.grad.asnumpy() == pytest.approx(-np.log([0.25, 0.75]) - 1, rel=1e-6)


def test_to_numpy_reads_every_framework(xp):
    assert to_numpy(xp.asarray(P, "float32")).dtype == np.float32
    assert to_numpy(xp.asarray([1, 2], "int32")).tolist() == [1, 2]
    assert to_numpy(xp.asarray([0.5, 0.25], "float16")).dtype == np.float32


# ---- what is refused, in the same words everywhere ------------------------------------------------------------------


def refusal(measure, *arrays, **kwargs):
    with pytest.raises((InvalidType, InvalidValue)) as refused:
        measure(*arrays, **kwargs)
    return type(refused.value), str(refused.value)


BAD = {
    "negative": (pmf.entropy, [[[0.5, 0.5], [-0.25, 1.25]]], {}, NotADistribution, "`p` has -0.25 at index (1, 0)"),
    "NaN": (pmf.entropy, [[[0.5, 0.5], [np.nan, 1.0]]], {}, NotADistribution, "`p` has NaN at index (1, 0)"),
    "infinite": (pmf.entropy, [[0.5, np.inf]], {}, NotADistribution, "`p` has inf at index (1,)"),
    "sum": (pmf.entropy, [[100.0, 244.0]], {}, NotADistribution, "`p` sums to 344; 1 within 1.5e-08 is needed"),
    "sum of a row": (pmf.entropy, [[[0.5, 0.5], [0.5, 0.25]]], {}, NotADistribution, "sums to 0.75 at index (1,)"),
    "sum of q": (pmf.kl_divergence, [[0.5, 0.5], [0.5, 0.25]], {}, NotADistribution, "`q` sums to 0.75"),
    "nothing to normalize": (pmf.entropy, [[0.0, 0.0]], {"normalize": True}, NotADistribution, "`p` sums to 0;"),
    "negative counts": (pmf.entropy, [[-1.0, -3.0]], {"normalize": True}, NotADistribution, "`p` has -1 at index (0,)"),
    "above one": (pmf.self_information, [[0.5, 1.5]], {}, NotADistribution, "`p` has 1.5 at index (1,)"),
    "outcomes": (
        pmf.kl_divergence,
        [[[0.5, 0.5]], [0.5, 0.25, 0.25]],
        {},
        ShapeMismatch,
        "`p` of shape (1, 2) and `q` of shape (3,) don't go together along axis -1",
    ),
    "one outcome for two": (pmf.kl_divergence, [[0.5, 0.5], [1.0]], {}, ShapeMismatch, "along axis -1"),
    "batches": (
        pmf.cross_entropy,
        [np.full((3, 2), 0.5), np.full((4, 2), 0.5)],
        {},
        ShapeMismatch,
        "`p` of shape (3, 2) and `q` of shape (4, 2) don't go together along axis -2",
    ),
    "no such axis": (pmf.entropy, [[0.5, 0.5]], {"axis": 1}, ShapeMismatch, "axis=1 doesn't name axes of `p`"),
    "an axis twice": (pmf.entropy, [[[0.5, 0.5]]], {"axis": (1, -1)}, ShapeMismatch, "axis=(1, -1)"),
    "a scalar": (pmf.entropy, [0.5], {}, ShapeMismatch, "whose shape is (). hint: outcomes lie along an axis"),
    "empty": (pmf.entropy, [np.zeros((3, 0))], {}, ShapeMismatch, "`p` of shape (3, 0) has no outcomes along axis -1"),
    "two variables": (
        pmf.mutual_information,
        [[[0.5, 0.5]]],
        {"axis": (-1,)},
        ShapeMismatch,
        "the axes of 2 variables",
    ),
    "given": (pmf.conditional_entropy, [[[0.5, 0.5]]], {"given": 2}, InvalidValue, "given=2 came"),
    "all given": (pmf.conditional_entropy, [[[0.5, 0.5]]], {"given": (0, 1)}, InvalidValue, "that leave a variable"),
    "two given": (
        pmf.conditional_mutual_information,
        [np.full((1, 2, 1), 0.5)],
        {"given": (0, 1)},
        ShapeMismatch,
        "the axes of 2 variables are needed",
    ),
    "order": (pmf.renyi_entropy, [[0.5, 0.5]], {"order": -1.0}, InvalidValue, "order=-1.0 came"),
    "order NaN": (pmf.tsallis_entropy, [[0.5, 0.5]], {"order": np.nan}, InvalidValue, "order=nan came"),
    "no order": (pmf.renyi_entropy, [[0.5, 0.5]], {}, InvalidType, "order=None came; a number is needed"),
    "weights": (
        pmf.jensen_shannon_divergence,
        [[0.5, 0.5], [0.5, 0.5]],
        {"weights": (0.5, 0.6)},
        InvalidValue,
        "weights=(0.5, 0.6) came",
    ),
    "one weight": (
        pmf.jensen_shannon_divergence,
        [[0.5, 0.5], [0.5, 0.5]],
        {"weights": 0.5},
        InvalidValue,
        "weights=0.5 came; two numbers",
    ),
    "axis": (pmf.entropy, [[0.5, 0.5]], {"axis": 0.5}, InvalidType, "axis=0.5 is not an axis"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_the_same_words_everywhere(case):
    measure, arrays, kwargs, error, words = BAD[case]
    said = set()
    for name in FRAMEWORKS:
        if name == "mxnet" and case == "empty":
            continue  # it can't make such an array
        said.add(refusal(measure, *(backend(name).asarray(x) for x in arrays), **kwargs))
    assert len(said) == 1, said
    kind, message = said.pop()
    assert kind is error
    assert words in message


EVERY = {
    "entropy": pmf.entropy,
    "perplexity": pmf.perplexity,
    "self-information": pmf.self_information,
    "renyi": lambda p, **how: pmf.renyi_entropy(p, 1.001, **how),
    "tsallis": lambda p, **how: pmf.tsallis_entropy(p, 2, **how),
    "kl": lambda p, **how: pmf.kl_divergence([0.25] * 4, p, **how),
    "cross-entropy": lambda p, **how: pmf.cross_entropy(p, [0.25] * 4, **how),
    "js": lambda p, **how: pmf.jensen_shannon_divergence(p, [0.25] * 4, **how),
    "renyi divergence": lambda p, **how: pmf.renyi_divergence(p, [0.25] * 4, 0.999, **how),
    "conditional entropy": lambda p, **how: pmf.conditional_entropy(p.reshape(2, 2), **how),
    "mutual information": lambda p, **how: pmf.mutual_information(p.reshape(2, 2), **how),
    "conditional mutual information": lambda p, **how: pmf.conditional_mutual_information(p.reshape(1, 2, 2), **how),
    "pmi": lambda p, **how: pmf.pointwise_mutual_information(p.reshape(2, 2), **how),
}


@pytest.mark.parametrize(
    "p", [[0.5, 0.5, np.inf, 0.0], [-np.inf, 1.0, 0.0, 0.0], [-0.5, 0.5, 0.5, 0.5], [1e308, 1e308, 1e308, -1]]
)
@pytest.mark.parametrize("measure", EVERY)
def test_numpy_warns_of_nothing_that_is_refused(measure, p):
    """Warnings are errors here, and would come in the place of ours."""
    for how in ({}, {"normalize": True}):
        with pytest.raises(NotADistribution):
            EVERY[measure](np.array(p), **how)


@pytest.mark.parametrize(
    ("form", "values", "words"),
    [
        ("logits", [0.0, np.nan], "`logits` has NaN at index (1,)"),
        ("logits", [0.0, np.inf], "`logits` has inf at index (1,)"),
        ("logits", [-np.inf, -np.inf], "`logits` is -inf throughout; one possible outcome is needed"),
        ("log_probs", [-1.0, -1.0], "exp of `log_probs` sums to 0.7357588"),
        ("log_probs", [np.nan, 0.0], "`log_probs` has NaN at index (0,)"),
    ],
)
def test_bad_logits_are_refused_in_the_same_words_everywhere(form, values, words):
    said = {refusal(pmf.entropy, **{form: backend(name).asarray(values)}) for name in FRAMEWORKS}
    assert len(said) == 1, said
    kind, message = said.pop()
    assert kind is NotADistribution
    assert words in message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([[1.0, 2.0], [0.0, 0.0]], "`p` sums to 0 at index (1,); it can't be rescaled to 1"),
        ([[1e308, 1e308], [1.0, 1.0]], "`p` sums to inf at index (0,); it can't be rescaled to 1"),
    ],
)
def test_what_cannot_be_normalized_is_refused_in_the_same_words_everywhere(values, words):
    said = set()
    for name in FRAMEWORKS:
        with pytest.raises(NotADistribution) as refused:
            pmf.entropy(backend(name).asarray(values), normalize=True)
        said.add(str(refused.value))
    assert len(said) == 1, said
    assert words in said.pop()


def test_the_hints_name_the_right_door():
    assert (
        "counts? divide by their sum (measures have `normalize=True`), or pass `plogp.Counts`; "
        "samples? `plogp.estimate.entropy`" in refusal(pmf.entropy, [200, 144])[1]
    )
    assert "logits? pass `logits=`" in refusal(pmf.entropy, [-1.0, 2.0])[1]
    assert "logits? pass `logits=`" in refusal(pmf.entropy, log_probs=[1.0, 2.0])[1]
    assert "`check=False` lets it through" in refusal(pmf.entropy, [np.nan, 1.0])[1]


@pytest.mark.parametrize(
    ("name", "kind"), [("numpy", "complex128"), ("torch", "complex64"), ("tensorflow", "complex64")]
)
def test_complex_numbers_are_refused(name, kind):
    p = {
        "numpy": lambda: np.array([0.5j, 0.5]),
        "torch": lambda: backend("torch").torch.tensor([0.5j, 0.5]),
        "jax": lambda: backend("jax").jax.numpy.array([0.5j, 0.5], "complex64"),
        "tensorflow": lambda: backend("tensorflow").tf.constant([0.5j, 0.5], "complex64"),
    }[name]()
    with pytest.raises(InvalidType, match=f"`p` is an array of {kind}; real numbers are needed"):
        pmf.entropy(p)


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (["a", "b"], "`p` is an array of str; real numbers are needed"),
        (np.array([0.5, None], dtype=object), "`p` is an array of object"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), r"`p` is an array of datetime64\[D\]"),
        (np.ma.array([0.5, 0.5], mask=[True, False]), "`p` is a masked array"),
        ({"a": 0.5}, "`p` is a dict; an array of NumPy, PyTorch"),
        (iter([0.5, 0.5]), "`p` is a list_iterator"),
        (object(), "`p` is a object"),
        (None, "none came; one of `p`, `logits`, `log_probs` is needed"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_what_is_no_array_of_real_numbers_is_refused(p, words):
    with pytest.raises(InvalidType, match=words):
        pmf.entropy(p)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(InvalidValue, match=r"`p` isn't a regular array.*hint: rows of one length are needed"):
        pmf.entropy([[0.5, 0.5], [1.0]])


def test_a_ragged_tensor_is_refused():
    tf = backend("tensorflow").tf
    with pytest.raises(InvalidType, match="`p` is a RaggedTensor; a dense tensor is needed"):
        pmf.entropy(tf.ragged.constant([[1.0], [0.5, 0.5]]))


@pytest.mark.parametrize("name", [name for name in FRAMEWORKS if name != "numpy"])
def test_a_list_of_tensors_is_refused_since_its_gradient_would_be_lost(name):
    half = backend(name).asarray(0.5)
    with pytest.raises(InvalidType, match=rf"`p` is a list of {name}(lib)? arrays.*hint: stack them"):
        pmf.entropy([half, half])


def test_a_list_of_numpys_arrays_is_a_batch():
    assert float(pmf.entropy([np.array([0.5, 0.5]), np.array([1.0, 0.0])])[0]) == 1.0


@pytest.mark.parametrize("other", [name for name in FRAMEWORKS if name != "numpy"])
def test_two_frameworks_are_refused(other):
    with pytest.raises(InvalidType, match=r"`p` of NumPy and `q` of .*; arrays of one framework are needed"):
        pmf.kl_divergence(np.array(P), backend(other).asarray(P))


def test_series_are_paired_by_index_or_not_at_all():
    p, q = pandas.Series(P), pandas.Series([0.25] * 4)
    assert float(pmf.kl_divergence(p, q)) > 0
    assert float(pmf.kl_divergence(p, q.to_numpy())) == float(pmf.kl_divergence(p, q))
    with pytest.raises(InvalidValue, match=r"the indices of `p` and `q` differ.*hint: align them first"):
        pmf.kl_divergence(p, q.set_axis(["a", "b", "c", "d"]))
    with pytest.raises(InvalidValue, match="the indices of `p` and `q_logits` differ"):
        pmf.kl_divergence(p, q_logits=q.iloc[::-1])


def test_a_distribution_comes_in_one_form():
    with pytest.raises(InvalidType, match="`p` and `logits` came; one of `p`, `logits`, `log_probs` is needed"):
        pmf.entropy(P, logits=P)
    with pytest.raises(InvalidType, match="none came; one of `q`, `q_logits`, `q_log_probs` is needed"):
        pmf.kl_divergence(P)


def test_mxnet_without_numpy_semantics_is_refused():
    mx = backend("mxnet").mx
    p = mx.np.array(P)
    mx.npx.reset_np()
    try:
        with pytest.raises(InvalidType, match=r"`p` is of MXNet without NumPy's semantics.*`mxnet\.npx\.set_np\(\)`"):
            pmf.entropy(p)
    finally:
        mx.npx.set_np()


# ---- what is loaded -------------------------------------------------------------------------------------------------


def run(program):
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_pmf_needs_numpy_alone():
    program = """
import importlib.machinery
absent = {"scipy", "numba", "array_api_compat", "narwhals", "duckdb", "pandas"}
find = importlib.machinery.PathFinder.find_spec
importlib.machinery.PathFinder.find_spec = lambda name, path=None, target=None: (
    None if name.partition(".")[0] in absent else find(name, path, target))
import numpy as np
from plogp import pmf
p = np.random.default_rng(0).random((3, 1 << 20))
p /= p.sum(1, keepdims=True)
print(pmf.entropy(p).shape, pmf.kl_divergence(p[0], p[1]) > 0, pmf.entropy([0.5, 0.5]))
"""
    assert run(program) == "(3,) True 1.0"


def test_no_framework_is_loaded_that_did_not_come():
    program = """
import sys
from plogp import pmf
pmf.mutual_information([[0.5, 0.0], [0.0, 0.5]])
print([name for name in ("torch", "jax", "tensorflow", "mxnet", "scipy", "numba", "array_api_compat")
       if name in sys.modules])
"""
    assert run(program) == "[]"
