"""Senses: accuracy and calibration where the truth is known, scikit-learn's contract, and reasons that add up."""

import json
import math
import random
import zipfile

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import softmax
from sklearn.base import clone, is_classifier
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from plogp.errors import BadText, InvalidType, InvalidValue, ShapeMismatch, UnknownName
from plogp.text import SenseModel, contexts
from plogp.text.cues import cues, target
from plogp.text.evidence import corrections

TOPICS = {
    "company": [
        "shares",
        "profits",
        "online",
        "technology",
        "shop",
        "customers",
        "books",
        "drivers",
        "warehouse",
        "price",
    ],
    "forest": ["rain", "forest", "tropical", "trees", "river", "smoke", "birds", "rangers", "season", "basin"],
}
BEFORE = {"company": ["at", "shop", "of"], "forest": ["the", "of", "upper"]}


def examples(n, seed=0, share=0.5, word="amazon"):
    """Contexts whose words are of the topic one time in six, and bursty, as those of texts are."""
    rng = random.Random(seed)
    read, senses = [], []
    common = [f"w{i}" for i in range(200)] + BEFORE["company"] + BEFORE["forest"]
    for _ in range(n):
        sense = "forest" if rng.random() < share else "company"
        bag = [rng.choice(TOPICS[sense if rng.random() < 0.8 else "company"]) for _ in range(2)]
        words = [rng.choice(bag) if rng.random() < 0.15 else rng.choice(common) for _ in range(20)]
        at = rng.randrange(5, 15)
        words[at : at + 1] = [rng.choice(BEFORE[sense]), word]
        read.append(words)
        senses.append(sense)
    return read, senses


TRAIN, TEST = examples(600), examples(1500, seed=1)


def calibration_error(p, hit):
    """Σ share of a bin · |confidence − accuracy|, 10 bins of equal width; Guo et al. 2017."""
    bins = np.minimum((10 * p).astype(int), 9)
    return sum(abs(p[bins == b].mean() - hit[bins == b].mean()) * (bins == b).mean() for b in set(bins))


@pytest.mark.parametrize("method", ["bayes", "pmi", "top_words"])
def test_senses_are_told_apart_with_true_probabilities(method):
    model = SenseModel(method, n_words=10).fit(*TRAIN)
    assert model.words_ == ("amazon",)
    assert model.fitted_
    p, truth = model.predict_proba(TEST[0]), np.array(TEST[1])
    hit = model.predict(TEST[0]) == truth
    assert p.sum(1) == pytest.approx(1)
    assert (model.classes_[p.argmax(1)] == model.predict(TEST[0])).all()
    assert hit.mean() == model.score(*TEST) > {"bayes": 0.9, "pmi": 0.9, "top_words": 0.75}[method]
    assert calibration_error(p.max(1), hit) < 0.05


def test_not_below_naive_bayes_of_scikit_learn():
    theirs = make_pipeline(
        CountVectorizer(analyzer=lambda words: list(cues(words, ["amazon"], 50, 4, True))), MultinomialNB()
    )
    theirs.fit(*TRAIN)
    truth = np.array(TEST[1])
    p = theirs.predict_proba(TEST[0]).max(1)
    hit = theirs.predict(TEST[0]) == truth
    ours = SenseModel().fit(*TRAIN)
    assert ours.score(*TEST) >= hit.mean()
    assert calibration_error(ours.predict_proba(TEST[0]).max(1), ours.predict(TEST[0]) == truth) < calibration_error(
        p, hit
    )


def test_the_literal_recipe_compares_counts():
    """Which group of words occurs more often; ties go to the more frequent sense."""
    model = SenseModel("top_words", n_words=3).fit(
        ["amazon a b c x", "amazon a b c", "amazon a y", "amazon p q r x", "amazon p q"], ["s", "s", "s", "t", "t"]
    )
    contexts = ["a p q", "a b p", "a p", "nothing", "p p a", "amazon c c r r r"]
    assert model.predict(contexts).tolist() == ["t", "s", "s", "s", "t", "t"]


