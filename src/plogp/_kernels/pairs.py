"""Counting pairs of words: a hash table of two numbers in one key, and windows that run over a stream of words."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = ["Pairs", "add_all", "count_window", "join", "paired"]

EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)
PRIME = np.uint64(0x9E3779B97F4A7C15)
quick = kernel(_nrt=False)  # see plogp._kernels.tokens


class Pairs(NamedTuple):
    """Counts of pairs: keys hold the left word in the high half and the right one in the low, EMPTY where a slot is."""

    keys: NDArray[np.uint64]
    counts: NDArray[np.int64]
    used: NDArray[np.int64]


def paired(slots: int) -> Pairs:
    """An empty table; so many slots, a power of two."""
    return Pairs(np.full(slots, EMPTY), np.zeros(slots, np.int64), np.zeros(1, np.int64))


@quick
def add(table: Pairs, key: np.uint64, weight: int) -> None:
    """Count a pair; the table must have an empty slot."""
    mask = np.uint64(table.keys.size - 1)
    slot = key * PRIME
    slot = (slot ^ (slot >> np.uint64(32))) & mask
    while table.keys[slot] != key:
        if table.keys[slot] == EMPTY:
            table.keys[slot] = key
            table.used[0] += 1
            break
        slot = (slot + np.uint64(1)) & mask
    table.counts[slot] += weight


@quick
def add_all(table: Pairs, keys: NDArray[np.uint64], counts: NDArray[np.int64], start: int) -> int:
    """Count pairs from `start` on, leaving out EMPTY, as far as there is room; where that was."""
    for i in range(start, keys.size):
        if 5 * table.used[0] > 3 * table.keys.size:
            return i
        if keys[i] != EMPTY:
            add(table, keys[i], counts[i])
    return keys.size


@quick
def count_window(
    words: NDArray[np.int32], start: int, weights: NDArray[np.int64], symmetric: bool, table: Pairs
) -> int:
    """Count each word from `start` on with those before it, weights[d - 1] at a distance d, up to a border.

    Returns where there was no more room, or the end.
    """
    for i in range(start, words.size):
        if 5 * table.used[0] > 3 * table.keys.size - 5 * weights.size:
            return i
        if words[i] < 0:
            continue
        for d in range(weights.size):
            j = i - 1 - d
            if j < 0 or words[j] < 0:
                break
            left, right = np.uint64(words[j]), np.uint64(words[i])
            if symmetric and left > right:
                left, right = right, left
            add(table, (left << np.uint64(32)) | right, weights[d])
    return words.size


@quick
def join(words: NDArray[np.int32], keys: NDArray[np.uint64], names: NDArray[np.int32], out: NDArray[np.int32]) -> int:
    """Put the one name of a pair, keys sorted, in the place of its two words, from left to right; how many are left."""
    n = i = 0
    while i < words.size:
        out[n] = words[i]
        if i + 1 < words.size and words[i] >= 0 and words[i + 1] >= 0:
            key = (np.uint64(words[i]) << np.uint64(32)) | np.uint64(words[i + 1])
            place = np.searchsorted(keys, key)
            if place < keys.size and keys[place] == key:
                out[n] = names[place]
                i += 1
        n += 1
        i += 1
    return n
