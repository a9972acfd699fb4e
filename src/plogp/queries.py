"""What is asked of an engine beyond one group-by: many groupings in one pass, and columns cut into bins.

Every query returns counts, or the extent of a column: few rows, however many it reads.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plogp.engines import Column, chosen

if TYPE_CHECKING:
    import narwhals as nw

__all__ = [
    "ENGINES",
    "Query",
    "batches",
    "cells",
    "counted",
    "extent",
    "first",
    "grouping_sets",
    "how_many",
    "split",
    "with_bins",
]

ENGINES = ("duckdb", "pyspark")
"""Engines with grouping sets."""

MOST_COLUMNS = 24
"""Columns of one pass at most; each row that comes back has them all."""

MOST_SETS = 64
"""Groupings of one pass at most; each has a hash table of its own on the engine."""

Group = Sequence[str]
Query = Callable[["nw.LazyFrame[Any]"], "nw.LazyFrame[Any]"]


def batches(groups: Iterable[Group]) -> Iterator[list[Group]]:
    """The groups in the same order, in batches that are small enough for one pass.

    >>> [len(batch) for batch in batches([("x", f"y{i}") for i in range(50)])]
    [23, 23, 4]
    """
    batch: list[Group] = []
    for group in groups:
        if len(batch) == MOST_SETS or len({name for g in (*batch, group) for name in g}) > MOST_COLUMNS:
            yield batch
            batch = []
        batch.append(group)
    if batch:
        yield batch


def counted(group: Group) -> Query:
    """The labels of a group of keys and the count of each of its cells."""
    import narwhals as nw

    return lambda table: table.group_by(*group).agg(nw.len().alias("n"))


def first(query: Query, most: int) -> Query:
    """One row more than `most` at most of what a query returns, so that more than that many are noticed."""
    return lambda table: query(table).head(most + 1)


def how_many(query: Query) -> Query:
    """How many rows a query returns."""
    import narwhals as nw

    return lambda table: query(table).select(nw.len().alias("n"))


def grouping_sets(keys: Sequence[str], groups: Sequence[Group]) -> Query:
    """For each group of keys its cells: a number for the group, the labels of all keys, and the count."""
    import narwhals as nw

    groups = list({frozenset(group): group for group in groups}.values())  # a set that is asked twice counts twice

    def query(table: "nw.LazyFrame[Any]") -> "nw.LazyFrame[Any]":
        native = table.to_native()
        if table.implementation.is_duckdb():
            sets, named = ", ".join(f"({', '.join(group)})" for group in groups), ", ".join(keys)
            cells = native.aggregate(f"grouping({named}) AS s, {named}, count(*) AS n", f"GROUPING SETS ({sets})")
        else:
            from pyspark.sql import functions

            sets = native.groupingSets([list(group) for group in groups], *keys)
            cells = sets.agg(functions.grouping_id().alias("s"), functions.count("*").alias("n"))
            cells = cells.select("s", *keys, "n")
        known: nw.LazyFrame[Any] = nw.from_native(cells)
        return known

    return query


def split(
    rows: Sequence[Column], keys: Sequence[str], groups: Sequence[Group]
) -> Iterator[tuple[list[Column], NDArray[np.int64]]]:
    """For each group the labels of each of its keys and the counts, from the columns that `grouping_sets` returns.

    The number of a group has bits, the first key's the highest, that are 1 for the keys that it has not.
    """
    sets, *columns, counts = rows
    labels: Mapping[str, Column] = dict(zip(keys, columns, strict=True))
    numbers, counted = np.asarray(sets, np.int64), np.asarray(counts, np.int64)
    for group in groups:
        number = sum(1 << place for place, key in enumerate(reversed(keys)) if key not in group)
        mine = np.flatnonzero(numbers == number)
        yield [chosen(labels[key], mine) for key in group], counted[mine]


def extent(keys: Sequence[str]) -> Query:
    """The least and the greatest number of each key, and how many there are; null and NaN aside."""

    numbers = {key: _number(key) for key in keys}
    asked = [
        value.alias(f"{key}{what}")
        for key, x in numbers.items()
        for what, value in (("l", x.min()), ("h", x.max()), ("n", x.count()))
    ]
    return lambda table: table.select(*asked)


def cells(key: str, low: float, high: float, n_cells: int) -> Query:
    """The least and the greatest number and the count of each of `n_cells` cells from low to high that holds any."""
    import narwhals as nw

    x = nw.col("x")
    place = ((x - low) * (n_cells / (high - low or 1.0))).floor()

    def query(table: "nw.LazyFrame[Any]") -> "nw.LazyFrame[Any]":
        some = table.select(_number(key).alias("x")).filter(x >= low, x <= high).with_columns(place.alias("i"))
        of_each = some.group_by("i").agg(x.min().alias("l"), x.max().alias("h"), nw.len().alias("n"))
        return of_each.select("l", "h", "n")

    return query


def with_bins(table: "nw.LazyFrame[Any]", edges: Mapping[str, Sequence[float]]) -> "nw.LazyFrame[Any]":
    """The table with some keys cut: the outcome of a number is how many edges are below it, missing where it is."""
    import narwhals as nw

    bins = {}
    for key, cuts in edges.items():
        x = nw.col(key).cast(nw.Float64)
        bins[key] = nw.when(~x.is_nan()).then(_bin(x, list(cuts) or [inf], 0))
    return table.with_columns(**bins)


def _bin(x: "nw.Expr", cuts: list[float], least: int) -> Any:
    """How many cuts are below x, and `least` more: by halves, as engines follow one branch of a CASE for each row."""
    import narwhals as nw

    if not cuts:
        return nw.lit(least)
    half = len(cuts) // 2
    lower, upper = _bin(x, cuts[:half], least), _bin(x, cuts[half + 1 :], least + half + 1)
    return nw.when(x <= cuts[half]).then(lower).otherwise(upper)


def _number(key: str) -> "nw.Expr":
    """A key as a number, null where it is NaN."""
    import narwhals as nw

    x = nw.col(key).cast(nw.Float64)
    return nw.when(~x.is_nan()).then(x)
