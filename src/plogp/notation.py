"""Notation: text such as ``H(X) - 2*I(X;Y|Z)`` as integer multiples of measures, each a signed sum of joint entropies.

    formula  :=  [sign] product { sign product }                  sign: + or - (or −)
    product  :=  [integer ["*"]] ( measure | "(" formula ")" )
    measure  :=  symbol "(" group { ";" group } ["|" group] ")"
    group    :=  name { "," name }                                several variables taken together, as one

A name is an identifier, with dots inside if need be (`bill_length`, `x1`, `bill.length`); any other goes in backticks,
and a backtick inside is doubled. Names are case-sensitive. A symbol is one before "(" only: a variable may be called I.

    H(A|C)         entropy, of one group
    I(A;B|C)       mutual information; of more than two groups the co-information, in the sign of inclusion and
                   exclusion: I(A;B;C) = I(A;B) - I(A;B|C). Interaction information (McGill 1954,
                   doi:10.1007/BF02289159) has the opposite sign where the number of groups is odd.
    TC(A;B;…|C)    total correlation: Σ H(Gᵢ) - H(all) (Watanabe 1960, doi:10.1147/rd.41.0066)
    DTC(A;B;…|C)   dual total correlation, also called binding information: H(all) - Σ H(Gᵢ|rest)
                   (Han 1978, doi:10.1016/S0019-9958(78)90275-9)
    O(A;B;…|C)     O-information: TC - DTC (Rosas et al. 2019, doi:10.1103/PhysRevE.100.032305)
    VI(A;B|C)      variation of information: H(A|B) + H(B|A) (Meilă 2007, doi:10.1016/j.jmva.2006.11.013)
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations
from typing import NamedTuple

from plogp.errors import FormulaError, did_you_mean

__all__ = ["KINDS", "MAX_VARIABLES", "Measure", "Names", "collect", "cost", "joint_entropies", "parse", "quoted"]

Names = frozenset[str]
Groups = Sequence[Names]
Conditional = tuple[int, Names, Names]  # (k, A, C) stands for k·H(A|C)

MAX_VARIABLES = 30
MAX_DEPTH = 50
MAX_DIGITS = 15


class Kind(NamedTuple):
    """A measure: its fewest and most groups, the sum that it is of groups g given c, and a hint for too many groups."""

    fewest: int
    most: int
    expand: Callable[[Groups, Names], list[Conditional]]
    hint: str = "leave out the groups that repeat others"


COST = "co-information of k groups is a sum of 2^k - 1 joint entropies: 65,535 for 16 groups, 1,073,741,823 for 30"
KINDS: dict[str, Kind] = {
    "H": Kind(1, 1, lambda g, c: [(1, g[0], c)], "H takes a comma: H(X,Y); for shared information write I(X;Y)"),
    "I": Kind(2, 16, lambda g, c: [(-((-1) ** len(some)), _union(some), c) for some in _subsets(g)], COST),
    "TC": Kind(2, MAX_VARIABLES, lambda g, c: [*((1, a, c) for a in g), (-1, _union(g), c)]),
    "DTC": Kind(2, MAX_VARIABLES, lambda g, c: [(1, _union(g), c), *((-1, a, c | rest) for a, rest in _splits(g))]),
    "O": Kind(2, MAX_VARIABLES, lambda g, c: KINDS["TC"].expand(g, c) + _minus(KINDS["DTC"].expand(g, c))),
    "VI": Kind(2, 2, lambda g, c: [(1, g[0], c | g[1]), (1, g[1], c | g[0])], "VI compares two groups: VI(X;Y)"),
}


def _union(groups: Groups) -> Names:
    return frozenset().union(*groups)


def _subsets(groups: Groups) -> Iterator[Groups]:
    return chain.from_iterable(combinations(groups, k) for k in range(1, len(groups) + 1))


def _splits(groups: Groups) -> Iterator[tuple[Names, Names]]:
    """Each group, and the others together."""
    return ((a, _union([*groups[:i], *groups[i + 1 :]])) for i, a in enumerate(groups))


def _minus(conditionals: list[Conditional]) -> list[Conditional]:
    return [(-k, a, c) for k, a, c in conditionals]


def joint_entropies(conditionals: Iterable[Conditional]) -> dict[Names, int]:
    """The chain rule: H(A|C) = H(A,C) - H(C)."""
    return collect(pair for k, a, c in conditionals for pair in ((k, a | c), (-k, c)))


def collect(entropies: Iterable[tuple[int, Names]]) -> dict[Names, int]:
    """Σ k·H(A) with like terms added up, in an order that doesn't depend on the notation."""
    total: dict[Names, int] = {}
    for k, names in entropies:
        total[names] = total.get(names, 0) + k
    total.pop(frozenset(), None)  # H of nothing is 0
    return {names: total[names] for names in sorted(total, key=lambda a: (len(a), sorted(a))) if total[names]}


