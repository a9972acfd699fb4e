"""Tables of all pairs of columns in memory, counted in the way that is quickest on this machine.

Columns stand in blocks, and the tables of two blocks lie side by side in one tile. A tile is counted by bit-planes, by
columns fused two by two, or row by row for each pair, whichever must be quickest by the time that a word of a plane and
a row were measured to take here. The counts are the same.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from plogp import _kernels
from plogp.cells import Codes, Integers
from plogp.outcomes import narrow

__all__ = ["SMALL", "Block", "Column", "alike", "blocks", "count", "tile"]

EXTENT = 160
"""Outcomes of a block at most, unless one column has more: their planes stay in the cache, a stretch at a time."""

SMALL = 1 << 16
"""Cells of a table that stays in the cache."""

CELL = 2e-9
"""Seconds to fold a cell of fused columns, about."""


@dataclass(frozen=True, eq=False)
class Column:
    """A discrete column in memory.

    Attributes:
        name: of the column.
        codes: 0..size-1, shape (n,).
        size: how many outcomes there are, two at least; of a constant column the second doesn't occur.
        gap: whether the last code stands for a missing value, whose rows are left out.
    """

    name: str
    codes: Codes
    size: int
    gap: bool = False

    @cached_property
    def margin(self) -> Integers:
        """How often each code occurs, shape (size,)."""
        if not _kernels.COMPILED:
            return np.bincount(self.codes, minlength=self.size)
        from plogp._kernels.pairs_of_columns import count_codes

        margin = np.zeros(self.size, np.int64)
        count_codes(self.codes, margin)
        return margin

    @property
    def kept(self) -> int:
        """How many outcomes there are, but for the missing one."""
        return self.size - self.gap

    def with_(self, other: "Column") -> "Column":
        """Both as one column, this one in the higher digit."""
        codes = self.codes.astype(np.uint32) * np.uint32(other.size) + other.codes
        return Column(f"{self.name}, {other.name}", codes, self.size * other.size)


@dataclass(frozen=True, eq=False)
class Block:
    """Columns whose tables lie side by side."""

    columns: tuple[Column, ...]

    @cached_property
    def starts(self) -> Integers:
        """Where each column begins, and after the last the extent of all."""
        return np.cumsum([0, *(column.size for column in self.columns)])

    @cached_property
    def places(self) -> list[slice]:
        """Where each column is."""
        return [slice(a, b) for a, b in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)]

    @cached_property
    def margins(self) -> Integers:
        """How often each outcome occurs."""
        return np.concatenate([column.margin for column in self.columns])

    @cached_property
    def inner(self) -> Integers:
        """The places of the outcomes that have a plane: all but the last of each column."""
        return np.delete(np.arange(self.starts[-1]), self.starts[1:] - 1)

    @cached_property
    def firsts(self) -> Integers:
        """The first plane of each column."""
        return self.starts[:-1] - np.arange(len(self.columns))

    @cached_property
    def planes(self) -> NDArray[np.uint64]:
        """A plane for each outcome but the last of a column, and of zeros until three divides their number."""
        from plogp._kernels.pairs_of_columns import pack_planes

        start, n = 0, len(self.columns[0].codes)
        planes = np.zeros((self.n_planes, -(-n // 64)), np.uint64)
        for column in self.columns:
            pack_planes(column.codes, planes[start : start + column.size - 1])
            start += column.size - 1
        return planes

    @property
    def n_planes(self) -> int:
        """How many planes there are."""
        return -(-(int(self.starts[-1]) - len(self.columns)) // 3) * 3

    @cached_property
    def fused(self) -> list[tuple[Column, ...]]:
        """The columns two by two; an odd one is left."""
        return [self.columns[i : i + 2] for i in range(0, len(self.columns), 2)]

    @cached_property
    def fusions(self) -> list[Column]:
        """The fused columns as one each."""
        return [pair[0].with_(pair[1]) if len(pair) == 2 else pair[0] for pair in self.fused]


def alike(columns: Sequence[Column]) -> list[Column]:
    """The columns with codes of one type, so that loops are compiled once."""
    type_ = narrow(max(column.size for column in columns))
    return [replace(column, codes=column.codes.astype(type_, copy=False)) for column in columns]


def blocks(columns: Sequence[Column]) -> Iterator[Block]:
    """The columns in blocks, neighbours together."""
    block: list[Column] = []
    for column in columns:
        if block and sum(c.size for c in block) + column.size > EXTENT:
            yield Block(tuple(block))
            block = []
        block.append(column)
    yield Block(tuple(block))


def count(one: Column, other: Column) -> Integers:
    """How often the codes of two columns occur together, shape (size of one, size of the other)."""
    if _kernels.COMPILED:
        from plogp._kernels.pairs_of_columns import count_rows

        table = np.zeros((one.size, other.size), np.int64)
        count_rows(one.codes, other.codes, table)
        return table
    words = one.codes.astype(np.int64) * other.size + other.codes
    return np.bincount(words, minlength=one.size * other.size).reshape(one.size, other.size)


def tile(one: Block, other: Block) -> Integers:
    """The tables of each column of one with each of the other, side by side."""
    return quickest(one, other)(one, other)


def quickest(one: Block, other: Block) -> Callable[[Block, Block], Integers]:
    """The way of counting that must be quickest for these blocks."""
    word, row = costs()
    n = len(one.columns[0].codes)
    ways: dict[Callable[[Block, Block], Integers], float] = {
        by_rows: len(one.columns) * len(other.columns) * n * row,
        by_planes: one.n_planes * other.n_planes * (n / 64) * word,
    }
    cells = int(one.starts[-1] ** 2 * other.starts[-1] ** 2) / max(len(one.columns) * len(other.columns), 1) ** 2
    if cells <= SMALL:
        ways[by_fusion] = len(one.fused) * len(other.fused) * (n * row + cells * CELL)
    return min(ways, key=ways.__getitem__)


def by_rows(one: Block, other: Block) -> Integers:
    """Pair by pair."""
    table = np.empty((one.starts[-1], other.starts[-1]), np.int64)
    for a, rows in zip(one.columns, one.places, strict=True):
        for b, columns in zip(other.columns, other.places, strict=True):
            table[rows, columns] = count(a, b)
    return table


def by_fusion(one: Block, other: Block) -> Integers:
    """Two columns by two at a time, folded into the four tables of the columns."""
    parts = []
    for pair, fusion in zip(one.fused, one.fusions, strict=True):
        row = []
        for others, other_fusion in zip(other.fused, other.fusions, strict=True):
            table = count(fusion, other_fusion).reshape([c.size for c in (*pair, *others)])
            row.append(_folded(table, len(pair)))
        parts.append(np.concatenate(row, axis=1))
    return np.concatenate(parts)


def _folded(table: Integers, n_rows: int) -> Integers:
    """The tables of each of the first `n_rows` axes with each of the others, side by side."""
    axes = range(table.ndim)
    return np.block(
        [
            [table.sum(axis=tuple(a for a in axes if a not in (i, j))) for j in axes if j >= n_rows]
            for i in axes
            if i < n_rows
        ]
    )


def by_planes(one: Block, other: Block) -> Integers:
    """By the bits that two planes share; the counts of the last outcomes are what is left of the margins.

    Of a block with itself only the tables above the diagonal.
    """
    from plogp._kernels.pairs_of_columns import count_planes

    shared = np.zeros((one.n_planes, other.n_planes), np.int64)
    count_planes(one.planes, other.planes, one is other, shared)
    shared = shared[: one.inner.size, : other.inner.size]
    rows = np.empty((one.inner.size, other.starts[-1]), np.int64)
    rows[:, other.inner] = shared
    rows[:, other.starts[1:] - 1] = one.margins[one.inner, None] - np.add.reduceat(shared, other.firsts, axis=1)
    table = np.empty((one.starts[-1], other.starts[-1]), np.int64)
    table[one.inner] = rows
    table[one.starts[1:] - 1] = other.margins - np.add.reduceat(rows, one.firsts, axis=0)
    return table


@cache
def costs() -> tuple[float, float]:
    """Seconds that a word shared by two planes takes here, infinite without compiled loops, and seconds of a row."""
    codes = np.random.default_rng(0).integers(0, 10, 1 << 15).astype(np.uint8)
    column = Column("", codes, 10)
    row = _seconds(lambda: count(column, column)) / codes.size
    if not _kernels.COMPILED:
        return np.inf, row
    from plogp._kernels.pairs_of_columns import count_planes

    planes = Block((column,) * 8).planes
    shared = np.zeros((len(planes), len(planes)), np.int64)
    return _seconds(lambda: count_planes(planes, planes, False, shared)) / (shared.size * planes.shape[1]), row


def _seconds(call: Callable[[], object]) -> float:
    """The least of a few tries, after one that compiles."""
    call()
    times = []
    for _ in range(5):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return min(times)
