"""Lowers lists, arithmetic and conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hyperdsl.diagnostics import facts, kinds
from hyperdsl.ir import ops
from hyperdsl.ir.facts import TASKS
from hyperdsl.ir.lowering.environment import MAX_NODES, Scope, Stop
from hyperdsl.source import Span
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.lower import Lowering


def lower_value(run: Lowering, expr: tree.Expr, scope: Scope, place: str) -> int:
    """Lists, arithmetic and conditions."""
    span = expr.span

    def low(part: tree.Expr) -> int:
        return run.lower(part, scope, place)

    match expr:
        case tree.ListExpr(items=items):
            return run.add(ops.MakeList(), [low(i) for i in items], span)
        case tree.TupleExpr(items=items):
            return run.add(ops.MakeTuple(), [low(i) for i in items], span)
        case tree.DictExpr(items=pairs):
            return run.add(ops.MakeDict(tuple(k.value for k, _ in pairs)), [low(v) for _, v in pairs], span)
        case tree.Comprehension():
            return _comprehension(run, expr, scope, place)
        case tree.Index(value=value, index=index):
            return _index(run, low(value), low(index), span)
        case tree.Slice(value=value, lower=lower, upper=upper, step=step):
            ends = [_slice_end(run, e, scope, place) for e in (lower, upper, step)]
            if ends[2] == 0 and step is not None:
                return run.fail(kinds.undefined(step.span, "a slice cannot go in steps of 0", ""))
            return run.add(ops.Slice(*ends), (low(value),), span)
        case tree.Unary(operator="-", value=value):
            return _negative(run, value, span, low(value))
        case tree.Unary(operator="+", value=value):
            return low(value)
        case tree.Unary(operator="not", value=value):
            return run.add(ops.Logic("not"), (low(value),), span)
        case tree.Binary(operator=operator, left=left, right=right):
            return _arithmetic(run, expr, operator, (low(left), low(right)))
        case tree.Boolean(operator=operator, items=items):
            return _logic(run, expr, operator, [low(i) for i in items])
        case tree.Compare():
            return _compare(run, expr, scope, place)
    raise AssertionError(f"no rule for {type(expr).__name__}")


def _arithmetic(run: Lowering, expr: tree.Binary, operator: str, operands: tuple[int, int]) -> int:
    for operand, part in zip(operands, (expr.left, expr.right), strict=True):
        if run.types(operand) & {"module", "symbol"}:
            return run.fail(kinds.module_arithmetic(part.span, operator))
    return run.add(ops.Arithmetic(operator), operands, expr.span)


def _logic(run: Lowering, expr: tree.Boolean, operator: str, operands: Sequence[int]) -> int:
    for operand, part in zip(operands, expr.items, strict=True):
        for kind, shown in (("str", "a string"), ("module", "a module"), ("symbol", "a class or function")):
            if run.types(operand) == {kind}:
                return run.fail(kinds.not_a_condition(part.span, operator, shown))
    return run.add(ops.Logic(operator), operands, expr.span)


def _negative(run: Lowering, value: tree.Expr, span: Span, inner: int) -> int:
    op = run.builder[inner].op
    if run.types(inner) & {"module", "symbol"}:
        return run.fail(kinds.module_arithmetic(value.span, "-"))
    if isinstance(value, tree.Literal) and isinstance(op, ops.Const) and type(op.value) in (int, float):
        return run.add(ops.Const(-op.value), (), span)  # type: ignore[operator]
    return run.add(ops.Negate(), (inner,), span)


def _compare(run: Lowering, expr: tree.Compare, scope: Scope, place: str) -> int:
    parts: list[int] = []
    left = run.lower(expr.operands[0], scope, place)
    for operator, operand in zip(expr.operators, expr.operands[1:], strict=True):
        if operator in ("is", "is not"):
            module = run.typed.modules.get(id(operand))
            path = module.path if module is not None else ""
            owner = run.read(left)
            if run.is_read(owner):
                return run.fail(
                    kinds.read_through_choice(expr.operands[0].span, f"part {operator} {operand.span.text}")
                )
            part = run.add(ops.IsModule(path), (owner,), expr.span)
            parts.append(part if operator == "is" else run.add(ops.Logic("not"), (part,), expr.span))
            continue
        right = _set(run, operand, scope, place) if operator in ("in", "not in") else None
        if right is None:
            right = run.lower(operand, scope, place)
        parts.append(run.add(ops.Compare(operator), (left, right), expr.span))
        _check_task(run, left, right, operand if operator in ("==", "!=") else expr)
        left = right
    return parts[0] if len(parts) == 1 else run.add(ops.Logic("and"), parts, expr.span)


def _check_task(run: Lowering, left: int, right: int, place: tree.Expr) -> None:
    """``data.task`` is one of two words; comparing it with another is a slip."""
    ends = [run.builder[i].op for i in (left, right)]
    for op in ends:
        if ops.DataFact("task") in ends and isinstance(op, ops.Const) and op.value not in TASKS:
            run.reporter.add(facts.unknown_task(place.span, op.value, TASKS))


def _set(run: Lowering, expr: tree.Expr, scope: Scope, place: str) -> int | None:
    """Right of ``in`` a range is a set of numbers and a choice a list."""
    if isinstance(expr, tree.Paren):
        return _set(run, expr.value, scope, place)
    if isinstance(expr, tree.Range):
        ends = (run.lower(expr.low, scope, place), run.lower(expr.high, scope, place))
        return run.add(ops.Interval(), ends, expr.span)
    return None


def _index(run: Lowering, container: int, position: int, span: Span) -> int:
    """An item of a list; a written position that the list never has is a slip."""
    items = run.analysis.possible_items(container)[1]
    if items is not None and run.types(position) == {"int"} and run.analysis.is_constant(position):
        at = run.constant(position)
        if not -len(items) <= at < len(items):
            return run.fail(kinds.undefined(span, f"there is no item {at} among {len(items)}", ""))
    return run.add(ops.Index(), (container, position), span)


def _slice_end(run: Lowering, expr: tree.Expr | None, scope: Scope, place: str) -> int | None:
    if expr is None:
        return None
    index = run.lower(expr, scope, place)
    value = run.constant(index) if run.analysis.is_constant(index) else None
    if type(value) is not int:
        run.reporter.add(kinds.not_constant(expr.span, "an end of a slice", "a whole number"))
        return None
    return value


def _comprehension(run: Lowering, expr: tree.Comprehension, scope: Scope, place: str) -> int:
    items = []
    count, source = _listed(run, expr.source, scope, place)
    for number, value in enumerate(source):
        inner = Scope(scope, {expr.name: value})
        with run.paths.on(run.paths.extended(number)):
            if expr.condition is None or _holds(run, expr.condition, inner, place):
                items.append(run.node(run.bound(expr.item, inner, place), expr.item.span))
    if count is None:
        return run.add(ops.MakeList(), items, expr.span)
    if expr.condition is not None and len(items) < len(source):
        return run.fail(kinds.list_expected(expr.source.span, "a comprehension with `if`", "[f(x) for x in [1, 2, 3]]"))
    return run.add(ops.Repeat(), [count, *items], expr.span)


def _listed(run: Lowering, expr: tree.Expr, scope: Scope, place: str) -> tuple[int | None, Sequence[int]]:
    """The items that a comprehension goes over; with them their number where decisions tell how many there are."""
    source = expr.value if isinstance(expr, tree.Paren) else expr
    what, example = "a comprehension", "[f(x) for x in [1, 2, 3]]"
    if isinstance(source, tree.Range) and not source.log and source.default is None:
        return None, _range_items(run, source, scope, place)
    index = run.node(run.bound(expr, scope, place), expr.span)
    repeat = run.builder[repetition] if (repetition := repeated(run, index)) is not None else None
    if repeat is None:
        return None, _items_of(run, index, expr.span, what, example)
    return repeat.operands[0], guarded(run, index, repeat.operands[1:], expr.span)


def repeated(run: Lowering, index: int) -> int | None:
    """The repetition that a list is; None for other lists, and where its length is known."""
    if run.analysis.items(index) is not None:
        return None
    node = run.builder[index]
    while isinstance(node.op, ops.Named | ops.Label | ops.Where):
        index = node.operands[0]
        node = run.builder[index]
    return index if isinstance(node.op, ops.Repeat) else None


def guarded(run: Lowering, container: int, items: Sequence[int], span: Span | None) -> list[int]:
    """Items on their own; the conditions of the block that they come from go with each."""
    conditions = run.analysis.conditions(container)
    return [run.add(ops.Where(), (item, *conditions), span) for item in items] if conditions else list(items)


def _holds(run: Lowering, condition: tree.Expr, scope: Scope, place: str) -> bool:
    """The condition of a comprehension for one item."""
    test = run.lower(condition, scope, place)
    if run.analysis.is_constant(test):
        return bool(run.constant(test))
    instead = "one on the list's items; for a part of a list `subset(0..2, items)`"
    run.reporter.add(kinds.not_constant(condition.span, "the condition of a comprehension", instead))
    return False


def list_items(run: Lowering, expr: tree.Expr, scope: Scope, place: str, what: str, example: str) -> Sequence[int]:
    """The items of a list that is known now; a range counts as the list of its members."""
    source = expr.value if isinstance(expr, tree.Paren) else expr
    if isinstance(source, tree.Range) and not source.log and source.default is None:
        return _range_items(run, source, scope, place)
    return _items_of(run, run.node(run.bound(expr, scope, place), expr.span), expr.span, what, example)


def _items_of(run: Lowering, container: int, span: Span, what: str, example: str) -> Sequence[int]:
    items = run.analysis.items(container)
    if items is None:
        run.fail(kinds.list_expected(span, what, example))
        return ()
    return guarded(run, container, items, span)


def _range_items(run: Lowering, expr: tree.Range, scope: Scope, place: str) -> Sequence[int]:
    values = []
    for part in (expr.low, expr.high, expr.step):
        index = run.lower(part, scope, place) if part is not None else None
        known = index is not None and run.analysis.is_constant(index)
        values.append(run.constant(index) if known and index is not None else (1 if part is None else None))
    low, high, step = values
    if not (isinstance(low, int) and isinstance(high, int) and isinstance(step, int)) or step <= 0:
        run.fail(kinds.list_expected(expr.span, "a comprehension", "[f(i) for i in 1..3]` or `repeat(1..n, part)"))
        return ()
    if (high - low) // step >= MAX_NODES:
        run.reporter.add(kinds.budget(expr.span, "parts", MAX_NODES, run.chain[-6:]))
        raise Stop
    return [run.add(ops.Const(v), (), expr.span) for v in range(low, high + 1, step)]
