"""The command line: parse arguments, call, print. Data goes to standard output, talk to standard error."""

import io
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from plogp import __version__, pages_commands, pairs_commands, text_commands
from plogp.errors import EngineFailure, PlogpError
from plogp.terminal import kinds_of, null_option, printable, spinner, unit_option

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

    from plogp.result import Result

__all__ = ["main"]


class CommandLine(click.Group):
    """Commands whose every failure is one line on standard error and an exit status, never a traceback."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command: exit status 0, 2 on bad input, 1 on a fault outside, 130 when interrupted."""
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that nothing is left over then either
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            status = super().main(*args, **extra | {"standalone_mode": False})
        except (click.Abort, KeyboardInterrupt):
            status = 130
        except Exception as error:
            if "PLOGP_TRACEBACK" in os.environ:
                raise
            status, message, hint = _explained(error)
            click.echo(printable(_as_options(f"error: {message}. hint: {hint}")), err=True)
            if isinstance(error, OSError):
                _forget_unwritable_output()
        sys.exit(status)


def _explained(error: Exception) -> tuple[int, str, str]:
    """Exit status, message and hint."""
    if isinstance(error, PlogpError):
        return 1 if isinstance(error, EngineFailure) else 2, error.message, error.hint or "see plogp --help"
    if isinstance(error, click.ClickException):
        return error.exit_code, *_usage(error)
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return 1, f"{error.strerror or error}{where}", "is the disk full, or the output gone?"
    return 1, f"internal: {type(error).__name__}: {error}", "please report it, with what PLOGP_TRACEBACK=1 shows"


def _usage(error: click.ClickException) -> tuple[str, str]:
    """Message and hint for arguments that don't parse."""
    message, *nearest = re.split(r"\.? \(?(?=Did you mean|Possible options)", error.format_message())
    message = message[:1].lower() + message[1:].rstrip(".")
    if nearest:
        return message, nearest[0].rstrip(")").lower()
    if isinstance(error, click.NoSuchOption):
        return message, "a formula that starts with - goes after --"
    context = getattr(error, "ctx", None)
    return message, f"see {context.command_path if context else 'plogp'} --help"


def _as_options(text: str) -> str:
    """Arguments of `plogp.measure` as they are written here: kinds={'year': 'discrete'} is --kind year=discrete."""
    text = re.sub(r"kinds=\{'(.+?)': '(\w+)'\}", r"--kind '\1=\2'", text)
    names = "estimator|unit|confidence|permutations|missing|seed|top|continuous"
    return re.sub(rf"\b({names})=(['\"]?)([\w.+-]+)\2", r"--\1 \3", text)


