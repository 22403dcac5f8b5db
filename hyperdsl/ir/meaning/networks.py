"""Tensors: what applying modules to them gives, and the network that computes some of them.

Applying a module makes layers with weights of their own, one for each constructor in it; only what is ``tied`` shares
them. A tensor is the number of the layer that gives it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from hyperdsl.ir import plan
from hyperdsl.ir.meaning.values import NOTHING, Undefined
from hyperdsl.source import Span


class Layers:
    """The layers that one evaluation makes."""

    def __init__(self) -> None:
        self._made: list[plan.Layer] = []
        self._tied: dict[tuple[int, int], int] = {}  # the tied node and the place of a layer in it -> its first use

    # --- applying

    def input(self, shape: tuple[plan.Value, ...] | None, dtype: str | None, span: Span | None) -> plan.Tensor:
        return self._add(plan.Layer(plan.InputPlan(shape, dtype, span=span)))

    def apply(self, module: Any, source: Any, node: int) -> Any:
        """What a module makes of a tensor or a list of tensors.

        Raises
        ------
        Undefined
            At ``node``, where the module gives nothing.
        """
        return self._applied(module, source, node, None)

    def _applied(self, module: Any, source: Any, node: int, tied: Iterator[tuple[int, int]] | None) -> Any:
        match module:
            case plan.Pass():
                return source
            case plan.Seq(steps=steps, label=label):
                for step in steps:
                    source = self._applied(step, source, node, tied)
                return self.labelled(source, label)
            case plan.ListPlan(items=items):
                for item in items:
                    source = self._applied(item, source, node, tied)
                return source
            case plan.Par(branches=branches):
                parts = (self._applied(branch, source, node, tied) for branch in branches)
                return plan.ListPlan(tuple(tensor for part in parts for tensor in tensors(part)))
            case plan.Tied(module=inner, identity=identity, label=label):
                places = ((identity, place) for place in count())
                return self.labelled(self._applied(inner, source, node, places), label)
            case plan.Drop():
                raise Undefined(node, "`drop` gives no tensor")
            case plan.Tensor():
                raise Undefined(node, "a tensor is no layer")
        return self._layer(module, source, tied)

    def _layer(self, module: plan.PlanNode, source: Any, tied: Iterator[tuple[int, int]] | None) -> plan.Tensor:
        inputs = tuple(t.number for t in tensors(source))
        label = getattr(module, "label", None)
        bare = replace(module, label=None) if label is not None else module  # type: ignore[call-arg]
        place = next(tied) if tied is not None else None
        first = self._tied.get(place) if place is not None else None
        made = self._add(plan.Layer(bare, inputs, label, first))
        if place is not None and first is None:
            self._tied[place] = made.number
        return made

    def _add(self, layer: plan.Layer) -> plan.Tensor:
        self._made.append(layer)
        return plan.Tensor(len(self._made) - 1)

    def labelled(self, value: Any, label: str | None) -> Any:
        """The same tensor; the layer that gives it has the label, unless it has one of its own."""
        if label is not None and isinstance(value, plan.Tensor):
            layer = self._made[value.number]
            if layer.label is None:
                self._made[value.number] = replace(layer, label=label)
        return value

    # --- what they compute

    def loose(self, value: Any, node: int) -> plan.ListPlan:
        """The tensors of a list from which no other one of it is computed, each once."""
        numbers = dict.fromkeys(t.number for t in tensors(value))
        used: set[int] = set()
        for number in numbers:
            used |= self._below([number]) - {number}
        return plan.ListPlan(tuple(plan.Tensor(n) for n in numbers if n not in used))

    def _below(self, numbers: Iterable[int]) -> set[int]:
        """Some layers and all that they take from."""
        seen: set[int] = set()
        pending = list(numbers)
        while pending:
            number = pending.pop()
            if number not in seen:
                seen.add(number)
                pending.extend(self._made[number].inputs)
        return seen

    def network(self, value: Any) -> plan.Network:
        """The network that computes a tensor or some tensors: the layers that they need, numbered anew."""
        outputs = [t.number for t in tensors(value)]
        numbers = {old: new for new, old in enumerate(sorted(self._below(outputs)))}
        layers = []
        first: dict[int, int] = {}  # the layer that others are tied to -> the first of them that is needed
        for old, new in numbers.items():
            layer = self._made[old]
            origin = old if layer.tied is None else layer.tied
            inputs = tuple(numbers[i] for i in layer.inputs)
            layers.append(replace(layer, inputs=inputs, tied=first.get(origin)))
            first.setdefault(origin, new)
        return plan.Network(tuple(layers), tuple(numbers[o] for o in outputs))


def tensors(value: Any) -> Iterator[plan.Tensor]:
    """The tensors of a value, those of lists in lists in order."""
    match value:
        case plan.Tensor():
            yield value
        case plan.ListPlan(items=items):
            for item in items:
                yield from tensors(item)
        case tuple():
            for item in value:
                yield from tensors(item)


def is_tensors(value: Any) -> bool:
    """Whether a value is a tensor or a list of them."""
    match value:
        case plan.Tensor():
            return True
        case plan.ListPlan(items=items):
            return bool(items) and all(map(is_tensors, items))
        case tuple() as items:
            return bool(items) and all(map(is_tensors, items))
    return False


def flat(value: Any, node: int) -> Any:
    """What a module is applied to: a tensor, or a flat list of tensors; a list of one stays a list.

    Raises
    ------
    Undefined
        At ``node``, where it is neither.
    """
    if isinstance(value, plan.Tensor):
        return value
    if value is not NOTHING and is_tensors(value):
        return plan.ListPlan(tuple(tensors(value)))
    raise Undefined(node, "there is no tensor to apply this to")
