"""What conditions leave: regression by which they are taken out, and the directions of them that still matter after it.

I(x;y|z) is I(x − f(z);y − g(z)|z) for any f and g, and I(x;y) where (x, y) is independent of z. So what can be
regressed out needn't be held fixed by neighbours, who are far away where there are many conditions.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from plogp.estimate.base import Floats
from plogp.estimate.gaussian import normal_scores, svd

__all__ = ["Residual", "relevant_directions", "residuals", "whitened", "without_condition"]

LANDMARKS = 100
"""Rows where a smooth function has its bumps."""

WIDTHS = (0.5, 1.0, 2.0)
"""Widths of the bumps, in units of the distance of two rows."""

PENALTIES = 10.0 ** np.arange(-6, 2, 0.5)
"""Ridges, per row."""

SHARE = 0.2
"""A direction that matters less than this share of the foremost is dropped."""


@dataclass(frozen=True)
class Residual:
    """x and y without what z tells of each, and what is left of z; normal scores.

    Attributes:
        x, y: shapes (n, p) and (n, q).
        z: the directions on which the distribution of (x, y) still depends, shape (n, m), m ≥ 0.
        kinds: what was taken away from each column of x and y.
    """

    x: Floats
    y: Floats
    z: Floats
    kinds: list[str]


def without_condition(x: Floats, y: Floats, z: Floats, rng: np.random.Generator) -> Residual:
    """What the regressions of x and y on z leave, of normal scores each, and the z that matters yet."""
    order = np.lexsort(np.hstack([x, y, z]).T)  # an order of its own, so that that of the rows is immaterial
    u, v, w = (normal_scores(part[order]) for part in (x, y, z))
    w = whitened(w)
    left, kinds = residuals(w, np.hstack([u, v]))
    left = normal_scores(left)
    kept = w @ relevant_directions(left, w, rng)
    back = np.argsort(order)
    left, kept = left[back], normal_scores(kept)[back] if kept.size else kept
    return Residual(left[:, : x.shape[1]], left[:, x.shape[1] :], kept, kinds)


def whitened(z: Floats) -> Floats:
    """Linear functions of the columns that are uncorrelated and of variance 1, as many as there are; shape (n, ≤ d)."""
    u, s, _ = svd(z - z.mean(axis=0))
    out: Floats = u[:, s > 1e-6 * s.max(initial=0.0)] * np.sqrt(len(z))
    return out


def residuals(z: Floats, targets: Floats) -> tuple[Floats, list[str]]:
    """What is left of each target when its regression on z is taken away, and the kind of regression.

    The regression is a constant, a line, or a line and a smooth function (Gaussian bumps at some of the rows, a ridge
    on their heights). Of these each target has the simplest that isn't beaten by more than two standard errors in
    squared leave-one-out residuals; those are what is left.

    Args:
        z: shape (n, d), whitened.
        targets: shape (n, t).
    """
    n = len(z)
    left = (targets - targets.mean(axis=0)) * n / (n - 1)
    kinds = ["constant"] * targets.shape[1]
    for kind, found in regressions(z, targets):
        gain = left**2 - found**2
        better = gain.mean(axis=0) > 2 * gain.std(axis=0) / np.sqrt(n)
        left = np.where(better, found, left)
        kinds = [kind if b else before for b, before in zip(better, kinds, strict=True)]
    return left, kinds


def regressions(z: Floats, targets: Floats) -> Iterator[tuple[str, Floats]]:
    """Leave-one-out residuals of a line, and of a line and the best smooth function of each width.

    A linear fit ŷ = Sy has the leave-one-out residuals (yᵢ − ŷᵢ)/(1 − Sᵢᵢ).
    """
    n = len(z)
    q = np.linalg.qr(np.hstack([np.ones((n, 1)), z]))[0]
    rest, leverage = targets - q @ (q.T @ targets), (q**2).sum(axis=1)
    yield "line", rest / (1 - leverage)[:, None]
    marks = z[np.linspace(0, n - 1, min(n, LANDMARKS)).astype(int)]
    between, to = (((a[:, None] - marks) ** 2).mean(axis=2) / 2 for a in (marks, z))
    for width in WIDTHS:
        s, v = np.linalg.eigh(np.exp(-between / width**2))
        bumps = np.exp(-to / width**2) @ (v[:, s > 1e-8 * s[-1]] / np.sqrt(s[s > 1e-8 * s[-1]]))
        bumps -= q @ (q.T @ bumps)
        s, v = np.linalg.eigh(bumps.T @ bumps)
        u, s = bumps @ (v[:, s > 1e-8 * s[-1]] / np.sqrt(s[s > 1e-8 * s[-1]])), s[s > 1e-8 * s[-1]]
        fits = []
        for penalty in PENALTIES:
            kept = s / (s + penalty * n)
            fits.append((rest - u @ (kept[:, None] * (u.T @ rest))) / (1 - leverage - u**2 @ kept)[:, None])
        errors = np.array([(fit**2).sum(axis=0) for fit in fits])
        yield "smooth", np.stack([fits[i][:, j] for j, i in enumerate(errors.argmin(axis=0))], axis=1)


def relevant_directions(r: Floats, z: Floats, rng: np.random.Generator) -> Floats:
    """An orthonormal basis of the directions of z that the distribution of r depends on, shape (d, m), m ≥ 0.

    Second-order features of r and z are correlated, pair by pair of canonical functions. A function of z that is more
    correlated than any of permuted rows matters in the directions of its gradient: principal Hessian directions (Li
    1992, doi:10.1080/01621459.1992.10476258) on both sides.

    Args:
        r: shape (n, t), of normal scores.
        z: shape (n, d), whitened.
    """
    n, d = z.shape
    f, g = whitened(second_order(r)), second_order(z)
    _, s, functions = svd(f.T @ g / n)
    chance = [np.linalg.norm(f.T @ g[rng.permutation(n)] / n, 2) for _ in range(20)]
    matters = s > np.mean(chance) + 4 * np.std(chance)
    outer = np.zeros((d, d))
    i, j = np.triu_indices(d)
    for strength, w in zip(s[matters], functions[matters], strict=True):
        hessian = np.zeros((d, d))
        hessian[i, j] += w[d:]
        hessian[j, i] += w[d:]
        hessian[np.diag_indices(d)] /= np.sqrt(2)  # z² has variance 2
        outer += strength**2 * (np.outer(w[:d], w[:d]) + hessian @ hessian)
    size, basis = np.linalg.eigh(outer)
    kept: Floats = basis[:, (size > SHARE * size[-1]) & (size > 0)]
    return kept


def second_order(z: Floats) -> Floats:
    """The columns and their products, each centred and of variance 1; values beyond ±4 count as that."""
    z = np.clip(z, -4, 4)
    i, j = np.triu_indices(z.shape[1])
    features = np.hstack([z, z[:, i] * z[:, j]])
    features -= features.mean(axis=0)
    out: Floats = features / np.where(features.any(axis=0), features.std(axis=0), 1.0)
    return out
