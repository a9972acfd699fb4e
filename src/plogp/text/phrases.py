"""Phrases: strong pairs of words joined into one, and these with others in turn."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidType, InvalidValue
from plogp.text.collocations import Collocations, rank
from plogp.text.cooccurrences import Window, table_of
from plogp.text.counting import keys_of, window_pairs
from plogp.text.sources import blocks, is_repeatable
from plogp.text.stream import Numbers, Tokenizer, reader
from plogp.text.tokens import sentences

__all__ = ["Phrases", "phrases"]


class Phrases:
    """Phrases found in a text; called with a text, a tokenizer that joins them.

    Attributes:
        passes: the pairs joined in each pass, as `Collocations`; a part of a pair may be a phrase of a pass before.

    >>> text = ["We saw Hong Kong harbour.", "They live in Hong Kong.", "Boats fill the Hong Kong harbour."]
    >>> found = phrases([*text, "You were in the boats."] * 9)
    >>> found("I like the Hong Kong harbour. Hong. Kong")
    ['i', 'like', 'the', 'hong kong harbour', 'hong', 'kong']
    """

    def __init__(self, passes: Iterable[Collocations], tokenizer: Tokenizer | None = None) -> None:
        self.passes = tuple(passes)
        self._tokenizer = tokenizer
        self._pairs: list[dict[tuple[str, ...], int]] = [
            {(pair.left, pair.right): i for i, pair in enumerate(joined)} for joined in self.passes
        ]

    def __iter__(self) -> Iterator[str]:
        return (f"{pair.left} {pair.right}" for joined in self.passes for pair in joined)

    def __len__(self) -> int:
        return sum(map(len, self.passes))

    def __call__(self, text: str) -> list[str]:
        """The words of a text, with a space within each phrase."""
        parts = sentences(text) if self._tokenizer is None else [list(self._tokenizer(text))]
        for pairs in self._pairs:
            parts = [list(_joined(words, pairs)) for words in parts]
        return [word for words in parts for word in words]


def _joined(words: list[str], pairs: dict[tuple[str, ...], int]) -> Iterator[str]:
    """The words with pairs joined from left to right, unless the second word begins a stronger pair."""
    i = 0
    while i < len(words):
        pair, following = tuple(words[i : i + 2]), tuple(words[i + 1 : i + 3])
        joined = pair in pairs and pairs.get(following, len(pairs)) > pairs[pair]
        yield " ".join(pair) if joined else words[i]
        i += 1 + joined


def phrases(
    source: Any,
    *,
    passes: int = 2,
    threshold: float = 0.5,
    min_count: float = 5,
    tokenizer: Tokenizer | None = None,
    **reading: Any,
) -> Phrases:
    """Find phrases: join neighbours whose NPMI is high, count again, and so on.

    A pair is joined if its NPMI at the lower 95% limit of its count is at least `threshold`, within a sentence, from
    left to right, unless its second word begins a stronger pair. So phrases of up to 2^passes words are found. The
    text is read once in each pass.

    Args:
        source: as for `plogp.text.cooccurrences`; not an iterator, which could be read only once.
        passes: how often.
        threshold: of the NPMI, in [−1, 1].
        min_count: pairs that occur less often aren't joined.
        tokenizer, **reading: as for `plogp.text.cooccurrences`: `unit`, `column`, `errors`, `progress`.

    Raises:
        InvalidValue: a threshold or a number of passes out of range.
        InvalidType: an iterator.
    """
    if not -1 <= threshold <= 1 or isinstance(passes, bool) or passes < 1:
        raise InvalidValue(
            f"threshold={threshold}, passes={passes}; needed: −1 to 1, and at least 1", "threshold=0.5, say"
        )
    if passes > 1 and not is_repeatable(source):
        raise InvalidType("the source can be read once only; needed: files or a list", hint="list(source), or passes=1")
    words = reader(tokenizer=tokenizer)
    names: list[str] = []  # of phrases; their numbers follow those of the words
    joins: list[tuple[NDArray[np.uint64], Numbers]] = []
    found: list[Collocations] = []
    while len(found) < passes:
        stream = words.read(blocks(source, **reading))
        for keys, numbers in joins:
            stream = _join(stream, keys, numbers)
        pairs = window_pairs(stream, np.ones(1, np.int64))
        known = words.words + names
        found.append(rank(table_of(pairs.found(), known, Window(1, True)), "npmi", min_count, threshold))
        place = {word: number for number, word in enumerate(known)}
        columns = found[-1].columns
        left, right = (np.array([place[word] for word in columns[side]], np.int64) for side in ("left", "right"))
        keys, order = np.unique(keys_of(left, right), return_index=True)
        joins.append((keys, (len(place) + order).astype(np.int32)))
        names += [f"{pair.left} {pair.right}" for pair in found[-1]]
    return Phrases(found, tokenizer)


def _join(stream: Iterable[Numbers], keys: NDArray[np.uint64], numbers: Numbers) -> Iterator[Numbers]:
    """The stream with pairs joined; the last words wait for what follows them, if only the end of the document."""
    from plogp._kernels import pairs

    held = np.empty(0, np.int32)
    for part in stream:
        words = np.concatenate([held, part])
        out = np.empty(words.size, np.int32)
        n, end = pairs.join(words, keys, numbers, out)
        held = words[end:]
        yield out[:n]
