"""The tree of errors.

    PlogpError
    ├── InvalidValue (ValueError)      a value that can't be measured
    │   ├── NotADistribution           negative, NaN, or not summing to one
    │   ├── ShapeMismatch              arrays that don't fit together
    │   ├── FormulaError               notation that doesn't parse
    │   ├── UnknownName                a variable, column, estimator or unit that isn't there
    │   ├── BadTable                   a table that can't be read, or has nothing to measure
    │   └── BadText                    a text or a model of texts that can't be read, or has nothing to measure
    ├── InvalidType (TypeError)        an object of the wrong kind
    ├── MissingExtra (ImportError)     an optional dependency that isn't installed
    └── EngineFailure (RuntimeError)   a fault outside: the engine died, the disk is full

Every message says what came and what is needed, then ``hint:`` what to do.
"""

from collections.abc import Iterable

__all__ = [
    "BadTable",
    "BadText",
    "EngineFailure",
    "FormulaError",
    "InvalidType",
    "InvalidValue",
    "MissingExtra",
    "NotADistribution",
    "PlogpError",
    "ShapeMismatch",
    "UnknownName",
    "did_you_mean",
]


class PlogpError(Exception):
    """The root: what came and what is needed, and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}. hint: {self.hint}" if self.hint else self.message


class InvalidValue(PlogpError, ValueError):
    """A value that can't be measured."""


class NotADistribution(InvalidValue):
    """Entries that are negative or NaN, or don't sum to one."""


class ShapeMismatch(InvalidValue):
    """Arrays whose shapes don't fit together."""


class FormulaError(InvalidValue):
    """Notation that doesn't parse; the message points at the character."""


class UnknownName(InvalidValue):
    """A variable, column, estimator or unit that isn't there."""


class BadTable(InvalidValue):
    """A table that can't be read, or has nothing to measure."""


class BadText(InvalidValue):
    """A text, or a model of texts, that can't be read or has nothing to measure."""


class InvalidType(PlogpError, TypeError):
    """An object of the wrong kind."""


class MissingExtra(PlogpError, ImportError):
    """An optional dependency that isn't installed; the hint says how to install it."""


class EngineFailure(PlogpError, RuntimeError):
    """A fault outside plogp: the engine died, the disk is full."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint that names the nearest of `known`, or lists them all where none is near.

    >>> did_you_mean("speceis", ["species", "island"])
    'did you mean `species`?'
    """
    from difflib import get_close_matches

    known = [str(k) for k in known]
    near = get_close_matches(name, known, n=3, cutoff=0.6) or get_close_matches(
        name.lower(), [k for k in known if k.lower().startswith(name.lower()[:3])], n=3, cutoff=0.3
    )
    if near:
        return f"did you mean {' or '.join(f'`{k}`' for k in near)}?"
    shown = ", ".join(f"`{k}`" for k in known[:12])
    return f"there are {shown}{', …' if len(known) > 12 else ''}" if known else "there are none"
