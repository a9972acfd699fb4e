"""The functions for distribution objects."""

from collections.abc import Sequence
from math import isclose
from typing import Any

import numpy as np

from plogp.densities import answers
from plogp.densities.answers import How, answer, closed_divergence, closed_entropy, is_number
from plogp.densities.bounds import entropy_bounds
from plogp.densities.ladder import OUTSIDE, Found, Term, climb, endless
from plogp.densities.law import Law, Sampled
from plogp.densities.mixtures import Mixed
from plogp.densities.reading import law, pair
from plogp.densities.renyi import closed_renyi, renyi
from plogp.errors import InvalidType, InvalidValue
from plogp.result import Result
from plogp.units import nats_per

__all__ = ["cross_entropy", "entropy", "jensen_shannon_divergence", "kl_divergence", "renyi_divergence"]


def entropy(
    d: Any,
    *,
    unit: str = "bits",
    rung: str | None = None,
    tolerance: float | None = None,
    confidence: float | None = 0.95,
    seed: int | None = None,
) -> Result:
    """The entropy of a distribution: differential, h = −∫ f log f, or of whole numbers, H = −Σ p log p.

    Args:
        d: a distribution, or a batch of them: of `scipy.stats`, frozen or of the new kind, of `torch.distributions` or
            NumPyro, a fitted Gaussian mixture of scikit-learn, or a `Mixture`.
        unit: "bits", "nats" or "hartleys".
        rung: "closed-form", "quadrature", "exact-sum" or "monte-carlo"; None is the first of these that serves.
        tolerance: absolute error to aim at, in `unit`; of Monte Carlo the standard error. None is 1e-9 nats by
            quadrature, 1e-12 by sums, 1e-3 by Monte Carlo.
        confidence: nominal coverage of the interval around a Monte Carlo estimate, None for none.
        seed: of the draws; None is 0.

    Returns:
        A Result whose `route` names the rung and its error; `value` a float, or an array or tensor of the batch's
        shape, through which gradients flow where the form is closed. Differential entropy may be negative, and depends
        on the unit that x is measured in. Of some laws it is infinite, and the result says what proves it. Of a mixture
        of laws with closed forms `notes` has bounds too.

    Raises:
        InvalidType: samples, or something else that isn't a distribution.
        InvalidValue: parameters of which there is no law; a rung that doesn't serve.
        UnknownName: a unit or rung that isn't there.

    Source: Cover & Thomas 2006, chapter 8, doi:10.1002/047174882X; of each form in `plogp.densities.closed`.

    >>> from scipy.stats import norm, uniform
    >>> print(entropy(norm(0, 1)))
    h(p) = 2.0471 bits  (Closed-Form)
    >>> float(entropy(uniform(0, 0.5)))
    -1.0
    """
    how, p = How(unit, rung, tolerance, confidence, seed), law("d", d)

    def numerical(laws: tuple[Sampled, ...], rung: str) -> Found:
        term = Term(1.0, laws[0], lambda x, near, log_p: -log_p)
        return climb([term], rung, how.nats, how.seed or 0)

    result = answer("H(p)" if p.discrete else "h(p)", (p,), p.batch, how, lambda: closed_entropy(p), numerical)
    return result.noted(_bounds(p, unit)) if p.family == "mixture" and isinstance(p.at, tuple) else result


def _bounds(p: Law, unit: str) -> list[str]:
    """Bounds of a mixture's entropy, where its components have closed forms."""
    bounds = entropy_bounds(*p.at)
    if bounds is None:
        return []
    low, high = (bound / nats_per(unit) for bound in bounds)
    return [
        f"between {low:.6g} and {high:.6g} {unit}, by pairwise bounds (Kolchinsky & Tracey 2017; Huber et al. 2008)"
    ]


