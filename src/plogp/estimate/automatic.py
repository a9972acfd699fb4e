"""Which estimator answers when none is named, and why."""

from collections.abc import Sequence

from plogp.errors import InvalidType
from plogp.estimate.choice import SAMPLE_NAMES, Estimator
from plogp.estimate.differential import NearestNeighbour, Vasicek
from plogp.estimate.groups import Group
from plogp.estimate.ksg import KSG
from plogp.estimate.local import SampleEstimator
from plogp.estimate.notes import quoted

__all__ = ["OF_CLASSES", "SCALE_FREE", "automatic", "checked"]

MANY = 50_000
"""Observations of two columns beyond which neighbours need no correction: it would be less than chance."""

TAKES_OUTCOMES = {"gao", "frenzel-pompe", "mesner-shalizi"}
"""Estimators for which the codes of outcomes are values like others."""

OF_CLASSES = {"ross", "surrogate-ross"}
"""Estimators of what a continuous variable and a discrete one share."""

SCALE_FREE = {"surrogate-ksg", "surrogate-frenzel-pompe", "surrogate-ross"}
"""Estimators to which the scale of a column is nothing; the others get columns of like spreads."""


def automatic(groups: Sequence[Group]) -> tuple[SampleEstimator, str]:
    """The estimator for the entropy of one group, for what two share, or for what two share given a third, and why."""
    kinds = [group.kind for group in groups]
    if len(groups) == 1:
        if kinds == ["mixed"] and groups[0].exponents.size == 1:
            return Vasicek(), f"{why_mixed(groups)}, which spacings may hold"
        return NearestNeighbour(k=5), "continuous, k = 5"
    if "mixed" in kinds or (len(groups) == 3 and "discrete" in kinds):
        return named("frenzel-pompe"), why_mixed(groups)
    if len(groups) == 3:
        return named("surrogate-frenzel-pompe"), "continuous, given continuous"
    if kinds == ["continuous", "continuous"]:
        if len(groups[0]) > MANY and all(group.line is not None for group in groups):
            return KSG(k=3), f"continuous with continuous, more than {MANY:,} rows of one column each"
        return named("surrogate-ksg"), "continuous with continuous"
    if "continuous" in kinds:
        several = sum(group.exponents.size for group in groups) > 1
        return named("surrogate-ross" if several else "ross"), "continuous with discrete"
    return named("frenzel-pompe"), "discrete"


def named(name: str) -> SampleEstimator:
    """The estimator of this name as it is by default."""
    return SAMPLE_NAMES[name]()


def why_mixed(groups: Sequence[Group]) -> str:
    """What makes it a matter of mixed observations."""
    tied = [name for group in groups if group.kind == "mixed" for name in group.tied]
    return f"ties in {quoted(tied)}" if tied else "discrete and continuous variables together"


def checked(estimator: Estimator, groups: Sequence[Group]) -> SampleEstimator:
    """An estimator that was asked for, once it is known to take these groups.

    Raises:
        InvalidType: an estimator of counts for continuous variables, or of continuous ones for discrete variables.
    """
    if not isinstance(estimator, SampleEstimator):
        raise InvalidType(
            f"estimator={estimator.name!r} counts; needed: one for continuous variables", hint="estimator='auto'"
        )
    discrete = [name for group in groups for name in group.columns if name not in group.continuous]
    kinds = {group.kind for group in groups}
    if estimator.name in OF_CLASSES and not (len(groups) == 2 and "discrete" in kinds and len(kinds) == 2):
        raise InvalidType(
            f"estimator={estimator.name!r} for {' and '.join(sorted(group.kind for group in groups))} variables; "
            "needed: a continuous and a discrete one",
            hint="'gao' takes any",
        )
    if discrete and estimator.name not in TAKES_OUTCOMES | OF_CLASSES:
        raise InvalidType(
            f"{quoted(discrete)} is discrete; needed: continuous variables for estimator={estimator.name!r}",
            hint=f"kinds={{{discrete[0]!r}: 'continuous'}}, if it holds such numbers; 'gao' and 'ross' take outcomes",
        )
    return estimator
