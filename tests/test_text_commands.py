"""plogp collocations and plogp senses: data on standard output, talk on standard error, one line for bad input."""

import contextlib
import gzip
import json
import math
import os
import pty
import re
import subprocess
import sys

import pytest
from click.testing import CliRunner

from plogp.cli import main
from plogp.text import SenseModel, collocations

PLOGP = [sys.executable, "-c", "from plogp.cli import main; main(prog_name='plogp')"]
TEXT = "New York is big. I love New York. The big apple is New York. New shoes, new ideas.\n" * 5
EXAMPLES = """context,sense
"Amazon opened a new e-commerce warehouse and hired drivers",company
"Shares of Amazon rose after its technology unit reported profits",company
"Customers buy books online at Amazon every day",company
"The online shop Amazon cut the price of its tablet",company
"Amazon workers at the warehouse asked for higher pay",company
"The Amazon rain forest is home to tropical birds",forest
"Smoke over the Amazon: trees burn in the dry season",forest
"Deforestation in the Amazon basin reached a record, and the rain stayed away",forest
"Rangers fight fires in the tropical forest of the Amazon",forest
"Rivers of the Amazon flood the forest each year",forest
"""


def run(*args, **options):
    """Exit status, standard output and standard error of a command in this process."""
    result = CliRunner().invoke(main, [str(arg) for arg in args], prog_name="plogp", **options)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def text(tmp_path):
    (tmp_path / "text.txt").write_text(TEXT)
    return tmp_path / "text.txt"


@pytest.fixture
def model(tmp_path):
    (tmp_path / "examples.csv").write_text(EXAMPLES)
    status, out, err = run(
        "senses", "fit", tmp_path / "examples.csv", "--text", "context", "--sense", "sense", "-o", tmp_path / "model"
    )
    assert (status, out) == (0, "")
    assert err == "10 examples of 2 senses; about: amazon\n"
    return tmp_path / "model"


def test_collocations_are_those_of_the_library(text):
    status, out, err = run("collocations", text, "--measure", "llr", "--min-count", "2", "--json")
    assert (status, err) == (0, "")
    want = collocations(text, "llr", min_count=2).to_dicts()
    assert [{k: v for k, v in row.items() if k not in {"measure", "unit", "n"}} for row in json.loads(out)] == want
    assert json.loads(out)[0]["left"] == "new"
    assert json.loads(out)[0]["measure"] == "llr"


def test_collocations_for_people(text):
    status, out, _ = run("collocations", text, "--top", "2")
    head, first, _ = out.splitlines()
    assert status == 0
    assert head.split() == ["left", "right", "npmi", "low", "count", "expected", "p", "q"]
    assert first.split()[:2] == ["big", "apple"]


@pytest.mark.parametrize("options", [["--window", "3"], ["--window", "document", "--lines"], ["--borders", "none"]])
def test_windows(text, options):
    status, out, err = run("collocations", text, "--min-count", "1", *options)
    assert (status, err) == (0, "")
    assert len(out.splitlines()) > 5


def test_standard_input_and_several_files(tmp_path, text):
    (tmp_path / "more.gz").write_bytes(gzip.compress(TEXT.encode()))
    both = json.loads(run("collocations", text, tmp_path / "more.gz", "--json")[1])
    wild = json.loads(run("collocations", tmp_path / "*[tz]*", "--json")[1])
    piped = json.loads(run("collocations", "-", "--json", input=TEXT * 2)[1])
    assert both == wild
    assert [row["count"] for row in both] == [row["count"] for row in piped]


def test_senses_are_predicted_line_by_line(model, tmp_path):
    lines = "Amazon is on fire: tropical trees burn\n\nAmazon sells books online\n"
    status, out, err = run("senses", "predict", model, input=lines)
    assert (status, err) == (0, "")
    assert [line.split()[1] for line in out.splitlines()] == ["forest", "company", "company"]
    (tmp_path / "lines").write_text(lines.rstrip())
    rows = json.loads(run("senses", "predict", model, tmp_path / "lines", "--json")[1])
    assert [row["sense"] for row in rows] == ["forest", "company", "company"]
    assert rows[0]["probabilities"]["forest"] == rows[0]["probability"]
    assert rows[0]["probability"] == pytest.approx(SenseModel.load(model).predict_proba([lines.split("\n")[0]])[0, 1])


