"""Variances, intervals, p-values and undersampling of discrete estimates; nats, independent observations.

The variances are delete-one jackknife variances in closed form, because what an estimate would be without one
observation depends on the counts of that observation's cells alone. What is added and taken away, and the constants,
were found by simulation; the coverage is measured in `benchmarks/accuracy.py`.
"""

from collections.abc import Sequence
from math import log, nan, sqrt

import numpy as np

from plogp.estimate.base import Fingerprint, Floats, jackknife_variance
from plogp.estimate.discrete import ChaoWangJost
from plogp.estimate.independence import UNSEEN_EVENT, Blend, Permutation, without_excess

__all__ = [
    "blend_interval",
    "entropy_variance",
    "gamma_p_value",
    "gamma_tail",
    "no_coincidence_interval",
    "normal_interval",
    "sum_variance",
    "undersampled",
    "unseen_cells",
]

MANY = 5.0
"""From this second-order excess on, in units of 1/n², it is taken away; below, its own noise is too great."""

Interval = tuple[float, float]


def entropy_variance(counts: Fingerprint) -> float:
    """The variance of a Chao-Wang-Jost entropy: V_J less its second-order excess where that is large.

    Else V_J, but a quarter of the excess at least: V_J is 0 where the counts happen to be even. Where one outcome alone
    was seen, that of one unseen event.
    """
    if counts.observed == 1:
        return one_event(counts.n)
    loo = ChaoWangJost().leave_one_out(counts)[counts.inverse]
    jackknife = jackknife_variance(loo, counts.values[counts.inverse])
    excess = second_order(counts) / counts.n**2
    return without_excess(jackknife, excess) if second_order(counts) >= MANY else max(jackknife, excess / 4)


def sum_variance(jackknife: float, terms: Sequence[tuple[int, Fingerprint]]) -> float:
    """The variance of a signed sum of Chao-Wang-Jost entropies from its jackknife variance.

    Less the excess of Σ c·H(A) where that is large, else with 2d/n², d = |Σ c(K_A − 1)|, at most 4: sums such as the
    co-information of independent variables are degenerate, and the jackknife alone is too small there. Where nothing
    varies at all, as in H(X|Y) of a function of Y, that of one unseen event.
    """
    n = terms[0][1].n
    excess = abs(sum(c * second_order(counts) for c, counts in terms))
    if excess >= MANY:
        return without_excess(jackknife, excess / n**2)
    degenerate = min(abs(sum(c * (counts.observed - 1) for c, counts in terms)), 4)
    return jackknife + 2 * degenerate / n**2 if degenerate or jackknife * n**2 > 1e-9 else one_event(n)


def one_event(n: int) -> float:
    """1.64·((ln n + 1)/n)²: the effect of one event that n observations didn't show."""
    return UNSEEN_EVENT * ((log(n) + 1) / n) ** 2


def second_order(counts: Fingerprint) -> float:
    """K₂ − K₅/2 − 1/2, the second-order excess of the jackknife variance in units of 1/n²; K_r cells were seen r times.

    Well-filled cells have 1/2 each (the jackknife is too great on average: Efron & Stein 1981,
    doi:10.1214/aos/1176345462), and those seen two to four times about 1.
    """
    twice, well = (int(counts.cells[counts.values >= times].sum()) for times in (2, 5))
    return twice - well / 2 - 0.5


def normal_interval(value: float, variance: float, confidence: float) -> Interval:
    """Value ± z·SE."""
    from scipy.special import ndtri

    reach = float(ndtri(0.5 + confidence / 2)) * sqrt(variance)
    return value - reach, value + reach


def no_coincidence_interval(n: int, confidence: float) -> Interval:
    """The interval of an entropy when no outcome was seen twice: no upper limit.

    The n(n − 1)/2 pairs would hold Poisson-many coincidences of mean n(n − 1)/2·Σp², so Σp² isn't more than
    −2 ln(α/2)/(n(n − 1)), and H ≥ −ln Σp², the Rényi entropy of order 2.
    """
    return max(log(n * (n - 1) / (-2 * log((1 - confidence) / 2))), 0.0), nan


