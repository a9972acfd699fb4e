"""Counts: how often the outcomes of named variables occur together.

Only the cells that occur are kept, in canonical order, however they came: as an array, a mapping, codes of observations
or the rows of a group-by. So the same data makes the same object, to the bit.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plogp.cells import Codes, Integers, ranks, tally
from plogp.columns import MOST, check_lengths, checked_codes, checked_counts, checked_names
from plogp.errors import BadTable, InvalidType, InvalidValue, ShapeMismatch, UnknownName, did_you_mean
from plogp.outcomes import encode, narrow, ordered

if TYPE_CHECKING:
    from plogp.joint import Joint

__all__ = ["Counts"]

Columns = dict[str, Codes]
Labels = Mapping[str, Sequence[Any]]
Names = str | Iterable[str]


class Counts:
    """A contingency table of named variables, dense or sparse: only the cells that occur are stored.

    Args:
        table: an array of counts with one axis a variable, or a mapping of outcomes to counts: ``{("a", "x"): 3}``, or
            ``{"a": 3}`` for one variable.
        names: the variables, one for each axis or each part of a key.
        outcomes: the labels of each variable, as a sequence for each or a mapping by name; those of an array are 0, 1,
            … unless told. The outcomes of an array, and those given here, are possible even where they weren't seen,
            which matters to estimators that ask how many outcomes there are.

    Attributes:
        names: the variables.
        n: the number of observations.
        outcomes: the labels of each variable as plain Python values, sorted; missing (None) comes last.

    Raises:
        InvalidValue: a count that is negative, NaN or not whole; equal outcomes.
        InvalidType: a table of something else than numbers; a masked array.
        ShapeMismatch: names or outcomes that don't fit the table.
        BadTable: no observations.

    >>> monday = Counts({("cat", "red"): 3, ("dog", "red"): 1}, names=("pet", "colour"))
    >>> tuesday = Counts({("dog", "blue"): 2}, names=("pet", "colour"))
    >>> monday + tuesday
    <Counts of pet (2 outcomes), colour (2 outcomes): n = 6 in 3 cells>
    >>> (monday + tuesday).marginal("pet").to_dict()
    {'cat': 3, 'dog': 3}
    """

    __slots__ = ("_cells", "_counts", "_indices", "_known", "_marginals", "n", "names", "outcomes")

    names: tuple[str, ...]
    n: int
    outcomes: dict[str, tuple[Any, ...]]

    def __init__(
        self,
        table: Mapping[Any, int] | NDArray[Any] | Sequence[Any],
        names: str | Sequence[str],
        outcomes: Labels | Sequence[Sequence[Any]] | None = None,
    ) -> None:
        names = checked_names(names)
        possible = None if outcomes is None else _possible(outcomes, names)
        if isinstance(table, Mapping):
            columns, labels, counts = _from_mapping(table, names, possible)
        else:
            columns, labels, counts = _from_array(table, names, possible)
        self._settle(columns, labels, counts, known=possible is not None or not isinstance(table, Mapping))

    @classmethod
    def from_codes(cls, codes: Mapping[str, NDArray[np.integer[Any]]], outcomes: Labels) -> "Counts":
        """Count observations, in memory that grows with the cells that occur.

        Args:
            codes: for each variable its codes 0..K-1, shape (n,), of any integer type.
            outcomes: for each variable its K distinct labels; a range is quickest where they are numbers.

        Raises:
            InvalidValue: codes outside 0..K-1, or equal outcomes.
            InvalidType: codes that aren't integers.
            ShapeMismatch: codes of several lengths, or a variable without outcomes.
            BadTable: no observations.

        >>> Counts.from_codes({"x": np.array([0, 1, 0])}, {"x": ["a", "b"]}).to_dict()
        {'a': 2, 'b': 1}
        """
        names = checked_names(tuple(codes))
        columns = {name: checked_codes(name, codes[name]) for name in names}
        check_lengths(columns)
        return cls._of(columns, _possible(outcomes, names))

    @classmethod
    def from_cells(
        cls, cells: Mapping[str, Sequence[Any] | NDArray[Any]], counts: Sequence[int] | NDArray[np.integer[Any]]
    ) -> "Counts":
        """The outcome of a group-by: a row a cell, with its label for each variable, and its count.

        Rows with the same labels are added up. Missing labels (None, NaN, NaT) are one outcome.

        Raises:
            InvalidValue: a count that is negative or not whole.
            ShapeMismatch: labels and counts of several lengths.
            BadTable: no observations.

        >>> Counts.from_cells({"x": ["b", "a"], "y": [1, 2]}, [3, 4]).to_dict()
        {('a', 2): 4, ('b', 1): 3}
        """
        columns: Columns = {}
        labels: dict[str, Sequence[Any]] = {}
        for name in checked_names(tuple(cells)):
            column: Any = cells[name]
            if isinstance(column, np.ndarray):
                columns[name], labels[name] = encode(column)
            else:
                labels[name], columns[name] = ordered(column)
        weights = checked_counts(counts)
        check_lengths({**columns, "the counts": weights})
        return cls._of(columns, labels, weights)

    @classmethod
    def _of(cls, columns: Columns, labels: Labels, weights: Integers | None = None, known: bool = False) -> "Counts":
        counts = cls.__new__(cls)
        counts._settle(columns, labels, weights, known)
        return counts

    def _settle(self, columns: Columns, labels: Labels, weights: Integers | None, known: bool) -> None:
        """Bring rows of codes into canonical form: outcomes sorted, and only those seen unless all are `known`."""
        if weights is not None and not weights.all():
            columns, weights = {name: column[weights > 0] for name, column in columns.items()}, weights[weights > 0]
        n = len(next(iter(columns.values()))) if weights is None else int(weights.sum(dtype=np.uint64))
        if not 0 < n <= MOST:
            raise BadTable(f"the table counts {n:,} observations; needed: one at least, and 2⁶² at most")
        cells, counts = tally(columns, {name: len(labels[name]) for name in columns}, weights)
        outcomes, marginals, sorted_ = {}, {}, True
        for name, codes in cells.items():
            margin, frequencies = tally({name: codes}, {name: len(labels[name])}, counts)
            kept = labels[name]
            if not known and len(frequencies) < len(kept):  # forget the outcomes that don't occur; the order stays
                kept = tuple(map(kept.__getitem__, margin[name].tolist()))
                margin = {name: np.arange(len(kept))}
                cells[name] = ranks({name: codes}, {name: len(labels[name])}, counts.size).astype(narrow(len(kept)))
            outcomes[name], places = ordered(kept)
            if (np.diff(places) <= 0).any():  # the labels came in another order: so will the cells, next time round
                sorted_, cells[name] = False, places[cells[name]]
            marginals[frozenset([name])] = margin, frequencies
        if not sorted_:
            self._settle(cells, outcomes, counts, known)
            return
        self.names, self.outcomes, self.n = tuple(cells), outcomes, n
        self._cells, self._counts, self._known = cells, counts, known
        self._marginals = marginals | {frozenset(cells): (cells, counts)}
        self._indices: dict[frozenset[str], Integers] = {}

    @property
    def n_cells(self) -> int:
        """How many cells occur."""
        return self._counts.size

    def n_outcomes(self, names: Names | None = None) -> int | None:
        """How many cells some variables (all, unless told) can have together; None where only those seen are known."""
        return prod(len(self.outcomes[name]) for name in self._asked(names)) if self._known else None

    def frequencies(self, names: Names | None = None) -> Integers:
        """The positive counts of the cells that some variables (all, unless told) have together, in canonical order."""
        return _read_only(self._margin(self._asked(names))[1])

    def index(self, names: Names) -> Integers:
        """For each cell of the table, shape (n_cells,), the position of its marginal cell in `frequencies(names)`."""
        asked = self._asked(names)
        if asked not in self._indices:
            columns = {name: codes for name, codes in self._cells.items() if name in asked}
            self._indices[asked] = ranks(columns, self._sizes(), self.n_cells)
        return _read_only(self._indices[asked])

    def marginal(self, *names: str) -> "Counts":
        """The table of some of the variables, in the order asked for; all others are summed over."""
        checked_names(names)
        columns, counts = self._margin(self._asked(names))
        return Counts._of({name: columns[name] for name in names}, self.outcomes, counts, self._known)

    def without_missing(self) -> tuple["Counts", int]:
        """The table without the cells where a variable is missing, and how many observations that leaves out.

        Raises:
            BadTable: nothing is left.
        """
        kept = np.ones(self.n_cells, bool)
        for name, codes in self._cells.items():
            if self.outcomes[name][-1] is None:
                kept &= codes != len(self.outcomes[name]) - 1
        if kept.all():
            return self, 0
        if not kept.any():
            raise BadTable(
                f"each of {self.n:,} rows lacks {' or '.join(f'`{name}`' for name in self.names)}; needed: one without "
                "missing values at least",
                hint='missing="category" keeps missing as an outcome',
            )
        columns = {name: codes[kept] for name, codes in self._cells.items()}
        counts = Counts._of(columns, self.outcomes, self._counts[kept])
        return counts, self.n - counts.n

    def __add__(self, other: "Counts") -> "Counts":
        """The counts of both tables together, aligned by the names of the variables and by their outcomes."""
        if not isinstance(other, Counts):
            return NotImplemented
        if set(self.names) != set(other.names):
            raise ShapeMismatch(
                f"tables of {', '.join(self.names)} and of {', '.join(other.names)}; needed: the same variables",
                hint="take .marginal(...) of the variables that both have",
            )
        columns, outcomes = {}, {}
        for name in self.names:
            mine, theirs = self.outcomes[name], other.outcomes[name]
            outcomes[name], places = ordered((*mine, *theirs))
            columns[name] = np.concatenate(
                [places[: len(mine)][self._cells[name]], places[len(mine) :][other._cells[name]]]
            )
        known = self._known and other._known and self.outcomes == other.outcomes
        return Counts._of(columns, outcomes, np.concatenate([self._counts, other._counts]), known)

    def __radd__(self, other: object) -> "Counts":
        """So that sum(shards) works, which starts with 0."""
        return self if other == 0 else NotImplemented

    def __eq__(self, other: object) -> bool:
        """Whether the same is known of the same variables, whatever the order of these."""
        if not isinstance(other, Counts) or set(self.names) != set(other.names):
            return False
        other = other if self.names == other.names else other.marginal(*self.names)
        return (
            (self._known, self.outcomes) == (other._known, other.outcomes)
            and np.array_equal(self._counts, other._counts)
            and all(np.array_equal(self._cells[name], other._cells[name]) for name in self.names)
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        variables = (f"{name} ({len(labels):,} outcomes)" for name, labels in self.outcomes.items())
        return f"<Counts of {', '.join(variables)}: n = {self.n:,} in {self.n_cells:,} cells>"

    def to_dict(self) -> dict[Any, int]:
        """The cells that occur: outcomes to count, as a mapping that makes the same table again."""
        columns = [[self.outcomes[name][code] for code in codes.tolist()] for name, codes in self._cells.items()]
        keys = columns[0] if len(columns) == 1 else zip(*columns, strict=True)
        return dict(zip(keys, self._counts.tolist(), strict=True))

    def to_array(self, max_bytes: int = 1 << 30) -> Integers:
        """The dense table, with an axis for each variable and its outcomes in the order of `outcomes`.

        Raises:
            InvalidValue: it would take more than `max_bytes`.
        """
        shape = tuple(len(self.outcomes[name]) for name in self.names)
        if 8 * prod(shape) > max_bytes:
            raise InvalidValue(
                f"a dense table of {' × '.join(f'{k:,}' for k in shape)} cells takes {8 * prod(shape):,} bytes; "
                f"needed: {max_bytes:,} at most",
                hint="measure the counts as they are, take a .marginal(...), or pass max_bytes=",
            )
        table = np.zeros(shape, np.int64)
        table[tuple(self._cells.values())] = self._counts
        return table

    def to_joint(self) -> "Joint":
        """The relative frequencies as a joint distribution."""
        from plogp.joint import Joint

        return Joint(self.to_array() / self.n, names=self.names, outcomes=self.outcomes)

    def _sizes(self) -> dict[str, int]:
        return {name: len(labels) for name, labels in self.outcomes.items()}

    def _margin(self, names: frozenset[str]) -> tuple[Columns, Integers]:
        """Codes and counts of the cells that these variables have together."""
        if names not in self._marginals:
            columns = {name: codes for name, codes in self._cells.items() if name in names}
            self._marginals[names] = tally(columns, self._sizes(), self._counts)
        return self._marginals[names]

    def _asked(self, names: Names | None) -> frozenset[str]:
        """These variables, all of them here."""
        asked = self.names if names is None else (names,) if isinstance(names, str) else tuple(names)
        for name in asked:
            if name not in self.names:
                raise UnknownName(f"`{name}` is not a variable here", hint=did_you_mean(str(name), self.names))
        return frozenset(asked)


def _read_only(array: Integers) -> Integers:
    view = array.view()
    view.flags.writeable = False
    return view


def _possible(outcomes: Labels | Sequence[Sequence[Any]], names: tuple[str, ...]) -> dict[str, Sequence[Any]]:
    """Outcomes as they were given, by name: different ones, a sequence for each variable."""
    given = outcomes if isinstance(outcomes, Mapping) else dict(zip(names, outcomes, strict=False))
    if len(outcomes) != len(names) or set(given) != set(names):
        whose = ", ".join(map(str, outcomes)) if isinstance(outcomes, Mapping) else f"{len(outcomes)} variables"
        raise ShapeMismatch(
            f"outcomes of {whose or 'no variables'} for {len(names)} names; needed: a sequence for each of "
            f"{', '.join(names)}",
            hint="such as outcomes=[['no', 'yes'], ['red', 'blue']]",
        )
    for name in names:
        if isinstance(given[name], str):
            raise InvalidType(f"the outcomes of `{name}` are a text; needed: a sequence", hint="such as ['a', 'b']")
        if not isinstance(given[name], range) and len(ordered(given[name])[0]) < len(given[name]):
            raise InvalidValue(f"two outcomes of `{name}` are equal", hint="list each outcome once")
    return dict(given)


def _from_mapping(
    table: Mapping[Any, int], names: tuple[str, ...], possible: Mapping[str, Sequence[Any]] | None
) -> tuple[Columns, Labels, Integers]:
    """Codes, labels and counts of a mapping of outcomes to counts."""
    keys = [(key,) for key in table] if len(names) == 1 else list(table)
    for key in keys:
        if not isinstance(key, tuple) or len(key) != len(names):
            raise ShapeMismatch(
                f"the key {key!r}; needed: a tuple of {len(names)} outcomes, of {', '.join(names)}",
                hint="such as {('a', 'x'): 3}",
            )
    columns: Columns = {}
    labels: dict[str, Sequence[Any]] = {}
    for axis, name in enumerate(names):
        known = () if possible is None else tuple(possible[name])
        labels[name], places = ordered((*known, *(key[axis] for key in keys)))
        columns[name] = places[len(known) :]
        if possible is not None and len(labels[name]) > len(known):
            stranger = keys[int(np.argmin(np.isin(columns[name], places[: len(known)])))][axis]
            raise UnknownName(f"{stranger!r} is not among the outcomes of `{name}`", hint="add it to outcomes=")
    return columns, labels, checked_counts(list(table.values()))


def _from_array(
    table: NDArray[Any] | Sequence[Any], names: tuple[str, ...], possible: Mapping[str, Sequence[Any]] | None
) -> tuple[Columns, Labels, Integers]:
    """Codes, labels and counts of an array with one axis a variable."""
    counts = checked_counts(table)
    labels = possible or {name: range(size) for name, size in zip(names, counts.shape, strict=False)}
    if counts.ndim != len(names) or counts.shape != tuple(len(labels[name]) for name in names):
        expected = f", {' × '.join(str(len(labels[name])) for name in names)} outcomes" if possible else ""
        raise ShapeMismatch(
            f"an array of shape {counts.shape} for {len(names)} names ({', '.join(names)}){expected}; needed: one axis "
            "for each name, and one outcome for each place",
            hint="name every axis" if counts.ndim != len(names) else "list the outcomes along each axis",
        )
    cells = np.nonzero(counts)
    return dict(zip(names, cells, strict=True)), labels, counts[cells]
