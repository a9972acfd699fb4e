"""Surrogate-corrected KSG: the four steps put together, and how sure it is."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cache
from math import hypot, inf, sqrt
from typing import Any

import numpy as np
from numpy.random import Generator

from plogp.errors import InvalidValue
from plogp.estimate.base import Floats
from plogp.estimate.gaussian import INFINITE, independent_columns, normal_scores, redundant, unit_columns
from plogp.estimate.local import Estimate, SampleEstimator
from plogp.estimate.surrogate.base import Base, choose_base
from plogp.estimate.surrogate.columns import at_three_scales, few_neighbours, light_tailed, of_unit_spread
from plogp.estimate.surrogate.correction import NO_CORRECTION, Correction, Surrogate, choose_surrogate, correction
from plogp.estimate.surrogate.increment import increment
from plogp.estimate.surrogate.models import ROWS
from plogp.estimate.surrogate.neighbour_terms import ksg_terms, near_and_far
from plogp.estimate.surrogate.remainder import remainder
from plogp.estimate.surrogate.subspace import relevant_subspace
from plogp.estimate.surrogate.turning import turn

__all__ = ["SurrogateKSG"]

SEED = 0
"""Of folds, permutations and samples, unless another is asked for."""

MANY = 12
"""Where no subspace is seen, more dimensions than this have no surrogate: neighbours see nothing there either."""

PERMUTATIONS = 10
"""Tell the neighbours' own noise."""

OF_CORRECTION, OF_REMAINDER, OF_ERROR = 0.3, 0.5, 0.66
"""Shares that may be wrong of these steps, and what the choice of steps adds to the standard error, by simulation."""

OF_MIXTURE, DRAWN = 0.75, 160_000
"""The share of a mixture's correction that two columns without edges take, and how many rows of the mixture tell it."""

SAME_RANKS = "the ranks of x and y agree exactly: what they share is infinite, as far as can be seen"


@dataclass(frozen=True)
class SurrogateKSG(SampleEstimator):
    """Mutual information of continuous vectors: neighbours, corrected by a model that resembles the data.

    Î = KSG(data in P) + [I_model − KSG(sample of the model)] + increment + remainder

    The neighbours' estimate (Kraskov, Stögbauer & Grassberger 2004, doi:10.1103/PhysRevE.69.066138) is taken in the few
    directions P that the relation runs along. Its bias is that which it has on as many points drawn from a density
    model of P, whose information is known. What the other directions add comes from a simple model of all of them, and
    bias that the model doesn't have shows where near neighbours say more than farther ones. Each of these is left out
    where the data give no ground for it; on independent data nothing but KSG remains.

    Args:
        k: which neighbour; for two single columns that aren't normal in any margins, the mean of those before it, from
            its half on, at three scales of x over y.
        seed: of folds, permutations and samples; None is a fixed one.

    Raises:
        InvalidValue: k < 1, or not more than 2k observations.

    Too low where the relation has edges or folds in many dimensions, as bounded noise in several columns and spirals
    have, and where one of high order hides among others. The estimate is never clipped. The composition is ours, with
    no source in the literature beyond that of its parts.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(500, 5))
    >>> y = x[:, :1] ** 2 + 0.3 * rng.normal(size=(500, 1))
    >>> found = SurrogateKSG().mutual_information(x, y)
    >>> print(round(found.value, 1), found.route)
    1.1 base: ...; KSG in 1 of 5 + 1 of 1 dimensions; surrogate: mixture of ...; k = 5, seed 0 (fixed)
    """

    k: int = 5
    seed: int | None = None

    name = "surrogate-ksg"

    def __post_init__(self) -> None:
        if self.k < 1:
            raise InvalidValue(f"k={self.k}; needed: 1 or more", hint="such as k=5")

    def mutual_information(self, x: Floats, y: Floats) -> Estimate:
        n, seed = len(x), SEED if self.seed is None else self.seed
        if n <= 2 * self.k:
            raise InvalidValue(f"{n} observations came; needed: more than 2k = {2 * self.k}", hint="a smaller k")
        new_x, new_y = (unit_columns(side[:, independent_columns(side)])[0] for side in (x, y))
        d = new_x.shape[1] + new_y.shape[1]
        notes = (*redundant(x.shape[1] + y.shape[1] - d, "x and y"), *few(n, d))
        if not new_x.size or not new_y.size:
            return Estimate(0.0, np.zeros(n), 0.0, notes=notes)
        if reason := shared_column(new_x, new_y):
            return Estimate(inf, notes=(*notes, reason))
        # Sorted, then shuffled by the seed: the order in which rows come must not matter.
        order = np.lexsort(np.hstack([new_x, new_y]).T)[np.random.default_rng(seed).permutation(n)]
        with one_thread():
            found = steps(new_x[order], new_y[order], self.k, seed)
            error = found.std_error(np.random.default_rng([seed, 4]))
        terms = np.empty(n)
        terms[order] = found.terms + (found.value - found.terms.mean())
        first, last = found.ks[0], found.ks[-1]
        neighbours = f"k = {first} to {last} at three scales" if last > first else f"k = {last}"
        route = f"{found.route}; {neighbours}, seed {seed}{' (fixed)' * (self.seed is None)}"
        return Estimate(found.value, terms, error, found.doubt(error), route, notes)


