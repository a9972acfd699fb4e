"""Formula: a Shannon measure as what it is, a signed sum of joint entropies. The grammar is in `plogp.notation`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import gcd
from types import MappingProxyType
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from plogp.errors import FormulaError, InvalidType
from plogp.notation import KINDS, MAX_VARIABLES, Measure, Names, collect, cost, joint_entropies, parse

__all__ = ["Formula"]

MAX_COEFFICIENT = 2**53  # the integers beyond aren't floats


@final
@dataclass(frozen=True, init=False, eq=False, repr=False)
class Formula:
    """A signed sum of joint entropies, written in the notation of information theory.

    ``I(X;Y|Z)`` is H(X,Z) + H(Y,Z) - H(X,Y,Z) - H(Z). The measures are H, I, TC, DTC, O and VI, each with an optional
    condition; a formula is a sum of integer multiples of them. I of three groups or more is the co-information, with
    I(X;Y;Z) = I(X;Y) - I(X;Y|Z). Two formulas are equal if they are the same sum, however they are written. Formulas
    add, subtract and take integer multiples. They are immutable, and the parse is cached.

    Args:
        notation: such as ``"H(A,B|C) - 2*I(A;B)"``, or a Formula. Names that aren't identifiers go in backticks.

    Attributes:
        terms: the coefficient of each joint entropy; those that cancel are left out.
        variables: in the order of their first appearance.

    Raises:
        FormulaError: notation that doesn't parse (the message points at the character); more than 30 variables, or
            co-information of more than 16 groups (it has 2^groups - 1 terms); coefficients beyond 2^53.
        InvalidType: neither text nor a Formula.

    >>> f = Formula("I(X;Y|Z)")
    >>> for names, coefficient in f.terms.items():
    ...     print(f"{coefficient:+}", sorted(names))
    -1 ['Z']
    +1 ['X', 'Z']
    +1 ['Y', 'Z']
    -1 ['X', 'Y', 'Z']
    >>> f.variables
    ('X', 'Y', 'Z')
    >>> Formula("I(X;Y)") == Formula("H(X) + H(Y) - H(X,Y)") == Formula("H(Y) - H(Y|X)")
    True
    >>> Formula("I(X;Y;Z)") == Formula("I(X;Y)") - Formula("I(X;Y|Z)")
    True
    >>> print(2 * Formula("H( X|`bill length` )") - Formula("VI(X;Y)"))
    2*H(X|`bill length`) - VI(X;Y)
    >>> Formula("H(X;Y)")
    Traceback (most recent call last):
    plogp.errors.FormulaError: unexpected ";" at character 4 of "H(X;Y)"; needed: one group in H. hint: H takes a
    comma: H(X,Y); for shared information write I(X;Y)
    """

    __slots__ = ("_parts", "terms", "variables")
    _parts: tuple[tuple[int, Measure], ...]
    terms: Mapping[Names, int]
    variables: tuple[str, ...]

    def __new__(cls, notation: "str | Formula") -> "Formula":
        if isinstance(notation, Formula):
            return notation
        if not isinstance(notation, str):
            raise InvalidType(
                f"formula is {type(notation).__name__}; needed: text, or a Formula", hint="such as 'I(X;Y)'"
            )
        return _parsed(notation)

    @classmethod
    def _of(cls, parts: Iterable[tuple[int, Measure]]) -> Self:
        """The sum of integer multiples of measures."""
        parts = tuple(parts)
        variables = tuple(dict.fromkeys(name for _, measure in parts for name in measure.names))
        if (n := len(variables)) > MAX_VARIABLES:
            raise FormulaError(f"{n} variables; needed: at most {MAX_VARIABLES}", hint=cost(n))
        terms = collect((k * c, names) for k, measure in parts for names, c in measure.terms.items())
        if any(abs(c) > MAX_COEFFICIENT for c in terms.values()):
            raise FormulaError("a coefficient beyond 2^53; needed: smaller ones", hint="scale the result instead")
        self = object.__new__(cls)
        object.__setattr__(self, "_parts", parts)
        object.__setattr__(self, "terms", MappingProxyType(terms))
        object.__setattr__(self, "variables", variables)
        return self

    def __reduce__(self) -> tuple[type["Formula"], tuple[str]]:
        return Formula, (str(self),)

    def __str__(self) -> str:
        signs = (" - " if k < 0 else " + " for k, _ in self._parts)
        multiples = (m.text if abs(k) == 1 else f"{abs(k)}*{m.text}" for k, m in self._parts)
        text = "".join(sign + multiple for sign, multiple in zip(signs, multiples, strict=True))
        return f"-{text[3:]}" if text.startswith(" -") else text[3:]

    def __repr__(self) -> str:
        return f"Formula({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return self.terms == other.terms if isinstance(other, Formula) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __add__(self, other: "Formula") -> "Formula":
        return Formula._of(self._parts + other._parts) if isinstance(other, Formula) else NotImplemented

    def __sub__(self, other: "Formula") -> "Formula":
        return self + -other if isinstance(other, Formula) else NotImplemented

    def __neg__(self) -> "Formula":
        return -1 * self

    def __mul__(self, multiple: int) -> "Formula":
        if not isinstance(multiple, int):
            return NotImplemented
        return Formula._of((multiple * k, measure) for k, measure in self._parts)

    __rmul__ = __mul__

    def primitive(self) -> tuple[int, "Formula"]:
        """(k, base) with self = k·base: the greatest common divisor is taken out.

        The sign of k is such that `base.nonnegative()` where possible, else positive; k = 0 for the zero formula.

        >>> Formula("2*H(X,Y) - 2*H(X) - 2*H(Y)").primitive()
        (-2, Formula('-H(X,Y) + H(X) + H(Y)'))
        """
        k = gcd(*self.terms.values())
        if k == 0:
            return 0, self
        base = self._over(k)
        return (-k, self._over(-k)) if not base.nonnegative() and (-base).nonnegative() else (k, base)

    def _over(self, k: int) -> "Formula":
        """The formula divided by k, a divisor of its terms: as it is written if that divides too, else term by term."""
        if all(c % k == 0 for c, _ in self._parts):
            return Formula._of((c // k, measure) for c, measure in self._parts)
        joints = (tuple(name for name in self.variables if name in joint) for joint in self.terms)
        return Formula._of(
            (c // k, Measure.of("H", [names])) for names, c in zip(joints, self.terms.values(), strict=True)
        )

    def as_information(self) -> tuple[Names, Names, Names] | None:
        """(A, B, C), disjoint, if the formula is I(A;B|C) however it is written; C may be empty.

        A is the one that appears first. None if there are no such three, as for I(X;X), which is an entropy.

        >>> [sorted(names) for names in Formula("H(X|Z) - H(X|Y,Z)").as_information()]
        [['X'], ['Y'], ['Z']]
        """
        with_condition = self._positive()
        if len(with_condition) != 2:
            return None
        given = with_condition[0] & with_condition[1]
        a, b = (names - given for names in with_condition)
        return (a, b, given) if self.terms == joint_entropies(KINDS["I"].expand([a, b], given)) else None

    def as_total_correlation(self) -> tuple[Names, ...] | None:
        """The groups, disjoint and three at least, if the formula is their total correlation; else None.

        >>> [sorted(names) for names in Formula("H(X) + H(Y) + H(Z) - H(X,Y,Z)").as_total_correlation()]
        [['X'], ['Y'], ['Z']]
        """
        groups = self._positive()
        disjoint = len(frozenset().union(*groups)) == sum(map(len, groups))
        if len(groups) < 3 or not disjoint or self.terms != joint_entropies(KINDS["TC"].expand(groups, frozenset())):
            return None
        return tuple(groups)

    def of_themselves(self) -> Names:
        """Variables that a measure as written takes twice, as I(X;X) does, which is H(X).

        >>> sorted(Formula("I(X;X) + I(Y;Z|Y)").of_themselves())
        ['X', 'Y']
        """
        return frozenset(name for _, m in self._parts for name in m.names if m.names.count(name) > 1)

    def _positive(self) -> list[Names]:
        """The joint entropies that are added, in the order in which what tells them apart first appears."""
        added = [names for names, c in self.terms.items() if c > 0]
        common = added[0].intersection(*added) if added else frozenset()
        return sorted(added, key=lambda names: [i for i, v in enumerate(self.variables) if v in names - common])

    def _is_entropy(self) -> bool:
        """Whether this is H(A|C), where H(A,C) is the only entropy added and H(C) the only one taken away."""
        added = self._positive()
        given = frozenset[str]().union(*(names for names, c in self.terms.items() if c < 0))
        return len(added) == 1 and self.terms == joint_entropies([(1, added[0] - given, given)])

    def nonnegative(self) -> bool:
        """Whether the formula is provably ≥ 0 for every distribution; False where this isn't proved.

        Proved is what follows from Shannon's inequalities H(X|rest) ≥ 0 and I(X;Y|Z) ≥ 0 (Yeung 1997,
        doi:10.1109/18.641556), with up to six variables; those that always occur together count as one. Beyond six
        only H(A|C), I(A;B|C) and total correlations are. From four variables on there are inequalities that don't
        follow from Shannon's; they come out False.

        >>> Formula("H(X,Y) - I(X;Y)").nonnegative(), Formula("I(X;Y;Z)").nonnegative()
        (True, False)
        """
        known = not self.terms or self._is_entropy() or self.as_information() or self.as_total_correlation()
        return bool(known) or _follows_from_shannon(self)


@lru_cache(maxsize=1024)
def _parsed(notation: str) -> Formula:
    return Formula._of(parse(notation))


@lru_cache(maxsize=1024)
def _follows_from_shannon(formula: Formula) -> bool:
    """Whether the terms are a nonnegative combination of the elemental inequalities."""
    from scipy.optimize import linprog  # not nnls: its residual can be wrong (SciPy issue 25389)

    occurrences = {tuple(name in joint for joint in formula.terms) for name in formula.variables}
    merged = sorted(where for where in occurrences if any(where))  # a row for the variables that occur there together
    if len(merged) > 6:
        return False
    wanted = np.zeros(2 ** len(merged))
    for j, c in enumerate(formula.terms.values()):
        wanted[sum(2**i for i, where in enumerate(merged) if where[j])] = c
    elemental = _elemental(len(merged))
    weights = linprog(np.zeros(elemental.shape[1]), A_eq=elemental, b_eq=wanted[1:]).x  # ≥ 0; None if there are none
    return weights is not None and bool(np.abs(elemental @ weights - wanted[1:]).max() < 1e-9)


@lru_cache
def _elemental(n: int) -> NDArray[np.float64]:
    """The elemental inequalities H(i|rest) and I(i;j|K) of n variables, as columns: (2^n - 1, n + n(n-1)/2·2^(n-2)).

    Row s - 1 is the joint entropy of the variables in the bits of s.
    """
    every = 2**n - 1
    columns = [{every: 1, every - 2**i: -1} for i in range(n)]
    for i, j in combinations([2**i for i in range(n)], 2):
        columns += [{k | i: 1, k | j: 1, k | i | j: -1, k: -1} for k in range(every) if not k & (i | j)]
    matrix = np.zeros((2**n, len(columns)))
    for column, entropies in enumerate(columns):
        matrix[list(entropies), column] = list(entropies.values())
    return matrix[1:]
