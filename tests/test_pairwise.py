"""Matrices, rankings and synergies: against `plogp.measure` pair by pair, against scikit-learn, and on every engine."""

import math
import re
from itertools import combinations
from pathlib import Path

import duckdb
import numpy as np
import pandas
import polars
import pyarrow
import pytest
from sklearn.metrics import mutual_info_score

import plogp as pp
from plogp import engines, frames
from plogp.errors import EngineFailure, InvalidType, InvalidValue, UnknownName
from plogp.pairwise import Ranking, mutual_information_matrix, rank, redundancy, synergy
from plogp.pairwise.ranking import benjamini_hochberg

NAN = float("nan")
ROWS = 300


def table(n=ROWS):
    """Discrete columns with and without gaps, and two continuous ones."""
    rng = np.random.default_rng(1)
    x = rng.integers(0, 3, n)
    noisy = np.where(rng.random(n) < 0.3, rng.integers(0, 3, n), x)
    real = np.round(x + rng.normal(size=n), 3)
    return {
        "x": x.tolist(),
        "noisy": [None if u < 0.1 else f"level {v}" for u, v in zip(rng.random(n), noisy, strict=True)],
        "other.one": rng.integers(0, 5, n).tolist(),
        "real": [None if u < 0.05 else v for u, v in zip(rng.random(n), real.tolist(), strict=True)],
        "skew": np.exp(3 * rng.normal(size=n)).tolist(),
        "flat": [0.5] * n,
    }


DISCRETE = ("x", "noisy", "other.one")


# The matrix


@pytest.mark.parametrize("missing", ["drop", "category"])
@pytest.mark.parametrize("estimator", ["auto", "plug-in", "grassberger"])
def test_each_value_is_that_of_measure(missing, estimator):
    data = {name: table()[name] for name in DISCRETE}
    matrix = mutual_information_matrix(data, missing=missing, estimator=estimator, p_values=True, unit="nats")
    for i, a in enumerate(DISCRETE):
        for j, b in enumerate(DISCRETE):
            formula = f"I(`{a}`;`{b}`)" if a != b else f"H(`{a}`)"
            result = pp.measure(formula, data, missing=missing, estimator=estimator, unit="nats")
            assert matrix.values[i, j] == pytest.approx(result.value, abs=1e-11)
            p = NAN if result.p_value is None else result.p_value
            assert matrix.p_values[i, j] == pytest.approx(p, abs=1e-10, nan_ok=True)


def test_plug_in_is_scikit_learn():
    rng = np.random.default_rng(0)
    data = {f"x{i}": rng.integers(0, 2 + i, 2000) for i in range(8)}
    matrix = mutual_information_matrix(data, estimator="plug-in", unit="nats")
    for i, j in combinations(range(8), 2):
        assert abs(matrix.values[i, j] - mutual_info_score(data[f"x{i}"], data[f"x{j}"])) < 1e-10


def test_every_engine_says_the_same(frame):
    data = table()
    held = mutual_information_matrix(pandas.DataFrame(data), continuous="bins", p_values=True)
    matrix = mutual_information_matrix(frame(data), continuous="bins", p_values=True)
    assert matrix.columns == held.columns == tuple(data)
    assert np.allclose(matrix.values, held.values, rtol=0, atol=1e-12)
    assert np.allclose(matrix.p_values, held.p_values, rtol=1e-9, atol=1e-12, equal_nan=True)
    assert matrix.n == ROWS
    assert "`real` 7, `skew` 7, `flat` 1" in matrix.notes[0]


def test_a_matrix_is_an_array_with_names():
    matrix = mutual_information_matrix({name: table()[name] for name in DISCRETE})
    assert np.asarray(matrix).shape == (3, 3)
    assert np.asarray(matrix, dtype=np.float32).dtype == np.float32
    assert matrix["x", "noisy"] == matrix["noisy", "x"] == matrix.values[0, 1]
    assert matrix.p_values is None
    assert repr(matrix) == "<Mutual information of 3 columns in bits: n = 300>"
    with pytest.raises(UnknownName, match=r"`y` is not a column here. hint: there are `x`"):
        matrix["x", "y"]


