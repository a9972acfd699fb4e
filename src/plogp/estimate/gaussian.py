"""Estimators that believe the observations, or their ranks, to be Gaussian; nats.

The entropy of a normal distribution of d dimensions, from the scatter W = Σ (z − z̄)(z − z̄)ᵀ of n observations, is

    Ĥ = ½ [d ln πe + ln|W| − Σ_{i=1..d} ψ((n − i)/2)]

without any bias, because E ln|W| is known exactly (Misra, Singh & Demchuk 2005, doi:10.1016/j.jmva.2003.10.003). With
Z = QR, Z the centred observations, ln|W| = 2 Σ ln|rⱼⱼ| and the Mahalanobis distances are the squared rows of Q.
"""

from dataclasses import dataclass
from math import inf, log, pi, sqrt

import numpy as np

from plogp.errors import InvalidValue
from plogp.estimate.base import Floats, Ints
from plogp.estimate.local import Estimate, SampleEstimator, atoms, check_enough
from plogp.estimate.neighbours import kth_distance

__all__ = ["Gaussian", "GaussianCopula", "independent_columns", "normal_scores"]

SINGULAR = 1e-9
"""A column that others explain but for this share of its spread is taken as a function of them."""

INFINITE = "x and y have a linear function in common, exactly: what they share is infinite"


@dataclass(frozen=True)
class Gaussian(SampleEstimator):
    """Entropy and (conditional) mutual information of normal distributions, free of bias for them at any n.

    I(x;y|z) = ½ ln (|Σ_xz| |Σ_yz| / (|Σ_xyz| |Σ_z|))

    Raises:
        InvalidValue: not more observations than columns.

    The standard error holds whatever the distribution; the value is too low where the relation isn't linear, and may
    be too high where it is linear and the margins aren't normal. Source: Misra, Singh & Demchuk (2005),
    doi:10.1016/j.jmva.2003.10.003.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(1000, 1))
    >>> found = Gaussian().mutual_information(x, x + rng.normal(size=(1000, 1)))
    >>> round(found.value, 2), round(found.std_error, 3)
    (0.35, 0.024)
    """

    name = "gaussian"

    def entropy(self, x: Floats) -> Estimate:
        enough(*x.shape)
        if independent_columns(x).size < x.shape[1]:
            return Estimate(-inf, notes=("a column is constant or a linear function of others: H is −∞",))
        return of_terms(code_lengths(x))

    def mutual_information(self, x: Floats, y: Floats) -> Estimate:
        return self.conditional_mutual_information(x, y, np.empty((len(x), 0)))

    def conditional_mutual_information(self, x: Floats, y: Floats, z: Floats) -> Estimate:
        enough(len(x), x.shape[1] + y.shape[1] + z.shape[1])
        given = z[:, independent_columns(z)]
        new_x, new_y = (part[:, independent_columns(part, given)] for part in (x, y))
        xyz = np.hstack([new_x, new_y, given])
        notes = redundant(x.shape[1] + y.shape[1] - new_x.shape[1] - new_y.shape[1], "x and y")
        if not new_x.size or not new_y.size:
            return Estimate(0.0, np.zeros(len(x)), 0.0, notes=notes)
        if independent_columns(xyz).size < xyz.shape[1]:
            return Estimate(inf, notes=(*notes, INFINITE))
        with_x, with_y = (code_lengths(np.hstack([part, given])) for part in (new_x, new_y))
        return of_terms(
            with_x + with_y - code_lengths(xyz) - code_lengths(given), notes, new_x.shape[1] * new_y.shape[1]
        )

    def kl_divergence(self, x: Floats, y: Floats) -> Estimate:
        """D = ½ [tr(Σ_y⁻¹ Σ_x) + δᵀ Σ_y⁻¹ δ − d + ln|Σ_y| − ln|Σ_x|], δ the difference of the means; free of bias."""
        kept = independent_columns(np.vstack([x, y]))
        x, y = x[:, kept], y[:, kept]
        if min(independent_columns(part).size for part in (x, y)) < kept.size:
            return Estimate(inf, notes=("one sample varies in fewer dimensions than both together: D is infinite",))
        return Estimate(normal_cross_entropy(x, y) - self.entropy(x).value)

    def cross_entropy(self, x: Floats, y: Floats) -> Estimate:
        """H(P, Q) of normal distributions, free of bias."""
        return Estimate(normal_cross_entropy(x, y))


@dataclass(frozen=True)
class GaussianCopula(SampleEstimator):
    """(Conditional) mutual information of a Gaussian copula: `Gaussian` on the normal scores of each column.

    I(x;y|z) of Φ⁻¹((rank − ½)/n), whatever the margins; an entropy adds those of the columns, each by its third
    neighbours.

    Raises:
        InvalidValue: not more observations than columns.

    For single columns x and y a lower bound of what they share, but for chance (Foster & Grassberger 2011,
    doi:10.1103/PhysRevE.83.010101); too low where the copula isn't Gaussian, and 0 for relations such as y = x².
    Source: Ince et al. (2017), doi:10.1002/hbm.23471, with the bias removed as for `Gaussian`.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(1000, 1))
    >>> round(GaussianCopula().mutual_information(np.exp(x), (x + rng.normal(size=(1000, 1))) ** 3).value, 2)
    0.35
    """

    name = "gaussian-copula"

    def entropy(self, x: Floats) -> Estimate:
        scores = normal_scores(x)
        joint = Gaussian().entropy(scores)
        if joint.terms is None:
            return joint
        lengths = sum(neighbour_lengths(x[:, [j]]) for j in range(x.shape[1]))
        if coincide := int(np.isinf(lengths).sum()):
            return Estimate(-inf, notes=atoms(coincide, len(x)))
        codes = sum(code_lengths(scores[:, [j]]) for j in range(x.shape[1]))
        return of_terms(joint.terms + lengths - codes)

    def mutual_information(self, x: Floats, y: Floats) -> Estimate:
        return Gaussian().mutual_information(normal_scores(x), normal_scores(y))

    def conditional_mutual_information(self, x: Floats, y: Floats, z: Floats) -> Estimate:
        return Gaussian().conditional_mutual_information(normal_scores(x), normal_scores(y), normal_scores(z))


