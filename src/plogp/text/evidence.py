"""Evidence: from counts of cues with senses to what each cue says, and how much to believe each group of cues."""

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["corrections", "evidence", "fit_weights", "held_out", "learned"]

Floats = NDArray[np.float64]
Slices = tuple[slice, ...]  # the cues of each group, which stand together

FOLDS = 5
FEWEST = 2  # examples of each sense that weights are fitted to
SPREAD = 0.1  # variance of corrections, times the typical weight


def learned(
    x: "csr_array",
    codes: NDArray[Any],
    group: NDArray[Any],
    weight: NDArray[Any],
    typical: Floats,
    method: tuple[str, float, int],
) -> tuple[Floats, Floats, bool]:
    """The weights, what each cue says of each sense by all that is known, and whether the weights were fitted.

    Args:
        x: how often each context has each cue, these in the order of `weight`.
        codes: the senses of the contexts.
        group, weight: for each cue its group, and which of the weights is its own; the first is that of the prior.
        typical: the weights where there are too few examples.
        method: its name, its smoothing, and the number of words of top_words.
    """
    groups, weighted = _slices(group), _slices(weight, typical.size)[1:]
    onehot = np.eye(codes.max() + 1)[codes]
    found = evidence(x.T @ onehot, groups, *method)
    if np.bincount(codes).min() < FEWEST:
        return typical.copy(), typical[weight, None] * found, False
    prior = np.tile(np.log(onehot.mean(0)), (codes.size, 1, 1))
    s = np.concatenate([prior, held_out(x, codes, weighted, groups, *method)], axis=1)
    beta = fit_weights(s, codes, typical)
    out = beta[weight, None] * found
    if method[0] != "top_words":
        out += corrections(x, codes, np.einsum("ngk,g->nk", s, beta), SPREAD * typical[weight])
    return beta, out, True


def evidence(counts: Floats, groups: Slices, method: str, smoothing: float, n_words: int) -> Floats:
    """What each cue says of each sense, in nats, shape (cues, senses); 0 where it never occurs."""
    out = np.zeros_like(counts)
    for group in groups:
        seen = counts[group].any(1)
        n = counts[group][seen]  # (cues, senses)
        if not n.size:
            continue
        total = n.sum(0)
        share = n.sum(1, keepdims=True) / n.sum()
        if method == "bayes":
            found = np.log((n + smoothing) / (total + smoothing * len(n))) - np.log(share)
        elif method == "pmi":
            found = np.log((n + smoothing * share) / (total + smoothing)) - np.log(share)
        else:
            found = _top(n, n_words)
        out[np.flatnonzero(seen) + group.start] = found
    return out


def _top(n: Floats, n_words: int) -> Floats:
    """1 for the words of highest pmi with each sense, the more frequent first among equals."""
    with np.errstate(divide="ignore", invalid="ignore"):  # a sense may have no words
        pmi = np.log(n * n.sum() / (n.sum(1, keepdims=True) * n.sum(0)))
    out = np.zeros_like(n)
    for sense in range(n.shape[1]):
        order = np.lexsort((-n[:, sense], -pmi[:, sense]))[:n_words]
        out[order[n[order, sense] > 0], sense] = 1
    return out


def _slices(of: NDArray[Any], n: int | None = None) -> Slices:
    """Where each number from 0 on stands in a sorted array."""
    edges = np.searchsorted(of, np.arange((of[-1] + 1 if n is None else n) + 1))
    return tuple(slice(start, end) for start, end in pairwise(edges.tolist()))


def scores(x: "csr_array", found: Floats, groups: Slices) -> Floats:
    """What each group of cues says together, shape (contexts, groups, senses)."""
    return np.stack([x[:, group] @ found[group] for group in groups], axis=1)


def held_out(x: "csr_array", codes: NDArray[Any], groups: Slices, *how: Any) -> Floats:
    """The scores of each context by what the other folds say; `how` are the arguments of `evidence`.

    Folds are parts of each sense in the order they came, as contexts of one text may overlap.
    """
    folds = np.empty(codes.size, int)
    for sense, n in enumerate(np.bincount(codes)):
        folds[codes == sense] = np.arange(n) * FOLDS // n
    onehot = np.eye(codes.max() + 1)[codes]
    counts = x.T @ onehot
    out = np.empty((x.shape[0], len(groups), onehot.shape[1]))
    for fold in np.unique(folds):
        here = np.flatnonzero(folds == fold)
        out[here] = scores(x[here], evidence(counts - x[here].T @ onehot[here], *how), groups)
    return out


def fit_weights(s: Floats, codes: NDArray[Any], typical: Floats) -> Floats:
    """The weights β ≥ 0 that maximise Σ ln p(sense), p ∝ exp(Σ_g β_g s_g), less a ridge 2 Σ ((β − b)/b)², b typical."""
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    rows = np.arange(codes.size)

    def loss(beta: Floats) -> tuple[float, Floats]:
        log_p = log_softmax(np.einsum("ngk,g->nk", s, beta), axis=1)
        over = np.einsum("ngk,nk->g", s, np.exp(log_p)) - s[rows, :, codes].sum(0)
        away = 2 * (beta - typical) / typical
        return float(-log_p[rows, codes].sum() + away @ away / 2), over + 2 * away / typical

    out: Floats = minimize(loss, typical, jac=True, method="L-BFGS-B", bounds=[(0, None)] * typical.size).x
    return out


def corrections(x: "csr_array", codes: NDArray[Any], said: Floats, variance: Floats) -> Floats:
    """The δ, shape (cues, senses), that maximise Σ ln p(sense), p ∝ exp(said + x δ), less Σ δ²/(2 variance of the cue).

    That is logistic regression whose prior mean is what is `said` already.
    """
    from scipy.optimize import minimize
    from scipy.special import log_softmax

    rows, truth, scale = np.arange(codes.size), np.eye(said.shape[1])[codes], np.sqrt(variance)
    scaled = x.copy()
    scaled.data *= scale[x.indices]

    def loss(flat: Floats) -> tuple[float, Floats]:
        log_p = log_softmax(said + scaled @ flat.reshape(-1, said.shape[1]), axis=1)
        over = scaled.T @ (np.exp(log_p) - truth)
        return float(-log_p[rows, codes].sum() + flat @ flat / 2), over.ravel() + flat

    found = minimize(loss, np.zeros(scale.size * said.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 60})
    out: Floats = scale[:, None] * found.x.reshape(-1, said.shape[1])
    return out
