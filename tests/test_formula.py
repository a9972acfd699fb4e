"""Notation means what the definitions say, prints back, and refuses what it can't read at the right character."""

import copy
import pickle
import re
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from plogp.errors import FormulaError, InvalidType
from plogp.formula import Formula
from plogp.notation import quoted

NAMES = ("X", "I", "bill length", "a`b|;")  # a plain name, a symbol, a space, signs
LETTERS = "ABCDEF"
TOKENS = ["H(X)", "I(X;Y|Z)", "H(", "TC(", "X", ";", ",", "|", ")", "(", "+", "-", "−", "2", "1.5", "*", "`", " ", "\n"]
law = settings(max_examples=100, deadline=None, database=None)


# The definitions, as expectations under a joint distribution p of which each name is an axis


def marginal(p, names):
    return p.sum(axis=tuple(i for i, name in enumerate(NAMES) if name not in names), keepdims=True)


def log_probability(p, names, given):
    """log p(names | given) in each cell."""
    return np.log(marginal(p, {*names, *given})) - np.log(marginal(p, given))


def h(p, names, given):
    return -np.sum(p * log_probability(p, names, given))


def divergence_from_independence(p, groups, given):
    every = [name for group in groups for name in group]
    return np.sum(p * (log_probability(p, every, given) - sum(log_probability(p, g, given) for g in groups)))


def co_information(p, groups, given):
    if len(groups) == 2:
        return divergence_from_independence(p, groups, given)
    *others, last = groups
    return co_information(p, others, given) - co_information(p, others, [*given, *last])


def dtc(p, groups, given):
    rest = [[name for j, group in enumerate(groups) if j != i for name in group] for i in range(len(groups))]
    every = [name for group in groups for name in group]
    return h(p, every, given) - sum(h(p, g, [*r, *given]) for g, r in zip(groups, rest, strict=True))


DEFINITIONS = {
    "H": lambda p, groups, given: h(p, groups[0], given),
    "I": co_information,
    "TC": divergence_from_independence,
    "DTC": dtc,
    "O": lambda p, groups, given: divergence_from_independence(p, groups, given) - dtc(p, groups, given),
    "VI": lambda p, groups, given: h(p, groups[0], [*groups[1], *given]) + h(p, groups[1], [*groups[0], *given]),
}
GROUPS = {"H": (1, 1), "VI": (2, 2)}


def value(formula, p):
    """Σ c·H(A) over the terms."""
    entropies = {names: marginal(p, names) for names in formula.terms}
    return sum(c * -np.sum(entropies[names] * np.log(entropies[names])) for names, c in formula.terms.items())


def random_joint(seed):
    return np.random.default_rng(seed).dirichlet(np.full(24, 0.5)).reshape(2, 3, 2, 2) + 1e-9


some_names = st.sampled_from(NAMES)


@st.composite
def measures(draw, names=some_names):
    """(symbol, groups, given): groups may overlap each other and the condition."""
    symbol = draw(st.sampled_from(list(DEFINITIONS)))
    fewest, most = GROUPS.get(symbol, (2, 4))
    group = st.lists(names, min_size=1, max_size=3)
    return symbol, draw(st.lists(group, min_size=fewest, max_size=most)), draw(st.just([]) | group)


def write(symbol, groups, given, space=""):
    names = [f"{space},{space}".join(map(quoted, group)) for group in [*groups, given]]
    condition = f"{space}|{space}{names[-1]}" if given else ""
    return f"{symbol}{space}({space}{f'{space};{space}'.join(names[:-1])}{condition}{space})"


def formulas(names=some_names):
    multiples = st.lists(st.tuples(st.integers(-3, 3), measures(names)), min_size=1, max_size=4)
    return multiples.map(lambda parts: Formula("".join(f"{k:+}*({write(*m)})" for k, m in parts)))


