"""Step 2, the subspace: the few directions of x and of y that their relation runs along.

Functions of the second order of one side are correlated with those of the other. Where f(x) goes with g(y), the
relation runs along the gradients of f and g: their outer products, averaged, span the subspace, as principal Hessian
directions (Li 1992, doi:10.1080/01621459.1992.10476258) and directional regression (Li & Wang 2007,
doi:10.1198/016214507000000536) do for a regression, here on both sides at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.random import Generator

from plogp.estimate.base import Floats
from plogp.estimate.gaussian import normal_scores, svd
from plogp.estimate.surrogate.base import Base
from plogp.estimate.surrogate.canonical import LARGEST, bartlett_rank

__all__ = ["leading", "relevant_subspace"]

PERMUTATIONS, MOST, KEPT, REFINEMENTS = 10, 5, 0.2, 4
"""Of rows for a threshold; directions of a side; share of the largest eigenvalue that keeps a direction; rounds."""

QUADRATIC = 400
"""More products of columns than this aren't looked at."""


class Features(Protocol):
    """Functions of one side."""

    @property
    def values(self) -> Floats:
        """At each observation, centred and of variance 1, (n, m)."""
        ...

    def gradients(self, weights: Floats) -> Floats:
        """E ∇f ∇fᵀ of their weighted sum f, (d, d), the side being white."""
        ...


@dataclass(frozen=True)
class Linear:
    """The columns themselves."""

    values: Floats

    def gradients(self, weights: Floats) -> Floats:
        return np.outer(weights, weights)


@dataclass(frozen=True)
class Quadratic:
    """All products zᵢzⱼ, i ≤ j."""

    z: Floats

    @property
    def values(self) -> Floats:
        i, j = np.triu_indices(self.z.shape[1])
        return standard(self.z[:, i] * self.z[:, j])

    def gradients(self, weights: Floats) -> Floats:
        d = self.z.shape[1]
        hessian = np.zeros((d, d))
        hessian[np.triu_indices(d)] = weights
        hessian += hessian.T
        hessian[np.diag_indices(d)] /= np.sqrt(2)  # z² has twice the variance of a product
        return hessian @ hessian


@dataclass(frozen=True)
class Along:
    """The columns, and their products with each of a few directions, (d, m)."""

    z: Floats
    directions: Floats

    @property
    def products(self) -> list[Floats]:
        return [self.z @ self.directions[:, [i]] * self.z for i in range(self.directions.shape[1])]

    @property
    def values(self) -> Floats:
        return np.hstack([self.z, *(standard(product) for product in self.products)])

    def gradients(self, weights: Floats) -> Floats:
        linear, *others = np.split(weights, self.directions.shape[1] + 1)
        hessian = np.zeros((linear.size, linear.size))
        for direction, other, product in zip(self.directions.T, others, self.products, strict=True):
            hessian += np.outer(direction, other / product.std(axis=0))
        hessian += hessian.T
        return np.outer(linear, linear) + hessian @ hessian


def relevant_subspace(base: Base, rng: Generator) -> tuple[Floats, Floats] | None:
    """The directions of x and of y in the canonical basis, as columns; None where a side has none.

    Significant canonical pairs of the base count as seen. The columns are taken as normal scores, ±4 at most, so that
    outliers don't correlate by themselves.
    """
    x, y = (standard(np.clip(normal_scores(side), -4, 4)) for side in base.sides(base.n))
    linear = base.correlations[: base.rank] ** 2
    spread_x, spread_y = (np.diag(np.pad(linear, (0, z.shape[1] - linear.size))) for z in (x, y))
    bent = False
    for f, g in pairs_of_features(x, y):
        for strength, w_x, w_y in significant_pairs(f.values, g.values, rng):
            spread_x += min(strength, 1.0) ** 2 * f.gradients(w_x)
            spread_y += min(strength, 1.0) ** 2 * g.gradients(w_y)
            bent = True
    kept = leading(spread_x), leading(spread_y)
    for _ in range(REFINEMENTS * bent):
        if not all(k.size for k in kept) or (kept[0].shape[1] == x.shape[1] and kept[1].shape[1] == y.shape[1]):
            break
        better = refined(Along(x, kept[0]), Along(y, kept[1]))
        if better is None:
            break
        kept = better
    return kept if all(k.size for k in kept) else None


