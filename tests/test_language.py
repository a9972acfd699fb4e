"""Language models: one sum, its denominators, the rates that follow, and how sure they are."""

import math
from itertools import permutations

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from plogp import language
from plogp.errors import InvalidType, InvalidValue, ShapeMismatch, UnknownName

LOG_PROBS = np.log([[0.5, 0.25, 0.125], [0.2, 0.1, 1.0]])
BITS = -np.log2([0.5, 0.25, 0.125, 0.2, 0.1, 1.0]).sum()


# evaluate: the rates


def test_every_rate_is_the_sum_over_its_denominator():
    text = language.evaluate(LOG_PROBS, n_words=4, n_chars=9, n_bytes=10)
    assert text.nats == pytest.approx(BITS * math.log(2), rel=1e-15)
    assert (text.tokens, text.words, text.chars, text.bytes) == (6, 4, 9, 10)
    assert (text.bits_per_token, text.bits_per_word) == pytest.approx((BITS / 6, BITS / 4), rel=1e-15)
    assert (text.bits_per_char, text.bits_per_byte) == pytest.approx((BITS / 9, BITS / 10), rel=1e-15)
    assert text.perplexity_per_token == pytest.approx(2 ** (BITS / 6), rel=1e-14)
    assert text.perplexity_per_word == pytest.approx(2 ** (BITS / 4), rel=1e-14)


def test_what_lacks_its_denominator_is_none():
    text = language.evaluate(LOG_PROBS, n_bytes=10)
    assert (text.perplexity_per_word, text.bits_per_word, text.bits_per_char) == (None, None, None)
    assert text.bits_per_byte == pytest.approx(BITS / 10)
    assert text.interval is None


def test_a_masked_token_equals_a_removed_one_whatever_stands_there():
    padded = np.concatenate([LOG_PROBS.ravel(), [np.nan, 3.0, -np.inf]])
    text = language.evaluate(padded, mask=np.arange(9) < 6)
    assert text == language.evaluate(LOG_PROBS.ravel())
    assert text == language.evaluate(padded, mask=[1, 1, 1, 1, 1, 1, 0, 0, 0])


def test_sums_come_before_division():
    """Two batches of one and five tokens: the mean of their perplexities is another number."""
    text = language.evaluate(LOG_PROBS, mask=[[True, False, False], [False, False, True]])
    assert text.perplexity_per_token == pytest.approx(math.sqrt(2))


def test_it_takes_arrays_of_every_framework(xp):
    text = language.evaluate(xp.asarray(LOG_PROBS), mask=xp.asarray([[True, True, False], [True, True, True]]))
    assert text.tokens == 5
    assert text.bits_per_token == pytest.approx((BITS - 3) / 5, rel=1e-6)


def test_half_precision_is_summed_in_double():
    text = language.evaluate(np.full(100_000, -1, dtype=np.float16))
    assert text.nats == 100_000


def test_a_certain_text_costs_nothing():
    text = language.evaluate([0.0, 0.0])
    assert (text.nats, text.perplexity_per_token, text.bits_per_token) == (0, 1, 0)
    assert math.copysign(1, text.nats) == 1


def test_an_impossible_token_makes_every_rate_infinite_and_says_so():
    text = language.evaluate([-1.0, -np.inf, -2.0], documents=[0, 1, 1], n_chars=5)
    assert text.perplexity_per_token == text.bits_per_char == math.inf
    assert text.interval is None
    assert text.notes == ("1 of the scored tokens had probability 0: every rate is infinite",)
    assert "probability 0" in str(text)


def test_a_perplexity_beyond_floats_is_infinite_while_its_bits_are_not():
    text = language.evaluate(np.full(1000, -1.0), n_words=1)
    assert text.perplexity_per_word == math.inf
    assert text.bits_per_word == pytest.approx(1000 / math.log(2))


# evaluate: intervals


