"""Evidence: from counts of cues with senses to what each cue says, and how much to believe each group of cues."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["FOLDS", "evidence", "fit_weights", "held_out", "probabilities", "scores"]

Floats = NDArray[np.float64]
Slices = tuple[slice, ...]  # the cues of each group, which stand together

FOLDS = 5


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

    rows = np.arange(codes.size)

    def loss(beta: Floats) -> tuple[float, Floats]:
        p = probabilities(s, beta)
        over = np.einsum("ngk,nk->g", s, p) - s[rows, :, codes].sum(0)
        away = 2 * (beta - typical) / typical
        with np.errstate(divide="ignore"):
            return float(-np.log(p[rows, codes]).sum() + away @ away / 2), over + 2 * away / typical

    out: Floats = minimize(loss, typical, jac=True, method="L-BFGS-B", bounds=[(0, None)] * typical.size).x
    return out


def probabilities(s: Floats, beta: Floats) -> Floats:
    """p(sense | context) ∝ exp(Σ_g β_g s_g), shape (contexts, senses)."""
    from scipy.special import softmax

    out: Floats = softmax(np.einsum("ngk,g->nk", s, beta), axis=1)
    return out
