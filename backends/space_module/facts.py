"""What the writer of a space's module asks of the graph before it writes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, TypeVar

from hyperdsl.backends.pycode import is_name
from hyperdsl.backends.sklearn.expressions import NAMED_LISTS
from hyperdsl.backends.sklearn.naming import HOLDER_PARAMETERS, clean, snake_case
from hyperdsl.ir import ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.graph import Graph

SCALARS = frozenset({"int", "float", "bool", "str", "none", "symbol", "nothing"})
BLOCKS = (ops.Choose, ops.Select, ops.Subset, ops.Permute, ops.Repeat)
_PARTIAL = (ops.Index, ops.Aggregate, ops.Repeat)
_PLACES = re.compile(r"repeat|pick|subset|permute|count|\d+")


Fact = TypeVar("Fact")


def remembered(find: Callable[[Facts, int], Fact]) -> Callable[[Facts, int], Fact]:
    """Find a fact about a node once; nodes are shared, so asking again down every way would take forever."""

    def fact(facts: Facts, index: int) -> Fact:
        key = (find.__name__, index)
        if key not in facts.known:
            facts.known[key] = find(facts, index)
        found: Fact = facts.known[key]
        return found

    return fact


class Facts:
    """Facts about the nodes of a graph.

    Parameters
    ----------
    decided : Facts, optional
        Of the graph whose decisions have been made before, where this one is what passes have left of it.

    Attributes
    ----------
    parts : set of int
        Nodes with a use as a part of a sequence or union, where names of steps matter; all others are wanted as
        finished objects.
    """

    def __init__(self, graph: Graph, decided: Facts | None = None) -> None:
        self.graph = graph
        self.decided = decided
        self.analysis = Analysis(graph.nodes)
        self.parts: set[int] = set()
        self.known: dict[tuple[str, int], Any] = {}
        self._find_parts()

    def op(self, index: int) -> ops.Op:
        return self.graph[index].op

    def operands(self, index: int) -> tuple[int, ...]:
        return self.graph[index].operands

    @cached_property
    def definitions(self) -> frozenset[str]:
        """The names that the author gave."""
        return frozenset(node.op.definition for node in self.graph.nodes if isinstance(node.op, ops.Named))

    @cached_property
    def uses(self) -> list[int]:
        """How often each node is used."""
        uses = [0] * len(self.graph)
        for index in self.graph.reachable:
            for operand in self.operands(index):
                uses[operand] += 1
        return uses

    # --- values

    def types(self, index: int) -> frozenset[str]:
        return self.analysis.types(index)

    def may_be_absent(self, index: int) -> bool:
        return "nothing" in self.types(index)

    @remembered
    def is_plain(self, index: int) -> bool:
        """Whether no module can be in the value."""
        types, op, operands = self.types(index), self.op(index), self.operands(index)
        if types and types <= SCALARS:
            return True
        if isinstance(op, (ops.Call, ops.Seq, ops.Par, ops.Pass, ops.Drop, ops.Columns)):
            return False
        if isinstance(op, (ops.Compare, ops.Logic, ops.IsModule, ops.Aggregate)):
            return True
        if isinstance(op, ops.Argument):
            return all(self.is_plain(v) for v in self.argument_values(operands[0], op.parameter) if v is not None)
        if isinstance(op, ops.Where):
            return self.is_plain(operands[0])
        return all(self.is_plain(o) for o in (operands[1:] if isinstance(op, ops.Select) else operands))

    def argument_values(self, module: int, parameter: str) -> Iterator[int | None]:
        """The nodes that may give an argument of a module; None where a class does not have it."""
        for head in self.analysis.heads(module):
            yield self.argument_of(head, parameter)

    def argument_of(self, head: int, parameter: str) -> int | None:
        """The node of one argument of a call or entry of a record."""
        op = self.op(head)
        names = op.parameters if isinstance(op, ops.Call) else op.keys if isinstance(op, ops.MakeDict) else ()
        return self.operands(head)[names.index(parameter)] if parameter in names else None

    @remembered
    def may_be_unknown(self, index: int) -> bool:
        """Whether a condition may read an argument that is not there."""
        match self.op(index):
            case ops.Argument(parameter=parameter):
                values = list(self.argument_values(self.operands(index)[0], parameter))
                return any(v is None or self.may_be_absent(v) for v in values)
            case ops.Index():
                return not self._is_inside(*self.operands(index)) or self.may_be_unknown(self.operands(index)[0])
            case ops.IsModule():
                return any(isinstance(self.op(h), ops.Missing) for h in self.analysis.heads(self.operands(index)[0]))
            case ops.Select():
                return any(self.may_be_unknown(o) for o in self.operands(index)[1:])
            case ops.Arithmetic() | ops.Negate() | ops.Compare() | ops.Logic() | ops.Named() | ops.Label():
                return any(self.may_be_unknown(o) for o in self.operands(index))
        return False

    def _is_inside(self, container: int, position: int) -> bool:
        """Whether there is always an item at a position; a record has the keys that it is written with."""
        fewest, items = self.analysis.possible_items(container)
        hull = self.analysis.hull(position)
        if "int" not in self.types(position):
            return True
        always = fewest - sum(self.may_be_absent(i) for i in items or ())
        return items is not None and hull is not None and -always <= hull[0] and hull[1] < always

    @remembered
    def may_fail(self, index: int) -> bool:
        """Whether an expression may have no value under some decisions."""
        op = self.op(index)
        if isinstance(op, _PARTIAL) or (isinstance(op, ops.Arithmetic) and op.operator not in ("+", "-", "*")):
            return True
        if isinstance(op, (ops.Integer, ops.Real, ops.Subset)) and not self.has_constant_domain(index):
            return True
        return any(self.may_fail(o) for o in self.operands(index))

    # --- decisions

    def has_constant_domain(self, index: int) -> bool:
        """Whether no other decision changes what a decision may be, or it has been made."""
        op, operands = self.op(index), self.operands(index)
        if self.decided is not None or isinstance(op, (ops.Choose, ops.Permute)):
            return True
        needed = operands[:1] if isinstance(op, ops.Subset) else operands
        return all(self.analysis.is_constant(o) for o in needed)

    def is_lookup(self, index: int) -> bool:
        """Whether the value is the decision's own: a number, or a choice among constants."""
        op, operands = self.op(index), self.operands(index)
        if isinstance(op, (ops.Integer, ops.Real, ops.Normal)):
            return True
        if isinstance(op, ops.Choose | ops.Subset | ops.Permute):
            if isinstance(op, ops.Choose) and any(a[:-1] or a[0][0] != op.path for a in op.assignments):
                return False  # other decisions have a part in it
            items = operands[1:] if isinstance(op, ops.Subset) else operands
            return all(self.is_own_label(o, label) for o, label in zip(items, op.labels, strict=True))
        return False

    @cached_property
    def labels(self) -> Mapping[str, tuple[ops.Scalar, ...]]:
        """The labels of the alternatives of each choice, by path."""
        return {op.path: op.labels for _, op in self.graph.decisions() if isinstance(op, ops.Choose)}

    def is_own_label(self, index: int, label: ops.Scalar) -> bool:
        op = self.op(index)
        return isinstance(op, ops.Const) and type(op.value) is type(label) and op.value == label

    @remembered
    def is_trivial(self, index: int) -> bool:
        """Whether a definition is better written where it is used than as a function."""
        match self.op(index):
            case ops.Named() | ops.Label():
                return self.is_trivial(self.operands(index)[0])
            case ops.Where():
                return False
            case ops.Const() | ops.Symbol() | ops.DataFact() | ops.Nothing() | ops.Pass() | ops.Drop():
                return True
        return self.is_lookup(index) and self.has_constant_domain(index)

    def is_function(self, index: int) -> bool:
        """Whether a node becomes a function of its own."""
        if self.is_trivial(index):
            return False
        op = self.op(index)
        if isinstance(op, BLOCKS) and not self.is_lookup(index):
            return True
        return isinstance(op, ops.Named) or self.uses[index] > 1

    @remembered
    def paths(self, index: int) -> tuple[str, ...]:
        """The decisions that have a part in a node's value."""
        op = self.op(index)
        found = dict.fromkeys([op.path] if isinstance(op, ops.DecisionOp) else [])
        for operand in self.operands(index)[: 1 if isinstance(op, ops.Where) else None]:
            found.update(dict.fromkeys(self.paths(operand)))
        return tuple(found)

    # --- parts of sequences

    def _find_parts(self) -> None:
        root = self.graph.root
        pending = [(root, self.needs_wiring(root))]
        seen: set[tuple[int, bool]] = set()
        while pending:
            index, part = pending.pop()
            if (index, part) in seen:
                continue
            seen.add((index, part))
            if part:
                self.parts.add(index)
            pending += self._uses_of(index, part)

    def needs_wiring(self, index: int) -> bool:
        """Whether a finished object takes more than the value: it may be absent or a list of steps."""
        return not self.is_plain(index) and bool(self.types(index) & {"nothing", "list"})

    def _uses_of(self, index: int, part: bool) -> list[tuple[int, bool]]:
        """The operands of a node, and whether it wants each as a part."""
        op, operands = self.op(index), self.operands(index)
        match op:
            case ops.Seq() | ops.Par():
                return [(o, True) for o in operands]
            case ops.Subset(joined=True):
                return [(operands[0], False), *((o, True) for o in operands[1:])]
            case ops.Columns():
                return [(o, self.needs_wiring(o)) for o in operands]
            case ops.Call(parameters=names):
                return [(o, self.is_named_list(name, o)) for name, o in zip(names, operands, strict=True)]
            case ops.MakeTuple() | ops.MakeDict():
                return [(o, False) for o in operands]
            case ops.Where():
                return [(operands[0], part), *((o, False) for o in operands[1:])]
        return [(o, part) for o in operands]

    def is_named_list(self, parameter: str, index: int) -> bool:
        """Whether an argument is a list of steps that need names."""
        return parameter in NAMED_LISTS and not self.is_plain(index) and "list" in self.types(index)

    @remembered
    def step_name(self, index: int) -> str | None:
        """The name of a step where no decision changes it, and it is certainly one step."""
        op, operands = self.op(index), self.operands(index)
        match op:
            case ops.Named() | ops.Where():
                return self.step_name(operands[0])
            case ops.Label(label=label):
                return name_of_label(label) if self.is_one_step(operands[0]) else None
            case ops.Call(path=path):
                return name_of_class(path)
            case ops.Columns():
                return "columns"
            case ops.Choose():
                names = {self.step_name(o) for o in operands}
                return names.pop() if len(names) == 1 else None
        return None

    @remembered
    def is_one_step(self, index: int) -> bool:
        """Whether a module is always one step, neither a sequence nor nothing."""
        op, operands = self.op(index), self.operands(index)
        match op:
            case ops.Named() | ops.Label() | ops.Where():
                return self.is_one_step(operands[0])
            case ops.Choose():
                return all(self.is_one_step(o) for o in operands)
            case ops.Select():
                return all(self.is_one_step(o) for o in operands[1:])
        return isinstance(op, (ops.Call, ops.Columns))

    @remembered
    def is_finished(self, index: int) -> bool:
        """Whether a module is a finished object even as a part: one step under the name of its class."""
        op, operands = self.op(index), self.operands(index)
        match op:
            case ops.Named() | ops.Where():
                return self.is_finished(operands[0])
            case ops.Choose():
                return all(self.is_finished(o) for o in operands)
            case ops.Select():
                return all(self.is_finished(o) for o in operands[1:])
            case ops.Call(path=path):
                return name_of_class(path) == snake_case(path.rpartition(".")[2])
        return self.is_plain(index)

    @remembered
    def may_drop(self, index: int) -> bool:
        """Whether a module may have no output."""
        op, operands = self.op(index), self.operands(index)
        if isinstance(op, ops.Drop):
            return True
        return not isinstance(op, (ops.Call, ops.Columns)) and any(self.may_drop(o) for o in operands)


