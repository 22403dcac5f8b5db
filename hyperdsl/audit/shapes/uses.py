"""Which nodes of a graph are part of what another one is made of, as diagrams over decisions."""

from __future__ import annotations

import operator
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import Any

from hyperdsl.audit.diagrams import MOST_CODES, SKIPPED, UNKNOWN, Sign
from hyperdsl.audit.lengths import Length
from hyperdsl.audit.shapes.walk import Shapes, Tensor, Values
from hyperdsl.ir import ops, plan
from hyperdsl.ir.networks import ADD
from hyperdsl.space.skeleton import Skeleton

TRANSPARENT = (ops.Named, ops.Label, ops.Where)


class Uses(Values):
    """Shapes, and where each node is used."""

    def __init__(self, skeleton: Skeleton, shapes: Shapes, few: int = MOST_CODES) -> None:
        super().__init__(skeleton, shapes, few)
        self.no = self.leaf(False)
        self.yes = self.leaf(True)

    def end(self, index: int) -> int:
        """What a node stands for, names and conditions left aside."""
        while isinstance(self.graph[index].op, TRANSPARENT):
            index = self.graph[index].operands[0]
        return index

    def is_own_tensor(self, index: int) -> bool:
        """Whether a node always makes one tensor that nothing else makes."""
        node = self.graph[index]
        if isinstance(node.op, ops.Apply):
            heads = self.skeleton.analysis.heads(node.operands[1])
            return all(isinstance(self.graph[head].op, ops.Call) for head in heads)
        return isinstance(node.op, ops.Input)

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
            case ops.Apply() if (added := self._added(*operands)) is not None:
                return added
            case ops.Named() | ops.Label() | ops.Where() | ops.Loose() | ops.Apply():
                return [(operands[0], self.yes)]
            case ops.Call() | ops.Seq() | ops.Par() | ops.Columns() | ops.MakeDict():
                return [(o, self.yes) for o in operands]
            case ops.MakeList() | ops.MakeTuple() | ops.Permute() | ops.Arithmetic():
                return [(o, self.yes) for o in operands]
        return []

    def _added(self, source: int, module: int) -> list[tuple[int, int]] | None:
        """What a sum adds: all but zeros, the first where there is nothing else. None for what is no sum of a list."""
        first, tensors = self.graph[self.end(module)], self.graph[self.end(source)]
        while isinstance(first.op, ops.Seq):
            first = self.graph[self.end(first.operands[0])]
        is_sum = isinstance(first.op, ops.Call) and first.op.path == ADD
        if not is_sum or not isinstance(tensors.op, ops.MakeList):
            return None
        values = [self.value(o) for o in tensors.operands]
        if not any(has_zero(leaf) for value in values for leaf in self.leaves(value)):
            return None
        all_zero = reduce(self._both, [self.apply(has_zero, value) for value in values])
        taken = [self.apply(lambda v: not has_zero(v), value) for value in values]
        taken[0] = self._any([taken[0], all_zero])
        return list(zip(tensors.operands, taken, strict=True))

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
        node, analysis = self.graph[self.end(container)], self.skeleton.analysis
        if not isinstance(node.op, ops.Subset | ops.Permute) or not analysis.is_constant(position):
            return [(container, self.unknown)]
        at = analysis.constant(position)
        items = node.operands[1:] if isinstance(node.op, ops.Subset) else node.operands
        chosen = self._decided(self.end(container), lambda code: code)
        return self._each(items, chosen, lambda code, n: -len(code) <= at < len(code) and code[at] == n)


def _swapped(test: Callable[[Any, int], Any], place: int, value: Any) -> Any:
    return test(value, place)


def _either(a: Any, b: Any) -> Any:
    return True if a is True or b is True else UNKNOWN if UNKNOWN in (a, b) else False


def _both(a: Any, b: Any) -> Any:
    return False if a is False or b is False else UNKNOWN if UNKNOWN in (a, b) else True


def has_zero(value: Any) -> bool:
    """Whether a tensor, or every one of a list, is zero."""
    items = value.items if isinstance(value, plan.ListPlan) else (value,)
    return bool(items) and all(isinstance(item, Tensor) and item.zero for item in items)
