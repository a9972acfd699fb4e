"""Neighbours in max-norm among points of a plane, and counts along a line.

The plane is cut into strips of equally many points by the rank of one coordinate, and each strip is sorted by the
other. The next few points of its strip, both ways, are looked at for many points at once and without a branch. From
there a point looks on along its strip, as far as the neighbours found so far allow, and then into the strips to either
side. Points of a strip come in order, so that where to begin in another strip only moves on.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.processor import wide

__all__ = ["buckets", "count", "distribute", "gather", "nearer_than_like", "nearest", "places", "scatter"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Places = NDArray[np.int32]
Index = Any  # np.uintp: an index that can't be negative, which is what lets a loop be vectorised

BLOCK = 256
"""Points that look along their strip at once."""

AHEAD = 6.0
"""Points that each looks at, both ways, in units of √k."""

EXACT = {"fastmath": {"nnan", "nsz"}}  # no NaN comes, and the lesser of two numbers is exact

NEXT = 8
"""Values that are compared at once, before halving begins."""

FEW = 16
"""Places that are looked at one by one before halving begins."""


@kernel()
def places(begin: int, stop: int, order: Places, rank: Places) -> None:
    """The place in an order of each of the rows at begin..stop-1 of it."""
    for i in range(begin, stop):
        rank[order[i]] = i


@kernel()
def gather(begin: int, stop: int, values: Places, order: Places, out: Places) -> None:
    """The values at places begin..stop-1 of an order."""
    for i in range(begin, stop):
        out[i] = values[order[i]]


@kernel()
def scatter(values: Places, order: Places, out: Places) -> None:
    """Put values that are in an order where they came."""
    for i in range(order.size):
        out[order[i]] = values[i]


@kernel()
def distribute(
    first: int, last: int, rank: Places, u: Floats, v: Floats, starts: Ints, points: Floats, at_u: Places, at_v: Places
) -> None:
    """Put the points of strips first..last-1 in order.

    Args:
        rank: for each point in order of v its rank in u, shape (n,).
        u, v: both coordinates, each in its own order.
        starts: where each strip begins, by rank in u, and the last ends.
        points: u and v of the points, strip by strip, in order of v; shape (2, n).
        at_u, at_v: their ranks in u and in v.
    """
    strip = np.empty(starts[last] - starts[first], np.int32)
    cursors = starts[first : last + 1].copy()
    for s in range(first, last):
        strip[starts[s] - starts[first] : starts[s + 1] - starts[first]] = s - first
    for j in range(rank.size):
        i = rank[j] - starts[first]
        if 0 <= i < strip.size:
            place = cursors[strip[i]]
            cursors[strip[i]] = place + 1
            points[0, place], points[1, place] = u[rank[j]], v[j]
            at_u[place], at_v[place] = rank[j], j


@kernel(inline="always")
def insert(best: Floats, k: int, found: float) -> Any:
    """Put a distance among the least k, and say the greatest of these."""
    j = k - 1
    while j > 0 and best[j - 1] > found:
        best[j] = best[j - 1]
        j -= 1
    best[j] = found
    return best[k - 1]


@kernel(**EXACT)
def apart(u: Floats, v: Floats, here: Index, there: Index, out: Floats) -> None:
    """How far the points from `here` on are from those from `there` on, one from one."""
    wide()
    for i in range(np.uintp(out.size)):
        a, b = abs(u[there + i] - u[here + i]), abs(v[there + i] - v[here + i])
        out[i] = a if a > b else b


@kernel(**EXACT)
def keep(best: Floats, found: Floats) -> None:
    """The lesser of each two numbers in `best`, and the greater in `found`."""
    wide()
    for i in range(np.uintp(best.size)):
        a, b = best[i], found[i]
        best[i] = b if b < a else a
        found[i] = a if b < a else b


@kernel()
def look_along(u: Floats, v: Floats, start: int, stop: int, block: int, reach: int, near: Floats) -> None:
    """Of points from `block` on the least distances, shape (k, BLOCK), to those within so many places in the strip."""
    found, near[:] = np.empty(BLOCK), np.inf
    for step in range(-reach, reach + 1):
        a, b = max(block, start - step), min(block + BLOCK, stop, stop - step)
        if step != 0 and a < b:
            apart(u, v, np.uintp(a), np.uintp(a + step), found[: b - a])
            for j in range(near.shape[0]):
                keep(near[j, a - block : b - block], found[: b - a])


@kernel()
def nearest(
    first: int, last: int, k: int, u: Floats, starts: Ints, points: Floats, at_u: Places, at_v: Places, radii: Floats
) -> None:
    """The distances from points of strips first..last-1 to the k-th other; shape (2, n), in order of u, and of v."""
    strips, best, begin, us, vs = starts.size - 1, np.empty(k), starts[:-1].copy(), points[0], points[1]
    reach, near = int(AHEAD * np.sqrt(k)), np.empty((k, BLOCK))
    for s in range(first, last):
        begin[:] = starts[:-1]
        for i in range(starts[s], starts[s + 1]):
            c = (i - starts[s]) % BLOCK
            if c == 0:
                look_along(us, vs, starts[s], starts[s + 1], i, reach, near)
            for j in range(k):
                best[j] = near[j, c]
            x, y, worst = us[i], vs[i], best[k - 1]
            t, side, up, down = s, -1, i + reach + 1, i - reach - 1
            while True:
                while up < starts[t + 1]:  # written out, both ways: as functions, these loops took twice the time
                    away = vs[up] - y
                    if away >= worst:
                        break
                    found = max(abs(us[up] - x), away)
                    if found < worst:
                        worst = insert(best, k, found)
                    up += 1
                while down >= starts[t]:
                    away = y - vs[down]
                    if away >= worst:
                        break
                    found = max(abs(us[down] - x), away)
                    if found < worst:
                        worst = insert(best, k, found)
                    down -= 1
                t += side
                if side < 0 and (t < 0 or x - u[starts[t + 1] - 1] >= worst):
                    t, side = s + 1, 1
                if side > 0 and (t == strips or u[starts[t]] - x >= worst):
                    break
                up = begin[t]
                while up < starts[t + 1] and vs[up] < y:
                    up += 1
                begin[t], down = up, up - 1
            radii[0, at_u[i]] = worst
            radii[1, at_v[i]] = worst


@kernel()
def buckets(values: Floats, origin: float, scale: float, table: Places) -> None:
    """For each step the place of the first value there or beyond; then their end. The outer steps reach to the ends."""
    last, least = table.size - 3, values.size
    table[:] = least
    for i in range(values.size - 1, -1, -1):
        z = (values[i] - origin) * scale
        table[np.int64(z) if 0 < z < last else last if z > 0 else 0] = i
    for b in range(table.size - 1, -1, -1):
        least = min(least, int(table[b]))
        table[b] = least


@kernel()
def beyond(values: Floats, x: float, limit: float, low: int, high: int) -> int:
    """The first place of low..high whose value isn't less than `limit` above x."""
    while low < high:
        middle = (low + high) // 2
        if values[middle] - x < limit:
            low = middle + 1
        else:
            high = middle
    return low


