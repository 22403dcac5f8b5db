"""Where this package keeps what it can make again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_dir() -> Path | None:
    """The cache's folder, which need not exist yet; None where the user has no home.

    ``$HYPERDSL_CACHE_DIR``, else ``$XDG_CACHE_HOME/hyperdsl``, else ``~/.cache/hyperdsl``.
    """
    if own := os.environ.get("HYPERDSL_CACHE_DIR"):
        return Path(own)
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return Path(shared) / "hyperdsl"
    home = os.path.expanduser("~")
    return Path(home, ".cache", "hyperdsl") if os.path.isabs(home) else None
