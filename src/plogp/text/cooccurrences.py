"""Co-occurrences: how often two words stand together, as a sparse table that adds up over shards."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from math import lcm
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plogp.errors import BadText, InvalidType, InvalidValue, ShapeMismatch, UnknownName, did_you_mean
from plogp.text.counting import Found, document_pairs, window_pairs
from plogp.text.sources import Progress, Unit, blocks
from plogp.text.storage import HINT, VERSION, checked, database, quoted
from plogp.text.stream import Borders, Tokenizer, reader
from plogp.writing import replacing

if TYPE_CHECKING:
    from scipy.sparse import csr_array

    from plogp.counts import Counts

__all__ = ["Contingency", "Cooccurrences", "Window", "cooccurrences", "table_of"]

Integers = NDArray[np.signedinteger]
Floats = NDArray[np.float64]
Weighting = Literal["none", "linear", "harmonic"]

BLOCK = 1 << 16  # pairs
FORMAT = "plogp.cooccurrences"
FARTHEST = {"none": 1 << 20, "linear": 1 << 20, "harmonic": 20}  # lcm(1, …, 20) is 2.3e8; weights stay exact integers


@dataclass(frozen=True, slots=True)
class Window:
    """Which words stand together.

    Attributes:
        size: the greatest distance in words; 0 for anywhere in the same document.
        directed: whether (a, b) means that a comes first; else a pair is one, whatever the order.
        weighting: "none", "linear" (1, (size − 1)/size, …) or "harmonic" (1, 1/2, …) in the distance.
        borders: what no pair crosses: "sentence", "document" or "none".
    """

    size: int
    directed: bool
    weighting: Weighting = "none"
    borders: Borders = "sentence"

    @property
    def weights(self) -> Integers:
        """What a pair at a distance of 1, 2, … counts, in parts of `whole`."""
        distance = np.arange(1, self.size + 1)
        if self.weighting == "none":
            return np.ones(self.size, np.int64)
        return self.whole // distance if self.weighting == "harmonic" else self.size + 1 - distance

    @property
    def whole(self) -> int:
        """What a pair of neighbours counts, a whole number such that the others do too."""
        whole = {"none": 1, "linear": self.size, "harmonic": lcm(*range(1, self.size + 1))}
        return whole[self.weighting]


class Contingency(NamedTuple):
    """For each pair of a table: how often it, its left and its right word occur, among n; and a scale for the outcome.

    A pair without direction is counted in both orders, so that it looks like one with: a word with itself twice, which
    `scale`, then ½, makes good.
    """

    together: Floats
    left: Floats
    right: Floats
    n: float
    scale: Floats


class Cooccurrences:
    """A sparse table of pairs of words, made by `cooccurrences`, `load` or the sum of two.

    Only pairs that occur are stored. ``a + b`` is the table of both texts, to the bit.

    Attributes:
        words: those that are in a pair, sorted.
        rows, columns: for each pair the position of its words in `words`, shape (len(table),); in order.
        counts: how often each pair occurs, shape (len(table),), in parts of `window.whole` if distances have weights.
        window: what stands together means.
        n: the number of pairs counted, in the same parts; of documents, where these are the window.
    """

    __slots__ = ("columns", "counts", "n", "rows", "window", "words")

    def __init__(
        self, words: Iterable[str], rows: Integers, columns: Integers, counts: Integers, window: Window, n: int
    ) -> None:
        self.words = tuple(words)
        self.rows, self.columns, self.counts = rows, columns, counts
        self.window, self.n = window, n

    def __len__(self) -> int:
        return self.counts.size

    def __repr__(self) -> str:
        what = "documents" if self.window.size == 0 else "pairs"
        return f"<Cooccurrences of {len(self.words):,} words: {len(self):,} different pairs, n = {self.n:,} {what}>"

    def __add__(self, other: "Cooccurrences") -> "Cooccurrences":
        """The table of both texts."""
        if not isinstance(other, Cooccurrences):
            return NotImplemented
        if self.window != other.window:
            raise ShapeMismatch(f"tables of {self.window} and of {other.window}; needed: the same", hint="count again")
        words = sorted({*self.words, *other.words})
        place = {word: i for i, word in enumerate(words)}
        codes = np.array([place[word] for word in (*self.words, *other.words)], np.int32)
        mine, theirs = codes[: len(self.words)], codes[len(self.words) :]
        found = (
            np.concatenate([mine[self.rows], theirs[other.rows]]),
            np.concatenate([mine[self.columns], theirs[other.columns]]),
            np.concatenate([self.counts, other.counts]),
        )
        return table_of(found, words, self.window, self.n + other.n)

    def __radd__(self, other: object) -> "Cooccurrences":
        """So that sum(shards) works, which starts with 0."""
        return self if other == 0 else NotImplemented

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cooccurrences) and (
            (self.words, self.window, self.n) == (other.words, other.window, other.n)
            and all(np.array_equal(getattr(self, a), getattr(other, a)) for a in ("rows", "columns", "counts"))
        )

    __hash__ = None  # type: ignore[assignment]

    def __getitem__(self, pair: tuple[str, str]) -> float:
        """How often a pair occurs; 0 where it doesn't."""
        left, right = (self._place(word) for word in pair)
        if not self.window.directed and left > right:
            left, right = right, left
        found = self.counts[(self.rows == left) & (self.columns == right)].sum()
        return float(found / self.window.whole) if self.window.whole > 1 else int(found)

    def _place(self, word: str) -> int:
        place = int(np.searchsorted(np.array(self.words, object), word))
        return place if place < len(self.words) and self.words[place] == word else -1

    def margins(self) -> tuple[Floats, Floats]:
        """How often each of `words` is on the left and on the right of a pair, in whole pairs; of pairs without
        direction how often on either side, of documents in how many it is."""
        if self.window.size == 0:
            diagonal = self.rows == self.columns
            margin = np.bincount(self.rows[diagonal], self.counts[diagonal], len(self.words)).astype(float)
            return margin, margin
        sums = np.zeros((2, len(self.words)), np.int64)
        for some in _blocks(len(self)):
            for total, side in zip(sums, (self.rows, self.columns), strict=True):
                np.add.at(total, side[some], self.counts[some])
        left, right = sums / self.window.whole
        return (left, right) if self.window.directed else (left + right, left + right)

    def contingency(self, pairs: "Integers | slice" = slice(None), smoothing: float = 1.0) -> Contingency:
        """Counts, margins and their scale for each pair, or some, in whole pairs; n c^α / Σ c^α for a right word."""
        left, right = self.margins()
        twice = self.window.size > 0 and not self.window.directed
        n = (1 + twice) * self.n / self.window.whole
        if smoothing != 1:
            right = n * right**smoothing / (right[right > 0] ** smoothing).sum()
        rows, columns = self.rows[pairs], self.columns[pairs]
        scale = 1 - (rows == columns) / 2 if twice else np.broadcast_to(1.0, rows.shape)
        return Contingency(self.counts[pairs] / self.window.whole / scale, left[rows], right[columns], n, scale)

    def to_scipy(self, values: NDArray[Any] | None = None) -> "csr_array":
        """The table as a SciPy sparse array, a row and a column for each of `words`; whole where pairs lack direction.

        Args:
            values: something else than the counts for each pair, such as a measure of `plogp.text.association`.
        """
        from scipy.sparse import coo_array

        values = self.counts / self.window.whole if values is None else values
        shape = (len(self.words), len(self.words))
        half = coo_array((values, (self.rows, self.columns)), shape).tocsr()
        if self.window.directed:
            return half
        other = self.rows != self.columns
        return half + coo_array((values[other], (self.columns[other], self.rows[other])), shape).tocsr()

    def to_columns(self) -> dict[str, Any]:
        """Left words, right words and counts, a row a pair."""
        words = np.array(self.words, object)
        counts = self.counts / self.window.whole if self.window.whole > 1 else self.counts
        return {"left": words[self.rows], "right": words[self.columns], "count": counts}

    def to_dataframe(self, backend: str = "pandas") -> Any:
        """Left words, right words and counts as a dataframe of "pandas", "polars" or "pyarrow"."""
        from plogp.engines import frame_of

        return frame_of({name: column.tolist() for name, column in self.to_columns().items()}, backend)

    def to_counts(self) -> "Counts":
        """The table as `plogp.Counts` of `left` and `right`, to be measured: pp.measure("I(left;right)", …).

        Raises:
            InvalidValue: documents, in which pairs exclude no others, or weighted distances.
        """
        from plogp.counts import Counts

        if self.window.size == 0 or self.window.whole > 1:
            raise InvalidValue("documents and weighted windows count no single pairs; needed: a plain window")
        columns = self.to_columns()
        return Counts.from_cells({"left": list(columns["left"]), "right": list(columns["right"])}, self.counts)

    def save(self, path: "str | os.PathLike[str]") -> None:
        """Write the table as a Parquet file: left, right and count; the window and n are in its metadata."""
        meta = json.dumps({"format": FORMAT, "version": VERSION, "n": self.n, "window": asdict(self.window)})
        with replacing(path) as beside, database() as connection:
            connection.register("pairs", {"l": self.rows, "r": self.columns, "count": self.counts})
            connection.register("words", {"i": np.arange(len(self.words)), "word": np.array(self.words, object)})
            connection.execute(
                "COPY (SELECT a.word AS left, b.word AS right, count FROM pairs JOIN words a ON l = a.i "
                "JOIN words b ON r = b.i ORDER BY l, r) "
                f"TO {quoted(beside)} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{plogp: {quoted(meta)}}})"
            )

    @staticmethod
    def load(path: "str | os.PathLike[str]") -> "Cooccurrences":
        """Read a table that `save` has written.

        Raises:
            BadText: a file that isn't one.
        """
        import duckdb

        try:
            with database() as connection:
                found = connection.execute(
                    "SELECT key, value FROM parquet_kv_metadata(?)", [os.fspath(path)]
                ).fetchall()
                meta = checked(json.loads(dict(found).get(b"plogp", b"null")), FORMAT, path)
                pairs = connection.sql(f"FROM {quoted(path)}").fetchnumpy()
        except duckdb.Error as error:
            raise BadText(
                f"`{os.fspath(path)}` is not a table of co-occurrences: {str(error).splitlines()[0]}", hint=HINT
            ) from error
        words, codes = np.unique(np.concatenate([pairs["left"], pairs["right"]]), return_inverse=True)
        found = (*np.split(codes.astype(np.int32), 2), np.array(pairs["count"]))
        return table_of(found, words.tolist(), Window(**meta["window"]), meta["n"])


