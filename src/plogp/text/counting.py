"""Streams of words -> counts of pairs, in memory that grows with the pairs seen."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from plogp import _kernels
from plogp.text.stream import DOCUMENT, Numbers

__all__ = ["Found", "Keys", "document_pairs", "keys_of", "window_pairs"]

Keys = NDArray[np.uint64]
Integers = NDArray[np.int64]
Found = tuple[Numbers, Numbers, Integers]  # left and right words, and how often

BATCH = 1 << 18  # words


class PairCounter:
    """Adds up counts of pairs, with NumPy: sorted keys, merged as they come."""

    def __init__(self) -> None:
        self._keys, self._counts = np.empty(0, np.uint64), np.empty(0, np.int64)

    @property
    def size(self) -> int:
        """How many different pairs there are."""
        return self._keys.size

    def count(self, words: Numbers, n: int, weights: Integers, near: int = 1) -> None:
        """Each of the first n words with those that follow it, weights[d] at a distance near + d, up to a border."""
        at, found, waiting = np.flatnonzero(words[:n] >= 0), [], 0
        for d, weight in enumerate(weights.tolist(), near):
            at = at[at < words.size - d]
            at = at[words[at + d] >= 0]
            found.append((keys_of(words[at], words[at + d]), np.full(at.size, weight)))
            waiting += at.size
            if waiting > BATCH:
                self._add(found)
                found, waiting = [], 0
        self._add(found)

    def _add(self, found: list[tuple[Keys, Integers]]) -> None:
        keys, counts = map(np.concatenate, zip((self._keys, self._counts), *found, strict=True))
        self._keys, places = np.unique(keys, return_inverse=True)
        self._counts = np.zeros(self._keys.size, np.int64)
        np.add.at(self._counts, places, counts)

    def found(self) -> Found:
        """The pairs, in whatever order, and their counts, which the counter gives away."""
        left, right = self._keys >> np.uint64(32), self._keys & np.uint64(0xFFFFFFFF)
        return left.astype(np.int32), right.astype(np.int32), self._counts


class CompiledPairCounter(PairCounter):
    """The same by left words: of what follows one, a list of all words says where it is, so that nothing is searched.

    Hashing pairs took three times as long, most of it in waiting for memory and in branches that were guessed wrong.
    """

    def __init__(self) -> None:
        from plogp._kernels import pairs

        self._kernels = pairs
        self._rows = pairs.Rows(np.zeros(1, np.int64), np.empty(0, np.int32), np.empty(0, np.int64))

    @property
    def size(self) -> int:
        return int(self._rows.starts[-1])

    def count(self, words: Numbers, n: int, weights: Integers, near: int = 1) -> None:
        starts = self._rows.starts
        more = max(int(words.max(initial=-1)) + 2 - starts.size, 0)
        rows = self._rows._replace(starts=np.concatenate([starts, np.full(more, starts[-1])]))
        bounds, order = np.empty(rows.starts.size, np.int64), np.empty(n, np.int32)
        self._kernels.by_word(words[:n], bounds, order)
        where, state, end = np.full(rows.starts.size - 1, -1), np.zeros(3, np.int64), self.size
        while not self._kernels.count_rows(words, bounds, order, weights, near, rows, where, state):
            self._kernels.roomy(rows, state, end)
            end = rows.rights.size
        self._rows = rows

    def found(self) -> Found:
        starts, rights, counts = self._rows
        for array in (rights, counts):
            array.resize(self.size, refcheck=False)  # what isn't used is given back
        return np.repeat(np.arange(starts.size - 1, dtype=np.int32), np.diff(starts)), rights, counts


def pair_counter() -> PairCounter:
    """The quickest there is."""
    return CompiledPairCounter() if _kernels.COMPILED else PairCounter()


def keys_of(left: NDArray[np.integer], right: NDArray[np.integer]) -> Keys:
    """Pairs of numbers as one each."""
    out: Keys = (left.astype(np.uint64) << np.uint64(32)) | right.astype(np.uint64)
    return out


def window_pairs(stream: Iterable[Numbers], weights: Integers) -> PairCounter:
    """Pairs of words at a distance of d = 1, 2, …, counted weights[d - 1] times, while the next are read."""
    counter = pair_counter()
    with _kernels.in_turn() as call:
        for words, n in _batches(stream, counter, weights.size):
            call(counter.count, words, n, weights)
    return counter


def document_pairs(stream: Iterable[Numbers]) -> tuple[PairCounter, int]:
    """Pairs of words in one document, each once, a word with itself too; and how many documents have words."""
    counter, n_documents = pair_counter(), 0
    with _kernels.in_turn() as call:
        for words, n in _batches(_distinct(stream), counter):
            ends = np.flatnonzero(words == DOCUMENT)
            longest = int(np.diff(ends, prepend=-1).max(initial=0))
            call(counter.count, words, n, np.ones(longest, np.int64), 0)
            n_documents += ends.size
    return counter, n_documents


def _distinct(stream: Iterable[Numbers]) -> Iterator[Numbers]:
    """The different words of each document that has any, and its end."""
    held: list[Numbers] = []
    for part in stream:
        *ended, rest = np.split(part, np.flatnonzero(part == DOCUMENT) + 1)
        for document in ended:
            words = np.unique(np.concatenate([*held, document]))
            held = []
            if words[-1] >= 0:
                yield np.append(words[words >= 0], np.int32(DOCUMENT))
        held.append(rest)


def _batches(stream: Iterable[Numbers], counter: PairCounter, reach: int = 0) -> Iterator[tuple[Numbers, int]]:
    """Parts together, and how many words of them; the others, up to `reach`, come again with those that follow.

    At least half as many words as there are pairs, since the counter goes through all of these each time.
    """
    words, n = np.empty(0, np.int32), 0
    for part in stream:
        if n + part.size > words.size:
            if n > reach:
                yield words[:n], n - reach
            held = words[max(n - reach, 0) : n].copy()
            words, n = np.empty(max(BATCH, counter.size // 2, part.size) + reach, np.int32), held.size
            words[:n] = held
        words[n : n + part.size] = part
        n += part.size
    yield words[:n], n
