"""The commands that make something to look at: `plogp report` and `plogp learn`."""

import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import click

from plogp.terminal import confidence_option, kinds_option, null_option, printable, spinner, unit_option

__all__ = ["learn", "report"]


@click.command()
@click.argument("table")
@click.option(
    "--target",
    metavar="COL",
    help="Rank the columns by what they tell of this one. Example: --target species",
)
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    default="report.html",
    show_default=True,
    help="The page to write; an old one is replaced. Example: --output report.html",
)
@unit_option
@confidence_option
@kinds_option
@null_option
def report(table: str, target: str | None, output: str, null: Sequence[str], **choices: Any) -> None:
    """Write a page of HTML on what the columns of TABLE tell of each other, and of a target.

    The page is one file that asks no address for anything: what each pair of columns shares, what each tells of the
    target, an information diagram, each column with its entropy, and the line of Python that gives each number.

    \b
    Examples:
      plogp report penguins.csv --target species -o penguins.html
      plogp report survey.db::answers --null NA
    """
    from plogp.errors import InvalidValue
    from plogp.files import kept, open_table, split
    from plogp.report import report
    from plogp.writing import check_writable

    file, _ = split(table)
    if check_writable(output).exists() and os.path.exists(file) and os.path.samefile(output, file):
        raise InvalidValue(f"the output `{output}` is the table itself; needed: another file", hint="name another")
    with spinner() if sys.stderr.isatty() else nullcontext(), open_table(table, null=null) as relation:
        path = report(
            kept(relation),
            target,
            output,
            title="standard input" if table == "-" else os.path.basename(table),
            **choices,
        )
    click.echo(printable(f"wrote {path} ({path.stat().st_size:,} bytes)"), err=True)


@click.command()
@click.argument("parts", metavar="[PART]...", nargs=-1)
@click.option(
    "--port", type=int, default=2718, show_default=True, metavar="NUMBER", help="On this machine. Example: --port 8080"
)
@click.option("--no-browser", is_flag=True, help="Only serve, and open no browser. Example: --no-browser")
def learn(parts: Sequence[str], port: int, no_browser: bool) -> None:
    """Serve the chapter on information theory as pages that move, on this machine alone, until interrupted.

    A PART is surprise, shared, divergence, likelihood, words or english; all unless told. Needs plogp[learn].

    \b
    Examples:
      plogp learn
      plogp learn surprise --port 8080 --no-browser
    """
    from plogp.learn import command

    line = command(parts, port, not no_browser)
    click.echo(f"serving on http://127.0.0.1:{port}, until Ctrl+C", err=True)
    os.execv(line[0], line)
