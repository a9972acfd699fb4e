"""The steps to a formula on observations: each part with the estimator that answers it and what it looks at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import fsum, inf, log
from typing import Protocol

import numpy as np

from plogp.counts import Counts
from plogp.errors import InvalidValue
from plogp.estimate.automatic import OF_CLASSES, SCALE_FREE, automatic, checked
from plogp.estimate.base import Floats, Ints
from plogp.estimate.choice import Estimator
from plogp.estimate.groups import Group, functions, on_one_scale, ties
from plogp.estimate.ksg import KSG
from plogp.estimate.local import Estimate, SampleEstimator
from plogp.estimate.mixed import Ross
from plogp.estimate.neighbours import compiled
from plogp.estimate.notes import quoted
from plogp.estimate.parts import Entropy, Part, parts
from plogp.estimate.source import CountsSource
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.notation import quoted as in_notation
from plogp.samples import Rows

__all__ = ["FromRows", "Step", "Sum", "steps"]


class Step(Protocol):
    """A part of a formula with who answers it."""

    @property
    def estimator(self) -> str:
        """The name of the estimator."""
        ...

    def estimate(self, rows: Ints | None = None) -> Estimate:
        """The part, on chosen rows or on all."""
        ...


@dataclass(frozen=True)
class Settled:
    """A part whose value needs no estimate."""

    value: float
    why: str
    estimator: str = "exact"

    def estimate(self, rows: Ints | None = None) -> Estimate:
        return Estimate(self.value, route=self.why, notes=(self.why,))


@dataclass(frozen=True)
class FromRows:
    """A part that an estimator answers from one, two or three groups of columns, and what is added to its value."""

    what: Part
    rule: SampleEstimator
    points: tuple[Floats, ...] = field(repr=False)
    why: str = ""
    notes: tuple[str, ...] = ()
    shift: float = 0.0
    in_order: Callable[[], Estimate] | None = field(default=None, repr=False)
    """The same of all rows, from columns that are in order already."""

    @property
    def estimator(self) -> str:
        return self.rule.name

    def estimate(self, rows: Ints | None = None) -> Estimate:
        verb = (self.rule.entropy, self.rule.mutual_information, self.rule.conditional_mutual_information)[
            len(self.points) - 1
        ]
        if rows is None and self.in_order is not None:
            found = self.in_order()
        else:
            found = verb(*(v if rows is None else v[rows] for v in self.points))
        route = "; ".join(step for step in (self.why, found.route) if step)
        value, said = found.value + self.shift, (*self.notes, *found.notes)
        return Estimate(value, None, found.std_error, found.doubt, route, said)


@dataclass(frozen=True)
class FromCounts:
    """A sum of joint entropies of discrete variables, from counts of their codes."""

    formula: Formula
    codes: Mapping[str, Floats] = field(repr=False)

    @property
    def estimator(self) -> str:
        return self._source(None).infer(self.formula, Request(confidence=None)).estimator

    def estimate(self, rows: Ints | None = None) -> Estimate:
        found = self._source(rows).infer(self.formula, Request(confidence=None))
        return Estimate(found.value, route=found.route, notes=found.notes)

    def _source(self, rows: Ints | None) -> CountsSource:
        codes = {name: v[:, 0].astype(np.int64) for name, v in self.codes.items()}
        chosen = codes if rows is None else {name: v[rows] for name, v in codes.items()}
        return CountsSource(Counts.from_codes(chosen, {name: range(int(v.max()) + 1) for name, v in codes.items()}))


@dataclass(frozen=True)
class Sum:
    """Multiples of steps, added up."""

    terms: Sequence[tuple[int, Step]]

    def estimate(self) -> Estimate:
        found = [(c, step, step.estimate()) for c, step in self.terms]
        if [c for c, _ in self.terms] == [1]:
            return found[0][2]
        route = "; ".join(f"{c:+}·{said(step)} by {step.estimator} ({part.route})" for c, step, part in found)
        biased = "each term is estimated by itself; the biases that are left need not cancel"
        return Estimate(
            _sum(c * part.value for c, _, part in found),
            doubt=fsum(abs(c) * part.doubt for c, _, part in found),
            route=route,
            notes=(*(note for _, _, part in found for note in part.notes), biased),
        )

    def at(self, rows: Ints) -> float:
        """The value on chosen rows."""
        return _sum(c * step.estimate(rows).value for c, step in self.terms)

    @property
    def lone(self) -> FromRows | None:
        """The step, where there is one alone, from rows."""
        (c, step), *more = self.terms
        return step if isinstance(step, FromRows) and c == 1 and not more else None

    @property
    def estimator(self) -> str:
        return " + ".join(dict.fromkeys(step.estimator for _, step in self.terms))


def _sum(parts: Iterable[float]) -> float:
    try:
        return fsum(parts)
    except ValueError:
        raise InvalidValue(
            "∞ − ∞: parts of the formula are infinite, and what is left of them isn't known",
            hint="measure its parts by themselves",
        ) from None


def said(step: Step) -> str:
    """What a step is of."""
    return str(step.formula if isinstance(step, FromCounts) else getattr(step, "what", ""))


def steps(formula: Formula, rows: Rows, estimator: Estimator | None) -> Sum:
    """Who answers each part of a formula whose coefficients have no common divisor; None chooses."""
    discrete = frozenset(name for name, kind in rows.kinds.items() if kind == "discrete")
    whole = parts(formula, tuple(rows.values), discrete)
    counted = [(c, part.of) for c, part in whole if isinstance(part, Entropy) and part.of <= discrete]
    found: list[tuple[int, Step]] = [
        (c, step(part, rows, estimator)) for c, part in whole if not (isinstance(part, Entropy) and part.of <= discrete)
    ]
    if counted:
        terms = (f"{c}*H({','.join(map(in_notation, sorted(names)))})" for c, names in counted)
        of_codes = Formula(" + ".join(terms).replace("+ -", "- "))
        found.append((1, FromCounts(of_codes, {name: rows.values[name] for name in of_codes.variables})))
    return Sum(found)


def step(part: Part, rows: Rows, estimator: Estimator | None) -> Step:
    """Who answers a part, from which columns."""
    members = (part.of,) if isinstance(part, Entropy) else (part.one, part.other, part.given)
    groups = [Group(tuple(name for name in rows.values if name in names), rows) for names in members]
    if (settled := known(part, groups)) is not None:
        return settled
    remarks = (*left_out(groups), *ties(groups))
    groups = [group for group in groups if group.kind != "constant"]
    rule, why = automatic(groups) if estimator is None else (checked(estimator, groups), "")
    if rule.name in OF_CLASSES:
        return of_classes(part, rule, groups, why, remarks)
    if isinstance(rule, KSG) and estimator is None:
        return of_scores(part, rule, groups, why, remarks)
    points, scaled = on_one_scale(groups, rescaled=estimator is None and rule.name not in SCALE_FREE)
    if scaled is not None:
        why += ", columns brought to like spreads by powers of two"
    shift = (scaled or 0) * log(2) if isinstance(part, Entropy) else 0.0
    return FromRows(part, rule, tuple(points), why, remarks, shift)


def of_classes(
    part: Part, rule: SampleEstimator, groups: Sequence[Group], why: str, remarks: tuple[str, ...]
) -> FromRows:
    """What a continuous group says of a discrete one."""
    x, y = sorted(groups, key=lambda group: group.kind)
    codes, line, quick = y.points(None, 1.0), x.line, None
    if isinstance(rule, Ross) and line is not None and compiled(len(x)):
        quick = partial(rule.in_order, line, codes)
    return FromRows(part, rule, (x.points(None, 1.0), codes), why, remarks, in_order=quick)


def of_scores(part: Part, rule: KSG, groups: Sequence[Group], why: str, remarks: tuple[str, ...]) -> FromRows:
    """What two columns share, by their normal scores."""
    x, y = (group.line.scores for group in groups if group.line is not None)
    points = tuple(line.in_rows(line.values)[:, None] for line in (x, y))
    quick = partial(rule.in_order, x, y) if compiled(x.values.size) else None
    return FromRows(part, rule, points, f"{why}, as normal scores", remarks, in_order=quick)


def known(part: Part, groups: Sequence[Group]) -> Settled | None:
    """What needs no estimate: constants, and continuous variables that seem functions of each other."""
    if isinstance(part, Entropy):
        constant = [name for name in groups[0].names if groups[0].constant(name)]
        return Settled(-inf, f"{quoted(constant)} is constant: it has no density, and entropy −∞") if constant else None
    one, other, _ = groups
    for group in (one, other):
        if group.kind == "constant":
            return Settled(0.0, f"{quoted(group.names)} is constant: it shares nothing")
    if one.kind == other.kind == "continuous" and (pairs := functions(one, other)):
        return Settled(
            inf,
            f"{quoted(pairs[0])} rise and fall together, or against each other, in all {len(one):,} rows, as functions "
            "of each other do: they share infinitely much then, unless noise is too small to show here",
        )
    return None


def left_out(groups: Sequence[Group]) -> list[str]:
    """What is to be said of columns that don't vary."""
    constant = [name for group in groups for name in group.names if group.constant(name)]
    return [f"{quoted([name])} is constant, in a column at least, which is left out" for name in constant]