def of_terms(terms: Floats, notes: tuple[str, ...] = (), pairs: int = 0) -> Estimate:
    """The mean of terms that are the influence of each observation, so that their spread is the standard error.

    Near independence the terms of `pairs` of columns all vanish, and what is left varies by chance as χ²/(2n).
    """
    n = len(terms)
    variance = max(float(terms.var()) / n, pairs / (2 * n**2))
    return Estimate(float(terms.mean()), terms, sqrt(variance), notes=notes)


def enough(n: int, d: int) -> None:
    """Refuse fewer observations than a covariance needs."""
    if n <= d:
        raise InvalidValue(
            f"{n} observations came of {d} columns together; needed: more observations than columns",
            hint="measure fewer columns at once",
        )


def code_lengths(x: Floats) -> Floats:
    """−ln of the fitted normal density at each observation, shape (n,), less its bias: their mean is Ĥ."""
    from scipy.special import digamma

    n, d = x.shape
    unit, scale = unit_columns(x)
    q, r = np.linalg.qr(unit)
    log_volume = np.sum(np.log(np.abs(np.diag(r))) + np.log(scale))
    expected = digamma((n - np.arange(1, d + 1)) / 2).sum()
    lengths: Floats = 0.5 * (d * log(pi) + n * (q**2).sum(axis=1) - expected) + log_volume
    return lengths


def normal_cross_entropy(x: Floats, y: Floats) -> float:
    """½ [d ln 2π + ln|Σ_y| + tr(Σ_y⁻¹ Σ_x) + δᵀ Σ_y⁻¹ δ] without bias: E Σ̂⁻¹ = Σ⁻¹ (m − 1)/(m − d − 2)."""
    from scipy.special import digamma

    (n, d), m = x.shape, len(y)
    if m < d + 3:
        raise InvalidValue(f"{m} observations of y came of {d} columns; needed: {d + 3}", hint="gather more")
    shift, scale = y.mean(axis=0), y.std(axis=0)
    x, y = (x - shift) / scale, (y - shift) / scale
    root: Floats = np.linalg.qr(y)[1]  # of the scatter, (m − 1)Σ̂
    spread, apart = np.linalg.solve(root.T, (x - x.mean(axis=0)).T), np.linalg.solve(root.T, x.mean(axis=0))
    trace = (m - d - 2) * (spread**2).sum() / (n - 1)
    distance = (m - d - 2) * (apart**2).sum() - trace / n - d / m
    volume = 2 * np.log(np.abs(np.diag(root))).sum() - digamma((m - np.arange(1, d + 1)) / 2).sum() - d * log(2)
    return float(0.5 * (d * log(2 * pi) + volume + trace + distance) + np.log(scale).sum())


def unit_columns(x: Floats) -> tuple[Floats, Floats]:
    """Columns centred and of length 1, and their lengths before; a constant column is 0."""
    largest = np.maximum(np.abs(x).max(axis=0, initial=0.0), np.finfo(np.float64).tiny)
    shifted = x / largest - x[:1] / largest  # first, so that a constant is 0 to the bit
    centred = shifted - shifted.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    return centred / np.where(length > 0, length, 1.0), largest * length


def independent_columns(x: Floats, given: Floats | None = None) -> Ints:
    """Positions of the columns of x that aren't constant, nor linear functions of those before or of `given`."""
    first = 0 if given is None else given.shape[1]
    unit = unit_columns(x if given is None else np.hstack([given, x]))[0]
    rest = np.abs(np.diag(np.linalg.qr(unit, mode="r")))
    own: Ints = np.flatnonzero(rest[first:] > SINGULAR)
    return own


def svd(a: Floats, *, full: bool = False) -> tuple[Floats, Floats, Floats]:
    """U, the singular values and Vᵀ; by the slower of LAPACK's ways where the quick one doesn't converge.

    Divide and conquer may not, of matrices whose rank is far below their size (as of more functions than observations).
    """
    try:
        u, s, vt = np.linalg.svd(a, full_matrices=full)
    except np.linalg.LinAlgError:
        from scipy.linalg import svd as sweep

        u, s, vt = sweep(a, full_matrices=full, lapack_driver="gesvd")
    return u, s, vt


def redundant(columns: int, of: str) -> tuple[str, ...]:
    """The note on columns that were left out."""
    several = f"{columns} columns of {of} are" if columns > 1 else f"a column of {of} is"
    return (f"{several} constant or a linear function of others, and left out",) if columns else ()


def normal_scores(x: Floats) -> Floats:
    """Φ⁻¹((rank − ½)/n) of each column; ties share their mean rank."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    scores: Floats = ndtri((rankdata(x, axis=0) - 0.5) / len(x))
    return scores


def neighbour_lengths(x: Floats, k: int = 3) -> Floats:
    """ln 2ε + ψ(n) − ψ(k), ε the distance to the k-th neighbour in one dimension: the mean is Kozachenko-Leonenko's."""
    from scipy.special import digamma

    n = check_enough(len(x), k)
    with np.errstate(divide="ignore"):
        lengths: Floats = np.log(2 * kth_distance(x, k)) + digamma(n) - digamma(k)
    return lengths
