"""What a report tells: the columns, all pairs, a ranking and a diagram, measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp import frames
from plogp.counts import Counts
from plogp.diagram import Diagram
from plogp.errors import BadTable, InvalidType, PlogpError, UnknownName, did_you_mean
from plogp.evaluate import Request
from plogp.measure import measure
from plogp.notation import quoted
from plogp.result import Result
from plogp.samples import Samples
from plogp.units import nats_per

__all__ = ["MOST", "Column", "Findings", "Ranked", "find"]

MOST = 50
"""Columns that a page measures; a matrix of more can't be read."""
BARS = 12
"""Bars of a column at most."""


@dataclass(frozen=True)
class Column:
    """A column that is measured.

    Attributes:
        name: of the column.
        entropy: H of it.
        n_outcomes: how many outcomes occur.
        bars: outcomes and how often they occur, the most frequent first, or ranges of numbers in their order.
        n_others: how many observations have an outcome that has no bar.
    """

    name: str
    entropy: Result
    n_outcomes: int
    bars: tuple[tuple[str, int], ...]
    n_others: int

    @property
    def longest(self) -> int:
        """How often the outcomes of the longest bar occur."""
        return max(n for _, n in self.bars)


@dataclass(frozen=True)
class Ranked:
    """What a column tells of the target.

    Attributes:
        column: its name.
        told: I(target;column), its p-value corrected for many tests.
        share: the part of H(target) that this is.
        adds: what it tells beyond the columns above it that add something; None for the first.
    """

    column: str
    told: Result
    share: float
    adds: Result | None


@dataclass(frozen=True)
class Findings:
    """All that a page tells.

    Attributes:
        n_rows: of the table.
        engine: who held it.
        choices: of `plogp.measure`: unit, confidence and, where they were given, kinds.
        target: the column that the others are ranked by.
        columns: those that are measured, as they stand in the table.
        left_out: the other columns, and why.
        order: names of the columns of the matrix, similar ones side by side.
        pairs: I of each pair of these; a pair that has no row in common is absent.
        tree: the dendrogram, as `scipy.cluster.hierarchy.linkage` gives it for the columns in `order`.
        ranking: the columns by what they tell of the target.
        diagram: of two or three columns that tell much, where there are two.
    """

    n_rows: int
    engine: str
    choices: Mapping[str, Any]
    target: str | None
    columns: tuple[Column, ...]
    left_out: Mapping[str, str]
    order: tuple[str, ...] = ()
    pairs: Mapping[frozenset[str], Result] = field(default_factory=dict)
    tree: NDArray[np.float64] | None = None
    ranking: tuple[Ranked, ...] = ()
    diagram: Diagram | None = None


class Table:
    """A table at hand, and how its columns are to be measured."""

    def __init__(self, named: Samples | frames.Table, choices: Mapping[str, Any]) -> None:
        self.named, self.choices = named, choices

    def measure(self, formula: str, **choices: Any) -> Result:
        """The result of a formula."""
        return measure(formula, self.named, **{**self.choices, **choices})

    def shared(self, *names: str, given: Sequence[str] = ()) -> Result | None:
        """I of two columns, given others; None where no row has them all."""
        condition = f"|{','.join(map(quoted, given))}" if given else ""
        try:
            return self.measure(f"I({';'.join(map(quoted, names))}{condition})")
        except BadTable:
            return None


def find(
    source: object, target: str | None, *, unit: str, confidence: float, kinds: Mapping[str, str] | None
) -> Findings:
    """Measure a table for a report."""
    nats_per(unit)
    Request(confidence=confidence)
    table = Table(_named(source, kinds), {"unit": unit, "confidence": confidence})
    names = table.named.names
    if target is not None and target not in names:
        raise UnknownName(f"the target `{target}` is not a column here", hint=did_you_mean(str(target), names))
    taken = _taken(names, target)
    left_out = {name: f"not among the {MOST} columns that a page takes" for name in names if name not in taken}
    columns, n_rows = [], 0
    for name in taken:
        try:
            counts = table.named.counts([name], missing="category")[0]
            n_rows = counts.n
            columns.append(_column(table, name, counts))
        except PlogpError as error:
            if name == target:
                raise UnknownName(f"the target can't be measured: {error.message}", hint=error.hint) from error
            left_out[name] = str(error)
    if not columns:
        raise BadTable(
            f"none of {len(names):,} columns can be measured: {next(iter(left_out.values()))}",
            hint="a report needs a discrete column at least",
        )
    choices = {**table.choices, **({"kinds": dict(kinds)} if kinds else {})}
    findings = Findings(n_rows, table.named.engine, choices, target, tuple(columns), left_out)
    from plogp.report.relations import related

    return related(table, findings)


def _taken(names: Sequence[str], target: str | None) -> list[str]:
    """The columns that are measured: the first ones, and the target."""
    first = [name for name in names if name != target][: MOST - (target is not None)]
    return [name for name in names if name == target or name in set(first)]


def _named(source: object, kinds: Mapping[str, str] | None) -> Samples | frames.Table:
    """The table as named columns."""
    if isinstance(source, Samples) and not kinds:
        return source
    if isinstance(source, Mapping):
        return Samples(source, kinds=kinds)
    if frames.is_frame(source):
        return frames.Table(source, kinds=kinds)
    raise InvalidType(
        f"the table is {type(source).__name__}; needed: a dict of arrays, plogp.Samples or a dataframe",
        hint="a file? read it first, for instance with duckdb.read_csv(path), or use `plogp report FILE -o report.html`"
        if isinstance(source, str)
        else "a report is of rows of observations",
    )


def _column(table: Table, name: str, counts: Counts) -> Column:
    """A column with its entropy and its bars."""
    entropy = table.measure(f"H({quoted(name)})")
    present = {label: n for label, n in counts.to_dict().items() if label is not None}
    bars = _ranges(present) if len(present) > BARS and _are_numbers(present) else _most_frequent(present)
    others = sum(present.values()) - sum(n for _, n in bars)
    return Column(name, entropy, len(present), tuple(bars), others)


def _are_numbers(counts: Mapping[Any, int]) -> bool:
    return all(isinstance(label, (int, float)) and not isinstance(label, bool) for label in counts)


def _most_frequent(counts: Mapping[Any, int]) -> list[tuple[str, int]]:
    """The most frequent outcomes; of equally frequent ones the first."""
    return [(str(label), n) for label, n in sorted(counts.items(), key=lambda item: -item[1])[:BARS]]


def _ranges(counts: Mapping[float, int]) -> list[tuple[str, int]]:
    """Numbers counted in ranges of equal width."""
    heights, edges = np.histogram(list(counts), BARS, weights=list(counts.values()))
    return [(f"{low:.4g} to {high:.4g}", int(n)) for low, high, n in zip(edges[:-1], edges[1:], heights, strict=True)]
