"""Counting: rows packed into words, a table of all words, the radix sort where that would be too large, and hashing."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel
from plogp._kernels.processor import LINE, prefetch

__all__ = [
    "SAMPLED",
    "distinct",
    "factorize",
    "mark",
    "merge",
    "pack",
    "pack_two",
    "radix_sort",
    "runs",
    "scatter",
    "tally",
    "tally_codes",
    "unpack",
]

Words = NDArray[np.unsignedinteger[Any]]
Weights = Any  # NDArray[np.int64], or None where each row counts once

SAMPLED = 8
"""One word in so many leaves a mark, by its hash: the same word always or never."""

FEW = 512
"""So few places have room in the nearest cache four times."""

AT_ONCE = 1 << 16
"""So many codes stay in the cache from one look to the next."""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2⁶⁴ / golden ratio: its multiples spread evenly (Knuth, TAOCP 3, 6.4)


@kernel()
def pack(words: Words, column: NDArray[np.integer[Any]], bits: int, size: int) -> bool:
    """Append a code to each word; whether all codes are 0..size-1."""
    outside = np.int64(0)
    for i in range(column.size):
        code = np.int64(column[i])
        outside |= code | (size - 1 - code)  # one of them is negative, or neither
        words[i] = (np.int64(words[i]) << bits) | code
    return bool(outside >= 0)


@kernel()
def pack_two(
    words: Words,
    column: NDArray[np.integer[Any]],
    other: NDArray[np.integer[Any]],
    bits: int,
    size: int,
    other_size: int,
) -> bool:
    """Make words of the codes of two columns, `bits` for the other's: one pass instead of two over fresh memory."""
    outside = np.int64(0)
    for i in range(column.size):
        code, low = np.int64(column[i]), np.int64(other[i])
        outside |= code | low | (size - 1 - code) | (other_size - 1 - low)
        words[i] = (code << bits) | low
    return bool(outside >= 0)


@kernel()
def unpack(
    words: Words, ends: NDArray[np.int64], bits: int, shift: int, width: int, out: NDArray[np.unsignedinteger[Any]]
) -> None:
    """Read the code in some bits of each word, whose bucket's number is in the bits above its own."""
    mask, lowest = (np.uint64(1) << np.uint64(width)) - np.uint64(1), np.uint64(shift)
    for b in range(ends.size - 1):
        high, own, codes = np.uint64(b) << np.uint64(bits), words[ends[b] : ends[b + 1]], out[ends[b] : ends[b + 1]]
        for i in range(own.size):
            codes[i] = (high | np.uint64(own[i])) >> lowest & mask


@kernel()
def tally(table: NDArray[np.int64], words: NDArray[np.integer[Any]], weights: Weights) -> None:
    """Add one for each word, or its weight, at its place in the table.

    A sum waits for the last one at the same place, so four stretches of the words take turns: words in order repeat.
    Where places are few, words in any order do, and each stretch has a table of its own.
    """
    few, quarter = table.size <= FEW, words.size // 4
    parts = np.zeros((4, table.size if few else 0), np.int64)
    for i in range(quarter):
        for turn in range(4):
            row = turn * quarter + i
            one = 1 if weights is None else weights[row]
            if few:
                parts[turn, words[row]] += one
            else:
                table[words[row]] += one
    for row in range(4 * quarter, words.size):
        table[words[row]] += 1 if weights is None else weights[row]
    for part in parts:
        table[: part.size] += part


@kernel()
def tally_codes(table: NDArray[np.int64], codes: NDArray[np.integer[Any]], size: int, weights: Weights) -> bool:
    """The same for codes, unless one is outside 0..size-1; whether none is."""
    for start in range(0, codes.size, AT_ONCE):
        some, outside = codes[start : start + AT_ONCE], np.int64(0)
        for code in some:
            outside |= np.int64(code) | (size - 1 - np.int64(code))
        if outside < 0:
            return False
        tally(table, some, None if weights is None else weights[start : start + AT_ONCE])
    return True


@kernel()
def mixed(word: np.uint64) -> np.uint64:
    """A hash of 64 bits, all of them good."""
    word = (word ^ (word >> np.uint64(32))) * GOLDEN
    return word ^ (word >> np.uint64(32))


@kernel()
def mark(words: NDArray[np.uint64], marks: NDArray[np.uint8]) -> None:
    """Mark the places that sampled words hash to.

    The last place is for words that aren't sampled: a branch would be guessed wrong too often.
    """
    last = np.uint64(marks.size - 1)
    for word in words:
        hashed = mixed(word)
        marks[hashed & (last - np.uint64(1)) if hashed >> np.uint64(32) & np.uint64(SAMPLED - 1) == 0 else last] = 1


@kernel()
def scatter(
    words: NDArray[np.uint64],
    weights: Weights,
    shift: np.uint64,
    cursors: NDArray[np.int64],
    out: Words,
    out_weights: Weights,
) -> None:
    """Move the low bits of each word, with its weight, to the cursor of its bucket, which steps on."""
    low, ahead = (np.uint64(1) << shift) - np.uint64(1), 4 * LINE // out.itemsize
    for i in range(words.size):
        bucket = words[i] >> shift
        place = cursors[bucket]
        cursors[bucket] = place + 1
        prefetch(out, place + ahead)
        out[place] = words[i] & low
        if weights is not None:
            out_weights[place] = weights[i]


