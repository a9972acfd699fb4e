"""Bounds of a mixture's entropy, from what is known in closed form of its components, pair by pair."""

from collections.abc import Sequence

import numpy as np

from plogp.densities.answers import closed_divergence, closed_entropy
from plogp.densities.law import Floats, Law
from plogp.densities.renyi import closed_renyi

__all__ = ["entropy_bounds"]


def entropy_bounds(weights: Floats, parts: Sequence[Law]) -> tuple[float, float] | None:
    """Σ w h − Σ wᵢ log Σⱼ wⱼ e^(−d(i, j)) in nats, None where a closed form is wanting.

    It is a lower bound with d the Bhattacharyya distance, half of Rényi's divergence of order ½, and an upper one with
    d = D(fᵢ ‖ fⱼ), which is never above Huber et al.'s Σ w h + H(w), where d is infinite but for i = j.

    Source: Kolchinsky & Tracey 2017, doi:10.3390/e19070361; Huber et al. 2008, doi:10.1109/MFI.2008.4648062.
    """
    own = [closed_entropy(part) for part in parts]
    apart = [[(closed_divergence(p, q), closed_renyi(p, q, 0.5)) for q in parts] for p in parts]
    if any(h is None for h in own) or any(d is None or r is None for row in apart for d, r in row):
        return None
    mean = weights @ np.array([float(h[0]) for h in own if h])
    near, far = (np.array([[float(pair[i][0]) for pair in row if pair[i]] for row in apart]) for i in (1, 0))  # type: ignore[index]
    low, high = (mean - weights @ np.log(np.exp(-d) @ weights) for d in (near / 2, far))
    return float(low), float(high)
