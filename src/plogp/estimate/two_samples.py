"""How two samples differ: the functions for observations x of a distribution P and y of another, Q."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isfinite, sqrt
from typing import Any

import numpy as np

from plogp.counts import Counts
from plogp.errors import InvalidType, UnknownName
from plogp.estimate.base import DiscreteEstimator, Floats, Ints
from plogp.estimate.choice import Estimator, discrete
from plogp.estimate.choice import estimator as chosen
from plogp.estimate.counted_divergence import CountedDivergence
from plogp.estimate.divergence import (
    SurrogateWangKulkarniVerdu,
    WangKulkarniVerdu,
    check_same_columns,
    coincidences,
)
from plogp.estimate.gaussian import unit_columns
from plogp.estimate.local import Estimate, SampleEstimator
from plogp.estimate.mixed import Gao, Ross
from plogp.estimate.notes import rows
from plogp.estimate.permutation import Independence
from plogp.estimate.resampling import SEED, permuted, rearranged_test
from plogp.estimate.source import CountsSource
from plogp.estimate.spread import uncertainty
from plogp.estimate.surrogate_ross import SurrogateRoss
from plogp.evaluate import Request, evaluate
from plogp.formula import Formula
from plogp.result import Result
from plogp.samples import Samples
from plogp.units import nats_per

__all__ = ["cross_entropy", "jensen_shannon_divergence", "kl_divergence"]

Kinds = Mapping[str, str] | None

LABELLED = Formula("I(value;sample)")
"""What the value of an observation says of the sample that it came from: 0 where P = Q."""


def kl_divergence(
    x: Any,
    y: Any,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    seed: int | None = None,
    kinds: Kinds = None,
) -> Result:
    """Kullback-Leibler divergence of two distributions, from a sample of each.

    D(P ‖ Q) = Σ p ln(p/q), or ∫ p ln(p/q)

    Args:
        x: observations of P, shape (n,) or (n, d). Integers, texts and truth values are discrete, floats continuous.
        y: observations of Q, of the same kind, shape (m,) or (m, d).
        estimator: a name in kebab case or an object of `plogp.estimate`. Of discrete samples "auto" is that of Zhang &
            Grabchak (2014), or infinity where an outcome of x isn't in y; there are "plug-in" and "add-constant" too.
            Of continuous ones it is surrogate-wang-kulkarni-verdu; there are "wang-kulkarni-verdu" and "gaussian".
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the interval, None for none and for no standard error.
        permutations: how many for a p-value of P = Q, (b + 1)/(m + 1) or stopped early. The observations change
            samples; the divergence is by neighbours, or of discrete samples the plug-in one of Jensen and Shannon,
            whose p-value without permutations is from their exact moments.
        seed: of what is drawn; None is a fixed seed.
        kinds: overrides of what they are: ``{"x": "discrete", "y": "discrete"}``.

    Raises:
        InvalidType: samples of different kinds, or an estimator for another kind.
        ShapeMismatch: samples of different dimensions.
        BadTable: no observations, or all of them missing.
        InvalidValue: too few observations, infinite or repeated ones.

    Where Q is 0 and P isn't, the divergence is infinite; of continuous samples the estimate is finite all the same, and
    in many dimensions too low unless they are nearly normal. Slightly negative estimates stay so.
    Source: Zhang & Grabchak (2014), doi:10.1162/NECO_a_00646; Wang, Kulkarni & Verdú (2009),
    doi:10.1109/TIT.2009.2016060.

    >>> rng = np.random.default_rng(0)
    >>> print(kl_divergence(rng.normal(0, 1, 1000), rng.normal(1, 1, 1000), unit="nats", confidence=None))
    KL(x‖y) = 0.516 nats  (n = 2,000, Surrogate-Wang-Kulkarni-Verdu)
    """
    nats_per(unit)
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    return _divergence("KL(x‖y)", x, y, estimator, request, kinds).to(unit)


def cross_entropy(
    x: Any,
    y: Any,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    seed: int | None = None,
    kinds: Kinds = None,
) -> Result:
    """Cross-entropy of two distributions, from a sample of each.

    H(P, Q) = −Σ p ln q, or −∫ p ln q

    Args:
        x, y, estimator, unit, confidence, seed, kinds: as for `kl_divergence`; of continuous samples "auto" is
            wang-kulkarni-verdu.
        permutations: without use here; a cross-entropy has no null hypothesis.

    Raises:
        InvalidType, ShapeMismatch, BadTable, InvalidValue: as for `kl_divergence`.

    Infinite where an outcome of x isn't in y. Of continuous samples it may be negative, depends on the scale, and is
    biased in many dimensions.
    Source: Leonenko, Pronzato & Savani (2008), doi:10.1214/07-AOS539; else as for `kl_divergence`.

    >>> print(cross_entropy(["a", "b"] * 200, ["a", "b", "b", "b"] * 100))
    CE(x‖y) = 1.205 bits  [1.092, 1.317] 95%  (n = 800, Zhang)
    """
    nats_per(unit)
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    return _divergence("CE(x‖y)", x, y, estimator, request, kinds).to(unit)


def jensen_shannon_divergence(
    x: Any,
    y: Any,
    *,
    estimator: str | Estimator = "auto",
    unit: str = "bits",
    confidence: float | None = 0.95,
    permutations: int | None = None,
    seed: int | None = None,
    kinds: Kinds = None,
) -> Result:
    """Jensen-Shannon divergence of two distributions, from a sample of each.

    JSD = ½ D(P ‖ M) + ½ D(Q ‖ M), M = (P + Q)/2: what an observation says of which of the two it came from

    Args:
        x, y, unit, confidence, seed, kinds: as for `kl_divergence`.
        estimator: one of mutual information; "auto" is independence-shrinkage of discrete samples, surrogate-ross of
            continuous vectors, ross of single continuous columns, and gao where values repeat.
        permutations: how many for a p-value of P = Q; discrete samples have one without.

    Raises:
        InvalidType, ShapeMismatch, BadTable, InvalidValue: as for `kl_divergence`.

    Between 0 and 1 bit, but for chance. Both distributions weigh the same: of the larger sample as many observations as
    the other has are drawn, and the route says so.
    Source: Lin (1991), doi:10.1109/18.61115; Ross (2014), doi:10.1371/journal.pone.0087357.

    >>> print(jensen_shannon_divergence(["a", "b"] * 200, ["a", "b", "b", "b"] * 100))
    JSD(x;y) = 0.048 bits  [0.027, 0.078] 95%  p < 0.001  (n = 800, Independence-Shrinkage)
    """
    nats_per(unit)
    chosen(estimator)
    request = Request(confidence=confidence, permutations=permutations, seed=seed)
    u, v, kind, n_missing = _samples(x, y, kinds)
    u, v, route = _of_one_size(u, v, seed)
    if kind == "discrete":
        found = evaluate(LABELLED, CountsSource(_labelled(u, v), estimator), request)
    else:
        found = _told_apart(u, v, _teller(estimator, u, v, seed), request).to("bits")
    route = "; ".join(step for step in (route, f"I(value;sample) of {2 * len(u):,} observations", found.route) if step)
    return replace(found, formula="JSD(x;y)", n_missing=n_missing, route=route).noted(_left_out(n_missing)).to(unit)


def _teller(estimator: str | Estimator, u: Floats, v: Floats, seed: int | None) -> SampleEstimator:
    """The estimator of what continuous values say of the sample that they came from."""
    rule = chosen(estimator)
    if isinstance(rule, SampleEstimator):
        return rule
    if estimator != "auto":
        raise InvalidType(f"estimator={rule.name!r} for continuous samples", hint="there are 'ross' and 'gao'")
    if len(np.unique(np.concatenate([u, v]), axis=0)) < len(u) + len(v):
        return Gao()
    return Ross() if u.shape[1] == 1 else SurrogateRoss(seed=seed)


def _told_apart(u: Floats, v: Floats, rule: SampleEstimator, request: Request) -> Result:
    """I(value;sample) of continuous samples, in nats."""
    both, label = np.concatenate([u, v]), np.repeat([[0.0], [1.0]], [len(u), len(v)], axis=0)

    def verb(a: Floats, b: Floats) -> Estimate:
        return rule.mutual_information(np.concatenate([a, b]), np.repeat([[0.0], [1.0]], [len(a), len(b)], axis=0))

    found = replace(_of_neighbours(verb, u, v, request), estimator=rule.name)
    if request.permutations is None:
        return found
    statistic = rule.rearranged(both, label)
    observed = statistic(np.arange(len(both)))
    test = rearranged_test(statistic, observed, permuted(len(both)), request.permutations, request.seed)
    return replace(found, p_value=test.p_value, route=f"{found.route}; {test.route}")


def _divergence(what: str, x: Any, y: Any, estimator: str | Estimator, request: Request, kinds: Kinds) -> Result:
    """KL(x‖y) or CE(x‖y), in nats."""
    rule, cross = chosen(estimator), what.startswith("CE")
    u, v, kind, n_missing = _samples(x, y, kinds)
    if estimator != "auto" and isinstance(rule, DiscreteEstimator) != (kind == "discrete"):
        raise InvalidType(
            f"estimator={rule.name!r} for {kind} samples",
            hint="'zhang', 'plug-in' and 'add-constant' are for discrete ones, 'surrogate-wang-kulkarni-verdu', "
            "'wang-kulkarni-verdu' and 'gaussian' for continuous ones",
        )
    if kind == "discrete":
        counted = CountedDivergence(*_counts(u, v), None if estimator == "auto" else discrete(rule), cross)
        found = _of_counts(counted, request)
    else:
        rule, why = (rule, "") if isinstance(rule, SampleEstimator) else _automatic(u, v, cross, request.seed)
        found = _of_neighbours(rule.cross_entropy if cross else rule.kl_divergence, u, v, request)
        found = replace(found, estimator=rule.name, route="; ".join(step for step in (why, found.route) if step))
    p_value, how = (None, "") if cross else _same(u, v, kind, request)
    route = (f"{len(u):,} observations of x and {len(v):,} of y", found.route, how)
    return replace(
        found,
        formula=what,
        n_missing=n_missing,
        p_value=p_value,
        route="; ".join(step for step in route if step),
        notes=(*_left_out(n_missing), *found.notes),
    )


def _automatic(u: Floats, v: Floats, cross: bool, seed: int | None) -> tuple[SampleEstimator, str]:
    """The estimator for continuous samples; values that were rounded need more neighbours than coincide."""
    k, why = 3 if cross else 5, ""
    most = coincidences(u, v) if u.shape[1] == v.shape[1] else 0
    if k <= most < min(len(u), len(v)) / 10:
        k, why = most + 1, f"k = {most + 1}, since up to {most} observations coincide with one of x"
    return WangKulkarniVerdu(k) if cross else SurrogateWangKulkarniVerdu(k, seed), why


def _of_counts(found: CountedDivergence, request: Request) -> Result:
    """The result of discrete samples."""
    interval = None if request.confidence is None else found.interval(request.confidence)
    return Result(
        value=found.value,
        unit="nats",
        formula="",
        n=int(found.x.sum() + found.y.sum()),
        estimator=found.estimator.name,
        route="",
        std_error=None if request.confidence is None else found.std_error,
        interval=interval,
        confidence=None if interval is None else request.confidence,
        notes=tuple(found.notes),
    )


def _of_neighbours(verb: Callable[[Floats, Floats], Estimate], u: Floats, v: Floats, request: Request) -> Result:
    """The result of continuous samples, its uncertainty by halves of both."""
    found, spread = verb(u, v), None
    if request.confidence is not None and isfinite(found.value):
        spread = uncertainty(lambda a, b: verb(u[a], v[b]).value, found, len(u), len(v), seed=request.seed)
    interval = spread.interval(request.confidence) if spread and request.confidence else None
    return Result(
        value=found.value,
        unit="nats",
        formula="",
        n=len(u) + len(v),
        route="; ".join(step for step in (found.route, spread.route if spread else "") if step),
        std_error=spread.std_error if spread else None,
        interval=interval,
        confidence=None if interval is None else request.confidence,
        notes=(*found.notes, *(spread.notes if spread else ())),
    )


def _same(u: Any, v: Any, kind: str, request: Request) -> tuple[float | None, str]:
    """The p-value of P = Q and how it was got: exact moments of discrete samples, else permutations if asked for."""
    seed = f"{SEED} (fixed)" if request.seed is None else f"{request.seed}"
    if kind == "discrete":
        null = Independence(_labelled(u, v), (frozenset(["value"]), frozenset(["sample"])), frozenset())
        if request.permutations is None:
            return null.p_value(), "p-value: gamma distribution with the moments of permutation"
        how = f"p-value: {request.permutations:,} permutations, seed {seed}, of the Jensen-Shannon divergence"
        return null.exact_p_value(request.permutations, SEED if request.seed is None else request.seed), how
    if request.permutations is None:
        return None, ""
    both, n = unit_columns(np.concatenate([u, v]))[0], len(u)
    many = WangKulkarniVerdu(max(3, int(sqrt(min(n, len(v))))))  # neighbours: bias doesn't matter here, and chance does

    def statistic(order: Ints) -> float:
        return many.kl_divergence(both[order[:n]], both[order[n:]]).value

    test = rearranged_test(
        statistic, statistic(np.arange(len(both))), permuted(len(both)), request.permutations, request.seed
    )
    return test.p_value, f"{test.route}, of Wang-Kulkarni-Verdu with k = {many.k}"


def _samples(x: Any, y: Any, kinds: Kinds) -> tuple[Any, Any, str, int]:
    """Both samples without missing values, their kind, and how many were missing.

    Discrete ones are codes of outcomes that they have in common, continuous ones floats of shape (n, d).
    """
    if unknown := set(kinds or ()) - {"x", "y"}:
        raise UnknownName(f"kinds of {sorted(unknown)}; needed: of 'x' and 'y'", hint="kinds={'x': 'discrete'}")
    of_x, of_y = (Samples({k: v}, {k: kinds[k]} if kinds and k in kinds else None) for k, v in (("x", x), ("y", y)))
    first, second = of_x.kinds["x"], of_y.kinds["y"]
    if (first == "discrete") != (second == "discrete"):
        raise InvalidType(
            f"x is {first} and y is {second}; needed: samples of one kind",
            hint="kinds={'x': 'discrete', 'y': 'discrete'}, or 'continuous' for numbers",
        )
    if first != "discrete":
        rows_x, rows_y = of_x.rows(["x"]), of_y.rows(["y"])
        u, v = rows_x.values["x"], rows_y.values["y"]
        check_same_columns(u, v)
        return u, v, first, rows_x.n_missing + rows_y.n_missing
    (counts_x, gone), (counts_y, lost) = of_x.counts(["x"]), of_y.counts(["y"])
    places: dict[Any, int] = {}
    u, v = (
        np.repeat([places.setdefault(outcome, len(places)) for outcome in cells], list(cells.values()))
        for cells in (counts_x.to_dict(), counts_y.to_dict())
    )
    return u, v, "discrete", gone + lost


def _of_one_size(u: Any, v: Any, seed: int | None) -> tuple[Any, Any, str]:
    """Of the larger sample as many observations as the other has, drawn from them in an order of their own."""
    n, most = sorted((len(u), len(v)))
    if n == most:
        return u, v, ""
    rng = np.random.default_rng(SEED if seed is None else seed)
    drawn = np.sort(rng.permutation(most)[:n])
    u, v = (part if len(part) == n else part[np.lexsort(np.atleast_2d(part.T))][drawn] for part in (u, v))
    worded = f"{SEED} (fixed)" if seed is None else f"{seed}"
    return u, v, f"{n:,} of {most:,} observations of the larger sample, drawn with seed {worded}"


def _counts(u: Ints, v: Ints) -> tuple[Ints, Ints]:
    """How often each code occurs in both."""
    k = max(u.max(), v.max()) + 1
    return np.bincount(u, minlength=k), np.bincount(v, minlength=k)


def _labelled(u: Ints, v: Ints) -> Counts:
    """Codes with the sample that they came from."""
    columns = {"value": np.concatenate([u, v]), "sample": np.repeat([0, 1], [len(u), len(v)])}
    return Counts.from_codes(columns, {"value": range(int(columns["value"].max()) + 1), "sample": ("x", "y")})


def _left_out(n_missing: int) -> tuple[str, ...]:
    return (f"{rows(n_missing)} left out because a value is missing",) * bool(n_missing)
