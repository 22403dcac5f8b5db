"""Narrow ranges and choices to what the conditions leave, and drop the conditions that then hold anyway.

Before: ``require a < b`` and ``require b < 4`` on ``a = 1..10``, ``b = 1..10``::

    %2 = integer(%0, %1) {'path': 'a'}         # 1..10
    %3 = integer(%0, %1) {'path': 'b'}         # 1..10
    %9 = where(%4, %6, %8)                     # a < b, b < 4

After: ``a`` is ``1..2``, ``b`` is ``2..3``, and ``b < 4`` is gone from the ``where``. An alternative that no
configuration takes is gone from its choice, whose ``assignments`` keep the numbers of the others. A decision with one
value left is this value. An ``if`` whose test is settled is the branch that is taken; where nothing but the test makes
the decisions that it reads, it stays and has ``nothing`` for the other branch.

Only decisions that are active in every configuration, with ends that are constants, are narrowed: what is taken from
them is taken from every configuration alike, so that the probabilities given the conditions stay what they are. The
lower end of a ``log`` range of steps stays: the weights of its members begin there. The table of decisions, and with
it counts, samples and codes, is made from the graph before any pass; this pass changes what programs are made of.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from hyperdsl.ir import meaning, ops
from hyperdsl.ir.analysis import Analysis
from hyperdsl.ir.domain import Integers, Steps
from hyperdsl.ir.graph import Builder, Graph, Node
from hyperdsl.ir.possible import ANY, MAX_VALUES, Between, Part, Possibilities
from hyperdsl.passes.fold import fold
from hyperdsl.passes.rewrite import rebuild
from hyperdsl.recursion import deep_recursion

MAX_WORK = 100_000  # nodes of conditions evaluated; what is found until then is used


def narrow(graph: Graph) -> Graph:
    """Domains without what no configuration has, ``if`` without the branch that none reaches."""
    with deep_recursion():
        work = 0
        while work < MAX_WORK and any(isinstance(graph[i].op, ops.Where | ops.Select) for i in graph.reachable):
            narrowing = _Narrowing(graph, work)
            if not narrowing.run():
                return graph
            work = narrowing.work
            before, graph = graph, fold(rebuild(graph, narrowing.rule))
            if graph.nodes == before.nodes:
                break
        return graph


class _Narrowing:
    """What is left of each decision that is always active."""

    def __init__(self, graph: Graph, work: int) -> None:
        self.graph = graph
        self.conditions: list[int] = []
        self.parts: dict[int, Part] = {}
        self.analysis = Analysis(graph.nodes)
        for index in sorted(_reached(graph)):
            node = graph[index]
            if isinstance(node.op, ops.Where):
                self.conditions += node.operands[1:]
            elif (part := self._whole(index, node)) is not None:
                self.parts[index] = part
        self.whole = dict(self.parts)
        self.size = {c: len(_below(graph, c)) for c in self.conditions}
        self.work = work

    def _whole(self, index: int, node: Node) -> Part | None:
        """The whole domain of a decision that can be narrowed."""
        if isinstance(node.op, ops.Choose):
            return tuple(range(len(node.operands)))
        if not isinstance(node.op, (ops.Integer, ops.Real)) or not all(map(self.analysis.is_constant, node.operands)):
            return None
        low, high = (self.analysis.constant(o) for o in node.operands)
        if node.op.step is None:
            return low, high
        domain = _domain(node.op, low, high, index)
        return domain.member(0), domain.member(domain.finite_size - 1)

    # --- propagation

    def run(self) -> bool:
        """Narrow until nothing changes; False where nothing is left of a decision, which is said elsewhere."""
        reads = {c: [d for d in sorted(_below(self.graph, c)) if d in self.parts] for c in self.conditions}
        changed = True
        while changed and self.work < MAX_WORK:
            changed = False
            for condition in self.conditions:
                for decision in reads[condition]:
                    part = self._left(condition, decision)
                    if part is None:
                        return False
                    changed |= part != self.parts[decision]
                    self.parts[decision] = part
        return True

    def _left(self, condition: int, decision: int) -> Part | None:
        """What a condition leaves of a decision; None where that is nothing."""
        op = self.graph[decision].op
        part = self.parts[decision]
        if isinstance(op, ops.Choose):
            return tuple(int(p) for p in part if not self._violates(condition, decision, (int(p),))) or None
        if self._violates(condition, decision, part):
            return None
        assert isinstance(op, (ops.Integer, ops.Real))
        if op.step is None:
            return self._real_left(condition, decision)
        return self._steps_left(condition, decision, op)

    def _violates(self, condition: int, decision: int, part: Part) -> bool:
        """Whether a condition is violated by everything in a part of a decision."""
        self.work += self.size[condition] * _values_in(part)
        if self.work > MAX_WORK:
            return False
        possible = Possibilities(self.graph.nodes, {**self.parts, decision: part})
        return possible.truths(condition) == {False}

    def _steps_left(self, condition: int, decision: int, op: ops.Integer | ops.Real) -> Part:
        """Ever smaller pieces are cut off at both ends."""
        low, high = self.parts[decision]
        domain = _domain(op, low, high, decision)
        member = domain.member
        first, last = 0, domain.finite_size - 1
        piece = (last + 1) // 2
        while piece:
            rest = last - first >= piece
            if rest and self._violates(condition, decision, (member(last - piece + 1), member(last))):
                last -= piece
            elif (
                rest and not op.log and self._violates(condition, decision, (member(first), member(first + piece - 1)))
            ):
                first += piece
            else:
                piece //= 2
        return member(first), member(last)

    def _real_left(self, condition: int, decision: int) -> Part:
        """Cut where the condition compares the decision with something: both sides of an end are tried."""
        low, high = self.parts[decision]
        for end in self._compared(condition, decision):
            if low < end < high:
                if self._violates(condition, decision, (math.nextafter(end, math.inf), high)):
                    high = end
                elif self._violates(condition, decision, (low, math.nextafter(end, -math.inf))):
                    low = end
        return low, high

    def _compared(self, condition: int, decision: int) -> Iterator[float]:
        """The ends of what a condition compares a decision with."""
        possible = Possibilities(self.graph.nodes, self.parts)
        for index in sorted(_below(self.graph, condition)):
            node = self.graph[index]
            if not isinstance(node.op, ops.Compare) or decision not in map(self._unwrapped, node.operands):
                continue
            others = [o for o in node.operands if self._unwrapped(o) != decision]
            for other in others:
                interval = isinstance(self.graph[other].op, ops.Interval)
                for end in self.graph[other].operands if interval else (other,):
                    value = possible.value(end)
                    if isinstance(value, Between):
                        yield from (value.low, value.high)
                    elif value is not ANY and all(type(v) in (int, float) for v in value.values):
                        yield from (float(min(value.values)), float(max(value.values)))

    def _unwrapped(self, index: int) -> int:
        while isinstance(self.graph[index].op, (ops.Named, ops.Label)):
            index = self.graph[index].operands[0]
        return index

    # --- rewriting

    def rule(self, builder: Builder, index: int, node: Node, operands: tuple[int, ...]) -> int | None:
        op = node.op
        part = self.parts.get(index)
        if part is not None and part != self.whole[index]:
            return _narrowed(builder, node, operands, part)
        if isinstance(op, ops.Where):
            kept = [n for n, old in zip(operands[1:], node.operands[1:], strict=True) if self._may_be_false(old)]
            if len(kept) == len(operands) - 1:
                return None
            return builder.add(op, (operands[0], *kept), node.span) if kept else operands[0]
        if isinstance(op, ops.Select) and (dead := self._dead_branch(node)):
            if self._is_read_elsewhere(index, node.operands[0]):
                return operands[3 - dead]
            marker = builder.add(ops.Nothing(), (), node.span)
            return builder.add(op, [marker if i == dead else o for i, o in enumerate(operands)], node.span)
        return None

    @cached_property
    def _possible(self) -> Possibilities:
        """Under all that has been found."""
        return Possibilities(self.graph.nodes, self.parts)

    def _may_be_false(self, condition: int) -> bool:
        return False in self._possible.truths(condition)

    def _is_read_elsewhere(self, select: int, test: int) -> bool:
        """Whether what a test decides is decided in every configuration without it too."""
        without = _closure(self.graph.root, lambda here: () if here == select else _always(self.graph[here]))
        decisions = (i for i in _below(self.graph, test) if isinstance(self.graph[i].op, ops.DecisionOp))
        return all(i in without for i in decisions)

    def _dead_branch(self, node: Node) -> int | None:
        """The operand of an ``if`` that no configuration reaches."""
        truths = self._possible.truths(node.operands[0], active=True)
        if truths == {True}:
            return 2
        return 1 if True not in truths else None


def _narrowed(builder: Builder, node: Node, operands: tuple[int, ...], part: Part) -> int:
    """The decision with what is left of it."""
    op = node.op
    if isinstance(op, ops.Choose):
        return _chosen(builder, op, operands, [int(p) for p in part], node)
    low, high = part
    if low == high and not (isinstance(op, ops.Real) and op.step is None):
        return builder.add(ops.Const(low), (), node.span)
    ends = [builder.add(ops.Const(end), (), node.span) for end in (low, high)]
    return builder.add(op, ends, node.span)


def _chosen(builder: Builder, op: ops.Choose, operands: tuple[int, ...], left: list[int], node: Node) -> int:
    if len(left) == 1:
        return operands[left[0]]
    kept = replace(
        op,
        labels=tuple(op.labels[p] for p in left),
        weights=tuple(op.weights[p] for p in left),
        default=left.index(op.default) if op.default in left else None,
        assignments=tuple(op.assignments[p] if op.assignments else ((op.path, p),) for p in left),
    )
    return builder.add(kept, [operands[p] for p in left], node.span)


def _domain(op: ops.Integer | ops.Real, low: float, high: float, index: int) -> Integers | Steps:
    """The domain of a range with a step between two of its members."""
    if isinstance(op, ops.Integer):
        return meaning.integer_domain(op, low, high, index)
    domain = meaning.real_domain(op, low, high, index)
    assert isinstance(domain, Steps)
    return domain


# --- reading the graph


def _below(graph: Graph, index: int) -> set[int]:
    """A node and all that it depends on."""
    return _closure(index, lambda here: graph[here].operands)


def _reached(graph: Graph) -> set[int]:
    """The nodes that every configuration evaluates: none below a choice, a branch, an optional item."""
    return _closure(graph.root, lambda here: _always(graph[here]))


def _closure(start: int, following: Callable[[int], Sequence[int]]) -> set[int]:
    seen = {start}
    pending = [start]
    while pending:
        for other in following(pending.pop()):
            if other not in seen:
                seen.add(other)
                pending.append(other)
    return seen


def _values_in(part: Part) -> int:
    """How many values a condition is worked out for: all of few, otherwise bounds alone."""
    low, high = (part[0], part[-1]) if part else (0, 0)
    width = high - low + 1
    return int(width) if type(width) is int and 1 <= width <= MAX_VALUES else 1


def _always(node: Node) -> Sequence[int]:
    """The operands that are evaluated whenever a node is."""
    match node.op:
        case ops.Choose() | ops.IsModule() | ops.Argument():
            return ()  # reading a module's class evaluates only what tells it
        case ops.Select() | ops.Repeat() | ops.Subset() | ops.Where():
            return node.operands[:1]
    return node.operands
