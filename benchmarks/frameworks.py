"""What a call costs over the formula by hand, and how near the truth both are: `python -m benchmarks.frameworks`.

Three parts: the time of a call over the handwritten formula of the same framework, eager and compiled, with peers; the
error of values against 50 digits, in ulp, on inputs that are hard; mutual information of 1e-8 bits in float32.

Predicted from the time of single operations, 4 outcomes of float64, unchecked: PyTorch's entropy 12 µs where it takes
11.3 by hand, with 2 for our Python, 1.1 ×, and KL 14 to 11.7, 1.2 ×; JAX compiled, 10 µs to 48; TensorFlow's xlogy, 55
µs to 110, and KL 95 to 130.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import inf
from types import FunctionType
from typing import Any

from benchmarks.timing import Timing, duration, one_thread, race

one_thread()
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import exact  # noqa: E402
import numpy as np  # noqa: E402
import scipy.special  # noqa: E402
import scipy.stats  # noqa: E402
from backends import FRAMEWORKS, Backend, backend  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

from plogp import pmf  # noqa: E402

Call = Callable[[Any, Any], Any]

GOAL = 1.3
"""How many times the handwritten formula an eager call may take."""

MEASURABLE = 1.1
"""How many times the handwritten formula a compiled call may take before it is more than noise."""

EPS = {"float32": 2.0**-23, "float64": 2.0**-52}


def row(*cells: Any) -> None:
    print("|", " | ".join(map(str, cells)), "|")


def head(*cells: str) -> None:
    row(*cells)
    row(*["---"] * len(cells))


# ---- time -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ways:
    """Entropy and KL divergence in nats as people write them in one framework, what its peers offer, and a compiler.

    `guarded` is the entropy or divergence of people who know that 0·log 0 must be 0; the bare formula says NaN. Where
    p and q are both 0 its gradient is NaN, though, and of `smooth` it is finite, as ours is.
    """

    entropy: Call
    kl_divergence: Call
    guarded: Mapping[str, Call]
    peers: Mapping[str, Mapping[str, Call]]
    smooth: Mapping[str, Call] = field(default_factory=dict)
    compiler: Callable[[Call], Call] | None = None
    wait: Callable[[Any], Any] | None = None


def numpy_ways() -> Ways:
    return Ways(
        entropy=lambda p, q: -np.sum(p * np.log(p), axis=-1),
        kl_divergence=lambda p, q: np.sum(p * np.log(p / q), axis=-1),
        guarded={
            "entropy": lambda p, q: -(p * np.log(np.where(p == 0, 1.0, p))).sum(-1),
            "kl_divergence": lambda p, q: (p * np.log(np.where(p == 0, 1.0, p / q))).sum(-1),
        },
        peers={
            "entropy": {
                "scipy.stats.entropy": lambda p, q: scipy.stats.entropy(p, axis=-1),
                "scipy.special.entr": lambda p, q: scipy.special.entr(p).sum(-1),
            },
            "kl_divergence": {
                "scipy.stats.entropy": lambda p, q: scipy.stats.entropy(p, q, axis=-1),
                "scipy.special.rel_entr": lambda p, q: scipy.special.rel_entr(p, q).sum(-1),
            },
        },
    )


def torch_ways() -> Ways:
    import torch
    from torch.distributions import Categorical, kl_divergence
    from torchmetrics.functional import kl_divergence as of_torchmetrics

    torch.set_num_threads(1)

    def possible(p: Any, x: Any) -> Any:
        return torch.where(p == 0, 1.0, x)

    return Ways(
        entropy=lambda p, q: -(p * torch.log(p)).sum(-1),
        kl_divergence=lambda p, q: (p * torch.log(p / q)).sum(-1),
        guarded={
            "entropy": lambda p, q: -(p * torch.log(torch.where(p == 0, 1.0, p))).sum(-1),
            "kl_divergence": lambda p, q: (p * torch.log(torch.where(p == 0, 1.0, p / q))).sum(-1),
        },
        peers={
            "entropy": {
                "torch.special.entr": lambda p, q: torch.special.entr(p).sum(-1),
                "torch.distributions": lambda p, q: Categorical(p).entropy(),
            },
            "kl_divergence": {
                "F.kl_div": lambda p, q: torch.nn.functional.kl_div(q.log(), p, reduction="none").sum(-1),
                "torch.distributions": lambda p, q: kl_divergence(Categorical(p), Categorical(q)),
                "torchmetrics": lambda p, q: of_torchmetrics(
                    torch.atleast_2d(p), torch.atleast_2d(q), reduction="none"
                ),
            },
        },
        smooth={"kl_divergence": lambda p, q: (p * torch.log(possible(p, p) / possible(p, q))).sum(-1)},
        compiler=lambda call: torch.compile(_code_of_its_own(call), fullgraph=True),
    )


def _code_of_its_own(call: Any) -> Call:
    """A copy, since PyTorch keeps graphs by code: contestants that share it would try each other's guards first."""
    return FunctionType(call.__code__.replace(), call.__globals__, call.__name__, None, call.__closure__)


