"""Many columns: which share what, which tell most of a target, and which only matter together."""

from plogp.pairwise.matrix import MutualInformationMatrix, mutual_information_matrix
from plogp.pairwise.ranking import Ranked, Ranking, rank
from plogp.pairwise.synergy import Together, Triple, redundancy, synergy

__all__ = [
    "MutualInformationMatrix",
    "Ranked",
    "Ranking",
    "Together",
    "Triple",
    "mutual_information_matrix",
    "rank",
    "redundancy",
    "synergy",
]
