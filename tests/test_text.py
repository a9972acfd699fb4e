"""Co-occurrences, association, collocations, phrases and rates: against brute force, SciPy, and what must hold."""

import itertools
import math
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import plogp
from plogp import _kernels
from plogp.errors import BadText, InvalidType, InvalidValue, ShapeMismatch, UnknownName
from plogp.text import (
    Cooccurrences,
    Phrases,
    association,
    collocations,
    cooccurrences,
    entropy_rate,
    phrases,
    sentences,
    tokenize,
)
from plogp.text.association import MEASURES, expected, false_discovery_rates, p_values
from plogp.text.cooccurrences import _sort

DOCUMENTS = st.lists(st.text("abcd .\n", max_size=40), min_size=1, max_size=4)
WINDOWS = [
    dict(window="bigram"),
    dict(window="bigram", borders="document"),
    dict(window=3),
    dict(window=3, directed=True, borders="none"),
    dict(window=4, weighting="harmonic"),
    dict(window=3, weighting="linear", borders="document", directed=True),
    dict(window="document"),
]


@pytest.fixture(params=["compiled", "plain"])
def path(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setattr(_kernels, "COMPILED", False)


def brute(documents, window="bigram", directed=None, weighting="none", borders="sentence"):
    """Pairs as anyone would count them."""
    counts = Counter()
    if window == "document":
        for document in documents:
            for a, b in itertools.combinations_with_replacement(sorted({*tokenize(document)}), 2):
                counts[a, b] += 1
        return counts
    if borders == "sentence":
        runs = [run for document in documents for run in sentences(document)]
    else:
        runs = [tokenize(document) for document in documents]
    runs = [[word for run in runs for word in run]] if borders == "none" else runs
    directed = window == "bigram" if directed is None else directed
    size = 1 if window == "bigram" else window
    for run in runs:
        for i, j in itertools.combinations(range(len(run)), 2):
            if (d := j - i) <= size:
                pair = (run[i], run[j]) if directed else tuple(sorted((run[i], run[j])))
                counts[pair] += {"none": 1, "harmonic": 1 / d, "linear": (size + 1 - d) / size}[weighting]
    return counts


def as_dict(table):
    columns = table.to_columns()
    return dict(zip(zip(columns["left"], columns["right"], strict=True), columns["count"].tolist(), strict=True))


@pytest.mark.parametrize("options", WINDOWS, ids=str)
@given(documents=DOCUMENTS)
def test_counts_are_those_of_brute_force_on_both_paths(options, documents):
    want = brute(documents, **options)
    for compiled in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(_kernels, "COMPILED", compiled)
            if not want:
                with pytest.raises(BadText, match="no two words"):
                    cooccurrences(documents, **options)
                continue
            table = cooccurrences(documents, **options)
        assert as_dict(table) == pytest.approx(want, abs=1e-12)
        assert list(as_dict(table)) == sorted(want)
        assert table.n == (
            sum(map(bool, map(tokenize, documents))) if options["window"] == "document" else table.counts.sum()
        )


@pytest.mark.parametrize("options", WINDOWS, ids=str)
def test_shards_add_up_to_the_bit(options):
    documents = [corpus(seed, 200) for seed in range(6)]
    if options.get("borders") == "none":
        documents = [f"{document} {i}" for i, document in enumerate(documents)]
        options = options | {"borders": "document"}
    whole = cooccurrences(documents, **options)
    assert cooccurrences(documents[:2], **options) + cooccurrences(documents[2:], **options) == whole
    assert sum(cooccurrences([document], **options) for document in documents) == whole
    assert whole != cooccurrences(documents[:5], **options)


def corpus(seed, n, words=60):
    """Sentences of words of unequal frequency, with a pair that always goes together."""
    rng = random.Random(seed)
    out = []
    for _ in range(n):
        word = f"w{int(rng.paretovariate(0.7)) % words}"
        out.append(rng.choice(["new york", word, word, word]) + rng.choice([". Yes", "", ""]))
    return " ".join(out)


def test_tables_grow_beyond_their_first_size(path):
    words = [f"w{i}" for i in range(9_000)]
    table = cooccurrences([" ".join(words)], 2)
    assert (len(table), table.n) == (2 * 9_000 - 3, 2 * 9_000 - 3)
    assert table["w17", "w18"] == table["w19", "w17"] == 1


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60), st.integers(1, 30))
def test_a_table_grows_in_place_without_losing_a_pair(keys, at_least):
    """Few slots, so that runs of pairs reach over the end, as they do now and then in large tables."""
    from plogp._kernels import pairs

    table, want = pairs.paired(8), Counter()
    for key in keys:
        if 10 * table.used[0] > 3 * table.cells.size:
            pairs.grow(table, at_least)
            assert 3 * table.keys.size >= 5 * (table.used[0] + at_least)
        pairs.add(table, np.uint64(key), 1)
        want[key] += 1
    used = table.keys != pairs.EMPTY
    assert dict(zip(table.keys[used].tolist(), table.counts[used].tolist(), strict=True)) == want
    assert table.used[0] == len(want)


