"""What the module of a space needs at run time: domains.

The parts that a space uses are copied into its module as they stand here. Values are what configurations show: labels,
numbers, lists of labels. Domains agree with :mod:`hyperdsl.ir.domain` to the last bit. Lines are short enough for both
line lengths, so that formatting the copy changes nothing.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from statistics import NormalDist
from typing import Any

import numpy as np


def position(labels: list[Any], value: Any) -> int:
    """Where a label stands; 1, 1.0 and True are different labels."""
    for index, label in enumerate(labels):
        if type(label) is type(value) and label == value:
            return index
    raise ValueError(f"{value!r} is none of {labels}")


def positions(labels: list[Any], value: Any) -> list[int]:
    """Where each of a list of labels stands."""
    if type(value) not in (list, tuple):
        raise ValueError(f"{value!r} is no list")
    return [position(labels, label) for label in value]


@dataclass(frozen=True)
class Choice:
    """One of some labels, with integer weights."""

    labels: list[Any]
    weights: list[int]
    default: Any

    def read(self, value: Any) -> Any:
        return self.labels[position(self.labels, value)]

    def draw(self, u: float) -> Any:
        whole = sum(self.weights)
        edges = [weight / whole for weight in accumulate(self.weights)]
        return self.labels[bisect_right(edges[:-1], u)]

    def initial(self) -> Any:
        return self.default


@dataclass(frozen=True)
class Integer:
    """``low, low + step, … <= high``, all alike or, when ``log``, like their logarithms.

    The members up to ``k`` weigh ``round(2**40 * ln((k + step/2) / max(low - step/2, low/2)))``.
    """

    low: int
    high: int
    log: bool = False
    step: int = 1
    default: int | None = None

    @property
    def size(self) -> int:
        return (self.high - self.low) // self.step + 1

    def read(self, value: Any) -> int:
        is_inside = type(value) is int and self.low <= value <= self.high
        if is_inside and (value - self.low) % self.step == 0:
            return int(value)
        steps = f" in steps of {self.step}" if self.step != 1 else ""
        among = f"{self.low}..{self.high}{steps}"
        raise ValueError(f"{value!r} is no whole number in {among}")

    def weight(self, rank: int) -> int:
        """The weight of all members up to the one at ``rank``."""
        above = self.low + rank * self.step + self.step / 2
        return round(2**40 * math.log(above / self.edge))

    @property
    def edge(self) -> float:
        """Where the weight of the first member begins."""
        return max(self.low - self.step / 2, self.low / 2)

    def draw(self, u: float) -> int:
        if not self.log:
            share = u if self.size < 2**53 else Fraction(u)
            return self.low + self.step * int(share * self.size)
        target = u * self.weight(self.size - 1)
        rank, last = 0, self.size - 1
        while rank < last:  # to the first whose weight exceeds the target
            middle = (rank + last) // 2
            if self.weight(middle) <= target:
                rank = middle + 1
            else:
                last = middle
        return self.low + self.step * rank

    def initial(self) -> int:
        """The default, or else the (log) middle."""
        if self.default is not None:
            near = min(max(self.default, self.low), self.high)
            return near - (near - self.low) % self.step
        product, mean = self.low * self.high, (self.low + self.high) / 2
        middle = math.sqrt(product) if self.log else mean
        rank = self.size // 2
        if abs(middle) < 2**52:
            rank = math.floor((middle - self.low) / self.step + 0.5)
        return self.low + self.step * min(max(rank, 0), self.size - 1)


@dataclass(frozen=True)
class Real:
    """All numbers from ``low`` to ``high``, evenly or, when ``log``, by logarithm."""

    low: float
    high: float
    log: bool = False
    default: float | None = None

    def read(self, value: Any) -> float:
        if type(value) in (int, float) and self.low <= value <= self.high:
            return float(value)
        raise ValueError(f"{value!r} is no number in {self.low}..{self.high}")

    def draw(self, u: float) -> float:
        low, high = float(self.low), float(self.high)
        value = low + u * (high - low)
        if self.log:
            span = math.log(high) - math.log(low)
            value = float(np.exp(math.log(low) + u * span))
        return min(max(value, low), high)

    def initial(self) -> float:
        """The default, or else the (log) middle to three digits."""
        middle = self.default
        if middle is None:
            middle = (self.low + self.high) / 2
            if self.log:
                middle = math.sqrt(self.low * self.high)
            middle = float(f"{middle:.3g}")
        return float(min(max(middle, self.low), self.high))


def exact(number: float) -> Fraction:
    """The decimal that a person wrote for this number."""
    return Fraction(repr(number))


@dataclass(frozen=True)
class SteppedReal:
    """``low, low + step, … <= high`` in exact decimals, rounded once.

    When ``log`` they weigh like logarithms, by the formula of whole numbers.
    """

    low: float
    high: float
    step: float
    log: bool = False
    default: float | None = None

    @property
    def size(self) -> int:
        return int((exact(self.high) - exact(self.low)) // exact(self.step)) + 1

    def member(self, rank: int) -> float:
        return float(exact(self.low) + rank * exact(self.step))

    def nearest(self, value: float) -> float:
        rank = round((value - self.low) / self.step)
        return self.member(min(max(rank, 0), self.size - 1))

    def read(self, value: Any) -> float:
        is_inside = type(value) in (int, float) and self.low <= value <= self.high
        if is_inside and self.nearest(value) == value:
            return float(value)
        among = f"{self.low}..{self.high} in steps of {self.step}"
        raise ValueError(f"{value!r} is no number in {among}")

    def weight(self, rank: int) -> int:
        """The weight of all members up to the one at ``rank``."""
        half = self.step / 2
        below = max(self.low - half, self.low / 2)
        return round(2**40 * math.log((self.member(rank) + half) / below))

    def draw(self, u: float) -> float:
        if not self.log:
            return self.member(int(u * self.size))
        weights = [self.weight(rank) for rank in range(self.size)]
        rank = bisect_right(weights, u * weights[-1])
        return self.member(min(rank, self.size - 1))

    def initial(self) -> float:
        """The default, or else the member nearest the (log) middle."""
        if self.default is not None:
            return self.nearest(min(max(self.default, self.low), self.high))
        if self.log:
            return self.nearest(math.sqrt(self.low * self.high))
        return self.nearest((self.low + self.high) / 2)


@dataclass(frozen=True)
class Normal:
    """A normal distribution; when ``log``, that of the logarithm."""

    mean: float
    deviation: float
    log: bool = False

    def read(self, value: Any) -> float:
        is_finite = type(value) in (int, float) and math.isfinite(value)
        if is_finite and (value > 0 or not self.log):
            return float(value)
        raise ValueError(f"{value!r} is no {'positive ' * self.log}number")

    def draw(self, u: float) -> float:
        u = min(max(u, 2.0**-54), 1 - 2.0**-54)
        value = NormalDist(float(self.mean), float(self.deviation)).inv_cdf(u)
        return math.exp(value) if self.log else value

    def initial(self) -> float:
        return math.exp(self.mean) if self.log else float(self.mean)


@dataclass(frozen=True)
class Subset:
    """``count`` of some labels, in their order, all combinations alike."""

    labels: list[Any]
    count: int

    def read(self, value: Any) -> list[Any]:
        places = positions(self.labels, value)
        if len(places) == self.count and places == sorted(set(places)):
            return list(value)
        shape = f"{self.count} of {self.labels} in order"
        raise ValueError(f"{value!r} is no list of {shape}")

    def draw(self, u: float) -> list[Any]:
        rank = int(Fraction(u) * math.comb(len(self.labels), self.count))
        chosen: list[Any] = []
        for place, label in enumerate(self.labels):
            left = self.count - len(chosen)
            if left == 0:
                break
            here = math.comb(len(self.labels) - place - 1, left - 1)
            if rank < here:
                chosen.append(label)
            else:
                rank -= here
        return chosen

    def initial(self) -> list[Any]:
        return self.labels[: self.count]


@dataclass(frozen=True)
class Permutation:
    """All of some labels in any order, all orders alike."""

    labels: list[Any]

    def read(self, value: Any) -> list[Any]:
        places = positions(self.labels, value)
        if sorted(places) == list(range(len(self.labels))):
            return list(value)
        raise ValueError(f"{value!r} is no order of {self.labels}")

    def draw(self, u: float) -> list[Any]:
        rank = int(Fraction(u) * math.factorial(len(self.labels)))
        left = list(self.labels)
        order: list[Any] = []
        while left:
            place, rank = divmod(rank, math.factorial(len(left) - 1))
            order.append(left.pop(place))
        return order

    def initial(self) -> list[Any]:
        return list(self.labels)
