"""Losses of predictions and labels, in any framework, with right gradients: cross-entropy of many classes and of two.

For a label y the loss is −ln p(y), for a distribution t over the classes it is the cross-entropy −Σ t ln p. Its mean
over observations is the cross-entropy of their empirical distribution against the model's; so whoever minimises it
maximises the likelihood of a multinoulli, and minimises the KL divergence, from which it differs by a constant.
"""

from plogp.losses.binary import binary_cross_entropy
from plogp.losses.classes import cross_entropy, one_hot

__all__ = ["binary_cross_entropy", "cross_entropy", "one_hot"]
