"""Observations as a source that answers a whole formula, whatever the kinds of its variables."""

from dataclasses import replace
from functools import partial
from math import isfinite

from plogp.estimate import notes
from plogp.estimate.base import DiscreteEstimator, Floats, Ints
from plogp.estimate.choice import Estimator
from plogp.estimate.choice import estimator as chosen
from plogp.estimate.local import Estimate, SampleEstimator
from plogp.estimate.resampling import locally_permuted, permuted, rearranged_test
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
    discrete = all(observations.kind(name) == "discrete" for name in formula.variables)
    request = request or Request()
    if counted and (discrete or estimator != "auto"):
        counts, n_missing = observations.counts(formula.variables, missing)
        source = CountsSource(counts, estimator, n_missing, route)
        return evaluate(formula, source, request, unit=unit).noted(notes.many_levels(counts))
    rows = observations.rows(formula.variables, missing, request.seed)
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
        estimate = steps.estimate()
        spread = self._spread(steps, estimate, request)
        p_value, tested, unused = self._p_value(steps, estimate.value, request)
        route = (self.rows.route, estimate.route, spread.route if spread else "", tested)
        n_missing = self.rows.n_missing
        left_out = (f"{notes.rows(n_missing)} left out because a variable is missing",) * bool(n_missing)
        interval = None if spread is None or request.confidence is None else spread.interval(request.confidence)
        found = Result(
            value=estimate.value,
            unit="nats",
            formula=str(base),
            n=self.n,
            n_missing=n_missing,
            estimator=steps.estimator,
            route="; ".join(step for step in route if step),
            std_error=spread.std_error if spread else None,
            interval=interval,
            confidence=None if interval is None else request.confidence,
            p_value=p_value,
            notes=(*left_out, *estimate.notes, *(spread.notes if spread else ()), *unused),
        )
        return replace(found.scaled(k, "nats"), formula=str(formula))

    @property
    def n(self) -> int:
        """How many observations there are."""
        return len(next(iter(self.rows.values.values())))

    def _steps(self, base: Formula) -> Sum:
        return steps(base, self.rows, self.estimator)

    def _spread(self, steps: Sum, estimate: Estimate, request: Request) -> Uncertainty | None:
        """How far the estimate may be from the truth; None where that isn't asked, or can't be told."""
        if request.confidence is None or not isfinite(estimate.value) or steps.estimator == "exact":
            return None
        return uncertainty(steps.at, estimate, self.n, seed=request.seed)

    def _p_value(self, steps: Sum, value: float, request: Request) -> tuple[float | None, str, tuple[str, ...]]:
        """The p-value of independence, if it's asked for, how it was got, and a note where there is none."""
        if request.permutations is None:
            return None, "", ()
        step = steps.lone
        if step is None or len(step.points) == 1:
            return None, "", ("no permutations: this has no null hypothesis of independence that one shuffle makes",)
        x, y = step.points[:2]
        null, statistic = permuted(self.n), step.rule.rearranged(x, y)
        if len(step.points) == 3:
            null = locally_permuted(step.points[2])
            statistic = partial(rearranged_given, step.rule, x, y, step.points[2])
        test = rearranged_test(statistic, value, null, request.permutations, request.seed)
        return test.p_value, test.route, ()


def rearranged_given(rule: SampleEstimator, x: Floats, y: Floats, z: Floats, order: Ints) -> float:
    """I(x;y|z) where y is taken in an order of its own."""
    return rule.conditional_mutual_information(x, y[order], z).value
