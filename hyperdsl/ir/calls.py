"""Lowers calls: of library classes, of templates and of the built-in functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from hyperdsl.catalog.model import Module
from hyperdsl.check import builtins
from hyperdsl.check.calls import missing_parameters, unknown_parameter
from hyperdsl.diagnostics import kinds, modules, names
from hyperdsl.ir import ops
from hyperdsl.ir.domain import integer_weights
from hyperdsl.ir.environment import Bound, Scope, Template
from hyperdsl.ir.meaning import Undefined
from hyperdsl.ir.paths import distinct
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lower import Lowering


def lower_call(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    function = expr.function
    if isinstance(function, tree.Name) and scope.find(function.id) is None and function.id in builtins.FUNCTIONS:
        if id(function) not in run.typed.modules:
            return _FUNCTIONS[function.id](run, expr, scope, place)
    callee = run.bound(function, scope, place)
    if isinstance(callee, Module):
        return module_call(run, expr, callee, scope, place)
    if isinstance(callee, Template):
        return run.node(template_call(run, expr, callee, scope, place), expr.span)
    return run.fail(names.not_callable(expr.span, function.span.text))


# --- library classes


def module_call(run: Lowering, expr: tree.Call, module: Module, scope: Scope, place: str) -> int:
    """A constructor call; arguments in the order of the signature."""
    here = run.paths.child(place, module.name)
    order = list(module.parameters)
    given: dict[str, int] = {}
    positional = 0
    for argument in expr.arguments:
        if argument.kind == "splat":
            for name, value in _splat(run, argument, scope, here):
                if module.parameter(name) is None and not module.open:
                    run.reporter.add(unknown_parameter(argument.span, module, name))
                given.setdefault(name, value)
        elif argument.kind == "positional":
            if positional >= len(order):
                return run.fail(modules.positional_module_argument(argument.span, module.name, len(order)))
            given[order[positional]] = _argument(run, argument, order[positional], scope, here)
            positional += 1
        elif argument.kind == "named" and argument.name is not None:
            parameter = module.parameter(argument.name)
            if parameter is None and not module.open:
                run.reporter.add(unknown_parameter(argument.name_span or argument.span, module, argument.name))
            name = parameter.name if parameter is not None else argument.name  # an alias is the parameter itself
            given[name] = _argument(run, argument, name, scope, here)
    for name, recommended in _recommended(run, expr, module).items():
        if name not in given:
            given[name] = run.lower(recommended, Scope(), run.paths.child(here, name))
    for problem in missing_parameters(expr.span, module, given):
        run.reporter.add(problem)
    rank = {name: i for i, name in enumerate(order)}
    ordered = sorted(given, key=lambda name: rank.get(name, len(order)))
    return run.add(ops.Call(module.path, tuple(ordered)), [given[n] for n in ordered], expr.span)


def _argument(run: Lowering, argument: tree.Argument, name: str, scope: Scope, here: str) -> int:
    assert argument.value is not None
    return run.node(run.bound(argument.value, scope, run.paths.child(here, name)), argument.value.span)


def _recommended(run: Lowering, expr: tree.Call, module: Module) -> Mapping[str, tree.Expr]:
    """What ``...`` among the arguments stands for."""
    dots = next((a for a in expr.arguments if a.kind == "recommended"), None)
    if dots is None:
        return {}
    ranges = run.typed.recommended.get(module.path, {})
    if not ranges:
        run.reporter.add(modules.nothing_recommended(dots.span, module.name))
    return ranges


def _splat(run: Lowering, argument: tree.Argument, scope: Scope, here: str) -> Sequence[tuple[str, int]]:
    assert argument.value is not None
    index = run.node(run.bound(argument.value, scope, here), argument.value.span)
    heads = run.analysis.heads(index)
    node = run.builder[heads[0]]
    if len(heads) != 1 or not isinstance(node.op, ops.MakeDict) or not all(type(k) is str for k in node.op.keys):
        run.reporter.add(kinds.not_a_record(argument.span))
        return ()
    return [(str(k), o) for k, o in zip(node.op.keys, node.operands, strict=True)]


# --- templates


def template_call(run: Lowering, expr: tree.Call, template: Template, scope: Scope, place: str) -> Bound:
    """The body of a template, expanded anew; arguments are decided once, defaults afresh."""
    from hyperdsl.ir.lower import MAX_DEPTH, Stop

    if len(run.chain) >= MAX_DEPTH:
        run.reporter.add(kinds.budget(expr.span, "levels of calls", MAX_DEPTH, run.chain[-6:]))
        raise Stop
    here = run.paths.child(place, template.name)
    inner = Scope(template.scope)
    known = [p.name for p in template.parameters]
    free = [n for n in known if n not in {a.name for a in expr.arguments if a.kind == "named"}]
    for argument in expr.arguments:
        if argument.kind == "splat":
            for name, value in _splat(run, argument, scope, here):
                if name not in known:
                    return run.fail(names.unknown_argument(argument.span, template.name, name, known, []))
                inner.values.setdefault(name, value)
            continue
        if argument.value is None or (argument.kind == "positional" and not free):
            return run.fail(names.too_many_arguments(argument.span, template.name, known, template.span))
        name = free.pop(0) if argument.kind == "positional" else str(argument.name)
        inner.values[name] = run.bound(argument.value, scope, f"{here}.{name}")
    for parameter in template.parameters:
        if parameter.name in inner.values:
            continue
        if parameter.default is None:
            return run.fail(names.missing_argument(expr.span, template.name, parameter.name, template.span))
        place_of_default = f"{here}.{parameter.name}"
        inner.values[parameter.name] = run.bound(parameter.default, template.scope, place_of_default)
    body = _body(run, template, inner, here)
    return run.add(ops.Named(template.name), (body,), expr.span) if isinstance(body, int) else body


def _body(run: Lowering, template: Template, scope: Scope, here: str) -> Bound:
    """The body of a call; calls with equal arguments share it where it decides nothing."""
    key = template, tuple(_argument_key(run, scope.values[p.name]) for p in template.parameters)
    if key in run.expanded:
        return run.expanded[key]
    decisions, errors = run.paths.count, len(run.reporter.errors)
    run.chain.append(template.name)
    body = run.bound(template.body, scope, here)
    run.chain.pop()
    if (run.paths.count, len(run.reporter.errors)) == (decisions, errors):
        run.expanded[key] = body
    return body


def _argument_key(run: Lowering, bound: Bound) -> object:
    """Equal for arguments that make a body equal: one node, or equal constants."""
    if isinstance(bound, Module):
        return bound.path
    if not isinstance(bound, int):
        return bound
    op = run.builder[bound].op
    if run.types(bound) & {"int", "float", "str", "bool", "none"} and run.analysis.is_constant(bound):
        try:
            value = run.analysis.constant(bound)
        except Undefined:
            return bound
        return type(value), repr(value)
    return op if isinstance(op, ops.Symbol) else ("node", bound)


# --- built-in functions


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
            values.update((n, v) for n, v in _splat(run, argument, scope, place) if n not in written)
        elif argument.kind == "named" and argument.value is not None:
            inner = run.paths.child(place, str(argument.name))
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
    here = run.paths.child(place, "repeat")
    count = _count(run, arguments[0], "repeat", scope, here)
    if count is None:
        return run.add(ops.MakeList(), (), expr.span)
    from hyperdsl.ir.lower import MAX_NODES, Stop

    if count[2] > MAX_NODES:
        run.reporter.add(kinds.budget(expr.span, "parts", MAX_NODES, [*run.chain[-6:], f"repeat({count[2]:,} times)"]))
        raise Stop
    bodies = []
    for number in range(1, count[2] + 1):
        inner = run.paths.child(here, str(number))
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
        items = list(run.list_items(arguments[0], scope, place, f"`{name}`", builtins.EXAMPLES[name]))
        return items, distinct(_item_label(run, i, n) for n, i in enumerate(items))
    return _items_of(run, arguments, scope, place)


def _items_of(
    run: Lowering, expressions: Sequence[tree.Expr], scope: Scope, place: str
) -> tuple[list[int], tuple[ops.Scalar, ...]]:
    items = [run.node(run.bound(e, scope, place), e.span) for e in expressions]
    return items, distinct(run.label(e, i) for e, i in zip(expressions, items, strict=True))


def _item_label(run: Lowering, item: int, number: int) -> ops.Scalar:
    op = run.builder[item].op
    match op:
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
    here = run.paths.child(place, name)
    path = run.paths.decision(here)
    count = _count(run, arguments[0], name, scope, f"{here}.count")
    items, labels = _items(run, arguments[1:], scope, here, name)
    if count is None or not items:
        return run.add(ops.MakeList(), (), expr.span)
    if count[2] > len(items):
        return run.fail(kinds.count_outside(arguments[0].span, name, count[1], count[2], len(items)))
    if name == "pick" and count[1] == count[2] == 1:
        if len(items) == 1:
            return items[0]
        return run.add(ops.Choose(path, labels, integer_weights([1] * len(items))), items, expr.span)
    return run.add(ops.Subset(path, labels, joined=name == "pick"), [count[0], *items], expr.span)


def _pick(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    return _subset(run, expr, scope, place, "pick")


def _permute(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    arguments = _positional(run, expr, "permute")
    if not arguments:
        return run.fail(kinds.bad_call(expr.span, "permute", "the parts to order", builtins.EXAMPLES["permute"]))
    here = run.paths.child(place, "permute")
    path = run.paths.decision(here)
    items, labels = _items(run, arguments, scope, here, "permute")
    return run.add(ops.Permute(path, labels), items, expr.span)


def _normal(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    assert isinstance(expr.function, tree.Name)
    name = expr.function.id
    arguments = _positional(run, expr, name)
    if len(arguments) != 2:
        return run.fail(kinds.bad_call(expr.span, name, "a mean and a standard deviation", builtins.EXAMPLES[name]))
    path = run.paths.decision(place)
    operands = [run.lower(a, scope, place) for a in arguments]
    for operand, argument in zip(operands, arguments, strict=True):
        if not run.is_number(operand):
            return run.fail(kinds.bad_call(argument.span, name, "two numbers", builtins.EXAMPLES[name]))
    if run.analysis.is_constant(operands[1]) and not run.constant(operands[1]) > 0:
        span = arguments[1].span
        return run.fail(kinds.bad_call(span, name, "a standard deviation above 0", builtins.EXAMPLES[name]))
    return run.add(ops.Normal(path, log=name == "lognormal"), operands, expr.span)


def _aggregate(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    assert isinstance(expr.function, tree.Name)
    name = expr.function.id
    arguments = _positional(run, expr, name)
    if not arguments or (len(arguments) > 1 and name not in ("min", "max")):
        takes = "one list" if name not in ("min", "max") else "a list or numbers"
        return run.fail(kinds.bad_call(expr.span, name, takes, builtins.EXAMPLES[name]))
    operands = [run.lower(a, scope, place) for a in arguments]
    return run.add(ops.Aggregate(name), operands, expr.span)


_FUNCTIONS: dict[str, Callable[[Lowering, tree.Call, Scope, str], int]] = {
    "record": _record,
    "repeat": _repeat,
    "subset": _subset,
    "pick": _pick,
    "permute": _permute,
    "normal": _normal,
    "lognormal": _normal,
    **{name: _aggregate for name in builtins.AGGREGATES},
}
