"""Rényi's and Tsallis's families: entropies and a divergence with an order, which are Shannon's at order 1.

Near order 1 they divide what is almost 0, so there Σ p^α is taken as 1 + Σ p·expm1((α − 1) log p).
"""

from math import inf

from plogp.arrays import Array
from plogp.distributions import Distribution, distribution, distributions, log_under
from plogp.errors import InvalidType, InvalidValue
from plogp.units import nats_per

__all__ = ["renyi_divergence", "renyi_entropy", "tsallis_entropy"]

NEAR = 2.0**-8
"""How near to 1 an order of Rényi's is taken by that formula, which may cancel elsewhere if a ratio is extreme."""


def renyi_entropy(
    p: Array | None = None,
    order: float | None = None,
    axis: int | tuple[int, ...] | None = -1,
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """The Rényi entropy H_α = log(Σ p^α) / (1 − α).

    Order 0 is the log of the number of possible outcomes, 1 Shannon's entropy, 2 the collision entropy, ∞ −log max p.

    Args:
        p, logits, log_probs: the distribution, in one form; (..., k) with the outcomes along `axis`.
        order: α ≥ 0, a number.
        axis, check, normalize, unit: as in `entropy`.

    Returns:
        An array (...) of the same framework, in `unit`.

    Raises:
        InvalidValue: an order below 0 or NaN.
        NotADistribution, ShapeMismatch, InvalidType: as in `entropy`.

    Reference: Rényi 1961, On measures of entropy and information, Proc. 4th Berkeley Symp. 1, 547–561.

    >>> [float(renyi_entropy([0.5, 0.25, 0.125, 0.125], order)) for order in (0, 1, inf)]
    [2.0, 1.75, 1.0]
    """
    per, order = nats_per(unit), _order(order)
    d = distribution(axis, normalize, "p", (p, logits, log_probs), wide=True)
    if check:
        d.verify()
    f, axes = d.framework, d.axis
    if order == 1:
        value = d.entropy()[0]
    elif order == 0:
        value = f.xp.log(f.sum(1.0 - f.zero(d.p), axes))
    elif order == inf:
        value = 0.0 - f.xp.max(_log(d), axis=axes)
    elif abs(order - 1) < NEAR:
        excess = f.sum(d.p * f.xp.expm1((order - 1) * d.logs()), axes)
        value = f.xp.log1p(excess + _off_one(d, check)) / (1 - order)
    else:
        value = f.logsumexp(order * _log(d), axes) / (1 - order)
    return f.cast(value / per, d.dtype)


def tsallis_entropy(
    p: Array | None = None,
    order: float | None = None,
    axis: int | tuple[int, ...] | None = -1,
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
) -> Array:
    """The Tsallis entropy S_q = (1 − Σ p^q) / (q − 1), in its natural form, which has no unit.

    Order 0 is the number of possible outcomes less one, 1 Shannon's entropy in nats, 2 the Gini index, ∞ is 0.

    Args:
        p, logits, log_probs: the distribution, in one form; (..., k) with the outcomes along `axis`.
        order: q ≥ 0, a number.
        axis, check, normalize: as in `entropy`.

    Returns:
        An array (...) of the same framework.

    Raises:
        InvalidValue: an order below 0 or NaN.
        NotADistribution, ShapeMismatch, InvalidType: as in `entropy`.

    Reference: Tsallis 1988, doi:10.1007/BF01016429.

    >>> float(tsallis_entropy([0.5, 0.5], order=2))
    0.5
    """
    order = _order(order)
    d = distribution(axis, normalize, "p", (p, logits, log_probs), wide=True)
    if check:
        d.verify()
    f, axes = d.framework, d.axis
    if order == 1:
        value = d.entropy()[0]
    elif order == inf:
        value = 0.0 * f.sum(d.p, axes)
    elif order < 0.5:
        value = (1.0 - f.sum((1.0 - f.zero(d.p)) * f.xp.exp(order * d.logs()), axes)) / (order - 1)
    else:
        excess = f.sum(d.p * f.xp.expm1((order - 1) * d.logs()), axes)
        value = (0.0 - (excess + _off_one(d, check))) / (order - 1)
    return f.cast(value, d.dtype)


def renyi_divergence(
    p: Array | None = None,
    q: Array | None = None,
    order: float | None = None,
    axis: int | tuple[int, ...] | None = -1,
    *,
    p_logits: Array | None = None,
    q_logits: Array | None = None,
    p_log_probs: Array | None = None,
    q_log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """The Rényi divergence D_α(p ‖ q) = log(Σ p^α q^(1−α)) / (α − 1).

    Order 0 is −log of what q gives to the outcomes that p allows, 1 the Kullback-Leibler divergence, ∞ log max p/q.
    It is +inf where p and q share no outcome, and from order 1 on also where q = 0 < p.

    Args:
        p, q: the distributions, each in one form, also `p_logits`, `q_log_probs`, …; (..., k) along `axis`.
        order: α ≥ 0, a number.
        axis, check, normalize, unit: as in `kl_divergence`.

    Returns:
        An array (...) of the same framework, in `unit`.

    Raises:
        InvalidValue: an order below 0 or NaN.
        NotADistribution, ShapeMismatch, InvalidType: as in `kl_divergence`.

    Reference: van Erven and Harremoës 2014, doi:10.1109/TIT.2014.2320500.

    >>> float(renyi_divergence([0.5, 0.5], [0.25, 0.75], order=inf))
    1.0
    """
    per, order = nats_per(unit), _order(order)
    dp, dq = distributions(axis, normalize, check, (p, p_logits, p_log_probs), (q, q_logits, q_log_probs), wide=True)
    if check:
        dp.verify()
        dq.verify()
    f, axes = dp.framework, dp.axis
    if order == 1:
        value = dp.divergence(dq)[0]
    elif order == 0:
        value = 0.0 - f.xp.log(f.sum((1.0 - f.zero(dp.p)) * dq.p, axes))
    elif order == inf:
        value = f.xp.max(dp.logs() - log_under(dp, dq) + _possible(dp), axis=axes)
    else:
        value = f.logsumexp(order * dp.logs() + (1 - order) * log_under(dp, dq) + _possible(dp), axes) / (order - 1)
        if abs(order - 1) < NEAR:
            excess = f.sum(dp.p * f.xp.expm1((order - 1) * (dp.logs() - log_under(dp, dq))), axes)
            little = excess < -0.5  # p and q share little: no difference of ones, and the first value is exact
            near = f.xp.log1p(f.xp.where(little, 0.0, excess + _off_one(dp, check))) / (order - 1)
            value = f.xp.where(little, value, near)
    return f.cast(value / per, dp.dtype)


def _order(order: float | None) -> float:
    if isinstance(order, bool) or not isinstance(order, int | float):
        raise InvalidType(f"order={order!r} came; a number is needed", hint="order=2, or order=float('inf')")
    if not order >= 0:
        raise InvalidValue(f"order={order} came; an order of 0 or more is needed")
    return float(order)


def _log(d: Distribution) -> Array:
    """log p, which is −inf at p = 0, without a gradient there."""
    return d.logs() + _possible(d) if d.log is None else d.log


def _possible(d: Distribution) -> Array:
    """0 where p is not 0, else −inf."""
    return d.framework.xp.log(1.0 - d.framework.zero(d.p))


def _off_one(d: Distribution, check: bool) -> Array:
    """Σ p − 1; in a distribution it is 0 but for rounding, and has a gradient still."""
    off = d.framework.sum(d.p, d.axis) - 1.0
    return d.framework.gradient_of(off) if check else off
