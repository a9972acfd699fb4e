"""Columns that together tell much of a target, chosen one by one: mRMR, JMI, CMIM.

All three weigh what a column tells against what the chosen ones make of it, two columns at a time, so that no table has
more than three variables. Brown, Pocock, Zhao & Luján (2012, https://jmlr.org/papers/v13/brown12a.html) derive them
from one likelihood.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plogp.estimate.choice import Estimator
from plogp.pairwise.many import values
from plogp.pairwise.variables import Variables

__all__ = ["METHODS", "Selection", "select"]

METHODS = ("mrmr", "jmi", "cmim")

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Selection:
    """What was chosen.

    Attributes:
        chosen: places of the columns, in the order in which they were chosen.
        relevance: I(column; target) of each column, in nats.
    """

    chosen: tuple[int, ...]
    relevance: Floats


def select(
    variables: Variables,
    columns: Sequence[str],
    target: str,
    n: int,
    method: str = "mrmr",
    choice: str | Estimator = "auto",
) -> Selection:
    """Choose n of the columns, the most telling first, then each time the one with the greatest

        mrmr   I(x;t) − mean of I(x;s)       Peng, Long & Ding (2005), doi:10.1109/TPAMI.2005.159
        jmi    mean of I(x;t|s)              Yang & Moody (1999), NIPS 12
        cmim   least of I(x;t), I(x;t|s)     Fleuret (2004), https://jmlr.org/papers/v5/fleuret04a.html

    over the columns s chosen before. JMI is I(x,s;t) but for I(s;t), which is the same for all x. Ties go to the first.
    What no row can tell, because none has both columns, counts as 0 here: such a column comes last, it isn't left out.
    """
    relevance = np.nan_to_num(values(variables, [(name, target) for name in columns], choice))
    chosen = [int(np.argmax(relevance))]
    seen: list[Floats] = []
    while len(chosen) < n:
        last, condition = columns[chosen[-1]], (target,) if method != "mrmr" else ()
        left = [i for i in range(len(columns)) if i not in chosen]
        beside = np.full(len(columns), np.nan)
        triples = [(columns[i], *condition, last) for i in left]
        beside[left] = np.nan_to_num(values(variables, triples, choice))
        seen.append(beside)
        chosen.append(left[int(np.argmax(_score(method, relevance, np.array(seen))[left]))])
    return Selection(tuple(chosen), relevance)


def _score(method: str, relevance: Floats, seen: Floats) -> Floats:
    """The score of each column, from I(x;s) or I(x;t|s) of each column s chosen before, shape (chosen, columns)."""
    mean: Floats = seen.mean(axis=0)
    if method == "mrmr":
        return relevance - mean
    return mean if method == "jmi" else np.minimum(relevance, seen.min(axis=0))
