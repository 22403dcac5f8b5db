"""Values that decisions work out, against what parameters take: ``Ridge(max_iter = n - 3)``, ``Lasso(tol = x - 1)``.

Constants, ranges of constants and modules are judged where they stand, in :mod:`hyperdsl.audit.arguments`. Here it
depends on decisions, and how many configurations fail is counted. What continuous ranges decide is judged by bounds;
where these do not tell, configurations are drawn.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING

from hyperdsl.audit.lifting import Lifting
from hyperdsl.audit.values import show_code
from hyperdsl.audit.witness import FALSE, TRUE, Failures
from hyperdsl.catalog.model import Module, Parameter
from hyperdsl.catalog.values import Numbers, check_interval, check_kind, check_value, describe, numbers_taken
from hyperdsl.diagnostics import Reporter, modules
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import NUMBERS, Analysis
from hyperdsl.ir.domain import Code, Domain
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import Evaluation, Undefined
from hyperdsl.source import Span
from hyperdsl.space.expressions import OPEN, Expression, logic
from hyperdsl.space.skeleton import Skeleton

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

_TRUTHS = (ops.Compare, ops.Logic, ops.IsModule)
_COMPUTED = (*_TRUTHS, ops.Arithmetic, ops.Negate, ops.Aggregate, ops.Index, ops.Argument, ops.Integer, ops.Real)
_DRAWS = 100


def audit_computed(failures: Failures, catalog: Modules, reporter: Reporter) -> None:
    """Report values that are not what a parameter takes, with the number of configurations that have one."""
    lifting = Lifting(failures.conditions)
    places: dict[tuple[Span, str, str], tuple[Parameter, dict[int, Expression]]] = {}
    for call, module, parameter, operand in _arguments(failures.graph, catalog):
        span = failures.graph[operand].span
        types = _doubtful_types(failures.skeleton.analysis, parameter, operand)
        if types and span is not None:
            fails = partial(_fails, lifting, parameter, types)
            _, failing = places.setdefault((span, module.name, parameter.name), (parameter, {}))
            failing[call] = lifting.each(fails, lifting.argument(operand))
    for (span, module_name, _), (parameter, failing) in places.items():
        failure = failures.of(failing)
        found = (failure.where, failure.shown) if failure else _drawn(failures.skeleton, parameter, failing)
        if found is not None:
            reporter.add(modules.computed_value(span, module_name, parameter.name, describe(parameter), *found))


def _arguments(graph: Graph, catalog: Modules) -> Iterator[tuple[int, Module, Parameter, int]]:
    """Each written argument: the call, its class, the parameter, the node of the value."""
    for index in sorted(graph.reachable):
        op = graph[index].op
        found = catalog.find(op.path) if isinstance(op, ops.Call) else ()
        if not isinstance(op, ops.Call) or not found:
            continue
        for name, operand in zip(op.parameters, graph[index].operands, strict=True):
            parameter = found[0].parameter(name)
            if parameter is not None and parameter.constraints:
                yield index, found[0], parameter, operand


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
        plain = end[1] is None or isinstance(end[1], (bool, int, float, str))
        return ("c", plain and check_value(parameter, end[1]) is not None)
    if types == {"bool"}:
        return ("c", check_kind(parameter, "bool") is not None)
    taken = numbers_taken(parameter, types)
    return FALSE if taken is None else logic("and", [TRUE, *(_outside(lifting, part, end) for part in taken)])


def _drawn(skeleton: Skeleton, parameter: Parameter, calls: Iterable[int]) -> tuple[str, str] | None:
    """Where a value fails that depends on a continuous range, and a witness; None where no drawn configuration does."""
    graph = skeleton.graph
    operands = {call: _operand(graph, call, parameter) for call in calls}
    rows = {call: skeleton.reads(operand) for call, operand in operands.items()}
    if not any(skeleton.is_continuous(row) for read in rows.values() for row in read):
        return None
    for attempt in range(_DRAWS):
        rng = random.Random(attempt)

        def decide(op: ops.DecisionOp, domain: Domain, rng: random.Random = rng) -> Code:
            return domain.from_unit(rng.choice((0.0, 1 - 2.0**-53, rng.random())))

        run = Evaluation(graph.nodes, decide, {})
        try:
            run.value(graph.root)
        except Undefined:
            continue
        reached = [call for call in operands if run.is_known(call)]
        failing = [call for call in reached if _is_refused(parameter, run.value(operands[call]))]
        if failing and not run.violated():
            paths = [skeleton.op(row).path for row in rows[failing[0]]]
            shown = [f"{p} = {show_code(graph, p, run.assignment[p])}" for p in paths if p in run.assignment]
            return "in some configurations", ", ".join(shown)
    return None


def _operand(graph: Graph, call: int, parameter: Parameter) -> int:
    op = graph[call].op
    assert isinstance(op, ops.Call)
    return graph[call].operands[op.parameters.index(parameter.name)]


def _is_refused(parameter: Parameter, value: object) -> bool:
    return isinstance(value, (bool, int, float)) and check_value(parameter, value) is not None


def _outside(lifting: Lifting, part: Numbers, end: Expression) -> Expression:
    low, high, with_low, with_high = part
    return logic(
        "or",
        [
            lifting.compared("<" if with_low else "<=", end, ("c", low)),
            lifting.compared(">" if with_high else ">=", end, ("c", high)),
        ],
    )
