"""Seeds: senses from a few words each and many contexts without labels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plogp.errors import InvalidType, InvalidValue
from plogp.text.tokens import tokenize

if TYPE_CHECKING:
    from plogp.text.senses import SenseModel

__all__ = ["bootstrap"]


def bootstrap(
    model: "SenseModel",
    seeds: Mapping[Any, Iterable[str]],
    contexts: Sequence[Sequence[str]],
    threshold: float,
    rounds: int,
) -> int:
    """Fit a model to contexts labelled by seeds, then to those of which it is sure, until these stay; how many."""
    if not 0.5 <= threshold < 1:
        raise InvalidValue(f"threshold={threshold}; needed: from 0.5 to below 1", hint="such as 0.95")
    senses = list(seeds)
    first = labels = _by_seeds(seeds, contexts)
    for _ in range(rounds):
        labelled = np.flatnonzero(labels >= 0).tolist()
        model._fit([list(contexts[i]) for i in labelled], [senses[labels[i]] for i in labelled])
        p = model.predict_proba(contexts)
        place = np.array([senses.index(sense) for sense in model.classes_.tolist()])
        sure = np.where(p.max(1) >= threshold, place[p.argmax(1)], -1)
        before, labels = labels, np.where(first >= 0, first, sure)
        if np.array_equal(before, labels):
            break
    return len(labelled)


def _by_seeds(seeds: Mapping[Any, Iterable[str]], contexts: Sequence[Sequence[str]]) -> np.ndarray[Any, Any]:
    """The sense whose seeds alone stand in each context, by its position; -1 where none do, or several."""
    words = []
    for sense, some in seeds.items():
        if isinstance(some, str):
            raise InvalidType(f"the seeds of {sense!r} are one string; needed: a list of words", hint=f"[{some!r}]")
        words.append({word for seed in some for word in tokenize(seed)})
    hits = np.array([[not some.isdisjoint(context) for some in words] for context in contexts], bool)
    hits = hits.reshape(len(contexts), len(words))
    labels = np.where(hits.sum(1) == 1, hits.argmax(1), -1)
    for i, sense in enumerate(seeds):
        if not (labels == i).any():
            raise InvalidValue(
                f"no context has seeds of {sense!r} and of no other sense ({', '.join(sorted(words[i]))})",
                hint="add other seeds",
            )
    return labels
