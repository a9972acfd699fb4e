"""Samples: what any column means, against a dictionary that counts rows."""

from collections import Counter
from datetime import date, datetime

import numpy as np
import pandas
import polars
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plogp import cells
from plogp import samples as samples_room
from plogp.errors import BadTable, InvalidType, InvalidValue, ShapeMismatch, UnknownName
from plogp.outcomes import encode
from plogp.samples import Samples

NAN = float("nan")
ALWAYS, NEVER = 0, 1 << 62
law = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(params=[NEVER, ALWAYS], ids=["NumPy", "compiled"])
def loops(request, monkeypatch):
    """Both ways of encoding, whatever the number of rows."""
    monkeypatch.setattr(cells, "COMPILED_FROM", request.param)


def tally(column, kind=None, missing="category"):
    """The outcomes of one column and how often each occurs."""
    counts, _ = Samples({"x": column}, kinds=kind and {"x": kind}).counts(["x"], missing)
    return counts.to_dict()


# Columns and their kinds

OCTOBER, MAY = np.datetime64("2024-10-01"), np.datetime64("2024-05-01")
DISCRETE = {
    "list of texts": (["b", "a", "b"], {"a": 1, "b": 2}),
    "tuple": (("b", "a", "b"), {"a": 1, "b": 2}),
    "texts": (np.array(["b", "a", "b"]), {"a": 1, "b": 2}),
    "long texts": (np.array(["bee", "a", "bee"]), {"a": 1, "bee": 2}),
    "bytes": (np.array([b"b", b"a", b"b"]), {b"a": 1, b"b": 2}),
    "texts of any length": (np.array(["b", "a", "b"], np.dtypes.StringDType()), {"a": 1, "b": 2}),
    "texts with a zero byte": (["b\0", "b", "b"], {"b": 2, "b\0": 1}),
    "truth values": (np.array([True, False, True]), {False: 1, True: 2}),
    "list of truth values": ([True, False, True], {False: 1, True: 2}),
    "list of integers": ([3, -1, 3], {-1: 1, 3: 2}),
    "range": (range(3), {0: 1, 1: 1, 2: 1}),
    "integers far apart": (np.array([10**15, -(10**15), 10**15]), {-(10**15): 1, 10**15: 2}),
    "integers far from zero": (np.array([2**63 + 5, 2**63 + 7], np.uint64), {2**63 + 5: 1, 2**63 + 7: 1}),
    "extremes": (np.array([-(2**63), 2**63 - 1]), {-(2**63): 1, 2**63 - 1: 1}),
    "large integers": ([2**70, 1, 2**70], {1: 1, 2**70: 2}),
    "integers and nothing": ([3, None, 3], {3: 2, None: 1}),
    "texts and nothing": (["b", None, NAN, "b"], {"b": 2, None: 2}),
    "all kinds": ([1, False, "1", 1], {False: 1, 1: 2, "1": 1}),
    "nothing": ([None, None], {None: 2}),
    "days": (np.array([OCTOBER, MAY, np.datetime64("NaT")]), {date(2024, 5, 1): 1, date(2024, 10, 1): 1, None: 1}),
    "times": (np.array([OCTOBER, MAY], "M8[ns]"), {datetime(2024, 5, 1): 1, datetime(2024, 10, 1): 1}),
    "list of days": ([date(2024, 1, 2), date(2024, 1, 1)], {date(2024, 1, 1): 1, date(2024, 1, 2): 1}),
    "rows of integers": (np.array([[1, 2], [1, 3], [1, 2]]), {(1, 2): 2, (1, 3): 1}),
    "rows of bytes": (np.array([[1, 2, 3]] * 2, np.int8), {(1, 2, 3): 2}),
    "rows of texts": ([("a", 1), ("b", 1), ("a", 1)], {("a", 1): 2, ("b", 1): 1}),
    "rows of one": (np.array([[1], [2]]), {(1,): 1, (2,): 1}),
    "rows with a gap": ([("a", 1), ("b", None)], {("a", 1): 1, None: 1}),
    "strided": (np.arange(6)[::-2], {1: 1, 3: 1, 5: 1}),
    "big-endian": (np.array([1, 2, 10**15], ">i8"), {1: 1, 2: 1, 10**15: 1}),
    "pandas texts": (pandas.Series(["b", "a", None, "b"]), {"a": 1, "b": 2, None: 1}),
    "pandas integers and NA": (pandas.Series([3, None, 3], dtype="Int64"), {3: 2, None: 1}),
    "pandas categories": (pandas.Series(["b", "a", None], dtype="category"), {"a": 1, "b": 1, None: 1}),
    "pandas categories of numbers": (pandas.Categorical([2.5, None, 2.5], categories=[9.0, 2.5]), {2.5: 2, None: 1}),
    "pandas times": (pandas.Series(pandas.to_datetime(["2024-05-01", None])), {datetime(2024, 5, 1): 1, None: 1}),
    "Polars integers and null": (polars.Series([3, None, 3]), {3: 2, None: 1}),
    "Arrow integers and null": (pyarrow.array([3, None, 3]), {3: 2, None: 1}),
}


