"""Work out what no decision changes.

Before: ``%2 = arithmetic(%0, %1) {'operator': '*'}`` of two constants, ``%5 = select(%2, %3, %4)``.
After: ``%2 = const() {'value': 6}``, and the branch that is taken.
"""

from __future__ import annotations

from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.ir.meaning import UNKNOWN, Undefined
from hyperdsl.passes.rewrite import rebuild

_PURE = (ops.Arithmetic, ops.Negate, ops.Compare, ops.Logic, ops.IsModule, ops.Argument, ops.Aggregate, ops.Index)


def fold(graph: Graph) -> Graph:
    """Constant arithmetic, comparisons, aggregates, items and conditions are replaced by their values."""
    return rebuild(graph, _rule)


def _rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
    op, analysis = node.op, Analysis(builder.nodes)
    if isinstance(op, ops.Select) and analysis.is_constant(operands[0]):
        test = analysis.constant(operands[0])
        return operands[1] if test is not UNKNOWN and test else operands[2]
    if not isinstance(op, _PURE) or not all(analysis.is_constant(o) for o in operands):
        return None
    added = builder.add(op, operands, node.span)
    try:
        value = Analysis(builder.nodes).constant(added)
    except Undefined:
        return added  # it has no value; whoever reaches it says so
    if value is None or isinstance(value, (bool, int, float, str)):
        return builder.add(ops.Const(value), (), node.span)
    return added
