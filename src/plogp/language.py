"""Language models: total nats, what they are divided by, and the rates that follow.

A model gave each actual token of a text some probability. One record holds the sum of −ln p and the counts of tokens,
words, characters and bytes; every rate is that sum divided by one of them, so no two figures can disagree, and a rate
always says per what.
"""

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp.arrays import to_numpy
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch, UnknownName, did_you_mean
from plogp.units import nats_per

__all__ = ["Evaluation", "convert", "evaluate"]

CONFIDENCE = 0.95
ROUNDING = 1e-6  # a log-probability may exceed 0 by so much: softmaxes in float32 round

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Count = int | Mapping[int, int]
Told = Callable[[float], float]


def _bits(nats: float) -> float:
    return nats / nats_per("bits")


def _perplexity(nats: float) -> float:
    return math.exp(nats) if nats <= math.log(sys.float_info.max) else math.inf


FROM_NATS: dict[str, Told] = {"nats": float, "bits": _bits, "perplexity": _perplexity}
TO_NATS: dict[str, Told] = {"nats": float, "bits": lambda bits: bits * nats_per("bits"), "perplexity": math.log}
DENOMINATORS = ("token", "word", "char", "byte")
RATIOS = {
    "chars_per_word": ("char", "word"),
    "chars_per_token": ("char", "token"),
    "bytes_per_char": ("byte", "char"),
    "bytes_per_token": ("byte", "token"),
    "tokens_per_word": ("token", "word"),
    "bytes_per_word": ("byte", "word"),
}
RATES = {
    "perplexity_per_token": ("perplexity", "tokens"),
    "perplexity_per_word": ("perplexity", "words"),
    "bits_per_token": ("bits", "tokens"),
    "bits_per_word": ("bits", "words"),
    "bits_per_char": ("bits", "chars"),
    "bits_per_byte": ("bits", "bytes"),
}
"""Each rate: its quantity, and the count that it is per."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a text cost a language model.

    Attributes:
        nats: Σ −ln p over the scored tokens; infinite where one had probability 0.
        tokens: how many tokens were scored.
        words, chars, bytes: how many of each they make up, None where it wasn't told.
        intervals: (low, high) at 95 % of each rate whose denominator is known document by document.
        notes: what a reader must know before believing the numbers.

    Every rate derives from these: `perplexity_per_token`, `perplexity_per_word`, `bits_per_token`, `bits_per_word`,
    `bits_per_char`, `bits_per_byte`; what lacks its denominator is None. A perplexity beyond 1.8e308, the largest
    float, is infinite. `interval` is the interval of `perplexity_per_token`.
    """

    nats: float
    tokens: int
    words: int | None = None
    chars: int | None = None
    bytes: int | None = None
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def perplexity_per_token(self) -> float:
        """e^(nats / tokens): one over the geometric mean of the probabilities of the tokens."""
        return _perplexity(self.nats / self.tokens)

    @property
    def perplexity_per_word(self) -> float | None:
        """e^(nats / words)."""
        return None if self.words is None else _perplexity(self.nats / self.words)

    @property
    def bits_per_token(self) -> float:
        """Bits over tokens."""
        return _bits(self.nats / self.tokens)

    @property
    def bits_per_word(self) -> float | None:
        """Bits over words."""
        return None if self.words is None else _bits(self.nats / self.words)

    @property
    def bits_per_char(self) -> float | None:
        """Bits over characters."""
        return None if self.chars is None else _bits(self.nats / self.chars)

    @property
    def bits_per_byte(self) -> float | None:
        """Bits over bytes."""
        return None if self.bytes is None else _bits(self.nats / self.bytes)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval of `perplexity_per_token` at 95 %; None without two documents, or where it is infinite."""
        return self.intervals.get("perplexity_per_token")

    def __str__(self) -> str:
        rows = []
        for rate, (_, denominator) in RATES.items():
            if (value := getattr(self, rate)) is not None:
                limits = "  [{:.4g}, {:.4g}] 95%".format(*self.intervals[rate]) if rate in self.intervals else ""
                count = getattr(self, denominator)
                rows.append(f"{rate.replace('_', ' ')} = {value:.4g}{limits}  ({count:,} {denominator})")
        return "\n".join([*rows, *self.notes])


def evaluate(
    log_probs: Any,
    mask: Any = None,
    documents: Any = None,
    n_words: Count | None = None,
    n_chars: Count | None = None,
    n_bytes: Count | None = None,
) -> Evaluation:
    """Perplexity and bits per token, word, character and byte of a text under a language model.

    bits/byte = L / (B ln 2), perplexity/token = e^(L/T), with L = Σ −ln p over the scored tokens: sums come before
    division, so batches of unequal length weigh what they should.

    Args:
        log_probs: natural logarithm of the probability given to each actual token; any shape, any framework.
            Logarithms of another base can't be told from these, and make every figure wrong by a factor.
        mask: True where a token is scored, False for padding, prompts and what else isn't; of the shape of `log_probs`.
            What stands under False is never looked at. None scores all.
        documents: an integer for each token, saying which document it is of; of the shape of `log_probs`.
        n_words, n_chars, n_bytes: how many words, characters and bytes the scored tokens make up together; or, with
            `documents`, a mapping from each document's integer to its own count, for an interval of that rate too.

    Returns:
        An `Evaluation`. Its intervals hold documents for a random sample of independent ones. A rate is a ratio of two
        sums over documents; its standard error is the jackknife that leaves out one document, with Student's t at
        Kish's effective number of documents, (ΣB)² / ΣB², less one. In simulation (benchmarks/language.py) it covered
        92 to 97 % from 2 to 1,000 documents of equal or lognormal lengths, where the percentile bootstrap covered 46 to
        96 %; lengths of infinite variance that go with the rate brought it down to 62 %.

    Raises:
        InvalidValue: a log-probability above 0 or NaN; nothing scored; more characters than bytes; a count below 1.
        ShapeMismatch: `mask` or `documents` of another shape.
        InvalidType: a mask that isn't boolean (or 0 and 1), or documents that aren't integers.

    A token of probability 0 makes every rate infinite, and a note says so; intervals are then left out.

    Reference: L. Kish, Survey Sampling (1965), for the effective number; B. Efron and C. Stein, "The jackknife estimate
    of variance" (1981), doi:10.1214/aos/1176345462.

    >>> import numpy as np
    >>> text = evaluate(np.log([0.5, 0.25, 0.125, 0.125]), documents=[0, 0, 1, 1], n_chars=9, n_bytes=10)
    >>> print(text)
    perplexity per token = 4.757  [1, 3516] 95%  (4 tokens)
    bits per token = 2.25  [0, 11.78] 95%  (4 tokens)
    bits per char = 1  (9 chars)
    bits per byte = 0.9  (10 bytes)
    >>> text.bits_per_word is None
    True
    """
    values = to_numpy(log_probs, "log_probs")
    scored = _scored(mask, values.shape)
    nats = _nats(values, scored)
    labels, document = np.unique(_labels(documents, scored), return_inverse=True)
    counts = {"words": n_words, "chars": n_chars, "bytes": n_bytes}
    told = {name: _sizes(f"n_{name}", count, labels) for name, count in counts.items() if count is not None}
    sizes = {"tokens": np.bincount(document)} | told  # a count for each document, or one for all
    totals = {name: int(size.sum()) for name, size in sizes.items()}
    if totals.get("chars", 0) > totals.get("bytes", math.inf):
        raise InvalidValue(
            f"n_chars={totals['chars']} is more than n_bytes={totals['bytes']}; a character takes at least one byte",
            hint="bytes are len(text.encode()), characters are len(text)",
        )
    impossible = int(np.isinf(nats).sum())
    return Evaluation(
        nats=float(nats.sum()),
        **totals,
        intervals={} if impossible else _intervals(np.bincount(document, weights=nats), sizes),
        notes=(f"{impossible:,} of the scored tokens had probability 0: every rate is infinite",) if impossible else (),
    )


def convert(
    value: float,
    from_: str,
    to: str,
    *,
    chars_per_word: float | None = None,
    chars_per_token: float | None = None,
    bytes_per_char: float | None = None,
    bytes_per_token: float | None = None,
    tokens_per_word: float | None = None,
    bytes_per_word: float | None = None,
) -> float:
    """Carry a rate of a language model from one unit to another.

    nats/char = nats/word ÷ (chars/word); perplexity = e^nats = 2^bits.

    Args:
        value: the rate; at least 0, a perplexity at least 1.
        from_: its unit: `nats`, `bits` or `perplexity`, a slash, and `token`, `word`, `char` or `byte`.
        to: the unit wanted, written likewise.
        chars_per_word, chars_per_token, bytes_per_char, bytes_per_token, tokens_per_word, bytes_per_word: what is known
            of the text. Ratios are chained where none leads from one denominator to the other by itself.

    Returns:
        The rate in the unit wanted; a perplexity beyond the largest float is infinite.

    Raises:
        InvalidValue: no ratio leads there (the message names those that would), ratios that contradict one another, a
            value or a ratio out of its range.
        UnknownName: a unit that isn't one.

    A monkey at 44 keys; words at random out of 2,000, of 4.5 letters each, and the same with a space after each; a
    model of perplexity 15 per word, and of 15 per character:

    >>> round(convert(44, "perplexity/char", "bits/char"), 3)
    5.459
    >>> round(convert(2000, "perplexity/word", "bits/char", chars_per_word=4.5), 3)
    2.437
    >>> round(convert(2000, "perplexity/word", "bits/char", chars_per_word=4.5 + 1), 3)
    1.994
    >>> round(convert(15, "perplexity/word", "bits/char", chars_per_word=4.5), 3)
    0.868
    >>> round(convert(15, "perplexity/char", "bits/char"), 3)
    3.907
    """
    given = (chars_per_word, chars_per_token, bytes_per_char, bytes_per_token, tokens_per_word, bytes_per_word)
    ratios = {name: _positive(name, x) for name, x in zip(RATIOS, given, strict=True) if x is not None}
    (quantity, per), (wanted, to_per) = _unit(from_), _unit(to)
    amounts = {start: _amounts(start, ratios) for start in DENOMINATORS}
    if to_per not in amounts[per]:
        bridges = [name for name, ends in RATIOS.items() if {*ends} & {*amounts[per]} and {*ends} & {*amounts[to_per]}]
        raise InvalidValue(
            f"{from_} to {to} with {', '.join(ratios) or 'no ratio'}; needed: {' or '.join(bridges)}",
            hint="count them in the text; there is no default, because each text and each tokenizer has its own",
        )
    least = 1 if quantity == "perplexity" else 0
    if not _number("value", value) >= least:
        raise InvalidValue(f"{value} {from_}; needed: at least {least}", hint="no probability is above 1")
    return FROM_NATS[wanted](TO_NATS[quantity](value) / amounts[per][to_per])


def _scored(mask: Any, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """The mask as booleans of that shape, with something under it."""
    scored = np.ones(shape, dtype=bool) if mask is None else _shaped("mask", mask, shape)
    if scored.dtype != bool and not np.isin(scored, (0, 1)).all():
        raise InvalidType(f"mask of {scored.dtype}; needed: booleans, or 0 and 1", hint="such as mask = ids != pad_id")
    if not scored.any():
        raise InvalidValue(
            f"0 of {scored.size} tokens are scored; needed: one", hint="mask is True where a token counts"
        )
    return scored.astype(bool)


def _nats(log_probs: NDArray[Any], scored: NDArray[np.bool_]) -> Floats:
    """−ln p of each scored token."""
    if log_probs.dtype.kind not in "fiu":
        raise InvalidType(f"log_probs of {log_probs.dtype}; needed: real numbers", hint="ln p of each actual token")
    wrong = scored & ~(log_probs <= ROUNDING)
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise InvalidValue(
            f"log_probs has {log_probs[where]} at index {where}; needed: ln p, at most 0",
            hint="mask out padding; logits need a log-softmax, losses their sign turned",
        )
    return 0.0 - log_probs[scored].astype(np.float64)


def _labels(documents: Any, scored: NDArray[np.bool_]) -> Ints:
    """Which document each scored token is of; one document where it isn't told."""
    if documents is None:
        return np.zeros(scored.sum(), dtype=np.int64)
    labels = _shaped("documents", documents, scored.shape)
    if labels.dtype.kind not in "iu":
        raise InvalidType(f"documents of {labels.dtype}; needed: integers", hint="number the names of the documents")
    return labels[scored].astype(np.int64)


