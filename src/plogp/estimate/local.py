"""What every estimator of continuous and mixed observations has in common.

Such an estimator looks at the observations themselves, not at counts of them, and its value is the mean of one term an
observation, whose spread tells how sure it is.
"""

from abc import ABC
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, NoReturn

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidType, InvalidValue
from plogp.estimate.base import Floats, Ints
from plogp.estimate.resampling import Rearrangement, locally_permuted

__all__ = ["Estimate", "SampleEstimator", "atoms", "check_enough", "check_k", "columns", "mean_psi", "psi"]


@dataclass(frozen=True)
class Estimate:
    """What an estimator found, in nats.

    Attributes:
        value: the estimate, never clipped.
        terms: what each observation adds: shape (n,), their mean the value but for a correction without spread; None
            where there is no such split.
        std_error: where the estimator knows its own; None leaves it to halves of the sample, as in `spread.py`.
        doubt: a bias that may remain by the estimator's own account; it widens the interval and not the standard error.
        route: what was done, in words; "" where the name of the estimator says it.
        notes: what a reader must know.
    """

    value: float
    terms: Floats | None = field(default=None, repr=False)
    std_error: float | None = None
    doubt: float = 0.0
    route: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SampleEstimator(ABC):
    """A rule that estimates from observations; each of its verbs takes arrays of shape (n, d) of float64.

    Discrete observations come as whole numbers, codes of their outcomes, in one column. A verb that a rule doesn't have
    is an error that names one which does.
    """

    name: ClassVar[str]

    def entropy(self, x: Floats) -> Estimate:
        """H(x)."""
        self._no("an entropy", "'nearest-neighbour'")

    def mutual_information(self, x: Floats, y: Floats) -> Estimate:
        """I(x;y)."""
        self._no("a mutual information", "'ksg' or 'gao'")

    def conditional_mutual_information(self, x: Floats, y: Floats, z: Floats) -> Estimate:
        """I(x;y|z)."""
        self._no("a conditional mutual information", "'frenzel-pompe' or 'mesner-shalizi'")

    def kl_divergence(self, x: Floats, y: Floats) -> Estimate:
        """D(P ‖ Q) of observations x of P and y of Q, of lengths of their own."""
        self._no("a divergence", "'wang-kulkarni-verdu'")

    def cross_entropy(self, x: Floats, y: Floats) -> Estimate:
        """H(P, Q) of observations x of P and y of Q, of lengths of their own."""
        self._no("a cross-entropy", "'wang-kulkarni-verdu'")

    def rearranged(self, x: Floats, y: Floats) -> Callable[[Ints], float]:
        """I(x;y[order]) as a function of an order of the rows; a rule may do once what doesn't depend on it."""
        return lambda order: self.mutual_information(x, y[order]).value

    def rearranged_given(self, x: Floats, y: Floats, z: Floats) -> tuple[Callable[[Ints], float], Rearrangement]:
        """A statistic of the order of y that grows with I(x;y|z), and the orders that are alike where that is 0."""
        return lambda order: self.conditional_mutual_information(x, y[order], z).value, locally_permuted(columns(z))

    def _no(self, what: str, instead: str) -> NoReturn:
        raise InvalidType(f"estimator={self.name!r} doesn't estimate {what}", hint=f"there is {instead}")


def columns(x: Floats) -> Floats:
    """Observations of shape (n,) as (n, 1), and of shape (n, d) as they are."""
    return x[:, None] if x.ndim == 1 else np.ascontiguousarray(x)


def check_k(k: int) -> None:
    """Refuse a number of neighbours that is none."""
    if not isinstance(k, int) or isinstance(k, bool) or k < 1:
        raise InvalidValue(f"k={k!r} neighbours; needed: a whole number, 1 or more", hint="such as k=3")


def check_enough(n: int, k: int) -> int:
    """n, where n observations have k neighbours each."""
    if n <= k:
        raise InvalidValue(
            f"{n} {'observation' if n == 1 else 'observations'} for k = {k} neighbours; needed: more than k",
            hint="gather more, or take a smaller k",
        )
    return n


def atoms(coincide: int, n: int) -> tuple[str, ...]:
    """What is to be said where observations coincide."""
    return (
        f"{coincide:,} of {n:,} observations coincide with as many others as are asked for, so that no density fits "
        "and the entropy is −∞; are the values rounded? kinds= takes them as discrete",
    ) * bool(coincide)


def psi(counts: NDArray[np.integer[Any]]) -> Floats:
    """The digamma function of whole numbers, which are few beside the observations: from a table."""
    found: Floats = psi_table(int(counts.max()).bit_length())[counts]
    return found


def mean_psi(counts: NDArray[np.integer[Any]]) -> float:
    """The mean of ψ over whole numbers, to the same bits in whatever order they come."""
    times = np.bincount(counts)
    return float(times[1:] @ psi_table(times.size.bit_length())[1 : times.size]) / counts.size


@lru_cache(maxsize=4)
def psi_table(bits: int) -> Floats:
    """The digamma function of the numbers of so many bits; −∞ at 0."""
    from scipy.special import digamma

    return np.append(-np.inf, digamma(np.arange(1, 1 << bits)))
