"""For scikit-learn's pipelines: mutual information as a score, and selection of features by it. A thin adapter.

>>> from sklearn.datasets import load_iris
>>> from sklearn.feature_selection import SelectKBest
>>> X, y = load_iris(return_X_y=True)
>>> SelectKBest(mutual_information, k=2).fit(X, y).get_support().tolist()
[False, False, True, True]
>>> InformationSelector("jmi", n_features_to_select=2).fit(X, y).chosen_.tolist()
[..., ...]
"""

from collections.abc import Mapping
from math import nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidValue, MissingExtra, ShapeMismatch, UnknownName, did_you_mean
from plogp.estimate.choice import Estimator
from plogp.evaluate import Request
from plogp.pairwise.many import formula, with_p_values
from plogp.pairwise.selection import METHODS, select
from plogp.pairwise.variables import Variables
from plogp.samples import Samples
from plogp.units import nats_per

try:
    from sklearn.base import BaseEstimator
    from sklearn.feature_selection import SelectorMixin
    from sklearn.utils.multiclass import type_of_target
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise MissingExtra(
        "scikit-learn isn't installed; needed: the extra `sklearn`", hint="pip install 'plogp[sklearn]'"
    ) from error

__all__ = ["InformationSelector", "mutual_information"]

TARGET = "target"


def mutual_information(
    X: Any,
    y: Any,
    *,
    discrete_features: Any = "auto",
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    continuous: str = "auto",
    seed: int | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mutual information of each feature with the target, and its p-value: a `score_func` for `SelectKBest` and others.

    Args:
        X: features, shape (n, d), an array or a dataframe.
        y: the target, shape (n,); classes, or numbers where scikit-learn takes it for continuous.
        discrete_features: "auto" takes floats as continuous and all else as discrete; True, False, or a mask or indices
            of the discrete ones.
        estimator: a name or an object, as for `plogp.measure`.
        unit: "bits", "nats" or "hartleys".
        continuous: "neighbours" or "bins" for continuous features, as for `plogp.rank`; "auto" is the former.
        seed: of what is drawn; None is a fixed one.

    Returns:
        Scores and p-values, each of shape (d,); a p-value is NaN where nothing can be tested. They aren't adjusted for
        how many features there are: `SelectFdr` and `SelectFwe` do that.

    May be slightly negative where a feature is independent of the target. See `plogp.rank` for a table of it.
    """
    nats = nats_per(unit)
    names, columns, kinds = _columns(X, discrete_features)
    variables = _variables(columns, y, kinds, continuous, seed)
    formulas = [formula(name, TARGET) for name in names]
    found = with_p_values(variables, formulas, estimator, Request(confidence=None, seed=seed))
    scores = [nan if result is None else float(result) / nats for result in found]
    p_values = [nan if result is None or result.p_value is None else result.p_value for result in found]
    return np.array(scores), np.array(p_values)


class InformationSelector(SelectorMixin, BaseEstimator):  # type: ignore[misc]
    """Features that together tell much of the target, chosen one by one: mRMR, JMI or CMIM.

    Continuous features, and a continuous target, are cut into ∛n quantile bins, 64 at most. See
    `plogp.pairwise.selection` for the three scores and their sources.

    Args:
        method: "mrmr", "jmi" or "cmim".
        n_features_to_select: how many, or a share of them between 0 and 1; None is half of them.
        discrete_features: "auto" takes floats as continuous and all else as discrete; True, False, or a mask or indices
            of the discrete ones.
        estimator: "auto" is independence-shrinkage, which has no bias towards features of many levels; "plug-in", as
            the methods were published; any other estimator of counts.

    Attributes:
        chosen_: places of the features, in the order in which they were chosen.
        scores_: I(feature; target) of each in bits, shape (d,).
        n_features_in_, feature_names_in_: as in scikit-learn.

    Missing values are left out pair by pair. Fewer features than n_features_to_select are an error.
    """

    def __init__(
        self,
        method: str = "mrmr",
        *,
        n_features_to_select: float | None = None,
        discrete_features: Any = "auto",
        estimator: str | Estimator = "auto",
    ) -> None:
        self.method = method
        self.n_features_to_select = n_features_to_select
        self.discrete_features = discrete_features
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> "InformationSelector":
        """Choose features of X, shape (n, d), that tell of y, shape (n,)."""
        if self.method not in METHODS:
            raise UnknownName(
                f"method={self.method!r}; needed: 'mrmr', 'jmi' or 'cmim'", hint=did_you_mean(str(self.method), METHODS)
            )
        array, y = validate_data(self, X, y, dtype=None, ensure_all_finite="allow-nan", ensure_min_samples=2)
        names, columns, kinds = _columns(X if hasattr(X, "columns") else array, self.discrete_features)
        n = _how_many(self.n_features_to_select, len(names))
        variables = _variables(columns, y, kinds, "bins", None)
        chosen = select(variables, names, TARGET, n, self.method, self.estimator)
        self.chosen_, self.scores_ = np.array(chosen.chosen), chosen.relevance / nats_per("bits")
        return self

    def _get_support_mask(self) -> NDArray[np.bool_]:
        check_is_fitted(self)
        mask = np.zeros(self.n_features_in_, bool)
        mask[self.chosen_] = True
        return mask

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.input_tags.categorical = True
        return tags


def _columns(X: Any, discrete: Any) -> tuple[list[str], dict[str, Any], dict[str, str]]:
    """Names of our own for the features, the features, and the kinds that were asked for."""
    if hasattr(X, "columns"):
        parts = [np.asarray(X[name]) for name in X.columns]
    else:
        array = np.asarray(X)
        if array.ndim != 2:
            raise ShapeMismatch(f"X has shape {array.shape}; needed: (n, d)", hint="X.reshape(-1, 1) for one feature")
        parts = list(array.T)
    names = [f"x{i}" for i in range(len(parts))]
    if isinstance(discrete, str) and discrete == "auto":
        return names, dict(zip(names, parts, strict=True)), {}
    mask = np.zeros(len(names), bool)
    mask[... if isinstance(discrete, bool) else discrete] = discrete if isinstance(discrete, bool) else True
    kinds = {name: "discrete" if is_discrete else "continuous" for name, is_discrete in zip(names, mask, strict=True)}
    return names, dict(zip(names, parts, strict=True)), kinds


def _variables(
    columns: Mapping[str, Any], y: Any, kinds: Mapping[str, str], continuous: str, seed: int | None
) -> Variables:
    """The features and the target, of the kind that scikit-learn takes it for."""
    y = np.asarray(y)
    kind = "continuous" if type_of_target(y, input_name="y") == "continuous" else "discrete"
    samples = Samples({**columns, TARGET: y}, kinds={**kinds, TARGET: kind})
    return Variables(samples, continuous=continuous, seed=seed)


def _how_many(wanted: float | None, there: int) -> int:
    """How many features to choose."""
    if wanted is None:
        return max(1, there // 2)
    share = isinstance(wanted, float) and 0 < wanted < 1
    n = round(wanted * there) if share else wanted
    if isinstance(n, bool) or n != int(n) or not 1 <= n <= there:
        raise InvalidValue(
            f"n_features_to_select={wanted!r} of {there} features; needed: 1 to {there}, or a share between 0 and 1",
            hint="None selects half of them",
        )
    return int(n)
