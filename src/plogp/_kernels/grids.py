"""Distances in whole steps of a grid: looks at many points at once, never wrong by much.

A grid lies about a centre and ends `HALF` steps from it; what is farther is put on its edge. A place on it is a whole
number of 16 bits, so that a vector of the processor holds many. The difference of two places is off from the true one
by less than `DOUBT` steps, or it is too small where something is on the edge. So what isn't less than `above(limit)`
steps away isn't nearer than the limit; and what is less than `surely(limit)` away is, if the grid reaches so far.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.processor import wide

__all__ = ["NOWHERE", "above", "gaps", "greatest", "place", "places_of", "scale_to", "surely"]

Floats = NDArray[np.float64]
Shorts = NDArray[np.int16]
Ints = NDArray[np.int64]
Index = Any  # np.uintp: an index that can't be negative, which is what lets a loop be vectorised
Short = np.int16

HALF = 16000
"""Steps from the centre to the edge; a difference of two places fits in 16 bits then."""

DOUBT = 3
"""Steps; two places that are rounded towards the centre, and rounding of the limit, come to less."""

LEAST = HALF / float(np.finfo(np.float64).max)
"""Steps per unit where the greatest double is at the edge; what is beyond that may be nearer than it seems."""

NOWHERE = 32767
"""More steps than there can be between two places."""

INLINE = {"inline": "always", "fastmath": {"nsz"}}  # a function of its own wouldn't have its caller's width of vectors


@kernel()
def scale_to(reach: float) -> float:
    """Steps per unit of a grid that reaches so far, or as far as doubles do; near the least of them it's wider."""
    return max(HALF / max(reach, 1e-290), LEAST)


@kernel()
def above(limit: float, scale: float) -> Any:
    """Steps: what is so far away, or farther, isn't nearer than the limit."""
    steps = limit * scale
    return Short(np.floor(steps) + DOUBT) if steps < NOWHERE - DOUBT else Short(NOWHERE)


@kernel()
def surely(limit: float, scale: float) -> Any:
    """Steps: what is less far away is nearer than the limit, if the grid reaches so far or holds all points."""
    steps = limit * scale
    return Short(min(np.floor(steps), NOWHERE) - DOUBT) if steps > 0 and scale > LEAST else Short(-1)


@kernel(**INLINE)
def place(x: float, centre: float, scale: float) -> Any:
    """Where a value lies on the grid."""
    steps = (x - centre) * scale
    steps = steps if steps > -HALF else float(-HALF)
    return Short(steps if steps < HALF else float(HALF))


@kernel(**INLINE)
def places_of(x: Floats, at: Index, count: Index, centre: float, scale: float, out: Shorts, to: Index) -> None:
    """Where values lie on the grid."""
    for i in range(count):
        out[to + i] = place(x[at + i], centre, scale)


@kernel(**INLINE)
def gaps(grid: Shorts, at: Index, width: Index, low: Any, high: Any, out: Shorts) -> None:
    """The greatest of what is there, low − q and q − high, for the places q of a coordinate.

    That is the distance to an interval; with its ends exchanged, to its farther end.
    """
    for i in range(width):
        q, u = grid[at + i], out[i]
        s, t = Short(low - q), Short(q - high)
        s = s if s > t else t
        out[i] = s if s > u else u


@kernel()
def greatest(steps: Shorts) -> int:
    """The greatest of some distances, 0 at least."""
    wide()
    most = Short(0)
    for i in range(steps.size):
        most = steps[i] if steps[i] > most else most
    return int(most)
