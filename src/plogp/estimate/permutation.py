"""The null hypothesis of independence, within strata, and its tests: by moments, or by permutations that are drawn.

What is permuted is which observations have which outcome of a group of variables; each group but the first, within the
strata of the condition. Only the cells of all groups together change, so a permutation is judged by Σ n ln n over them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np

from plogp.counts import Counts
from plogp.errors import InvalidValue
from plogp.estimate.base import Floats, Ints
from plogp.estimate.independence import Permutation, Table, inherited
from plogp.estimate.uncertainty import gamma_p_value
from plogp.formula import Formula

__all__ = ["Independence"]

Names = frozenset[str]

MOST = 10**9
"""Observations from which NumPy's hypergeometric distribution can't be drawn."""

BLOCK = 1 << 20
"""Cells of tables that are drawn at once."""


@dataclass(frozen=True)
class Independence:
    """The hypothesis that groups of variables are independent given others.

    Attributes:
        counts: of these variables and no others.
        groups: two or more, disjoint.
        given: the condition; empty unless there are two groups.
    """

    counts: Counts
    groups: tuple[Names, ...]
    given: Names

    @classmethod
    def of(cls, counts: Counts, formula: Formula) -> "Independence | None":
        """What it means that the formula is 0: None unless it's a mutual information or a total correlation."""
        information, groups = formula.as_information(), formula.as_total_correlation()
        if information is not None:
            return cls(counts, tuple(sorted(information[:2], key=sorted)), information[2])
        return cls(counts, tuple(sorted(groups, key=sorted)), frozenset()) if groups is not None else None

    @cached_property
    def tables(self) -> list[Table]:
        """Group against group: the second against the first, the third against both, and so on."""
        tables, seen = [], self.groups[0]
        for group in self.groups[1:]:
            together = [name for name in self.counts.names if name in seen | group | self.given]
            part = self.counts if len(together) == len(self.counts.names) else self.counts.marginal(*together)
            tables.append(Table.of(part, seen, group, self.given))
            seen |= group
        return tables

    @cached_property
    def moments(self) -> list[Permutation]:
        """What permutation makes of each of the tables, the ones before it being given."""
        return [Permutation.of(table) for table in self.tables]

    @cached_property
    def settled(self) -> bool:
        """Whether all permutations have the same G, as with a constant or an identifier: then nothing can be told."""
        return sum(null.variance for null in self.moments) <= 1e-9 * sum(null.mean for null in self.moments)

    def p_value(self) -> float:
        """From the moments of G = 2nÎ_plug-in over all permutations; 1 where nothing can vary.

        The G of several groups is the sum of those of the tables. Each has, given the tables before it, its exact
        permutation mean, so the sum does too.
        """
        if self.settled:
            return 1.0
        g = sum(2 * table.n * table.plug_in for table in self.tables)
        return gamma_p_value(g, self.moments, sum(table.degrees_of_freedom for table in self.tables))

    def exact_p_value(self, permutations: int, seed: int) -> float:
        """(1 + #{drawn ≥ observed})/(m + 1) (Phipson & Smyth 2010, doi:10.2202/1544-6115.1585)."""
        from scipy.special import xlogy

        if self.counts.n >= MOST:
            raise InvalidValue(
                f"permutations={permutations} of {self.counts.n:,} observations; needed: fewer than {MOST:,}",
                hint="leave out permutations=; the p-value is then computed from exact moments",
            )
        joint = self.counts.frequencies()
        observed = float(xlogy(joint, joint).sum())
        rng = np.random.default_rng(seed)
        cells = sum(prod(margin.size for margin in margins) for margins in self._margins)
        many = self.counts.n > 32 * cells
        drawn = self._tables_drawn(permutations, cells, rng) if many else self._shuffles(permutations, rng)
        reached = sum(int((block >= observed * (1 - 1e-13)).sum()) for block in drawn)
        return (1 + reached) / (permutations + 1)

    @cached_property
    def _stratum(self) -> Ints:
        """The stratum of each occupied cell."""
        return self.counts.index(self.given) if self.given else np.zeros(self.counts.n_cells, dtype=np.int64)

    @cached_property
    def _margins(self) -> list[tuple[Ints, ...]]:
        """For each stratum, the counts of each group's outcomes there."""
        return list(zip(*(self._margin(group | self.given) for group in self.groups), strict=True))

    def _margin(self, names: Names) -> list[Ints]:
        """The counts of the cells of some variables, stratum by stratum."""
        counts = self.counts.frequencies(names)
        stratum = inherited(self._stratum, self.counts.index(names), counts.size)
        return np.split(counts[np.argsort(stratum, kind="stable")], np.cumsum(np.bincount(stratum))[:-1])

    def _tables_drawn(self, permutations: int, cells: int, rng: "np.random.Generator") -> Iterator[Floats]:
        """Σ n ln n of tables drawn cell by cell: quick where observations are many and cells few."""
        from scipy.special import xlogy

        block = max(BLOCK // cells, 1)
        for start in range(0, permutations, block):
            total = np.zeros(min(block, permutations - start))
            for first, *others in self._margins:
                table = np.broadcast_to(first, (total.size, first.size))
                for margin in others:
                    table = random_tables(table, margin, rng).reshape(total.size, -1)
                total += xlogy(table, table).sum(axis=1)
            yield total

    def _shuffles(self, permutations: int, rng: "np.random.Generator") -> Iterator[Floats]:
        """Σ n ln n of the cells when the outcomes of each group but the first are shuffled within strata."""
        from scipy.special import xlogy

        from plogp._kernels.independence import shuffle_within

        joint = self.counts.frequencies()
        order = np.argsort(self._stratum, kind="stable")
        start = np.append(0, np.cumsum(np.bincount(self._stratum, weights=joint))).astype(np.int64)
        first, *others = (np.repeat(self.counts.index(g | self.given)[order], joint[order]) for g in self.groups)
        for _ in range(permutations):
            cell = first
            for codes in others:
                shuffle_within(codes, start, rng)
                cell = together(cell, codes)
            counts = np.bincount(cell)
            yield np.array([xlogy(counts, counts).sum()])


def together(one: Ints, other: Ints) -> Ints:
    """Codes of the pairs of two columns of codes, few enough to count by."""
    pairs = one * (int(other.max()) + 1) + other
    if pairs.max() < 4 * pairs.size + 1000:
        return pairs
    codes: Ints = np.unique(pairs, return_inverse=True)[1]
    return codes


def random_tables(rows: Ints, columns: Ints, rng: "np.random.Generator") -> Ints:
    """Tables with margins rows, shape (m, r), and columns, shape (c,), as permutation makes them; shape (m, r, c)."""
    tables = np.empty((*rows.shape, columns.size), dtype=np.int64)
    left = np.tile(columns, (len(rows), 1))
    for i in range(rows.shape[1]):
        wanted, rest = rows[:, i].copy(), left.sum(axis=1)
        for j in range(columns.size):
            rest = rest - left[:, j]
            tables[:, i, j] = rng.hypergeometric(left[:, j], rest, wanted)
            wanted -= tables[:, i, j]
        left -= tables[:, i]
    return tables
