"""The loop that draws without replacement from lists of neighbours."""

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = ["draw_from_lists"]

Ints = NDArray[np.int64]


@kernel()
def draw_from_lists(lists: Ints, visit: Ints, order: Ints) -> None:
    """For each row in the order of `visit`, the first of its list that no row has taken; the last where all are."""
    taken = np.zeros(order.size, dtype=np.bool_)
    for i in visit:
        chosen = lists[i, 0]
        for j in lists[i]:
            chosen = j
            if not taken[j]:
                break
        taken[chosen] = True
        order[i] = chosen
