"""Files -> texts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from hyperdsl.diagnostics import Diagnostic, HypError, files
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.source import Source

# No program written by hand comes near it; a data file given by mistake does.
MAX_BYTES = 10_000_000
_OTHER_KINDS = {".py": "a Python file", ".ipynb": "a notebook"}


def read_source(path: str | os.PathLike[str]) -> Source:
    """The text of a file in UTF-8; a byte order mark is dropped.

    Raises
    ------
    HypError
        There is no such file, or it cannot be read, is too large or is not UTF-8.
    """
    place = Path(path)
    name = str(place)
    try:
        with place.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise HypError([_unreadable(place, error)]) from None
    if kind := _OTHER_KINDS.get(place.suffix):
        raise HypError([files.not_a_program(name, kind)])
    return Source(name, _decoded(content, name), name)


def read_stream(stream: BinaryIO, name: str) -> Source:
    """The text of a stream, such as standard input, in UTF-8; see :func:`read_source`."""
    return Source(name, _decoded(stream.read(MAX_BYTES + 1), name))


def _decoded(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        raise HypError([files.file_too_large(name, MAX_BYTES)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise HypError([files.not_utf8(name, line, content[error.start])]) from None


def _unreadable(place: Path, error: OSError | ValueError) -> Diagnostic:
    if isinstance(error, FileNotFoundError):
        folder = place.parent
        beside = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
        return files.file_missing(str(place), did_you_mean(place.name, beside))
    if isinstance(error, IsADirectoryError):
        return files.is_directory(str(place))
    return files.file_unreadable(str(place), getattr(error, "strerror", None) or str(error))
