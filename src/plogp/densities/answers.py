"""From laws to a Result: the closed form where the table has one, else the numerical rungs, an element at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, isfinite
from statistics import NormalDist
from typing import Any

import numpy as np

from plogp.arrays import Array
from plogp.densities import mathematics
from plogp.densities.closed import DIVERGENCES, ENTROPIES, Row
from plogp.densities.ladder import OUTSIDE, RUNGS, Found
from plogp.densities.law import Law, Parameters, Sampled, parameters
from plogp.errors import InvalidType, InvalidValue, UnknownName, did_you_mean
from plogp.result import Result
from plogp.units import nats_per

__all__ = [
    "Closed",
    "How",
    "Numerical",
    "alike",
    "answer",
    "closed_divergence",
    "closed_entropy",
    "is_number",
    "pooled",
    "rung_for",
]

POOR = 1e-3
"""Nats of error at which Monte Carlo is asked as well, and taken if it does better."""

Closed = tuple[Array, str] | None
"""A value in nats and its source; None where there is no closed form."""
Numerical = Callable[[tuple[Sampled, ...], str], Found]
"""(laws, rung) -> what was found."""


WHOLE = int, np.integer
NUMBER = float, np.floating, *WHOLE


def is_number(x: Any, kinds: tuple[type, ...] = NUMBER) -> bool:
    """Whether x is a number of Python or NumPy, and no truth value."""
    return isinstance(x, kinds) and not isinstance(x, bool)


@dataclass(slots=True)
class How:
    """How a caller wants it.

    Attributes:
        unit: of the result.
        rung: of `RUNGS`; None for the first that serves.
        tolerance: absolute error to aim at, in `unit`; of Monte Carlo the standard error. None for the rung's own.
        confidence: of the interval around a Monte Carlo estimate; None for none.
        seed: of the draws; None is 0.
    """

    unit: str
    rung: str | None
    tolerance: float | None
    confidence: float | None
    seed: int | None

    def __post_init__(self) -> None:
        nats_per(self.unit)
        if self.rung is not None and self.rung not in RUNGS:
            raise UnknownName(f"rung={self.rung!r} isn't there", hint=did_you_mean(str(self.rung), RUNGS))
        if self.tolerance is not None and not (is_number(self.tolerance) and self.tolerance > 0):
            raise InvalidValue(f"tolerance={self.tolerance!r}; needed: a number above 0, or None", hint="such as 1e-4")
        if self.confidence is not None and not (is_number(self.confidence) and 0 < self.confidence < 1):
            raise InvalidValue(f"confidence={self.confidence!r}; needed: between 0 and 1, or None", hint="such as 0.95")
        if self.seed is not None and not (is_number(self.seed, WHOLE) and self.seed >= 0):
            raise InvalidValue(f"seed={self.seed!r}; needed: a whole number of 0 or more, or None", hint="such as 1")

    @property
    def nats(self) -> float | None:
        """The tolerance in nats."""
        return None if self.tolerance is None else self.tolerance * nats_per(self.unit)


# ---- closed forms ---------------------------------------------------------------------------------------------------


def closed_entropy(p: Law) -> Closed:
    """From the table of entropies."""
    row = ENTROPIES.get(p.family)
    return None if row is None else (summed(p, evaluated(row, p.m, p.at)), row.source)


def closed_divergence(p: Law, q: Law) -> Closed:
    """From the table of divergences."""
    row = DIVERGENCES.get((p.family, q.family))
    if row is None or p.independent != q.independent:
        return None
    m, a, b = pooled(p, q)
    if not alike(a, b, row.equal) or (row.only and not _has(row, a, b)):
        return None
    return summed(p, evaluated(row, m, a, b)), f"{p.name} ‖ {q.name}; {row.source}"


def evaluated(row: Row, m: Any, *at: Parameters) -> Array:
    """The formula's value; plain floats that overflow are handed to NumPy, which goes on with infinities."""
    if isinstance(m, mathematics.Floats):
        try:
            return row.formula(m, *at)
        except ArithmeticError:
            m = mathematics.of(np.zeros(()))
            at = tuple(_mapped(a, np.float64) for a in at)
    if m.xp is not np:
        return row.formula(m, *at)
    with np.errstate(all="ignore"):
        return row.formula(m, *at)


