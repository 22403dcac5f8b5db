"""Values as decision diagrams: which value an expression has under which decisions, as far as there are few.

A diagram is a leaf, or a row of the table of decisions with a diagram for each of its codes; rows stand in the order of
the table, equal diagrams are one. So what a decision does not change does not depend on it: a cell of thousands of
wirings that all give one shape is a single leaf.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from enum import Enum
from functools import partial, reduce
from typing import Any, Literal

from hyperdsl.audit.lengths import Length, plus, times
from hyperdsl.ir import meaning, ops, plan
from hyperdsl.ir.domain import Code, Integers
from hyperdsl.ir.meaning import NOTHING, Undefined
from hyperdsl.ir.meaning.values import aggregate, arithmetic, compare, item, negate, part
from hyperdsl.space.expressions import OPEN, Expression, logic
from hyperdsl.space.skeleton import Skeleton

MOST_CODES = 128  # of a row that is looked at code by code
MOST_NODES = 100_000  # of all diagrams together


class Sign(Enum):
    unknown = "unknown"
    skipped = "skipped"


UNKNOWN: Literal[Sign.unknown] = Sign.unknown  # a value that depends on more than is looked at
SKIPPED: Literal[Sign.skipped] = Sign.skipped  # there is no value under these decisions


class TooLarge(Exception):
    """The diagrams have more nodes than is allowed."""


class Diagrams:
    """The diagrams of one space; each is a number.

    Parameters
    ----------
    skeleton : Skeleton
        Its rows are those of the diagrams.
    few : int
        Ranges of integers with more values are not looked at value by value: what they set is a polynomial.
    """

    def __init__(self, skeleton: Skeleton, few: int = MOST_CODES) -> None:
        self.skeleton = skeleton
        self.few = few
        self.graph = skeleton.graph
        self._leaves: list[Any] = []  # the value of a leaf, by number; a row's place holds None
        self._rows: list[int] = []  # of inner diagrams; for leaves past all rows
        self._children: list[tuple[int, ...]] = []
        self._known: dict[Any, int] = {}
        self._codes: dict[int, tuple[Code, ...] | None] = {}
        self._values: dict[int, int] = {}
        self._last = len(skeleton.nodes)
        self.unknown = self.leaf(UNKNOWN)
        self.skipped = self.leaf(SKIPPED)

    # --- making

    def leaf(self, value: Any) -> int:
        return self._make((type(value), repr(value)), value, self._last, ())

    def node(self, row: int, children: Sequence[int]) -> int:
        if all(child == children[0] for child in children):
            return children[0]
        return self._make((row, tuple(children)), None, row, tuple(children))

    def _make(self, key: Any, value: Any, row: int, children: tuple[int, ...]) -> int:
        if key not in self._known:
            if len(self._leaves) >= MOST_NODES:
                raise TooLarge
            self._known[key] = len(self._leaves)
            self._leaves.append(value)
            self._rows.append(row)
            self._children.append(children)
        return self._known[key]

    def apply(self, function: Callable[..., Any], *operands: int) -> int:
        """The diagram of a function of several values."""
        memo: dict[tuple[int, ...], int] = {}

        def go(parts: tuple[int, ...]) -> int:
            if parts not in memo:
                if len(memo) >= MOST_NODES:
                    raise TooLarge
                row = min((self._rows[p] for p in parts), default=self._last)
                if row == self._last:
                    memo[parts] = self.leaf(function(*(self._leaves[p] for p in parts)))
                else:
                    ways = range(len(self.codes(row) or ()))
                    memo[parts] = self.node(row, [go(tuple(self._at(p, row, w) for p in parts)) for w in ways])
            return memo[parts]

        return go(operands)

    def _at(self, diagram: int, row: int, way: int) -> int:
        return self._children[diagram][way] if self._rows[diagram] == row else diagram

    def codes(self, row: int) -> tuple[Code, ...] | None:
        """The codes of a row; None where there are too many, or they depend on other rows."""
        if row not in self._codes:
            domain = self.skeleton.constant_domain(row)
            few = domain is not None and domain.size is not None and domain.size <= MOST_CODES
            self._codes[row] = tuple(domain.member(i) for i in range(domain.size)) if few else None  # type: ignore
        return self._codes[row]

    # --- reading

    def parts(self, diagram: int) -> tuple[int | None, tuple[int, ...]]:
        """The row at the top of a diagram, None for a leaf, and what stands below it for each of its codes."""
        row = self._rows[diagram]
        return None if row == self._last else row, self._children[diagram]

    def leaves(self, diagram: int) -> list[Any]:
        """The values that a diagram can have."""
        found, seen, pending = [], set(), [diagram]
        while pending:
            here = pending.pop()
            if here not in seen:
                seen.add(here)
                if self._rows[here] == self._last:
                    found.append(self._leaves[here])
                pending.extend(self._children[here])
        return found

    def expression(self, diagram: int) -> Expression:
        """Where the values of a diagram are true, as an expression over rows; unknown ones are not."""
        memo: dict[int, Expression] = {}

        def go(here: int) -> Expression:
            if here not in memo:
                row = self._rows[here]
                if row == self._last:
                    memo[here] = ("c", self._leaves[here] is True)
                else:
                    codes = self.codes(row) or ()
                    by_child: dict[int, list[Code]] = {}
                    for code, child in zip(codes, self._children[here], strict=True):
                        by_child.setdefault(child, []).append(code)
                    memo[here] = logic("or", [
                        logic("and", [("of", row, tuple(some)), go(child)]) for child, some in by_child.items()
                    ])  # fmt: skip
            return memo[here]

        return go(diagram)

    def size(self, diagram: int) -> int:
        """The number of nodes."""
        return len(self._below(diagram))

    def rows(self, diagram: int) -> frozenset[int]:
        """The rows that a diagram reads."""
        return frozenset(self._rows[d] for d in self._below(diagram) if self._rows[d] != self._last)

    def _below(self, diagram: int) -> set[int]:
        seen: set[int] = set()
        pending = [diagram]
        while pending:
            here = pending.pop()
            if here not in seen:
                seen.add(here)
                pending.extend(self._children[here])
        return seen

    # --- numbers

    def number(self, diagram: int, codes: Sequence[Code | None]) -> int:
        """The number at the end of a diagram under codes; a decision that is not made changes nothing."""
        while (row := self._rows[diagram]) != self._last:
            members = self.codes(row) or ()
            code = codes[row]
            diagram = self._children[diagram][members.index(code) if code is not None else 0]
        value = self._leaves[diagram]
        return value.at(codes) if isinstance(value, Length) else value  # type: ignore[arg-type]

    def extreme(self, terms: Sequence[int], pick: Callable[..., int]) -> int:
        """The least or greatest sum of diagrams, exact by eliminating one row after the other, the last one first."""
        end = 0 if pick is min else 1
        live = [self.apply(lambda v: v.ends(self._ends)[end] if isinstance(v, Length) else v, t) for t in terms]
        while rows := frozenset().union(*map(self.rows, live)):
            last = max(rows)
            bucket = [t for t in live if last in self.rows(t)]
            joined = reduce(partial(self.apply, operator.add), bucket)
            live = [t for t in live if t not in bucket] + [self._without(joined, last, pick)]
        return sum(self._leaves[t] for t in live)

    def _ends(self, row: int) -> tuple[int, int]:
        domain = self.skeleton.constant_domain(row)
        assert isinstance(domain, Integers)
        return domain.low, domain.high

    def _without(self, diagram: int, last: int, pick: Callable[..., int]) -> int:
        """A diagram in which the least (or greatest) child stands for its last row."""
        memo: dict[int, int] = {}

        def go(here: int) -> int:
            if here not in memo:
                row = self._rows[here]
                if row == self._last:
                    memo[here] = here
                elif row == last:
                    memo[here] = self.leaf(pick(self._leaves[child] for child in self._children[here]))
                else:
                    memo[here] = self.node(row, [go(child) for child in self._children[here]])
            return memo[here]

        return go(diagram)

    # --- the values of the graph

    def value(self, index: int) -> int:
        """The diagram of a node's value."""
        if index not in self._values:
            self._values[index] = self._value(index)
        return self._values[index]

    def _value(self, index: int) -> int:
        op, operands = self.graph[index].op, self.graph[index].operands
        match op:
            case ops.Const(value=value):
                return self.leaf(value)
            case ops.Nothing():
                return self.leaf(NOTHING)
            case ops.Named() | ops.Label() | ops.Where():
                return self.value(operands[0])
            case ops.Integer() | ops.Real():
                return self._decided(index, lambda code: code)
            case ops.Choose():
                ways = [self.value(o) for o in operands]
                return self.cases(self._decided(index, lambda code: code), ways)
            case ops.Select():
                return self.apply(_either, *(self.value(o) for o in operands))
            case ops.Subset():
                chosen = self._decided(index, lambda code: code)
                return self.apply(_some_of, chosen, *(self.value(o) for o in operands[1:]))
            case ops.Permute():
                chosen = self._decided(index, lambda code: code)
                return self.apply(_some_of, chosen, *(self.value(o) for o in operands))
            case ops.Repeat():
                return self.apply(_first, *(self.value(o) for o in operands))
            case ops.MakeList() | ops.MakeTuple():
                is_list = isinstance(op, ops.MakeList)
                return self.apply(lambda *parts: _list(parts, is_list), *(self.value(o) for o in operands))
            case ops.Arithmetic(operator="+"):
                return self._strict(lambda a, b: plus(a, b) or arithmetic("+", a, b, index), operands, symbolic=True)
            case ops.Arithmetic(operator="*"):
                return self._strict(lambda a, b: times(a, b) or arithmetic("*", a, b, index), operands, symbolic=True)
            case ops.Arithmetic(operator=sign):
                return self._strict(lambda a, b: arithmetic(sign, a, b, index), operands)
            case ops.Negate():
                return self._strict(lambda a: negate(a, index), operands)
            case ops.Compare(operator=sign):
                return self._strict(lambda a, b: compare(sign, a, b, index), operands)
            case ops.Index():
                return self._strict(lambda xs, i: item(xs, i, index), operands)
            case ops.Slice(lower=lower, upper=upper, step=step):
                return self._strict(lambda xs: part(xs, slice(lower, upper, step), index), operands)
            case ops.Aggregate(function=name):
                return self._strict(lambda *xs: aggregate(name, list(xs), index), operands)
        return self.other(index)

    def other(self, index: int) -> int:
        """The value of what is no plain value."""
        return self.unknown

    def _decided(self, index: int, value: Callable[[Code], Any]) -> int:
        row = self.skeleton.find_row(index)
        domain = None if row is None else self.skeleton.constant_domain(row)
        if row is not None and isinstance(domain, Integers) and domain.size > self.few:
            return self.leaf(Length.of(row))
        codes = None if row is None else self.codes(row)
        if row is None or codes is None:
            return self.unknown
        return self.node(row, [self.leaf(value(code)) for code in codes])

    def cases(self, chosen: int, ways: Sequence[int]) -> int:
        """One of several values, by a number."""
        return self.apply(lambda n, *values: n if n in (UNKNOWN, SKIPPED) else values[n], chosen, *ways)

    def _strict(self, function: Callable[..., Any], operands: Sequence[int], symbolic: bool = False) -> int:
        """A function of values that are all known; ``symbolic``: of polynomials too."""

        def known(*values: Any) -> Any:
            for sign in (SKIPPED, UNKNOWN):
                if any(v is sign for v in values):
                    return sign
            if not symbolic and any(isinstance(v, Length) for v in values):
                return UNKNOWN
            try:
                found = function(*values)
            except Undefined:
                return UNKNOWN
            return UNKNOWN if found is meaning.UNKNOWN else found

        return self.apply(known, *(self.value(o) for o in operands))


def _either(test: Any, then: Any, other: Any) -> Any:
    return test if isinstance(test, Sign) else then if test else other


def _list(parts: Sequence[Any], is_list: bool) -> Any:
    """A list of values; one that is not known makes no list unknown."""
    if any(p is SKIPPED for p in parts):
        return SKIPPED
    kept = tuple(p for p in parts if p is not NOTHING)
    return plan.ListPlan(kept) if is_list else kept


def _some_of(chosen: Any, *items: Any) -> Any:
    return chosen if isinstance(chosen, Sign) else _list([items[i] for i in chosen], True)


def _first(count: Any, *bodies: Any) -> Any:
    return count if isinstance(count, Sign) else _list(bodies[:count], True)


__all__ = ["OPEN", "SKIPPED", "UNKNOWN", "Diagrams", "Sign", "TooLarge"]
