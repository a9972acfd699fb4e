"""Cells: rows of codes -> the cells that occur, in order, and how often each does.

The codes of a row are packed into one word, so many bits a variable. Where few words are possible they are counted in a
table of all of them; where many are, they are sorted, in memory that grows with the distinct ones.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from math import log
from time import perf_counter
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidValue

__all__ = ["BLOCK", "Codes", "Integers", "compiled", "ranks", "tally"]

Codes = NDArray[np.integer[Any]]
Words = NDArray[np.integer[Any]]
Integers = NDArray[np.int64]

COMPILED_FROM = 1 << 18  # rows; below, importing Numba costs more than its loops save
BLOCK = 1 << 16  # rows packed at a time, which stay in the cache
CHUNK = 1 << 20  # rows sorted at a time, at least
WORD = 63  # bits
SMALL_TABLE = 16  # bits of a word for which a table is always small enough
BUCKETS = 8  # bits that the rows are first thrown into buckets by: a line of each stays in the nearest cache
DIGIT = 12  # bits that a pass of the sort goes by: its counters stay in the nearest cache
MARKS = 1 << 17  # places that distinct words leave a mark in, a sample of them


def compiled(n: int) -> ModuleType | None:
    """The compiled loops for a work on n rows; None where NumPy is as quick, or Numba isn't installed."""
    if n < COMPILED_FROM:
        return None
    from plogp import _kernels

    if not _kernels.COMPILED:
        return None
    from plogp._kernels import counting

    return counting


def tally(
    columns: Mapping[str, Codes], sizes: Mapping[str, int], weights: Integers | None = None
) -> tuple[dict[str, Codes], Integers]:
    """The distinct rows in lexicographic order, and how often each occurs, or the sum of its weights.

    Args:
        columns: for each variable its codes 0..size-1, shape (n,).
        sizes: how many codes each variable has.
        weights: positive, shape (n,); a row counts once where there are none.

    Raises:
        InvalidValue: a code outside 0..size-1.

    Memory beyond the input grows with the distinct rows, and with n only without Numba, or where a row takes more than
    63 bits.
    """
    rows = _Rows(columns, sizes, weights)
    if rows.bits > WORD:
        first, rank = _wide(rows)
        _, counts = tally({"rank": rank}, {"rank": len(first)}, weights)
        return {name: column[first] for name, column in columns.items()}, counts
    cells = _dense(rows) if rows.few_words else _sparse(rows)
    return rows.unpacked(cells), cells.counts


def ranks(columns: Mapping[str, Codes], sizes: Mapping[str, int], n: int) -> Integers:
    """For each of n rows its position among the distinct rows, in the order that `tally` gives them."""
    rows = _Rows(columns, sizes, n=n)
    if rows.bits > WORD:
        return _wide(rows)[1]
    words = rows.words(0, n)
    if rows.bits > SMALL_TABLE and 1 << rows.bits > 4 * n:
        return np.unique(words, return_inverse=True)[1]
    seen = np.zeros(1 << rows.bits, bool)
    seen[words] = True
    return (np.cumsum(seen) - 1)[words]


