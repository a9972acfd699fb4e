"""Observations as a source that answers a whole formula, whatever the kinds of its variables."""

from dataclasses import replace
from math import isfinite

import numpy as np

from plogp.errors import BadTable, InvalidValue
from plogp.estimate import notes
from plogp.estimate.base import DiscreteEstimator
from plogp.estimate.choice import Estimator
from plogp.estimate.choice import estimator as chosen
from plogp.estimate.local import Estimate
from plogp.estimate.resampling import permuted, rearranged_test
from plogp.estimate.source import CountsSource
from plogp.estimate.spread import Uncertainty, uncertainty
from plogp.estimate.steps import Sum, steps
from plogp.evaluate import Request, evaluate
from plogp.formula import Formula
from plogp.notation import quoted as in_notation
from plogp.result import Result
from plogp.samples import Observations, Rows

__all__ = ["SamplesSource", "measured"]

Names = frozenset[str]


def measured(
    formula: Formula,
    observations: Observations,
    estimator: str | Estimator = "auto",
    request: Request | None = None,
    *,
    unit: str = "bits",
    missing: str = "drop",
    route: str = "",
) -> Result:
    """A formula on observations: by counts where all of its variables are discrete, else by the rows themselves.

    Args:
        formula: of variables that are there.
        observations: of them.
        estimator: a name or an object.
        request: what else is asked for.
        unit: of the result.
        missing: "drop" or "category", as for `Observations.counts`.
        route: how the counts are got.
    """
    counted = isinstance(chosen(estimator), DiscreteEstimator)
    discrete = {observations.kind(name) for name in formula.variables} <= {"discrete"}  # of each: it may not be there
    request = request or Request()
    if counted and (discrete or estimator != "auto"):
        counts, n_missing = observations.counts(formula.variables, missing)
        source = CountsSource(counts, estimator, n_missing, route)
        return evaluate(formula, source, request, unit=unit).noted(notes.many_levels(counts))
    names = [name for name in observations.names if name in formula.variables]  # however the formula is written
    rows = observations.rows(names, missing, request.seed)
    return evaluate(formula, SamplesSource(rows, estimator), request, unit=unit)


class SamplesSource:
    """Rows of independent observations as a source: it estimates, and says how sure it is.

    Args:
        rows: of the variables.
        estimator: a name or an object; "auto" chooses for each part of a formula, and says in the route what and why.

    >>> import numpy as np
    >>> from plogp.samples import Samples
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=500)
    >>> rows = Samples({"x": x, "y": (x > 0).astype(int)}).rows(["x", "y"])
    >>> print(SamplesSource(rows).infer(Formula("I(x;y)"), Request(confidence=None)))
    I(x;y) = 0.689 nats  (n = 500, Ross)
    """

    def __init__(self, rows: Rows, estimator: str | Estimator = "auto") -> None:
        self.rows = rows
        self.estimator = None if estimator == "auto" else chosen(estimator)

    @property
    def names(self) -> tuple[str, ...]:
        """The variables."""
        return tuple(self.rows.values)

    def entropy(self, names: Names) -> float:
        """H of these variables together, in nats."""
        return self._steps(Formula(f"H({','.join(map(in_notation, sorted(names)))})")).estimate().value

    def infer(self, formula: Formula, request: Request) -> Result:
        """The result for the formula, in nats; formulas that are equal have equal results."""
        k, base = formula.primitive()
        if self.n == 1:
            raise BadTable("1 observation of continuous variables; needed: several", hint="nothing varies in one")
        if not base.terms:
            return Result(
                value=0.0,
                unit="nats",
                formula=str(formula),
                n=self.n,
                n_missing=self.rows.n_missing,
                route="no terms",
            )
        steps = self._steps(base)
        try:
            estimate = steps.estimate()
        except InvalidValue as error:  # too few rows, too near or too far apart
            raise BadTable(error.message, error.hint) from None
        spread = self._spread(steps, estimate, request)
        p_value, tested, unused = self._p_value(steps, request)
        route = (self.rows.route, estimate.route, spread.route if spread else "", tested)
        interval = spread.interval(request.confidence) if spread and request.confidence else None
        found = Result(
            value=estimate.value,
            unit="nats",
            formula=str(base),
            n=self.n,
            n_missing=self.rows.n_missing,
            estimator=steps.estimator,
            route="; ".join(step for step in route if step),
            std_error=spread.std_error if spread else None,
            interval=interval,
            confidence=None if interval is None else request.confidence,
            p_value=p_value,
            notes=(*self._remarks(formula, base), *estimate.notes, *(spread.notes if spread else ()), *unused),
        )
        return replace(found.scaled(k, "nats"), formula=str(formula))

    @property
    def n(self) -> int:
        """How many observations there are."""
        return len(next(iter(self.rows.values.values())))

    def _remarks(self, formula: Formula, base: Formula) -> list[str]:
        """What is to be said of the rows, and of a variable and itself."""
        n_missing, lone = self.rows.n_missing, frozenset().union(*base.terms) if len(base.terms) == 1 else frozenset()
        left_out = [f"{notes.rows(n_missing)} left out because a variable is missing"] * bool(n_missing)
        return left_out + [
            f"{notes.quoted([name])}, being continuous, shares infinitely much with itself; this is H"
            for name in sorted(formula.of_themselves() & lone)
            if self.rows.kinds[name] != "discrete"
        ]

    def _steps(self, base: Formula) -> Sum:
        return steps(base, self.rows, self.estimator)

    def _spread(self, steps: Sum, estimate: Estimate, request: Request) -> Uncertainty | None:
        """How far the estimate may be from the truth; None where that isn't asked, or can't be told."""
        if request.confidence is None or not isfinite(estimate.value) or steps.estimator == "exact":
            return None
        return uncertainty(steps.at, estimate, self.n, seed=request.seed)

    def _p_value(self, steps: Sum, request: Request) -> tuple[float | None, str, tuple[str, ...]]:
        """The p-value of independence, if it's asked for, how it was got, and a note where there is none."""
        if request.permutations is None:
            return None, "", ()
        step = steps.lone
        if step is None or len(step.points) == 1:
            return None, "", ("no permutations: this has no null hypothesis of independence that one shuffle makes",)
        x, y, *z = step.points
        statistic, null = step.rule.rearranged_given(x, y, *z) if z else (step.rule.rearranged(x, y), permuted(self.n))
        observed = statistic(np.arange(self.n))  # not the estimate, where that is corrected
        test = rearranged_test(statistic, observed, null, request.permutations, request.seed)
        return test.p_value, test.route, ()
