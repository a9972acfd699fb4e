"""The house: what the front door shows, who may import whom, and what a door costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import plogp

SRC = Path(plogp.__file__).parent
FILES = [file for file in sorted(SRC.rglob("*.py")) if file.parent.name != "parts"]  # which are marimo's
LATE = {
    "torch", "jax", "tensorflow", "mxnet", "cupy", "array_api_compat", "scipy", "numba", "narwhals", "duckdb", "pandas",
    "polars", "pyarrow", "ibis", "pyspark", "dask", "rich", "jinja2", "markupsafe", "matplotlib", "marimo",
    "sklearn", "numpyro",
}  # fmt: skip


def test_the_front_door_exports_what_the_design_names():
    assert set(plogp.__all__) == {
        "Counts", "Formula", "Joint", "Result", "Samples", "conditional_entropy", "cross_entropy", "densities",
        "entropy", "errors", "estimate", "jensen_shannon_distance", "jensen_shannon_divergence", "joint_entropy",
        "kl_divergence", "language", "losses", "measure", "mutual_information",
        "mutual_information_matrix", "pairwise", "perplexity", "plot", "pointwise_mutual_information", "rank",
        "renyi_divergence", "renyi_entropy", "report", "self_information", "text", "tsallis_entropy",
    }  # fmt: skip
    assert plogp.__all__ == sorted(plogp.__all__)
    assert all(getattr(plogp, name).__doc__ for name in plogp.__all__)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SRC)))
def test_modules_say_what_they_export(file):
    tree = ast.parse(file.read_text())
    assert ast.get_docstring(tree), f"{file.name} has no docstring"
    defined = {n.name for n in tree.body if isinstance(n, (ast.FunctionDef, ast.ClassDef)) and n.name[0] != "_"}
    exports = [n for n in tree.body if isinstance(n, ast.Assign) and getattr(n.targets[0], "id", "") == "__all__"]
    if defined:
        assert exports, f"{file.name} has no __all__"


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(SRC)))
def test_nothing_heavy_is_imported_at_the_top_of_a_module(file):
    """Kernels may import Numba: rooms import kernels late."""
    found = top_imports(ast.parse(file.read_text()).body) & LATE
    allowed = {"numba"} if "_kernels" in file.parts else {"sklearn"} if file.name == "sklearn.py" else set()
    assert found <= allowed, f"{file.name} imports {found} at its top"


def top_imports(body):
    """Packages imported when the module is: in its body, also under if, try and with, but not in functions."""
    found = set()
    for node in body:
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
        elif isinstance(node, (ast.If, ast.Try, ast.With)) and "TYPE_CHECKING" not in ast.dump(
            getattr(node, "test", ast.Pass())
        ):
            for field in ("body", "orelse", "finalbody", "handlers"):
                for child in getattr(node, field, []):
                    found |= top_imports(child.body if isinstance(child, ast.ExceptHandler) else [child])
        elif isinstance(node, ast.ClassDef):
            found |= top_imports(node.body)
    return found


def test_the_ban_sees_a_guarded_import():
    assert top_imports(ast.parse("try:\n    import torch\nexcept ImportError:\n    torch = None").body) == {"torch"}
    assert top_imports(ast.parse("def f():\n    import torch").body) == set()


def test_importing_plogp_loads_nothing_but_numpy():
    code = "import sys, plogp; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert "numpy" in loaded
    assert not loaded & (LATE | {"click"})


def test_kernels_are_not_loaded_by_the_front_door():
    code = "import sys, plogp; print([m for m in sys.modules if m.startswith('plogp._kernels.')])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
