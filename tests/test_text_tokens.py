"""Tokens and sources: the rule on examples, compiled and plain alike, whatever the source and wherever it is cut."""

import bz2
import gzip
import io
import lzma
import sys
from pathlib import Path

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plogp import _kernels
from plogp.errors import BadText, InvalidType, UnknownName
from plogp.text import cooccurrences, sentences, sources, tokenize
from plogp.text.sources import blocks, texts
from plogp.text.stream import DOCUMENT, SENTENCE, CompiledReader, Reader
from plogp.text.tokens import Marker

WORDS = {
    "The Cat": ["the", "cat"],
    "don’t DON'T 'tis dogs' rock'n'roll": ["don't", "don't", "tis", "dogs", "rock'n'roll"],
    "e-commerce state‐of‑the-art -5 a- -b a--b": ["e-commerce", "state-of-the-art", "5", "a", "b", "a", "b"],
    "3.14 1,000,000.5 1. .5 a.b 3.a v2.0 10,b": [
        "3.14",
        "1,000,000.5",
        "1",
        "5",
        "a",
        "b",
        "3",
        "a",
        "v2.0",
        "10",
        "b",
    ],
    "snake_case _x_ __": ["snake_case", "x"],
    "STRAẞE Straße ﬁre ＡＢＣ ½": ["strasse", "strasse", "fire", "abc", "1", "2"],
    "İstanbul ΣΊΣΥΦΟΣ ς": ["i̇stanbul", "σίσυφοσ", "σ"],
    "e\u0301tude étude co\u00adoperate": ["étude", "étude", "cooperate"],
    "हिन्दी שָׁלוֹם مرحبا می\u200cخواهم": ["हिन्दी", "שָׁלוֹם", "مرحبا", "می\u200cخواهم"],
    "東京は大きい。テレビ": ["東", "京", "は", "大", "き", "い", "テレビ"],
    "x=\u0338y a\0b \u0301 ™ 😀 C++ #tag @me": ["x", "y", "a", "b", "tm", "c", "tag", "me"],
    "\ufeffBOM \u2028line\x1cfile": ["bom", "line", "file"],
    " \t\n": [],
    "": [],
}

SENTENCES = {
    "One. Two! Three? Four… Five": [["one"], ["two"], ["three"], ["four"], ["five"]],
    'He said "Stop!" Then (it ended.) Yes': [["he", "said", "stop"], ["then", "it", "ended"], ["yes"]],
    "e.g. this one. no break": [["e", "g", "this", "one", "no", "break"]],
    "J. Smith of the U.S. Senate. End": [["j", "smith", "of", "the", "u", "s", "senate"], ["end"]],
    "a line\nand its rest": [["a", "line", "and", "its", "rest"]],
    "\n\na title\n\nand a text": [["a", "title"], ["and", "a", "text"]],
    "東。京！大": [["東"], ["京"], ["大"]],
    "3.5 per cent. 4 of 5.": [["3.5", "per", "cent"], ["4", "of", "5"]],
    "Stop ... or go on": [["stop", "or", "go", "on"]],
    "": [],
}


@pytest.mark.parametrize("text", WORDS)
def test_words(text):
    assert tokenize(text) == WORDS[text]


@pytest.mark.parametrize("text", SENTENCES)
def test_sentences(text):
    assert sentences(text) == SENTENCES[text]


def stream(reader, parts):
    """Words and borders, whatever their numbers."""
    numbers = np.concatenate([*reader.read(parts), np.empty(0, np.int32)]).tolist()
    words = reader.words
    assert len(set(words)) == len(words)
    return [number if number < 0 else words[number] for number in numbers]


AWKWARD = st.text(
    st.one_of(
        st.sampled_from(
            "aAzZ059.,'-_!?\"() \n\t\0=<>ßİΣςﬁ½’‐\u00ad\u0301\u0338\u0345\u200d。！東はテ\u00a0\u2028…”ﷺ😀ŉ℀"
        ),
        st.characters(exclude_categories=["Cs"]),
        st.characters(max_codepoint=127),
    )
)