@kernel()
def within(values: Floats, x: float, limit: float, low: int, high: int) -> int:
    """The first place of low..high whose value is less than `limit` below x, or above it."""
    while low < high:
        middle = (low + high) // 2
        if x - values[middle] < limit:
            high = middle
        else:
            low = middle + 1
    return low


@kernel()
def count(
    begin: int,
    stop: int,
    values: Floats,
    origin: float,
    scale: float,
    table: Places,
    limits: Floats,
    counts: Places,
) -> None:
    """How many others are nearer than its limit to each value at begin..stop-1; the values are in order.

    The table tells to a step where the limit is, and rounding can't be off by more than one. There the differences
    decide: how many of the next few are within the limit, without a branch, or by halving where all of them are.
    """
    n, last = values.size, table.size - 3
    for i in range(begin, stop):
        x, limit = values[i], limits[i]
        z = (x + limit - origin) * scale
        b = np.int64(z) if 0 < z < last else 0 if z <= 0 else last
        end, more = int(table[b]), NEXT
        if 0 < end < n - NEXT and values[end - 1] - x < limit:
            more = 0
            for j in range(NEXT):
                more += int(values[end + j] - x < limit)
        end += more if more < NEXT else beyond(values, x, limit, table[max(b - 1, 0)], table[b + 2]) - end
        z = (x - limit - origin) * scale
        b = np.int64(z) if 0 < z < last else last if z > 0 else 0
        start, more = int(table[b]), NEXT
        if 0 < start < n - NEXT and x - values[start - 1] >= limit:
            more = 0
            for j in range(NEXT):
                more += int(x - values[start + j] >= limit)
        start += more if more < NEXT else within(values, x, limit, table[max(b - 1, 0)], table[b + 2]) - start
        counts[i] = max(end - start - 1, 0)


@kernel()
def nearer_than_like(values: Floats, codes: Any, sizes: Ints, k: int, counts: Places) -> None:
    """How many values are nearer to each than the k-th other of its code, or the last where there are fewer.

    Itself is among them. The values are in order, with their codes; the k-th of a code is in the narrowest window of
    k + 1 of that code around the value, and the ends of what is nearer are near the ends of that window.
    """
    starts = np.zeros(sizes.size + 1, np.int64)
    starts[1:] = np.cumsum(sizes)
    places, like, cursors = np.empty(values.size, np.int32), np.empty(values.size), starts[:-1].copy()
    for i in range(values.size):
        place = cursors[codes[i]]
        cursors[codes[i]] = place + 1
        places[place], like[place] = i, values[i]
    for c in range(sizes.size):
        least = min(k, sizes[c] - 1)
        for j in range(starts[c], starts[c + 1]):
            x, limit, window = like[j], np.inf, j
            for w in range(max(starts[c], j - least), min(j, starts[c + 1] - 1 - least) + 1):
                farther = max(x - like[w], like[w + least] - x)
                if farther < limit:
                    limit, window = farther, w
            end, start = places[window + least], places[window]
            counts[places[j]] = end_near(values, x, limit, end) - start_near(values, x, limit, start)


@kernel()
def end_near(values: Floats, x: float, limit: float, place: int) -> int:
    """The first place whose value isn't less than `limit` above x, looked for from a place near it."""
    for _ in range(FEW):
        if place == values.size or values[place] - x >= limit:
            break
        place += 1
    else:
        return beyond(values, x, limit, place, values.size)
    for _ in range(FEW):
        if place == 0 or values[place - 1] - x < limit:
            return place
        place -= 1
    return beyond(values, x, limit, 0, place)


@kernel()
def start_near(values: Floats, x: float, limit: float, place: int) -> int:
    """The first place whose value is less than `limit` below x, looked for from a place near it."""
    for _ in range(FEW):
        if place == values.size or x - values[place] < limit:
            break
        place += 1
    else:
        return within(values, x, limit, place, values.size)
    for _ in range(FEW):
        if place == 0 or x - values[place - 1] >= limit:
            return place
        place -= 1
    return within(values, x, limit, 0, place)
