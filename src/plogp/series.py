"""A column of a dataframe in memory as codes, by its engine's own encoding where it has one."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from plogp.cells import Codes
from plogp.errors import BadTable
from plogp.outcomes import SMALL_RANGE, encode, narrow, ordered

if TYPE_CHECKING:
    import narwhals as nw

__all__ = ["encoded", "too_fine"]

Labels = Sequence[Any]


def encoded(column: "nw.Series[Any]") -> tuple[Codes, Labels] | None:
    """Codes of a column in memory, and the outcomes that they stand for; None where Python must look at each value."""
    if _is_small(column):
        return encode(column.to_numpy())
    if (factorized := _factorize(column)) is None:
        return None
    codes, labels = factorized
    outcomes, places = ordered((*labels, None))
    return places.astype(narrow(len(outcomes)))[codes], outcomes  # -1, the code of a missing value, is the last place


def _is_small(column: "nw.Series[Any]") -> bool:
    """Whether a column holds booleans, or integers that span a small range, and nothing is missing."""
    import narwhals as nw

    if not (column.dtype.is_integer() or column.dtype == nw.Boolean) or column.null_count():
        return False
    return int(column.max()) - int(column.min()) < max(SMALL_RANGE, len(column))


def _factorize(column: "nw.Series[Any]") -> tuple[Codes, list[Any]] | None:
    """The engine's own codes of a column, -1 where missing, and the labels of 0, 1, …; None where it has none."""
    import narwhals as nw

    native, engine = column.to_native(), column.implementation
    if engine.is_pandas() and (native.dtype != object or _holds_texts(native)):
        codes, levels = native.factorize()
        return codes, levels.tolist()
    if engine.is_polars() and column.dtype != nw.Object:
        pl = column.__native_namespace__()
        levels = native.unique().drop_nulls()
        labels = levels.to_list()
        if len(set(labels)) < len(labels):
            raise too_fine(column.name)
        numbers = pl.int_range(len(levels), dtype=pl.Int32, eager=True)
        return native.replace_strict(levels, numbers, default=-1).to_numpy(), labels
    if engine.is_pyarrow():
        encoded = native.dictionary_encode().unify_dictionaries().combine_chunks()
        return encoded.indices.cast("int64").fill_null(-1).to_numpy(), encoded.dictionary.to_pylist()
    return None


def _holds_texts(objects: Any) -> bool:
    """Whether pandas objects are texts, some perhaps missing; among others it may take 1 and True for the same."""
    types = set(map(type, objects.to_numpy()))
    return str in types and types <= {str, float, type(None)}


def too_fine(name: str) -> BadTable:
    return BadTable(
        f"`{name}` has times less than a microsecond apart; needed: times that Python can tell apart",
        hint="cut them to microseconds, or make integers of them",
    )
