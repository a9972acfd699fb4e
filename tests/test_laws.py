"""Laws that hold whatever holds the data: chain rule, non-negativity, data processing, relabelling, additivity.

Every source answers with the plug-in value (or exactly), so that the laws are identities and not approximations.
"""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import plogp as pp

NAMES = ("X", "Y", "Z")
TOLERANCE = 1e-12


def rows(table):
    """The observations behind a table of counts: a column of labels for each variable."""
    cells = np.repeat(np.argwhere(table), table[table > 0], axis=0)
    return {name: [f"{name}{level}" for level in cells[:, axis]] for axis, name in enumerate(NAMES)}


def mapping(table):
    return {
        tuple(f"{n}{i}" for n, i in zip(NAMES, cell, strict=True)): int(table[tuple(cell)])
        for cell in np.argwhere(table)
    }


def frame(module, constructor):
    def make(table):
        return constructor(import_module(module), rows(table))

    return make


SOURCES = {
    "Joint": lambda table: pp.Joint(table / table.sum(), names=NAMES),
    "dense Counts": lambda table: pp.Counts(table, names=NAMES),
    "sparse Counts": lambda table: pp.Counts(mapping(table), names=NAMES),
    "Samples": lambda table: pp.Samples(rows(table)),
    "dict": rows,
    "pandas": frame("pandas", lambda pd, data: pd.DataFrame(data)),
    "polars": frame("polars", lambda pl, data: pl.DataFrame(data)),
    "polars lazy": frame("polars", lambda pl, data: pl.LazyFrame(data)),
    "pyarrow": frame("pyarrow", lambda pa, data: pa.table(data)),
}

tables = arrays.arrays(
    np.int64,
    st.tuples(*[st.integers(1, 4)] * 3),
    elements=st.integers(0, 12),
).filter(lambda table: table.sum() > 0)


@pytest.fixture(params=SOURCES)
def value(request):
    """value(formula, table): what this source says of a formula, in nats."""
    exact = request.param == "Joint"
    source = SOURCES[request.param]

    def of(formulas, table):
        options = {} if exact else {"estimator": "plug-in"}
        results = pp.measure(formulas, source(table), unit="nats", confidence=None, **options)
        return [float(result) for result in results]

    return of


law = settings(
    max_examples=25, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@law
@given(table=tables)
def test_chain_rules(value, table):
    h_xy, h_x, h_y_x, i_xy_z, i_x_z, i_y_z_x = value(
        ["H(X,Y)", "H(X)", "H(Y|X)", "I(X,Y;Z)", "I(X;Z)", "I(Y;Z|X)"], table
    )
    assert h_xy == pytest.approx(h_x + h_y_x, abs=TOLERANCE)
    assert i_xy_z == pytest.approx(i_x_z + i_y_z_x, abs=TOLERANCE)


@law
@given(table=tables)
def test_non_negativity_and_bounds(value, table):
    measures = ["H(X)", "H(X|Y)", "I(X;Y)", "I(X;Y|Z)", "TC(X;Y;Z)", "DTC(X;Y;Z)", "VI(X;Y)"]
    got = dict(zip(measures, value(measures, table), strict=True))
    assert min(got.values()) >= -TOLERANCE
    assert got["H(X)"] <= np.log(table.shape[0]) + TOLERANCE
    assert got["I(X;Y)"] <= got["H(X)"] + TOLERANCE


@law
@given(table=tables)
def test_the_forms_of_mutual_information(value, table):
    forms = ["I(X;Y)", "I(Y;X)", "H(X) - H(X|Y)", "H(Y) - H(Y|X)", "H(X) + H(Y) - H(X,Y)", "H(X,Y) - H(X|Y) - H(Y|X)"]
    first, *others = value(forms, table)
    assert others == pytest.approx([first] * 5, abs=TOLERANCE)


@law
@given(table=tables, data=st.data())
def test_relabelling_changes_nothing(value, table, data):
    shuffled = table
    for axis, k in enumerate(table.shape):
        shuffled = np.take(shuffled, data.draw(st.permutations(range(k))), axis=axis)
    formulas = ["H(X,Y,Z)", "I(X;Y|Z)", "O(X;Y;Z)"]
    assert value(formulas, shuffled) == pytest.approx(value(formulas, table), abs=TOLERANCE)


@law
@given(table=tables)
def test_outcomes_of_probability_zero_change_nothing(value, table):
    padded = np.pad(table, ((0, 1), (0, 0), (0, 2)))
    formulas = ["H(X,Y,Z)", "I(X;Y|Z)", "TC(X;Y;Z)"]
    assert value(formulas, padded) == pytest.approx(value(formulas, table), abs=TOLERANCE)


@law
@given(
    x=arrays.arrays(np.int64, 3, elements=st.integers(0, 5)),
    y=arrays.arrays(np.int64, 2, elements=st.integers(0, 5)),
    z=arrays.arrays(np.int64, 2, elements=st.integers(0, 5)),
)
def test_entropy_adds_up_over_independent_variables(value, x, y, z):
    table = np.einsum("i,j,k->ijk", x, y, z)
    assume(table.sum() > 0)
    h_xyz, h_x, h_y, h_z, i_xy_z, tc = value(["H(X,Y,Z)", "H(X)", "H(Y)", "H(Z)", "I(X,Y;Z)", "TC(X;Y;Z)"], table)
    assert h_xyz == pytest.approx(h_x + h_y + h_z, abs=TOLERANCE)
    assert (i_xy_z, tc) == pytest.approx((0, 0), abs=TOLERANCE)


@law
@given(
    x=arrays.arrays(np.int64, (3, 3), elements=st.integers(0, 6)),
    channel=arrays.arrays(np.int64, (3, 2), elements=st.integers(0, 4)),
)
def test_processing_never_adds_information(value, x, channel):
    """X → Y → Z: I(X;Z) ≤ I(X;Y), and X and Z are independent given Y."""
    assume(x.sum() > 0)
    assume((channel.sum(1) > 0).all())
    total = int(np.lcm.reduce(channel.sum(1)))
    table = np.einsum("ij,jk->ijk", x, channel * (total // channel.sum(1))[:, None])
    i_xz, i_xy, i_xz_y = value(["I(X;Z)", "I(X;Y)", "I(X;Z|Y)"], table)
    assert i_xz <= i_xy + TOLERANCE
    assert i_xz_y == pytest.approx(0, abs=TOLERANCE)


@law
@given(table=tables)
def test_an_invertible_map_keeps_everything(value, table):
    """If Z is a copy of X, I(X;Z) = H(X) and H(X|Z) = 0."""
    two = table.sum(2)
    copied = np.zeros((*two.shape, two.shape[0]), dtype=np.int64)
    for level in range(two.shape[0]):
        copied[level, :, level] = two[level]
    i_xz, h_x, h_x_z = value(["I(X;Z)", "H(X)", "H(X|Z)"], copied)
    assert (i_xz, h_x_z) == pytest.approx((h_x, 0), abs=TOLERANCE)
