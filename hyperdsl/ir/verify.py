"""The invariants of a graph. A violation is a bug of the compiler, never a user's mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph, Node


class GraphError(AssertionError):
    """An invariant does not hold; the message names the node."""


def verify(graph: Graph) -> None:
    """Check every invariant.

    Raises
    ------
    GraphError
        Naming the first node that breaks one.
    """
    if not 0 <= graph.root < len(graph):
        raise GraphError(f"the root %{graph.root} is not a node")
    for index, node in enumerate(graph.nodes):
        for problem in _problems(index, node):
            raise GraphError(f"%{index} = {node.op}: {problem}")
    paths: dict[str, int] = {}
    for index, op in graph.decisions():
        if paths.setdefault(op.path, index) != index:
            raise GraphError(f"%{index} and %{paths[op.path]} decide the same path {op.path!r}")


def _problems(index: int, node: Node) -> Iterator[str]:
    if any(not 0 <= o < index for o in node.operands):
        yield "operands must come before their users"
    expected = _ARITY.get(type(node.op))
    if expected is not None and len(node.operands) != expected(node.op):
        yield f"takes {expected(node.op)} operands, not {len(node.operands)}"
    match node.op:
        case ops.Choose(labels=labels, weights=weights, assignments=assignments):
            if len(labels) != len(node.operands) or not labels:
                yield "needs a label for each alternative"
            if any(type(w) is not int or w <= 0 for w in weights):
                yield "weights must be positive integers"
            if len({(type(v), v) for v in labels}) != len(labels):
                yield "labels must differ"
            if assignments and len(assignments) != len(labels):
                yield "needs assignments for all alternatives or none"
        case ops.Subset(labels=labels) if len(labels) != len(node.operands) - 1:
            yield "needs a label for each item"
        case ops.Integer(step=step) if step <= 0:
            yield "a step must be positive"
        case ops.Case(codes=codes) if len(codes) != len(node.operands) or not codes:
            yield "needs a value for each code"
        case ops.Repeat() if not node.operands:
            yield "needs a count"


_ARITY: dict[type[ops.Op], Callable[..., int]] = {
    ops.Const: lambda op: 0,
    ops.Symbol: lambda op: 0,
    ops.DataFact: lambda op: 0,
    ops.Nothing: lambda op: 0,
    ops.Missing: lambda op: 0,
    ops.Pass: lambda op: 0,
    ops.Drop: lambda op: 0,
    ops.Integer: lambda op: 2,
    ops.Real: lambda op: 2,
    ops.Normal: lambda op: 2,
    ops.Interval: lambda op: 2,
    ops.Choose: lambda op: len(op.weights),
    ops.Permute: lambda op: len(op.labels),
    ops.Select: lambda op: 3,
    ops.Arithmetic: lambda op: 2,
    ops.Negate: lambda op: 1,
    ops.Compare: lambda op: 2,
    ops.IsModule: lambda op: 1,
    ops.Argument: lambda op: 1,
    ops.Index: lambda op: 2,
    ops.Slice: lambda op: 1,
    ops.MakeDict: lambda op: len(op.keys),
    ops.Call: lambda op: len(op.parameters),
    ops.Columns: lambda op: len(op.labels),
    ops.Label: lambda op: 1,
    ops.Named: lambda op: 1,
    ops.Apply: lambda op: 2,
    ops.Tied: lambda op: 1,
    ops.Loose: lambda op: 1,
    ops.Cost: lambda op: 1,
    ops.Case: lambda op: len(op.codes),
    ops.Unknown: lambda op: 0,
}