def cooccurrences(
    source: Any,
    window: int | Literal["bigram", "document"] = "bigram",
    *,
    directed: bool | None = None,
    weighting: Weighting = "none",
    borders: Borders = "sentence",
    tokenizer: Tokenizer | None = None,
    unit: Unit = "file",
    column: str | None = None,
    errors: str = "strict",
    progress: Progress | None = None,
) -> Cooccurrences:
    """Count the pairs of words that stand together in a text, in memory that grows with the words and pairs seen.

    Args:
        source: a path, with wildcards perhaps, or a list of them ("-" is standard input; gzip, bzip2, xz and Zstandard
            are unpacked); strings, each a document; a series or, with `column`, a dataframe.
        window: "bigram" (neighbours, in order), a number of words, or "document" (anywhere in it, counted once).
        directed: whether the order matters; of bigrams it does, else not, unless told.
        weighting: "none", or let a pair at distance d count (window + 1 − d)/window ("linear") or 1/d ("harmonic").
        borders: what no pair crosses: "sentence" (and document), "document" or "none".
        tokenizer: from a document to its words. Without one plogp's rule applies (`plogp.text.tokenize`); with one
            sentences aren't known, and windows end at documents.
        unit: whether each "file" or each "line" is a document.
        column: the column of a dataframe.
        errors: "strict", or "replace" to read � for bytes that aren't UTF-8.
        progress: called with the bytes read and the bytes there are.

    Raises:
        BadText: a file that can't be read or isn't text, or no pair at all.
        InvalidValue: a window that isn't a positive number.
        UnknownName: a path or an option that isn't there.

    >>> table = cooccurrences(["The cat sat. The cat ran."])
    >>> table["the", "cat"], table["cat", "the"]
    (2, 0)
    >>> cooccurrences(["a b c"], 2, weighting="harmonic")["c", "a"]
    0.5
    """
    chosen = _window(window, directed, weighting, borders)
    read = reader(chosen.borders, tokenizer)
    stream = read.read(blocks(source, unit=unit, column=column, errors=errors, progress=progress))
    if chosen.size:
        pairs, n = window_pairs(stream, chosen.weights), None
    else:
        pairs, n = document_pairs(stream)
    words = read.words
    del read, stream  # their memory is for the table
    return table_of(pairs.found(), words, chosen, n)