def blend_interval(blend: Blend, confidence: float) -> Interval:
    """The interval of a blend; where the sample is undersampled its upper limit is raised to that of the less shrunk.

    A strong relation spread thinly over many cells looks like independence, and the blend shrinks it too far.
    """
    low, high = noncentral_interval(blend.value, blend.variance, blend.stretch, blend, confidence)
    if undersampled(blend.table.fingerprints[3], blend.table.grid):
        centred = blend.permutation_centred, blend.permutation_centred_variance
        high = max(high, noncentral_interval(*centred, 1.0, blend, confidence)[1])
    return low, high


def noncentral_interval(value: float, variance: float, stretch: float, blend: Blend, confidence: float) -> Interval:
    """The interval of a mutual information from a scaled noncentral χ².

    Under permutation G = 2nÎ_plug-in is nearly κ·χ²_f with κ = v/(2ν) and f = 2ν²/v, which has its mean ν and variance
    v. G is read as κ·χ²_f with noncentrality 2nI/κ, and the limits' distances from the estimate are stretched to the
    variance found: the upper one's linearly, the lower one's as a power, so that it is 0 where, and only where, the
    null distribution says so. The interval agrees with the p-value near independence, tends to Î ± z·SE far from it,
    respects 0 and never degenerates.
    """
    null, unit = blend.permutation, 2 * blend.table.n / stretch
    kappa, f = null.variance / (2 * null.mean), 2 * null.mean**2 / null.variance
    found = unit * max(value, 0.0)
    x, tail = (null.mean + found) / kappa, (1 - confidence) / 2
    low, high = (kappa * noncentrality(x, f, p) for p in (1 - tail, tail))
    ratio = unit * sqrt(variance / (null.variance + 4 * kappa * found))
    lowest = found * (low / found) ** ratio if low > 0 else 0.0
    return lowest / unit, max(found + ratio * (high - found), 0.0) / unit


def noncentrality(x: float, f: float, p: float) -> float:
    """The δ at which P(χ²_f(δ) ≤ x) = p; 0 where δ = 0 has less already. Beyond x = 10⁵ by the normal limit."""
    from scipy.special import chndtrinc, gammainc, ndtri

    if gammainc(f / 2, x / 2) <= p:
        return 0.0
    if x > 1e5:
        z, d = -float(ndtri(p)), x - f
        return max(d + z**2 + z * sqrt(max(4 * d + 2 * f, 0.0)), 0.0)
    return float(chndtrinc(x, f, p))


def gamma_p_value(g: float, nulls: Sequence[Permutation], degrees_of_freedom: int) -> float:
    """P(Γ ≥ G), Γ the gamma distribution with the mean and variance that G has under permutation.

    Several nulls are those of the terms of a sum, each given the last. Where one rare event carries the variance, so
    that the gamma has a shape below that of χ²₁, the greater of this and of Bartlett's χ² is taken (the mean of G
    brought to the degrees of freedom; Lawley 1956, doi:10.1093/biomet/43.3-4.295).
    """
    mean, variance = sum(null.mean for null in nulls), sum(null.variance for null in nulls)
    return float(gamma_tail(*(np.asarray(x, np.float64) for x in (g, mean, variance, degrees_of_freedom))))


def gamma_tail(g: Floats, mean: Floats, variance: Floats, degrees_of_freedom: Floats) -> Floats:
    """`gamma_p_value` of many tests at once, by the moments that each G has under permutation."""
    from scipy.special import chdtrc, gammaincc

    shape = mean**2 / variance
    p = gammaincc(shape, g * mean / variance)
    chi2 = chdtrc(degrees_of_freedom, g * degrees_of_freedom / mean)
    return np.asarray(np.where(shape < 0.5, np.maximum(p, chi2), p))


def undersampled(counts: Fingerprint, grid: int = 0) -> bool:
    """Whether unseen cells may hold much: coverage below .85, as many cells unseen as seen, or n < 2·grid.

    For what variables share, `grid` is how many cells their margins span; a thin spread shows only in singletons there.
    """
    f1 = counts.seen(1)
    return 1 - f1 / counts.n < 0.85 or (f1 >= 3 and (unseen_cells(counts) >= counts.observed or counts.n < 2 * grid))


def unseen_cells(counts: Fingerprint) -> float:
    """f₀ = f₁²/(2f₂), or f₁(f₁ − 1)/2 where f₂ = 0: how many cells at least weren't seen (Chao 1984)."""
    f1, f2 = counts.seen(1), counts.seen(2)
    return f1**2 / (2 * f2) if f2 else f1 * (f1 - 1) / 2