def test_senses_are_explained(model):
    status, out, _ = run("senses", "explain", model, "Amazon", "is on fire: the tropical forest burns")
    assert status == 0
    assert out.startswith("forest: p = 0.")
    assert "bits  tropical" in out
    why = json.loads(run("senses", "explain", model, "tropical Amazon", "--json")[1])
    total = why["prior_bits"] + sum(bits for _, bits in why["cues"])
    assert total == pytest.approx(math.log2(why["probability"] / (1 - why["probability"])))


def test_a_model_takes_the_options(tmp_path):
    (tmp_path / "examples.csv").write_text(EXAMPLES)
    given = ["--method", "pmi", "--window", "7", "--word", "amazon", "--word", "Amazons"]
    columns = ["--text", "context", "--sense", "sense"]
    assert run("senses", "fit", tmp_path / "examples.csv", *columns, *given, "-o", tmp_path / "m")[0] == 0
    model = SenseModel.load(tmp_path / "m")
    assert (model.method, model.window, model.words_) == ("pmi", 7, ("Amazons", "amazon", "amazons"))


BAD = {
    "no file": (["collocations", "nowhere.txt"], "there is no file 'nowhere.txt'"),
    "not UTF-8": (["collocations", "latin"], "byte 0xe9 at offset 3"),
    "measure": (["collocations", "text", "--measure", "pni"], "measure='pni'.* did you mean `pmi`"),
    "window": (["collocations", "text", "--window", "x"], "'x' came; needed: bigram, document or a number"),
    "count": (["collocations", "text", "--min-count", "99"], "no pair occurs 99 times; the most frequent 1"),
    "no model": (["senses", "predict", "text"], "`text` is not a file of plogp.SenseModel"),
    "no column": (
        ["senses", "fit", "csv", "--text", "contex", "--sense", "sense", "-o", "m"],
        "did you mean `context`",
    ),
    "missing": (
        ["senses", "fit", "holes", "--text", "a", "--sense", "b", "-o", "m"],
        "`b` is missing in row 2 of `holes`",
    ),
    "one sense": (["senses", "fit", "one", "--text", "a", "--sense", "b", "-o", "m"], "the only sense is y"),
    "itself": (["senses", "fit", "csv", "--text", "context", "--sense", "sense", "-o", "csv"], "is the table itself"),
    "no folder": (
        ["senses", "fit", "csv", "--text", "context", "--sense", "sense", "-o", "no/m"],
        "there is no folder `.*no`",
    ),
    "no line": (["senses", "predict", "model", "empty"], "there is no line in the text"),
    "no command": (["senses", "preduct"], "no such command 'preduct'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_status_2(tmp_path, monkeypatch, model, case):
    monkeypatch.chdir(tmp_path)
    for name, content in {
        "text": "a b", "csv": EXAMPLES, "holes": "a,b\nx,y\nz,\n", "one": "a,b\nx,y\nz,y\n", "empty": ""
    }.items():  # fmt: skip
        (tmp_path / name).write_text(content)
    (tmp_path / "latin").write_bytes("café au lait".encode("latin-1"))
    arguments, message = BAD[case]
    before = sorted(os.listdir())
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("error: ")
    assert "hint: " in err
    assert re.search(message, err)
    assert sorted(os.listdir()) == before


def test_progress_only_on_a_terminal(text):
    """Data stays clean on standard output; the bar shows on a terminal and nowhere else."""
    quiet = subprocess.run([*PLOGP, "collocations", text, "--json"], capture_output=True, text=True, check=True)
    assert quiet.stderr == ""
    leader, follower = pty.openpty()
    command = [*PLOGP, "collocations", text, "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=follower, text=True) as process:
        os.close(follower)
        shown = b""
        with contextlib.suppress(OSError):  # a terminal that nobody writes to any more
            while part := os.read(leader, 1 << 12):
                shown += part
        assert process.stdout.read() == quiet.stdout
    os.close(leader)
    assert b"reading" in shown


@pytest.mark.parametrize("command", [["collocations"], ["senses"], ["senses", "fit"], ["senses", "explain"]])
def test_help_has_an_example(command):
    status, out, _ = run(*command, "--help")
    assert status == 0
    assert "Example" in out
