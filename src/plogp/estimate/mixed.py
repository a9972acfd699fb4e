"""Mutual information where a variable is discrete, or repeats some of its values, from nearest neighbours."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from plogp.errors import InvalidValue
from plogp.estimate.base import Floats, Ints
from plogp.estimate.local import Estimate, SampleEstimator, check_enough, check_k, columns, mean_psi, psi
from plogp.estimate.neighbours import compiled, count_within, kth_distance
from plogp.lines import Line
from plogp.outcomes import narrow

__all__ = ["Gao", "Ross"]


@dataclass(frozen=True)
class Ross(SampleEstimator):
    """Mutual information of a continuous vector and a discrete variable.

    I = ψ(n) + ⟨ψ(k) − ψ(N_y) − ψ(m)⟩, N_y how many observations have the same outcome y, m how many of all are nearer
    in x than the k-th neighbour among those (the observation and that neighbour count as one).

    Args:
        k: neighbours; k = N_y − 1 where an outcome has fewer.

    Raises:
        InvalidValue: no outcome occurs twice.

    An outcome that occurs once has no neighbour, and is left out, as scikit-learn does; a note says so. Values in
    max-norm, as they are. Ties of x within an outcome leave m too low; `Gao` is for those.
    Source: Ross (2014), doi:10.1371/journal.pone.0087357.

    >>> rng = np.random.default_rng(0)
    >>> y = rng.integers(0, 2, size=(2000, 1)).astype(float)
    >>> print(f"{Ross().mutual_information(6 * y + rng.uniform(size=(2000, 1)), y).value:.2f} for {np.log(2):.2f}")
    0.69 for 0.69
    """

    name: ClassVar[str] = "ross"

    k: int = 3

    def __post_init__(self) -> None:
        check_k(self.k)

    def mutual_information(self, x: Floats, y: Floats) -> Estimate:
        """I(x;y); y holds codes of outcomes."""
        x, (codes, sizes) = columns(x), _coded(columns(y))
        kept = _kept(codes, sizes)
        x, codes = x[kept], codes[kept]
        if x.shape[1] == 1 and compiled(len(x)):
            line = Line(x[:, 0])
            m = line.in_rows(_nearer_in_order(line, codes, self.k))
        else:
            m = _nearer(x, codes, self.k) + 1
        found, terms = self._of_counts(m, sizes, len(kept)), self._of_sizes(sizes)[codes] - psi(m)
        return replace(found, terms=terms + (found.value - terms.mean()))

    def in_order(self, x: Line, y: Floats) -> Estimate:
        """The same of a column that is in order already, without terms."""
        codes, sizes = _coded(columns(y))
        rows = codes.size
        if (sizes == 1).any():
            kept = _kept(codes, sizes)
            x, codes = x.without(~kept), codes[kept]
        return self._of_counts(_nearer_in_order(x, codes, self.k), sizes, rows)

    def _of_sizes(self, sizes: Ints) -> Floats:
        """ψ(k) − ψ(N_y) of each outcome; 0 of those that are left out."""
        from scipy.special import digamma

        found: Floats = digamma(np.clip(sizes - 1, 1, self.k)) - digamma(np.maximum(sizes, 1))
        return np.where(sizes > 1, found, 0.0)

    def _of_counts(self, m: NDArray[Any], sizes: Ints, rows: int) -> Estimate:
        """The estimate from how many are nearer, in any order."""
        from scipy.special import digamma

        value = float(self._of_sizes(sizes) @ sizes) / m.size + float(digamma(m.size)) - mean_psi(m)
        note = f"{rows - m.size:,} observations with an outcome that occurs once have no neighbour and are left out"
        return Estimate(value, notes=(note,) * (rows > m.size))


def _kept(codes: Ints, sizes: Ints) -> NDArray[np.bool_]:
    """Which observations have an outcome that occurs twice or more."""
    kept: NDArray[np.bool_] = (sizes > 1)[codes]
    if not kept.any():
        raise InvalidValue(
            f"{len(codes)} outcomes of {len(codes)} observations; needed: one at least that occurs twice",
            hint="is the discrete variable an identifier?",
        )
    return kept


def _coded(y: Floats) -> tuple[Ints, Ints]:
    """Codes 0, 1, … of the rows of y, and how often each occurs."""
    column = y[:, 0]
    if y.shape[1] == 1 and column.min() >= 0 and column.max() < len(y) and (column == np.floor(column)).all():
        codes = column.astype(np.int64)  # they are codes already
        return codes, np.bincount(codes)
    _, codes, sizes = np.unique(y, axis=0, return_inverse=True, return_counts=True)
    return codes.ravel(), sizes


def _nearer(x: Floats, codes: Ints, k: int) -> Ints:
    """How many others of all are nearer than the k-th of the same code, or than the last where there are fewer."""
    radii = np.empty(len(x))
    for rows in np.split(np.argsort(codes, kind="stable"), np.cumsum(np.bincount(codes))[:-1]):
        if rows.size:
            radii[rows] = kth_distance(x[rows], min(k, rows.size - 1))
    return count_within(x, radii)


def _nearer_in_order(x: Line, codes: Ints, k: int) -> NDArray[np.int32]:
    """The same of a column in order, itself among them; in order."""
    from plogp._kernels import planes

    sizes, counts = np.bincount(codes), np.empty(codes.size, np.int32)
    planes.nearer_than_like(x.values, codes.astype(narrow(sizes.size))[x.order], sizes, k, counts)
    return np.maximum(counts, 1, out=counts)


@dataclass(frozen=True)
class Gao(SampleEstimator):
    """Mutual information of variables that may repeat values: discrete, continuous, or mixtures of both.

    I = ⟨ψ(k̃) + ln n − ψ(n_x) − ψ(n_y)⟩. Where the k-th neighbour in (x, y) is at a distance, k̃ = k, and n_x counts the
    observations nearer in x, itself among them; where it coincides, k̃, n_x and n_y count those that coincide.

    Args:
        k: neighbours.

    Raises:
        InvalidValue: n ≤ k.

    Values in max-norm, as they are. Too low in many dimensions, as all neighbour estimators are.
    Source: Gao, Kannan, Oh & Viswanath (2017), arXiv:1709.06212, with the counts of the authors' own program, which are
    open at the neighbour; those printed are closed, and give −.2 nats where values tie.

    >>> rng = np.random.default_rng(0)
    >>> x = rng.integers(0, 4, size=(2000, 1)).astype(float)
    >>> print(f"{Gao().mutual_information(x, x + rng.uniform(0, 0.5, x.shape)).value:.2f} for {np.log(4):.2f}")
    1.39 for 1.39
    """

    name: ClassVar[str] = "gao"

    k: int = 3

    def __post_init__(self) -> None:
        check_k(self.k)

    def mutual_information(self, x: Floats, y: Floats) -> Estimate:
        x, y = columns(x), columns(y)
        n = check_enough(len(x), self.k)
        both = np.hstack([x, y])
        radii = kth_distance(both, self.k)
        limits = np.where(radii > 0, radii, np.nextafter(0, 1))  # nearer than the least number: at distance 0
        n_x, n_y = count_within(x, limits) + 1, count_within(y, limits) + 1
        k = np.where(radii > 0, self.k, count_within(both, limits) + 1)
        terms = psi(k) + np.log(n) - psi(n_x) - psi(n_y)
        return Estimate(float(terms.mean()), terms)
