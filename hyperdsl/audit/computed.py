"""Values that decisions work out, against what parameters take: ``Ridge(max_iter = n - 3)``, ``Lasso(tol = x - 1)``.

Constants, ranges of constants and modules are judged where they stand, in :mod:`hyperdsl.audit.arguments`. Here it
depends on decisions, and how many configurations fail is counted. What continuous ranges decide is judged by bounds;
where these do not tell, configurations are drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING

from hyperdsl.audit.lifting import Lifting
from hyperdsl.audit.witness import FALSE, TRUE, Failures
from hyperdsl.catalog.model import Items, Module, Parameter
from hyperdsl.catalog.values import Numbers, check_interval, check_kind, check_value, describe, numbers_taken
from hyperdsl.diagnostics import Reporter, modules
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import NUMBERS, Analysis
from hyperdsl.source import Span
from hyperdsl.space.expressions import OPEN, Expression, compare, logic, negate

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

_TRUTHS = (ops.Compare, ops.Logic, ops.IsModule)
_COMPUTED = (*_TRUTHS, ops.Arithmetic, ops.Negate, ops.Aggregate, ops.Index, ops.Argument, ops.Integer, ops.Real)

_NOTHING: Expression = ("m", "nothing")
_WITH_ITEMS = ("estimators", "transformer_list")  # lists of models that scikit-learn takes with an item only


def audit_computed(failures: Failures, catalog: Modules, reporter: Reporter) -> None:
    """Report values that are not what a parameter takes, with the number of configurations that have one."""
    lifting = Lifting(failures.conditions)
    places: dict[tuple[Span, str, str], tuple[Parameter, dict[int, Expression]]] = {}
    for node, module, parameter, value, there in _arguments(failures, catalog):
        if parameter.name in _WITH_ITEMS and module.library == "sklearn":
            _check_list(failures, lifting, module, parameter, value, reporter)
        span = failures.graph[value].span
        types = _doubtful_types(failures.skeleton.analysis, parameter, value)
        if types and span is not None:
            fails = lifting.each(partial(_fails, lifting, parameter, types), lifting.argument(value))
            _, failing = places.setdefault((span, module.name, parameter.name), (parameter, {}))
            failing[node] = logic("or", [failing.get(node, FALSE), logic("and", [there, fails])])
    for (span, module_name, _), (parameter, failing) in places.items():
        failure = failures.of(failing)
        if failure is not None:
            takes = describe(parameter)
            reporter.add(modules.computed_value(span, module_name, parameter.name, takes, failure.where, failure.shown))


def _check_list(
    failures: Failures, lifting: Lifting, module: Module, parameter: Parameter, operand: int, reporter: Reporter
) -> None:
    """Report a list that has no item where all that it may have are left out."""
    empty: dict[int, Expression] = {}
    for leaf in _leaves(failures.skeleton.analysis, operand):
        node = failures.graph[leaf]
        if isinstance(node.op, ops.Subset):
            empty[leaf] = compare("==", failures.conditions.make(node.operands[0]), ("c", 0))
        elif isinstance(node.op, (ops.MakeList, ops.Repeat)):
            items = ((lifting.argument(item, _NOTHING), there) for _, item, there in _items(failures, leaf))
            outs = [logic("or", [negate(there), lifting.each(_is_left_out, value)]) for value, there in items]
            empty[leaf] = logic("and", [TRUE, *outs])
    failure = failures.of(empty)
    span = failures.graph[operand].span
    if failure is not None and span is not None:
        takes = "a list with an item"
        reporter.add(modules.computed_value(span, module.name, parameter.name, takes, failure.where, failure.shown))


def _is_left_out(end: Expression) -> Expression:
    return ("c", end == _NOTHING)


def _arguments(failures: Failures, catalog: Modules) -> Iterator[tuple[int, Module, Parameter, int, Expression]]:
    """Each written argument: where it is built, the class, the parameter, the node of the value, where it is there.

    Items of a list or tuple whose parameter says what they may be are arguments of it of their own.
    """
    graph = failures.graph
    for index in sorted(graph.reachable):
        op = graph[index].op
        found = catalog.find(op.path) if isinstance(op, ops.Call) else ()
        if not isinstance(op, ops.Call) or not found:
            continue
        for name, operand in zip(op.parameters, graph[index].operands, strict=True):
            parameter = found[0].parameter(name)
            if parameter is None or not (parameter.constraints or name in _WITH_ITEMS):
                continue
            yield index, found[0], parameter, operand, TRUE
            each = tuple(c for part in parameter.constraints if isinstance(part, Items) for c in part.each)
            if each:
                item = replace(parameter, constraints=each, required=True)
                for leaf, value, there in _items(failures, operand):
                    yield leaf, found[0], item, value, there


def _items(failures: Failures, operand: int) -> Iterator[tuple[int, int, Expression]]:
    """The items of each list that a value may be: the list, the item, and where the list has it."""
    for leaf in _leaves(failures.skeleton.analysis, operand):
        node = failures.graph[leaf]
        if isinstance(node.op, (ops.MakeList, ops.MakeTuple)):
            yield from ((leaf, item, TRUE) for item in node.operands)
        elif isinstance(node.op, ops.Repeat):
            count = failures.conditions.make(node.operands[0])
            for position, item in enumerate(node.operands[1:]):
                yield leaf, item, compare(">", count, ("c", position))


def _doubtful_types(analysis: Analysis, parameter: Parameter, operand: int) -> frozenset[str]:
    """The types of what is worked out in a value, where their bounds do not show that the parameter takes them."""
    computed = [leaf for leaf in _leaves(analysis, operand) if _is_computed(analysis, leaf)]
    types = frozenset().union(*(analysis.types(leaf) for leaf in computed))
    if not all(map(analysis.types, computed)) or not (types == {"bool"} or types <= NUMBERS):
        return frozenset()
    return types if any(not _fits(analysis, parameter, leaf) for leaf in computed) else frozenset()


def _leaves(analysis: Analysis, operand: int) -> Sequence[int]:
    """What a value may come from, through choices and conditions."""
    found: dict[int, None] = {}
    pending, seen = [operand], {operand}
    while pending:
        here = pending.pop()
        node = analysis.nodes[here]
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                behind = node.operands[:1]
            case ops.Choose():
                behind = node.operands
            case ops.Select():
                behind = node.operands[1:]
            case _:
                found[here] = None
                continue
        pending += (new := [o for o in behind if o not in seen])
        seen.update(new)
    return [*found]


def _is_computed(analysis: Analysis, leaf: int) -> bool:
    """Whether a value is worked out of decisions; a range with constant ends is judged where it stands."""
    node = analysis.nodes[leaf]
    if isinstance(node.op, (ops.Integer, ops.Real)):
        return not all(map(analysis.is_constant, node.operands))
    return isinstance(node.op, _COMPUTED) and not analysis.is_constant(leaf)


def _fits(analysis: Analysis, parameter: Parameter, leaf: int) -> bool:
    types, hull = analysis.types(leaf), analysis.hull(leaf)
    if types == {"bool"}:
        return check_kind(parameter, "bool") is None
    if hull is None or not all(map(isfinite, hull)):
        return numbers_taken(parameter, types) is None
    return check_interval(parameter, *hull, types == {"int"}) is None


def _fails(lifting: Lifting, parameter: Parameter, types: frozenset[str], end: Expression) -> Expression:
    """Where one end of a value is not what a parameter takes."""
    if end == OPEN:
        return OPEN
    if end[0] == "m":
        return FALSE  # judged where it stands
    if end[0] == "c":
        value = end[1]
        if isinstance(value, (bool, int, float)) and types <= NUMBERS:  # `1.0 * n` of 3 is 3.0
            value = float(value) if types == {"float"} else value if isinstance(value, float) else int(value)
        plain = value is None or isinstance(value, (bool, int, float, str))
        return ("c", plain and check_value(parameter, value) is not None)
    if types == {"bool"}:
        return ("c", check_kind(parameter, "bool") is not None)
    taken = numbers_taken(parameter, types)
    return FALSE if taken is None else logic("and", [TRUE, *(_outside(lifting, part, end) for part in taken)])


def _outside(lifting: Lifting, part: Numbers, end: Expression) -> Expression:
    low, high, with_low, with_high = part
    return logic(
        "or",
        [
            lifting.compared("<" if with_low else "<=", end, ("c", low)),
            lifting.compared(">" if with_high else ">=", end, ("c", high)),
        ],
    )
