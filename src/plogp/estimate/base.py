"""What every entropy estimator of discrete observations has in common.

An estimator of entropy looks at the counts through their fingerprint alone: how many cells were seen once, twice, and
so on. A sample of n observations has at most √(2n) distinct counts, so the fingerprint is short however many cells
there are, and what an estimate would be without one observation depends only on the count of that observation's cell.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plogp.cells import compiled
from plogp.errors import InvalidType, InvalidValue

__all__ = ["DiscreteEstimator", "Fingerprint", "Floats", "Ints", "fingerprint", "jackknife_variance"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Fingerprint:
    """The distinct counts of a sample, and how many cells have each.

    Attributes:
        values: the distinct counts, ascending, positive; shape (d,).
        cells: how many cells have that count; shape (d,).
        counts: of the occupied cells; shape (k,).
    """

    values: Ints
    cells: Ints
    counts: Ints

    @cached_property
    def inverse(self) -> Ints:
        """For each occupied cell, the position of its count in `values`; shape (k,)."""
        if not _fits_table(self.counts):
            return np.searchsorted(self.values, self.counts)
        place = np.zeros(self.values[-1] + 1, np.int64)
        place[self.values] = np.arange(self.values.size)
        return place[self.counts]

    @cached_property
    def n(self) -> int:
        """How many observations there are."""
        return int(self.values @ self.cells)

    @cached_property
    def observed(self) -> int:
        """How many cells are occupied."""
        return int(self.cells.sum())

    def seen(self, times: int) -> int:
        """How many cells were seen so many times: `seen(1)` is f₁, the singletons."""
        return int(self.cells[self.values == times].sum())

    def without_one_of(self, value: int) -> "Fingerprint":
        """The fingerprint when one observation is taken from a cell of that count."""
        values, inverse = np.unique(np.append(self.values, value - 1), return_inverse=True)
        cells = np.bincount(inverse, weights=np.append(self.cells - (self.values == value), 1)).astype(np.int64)
        keep = (cells > 0) & (values > 0)
        return Fingerprint(values[keep], cells[keep], np.empty(0, dtype=np.int64))


def fingerprint(counts: ArrayLike) -> Fingerprint:
    """The fingerprint of counts of shape (k,); cells of count zero are left out.

    >>> fingerprint([3, 1, 0, 1]).values.tolist()
    [1, 3]
    """
    array = np.asarray(counts)
    if array.ndim != 1 or not np.issubdtype(array.dtype, np.integer):
        raise InvalidType(
            f"counts have dtype {array.dtype} and shape {array.shape}; needed: whole numbers of shape (k,)",
            hint="observations? count them first, or use plogp.estimate.entropy",
        )
    least = array.min(initial=1)
    if least < 0:
        raise InvalidValue(f"counts hold {least}; needed: whole numbers, zero or more", hint="check the counting")
    occupied = (array if least else array[array > 0]).astype(np.int64, copy=False)
    if not occupied.size:
        raise InvalidValue("counts hold no observation; needed: one at least", hint="is the table empty?")
    if not _fits_table(occupied):
        return Fingerprint(*np.unique(occupied, return_counts=True), occupied)
    kernels = compiled(occupied.size)
    if kernels is None:
        table = np.bincount(occupied)  # far quicker than sorting
    else:
        table = np.zeros(occupied.max() + 1, np.int64)
        kernels.tally(table, occupied, None)
    values = np.flatnonzero(table)
    return Fingerprint(values, table[values], occupied)


def _fits_table(counts: Ints) -> bool:
    """Whether a table of all counts up to the greatest is small, and so quicker than sorting."""
    return bool(counts.max() <= 4 * counts.size + 1000)


@dataclass(frozen=True)
class DiscreteEstimator(ABC):
    """A rule that estimates the entropy of a distribution from counts of independent observations."""

    name: ClassVar[str]

    def entropy(self, counts: ArrayLike, n_outcomes: int | None = None) -> float:
        """The entropy in nats.

        Args:
            counts: how often each outcome was seen, shape (k,); outcomes never seen may be left out.
            n_outcomes: how many outcomes are possible, where that is known.
        """
        return self.of(fingerprint(counts), n_outcomes)

    @abstractmethod
    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        """The entropy in nats, from the fingerprint of the counts."""

    def leave_one_out(self, counts: Fingerprint, n_outcomes: int | None = None) -> Floats:
        """The entropy when one observation is taken from a cell, for each distinct count of a cell; shape (d,)."""
        return np.array([self.of(counts.without_one_of(int(value)), n_outcomes) for value in counts.values])


def jackknife_variance(leave_one_out: Floats, counts: Ints) -> float:
    """V_J = ((n − 1)/n) Σ nₖ (Ĥ₍₋ₖ₎ − mean)², the mean weighted by nₖ; both of shape (k,)."""
    n = int(counts.sum())
    mean = counts @ leave_one_out / n
    return float((n - 1) / n * (counts @ (leave_one_out - mean) ** 2))
