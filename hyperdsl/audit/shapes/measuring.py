"""What the networks of a space cost: the sum over the layers that are part of a program, as diagrams over decisions."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hyperdsl.audit.diagrams import MOST_CODES, SKIPPED, UNKNOWN, Sign, TooLarge
from hyperdsl.audit.lengths import Number
from hyperdsl.audit.shapes.costs import NotKnown, cost_rule
from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.audit.shapes.rules import Misfit
from hyperdsl.audit.shapes.uses import TRANSPARENT, Uses, has_zero
from hyperdsl.audit.shapes.walk import Shapes, Tensor
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops, plan
from hyperdsl.ir.domain import Code
from hyperdsl.ir.facts import is_network
from hyperdsl.ir.graph import Graph
from hyperdsl.ir.meaning import Undefined
from hyperdsl.ir.networks import READS_FOR_ZERO, gives_zero
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
        try:
            values = Ledger(counter_of(graph).skeleton, Shapes(graph, catalog), few)
            found = values.measured(node, measure)
        except TooLarge:
            continue
        except Undefined:  # a range without ends: the audit of values says which
            break
        if isinstance(found, Measured):
            break
    return found


class Ledger(Uses):
    """Shapes, and what each layer costs.

    Parameters
    ----------
    few : int
        See :class:`hyperdsl.audit.diagrams.Diagrams`.
    """

    def __init__(self, skeleton: Skeleton, shapes: Shapes, few: int) -> None:
        super().__init__(skeleton, shapes, few)
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
        ends = list(dict.fromkeys(map(self.end, items)))
        if not all(self.is_own_tensor(end) for end in ends):
            return None
        uses = self.used_below(ends)

        def kept(*values: Any) -> Any:
            shapes, taken = values[: len(ends)], values[len(ends) :]
            if any(isinstance(v, Sign) for v in values):
                return SKIPPED if SKIPPED in shapes else UNKNOWN
            return plan.ListPlan(tuple(s for s, t in zip(shapes, taken, strict=True) if not t))

        return self.apply(kept, *map(self.value, ends), *(uses.get(end, self.no) for end in ends))

    def applied(self, index: int, source: int, at: int) -> int:
        op, operands = self.graph[index].op, self.graph[index].operands
        if isinstance(op, ops.Tied) and self._tied is None:
            self._tied = operands[0], defaultdict(int)
            made = super().applied(index, source, at)
            self._tied = None
            return made
        known = (*TRANSPARENT, ops.Tied, ops.Pass, ops.Nothing, ops.Seq, ops.MakeList, ops.Par, ops.Choose)
        if not isinstance(op, (*known, ops.Select, ops.Repeat, ops.Call)):
            self._cost(index, at, self.apply(lambda s: (0, 0) if s is SKIPPED else (None, None), source))
        return super().applied(index, source, at)

    def _layer(self, index: int, path: str, source: int, at: int) -> int:
        """A layer; what it gives is marked where it is zero, because sums have no zeros in them."""
        made = super()._layer(index, path, source, at)
        module = self.shapes.module(path)
        if module is None or not self._may_be_zero(path, source):
            return made
        reads = [p for p in READS_FOR_ZERO if p in module.parameters]

        def marked(source: Any, made: Any, *arguments: Any) -> Any:
            parts = source.items if isinstance(source, plan.ListPlan) else (source,)
            takes_zero = all(isinstance(p, Tensor) and p.zero for p in parts)
            is_zero = isinstance(made, Tensor) and gives_zero(
                path, dict(zip(reads, arguments, strict=True)), takes_zero
            )
            return replace(made, zero=True) if is_zero else made

        return self.apply(marked, source, made, *self.arguments(index, module, reads))

    def _may_be_zero(self, path: str, source: int) -> bool:
        return path == "keras.layers.Rescaling" or any(has_zero(value) for value in self.leaves(source))

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


def _used_cost(cost: Any, use: Any, place: int) -> Any:
    if use is False or not isinstance(cost, tuple):
        return 0
    if cost[place] == 0:
        return 0
    return UNKNOWN if use is UNKNOWN or cost[place] is None else cost[place]


def _one_of(*same: Any) -> Any:
    """The weights that several uses share: those of any."""
    there = {v for v in same if v != 0}
    return UNKNOWN if UNKNOWN in there or len(there) > 1 else there.pop() if there else 0


__all__ = ["MEASURES", "Measured", "Unclear", "measure"]
