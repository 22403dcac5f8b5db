"""What all domains have in common, and the limits on their sizes."""

from __future__ import annotations

import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from typing import Union

from hyperdsl.frozen import frozen

Code = Union[int, float, tuple[int, ...]]  # noqa: UP007

MAX_INTEGER = 2**63 - 1  # an end of an integer range: columns of codes are 64-bit integers
MAX_REAL = sys.float_info.max / 2  # an end of a real range: the difference of two ends is a float too
MAX_STEPS = 1_000_000  # of a log range of reals: the weights of more would be too coarse


def exact(number: float | int) -> Fraction:
    """The decimal that a person wrote for this number."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def integer_weights(weights: Sequence[float | int]) -> tuple[int, ...]:
    """The smallest integers in the proportion of ``weights``, read as decimals."""
    if all(type(w) is int for w in weights):
        integers = [int(w) for w in weights]
    else:
        fractions = [exact(w) for w in weights]
        scale = math.lcm(*(f.denominator for f in fractions))
        integers = [int(f * scale) for f in fractions]
    divisor = math.gcd(*integers)
    return tuple(i // divisor for i in integers)


@frozen(slots=False)
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
