"""Arguments whose values enter a program's canonical text as they are: each is a letter in it, see ``programs``."""

from __future__ import annotations

from collections import defaultdict
from hashlib import blake2b

from hyperdsl.frozen import frozen
from hyperdsl.ir import canonical, neutral, ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.domain import Code, Domain, Integers, Reals, Steps
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import integer_domain, real_domain

MOST_VALUES = 10_000  # of an argument, to be compared with those of the same argument elsewhere
_ABSENT = ""  # the value of an argument that is left out

Slot = tuple[str, str | int]  # an argument of a class, a route of columns, an entry of a record


@frozen
class Letter:
    """The values that a letter stands for.

    Attributes
    ----------
    name : str
        Equal for equal values.
    size : int or None
        How many; None where they are programs of their own, to be counted.
    """

    name: str
    size: int | None = None


def letters(graph: Graph) -> dict[int, Letter]:
    """The nodes that are letters, where all modules with the same argument draw it from the same values."""
    return _Finder(graph).find()


def below_of(graph: Graph, index: int) -> set[int]:
    """A node and all that it depends on."""
    seen = {index}
    pending = [index]
    while pending:
        for operand in graph[pending.pop()].operands:
            if operand not in seen:
                seen.add(operand)
                pending.append(operand)
    return seen


def is_closed(graph: Graph, analysis: Analysis, index: int) -> bool:
    """Whether nothing else reads the decisions in a node, and it depends on no others."""
    below = below_of(graph, index)
    decided = (n for n in below if n != index and not analysis.is_constant(n))
    return all(u in below or u not in graph.reachable for n in decided for u in graph.users[n])


def one_value(domain: Domain) -> Code:
    """A value of a continuous range that no other range and no constant has."""
    digest = blake2b(repr(domain).encode(), digest_size=8).digest()
    return domain.from_unit((int.from_bytes(digest, "big") + 0.5) / 2**64)


class _Finder:
    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.analysis = Analysis(graph.nodes)
        self.slots: dict[Slot, list[int]] = defaultdict(list)  # the node in each module
        self.of_class: dict[str, int] = defaultdict(int)  # how many there are
        self.uses: dict[int, list[Slot | None]] = defaultdict(list)  # what a node stands in, None for anything else
        inside = self._in_networks()
        for index in sorted(graph.reachable):
            self._note(index, index in inside)

    def _in_networks(self) -> set[int]:
        """The nodes of networks: their layers may change places, so that equal letters are not told apart."""
        found: set[int] = set()
        for index in self.graph.reachable:
            if is_network(self.graph[index].op) or isinstance(self.graph[index].op, ops.Apply):
                found |= below_of(self.graph, index)
        return found

    def _note(self, index: int, is_inside: bool) -> None:
        op, operands = self.graph[index].op, self.graph[index].operands
        slots: list[Slot | None] = [None] * len(operands)
        if is_inside:
            pass
        elif isinstance(op, ops.Call) and not neutral.may_change_nothing(op.path):
            slots = [(op.path, name) for name in op.parameters]
            self.of_class[op.path] += 1
        elif isinstance(op, ops.Columns | ops.MakeDict):
            kind = repr(op.selectors if isinstance(op, ops.Columns) else op.keys)
            slots = [(kind, position) for position in range(len(operands))]
            self.of_class[kind] += 1
        for slot, operand in zip(slots, operands, strict=True):
            self.uses[operand].append(slot)
            if slot is not None:
                self.slots[slot].append(operand)

    def find(self) -> dict[int, Letter]:
        read = {op.parameter for i in self.graph.reachable if isinstance(op := self.graph[i].op, ops.Argument)}
        found: dict[Slot, dict[int, Letter]] = {}
        for slot, operands in self.slots.items():
            if slot[1] not in read and (shared := self._letters(slot, set(operands))):
                found[slot] = shared
        # A node is a letter only where it is one in all its places.
        while stray := [s for s, of in found.items() if any(u not in found for n in of for u in self.uses[n])]:
            for slot in stray:
                del found[slot]
        return {node: letter for of in found.values() for node, letter in of.items()}

    def _letters(self, slot: Slot, operands: set[int]) -> dict[int, Letter]:
        """The letters of one argument; none where it cannot be one."""
        decided = {o for o in operands if not self.analysis.is_constant(o)}
        if not decided or not all(is_closed(self.graph, self.analysis, o) for o in decided):
            return {}
        values = {o: self._values(o) for o in operands}
        first = next(iter(values.values()))
        if first is not None and all(v == first for v in values.values()):
            is_whole = _ABSENT not in first or len(self.slots[slot]) == self.of_class[slot[0]]
            size = _size(first)
            return {o: Letter(f"?{'|'.join(sorted(map(repr, first)))}", size) for o in decided} if is_whole else {}
        if len(operands) > 1 or "nothing" in self.analysis.types(next(iter(operands))):
            return {}
        return {o: Letter(f"?{o}") for o in decided}

    # --- values

    def _values(self, index: int) -> frozenset[object] | None:
        """The texts of a value that is plain, a wide or continuous range as a whole; None for others."""
        op, operands = self.graph[index].op, self.graph[index].operands
        match op:
            case ops.Const(value=value):
                return frozenset({canonical.text(value)})
            case ops.Symbol(path=path):
                return frozenset({f"@{path}"})
            case ops.Nothing():
                return frozenset({_ABSENT})
            case ops.Named() | ops.Label():
                return self._values(operands[0])
            case ops.Normal():
                return None
            case ops.Integer() | ops.Real() if all(self.analysis.is_constant(o) for o in operands):
                return self._range(index, op)
            case ops.Choose() if not op.assignments:
                parts = [self._values(o) for o in operands]
                if any(p is None or any(isinstance(v, tuple) for v in p) for p in parts):
                    return None
                return frozenset().union(*(p for p in parts if p is not None))
        return None

    def _range(self, index: int, op: ops.Integer | ops.Real) -> frozenset[object]:
        low, high = (self.analysis.constant(o) for o in self.graph[index].operands)
        if isinstance(op, ops.Integer):
            domain: Integers | Reals | Steps = integer_domain(op, low, high, index)
        else:
            domain = real_domain(op, low, high, index)
        if domain.size is None or domain.size > MOST_VALUES:
            return frozenset({(type(op).__name__, domain.low, domain.high, op.step, domain.size or 1)})
        number = int if isinstance(op, ops.Integer) else float
        return frozenset(canonical.text(number(domain.member(i))) for i in range(domain.size))  # type: ignore[arg-type]


def _size(values: frozenset[object]) -> int:
    return sum(v[-1] if isinstance(v, tuple) else 1 for v in values)
