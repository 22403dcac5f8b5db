"""Which decisions are made only where others come out in some way."""

from __future__ import annotations

from hyperdsl.ir.graph import Graph
from hyperdsl.space.reach import Reach, children_of
from hyperdsl.space.shared import counter_of
from hyperdsl.space.skeleton import All, Branch, Items, Pick, Take


def beneath(graph: Graph) -> list[frozenset[int]]:
    """For each decision of the table those that lie beneath it: whether they are made depends on it.

    Beneath a choice is what some of its alternatives decide and others do not; beneath what a condition or a count
    reads, what it switches.
    """
    reach = Reach(counter_of(graph).skeleton)
    skeleton = reach.skeleton
    under: list[set[int]] = [set() for _ in skeleton.nodes]
    for part in skeleton.parts:
        if isinstance(part, All):
            continue
        decided = [reach.decides[child] for child in children_of(part)]
        every = frozenset[int]().union(*decided)
        match part:
            case Pick(row=row, children=children):
                always = frozenset.intersection(*decided) if len(decided) == len(children) else frozenset[int]()
                under[row] |= every - always
            case Items(row=row):
                under[row] |= every
            case Branch(then=then, other=other, reads=reads):
                always = frozenset.intersection(*decided) if min(then, other) >= 0 else frozenset[int]()
                for row in reads:
                    under[row] |= every - always
            case Take(reads=reads):
                for row in reads:
                    under[row] |= every
    return [_closed(row, under) for row in range(len(under))]


def _closed(row: int, under: list[set[int]]) -> frozenset[int]:
    """What is beneath a row, what is beneath that included."""
    found: set[int] = set()
    pending = list(under[row])
    while pending:
        other = pending.pop()
        if other not in found and other != row:
            found.add(other)
            pending.extend(under[other])
    return frozenset(found)
