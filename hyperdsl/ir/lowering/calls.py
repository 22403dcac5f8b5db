"""Lowers calls: what is called, and the calls of library classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from hyperdsl.catalog.model import Module
from hyperdsl.check import builtins
from hyperdsl.check.calls import missing_parameters, unknown_parameter
from hyperdsl.diagnostics import modules, names
from hyperdsl.ir import ops
from hyperdsl.ir.lowering.environment import Scope, Template
from hyperdsl.ir.lowering.functions import FUNCTIONS
from hyperdsl.ir.lowering.templates import splat, template_call
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.lower import Lowering


def lower_call(run: Lowering, expr: tree.Call, scope: Scope, place: str) -> int:
    function = expr.function
    if isinstance(function, tree.Name) and scope.find(function.id) is None and function.id in builtins.FUNCTIONS:
        if id(function) not in run.typed.modules:
            return FUNCTIONS[function.id](run, expr, scope, place)
    callee = run.bound(function, scope, place)
    if isinstance(callee, Module):
        return module_call(run, expr, callee, scope, place)
    if isinstance(callee, Template):
        return run.node(template_call(run, expr, callee, scope, place), expr.span)
    if isinstance(callee, int) and not run.types(callee):
        return callee  # it has been reported
    return run.fail(names.not_callable(expr.span, function.span.text))


def module_call(run: Lowering, expr: tree.Call, module: Module, scope: Scope, place: str) -> int:
    """A constructor call; arguments in the order of the signature."""
    here = run.paths.child(expr, place, module.name)
    order = list(module.parameters)
    given: dict[str, int] = {}
    positional = 0
    for argument in expr.arguments:
        if argument.kind == "splat":
            for name, value in splat(run, argument, scope, here):
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
            given[name] = run.lower(recommended, Scope(), run.paths.child(recommended, here, name))
    for problem in missing_parameters(expr.span, module, given):
        run.reporter.add(problem)
    rank = {name: i for i, name in enumerate(order)}
    ordered = sorted(given, key=lambda name: rank.get(name, len(order)))
    return run.add(ops.Call(module.path, tuple(ordered)), [given[n] for n in ordered], expr.span)


def _argument(run: Lowering, argument: tree.Argument, name: str, scope: Scope, here: str) -> int:
    assert argument.value is not None
    return run.node(run.bound(argument.value, scope, run.paths.child(argument, here, name)), argument.value.span)


def _recommended(run: Lowering, expr: tree.Call, module: Module) -> Mapping[str, tree.Expr]:
    """What ``...`` among the arguments stands for."""
    dots = next((a for a in expr.arguments if a.kind == "recommended"), None)
    if dots is None:
        return {}
    ranges = run.typed.recommended.get(module.path, {})
    if not ranges:
        run.reporter.add(modules.nothing_recommended(dots.span, module.name))
    return ranges