def summed(p: Law, value: Array) -> Array:
    """Over the coordinates of a law of independent ones."""
    if not p.independent:
        return value
    whole = np.broadcast_shapes(tuple(value.shape), tuple(p.event[: p.independent]))
    return p.m.sum(p.m.xp.broadcast_to(value, whole), p.independent)


def pooled(p: Law, q: Law) -> tuple[Any, Parameters, Parameters]:
    """The parameters of two laws in one mathematics: plain floats and NumPy's go over to a tensor's.

    Raises:
        InvalidType: tensors of two frameworks.
    """
    if p.m is q.m:
        return p.m, p.at, q.at
    ranks = [0 if isinstance(x.m, mathematics.Floats) else 1 if x.m.framework.name == "NumPy" else 2 for x in (p, q)]
    if min(ranks) == 2:
        raise InvalidType(
            f"p is of {p.m.framework.name} and q of {q.m.framework.name}; needed: laws of one framework, or of SciPy"
        )
    m = p.m if ranks[0] > ranks[1] else q.m
    return m, *(x.at if x.m is m else _mapped(x.at, lambda v: m.xp.asarray(np.float64(v))) for x in (p, q))


def _mapped(at: Parameters, f: Callable[[Any], Any]) -> Parameters:
    return at._make(None if value is None else f(value) for value in at)


def alike(a: Parameters, b: Parameters, names: tuple[str, ...]) -> bool:
    """Whether parameters of these names are the same everywhere."""
    return all(_everywhere(getattr(a, name) == getattr(b, name)) for name in names)


def _has(row: Row, p: Parameters, q: Parameters) -> bool:
    at = {"p": p, "q": q}
    return all(_everywhere(getattr(at[whose], name) == value) for whose, name, value in row.only)


def _everywhere(condition: Any) -> bool:
    return condition if isinstance(condition, bool) else bool(condition.all())


# ---- answers --------------------------------------------------------------------------------------------------------


def answer(
    symbol: str,
    laws: tuple[Law, ...],
    batch: tuple[int, ...],
    how: How,
    closed: Callable[[], Closed],
    numerical: Numerical,
) -> Result:
    """By the closed form if there is one and no other rung was asked for, else numerically."""
    if how.rung in (None, "closed-form"):
        form = closed()
        if form is not None:
            return _closed_result(symbol, laws, batch, how.unit, *form)
        if how.rung:
            names = " and ".join(p.name for p in laws)
            raise InvalidValue(
                f"{symbol} has no closed form here for {names}",
                hint="rung=None takes the next one that serves; docs/densities.md shows which there are",
            )
    rung = rung_for(laws, how.rung)
    found_at = []
    for index in np.ndindex(batch):
        each = tuple(p.element(_within(p.batch, index)) for p in laws)
        found = numerical(each, rung)
        if how.rung is None and rung != "monte-carlo" and found.error > POOR:
            drawn = numerical(each, "monte-carlo")
            found = drawn if drawn.error < found.error else found
        found_at.append(found)
    return _numerical_result(symbol, laws, batch, how, rung, found_at)


def _within(batch: tuple[int, ...], index: tuple[int, ...]) -> tuple[int, ...]:
    """An index of a common batch, as one of a batch that broadcasts to it."""
    own = index[len(index) - len(batch) :]
    return tuple(0 if length == 1 else i for length, i in zip(batch, own, strict=True))


def rung_for(laws: tuple[Law, ...], wanted: str | None) -> str:
    """The first numerical rung that serves these laws, or the one wanted if it does.

    Raises:
        InvalidValue: it doesn't.
    """
    on_line = all(p.event == () or p.family == "categorical" for p in laws)
    first = ("exact-sum" if laws[0].discrete else "quadrature") if on_line else "monte-carlo"
    if wanted not in (None, first, "monte-carlo"):
        serve = " or ".join(repr(rung) for rung in dict.fromkeys((first, "monte-carlo")))
        raise InvalidValue(f"rung={wanted!r} doesn't serve {' and '.join(p.name for p in laws)}", hint=serve)
    return wanted or first


