"""Findings -> one page of HTML: a template in which all that comes from the table is escaped."""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files
from re import sub
from typing import Any

from plogp import __version__
from plogp.notation import quoted
from plogp.report import pictures
from plogp.report.findings import Column, Findings
from plogp.report.relations import GIVEN, RULE
from plogp.result import Result, fixed, title

__all__ = ["page"]

WHY = {
    "independence-shrinkage": "for mutual information: chance alone makes independent columns of a sample look "
    "related, and this takes off what it does; beyond that it is Chao-Wang-Jost",
    "chao-wang-jost": "for entropies and their sums: it allows for the outcomes that the sample hasn't met",
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
        given=GIVEN,
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
        "value": lambda r: fixed(float(r), r.decimals()),
        "percent": lambda share: f"{fixed(100 * share, 0)} %",
        "low": lambda r: fixed(r.interval[0], r.decimals()),
        "high": lambda r: fixed(r.interval[1], r.decimals()),
        "p": lambda r: "–" if r.p_value is None else "< 0.001" if r.p_value < 0.001 else f"{r.p_value:.3f}",
        "line": lambda r: f"pp.measure({r.formula!r}, table{_options(findings.choices)})",
        "region_line": lambda r: f"pp.measure({r.formula!r}, table, estimator={RULE!r}{_options(findings.choices)})",
        "whisker": pictures.whisker,
        "bar": pictures.bar,
    }


def _options(choices: Mapping[str, Any]) -> str:
    """The arguments that aren't defaults, as they are written."""
    defaults = {"unit": "bits", "confidence": 0.95}
    return "".join(f", {name}={value!r}" for name, value in choices.items() if defaults.get(name) != value)


def _words(findings: Findings) -> dict[str, Any]:
    """Sentences and facts."""
    f = findings
    n_columns = len(f.columns) + sum(name not in {c.name for c in f.columns} for name in f.left_out)
    missing = sum(c.entropy.n_missing for c in f.columns)
    unit, sure = f.choices["unit"], f"{100 * f.choices['confidence']:g} %"
    facts = [
        ("rows", f"{f.n_rows:,}"),
        ("columns", f"{n_columns:,}, of which {len(f.columns):,} measured"),
        ("missing values", f"{missing:,}" if missing else "none in these"),
        ("unit", unit),
        ("intervals", sure),
        ("counted on", f.engine),
        ("by", f"plogp {__version__}"),
    ]
    return {
        "unit": unit,
        "sure": sure,
        "facts": facts,
        "lead": _lead(f),
        "parts": _parts(f),
        "left_out": _grouped(f.left_out.items()),
        "notes": _notes(_grouped((r.formula, note) for r in _results(f) for note in r.notes)),
        "estimators": [(title(name), WHY.get(name, "")) for name in sorted({r.estimator for r in _results(f)})],
        "matrix_line": f"pp.measure('I(A;B)', table{_options(f.choices)})",
        "entropy_of_target": next((fixed(float(c.entropy), 3) for c in f.columns if c.name == f.target), ""),
    }


def _lead(f: Findings) -> str:
    """The finding that a reader should take home."""
    if f.ranking:
        best = f.ranking[0]
        return f"{shown(best.column)} tells most of {shown(f.target)}: {fixed(100 * best.share, 0)} % of its entropy."
    if f.pairs:
        pair = max(f.pairs, key=lambda pair: float(f.pairs[pair]))
        a, b = sorted(pair, key=f.order.index)
        told = f.pairs[pair]
        return f"{shown(a)} and {shown(b)} share most: {fixed(float(told), told.decimals())} {told.unit}."
    return "No two columns can be compared."


def _parts(f: Findings) -> list[tuple[str, str]]:
    """The sections that there are."""
    parts = [
        ("ranking", f"What tells of {f.target}", f.ranking),
        ("matrix", "What the columns share", len(f.order) > 1),
        ("diagram", "Information diagram", f.diagram),
        ("columns", "The columns", True),
        ("left-out", "Left out", f.left_out),
        ("warnings", "Before you believe a number", any(r.notes for r in _results(f))),
        ("how", "How the numbers were got", True),
    ]
    return [(anchor, heading) for anchor, heading, there in parts if there]


