"""The catalog's cache on disk: one file of JSON lines for each library and version.

The first line is the index: which names stand on which lines, and a checksum of the rest. A file that is damaged, or
that another version of this package wrote, is made anew; where the folder cannot be written, nothing is kept.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from hyperdsl.cachedir import cache_dir
from hyperdsl.catalog.model import Module
from hyperdsl.catalog.record import dump_module, parse_module

_NOT_IN_THE_FILES = ("document.py", "recommended.toml", "rulebook.py", "values.py", "user.py")


class Shelf:
    """The modules of one library, each parsed when it is first asked for.

    Parameters
    ----------
    lines : list of str
        One module a line, as :func:`hyperdsl.catalog.record.dump_module` writes them.
    index : mapping of str to list of int
        Bare name -> its lines.
    """

    def __init__(self, lines: list[str], index: Mapping[str, list[int]]) -> None:
        self._lines = lines
        self._index = index
        self._parsed: dict[str, tuple[Module, ...]] = {}

    @classmethod
    def of(cls, modules: Iterable[Module]) -> Shelf:
        """A shelf of modules just read from their library."""
        lines: list[str] = []
        index: dict[str, list[int]] = {}
        for module in modules:
            index.setdefault(module.name, []).append(len(lines))
            lines.append(dump_module(module))
        return cls(lines, index)

    @property
    def names(self) -> Iterable[str]:
        return self._index.keys()

    def find(self, name: str) -> tuple[Module, ...]:
        """The modules with this bare name."""
        if name not in self._parsed:
            self._parsed[name] = tuple(parse_module(self._lines[i]) for i in self._index.get(name, ()))
        return self._parsed[name]

    def dump(self) -> bytes:
        """The file's content."""
        body = "".join(f"{line}\n" for line in self._lines).encode()
        header = {"checksum": zlib.crc32(body), "index": self._index}
        return json.dumps(header, separators=(",", ":")).encode() + b"\n" + body

    @classmethod
    def parse(cls, content: bytes) -> Shelf:
        """Read what :meth:`dump` wrote.

        Raises
        ------
        ValueError
            Where the content is damaged.
        """
        first, _, body = content.partition(b"\n")
        header = json.loads(first)
        if not isinstance(header, dict) or header.get("checksum") != zlib.crc32(body):
            raise ValueError("damaged")
        return cls(body.decode().splitlines(), header["index"])


def read_shelf(library: str, version: str) -> Shelf | None:
    """The cached shelf, None where there is none that can be used."""
    path = _path(library, version)
    if path is None:
        return None
    try:
        return Shelf.parse(path.read_bytes())
    except (OSError, ValueError):
        return None


def write_shelf(library: str, version: str, shelf: Shelf) -> None:
    """Keep a shelf for later processes; a folder that cannot be written is no error."""
    path = _path(library, version)
    if path is None:
        return
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(shelf.dump())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()


@cache
def fingerprint() -> str:
    """Changes when the code or the tables that make a shelf change."""
    here = Path(__file__).parent
    checksum = 0
    for name in sorted(os.listdir(here)):
        if name.endswith((".py", ".toml")) and name not in _NOT_IN_THE_FILES:
            checksum = zlib.crc32((here / name).read_bytes(), checksum)
    return f"{checksum:08x}"


def _path(library: str, version: str) -> Path | None:
    folder = cache_dir()
    return None if folder is None else folder / f"catalog-{library}-{version}-{fingerprint()}.jsonl"
