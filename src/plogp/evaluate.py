"""A formula on a source: the one idea.

A Shannon measure is a signed sum of joint entropies, so a source gets every measure by answering one question:
how much entropy do these variables have together? A source that knows more than the sum (an estimate with its
uncertainty, a neighbour estimator for a lone I) answers the whole formula itself, through `infer`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from plogp.errors import InvalidValue, UnknownName, did_you_mean
from plogp.formula import Formula
from plogp.result import Result

__all__ = ["Infers", "Request", "Source", "evaluate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a reader wants to know beside the number.

    Attributes:
        confidence: nominal coverage of the interval, None for no interval.
        permutations: how many for an exact permutation p-value, None for another.
        seed: of what is drawn, None for a fixed one.
    """

    confidence: float | None = 0.95
    permutations: int | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        sure = self.confidence
        if sure is not None and not (isinstance(sure, float) and 0 < sure < 1):
            raise InvalidValue(f"confidence={sure!r}; needed: a number between 0 and 1, or None", hint="such as 0.95")
        for name, number in (("permutations", self.permutations), ("seed", self.seed)):
            whole = isinstance(number, int) and not isinstance(number, bool) and number >= (name == "permutations")
            if number is not None and not whole:
                raise InvalidValue(f"{name}={number!r}; needed: a whole number, or None", hint=f"such as {name}=1000")


class Source(Protocol):
    """Anything that can say how much entropy some of its variables have together."""

    @property
    def names(self) -> Sequence[str]:
        """The variables."""
        ...

    def entropy(self, names: frozenset[str]) -> Any:
        """H of these variables together, in nats."""
        ...


@runtime_checkable
class Infers(Protocol):
    """A source that answers a whole formula, in nats, with its uncertainty."""

    def infer(self, formula: Formula, request: Request) -> Result:
        """The result for the formula."""
        ...


def evaluate(formula: Formula, source: Source, request: Request | None = None, *, unit: str = "bits") -> Result:
    """The value of a formula on a source: Σ c·H(A) over its terms, unless the source infers it whole."""
    for name in formula.variables:
        if name not in source.names:
            raise UnknownName(f"`{name}` in `{formula}` is not a variable here", hint=did_you_mean(name, source.names))
    if isinstance(source, Infers):
        return source.infer(formula, request or Request()).to(unit)
    value: Any = sum(c * source.entropy(names) for names, c in formula.terms.items())
    return Result(value=value, unit="nats", formula=str(formula)).to(unit)