class _Rows:
    """Rows of codes, to be read as words: the codes side by side, the first variable in the highest bits."""

    def __init__(
        self,
        columns: Mapping[str, Codes],
        sizes: Mapping[str, int],
        weights: Integers | None = None,
        n: int | None = None,
    ) -> None:
        self.columns = columns
        self.sizes = sizes
        self.weights = weights
        self.n = n if n is not None else len(next(iter(columns.values())) if weights is None else weights)
        self.widths = {name: (sizes[name] - 1).bit_length() for name in columns}
        self.bits = sum(self.widths.values())
        self.few_words = self.bits <= SMALL_TABLE or 1 << self.bits <= self.n // 4
        self.kernels = compiled(self.n)

    def words(self, start: int, stop: int) -> Words:
        """The words of some rows."""
        columns = {n: np.ascontiguousarray(x[start:stop], x.dtype.newbyteorder("=")) for n, x in self.columns.items()}
        sizes, widths, names = self.sizes, self.widths, list(columns)
        dtype = np.uint32 if self.few_words else np.uint64
        if self.kernels and len(names) > 1:
            a, b, *names = names
            words: Words = np.empty(stop - start, dtype)
            if not self.kernels.pack_two(words, columns[a], columns[b], widths[b], sizes[a], sizes[b]):
                raise self.outside(a, b)
        else:
            words = np.zeros(stop - start, dtype)
        pack = self.kernels.pack if self.kernels else _pack
        for name in names:
            if not pack(words, columns[name], widths[name], sizes[name]):
                raise self.outside(name)
        return words

    def outside(self, *names: str) -> InvalidValue:
        """The first of these columns with a code that isn't one of its own."""
        ranges = {name: (self.columns[name].min(), self.columns[name].max()) for name in names}
        name, (least, most) = next((n, r) for n, r in ranges.items() if r[0] < 0 or r[1] >= self.sizes[n])
        return InvalidValue(
            f"codes of `{name}` go from {least} to {most}; needed: 0 to {self.sizes[name] - 1}, one for each outcome",
            hint="give all outcomes, or let plogp.Samples encode the column",
        )

    def blocks(self) -> Iterator[tuple[Words, Integers | None]]:
        """The words of all rows with their weights, some rows at a time."""
        for start in range(0, self.n, BLOCK):
            stop = min(start + BLOCK, self.n)
            yield self.words(start, stop), None if self.weights is None else self.weights[start:stop]

    def chunk(self, start: int, stop: int) -> "_Rows":
        """Some of the rows; they have no weights."""
        return _Rows({name: column[start:stop] for name, column in self.columns.items()}, self.sizes)

    def leading(self, bits: int) -> "_Rows":
        """The first variables that have so many bits together; without weights."""
        names = list(self.columns)
        while sum(self.widths[name] for name in names[:-1]) >= bits:
            names.pop()
        return _Rows({name: self.columns[name] for name in names}, self.sizes)

    def unpacked(self, cells: "_Cells") -> dict[str, Codes]:
        """The codes in words, in the narrowest type that holds them."""
        codes, shift = {}, self.bits
        for name, width in self.widths.items():
            shift -= width
            codes[name] = np.empty(cells.words.size, np.min_scalar_type(self.sizes[name] - 1))
            if self.kernels:
                cells.unpack(self.kernels, shift, width, codes[name])
                continue
            np.right_shift(cells.words, shift, out=codes[name], casting="unsafe")
            codes[name] &= codes[name].dtype.type((1 << width) - 1)
        return codes


class _Cells(NamedTuple):
    """Distinct words in order, and their counts.

    Attributes:
        words: without what their bucket says; whole where all are in one.
        counts: how often each occurs.
        ends: the first word of each bucket, and the last one's end; None of one bucket.
        bits: how many bits of a word are below its bucket.
    """

    words: Words
    counts: Integers
    ends: Integers | None = None
    bits: int = 0

    def unpack(self, kernels: ModuleType, shift: int, width: int, out: Codes) -> Codes:
        """Some bits of each word, its bucket's among them."""
        ends = np.array([0, self.words.size]) if self.ends is None else self.ends
        kernels.unpack(self.words, ends, self.bits, shift, width, out)
        return out


def _pack(words: Words, codes: Codes, bits: int, size: int) -> bool:
    words <<= words.dtype.type(bits)
    words |= codes.astype(words.dtype)
    return not codes.size or bool(codes.min() >= 0 and codes.max() < size)


def _dense(rows: _Rows) -> _Cells:
    """Cells from a table of all words."""
    table = np.zeros(1 << rows.bits, np.int64)
    if rows.kernels and len(rows.columns) == 1:
        [(name, column)] = rows.columns.items()
        column = np.ascontiguousarray(column, column.dtype.newbyteorder("="))
        if not rows.kernels.tally_codes(table, column, rows.sizes[name], rows.weights):
            raise rows.outside(name)
        found = np.flatnonzero(table)
        return _Cells(found, table[found])
    for words, weights in rows.blocks():
        if rows.kernels:
            rows.kernels.tally(table, words, weights)
        else:
            np.add.at(table, words, 1 if weights is None else weights)
    found = np.flatnonzero(table)
    return _Cells(found, table[found])


def _sparse(rows: _Rows) -> _Cells:
    """Cells by sorting: all rows at once where a good part of them is distinct, else chunk by chunk."""
    kernels = rows.kernels
    if kernels is None:
        return _sorted(rows.words(0, rows.n), rows.weights)
    if rows.weights is None and rows.n > 2 * CHUNK:
        chunk = max(CHUNK, 4 * _distinct(rows, kernels))
        if rows.n > 2 * chunk:
            return _merged(rows, chunk, kernels)
    return _by_bucket(rows, kernels)


def _distinct(rows: _Rows, kernels: ModuleType) -> int:
    """About how many distinct words there are, from one in eight blocks of rows.

    Linear counting of the marks that they leave: -m ln(share of the m places without one). Whang, Vander-Zanden, Taylor
    (1990), doi:10.1145/78922.78925. Words grow with rows as from half of these blocks to all of them, like a power.
    """
    marks, starts = np.zeros(MARKS + 1, np.uint8), range(0, rows.n, 8 * BLOCK)
    half = len(starts) // 2

    def found(starts: range) -> float:
        for start in starts:
            kernels.mark(rows.words(start, min(start + BLOCK, rows.n)), marks)
        return MARKS * log(MARKS / max(1, MARKS - int(np.count_nonzero(marks[:-1]))))

    first, both = found(starts[:half]), found(starts[half:])
    growth = log(both / first) / log(len(starts) / half) if first else 1.0
    return round(float(kernels.SAMPLED * both * 8**growth))