def test_the_dataframe_is_of_the_library_that_came():
    data = {name: table()[name] for name in DISCRETE}
    values = mutual_information_matrix(data).values
    assert mutual_information_matrix(data).to_dataframe()["noisy"].tolist() == values[1].tolist()
    frame = mutual_information_matrix(pandas.DataFrame(data)).to_dataframe()
    assert frame.loc["x", "noisy"] == values[0, 1]
    assert mutual_information_matrix(polars.DataFrame(data)).to_dataframe()["x"].to_list() == values[0].tolist()
    assert mutual_information_matrix(polars.LazyFrame(data)).to_dataframe().columns == ["column", *DISCRETE]
    assert mutual_information_matrix(pyarrow.table(data)).to_dataframe()["column"].to_pylist() == list(DISCRETE)
    assert isinstance(mutual_information_matrix(duckdb.from_arrow(pyarrow.table(data))).to_dataframe(), dict)


def test_pairs_with_gaps_are_measured_on_the_rows_that_have_both():
    data = {"x": [0, 1, 0, 1, None, 0], "y": [0, 1, 0, 1, 1, None]}
    matrix = mutual_information_matrix(data, estimator="plug-in")
    assert matrix["x", "y"] == pytest.approx(1.0)
    assert matrix.notes == ("missing values in `x`, `y`: each pair is measured on the rows that have both",)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_texts_without_a_gap_aren_t_said_to_have_one(library):
    frame = {"pandas": pandas, "polars": polars}[library].DataFrame({"x": list("abab"), "y": list("ccdd")})
    matrix = mutual_information_matrix(frame, estimator="plug-in")
    assert matrix.notes == ()
    assert np.asarray(matrix).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_what_cannot_be_measured_leaves_the_rest_and_says_why():
    """An identifier beside a continuous column, and a column of too few values, are no reason to refuse a table."""
    rng = np.random.default_rng(0)
    few = np.full(100, np.nan)
    few[:3] = rng.normal(size=3)
    table = {"x": rng.normal(size=100), "id": np.arange(100), "few": few, "y": np.arange(100) % 2}
    matrix = mutual_information_matrix(table)
    assert np.isnan([matrix["x", "id"], matrix["few", "few"], matrix["x", "few"]]).all()
    assert np.isfinite([matrix["x", "y"], matrix["x", "x"], matrix["id", "y"]]).all()
    assert matrix.notes[:2] == (
        "`few` could not be measured: 3 observations for k = 5 neighbours; needed: more than k",
        "`x;id` could not be measured: 100 outcomes of 100 observations; needed: one at least that occurs twice",
    )
    by_nsb = mutual_information_matrix({"id": table["id"], "y": table["y"]}, estimator="nsb")
    assert np.isnan(by_nsb["id", "y"])
    assert np.isfinite(by_nsb["y", "y"])
    assert any(note.startswith("`id` could not be measured: no outcome was seen twice") for note in by_nsb.notes)
    ranking = rank(table, target="x")
    assert [row.column for row in ranking.rows] == ["y"]
    assert any(note.startswith("`id` could not be measured: 100 outcomes") for note in ranking.notes)
    assert any(note.startswith("`few` could not be measured: 3 observations") for note in ranking.notes)


@pytest.mark.parametrize("engine", ["dict", "duckdb"])
def test_a_column_without_values_is_named_and_has_none(engine):
    data = {"x": [1, 2, 1, 2], "void": pyarrow.nulls(4, pyarrow.int64()), "y": [1, 2, 2, 2]}
    source = duckdb.from_arrow(pyarrow.table(data)) if engine == "duckdb" else data | {"void": [None] * 4}
    matrix = mutual_information_matrix(source)
    assert np.isnan(matrix.values[1]).all()
    assert not np.isnan(matrix["x", "y"])
    assert any("`void` could not be measured" in note for note in matrix.notes)