@law
@given(measure=measures(), seed=st.integers(0, 2**32))
def test_a_measure_is_what_its_definition_says(measure, seed):
    p = random_joint(seed)
    p /= p.sum()
    symbol, groups, condition = measure
    assert value(Formula(write(*measure)), p) == pytest.approx(DEFINITIONS[symbol](p, groups, condition), abs=1e-10)


@law
@given(measure=measures(), space=st.sampled_from(["", " ", "\n  ", "\t"]))
def test_spacing_changes_nothing(measure, space):
    assert str(Formula(write(*measure, space))) == write(*measure)


@law
@given(pool=st.lists(st.text(max_size=8), min_size=1, max_size=6), data=st.data())
def test_what_is_printed_parses_back(pool, data):
    formula = data.draw(formulas(st.sampled_from(pool)))
    assert set(formula.variables) <= set(pool)
    again = Formula(str(formula))
    assert again == formula
    assert (str(again), again.variables, hash(again)) == (str(formula), formula.variables, hash(formula))


@law
@given(text=st.lists(st.sampled_from(TOKENS), max_size=8).map("".join) | st.text(max_size=10))
def test_any_text_parses_or_is_refused_on_one_line(text):
    with suppress(FormulaError):
        assert Formula(str(Formula(text))) == Formula(text)
        return
    with pytest.raises(FormulaError, match=r"at character \d+ of") as caught:
        Formula(text)
    assert str(caught.value).isprintable()  # no line break, no control character
    assert 1 <= int(re.search(r"at character (\d+) of", str(caught.value))[1]) <= len(text) + 1


@law
@given(f=formulas(), g=formulas(), h=formulas(), k=st.integers(-5, 5), seed=st.integers(0, 2**32))
def test_algebra(f, g, h, k, seed):
    p = random_joint(seed)
    p /= p.sum()
    assert f + g == g + f
    assert (f + g) + h == f + (g + h)
    assert f - g == f + (-g) == -(g - f)
    assert k * (f + g) == k * f + g * k
    assert f - f == 0 * f == Formula("0*H(X)")
    assert value(k * f - g, p) == pytest.approx(k * value(f, p) - value(g, p), abs=1e-9)
    assert 0 not in (f - g).terms.values()
    assert Formula(str(k * f - g)) == k * f - g


@law
@given(f=formulas(), k=st.integers(-6, 6).filter(bool))
def test_primitive_takes_the_common_divisor_out(f, k):
    factor, base = (k * f).primitive()
    assert factor * base == k * f
    if f.terms:
        assert base.primitive() == (1, base)
        assert factor % k == 0
        assert base.nonnegative() or not (-base).nonnegative()
    else:
        assert factor == 0


# Identities

