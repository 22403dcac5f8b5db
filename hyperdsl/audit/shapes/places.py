"""Where tensors may stand: in networks, which `train` makes models of, and in conditions."""

from __future__ import annotations

from hyperdsl.diagnostics import Reporter, networks
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.graph import Graph


def audit_places(graph: Graph, reporter: Reporter) -> bool:
    """Report tensors where a model, a step or a plain value belongs; whether there are none."""
    analysis = Analysis(graph.nodes)
    found = [graph.root] if analysis.is_tensors(graph.root) else []
    for index in sorted(graph.reachable):
        node = graph[index]
        if isinstance(node.op, ops.Call | ops.Seq | ops.Par | ops.Columns | ops.MakeDict) and not is_network(node.op):
            found += filter(analysis.is_tensors, node.operands)
    for index in dict.fromkeys(end for each in found for end in _ends(analysis, each)):
        span = graph[index].span
        assert span is not None
        reporter.add(networks.not_trained(span))
    return not found


def _ends(analysis: Analysis, index: int) -> list[int]:
    """The alternatives of a value that are tensors."""
    node = analysis.nodes[index]
    match node.op:
        case ops.Named() | ops.Label() | ops.Where() | ops.Choose():
            return [
                end for operand in node.operands if analysis.is_tensors(operand) for end in _ends(analysis, operand)
            ]
        case ops.Select():
            return [end for o in node.operands[1:] if analysis.is_tensors(o) for end in _ends(analysis, o)]
    return [index]
