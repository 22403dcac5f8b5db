"""The graph as an outline for people: no numbers of nodes, so that two outlines differ where the graphs do.

What is used more than once stands first, as ``name = …``: a decision under its path, anything else as ``part 1``, ….
Below comes the program, a part a line, its own parts indented.

Examples
--------
::

    space toy
    depth = 2..6 [depth]
    seq
      choose [toy]
        StandardScaler: sklearn.preprocessing.StandardScaler()
        None: pass
      lightgbm.LGBMClassifier
        max_depth = depth
        num_leaves = 3..(2 ** depth) [toy.LGBMClassifier.num_leaves]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph, Node
from hyperdsl.recursion import deep_recursion

_INLINE = (
    ops.Const,
    ops.Symbol,
    ops.DataFact,
    ops.Nothing,
    ops.Missing,
    ops.Pass,
    ops.Drop,
    ops.Integer,
    ops.Real,
    ops.Normal,
    ops.Arithmetic,
    ops.Negate,
    ops.Compare,
    ops.Logic,
    ops.IsModule,
    ops.Argument,
    ops.Interval,
    ops.Index,
    ops.Slice,
    ops.Aggregate,
)
_LEAVES = (ops.Const, ops.Symbol, ops.DataFact, ops.Nothing, ops.Missing, ops.Pass, ops.Drop)


def outline(graph: Graph) -> str:
    """The outline of what the root depends on."""
    with deep_recursion():
        writer = _Writer(graph)
        lines = [f"space {graph.name}"]
        for index, name in writer.names.items():
            lines += writer.block(index, f"{name} = ", 0)
        if graph.root not in writer.names:
            lines += writer.block(graph.root, "", 0)
        return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.names: dict[int, str] = {}
        parts = 0
        for index in sorted(self._named()):
            op = graph[index].op
            parts += not isinstance(op, ops.DecisionOp)
            self.names[index] = op.path if isinstance(op, ops.DecisionOp) else f"part {parts}"

    def _named(self) -> Iterator[int]:
        """What is used twice, or stands in an expression and has a line of its own."""
        uses: dict[int, int] = {}
        for index in self.graph.reachable:
            inline = self._fits_inline(index)
            for operand in self.graph[index].operands:
                own_line = inline and not self._fits_inline(operand)
                uses[operand] = uses.get(operand, 0) + (2 if own_line else 1)
        return (i for i, count in uses.items() if count > 1 and not isinstance(self.graph[i].op, _LEAVES))

    def _fits_inline(self, index: int) -> bool:
        node = self.graph[index]
        match node.op:
            case ops.Label():
                return self._fits_inline(node.operands[0])
            case ops.Choose(assignments=()):
                return all(isinstance(self.graph[o].op, ops.Const) for o in node.operands)
        return isinstance(node.op, _INLINE)

    # --- blocks

    def block(self, index: int, prefix: str, depth: int, use: bool = False) -> list[str]:
        """The lines of a node; ``use`` where its name is enough."""
        margin = "  " * depth
        node = self.graph[index]
        if use and index in self.names:
            return [f"{margin}{prefix}{self.names[index]}"]
        if self._fits_inline(index):
            return [f"{margin}{prefix}{self.expression(index)}"]
        lines = [f"{margin}{prefix}{self._head(node)}"]
        for operand, before in zip(node.operands, self._prefixes(node), strict=True):
            if before is not None:
                lines += self.block(operand, before, depth + 1, use=True)
        return lines

    def _head(self, node: Node) -> str:
        match node.op:
            case ops.Call(path=path):
                return path if node.operands else f"{path}()"
            case ops.DecisionOp(path=path):
                joined = " joined" if isinstance(node.op, ops.Subset) and node.op.joined else ""
                return f"{node.op.name}{joined} [{path}]"
            case ops.Select():
                return f"if {self.use(node.operands[0])}"
            case ops.Label(label=name) | ops.Named(definition=name):
                return f"{node.op.name} {name}"
        return node.op.name

    def _prefixes(self, node: Node) -> Sequence[str | None]:
        """What stands before each operand; None for one that stands in the head."""
        count = len(node.operands)
        match node.op:
            case ops.Call(parameters=names):
                return [f"{n} = " for n in names]
            case ops.MakeDict(keys=keys):
                return [f"{k!r}: " for k in keys]
            case ops.Choose():
                return _alternatives(node.op)
            case ops.Subset(labels=labels):
                return ["count: ", *(f"{label}: " for label in labels)]
            case ops.Permute(labels=labels):
                return [f"{label}: " for label in labels]
            case ops.Repeat():
                return ["count: ", *[""] * (count - 1)]
            case ops.Select():
                return [None, "then: ", "else: "]
            case ops.Where():
                return ["", *["require "] * (count - 1)]
            case ops.Columns(selectors=selectors):
                return [f"{', '.join(map(_selector, s))} => " for s in selectors]
        return [""] * count

    # --- expressions

    def use(self, index: int) -> str:
        return self.names[index] if index in self.names else self.expression(index)

    def expression(self, index: int) -> str:
        op, operands = self.graph[index].op, self.graph[index].operands
        match op:
            case ops.Const(value=value):
                return repr(value)
            case ops.Symbol(path=path):
                return path
            case ops.DataFact(fact=fact):
                return f"data.{fact}"
        parts = [self.use(o) for o in operands]
        match op:
            case ops.Integer() | ops.Real() | ops.Normal():
                return self._range(op, parts)
            case ops.Arithmetic(operator=sign) | ops.Compare(operator=sign):
                return f"({parts[0]} {sign} {parts[1]})"
            case ops.Logic(operator=word):
                return f"(not {parts[0]})" if word == "not" else f"({f' {word} '.join(parts)})"
            case ops.Negate():
                return f"-{parts[0]}"
            case ops.IsModule(path=path):
                return f"({parts[0]} is {path})"
            case ops.Argument(parameter=name):
                return f"{parts[0]}.{name}"
            case ops.Label():
                return parts[0]
            case ops.Choose(path=path, weights=weights):
                even = len(set(weights)) == 1
                values = (p if even or w == 1 else f"{p} @ {w}" for p, w in zip(parts, weights, strict=True))
                return f"{' | '.join(values)} [{path}]"
            case ops.Interval():
                return f"{parts[0]}..{parts[1]}"
            case ops.Index():
                return f"{parts[0]}[{parts[1]}]"
            case ops.Slice(lower=lower, upper=upper, step=step):
                ends = ":".join("" if end is None else str(end) for end in (lower, upper))
                return f"{parts[0]}[{ends}{'' if step is None else f':{step}'}]"
            case ops.Aggregate(function=function):
                return f"{function}({', '.join(parts)})"
        return op.name

    def _range(self, op: ops.Integer | ops.Real | ops.Normal, ends: list[str]) -> str:
        if isinstance(op, ops.Normal):
            return f"{'lognormal' if op.log else 'normal'}({ends[0]}, {ends[1]}) [{op.path}]"
        step = f" step {op.step!r}" if op.step not in (None, 1) else ""
        default = "" if op.default is None else f" default {op.default!r}"
        return f"{ends[0]}..{ends[1]}{' log' if op.log else ''}{step}{default} [{op.path}]"


def _alternatives(op: ops.Choose) -> list[str]:
    """Label and weight of each, and where a pass has put choices together what it stands for."""
    even = len(set(op.weights)) == 1
    found = []
    for position, label in enumerate(op.labels):
        weight = "" if even or op.weights[position] == 1 else f" @ {op.weights[position]}"
        stands_for = ", ".join(f"{path} = {code}" for path, code in op.assignments[position]) if op.assignments else ""
        default = " default" if op.default == position else ""
        found.append(f"{label}{weight}{default}{f' ({stands_for})' if stands_for else ''}: ")
    return found


def _selector(selector: tuple[str, object]) -> str:
    kind, value = selector
    if isinstance(value, tuple):
        return ", ".join(map(repr, value))
    return kind if value is None else str(value) if kind == "kind" else f"{kind}({value!r})"
