"""Conditions that cannot hold, and conditions that always do."""

from __future__ import annotations

from hyperdsl.diagnostics import Reporter, kinds
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph


def audit_conditions(graph: Graph, reporter: Reporter) -> None:
    """Report a minimal set of conditions that conflict, else each condition that says nothing."""
    if not any(isinstance(graph[i].op, ops.Where) for i in graph.reachable):
        return
    from hyperdsl.space.explanation import Explanation, Inexact

    explanation = Explanation(graph)
    for equality in explanation.equalities():
        if (span := graph[equality].span) is not None:
            reporter.add(kinds.equal_reals(span))
    try:
        conflict = [span for c in explanation.conflict() if (span := graph[c].span) is not None]
        if conflict:
            reporter.add(kinds.conflict(conflict))
            return
        for condition in explanation.idle():
            _warn(graph, condition, reporter)
    except Inexact as beyond:
        spans = [span for c in explanation.responsible(beyond) if (span := graph[c].span) is not None]
        if spans:
            reporter.add(kinds.not_counted(spans, beyond.reason))


def _warn(graph: Graph, condition: int, reporter: Reporter) -> None:
    span, space = graph[condition].span, graph[graph.root].span
    if span is None or (space is not None and span.source is not space.source):
        return  # what another file says may mean something to others who import it
    reporter.add(kinds.always_holds(span))
