"""What would fail with one table: the flow through the pipelines and the libraries' rules, with its facts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperdsl.audit.facts import Facts
from hyperdsl.audit.flow import Table, audit_flow
from hyperdsl.audit.rules import audit_rules
from hyperdsl.audit.witness import Failures
from hyperdsl.diagnostics import Reporter
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion

if TYPE_CHECKING:
    from hyperdsl.audit import Modules


def audit_data(graph: Graph, catalog: Modules, reporter: Reporter, table: Table, facts: Facts) -> None:
    """Report what fails in some configuration with this table, and what is of no use with it."""
    failures = Failures(graph)
    with deep_recursion():
        counts = audit_flow(failures, catalog, reporter, table, facts)
        audit_rules(graph, catalog, reporter, facts=facts, local=counts, failures=failures)
