"""The conditions of a space as expressions, and what is left of them when some rows are decided."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from hyperdsl.frozen import frozen
from hyperdsl.ir import intervals, ops
from hyperdsl.ir.domain import Code
from hyperdsl.ir.intervals import Hull, arithmetic_hull, union
from hyperdsl.ir.meaning import UNKNOWN, Evaluation, Inactive, Undefined
from hyperdsl.space.expressions import (
    OPEN,
    Expression,
    arithmetic,
    by_code,
    compare,
    extreme,
    logic,
    negate,
    rows_of,
    shifted,
    total,
)
from hyperdsl.space.skeleton import Skeleton


class _InactiveRow:
    """The code of a row that turned out not to be active."""


INACTIVE = _InactiveRow()
MOST_CASES = 4_000  # of the parts of one term, written out


@frozen
class Free:
    """The code of a continuous row that is active: bounds of what it can be."""

    low: float
    high: float


class Conditions:
    """Makes and simplifies the conditions of one skeleton."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self._made: dict[int, Expression] = {}
        self._sizes: dict[int, int] = {}  # of cases that are written out
        self._rows: dict[Expression, frozenset[int]] = {}
        self._needed: dict[Expression, frozenset[int]] = {}
        self._last: tuple[dict[int, Code], Evaluation] | None = None  # the last one serves equal codes again
        self._hulls = [skeleton.analysis.hull(node) for node in skeleton.nodes]

    # --- from the graph

    def make(self, index: int) -> Expression:
        """The expression of a node of the graph."""
        if index not in self._made:
            self._made[index] = self._make(index)
        return self._made[index]

    def _make(self, index: int) -> Expression:
        node = self.skeleton.graph[index]
        operands = node.operands
        match node.op:
            case ops.Const(value=value):
                return ("c", value)
            case ops.Integer() | ops.Real() | ops.Normal():
                row = self.skeleton.find_row(index)
                return OPEN if row is None else ("r", row)
            case ops.Named() | ops.Label() | ops.Where():
                return self.make(operands[0])
            case ops.Choose():
                row = self.skeleton.find_row(index)
                return OPEN if row is None else ("t", row, tuple(self.make(o) for o in operands))
            case ops.Select():
                return ("if", *(self.make(o) for o in operands))
            case ops.Unknown():
                return OPEN
            case ops.Case() if self._size(index) <= MOST_CASES:
                return self._case(node.op, operands)
            case ops.Arithmetic(operator="+" | "-" as sign):
                return total(0, [(1, self.make(operands[0])), (1 if sign == "+" else -1, self.make(operands[1]))])
            case ops.Arithmetic(operator=operator):
                return arithmetic(operator, self.make(operands[0]), self.make(operands[1]))
            case ops.Negate():
                return total(0, [(-1, self.make(operands[0]))])
            case ops.Compare(operator=operator):
                return compare(operator, self.make(operands[0]), self.make(operands[1]))
            case ops.Logic(operator="not"):
                return negate(self.make(operands[0]))
            case ops.Logic(operator=operator):
                return logic(operator, [self.make(o) for o in operands])
            case ops.Index() if (item := self._item(*operands)) is not None:
                return item
            case ops.IsModule() as question:
                return self._head(operands[0], lambda op, inner: _known(question.holds_of(op)))
            case ops.Argument(parameter=parameter):
                return self._head(operands[0], lambda op, inner: self._argument(op, inner, parameter))
            case ops.Aggregate(function="sum" | "all" | "any" | "min" | "max" as function) if (
                items := self._items(operands)
            ) is not None:
                return self._aggregate(function, *items)
        if self.skeleton.analysis.is_constant(index):
            try:
                value = self.skeleton.analysis.constant(index)
            except Undefined:
                return OPEN
            return OPEN if value is UNKNOWN else ("c", value)
        return ("o", index, tuple((row, None) for row in self.skeleton.reads(index)))

    def _case(self, op: ops.Case, operands: tuple[int, ...]) -> Expression:
        row = self.skeleton.row_of(op.path)
        return OPEN if row is None else by_code(row, op.codes, [self.make(o) for o in operands])

    def _size(self, index: int) -> int:
        """The parts of cases in cases, those that are used several times counted as often."""
        if index not in self._sizes:
            node = self.skeleton.graph[index]
            own = isinstance(node.op, ops.Case)
            self._sizes[index] = 1 + sum(self._size(o) for o in node.operands) if own else 1
        return self._sizes[index]

    def _items(self, operands: tuple[int, ...]) -> tuple[Expression, tuple[int, ...]] | None:
        """The number of items that an aggregate is of, and all that there may be; None where they cannot be told."""
        analysis = self.skeleton.analysis
        items = operands if len(operands) > 1 else analysis.items(operands[0])
        if items is not None:
            count: Expression = ("c", len(items))
        else:
            node = self.skeleton.graph[operands[0]]
            while isinstance(node.op, ops.Named | ops.Label | ops.Where):
                node = self.skeleton.graph[node.operands[0]]
            if not isinstance(node.op, ops.Repeat):
                return None
            count, items = self.make(node.operands[0]), node.operands[1:]
        scalars = all(analysis.types(i) <= {"bool", "int", "float", "str", "none"} for i in items)
        return (count, items) if scalars else None

    def _aggregate(self, function: str, count: Expression, items: tuple[int, ...]) -> Expression:
        """Of the first ``count`` items; those that are not there change nothing."""
        absent = {"sum": 0, "all": True, "any": False, "min": math.inf, "max": -math.inf}[function]
        made = self._there(count, items, absent)
        if function == "sum":
            value = total(0, [(1, item) for item in made])
        elif function in ("min", "max"):
            value = extreme(function, made)
        else:
            value = logic("and" if function == "all" else "or", made)
        return value if count[0] == "c" else ("if", compare(">", count, ("c", -1)), value, OPEN)  # unknown if it is

    def _there(self, count: Expression, items: tuple[int, ...], absent: object) -> list[Expression]:
        """Items, each worth ``absent`` where the list ends before it."""
        made = []
        for position, item in enumerate(items):
            is_there = self.settle(compare(">", count, ("c", position)), self.rows(count))
            kept = self.make(item)
            made.append(kept if is_there == ("c", True) else ("if", is_there, kept, ("c", absent)))
        return made

    def _item(self, container: int, position: int) -> Expression | None:
        """An item of a list, unknown where any item is: a list is made as a whole. None where that cannot be said."""
        analysis = self.skeleton.analysis
        found = self._items((container,))
        if found is None or not analysis.is_constant(position):
            return None
        count, items = found
        at, hull = analysis.constant(position), self.hull(count)
        if type(at) is not int or hull is None or hull[0] < 0:
            return None
        value = self._picked(at, count, items, range(int(hull[0]), min(int(hull[1]), len(items)) + 1))
        others = [o for o in self._there(count, items, 0) if self.rows(o)]
        if not others and count[0] == "c":
            return value
        if not all(analysis.types(i) <= {"int", "float"} for i in items):
            return None
        return total(0, [(1, value), (0, count), *((0, other) for other in others)])

    def _picked(self, at: int, count: Expression, items: tuple[int, ...], counts: range) -> Expression:
        """The item at a position, from the end where it is negative; unknown where the list has none there."""
        value = OPEN
        for number in counts if at < 0 else [at + 1] if at < len(items) else []:
            place = number + at if at < 0 else at
            item = self.make(items[place]) if place >= 0 else OPEN
            always = number <= counts.start
            value = item if always else ("if", compare(">", count, ("c", number - 1)), item, value)
        return value

    def _head(self, index: int, end: Callable[[ops.Op, tuple[int, ...]], Expression]) -> Expression:
        """Follow a module to what gives it its class."""
        node = self.skeleton.graph[index]
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                return self._head(node.operands[0], end)
            case ops.Seq():
                return self._head(node.operands[-1], end)
            case ops.Choose():
                row = self.skeleton.find_row(index)
                return OPEN if row is None else ("t", row, tuple(self._head(o, end) for o in node.operands))
            case ops.Select():
                test = self.make(node.operands[0])
                return ("if", test, self._head(node.operands[1], end), self._head(node.operands[2], end))
        return end(node.op, node.operands)

    def _argument(self, op: ops.Op, operands: tuple[int, ...], parameter: str) -> Expression:
        names: tuple[Any, ...] = ()
        if isinstance(op, ops.Call):
            names = op.parameters
        elif isinstance(op, ops.MakeDict):
            names = op.keys
        return self.make(operands[names.index(parameter)]) if parameter in names else OPEN

    # --- rows and bounds

    def rows(self, expression: Expression) -> frozenset[int]:
        """The rows that an expression still reads, free ones left out."""
        if expression not in self._rows:
            self._rows[expression] = frozenset(rows_of(expression))
        return self._rows[expression]

    def hull(self, expression: Expression) -> Hull | None:
        """Bounds of a number, None where there are none."""
        match expression:
            case ("c", value):
                return (value, value) if type(value) in (int, float) else None
            case ("r", row):
                return self._hulls[row]
            case ("free", _, low, high):
                return low, high
            case ("t", _, parts) | ("d", _, _, parts):
                return union([self.hull(p) for p in parts])
            case ("if", _, then, other):
                return union([self.hull(then), self.hull(other)])
            case ("sum", constant, terms):
                low = high = constant
                for factor, term in terms:
                    inner = self.hull(term)
                    if inner is None:
                        return None
                    ends = (factor * inner[0], factor * inner[1]) if factor else (0, 0)
                    low, high = low + min(ends), high + max(ends)
                return low, high
            case ("ext", which, parts):
                hulls = [self.hull(p) for p in parts]
                known = [h for h in hulls if h is not None]
                pick = min if which == "min" else max
                return (pick(h[0] for h in known), pick(h[1] for h in known)) if len(known) == len(hulls) else None
            case ("a", operator, left, right):
                return arithmetic_hull(operator, self.hull(left), self.hull(right))
        return None

    # --- deciding

    def put(self, expression: Expression, codes: Mapping[int, Any]) -> Expression:
        """What is left of an expression when rows have codes (or are ``INACTIVE``, or :class:`Free`)."""
        if self.rows(expression).isdisjoint(codes):
            return expression
        match expression:
            case ("r", row):
                code = codes[row]
                if code is INACTIVE:
                    return OPEN
                return ("free", row, code.low, code.high) if isinstance(code, Free) else ("c", code)
            case ("t", row, parts):
                if row in codes:
                    return OPEN if codes[row] is INACTIVE else self.put(parts[codes[row]], codes)
                return ("t", row, tuple(self.put(p, codes) for p in parts))
            case ("d", row, members, parts):
                if row in codes:
                    return self.put(parts[members.index(codes[row]) if codes[row] in members else 0], codes)
                return by_code(row, members, [self.put(p, codes) for p in parts])
            case ("some", row, parts):
                if row in codes:
                    taken = () if codes[row] is INACTIVE else codes[row]
                    return logic("or", [self.put(parts[i], codes) for i in taken])
                return ("some", row, tuple(self.put(p, codes) for p in parts))
            case ("of", row, members):
                return OPEN if codes[row] is INACTIVE else ("c", codes[row] in members)
            case ("if", test, then, other):
                test = self.put(test, codes)
                if test[0] in ("c", "u"):
                    return self.put(then if test[0] == "c" and test[1] else other, codes)
                return ("if", test, self.put(then, codes), self.put(other, codes))
            case ("sum", constant, terms):
                return total(constant, [(f, self.put(t, codes)) for f, t in terms])
            case ("ext", which, parts):
                return extreme(which, [self.put(p, codes) for p in parts])
            case ("a", operator, left, right):
                return arithmetic(operator, self.put(left, codes), self.put(right, codes))
            case ("cmp", operator, left, right):
                return compare(operator, self.put(left, codes), self.put(right, codes))
            case ("not", inner):
                return negate(self.put(inner, codes))
            case ("and" | "or" as operator, items):
                return logic(operator, [self.put(i, codes) for i in items])
            case ("o", node, known):
                return self._opaque(node, tuple((r, codes.get(r) if c is None else c) for r, c in known))
        return expression

    def settle(self, expression: Expression, certain: frozenset[int]) -> Expression:
        """A comparison that its bounds decide is a constant, once every row that it reads is sure to be active."""
        if expression[0] != "cmp" or not self._strict(expression) <= certain:
            return expression
        _, operator, left, right = expression
        a, b = self.hull(left), self.hull(right)
        holds = verdict(operator, a, b) if a is not None and b is not None else None
        return expression if holds is None else ("c", holds)

    def _strict(self, expression: Expression) -> frozenset[int]:
        """The rows without which an expression is unknown."""
        if expression not in self._needed:
            self._needed[expression] = frozenset(rows_of(expression, strict=True))
        return self._needed[expression]

    def _opaque(self, node: int, known: tuple[tuple[int, Any], ...]) -> Expression:
        if any(code is None for _, code in known):
            return ("o", node, known)
        codes: dict[int, Code] = {r: c for r, c in known if c is not INACTIVE and not isinstance(c, Free)}
        if self._last is None or self._last[0] != codes:
            self._last = codes, self._evaluation(codes)
        try:
            value = self._last[1].value(node)
        except (Inactive, Undefined):
            return OPEN
        return OPEN if value is UNKNOWN else ("c", value)

    def _evaluation(self, codes: Mapping[int, Code]) -> Evaluation:
        by_path = {self.skeleton.op(r).path: c for r, c in codes.items()}

        def decide(op: ops.DecisionOp, domain: object) -> Code:
            if op.path not in by_path:
                raise Inactive
            return by_path[op.path]

        return self.skeleton.evaluation(codes, decide)


def _known(value: bool | None) -> Expression:
    return OPEN if value is None else ("c", value)


def verdict(operator: str, a: Hull, b: Hull) -> bool | None:
    """Whether a comparison holds for all values within bounds, for none, or neither is known; floats may be rounded."""
    if all(type(e) is int for e in (*a, *b)):
        return intervals.verdict(operator, a, b)
    finite = (abs(e) for e in (*a, *b) if abs(e) < math.inf)
    return intervals.verdict(operator, a, b, slack=1e-12 * max(1.0, *finite))


__all__ = [
    "INACTIVE",
    "OPEN",
    "Conditions",
    "Expression",
    "Free",
    "compare",
    "logic",
    "negate",
    "shifted",
    "total",
    "verdict",
]