@kernel()
def distinct(words: Words) -> int:
    """How many distinct words there are, in order."""
    found = np.int64(words.size > 0)
    for i in range(1, words.size):
        found += words[i] != words[i - 1]
    return int(found)


@kernel()
def runs(words: Words, weights: Weights, ends: NDArray[np.int64], counts: NDArray[np.int64]) -> None:
    """Move the distinct words of sorted buckets to the front, and fill in what each weighs.

    Without a branch on whether a word is the last of its kind, which would be guessed wrong too often: each row writes
    the weight of all rows up to it at the place of its word, where the last one's stays. Differences follow.
    """
    k, total, before = 0, 0, 0
    for b in range(ends.size - 1):
        first, last = k, ends[b + 1] - 1
        for i in range(ends[b], last + 1):
            word = words[i]
            total += 1 if weights is None else int(weights[i])
            words[k], counts[k] = word, total
            k += i == last or word != words[i + 1]
        for j in range(first, k):
            counts[j], before = counts[j] - before, counts[j]


@kernel()
def radix_sort(
    words: Words,
    weights: Weights,
    spare: Words,
    spare_weights: Weights,
    bits: np.uint64,
    digit: np.uint64,
) -> None:
    """Sort words and their weights by the low `bits`, the least digit first: over to the spare room, and back."""
    low, over = np.uint64(0), spare[: words.size]
    while low < bits and words.size > 1:
        sort_by_digit(words, weights, over, spare_weights, low, digit)
        sort_by_digit(over, spare_weights, words, weights, low + digit, digit)
        low += np.uint64(2) * digit


@kernel()
def sort_by_digit(
    words: Words,
    weights: Weights,
    out: Words,
    out_weights: Weights,
    low: np.uint64,
    digit: np.uint64,
) -> None:
    """Move words and their weights to `out` in the order of one digit, equal ones as they stood."""
    cursors = np.zeros(np.uint64(1) << digit, np.int64)
    mask = np.uint64(cursors.size - 1)
    for word in words:
        cursors[(word >> low) & mask] += 1
    place = 0
    for d in range(cursors.size):
        place, cursors[d] = place + cursors[d], place
    for i in range(words.size):
        d = (words[i] >> low) & mask
        place = cursors[d]
        cursors[d] = place + 1
        out[place] = words[i]
        if weights is not None:
            out_weights[place] = weights[i]


@kernel()
def merge(
    one: NDArray[np.uint64],
    one_counts: NDArray[np.int64],
    other: NDArray[np.uint64],
    other_counts: NDArray[np.int64],
    out: NDArray[np.uint64],
    out_counts: NDArray[np.int64],
) -> int:
    """Merge two sorted lists of distinct words, adding the counts of those in both; how many there are."""
    i = j = found = 0
    while i < one.size and j < other.size:
        left, right = one[i], other[j]
        out[found] = min(left, right)
        out_counts[found] = (left <= right) * one_counts[i] + (right <= left) * other_counts[j]
        i += left <= right
        j += right <= left
        found += 1
    for rest in range(i, one.size):
        out[found], out_counts[found] = one[rest], one_counts[rest]
        found += 1
    for rest in range(j, other.size):
        out[found], out_counts[found] = other[rest], other_counts[rest]
        found += 1
    return found


@kernel()
def factorize(rows: NDArray[np.unsignedinteger[Any]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """A code for each row of words, equal rows alike, in order of appearance; and where each code appeared first.

    Open addressing with linear probing; the table doubles before it is half full.
    """
    codes = np.empty(rows.shape[0], np.int32)
    firsts = np.empty(1 << 10, np.int64)
    slots = np.full(1 << 11, -1, np.int32)
    found = 0
    for i in range(rows.shape[0]):
        slot = find(rows, i, firsts, slots)
        if slots[slot] < 0:
            if found == firsts.size:
                firsts, slots = grown(rows, firsts)
                slot = find(rows, i, firsts, slots)
            slots[slot] = found
            firsts[found] = i
            found += 1
        codes[i] = slots[slot]
    return codes, firsts[:found].copy()


@kernel()
def find(rows: Words, i: int, firsts: NDArray[np.int64], slots: NDArray[np.int32]) -> np.uint64:
    """The slot of a row: the one that holds an equal row, or the empty one where it belongs."""
    mask = np.uint64(slots.size - 1)
    hashed = np.uint64(0)
    for j in range(rows.shape[1]):
        hashed = mixed(hashed ^ np.uint64(rows[i, j]))
    slot = hashed & mask
    while slots[slot] >= 0:
        j = 0
        while j < rows.shape[1] and rows[i, j] == rows[firsts[slots[slot]], j]:
            j += 1
        if j == rows.shape[1]:
            break
        slot = (slot + np.uint64(1)) & mask
    return slot


@kernel()
def grown(rows: Words, firsts: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Twice the room for the rows found so far."""
    larger = np.empty(2 * firsts.size, np.int64)
    larger[: firsts.size] = firsts
    slots = np.full(4 * firsts.size, -1, np.int32)
    for code in range(firsts.size):
        slots[find(rows, firsts[code], larger, slots)] = code
    return larger, slots
