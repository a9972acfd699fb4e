"""The columns that are asked for, made ready for many measures: encoded, or cut into bins, once."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any

import numpy as np

from plogp import queries
from plogp.cells import Codes
from plogp.columns import checked_names
from plogp.counts import Counts
from plogp.errors import BadTable, InvalidType, InvalidValue, UnknownName, did_you_mean
from plogp.estimate.choice import Estimator
from plogp.estimate.observed import measured
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.frames import Table, is_frame
from plogp.outcomes import narrow
from plogp.pairwise.bins import CELLS, Parts, parts_of, quantile_edges
from plogp.pairwise.counting import Column
from plogp.result import Result
from plogp.samples import Observations, Samples

__all__ = ["CONTINUOUS", "Variables", "listed", "opened", "remote_parts"]

CONTINUOUS = ("auto", "neighbours", "bins")
"""How continuous columns may be measured."""

REPEATED = 0.1
"""The share of values that occur again beyond which neighbours, at a distance of 0, tell little."""

Encoded = tuple[Codes, Sequence[Any]]


class Variables:
    """Some columns of a table.

    Args:
        table: a dataframe, Samples or a dict of arrays.
        names: the columns; None is all.
        kinds: overrides of what a column is.
        missing: "drop" leaves out, measure by measure, the rows that lack one of its variables; "category" keeps
            missing as an outcome.
        continuous: "neighbours" measures continuous columns as they are, of a lazy engine on at most about a million
            rows; "bins" cuts them into quantile bins; "auto" is the latter on a lazy engine, and in memory for columns
            of which more than a tenth of the values occur again.
        seed: of the rows that are drawn; None is a fixed one.

    Attributes:
        names: the columns.
        engine: who holds the table.
        lazy: whether the rows are elsewhere.
        as_they_are: continuous columns that aren't cut.
        levels: how many outcomes each column that was counted has, missing or bins among them.
        notes: what was done with the columns.
        reasons: why a formula has no result, where that was said.

    Raises:
        InvalidType: not a table, or a column of lists.
        InvalidValue: a number that is infinite; `missing` or `continuous` that isn't one of the above.
        UnknownName: a column that isn't there; the nearest is suggested.
    """

    def __init__(
        self,
        table: Any,
        names: Iterable[str] | None = None,
        *,
        kinds: Mapping[str, str] | None = None,
        missing: str = "drop",
        continuous: str = "auto",
        seed: int | None = None,
    ) -> None:
        for what, value, known in (("missing", missing, ("drop", "category")), ("continuous", continuous, CONTINUOUS)):
            if value not in known:
                needed = " or ".join(map(repr, known))
                raise InvalidValue(f"{what}={value!r}; needed: {needed}", hint=did_you_mean(str(value), known))
        self.observations, self.missing = opened(table, kinds), missing
        self.names = checked_names(self.observations.names if names is None else names)
        self.require(*self.names)
        for name in self.names:
            if self.observations.kind(name) == "nested":
                self.observations.codes(name)  # says what is wrong with it
        self.engine = self.observations.engine
        self._encoded: dict[str, Encoded] = {}
        self._ordered: dict[str, tuple[list[float], float]] = {}
        self.reasons: dict[Formula, str] = {}
        self.levels: dict[str, int] = {}
        self._n = 0
        self.notes: tuple[str, ...] = ()
        numeric = [name for name in self.names if self.observations.kind(name) != "discrete"]
        if self.observations.lazy and numeric and continuous == "neighbours":
            self.observations, what = self.observations.held(self.names, seed)
            self.notes = (f"neighbours need rows: {what}",)
        self.lazy = self.observations.lazy
        cut = [] if continuous == "neighbours" else numeric
        if continuous == "auto" and not self.lazy:
            for name in numeric:
                self.encoded(name)  # while the column is in order
            cut = [name for name in numeric if self._order(name)[1] > REPEATED]
        self.as_they_are = frozenset(numeric) - {*cut}
        if cut:
            self._cut(cut)

    @property
    def route(self) -> str:
        """How the counts are got."""
        return f"counted on {self.engine}"

    @property
    def n(self) -> int:
        """How many rows the table has."""
        if not self._n:
            self.several([self.names[:1]])
        return self._n

    @property
    def gaps(self) -> list[str]:
        """The columns in memory that lack a value somewhere and leave its row out."""
        return [] if self.lazy else [name for name in self.names if self.column(name).gap]

    def measured(self, formula: Formula, choice: str | Estimator, request: Request) -> Result | None:
        """The result of a formula with a column that is measured as it is; None, and the reason, where it has none."""
        try:
            return measured(formula, self.observations, choice, request, unit="nats", missing=self.missing)
        except BadTable as error:
            self.reasons[formula] = error.message
            return None

    def not_measured(self, names: Mapping[str, Formula], otherwise: str) -> list[str]:
        """What is to be said of formulas without a result, each under a name: those of a reason together."""
        groups: dict[str, list[str]] = {}
        for name, formula in names.items():
            groups.setdefault(self.reasons.get(formula, otherwise), []).append(name)
        return [f"{listed(group)} could not be measured: {reason}" for reason, group in groups.items()]

    def require(self, *names: str) -> None:
        """Refuse a name that is no column."""
        for name in names:
            if name not in self.observations.names:
                raise UnknownName(
                    f"`{name}` is not a column here", hint=did_you_mean(str(name), self.observations.names)
                )

    def several(self, groups: Sequence[Sequence[str]]) -> list[tuple[Counts | None, int]]:
        """The counts of several groups of variables, and how many rows that leaves out; None where nothing is left.

        Columns that are measured as they are are cut into quantile bins here.
        """
        if self.lazy:
            counted = [counts for counts, _ in self.observations.several(groups, "category")]
        else:
            counted = [self._counts(group) for group in groups]
        for counts in counted:
            self._n = counts.n  # of all rows, as missing is still an outcome
            self.levels |= {name: len(outcomes) for name, outcomes in counts.outcomes.items()}
        if self.missing == "category":
            return [(counts, 0) for counts in counted]
        return [_without_missing(counts) for counts in counted]

    def column(self, name: str) -> Column:
        """A column in memory."""
        codes, outcomes = self.encoded(name)
        size, lacking = len(outcomes), False
        if outcomes and outcomes[-1] is None:  # there is a code for missing values, used or not
            lacking = bool((codes == size - 1).any())
            size -= not lacking
        gap = lacking and self.missing == "drop"
        if size == 1 and gap:  # nothing but missing
            return Column(name, np.ones_like(codes), 2, gap)
        return Column(name, codes, max(size, 2), gap)

    def encoded(self, name: str) -> Encoded:
        """Codes and outcomes of a column in memory, of a continuous one those of its bins."""
        if name not in self._encoded:
            binned = self.observations.kind(name) != "discrete"
            self._encoded[name] = self._bins(name) if binned else self.observations.codes(name)
        return self._encoded[name]

    def _counts(self, names: Sequence[str]) -> Counts:
        encoded = {name: self.encoded(name) for name in names}
        codes = {name: codes for name, (codes, _) in encoded.items()}
        return Counts.from_codes(codes, {name: outcomes for name, (_, outcomes) in encoded.items()})

    def _bins(self, name: str) -> Encoded:
        """Codes of the quantile bins of a column in memory."""
        line, (edges, _) = self.observations.line(name), self._order(name)
        sizes = np.diff(np.searchsorted(line.values, edges, side="right"), prepend=0, append=line.values.size)
        codes = np.full(self.observations.numbers(name).size, len(edges) + 1, narrow(len(edges) + 2))
        codes[line.order] = np.repeat(np.arange(len(edges) + 1, dtype=codes.dtype), sizes)
        return codes, (*range(len(edges) + 1), *[None] * (line.values.size < codes.size))

    def _order(self, name: str) -> tuple[list[float], float]:
        """The edges of the bins of a column in memory, and the share of its values that occur again."""
        if name not in self._ordered:
            line, edges = self.observations.line(name), list[float]()
            x = line.values
            if x.size:
                _refuse_infinite(name, x[0], x[-1])
                edges = quantile_edges(parts_of(x), x[0], x[-1], x.size)
            self._ordered[name] = edges, line.repeated
        return self._ordered[name]

    def _cut(self, names: Sequence[str]) -> None:
        """Cut columns into quantile bins, and say so."""
        if isinstance(self.observations, Table) and self.lazy:
            edges = remote_edges(self.observations, names)
            self.observations = self.observations.with_bins(edges)
            bins = {name: len(cuts) + 1 for name, cuts in edges.items()}
        else:
            bins = {name: len(set(self.encoded(name)[1]) - {None}) for name in names}
        shown = ", ".join(f"`{name}` {n}" for name, n in bins.items())
        self.notes += (f"continuous columns are cut into quantile bins, ∛n of them, 64 at most: {shown}",)


def opened(table: Any, kinds: Mapping[str, str] | None) -> Observations:
    """The table as named columns."""
    if isinstance(table, (Samples, Table)) and not kinds:
        return table
    if isinstance(table, Mapping):
        return Samples(table, kinds=kinds)
    if not isinstance(table, Samples) and is_frame(table):
        return Table(table, kinds=kinds)
    raise InvalidType(
        f"the table is {type(table).__name__}{' with kinds' if kinds else ''}; needed: a dataframe or a dict of arrays",
        hint="a file? read it first, for instance with duckdb.read_csv(path)"
        if isinstance(table, str)
        else "plogp.measure takes Counts and Joint; the kinds of Samples are given to plogp.Samples",
    )


def remote_edges(table: Table, names: Sequence[str]) -> dict[str, list[float]]:
    """The edges of quantile bins of columns of a lazy table."""
    keys = [table.key(name) for name in names]
    [found] = table.fetch([queries.extent(keys)])
    extents = [[column[0] for column in found[i : i + 3]] for i in range(0, len(found), 3)]
    edges = {}
    for name, key, (low, high, n) in zip(names, keys, extents, strict=True):
        if n:
            _refuse_infinite(name, low, high)
        edges[name] = quantile_edges(partial(remote_parts, table, key), low, high, n) if n and low < high else []
    return edges


def remote_parts(table: Table, key: str, low: float, high: float) -> Parts:
    """The parts of the numbers of a lazy table from one limit to the other."""
    [columns] = table.fetch([queries.cells(key, float(low), float(high), CELLS)])
    least, greatest, counts = zip(*sorted(zip(*columns, strict=True)), strict=True)
    return np.array(least), np.array(greatest), np.array(counts)


def _refuse_infinite(name: str, low: float, high: float) -> None:
    if inf in (-low, high):
        raise InvalidValue(
            f"`{name}` holds {high if high == inf else low}; needed: finite numbers",
            hint="leave these rows out, or make them missing if that's what they are",
        )


def _without_missing(counts: Counts) -> tuple[Counts | None, int]:
    try:
        return counts.without_missing()
    except BadTable:
        return None, counts.n


def listed(names: Sequence[str]) -> str:
    """Names in backticks, the first few where there are many."""
    shown = ", ".join(f"`{name}`" for name in names[:8])
    return f"{shown} and {len(names) - 8:,} more" if len(names) > 8 else shown