def _shaped(name: str, array: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """The array in NumPy, if it has that shape."""
    values: NDArray[Any] = to_numpy(array, name)
    if values.shape != shape:
        raise ShapeMismatch(
            f"{name} has shape {values.shape}, log_probs {shape}; needed: the same",
            hint="broadcast it, where that is meant",
        )
    return values


def _sizes(name: str, count: Count, labels: Ints) -> Ints:
    """The counts of the documents as they come in `labels`, or the one count of all."""
    if not isinstance(count, Mapping):
        return np.array([_whole(name, count)])
    if astray := {*count} ^ {*labels.tolist()}:
        raise InvalidValue(
            f"{name} and the scored documents differ in {', '.join(str(label) for label in sorted(astray)[:5])}",
            hint="a count for each integer of `documents` that is scored, and no other; or one number for all",
        )
    return np.array([_whole(name, count[label]) for label in labels.tolist()])


def _whole(name: str, count: Any) -> int:
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)):
        raise InvalidType(
            f"{name}={count!r}; needed: a whole number", hint="or a mapping from each document to its own"
        )
    if count < 1:
        raise InvalidValue(f"{name}={count}; needed: at least 1", hint="leave it out where it isn't known")
    return int(count)


def _intervals(nats: NDArray[Any], sizes: Mapping[str, Ints]) -> dict[str, tuple[float, float]]:
    """The intervals of the rates whose denominator is known for each of at least two documents."""
    known = {name: _interval(nats, size) for name, size in sizes.items() if size.size == nats.size > 1}
    return {
        rate: (FROM_NATS[quantity](known[name][0]), FROM_NATS[quantity](known[name][1]))
        for rate, (quantity, name) in RATES.items()
        if name in known
    }


