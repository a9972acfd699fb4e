"""Files: every format gives the same table, types lose nothing, and what can't be read is refused in plain words."""

import datetime
import gzip
import io
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plogp.errors import BadTable, EngineFailure, UnknownName
from plogp.files import kept, open_table

ROWS = [("a", 1, 0.5), ("b;,\t|", 2, None), (None, 3, -1.25), ('say "hé"', None, 2.0)]


def read(path, **options):
    """Columns, types and rows."""
    with open_table(path, **options) as table:
        return table.columns, [str(t) for t in table.types], table.fetchall()


@pytest.fixture
def write(tmp_path):
    """A function that writes a file and says where it is."""

    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture(autouse=True)
def scratch(tmp_path_factory, monkeypatch):
    """A scratch place of our own, which must be empty again."""
    folder = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def stdin(monkeypatch):
    """A function that puts bytes on standard input."""
    return lambda content: monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def make(folder, kind):
    """The same table in a file of some kind."""
    path = folder / f"table.{kind}"
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE rows (word VARCHAR, whole BIGINT, real DOUBLE)")
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", ROWS)
        if kind == "duckdb":
            connection.execute(f"ATTACH '{path}' AS made; CREATE TABLE made.rows AS FROM rows; DETACH made")
            return f"{path}::rows"
        if kind == "sqlite":
            with sqlite3.connect(path) as made:
                made.execute("CREATE TABLE rows (word TEXT, whole, real REAL)")
                made.executemany("INSERT INTO rows VALUES (?, ?, ?)", ROWS)
            made.close()
            return f"{path}::rows"
        tab = "DELIMITER '\t'," if "tsv" in kind else ""
        form = "PARQUET" if "parquet" in kind else "JSON" if "json" in kind or "ndj" in kind else f"CSV, {tab} HEADER"
        connection.execute(f"COPY rows TO '{path}' (FORMAT {form})")
    return path


TEXT = [f"{kind}{suffix}" for kind in ("csv", "tsv", "jsonl") for suffix in ("", ".gz", ".zst")]


@pytest.mark.parametrize("kind", [*TEXT, "json", "ndjson", "parquet", "duckdb", "sqlite"])
def test_the_same_table_comes_from_every_format(tmp_path, kind):
    path = make(tmp_path, kind)
    before = sorted(os.listdir(tmp_path))
    assert read(path) == (["word", "whole", "real"], ["VARCHAR", "BIGINT", "DOUBLE"], ROWS)
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl", "csv.gz", "csv.zst", "jsonl.gz", "jsonl.zst"])
def test_standard_input_and_a_pipe_are_known_by_their_first_bytes(tmp_path, stdin, kind):
    content = make(tmp_path, kind).read_bytes()
    stdin(content)
    assert read("-")[2] == ROWS
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    assert read(pipe)[2] == ROWS
    writer.join()


def test_a_tab_separated_stream_is_known_by_its_header(tmp_path, stdin):
    stdin(make(tmp_path, "tsv").read_bytes())
    assert read("-")[2] == ROWS


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_of_the_header(write, delimiter):
    path = write("x.csv", f'"a{delimiter * 9}b,;|"{delimiter}c{delimiter}d\n1{delimiter}x y{delimiter}2\n')
    if delimiter == "\t":
        assert read(path)[2] == [(1, "x y", 2)]
    assert read(path)[0][1:] == ["c", "d"]


def test_text_keeps_its_leading_zeros_wherever_they_are(write):
    codes = [*range(100, 150_100), "007"]
    _, types, rows = read(write("codes.csv", "code,n\n" + "".join(f"{code},1\n" for code in codes)))
    assert types == ["VARCHAR", "BIGINT"]
    assert [code for code, _ in rows] == [str(code) for code in codes]
    assert read(write("zeros.csv", "a,b,c,d\n0,00,0.5,-0.5\n1,01,1.5,-1.5\n"))[2] == [
        (0, "00", 0.5, -0.5),
        (1, "01", 1.5, -1.5),
    ]