class Measure(NamedTuple):
    """One measure of a formula: as it is written, its variables, and its joint entropies."""

    text: str
    names: tuple[str, ...]
    terms: Mapping[Names, int]

    @classmethod
    def of(cls, symbol: str, groups: Sequence[Sequence[str]], given: Sequence[str] = ()) -> "Measure":
        """The measure of these groups of names, in canonical spacing."""
        *written, condition = (",".join(map(quoted, names)) for names in (*groups, given))
        text = f"{symbol}({';'.join(written)}{'|' if given else ''}{condition})"
        terms = KINDS[symbol].expand([frozenset(names) for names in groups], frozenset(given))
        return cls(text, tuple(chain(*groups, given)), joint_entropies(terms))


Sum = list[tuple[int, Measure]]


class Token(NamedTuple):
    """A name, a number or a sign, and where it stands; the last one, the end, is empty."""

    text: str
    at: int
    kind: str | None


TOKEN = re.compile(
    r"""
    (?P<number> \.?[0-9][0-9.]* )
  | (?P<backticked> `[^`]*(?:``[^`]*)*` )
  | (?P<word> [^\s!-\-/:-@\[-^`{-~−]+ )  # all but spaces and the signs of ASCII; the dot and the underscore are in
  | (?P<sign> \S )
    """,
    re.VERBOSE,
)
SIGNS = {"+": 1, "-": -1, "−": -1}
EXAMPLE = "a formula is a sum of measures and their integer multiples, such as H(X,Y|Z) - 2*I(X;Y|Z)"
NAMING = "names are joined by commas, groups by semicolons; a name that is no identifier goes in backticks: `a b`"


def _is_plain(name: str) -> bool:
    """Whether a name needs no backticks: an identifier, or several with dots between."""
    return name.replace(".", "_").isidentifier() and name.strip(".") == name


def quoted(name: str) -> str:
    """A name as it is written in a formula: in backticks where needed.

    >>> print(quoted("x1"), quoted("bill length"), quoted("a`b"))
    x1 `bill length` `a``b`
    """
    return name if _is_plain(name) else f"`{name.replace('`', '``')}`"


def cost(n: int) -> str:
    """Why there is a limit to the number of variables."""
    return f"{n} variables have 2^{n} = {2**n:,} joint entropies"


def parse(text: str) -> Sum:
    """The measures of a formula and their multiples, parentheses multiplied out.

    >>> [(k, measure.text) for k, measure in parse("2 (H( X ) - I(X;Y)) + VI(X;Y)")]
    [(2, 'H(X)'), (-2, 'I(X;Y)'), (1, 'VI(X;Y)')]
    """
    parser = _Parser(text)
    parts = parser.sum(depth=0)
    if parser.token.text:
        raise parser.error("unexpected", 'the end, "+" or "-"', EXAMPLE)
    return parts


