"""Columns that only matter together, and columns that tell the same: co-information of two columns and a target.

S = −I(a;b;t) = I(a,b;t) − I(a;t) − I(b;t) is what two columns tell of a target beyond what each tells alone: positive
is synergy, negative redundancy. Both are bounded by what pairs of the three share:

    S ≤ min of H(t) − I(a;t) − I(b;t),  H(a) − I(a;t) − I(a;b),  H(b) − I(b;t) − I(a;b)
    −S ≤ min of I(a;b), I(a;t), I(b;t)

because S = I(a;t|b) − I(a;t) with I(a;t|b) ≤ H(t|b), and so for each two of the three, and I(a;t|b) ≥ 0. So the pairs
are tried from the greatest bound down, until the bound of the next can't reach the least of those found.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.cells import Integers
from plogp.errors import BadTable, InvalidValue
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.notation import quoted
from plogp.pairwise.many import Progress, formula, results, values
from plogp.pairwise.matrix import pairs_and_entropies
from plogp.pairwise.variables import Variables
from plogp.result import Result, fixed
from plogp.units import nats_per

__all__ = ["Together", "Triple", "redundancy", "synergy"]

Floats = NDArray[np.float64]

AT_ONCE = 256
"""Triples that are measured before the bounds are looked at again."""

MOST, MOST_LAZY = 100_000, 1024
"""Triples that are measured at most, in memory and on an engine, where every 64 are a pass over the rows."""

ALONE = Request(confidence=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triple:
    """Two columns and the target.

    Attributes:
        columns: the two.
        value: the co-information I(a;b;target), negative for synergy.
        interval: of the value at the confidence asked for.
        alone: I(a;target) and I(b;target).
        both: I(a,b;target).
        unit: of all of these.
        result: all that is known of the value.
    """

    columns: tuple[str, str]
    value: float
    interval: tuple[float, float] | None
    alone: tuple[float, float]
    both: float
    unit: str
    result: Result

    @property
    def meaning(self) -> str:
        """What the sign says, in words."""
        a, b = (f"`{name}`" for name in self.columns)
        amount = f"{fixed(abs(self.value), self.result.decimals())} {self.unit}"
        if self.interval is not None and self.interval[0] <= 0 <= self.interval[1]:
            return f"{a} and {b}: neither synergy nor redundancy can be told from chance"
        if self.value < 0:
            return f"synergy: together {a} and {b} tell {amount} beyond what each tells alone"
        return f"redundancy: {amount} of what {a} and {b} tell is the same"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Together:
    """Pairs of columns by what they tell of a target together; it iterates over `Triple` and prints a line each.

    Attributes:
        target: the name.
        triples: the pairs, the strongest first.
        notes: how many pairs were tried, what the others could reach at most, and what was done with the columns.
    """

    target: str
    triples: tuple[Triple, ...]
    notes: tuple[str, ...]

    def __iter__(self) -> Iterator[Triple]:
        return iter(self.triples)

    def __len__(self) -> int:
        return len(self.triples)

    def __getitem__(self, place: int) -> Triple:
        return self.triples[place]

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict a pair: columns, value, interval, alone, both, meaning; plain values."""
        return [
            {
                "columns": list(triple.columns),
                "value": triple.value,
                "interval": None if triple.interval is None else list(triple.interval),
                "alone": list(triple.alone),
                "both": triple.both,
                "meaning": triple.meaning,
            }
            for triple in self.triples
        ]

    def __str__(self) -> str:
        lines = [f"{triple.result}  {triple.meaning}" for triple in self.triples]
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])


def synergy(
    table: Any,
    target: str,
    *,
    top: int = 10,
    columns: Iterable[str] | None = None,
    unit: str = "bits",
    confidence: float | None = 0.95,
    kinds: Mapping[str, str] | None = None,
    missing: str = "drop",
    progress: Progress | None = None,
) -> Together:
    """The pairs of columns that tell most of a target beyond what each tells alone.

    I(a;b;target) = I(a;target) − I(a;target|b), negative for synergy; the most negative first.

    Args:
        table: any dataframe, in memory or lazy, `Samples`, or a dict of arrays of shape (n,).
        target: the column to tell of.
        top: how many pairs to return.
        columns: which to pair; None is all others.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the intervals, or None for none.
        kinds: overrides of what a column is. Continuous ones are cut into ∛n quantile bins, 64 at most.
        missing: "drop" leaves out, measure by measure, the rows that lack a value; "category" keeps missing as an
            outcome.
        progress: called with how many pairs were tried, and of how many.

    Raises:
        UnknownName: a column or unit that isn't there; the nearest is suggested.
        InvalidValue: fewer than two columns, or the target among them.

    Pairs are tried from the greatest bound down (see the module), by estimates without bias towards columns of many
    levels. The bound holds for the distribution, and for estimates within their error; where outcomes are many it is
    loose, and more pairs are tried. `notes` say how many were; at most 100,000 are, on a lazy engine 1,024. Synergy of
    three columns or more with the target isn't looked for: there may be some where no pair has any.
    Co-information: McGill (1954), doi:10.1007/BF02289159 (with the opposite sign).

    >>> rng = np.random.default_rng(0)
    >>> a, b, c = rng.integers(0, 2, (3, 1000))
    >>> found = synergy({"a": a, "b": b, "c": c, "t": a ^ b}, "t", top=1)
    >>> found[0].columns, round(found[0].value, 2)
    (('a', 'b'), -1.0)
    >>> print(found[0].meaning)
    synergy: together `a` and `b` tell 0.99... bits beyond what each tells alone
    """
    return _strongest(-1, table, target, top, columns, unit, confidence, kinds, missing, progress)