@given(st.lists(AWKWARD, min_size=1, max_size=5))
def test_the_compiled_reader_is_the_plain_one(documents):
    plain = stream(Reader(), blocks(documents))
    assert stream(CompiledReader(), blocks(documents)) == plain
    assert [word for word in plain if word not in (SENTENCE, DOCUMENT)] == [w for d in documents for w in tokenize(d)]
    for borders, left_out in (("document", {SENTENCE}), ("none", {SENTENCE, DOCUMENT})):
        fewer = [word for word in plain if word not in left_out]
        assert stream(CompiledReader(borders), blocks(documents)) == fewer
        assert stream(Reader(borders), blocks(documents)) == fewer
    assert plain.count(DOCUMENT) == len(documents)
    assert plain.count(SENTENCE) == sum(list(Marker()(document)).count(None) for document in documents)


@given(AWKWARD, st.integers(1, 9))
def test_it_does_not_matter_where_a_file_is_cut(text, size):
    data = io.BytesIO(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "BLOCK", size)
        parts = [*sources._cut(data), sources.END]
    assert b"".join(parts) == text.encode() + sources.END
    for reader in (Reader(), CompiledReader()):
        assert stream(reader, parts) == stream(Reader(), blocks([text]))


def test_many_words_and_pieces_fit(monkeypatch):
    """Tables grow, and pieces that aren't ASCII are forgotten, without a change."""
    monkeypatch.setattr("plogp.text.stream.MEMORY", 1 << 12)
    text = " ".join(f"w{i} é{i % 900} {'x' * (i % 50)}" for i in range(5_000)) + " " + "é" * 20_000 + " " + "y" * 10**5
    assert stream(CompiledReader(), blocks([text])) == stream(Reader(), blocks([text]))


def test_a_hash_is_not_trusted(monkeypatch):
    """Words of equal hashes stay apart, since their bytes are compared."""
    from plogp._kernels import tokens

    table = tokens.roomy(tokens.interned(4, 4), 64)
    for text in (b"alphabets", b"betabloks", b"alphabets"):
        letters = np.frombuffer(text, np.uint8)
        assert tokens.intern(table, letters, 0, 9, np.uint64(7), False) == (text == b"betabloks")


def test_without_numba_the_plain_reader_is_taken(monkeypatch):
    from plogp.text.stream import reader

    assert type(reader()) is CompiledReader
    assert type(reader(tokenizer=str.split)) is Reader
    monkeypatch.setattr(_kernels, "COMPILED", False)
    assert type(reader()) is Reader


# ---- sources --------------------------------------------------------------------------------------------------------

TEXT = "Grüße aus Köln. Ein Satz.\nNoch eine Zeile\n"
PACK = {
    "txt": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": lambda data: pyarrow.compress(data, "zstd", asbytes=True),
}


def words_of(source, **reading):
    return [tokenize(text) for text in texts(blocks(source, **reading))]


