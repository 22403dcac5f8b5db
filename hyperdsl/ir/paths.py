"""Paths: the readable, stable names of decisions. Made here, in lowering, and nowhere else.

A path is the entry or ``let`` name, then each def, argument, class name or label on the way. Equal siblings get
``[1]``, ``[2]``, … from the second on, in the order of expansion.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


class Paths:
    """Gives out places and decision paths, each once; ``count`` of the latter."""

    def __init__(self) -> None:
        self.count = 0
        self._places: dict[str, int] = {}
        self._decisions: dict[str, int] = {}

    def child(self, place: str, name: str) -> str:
        """The place ``name`` below ``place``."""
        return _numbered(self._places, f"{place}.{name}" if place else name)

    def decision(self, place: str, suffix: str = "") -> str:
        """The path of a decision made at ``place``."""
        self.count += 1
        return _numbered(self._decisions, place + suffix)


def _numbered(taken: dict[str, int], path: str) -> str:
    while True:
        count = taken.get(path, 0)
        taken[path] = count + 1
        name = f"{path}[{count}]" if count else path
        if not count or name not in taken:
            taken.setdefault(name, 1)
            return name


def distinct(labels: Iterable[T]) -> tuple[T | str, ...]:
    """Labels made distinct by the same rule; a label equals another when type and value do."""
    seen: dict[tuple[type, object], int] = {}
    result: list[T | str] = []
    for label in labels:
        count = seen.get((type(label), label), 0)
        seen[type(label), label] = count + 1
        unique: T | str = f"{label}[{count}]" if count else label
        seen.setdefault((type(unique), unique), 1)
        result.append(unique)
    return tuple(result)
