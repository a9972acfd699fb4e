"""The small table of names: what may be said for an estimator."""

from plogp.errors import InvalidType, UnknownName, did_you_mean
from plogp.estimate.base import DiscreteEstimator
from plogp.estimate.conditional import FrenzelPompe, MesnerShalizi
from plogp.estimate.differential import NearestNeighbour, Vasicek
from plogp.estimate.discrete import (
    AddConstant,
    ChaoShen,
    ChaoWangJost,
    Grassberger,
    MillerMadow,
    PlugIn,
    Shrinkage,
    Zhang,
)
from plogp.estimate.divergence import SurrogateWangKulkarniVerdu, WangKulkarniVerdu
from plogp.estimate.gaussian import Gaussian, GaussianCopula
from plogp.estimate.independence import IndependenceShrinkage
from plogp.estimate.ksg import KSG
from plogp.estimate.local import SampleEstimator
from plogp.estimate.mixed import Gao, Ross
from plogp.estimate.nsb import NSB
from plogp.estimate.surrogate import SurrogateKSG
from plogp.estimate.surrogate_frenzel_pompe import SurrogateFrenzelPompe
from plogp.estimate.surrogate_ross import SurrogateRoss

__all__ = ["NAMES", "SAMPLE_NAMES", "Estimator", "discrete", "estimator"]

Estimator = DiscreteEstimator | SampleEstimator

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
        AddConstant,
        NSB,
        IndependenceShrinkage,
    )
}
"""Every estimator of counts by its name, which is that of its class in kebab case."""

SAMPLE_NAMES: dict[str, type[SampleEstimator]] = {
    kind.name: kind
    for kind in (
        KSG,
        SurrogateKSG,
        Gaussian,
        GaussianCopula,
        Ross,
        SurrogateRoss,
        Gao,
        FrenzelPompe,
        SurrogateFrenzelPompe,
        MesnerShalizi,
        NearestNeighbour,
        Vasicek,
        WangKulkarniVerdu,
        SurrogateWangKulkarniVerdu,
    )
}
"""Every estimator of continuous and mixed observations by its name."""


def estimator(choice: str | Estimator) -> Estimator:
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
    if isinstance(choice, Estimator):
        return choice
    if not isinstance(choice, str):
        raise InvalidType(
            f"estimator={choice!r}; needed: a name in kebab case or an object of plogp.estimate",
            hint=f"make one: {choice.__name__}()" if isinstance(choice, type) else "such as 'chao-shen' or ChaoShen()",
        )
    if choice == "auto":
        return IndependenceShrinkage()
    known = NAMES | SAMPLE_NAMES
    if choice not in known:
        raise UnknownName(
            f"estimator={choice!r} isn't known; needed: a name in kebab case or an object of plogp.estimate",
            hint=did_you_mean(_kebab(choice), ["auto", *known]),
        )
    return known[choice]()


def discrete(choice: str | Estimator) -> DiscreteEstimator:
    """As `estimator`, for counts.

    Raises:
        InvalidType: an estimator that needs the observations themselves.
    """
    chosen = estimator(choice)
    if isinstance(chosen, DiscreteEstimator):
        return chosen
    raise InvalidType(
        f"estimator={chosen.name!r} for counts; it needs the observations themselves",
        hint="give plogp.Samples or a table, or leave out `estimator`",
    )


def _kebab(name: str) -> str:
    """ChaoShen, chao_shen, "Chao Shen" -> chao-shen."""
    spaced = "".join(f"-{a}" if a.isupper() and b.islower() else a for a, b in zip(name, f"{name[1:]} ", strict=True))
    return "-".join(spaced.lower().replace("_", " ").replace("-", " ").split())
