"""A file of this machine as a DuckDB relation: CSV, TSV, JSON lines, Parquet, a table of a database, standard input."""

import csv
import os
import re
import shutil
import sqlite3
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO

from plogp.complaints import in_plain_words
from plogp.compression import compression, is_whole
from plogp.errors import BadTable, UnknownName, did_you_mean

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

__all__ = ["kept", "open_table", "split"]

JSON = {".json", ".jsonl", ".ndjson"}
CSV = {".csv", ".tsv", ".tab"}
FORMATS = "CSV, TSV or JSON lines (also .gz or .zst), Parquet, DuckDB or SQLite"


@contextmanager
def open_table(path: str | os.PathLike[str], *, null: Sequence[str] = ()) -> Iterator["DuckDBPyRelation"]:
    """A table as a DuckDB relation, for as long as the context is open.

    Parquet, DuckDB and SQLite files and compression are known by their first bytes, JSON lines and TSV by the name;
    other text is CSV with a header line, whose delimiter is the one of ``, ; tab |`` that is most frequent there. Types
    are those that DuckDB sniffs over the whole file. An empty field is missing. Nothing is written beside the file, and
    nothing is fetched from anywhere.

    Args:
        path: a file, "file.db::table" for a table or view of a DuckDB or SQLite database, or "-" for standard input.
        null: words that mean missing in CSV and TSV, beside the empty field.

    Raises:
        BadTable: a table that can't be read, or has no rows.
        UnknownName: a table that isn't in the database; the nearest is suggested.
        EngineFailure: DuckDB ran out of memory or disk.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "codes.csv")
    ...     _ = file.write_text("code,size\\n007,1\\n012,NA\\n")
    ...     with open_table(file, null=["NA"]) as table:
    ...         print(table.fetchall())
    [('007', 1), ('012', None)]
    """
    import duckdb

    name, table = split(os.fspath(path))
    shown = "standard input" if name == "-" else f"`{name}`"
    with TemporaryDirectory(prefix="plogp-") as scratch, in_plain_words(shown):
        file = _locate(name, scratch)
        config = {
            "temp_directory": scratch,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        database = file.path if file.is_duckdb else ":memory:"
        with closing(duckdb.connect(database, read_only=file.is_duckdb, config=config)) as connection:
            connection.execute("SET enable_progress_bar = false")  # it would go to standard output
            relation = _relation(connection, file, table, null)
            if not relation.limit(1).fetchall():
                raise BadTable(f"{file.name} has no rows; needed: one at least", hint="is it the right table?")
            yield relation


def kept(relation: "DuckDBPyRelation") -> "DuckDBPyRelation":
    """The rows of a relation in a temporary table, for many questions: a CSV would be read again for each."""
    relation.query("read", "CREATE TEMP TABLE kept AS FROM read")
    return relation.query("read", "FROM kept")


@dataclass(frozen=True)
class _File:
    """A file that is there and readable: how to call it, where it is, what its name and its first bytes say it is."""

    name: str
    path: str
    suffix: str
    head: bytes

    @property
    def is_duckdb(self) -> bool:
        return self.head[8:12] == b"DUCK"

    @property
    def compression(self) -> str:
        return compression(self.head)

    @property
    def glob(self) -> str:
        """The path for DuckDB's readers, which take `*`, `?` and `[` for wildcards."""
        return re.sub(r"([*?[])", r"[\1]", self.path)


def split(spec: str) -> tuple[str, str | None]:
    """`file.db::table` as file and table; the file is the longest beginning that exists."""
    parts = spec.split("::")
    for length in range(len(parts), 0, -1):
        if os.path.lexists(file := "::".join(parts[:length])):
            return file, "::".join(parts[length:]) or None
    return parts[0], "::".join(parts[1:]) or None


def _locate(name: str, scratch: str) -> _File:
    """The file of this name; what can be read only once is copied to `scratch` first."""
    if name == "-":
        if sys.stdin is None:
            raise BadTable("standard input is closed; needed: a table on it", hint="pipe one in, or name a file")
        return _opened("standard input", _spool(sys.stdin.buffer, scratch), "")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name):
        raise BadTable(f"`{name}` is a URL; needed: a file on this machine", hint="download it first")
    try:
        mode = os.stat(name).st_mode
    except (OSError, ValueError) as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else str(error)
        raise BadTable(f"`{name}` can't be opened: {reason}; needed: a table", hint=_nearest(name)) from error
    if stat.S_ISREG(mode):
        suffixes = [s for s in Path(name.lower()).suffixes if s not in {".gz", ".zst"}]
        return _opened(f"`{name}`", os.path.abspath(name), suffixes[-1] if suffixes else "")
    if stat.S_ISFIFO(mode):
        with open(name, "rb") as stream:
            return _opened(f"`{name}`", _spool(stream, scratch), "")
    kind = "a directory" if stat.S_ISDIR(mode) else "a device"
    raise BadTable(f"`{name}` is {kind}; needed: a file", hint=f"name one file: {FORMATS}")


