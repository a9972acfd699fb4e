"""How the columns of a report relate: all pairs in the order of a dendrogram, a ranking, a diagram."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from plogp.diagram import Diagram, regions
from plogp.errors import BadTable
from plogp.notation import quoted
from plogp.report.findings import Column, Findings, Ranked, Table
from plogp.result import Result

__all__ = ["related"]

Pairs = Mapping[frozenset[str], Result]

GIVEN = 3
"""Columns at most that are taken as known where the worth of one more is asked; the cells soon outnumber the rows."""

RULE = "chao-wang-jost"
"""Who estimates the regions of the diagram: all by one rule on the same rows, so that they add up to the entropies."""


def related(table: Table, findings: Findings) -> Findings:
    """With the pairs, the ranking and the diagram, of the columns that can share anything."""
    useful = [column for column in findings.columns if 1 < column.n_outcomes < max(column.entropy.n or 0, 3)]
    names = [column.name for column in useful]
    idle = {
        column.name: f"{'constant' if column.n_outcomes == 1 else 'different in each row'}: only its entropy is given"
        for column in findings.columns
        if column not in useful
    }
    pairs = {frozenset(pair): result for pair in combinations(names, 2) if (result := table.shared(*pair)) is not None}
    order, tree = _ordered(useful, pairs)
    target = findings.target
    ranking = _ranking(table, target, names, pairs) if target is not None and target in names else ()
    chosen = _chosen(target, names, pairs, ranking)
    return replace(
        findings,
        left_out={**findings.left_out, **idle},
        order=order,
        pairs=pairs,
        tree=tree,
        ranking=ranking,
        diagram=_diagram(table, chosen),
    )


def _ordered(columns: Sequence[Column], pairs: Pairs) -> tuple[tuple[str, ...], NDArray[np.float64] | None]:
    """The columns in the order of a dendrogram of VI(A;B) / H(A,B) = 1 - I(A;B) / H(A,B), and this."""
    names = [column.name for column in columns]
    if len(names) < 3:
        return tuple(names), None
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

    distances = []
    for a, b in combinations(columns, 2):
        shared = pairs.get(frozenset([a.name, b.name]))
        i = 0.0 if shared is None else float(shared)
        joint = float(a.entropy) + float(b.entropy) - i
        distances.append(min(max(1 - i / joint, 0.0), 1.0) if joint > 0 else 1.0)  # for the order only: a metric
    tree = optimal_leaf_ordering(linkage(distances, "average"), distances)
    return tuple(names[i] for i in leaves_list(tree)), tree


def _ranking(table: Table, target: str, names: Sequence[str], pairs: Pairs) -> tuple[Ranked, ...]:
    """The columns by what they tell of the target."""
    told = {name: pairs[pair] for name in names if name != target and (pair := frozenset([target, name])) in pairs}
    whole = float(table.measure(f"H({quoted(target)})", confidence=None))
    corrected = _holm([result.p_value for result in told.values()])
    ranking: list[Ranked] = []
    above: list[str] = []
    told = {
        name: replace(r, formula=f"I({quoted(target)};{quoted(name)})", p_value=p)
        for (name, r), p in zip(told.items(), corrected, strict=True)
    }
    for name in sorted(told, key=lambda name: -float(told[name])):
        adds = table.shared(target, name, given=above) if above else None
        ranking.append(Ranked(name, told[name], float(told[name]) / whole, adds))
        news = adds or told[name]
        if len(above) < GIVEN and news.interval is not None and news.interval[0] > 0:
            above.append(name)
    return tuple(ranking)


def _holm(p_values: Sequence[float | None]) -> list[float | None]:
    """p-values that hold for all tests together: Holm (1979), Scandinavian Journal of Statistics 6:65-70.

    >>> _holm([0.04, None, 0.01])
    [0.04, None, 0.02]
    """
    tested = sorted((p, i) for i, p in enumerate(p_values) if p is not None)
    corrected: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, i) in enumerate(tested):
        least = max(least, min(1.0, (len(tested) - rank) * p))
        corrected[i] = least
    return corrected


def _chosen(
    target: str | None,
    names: Sequence[str],
    pairs: Pairs,
    ranking: Sequence[Ranked],
) -> tuple[str, ...]:
    """Two or three columns for the diagram: the target and those that add most, or the pair that shares most."""
    if target is not None and ranking:
        first, *rest = ranking
        second = [max(rest, key=lambda r: float(r.adds or r.told)).column] if rest else []
        return (target, first.column, *second)
    if not pairs:
        return ()
    pair = max(pairs, key=lambda pair: float(pairs[pair]))
    strongest = tuple(sorted(pair, key=names.index))
    ties = {
        name: sum(float(pairs[p]) for other in strongest if (p := frozenset([name, other])) in pairs)
        for name in names
        if name not in pair
    }
    return (*strongest, max(ties, key=lambda name: ties[name])) if ties else strongest


def _diagram(table: Table, names: Sequence[str]) -> Diagram | None:
    """The diagram of some columns; None where no row has them all."""
    if not names:
        return None
    try:
        results = [table.measure(formula, estimator=RULE) for formula in regions(names).values()]
    except BadTable:
        return None
    return Diagram.of(names, results)