@dataclass(frozen=True)
class Steps:
    """What the steps found, on rows in random order.

    Attributes:
        ks: which neighbours.
        base: of step 1, None where there were too few observations for a model.
        a, b: normal scores of the directions of step 2, or two bent columns in the margins where neighbours are sought.
        near, far: KSG's terms in them, at k and at 4k, or means of several.
        surrogate, correction: of step 3.
        increment, gain: of step 4, and the same at each observation.
        slope: of step 5, by which near − far is multiplied.
    """

    ks: range
    base: Base | None
    a: Floats
    b: Floats
    near: Floats
    far: Floats
    surrogate: Surrogate | None = None
    correction: Correction = NO_CORRECTION
    increment: float = 0.0
    gain: Floats | float = 0.0
    slope: float = 0.0

    @property
    def remainder(self) -> float:
        """What step 5 adds."""
        return self.slope * float((self.near - self.far).mean() - self.correction.difference.mean())

    @property
    def value(self) -> float:
        """The sum of the steps."""
        return float(self.near.mean()) + self.correction.value + self.increment + self.remainder

    @property
    def terms(self) -> Floats:
        """What each observation adds, but for a correction without spread."""
        shrunk = (1 - self.correction.weight) * self.near + self.correction.weight * self.correction.ratio
        return shrunk + self.gain + self.slope * (self.near - self.far)

    def std_error(self, rng: Generator) -> float:
        """Of chance: the spread of the terms, with the neighbours' own noise as it is on permuted rows.

        Terms of near observations share neighbours and are correlated, so that their spread tells too little of it.
        """
        a, b = self.a[:ROWS], self.b[:ROWS]
        permuted = [ksg_terms(a, b[rng.permutation(len(b))], self.ks[-1]) for _ in range(PERMUTATIONS)]
        own = float(np.mean([terms.var() for terms in permuted]))
        stretch = max(1.0, len(a) * float(np.mean([terms.mean() ** 2 for terms in permuted])) / own)
        left = own * (1 - self.correction.weight) ** 2
        rest = max(float(self.terms.var()) - left, 0.0)
        return sqrt((rest + stretch * (left + self.correction.noise)) / len(self.a))

    def doubt(self, std_error: float) -> float:
        """What else may be wrong: shares of the correction and of the remainder, and the choice of the steps."""
        corrected = self.correction.size * (1 - self.correction.weight)
        return hypot(OF_CORRECTION * corrected, OF_REMAINDER * self.remainder, OF_ERROR * std_error)

    @property
    def route(self) -> str:
        """The steps in words."""
        a, b = self.a.shape[1], self.b.shape[1]
        if self.base is None:
            return f"KSG on normal scores of all {a} + {b} dimensions, too few observations for a surrogate"
        p, q, r = self.base.p, self.base.z.shape[1] - self.base.p, self.base.rank
        pairs = f"{self.base.name}, {r} canonical pair{'s' * (r != 1)}" if self.base.active else "independence"
        fitted = f" (models of {self.base.n:,} rows)" if self.base.n < len(self.a) else ""
        model = "no surrogate"
        if self.surrogate is not None:
            model = f"surrogate: {self.surrogate.name} ({self.correction.value:+.3f} nats)"
        said = [f"base: {pairs}{fitted}", f"KSG in {a} of {p} + {b} of {q} dimensions", model]
        rest = {"increment": self.increment, "remainder": self.remainder}
        return "; ".join([*said, *(f"{name} {nats:+.3f} nats" for name, nats in rest.items() if nats)])


