"""How the columns of a report relate: all pairs in the order of a dendrogram, a ranking, a diagram."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.diagram import Diagram, regions
from plogp.errors import BadTable
from plogp.measure import measure
from plogp.pairwise import MutualInformationMatrix, Ranking, mutual_information_matrix, rank
from plogp.samples import Observations

__all__ = ["CONTINUOUS", "RULE", "chosen", "diagram", "matrix", "ordered", "ranking"]

CONTINUOUS = "bins"
"""How continuous columns are compared: in quantile bins, which are quick, and the same on every engine."""

RULE = "chao-wang-jost"
"""Who estimates the regions of the diagram: all by one rule on the same rows, so that they add up to the entropies."""


def matrix(table: Observations, names: Sequence[str], unit: str) -> MutualInformationMatrix:
    """What each pair of columns shares."""
    return mutual_information_matrix(table, names, unit=unit, p_values=True, continuous=CONTINUOUS)


def ordered(pairs: MutualInformationMatrix) -> tuple[MutualInformationMatrix, NDArray[np.float64] | None]:
    """The matrix with its columns in the order of a dendrogram of VI(A;B) / H(A,B) = 1 - I(A;B) / H(A,B), and this."""
    if len(pairs.columns) < 3:
        return pairs, None
    from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering

    shared = np.nan_to_num(pairs.values)
    entropies = np.diag(shared)
    joint = entropies[:, None] + entropies - shared
    far = np.clip(1 - np.divide(shared, joint, out=np.zeros_like(joint), where=joint > 0), 0, 1)  # for the order only
    distances = far[np.triu_indices(len(far), 1)]
    tree = optimal_leaf_ordering(linkage(distances, "average"), distances)
    order = leaves_list(tree)
    p_values = None if pairs.p_values is None else pairs.p_values[np.ix_(order, order)]
    columns = tuple(pairs.columns[i] for i in order)
    return replace(pairs, columns=columns, values=pairs.values[np.ix_(order, order)], p_values=p_values), tree


def ranking(table: Observations, target: str, names: Sequence[str], choices: Mapping[str, Any]) -> Ranking:
    """The columns by what they tell of the target."""
    others = [name for name in names if name != target]
    return rank(table, target, columns=others, continuous=CONTINUOUS, **choices)


def chosen(
    target: str | None, discrete: Sequence[str], pairs: MutualInformationMatrix | None, ranked: Ranking | None
) -> tuple[str, ...]:
    """Two or three discrete columns: the target and the two that tell most of it, or those that share most."""
    if pairs is None or len(discrete) < 2:
        return ()
    if ranked is not None and target is not None and target in discrete:
        return (target, *[row.column for row in ranked if row.column in discrete][:2])
    place = [pairs.columns.index(name) for name in discrete]
    shared = np.nan_to_num(pairs.values[np.ix_(place, place)])
    np.fill_diagonal(shared, -np.inf)
    i, j = sorted(divmod(int(np.argmax(shared)), len(discrete)))
    third = [name for name in discrete if name not in (discrete[i], discrete[j])]
    both = {name: shared[discrete.index(name), [i, j]].sum() for name in third}
    return (discrete[i], discrete[j], *sorted(third, key=lambda name: -both[name])[:1])


def diagram(table: Observations, names: Sequence[str], choices: Mapping[str, Any]) -> Diagram | None:
    """The diagram of some columns; None where no row has them all."""
    if not names:
        return None
    try:
        return Diagram.of(names, measure(list(regions(names).values()), table, estimator=RULE, **choices))
    except BadTable:
        return None
