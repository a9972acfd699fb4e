"""Counting pairs of words: a hash table of two numbers in one key, and windows that run over a stream of words."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = ["EMPTY", "Pairs", "add", "add_all", "compacted", "count_window", "grow", "join", "paired", "place_of"]

EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
PRIME = np.uint64(0x9E3779B97F4A7C15)
quick = kernel(_nrt=False, forceinline=True)  # see plogp._kernels.tokens


class Pairs(NamedTuple):
    """Counts of pairs by hash: cells[2 i] is a key, EMPTY at first, and cells[2 i + 1], near in memory, its count.

    A key has the left word in its high half and the right one in its low half.
    """

    cells: NDArray[np.uint64]
    used: NDArray[np.int64]

    @property
    def keys(self) -> NDArray[np.uint64]:
        """Those of all slots."""
        return self.cells[::2]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Those of all slots."""
        return self.cells[1::2].view(np.int64)


def paired(slots: int) -> Pairs:
    """An empty table; so many slots, a power of two."""
    table = Pairs(np.zeros(2 * slots, np.uint64), np.zeros(1, np.int64))
    table.keys[:] = EMPTY
    return table


def grow(table: Pairs, at_least: int) -> None:
    """Make room for so many more, in place, as a second table beside it would take half as much memory again."""
    slots = table.keys.size
    larger = 2 * slots
    while 3 * larger < 5 * (int(table.used[0]) + 2 * at_least):
        larger *= 2
    table.cells.resize(2 * larger, refcheck=False)  # zeros follow
    table.keys[slots:] = EMPTY
    spread(table.cells, slots)


@quick
def hashed(key: np.uint64) -> np.uint64:
    """Where the search for a key begins."""
    key = key * PRIME
    return key ^ (key >> np.uint64(32))


@quick
def place_of(cells: NDArray[np.uint64], key: np.uint64) -> np.uint64:
    """Where a key is among the cells, or would be."""
    mask = np.uint64(cells.size - 1)
    place = (hashed(key) << np.uint64(1)) & mask
    while cells[place] != key and cells[place] != EMPTY:
        place = (place + np.uint64(2)) & mask
    return place


@quick
def spread(cells: NDArray[np.uint64], slots: int) -> None:
    """Put the pairs of the first slots where they belong among all.

    From the end of a run on, so that each finds its place where it was before, or nearer to where its search begins,
    or among the new ones: never beyond one that is still to be moved.
    """
    start = 0
    while cells[2 * start] != EMPTY:
        start += 1
    for i in range(start, start + slots):
        old = 2 * (i & (slots - 1))
        key, count = cells[old], cells[old + 1]
        if key != EMPTY:
            cells[old], cells[old + 1] = EMPTY, np.uint64(0)
            place = place_of(cells, key)
            cells[place], cells[place + np.uint64(1)] = key, count


@quick
def add(table: Pairs, key: np.uint64, weight: int) -> None:
    """Count a pair; the table must have an empty slot."""
    mask = np.uint64(table.cells.size - 1)
    place = (hashed(key) << np.uint64(1)) & mask
    while table.cells[place] != key:
        if table.cells[place] == EMPTY:
            table.cells[place] = key
            table.used[0] += 1
            break
        place = (place + np.uint64(2)) & mask
    table.cells[place + np.uint64(1)] += np.uint64(weight)


@quick
def add_all(table: Pairs, keys: NDArray[np.uint64], counts: NDArray[np.int64], start: int) -> int:
    """Count pairs from `start` on, leaving out EMPTY, as far as there is room; where that was."""
    for i in range(start, keys.size):
        if 10 * table.used[0] > 3 * table.cells.size:
            return i
        if keys[i] != EMPTY:
            add(table, keys[i], counts[i])
    return keys.size


@quick
def compacted(table: Pairs) -> int:
    """Move the pairs that are counted to the front, where their slots end; the table is none any more."""
    n = 0
    for place in range(0, table.cells.size, 2):
        if table.cells[place] != EMPTY:
            table.cells[n], table.cells[n + 1] = table.cells[place], table.cells[place + 1]
            n += 2
    return n


@quick
def count_window(
    words: NDArray[np.int32], start: int, weights: NDArray[np.int64], symmetric: bool, table: Pairs
) -> int:
    """Count each word from `start` on with those before it, weights[d - 1] at a distance d, up to a border.

    Returns where there was no more room, or the end.
    """
    for i in range(start, words.size):
        if 10 * (table.used[0] + weights.size) > 3 * table.cells.size:
            return i
        if words[i] < 0:
            continue
        for d in range(weights.size):
            j = i - 1 - d
            if j < 0 or words[j] < 0:
                break
            left, right = np.uint64(words[j]), np.uint64(words[i])
            if symmetric:
                left, right = min(left, right), max(left, right)
            add(table, (left << np.uint64(32)) | right, weights[d])
    return words.size


@quick
def name_of(words: NDArray[np.int32], i: int, keys: NDArray[np.uint64], names: NDArray[np.int32]) -> int:
    """The name of the pair that starts at i; -1 where it has none."""
    if words[i + 1] < 0:
        return -1
    key = (np.uint64(words[i]) << np.uint64(32)) | np.uint64(words[i + 1])
    place = np.searchsorted(keys, key)
    return int(names[place]) if place < keys.size and keys[place] == key else -1


@quick
def join(
    words: NDArray[np.int32], keys: NDArray[np.uint64], names: NDArray[np.int32], out: NDArray[np.int32]
) -> tuple[int, int]:
    """Put the one name of a pair, keys sorted, in the place of its two words, unless the second begins a stronger pair.

    The stronger a pair, the lower its name. Returns how many are written, and where the reading ended:
    before words that may belong to what follows.
    """
    n = i = 0
    while i < words.size:
        out[n] = words[i]
        if words[i] >= 0:
            if i + 2 >= words.size and words[-1] >= 0:
                break
            name = name_of(words, i, keys, names)
            if name >= 0 and (words[i + 2] < 0 or not 0 <= name_of(words, i + 1, keys, names) < name):
                out[n] = name
                i += 1
        n += 1
        i += 1
    return n, i
