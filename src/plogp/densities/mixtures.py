"""Mixtures: a density that is a weighted sum of others."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np

from plogp.densities.law import Floats, Sampled
from plogp.errors import InvalidType, InvalidValue

__all__ = ["Mixed", "Mixture"]


class Mixture:
    """A mixture of distributions, Σ w f, which every function of this room takes.

    Args:
        weights: how often each is drawn from; (k,), they sum to 1.
        components: k distributions of one library or several, all continuous or all discrete, of one event shape.

    Raises:
        InvalidValue: weights that are no probabilities, or not as many as components.
        InvalidType: weights that are no numbers, components that are no list.

    >>> from scipy.stats import norm
    >>> Mixture([0.5, 0.5], [norm(-1, 1), norm(1, 1)])
    Mixture of 2
    """

    def __init__(self, weights: Sequence[float], components: Sequence[Any]) -> None:
        if not hasattr(components, "__len__") or isinstance(components, str):
            raise InvalidType(f"components={components!r} came; a list of distributions is needed")
        w = np.asarray(weights)
        if w.dtype.kind not in "fiu":
            raise InvalidType(f"weights={weights!r} came; a list of numbers is needed")
        if w.ndim != 1 or len(w) != len(components) or not len(w) or not (w >= 0).all() or abs(w.sum() - 1) > 1e-8:
            raise InvalidValue(
                f"weights {np.array2string(w, threshold=5)} came with {len(components)} components; needed: one "
                "probability for each, which sum to 1",
                hint="divide them by their sum, if that is what they mean",
            )
        self.weights, self.components = w / w.sum(), tuple(components)

    def __repr__(self) -> str:
        return f"Mixture of {len(self.weights)}"


class Mixed:
    """A mixture of laws, in float64."""

    def __init__(self, weights: Floats, parts: Sequence[Sampled]) -> None:
        kept = weights > 0
        self.weights = weights[kept]
        self.parts = [part for part, keep in zip(parts, kept, strict=True) if keep]

    @cached_property
    def support(self) -> tuple[float, float]:
        """From the least to the greatest end."""
        low, high = zip(*(part.support for part in self.parts), strict=True)
        return min(low), max(high)

    @cached_property
    def landmarks(self) -> Floats:
        """Those of the parts, and the ends of their supports."""
        points = [np.concatenate([part.landmarks, part.support]) for part in self.parts]
        return np.concatenate(points)

    def log_density(self, x: Floats, near: float = 0.0) -> Floats:
        """log Σ w f, at near + x."""
        from scipy.special import logsumexp

        parts = np.stack([part.log_density(x, near) for part in self.parts])
        out: Floats = logsumexp(parts, b=self.weights[:, None], axis=0)
        return out

    def draw(self, n: int, seed: int) -> Floats:
        """n independent values, from each part as many as chance has it, in random order."""
        rng = np.random.default_rng(seed)
        each = rng.multinomial(n, self.weights)
        seeds = rng.integers(2**31, size=len(each))
        values = [p.draw(int(k), int(s)) for p, k, s in zip(self.parts, each, seeds, strict=True) if k]
        return rng.permutation(np.concatenate(values))

    def cdf(self, x: Floats) -> Floats | None:
        """Σ w F, where all are known."""
        parts = [part.cdf(x) for part in self.parts]
        known = [part for part in parts if part is not None]
        return self.weights @ np.stack(known) if len(known) == len(parts) else None

    def moments(self) -> tuple[Floats, Floats] | None:
        """By the laws of total mean and variance."""
        own = [part.moments() for part in self.parts]
        if any(moments is None for moments in own):
            return None
        means, variances = (np.stack([moments[i] for moments in own if moments]) for i in (0, 1))
        mean = np.tensordot(self.weights, means, 1)
        return mean, np.tensordot(self.weights, variances + (means - mean) ** 2, 1)
