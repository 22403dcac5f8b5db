"""Backends by name. A module is imported when its backend is asked for.

Third parties add theirs through the entry point group ``hyperdsl.backends``: an entry names a module with a
``BACKEND`` that satisfies :class:`hyperdsl.backends.base.Backend`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyperdsl.backends.base import Backend

GROUP = "hyperdsl.backends"
OWN = {"sklearn": "hyperdsl.backends.sklearn", "pytorch": "hyperdsl.backends.torch"}


def backend(name: str = "sklearn") -> Backend:
    """The backend of a name; ``KeyError`` when there is none."""
    if name in OWN:
        return import_module(OWN[name]).BACKEND  # type: ignore[no-any-return]
    for entry in entry_points(group=GROUP, name=name):
        return entry.load().BACKEND  # type: ignore[no-any-return]
    raise KeyError(name)


def names() -> tuple[str, ...]:
    """All names that :func:`backend` knows, own ones first."""
    return (*OWN, *sorted({e.name for e in entry_points(group=GROUP)} - set(OWN)))