@pytest.mark.parametrize("kind", PACK)
def test_files_are_unpacked_by_their_first_bytes(tmp_path, kind):
    for name in (f"a.{kind}", "no suffix"):
        (tmp_path / name).write_bytes(PACK[kind](TEXT.encode()))
        assert words_of(tmp_path / name) == [tokenize(TEXT)]


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz"])
def test_damage_is_an_error(tmp_path, kind):
    data = PACK[kind](TEXT.encode() * 50)
    (tmp_path / "cut").write_bytes(data[: len(data) // 2])
    with pytest.raises(BadText, match="damaged or cut short"):
        words_of(tmp_path / "cut")


def test_paths_in_every_shape(tmp_path):
    a, b = tmp_path / "a.txt", tmp_path / "b.txt"
    a.write_text("one two")
    b.write_text("three\nfour\n")
    both = [["one", "two"], ["three", "four"]]
    for source in (str(tmp_path / "*.txt"), [a, b], [str(a), str(b)], (a, b), [tmp_path / "?.txt"]):
        assert words_of(source) == both
    assert words_of(a) == words_of(str(a)) == both[:1]
    assert words_of(b, unit="line") == [["three"], ["four"], []]
    assert words_of(["one two", "three four"]) == words_of(iter(["one two", "three four"])) == both


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert words_of("-") == [tokenize(TEXT)]
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(BadText, match="standard input is closed"):
        words_of("-")


def test_a_column_of_a_dataframe(frame):
    table = frame({"id": [1, 2], "text": ["one two", "three"]})
    assert words_of(table, column="text") == [["one", "two"], ["three"]]
    with pytest.raises(UnknownName, match=r"no column `txt`.*did you mean `text`"):
        words_of(table, column="txt")
    with pytest.raises(UnknownName, match="which column"):
        words_of(table)
    with pytest.raises(InvalidType, match=r"document 1 is (NoneType|float|NAType)"):
        words_of(frame({"text": ["one", None]}), column="text")


def test_a_series():
    import pandas
    import polars

    for series in (pandas.Series(["a b", "c"]), polars.Series(["a b", "c"]), pyarrow.chunked_array([["a b", "c"]])):
        assert words_of(series) == [["a", "b"], ["c"]]


def test_a_tokenizer_of_ones_own():
    table = cooccurrences(["A b. C"], tokenizer=str.split)
    assert (table["A", "b."], table["b.", "C"], table.n) == (1, 1, 2)
    with pytest.raises(InvalidType, match="something else than strings"):
        cooccurrences(["a b"], tokenizer=lambda text: [1, 2])


def test_progress_reaches_the_end(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK", 100)
    (tmp_path / "a").write_text("word " * 100)
    (tmp_path / "b").write_text("word " * 100)
    told = []
    cooccurrences([tmp_path / "a", tmp_path / "b"], progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1] == (1000, 1000)


BAD = {
    "invalid": (b"abc \xff def", "not UTF-8: byte 0xff at offset 4"),
    "late": (b"word " * 500_000 + b"\xc3\x28", "byte 0xc3 at offset 2,500,000"),
    "cut": ("x é".encode()[:-1], "byte 0xc3 at offset 2 .unexpected end"),
    "utf-16": ("text".encode("utf-16"), "UTF-16"),
    "utf-16 without a mark": ("some text".encode("utf-16-le"), "full of NULs"),
    "binary": (bytes(range(256)) * 10, "binary, it seems"),
    "empty": (b"", "no two words"),
    "one word": (b"word", "no two words"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files(tmp_path, case):
    data, message = BAD[case]
    (tmp_path / "bad").write_bytes(data)
    with pytest.raises(BadText, match=message):
        cooccurrences(tmp_path / "bad")


def test_invalid_bytes_are_replaced_on_request(tmp_path):
    (tmp_path / "bad").write_bytes(b"abc \xff def \xc3")
    assert words_of(tmp_path / "bad", errors="replace") == [["abc", "def"]]


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("a text itself", UnknownName, "no file 'a text itself'.*hint: a text itself goes in a list"),
        ("x" * 10_000, UnknownName, "no file 'x{60}…'"),
        ("no/such.txt", UnknownName, "no file"),
        ("https://example.org/a.txt", BadText, "is a URL"),
        (".", BadText, "is a directory"),
        (b"bytes", InvalidType, "decode bytes"),
        (7, InvalidType, "source is int"),
        (["a", 3], InvalidType, "document 1 is int"),
        ([["a", "b"]], InvalidType, "document 0 is list"),
        (["ok", "\ud800"], BadText, "document 1 has a lone surrogate at character 0"),
        ([__file__, "no such file"], BadText, "needed: all files, or all documents"),
        ([], BadText, "no two words"),
    ],
)
def test_bad_sources(source, error, message):
    with pytest.raises(error, match=message):
        cooccurrences(source)


def test_options_are_checked():
    with pytest.raises(UnknownName, match=r"unit='lines'.*did you mean `line`"):
        cooccurrences(["a b"], unit="lines")
    with pytest.raises(UnknownName, match="errors='ignore'"):
        cooccurrences(["a b"], errors="ignore")


def test_nothing_is_lost_of_a_long_line_and_a_long_word(tmp_path):
    path = Path(tmp_path / "long")
    path.write_text("a b " * 1_000_000 + "x" * 1_000_000 + " 東" * 10 + "京" * 50_000)
    table = cooccurrences(path)
    assert table["a", "b"] == 1_000_000
    assert table["b", "x" * 1_000_000] == table["x" * 1_000_000, "東"] == 1
    assert (table["東", "東"], table["京", "京"]) == (9, 49_999)
