"""plogp measures information: −Σ p log p of probabilities, samples, tables, text and the outputs of models.

Six doors, one for each kind of thing that you hold:

    probabilities           pp.entropy(p), pp.kl_divergence(p, q), …
    samples                 pp.estimate.entropy(x), pp.estimate.mutual_information(x, y), …
    distributions           pp.densities.entropy(d), pp.densities.kl_divergence(p, q), …
    named variables         pp.measure("I(X;Y|Z)", table), pp.rank(table, target), pp.mutual_information_matrix(table)
    text                    pp.text.collocations(paths), pp.text.SenseModel().fit(contexts, senses), …
    labels and predictions  pp.losses.cross_entropy(logits=…, targets=…), pp.language.evaluate(log_probs)
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from plogp import errors
from plogp.counts import Counts
from plogp.formula import Formula
from plogp.joint import Joint
from plogp.measure import measure
from plogp.pmf import (
    conditional_entropy,
    cross_entropy,
    entropy,
    jensen_shannon_distance,
    jensen_shannon_divergence,
    joint_entropy,
    kl_divergence,
    mutual_information,
    perplexity,
    pointwise_mutual_information,
    renyi_divergence,
    renyi_entropy,
    self_information,
    tsallis_entropy,
)
from plogp.report import report
from plogp.result import Result
from plogp.samples import Samples

if TYPE_CHECKING:
    from plogp import densities, estimate, language, losses, pairwise, plot, text
    from plogp.pairwise import mutual_information_matrix, rank

__version__ = "0.1.0"

__all__ = [
    "Counts",
    "Formula",
    "Joint",
    "Result",
    "Samples",
    "conditional_entropy",
    "cross_entropy",
    "densities",
    "entropy",
    "errors",
    "estimate",
    "jensen_shannon_distance",
    "jensen_shannon_divergence",
    "joint_entropy",
    "kl_divergence",
    "language",
    "losses",
    "measure",
    "mutual_information",
    "mutual_information_matrix",
    "pairwise",
    "perplexity",
    "plot",
    "pointwise_mutual_information",
    "rank",
    "renyi_divergence",
    "renyi_entropy",
    "report",
    "self_information",
    "text",
    "tsallis_entropy",
]

DOORS = {"densities", "estimate", "language", "losses", "pairwise", "plot", "sklearn", "text"}
"""Rooms that are opened when they're first asked for, so that `import plogp` stays quick."""

BEHIND = {"mutual_information_matrix": "pairwise", "rank": "pairwise"}
"""Functions that stand in such a room."""


def __getattr__(name: str) -> Any:
    if name in DOORS:
        return import_module(f"plogp.{name}")
    if name in BEHIND:
        return getattr(import_module(f"plogp.{BEHIND[name]}"), name)
    raise AttributeError(f"module 'plogp' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