@pytest.mark.parametrize("name", DISCRETE)
def test_discrete_columns(loops, name):
    column, outcomes = DISCRETE[name]
    assert Samples({"x": column}).kinds == {"x": "discrete"}
    found = tally(column)
    assert list(found.items()) == list(outcomes.items())
    assert list(map(type, found)) == list(map(type, outcomes))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64])
@pytest.mark.parametrize("low", ["least", "zero", "great"])
def test_integers_of_every_type_wherever_they_lie(loops, dtype, low):
    limits = np.iinfo(dtype)
    start = {"least": limits.min, "zero": 0, "great": limits.max - 9}[low]
    rng = np.random.default_rng(0)
    column = (start + rng.integers(0, 10, 300).astype(object)).astype(dtype)
    assert tally(column) == dict(sorted(Counter(column.tolist()).items()))


FLOATS = {
    "floats": np.array([1.5, 2.0]),
    "list of floats": [1.5, 2.0],
    "integers and floats": [1, 2.5],
    "floats and nothing": [1.5, None],
    "integers and NaN": [1, NAN],
    "half floats": np.array([1.5], np.float16),
    "pandas floats and NA": pandas.Series([1.5, None], dtype="Float64"),
    "rows of floats": np.array([[1.5, 2.5]]),
    "Polars floats and null": polars.Series([1.5, None]),
}


@pytest.mark.parametrize("name", FLOATS)
def test_floats_are_continuous(name):
    samples = Samples({"x": FLOATS[name]})
    assert samples.kinds == {"x": "continuous"}
    with pytest.raises(
        InvalidType,
        match=r"`x` is continuous \(float\d\d\); needed: a discrete variable. hint: kinds=\{'x': 'discrete'\}",
    ):
        samples.counts(["x"])


def test_floats_told_to_be_discrete(loops):
    assert tally(np.array([0.5, -0.0, 0.0, NAN, -NAN]), "discrete") == {0.0: 2, 0.5: 1, None: 2}
    assert repr(list(tally(np.array([-0.0]), "discrete"))) == "[0.0]"
    assert tally(np.array([0.5, 0.25], np.float32), "discrete") == {0.25: 1, 0.5: 1}
    assert tally(np.array([[0.0, 1.0], [-0.0, 1.0], [NAN, 1.0]]), "discrete") == {(0.0, 1.0): 2, None: 1}


def test_kinds_are_what_the_user_says():
    samples = Samples({"x": [1, 2], "y": [0.5, 1.0], "z": ["a", "b"]}, kinds={"x": "continuous", "y": "mixed"})
    assert samples.kinds == {"x": "continuous", "y": "mixed", "z": "discrete"}
    assert samples.names == ("x", "y", "z")
    assert samples.engine == "arrays"
    assert repr(samples) == "<Samples of x (continuous), y (mixed), z (discrete): n = 2>"
    with pytest.raises(InvalidType, match=r"`x` is continuous \(int64\)"):
        samples.counts(["x", "z"])


# Counting

VALUES = st.sampled_from(["a", "b", "", None, 1, 2, True, date(2024, 1, 1)])


