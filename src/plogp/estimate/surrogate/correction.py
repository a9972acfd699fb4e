"""Step 3, the surrogate: what neighbours get wrong on a sample of a model like the data, whose information is known."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.random import Generator

from plogp.estimate.base import Floats
from plogp.estimate.gaussian import normal_scores
from plogp.estimate.surrogate.base import clearly_positive
from plogp.estimate.surrogate.canonical import canonical, linear_information, wishart_bias
from plogp.estimate.surrogate.columns import of_unit_spread
from plogp.estimate.surrogate.models import (
    ROWS,
    Fit,
    Mixture,
    fit_gaussian,
    fit_mixture,
    fit_scales,
    held_out,
    related,
    significant,
)
from plogp.estimate.surrogate.neighbour_terms import STRETCH, near_and_far

__all__ = ["NO_CORRECTION", "Correction", "Surrogate", "choose_surrogate", "correction"]

Margins = Callable[[Floats], Floats]

COMPONENTS = (2, 4, 8, 16)
CHOSEN_BY = 3_000
"""As many rows choose the model at most."""


@dataclass(frozen=True)
class Surrogate:
    """A kind of model of the subspace.

    Attributes:
        name: "gaussian", "scale mixture" or "mixture of" so many.
        fit: how it is fitted.
        z: the coordinates that it models, (n, d).
        ratio: held-out ln q(x,y)/(q(x) q(y)), on the rows that chose it.
        score: mean held-out ln q(z) there.
    """

    name: str
    fit: Fit = field(repr=False)
    z: Floats = field(repr=False)
    ratio: Floats = field(repr=False)
    score: float

    @property
    def linear(self) -> bool:
        """Whether its sides are related by canonical pairs alone."""
        return not self.name.startswith("mixture of")


def choose_surrogate(a: Floats, b: Floats, rank: int, seed: int, of_values: bool = False) -> Surrogate | None:
    """The best model of the subspace by held-out likelihood; None where no model sees that the sides are related.

    On columns of normal scores first; of three columns and more on columns merely scaled where that log ratio is better
    by a standard error; `of_values`: on these alone.
    """
    values, p = np.hstack([of_unit_spread(a), of_unit_spread(b)]), a.shape[1]
    margins = [values] if of_values else [normal_scores(values), values][: values.shape[1] - 1]
    best: Surrogate | None = None
    for z in margins:
        found = max(candidates(z, p, seed), key=lambda one: one.score, default=None)
        if found is not None and (best is None or clearly_positive(found.ratio - best.ratio, errors=1)):
            best = found
    if best is None or (rank == 0 and (best.name == "gaussian" or not clearly_positive(best.ratio))):
        return None
    return best


def candidates(z: Floats, p: int, seed: int) -> list[Surrogate]:
    """Gaussian, scale mixture, and mixtures of ever more components until more are clearly worse."""
    rows, found = z[:CHOSEN_BY], list[Surrogate]()
    simple: dict[str, list[Fit]] = {"gaussian": [fit_gaussian], "scale mixture": [fit_scales]}
    full: dict[str, list[Fit]] = {
        f"mixture of {k}": [partial(fit_mixture, components=k, radial=radial, seed=seed) for radial in (True, False)]
        for k in COMPONENTS
        if len(rows) / (2 * k) >= 3 * z.shape[1] + 5
    }
    for name, fits in (simple | full).items():
        tried = [
            Surrogate(name, fit, z, *outcome)
            for fit in fits
            if (outcome := scored(significant(fit, p) if name in simple else fit, rows, p)) is not None
        ]
        found += tried
        if name in full and max((one.score for one in tried), default=-np.inf) < max(one.score for one in found) - 0.02:
            break
    return found


def scored(fit: Fit, z: Floats, p: int) -> tuple[Floats, float] | None:
    """The held-out log ratios, and the mean held-out log density."""
    found = held_out(fit, z, p)
    return None if found is None else (found[0], float(found[1].mean()))


@dataclass(frozen=True)
class Correction:
    """What is added to the neighbours' estimate.

    Attributes:
        value: I_model − KSG(sample of the model), after shrinkage.
        size: the same before it.
        noise: variance that the draw of the surrogate adds to a term.
        weight: how far the estimate was shrunk to that of the model, 0 to 1.
        ratio: the model's ln q(x,y)/(q(x) q(y)) at each observation.
        difference: near less far terms on samples of the model, (samples, n).
    """

    value: float
    size: float
    noise: float
    weight: float
    ratio: Floats
    difference: Floats


NO_CORRECTION = Correction(0.0, 0.0, 0.0, 0.0, np.zeros(1), np.zeros((1, 1)))
"""Without a surrogate."""


def correction(
    surrogate: Surrogate,
    p: int,
    rank: int,
    terms: Floats,
    k: int,
    rng: Generator,
    margins: Margins = normal_scores,
    draws: int | None = None,
) -> Correction:
    """I_model − KSG(sample of the model); I_model is the mean of the log ratio on that sample, so that noise cancels.

    Args:
        surrogate, p: the model, and how many of its columns are of x.
        rank: significant canonical pairs of the base.
        terms: the neighbours' estimate on the data, a term an observation.
        k: which neighbour.
        rng: draws the samples.
        margins: what was done to the columns before the neighbours were looked for.
        draws: samples of the model; None: four of few rows and two of many.
    """
    z, n, q = surrogate.z, len(surrogate.z), surrogate.z.shape[1] - p
    model, fitted = surrogate.fit(z[:ROWS]), min(n, ROWS)
    if surrogate.linear and rank == 0:
        model = related(model, p, 0)
    samples = range(draws or (4 if n <= 2000 else 2))
    gaps, difference = np.stack([drawn(model, p, n, k, rng, margins) for _ in samples], axis=1)  # (samples, n)
    learnt = wishart_bias(fitted, p, q) if surrogate.linear and rank else 0.0
    size = float(gaps.mean()) - learnt
    noise, ratio = float(gaps.var(axis=1).mean()) / len(gaps), model.log_ratio(z, p)
    if surrogate.name != "gaussian":
        return Correction(size, size, noise, 0.0, ratio, difference)
    # Stein's shrinkage to the closed form, where the data can't tell the neighbours' estimate from it.
    off = float(terms.mean()) + size - linear_information(canonical(model.covariances[0], p)[2], fitted, p, q)
    weight = min(1.0, STRETCH * (float((terms - ratio).var()) + noise) / (n * max(off**2, 1e-12)))
    return Correction(size - weight * off, size, noise * (1 - weight) ** 2, weight, ratio, difference)


def drawn(model: Mixture, p: int, n: int, k: int, rng: Generator, margins: Margins) -> tuple[Floats, Floats]:
    """At each observation of a sample of the model: what near neighbours miss, and what they say more than far ones."""
    z = model.sample(n, rng)
    near, far = near_and_far(margins(z[:, :p]), margins(z[:, p:]), k)
    return model.log_ratio(z, p) - near, near - far
