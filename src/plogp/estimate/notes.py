"""What a reader must know before believing a number: remarks on the counts, in words."""

from collections.abc import Iterable
from itertools import combinations
from math import log

from plogp.counts import Counts
from plogp.estimate.base import Fingerprint
from plogp.estimate.uncertainty import unseen_cells

__all__ = ["beyond", "constants", "many_levels", "remarks", "undersampling"]


def remarks(counts: Counts, n_missing: int = 0) -> list[str]:
    """What is to be said of the counts, whatever is measured on them."""
    notes = [f"{rows(n_missing)} left out because a variable is missing"] if n_missing else []
    if counts.n == 1:
        return [*notes, "one row: nothing can be estimated"]
    notes += [f"{quoted([name])} is constant: it has no entropy and shares nothing" for name in constants(counts)]
    notes += [
        f"{quoted([name])} differs in each of {rows(counts.n)}, an identifier: what it seems to tell is an artefact"
        for name in counts.names
        if counts.n > 2 and levels(counts, name) == counts.n
    ]
    notes += [
        f"{quoted(pair)} are functions of each other: each tells all of the other"
        for pair in combinations(counts.names, 2)
        if 1 < levels(counts, pair[0]) == levels(counts, pair[1]) == counts.frequencies(pair).size
    ]
    if counts.n_cells > counts.n / 5:
        notes.append(f"sparse: {counts.n_cells:,} cells are occupied by {counts.n:,} observations, more than n/5")
    return notes


def constants(counts: Counts) -> list[str]:
    """The variables with one outcome only."""
    return [name for name in counts.names if levels(counts, name) == 1]


def levels(counts: Counts, name: str) -> int:
    """How many outcomes of a variable were seen."""
    return counts.frequencies([name]).size


def many_levels(counts: Counts) -> list[str]:
    """Integer variables with more than √n levels, which may rather be continuous."""
    return [
        f"{quoted([name])} holds integers with {levels(counts, name):,} levels, more than √n, taken as discrete"
        for name, outcomes in counts.outcomes.items()
        if levels(counts, name) > counts.n**0.5 and all(type(label) is int for label in outcomes if label is not None)
    ]


def undersampling(counts: Fingerprint, grid: int = 0) -> str:
    """The warning that unseen cells may hold much; `grid` as for `undersampled`."""
    coverage, unseen = 1 - counts.seen(1) / counts.n, unseen_cells(counts)
    note = (
        f"undersampled: {counts.seen(1):,} of {counts.n:,} observations are alone in their cell (coverage "
        f"{coverage:.2f}), and about {unseen:,.0f} cells beyond the {counts.observed:,} occupied remain unseen; "
    )
    if not grid:
        return note + "entropies may be too low, and the interval with them"
    most = (1 - coverage) * log(max((grid - counts.observed) / max(unseen, 1.0), 1.0))
    return note + f"what the variables share may be too high{f', by up to some {most:.2g} nats' if most else ''}"


def beyond(value: float, bound: float, what: str) -> list[str]:
    """A value that no distribution can have."""
    return [f"the estimate is beyond {what}, which no distribution can be: read it as that, within its error"] * (
        value > bound + 1e-9 * max(1.0, abs(bound))
    )


def quoted(names: Iterable[str]) -> str:
    """Names in backticks."""
    return " and ".join(f"`{name}`" for name in names)


def rows(n: int) -> str:
    """So many rows."""
    return f"{n:,} row" if n == 1 else f"{n:,} rows"