class _Parser:
    """Recursive descent: a method for each line of the grammar, on a list of tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [Token(found[0], found.start(), found.lastgroup) for found in TOKEN.finditer(text)]
        self.tokens.append(Token("", len(text), None))
        self.next = 0
        self.names: set[str] = set()

    @property
    def token(self) -> Token:
        return self.tokens[self.next]

    def take(self, *wanted: str) -> str:
        """The next token, taken, if it is one of those wanted; else nothing."""
        text = self.token.text
        if text not in wanted:
            return ""
        self.next += 1
        return text

    def error(self, what: str, needed: str, hint: str) -> FormulaError:
        """What came, at which character of what text, and what is needed; all on one line."""
        text, at, _ = self.token
        found = f'"{_on_a_line(text, 0)}"' if text else "end"
        return FormulaError(
            f'{what} {found} at character {at + 1} of "{_on_a_line(self.text, at)}"; needed: {needed}', hint=hint
        )

    def sum(self, depth: int) -> Sum:
        parts = self.product(SIGNS.get(self.take(*SIGNS), 1), depth)
        while sign := self.take(*SIGNS):
            parts += self.product(SIGNS[sign], depth)
        return parts

    def product(self, factor: int, depth: int) -> Sum:
        if self.token.kind == "number":
            factor *= self.integer()
            self.take("*")
        if self.token.text != "(":
            return [(factor, self.measure())]
        if depth == MAX_DEPTH:
            raise self.error("unexpected", f"parentheses at most {MAX_DEPTH} deep", "multiply the parentheses out")
        self.take("(")
        parts = self.sum(depth + 1)
        if not self.take(")"):
            raise self.error("unexpected", '")", "+" or "-"', EXAMPLE)
        return [(factor * k, measure) for k, measure in parts]

    def integer(self) -> int:
        text = self.token.text
        if not text.isdecimal() or len(text) > MAX_DIGITS:
            raise self.error("unexpected", f"an integer of at most {MAX_DIGITS} digits", "scale the result instead")
        self.next += 1
        return int(text)

    def measure(self) -> Measure:
        symbol = self.token.text
        if self.token.kind != "word" or self.tokens[self.next + 1].text != "(":
            raise self.error("unexpected", "a measure", EXAMPLE)
        if symbol not in KINDS:
            raise self.error("unknown measure", ", ".join(KINDS), did_you_mean(symbol.upper(), KINDS))
        self.next += 2
        groups = self.groups(symbol)
        given = self.group() if self.take("|") else []
        if not self.take(")"):
            hint = NAMING if self.token.text else 'a ")" is missing'
            raise self.error("unexpected", '"," or ")"' if given else '",", ";", "|" or ")"', hint)
        return Measure.of(symbol, groups, given)

    def groups(self, symbol: str) -> list[list[str]]:
        kind = KINDS[symbol]
        groups = [self.group()]
        while len(groups) < kind.most and self.take(";"):
            groups.append(self.group())
        if self.token.text == ";":
            needed = f"at most {kind.most} groups in {symbol}" if kind.most > 1 else f"one group in {symbol}"
            raise self.error("unexpected", needed, kind.hint)
        if len(groups) < kind.fewest and self.token.text in (")", "|"):
            hint = f"{symbol} takes groups joined by semicolons: {symbol}(X;Y)"
            raise self.error("unexpected", f"at least {kind.fewest} groups in {symbol}", hint)
        return groups

    def group(self) -> list[str]:
        names = [self.name()]
        while self.take(","):
            names.append(self.name())
        return names

    def name(self) -> str:
        text, _, kind = self.token
        if kind != "backticked" and not (kind == "word" and _is_plain(text)):
            raise self.error("unexpected", "a name", NAMING)
        name = text[1:-1].replace("``", "`") if kind == "backticked" else text
        self.names.add(name)
        if (n := len(self.names)) > MAX_VARIABLES:
            raise self.error(f"variable {n},", f"at most {MAX_VARIABLES}", cost(n))
        self.next += 1
        return name


def _on_a_line(text: str, at: int, room: int = 40) -> str:
    """The text around a place, without the characters that would break the line."""
    start, stop = max(0, at - room), at + room
    around = "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text[start:stop])
    return f"{'…' * (start > 0)}{around}{'…' * (stop < len(text))}"
