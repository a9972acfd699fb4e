"""Two single columns: neighbours know more of what they miss there than a mixture does, and are only chosen by it."""

import numpy as np

from plogp.estimate.base import Floats
from plogp.estimate.surrogate.base import robust
from plogp.estimate.surrogate.models import LEVEL

__all__ = ["fewer_neighbours", "light_tailed", "of_unit_spread"]


def of_unit_spread(x: Floats) -> Floats:
    """Columns over their standard deviations."""
    scaled: Floats = x / x.std(axis=0)
    return scaled


def light_tailed(x: Floats) -> bool:
    """Whether no value is farther out than normal ones are, but for one sample in a hundred."""
    from scipy.special import ndtri

    return float(np.abs(robust(x)).max()) < -float(ndtri(LEVEL / (2 * x.size)))


def fewer_neighbours(difference: Floats, k: int) -> int:
    """k, or half of it where that takes away more bias than it adds noise, of two columns.

    By the law above the bias at k is what it grows by up to 4k, and its square falls with k. The noise of the
    neighbours is that of ψ, ψ'(k)/n.

    Args:
        difference: terms at k less those at 4k, on the data, (n,).
        k: which neighbour.
    """
    from scipy.special import polygamma

    half = (k + 1) // 2
    saved = max(float(difference.mean()), 0.0) ** 2 * (1 - half / k)
    return half if saved > float(polygamma(1, half) - polygamma(1, k)) / difference.size else k