def test_types_are_sniffed_over_the_whole_file(write):
    late = "".join(f"{i}\n" for i in range(150_000)) + "x\n"
    assert read(write("late.csv", "a\n" + late))[1] == ["VARCHAR"]
    columns = "day,time,flag\n13/02/2020,10:30:00,true\n01/03/2020,11:00:00,false\n"
    _, types, rows = read(write("kinds.csv", columns))
    assert types == ["DATE", "TIME", "BOOLEAN"]
    assert rows[0] == (datetime.date(2020, 2, 13), datetime.time(10, 30), True)


def test_only_the_empty_field_is_missing_unless_words_are_given(write):
    path = write("na.csv", 'a,b\n1,NA\n,null\n3,None\n4,""\n')
    assert read(path)[2] == [(1, "NA"), (None, "null"), (3, "None"), (4, None)]
    assert read(path, null=["NA", "None"])[2] == [(1, None), (None, "null"), (3, None), (4, None)]
    numbers = write("numbers.csv", "a\n1\n-9\nNA\n")
    assert read(numbers, null=["NA", "-9"])[1:] == (["BIGINT"], [(1,), (None,), (None,)])


def test_words_for_missing_are_refused_where_the_format_has_its_own(tmp_path):
    for kind in ("parquet", "jsonl", "duckdb", "sqlite"):
        with pytest.raises(BadTable, match="says itself what is missing"):
            read(make(tmp_path, kind), null=["NA"])


def test_nothing_is_taken_for_a_comment_and_no_line_is_skipped(write):
    assert read(write("hash.csv", "a,b\n#1,x\n2,#y\n"))[2] == [("#1", "x"), ("2", "#y")]


def test_a_column_without_a_name_gets_one(write):
    assert read(write("r.csv", '"",x,\n1,a,2\n'))[0] == ["column0", "x", "column2"]


def test_a_byte_order_mark_and_any_line_end_will_do(write):
    for text in ("\ufeffa,b\nx,1\n", "a,b\r\nx,1\r\n", "a,b\rx,1\r", "a,b\nx,1", 'a,"b"\n"x",1\n', "a , b\nx,1\n"):
        assert read(write("x.csv", text)) == (["a", "b"], ["VARCHAR", "BIGINT"], [("x", 1)])


@pytest.mark.parametrize(
    "name", ["a'b\";DROP TABLE x;--.csv", "[1]*?.csv", "~x.csv", "a::b.csv", "year=1999.csv", "x%20.é"]
)
def test_any_file_name_is_taken_literally(write, name):
    write("1xx.csv", "a\nanother\n")
    assert read(write(name, "a\n1\n"))[2] == [(1,)]
    os.mkdir(folder := write("here", "").with_name("year=2000"))
    Path(folder, name).write_text("a\n2\n")
    assert read(folder / name)[::2] == (["a"], [(2,)])


def test_a_relative_path_starts_here(write, monkeypatch):
    monkeypatch.chdir(write("x.csv", "a\n1\n").parent)
    assert read("x.csv")[2] == [(1,)]


TABLES = (
    'CREATE TABLE "a""b;--" AS SELECT 1 AS "x"";y"; CREATE VIEW seen AS SELECT * FROM "a""b;--"; CREATE TABLE w(z INT);'
)


def test_tables_and_views_of_duckdb_are_named_whatever_they_are(tmp_path):
    with duckdb.connect(tmp_path / "main.db") as connection:
        connection.execute(
            TABLES + "CREATE SCHEMA other; CREATE TABLE other.t AS SELECT 2 AS z; INSERT INTO w VALUES (3)"
        )
    before = (tmp_path / "main.db").read_bytes()
    assert read(f'{tmp_path}/main.db::a"b;--')[::2] == (['x";y'], [(1,)])
    assert read(f"{tmp_path}/main.db::seen")[2] == [(1,)]
    assert read(f"{tmp_path}/main.db::other.t")[2] == [(2,)]
    with pytest.raises(BadTable, match=r"database of 4 tables.*::a\"b;--.*`seen`.*`other.t`"):
        read(tmp_path / "main.db")
    with pytest.raises(UnknownName, match=r"no table `sen`.*did you mean `seen`"):
        read(f"{tmp_path}/main.db::sen")
    assert os.listdir(tmp_path) == ["main.db"]
    assert (tmp_path / "main.db").read_bytes() == before


