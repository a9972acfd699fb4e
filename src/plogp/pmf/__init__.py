"""Exact measures of arrays of probabilities, of any framework: values, and gradients where they have one.

Every function takes probabilities, or in their place `logits=` or `log_probs=`; the axes that outcomes don't lie along
are a batch. `check=True` refuses what is not a distribution (but not while a framework traces); `check=False`
evaluates the bare formula on whatever is given, at about the cost of writing it by hand. `normalize=True` rescales
counts to probabilities. 0·log 0 is 0, and no gradient goes through an outcome that is impossible, where it would be
infinite; q = 0 < p gives +inf. Results have the framework, device and dtype of what was given; sums are kept in float64
where there is one, and so are all steps of a measure that can be small, except in an unchecked entropy or divergence.
"""

from plogp.pmf.dependence import (
    conditional_entropy,
    conditional_mutual_information,
    joint_entropy,
    mutual_information,
    pointwise_mutual_information,
)
from plogp.pmf.divergences import (
    cross_entropy,
    jensen_shannon_distance,
    jensen_shannon_divergence,
    kl_divergence,
)
from plogp.pmf.entropies import entropy, perplexity, self_information
from plogp.pmf.families import renyi_divergence, renyi_entropy, tsallis_entropy

__all__ = [
    "conditional_entropy",
    "conditional_mutual_information",
    "cross_entropy",
    "entropy",
    "jensen_shannon_distance",
    "jensen_shannon_divergence",
    "joint_entropy",
    "kl_divergence",
    "mutual_information",
    "perplexity",
    "pointwise_mutual_information",
    "renyi_divergence",
    "renyi_entropy",
    "self_information",
    "tsallis_entropy",
]