def kl_divergence(
    p: Any,
    q: Any,
    *,
    unit: str = "bits",
    rung: str | None = None,
    tolerance: float | None = None,
    confidence: float | None = 0.95,
    seed: int | None = None,
) -> Result:
    """How many more units it costs to expect q where p is true: D(p ‖ q) = ∫ p log(p/q), or Σ.

    Args:
        p, q: distributions as in `entropy`, both continuous or both discrete, with values of one shape and batches that
            broadcast. One of SciPy goes together with one of any framework.
        unit, rung, tolerance, confidence, seed: as in `entropy`.

    Returns:
        A Result as in `entropy`; at least 0, to the error that its route states, and +inf where the supports or a tail
        prove it.

    Raises:
        InvalidType: one discrete and one continuous, or tensors of two frameworks; samples.
        ShapeMismatch: values of different shapes, or batches that don't broadcast.
        InvalidValue, UnknownName: as in `entropy`.

    Source: Kullback & Leibler 1951, doi:10.1214/aoms/1177729694; of each form in `plogp.densities.closed`.

    >>> from scipy.stats import norm, laplace, t
    >>> result = kl_divergence(norm(0, 1), norm(1, 2), unit="nats")
    >>> print(result, result.route, sep="; ")
    D(p‖q) = 0.4431 nats  (Closed-Form); closed form, norm ‖ norm; Gil, Alajaji & Linder 2013, ...
    >>> print(kl_divergence(t(3), laplace(0, 1)).route)
    quadrature, error at most about ... nats
    """
    a, b, batch = pair(p, q)
    how = How(unit, rung, tolerance, confidence, seed)

    def numerical(laws: tuple[Sampled, ...], rung: str) -> Found:
        if outside(*laws):
            return endless(rung, OUTSIDE)
        return climb([divergence_term(*laws)], rung, how.nats, how.seed or 0)

    return answer("D(p‖q)", (a, b), batch, how, lambda: closed_divergence(a, b), numerical)


def divergence_term(p: Sampled, q: Sampled) -> Term:
    """E log p/q under p."""
    return Term(1.0, p, lambda x, near, log_p: log_p - q.log_density(x, near), others=(q,))


def outside(p: Sampled, q: Sampled) -> bool:
    """Whether p has mass beyond an end of q."""
    return p.support[0] < q.support[0] or p.support[1] > q.support[1]


def cross_entropy(
    p: Any,
    q: Any,
    *,
    unit: str = "bits",
    rung: str | None = None,
    tolerance: float | None = None,
    confidence: float | None = 0.95,
    seed: int | None = None,
) -> Result:
    """What it costs to describe p in the code that is right for q: −∫ p log q = h(p) + D(p ‖ q), or Σ.

    Args:
        p, q, unit, rung, tolerance, confidence, seed: as in `kl_divergence`.

    Returns:
        A Result as in `entropy`; of densities it may be negative.

    Raises:
        InvalidType, ShapeMismatch, InvalidValue, UnknownName: as in `kl_divergence`.

    Source: Cover & Thomas 2006, doi:10.1002/047174882X.

    >>> from scipy.stats import norm
    >>> print(cross_entropy(norm(0, 1), norm(1, 2)))
    CE(p,q) = 2.6864 bits  (Closed-Form)
    """
    a, b, batch = pair(p, q)
    how = How(unit, rung, tolerance, confidence, seed)

    def closed() -> answers.Closed:
        own, apart = closed_entropy(a), closed_divergence(a, b)
        return None if own is None or apart is None else (own[0] + apart[0], apart[1])

    def numerical(laws: tuple[Sampled, ...], rung: str) -> Found:
        if outside(*laws):
            return endless(rung, OUTSIDE)
        x, y = laws
        term = Term(1.0, x, lambda v, near, log_p: -y.log_density(v, near), others=(y,))
        return climb([term], rung, how.nats, how.seed or 0)

    return answer("CE(p,q)", (a, b), batch, how, closed, numerical)


