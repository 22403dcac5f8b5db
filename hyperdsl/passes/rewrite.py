"""What the passes share: one engine that rebuilds a graph from its operands up, and questions about steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import is_

from hyperdsl.ir import neutral, ops
from hyperdsl.ir.graph import Builder, Graph, Node

Rule = Callable[[Builder, int, Node, "tuple[int, ...]"], "int | None"]


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """What a pass has left out of programs: where it stands, what it is, and why or with which effect."""

    line: int
    left_out: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.left_out} left out {self.reason}"


def left_out(builder: Builder, gone: Sequence[int], kept: Sequence[int], before: int, effect: str) -> Iterator[Note]:
    """A note for each call below ``gone`` that is not below ``kept`` too."""
    names = ", ".join(dict.fromkeys(_calls(builder, [before]).values()))
    still = _calls(builder, kept)
    for index, name in _calls(builder, gone).items():
        span = builder[index].span
        if index not in still:
            yield Note(span.line if span is not None else 0, name, f"before {names}, which changes {effect}")


def _calls(builder: Builder, indices: Sequence[int]) -> dict[int, str]:
    """The calls in nodes and all below them, by node, with the names of their classes."""
    found: dict[int, str] = {}
    seen: set[int] = set()
    pending = list(indices)
    while pending:
        index = pending.pop()
        if index not in seen:
            seen.add(index)
            pending.extend(builder[index].operands)
            op = builder[index].op
            if isinstance(op, ops.Call):
                found[index] = op.path.rpartition(".")[2]
    return dict(sorted(found.items()))


def rebuild(graph: Graph, rule: Rule, builder: Builder | None = None) -> Graph:
    """The graph in which ``rule`` has seen every node that the root depends on; the same one where it changed nothing.

    Parameters
    ----------
    rule : callable
        ``rule(builder, index, node, operands)`` with the old node and its old id; the operands are ids of the new
        graph. It returns the id of a node of the new graph, or None to keep the node with these operands.
    builder : Builder, optional
        An empty one, where the rule wants to know the new graph from the start.
    """
    builder = Builder(graph.name) if builder is None else builder
    renamed: dict[int, int] = {}
    for index in sorted(graph.reachable):
        node = graph.nodes[index]
        operands = tuple([renamed[o] for o in node.operands])
        replaced = rule(builder, index, node, operands)
        if replaced is None:
            kept = node if operands == node.operands else Node(node.op, operands, node.span)
            replaced = builder.keep(kept)
        renamed[index] = replaced
    is_same = len(builder.nodes) == len(graph) and all(map(is_, builder.nodes, graph.nodes))
    return graph if is_same and renamed[graph.root] == graph.root else builder.finish(renamed[graph.root])


def steps(nodes: Graph | Builder, operands: Sequence[int]) -> list[int]:
    """The steps of a sequence of operands: those of sequences within it too, without identities."""
    found: list[int] = []
    pending = list(reversed(operands))
    while pending:
        index = pending.pop()
        op = nodes[index].op
        if isinstance(op, ops.Seq):
            pending.extend(reversed(nodes[index].operands))
        elif not isinstance(op, ops.Pass | ops.Nothing):
            found.append(index)
    return found


def sequence(builder: Builder, parts: Sequence[int], node: Node) -> int:
    """The parts one after the other; one part is itself, none is the identity."""
    if not parts:
        return builder.add(ops.Pass(), (), node.span)
    return parts[0] if len(parts) == 1 else builder.add(ops.Seq(), parts, node.span)


def arguments(nodes: Graph | Builder, call: Node) -> Mapping[str, object]:
    """The arguments of a call by name; ``neutral.FREE`` for what is not a constant."""
    assert isinstance(call.op, ops.Call)
    found: dict[str, object] = {}
    for name, operand in zip(call.op.parameters, call.operands, strict=True):
        op = nodes[operand].op
        if not isinstance(op, ops.Nothing):
            found[name] = op.value if isinstance(op, ops.Const) else neutral.FREE
    return found


def is_identity(nodes: Graph | Builder, index: int) -> bool:
    """Whether a step gives its input whatever is decided."""
    node = nodes[index]
    match node.op:
        case ops.Pass() | ops.Nothing():
            return True
        case ops.Call(path=path):
            return neutral.is_identity(path, arguments(nodes, node))
        case ops.Choose():
            return all(is_identity(nodes, o) for o in node.operands)
    return False


def reached_once(graph: Graph) -> frozenset[str]:
    """The paths of the decisions to which one way leads from the root: a changed copy leaves no other behind."""
    ways = [0] * len(graph)
    ways[graph.root] = 1
    for index in sorted(graph.reachable, reverse=True):
        for operand in graph[index].operands:
            ways[operand] = min(2, ways[operand] + ways[index])
    return frozenset(op.path for index, op in graph.decisions() if ways[index] == 1)


def reads_classes(graph: Graph) -> bool:
    """Whether some condition asks for the class or an argument of a module, and thereby for the last step."""
    return any(isinstance(graph[i].op, ops.IsModule | ops.Argument) for i in graph.reachable)
