"""Differential entropy of continuous observations: from nearest neighbours, and from spacings."""

from dataclasses import dataclass
from math import log, sqrt
from typing import ClassVar

import numpy as np

from plogp.errors import InvalidValue, ShapeMismatch
from plogp.estimate.base import Floats
from plogp.estimate.local import Estimate, SampleEstimator, atoms, check_enough, check_k, columns
from plogp.estimate.neighbours import kth_distance

__all__ = ["NearestNeighbour", "Vasicek"]


@dataclass(frozen=True)
class NearestNeighbour(SampleEstimator):
    """Differential entropy of a continuous vector of d dimensions by Kozachenko and Leonenko.

    H = ψ(n) − ψ(k) + d·⟨ln 2εᵢ⟩, εᵢ the distance to the k-th neighbour in max-norm.

    Args:
        k: neighbours; fewer have less bias and more variance.

    Raises:
        InvalidValue: n ≤ k.

    May be negative, and is never clipped. −∞ where an observation coincides with k others: what has atoms has no
    density. Values as they are: scale the columns alike first where d > 1. Too high in many dimensions.
    Source: Kozachenko & Leonenko (1987); with max-norm, Kraskov, Stögbauer & Grassberger (2004),
    doi:10.1103/PhysRevE.69.066138.

    >>> x = np.random.default_rng(0).normal(size=(2000, 1))
    >>> print(f"{NearestNeighbour().entropy(x).value:.2f} for {0.5 * np.log(2 * np.pi * np.e):.2f}")
    1.44 for 1.42
    """

    name: ClassVar[str] = "nearest-neighbour"

    k: int = 3

    def __post_init__(self) -> None:
        check_k(self.k)

    def entropy(self, x: Floats) -> Estimate:
        from scipy.special import digamma

        x = columns(x)
        n, d = check_enough(len(x), self.k), x.shape[1]
        radii = kth_distance(x, self.k)
        with np.errstate(divide="ignore"):
            terms = digamma(n) - digamma(self.k) + d * (log(2) + np.log(radii))
        return Estimate(float(terms.mean()), terms, notes=atoms(int((radii == 0).sum()), n))


@dataclass(frozen=True)
class Vasicek(SampleEstimator):
    """Differential entropy of one continuous variable from spacings of order m, with the correction at the ends.

    H = ⟨ln (n/(cᵢm)·(x₍ᵢ₊ₘ₎ − x₍ᵢ₋ₘ₎))⟩, x₍ᵢ₎ in order and held at both ends, cᵢ = 2, but 1 + (i − 1)/m for the first m
    and 1 + (n − i)/m for the last.

    Args:
        m: the order, at most n/2; None is √n, rounded.

    Raises:
        ShapeMismatch: more than one column.
        InvalidValue: m > n/2.

    May be negative, and is never clipped. −∞ where 2m + 1 observations coincide. Smooth densities have less variance
    than with `NearestNeighbour`; heavy tails have more bias.
    Source: Vasicek (1976), doi:10.1111/j.2517-6161.1976.tb01566.x; Ebrahimi, Pflughoeft & Soofi (1994),
    doi:10.1016/0167-7152(94)90046-9.

    >>> x = np.random.default_rng(0).normal(size=(2000, 1))
    >>> print(f"{Vasicek().entropy(x).value:.2f} for {0.5 * np.log(2 * np.pi * np.e):.2f}")
    1.43 for 1.42
    """

    name: ClassVar[str] = "vasicek"

    m: int | None = None

    def entropy(self, x: Floats) -> Estimate:
        x = columns(x)
        if x.shape[1] != 1:
            raise ShapeMismatch(f"{x.shape[1]} columns; needed: one, as spacings are of one variable")
        n = len(x)
        m = max(round(sqrt(n)), 1) if self.m is None else self.m
        if not 1 <= m <= n / 2:
            raise InvalidValue(f"spacings of order m = {m} of {n} observations; needed: 1 ≤ m ≤ n/2", hint="m=None")
        order = np.argsort(x[:, 0])
        i, ordered = np.arange(n), x[order, 0]
        spacings = ordered[np.minimum(i + m, n - 1)] - ordered[np.maximum(i - m, 0)]
        c = 1 + np.minimum(np.minimum(i, n - 1 - i) / m, 1)
        terms = np.empty(n)
        with np.errstate(divide="ignore"):
            terms[order] = np.log(n / (c * m)) + np.log(spacings)
        notes = atoms(int((spacings == 0).sum()), n)
        return Estimate(float(terms.mean()), terms, route=f"spacings of order {m}", notes=notes)
