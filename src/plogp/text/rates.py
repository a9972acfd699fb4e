"""Rates: how many bits a character of a text carries, by several ways of finding out."""

from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.errors import BadText, InvalidValue, UnknownName, did_you_mean
from plogp.result import Result
from plogp.text.sources import blocks, texts
from plogp.units import nats_per

__all__ = ["METHODS", "entropy_rate"]

Integers = NDArray[np.int64]

METHODS = ("model", "match", "block", "xz", "bz2", "zlib")
DISCOUNT = 0.75
PER_BLOCK = 10  # observations for each different block, at least, where the order isn't told


def entropy_rate(
    source: Any, method: str = "model", *, order: int | None = None, unit: str = "bits", **reading: Any
) -> Result:
    """How much information each character of a text carries, given those before it.

    model  −Σ ln p(byte | the `order` bytes before) / characters, of a model that predicts each byte and only then
           learns it: interpolated absolute discounting, Ney, Essen & Kneser 1994, doi:10.1006/csla.1994.1001. The
           length of a code, hence an upper bound but for chance
    match  [ (1/n) Σ Λᵢ / ln i ]⁻¹, Λᵢ the length of the shortest string from character i on that didn't start earlier;
           Kontoyiannis, Algoet, Suhov & Wyner 1998, doi:10.1109/18.669425. Consistent, and slow to converge
    block  H(blocks of `order` characters) − H(blocks of one less), each by Grassberger's estimator (2003). Biased
           downwards where blocks are too many for the text to show them all
    xz, bz2, zlib   8 bits for each byte of the compressed text, an upper bound

    Args:
        source: as for `plogp.text.cooccurrences`; all of it is read into memory.
        method: which.
        order: of "model" 1 to 6 bytes (5 unless told); of "block" the length of blocks (the longest of which there are
            10 for each different one, unless told).
        unit: per character.
        **reading: `column`, `errors`, `progress` as for `plogp.text.cooccurrences`.

    Raises:
        BadText: fewer than two characters.
        UnknownName: a method that isn't one.

    >>> for method in ("model", "match", "block", "xz"):
    ...     print(entropy_rate(["abracadabra " * 200], method))
    H per character = 0.034 bits  (n = 2,400, Model)
    H per character = 0.007 bits  (n = 2,400, Match)
    H per character = -0.012 bits  (n = 2,400, Block)
    H per character = 0.320 bits  (n = 2,400, Xz)
    """
    if method not in METHODS:
        raise UnknownName(f"method={method!r}; needed: {', '.join(METHODS)}", did_you_mean(str(method), METHODS))
    if order is not None and method not in {"model", "block"}:
        raise InvalidValue(f"order={order} with {method}; needed: model or block", hint="leave it out")
    text = "".join(texts(blocks(source, **reading)))
    if len(text) < 2:
        raise BadText(f"the text has {len(text)} characters; needed: two at least", hint="is it the right text?")
    if method == "block":
        nats, route = _block(text, order)
    elif method == "match":
        nats, route = _match(text), "longest earlier matches, increasing window"
    elif method == "model":
        nats, route = _model(text, 5 if order is None else order)
    else:
        nats, route = 8 * log(2) * _compressed(text.encode(), method) / len(text), f"length of the {method} stream"
    return Result(
        value=nats / nats_per(unit), unit=unit, formula="H per character", n=len(text), estimator=method, route=route
    )


def _codes(text: str) -> Integers:
    """The characters as numbers from 0 on."""
    return np.unique(np.frombuffer(text.encode("utf-32-le"), np.uint32), return_inverse=True)[1]


def _block(text: str, order: int | None) -> tuple[float, str]:
    """H(k) − H(k − 1), k told or the longest for which there are `PER_BLOCK` blocks for each different one."""
    from plogp.estimate import Grassberger

    if order is not None and not 1 <= order < len(text):
        raise InvalidValue(f"order={order}; needed: from 1 to below the {len(text):,} characters", hint="order=4, say")
    codes = _codes(text)
    blocks_, k, shorter = codes, 1, 0.0
    while True:
        _, blocks_, counts = np.unique(blocks_, return_inverse=True, return_counts=True)
        if order is None and k > 1 and counts.size * PER_BLOCK > blocks_.size:
            break
        longer = Grassberger().entropy(counts)
        rate, shorter = longer - shorter, longer
        if k == order or k + 1 >= len(text):
            return rate, f"H({k}) − H({k - 1}), each by Grassberger"
        blocks_ = blocks_[:-1] * (codes.max() + 1) + codes[k:]
        k += 1
    return rate, f"H({k - 1}) − H({k - 2}), each by Grassberger"


def _match(text: str) -> float:
    """[ (1/n) Σ Λᵢ / ln i ]⁻¹."""
    from plogp._kernels import characters

    codes = _codes(text)
    order = _suffixes(codes)
    common, found = np.zeros(codes.size, np.int64), np.empty(codes.size, np.int64)
    characters.common_beginnings(codes, order, found, common)
    characters.longest_matches(order, common, np.empty_like(order), np.empty_like(order), found)
    i = np.arange(2, codes.size + 1)
    return float(1 / ((found[1:] + 1) / np.log(i)).mean())


def _suffixes(codes: Integers) -> Integers:
    """The suffixes in order, sorted by beginnings of twice the length each time; Manber & Myers 1993."""
    rank, length, n = codes.copy(), 1, codes.size
    while True:
        follows = np.zeros(n, np.int64)
        follows[:-length] = rank[length:] + 1
        keys = rank * (n + 2) + follows
        order = np.argsort(keys, kind="stable")
        rank[order] = np.concatenate([[0], np.cumsum(np.diff(keys[order]) > 0)])
        if rank[order[-1]] == n - 1:
            return order
        length *= 2


def _model(text: str, order: int) -> tuple[float, str]:
    """−Σ ln p / characters."""
    from plogp._kernels import characters, pairs

    if isinstance(order, bool) or not 1 <= order <= characters.MOST:
        raise InvalidValue(f"order={order}; needed: 1 to {characters.MOST} bytes", hint="order=5, say")
    read, state, table = np.frombuffer(text.encode(), np.uint8), np.zeros(2), pairs.paired(1 << 16)
    with np.errstate(over="ignore"):  # hashes wrap round, of which NumPy would warn without Numba
        while characters.predict(read, order, DISCOUNT, table, state) < read.size:
            pairs.grow(table, 3 * (order + 1))
    return float(state[0]) / len(text), f"{order} bytes of context, discount {DISCOUNT}, learning as it reads"


def _compressed(data: bytes, method: str) -> int:
    """Bytes of the compressed text."""
    import bz2
    import lzma
    import zlib

    if method == "xz":
        return len(lzma.compress(data, preset=9))
    return len(bz2.compress(data) if method == "bz2" else zlib.compress(data, 9))
