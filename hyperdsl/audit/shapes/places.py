"""Where tensors may stand: in networks, which `train` makes models of, and in conditions."""

from __future__ import annotations

from hyperdsl.diagnostics import Reporter, networks
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.graph import Graph
from hyperdsl.space.letters import below_of

# Whose value is one of their operands, or holds them.
_THROUGH = (
    *(ops.Named, ops.Label, ops.Where, ops.Index, ops.Slice, ops.Choose, ops.Select, ops.Repeat, ops.Subset),
    *(ops.Permute, ops.MakeList, ops.MakeTuple, ops.Arithmetic),
)


def audit_places(graph: Graph, reporter: Reporter) -> bool:
    """Report tensors, and tied layers, where a model, a step or a plain value belongs; whether there are none."""
    analysis = Analysis(graph.nodes)
    ends = _Ends(graph)
    found = ends.of(graph.root)
    in_networks = (below_of(graph, i) for i in graph.reachable if is_network(graph[i].op))
    trained = set[int]().union(*in_networks)  # where a tensor in the place of a layer is another mistake (E0469)
    for index in sorted(graph.reachable):
        node = graph[index]
        if isinstance(node.op, ops.Call | ops.MakeDict | ops.Columns) and not is_network(node.op):
            found |= {end for operand in node.operands for end in ends.of(operand)}
        elif isinstance(node.op, ops.Seq | ops.Par) and index not in trained:
            found |= {end for o in node.operands if analysis.is_tensors(o) for end in ends.of(o)}
    for index in sorted(found):
        span = graph[index].span
        assert span is not None
        reporter.add(networks.not_trained(span))
    return not found


class _Ends:
    """The tensors and tied layers among the alternatives and items of values."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[int, set[int]] = {}

    def of(self, index: int) -> set[int]:
        if index not in self._known:
            node = self._graph[index]
            if isinstance(node.op, ops.Input | ops.Apply | ops.Loose | ops.Tied):
                self._known[index] = {index}
            elif isinstance(node.op, _THROUGH):
                self._known[index] = {end for operand in node.operands for end in self.of(operand)}
            else:
                self._known[index] = set()
        return self._known[index]
