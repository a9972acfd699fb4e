"""Findings -> one page of HTML: a template in which all that comes from the table is escaped."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from importlib.resources import files
from math import isfinite
from re import sub
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plogp import __version__
from plogp.estimate import IndependenceShrinkage
from plogp.notation import quoted
from plogp.pairwise import MutualInformationMatrix
from plogp.report import pictures
from plogp.report.findings import Findings
from plogp.report.pictures import figure
from plogp.report.relations import CONTINUOUS, RULE
from plogp.result import Result, fixed, title

__all__ = ["page"]

WHY = {
    "independence-shrinkage": "for mutual information: chance alone makes independent columns of a sample look "
    "related, and this takes off what it does; beyond that it is Chao-Wang-Jost",
    "chao-wang-jost": "for entropies and their sums: it allows for the outcomes that the sample hasn't met",
    "vasicek": "for the differential entropy of continuous columns, by the spacings between their values; it may be "
    "negative, and moves with the unit of the column",
}
"""Why an estimator was taken."""


def page(findings: Findings, heading: str) -> str:
    """The page, in UTF-8 without anything that can't be encoded."""
    from jinja2 import Environment, StrictUndefined

    script = _part("page.js")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= _filters(findings)
    return environment.from_string(_part("page.html")).render(
        f=findings,
        title=heading,
        version=__version__,
        style=_trusted(_part("page.css")),
        script=_trusted(script),
        script_hash="sha256-" + b64encode(sha256(script.encode()).digest()).decode(),
        data=_trusted(_json(findings)),
        **_words(findings),
        **_drawn(findings),
    )


def _part(name: str) -> str:
    return files("plogp.report").joinpath(name).read_text(encoding="utf-8")


def _trusted(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)


def shown(text: object, most: int = 40) -> str:
    """A text as people can read it: what doesn't print as an escape, and the middle left out where it is long.

    >>> shown("a" * 20 + "z" * 20, 11)
    'aaaaaaa…zzz'
    """
    text = str(text)
    if len(text) > most:
        text = f"{text[: 2 * most // 3]}…{text[len(text) - most // 3 :]}"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _filters(findings: Findings) -> dict[str, Callable[..., Any]]:
    """How the template writes results."""
    return {
        "shown": shown,
        "number": float,
        "figure": figure,
        "percent": lambda share: "–" if share is None else f"{figure(100 * share, 0)} %",
        "interval": _interval,
        "p": lambda r: "–" if r.p_value is None else "< 0.001" if r.p_value < 0.001 else f"{r.p_value:.3f}",
        "line": lambda r: f"pp.measure({r.formula!r}, table{_options(findings.choices)})",
        "binned_line": lambda column: (
            f"pp.rank(table, {findings.target!r}, columns=[{column!r}], continuous={CONTINUOUS!r}"
            f"{_options(findings.choices)})[0].value"
        ),
        "region_line": lambda r: f"pp.measure({r.formula!r}, table, estimator={RULE!r}{_options(findings.choices)})",
        "whisker": pictures.whisker,
        "bar": pictures.bar,
    }


def _interval(result: Result, digits: int) -> str:
    """`0.12 to 0.34`, a dash for none."""
    return "–" if result.interval is None else " to ".join(figure(end, digits) for end in result.interval)


def _digits(results: Iterable[Result]) -> int:
    """Digits after the point for all numbers of a table: those that the least certain has."""
    return min((result.decimals() for result in results), default=3)


def _options(choices: Mapping[str, Any]) -> str:
    """The arguments that aren't defaults, as they are written."""
    defaults = {"unit": "bits", "confidence": 0.95}
    return "".join(f", {name}={value!r}" for name, value in choices.items() if defaults.get(name) != value)