def jax_ways() -> Ways:
    import jax
    import jax.numpy as jnp

    return Ways(
        entropy=lambda p, q: -jnp.sum(p * jnp.log(p), axis=-1),
        kl_divergence=lambda p, q: jnp.sum(p * jnp.log(p / q), axis=-1),
        guarded={
            "entropy": lambda p, q: -(p * jnp.log(jnp.where(p == 0, 1.0, p))).sum(-1),
            "kl_divergence": lambda p, q: (p * jnp.log(jnp.where(p == 0, 1.0, p / q))).sum(-1),
        },
        peers={
            "entropy": {"jax.scipy.special.entr": lambda p, q: jax.scipy.special.entr(p).sum(-1)},
            "kl_divergence": {"jax.scipy.special.rel_entr": lambda p, q: jax.scipy.special.rel_entr(p, q).sum(-1)},
        },
        compiler=jax.jit,
        wait=jax.block_until_ready,
    )


def tensorflow_ways() -> Ways:
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    return Ways(
        entropy=lambda p, q: -tf.reduce_sum(p * tf.math.log(p), axis=-1),
        kl_divergence=lambda p, q: tf.reduce_sum(p * tf.math.log(p / q), axis=-1),
        guarded={
            "entropy": lambda p, q: -tf.reduce_sum(p * tf.math.log(tf.where(p == 0, tf.ones_like(p), p)), axis=-1),
            "kl_divergence": lambda p, q: tf.reduce_sum(
                p * tf.math.log(tf.where(p == 0, tf.ones_like(p), p / q)), axis=-1
            ),
        },
        peers={"entropy": {}, "kl_divergence": {"tf.keras.losses.kld": tf.keras.losses.KLD}},
        compiler=lambda call: tf.function(call, jit_compile=True),
    )


GUARDED = "by hand, 0·log 0 = 0"
SMOOTH = "by hand, gradient at 0 too"
WAYS = {"numpy": numpy_ways, "torch": torch_ways, "jax": jax_ways, "tensorflow": tensorflow_ways}
OURS: dict[str, Callable[..., Call]] = {
    "entropy": lambda **how: lambda p, q: pmf.entropy(p, unit="nats", **how),
    "kl_divergence": lambda **how: lambda p, q: pmf.kl_divergence(p, q, unit="nats", **how),
}


def eager_race(
    xp: Backend, ways: Ways, measure: str, p: NDArray[Any], q: NDArray[Any], rounds: int
) -> dict[str, Timing]:
    """The handwritten formula, ours unchecked and checked, and the framework's peers; all on the same arrays."""
    a, b = xp.asarray(p, p.dtype.name), xp.asarray(q, q.dtype.name)
    calls = {
        "by hand": getattr(ways, measure),
        GUARDED: ways.guarded[measure],
        "plogp, check=False": OURS[measure](check=False),
        "plogp": OURS[measure](),
        **ways.peers[measure],
    }
    return race(
        {name: _bound(ways, call, a, b) for name, call in calls.items()}, rounds=rounds, right=_right(p, q, xp, measure)
    )


def compiled_race(
    xp: Backend, ways: Ways, measure: str, p: NDArray[Any], q: NDArray[Any], rounds: int
) -> dict[str, Timing]:
    """The handwritten formula and ours, each compiled by the framework."""
    assert ways.compiler is not None
    a, b = xp.asarray(p), xp.asarray(q)
    calls = {
        GUARDED: ways.guarded[measure],
        **({SMOOTH: ways.smooth[measure]} if measure in ways.smooth else {}),
        "plogp, check=False": OURS[measure](check=False),
        "plogp": OURS[measure](),
    }
    compiled = {name: _bound(ways, ways.compiler(call), a, b) for name, call in calls.items()}
    return race(compiled, rounds=rounds, right=_right(p, q, xp, measure))


def _bound(ways: Ways, call: Call, a: Any, b: Any) -> Callable[[], Any]:
    return lambda: (ways.wait or _itself)(call(a, b))


def _itself(value: Any) -> Any:
    return value


