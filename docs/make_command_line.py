"""The command line's own help as a page: `python docs/make_command_line.py` writes docs/reference/command-line.md."""

from collections.abc import Iterator
from pathlib import Path

import click

from plogp.cli import main

PAGE = Path(__file__).parent / "reference" / "command-line.md"


def commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    """A command and those below it, with their full names."""
    yield name, command
    if isinstance(command, click.Group):
        for word, below in sorted(command.commands.items()):
            yield from commands(below, f"{name} {word}")


def page() -> str:
    """Markdown: a heading for each command, and below it what `--help` prints."""
    sections = []
    for name, command in commands(main, "plogp"):
        context = click.Context(command, info_name=name, terminal_width=100, max_content_width=100)
        sections.append(f"## `{name}`\n\n```text\n{command.get_help(context)}\n```\n")
    return "# Command line\n\nWhat `--help` prints.\n\n" + "\n".join(sections)


if __name__ == "__main__":
    PAGE.write_text(page())
