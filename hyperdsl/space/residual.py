"""Conditions as expressions over rows, and what is left of them when some rows are decided.

An expression is a nested tuple, so that equal residuals are equal keys: what has been decided is folded into constants
and sums are kept as one constant and the terms that are open. ``a + b + c == 10`` with ``a = 3`` and ``b = 4`` leaves
the same as with ``a = 2`` and ``b = 5``. That is what makes counting under conditions a dynamic program.

========================  ===================================================
``("c", value)``          a constant
``("r", row)``            the value of a decided number
``("free", row, a, b)``   a continuous number that is active; its value is open, between ``a`` and ``b``
``("t", row, (…))``       one of several expressions, by the alternative of a choice
``("some", row, (…))``     whether any holds of the items that a subset or permutation takes
``("of", row, (…))``       whether the code of a row is one of some
``("if", test, a, b)``    one of two
``("sum", constant, (…))``  a constant plus terms ``(factor, expression)``
``("a", op, a, b)``       other arithmetic
``("cmp", op, a, b)``     a comparison
``("and", (…))``, ``("or", (…))``, ``("not", a)``
``("u",)``                unknown: it reads what is not active
``("o", node, rows)``     an expression of the graph that is worked out when all its rows are decided
========================  ===================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from hyperdsl.ir import meaning, ops
from hyperdsl.ir.domain import Code
from hyperdsl.ir.meaning import UNKNOWN, Inactive, Undefined
from hyperdsl.space.skeleton import Skeleton

Expression = tuple[Any, ...]
Hull = tuple[float, float]

OPEN: Expression = ("u",)


class _InactiveRow:
    """The code of a row that turned out not to be active."""


INACTIVE = _InactiveRow()


@dataclass(frozen=True, slots=True)
class Free:
    """The code of a continuous row that is active: bounds of what it can be."""

    low: float
    high: float


class Conditions:
    """Makes and simplifies the conditions of one skeleton."""

    def __init__(self, skeleton: Skeleton) -> None:
        self.skeleton = skeleton
        self._made: dict[int, Expression] = {}
        self._rows: dict[Expression, frozenset[int]] = {}
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
            case ops.Arithmetic(operator="+"):
                return total(0, [(1, self.make(operands[0])), (1, self.make(operands[1]))])
            case ops.Arithmetic(operator="-"):
                return total(0, [(1, self.make(operands[0])), (-1, self.make(operands[1]))])
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
                return self.make(item)
            case ops.IsModule(path=path):
                return self._head(operands[0], lambda op, inner: ("c", isinstance(op, ops.Call) and op.path == path))
            case ops.Argument(parameter=parameter):
                return self._head(operands[0], lambda op, inner: self._argument(op, inner, parameter))
            case ops.Aggregate(function="sum") if (items := self.skeleton.analysis.items(operands[0])) is not None:
                return total(0, [(1, self.make(o)) for o in items])
        if self.skeleton.analysis.is_constant(index):
            return ("c", self.skeleton.analysis.constant(index))
        return ("o", index, tuple((row, None) for row in self.skeleton.reads(index)))

    def _item(self, container: int, position: int) -> int | None:
        """The node that an item of a list is, whatever is decided; None where that is decided too."""
        analysis = self.skeleton.analysis
        if not analysis.is_constant(position) or type(at := analysis.constant(position)) is not int or at < 0:
            return None
        node = self.skeleton.graph[container]
        while isinstance(node.op, ops.Named | ops.Label | ops.Where):
            node = self.skeleton.graph[node.operands[0]]
        items: tuple[int, ...] = ()
        if isinstance(node.op, ops.MakeList | ops.MakeTuple):
            items = node.operands
        elif isinstance(node.op, ops.Repeat) and (count := analysis.hull(node.operands[0])) is not None:
            items = node.operands[1 : 1 + int(count[0])]
        if at >= len(items) or any("nothing" in analysis.types(i) for i in items[: at + 1]):
            return None
        return items[at]

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
            self._rows[expression] = frozenset(_rows(expression))
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
            case ("t", _, parts):
                return _union([self.hull(p) for p in parts])
            case ("if", _, then, other):
                return _union([self.hull(then), self.hull(other)])
            case ("sum", constant, terms):
                low = high = constant
                for factor, term in terms:
                    inner = self.hull(term)
                    if inner is None:
                        return None
                    ends = (factor * inner[0], factor * inner[1])
                    low, high = low + min(ends), high + max(ends)
                return low, high
            case ("a", operator, left, right):
                return _corners(operator, self.hull(left), self.hull(right))
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
        if expression[0] != "cmp" or not self.rows(expression) <= certain:
            return expression
        _, operator, left, right = expression
        a, b = self.hull(left), self.hull(right)
        holds = verdict(operator, a, b) if a is not None and b is not None else None
        return expression if holds is None else ("c", holds)

    def _opaque(self, node: int, known: tuple[tuple[int, Any], ...]) -> Expression:
        if any(code is None for _, code in known):
            return ("o", node, known)
        codes: dict[int, Code] = {r: c for r, c in known if c is not INACTIVE and not isinstance(c, Free)}
        by_path = {self.skeleton.op(r).path: c for r, c in codes.items()}

        def decide(op: ops.DecisionOp, domain: object) -> Code:
            if op.path not in by_path:
                raise Inactive
            return by_path[op.path]

        try:
            value = self.skeleton.evaluation(codes, decide).value(node)
        except (Inactive, Undefined):
            return OPEN
        return OPEN if value is UNKNOWN else ("c", value)


def _rows(expression: Expression) -> Iterable[int]:
    match expression:
        case ("r", row) | ("of", row, _):
            yield row
        case ("t" | "some", row, parts):
            yield row
            for part in parts:
                yield from _rows(part)
        case ("sum", _, terms):
            for _, term in terms:
                yield from _rows(term)
        case ("and" | "or", items):
            for item in items:
                yield from _rows(item)
        case ("o", _, known):
            yield from (row for row, code in known if code is None)
        case ("if" | "a" | "cmp" | "not", *parts):
            for part in parts:
                if isinstance(part, tuple):
                    yield from _rows(part)


# --- building


def total(constant: Any, terms: Iterable[tuple[Any, Expression]]) -> Expression:
    """A sum in normal form: nested sums are joined, constants added, terms sorted, equal terms collected."""
    collected: dict[Expression, Any] = {}
    pending = list(terms)
    while pending:
        factor, term = pending.pop()
        match term:
            case ("u",):
                return OPEN
            case ("c", value) if isinstance(value, (int, float)):
                constant = constant + factor * value
            case ("sum", inner, parts):
                constant = constant + factor * inner
                pending.extend((factor * f, t) for f, t in parts)
            case _:
                collected[term] = collected.get(term, 0) + factor
    kept = sorted(((f, t) for t, f in collected.items() if f != 0), key=repr)
    return shifted(constant, tuple(kept)) if kept else ("c", constant)


def shifted(constant: Any, terms: tuple[tuple[Any, Expression], ...]) -> Expression:
    """A constant plus terms that are in normal form already."""
    if constant == 0 and len(terms) == 1 and terms[0][0] == 1:
        return terms[0][1]
    return ("sum", constant, terms)


def arithmetic(operator: str, left: Expression, right: Expression) -> Expression:
    if left == OPEN or right == OPEN:
        return OPEN
    if operator == "*" and left[0] == "c" and type(left[1]) in (int, float):
        return total(0, [(left[1], right)])
    if operator == "*" and right[0] == "c" and type(right[1]) in (int, float):
        return total(0, [(right[1], left)])
    if left[0] == "c" and right[0] == "c":
        try:
            return ("c", meaning.arithmetic(operator, left[1], right[1], 0))
        except Undefined:
            return OPEN
    return ("a", operator, left, right)


def compare(operator: str, left: Expression, right: Expression) -> Expression:
    if left == OPEN or right == OPEN:
        return OPEN
    if left[0] == "c" and right[0] == "c":
        try:
            return ("c", meaning.compare(operator, left[1], right[1], 0))
        except Undefined:
            return OPEN
    if operator in ("in", "not in") or not all(_is_numeric(e) for e in (left, right)):
        return ("cmp", operator, left, right)
    # numbers: everything to the left, so that equal differences are equal keys
    return ("cmp", operator, total(0, [(1, left), (-1, right)]), ("c", 0))


def _is_numeric(expression: Expression) -> bool:
    match expression:
        case ("c", value):
            return type(value) in (int, float)
        case ("r", _) | ("free", *_) | ("sum", *_) | ("a", *_):
            return True
        case ("t", _, parts):
            return all(_is_numeric(p) for p in parts)
        case ("if", _, then, other):
            return _is_numeric(then) and _is_numeric(other)
    return False


def negate(inner: Expression) -> Expression:
    if inner == OPEN:
        return OPEN
    return ("c", not inner[1]) if inner[0] == "c" else ("not", inner)


def logic(operator: str, items: Iterable[Expression]) -> Expression:
    """Kleene's ``and`` and ``or``."""
    decisive = operator == "or"
    kept: dict[Expression, None] = {}
    for item in items:
        if item[0] == "c":
            if bool(item[1]) == decisive:
                return ("c", decisive)
            continue
        kept[item] = None
    if not kept:
        return ("c", not decisive)
    return next(iter(kept)) if len(kept) == 1 else (operator, tuple(sorted(kept, key=repr)))


