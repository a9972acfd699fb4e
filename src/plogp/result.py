"""Result: a number that keeps the truth about itself."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import floor, isfinite, log10
from typing import Any

from plogp.units import nats_per

__all__ = ["Result"]

LATEX = str.maketrans(
    {sign: f"\\{sign}" for sign in "{}$&#_% "}
    | {"\\": r"\backslash{}", "^": r"\hat{}", "~": r"\sim{}", "<": "{<}", "\n": r"\ "}
)
"""What a sign of the keyboard is in LaTeX's mathematical mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A measured quantity: its value, its unit, how sure it is and how it was got.

    Attributes:
        value: the estimate; a float, a 0-d array of the joint's own framework where the source was exact, or an array
            where a batch of distributions came.
        unit: "bits", "nats", "hartleys", or "" for quantities without a unit.
        formula: what was measured, as it was asked.
        n: number of observations, None where the source is exact.
        n_missing: rows left out because a variable was missing.
        estimator: its name in kebab case, "exact" where nothing is estimated.
        route: how the number was got, step by step.
        std_error: standard error of the estimate, None where unknown.
        interval: (low, high) at `confidence`; a limit is NaN where the sample can't tell.
        confidence: nominal coverage of the interval.
        p_value: of the null hypothesis that the quantity is zero, None where there is no sharp null.
        notes: what a reader must know before believing the number.

    >>> r = Result(value=0.7312, unit="bits", formula="I(species;island)", n=344, estimator="independence-shrinkage",
    ...            std_error=0.036, interval=(0.664, 0.798), confidence=0.95, p_value=1e-60)
    >>> print(r)
    I(species;island) = 0.731 bits  [0.664, 0.798] 95%  p < 0.001  (n = 344, Independence-Shrinkage)
    >>> round(float(r.to("nats")), 4)
    0.5068
    """

    value: Any
    unit: str
    formula: str
    n: int | None = None
    n_missing: int = 0
    estimator: str = "exact"
    route: str = "exact"
    std_error: float | None = None
    interval: tuple[float, float] | None = None
    confidence: float | None = None
    p_value: float | None = None
    notes: tuple[str, ...] = ()

    def __float__(self) -> float:
        """The value; of a tensor that carries a gradient, without it."""
        return float(self.value.detach() if hasattr(self.value, "detach") else self.value)

    def to(self, unit: str) -> "Result":
        """The same result in another unit; a quantity without a unit stays as it is."""
        nats_per(unit)
        return self if unit == self.unit or not self.unit else self.scaled(nats_per(self.unit) / nats_per(unit), unit)

    def scaled(self, factor: float, unit: str) -> "Result":
        """Value, standard error and interval times `factor`; a negative factor turns the interval round."""
        interval = None if self.interval is None else (factor * self.interval[0], factor * self.interval[1])
        return replace(
            self,
            value=factor * self.value,
            unit=unit,
            std_error=None if self.std_error is None else abs(factor) * self.std_error,
            interval=interval if interval is None or factor >= 0 else interval[::-1],
        )

    def noted(self, notes: Iterable[str]) -> "Result":
        """The same result with more notes."""
        return replace(self, notes=(*self.notes, *(note for note in notes if note not in self.notes)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON: what isn't finite becomes None, and an infinite value says so beside it."""
        value = self.value.tolist() if _several(self.value) else float(self)
        out: dict[str, Any] = {"formula": self.formula, "value": _plain(value), "unit": self.unit}
        if value in (float("inf"), float("-inf")):
            out["infinite"] = "+inf" if value > 0 else "-inf"
        return out | {
            "std_error": _plain(self.std_error),
            "interval": None if self.interval is None else [_plain(limit) for limit in self.interval],
            "confidence": self.confidence,
            "p_value": _plain(self.p_value),
            "n": self.n,
            "n_missing": self.n_missing,
            "estimator": self.estimator,
            "route": self.route,
            "notes": list(self.notes),
        }

    def __str__(self) -> str:
        if _several(self.value):
            return f"{self.formula} = {tuple(self.value.shape)} values in {self.unit}  ({title(self.estimator)})"
        digits = self.decimals()
        parts = [f"{self.formula} = {fixed(float(self), digits)} {self.unit}".rstrip()]
        if self.interval is not None and self.confidence is not None:
            low, high = (fixed(limit, digits) for limit in self.interval)
            parts.append(f"[{low}, {high}] {100 * self.confidence:g}%")
        if self.p_value is not None:
            parts.append("p < 0.001" if self.p_value < 0.001 else f"p = {self.p_value:.3f}")
        who = [f"n = {self.n:,}" if self.n is not None else "", title(self.estimator)]
        parts.append(f"({', '.join(w for w in who if w)})")
        return "  ".join(parts)

    def _repr_html_(self) -> str:
        """For notebooks: what is printed, then the route and the notes."""
        said = "".join(f"<li>{escape(line)}</li>" for line in (self.route, *self.notes))
        return f"<div><strong>{escape(str(self))}</strong><ul>{said}</ul></div>"

    def _repr_latex_(self) -> str:
        """For notebooks: the formula, the value and the interval, in mathematical notation."""
        digits = self.decimals()
        value, low, high = (
            fixed(x, digits).replace("inf", r"\infty") for x in (float(self), *(self.interval or (0.0, 0.0)))
        )
        unit = rf"\ \mathrm{{{self.unit}}}" if self.unit else ""
        found = rf"$\mathrm{{{in_latex(self.formula)}}} = {value}{unit}"
        if self.interval is None or self.confidence is None:
            return f"{found}$"
        return rf"{found}\ [{low}, {high}]_{{{100 * self.confidence:g}\%}}$"

    def decimals(self) -> int:
        """Digits after the point that the standard error leaves meaningful: two of its own, three at least."""
        error = self.std_error
        if error is None or not isfinite(error) or error <= 0:
            return 4 if self.n is None else 3
        return min(9, max(3, 1 - floor(log10(error))))


