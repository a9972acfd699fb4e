"""The small table of names: what may be said for an estimator."""

from plogp.errors import InvalidType, UnknownName, did_you_mean
from plogp.estimate.base import DiscreteEstimator
from plogp.estimate.discrete import ChaoShen, ChaoWangJost, Grassberger, MillerMadow, PlugIn, Shrinkage, Zhang
from plogp.estimate.independence import IndependenceShrinkage
from plogp.estimate.nsb import NSB

__all__ = ["NAMES", "estimator"]

NAMES: dict[str, type[DiscreteEstimator]] = {
    kind.name: kind
    for kind in (
        PlugIn,
        MillerMadow,
        Grassberger,
        Zhang,
        ChaoShen,
        ChaoWangJost,
        Shrinkage,
        NSB,
        IndependenceShrinkage,
    )
}
"""Every estimator by its name, which is that of its class in kebab case."""


def estimator(choice: str | DiscreteEstimator) -> DiscreteEstimator:
    """The estimator that a name, or an estimator itself, stands for; "auto" is independence-shrinkage.

    Raises:
        UnknownName: no such name; the nearest is suggested.
        InvalidType: neither a name nor an estimator.

    >>> estimator("chao-shen")
    ChaoShen()
    >>> estimator("ChaoShen")
    Traceback (most recent call last):
    plogp.errors.UnknownName: estimator='ChaoShen' isn't known; needed: a name in kebab case or an object of
    plogp.estimate. hint: did you mean `chao-shen`?
    """
    if isinstance(choice, DiscreteEstimator):
        return choice
    if not isinstance(choice, str):
        raise InvalidType(
            f"estimator={choice!r}; needed: a name in kebab case or an object of plogp.estimate",
            hint=f"make one: {choice.__name__}()" if isinstance(choice, type) else "such as 'chao-shen' or ChaoShen()",
        )
    if choice == "auto":
        return IndependenceShrinkage()
    if choice not in NAMES:
        raise UnknownName(
            f"estimator={choice!r} isn't known; needed: a name in kebab case or an object of plogp.estimate",
            hint=did_you_mean(_kebab(choice), ["auto", *NAMES]),
        )
    return NAMES[choice]()


def _kebab(name: str) -> str:
    """ChaoShen, chao_shen, "Chao Shen" -> chao-shen."""
    spaced = "".join(f"-{a}" if a.isupper() and b.islower() else a for a, b in zip(name, f"{name[1:]} ", strict=True))
    return "-".join(spaced.lower().replace("_", " ").replace("-", " ").split())
