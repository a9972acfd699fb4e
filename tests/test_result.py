"""Result keeps the truth about itself, and units are converted in one place."""

import json
import math
import re

import numpy as np
import pytest

from plogp.errors import PlogpError, UnknownName, did_you_mean
from plogp.result import Result, fixed
from plogp.units import convert, nats_per

BASE = Result(
    value=0.5, unit="nats", formula="I(X;Y)", n=344, estimator="independence-shrinkage", std_error=0.036,
    interval=(0.43, 0.57), confidence=0.95, p_value=2e-5, notes=("one",),
)  # fmt: skip


def test_prints_value_unit_interval_p_n_and_estimator():
    assert str(BASE) == "I(X;Y) = 0.500 nats  [0.430, 0.570] 95%  p < 0.001  (n = 344, Independence-Shrinkage)"


@pytest.mark.parametrize(
    ("change", "want"),
    [
        (dict(value=-0.00001), "I(X;Y) = 0.000 nats"),
        (dict(value=-0.0123), "I(X;Y) = -0.012 nats"),
        (dict(p_value=0.0414), "p = 0.041"),
        (dict(interval=(0.0, math.nan)), "[0.000, ?]"),
        (dict(std_error=1e-6), "0.5000000 nats"),
        (dict(n=12_000), "(n = 12,000, "),
        (dict(estimator="nsb"), "NSB)"),
        (dict(unit=""), "I(X;Y) = 0.500  ["),
    ],
)
def test_prints_what_changes(change, want):
    from dataclasses import replace

    assert want in str(replace(BASE, **change))


def test_another_unit_scales_value_error_and_interval_and_nothing_else():
    bits = BASE.to("bits")
    assert bits.value == pytest.approx(0.5 / math.log(2), rel=1e-15)
    assert bits.std_error == pytest.approx(0.036 / math.log(2), rel=1e-15)
    assert bits.interval == pytest.approx((0.43 / math.log(2), 0.57 / math.log(2)), rel=1e-15)
    assert (bits.unit, bits.p_value, bits.n, bits.notes) == ("bits", BASE.p_value, 344, ("one",))
    assert BASE.to("nats") is BASE
    back = bits.to("hartleys").to("nats")
    assert back.value == pytest.approx(0.5, rel=1e-15)


def test_a_negative_factor_turns_the_interval_round():
    turned = BASE.scaled(-2, "nats")
    assert turned.value == -1.0
    assert turned.interval == (-1.14, -0.86)
    assert turned.std_error == 0.072


def test_is_frozen_and_a_number():
    assert float(BASE) == 0.5
    assert float(Result(value=np.array(0.25), unit="bits", formula="H(X)")) == 0.25
    with pytest.raises(AttributeError):
        BASE.value = 1.0


def test_notes_are_added_once():
    assert BASE.noted(["one", "two"]).notes == ("one", "two")


@pytest.mark.parametrize(("value", "infinite"), [(math.inf, "+inf"), (-math.inf, "-inf")])
def test_json_never_holds_a_number_that_is_not_finite(value, infinite):
    out = Result(value=value, unit="bits", formula="D", interval=(0.0, math.nan), std_error=math.nan).to_dict()
    assert out["value"] is None
    assert out["infinite"] == infinite
    assert out["interval"] == [0.0, None]
    assert out["std_error"] is None
    json.dumps(out, allow_nan=False)
    assert "infinite" not in BASE.to_dict()


def test_json_holds_every_field():
    assert set(BASE.to_dict()) == set(Result.__slots__)


def test_fixed_never_prints_a_negative_zero():
    assert fixed(-1e-9, 3) == "0.000"
    assert fixed(-1.0, 1) == "-1.0"


def test_units():
    assert nats_per("bits") == math.log(2)
    assert convert(1.0, "hartleys", "bits") == pytest.approx(math.log2(10), rel=1e-15)
    with pytest.raises(UnknownName, match=r"unit='bit' is not a unit.*hint: did you mean `bits`\?"):
        nats_per("bit")
    with pytest.raises(UnknownName, match="is not a unit"):
        convert(1.0, "x", "x")


def test_errors_say_what_came_and_the_hint():
    assert str(PlogpError("it came", hint="do this")) == "it came. hint: do this"
    assert str(PlogpError("it came")) == "it came"
    assert did_you_mean("ISLAND", ["species", "island"]) == "did you mean `island`?"
    assert did_you_mean("zzz", ["a", "b"]) == "there are `a`, `b`"
    assert did_you_mean("zzz", []) == "there are none"


def test_notebooks_get_html_in_which_nothing_is_markup_but_ours():
    from dataclasses import replace

    hostile = replace(BASE, formula="I(`<script>`;Y)", notes=("<img src=x onerror=alert(1)>", "a & b"))
    html = hostile._repr_html_()
    assert set(re.findall(r"<(\w+)", html)) == {"div", "strong", "ul", "li"}
    assert "<strong>I(`&lt;script&gt;`;Y) = 0.500 nats  [0.430, 0.570] 95%  p &lt; 0.001" in html
    assert html.count("<li>") == 3
    assert "a &amp; b" in html


@pytest.mark.parametrize(
    ("change", "want"),
    [
        ({}, r"$\mathrm{I(X;Y)} = 0.500\ \mathrm{nats}\ [0.430, 0.570]_{95\%}$"),
        (dict(interval=None), r"$\mathrm{I(X;Y)} = 0.500\ \mathrm{nats}$"),
        (dict(value=math.inf, interval=None, unit=""), r"$\mathrm{I(X;Y)} = \infty$"),
        (dict(formula="H(`a_b {$}`)", interval=None), r"$\mathrm{H(`a\_b\ \{\$\}`)} = 0.500\ \mathrm{nats}$"),
    ],
)
def test_notebooks_get_mathematical_notation(change, want):
    from dataclasses import replace

    assert replace(BASE, **change)._repr_latex_() == want


def test_names_of_several_estimators_are_written_as_each_is_alone():
    found = Result(value=1.0, unit="bits", formula="H(x)", estimator="surrogate-ksg + chao-wang-jost")
    assert str(found).endswith("(Surrogate-KSG + Chao-Wang-Jost)")
