"""Text -> numbers of words: a compiled reader, and a plain one for one's own tokenizer or where Numba is absent."""

import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from plogp import _kernels
from plogp.errors import InvalidType
from plogp.text.sources import END, texts
from plogp.text.tokens import Marker

__all__ = ["DOCUMENT", "SENTENCE", "Borders", "Numbers", "Reader", "Tokenizer", "reader"]

Numbers = NDArray[np.int32]
Tokenizer = Callable[[str], Iterable[str]]
Borders = Literal["sentence", "document", "none"]

SENTENCE, DOCUMENT = -1, -2  # borders in a stream of words
MANY = 1 << 10  # words
MEMORY = 1 << 24  # bytes of pieces that aren't ASCII, beyond which they're forgotten


class Reader:
    """The plain reader: texts -> streams of numbers of words, SENTENCE and DOCUMENT where these end.

    Args:
        borders: "sentence" for both, "document", or "none".
        tokenizer: from a document to its words; plogp's rule, which knows sentences, where it is None.
    """

    def __init__(self, borders: Borders = "sentence", tokenizer: Tokenizer | None = None) -> None:
        self._tokenizer = tokenizer
        self._left_out = {"sentence": {}, "document": {SENTENCE}, "none": {SENTENCE, DOCUMENT}}[borders]
        self._numbers: dict[str, int] = {}

    @property
    def words(self) -> list[str]:
        """The words met so far, by number."""
        return list(self._numbers)

    def read(self, parts: Iterable[bytes]) -> Iterator[Numbers]:
        """The words of blocks of text."""
        for numbers in self._by_rule(parts) if self._tokenizer is None else map(self._by_tokenizer, texts(parts)):
            yield np.array([number for number in numbers if number not in self._left_out], np.int32)

    def _by_rule(self, parts: Iterable[bytes]) -> Iterator[list[int]]:
        marker = Marker()
        for part in parts:
            *ended, rest = part.split(END)
            numbers: list[int] = []
            for document in ended:
                numbers += map(self._number, marker(document.decode()))
                numbers.append(DOCUMENT)
                marker = Marker()
            numbers += map(self._number, marker(rest.decode()))
            yield numbers

    def _by_tokenizer(self, document: str) -> list[int]:
        assert self._tokenizer is not None
        words = list(self._tokenizer(document))
        if not all(isinstance(word, str) for word in words):
            raise InvalidType("the tokenizer gave something else than strings", hint="it takes a text and gives words")
        return [*map(self._number, words), DOCUMENT]

    def _number(self, word: str | None) -> int:
        return SENTENCE if word is None else self._numbers.setdefault(word, len(self._numbers))


class CompiledReader(Reader):
    """The compiled reader of plogp's rule: it gives what the plain one gives."""

    def __init__(self, borders: Borders = "sentence") -> None:
        from plogp._kernels import tokens

        self._borders = ("none", "document", "sentence").index(borders)
        self._kernels = tokens
        self._words = tokens.interned(1 << 12, 1 << 15)
        self._pieces: Any = None  # those that aren't ASCII, and what each means
        self._forget()

    @property
    def words(self) -> list[str]:
        pool, starts = memoryview(self._words.pool), self._words.starts[: self._words.size[0] + 1]  # type: ignore[arg-type]
        some = (starts[i : i + MANY + 1].tolist() for i in range(0, starts.size - 1, MANY))  # numbers that take memory
        return [str(pool[start:end], "utf-8") for bounds in some for start, end in pairwise(bounds)]

    def read(self, parts: Iterable[bytes]) -> Iterator[Numbers]:
        k, state, out = self._kernels, np.zeros(6, np.int64), np.empty(0, np.int32)
        state[k.BORDERS] = self._borders
        for part in parts:
            chunks = k.padded(part)
            if out.size < 2 * chunks.nbytes:  # no piece means more than two words a byte
                out = np.empty(3 * chunks.nbytes, np.int32)  # and a little more, for the next
            state[k.AT], why = 0, k.FULL
            while why != k.DONE:
                meanings = k.Meanings(self._bounds[: self._known + 1], self._meanings, self._flags)
                why = k.scan(chunks, state, self._words, self._pieces, meanings, out)
                if why == k.UNKNOWN:
                    self._resolve(part[state[k.AT] : state[k.STOP]].decode())
                    continue
                yield out[: state[k.WRITTEN]].copy()
                state[k.WRITTEN] = 0
                if why == k.FULL:
                    self._make_room(int(state[k.STOP] - state[k.AT]))

    def _make_room(self, length: int) -> None:
        """Room for a piece of this length in the tables."""
        self._words = self._kernels.roomy(self._words, length)
        if self._known > 1 and self._pieces.starts[self._known] > MEMORY:  # the last may be the one to be looked up
            self._forget()
        self._pieces = self._kernels.roomy(self._pieces, length)

    def _forget(self) -> None:
        """Forget the pieces that aren't ASCII, though not their words."""
        self._pieces = self._kernels.interned(1 << 10, 1 << 14)
        self._known = 0
        self._bounds, self._meanings = np.zeros(2, np.int64), np.empty(2, np.int32)
        self._flags = np.empty(2, np.uint8)

    def _resolve(self, text: str) -> None:
        """Ask the plain rule what a new piece means, for the kernel to know from now on."""
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
        letters = word.encode()
        self._words = self._kernels.roomy(self._words, len(letters))
        return int(self._kernels.enter(self._words, self._kernels.padded(letters), 0, len(letters)))


def _longer(array: NDArray[Any], size: int) -> NDArray[Any]:
    """The array if it has this size, or twice as much room."""
    return array if size <= array.size else np.concatenate([array, np.empty(size, array.dtype)])


def reader(borders: Borders = "sentence", tokenizer: Tokenizer | None = None) -> Reader:
    """The quickest reader for a tokenizer."""
    compiled = tokenizer is None and _kernels.COMPILED and sys.byteorder == "little"  # eight bytes are one number
    return CompiledReader(borders) if compiled else Reader(borders, tokenizer)
