"""Estimators of entropy from counts, each from its paper; all in nats.

n is the number of observations, nₖ the count of cell k, K the number of occupied cells, ψ the digamma function,
f₁ and f₂ the numbers of cells seen once and twice.
"""

from abc import abstractmethod
from dataclasses import dataclass
from math import log
from typing import ClassVar, final

import numpy as np

from plogp.errors import InvalidValue
from plogp.estimate.base import DiscreteEstimator, Fingerprint, Floats, Ints

__all__ = [
    "AddConstant",
    "ChaoShen",
    "ChaoWangJost",
    "Grassberger",
    "MillerMadow",
    "PlugIn",
    "Shrinkage",
    "Zhang",
    "possible_outcomes",
]


@dataclass(frozen=True)
class Additive(DiscreteEstimator):
    """Estimators of the form Ĥ = g(n) − (1/n) Σₖ nₖ h(nₖ)."""

    @abstractmethod
    def whole(self, n: int) -> float:
        """g(n)."""

    @abstractmethod
    def part(self, values: Ints) -> Floats:
        """v h(v) for each count v, 0 at v = 0; shape (d,)."""

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        return float(self.whole(counts.n) - counts.cells @ self.part(counts.values) / counts.n)

    def leave_one_out(self, counts: Fingerprint, n_outcomes: int | None = None) -> Floats:
        part = self.part(counts.values)
        total = counts.cells @ part - part + self.part(counts.values - 1)
        out: Floats = self.whole(counts.n - 1) - total / (counts.n - 1)
        return out


@final
@dataclass(frozen=True)
class PlugIn(Additive):
    """Plug-in (maximum likelihood): the entropy of the observed frequencies.

    Ĥ = ln n − (1/n) Σ nₖ ln nₖ

    Biased downwards, by about (K − 1)/(2n) where each outcome is seen often, and by much more where not.

    >>> round(PlugIn().entropy([4, 2, 1, 1]), 6)
    1.213008
    """

    name: ClassVar[str] = "plug-in"

    def whole(self, n: int) -> float:
        return log(n)

    def part(self, values: Ints) -> Floats:
        from scipy.special import xlogy

        out: Floats = xlogy(values, values)
        return out


@final
@dataclass(frozen=True)
class MillerMadow(DiscreteEstimator):
    """Miller-Madow: the plug-in value and the first term of its bias.

    Ĥ = Ĥ_plug-in + (K − 1)/(2n)

    Still biased downwards where outcomes remain unseen. Miller (1955), in Quastler (ed.), *Information Theory in
    Psychology*, 95-100.

    >>> round(MillerMadow().entropy([4, 2, 1, 1]), 6)
    1.400508
    """

    name: ClassVar[str] = "miller-madow"

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        return PlugIn().of(counts) + (counts.observed - 1) / (2 * counts.n)

    def leave_one_out(self, counts: Fingerprint, n_outcomes: int | None = None) -> Floats:
        observed = counts.observed - (counts.values == 1)
        out: Floats = PlugIn().leave_one_out(counts) + (observed - 1) / (2 * (counts.n - 1))
        return out


@final
@dataclass(frozen=True)
class Grassberger(Additive):
    """Grassberger (2003), the improved form of his estimator of 1988.

    Ĥ = ln n − (1/n) Σ nₖ G(nₖ),  G(v) = ψ(v) + ½ (−1)ᵛ (ψ((v + 1)/2) − ψ(v/2))

    Biased downwards where outcomes remain unseen. Of one outcome alone it is taken as 0. arXiv:physics/0307138.

    >>> round(Grassberger().entropy([4, 2, 1, 1]), 6)
    1.516471
    """

    name: ClassVar[str] = "grassberger"

    def whole(self, n: int) -> float:
        return log(n)

    def part(self, values: Ints) -> Floats:
        from scipy.special import digamma

        v = np.maximum(values, 1)
        sign = 1 - 2 * (v % 2)
        out: Floats = values * (digamma(v) + sign / 2 * (digamma((v + 1) / 2) - digamma(v / 2)))
        return out

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        return super().of(counts) if counts.observed > 1 else 0.0

    def leave_one_out(self, counts: Fingerprint, n_outcomes: int | None = None) -> Floats:
        # (−1)ᵛ flips with each observation, which a jackknife would take for error: it has the smooth part alone
        return PlugIn().leave_one_out(counts)


