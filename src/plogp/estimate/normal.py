"""Normal distributions as surrogates: fitted, drawn from, and believed only where they tell."""

from collections.abc import Sequence

import numpy as np

from plogp.estimate.base import Floats

__all__ = ["drawn_in", "gains", "log_density", "normal_like", "normals_tell", "out_of_sample_gains"]


def normal_like(x: Floats, rng: np.random.Generator) -> Floats:
    """As many observations of the normal distribution with the mean and covariance of x, shape (n, d)."""
    root: Floats = np.linalg.qr(x - x.mean(axis=0))[1] / np.sqrt(len(x) - 1)
    out: Floats = x.mean(axis=0) + rng.normal(size=x.shape) @ root
    return out


def log_density(fitted: Floats, at: Floats) -> Floats:
    """ln of the normal density with the mean and covariance of `fitted`, but for a constant of the dimension."""
    root: Floats = np.linalg.qr(fitted - fitted.mean(axis=0))[1] / np.sqrt(len(fitted) - 1)
    scaled = np.linalg.solve(root.T, (at - fitted.mean(axis=0)).T)
    out: Floats = -0.5 * (scaled**2).sum(axis=0) - np.log(np.abs(np.diag(root))).sum()
    return out


def gains(classes: Sequence[Floats], at: Sequence[Floats]) -> list[Floats]:
    """ln p(c|x)/p(c) at observations `at[c]` of each class, by normal distributions fitted to samples of them."""
    from scipy.special import logsumexp

    share = np.log([len(fitted) for fitted in classes]) - np.log(sum(map(len, classes)))
    found = []
    for c, x in enumerate(at):
        weighed = np.array([prior + log_density(fitted, x) for prior, fitted in zip(share, classes, strict=True)])
        found.append(weighed[c] - logsumexp(weighed, axis=0) - share[c])
    return found


def out_of_sample_gains(classes: Sequence[Floats]) -> Floats:
    """The gains at each half of the observations by models of the other half, shape (n,)."""
    ordered = [x[np.lexsort(x.T)] for x in classes]  # so that the order of the rows changes nothing
    halves = [[x[start::2] for x in ordered] for start in (0, 1)]
    return np.concatenate([*gains(*halves), *gains(*halves[::-1])])


def normals_tell(classes: Sequence[Floats]) -> bool:
    """Whether normal models tell the class of an observation out of sample, beyond what the sizes of the classes do.

    By two standard errors of the logarithmic loss.
    """
    if min(map(len, classes)) < 2 * (classes[0].shape[1] + 2):
        return False
    gain = out_of_sample_gains(classes)
    return bool(gain.mean() > 2 * gain.std() / np.sqrt(gain.size))


def drawn_in(terms: Floats, by_model: Floats, exact: float, draws: int) -> float:
    """The mean of the terms, drawn to the value of the model as far as chance explains that they differ.

    Positive-part shrinkage; the error of the terms was measured on so many draws of the model.
    """
    beyond = float(terms.mean()) - exact
    variance = float(np.var(terms - by_model)) / len(terms) * (1 + 1 / draws)
    return exact if variance >= beyond**2 else exact + beyond * (1 - variance / beyond**2)