IDENTITIES = [
    # the forms of mutual information
    ("I(X;Y)", "H(X) + H(Y) - H(X,Y)"),
    ("I(X;Y)", "H(X) - H(X|Y)"),
    ("I(X;Y)", "H(Y) - H(Y|X)"),
    ("I(X;Y)", "H(X,Y) - H(X|Y) - H(Y|X)"),
    ("I(X;Y)", "I(Y;X)"),
    # chain rules
    ("H(X,Y)", "H(X) + H(Y|X)"),
    ("H(X,Y,Z)", "H(X) + H(Y|X) + H(Z|X,Y)"),
    ("I(X,Y;Z)", "I(X;Z) + I(Y;Z|X)"),
    ("I(X;Y|Z)", "H(X|Z) - H(X|Y,Z)"),
    # more variables
    ("I(X;Y;Z)", "I(X;Y) - I(X;Y|Z)"),
    ("I(X;Y;Z)", "H(X) + H(Y) + H(Z) - H(X,Y) - H(X,Z) - H(Y,Z) + H(X,Y,Z)"),
    ("I(W;X;Y;Z)", "I(W;X;Y) - I(W;X;Y|Z)"),
    ("TC(X;Y;Z)", "I(X;Y) + I(X,Y;Z)"),
    ("TC(X;Y)", "I(X;Y)"),
    ("DTC(X;Y)", "I(X;Y)"),
    ("DTC(X;Y;Z)", "I(X;Y,Z) + I(Y;Z|X)"),
    ("DTC(X;Y;Z)", "H(X,Y) + H(X,Z) + H(Y,Z) - 2*H(X,Y,Z)"),
    ("O(X;Y;Z)", "I(X;Y;Z)"),
    ("O(X;Y;Z|W)", "TC(X;Y;Z|W) - DTC(X;Y;Z|W)"),
    ("VI(X;Y)", "H(X,Y) - I(X;Y)"),
    ("VI(X;Y)", "2*H(X,Y) - H(X) - H(Y)"),
    # the same name more than once
    ("I(X;X)", "H(X)"),
    ("I(X;X;X)", "H(X)"),
    ("H(X,X)", "H(X)"),
    ("H(X,Z|Z)", "H(X|Z)"),
    ("I(X;Y|X)", "0*H(X)"),
    ("H(X|X)", "0*H(X)"),
    ("VI(X;X)", "0*H(X)"),
    ("TC(X;X;X)", "2*H(X)"),
    ("DTC(X;X;X)", "H(X)"),
    ("I(X,Y;Y,Z)", "H(X,Y) + H(Y,Z) - H(X,Y,Z)"),
    # ways of writing
    ("H(X)-H(Y)", "-H(Y)+H(X)"),
    ("2H(X)", "2 * H(X)"),
    ("2 (H(X) - (H(Y) - 3 H(Z)))", "2*H(X) - 2*H(Y) + 6*H(Z)"),
    ("H(X) − H(Y)", "H(X) - H(Y)"),
    ("H(`X`)", "H(X)"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), IDENTITIES)
def test_identities(one, other):
    assert Formula(one) == Formula(other)
    assert hash(Formula(one)) == hash(Formula(other))
    assert list(Formula(one).terms.items()) == list(Formula(other).terms.items()), "the order of terms is canonical"


@pytest.mark.parametrize(
    ("one", "other"), [("H(X)", "H(x)"), ("H(X|Y)", "H(Y|X)"), ("I(X;Y)", "H(X,Y)"), ("H(X)", "2*H(X)")]
)
def test_what_differs_is_unequal(one, other):
    assert Formula(one) != Formula(other)
    assert Formula(one) != one


def test_terms_variables_and_text():
    f = Formula(" I(b , a;C|`d e`)-2 H(C) ")
    assert str(f) == "I(b,a;C|`d e`) - 2*H(C)"
    assert repr(f) == "Formula('I(b,a;C|`d e`) - 2*H(C)')"
    assert f.variables == ("b", "a", "C", "d e")
    assert dict(f.terms) == {
        frozenset({"C"}): -2,
        frozenset({"d e"}): -1,
        frozenset({"C", "d e"}): 1,
        frozenset({"a", "b", "d e"}): 1,
        frozenset({"a", "b", "C", "d e"}): -1,
    }


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("- H(X)", "-H(X)"),
        ("+H(X)", "H(X)"),
        ("1*H(X)", "H(X)"),
        ("0*H(X)", "0*H(X)"),
        ("-2*(H(X)-I(X;Y))", "-2*H(X) + 2*I(X;Y)"),
        ("H(X)+H(X)", "H(X) + H(X)"),
        ("H(`x1`,`a.b`,`1a`,`.a`,`é`,``,`a``b`,`−`)", "H(x1,a.b,`1a`,`.a`,é,``,`a``b`,`−`)"),
        ("I(I;H|TC)", "I(I;H|TC)"),
        ("H(नाम,変数)", "H(नाम,変数)"),
    ],
)
def test_prints_back(text, printed):
    assert str(Formula(text)) == printed


