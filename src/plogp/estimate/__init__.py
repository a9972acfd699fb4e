"""Estimates from samples: numbers of a population, with how sure they are.

The functions take observations; the classes are the estimators that `estimator=` accepts, by name or as objects.
"""

from plogp.estimate.base import DiscreteEstimator
from plogp.estimate.choice import NAMES, SAMPLE_NAMES, estimator
from plogp.estimate.conditional import FrenzelPompe, MesnerShalizi
from plogp.estimate.differential import NearestNeighbour, Vasicek
from plogp.estimate.discrete import (
    AddConstant,
    ChaoShen,
    ChaoWangJost,
    Grassberger,
    MillerMadow,
    PlugIn,
    Shrinkage,
    Zhang,
)
from plogp.estimate.divergence import SurrogateWangKulkarniVerdu, WangKulkarniVerdu
from plogp.estimate.gaussian import Gaussian, GaussianCopula
from plogp.estimate.independence import IndependenceShrinkage
from plogp.estimate.ksg import KSG
from plogp.estimate.local import Estimate, SampleEstimator
from plogp.estimate.measures import entropy, mutual_information, total_correlation
from plogp.estimate.mixed import Gao, Ross
from plogp.estimate.notes import many_levels
from plogp.estimate.nsb import NSB
from plogp.estimate.observed import SamplesSource
from plogp.estimate.source import CountsSource
from plogp.estimate.surrogate import SurrogateKSG
from plogp.estimate.surrogate_frenzel_pompe import SurrogateFrenzelPompe
from plogp.estimate.surrogate_ross import SurrogateRoss
from plogp.estimate.time import active_information_storage, transfer_entropy
from plogp.estimate.two_samples import cross_entropy, jensen_shannon_divergence, kl_divergence

__all__ = [
    "KSG",
    "NAMES",
    "NSB",
    "SAMPLE_NAMES",
    "AddConstant",
    "ChaoShen",
    "ChaoWangJost",
    "CountsSource",
    "DiscreteEstimator",
    "Estimate",
    "FrenzelPompe",
    "Gao",
    "Gaussian",
    "GaussianCopula",
    "Grassberger",
    "IndependenceShrinkage",
    "MesnerShalizi",
    "MillerMadow",
    "NearestNeighbour",
    "PlugIn",
    "Ross",
    "SampleEstimator",
    "SamplesSource",
    "Shrinkage",
    "SurrogateFrenzelPompe",
    "SurrogateKSG",
    "SurrogateRoss",
    "SurrogateWangKulkarniVerdu",
    "Vasicek",
    "WangKulkarniVerdu",
    "Zhang",
    "active_information_storage",
    "cross_entropy",
    "entropy",
    "estimator",
    "jensen_shannon_divergence",
    "kl_divergence",
    "many_levels",
    "mutual_information",
    "total_correlation",
    "transfer_entropy",
]
