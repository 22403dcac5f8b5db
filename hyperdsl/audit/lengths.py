"""Lengths that decisions with many values set: polynomials over rows, exact without looking at each value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Union

from hyperdsl.frozen import frozen

Rows = tuple[int, ...]  # of one term; a row stands as often as it is a factor


@frozen
class Length:
    """The sum of products of rows, each with a factor; made by :meth:`of` and arithmetic.

    Examples
    --------
    ``Dense(16..512)`` on 10 features has ``Length.of(3) * 10 + Length.of(3)`` weights, where 3 is the row of the range.
    """

    terms: tuple[tuple[Rows, int], ...]

    @classmethod
    def of(cls, row: int) -> Length:
        return cls((((row,), 1),))

    def __add__(self, other: Number) -> Number:
        return _collected([*self.terms, *_terms(other)])

    def __mul__(self, other: Number) -> Number:
        return _collected((tuple(sorted(a + b)), m * n) for a, m in self.terms for b, n in _terms(other))

    __radd__ = __add__
    __rmul__ = __mul__

    def over(self, divisor: int) -> Length | None:
        """The quotient, None where a factor is not a multiple."""
        if any(factor % divisor for _, factor in self.terms):
            return None
        return Length(tuple((rows, factor // divisor) for rows, factor in self.terms))

    def at(self, codes: Mapping[int, Any]) -> int:
        """The value where rows have these codes."""
        return sum(_product([factor, *(codes[row] for row in rows)]) for rows, factor in self.terms)

    def ends(self, hull: Callable[[int], tuple[int, int]]) -> tuple[int, int]:
        """The least and the greatest value, of rows that are not negative."""
        least = sum(_product([f, *(hull(r)[0 if f > 0 else 1] for r in rows)]) for rows, f in self.terms)
        most = sum(_product([f, *(hull(r)[1 if f > 0 else 0] for r in rows)]) for rows, f in self.terms)
        return least, most


Number = Union[int, Length]  # noqa: UP007


def plus(a: Any, b: Any) -> Length | None:
    """The sum where one is a polynomial; None otherwise."""
    return a + b if Length in (type(a), type(b)) and is_number(a) and is_number(b) else None


def times(a: Any, b: Any) -> Length | None:
    """The product where one is a polynomial; None otherwise."""
    return a * b if Length in (type(a), type(b)) and is_number(a) and is_number(b) else None


def is_number(value: object) -> bool:
    return type(value) is int or isinstance(value, Length)


def _terms(value: Number) -> Iterable[tuple[Rows, int]]:
    return value.terms if isinstance(value, Length) else (((), value),)


def _collected(terms: Iterable[tuple[Rows, int]]) -> Number:
    found: dict[Rows, int] = {}
    for rows, factor in terms:
        found[rows] = found.get(rows, 0) + factor
    kept = tuple(sorted((rows, factor) for rows, factor in found.items() if factor))
    if not kept:
        return 0
    return kept[0][1] if len(kept) == 1 and not kept[0][0] else Length(kept)


def _product(factors: Iterable[int]) -> int:
    made = 1
    for factor in factors:
        made *= factor
    return made
