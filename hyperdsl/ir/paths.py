"""Paths: the readable, stable names of decisions. Made here, in lowering, and nowhere else.

A path is the entry or ``let`` name, then each def, argument, class name or label on the way. Equal siblings get
``[1]``, ``[2]``, … from the second on, in the order of expansion.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


class Paths:
    """Gives out places and decision paths, each once.

    In the body of a ``let name(p)``, which is decided once, the same part of the program gets in each call the path
    of the first. ``trail`` is the number of the way there: the calls, items and definitions passed since the ``let``;
    it is None everywhere else.
    """

    def __init__(self) -> None:
        self.count = 0  # of decisions asked for
        self.trail: int | None = None
        self._places: dict[str, int] = {}
        self._decisions: dict[str, int] = {}
        self._trails: dict[Hashable, int] = {}
        self._kept: dict[Hashable, str] = {}

    def child(self, part: object, place: str, name: str) -> str:
        """The place ``name`` below ``place``, for a part of the tree."""
        return self._again(self._places, part, f"{place}.{name}" if place else name)

    def decision(self, part: object, place: str, suffix: str = "") -> str:
        """The path of a decision that a part of the tree makes at ``place``."""
        self.count += 1
        return self._again(self._decisions, part, place + suffix)

    def _again(self, taken: dict[str, int], part: object, path: str) -> str:
        if self.trail is None:
            return _numbered(taken, path)
        key = (id(taken), self.trail, id(part))
        if key not in self._kept:
            self._kept[key] = _numbered(taken, path)
        return self._kept[key]

    def extended(self, step: Hashable) -> int | None:
        """The trail one step further, where one is kept."""
        return None if self.trail is None else self.root((self.trail, step))

    def root(self, step: Hashable) -> int:
        """The trail that begins at ``step``."""
        return self._trails.setdefault(step, len(self._trails))

    @contextmanager
    def on(self, trail: int | None) -> Iterator[None]:
        """Give out paths on another trail."""
        before, self.trail = self.trail, trail
        try:
            yield
        finally:
            self.trail = before


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
    taken: set[tuple[type, object]] = set()
    counts: dict[tuple[type, object], int] = {}
    result: list[T | str] = []
    for label in labels:
        key = type(label), label
        unique: T | str = label
        while (type(unique), unique) in taken:
            counts[key] = counts.get(key, 0) + 1
            unique = f"{label}[{counts[key]}]"
        taken.add((type(unique), unique))
        result.append(unique)
    return tuple(result)