def _closed_result(
    symbol: str, laws: tuple[Law, ...], batch: tuple[int, ...], unit: str, nats: Array, source: str
) -> Result:
    if isinstance(nats, float):
        nats = float(nats)  # of a 0-d array of NumPy
    if getattr(nats, "shape", ()) != batch:
        xp = next(p.m.xp for p in laws if p.batch)
        nats = xp.broadcast_to(xp.asarray(nats), batch)
    per = nats_per(unit)
    return Result(
        value=nats if per == 1.0 else nats / per, unit=unit, formula=symbol, estimator="closed-form",
        route=f"closed form, {source}", notes=() if _finite(nats) else _why_not_finite(symbol, laws, batch, nats),
    )  # fmt: skip


def _finite(nats: Array) -> bool:
    """Whether all are, or can't be looked at."""
    if isinstance(nats, float):
        return isfinite(nats)
    framework = mathematics.of(nats).framework
    return framework.tracing(nats) or isfinite(framework.constant(nats).sum())


def _why_not_finite(symbol: str, laws: tuple[Law, ...], batch: tuple[int, ...], nats: Array) -> tuple[str, ...]:
    """What proves an infinity.

    Raises:
        InvalidValue: a parameter isn't finite, which PyTorch lets pass.
    """
    for p in laws:
        parameters(p.name, p.family, p.at, p.m.holds)
    if (nats != nats).any() if batch else nats != nats:
        return ("not a number where the closed form overflows; rung='quadrature' may know",)
    if not batch:
        return (_why_infinite(symbol, laws),)
    return ("+∞ in places: see what proves it, one pair at a time",) if (abs(nats) == inf).any() else ()


def _why_infinite(symbol: str, laws: tuple[Law, ...]) -> str:
    first, last = laws[0], laws[-1]
    if first.independent:
        return "+∞ in a coordinate: see what proves it, one coordinate at a time"
    if first.discrete or (first.event == () and not _contained(*(p.element(()) for p in laws))):
        return OUTSIDE
    if symbol.startswith("D_"):
        return "+∞, proven by the tail: p^α q^(1−α) has no finite integral"
    if (
        first.family == last.family == "generalised gamma"
        and first.at.shape + last.at.power / first.at.power <= 0
    ):  # fmt: skip
        return "+∞, proven by the tail: log q has no finite mean under p"
    return "finite, but larger than the largest double"


def _contained(p: Sampled, q: Sampled) -> bool:
    return q.support[0] <= p.support[0] and p.support[1] <= q.support[1]


def _numerical_result(
    symbol: str, laws: tuple[Law, ...], batch: tuple[int, ...], how: How, rung: str, found: list[Found]
) -> Result:
    per = nats_per(how.unit)
    rung = "monte-carlo" if any(each.std_error is not None for each in found) else rung
    value: Any = np.array([each.value / per for each in found]).reshape(batch)
    error: Any = None
    if any(each.std_error is not None for each in found):
        error = np.array([(each.std_error or 0.0) / per for each in found]).reshape(batch)
    interval = None
    if error is not None and how.confidence is not None:
        z = NormalDist().inv_cdf((1 + how.confidence) / 2)
        interval = (value - z * error, value + z * error)
    notes = tuple(dict.fromkeys(note for each in found for note in each.notes))
    m = next((p.m for p in laws if not isinstance(p.m, mathematics.Floats)), None)
    if m is not None and m.framework.name != "NumPy":
        notes = (*notes, "a constant: gradients flow through closed forms only")
    if not batch:
        value, error = float(value), None if error is None else float(error)
        interval = None if interval is None else (float(interval[0]), float(interval[1]))
    if m is not None and m.framework.name != "NumPy":
        value = m.xp.asarray(np.asarray(value))
    return Result(
        value=value, unit=how.unit, formula=symbol, estimator=rung, std_error=error, interval=interval,
        confidence=None if interval is None else how.confidence, route="; ".join(dict.fromkeys(f.route for f in found)),
        notes=notes,
    )  # fmt: skip
