"""Text: words that go together, what a word means in its context, and how much information a text carries.

cooccurrences(source, window=…)       pairs of words, counted: a sparse table that adds up over shards
collocations(source, measure=…)       the pairs that go together, each with its count and p-value
association(table, measure)           PMI and its family, log-likelihood ratio, t, χ² of each pair
"""

from plogp.text.association import association
from plogp.text.collocations import Collocation, Collocations, collocations
from plogp.text.cooccurrences import Cooccurrences, cooccurrences
from plogp.text.cues import contexts
from plogp.text.phrases import Phrases, phrases
from plogp.text.rates import entropy_rate
from plogp.text.senses import Explanation, SenseModel
from plogp.text.tokens import sentences, tokenize

__all__ = [
    "Collocation",
    "Collocations",
    "Cooccurrences",
    "Explanation",
    "Phrases",
    "SenseModel",
    "association",
    "collocations",
    "contexts",
    "cooccurrences",
    "entropy_rate",
    "phrases",
    "sentences",
    "tokenize",
]
