"""Characters: a model that predicts each byte from those before it and learns as it reads; longest earlier matches."""

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.pairs import EMPTY, Pairs, add, place_of

__all__ = ["MOST", "common_beginnings", "longest_matches", "predict"]

MOST = 6  # bytes of context, which a key has room for
TOTAL, TYPES = np.uint64(256), np.uint64(257)  # in the place of a byte: how many followed, how many different ones
quick = kernel(_nrt=False)  # see plogp._kernels.tokens


@quick
def value(table: Pairs, key: np.uint64) -> int:
    """The count of a key; 0 where it isn't there."""
    place = place_of(table.cells, key)
    return 0 if table.cells[place] == EMPTY else int(table.cells[place + np.uint64(1)])


@quick
def predict(text: NDArray[np.uint8], order: int, discount: float, table: Pairs, state: NDArray[np.float64]) -> int:
    """Add to state[0] the nats −ln p of each byte from state[1] on, as far as the table has room; where that was.

    p_j(c) = (max(n_j(c) − D, 0) + D t_j p_{j−1}(c)) / n_j, where n_j counts what has followed the last j bytes, t_j how
    many different bytes these were, and p_{−1} = 1/256.
    """
    nats, start = state[0], int(state[1])
    for i in range(start, text.size):
        if 10 * (table.used[0] + 3 * (order + 1)) > 3 * table.cells.size:
            state[0], state[1] = nats, i
            return i
        p, context, most = 1 / 256, np.uint64(0), min(order, i)
        for j in range(most + 1):
            if j > 0:
                context |= np.uint64(text[i - j]) << np.uint64(8 * (j - 1))
            base = (context << np.uint64(9)) | (np.uint64(j) << np.uint64(57))
            n = value(table, base | TOTAL)
            if n == 0:
                break
            seen, types = value(table, base | np.uint64(text[i])), value(table, base | TYPES)
            p = (max(seen - discount, 0.0) + discount * types * p) / n
        nats -= np.log(p)
        context = np.uint64(0)
        for j in range(most + 1):
            if j > 0:
                context |= np.uint64(text[i - j]) << np.uint64(8 * (j - 1))
            base = (context << np.uint64(9)) | (np.uint64(j) << np.uint64(57))
            if value(table, base | np.uint64(text[i])) == 0:
                add(table, base | TYPES, 1)
            add(table, base | np.uint64(text[i]), 1)
            add(table, base | TOTAL, 1)
    state[0], state[1] = nats, text.size
    return text.size


@quick
def common_beginnings(
    codes: NDArray[np.int64], order: NDArray[np.int64], rank: NDArray[np.int64], out: NDArray[np.int64]
) -> None:
    """How many characters each suffix shares with the one before it in order. Kasai et al. (2001), in CPM, 181-192."""
    n = codes.size
    for r in range(n):
        rank[order[r]] = r
    shared = 0
    for i in range(n):
        if rank[i] == 0:
            shared = out[0] = 0
            continue
        j = order[rank[i] - 1]
        while i + shared < n and j + shared < n and codes[i + shared] == codes[j + shared]:
            shared += 1
        out[rank[i]] = shared
        shared = max(shared - 1, 0)


@quick
def longest_matches(
    order: NDArray[np.int64],
    common: NDArray[np.int64],
    before: NDArray[np.int64],
    after: NDArray[np.int64],
    out: NDArray[np.int64],
) -> None:
    """For each position the length of the longest match that starts earlier.

    order: suffixes sorted; common[r]: how long a beginning those of rank r − 1 and r share, which is used up. The
    latest position is taken out of the list first, so that its neighbours are earlier ones. Crochemore & Ilie (2008),
    doi:10.1016/j.ipl.2007.10.006.
    """
    n = order.size
    rank = out  # until it's overwritten, position by position, from the last
    for r in range(n):
        rank[order[r]] = r
        before[r], after[r] = r - 1, r + 1
    for i in range(n - 1, -1, -1):
        r = rank[i]
        left, right = before[r], after[r]
        with_left = common[r]
        with_right = common[right] if right < n else 0
        out[i] = max(with_left, with_right)
        if right < n:
            before[right] = left
            common[right] = min(with_left, with_right)
        if left >= 0:
            after[left] = right