# --- intervals


def _union(hulls: list[Hull | None]) -> Hull | None:
    known = [h for h in hulls if h is not None]
    if len(known) < len(hulls) or not known:
        return None
    return min(h[0] for h in known), max(h[1] for h in known)


def _corners(operator: str, left: Hull | None, right: Hull | None) -> Hull | None:
    if left is None or right is None:
        return None
    if operator in ("/", "//", "%") and right[0] <= 0 <= right[1]:
        return None
    if operator == "%":
        return (0, right[1]) if right[0] > 0 else (right[0], 0)
    if operator == "**" and left[0] < 0:
        return None
    try:
        corners = [meaning.arithmetic(operator, a, b, 0) for a in left for b in right]
    except Undefined:
        return None
    return min(corners), max(corners)


def verdict(operator: str, a: Hull, b: Hull) -> bool | None:
    """Whether a comparison holds for all values within bounds, for none, or neither is known."""
    slack = 1e-12 * max(1.0, *(abs(e) for e in (*a, *b) if e == e and abs(e) != float("inf")))
    if all(type(e) is int for e in (*a, *b)):
        slack = 0
    match operator:
        case "<":
            return True if a[1] < b[0] - slack else False if a[0] >= b[1] + slack and a[0] >= b[1] else None
        case "<=":
            return True if a[1] <= b[0] - slack else False if a[0] > b[1] + slack else None
        case ">":
            return verdict("<", b, a)
        case ">=":
            return verdict("<=", b, a)
        case "==":
            return False if a[0] > b[1] + slack or b[0] > a[1] + slack else None
        case "!=":
            return True if a[0] > b[1] + slack or b[0] > a[1] + slack else None
    return None