def _interval(nats: NDArray[Any], sizes: Ints) -> tuple[float, float]:
    """The ratio of sums R = ΣL / ΣB ± t·√((D−1)/D · Σ (R₋ᵢ − R)²), no lower than the 0 that a rate can't pass."""
    from scipy.special import stdtrit

    total, size, n = nats.sum(), sizes.sum(), sizes.size
    rate = total / size
    without = (total - nats) / (size - sizes)
    error = math.sqrt((n - 1) / n * np.sum((without - rate) ** 2))
    freedom = max(size**2 / np.sum(sizes.astype(float) ** 2) - 1, 1)
    reach = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * error
    return max(0.0, float(rate - reach)), float(rate + reach)


def _unit(unit: str) -> tuple[str, str]:
    """`bits/char` as ("bits", "char")."""
    units = [f"{quantity}/{denominator}" for quantity in FROM_NATS for denominator in DENOMINATORS]
    if unit not in units:
        raise UnknownName(
            f"{unit!r} is not a rate; needed: nats, bits or perplexity, a slash, and token, word, char or byte",
            hint=did_you_mean(str(unit), units),
        )
    quantity, denominator = unit.split("/")
    return quantity, denominator


def _positive(name: str, ratio: Any) -> float:
    if not 0 < _number(name, ratio) < math.inf:
        raise InvalidValue(f"{name}={ratio}; needed: a positive number", hint="count both in the text and divide")
    return float(ratio)


