"""Columns taken together as one variable, and what must be known of them before an estimator is chosen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plogp.estimate.base import Floats, Ints
from plogp.estimate.notes import quoted
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
        return bool((self.rows.values[name].min(axis=0) == self.rows.values[name].max(axis=0)).any())

    @cached_property
    def columns(self) -> dict[str, Floats]:
        """The values of each variable that varies, shape (n, d)."""
        found = {name: self.rows.values[name] for name in self.names}
        return {name: v[:, v.min(axis=0) < v.max(axis=0)] for name, v in found.items() if (v[0] != v).any()}

    @cached_property
    def continuous(self) -> dict[str, Floats]:
        """Those that aren't discrete."""
        return {name: v for name, v in self.columns.items() if self.rows.kinds[name] != "discrete"}

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
        shares = {name: max(map(repeated, v.T)) for name, v in self.continuous.items()}
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
        return np.concatenate([np.empty(0, np.int64), *map(exponents, self.continuous.values())]).astype(np.int64)

    def points(self, exponents: Ints | None, apart: float) -> Floats:
        """The observations: columns over these powers of two, and codes of outcomes so far apart."""
        values = np.hstack([np.empty((len(self), 0)), *self.continuous.values()])
        scaled = values if exponents is None else np.ldexp(values, -exponents)
        return scaled if self.codes is None else np.hstack([scaled, self.codes * apart])

    def __len__(self) -> int:
        return len(next(iter(self.rows.values.values())))


def repeated(column: Floats) -> float:
    """The share of values that occur more than once."""
    ordered = np.sort(column)
    same = ordered[1:] == ordered[:-1]
    return float((np.append(same, False) | np.append(False, same)).mean())


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


def exponents(v: Floats) -> Ints:
    """The power of two of the spread of each column: of the middle half, or of the whole where half are alike."""
    low, high = np.quantile(v, [0.25, 0.75], axis=0)
    found: Ints = np.frexp(np.where(high > low, high - low, np.ptp(v, axis=0)))[1]
    return found


def functions(one: Group, other: Group) -> list[tuple[str, str]]:
    """Continuous variables of either group that have the same order in all rows, or the reverse.

    Each is then a function of the other, as far as these rows can tell.
    """
    seen: dict[bytes, str] = {}
    for name, v in one.continuous.items():
        for column in v.T:
            seen |= dict.fromkeys(orders(column), name)
    found = [(name, v) for name, group in other.continuous.items() for v in group.T]
    return [(seen[order], name) for name, v in found for order in orders(v)[:1] if order in seen]


def orders(column: Floats) -> list[bytes]:
    """What tells the order of the rows by this column, and the order turned round; nothing of a few rows."""
    if column.size < 10:
        return []
    ranks = np.unique(column, return_inverse=True)[1]
    return [ranks.tobytes(), (ranks.max() - ranks).tobytes()]


def ties(groups: Iterable[Group]) -> list[str]:
    """What is to be said of ties."""
    return [
        f"ties among floats: {share:.1%} of the observations of {quoted([name])} have a value that occurs again"
        for group in groups
        for name, share in group.tied.items()
    ]
