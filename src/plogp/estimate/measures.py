"""The functions for observations: arrays -> Samples -> Result."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from plogp.errors import ShapeMismatch
from plogp.estimate.choice import Estimator
from plogp.estimate.choice import estimator as chosen
from plogp.estimate.observed import measured
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.result import Result
from plogp.samples import Samples
from plogp.units import nats_per

__all__ = ["entropy", "mutual_information", "total_correlation"]

Kinds = Mapping[str, str] | None


def entropy(
    x: Any,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    seed: int | None = None,
    kinds: Kinds = None,
) -> Result:
    """Entropy of a discrete variable, or differential entropy of a continuous one, from observations.

    H(x) = −Σ p(x) log p(x), or −∫ p(x) log p(x) dx

    Args:
        x: observations of shape (n,), or (n, d) where a row is one outcome or one vector. Integers, texts and truth
            values are discrete, floats continuous.
        estimator: a name in kebab case or an object of `plogp.estimate`; "auto" is Chao-Wang-Jost for a discrete
            variable, `NearestNeighbour` for a continuous one, and `Vasicek` for one with ties; the route says which.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the interval, None for none and for no standard error.
        permutations: without use here; entropy has no null hypothesis.
        seed: of the halves of the sample that tell how sure the entropy of a continuous variable is; None is fixed.
        kinds: overrides of what x is: ``{"x": "discrete"}``.

    Raises:
        InvalidType: an estimator that isn't for x.
        InvalidValue: an infinite number, or too few observations.
        BadTable: no observations, or all of them missing.
        UnknownName: an estimator or unit that isn't there.

    Too low where many rare outcomes remain unseen; the result then has a note that starts with "undersampled". A
    differential entropy may be negative; that of a constant is −∞. Columns of a vector are brought to like spreads.
    Source: Chao, Wang & Jost (2013), doi:10.1111/2041-210X.12108; `NearestNeighbour`, `Vasicek`.

    >>> print(entropy(["a", "b", "a", "c"] * 50))
    H(x) = 1.507 bits  [1.437, 1.577] 95%  (n = 200, Chao-Wang-Jost)
    >>> print(entropy(np.random.default_rng(0).uniform(0, 8, size=1000), confidence=None))
    H(x) = 2.995 bits  (n = 1,000, Nearest-Neighbour)
    """
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    return _measured("H(x)", {"x": x}, estimator, unit, request, kinds)


def mutual_information(
    x: Any,
    y: Any,
    given: Any = None,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    seed: int | None = None,
    kinds: Kinds = None,
) -> Result:
    """Mutual information of two variables or vectors, perhaps given a third, from observations.

    I(x;y|given) = H(x,given) + H(y,given) − H(x,y,given) − H(given)

    Args:
        x, y, given: observations of shape (n,), or (n, d) where a row is one outcome or one vector. Integers, texts and
            truth values are discrete, floats continuous.
        estimator: a name in kebab case or an object of `plogp.estimate`; "auto" is independence-shrinkage where all are
            discrete, and else chosen by what they are and whether values tie; the route says what and why.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the interval, None for none and for no standard error.
        permutations: how many for a permutation p-value, (b + 1)/(m + 1) unless it is clear early; None is none, but
            for discrete variables one from exact moments.
        seed: of what is drawn; None is a fixed seed.
        kinds: overrides of what they are: ``{"x": "discrete"}``.

    Raises:
        InvalidType: an estimator that isn't for these variables.
        InvalidValue: an infinite number, or too few observations.
        ShapeMismatch: observations of several lengths.
        BadTable: no observations, or none without something missing.
        UnknownName: an estimator or unit that isn't there.

    May be slightly negative where x and y are independent: nothing is clipped. 0 where one is constant, and infinite
    where continuous x and y are functions of each other; a note says so. Source: of each estimator, with it.

    >>> x = np.arange(400) % 4
    >>> print(mutual_information(x, x // 2))
    I(x;y) = 1.002 bits  [0.951, 1.055] 95%  p < 0.001  (n = 400, Independence-Shrinkage)
    >>> z = np.random.default_rng(0).normal(size=400)
    >>> print(mutual_information(z + x, x, confidence=None))
    I(x;y) = 0.581 bits  (n = 400, Ross)
    """
    columns, formula = {"x": x, "y": y}, "I(x;y)"
    if given is not None:
        columns, formula = {**columns, "given": given}, "I(x;y|given)"
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    return _measured(formula, columns, estimator, unit, request, kinds)


def total_correlation(
    x: Any,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    seed: int | None = None,
    kinds: Kinds = None,
) -> Result:
    """Total correlation of several variables, from observations.

    TC(x1;…;xd) = Σ H(xᵢ) − H(x1,…,xd)

    Args:
        x: observations of shape (n, d), a column a variable, d ≥ 2.
        estimator: a name in kebab case or an object of `plogp.estimate`; "auto" is Chao-Wang-Jost for discrete columns
            (of two columns independence-shrinkage); for continuous ones I(x2;x1) + I(x3;x1,x2) + … are added up, each
            as `mutual_information` has it.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the interval, None for none and for no standard error.
        permutations: how many for an exact permutation p-value (b + 1)/(m + 1), instead of one from exact moments; for
            discrete columns.
        seed: of what is drawn; None is a fixed seed.
        kinds: overrides of what the columns are: ``{"x1": "discrete"}``.

    Raises:
        ShapeMismatch: fewer than two columns.
        InvalidType: an estimator that isn't for these columns.
        InvalidValue: an infinite number, or too few observations.
        BadTable: no observations, or none without something missing.
        UnknownName: an estimator or unit that isn't there.

    Too high where the joint table is undersampled; the result then has a note that says so.
    Source: Watanabe (1960), doi:10.1147/rd.41.0066; Chao, Wang & Jost (2013), doi:10.1111/2041-210X.12108.

    >>> a, b = np.arange(400) % 2, np.arange(400) // 2 % 2
    >>> print(total_correlation(np.stack([a, b, a ^ b], axis=1)))
    TC(x1;x2;x3) = 1.000 bits  [0.919, 1.081] 95%  p < 0.001  (n = 400, Chao-Wang-Jost)
    """
    array = np.asarray(x)
    if array.ndim != 2 or array.shape[1] < 2:
        raise ShapeMismatch(f"x has shape {array.shape}; needed: (n, d), d ≥ 2", hint="a column is a variable")
    columns = {f"x{i + 1}": array[:, i] for i in range(array.shape[1])}
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    return _measured(f"TC({';'.join(columns)})", columns, estimator, unit, request, kinds)


def _measured(
    notation: str,
    columns: Mapping[str, Any],
    estimator: str | Estimator,
    unit: str,
    request: Request,
    kinds: Kinds,
) -> Result:
    """A formula on columns of observations."""
    nats_per(unit)
    chosen(estimator)
    return measured(Formula(notation), Samples(columns, kinds=kinds), estimator, request, unit=unit)