def _spool(stream: BinaryIO, scratch: str) -> str:
    """A copy of the stream in a file, since a table is read more than once."""
    path = os.path.join(scratch, "stream")
    with open(path, "wb") as file:
        shutil.copyfileobj(stream, file)
    return path


def _opened(name: str, path: str, suffix: str) -> _File:
    """The file with its first bytes."""
    try:
        with open(path, "rb") as file:
            head = file.read(1 << 16)
    except PermissionError as error:
        raise BadTable(
            f"{name} can't be opened: permission denied; needed: a file that may be read", hint="whose is it?"
        ) from error
    if not head:
        raise BadTable(f"{name} is empty; needed: a table", hint=f"a table is {FORMATS}")
    return _File(name, path, suffix, head)


def _nearest(name: str) -> str:
    """What to do about a file that isn't there."""
    if re.search(r"[*?[]", name):
        return "wildcards aren't expanded here: name one file"
    folder = Path(name).parent
    return did_you_mean(Path(name).name, os.listdir(folder)) if folder.is_dir() else f"there is no folder `{folder}`"


def _relation(
    connection: "DuckDBPyConnection", file: _File, table: str | None, null: Sequence[str]
) -> "DuckDBPyRelation":
    """The table, read as what the file is."""
    format_ = _format(connection, file)
    if table is not None and format_ not in {"duckdb", "sqlite"}:
        raise BadTable(
            f"{file.name} is not a database, so `{table}` can't be a table of it; needed: DuckDB or SQLite before `::`",
            hint=f"leave out `::{table}`",
        )
    if null and format_ != "csv":
        raise BadTable(
            f"{file.name} says itself what is missing, and words for it came: {', '.join(null)}; needed: CSV or TSV",
            hint="leave the words out",
        )
    match format_:
        case "duckdb":
            return _duckdb_table(connection, file, table)
        case "sqlite":
            return _sqlite_table(connection, file, table)
        case "parquet":
            return _parquet(connection, file)
        case "json":
            return _json(connection, file)
    return _csv(connection, file, null)


def _format(connection: "DuckDBPyConnection", file: _File) -> str:
    """What the file is: by its first bytes; if it is text by its name; by its first character where that is silent."""
    if file.is_duckdb:
        return "duckdb"
    if file.head.startswith(b"SQLite format 3\0"):
        return "sqlite"
    if file.head.startswith(b"PAR1"):
        return "parquet"
    _refuse_binary(file)
    if file.suffix in JSON | CSV:
        return "json" if file.suffix in JSON else "csv"
    return "json" if _first_line(connection, file).lstrip().startswith(("{", "[")) else "csv"


def _refuse_binary(file: _File) -> None:
    """Refuse what is no text, and damage that DuckDB wouldn't see."""
    if not is_whole(file.path, file.compression):
        raise BadTable(f"{file.name} is damaged or cut short; needed: all of it", hint="copy it again")
    if file.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadTable(f"{file.name} is UTF-16 text; needed: UTF-8", hint="convert it: iconv -f UTF-16 -t UTF-8")
    if file.compression == "uncompressed" and b"\0" in file.head:
        raise BadTable(
            f"{file.name} is a binary file of an unknown kind; needed: a table", hint=f"a table is {FORMATS}"
        )


