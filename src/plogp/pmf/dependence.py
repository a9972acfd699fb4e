"""Several variables: how uncertain they are together, and how much they tell of one another.

Marginals always come from the joint distribution, never from the caller.
"""

import numpy as np

from plogp.arrays import Array, Axis, Framework
from plogp.distributions import Distribution, distribution, sum_excess
from plogp.errors import InvalidValue, ShapeMismatch
from plogp.pmf.entropies import entropy
from plogp.units import nats_per

__all__ = [
    "conditional_entropy",
    "conditional_mutual_information",
    "joint_entropy",
    "mutual_information",
    "pointwise_mutual_information",
]


def joint_entropy(
    p_xy: Array | None = None,
    axis: Axis | None = None,
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """The entropy of several variables together: −Σ p log p over all axes, or those of `axis`; else as `entropy`.

    >>> float(joint_entropy([[0.25, 0.25], [0.25, 0.25]]))
    2.0
    """
    return entropy(p_xy, axis, logits=logits, log_probs=log_probs, check=check, normalize=normalize, unit=unit)


def conditional_entropy(
    p_xy: Array | None = None,
    given: int | tuple[int, ...] = 0,
    axis: tuple[int, ...] = (-2, -1),
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How uncertain the others are once some variables are known: H(others | given) = Σ p log(p_given / p).

    Args:
        p_xy, logits, log_probs: the joint distribution, in one form; (..., n_x, n_y). Marginals come from it.
        given: which variables are known, as positions in `axis`: 0 is H(Y|X), 1 is H(X|Y).
        axis: of the variables.
        check, normalize, unit: as in `entropy`.

    Returns:
        An array (...) of the same framework, in `unit`, at least 0 and at most H(others).

    Raises:
        InvalidValue: `given` isn't a position in `axis`, or leaves no other.
        NotADistribution, ShapeMismatch, InvalidType: as in `entropy`.

    >>> float(conditional_entropy([[0.5, 0.0], [0.25, 0.25]], given=1))
    0.6887218755408672
    """
    per = nats_per(unit)
    d = distribution(axis, normalize, "p_xy", (p_xy, logits, log_probs), wide=True)
    f, axes = d.framework, d.axis
    unknown = others(axes, given)
    if check:
        d.verify()
    p = f.solid(d.p)
    value, _, _ = f.divergence(p, f.sum(p, unknown, keepdims=True), axes, per)
    return f.cast(0.0 - value, d.dtype)


def mutual_information(
    p_xy: Array | None = None,
    axis: tuple[int, int] = (-2, -1),
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How much two variables tell of each other: I(X;Y) = Σ p log(p / (p_x p_y)).

    Computed as Σ p·(r − 1) − Σ p log r with r = p_x p_y / p, so that a value of 1e-8 bits survives float32. With
    `check=True` what rounding leaves of Σ p − 1 is taken out.

    Args:
        p_xy, logits, log_probs: the joint distribution, in one form; (..., n_x, n_y). Marginals come from it.
        axis: of the two variables.
        check, normalize, unit: as in `entropy`.

    Returns:
        An array (...) of the same framework, in `unit`, at least 0 and at most min H.

    Raises:
        NotADistribution, ShapeMismatch, InvalidType: as in `entropy`.

    >>> float(mutual_information([[0.5, 0.0], [0.0, 0.5]]))
    1.0
    """
    per = nats_per(unit)
    d = distribution(axis, normalize, "p_xy", (p_xy, logits, log_probs), wide=True)
    f, axes = d.framework, d.axis
    x, y = variables(axes, 2)
    if check:
        d.verify()
    p = f.solid(d.p)
    share = f.xlogx(f.sum(p, axes))  # of Σ p, which needn't be 1 in a bare formula
    value = _dependence(f, p, x, y, axes) - (f.gradient_of(share) if check else share)
    return f.cast(value / per, d.dtype)


def conditional_mutual_information(
    p_xyz: Array | None = None,
    given: int = 2,
    axis: tuple[int, int, int] = (-3, -2, -1),
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How much two variables tell of each other once a third is known: I(X;Y|Z) = Σ p log(p p_z / (p_xz p_yz)).

    Args:
        p_xyz, logits, log_probs: the joint distribution, in one form; (..., n_x, n_y, n_z).
        given: which variable is known, as a position in `axis`.
        axis: of the three variables.
        check, normalize, unit: as in `entropy`.

    Returns:
        An array (...) of the same framework, in `unit`, at least 0.

    Raises:
        InvalidValue: `given` isn't a position in `axis`.
        NotADistribution, ShapeMismatch, InvalidType: as in `entropy`.

    >>> xor = [[[0.25, 0.0], [0.0, 0.25]], [[0.0, 0.25], [0.25, 0.0]]]
    >>> float(conditional_mutual_information(xor))
    1.0
    """
    per = nats_per(unit)
    d = distribution(axis, normalize, "p_xyz", (p_xyz, logits, log_probs), wide=True)
    f, axes = d.framework, d.axis
    x, y = variables(others(variables(axes, 3), given), 2)
    if check:
        d.verify()
    value = _dependence(f, f.solid(d.p), x, y, axes)
    return f.cast(value / per, d.dtype)


def pointwise_mutual_information(
    p_xy: Array | None = None,
    axis: tuple[int, int] = (-2, -1),
    normalized: bool = False,
    *,
    logits: Array | None = None,
    log_probs: Array | None = None,
    check: bool = True,
    normalize: bool = False,
    unit: str = "bits",
) -> Array:
    """How much more often two outcomes come together than by chance: log(p / (p_x p_y)), for each pair.

    Args:
        p_xy, logits, log_probs: the joint distribution, in one form; (..., n_x, n_y). Marginals come from it.
        axis: of the two variables.
        normalized: divide by −log p, which gives −1 (never together) to 1 (only together), without a unit.
        check, normalize, unit: as in `entropy`.

    Returns:
        An array of the shape of `p_xy`: −inf (normalized: −1) for an impossible pair of possible outcomes, NaN only
        where an outcome is impossible itself.

    Raises:
        NotADistribution, ShapeMismatch, InvalidType: as in `entropy`.

    References: Church and Hanks 1990, https://aclanthology.org/J90-1003; Bouma 2009, Normalized (pointwise) mutual
    information in collocation extraction, Proc. GSCL, 31–40.

    >>> pointwise_mutual_information([[0.5, 0.0], [0.0, 0.5]])
    array([[  1., -inf],
           [-inf,   1.]])
    """
    per = nats_per(unit)
    d = distribution(axis, normalize, "p_xy", (p_xy, logits, log_probs), wide=True)
    f, axes = d.framework, d.axis
    x, y = variables(axes, 2)
    if check:
        d.verify()
    log_p = f.xp.log(d.p) if d.log is None else d.log
    log_x, log_y = _log_marginal(d, y), _log_marginal(d, x)
    value = log_p - f.xp.where(log_x == -np.inf, 0.0, log_x) - f.xp.where(log_y == -np.inf, 0.0, log_y)
    if normalized:
        sure = log_p == 0
        inside = f.xp.where(sure | (log_p == -np.inf), -1.0, log_p)
        value = f.xp.where(sure, 1.0, f.xp.where(log_p == -np.inf, -1.0, value / (0.0 - inside)))
    value = f.xp.where(log_x == -np.inf, np.nan, f.xp.where(log_y == -np.inf, np.nan, value))
    return f.cast(value if normalized else value / per, d.dtype)


def _dependence(f: Framework, p: Array, x: int, y: int, axes: Axis) -> Array:
    """I(X;Y | whatever other variables p has) in nats, Σ p taken for 1."""
    p_z = f.sum(p, (x, y), keepdims=True)
    return sum_excess(f, p, f.sum(p, y, keepdims=True), axes, f.sum(p, x, keepdims=True) / (p_z + f.zero(p_z)))


def _log_marginal(d: Distribution, away: int) -> Array:
    """The log of the marginal that is left when one variable is summed away."""
    f = d.framework
    if d.log is None:
        return f.xp.log(f.sum(d.p, away, keepdims=True))
    return f.logsumexp(d.log, away, keepdims=True)


def variables(axes: Axis, n: int) -> tuple[int, ...]:
    """The axes of n variables.

    Raises:
        ShapeMismatch: there are more or fewer.
    """
    if isinstance(axes, int) or len(axes) != n:
        raise ShapeMismatch(f"axis={axes} came; the axes of {n} variables are needed", hint=f"a tuple of {n} integers")
    return axes


def others(axes: Axis, given: int | tuple[int, ...]) -> tuple[int, ...]:
    """The axes of the variables that aren't given.

    Raises:
        InvalidValue: `given` isn't a position in `axes`, or leaves none.
    """
    all_axes = (axes,) if isinstance(axes, int) else axes
    known = given if isinstance(given, tuple) else (given,)
    rest = tuple(a for i, a in enumerate(all_axes) if i not in known and i - len(all_axes) not in known)
    if len(rest) + len(known) != len(all_axes) or not rest:
        raise InvalidValue(f"given={given} came; positions in axis={axes} are needed, that leave a variable")
    return rest