def _forget_unwritable_output() -> None:
    """Let go what standard output doesn't take, lest Python try again as it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=CommandLine, no_args_is_help=False, context_settings={"max_content_width": 100})
@click.version_option(__version__, message="plogp %(version)s")
def main() -> None:
    """Measure information (−Σ p log p) in tables and in text.

    \b
    Examples:
      plogp measure penguins.csv "I(species;island)" "I(bill_length_mm;species)"
      plogp collocations speeches/*.txt
    """


for command in (
    pairs_commands.rank,
    pairs_commands.matrix,
    pages_commands.report,
    pages_commands.learn,
    text_commands.collocations,
    text_commands.senses,
):
    main.add_command(command)


@main.command()
@click.argument("table")
@click.argument("formulas", metavar="FORMULA...", nargs=-1, required=True)
@click.option(
    "--estimator",
    metavar="NAME",
    default="auto",
    show_default=True,
    help="How it's estimated: for counts such as plug-in, for numbers such as ksg. Example: --estimator ksg",
)
@unit_option
@click.option(
    "--confidence",
    type=float,
    metavar="LEVEL",
    default=0.95,
    show_default=True,
    help="Nominal coverage of the interval. Example: --confidence 0.9",
)
@click.option("--no-interval", is_flag=True, help="Leave out the interval, and its cost. Example: --no-interval")
@click.option(
    "--permutations",
    type=int,
    metavar="COUNT",
    help="A p-value from so many shuffles; without, a calibrated one for counts. Example: --permutations 999",
)
@click.option(
    "--kind",
    "kinds",
    metavar="COL=KIND",
    multiple=True,
    callback=kinds_of,
    help="Take a column as discrete, continuous or mixed; may be repeated. Without, floats are continuous, and all "
    "else is discrete. Example: --kind year=discrete",
)
@click.option(
    "--missing",
    type=click.Choice(["drop", "category"]),
    default="drop",
    show_default=True,
    help="Leave out rows where a variable is missing, or take missing for an outcome. Example: --missing category",
)
@null_option
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print one JSON list, an object for each formula. Example: --json | jq '.[0].value'",
)
@click.option(
    "--seed", type=int, metavar="NUMBER", help="Of what is drawn; the same seed, the same result. Example: --seed 7"
)
@click.option(
    "--verbose",
    is_flag=True,
    help="Say the types of the columns and the route to each number, on standard error. Example: --verbose",
)
def measure(
    table: str,
    formulas: Sequence[str],
    confidence: float,
    no_interval: bool,
    null: Sequence[str],
    as_json: bool,
    verbose: bool,
    **choices: Any,
) -> None:
    """Measure each FORMULA on the columns of TABLE.

    TABLE is a file: CSV, TSV or JSON lines (also .gz or .zst), Parquet, file.duckdb::table, file.sqlite::table; or
    - for standard input. A FORMULA is H(A,B|C), I(A;B|C), TC(A;B;C), DTC(A;B;C), O(A;B;C), VI(A;B), or a sum of such,
    as in "H(A) - 2*I(A;B)". A name with spaces or signs goes in backticks.

    \b
    Examples:
      plogp measure penguins.csv "I(species;island|sex)" "I(bill_length_mm;species)"
      plogp measure survey.db::answers "H(`home town`)" --missing category
      zcat log.csv.gz | plogp measure - "I(browser;country)" --unit nats --json
    """
    from plogp.files import open_table
    from plogp.measure import measure

    with spinner() if sys.stderr.isatty() else nullcontext(), open_table(table, null=null) as relation:
        if verbose:
            _say_types(relation)
        results = measure(list(formulas), relation, confidence=None if no_interval else confidence, **choices)
    if verbose:
        for result in results:
            click.echo(printable(f"{result.formula}: {result.estimator}, {result.route}"), err=True)
    if as_json:
        click.echo(json.dumps([result.to_dict() for result in results], indent=2, allow_nan=False))
    else:
        click.echo(_table(results), nl=False)


def _say_types(relation: "DuckDBPyRelation") -> None:
    """What DuckDB found in the table."""
    import duckdb

    click.echo(f"engine: DuckDB {duckdb.__version__}", err=True)
    for name, type_ in zip(relation.columns, relation.types, strict=True):
        click.echo(printable(f"column: {name} {type_}"), err=True)


def _table(results: Sequence["Result"]) -> str:
    """The results for people: a table where the terminal is wide enough, a line each where it isn't, then the notes."""
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 1 << 16)
    style = "" if os.environ.get("NO_COLOR") else "bold"
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style=style)
    for heading in ("formula", "value", "interval", "p", "n", "estimator"):
        table.add_column(heading, justify="right" if heading in {"p", "n"} else "left")
    for result in results:
        table.add_row(*(Text(printable(cell)) for cell in _cells(result)))
    fits = Measurement.get(console, console.options.update(width=1 << 16), table).maximum <= console.width
    notes: dict[str, list[str]] = {}
    for result in results:
        for note in result.notes:
            notes.setdefault(note, []).append(result.formula)
    with console.capture() as captured:
        for line in [table] if fits else [Text(printable(str(result))) for result in results]:
            console.print(line)
        for note, formulas in notes.items():
            console.print(Text(printable(f"{', '.join(dict.fromkeys(formulas))}: {note}")))
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _cells(result: "Result") -> tuple[str, ...]:
    """A row of the table: figures with the digits that the standard error leaves meaningful."""
    from plogp.result import fixed, title

    digits = result.decimals()
    low_high = [fixed(limit, digits) for limit in result.interval or ()]
    return (
        result.formula,
        f"{fixed(float(result.value), digits)} {result.unit}".rstrip(),
        f"[{', '.join(low_high)}] {100 * (result.confidence or 0):g}%" if low_high else "",
        "" if result.p_value is None else "< 0.001" if result.p_value < 0.001 else f"{result.p_value:.3f}",
        "" if result.n is None else f"{result.n:,}",
        title(result.estimator),
    )


def _ratios(command: Callable[..., None]) -> Callable[..., None]:
    """An option for each ratio that `plogp.language.convert` takes."""
    examples = {
        "chars-per-word": 4.5,
        "chars-per-token": 4.2,
        "bytes-per-char": 1.02,
        "bytes-per-token": 4.3,
        "tokens-per-word": 1.3,
        "bytes-per-word": 5.6,
    }
    for ratio, example in reversed(examples.items()):
        text = f"How many {ratio.replace('-per-', ' go with one ')}. Example: --{ratio} {example}"
        command = click.option(f"--{ratio}", type=float, metavar="RATIO", help=text)(command)
    return command


@main.command()
@click.argument("value", type=float)
@click.option(
    "--from", "from_", metavar="UNIT", required=True, help="The unit of VALUE. Example: --from perplexity/word"
)
@click.option("--to", metavar="UNIT", required=True, help="The unit wanted. Example: --to bits/char")
@_ratios
def convert(value: float, from_: str, to: str, **ratios: float | None) -> None:
    """Carry VALUE, a rate of a language model, from one unit to another.

    A UNIT is nats, bits or perplexity, a slash, and token, word, char or byte. What the text has of one for each of the
    other is never guessed: give the ratios.

    \b
    Examples:
      plogp convert 15 --from perplexity/word --to bits/char --chars-per-word 4.5
      plogp convert 3.2 --from nats/token --to bits/byte --chars-per-token 4.2 --bytes-per-char 1.02
    """
    from plogp import language

    click.echo(language.convert(value, from_, to, **ratios))
