"""Senses: which of its meanings a word has here, as the words around it tell."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import log
from operator import itemgetter
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

from plogp.errors import BadText, InvalidType, InvalidValue, ShapeMismatch, UnknownName, did_you_mean
from plogp.text.cues import BAGS, NEAR, Context, Cue, as_matrix, cues, forms_of, read, target
from plogp.text.evidence import learned
from plogp.text.storage import HINT, load_model, save_model

__all__ = ["Explanation", "SenseModel"]

Floats = NDArray[np.float64]

FORMAT = "plogp.SenseModel"
SMOOTHING = {"bayes": 0.5, "pmi": 10.0, "top_words": 0.0}
OFTEN = 0.1  # of a context: a word that occurs so often has the weight of frequent ones
TYPICAL = np.array([0.4, 0.1, 0.1, 0.2, 0.2, *[0.6] * 7, *[0.2] * 6])  # weights that pseudowords of many texts come to
LITERAL = np.ones_like(TYPICAL)  # the same for top_words, whose cues are no logarithms


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a word has a sense here.

    log₂ p(sense)/p(rival) = prior_bits + the sum of the bits of all cues

    Attributes:
        sense: the most probable sense.
        probability: of it.
        rival: the second most probable.
        prior_bits: what speaks for the sense before the context is read.
        cues: what stands in the context (~ is the ambiguous word, * any word) with the bits by which it speaks for the
            sense, or for the rival where they're negative; the strongest first.
    """

    sense: Any
    probability: float
    rival: Any
    prior_bits: float
    cues: tuple[tuple[str, float], ...]

    def __str__(self) -> str:
        lines = [f"{self.sense}: p = {self.probability:.3f}, against {self.rival}"]
        lines += [f"  {bits:+7.2f} bits  {cue}" for cue, bits in (("(before reading)", self.prior_bits), *self.cues)]
        return "\n".join(lines)


