"""What the networks of a space cost: the sum over the layers that are part of a program, as diagrams over decisions."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.diagrams import MOST_CODES, SKIPPED, UNKNOWN, Sign, TooLarge
from hyperdsl.audit.lengths import Length, Number
from hyperdsl.audit.shapes.costs import NotKnown, cost_rule
from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.audit.shapes.rules import Misfit
from hyperdsl.audit.shapes.walk import Shapes, Tensor, Values
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops, plan
from hyperdsl.ir.domain import Code
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.graph import Graph
from hyperdsl.source import Span
from hyperdsl.space.shared import counter_of
from hyperdsl.space.skeleton import Skeleton

if TYPE_CHECKING:
    from hyperdsl.audit import Modules

MEASURES = ("params", "macs")
FEW_CODES = 16  # of a range whose values are looked at one by one; longer ones are kept as they are
MOST_TOGETHER = 2_000  # nodes of a diagram that several layers share


@frozen
class Unclear:
    """Why a cost is not known: the first layer for which it is not, or ``""`` where there is too much to follow."""

    layer: str
    span: Span | None


@frozen
class Measured:
    """The cost of one node: the sum of diagrams, whose leaves are numbers.

    Parameters
    ----------
    values : Values
        What the diagrams are of.
    terms : tuple of int
    reached : int
        Where the node is part of a program, true or false.
    """

    values: Ledger
    terms: tuple[int, ...]
    reached: int

    def at(self, codes: Sequence[Code | None]) -> int:
        """The cost under the codes of a configuration."""
        return sum(self.values.number(term, codes) for term in self.terms)

    def ends(self) -> tuple[int, int]:
        """The least and the greatest cost over all configurations, conditions left aside.

        Raises
        ------
        TooLarge
        """
        return tuple(self.values.extreme(self.terms, pick) for pick in (min, max))  # type: ignore[return-value]


def measure(graph: Graph, catalog: Modules, node: int, measure: str) -> Measured | Unclear:
    """The cost of a network, a tensor, or all networks of a program, wherever the node is part of it.

    Parameters
    ----------
    node : int
    measure : {"params", "macs"}
    """
    found: Measured | Unclear = Unclear("", None)
    for few in (FEW_CODES, MOST_CODES):
        values = Ledger(counter_of(graph).skeleton, Shapes(graph, catalog), few)
        try:
            found = values.measured(node, measure)
        except TooLarge:
            continue
        if isinstance(found, Measured):
            break
    return found


class Ledger(Values):
    """Shapes, and what each layer costs.

    Parameters
    ----------
    few : int
        See :class:`hyperdsl.audit.diagrams.Diagrams`.
    """

    def __init__(self, skeleton: Skeleton, shapes: Shapes, few: int) -> None:
        super().__init__(skeleton, shapes, few)
        self.no = self.leaf(False)
        self.yes = self.leaf(True)
        # by the node that applies layers, for each: what its weights are known by, (params, macs), its node
        self.costs: dict[int, list[tuple[Any, int, int]]] = defaultdict(list)
        self._tied: tuple[int, dict[int, int]] | None = None

    # --- values

    def other(self, index: int) -> int:
        node = self.graph[index]
        exact = self._loose(node.operands[0]) if isinstance(node.op, ops.Loose) else None
        return super().other(index) if exact is None else exact

    def _loose(self, tensors: int) -> int | None:
        """The tensors of a list that no other of it is computed from; None where they cannot be told apart."""
        items = self.skeleton.analysis.items(tensors)
        if not items or any("nothing" in self.skeleton.analysis.types(i) for i in items):
            return None
        ends = list(dict.fromkeys(map(self._end, items)))
        if not all(self._is_own_tensor(end) for end in ends):
            return None
        uses = self.used_below(ends)

        def kept(*values: Any) -> Any:
            shapes, taken = values[: len(ends)], values[len(ends) :]
            if any(isinstance(v, Sign) for v in values):
                return SKIPPED if SKIPPED in shapes else UNKNOWN
            return plan.ListPlan(tuple(s for s, t in zip(shapes, taken, strict=True) if not t))

        return self.apply(kept, *map(self.value, ends), *(uses.get(end, self.no) for end in ends))

    def _end(self, index: int) -> int:
        while isinstance(self.graph[index].op, _TRANSPARENT):
            index = self.graph[index].operands[0]
        return index

    def _is_own_tensor(self, index: int) -> bool:
        """Whether a node always makes one tensor that nothing else makes."""
        node = self.graph[index]
        if isinstance(node.op, ops.Apply):
            heads = self.skeleton.analysis.heads(node.operands[1])
            return all(isinstance(self.graph[head].op, ops.Call) for head in heads)
        return isinstance(node.op, ops.Input)

    def applied(self, index: int, source: int, at: int) -> int:
        op, operands = self.graph[index].op, self.graph[index].operands
        if isinstance(op, ops.Tied) and self._tied is None:
            self._tied = operands[0], defaultdict(int)
            made = super().applied(index, source, at)
            self._tied = None
            return made
        known = (*_TRANSPARENT, ops.Tied, ops.Pass, ops.Nothing, ops.Seq, ops.MakeList, ops.Par, ops.Choose)
        if not isinstance(op, (*known, ops.Select, ops.Repeat, ops.Call)):
            self._cost(index, at, self.apply(lambda s: (0, 0) if s is SKIPPED else (None, None), source))
        return super().applied(index, source, at)

    def note(self, index: int, name: str, source: int, made: int, at: int) -> None:
        rule, module = cost_rule(name), self.shapes.module(f"keras.layers.{name}")
        if name not in RULES or module is None:
            self._cost(index, at, self.apply(lambda s: (0, 0) if s is SKIPPED else (None, None), source))
            return
        reads = [p for p in rule.reads if p in module.parameters]

        def cost(source: Any, made: Any, *arguments: Any) -> Any:
            if made is SKIPPED or isinstance(made, Misfit):
                return 0, 0
            shapes = _shapes(source)
            given = dict(zip(reads, arguments, strict=True))
            if RULES[name].alone and len(shapes) == 1:
                shapes *= 2
            return tuple(_number(f, shapes, made, given) for f in (rule.weights, rule.macs))

        values = self.arguments(index, module, reads)
        self._cost(index, at, self.apply(cost, source, made, *values))

    def _cost(self, index: int, at: int, diagram: int) -> None:
        key: Any = (at, len(self.costs[at]))
        if self._tied is not None:
            tied, places = self._tied
            key = ("tied", tied, index, places[index])
            places[index] += 1
        self.costs[at].append((key, diagram, index))

    def after(self, made: Any) -> Any:
        return SKIPPED if isinstance(made, Misfit) else made

    # --- what is part of a program

    def used(self, start: int) -> dict[int, int]:
        """For each node below one, and itself, where its value is part of what that is made of, true or false."""
        return {**self.used_below([start]), start: self.yes}

    def used_below(self, starts: Sequence[int]) -> dict[int, int]:
        """For each node below some nodes where the value of any of them is made of its value, true or false."""
        found: dict[int, list[int]] = defaultdict(list)
        for start in starts:
            for operand, taken in self._takes(start):
                found[operand].append(taken)
        united: dict[int, int] = {}
        for index in range(max(starts), -1, -1):
            if index in found:
                united[index] = self._any(found.pop(index))
                if united[index] != self.no and index not in starts:
                    for operand, taken in self._takes(index):
                        found[operand].append(self._both(united[index], taken))
        return united

    def _any(self, parts: Iterable[int]) -> int:
        """Where any of several diagrams is true."""
        kept = sorted({*parts} - {self.no})
        if self.yes in kept or not kept:
            return self.yes if kept else self.no
        return reduce(partial(self.apply, _either), kept)

    def _both(self, a: int, b: int) -> int:
        if a == self.yes or b in (self.no, self.yes):
            return a if b == self.yes else b
        return self.apply(_both, a, b)

    def _takes(self, index: int) -> Iterable[tuple[int, int]]:
        """The operands that make the value of a node, each with where it does."""
        op, operands = self.graph[index].op, self.graph[index].operands
        match op:
            case ops.Choose():
                return self._each(operands, self._decided(index, lambda code: code), operator.eq)
            case ops.Select():
                return self._each(operands[1:], self.value(operands[0]), lambda test, n: bool(test) == (n == 0))
            case ops.Subset():
                return self._each(operands[1:], self._decided(index, lambda code: code), operator.contains)
            case ops.Repeat():
                return self._each(operands[1:], self.value(operands[0]), operator.gt)
            case ops.Index() | ops.Slice():
                return self._parts_taken(index)
            case ops.Named() | ops.Label() | ops.Where() | ops.Loose() | ops.Apply():
                return [(operands[0], self.yes)]
            case ops.Call() | ops.Seq() | ops.Par() | ops.Columns() | ops.MakeDict():
                return [(o, self.yes) for o in operands]
            case ops.MakeList() | ops.MakeTuple() | ops.Permute() | ops.Arithmetic():
                return [(o, self.yes) for o in operands]
        return []

    def _each(self, items: Sequence[int], decided: int, test: Callable[[Any, int], bool]) -> Iterable[tuple[int, int]]:
        """Items, each with where what is decided takes it."""

        def taken(value: Any, place: int) -> Any:
            if value is SKIPPED:
                return False
            return UNKNOWN if isinstance(value, Sign | Length) else test(value, place)

        return [(item, self.apply(partial(_swapped, taken, place), decided)) for place, item in enumerate(items)]

    def _parts_taken(self, index: int) -> Iterable[tuple[int, int]]:
        """The items that an index or a slice takes; all that there may be where that is not known."""
        op, operands = self.graph[index].op, self.graph[index].operands
        items = self.skeleton.analysis.items(operands[0] if isinstance(op, ops.Index) else index)
        if items is None or any("nothing" in self.skeleton.analysis.types(i) for i in items):
            return self._chosen_item(*operands) if isinstance(op, ops.Index) else [(operands[0], self.unknown)]
        if isinstance(op, ops.Slice):
            return [(o, self.yes) for o in items]
        return self._each(items, self.value(operands[1]), lambda place, n: place in (n, n - len(items)))

    def _chosen_item(self, container: int, position: int) -> Iterable[tuple[int, int]]:
        """Of the items that a subset or an order takes, the one at a fixed position."""
        node, analysis = self.graph[self._end(container)], self.skeleton.analysis
        if not isinstance(node.op, ops.Subset | ops.Permute) or not analysis.is_constant(position):
            return [(container, self.unknown)]
        at = analysis.constant(position)
        items = node.operands[1:] if isinstance(node.op, ops.Subset) else node.operands
        chosen = self._decided(self._end(container), lambda code: code)
        return self._each(items, chosen, lambda code, n: -len(code) <= at < len(code) and code[at] == n)

    # --- sums

    def measured(self, node: int, measure: str) -> Measured | Unclear:
        """The cost of a node.

        Raises
        ------
        TooLarge
        """
        parts = self.used(node)
        for index in parts:
            if is_network(self.graph[index].op):
                self.trained(index)
            elif isinstance(self.graph[index].op, ops.Apply):
                self.value(index)
        place = MEASURES.index(measure)
        tied: dict[Any, list[int]] = defaultdict(list)
        terms: list[int] = []
        for index, uses in sorted(parts.items()):
            for key, diagram, layer in self.costs.get(index, ()):
                term = self.apply(lambda cost, use: _used_cost(cost, use, place), diagram, uses)
                if self.unknown in self._leaves_of(term):
                    made = self.graph[layer]
                    return Unclear(getattr(made.op, "path", "").rpartition(".")[2], made.span)
                (tied[key] if key[0] == "tied" and measure == "params" else terms).append(term)
        for same in tied.values():
            terms.append(self.apply(_one_of, *same))
            if self.unknown in self._leaves_of(terms[-1]):
                return Unclear("", None)
        reached = self.yes if node == self.graph.root else self.used(self.graph.root).get(node, self.no)
        return Measured(self, tuple(self._together(terms)), reached)

    def _leaves_of(self, diagram: int) -> set[int]:
        return {self.leaf(value) for value in self.leaves(diagram)}

    def _together(self, terms: Iterable[int]) -> list[int]:
        """Terms that read the same decisions as one, as long as it is small: its bounds are then those of the sum."""
        pending = [t for t in terms if t != self.leaf(0)]
        found: list[int] = []
        while pending:
            term = pending.pop()
            rows = self.rows(term)
            other = next((p for p in pending if rows == self.rows(p) or rows & self.rows(p)), None)
            if other is not None and self.size(term) + self.size(other) <= MOST_TOGETHER:
                joined = self.apply(operator.add, term, other)
                if self.size(joined) <= 2 * (self.size(term) + self.size(other)) + FEW_CODES:
                    pending[pending.index(other)] = joined
                    continue
            found.append(term)
        return found


_TRANSPARENT = (ops.Named, ops.Label, ops.Where)


def _shapes(source: Any) -> list[Any]:
    items = source.items if isinstance(source, plan.ListPlan) else (source,)
    return [t.shape if isinstance(t, Tensor) else None for t in items]


def _number(formula: Callable[..., Number], shapes: Sequence[Any], made: Any, arguments: Mapping[str, Any]) -> Any:
    """What a formula says; None where it is not known."""
    first = made.items[0] if isinstance(made, plan.ListPlan) else made
    shape: Any = first.shape if isinstance(first, Tensor) else None
    try:
        return formula(shapes, shape, arguments)
    except (NotKnown, TypeError, IndexError):  # of a shape that is not known
        return None


def _swapped(test: Callable[[Any, int], Any], place: int, value: Any) -> Any:
    return test(value, place)


def _used_cost(cost: Any, use: Any, place: int) -> Any:
    if use is False or not isinstance(cost, tuple):
        return 0
    if cost[place] == 0:
        return 0
    return UNKNOWN if use is UNKNOWN or cost[place] is None else cost[place]


def _either(a: Any, b: Any) -> Any:
    return True if a is True or b is True else UNKNOWN if UNKNOWN in (a, b) else False


def _both(a: Any, b: Any) -> Any:
    return False if a is False or b is False else UNKNOWN if UNKNOWN in (a, b) else True


def _one_of(*same: Any) -> Any:
    """The weights that several uses share: those of any."""
    there = {v for v in same if v != 0}
    return UNKNOWN if UNKNOWN in there or len(there) > 1 else there.pop() if there else 0


__all__ = ["MEASURES", "Measured", "Unclear", "measure"]