def _number(name: str, number: Any) -> float:
    if isinstance(number, bool) or not isinstance(number, Real):
        raise InvalidType(f"{name}={number!r}; needed: a number", hint="such as 4.5")
    return float(number)


def _amounts(start: str, ratios: Mapping[str, float]) -> dict[str, float]:
    """How many of each unit go with one `start`, as far as the ratios lead; what they say twice must agree."""
    amounts = {start: 1.0}
    for _ in DENOMINATORS:  # the longest chain has three links
        for name, ratio in ratios.items():
            many, one = RATIOS[name]
            if one in amounts:
                amounts.setdefault(many, amounts[one] * ratio)
            elif many in amounts:
                amounts[one] = amounts[many] / ratio
    for name, ratio in ratios.items():
        many, one = RATIOS[name]
        if one in amounts and not math.isclose(amounts[many], ratio * amounts[one], rel_tol=1e-6):
            raise InvalidValue(
                f"{name}={ratio:g}, but the other ratios make it {amounts[many] / amounts[one]:g}",
                hint="leave out one of them",
            )
    if amounts.get("char", 0) > amounts.get("byte", math.inf) * (1 + 1e-9):
        given = f"{amounts['byte'] / amounts['char']:g} bytes per char"
        raise InvalidValue(f"{given}; needed: at least 1", hint="a character takes one byte or more")
    return amounts
