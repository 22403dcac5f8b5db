"""Deep recursion of pure Python functions."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def deep_recursion(limit: int = 60_000) -> Iterator[None]:
    """Allow recursion as deep as programs nest; from Python 3.11 on it takes heap and no C stack."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, limit))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
