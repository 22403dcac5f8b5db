"""Expressions of a graph as one would write them in a ``.hyp`` file: for pictures, comments and messages."""

from __future__ import annotations

from functools import cached_property

from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph

_CHOICE, _TEST, _SUM, _ATOM = range(4)  # how tightly an expression binds
_LONGEST_SUBJECT = 40  # that is spelled out
_LARGEST = 200  # parts of one expression: shared parts could make it grow without end


class Wording:
    """Words the nodes of one graph; a shared definition is spelled out where it is first met and then named."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._told: set[int] = set()
        self._left = _LARGEST

    @cached_property
    def _deciding(self) -> frozenset[int]:
        """The nodes that a decision has a part in."""
        found: set[int] = set()
        for index, node in enumerate(self.graph.nodes):
            if isinstance(node.op, ops.DecisionOp) or any(o in found for o in node.operands):
                found.add(index)
        return frozenset(found)

    def text(self, index: int) -> str:
        """The expression at a node."""
        self._left = _LARGEST
        return self._part(index)

    def _part(self, index: int, binding: int = _CHOICE) -> str:
        """In parentheses where it binds more loosely than its place asks for."""
        own, text = self._text(index)
        return f"({text})" if own < binding else text

    def _text(self, index: int) -> tuple[int, str]:
        self._left -= 1
        if self._left < 0:
            return _ATOM, "…"
        node = self.graph[index]
        operands = node.operands
        match node.op:
            case ops.Const(value=value):
                return _ATOM, constant(value)
            case ops.Symbol(path=path):
                return _ATOM, path.rpartition(".")[2]
            case ops.DataFact(fact=fact):
                return _ATOM, f"data.{fact}"
            case ops.Named(definition=definition):
                return self._named(index, definition)
            case ops.Label() | ops.Where():
                return self._text(operands[0])
            case ops.Integer() | ops.Real():
                return _TEST, self._range(node.op, operands)
            case ops.Normal(log=log):
                return _ATOM, f"{'lognormal' if log else 'normal'}({self._list(operands)})"
            case ops.Choose():
                return self._choice(node.op, operands)
            case ops.Select():
                test, then, other = (self._part(o, _TEST) for o in operands)
                return _CHOICE, f"{then} if {test} else {other}"
            case ops.Arithmetic(operator=operator):
                left, right = (self._part(o, _ATOM) for o in operands)
                return _SUM, f"{left} {operator} {right}"
            case ops.Compare(operator=operator):
                left, right = (self._part(o, _SUM) for o in operands)
                return _TEST, f"{left} {operator} {right}"
            case ops.Logic(operator="not"):
                return _TEST, f"not {self._part(operands[0], _ATOM)}"
            case ops.Logic(operator=operator):
                return _TEST, f" {operator} ".join(self._part(o, _SUM) for o in operands)
            case ops.Interval():
                return _TEST, "..".join(self._part(o, _SUM) for o in operands)
            case ops.Negate():
                return _SUM, f"-{self._part(operands[0], _ATOM)}"
            case ops.IsModule(path=path):
                return _TEST, f"{self._subject(operands[0])} is {path.rpartition('.')[2]}"
            case ops.Argument(parameter=parameter):
                return _ATOM, f"{self._subject(operands[0])}.{parameter}"
        return _ATOM, self._call(node.op, operands)

    def _call(self, op: ops.Op, operands: tuple[int, ...]) -> str:
        match op:
            case ops.MakeList():
                return f"[{self._list(operands)}]"
            case ops.MakeTuple():
                return f"({self._list(operands)}{',' if len(operands) == 1 else ''})"
            case ops.MakeDict(keys=keys):
                pairs = zip(keys, operands, strict=True)
                return "{" + ", ".join(f"{constant(k)}: {self._part(o)}" for k, o in pairs) + "}"
            case ops.Index():
                return f"{self._part(operands[0], _ATOM)}[{self._part(operands[1])}]"
            case ops.Slice(lower=lower, upper=upper):
                ends = ":".join("" if end is None else str(end) for end in (lower, upper))
                return f"{self._part(operands[0], _ATOM)}[{ends}]"
            case ops.Subset():
                return f"subset({self._part(operands[0])}, [{self._list(operands[1:])}])"
            case ops.Repeat():
                return f"repeat({self._list(operands[:2])})"
            case ops.Aggregate(function=function):
                return f"{function}({self._list(operands)})"
            case ops.Call(path=path, parameters=parameters):
                given = [f"{p} = {self._part(o)}" for p, o in zip(parameters, operands, strict=True)]
                return f"{path.rpartition('.')[2]}({', '.join(given)})"
        return f"{op.name}({self._list(operands)})" if operands else op.name

    def _list(self, operands: tuple[int, ...]) -> str:
        return ", ".join(self._part(o) for o in operands)

    def _named(self, index: int, definition: str) -> tuple[int, str]:
        shared = len(self.graph.users[index]) > 1 and index in self._deciding
        if not shared:
            return self._text(self.graph[index].operands[0])
        if index in self._told:
            return _ATOM, definition
        self._told.add(index)
        return _CHOICE, f"{definition} = {self._part(self.graph[index].operands[0])}"

    def _subject(self, index: int) -> str:
        """What a condition reads, by name."""
        op, span = self.graph[index].op, self.graph[index].span
        if isinstance(op, ops.Named):
            return op.definition
        if isinstance(op, ops.DecisionOp):
            return op.path
        written = " ".join(span.text.split()) if span is not None else ""
        return written if 0 < len(written) <= _LONGEST_SUBJECT else "the model"

    def _range(self, op: ops.Integer | ops.Real, operands: tuple[int, ...]) -> str:
        text = "..".join(self._part(o, _SUM) for o in operands)
        text += " log" if op.log else ""
        if op.step is not None and (op.step != 1 or isinstance(op, ops.Real)):
            text += f" step {op.step}"
        return text + (f" default {op.default}" if op.default is not None else "")

    def _choice(self, op: ops.Choose, operands: tuple[int, ...]) -> tuple[int, str]:
        if is_presence(self.graph, op, operands):
            return _ATOM, f"{self._part(operands[0], _ATOM)}?{weight_text(op.weights[0], op.weights[1])}"
        parts = [self._part(o, _TEST) + weight_text(w, 1) for o, w in zip(operands, op.weights, strict=True)]
        return _CHOICE, " | ".join(parts)


def is_presence(graph: Graph, op: ops.Choose, operands: tuple[int, ...]) -> bool:
    """Whether a choice is ``a?``."""
    return op.labels == (True, False) and isinstance(graph[operands[1]].op, ops.Nothing)


def weight_text(weight: int, unit: int) -> str:
    """`` @ 3``; nothing for an even weight."""
    return "" if weight == unit else f" @ {weight / unit:g}"


def constant(value: object) -> str:
    """A constant as written in a program; strings in double quotes, on one line."""
    if isinstance(value, str):
        from hyperdsl.backends.printer import quoted

        return quoted(value)
    return repr(value)
