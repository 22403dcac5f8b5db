"""Put the facts of a table in the place of ``data.…``; of no level, since it needs to know the table.

Before: ``%1 = data() {'fact': 'rows'}``, ``%3 = compare(%1, %2)``, ``%6 = select(%3, %4, %5)``.
After: ``%1 = const() {'value': 442}``, and the branch that is taken; conditions that hold are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hyperdsl.diagnostics import Diagnostic, HypError, facts
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.ir.meaning import UNKNOWN, Undefined
from hyperdsl.passes.rewrite import rebuild


def bind(graph: Graph, known: Mapping[str, int | str]) -> Graph:
    """The graph for one table: the same decisions with the same paths, but for those of branches that are not taken.

    Raises
    ------
    HypError
        Where the table does not meet a condition, or has no such fact where one is needed.
    """
    builder = Builder(graph.name)
    before, after = Analysis(graph.nodes), Analysis(builder.nodes)
    problems: list[Diagnostic] = []

    def settled(old: int, new: int) -> bool:
        return after.is_constant(new) and not before.is_constant(old)

    def truth(new: int) -> Any:
        try:
            return after.constant(new)
        except Undefined:
            return UNKNOWN

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        match node.op:
            case ops.DataFact(fact=fact) if fact in known:
                return builder.add(ops.Const(known[fact]), (), node.span)
            case ops.Select() if settled(node.operands[0], operands[0]):
                test = truth(operands[0])
                return operands[1] if test is not UNKNOWN and test else operands[2]
            case ops.Where():
                return where(node, operands)
        return None

    def where(node: Node, operands: Sequence[int]) -> int:
        kept = [operands[0]]
        for old, new in zip(node.operands[1:], operands[1:], strict=True):
            if not settled(old, new):
                kept.append(new)
            elif truth(new) is not UNKNOWN and not truth(new):
                span = graph[old].span
                assert span is not None
                problems.append(facts.not_met(span, _shown(graph, old, known)))
        return builder.add(ops.Where(), kept, node.span) if len(kept) > 1 else operands[0]

    bound = rebuild(graph, rule, builder)
    for index in sorted(bound.reachable):
        op, span = bound[index].op, bound[index].span
        if isinstance(op, ops.DataFact):
            assert span is not None
            problems.append(facts.absent(span, op.fact))
    if problems:
        raise HypError(problems)
    return bound


def bind_shape(graph: Graph, shape: Sequence[int]) -> Graph:
    """The graph for data that is no table: networks take rows of this shape where they do not say of which.

    Before: ``%1 = input()``; ``train(%2)`` of layers. After: ``%1 = input(28, 28, 1)``; ``train(apply(%1, %2))``.
    """
    builder = Builder(graph.name)
    analysis = Analysis(builder.nodes)

    def taken(node: Node, dtype: str | None = None) -> int:
        lengths = [builder.add(ops.Const(length), (), node.span) for length in shape]
        return builder.add(ops.Input(dtype), lengths, node.span)

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        match node.op:
            case ops.Input(dtype=dtype) if not operands:
                return taken(node, dtype)
            case ops.Call(parameters=parameters) if is_network(node.op):
                place = parameters.index("network")
                if analysis.is_tensors(operands[place]):
                    return None
                applied = builder.add(ops.Apply(), (taken(node), operands[place]), node.span)
                return builder.add(node.op, (*operands[:place], applied, *operands[place + 1 :]), node.span)
        return None

    return rebuild(graph, rule, builder)


def _shown(graph: Graph, index: int, known: Mapping[str, int | str]) -> str:
    """The facts below a node with their values: ``data.rows is 442``."""
    found: dict[str, None] = {}
    pending = [index]
    while pending:
        node = graph[pending.pop()]
        pending.extend(node.operands)
        if isinstance(node.op, ops.DataFact):
            found[node.op.fact] = None
    return ", ".join(f"`data.{f}` is {known[f]!r}" for f in sorted(found) if f in known)
