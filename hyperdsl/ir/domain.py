"""Domains: what a decision may be right now, and the prior over it.

A finite domain's prior is a tuple of integer weights, so that distributions compare exactly. Weights of a choice are
as written. A range is uniform over its members, or, when it is ``log``, member ``k`` of an integer range with step
``s`` weighs ``C(k) - C(k - s)`` with ``C(k) = round(2**40 * ln((k + s/2) / max(low - s/2, low/2)))``: the
mass of the log-uniform density in the cell around ``k``, rounded on the cumulative sum so that it has a closed form
for ranges of any length; a step above ``low`` would let the first cell reach zero, so it begins at ``low/2`` at the
least. Real ranges with a step are finite in the same way; their members are exact decimals, rounded once.

Units: ``from_unit`` is the inverse of the cumulative distribution on [0, 1); ``to_unit`` gives the middle of a code's
cell, so ``from_unit(to_unit(c)) == c`` for finite domains.
"""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from statistics import NormalDist
from typing import Union

Code = Union[int, float, tuple[int, ...]]  # noqa: UP007

LOG_SCALE = 2**40
_TINY = 2.0**-54
MAX_INTEGER = 2**63 - 1  # an end of an integer range: columns of codes are 64-bit integers
MAX_REAL = sys.float_info.max / 2  # an end of a real range: the difference of two ends is a float too
MAX_STEPS = 1_000_000  # of a log range of reals, whose weights are a table
_MAX_EXPONENT = math.log(MAX_REAL)


