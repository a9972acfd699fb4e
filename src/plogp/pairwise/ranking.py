"""Columns by what they tell of a target."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

import numpy as np

from plogp.engines import frame_like
from plogp.errors import InvalidValue
from plogp.estimate import CountsSource
from plogp.estimate import estimator as known
from plogp.estimate.choice import Estimator
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.notation import quoted
from plogp.pairwise.many import Progress, formula, results, with_p_values
from plogp.pairwise.variables import Variables
from plogp.result import Result, fixed, html_table, latex_table
from plogp.units import nats_per

__all__ = ["Ranked", "Ranking", "benjamini_hochberg", "rank"]

Choice = str | Estimator

LEVEL = 0.05
"""A column joins those that others must add to if what it adds has a lower p-value."""

FILLED = 3
"""Observations that a cell of the target and the columns above must hold on average, or what more adds isn't told."""

MOST_KEPT = 12
"""Columns of the condition, the target and those above at most."""

MOST_CELLS = 1 << 20
"""Cells that a column may have at most together with the target and those above it."""

MOST_AHEAD = 1 << 18
"""Cells at most of the tables that an engine is asked for at once: most are in vain if one of the columns adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """One column of a ranking.

    Attributes:
        column: its name.
        value: I(column; target), given the condition if there is one, in the unit of the ranking.
        share: of H(target), or of H(target|given); None where the target is continuous.
        interval: of the value at the confidence asked for; None where the sample can't tell.
        p_value: of independence, adjusted for all columns (Benjamini & Hochberg); None where nothing can be tested.
        adds: what the column tells beyond those above it that added something; None where that can't be told.
        result: all that is known of the value.
    """

    column: str
    value: float
    share: float | None
    interval: tuple[float, float] | None
    p_value: float | None
    adds: float | None
    result: Result


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Ranking:
    """Columns by what they tell of a target, the most telling first. It iterates over `Ranked` and prints as a table.

    Attributes:
        target: the name.
        given: the condition.
        rows: the columns.
        unit: "bits", "nats" or "hartleys".
        n: rows of the table.
        engine: who held the table.
        notes: what a reader must know before believing it.
    """

    target: str
    given: tuple[str, ...]
    rows: tuple[Ranked, ...]
    unit: str
    n: int
    engine: str
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[Ranked]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> Ranked:
        return self.rows[place]

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict a column: column, value, share, interval, p_value, adds; plain values, ready for JSON."""
        return [
            {
                "column": row.column,
                "value": row.value,
                "share": row.share,
                "interval": None if row.interval is None else [None if isnan(x) else x for x in row.interval],
                "p_value": row.p_value,
                "adds": row.adds,
            }
            for row in self.rows
        ]

    def to_dataframe(self) -> Any:
        """A dataframe of the library that the table came in, with the interval in `low` and `high`; else a dict."""
        low, high = zip(*[row.interval or (None, None) for row in self.rows], strict=True) if self.rows else ((), ())
        values = [(row.value, row.share, row.p_value, row.adds) for row in self.rows]
        value, share, p_value, adds = zip(*values, strict=True) if values else ((),) * 4
        numbers = {"value": value, "share": share, "low": low, "high": high, "p_value": p_value, "adds": adds}
        columns = {name: np.array(column, np.float64) for name, column in numbers.items()}
        return frame_like({"column": [row.column for row in self.rows], **columns}, self.engine)

    def _table(self) -> list[tuple[str, ...]]:
        """Rows of texts, headings first."""
        return [("column", self.unit, "share", "interval", "p", "adds"), *map(_cells, self.rows)]

    def _repr_html_(self) -> str:
        """For notebooks: what is printed, as a table."""
        return html_table(self._table(), self.notes)

    def _repr_latex_(self) -> str:
        """For notebooks: the table in mathematical notation."""
        return latex_table(self._table())

    def __str__(self) -> str:
        cells = self._table()
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["   ".join(map(str.ljust, row, widths)).rstrip() for row in cells]
        notes: dict[str, list[str]] = {}
        for row in self.rows:
            for note in row.result.notes:
                notes.setdefault(note, []).append(row.column)
        lines += [f"note: {note}" for note in self.notes]
        return "\n".join([*lines, *(f"{', '.join(columns)}: {note}" for note, columns in notes.items())])


def _cells(row: Ranked) -> tuple[str, ...]:
    """A line of the table: figures with the digits that the standard error leaves meaningful."""
    digits = row.result.decimals()
    p = row.p_value
    return (
        row.column,
        fixed(row.value, digits),
        "" if row.share is None else f"{100 * row.share:.1f}%",
        "" if row.interval is None else f"[{', '.join(fixed(limit, digits) for limit in row.interval)}]",
        "" if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}",
        "" if row.adds is None else fixed(row.adds, digits),
    )


