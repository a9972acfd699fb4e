"""Entropies of one distribution: how uncertain its outcomes are."""

from plogp.arrays import Array, Axis
from plogp.distributions import distribution
from plogp.units import nats_per

__all__ = ["entropy", "perplexity", "self_information"]


def self_information(
    p: Array | None = None,
    axis: Axis = -1,
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How much a single outcome tells: −log p, of each entry.

    Args:
        p, logits, log_probs: probabilities of any shape, in one form; they needn't be all of a distribution.
        axis: along which logits, or counts to normalize, belong together.
        check: refuse entries outside 0..1.
        normalize, unit: as in `entropy`.

    Returns:
        An array of that shape, +inf where p is 0.

    Raises:
        NotADistribution: an entry that is NaN, negative or above 1.
        InvalidType: not one array of real numbers.

    >>> float(self_information(1 / 64))
    6.0
    """
    per = nats_per(unit)
    together = axis if logits is not None or normalize else ()
    d = distribution(together, normalize, "p", (p, logits, log_probs), wide=False)
    f = d.framework
    if check:
        d.verify_entries()
    return f.cast((0.0 - (f.xp.log(d.p) if d.log is None else d.log)) / per, d.dtype)


def entropy(
    p: Array | None = None,
    axis: Axis | None = -1,
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How uncertain an outcome is: H = −Σ p log p.

    Args:
        p, logits, log_probs: the distribution, in one form; (..., k) with the outcomes along `axis`.
        axis: one axis, or several whose cells are the outcomes together; None is all of them.
        check: refuse what is negative, NaN or doesn't sum to 1 within √ε of its dtype; False is the bare formula.
        normalize: rescale `p` or `log_probs` to sum to 1 first.
        unit: "bits", "nats" or "hartleys".

    Returns:
        An array (...) of the same framework, in `unit`, at least 0 and at most log k.

    Raises:
        NotADistribution: entries that are NaN or negative, or don't sum to 1.
        ShapeMismatch: no such axis, or no outcomes along it.
        InvalidType: not one array of real numbers.

    Reference: Shannon 1948, doi:10.1002/j.1538-7305.1948.tb01338.x.

    >>> float(entropy([0.5, 0.25, 0.125, 0.125]))
    1.75
    """
    per = nats_per(unit)
    d = distribution(axis, normalize, "p", (p, logits, log_probs), wide=False)
    value, totals = d.entropy(per, bare=not check)
    if check:
        d.verify(totals)
    return d.framework.cast(value, d.dtype)


def perplexity(
    p: Array | None = None,
    axis: Axis | None = -1,
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
) -> Array:
    """How many equally likely outcomes are as uncertain: exp H, which has no unit; arguments as in `entropy`.

    >>> round(float(perplexity([0.25] * 4)), 12)
    4.0
    """
    d = distribution(axis, normalize, "p", (p, logits, log_probs), wide=False)
    nats, totals = d.entropy(bare=not check)
    if check:
        d.verify(totals)
    return d.framework.cast(d.framework.xp.exp(nats), d.dtype)
