"""Streams of words -> counts of pairs, in memory that grows with the pairs seen."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from plogp import _kernels
from plogp.text.stream import DOCUMENT, Numbers

__all__ = ["Found", "Keys", "document_pairs", "halves_of", "keys_of", "window_pairs"]

Keys = NDArray[np.uint64]
Integers = NDArray[np.int64]
Found = tuple[Keys, Integers]

BATCH = 1 << 20  # pairs


class PairCounter:
    """Adds up counts of pairs, with NumPy: sorted keys, merged as they come."""

    def __init__(self) -> None:
        self._keys, self._counts = np.empty(0, np.uint64), np.empty(0, np.int64)

    def window(self, words: Numbers, start: int, weights: Integers, symmetric: bool) -> None:
        """Each word from `start` on with those before it, no further than a border."""
        alive = np.arange(words.size) >= start
        alive &= words >= 0
        for d, weight in enumerate(weights, start=1):
            before = np.concatenate([np.full(min(d, words.size), -1, np.int32), words[:-d]])
            alive &= before >= 0
            left, right = before[alive], words[alive]
            if symmetric:
                left, right = np.minimum(left, right), np.maximum(left, right)
            self.add(keys_of(left, right), np.full(left.size, weight, np.int64))

    def add(self, keys: Keys, counts: Integers) -> None:
        """Pairs with their counts."""
        self._keys, places = np.unique(np.concatenate([self._keys, keys]), return_inverse=True)
        total = np.zeros(self._keys.size, np.int64)
        np.add.at(total, places, np.concatenate([self._counts, counts]))
        self._counts = total

    def found(self) -> Found:
        """The pairs, in whatever order, and their counts."""
        return self._keys, self._counts


class CompiledPairCounter(PairCounter):
    """The same with a hash table."""

    def __init__(self) -> None:
        from plogp._kernels import pairs

        self._kernels = pairs
        self._table = pairs.paired(1 << 12)

    def window(self, words: Numbers, start: int, weights: Integers, symmetric: bool) -> None:
        while (start := self._kernels.count_window(words, start, weights, symmetric, self._table)) < words.size:
            self._kernels.grow(self._table, weights.size)

    def add(self, keys: Keys, counts: Integers) -> None:
        start = 0
        while (start := self._kernels.add_all(self._table, keys, counts, start)) < keys.size:
            self._kernels.grow(self._table, 1)

    def found(self) -> Found:
        cells = self._table.cells
        cells.resize(self._kernels.compacted(self._table), refcheck=False)  # what isn't used is given back
        return cells[::2], cells[1::2].view(np.int64)


def pair_counter() -> PairCounter:
    """The quickest there is."""
    return CompiledPairCounter() if _kernels.COMPILED else PairCounter()


def keys_of(left: NDArray[np.integer], right: NDArray[np.integer]) -> Keys:
    """Pairs of numbers as one each."""
    out: Keys = (left.astype(np.uint64) << np.uint64(32)) | right.astype(np.uint64)
    return out


def halves_of(keys: Keys) -> tuple[Keys, Keys]:
    """The left and the right number of each pair."""
    return keys >> np.uint64(32), keys & np.uint64(0xFFFFFFFF)


def window_pairs(stream: Iterable[Numbers], weights: Integers, symmetric: bool) -> Found:
    """Pairs of words at a distance of d = 1, 2, …, counted weights[d - 1] times, while the next are read."""
    counter, before = pair_counter(), np.empty(0, np.int32)
    with _kernels.in_turn() as call:
        for part in stream:
            words = np.concatenate([before, part])
            call(counter.window, words, before.size, weights, symmetric)
            before = words[-weights.size :]
    return counter.found()


def document_pairs(stream: Iterable[Numbers]) -> tuple[Found, int]:
    """Pairs of words in one document, each once, a word with itself too; and how many documents have words."""
    counter, n = pair_counter(), 0
    held: list[Numbers] = []
    rows: list[Keys] = []  # rows of pairs, counted when they're many, since a document has the square of its words
    waiting = 0
    for part in stream:
        *ended, rest = np.split(part, np.flatnonzero(part == DOCUMENT) + 1)
        for document in ended:
            words = np.unique(np.concatenate([*held, document]))
            words, held = words[words >= 0], []
            n += bool(words.size)
            for i in range(words.size):
                rows.append(keys_of(words[i : i + 1], words[i:]))
                waiting += rows[-1].size
                if waiting > BATCH:
                    counter.add(np.concatenate(rows), np.ones(waiting, np.int64))
                    rows, waiting = [], 0
        held.append(rest)
    if rows:
        counter.add(np.concatenate(rows), np.ones(waiting, np.int64))
    return counter.found(), n
