"""How large the values of a graph can be: shared nodes make values that are far larger than the graph."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Node

_SCALARS = frozenset({"int", "float", "bool", "str", "none", "symbol", "nothing"})


def largest_value(nodes: Sequence[Node], root: int, analysis: Analysis) -> int:
    """A bound on the parts (list items, steps, arguments) of any value that the root's takes, under any decisions.

    Values on the way count: ``len(xs)`` is a number, and the list is made all the same.

    Parameters
    ----------
    nodes : sequence of Node
        In topological order.
    """
    sizes: list[int] = []
    for index in range(root + 1):
        sizes.append(_size(index, nodes[index], sizes, analysis))
    needed = [False] * root + [True]
    for index in range(root, -1, -1):
        if needed[index]:
            for operand in nodes[index].operands:
                needed[operand] = True
    applied = sum(sizes[i] for i in range(root + 1) if needed[i] and isinstance(nodes[i].op, ops.Apply))
    return applied + max(size for size, is_needed in zip(sizes, needed, strict=True) if is_needed)


def _size(index: int, node: Node, sizes: Sequence[int], analysis: Analysis) -> int:
    types = analysis.types(index)
    if not node.operands or (types and types <= _SCALARS):
        return 1
    match node.op:
        case ops.Apply():  # the tensor that it is applied to is made once, whoever uses it
            return 1 + sizes[node.operands[1]]
        case ops.Choose():
            return max(sizes[o] for o in node.operands)
        case ops.Select():
            return max(sizes[o] for o in node.operands[1:])
        case ops.Named() | ops.Label() | ops.Slice() | ops.Argument():
            return sizes[node.operands[0]]
        case ops.Index():
            items = analysis.items(node.operands[0])
            return max((sizes[o] for o in items), default=1) if items is not None else sizes[node.operands[0]]
    return 1 + sum(sizes[o] for o in node.operands)