def test_columns_of_many_outcomes_are_counted_sparsely():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 5000, 20_000)
    data = {"x": x, "y": x // 2, "z": x % 3}
    matrix = mutual_information_matrix(data)
    for a, b in combinations(data, 2):
        assert matrix[a, b] == pytest.approx(pp.measure(f"I({a};{b})", data, confidence=None).value, abs=1e-11)


def test_too_many_columns_are_refused_with_their_cost():
    rows = pandas.DataFrame(np.zeros((2, 5000), int), columns=[f"x{i}" for i in range(5000)])
    words = r"5,000 columns have 12,497,500 pairs, whose matrix takes 200,000,000 bytes; needed: 4,096 .* plogp.rank"
    with pytest.raises(InvalidValue, match=words):
        mutual_information_matrix(rows)
    assert len(rank(rows[["x1", "x2"]].assign(y=[0, 1]), "y")) == 2


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ([1, 2], InvalidType, "the table is list; needed: a dataframe or a dict of arrays"),
        (pp.Counts([[1, 2], [3, 4]], names=("x", "y")), InvalidType, "the table is Counts.*plogp.measure takes Counts"),
        (polars.DataFrame({"x": [[1], [2]], "y": [1, 2]}), InvalidType, "`x` is nested .* needed: one value a row"),
        ({"x": [1.0, math.inf], "y": [1, 2]}, InvalidValue, "`x` holds inf; needed: finite numbers"),
    ],
)
def test_what_is_no_table_is_refused(source, error, words):
    with pytest.raises(error, match=words):
        mutual_information_matrix(source, continuous="bins")
    with pytest.raises(error, match=words):
        rank(source, "y", continuous="bins")


def test_choices_that_there_are_not_are_refused():
    data = {"x": [1, 2], "y": [1, 2]}
    for choice in ({"missing": "keep"}, {"continuous": "sample"}):
        with pytest.raises(
            InvalidValue, match=r"needed: 'drop' or 'category'|needed: 'auto' or 'neighbours' or 'bins'"
        ):
            mutual_information_matrix(data, **choice)
    with pytest.raises(UnknownName, match="did you mean `plug-in`"):
        mutual_information_matrix(data, estimator="plugin")
    with pytest.raises(UnknownName, match="did you mean `bits`"):
        rank(data, "y", unit="bit")


def test_a_fault_of_the_engine_is_passed_on():
    bad = duckdb.sql("SELECT i % 3 AS x, CASE WHEN i = 7 THEN error('the disk is gone') END AS y FROM range(9) t(i)")
    with pytest.raises(EngineFailure, match=r"duckdb failed: .*the disk is gone"):
        mutual_information_matrix(bad)


def test_a_cancelled_job_stops_at_once():
    def stop(done, of):
        raise KeyboardInterrupt

    rng = np.random.default_rng(0)
    with pytest.raises(KeyboardInterrupt):
        mutual_information_matrix({f"x{i}": rng.integers(0, 9, 99) for i in range(99)}, progress=stop)


