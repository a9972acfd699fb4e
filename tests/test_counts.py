"""Counts: brute force over the rows says what every way of counting must say."""

import enum
import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pandas
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plogp import cells
from plogp.counts import Counts
from plogp.errors import BadTable, InvalidType, InvalidValue, ShapeMismatch, UnknownName
from plogp.outcomes import ordered

ALWAYS, NEVER = 0, 1 << 62
HUGE = range(10**12)
law = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(params=["NumPy", "compiled", "compiled, NumPy's sort", "compiled, in chunks"])
def loops(request, monkeypatch):
    """Each way of counting, whatever the number of rows."""
    monkeypatch.setattr(cells, "COMPILED_FROM", NEVER if request.param == "NumPy" else ALWAYS)
    monkeypatch.setattr(cells, "_numpy_sorts_faster", lambda kernels: "sort" in request.param)
    if "chunks" in request.param:
        monkeypatch.setattr(cells, "CHUNK", 3)
        monkeypatch.setattr(cells, "BLOCK", 2)
    return request.param


def tables(levels=5, most=6):
    """Rows of observations of one to six variables."""
    return st.integers(1, most).flatmap(
        lambda d: st.lists(st.tuples(*[st.integers(0, levels - 1)] * d), min_size=1, max_size=60)
    )


def names_of(rows):
    return tuple("uvwxyz"[: len(rows[0])])


def counted(rows, labels=range(5), dtype=np.int64):
    """The rows as Counts, by their codes."""
    columns = dict(zip(names_of(rows), np.array(rows, dtype).T, strict=True))
    return Counts.from_codes(columns, dict.fromkeys(columns, labels))


def truth(rows):
    """Cell to count in canonical order; a cell of one variable is its outcome."""
    found = Counter(row[0] if len(row) == 1 else row for row in rows)
    return sorted(found.items())


def items(counts):
    return list(counts.to_dict().items())


# Counting


@law
@given(rows=tables())
@pytest.mark.parametrize("labels", [range(5), range(10**6), HUGE], ids=["few", "many", "huge"])
def test_codes_are_counted_as_a_counter_counts_rows(loops, labels, rows):
    counts = counted(rows, labels)
    assert items(counts) == truth(rows)
    assert counts.frequencies().tolist() == [count for _, count in truth(rows)]
    assert (counts.n, counts.n_cells, counts.n_outcomes()) == (len(rows), len(set(rows)), None)
    assert counts.outcomes == {
        name: tuple(sorted({row[axis] for row in rows})) for axis, name in enumerate(counts.names)
    }


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
@pytest.mark.parametrize("labels", [range(100), HUGE], ids=["few", "huge"])
def test_every_integer_type_is_counted(loops, dtype, labels):
    rng = np.random.default_rng(1)
    rows = [tuple(row) for row in rng.integers(0, 100, (500, 2)).tolist()]
    assert items(counted(rows, labels, dtype)) == truth(rows)
    assert items(counted(rows, labels, np.dtype(dtype).newbyteorder(">"))) == truth(rows)


@pytest.mark.parametrize("codes", [lambda x: x[::-1], lambda x: x.repeat(2)[::2], lambda x: np.stack([x, x]).T[:, 0]])
def test_strided_and_read_only_codes_are_counted(loops, codes):
    x = np.arange(50) % 7
    column = codes(x)
    column.flags.writeable = False
    counts = Counts.from_codes({"x": column, "y": x}, {"x": range(7), "y": range(7)})
    assert items(counts) == truth(list(zip(column.tolist(), x.tolist(), strict=True)))


@pytest.mark.parametrize("shape", ["all alike", "all different", "sorted", "one row is half of all"])
def test_lopsided_columns_are_counted(loops, shape):
    rng = np.random.default_rng(2)
    n = 3000
    x = {
        "all alike": np.full(n, 123_456),
        "all different": rng.permutation(10**6)[:n],
        "sorted": np.sort(rng.integers(0, 1000, n)) * 999,
        "one row is half of all": np.where(rng.random(n) < 0.5, 7, rng.integers(0, 10**6, n)),
    }[shape]
    y = x[::-1] // 2
    counts = Counts.from_codes({"x": x, "y": y}, {"x": range(10**6), "y": range(10**6)})
    assert items(counts) == truth(list(zip(x.tolist(), y.tolist(), strict=True)))