@pytest.mark.parametrize("threads", [1, 2])
def test_calls_in_turn(monkeypatch, threads):
    monkeypatch.setattr(_kernels, "threads", lambda: threads)
    done = []
    with _kernels.in_turn() as call:
        for i in range(100):
            call(done.append, i)
    assert done == list(range(100))
    with pytest.raises(ZeroDivisionError), _kernels.in_turn() as call:
        call(divmod, 1, 0)


def test_threads_change_nothing(monkeypatch):
    documents = [corpus(seed, 500) for seed in range(9)]
    monkeypatch.setattr("plogp.text.sources.BLOCK", 64)
    tables = []
    for threads in (1, 2):
        monkeypatch.setattr(_kernels, "threads", lambda threads=threads: threads)
        tables.append(cooccurrences(documents, 5))
    assert tables[0] == tables[1]


@pytest.mark.parametrize("options", WINDOWS, ids=str)
@pytest.mark.parametrize("batch", [1, 7, 100])
def test_batches_change_nothing(monkeypatch, path, options, batch):
    """Rows of pairs grow, and windows reach over batches."""
    documents = [corpus(seed, 100) for seed in range(5)]
    whole = cooccurrences(documents, **options)
    monkeypatch.setattr("plogp.text.counting.BATCH", batch)
    monkeypatch.setattr("plogp.text.sources.BLOCK", 64)
    assert cooccurrences(documents, **options) == whole
    assert as_dict(whole) == pytest.approx(brute(documents, **options))


@pytest.mark.parametrize("bits", [5, 29])
def test_pairs_are_sorted_whether_they_fit_into_one_number_with_their_count_or_not(bits):
    rng = np.random.default_rng(0)
    left, right = rng.integers(0, 32, (2, 500), np.int32)
    counts = rng.integers(1, 1000, 500)
    want = sorted(zip(left.tolist(), right.tolist(), counts.tolist(), strict=True))
    _sort(left, right, counts, bits)
    found = list(zip(left.tolist(), right.tolist(), counts.tolist(), strict=True))
    assert sorted(found) == want
    assert [pair[:2] for pair in found] == [pair[:2] for pair in want]


def test_documents_end_whatever_borders_say():
    assert cooccurrences(["a b", "b c"], "document", borders="none") == cooccurrences(["a b", "b c"], "document")


@pytest.mark.parametrize("options", WINDOWS, ids=str)
def test_saved_and_loaded(tmp_path, options):
    table = cooccurrences(["it's “ça” 東京. x y x", "a b"], **options)
    table.save(tmp_path / "pairs.parquet")
    assert Cooccurrences.load(tmp_path / "pairs.parquet") == table
    assert [file.name for file in tmp_path.iterdir()] == ["pairs.parquet"]
    import pyarrow.parquet

    assert pyarrow.parquet.read_table(tmp_path / "pairs.parquet").column_names == ["left", "right", "count"]


def test_a_file_that_is_no_table(tmp_path):
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"left": ["a"]}), tmp_path / "foreign.parquet")
    (tmp_path / "text").write_text("text")
    for name, message in (
        ("foreign.parquet", "not a file of plogp.cooccurrences"),
        ("text", "not a table"),
        ("no", "not a table"),
    ):
        with pytest.raises(BadText, match=message):
            Cooccurrences.load(tmp_path / name)
    with pytest.raises(InvalidValue, match="no folder"):
        cooccurrences(["a b"]).save(tmp_path / "nowhere" / "file")


