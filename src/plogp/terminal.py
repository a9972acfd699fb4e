"""What the commands share: options, and what people see on a terminal: text on one line, tables, progress."""

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

__all__ = [
    "confidence_option",
    "kinds_of",
    "kinds_option",
    "null_option",
    "printable",
    "progress",
    "spinner",
    "table",
    "unit_option",
]


def kinds_of(_context: click.Context, _option: click.Parameter, values: Sequence[str]) -> dict[str, str]:
    """COL=KIND, as often as given; a column's name may hold an equals sign."""
    pairs = [value.rpartition("=") for value in values]
    for column, equals, kind in pairs:
        if not (column and equals):
            raise click.BadParameter(f"{kind!r} came; needed: COL=KIND, such as year=discrete")
    return {column: kind for column, _, kind in pairs}


unit_option = click.option(
    "--unit", metavar="UNIT", default="bits", show_default=True, help="bits, nats or hartleys. Example: --unit nats"
)
confidence_option = click.option(
    "--confidence",
    type=float,
    metavar="LEVEL",
    default=0.95,
    show_default=True,
    help="Nominal coverage of the intervals. Example: --confidence 0.9",
)
kinds_option = click.option(
    "--kind",
    "kinds",
    metavar="COL=KIND",
    multiple=True,
    callback=kinds_of,
    help="Take a column as discrete or continuous; may be repeated. Example: --kind year=discrete",
)
null_option = click.option(
    "--null",
    metavar="WORD",
    multiple=True,
    help="A word for missing in CSV, beside the empty field; may be repeated. Example: --null NA",
)


def printable(text: str) -> str:
    """The text on one line, with control characters as escapes.

    >>> printable("one\\ntwo")
    'one\\\\ntwo'
    """
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int]) -> str:
    """Rows in columns under headings, those of some numbers to the right."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 1 << 16)
    shown = Table(
        box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="" if os.environ.get("NO_COLOR") else "bold"
    )
    for i, heading in enumerate(headings):
        shown.add_column(heading, justify="right" if i in right else "left")
    for row in rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    with console.capture() as captured:
        console.print(shown)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """A bar that follows the bytes read, on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


@contextmanager
def spinner() -> Iterator[None]:
    """A spinner from the first second on, which tells when Numba compiles."""
    from threading import Timer

    from numba.core import event
    from rich.console import Console

    status = Console(stderr=True).status("measuring…")

    class Compiling(event.Listener):  # type: ignore[misc]
        def on_start(self, event: object) -> None:
            status.update("compiling (once)…")

        def on_end(self, event: object) -> None:
            status.update("measuring…")

    timer = Timer(1, status.start)
    timer.start()
    try:
        with event.install_listener("numba:compile", Compiling()):
            yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()
