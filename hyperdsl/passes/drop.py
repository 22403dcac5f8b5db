"""Drop what does nothing, and what nothing uses.

Before: ``%3 = seq(%0, %1, %2)`` with ``%1 = pass()`` and ``%2 = seq(...)``. After: one flat ``seq`` without the
identity. Nodes that the root does not depend on are gone.
"""

from __future__ import annotations

from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import reads_classes, rebuild


def drop(graph: Graph) -> Graph:
    """Identities in sequences, empty branches, sequences of one step, nested sequences, dead nodes."""
    keeps_last = reads_classes(graph)
    builder = Builder(graph.name)
    analysis = Analysis(builder.nodes)

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        match node.op:
            case ops.Seq():
                last = operands[-1:] if keeps_last else ()  # what `is` and `m.p` look at
                return _flat(builder, operands, node, ops.Seq(), (ops.Pass, ops.Nothing), ops.Pass(), last, analysis)
            case ops.Par():
                return _flat(builder, operands, node, ops.Par(), (ops.Drop,), ops.Drop(), (), analysis)
        return None

    return rebuild(rebuild(graph, rule, builder), _keep)  # the second round drops what the first one left unused


def _keep(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
    return None


def _flat(
    builder: Builder,
    operands: tuple[int, ...],
    node: Node,
    op: ops.Seq | ops.Par,
    neutral: tuple[type[ops.Op], ...],
    empty: ops.Op,
    kept: tuple[int, ...],
    analysis: Analysis,
) -> int | None:
    parts: list[int] = []
    for operand in operands:
        inner = builder[operand]
        if isinstance(inner.op, neutral) and operand not in kept:
            continue
        parts.extend(inner.operands if type(inner.op) is type(op) else (operand,))
    if tuple(parts) == operands:
        return None
    if not parts:
        return builder.add(empty, (), node.span)
    if len(parts) == 1 and analysis.types(parts[0]) == {"module"}:
        return parts[0]
    return builder.add(op, parts, node.span)
