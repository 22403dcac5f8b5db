"""Domains of numbers: ranges and normal distributions."""

from __future__ import annotations

import math
import sys
from bisect import bisect_right
from fractions import Fraction
from functools import cached_property
from statistics import NormalDist

from hyperdsl.frozen import frozen
from hyperdsl.ir.domain.base import MAX_REAL, Code, Domain, exact

LOG_SCALE = 2**40
_TINY = 2.0**-54
_MAX_EXPONENT = math.log(MAX_REAL)
_ULPS_A_STEP = 16  # at least: a rank is a quotient of two floats, rounded


@frozen(slots=False)
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
        return self.low + self.step * _log_rank(self, u, self._edge)

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


@frozen(slots=False)
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


@frozen(slots=False)
class Steps(Domain):
    """``low, low + step, … <= high`` in exact decimals, rounded once; a code is the float."""

    low: float
    high: float
    step: float
    log: bool = False

    @cached_property
    def _exact(self) -> tuple[int, int, int]:
        """``low`` and ``step`` over their common denominator, and that."""
        low, step = exact(self.low), exact(self.step)
        common = math.lcm(low.denominator, step.denominator)
        return int(low * common), int(step * common), common

    @cached_property
    def _size(self) -> int:
        low, step, common = self._exact
        return max(0, int((exact(self.high) * common - low) // step) + 1)

    @property
    def size(self) -> int:
        return self._size

    @property
    def is_too_fine(self) -> bool:
        """Whether floats as large as the ends are too coarse to tell neighbours, and their ranks, apart."""
        return self._size > 1 and self.step < _ULPS_A_STEP * math.ulp(max(abs(self.low), abs(self.high)))

    @property
    def _edge(self) -> float:
        return max(self.low - self.step / 2, self.low / 2, math.ulp(0.0))

    def cumulative(self, rank: int) -> int:
        """The weight of all members up to and including the one at ``rank``."""
        if not self.log:
            return rank + 1
        return round(LOG_SCALE * _log_ratio(self.member(rank) + self.step / 2, self._edge))

    @cached_property
    def total(self) -> int:
        return self.cumulative(self._size - 1)

    def weight(self, rank: int) -> int:
        return self.cumulative(rank) - (self.cumulative(rank - 1) if rank else 0)

    def from_unit(self, u: float) -> float:
        if not self.log:
            return self.member(int(u * self._size) if self._size < 2**53 else int(Fraction(u) * self._size))
        return self.member(_log_rank(self, u, self._edge))

    def to_unit(self, code: Code) -> float:
        rank = self.rank(code)
        if not self.log:
            return (rank + 0.5) / self._size if self._size < 2**53 else float(Fraction(2 * rank + 1, 2 * self._size))
        below = self.cumulative(rank - 1) if rank else 0
        return (below + self.cumulative(rank)) / (2 * self.total)

    def contains(self, code: object) -> bool:
        if type(code) not in (float, int) or not self.low <= code <= self.high:  # type: ignore[operator]
            return False
        return self.member(self.rank(code)) == code  # type: ignore[arg-type]

    def member(self, rank: int) -> float:
        low, step, common = self._exact
        return (low + rank * step) / common  # of integers, so rounded once

    def rank(self, code: Code) -> int:
        assert isinstance(code, (int, float))
        steps = (code - self.low) / self.step
        if not math.isfinite(steps):
            low, step, common = self._exact
            nearest = round((exact(code) * common - low) / step)
        else:
            nearest = round(steps)
        return min(max(nearest, 0), self._size - 1)

    def middle(self) -> float:
        middle = math.sqrt(self.low * self.high) if self.log else (self.low + self.high) / 2
        return self.member(self.rank(middle))


def _log_rank(domain: Integers | Steps, u: float, edge: float) -> int:
    """The first rank whose cumulative weight exceeds ``u * total``; ``edge`` is where the first one's begins."""
    target, last = u * domain.total, domain.size - 1
    guess = math.exp(math.log(edge) + target / LOG_SCALE)
    low = high = min(max(math.ceil((guess - domain.low) / domain.step - 0.5), 0), last)
    width = 1
    while low > 0 and domain.cumulative(low - 1) > target:
        low, width = max(low - width, 0), 2 * width
    width = 1
    while high < last and domain.cumulative(high) <= target:
        high, width = min(high + width, last), 2 * width
    return low + bisect_right(range(low, high), target, key=domain.cumulative)


def _log_ratio(a: float, b: float) -> float:
    """``ln(a / b)``, also where the quotient is beyond the floats."""
    ratio = a / b
    return math.log(ratio) if math.isfinite(ratio) else math.log(a) - math.log(b)


@frozen(slots=False)
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
