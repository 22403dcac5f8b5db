"""Drop the markers of definitions.

Before: ``%2 = named(%1) {'definition': 'prep'}``, ``%3 = seq(%2, %0)``. After: ``%2 = seq(%1, %0)``.
"""

from __future__ import annotations

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import rebuild


def inline(graph: Graph) -> Graph:
    """A ``let``, a call of a ``def`` and a block become what they stand for."""
    return rebuild(graph, _rule)


def _rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
    return operands[0] if isinstance(node.op, ops.Named) else None
