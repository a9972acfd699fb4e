"""Compressed files: of which kind they are, and whether they are whole, which DuckDB doesn't always see."""

import gzip
import os
import zlib

__all__ = ["compression", "is_whole"]

FIRST_BYTES = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}


def compression(head: bytes) -> str:
    """How a file that begins with these bytes is compressed: "gzip", "zstd" or "uncompressed".

    >>> compression(gzip.compress(b"text"))
    'gzip'
    """
    return next((kind for magic, kind in FIRST_BYTES.items() if head.startswith(magic)), "uncompressed")


def is_whole(path: str, kind: str) -> bool:
    """Whether a file that is compressed so has its end, and of gzip the checksum that is written there."""
    return _gzip_ends(path) if kind == "gzip" else _zstd_ends(path) if kind == "zstd" else True


def _gzip_ends(path: str) -> bool:
    """Whether a gzip stream can be read to its end, where its checksum is."""
    try:
        with gzip.open(path) as file:
            while file.read(1 << 20):
                pass
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return False
    return True


def _zstd_ends(path: str) -> bool:
    """Whether a Zstandard stream has its end: each block of its frames says how long it is (doi:10.17487/RFC8878)."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        while file.tell() < size:
            magic = int.from_bytes(file.read(4), "little")
            if magic & 0xFFFFFFF0 == 0x184D2A50:  # a frame to be skipped
                file.seek(int.from_bytes(file.read(4), "little"), os.SEEK_CUR)
                continue
            descriptor = int.from_bytes(file.read(1), "little")
            single_segment = descriptor >> 5 & 1
            content_size = (single_segment, 2, 4, 8)[descriptor >> 6]
            file.seek((0, 1, 2, 4)[descriptor & 3] + content_size + 1 - single_segment, os.SEEK_CUR)
            last = False
            while not last:
                block = int.from_bytes(header := file.read(3), "little")
                if len(header) < 3:
                    return False
                last, run = bool(block & 1), block >> 1 & 3 == 1
                file.seek(1 if run else block >> 3, os.SEEK_CUR)
            file.seek(4 * (descriptor >> 2 & 1), os.SEEK_CUR)
        return file.tell() == size
