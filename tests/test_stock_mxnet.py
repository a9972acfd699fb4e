"""MXNet as it was released, with the NumPy of its time and nothing else of ours: in an environment of its own.

The main environment runs MXNet 1.9.1 with a NumPy that it never knew (tests/legacy_mxnet.py); this one proves it for
people who still have the original. `make test` makes it.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PYTHON = ROOT / ".venv-mxnet/bin/python"

PROGRAM = """
import json, mxnet as mx
from plogp import pmf
mx.npx.set_np()
p, q = mx.np.array([0.1, 0.5, 0.1, 0.3]), mx.np.array([0.25, 0.25, 0.25, 0.25])
joint = mx.np.array([[0.4, 0.1], [0.1, 0.4]])
zero = mx.np.array([0.5, 0.5, 0.0])
zero.attach_grad()
with mx.autograd.record():
    h = pmf.entropy(zero, check=False)
h.backward()
legacy = pmf.entropy(mx.nd.array([0.5, 0.5]))
try:
    pmf.entropy(mx.np.array([3.0, 1.0]))
except Exception as error:
    refused = type(error).__name__
print(json.dumps({
    "numpy": __import__("numpy").__version__, "mxnet": mx.__version__, "type": type(pmf.entropy(p)).__name__,
    "entropy": float(pmf.entropy(p)), "kl": float(pmf.kl_divergence(p, q)), "mi": float(pmf.mutual_information(joint)),
    "logits": float(pmf.entropy(logits=mx.np.array([0.0, 0.0]))), "gradient": zero.grad.tolist(),
    "legacy": float(legacy), "refused": refused,
}))
"""


@pytest.fixture(scope="module")
def answers():
    if not PYTHON.exists():
        absent = "the environment of MXNet's own time isn't here; `make test` makes it"
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
    done = subprocess.run(
        [PYTHON, "-c", PROGRAM], capture_output=True, text=True, env=environment | {"PYTHONPATH": str(ROOT / "src")}
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_it_is_stock(answers):
    assert answers["mxnet"] == "1.9.1"
    assert answers["numpy"] < "1.24"
    assert answers["type"] == "ndarray"


def test_values(answers):
    assert answers["entropy"] == pytest.approx(1.6854752972, abs=1e-6)
    assert answers["kl"] == pytest.approx(2 - 1.6854752972, abs=1e-6)
    assert answers["mi"] == pytest.approx(0.2780719051, abs=1e-6)
    assert answers["logits"] == 1.0
    assert answers["legacy"] == 1.0


def test_the_gradient_is_finite_at_zero(answers):
    """d H/dp = −(log2 p + 1/ln 2); none goes through the impossible outcome."""
    assert answers["gradient"] == pytest.approx([1 - 1.4426950409, 1 - 1.4426950409, 0], abs=1e-6)


def test_what_is_not_a_distribution_is_refused(answers):
    assert answers["refused"] == "NotADistribution"
