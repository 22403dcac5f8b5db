"""Lowers calls of templates: the body of a ``def``, expanded for each call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import kinds, names
from hyperdsl.ir import ops
from hyperdsl.ir.environment import MAX_DEPTH, Bound, Scope, Stop, Template
from hyperdsl.ir.meaning import Undefined
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lower import Lowering


def template_call(run: Lowering, expr: tree.Call, template: Template, scope: Scope, place: str) -> Bound:
    """The body of a template, expanded anew; arguments are decided once, defaults afresh."""
    if len(run.chain) >= MAX_DEPTH:
        run.reporter.add(kinds.budget(expr.span, "levels of calls", MAX_DEPTH, run.chain[-6:]))
        raise Stop
    here = run.paths.child(place, template.name)
    inner = Scope(template.scope)
    known = [p.name for p in template.parameters]
    free = [n for n in known if n not in {a.name for a in expr.arguments if a.kind == "named"}]
    for argument in expr.arguments:
        if argument.kind == "splat":
            for name, value in splat(run, argument, scope, here):
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


def splat(run: Lowering, argument: tree.Argument, scope: Scope, here: str) -> Sequence[tuple[str, int]]:
    """The names and values that ``**record`` among the arguments stands for."""
    assert argument.value is not None
    index = run.node(run.bound(argument.value, scope, here), argument.value.span)
    heads = run.analysis.heads(index)
    node = run.builder[heads[0]]
    if len(heads) != 1 or not isinstance(node.op, ops.MakeDict) or not all(type(k) is str for k in node.op.keys):
        run.reporter.add(kinds.not_a_record(argument.span))
        return ()
    return [(str(k), o) for k, o in zip(node.op.keys, node.operands, strict=True)]
