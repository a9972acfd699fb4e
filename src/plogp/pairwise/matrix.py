"""Mutual information of all pairs of columns."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.engines import frame_like
from plogp.errors import InvalidValue, UnknownName, did_you_mean
from plogp.estimate import estimator as known
from plogp.estimate.choice import Estimator, discrete
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.notation import quoted
from plogp.pairwise.counting import SMALL, Column, alike
from plogp.pairwise.many import Progress, all_pairs, formula, results, together, with_p_values
from plogp.pairwise.variables import Variables, listed
from plogp.result import fixed, html_table, latex_table
from plogp.units import nats_per

__all__ = ["MutualInformationMatrix", "mutual_information_matrix", "pairs_and_entropies"]

Floats = NDArray[np.float64]

MOST_COLUMNS = 4096
"""Columns at most, which have eight million pairs."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MutualInformationMatrix:
    """Mutual information of all pairs of columns; on the diagonal the entropy of each.

    `np.asarray(matrix)` is its values, `matrix["x", "y"]` the value of a pair; it prints
    as a table.

    Attributes:
        columns: in order.
        values: shape (d, d), symmetric; NaN where no row has both.
        p_values: of the independence of each pair, not corrected for how many pairs there are; NaN where nothing can be
            tested, None unless asked for.
        unit: "bits", "nats" or "hartleys".
        n: rows of the table.
        engine: who held the table.
        notes: what a reader must know before believing the numbers.
    """

    columns: tuple[str, ...]
    values: Floats
    p_values: Floats | None
    unit: str
    n: int
    engine: str
    notes: tuple[str, ...]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, dtype=dtype, copy=copy)

    def __getitem__(self, pair: tuple[str, str]) -> float:
        for name in pair:
            if name not in self.columns:
                raise UnknownName(f"`{name}` is not a column here", hint=did_you_mean(str(name), self.columns))
        return float(self.values[self.columns.index(pair[0]), self.columns.index(pair[1])])

    def __repr__(self) -> str:
        return f"<Mutual information of {len(self.columns):,} columns in {self.unit}: n = {self.n:,}>"

    def _table(self) -> list[tuple[str, ...]]:
        """Rows of texts, headings first."""
        rows = [
            (name, *(fixed(value, 3) for value in row)) for name, row in zip(self.columns, self.values, strict=True)
        ]
        return [(self.unit, *self.columns), *rows]

    def __str__(self) -> str:
        rows = self._table()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["   ".join([name.ljust(widths[0]), *map(str.rjust, row, widths[1:])]) for name, *row in rows]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        """For notebooks: the values and the notes, as a table."""
        return html_table(self._table(), self.notes)

    def _repr_latex_(self) -> str:
        """For notebooks: the table in mathematical notation."""
        return latex_table(self._table())

    def to_dataframe(self) -> Any:
        """A dataframe of the library that the table came in, the names in a column `column`; else a dict of arrays."""
        return frame_like({"column": self.columns, **dict(zip(self.columns, self.values, strict=True))}, self.engine)


def mutual_information_matrix(
    table: Any,
    columns: Iterable[str] | None = None,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    p_values: bool = False,
    kinds: Mapping[str, str] | None = None,
    missing: str = "drop",
    continuous: str = "auto",
    seed: int | None = None,
    progress: Progress | None = None,
) -> MutualInformationMatrix:
    """Mutual information of all pairs of columns.

    I(x;y) off the diagonal, H(x) on it; each as `plogp.measure` has it.

    Args:
        table: any dataframe, in memory or lazy, `Samples`, or a dict of arrays of shape (n,). A lazy one is counted by
            its engine, many pairs in one pass where it has grouping sets; only counts come back.
        columns: which; None is all.
        estimator: a name or an object; "auto" is independence-shrinkage for discrete columns.
        unit: "bits", "nats" or "hartleys".
        p_values: whether to test the independence of each pair.
        kinds: overrides of what a column is: ``{"year": "discrete"}``.
        missing: "drop" leaves out of each pair the rows that lack one of its columns; "category" keeps missing as an
            outcome.
        continuous: "neighbours" measures continuous columns as they are, of a lazy table on at most about a million
            rows; "bins" cuts each into ∛n quantile bins, 64 at most, which loses a little information and is quicker.
            "auto" takes bins on a lazy engine, and in memory for columns of which more than a tenth of the values occur
            again. The p-value of a pair with a continuous column is always that of its bins.
        seed: of what is drawn; None is a fixed one.
        progress: called with how many parts are done, and of how many.

    Returns:
        A `MutualInformationMatrix`.

    Raises:
        InvalidType: not a table, or a column of lists.
        InvalidValue: more than 4,096 columns, or an infinite number.
        UnknownName: a column, estimator or unit that isn't there; the nearest is suggested.

    Too high where pairs are undersampled, as for `plogp.measure`, which says so pair by pair.

    >>> x = np.arange(400) % 4
    >>> matrix = mutual_information_matrix({"x": x, "half": x // 2}, estimator="plug-in")
    >>> np.asarray(matrix)
    array([[2., 1.],
           [1., 1.]])
    >>> round(matrix["x", "half"], 9)
    1.0
    """
    nats_per(unit)
    known(estimator)
    variables = Variables(table, columns, kinds=kinds, missing=missing, continuous=continuous, seed=seed)
    _refuse_many(len(variables.names))
    request = Request(confidence=None, seed=seed)
    values, p = pairs_and_entropies(variables, estimator, request, p_values, progress)
    return MutualInformationMatrix(
        columns=variables.names,
        values=values / nats_per(unit),
        p_values=p if p_values else None,
        unit=unit,
        n=variables.n,
        engine=variables.engine,
        notes=(*variables.notes, *_notes(variables, values)),
    )


