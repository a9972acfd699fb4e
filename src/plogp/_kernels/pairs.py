"""Counting pairs: a hash table of two numbers in one key, and rows of what follows each word of a stream."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = ["EMPTY", "Pairs", "Rows", "add", "by_word", "count_rows", "grow", "join", "paired", "place_of", "roomy"]

EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
PRIME = np.uint64(0x9E3779B97F4A7C15)
ROW, WRITTEN, READ = range(3)  # the state: the row to go on with, how many pairs are written, and the next to be read
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


class Rows(NamedTuple):
    """Counts of pairs by their left word: word w is left of rights[starts[w]:starts[w + 1]], so often each."""

    starts: NDArray[np.int64]
    rights: NDArray[np.int32]
    counts: NDArray[np.int64]


def roomy(rows: Rows, state: NDArray[np.int64], end: int) -> None:
    """Move what isn't read, up to `end`, to the end of the memory, which grows if any row mightn't fit before it."""
    read, size, row = int(state[READ]), rows.rights.size, rows.starts.size
    more = max(size // 8, row) if size - state[WRITTEN] - (end - read) < row else 0
    for array in (rows.rights, rows.counts):
        array.resize(size + more, refcheck=False)
        array[size + more - (end - read) :] = array[read:end]
    state[READ] = size + more - (end - read)


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
def by_word(words: NDArray[np.int32], bounds: NDArray[np.int64], order: NDArray[np.int32]) -> None:
    """The places of each word, in order: those of word w are order[bounds[w - 1]:bounds[w]], or from 0 on."""
    bounds[:] = 0
    for word in words:
        if word >= 0:
            bounds[word + 1] += 1
    for word in range(1, bounds.size):
        bounds[word] += bounds[word - 1]
    for i in range(words.size):
        if words[i] >= 0:
            order[bounds[words[i]]] = i
            bounds[words[i]] += 1


@quick
def count_rows(
    words: NDArray[np.int32],
    bounds: NDArray[np.int64],
    order: NDArray[np.int32],
    weights: NDArray[np.int64],
    near: int,
    rows: Rows,
    where: NDArray[np.int64],
    state: NDArray[np.int64],
) -> bool:
    """Count each word, in the order of `by_word`, with those that follow it, weights[d] at a distance near + d, up to
    a border; whether there was room for all.

    Rows are read from state[READ] on and written behind; where[w] is the place of w in the row, or in one before.
    """
    for left in range(state[ROW], where.size):
        begin = bounds[left - 1] if left else 0
        row, length = state[WRITTEN], rows.starts[left + 1] - rows.starts[left]
        if state[READ] - row < min(where.size, (bounds[left] - begin) * weights.size):
            state[ROW] = left
            return False
        n, rows.starts[left] = row, row
        for i in range(state[READ], state[READ] + length):
            rows.rights[n], rows.counts[n] = rows.rights[i], rows.counts[i]
            where[rows.rights[n]] = n
            n += 1
        for i in range(begin, bounds[left]):
            first = order[i] + near
            for d in range(min(weights.size, words.size - first)):
                right = words[first + d]
                if right < 0:
                    break
                place = where[right]
                if place < row:
                    where[right] = place = n
                    rows.rights[n], rows.counts[n] = right, 0
                    n += 1
                rows.counts[place] += weights[d]
        state[WRITTEN] = n
        state[READ] += length
    rows.starts[-1] = state[WRITTEN]
    return True


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
