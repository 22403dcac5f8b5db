"""What flows through the pipelines of a space: sparse or dense, negative numbers, gaps, strings, columns.

Without a table only what the steps themselves give is known: negative numbers behind a scaler are certain, gaps in a
table are not. A route of ``columns`` is taken to get columns. With a :class:`~hyperdsl.audit.flow.frame.Table` the
facts of its columns are known too. What classes take and give stands in ``hyperdsl/catalog/flow``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from hyperdsl.audit.facts import Facts
from hyperdsl.audit.flow import steps
from hyperdsl.audit.flow.frame import Table, TableColumn
from hyperdsl.audit.flow.results import Trouble
from hyperdsl.audit.flow.steps import either
from hyperdsl.audit.flow.walk import Walk
from hyperdsl.audit.witness import TRUE, Failure, Failures
from hyperdsl.diagnostics import Diagnostic, Reporter, flow
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.source import Span
from hyperdsl.space.expressions import OPEN, Expression

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

_ENCODERS = ("OneHotEncoder", "OrdinalEncoder", "TargetEncoder")
_IMPUTERS = ("SimpleImputer", "KNNImputer", "IterativeImputer")

_BY_ORIGIN: Mapping[str, Callable[[flow.Places, str, str, list[str]], Diagnostic]] = {
    "sparse": flow.sparse_refused,
    "pair": flow.pair_refused,
    "negative": flow.negative_refused,
    "sparse negative": flow.negative_refused,
    steps.DOUBT: flow.perhaps_negative,
    "zero": flow.zero_refused,
    "missing": flow.missing_refused,
    "text": flow.text_refused,
    "dates": flow.dates_refused,
    "unseen": flow.unseen_refused,
    "wide": flow.wide_refused,
    "constant": flow.constant_refused,
}
_BY_DETAIL: Mapping[str, Callable[[Span, str, str, str, str], Diagnostic]] = {
    "few": flow.too_few_columns,
    "many": flow.too_many_columns,
    "unfit": flow.unfit_step,
    "target": flow.target_refused,
    "classes": flow.classes_refused,
    "rank": flow.too_few_rows_of_a_class,
    "method": flow.method_missing,
}


def audit_flow(
    failures: Failures,
    catalog: Modules,
    reporter: Reporter,
    table: Table | None = None,
    facts: Facts | None = None,
    *,
    doubts: bool = True,
) -> dict[int, Mapping[str, Expression]]:
    """Report each step that fails in some configuration, with how many do; and what is no use with this table.

    Parameters
    ----------
    doubts : bool
        Whether to say of which steps only fitting tells.

    Returns
    -------
    dict
        Node of a call -> ``{"features": how many columns reach it}``, for :func:`hyperdsl.audit.rules.audit_rules`.
    """
    graph = failures.graph
    walk = Walk(graph, failures.conditions, catalog, table, facts)
    troubles = walk.start().troubles
    for (rule, detail, origins, _), failing in _joined(graph, troubles).items():
        failure = failures.of(failing) if doubts or rule != steps.DOUBT else None
        if failure is not None:
            nodes = [failure.node, *(n for n in failing if n != failure.node)]
            diagnostic = _diagnostic(graph, nodes, rule, detail, sorted(origins), failure)
            if diagnostic is not None:
                reporter.add(diagnostic)
    if table is not None:
        _warn(graph, walk, table, reporter)
    return counts_of(troubles)


def counts_of(troubles: Mapping[Trouble, Expression]) -> dict[int, Mapping[str, Expression]]:
    """How many columns reach each step that has rules about them."""
    counts: dict[int, Expression] = {}
    for (node, fault), condition in troubles.items():
        if fault.rule == "count":
            counts[node] = fault.count if condition == TRUE else ("if", condition, fault.count, counts.get(node, OPEN))
    return {node: {"features": count} for node, count in counts.items()}


Cause = tuple[str, str, frozenset[str], Span | None]


def _joined(graph: Graph, troubles: Mapping[Trouble, Expression]) -> dict[Cause, dict[int, Expression]]:
    """The nodes that fail by cause: the rule, its detail, what brings it about; without that the place in the text."""
    nodes: dict[tuple[int, str, str], tuple[Expression, frozenset[str]]] = {}
    for (node, fault), condition in troubles.items():
        if fault.rule == "count":
            continue
        key = (node, fault.rule, fault.detail)
        before, origins = nodes.get(key, (("c", False), frozenset()))
        nodes[key] = (either(before, condition), origins | fault.origins)
    joined: dict[Cause, dict[int, Expression]] = {}
    for (node, rule, detail), (condition, origins) in nodes.items():
        place = None if rule in _BY_ORIGIN and origins else graph[node].span
        joined.setdefault((rule, detail, origins, place), {})[node] = condition
    return joined


def _diagnostic(
    graph: Graph, nodes: list[int], rule: str, detail: str, origins: list[str], failure: Failure
) -> Diagnostic | None:
    places = {s: _name(graph, n) for n in nodes if (s := graph[n].span) is not None}
    if not places:
        return None
    (span, module), *_ = places.items()
    where, witness = failure.where, failure.shown
    if rule in _BY_ORIGIN:
        return _BY_ORIGIN[rule](tuple(places.items()), where, witness, origins)
    match rule:
        case "names":
            return flow.names_gone(span, where, witness)
        case "alone":
            return flow.needs_one_text(span, module, where, witness)
    return _BY_DETAIL[rule](span, module, where, witness, detail)


def _name(graph: Graph, node: int) -> str:
    op = graph[node].op
    return op.path.rpartition(".")[2] if isinstance(op, ops.Call) else op.name


def _warn(graph: Graph, walk: Walk, table: Table, reporter: Reporter) -> None:
    """Say which routes and steps are of no use with this table."""
    for index in sorted(graph.reachable):
        op = graph[index].op
        if isinstance(op, ops.Columns):
            _warn_of_routes(graph, index, op, table, reporter)
    for index, flows in sorted(walk.reached.items()):
        op, span = graph[index].op, graph[index].span
        known = [f.frame for f in flows if f.frame.columns is not None]
        if not isinstance(op, ops.Call) or span is None or len(known) < len(flows):
            continue
        module = op.path.rpartition(".")[2]
        columns = [table.columns[p] for p in sorted({p for f in known for p in f.columns or ()})]
        if module in _IMPUTERS and not any(c.missing for c in columns):
            reporter.add(flow.nothing_missing(span, module))
        numbers = [c.name for c in columns if c.kind == "numeric" and (c.distinct is None or c.distinct > _FEW)]
        if module in _ENCODERS and numbers:
            reporter.add(flow.numbers_encoded(span, module, numbers))


_FEW = 20  # different numbers that may well be categories


def _warn_of_routes(graph: Graph, index: int, op: ops.Columns, table: Table, reporter: Reporter) -> None:
    routes = zip(op.selectors, table.routes(op.selectors), graph[index].operands, strict=True)
    for selectors, positions, body in routes:
        span = graph[body].span
        wanted = [str(value) for kind, value in selectors if kind in ("kind", "dtype", "regex")]
        if not positions and wanted and span is not None and not isinstance(graph[body].op, ops.Drop):
            reporter.add(flow.empty_route(span, " or ".join(wanted)))


__all__ = ["Table", "TableColumn", "audit_flow", "counts_of"]