def _bucket_sizes(rows: _Rows, kernels: ModuleType) -> Integers:
    """How many rows fall into each bucket, from the first variables, whose bits say it."""
    sizes, lead = np.zeros(1 << BUCKETS, np.int64), rows.leading(BUCKETS)
    for words, _ in lead.blocks():
        words >>= np.uint64(lead.bits - BUCKETS)
        kernels.tally(sizes, words, None)
    return sizes


def _by_bucket(rows: _Rows, kernels: ModuleType) -> _Cells:
    """Cells of rows thrown into buckets by their highest bits."""
    shift = rows.bits - BUCKETS
    ends = np.concatenate([[0], np.cumsum(_bucket_sizes(rows, kernels))])
    cursors, bits = ends[:-1].copy(), np.uint64(shift)
    low: Words = np.empty(rows.n, np.uint32 if shift <= 32 else np.uint64)
    carried = None if rows.weights is None else np.empty(rows.n, np.int64)
    for block, weights in rows.blocks():
        kernels.scatter(block, weights, bits, cursors, low, carried)
    in_numpy = carried is None and _numpy_sorts_faster(kernels)
    digit = np.uint64(-(-shift // (2 * -(-shift // (2 * DIGIT)))))  # passes come by twos, there and back
    spare = np.empty(0 if in_numpy else np.diff(ends).max(), low.dtype)
    spare_carried = None if carried is None else np.empty(spare.size, np.int64)
    first = np.zeros_like(ends)
    for b, (start, end) in enumerate(pairwise(ends.tolist())):
        bucket = low[start:end]
        if in_numpy:
            bucket.sort()
        else:
            kernels.radix_sort(
                bucket, carried if carried is None else carried[start:end], spare, spare_carried, bits, digit
            )
        first[b + 1] = first[b] + kernels.distinct(bucket)
    counts = np.empty(first[-1], np.int64)
    kernels.runs(low, carried, ends, counts)
    return _Cells(low[: first[-1]], counts, first, shift)


@cache
def _numpy_sorts_faster(kernels: ModuleType) -> bool:
    """Whether NumPy's sort beats the radix sort on this machine, as it does where it uses wide vectors well.

    Either gives the same. Both are tried on a few words that stay in the cache.
    """
    words = np.random.default_rng(0).integers(0, 1 << 2 * DIGIT, BLOCK, np.uint32)
    spare, bits = np.empty_like(words), np.uint64(DIGIT)

    def seconds(sort: Callable[[Words], None]) -> float:
        copy, start = words.copy(), perf_counter()
        sort(copy)
        return perf_counter() - start

    ours = [seconds(lambda w: kernels.radix_sort(w, None, spare, None, 2 * bits, bits)) for _ in range(4)]
    return min(seconds(np.ndarray.sort) for _ in range(4)) < min(ours)


def _merged(rows: _Rows, chunk: int, kernels: ModuleType) -> _Cells:
    """Cells chunk by chunk, so that beside one chunk only the distinct words are kept."""
    words, counts = np.empty(0, np.uint64), np.empty(0, np.int64)
    for start in range(0, rows.n, chunk):
        cells = _sparse(rows.chunk(start, min(start + chunk, rows.n)))
        more = cells.unpack(kernels, 0, WORD, np.empty(cells.words.size, np.uint64))
        out, out_counts = np.empty(words.size + more.size, np.uint64), np.empty(words.size + more.size, np.int64)
        found = kernels.merge(words, counts, more, cells.counts, out, out_counts)
        words, counts = out[:found].copy(), out_counts[:found].copy()
    return _Cells(words, counts)


def _sorted(words: Words, weights: Integers | None) -> _Cells:
    """Cells with NumPy's sort."""
    if weights is None:
        words.sort()
    else:
        order = np.argsort(words, kind="stable")
        words, weights = words[order], weights[order]
    starts = np.flatnonzero(np.concatenate([[True], words[1:] != words[:-1]]))
    counts = np.diff(starts, append=words.size) if weights is None else np.add.reduceat(weights, starts)
    return _Cells(words[starts], counts)


def _wide(rows: _Rows) -> tuple[Integers, Integers]:
    """Rows too wide for a word, variable by variable: where each distinct row is first, and the rank of each row."""
    first, rank = np.zeros(1, np.int64), np.zeros(rows.n, np.int64)
    for name, column in rows.columns.items():
        if column.min() < 0 or column.max() >= rows.sizes[name]:
            raise rows.outside(name)
        seen, code = np.unique(column, return_inverse=True)
        _, first, rank = np.unique(rank * seen.size + code, return_index=True, return_inverse=True)
    return first, rank