def test_progress_is_told():
    told = []
    rng = np.random.default_rng(0)
    data = {f"x{i}": rng.integers(0, 9, 99) for i in range(50)}
    mutual_information_matrix(data, progress=lambda done, of: told.append((done, of)))
    assert told[-1][0] == told[-1][1] == len(told)
    rank(data, "x0", progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (49, 49)


# Continuous columns


def mixed(n=400):
    rng = np.random.default_rng(2)
    x = rng.normal(size=n)
    return {
        "x": x,
        "y": x + rng.normal(size=n),
        "noise": rng.normal(size=n),
        "label": np.where(x + rng.normal(size=n) > 0, "high", "low"),
        "rounded": np.round(x, 1),
    }


def test_columns_in_memory_are_measured_as_they_are_unless_they_repeat_their_values():
    data = mixed()
    matrix = mutual_information_matrix(data, p_values=True)
    for a, b in combinations(("x", "y", "noise", "label"), 2):
        assert matrix[a, b] == pytest.approx(pp.measure(f"I({a};{b})", data, confidence=None).value)
    assert matrix["x", "x"] == pytest.approx(pp.measure("H(x)", data, confidence=None).value)
    binned = mutual_information_matrix(data, continuous="bins", p_values=True)
    assert matrix["label", "rounded"] == binned["label", "rounded"]
    assert matrix.notes == ("continuous columns are cut into quantile bins, ∛n of them, 64 at most: `rounded` 7",)
    assert np.allclose(matrix.p_values, binned.p_values, equal_nan=True)
    asked = mutual_information_matrix(data, continuous="neighbours")
    assert asked["label", "rounded"] == pytest.approx(pp.measure("I(label;rounded)", data, confidence=None).value)


def test_a_ranking_of_continuous_columns_has_intervals_and_p_values():
    data = {name: column for name, column in mixed().items() if name != "rounded"}
    ranking = rank(data, "label")
    assert [row.column for row in ranking] == ["x", "y", "noise"]
    for row in ranking:
        result = pp.measure(f"I({row.column};label)", data)
        assert (row.value, row.interval) == (pytest.approx(result.value), pytest.approx(result.interval))
    assert ranking[0].p_value < 1e-6 < 0.05 < ranking[2].p_value
    assert "p-values and `adds` of continuous columns are those of ∛n quantile bins, 64 at most" in ranking.notes
    real = rank(data, "x")
    assert [row.share for row in real] == [None] * 3
    assert real[0].value == pytest.approx(pp.measure("I(y;x)", data, confidence=None).value)


def test_neighbours_on_an_engine_are_measured_on_rows_and_say_so(monkeypatch):
    data = {name: column for name, column in mixed().items() if name != "rounded"}
    relation = duckdb.from_arrow(pyarrow.table(data))
    ranking = rank(relation, "label", continuous="neighbours")
    assert [row.value for row in ranking] == pytest.approx([row.value for row in rank(data, "label")])
    assert ranking.notes[0] == "neighbours need rows: rows of duckdb"
    monkeypatch.setattr(engines, "MOST_ROWS", 100)
    drawn = rank(relation, "label", continuous="neighbours", seed=3)
    assert "rows drawn from 400, seed 3 of duckdb" in drawn.notes[0]
    assert 60 < drawn.n < 140


def test_p_values_of_bins_are_uniform_without_dependence():
    rng = np.random.default_rng(0)
    data = {f"x{i}": rng.standard_cauchy(300) for i in range(25)}
    p = mutual_information_matrix(data, continuous="bins", p_values=True).p_values[np.triu_indices(25, 1)]
    assert abs(np.mean(p < 0.05) - 0.05) < 0.03
    assert abs(np.mean(p < 0.5) - 0.5) < 0.09


# What crosses from an engine


@pytest.mark.parametrize("engine", ["duckdb", "polars-lazy", "ibis", pytest.param("pyspark", marks=pytest.mark.spark)])
def test_only_counts_come_back(engine, request, monkeypatch):
    """However many rows there are, what is fetched has a row a cell, and few queries are asked."""
    from conftest import FrameMaker

    rng = np.random.default_rng(0)
    data = {f"x{i}": rng.integers(0, 3, 5000).tolist() for i in range(6)} | {"real": rng.normal(size=5000).tolist()}
    fetched = []
    fetch = frames.Table.fetch

    def counted(self, asked):
        found = fetch(self, asked)
        fetched.append(sum(len(columns[0]) for columns in found))
        return found

    monkeypatch.setattr(frames.Table, "fetch", counted)
    monkeypatch.setattr(frames.Table, "_count_rows", None)
    mutual_information_matrix(FrameMaker(engine, request)(data))
    pairs, bins, cells = 15 * 9 + 6 * 3 * 17, 17, 4096
    assert sum(fetched) <= pairs + 6 * 3 + bins + cells + 2 + 3
    assert len(fetched) <= 5  # the row count aside: extent, cells of the bins, and all groupings


def test_duckdb_counts_all_groups_in_one_pass():
    data = pyarrow.table({"x": [1, 2, 2], "y": ["a", None, "a"], "z": [True, False, True]})
    groups = [("x",), ("x", "y"), ("z", "y"), ("x", "y", "z"), ("y", "x"), ("x",)]  # one of them twice
    several = frames.Table(duckdb.from_arrow(data)).several(groups, "category")
    for group, (counts, _) in zip(groups, several, strict=True):
        assert counts == frames.Table(data).counts(group, "category")[0]


@pytest.mark.parametrize(
    "engine", ["duckdb", "polars-lazy", "ibis", "dask", pytest.param("pyspark", marks=pytest.mark.spark)]
)
def test_more_cells_than_can_come_are_refused_with_their_number(engine, request, monkeypatch):
    from conftest import FrameMaker

    monkeypatch.setattr(frames, "MOST_CELLS", 50)
    monkeypatch.setattr(frames, "MOST_TOGETHER", 50)
    few, many = [i % 5 for i in range(300)], [i % 60 for i in range(300)]
    frame = FrameMaker(engine, request)({"few": few, "many": many, "t": [i % 2 for i in few]})
    assert pp.measure("I(few;t)", frame).n == 300
    for call in (
        lambda: pp.measure("I(many;t)", frame),
        lambda: mutual_information_matrix(frame),
        lambda: rank(frame, "t"),
    ):
        with pytest.raises(pp.errors.BadTable, match=r"`many`.* 60 cells that occur; needed: 50 at most") as refused:
            call()
        assert refused.value.hint == "leave out identifiers, and gather rare outcomes or cut numbers into bins"
    counted = mutual_information_matrix(frame, ["few", "t"])
    assert counted["few", "t"] == pytest.approx(pp.measure("I(few;t)", frame).value)


def test_groupings_that_are_too_many_together_come_in_parts(monkeypatch):
    monkeypatch.setattr(frames, "MOST_TOGETHER", 9)
    data = pyarrow.table({name: [(i * k) % 7 % 3 for i in range(40)] for k, name in enumerate("abcde", start=1)})
    lazy, held = (mutual_information_matrix(table) for table in (duckdb.from_arrow(data), data))
    assert np.allclose(lazy, held, rtol=1e-12, atol=1e-12)


def test_an_engine_is_asked_for_what_a_column_adds_and_not_for_tables_in_vain(monkeypatch):
    """Each column adds something, so that no table of those after it may be counted with those before."""
    rng = np.random.default_rng(0)
    parts = rng.integers(0, 2, (5, 4000))
    data = pyarrow.table({f"x{i}": part for i, part in enumerate(parts)} | {"t": parts.sum(axis=0)})
    asked, several = [], frames.Table.several
    monkeypatch.setattr(
        frames.Table, "several", lambda self, groups, *rest: asked.extend(groups) or several(self, groups, *rest)
    )
    ranking = rank(duckdb.from_arrow(data), "t", confidence=None)
    assert all(row.adds > 0.1 for row in ranking)
    assert max(map(len, asked)) == 6
    assert sum(len(group) > 2 for group in asked) <= 2 * 4


# The ranking


def test_ranks_and_results_are_those_of_measure():
    data = {name: table()[name] for name in DISCRETE}
    ranking = rank(data, "x", unit="nats")
    assert [row.column for row in ranking] == ["noisy", "other.one"]
    entropy = pp.measure("H(x)", data, unit="nats").value
    for row in ranking:
        result = pp.measure(f"I(`{row.column}`;x)", data, unit="nats")
        assert (row.value, row.interval) == (pytest.approx(result.value), pytest.approx(result.interval))
        assert row.share == pytest.approx(result.value / entropy)
        assert row.result.notes == result.notes
    p = [pp.measure(f"I(`{row.column}`;x)", data).p_value for row in ranking]
    assert [row.p_value for row in ranking] == pytest.approx([2 * p[0], p[1]])


def test_given_is_a_condition():
    data = table()
    ranking = rank(data, "x", given="noisy", columns=["other.one"])
    result = pp.measure("I(`other.one`;x|noisy)", {name: data[name] for name in DISCRETE})
    assert ranking[0].value == pytest.approx(result.value)
    share = result.value / pp.measure("H(x|noisy)", {name: data[name] for name in DISCRETE}).value
    assert ranking[0].share == pytest.approx(share)


def test_dicts_have_these_keys():
    for row in rank({name: table()[name] for name in DISCRETE}, "x").to_dicts():
        assert list(row) == ["column", "value", "share", "interval", "p_value", "adds"]
        assert all(type(number) is float for number in (row["value"], row["share"], row["p_value"], row["adds"]))


def test_a_ranking_prints_as_a_table_and_becomes_a_dataframe():
    ranking = rank(pandas.DataFrame({name: table()[name] for name in DISCRETE}), "x")
    head, first, *_ = str(ranking).splitlines()
    assert head.split() == ["column", "bits", "share", "interval", "p", "adds"]
    assert first.split()[0] == "noisy"
    assert "noisy: 2" in str(ranking)
    frame = ranking.to_dataframe()
    assert list(frame.columns) == ["value", "share", "low", "high", "p_value", "adds"]
    assert frame.loc["noisy", "value"] == ranking[0].value
    assert isinstance(ranking, Ranking)


def test_three_and_three_hundred_levels_that_tell_the_same_rank_the_same():
    """The plug-in estimate of the column of 300 levels is too high by (300 − 1)(3 − 1)/2n nats, .22 bits."""
    rng = np.random.default_rng(0)
    apart = []
    for _ in range(20):
        y = rng.integers(0, 3, 2000)
        few = np.where(rng.random(2000) < 0.5, rng.integers(0, 3, 2000), y)
        many = 100 * np.where(rng.random(2000) < 0.5, rng.integers(0, 3, 2000), y) + rng.integers(0, 100, 2000)
        by_name = {row.column: row for row in rank({"few": few, "many": many, "y": y}, "y")}
        low, high = by_name["many"].interval
        assert by_name["few"].interval[0] < high
        assert low < by_name["few"].interval[1]
        apart.append(by_name["many"].value - by_name["few"].value)
        plug_in = {row.column: row.value for row in rank({"few": few, "many": many, "y": y}, "y", estimator="plug-in")}
        assert plug_in["many"] - plug_in["few"] > 0.1
    assert abs(np.mean(apart)) < 0.03


def test_a_copy_adds_nothing_and_a_second_source_does():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 2, (2, 3000))
    y = a + 2 * b
    noisy = np.where(rng.random(3000) < 0.1, 1 - b, b)
    ranking = rank({"a": a, "copy": a, "b": noisy, "y": y, "noise": rng.integers(0, 4, 3000)}, "y")
    adds = {row.column: row.adds for row in ranking}
    assert [row.column for row in ranking] == ["a", "copy", "b", "noise"]
    assert adds["a"] == pytest.approx(1.0, abs=0.01)
    assert abs(adds["copy"]) < 0.01
    assert adds["b"] == pytest.approx(1 - 0.469, abs=0.05)
    assert abs(adds["noise"]) < 0.01


