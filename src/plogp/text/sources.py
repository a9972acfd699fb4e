"""Sources of text: files, standard input, documents in memory -> blocks of checked UTF-8.

A block ends at white space or after 。, so that no word is cut. The byte 255, which UTF-8 never holds, stands where a
document ends.
"""

import bz2
import codecs
import glob
import gzip
import lzma
import os
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Literal

import numpy as np

from plogp.errors import BadText, InvalidType, MissingExtra, UnknownName, did_you_mean
from plogp.frames import documents_of

__all__ = ["BLOCK", "END", "Progress", "Unit", "blocks", "is_repeatable", "texts"]

BLOCK = 1 << 17  # bytes
SLICE = 1 << 12
END = b"\xff"  # of a document
SPACES = np.isin(np.arange(256), [9, 10, 11, 12, 13, 28, 29, 30, 31, 32])
FULL_STOP = "。".encode()
NULS = 0.1  # a larger share of them isn't text
PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}

Unit = Literal["file", "line"]
Progress = Callable[[int, int], None]
"""What is called with the bytes read so far and the bytes there are (0 where nobody knows), now and then."""


def blocks(
    source: Any,
    *,
    unit: Unit = "file",
    column: str | None = None,
    errors: str = "strict",
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """The text of a source, block by block.

    Args:
        source: a path, which may have wildcards, or several; "-" for standard input; strings, each a document; or a
            dataframe.
        unit: whether each file or each line of a file is a document.
        column: the column of a dataframe that holds the documents.
        errors: "strict", or "replace" to read � for what isn't UTF-8.
        progress: is told of the bytes read.

    Raises:
        BadText: a file that can't be read or isn't UTF-8 text; the message has the offset of the byte.
        InvalidType: a document that isn't a string.
        UnknownName: a path that isn't there.

    >>> list(blocks(["One document.", "Another."]))
    [b'One document.\\xffAnother.\\xff']
    """
    for name, value, known in (("unit", unit, ("file", "line")), ("errors", errors, ("strict", "replace"))):
        if value not in known:
            raise UnknownName(f"{name}={value!r}; needed: {' or '.join(map(repr, known))}", did_you_mean(value, known))
    told = isinstance(source, (str, os.PathLike)) and column is None  # Narwhals needn't be asked what it is
    documents = None if told else documents_of(source, column)
    if documents is None and (paths := _paths(source)) is not None:
        return _of_files(paths, unit, errors, progress)
    return _of_documents(source if documents is None else documents)


def texts(parts: Iterable[bytes]) -> Iterator[str]:
    """Whole documents out of blocks."""
    held: list[bytes] = []
    for part in parts:
        *ended, rest = part.split(END)
        for document in ended:
            yield b"".join((*held, document)).decode()
            held = []
        held.append(rest)


def is_repeatable(source: Any) -> bool:
    """Whether a source can be read a second time."""
    return source != "-" if isinstance(source, str) else not isinstance(source, Iterator)


def _paths(source: Any) -> list[str] | None:
    """The files that are meant, wildcards replaced; None where the source holds the documents themselves."""
    if isinstance(source, (str, os.PathLike)):
        return _expanded(os.fspath(source))
    if isinstance(source, (bytes, bytearray)) or not isinstance(source, Iterable):
        raise InvalidType(
            f"the source is {type(source).__name__}; needed: paths, or an iterable of strings",
            hint="decode bytes first",
        )
    if not isinstance(source, (list, tuple)) or not source:
        return None
    if not _is_path(source[0]):
        return None
    if not all(is_file := [_is_path(item) for item in source]):
        odd = source[is_file.index(False)]
        raise BadText(
            f"{source[0]!s} is a file, and {str(odd)[:60]!r} isn't; needed: all files, or all documents",
            hint="give files as pathlib.Path, documents as str",
        )
    return [path for item in source for path in _expanded(os.fspath(item))]


def _is_path(item: Any) -> bool:
    """Whether a path is meant: a path object, or a string that names a file."""
    if isinstance(item, str):
        return len(item) < 4096 and "\0" not in item and os.path.isfile(item)
    return isinstance(item, os.PathLike)


def _expanded(path: str) -> list[str]:
    """The files that a path stands for."""
    if path == "-" or (len(path) < 4096 and "\0" not in path and os.path.exists(path)):
        if os.path.isdir(path):
            raise BadText(f"`{path}` is a directory; needed: files", hint=f"{os.path.join(path, '*.txt')}, say")
        return [path]
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", path):
        raise BadText(f"`{path}` is a URL; needed: a file on this machine", hint="download it first")
    if re.search(r"[*?[]", path) and (found := sorted(filter(os.path.isfile, glob.glob(path, recursive=True)))):
        return found
    shown = path if len(path) <= 60 else f"{path[:60]}…"
    raise UnknownName(f"there is no file {shown!r}", hint="a text itself goes in a list: [text]")


def _of_documents(documents: Iterable[Any]) -> Iterator[bytes]:
    """Documents in memory, together where they're short."""
    held, size = [], 0
    for i, document in enumerate(documents):
        if not isinstance(document, str):
            raise InvalidType(
                f"document {i} is {type(document).__name__} ({document!r:.40}); needed: a string",
                hint="leave missing ones out; join tokens with spaces, or decode bytes",
            )
        try:
            held.append(document.encode() + END)
        except UnicodeEncodeError as error:
            raise BadText(
                f"document {i} has a lone surrogate at character {error.start}; needed: Unicode text",
                hint="decode it with errors='replace'",
            ) from error
        size += len(held[-1])
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


def _of_files(paths: list[str], unit: Unit, errors: str, progress: Progress | None) -> Iterator[bytes]:
    """Files, one after the other."""
    total = sum(os.path.getsize(path) for path in paths if path != "-")
    before = 0
    for path in paths:
        with _opened(path) as (raw, file):
            for block in _checked(_cut(file), path, errors):
                yield block.replace(b"\n", END) if unit == "line" else block
                if progress:
                    progress(before + raw.tell() if raw.seekable() else 0, total)
            before += raw.tell() if raw.seekable() else 0
        yield END


@contextmanager
def _opened(path: str) -> Iterator[tuple[BinaryIO, BinaryIO]]:
    """A file, and what is in it once it's unpacked."""
    if path == "-":
        if sys.stdin is None:
            raise BadText("standard input is closed; needed: a text on it", hint="pipe one in, or name a file")
        yield sys.stdin.buffer, sys.stdin.buffer
        return
    try:
        raw = open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise BadText(f"`{path}` can't be opened: {error.strerror}", hint="whose is it?") from error
    with raw:
        head = raw.peek(6)
        try:
            yield raw, _unpacked(raw, next((kind for magic, kind in PACKED.items() if head.startswith(magic)), ""))
        except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError) as error:
            raise BadText(f"`{path}` is damaged or cut short; needed: all of it", hint="copy it again") from error
        except OSError as error:
            if error.errno is not None:
                raise
            raise BadText(f"`{path}` is damaged: {error}; needed: all of it", hint="copy it again") from error


