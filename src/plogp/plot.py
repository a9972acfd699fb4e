"""Pictures by matplotlib: each function draws on an Axes and gives it back. `pip install plogp[plot]`."""

from collections.abc import Sequence
from math import inf
from textwrap import fill
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plogp import frames
from plogp.counts import Counts
from plogp.diagram import Circle, Diagram, inside, regions
from plogp.errors import InvalidType, MissingExtra, ShapeMismatch
from plogp.formula import Formula
from plogp.measure import measure
from plogp.pmf import jensen_shannon_divergence, kl_divergence
from plogp.result import fixed
from plogp.samples import Observations, Samples

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["divergences", "growth", "information_diagram", "matrix", "ranking"]

COLOURS = ("#0d9488", "#d97706", "#7c3aed")
MINUS = "#b3261e"
NARROW = 0.07
"""Half the width of a region that has no room for a number."""


class Matrix(Protocol):
    """What `plogp.pairwise.mutual_information_matrix` gives."""

    columns: Sequence[str]
    unit: str

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[np.float64]:
        """The values."""
        ...


class Ranking(Protocol):
    """What `plogp.pairwise.rank` gives."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """A dict for each column, with `column`, `value` and `interval`."""
        ...


def information_diagram(
    names: Sequence[str],
    source: object,
    *,
    estimator: str = "chao-wang-jost",
    unit: str = "bits",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw what two or three variables have alone and share: H(X|Y), I(X;Y), H(Y|X).

    Areas are to scale for two variables. Of three, the circles and their overlaps two by two are, where there are
    such circles, and the title says by how much that leaves the regions off; else they are a scheme, which it says
    too. A region that is negative is hatched.

    Args:
        names: two or three variables.
        source: as for `plogp.measure`.
        estimator: of samples: one for all regions, so that they add up to the entropies. An exact joint needs none.
        unit: "bits", "nats" or "hartleys".
        ax: where to draw; None for a new figure.

    Raises:
        InvalidValue: another number of variables.
        MissingExtra: matplotlib isn't installed.

    >>> import plogp as pp
    >>> joint = pp.Joint([[0.5, 0.0], [0.25, 0.25]], names=("X", "Y"))
    >>> ax = pp.plot.information_diagram(["X", "Y"], joint)
    >>> [text.get_text() for text in ax.texts]
    ['X', 'Y', '0.6887', '0.5000', '0.3113']
    """
    from plogp.joint import Joint

    axes = _axes(ax)
    choices: dict[str, Any] = {} if isinstance(source, Joint) else {"estimator": estimator}
    results = measure(list(regions(names).values()), source, unit=unit, confidence=None, **choices)
    drawing = Diagram.of(names, results)
    for c, colour in zip(drawing.circles, COLOURS, strict=False):
        axes.add_patch(_circle(c, facecolor=colour, alpha=0.25))
        axes.add_patch(_circle(c, edgecolor=colour, fill=False))
        x, y, up = drawing.beside(c, 0.03 * len(c.name))
        axes.text(x, y + 0.03 * up, _literal(c.name), ha="center", va="bottom" if up > 0 else "top", weight="bold")
    below = _number(axes, drawing)
    axes.set(xlim=(-1.15, 1.15), ylim=(-1.2 - below, 1.2), aspect="equal")
    axes.set_axis_off()
    axes.set_title(fill(f"{unit}, areas {drawing.scale}", 44))
    return axes