def jensen_shannon_divergence(
    p: Any,
    q: Any,
    weights: Sequence[float] | None = None,
    *,
    unit: str = "bits",
    rung: str | None = None,
    tolerance: float | None = None,
    confidence: float | None = 0.95,
    seed: int | None = None,
) -> Result:
    """How well one value tells whether it came from p or from q: Σ w D(· ‖ m) with m = w_p p + w_q q.

    Args:
        p, q, unit, rung, tolerance, confidence, seed: as in `kl_divergence`.
        weights: (w_p, w_q), how often each is drawn from; ½ and ½ unless told.

    Returns:
        A Result as in `entropy`, between 0 and the entropy of the weights, to the error that its route states.

    Raises:
        InvalidValue: weights that are no two probabilities which sum to 1, and as in `entropy`.
        InvalidType, ShapeMismatch, UnknownName: as in `kl_divergence`.

    Source: Lin 1991, doi:10.1109/18.61115.

    >>> from scipy.stats import norm
    >>> print(jensen_shannon_divergence(norm(0, 1), norm(3, 1)))
    JS(p,q) = 0.7600 bits  (Quadrature)
    """
    a, b, batch = pair(p, q)
    how, w = How(unit, rung, tolerance, confidence, seed), _weights(weights)

    def numerical(laws: tuple[Sampled, ...], rung: str) -> Found:
        mixed = Mixed(np.array(w), laws)
        terms = [
            Term(weight, own, lambda x, near, log_p: log_p - mixed.log_density(x, near), others=laws)
            for weight, own in zip(w, laws, strict=True)
            if weight
        ]
        return climb(terms, rung, how.nats, how.seed or 0)

    return answer("JS(p,q)", (a, b), batch, how, lambda: None, numerical)


def _weights(weights: Sequence[float] | None) -> tuple[float, float]:
    if weights is None:
        return 0.5, 0.5
    given = np.asarray(weights)
    if given.shape != (2,) or given.dtype.kind not in "fiu" or not (given >= 0).all() or not isclose(given.sum(), 1.0):
        raise InvalidValue(f"weights={weights!r} came; two numbers of 0 or more that sum to 1 are needed")
    return float(given[0]), float(given[1])


def renyi_divergence(
    p: Any,
    q: Any,
    order: float,
    *,
    unit: str = "bits",
    rung: str | None = None,
    tolerance: float | None = None,
    confidence: float | None = 0.95,
    seed: int | None = None,
) -> Result:
    """The Rényi divergence D_α(p ‖ q) = log(∫ p^α q^(1−α)) / (α − 1), or Σ.

    Order 0 is −log of what q gives to the support of p, 1 the Kullback-Leibler divergence, ∞ log sup p/q.

    Args:
        p, q, unit, rung, tolerance, confidence, seed: as in `kl_divergence`.
        order: α ≥ 0; 0 and ∞ of laws on the line only.

    Returns:
        A Result as in `entropy`; at least 0, to the error that its route states.

    Raises:
        InvalidValue: an order below 0 or NaN, and as in `entropy`.
        InvalidType, ShapeMismatch, UnknownName: as in `kl_divergence`.

    Monte Carlo's values of orders above 1 may have heavy tails: its interval is too narrow where p/q grows without end.
    Source: Gil, Alajaji & Linder 2013, doi:10.1016/j.ins.2013.06.018; van Erven & Harremoës 2014,
    doi:10.1109/TIT.2014.2320500.

    >>> from scipy.stats import norm
    >>> print(renyi_divergence(norm(0, 1), norm(1, 1), order=2, unit="nats"))
    D_2(p‖q) = 1.0000 nats  (Closed-Form)
    """
    if not is_number(order):
        raise InvalidType(f"order={order!r} came; a number is needed", hint="order=2, or order=float('inf')")
    if not order >= 0:
        raise InvalidValue(f"order={order} came; an order of 0 or more is needed")
    if order == 1:
        return kl_divergence(p, q, unit=unit, rung=rung, tolerance=tolerance, confidence=confidence, seed=seed)
    a, b, batch = pair(p, q)
    how = How(unit, rung, tolerance, confidence, seed)

    def numerical(laws: tuple[Sampled, ...], rung: str) -> Found:
        return renyi(laws[0], laws[1], order, rung, how.nats, how.seed or 0, a.discrete)

    return answer(f"D_{order:g}(p‖q)", (a, b), batch, how, lambda: closed_renyi(a, b, order), numerical)