def test_is_a_value():
    f = Formula("I(X;Y|Z)")
    assert Formula(f) is f
    assert Formula("I(X;Y|Z)") is f, "the parse is cached"
    for again in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f), copy.copy(f)):
        assert again == f
        assert str(again) == str(f)
    assert len({f, Formula("I(Y;X|Z)"), Formula("H(X)")}) == 2
    for name in ("terms", "variables", "other"):
        with pytest.raises(AttributeError, match=name):
            setattr(f, name, ())
    with pytest.raises(AttributeError):
        del f.terms
    with pytest.raises(TypeError, match="does not support item assignment"):
        f.terms[frozenset("X")] = 1


@pytest.mark.parametrize("other", [1.5, "H(X)", None, 1])
def test_only_formulas_add_and_only_integers_multiply(other):
    with pytest.raises(TypeError, match="unsupported operand"):
        Formula("H(X)") + other
    with pytest.raises(TypeError, match="unsupported operand"):
        Formula("H(X)") - other
    if other != 1 and not isinstance(other, str):
        with pytest.raises(TypeError, match="unsupported operand"):
            Formula("H(X)") * other


# Errors

ERRORS = [
    ("", 'unexpected end at character 1 of ""; needed: a measure'),
    ("  ", "unexpected end at character 3"),
    ("5", 'unexpected end at character 2 of "5"; needed: a measure'),
    ("2*", "unexpected end at character 3"),
    ("X", 'unexpected "X" at character 1 of "X"; needed: a measure'),
    ("X + Y", 'unexpected "X" at character 1'),
    ("H(X;Y)", 'unexpected ";" at character 4 of "H(X;Y)"; needed: one group in H. hint: H takes a comma: H(X,Y); for '
               "shared information write I(X;Y)"),
    ("VI(X;Y;Z)", 'unexpected ";" at character 7 of "VI(X;Y;Z)"; needed: at most 2 groups in VI'),
    ("I(X)", 'unexpected ")" at character 4 of "I(X)"; needed: at least 2 groups in I. hint: I takes groups joined by '
             "semicolons: I(X;Y)"),
    ("I(X,Y|Z)", 'unexpected "|" at character 6'),
    ("TC(X,Y)", "hint: TC takes groups joined by semicolons: TC(X;Y)"),
    ("MI(X;Y)", 'unknown measure "MI" at character 1 of "MI(X;Y)"; needed: H, I, TC, DTC, O, VI. hint: did you mean '
                "`I`?"),
    ("H(X) + h(Y)", 'unknown measure "h" at character 8 of "H(X) + h(Y)"; needed: H, I, TC, DTC, O, VI. hint: did you '
                    "mean `H`?"),
    ("TCC(X;Y)", "hint: did you mean `TC`"),
    ("`H`(X)", 'unexpected "`H`" at character 1'),
    ("H()", 'unexpected ")" at character 3 of "H()"; needed: a name'),
    ("H(X|)", 'unexpected ")" at character 5'),
    ("H(|X)", 'unexpected "|" at character 3'),
    ("I(X;;Y)", 'unexpected ";" at character 5'),
    ("H(X,)", 'unexpected ")" at character 5'),
    ("H(X|Y|Z)", 'unexpected "|" at character 6 of "H(X|Y|Z)"; needed: "," or ")"'),
    ("I(X;Y|Z;W)", 'unexpected ";" at character 8'),
    ("H(X", 'unexpected end at character 4 of "H(X"; needed: ",", ";", "|" or ")". hint: a ")" is missing'),
    ("H(X))", 'unexpected ")" at character 5 of "H(X))"; needed: the end, "+" or "-"'),
    ("2*(H(X)", 'unexpected end at character 8 of "2*(H(X)"; needed: ")", "+" or "-"'),
    ("()", 'unexpected ")" at character 2'),
    ("H(I(X;Y))", 'unexpected "(" at character 4'),
    ("1.5*H(X)", 'unexpected "1.5" at character 1 of "1.5*H(X)"; needed: an integer'),
    (".5 H(X)", 'unexpected ".5" at character 1'),
    ("H(X)/2", 'unexpected "/" at character 5 of "H(X)/2"; needed: the end, "+" or "-"'),
    ("H(X)*2", 'unexpected "*" at character 5'),
    ("1/2*H(X)", 'unexpected "/" at character 2'),
    ("9999999999999999*H(X)", "needed: an integer of at most 15 digits"),
    ("H(X) H(Y)", 'unexpected "H" at character 6'),
    ("--H(X)", 'unexpected "-" at character 2'),
    ("H(X) +", "unexpected end at character 7"),
    ("H(bill length)", 'unexpected "length" at character 8'),
    ("H(bill-length)", 'unexpected "-" at character 7 of "H(bill-length)"; needed: ",", ";", "|" or ")". hint: names '
                       "are joined by commas, groups by semicolons; a name that is no identifier goes in backticks"),
    ("H(1st)", 'unexpected "1" at character 3 of "H(1st)"; needed: a name'),
    ("H(a→b)", 'unexpected "a→b" at character 3'),
    ("H(a.)", 'unexpected "a." at character 3'),
    ("H(`a)", 'unexpected "`" at character 3'),
    ("H(X\nY)", 'unexpected "Y" at character 5 of "H(X Y)"'),
    ("H(X)\x1b[0m", 'unexpected "�" at character 5 of "H(X)�[0m"'),
    ("(" * 3000, 'unexpected "(" at character 51 of'),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), ERRORS)