def _first_line(connection: "DuckDBPyConnection", file: _File) -> str:
    """The first line, uncompressed."""
    options = {"header": False, "auto_detect": False, "sep": "\x01", "quotechar": "", "escapechar": ""}
    lines = connection.read_csv(file.glob, columns={"line": "VARCHAR"}, compression=file.compression, **options)
    first = lines.limit(1).fetchall()
    if not first:
        raise BadTable(f"{file.name} is empty; needed: a table", hint=f"a table is {FORMATS}")
    return first[0][0] or ""


def _csv(connection: "DuckDBPyConnection", file: _File, null: Sequence[str]) -> "DuckDBPyRelation":
    """CSV or TSV with a header line, of the types that DuckDB sniffs over the whole file."""
    header = _first_line(connection, file)
    delimiter = "\t" if file.suffix in {".tsv", ".tab"} else _delimiter(header)
    names = _header(header, delimiter, file)
    dialect = {"quotechar": '"', "escapechar": '"', "comment": "", "compression": file.compression}
    options = {"auto_detect": False, "header": True, "sep": delimiter, "na_values": ["", *null], **dialect}
    text = connection.read_csv(file.glob, columns=dict.fromkeys(names, "VARCHAR"), hive_partitioning=False, **options)
    text.aggregate("count(COLUMNS(*))").fetchall()  # reads it all, so that a bad row anywhere is an error with its line
    sniffed, date_format, timestamp_format = connection.execute(
        "SELECT Columns, DateFormat, TimestampFormat FROM sniff_csv(?, delim = ?, nullstr = ?, compression = ?, "
        "header = true, quote = '\"', escape = '\"', comment = '', skip = 0, sample_size = -1)",
        [file.glob, delimiter, ["", *null], file.compression],
    ).fetchall()[0]
    types = {name: column["type"] for name, column in zip(names, sniffed, strict=True)}
    formats = {"date_format": date_format, "timestamp_format": timestamp_format}
    return connection.read_csv(file.glob, columns=types, hive_partitioning=False, **options, **formats)


def _delimiter(header: str) -> str:
    """The delimiter that is most frequent in the header line, outside quotes."""
    unquoted = re.sub(r'"[^"]*"', "", header)
    return max(",;\t|", key=unquoted.count)


def _header(line: str, delimiter: str, file: _File) -> list[str]:
    """The column names; one that is empty, as spreadsheets and R leave it over row numbers, is `column0` or so."""
    if not line.strip() or line.count('"') % 2:
        raise BadTable(
            f"line 1 of {file.name} is not a line of column names; needed: CSV with a header",
            hint="put the names on the first line, with no line break within a name",
        )
    fields = next(csv.reader([line], delimiter=delimiter))
    return _distinct([field.strip() or f"column{i}" for i, field in enumerate(fields)], file)


def _distinct(names: Sequence[str], file: _File) -> list[str]:
    """The names, which DuckDB takes for the same if they differ only in case."""
    seen: dict[str, str] = {}
    for name in names:
        if other := seen.get(name.lower()):
            what = f"column `{name}` is there twice" if name == other else f"`{other}` and `{name}` differ only in case"
            raise BadTable(f"{what} in {file.name}; needed: a name of its own for each", hint="rename one of them")
        seen[name.lower()] = name
    return list(names)


def _json(connection: "DuckDBPyConnection", file: _File) -> "DuckDBPyRelation":
    """JSON lines: an object a line, a column for each key that occurs."""
    return connection.read_json(
        file.glob,
        compression=file.compression,
        sample_size=-1,
        records="true",
        map_inference_threshold=-1,
        hive_partitioning=False,
    )