@final
@dataclass(frozen=True)
class Zhang(Additive):
    """Zhang (2012): unbiased but for the part that needs more than n observations to be seen.

    Ĥ = ψ(n) − (1/n) Σ nₖ ψ(nₖ)

    Biased downwards, with a bias that falls exponentially for finitely many outcomes. doi:10.1162/NECO_a_00266.

    >>> round(Zhang().entropy([4, 2, 1, 1]), 6)
    1.42619
    """

    name: ClassVar[str] = "zhang"

    def whole(self, n: int) -> float:
        from scipy.special import digamma

        return float(digamma(n))

    def part(self, values: Ints) -> Floats:
        from scipy.special import digamma

        out: Floats = values * digamma(np.maximum(values, 1))
        return out


@final
@dataclass(frozen=True)
class ChaoWangJost(DiscreteEstimator):
    """Chao, Wang & Jost (2013): Zhang's part and, from f₁ and f₂, an estimate of the part that it misses.

    Ĥ = Ĥ_Zhang + (f₁/n) Σ_{m ≥ 1} (1 − A)ᵐ / (n − 1 + m)

    A = 2f₂ / ((n − 1)f₁ + 2f₂), or 2 / ((n − 1)(f₁ − 1) + 2) where f₂ = 0: the mean probability of a singleton.
    The most accurate where the number of outcomes is unknown; too low where very many rare outcomes are unseen.
    doi:10.1111/2041-210X.12108 (whose Eq. 7 writes the sum in its finite form).

    >>> round(ChaoWangJost().entropy([4, 2, 1, 1]), 6)
    1.565163
    """

    name: ClassVar[str] = "chao-wang-jost"

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        f1 = counts.seen(1)
        return Zhang().of(counts) + (float(unseen(counts.n, f1, counts.seen(2))) if f1 else 0.0)

    def leave_one_out(self, counts: Fingerprint, n_outcomes: int | None = None) -> Floats:
        v, f1, f2 = counts.values, counts.seen(1), counts.seen(2)
        if f1 == f2 == 0:
            return Zhang().leave_one_out(counts)
        f1_left = np.array([f1, f1 - 1, f1 + 1, f1])  # one taken from a cell seen more than three times, once,
        f2_left = np.array([f2, f2, f2 - 1, f2 + 1])  # twice, three times
        return Zhang().leave_one_out(counts) + unseen(counts.n - 1, f1_left, f2_left)[np.where(v > 3, 0, v)]


def unseen(n: int, f1: float | Ints, f2: float | Ints) -> Floats:
    """(f₁/n) Σ_{m ≥ 1} (1 − A)ᵐ / (n − 1 + m), the tail of Chao, Wang & Jost; f₁ and f₂ of any one shape."""
    f1, f2 = np.asarray(f1, dtype=np.float64), np.asarray(f2, dtype=np.float64)
    double, single = np.where(f2 > 0, f2, 1.0), np.where(f2 > 0, f1, f1 - 1)
    known = (f1 > 0) & (single > 0) & (n > 1)
    a = 2 * double / (np.where(known, (n - 1) * single, 1.0) + 2 * double)
    return np.where(known, f1 / n * geometric_over_linear(np.log1p(-a), n), 0.0)


DIRECT = 64
"""Terms that are summed one by one before the Euler-Maclaurin formula takes over."""


def geometric_over_linear(log_q: Floats, n: int) -> Floats:
    """Σ_{m ≥ 1} qᵐ / (n − 1 + m) for log q ≤ 0 of any shape, to some 1e-14, whatever n.

    The terms f(m) below m = 64 are summed; the rest is ∫f + f/2 − f'/12 + f'''/720, whose integral from x = n − 1 + m
    on is qᵐ eᶻ E₁(z) with z = −x log q. Where q is too small for the formula, the rest is nothing.
    """
    m = np.arange(1, DIRECT)
    direct = np.exp(np.multiply.outer(log_q, m)) @ (1 / (n - 1 + m))
    s, x = -np.where(log_q < -1, -1.0, log_q), float(n - 1 + DIRECT)
    first = s + 1 / x  # −f'/f at x
    third = s**3 + 3 * s**2 / x + 6 * s / x**2 + 6 / x**3  # −f'''/f at x
    rest = scaled_exponential_integral(s * x) + (0.5 + first / 12 - third / 720) / x
    out: Floats = direct + np.where(log_q < -1, 0.0, np.exp(-s * DIRECT) * rest)
    return out