def title(estimator: str) -> str:
    """`chao-wang-jost` as people write it: Chao-Wang-Jost; and so each of several."""
    words = re.sub(r"\w+", lambda word: word[0].upper() if word[0] in ("nsb", "ksg") else word[0].title(), estimator)
    return words if estimator != "exact" else "exact"


def in_latex(text: str) -> str:
    """A text as symbols of LaTeX's mathematical mode.

    >>> print(in_latex("I(a_b;c d)"))
    I(a\\_b;c\\ d)
    """
    return text.translate(LATEX)


def html_table(rows: Sequence[Sequence[str]], notes: Iterable[str]) -> str:
    """Rows of texts, headings first, and notes, as HTML for a notebook; all escaped.

    >>> html_table([("column", "bits"), ("<b>", "1.0")], [])
    '<table><tr><th>column</th><th>bits</th></tr><tr><th>&lt;b&gt;</th><td>1.0</td></tr></table><ul></ul>'
    """
    lines = []
    for i, row in enumerate(rows):
        tags = ["th" if i == 0 or j == 0 else "td" for j in range(len(row))]
        cells = (f"<{tag}>{escape(text)}</{tag}>" for tag, text in zip(tags, row, strict=True))
        lines.append(f"<tr>{''.join(cells)}</tr>")
    said = "".join(f"<li>{escape(note)}</li>" for note in notes)
    return f"<table>{''.join(lines)}</table><ul>{said}</ul>"


def latex_table(rows: Sequence[Sequence[str]]) -> str:
    """Rows of texts, headings first, as an array of LaTeX's mathematical mode.

    >>> print(latex_table([("column", "bits"), ("a_b", "1.0")]))
    $\\begin{array}{lr}\\mathrm{column} & \\mathrm{bits} \\\\ \\hline \\mathrm{a\\_b} & \\mathrm{1.0}\\end{array}$
    """
    head, *body = (" & ".join(rf"\mathrm{{{in_latex(cell)}}}" for cell in row) for row in rows)
    sides = "l" + "r" * (len(rows[0]) - 1)
    return rf"$\begin{{array}}{{{sides}}}{head} \\ \hline " + r" \\ ".join(body) + r"\end{array}$"


def fixed(value: float, digits: int) -> str:
    """A number with a fixed count of decimals, never "-0.000"; "?" where it can't be told."""
    if value != value:
        return "?"
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text


def _several(value: Any) -> bool:
    """Whether a value is an array of a batch of them."""
    return len(getattr(value, "shape", ())) > 0


def _plain(value: Any) -> Any:
    """A number that JSON has, or lists of them; None for what isn't finite."""
    if _several(value):
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if value is None or not isfinite(value) else float(value)