def _right(p: NDArray[Any], q: NDArray[Any], xp: Backend, measure: str) -> Callable[[Any], bool]:
    rows = zip(np.atleast_2d(p), np.atleast_2d(q), strict=True)
    truth = [float((exact.entropy(a) if measure == "entropy" else exact.kl_divergence(a, b))[0]) for a, b in rows]
    near = {"rtol": 1e-9, "atol": 1e-12} if p.dtype == np.float64 else {"rtol": 1e-5, "atol": 1e-6}
    return lambda value: bool(np.allclose(np.ravel(xp.to_numpy(value)), truth, **near))


def pairs() -> Iterator[tuple[str, NDArray[Any], NDArray[Any]]]:
    """What each race is run on, in both dtypes."""
    rng = np.random.default_rng(0)
    made = {name: [rng.dirichlet(np.ones(shape[-1]), shape[:-1] or None) for _ in range(2)]
            for name, shape in {"4": (4,), "1000 × 16": (1000, 16)}.items()}  # fmt: skip
    made["4, one of them 0"] = [np.array([0.25, 0.5, 0.0, 0.25]), made["4"][1]]
    for dtype in ("float64", "float32"):
        for name, (p, q) in made.items():
            yield f"{name}, {dtype}", p.astype(dtype), q.astype(dtype)


def times(rounds: int) -> None:
    """Both races of every framework, measure and pair."""
    head("framework", "how", "measure", "outcomes", "contestant", "least", "times by hand, guarded")
    overheads = {}
    for name, made in WAYS.items():
        xp, ways = backend(name), made()
        for measure in OURS:
            for what, p, q in pairs():
                eager = eager_race(xp, ways, measure, p, q, rounds)
                _show((name, "eager", measure, what), eager)
                overheads[name, "eager", measure, what] = eager
                if ways.compiler is not None and what.endswith("float64"):
                    compiled = compiled_race(xp, ways, measure, p, q, rounds)
                    _show((name, "compiled", measure, what), compiled)
                    overheads[name, "compiled", measure, what] = compiled
    _goals(overheads)


def _show(what: tuple[Any, ...], times: Mapping[str, Timing]) -> None:
    hand = times[GUARDED].wall
    for name, t in times.items():
        row(*what, name, duration(t.wall), f"{t.wall / hand:.2f}" if t.right else "WRONG VALUE")


def _goals(overheads: Mapping[tuple[Any, ...], Mapping[str, Timing]]) -> None:
    print(
        f"\nGoal: an eager call takes at most {GOAL} × the formula by hand in which 0·log 0 is 0 (PyTorch, JAX,\n"
        f"TensorFlow; unchecked), a compiled one no more than it (to {MEASURABLE} ×). The rest is for information.\n"
    )
    head("framework", "how", "measure", "outcomes", "unchecked", "verdict", "checked", "unchecked / bare formula")
    for (name, how, *what), timings in overheads.items():
        unchecked, checked = (timings[ours].wall / timings[GUARDED].wall for ours in ("plogp, check=False", "plogp"))
        bare = f"{timings['plogp, check=False'].wall / timings['by hand'].wall:.2f}" if "by hand" in timings else "–"
        goal = GOAL if how == "eager" else MEASURABLE
        verdict = "no goal" if name == "numpy" else "met" if unchecked <= goal else "MISSED"
        row(name, how, *what, f"{unchecked:.2f}", verdict, f"{checked:.2f}", bare)


# ---- accuracy -------------------------------------------------------------------------------------------------------


COPIES = 5000
"""Of each kind of outcome in the largest input: 200 terms in 50 digits tell the truth about a million."""


def random(seed: int, k: int, sharpness: float = 1.0) -> NDArray[np.float64]:
    return np.random.default_rng(seed).dirichlet(np.full(k, sharpness))


def normalized(x: Any) -> NDArray[np.float64]:
    return np.asarray(x, dtype=np.float64) / np.sum(x)


INPUTS = {
    "random, 100 outcomes": (random(1, 100), random(2, 100)),
    "spiky, 1000 outcomes": (random(3, 1000, 0.1), random(4, 1000)),
    "tiny masses": (np.array([0.5, 0.5, 1e-36, 1e-30]), np.array([1e-33, 0.5, 1e-6, 0.5 - 1e-6])),
    "near-uniform": (normalized(1 + 1e-3 * random(6, 50)), normalized(1 + 1e-3 * random(7, 50))),
    "near-deterministic": (np.array([1 - 3e-7, 2e-7, 1e-7]), np.array([1 - 1e-6, 5e-7, 5e-7])),
    "1e6 outcomes of 200 kinds": (random(8, 200) / COPIES, random(9, 200) / COPIES),
}
VALUES: dict[str, tuple[Call, Callable[[Any, Any], exact.Exact]]] = {
    "entropy": (OURS["entropy"](), lambda p, q: exact.entropy(p)),
    "kl_divergence": (OURS["kl_divergence"](), exact.kl_divergence),
    "cross_entropy": (lambda p, q: pmf.cross_entropy(p, q, unit="nats"), exact.cross_entropy),
    "jensen_shannon_divergence": (
        lambda p, q: pmf.jensen_shannon_divergence(p, q, unit="nats"),
        exact.jensen_shannon_divergence,
    ),
}


