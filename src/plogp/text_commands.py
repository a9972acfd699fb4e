"""The commands for text: plogp collocations, and plogp senses fit, predict and explain."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plogp.errors import BadTable, BadText
from plogp.terminal import printable, progress, table

if TYPE_CHECKING:
    from plogp.text import Collocations

__all__ = ["collocations", "senses"]

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs. Example: --json")
errors = click.option(
    "--errors",
    type=click.Choice(["strict", "replace"]),
    default="strict",
    show_default=True,
    help="Refuse what isn't UTF-8, or read � for it. Example: --errors replace",
)


def _window(_context: click.Context, _option: click.Parameter, value: str) -> int | str:
    """A number of words, or bigram or document."""
    if value in {"bigram", "document"}:
        return value
    if not value.isdecimal():
        raise click.BadParameter(f"{value!r} came; needed: bigram, document or a number of words, such as 5")
    return int(value)


@click.command()
@click.argument("files", metavar="FILES...", nargs=-1, required=True)
@click.option(
    "--measure",
    metavar="NAME",
    default="npmi",
    show_default=True,
    help="npmi, pmi, ppmi, llr, t or chi2. Example: --measure llr",
)
@click.option(
    "--window",
    metavar="SIZE",
    default="bigram",
    show_default=True,
    callback=_window,
    help="What together means: bigram, a number of words, or document. Example: --window 5",
)
@click.option(
    "--min-count",
    type=int,
    metavar="COUNT",
    default=5,
    show_default=True,
    help="Leave out pairs that occur less often. Example: --min-count 20",
)
@click.option(
    "--top", type=int, metavar="COUNT", default=20, show_default=True, help="So many at most. Example: --top 100"
)
@click.option(
    "--borders",
    type=click.Choice(["sentence", "document", "none"]),
    default="sentence",
    show_default=True,
    help="What no pair crosses. Example: --borders document",
)
@click.option("--lines", is_flag=True, help="Take each line for a document, instead of each file. Example: --lines")
@errors
@as_json
def collocations(files: tuple[str, ...], as_json: bool, lines: bool, **choices: Any) -> None:
    """Find the words that go together in FILES of text (plain, .gz, .bz2, .xz or .zst; - is standard input).

    Pairs come in the order of the measure at the lower 95% limit of their count, so that accidents don't come first. p
    is the probability of so many by chance, q the false-discovery rate among all pairs that the words could make.

    \b
    Examples:
      plogp collocations speeches/*.txt
      zcat news.gz | plogp collocations - --window 5 --measure llr --top 50 --json
    """
    from plogp import text

    with progress("reading") as told:
        found = text.collocations(list(map(Path, files)), unit="line" if lines else "file", progress=told, **choices)
    if as_json:
        same = {"measure": found.measure, "unit": found.unit, "n": found.n}
        click.echo(json.dumps([pair | same for pair in found.to_dicts()], indent=2, allow_nan=False))
    else:
        click.echo(_pairs(found), nl=False)


def _pairs(found: "Collocations") -> str:
    """The pairs for people."""
    measure = f"{found.measure} ({found.unit})" if found.unit else found.measure
    rows = [
        (
            *(pair.left, pair.right, f"{pair.value:.3f}", f"{pair.low:.3f}", f"{pair.count:,.10g}"),
            *(f"{pair.expected:,.3g}", _p(pair.p_value), _p(pair.q_value)),
        )
        for pair in found
    ]
    return table(("left", "right", measure, "low", "count", "expected", "p", "q"), rows, right=range(2, 8))


def _p(p: float) -> str:
    return "" if p != p else "< 0.001" if p < 0.001 else f"{p:.3f}"


@click.group()
def senses() -> None:
    """Tell the senses of a word by its context.

    \b
    Example:
      plogp senses fit examples.csv --text context --sense sense -o amazon.model
      plogp senses explain amazon.model "Amazon is on fire, and with it the rain forest"
    """


@senses.command()
@click.argument("table_", metavar="TABLE")
@click.option("--text", "column", metavar="COL", required=True, help="The column of contexts. Example: --text context")
@click.option("--sense", "label", metavar="COL", required=True, help="The column of senses. Example: --sense sense")
@click.option("-o", "--output", metavar="MODEL", required=True, help="The file to write. Example: -o amazon.model")
@click.option(
    "--word",
    "words",
    metavar="WORD",
    multiple=True,
    help="The ambiguous word, or a form of it; may be repeated. Found, where it isn't told. Example: --word serve",
)
@click.option(
    "--method",
    metavar="NAME",
    default="bayes",
    show_default=True,
    help="bayes, pmi or top_words. Example: --method pmi",
)
@click.option(
    "--window",
    type=int,
    metavar="COUNT",
    default=50,
    show_default=True,
    help="How many words on each side count. Example: --window 20",
)
def fit(table_: str, column: str, label: str, output: str, words: tuple[str, ...], method: str, window: int) -> None:
    """Learn senses from TABLE, a row an example, and write a model.

    TABLE is CSV, TSV, JSON lines, Parquet, a table of a database, or - for standard input.

    \b
    Example:
      plogp senses fit examples.csv --text context --sense sense -o amazon.model
    """
    from plogp.text import SenseModel

    contexts, labels = _examples(table_, column, label)
    if os.path.exists(output) and os.path.exists(table_) and os.path.samefile(output, table_):
        raise BadText(f"`{output}` is the table itself; needed: another file for the model", hint="choose another name")
    model = SenseModel(method, word=list(words) or None, window=window).fit(contexts, labels)  # type: ignore[arg-type]
    model.save(output)
    about = ", ".join(model.words_) or "no word that is clear, so that neighbours don't count: name it with --word"
    click.echo(printable(f"{len(labels):,} examples of {len(model.classes_)} senses; about: {about}"), err=True)


def _examples(name: str, column: str, label: str) -> tuple[list[str], list[object]]:
    """The contexts and the senses of a table."""
    from plogp.files import open_table
    from plogp.frames import documents_of

    with open_table(name) as relation:
        contexts, labels = documents_of(relation, column) or [], documents_of(relation, label) or []
    for values, what in ((contexts, column), (labels, label)):
        if None in values:
            raise BadTable(
                f"`{what}` is missing in row {values.index(None) + 1} of `{name}`; needed: a text and a sense in each",
                hint="leave the row out",
            )
    return list(map(str, contexts)), labels


@senses.command()
@click.argument("model")
@click.argument("text", metavar="[TEXT]", default="-")
@errors
@as_json
def predict(model: str, text: str, errors: str, as_json: bool) -> None:
    """The most probable sense of each line of TEXT, a file or - for standard input, and its probability.

    \b
    Example:
      plogp senses predict amazon.model headlines.txt
    """
    from plogp.text import SenseModel
    from plogp.text.sources import blocks, texts

    known = SenseModel.load(model)
    with progress("reading") as told:
        lines = list(texts(blocks(Path(text), unit="line", errors=errors, progress=told)))
    lines = lines[:-1] if lines and not lines[-1] else lines  # what follows the last line end
    if not lines:
        raise BadText("there is no line in the text; needed: a context a line", hint="is it the right file?")
    p = known.predict_proba(lines)
    names = known.classes_.tolist()
    if as_json:
        rows = [
            {
                "sense": names[row.argmax()],
                "probability": float(row.max()),
                "probabilities": dict(zip(map(str, names), row.tolist(), strict=True)),
            }
            for row in p
        ]
        click.echo(json.dumps(rows, indent=2, allow_nan=False))
    else:
        for row in p:
            click.echo(printable(f"{row.max():.3f} {names[row.argmax()]}"))


@senses.command()
@click.argument("model")
@click.argument("context", nargs=-1, required=True)
@as_json
def explain(model: str, context: tuple[str, ...], as_json: bool) -> None:
    """Why a CONTEXT is taken for a sense: how many bits each cue speaks for it.

    In a cue ~ is the ambiguous word and * any word.

    \b
    Example:
      plogp senses explain amazon.model "Amazon is on fire, and with it the rain forest"
    """
    from dataclasses import asdict

    from plogp.text import SenseModel

    why = SenseModel.load(model).explain(" ".join(context))
    if as_json:
        click.echo(json.dumps(asdict(why), indent=2, allow_nan=False))
    else:
        for line in str(why).splitlines():
            click.echo(printable(line))
