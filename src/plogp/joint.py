"""Joint: an exact distribution of named variables, in the framework and with the gradient of its array."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from plogp.arrays import Array, Framework, shape_of
from plogp.distributions import distribution
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch, UnknownName, did_you_mean

__all__ = ["Joint"]


class Joint:
    """A joint distribution whose axes have names: p(x, y, …), as a source of exact measures.

    Args:
        array: probabilities that sum to 1, an axis a variable; of NumPy, PyTorch, JAX, TensorFlow, MXNet or CuPy.
        names: of the variables, an axis each.
        outcomes: for each variable the labels of its outcomes, by name (0, 1, … where it isn't there) or in order.

    Raises:
        NotADistribution: entries that are negative or NaN, or don't sum to 1.
        ShapeMismatch: not a name for each axis, or not a label for each outcome.
        InvalidType: names or labels that come as one text.
        InvalidValue: the same name or the same label twice.

    >>> weather = Joint([[0.4, 0.1], [0.1, 0.4]], names=("sky", "train"), outcomes={"sky": ("sun", "rain")})
    >>> weather.marginal("sky").array
    array([0.5, 0.5])
    >>> weather.given(sky="rain").array
    array([0.2, 0.8])
    """

    names: tuple[str, ...]
    outcomes: dict[str, tuple[Any, ...]]

    def __init__(
        self,
        array: Array,
        names: Iterable[str],
        outcomes: Mapping[str, Sequence[Any]] | Sequence[Sequence[Any]] | None = None,
    ) -> None:
        names = _checked_names(names)
        p = distribution(None, False, "array", (array, None, None), wide=False)
        p.verify()
        shape = shape_of(p.p) or ()
        if len(shape) != len(names):
            raise ShapeMismatch(
                f"{len(names)} names {names} for an array of shape {shape}; needed: a name for each axis",
                hint="Joint(array, names=('X', 'Y')) for a table of two variables",
            )
        given = _by_name(outcomes, names)
        labels = {n: _checked_outcomes(n, length, given.get(n)) for n, length in zip(names, shape, strict=True)}
        self._settle(p.framework, p.dtype, p.p, labels)
        for name in given:
            self._axis(name)

    def _settle(self, f: Framework, dtype: str, p: Array, outcomes: dict[str, tuple[Any, ...]]) -> None:
        self.names, self.outcomes = tuple(outcomes), outcomes
        self._framework, self._dtype, self._p = f, dtype, p

    def _of(self, p: Array, names: Iterable[str]) -> "Joint":
        """A distribution that was made of this one, of some of its variables."""
        made = Joint.__new__(Joint)
        made._settle(self._framework, self._dtype, p, {name: self.outcomes[name] for name in names})
        return made

    @property
    def array(self) -> Array:
        """The probabilities, in the dtype that they came in."""
        return self._framework.cast(self._p, self._dtype)

    def marginal(self, *names: str) -> "Joint":
        """The distribution of some variables, in the order asked for: Σ p over the others."""
        kept = [self._axis(name) for name in _checked_names(names)]
        p = self._summed(kept)
        order = tuple(sorted(kept).index(axis) for axis in kept)
        return self._of(p if order == tuple(range(len(kept))) else self._framework.xp.permute_dims(p, order), names)

    def given(self, values: Mapping[str, Any] | None = None, /, **named: Any) -> "Joint":
        """The distribution of the other variables once some are known: p(others | Y = y).

        Args:
            values, named: the outcome of each variable that is known; a mapping where a name is no Python name.

        Raises:
            UnknownName: no such variable, or no such outcome.
            InvalidValue: an outcome of probability 0, or no variable left.
        """
        known = {**(values or {}), **named}
        places = {self._axis(name): self._place(name, outcome) for name, outcome in known.items()}
        others = [name for name in self.names if name not in known]
        if not known or not others:
            raise InvalidValue(
                f"given({', '.join(known)}) of {self.names} leaves {'all' if others else 'no'} variables",
                hint="name one at least and not all: given(Y='a')",
            )
        f = self._framework
        p = f.widen(self._p)[tuple(places.get(axis, slice(None)) for axis in range(len(self.names)))]
        total = f.sum(p, tuple(range(-len(others), 0)))
        if not f.tracing(total) and float(f.to_numpy(total)) == 0:
            raise InvalidValue(f"{known} has probability 0, so nothing is given by it", hint="take a possible outcome")
        return self._of(p / total, others)

    def entropy(self, names: Iterable[str]) -> Array:
        """H of some variables together in nats, −Σ p log p; a 0-d array of the framework, kept in float64 if it can."""
        kept = [self._axis(name) for name in dict.fromkeys(names)]
        if not kept:
            return self._framework.sum(self._p * 0.0, tuple(range(-self._p.ndim, 0)))
        p = self._framework.widen(self._summed(kept))
        return self._framework.entropy(p, tuple(range(-len(kept), 0)))[0]

    def __repr__(self) -> str:
        sizes = ", ".join(f"{name}: {len(labels)}" for name, labels in self.outcomes.items())
        return f"Joint({sizes}; {self._framework.name})"

    def _summed(self, kept: Sequence[int]) -> Array:
        """Σ p over all axes but those kept."""
        away = tuple(axis - len(self.names) for axis in range(len(self.names)) if axis not in kept)
        return self._framework.sum(self._p, away) if away else self._p

    def _axis(self, name: str) -> int:
        if name not in self.names:
            raise UnknownName(f"`{name}` is not a variable here", hint=did_you_mean(str(name), self.names))
        return self.names.index(name)

    def _place(self, name: str, outcome: Any) -> int:
        if outcome not in self.outcomes[name]:
            raise UnknownName(
                f"{outcome!r} is not an outcome of `{name}`",
                hint=did_you_mean(str(outcome), map(str, self.outcomes[name])),
            )
        return self.outcomes[name].index(outcome)


def _checked_names(names: Iterable[str]) -> tuple[str, ...]:
    """Names of variables, each a text of its own."""
    together = names if isinstance(names, str) else None
    names = tuple(names)
    if together is not None or not all(isinstance(name, str) for name in names):
        raise InvalidType(f"names={together or names!r}; needed: texts, one for each variable", hint="names=('X', 'Y')")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InvalidValue(f"the name `{twice[0]}` came twice; needed: a name of its own for each", hint="rename one")
    return names


def _by_name(
    outcomes: Mapping[str, Sequence[Any]] | Sequence[Sequence[Any]] | None, names: tuple[str, ...]
) -> Mapping[str, Sequence[Any]]:
    """The labels that were given, by the name of their variable."""
    if outcomes is None or isinstance(outcomes, Mapping):
        return outcomes or {}
    if isinstance(outcomes, str) or len(outcomes) != len(names):
        raise ShapeMismatch(
            f"outcomes={outcomes!r} for the variables {names}; needed: a sequence of labels for each",
            hint="such as outcomes={'X': ['no', 'yes']}",
        )
    return dict(zip(names, outcomes, strict=True))


def _checked_outcomes(name: str, length: int | None, given: Sequence[Any] | None) -> tuple[Any, ...]:
    """The labels of one axis, each its own."""
    if isinstance(given, str):
        raise InvalidType(f"the outcomes of `{name}` are a text; needed: a sequence", hint="such as ['a', 'b']")
    labels = tuple(range(length or 0) if given is None else given)
    if length is not None and len(labels) != length:
        raise ShapeMismatch(
            f"`{name}` has {len(labels)} outcomes {labels!r} for an axis of length {length}", hint="a label for each"
        )
    if len(set(labels)) != len(labels):
        raise InvalidValue(f"`{name}` has an outcome twice: {labels!r}", hint="needed: a label of its own for each")
    return labels