class SenseModel:
    """Tells the senses of an ambiguous word apart by its context; a classifier as scikit-learn understands it.

    ln p(s | context) = β₀ ln p(s) + Σ_g Σ (β_g r(cue, s) + δ(cue, s)) + constant, over the cues of each group g in the
    context: the words within `window`, once more those within 4, the words in the places −3 to 3, the pairs in places
    (−2, −1), (−1, 1) and (1, 2), and the last three letters of words in places −2 to 2. In the first two, words that
    occur in every tenth context are a group of their own: they tell style rather than topic. By method,

    bayes      r = ln (n(cue, s) + ½) / (n(s) + ½ V): naive Bayes; Gale, Church & Yarowsky 1992, doi:10.1007/BF00136984
    pmi        r = ln p(cue | s)/p(cue), with p(cue | s) = (n(cue, s) + m p(cue)) / (n(s) + m), m = 10, which draws rare
               senses to independence
    top_words  r = 1 for the `n_words` words of highest PMI with s, and no other cue: which group occurs more often?

    The cues of a context aren't independent, so that naive Bayes is far too sure. The weights β make that good, as in
    Raina et al. (2003), "Classification with hybrid generative/discriminative models": they maximise the likelihood of
    held-out parts of the training data, in 5 folds of consecutive contexts, with a ridge 2 Σ ((β − b)/b)² around the
    typical b: .4 for the prior, .1 for words, .2 for those near, for places −3 and 3 and for endings, .6 for other
    places. Then the corrections δ maximise the same likelihood, with a ridge Σ 5 δ²/b: logistic regression with a prior
    around naive Bayes. `top_words` has none. A sense with one example leaves β typical and δ 0; `weights_` and
    `fitted_` say what they are.

    Args:
        method: "bayes", "pmi" or "top_words".
        word: the ambiguous word, or a list of its forms; None finds the word that all training contexts are about
            (`words_`). Where that isn't clear, words count wherever they stand.
        window: how many words on each side are read.
        neighbours: whether neighbours are cues.
        prior: of the senses, "empirical" (their share of the training data), "uniform", or a mapping that sums to 1.
        smoothing: ½ of "bayes" or m of "pmi", if it is to be another.
        n_words: of "top_words".

    >>> model = SenseModel(word="amazon").fit(
    ...     ["e-commerce made Amazon rich", "Amazon sells technology online", "the Amazon rain forest",
    ...      "the tropical Amazon river"], ["company", "company", "forest", "forest"])
    >>> model.predict(["Amazon is on fire: tropical rain is missing", "Amazon is on fire: online sales doubled"])
    array(['forest', 'company'], dtype='<U7')
    """

    classes_: NDArray[Any]
    words_: tuple[str, ...]
    weights_: Floats
    fitted_: bool
    n_labelled_: int

    def __init__(
        self,
        method: Literal["bayes", "pmi", "top_words"] = "bayes",
        *,
        word: str | Sequence[str] | None = None,
        window: int = 50,
        neighbours: bool = True,
        prior: str | Mapping[Any, float] = "empirical",
        smoothing: float | None = None,
        n_words: int = 50,
    ) -> None:
        self.method = method
        self.word = word
        self.window = window
        self.neighbours = neighbours
        self.prior = prior
        self.smoothing = smoothing
        self.n_words = n_words

    def fit(self, contexts: Iterable[Context], senses: Iterable[Any]) -> Self:
        """Learn from contexts, each a string or a list of words, and their senses.

        Raises:
            UnknownName: a method or a prior that isn't one.
            ShapeMismatch: contexts and senses of several lengths.
            InvalidValue: one sense only, a sense of the prior without an example, a parameter out of range.
            InvalidType: a context that is neither a string nor words.
        """
        self._check()
        return self._fit(read(contexts), list(senses))

    def fit_seeds(
        self,
        seeds: Mapping[Any, Iterable[str]],
        contexts: Iterable[Context],
        *,
        threshold: float = 0.95,
        rounds: int = 20,
    ) -> Self:
        """Learn from a few words for each sense, instead of senses for contexts.

        Contexts with seeds of one sense only are its examples. The model that they make labels those of the others of
        which it is sure (p ≥ threshold), learns from all, and so on, until nothing changes. Yarowsky (1995),
        doi:10.3115/981658.981684. `n_labelled_` says how many contexts were used in the end.

        Args:
            seeds: for each sense a few words that tell it.
            contexts: of the word, most of them without a seed.

        Raises:
            InvalidValue: a sense whose seeds stand in no context by themselves.

        >>> corpus = ["Amazon shares rose", "Amazon shares and profits", "profits at Amazon", "the Amazon forest burns",
        ...           "a forest by the Amazon river", "the river Amazon"]
        >>> model = SenseModel(word="Amazon").fit_seeds({"company": ["shares"], "river": ["forest"]}, corpus)
        >>> model.predict(["Amazon made profits"])
        array(['company'], dtype='<U7')
        """
        from plogp.text.seeds import bootstrap

        self._check()
        self.n_labelled_ = bootstrap(self, seeds, read(contexts), threshold, rounds)
        return self

    def predict_proba(self, contexts: Iterable[Context]) -> Floats:
        """The probability of each sense of `classes_`, shape (contexts, senses); the prior where no cue is known."""
        from scipy.special import softmax

        out: Floats = softmax(self._log_odds(read(contexts)), axis=1)
        return out

    def predict(self, contexts: Iterable[Context]) -> NDArray[Any]:
        """The most probable sense for each context."""
        p = self.predict_proba(contexts)
        out: NDArray[Any] = self.classes_[p.argmax(1)]
        return out

    def score(self, contexts: Iterable[Context], senses: Iterable[Any]) -> float:
        """The share of contexts whose sense is predicted."""
        predicted, labels = self.predict(contexts), list(senses)
        if len(predicted) != len(labels) or not labels:
            raise ShapeMismatch(f"{len(predicted)} contexts and {len(labels)} senses; needed: as many, one at least")
        return float(np.mean(predicted == np.array(labels)))

    def explain(self, context: Context) -> Explanation:
        """Why a context is taken for its most probable sense: the bits by which each cue speaks for it.

        >>> model = SenseModel(word="amazon", neighbours=False).fit(
        ...     ["amazon shares", "amazon profits", "amazon rain", "amazon forest"], ["company"] * 2 + ["river"] * 2)
        >>> print(model.explain("the amazon forest"))
        river: p = 0.589, against company
            +0.00 bits  (before reading)
            +0.52 bits  forest
        """
        words = read([context])
        p = self.predict_proba(words)[0]
        best, rival = np.argsort(-p, kind="stable")[:2]
        prior = self._prior_scores()
        bits: Counter[str] = Counter()
        for group, cue in self._cues(words[0]):
            if (place := self._known.get((group, cue))) is not None:
                bits[cue] += (self._evidence[place, best] - self._evidence[place, rival]) / log(2)
        return Explanation(
            sense=_plain(self.classes_[best]),
            probability=float(p[best]),
            rival=_plain(self.classes_[rival]),
            prior_bits=float(self.weights_[0] * (prior[best] - prior[rival]) / log(2)),
            cues=tuple(sorted(((cue, float(b)) for cue, b in bits.items()), key=lambda item: (-abs(item[1]), item[0]))),
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model as a zip of JSON and Parquet: parameters, senses, weights, and what cues say, in nats."""
        self._check_fitted()
        prior = self.prior if isinstance(self.prior, str) else [[_plain(s), float(p)] for s, p in self.prior.items()]
        meta = {
            "params": self.get_params() | {"prior": prior},
            "senses": self.classes_.tolist(),
            "n": self._n.tolist(),
            "words": self.words_,
            "weights": self.weights_.tolist(),
            "fitted": self.fitted_,
        }
        columns = {f"nats{sense}": self._evidence[:, sense] for sense in range(len(self.classes_))}
        groups, names = zip(*self._known, strict=True)
        save_model(path, FORMAT, meta, {"cues": {"group": np.array(groups), "cue": np.array(names, object), **columns}})

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "SenseModel":
        """Read a model that `save` has written.

        Raises:
            BadText: a file that isn't one, or of another version.
        """
        meta, tables = load_model(path, FORMAT)
        try:
            return cls._made_of(meta, tables["cues"])
        except (KeyError, TypeError, ValueError) as error:
            raise BadText(
                f"`{os.fspath(path)}` is not a file of {FORMAT}: {error!r}; needed: one", hint=HINT
            ) from error

    @classmethod
    def _made_of(cls, meta: Mapping[str, Any], table: Mapping[str, NDArray[Any]]) -> "SenseModel":
        """The model that was saved as these."""
        prior = meta["params"]["prior"]
        model = cls(**meta["params"] | {"prior": prior if isinstance(prior, str) else dict(prior)})
        model.classes_, model._n = np.array(meta["senses"]), np.array(meta["n"])
        model.words_, model.weights_, model.fitted_ = tuple(meta["words"]), np.array(meta["weights"]), meta["fitted"]
        cues_ = zip(table["group"].tolist(), table["cue"].tolist(), strict=True)
        model._known = {cue: i for i, cue in enumerate(cues_)}
        model._evidence = np.stack([table[f"nats{sense}"] for sense in range(len(model.classes_))], axis=1)
        if model.weights_.shape != TYPICAL.shape or model._n.shape != model.classes_.shape:
            raise ValueError("weights or senses are missing")
        return model

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The arguments of the constructor by name, as scikit-learn asks for them."""
        return {name: getattr(self, name) for name in PARAMETERS}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor.

        Raises:
            UnknownName: a name that isn't one; the nearest is suggested.
        """
        for name, value in params.items():
            if name not in PARAMETERS:
                raise UnknownName(f"`{name}` is not a parameter of SenseModel", did_you_mean(name, PARAMETERS))
            setattr(self, name, value)
        return self

    def __sklearn_tags__(self) -> Any:
        """What scikit-learn asks; it is installed where this is called."""
        from sklearn.utils import ClassifierTags, InputTags, Tags, TargetTags

        return Tags(
            estimator_type="classifier",
            target_tags=TargetTags(required=True),
            classifier_tags=ClassifierTags(),
            input_tags=InputTags(two_d_array=False, string=True),
        )

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classes_")

    def __repr__(self) -> str:
        told = {name: value for name, value in self.get_params().items() if value != DEFAULTS[name]}
        return f"SenseModel({', '.join(f'{name}={value!r}' for name, value in told.items())})"

    def _fit(self, read_: list[list[str]], labels: list[Any]) -> Self:
        if len(read_) != len(labels):
            raise ShapeMismatch(f"{len(read_)} contexts and {len(labels)} senses; needed: as many", hint="one for each")
        self.classes_, codes = _coded(labels)
        self._n = np.bincount(codes)
        self._check_senses()
        self.words_ = target(read_) if self.word is None else forms_of(self.word, read_)
        found = [list(self._cues(words)) for words in read_]
        total = Counter(cue for some in found for cue in some)
        weight_of = {cue: self._weight_of(cue[0], total[cue] >= OFTEN * len(found)) for cue in total}
        self._known = {cue: i for i, cue in enumerate(sorted(total, key=lambda cue: (weight_of[cue], cue[1])))}
        x = as_matrix(found, self._known)
        group, weight = (np.array([of(cue) for cue in self._known]) for of in (itemgetter(0), weight_of.__getitem__))
        literal = self.method == "top_words"
        smoothing = SMOOTHING[self.method] if self.smoothing is None else self.smoothing
        self.weights_, self._evidence, self.fitted_ = learned(
            x, codes, group, weight, LITERAL if literal else TYPICAL, (self.method, smoothing, self.n_words)
        )
        if self.prior != "empirical":
            self.weights_[0] = 1.0  # a prior that is told is believed
        if literal:  # it only breaks ties: less than one word more or less
            self.weights_[0] = min(self.weights_[0], 0.99 * self.weights_[1] / max(np.ptp(self._prior_scores()), 1e-9))
        return self

    def _weight_of(self, group: int, often: bool) -> int:
        """Which of the weights is that of a cue."""
        return 1 + (2 * group + (often and self.method != "top_words") if group < BAGS else group + BAGS)

    def _cues(self, words: Sequence[str]) -> Iterator[Cue]:
        literal = self.method == "top_words"
        return cues(words, self.words_, self.window, 0 if literal else NEAR, self.neighbours and not literal)

    def _log_odds(self, read_: Sequence[Sequence[str]]) -> Floats:
        """ln p(sense | context), but for a constant, shape (contexts, senses)."""
        self._check_fitted()
        x = as_matrix(map(self._cues, read_), self._known)
        out: Floats = self.weights_[0] * self._prior_scores() + x @ self._evidence
        return out

    def _prior_scores(self) -> Floats:
        """ln p(sense), shape (senses,)."""
        if self.prior == "empirical":
            p = self._n / self._n.sum()
        elif self.prior == "uniform":
            p = np.full(self._n.size, 1 / self._n.size)
        else:
            p = np.array([self.prior[_plain(sense)] for sense in self.classes_])
        out: Floats = np.log(p)
        return out

    def _check(self) -> None:
        """Refuse arguments that make no sense."""
        if self.method not in SMOOTHING:
            hint = did_you_mean(str(self.method), SMOOTHING)
            raise UnknownName(f"method={self.method!r}; needed: {', '.join(SMOOTHING)}", hint)
        if isinstance(self.prior, str) and self.prior not in {"empirical", "uniform"}:
            raise UnknownName(f"prior={self.prior!r}; needed: 'empirical', 'uniform' or a mapping", "{'river': 0.3, …}")
        for name, value in (("window", self.window), ("n_words", self.n_words)):
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < 1:
                raise InvalidValue(f"{name}={value!r}; needed: a whole number, at least 1", hint=f"{name}=50, say")
        if self.smoothing is not None and not self.smoothing > 0:
            raise InvalidValue(f"smoothing={self.smoothing!r}; needed: above 0", hint="None takes that of the method")

    def _check_senses(self) -> None:
        """Refuse fewer senses than two, and a prior of other senses."""
        if len(self.classes_) < 2:
            there = ", ".join(map(str, self.classes_)) or "none"
            raise InvalidValue(f"the only sense is {there}; needed: examples of two senses", hint="add the others")
        if isinstance(self.prior, str):
            return
        senses = {_plain(sense) for sense in self.classes_}
        if astray := {*self.prior} ^ senses:
            raise InvalidValue(
                f"examples and prior differ in the sense {', '.join(map(repr, sorted(astray, key=str)))}",
                hint="give each sense an example and a probability",
            )
        if not abs(sum(self.prior.values()) - 1) < 1e-6 or not all(p > 0 for p in self.prior.values()):
            raise InvalidValue(f"prior={dict(self.prior)}; needed: positive, and 1 together", hint="divide by the sum")

    def _check_fitted(self) -> None:
        if not hasattr(self, "_evidence"):
            raise InvalidValue("the model knows no senses yet; needed: .fit first", hint="or SenseModel.load(path)")


PARAMETERS = ("method", "word", "window", "neighbours", "prior", "smoothing", "n_words")
DEFAULTS = dict(zip(PARAMETERS, ("bayes", None, 50, True, "empirical", None, 50), strict=True))


def _coded(labels: list[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The different senses, sorted, and for each label its place among them."""
    kinds = {str if isinstance(x, str) else float if isinstance(x, (int, float, np.generic)) else None for x in labels}
    if len(kinds) > 1 or None in kinds or any(label != label for label in labels):
        raise InvalidType(
            "senses are missing, of several kinds, or no labels; needed: all strings, or all numbers",
            hint="such as str(sense) for each",
        )
    classes, codes = np.unique(np.array(labels), return_inverse=True)
    return classes, codes


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
