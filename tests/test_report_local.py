"""Columns of DuckDB in memory: they are what the engine counts."""

import duckdb
import pytest

from plogp.frames import Table
from plogp.report import local as room
from plogp.report.local import local
from plogp.samples import Samples

ROWS = """SELECT
  CASE i % 7 WHEN 3 THEN NULL ELSE 'text ' || (i % 5) END AS "a text",
  CASE WHEN i % 11 = 0 THEN NULL ELSE i % 4 END AS whole,
  (18446744073709551600 + i % 3)::UBIGINT AS large,
  i % 3 = 0 AS truth,
  DATE '2020-02-29' + (i % 6)::INTEGER AS day,
  TIMESTAMP '2020-02-29 12:00:00.123456' + INTERVAL (i % 2) HOUR AS moment,
  (i % 9)::DECIMAL(9, 2) AS price,
  (CASE i % 2 WHEN 0 THEN 'x' ELSE 'y' END)::ENUM('z', 'y', 'x') AS choice,
  NULL::VARCHAR AS nothing,
  NULL::INTEGER AS no_number,
  CASE i % 13 WHEN 0 THEN NULL WHEN 1 THEN 'nan'::DOUBLE ELSE sin(i) END AS sine,
  sqrt(i)::FLOAT AS root
FROM range(200) t(i)"""
DISCRETE = ("a text", "whole", "large", "truth", "day", "moment", "price", "choice", "nothing", "no_number")


@pytest.fixture
def relation():
    with duckdb.connect() as connection:
        yield connection.sql(ROWS)


@pytest.mark.parametrize("name", DISCRETE)
def test_a_discrete_column_has_the_outcomes_and_counts_of_the_engine(relation, name):
    table = Table(relation)
    here = local(relation, table, table.names)
    assert isinstance(here, Samples)
    assert here.kinds == table.kinds
    there = {label: n for label, n in table.counts([name], "category")[0].to_dict().items() if n}
    assert {label: n for label, n in here.counts([name], "category")[0].to_dict().items() if n} == there
    assert [type(label) for label in here.counts([name], "category")[0].outcomes[name]][:1] == [
        type(label) for label in table.counts([name], "category")[0].outcomes[name]
    ][:1]
    pairs = [
        {cell: n for cell, n in held.counts([name, "choice"], "category")[0].to_dict().items() if n}
        for held in (here, table)
        if name != "choice"
    ]
    assert pairs[:1] == pairs[1:]


@pytest.mark.parametrize("name", ["sine", "root"])
def test_a_continuous_column_has_its_numbers_and_nan_where_it_is_missing(relation, name):
    table = Table(relation)
    here = local(relation, table, ["whole", name])
    assert here.names == ("whole", name)
    numbers = relation.project(f'"{name}"::DOUBLE').fetchall()
    want = [x for (x,) in numbers if x is not None and x == x]
    found = here.numbers(name)
    assert found[found == found].tolist() == want
    assert len(found) == 200


def test_a_nested_column_is_left_to_the_engine_to_refuse(relation):
    nested = relation.project("*, [1, 2] AS list")
    assert "list" not in local(nested, Table(nested), ["whole", "list"]).names


def test_what_cannot_be_held_is_counted_where_it_is(relation, monkeypatch):
    zoned = relation.project("*, TIMESTAMPTZ '2020-01-01 00:00:00+00' AS zoned")
    floats = Table(relation, kinds={"root": "discrete"})
    broken = relation.project("error('no such thing')::INTEGER AS x")
    for source, table, names in (
        (zoned, Table(zoned), ["whole", "zoned"]),
        (relation, floats, ["root"]),
        (relation.limit(0), Table(relation.limit(0)), ["whole"]),
        ("not a relation", Table(relation), ["whole"]),
        (broken, Table(broken), ["x"]),
    ):
        assert local(source, table, names) is table
    monkeypatch.setattr(room, "MOST", 300)
    table = Table(relation)
    assert local(relation, table, ["whole", "day"]) is table
    assert isinstance(local(relation, table, ["whole"]), Samples)