def pairs_of_features(x: Floats, y: Floats) -> Iterator[tuple[Features, Features]]:
    """Quadratic with linear, linear with quadratic, quadratic with quadratic; linear with linear is the base's."""
    few_x, few_y = (z.shape[1] * (z.shape[1] + 1) // 2 <= QUADRATIC for z in (x, y))
    if few_x:
        yield Quadratic(x), Linear(y)
    if few_y:
        yield Linear(x), Quadratic(y)
    if few_x and few_y:
        yield Quadratic(x), Quadratic(y)


def significant_pairs(f: Floats, g: Floats, rng: Generator) -> Iterator[tuple[float, Floats, Floats]]:
    """Singular triplets of fᵀg/n that are greater than rows in random order would have, ten at most."""
    n = len(f)
    chance = [largest_singular(f, g[rng.permutation(n)], rng) / n for _ in range(PERMUTATIONS)]
    threshold = 1.02 * np.mean(chance) + 4 * np.std(chance)
    u, s, vt = svd(f.T @ g / n)
    for i in range(min(s.size, 10)):
        if s[i] < threshold:
            return
        yield float(s[i]), u[:, i], vt[i]


def largest_singular(f: Floats, g: Floats, rng: Generator) -> float:
    """Of fᵀg, by six rounds of power iteration with four vectors."""
    w = rng.standard_normal((g.shape[1], 4))
    for _ in range(6):
        w = np.linalg.qr(g.T @ (f @ (f.T @ (g @ w))))[0]
    return float(np.linalg.norm(f.T @ (g @ w), 2))


def refined(f: Along, g: Along) -> tuple[Floats, Floats] | None:
    """The directions that canonical analysis of these functions finds; None where there are too many or none."""
    n = len(f.z)
    if f.z.shape[1] * (f.directions.shape[1] + 1) + g.z.shape[1] * (g.directions.shape[1] + 1) > n / 4:
        return None
    (q_f, to_f), (q_g, to_g) = orthonormal(f.values), orthonormal(g.values)
    u, s, vt = svd(q_f.T @ q_g, full=True)
    s = np.minimum(s, LARGEST)
    rank = min(bartlett_rank(s, n, q_f.shape[1], q_g.shape[1], 1e-3), 8)
    spread = [
        sum((s[t] ** 2 * features.gradients(to @ w[:, t]) for t in range(rank)), np.zeros((features.z.shape[1],) * 2))
        for features, to, w in ((f, to_f, u), (g, to_g, vt.T))
    ]
    kept = leading(spread[0]), leading(spread[1])
    return kept if all(k.size for k in kept) else None


def orthonormal(features: Floats) -> tuple[Floats, Floats]:
    """An orthonormal basis of the features' columns, and the weights that give it at variance 1."""
    u, s, vt = svd(features - features.mean(axis=0))
    real = s > 1e-6 * s[0]
    return u[:, real], vt[real].T / s[real] * np.sqrt(len(features))


def leading(spread: Floats) -> Floats:
    """The eigenvectors that matter, as columns, five at most; none of a spread of 0."""
    values, vectors = np.linalg.eigh(spread)
    many = int((values > KEPT * values[-1]).sum()) if values[-1] > 1e-9 else 0
    return vectors[:, ::-1][:, : min(many, MOST)]


def standard(x: Floats) -> Floats:
    """Centred columns of variance 1; a constant one is 0."""
    centred = x - x.mean(axis=0)
    scaled: Floats = centred / (centred.std(axis=0) + 1e-9)
    return scaled
