"""`plogp rank` and `plogp matrix`: what the library says, on standard output; one line and status 2 for bad input."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner

import plogp as pp
from plogp.cli import main

PENGUINS = str(Path(__file__).parent.parent / "examples" / "penguins.csv")
PLOGP = [sys.executable, "-c", "from plogp.cli import main; main(prog_name='plogp')"]


def run(*args, **options):
    """Exit status, standard output and standard error of a command in this process."""
    result = CliRunner().invoke(main, [str(arg) for arg in args], prog_name="plogp", **options)
    return result.exit_code, result.stdout, result.stderr


def test_rank_says_what_the_library_says():
    status, out, err = run("rank", PENGUINS, "--target", "species", "--json")
    assert (status, err) == (0, "")
    assert json.loads(out) == pp.rank(duckdb.read_csv(PENGUINS), "species").to_dicts()
    status, out, _ = run("rank", PENGUINS, "--target", "species")
    assert out.splitlines()[1].split()[0] == "flipper_length_mm"
    assert "cut into quantile bins" in out


def test_rank_takes_what_the_library_takes():
    args = ("--given", "island", "--given", "sex", "--top", 2, "--unit", "nats", "--confidence", 0.9, "--kind")
    status, out, _ = run("rank", PENGUINS, "--target", "species", *args, "year=continuous", "--json")
    choices = {"given": ("island", "sex"), "top": 2, "unit": "nats", "confidence": 0.9, "kinds": {"year": "continuous"}}
    assert status == 0
    assert json.loads(out) == pp.rank(duckdb.read_csv(PENGUINS), "species", **choices).to_dicts()


def test_matrix_as_csv_is_exact():
    status, out, err = run("matrix", PENGUINS, "--csv")
    head, *rows = csv.reader(io.StringIO(out))
    matrix = pp.mutual_information_matrix(duckdb.read_csv(PENGUINS))
    assert (status, err) == (0, "")
    assert head == ["column", *matrix.columns]
    assert [row[0] for row in rows] == list(matrix.columns)
    assert np.array_equal(np.array([row[1:] for row in rows], float), matrix.values)


def test_matrix_for_people():
    status, out, _ = run("matrix", PENGUINS, "--unit", "nats")
    head, first, *_ = out.splitlines()
    assert status == 0
    assert head.split()[:3] == ["nats", "species", "island"]
    assert first.split()[:2] == ["species", "1.052"]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("rank", PENGUINS, "--target", "specie"), "`specie` is not a column here. hint: did you mean `species`?"),
        (("rank", PENGUINS), "missing option '--target'. hint: see plogp rank --help"),
        (("rank", PENGUINS, "--target", "year", "--top", 0), "--top 0; needed: a whole number, 1 at least, or None"),
        (("matrix", PENGUINS, "--estimator", "plugin"), "--estimator plugin isn't known"),
        (("matrix", "nowhere.csv"), "`nowhere.csv` can't be opened: there is no such file"),
    ],
)
def test_bad_input_is_one_line_and_status_2(args, words):
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert words in err


def test_a_constant_target_is_refused(tmp_path):
    file = tmp_path / "flat.csv"
    file.write_text("x,y\n1,a\n2,a\n")
    status, out, err = run("rank", file, "--target", "y")
    assert (status, out) == (2, "")
    assert "the target `y` is constant: there is nothing to tell" in err


def test_a_bar_shows_on_a_terminal_only():
    primary, secondary = pty.openpty()
    command = [*PLOGP, "matrix", PENGUINS, "--csv"]
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=secondary, text=True, env=os.environ | {"TERM": "xterm"}
    )
    os.close(secondary)
    shown = b""
    while True:
        try:
            part = os.read(primary, 4096)
        except OSError:
            break
        shown += part
        if not part:
            break
    os.close(primary)
    assert done.returncode == 0
    assert "measuring" in shown.decode()
    assert done.stdout.startswith("column,species")
    silent = subprocess.run(command, capture_output=True, text=True)
    assert (silent.returncode, silent.stderr) == (0, "")
    assert silent.stdout == done.stdout