def rank(
    table: Any,
    target: str,
    *,
    given: str | Iterable[str] | None = None,
    columns: Iterable[str] | None = None,
    top: int | None = None,
    estimator: Choice = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    kinds: Mapping[str, str] | None = None,
    missing: str = "drop",
    continuous: str = "auto",
    seed: int | None = None,
    progress: Progress | None = None,
) -> Ranking:
    """Columns by what they tell of a target, and what each adds to those above it.

    I(column; target|given)

    Going down from the most telling column, `adds` is I(column; target|given, kept), where `kept` are the columns above
    whose own `adds` had a p-value below .05. It ends, with None, where the cells of the target, the condition and
    `kept` hold fewer than three observations on average, because what more would add can't be told there; and a column
    is None that would make more than a million cells with them. Where these cells hold few, `adds` is too
    high: in skewed tables by 3 % on average at ten observations a cell, and by 9 % at four.

    Args:
        table: any dataframe, in memory or lazy, `Samples`, or a dict of arrays of shape (n,). A lazy one is counted by
            its engine, many columns in one pass where it has grouping sets; only counts come back.
        target: the column to tell of.
        given: a column, or several, that are known already.
        columns: which to rank; None is all others.
        top: how many to return; None is all. All are tested, whatever `top` is.
        estimator: a name or an object; "auto" is independence-shrinkage for discrete columns, which has no bias towards
            columns of many levels.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the intervals, or None for none.
        kinds: overrides of what a column is: ``{"year": "discrete"}``.
        missing: "drop" leaves out, column by column, the rows that lack a value; "category" makes missing an outcome.
        continuous: "neighbours" measures continuous columns as they are, of a lazy table on at most about a million
            rows; "bins" cuts each into ∛n quantile bins, 64 at most. "auto" takes bins on a lazy engine, and in memory
            for columns of which more than a tenth of the values occur again. p-values and `adds` always use bins.
        seed: of what is drawn; None is a fixed one.
        progress: called with how many columns are done, and of how many.

    Returns:
        A `Ranking`; print it, iterate over it, or call `.to_dicts()` or `.to_dataframe()`.

    Raises:
        UnknownName: a column, estimator or unit that isn't there; the nearest is suggested.
        InvalidValue: a target without two outcomes; the target among the columns or the condition.
        InvalidType: not a table, or a column of lists.

    p-values: Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x. Estimates as for `plogp.measure`.

    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, 1000)
    >>> noisy = np.where(rng.random(1000) < 0.1, 1 - y, y)
    >>> print(rank({"y": y, "noisy": noisy, "copy": noisy + 5, "noise": rng.integers(0, 9, 1000)}, "y"))
    column   bits     share   interval          p         adds
    noisy    ...
    copy     ...
    noise    ...
    """
    nats_per(unit)
    known(estimator)
    given = () if given is None else (given,) if isinstance(given, str) else tuple(given)
    columns = None if columns is None else tuple(columns)
    _check(target, given, columns, top)
    variables = Variables(
        table,
        None if columns is None else (*columns, target, *given),
        kinds=kinds,
        missing=missing,
        continuous=continuous,
        seed=seed,
    )
    variables.require(target, *given)
    if not set(variables.names) - {target, *given}:
        raise InvalidValue(
            f"no column beside `{target}`{' and the condition' * bool(given)}; needed: one to rank at least",
            hint="is it the right table?",
        )
    entropy = _entropy_of(variables, target, given)
    ordered, unmeasured = _measured(
        variables, target, given, estimator, Request(confidence=confidence, seed=seed), progress
    )
    ordered = ordered[:top]
    adds = _adds(variables, target, given, ordered)
    return Ranking(
        target=target,
        given=given,
        rows=tuple(
            _ranked(name, result, more, entropy, unit) for (name, result), more in zip(ordered, adds, strict=True)
        ),
        unit=unit,
        n=variables.n,
        engine=variables.engine,
        notes=(
            *variables.notes,
            *variables.not_measured(
                {name: formula(name, target, *given) for name in unmeasured},
                "no row has a value of it and of the target",
            ),
            *_notes(variables, adds),
        ),
    )


def _check(target: str, given: tuple[str, ...], columns: tuple[str, ...] | None, top: int | None) -> None:
    if top is not None and (not isinstance(top, int) or isinstance(top, bool) or top < 1):
        raise InvalidValue(f"top={top!r}; needed: a whole number, 1 at least, or None", hint="such as top=10")
    for name in (target, *given):
        if (columns is not None and name in columns) or (name in given and name == target):
            raise InvalidValue(
                f"`{name}` is the target or known already; needed: other columns to rank", hint="leave it out"
            )


