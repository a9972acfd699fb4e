"""Cues: what around an ambiguous word may tell its sense, and which word that is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import exp, log
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidType, InvalidValue
from plogp.text.sources import blocks, texts
from plogp.text.tokens import tokenize

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["BAGS", "NEAR", "Context", "Cue", "as_matrix", "contexts", "cues", "forms_of", "read", "target"]

Context = str | Sequence[str]
Cue = tuple[int, str]  # its group, and how it reads: ~ is the ambiguous word, * any word

PLACES = {
    (-1,): "{} ~",
    (1,): "~ {}",
    (-2,): "{} * ~",
    (2,): "~ * {}",
    (-2, -1): "{} {} ~",
    (-1, 1): "{} ~ {}",
    (1, 2): "~ {} {}",
    (-3,): "{} * * ~",
    (3,): "~ * * {}",
}
ENDINGS = {-1: "-{} ~", 1: "~ -{}", -2: "-{} * ~", 2: "~ * -{}"}
ENDING = 3  # letters
BAGS = 2  # groups of words wherever they stand, in the window and near; those of places and of endings follow
NEAR = 4  # words

COVERS = 0.95  # of the contexts must have the word that is found to be the target
FORM = 0.1  # of the contexts that lack the other forms must have a further one,
FEW = 5  # and so many at least
STARTS = 10  # words that are tried as the first form
CLEAR = 3.0  # nats by which it must stand out


def contexts(source: Any, words: str | Iterable[str], window: int = 50, **reading: Any) -> list[list[str]]:
    """Each occurrence of a word in a text, with the words around it: what a `SenseModel` learns from.

    Args:
        source: as for `plogp.text.cooccurrences`; `reading` are its `unit`, `column`, `errors` and `progress`.
        words: the word, or its forms.
        window: how many words on each side, within the document.

    >>> contexts(["Amazon is on fire. The Amazon burns."], "amazon", window=2)
    [['amazon', 'is', 'on'], ['fire', 'the', 'amazon', 'burns']]
    """
    wanted = {word for text in ([words] if isinstance(words, str) else words) for word in tokenize(text)}
    return [
        tokens[max(0, at - window) : at + window + 1]
        for tokens in map(tokenize, texts(blocks(source, **reading)))
        for at, token in enumerate(tokens)
        if token in wanted
    ]


def read(given: Iterable[Context], name: str = "contexts") -> list[list[str]]:
    """Contexts as lists of words.

    Raises:
        InvalidType: one context instead of several, or one that is neither a text nor words.
    """
    if isinstance(given, str):
        raise InvalidType(f"{name} is one string; needed: several contexts", hint="put it in a list: [context]")
    read_ = [tokenize(context) if isinstance(context, str) else context for context in given]
    for i, context in enumerate(read_):
        if not isinstance(context, Iterable) or not all(isinstance(word, str) for word in context):
            raise InvalidType(f"context {i} is {context!r:.60}; needed: a string, or a list of words", hint="one each")
    return [list(context) for context in read_]


def forms_of(word: str | Sequence[str], read_: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The forms of the word that is meant, as they're given and folded.

    Raises:
        InvalidValue: more than one word, or one that is in no context.
    """
    given = [word] if isinstance(word, str) else list(word)
    for form in given:
        if len(tokenize(form)) != 1:
            raise InvalidValue(
                f"word={form!r} is {len(tokenize(form))} words; needed: one", hint="a list is forms of one word"
            )
    forms = {*given, *chain.from_iterable(map(tokenize, given))}
    if all(forms.isdisjoint(context) for context in read_):
        raise InvalidValue(f"word={word!r} is in no context; needed: in most", hint="word=None looks for it")
    return tuple(sorted(forms))


def target(read_: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The forms of the word that all contexts are about; none where that isn't clear.

    It stands in nearly every context, where a word of its frequency would be missing from e⁻ᵐ of them by chance, m
    being its mean number in a context. A further form is one that stands where the others are missing, and only there.
    """
    sets = [frozenset(context) for context in read_]
    total, covered = Counter(chain.from_iterable(read_)), Counter(chain.from_iterable(sets))
    surprise = {word: _surprise(k, total[word], len(sets)) for word, k in covered.items() if k >= FORM * len(sets)}
    for start in sorted(surprise, key=lambda word: (-surprise[word], word))[:STARTS]:
        if forms := _forms(start, sets, covered):
            n_covered = sum(not words.isdisjoint(forms) for words in sets)
            together = _surprise(n_covered, sum(total[form] for form in forms), len(sets))
            rival = max((surprise[word] for word in surprise if word not in forms), default=0.0)
            if together > rival + CLEAR:
                return tuple(sorted(forms))
    return ()


def _forms(start: str, sets: Sequence[frozenset[str]], covered: Counter[str]) -> list[str]:
    """A word and others that stand where it is missing, until together they cover the contexts; none if they can't."""
    forms, without = [start], [words for words in sets if start not in words]
    while len(without) > (1 - COVERS) * len(sets):
        there, rest = Counter(chain.from_iterable(without)), len(sets) - len(without)
        least = max(FORM * len(without), FEW)
        more = {w: k / len(without) - 3 * (covered[w] - k) / rest for w, k in there.items() if k >= least}
        form = max(more, key=lambda word: (more[word], word), default="")
        if not form or more[form] <= 0:
            return []
        forms.append(form)
        without = [words for words in without if form not in words]
    return forms


def _surprise(covered: int, total: int, n: int) -> float:
    """n D(c ‖ 1 − e⁻ᵐ), nats, c being the share of contexts that have the word; 0 where that is less than by chance."""
    share, chance = covered / n, 1 - exp(-total / n)
    if share <= chance:
        return 0.0
    return n * (share * log(share / chance) + ((1 - share) * log((1 - share) / (1 - chance)) if share < 1 else 0))


def cues(words: Sequence[str], forms: Sequence[str], window: int, near: int, neighbours: bool) -> Iterator[Cue]:
    """The words in the window, those near once more, and, if told, the neighbours in their places and in pairs, and how
    they end.

    The ambiguous word is the occurrence nearest to the middle. Where there is none, all words are in the window.
    """
    found = [i for i, word in enumerate(words) if word in forms]
    if not found:
        yield from ((0, word) for word in words)
        return
    at = min(found, key=lambda place: abs(2 * place - len(words) + 1))
    around = {d: words[at + d] for d in range(-window, window + 1) if 0 <= at + d < len(words)}
    for d, word in around.items():
        if word not in forms:
            yield 0, word
            if abs(d) <= near:
                yield 1, word
    if neighbours:
        for group, (places, form) in enumerate(PLACES.items(), start=BAGS):
            if all(d in around for d in places):
                yield group, form.format(*(around[d] for d in places))
        for group, (d, form) in enumerate(ENDINGS.items(), start=BAGS + len(PLACES)):
            if d in around:
                yield group, form.format(around[d][-ENDING:])


def as_matrix(found: Iterable[Iterable[Cue]], known: Mapping[Cue, int]) -> "csr_array":
    """How often each context has each known cue, shape (contexts, cues)."""
    from scipy.sparse import csr_array

    columns: list[int] = []
    starts = [0]
    for some in found:
        columns += (known[cue] for cue in some if cue in known)
        starts.append(len(columns))
    ones: NDArray[np.float64] = np.ones(len(columns))
    return csr_array((ones, np.array(columns, np.int64), np.array(starts)), shape=(len(starts) - 1, len(known)))
