"""Leave out the routes of ``columns`` that take no column of a table; only where the table is known.

Before, for a table of numbers::

    %5 = columns(%1, %3, %4) {'selectors': ((('kind', 'numeric'),), (('kind', 'categorical'),), (('rest', None),)), …}

After: ``%2 = columns(%1) {'selectors': ((('kind', 'numeric'),),), …}``. Building does the same with a route that takes
nothing; but what only such a route decides makes no difference any more, and has no part in the canonical key.

Only ``columns`` that see the table as it is read are looked at: behind another step the columns are that step's. An
imputer stays where nothing is missing: a row that is predicted later may have a gap, and what was chosen to fill it
then counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import Note, rebuild

Selectors = tuple[Any, ...]  # of each route
Routes = Callable[[Selectors], Sequence[Sequence[object]]]  # gives the columns that each route takes


def prune(graph: Graph, routes: Routes, notes: list[Note] | None = None) -> Graph:
    """Routes that take no column are gone, unless none takes any; ``notes`` gets what was left out."""
    raw = _see_the_table(graph)

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        if index not in raw or not isinstance(node.op, ops.Columns):
            return None
        kept = [i for i, columns in enumerate(routes(node.op.selectors)) if columns]
        if not kept or len(kept) == len(operands):
            return None
        if notes is not None:
            notes.extend(_notes(graph, node, set(kept)))
        op = replace(
            node.op,
            selectors=tuple(node.op.selectors[i] for i in kept),
            labels=tuple(node.op.labels[i] for i in kept),
        )
        return builder.add(op, [operands[i] for i in kept], node.span)

    return rebuild(graph, rule)


def _notes(graph: Graph, node: Node, kept: set[int]) -> list[Note]:
    """A note for each route that is gone, but for those that drop their columns anyway."""
    assert isinstance(node.op, ops.Columns)
    found = []
    for position, (label, body) in enumerate(zip(node.op.labels, node.operands, strict=True)):
        if position not in kept and not isinstance(graph[body].op, ops.Drop):
            span = graph[body].span
            what = f"the route '{label}'"
            found.append(Note(span.line if span is not None else 0, what, "as the table has no column for it"))
    return found


def _see_the_table(graph: Graph) -> set[int]:
    """The nodes that are applied to the table as it is read, and to nothing else."""
    raw = {graph.root}
    other: set[int] = set()
    for index in sorted(graph.reachable, reverse=True):  # users before what they use
        node = graph[index]
        first = set(_first(node)) if index in raw and index not in other else set()
        raw |= first
        other |= set(node.operands) - first
    return raw - other


def _first(node: Node) -> Sequence[int]:
    """The operands that get the same input as a node."""
    match node.op:
        case ops.Seq() | ops.Named() | ops.Label() | ops.Where():
            return node.operands[:1]
        case ops.Choose() | ops.Par():
            return node.operands
        case ops.Select():
            return node.operands[1:]
    return ()