def steps(x: Floats, y: Floats, k: int, seed: int) -> Steps:
    """The five steps, on rows in random order."""
    p, q = x.shape[1], y.shape[1]
    base = choose_base(x, y) if len(x) >= 2 * (p + q) + 10 else None
    if base is None:
        a, b = normal_scores(x), normal_scores(y)
        return Steps(range(k, k + 1), None, a, b, *near_and_far(a, b, k))
    flat = p == q == 1
    u, v = (x, y) if flat else base.sides(len(x))
    kept = relevant_subspace(base, np.random.default_rng([seed, 1]))
    in_x, in_y = (np.eye(p), np.eye(q)) if kept is None else kept
    surrogate = None
    if kept is not None or p + q <= MANY:
        surrogate = choose_surrogate(u @ in_x, v @ in_y, base.rank, seed)
    if surrogate is not None and not flat:
        surrogate, (in_x, in_y) = turn(surrogate, (u, v), (in_x, in_y), base.rank, seed)
    if flat and surrogate is not None and surrogate.name != "gaussian":
        return bent_columns(x, y, base, surrogate, k, seed)
    a, b = normal_scores(u @ in_x), normal_scores(v @ in_y)
    found = Steps(range(k, k + 1), base, a, b, *near_and_far(a, b, k))
    if kept is None and p + q > MANY:
        return found
    if surrogate is not None:
        added = correction(surrogate, in_x.shape[1], base.rank, found.near, k, np.random.default_rng([seed, 2]))
        found = replace(found, surrogate=surrogate, correction=added)
    if base.active and in_x.shape[1] + in_y.shape[1] < p + q:
        by_model = base.scales and (surrogate is None or surrogate.linear)
        value, gain = increment(base, in_x, in_y, by_model, np.random.default_rng([seed, 3]))
        found = replace(found, increment=value, gain=gain)
    slope = remainder(found.near - found.far, found.correction.difference, a.shape[1] + b.shape[1])
    return replace(found, slope=slope * (1 - found.correction.weight))


def bent_columns(x: Floats, y: Floats, base: Base, surrogate: Surrogate, k: int, seed: int) -> Steps:
    """Of two single columns that aren't normal, in any margins: few neighbours, and a part of the model's correction.

    A mixture of few normal laws is smooth: it has the bias of bent relations, and neither folds nor edges.
    """
    margins = normal_scores
    if light_tailed(x) and light_tailed(y):
        surrogate, margins = choose_surrogate(x, y, base.rank, seed, of_values=True) or surrogate, of_unit_spread
    a, b, ks = margins(x), margins(y), few_neighbours(k)
    near, far, edges = at_three_scales(a, b, k)
    rng, draws = np.random.default_rng([seed, 2]), min(max(DRAWN // len(x), 4), 100)
    added = correction(surrogate, 1, base.rank, near, ks[len(ks) // 2], rng, margins, draws)
    share = OF_MIXTURE * (1 - edges)
    added = replace(added, value=share * added.size, noise=share**2 * added.noise, weight=0.0)
    return Steps(ks, base, a, b, near, far, surrogate, added)


def one_thread() -> AbstractContextManager[Any]:
    """Linear algebra in one thread: the matrices are small, and sums must not depend on how many threads there are."""
    limit: AbstractContextManager[Any] = linear_algebra().limit(limits=1, user_api="blas")
    return limit


@cache
def linear_algebra() -> Any:
    """The threads of NumPy's and of SciPy's, both loaded."""
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def shared_column(x: Floats, y: Floats) -> str:
    """Why I is infinite: a linear function of x is one of y, or one of their ranks; else ""."""
    if len(x) <= x.shape[1] + y.shape[1] + 1:
        return ""
    for reason, one, other in ((INFINITE, x, y), (SAME_RANKS, normal_scores(x), normal_scores(y))):
        one, other = one[:, independent_columns(one)], other[:, independent_columns(other)]
        if independent_columns(other, one).size < other.shape[1]:
            return reason
    return ""


def few(n: int, d: int) -> tuple[str, ...]:
    """The note where so few observations in so many dimensions show little."""
    return (
        f"{n:,} observations of {d} dimensions: weak or bent relations can't be seen, and the value may be too low",
    ) * (n < 1000 and d > 10)
