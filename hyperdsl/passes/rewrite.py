"""The one engine of the passes: rebuild a graph from its operands up, with a rule that may replace a node."""

from __future__ import annotations

from collections.abc import Callable

from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.ir.ops import Op

Rule = Callable[[Builder, Op, "tuple[int, ...]", Node], "int | None"]


def rebuild(graph: Graph, rule: Rule) -> Graph:
    """A new graph in which ``rule`` has seen every node that the root depends on.

    Parameters
    ----------
    rule : callable
        ``rule(builder, op, operands, node)`` with operands that are already in the new graph; ``node`` is the old
        one. It returns the id of a node of the new graph, or None to keep the node.
    """
    builder = Builder(graph.name)
    renamed: dict[int, int] = {}
    for index in sorted(graph.reachable):
        node = graph[index]
        operands = tuple(renamed[o] for o in node.operands)
        replaced = rule(builder, node.op, operands, node)
        renamed[index] = builder.add(node.op, operands, node.span) if replaced is None else replaced
    return builder.finish(renamed[graph.root])
