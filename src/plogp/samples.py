"""Samples: named columns of observations, each encoded once and counted on its codes.

What holds for named columns wherever they are (their kinds, what is missing, what can be counted) is in Observations;
tables of other engines derive from it too.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.cells import Codes
from plogp.columns import array_of, check_lengths, checked_names
from plogp.counts import Counts
from plogp.errors import BadTable, InvalidType, InvalidValue, ShapeMismatch, UnknownName, did_you_mean
from plogp.lines import Line
from plogp.outcomes import encode, narrow, ordered

__all__ = ["KINDS", "Observations", "Rows", "Samples", "as_numbers"]

Floats = NDArray[np.float64]

KINDS = ("discrete", "continuous", "mixed")
"""What a column can be."""

LINES = 1 << 26
"""Values that are kept in order, of all columns together: some 1 GB."""


@dataclass(frozen=True)
class Rows:
    """Observations of some columns, row by row, where none of them is missing.

    Attributes:
        values: of each column, float64 of shape (n, d); of a discrete one the codes of its outcomes, shape (n, 1).
        kinds: what each column is.
        n_missing: how many rows were left out because a column was missing.
        route: how they were got, "" where they were there.
        ordered: gives the line of a column, where it may be in order already.
    """

    values: Mapping[str, Floats]
    kinds: Mapping[str, str]
    n_missing: int = 0
    route: str = ""
    ordered: Callable[[str], Line] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def _lines(self) -> dict[str, Line]:
        return {}

    def line(self, name: str) -> Line:
        """The values of a column of shape (n, 1) in order."""
        if name not in self._lines:
            self._lines[name] = Line(self.values[name][:, 0]) if self.ordered is None else self.ordered(name)
        return self._lines[name]


class Observations(ABC):
    """Named columns, each of a kind; a row is one observation of all of them.

    Attributes:
        names: the columns.
        kinds: what each column is.
        engine: who holds the columns, and counts.
    """

    names: tuple[str, ...]
    kinds: dict[str, str]
    engine: str

    def counts(self, names: Sequence[str], missing: str = "drop") -> tuple[Counts, int]:
        """How often the outcomes of some discrete variables occur together, and how many rows that leaves out.

        Args:
            names: the variables.
            missing: "drop" leaves out the rows where one of these variables is missing; "category" keeps missing as
                an outcome, None.

        Raises:
            UnknownName: a variable that isn't there; the nearest is suggested.
            InvalidType: a continuous variable.
            BadTable: no rows, or each of them lacks one of the variables.
        """
        _check_missing(missing)
        names = checked_names(names)
        for name in names:
            self._refuse_unless_discrete(self._known(name))
        counts = self._count(names)
        return counts.without_missing() if missing == "drop" else (counts, 0)

    def several(self, groups: Sequence[Sequence[str]], missing: str = "drop") -> list[tuple[Counts, int]]:
        """`counts` of several groups of variables; of a lazy table in as few passes as its engine can."""
        return [self.counts(names, missing) for names in groups]

    @property
    def lazy(self) -> bool:
        """Whether the rows are elsewhere, so that there are counts but no codes."""
        return False

    def codes(self, name: str) -> tuple[Codes, Sequence[Any]]:
        """The codes of a discrete column in memory, shape (n,), and the outcomes they stand for; missing is None, last.

        Raises:
            UnknownName: a variable that isn't there; the nearest is suggested.
            InvalidType: a continuous variable.
        """
        self._refuse_unless_discrete(self._known(name))
        return self._codes(name)

    def held(self, names: Sequence[str], seed: int | None = None) -> tuple["Samples", str]:
        """Some columns in memory, of a lazy table perhaps a sample of rows, and what they are; outcomes as codes."""
        columns, what = self._read([self._known(name) for name in names], seed)
        return Samples(columns, {name: self.kinds[name] for name in names}), what

    def numbers(self, name: str) -> Floats:
        """A column in memory as numbers, shape (n,), NaN where missing.

        Raises:
            ShapeMismatch: a column of shape (n, d).
        """
        column = self._read([self._known(name)], None)[0][name]
        if column.shape[1] > 1:
            raise ShapeMismatch(
                f"`{name}` has {column.shape[1]} numbers a row; needed: one", hint="make columns of its parts"
            )
        return column[:, 0]

    def line(self, name: str) -> Line:
        """The values of a column in memory that aren't missing, in order; sorted once for all that asks for them."""
        line = self._lines.pop(name, None)
        if line is None:
            x = self.numbers(name)
            if missing := int(np.isnan(x).sum()):
                order = np.argsort(x)[:-missing].astype(np.int32)  # NaN comes last
            line = Line(x[order], order) if missing else Line(x)
            while self._lines and (len(self._lines) + 1) * x.size > LINES:
                del self._lines[next(iter(self._lines))]
        self._lines[name] = line  # as the latest
        return line

    @cached_property
    def _lines(self) -> dict[str, Line]:
        return {}

    @abstractmethod
    def _codes(self, name: str) -> tuple[Codes, Sequence[Any]]:
        """Codes of a column in memory and its outcomes, found once."""

    def rows(self, names: Sequence[str], missing: str = "drop", seed: int | None = None) -> Rows:
        """The rows of some variables of any kind, as numbers.

        Args:
            names: the variables.
            missing: as for `counts`; a continuous variable has no outcome that could stand for missing.
            seed: of a sample of the rows, where they are more than an engine is asked for; None is a fixed one.

        Raises:
            UnknownName: a variable that isn't there; the nearest is suggested.
            InvalidType: a nested variable.
            InvalidValue: an infinite number, or a continuous variable that is missing and to be kept.
            BadTable: no rows, or each of them lacks one of the variables.
        """
        _check_missing(missing)
        names = checked_names(names)
        for name in names:
            self._known(name)
        columns, route = self._read(names, seed)
        if missing == "category":
            columns = {name: self._with_category(name, column) for name, column in columns.items()}
        gone = np.logical_or.reduce([_any(np.isnan(column)) for column in columns.values()])
        if gone.all():
            raise BadTable(
                f"each of {gone.size:,} rows lacks {' or '.join(f'`{name}`' for name in names)}; needed: one without "
                "missing values at least",
                hint="is it the right column?",
            )
        for name, column in columns.items():
            _refuse_infinite(name, column)
        values, ordered = columns, None if self.lazy else self.line
        if gone.any():
            values = {name: column[~gone] for name, column in columns.items()}
            ordered = None if self.lazy else lambda name: self.line(name).without(gone)
        return Rows(values, {name: self.kinds[name] for name in names}, int(gone.sum()), route, ordered)

    def kind(self, name: str) -> str:
        """What a column is."""
        return self.kinds[self._known(name)]

    @abstractmethod
    def _count(self, names: Sequence[str]) -> Counts:
        """Count discrete columns; missing values are the outcome None."""

    @abstractmethod
    def _read(self, names: Sequence[str], seed: int | None) -> tuple[dict[str, Floats], str]:
        """The columns as numbers of shape (n, d), NaN where missing, and how they were got; of discrete ones codes."""

    @abstractmethod
    def _type(self, name: str) -> str:
        """What a column holds, in the words of its engine."""

    @abstractmethod
    def _is_numeric(self, name: str) -> bool:
        """Whether a column holds numbers, so that it may be continuous."""

    def _refuse_unless_discrete(self, name: str) -> None:
        if self.kind(name) != "discrete":
            raise InvalidType(
                f"`{name}` is {self.kinds[name]} ({self._type(name)}); needed: a discrete variable",
                hint=f"kinds={{{name!r}: 'discrete'}} takes each different number as an outcome; "
                "or cut it into bins first, such as numpy.digitize(x, edges)",
            )

    def _with_category(self, name: str, column: Floats) -> Floats:
        """A discrete column with a code of its own for missing."""
        absent = np.isnan(column)
        if self.kinds[name] == "discrete":
            return np.where(absent, np.max(column, initial=-1.0, where=~absent) + 1, column)
        if absent.any():
            raise InvalidValue(
                f"`{name}` is {self.kinds[name]} and missing in {absent.any(axis=1).sum():,} rows; needed: a discrete "
                "variable for missing='category'",
                hint="missing='drop' leaves these rows out",
            )
        return column

    def _override(self, kinds: Mapping[str, str] | None) -> None:
        """Take the kinds that were given for those that the columns have by themselves."""
        for name, kind in (kinds or {}).items():
            known = self._known(name)  # before anything is asked of it
            self.kinds[known] = self._checked_kind(known, kind)

    def _checked_kind(self, name: str, kind: str) -> str:
        if kind not in KINDS:
            raise UnknownName(
                f"kind {kind!r} of `{name}`; needed: 'discrete', 'continuous' or 'mixed'",
                hint=did_you_mean(str(kind), KINDS),
            )
        if kind != "discrete" and not self._is_numeric(name):
            raise InvalidType(
                f"`{name}` as {kind}: it holds {self._type(name)}; needed: numbers", hint="make numbers of it"
            )
        return kind

    def _known(self, name: str) -> str:
        if name not in self.names:
            raise UnknownName(f"`{name}` is not a column here", hint=did_you_mean(str(name), self.names))
        return name


