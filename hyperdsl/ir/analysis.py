"""What is known of a node before anything is decided: its types, its numeric hull, its value if it is constant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hyperdsl.ir import ops
from hyperdsl.ir.domain import Domain
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.ir.intervals import Hull, arithmetic_hull, union
from hyperdsl.ir.meaning import MAX_ITEMS, Evaluation, compare

_CLASSES = {bool: "bool", int: "int", float: "float", str: "str", type(None): "none"}
NUMBERS = frozenset({"int", "float"})
_TYPES: Mapping[type[ops.Op], frozenset[str]] = {  # of operations that make one type whatever their operands are
    op: frozenset({name})
    for name, made_by in {
        "int": (ops.Integer, ops.Cost, ops.Case),
        "float": (ops.Real, ops.Normal),
        "bool": (ops.Compare, ops.Logic, ops.IsModule),
        "list": (ops.Permute, ops.Repeat, ops.MakeList, ops.Slice, ops.Loose),
        "tuple": (ops.MakeTuple,),
        "dict": (ops.MakeDict,),
        "symbol": (ops.Symbol,),
        "nothing": (ops.Nothing,),
        "module": (ops.Call, ops.Seq, ops.Par, ops.Pass, ops.Drop, ops.Columns, ops.Tied),
        "tensor": (ops.Input,),
    }.items()
    for op in made_by
}


class Analysis:
    """Facts about the nodes of a graph, or of one that is being built; each is worked out once.

    Parameters
    ----------
    nodes : sequence of Node
        May grow while the analysis is in use.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        self._types: dict[int, frozenset[str]] = {}
        self._hulls: dict[int, Hull | None] = {}
        self._items: dict[int, tuple[int, ...] | None] = {}
        self._constant: dict[int, bool] = {}
        self._tensors: dict[int, bool] = {}
        self._constants = Evaluation(nodes, _undecided, {})  # keeps the value of each constant

    def forget(self, index: int) -> None:
        """Take nothing for known of a node: it stands for an expression that has been reported."""
        self._types[index], self._hulls[index], self._constant[index] = frozenset(), None, False

    # --- constants

    def is_constant(self, index: int) -> bool:
        """Whether no decision and no fact about data has a part in the value."""
        pending = [index]
        while pending:
            here = pending[-1]
            if here in self._constant:
                pending.pop()
                continue
            node = self.nodes[here]
            if isinstance(node.op, (ops.DataFact, ops.Cost, ops.Case, *ops.FRESH)):
                self._constant[here] = False
                continue
            open_operands = [o for o in node.operands if o not in self._constant]
            if open_operands:
                pending.extend(open_operands)
            else:
                self._constant[here] = all(self._constant[o] for o in node.operands)
        return self._constant[index]

    def constant(self, index: int) -> Any:
        """The value of a constant node.

        Raises
        ------
        Undefined
            Where it has none, such as a division by zero.
        """
        return self._constants.value(index)

    # --- types

    def types(self, index: int) -> frozenset[str]:
        """Of ``int float bool str none list tuple dict module tensor symbol nothing``; empty where nothing is known."""
        if index not in self._types:
            self._types[index] = self._find_types(self.nodes[index])
        return self._types[index]

    def _find_types(self, node: Node) -> frozenset[str]:
        operands = node.operands
        match node.op:
            case ops.Const(value=value):
                return frozenset({_CLASSES[type(value)]})
            case ops.DataFact(fact=fact):
                return frozenset({"str" if fact == "task" else "int"})
            case ops.Choose():
                return frozenset().union(*(self.types(o) for o in operands))
            case ops.Select():
                return self.types(operands[1]) | self.types(operands[2])
            case ops.Named() | ops.Label() | ops.Negate() | ops.Where():
                return self.types(operands[0])
            case ops.Arithmetic(operator=operator):
                return self._arithmetic_types(operator, operands)
            case ops.Aggregate(function=function):
                return self._aggregate_types(function, operands)
            case ops.Subset(joined=joined):
                return frozenset({"module" if joined and not any(map(self.is_tensors, operands[1:])) else "list"})
            case ops.Apply():
                return self._applied_types(*operands)
            case ops.Argument(parameter=parameter):
                return self._argument_types(operands[0], parameter)
            case ops.Index():
                return self._item_types(operands[0])
        return _TYPES.get(type(node.op), frozenset())

    def _applied_types(self, source: int, module: int) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for head in self.heads(module):
            match self.nodes[head].op:
                case ops.Par():
                    found |= {"list"}
                case ops.Pass() | ops.Nothing() | ops.MakeList() | ops.Repeat() | ops.Subset() | ops.Permute():
                    found |= {"tensor"} | (self.types(source) & {"list"})
                case _:
                    found |= {"tensor"}
        return found

    def is_tensors(self, index: int) -> bool:
        """Whether a value is, or under some decisions can be, a tensor or a list of tensors."""
        if index not in self._tensors:
            node = self.nodes[index]
            self._tensors[index] = False
            match node.op:
                case ops.Input() | ops.Apply() | ops.Loose():
                    self._tensors[index] = True
                case ops.Named() | ops.Label() | ops.Where() | ops.Index() | ops.Slice():
                    self._tensors[index] = self.is_tensors(node.operands[0])
                case ops.Select() | ops.Repeat() | ops.Subset():
                    self._tensors[index] = any(map(self.is_tensors, node.operands[1:]))
                case ops.Choose() | ops.Permute() | ops.MakeList() | ops.MakeTuple() | ops.Arithmetic():
                    self._tensors[index] = any(map(self.is_tensors, node.operands))
        return self._tensors[index]

    def _arithmetic_types(self, operator: str, operands: tuple[int, ...]) -> frozenset[str]:
        left, right = self.types(operands[0]), self.types(operands[1])
        if operator == "/":
            return frozenset({"float"})
        if left | right <= {"int", "bool"}:
            hull = self.hull(operands[1])
            may_be_fraction = operator == "**" and (hull is None or hull[0] < 0)
            return NUMBERS if may_be_fraction else frozenset({"int"})
        if left | right <= NUMBERS | {"bool"}:
            return frozenset({"float"}) if left == {"float"} or right == {"float"} else NUMBERS
        return left | right

    def _aggregate_types(self, function: str, operands: tuple[int, ...]) -> frozenset[str]:
        if function == "len":
            return frozenset({"int"})
        if function in ("any", "all"):
            return frozenset({"bool"})
        items = operands if len(operands) > 1 else self.items(operands[0]) or ()
        if not items:
            return NUMBERS
        numbers = NUMBERS if function == "sum" else NUMBERS | {"bool"}  # the largest of True and 1 is True
        return frozenset().union(*(self.types(o) for o in items)) & numbers

    def _argument_types(self, module: int, parameter: str) -> frozenset[str]:
        found: frozenset[str] = frozenset()
        for head in self.heads(module):
            op = self.nodes[head].op
            names = op.parameters if isinstance(op, ops.Call) else op.keys if isinstance(op, ops.MakeDict) else ()
            if parameter in names:
                found |= self.types(self.nodes[head].operands[names.index(parameter)])
        return found

    def _item_types(self, container: int) -> frozenset[str]:
        items = self.items(container)
        return frozenset().union(*(self.types(o) for o in items)) if items else frozenset()

    def is_none(self, index: int) -> bool:
        """Whether a value is ``None`` whatever is decided."""
        return self.types(index) == {"none"}

    # --- structure

    def heads(self, index: int) -> list[int]:
        """The nodes that may give a module its class, over all decisions."""
        found: dict[int, None] = {}
        seen: set[int] = set()
        pending = [index]
        while pending:
            here = pending.pop()
            if here in seen:
                continue
            seen.add(here)
            node = self.nodes[here]
            match node.op:
                case ops.Named() | ops.Label() | ops.Where():
                    pending.append(node.operands[0])
                case ops.Choose():
                    pending.extend(reversed(node.operands))
                case ops.Select():
                    pending.extend(reversed(node.operands[1:]))
                case ops.Seq():
                    pending.append(node.operands[-1])
                case _:
                    found[here] = None
        return list(found)

    def items(self, index: int) -> tuple[int, ...] | None:
        """The items of a list whose length no decision changes; None for any other node."""
        if index not in self._items:
            self._items[index] = self._find_items(index)
        return self._items[index]

    def possible_items(self, index: int) -> tuple[int, tuple[int, ...] | None]:
        """How many items a list has at least, and all that it may have; None where they are not known."""
        node = self.nodes[index]
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                return self.possible_items(node.operands[0])
            case ops.Repeat() if (count := self.hull(node.operands[0])) is not None and count[0] >= 0:
                return int(count[0]), node.operands[1:]
            case ops.Permute():
                return len(node.operands), node.operands
        items = self.items(index)
        return len(items or ()), items

    def left_out(self, items: Sequence[int]) -> int:
        """How many items of a list are not there at most; those of one subset, which has a least size, together."""
        most = 0
        members: dict[int, set[Any]] = {}
        for item in items:
            if "nothing" in self.types(item):
                subset, member = self._membership(item)
                if subset is None or member in members.setdefault(subset, set()):
                    most += 1
                else:
                    members[subset].add(member)
        for subset, tested in members.items():
            count, *of = self.nodes[subset].operands
            hull = self.hull(count)
            fewest = int(hull[0]) if hull is not None else 0
            most += min(len(tested), max(len(of) - max(fewest, 0), 0))
        return most

    def _membership(self, item: int) -> tuple[int | None, Any]:
        """The subset that an item must be a member of to be there, and which; None where other things decide it too."""
        node = self.nodes[item]
        if not isinstance(node.op, ops.Select) or "nothing" in self.types(node.operands[1]):
            return None, None
        test = self.nodes[node.operands[0]]
        if not isinstance(test.op, ops.Compare) or test.op.operator != "in":
            return None, None
        member, subset = test.operands
        if not isinstance(self.nodes[subset].op, ops.Subset) or not self.is_constant(member):
            return None, None
        numbers = [self.constant(o) if self.is_constant(o) else None for o in self.nodes[subset].operands[1:]]
        value = self.constant(member)
        is_one = type(value) is int and 0 <= value < len(numbers)
        return (subset, value) if is_one and numbers == list(range(len(numbers))) else (None, None)

    def conditions(self, index: int) -> tuple[int, ...]:
        """The conditions that must hold for :meth:`items` of a list, or for the entries of a record, to be."""
        node = self.nodes[index]
        match node.op:
            case ops.Named() | ops.Label() | ops.Slice() | ops.Index():
                return self.conditions(node.operands[0])
            case ops.Where():
                return (*self.conditions(node.operands[0]), *node.operands[1:])
            case ops.Arithmetic(operator="+"):
                return (*self.conditions(node.operands[0]), *self.conditions(node.operands[1]))
        return ()

    def _find_items(self, index: int) -> tuple[int, ...] | None:
        node = self.nodes[index]
        match node.op:
            case ops.MakeList() | ops.MakeTuple():
                return node.operands
            case ops.Named() | ops.Label() | ops.Where():
                return self.items(node.operands[0])
            case ops.Repeat() if self.is_constant(node.operands[0]):
                count = self.constant(node.operands[0])
                return node.operands[1 : 1 + count] if type(count) is int and count >= 0 else None
            case ops.Arithmetic(operator="+"):
                left, right = self.items(node.operands[0]), self.items(node.operands[1])
                if left is None or right is None or len(left) + len(right) > MAX_ITEMS:
                    return None
                return left + right
            case ops.Slice(lower=lower, upper=upper, step=step):
                inner = self.items(node.operands[0])
                return inner[slice(lower, upper, step)] if inner is not None else None
            case ops.Index():
                inner = self.items(node.operands[0])
                if inner is None or not self.is_constant(node.operands[1]):
                    return None
                position = self.constant(node.operands[1])
                inside = type(position) is int and -len(inner) <= position < len(inner)
                return self.items(inner[position]) if inside else None
        return None

    # --- hulls

    def hull(self, index: int) -> Hull | None:
        """Bounds of a number over all decisions; None for what is no number or has no known bounds."""
        if index not in self._hulls:
            self._hulls[index] = self._find_hull(index)
        return self._hulls[index]

    def _find_hull(self, index: int) -> Hull | None:
        node = self.nodes[index]
        operands = node.operands
        match node.op:
            case ops.Const(value=value):
                return (value, value) if type(value) in (int, float) else None  # type: ignore[return-value]
            case ops.Integer() | ops.Real():
                low, high = self.hull(operands[0]), self.hull(operands[1])
                return (low[0], high[1]) if low is not None and high is not None else None
            case ops.Choose() | ops.Case():
                return union(self.hull(o) for o in operands)
            case ops.Select():
                return union(self.hull(o) for o in operands[1:])
            case ops.Named() | ops.Label() | ops.Where():
                return self.hull(operands[0])
            case ops.Negate():
                inner = self.hull(operands[0])
                return (-inner[1], -inner[0]) if inner is not None else None
            case ops.Arithmetic(operator=operator):
                return arithmetic_hull(operator, *(self.hull(o) for o in operands))
            case ops.Aggregate(function="min" | "max" as function) if len(operands) > 1:
                hulls = [self.hull(o) for o in operands]
                known = [h for h in hulls if h is not None]
                pick = min if function == "min" else max
                return (pick(h[0] for h in known), pick(h[1] for h in known)) if len(known) == len(hulls) else None
            case ops.Aggregate(function="len"):
                fewest, items = self.possible_items(operands[0])
                return (max(fewest - self.left_out(items), 0), len(items)) if items is not None else None
            case ops.Argument(parameter=parameter):
                values = []
                for head in self.heads(operands[0]):
                    op = self.nodes[head].op
                    if isinstance(op, ops.Call) and parameter in op.parameters:
                        values.append(self.nodes[head].operands[op.parameters.index(parameter)])
                return union(self.hull(v) for v in values)
        return None

    def always_below(self, left: int, right: int) -> bool:
        """Whether ``left <= right`` is certain from the hulls alone."""
        a, b = self.hull(left), self.hull(right)
        return a is not None and b is not None and compare("<=", a[1], b[0], left)


def _undecided(op: ops.DecisionOp, domain: Domain) -> Any:
    raise AssertionError(f"a constant decides {op.path}")


def of(graph: Graph | Builder) -> Analysis:
    """The analysis of a graph."""
    return Analysis(graph.nodes)
