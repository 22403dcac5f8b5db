"""The tables of this package that are written as TOML, read fast."""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, cast

from hyperdsl.cachedir import cache_dir

_FOLDER = Path(__file__).parent


@cache
def read_document(name: str) -> dict[str, Any]:
    """A file below this folder as plain data, kept as JSON in the cache: reading TOML takes twenty times as long."""
    content = (_FOLDER / name).read_bytes()
    stem = name.removesuffix(".toml").replace("/", "-")
    folder = cache_dir()
    kept = folder / f"{stem}-{zlib.crc32(content):08x}.json" if folder is not None else None
    if kept is not None:
        with suppress(OSError, ValueError):
            return cast("dict[str, Any]", json.loads(kept.read_bytes()))
    import tomllib

    document = tomllib.loads(content.decode())
    if kept is not None:
        with suppress(OSError):
            kept.parent.mkdir(parents=True, exist_ok=True)
            temporary = kept.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_text(json.dumps(document), encoding="utf-8")
            temporary.replace(kept)
    return document
