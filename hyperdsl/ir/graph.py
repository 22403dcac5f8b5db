"""The graph: an immutable DAG of operations; the only file that imports networkx.

Nodes stand in topological order, operands before their users, so a plain loop is a valid traversal. ``dag`` is the
same graph for networkx, made when an algorithm of it is needed: checking a file needs none, and importing networkx
costs more than the whole check.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from hyperdsl.frozen import frozen
from hyperdsl.ir.ops import DecisionOp, Op
from hyperdsl.source import Span

if TYPE_CHECKING:
    import networkx as nx


@frozen
class Node:
    """One operation applied to the nodes at ``operands``."""

    op: Op
    operands: tuple[int, ...] = ()
    span: Span | None = field(default=None, compare=False, repr=False)


@frozen(slots=False)
class Graph:
    """A program as a DAG.

    Parameters
    ----------
    name : str
        The entry's name.
    nodes : tuple of Node
        In topological order.
    root : int
        The node whose value the program is.
    """

    name: str
    nodes: tuple[Node, ...]
    root: int

    def __len__(self) -> int:
        return len(self.nodes)

    def __getitem__(self, index: int) -> Node:
        return self.nodes[index]

    @cached_property
    def dag(self) -> nx.DiGraph[int]:
        """The graph for networkx: an edge from each operand to its user."""
        import networkx as nx

        dag: nx.DiGraph[int] = nx.DiGraph(name=self.name)
        for index, node in enumerate(self.nodes):
            dag.add_node(index, op=node.op)
            dag.add_edges_from((operand, index) for operand in node.operands)
        return dag

    @cached_property
    def users(self) -> list[list[int]]:
        """For each node the nodes that use it, once for each use, the root's use not counted."""
        users: list[list[int]] = [[] for _ in self.nodes]
        for index, node in enumerate(self.nodes):
            for operand in node.operands:
                users[operand].append(index)
        return users

    @cached_property
    def reachable(self) -> frozenset[int]:
        """The nodes that the root depends on, itself included."""
        seen = {self.root}
        pending = [self.root]
        while pending:
            for operand in self.nodes[pending.pop()].operands:
                if operand not in seen:
                    seen.add(operand)
                    pending.append(operand)
        return frozenset(seen)

    def decisions(self) -> Iterator[tuple[int, DecisionOp]]:
        """The decisions that the root depends on, in node order."""
        for index in sorted(self.reachable):
            op = self.nodes[index].op
            if isinstance(op, DecisionOp):
                yield index, op


class Builder:
    """Builds a graph node by node; ``add`` gives the id that later nodes use as operand."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[Node] = []

    def add(self, op: Op, operands: Sequence[int] = (), span: Span | None = None) -> int:
        return self.keep(Node(op, tuple(operands), span))

    def keep(self, node: Node) -> int:
        """Add a node that is there already; its operands are ids of this builder."""
        self.nodes.append(node)
        return len(self.nodes) - 1

    def __getitem__(self, index: int) -> Node:
        return self.nodes[index]

    def finish(self, root: int) -> Graph:
        return Graph(self.name, tuple(self.nodes), root)


def describe(graph: Graph) -> dict[str, Any]:
    """The shape of the graph in numbers: nodes, edges, depth (longest chain of operands)."""
    reachable = graph.reachable
    depth = [0] * len(graph)
    for index, node in enumerate(graph.nodes):
        depth[index] = 1 + max((depth[o] for o in node.operands), default=0)
    return {
        "nodes": len(reachable),
        "edges": sum(len(graph[i].operands) for i in reachable),
        "depth": depth[graph.root],
    }