def test_other_forms():
    table = cooccurrences(["a b a b b", "c a"], 1)
    dense = table.to_scipy().toarray()
    assert table.words == ("a", "b", "c")
    assert (dense == dense.T).all()
    assert dense.tolist() == [[0, 3, 1], [3, 1, 0], [1, 0, 0]]
    directed = cooccurrences(["a b a b b", "c a"])
    assert directed.to_scipy().toarray().tolist() == [[0, 2, 0], [1, 1, 0], [1, 0, 0]]
    ppmi = directed.to_scipy(association(directed, "ppmi"))
    assert ppmi.shape == (3, 3)
    for backend in ("pandas", "polars", "pyarrow"):
        frame = directed.to_dataframe(backend)
        assert plogp.measure("H(left)", frame.head(0) if False else frame, confidence=None).n == len(directed)
    with pytest.raises(UnknownName, match="backend='numpy'"):
        directed.to_dataframe("numpy")
    assert repr(directed) == "<Cooccurrences of 3 words: 4 different pairs, n = 5 pairs>"


def test_the_information_of_a_corpus():
    """The mean of pmi over the pairs of a table is the mutual information of its words."""
    table = cooccurrences([corpus(0, 2000)])
    information = plogp.measure("I(left;right)", table.to_counts(), estimator="plug-in", confidence=None)
    assert float(information) == pytest.approx(np.average(association(table, "pmi"), weights=table.counts), abs=1e-12)
    with pytest.raises(InvalidValue, match="plain window"):
        cooccurrences(["a b"], "document").to_counts()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (dict(window=0), InvalidValue, "window=0"),
        (dict(window="trigram"), InvalidType, "window='trigram'"),
        (dict(window=True), InvalidType, "window=True"),
        (dict(window=21, weighting="harmonic"), InvalidValue, "needed: 1 to 20"),
        (dict(window="document", directed=True), InvalidValue, "neither direction nor distance"),
        (dict(weighting="linaer"), UnknownName, "did you mean `linear`"),
        (dict(borders="word"), UnknownName, "borders='word'"),
    ],
)
def test_windows_that_make_no_sense(options, error, message):
    with pytest.raises(error, match=message):
        cooccurrences(["a b"], **options)


def test_tables_of_different_windows_do_not_add_up():
    with pytest.raises(ShapeMismatch, match="needed: the same"):
        cooccurrences(["a b"]) + cooccurrences(["a b"], 2)


# ---- association ----------------------------------------------------------------------------------------------------


def two_by_two(table, left, right):
    """The four cells of a pair in a directed table."""
    pairs = as_dict(table)
    both = pairs[left, right]
    a = sum(n for (x, _), n in pairs.items() if x == left)
    b = sum(n for (_, y), n in pairs.items() if y == right)
    return np.array([[both, a - both], [b - both, table.n - a - b + both]])


def test_measures_are_those_of_scipy():
    table = cooccurrences([corpus(1, 3000)])
    values = {measure: association(table, measure) for measure in MEASURES}
    e, p = expected(table.contingency()), p_values(table.contingency(), table.n)
    for i in range(0, len(table), 7):
        cells = two_by_two(table, table.words[table.rows[i]], table.words[table.columns[i]])
        (k, _), n, (a, b) = cells[0], cells.sum(), (cells[0].sum(), cells[:, 0].sum())
        sign = np.sign(k - a * b / n)
        assert values["pmi"][i] == pytest.approx(math.log2(k * n / (a * b)), abs=1e-12)
        assert values["npmi"][i] == pytest.approx(math.log2(k * n / (a * b)) / -math.log2(k / n), abs=1e-12)
        assert values["t"][i] == pytest.approx((k - a * b / n) / math.sqrt(k))
        assert values["chi2"][i] == pytest.approx(sign * stats.chi2_contingency(cells, correction=False)[0], abs=1e-9)
        llr = stats.chi2_contingency(cells, correction=False, lambda_="log-likelihood")[0]
        assert values["llr"][i] == pytest.approx(sign * llr, abs=1e-8)
        assert e[i] == pytest.approx(stats.contingency.expected_freq(cells)[0, 0])
        assert p[i] == pytest.approx(stats.binom.sf(k - 1, n, a * b / n**2), rel=1e-9)
    assert (values["ppmi"] == np.maximum(values["pmi"], 0)).all()


