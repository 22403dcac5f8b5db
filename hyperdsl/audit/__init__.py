"""What would fail in some configuration, found before a trial is spent: checks of the whole graph.

``arguments`` compares every argument in every branch with the catalog, ``wiring`` follows pipelines to their ends,
``values`` looks for decisions under which an expression has no value, ``conditions`` for those that cannot
hold or always do, ``rules`` for arguments of one call that do not go together, ``flow`` for steps that do not take
what flows into them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from hyperdsl.audit.arguments import audit_arguments
from hyperdsl.audit.computed import audit_computed
from hyperdsl.audit.conditions import audit_conditions
from hyperdsl.audit.flow import audit_flow
from hyperdsl.audit.rules import audit_rules
from hyperdsl.audit.values import audit_values
from hyperdsl.audit.wiring import Ends, audit_task, audit_wiring
from hyperdsl.audit.witness import Failures
from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Reporter, facts
from hyperdsl.ir import ops
from hyperdsl.ir.facts import has_costs, has_facts, has_tensors
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion
from hyperdsl.space.shared import counter_of


class Modules(Protocol):
    """What the audit asks of the catalog."""

    versions: Mapping[str, str]

    def find(self, name: str) -> tuple[Module, ...]: ...


def audit(graph: Graph, catalog: Modules, reporter: Reporter, *, notes: bool = False) -> Ends:
    """Run every check; what it finds goes to ``reporter``. Returns what pipelines end in.

    Parameters
    ----------
    notes : bool
        Whether to say what only the data can tell.
    """
    with deep_recursion():
        audit_values(graph, reporter)
        audit_arguments(graph, catalog, reporter)
        is_open = not reporter.errors and _depends_on_data(graph, reporter, notes)
        if not reporter.errors and not is_open:
            audit_conditions(graph, reporter)
        has_networks = has_tensors(graph)
        if has_networks:
            from hyperdsl.audit.shapes import audit_places

            if not audit_places(graph, reporter):
                return Ends(plain=True)
        ends = audit_wiring(graph, catalog, reporter)
        if not reporter.errors and not is_open:
            failures = Failures(graph)
            audit_computed(failures, catalog, reporter)
            if has_networks:
                from hyperdsl.audit.shapes import audit_shapes

                audit_shapes(failures, catalog, reporter)
            counts = {} if ends.plain else audit_flow(failures, catalog, reporter, doubts=notes)
            audit_rules(graph, catalog, reporter, local=counts, failures=failures, notes=notes)
        return ends


def with_costs(graph: Graph, catalog: Modules, reporter: Reporter) -> Graph:
    """The graph in which what networks cost is an expression over decisions."""
    if not has_costs(graph):
        return graph
    from hyperdsl.audit.shapes.expansion import expand_costs

    return expand_costs(graph, catalog, reporter)


def _depends_on_data(graph: Graph, reporter: Reporter, notes: bool) -> bool:
    """Whether facts say what is searched: then what some configuration does is judged once they are known."""
    index = counter_of(graph).skeleton.open_fact if has_facts(graph) else None
    if index is None:
        return False
    op, span = graph[index].op, graph[index].span
    if notes and isinstance(op, ops.DataFact) and span is not None:
        reporter.add(facts.decided_with_data(span, f"data.{op.fact}"))
    return True


__all__ = ["Ends", "audit", "audit_task", "with_costs"]
