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
    builder = Builder(graph.name)
    analysis = Analysis(builder.nodes)

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        op = node.op
        if isinstance(op, ops.Select) and analysis.is_constant(operands[0]):
            test = analysis.constant(operands[0])
            return operands[1] if test is not UNKNOWN and test else operands[2]
        if isinstance(op, _PURE) and all(analysis.is_constant(o) for o in operands):
            return _value(builder, analysis, node, operands)
        return None

    return rebuild(graph, rule, builder)


def _value(builder: Builder, analysis: Analysis, node: Node, operands: tuple[int, ...]) -> int:
    """The constant that an operation on constants is; the operation where it has no value or is no constant."""
    added = builder.add(node.op, operands, node.span)
    try:
        value = analysis.constant(added)
    except Undefined:
        return added  # whoever reaches it says so
    if value is None or isinstance(value, (bool, int, float, str)):
        return builder.add(ops.Const(value), (), node.span)
    return added