def test_the_interval_is_the_jackknife_over_documents_written_out():
    log_probs = -np.array([1.0, 2.0, 3.0, 0.5, 0.25, 4.0])
    documents = np.array([7, 7, 7, 2, 2, 40])
    text = language.evaluate(log_probs, documents=documents)
    rate = -log_probs.mean()
    without = np.array([-log_probs[documents != label].mean() for label in (2, 7, 40)])
    error = math.sqrt(2 / 3 * ((without - rate) ** 2).sum())
    freedom = 6**2 / (2**2 + 3**2 + 1**2) - 1
    low, high = text.intervals["bits_per_token"]
    reach = student(freedom) * error
    assert (low, high) == pytest.approx((max(0, rate - reach) / math.log(2), (rate + reach) / math.log(2)))
    assert text.interval == pytest.approx((2**low, 2**high))


def student(freedom):
    from scipy.stats import t

    return t.ppf(0.975, freedom)


def test_documents_of_equal_length_give_students_interval_of_their_means():
    from scipy.stats import t

    costs = np.random.default_rng(5).gamma(4, size=(8, 10))
    text = language.evaluate(-costs, documents=np.arange(8)[:, None].repeat(10, axis=1))
    means = costs.mean(axis=1)
    want = t.interval(0.95, 7, means.mean(), means.std(ddof=1) / math.sqrt(8))
    assert text.interval == pytest.approx(np.exp(want))


def test_each_rate_counted_by_document_has_its_interval():
    text = language.evaluate(
        [-1.0, -2.0, -4.0], documents=[3, 3, 5], n_chars={3: 5, 5: 4}, n_bytes=10, n_words={5: 1, 3: 1}
    )
    assert (text.chars, text.words, text.bytes) == (9, 2, 10)
    assert set(text.intervals) == {
        "perplexity_per_token", "bits_per_token", "perplexity_per_word", "bits_per_word", "bits_per_char",
    }  # fmt: skip
    for rate, (low, high) in text.intervals.items():
        assert low < getattr(text, rate) < high
    assert text.intervals["perplexity_per_word"][1] == pytest.approx(2 ** text.intervals["bits_per_word"][1])


def test_the_order_of_tokens_changes_no_interval():
    rng = np.random.default_rng(0)
    log_probs, documents = -rng.gamma(3, size=60), rng.integers(0, 6, 60)
    shuffled = rng.permutation(60)
    one = language.evaluate(log_probs, documents=documents)
    other = language.evaluate(log_probs[shuffled], documents=documents[shuffled])
    assert other.interval == pytest.approx(one.interval, rel=1e-12)
    assert language.evaluate(log_probs, documents=documents) == one


@pytest.mark.parametrize("mask", [None, [True, True, False]])
def test_one_document_has_no_interval(mask):
    documents = [4, 4, 4] if mask is None else [4, 4, 9]
    assert language.evaluate([-1.0, -2.0, -1.5], mask=mask, documents=documents).interval is None


@pytest.mark.parametrize("n_documents", [4, 40])
def test_intervals_cover_the_truth(n_documents):
    """Lognormal lengths, documents that differ: 95 % nominal, between 92 and 98.5 % in 1,000 samples."""
    rng = np.random.default_rng(11)
    covered = 0
    for _ in range(1000):
        lengths = np.maximum(2, rng.lognormal(2.5, 0.7, n_documents)).astype(int)
        documents = np.repeat(np.arange(n_documents), lengths)
        log_probs = -rng.gamma((3 + rng.uniform(-1, 1, n_documents)).repeat(lengths))
        low, high = language.evaluate(log_probs, documents=documents).interval
        covered += low <= math.exp(3) <= high
    assert 920 <= covered <= 985


def test_it_prints_each_rate_with_what_it_is_per():
    printed = str(language.evaluate(np.log([0.5, 0.25]), documents=[0, 1], n_chars=1200, n_bytes=1300))
    assert "bits per char = 0.0025  (1,200 chars)" in printed
    assert "95%  (2 tokens)" in printed
    assert "word" not in printed


