"""Mutual information of a contingency table, shrunk towards independence, in strata of a third variable.

Symbols: nᵢⱼ the count of a cell of stratum z, aᵢ and bⱼ its row's and its column's, n_z the stratum's, n the whole;
eᵢⱼ = aᵢbⱼ/n_z. Plain mutual information is the case of one stratum.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, final

import numpy as np

from plogp.counts import Counts
from plogp.estimate.base import DiscreteEstimator, Fingerprint, Floats, Ints, fingerprint, jackknife_variance
from plogp.estimate.discrete import ChaoWangJost, PlugIn, unseen

__all__ = [
    "UNSEEN_EVENT",
    "Blend",
    "IndependenceShrinkage",
    "Permutation",
    "Table",
    "inherited",
    "unseen_event",
    "without_excess",
]

Names = frozenset[str]

UNSEEN_EVENT = 1.64
"""How many unseen events are reckoned with where none was seen."""


@final
@dataclass(frozen=True)
class IndependenceShrinkage(DiscreteEstimator):
    """Mutual information, conditional or not, shrunk towards independence by as much as the table looks independent.

    Î = (1 − λ)·Î_CWJ + λ·AMI*

    Î_CWJ is the signed sum of Chao-Wang-Jost entropies. AMI* = H_m(Î_plug-in − EMI)/(H_m − EMI) is the adjusted mutual
    information of Vinh, Epps & Bailey (2010, https://jmlr.org/papers/v11/vinh10a.html) in nats, where EMI is the exact
    mean of the plug-in value over permutations within strata and H_m the smaller of H(A|C) and H(B|C). It is unbiased
    where A and B are independent given C, however many levels they have, which rankings need. λ in [0, 1] is the
    James-Stein weight (Schäfer & Strimmer 2005, doi:10.2202/1544-6115.1175). The blend is plogp's own: no source in the
    literature is known to us, and the evidence is in `benchmarks/accuracy.py`.

    Too high, by some hundredths of a nat, where an almost deterministic relation has noise in hundreds of cells.
    Entropies, and sums that aren't a mutual information, are Chao-Wang-Jost's.
    """

    name: ClassVar[str] = "independence-shrinkage"

    def of(self, counts: Fingerprint, n_outcomes: int | None = None) -> float:
        return ChaoWangJost().of(counts)

    def leave_one_out(self, counts: Fingerprint, n_outcomes: int | None = None) -> Floats:
        return ChaoWangJost().leave_one_out(counts)


@dataclass(frozen=True)
class Table:
    """The occupied cells of rows A × columns B in strata C, and their margins.

    Attributes:
        joint: counts of the occupied cells, shape (k,).
        rows, columns, strata: counts of the margins A∪C, B∪C and C.
        row, column, stratum: for each occupied cell the position of its margins, shape (k,).
    """

    joint: Ints
    rows: Ints
    columns: Ints
    strata: Ints
    row: Ints
    column: Ints
    stratum: Ints

    @classmethod
    def of(cls, counts: Counts, a: Names, b: Names, given: Names = frozenset()) -> "Table":
        """Counts of the variables A, B and C and no others, as a table of A × B in strata of C."""
        return cls(
            joint=counts.frequencies(),
            rows=counts.frequencies(a | given),
            columns=counts.frequencies(b | given),
            strata=counts.frequencies(given) if given else np.array([counts.n]),
            row=counts.index(a | given),
            column=counts.index(b | given),
            stratum=counts.index(given) if given else np.zeros(counts.n_cells, dtype=np.int64),
        )

    @cached_property
    def n(self) -> int:
        """How many observations there are."""
        return int(self.strata.sum())

    @cached_property
    def row_stratum(self) -> Ints:
        """The stratum of each row margin."""
        return inherited(self.stratum, self.row, self.rows.size)

    @cached_property
    def column_stratum(self) -> Ints:
        """The stratum of each column margin."""
        return inherited(self.stratum, self.column, self.columns.size)

    @cached_property
    def grid(self) -> int:
        """How many cells the observed margins span, Σ_z r_z·c_z."""
        size = self.strata.size
        return int(np.bincount(self.row_stratum, minlength=size) @ np.bincount(self.column_stratum, minlength=size))

    @cached_property
    def degrees_of_freedom(self) -> int:
        """Σ_z (r_z − 1)(c_z − 1) over the observed margins."""
        return self.grid - self.rows.size - self.columns.size + self.strata.size

    @cached_property
    def fingerprints(self) -> tuple[Fingerprint, Fingerprint, Fingerprint, Fingerprint]:
        """Of the rows, the columns, the strata and the cells."""
        rows, columns, strata, joint = map(fingerprint, (self.rows, self.columns, self.strata, self.joint))
        return rows, columns, strata, joint

    @cached_property
    def expected(self) -> Floats:
        """e of each occupied cell, shape (k,)."""
        out: Floats = self.rows[self.row] * (self.columns[self.column] / self.strata[self.stratum])
        return out

    @cached_property
    def plug_in(self) -> float:
        """The plug-in value Σ (nᵢⱼ/n) ln(nᵢⱼ/eᵢⱼ), as a sum of terms none of which is negative."""
        from scipy.special import kl_div

        in_empty_cells = self.n - float(self.expected.sum())
        return max(float(kl_div(self.joint, self.expected).sum()) + in_empty_cells, 0.0) / self.n


def inherited(stratum: Ints, margin: Ints, size: int) -> Ints:
    """The stratum of each of `size` marginal cells, from each cell's stratum and the position of its margin."""
    out = np.empty(size, dtype=np.int64)
    out[margin] = stratum
    return out


@dataclass(frozen=True, slots=True)
class Permutation:
    """What becomes of a table when its columns are permuted within strata: moments over all permutations.

    Attributes:
        mean: of G = 2n·Î_plug-in, exact (Vinh, Epps & Bailey 2010); the effective degrees of freedom ν.
        variance: of G; nearly exact where cells are well filled or sparse, up to 10 % too great in between.
        part, f1, f2: means of Σ kψ(k), f₁ and f₂ of the cells.
        reach: Σ e·u and Σ e·u² over the grid of margins, u = max(ln e, 0) + 1.
    """

    mean: float
    variance: float
    part: float
    f1: float
    f2: float
    reach: tuple[float, float]

    @classmethod
    def of(cls, table: Table) -> "Permutation":
        """The moments, by loops over groups of equal margins."""
        from plogp._kernels.independence import permutation_moments

        margins = (*_groups(table.row_stratum, table.rows), *_groups(table.column_stratum, table.columns))
        mean, variance, part, f1, f2, *reach = permutation_moments(table.strata, *margins).tolist()
        return cls(mean, variance, part, f1, f2, (reach[0], reach[1]))

    def joint_entropy(self, n: int) -> float:
        """The mean of the Chao-Wang-Jost entropy of the cells; exact but for f₁ and f₂, which enter by their means."""
        from scipy.special import digamma

        return float(digamma(n)) - self.part / n + float(unseen(n, self.f1, self.f2))


def _groups(stratum: Ints, margin: Ints) -> tuple[Ints, Ints, Ints]:
    """Where each stratum starts among the distinct margins; these; and how many rows or columns have each."""
    order = np.lexsort((margin, stratum))
    stratum, margin = stratum[order], margin[order]
    first = np.flatnonzero(np.append(True, (stratum[1:] != stratum[:-1]) | (margin[1:] != margin[:-1])))
    start = np.searchsorted(stratum[first], np.arange(stratum[-1] + 2))
    return start, margin[first], np.diff(first, append=margin.size)


@dataclass(frozen=True)
class Blend:
    """Î = (1 − λ)·Î_CWJ + λ·AMI* of one table, and its variance; nats."""

    table: Table
    permutation: Permutation

    @cached_property
    def value(self) -> float:
        """Î. Not clipped: slightly negative at times, as an unbiased estimate of zero must be."""
        chance = self.permutation.mean / (2 * self.table.n)
        return (1 - self.weight) * self.chao_wang_jost + self.weight * self.scale * (self.table.plug_in - chance)

    @cached_property
    def weight(self) -> float:
        """λ = min(1, V/D): 1 where the table differs from independence by no more than it would by chance.

        V = Σ_z (1 − Σᵢ(aᵢ/n_z)²)(1 − Σⱼ(bⱼ/n_z)²) n_z²/(n_z − 1),  D = Σ (nᵢⱼ − eᵢⱼ)²
        """
        table, strata = self.table, self.table.strata.astype(np.float64)
        a2 = np.bincount(table.row_stratum, table.rows.astype(np.float64) ** 2)
        b2 = np.bincount(table.column_stratum, table.columns.astype(np.float64) ** 2)
        chance = (1 - a2 / strata**2) * (1 - b2 / strata**2) * strata**2 / np.maximum(strata - 1, 1)
        distance = float((a2 * b2 / strata**2).sum() + (table.joint * (table.joint - 2 * table.expected)).sum())
        return min(1.0, float(chance.sum()) / distance) if distance > 0 else 1.0

    @cached_property
    def scale(self) -> float:
        """H_m/(H_m − EMI), with H_m = min(H(A|C), H(B|C)), plug-in; 1 where chance alone explains all of H_m."""
        rows, columns, strata = (PlugIn().of(counts) for counts in self.table.fingerprints[:3])
        most = min(rows, columns) - strata
        rest = most - self.permutation.mean / (2 * self.table.n)
        return most / rest if rest > 1e-9 else 1.0

    @cached_property
    def entropies(self) -> tuple[float, float, float, float]:
        """H(A,C), H(B,C), H(C) and H(A,B,C), each by Chao, Wang & Jost."""
        rows, columns, strata, joint = map(ChaoWangJost().of, self.table.fingerprints)
        return rows, columns, strata, joint

    @property
    def chao_wang_jost(self) -> float:
        """Î_CWJ = H(A,C) + H(B,C) − H(C) − H(A,B,C)."""
        rows, columns, strata, joint = self.entropies
        return rows + columns - strata - joint

    @property
    def permutation_centred(self) -> float:
        """Î_CWJ − λ·(its mean over permutations): less shrunk than Î where the sample is small."""
        rows, columns, strata, _ = self.entropies
        chance = rows + columns - strata - self.permutation.joint_entropy(self.table.n)
        return self.chao_wang_jost - self.weight * chance

    @cached_property
    def stretch(self) -> float:
        """How much Î varies for one unit of Î_plug-in where the variables are independent: 1 − λ + λ·scale."""
        return 1 - self.weight + self.weight * self.scale

    @cached_property
    def variance(self) -> float:
        """λ⁴·V₀ + (1 − λ⁴)·V₁.

        V₀ is the variance near independence, from that of G under permutation, as if 2nÎ were noncentral χ². V₁ is the
        jackknife variance, λ and the scale held fixed, less its second-order excess (the jackknife is too great on
        average: Efron & Stein 1981, doi:10.1214/aos/1176345462), and the effect of one unseen event.
        """
        excess = self.stretch**2 * self.permutation.variance / (4 * self.table.n**2)
        found = max(self.value, 0.0) / (self.table.n * self.stretch) * self.permutation.variance / self.permutation.mean
        near = excess + self.stretch**2 * found
        loo = leave_one_out(self.table, 1 - self.weight, self.weight * self.scale)
        far = without_excess(jackknife_variance(loo, self.table.joint), excess) + unseen_event(
            self.table, self.permutation
        )
        return self.weight**4 * near + (1 - self.weight**4) * far

    @property
    def permutation_centred_variance(self) -> float:
        """The jackknife variance of Î_CWJ less its second-order excess."""
        jackknife = jackknife_variance(leave_one_out(self.table, 1.0, 0.0), self.table.joint)
        return without_excess(jackknife, self.permutation.variance / (4 * self.table.n**2))


def without_excess(jackknife: float, excess: float) -> float:
    """A jackknife variance less its second-order excess: V₁ + V₂ where V_J ≈ V₁ + 2V₂, and never below V₂."""
    return max(jackknife - excess, min(excess, jackknife))


def leave_one_out(table: Table, chao_wang_jost: float, plug_in: float) -> Floats:
    """A weighted sum of Î_CWJ and Î_plug-in without one observation of each occupied cell; shape (k,)."""
    out = np.zeros(table.joint.size)
    places = (table.row, table.column, table.stratum, np.arange(table.joint.size))
    for sign, counts, place in zip((1, 1, -1, -1), table.fingerprints, places, strict=True):
        parts = chao_wang_jost * ChaoWangJost().leave_one_out(counts) + plug_in * PlugIn().leave_one_out(counts)
        out += sign * parts[counts.inverse][place]
    return out


def unseen_event(table: Table, permutation: Permutation) -> float:
    """1.64·min(W, 1)·Σ e·[(max(ln e, 0) + 1 + Î_plug-in)/n]²/W over empty cells, W = Σ e.

    The next observation may fall into an empty cell, and would move the estimate by about so much. Without this the
    interval of an almost deterministic table is far too short.
    """
    e = table.expected
    weight = table.n - float(e.sum())
    if table.joint.size == table.grid or weight <= 0:
        return 0.0
    u = np.maximum(np.log(e), 0.0) + 1
    first = max(permutation.reach[0] - float(e @ u), 0.0)
    second = max(permutation.reach[1] - float(e @ u**2), 0.0)
    squares = second + 2 * table.plug_in * first + table.plug_in**2 * weight
    return UNSEEN_EVENT * min(1.0, 1 / weight) * squares / table.n**2
