"""Counts as a source that answers a whole formula: value, standard error, interval, p-value and what to know."""

from dataclasses import replace
from math import sqrt

from plogp.counts import Counts
from plogp.estimate import notes
from plogp.estimate.answers import Answer, EntropySum, KnownOutcomes, Shrunk
from plogp.estimate.choice import Estimator, discrete
from plogp.estimate.discrete import ChaoWangJost
from plogp.estimate.independence import IndependenceShrinkage
from plogp.estimate.nsb import NSB
from plogp.estimate.permutation import Independence
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.result import Result

__all__ = ["CountsSource"]

Names = frozenset[str]

SEED = 0
"""Of permutations, unless another is asked for."""


class CountsSource:
    """Counts of independent observations as a source: it estimates, and says how sure it is.

    Args:
        counts: of the variables.
        estimator: a name or an object. "auto" is independence-shrinkage for mutual information, conditional or not,
            NSB for a lone entropy whose number of outcomes is known (a dense table), and Chao-Wang-Jost for the rest.
        n_missing: rows that were left out of the counts because a variable was missing.
        route: how the counts were got.

    >>> from plogp.counts import Counts
    >>> source = CountsSource(Counts({"a": 5, "b": 3, "c": 1}, names="X"), estimator="plug-in")
    >>> print(source.infer(Formula("H(X)"), Request()))
    H(X) = 0.937 nats  [0.406, 1.468] 95%  (n = 9, Plug-In)
    """

    def __init__(
        self, counts: Counts, estimator: str | Estimator = "auto", n_missing: int = 0, route: str = ""
    ) -> None:
        self.counts, self.n_missing, self.route = counts, n_missing, route
        self.estimator = discrete(estimator)
        self._auto = estimator == "auto"

    @property
    def names(self) -> tuple[str, ...]:
        """The variables."""
        return self.counts.names

    def entropy(self, names: Names) -> float:
        """H of these variables together, in nats."""
        return self.estimator.entropy(self.counts.frequencies(names), self.counts.n_outcomes(names))

    def infer(self, formula: Formula, request: Request) -> Result:
        """The result for the formula, in nats; formulas that are equal have equal results."""
        k, base = formula.primitive()
        used = [name for name in self.names if any(name in names for names in base.terms)]
        if not used:
            return Result(
                value=0.0,
                unit="nats",
                formula=str(formula),
                n=self.counts.n,
                n_missing=self.n_missing,
                route="no terms",
            )
        counts = self.counts if len(used) == len(self.names) else self.counts.marginal(*used)
        found = self._result(counts, base, request).scaled(k, "nats")
        return replace(
            found,
            formula=str(formula),
            n_missing=self.n_missing,
            route="; ".join(step for step in (self.route, found.route) if step),
            notes=(*notes.remarks(counts, self.n_missing), *found.notes),
        )

    def _result(self, counts: Counts, base: Formula, request: Request) -> Result:
        """The result for a formula whose coefficients have no common divisor."""
        null = Independence.of(counts, base)
        answer = self._answer(counts, base, null)
        unused = null is None and request.permutations is not None
        interval = answer.interval(request.confidence) if request.confidence is not None else None
        p_value, how = _p_value(null, request)
        return Result(
            value=answer.value,
            unit="nats",
            formula=str(base),
            n=counts.n,
            estimator=answer.estimator,
            route="; ".join(step for step in (answer.route, how) if step),
            std_error=None if request.confidence is None or answer.variance is None else sqrt(answer.variance),
            interval=interval,
            confidence=None if interval is None else request.confidence,
            p_value=p_value,
            notes=(*answer.notes, *["no permutations: this has no null hypothesis of independence"] * unused),
        )

    def _answer(self, counts: Counts, base: Formula, null: Independence | None) -> Answer:
        """Who answers: the blend, NSB or a sum of entropies."""
        blended = isinstance(self.estimator, IndependenceShrinkage)
        if blended and null is not None and len(null.groups) == 2:
            return Shrunk(null)
        estimator = ChaoWangJost() if blended else self.estimator
        answer = EntropySum(counts, base, estimator, null)
        known = answer.alone and counts.n_outcomes() is not None and counts.n_cells > 1
        return KnownOutcomes(counts, base, NSB(), null) if self._auto and known else answer


def _p_value(null: Independence | None, request: Request) -> tuple[float | None, str]:
    """The p-value of the null hypothesis and how it was got; None where there is no sharp null, or nothing to test."""
    if null is None or null.counts.n == 1:
        return None, ""
    if null.settled:
        return (None if notes.constants(null.counts) else 1.0), "all permutations are alike"
    if request.permutations is None:
        return null.p_value(), "p-value: gamma distribution with the moments of permutation"
    seed = SEED if request.seed is None else request.seed
    how = f"p-value: {request.permutations:,} permutations, seed {seed}{' (fixed)' if request.seed is None else ''}"
    return null.exact_p_value(request.permutations, seed), how
