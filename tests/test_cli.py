"""The command line: data on standard output, talk on standard error, one line and exit status 2 for bad input."""

import csv
import gzip
import importlib
import io
import json
import math
import os
import pty
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import click
import duckdb
import pytest
from click.testing import CliRunner
from sklearn.metrics import mutual_info_score

from plogp import __version__
from plogp.cli import main
from plogp.errors import EngineFailure
from plogp.result import Result

PENGUINS = str(Path(__file__).parent.parent / "examples" / "penguins.csv")
MEASURE = importlib.import_module("plogp.measure")  # `plogp.measure` is the function
PLOGP = [sys.executable, "-c", "from plogp.cli import main; main(prog_name='plogp')"]


def run(*args, **options):
    """Exit status, standard output and standard error of a command in this process."""
    result = CliRunner().invoke(main, [str(arg) for arg in args], prog_name="plogp", **options)
    return result.exit_code, result.stdout, result.stderr


def measured(*args, **options):
    """The results of `plogp measure … --json`."""
    status, out, err = run("measure", *args, "--json", **options)
    assert (status, err) == (0, "")
    return json.loads(out)


def entropy(*columns):
    """The plug-in H of columns together, in bits."""
    rows = list(zip(*columns, strict=True))
    return -sum(n / len(rows) * math.log2(n / len(rows)) for n in map(rows.count, set(rows)))


def penguins(*names):
    """Columns of the penguins, by Python's own reader."""
    with open(PENGUINS, newline="") as file:
        rows = list(csv.DictReader(file))
    return [[row[name] for row in rows] for name in names]


def test_the_value_is_that_of_scikit_learn():
    [result] = measured(PENGUINS, "I(species;island)", "--estimator", "plug-in")
    assert result["value"] == pytest.approx(mutual_info_score(*penguins("species", "island")) / math.log(2), abs=1e-12)
    assert (result["formula"], result["unit"], result["n"]) == ("I(species;island)", "bits", 344)
    assert result["estimator"] == "plug-in"
    assert result["interval"][0] < result["value"] < result["interval"][1]


def test_every_formula_gets_a_result_in_order_and_rows_without_a_value_are_left_out():
    formulas = ["H(species|island)", "I(species;island|sex)", "TC(species;island;sex)"]
    results = measured(PENGUINS, *formulas, "--estimator", "plug-in", "--no-interval")
    assert [result["formula"] for result in results] == formulas
    assert [result["n_missing"] for result in results] == [0, 11, 11]
    assert [result["interval"] for result in results] == [None] * 3
    known = zip(*(row for row in zip(*penguins("species", "island", "sex"), strict=True) if row[2]), strict=True)
    a, b, c = map(list, known)
    truth = [
        entropy(*penguins("species", "island")) - entropy(*penguins("island")),
        entropy(a, c) + entropy(b, c) - entropy(a, b, c) - entropy(c),
        entropy(a) + entropy(b) + entropy(c) - entropy(a, b, c),
    ]
    assert [result["value"] for result in results] == pytest.approx(truth, abs=1e-12)


def test_each_option_does_what_it_says():
    [bits] = measured(PENGUINS, "H(species)", "--estimator", "plug-in")
    [nats] = measured(PENGUINS, "H(species)", "--estimator", "plug-in", "--unit", "nats")
    assert nats["value"] == pytest.approx(bits["value"] * math.log(2))
    assert nats["unit"] == "nats"
    [wide], [narrow] = (measured(PENGUINS, "H(species)", "--confidence", level) for level in (0.99, 0.5))
    assert wide["interval"][1] - wide["interval"][0] > narrow["interval"][1] - narrow["interval"][0]
    assert (wide["confidence"], narrow["confidence"]) == (0.99, 0.5)
    [shuffled] = measured(PENGUINS, "I(species;sex)", "--permutations", 99, "--seed", 1)
    assert shuffled["p_value"] * 100 == pytest.approx(round(shuffled["p_value"] * 100))
    assert [shuffled] == measured(PENGUINS, "I(species;sex)", "--permutations", 99, "--seed", 1)
    [dropped], [kept] = (measured(PENGUINS, "H(sex)", "--missing", how) for how in ("drop", "category"))
    assert (dropped["n"], dropped["n_missing"], kept["n"], kept["n_missing"]) == (333, 11, 344, 0)
    [discrete] = measured(PENGUINS, "H(body_mass_g)", "--kind", "body_mass_g=discrete")
    assert discrete["n"] == 342


