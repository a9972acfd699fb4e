"""Information in time: what one series tells of the next step of another, and what a series keeps of its own past."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.columns import array_of, check_lengths
from plogp.errors import InvalidValue
from plogp.estimate.base import Floats, Ints
from plogp.estimate.choice import Estimator
from plogp.estimate.choice import estimator as chosen
from plogp.estimate.observed import measured
from plogp.estimate.parts import Information
from plogp.estimate.permutation import together
from plogp.estimate.resampling import rearranged_test, shifted
from plogp.estimate.steps import steps
from plogp.evaluate import Request
from plogp.formula import Formula
from plogp.result import Result
from plogp.samples import Samples
from plogp.units import nats_per

__all__ = ["active_information_storage", "effective_size", "transfer_entropy"]

Kinds = Mapping[str, str] | None


def transfer_entropy(
    source: Any,
    target: Any,
    lag: int = 1,
    history: int = 1,
    source_history: int = 1,
    given: Any = None,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    seed: int | None = None,
    kinds: Kinds = None,
) -> Result:
    """Transfer entropy: what the past of one series tells of the next value of another beyond that one's own past.

    T = I(yₜ; xₜ₋ₗ, …, xₜ₋ₗ₋ₛ₊₁ | yₜ₋₁, …, yₜ₋ₕ), and | …, wₜ₋ₗ, …, wₜ₋ₗ₋ₛ₊₁ as well if w is given

    Args:
        source: x, shape (n,) or (n, d), a row a time, evenly apart. Integers, texts and truth values are discrete,
            floats continuous.
        target: y, of the same length.
        lag: l, the delay from source to target, 1 or more.
        history: h, how much of the target's own past is known.
        source_history: s, how much of the source's past is asked for.
        given: w, another series, or None; its past is taken as that of the source.
        estimator: one of conditional mutual information, by name or as an object; "auto" as for `mutual_information`.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the interval, None for none and for no standard error.
        permutations: how many circular shifts of the source for a p-value of T = 0. Permutations of single times would
            destroy what each series owes to its own past, and find significance where there is none.
        seed: of what is drawn; None is a fixed seed.
        kinds: overrides of what the series are: ``{"source": "discrete"}``.

    Raises:
        InvalidValue: a lag or a history that is no whole number from 1 on, a series too short for them, or infinite
            values.
        ShapeMismatch: series of several lengths.
        BadTable: no time at which nothing is missing.

    The values are taken as they are. The first time is max(h, l + s − 1), counted from 0, and `n` is how many there
    are. The interval is widened by what the terms of successive times depend on each other; the route says to how many
    independent ones they amount. Stationary series are supposed. Source: Schreiber (2000),
    doi:10.1103/PhysRevLett.85.461.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.integers(0, 2, 1000)
    >>> y = np.append(0, x[:-1] ^ (rng.random(999) < 0.1))
    >>> print(transfer_entropy(x, y, permutations=200))
    T(source→target) = 0.514 bits  [0.457, 0.576] 95%  p = 0.005  (n = 999, Independence-Shrinkage)
    """
    nats_per(unit)
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    series = _series({"source": source, "target": target, "given": given})
    for name, count in (("lag", lag), ("history", history), ("source_history", source_history)):
        _check_count(name, count)
    first, delays = max(history, lag + source_history - 1), range(lag, lag + source_history)
    embedded: dict[str, NDArray[Any]] = {
        "target": _past(series["target"], first, range(1)),
        "past": _past(series["target"], first, range(1, history + 1)),
    }
    embedded |= {name: _past(series[name], first, delays) for name in ("source", "given") if name in series}
    origin = {"target": "target", "past": "target", "source": "source", "given": "given"}
    formula = "I(source;target|past,given)" if "given" in series else "I(source;target|past)"
    found = _in_time(formula, "source", embedded, _kinds(kinds, origin, series), estimator, request)
    return replace(found, formula=f"T(source→target{'|given' * ('given' in series)})").to(unit)


def active_information_storage(
    x: Any,
    history: int = 1,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    seed: int | None = None,
    kinds: Kinds = None,
) -> Result:
    """Active information storage: what a series' own past tells of its next value.

    A = I(xₜ; xₜ₋₁, …, xₜ₋ₕ)

    Args:
        x: shape (n,) or (n, d), a row a time, evenly apart.
        history: h, how much of the past.
        estimator: one of mutual information, by name or as an object; "auto" as for `mutual_information`.
        unit, confidence, seed: as for `transfer_entropy`.
        permutations: how many circular shifts of the past against the present for a p-value of A = 0.
        kinds: overrides of what the series is: ``{"x": "discrete"}``.

    Raises:
        InvalidValue, BadTable: as for `transfer_entropy`.

    Source: Lizier, Prokopenko & Zomaya (2012), doi:10.1016/j.ins.2012.04.016.

    >>> x = np.cumsum(np.random.default_rng(0).integers(0, 4, 1000) == 0) % 2
    >>> print(active_information_storage(x))
    A(x) = 0.218 bits  [0.175, 0.267] 95%  (n = 999, Independence-Shrinkage)
    """
    nats_per(unit)
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    series = _series({"x": x})
    _check_count("history", history)
    embedded = {
        "x": _past(series["x"], history, range(1)),
        "past": _past(series["x"], history, range(1, history + 1)),
    }
    inherited = _kinds(kinds, dict.fromkeys(embedded, "x"), series)
    found = _in_time("I(past;x)", "past", embedded, inherited, estimator, request)
    return replace(found, formula="A(x)").to(unit)


# ---- embedding -------------------------------------------------------------------------------------------------------


def _series(given: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """The series that are given, as arrays of one length."""
    series = {name: array_of(name, column) for name, column in given.items() if column is not None}
    check_lengths(series)
    return series


def _check_count(name: str, count: object) -> None:
    if not isinstance(count, (int, np.integer)) or isinstance(count, bool) or count < 1:
        raise InvalidValue(f"{name}={count!r}; needed: a whole number, 1 or more", hint=f"such as {name}=1")


def _past(series: NDArray[Any], first: int, delays: range) -> NDArray[Any]:
    """For each time from `first` on the values so many steps before, side by side; one alone stays as it is."""
    n = len(series)
    if n < first + 2:
        raise InvalidValue(
            f"{n} times for lags and histories that reach {first} steps back; needed: {first + 2}",
            hint="give longer series, or a shorter history",
        )
    parts = [series[first - delay : n - delay] for delay in delays]
    return parts[0] if len(parts) == 1 else np.hstack([part.reshape(len(part), -1) for part in parts])


def _kinds(kinds: Kinds, origin: Mapping[str, str], series: Mapping[str, Any]) -> dict[str, str]:
    """The kinds that the embedded columns inherit from their series."""
    known = Samples(series, kinds).kinds
    return {name: known[of] for name, of in origin.items() if of in known}


# ---- what is measured on the embedded series -------------------------------------------------------------------------


def _in_time(
    notation: str,
    moved: str,
    embedded: Mapping[str, Any],
    kinds: Mapping[str, str],
    estimator: str | Estimator,
    request: Request,
) -> Result:
    """The formula on embedded series, in nats, with the uncertainty of times that depend on each other.

    For a p-value one variable is moved, shifted against the others.
    """
    formula, samples = Formula(notation), Samples(embedded, kinds)
    found = measured(formula, samples, estimator, replace(request, permutations=None), unit="nats")
    local = _local(formula, moved, samples, estimator)
    if local is None:
        return found
    terms, statistic = local
    n, independent = len(terms), effective_size(terms)
    found = _stretched(found, sqrt(n / independent))
    steps = [step for step in found.route.split("; ") if not step.startswith("p-value")]
    steps.append(f"{n:,} times amount to {independent:,.0f} independent ones")
    p_value = None
    if request.permutations is not None:
        null = shifted(n, max(n // 10, 1))
        test = rearranged_test(statistic, statistic(np.arange(n)), null, request.permutations, request.seed)
        p_value = test.p_value
        steps.append(f"{test.route} (permutations of single times would find too much)")
    return replace(found, p_value=p_value, route="; ".join(steps))


def _local(
    formula: Formula, moved: str, samples: Samples, estimator: str | Estimator
) -> tuple[Floats, Callable[[Ints], float]] | None:
    """What each time adds, and a statistic of the order of one variable: None where nothing is estimated.

    By the plug-in rule where all is discrete, and by the estimator itself where not.
    """
    rows, (one, other, given) = samples.rows(formula.variables), formula.as_information() or (frozenset(),) * 3
    if set(rows.kinds.values()) == {"discrete"}:
        codes = {name: values[:, 0].astype(np.int64) for name, values in rows.values.items()}
        (still,) = (one | other) - {moved}
        x, y = codes[moved], codes[still]
        z = reduce(together, (codes[name] for name in sorted(given)), np.zeros_like(x))
        return plug_in_terms(x, y, z), lambda order: float(plug_in_terms(x[order], y, z).mean())
    step = steps(formula, rows, None if estimator == "auto" else chosen(estimator)).lone
    if step is None or not isinstance(step.what, Information):
        return None
    v, u, *condition = step.points if moved in step.what.other else (step.points[1], step.points[0], *step.points[2:])
    if condition:
        found = step.rule.conditional_mutual_information(v, u, *condition)
        statistic = step.rule.rearranged_given(v, u, *condition)[0]
    else:
        found, statistic = step.rule.mutual_information(v, u), step.rule.rearranged(v, u)
    return np.zeros(len(u)) if found.terms is None else found.terms, statistic


def plug_in_terms(x: Ints, y: Ints, z: Ints) -> Floats:
    """ln p(x,y|z)/(p(x|z) p(y|z)) of the observed frequencies, at each observation."""
    xz = together(x, z)
    logs = [np.log(np.bincount(code)[code]) for code in (together(xz, y), z, xz, together(y, z))]
    out: Floats = logs[0] + logs[1] - logs[2] - logs[3]
    return out


def effective_size(terms: Floats) -> float:
    """How many independent values have a mean as uncertain as that of these successive ones; n at most.

    n/(1 + 2 Σ ρ), the autocorrelations ρ summed in pairs (Geyer 1992, doi:10.1214/ss/1177011137) as long as these are
    beyond 2√(2/n), which chance alone hardly reaches.
    """
    n = len(terms)
    centred = terms - terms.mean()
    power = np.abs(np.fft.rfft(centred, 2 * n)) ** 2
    covariance = np.fft.irfft(power, 2 * n)[: n - n % 2]
    if n < 4 or covariance[0] <= 1e-12 * n:
        return float(n)
    pairs = covariance.reshape(-1, 2).sum(axis=1) / covariance[0]
    ends = np.flatnonzero(pairs <= 2 * sqrt(2 / n))
    return n / max(2 * float(pairs[: ends[0] if ends.size else None].sum()) - 1, 1.0)


def _stretched(found: Result, factor: float) -> Result:
    """The result with its error, and the distance of the limits from the value, times a factor; no limit crosses 0."""
    if found.std_error is None or found.interval is None:
        return found
    low, high = (found.value + factor * (limit - found.value) for limit in found.interval)
    low = max(low, 0.0) if found.interval[0] >= 0 else low
    return replace(found, std_error=factor * found.std_error, interval=(low, high))
