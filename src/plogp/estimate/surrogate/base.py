"""Step 1, the base: the margins and the simple model that say best what x and y share, and its canonical basis."""

from dataclasses import dataclass

import numpy as np

from plogp.estimate.base import Floats
from plogp.estimate.gaussian import normal_scores
from plogp.estimate.surrogate.canonical import bartlett_rank, canonical
from plogp.estimate.surrogate.models import (
    LEVEL,
    ROWS,
    Fit,
    Mixture,
    fit_gaussian,
    fit_scales,
    held_out,
    related,
    significant,
)

__all__ = ["Base", "choose_base", "clearly_positive", "robust"]


@dataclass(frozen=True)
class Base:
    """A simple model of all dimensions.

    Attributes:
        name: in words.
        z: the coordinates that it models, shape (n, p + q).
        p: how many are of x.
        model: Gaussian, or a scale mixture.
        bases: directions of x, (p, p), and of y, (q, q), that are white and correlated in pairs under the model.
        correlations: of the pairs, descending.
        rank: how many pairs are significant.
        active: whether it has seen any dependence at all.
        n: how many rows it was fitted to.
    """

    name: str
    z: Floats
    p: int
    model: Mixture
    bases: tuple[Floats, Floats]
    correlations: Floats
    rank: int
    active: bool
    n: int

    @property
    def scales(self) -> bool:
        """Whether the model is a scale mixture."""
        return self.model.weights.size > 1

    def sides(self, rows: int) -> tuple[Floats, Floats]:
        """The first rows of x and y in the canonical basis."""
        centred = self.z[:rows] - self.model.means[0]
        return centred[:, : self.p] @ self.bases[0], centred[:, self.p :] @ self.bases[1]


def choose_base(x: Floats, y: Floats) -> Base | None:
    """The base by held-out ln q(x,y)/(q(x) q(y)), which monotone maps of the margins don't change.

    In the order Gaussian on ranks, Gaussian on values, scale mixture on ranks, scale mixture on values, a later one
    replaces the incumbent only where it gains more than two standard errors. Ranks tame tails; values keep small
    directions, which ranks destroy, and the shape of tails. None where no model can be fitted.
    """
    n, p, d = min(len(x), ROWS), x.shape[1], x.shape[1] + y.shape[1]
    ranks, values = np.hstack([normal_scores(x), normal_scores(y)]), np.hstack([robust(x), robust(y)])
    fits: dict[str, Fit] = {"gaussian": fit_gaussian}
    if n // 2 >= d + 10:
        fits["scale mixture"] = fit_scales
    margins = {"ranks": ranks} | ({"values": values} if d > 2 else {})
    best: tuple[str, Floats, Fit, Floats] | None = None
    for name, fit in fits.items():
        for margin, z in margins.items():
            found = held_out(significant(fit, p), z[:ROWS], p)
            if found is not None and (best is None or clearly_positive(found[0] - best[3])):
                best = f"{name} on {margin}", z, fit, found[0]
    if best is None:
        return None
    name, z, fit, ratio = best
    model = fit(z[:ROWS])
    if bartlett_rank(canonical(model.covariances[0], p)[2], n, p, d - p, LEVEL) == 0:
        model = related(model, p, 0)
    a, b, s = canonical(model.covariances[0], p)
    rank = bartlett_rank(s, n, p, d - p, LEVEL)
    active = rank > 0 or (model.weights.size > 1 and clearly_positive(ratio))
    return Base(name, z, p, model, (a, b), s, rank, active, n)


def clearly_positive(terms: Floats, errors: float = 2.0) -> bool:
    """Whether the mean is more than two standard errors above 0."""
    return bool(terms.mean() > errors * terms.std() / np.sqrt(terms.size))


def robust(x: Floats) -> Floats:
    """Median 0 and the interquartile range of a normal distribution; the standard deviation where that range is 0."""
    size = np.subtract(*np.percentile(x, [75, 25], axis=0)) / 1.349
    scaled: Floats = (x - np.median(x, axis=0)) / np.where(size > 0, size, x.std(axis=0))
    return scaled
