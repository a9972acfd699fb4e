"""Nemenman, Shafee & Bialek: the entropy's posterior under a prior that is nearly flat in the entropy itself.

Symmetric Dirichlet priors of concentration β are mixed so that the prior mean of the entropy, ξ(β) = ψ(Kβ + 1) −
ψ(β + 1), is uniform. Moments given β are Wolpert & Wolf's. The integral is a trapezoid in s, with ln β = mode + width ·
sinh s: dense at the peak and far-reaching in the tails. For so smooth an integrand, which dies at both ends, it
converges geometrically.
"""

from dataclasses import dataclass
from math import log, sqrt
from typing import ClassVar, final

import numpy as np

from plogp.errors import InvalidValue
from plogp.estimate.base import DiscreteEstimator, Fingerprint, Floats, Ints
from plogp.estimate.discrete import possible_outcomes

__all__ = ["NSB"]

POINTS = 128
"""Points of the trapezoid."""

REACH = 50.0
"""How far the integral goes in ln β; the weight falls at least as fast as exp(-|ln β|)."""

SETTLED = 1e-3
"""Nats that the estimate may still rise by for each e-fold of K when K counts as large enough."""


@final
@dataclass(frozen=True)
class NSB(DiscreteEstimator):
    """Nemenman, Shafee & Bialek (2002): posterior mean of the entropy of K outcomes.

    Ĥ = ∫ E[H | n, β] p(β | n) dβ,  p(β | n) ∝ (dξ/dβ) Γ(Kβ)/Γ(n + Kβ) Πₖ Γ(nₖ + β)/Γ(β)

    `n_outcomes` is K. Unknown, K is raised tenfold from the number seen until the estimate rises by less than 0.001
    nats for each e-fold of K, and the geometric middle of the last two is taken (the convention of Marsili's ndd); that
    needs an outcome that was seen twice, because a sample without one sets no upper limit. The standard error is the
    posterior's. Too high for very skewed distributions. arXiv:physics/0108025; moments: doi:10.1103/PhysRevE.52.6841.

    >>> round(NSB(n_outcomes=2).entropy([2, 1]) / log(2), 6)
    0.849666
    """

    name: ClassVar[str] = "nsb"
    n_outcomes: int | None = None

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        return self.posterior(counts, n_outcomes)[0]

    def posterior(self, counts: Fingerprint, n_outcomes: int | None = None) -> tuple[float, float]:
        """Mean and standard deviation of the entropy in nats, given the counts."""
        known = possible_outcomes(counts, self.n_outcomes or n_outcomes)
        return posterior(counts, known or enough_outcomes(counts))


def enough_outcomes(counts: Fingerprint) -> int:
    """A number of outcomes so large that the estimate hardly depends on it."""
    if counts.seen(1) == counts.n:
        raise InvalidValue(
            f"no outcome was seen twice in {counts.n} observations; needed: one at least, or the number of outcomes",
            hint="give n_outcomes=, or take chao-wang-jost",
        )
    k, now = counts.observed, posterior(counts, counts.observed)[0]
    while True:
        k, before = 10 * k, now
        now = posterior(counts, k)[0]
        if now - before < SETTLED * log(10):
            return round(k / sqrt(10))


def posterior(counts: Fingerprint, k: int) -> tuple[float, float]:
    """Mean and standard deviation of the entropy of k outcomes in nats."""
    if k == 1:
        return 0.0, 0.0
    peak, width = mode(counts, k)
    reach = np.arcsinh(REACH / width)
    s = np.linspace(-reach, reach, POINTS)
    log_b = peak + width * np.sinh(s)
    log_weight = log_posterior(log_b, counts, k)
    weight = np.exp(log_weight - log_weight.max()) * np.cosh(s)
    mean, square = moments(np.exp(log_b), counts, k)
    value = float(weight @ mean / weight.sum())
    spread = float(weight @ (square - 2 * value * mean + value**2) / weight.sum())
    return value, sqrt(max(spread, 0.0))


def mode(counts: Fingerprint, k: int) -> tuple[float, float]:
    """The ln β of greatest weight, found by three grids each inside the last, and the width of the peak there."""
    low, high = -log(k) - REACH, 2 * log(counts.n) + REACH
    for _ in range(3):
        log_b, step = np.linspace(low, high, 64, retstep=True)
        weight = log_posterior(log_b, counts, k)
        top = int(np.clip(np.argmax(weight), 1, 62))
        low, high = log_b[top - 1], log_b[top + 1]
    curvature = (2 * weight[top] - weight[top - 1] - weight[top + 1]) / step**2
    return float(log_b[top]), float(1 / sqrt(max(curvature, 1.0)))


def log_posterior(log_b: Floats, counts: Fingerprint, k: int) -> Floats:
    """ln p(ln β | n) but for a constant; shape of log_b."""
    b = np.exp(log_b)
    likelihood = log_rising(b[:, None], counts.values) @ counts.cells - log_rising(k * b, counts.n)
    out: Floats = log_b + np.log(prior(b, k)) + likelihood
    return out


def prior(b: Floats, k: int) -> Floats:
    """dξ/dβ = Kψ′(Kβ + 1) − ψ′(β + 1); for large β by its series, where the two cancel."""
    from scipy.special import polygamma

    small = np.minimum(b, 100.0)
    exact = k * polygamma(1, k * small + 1) - polygamma(1, small + 1)
    series = (1 - 1 / k) / 2 - (1 - k**-2.0) / (6 * b) + (1 - k**-4.0) / (30 * b**3) - (1 - k**-6.0) / (42 * b**5)
    out: Floats = np.where(b > 100.0, series / b**2, exact)
    return out


def log_rising(x: Floats, n: int | Ints) -> Floats:
    """ln Γ(x + n) − ln Γ(x), by Stirling's series where x > 20 and the two would cancel; shapes broadcast."""
    from scipy.special import gammaln

    small, large = np.minimum(x, 20.0), np.maximum(x, 20.0)
    series = (large - 0.5) * np.log1p(n / large) + n * (np.log(large + n) - 1) + stirling(large + n) - stirling(large)
    out: Floats = np.where(x > 20.0, series, gammaln(small + n) - gammaln(small))
    return out


def stirling(z: Floats) -> Floats:
    """ln Γ(z) − [(z − ½) ln z − z + ½ ln 2π] for z ≥ 20."""
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * z**2)) / z**2) / z**2) / z


def moments(b: Floats, counts: Fingerprint, k: int) -> tuple[Floats, Floats]:
    """E[H] and E[H²] under the posterior of a symmetric Dirichlet prior of concentration b; shapes of b."""
    from scipy.special import digamma, polygamma

    a = np.append(counts.values, 0) + b[:, None]  # (b, d + 1): posterior parameter of a cell
    cells = np.append(counts.cells, k - counts.observed).astype(np.float64)
    total = counts.n + k * b
    mean = digamma(total + 1) - (a * digamma(a + 1)) @ cells / total
    u = a * (digamma(a + 1) - digamma(total + 2)[:, None])
    trigamma = polygamma(1, total + 2)
    own = (digamma(a + 2) - digamma(total + 2)[:, None]) ** 2 + polygamma(1, a + 2) - trigamma[:, None]
    pairs = (u @ cells) ** 2 - u**2 @ cells - trigamma * (total**2 - a**2 @ cells)
    square = (pairs + (a * (a + 1) * own) @ cells) / (total * (total + 1))
    return mean, square