def test_adds_is_what_conditional_information_says(frame):
    """On a lazy engine many columns ahead are measured in one pass, but the rule is the same."""
    rng = np.random.default_rng(3)
    a, b, c = rng.integers(0, 3, (3, 900))
    data = {"a": a, "b": b, "c": c, "copy": a + 1, "y": a + (rng.random(900) < 0.7) * b}
    data = {name: column.tolist() for name, column in data.items()}
    ranking = rank(frame(data), "y")
    held = []
    for row in ranking:
        condition = f"|{','.join(held)}" if held else ""
        result = pp.measure(f"I({row.column};y{condition})", data)
        assert row.adds == pytest.approx(result.value, abs=1e-12)
        if not held or result.p_value < 0.05:
            held.append(row.column)


def test_adds_ends_where_the_cells_are_too_thin():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 400)
    data = {f"x{i}": np.where(rng.random(400) < 0.3, 0, 10 * y) + rng.integers(0, 10, 400) for i in range(4)}
    ranking = rank(data | {"y": y}, "y")
    assert [row.adds is None for row in ranking] == [False, False, True, True]
    assert "fewer than 3 observations on average" in ranking.notes[-1]


def test_top_shows_the_first_and_tests_all():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 500)
    data = {f"x{i}": np.where(rng.random(500) < 0.8, rng.integers(0, 2, 500), y) for i in range(5)} | {"y": y}
    assert rank(data, "y", top=2).to_dicts() == rank(data, "y").to_dicts()[:2]
    for top in (0, 1.5, True):
        with pytest.raises(InvalidValue, match=f"top={top}; needed: a whole number"):
            rank(data, "y", top=top)


