"""The pictures of a report as inline SVG; whatever is put into them is escaped."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plogp.diagram import Circle, Diagram
from plogp.result import Result, fixed

if TYPE_CHECKING:
    from markupsafe import Markup

__all__ = ["bar", "diagram", "figure", "tree", "whisker"]

NARROW = 0.08
"""Half the width of a region that has no room for a number."""


def figure(value: float | None, digits: int = 3) -> str:
    """A number as it is printed, with a minus and no hyphen; a dash for none.

    >>> figure(-0.0005, 4), figure(None)
    ('−0.0005', '–')
    """
    return "–" if value is None else fixed(value, digits).replace("-", "−")


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


def diagram(drawing: Diagram, labels: dict[str, str], digits: int) -> "Markup":
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
            100 * x, 3 - 100 * y, figure(float(drawing.regions[names]), digits)
        )
        for names, ((x, y), depth) in drawing.places.items()
        if depth > NARROW
    )
    names = Markup("").join(_name(drawing, c, labels[c.name]) for c in circles)
    low, high = (sign * 100 * max(sign * c.y + c.radius for c in circles) for sign in (-1, 1))
    return Markup(
        '<svg class="diagram" viewBox="-115 {:.1f} 230 {:.1f}" role="img" aria-label="Information diagram of {}; its '
        'numbers are in the table">{}{}{}{}{}</svg>'
    ).format(
        -high - 18,
        high - low + 36,
        ", ".join(labels.values()),
        Markup("<defs>{}{}</defs>").format(Markup(HATCH), clips),
        drawn,
        hatched,
        numbers,
        names,
    )


def _name(drawing: Diagram, c: Circle, label: str) -> "Markup":
    """The name of a circle, beside it and within the picture."""
    from markupsafe import Markup

    x, y, up = drawing.beside(c, 0.027 * len(label))
    return Markup('<text class="name" x="{:.1f}" y="{:.1f}">{}</text>').format(
        100 * x, -100 * y + (-5 if up > 0 else 11), label
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