# --- names


def name_of_class(path: str) -> str:
    """What a step of a class is called."""
    return _outside_holders(snake_case(path.rpartition(".")[2]))


def name_of_label(label: str) -> str:
    """What a labelled step is called."""
    return _outside_holders(clean(label))


def _outside_holders(name: str) -> str:
    return f"{name}_step" if name in HOLDER_PARAMETERS else name


def base_name(path: str) -> str:
    """What the decision at a path is about, as a name: ``a.PCA.n_components[1]? -> n_components``."""
    words = [re.sub(r"\[\d+\]", "", word).rstrip("?") for word in path.split(".")]
    telling = [word for word in words if word and not _PLACES.fullmatch(word)] or ["value"]
    name = clean(telling[-1])
    name = name if name.islower() else snake_case(name)
    return name if is_name(name) else f"the_{name}"


def common_place(paths: tuple[str, ...]) -> str | None:
    """The longest place that all paths lie in."""
    if not paths:
        return None
    first, *others = [path.rstrip("?").split(".") for path in paths]
    length = len(first)
    for other in others:
        length = next((i for i in range(min(length, len(other))) if first[i] != other[i]), min(length, len(other)))
    return ".".join(first[:length]) or None


def place_of(definition: str, paths: tuple[str, ...]) -> str | None:
    """The place that a definition's decisions were made at: up to its own name in their paths."""
    pattern = re.compile(rf"{re.escape(definition)}(\[\d+\])?\??")
    inside = tuple(p for p in paths if any(pattern.fullmatch(word) for word in p.split(".")))
    common = common_place(inside)
    words = common.split(".") if common else []
    last = max((i for i, word in enumerate(words) if pattern.fullmatch(word)), default=None)
    return None if last is None else ".".join(words[: last + 1])


def line_of(span: Any) -> str:
    """Where in which file something is written."""
    return f"{span.source.name.rpartition('/')[2]}:{span.line}" if span is not None else ""
