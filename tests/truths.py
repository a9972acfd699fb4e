"""Distributions that know their own answer: draw a sample, and ask what any formula is of the population.

table = dependent(3, 4, rng=rng)
table.truth("I(X;Y)")                      # nats, by the definition
table.counts(1000, rng)                    # a Counts of 1000 independent observations
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from plogp.counts import Counts
from plogp.formula import Formula

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

__all__ = [
    "LAWS",
    "Distribution",
    "conditionally_independent",
    "dependent",
    "independent",
    "near_deterministic",
    "random_distribution",
    "random_table",
    "spike",
    "uniform",
    "xor",
    "zipf",
]


@dataclass(frozen=True)
class Distribution:
    """A discrete distribution of one to three variables, X, Y and Z."""

    p: Floats
    name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return ("X", "Y", "Z")[: self.p.ndim]

    def truth(self, formula: str) -> float:
        """What the formula is, in nats; to the rounding of sums, and exactly 0 where that is all that is left."""
        value = sum(c * self._entropy(names) for names, c in Formula(formula).terms.items())
        return 0.0 if abs(value) < 1e-12 else value

    def _entropy(self, names: frozenset[str]) -> float:
        others = tuple(axis for axis, name in enumerate(self.names) if name not in names)
        p = self.p.sum(axis=others)
        return -float(np.sum(p[p > 0] * np.log(p[p > 0])))

    def draw(self, n: int, rng: Generator) -> Ints:
        """A table of counts of n independent observations."""
        return rng.multinomial(n, self.p.ravel()).reshape(self.p.shape)

    def counts(self, n: int, rng: Generator) -> Counts:
        """The same as samples would give it: only what was seen is known to be possible."""
        table = self.draw(n, rng)
        cells = np.argwhere(table)
        labels = {name: cells[:, axis].tolist() for axis, name in enumerate(self.names)}
        return Counts.from_cells(labels, table[table > 0].tolist())


def of(weights: Floats, name: str) -> Distribution:
    return Distribution(weights / weights.sum(), name)


def uniform(k: int) -> Distribution:
    return of(np.ones(k), f"uniform {k}")


def zipf(k: int, exponent: float = 1.0) -> Distribution:
    return of(np.arange(1, k + 1.0) ** -exponent, f"Zipf {exponent:g} of {k}")


def spike(k: int, mass: float) -> Distribution:
    """One frequent outcome, and k − 1 that share the rest."""
    p = np.full(k, (1 - mass) / (k - 1))
    p[0] = mass
    return of(p, f"spike {mass:g} of {k}")


def margin(k: int, concentration: float, rng: Generator) -> Floats:
    """A random margin none of whose outcomes is all but impossible."""
    return rng.dirichlet(np.full(k, concentration)) + 1e-3 / k


def independent(r: int, c: int, rng: Generator, concentration: float = 3.0) -> Distribution:
    return of(np.outer(margin(r, concentration, rng), margin(c, concentration, rng)), f"independent {r}×{c}")


def dependent(r: int, c: int, rng: Generator, strength: float = 0.5, concentration: float = 3.0) -> Distribution:
    """Independent but for log-normal factors of the cells."""
    p = independent(r, c, rng, concentration).p * np.exp(strength * rng.normal(size=(r, c)))
    return of(p, f"log-normal {strength:g} {r}×{c}")


def near_deterministic(r: int, c: int, rng: Generator, noise: float = 0.05, concentration: float = 3.0) -> Distribution:
    """Y is a function of X, but for a share of noise that is independent of X."""
    p = independent(r, c, rng, concentration).p
    function = np.zeros((r, c))
    function[np.arange(r), rng.integers(0, c, r)] = p.sum(axis=1)
    return of((1 - noise) * function + noise * p, f"function with {noise:.0%} noise {r}×{c}")


def conditionally_independent(r: int, c: int, strata: int, rng: Generator, concentration: float = 3.0) -> Distribution:
    """X and Y depend on Z, and on each other through Z alone."""
    tables = [independent(r, c, rng, concentration).p * w for w in rng.dirichlet(np.full(strata, 3.0))]
    return of(np.stack(tables, axis=2), f"independent in strata {r}×{c}×{strata}")


def xor(noise: float = 0.0) -> Distribution:
    """Z = X xor Y of two fair coins, wrong with probability `noise`."""
    p = np.full((2, 2, 2), noise / 4)
    for x, y in np.ndindex(2, 2):
        p[x, y, x ^ y] = (1 - noise) / 4
    return of(p, f"xor with {noise:.0%} noise")


LAWS: dict[str, Callable[[int, int, Generator, float], Distribution]] = {
    "independent": independent,
    "weak": lambda r, c, rng, a: dependent(r, c, rng, 0.2, a),
    "medium": lambda r, c, rng, a: dependent(r, c, rng, 0.5, a),
    "strong": lambda r, c, rng, a: dependent(r, c, rng, 1.0, a),
    "dirichlet": lambda r, c, rng, a: of(rng.dirichlet(np.full(r * c, a)).reshape(r, c), f"Dirichlet {a:g} {r}×{c}"),
    "function": lambda r, c, rng, a: near_deterministic(r, c, rng, rng.choice([0.05, 0.1, 0.3, 0.6]), a),
}
"""Random tables of every kind, from rows, columns, a generator and the concentration of the margins."""


def levels(rng: Generator, low: int, high: int) -> int:
    return int(np.exp(rng.uniform(np.log(low), np.log(high + 1))))


def random_table(rng: Generator, strata: bool = False, law: str | None = None) -> Distribution:
    """A table of 4 to 1,000 cells by a random law, in random strata if asked for."""
    r, c, s = levels(rng, 2, 40), levels(rng, 2, 40), levels(rng, 2, 20) if strata else 1
    if not 4 <= r * c * s <= 1000:
        return random_table(rng, strata, law)
    law, concentration = law or str(rng.choice(list(LAWS))), float(rng.choice([0.5, 1.0, 3.0, 100.0]))
    tables = [LAWS[law](r, c, rng, concentration) for _ in range(s)]
    if not strata:
        return tables[0]
    weights = rng.dirichlet(np.full(s, 3.0))
    p = np.stack([w * table.p for w, table in zip(weights, tables, strict=True)], axis=2)
    return of(p, f"{tables[0].name}×{s}")


def random_distribution(rng: Generator) -> Distribution:
    """One variable of 4 to 1,000 outcomes."""
    k = levels(rng, 4, 1000)
    concentration = float(rng.choice([0.1, 0.3, 1.0, 3.0, 10.0]))
    kinds = [
        lambda: of(rng.dirichlet(np.full(k, concentration)), f"Dirichlet {concentration:g} of {k}"),
        lambda: zipf(k, float(rng.choice([0.7, 1.0, 1.5]))),
        lambda: uniform(k),
        lambda: spike(k, float(rng.choice([0.5, 0.8, 0.95]))),
    ]
    return kinds[rng.choice(4, p=[0.5, 0.2, 0.15, 0.15])]()
