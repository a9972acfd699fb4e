"""The public verb: whatever came, a source is made of it, and the formula is evaluated there."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, overload

from plogp import frames
from plogp.counts import Counts
from plogp.errors import BadTable, InvalidType, InvalidValue
from plogp.evaluate import Request, evaluate
from plogp.formula import Formula
from plogp.joint import Joint
from plogp.result import Result
from plogp.samples import Samples
from plogp.units import nats_per

if TYPE_CHECKING:
    from plogp.estimate.choice import Estimator

__all__ = ["measure"]


@overload
def measure(
    formula: str | Formula,
    source: object,
    *,
    estimator: "str | Estimator" = ...,
    unit: str = ...,
    confidence: float | None = ...,
    permutations: int | None = ...,
    kinds: Mapping[str, str] | None = ...,
    missing: str = ...,
    seed: int | None = ...,
) -> Result: ...


@overload
def measure(
    formula: list[str] | list[Formula] | tuple[str | Formula, ...],
    source: object,
    *,
    estimator: "str | Estimator" = ...,
    unit: str = ...,
    confidence: float | None = ...,
    permutations: int | None = ...,
    kinds: Mapping[str, str] | None = ...,
    missing: str = ...,
    seed: int | None = ...,
) -> list[Result]: ...


def measure(
    formula: str | Formula | list[str] | list[Formula] | tuple[str | Formula, ...],
    source: object,
    *,
    estimator: "str | Estimator" = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    kinds: Mapping[str, str] | None = None,
    missing: str = "drop",
    seed: int | None = None,
) -> Result | list[Result]:
    """Measure a formula, or each of a list, on named variables.

    A formula is a signed sum of joint entropies: ``I(X;Y|Z) = H(X,Z) + H(Y,Z) - H(X,Y,Z) - H(Z)``.

    Args:
        formula: notation as in `plogp.Formula`, or a list of such.
        source: a `Joint` (exact; the value keeps its framework and its gradient), `Counts`, `Samples`, a dict of
            arrays of shape (n,) or (n, d), or any dataframe: pandas, Polars, PyArrow, DuckDB, Ibis, PySpark, Dask. A
            dataframe is grouped and counted on its own engine; only the counts of the cells that occur come back. Where
            a variable is continuous the rows of the variables come back, a seeded sample of more than a million.
        estimator: a name in kebab case or an object of `plogp.estimate`; "auto" takes Chao-Wang-Jost for entropies of
            discrete variables and their sums, NSB for one entropy of a dense `Counts`, whose outcomes are known, and
            independence-shrinkage for (conditional) mutual information. With continuous variables a formula is a sum
            of entropies and of what variables share, and the estimator of each is chosen by what they are and whether
            values tie; the route says what and why.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the interval, or None for no interval.
        permutations: how many, for the permutation p-value (b + 1) / (m + 1); None is the approximation for discrete
            variables, and no p-value for others.
        kinds: overrides of what a column is, such as ``{"year": "discrete"}``.
        missing: "drop" leaves out rows that lack a variable of the formula and says how many; "category" keeps
            missing as an outcome of its own.
        seed: of what is drawn; None is a fixed seed.

    Returns:
        A `Result`, or a list of them for a list of formulas.

    Raises:
        UnknownName: a variable, estimator or unit that isn't there; the nearest is suggested.
        FormulaError: notation that doesn't parse.
        BadTable: nothing to measure: no rows, or a variable that is missing in each.
        InvalidType: a source that isn't one of the above, or an estimator that isn't for these variables.
        InvalidValue: an infinite number, or too few observations.

    An estimate from a sample is biased where the sample is small beside the number of occupied cells; the result then
    carries a note that starts with "undersampled". Observations are taken to be independent.

    >>> import plogp as pp
    >>> joint = pp.Joint([[0.5, 0.0], [0.25, 0.25]], names=("X", "Y"))
    >>> print(pp.measure("I(X;Y)", joint))
    I(X;Y) = 0.3113 bits  (exact)
    >>> print(pp.measure("I(X;Y)", pp.Counts([[50, 3], [4, 43]], names=("X", "Y"))))
    I(X;Y) = 0.624 bits  [0.443, 0.847] 95%  p < 0.001  (n = 100, Independence-Shrinkage)
    """
    from plogp.estimate import estimator as known

    nats_per(unit)
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    known(estimator)
    if isinstance(formula, (str, Formula)):
        return _measure(Formula(formula), _named(source, kinds), estimator, unit, request, missing)
    if not isinstance(formula, (list, tuple)) or not formula:
        came = "an empty list" if isinstance(formula, list | tuple) else type(formula).__name__
        raise InvalidType(
            f"formula is {came}; needed: notation such as 'I(X;Y)', or a list of such",
            hint="the formula comes first, then the table",
        )
    named, found = _named(source, kinds), []
    for one in map(Formula, formula):
        try:
            found.append(_measure(one, named, estimator, unit, request, missing))
        except BadTable as error:
            raise BadTable(f"{one}: {error.message}", error.hint) from None
    return found


def _measure(
    formula: Formula,
    named: Joint | Counts | Samples | frames.Table,
    estimator: "str | Estimator",
    unit: str,
    request: Request,
    missing: str,
) -> Result:
    """One formula on one source."""
    from plogp.estimate import CountsSource
    from plogp.estimate.observed import measured

    if isinstance(named, Joint):
        if estimator != "auto":
            raise InvalidValue(
                f"estimator={estimator!r} for an exact joint distribution: there is nothing to estimate",
                hint="leave out `estimator`, or give Counts or a table",
            )
        return evaluate(formula, named, request, unit=unit)
    if isinstance(named, Counts):
        return evaluate(formula, CountsSource(named, estimator), request, unit=unit)
    route = f"counted on {named.engine}"
    return measured(formula, named, estimator, request, unit=unit, missing=missing, route=route)


def _named(source: object, kinds: Mapping[str, str] | None) -> Joint | Counts | Samples | frames.Table:
    """The source as named variables."""
    if kinds and isinstance(source, (Joint, Counts, Samples, frames.Table)):
        raise InvalidValue(
            f"kinds={dict(kinds)!r} for {type(source).__name__}, whose variables have their kind already",
            hint="leave out `kinds`, or give it to plogp.Samples",
        )
    if isinstance(source, (Joint, Counts, Samples, frames.Table)):
        return source
    if isinstance(source, Mapping):
        return Samples(source, kinds=kinds)
    if frames.is_frame(source):
        return frames.Table(source, kinds=kinds)
    raise InvalidType(
        f"source is {type(source).__name__}; needed: Joint, Counts, Samples, a dict of arrays, or a dataframe",
        hint="a file? read it first, for instance with duckdb.read_csv(path), or use `plogp measure FILE FORMULA`"
        if isinstance(source, str)
        else "name the variables: plogp.Joint(array, names=('X', 'Y')) for probabilities, plogp.Counts for counts",
    )
