"""A table -> one self-contained page that a colleague can read."""

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["report"]


def report(
    table: object,
    target: str | None = None,
    output: str | os.PathLike[str] = "report.html",
    *,
    unit: str = "bits",
    confidence: float = 0.95,
    kinds: Mapping[str, str] | None = None,
    title: str = "A table",
) -> Path:
    """Write a page of HTML on what the columns of a table tell of each other, and of a target.

    The page holds the mutual information I(A;B) of all pairs, ordered by a dendrogram of the variation of information
    VI(A;B) / H(A,B); what each column tells of the target, with intervals, p-values corrected for many tests, and what
    it adds to those above it; an information diagram; each column with its entropy; what to know before believing the
    numbers; the line of Python that gives each; and all of it as JSON. It asks no address for anything, and is the
    same, to the byte, for the same table.

    Args:
        table: a dict of arrays of shape (n,), `Samples`, or any dataframe that `plogp.measure` takes; a row is one
            observation.
        target: the column that the others may tell of; None for a page without a ranking.
        output: the file to write; an old one is replaced once the new one is whole.
        unit: "bits", "nats" or "hartleys".
        confidence: nominal coverage of the intervals.
        kinds: overrides of what a column is, such as ``{"year": "discrete"}``.
        title: of the page.

    Returns:
        The path of the file.

    Raises:
        UnknownName: a target that isn't there, or can't be measured; the nearest is suggested.
        BadTable: no column that can be measured.
        InvalidValue: an output that can't be written, known before anything is measured.
        InvalidType: a table that isn't one of the above.

    Of a table with more than 50 columns the first 50 are measured, and the page names the others. An estimate from a
    sample is biased where the sample is small beside the number of occupied cells; the page then says "undersampled".

    >>> import plogp as pp, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pp.report({"x": list("aabb") * 9, "y": list("aabc") * 9}, "x", f"{folder}/report.html")
    ...     "I(x;y)" in path.read_text()
    True
    """
    from plogp.report.findings import find
    from plogp.report.page import page
    from plogp.writing import check_writable, replacing

    check_writable(output)
    html = page(find(table, target, unit=unit, confidence=confidence, kinds=kinds), title)
    with replacing(output) as beside:
        beside.write_bytes(html.encode())
    return Path(output)
