"""MXNet 1.9.1 on a NumPy that it never knew: names that NumPy removed come back for the length of its import.

The library knows nothing of this; people who have MXNet have the NumPy of its time (see test_stock_mxnet.py).
"""

import importlib
import warnings
from types import ModuleType

import numpy as np

__all__ = ["load"]

TYPES = {"bool": bool, "int": int, "float": float, "object": object, "complex": complex, "str": str}
NUMBERS = dict.fromkeys(("NaN", "NAN"), np.nan) | {
    "Inf": np.inf,
    "Infinity": np.inf,
    "infty": np.inf,
    "PINF": np.inf,
    "NINF": -np.inf,
    "PZERO": 0.0,
    "NZERO": -0.0,
}
FUNCTIONS = [  # looked up, never called
    *("alltrue", "sometrue", "product", "cumproduct", "round_", "in1d", "trapz", "msort"),
    *("mirr", "npv", "pmt", "ppmt", "pv", "rate"),
]


def load() -> ModuleType:
    """MXNet with NumPy's semantics on."""
    removed = TYPES | NUMBERS | dict.fromkeys(FUNCTIONS)
    lent = [name for name in removed if name not in vars(np)]
    for name in lent:
        setattr(np, name, removed[name])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            mxnet = importlib.import_module("mxnet")
            mxnet.npx.set_np()
    finally:
        for name in lent:
            delattr(np, name)
    return mxnet
