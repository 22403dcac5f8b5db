"""Codes of a number that nothing tells apart: ``n > 3`` and ``n > 7`` make three kinds of ``n = 1..900``.

What is left of a space once a number is decided is then worked out for one code of each kind.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hyperdsl.ir.domain import Code
from hyperdsl.ir.meaning import compare
from hyperdsl.space.parts import Branch, Check, Take
from hyperdsl.space.residual import Conditions, Expression

_FEW = 4  # codes that are not worth looking at
_ORDER = ("<", "<=", ">", ">=")


class Alike:
    """Made once for a skeleton."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self._readers: dict[int, list[Expression] | None] = {}

    def kinds(
        self,
        row: int,
        members: Sequence[Code],
        codes: Mapping[int, Any],
        checks: Iterable[Expression],
        spend: Callable[[int], None],
    ) -> Sequence[int]:
        """For each of the rising codes of a row the position of the first one of its kind.

        Parameters
        ----------
        codes : mapping
            Of what is decided.
        checks : iterable of Expression
            What is left of conditions, beside those of the skeleton.
        spend : callable
            Told of the work on codes that have to be tried one by one.
        """
        every = range(len(members))
        if len(members) < _FEW or type(members[0]) not in (int, float):
            return every
        if (readers := self._readers_of(row)) is None:
            return every
        found = _Differences(self.conditions, row, members, spend)
        for expression in (*(self.conditions.put(e, codes) for e in readers), *checks):
            if not found.add(expression):
                return every
        return found.kinds()

    def _readers_of(self, row: int) -> list[Expression] | None:
        """What parts of the skeleton read a row for; None where it is not only for conditions."""
        if row not in self._readers:
            self._readers[row] = self._find_readers(row)
        return self._readers[row]

    def _find_readers(self, row: int) -> list[Expression] | None:
        found: list[Expression] = []
        for part in self.conditions.skeleton.parts:
            if row not in getattr(part, "reads", ()):
                continue
            match part:
                case Branch(test=node) | Take(count=node) | Check(node=node):
                    found.append(self.conditions.make(node))
                case _:
                    return None
            if row not in self.conditions.rows(found[-1]):
                return None
        return found


class _Differences:
    """Where expressions over one row differ from code to code."""

    def __init__(self, conditions: Conditions, row: int, members: Sequence[Code], spend: Callable[[int], None]) -> None:
        self.conditions = conditions
        self.row = row
        self.members = members
        self.spend = spend
        self._cuts = {0}  # positions at which something begins to hold, or no longer does
        self._tried: dict[Expression, list[Expression]] = {}  # what each code makes of an expression

    def add(self, expression: Expression) -> bool:
        """Take in an expression; False where each code may be a kind of its own."""
        rows = self.conditions.rows(expression)
        if self.row not in rows:
            return True
        match expression:
            case ("cmp", operator, ("r", _), ("c", 0)) if len(rows) == 1 and operator in _ORDER:
                return self._add_sum(operator, 1, 0)
            case ("cmp", operator, ("sum", constant, ((factor, ("r", _)),)), ("c", 0)) if operator in _ORDER:
                return self._add_sum(operator, factor, constant)
            case ("cmp" | "o", *_) if len(rows) == 1:
                if expression not in self._tried:
                    self.spend(len(self.members))
                    self._tried[expression] = [self.conditions.put(expression, {self.row: m}) for m in self.members]
                return True
            case ("not", inner):
                return self.add(inner)
            case ("and" | "or", items) | ("if", *items):
                return all(self.add(item) for item in items)
            case ("t" | "some", other, items) if other != self.row:
                return all(self.add(item) for item in items)
        return False

    def _add_sum(self, operator: str, factor: Any, constant: Any) -> bool:
        """``factor * code + constant`` compared with zero: it rises or falls with the code."""

        def holds(code: Any) -> bool:
            return compare(operator, constant + factor * code, 0, 0)

        last = holds(self.members[-1])
        self._cuts.add(bisect_left(self.members, True, key=lambda code: holds(code) == last))
        return True

    def kinds(self) -> list[int]:
        """For each code the position of the first one that is like it."""
        cuts = sorted(self._cuts)
        tried = list(self._tried.values())
        first: dict[tuple[Any, ...], int] = {}
        return [
            first.setdefault((bisect_right(cuts, position), *(values[position] for values in tried)), position)
            for position in range(len(self.members))
        ]
