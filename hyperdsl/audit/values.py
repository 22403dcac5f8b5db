"""Expressions that have no value under some decisions: empty ranges, divisions by zero, items that are not there.

Bounds settle most of them. The others are tried on every combination of the decisions that they read, up to a budget;
a failing combination counts only when a whole configuration with it reaches the expression.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from hyperdsl.diagnostics import Reporter, kinds
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import NUMBERS, Analysis
from hyperdsl.ir.domain import MAX_INTEGER, MAX_REAL, MAX_STEPS, Code, Domain, Steps
from hyperdsl.ir.facts import has_facts
from hyperdsl.ir.graph import Graph, Node
from hyperdsl.ir.meaning import Absent, Decide, Evaluation, Undefined, evaluate, known

MAX_COMBINATIONS = 20_000
MAX_DECISIONS = 200_000  # over all combinations: one of them may read a thousand
MAX_VALUES = 3_000_000  # worked out for all expressions of a program, each of which gets a share and what others left
LEAST_VALUES = 3_000  # of one expression
MAX_WITNESSES = 50  # of one expression, that no whole configuration is found for
_COMPLETIONS = 200
_POINTS = (0.0, 1 - 2.0**-53, 0.5)  # of a continuous range: both ends and the middle

_TABLES = tuple(  # facts about data that nothing is known of yet: small and large, of both tasks
    {"rows": n, "features": n, "classes": n, "task": task}
    for n in (1, 30, 1_000_000)
    for task in ("classification", "regression")
)

_BUILT = (ops.Call, ops.MakeDict, ops.MakeList, ops.MakeTuple)
_PARTIAL = (ops.Arithmetic, ops.Negate, ops.Compare, ops.Index, ops.Slice, ops.Aggregate, ops.Repeat, ops.Subset)
_BUILT_PARTS = {ops.Where: slice(1), ops.Select: slice(1, None)}
_PASSES_ON = (  # what a value of is no more than a part of
    *(ops.Named, ops.Label, ops.Where, ops.Select, ops.Arithmetic, ops.Negate, ops.Index, ops.Slice, ops.Aggregate),
    *(ops.MakeList, ops.MakeTuple),
)


def audit_values(graph: Graph, reporter: Reporter) -> None:
    """Report each expression that can fail, with the decisions under which it does."""
    analysis = Analysis(graph.nodes)
    doubtful = [index for index in sorted(graph.reachable) if _can_fail(graph, index, analysis)]
    spent = 0
    told = set()
    for number, index in enumerate(doubtful, start=1):
        node = graph[index]
        effort = Effort(max(MAX_VALUES * number // len(doubtful) - spent, LEAST_VALUES))
        for witness, problem in islice(_failures(graph, index, effort), MAX_WITNESSES):
            reached = _confirm(graph, problem.node, witness)
            if reached is None:
                continue
            span = graph[problem.node].span if problem.node < len(graph) else node.span
            shown = " and ".join(f"{path} is {_show(graph, path, code)}" for path, code in witness.items())
            if span is not None and (span, problem.fact) not in told:  # once, whichever call it is in
                told.add((span, problem.fact))
                reporter.add(kinds.undefined(span, problem.fact, shown))
            break
        spent += effort.spent


def _can_fail(graph: Graph, index: int, analysis: Analysis) -> bool:
    node = graph[index]
    if isinstance(node.op, (ops.Integer, ops.Real)):
        return _range_can_fail(node, node.op, analysis)
    if isinstance(node.op, ops.Arithmetic) and node.op.operator == "+" and analysis.items(index) is not None:
        return False  # lists, one behind the other
    if isinstance(node.op, ops.Arithmetic):
        return not _are_numbers(node.operands, analysis) or _arithmetic_can_fail(index, node.op.operator, analysis)
    if isinstance(node.op, ops.Compare):
        numeric = _are_numbers(node.operands, analysis)
        return node.op.operator in ("in", "not in") or (not numeric and node.op.operator not in ("==", "!="))
    if isinstance(node.op, ops.Subset):
        hull = analysis.hull(node.operands[0])
        return hull is None or hull[1] > len(node.operands) - 1
    if isinstance(node.op, ops.Repeat):
        return False
    if isinstance(node.op, ops.Slice):
        return not analysis.types(node.operands[0]) <= {"list", "tuple"}
    if isinstance(node.op, ops.Index):
        return not _is_inside(graph, node, analysis)
    if isinstance(node.op, ops.Aggregate):
        return _aggregate_can_fail(graph, node, node.op.function, analysis)
    if isinstance(node.op, ops.Apply):
        return _may_be_no_layer(graph, node.operands[1], analysis)
    if isinstance(node.op, ops.Argument):
        return any(isinstance(graph[user].op, _BUILT) for user in graph.users[index])
    return isinstance(node.op, _PARTIAL)


def _may_be_no_layer(graph: Graph, module: int, analysis: Analysis) -> bool:
    """Whether ``drop``, or an item that may be a tensor or a layer, is among what is applied to a tensor."""
    pending, seen = [module], set[int]()
    while pending:
        index = pending.pop()
        op = graph[index].op
        is_mixed = isinstance(op, ops.Index) and analysis.is_tensors(index) and analysis.types(index) != {"tensor"}
        if is_mixed or isinstance(op, ops.Drop):
            return True
        if index not in seen and not isinstance(op, ops.Call | ops.Apply):
            seen.add(index)
            pending.extend(graph[index].operands)
    return False


def _is_built(graph: Graph, index: int) -> bool:
    """Whether anything is built of a value, so that it is not only read by conditions."""
    pending, seen = [index], {index}
    while pending:
        here = pending.pop()
        if here == graph.root:
            return True
        for user in graph.users[here]:
            op, operands = graph[user].op, graph[user].operands
            is_read = isinstance(op, ops.Compare | ops.Logic) or (
                isinstance(op, ops.Where | ops.Select) and here not in operands[_BUILT_PARTS[type(op)]]
            )
            if is_read or user in seen or user not in graph.reachable:
                continue
            if not isinstance(op, _PASSES_ON):
                return True
            seen.add(user)
            pending.append(user)
    return False


def _are_numbers(operands: Sequence[int], analysis: Analysis) -> bool:
    return all(analysis.types(o) and analysis.types(o) <= NUMBERS for o in operands)


def _arithmetic_can_fail(index: int, operator: str, analysis: Analysis) -> bool:
    """Whether numbers may have no result: one too large, a division by zero, a root of what is below zero."""
    hulls = [analysis.hull(o) for o in analysis.nodes[index].operands]
    ends = [abs(end) for hull in hulls if hull is not None for end in hull]
    if len(ends) < 4:
        return operator not in "+-*"
    return analysis.hull(index) is None or (operator == "%" and max(ends) > MAX_REAL)


def _is_inside(graph: Graph, node: Node, analysis: Analysis) -> bool:
    """Whether a list always has the item that is asked for."""
    fewest, items = analysis.possible_items(node.operands[0])
    position = analysis.hull(node.operands[1])
    if items is None or position is None or analysis.types(node.operands[1]) != {"int"}:
        return False
    if analysis.items(node.operands[0]) is None and _reads_arguments(graph, items):
        return False
    always = fewest - analysis.left_out(items)
    return -always <= position[0] and position[1] < always


def _aggregate_can_fail(graph: Graph, node: Node, function: str, analysis: Analysis) -> bool:
    """Whether items may be of the wrong kind, or none where there must be one."""
    first, *more = node.operands
    fewest, items = (len(node.operands), node.operands) if more else analysis.possible_items(first)
    if items is None or (analysis.items(first) is None and not more and _reads_arguments(graph, items)):
        return True
    if function in ("len", "any", "all"):
        return False
    numbers = all(analysis.types(i) and analysis.types(i) <= {"int", "float", "bool"} for i in items)
    return not numbers or (fewest == 0 and function != "sum")


def _reads_arguments(graph: Graph, indices: Sequence[int]) -> bool:
    """Whether a part of some nodes is an argument of a module, which another module may not have."""
    pending, seen = list(indices), set(indices)
    while pending:
        node = graph[pending.pop()]
        if isinstance(node.op, ops.Argument):
            return True
        pending += (new := set(node.operands) - seen)
        seen |= new
    return False


def _range_can_fail(node: Node, op: ops.Integer | ops.Real, analysis: Analysis) -> bool:
    """Whether the ends may be in the wrong order, too large for the step, or not above zero for ``log``."""
    low, high = (analysis.hull(o) for o in node.operands)
    if low is None or high is None or not analysis.always_below(*node.operands):
        return True
    most = MAX_INTEGER if isinstance(op, ops.Integer) else MAX_REAL
    too_large = low[0] < -most or high[1] > most
    if too_large or (op.log and low[0] <= 0):
        return True
    if isinstance(op, ops.Integer) or op.step is None:
        return False
    steps = Steps(low[0], high[1], op.step, op.log)
    return steps.is_too_fine or (op.log and steps.size > MAX_STEPS)


@dataclass(slots=True)
class Effort:
    """How many values may be worked out for one expression, and how many were."""

    most: int
    spent: int = 0


def _failures(graph: Graph, index: int, effort: Effort) -> Iterator[tuple[dict[str, Code], Undefined]]:
    """Combinations of what a node reads under which it has no value; the ends of each range come first."""
    own = graph[index].op
    ranks: list[int] = []
    decided = 0
    for _ in range(MAX_COMBINATIONS):
        sizes: list[int] = []
        taken: dict[str, Code] = {}

        def decide(
            op: ops.DecisionOp, domain: Domain, sizes: list[int] = sizes, taken: dict[str, Code] = taken
        ) -> Code:
            if op is own:
                return domain.from_unit(0.0)  # it has a domain, and that is all that is asked of it
            size = len(_POINTS) if domain.size is None else domain.size
            position = ranks[len(sizes)] if len(sizes) < len(ranks) else 0
            if len(sizes) == len(ranks):
                ranks.append(0)
            sizes.append(size)
            rank = position if position == 0 else size - 1 if position == 1 else position - 1
            code = domain.from_unit(_POINTS[position]) if domain.size is None else domain.member(rank)
            taken[op.path] = code
            return code

        evaluation = Evaluation(graph.nodes, decide, {})
        try:
            value = evaluation.value(index)
            if isinstance(own, ops.Argument):  # elsewhere the unknown is for conditions to judge
                known(value, index)
        except Absent as problem:
            if not _is_built(graph, index):
                return  # unknown to whoever reads it
            yield taken, problem
        except Undefined as problem:
            if isinstance(graph[problem.node].op, ops.DataFact):
                return
            yield taken, problem
        decided += len(sizes)
        effort.spent += evaluation.worked_out
        if decided > MAX_DECISIONS or effort.spent > effort.most or not _advance(ranks, sizes):
            return


def _advance(ranks: list[int], sizes: list[int]) -> bool:
    del ranks[len(sizes) :]
    while ranks:
        ranks[-1] += 1
        if ranks[-1] < sizes[len(ranks) - 1]:
            return True
        ranks.pop()
    return False


def _confirm(graph: Graph, node: int, witness: Mapping[str, Code]) -> dict[str, Code] | None:
    """A configuration with the witness in it that fails, with any data at ``node``; None where none is found."""
    tables = _TABLES if has_facts(graph) else ({},)
    for attempt in range(_COMPLETIONS):
        assignment: dict[str, Code] = {}

        def decide(
            op: ops.DecisionOp,
            domain: Domain,
            attempt: int = attempt,
            assignment: dict[str, Code] = assignment,
        ) -> Code:
            code = witness.get(op.path)
            if code is None or not domain.contains(code):
                code = domain.from_unit(random.Random(f"{attempt} {op.path}").random())  # the same for all tables
            assignment[op.path] = code
            return code

        stops = [_stop(graph, decide, facts) for facts in tables]
        if None not in stops and (len(tables) == 1 or set(stops) == {node}):
            return assignment
    return None


def _stop(graph: Graph, decide: Decide, facts: Mapping[str, int | str]) -> int | None:
    """The node without a value that a configuration comes upon."""
    try:
        evaluate(graph, decide, facts)
    except Undefined as problem:
        return problem.node
    return None


def _show(graph: Graph, path: str, code: Code) -> str:
    for _, op in graph.decisions():
        if op.path == path and isinstance(op, ops.Choose) and isinstance(code, int):
            return repr(op.labels[code])
    return f"{code:.4g}" if isinstance(code, float) else repr(code)
