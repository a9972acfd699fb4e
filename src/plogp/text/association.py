"""Association: how much more often two words stand together than they would by chance.

c(a, b) is the count of a pair, c(a) and c(b) those of its words, n of all; e = c(a) c(b) / n is expected by chance.
"""

from collections.abc import Callable
from math import log
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidValue, UnknownName, did_you_mean
from plogp.text.cooccurrences import Contingency, Cooccurrences, Floats
from plogp.units import nats_per

__all__ = [
    "MEASURES",
    "Measure",
    "association",
    "check",
    "expected",
    "false_discovery_rates",
    "lower_counts",
    "measured",
    "p_values",
]

Measure = Literal["npmi", "pmi", "ppmi", "llr", "t", "chi2"]


def association(
    table: Cooccurrences,
    measure: Measure = "npmi",
    *,
    shift: float = 1.0,
    smoothing: float = 1.0,
    unit: str = "bits",
) -> Floats:
    """A measure of association for each pair of a table.

    pmi   ln c(a,b) n / (c(a) c(b)) − ln shift; Church & Hanks 1990
    ppmi  max(pmi, 0); with a shift as in Levy & Goldberg 2014
    npmi  pmi / −ln(c(a,b)/n), in [−1, 1]; Bouma 2009
    llr   G² = 2 Σ o ln(o/e) over the four cells, with the sign of c(a,b) − e; Dunning 1993
    t     (c(a,b) − e) / √c(a,b); Church et al. 1991
    chi2  n (ad − bc)² / (the product of the margins), with the sign of c(a,b) − e

    Raw pmi and chi2 favour pairs of rare words, which `collocations` makes good by its order. The signed llr and chi2
    without sign are asymptotically χ² with one degree of freedom.

    Args:
        table: of `cooccurrences`.
        measure: which.
        shift: at least 1; of pmi and ppmi only.
        smoothing: the exponent α that lifts the share of rare right words, c(b)^α / Σ c^α, in pmi and ppmi; 0.75 in
            Levy, Goldberg & Dagan 2015, doi:10.1162/tacl_a_00134.
        unit: of pmi and ppmi; the others have none.

    Returns:
        Values, shape (len(table),), in the order of the table.

    Raises:
        UnknownName: a measure that isn't one; the nearest is suggested.
        InvalidValue: shift or smoothing out of range, or with another measure.

    >>> from plogp.text import cooccurrences
    >>> table = cooccurrences(["new york is new", "new york", "is new", "york is"])
    >>> dict(zip(zip(table.to_columns()["left"], table.to_columns()["right"]), association(table, "pmi").round(2)))
    {('is', 'new'): np.float64(1.58), ('new', 'york'): np.float64(1.58), ('york', 'is'): np.float64(1.58)}
    """
    check(measure, shift, smoothing)
    return measured(table.contingency(smoothing=smoothing), measure, shift, unit)


def check(measure: str, shift: float, smoothing: float) -> None:
    """Refuse a measure that isn't one, and options that it doesn't have."""
    if measure not in MEASURES:
        raise UnknownName(f"measure={measure!r}; needed: {', '.join(MEASURES)}", did_you_mean(str(measure), MEASURES))
    if measure not in {"pmi", "ppmi"} and (shift, smoothing) != (1, 1):
        raise InvalidValue(f"shift and smoothing with {measure}; needed: pmi or ppmi", hint="others keep their bounds")
    if not shift >= 1 or not 0 < smoothing <= 1:
        raise InvalidValue(f"shift={shift}, smoothing={smoothing}; needed: at least 1, and 0 to 1", hint="shift=5, say")


def measured(cells: Contingency, measure: str, shift: float = 1.0, unit: str = "bits") -> Floats:
    """The measure of each pair, given its counts."""
    values = MEASURES[measure](cells)
    if measure in {"pmi", "ppmi"}:
        values = (values - log(shift)) / nats_per(unit)
        return np.maximum(values, 0) if measure == "ppmi" else values
    return values


def _pmi(c: Contingency) -> Floats:
    out: Floats = np.log(c.together) + np.log(c.n) - np.log(c.left) - np.log(c.right)
    return out


def _npmi(c: Contingency) -> Floats:
    """1 − (ln c(a)/c(a,b) + ln c(b)/c(a,b)) / ln n/c(a,b), which rounding can't carry out of [−1, 1]."""
    missed, whole = np.log(c.left / c.together) + np.log(c.right / c.together), np.log(c.n / c.together)
    out: Floats = 1 - np.divide(missed, whole, out=np.zeros_like(missed), where=whole > 0)
    return out


def _llr(c: Contingency) -> Floats:
    from scipy.special import xlogy

    cells = (c.together, c.left - c.together, c.right - c.together, c.n - c.left - c.right + c.together)
    margins = (c.left, c.n - c.left, c.right, c.n - c.right)
    # o ln o − Σ margins ln margin + n ln n; what is left of a cell after rounding may be just below 0
    g = sum(xlogy(o, np.maximum(o, 0)) for o in cells) - sum(xlogy(m, m) for m in margins) + xlogy(c.n, c.n)
    out: Floats = np.sign(c.together - c.left * c.right / c.n) * np.maximum(2 * g, 0) * c.scale
    return out


def _t(c: Contingency) -> Floats:
    out: Floats = (c.together - c.left * c.right / c.n) * np.sqrt(c.scale / c.together)
    return out


def _chi2(c: Contingency) -> Floats:
    over = c.together * c.n - c.left * c.right
    margins = c.left * c.right * (c.n - c.left) * (c.n - c.right)
    out: Floats = np.sign(over) * np.divide(
        over**2 * c.n * c.scale, margins, out=np.zeros_like(over), where=margins > 0
    )
    return out


MEASURES: dict[str, Callable[[Contingency], Floats]] = {
    "npmi": _npmi, "pmi": _pmi, "ppmi": _pmi, "llr": _llr, "t": _t, "chi2": _chi2,
}  # fmt: skip


def expected(c: Contingency) -> Floats:
    """How often each pair would occur if its words were independent."""
    return c.left * c.right / c.n * c.scale


def p_values(c: Contingency, n: int) -> Floats:
    """For each pair the probability of so many or more among n by chance: the upper tail of Binomial(n, e/n).

    Words of a text aren't drawn independently, so take it for a measure of surprise.
    """
    from scipy.special import betainc

    k = c.together * c.scale
    out: Floats = betainc(k, n - k + 1, np.minimum(expected(c) / n, 1))
    return out


def lower_counts(counts: NDArray[Any], confidence: float = 0.95) -> Floats:
    """The lower limit of the mean of a Poisson variable that came out as `counts`: the quantile 1 − confidence of
    Gamma(count), one-sided. Garwood (1936), doi:10.1093/biomet/28.3-4.437.

    >>> lower_counts(np.array([1.0, 5.0, 50.0])).round(2)
    array([ 0.05,  1.97, 38.96])
    """
    from scipy.special import gammaincinv

    different = np.unique(counts)
    out: Floats = gammaincinv(different, 1 - confidence)[np.searchsorted(different, counts)]
    return out


def false_discovery_rates(p: Floats, n_tests: int | None = None) -> Floats:
    """The false-discovery rate at which each p-value is significant: min over larger ones of p · m / rank.

    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x. `n_tests` is m where more were made than are
    here, all others with p = 1.

    >>> false_discovery_rates(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.04, 0.04])
    """
    order = np.argsort(-p)
    m = p.size if n_tests is None else n_tests
    q = np.minimum.accumulate(np.minimum(p[order] * m / np.arange(p.size, 0, -1), 1))
    out = np.empty_like(q)
    out[order] = q
    return out
