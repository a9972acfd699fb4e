"""Columns taken together as one variable, and what must be known of them before an estimator is chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plogp.estimate.base import Floats, Ints
from plogp.estimate.notes import quoted
from plogp.lines import Line
from plogp.samples import Rows

__all__ = ["Group", "functions", "on_one_scale", "ties"]

MANY_TIES = 0.02
"""Above this share of observations that repeat a value, a continuous column is taken as a mixture of atoms."""


@dataclass(frozen=True)
class Group:
    """Columns of one or more variables, without the constant ones, which share nothing.

    Attributes:
        names: of the variables.
        rows: that hold them.
    """

    names: tuple[str, ...]
    rows: Rows

    def constant(self, name: str) -> bool:
        """Whether a variable has a column that doesn't vary."""
        return not self._varies[name].all()

    @cached_property
    def _varies(self) -> dict[str, NDArray[np.bool_]]:
        """Which columns of each variable vary, shape (d,)."""
        return {name: np.array(list(map(varies, self.rows.values[name].T))) for name in self.names}

    @cached_property
    def columns(self) -> dict[str, Floats]:
        """The values of each variable that varies, shape (n, d)."""
        found = {name: (self.rows.values[name], kept) for name, kept in self._varies.items()}
        return {name: v if kept.all() else v[:, kept] for name, (v, kept) in found.items() if kept.any()}

    @cached_property
    def continuous(self) -> dict[str, Floats]:
        """Those that aren't discrete."""
        return {name: v for name, v in self.columns.items() if self.rows.kinds[name] != "discrete"}

    @cached_property
    def line(self) -> Line | None:
        """The values in order, where the group is one continuous column."""
        lone = [(name, v) for name, v in self.columns.items() if v is self.rows.values[name] and v.shape[1] == 1]
        return self.rows.line(lone[0][0]) if len(lone) == len(self.columns) == len(self.continuous) == 1 else None

    @cached_property
    def codes(self) -> Floats | None:
        """One code for the outcomes of the discrete variables together, shape (n, 1); None where there are none."""
        held = [v for name, v in self.columns.items() if name not in self.continuous]
        if not held:
            return None
        if len(held) == 1 and held[0].shape[1] == 1:
            return held[0]
        return np.unique(np.hstack(held), axis=0, return_inverse=True)[1].reshape(-1, 1).astype(np.float64)

    @cached_property
    def tied(self) -> dict[str, float]:
        """The share of observations whose value in some column another has too, where it isn't 0."""
        lines = {name: self._lines(name, v) for name, v in self.continuous.items()}
        shares = {name: max(line.repeated for line in held) for name, held in lines.items()}
        return {name: share for name, share in shares.items() if share}

    @cached_property
    def kind(self) -> str:
        """ "constant", "discrete", "continuous", or "mixed": declared so, with many ties, or of several kinds."""
        if not self.columns:
            return "constant"
        if not self.continuous:
            return "discrete"
        declared = any(self.rows.kinds[name] == "mixed" for name in self.continuous)
        many = any(share > MANY_TIES for share in self.tied.values())
        return "mixed" if declared or many or self.codes is not None else "continuous"

    @cached_property
    def exponents(self) -> Ints:
        """The power of two that the spread of each continuous column has, shape (d,)."""
        held = [line for name, v in self.continuous.items() for line in self._lines(name, v)]
        return np.array([line.exponent for line in held], np.int64)

    def _lines(self, name: str, v: Floats) -> list[Line]:
        """The columns of a variable in order."""
        return [self.rows.line(name)] if self.rows.values[name].shape[1] == 1 else list(map(Line, v.T))

    def points(self, exponents: Ints | None, apart: float) -> Floats:
        """The observations: columns over these powers of two, and codes of outcomes so far apart."""
        held = list(self.continuous.values())
        values = held[0] if len(held) == 1 else np.hstack([np.empty((len(self), 0)), *held])
        scaled = values if exponents is None else np.ldexp(values, -exponents)
        return scaled if self.codes is None else np.hstack([scaled, self.codes * apart])

    def __len__(self) -> int:
        return len(next(iter(self.rows.values.values())))


def varies(x: Floats) -> bool:
    """Whether a column isn't constant, as its first values show of most."""
    return any(bool((x[:n] != x[0]).any()) for n in (64, x.size))


def on_one_scale(groups: Sequence[Group], *, rescaled: bool) -> tuple[list[Floats], int | None]:
    """The groups as points of one space, and the sum of the powers of two that columns were divided by; None for none.

    Outcomes are farther apart than any two values, so that neighbours have the same outcome as long as there are such.

    Args:
        groups: of observations in the same rows.
        rescaled: whether columns, if there are several, are brought to like spreads; powers of two leave ties as they
            are.
    """
    spreads = np.unique(np.concatenate([group.exponents for group in groups]))
    rescaled &= spreads.size > 1
    found = [group.exponents if rescaled else None for group in groups]
    values = [group.points(e, 0.0) for group, e in zip(groups, found, strict=True)]
    widest = max(float(np.ptp(v, axis=0).max()) for v in values)
    apart = float(np.ldexp(1.0, np.frexp(widest)[1] + 1)) if widest else 1.0
    points = [group.points(e, apart) for group, e in zip(groups, found, strict=True)]
    return points, sum(int(group.exponents.sum()) for group in groups) if rescaled else None


def functions(one: Group, other: Group) -> list[tuple[str, str]]:
    """Continuous variables of either group that have the same order in all rows, or the reverse.

    Each is then a function of the other, as far as these rows can tell; ten rows at least.
    """
    return [
        (a, b)
        for b, w in other.continuous.items()
        for a, v in one.continuous.items()
        if len(v) >= 10 and any(in_one_order(x, y) for x in v.T for y in w.T)
    ]


def in_one_order(x: Floats, y: Floats) -> bool:
    """Whether y is in the order of x or in the reverse; most pairs show in a few rows that they aren't."""
    for n in (64, x.size):
        order = np.argsort(x[:n])
        up, steps = np.diff(x[order]) > 0, np.sign(np.diff(y[order]))
        if not (np.array_equal(steps, up) or np.array_equal(-steps, up)):
            return False
    return True


def ties(groups: Iterable[Group]) -> list[str]:
    """What is to be said of ties."""
    return [
        f"ties among floats: {share:.1%} of the observations of {quoted([name])} have a value that occurs again"
        for group in groups
        for name, share in group.tied.items()
    ]
