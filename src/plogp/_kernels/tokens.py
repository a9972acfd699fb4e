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
    "PADDING",
    "SENTENCE",
    "UNKNOWN",
    "Interned",
    "Meanings",
    "enter",
    "intern",
    "interned",
    "padded",
    "roomy",
    "scan",
]

SENTENCE, DOCUMENT = -1, -2  # borders in a stream of words
DONE, FULL, UNKNOWN = 0, 1, 2  # why a scan stops: at the end, for want of room, at a piece to be resolved
# The state: where to read on, where the piece there ends, how much of the output is written, the newlines since the
# last word, whether the sentence has ended, and which borders are written: none, documents, or sentences too.
AT, STOP, WRITTEN, NEWLINES, ENDED, BORDERS = range(6)

LETTER, DIGIT, JOINER, POINT, OTHER, HIGH, SPACE = range(7)
KINDS = np.full(256, OTHER, np.uint8)
KINDS[[9, 10, 11, 12, 13, 28, 29, 30, 31, 32, 255]] = SPACE  # 255, which no UTF-8 holds, ends a document
KINDS[list(range(65, 91)) + list(range(97, 123))] = LETTER
KINDS[48:58] = DIGIT
KINDS[list(b"'_-")] = JOINER
KINDS[list(b".,")] = POINT
KINDS[128:255] = HIGH
LOWER = np.arange(256, dtype=np.uint8)
LOWER[65:91] += 32
END = np.isin(np.arange(256), list(b".!?"))
CLOSER = np.isin(np.arange(256), list(b"'\")]}"))
PRIME = np.uint64(0x9E3779B97F4A7C15)
LOW = np.uint64(0xFFFFFFFF)
ONES = np.uint64(0x0101010101010101)  # 1 in each of eight bytes
TOPS = np.uint64(0x8080808080808080)
PADDING = 8  # bytes of white space at the least after a text that is read eight bytes at a time

quick = kernel(_nrt=False, forceinline=True)  # no counting of references, no calls: both take most of the time


class Interned(NamedTuple):
    """Byte strings, each once: string i is pool[starts[i]:starts[i + 1]], size[0] of them.

    A slot, where the hash of a string leads, is two cells, near in memory: the hash, and i + 1 in the high half of the
    other beside the length of the string; 0 where the slot is empty.
    """

    cells: NDArray[np.uint64]
    starts: NDArray[np.int64]
    pool: NDArray[np.uint8]
    size: NDArray[np.int64]


class Meanings(NamedTuple):
    """What pieces stand for: piece i for words[bounds[i]:bounds[i + 1]], numbers of words and borders; the bits of
    flags[i] say whether it starts in lower case and whether it ends a sentence."""

    bounds: NDArray[np.int64]
    words: NDArray[np.int32]
    flags: NDArray[np.uint8]