def redundancy(
    table: Any,
    target: str,
    *,
    top: int = 10,
    columns: Iterable[str] | None = None,
    unit: str = "bits",
    confidence: float | None = 0.95,
    kinds: Mapping[str, str] | None = None,
    missing: str = "drop",
    progress: Progress | None = None,
) -> Together:
    """The pairs of columns that tell most of the same of a target: `synergy` from the other end, the greatest first.

    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.integers(0, 2, (2, 1000))
    >>> print(redundancy({"a": a, "b": b, "copy": a, "t": a}, "t", top=1)[0].meaning)
    redundancy: 0.99... bits of what `a` and `copy` tell is the same
    """
    return _strongest(1, table, target, top, columns, unit, confidence, kinds, missing, progress)


def _strongest(
    sign: int,
    table: Any,
    target: str,
    top: int,
    columns: Iterable[str] | None,
    unit: str,
    confidence: float | None,
    kinds: Mapping[str, str] | None,
    missing: str,
    progress: Progress | None,
) -> Together:
    """The pairs whose co-information, times the sign, is greatest."""
    nats_per(unit)
    names = None if columns is None else (*columns, target)
    variables = Variables(table, names, kinds=kinds, missing=missing, continuous="bins")
    variables.require(target)
    others = [name for name in variables.names if name != target]
    if len(others) < 2 or top < 1:
        raise InvalidValue(
            f"{len(others)} columns beside `{target}`, and top={top}; needed: two columns and one pair at least",
            hint="such as columns=['a', 'b'], top=1",
        )
    pairs = list(combinations(others, 2))
    bounds, shared = _bounds(sign, variables, target, others)
    chosen, tried = _searched(sign, variables, target, pairs, bounds, shared, top, progress)
    request = Request(confidence=confidence)
    triples = [_triple(variables, target, pairs[i], request, unit) for i in chosen]
    triples.sort(key=lambda triple: -sign * triple.value)
    left = np.delete(bounds, tried)
    reach = f"; no other can reach more than {max(left.max(), 0) / nats_per(unit):.3g} {unit}" if left.size else ""
    return Together(
        target=target,
        triples=tuple(triples),
        notes=(*variables.notes, f"{len(tried):,} of {len(pairs):,} pairs were tried{reach}"),
    )


def _bounds(sign: int, variables: Variables, target: str, others: Sequence[str]) -> tuple[Floats, Floats]:
    """For each pair of columns the most that sign·I(a;b;target) can be, and I(a;b); in nats.

    What no row can tell, because none has both columns, counts as 0 in the bound.
    """
    found, _ = pairs_and_entropies(variables, "auto", ALONE)
    place = [variables.names.index(name) for name in others]
    a, b = np.asarray(place)[list(np.triu_indices(len(others), 1))]
    t = variables.names.index(target)
    shared, told, h = found[a, b], np.nan_to_num(found[:, t]), np.nan_to_num(np.diag(found))
    between = np.nan_to_num(shared)
    if sign > 0:
        return np.minimum(between, np.minimum(told[a], told[b])), shared
    left = h - told
    return np.minimum(h[t] - told[a] - told[b], np.minimum(left[a], left[b]) - between), shared


def _searched(
    sign: int,
    variables: Variables,
    target: str,
    pairs: Sequence[tuple[str, str]],
    bounds: Floats,
    shared: Floats,
    top: int,
    progress: Progress | None,
) -> tuple[Integers, Integers]:
    """The places of the pairs that are strongest, and of those that were tried."""
    order = np.argsort(-bounds, kind="stable")
    strength = np.full(len(pairs), -np.inf)
    done = 0
    while done < min(len(pairs), MOST_LAZY if variables.lazy else MOST):
        least = np.sort(strength)[-top] if top <= done else -np.inf
        if bounds[order[done]] <= least:
            break
        some = order[done : done + AT_ONCE]
        given = values(variables, [(*pairs[i], target) for i in some])
        strength[some] = np.nan_to_num(sign * (shared[some] - given), nan=-np.inf)
        done += len(some)
        if progress is not None:
            progress(done, len(pairs))
    best = np.argsort(-strength, kind="stable")[:top]
    return best[strength[best] > -np.inf], order[:done]


def _triple(variables: Variables, target: str, pair: tuple[str, str], request: Request, unit: str) -> Triple:
    """A pair with all its numbers."""
    a, b = pair
    t = quoted(target)
    whole = Formula(f"I({quoted(a)};{quoted(b)};{t})")
    [value] = results(variables, [whole], request=request)
    parts = results(
        variables, [formula(a, target), formula(b, target), Formula(f"I({quoted(a)},{quoted(b)};{t})")], request=ALONE
    )
    first, second, both = (np.nan if part is None else float(part.to(unit)) for part in parts)
    if value is None:
        raise BadTable(f"no row has `{a}`, `{b}` and `{target}`; needed: one at least", hint="choose columns=")
    found = value.to(unit)
    return Triple(
        columns=pair,
        value=float(found),
        interval=found.interval,
        alone=(first, second),
        both=both,
        unit=unit,
        result=found,
    )