@law
@given(rows=st.lists(st.tuples(VALUES, st.integers(-3, 3), st.sampled_from("ab")), min_size=1, max_size=40))
def test_rows_are_counted_as_a_dictionary_counts_them(loops, rows):
    columns = dict(zip("xyz", map(list, zip(*rows, strict=True)), strict=True))
    samples = Samples(columns)
    counts, n_missing = samples.counts(["z", "x", "y"], missing="category")
    assert counts.names == ("z", "x", "y")
    assert n_missing == 0
    found = Counter((z, x, y) for x, y, z in rows)
    assert counts.to_dict() == found
    assert counts.n == len(rows)
    present = {cell: count for cell, count in found.items() if cell[1] is not None}
    if present:
        counts, n_missing = samples.counts(["z", "x", "y"])
        assert counts.to_dict() == present
        assert n_missing == len(rows) - sum(present.values())


@law
@given(rows=st.lists(st.tuples(VALUES, st.integers(-3, 3)), min_size=1, max_size=40), data=st.data())
def test_the_order_of_the_rows_changes_nothing(loops, rows, data):
    x, y = zip(*rows, strict=True)
    u, v = zip(*data.draw(st.permutations(rows)), strict=True)
    one = Samples({"x": x, "y": y}).counts(["x", "y"], "category")[0]
    other = Samples({"x": u, "y": v}).counts(["x", "y"], "category")[0]
    assert one == other
    assert repr(one.outcomes) == repr(other.outcomes)
    assert one.frequencies().tobytes() == other.frequencies().tobytes()


def test_only_rows_that_lack_what_is_asked_for_are_left_out():
    samples = Samples({"x": ["a", "b", None, "a"], "y": ["u", None, None, "v"], "z": [1, 2, 3, 4]})
    missing = {names: samples.counts(names)[1] for names in [("x",), ("y",), ("z",), ("x", "y"), ("x", "z")]}
    assert missing == {("x",): 1, ("y",): 2, ("z",): 0, ("x", "y"): 2, ("x", "z"): 1}
    assert samples.counts(["x", "y"])[0].outcomes == {"x": ("a",), "y": ("u", "v")}


