"""The structure of a space as nested blocks: what pictures show. ``svg``, ``dot`` and ``mermaid`` draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from hyperdsl.backends.exchange.wording import Wording, is_presence
from hyperdsl.backends.pycode import unique
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops
from hyperdsl.ir.graph import Graph
from hyperdsl.recursion import deep_recursion
from hyperdsl.space import Count, Space

LONGEST = 72  # characters of one text
MOST = 2_000  # blocks of one picture: what is shared is drawn in each place, and could grow without end


@frozen
class Block:
    """A part of a picture.

    Parameters
    ----------
    title : str
    rows : tuple of pairs
        Names and what they may be.
    parts : tuple of pairs
        A label, mostly empty, and the block inside.
    style : str
        ``module``, ``choice``, ``optional``, ``parallel``, ``columns``, ``list``; ``flow`` is one part after the other.
    """

    title: str
    rows: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, Block], ...] = ()
    style: str = "module"


@frozen
class Picture:
    """A space to draw: its name, a line of facts, its structure."""

    name: str
    facts: str
    block: Block


def picture(space: Space) -> Picture:
    """The picture of a space."""
    with deep_recursion():
        block = Blocks(space.graph).block(space.graph.root)
    decisions = len(space.decisions)
    number = "depends on the data" if space.depends_on_data else _count(space.count())
    facts = f"{number} · {decisions} decision{'' if decisions == 1 else 's'}"
    return Picture(space.name, facts, block)


def _count(count: Count) -> str:
    number = count.configurations if count.exact else count.at_least
    if number is None:
        return "an unknown number of configurations"
    text = f"{number:,}" if number < 10**15 else f"about 10^{number.bit_length() * 30103 // 100000}"
    text = text if count.exact else f"at least {text}"
    ranges = f" × {count.continuous} continuous range{'' if count.continuous == 1 else 's'}" if count.continuous else ""
    return f"{text} configuration{'' if number == 1 else 's'}{ranges}"


class Blocks:
    """Makes the blocks of one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.wording = Wording(graph)
        self._left = MOST
        self._drawn: dict[int, str] = {}  # tensors that are used again -> what they are called
        self._decided: set[int] = set()  # choices that are told in several places

    @cached_property
    def _with_modules(self) -> frozenset[int]:
        """The nodes that a module has a part in, as a value."""
        found: set[int] = set()
        modules = (
            *(ops.Call, ops.Seq, ops.Par, ops.Columns, ops.Pass, ops.Drop),
            *(ops.Input, ops.Apply, ops.Tied, ops.Loose),
        )
        opaque = (ops.IsModule, ops.Argument, ops.Compare)
        for index, node in enumerate(self.graph.nodes):
            inside = not isinstance(node.op, opaque) and any(o in found for o in node.operands)
            if isinstance(node.op, modules) or inside:
                found.add(index)
        return frozenset(found)

    def block(self, index: int, name: str = "") -> Block:
        """The block of a node; ``name`` is what its definition or label calls it."""
        self._left -= 1
        if self._left < 0:
            return Block("…")
        node = self.graph[index]
        operands = node.operands
        match node.op:
            case ops.Named(definition=definition):
                return self.block(operands[0], name or (definition if index != self.graph.root else ""))
            case ops.Label(label=label):
                return self.block(operands[0], label)
            case ops.Where():
                inside = self.block(operands[0], name)
                conditions = tuple(("require", _short(self.wording.text(o))) for o in operands[1:])
                return Block("under conditions", conditions, (("", inside),), "list")
            case ops.Call(path=path, parameters=parameters):
                return self._fields(_titled(name, path.rpartition(".")[2]), parameters, operands)
            case ops.MakeDict(keys=keys):
                return self._fields(_titled(name, "record"), tuple(str(k) for k in keys), operands)
            case ops.Choose() if index in self._with_modules:
                return self._choice(node.op, operands, name)
            case ops.Select() if index in self._with_modules:
                return self._conditional(index, operands, name)
            case ops.Arithmetic(operator="+") if index in self._with_modules:
                return Block(_titled(name, "all of"), (), self._parts(self._items(index)), "list")
            case ops.Seq() | ops.MakeList() if index in self._with_modules:
                return self._flow(operands, name)
            case ops.Par():
                return Block(_titled(name, "side by side"), (), self._parts(operands), "parallel")
            case ops.Apply() | ops.Input():
                return self._tensor(index, operands, name)
            case ops.Tied() | ops.Loose():
                title = "with the same weights" if isinstance(node.op, ops.Tied) else "loose ends of"
                return Block(_titled(name, title), (), self._parts(self._items(operands[0])), "list")
            case ops.Columns(labels=labels):
                routes = tuple((_short(t), self.block(o)) for t, o in zip(labels, operands, strict=True))
                return Block(_titled(name, "columns"), (), routes, "columns")
            case ops.Permute() if index in self._with_modules:
                return Block(_titled(name, "all, in any order"), (), self._parts(operands), "list")
            case ops.Subset() if index in self._with_modules:
                title = f"{self.wording.text(operands[0])} of"
                return Block(_titled(name, title), (), self._parts(operands[1:]), "list")
            case ops.Repeat() if index in self._with_modules:
                title = f"repeat {self.wording.text(operands[0])}"
                return Block(_titled(name, title), (), self._parts(operands[1:2]), "list")
        return Block(_titled(name, _short(self.wording.text(index))))

    def _tensor(self, index: int, operands: tuple[int, ...], name: str) -> Block:
        """A tensor; where it is used again, only what it was called the first time."""
        if index in self._drawn:
            return Block(f"the same {self._drawn[index]}")
        if len(self.graph.users[index]) > 1 or name:
            name = unique(name or "tensor", [*self._drawn.values()], " ")
            self._drawn[index] = name
        if isinstance(self.graph[index].op, ops.Input):
            return Block(_titled(name, _short(self.wording.text(index))))
        taken = self._items(operands[0])
        if taken == operands[:1]:
            return self._flow(operands, name)
        before = Block("all of", (), self._parts(taken), "parallel")
        return self._in_flow([before, self.block(operands[1])], name)

    def _items(self, index: int) -> tuple[int, ...]:
        """The items of a list that is put together of several, as far as they stand in it."""
        node = self.graph[index]
        match node.op:
            case ops.Named() | ops.Label():
                items = self._items(node.operands[0])
                return (index,) if items == node.operands else items
            case ops.Arithmetic(operator="+"):
                return tuple(item for operand in node.operands for item in self._items(operand))
            case ops.MakeList():
                return node.operands
        return (index,)

    def _conditional(self, index: int, operands: tuple[int, ...], name: str) -> Block:
        """A condition; tests of one decision after the other are a choice by it."""
        decision = self._decision_of(index)
        if decision is None:
            test = _short(self.wording.text(operands[0]))
            then, other = self.block(operands[1]), self.block(operands[2])
            return Block(_titled(name, f"if {test}"), (), (("then", then), ("else", other)), "choice")
        branches = [index]
        while self._decision_of(branches[-1]) == decision:
            _, first, second = self.graph[branches.pop()].operands
            branches += [first, second]
        title = "one of, as above" if decision in self._decided else "one of"
        self._decided.add(decision)
        op = self.graph[decision].op
        assert isinstance(op, ops.Choose)
        shares = _shares(op) if len(branches) == len(op.weights) else [""] * len(branches)
        parts = zip(shares, map(self.block, branches), strict=True)
        return Block(_titled(name, title), (), tuple(parts), "choice")

    def _decision_of(self, index: int) -> int | None:
        """The choice between numbers that a condition compares with one: what a choice in several places becomes."""
        node = self.graph[index]
        if not isinstance(node.op, ops.Select):
            return None
        test = self.graph[node.operands[0]]
        is_test = isinstance(test.op, ops.Compare) and test.op.operator == "=="
        return test.operands[0] if is_test and isinstance(self.graph[test.operands[0]].op, ops.Choose) else None

    def _parts(self, operands: tuple[int, ...]) -> tuple[tuple[str, Block], ...]:
        return tuple(("", self.block(o)) for o in operands)

    def _fields(self, title: str, names: tuple[str, ...], operands: tuple[int, ...]) -> Block:
        """A module or record: values are rows, modules are blocks inside."""
        rows, parts = [], []
        for name, operand in zip(names, operands, strict=True):
            if operand in self._with_modules:
                parts.append((name, self._argument(operand)))
            else:
                rows.append((name, _short(self.wording.text(operand))))
        return Block(title, tuple(rows), tuple(parts))

    def _argument(self, operand: int) -> Block:
        """A module or modules that another one is given: a list of them is no sequence of steps."""
        node = self.graph[operand]
        if isinstance(node.op, ops.MakeList):
            return Block("all of", (), self._parts(node.operands), "list")
        return self.block(operand)

    def _choice(self, op: ops.Choose, operands: tuple[int, ...], name: str) -> Block:
        shares = _shares(op)
        if is_presence(self.graph, op, operands):
            return Block(_titled(name, f"optional, {shares[0]}"), (), self._parts(operands[:1]), "optional")
        parts = tuple((share, self.block(o)) for share, o in zip(shares, operands, strict=True))
        return Block(_titled(name, "one of"), (), parts, "choice")

    def _flow(self, operands: tuple[int, ...], name: str) -> Block:
        return self._in_flow([self.block(o) for o in operands], name)

    @staticmethod
    def _in_flow(blocks: Sequence[Block], name: str) -> Block:
        parts: list[tuple[str, Block]] = []
        for block in blocks:
            parts.extend(block.parts if block.style == "flow" and not block.title else [("", block)])
        flow = Block("", (), tuple(parts), "flow")
        return Block(name, (), (("", flow),), "list") if name else flow


def _shares(op: ops.Choose) -> list[str]:
    total = sum(op.weights)
    return [f"{100 * w / total:.3g} %" for w in op.weights]


def _titled(name: str, title: str) -> str:
    return f"{name}: {title}" if name and name != title else title


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def labelled(label: str, block: Block) -> Block:
    """A block with its label in its title, for drawings that have no other place for it."""
    if not label:
        return block
    if block.style == "flow":
        return Block(label, (), (("", block),), "list")
    return replace(block, title=f"{label}: {block.title}")
