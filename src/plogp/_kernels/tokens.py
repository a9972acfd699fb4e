"""Words of UTF-8 text as numbers: the rule of `plogp.text.tokens` on ASCII, and a memory of pieces for the rest.

A piece that isn't ASCII is looked up by its bytes among those that Python has resolved into words already; a new one is
handed back. So the rule for Unicode stands in one place only.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from plogp._kernels import kernel

__all__ = [
    "DOCUMENT",
    "DONE",
    "FULL",
    "SENTENCE",
    "UNKNOWN",
    "Interned",
    "enter",
    "intern",
    "interned",
    "roomy",
    "scan",
]

SENTENCE, DOCUMENT = -1, -2  # borders in a stream of words
DONE, FULL, UNKNOWN = 0, 1, 2  # why a scan stops: at the end, for want of room, at a piece to be resolved
# The state: where to read on, where the piece there ends, how much of the output is written, the newlines since the
# last word, and whether the sentence has ended.
AT, STOP, WRITTEN, NEWLINES, ENDED = range(5)

LETTER, DIGIT, JOINER, POINT, OTHER, HIGH, SPACE = range(7)
KINDS = np.full(256, OTHER, np.uint8)
KINDS[[9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 255]] = SPACE  # 255, which no UTF-8 holds, ends a document
KINDS[list(range(65, 91)) + list(range(97, 123))] = LETTER
KINDS[48:58] = DIGIT
KINDS[list(b"'_-")] = JOINER
KINDS[list(b".,")] = POINT
KINDS[128:255] = HIGH
END = np.isin(np.arange(256), list(b".!?"))
CLOSER = np.isin(np.arange(256), list(b"'\")]}"))
PRIME = np.uint64(0x9E3779B97F4A7C15)
LOW = np.uint64(0xFFFFFFFF)

quick = kernel(_nrt=False)  # none of these makes an array; counting references to them would take most of the time


class Interned(NamedTuple):
    """Byte strings, each once: string i is pool[starts[i]:starts[i + 1]], size[0] of them.

    A slot, where the hash of a string leads, is two cells, near in memory: the hash, and i + 1 in the high half of the
    other beside the length of the string; 0 where the slot is empty.
    """

    cells: NDArray[np.uint64]
    starts: NDArray[np.int64]
    pool: NDArray[np.uint8]
    size: NDArray[np.int64]


def interned(strings: int, size: int) -> Interned:
    """An empty table with room for some strings, a power of two, of some size together."""
    return Interned(
        np.zeros(4 * strings, np.uint64),
        np.zeros(strings + 1, np.int64),
        np.empty(size, np.uint8),
        np.zeros(1, np.int64),
    )


def roomy(table: Interned, length: int) -> Interned:
    """The table if the words of a piece of this length fit into it, or a larger one with what it holds."""
    if has_room(table, length):
        return table
    n, used = int(table.size[0]), int(table.starts[table.size[0]])
    strings, size = table.starts.size - 1, table.pool.size
    while n + (length + 1) // 2 > strings:
        strings *= 2
    while used + length > size:
        size *= 2
    larger = interned(strings, size)
    larger.pool[:used], larger.starts[: n + 1] = table.pool[:used], table.starts[: n + 1]
    larger.size[0] = n
    place(table.cells, larger.cells)
    return larger


@quick
def place(cells: NDArray[np.uint64], larger: NDArray[np.uint64]) -> None:
    """Put full slots where their hashes lead in a larger table."""
    for i in range(0, cells.size, 2):
        if cells[i + 1] != 0:
            slot = slot_of(cells[i], larger)
            while larger[slot + np.uint64(1)] != 0:
                slot = (slot + np.uint64(2)) & np.uint64(larger.size - 1)
            larger[slot] = cells[i]
            larger[slot + np.uint64(1)] = cells[i + 1]


@quick
def hashed_on(hashed: np.uint64, byte: np.uint8, length: int) -> np.uint64:
    """The hash of `length` bytes and one more; up to eight it is the bytes themselves, and tells strings apart."""
    hashed = ((hashed << np.uint64(8)) | (hashed >> np.uint64(56))) ^ np.uint64(byte)
    return hashed if length < 8 else hashed * PRIME


@quick
def slot_of(hashed: np.uint64, cells: NDArray[np.uint64]) -> np.uint64:
    """Where the search for a string begins."""
    mixed = hashed * PRIME
    return ((mixed ^ (mixed >> np.uint64(32))) << np.uint64(1)) & np.uint64(cells.size - 1)


@quick
def intern(table: Interned, length: int, hashed: np.uint64) -> int:
    """The number of the string of `length` that was laid after the last in the pool; a new one stays there."""
    n = table.size[0]
    slot = slot_of(hashed, table.cells)
    while table.cells[slot + np.uint64(1)] != 0:
        other = table.cells[slot + np.uint64(1)]
        known = np.int64(other >> np.uint64(32)) - 1
        if table.cells[slot] == hashed and np.int64(other & LOW) == length:
            same = 0 if length > 8 else length
            while same < length and table.pool[table.starts[known] + same] == table.pool[table.starts[n] + same]:
                same += 1
            if same == length:
                return int(known)
        slot = (slot + np.uint64(2)) & np.uint64(table.cells.size - 1)
    table.cells[slot] = hashed
    table.cells[slot + np.uint64(1)] = (np.uint64(n + 1) << np.uint64(32)) | np.uint64(length)
    table.starts[n + 1] = table.starts[n] + length
    table.size[0] = n + 1
    return int(n)


@quick
def enter(table: Interned, text: NDArray[np.uint8], start: int, stop: int) -> int:
    """The number of text[start:stop]; there must be room for it."""
    new = table.starts[table.size[0]]
    hashed = np.uint64(0)
    for i in range(stop - start):
        table.pool[new + i] = text[start + i]
        hashed = hashed_on(hashed, text[start + i], i)
    return intern(table, stop - start, hashed)


@quick
def ends_sentence(text: NDArray[np.uint8], start: int, stop: int) -> bool:
    """Whether an ASCII piece ends a sentence: . ! or ? before closing signs, but not a lone letter and a full stop."""
    last = stop - 1
    while last >= start and CLOSER[text[last]]:
        last -= 1
    if last < start or not END[text[last]]:
        return False
    lone = last > start and KINDS[text[last - 1]] == LETTER
    lone = lone and (last - 1 == start or KINDS[text[last - 2]] not in (LETTER, DIGIT))
    return not (lone and text[last] == ord("."))


@quick
def alphanumeric(byte: np.uint8) -> bool:
    return bool(KINDS[byte] <= DIGIT)


@quick
def joins(text: NDArray[np.uint8], at: int, stop: int) -> bool:
    """Whether a sign after a letter or digit joins what stands around it."""
    if at + 1 >= stop:
        return False
    if KINDS[text[at]] == JOINER:
        return alphanumeric(text[at + 1])
    return bool(KINDS[text[at]] == POINT and KINDS[text[at - 1]] == DIGIT and KINDS[text[at + 1]] == DIGIT)


@quick
def next_word(text: NDArray[np.uint8], at: int, stop: int, words: Interned) -> tuple[int, int]:
    """The number of the ASCII word that starts at `at`, and where it ends."""
    new = words.starts[words.size[0]]
    start, hashed = at, np.uint64(0)
    while at < stop:
        byte = text[at]
        kind = KINDS[byte]
        if kind == LETTER:
            byte |= np.uint8(32)
        elif kind != DIGIT and not joins(text, at, stop):
            break
        words.pool[new + at - start] = byte
        hashed = hashed_on(hashed, byte, at - start)
        at += 1
    return intern(words, at - start, hashed), at


@quick
def has_room(table: Interned, length: int) -> bool:
    """Whether the words of a piece of `length` fit into the table."""
    n = table.size[0]
    return bool(n + (length + 1) // 2 < table.starts.size and table.starts[n] + length <= table.pool.size)


@quick
def begin(state: NDArray[np.int64], out: NDArray[np.int32], lower: bool) -> None:
    """Write the end of a sentence before a word, if there is one, and begin to look for the next."""
    if state[NEWLINES] > 1 or (state[ENDED] and not lower):
        out[state[WRITTEN]] = SENTENCE
        state[WRITTEN] += 1
    state[ENDED] = state[NEWLINES] = 0


@quick
def read_space(text: NDArray[np.uint8], state: NDArray[np.int64], out: NDArray[np.int32]) -> int:
    """Read a byte of white space, or the end of a document."""
    byte = text[state[AT]]
    if byte == 255:
        if state[WRITTEN] == out.size:
            return FULL
        out[state[WRITTEN]] = DOCUMENT
        state[WRITTEN] += 1
        state[ENDED] = state[NEWLINES] = 0
    state[NEWLINES] += byte == 10
    state[AT] += 1
    return DONE


@quick
def read_ascii(text: NDArray[np.uint8], state: NDArray[np.int64], words: Interned, out: NDArray[np.int32]) -> int:
    """Read a piece of ASCII."""
    at, stop = state[AT], state[STOP]
    if not has_room(words, stop - at) or state[WRITTEN] + (stop - at) // 2 + 2 > out.size:
        return FULL
    while at < stop and not alphanumeric(text[at]):
        at += 1
    if at < stop:
        begin(state, out, text[at] >= ord("a"))
    if not alphanumeric(text[stop - 1]):
        state[ENDED] |= ends_sentence(text, state[AT], stop)
    n = state[WRITTEN]
    while at < stop:
        if alphanumeric(text[at]):
            out[n], at = next_word(text, at, stop, words)
            n += 1
        else:
            at += 1
    state[AT], state[WRITTEN] = stop, n
    return DONE


@quick
def read_known(
    text: NDArray[np.uint8],
    state: NDArray[np.int64],
    pieces: Interned,
    bounds: NDArray[np.int64],
    resolved: NDArray[np.int32],
    flags: NDArray[np.uint8],
    out: NDArray[np.int32],
) -> int:
    """Read a piece that isn't ASCII, if it's known what it means."""
    if not has_room(pieces, state[STOP] - state[AT]):
        return FULL
    piece = enter(pieces, text, state[AT], state[STOP])
    if piece + 1 >= bounds.size:
        return UNKNOWN
    start, end = bounds[piece], bounds[piece + 1]
    if state[WRITTEN] + end - start + 1 > out.size:
        return FULL
    if start < end:
        begin(state, out, bool(flags[piece] & 1))
    for i in range(start, end):
        out[state[WRITTEN]] = resolved[i]
        state[WRITTEN] += 1
    state[ENDED] |= flags[piece] >> 1
    state[AT] = state[STOP]
    return DONE


@quick
def scan(
    text: NDArray[np.uint8],
    state: NDArray[np.int64],
    words: Interned,
    pieces: Interned,
    bounds: NDArray[np.int64],
    resolved: NDArray[np.int32],
    flags: NDArray[np.uint8],
    out: NDArray[np.int32],
) -> int:
    """Read on in a text that ends in white space, to its end or as far as there is room, and say why it stopped.

    Piece i stands for resolved[bounds[i]:bounds[i + 1]], numbers of words and borders; the bits of flags[i] say whether
    it starts in lower case and whether it ends a sentence.
    """
    why = DONE
    while why == DONE and state[AT] < text.size:
        stop, high = state[AT], np.uint8(0)
        while KINDS[text[stop]] != SPACE:
            high |= text[stop]
            stop += 1
        if stop == state[AT]:
            why = read_space(text, state, out)
            continue
        state[STOP] = stop
        if high < 128:
            why = read_ascii(text, state, words, out)
        else:
            why = read_known(text, state, pieces, bounds, resolved, flags, out)
    return why
