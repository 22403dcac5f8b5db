"""Make a choice of choices one choice.

Before: ``%3 = choose(%0, %2) {'path': 'm', 'weights': (1, 1)}`` with ``%2 = choose(...) {'path': 'm[1]', 'weights':
(1, 1)}``. After: ``choose(...) {'path': 'm', 'weights': (2, 1, 1), 'assignments': ((('m', 0),), (('m', 1), ('m[1]',
0)), (('m', 1), ('m[1]', 1)))}``: the probabilities are those of before, and so are the assignments.
"""

from __future__ import annotations

import math

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.ir.paths import distinct
from hyperdsl.passes.rewrite import rebuild

Assignment = tuple[tuple[str, int], ...]


def flatten(graph: Graph) -> Graph:
    """A choice that is an alternative of another choice, and of nothing else, is merged into it."""
    merged = {
        operand
        for index in graph.reachable
        if isinstance(graph[index].op, ops.Choose)
        for operand in graph[index].operands
        if isinstance(graph[operand].op, ops.Choose) and _uses(graph, operand) == 1
    }

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        if not isinstance(node.op, ops.Choose) or not merged.intersection(node.operands):
            return None
        inside = [old in merged for old in node.operands]
        return _merge(builder, node.op, operands, inside, node)

    return rebuild(graph, rule)


def _uses(graph: Graph, index: int) -> int:
    return sum(user in graph.reachable for user in graph.users[index]) + (index == graph.root)


def _merge(builder: Builder, op: ops.Choose, operands: tuple[int, ...], inside: list[bool], node: Node) -> int:
    inner_ops = [builder[o].op if merged else None for o, merged in zip(operands, inside, strict=True)]
    totals = [sum(i.weights) if isinstance(i, ops.Choose) else 1 for i in inner_ops]
    scale = math.lcm(*totals)
    labels: list[ops.Scalar] = []
    weights: list[int] = []
    assignments: list[Assignment] = []
    flat: list[int] = []
    for position, (operand, inner) in enumerate(zip(operands, inner_ops, strict=True)):
        own = _assignment(op, position)
        share = op.weights[position] * scale // totals[position]
        if not isinstance(inner, ops.Choose):
            labels.append(op.labels[position])
            weights.append(share)
            assignments.append(own)
            flat.append(operand)
            continue
        for choice, alternative in enumerate(builder[operand].operands):
            labels.append(inner.labels[choice])
            weights.append(share * inner.weights[choice])
            assignments.append(own + _assignment(inner, choice))
            flat.append(alternative)
    divisor = math.gcd(*weights)
    merged = ops.Choose(op.path, distinct(labels), tuple(w // divisor for w in weights), assignments=tuple(assignments))
    return builder.add(merged, flat, node.span)


def _assignment(op: ops.Choose, position: int) -> Assignment:
    return op.assignments[position] if op.assignments else ((op.path, position),)
