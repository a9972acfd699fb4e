"""Steps 2 and 3 again: once there is a model, it says where the directions of the subspace had better lie."""

import numpy as np

from plogp.estimate.base import Floats
from plogp.estimate.surrogate.correction import Surrogate, choose_surrogate
from plogp.estimate.surrogate.models import ROWS
from plogp.estimate.surrogate.subspace import leading

__all__ = ["Bases", "Sides", "turn", "turned"]

ROUNDS = 4

Sides = tuple[Floats, Floats]
"""x and y in the canonical basis, (n, p) and (n, q)."""

Bases = tuple[Floats, Floats]
"""Directions of x and of y, as orthonormal columns."""


def turn(surrogate: Surrogate, sides: Sides, kept: Bases, rank: int, seed: int) -> tuple[Surrogate, Bases]:
    """The surrogate and the directions, turned for as long as the held-out log ratio gains by it."""
    for _ in range(ROUNDS):
        new = turned(surrogate, sides, kept)
        if new is None:
            break
        other = choose_surrogate(sides[0] @ new[0], sides[1] @ new[1], rank, seed)
        if other is None or other.ratio.mean() < surrogate.ratio.mean():
            break
        surrogate, kept = other, new
    return surrogate, kept


def turned(surrogate: Surrogate, sides: Sides, kept: Bases) -> Bases | None:
    """Directions along the gradients of the model's log ratio; None where there is no other choice."""
    scores = surrogate.fit(surrogate.z[:ROWS]).ratio_score(surrogate.z[:ROWS], kept[0].shape[1])
    found = [
        towards(side[:ROWS], basis, score / (side[:ROWS] @ basis).std(axis=0))
        for side, basis, score in zip(sides, kept, scores, strict=True)
    ]
    settled = all(new.shape == old.shape and len(old) == old.shape[1] for new, old in zip(found, kept, strict=True))
    return None if settled or not all(new.size for new in found) else (found[0], found[1])


def towards(side: Floats, basis: Floats, score: Floats) -> Floats:
    """The few directions that have the gradients, tilted by a step of Fisher scoring into the dimensions left out.

    To first order the log likelihood of a tilt Δ is that of z₊ = rest·Δ with score g, so that Δ = E[rest gᵀ] E[g gᵀ]⁻¹,
    the rest being white. No step is longer than ½.
    """
    within = leading(score.T @ score / len(score))
    score, basis = score @ within, basis @ within
    d, r = basis.shape
    if r == d or r == 0:
        return basis
    others = np.linalg.qr(np.hstack([basis, np.eye(d)]))[0][:, r:]
    rest = side @ others - (side @ others).mean(axis=0)
    tilt = np.linalg.solve(score.T @ score, score.T @ (rest / rest.var(axis=0))).T  # (d − r, r)
    tilt *= min(1.0, 0.5 / float(np.linalg.norm(tilt, 2)))
    directions: Floats = np.linalg.qr(basis + others @ tilt)[0]
    return directions