def test_a_pair_without_direction_counts_once():
    """Whatever comes first, {a, b} has the expectation 2 n p(a) p(b), and {a, a} n p(a)²."""
    table = cooccurrences(["a b", "b a", "a a", "b c", "c c c"], 1)
    n, share = table.n, {"a": 4 / 12, "b": 3 / 12, "c": 5 / 12}
    by_chance = expected(table.contingency())
    for left, right, e in zip(
        table.to_columns()["left"], table.to_columns()["right"], expected(table.contingency()), strict=True
    ):
        assert e == pytest.approx((1 + (left != right)) * n * share[left] * share[right])
    want = {pair: math.log2(k / e) for (pair, k), e in zip(as_dict(table).items(), by_chance, strict=True)}
    assert dict(zip(want, association(table, "pmi"), strict=True)) == pytest.approx(want)


def test_documents_are_a_table_of_presence():
    table = cooccurrences(["a b", "a b b", "a", "c", "b c"], "document")
    i = list(as_dict(table)).index(("a", "b"))
    assert association(table, "pmi")[i] == pytest.approx(math.log2(2 * 5 / (3 * 3)))
    assert [(pair.left, pair.right) for pair in collocations(table, min_count=1)] == [("a", "b"), ("b", "c")]


def test_shift_and_smoothing():
    table = cooccurrences([corpus(2, 2000)])
    pmi = association(table, "pmi", unit="nats")
    assert association(table, "pmi", unit="nats", shift=5) == pytest.approx(pmi - math.log(5))
    smoothed = association(table, "pmi", unit="nats", smoothing=0.75)
    right = table.to_scipy().sum(0)
    share = right**0.75 / (right**0.75).sum()
    left = table.to_scipy().sum(1)
    want = np.log(table.counts) - np.log(left[table.rows]) - np.log(share[table.columns])
    assert smoothed == pytest.approx(want)
    assert association(table, "ppmi", shift=5).min() == 0
    both = cooccurrences([corpus(2, 200)], 2)
    margin = both.to_scipy().sum(0) + both.to_scipy().diagonal()
    want = np.log(both.contingency().together) - np.log(
        margin[both.rows] * (margin**0.75 / (margin**0.75).sum())[both.columns]
    )
    assert association(both, "pmi", unit="nats", smoothing=0.75) == pytest.approx(want)


@given(DOCUMENTS, st.sampled_from(WINDOWS))
def test_npmi_stays_in_its_bounds(documents, options):
    if brute(documents, **options):
        npmi = association(cooccurrences(documents, **options), "npmi")
        assert npmi.min() >= -1
        assert npmi.max() <= 1


def test_npmi_of_words_that_are_never_apart_is_1():
    for n in range(1, 60):
        table = cooccurrences(["u v"] * n + ["x y"] * 31)
        assert association(table, "npmi").tolist() == [1, 1]


def test_false_discovery_rates_are_those_of_scipy():
    p = np.random.default_rng(0).random(200) ** 3
    assert false_discovery_rates(p) == pytest.approx(stats.false_discovery_control(p))
    padded = stats.false_discovery_control(np.concatenate([p, np.ones(300)]))[:200]
    assert false_discovery_rates(p, 500) == pytest.approx(padded)


def test_the_rate_of_false_discoveries_holds():
    """In text without association, next to nothing is found at a rate of 5%."""
    rng = np.random.default_rng(1)
    found = 0
    for _ in range(20):
        words = rng.choice([f"w{i}" for i in range(300)], 5000, p=(w := 1 / np.arange(1, 301)) / w.sum())
        found += (collocations([" ".join(words)], min_count=1).columns["q_value"] < 0.05).any()
    assert found <= 3


