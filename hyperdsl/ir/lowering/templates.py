"""Lowers calls of templates: the body of a ``def``, expanded for each call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import kinds, names
from hyperdsl.ir import ops
from hyperdsl.ir.lowering.environment import MAX_DEPTH, Bound, Scope, Stop, Template
from hyperdsl.ir.lowering.values import guarded
from hyperdsl.ir.meaning import Undefined
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.lower import Lowering


def template_call(run: Lowering, expr: tree.Call, template: Template, scope: Scope, place: str) -> Bound:
    """The body of a template; arguments are decided once, defaults where they are left out.

    The body of a ``def`` is expanded anew, that of a ``let`` decides in each call what it decides in the first.
    """
    if len(run.chain) >= MAX_DEPTH:
        run.reporter.add(kinds.budget(expr.span, "levels of calls", MAX_DEPTH, run.chain[-6:]))
        raise Stop
    here = run.paths.child(expr, place, template.name)
    given = _given(run, expr, template, scope, here)
    if given is None:
        return run.nothing(expr.span)
    if template.trail is None:
        with run.paths.on(run.paths.extended(id(expr))):
            body = _expanded(run, template, given, here)
    else:
        body = _shared(run, expr, template, given)
    return run.add(ops.Named(template.name), (body,), expr.span) if isinstance(body, int) else body


def _given(run: Lowering, expr: tree.Call, template: Template, scope: Scope, here: str) -> dict[str, Bound] | None:
    """What a call writes for the parameters; None after an error."""
    known = [p.name for p in template.parameters]
    free = [n for n in known if n not in {a.name for a in expr.arguments if a.kind == "named"}]
    given: dict[str, Bound] = {}
    for argument in expr.arguments:
        if argument.kind == "splat":
            for name, value in splat(run, argument, scope, here):
                if name not in known:
                    run.reporter.add(names.unknown_argument(argument.span, template.name, name, known, []))
                    return None
                given.setdefault(name, value)
            continue
        if argument.value is None or (argument.kind == "positional" and not free):
            run.reporter.add(names.too_many_arguments(argument.span, template.name, known, template.span))
            return None
        name = free.pop(0) if argument.kind == "positional" else str(argument.name)
        given[name] = run.bound(argument.value, scope, f"{here}.{name}")
    for parameter in template.parameters:
        if parameter.default is None and parameter.name not in given:
            run.reporter.add(names.missing_argument(expr.span, template.name, parameter.name, template.span))
            return None
    return given


def _shared(run: Lowering, expr: tree.Call, template: Template, given: dict[str, Bound]) -> Bound:
    """The body of a ``let``, at its own place."""
    if template.in_progress:
        start = len(run.chain) - 1 - run.chain[::-1].index(template.name)
        chain = [*run.chain[start:][:6], template.name]
        run.reporter.add(names.shared_template_recursion(expr.span, chain, template.span))
        raise Stop
    template.in_progress = True
    run.callers.append((template.name, expr.span))
    with run.paths.on(template.trail):
        body = _expanded(run, template, given, template.place)
    run.callers.pop()
    template.in_progress = False
    return body


def _expanded(run: Lowering, template: Template, given: dict[str, Bound], here: str) -> Bound:
    """The body of a call; calls with equal arguments share it where that makes no difference."""
    run.chain.append(template.name)  # defaults call too
    body = _expanded_once(run, template, given, here)
    run.chain.pop()
    return body


def _expanded_once(run: Lowering, template: Template, given: dict[str, Bound], here: str) -> Bound:
    inner = Scope(template.scope)
    for parameter in template.parameters:
        value = given.get(parameter.name)
        if value is None:
            assert parameter.default is not None
            value = run.bound(parameter.default, inner, f"{here}.{parameter.name}")
        inner.values[parameter.name] = value
    key = template, tuple(_argument_key(run, inner.values[p.name]) for p in template.parameters)
    if key in run.expanded:
        return run.expanded[key]
    decisions, made, errors = run.paths.count, run.tensors, len(run.reporter.errors)
    body = run.bound(template.body, inner, here)
    is_fresh = run.tensors > made or (template.trail is None and run.paths.count > decisions)
    if errors == len(run.reporter.errors) and not is_fresh:
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
    entries = guarded(run, index, node.operands, argument.span)
    return [(str(k), o) for k, o in zip(node.op.keys, entries, strict=True)]