def pairs_and_entropies(
    variables: Variables,
    choice: str | Estimator,
    request: Request,
    p_values: bool = False,
    progress: Progress | None = None,
) -> tuple[Floats, Floats]:
    """I(x;y) of all pairs in nats, H(x) on the diagonal, shape (d, d); and p-values, NaN unless they are asked for.

    Columns of few outcomes in memory are measured all at once, others pair by pair.
    """
    names = variables.names
    values, p = np.full((2, len(names), len(names)), np.nan)
    quick = [i for i, name in enumerate(names) if _is_quick(variables, name)] if together(choice) else []
    if quick:
        columns = alike([variables.column(names[i]) for i in quick])
        values[quick, quick] = [_entropy(column, choice) for column in columns]
        pairs, estimates = all_pairs(columns, choice, p_values, progress)
        a, b = np.asarray(quick)[pairs].T
        values[a, b], p[a, b] = estimates.values, estimates.p_values if p_values else np.nan
    done = {*quick}
    rest = [(i, j) for i, j in combinations_with_replacement(range(len(names)), 2) if not (i in done and j in done)]
    asked = [_formula(names[i], names[j]) for i, j in rest]
    found = (with_p_values if p_values else results)(variables, asked, choice, request, progress)
    for (i, j), result in zip(rest, found, strict=True):
        if result is not None:
            values[i, j], p[i, j] = float(result), np.nan if result.p_value is None else result.p_value
    return _symmetric(values), _symmetric(p)


def _formula(a: str, b: str) -> Formula:
    return formula(a, b) if a != b else Formula(f"H({quoted(a)})")


def _is_quick(variables: Variables, name: str) -> bool:
    """Whether a column is in memory, with so few outcomes that dense tables of it are small beside the rows."""
    if variables.lazy or name in variables.as_they_are:
        return False
    return variables.column(name).size ** 2 <= max(SMALL, 4 * variables.n)


def _entropy(column: Column, choice: str | Estimator) -> float:
    counts = column.margin[: column.kept]
    return discrete(choice).entropy(counts) if counts.any() else np.nan


def _symmetric(upper: Floats) -> Floats:
    return np.where(np.isnan(upper), upper.T, upper)


def _refuse_many(d: int) -> None:
    if d > MOST_COLUMNS:
        raise InvalidValue(
            f"{d:,} columns have {d * (d - 1) // 2:,} pairs, whose matrix takes {8 * d * d:,} bytes; needed: "
            f"{MOST_COLUMNS:,} columns at most",
            hint="plogp.rank measures each column with one target; or choose columns=",
        )


def _notes(variables: Variables, values: Floats) -> list[str]:
    """What is to be said of the matrix as a whole."""
    names, void = variables.names, np.isnan(values)
    empty = void.diagonal()
    columns = {name: _formula(name, name) for name, none in zip(names, empty, strict=True) if none}
    pairs = [(names[i], names[j]) for i, j in np.argwhere(np.triu(void & ~empty & ~empty[:, None]))]
    notes = [
        *variables.not_measured(columns, "nothing but missing values"),
        *variables.not_measured({f"{a};{b}": _formula(a, b) for a, b in pairs}, "no row has both"),
    ]
    if variables.gaps:
        notes.append(f"missing values in {listed(variables.gaps)}: each pair is measured on the rows that have both")
    return notes
