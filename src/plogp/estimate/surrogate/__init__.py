"""The default for continuous vectors: neighbours in the directions that matter, corrected by a surrogate of the data.

Four steps, each a file: `base` (a simple model of all dimensions), `subspace` (the directions that the relation runs
along), `correction` (what neighbours get wrong on a sample of a model), `increment` (what the other dimensions add).
"""

from plogp.estimate.surrogate.estimator import SurrogateKSG

__all__ = ["SurrogateKSG"]
