"""Collocations: the pairs of a table, strongest first, each with its count and how surprising it is."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidType, InvalidValue
from plogp.text.association import (
    Measure,
    check,
    expected,
    false_discovery_rates,
    lower_counts,
    measured,
    p_values,
)
from plogp.text.cooccurrences import Cooccurrences, cooccurrences

__all__ = ["Collocation", "Collocations", "collocations", "rank"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collocation:
    """Two words that go together.

    Attributes:
        left, right: the words.
        count: how often they occur together.
        expected: how often they would by chance.
        value: the measure.
        low: the measure at the lower 95% limit of the count, by which pairs are ordered.
        p_value: of so many or more by chance.
        q_value: the false-discovery rate among all pairs of words at which this one counts as found.
    """

    left: str
    right: str
    count: float
    expected: float
    value: float
    low: float
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class Collocations:
    """Pairs of words in the order of their strength: a sequence of `Collocation`.

    Attributes:
        measure, unit: what `value` and `low` are.
        n: the number of pairs (or documents) counted.
        columns: the fields of the pairs, an array each.
        notes: what a reader must know.
    """

    measure: str
    unit: str
    n: int
    columns: dict[str, NDArray[Any]]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns["left"])

    def __getitem__(self, i: int) -> Collocation:
        return Collocation(**{name: _plain(column[i]) for name, column in self.columns.items()})

    def __iter__(self) -> Iterator[Collocation]:
        return map(self.__getitem__, range(len(self)))

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict a pair, of plain values; what isn't a number is None."""
        names = [field.name for field in fields(Collocation)]
        return [{name: None if (v := getattr(pair, name)) != v else v for name in names} for pair in self]

    def to_dataframe(self, backend: str = "pandas") -> Any:
        """The pairs as a dataframe of "pandas", "polars" or "pyarrow"."""
        from plogp.engines import frame_of

        return frame_of({name: column.tolist() for name, column in self.columns.items()}, backend)

    def __str__(self) -> str:
        lines = [
            f"{p.left} {p.right}  {self.measure} = {p.value:.3f} {self.unit}".rstrip()
            + f"  (count {p.count:g}, expected {p.expected:.3g}, p = {p.p_value:.2g})"
            for p in self
        ]
        return "\n".join((*lines, *self.notes))


def collocations(
    source: Any,
    measure: Measure = "npmi",
    *,
    min_count: float = 5,
    top: int | None = None,
    shift: float = 1.0,
    smoothing: float = 1.0,
    unit: str = "bits",
    **counting: Any,
) -> Collocations:
    """The words that go together, strongest first.

    The order is that of `low`, the measure at the lower 95% limit of the count (Garwood 1936), so that a pair that was
    seen a few times by accident doesn't stand above one that is well attested; llr, t and chi2 are tests themselves and
    are ordered as they are. p-values are the upper tail of Binomial(n, e/n), false-discovery rates (Benjamini &
    Hochberg 1995) among all pairs that the words could have made, seen or not.

    Args:
        source: a text as for `plogp.text.cooccurrences`, or such a table.
        measure: "npmi", "pmi", "ppmi", "llr", "t" or "chi2"; see `plogp.text.association`.
        min_count: leave out pairs that occur less often; the rest of the text still counts.
        top: so many at most.
        shift, smoothing: of pmi and ppmi.
        unit: of pmi and ppmi; or "line", as in `cooccurrences`, where each line is a document.
        **counting: `window`, `directed`, `borders`, `tokenizer`, … as for `plogp.text.cooccurrences`.

    Raises:
        UnknownName, InvalidValue, BadText: as `cooccurrences` and `association` do; no pair that is frequent enough.

    >>> text = ["New York is big. I love New York. The big apple is New York.", "New York, new shoes, new ideas."]
    >>> for pair in collocations(text, min_count=2):
    ...     print(pair.left, pair.right, pair.count, round(pair.value, 3), round(pair.p_value, 5))
    new york 4 0.708 0.05623
    """
    if unit in {"file", "line"}:
        counting["unit"], unit = unit, "bits"
    if isinstance(source, Cooccurrences):
        if counting:
            raise InvalidType(f"a table is counted already; {', '.join(counting)} came", hint="give the text instead")
        table = source
    else:
        table = cooccurrences(source, **counting)
    for name, number in (("min_count", min_count), ("top", 1 if top is None else top)):
        if isinstance(number, bool) or not isinstance(number, (int, float, np.number)) or not number >= 1:
            raise InvalidValue(f"{name}={number!r}; needed: a number, at least 1", hint=f"such as {name}=5")
    found = rank(table, measure, min_count, shift=shift, smoothing=smoothing, unit=unit)
    if not len(found):
        most = (table.counts[_apart(table)] / table.window.whole).max(initial=0)
        raise InvalidValue(
            f"no pair occurs {min_count} times; the most frequent {most:g}", hint="lower min_count (--min-count)"
        )
    return found if top is None else replace(found, columns={k: v[: int(top)] for k, v in found.columns.items()})


def rank(
    table: Cooccurrences,
    measure: Measure,
    min_count: float,
    least: float = -np.inf,
    *,
    shift: float = 1.0,
    smoothing: float = 1.0,
    unit: str = "bits",
) -> Collocations:
    """The pairs of a table in the order of their strength, from a `least` lower limit on."""
    check(measure, shift, smoothing)
    whole = table.window.whole
    often = np.flatnonzero((table.counts >= min_count * whole) & _apart(table))
    possible = _possible(table)
    plain = table.contingency(often)
    # the pairs that are left out count as not found, so that the rates are, if anything, too high
    p = np.full(often.size, np.nan) if whole > 1 else p_values(plain, table.n)
    q = p if whole > 1 else false_discovery_rates(p, possible)
    cells = plain if smoothing == 1 else table.contingency(often, smoothing)
    counts = table.counts[often] / whole if whole > 1 else table.counts[often]
    values = low = measured(cells, measure, shift, unit)
    if measure.endswith("pmi"):
        low = measured(cells._replace(together=lower_counts(counts) / cells.scale), measure, shift, unit)
    order = np.lexsort((-counts, -low))  # stable: then in the order of the table
    order = order[low[order] >= least]
    columns: dict[str, NDArray[Any]] = {
        "left": table.rows[often],
        "right": table.columns[often],
        "count": counts,
        "expected": expected(plain),
        "value": values,
        "low": low,
        "p_value": p,
        "q_value": q,
    }
    del plain, cells, values, low, p, q, counts
    words = np.array(table.words, object)
    for name, column in columns.items():
        columns[name] = words[column[order]] if name in {"left", "right"} else column[order]
    return Collocations(
        measure,
        unit if measure in {"pmi", "ppmi"} else "",
        table.n,
        columns,
        ("weighted distances: no p-values, as there are no single events",) if whole > 1 else (),
    )


def _apart(table: Cooccurrences) -> NDArray[np.bool_]:
    """The pairs to be shown: in documents a word is always with itself."""
    return np.ones(len(table), bool) if table.window.size else table.rows != table.columns


def _possible(table: Cooccurrences) -> int:
    """How many pairs the words could make."""
    if table.window.directed:
        left, right = map(np.count_nonzero, table.margins())
        return int(left) * int(right)
    return len(table.words) * (len(table.words) + 1) // 2


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
