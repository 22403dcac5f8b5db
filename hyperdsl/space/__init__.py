"""The flat decision space: the table of decisions, sampling, counting, ranking, keys.

Each name below is loaded when it is first used: checking needs a part of this package only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyperdsl.space.space import Space
    from hyperdsl.space.table import Configuration, Count, Decision

__all__ = ["Configuration", "Count", "Decision", "Space"]

_HOMES = {"Space": "space", "Configuration": "table", "Count": "table", "Decision": "table"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
