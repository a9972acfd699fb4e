"""The commands for many columns: `plogp rank` and `plogp matrix`."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from plogp.terminal import confidence_option, kinds_option, null_option, printable, unit_option

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from plogp.pairwise import MutualInformationMatrix
    from plogp.pairwise.many import Progress

__all__ = ["matrix", "rank"]


def _shared(command: Callable[..., None]) -> Callable[..., None]:
    """The options of both commands."""
    options = [
        click.option(
            "--estimator",
            metavar="NAME",
            default="auto",
            show_default=True,
            help="How information is estimated from counts. Example: --estimator plug-in",
        ),
        unit_option,
        kinds_option,
        click.option(
            "--missing",
            type=click.Choice(["drop", "category"]),
            default="drop",
            show_default=True,
            help="Leave out rows where a column is missing, or take it for an outcome. Example: --missing category",
        ),
        click.option(
            "--continuous",
            type=click.Choice(["auto", "bins", "neighbours"]),
            default="auto",
            show_default=True,
            help="Cut continuous columns into quantile bins, or measure a sample of rows by neighbours; auto is bins. "
            "Example: --continuous neighbours",
        ),
        null_option,
        click.option(
            "--seed",
            type=int,
            metavar="NUMBER",
            help="Of what is drawn; the same seed, the same bits. Example: --seed 7",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("table")
@click.option("--target", metavar="COL", required=True, help="The column to tell of. Example: --target species")
@click.option(
    "--given",
    metavar="COL",
    multiple=True,
    help="A column known already; may be repeated. Example: --given sex",
)
@click.option("--top", type=int, metavar="COUNT", help="How many columns to show. Example: --top 10")
@confidence_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list, an object a column. Example: --json")
@_shared
def rank(table: str, as_json: bool, null: Sequence[str], given: Sequence[str], **choices: Any) -> None:
    """Rank the columns of TABLE by what they tell of a target, and say what each adds to those above it.

    TABLE is a file as for `plogp measure`, or - for standard input. p-values are adjusted for the number of columns.

    \b
    Examples:
      plogp rank penguins.csv --target species
      plogp rank survey.db::answers --target vote --given age --top 10 --json
    """
    from plogp.files import open_table
    from plogp.pairwise import rank

    with _bar("ranking") as progress, open_table(table, null=null) as relation:
        ranking = rank(_parsed(relation), given=given, progress=progress, **choices)
    if as_json:
        click.echo(json.dumps(ranking.to_dicts(), indent=2, allow_nan=False))
        return
    _show(ranking)


@click.command()
@click.argument("table")
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values with a header. Example: --csv")
@_shared
def matrix(table: str, as_csv: bool, null: Sequence[str], **choices: Any) -> None:
    """Measure the mutual information of all pairs of columns of TABLE; on the diagonal the entropy of each.

    TABLE is a file as for `plogp measure`, or - for standard input.

    \b
    Examples:
      plogp matrix penguins.csv
      plogp matrix penguins.csv --csv > pairs.csv
    """
    from plogp.files import open_table
    from plogp.pairwise import mutual_information_matrix

    with _bar("measuring") as progress, open_table(table, null=null) as relation:
        found = mutual_information_matrix(_parsed(relation), progress=progress, **choices)
    if as_csv:
        click.echo(_csv(found), nl=False)
        return
    _show(found)


def _parsed(relation: "DuckDBPyRelation") -> "DuckDBPyRelation":
    """The relation, where it is of a file of text parsed once: the engine is asked many questions."""
    from plogp.files import kept

    return kept(relation) if any(f"read_{text}" in relation.sql_query() for text in ("csv", "json")) else relation


def _csv(found: "MutualInformationMatrix") -> str:
    """A row a column, with the names in front; what couldn't be measured is an empty field."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["column", *found.columns])
    for name, values in zip(found.columns, found.values.tolist(), strict=True):
        rows.writerow([name, *("" if value != value else repr(value) for value in values)])
    return text.getvalue()


def _show(found: object) -> None:
    """Print it, line by line, in what the terminal can print."""
    for line in str(found).splitlines():
        click.echo(printable(line))


@contextmanager
def _bar(what: str) -> Iterator["Progress | None"]:
    """A progress bar on a terminal, gone when it's done; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"{what}…", total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)
