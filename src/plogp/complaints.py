"""What DuckDB and SQLite complain of, in plogp's words and on one line."""

import csv
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from plogp.errors import BadTable, EngineFailure, PlogpError

__all__ = ["in_plain_words"]

COMPLAINTS = (
    (
        r"Expected Number of Columns: (\d+) Found: (\d+)",
        "has {1} field(s); needed: {0}, as many as there are column names",
        'put a value that holds the delimiter in quotes: "like, this"',
    ),
    (
        "Invalid unicode|invalid UTF-8|decode to UTF-8",
        "is not UTF-8; needed: UTF-8 text",
        "convert it: iconv -f LATIN1 -t UTF-8",
    ),
    ("unterminated quote", "opens a quote that never closes; needed: a pair", 'a quote within quotes is doubled: ""'),
    ("invalid state", "is not regular CSV; needed: quotes in pairs, one kind of line end", "save it as CSV again"),
    ("line size", "is longer than a line of a table can be; needed: lines of less than 2 MB", "is it really a table?"),
    ("non-record JSON", "is not JSON lines; needed: an object with named values a line", 'such as {"x": 1, "y": "a"}'),
    ("duplicate key (.*)", "has the key {0} twice in one object; needed: once", "rename one of them"),
    ("only in case", "has keys that differ only in case; needed: a name of its own for each", "rename one of them"),
    ("Malformed JSON.*?: (.*?)[. ]*$", "is not JSON: {0}; needed: one object a line", "is every line complete?"),
    ("Could not set lock", "is being written by another program; needed: a database at rest", "close it there first"),
    ("GZIP|ZSTD|bytes|orrupt|TProtocol|malformed", "is damaged or cut short; needed: all of it", "copy it again"),
)
"""What an engine's message matches, what we say of the line or the file, and the hint."""


@contextmanager
def in_plain_words(name: str) -> Iterator[None]:
    """A context in which what goes wrong with a table called `name` becomes an error of plogp.

    Raises:
        BadTable: the table can't be read.
        EngineFailure: memory or disk ran out, or the engine died.
        KeyboardInterrupt: DuckDB says in its own way that it came.
    """
    import duckdb

    try:
        yield
    except (duckdb.OutOfMemoryException, duckdb.InternalException, duckdb.FatalException) as error:
        raise EngineFailure(
            f"DuckDB stopped: {_first_line(error)}", hint="free memory or disk and try again"
        ) from error
    except (duckdb.Error, sqlite3.Error, csv.Error) as error:
        raise _plain(error, name) from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def _plain(error: Exception, name: str) -> PlogpError:
    """The complaint in our words, or in the engine's where we have none."""
    text = str(error)
    if "No space left" in text:
        return EngineFailure(f"the disk is full: {_first_line(error)}", hint="free some space and try again")
    if found := re.search(r"CSV Error on Line: (\d+)", text):
        name = f"line {found[1]} of {name}"
    elif found := re.search(r"JSON.* in line (\d+)", text):
        name = f"{name}, near line {found[1]},"
    for pattern, said, hint in COMPLAINTS:
        if found := re.search(pattern, text):
            return BadTable(f"{name} {said.format(*found.groups())}", hint=hint)
    return BadTable(f"{name} can't be read: {_first_line(error)}", hint="is the file complete, and what its name says?")


def _first_line(error: Exception) -> str:
    """The first line of an engine's message, without the kind of error before it."""
    return re.sub(r"^[A-Z][\w ]* Error: ", "", str(error)).split("\n")[0].rstrip(". ")
