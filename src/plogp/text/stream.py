"""Text -> numbers of words: a compiled reader, and a plain one for one's own tokenizer or where Numba is absent."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp import _kernels
from plogp.errors import InvalidType
from plogp.text.sources import END, texts
from plogp.text.tokens import Marker

__all__ = ["DOCUMENT", "SENTENCE", "Numbers", "Reader", "Tokenizer", "reader"]

Numbers = NDArray[np.int32]
Tokenizer = Callable[[str], Iterable[str]]

SENTENCE, DOCUMENT = -1, -2  # borders in a stream of words
MEMORY = 1 << 24  # bytes of pieces that aren't ASCII, beyond which they're forgotten


class Reader:
    """The plain reader: texts -> streams of numbers of words, SENTENCE and DOCUMENT where these end.

    Args:
        tokenizer: from a document to its words; plogp's rule, which knows sentences, where it is None.
    """

    def __init__(self, tokenizer: Tokenizer | None = None) -> None:
        self._tokenizer = tokenizer
        self._numbers: dict[str, int] = {}

    @property
    def words(self) -> list[str]:
        """The words met so far, by number."""
        return list(self._numbers)

    def read(self, parts: Iterable[bytes]) -> Iterator[Numbers]:
        """The words of blocks of text."""
        yield from self._by_rule(parts) if self._tokenizer is None else map(self._by_tokenizer, texts(parts))

    def _by_rule(self, parts: Iterable[bytes]) -> Iterator[Numbers]:
        marker = Marker()
        for part in parts:
            *ended, rest = part.split(END)
            numbers: list[int] = []
            for document in ended:
                numbers += map(self._number, marker(document.decode()))
                numbers.append(DOCUMENT)
                marker = Marker()
            numbers += map(self._number, marker(rest.decode()))
            yield np.array(numbers, np.int32)

    def _by_tokenizer(self, document: str) -> Numbers:
        assert self._tokenizer is not None
        words = list(self._tokenizer(document))
        if not all(isinstance(word, str) for word in words):
            raise InvalidType("the tokenizer gave something else than strings", hint="it takes a text and gives words")
        return np.array([*map(self._number, words), DOCUMENT], np.int32)

    def _number(self, word: str | None) -> int:
        return SENTENCE if word is None else self._numbers.setdefault(word, len(self._numbers))


class CompiledReader(Reader):
    """The compiled reader of plogp's rule: it gives what the plain one gives."""

    def __init__(self) -> None:
        from plogp._kernels import tokens

        self._kernels = tokens
        self._words = tokens.interned(1 << 12, 1 << 15)
        self._pieces: Any = None  # those that aren't ASCII, and what each means
        self._forget()

    @property
    def words(self) -> list[str]:
        starts = self._words.starts[: self._words.size[0] + 1].tolist()
        pool = self._words.pool[: starts[-1]].tobytes()
        return [pool[start:end].decode() for start, end in pairwise(starts)]

    def read(self, parts: Iterable[bytes]) -> Iterator[Numbers]:
        k, state, out = self._kernels, np.zeros(5, np.int64), np.empty(1 << 18, np.int32)
        for part in parts:
            text = np.frombuffer(part if part.endswith(END) else part + b" ", np.uint8)
            state[k.AT], why = 0, k.FULL
            while why != k.DONE:
                meanings = self._bounds[: self._known + 1], self._meanings, self._flags
                why = k.scan(text, state, self._words, self._pieces, *meanings, out)
                if why == k.UNKNOWN:
                    self._resolve(text[state[k.AT] : state[k.STOP]])
                    continue
                yield out[: state[k.WRITTEN]].copy()
                state[k.WRITTEN] = 0
                if why == k.FULL:
                    out = self._make_room(int(state[k.STOP] - state[k.AT]), out)

    def _make_room(self, length: int, out: Numbers) -> Numbers:
        """Room for a piece of this length in the tables and in the output."""
        self._words = self._kernels.roomy(self._words, length)
        if self._known > 1 and self._pieces.starts[self._known] > MEMORY:  # the last may be the one to be looked up
            self._forget()
        self._pieces = self._kernels.roomy(self._pieces, length)
        return out if out.size > 2 * length + 2 else np.empty(4 * length, np.int32)

    def _forget(self) -> None:
        """Forget the pieces that aren't ASCII, though not their words."""
        self._pieces = self._kernels.interned(1 << 10, 1 << 14)
        self._known = 0
        self._bounds, self._meanings = np.zeros(2, np.int64), np.empty(2, np.int32)
        self._flags = np.empty(2, np.uint8)

    def _resolve(self, piece: NDArray[np.uint8]) -> None:
        """Ask the plain rule what a new piece means, for the kernel to know from now on."""
        text = piece.tobytes().decode()
        marker, after_end = Marker(), Marker()
        found = list(marker(text))
        after_end.ended = True
        lower = next(after_end(text), None) is not None  # no border stands before it
        n, end = self._known, int(self._bounds[self._known]) + len(found)
        self._bounds, self._flags = _longer(self._bounds, n + 2), _longer(self._flags, n + 1)
        self._meanings = _longer(self._meanings, end)
        numbers = {word: self._number(word) for word in dict.fromkeys(found)}
        self._meanings[self._bounds[n] : end] = [numbers[word] for word in found]
        self._bounds[n + 1] = end
        self._flags[n] = lower + 2 * marker.ended
        self._known += 1

    def _number(self, word: str | None) -> int:
        if word is None:
            return SENTENCE
        letters = np.frombuffer(word.encode(), np.uint8)
        self._words = self._kernels.roomy(self._words, letters.size)
        return int(self._kernels.enter(self._words, letters, 0, letters.size))


def _longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    """The array if it has this size, or twice as much room."""
    return array if size <= array.size else np.concatenate([array, np.empty(size, array.dtype)])


def reader(tokenizer: Tokenizer | None = None) -> Reader:
    """The quickest reader for a tokenizer."""
    return CompiledReader() if tokenizer is None and _kernels.COMPILED else Reader(tokenizer)
