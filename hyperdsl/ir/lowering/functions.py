"""Lowers calls of the built-in functions: ``record``, ``repeat``, ``pick``, ``sum`` and so on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hyperdsl.check import builtins
from hyperdsl.diagnostics import kinds
from hyperdsl.ir import ops
from hyperdsl.ir.domain import integer_weights
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.lowering.environment import MAX_NODES, Scope, Stop
from hyperdsl.ir.lowering.labels import label
from hyperdsl.ir.lowering.sharing import choose, decide, ordered, some
from hyperdsl.ir.lowering.templates import splat
from hyperdsl.ir.lowering.values import list_items, repeated
from hyperdsl.ir.paths import distinct
from hyperdsl.source import Span
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.lower import Lowering


def _positional(run: Lowering, expr: tree.Call, name: str) -> list[tree.Expr]:
    """The arguments of a built-in, which have no names."""
    for argument in expr.arguments:
        if argument.kind != "positional":
            example = builtins.EXAMPLES[name]
            run.reporter.add(kinds.bad_call(argument.span, name, "arguments without names", example))
    return [a.value for a in expr.arguments if a.value is not None]


def _record(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    values: dict[str, int] = {}
    written = {a.name for a in expr.arguments}
    for argument in expr.arguments:
        if argument.kind == "splat":
            values.update((n, v) for n, v in splat(run, argument, scope, place) if n not in written)
        elif argument.kind == "named" and argument.value is not None:
            inner = run.paths.child(argument, place, str(argument.name))
            values[str(argument.name)] = run.node(run.bound(argument.value, scope, inner), argument.value.span)
        else:
            return run.fail(kinds.bad_call(argument.span, "record", "named values", builtins.EXAMPLES["record"]))
    return run.add(ops.MakeDict(tuple(values)), tuple(values.values()), expr.span)


def _count(run: Lowering, expr: tree.Expr, name: str, scope: Scope, place: str) -> tuple[int, int, int] | None:
    """The node of a count with its bounds, or None after an error."""
    count = run.lower(expr, scope, place)
    hull = run.analysis.hull(count)
    if run.types(count) != {"int"} or hull is None:
        run.reporter.add(kinds.not_whole_count(expr.span, name))
        return None
    low, high = int(hull[0]), int(hull[1])
    if low < 0:
        run.reporter.add(kinds.negative_count(expr.span, name, low))
        return None
    op = run.builder[count].op
    if isinstance(op, ops.Integer) and op.default is None:  # the default of a count is its lowest value
        run.builder.nodes[count] = type(run.builder[count])(
            ops.Integer(op.path, op.log, op.step, low), run.builder[count].operands, expr.span
        )
    return count, low, high


def _repeat(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    arguments = _positional(run, expr, "repeat")
    if len(arguments) != 2:
        return run.fail(kinds.count_and_items(expr.span, "repeat"))
    here = run.paths.child(expr, place, "repeat")
    count = _count(run, arguments[0], "repeat", scope, here)
    if count is None:
        return run.add(ops.MakeList(), (), expr.span)
    if count[2] > MAX_NODES:
        run.reporter.add(kinds.budget(expr.span, "parts", MAX_NODES, [*run.chain[-6:], f"repeat({count[2]:,} times)"]))
        raise Stop
    bodies = []
    for number in range(1, count[2] + 1):
        with run.paths.on(run.paths.extended(number)):
            inner = run.paths.child(expr, here, str(number))
            bodies.append(run.node(run.bound(arguments[1], scope, inner), arguments[1].span))
    return run.add(ops.Repeat(), [count[0], *bodies], expr.span)


def _items(
    run: Lowering, arguments: Sequence[tree.Expr], scope: Scope, place: str, name: str
) -> tuple[list[int], tuple[ops.Scalar, ...]]:
    """The items of ``(count, list)`` or ``(count, items…)`` with their labels."""
    if len(arguments) == 1:
        inner = arguments[0]
        while isinstance(inner, tree.Paren):
            inner = inner.value
        if isinstance(inner, tree.ListExpr):
            return _items_of(run, inner.items, scope, place)
        items = list(list_items(run, arguments[0], scope, place, f"`{name}`", builtins.EXAMPLES[name]))
        if run.paths.trail is not None:  # the list may be another one in the next call
            return items, tuple(range(len(items)))
        return items, distinct(_item_label(run, i, n) for n, i in enumerate(items))
    return _items_of(run, arguments, scope, place)


def _items_of(
    run: Lowering, expressions: Sequence[tree.Expr], scope: Scope, place: str
) -> tuple[list[int], tuple[ops.Scalar, ...]]:
    items = [run.node(run.bound(e, scope, place), e.span) for e in expressions]
    return items, distinct(label(run, e, i) for e, i in zip(expressions, items, strict=True))


def _item_label(run: Lowering, item: int, number: int) -> ops.Scalar:
    op = run.builder[item].op
    match op:
        case ops.Where():
            return _item_label(run, run.builder[item].operands[0], number)
        case ops.Const(value=value):
            return value
        case ops.Named(definition=name) | ops.Label(label=name):
            return name
        case ops.Call(path=path):
            return path.rpartition(".")[2]
    return number


def _subset(run: Lowering, expr: tree.Call, scope: Scope, place: str, name: str = "subset") -> int:
    arguments = _positional(run, expr, name)
    if len(arguments) < 2:
        return run.fail(kinds.count_and_items(expr.span, name))
    here = run.paths.child(expr, place, name)
    path = run.paths.decision(expr, here)
    count = _count(run, arguments[0], name, scope, f"{here}.count")
    items, labels = _items(run, arguments[1:], scope, here, name)
    if count is None or not items:
        return run.add(ops.MakeList(), (), expr.span)
    if count[2] > len(items):
        return run.fail(kinds.count_outside(arguments[0].span, name, count[1], count[2], len(items)))
    if name == "pick" and count[1] == count[2] == 1 and run.analysis.is_constant(count[0]):
        if len(items) == 1:
            return items[0]
        return choose(run, ops.Choose(path, labels, integer_weights([1] * len(items))), items, expr.span)
    return some(run, ops.Subset(path, labels, joined=name == "pick"), count[:2], items, expr.span)


def _pick(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    return _subset(run, expr, scope, place, "pick")


def _permute(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    arguments = _positional(run, expr, "permute")
    if not arguments:
        return run.fail(kinds.bad_call(expr.span, "permute", "the parts to order", builtins.EXAMPLES["permute"]))
    here = run.paths.child(expr, place, "permute")
    path = run.paths.decision(expr, here)
    items, labels = _items(run, arguments, scope, here, "permute")
    return ordered(run, ops.Permute(path, labels), items, expr.span)


def _normal(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    assert isinstance(expr.function, tree.Name)
    name = expr.function.id
    arguments = _positional(run, expr, name)
    if len(arguments) != 2:
        return run.fail(kinds.bad_call(expr.span, name, "a mean and a standard deviation", builtins.EXAMPLES[name]))
    path = run.paths.decision(expr, place)
    operands = [run.lower(a, scope, place) for a in arguments]
    for operand, argument in zip(operands, arguments, strict=True):
        if not run.is_number(operand):
            return run.fail(kinds.bad_call(argument.span, name, "two numbers", builtins.EXAMPLES[name]))
    if run.analysis.is_constant(operands[1]) and not run.constant(operands[1]) > 0:
        span = arguments[1].span
        return run.fail(kinds.bad_call(span, name, "a standard deviation above 0", builtins.EXAMPLES[name]))
    return decide(run, ops.Normal(path, log=name == "lognormal"), operands, expr.span)


def _aggregate(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    assert isinstance(expr.function, tree.Name)
    name = expr.function.id
    arguments = _positional(run, expr, name)
    if not arguments or (len(arguments) > 1 and name not in ("min", "max")):
        takes = "one list" if name not in ("min", "max") else "a list or numbers"
        return run.fail(kinds.bad_call(expr.span, name, takes, builtins.EXAMPLES[name]))
    operands = [run.lower(a, scope, place) for a in arguments]
    if name == "len" and (count := _length(run, operands[0], expr.span)) is not None:
        return count
    items = run.analysis.items(operands[0]) if name in ("all", "any") else None
    if items and all(run.types(i) <= {"bool", "int", "float", "str", "none"} for i in items):
        return run.add(ops.Logic("and" if name == "all" else "or"), items, expr.span)
    return run.add(ops.Aggregate(name), operands, expr.span)


def _length(run: Lowering, container: int, span: Span) -> int | None:
    """The length of a list all of whose items are there; so asking for it reads no item."""
    items = run.analysis.items(container)
    repetition = repeated(run, container) if items is None else None
    found = items if repetition is None else run.builder[repetition].operands[1:]
    if found is None or any("nothing" in run.types(i) for i in found):
        return None
    return run.add(ops.Const(len(found)), (), span) if repetition is None else run.builder[repetition].operands[0]


def _input(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    dims: list[int] = []
    dtype: str | None = None
    for argument in expr.arguments:
        if argument.name == "dtype" and isinstance(argument.value, tree.Literal) and type(argument.value.value) is str:
            dtype = argument.value.value
        elif argument.kind == "positional" and argument.value is not None:
            dims.append(run.lower(argument.value, scope, place))
        else:
            return run.fail(kinds.bad_call(argument.span, "input", "lengths of axes", builtins.EXAMPLES["input"]))
    for dim, argument in zip(dims, expr.arguments, strict=False):
        hull = run.analysis.hull(dim)
        is_length = run.types(dim) == {"int"} and (hull is None or hull[0] >= 1)
        if not is_length and not run.analysis.is_none(dim):
            return run.fail(kinds.bad_call(argument.span, "input", "lengths of axes", builtins.EXAMPLES["input"]))
    return run.add(ops.Input(dtype), dims, expr.span)


def _tied(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    arguments = _positional(run, expr, "tied")
    if len(arguments) != 1:
        return run.fail(kinds.bad_call(expr.span, "tied", "one layer, or several in a row", builtins.EXAMPLES["tied"]))
    layer = run.step(arguments[0], scope, place)
    types = run.types(layer)
    if types and not types & {"module", "list"}:
        return run.fail(kinds.bad_call(expr.span, "tied", "one layer, or several in a row", builtins.EXAMPLES["tied"]))
    return run.add(ops.Tied(), (layer,), expr.span)


def _loose(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    arguments = _positional(run, expr, "loose")
    tensors = run.lower(arguments[0], scope, place) if len(arguments) == 1 else None
    if tensors is None or not run.analysis.is_tensors(tensors):
        return run.fail(kinds.bad_call(expr.span, "loose", "one list of tensors", builtins.EXAMPLES["loose"]))
    return run.add(ops.Loose(), (tensors,), expr.span)


def _cost(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    assert isinstance(expr.function, tree.Name)
    name = expr.function.id
    arguments = _positional(run, expr, name)
    network = run.lower(arguments[0], scope, place) if len(arguments) == 1 else None
    if network is None or not (
        run.analysis.is_tensors(network) or any(is_network(run.builder[h].op) for h in run.analysis.heads(network))
    ):
        return run.fail(kinds.bad_call(expr.span, name, "one network, or a tensor", builtins.EXAMPLES[name]))
    return run.add(ops.Cost(name), (network,), expr.span)


FUNCTIONS: dict[str, Callable[[Lowering, tree.Call, Scope, str], int]] = {
    "record": _record,
    "repeat": _repeat,
    "subset": _subset,
    "pick": _pick,
    "permute": _permute,
    "normal": _normal,
    "lognormal": _normal,
    "input": _input,
    "tied": _tied,
    "loose": _loose,
    **{name: _cost for name in builtins.COSTS},
    **{name: _aggregate for name in builtins.AGGREGATES},
}
