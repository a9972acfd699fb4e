"""Who answers a formula on counts: a blend for mutual information, a sum of entropies for all else; nats."""

from dataclasses import dataclass
from functools import cached_property
from math import fsum, inf, isfinite, log, nan
from typing import Protocol

import numpy as np

from plogp.counts import Counts
from plogp.errors import InvalidValue
from plogp.estimate import notes
from plogp.estimate.base import DiscreteEstimator, Fingerprint, fingerprint, jackknife_variance
from plogp.estimate.discrete import ChaoWangJost
from plogp.estimate.independence import Blend, IndependenceShrinkage, unseen_event
from plogp.estimate.nsb import NSB
from plogp.estimate.permutation import Independence
from plogp.estimate.uncertainty import (
    Interval,
    blend_interval,
    entropy_variance,
    no_coincidence_interval,
    normal_interval,
    sum_variance,
    undersampled,
)
from plogp.formula import Formula
from plogp.result import title

__all__ = ["Answer", "EntropySum", "KnownOutcomes", "Shrunk"]

Names = frozenset[str]

UNKNOWN_LIMIT: Interval = (0.0, nan)
"""The interval where no permutation of the sample could be different: it says nothing of what is shared."""

SMALLER = "the smaller of the two entropies"


class Answer(Protocol):
    """An estimate of one formula."""

    @property
    def value(self) -> float:
        """The estimate."""
        ...

    @property
    def variance(self) -> float | None:
        """Its variance, None where the sample can't tell."""
        ...

    def interval(self, confidence: float) -> Interval | None:
        """Its interval, None where the sample can't tell."""
        ...

    @property
    def estimator(self) -> str:
        """The name of the estimator."""
        ...

    @property
    def route(self) -> str:
        """How the estimate was got."""
        ...

    @property
    def notes(self) -> list[str]:
        """What to know of it."""
        ...


@dataclass(frozen=True)
class Shrunk:
    """Mutual information by independence-shrinkage."""

    null: Independence

    @cached_property
    def blend(self) -> Blend:
        """The estimate of the table."""
        return Blend(self.null.tables[0], self.null.moments[0])

    @property
    def value(self) -> float:
        return 0.0 if self.null.settled else self.blend.value

    @property
    def variance(self) -> float | None:
        return None if self.null.settled else self.blend.variance

    def interval(self, confidence: float) -> Interval | None:
        return UNKNOWN_LIMIT if self.null.settled else blend_interval(self.blend, confidence)

    @property
    def estimator(self) -> str:
        return IndependenceShrinkage.name

    @property
    def route(self) -> str:
        return f"Chao-Wang-Jost shrunk towards independence by λ = {self.blend.weight:.3g}"

    @property
    def notes(self) -> list[str]:
        table = self.blend.table
        warned = table.n > 1 and undersampled(table.fingerprints[3], table.grid)
        said = [notes.undersampling(table.fingerprints[3], table.grid)] if warned else []
        rows, columns, strata, _ = self.blend.entropies
        return said + notes.beyond(self.value, min(rows, columns) - strata, SMALLER)


