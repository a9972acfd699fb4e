"""The measures once more, by their definitions, in 50 digits: what an implementation is held against.

Each returns its value in nats, and the sum of the absolute values of what it adds up: rounding can't spoil less. Of a
divergence that are terms x log(x/y), which are small where x is almost y: so a small one must be right as well.
"""

from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np
from mpmath import mpf

__all__ = [
    "cross_entropy",
    "entropy",
    "jensen_shannon_divergence",
    "kl_divergence",
    "mutual_information",
    "renyi_entropy",
    "tsallis_entropy",
]

mpmath.mp.dps = 50

Numbers = Any
Exact = tuple[mpf, mpf]


def numbers(p: Numbers) -> list[mpf]:
    return [mpf(float(x)) for x in np.ravel(p)]


def added(terms: Sequence[mpf]) -> Exact:
    return mpmath.fsum(terms), mpmath.fsum(map(abs, terms))


def entropy(p: Numbers) -> Exact:
    return added([-x * mpmath.log(x) for x in numbers(p) if x])


def cross_entropy(p: Numbers, q: Numbers) -> Exact:
    return added([-x * mpmath.log(y) for x, y in zip(numbers(p), numbers(q), strict=True) if x])


def kl_divergence(p: Numbers, q: Numbers) -> Exact:
    return added([x * mpmath.log(x / y) for x, y in zip(numbers(p), numbers(q), strict=True) if x])


def jensen_shannon_divergence(p: Numbers, q: Numbers) -> Exact:
    m = [(x + y) / 2 for x, y in zip(numbers(p), numbers(q), strict=True)]
    return added([x * mpmath.log(x / z) / 2 for d in (p, q) for x, z in zip(numbers(d), m, strict=True) if x])


def mutual_information(p_xy: Numbers) -> Exact:
    rows = [numbers(row) for row in p_xy]
    total = mpmath.fsum(x for row in rows for x in row)
    p_x, p_y = [mpmath.fsum(row) for row in rows], [mpmath.fsum(column) for column in zip(*rows, strict=True)]
    cells = [(x, p_x[i] * p_y[j] / total) for i, row in enumerate(rows) for j, x in enumerate(row) if x]
    return added([x * mpmath.log(x / y) for x, y in cells])


def renyi_entropy(p: Numbers, order: float) -> Exact:
    powers = mpmath.fsum(x ** mpf(order) for x in numbers(p) if x)
    value = mpmath.log(powers) / (1 - mpf(order))
    return value, abs(value) + 1


def tsallis_entropy(p: Numbers, order: float) -> Exact:
    powers = mpmath.fsum(x ** mpf(order) for x in numbers(p) if x)
    return (1 - powers) / (mpf(order) - 1), (1 + powers) / abs(mpf(order) - 1)