def table_of(found: Found, words: Sequence[str], window: Window, n: int | None = None) -> Cooccurrences:
    """The table of counted pairs of numbers of words, in their memory; n of all pairs unless told.

    In its one form: words sorted and only those in a pair, pairs in order and each once.
    """
    left, right, counts = found
    if not counts.size:
        raise BadText(
            "no two words stand together in the text; needed: one pair at least", hint="is it the right text?"
        )
    kept = _rank(left, right, words)
    if not window.directed:
        for some in _blocks(left.size):
            left[some], right[some] = np.minimum(left[some], right[some]), np.maximum(left[some], right[some])
    _sort(left, right, counts, len(kept).bit_length())
    new = np.append(True, (left[1:] != left[:-1]) | (right[1:] != right[:-1]))
    if not new.all():
        left, right, counts = left[new], right[new], np.add.reduceat(counts, np.flatnonzero(new))
    return Cooccurrences(kept, left, right, counts, window, int(counts.sum()) if n is None else n)


def _blocks(n: int) -> list[slice]:
    """All of n pairs, in parts, as memory that is touched first costs more than all the rest."""
    return [slice(i, i + BLOCK) for i in range(0, n, BLOCK)]


def _rank(left: Integers, right: Integers, words: Sequence[str]) -> list[str]:
    """The words that are in a pair, sorted; in the pairs their places take the place of their numbers."""
    used = np.zeros(len(words), bool)
    for some in _blocks(left.size):
        used[left[some]] = used[right[some]] = True
    kept = sorted(np.flatnonzero(used).tolist(), key=words.__getitem__)
    place = np.empty(len(words), np.int32)
    place[kept] = np.arange(len(kept))
    for some in _blocks(left.size):
        left[some], right[some] = place[left[some]], place[right[some]]
    return [words[i] for i in kept]