def _entropy_of(variables: Variables, target: str, given: tuple[str, ...]) -> float | None:
    """H(target|given) in nats; None where the target is continuous."""
    [(counts, _), (together, _)] = variables.several([(target,), (target, *given)])
    if counts is None or counts.n_cells < 2:
        raise InvalidValue(
            f"the target `{target}` {'has no values' if counts is None else 'is constant: there is nothing to tell'}; "
            "needed: two outcomes at least",
            hint="is it the right column?",
        )
    if target in variables.as_they_are or together is None:
        return None
    condition = f"|{','.join(map(quoted, given))}" if given else ""
    h = Formula(f"H({quoted(target)}{condition})")
    return float(CountsSource(together).infer(h, Request(confidence=None)))


def _measured(
    variables: Variables,
    target: str,
    given: tuple[str, ...],
    choice: Choice,
    request: Request,
    progress: Progress | None,
) -> tuple[list[tuple[str, Result]], list[str]]:
    """The columns with their results, the most telling first, with adjusted p-values; and those without one."""
    names = [name for name in variables.names if name not in (target, *given)]
    formulas = [formula(name, target, *given) for name in names]
    found = with_p_values(variables, formulas, choice, request, progress)
    p_values = [None if result is None else result.p_value for result in found]
    adjusted = benjamini_hochberg(p_values)
    known = [
        (name, replace(result, p_value=p))
        for name, result, p in zip(names, found, adjusted, strict=True)
        if result is not None
    ]
    known.sort(key=lambda pair: -float(pair[1]))
    return known, [name for name, result in zip(names, found, strict=True) if result is None]


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """p-values adjusted so that of those below α a share α at most is expected to be true nulls; None stays.

    p₍ᵢ₎ becomes min over j ≥ i of m·p₍ⱼ₎/j. Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    >>> benjamini_hochberg([0.01, None, 0.04, 0.03])
    [0.03, None, 0.04, 0.04]
    """
    tested = [i for i, p in enumerate(p_values) if p is not None]
    tested.sort(key=lambda i: p_values[i] or 0.0)
    out: list[float | None] = [None] * len(p_values)
    least = 1.0
    for place in range(len(tested), 0, -1):
        i = tested[place - 1]
        least = min(least, (p_values[i] or 0.0) * len(tested) / place)
        out[i] = least
    return out


def _adds(
    variables: Variables, target: str, given: tuple[str, ...], ordered: Sequence[tuple[str, Result]]
) -> list[float | None]:
    """What each column tells beyond those above it that added something, in nats; see `rank`."""
    names = [name for name, _ in ordered]
    adds: dict[str, float | None] = {name: float(result) for name, result in ordered[:1]}
    kept, left, step = (*given, *names[:1]), names[1:], 1
    sizes = _sizes(variables, (target, *kept), left)
    while left := [name for name in left if name in sizes]:
        many = int(np.searchsorted(np.cumsum([sizes[name] for name in left]), MOST_AHEAD, side="right"))
        some, left = left[: max(min(step, many), 1)], left[max(min(step, many), 1) :]
        formulas = [formula(name, target, *kept) for name in some]
        found = results(variables, formulas, request=Request(confidence=None), cut=True)
        step *= 2 if variables.lazy else 1
        for place, (name, result) in enumerate(zip(some, found, strict=True), start=1):
            adds[name] = None if result is None else float(result)
            if result is not None and result.p_value is not None and result.p_value < LEVEL:
                kept, left, step = (*kept, name), some[place:] + left, 1
                sizes = _sizes(variables, (target, *kept), left)
                break
    return [adds.get(name) for name in names]


def _sizes(variables: Variables, above: tuple[str, ...], names: Sequence[str]) -> dict[str, int]:
    """Cells at most that each column has together with the target and those above, where what it adds can be told."""
    [(counts, _)] = variables.several([above]) if names and len(above) <= MOST_KEPT else [(None, 0)]
    if counts is None or counts.n < FILLED * counts.n_cells:
        return {}
    sizes = {name: min(counts.n, counts.n_cells * variables.levels.get(name, counts.n)) for name in names}
    return {name: size for name, size in sizes.items() if size <= MOST_CELLS}


def _ranked(name: str, result: Result, adds: float | None, entropy: float | None, unit: str) -> Ranked:
    """A column of the ranking, in its unit."""
    share = None if entropy is None or entropy <= 0 else float(result) / entropy
    result = result.to(unit)
    return Ranked(
        column=name,
        value=float(result),
        share=share,
        interval=result.interval,
        p_value=result.p_value,
        adds=None if adds is None else adds / nats_per(unit),
        result=result,
    )


def _notes(variables: Variables, adds: Sequence[float | None]) -> list[str]:
    """What is to be said of the ranking as a whole."""
    notes = []
    if variables.as_they_are:
        notes.append("p-values and `adds` of continuous columns are those of ∛n quantile bins, 64 at most")
    if None in adds:
        notes.append(
            f"`adds` is empty where a cell of the target and the columns above holds fewer than {FILLED} observations "
            f"on average, or where the column makes more than {MOST_CELLS:,} cells with them"
        )
    return notes
