"""Mutual information of many tables at once, by what `table_sums` says of them: the formulas of `plogp.estimate`."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from plogp.estimate.discrete import unseen
from plogp.estimate.uncertainty import gamma_tail

__all__ = ["Estimates"]

Floats = NDArray[np.float64]

CELLS, ROWS, COLUMNS, STRATA = range(4)


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates of I(A;B|C) of m tables, in nats, NaN where a table holds nothing.

    Attributes:
        sums: what `table_sums` says of each, shape (m, 22).
        shrunk: whether by independence-shrinkage; else plug-in.
    """

    sums: Floats
    shrunk: bool

    @cached_property
    def n(self) -> Floats:
        """Observations of each table, shape (m,)."""
        return np.where(self.sums[:, 16] > 0, self.sums[:, 16], np.nan)

    @cached_property
    def values(self) -> Floats:
        """The estimates, shape (m,)."""
        if not self.shrunk:
            return self.plug_in
        rest = self.most - self.chance
        scale = np.divide(self.most, rest, out=np.ones_like(rest), where=rest > 1e-9)
        corrected = self.weight * scale * (self.plug_in - self.chance)
        rows, columns, strata, cells = (self.chao_wang_jost(m) for m in (ROWS, COLUMNS, STRATA, CELLS))
        values = (1 - self.weight) * (rows + columns - strata - cells) + corrected
        return np.where(self.settled & ~np.isnan(self.n), 0.0, values)

    @property
    def p_values(self) -> Floats:
        """Of independence, by the gamma distribution with the moments of permutation; NaN where nothing is tested."""
        tested = ~self.settled & (self.n > 1)
        p = np.full(len(self.sums), np.nan)
        p[self.settled & (self.n > 1) & (self.sums[:, 21] > 0)] = 1.0
        g, mean, variance, freedom = (x[tested] for x in (2 * self.n * self.plug_in, *self.sums[:, 19:22].T))
        p[tested] = gamma_tail(g, mean, variance, freedom)
        return p

    @property
    def plug_in(self) -> Floats:
        """Î_plug-in."""
        k_log_k = self.sums[:, 0:16:4]
        raw = k_log_k[:, CELLS] - k_log_k[:, ROWS] - k_log_k[:, COLUMNS] + k_log_k[:, STRATA]
        return np.maximum(raw, 0.0) / self.n

    @property
    def chance(self) -> Floats:
        """The mean of Î_plug-in over permutations."""
        return self.sums[:, 19] / (2 * self.n)

    @property
    def settled(self) -> NDArray[np.bool_]:
        """Whether all permutations have the same Î_plug-in."""
        settled: NDArray[np.bool_] = self.sums[:, 20] <= 1e-9 * self.sums[:, 19]
        return settled

    @property
    def weight(self) -> Floats:
        """λ = min(1, V/D), 1 where D = 0."""
        chance, distance = self.sums[:, 17], self.sums[:, 18]
        return np.minimum(np.divide(chance, distance, out=np.ones_like(chance), where=distance > 0), 1.0)

    @property
    def most(self) -> Floats:
        """min(H(A|C), H(B|C)), plug-in."""
        rows, columns, strata = (np.log(self.n) - self.sums[:, 4 * m] / self.n for m in (ROWS, COLUMNS, STRATA))
        return np.minimum(rows, columns) - strata

    def chao_wang_jost(self, margin: int) -> Floats:
        """The entropy of the cells or of a margin by Chao, Wang & Jost."""
        from scipy.special import digamma

        _, k_psi, f1, f2 = self.sums[:, 4 * margin : 4 * margin + 4].T
        entropy: Floats = digamma(self.n) - k_psi / self.n
        for n in np.unique(self.n[f1 > 0]):
            some = (f1 > 0) & (self.n == n)
            entropy[some] += unseen(int(n), f1[some], f2[some])
        return entropy
