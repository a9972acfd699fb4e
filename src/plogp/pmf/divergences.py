"""Divergences: how far one distribution is from another."""

from collections.abc import Sequence
from math import isclose, nan

from plogp.arrays import Array, Axis, Framework
from plogp.distributions import Form, distributions, log_under
from plogp.errors import InvalidValue
from plogp.units import nats_per

__all__ = ["cross_entropy", "jensen_shannon_distance", "jensen_shannon_divergence", "kl_divergence"]


def kl_divergence(
    p: Array | None = None,
    q: Array | None = None,
    axis: Axis | None = -1,
    *,
    p_logits: Array | None = None,
    q_logits: Array | None = None,
    p_log_probs: Array | None = None,
    q_log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How many more units it costs to expect q where p is true: D(p ‖ q) = Σ p log(p/q).

    The value is that of the numbers as they are given, whose sums may be off by rounding; so in float32 it can be off
    by Σp − Σq, some 1e-7, from that of the distributions they stand for, and be negative. `normalize=True` takes this
    out. With `check=True` the rounding of p/q is put back, in float64 where there is one, so that a value of 1e-8 bits
    is right; `check=False` is the bare formula in the dtype given.

    No gradient goes through an outcome of p = 0, whatever q is; elsewhere it is log(p/q) + 1 and −p/q, in nats.

    Args:
        p, q: the distributions, each in one form, also as `p_logits=`, `q_log_probs=`, …; (..., k) with the same
            outcomes along `axis`, batches that broadcast.
        axis, check, normalize, unit: as in `entropy`.

    Returns:
        An array (...) of the same framework, in `unit`, at least 0 (to rounding); +inf where q = 0 < p somewhere.

    Raises:
        NotADistribution: entries that are NaN or negative, or don't sum to 1.
        ShapeMismatch: different outcomes, or batches that don't go together.
        InvalidType: arrays of two frameworks, or not of real numbers.

    Reference: Kullback and Leibler 1951, doi:10.1214/aoms/1177729694.

    >>> round(float(kl_divergence([0.5, 0.5], [0.25, 0.75], unit="nats")), 12)
    0.143841036226
    """
    per = nats_per(unit)
    forms = (p, p_logits, p_log_probs), (q, q_logits, q_log_probs)
    dp, dq = distributions(axis, normalize, check, *forms, wide=check)
    value, p_totals, q_totals = dp.divergence(dq, per, bare=not check)
    if check:
        dp.verify(p_totals)
        dq.verify(q_totals)
    return dp.framework.cast(value, dp.dtype)


def cross_entropy(
    p: Array | None = None,
    q: Array | None = None,
    axis: Axis | None = -1,
    *,
    p_logits: Array | None = None,
    q_logits: Array | None = None,
    p_log_probs: Array | None = None,
    q_log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How many units an outcome of p costs when q is expected: −Σ p log q = H(p) + D(p ‖ q).

    For class labels see `plogp.losses.cross_entropy`.

    Args:
        p, q, axis, check, normalize, unit: as in `kl_divergence`.

    Returns:
        An array (...) of the same framework, in `unit`, at least H(p); +inf where q = 0 < p somewhere.

    Raises:
        NotADistribution, ShapeMismatch, InvalidType: as in `kl_divergence`.

    >>> float(cross_entropy([0.5, 0.5], [0.25, 0.75]))
    1.207518749639422
    """
    per = nats_per(unit)
    forms = (p, p_logits, p_log_probs), (q, q_logits, q_log_probs)
    dp, dq = distributions(axis, normalize, check, *forms, wide=False)
    if check:
        dp.verify()
        dq.verify()
    value = 0.0 - dp.framework.sum(dp.p * log_under(dp, dq), dp.axis)
    return dp.framework.cast(value / per, dp.dtype)


def jensen_shannon_divergence(
    p: Array | None = None,
    q: Array | None = None,
    weights: Sequence[float] | None = None,
    axis: Axis | None = -1,
    *,
    p_logits: Array | None = None,
    q_logits: Array | None = None,
    p_log_probs: Array | None = None,
    q_log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How well one outcome tells whether it came from p or from q: Σ w D(· ‖ m) with m = w_p p + w_q q.

    Small values are right too, as of `kl_divergence`. The gradient by p is w_p log(p/m) in nats: −w_p log w_p where
    both are 0, and none where only p is, since it is infinite there.

    Args:
        p, q, axis, check, normalize, unit: as in `kl_divergence`.
        weights: (w_p, w_q), how often each is drawn from; ½ and ½ unless told.

    Returns:
        An array (...) of the same framework, in `unit`, at least 0 and at most the entropy of the weights.

    Raises:
        InvalidValue: weights that are no two probabilities which sum to 1.
        NotADistribution, ShapeMismatch, InvalidType: as in `kl_divergence`.

    Reference: Lin 1991, doi:10.1109/18.61115.

    >>> float(jensen_shannon_divergence([1.0, 0.0], [0.0, 1.0]))
    1.0
    """
    f, dtype, value = _jensen_shannon(
        (p, p_logits, p_log_probs), (q, q_logits, q_log_probs), weights, axis, check, normalize
    )
    return f.cast(value / nats_per(unit), dtype)


def jensen_shannon_distance(
    p: Array | None = None,
    q: Array | None = None,
    weights: Sequence[float] | None = None,
    axis: Axis | None = -1,
    *,
    p_logits: Array | None = None,
    q_logits: Array | None = None,
    p_log_probs: Array | None = None,
    q_log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """The square root of the Jensen-Shannon divergence in `unit`, which is a metric; arguments as there.

    Reference: Endres and Schindelin 2003, doi:10.1109/TIT.2003.813506.

    >>> float(jensen_shannon_distance([1.0, 0.0], [0.0, 1.0]))
    1.0
    """
    f, dtype, value = _jensen_shannon(
        (p, p_logits, p_log_probs), (q, q_logits, q_log_probs), weights, axis, check, normalize
    )
    return f.cast(f.xp.sqrt(f.xp.maximum(value, 0.0 * value) / nats_per(unit)), dtype)  # −1e-33 is rounding


def _jensen_shannon(
    p: Form, q: Form, weights: Sequence[float] | None, axis: Axis | None, check: bool, normalize: bool
) -> tuple[Framework, str, Array]:
    """The framework, the dtype of the result, and the divergence in nats."""
    w = _weights(weights)
    given = distributions(axis, normalize, check, p, q, wide=True)
    if check:
        for d in given:
            d.verify()
    f, axes = given[0].framework, given[0].axis
    solid = [f.solid(d.p) for d in given]
    m = w[0] * solid[0] + w[1] * solid[1]
    parts = [w * f.sum(_excess(f, d.p, x, m, w), axes) for w, d, x in zip(w, given, solid, strict=True) if w]
    return f, given[0].dtype, sum(parts)


def _excess(f: Framework, p: Array, x: Array, m: Array, w: float) -> Array:
    """p log(x/m) − x + m for x = p, where the rounding of x/m, and of m, cancels; Σ w(m − x) is 0.

    Where w·x is all there is of m, and both are 0, log(x/m) is log(1/w), which is the derivative by p there.
    """
    nowhere = f.zero(m)
    ratio = (x + nowhere) / (m + nowhere)
    return p * f.xp.log(ratio + f.zero(ratio) + nowhere * (1 / w - 1)) - m * (ratio - 1.0)


def _weights(weights: Sequence[float] | None) -> tuple[float, float]:
    if weights is None:
        return 0.5, 0.5
    try:
        w_p, w_q = map(float, weights)
    except (TypeError, ValueError):
        w_p = w_q = nan
    if not (w_p >= 0 and w_q >= 0 and isclose(w_p + w_q, 1.0)):
        raise InvalidValue(f"weights={weights!r} came; two numbers of 0 or more that sum to 1 are needed")
    return w_p, w_q