def _results(f: Findings) -> list[Result]:
    """All results of the page, each once."""
    ranked = [r for row in f.ranking for r in (row.told, row.adds) if r is not None]
    regions = list(f.diagram.regions.values()) if f.diagram else []
    ranked_pairs = {frozenset([f.target, row.column]) for row in f.ranking}
    pairs = [r for pair, r in f.pairs.items() if pair not in ranked_pairs]
    return [*(c.entropy for c in f.columns), *ranked, *pairs, *regions]


def _grouped(said: Any) -> list[tuple[str, list[str]]]:
    """What was said, and of whom."""
    groups: dict[str, list[str]] = {}
    for who, what in said:
        if who not in groups.setdefault(what, []):
            groups[what].append(who)
    return list(groups.items())


def _notes(grouped: list[tuple[str, list[str]]]) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """The notes by their kind, which stands before a colon or is all but the names and figures."""
    kinds: dict[str, list[tuple[str, list[str]]]] = {}
    for note, formulas in grouped:
        kind = sub(r"`(?:[^`]|``)*`", "a column", sub(r"\b\d[\d,.]*", "some", note.partition(": ")[0]))
        kinds.setdefault(kind, []).append((note, formulas))
    return list(kinds.items())


def _drawn(f: Findings) -> dict[str, Any]:
    """Cells and pictures."""
    by_name = {c.name: c for c in f.columns}
    out: dict[str, Any] = {
        "cells": [[_cell(f, by_name, a, b) for b in f.order] for a in f.order],
        "tree": pictures.tree(f.tree) if f.tree is not None else "",
        "most": max((r.told.interval[1] for r in f.ranking if r.told.interval is not None), default=1.0),
    }
    if f.diagram:
        values = [float(r) for r in f.diagram.regions.values()]
        names = f.diagram.names
        whose = ", ".join(shown(name) for name in names)
        out |= {
            "diagram": pictures.diagram(f.diagram, {name: shown(name, 20) for name in names}),
            "diagram_why": f"Of {whose}: "
            + ("the target and what tells most of it." if f.target in names else "the columns that share most."),
            "diagram_scale": "Areas are to scale."
            if f.diagram.to_scale
            else "Areas are not to scale, which circles can't be here; the bars beside are.",
            "negative": min(values) < 0,
            "widest": max(map(abs, values)) or 1.0,
        }
    return out


def _cell(f: Findings, columns: Mapping[str, Column], a: str, b: str) -> tuple[str, str, bool]:
    """What a cell of the matrix says, how dark it is, and whether it is on the diagonal."""
    if a == b:
        return fixed(float(columns[a].entropy), 3), "0", True
    result = f.pairs.get(frozenset([a, b]))
    if result is None:
        return "–", "0", False
    least = min(float(columns[a].entropy), float(columns[b].entropy))
    part = min(max(float(result) / least, 0.0), 1.0) if least > 0 else 0.0
    return fixed(float(result), 3), f"{part:.3f}", False


def _json(f: Findings) -> str:
    """All of it as JSON that can stand in HTML: no "<" opens anything."""
    place = {name: i for i, name in enumerate(f.order)}
    data = {
        "plogp": __version__,
        "rows": f.n_rows,
        "unit": f.choices["unit"],
        "choices": _options(f.choices),
        "target": f.target,
        "columns": [
            {
                "name": c.name,
                "outcomes": c.n_outcomes,
                "bars": c.bars,
                "others": c.n_others,
                "entropy": c.entropy.to_dict(),
            }
            for c in f.columns
        ],
        "left_out": dict(f.left_out),
        "order": [quoted(name) for name in f.order],
        "tree": None if f.tree is None else f.tree.tolist(),
        "pairs": [_pair(result, sorted(place[name] for name in pair)) for pair, result in f.pairs.items()],
        "ranking": [
            {"column": r.column, "share": r.share, "told": r.told.to_dict(), "adds": r.adds and r.adds.to_dict()}
            for r in f.ranking
        ],
        "diagram": [r.to_dict() for r in f.diagram.regions.values()] if f.diagram else [],
    }
    return json.dumps(data, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _pair(result: Result, places: list[int]) -> dict[str, Any]:
    """A cell of the matrix; what is the same for all pairs isn't said again."""
    kept = ("value", "std_error", "interval", "p_value", "n", "n_missing", "notes")
    said = result.to_dict()
    return {"a": places[0], "b": places[1]} | {name: said[name] for name in kept}