@pytest.mark.parametrize("measure", [None, "llr", "t"])
def test_rare_pairs_do_not_fool_the_order(measure):
    """A pair seen 300 times, often apart too, stands above pairs of words that were seen once or twice."""
    rng = random.Random(0)
    text = ["san francisco", "san diego", "in francisco"] * 100 + ["san francisco"] * 200
    text += [f"rare{i} odd{i}" for i in range(50) for _ in range(1 + i % 2)]
    text += [f"w{rng.randrange(30)} w{rng.randrange(30)} w{rng.randrange(30)}" for _ in range(3000)]
    rng.shuffle(text)
    options = {} if measure is None else {"measure": measure}
    best = collocations(text, min_count=1, **options)[0]
    assert (best.left, best.right) == ("san", "francisco")
    assert best.low <= best.value
    table = cooccurrences(text)
    assert table.words[table.rows[association(table, "npmi").argmax()]].startswith("rare")


def test_collocations_tell_all():
    found = collocations([corpus(3, 4000)], top=5, min_count=3)
    assert len(found) == 5
    assert (found[0].left, found[0].right) == ("new", "york")
    assert found[0].p_value < 1e-9
    assert found[0].q_value < 1e-6
    assert list(found.columns["low"]) == sorted(found.columns["low"], reverse=True)
    assert found.to_dicts()[0]["count"] == found[0].count
    assert found.to_dataframe("polars").shape == (5, 8)
    assert "new york  npmi = " in str(found)
    weighted = collocations([corpus(3, 4000)], window=3, weighting="linear", min_count=1)
    assert weighted.to_dicts()[0]["p_value"] is None
    assert "no p-values" in weighted.notes[0]
    lines = collocations(["a b c d"], unit="bits", min_count=1)
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (dict(measure="mpi"), UnknownName, "did you mean `pmi`"),
        (dict(measure="npmi", smoothing=0.75), InvalidValue, "shift and smoothing with npmi"),
        (dict(measure="pmi", shift=0), InvalidValue, "shift=0"),
        (dict(measure="pmi", unit="bit"), UnknownName, "unit='bit'"),
        (dict(min_count=1000), InvalidValue, "no pair occurs 1000 times; the most frequent 1"),
        (dict(min_count=0), InvalidValue, "min_count=0"),
        (dict(top=0), InvalidValue, "top=0"),
    ],
)
def test_options_that_make_no_sense(options, error, message):
    with pytest.raises(error, match=message):
        collocations(["a b c"], **{"min_count": 1} | options)


def test_a_table_is_not_counted_again():
    with pytest.raises(InvalidType, match="counted already; window came"):
        collocations(cooccurrences(["a b"]), window=2)


# ---- phrases --------------------------------------------------------------------------------------------------------


def test_each_pass_counts_the_text_as_the_one_before_joined_it(path, monkeypatch):
    monkeypatch.setattr("plogp.text.sources.BLOCK", 64)  # so that pairs are cut
    documents = [corpus(seed, 300).replace(".", "") for seed in range(4)]
    three = phrases(documents, passes=3, threshold=0.05, min_count=2)
    assert next(iter(three)) == "new york"
    for i in range(3):
        before = Phrases(three.passes[:i])
        want = [pair for pair in collocations(documents, tokenizer=before, min_count=2) if pair.low >= 0.05]
        assert len(want) > 3
        assert list(three.passes[i]) == want


def test_the_stronger_of_two_overlapping_pairs_is_joined():
    found = phrases(["the hong kong"] * 30 + ["the a", "the b", "x y"] * 10, threshold=-0.1)
    assert [(pair.left, pair.right) for pair in found.passes[0]][1:3] == [("hong", "kong"), ("the", "hong")]
    assert found.passes[0][1].low > found.passes[0][2].low
    assert Phrases(found.passes[:1])("the hong kong, the hong the") == ["the", "hong kong", "the hong", "the"]
    assert found("Hong. Kong") == ["hong", "kong"]


def test_phrases_are_refused():
    with pytest.raises(InvalidType, match="read once only"):
        phrases(iter(["a b"]))
    with pytest.raises(InvalidValue, match="threshold=2"):
        phrases(["a b"], threshold=2)
    assert list(phrases(iter(["a b"]), passes=1)) == []


# ---- rates ----------------------------------------------------------------------------------------------------------


