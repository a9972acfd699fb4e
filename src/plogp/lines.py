"""A column of numbers in order: sorted once, for all that asks which of its values are near, equal or in the middle."""

from functools import cached_property, lru_cache
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import in_parts

__all__ = ["Line", "Places", "kth_in_order"]

Floats = NDArray[np.float64]
Places = NDArray[np.int32]

STEPS = 1
"""Of the table of a line, for each of its values."""

ROUNDS = 4
"""In which neighbours may change places after a sort of words, no more of them than one value of so many."""

TAIL = 256
"""One value of so many is in a tail, on either side."""


class Line:
    """Values in order.

    Args:
        values: shape (n,), none of them NaN.
        order: the row of each, where the values come in order already.
    """

    def __init__(self, values: Floats, order: Places | None = None) -> None:
        self.order, self.values = sorted_(values) if order is None else (order, values)
        self._table: tuple[float, float, Places] | None = None

    @cached_property
    def rank(self) -> Places:
        """The place of each value in the order."""
        from plogp._kernels import planes

        rank = np.empty_like(self.order)
        in_parts(lambda begin, stop: planes.places(begin, stop, self.order, rank), rank.size, each=1)
        return rank

    @cached_property
    def repeated(self) -> float:
        """The share of values that occur more than once."""
        same = self.values[1:] == self.values[:-1]
        return float((np.append(same, False) | np.append(False, same)).mean()) if same.any() else 0.0

    @cached_property
    def exponent(self) -> int:
        """The power of two of the spread: of the middle half, or of the whole where half are alike."""
        low, high = (self._quantile(share) for share in (0.25, 0.75))
        return int(np.frexp(high - low if high > low else self.values[-1] - self.values[0])[1])

    def _quantile(self, share: float) -> float:
        place = (self.values.size - 1) * share
        i = min(int(place), max(self.values.size - 2, 0))
        low, high = self.values[i : i + 2][[0, -1]]
        return float(low + (high - low) * (place - i))

    @cached_property
    def typical(self) -> float:
        """How far apart values are that √n others lie between, as a rule."""
        steps = np.diff(self.values[:: max(int(sqrt(self.values.size)), 1)])
        return float(np.median(steps)) if steps.size else 0.0

    @cached_property
    def scores(self) -> "Line":
        """Normal scores of the values, Φ⁻¹((rank − ½)/n); ties share their mean rank."""
        even = even_scores(self.values.size)
        line = Line(even.values, self.order)
        if self.repeated:
            from scipy.special import ndtri

            first = np.flatnonzero(np.append(True, self.values[1:] != self.values[:-1]))
            sizes = np.diff(first, append=self.values.size)
            line.values = np.repeat(ndtri((first + sizes / 2) / self.values.size), sizes)
        else:
            line._table = even.table  # of the same values
        return line

    @property
    def table(self) -> tuple[float, float, Places]:
        """Where to look for a value: where steps begin, how many go to one, and the place of the first in each.

        The steps are of equal width, and most of the values lie among them; the first and the last hold the tails.
        Made at the first call; a cached property of Python 3.11 would let only one line make its own at a time.
        """
        if self._table is None:
            self._table = steps(self.values)
        return self._table

    def kth_distance(self, k: int) -> Floats:
        """How far the k-th other value is from each; in order."""
        return kth_in_order(self.values, k)

    def count(self, limits: Floats, *, alone: bool = False) -> Places:
        """How many other values are nearer to each than its limit; in order, and on one thread if `alone`."""
        from plogp._kernels import planes

        counts, held = np.empty(self.values.size, np.int32), self.table

        def loop(begin: int, stop: int) -> None:
            planes.count(begin, stop, self.values, *held, limits, counts)

        loop(0, counts.size) if alone else in_parts(loop, counts.size)
        return counts

    def in_rows(self, ordered: NDArray[Any]) -> NDArray[Any]:
        """What is in order, for each value where it came."""
        out = np.empty_like(ordered)
        out[self.order] = ordered
        return out

    def without(self, gone: NDArray[np.bool_]) -> "Line":
        """The line of the other rows, which close up."""
        left = ~gone[self.order]
        places = np.cumsum(~gone, dtype=np.int32) - np.int32(1)
        return Line(self.values[left], places[self.order[left]])


def sorted_(values: Floats) -> tuple[Places, Floats]:
    """The order of values, and the values in it.

    A word of 64 bits holds the first of a value's bits, as a whole number that is ordered alike, and its row: NumPy
    sorts words in a third of the time that an order takes. Values whose words agree up to the row are put right after.
    """
    row, bits = np.int64((1 << values.size.bit_length()) - 1), values.astype(np.float64, copy=False).view(np.int64)
    words = bits >> 63
    words &= np.iinfo(np.int64).max  # of a negative number all bits are turned but the sign
    words ^= bits
    words &= ~row
    words |= np.arange(values.size)
    words.sort()
    words &= row
    order, found = words.astype(np.int32), values[words]
    for _ in range(ROUNDS):
        wrong = np.flatnonzero(found[1:] < found[:-1])
        if not wrong.size:
            return order, found
        if wrong.size > values.size // ROUNDS:
            break
        wrong = wrong[np.append(True, np.diff(wrong) > 1)]
        for some in (order, found):
            some[wrong], some[wrong + 1] = some[wrong + 1], some[wrong]
    order = np.argsort(values).astype(np.int32)
    return order, values[order]


def steps(values: Floats) -> tuple[float, float, Places]:
    """The table of values in order."""
    from plogp._kernels import planes

    n = values.size
    origin, end = float(values[n // TAIL]), float(values[n - 1 - n // TAIL])
    with np.errstate(all="ignore"):  # what is too wide or too narrow for a step has none, and is searched
        scale = float(STEPS * n / np.float64(end - origin))
    scale = scale if 0 < scale < np.inf else 0.0
    table = np.empty(STEPS * n + 3, np.int32)
    planes.buckets(values, origin, scale, table)
    return origin, scale, table


@lru_cache(maxsize=2)
def even_scores(n: int) -> Line:
    """Normal scores of n values without ties, which are the same for all columns."""
    from scipy.special import ndtri

    return Line(ndtri((np.arange(n) + 0.5) / n), np.arange(n, dtype=np.int32))


def kth_in_order(v: Floats, k: int) -> Floats:
    """How far the k-th other is from each of values in order, as the narrowest window of k + 1 around it tells."""
    n = v.size
    radii = np.full(n, np.inf)
    for j in range(k + 1):
        middle = slice(j, n - k + j)
        np.minimum(radii[middle], np.maximum(v[middle] - v[: n - k], v[k:] - v[middle]), out=radii[middle])
    return radii