def interned(slots: int, size: int) -> Interned:
    """An empty table of so many slots, a power of two, three quarters for strings, of some size together."""
    return Interned(
        np.zeros(2 * slots, np.uint64),
        np.zeros(3 * slots // 4 + 1, np.int64),
        np.empty(size, np.uint8),
        np.zeros(1, np.int64),
    )


def roomy(table: Interned, length: int) -> Interned:
    """The table if the words of a piece of this length fit into it, or a larger one with what it holds."""
    n, used = int(table.size[0]), int(table.starts[table.size[0]])
    slots, size = table.cells.size // 2, table.pool.size
    while n + (length + 1) // 2 > 3 * slots // 4:
        slots *= 2
    while used + length > size:
        size *= 2
    if 2 * slots == table.cells.size and size == table.pool.size:
        return table
    larger = interned(slots, size)
    larger.pool[:used], larger.starts[: n + 1] = table.pool[:used], table.starts[: n + 1]
    larger.size[0] = n
    place(table.cells, larger.cells)
    return larger


def padded(text: bytes) -> NDArray[np.uint64]:
    """A text with white space after it, to be read eight bytes at a time."""
    return np.frombuffer(text + b" " * (PADDING + 8 - len(text) % 8), "<u8")


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
def eight(chunks: NDArray[np.uint64], at: int) -> np.uint64:
    """Eight bytes of a text, from any byte on, the first one lowest."""
    place, shift = at >> 3, np.uint64((at & 7) << 3)
    out: np.uint64 = (chunks[place] >> shift) | ((chunks[place + 1] << np.uint64(1)) << (np.uint64(63) - shift))
    return out


@quick
def folded(eight: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Eight bytes with ASCII letters in lower case; and 128 in each that is neither an ASCII letter nor a digit.

    In a byte below 128, adding 128 - x sets the top bit where it is x at least.
    """
    seven = eight & ~TOPS
    lower = seven | (ONES << np.uint64(5))
    letter = (lower + ONES * np.uint64(128 - 97)) & ~(lower + ONES * np.uint64(128 - 123))
    digit = (seven + ONES * np.uint64(128 - 48)) & ~(seven + ONES * np.uint64(128 - 58))
    letter &= ~eight & TOPS
    return eight | (letter >> np.uint64(2)), TOPS & ~(letter | (digit & ~eight))


@quick
def hashed(chunks: NDArray[np.uint64], start: int, stop: int, fold: bool) -> np.uint64:
    """The hash of a string; up to eight bytes it is the bytes themselves, and tells strings apart."""
    out = np.uint64(0)
    for at in range(start, stop, 8):
        some = eight(chunks, at)
        if fold:
            some = folded(some)[0]
        if stop - at < 8:
            some &= (np.uint64(1) << np.uint64((stop - at) << 3)) - np.uint64(1)
        out = (out * PRIME) ^ some
    return out


@quick
def slot_of(hashed: np.uint64, cells: NDArray[np.uint64]) -> np.uint64:
    """Where the search for a string begins."""
    mixed = hashed * PRIME
    return ((mixed ^ (mixed >> np.uint64(32))) << np.uint64(1)) & np.uint64(cells.size - 1)


@quick
def intern(table: Interned, text: NDArray[np.uint8], start: int, stop: int, hashed: np.uint64, fold: bool) -> int:
    """The number of text[start:stop], in lower case if told; -1 where it is new and there is no room for it."""
    length, slot = stop - start, slot_of(hashed, table.cells)
    while table.cells[slot + np.uint64(1)] != 0:
        other = table.cells[slot + np.uint64(1)]
        if table.cells[slot] == hashed and np.int64(other & LOW) == length:
            known = np.int64(other >> np.uint64(32)) - 1
            if length <= 8 or is_same(table.pool, table.starts[known], text, start, length, fold):
                return int(known)
        slot = (slot + np.uint64(2)) & np.uint64(table.cells.size - 1)
    n, at = table.size[0], table.starts[table.size[0]]
    if n + 1 >= table.starts.size or at + length > table.pool.size:
        return -1
    for i in range(length):
        table.pool[at + i] = LOWER[text[start + i]] if fold else text[start + i]
    table.cells[slot] = hashed
    table.cells[slot + np.uint64(1)] = (np.uint64(n + 1) << np.uint64(32)) | np.uint64(length)
    table.starts[n + 1] = at + length
    table.size[0] = n + 1
    return int(n)


@quick
def is_same(pool: NDArray[np.uint8], known: int, text: NDArray[np.uint8], start: int, length: int, fold: bool) -> bool:
    """Whether the bytes of a string are those of one that is known."""
    same = 0
    while same < length and pool[known + same] == (LOWER[text[start + same]] if fold else text[start + same]):
        same += 1
    return same == length


@quick
def enter(table: Interned, chunks: NDArray[np.uint64], start: int, stop: int) -> int:
    """The number of a string as it is; -1 where it is new and there is no room for it."""
    return intern(table, chunks.view(np.uint8), start, stop, hashed(chunks, start, stop, False), False)


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
def joins(text: NDArray[np.uint8], at: int) -> bool:
    """Whether a sign after a letter or digit joins what stands around it."""
    if KINDS[text[at]] == JOINER:
        return alphanumeric(text[at + 1])
    return bool(KINDS[text[at]] == POINT and KINDS[text[at - 1]] == DIGIT and KINDS[text[at + 1]] == DIGIT)


@quick
def next_word(text: NDArray[np.uint8], chunks: NDArray[np.uint64], start: int) -> tuple[np.uint64, int]:
    """The hash of the ASCII word that starts at `start`, and where it ends."""
    at, lower, mask = start, np.uint64(0), np.uint64(0)
    while True:
        lower, other = folded(eight(chunks, at))
        if other == 0:
            at += 8
            continue
        mask = ((other & (~other + np.uint64(1))) >> np.uint64(7)) - np.uint64(1)  # of the letters before the first
        at += int(((mask & ONES) * ONES) >> np.uint64(56))
        if not joins(text, at):
            break
        at += 1
    if at - start < 8 and mask + np.uint64(1) == np.uint64(1) << np.uint64((at - start) << 3):
        return lower & mask, at
    return hashed(chunks, start, at, True), at


@quick
def read_space(text: NDArray[np.uint8], state: NDArray[np.int64], out: NDArray[np.int32]) -> None:
    """Read a byte of white space, or the end of a document."""
    byte = text[state[AT]]
    if byte == 255:
        if state[BORDERS] > 0:
            out[state[WRITTEN]] = DOCUMENT
            state[WRITTEN] += 1
        state[ENDED] = state[NEWLINES] = 0
    state[NEWLINES] += byte == 10
    state[AT] += 1


@quick
def has_ended(state: NDArray[np.int64], lower: bool) -> bool:
    """Whether the end of a sentence is to be written before a word."""
    return bool(state[BORDERS] > 1 and (state[NEWLINES] > 1 or (state[ENDED] and not lower)))


@quick
def read_ascii(
    text: NDArray[np.uint8],
    chunks: NDArray[np.uint64],
    state: NDArray[np.int64],
    words: Interned,
    out: NDArray[np.int32],
) -> int:
    """Read a piece, if all of it is ASCII."""
    at, n = state[AT], state[WRITTEN]
    while KINDS[text[at]] != SPACE:
        if KINDS[text[at]] == HIGH:
            return UNKNOWN
        if not alphanumeric(text[at]):
            at += 1
            continue
        hashed, stop = next_word(text, chunks, at)
        if KINDS[text[stop]] == HIGH:
            return UNKNOWN
        if n == state[WRITTEN] and has_ended(state, text[at] >= ord("a")):
            out[n] = SENTENCE
            n += 1
        out[n] = intern(words, text, at, stop, hashed, True)
        if out[n] < 0:
            state[STOP] = stop
            return FULL
        n += 1
        at = stop
    if n > state[WRITTEN]:
        state[ENDED] = state[NEWLINES] = 0
    if state[BORDERS] > 1 and not alphanumeric(text[at - 1]):
        state[ENDED] |= ends_sentence(text, state[AT], at)
    state[AT], state[WRITTEN] = at, n
    return DONE


@quick
def read_known(
    text: NDArray[np.uint8],
    chunks: NDArray[np.uint64],
    state: NDArray[np.int64],
    pieces: Interned,
    meanings: Meanings,
    out: NDArray[np.int32],
) -> int:
    """Read a piece that isn't ASCII, if it's known what it means."""
    stop = state[AT]
    while KINDS[text[stop]] != SPACE:
        stop += 1
    state[STOP] = stop
    piece = enter(pieces, chunks, state[AT], stop)
    if piece < 0:
        return FULL
    if piece + 1 >= meanings.bounds.size:
        return UNKNOWN
    start, end, n = meanings.bounds[piece], meanings.bounds[piece + 1], state[WRITTEN]
    if n + end - start + 1 + text.size - stop > out.size:
        return FULL
    if start < end:
        if has_ended(state, bool(meanings.flags[piece] & 1)):
            out[n] = SENTENCE
            n += 1
        state[ENDED] = state[NEWLINES] = 0
    for i in range(start, end):
        out[n] = meanings.words[i]
        n += out[n] >= 0 or state[BORDERS] > 1
    state[ENDED] |= meanings.flags[piece] >> 1
    state[AT], state[WRITTEN] = stop, n
    return DONE


@quick
def scan(
    chunks: NDArray[np.uint64],
    state: NDArray[np.int64],
    words: Interned,
    pieces: Interned,
    meanings: Meanings,
    out: NDArray[np.int32],
) -> int:
    """Read on in a text that ends in `PADDING`, to its end or as far as there is room, and say why it stopped.

    `out` has room for as many numbers as there are bytes left.
    """
    text, why = chunks.view(np.uint8), DONE
    while why == DONE and state[AT] < text.size - PADDING:
        if KINDS[text[state[AT]]] == SPACE:
            read_space(text, state, out)
            continue
        why = read_ascii(text, chunks, state, words, out)
        if why == UNKNOWN:
            why = read_known(text, chunks, state, pieces, meanings, out)
    return why
