"""Two single columns: neighbours know more of what they miss there than a mixture does, and are only chosen by it."""

import numpy as np

from plogp.estimate.base import Floats
from plogp.estimate.surrogate.base import robust
from plogp.estimate.surrogate.neighbour_terms import ksg_terms, near_and_far

__all__ = ["at_three_scales", "few_neighbours", "light_tailed", "of_unit_spread"]

TAILS = 0.001
"""Normal columns that are taken for heavier ones."""

SCALES = {0.5: 1, 1.0: 4, 2.0: 1}
"""The spread of x over that of y, and the weight of each where their bias is alike."""


def of_unit_spread(x: Floats) -> Floats:
    """Columns over their standard deviations."""
    scaled: Floats = x / x.std(axis=0)
    return scaled


def light_tailed(x: Floats) -> bool:
    """Whether no value is farther out than normal ones are, but for one sample in a thousand."""
    from scipy.special import ndtri

    return float(np.abs(robust(x)).max()) < -float(ndtri(TAILS / (2 * x.size)))


def few_neighbours(k: int) -> range:
    """Those before the k-th, from the half of it on; 1 alone for 1."""
    return range(max(k // 2, 1), max(k, 2))


def at_three_scales(x: Floats, y: Floats, k: int) -> tuple[Floats, Floats]:
    """A mean of the terms of few neighbours with x as wide as y, half as wide and twice, and of those of far ones.

    A scale weighs the less the more its bias grows from k + 1 neighbours to four times as many, which are other ones
    than those of the mean, so that their noise is too: as 1/(growth² + 1/n)².

    Args:
        x, y: columns of like spread, (n, 1).
        k: one more than the neighbours of the mean.
    """
    near, far, weights = [], [], []
    for scale, weight in SCALES.items():
        before, after = near_and_far(scale * x, y, k + 1)
        near.append(np.mean([ksg_terms(scale * x, y, few) for few in few_neighbours(k)], axis=0))
        far.append(after)
        weights.append(weight / (float((before - after).mean()) ** 2 + 1 / len(x)) ** 2)
    return np.average(near, 0, weights), np.average(far, 0, weights)
