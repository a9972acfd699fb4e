"""A formula as a sum of what estimators of observations answer: entropies of variables, and what groups share.

A joint entropy of continuous variables is no good ground for a sum: its bias grows with its dimension. What groups of
variables share has far less bias than the entropies that it is a sum of, and has estimators of its own. So a formula
is taken apart by the chain rule, H(A) = Σ H(aᵢ) − Σ I(aᵢ; a₁, …, aᵢ₋₁), and entropies that cancel are never estimated.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from plogp.formula import Formula

__all__ = ["Entropy", "Information", "Part", "parts"]

Names = frozenset[str]


@dataclass(frozen=True)
class Entropy:
    """H(of)."""

    of: Names

    def __str__(self) -> str:
        return f"H({listed(self.of)})"


@dataclass(frozen=True)
class Information:
    """I(one;other|given)."""

    one: Names
    other: Names
    given: Names = frozenset()

    def __str__(self) -> str:
        return f"I({listed(self.one)};{listed(self.other)}{'|' * bool(self.given)}{listed(self.given)})"


Part = Entropy | Information


def parts(formula: Formula, order: Sequence[str], discrete: Names) -> list[tuple[int, Part]]:
    """The formula as a sum of multiples of parts; equal formulas have equal parts.

    Args:
        formula: its coefficients have no common divisor.
        order: of the variables, which the chain rule follows.
        discrete: those of them that are; their joint entropies are left whole.

    >>> for k, part in parts(Formula("I(X;Y;Z)"), "XYZ", frozenset()):
    ...     print(k, part)
    1 I(Z;Y)
    -1 I(Z;Y|X)
    """
    if information := formula.as_information():
        one, other = sorted(information[:2], key=lambda names: min(map(order.index, names)))
        return [(1, Information(one, other, information[2]))]
    if list(formula.terms.values()) == [1]:
        (names,) = formula.terms
        if not names & discrete:
            return [(1, Entropy(names))]
    total: Counter[Part] = Counter()
    for names, c in sorted(formula.terms.items(), key=lambda term: sorted(term[0])):
        total[Entropy(names & discrete)] += c
        before = names & discrete
        for name in [name for name in order if name in names - discrete]:
            total[Entropy(frozenset([name]))] += c
            total[Information(frozenset([name]), before)] -= c
            before |= {name}
    kept = {part: c for part, c in total.items() if c and (part.of if isinstance(part, Entropy) else part.other)}
    return [(c, part) for part, c in _conditioned(kept).items()]


def _conditioned(sums: dict[Part, int]) -> dict[Part, int]:
    """I(a;B,C) − I(a;B) as I(a;C|B), which has an estimator of its own and not the difference of two biases."""
    total: Counter[Part] = Counter(sums)
    together = [part for part in sums if isinstance(part, Information) and not part.given]
    for whole in sorted(together, key=lambda part: -len(part.other)):
        for less in together:
            if less.one == whole.one and less.other < whole.other and total[whole] * total[less] < 0:
                sign = 1 if total[whole] > 0 else -1
                times = sign * min(abs(total[whole]), abs(total[less]))
                total[whole] -= times
                total[less] += times
                total[Information(whole.one, whole.other - less.other, less.other)] += times
    return {part: c for part, c in total.items() if c}


def listed(names: Names) -> str:
    """Names in order."""
    return ",".join(sorted(names))