def test_rare_senses():
    read, senses = examples(600, seed=5, share=0.05)
    test = examples(2000, seed=6, share=0.05)
    model = SenseModel().fit(read, senses)
    assert model.score(*test) > np.mean(np.array(test[1]) == "company")
    even = SenseModel(prior="uniform").fit(read, senses)
    told = SenseModel(prior={"forest": 0.9, "company": 0.1}).fit(read, senses)
    p = [m.predict_proba(["nothing known"])[0, 1] for m in (even, told)]
    assert p == pytest.approx([0.5, 0.9])
    found = [np.mean(m.predict(test[0]) == "forest") for m in (model, even, told)]
    assert found == sorted(found)


def test_unknown_contexts_have_the_prior():
    model = SenseModel().fit(*TRAIN)
    share = np.mean(np.array(TRAIN[1]) == "forest")
    want = share ** model.weights_[0] / (share ** model.weights_[0] + (1 - share) ** model.weights_[0])
    for context in ("", [], "unknown tokens only", "amazon"):
        assert model.predict_proba([context])[0, 1] == pytest.approx(want)
        assert model.explain(context).cues == ()
    assert model.predict_proba([]).shape == (0, 2)


def test_corrections_of_nothing_are_logistic_regression():
    rng = np.random.default_rng(1)
    x, said = csr_array(rng.poisson(0.5, (200, 12)).astype(float)), rng.normal(size=(200, 3))
    codes = (x[:, [0, 1, 2]] @ rng.normal(size=(3, 3)) + rng.gumbel(size=(200, 3))).argmax(1)
    theirs = LogisticRegression(C=0.5, fit_intercept=False, tol=1e-8).fit(x, codes)
    assert corrections(x, codes, np.zeros((200, 3)), np.full(12, 0.5)) == pytest.approx(theirs.coef_.T, abs=1e-3)
    # around what is said, the gradient is zero: what truth adds to each cue, less δ / variance
    variance = rng.uniform(0.1, 1, 12)
    delta = corrections(x, codes, said, variance)
    over = x.T @ (np.eye(3)[codes] - softmax(said + x @ delta, axis=1))
    assert over == pytest.approx(delta / variance[:, None], abs=1e-2)


def test_few_examples_leave_the_weights_typical():
    model = SenseModel().fit(["the x a", "x b"], ["s", "t"])
    assert not model.fitted_
    assert model.weights_.tolist() == [0.4, 0.1, 0.1, 0.2, 0.2, *[0.6] * 7, *[0.2] * 6]


@pytest.mark.parametrize("method", ["bayes", "pmi", "top_words"])
@pytest.mark.parametrize("prior", ["empirical", "uniform"])
def test_reasons_add_up(method, prior):
    """The bits of the prior and of all cues are log₂ of the odds."""
    read, senses = TRAIN
    model = SenseModel(method, prior=prior).fit(read, [sense if i % 3 else "third" for i, sense in enumerate(senses)])
    for context in TEST[0][:20]:
        why = model.explain(context)
        p = np.sort(model.predict_proba([context])[0])[::-1]
        assert why.probability == pytest.approx(p[0])
        assert why.prior_bits + sum(bits for _, bits in why.cues) == pytest.approx(math.log2(p[0] / p[1]))
        assert why.sense == model.predict([context])[0]
        assert abs(why.cues[0][1]) >= abs(why.cues[-1][1])
    assert str(why).startswith(f"{why.sense}: p = ")


def test_amazon_is_on_fire():
    """The chapter's example: what the article goes on to describe makes it clear, and says why."""
    model = SenseModel(word="amazon").fit(*TRAIN)
    why = model.explain("Amazon is on fire. The smoke rises over the rain forest, and tropical birds flee the trees.")
    assert why.sense == "forest"
    assert why.probability > 0.9
    assert {cue for cue, bits in why.cues if bits > 0.3} >= {"rain", "forest", "tropical", "smoke", "birds", "trees"}
    assert model.predict(["Amazon is on fire: online customers bought books, and shares rose."]) == ["company"]


# ---- the word -------------------------------------------------------------------------------------------------------


def test_the_word_is_found_in_all_its_forms():
    forms = ["serve", "served", "serves", "serving"]
    read = [words for i, form in enumerate(forms) for words in examples(60, seed=i, word=form)[0]]
    assert target(read) == tuple(sorted(forms))
    assert target(examples(60, word="a_b")[0]) == ("a_b",)


