"""What the parts of a skeleton decide and read, all that lies below them included."""

from __future__ import annotations

from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.space.skeleton import NONE, Branch, Items, Number, Pick, Skeleton

Decider = Pick | Number | Items


@frozen
class Frontier:
    """Parts to be reached: the rows that they need, that they may decide, and that they are sure to decide."""

    parts: frozenset[int]
    needed: frozenset[int]
    decides: frozenset[int]
    certain: frozenset[int]

    def known(self, codes: dict[int, Any]) -> tuple[tuple[int, Any], ...]:
        """The codes that are needed, in order."""
        return tuple((row, codes[row]) for row in sorted(codes) if row in self.needed)


class Reach:
    """Worked out once for a skeleton.

    Attributes
    ----------
    below : list of frozenset of int
        For each part the rows that it or its children decide or read.
    decides : list of frozenset of int
        For each part the rows that it or its children may decide.
    shared : frozenset of int
        The rows that are reachable on several ways.
    tracked : frozenset of int
        The rows whose codes must be remembered: those that are shared or that an expression reads.
    """

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self.below = self._rows_below()
        self.decides = self._rows_decided()
        self.shared = self._shared_rows()
        self.tracked = self.shared | self._read_rows()
        self._frontiers: dict[frozenset[int], Frontier] = {}

    def frontier(self, parts: frozenset[int]) -> Frontier:
        if parts not in self._frontiers:
            self._frontiers[parts] = Frontier(
                parts,
                frozenset().union(*(self.below[p] for p in parts)),
                frozenset().union(*(self.decides[p] for p in parts)),
                frozenset(part.row for p in parts if isinstance(part := self.skeleton.parts[p], Decider)),
            )
        return self._frontiers[parts]

    def _rows_below(self) -> list[frozenset[int]]:
        """For each part the rows that it or its children decide or read."""
        below: list[frozenset[int]] = []
        for part in self.skeleton.parts:
            rows: set[int] = set(getattr(part, "reads", ()))
            if isinstance(part, Decider):
                rows.add(part.row)
            for child in children_of(part):
                rows |= below[child]
            below.append(frozenset(rows))
        return below

    def _rows_decided(self) -> list[frozenset[int]]:
        """For each part the rows that it or its children may decide."""
        decided: list[frozenset[int]] = []
        for part in self.skeleton.parts:
            own = {part.row} if isinstance(part, Decider) else set()
            decided.append(frozenset(own).union(*(decided[c] for c in children_of(part))))
        return decided

    def _read_rows(self) -> frozenset[int]:
        return frozenset().union(*(getattr(part, "reads", ()) for part in self.skeleton.parts))

    def _shared_rows(self) -> frozenset[int]:
        parents: dict[int, int] = {}
        deciders: dict[int, int] = {}
        for part in self.skeleton.parts:
            for child in children_of(part):
                parents[child] = parents.get(child, 0) + 1
            if isinstance(part, Decider):
                deciders[part.row] = deciders.get(part.row, 0) + 1
        shared = {row for row, count in deciders.items() if count > 1}
        for index in range(len(self.skeleton.parts)):
            if parents.get(index, 0) > 1:
                shared |= self.below[index]
        return frozenset(shared)


def children_of(part: object) -> tuple[int, ...]:
    """The parts that a part leads to."""
    if isinstance(part, Branch):
        return tuple(c for c in (part.then, part.other) if c != NONE)
    return tuple(c for c in getattr(part, "children", ()) if c != NONE)


def chosen(part: Decider, code: Any) -> tuple[int, ...]:
    """The children that a code leads to."""
    if isinstance(part, Pick):
        return (part.children[code],)
    if isinstance(part, Items):
        return tuple(part.children[i] for i in code)
    return ()
