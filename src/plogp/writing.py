"""Files are written beside and moved into place, so that an old one survives whatever goes wrong."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from plogp.errors import EngineFailure, InvalidValue

__all__ = ["check_writable", "replacing"]


def check_writable(path: str | os.PathLike[str]) -> Path:
    """The path with its links followed, if a file can be written there.

    Raises:
        InvalidValue: no such folder, a folder that can't be written to, or something there that isn't a file.
    """
    shown, target = os.fspath(path), Path(os.path.realpath(path))
    if not shown or "\0" in shown or "://" in shown:
        raise InvalidValue(f"`{shown}` is not the name of a file; needed: one", hint="such as report.html")
    if not target.parent.is_dir():
        raise InvalidValue(f"`{shown}` can't be written: there is no folder `{target.parent}`", hint="make it first")
    with suppress(FileNotFoundError):
        if not stat.S_ISREG(target.stat().st_mode):
            kind = "a folder" if target.is_dir() else "a device"
            raise InvalidValue(f"`{shown}` is {kind}; needed: the name of a file", hint="name a file in it or beside")
    if not os.access(target.parent, os.W_OK | os.X_OK):
        raise InvalidValue(
            f"`{shown}` can't be written: `{target.parent}` is not yours to write to", hint="name another folder"
        )
    return target


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Where to write a new file beside `path` that takes its place in the end; if anything goes wrong it goes, and the
    old one stays.

    Raises:
        InvalidValue: a path that can't be written to.
        EngineFailure: the disk is full, or failed.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(os.path.join(folder, "a.txt")) as beside:
    ...         _ = beside.write_text("done")
    ...     print(os.listdir(folder), Path(folder, "a.txt").read_text())
    ['a.txt'] done
    """
    target = check_writable(path)
    beside = target.with_name(f".plogp-{os.getpid()}-{target.name[:100]}")
    try:
        yield beside
        os.replace(beside, target)
    except OSError as error:
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENAMETOOLONG}:
            raise InvalidValue(
                f"`{os.fspath(path)}` can't be written: {error.strerror}", hint="name another place"
            ) from error
        raise EngineFailure(
            f"`{os.fspath(path)}` can't be written: {error.strerror or error}", hint="is the disk full?"
        ) from error
    finally:
        with suppress(OSError):
            os.unlink(beside)
