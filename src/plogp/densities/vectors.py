"""Divergences of laws of vectors and matrices, in nats: the formulas of the table in `closed`.

A covariance or scale matrix comes as its lower Cholesky factor, `tril`: with M = L₂⁻¹L₁, which is triangular too,
tr Σ₂⁻¹Σ₁ is the sum of squares in M and log |Σ₂⁻¹Σ₁| that of the logarithms of its squared diagonal.
"""

from typing import Any

from plogp.arrays import Array
from plogp.densities.gammas import dirichlet_near, lgamma_terms, mean_excess
from plogp.densities.law import Parameters
from plogp.densities.stable import excess, log_ratio, ratio_excess, squares_excess, stirling_divergence

__all__ = ["dirichlet", "inverse_wishart", "multivariate_normal", "wishart"]


def multivariate_normal(m: Any, p: Parameters, q: Parameters) -> Array:
    """½ [tr Σ₂⁻¹Σ₁ − d − log |Σ₂⁻¹Σ₁| + (μ₁ − μ₂)ᵀ Σ₂⁻¹ (μ₁ − μ₂)]."""
    shift = m.under(q.tril, (p.mean - q.mean)[..., None])
    apart = m.sum(shift * shift, 2) + below(m, q.tril, p.tril)
    return 0.5 * (apart + m.sum(squares_excess(m, m.diagonal(p.tril), m.diagonal(q.tril))))


def below(m: Any, left: Array, right: Array) -> Array:
    """The sum of squares below the diagonal of left⁻¹ right."""
    ratio, i = m.under(left, right), m.xp.arange(left.shape[-1])
    return m.sum(m.where(i[:, None] > i, ratio * ratio, 0.0), 2)


def dirichlet(m: Any, p: Parameters, q: Parameters) -> Array:
    """log B(b)/B(a) + Σ (a − b)(ψ(a) − ψ(Σ a))."""
    (each, of_each), (whole, of_whole) = (
        lgamma_terms(m, a, b) for a, b in ((p.alpha, q.alpha), (m.sum(p.alpha), m.sum(q.alpha)))
    )
    value = m.sum(each) - whole
    return m.mend(value, m.solid(value, m.sum(of_each) + of_whole), dirichlet_near, p.alpha, q.alpha, axes=1)


def wishart(m: Any, p: Parameters, q: Parameters) -> Array:
    """log of the ratio of norming constants + ½ (ν₁ − ν₂) E log |X| − ½ tr (V₁⁻¹ − V₂⁻¹) E X."""
    return _wishart(m, p.df, q.df, p.tril, q.tril)


def inverse_wishart(m: Any, p: Parameters, q: Parameters) -> Array:
    """That of the inverse matrices, which are Wishart with the inverse scales: so the factors change places."""
    return _wishart(m, p.df, q.df, q.tril, p.tril)


def _wishart(m: Any, p_df: Array, q_df: Array, p_tril: Array, q_tril: Array) -> Array:
    """As gamma laws of shapes a = ν₁/2 and b = ν₂/2, one for each row i, whose shape is less by i/2."""
    a, b = (p_df / 2.0)[..., None], (q_df / 2.0)[..., None]
    half = m.xp.arange(p_tril.shape[-1]) / 2.0
    a_i, b_i, d = a - half, b - half, b - a
    y = 2.0 * log_ratio(m, m.diagonal(p_tril), m.diagonal(q_tril))
    lag = half * d / (b * a_i)  # what taking a and b in place of a_i and b_i adds
    correction = lag * d - half * excess(m, -d / b) - b_i * excess(m, lag)
    rows = b * mean_excess(m, a + 0.0 * y, b + 0.0 * y, y) + correction
    rows = rows + 0.5 * ratio_excess(m, b_i, a_i, d + 0.0 * a_i) + stirling_divergence(m, b_i, a_i, d + 0.0 * a_i)
    return a[..., 0] * below(m, q_tril, p_tril) + m.sum(rows)
