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
    m, cholesky, covariance = p.m, p.m.xp.linalg.cholesky, p.at.tril @ p.at.tril.mT
    a, b = (cholesky(covariance[..., i, :][..., :, i]) for i in (first, second))
    half = m.under(a, covariance[..., first, :][..., :, second])
    rho = m.xp.linalg.svdvals(m.under(b, half.mT))
    value = -0.5 * m.sum(m.log1p(-rho * rho))
    if p.family == "multivariate t":
        own, others, whole = (of_t(m, p.at.df, k / 2) for k in (len(first), len(second), d))
        value = value + own + others - whole
    return _result(f"I({_names(first)};{_names(second)})", p, value, unit)


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
    m, order = p.m, [*known, *rest]
    covariance = p.at.tril @ p.at.tril.mT
    diagonal = m.diagonal(m.xp.linalg.cholesky(covariance[..., order, :][..., :, order]))
    value = m.sum(m.log(diagonal[..., len(known) :]))
    if p.family == "multivariate t":
        value = value + of_t(m, p.at.df, d / 2) - of_t(m, p.at.df, len(known) / 2)
    else:
        value = value + len(rest) * (HALF_LOG_2PI + 0.5)
    return _result(f"h({_names(rest)}|{_names(known)})", p, value, unit)


def _result(symbol: str, p: Law, value: Any, unit: str) -> Result:
    how = How(unit, None, None, None, None)
    return answer(symbol, (p,), p.batch, how, lambda: (value, SOURCES[p.family]), _never)


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
    given = np.asarray(split)
    first = list(range(int(given))) if given.ndim == 0 and given.dtype.kind in "iu" else []
    if given.ndim == 1 and given.dtype.kind in "iu":
        first = given.tolist()
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