# evaluate: bad input


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"log_probs": [-1.0, 0.7]}, InvalidValue, r"0\.7 at index \(1,\); needed: ln p, at most 0"),
        ({"log_probs": [[-1.0], [math.nan]]}, InvalidValue, r"nan at index \(1, 0\)"),
        ({"log_probs": []}, InvalidValue, "0 of 0 tokens"),
        ({"log_probs": [-1.0, -2.0], "mask": [0, 0]}, InvalidValue, "0 of 2 tokens are scored"),
        ({"log_probs": [-1.0, -2.0], "mask": [0, 2]}, InvalidType, "mask of int64"),
        (
            {"log_probs": [-1.0, -2.0], "mask": [[True, True]]},
            ShapeMismatch,
            r"mask has shape \(1, 2\), log_probs \(2,\)",
        ),
        ({"log_probs": [-1.0, -2.0], "documents": [1]}, ShapeMismatch, r"documents has shape \(1,\)"),
        ({"log_probs": [-1.0, -2.0], "documents": [0.0, 1.0]}, InvalidType, "documents of float64"),
        ({"log_probs": [-1.0], "n_chars": 5, "n_bytes": 4}, InvalidValue, "n_chars=5 is more than n_bytes=4"),
        ({"log_probs": [-1.0], "n_words": 0}, InvalidValue, "n_words=0; needed: at least 1"),
        ({"log_probs": [-1.0], "n_words": 2.5}, InvalidType, "n_words=2.5"),
        ({"log_probs": [-1.0], "n_words": True}, InvalidType, "n_words=True"),
        (
            {"log_probs": [-1.0, -1.0], "documents": [1, 2], "n_chars": {1: 5, 3: 2}},
            InvalidValue,
            "n_chars and the scored documents differ in 2, 3",
        ),
        (
            {"log_probs": [-1.0, -1.0], "mask": [1, 0], "documents": [1, 2], "n_chars": {1: 5, 2: 2}},
            InvalidValue,
            "differ in 2",
        ),
        ({"log_probs": [True, False]}, InvalidType, "log_probs of bool"),
    ],
)
def test_bad_input_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        language.evaluate(**arguments)


# convert


@pytest.mark.parametrize(
    ("value", "from_", "to", "ratios", "right"),
    [
        (44, "perplexity/char", "bits/char", {}, 5.459),
        (2000, "perplexity/word", "bits/char", {"chars_per_word": 4.5}, 2.437),
        (2000, "perplexity/word", "bits/char", {"chars_per_word": 5.5}, 1.994),
        (15, "perplexity/word", "bits/char", {"chars_per_word": 4.5}, 0.868),
        (15, "perplexity/char", "bits/char", {}, 3.907),
    ],
)
def test_the_exercises_of_the_chapter(value, from_, to, ratios, right):
    assert round(language.convert(value, from_, to, **ratios), 3) == right


TEXT = {"token": 1500, "word": 1000, "char": 5600, "byte": 6300}
RATIOS = {
    f"{many}s_per_{one}": TEXT[many] / TEXT[one]
    for many, one in [
        ("char", "word"), ("char", "token"), ("byte", "char"), ("byte", "token"), ("token", "word"), ("byte", "word"),
    ]
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), list(permutations(TEXT, 2)))
@pytest.mark.parametrize(
    "given",
    [
        ["chars_per_word", "bytes_per_char", "tokens_per_word"],
        ["bytes_per_token", "bytes_per_word", "chars_per_token"],
        list(RATIOS),
    ],
    ids=len,
)
def test_ratios_chain_from_any_denominator_to_any_other(one, other, given):
    total_bits = 9000
    got = language.convert(total_bits / TEXT[one], f"bits/{one}", f"nats/{other}", **{r: RATIOS[r] for r in given})
    assert got == pytest.approx(total_bits * math.log(2) / TEXT[other])


@given(st.floats(1, 1e300), st.floats(0.01, 100))
def test_there_and_back(value, ratio):
    there = language.convert(value, "perplexity/word", "bits/token", tokens_per_word=ratio)
    assert there == pytest.approx(math.log2(value) / ratio)
    assert language.convert(there, "bits/token", "perplexity/word", tokens_per_word=ratio) == pytest.approx(value)


def test_conversion_agrees_with_the_record():
    text = language.evaluate(LOG_PROBS, n_words=4, n_chars=9, n_bytes=10)
    got = language.convert(text.perplexity_per_token, "perplexity/token", "bits/byte", bytes_per_token=10 / 6)
    assert got == pytest.approx(text.bits_per_byte)


