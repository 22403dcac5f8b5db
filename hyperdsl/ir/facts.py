"""What a graph is about: which facts of the data its expressions depend on, and whether there are networks."""

from __future__ import annotations

from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.plan import TRAIN

TASKS = ("classification", "regression")


def has_facts(graph: Graph) -> bool:
    """Whether anything in a graph reads ``data.…``."""
    return any(isinstance(graph[i].op, ops.DataFact) for i in graph.reachable)


def has_tensors(graph: Graph) -> bool:
    """Whether there are networks in a graph."""
    return any(
        is_network(graph[i].op) or isinstance(graph[i].op, ops.Input | ops.Apply | ops.Tied) for i in graph.reachable
    )


def has_costs(graph: Graph) -> bool:
    """Whether a condition asks what a network costs."""
    return any(isinstance(graph[i].op, ops.Cost) for i in graph.reachable)


def is_network(op: ops.Op) -> bool:
    """Whether an operation is ``train(…)``."""
    return isinstance(op, ops.Call) and op.path == TRAIN


def trains_networks(graph: Graph) -> bool:
    """Whether some ``train(…)`` is part of a program."""
    return any(is_network(graph[i].op) for i in graph.reachable)


def fact_below(analysis: Analysis, index: int) -> int | None:
    """The first node ``data.…`` that has a part in a node's value; None where there is none.

    Of a module that is only read for its class or one argument, the other arguments have no part.
    """
    seen: set[tuple[int, bool]] = set()
    pending = [(index, True)]
    while pending:
        here, whole = pending.pop()
        if (here, whole) in seen:
            continue
        seen.add((here, whole))
        node = analysis.nodes[here]
        match node.op:
            case ops.DataFact():
                return here
            case ops.Argument(parameter=parameter):
                pending += [(o, True) for o in _arguments(analysis, node.operands[0], parameter)]
                pending.append((node.operands[0], False))
            case ops.IsModule():
                pending.append((node.operands[0], False))
            case ops.Select():
                pending += [(node.operands[0], True), *((o, whole) for o in node.operands[1:])]
            case ops.Call() | ops.MakeDict() if not whole:
                pass
            case ops.Seq() if not whole:
                pending.append((node.operands[-1], False))
            case ops.Where():
                pending += [(node.operands[0], whole), *((o, True) for o in node.operands[1:])]
            case _:
                pending += [(o, whole) for o in node.operands]
    return None


def _arguments(analysis: Analysis, module: int, parameter: str) -> list[int]:
    found = []
    for head in analysis.heads(module):
        op = analysis.nodes[head].op
        names = op.parameters if isinstance(op, ops.Call) else op.keys if isinstance(op, ops.MakeDict) else ()
        if parameter in names:
            found.append(analysis.nodes[head].operands[names.index(parameter)])
    return found
