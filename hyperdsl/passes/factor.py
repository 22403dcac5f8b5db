"""Take out of a choice the steps that all its alternatives begin with.

Before: ``(imputer >> PCA() >> Ridge()) | (imputer >> Lasso())``, where ``imputer`` is one step for both::

    %4 = seq(%0, %1, %2)
    %5 = seq(%0, %3)
    %6 = choose(%4, %5)

After: ``imputer >> (PCA() >> Ridge() | Lasso())``, ``%5 = seq(%0, %4)`` with ``%4 = choose(...)``: what all the
alternatives have in common is one part, made and fitted once. Two steps are one where they are equal and decide
nothing, or where both are the same ``let``. A step that only some alternatives share stays: a choice within the choice
would need a decision that the space does not have. Each alternative keeps a step of its own, the one that ``is`` reads.
"""

from __future__ import annotations

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import rebuild, sequence, steps


def factor(graph: Graph) -> Graph:
    """Common first steps of all alternatives stand before the choice."""
    return rebuild(graph, _rule)


def _rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
    if not isinstance(node.op, ops.Choose) or len(operands) < 2:
        return None
    parts = [steps(builder, [o]) for o in operands]
    shared = 0
    while all(len(p) > shared + 1 for p in parts) and len({p[shared] for p in parts}) == 1:
        shared += 1
    if not shared:
        return None
    rests = [sequence(builder, p[shared:], builder[o]) for p, o in zip(parts, operands, strict=True)]
    choice = builder.add(node.op, rests, node.span)
    return builder.add(ops.Seq(), [*parts[0][:shared], choice], node.span)