def test_p_values_are_adjusted_as_their_authors_did():
    """The 15 p-values of Benjamini & Hochberg (1995), of which they reject the first four at .05."""
    p = [1e-4, 4e-4, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0]
    adjusted = benjamini_hochberg(p)
    assert [q < 0.05 for q in adjusted] == [True] * 4 + [False] * 11
    assert adjusted[3] == pytest.approx(0.0095 * 15 / 4)
    assert benjamini_hochberg(p[::-1]) == adjusted[::-1]
    assert benjamini_hochberg([]) == []


def test_noise_is_rarely_taken_for_a_signal():
    rng = np.random.default_rng(0)
    found = 0
    for _ in range(40):
        data = {f"x{i}": rng.integers(0, 2 + 3 * i, 200) for i in range(10)} | {"y": rng.integers(0, 3, 200)}
        found += any(row.p_value < 0.05 for row in rank(data, "y", confidence=None))
    assert found <= 6  # 5 % of 40 are expected


@pytest.mark.parametrize(
    ("data", "target", "words"),
    [
        ({"x": [1, 2], "y": [1, 1]}, "y", "the target `y` is constant: there is nothing to tell; needed: two outcomes"),
        ({"x": [1, 2], "y": [None, None]}, "y", "the target `y` has no values; needed: two outcomes"),
        ({"x": [1, 2], "weight": [1, 2]}, "wieght", "`wieght` is not a column here. hint: did you mean `weight`"),
    ],
)
def test_a_target_that_nothing_can_be_told_of_is_refused(data, target, words):
    with pytest.raises((InvalidValue, UnknownName), match=words):
        rank(data, target)


