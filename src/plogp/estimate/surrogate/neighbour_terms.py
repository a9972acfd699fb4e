"""The neighbours' estimate, a term an observation: the one place where the steps meet it."""

import numpy as np

from plogp.estimate.base import Floats
from plogp.estimate.neighbours import count_within, kth_distance

__all__ = ["FARTHER", "STRETCH", "ksg_terms", "near_and_far"]

FARTHER = 4
"""So many times more neighbours show how the bias grows with their distance."""

STRETCH = 2.0
"""Times the variance of independent terms is that of their mean, at most: near observations share neighbours."""


def ksg_terms(x: Floats, y: Floats, k: int) -> Floats:
    """ψ(k) + ψ(n) − ψ(n_x + 1) − ψ(n_y + 1), the first estimator of Kraskov, Stögbauer & Grassberger (2004)."""
    from scipy.special import digamma

    radii = kth_distance(np.hstack([x, y]), k)
    near_x, near_y = count_within(x, radii), count_within(y, radii)
    terms: Floats = digamma(k) + digamma(len(x)) - digamma(near_x + 1) - digamma(near_y + 1)
    return terms


def near_and_far(x: Floats, y: Floats, k: int) -> tuple[Floats, Floats]:
    """The terms at k, and at 4k or the last neighbour but one."""
    return ksg_terms(x, y, k), ksg_terms(x, y, min(FARTHER * k, len(x) - 2))