@pytest.mark.parametrize("journal", ["delete", "wal"])
def test_tables_and_views_of_sqlite_are_named_whatever_they_are(tmp_path, journal):
    connection = sqlite3.connect(tmp_path / "x?.db")
    connection.executescript(f"PRAGMA journal_mode={journal}; {TABLES} INSERT INTO w VALUES (3)")
    connection.close()
    assert read(f'{tmp_path}/x?.db::a"b;--')[::2] == (['x";y'], [(1,)])
    assert read(f"{tmp_path}/x?.db::seen")[2] == [(1,)]
    with pytest.raises(BadTable, match=r"database of 3 tables.*`seen`, `w`"):
        read(tmp_path / "x?.db")
    with pytest.raises(UnknownName, match="no table `sqlite_master`"):
        read(f"{tmp_path}/x?.db::sqlite_master")
    assert os.listdir(tmp_path) == ["x?.db"]


def test_sqlite_sees_what_a_writer_has_committed(tmp_path):
    writer = sqlite3.connect(tmp_path / "x.db", autocommit=True) if sys.version_info >= (3, 12) else None
    writer = writer or sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    writer.executescript("PRAGMA journal_mode=wal; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)")
    assert read(f"{tmp_path}/x.db::t")[2] == [(1,), (2,)]
    writer.close()


@pytest.mark.parametrize(
    ("values", "type_", "read_as"),
    [
        ([1, 2**62, None], "BIGINT", [1, 2**62, None]),
        ([1, 2.5], "DOUBLE", [1.0, 2.5]),
        ([1, "x", 2.5], "VARCHAR", ["1", "x", "2.5"]),
        (["007", "a\0b"], "VARCHAR", ["007", "a\0b"]),
        ([b"\xff\x00", None], "BLOB", [b"\xff\x00", None]),
        ([None, None], "VARCHAR", [None, None]),
    ],
)
def test_sqlite_values_keep_what_they_are(tmp_path, values, type_, read_as):
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE t (v)")
    connection.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    connection.commit()
    connection.close()
    assert read(f"{tmp_path}/x.db::t")[1:] == ([type_], [(value,) for value in read_as])


def test_sqlite_is_copied_whole_in_batches(tmp_path):
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("CREATE TABLE t (a, b)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", ((i, str(i)) for i in range(120_001)))
    connection.commit()
    connection.close()
    with open_table(f"{tmp_path}/x.db::t") as table:
        assert table.aggregate("count(*), sum(a), count(DISTINCT b)").fetchall() == [
            (120_001, 120_000 * 60_000 + 60_000, 120_001)
        ]


def test_json_lines_hold_nested_values_missing_keys_and_text_that_looks_like_numbers(write):
    lines = [{"a": "007", "b": {"c": 1}}, {"a": "x", "d": [1, 2]}, {"a": None, "b": {"c": 2}}]
    columns, types, rows = read(write("x.jsonl", "\n".join(map(json.dumps, lines))))
    assert columns == ["a", "b", "d"]
    assert types == ["VARCHAR", "STRUCT(c BIGINT)", "BIGINT[]"]
    assert rows[0] == ("007", {"c": 1}, None)


def test_nothing_is_installed_loaded_or_fetched(write):
    with open_table(write("x.csv", "a\n1\n")) as table:
        settings = table.query("t", "SELECT name, value FROM duckdb_settings() WHERE name LIKE 'auto%known_extensions'")
        assert dict(settings.fetchall()) == {
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }


CSV = b"a,b\n" + b"".join(b"%d,x\n" % i for i in range(20_000))
GZ = gzip.compress(CSV)


@pytest.fixture
def zst(tmp_path):
    """200,000 rows of CSV in Zstandard."""
    path = tmp_path / "made.csv.zst"
    with duckdb.connect() as connection:
        rows = connection.sql("SELECT range AS a, range * 7919 % 10007 AS b FROM range(200000)")
        rows.to_csv(str(path), header=True, compression="zstd")
    return path.read_bytes()


