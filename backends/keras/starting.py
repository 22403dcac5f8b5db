"""What is done before Keras is imported: its backend is chosen, and told where to keep what it compiles."""

from __future__ import annotations

import os
from pathlib import Path

from hyperdsl.cachedir import cache_dir
from hyperdsl.catalog.from_keras import choose_backend

_MOST = 1 << 29  # bytes of compiled code that are kept


def start_backend() -> str:
    """Choose the backend and give its name.

    JAX compiles a network for each shape of its batches, in seconds. It keeps the result on disk, so that the other
    folds of a trial, what goes on with one, and other processes take it from there; what the environment says of that
    is left as it is.
    """
    chosen = choose_backend()
    home = cache_dir()
    if chosen == "jax" and home is not None and "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        folder = home / "jax"
        os.environ["JAX_COMPILATION_CACHE_DIR"] = str(folder)
        os.environ.setdefault("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "0.2")
        _trim(folder)
    return chosen


def _trim(folder: Path) -> None:
    """Leave out what was written longest ago, where there is too much."""
    try:
        files = [(file.stat(), file) for file in folder.iterdir()]
        total = sum(facts.st_size for facts, _ in files)
        for facts, file in sorted(files, key=lambda pair: pair[0].st_mtime):
            if total <= _MOST:
                break
            file.unlink(missing_ok=True)
            total -= facts.st_size
    except OSError:  # there is none yet, or it cannot be changed
        return
