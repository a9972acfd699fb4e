"""Tokens: the words of a text and the ends of its sentences, by one rule.

A text is cut into pieces at white space, and after 。｡！？. In each piece

1. soft hyphens go, ’ becomes ' and the hyphens ‐ and ‑ become -; then compatibility forms are composed (NFKC), case is
   folded in full (ß is ss), and the outcome is composed again;
2. a word is a run of letters and digits with their combining marks. One apostrophe, hyphen or underscore between two
   such runs joins them (don't, e-commerce), and so does a full stop or comma between two digits (3.14). Each Han or
   Hiragana character is a word by itself; Thai and other scripts without spaces aren't cut further.

A sentence ends with a piece that ends in . ! ? … or their likes, closing quotes and brackets aside. It doesn't where
the next word starts in lower case, or where a lone letter stands before the full stop (J. Smith). An empty line ends
one too.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

__all__ = ["Marker", "sentences", "tokenize"]

SIGNS = str.maketrans({"’": "'", "‐": "-", "‑": "-", "\u00ad": None})
HAN = "\u3005\u3007\u3041-\u3096\u309d\u309e\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
STOPS = "。｡！？"
CLOSERS = "'\")\\]}’”»›」』）】"
PIECE = re.compile(rf"[^\s{STOPS}]*[{STOPS}]+[{STOPS}{CLOSERS}]*|[^\s{STOPS}]+|\n")
END = re.compile(rf"[.!?…‼⁇⁈⁉؟۔।॥{STOPS}][{CLOSERS}]*\Z")
INITIAL = re.compile(rf"(?:\A|[\W_])[^\W\d_]\.[{CLOSERS}]*\Z")


@cache
def _word() -> re.Pattern[str]:
    """The pattern of a word in a folded piece."""
    kinds = "".join([unicodedata.category(chr(c))[0] for c in range(0x20000)])
    marks = [f"{chr(run.start())}-{chr(run.end() - 1)}" for run in re.finditer("M+", kinds)]
    mark = f"[\u200c\u200d{''.join(marks)}\U000e0100-\U000e01ef]*+"
    part = rf"(?:[^\W_{HAN}]{mark})"
    return re.compile(rf"[{HAN}]{mark}|{part}++(?:(?:['_-]|(?<=\d)[.,](?=\d)){part}++)*+")


class Marker:
    """The rule on a text that comes in parts, cut at white space: what it has seen of a sentence goes on."""

    def __init__(self) -> None:
        self.ended = False  # whether the sentence has ended, unless a lower case follows
        self.newlines = 0  # since the last word

    def __call__(self, text: str) -> Iterator[str | None]:
        """The words, and None where a sentence ends before the next."""
        for piece in PIECE.findall(text):
            if piece == "\n":
                self.newlines += 1
                continue
            composed = unicodedata.normalize("NFKC", piece.translate(SIGNS))
            words = _word().findall(unicodedata.normalize("NFKC", composed.casefold()))
            if words:
                lower = next((c for c in composed if c.isalnum()), "").islower()
                if self.newlines > 1 or (self.ended and not lower):
                    yield None
                self.newlines, self.ended = 0, False
                yield from words
            if END.search(piece) and not INITIAL.search(piece):
                self.ended = True


def tokenize(text: str) -> list[str]:
    """The words of a text, by plogp's rule.

    Pieces between white space are composed (NFKC) and their case is folded in full. A word is a run of letters and
    digits with their combining marks; an apostrophe, hyphen or underscore inside joins, and so does a point or comma
    between digits. A Han or Hiragana character is a word.

    >>> tokenize("The STRAẞE’s e-commerce grew 3.14 %, didn't it?")
    ['the', "strasse's", 'e-commerce', 'grew', '3.14', "didn't", 'it']
    """
    return [word for word in Marker()(text) if word is not None]


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence of a text, by plogp's rule.

    A sentence ends in . ! ? … or their likes before white space, unless the next word starts in lower case or a lone
    letter stands before the full stop; and at an empty line.

    >>> sentences("Is it? J. Smith said so, e.g. at noon. Yes")
    [['is', 'it'], ['j', 'smith', 'said', 'so', 'e', 'g', 'at', 'noon'], ['yes']]
    """
    found: list[list[str]] = [[]]
    for word in Marker()(text):
        if word is None:
            found.append([])
        else:
            found[-1].append(word)
    return [sentence for sentence in found if sentence]
