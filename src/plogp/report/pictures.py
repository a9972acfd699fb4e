"""The pictures of a report as inline SVG; whatever is put into them is escaped."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plogp.diagram import Circle, Diagram
from plogp.result import Result, fixed

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["bar", "diagram", "tree", "whisker"]


def whisker(result: Result, most: float) -> "Markup":
    """An interval as a line and the value as a dot, on a scale from 0 to `most`."""
    from markupsafe import Markup

    low, high = result.interval if result.interval is not None else (float(result), float(result))
    ends = [float(np.clip(100 * x / most, 0, 100)) for x in np.nan_to_num((low, float(result), high), nan=most)]
    return Markup(
        '<svg viewBox="-3 0 106 10" preserveAspectRatio="none" aria-hidden="true">'
        '<path d="M0 1V9" stroke="currentColor" stroke-opacity=".4" vector-effect="non-scaling-stroke"/>'
        '<path d="M{:.2f} 5H{:.2f}" stroke="currentColor" stroke-width="2" vector-effect="non-scaling-stroke"/>'
        '<path d="M{:.2f} 1.5V8.5" stroke="var(--accent)" stroke-width="5" vector-effect="non-scaling-stroke"/></svg>'
    ).format(ends[0], ends[2], ends[1])


def bar(result: Result, widest: float) -> "Markup":
    """A value as a bar to the right of zero, or hatched to its left."""
    from markupsafe import Markup

    width = 50 * abs(float(result)) / widest
    if float(result) < 0:
        drawn = Markup('<rect x="{:.2f}" y="1" width="{:.2f}" height="8" fill="url(#hatch)" stroke="var(--minus)"/>')
        drawn = drawn.format(50 - width, width)
    else:
        drawn = Markup('<rect x="50" y="1" width="{:.2f}" height="8" fill="var(--accent)"/>').format(width)
    return Markup(
        '<svg viewBox="-1 0 102 10" preserveAspectRatio="none" aria-hidden="true">{}'
        '<path d="M50 0V10" stroke="currentColor" vector-effect="non-scaling-stroke"/></svg>'
    ).format(drawn)


def tree(linkage: NDArray[np.float64]) -> "Markup":
    """A dendrogram that grows to the right from the middles of rows of equal height."""
    from markupsafe import Markup
    from scipy.cluster.hierarchy import dendrogram

    drawn = dendrogram(linkage, no_plot=True)
    height = 10 * len(drawn["leaves"])  # scipy sets the leaves at 5, 15, 25, …
    paths = Markup("").join(
        Markup('<path d="M{1:.2f} {0}H{2:.2f}V{4}H{6:.2f}"/>').format(
            ys[0], 100 * xs[0], 100 * xs[1], xs[2], ys[2], xs[2], 100 * xs[3]
        )
        for ys, xs in zip(drawn["icoord"], drawn["dcoord"], strict=True)
    )
    return Markup(
        '<svg viewBox="0 0 102 {}" preserveAspectRatio="none" aria-hidden="true" fill="none" '
        'stroke="currentColor">{}</svg>'
    ).format(height, paths)


HATCH = (
    '<pattern id="hatch" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="1.4" height="4" fill="var(--minus)"/></pattern>'
)


def diagram(drawing: Diagram, labels: dict[str, str]) -> "Markup":
    """The circles, what each region holds, and hatching where that is negative."""
    from markupsafe import Markup

    circles = drawing.circles
    clips = Markup("").join(
        Markup(
            '<clipPath id="in{0}">{1}</clipPath><mask id="out{0}"><rect x="-130" y="-130" width="260" height="260" '
            'fill="#fff"/>{1}</mask>'
        ).format(i, _circle(c))
        for i, c in enumerate(circles)
    )
    drawn = Markup("").join(
        Markup('<g fill="var(--circle-{0})" fill-opacity=".25" stroke="var(--circle-{0})">{1}</g>').format(
            i, _circle(c)
        )
        for i, c in enumerate(circles)
    )
    hatched = Markup("").join(_hatched(drawing, set(names)) for names, r in drawing.regions.items() if float(r) < 0)
    numbers = Markup("").join(
        Markup('<text x="{:.1f}" y="{:.1f}">{}</text>').format(
            100 * x, 3 - 100 * y, fixed(float(drawing.regions[names]), drawing.regions[names].decimals())
        )
        for names, (x, y) in drawing.places.items()
        if _has_room(drawing, names)
    )
    names = Markup("").join(
        Markup('<text class="name" x="{:.1f}" y="{:.1f}">{}</text>').format(100 * c.x, _beside(c), labels[c.name])
        for c in circles
    )
    tall = 120.0 if len(circles) == 3 else 100 * max(c.radius for c in circles) + 20
    return Markup(
        '<svg class="diagram" viewBox="-115 {:.1f} 230 {:.1f}" role="img" aria-label="Information diagram of {}; its '
        'numbers are in the table">{}{}{}{}{}</svg>'
    ).format(
        -tall,
        2 * tall,
        ", ".join(labels.values()),
        Markup("<defs>{}{}</defs>").format(Markup(HATCH), clips),
        drawn,
        hatched,
        numbers,
        names,
    )


def _circle(c: Circle) -> "Markup":
    from markupsafe import Markup

    return Markup('<circle cx="{:.2f}" cy="{:.2f}" r="{:.2f}"/>').format(100 * c.x, -100 * c.y, 100 * c.radius)


def _hatched(drawing: Diagram, inside: set[str]) -> "Markup":
    """Hatching of what is inside some circles and outside the others."""
    from markupsafe import Markup

    area = Markup('<rect x="-130" y="-130" width="260" height="260" fill="url(#hatch)"/>')
    for i, c in enumerate(drawing.circles):
        how = Markup('<g clip-path="url(#in{})">{}</g>' if c.name in inside else '<g mask="url(#out{})">{}</g>')
        area = how.format(i, area)
    return area


def _beside(c: Circle) -> float:
    """Where the name of a circle stands: above it, or below where it's the lower one of three."""
    return -100 * (c.y + c.radius) - 6 if c.y >= 0 else -100 * (c.y - c.radius) + 13


def _has_room(drawing: Diagram, names: frozenset[str]) -> bool:
    """Whether the number of a region can be read in it: of two circles one may leave but a sliver of the other."""
    if len(drawing.circles) == 3:
        return True
    a, b = drawing.circles
    edges = (a.x - a.radius, b.x - b.radius, a.x + a.radius, b.x + b.radius)
    region = 1 if len(names) == 2 else 0 if a.name in names else 2
    return edges[region + 1] - edges[region] > 0.25