def test_a_word_that_is_not_clear_is_not_guessed():
    assert target([["a", "b"], ["a", "b", "c"]]) == ()
    assert target([[f"w{i}"] for i in range(50)]) == ()
    assert target([]) == ()
    model = SenseModel().fit([["a", "b"], ["a", "c"]], ["s", "t"])
    assert model.words_ == ()
    assert model.predict(["b"]) == ["s"]


def test_cues():
    words = ["x", "far", "a", "b", "~w", "c", "d", "y"]
    assert list(cues(words, ["~w"], 3, 1, True)) == [
        *[(0, "far"), (0, "a"), (0, "b"), (1, "b"), (0, "c"), (1, "c"), (0, "d"), (0, "y")],
        *[(2, "b ~"), (3, "~ c"), (4, "a * ~"), (5, "~ * d"), (6, "a b ~"), (7, "b ~ c"), (8, "~ c d")],
        *[(9, "far * * ~"), (10, "~ * * y"), (11, "-b ~"), (12, "~ -c"), (13, "-a * ~"), (14, "~ * -d")],
    ]
    assert list(cues(["a", "w"], ["w"], 5, 4, False)) == [(0, "a"), (1, "a")]
    assert list(cues(["a", "b"], ["w"], 1, 4, True)) == [(0, "a"), (0, "b")]
    nearest_the_middle = list(cues(["w", "a", "b", "w", "c"], ["w"], 5, 4, True))
    assert (2, "b ~") in nearest_the_middle


def test_contexts_of_a_word():
    text = ["One fire. Two Fires, and a fire!", "No such thing"]
    assert contexts(text, "fire", window=1) == [["one", "fire", "two"], ["a", "fire"]]
    assert len(contexts(text, ["Fire", "fires"])) == 3


# ---- seeds ----------------------------------------------------------------------------------------------------------


def test_a_few_seeds_are_enough():
    read, senses = examples(800, seed=3)
    model = SenseModel().fit_seeds({"company": ["shares", "online"], "forest": ["rain", "tropical"]}, read)
    assert model.score(read, senses) > 0.85
    assert 250 < model.n_labelled_ <= 800


def test_seeds_that_say_nothing():
    with pytest.raises(InvalidValue, match="no context has seeds of 'forest'"):
        SenseModel().fit_seeds({"company": ["shares"], "forest": ["absent"]}, TRAIN[0])
    with pytest.raises(InvalidType, match="seeds of 'company' are one string"):
        SenseModel().fit_seeds({"company": "shares", "forest": ["rain"]}, TRAIN[0])
    with pytest.raises(InvalidValue, match="threshold=1"):
        SenseModel().fit_seeds({"company": ["shares"], "forest": ["rain"]}, TRAIN[0], threshold=1)


# ---- scikit-learn's contract ----------------------------------------------------------------------------------------


def test_scikit_learn_takes_it_for_a_classifier():
    model = SenseModel(method="pmi", window=20)
    assert is_classifier(model)
    assert clone(model).get_params() == model.get_params()
    assert cross_val_score(model, *TRAIN, cv=3).mean() > 0.85
    strings = [" ".join(words) for words in TRAIN[0]]
    search = GridSearchCV(SenseModel(), {"neighbours": [True, False]}, cv=2).fit(strings, TRAIN[1])
    assert search.best_params_["neighbours"]
    assert repr(model) == "SenseModel(method='pmi', window=20)"
    with pytest.raises(UnknownName, match="did you mean `window`"):
        model.set_params(windows=3)
    assert model.set_params(window=3).window == 3


def test_labels_of_any_kind(tmp_path):
    for senses in ([1, 2], [True, False], ["x", "y"], [0.5, 1.5]):
        model = SenseModel().fit(["a b", "a c"] * 3, senses * 3)
        model.save(tmp_path / "model")
        assert SenseModel.load(tmp_path / "model").predict(["b", "c"]).tolist() == senses
        assert json.dumps(model.explain("b").sense) == json.dumps(senses[0])