def _words(findings: Findings) -> dict[str, Any]:
    """Sentences and facts."""
    f = findings
    unit, sure = f.choices["unit"], f"{100 * f.choices['confidence']:g} %"
    n_columns = len({column.name for column in f.columns} | {*f.left_out})
    measured, missing = len(f.columns), sum(column.n_missing for column in f.columns)
    said = [(r.formula, note) for r in _results(f) for note in r.notes]
    said += [("all pairs", note) for note in (f.matrix.notes if f.matrix else ())]
    said += [("the ranking", note) for note in (f.ranking.notes if f.ranking else ())]
    estimators = {r.estimator for r in _results(f)} | ({IndependenceShrinkage.name} if f.matrix else set())
    return {
        "unit": unit,
        "sure": sure,
        "facts": [
            ("rows", f"{f.n_rows:,}"),
            ("columns", f"{n_columns:,}" + (f", of which {measured:,} measured" if measured < n_columns else "")),
            ("missing values", f"{missing:,}"),
            ("unit", unit),
            ("intervals", sure),
            ("counted on", f.engine),
            ("by", f"plogp {__version__}"),
        ],
        "lead": _lead(f),
        "parts": _parts(f, bool(said)),
        "left_out": _grouped(f.left_out.items()),
        "notes": _notes(said, {column.name for column in f.columns}),
        "estimators": [(title(name), WHY.get(name, "")) for name in sorted(estimators)],
        "discrete": {column.name for column in f.columns if not column.continuous},
        **_calls(f),
    }


def _calls(f: Findings) -> dict[str, str]:
    """The lines of Python that give whole tables."""
    unit = {name: value for name, value in f.choices.items() if name != "confidence"}
    names = [*f.matrix.columns] if f.matrix and f.left_out else []
    others = [name for name in names if name != f.target]
    which, rest = (f", columns={names!r}" if names else "" for names in (names, others))
    bins = f", continuous={CONTINUOUS!r}"
    return {
        "matrix_line": f"pp.mutual_information_matrix(table{which}, p_values=True{bins}{_options(unit)})",
        "ranking_line": f"pp.rank(table, {f.target!r}{rest}{bins}{_options(f.choices)})",
    }


def _lead(f: Findings) -> str:
    """The finding that a reader should take home."""
    if f.ranking:
        best = f.ranking[0]
        part = f": {fixed(100 * best.share, 0)} % of its entropy" if best.share is not None else ""
        return f"{shown(best.column)} tells most of {shown(f.target)}{part}."
    if f.matrix is None:
        return "No two columns can be compared."
    shared = np.where(np.eye(len(f.matrix.columns), dtype=bool), -np.inf, np.nan_to_num(f.matrix.values, nan=-np.inf))
    i, j = divmod(int(np.argmax(shared)), len(shared))
    a, b = (shown(f.matrix.columns[place]) for place in (i, j))
    return f"{a} and {b} share most: {figure(float(shared[i, j]))} {f.matrix.unit}."


def _parts(f: Findings, warned: bool) -> list[tuple[str, str]]:
    """The sections that there are."""
    parts = [
        ("ranking", f"What tells of {f.target}", f.ranking),
        ("matrix", "What the columns share", f.matrix),
        ("diagram", "Information diagram", f.diagram),
        ("columns", "The columns", True),
        ("left-out", "Left out", f.left_out),
        ("warnings", "Before you believe a number", warned),
        ("how", "How the numbers were got", True),
    ]
    return [(anchor, heading) for anchor, heading, there in parts if there]


def _results(f: Findings) -> list[Result]:
    """All results of the page."""
    entropies = [column.entropy for column in f.columns]
    regions = list(f.diagram.regions.values()) if f.diagram else []
    return [*entropies, *(row.result for row in f.ranking or ()), *regions]