def parquet(*names):
    """A Parquet file of one row with these names."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_arrays([pa.array([i]) for i in range(len(names))], names=list(names)), sink)
    return sink.getvalue()


REFUSED = [
    ("x.csv", b"", "is empty"),
    ("x.csv", b"a,b\n", "has no rows; needed: one at least"),
    ("x.csv", b"\n\na,b\n1,2\n", "line 1 of .* is not a line of column names"),
    ("x.csv", b'"a\nb",c\n1,2\n', "line 1 of .* is not a line of column names"),
    ("x.csv", b"a,b,a\n1,2,3\n", "column `a` is there twice"),
    ("x.csv", b"a,b,A\n1,2,3\n", "`a` and `A` differ only in case"),
    ("x.csv", b"a,b,c\n1,2,3\n4,5\n", r"line 3 of `.*` has 2 field.s.; needed: 3"),
    ("x.csv", b"a,b\n1,2\n4,5,6\n", r"line 3 of `.*` has 3 field.s.; needed: 2"),
    ("x.csv", CSV + b"1,2,3\n" + CSV, r"line 20002 of `.*` has 3 field.s.; needed: 2"),
    ("x.csv", "a,b\nx,1\né,2\n".encode("latin-1"), "line 3 of `.*` is not UTF-8"),
    ("x.csv", CSV + b"1,\xe9\n", "line 20002 of `.*` is not UTF-8"),
    ("x.csv", "é,b\nx,1\n".encode("latin-1"), "line 1 of `.*` is not UTF-8"),
    ("x.csv", "a,b\nx,1\n".encode("utf-16"), "is UTF-16 text; needed: UTF-8"),
    ("x.csv", b'a,b\n"x,1\ny,2\n', "line 2 of `.*` opens a quote that never closes"),
    ("x.csv", b"a,b\n" + b"x" * 3_000_000 + b",1\n", "line 2 of `.*` is longer than a line of a table can be"),
    ("x.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "is a binary file"),
    ("x.xlsx", b"PK\x03\x04" + bytes(100), "is a binary file"),
    ("x.duckdb", b"abcdefg\xf0" * 100, "line 1 of `.*` is not UTF-8"),
    ("x.csv.gz", GZ[:-20], "is damaged or cut short"),
    ("x.csv.gz", GZ[:-8] + b"\0" + GZ[-7:], "is damaged or cut short"),
    ("x.csv.gz", GZ[:100] + b"\0" * 9 + GZ[109:], "is damaged or cut short"),
    ("x.csv.gz", gzip.compress(b""), "is empty"),
    ("x.csv.gz", gzip.compress(b"a,b\n1,2,3\n"), "line 2 of .* has 3 field"),
    ("x.jsonl", b'{"a": 1}\n{"a": \n', "near line .* is not JSON"),
    ("x.jsonl", b"hello\n", "is not JSON"),
    ("x.jsonl", b"1\n2\n", "is not JSON lines; needed: an object with named values a line"),
    ("x.jsonl", b"[]", "is not JSON lines"),
    ("x.jsonl", b'{"a": 1, "a": 2}\n', 'has the key "a" twice in one object'),
    ("x.jsonl", b'{"a": 1}\n{"A": 2}\n', "keys that differ only in case"),
    ("x.jsonl", '{"a": "é"}\n'.encode("latin-1"), "is not UTF-8"),
    ("x.parquet", parquet("a", "b", "a"), "column `a` is there twice"),
    ("x.parquet", parquet("a", "b")[:-30], "is damaged or cut short"),
    ("x.parquet", b"PAR1" + b"x" * 100, "is damaged or cut short"),
    ("x.sqlite", b"SQLite format 3\0" + b"x" * 100, "is damaged|can't be read"),
    ("x.duckdb", b"12345678DUCK" + b"x" * 5000, "can't be read|damaged"),
]


@pytest.mark.parametrize(("name", "content", "words"), REFUSED, ids=[f"{i}-{row[0]}" for i, row in enumerate(REFUSED)])
def test_what_cannot_be_read_is_refused_in_one_line(write, name, content, words):
    with pytest.raises(BadTable, match=words) as caught:
        read(path := write(name, content))
    assert name in caught.value.message
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    assert os.listdir(path.parent) == [name]


@pytest.mark.parametrize("cut", [1, 4, 100, 400_000])
def test_a_zst_file_that_is_cut_short_is_refused(write, zst, cut):
    """DuckDB alone reads it as a shorter table."""
    with pytest.raises(BadTable, match="is damaged or cut short"):
        read(write("cut.csv.zst", zst[:-cut]))


def test_several_zst_frames_are_one_table(write, zst):
    skipped = 0x184D2A50.to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
    for content, rows in ((zst, 200_000), (zst + skipped, 200_000), (zst + zst, 400_001)):
        assert len(read(write("x.csv.zst", content))[2]) == rows
    with pytest.raises(BadTable, match="is damaged or cut short"):
        read(write("x.csv.zst", zst + skipped[:-1]))


def test_what_is_no_file_is_refused(tmp_path, write):
    path = write("penguins.csv", "a\n1\n")
    for name, words in {
        f"{tmp_path}/pengins.csv": r"no such file.*did you mean `penguins.csv`",
        f"{tmp_path}/*.csv": "no such file.*wildcards aren't expanded",
        f"{tmp_path}/none/x.csv": "no such file.*no folder",
        f"{path}/x.csv": "Not a directory",
        f"{tmp_path}/{'x' * 300}": "too long",
        "a\0b": "can't be opened",
        f"{tmp_path}": "is a directory; needed: a file",
        "/dev/null": "is a device; needed: a file",
        "https://example.org/x.csv": "is a URL; needed: a file on this machine.*download",
        "s3://bucket/x.parquet": "is a URL",
        f"{path}::t": "is not a database",
        f"{tmp_path}/none.db::t": "no such file",
    }.items():
        with pytest.raises(BadTable, match=words):
            read(name)


def test_a_file_that_may_not_be_read_is_refused(write, monkeypatch):
    path = write("x.csv", "a\n1\n")

    def refuse(*_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(BadTable, match="permission denied; needed: a file that may be read"):
        read(path)


def test_an_empty_or_closed_standard_input_is_refused(stdin, monkeypatch):
    stdin(b"")
    with pytest.raises(BadTable, match="standard input is empty"):
        read("-")
    stdin(b"a,b\n1\n")
    with pytest.raises(BadTable, match=r"line 2 of standard input has 1 field.s.; needed: 2"):
        read("-")
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(BadTable, match="standard input is closed"):
        read("-")


def test_an_empty_database_is_refused(tmp_path):
    duckdb.connect(tmp_path / "x.duckdb").close()
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    connection.executescript("CREATE TABLE t (a); DROP TABLE t")
    connection.close()
    for name in ("x.duckdb", "x.sqlite"):
        with pytest.raises(BadTable, match="is a database without tables"):
            read(tmp_path / name)
    with duckdb.connect(tmp_path / "x.duckdb") as made:
        made.execute("CREATE TABLE t (a INT)")
    with pytest.raises(BadTable, match="has no rows"):
        read(f"{tmp_path}/x.duckdb::t")


def test_a_database_that_is_being_written_is_refused(tmp_path):
    path = tmp_path / "x.duckdb"
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t (a INT)'); print(1); input()"
    command = [sys.executable, "-u", "-c", code, path]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        with pytest.raises(BadTable, match="being written by another program"):
            read(f"{path}::t")
        writer.communicate(b"\n")


def test_faults_outside_are_told_from_bad_tables(write):
    for fault in (duckdb.OutOfMemoryException("x"), duckdb.IOException("IO Error: No space left on device")):
        with pytest.raises(EngineFailure, match="hint"), open_table(write("x.csv", "a\n1\n")):
            raise fault
    with pytest.raises(KeyboardInterrupt), open_table(write("x.csv", "a\n1\n")):
        raise RuntimeError("Query interrupted")
    with pytest.raises(RuntimeError, match="another"), open_table(write("x.csv", "a\n1\n")):
        raise RuntimeError("another")


def test_duckdb_writes_no_progress_among_the_data(write):
    with open_table(write("x.csv", "a\n1\n")) as table:
        assert table.query("t", "SELECT current_setting('enable_progress_bar')").fetchall() == [(False,)]


def test_kept_rows_stay_what_they_are_when_the_file_goes(write):
    path = write("x.csv", "a,b\n1,x\n,y\n")
    with open_table(path) as table:
        rows = kept(table)
        os.unlink(path)
        assert rows.fetchall() == [(1, "x"), (None, "y")]
