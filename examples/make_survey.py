"""Write a survey of people who don't exist, drawn from a joint distribution that is known.

    python examples/make_survey.py survey.csv
    python examples/make_survey.py survey.csv --rows 1000000 --seed 7

The distribution is a Bayesian network: age -> education, (age, education) -> employed, (education, region) ->
newspaper. So `newspaper` says something of `age`, but nothing once `education` is known. The exact values that are
printed are sums over the whole joint distribution.
"""

import argparse
import csv
import os
from itertools import product

import numpy as np

OUTCOMES = {
    "age": ("18-29", "30-44", "45-64", "65+"),
    "region": ("north", "east", "south", "west", "islands"),
    "education": ("school", "college", "university"),
    "employed": ("no", "yes"),
    "newspaper": ("none", "local", "national", "foreign"),
}
AGE = np.array([0.20, 0.25, 0.33, 0.22])
REGION = np.array([0.31, 0.24, 0.22, 0.18, 0.05])
EDUCATION = np.array([[0.30, 0.40, 0.30], [0.25, 0.35, 0.40], [0.40, 0.35, 0.25], [0.60, 0.25, 0.15]])  # given age
EMPLOYED = np.array([[0.55, 0.65, 0.60], [0.72, 0.83, 0.91], [0.64, 0.76, 0.86], [0.05, 0.08, 0.14]])  # yes, given both
NEWSPAPER = np.array(
    [[0.55, 0.30, 0.14, 0.01], [0.40, 0.30, 0.27, 0.03], [0.25, 0.20, 0.45, 0.10]]  # given education, in most regions
)
ISLANDS = np.array([0.20, 0.70, 0.09, 0.01])  # on the islands half of the readers go by this instead

MEASURES = {  # a signed sum of joint entropies each
    "H(newspaper)": {"newspaper": 1},
    "H(employed|age,education)": {"age education employed": 1, "age education": -1},
    "I(education;employed)": {"education": 1, "employed": 1, "education employed": -1},
    "I(age;newspaper)": {"age": 1, "newspaper": 1, "age newspaper": -1},
    "I(age;newspaper|education)": {
        "age education": 1,
        "education newspaper": 1,
        "age education newspaper": -1,
        "education": -1,
    },
    "TC(age;education;employed)": {"age": 1, "education": 1, "employed": 1, "age education employed": -1},
}


def joint() -> np.ndarray:
    """p(age, region, education, employed, newspaper), shape (4, 5, 3, 2, 4)."""
    newspaper = np.repeat(NEWSPAPER[None], len(REGION), axis=0)  # (region, education, newspaper)
    newspaper[-1] = (NEWSPAPER + ISLANDS) / 2
    employed = np.stack([1 - EMPLOYED, EMPLOYED], axis=-1)  # (age, education, employed)
    return np.einsum("a,r,ae,aej,ren->arejn", AGE, REGION, EDUCATION, employed, newspaper)


def exact(measure: dict[str, int]) -> float:
    """The value in bits, from the joint distribution."""
    value = sum(coefficient * entropy(names.split()) for names, coefficient in measure.items())
    return round(value, 12) + 0.0  # a zero without a sign


def entropy(names: list[str]) -> float:
    """H of these variables together, in bits; no probability is zero here."""
    others = tuple(axis for axis, name in enumerate(OUTCOMES) if name not in names)
    p = joint().sum(axis=others)
    return float(-(p * np.log2(p)).sum())


def write(path: str, rows: int, seed: int) -> None:
    """Draw the rows, write them beside `path`, and rename, so that an old file survives a failure."""
    cells = list(product(*OUTCOMES.values()))
    drawn = np.random.default_rng(seed).choice(len(cells), size=rows, p=joint().ravel())
    beside = f"{path}.{os.getpid()}.part"
    try:
        with open(beside, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(OUTCOMES)
            writer.writerows(cells[cell] for cell in drawn)
        os.replace(beside, path)
    except BaseException:
        if os.path.exists(beside):
            os.unlink(beside)
        raise


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", help="the CSV file to write")
    parser.add_argument("--rows", type=int, default=200_000, help="how many people (200,000)")
    parser.add_argument("--seed", type=int, default=1948, help="the same seed, the same people (1948)")
    options = parser.parse_args()
    write(options.path, options.rows, options.seed)
    for formula, measure in MEASURES.items():
        print(f"{formula} = {exact(measure):.6f} bits")
