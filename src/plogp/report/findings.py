"""What a report tells: the columns, all pairs, a ranking and a diagram, measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp import queries
from plogp.counts import Counts
from plogp.diagram import Diagram
from plogp.errors import BadTable, InvalidValue, PlogpError, UnknownName, did_you_mean
from plogp.evaluate import Request
from plogp.frames import Table
from plogp.measure import measure
from plogp.notation import quoted
from plogp.pairwise import MutualInformationMatrix, Ranking
from plogp.pairwise.bins import parts_of
from plogp.pairwise.variables import Variables, opened, remote_parts
from plogp.report.local import local
from plogp.report.relations import CONTINUOUS, chosen, diagram, matrix, ordered, ranking
from plogp.result import Result
from plogp.samples import Observations
from plogp.units import nats_per

__all__ = ["MOST", "Column", "Findings", "find"]

MOST = 50
"""Columns that a page measures; a matrix of more can't be read."""

BARS, RANGES = 12, 16
"""Bars of outcomes at most, and of ranges of numbers; the latter a divisor of the cells that numbers are counted in."""


@dataclass(frozen=True)
class Column:
    """A column that is measured.

    Attributes:
        name: of the column.
        entropy: H of it, differential where it is continuous.
        n_missing: how many values are missing.
        n_outcomes: how many outcomes occur; None where it is continuous.
        bars: outcomes and how often they occur, the most frequent first, or ranges of numbers in their order.
        n_others: how many observations have an outcome that has no bar.
        in_ranges: whether bars are ranges of numbers.
    """

    name: str
    entropy: Result
    n_missing: int
    n_outcomes: int | None
    bars: tuple[tuple[str, int], ...]
    n_others: int = 0
    in_ranges: bool = False

    @property
    def continuous(self) -> bool:
        """Whether it is numbers on a line."""
        return self.n_outcomes is None

    @property
    def longest(self) -> int:
        """How often the outcomes of the longest bar occur."""
        return max(n for _, n in self.bars)

    @property
    def ends(self) -> tuple[str, str]:
        """Where the first range begins and the last ends."""
        return self.bars[0][0].partition(" to ")[0], self.bars[-1][0].rpartition(" to ")[2]


@dataclass(frozen=True)
class Findings:
    """All that a page tells.

    Attributes:
        n_rows: of the table.
        engine: who held it.
        choices: of the measures: unit, confidence and, where they were given, kinds.
        target: the column that the others are ranked by.
        columns: those that are measured, as they stand in the table.
        left_out: columns that aren't, or only by themselves, and why.
        matrix: what each pair shares, similar columns side by side; None of fewer than two columns.
        tree: its dendrogram, as `scipy.cluster.hierarchy.linkage` gives it; None of fewer than three columns.
        ranking: the columns by what they tell of the target.
        diagram: of two or three discrete columns that tell much, where there are two.
    """

    n_rows: int
    engine: str
    choices: Mapping[str, Any]
    target: str | None
    columns: tuple[Column, ...]
    left_out: Mapping[str, str]
    matrix: MutualInformationMatrix | None
    tree: NDArray[np.float64] | None
    ranking: Ranking | None
    diagram: Diagram | None


def find(
    source: object, target: str | None, *, unit: str, confidence: float, kinds: Mapping[str, str] | None
) -> Findings:
    """Measure a table for a report."""
    nats_per(unit)
    choices: dict[str, Any] = {"unit": unit, "confidence": Request(confidence=confidence).confidence}
    table = opened(source, kinds)
    if target is not None and target not in table.names:
        raise UnknownName(f"the target `{target}` is not a column here", hint=did_you_mean(str(target), table.names))
    first = [name for name in table.names if name != target][: MOST - (target is not None)]
    taken = [name for name in table.names if name == target or name in set(first)]
    here = local(source, table, taken)
    columns, left_out = _columns(table, here, taken, target, choices)
    names = [column.name for column in columns]
    idle = {column.name: why for column in columns if (why := _idle(column))}
    useful = [name for name in names if name not in idle]
    found, tree = ordered(matrix(here, useful, unit)) if len(useful) > 1 else (None, None)
    ranked = ranking(here, target, useful, choices) if target is not None and {target} < {*useful} else None
    discrete = [column.name for column in columns if not column.continuous and column.name in useful]
    drawn = chosen(target, discrete, found, ranked)
    return Findings(
        n_rows=_n_rows(here),
        engine=table.engine,
        choices={**choices, **({"kinds": dict(kinds)} if kinds else {})},
        target=target,
        columns=tuple(columns),
        left_out={**left_out, **idle},
        matrix=found,
        tree=tree,
        ranking=ranked,
        diagram=diagram(here, drawn, choices),
    )


