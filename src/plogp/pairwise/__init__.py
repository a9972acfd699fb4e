"""Many columns: which share what, which tell most of a target, and which only matter together."""

from plogp.pairwise.matrix import MutualInformationMatrix, mutual_information_matrix
from plogp.pairwise.ranking import Ranked, Ranking, rank

__all__ = ["MutualInformationMatrix", "Ranked", "Ranking", "mutual_information_matrix", "rank"]