# ---- files ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options", [{}, {"method": "pmi", "prior": {"forest": 0.2, "company": 0.8}}, {"word": ["amazon", "it's"]}]
)
def test_saved_and_loaded(tmp_path, options):
    model = SenseModel(**options).fit(*TRAIN)
    model.save(tmp_path / "model.zip")
    again = SenseModel.load(tmp_path / "model.zip")
    assert np.array_equal(again.predict_proba(TEST[0]), model.predict_proba(TEST[0]))
    assert again.get_params() == model.get_params()
    assert again.explain(TEST[0][0]) == model.explain(TEST[0][0])
    assert sorted(zipfile.ZipFile(tmp_path / "model.zip").namelist()) == ["cues.parquet", "model.json"]
    assert [file.name for file in tmp_path.iterdir()] == ["model.zip"]


def test_a_file_that_is_no_model(tmp_path):
    SenseModel().fit(*TRAIN).save(tmp_path / "good")
    good = (tmp_path / "good").read_bytes()
    with zipfile.ZipFile(tmp_path / "good") as archive:
        meta = json.loads(archive.read("model.json"))
    made = {
        "text": b"text",
        "cut": good[: len(good) // 2],
        "flipped": good[:3000] + bytes(100) + good[3100:],
        "empty": b"",
        "other": {"model.json": "{}"},
        "list": {"model.json": "[]"},
        "no json": {"model.json": "{"},
        "none": {"a": "b"},
        "newer": {"model.json": json.dumps(meta | {"version": 2})},
        "hollow": {"model.json": json.dumps(meta)},
        "strange": {"model.json": json.dumps(meta | {"params": {"evil": 1}})},
    }
    for name, content in made.items():
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            with zipfile.ZipFile(path, "w") as archive:
                for member, text in content.items():
                    archive.writestr(member, text)
        with pytest.raises(BadText, match=r"is not a file of plogp.SenseModel|of version 2; needed: 1"):
            SenseModel.load(path)
    with pytest.raises(BadText, match="no file"):
        SenseModel.load(tmp_path / "nowhere")


# ---- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "arguments", "error", "message"),
    [
        ({}, (["a"], ["x", "y"]), ShapeMismatch, "1 contexts and 2 senses"),
        ({}, (["a", "b"], ["x", "x"]), InvalidValue, "the only sense is x; needed: examples of two"),
        ({}, ([], []), InvalidValue, "the only sense is none"),
        ({}, ("a text", ["x"]), InvalidType, "contexts is one string"),
        ({}, ([1, 2], ["x", "y"]), InvalidType, "context 0 is 1"),
        ({}, ([["a", 1], ["b"]], ["x", "y"]), InvalidType, "context 0 is"),
        ({"prior": {"x": 0.5, "y": 0.4, "z": 0.1}}, (["a", "b"], ["x", "y"]), InvalidValue, "differ in the sense 'z'"),
        ({"prior": {"x": 0.5, "y": 0.4}}, (["a", "b"], ["x", "y"]), InvalidValue, "1 together"),
        ({"prior": "flat"}, (["a", "b"], ["x", "y"]), UnknownName, "prior='flat'"),
        ({"method": "top-words"}, (["a", "b"], ["x", "y"]), UnknownName, "did you mean `top_words`"),
        ({"window": 0}, (["a", "b"], ["x", "y"]), InvalidValue, "window=0"),
        ({"smoothing": 0}, (["a", "b"], ["x", "y"]), InvalidValue, "smoothing=0"),
        ({"word": "two words"}, (["a", "b"], ["x", "y"]), InvalidValue, "is 2 words; needed: one"),
        ({"word": "amazon"}, (["a", "b"], ["x", "y"]), InvalidValue, "word='amazon' is in no context"),
        ({}, (["a", "b"], ["x", 1]), InvalidType, "all strings, or all numbers"),
        ({}, (["a", "b"], ["x", None]), InvalidType, "all strings, or all numbers"),
        ({}, (["a", "b"], [1.0, math.nan]), InvalidType, "all strings, or all numbers"),
    ],
)
def test_bad_input(options, arguments, error, message):
    with pytest.raises(error, match=message):
        SenseModel(**options).fit(*arguments)


def test_a_model_that_knows_nothing_yet(tmp_path):
    for act in (lambda m: m.predict(["a"]), lambda m: m.explain("a"), lambda m: m.save(tmp_path / "x")):
        with pytest.raises(InvalidValue, match="knows no senses yet"):
            act(SenseModel())