def _n_rows(table: Observations) -> int:
    """How many rows the table has."""
    for name in table.names:
        if table.kinds[name] == "discrete":
            return table.counts([name], missing="category")[0].n
    return Variables(table, table.names[:1], continuous=CONTINUOUS).n


def _columns(
    table: Observations, here: Observations, taken: Sequence[str], target: str | None, choices: Mapping[str, Any]
) -> tuple[list[Column], dict[str, str]]:
    """The columns that can be measured, in memory where they are there, and why the others can't."""
    n_rows = _n_rows(here)
    left_out = {name: f"not among the {MOST} columns that a page takes" for name in table.names if name not in taken}
    columns = []
    for name in taken:
        try:
            held = here if name in here.names else table
            numbers = table.kinds[name] in ("continuous", "mixed")
            columns.append(_continuous(held, name, n_rows, choices) if numbers else _discrete(held, name, choices))
        except PlogpError as error:
            if name == target:
                raise UnknownName(f"the target can't be measured: {error.message}", hint=error.hint) from error
            left_out[name] = str(error)
    if not columns:
        raise BadTable(
            f"none of {len(table.names):,} columns can be measured: {next(iter(left_out.values()))}",
            hint="a report needs a column of texts, of numbers or of truth values",
        )
    return columns, left_out


def _idle(column: Column) -> str:
    """Why a column can share nothing, or seems to share all."""
    if column.n_outcomes == 1 or (column.continuous and len(column.bars) == 1):
        return "constant: it shares nothing, so it is in no comparison"
    if column.n_outcomes == column.entropy.n and column.n_outcomes is not None and column.n_outcomes > 2:
        return "different in each row: what it seems to tell is an artefact, so it is in no comparison"
    return ""


def _discrete(table: Observations, name: str, choices: Mapping[str, Any]) -> Column:
    """A discrete column with its entropy and its bars."""
    counts: Counts = table.counts([name], missing="category")[0]
    entropy = measure(f"H({quoted(name)})", table, **choices)
    present = {label: n for label, n in counts.to_dict().items() if label is not None}
    numbers = all(isinstance(label, (int, float)) and not isinstance(label, bool) for label in present)
    if in_ranges := numbers and len(present) > BARS:
        bars = _ranges(list(present), list(present.values()))
    else:
        most_frequent = sorted(present.items(), key=lambda item: -item[1])[:BARS]
        bars = tuple((str(label), n) for label, n in most_frequent)
    others = sum(present.values()) - sum(n for _, n in bars)
    return Column(name, entropy, entropy.n_missing, len(present), bars, others, in_ranges)


def _continuous(table: Observations, name: str, n_rows: int, choices: Mapping[str, Any]) -> Column:
    """A continuous column with its differential entropy and its histogram."""
    values, counts = _parts(table, name)
    entropy = measure(f"H({quoted(name)})", table, **choices)
    return Column(name, entropy, n_rows - sum(counts), None, _ranges(values, counts), in_ranges=True)


def _parts(table: Observations, name: str) -> tuple[list[float], list[int]]:
    """The numbers of a column in parts of equal width, counted where they are: the least of each, and how many."""
    remote = table if isinstance(table, Table) and table.lazy else None
    if remote is not None:
        (low,), (high,), (n,) = remote.fetch([queries.extent([remote.key(name)])])[0]
    else:
        x = table.line(name).values
        low, high, n = (x[0], x[-1], x.size) if x.size else (None, None, 0)
    if low is None or high is None:
        raise BadTable(f"`{name}` is missing in each row; needed: a value", hint="is it the right column?")
    if not (isfinite(low) and isfinite(high)):
        raise InvalidValue(f"`{name}` holds infinite numbers; needed: finite ones", hint="leave these rows out")
    if low == high:
        return [float(low)], [n]
    least, _, counts = parts_of(x)(low, high) if remote is None else remote_parts(remote, remote.key(name), low, high)
    return least.tolist(), counts.tolist()


def _ranges(values: Sequence[float], counts: Sequence[int]) -> tuple[tuple[str, int], ...]:
    """Numbers counted in ranges of equal width."""
    low, high = min(values), max(values)
    if low == high:
        return ((f"{low:.4g}", sum(counts)),)
    heights, edges = np.histogram(values, RANGES, weights=counts)
    labels = (f"{a:.4g} to {b:.4g}" for a, b in pairwise(edges))
    return tuple((label, int(n)) for label, n in zip(labels, heights, strict=True))