@pytest.mark.parametrize("levels", [100, 100_000])
def test_compiled_and_interpreted_loops_agree_where_the_compiled_are_used(monkeypatch, levels):
    rng = np.random.default_rng(3)
    columns = {"x": rng.integers(0, levels, 300_000), "y": rng.integers(0, levels, 300_000, np.int32)}
    compiled = Counts.from_codes(columns, dict.fromkeys(columns, range(levels)))
    monkeypatch.setattr(cells, "COMPILED_FROM", NEVER)
    plain = Counts.from_codes(columns, dict.fromkeys(columns, range(levels)))
    assert identical(compiled, plain)
    words = columns["x"] * levels + columns["y"]
    assert compiled.frequencies().tolist() == np.unique(words, return_counts=True)[1].tolist()


def test_without_numba_numpy_counts(monkeypatch):
    monkeypatch.setattr("plogp._kernels.COMPILED", False)
    assert cells.compiled(1 << 40) is None


@pytest.mark.parametrize("bits", [62, 63, 64, 65, 70, 120])
def test_rows_of_any_width_are_counted(loops, bits):
    """Six variables whose codes take so many bits in all: at most 63 fit a word."""
    rng = np.random.default_rng(bits)
    sizes = [2 ** (bits // 6 + (axis < bits % 6)) for axis in range(6)]
    levels = [rng.integers(0, size, 3) for size in sizes]
    rows = [tuple(int(level[k]) for level, k in zip(levels, row, strict=True)) for row in rng.integers(0, 3, (200, 6))]
    columns = dict(zip("uvwxyz", np.array(rows).T, strict=True))
    counts = Counts.from_codes(columns, {name: range(size) for name, size in zip(columns, sizes, strict=True)})
    assert items(counts) == truth(rows)
    assert items(counts.marginal("u", "w")) == truth([(row[0], row[2]) for row in rows])


def test_thirty_variables_are_counted(loops):
    rng = np.random.default_rng(4)
    rows = rng.integers(0, 9, (40, 30)).repeat(2, axis=0)
    names = [f"v{i}" for i in range(30)]
    counts = Counts.from_codes(dict(zip(names, rows.T, strict=True)), dict.fromkeys(names, range(9)))
    assert items(counts) == truth([tuple(row) for row in rows.tolist()])
    assert counts.index(names[:29]).tolist() == list(range(40))
    assert (counts + counts).frequencies().tolist() == [4] * 40


@pytest.mark.parametrize("size", [3, 100_000], ids=["few", "many"])
@pytest.mark.parametrize("code", ["negative", "just above", "far above"])
@pytest.mark.parametrize("others", [0, 5], ids=["alone", "wide"])
def test_a_code_outside_the_outcomes_is_refused(loops, size, code, others):
    code = {"negative": -1, "just above": size, "far above": 10**6}[code]
    columns = {"x": np.array([0, 1, code])} | {f"o{i}": np.array([0, 1, 2]) for i in range(others)}
    outcomes = {"x": range(size)} | {f"o{i}": HUGE for i in range(others)}
    with pytest.raises(
        InvalidValue, match=rf"codes of `x` go from {min(0, code)} to {max(1, code)}; needed: 0 to {size - 1},"
    ):
        Counts.from_codes(columns, outcomes)
    columns["x"][2] = size - 1
    assert Counts.from_codes(columns, outcomes).n == 3


@pytest.mark.parametrize("code", [-1, 3, 2**62])
@pytest.mark.parametrize("dtype", [np.int64, np.uint64, np.int8])
def test_a_code_outside_the_outcomes_of_the_second_variable_is_refused(loops, code, dtype):
    kept = np.array([code]).astype(dtype)  # -1 wraps to 2⁶⁴ - 1 where there is no sign, 2⁶² to 0 in a byte
    columns = {"x": np.zeros(2, np.int64), "y": np.concatenate([np.zeros(1, dtype), kept])}
    if kept[0] == 0:
        assert Counts.from_codes(columns, {"x": range(3), "y": range(3)}).n == 2
        return
    with pytest.raises(
        InvalidValue, match=rf"codes of `y` go from {min(0, kept[0])} to {max(0, kept[0])}; needed: 0 to 2,"
    ):
        Counts.from_codes(columns, {"x": range(3), "y": range(3)})


# One canonical form


def identical(a, b):
    """Whether two tables are the same to the bit, types of the arrays and of the labels included."""
    same = a == b and a.names == b.names and repr(a.outcomes) == repr(b.outcomes)
    arrays = [(a._cells[name], b._cells[name]) for name in a.names] + [(a.frequencies(), b.frequencies())]
    return same and all(x.dtype == y.dtype and x.tobytes() == y.tobytes() for x, y in arrays)


@law
@given(rows=tables(), data=st.data())
def test_the_same_data_is_the_same_object_however_it_comes(loops, rows, data):
    labels = [f"level {k}" for k in range(5)]
    names = names_of(rows)
    whole = counted(rows, labels)
    shuffled = data.draw(st.permutations(rows))
    order = data.draw(st.permutations(range(5)))
    codes = np.array([[order.index(level) for level in row] for row in shuffled]).T
    other_codes = Counts.from_codes(
        dict(zip(names, codes, strict=True)), {name: [labels[level] for level in order] for name in names}
    )
    assert identical(whole, other_codes)
    found = Counter(shuffled)
    grouped = Counts.from_cells(
        {name: [labels[cell[axis]] for cell in found] for axis, name in enumerate(names)}, list(found.values())
    )
    assert identical(whole, grouped)
    columns = {name: np.array([labels[cell[axis]] for cell in found]) for axis, name in enumerate(names)}
    assert identical(whole, Counts.from_cells(columns, np.array(list(found.values()), np.uint16)))
    assert identical(whole, Counts(whole.to_dict(), names))


@law
@given(rows=tables(levels=3, most=4))
def test_an_array_says_the_same_and_that_zeros_are_possible(rows):
    names = names_of(rows)
    array = np.zeros((3,) * len(names), int)
    for row in rows:
        array[row] += 1
    counts = Counts(array, names)
    assert items(counts) == truth(rows)
    assert counts.outcomes == dict.fromkeys(names, (0, 1, 2))
    assert counts.n_outcomes() == 3 ** len(names)
    assert counts.marginal(names[0]).n_outcomes(names[0]) == counts.n_outcomes([names[0]]) == 3
    assert (counts.to_array() == array).all()
    assert counts.n_outcomes([]) == 1


def test_outcomes_of_an_array_are_sorted_with_their_counts():
    counts = Counts([[1, 0, 2], [0, 3, 0]], ("x", "y"), outcomes=[["yes", "no"], [3, 1, 2]])
    assert counts.outcomes == {"x": ("no", "yes"), "y": (1, 2, 3)}
    assert counts.to_array().tolist() == [[3, 0, 0], [0, 2, 1]]
    assert counts == Counts([[3, 0, 0], [0, 2, 1]], ("x", "y"), {"y": (1, 2, 3), "x": ("no", "yes")})
    assert counts.to_dict() == {("no", 1): 3, ("yes", 2): 2, ("yes", 3): 1}


def test_outcomes_given_with_a_mapping_are_possible():
    counts = Counts({"b": 2}, "x", outcomes=[["c", "b", "a"]])
    assert (counts.outcomes, counts.n_outcomes()) == ({"x": ("a", "b", "c")}, 3)
    assert counts == Counts([0, 2, 0], "x", outcomes=[["a", "b", "c"]])
    assert Counts({"b": 2}, "x").n_outcomes() is None


def test_cells_without_observations_are_no_cells():
    assert identical(Counts({"a": 2, "b": 0}, "x"), Counts({"a": 2}, "x"))
    assert identical(Counts.from_cells({"x": ["a", "b"]}, [2, 0]), Counts({"a": 2}, "x"))
    assert Counts([0.0, 2.0], "x").to_dict() == {1: 2}


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


NEW_YEAR, MIDNIGHT = date(2024, 1, 1), datetime(2024, 1, 1)


@pytest.mark.parametrize(
    ("labels", "outcomes"),
    [
        (["b", "a", None], ["a", "b", None]),
        ([np.str_("b"), np.str_("a")], ["a", "b"]),
        ([float("nan"), 2.0, None, -0.0, 0.0, np.float64("nan")], [0.0, 2.0, None]),
        ([np.int8(3), 1, np.uint64(2)], [1, 2, 3]),
        ([1, True, "1", 1.0, b"1", False, 2, 2.0], [False, True, b"1", 2.0, "1"]),
        ([(2, "b"), (1, "c"), (1, None), (np.int64(1), np.str_("b"))], [(1, "b"), (1, "c"), (2, "b"), None]),
        ([(1,), (True,), (0,)], [(True,), (0,)]),
        ([np.datetime64("2024-02-01"), NEW_YEAR, np.datetime64("NaT")], [NEW_YEAR, date(2024, 2, 1), None]),
        ([np.datetime64("2024-01-01T00:00", "ns"), datetime(2023, 1, 1)], [datetime(2023, 1, 1), MIDNIGHT]),
        ([np.timedelta64(90, "s"), np.timedelta64(1, "m")], [timedelta(minutes=1), timedelta(seconds=90)]),
        ([MIDNIGHT, MIDNIGHT.replace(tzinfo=UTC)], [MIDNIGHT, MIDNIGHT.replace(tzinfo=UTC)]),
        ([Decimal("2.5"), Decimal("NaN"), Decimal("1")], [Decimal("1"), Decimal("2.5"), None]),
        ([Colour.RED, Colour.BLUE], [Colour.BLUE, Colour.RED]),
        ([2**70, -(2**70)], [-(2**70), 2**70]),
    ],
)  # fmt: skip
def test_labels_are_plain_values_in_one_order(labels, outcomes):
    for some in itertools.islice(itertools.permutations(labels), 30):
        found, places = ordered(some)
        assert [(type(label), label) for label in found] == [(type(label), label) for label in outcomes]
        assert len(places) == len(labels)
        assert ordered(found)[0] == found
        assert Counts.from_cells({"x": list(some)}, [1] * len(some)).n == len(labels)


def test_times_finer_than_microseconds_stay_apart():
    fine = [np.datetime64("2024-01-01T00:00:00.000000001"), np.datetime64("2024-01-01T00:00:00.000000002")]
    assert ordered(fine)[0] == tuple(fine)


def test_pandas_times_are_plain_times():
    labels = [pandas.Timestamp("2024-01-01"), pandas.NaT, pandas.NA, pandas.Timedelta("1min")]
    assert list(map(type, ordered(labels)[0])) == [datetime, timedelta, type(None)]


# Marginals


@law
@given(rows=tables(), data=st.data())
@pytest.mark.parametrize("labels", [range(5), range(10**6), HUGE], ids=["few", "many", "huge"])
def test_marginals_and_indices(loops, labels, rows, data):
    counts = counted(rows, labels)
    some = data.draw(st.lists(st.sampled_from(counts.names), min_size=1, unique=True))
    axes = [counts.names.index(name) for name in some]
    marginal = counts.marginal(*some)
    assert items(marginal) == truth([tuple(row[axis] for axis in axes) for row in rows])
    assert marginal.names == tuple(some)
    first = data.draw(st.sampled_from(some))
    assert identical(marginal.marginal(first), counts.marginal(first))
    index, frequencies = counts.index(some), counts.frequencies(some)
    assert index.shape == (counts.n_cells,)
    assert index.dtype == frequencies.dtype == np.int64
    assert np.bincount(index, counts.frequencies()).tolist() == frequencies.tolist()
    in_order = [name for name in counts.names if name in some]
    assert frequencies.tolist() == counts.marginal(*in_order).frequencies().tolist()
    by_cell = list(counts.marginal(*in_order).to_dict())
    wanted = [tuple(cell[counts.names.index(name)] for name in in_order) for cell in sorted(set(rows))]
    assert [by_cell[place] for place in index] == [cell[0] if len(in_order) == 1 else cell for cell in wanted]


def test_no_variables_have_one_cell():
    counts = Counts([[1, 2], [3, 4]], ("x", "y"))
    assert counts.frequencies([]).tolist() == [10]
    assert counts.index([]).tolist() == [0, 0, 0, 0]


def test_a_text_is_one_name():
    counts = Counts([[1, 2], [3, 4]], ("xy", "z"))
    assert counts.frequencies("xy").tolist() == [3, 7]
    assert counts.index("z").tolist() == [0, 1, 0, 1]


def test_what_is_handed_out_cannot_be_written():
    counts = Counts([[1, 2], [3, 4]], ("x", "y"))
    for array in (counts.frequencies(), counts.frequencies("x"), counts.index("x")):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


# Merging


@law
@given(rows=tables(), data=st.data())
def test_shards_add_up_to_the_whole(loops, rows, data):
    cuts = sorted(data.draw(st.lists(st.integers(1, len(rows)), max_size=3, unique=True)))
    shards = [rows[a:b] for a, b in itertools.pairwise([0, *cuts, len(rows)]) if a < b]
    order = data.draw(st.permutations(names_of(rows)))
    parts = [counted(shard) if k % 2 == 0 else counted(shard).marginal(*order) for k, shard in enumerate(shards)]
    assert identical(sum(parts), counted(rows))
    assert identical(sum(reversed(parts)).marginal(*names_of(rows)), counted(rows))


def test_dense_tables_stay_dense_where_their_outcomes_agree():
    a, b = Counts([[1, 0], [2, 0]], ("x", "y")), Counts([[0, 0], [1, 0]], ("x", "y"))
    assert (a + b).n_outcomes() == 4
    assert a + b == Counts([[1, 0], [3, 0]], ("x", "y"))
    c = Counts([[1, 0]], ("x", "y"))
    assert (a + c).n_outcomes() is None
    assert (a + c).outcomes == {"x": (0, 1), "y": (0,)}
    assert (a + Counts({(0, 1): 1}, ("x", "y"))).n_outcomes() is None


def test_equality():
    a = Counts({("a", 1): 2, ("b", 1): 1}, ("x", "y"))
    assert a == a.marginal("y", "x")
    assert a != Counts({("a", 1): 2, ("b", 1): 2}, ("x", "y"))
    assert a != Counts({("a", 1): 2, ("c", 1): 1}, ("x", "y"))
    assert a != Counts({("a", 1): 2, ("b", 1): 1}, ("x", "z"))
    assert a != Counts({("a", 1): 2, ("b", 1): 1}, ("x", "y"), outcomes=[("a", "b"), (1,)])
    assert a != a.to_dict()
    with pytest.raises(TypeError, match="unhashable"):
        hash(a)


# Missing values


def test_rows_without_a_value_are_left_out_and_counted():
    counts = Counts.from_cells({"x": ["a", None, "b", float("nan")], "y": [1, 2, None, None]}, [5, 3, 2, 1])
    assert counts.outcomes == {"x": ("a", "b", None), "y": (1, 2, None)}
    left, n_missing = counts.without_missing()
    assert (left.to_dict(), n_missing) == ({("a", 1): 5}, 6)
    assert left.outcomes == {"x": ("a",), "y": (1,)}
    assert left.without_missing() == (left, 0)


def test_rows_that_all_lack_a_value_are_refused():
    with pytest.raises(BadTable, match=r"each of 3 rows lacks `x` or `y`.*hint: missing=\"category\""):
        Counts({(None, "a"): 2, ("b", None): 1}, ("x", "y")).without_missing()


# To other forms


def test_the_dense_table_has_a_stated_limit():
    counts = Counts.from_codes({"x": np.arange(20_000), "y": np.arange(20_000)}, dict.fromkeys("xy", range(20_000)))
    for convert in (counts.to_array, counts.to_joint):
        with pytest.raises(
            InvalidValue, match=r"20,000 × 20,000 cells takes 3,200,000,000 bytes; needed: 1,073,741,824 at most"
        ):
            convert()
    with pytest.raises(InvalidValue, match="needed: 31 at most"):
        Counts([[1, 2], [3, 4]], ("x", "y")).to_array(max_bytes=31)
    assert Counts([[1, 2], [3, 4]], ("x", "y")).to_array(max_bytes=32).tolist() == [[1, 2], [3, 4]]


def test_relative_frequencies_are_a_joint_distribution():
    joint = Counts({("b", 1): 3, ("a", 2): 1}, ("x", "y")).to_joint()
    assert joint.names == ("x", "y")
    assert joint.array.tolist() == [[0, 0.25], [0.75, 0]]
    assert [tuple(joint.outcomes[name]) for name in "xy"] == [("a", "b"), (1, 2)]


def test_it_prints_what_it_is():
    assert repr(Counts([[1, 0], [2, 4000]], ("x", "y"))) == (
        "<Counts of x (2 outcomes), y (2 outcomes): n = 4,003 in 3 cells>"
    )


# What isn't a table of counts

TABLE = {("a", "x"): 3}
XY = ("x", "y")


@pytest.mark.parametrize(
    ("table", "names", "error", "words"),
    [
        ([1, -2], "x", InvalidValue, r"the count -2 at 1; needed: 0, 1, 2, …"),
        ([[1, 2], [0.5, 1]], XY, InvalidValue, r"the count 0\.5 at \(1, 0\).*hint: weights aren't counts"),
        ([1, float("nan")], "x", InvalidValue, "the count nan at 1"),
        ([1, float("inf")], "x", InvalidValue, "add up to inf"),
        ([2**62, 2**62], "x", InvalidValue, r"add up to 9\.22e\+18; needed: 2⁶² at most"),
        (np.array([2**63], np.uint64), "x", InvalidValue, r"add up to 9\.22e\+18"),
        ({"a": -1}, "x", InvalidValue, "the count -1 at 0"),
        ({"a": 0.5}, "x", InvalidValue, r"the count 0\.5 at 0"),
        ({"a": "3"}, "x", InvalidType, "the counts are <U1; needed: whole numbers"),
        ([True, False], "x", InvalidType, "the counts are bool; needed: whole numbers.*hint: for observations"),
        (np.array([1, None]), "x", InvalidType, "the counts are object"),
        (np.array([1 + 2j]), "x", InvalidType, "the counts are complex128"),
        (np.ma.array([1, 2], mask=[0, 1]), "x", InvalidType, "masked array; needed: a plain one.*hint: fill it"),
        ([[1, 2], [3]], XY, ShapeMismatch, "rows of several lengths"),
        ([0, 0], "x", BadTable, "counts 0 observations; needed: one at least"),
        ([], "x", BadTable, "counts 0 observations"),
        ({}, "x", BadTable, "counts 0 observations"),
        ([[1, 2]], "x", ShapeMismatch, r"shape \(1, 2\) for 1 names \(x\).*hint: name every axis"),
        ([1, 2], XY, ShapeMismatch, r"shape \(2,\) for 2 names \(x, y\)"),
        (3, "x", ShapeMismatch, r"shape \(\) for 1 names"),
        (TABLE, ("x", "x"), InvalidValue, "the name `x` occurs twice"),
        (TABLE, ("x", 1), InvalidType, "the name 1 is int; needed: a text"),
        (TABLE, (), InvalidValue, r"the names are \(\); needed: one for each variable"),
        (TABLE, ("x", ""), InvalidValue, r"the names are \('x', ''\)"),
        (TABLE, ("x", "y", "z"), ShapeMismatch, r"the key \('a', 'x'\); needed: a tuple of 3 outcomes, of x, y, z"),
        ({"ax": 3}, XY, ShapeMismatch, "the key 'ax'; needed: a tuple of 2"),
    ],
)
def test_what_is_no_table_of_counts_has_one_clear_error(table, names, error, words):
    with pytest.raises(error, match=words):
        Counts(table, names)


@pytest.mark.parametrize(
    ("table", "outcomes", "error", "words"),
    [
        ([[1, 2]], [["a"], ["b", "b"]], InvalidValue, "two outcomes of `y` are equal"),
        ([[1, 2]], [["a"], [None, float("nan")]], InvalidValue, "two outcomes of `y` are equal"),
        ([[1, 2]], [["a"]], ShapeMismatch, "outcomes of 1 variables for 2 names; needed: a sequence for each of x, y"),
        (
            [[1, 2]],
            {"x": ["a"], "z": ["b", "c"]},
            ShapeMismatch,
            "outcomes of x, z for 2 names; needed: a sequence for each of x, y",
        ),
        ([[1, 2]], [["a"], ["b", "c", "d"]], ShapeMismatch, r"shape \(1, 2\).*1 × 3 outcomes.*hint: list the outcomes"),
        ([[1, 2]], [["a"], "bc"], InvalidType, "the outcomes of `y` are a text"),
        ([[1, 2]], [["a"], [[1], [2]]], InvalidType, "an outcome is of type list, which isn't hashable"),
        (TABLE, [["a"], ["y", "z"]], UnknownName, "'x' is not among the outcomes of `y`"),
    ],
)
def test_outcomes_that_do_not_fit_have_one_clear_error(table, outcomes, error, words):
    with pytest.raises(error, match=words):
        Counts(table, XY, outcomes)


CODES = np.array([0, 1])


@pytest.mark.parametrize(
    ("codes", "outcomes", "error", "words"),
    [
        ({"x": [0.5, 1.0]}, {"x": "ab"}, InvalidType, "the codes of `x` are float64; needed: integers"),
        ({"x": [True, False]}, {"x": "ab"}, InvalidType, "the codes of `x` are bool"),
        ({"x": [[0], [1]]}, {"x": "ab"}, ShapeMismatch, r"the codes of `x` have shape \(2, 1\)"),
        ({"x": np.ma.array([0, 1])}, {"x": "ab"}, InvalidType, "the codes of `x` are a masked array"),
        ({"x": CODES, "y": CODES[:1]}, {}, ShapeMismatch, "several lengths: `x` has 2, `y` has 1"),
        ({"x": CODES}, {}, ShapeMismatch, "outcomes of no variables for 1 names; needed: a sequence for each of x"),
        ({"x": CODES}, {"x": ("a", "a")}, InvalidValue, "two outcomes of `x` are equal"),
        ({"x": CODES[:0]}, {"x": ("a",)}, BadTable, "counts 0 observations"),
        ({}, {}, InvalidValue, "the names are"),
    ],
)
def test_codes_that_cannot_be_counted_have_one_clear_error(codes, outcomes, error, words):
    with pytest.raises(error, match=words):
        Counts.from_codes(codes, outcomes)


@pytest.mark.parametrize(
    ("cells_", "counts", "error", "words"),
    [
        ({"x": ["a", "b"]}, [1], ShapeMismatch, "`x` has 2, `the counts` has 1"),
        ({"x": ["a", "b"], "y": [1]}, [1, 2], ShapeMismatch, "`x` has 2, `y` has 1, `the counts` has 2"),
        ({"x": ["a", ["b"]]}, [1, 2], InvalidType, "of type list, which isn't hashable"),
        ({"x": ["a", "b"]}, [1, -2], InvalidValue, "the count -2 at 1"),
        ({"x": []}, [], BadTable, "counts 0 observations"),
    ],
)
def test_cells_that_cannot_be_counted_have_one_clear_error(cells_, counts, error, words):
    with pytest.raises(error, match=words):
        Counts.from_cells(cells_, counts)


def test_questions_about_unknown_variables_suggest_the_nearest():
    counts = Counts([[1, 2], [3, 4]], ("species", "island"))
    for ask in (counts.frequencies, counts.index, counts.n_outcomes, counts.marginal):
        with pytest.raises(UnknownName, match=r"`speceis` is not a variable here.*hint: did you mean `species`"):
            ask("speceis")
    with pytest.raises(InvalidValue, match="the name `island` occurs twice"):
        counts.marginal("island", "island")


def test_tables_of_other_variables_do_not_add_up():
    counts = Counts([1, 2], "x")
    with pytest.raises(ShapeMismatch, match=r"tables of x and of y; needed: the same variables.*hint: take .marginal"):
        counts + Counts([1, 2], "y")
    with pytest.raises(TypeError, match="unsupported operand"):
        counts + 1
    large = Counts([2**62], "x")
    with pytest.raises(BadTable, match=r"needed: one at least, and 2⁶² at most"):
        large + large