def test_errors_point_at_the_character(text, message):
    with pytest.raises(FormulaError, match=re.escape(message)) as caught:
        Formula(text)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


def test_long_text_is_quoted_around_the_place():
    with pytest.raises(FormulaError) as caught:
        Formula("+".join(["H(X)"] * 500) + " H(Y) + " + "+".join(["H(X)"] * 500))
    assert 'unexpected "H" at character 2501 of "…' in caught.value.message
    assert 'H(X) H(Y) + H(X)+' in caught.value.message  # fmt: skip
    assert len(caught.value.message) < 200


@pytest.mark.parametrize("notation", [None, 3, b"H(X)", ["H(X)"]])
def test_neither_text_nor_formula(notation):
    with pytest.raises(InvalidType, match=f"formula is {type(notation).__name__}; needed: text, or a Formula"):
        Formula(notation)


def names(n):
    return [f"x{i}" for i in range(n)]


def test_thirty_variables_and_no_more():
    assert len(Formula(f"H({','.join(names(30))})").variables) == 30
    assert len(Formula(f"DTC({';'.join(names(30))})").terms) == 31
    for text in (f"H({','.join(names(31))})", f"I(x0;{','.join(names(31))})", "+".join(f"H({x})" for x in names(31))):
        with pytest.raises(FormulaError, match=r"variable 31, \"x30\" at character \d+ .*2\^31 = 2,147,483,648"):
            Formula(text)
    with pytest.raises(FormulaError, match=r"31 variables; needed: at most 30\. hint: 31 variables have 2\^31"):
        Formula(f"H({','.join(names(30))})") + Formula("H(y)")


def test_co_information_is_refused_before_it_is_expanded():
    assert len(Formula(f"I({';'.join(names(10))})").terms) == 2**10 - 1
    with pytest.raises(FormulaError, match=r"needed: at most 16 groups in I\. hint: .*1,073,741,823 for 30"):
        Formula(f"I({';'.join(names(30))})")
    with pytest.raises(FormulaError, match=r"at most 30 groups in TC\. hint: leave out the groups that repeat others"):
        Formula(f"TC({'X;' * 30}X)")


def test_coefficients_stay_exact_in_floating_point():
    big = 10**15 * Formula("H(X)")
    assert (9 * big).terms == {frozenset("X"): 9 * 10**15}
    with pytest.raises(FormulaError, match=r"a coefficient beyond 2\^53"):
        10 * big


