"""The example tables: the penguins are those of the paper, and the survey follows the distribution that it prints."""

import csv
import importlib.util
import math
import re
import subprocess
import sys
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from plogp.files import open_table
from plogp.measure import measure

EXAMPLES = Path(__file__).parent.parent / "examples"


def survey(path, *options):
    """Run the script; the measures that it prints."""
    command = [sys.executable, EXAMPLES / "make_survey.py", path, *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name: float(value) for name, value in re.findall(r"^(.*) = (.*) bits$", done.stdout, re.MULTILINE)}


def test_the_penguins_are_those_of_the_paper():
    with open(EXAMPLES / "penguins.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 344
    assert Counter((row["species"], row["island"]) for row in rows) == {
        ("Adelie", "Biscoe"): 44, ("Adelie", "Dream"): 56, ("Adelie", "Torgersen"): 52,
        ("Chinstrap", "Dream"): 68, ("Gentoo", "Biscoe"): 124,
    }  # fmt: skip
    assert Counter(row["sex"] for row in rows) == {"male": 168, "female": 165, "": 11}
    assert sum(row["body_mass_g"] == "" for row in rows) == 2
    assert not any(value == "NA" for row in rows for value in row.values())


def test_the_survey_prints_exact_values_and_estimates_agree(tmp_path):
    exact = survey(tmp_path / "survey.csv")
    assert exact["I(age;newspaper|education)"] == 0
    with open_table(tmp_path / "survey.csv") as table:
        assert table.aggregate("count(*)").fetchall() == [(200_000,)]
        assert len(table.columns) == 5
        for result in measure(list(exact), table, estimator="plug-in"):
            assert float(result) == pytest.approx(exact[result.formula], abs=5 * result.std_error + 1e-4)


def test_the_exact_values_are_sums_over_the_joint_distribution():
    spec = importlib.util.spec_from_file_location("make_survey", EXAMPLES / "make_survey.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    p = script.joint()
    assert p.shape == (4, 5, 3, 2, 4)
    assert p.sum() == pytest.approx(1, abs=1e-15)

    def entropy(*axes):
        masses = Counter()
        for cell in product(*map(range, p.shape)):
            masses[tuple(cell[axis] for axis in axes)] += p[cell]
        return -math.fsum(mass * math.log2(mass) for mass in masses.values())

    truth = {
        "H(newspaper)": entropy(4),
        "H(employed|age,education)": entropy(0, 2, 3) - entropy(0, 2),
        "I(education;employed)": entropy(2) + entropy(3) - entropy(2, 3),
        "I(age;newspaper)": entropy(0) + entropy(4) - entropy(0, 4),
        "I(age;newspaper|education)": 0,
        "TC(age;education;employed)": entropy(0) + entropy(2) + entropy(3) - entropy(0, 2, 3),
    }
    assert {name: script.exact(terms) for name, terms in script.MEASURES.items()} == pytest.approx(truth, abs=1e-11)


def test_the_survey_is_the_same_for_the_same_seed_and_an_old_file_survives_a_failure(tmp_path):
    survey(tmp_path / "a.csv", "--rows", "1000")
    survey(tmp_path / "b.csv", "--rows", "1000")
    survey(tmp_path / "c.csv", "--rows", "1000", "--seed", "2")
    a, b, c = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert a == b != c
    with pytest.raises(subprocess.CalledProcessError):
        survey(tmp_path / "a.csv", "--rows", "-1")
    assert (tmp_path / "a.csv").read_bytes() == a
    assert len(list(tmp_path.iterdir())) == 3
