"""Information of distribution objects: entropies and divergences of named laws, and how each number was got.

A law is a frozen distribution of `scipy.stats`, one of SciPy's new objects, of `torch.distributions` or NumPyro (in
batches, and with gradients through closed forms), a fitted Gaussian mixture of scikit-learn, or a `Mixture`. A quantity
is read off the table of closed forms; where that has no row, it is integrated or summed, with a bound of the error, or
drawn, with a standard error.
"""

from plogp.densities.blocks import conditional_entropy, mutual_information
from plogp.densities.measures import (
    cross_entropy,
    entropy,
    jensen_shannon_divergence,
    kl_divergence,
    renyi_divergence,
)
from plogp.densities.mixtures import Mixture

__all__ = [
    "Mixture",
    "conditional_entropy",
    "cross_entropy",
    "entropy",
    "jensen_shannon_divergence",
    "kl_divergence",
    "mutual_information",
    "renyi_divergence",
]