def exact(number: float | int) -> Fraction:
    """The decimal that a person wrote for this number."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def integer_weights(weights: Sequence[float | int]) -> tuple[int, ...]:
    """The smallest integers in the proportion of ``weights``, read as decimals."""
    fractions = [exact(w) for w in weights]
    scale = math.lcm(*(f.denominator for f in fractions))
    integers = [int(f * scale) for f in fractions]
    divisor = math.gcd(*integers)
    return tuple(i // divisor for i in integers)


@dataclass(frozen=True)
class Domain(ABC):
    """What is admissible; ``size`` is None where the domain is continuous."""

    @property
    def size(self) -> int | None:
        return None

    @property
    def finite_size(self) -> int:
        size = self.size
        if size is None:
            raise TypeError("this domain is continuous")
        return size

    @abstractmethod
    def from_unit(self, u: float) -> Code: ...

    @abstractmethod
    def to_unit(self, code: Code) -> float: ...

    @abstractmethod
    def contains(self, code: object) -> bool: ...

    def member(self, rank: int) -> Code:
        """The code at a position of a finite domain, from 0."""
        raise TypeError("this domain is continuous")

    def rank(self, code: Code) -> int:
        """The position of a code in a finite domain."""
        raise TypeError("this domain is continuous")

    def weight(self, rank: int) -> int:
        """The prior weight of a member; all weights are in proportion to probabilities."""
        return 1

    @property
    def total(self) -> int:
        """The sum of the weights."""
        return self.finite_size


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Integers(Domain):
    """``low, low + step, … <= high``; a code is the integer itself."""

    low: int
    high: int
    log: bool = False
    step: int = 1

    @cached_property
    def _size(self) -> int:
        return max(0, (self.high - self.low) // self.step + 1)

    @property
    def size(self) -> int:
        return self._size

    @property
    def _edge(self) -> float:
        """Where the weight of the first member begins: half a step below it, and above zero."""
        return max(self.low - self.step / 2, self.low / 2)

    def cumulative(self, rank: int) -> int:
        """The weight of all members up to and including the one at ``rank``."""
        if not self.log:
            return rank + 1
        return round(LOG_SCALE * math.log((self.low + rank * self.step + self.step / 2) / self._edge))

    @property
    def total(self) -> int:
        return self.cumulative(self._size - 1)

    def weight(self, rank: int) -> int:
        return self.cumulative(rank) - (self.cumulative(rank - 1) if rank else 0)

    def from_unit(self, u: float) -> int:
        if not self.log:
            position = int(u * self._size) if self._size < 2**53 else int(Fraction(u) * self._size)
            return self.low + self.step * position
        return self.low + self.step * self._log_rank(u)

    def _log_rank(self, u: float) -> int:
        """The first rank whose cumulative weight exceeds ``u * total``."""
        target = u * self.total
        guess = self._edge * math.exp(target / LOG_SCALE)
        rank = min(max(math.ceil((guess - self.low) / self.step - 0.5), 0), self._size - 1)
        while rank > 0 and self.cumulative(rank - 1) > target:
            rank -= 1
        while rank < self._size - 1 and self.cumulative(rank) <= target:
            rank += 1
        return rank

    def to_unit(self, code: Code) -> float:
        rank = self.rank(code)
        below = self.cumulative(rank - 1) if rank else 0
        return (below + self.cumulative(rank)) / (2 * self.total)

    def contains(self, code: object) -> bool:
        return type(code) is int and self.low <= code <= self.high and (code - self.low) % self.step == 0

    def member(self, rank: int) -> int:
        return self.low + rank * self.step

    def rank(self, code: Code) -> int:
        assert isinstance(code, int)
        return (code - self.low) // self.step

    def middle(self) -> int:
        """The member nearest the (log) middle: the default where none is written."""
        middle = math.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2
        position = math.floor((middle - self.low) / self.step + 0.5) if abs(middle) < 2**52 else self._size // 2
        return self.member(min(max(position, 0), self._size - 1))


@dataclass(frozen=True)
class Reals(Domain):
    """All reals of an interval; a code is the float itself."""

    low: float
    high: float
    log: bool = False

    def from_unit(self, u: float) -> float:
        if self.log:
            import numpy as np  # its exp is the one that batches use: equal to the last bit

            span = math.log(self.high) - math.log(self.low)
            value = float(np.exp(math.log(self.low) + u * span))
        else:
            value = self.low + u * (self.high - self.low)
        return min(max(value, self.low), self.high)

    def to_unit(self, code: Code) -> float:
        assert isinstance(code, (int, float))
        if self.high == self.low:
            return 0.5
        if self.log:
            return (math.log(code) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (code - self.low) / (self.high - self.low)

    def contains(self, code: object) -> bool:
        return type(code) in (float, int) and self.low <= code <= self.high  # type: ignore[operator]

    def middle(self) -> float:
        """The (log) middle to three significant digits: a default that reads well in generated code."""
        middle = math.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2
        return min(max(float(f"{middle:.3g}"), self.low), self.high)


@dataclass(frozen=True)
class Steps(Domain):
    """``low, low + step, … <= high`` in exact decimals, rounded once; a code is the float."""

    low: float
    high: float
    step: float
    log: bool = False

    @cached_property
    def _size(self) -> int:
        return max(0, int((exact(self.high) - exact(self.low)) // exact(self.step)) + 1)

    @property
    def size(self) -> int:
        return self._size

    @cached_property
    def _cumulative(self) -> list[int]:
        half = self.step / 2
        return [
            round(LOG_SCALE * math.log((self.member(i) + half) / max(self.low - half, self.low / 2)))
            for i in range(self._size)
        ]

    @property
    def total(self) -> int:
        return self._cumulative[-1] if self.log else self._size

    def weight(self, rank: int) -> int:
        if not self.log:
            return 1
        return self._cumulative[rank] - (self._cumulative[rank - 1] if rank else 0)

    def from_unit(self, u: float) -> float:
        if not self.log:
            return self.member(int(u * self._size))
        return self.member(min(bisect_right(self._cumulative, u * self.total), self._size - 1))

    def to_unit(self, code: Code) -> float:
        rank = self.rank(code)
        if not self.log:
            return (rank + 0.5) / self._size
        below = self._cumulative[rank - 1] if rank else 0
        return (below + self._cumulative[rank]) / (2 * self.total)

    def contains(self, code: object) -> bool:
        if type(code) not in (float, int) or not self.low <= code <= self.high:  # type: ignore[operator]
            return False
        return self.member(self.rank(code)) == code  # type: ignore[arg-type]

    def member(self, rank: int) -> float:
        return float(exact(self.low) + rank * exact(self.step))

    def rank(self, code: Code) -> int:
        assert isinstance(code, (int, float))
        return min(max(round((code - self.low) / self.step), 0), self._size - 1)

    def middle(self) -> float:
        middle = math.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2
        return self.member(self.rank(middle))


@dataclass(frozen=True)
class Gaussian(Domain):
    """A normal distribution, or a lognormal one when ``log``; a code is the float."""

    mean: float
    deviation: float
    log: bool = False

    def from_unit(self, u: float) -> float:
        value = NormalDist(self.mean, self.deviation).inv_cdf(min(max(u, _TINY), 1 - _TINY))
        value = min(max(value, -MAX_REAL), MAX_REAL)
        return _exp(value) if self.log else value

    def to_unit(self, code: Code) -> float:
        assert isinstance(code, (int, float))
        value = math.log(code) if self.log else code
        return NormalDist(self.mean, self.deviation).cdf(value)

    def contains(self, code: object) -> bool:
        return type(code) in (float, int) and math.isfinite(code) and (not self.log or code > 0)  # type: ignore[arg-type,operator]

    def middle(self) -> float:
        return _exp(self.mean) if self.log else float(self.mean)


def _exp(value: float) -> float:
    """The exponential, kept among the positive floats."""
    return max(math.exp(min(value, _MAX_EXPONENT)), sys.float_info.min)


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
