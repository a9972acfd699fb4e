"""Density models whose mutual information is known: mixtures of normal distributions, and how they are fitted."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from math import log, pi

import numpy as np
from numpy.random import Generator

from plogp.estimate.base import Floats, Ints
from plogp.estimate.gaussian import normal_scores
from plogp.estimate.surrogate.canonical import bartlett_rank, canonical, trimmed

__all__ = ["Fit", "Mixture", "fit_gaussian", "fit_mixture", "fit_scales", "held_out", "related", "significant"]

SCALES = 4
"""Components of a scale mixture."""

ROWS = 20_000
"""Models are fitted to as many rows at most, which come in random order."""

LEVEL = 0.01
"""Of Bartlett's test of the canonical pairs of a model."""


@dataclass(frozen=True)
class Mixture:
    """A mixture of K normal distributions in d dimensions.

    Attributes:
        weights: shape (K,), positive, of sum 1.
        means: shape (K, d).
        covariances: shape (K, d, d).
    """

    weights: Floats
    means: Floats
    covariances: Floats

    @cached_property
    def roots(self) -> Floats:
        """Cholesky factors of the covariances, (K, d, d), with a ridge of rounding size."""
        d = self.means.shape[1]
        ridge = 1e-10 * np.trace(self.covariances, axis1=1, axis2=2) / d
        factors: Floats = np.linalg.cholesky(self.covariances + ridge[:, None, None] * np.eye(d))
        return factors

    @cached_property
    def whiteners(self) -> Floats:
        """The inverses of the roots, transposed: (z − m) @ W is white."""
        d = self.means.shape[1]
        inverses = np.linalg.solve(self.roots, np.broadcast_to(np.eye(d), self.roots.shape))
        return np.asarray(inverses, np.float64).swapaxes(1, 2)

    def log_parts(self, z: Floats) -> Floats:
        """ln of weight times density of each component at each observation, (n, K)."""
        parts = np.empty((len(z), self.weights.size))
        for k, (mean, whitener) in enumerate(zip(self.means, self.whiteners, strict=True)):
            white = (z - mean) @ whitener
            parts[:, k] = -0.5 * np.einsum("ij,ij->i", white, white)
        log_volume = np.log(np.diagonal(self.roots, axis1=1, axis2=2)).sum(axis=1)
        parts += np.log(self.weights) - log_volume - 0.5 * z.shape[1] * log(2 * pi)
        return parts

    def log_density(self, z: Floats) -> Floats:
        """ln p(z), (n,)."""
        return log_sum(self.log_parts(z))

    def log_ratio(self, z: Floats, p: int) -> Floats:
        """ln p(x, y)/(p(x) p(y)), x the first p columns: its mean is the model's mutual information."""
        x, y = slice(None, p), slice(p, None)
        margins = self.margin(x).log_density(z[:, x]) + self.margin(y).log_density(z[:, y])
        return self.log_density(z) - margins

    def score(self, z: Floats) -> Floats:
        """∇ ln p(z) at each observation, (n, d)."""
        share, _ = responsibilities(self.log_parts(z))
        out = np.zeros_like(z)
        for k, (mean, whitener) in enumerate(zip(self.means, self.whiteners, strict=True)):
            out -= share[:, k : k + 1] * ((z - mean) @ whitener @ whitener.T)
        return out

    def ratio_score(self, z: Floats, p: int) -> tuple[Floats, Floats]:
        """∇ of the log ratio along x, (n, p), and along y, (n, q)."""
        x, y, both = slice(None, p), slice(p, None), self.score(z)
        return both[:, x] - self.margin(x).score(z[:, x]), both[:, y] - self.margin(y).score(z[:, y])

    def margin(self, part: slice) -> "Mixture":
        """The distribution of some columns."""
        return Mixture(self.weights, self.means[:, part], self.covariances[:, part, part])

    def projected(self, basis: Floats) -> "Mixture":
        """The distribution of z @ basis."""
        return Mixture(self.weights, self.means @ basis, basis.T @ self.covariances @ basis)

    def sample(self, n: int, rng: Generator) -> Floats:
        """n observations."""
        component = rng.choice(self.weights.size, n, p=self.weights)
        noise = rng.standard_normal((n, self.means.shape[1]))
        for k, root in enumerate(self.roots):
            noise[component == k] = self.means[k] + noise[component == k] @ root.T
        return noise


Fit = Callable[[Floats], Mixture]


def fit_gaussian(z: Floats) -> Mixture:
    """One component."""
    return Mixture(np.ones(1), z.mean(axis=0)[None], np.cov(z.T).reshape(1, z.shape[1], -1))


