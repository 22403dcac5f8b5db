"""Writes values in the module of a space: decisions, arithmetic and conditions."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from hyperdsl.backends.pycode import call, literal, parameters
from hyperdsl.backends.space_module.functions import negated, path_node
from hyperdsl.ir import ops
from hyperdsl.ir.meaning import Undefined

if TYPE_CHECKING:
    from hyperdsl.backends.space_module.bodies import Block
    from hyperdsl.backends.space_module.writer import Writer

_NUMBERS = frozenset({"int", "float"})
_ARITHMETIC: dict[str, ast.operator] = {
    "+": ast.Add(),
    "-": ast.Sub(),
    "*": ast.Mult(),
    "/": ast.Div(),
    "//": ast.FloorDiv(),
    "%": ast.Mod(),
}
_ORDER: dict[str, ast.cmpop] = {"<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE()}


class ValueWriter:
    """Writes what is neither a module nor wired from modules."""

    def __init__(self, writer: Writer) -> None:
        self.writer = writer
        self.facts = writer.facts

    def write(self, index: int, op: ops.Op, block: Block | None, part: bool) -> ast.expr:
        operands = self.facts.operands(index)
        match op:
            case ops.Const(value=value):
                return literal(value)
            case ops.DataFact(fact=fact):
                return call(ast.Attribute(ast.Name("d"), "fact"), literal(fact))
            case ops.DecisionOp():
                return self.decision(index, block)
            case ops.MakeList():
                return self._present(ast.List(self._items(operands, block, part)), operands)
            case ops.MakeTuple():
                items = ast.Tuple(self._items(operands, block, False))
                is_whole = not any(self.facts.may_be_absent(o) for o in operands)
                return items if is_whole else call(ast.Name("tuple"), self._present(items, operands))
            case ops.MakeDict(keys=keys):
                self.writer.hints.update({o: k for o, k in zip(operands, keys, strict=True) if isinstance(k, str)})
                made = ast.Dict([literal(k) for k in keys], self._items(operands, block, False))
                return call(ast.Name("filled"), made) if self._any_absent(operands) else made
            case ops.Index():
                container = self.writer.value(operands[0], block, part)
                position = self.writer.operand(operands[1], block)
                if self.facts.may_be_unknown(index):
                    return call(ast.Name("known"), ast.Name("item"), container, position)
                return ast.Subscript(container, position)
            case ops.Slice(lower=lower, upper=upper, step=step):
                ends = [literal(end) if end is not None else None for end in (lower, upper, step)]
                return ast.Subscript(self.writer.value(operands[0], block, part), ast.Slice(*ends))
            case ops.Aggregate(function=function):
                return self._aggregate(function, operands, block)
            case ops.IsModule(path=path):
                return self._is_module(operands[0], path, block)
            case ops.Argument(parameter=parameter):
                return self._argument(operands[0], parameter, block)
        return self._operation(index, op, block)

    def _items(self, operands: Sequence[int], block: Block | None, part: bool) -> list[ast.expr]:
        return [self.writer.embedded(o, block, part) for o in operands]

    def _any_absent(self, operands: Sequence[int]) -> bool:
        return any(self.facts.may_be_absent(o) for o in operands)

    def _present(self, items: ast.expr, operands: Sequence[int]) -> ast.expr:
        return call(ast.Name("present"), items) if self._any_absent(operands) else items

    def _aggregate(self, function: str, operands: Sequence[int], block: Block | None) -> ast.expr:
        """Sums of floats go from left to right: Python 3.12 sums them otherwise."""
        items = self.facts.analysis.items(operands[0]) if len(operands) == 1 else operands
        is_integer = items is not None and all(self.facts.types(o) <= {"int", "bool"} for o in items)
        name = "total" if function == "sum" and not is_integer else function
        if len(operands) == 1 and not self.facts.types(operands[0]) & {"list", "tuple", "dict"}:
            return self.writer.value(operands[0], block)  # the least of one number
        return call(ast.Name(name), *self._items(operands, block, False))

    # --- decisions

    def lookup(self, path: str) -> ast.expr:
        """A decision whose domain no other decision changes."""
        return ast.Subscript(ast.Name("d"), path_node(path))

    def is_taken(self, path: str, position: int, block: Block) -> ast.expr:
        """Whether a choice that has been made took the alternative at a position."""
        assert self.facts.decided is not None
        labels = self.facts.decided.labels[path]
        lookup = self.lookup(path)
        if labels == (True, False):
            return lookup if position == 0 else ast.UnaryOp(ast.Not(), lookup)
        if len(set(labels)) == len(labels):
            return ast.Compare(block.assigned("choice", lookup), [ast.Eq()], [literal(labels[position])])
        place = block.assigned("place", call(ast.Name("label_place"), path_node(path), lookup))
        return ast.Compare(place, [ast.Eq()], [literal(position)])

    def decision(self, index: int, block: Block | None) -> ast.expr:
        """What a decision decided."""
        op, operands = self.facts.op(index), self.facts.operands(index)
        assert isinstance(op, ops.DecisionOp)
        if self.facts.has_constant_domain(index):
            return self.lookup(op.path)
        method = {ops.Normal: "normal", ops.Subset: "subset"}.get(type(op), "between")
        needed = operands[:1] if isinstance(op, ops.Subset) else operands
        ends = [self.writer.embedded(o, block) for o in needed]
        return call(ast.Attribute(ast.Name("d"), method), path_node(op.path), *ends)

    # --- operations

    def condition(self, index: int, block: Block) -> ast.expr:
        """The test of an ``if``."""
        value = self.writer.value(index, block)
        return call(ast.Name("holds"), value) if self.facts.may_be_unknown(index) else value

    def _operation(self, index: int, op: ops.Op, block: Block | None) -> ast.expr:
        operands = self.facts.operands(index)
        if self.facts.analysis.is_constant(index):
            with suppress(Undefined):  # left to fail as it is written, when it is asked for
                constant = self.facts.analysis.constant(index)
                if constant is None or isinstance(constant, (bool, int, float, str)):
                    return literal(constant)
        if isinstance(op, ops.Logic):
            return self._logic(op.operator, operands, block)
        unknown = self.facts.may_be_unknown(index)
        if isinstance(op, ops.Compare) and isinstance(self.facts.op(operands[1]), ops.Interval):
            operands = (operands[0], *self.facts.operands(operands[1]))
        values = [self.writer.operand(o, block) for o in operands]
        if not unknown:
            return self._applied(op, operands, values)
        names = [ast.Name(name) for name in "abc"[: len(values)]]
        function = ast.Lambda(parameters([name.id for name in names]), self._applied(op, operands, list(names)))
        return call(ast.Name("known"), function, *values)

    def _applied(self, op: ops.Op, operands: Sequence[int], values: list[ast.expr]) -> ast.expr:
        match op:
            case ops.Negate():
                return ast.UnaryOp(ast.USub(), values[0])
            case ops.Arithmetic(operator="**"):
                return call(ast.Name("pow"), *values)
            case ops.Arithmetic(operator=operator):
                return ast.BinOp(values[0], _ARITHMETIC[operator], values[1])
            case ops.Compare(operator=operator):
                return self._compare(operator, operands, values)
        raise AssertionError(f"no rule for {op}")

    def _compare(self, operator: str, operands: Sequence[int], values: list[ast.expr]) -> ast.expr:
        if operator in _ORDER:
            return ast.Compare(values[0], [_ORDER[operator]], [values[1]])
        if operator in ("==", "!="):
            return self._equal(operator == "==", operands, values)
        if len(values) == 3:
            value, low, high = values
            inside: ast.expr = ast.Compare(low, [ast.LtE(), ast.LtE()], [value, high])
            types = self.facts.types(operands[0])
            if not types or not types <= _NUMBERS | {"bool"}:
                inside = call(ast.Name("within"), value, low, high)
        else:
            inside = self._among(operands, values)
        return inside if operator == "in" else ast.UnaryOp(ast.Not(), inside)

    def _equal(self, positive: bool, operands: Sequence[int], values: list[ast.expr]) -> ast.expr:
        for one, other in (values, values[::-1]):
            if isinstance(other, ast.Constant) and (other.value is None or isinstance(other.value, bool)):
                return ast.Compare(one, [ast.Is() if positive else ast.IsNot()], [other])
        types = [self.facts.types(o) for o in operands]
        if self._may_confuse(types[0] | types[1], all(types)):
            equal = call(ast.Name("same"), *values)
            return equal if positive else ast.UnaryOp(ast.Not(), equal)
        return ast.Compare(values[0], [ast.Eq() if positive else ast.NotEq()], [values[1]])

    def _may_confuse(self, types: frozenset[str], are_known: bool) -> bool:
        """Whether a truth value may meet a number, which Python takes for equal."""
        return not are_known or ("bool" in types and bool(types & _NUMBERS))

    def _among(self, operands: Sequence[int], values: list[ast.expr]) -> ast.expr:
        items = self.facts.analysis.items(operands[1])
        types = [self.facts.types(o) for o in (operands[0], *(items or ()))]
        is_text = self.facts.types(operands[1]) == {"str"}
        if not is_text and self._may_confuse(frozenset().union(*types), items is not None and all(types)):
            return call(ast.Name("among"), *values)
        return ast.Compare(values[0], [ast.In()], [values[1]])

    def _logic(self, operator: str, operands: Sequence[int], block: Block | None) -> ast.expr:
        """All operands are decided first; what may fail or be unknown is asked in order."""
        unknown = any(self.facts.may_be_unknown(o) for o in operands)
        if operator == "not":
            value = self.writer.operand(operands[0], block)
            if not unknown:
                return negated(value)
            return call(ast.Name("known"), ast.Lambda(parameters(["a"]), negated(ast.Name("a"))), value)
        if block is None or unknown or any(self.facts.may_fail(o) for o in operands[1:]):
            asked = [ast.Lambda(parameters([]), self.writer.value(o, None)) for o in operands]
            return call(ast.Name("kleene"), literal(operator == "or"), *asked)
        values = [self._truth(o, self.writer.operand(o, block)) for o in operands]
        if len(values) > 3:
            return call(ast.Name("all" if operator == "and" else "any"), ast.List(values))
        if operator == "or":
            return ast.BoolOp(ast.Or(), values)
        values = _chained(values)
        return values[0] if len(values) == 1 else ast.BoolOp(ast.And(), values)

    def _truth(self, index: int, value: ast.expr) -> ast.expr:
        return value if self.facts.types(index) == {"bool"} else call(ast.Name("bool"), value)

    # --- modules as values of conditions

    def _head(self, index: int) -> tuple[int, list[int]]:
        """The node that decides on the class of a module, and the conditions of the blocks around it."""
        conditions: list[int] = []
        while True:
            op, operands = self.facts.op(index), self.facts.operands(index)
            if isinstance(op, (ops.Named, ops.Label, ops.Where)):
                conditions += operands[1:]
                index = operands[0]
            elif isinstance(op, ops.Seq):
                index = operands[-1]
            else:
                return index, conditions

    def _is_module(self, module: int, path: str, block: Block | None) -> ast.expr:
        head, conditions = self._head(module)
        return self._under(self._is_head(head, path, block), conditions)

    def _under(self, value: ast.expr, conditions: list[int]) -> ast.expr:
        return self.writer.under(value, conditions) if conditions else value

    def _is_head(self, head: int, path: str, block: Block | None) -> ast.expr:
        op = self.facts.op(head)
        if isinstance(op, ops.Choose) and not op.assignments and len(set(op.labels)) == len(op.labels):
            heads = [self._head(o) for o in self.facts.operands(head)]
            plain = not any(c or isinstance(self.facts.op(h), (ops.Choose, ops.Select)) for h, c in heads)
            if plain:
                is_one = ops.IsModule(path).holds_of
                chosen = [v for v, (h, _) in zip(op.labels, heads, strict=True) if is_one(self.facts.op(h))]
                return self._is_label(self.lookup(op.path), chosen, block)
        if isinstance(op, (ops.Choose, ops.Select)):
            return self.writer.called(head, ("is", path))
        return self.is_class(head, path)

    def is_class(self, head: int, path: str) -> ast.expr:
        """Whether what gives a module its class is the class at a path."""
        holds = ops.IsModule(path).holds_of(self.facts.op(head))
        return ast.Name("ABSENT") if holds is None else literal(holds)

    def _is_label(self, lookup: ast.expr, labels: list[ops.Scalar], block: Block | None) -> ast.expr:
        choice = block.assigned("choice", lookup) if block is not None else lookup
        if len(labels) == 1 and not isinstance(labels[0], bool):
            return ast.Compare(choice, [ast.Eq()], [literal(labels[0])])
        return ast.Compare(choice, [ast.In()], [literal(labels)])

    def _argument(self, module: int, parameter: str, block: Block | None) -> ast.expr:
        head, conditions = self._head(module)
        if isinstance(self.facts.op(head), (ops.Choose, ops.Select)):
            return self._under(self.writer.called(head, ("argument", parameter)), conditions)
        argument = self.facts.argument_of(head, parameter)
        value: ast.expr = ast.Name("ABSENT") if argument is None else self.writer.value(argument, block)
        return self._under(value, conditions)


_RISING = (ast.Lt, ast.LtE)
_FALLING = (ast.Gt, ast.GtE)


def _chained(values: Sequence[ast.expr]) -> list[ast.expr]:
    """``a < b and b < c`` as ``a < b < c``."""
    chained: list[ast.expr] = []
    for value in values:
        last = chained[-1] if chained else None
        if isinstance(last, ast.Compare) and isinstance(value, ast.Compare) and _continues(last, value):
            chained[-1] = ast.Compare(last.left, [*last.ops, *value.ops], [*last.comparators, *value.comparators])
        else:
            chained.append(value)
    return chained


def _continues(first: ast.Compare, second: ast.Compare) -> bool:
    if ast.dump(first.comparators[-1]) != ast.dump(second.left):
        return False
    return any(all(isinstance(o, kinds) for o in (*first.ops, *second.ops)) for kinds in (_RISING, _FALLING))