def _sort(left: Integers, right: Integers, counts: Integers, bits: int) -> None:
    """Put pairs of numbers of so many bits in order; as one with the count, if that fits, as it sorts sooner."""
    room = 64 - 2 * bits
    if int(counts.max()) >> room:
        order = np.lexsort((right, left))
        left[:], right[:], counts[:] = left[order], right[order], counts[order]
        return
    high, low = np.uint64(bits + room), np.uint64(room)
    packed = counts.view(np.uint64)
    for some in _blocks(left.size):
        packed[some] |= (left[some].astype(np.uint64) << high) | (right[some].astype(np.uint64) << low)
    packed.sort()
    for some in _blocks(left.size):
        left[some] = packed[some] >> high
        right[some] = (packed[some] >> low) & np.uint64((1 << bits) - 1)
    packed &= np.uint64((1 << room) - 1)


def _window(size: Any, directed: bool | None, weighting: str, borders: str) -> Window:
    """The window that is asked for."""
    for name, value, known in (
        ("weighting", weighting, [*FARTHEST]),
        ("borders", borders, ["sentence", "document", "none"]),
    ):
        if value not in known:
            raise UnknownName(f"{name}={value!r}; needed: {', '.join(known)}", hint=did_you_mean(str(value), known))
    if size == "document":
        if directed or weighting != "none":
            raise InvalidValue(
                "a document has neither direction nor distance", hint="leave the options out, or give a number"
            )
        return Window(0, False, "none", "document")
    if size == "bigram":
        size, directed = 1, True if directed is None else directed
    if isinstance(size, bool) or not isinstance(size, (int, np.integer)):
        raise InvalidType(
            f"window={size!r}; needed: 'bigram', 'document' or a number of words", hint="such as window=5"
        )
    if not 1 <= size <= FARTHEST[weighting]:
        raise InvalidValue(
            f"window={size} with weighting={weighting!r}; needed: 1 to {FARTHEST[weighting]:,}", hint="such as window=5"
        )
    return Window(int(size), bool(directed), weighting, borders)  # type: ignore[arg-type]
