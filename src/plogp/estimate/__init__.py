"""Estimates from samples: numbers of a population, with how sure they are.

The functions take observations; the classes are the estimators that `estimator=` accepts, by name or as objects.
"""

from plogp.estimate.base import DiscreteEstimator
from plogp.estimate.choice import NAMES, estimator
from plogp.estimate.discrete import ChaoShen, ChaoWangJost, Grassberger, MillerMadow, PlugIn, Shrinkage, Zhang
from plogp.estimate.independence import IndependenceShrinkage
from plogp.estimate.measures import entropy, mutual_information, total_correlation
from plogp.estimate.notes import many_levels
from plogp.estimate.nsb import NSB
from plogp.estimate.source import CountsSource

__all__ = [
    "NAMES",
    "NSB",
    "ChaoShen",
    "ChaoWangJost",
    "CountsSource",
    "DiscreteEstimator",
    "Grassberger",
    "IndependenceShrinkage",
    "MillerMadow",
    "PlugIn",
    "Shrinkage",
    "Zhang",
    "entropy",
    "estimator",
    "many_levels",
    "mutual_information",
    "total_correlation",
]
