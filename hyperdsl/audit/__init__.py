"""What would fail in some configuration, found before a trial is spent: checks of the whole graph.

``arguments`` compares every argument in every branch with the catalog, ``wiring`` follows pipelines to their ends,
``values`` looks for decisions under which an expression has no value, ``conditions`` for those that cannot
hold or always do.
"""

from __future__ import annotations

from typing import Protocol

from hyperdsl.audit.arguments import audit_arguments
from hyperdsl.audit.conditions import audit_conditions
from hyperdsl.audit.values import audit_values
from hyperdsl.audit.wiring import Ends, audit_task, audit_wiring
from hyperdsl.catalog.model import Module
from hyperdsl.diagnostics import Reporter
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion


class Modules(Protocol):
    """What the audit asks of the catalog."""

    def find(self, name: str) -> tuple[Module, ...]: ...


def audit(graph: Graph, catalog: Modules, reporter: Reporter) -> Ends:
    """Run every check; what it finds goes to ``reporter``. Returns what pipelines end in."""
    with deep_recursion():
        audit_values(graph, reporter)
        audit_arguments(graph, catalog, reporter)
        if not reporter.errors:
            audit_conditions(graph, reporter)
        return audit_wiring(graph, catalog, reporter)


__all__ = ["Ends", "audit", "audit_task"]
