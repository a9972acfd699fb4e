"""The divergence and the cross-entropy of two discrete samples, from counts; nats."""

from dataclasses import dataclass
from functools import cached_property
from math import isfinite, sqrt

import numpy as np

from plogp.errors import InvalidType
from plogp.estimate.base import DiscreteEstimator, Floats, Ints
from plogp.estimate.discrete import AddConstant, PlugIn, Zhang
from plogp.estimate.uncertainty import Interval, normal_interval

__all__ = ["CountedDivergence"]


@dataclass(frozen=True)
class CountedDivergence:
    """D̂ = Σ p̂ₖ (ln p̂ₖ − ln q̂ₖ) and Ĥ(P, Q) = −Σ p̂ₖ ln q̂ₖ, of counts of the same outcomes.

    Plug-in: p̂ = x/n, q̂ = y/m; +∞ where an outcome of x isn't in y, and too high else. Zhang & Grabchak (2014),
    doi:10.1162/NECO_a_00646: ψ(x) − ψ(n) for ln p̂ and ψ(y + 1) − ψ(m + 1) for ln q̂, whose bias falls exponentially
    where each outcome is possible in Q; finite. Add-constant: p̂ = (x + α)/(n + αK), and q̂ likewise, K the outcomes
    that either sample has.

    Attributes:
        x: how often each outcome came in the sample of P, shape (K,).
        y: in that of Q.
        rule: plug-in, zhang or add-constant; None is zhang, and plug-in where an outcome of x isn't in y.
        cross: whether it is the cross-entropy that is asked for.
    """

    x: Ints
    y: Ints
    rule: DiscreteEstimator | None = None
    cross: bool = False

    @cached_property
    def unseen(self) -> int:
        """How many outcomes of x are not in y."""
        return int(((self.x > 0) & (self.y == 0)).sum())

    @cached_property
    def estimator(self) -> DiscreteEstimator:
        """The rule that is followed."""
        return self.rule or (PlugIn() if self.unseen else Zhang())

    @cached_property
    def _logarithms(self) -> tuple[Floats, Floats, Floats]:
        """p̂, ln p̂ (0 where p̂ is) and ln q̂ of each outcome."""
        from scipy.special import digamma

        n, m = self.x.sum(), self.y.sum()
        p, seen = self.x / n, self.x > 0
        match self.estimator:
            case PlugIn():
                with np.errstate(divide="ignore"):
                    return p, np.log(p, where=seen, out=np.zeros(p.size)), np.log(self.y / m)
            case Zhang():
                own = digamma(np.where(seen, self.x, 1)) - digamma(n)
                return p, np.where(seen, own, 0.0), digamma(self.y + 1) - digamma(m + 1)
            case AddConstant(alpha=alpha):
                k = self.x.size
                p, q = (self.x + alpha) / (n + alpha * k), (self.y + alpha) / (m + alpha * k)
                return p, np.log(p), np.log(q)
        raise InvalidType(
            f"estimator={self.estimator.name!r} doesn't estimate a divergence of discrete samples",
            hint="there are 'zhang', 'plug-in' and 'add-constant'",
        )

    @cached_property
    def value(self) -> float:
        """The estimate."""
        p, log_p, log_q = self._logarithms
        return float(p[p > 0] @ (-log_q if self.cross else log_p - log_q)[p > 0])

    @cached_property
    def variance(self) -> float:
        """By the delta method, Var(ln p̂/q̂)/n + Var(p̂/q̂)/m; and (K − 1)/2·(1/n + 1/m)², what is left where P = Q."""
        p, log_p, log_q = self._logarithms
        n, m, q = self.x.sum(), self.y.sum(), np.exp(log_q)
        term, kept = (-log_q if self.cross else log_p - log_q), p > 0
        of_x = p[kept] @ term[kept] ** 2 - self.value**2
        of_y = float(np.sum(p[kept] ** 2 / q[kept])) - 1
        return float(of_x / n + of_y / m + (self.x.size - 1) / 2 * (1 / n + 1 / m) ** 2)

    def interval(self, confidence: float) -> Interval | None:
        """Value ± z·SE, not below 0, which is the least of both; None where the estimate is infinite."""
        if not isfinite(self.value):
            return None
        low, high = normal_interval(self.value, self.variance, confidence)
        return max(low, 0.0), max(high, 0.0)

    @property
    def std_error(self) -> float | None:
        """√variance; None where the estimate is infinite."""
        return sqrt(self.variance) if isfinite(self.value) else None

    @property
    def notes(self) -> list[str]:
        """What to know of outcomes that one sample lacks, and of the bias."""
        notes = []
        if self.unseen:
            share = self.x[self.y == 0].sum() / self.x.sum()
            which = f"{self.unseen:,} of the outcomes of x, {share:.1%} of its observations, never came in y"
            if isfinite(self.value):
                notes.append(f"{which}: {self.estimator.name} gives them a probability there that is guessed")
            else:
                notes.append(
                    f"{which}: infinite, as far as these samples tell; estimator='add-constant' or 'zhang' supposes "
                    "that they are possible there"
                )
        if isinstance(self.estimator, PlugIn) and isfinite(self.value):
            notes.append("the interval speaks of the sampling error of Plug-In, not of its bias")
        if isinstance(self.estimator, AddConstant):
            notes.append(f"{self.estimator.alpha:g} was added to the count of each of {self.x.size:,} outcomes")
        return notes