# Recognition: by the terms, not by the notation


def sets(*groups):
    return tuple(frozenset(group) for group in groups)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("I(X;Y)", sets("X", "Y", "")),
        ("I(Y;X)", sets("Y", "X", "")),
        ("H(X)+H(Y)-H(X,Y)", sets("X", "Y", "")),
        ("H(X)-H(X|Y)", sets("X", "Y", "")),
        ("H(X|Z)-H(X|Y,Z)", sets("X", "Y", "Z")),
        ("I(B,A;Y,X|V,W)", sets("AB", "XY", "VW")),
        ("I(Z;B,A|Y) + 0*H(A)", sets("Z", "AB", "Y")),
        ("I(X,Y;Z) - I(X;Z)", sets("Y", "Z", "X")),
        ("TC(X;Y)", sets("X", "Y", "")),
        ("DTC(X;Y|Z)", sets("X", "Y", "Z")),
        ("O(X;Y;Z)", None),
        ("I(X;Y;Z)", None),
        ("I(X;X)", None),
        ("I(X,Y;Y,Z)", None),
        ("I(X;X,Y)", None),
        ("2*I(X;Y)", None),
        ("-I(X;Y)", None),
        ("VI(X;Y)", None),
        ("H(X)", None),
        ("H(X) + H(Y)", None),
        ("0*H(X)", None),
        ("I(X;Y) + H(Z)", None),
    ],
)
def test_as_information(text, want):
    assert Formula(text).as_information() == want


@law
@given(a=st.sets(st.sampled_from(LETTERS), min_size=1), b=st.sets(st.sampled_from(LETTERS), min_size=1),
       c=st.sets(st.sampled_from(LETTERS)))  # fmt: skip
def test_disjoint_information_is_recognised_as_itself(a, b, c):
    formula = Formula(write("I", [sorted(a), sorted(b)], sorted(c)))
    got = formula.as_information()
    if not (a & b or a & c or b & c):
        assert got == (a, b, c)
    if got is not None:
        assert all(got[:2])
        assert sum(map(len, got)) == len(frozenset.union(*got))
        assert Formula(write("I", [sorted(got[0]), sorted(got[1])], sorted(got[2]))) == formula


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("TC(X;Y;Z)", sets("X", "Y", "Z")),
        ("TC(Z;A,B;C,D)", sets("Z", "AB", "CD")),
        ("H(X) + H(Y) + H(Z) - H(X,Y,Z)", sets("X", "Y", "Z")),
        ("I(X;Y) + I(X,Y;Z)", sets("X", "Y", "Z")),
        ("TC(X;Y)", None),
        ("TC(X;Y;Z|W)", None),
        ("TC(X;Y;X)", None),
        ("TC(X,Y;Y,Z;W)", None),
        ("DTC(X;Y;Z)", None),
        ("2*TC(X;Y;Z)", None),
        ("H(X) + H(Y) + H(Z)", None),
        ("0*H(X)", None),
    ],
)
def test_as_total_correlation(text, want):
    assert Formula(text).as_total_correlation() == want


@pytest.mark.parametrize(
    ("text", "k", "base"),
    [
        ("2*I(X;Y)", 2, "I(X;Y)"),
        ("-I(X;Y|Z)", -1, "I(X;Y|Z)"),
        ("-3*H(X|Y)", -3, "H(X|Y)"),
        ("H(X) + H(X)", 2, "H(X)"),
        ("2*H(X,Y) - 2*H(X) - 2*H(Y)", -2, "I(X;Y)"),
        ("-4*TC(A;B;C;D;E;F;G;H)", -4, "TC(A;B;C;D;E;F;G;H)"),
        ("2*O(X;Y;Z)", 2, "O(X;Y;Z)"),
        ("2*H(X) - 4*H(Y)", 2, "H(X) - 2*H(Y)"),
        ("0*H(X)", 0, "0*H(X)"),
    ],
)
def test_primitive(text, k, base):
    assert Formula(text).primitive() == (k, Formula(base))