def _parquet(connection: "DuckDBPyConnection", file: _File) -> "DuckDBPyRelation":
    """Parquet, whose repeated names DuckDB would change, as they are in the file."""
    schema = connection.execute("SELECT name, num_children FROM parquet_schema(?)", [file.glob]).fetchall()
    top, nested = [], 0
    for name, children in schema[1:]:  # depth first, the root before all
        if nested:
            nested -= 1
        else:
            top.append(name)
        nested += children or 0
    _distinct(top, file)
    return connection.read_parquet(file.glob, hive_partitioning=False)


def _duckdb_table(connection: "DuckDBPyConnection", file: _File, table: str | None) -> "DuckDBPyRelation":
    """A table or view; one of another schema than `main` is called `schema.table`."""
    listed = connection.execute(
        "SELECT table_catalog, table_schema, table_name FROM information_schema.tables ORDER BY ALL"
    ).fetchall()
    tables = {
        name if schema == "main" else f"{schema}.{name}": (catalog, schema, name) for catalog, schema, name in listed
    }
    return connection.sql(f"FROM {'.'.join(map(_quoted, tables[_chosen(table, list(tables), file)]))}")


def _sqlite_table(connection: "DuckDBPyConnection", file: _File, table: str | None) -> "DuckDBPyRelation":
    """A table or view, copied into DuckDB in batches, each column in the narrowest type that holds what is stored."""
    # Reading a write-ahead database leaves files beside it, unless it is declared immutable, which it is without a log.
    immutable = file.head[18:19] == b"\x02" and not os.path.exists(f"{file.path}-wal")
    uri = f"{Path(file.path).as_uri()}?mode=ro{'&immutable=1' if immutable else ''}"
    with closing(sqlite3.connect(uri, uri=True)) as source:
        listed = source.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite^_%' ESCAPE '^' "
            "ORDER BY name"
        )
        rows = _quoted(_chosen(table, [name for (name,) in listed], file))
        names = _distinct([c[0] for c in source.execute(f"SELECT * FROM {rows} LIMIT 0").description], file)
        stored = ", ".join(f"group_concat(DISTINCT typeof({_quoted(name)}))" for name in names)
        types = [_duckdb_type(kinds or "") for kinds in source.execute(f"SELECT {stored} FROM {rows}").fetchone()]
        columns = ", ".join(f"{_quoted(name)} {type_}" for name, type_ in zip(names, types, strict=True))
        connection.execute(f"CREATE TABLE copied ({columns})")
        insert = f"INSERT INTO copied SELECT {', '.join(f'unnest(?::{type_}[])' for type_ in types)}"
        texts = (
            f"CAST({_quoted(name)} AS TEXT)" if type_ == "VARCHAR" else _quoted(name)
            for name, type_ in zip(names, types, strict=True)
        )
        cursor = source.execute(f"SELECT {', '.join(texts)} FROM {rows}")
        while batch := cursor.fetchmany(50_000):
            connection.execute(insert, [list(column) for column in zip(*batch, strict=True)])
    return connection.table("copied")


def _duckdb_type(kinds: str) -> str:
    """The type for what SQLite stores in a column: any value may be of any kind there, and mixtures become text."""
    found = set(kinds.split(",")) - {"null", ""}
    if not found <= {"integer", "real"}:
        return "BLOB" if found == {"blob"} else "VARCHAR"
    return "DOUBLE" if "real" in found else "BIGINT" if found else "VARCHAR"


def _chosen(table: str | None, listed: Sequence[str], file: _File) -> str:
    """The table that was asked for, if it is there."""
    if table is not None and table in listed:
        return table
    if not listed:
        raise BadTable(f"{file.name} is a database without tables; needed: one table", hint="is it the right file?")
    if table is None:
        raise BadTable(
            f"{file.name} is a database of {len(listed)} tables; needed: which of them",
            hint=f"write ::{listed[0]} after the file name; {did_you_mean('', listed)}",
        )
    raise UnknownName(f"there is no table `{table}` in {file.name}", hint=did_you_mean(table, listed))


def _quoted(name: str) -> str:
    """An identifier for SQL."""
    return '"' + name.replace('"', '""') + '"'
