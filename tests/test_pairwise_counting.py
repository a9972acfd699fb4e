"""Tables of all pairs: every way of counting against a dictionary, and all estimates against one pair at a time."""

import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plogp import _kernels
from plogp.estimate import CountsSource
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.pairwise import counting
from plogp.pairwise.bins import CELLS, n_bins, parts_of, quantile_edges
from plogp.pairwise.counting import Block, Column, alike, blocks, by_fusion, by_planes, by_rows, count, quickest
from plogp.pairwise.estimates import Estimates
from plogp.pairwise.many import all_pairs, values
from plogp.pairwise.variables import Variables
from plogp.samples import Samples


@pytest.fixture(params=[True, False], ids=["compiled", "NumPy"])
def loops(request, monkeypatch):
    """Both ways of counting rows."""
    monkeypatch.setattr(_kernels, "COMPILED", request.param)
    counting.costs.cache_clear()
    yield request.param
    counting.costs.cache_clear()


def columns(rng, n, sizes):
    return alike([Column(f"x{i}", rng.integers(0, size, n), size) for i, size in enumerate(sizes)])


def by_hand(a, b):
    table = np.zeros((a.size, b.size), np.int64)
    for (u, v), k in Counter(zip(a.codes.tolist(), b.codes.tolist(), strict=True)).items():
        table[u, v] = k
    return table


@pytest.mark.parametrize("way", [by_rows, by_fusion, by_planes])
@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 1000])
@pytest.mark.parametrize("sizes", [(2,), (2, 2), (3, 2, 7), (2, 5, 3, 4, 2)])
def test_every_way_of_counting_is_that_of_a_dictionary(way, n, sizes):
    rng = np.random.default_rng(n)
    one, other = Block(tuple(columns(rng, n, sizes))), Block(tuple(columns(rng, n, (4, 2, 3))))
    table = way(one, other)
    for a, rows in zip(one.columns, one.places, strict=True):
        for b, places in zip(other.columns, other.places, strict=True):
            assert np.array_equal(table[rows, places], by_hand(a, b))


@pytest.mark.parametrize("way", [by_rows, by_fusion, by_planes])
def test_a_block_with_itself_has_the_tables_above_the_diagonal(way):
    block = Block(tuple(columns(np.random.default_rng(0), 500, (3, 5, 2, 4))))
    table = way(block, block)
    for i, a in enumerate(block.columns):
        for j in range(i + 1, 4):
            assert np.array_equal(table[block.places[i], block.places[j]], by_hand(a, block.columns[j]))


def test_codes_of_every_width_are_counted(loops):
    rng = np.random.default_rng(0)
    for size, type_ in ((3, np.uint8), (300, np.uint16), (70_000, np.int32)):
        a, b = Column("a", rng.integers(0, size, 999).astype(type_), size), Column("b", rng.integers(0, 2, 999), 2)
        assert np.array_equal(count(a, b), by_hand(a, b))
        assert np.array_equal(a.margin, np.bincount(a.codes, minlength=size))


def test_planes_are_chosen_for_few_outcomes_and_rows_for_many(monkeypatch):
    rng = np.random.default_rng(0)
    few, many = (Block(tuple(columns(rng, 10_000, (size,) * 4))) for size in (3, 300))
    monkeypatch.setattr(counting, "costs", lambda: (1e-10, 5e-10))
    assert (quickest(few, few), quickest(many, many)) == (by_planes, by_rows)
    monkeypatch.setattr(counting, "costs", lambda: (1e-8, 5e-10))  # a machine without an instruction for it
    assert quickest(few, few) is by_fusion
    monkeypatch.setattr(counting, "costs", lambda: (np.inf, 5e-10))
    assert quickest(few, many) is by_rows


def test_costs_are_measured_and_planes_cost_nothing_without_compiled_loops(loops):
    word, row = counting.costs()
    assert 0 < row < 1e-5
    assert (word < 1e-5) == loops


def test_blocks_hold_all_columns_in_order():
    some = columns(np.random.default_rng(0), 10, (2, 100, 50, 30, 500, 2))
    found = list(blocks(some))
    assert [column.name for block in found for column in block.columns] == [column.name for column in some]
    assert [len(block.columns) for block in found] == [3, 1, 1, 1]


# All at once, against one by one


def one_by_one(samples, formula, estimator):
    counts, _ = samples.counts(Formula(formula).variables)
    return CountsSource(counts, estimator).infer(Formula(formula), Request(confidence=None))


def awkward(n=400):
    """Columns of many shapes: constant, identifier, copies, rare outcomes, many levels, missing values."""
    rng = np.random.default_rng(5)
    base = rng.integers(0, 4, n)
    return {
        "base": base,
        "copy": base + 7,
        "noisy": np.where(rng.random(n) < 0.2, rng.integers(0, 4, n), base),
        "constant": np.full(n, 3),
        "rare": (np.arange(n) == 5).astype(int),
        "half": np.arange(n) % 2,
        "many": rng.integers(0, 60, n),
        "id": rng.permutation(n),
        "twice": np.arange(n) // 2,
        "gaps": [None if u < 0.3 else int(v) for u, v in zip(rng.random(n), base, strict=True)],
        "more gaps": [None if u < 0.5 else str(v) for u, v in zip(rng.random(n), base % 3, strict=True)],
    }


