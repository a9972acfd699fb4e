"""The default for continuous vectors: neighbours in the directions that matter, corrected by a surrogate of the data.

Five steps: `base` (a simple model of all dimensions), `subspace` (the directions that the relation runs along),
`correction` (what neighbours get wrong on a sample of a model; `turning` lets that model turn the directions),
`increment` (what the other dimensions add) and `remainder` (bias that the model doesn't have). `models` and `canonical`
are what they are made of, `estimator` puts them together.
"""

from plogp.estimate.surrogate.estimator import SurrogateKSG

__all__ = ["SurrogateKSG"]