def as_numbers(codes: Codes, outcomes: Sequence[Any]) -> Floats:
    """Codes as numbers of shape (n, 1), NaN where the outcome is missing."""
    numbers = codes.astype(np.float64)
    if outcomes[-1] is None:
        numbers[codes == len(outcomes) - 1] = np.nan
    return numbers[:, None]


def _check_missing(missing: str) -> None:
    if missing not in ("drop", "category"):
        raise InvalidValue(
            f"missing={missing!r}; needed: 'drop' or 'category'", hint="'category' keeps missing as an outcome"
        )


def _any(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether any flag of a row is set, shape (n,)."""
    found: NDArray[np.bool_] = np.asarray(flags[:, 0] if flags.shape[1] == 1 else flags.any(axis=1))
    return found


def _refuse_infinite(name: str, column: Floats) -> None:
    infinite = _any(np.isinf(column))
    if infinite.any():
        row = int(infinite.argmax())
        raise InvalidValue(
            f"`{name}` is infinite in {infinite.sum():,} rows, first in row {row} (counted from 0); needed: finite "
            "numbers",
            hint="leave these rows out, or make them missing (NaN) if that's what they are",
        )


class Samples(Observations):
    """Named columns of observations; a row is one observation of all variables.

    Args:
        columns: for each variable its observations, shape (n,) or (n, d): arrays, lists, Series. An outcome of a
            discrete column of shape (n, d) is a row. None, NaN and NaT are missing.
        kinds: "discrete", "continuous" or "mixed" for some of the columns. Of the others, floats are continuous, and
            texts, integers, truth values, times, categories and hashable objects are discrete.

    Attributes:
        names: the columns.
        kinds: what each column is.
        engine: "arrays".

    Raises:
        BadTable: no columns, or no rows.
        ShapeMismatch: columns of several lengths, nested values, or Series with different indices.
        InvalidType: a column, or a kind of it, that makes no sense: complex numbers, masked arrays, continuous texts.
        UnknownName: `kinds` names a column or a kind that isn't there; the nearest is suggested.

    >>> samples = Samples({"x": ["a", "b", "a"], "y": [1, 2, 2], "z": [0.5, 1.5, float("nan")]})
    >>> samples.kinds
    {'x': 'discrete', 'y': 'discrete', 'z': 'continuous'}
    >>> counts, n_missing = samples.counts(["x", "y"])
    >>> counts.to_dict()
    {('a', 1): 1, ('a', 2): 1, ('b', 2): 1}
    """

    engine = "arrays"

    def __init__(self, columns: Mapping[str, Any], kinds: Mapping[str, str] | None = None) -> None:
        if not isinstance(columns, Mapping):
            raise InvalidType(
                f"the columns are {type(columns).__name__}; needed: a dict of arrays",
                hint="plogp.measure takes dataframes as they are",
            )
        if not columns:
            raise BadTable("a table with no columns; needed: one at least", hint="such as {'x': [...], 'y': [...]}")
        self.names = checked_names(tuple(columns))
        _refuse_different_indices(columns)
        self._encoded = {
            name: categories for name, column in columns.items() if (categories := _categories(column)) is not None
        }
        self._columns = {
            name: self._encoded[name][0] if name in self._encoded else np.ascontiguousarray(array_of(name, column))
            for name, column in columns.items()
        }
        check_lengths(self._columns)
        if not len(self._columns[self.names[0]]):
            raise BadTable("a table with no rows; needed: one at least", hint="is the filter before it right?")
        self.kinds = {name: self._kind(name) for name in self.names}
        self._override(kinds)

    def __repr__(self) -> str:
        columns = (f"{name} ({kind})" for name, kind in self.kinds.items())
        return f"<Samples of {', '.join(columns)}: n = {len(self._columns[self.names[0]]):,}>"

    def _count(self, names: Sequence[str]) -> Counts:
        columns = {name: self._codes(name) for name in names}
        return Counts.from_codes(
            {name: codes for name, (codes, _) in columns.items()},
            {name: outcomes for name, (_, outcomes) in columns.items()},
        )

    def _read(self, names: Sequence[str], seed: int | None) -> tuple[dict[str, Floats], str]:
        return {name: self._numbers(name) for name in names}, ""

    def _numbers(self, name: str) -> Floats:
        if self.kinds[name] == "discrete":
            return as_numbers(*self._codes(name))
        column = self._columns[name]
        return column.astype(np.float64, copy=False).reshape(len(column), -1)

    def _codes(self, name: str) -> tuple[Codes, Sequence[Any]]:
        if name not in self._encoded:
            self._encoded[name] = encode(self._columns[name])
        return self._encoded[name]

    def _kind(self, name: str) -> str:
        return "continuous" if self._columns[name].dtype.kind == "f" else "discrete"

    def _type(self, name: str) -> str:
        return str(self._columns[name].dtype)

    def _is_numeric(self, name: str) -> bool:
        return self._columns[name].dtype.kind in "iuf" and name not in self._encoded


def _categories(column: Any) -> tuple[Codes, Sequence[Any]] | None:
    """Codes and outcomes of a column that has them already, such as a pandas Categorical, or a Series of one."""
    column = getattr(column, "cat", column)
    if not (hasattr(column, "codes") and hasattr(column, "categories")):
        return None
    codes = np.asarray(column.codes)
    outcomes, places = ordered((*column.categories, *[None] * bool((codes < 0).any())))
    return places.astype(narrow(len(outcomes)))[codes], outcomes  # the code of a missing value is -1, the last place


def _refuse_different_indices(columns: Mapping[str, Any]) -> None:
    """Series are paired by their index, never by position where the indices differ."""
    indices = {
        name: column.index for name, column in columns.items() if hasattr(column, "index") and hasattr(column, "iloc")
    }
    for name, index in indices.items():
        first = next(iter(indices))
        if not index.equals(indices[first]):
            raise ShapeMismatch(
                f"`{first}` and `{name}` are Series with different indices; needed: one index",
                hint="align them first, such as pandas.concat([x, y], axis=1, join='inner')",
            )
