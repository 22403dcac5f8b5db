"""Leave out steps that change nothing.

Before: ``FunctionTransformer() >> MaxAbsScaler()? >> MaxAbsScaler() >> Ridge()``::

    %4 = seq(%0, %2, %1, %3)      # %2 = choose(%1, nothing)

After: ``MaxAbsScaler() >> Ridge()``, ``%2 = seq(%0, %1)``: one scaler however the choice falls, and the program does
not read it any more. ``pass?`` goes the same way. Which steps do nothing, and why: ``hyperdsl/ir/neutral.py``. The
canonical key leaves them out too, so that keys, seeds and scores stay what they are.
"""

from __future__ import annotations

from hyperdsl.ir import neutral as facts
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import arguments, is_identity, reached_once, reads_classes, rebuild, sequence, steps


def neutral(graph: Graph) -> Graph:
    """Identities, and idempotent steps right behind equal ones, are gone."""
    once = reached_once(graph)
    keeps_last = reads_classes(graph)

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        match node.op:
            case ops.Seq():
                return _shortened(builder, node, operands, once, keeps_last)
            case ops.Par() | ops.Columns() if any(_hidden_identity(builder, o) for o in operands):
                passed = builder.add(ops.Pass(), (), node.span)
                kept = [passed if _hidden_identity(builder, o) else o for o in operands]
                return builder.add(node.op, kept, node.span)
        return None

    return rebuild(graph, rule)


def _hidden_identity(builder: Builder, index: int) -> bool:
    return not isinstance(builder[index].op, ops.Pass | ops.Nothing) and is_identity(builder, index)


def _shortened(
    builder: Builder, node: Node, operands: tuple[int, ...], once: frozenset[str], keeps_last: bool
) -> int | None:
    if keeps_last and is_identity(builder, operands[-1]):
        return None  # it is the last step that a condition asks for
    before = steps(builder, operands)
    parts = [p for p in before if not is_identity(builder, p)]
    kept: list[int] = []
    for position, part in enumerate(parts):
        neighbours = {*parts[max(0, position - 1) : position], *parts[position + 1 : position + 2]}
        repeated = {n for n in neighbours if _is_idempotent(builder, n)}
        part = _without(builder, part, repeated, once)
        if is_identity(builder, part) or (kept and kept[-1] == part and part in repeated):
            continue
        kept.append(part)
    return None if kept == before else sequence(builder, kept, node)


def _is_idempotent(builder: Builder, index: int) -> bool:
    node = builder[index]
    return isinstance(node.op, ops.Call) and facts.is_idempotent(node.op.path, arguments(builder, node))


def _without(builder: Builder, index: int, repeated: set[int], once: frozenset[str]) -> int:
    """A choice of which the alternatives that only repeat a step beside it do nothing."""
    node = builder[index]
    if not isinstance(node.op, ops.Choose) or node.op.path not in once or not repeated.intersection(node.operands):
        return index
    passed = builder.add(ops.Pass(), (), node.span)
    return builder.add(node.op, [passed if o in repeated else o for o in node.operands], node.span)