def ulp(value: Any, truth: exact.Exact, dtype: str) -> float:
    """How many units in the last place a value is off: of the truth, or of what was added up to get it."""
    true, absolute = truth
    return float(abs(exact.mpf(float(value)) - true) / (absolute * EPS[dtype])) if np.isfinite(float(value)) else inf


def accuracy() -> None:
    """The error of every framework, how far they are from one another, and the peers, in ulp of what was added up."""
    head("dtype", "input", "measure", *FRAMEWORKS, "spread", "worst relative error", "scipy", "torch.distributions")
    worst = dict.fromkeys((*FRAMEWORKS, "spread"), 0.0)
    for dtype in EPS:
        for which, pair in INPUTS.items():
            kinds = [x.astype(dtype) for x in pair]
            copies = COPIES if "1e6" in which else 1
            p, q = (np.tile(x, copies) for x in kinds)
            for measure, (ours, definition) in VALUES.items():
                truth = tuple(copies * x for x in definition(*kinds))
                values = {
                    name: float(xp.to_numpy(ours(xp.asarray(p, dtype), xp.asarray(q, dtype))))
                    for name, xp in _frameworks()
                }
                errors = {name: ulp(value, truth, dtype) for name, value in values.items()}
                errors["spread"] = (max(values.values()) - min(values.values())) / (float(truth[1]) * EPS[dtype])
                relative = max(abs(value / float(truth[0]) - 1) for value in values.values())
                worst = {name: max(worst[name], errors[name]) for name in worst}
                shown = (f"{x:.2g}" for x in (*errors.values(), relative))
                row(dtype, which, measure, *shown, *_peers(measure, p, q, truth, dtype))
    row("", "**worst**", "", *(f"**{e:.2g}**" for e in worst.values()), "", "", "")


def _frameworks() -> Iterator[tuple[str, Backend]]:
    return ((name, backend(name)) for name in FRAMEWORKS)


def _peers(measure: str, p: NDArray[Any], q: NDArray[Any], truth: exact.Exact, dtype: str) -> Iterator[str]:
    """The errors of SciPy and PyTorch, which normalize; "–" where they have no such measure."""
    import torch
    from torch.distributions import Categorical, kl_divergence

    a, b = torch.from_numpy(p), torch.from_numpy(q)
    peers: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "entropy": (lambda: scipy.stats.entropy(p), lambda: Categorical(a, validate_args=False).entropy()),
        "kl_divergence": (
            lambda: scipy.stats.entropy(p, q),
            lambda: kl_divergence(Categorical(a, validate_args=False), Categorical(b, validate_args=False)),
        ),
    }
    return (f"{ulp(peer(), truth, dtype):.2g}" for peer in peers[measure]) if measure in peers else iter("––")


# ---- small mutual information ---------------------------------------------------------------------------------------


def mutual_information(bits: float = 1e-8) -> None:
    """An almost independent 2 × 2 table in float32: ours, and what people write by hand, against the truth."""
    shift = 0.25 * np.sqrt(2 * np.log(2) * bits)
    joint = np.array([[0.25 + shift, 0.25 - shift], [0.25 - shift, 0.25 + shift]], np.float32)
    truth = float(exact.mutual_information(joint)[0]) / np.log(2)
    x, y = joint.sum(1, keepdims=True), joint.sum(0, keepdims=True)
    bits_of = {
        f"plogp on {name}": float(xp.to_numpy(pmf.mutual_information(xp.asarray(joint, "float32"))))
        for name, xp in _frameworks()
    }
    bits_of["Σ p log2(p / (p_x p_y)) by hand"] = float(np.sum(joint * np.log2(joint / (x * y))))
    bits_of["H(X) + H(Y) − H(X,Y) by hand"] = float(
        np.sum(joint * np.log2(joint)) - np.sum(x * np.log2(x)) - np.sum(y * np.log2(y))
    )
    head(f"I(X;Y) of {truth:.6g} bits in float32", "bits", "relative error")
    for name, value in bits_of.items():
        row(name, f"{value:.6g}", f"{value / truth - 1:.1e}")


def main(rounds: int) -> None:
    """All three parts, printed as Markdown."""
    print("### Time of a call, float64, one thread\n")
    times(rounds)
    print("\n### Error in ulp, against 50 digits\n")
    accuracy()
    print("\n### A small mutual information\n")
    mutual_information()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