def _grouped(said: Iterable[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """What was said, and of whom."""
    groups: dict[str, list[str]] = {}
    for who, what in said:
        if who not in groups.setdefault(what, []):
            groups[what].append(who)
    return list(groups.items())


def _notes(said: Iterable[tuple[str, str]], names: set[str]) -> list[list[tuple[str, list[str]]]]:
    """The notes, together those that differ only after a colon, or in figures and names of columns."""
    kinds: dict[str, list[tuple[str, list[str]]]] = {}
    for note, formulas in _grouped(said):
        kind = sub(r"`([^`]*)`", lambda m: "" if m[1] in names else m[0], note.partition(": ")[0])
        kinds.setdefault(sub(r"\b\d[\d,.]*", "", kind), []).append((note, formulas))
    return list(kinds.values())


def _drawn(f: Findings) -> dict[str, Any]:
    """Cells and pictures."""
    highest = [row.interval[1] for row in f.ranking or () if row.interval is not None]
    out: dict[str, Any] = {
        "cells": _cells(f.matrix, {c.name for c in f.columns if c.continuous}) if f.matrix else [],
        "tree": pictures.tree(f.tree) if f.tree is not None else "",
        "most": max([x for x in highest if isfinite(x)], default=1.0) or 1.0,
    }
    if f.ranking:
        out["ranking_digits"] = _digits(row.result for row in f.ranking)
    if f.diagram:
        values = [float(r) for r in f.diagram.regions.values()]
        names, digits = f.diagram.names, _digits(f.diagram.regions.values())
        whose = ", ".join(shown(name) for name in names)
        out |= {
            "region_digits": digits,
            "diagram": pictures.diagram(f.diagram, {name: shown(name, 20) for name in names}, digits),
            "diagram_why": f"Of {whose}: "
            + ("the target and what tells most of it." if f.target in names else "the columns that share most."),
            "diagram_scale": f"Areas are {f.diagram.scale}."
            + ("" if f.diagram.off == 0 else " The bars below are to scale."),
            "negative": min(values) < 0,
            "widest": max(map(abs, values)) or 1.0,
        }
    return out


def _cells(matrix: MutualInformationMatrix, continuous: set[str]) -> list[list[tuple[str, str, bool]]]:
    """What each cell of the matrix says, how dark it is, and whether it is on the diagonal."""
    entropies = np.diag(matrix.values)
    least = np.minimum(entropies[:, None], entropies)
    parts = np.divide(matrix.values, least, out=np.zeros_like(least), where=least > 0)
    parts = np.clip(np.nan_to_num(parts), 0, 1)  # of a colour
    return [
        [
            (
                "–" if np.isnan(value) or (i == j and name in continuous) else figure(float(value)),
                f"{part:.3f}",
                i == j,
            )
            for j, (value, part) in enumerate(zip(row, shades, strict=True))
        ]
        for i, (name, row, shades) in enumerate(zip(matrix.columns, matrix.values, parts, strict=True))
    ]


def _json(f: Findings) -> str:
    """All of it as JSON that can stand in HTML: no "<" opens anything."""
    data = {
        "plogp": __version__,
        "rows": f.n_rows,
        "unit": f.choices["unit"],
        "options": _options(f.choices),
        "target": f.target,
        "columns": [
            {"name": c.name, "missing": c.n_missing, "outcomes": c.n_outcomes, "bars": c.bars, "others": c.n_others}
            | {"entropy": c.entropy.to_dict()}
            for c in f.columns
        ],
        "left_out": dict(f.left_out),
        "matrix": None if f.matrix is None else _matrix(f, f.matrix),
        "ranking": [] if f.ranking is None else f.ranking.to_dicts(),
        "diagram": [r.to_dict() for r in f.diagram.regions.values()] if f.diagram else [],
    }
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _matrix(f: Findings, matrix: MutualInformationMatrix) -> dict[str, Any]:
    """The matrix in plain values; `quoted` are the names as formulas have them."""
    continuous = {c.name for c in f.columns if c.continuous}
    return {
        "columns": matrix.columns,
        "quoted": [quoted(name) for name in matrix.columns],
        "continuous": [name in continuous for name in matrix.columns],
        "values": _plain(matrix.values),
        "p_values": _plain(matrix.p_values),
        "tree": None if f.tree is None else f.tree.tolist(),
    }


def _plain(array: NDArray[np.float64] | None) -> list[list[float | None]] | None:
    return None if array is None else [[float(f"{x:.6g}") if isfinite(x) else None for x in row] for row in array]
