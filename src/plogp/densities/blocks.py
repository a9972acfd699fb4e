"""Information between blocks of a multivariate normal or t law."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from plogp.densities.answers import How, answer
from plogp.densities.entropies import of_t
from plogp.densities.ladder import Found
from plogp.densities.law import Law, Sampled
from plogp.densities.reading import law
from plogp.densities.stable import HALF_LOG_2PI
from plogp.errors import InvalidType, InvalidValue
from plogp.result import Result

__all__ = ["conditional_entropy", "mutual_information"]

SOURCES = {
    "multivariate normal": "Cover & Thomas 2006, doi:10.1002/047174882X",
    "multivariate t": "Zografos & Nadarajah 2005, Statist. Probab. Lett. 71, 71-84",
}


def mutual_information(joint: Any, split: int | Sequence[int], *, unit: str = "bits") -> Result:
    """What two blocks of variables tell of each other: I = −½ Σ log(1 − ρ²), ρ their canonical correlations.

    Args:
        joint: a multivariate normal or t distribution of d variables, or a batch of them. Of the t law,
            I is that, and what the common scale tells: of uncorrelated blocks it isn't 0.
        split: the size of the first block, or the indices of its variables; the others are the second block.
        unit: "bits", "nats" or "hartleys".

    Returns:
        A Result, through which gradients flow.

    Raises:
        InvalidType: another distribution.
        InvalidValue: a block that is empty, or indices that aren't there; a singular covariance.
        UnknownName: a unit that isn't there.

    Source: Cover & Thomas 2006, doi:10.1002/047174882X; of the t law, Zografos & Nadarajah 2005, Statist. Probab. Lett.
    71, 71-84.

    >>> from scipy.stats import multivariate_normal
    >>> print(mutual_information(multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]]), 1))
    I(x1;x2) = 0.3219 bits  (Closed-Form)
    """
    p = _blocks(joint)
    d = p.at.tril.shape[-1]
    first, second = _split(split, d)
    m, xp = p.m, p.m.xp

    def closed() -> tuple[Any, str]:
        covariance = xp.matmul(p.at.tril, p.at.tril.mT)
        a, b = (xp.linalg.cholesky(covariance[..., i, :][..., :, i]) for i in (first, second))
        half = m.under(a, covariance[..., first, :][..., :, second])
        between = m.under(b, half.mT)
        rho = xp.linalg.svdvals(between)
        value = -0.5 * m.sum(m.log1p(-rho * rho))
        if p.family == "multivariate t":
            value = (
                value + of_t(m, p.at.df, len(first) / 2) + of_t(m, p.at.df, len(second) / 2) - of_t(m, p.at.df, d / 2)
            )
        return value, SOURCES[p.family]

    return answer(
        f"I({_names(first)};{_names(second)})", (p,), p.batch, How(unit, None, None, None, None), closed, _never
    )


def conditional_entropy(joint: Any, given: int | Sequence[int], *, unit: str = "bits") -> Result:
    """The differential entropy that is left of the other variables when some are known: h(rest | given).

    Args:
        joint: as in `mutual_information`.
        given: the number of the first variables that are known, or the indices of the known ones.
        unit: "bits", "nats" or "hartleys".

    Returns:
        A Result, through which gradients flow; it may be negative.

    Raises:
        InvalidType, InvalidValue, UnknownName: as in `mutual_information`.

    Source: Cover & Thomas 2006, doi:10.1002/047174882X.

    >>> from scipy.stats import multivariate_normal
    >>> print(conditional_entropy(multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]]), given=[0]))
    h(x2|x1) = 1.7252 bits  (Closed-Form)
    """
    p = _blocks(joint)
    d = p.at.tril.shape[-1]
    known, rest = _split(given, d)
    m, xp = p.m, p.m.xp

    def closed() -> tuple[Any, str]:
        covariance = xp.matmul(p.at.tril, p.at.tril.mT)
        order = [*known, *rest]
        diagonal = m.diagonal(xp.linalg.cholesky(covariance[..., order, :][..., :, order]))
        value = m.sum(m.log(diagonal[..., len(known) :]))
        if p.family == "multivariate t":
            value = value + of_t(m, p.at.df, d / 2) - of_t(m, p.at.df, len(known) / 2)
        else:
            value = value + len(rest) * (HALF_LOG_2PI + 0.5)
        return value, SOURCES[p.family]

    return answer(
        f"h({_names(rest)}|{_names(known)})", (p,), p.batch, How(unit, None, None, None, None), closed, _never
    )


def _blocks(joint: Any) -> Law:
    p = law("joint", joint)
    if p.family not in ("multivariate normal", "multivariate t"):
        raise InvalidType(
            f"`joint` is {p.name}; needed: a multivariate normal or t distribution",
            hint="samples? plogp.estimate.mutual_information; probabilities? plogp.mutual_information",
        )
    return p


def _split(split: int | Sequence[int], d: int) -> tuple[list[int], list[int]]:
    """The indices of a block, and the others.

    Raises:
        InvalidValue: one of both is empty, or an index isn't there or comes twice.
    """
    whole = isinstance(split, int | np.integer) and not isinstance(split, bool)
    first = list(range(split)) if whole else [int(i) for i in split]  # type: ignore[arg-type, union-attr]
    second = [i for i in range(d) if i not in first]
    if not first or not second or len(set(first)) < len(first) or not set(first) <= set(range(d)):
        raise InvalidValue(
            f"{split!r} doesn't split {d} variables in two; needed: the size of the first block, from 1 to {d - 1}, or "
            f"the indices of its variables, from 0 to {d - 1}",
            hint="both blocks need a variable",
        )
    return first, second


def _names(block: Sequence[int]) -> str:
    return ",".join(f"x{i + 1}" for i in block)


def _never(laws: tuple[Sampled, ...], rung: str) -> Found:
    raise AssertionError("closed forms have no other rung")
