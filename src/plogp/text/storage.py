"""Tables and models on disk: Parquet and JSON, through DuckDB. Never pickle."""

import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from plogp.errors import BadText
from plogp.writing import replacing

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

__all__ = ["HINT", "VERSION", "checked", "database", "load_model", "quoted", "save_model"]

VERSION = 1
HINT = "is it a file that plogp has written?"
Tables = Mapping[str, Mapping[str, Any]]


@contextmanager
def database() -> Iterator["DuckDBPyConnection"]:
    """A database in memory, for as long as the context is open, that fetches nothing."""
    import duckdb

    config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with closing(duckdb.connect(config=config)) as connection:
        yield connection


def quoted(text: str | os.PathLike[str]) -> str:
    """A text for SQL."""
    return "'" + os.fspath(text).replace("'", "''") + "'"


def checked(meta: Any, kind: str, path: str | os.PathLike[str]) -> dict[str, Any]:
    """What a file says of itself, if it's of this kind and of a version that is known.

    Raises:
        BadText: it isn't.
    """
    if not isinstance(meta, dict) or meta.get("format") != kind:
        raise BadText(f"`{os.fspath(path)}` is not a file of {kind}; needed: one", hint=HINT)
    if meta.get("version") != VERSION:
        raise BadText(
            f"`{os.fspath(path)}` is {kind} of version {meta.get('version')}; needed: {VERSION}",
            hint="read it with the plogp that wrote it",
        )
    return meta


def save_model(path: str | os.PathLike[str], kind: str, meta: Mapping[str, Any], tables: Tables) -> None:
    """Write a zip of model.json and a Parquet file for each table."""
    with (
        replacing(path) as beside,
        zipfile.ZipFile(beside, "w") as archive,
        TemporaryDirectory() as folder,
        database() as connection,
    ):
        archive.writestr("model.json", json.dumps({"format": kind, "version": VERSION, **meta}, indent=1))
        for name, columns in tables.items():
            connection.register("columns", dict(columns))
            file = os.path.join(folder, f"{name}.parquet")
            connection.execute(f"COPY columns TO {quoted(file)} (FORMAT parquet, COMPRESSION zstd)")
            archive.write(file, f"{name}.parquet")


def load_model(path: str | os.PathLike[str], kind: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Read a zip that `save_model` has written.

    Raises:
        BadText: a file that isn't one.
    """
    import duckdb

    tables = {}
    try:
        with zipfile.ZipFile(path) as archive, TemporaryDirectory() as folder, database() as connection:
            meta = checked(json.loads(archive.read("model.json")), kind, path)
            for member in archive.namelist():
                if member.endswith(".parquet"):
                    file = os.path.join(folder, "table.parquet")
                    Path(file).write_bytes(archive.read(member))
                    found = connection.sql(f"FROM {quoted(file)}").fetchnumpy()
                    tables[member.removesuffix(".parquet")] = {
                        name: np.asarray(column) for name, column in found.items()
                    }
    except FileNotFoundError as error:
        raise BadText(f"there is no file `{os.fspath(path)}`", hint="is the name right?") from error
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, duckdb.Error) as error:
        if isinstance(error, BadText):
            raise
        raise BadText(f"`{os.fspath(path)}` is not a file of {kind}: {error}; needed: one", hint=HINT) from error
    return meta, tables
