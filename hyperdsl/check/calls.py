"""Whether the arguments of a call fit what is called."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence

from hyperdsl.catalog.model import Module
from hyperdsl.check.scopes import Binding, Scope
from hyperdsl.diagnostics import Diagnostic, modules, names
from hyperdsl.diagnostics.suggest import did_you_mean
from hyperdsl.source import Span
from hyperdsl.syntax import tree


def module_call_problems(expr: tree.Call, module: Module) -> Iterator[Diagnostic]:
    """What is wrong with the arguments that a constructor call writes out."""
    positional = [a for a in expr.arguments if a.kind == "positional"]
    if len(positional) > len(module.parameters):
        span = positional[len(module.parameters)].span
        yield modules.positional_module_argument(span, module.name, len(module.parameters))
    given: dict[str, str | None] = dict.fromkeys(list(module.parameters)[: len(positional)])
    for argument in expr.arguments:
        if argument.name is None:
            continue
        place = argument.name_span or argument.span
        parameter = module.parameter(argument.name)
        if parameter is None and not module.open:
            yield unknown_parameter(place, module, argument.name)
        name = parameter.name if parameter is not None else argument.name
        if name in given and given[name] != argument.name:  # the same word twice is reported for every call
            yield names.argument_twice(place, argument.name)
        given[name] = argument.name
    if not any(a.kind in ("splat", "recommended") for a in expr.arguments):
        yield from missing_parameters(expr.span, module, given)


def repeated_arguments(expr: tree.Call) -> Iterator[Diagnostic]:
    """Arguments that a call gives twice under one name."""
    seen: set[str] = set()
    for argument in expr.arguments:
        if argument.name is not None and argument.name in seen:
            yield names.argument_twice(argument.name_span or argument.span, argument.name)
        seen.add(argument.name or "")


def unknown_parameter(span: Span, module: Module, name: str) -> Diagnostic:
    """A parameter that the module does not have, with the nearest that it has."""
    parameters = list(module.parameters)
    if name in ("log", "step", "default"):
        return modules.modifier_as_argument(span, module.name, name)
    aliases = [a for p in module.parameters.values() for a in p.aliases]
    own = name.rpartition("__")[2]  # `model__C` of scikit-learn's grids: here each module is called with its own
    near = [own] if own in parameters else did_you_mean(name, [*parameters, *aliases])
    return modules.unknown_parameter(span, module.name, name, parameters, near)


def missing_parameters(span: Span, module: Module, given: Container[str]) -> Iterator[Diagnostic]:
    """Required parameters that a call leaves out."""
    if module.is_function:
        return
    for parameter in module.parameters.values():
        if parameter.required and parameter.name not in given:
            yield modules.missing_parameter(span, module.name, parameter.name)


def template_call_problems(
    expr: tree.Call, binding: Binding, parameters: Sequence[tree.Parameter]
) -> Iterator[Diagnostic]:
    """What is wrong with the arguments of a call of a ``def``."""
    known = [p.name for p in parameters]
    positional = [a for a in expr.arguments if a.kind == "positional"]
    for argument in expr.arguments:
        if argument.kind == "recommended":
            yield modules.nothing_recommended(argument.span, binding.name)
    if any(a.kind in ("splat", "recommended") for a in expr.arguments):
        return
    if len(positional) > len(known):
        yield names.too_many_arguments(positional[len(known)].span, binding.name, known, binding.span)
    given = set(known[: len(positional)])
    unknown = False
    for argument in expr.arguments:
        if argument.name is None:
            continue
        place = argument.name_span or argument.span
        if argument.name not in known:
            unknown = True
            near = did_you_mean(argument.name, known)
            yield names.unknown_argument(place, binding.name, argument.name, known, near)
        elif argument.name in given and argument.name in known[: len(positional)]:
            yield names.argument_twice(place, argument.name)
        given.add(argument.name)
    for parameter in parameters:
        if parameter.default is None and parameter.name not in given and not unknown:
            yield names.missing_argument(expr.span, binding.name, parameter.name, binding.span)


def compared_argument(argument: tree.Argument, known: Container[str], scope: Scope) -> Span | None:
    """The sign in ``f(p == 1)`` where p is a parameter of f and nothing else has that name."""
    match argument:
        case tree.Argument(kind="positional", value=tree.Compare(operators=("==",), operands=(tree.Name(id=name), _))):
            if name in known and scope.find(name) is None:
                start = argument.span.start + argument.span.text.index("==")
                return Span(argument.span.source, start, start + 2)
    return None