def test_the_target_is_not_ranked_with_itself():
    data = {"x": [1, 2], "y": [1, 2]}
    for choices in ({"columns": ["x", "y"]}, {"given": "y"}, {"columns": ["x"], "given": ["x"]}):
        with pytest.raises(InvalidValue, match="is the target or known already; needed: other columns"):
            rank(data, "y", **choices)


def test_a_column_without_values_is_named_and_left_out():
    ranking = rank({"x": [1, 2, 1, 2], "void": [None] * 4, "y": [1, 2, 2, 2]}, "y")
    assert [row.column for row in ranking] == ["x"]
    assert any("`void` could not be measured" in note for note in ranking.notes)


# Synergy and redundancy


def exclusive(n=3000, noise=0.1):
    rng = np.random.default_rng(7)
    data = {f"x{i}": rng.integers(0, 3, n) for i in range(12)}
    y = (data["x3"] % 2) ^ (data["x8"] % 2)
    return data | {"y": np.where(rng.random(n) < noise, 1 - y, y), "same": data["x3"] // 1}


def test_the_pair_that_only_matters_together_is_found():
    found = synergy(exclusive(), "y", top=3)
    assert set(found[0].columns) in ({"x3", "x8"}, {"x8", "same"})
    result = pp.measure(f"I({found[0].columns[0]};{found[0].columns[1]};y)", exclusive())
    assert found[0].value == pytest.approx(result.value)
    assert found[0].meaning.startswith("synergy: together")
    assert found[0].value == pytest.approx(sum(found[0].alone) - found[0].both, abs=0.02)
    assert [triple.value for triple in found] == sorted(triple.value for triple in found)


@pytest.mark.parametrize("search", [synergy, redundancy])
def test_the_search_finds_what_trying_all_finds(search):
    data = exclusive()
    names = [name for name in data if name != "y"]
    every = {
        pair: pp.measure(f"I({pair[0]};{pair[1]};y)", data, confidence=None).value for pair in combinations(names, 2)
    }
    sign = 1 if search is synergy else -1
    best = sorted(every, key=lambda pair: sign * every[pair])
    found = search(data, "y", top=2)
    assert [triple.columns for triple in found] == best[:2]
    assert "pairs were tried" in found.notes[-1]


def test_what_cannot_matter_is_not_tried():
    """Of 780 pairs of columns few share anything, so few can be redundant."""
    rng = np.random.default_rng(0)
    data = {f"x{i}": rng.integers(0, 2, 4000) for i in range(40)}
    data["y"] = np.where(rng.random(4000) < 0.1, 1 - data["x0"], data["x0"])
    data["x1"] = data["x0"]
    found = redundancy(data, "y", top=1)
    assert found[0].columns == ("x0", "x1")
    assert found.notes[-1].startswith("256 of 780 pairs were tried; no other can reach more than 0")


def test_synergy_on_an_engine_is_that_in_memory(frame):
    data = {name: column.tolist() for name, column in exclusive(600).items() if name in ("x3", "x8", "x1", "y")}
    assert synergy(frame(data), "y", top=2).to_dicts() == synergy(data, "y", top=2).to_dicts()


def test_chance_is_called_chance():
    rng = np.random.default_rng(0)
    found = synergy({"a": rng.integers(0, 2, 500), "b": rng.integers(0, 2, 500), "y": rng.integers(0, 2, 500)}, "y")
    assert found[0].meaning == "`a` and `b`: neither synergy nor redundancy can be told from chance"
    assert str(found).splitlines()[0].startswith("I(a;b;y) = ")


def test_two_columns_are_needed():
    with pytest.raises(InvalidValue, match="1 columns beside `y`, and top=10; needed: two columns"):
        synergy({"x": [1, 2], "y": [1, 2]}, "y")


# The guide


SCALE = Path(__file__).parent.parent / "docs" / "scale.md"


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Dask, on pandas 3.1
@pytest.mark.parametrize("engine", [pytest.param("Spark", marks=pytest.mark.spark), "Dask"])
def test_the_example_of_the_guide_runs(engine, request, tmp_path, capsys):
    if engine == "Spark":
        request.getfixturevalue("spark")  # which the example gets too
    rng = np.random.default_rng(0)
    day = rng.integers(0, 7, 4000)
    trips = {"day": day, "line": rng.integers(0, 4, 4000), "late": rng.random(4000) < 0.1 + 0.1 * (day == 5)}
    polars.DataFrame(trips).write_parquet(file := tmp_path / "trips.parquet")
    [code] = re.findall(rf"^```python with {engine}\n(.*?)^```$", SCALE.read_text(), re.MULTILINE | re.DOTALL)
    exec(code, {"TRIPS": str(file)})
    said = capsys.readouterr().out
    assert str(pp.measure("I(day;late)", trips)) in said
    assert str(rank(trips, "late")) in said
    assert re.search(r"^bits +day +line +late\nday +2\.80", said, re.MULTILINE)


# Counts that were made apart


def test_counts_of_ten_shards_add_up_to_those_of_the_whole(tmp_path):
    rng = np.random.default_rng(0)
    whole = polars.DataFrame({"x": rng.integers(0, 5, 1000), "y": [f"level {k}" for k in rng.integers(0, 3, 1000)]})
    for i in range(10):
        whole[100 * i : 100 * i + 100].write_parquet(tmp_path / f"{i}.parquet")
    shards = [frames.Table(duckdb.read_parquet(str(file))).counts(["x", "y"])[0] for file in tmp_path.iterdir()]
    merged = sum(shards)
    assert merged == frames.Table(whole).counts(["x", "y"])[0]
    assert pp.measure("I(x;y)", merged).value == pp.measure("I(x;y)", whole).value


def test_matrices_and_rankings_show_themselves_in_notebooks():
    table = {"<x&>": [0, 1, 0, 1] * 10, "y_1": [0, 1, 1, 1] * 10}
    matrix, ranking = pp.mutual_information_matrix(table), rank(table, "y_1")
    for shown in (matrix, ranking):
        html, latex = shown._repr_html_(), shown._repr_latex_()
        assert "&lt;x&amp;&gt;" in html
        assert "<x&" not in html
        assert html.count("<tr>") == html.count("</tr>") == (3 if shown is matrix else 2)
        assert latex.startswith(r"$\begin{array}{l")
        assert latex.endswith(r"\end{array}$")
    assert f"<td>{matrix['<x&>', 'y_1']:.3f}</td>" in matrix._repr_html_()
    assert "<td>bits</td>" not in ranking._repr_html_()
    assert "<th>bits</th>" in ranking._repr_html_()