def fit_scales(z: Floats) -> Mixture:
    """One centre, one shape, four sizes: z ~ Σ w_k N(m, c_k S), by at most 40 rounds of EM, with heavy tails in mind.

    It starts at medians, quartiles and the correlations of normal scores, which outliers don't move.
    """
    n, d = z.shape
    size = np.subtract(*np.percentile(z, [75, 25], axis=0)) / 1.349
    shape = np.cov(normal_scores(z).T).reshape(d, d) * np.outer(size, size)
    mean, w, c = np.median(z, axis=0), np.full(SCALES, 1 / SCALES), np.exp(np.linspace(-1.5, 2.5, SCALES))
    before = -np.inf
    for round_ in range(40):
        distance, log_volume = mahalanobis(z - mean, shape)
        parts = np.log(w) - 0.5 * d * np.log(c) - 0.5 * distance[:, None] / c
        share, score = responsibilities(parts)
        w = (share.sum(axis=0) + 0.1) / (n + 0.1 * SCALES)
        c = ((share * distance[:, None]).sum(axis=0) + 1e-3) / (d * share.sum(axis=0) + 1e-3)
        pull = (share / c).sum(axis=1)
        shape = ((z - mean) * pull[:, None]).T @ (z - mean) / n
        mean = pull @ z / pull.sum()
        common = np.exp(w @ np.log(c))  # so that Π c^w = 1: shape and sizes have one scale too many
        c, shape = c / common, shape * common
        if score - log_volume - before < 1e-4 and round_ > 5:
            break
        before = score - log_volume
    return Mixture(w, np.tile(mean, (SCALES, 1)), c[:, None, None] * shape)


def fit_mixture(z: Floats, components: int, radial: bool, seed: int) -> Mixture:
    """A full mixture by at most 60 rounds of EM, towards a prior of d/2 + 2 observations of a shrunk covariance.

    Two starts: bins of the distance from 0, which suit tails, or the clusters of k-means.
    """
    n, d = z.shape
    start = np.argsort(np.argsort((z**2).sum(axis=1))) * components // n if radial else clusters(z, components, seed)
    share, before = np.eye(components)[start], -np.inf
    prior, pseudo = np.cov(z.T).reshape(d, d) * components ** (-2 / d), 2 + 0.5 * d
    for _ in range(60):
        size = share.sum(axis=0) + 1e-10
        means = share.T @ z / size[:, None]
        covariances = np.empty((components, d, d))
        for k in range(components):
            off = z - means[k]
            covariances[k] = ((off * share[:, k : k + 1]).T @ off + pseudo * prior) / (size[k] + pseudo)
        model = Mixture((size + 1) / (size + 1).sum(), means, covariances)
        share, score = responsibilities(model.log_parts(z))
        if score - before < 2e-4:
            break
        before = score
    return model


def clusters(z: Floats, k: int, seed: int) -> Ints:
    """Labels by k-means++ and eight rounds of k-means (Arthur & Vassilvitskii 2007)."""
    rng = np.random.default_rng(seed)
    centres = z[rng.integers(len(z), size=1)]
    for _ in range(k - 1):
        nearest = squared_distances(z, centres).min(axis=1)
        centres = np.vstack([centres, z[rng.choice(len(z), p=nearest / nearest.sum())]])
    for _ in range(8):
        label: Ints = squared_distances(z, centres).argmin(axis=1)
        for j in np.unique(label):
            centres[j] = z[label == j].mean(axis=0)
    return label


def squared_distances(z: Floats, centres: Floats) -> Floats:
    """Of each observation to each centre, (n, k)."""
    return np.stack([((z - centre) ** 2).sum(axis=1) for centre in centres], axis=1)


def mahalanobis(z: Floats, covariance: Floats) -> tuple[Floats, float]:
    """zᵀ S⁻¹ z of each row, and ½ ln|S|."""
    whole = Mixture(np.ones(1), np.zeros((1, z.shape[1])), covariance[None])
    log_volume = float(np.log(np.diag(whole.roots[0])).sum())
    return -2 * (whole.log_parts(z)[:, 0] + 0.5 * z.shape[1] * log(2 * pi) + log_volume), log_volume


def responsibilities(parts: Floats) -> tuple[Floats, float]:
    """The share of each component in each observation, (n, K), and the mean log density."""
    total = log_sum(parts)
    return np.exp(parts - total[:, None]), float(total.mean())


def log_sum(parts: Floats) -> Floats:
    """ln Σₖ exp of (n, K)."""
    largest = parts.max(axis=1)
    total: Floats = largest + np.log(np.exp(parts - largest[:, None]).sum(axis=1))
    return total


def related(model: Mixture, p: int, rank: int) -> Mixture:
    """The model with no more than so many canonical pairs between its sides."""
    return replace(model, covariances=np.stack([trimmed(shape, p, rank) for shape in model.covariances]))


def significant(fit: Fit, p: int) -> Fit:
    """The same fit, with only the canonical pairs that Bartlett's test finds."""

    def fitted(z: Floats) -> Mixture:
        model = fit(z)
        s = canonical(model.covariances[0], p)[2]
        return related(model, p, bartlett_rank(s, len(z), p, z.shape[1] - p, LEVEL))

    return fitted


def held_out(fit: Fit, z: Floats, p: int) -> tuple[Floats, Floats] | None:
    """ln p(x, y)/(p(x) p(y)) and ln p(z) at each observation, under the model fitted to the other half.

    The halves are the even and the odd rows, which must be in random order. None where the model can't be fitted.
    """
    ratio, density = np.empty(len(z)), np.empty(len(z))
    try:
        for out, others in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
            model = fit(z[others])
            ratio[out], density[out] = model.log_ratio(z[out], p), model.log_density(z[out])
    except np.linalg.LinAlgError:
        return None
    return (ratio, density) if np.isfinite(ratio).all() and np.isfinite(density).all() else None