def matrix(table: Matrix, *, ax: "Axes | None" = None) -> "Axes":
    """Draw a matrix of mutual information: what each pair of columns shares.

    Args:
        table: of `plogp.pairwise.mutual_information_matrix`.
        ax: where to draw; None for a new figure.

    Raises:
        MissingExtra: matplotlib isn't installed.
    """
    axes = _axes(ax)
    values = np.asarray(table, float)
    axes.imshow(values, cmap="GnBu", vmin=0)
    for (i, j), value in np.ndenumerate(values):
        dark = np.isfinite(value) and value > 0.6 * np.nanmax(values)
        axes.text(j, i, fixed(float(value), 2), ha="center", va="center", color="white" if dark else "black")
    labels = [_literal(name) for name in table.columns]
    axes.set_xticks(range(len(labels)), labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_title(f"mutual information in {table.unit}")
    return axes


def ranking(rows: Ranking, *, ax: "Axes | None" = None) -> "Axes":
    """Draw what columns tell of a target, the most first, with their intervals.

    Args:
        rows: of `plogp.pairwise.rank`.
        ax: where to draw; None for a new figure.

    Raises:
        MissingExtra: matplotlib isn't installed.
    """
    axes = _axes(ax)
    told = rows.to_dicts()
    for place, row in enumerate(told):
        axes.plot(row["value"], place, "o", color=COLOURS[0])
        if row["interval"] is not None:
            axes.hlines(place, *row["interval"], color=COLOURS[0])
    axes.axvline(0, color="grey", linewidth=0.8)
    axes.set_yticks(range(len(told)), [_literal(row["column"]) for row in told])
    axes.set_ylim(len(told) - 0.5, -0.5)
    axes.set_xlabel("mutual information with the target")
    return axes


def growth(
    formula: str | Formula,
    source: object,
    *,
    estimators: Sequence[str] = ("plug-in", "auto"),
    unit: str = "bits",
    confidence: float = 0.95,
    seed: int | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw how an estimate grows with the number of observations: does it converge?

    The observations are put in a random order, and the first 16, 32, …, n are measured. An estimate that is still
    rising or falling at n is not to be believed.

    Args:
        formula: of discrete variables, as for `plogp.measure`.
        source: `Counts`, `Samples`, a dict of arrays or a dataframe.
        estimators: names, a line for each; a band is the interval.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the interval.
        seed: of the order; None is a fixed one, 0.
        ax: where to draw; None for a new figure.

    Raises:
        InvalidType: a source without observations, such as a joint distribution.
        MissingExtra: matplotlib isn't installed.

    >>> import plogp as pp
    >>> ax = pp.plot.growth("I(x;y)", {"x": list("aabb") * 10, "y": list("abab") * 10}, estimators=["plug-in"])
    >>> ax.lines[0].get_xdata().tolist()
    [16, 32, 40]
    """
    axes = _axes(ax)
    formula, seed = Formula(formula), 0 if seed is None else seed
    counts = _counts(formula, source)
    outcomes, frequencies = zip(*counts.to_dict().items(), strict=True)
    order = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(outcomes)), frequencies))
    sizes = [*(2**k for k in range(4, order.size.bit_length()) if 2**k < order.size), order.size]
    parts = [np.bincount(order[:n], minlength=len(outcomes)).tolist() for n in sizes]
    tables = [Counts(dict(zip(outcomes, part, strict=True)), names=counts.names) for part in parts]
    for name, colour in zip(estimators, (*COLOURS, "grey") * len(estimators), strict=False):
        found = [measure(formula, t, estimator=name, unit=unit, confidence=confidence) for t in tables]
        axes.plot(sizes, [float(r) for r in found], "o-", color=colour, label=name)
        low, high = zip(*(r.interval or (np.nan, np.nan) for r in found), strict=True)
        axes.fill_between(sizes, low, high, color=colour, alpha=0.15)
    axes.set_xscale("log", base=2)
    axes.set(xlabel=f"observations, in an order drawn with seed {seed}", ylabel=_literal(f"{formula} in {unit}"))
    axes.legend()
    return axes


def divergences(
    p: ArrayLike,
    q: ArrayLike,
    *,
    outcomes: Sequence[object] | None = None,
    unit: str = "bits",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw p against q, with D(p‖q), D(q‖p) and the Jensen-Shannon divergence.

    Args:
        p: probabilities of shape (k,).
        q: probabilities of the same outcomes.
        outcomes: their names; None for 0, 1, ….
        unit: "bits", "nats" or "hartleys".
        ax: where to draw; None for a new figure.

    Raises:
        NotADistribution: entries that are negative, or don't sum to one.
        ShapeMismatch: distributions of several axes, or names that don't fit.
        MissingExtra: matplotlib isn't installed.

    >>> import plogp as pp
    >>> pp.plot.divergences([0.5, 0.5], [1.0, 0.0]).get_title()
    'D(p‖q) = ∞, D(q‖p) = 1.0000, JS = 0.3113 bits'
    """
    axes = _axes(ax)
    p, q = np.asarray(p, float), np.asarray(q, float)
    labels = list(range(p.size)) if outcomes is None else list(outcomes)
    if p.ndim != 1 or p.shape != q.shape or len(labels) != p.size:
        raise ShapeMismatch(
            f"p of shape {p.shape}, q of shape {q.shape} and {len(labels)} outcomes; needed: (k,), (k,) and k",
            hint="draw one pair at a time",
        )
    there, back = (float(kl_divergence(a, b, unit=unit)) for a, b in ((p, q), (q, p)))
    between = float(jensen_shannon_divergence(p, q, unit=unit))
    for shift, (mass, name) in zip((-0.2, 0.2), ((p, "p"), (q, "q")), strict=True):
        axes.bar(np.arange(p.size) + shift, mass, 0.4, label=name, color=COLOURS[int(shift > 0)])
    axes.set_xticks(range(p.size), [_literal(str(label)) for label in labels])
    axes.set_ylabel("probability")
    numbers = ("∞" if d == inf else fixed(d, 4) for d in (there, back, between))
    axes.set_title("D(p‖q) = {}, D(q‖p) = {}, JS = {} {}".format(*numbers, unit))
    axes.legend()
    return axes


def _axes(ax: "Axes | None") -> "Axes":
    """The axes given, or those of a new figure."""
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtra("pictures need matplotlib, which isn't here", hint="pip install 'plogp[plot]'") from error
    return pyplot.subplots(layout="constrained")[1] if ax is None else ax


def _literal(text: str) -> str:
    """A text in which a dollar sign starts no mathematics."""
    return text.replace("$", r"\$")


def _circle(c: Circle, **style: Any) -> Any:
    from matplotlib.patches import Circle as Patch

    return Patch((c.x, c.y), c.radius, **style)


def _number(axes: "Axes", drawing: Diagram) -> float:
    """Write what each region holds into it, or below where there's no room; hatch what is negative. How far below."""
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 1}
    below = 0.0
    for region, result in drawing.regions.items():
        (x, y), depth = drawing.places.get(region, ((0.0, 0.0), 0.0))
        text = fixed(float(result), result.decimals())
        if depth > NARROW:
            axes.text(x, y, text, ha="center", va="center", bbox=ground)
        else:
            below += 0.14
            arrow = {"arrowstyle": "-", "color": "grey", "linewidth": 0.8} if depth else None
            text = _literal(f"{result.formula} = {text}")
            axes.annotate(text, (x, y), (0, -1.12 - below), ha="center", va="center", arrowprops=arrow)
        if float(result) < 0:
            _hatch(axes, drawing, region)
    return below


def _hatch(axes: "Axes", drawing: Diagram, region: frozenset[str]) -> None:
    """Hatch what is inside the circles of a region and outside the others."""
    x, y = np.meshgrid(np.linspace(-1, 1, 400), np.linspace(-1, 1, 400))
    drawn = inside(drawing.circles, region, x, y) > 0
    if drawn.any():
        axes.contourf(x, y, drawn, levels=[0.5, 1.5], colors=["none"], hatches=["///"])
        axes.contour(x, y, drawn, levels=[0.5], colors=[MINUS])


def _counts(formula: Formula, source: object) -> Counts:
    """The observations of the variables of a formula, counted."""
    if isinstance(source, Counts):
        return source.marginal(*formula.variables)
    if isinstance(source, dict):
        source = Samples(source)
    if not isinstance(source, Observations) and frames.is_frame(source):
        source = frames.Table(source)
    if not isinstance(source, Observations):
        raise InvalidType(
            f"the source is {type(source).__name__}; needed: observations, or counts of them",
            hint="an exact distribution doesn't grow; give plogp.Counts, plogp.Samples or a dataframe",
        )
    return source.counts(formula.variables)[0]
