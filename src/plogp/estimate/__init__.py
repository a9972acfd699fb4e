"""Estimates from samples: numbers of a population, with how sure they are.

The functions take observations; the classes are the estimators that `estimator=` accepts, by name or as objects.
"""

from plogp.estimate.base import DiscreteEstimator
from plogp.estimate.choice import NAMES, SAMPLE_NAMES, estimator
from plogp.estimate.differential import NearestNeighbour, Vasicek
from plogp.estimate.discrete import ChaoShen, ChaoWangJost, Grassberger, MillerMadow, PlugIn, Shrinkage, Zhang
from plogp.estimate.independence import IndependenceShrinkage
from plogp.estimate.ksg import KSG
from plogp.estimate.local import Estimate, SampleEstimator
from plogp.estimate.measures import entropy, mutual_information, total_correlation
from plogp.estimate.mixed import Gao, Ross
from plogp.estimate.notes import many_levels
from plogp.estimate.nsb import NSB
from plogp.estimate.observed import SamplesSource
from plogp.estimate.source import CountsSource

__all__ = [
    "KSG",
    "NAMES",
    "NSB",
    "SAMPLE_NAMES",
    "ChaoShen",
    "ChaoWangJost",
    "CountsSource",
    "DiscreteEstimator",
    "Estimate",
    "Gao",
    "Grassberger",
    "IndependenceShrinkage",
    "MillerMadow",
    "NearestNeighbour",
    "PlugIn",
    "Ross",
    "SampleEstimator",
    "SamplesSource",
    "Shrinkage",
    "Vasicek",
    "Zhang",
    "entropy",
    "estimator",
    "many_levels",
    "mutual_information",
    "total_correlation",
]
