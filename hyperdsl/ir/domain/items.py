"""Domains of items: one of them, some of them, all of them in some order."""

from __future__ import annotations

import math
from bisect import bisect_right
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain.base import Code, Domain


@frozen(slots=False)
class Choices(Domain):
    """One of several alternatives; a code is an index."""

    weights: tuple[int, ...]

    @property
    def size(self) -> int:
        return len(self.weights)

    @cached_property
    def thresholds(self) -> list[float]:
        total = self.total
        return [c / total for c in accumulate(self.weights)][:-1]

    @property
    def total(self) -> int:
        return sum(self.weights)

    def from_unit(self, u: float) -> int:
        return bisect_right(self.thresholds, u)

    def to_unit(self, code: Code) -> float:
        assert isinstance(code, int)
        edges = [0.0, *self.thresholds, 1.0]
        return (edges[code] + edges[code + 1]) / 2

    def contains(self, code: object) -> bool:
        return type(code) is int and 0 <= code < len(self.weights)

    def member(self, rank: int) -> int:
        return rank

    def rank(self, code: Code) -> int:
        assert isinstance(code, int)
        return code

    def weight(self, rank: int) -> int:
        return self.weights[rank]


@frozen(slots=False)
class Combinations(Domain):
    """``count`` of ``items`` positions, ascending, all equally likely; a code is the tuple of positions."""

    items: int
    count: int

    @property
    def size(self) -> int:
        return math.comb(self.items, self.count) if 0 <= self.count <= self.items else 0

    def from_unit(self, u: float) -> tuple[int, ...]:
        return self.member(int(Fraction(u) * self.size))

    def to_unit(self, code: Code) -> float:
        return (self.rank(code) + 0.5) / self.size

    def contains(self, code: object) -> bool:
        return (
            isinstance(code, tuple)
            and len(code) == self.count
            and all(type(i) is int and 0 <= i < self.items for i in code)
            and all(a < b for a, b in pairwise(code))
        )

    def member(self, rank: int) -> tuple[int, ...]:
        chosen: list[int] = []
        position, left = 0, self.count
        while left:
            here = math.comb(self.items - position - 1, left - 1)
            if rank < here:
                chosen.append(position)
                left -= 1
            else:
                rank -= here
            position += 1
        return tuple(chosen)

    def rank(self, code: Code) -> int:
        assert isinstance(code, tuple)
        rank, start = 0, 0
        for taken, position in enumerate(code):
            left = self.count - taken
            rank += sum(math.comb(self.items - p - 1, left - 1) for p in range(start, position))
            start = position + 1
        return rank


@frozen(slots=False)
class Permutations(Domain):
    """All orders of ``items`` positions, equally likely; a code is the tuple of positions."""

    items: int

    @property
    def size(self) -> int:
        return math.factorial(self.items)

    def from_unit(self, u: float) -> tuple[int, ...]:
        return self.member(int(Fraction(u) * self.size))

    def to_unit(self, code: Code) -> float:
        return (self.rank(code) + 0.5) / self.size

    def contains(self, code: object) -> bool:
        return isinstance(code, tuple) and sorted(code) == list(range(self.items))

    def member(self, rank: int) -> tuple[int, ...]:
        left = list(range(self.items))
        order = []
        for i in range(self.items, 0, -1):
            position, rank = divmod(rank, math.factorial(i - 1))
            order.append(left.pop(position))
        return tuple(order)

    def rank(self, code: Code) -> int:
        assert isinstance(code, tuple)
        left = list(range(self.items))
        rank = 0
        for i, item in enumerate(code):
            position = left.index(item)
            rank += position * math.factorial(self.items - i - 1)
            left.pop(position)
        return rank


@lru_cache(maxsize=4096)
def choices(weights: tuple[int, ...]) -> Choices:
    """A :class:`Choices`, kept so that its thresholds are computed once."""
    return Choices(weights)