@pytest.mark.parametrize("estimator", ["auto", "plug-in"])
@pytest.mark.parametrize("names", [tuple(awkward()), tuple(awkward())[:9]], ids=["gaps", "no gaps"])
def test_all_pairs_at_once_are_each_pair_by_itself(estimator, names):
    variables = Variables(awkward(), names)
    samples = Samples(awkward())
    some = alike([variables.column(name) for name in names])
    for moments in (False, True):
        pairs, found = all_pairs(some, estimator, moments)
        assert len(pairs) == len(names) * (len(names) - 1) // 2
        p_values = found.p_values if moments else [None] * len(pairs)
        for (i, j), value, p in zip(pairs, found.values, p_values, strict=True):
            a, b = names[i], names[j]
            result = one_by_one(samples, f"I(`{a}`;`{b}`)", estimator)
            assert value == pytest.approx(float(result), abs=1e-11), (a, b)
            if moments:
                assert p == pytest.approx(np.nan if result.p_value is None else result.p_value, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("estimator", ["auto", "plug-in", "chao-shen"])
def test_conditional_information_at_once_is_each_by_itself(estimator):
    data = awkward()
    variables, samples = Variables(data), Samples(data)
    triples = [(a, b, c) for a in data for b in ("noisy", "gaps") for c in ("half", "more gaps", "rare", "many")]
    triples = [triple for triple in triples if len(set(triple)) == 3]
    for (a, b, c), value in zip(triples, values(variables, triples, estimator), strict=True):
        result = one_by_one(samples, f"I(`{a}`;`{b}`|`{c}`)", estimator)
        assert value == pytest.approx(float(result), abs=1e-11), (a, b, c)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 400), st.integers(1, 6), st.integers(1, 6), st.integers(0, 10**6))
def test_any_small_table_at_once_is_itself(n, k, l, seed):
    rng = np.random.default_rng(seed)
    x, y = rng.integers(0, k, n), np.where(rng.random(n) < 0.5, rng.integers(0, l, n), seed % l)
    variables = Variables({"x": x, "y": y})
    _, found = all_pairs(alike([variables.column("x"), variables.column("y")]), "auto", True)
    result = one_by_one(Samples({"x": x, "y": y}), "I(x;y)", "auto")
    assert found.values[0] == pytest.approx(float(result), abs=1e-11)
    assert found.p_values[0] == pytest.approx(
        np.nan if result.p_value is None else result.p_value, rel=1e-6, nan_ok=True
    )


def test_threads_change_nothing(monkeypatch):
    some = columns(np.random.default_rng(0), 3000, [3] * 100)
    found = []
    for threads in (1, 5):
        monkeypatch.setattr("plogp.pairwise.many.processors", lambda threads=threads: threads)
        pairs, estimates = all_pairs(some, "auto")
        found.append((pairs.tolist(), estimates.values.tolist()))
    assert found[0] == found[1]


def test_a_table_with_nothing_in_it_has_no_value():
    assert np.isnan(Estimates(np.zeros((1, 22)), True).values).all()
    assert np.isnan(Estimates(np.zeros((1, 22)), False).values).all()


def test_without_numba_the_loops_run_interpreted_and_say_the_same():
    code = """
import sys
if sys.argv[1] == "without": sys.modules["numba"] = None
import numpy as np
from plogp import _kernels
assert _kernels.COMPILED == (sys.argv[1] == "with")
from plogp.pairwise import mutual_information_matrix
rng = np.random.default_rng(0)
table = {f"x{i}": rng.integers(0, 3, 90) for i in range(3)} | {"gap": [None, 1, 2] * 30}
print(np.asarray(mutual_information_matrix(table)).round(9).tolist())
"""
    said = {
        numba: subprocess.run([sys.executable, "-c", code, numba], capture_output=True, text=True, check=True).stdout
        for numba in ("with", "without")
    }
    assert said["with"] == said["without"] != ""


# Quantile bins


SHAPES = {
    "normal": lambda rng: rng.normal(size=20_000),
    "Cauchy": lambda rng: rng.standard_cauchy(20_000),
    "log-normal": lambda rng: np.exp(8 * rng.normal(size=20_000)),
    "two far clusters": lambda rng: np.concatenate([rng.normal(size=10_000), 1e12 + rng.normal(size=10_000)]),
    "tiny": lambda rng: 1e-300 * rng.random(20_000),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_bins_hold_about_as_many_values_each(shape):
    x = SHAPES[shape](np.random.default_rng(0))
    edges = quantile_edges(parts_of(np.sort(x)), x.min(), x.max(), x.size)
    held = np.bincount(np.searchsorted(edges, x))
    assert len(held) == n_bins(x.size) == 27
    assert np.abs(held * 27 / x.size - 1).max() < 0.15


def test_a_value_of_its_own_beside_a_crowd_stays_in_order():
    """A part that holds one value alone comes right after parts that are cut again."""
    rng = np.random.default_rng(0)
    crowd = 1 + rng.random(6000) * 2e-4
    x = np.sort(np.concatenate([crowd, np.full(2000, 1.0003), rng.random(2000) * CELLS * 1e-4 * 2]))
    edges = quantile_edges(parts_of(x), x[0], x[-1], x.size)
    held = np.bincount(np.searchsorted(edges, x))
    lone = np.searchsorted(edges, 1.0003)
    assert held[lone] >= 2000
    assert np.delete(held, lone).max() <= x.size / n_bins(x.size) * (1 + 1 / 8)


def test_repeated_values_make_fewer_bins_and_integers_their_own():
    x = np.repeat([0.0, 1.0, 2.0], [5000, 3000, 2000])
    assert quantile_edges(parts_of(x), 0.0, 2.0, x.size) == [0.0, 1.0]
    assert quantile_edges(parts_of(np.zeros(9)), 0.0, 0.0, 9) == []


def test_the_number_of_bins_grows_with_n_and_stays_small():
    assert [n_bins(n) for n in (1, 8, 1000, 10**5, 10**6, 10**12)] == [2, 2, 10, 46, 64, 64]
    assert CELLS > 8 * 64