def test_infinity_stays():
    assert language.convert(math.inf, "perplexity/word", "bits/char", chars_per_word=4) == math.inf
    assert language.convert(5000, "bits/word", "perplexity/word") == math.inf


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((15, "perplexity/word", "bits/char"), InvalidValue, "with no ratio; needed: chars_per_word. hint"),
        ((15, "perplexity", "bits/char"), UnknownName, "'perplexity' is not a rate"),
        ((15, "bits/words", "bits/char"), UnknownName, "did you mean `bits/word`"),
        ((15, "hartleys/word", "bits/char"), UnknownName, "needed: nats, bits or perplexity"),
        ((15, ["bits"], "bits/char"), UnknownName, "not a rate"),
        ((0.9, "perplexity/word", "bits/word"), InvalidValue, "0.9 perplexity/word; needed: at least 1"),
        ((-0.1, "bits/word", "nats/word"), InvalidValue, "needed: at least 0"),
        ((math.nan, "bits/word", "nats/word"), InvalidValue, "nan bits/word"),
        (("15", "bits/word", "nats/word"), InvalidType, "value='15'; needed: a number"),
    ],
)
def test_what_cannot_be_converted_is_refused(arguments, error, words):
    with pytest.raises(error, match=words):
        language.convert(*arguments)


@pytest.mark.parametrize(
    ("ratios", "error", "words"),
    [
        ({"chars_per_word": 0}, InvalidValue, "chars_per_word=0; needed: a positive"),
        ({"chars_per_word": math.nan}, InvalidValue, "chars_per_word=nan"),
        ({"chars_per_word": "4.5"}, InvalidType, "chars_per_word='4.5'"),
        ({"chars_per_word": 4.5, "bytes_per_char": 0.9}, InvalidValue, "0.9 bytes per char; needed: at least 1"),
        ({"chars_per_word": 4.5, "bytes_per_word": 4}, InvalidValue, "0.888889 bytes per char"),
        (
            {"chars_per_word": 4.5, "tokens_per_word": 1.5, "chars_per_token": 4},
            InvalidValue,
            "chars_per_word=4.5, but the other ratios make it 6",
        ),
        ({"bytes_per_word": 5}, InvalidValue, "with bytes_per_word; needed: chars_per_word or bytes_per_char"),
        ({"bytes_per_token": 4}, InvalidValue, "with bytes_per_token; needed: chars_per_word. hint"),
    ],
)
def test_ratios_that_cannot_be_are_refused(ratios, error, words):
    with pytest.raises(error, match=words):
        language.convert(15, "perplexity/word", "bits/char", **ratios)


def test_contradictions_are_refused_even_where_they_are_not_needed():
    with pytest.raises(InvalidValue, match="the other ratios make it"):
        language.convert(3, "bits/token", "nats/token", chars_per_word=5, bytes_per_char=1.5, bytes_per_word=5)


# plogp convert


def plogp(*arguments):
    from plogp.cli import main

    return CliRunner().invoke(main, ["convert", *arguments])


def test_the_command_prints_the_number_and_nothing_else():
    done = plogp("15", "--from", "perplexity/word", "--to", "bits/char", "--chars-per-word", "4.5")
    assert done.exit_code == 0
    assert float(done.stdout) == language.convert(15, "perplexity/word", "bits/char", chars_per_word=4.5)
    assert done.stderr == ""


@pytest.mark.parametrize("ratio", RATIOS)
def test_the_command_takes_each_ratio(ratio):
    many, one = ratio.split("s_per_")
    done = plogp("3", "--from", f"bits/{one}", "--to", f"bits/{many}", f"--{ratio.replace('_', '-')}", "2")
    assert float(done.stdout) == 1.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["15", "--from", "perplexity/word", "--to", "bits/char"], "needed: chars_per_word"),
        (["15", "--from", "perplexity/word"], "--to"),
        (["15", "--from", "bits/words", "--to", "bits/char"], "did you mean `bits/word`"),
        (["fifteen", "--from", "bits/word", "--to", "nats/word"], "fifteen"),
    ],
)
def test_the_command_refuses_in_one_line(arguments, words):
    done = plogp(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr
    assert "hint: " in done.stderr


def test_the_help_of_the_command_lists_the_ratios():
    printed = plogp("--help").stdout
    assert all(f"--{ratio.replace('_', '-')}" in printed for ratio in RATIOS)
