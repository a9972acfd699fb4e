"""Two single columns: which neighbours are asked, in which margins and at which scales, and whether edges show."""

import numpy as np

from plogp.estimate.base import Floats
from plogp.estimate.surrogate.base import robust
from plogp.estimate.surrogate.neighbour_terms import ksg_terms, near_and_far

__all__ = ["at_three_scales", "few_neighbours", "light_tailed", "of_unit_spread"]

TAILS = 0.001
"""Normal columns that are taken for heavier ones."""

SCALES = {0.5: 1, 1.0: 4, 2.0: 1}
"""The spread of x over that of y, and the weight of each where their bias is alike."""

CLEAR = 0.7
"""Growth times √n where edges are as likely as not; by chance it is 0 ± 0.4."""


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


def at_three_scales(x: Floats, y: Floats, k: int) -> tuple[Floats, Floats, float]:
    """Means of terms over x as wide as y, half as wide and twice: of few neighbours, of far ones, and what edges show.

    A scale weighs the less the more its bias grows from k + 1 neighbours to four times as many, which are other ones
    than those of the mean, so that their noise is too: as 1/(growth² + 1/n)². How clear the mean of that growth is
    against chance, from 0 to 1, tells of edges; the last of few neighbours weighs half as much where they are.

    Args:
        x, y: columns of like spread, (n, 1).
        k: one more than the neighbours of the mean.
    """
    near, far, growth = [], [], []
    for scale in SCALES:
        before, after = near_and_far(scale * x, y, k + 1)
        near.append([ksg_terms(scale * x, y, few) for few in few_neighbours(k)])
        far.append(after)
        growth.append(float((before - after).mean()))
    weights = np.array(list(SCALES.values())) / (np.square(growth) + 1 / len(x)) ** 2
    steep = max(float(np.average(growth, weights=weights)) * len(x) ** 0.5 / CLEAR, 0.0) ** 4
    edges = steep / (1 + steep)
    of_each = np.append(np.ones(len(near[0]) - 1), 1 - edges / 2)
    return np.average(np.average(near, 0, weights), 0, of_each), np.average(far, 0, weights), edges
