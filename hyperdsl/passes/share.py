"""Keep one of equal nodes.

Before: ``%0 = const() {'value': 3}``, ``%1 = const() {'value': 3}``. After: ``%0`` for both. Decisions are never
merged: two equal ranges are two decisions; nor is the application of layers: each has weights of its own.
"""

from __future__ import annotations

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import rebuild


def share(graph: Graph) -> Graph:
    """Nodes with the same operation and operands become one."""
    seen: dict[tuple[str, tuple[int, ...]], int] = {}

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        if isinstance(node.op, ops.FRESH):
            return None
        key = (repr(node.op), operands)  # the text tells 1, 1.0 and True apart
        if key not in seen:
            seen[key] = builder.add(node.op, operands, node.span)
        return seen[key]

    return rebuild(graph, rule)