def scaled_exponential_integral(z: Floats) -> Floats:
    """eᶻ E₁(z) for z > 0, without overflow: as U(1, 1, z) where z is large."""
    from scipy.special import exp1, hyperu

    small = np.minimum(z, 50.0)
    out: Floats = np.where(z > 50.0, hyperu(1.0, 1.0, np.maximum(z, 50.0)), np.exp(small) * exp1(small))
    return out


@final
@dataclass(frozen=True)
class ChaoShen(DiscreteEstimator):
    """Chao & Shen (2003): frequencies scaled by the coverage, each weighted by the chance of having been seen.

    Ĥ = −Σ Cpₖ ln(Cpₖ) / (1 − (1 − Cpₖ)ⁿ),  pₖ = nₖ/n,  C = 1 − f₁/n

    Where all are singletons one is set aside, as the paper does, so that C = 1/n. doi:10.1023/A:1026096204727.

    >>> round(ChaoShen().entropy([4, 2, 1, 1]), 6)
    1.578373
    """

    name: ClassVar[str] = "chao-shen"

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        n, f1 = counts.n, counts.seen(1)
        coverage = 1 - (f1 if f1 < n else n - 1) / n
        p = coverage * counts.values / n
        with np.errstate(divide="ignore"):  # a certain outcome has log1p(−1), and was surely seen
            chance = -np.expm1(n * np.log1p(-p))
        return float(-counts.cells @ (p * np.log(p) / chance)) + 0.0


@final
@dataclass(frozen=True)
class Shrinkage(DiscreteEstimator):
    """Hausser & Strimmer (2009): the plug-in value of frequencies shrunk to uniform by the James-Stein weight.

    Ĥ = −Σ qₖ ln qₖ,  qₖ = λ/K + (1 − λ)pₖ,  λ = (1 − Σpₖ²) / ((n − 1) Σ(1/K − pₖ)²) kept in [0, 1]

    `n_outcomes` is K; unknown, it is the number of outcomes seen. Biased upwards for skewed distributions.
    https://jmlr.org/papers/v10/hausser09a.html

    >>> round(Shrinkage(n_outcomes=6).entropy([4, 2, 1, 1]), 6)
    1.682705
    """

    name: ClassVar[str] = "shrinkage"
    n_outcomes: int | None = None

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        n = counts.n
        k = possible_outcomes(counts, self.n_outcomes or n_outcomes) or counts.observed
        p, cells = np.append(counts.values / n, 0.0), np.append(counts.cells, k - counts.observed)
        spread = (n - 1) * float(cells @ (1 / k - p) ** 2)
        weight = min(1.0, (1 - float(cells @ p**2)) / spread) if spread > 0 else 1.0
        q = weight / k + (1 - weight) * p
        return float(-cells[cells > 0] @ (q * np.log(q, where=q > 0, out=np.zeros_like(q)))[cells > 0]) + 0.0


@final
@dataclass(frozen=True)
class AddConstant(DiscreteEstimator):
    """Add-constant smoothing: the plug-in value when α is added to each count.

    Ĥ = −Σ qₖ ln qₖ,  qₖ = (nₖ + α)/(n + αK)

    `n_outcomes` is K; unknown, it is the number of outcomes seen. The posterior mean of the probabilities for a
    symmetric Dirichlet prior: α = ½ is Jeffreys', α = 1 Laplace's. Biased upwards where α·K is not small beside n.

    >>> round(AddConstant(alpha=1).entropy([4, 2, 1, 1]), 6)
    1.308605
    """

    name: ClassVar[str] = "add-constant"
    alpha: float = 0.5
    n_outcomes: int | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.alpha, (int, float)) and 0 < self.alpha < np.inf):
            raise InvalidValue(f"alpha={self.alpha!r}; needed: a number above 0", hint="such as AddConstant(alpha=0.5)")

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        k = possible_outcomes(counts, self.n_outcomes or n_outcomes) or counts.observed
        values, cells = np.append(counts.values, 0), np.append(counts.cells, k - counts.observed)
        q = (values + self.alpha) / (counts.n + self.alpha * k)
        return float(-cells @ (q * np.log(q)))


def possible_outcomes(counts: Fingerprint, n_outcomes: int | None) -> int | None:
    """How many outcomes are possible, where known; refused where more were seen."""
    if n_outcomes is not None and n_outcomes < counts.observed:
        raise InvalidValue(
            f"n_outcomes={n_outcomes} but {counts.observed} different outcomes were seen; needed: as many at least",
            hint="leave out n_outcomes where it isn't known",
        )
    return n_outcomes
