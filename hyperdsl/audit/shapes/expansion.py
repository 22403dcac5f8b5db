"""``params(net)`` and ``macs(net)`` in conditions as expressions over the decisions that they depend on.

What is counted, drawn and narrowed under a condition is then arithmetic like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.lengths import Length
from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.audit.shapes.measuring import Ledger, Measured, measure
from hyperdsl.diagnostics import Reporter, networks
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.facts import fact_below
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.passes.rewrite import rebuild
from hyperdsl.recursion import deep_recursion

if TYPE_CHECKING:
    from hyperdsl.audit import Modules


def expand_costs(graph: Graph, catalog: Modules, reporter: Reporter) -> Graph:
    """The graph in which each cost is an expression over decisions; one that needs data stays as it is."""
    _only_in_conditions(graph, reporter)
    analysis = Analysis(graph.nodes)
    known: dict[int, int] = {}  # a decision of the old graph -> of the new one

    def rule(builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        if isinstance(node.op, ops.Integer):
            known[index] = builder.keep(Node(node.op, operands, node.span))
            return known[index]
        if not isinstance(node.op, ops.Cost):
            return None
        found = measure(graph, catalog, node.operands[0], node.op.measure)
        if isinstance(found, Measured):
            return _Writer(builder, found.values, node, known).cost(found)
        if fact_below(analysis, node.operands[0]) is not None:
            return None
        assert node.span is not None
        reporter.add(networks.unclear_cost(node.span, node.op.measure, found.layer, found.span, found.layer in RULES))
        return builder.add(ops.Unknown(), (), node.span)

    with deep_recursion():
        return rebuild(graph, rule)


def _only_in_conditions(graph: Graph, reporter: Reporter) -> None:
    """Report costs that something is built from: they are known once everything is decided."""
    seen: set[int] = set()
    pending = [graph.root]
    while pending:
        index = pending.pop()
        if index in seen:
            continue
        seen.add(index)
        node = graph[index]
        if isinstance(node.op, ops.Cost) and node.span is not None:
            reporter.add(networks.cost_outside(node.span, node.op.measure))
        pending.extend(node.operands[:1] if isinstance(node.op, ops.Where) else node.operands)


class _Writer:
    """Writes diagrams as nodes of a graph."""

    def __init__(self, builder: Builder, values: Ledger, node: Node, known: dict[int, int]) -> None:
        self.builder = builder
        self.values = values
        self.span = node.span
        self.known = known

    def add(self, op: ops.Op, *operands: int) -> int:
        return self.builder.add(op, operands, self.span)

    def cost(self, found: Measured) -> int:
        """The sum, unknown where the network is not part of a program."""
        terms = [self._diagram(term, self._number) for term in found.terms]
        while len(terms) > 1:
            pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
            terms = [self.add(ops.Arithmetic("+"), *pair) if len(pair) == 2 else pair[0] for pair in pairs]
        total = terms[0] if terms else self.add(ops.Const(0))
        return self._diagram(found.reached, lambda is_there: total if is_there is True else self.add(ops.Unknown()))

    def _diagram(self, diagram: int, leaf: Callable[[Any], int]) -> int:
        memo: dict[int, int] = {}

        def go(here: int) -> int:
            if here not in memo:
                row, children = self.values.parts(here)
                if row is None:
                    memo[here] = leaf(self.values.leaves(here)[0])
                else:
                    codes: tuple[Any, ...] = self.values.codes(row) or ()
                    made = [go(child) for child in children]
                    memo[here] = self.add(ops.Case(self.values.skeleton.op(row).path, codes), *made)
            return memo[here]

        return go(diagram)

    def _number(self, value: int | Length) -> int:
        if not isinstance(value, Length):
            return self.add(ops.Const(value))
        terms = []
        for rows, factor in value.terms:
            made = self.add(ops.Const(factor))
            for row in rows:
                made = self.add(ops.Arithmetic("*"), made, self.known[self.values.skeleton.nodes[row]])
            terms.append(made)
        total = terms[0]
        for term in terms[1:]:
            total = self.add(ops.Arithmetic("+"), total, term)
        return total