def test_words_for_missing_are_given_by_null(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text("a\n" + "x\nNA\n-\ny\n" * 10)
    assert measured(table, "H(a)")[0]["n"] == 40
    [result] = measured(table, "H(a)", "--null", "NA", "--null", "-")
    assert (result["n"], result["n_missing"]) == (20, 20)


def test_any_format_and_standard_input_give_the_same_result(tmp_path):
    rows = duckdb.sql(f"SELECT species, island FROM read_csv('{PENGUINS}')")
    rows.to_parquet(str(tmp_path / "t.parquet"))
    duckdb.sql(f"COPY (FROM rows) TO '{tmp_path}/t.jsonl.gz' (FORMAT JSON)")
    with sqlite3.connect(tmp_path / "t.db") as connection:
        connection.execute('CREATE TABLE "of; birds" (species TEXT, island TEXT)')
        connection.executemany('INSERT INTO "of; birds" VALUES (?, ?)', rows.fetchall())
    connection.close()
    expected = measured(PENGUINS, "I(species;island)")
    for table in ("t.parquet", "t.jsonl.gz", "t.db::of; birds"):
        assert measured(tmp_path / table, "I(species;island)") == expected
    for content in (Path(PENGUINS).read_bytes(), gzip.compress(Path(PENGUINS).read_bytes())):
        assert measured("-", "I(species;island)", input=content) == expected


def test_a_name_with_spaces_and_signs_goes_in_backticks_and_a_leading_sign_after_two_dashes(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text('"home; town",b=c\n' + "x,1\ny,2\n" * 5)
    [result] = measured(table, "I(`home; town`;`b=c`)", "--estimator", "plug-in", "--kind", "b=c=discrete")
    assert result["value"] == pytest.approx(1.0)
    status, out, _ = run("measure", table, "--estimator", "plug-in", "--json", "--", "-H(`home; town`)")
    assert (status, json.loads(out)[0]["value"]) == (0, pytest.approx(-1.0))


def test_people_get_a_table_and_every_note_in_full():
    status, out, err = run("measure", PENGUINS, "I(species;island)", "H(species|sex)", env={"COLUMNS": None})
    assert (status, err) == (0, "")
    heading, first, second, *notes = out.splitlines()
    assert heading.split() == ["formula", "value", "interval", "p", "n", "estimator"]
    assert first.split("  ")[0] == "I(species;island)"
    assert " bits " in first
    assert "95%" in first
    assert "< 0.001" in first
    assert "344" in first
    assert "333" in second
    results = measured(PENGUINS, "I(species;island)", "H(species|sex)")
    written = "\n".join(notes)
    for result in results:
        for note in result["notes"]:
            assert f"{result['formula']}: {note}" in written or f", {result['formula']}: {note}" in written
    assert "\x1b" not in out


@pytest.mark.parametrize("columns", ["30", "60", "200"])
def test_no_terminal_is_too_narrow_to_say_it_all(columns):
    status, out, _ = run("measure", PENGUINS, "I(species;island|sex)", env={"COLUMNS": columns})
    assert status == 0
    assert max(map(len, out.splitlines())) <= int(columns)
    _, wide, _ = run("measure", PENGUINS, "I(species;island|sex)", env={"COLUMNS": "500"})
    figures = {word for word in wide.split() if word[-1:].isdigit()}
    assert figures
    assert "…" not in out.replace("…", "", wide.count("…"))
    assert all(figure in "".join(out.split()) for figure in figures)


def test_notes_with_brackets_and_control_characters_are_printed_as_they_are(monkeypatch, tmp_path):
    result = Result(value=float("inf"), unit="bits", formula="H([red]\x1b[31m)", notes=("[bold]a\nb",))
    monkeypatch.setattr(MEASURE, "measure", lambda *_, **__: [result])
    status, out, _ = run("measure", PENGUINS, "H(x)")
    assert status == 0
    assert out.splitlines()[1].startswith(r"H([red]\x1b[31m)   inf bits")
    assert r"[bold]a\nb" in out


def test_json_says_what_is_not_finite(monkeypatch):
    result = Result(value=float("-inf"), unit="bits", formula="H(x)", interval=(float("nan"), 1.0), confidence=0.95)
    monkeypatch.setattr(MEASURE, "measure", lambda *_, **__: [result])
    [printed] = measured(PENGUINS, "H(x)")
    assert (printed["value"], printed["infinite"], printed["interval"]) == (None, "-inf", [None, 1.0])


def test_verbose_says_types_engine_and_route_on_standard_error():
    status, out, err = run("measure", PENGUINS, "H(species)", "--json", "--verbose")
    assert (status, len(json.loads(out))) == (0, 1)
    for words in ("engine: DuckDB", "column: species VARCHAR", "column: year BIGINT", "H(species): ", "duckdb"):
        assert words in err


def database(folder):
    path = folder / "t.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("CREATE TABLE survey AS SELECT 1 AS a; CREATE TABLE other AS SELECT [1] AS a")
    return path


BAD_INPUT = {
    # what: (content of t.csv or None, arguments with {t} for the table, words of the error)
    "empty file": ("", "measure {t} H(a)", "is empty; needed: a table"),
    "empty table": ("a,b\n", "measure {t} H(a)", "has no rows"),
    "nothing on standard input": (None, "measure - H(a)", "standard input is empty"),
    "column of nulls": ("a,b\n,1\n,2\n", "measure {t} H(a)", "each of 2 rows lacks `a`"),
    "unknown column": ("species,b\nx,1\ny,2\n", "measure {t} H(speceis)", "hint: did you mean `species`"),
    "column in another case": ("species,b\nx,1\ny,2\n", "measure {t} H(Species)", "hint: did you mean `species`"),
    "duplicate column names": ("a,b,a\n1,2,3\n", "measure {t} H(a)", "column `a` is there twice"),
    "ragged rows": ("a,b\n1,2\n3\n", "measure {t} H(a)", "line 3 of"),
    "wrong encoding": ("a,b\né,2\n".encode("latin-1"), "measure {t} H(b)", "line 2 of"),
    "binary file": (bytes(range(256)), "measure {t} H(a)", "is a binary file"),
    "nested column": (None, "measure {db}::other H(a)", "`a` is nested"),
    "missing file": (
        "a\n1\n",
        "measure {folder}/tt.csv H(a)",
        "no such file; needed: a table. hint: did you mean `t.csv`",
    ),
    "directory": (None, "measure {folder} H(a)", "is a directory"),
    "address": (None, "measure https://example.org/t.csv H(a)", "is a URL"),
    "wildcard": ("a\n1\n", "measure {folder}/*.csv H(a)", "wildcards aren't expanded"),
    "file name with quotes and semicolons": (None, 'measure "a\';DROP TABLE x;--.csv" H(a)', "no such file"),
    "table name with quotes and semicolons": (None, "measure '{db}::a\";DROP TABLE survey;--' H(a)", "no table"),
    "database without a table": (None, "measure {db} H(a)", "database of 2 tables.*`other`, `survey`"),
    "unknown table": (None, "measure {db}::survay H(a)", "hint: did you mean `survey`"),
    "float column, counted": (
        "a\n1.5\n2.5\n",
        "measure {t} H(a) --estimator plug-in",
        "`a` is continuous.*hint: --kind 'a=discrete'",
    ),
    "few floats": ("a\n1.5\n2.5\n", "measure {t} H(a)", "2 observations for k = 5 neighbours"),
    "an infinite number": ("a\n1.5\ninf\n", "measure {t} H(a)", "`a` is infinite in 1 rows, first in row 1"),
    "empty formula": ("a\n1\n2\n", "measure {t} ''", "unexpected end.*needed: a measure"),
    "formula that doesn't parse": ("a\n1\n2\n", "measure {t} 'H(a'", "character"),
    "bare number": ("a\n1\n2\n", "measure {t} 3", "needed: a measure"),
    "H with a semicolon": ("a,b\n1,2\n2,2\n", "measure {t} 'H(a;b)'", "needed: one group in H"),
    "a good formula and a bad one": ("a\n1\n2\n", "measure {t} H(a) H(z)", "`z`"),
    "unknown estimator": ("a\n1\n2\n", "measure {t} H(a) --estimator plugin", "did you mean `plug-in`"),
    "unknown unit": ("a\n1\n2\n", "measure {t} H(a) --unit bit", "did you mean `bits`"),
    "unknown kind": ("a\n1\n2\n", "measure {t} H(a) --kind a=discreet", "did you mean `discrete`"),
    "kind of an unknown column": ("a\n1\n2\n", "measure {t} H(a) --kind z=discrete", "`z` is not a column"),
    "kind without a column": ("a\n1\n2\n", "measure {t} H(a) --kind discrete", "needed: COL=KIND"),
    "confidence of 95": ("a\n1\n2\n", "measure {t} H(a) --confidence 95", "between 0 and 1"),
    "confidence in words": ("a\n1\n2\n", "measure {t} H(a) --confidence high", "not a valid float"),
    "no permutations": ("a\n1\n2\n", "measure {t} H(a) --permutations 0", "--permutations 0; needed: a whole number"),
    "negative seed": ("a\n1\n2\n", "measure {t} H(a) --seed -1", "--seed -1; needed: a whole number"),
    "unknown way with the missing": ("a\n1\n2\n", "measure {t} H(a) --missing impute", "'drop', 'category'"),
    "words for missing in a database": (None, "measure {db}::survey H(a) --null NA", "needed: CSV or TSV"),
    "unknown option": (None, "measure t.csv H(a) --jsn", "hint: did you mean '--json'"),
    "formula that starts with a sign": (None, "measure t.csv -H(a)", "goes after --"),
    "option without its value": (None, "measure t.csv H(a) --unit", "requires an argument"),
    "no formula": (None, "measure t.csv", "missing argument.*FORMULA.*plogp measure --help"),
    "no table": (None, "measure", "missing argument.*TABLE"),
    "unknown command": (None, "mesure t.csv H(a)", "hint: did you mean 'measure'"),
    "no command": (None, "", "missing command.*plogp --help"),
}


@pytest.mark.parametrize("what", BAD_INPUT)
@pytest.mark.parametrize("measure", ["measure", "measure --json"])
def test_bad_input_is_one_line_and_exit_status_2(tmp_path, monkeypatch, what, measure):
    content, line, words = BAD_INPUT[what]
    table, data = tmp_path / "t.csv", database(tmp_path)
    if content is not None:
        table.write_bytes(content.encode() if isinstance(content, str) else content)
    monkeypatch.chdir(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    line = line.format(t=table, db=data, folder=tmp_path).replace("measure", measure, 1)
    status, out, err = run(*shlex.split(line), input=b"")
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert ". hint: " in err
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert re.search(words, err), err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_one_row_and_a_name_on_both_sides_are_measured(tmp_path):
    """There is nothing wrong with them: one row is a result that says so, and I(a;a) is H(a)."""
    table = tmp_path / "t.csv"
    table.write_text("a,b\nx,y\n")
    [result] = measured(table, "I(a;b)")
    assert (result["value"], result["n"], result["p_value"]) == (0, 1, None)
    assert any(note.startswith("one row") for note in result["notes"])
    table.write_text("a,b\n" + "x,1\ny,1\n" * 50)
    values = [result["value"] for result in measured(table, "I(a;a)", "H(a)", "H(a|a)")]
    assert values == pytest.approx([1, 1, 0], abs=0.05)


def test_faults_outside_are_exit_status_1(monkeypatch):
    faults = {
        EngineFailure("DuckDB stopped", hint="free memory"): "error: DuckDB stopped. hint: free memory\n",
        OSError(28, "No space left on device"): "error: No space left on device. hint: is the disk full",
        ZeroDivisionError("by\nzero"): r"error: internal: ZeroDivisionError: by\nzero. hint: please report it",
    }
    for fault, words in faults.items():

        def fail(*_, fault=fault, **__):
            raise fault

        monkeypatch.setattr(MEASURE, "measure", fail)
        status, out, err = run("measure", PENGUINS, "H(species)")
        assert (status, out) == (1, "")
        assert err.startswith(words)
        assert err.count("\n") == 1


def test_a_traceback_is_there_for_who_asks(monkeypatch):
    monkeypatch.setenv("PLOGP_TRACEBACK", "1")
    monkeypatch.setattr(MEASURE, "measure", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        CliRunner().invoke(main, ["measure", PENGUINS, "H(species)"], catch_exceptions=False)


def process(*args, **options):
    """A command in a process of its own."""
    return subprocess.run([*PLOGP, *args], capture_output=True, timeout=120, check=False, **{"text": True} | options)


def test_a_process_reads_standard_input_and_keeps_its_output_pure():
    with open(PENGUINS) as table:
        done = process("measure", "-", "I(species;island)", "--json", "--verbose", stdin=table)
    assert done.returncode == 0
    assert json.loads(done.stdout)[0]["n"] == 344
    assert "column: species VARCHAR" in done.stderr
    closed = subprocess.run(
        f"{shlex.join(PLOGP)} measure - 'H(a)' <&-",
        shell=True,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (closed.returncode, closed.stdout) == (2, "")
    assert closed.stderr.startswith("error: standard input is closed")


def test_a_pipe_that_breaks_and_a_device_that_is_full_end_quietly():
    reader, writer = os.pipe()
    os.close(reader)
    broken = subprocess.run(
        [*PLOGP, "measure", PENGUINS, "H(species)"], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (broken.returncode, broken.stderr) == (1, "")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PLOGP, "measure", PENGUINS, "H(species)"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "error: No space left on device. hint: is the disk full, or the output gone?\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_any_encoding_of_the_output_will_do(encoding):
    options = {"env": os.environ | {"PYTHONIOENCODING": encoding}, "text": False}
    assert process("measure", "-", "H(`naïve σ`)", input="naïve σ\nx\ny\n".encode(), **options).returncode == 0
    assert process("--help", **options).returncode == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_nothing_over(tmp_path, sign):
    """Standard input never ends here, so the command is copying it to its scratch place when the signal comes."""
    with subprocess.Popen(
        [*PLOGP, "measure", "-", "H(a)"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as command:
        command.stdin.write(b"a\n1\n" * 10)
        command.stdin.flush()
        while not list(tmp_path.glob("plogp-*/stream")):
            time.sleep(0.01)
        command.send_signal(sign)
        assert command.wait(timeout=60) == 130
        assert command.stdout.read() == b""
        assert b"Traceback" not in command.stderr.read()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_on_a_terminal_it_says_that_it_compiles(tmp_path):
    """Compiling the kernels into an empty cache takes seconds."""
    terminal, stderr = pty.openpty()
    with subprocess.Popen(
        [*PLOGP, "measure", PENGUINS, "I(species;island)"],
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path), "TERM": "xterm"},
    ) as command:
        os.close(stderr)
        said = io.BytesIO()
        reader = threading.Thread(target=copy_terminal, args=(terminal, said))
        reader.start()
        out = command.stdout.read()
        reader.join()
    assert command.returncode == 0
    assert b"I(species;island)" in out
    assert "compiling (once)…".encode() in said.getvalue()


def copy_terminal(terminal, said):
    """Everything written to a terminal, until it is closed."""
    while True:
        try:
            said.write(os.read(terminal, 1 << 16))
        except OSError:
            return


def test_help_needs_nothing_heavy():
    heavy = {"scipy", "numba", "narwhals", "duckdb", "rich", "pandas", "polars", "plogp.files", "plogp.estimate"}
    code = (
        "import atexit, sys; from plogp.cli import main; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    )
    for args in (["--help"], ["measure", "--help"], ["--version"]):
        done = subprocess.run(
            [sys.executable, "-c", f"{code}; main()", *args], capture_output=True, text=True, check=True
        )
        assert not heavy & set(done.stderr.split())


def test_help_explains_every_option_with_an_example():
    assert run("--version")[:2] == (0, f"plogp {__version__}\n")
    status, out, _ = run("--help")
    assert status == 0
    for name, command in main.commands.items():
        assert name in out
        status, told, _ = run(name, "--help")
        assert status == 0
        for option in command.params:
            if isinstance(option, click.Option) and option.name != "help":
                assert f"Example: {option.opts[0]}" in option.help
                assert option.opts[0] in told