def test_rates_of_a_source_that_is_known():
    """Characters drawn independently: H = 1.75 bits; the estimates come near, the codes stay above."""
    rng = np.random.default_rng(0)
    text = ["".join(rng.choice(list("abcd"), 100_000, p=[0.5, 0.25, 0.125, 0.125]))]
    rates = {method: entropy_rate(text, method) for method in ("block", "match", "model", "xz", "bz2", "zlib")}
    assert float(rates["block"]) == pytest.approx(1.75, abs=0.03)
    assert 1.4 < float(rates["match"]) < 1.75
    assert 1.75 < float(rates["model"]) < float(rates["xz"]) < 2.2
    assert float(entropy_rate(text, order=1)) == pytest.approx(1.75, abs=0.01)
    assert float(entropy_rate(text, unit="nats")) == pytest.approx(float(rates["model"]) * math.log(2))


def test_the_rate_of_a_markov_chain():
    """Each letter stays with probability 0.9: H(0.1) = 0.469 bits, though each letter alone has 1."""
    stays = np.random.default_rng(1).random(100_000) < 0.9
    text = ["".join(np.array(list("xy"))[np.cumsum(~stays) % 2])]
    h = -0.9 * math.log2(0.9) - 0.1 * math.log2(0.1)
    assert float(entropy_rate(text, "block", order=1)) == pytest.approx(1, abs=0.01)
    assert float(entropy_rate(text, "block", order=4)) == pytest.approx(h, abs=0.01)
    assert float(entropy_rate(text, "model", order=2)) == pytest.approx(h, abs=0.02)


def plain_model(data, order, discount=0.75):
    """The model with dictionaries; the probabilities of all bytes sum to one each time."""
    followers = {}
    bits = 0.0
    for i, byte in enumerate(data):
        p = np.full(256, 1 / 256)
        for j in range(min(order, i) + 1):
            seen = followers.get(data[i - j : i])
            if seen is None:
                break
            n = np.zeros(256)
            n[list(seen)] = list(seen.values())
            p = (np.maximum(n - discount, 0) + discount * len(seen) * p) / n.sum()
        assert p.sum() == pytest.approx(1)
        bits -= math.log2(p[byte])
        for j in range(min(order, i) + 1):
            followers.setdefault(data[i - j : i], Counter())[byte] += 1
    return bits


@given(st.text("abé ", min_size=2, max_size=60), st.integers(1, 6))
def test_the_model_is_a_code(text, order):
    assert float(entropy_rate([text], order=order)) == pytest.approx(plain_model(text.encode(), order) / len(text))


@given(st.text("ab", min_size=2, max_size=40))
def test_matches_are_those_of_brute_force(text):
    def longest(i):
        return max(
            length for length in range(len(text) - i + 1) if text.find(text[i : i + length], 0, i - 1 + length) >= 0
        )

    want = 1 / np.mean([(longest(i) + 1) / math.log2(i + 1) for i in range(1, len(text))])
    assert float(entropy_rate([text], "match")) == pytest.approx(want, rel=1e-12)


def test_kernels_give_the_same_interpreted(monkeypatch):
    from plogp._kernels import characters, pairs

    text = ["the cat sat on the mat, the cat"]
    want = [entropy_rate(text, method) for method in ("model", "match")]
    for module in (pairs, characters):
        for name, kernel in list(vars(module).items()):
            if hasattr(kernel, "py_func"):
                monkeypatch.setattr(module, name, kernel.py_func)
    assert [float(entropy_rate(text, m)) for m in ("model", "match")] == pytest.approx([float(rate) for rate in want])


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([""],), BadText, "0 characters"),
        ((["text"], "xzz"), UnknownName, "did you mean `xz`"),
        ((["text"], "model", 7), InvalidValue, "order=7; needed: 1 to 6"),
        ((["text"], "block", 4), InvalidValue, "order=4; needed: from 1 to below the 4"),
        ((["text"], "xz", 4), InvalidValue, "order=4 with xz"),
    ],
)
def test_rates_that_make_no_sense(arguments, error, message):
    source, *rest = arguments
    with pytest.raises(error, match=message):
        entropy_rate(source, *rest[:1], **dict(zip(["order"], rest[1:], strict=False)))
