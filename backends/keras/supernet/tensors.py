"""Tensors that decisions tell apart: a weighed sum of those that have one shape, beside those that have another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial, reduce
from typing import Any

import keras
import numpy as np

from hyperdsl.audit.shapes.uses import Uses
from hyperdsl.audit.shapes.walk import Shapes, Tensor
from hyperdsl.backends.keras.supernet.channels import Channels, first
from hyperdsl.backends.keras.supernet.gates import Gates, spread, total
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.networks import weights_not_shared
from hyperdsl.frozen import frozen
from hyperdsl.ir import ops, plan
from hyperdsl.ir.domain import Code, Combinations, Domain, Integers
from hyperdsl.space.skeleton import Skeleton

MOST_CODES = 4096  # of a decision that has gates
MOST_SHAPES = 32  # that one tensor may have
_TINY = 1e-6


@frozen
class Mixed(Tensor):
    """A tensor of the supernet, by its number; it stands for one tensor of each network that has it."""

    number: int = -1


@frozen
class Bunch(plan.PlanNode):
    """Tensors, each with where it is there: a list whose length is decided."""

    items: tuple[tuple[Mixed, int], ...]


class Tensors(Uses):
    """Diagrams whose leaves are tensors of Keras."""

    gates: Gates

    def __init__(self, skeleton: Skeleton, shapes: Shapes) -> None:
        super().__init__(skeleton, shapes, MOST_CODES)
        self.made: list[Any] = []
        self.channels: list[Channels | None] = []  # None where all are there
        self._collapsed: dict[int, int] = {}
        self._slices: dict[Any, Mixed] = {}

    def codes(self, row: int) -> tuple[Code, ...] | None:
        """The codes of a row; where they depend on other rows, all that there may be."""
        if row not in self._codes:
            domains = self._domains(row)
            few = domains is not None and sum(d.size or MOST_CODES + 1 for d in domains) <= MOST_CODES
            self._codes[row] = tuple(d.member(i) for d in domains or () for i in range(d.finite_size)) if few else None
        return self._codes[row]

    def _domains(self, row: int) -> list[Domain] | None:
        """What a row's domain may be, without what two of them have in common; None where that is not known."""
        domain, node = self.skeleton.constant_domain(row), self.graph[self.skeleton.nodes[row]]
        if domain is not None:
            return [domain]
        match node.op:
            case ops.Subset():
                counts = sorted(set(self.leaves(self.value(node.operands[0]))), key=repr)
                known = all(type(count) is int for count in counts)
                return [Combinations(len(node.operands) - 1, n) for n in counts] if known else None
            case ops.Integer(step=1):
                hull = self.skeleton.analysis.hull(self.skeleton.nodes[row])
                return [Integers(int(hull[0]), int(hull[1]))] if hull is not None else None
        return None

    def add(self, tensor: Any, channels: Channels | None = None) -> Mixed:
        """A new tensor; what of its channels is not there is zero already."""
        if channels is not None and all(self.leaves(there) == [full] for full, there in channels.parts):
            channels = None
        self.made.append(tensor)
        self.channels.append(channels)
        return Mixed(tuple(tensor.shape[1:]), number=len(self.made) - 1)

    def masked(self, tensor: Any, channels: Channels | None) -> Mixed:
        """A new tensor, with zeros where channels are not there."""
        if channels is None:
            return self.add(tensor)
        masks = [self.gates.mean(there, partial(_mask, full)) for full, there in channels.parts]
        if all(isinstance(mask, np.ndarray) for mask in masks):
            return self.add(tensor, channels)
        shown = [m if not isinstance(m, np.ndarray) else self._constant(m) for m in masks]
        mask = keras.ops.concatenate(shown, axis=-1) if len(shown) > 1 else shown[0]
        if channels.times > 1:
            mask = keras.ops.tile(mask, (1, channels.times))
        return self.add(tensor * spread(mask, len(tensor.shape)), channels)

    def _constant(self, values: Any) -> Any:
        return keras.ops.zeros_like(self.gates.input[:, :1]) + values

    # --- merging

    def collapsed(self, diagram: int) -> int:
        """The same with one tensor for each shape."""
        if diagram not in self._collapsed:
            self._collapsed[diagram] = self._collapse(diagram)
        return self._collapsed[diagram]

    def _collapse(self, diagram: int) -> int:
        groups: dict[Any, list[Mixed]] = defaultdict(list)
        for leaf in sorted((v for v in self.leaves(diagram) if isinstance(v, Mixed)), key=lambda m: m.number):
            channels = self.channels[leaf.number]
            assert leaf.shape is not None
            groups[leaf.shape, ((leaf.shape[-1],), 1) if channels is None else channels.form].append(leaf)
        merged: dict[Any, Mixed] = {}
        for group in groups.values():
            if len(group) > 1:
                merged |= dict.fromkeys(group, self._mixture(diagram, group))
        return self.apply(lambda v: merged.get(v, v) if isinstance(v, Mixed) else v, diagram) if merged else diagram

    def _mixture(self, diagram: int, group: Sequence[Mixed]) -> Mixed:
        """The sum of tensors of one shape, weighed by how much each is decided for."""
        places = {leaf: place for place, leaf in enumerate(group)}
        unit = np.eye(len(group), dtype="float32")
        weights = self.gates.mean(
            diagram, lambda v: unit[places[v]] if v in places else np.zeros(len(group), "float32")
        )
        if any(leaf not in places for leaf in self.leaves(diagram)):
            weights = weights / keras.ops.maximum(keras.ops.sum(weights, axis=-1, keepdims=True), _TINY)
        rank = len(self.made[group[0].number].shape)
        terms = [
            spread(weights[:, place : place + 1], rank) * self.made[leaf.number] for place, leaf in enumerate(group)
        ]
        return self.add(total(terms), self._joined(diagram, group))

    def _joined(self, diagram: int, group: Sequence[Mixed]) -> Channels | None:
        """The channels of whichever tensor of a group there is."""
        known = [self.channels[leaf.number] for leaf in group]
        some = next((c for c in known if c is not None), None)
        if some is None:
            return None
        parts = []
        for place, (full, _) in enumerate(some.parts):
            widths = [self.leaf(full) if c is None else c.parts[place][1] for c in known]
            parts.append((full, self._selected(diagram, dict(zip(group, widths, strict=True)))))
        return Channels(tuple(parts), some.times)

    def _selected(self, diagram: int, ways: Mapping[Mixed, int]) -> int:
        """The diagram that stands for each leaf; of those that are out of question nothing is looked at."""
        memo: dict[Any, int] = {}

        def go(here: int, ways: Sequence[tuple[Mixed, int]]) -> int:
            leaves = self.leaves(here)
            kept = tuple((leaf, way) for leaf, way in ways if leaf in leaves)
            if not kept or (len(kept) == 1 and len(leaves) == 1):
                return kept[0][1] if kept else self.skipped
            if (here, kept) not in memo:
                row = min(self._rows[d] for d in (here, *(way for _, way in kept)))
                memo[here, kept] = self.node(row, [
                    go(self._at(here, row, n), [(leaf, self._at(way, row, n)) for leaf, way in kept])
                    for n in range(len(self.codes(row) or ()))
                ])  # fmt: skip
            return memo[here, kept]

        return go(diagram, tuple(ways.items()))

    # --- lists

    def bunched(self, source: int, merge: str) -> int:
        """Lists that differ in which of some tensors they have, as one with where each is there."""
        lists = [v for v in self.leaves(source) if isinstance(v, plan.ListPlan)]
        groups: dict[Any, list[plan.ListPlan]] = defaultdict(list)
        for leaf in lists:
            shapes = {item.shape if merge != "Concatenate" else item.shape[:-1] for item in _items(leaf)}  # type: ignore[index]
            if len(shapes) == 1 and len(_items(leaf)) == len(leaf.items):
                groups[shapes.pop()].append(leaf)
        bunches: dict[Any, Bunch] = {}
        for group in groups.values():
            order = _in_order([leaf.items for leaf in group])
            if len(group) > 1 and order is not None:
                chosen = set(group)
                bunch = Bunch(tuple(
                    (item, self.apply(lambda v, i=item, c=chosen: v in c and i in v.items, source)) for item in order
                ))  # fmt: skip
                bunches |= dict.fromkeys(group, bunch)
        if not bunches:
            return source
        return self.apply(lambda v: bunches.get(v, v) if isinstance(v, plan.ListPlan) else v, source)

    def joined(self, name: str, bunch: Bunch) -> Mixed:
        """What a merge makes of those tensors of a bunch that are there."""
        items = [self.made[item.number] for item, _ in bunch.items]
        rank = len(items[0].shape)
        shares = [self.gates.mean(there, lambda v: [1.0 if v is True else 0.0]) for _, there in bunch.items]
        shares = [spread(self._constant(s) if isinstance(s, np.ndarray) else s, rank) for s in shares]
        terms = [share * item for share, item in zip(shares, items, strict=True)]
        if name == "Concatenate":
            parts: list[tuple[int, int]] = []
            for item, there in bunch.items:
                own = self.all_channels(item)
                for _ in range(own.times):
                    parts += [(f, self.apply(lambda w, t: w if t is True else 0, w, there)) for f, w in own.parts]
            return self.add(keras.ops.concatenate(terms, axis=-1), Channels(tuple(parts)))
        channels = self.channels[bunch.items[0][0].number]
        if name == "Add":
            return self.add(total(terms), channels)
        if name == "Average":
            return self.add(total(terms) / keras.ops.maximum(total(shares), _TINY), channels)
        pairs = zip(shares, items, strict=True)
        if name == "Multiply":
            return self.masked(reduce(lambda a, b: a * b, (s * x + (1 - s) for s, x in pairs)), channels)
        sign = 1.0 if name == "Maximum" else -1.0
        ends = [keras.ops.where(s > _TINY, x, -sign * 1e30) for s, x in pairs]
        return self.masked(reduce(keras.ops.maximum if sign > 0 else keras.ops.minimum, ends), channels)

    def all_channels(self, tensor: Mixed) -> Channels:
        known = self.channels[tensor.number]
        assert tensor.shape is not None
        return known or Channels(((tensor.shape[-1], self.leaf(tensor.shape[-1])),))

    # --- telling apart again

    def split(self, source: int, index: int) -> int:
        """Tensors with only the channels that there are, one for each width: for layers that mix channels."""
        while True:
            tensors = {t for leaf in self.leaves(source) for t in _items(leaf)}
            masked = min((t for t in tensors if self.channels[t.number]), key=lambda t: t.number, default=None)
            if masked is None:
                return source
            channels = self.channels[masked.number]
            assert channels is not None
            widths = self.apply(lambda *w: tuple(map(_width, w)), *(there for _, there in channels.parts))
            if len(self.leaves(widths)) > MOST_SHAPES:
                span = self.graph[index].span
                raise HypError([weights_not_shared(span, f"it gets tensors of more than {MOST_SHAPES} widths")])
            source = self.apply(lambda v, w, m=masked, c=channels: self._cut(v, m, c, w), source, widths)

    def _cut(self, value: Any, masked: Mixed, channels: Channels, widths: Any) -> Any:
        if isinstance(value, plan.ListPlan):
            return plan.ListPlan(tuple(self._cut(item, masked, channels, widths) for item in value.items))
        if value != masked:
            return value
        key = masked, widths
        if key not in self._slices:
            there = channels.there(widths)
            cut = keras.ops.take(self.made[masked.number], np.asarray(there, "int32"), axis=-1) if there else None
            self._slices[key] = value if cut is None else self.add(cut)
        return self._slices[key]


def _items(leaf: Any) -> list[Mixed]:
    parts = leaf.items if isinstance(leaf, plan.ListPlan) else [leaf]
    return [part for part in parts if isinstance(part, Mixed)]


def _mask(full: int, width: Any) -> Any:
    return first(_width(width), full)


def _width(value: Any) -> int:
    return value if type(value) is int else 0


def _in_order(lists: Sequence[Sequence[Any]]) -> list[Any] | None:
    """All items in an order that is that of each list; None where there is none, or one has an item twice."""
    from graphlib import CycleError, TopologicalSorter

    sorter: TopologicalSorter[Any] = TopologicalSorter()
    for items in lists:
        if len(set(items)) < len(items):
            return None
        for before, after in zip(("", *items), items, strict=False):
            sorter.add(after, *([before] if before != "" else []))
    try:
        order = list(sorter.static_order())
    except CycleError:
        return None
    return order


__all__ = ["MOST_SHAPES", "Bunch", "Mixed", "Tensors"]
