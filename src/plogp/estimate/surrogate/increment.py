"""Step 4, the increment: what the dropped dimensions add by the base, less the cost of having learnt the kept."""

from math import sqrt

import numpy as np
from numpy.random import Generator

from plogp.estimate.base import Floats
from plogp.estimate.gaussian import svd
from plogp.estimate.surrogate.base import Base
from plogp.estimate.surrogate.canonical import linear_information, wishart_bias

__all__ = ["by_pairs", "by_sample", "increment"]


def increment(base: Base, kept_x: Floats, kept_y: Floats, by_model: bool, rng: Generator) -> tuple[float, Floats]:
    """What the dropped dimensions add, and the same at each observation; nothing at all where it is 0.

    Args:
        base: of all dimensions.
        kept_x, kept_y: directions of the subspace, in the canonical basis.
        by_model: whether by a sample of the base, else by its canonical pairs.
        rng: draws the sample.
    """
    value = by_sample(base, kept_x, kept_y, rng) if by_model else by_pairs(base, kept_x, kept_y)
    return value, ratio_gain(base, kept_x, kept_y, base.z) if value else np.zeros(len(base.z))


def by_pairs(base: Base, kept_x: Floats, kept_y: Floats) -> float:
    """From the canonical pairs of a Gaussian: those of all dimensions, less those of the subspace.

    Significant pairs count in full, without the bias of having been chosen as the best of p + q dimensions, which makes
    the increment negative where little else is there; the rest counts where it exceeds one null standard deviation.
    """
    n, s, r = base.n, base.correlations, base.rank
    p, q, a, b = base.p, base.z.shape[1] - base.p, kept_x.shape[1], kept_y.shape[1]
    if r == 0:
        return 0.0
    pairs = np.zeros((p, q))
    np.fill_diagonal(pairs, s)
    inside = svd(kept_x.T @ pairs @ kept_y)[1]
    cost = wishart_bias(n, p, q) - (wishart_bias(n, p - r, q - r) if min(p, q) > r else 0.0)
    strong = float(-0.5 * np.log1p(-(s[:r] ** 2)).sum()) - cost
    rest = linear_information(s, n, p, q) - strong
    weak = rest if rest > sqrt(2 * (p - r) * (q - r)) / (2 * n) else 0.0
    return strong + weak - linear_information(inside, n, a, b)


def by_sample(base: Base, kept_x: Floats, kept_y: Floats, rng: Generator) -> float:
    """From a sample of a scale mixture: the mean of what the log ratio gains by all dimensions."""
    n, p, q = base.n, base.p, base.z.shape[1] - base.p
    drawn = base.model.sample(max(n, 4000), rng)
    cost = wishart_bias(n, p, q) - wishart_bias(n, kept_x.shape[1], kept_y.shape[1]) if base.rank else 0.0
    return float(ratio_gain(base, kept_x, kept_y, drawn).mean()) - cost


def ratio_gain(base: Base, kept_x: Floats, kept_y: Floats, z: Floats) -> Floats:
    """ln q(x,y)/(q(x) q(y)) of all dimensions less that of the subspace, at each observation."""
    a, b = base.bases[0] @ kept_x, base.bases[1] @ kept_y
    down = np.zeros((z.shape[1], a.shape[1] + b.shape[1]))
    down[: base.p, : a.shape[1]], down[base.p :, a.shape[1] :] = a, b
    return base.model.log_ratio(z, base.p) - base.model.projected(down).log_ratio(z @ down, a.shape[1])
