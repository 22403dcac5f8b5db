"""A module of which the passes have changed the pipelines: what is decided apart from what is built.

What the passes leave out reads no decisions any more, and a configuration has them all the same. So one function asks
for the decisions, as the space is written, and another builds what is left of the program.
"""

from __future__ import annotations

from dataclasses import replace

from hyperdsl.backends.space_module.facts import Facts
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.ir.outline import outline
from hyperdsl.passes import optimize
from hyperdsl.passes.rewrite import rebuild

_CHANGES_STEPS = ("neutral", "rescale", "trees")  # all other passes only say the same with less


def changed(graph: Graph, level: int) -> Graph | None:
    """The program at a level of optimization; None where it has the steps that are written, whatever is decided."""
    texts = [outline(graph)]
    is_changed = False

    def compare(name: str, after: Graph) -> None:
        nonlocal is_changed
        texts.append(outline(after))
        is_changed = is_changed or (name in _CHANGES_STEPS and texts[-1] != texts[-2])

    program = optimize(graph, level, compare)
    return _named(rebuild(program, _without_conditions)) if is_changed else None


def _named(program: Graph) -> Graph:
    """A program whose function has the name of the space."""
    builder = Builder(program.name)
    builder.nodes = list(program.nodes)
    return builder.finish(builder.add(ops.Named(program.name), (program.root,), program[program.root].span))


def _without_conditions(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
    """They are asked where the decisions are."""
    return operands[0] if isinstance(node.op, ops.Where) else None


def decisions_of(graph: Graph) -> Graph:
    """A program that decides the same and builds nothing: in place of modules stand lists of what they decide."""
    facts = Facts(graph)
    builder = Builder(graph.name)
    builder.nodes = list(graph.nodes)  # tests and ends of ranges are read as they are
    keeps: list[bool] = []  # whether a node or one below decides something, or asks a condition
    parts: list[int] = []
    for index, node in enumerate(graph.nodes):
        here = isinstance(node.op, ops.DecisionOp | ops.Where)
        keeps.append(here or any(keeps[o] for o in node.operands))
        is_whole = facts.is_plain(index) or isinstance(node.op, ops.Argument) or not keeps[index]
        parts.append(index if is_whole else _part(builder, node, parts, keeps))
    root = parts[graph.root]
    conditions: tuple[int, ...] = ()
    while isinstance(builder[root].op, ops.Where):
        root, *more = builder[root].operands
        conditions += tuple(more)
    root = builder.add(ops.Named("decisions"), (root,), graph[graph.root].span)
    return builder.finish(builder.add(ops.Where(), (root, *conditions)) if conditions else root)


def _part(builder: Builder, node: Node, parts: list[int], keeps: list[bool]) -> int:
    """What a node that is or has modules decides."""

    def of(operand: int, label: ops.Scalar = None) -> int:
        return parts[operand] if keeps[operand] else builder.add(ops.Const(label), (), builder[operand].span)

    first, *others = node.operands
    match node.op:
        case ops.Choose(labels=labels) | ops.Permute(labels=labels):
            return builder.add(node.op, [of(o, v) for o, v in zip(node.operands, labels, strict=True)], node.span)
        case ops.Subset(labels=labels):
            items = [of(o, v) for o, v in zip(others, labels, strict=True)]
            return builder.add(replace(node.op, joined=False), [first, *items], node.span)
        case ops.Select() | ops.Repeat():
            return builder.add(node.op, [first, *(of(o) for o in others)], node.span)
        case ops.Where():
            return builder.add(node.op, [of(first), *others], node.span)
        case ops.Named() | ops.Label():
            return parts[first]
    found = [parts[o] for o in node.operands if keeps[o]]
    return found[0] if len(found) == 1 else builder.add(ops.MakeList(), found, node.span)
