"""Random laws on the line, and what the supports and the tails of two of them say of their divergence.

D(p ‖ q) is infinite where p has mass and q none, or where −log q grows so fast towards an end that its mean under p is
infinite. How each family ends is known from its formula; nothing is evaluated here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

__all__ = ["POSITIVE", "Named", "infinite", "made", "random_law", "random_pairs"]


@dataclass(frozen=True)
class Tail:
    """How a law ends, at ±∞ in x, or at 0 in 1/x.

    Attributes:
        fall: of P(beyond x): ("power", a) as x^−a; ("exp", k, c) as exp(−c x^k), but for powers of x; ("faster",) than
            any of these; ("between",) any power and any exp.
        growth: of −log f(x): ("log",) or its square; ("power", k); ("exp", c), as exp(c x).
    """

    fall: tuple[Any, ...]
    growth: tuple[Any, ...]


def endless(p: Tail, q: Tail) -> bool:
    """Whether the mean of −log q under p is infinite because of this tail."""
    if q.growth[0] == "log" or p.fall[0] == "faster":
        return False
    if q.growth[0] == "power":
        return p.fall[0] == "power" and p.fall[1] <= q.growth[1]
    if p.fall[0] == "exp":
        return p.fall[1] < 1 or (p.fall[1] == 1 and p.fall[2] <= q.growth[1])
    return True


def stretched(k: float, scale: float) -> Tail:
    return Tail(("exp", k, scale**-k), ("power", k))


def power(a: float) -> Tail:
    return Tail(("power", a), ("log",))


REAL: dict[str, Callable[..., tuple[Tail, Tail]]] = {
    "norm": lambda s: (stretched(2, s), stretched(2, s)),
    "laplace": lambda s: (stretched(1, s), stretched(1, s)),
    "logistic": lambda s: (stretched(1, s), stretched(1, s)),
    "cauchy": lambda s: (power(1), power(1)),
    "t": lambda df, s: (power(df), power(df)),
    "gumbel_r": lambda s: (Tail(("faster",), ("exp", 1 / s)), stretched(1, s)),
    "gumbel_l": lambda s: (stretched(1, s), Tail(("faster",), ("exp", 1 / s))),
}
"""The tails at −∞ and +∞, of shapes and scale."""
POSITIVE: dict[str, Callable[..., tuple[Tail, Tail]]] = {
    "expon": lambda s: (power(1), stretched(1, s)),
    "gamma": lambda a, s: (power(a), stretched(1, s)),
    "chi2": lambda k, s: (power(k / 2), stretched(1, 2 * s)),
    "chi": lambda k, s: (power(k), stretched(2, s)),
    "halfnorm": lambda s: (power(1), stretched(2, s)),
    "rayleigh": lambda s: (power(2), stretched(2, s)),
    "maxwell": lambda s: (power(3), stretched(2, s)),
    "nakagami": lambda v, s: (power(2 * v), stretched(2, s)),
    "weibull_min": lambda c, s: (power(c), stretched(c, s)),
    "gengamma": lambda a, c, s: (power(a * c), stretched(c, s)),
    "invgamma": lambda a, s: (Tail(("faster",), ("power", 1)), power(a)),
    "invweibull": lambda c, s: (Tail(("faster",), ("power", c)), power(c)),
    "levy": lambda s: (Tail(("faster",), ("power", 1)), power(0.5)),
    "invgauss": lambda u, s: (Tail(("faster",), ("power", 1)), stretched(1, 2 * u * u * s)),
    "halfcauchy": lambda s: (power(1), power(1)),
    "lognorm": lambda a, s: (Tail(("faster",), ("log",)), Tail(("between",), ("log",))),
}
"""The tails at 0, in 1/x, and +∞."""
BOUNDED: dict[str, Callable[..., tuple[Tail, Tail]]] = {
    "beta": lambda a, b, s: (power(a), power(b)),
    "powerlaw": lambda a, s: (power(a), power(1)),
    "arcsine": lambda s: (power(0.5), power(0.5)),
    "uniform": lambda s: (power(1), power(1)),
}
"""The tails at both ends of the interval; only at 0 may one prove anything, since no other ends coincide."""
EVERY = {**REAL, **POSITIVE, **BOUNDED}
ONE_SHAPE = (
    "t", "gamma", "chi2", "chi", "nakagami", "weibull_min", "invgamma", "invweibull", "invgauss", "lognorm", "powerlaw",
)  # fmt: skip
SHAPES = {"gengamma": 2, "beta": 2} | dict.fromkeys(ONE_SHAPE, 1)
Named = tuple[Any, ...]
"""A name of scipy.stats, shapes, loc and scale."""


def random_law(rng: np.random.Generator, names: Any) -> Named:
    """Of one of some families; what isn't on the whole line begins at 0."""
    name = str(rng.choice(list(names)))
    shapes = [float(10 ** rng.uniform(-0.2, 0.9)) for _ in range(SHAPES.get(name, 0))]
    return (name, *shapes, float(rng.normal()) if name in REAL else 0.0, float(10 ** rng.uniform(-0.5, 0.5)))


def made(law: Named) -> Any:
    """The distribution of SciPy."""
    name, *shapes, loc, scale = law
    return getattr(stats, name)(*shapes, loc=loc, scale=scale)


def infinite(p: Named, q: Named) -> str:
    """Whether D(p ‖ q) is infinite, and which of the supports and the tails says so; "" if it's finite."""
    (first, *own, _, s), (second, *others, _, t) = p, q
    if (second in POSITIVE and first in REAL) or (second in BOUNDED and (first not in BOUNDED or s > t)):
        return "supports"
    left, right = (
        {**REAL, **POSITIVE, **BOUNDED}[name](*a, b) for name, a, b in ((first, own, s), (second, others, t))
    )
    low, high = zip(left, right, strict=True)
    at_low = (first in REAL) == (second in REAL) and endless(*low)
    at_high = first not in BOUNDED and endless(*high)
    return "tail" if at_low or at_high else ""


def random_pairs(seed: int, n: int) -> Iterator[tuple[Named, Named]]:
    """Pairs of two families; no more than a quarter of those that the supports decide."""
    rng = np.random.default_rng(seed)
    while n:
        p, q = random_law(rng, EVERY), random_law(rng, EVERY)
        if p[0] != q[0] and (infinite(p, q) != "supports" or rng.uniform() < 0.25):
            n -= 1
            yield p, q