@dataclass(frozen=True)
class EntropySum:
    """Σ c·H(A), each joint entropy by the same rule.

    Attributes:
        counts: of the variables of the formula and no others.
        formula: what is measured.
        rule: the estimator of each entropy.
        null: the hypothesis that the formula is 0, where there is one.
    """

    counts: Counts
    formula: Formula
    rule: DiscreteEstimator
    null: Independence | None

    @cached_property
    def alone(self) -> bool:
        """Whether the formula is one entropy."""
        return list(self.formula.terms.values()) == [1]

    @cached_property
    def value(self) -> float:
        if not self.alone and getattr(self.rule, "n_outcomes", None) is not None:
            raise InvalidValue(
                f"{self.rule} for `{self.formula}`, a sum of several entropies; needed: one entropy, such as H(X)",
                hint="leave out n_outcomes=; plogp.Counts of an array knows how many outcomes each variable has",
            )
        return fsum(c * self._entropies[names] for names, c in self.formula.terms.items())

    @cached_property
    def variance(self) -> float | None:
        if self.counts.n == 1 or self._settled:
            return None
        if self.alone and isinstance(self.rule, NSB):
            return self.rule.posterior(self._terms[0][2], self.counts.n_outcomes())[1] ** 2
        if not isinstance(self.rule, ChaoWangJost):
            return self._jackknife
        if self.alone:
            return entropy_variance(self._terms[0][2])
        unseen = zip(self.null.tables, self.null.moments, strict=True) if self.null is not None else ()
        events = sum(unseen_event(table, moments) for table, moments in unseen)
        return sum_variance(self._jackknife, [(c, counts) for c, _, counts in self._terms]) + events

    def interval(self, confidence: float) -> Interval | None:
        if self.variance is None:
            return UNKNOWN_LIMIT if self._settled else None
        if self.alone and self._terms[0][2].seen(1) == self.counts.n:
            low, high = no_coincidence_interval(self.counts.n, confidence)
            return min(low, self.value), self._most if isfinite(self._most) else high
        low, high = normal_interval(self.value, self.variance, confidence)
        least = 0.0 if self.formula.nonnegative() else -inf
        return max(low, least), min(max(high, least), self._most)

    @property
    def estimator(self) -> str:
        return self.rule.name

    @property
    def route(self) -> str:
        name = title(self.rule.name)
        return name if self.alone else f"a sum of {len(self.formula.terms)} joint entropies, each by {name}"

    @property
    def notes(self) -> list[str]:
        joint, said = fingerprint(self.counts.frequencies()), []
        grid = 0 if self.null is None else self.null.tables[-1].grid
        if self.counts.n > 1 and undersampled(joint, grid):
            said.append(notes.undersampling(joint, grid))
        if not self.alone:
            said.append(
                f"each joint entropy is by {title(self.rule.name)}; the bias that is left in them need not cancel"
            )
        if not isinstance(self.rule, (ChaoWangJost, NSB)):
            said.append(f"the interval speaks of the sampling error of {title(self.rule.name)}, not of its bias")
        if self.null is not None and len(self.null.groups) == 2:
            most = min(self._entropies[group | self.null.given] for group in self.null.groups)
            return said + notes.beyond(self.value, most - self._entropies.get(self.null.given, 0.0), SMALLER)
        return said + notes.beyond(self.value, self._most, "ln K, the most that K outcomes can have")

    @cached_property
    def _terms(self) -> list[tuple[int, Names, Fingerprint]]:
        """The terms in an order of their own, so that equal formulas are added up alike."""
        terms = sorted(self.formula.terms.items(), key=lambda term: sorted(term[0]))
        return [(c, names, fingerprint(self.counts.frequencies(names))) for names, c in terms]

    @cached_property
    def _entropies(self) -> dict[Names, float]:
        return {names: self.rule.of(counts, self.counts.n_outcomes(names)) for _, names, counts in self._terms}

    @cached_property
    def _settled(self) -> bool:
        """Whether this is a mutual information that no permutation can change."""
        return self.null is not None and len(self.null.groups) == 2 and self.null.settled

    @cached_property
    def _jackknife(self) -> float:
        """The delete-one jackknife variance of the sum; of each entropy only the count of the removed cell matters."""
        leave_one_out = np.zeros(self.counts.n_cells)
        for c, names, counts in self._terms:
            loo = self.rule.leave_one_out(counts, self.counts.n_outcomes(names))
            leave_one_out += c * loo[counts.inverse][self.counts.index(names)]
        return jackknife_variance(leave_one_out, self.counts.frequencies())

    @cached_property
    def _most(self) -> float:
        """ln K for one entropy of K possible outcomes; infinite where there is no such limit."""
        outcomes = self.counts.n_outcomes() if self.alone else None
        return log(outcomes) if outcomes is not None else inf


@dataclass(frozen=True)
class KnownOutcomes(EntropySum):
    """One entropy of known outcomes: the value and its error by NSB, the interval around both that and Chao-Wang-Jost.

    The posterior of NSB alone covers too little where the distribution is skewed.
    """

    def interval(self, confidence: float) -> Interval | None:
        other = EntropySum(self.counts, self.formula, ChaoWangJost(), self.null).interval(confidence)
        return None if other is None else (min(other[0], self.value), max(other[1], self.value))

    @property
    def route(self) -> str:
        return f"NSB for {self.counts.n_outcomes():,} outcomes; interval: that of Chao-Wang-Jost, which covers better"