def _unpacked(raw: BinaryIO, kind: str) -> Any:
    """The stream inside, by the first bytes of the file."""
    match kind:
        case "gzip":
            return gzip.GzipFile(fileobj=raw)
        case "bzip2":
            return bz2.BZ2File(raw)
        case "xz":
            return lzma.LZMAFile(raw)
        case "zstd":
            try:
                import pyarrow
            except ImportError as error:
                raise MissingExtra("Zstandard text needs PyArrow", hint="pip install pyarrow") from error
            return pyarrow.CompressedInputStream(pyarrow.PythonFile(raw), "zstd")
    return raw


def _cut(file: Any) -> Iterator[bytes]:
    """Blocks that end where a word can't go on; the last one, where the file ends."""
    held: list[bytes] = []
    while part := file.read(BLOCK):
        if cut := _last_cut(part):
            yield b"".join((*held, part[:cut]))
            held = [part[cut:]]
        else:
            held.append(part)
    yield b"".join(held)


def _last_cut(part: bytes) -> int:
    """Where the last white space or 。 ends; 0 where there is none."""
    spaces = np.flatnonzero(SPACES[np.frombuffer(part, np.uint8)[-4096:]])
    if spaces.size:
        return len(part) - min(len(part), 4096) + int(spaces[-1]) + 1
    spaces = np.flatnonzero(SPACES[np.frombuffer(part, np.uint8)])
    stop = part.rfind(FULL_STOP) + len(FULL_STOP)
    return max(int(spaces[-1]) + 1 if spaces.size else 0, stop if stop >= len(FULL_STOP) else 0)


def _checked(parts: Iterable[bytes], path: str, errors: str) -> Iterator[bytes]:
    """The blocks if they're UTF-8; with `errors="replace"`, made so."""
    name, offset = "standard input" if path == "-" else f"`{path}`", 0
    for part in parts:
        if not offset and part[: 1 << 16].count(0) > NULS * min(len(part), 1 << 16):
            raise BadText(
                f"{name} is full of NULs: binary, or UTF-16; needed: UTF-8 text", hint="text? iconv -f UTF-16 -t UTF-8"
            )
        if errors == "replace":
            yield part.decode(errors="replace").encode()
            continue
        try:
            _check(part)
        except UnicodeDecodeError as error:
            raise _not_utf8(name, part, offset, error) from error
        yield part
        offset += len(part)


def _check(part: bytes) -> None:
    """Decode a block, slice by slice: large strings of all sizes would leave the memory in pieces, ever more of it."""
    view = memoryview(part)
    at = len(part) if part.isascii() else 0
    while at < len(part):
        try:
            at += codecs.utf_8_decode(view[at : at + SLICE], "strict", at + SLICE >= len(part))[1]
        except UnicodeDecodeError as error:
            error.start += at
            raise


def _not_utf8(name: str, part: bytes, offset: int, error: UnicodeDecodeError) -> BadText:
    at = offset + error.start
    if not offset and part.startswith((b"\xff\xfe", b"\xfe\xff")):
        return BadText(f"{name} is UTF-16 text; needed: UTF-8", hint="convert it: iconv -f UTF-16 -t UTF-8")
    what = "binary, it seems" if part.count(0) else "not UTF-8"
    return BadText(
        f"{name} is {what}: byte 0x{part[error.start]:02x} at offset {at:,} ({error.reason}); needed: UTF-8 text",
        hint="convert it: iconv -f LATIN1 -t UTF-8, or pass errors='replace' (--errors replace)",
    )
