"""Which values a node can have while some decisions are known to lie in a part of their domain.

An answer always holds every value that the node has in some configuration, and may hold more: ``Some`` of few values,
the numbers ``Between`` two ends, or ``ANY``, which may also be unknown or undefined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import product
from typing import Any, Literal, Union

from hyperdsl.frozen import frozen
from hyperdsl.ir import meaning, ops, plan
from hyperdsl.ir.graph import Node
from hyperdsl.ir.intervals import Hull, arithmetic_hull, union, verdict

MAX_VALUES = 256  # that are held one by one
Part = Union[tuple[int, ...], Hull]  # noqa: UP007  # positions of a choice; the ends of a range, both included


class Any_(Enum):
    any = "any"


ANY: Literal[Any_.any] = Any_.any


@frozen
class Some:
    """One of these values; ``1``, ``1.0`` and ``True`` are three."""

    values: tuple[Any, ...]


@frozen
class Between:
    """A number, both ends included."""

    low: float
    high: float


Possible = Union[Some, Between, Literal[Any_.any]]  # noqa: UP007


class Possibilities:
    """The possible values of the nodes of a graph.

    Parameters
    ----------
    nodes : sequence of Node
        In topological order.
    parts : mapping of int to Part
        For decisions that are active in every configuration, by node, what is left of them. Any other decision may be
        inactive, and then unknown.
    """

    def __init__(self, nodes: Sequence[Node], parts: Mapping[int, Part]) -> None:
        self.nodes = nodes
        self.parts = parts
        self._known: dict[tuple[int, bool], Possible] = {}

    def truths(self, index: int, active: bool = False) -> frozenset[Any]:
        """The possible outcomes of a condition: of True, False and unknown."""
        return _truths(self.value(index, active))

    def value(self, index: int, active: bool = False) -> Possible:
        """What a node can be; ``active`` where it has been reached, so that its decisions are made."""
        key = (index, active)
        if key not in self._known:
            self._known[key] = self._find(index, active)
        return self._known[key]

    def _find(self, index: int, active: bool) -> Possible:
        node = self.nodes[index]
        operands = node.operands
        match node.op:
            case ops.Const(value=value):
                return Some((value,))
            case ops.Nothing():
                return Some((meaning.NOTHING,))
            case ops.Integer() | ops.Real():
                return self._range(index, operands, active)
            case ops.Choose():
                alternatives = self._alternatives(index, active)
                return ANY if alternatives is None else _union(self.value(operands[p], True) for p in alternatives)
            case ops.Select():
                return _union(self.value(o, active) for o in operands[1:])
            case ops.Named() | ops.Label() | ops.Where():
                return self.value(operands[0], active)
            case ops.Negate():
                return _negative(self.value(operands[0], active))
            case ops.Arithmetic(operator=operator):
                return _arithmetic(operator, *(self.value(o, active) for o in operands))
            case ops.Compare(operator=operator):
                return self._compare(operator, operands, active)
            case ops.Logic(operator=operator):
                return _logic(operator, [self.truths(o, active) for o in operands])
            case ops.Missing():
                return _ABSENT
            case ops.IsModule():
                return self._is_module(operands[0], node.op, active)
            case ops.Argument(parameter=parameter):
                return self._argument(operands[0], parameter, active)
            case ops.MakeList() | ops.MakeTuple():
                return _container(node.op, [self.value(o, active) for o in operands])
        return ANY

    # --- decisions

    def _range(self, index: int, operands: tuple[int, ...], active: bool) -> Possible:
        if index in self.parts:
            low, high = self.parts[index]
        elif not active:
            return ANY
        else:
            ends = [_hull(self.value(o, True)) for o in operands]
            if ends[0] is None or ends[1] is None:
                return ANY
            low, high = ends[0][0], ends[1][1]
        op = self.nodes[index].op
        if isinstance(op, ops.Integer) and (high - low) // op.step < MAX_VALUES:
            return Some(tuple(range(int(low), int(high) + 1, op.step))) if index in self.parts else Between(low, high)
        return Between(low, high)

    def _alternatives(self, index: int, active: bool) -> Sequence[int] | None:
        """The positions that a choice can take; None where it may be inactive."""
        if index in self.parts:
            return self.parts[index]  # type: ignore[return-value]
        return range(len(self.nodes[index].operands)) if active else None

    # --- modules

    def _heads(self, index: int, active: bool) -> list[int] | None:
        """The nodes that may give a module its class; None where it may be inactive."""
        node = self.nodes[index]
        match node.op:
            case ops.Named() | ops.Label() | ops.Where():
                return self._heads(node.operands[0], active)
            case ops.Seq():
                return self._heads(node.operands[-1], active)
            case ops.Choose():
                positions = self._alternatives(index, active)
                return None if positions is None else self._joined([node.operands[p] for p in positions], True)
            case ops.Select():
                return self._joined(node.operands[1:], active)
        return [index]

    def _joined(self, indices: Sequence[int], active: bool) -> list[int] | None:
        found: list[int] = []
        for index in indices:
            heads = self._heads(index, active)
            if heads is None:
                return None
            found.extend(heads)
        return found

    def _is_module(self, module: int, op: ops.IsModule, active: bool) -> Possible:
        heads = self._heads(module, active)
        if heads is None:
            return ANY
        holds = (op.holds_of(self.nodes[h].op) for h in heads)
        return _some(meaning.UNKNOWN if h is None else h for h in holds)

    def _argument(self, module: int, parameter: str, active: bool) -> Possible:
        heads = self._heads(module, active)
        if heads is None:
            return ANY
        found: list[Possible] = []
        for head in heads:
            op, operands = self.nodes[head].op, self.nodes[head].operands
            names: Sequence[object] = ()
            if isinstance(op, ops.Call):
                names = op.parameters
            elif isinstance(op, ops.MakeDict):
                names = op.keys
            here = parameter in names
            found.append(_read(self.value(operands[names.index(parameter)], True)) if here else _ABSENT)
        return _union(found)

    # --- conditions

    def _compare(self, operator: str, operands: tuple[int, ...], active: bool) -> Possible:
        left = self.value(operands[0], active)
        right_node = self.nodes[operands[1]]
        if isinstance(right_node.op, ops.Interval):
            low, high = (self.value(o, active) for o in right_node.operands)
            inside = _logic("and", [_truths(_compare(">=", left, low)), _truths(_compare("<=", left, high))])
            return inside if operator == "in" else _logic("not", [_truths(inside)])
        return _compare(operator, left, self.value(operands[1], active))


# --- values


def _some(values: Iterable[Any]) -> Possible:
    """Each value once; ANY where there are too many or none."""
    found = {(type(v), v): v for v in values}
    return Some(tuple(found.values())) if 0 < len(found) <= MAX_VALUES else ANY


def _hull(value: Possible) -> Hull | None:
    if isinstance(value, Between):
        return value.low, value.high
    if isinstance(value, Some) and all(type(v) in (int, float) for v in value.values):
        return min(value.values), max(value.values)
    return None


def _union(parts: Iterable[Possible]) -> Possible:
    found = list(parts)
    if all(isinstance(p, Some) for p in found):
        return _some(v for p in found for v in p.values)  # type: ignore[union-attr]
    hull = union(_hull(p) for p in found)
    return ANY if hull is None else Between(*hull)


_ABSENT = Some((meaning.UNKNOWN,))


def _read(value: Possible) -> Possible:
    """What reading an argument gives: where it is left out, nothing known."""
    if not isinstance(value, Some):
        return value
    return _some(meaning.UNKNOWN if v is meaning.NOTHING else v for v in value.values)


def _pairs(left: Possible, right: Possible, apply: Callable[[Any, Any], Any]) -> Possible | None:
    """Of few values all results; None where there are many."""
    if not isinstance(left, Some) or not isinstance(right, Some) or len(left.values) * len(right.values) > MAX_VALUES:
        return None
    unknown = meaning.UNKNOWN
    try:
        return _some(
            unknown if a is unknown or b is unknown else apply(a, b) for a, b in product(left.values, right.values)
        )
    except meaning.Undefined:
        return ANY


def _negative(value: Possible) -> Possible:
    hull = _hull(value)
    if hull is None:
        return ANY
    return Some(tuple(-v for v in value.values)) if isinstance(value, Some) else Between(-hull[1], -hull[0])


def _arithmetic(operator: str, left: Possible, right: Possible) -> Possible:
    exact = _pairs(left, right, lambda a, b: meaning.arithmetic(operator, a, b, 0))
    if exact is not None:
        return exact
    found = arithmetic_hull(operator, _hull(left), _hull(right))
    if found is None or (operator == "**" and not all(type(end) is int for end in found)):
        return ANY  # powers of floats are not rounded monotonically everywhere
    return Between(*found)


def _compare(operator: str, left: Possible, right: Possible) -> Possible:
    exact = _pairs(left, right, lambda a, b: meaning.compare(operator, a, b, 0))
    if exact is not None:
        return exact
    hull, other = _hull(left), _hull(right)
    if hull is None or other is None:
        return ANY
    holds = verdict(operator, hull, other)
    if holds is not None:
        return Some((holds,))
    return ANY if operator in ("in", "not in") else Some((True, False))


def _truths(value: Possible) -> frozenset[Any]:
    if not isinstance(value, Some):
        return frozenset({True, False, meaning.UNKNOWN})
    return frozenset(v if v is meaning.UNKNOWN else bool(v) for v in value.values)


def _logic(operator: str, truths: list[frozenset[Any]]) -> Possible:
    """Kleene's operators over all outcomes of their operands, each taken as independent of the others."""
    unknown = meaning.UNKNOWN
    if operator == "not":
        return Some(tuple(v if v is unknown else not v for v in truths[0]))
    decisive = operator == "or"
    found: list[Any] = []
    if any(decisive in t for t in truths):
        found.append(decisive)
    rest = [t - {decisive} for t in truths]
    if all(rest):
        if any(unknown in t for t in rest):
            found.append(unknown)
        if all((not decisive) in t for t in rest):
            found.append(not decisive)
    return Some(tuple(found))


def _container(op: ops.Op, items: list[Possible]) -> Possible:
    values = [i.values[0] for i in items if isinstance(i, Some) and len(i.values) == 1]
    if len(values) < len(items) or any(v in (meaning.UNKNOWN, meaning.NOTHING) for v in values):
        return ANY
    return Some((tuple(values) if isinstance(op, ops.MakeTuple) else plan.ListPlan(tuple(values)),))


__all__ = ["ANY", "Between", "Part", "Possibilities", "Possible", "Some"]