@pytest.mark.parametrize("kind", ["texts", "far integers", "rows", "near integers"])
def test_large_columns_are_encoded_alike_by_both_ways(monkeypatch, kind):
    rng = np.random.default_rng(5)
    x = rng.integers(0, 3000, 300_000)
    column = {
        "texts": x.astype("U6"),
        "far integers": x * 10**14,
        "rows": np.stack([x // 50, x % 50], 1).astype(np.int16),
        "near integers": x - 10**9,
    }[kind]
    compiled = Samples({"x": column}).counts(["x"])[0]
    monkeypatch.setattr(cells, "COMPILED_FROM", NEVER)
    assert compiled == Samples({"x": column}).counts(["x"])[0]
    assert compiled.n_cells == 3000
    values = map(tuple, column.tolist()) if kind == "rows" else column.tolist()
    assert compiled.to_dict() == dict(sorted(Counter(values).items()))


def test_a_hash_table_that_must_grow(loops):
    x = np.random.default_rng(6).integers(0, 2**62, 5000).repeat(2)
    assert tally(x) == dict(sorted(Counter(x.tolist()).items()))


def test_a_text_is_one_name():
    samples = Samples({"xy": ["a", "b"], "x": [1, 1], "y": [2, 2]})
    assert samples.counts("xy")[0].to_dict() == {"a": 1, "b": 1}


def test_columns_are_encoded_once(monkeypatch):
    encoded = []
    monkeypatch.setattr(samples_room, "encode", lambda column: encoded.append(1) or encode(column))
    samples = Samples({"x": ["a", "b"], "y": ["u", "v"], "z": ["p", "q"]})
    for names in (["x", "y"], ["x", "z"], ["y", "z"], ["x"]):
        samples.counts(names)
    assert len(encoded) == 3


def test_series_are_paired_by_their_index():
    x = pandas.Series([1, 2, 3], index=[10, 11, 12])
    assert Samples({"x": x, "y": x * 2}).counts(["x", "y"])[0].n == 3
    assert Samples({"x": x, "y": [1, 2, 3]}).counts(["x", "y"])[0].n == 3
    for other in (pandas.Series([1, 2, 3]), pandas.Series([1, 2], index=[10, 11])):
        with pytest.raises(ShapeMismatch, match=r"`x` and `y` are Series with different indices.*hint: align them"):
            Samples({"x": x, "y": other})


# What can't be measured


@pytest.mark.parametrize(
    ("columns", "error", "words"),
    [
        ([1, 2], InvalidType, "the columns are list; needed: a dict of arrays"),
        (pandas.DataFrame({"x": [1]}), InvalidType, "the columns are DataFrame.*hint: plogp.measure takes dataframes"),
        ({}, BadTable, "no columns"),
        ({"x": []}, BadTable, "no rows"),
        ({"x": np.empty(0)}, BadTable, "no rows"),
        ({1: [1]}, InvalidType, "the name 1 is int; needed: a text"),
        ({"x": [1, 2], "y": [1]}, ShapeMismatch, "several lengths: `x` has 2, `y` has 1"),
        ({"x": [[1, 2], [3]]}, ShapeMismatch, "`x` holds lists, nested or of several lengths"),
        ({"x": [[[1], [2]], [[3], [4, 5]]]}, ShapeMismatch, "`x` (holds lists|has rows of several lengths)"),
        ({"x": [{"a": 1}]}, ShapeMismatch, "`x` holds dicts"),
        ({"x": polars.Series([[1], [2, 3]])}, ShapeMismatch, "`x` holds (ndarray|list)s"),
        ({"x": np.zeros((2, 2, 2))}, ShapeMismatch, r"ndarray of shape \(2, 2, 2\); needed: \(n,\) or \(n, d\)"),
        ({"x": np.zeros((2, 0))}, ShapeMismatch, r"shape \(2, 0\)"),
        ({"x": 3}, ShapeMismatch, r"`x` is int of shape \(\)"),
        ({"x": "abc"}, ShapeMismatch, r"`x` is str of shape \(\)"),
        ({"x": {"a"}}, ShapeMismatch, "`x` holds sets"),
        ({"x": np.ma.array([1, 2], mask=[0, 1])}, InvalidType, "`x` is a masked array"),
        ({"x": np.array([1j])}, InvalidType, "`x` is complex128; needed: texts, numbers"),
        ({"x": [1j]}, InvalidType, "`x` is complex128"),
        ({"x": np.zeros(2, [("a", int)])}, InvalidType, "`x` is .*'a'.*hint: give its parts"),
    ],
)
def test_what_is_no_table_has_one_clear_error(columns, error, words):
    with pytest.raises(error, match=words):
        Samples(columns)


@pytest.mark.parametrize(
    ("kinds", "error", "words"),
    [
        ({"year": "discreet"}, UnknownName, "kind 'discreet' of `year`.*hint: did you mean `discrete`"),
        ({"yaer": "discrete"}, UnknownName, "`yaer` is not a column here. hint: did you mean `year`"),
        ({"text": "continuous"}, InvalidType, r"`text` as continuous: it holds <U\d; needed: numbers"),
        ({"category": "mixed"}, InvalidType, "`category` as mixed"),
        ({"flag": "continuous"}, InvalidType, "`flag` as continuous: it holds bool"),
    ],
)
def test_kinds_that_make_no_sense(kinds, error, words):
    columns = {
        "year": [1, 2],
        "text": np.array(["a", "b"]),
        "category": pandas.Categorical([1, 2]),
        "flag": [True, False],
    }
    with pytest.raises(error, match=words):
        Samples(columns, kinds)


@pytest.mark.parametrize(
    ("names", "missing", "error", "words"),
    [
        (["x", "w"], "drop", UnknownName, "`w` is not a column here.*hint: there are `x`, `y`"),
        (["x", "x"], "drop", InvalidValue, "the name `x` occurs twice"),
        ([], "drop", InvalidValue, "the names are"),
        (["x"], "ignore", InvalidValue, "missing='ignore'; needed: 'drop' or 'category'"),
        (["x", "y"], "drop", BadTable, "each of 2 rows lacks `x` or `y`"),
    ],
)
def test_questions_that_make_no_sense(names, missing, error, words):
    with pytest.raises(error, match=words):
        Samples({"x": ["a", None], "y": [None, "b"]}).counts(names, missing)
