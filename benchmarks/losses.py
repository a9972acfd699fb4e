"""Cross-entropy of large vocabularies, 4096 rows × 32000 logits of float32, one thread: `python -m benchmarks.losses`.

Four races: the value on NumPy, the value and the value with its gradient on PyTorch, the same on JAX, and the overhead
of a small call. Beside ours stand PyTorch in one call, PyTorch in chunks of 16 rows, and what people write by hand.
"""

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.timing import Timing, one_thread, race, table

one_thread()
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
from scipy.special import logsumexp  # noqa: E402

from plogp import _kernels, losses  # noqa: E402

ROWS, CLASSES, CHUNK = 4096, 32_000, 16
READ = "one read (a maximum)"
GOALS = {"PyTorch, one call": 8.0, "PyTorch, chunks of 16 rows": 1.8}

torch.set_num_threads(1)
one_call = torch.nn.functional.cross_entropy


def without_kernels(call: Callable[[], Any]) -> Any:
    """The path for where Numba is absent."""
    compiled, _kernels.COMPILED = _kernels.COMPILED, False
    try:
        return call()
    finally:
        _kernels.COMPILED = compiled


def in_chunks(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """What people write to save memory."""
    pieces = zip(x.split(CHUNK), y.split(CHUNK), strict=True)
    return sum(one_call(a, b, reduction="sum") for a, b in pieces) / len(x)


def torch_gradient(loss: Callable[..., torch.Tensor], x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    leaf = x.detach().requires_grad_()
    loss(leaf, y).backward()
    return leaf.grad


def ours(x: Any, y: Any) -> Any:
    return losses.cross_entropy(logits=x, targets=y)


def by_hand(x: Any, y: Any) -> Any:
    return -jnp.take_along_axis(jax.nn.log_softmax(x), y[:, None], -1).mean()


def waited(function: Callable[..., Any], *arrays: Any) -> Callable[[], Any]:
    return lambda: jax.block_until_ready(function(*arrays))


def show(title: str, times: Mapping[str, Timing], goals: Mapping[str, float] | None = None) -> None:
    """The race as a table, and whether each goal was reached."""
    print(table(title, times, baseline="plogp"))
    for peer, goal in (goals or {}).items():
        ratio = times[peer].wall / times["plogp"].wall
        verdict = "reached" if ratio >= goal else "MISSED"
        limit = times[peer].wall / times[READ].wall
        print(f"goal: {goal:g} × faster than {peer}: {ratio:.1f} × {verdict}; no faster than a read: {limit:.1f} ×\n")


def main(rounds: int) -> None:
    """All races, printed as Markdown."""
    rng = np.random.default_rng(0)
    x = 3 * rng.standard_normal((ROWS, CLASSES), dtype=np.float32)
    y = rng.integers(0, CLASSES, ROWS)
    truth = float(np.mean([logsumexp(row.astype(float)) - row[label] for row, label in zip(x, y, strict=True)]))
    tx, ty = torch.from_numpy(x), torch.from_numpy(y)

    def right(value: Any) -> bool:
        return abs(float(value) / truth - 1) < 1e-6

    values = {
        "plogp": lambda: ours(x, y),
        "plogp without Numba": lambda: without_kernels(lambda: ours(x, y)),
        "plogp on PyTorch": lambda: ours(tx, ty),
        "PyTorch, one call": lambda: one_call(tx, ty),
        "PyTorch, chunks of 16 rows": lambda: in_chunks(tx, ty),
        READ: lambda: x.max() * 0 + truth,
        "NumPy by hand": lambda: float((logsumexp(x, axis=1) - x[np.arange(ROWS), y]).mean()),
    }
    show("the value", race(values, rounds=rounds, right=right), GOALS)

    slope = torch_gradient(one_call, tx, ty)
    show(
        "value and gradient on PyTorch",
        race(
            {
                "plogp": lambda: torch_gradient(ours, tx, ty),
                "PyTorch, one call": lambda: torch_gradient(one_call, tx, ty),
                "PyTorch, chunks of 16 rows": lambda: torch_gradient(in_chunks, tx, ty),
            },
            rounds=max(3, rounds // 2),
            right=lambda got: torch.allclose(got, slope, rtol=1e-4, atol=1e-10),
        ),
    )
    jx, jy = jnp.asarray(x), jnp.asarray(y)
    show(
        "the value on JAX",
        race(
            {"plogp": waited(ours, jx, jy), "by hand, compiled": waited(jax.jit(by_hand), jx, jy)},
            rounds=rounds,
            right=right,
        ),
    )
    show(
        "the gradient on JAX",
        race(
            {
                "plogp": waited(jax.grad(ours), jx, jy),
                "plogp, compiled": waited(jax.jit(jax.grad(ours)), jx, jy),
                "by hand, compiled": waited(jax.jit(jax.grad(by_hand)), jx, jy),
            },
            rounds=max(3, rounds // 2),
            right=lambda got: bool(jnp.allclose(got, slope.numpy(), rtol=1e-4, atol=1e-10)),
        ),
    )
    for n, k in ((64, 100), (512, 1000)):
        small, labels = tx[:n, :k].clone(), ty[:n] % k
        race_small(
            f"{n} × {k} on PyTorch", lambda a=small, b=labels: ours(a, b), lambda a=small, b=labels: torch_hand(a, b)
        )
        a, b = small.numpy(), labels.numpy()
        race_small(f"{n} × {k} on NumPy", lambda a=a, b=b: ours(a, b), lambda a=a, b=b: numpy_hand(a, b))


def race_small(title: str, plogp: Callable[[], Any], hand: Callable[[], Any]) -> None:
    """The overhead of a call, checks included, over the bare formula."""
    show(title, race({"plogp": plogp, "by hand": hand}, rounds=30))


def torch_hand(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return -torch.log_softmax(x, -1).gather(1, y[:, None]).mean()


def numpy_hand(x: np.ndarray, y: np.ndarray) -> np.floating:
    top = x.max(1, keepdims=True)
    return (np.log(np.exp(x - top).sum(1)) + top[:, 0] - x[np.arange(len(y)), y]).mean()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
