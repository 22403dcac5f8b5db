"""Arguments and rules as expressions over the decisions.

The value of an argument is a tree: choices and tests inside, constants, ranges and modules at its ends. What a rule
asks of it is asked of each end, so that a comparison becomes a tree of truth values. A number of which only the
bounds are known (``lo..hi``, an end ``("free", …)``) is judged by them; where they do not tell, the answer is unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce
from itertools import count, pairwise

from hyperdsl.audit.witness import FALSE, TRUE, choice
from hyperdsl.catalog.model import Module, Parameter
from hyperdsl.catalog.rulebook import own_defaults
from hyperdsl.ir import ops, plan
from hyperdsl.space import expressions
from hyperdsl.space.expressions import OPEN, Expression, logic
from hyperdsl.space.residual import Conditions
from hyperdsl.syntax import tree

Names = Mapping[str, Expression]
_MOST_ENDS = 50_000  # of the tree of one comparison


class Lifting:
    """Makes the expressions of one graph."""

    def __init__(self, conditions: Conditions) -> None:
        self.conditions = conditions
        self.skeleton = conditions.skeleton
        self._every_row = frozenset(range(len(self.skeleton.nodes)))
        self._names = count(1)

    # --- arguments

    def argument(self, index: int, default: Expression = OPEN) -> Expression:
        """The value of a node; ``default`` where it leaves the argument out. Modules are ``("m", path)``."""
        node = self.skeleton.graph[index]
        operands = node.operands
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                return self.argument(operands[0], default)
            case ops.Choose():
                row = self.skeleton.find_row(index)
                return OPEN if row is None else choice(row, [self.argument(o, default) for o in operands])
            case ops.Select():
                then, other = self.argument(operands[1], default), self.argument(operands[2], default)
                return then if then == other else ("if", self.conditions.make(operands[0]), then, other)
            case ops.Nothing():
                return default
            case ops.Seq():
                return self.argument(operands[-1], default)
            case ops.Call(path=path) | ops.Symbol(path=path):
                return ("m", path)
            case ops.Par() | ops.Columns() | ops.Pass() | ops.Drop():
                return ("m", "")
            case ops.DataFact():
                return OPEN
        return self.conditions.make(index)

    # --- rules

    def truth(self, expr: tree.Expr, names: Names) -> Expression:
        """Where an expression of a rule is true, given what its names stand for."""
        match expr:
            case tree.Boolean(operator=operator, items=items):
                return logic(operator, [self.truth(i, names) for i in items])
            case tree.Unary(operator="not", value=value):
                return self._negate(self.truth(value, names))
            case tree.Paren(value=value):
                return self.truth(value, names)
            case tree.Compare(operators=operators, operands=operands):
                pairs = zip(operators, pairwise(operands), strict=True)
                return logic("and", [self._compare(o, a, b, names) for o, (a, b) in pairs])
        return self.each(lambda end: _is_true(end), self.value(expr, names))

    def value(self, expr: tree.Expr, names: Names) -> Expression:
        """The value of an expression of a rule."""
        match expr:
            case tree.Literal(value=value):
                return ("c", value)
            case tree.Name(id=name):
                return names.get(name, ("m", name))
            case tree.Paren(value=value):
                return self.value(value, names)
            case tree.Unary(operator="-", value=value):
                return self.each(lambda end: expressions.total(0, [(-1, end)]), self.value(value, names))
            case tree.Index(value=value, index=tree.Literal(value=int(position))):
                return self.each(lambda end: self._item(end, position), self.value(value, names))
            case tree.Binary(operator=operator, left=left, right=right):
                return self._joined(
                    lambda a, b: _arithmetic(operator, a, b), self.value(left, names), self.value(right, names)
                )
            case tree.Call(function=tree.Name(id="min" | "max" as which), arguments=arguments):
                values = [self.value(a.value, names) for a in arguments if a.value is not None]
                return reduce(
                    lambda a, b: self._joined(lambda *ends: _extreme(which, ends), a, b),
                    values,
                )
            case tree.Range(low=low, high=high):
                return self._joined(self._between, self.value(low, names), self.value(high, names))
        raise TypeError(f"not part of a rule: {expr}")

    def _item(self, end: Expression, position: int) -> Expression:
        """An item of a list or tuple that has it whatever is decided."""
        match end:
            case ("c", plan.ListPlan(items=items) | tuple(items)) if position < len(items):
                return ("c", items[position])
            case ("o", int(index), _):
                parts = self.skeleton.analysis.items(index) or ()
                types = [self.skeleton.analysis.types(part) for part in parts]
                if position < len(parts) and all(t and "nothing" not in t for t in types):
                    return self.argument(parts[position])
        return OPEN

    def sum(self, left: Expression, right: Expression) -> Expression:
        """Two numbers together."""
        return self._joined(lambda a, b: _arithmetic("+", a, b), left, right)

    def whole(self, value: Expression) -> Expression:
        """A value where it is a whole number, else unknown."""
        return self.each(self._whole, value)

    def rough(self, value: Expression) -> Expression:
        """Only the bounds of a number."""
        return self._between(value, value) if value[0] in ("t", "if") else value

    def at_least(self, low: int) -> Expression:
        """A number of which only a lower bound is known."""
        return ("free", -next(self._names), low, math.inf)

    def _whole(self, end: Expression) -> Expression:
        if end[0] in ("c", "m"):
            return end if type(end[1]) is int else OPEN
        reads_continuous = any(map(self.skeleton.is_continuous, self.conditions.rows(end)))
        return OPEN if reads_continuous else end

    def _between(self, low: Expression, high: Expression) -> Expression:
        """Some number within bounds, which are those of their own bounds."""
        lower, upper = self.conditions.hull(low), self.conditions.hull(high)
        return OPEN if lower is None or upper is None else ("free", -next(self._names), lower[0], upper[1])

    def _joined(
        self, end: Callable[[Expression, Expression], Expression], left: Expression, right: Expression
    ) -> Expression:
        """A number made of two; only its bounds where one of them is known by its bounds."""

        def bounded(a: Expression, b: Expression) -> Expression:
            made = end(a, b)
            return self._between(made, made) if _is_rough(a) or _is_rough(b) else made

        return self._both(bounded, left, right)

    def _compare(self, operator: str, left: tree.Expr, right: tree.Expr, names: Names) -> Expression:
        value = self.value(left, names)
        if operator.startswith("not") or operator in ("!=", "is not"):
            positive = {"!=": "==", "is not": "is", "not in": "in"}[operator]
            return self._negate(self._compare(positive, left, right, names))
        if operator == "is":
            return self.each(lambda end: _is_a(end, right), value)
        if operator == "in" and isinstance(right, tree.ListExpr | tree.TupleExpr):
            return logic("or", [self.compared("==", value, self.value(item, names)) for item in right.items])
        if operator == "in" and isinstance(right, tree.Range):
            low, high = self.value(right.low, names), self.value(right.high, names)
            return logic("and", [self.compared(">=", value, low), self.compared("<=", value, high)])
        return self.compared(operator, value, self.value(right, names))

    def compared(self, operator: str, left: Expression, right: Expression) -> Expression:
        """Where two values compare so."""
        return self._both(lambda a, b: self._verdict(operator, a, b), left, right)

    def _verdict(self, operator: str, left: Expression, right: Expression) -> Expression:
        """A comparison of two ends."""
        if OPEN in (left, right):
            return OPEN
        if "m" in (left[0], right[0]):
            return ("c", _class_name(left) == _class_name(right) != "") if operator == "==" else OPEN
        if operator == "==" and _is_number(left) != _is_number(right) and {left[0], right[0]} <= {"c", "r", "sum", "a"}:
            return FALSE
        made = expressions.compare(operator, left, right)
        if made[0] == "cmp":
            made = self.conditions.settle(made, self._every_row)
        return OPEN if made[0] != "c" and (_is_rough(left) or _is_rough(right)) else made

    # --- over all ends of a value

    def each(self, end: Callable[[Expression], Expression], value: Expression) -> Expression:
        """What is asked of each end of a value, as a tree of answers."""
        match value:
            case ("t", row, parts):
                return choice(row, [self.each(end, p) for p in parts])
            case ("if", test, then, other):
                return ("if", test, self.each(end, then), self.each(end, other))
        return end(value)

    def _both(
        self, end: Callable[[Expression, Expression], Expression], left: Expression, right: Expression
    ) -> Expression:
        if _ends(left) * _ends(right) > _MOST_ENDS:
            return OPEN
        return self.each(lambda a: self.each(lambda b: end(a, b), right), left)

    def _negate(self, value: Expression) -> Expression:
        return self.each(expressions.negate, value)


def default_of(module: Module, parameter: Parameter) -> Expression:
    """What a parameter is where a call does not give it."""
    known, text = own_defaults(module.library), parameter.default_text
    if text and parameter.name in known:
        return ("c", known[parameter.name])
    if "." in text and text.replace(".", "_").isidentifier():
        return ("m", text)
    return OPEN if parameter.required or text else ("c", parameter.default)


def can_be(expression: Expression, verdict: bool) -> bool:
    """Whether an expression may come out so for certain, as far as its form tells."""
    match expression:
        case ("c", value):
            return bool(value) == verdict
        case ("u",):
            return False
        case ("not", inner):
            return can_be(inner, not verdict)
        case ("and" | "or" as operator, items):
            decide = any if (operator == "or") == verdict else all
            return decide(can_be(i, verdict) for i in items)
        case ("t", _, parts) | ("if", _, *parts):
            inner = parts[0] if expression[0] == "t" else parts
            return any(can_be(p, verdict) for p in inner)
    return True


def _is_true(end: Expression) -> Expression:
    match end:
        case ("c", value):
            return ("c", bool(value))
        case ("m", _):
            return TRUE
    return expressions.negate(expressions.compare("==", end, ("c", 0)))


def _is_a(end: Expression, wanted: tree.Expr) -> Expression:
    if end == OPEN:
        return OPEN
    if isinstance(wanted, tree.Literal):
        return ("c", end == ("c", wanted.value) and type(end[1]) is type(wanted.value))
    return ("c", isinstance(wanted, tree.Name) and _class_name(end) == wanted.id)


def _class_name(end: Expression) -> str:
    """The bare name of a class or function; empty for a value."""
    return str(end[1]).rpartition(".")[2] if end[0] == "m" else ""


def _is_number(end: Expression) -> bool:
    return type(end[1]) in (int, float) if end[0] == "c" else True


def _is_rough(end: Expression) -> bool:
    """Whether only bounds are known."""
    return bool(end[0] == "free")


def _extreme(which: str, ends: tuple[Expression, Expression]) -> Expression:
    return OPEN if not all(map(_is_number, ends)) or "m" in (e[0] for e in ends) else expressions.extreme(which, ends)


def _arithmetic(operator: str, left: Expression, right: Expression) -> Expression:
    if not (_is_number(left) and _is_number(right)) or "m" in (left[0], right[0]):
        return OPEN
    if operator in "+-":
        return expressions.total(0, [(1, left), (1 if operator == "+" else -1, right)])
    return expressions.arithmetic(operator, left, right)


def _ends(value: Expression) -> int:
    match value:
        case ("t", _, parts):
            return sum(_ends(p) for p in parts)
        case ("if", _, then, other):
            return _ends(then) + _ends(other)
    return 1