def test_primitive_keeps_the_notation_where_it_can():
    assert str(Formula("-2*I(X;Y|Z)").primitive()[1]) == "I(X;Y|Z)"
    assert str(Formula("I(b;a) + I(b;a)").primitive()[1]) == "H(a) + H(b) - H(b,a)"


# What is provably nonnegative


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("H(X)", True),
        ("H(X|Y,Z)", True),
        ("I(X;Y|Z)", True),
        ("3*I(X,Y;Y,Z)", True),
        ("TC(A;B;C;D;E;F;G;H)", True),
        ("TC(X;Y;Z|W)", True),
        ("DTC(A;B;C;D;E;F)", True),
        ("VI(X;Y|Z)", True),
        ("VI(X;Y) + VI(Y;Z) - VI(X;Z)", True),  # the triangle inequality
        ("H(X,Y) + H(Y,Z) + H(X,Z) - 2*H(X,Y,Z)", True),  # Han's inequality
        ("H(X) - I(X;Y)", True),
        ("I(A,B,C,D,E,F,G;X|Y)", True),  # variables that occur together count as one
        ("0*H(X)", True),
        ("H(X|X)", True),
        ("-H(X)", False),
        ("-I(X;Y)", False),
        ("H(X) - H(Y)", False),
        ("I(X;Y) - I(X;Y|Z)", False),
        ("I(X;Y|Z) - I(X;Y)", False),
        ("O(X;Y;Z)", False),
        ("I(A;B|C) + I(A;B|D) + I(C;D) - I(A;B)", False),  # Ingleton's inequality doesn't hold
        # Zhang and Yeung's (1998) inequality holds, but doesn't follow from Shannon's
        ("I(A;B) + I(A;C,D) + 3*I(C;D|A) + I(C;D|B) - 2*I(C;D)", False),
        ("DTC(A;B;C;D;E;F;G)", False),  # seven variables: true, and not proved here
        ("1000000*H(X) - H(Y)", False),
    ],
)
def test_nonnegative(text, want):
    assert Formula(text).nonnegative() is want


def polymatroids(n):
    """Rows A with A·h ≤ 0: monotone and submodular over all pairs of subsets, not only the elemental ones."""
    subsets = range(2**n)
    rows = []
    for s in subsets:
        for t in subsets:
            row = np.zeros(2**n)
            np.add.at(row, [s | t, s & t, s, t], [1, 1, -1, -1])
            rows.append(row)
            if s & t == s:
                row = np.zeros(2**n)
                np.add.at(row, [s, t], [1, -1])
                rows.append(row)
    return np.unique(np.array(rows), axis=0)[:, 1:]


POLYMATROIDS = {n: polymatroids(n) for n in (2, 3, 4)}


@settings(max_examples=150, deadline=None, database=None)
@given(n=st.sampled_from([2, 3, 4]), data=st.data())
def test_nonnegative_agrees_with_linear_programming(n, data):
    """The least value over all polymatroids with entropy at most 1 is 0, or it is negative."""
    letters = LETTERS[:n]
    group = st.lists(st.sampled_from(letters), min_size=1, max_size=n)
    multiple = st.tuples(st.sampled_from([3, 2, 1, 1, 1, -1]), group, group, group)
    parts = data.draw(st.lists(multiple, min_size=1, max_size=6))
    formula = Formula("".join(f"{k:+}*{write('I', [a, b], c)}" for k, a, b, c in parts))
    cost = np.zeros(2**n)
    for joint, c in formula.terms.items():
        cost[sum(2 ** letters.index(name) for name in joint)] += c
    inequalities = POLYMATROIDS[n]
    least = linprog(cost[1:], A_ub=inequalities, b_ub=np.zeros(len(inequalities)), bounds=(0, 1)).fun
    assert formula.nonnegative() is bool(least > -1e-7)
