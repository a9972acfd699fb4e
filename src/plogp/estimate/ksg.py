"""Mutual information of continuous vectors from nearest neighbours (Kraskov, Stögbauer & Grassberger 2004)."""

from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import ClassVar

import numpy as np

from plogp._kernels import in_parts
from plogp.errors import InvalidValue
from plogp.estimate.base import Floats, Ints
from plogp.estimate.local import Estimate, SampleEstimator, check_enough, check_k, columns, mean_psi, psi, psi_table
from plogp.estimate.neighbours import Pair
from plogp.estimate.planes import Plane
from plogp.lines import Line

__all__ = ["KSG"]

LNC_WARNING = (
    "local non-uniformity correction: it helps where x and y are strongly related along a smooth line, and can be "
    "wrong by nats where they are not, as on a spiral or a roll"
)


@dataclass(frozen=True)
class KSG(SampleEstimator):
    """Mutual information of two continuous vectors from the k nearest neighbours in max-norm.

    Variant 1: I = ψ(k) + ψ(n) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩, n_x the number of other observations nearer in x than the
    k-th neighbour in (x, y) is. Variant 2: I = ψ(k) − 1/k + ψ(n) − ⟨ψ(n_x) + ψ(n_y)⟩, n_x the number of those that are
    no farther in x than the farthest in x of the k neighbours (all that are as near as the k-th, where some tie).

    Args:
        k: neighbours; fewer have less bias and more variance.
        variant: 1 or 2.
        lnc: α of the local non-uniformity correction, which goes with variant 2; None for no correction. Where the box
            of the k neighbours along their principal axes has less than α times the volume of the one along the
            coordinates, the logarithm of the ratio is taken away (Gao, Ver Steeg & Galstyan 2015, arXiv:1411.2003).

    Raises:
        InvalidValue: n ≤ k, or a correction with variant 1.

    The values are taken as they are, neither rescaled nor jittered: x and y are better of like spread. Too low for
    strong relations and in many dimensions. Ties leave n_x and n_y too low and the estimate too high; `Gao` is for
    those. Source: Kraskov, Stögbauer & Grassberger (2004), doi:10.1103/PhysRevE.69.066138.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(2000, 1))
    >>> y = 0.6 * x + 0.8 * rng.normal(size=(2000, 1))
    >>> print(f"{KSG().mutual_information(x, y).value:.2f} for {-np.log(0.8):.2f}")
    0.21 for 0.22
    """

    name: ClassVar[str] = "ksg"

    k: int = 3
    variant: int = 1
    lnc: float | None = None

    def __post_init__(self) -> None:
        check_k(self.k)
        if self.variant not in (1, 2):
            raise InvalidValue(f"variant={self.variant!r} of KSG; needed: 1 or 2", hint="the paper has two")
        if self.lnc is not None and (self.variant == 1 or not 0 < self.lnc < 1):
            raise InvalidValue(
                f"lnc={self.lnc!r} with variant={self.variant}; needed: 0 < lnc < 1, with variant 2",
                hint="such as KSG(k=5, variant=2, lnc=0.2)",
            )

    def mutual_information(self, x: Floats, y: Floats) -> Estimate:
        from scipy.special import digamma

        pair = Pair(columns(x), columns(y))
        n = check_enough(pair.n, self.k)
        if self.variant == 1:
            n_x, n_y = pair.counts(self.k)
            psi_of_next = psi_table(int(max(n_x.max(), n_y.max()) + 1).bit_length())[1:]
            terms, most = np.empty(n), digamma(self.k) + digamma(n)

            def loop(begin: int, stop: int) -> None:
                terms[begin:stop] = most - psi_of_next[n_x[begin:stop]] - psi_of_next[n_y[begin:stop]]

            in_parts(loop, n)
            return Estimate(float(terms.mean()), terms)
        n_x, n_y = pair.counts_in_boxes(self.k)
        terms = digamma(self.k) - 1 / self.k + digamma(n) - psi(n_x) - psi(n_y)
        if self.lnc is None:
            return Estimate(float(terms.mean()), terms)
        terms = terms - _non_uniformity(pair.points, self.k, self.lnc)
        return Estimate(float(terms.mean()), terms, notes=(LNC_WARNING,))

    def in_order(self, x: Line, y: Line) -> Estimate:
        """I(x;y) by variant 1 of columns that are in order already, without terms."""
        from scipy.special import digamma

        n_x, n_y = Plane(x, y).ordered_counts(self.k)
        return Estimate(float(digamma(self.k) + digamma(n_x.size)) - mean_psi(n_x + 1) - mean_psi(n_y + 1))

    def rearranged(self, x: Floats, y: Floats) -> Callable[[Ints], float]:
        plane = Pair(columns(x), columns(y)).plane
        if plane is None or self.variant == 2:
            return super().rearranged(x, y)
        from scipy.special import digamma

        table = digamma(np.arange(1, plane.x.values.size + 1))

        def value(order: Ints) -> float:
            n_x, n_y = plane.counts(self.k, order)
            return float(digamma(self.k) + table[-1] - table[n_x].mean() - table[n_y].mean())

        return value


def _non_uniformity(points: Floats, k: int, alpha: float) -> Floats:
    """ln(V̄ᵢ/Vᵢ) where it is below ln α, else 0: the k neighbours' box along their principal axes, and along ours."""
    from scipy.spatial import KDTree

    near = KDTree(points).query(points, np.arange(2, k + 2), p=np.inf)[1]
    steps = points[near] - points[:, None]  # (n, k, d)
    steps = np.ldexp(steps, -np.frexp(np.abs(steps).max(axis=(1, 2), keepdims=True))[1])  # squares neither 0 nor ∞
    axes = np.linalg.eigh(np.swapaxes(steps, 1, 2) @ steps)[1]
    with np.errstate(divide="ignore"):
        aligned, plain = (np.log(np.abs(box).max(axis=1)).sum(axis=1) for box in (steps @ axes, steps))
        ratio = aligned - plain
    return np.where(ratio < log(alpha), ratio, 0.0)
