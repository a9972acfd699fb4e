"""A table of DuckDB as codes in memory: it is in this process, and pairs are counted many times quicker on codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plogp.outcomes import encode
from plogp.samples import Observations, Samples

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

__all__ = ["local"]

MOST = 200_000_000
"""Values that are brought into memory at most; a larger table is counted where it is."""

NUMBERS = {f"{sign}{size}int" for sign in ("", "u") for size in ("tiny", "small", "", "big")} | {
    "bigint", "boolean", "integer", "ubigint", "uinteger",
}  # fmt: skip
LABELS = {"date", "decimal", "enum", "time", "timestamp", "uuid", "varchar"}
NESTED = {"array", "list", "map", "struct", "union"}


@dataclass(frozen=True)
class Categories:
    """A column that is encoded: -1 is missing."""

    codes: NDArray[np.int64]
    categories: Sequence[Any]


def local(source: object, table: Observations, names: Sequence[str]) -> Observations:
    """Some columns of a DuckDB relation in memory, but for nested ones; the table as it is where that can't be."""
    from duckdb import DuckDBPyRelation, Error

    if not isinstance(source, DuckDBPyRelation):
        return table
    try:
        return _held(source, table, names) or table
    except Error:  # the table says what is wrong
        return table


def _held(source: "DuckDBPyRelation", table: Observations, names: Sequence[str]) -> Samples | None:
    types = {name: str(source.types[table.names.index(name)].id) for name in names}
    flat = [name for name in names if types[name] not in NESTED]
    if not flat or any(not _is_known(table.kinds[name], types[name]) for name in flat):
        return None
    relation = source.project(", ".join(f"#{table.names.index(name) + 1} AS c{i}" for i, name in enumerate(flat)))
    [(n,)] = relation.aggregate("count(*)").fetchall()
    if not 0 < n * len(flat) <= MOST:
        return None
    columns = {}
    for i, name in enumerate(flat):
        column = _column(relation, f"c{i}", table.kinds[name], types[name])
        if column is None:
            return None
        columns[name] = column
    return Samples(columns, {name: table.kinds[name] for name in flat})


def _is_known(kind: str, type_: str) -> bool:
    """Whether a column means here what it means to the engine."""
    return type_ in NUMBERS or (type_ in LABELS if kind == "discrete" else type_ in {"float", "double"})


def _column(relation: "DuckDBPyRelation", key: str, kind: str, type_: str) -> NDArray[np.float64] | Categories | None:
    """Numbers, NaN where missing, or categories; None where the engine's hashes don't tell them apart."""
    if kind != "discrete":
        [numbers] = relation.project(f"coalesce({key}::DOUBLE, 'nan'::DOUBLE)").fetchnumpy().values()
        return np.ma.getdata(numbers)
    asked = key if type_ in NUMBERS else f"CASE WHEN {key} IS NOT NULL THEN hash({key}) END"
    [values] = relation.project(asked).fetchnumpy().values()
    present = ~np.ma.getmaskarray(values)
    whole = np.full(present.size, -1, np.int64)
    if not present.any():
        return Categories(whole, ())
    whole[present], outcomes = encode(np.ma.getdata(values)[present])
    if type_ in NUMBERS:
        return Categories(whole, outcomes)
    labels = relation.filter(f"{key} IS NOT NULL").aggregate(f"hash({key}), any_value({key})", key).fetchall()
    by_hash = dict(labels)
    return Categories(whole, [by_hash[h] for h in outcomes]) if len(by_hash) == len(labels) else None
