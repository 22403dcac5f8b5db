"""Symmetries of a network: which of its layers may change places, and an order that does not say how it was written.

Layers are told apart by what they are, what they take from and what takes from them (colour refinement, upwards and
downwards). Where several have one colour, each of them in turn is singled out and the others are told apart anew, until
all colours differ (McKay 1981, Congressus Numerantium 30). Every such way orders the layers; the order with the least
text is the canonical one, and two ways with equal texts are a symmetry. Layers that known symmetries exchange are tried
once, so that few ways are left; past ``MOST_WAYS`` the order is the best one found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import TypeAlias

from hyperdsl.frozen import frozen
from hyperdsl.ir import plan

# Merge layers whose inputs may change places.
COMMUTATIVE = frozenset(f"keras.layers.{name}" for name in ("Add", "Average", "Maximum", "Minimum", "Multiply"))
MOST_WAYS = 256

Inputs: TypeAlias = dict[int, tuple[int, ...]]  # of each layer, in order
Colours: TypeAlias = dict[int, bytes]


@frozen
class Way:
    """An order of the layers.

    Attributes
    ----------
    text : str
        The network in this order.
    singled : tuple of int
        The places of the layers that were singled out.
    layers : tuple of int
        The layer at each place.
    inputs : dict
        What each layer takes, in order.
    """

    text: str
    singled: tuple[int, ...]
    layers: tuple[int, ...]
    inputs: Inputs


class Symmetries:
    """Of the layers of a network that its outputs need.

    Parameters
    ----------
    network : Network
    texts : sequence of str
        What each layer is.

    Attributes
    ----------
    way : Way
        The canonical order.
    found : list of dict
        Exchanges of layers, each as what takes the place of what, from which all others can be made.
    is_complete : bool
        Whether these are all, and the order is the canonical one.
    """

    def __init__(self, network: plan.Network, texts: Sequence[str]) -> None:
        self.network = network
        self.texts = texts
        self.kept = _needed(network)
        self.found: list[dict[int, int]] = []
        self.is_complete = True
        self._users: dict[int, list[tuple[int, int]]] = defaultdict(list)  # the user and at which of its inputs
        groups: dict[int, list[int]] = defaultdict(list)  # layers with the same weights
        for number in self.kept:
            layer = network.layers[number]
            ordered = not is_commutative(layer.module)
            for place, source in enumerate(layer.inputs):
                self._users[source].append((number, place if ordered else -1))
            groups[number if layer.tied is None else layer.tied].append(number)
        self._tied = {member: group for group in groups.values() for member in group}
        self._ends = {n: repr([place for place, o in enumerate(network.outputs) if o == n]) for n in self.kept}
        self._ways = 0
        self.way = self._least(self._first_colours(), ())

    # --- colours

    def _first_colours(self) -> Colours:
        colours: Colours = {}
        for number in self.kept:
            colours[number] = _hash(self.texts[number], len(self._tied[number]), *self._taken(number, colours))
        return self._refined(colours)

    def _refined(self, colours: Colours) -> Colours:
        """Layers of one colour told apart by what is around them."""
        colours = dict(colours)
        classes = 0
        while len(set(colours.values())) > classes:
            classes = len(set(colours.values()))
            for number in reversed(self.kept):  # users first
                above = sorted(_hash(colours[user], place) for user, place in self._users[number])
                tied = sorted(colours[member] for member in self._tied[number])
                colours[number] = _hash(colours[number], self._ends[number], *above, "tied", *tied)
            for number in self.kept:
                colours[number] = _hash(colours[number], *self._taken(number, colours))
        return colours

    def _taken(self, number: int, colours: Colours) -> list[bytes]:
        """The colours of what a layer takes, in an order that means something."""
        layer = self.network.layers[number]
        taken = [colours[i] for i in layer.inputs]
        return sorted(taken) if is_commutative(layer.module) else taken

    # --- ways

    def _least(self, colours: Colours, singled: tuple[int, ...]) -> Way:
        """The way with the least text among those that begin with some layers singled out."""
        doubtful = _smallest_class(colours)
        if not doubtful:
            return self._way(colours, singled)
        ways: dict[tuple[str, tuple[int, ...]], Way] = {}
        tried: list[int] = []
        for layer in doubtful:
            if layer in self._exchanged(tried, singled):
                continue
            if tried and self._ways >= MOST_WAYS:
                self.is_complete = False
                break
            tried.append(layer)
            alone = self._refined({**colours, layer: _hash(colours[layer], "alone")})
            way = self._least(alone, (*singled, layer))
            equal = ways.setdefault((way.text, way.singled), way)
            if equal is not way:
                self.found.append(dict(zip(equal.layers, way.layers, strict=True)))
        return ways[min(ways)]

    def _exchanged(self, layers: Iterable[int], fixed: tuple[int, ...]) -> set[int]:
        """What known symmetries that leave some layers where they are make of others."""
        moves = [move for move in self.found if all(move[n] == n for n in fixed)]
        seen = set(layers)
        pending = list(seen)
        while pending:
            here = pending.pop()
            new = {move[here] for move in moves} - seen
            seen |= new
            pending.extend(new)
        return seen

    def _way(self, colours: Colours, singled: tuple[int, ...]) -> Way:
        """The order that colours give when all of them differ: depth first from the outputs."""
        self._ways += 1
        layers = self.network.layers
        inputs = {
            number: tuple(sorted(layers[number].inputs, key=colours.__getitem__))
            if is_commutative(layers[number].module)
            else layers[number].inputs
            for number in self.kept
        }
        order = _depth_first(self.network.outputs, inputs)
        places = {number: place for place, number in enumerate(order)}
        parts = []
        first: dict[int, int] = {}
        for number, place in places.items():
            origin = first.setdefault(self._tied[number][0], place)
            tied = "" if origin == place else f"={origin}"
            parts.append(f"{self.texts[number]}{tied}<{','.join(str(places[i]) for i in inputs[number])}>")
        text = f"net({';'.join(parts)}->{','.join(str(places[o]) for o in self.network.outputs)})"
        return Way(text, tuple(places[n] for n in singled), order, inputs)


def is_commutative(module: plan.PlanNode) -> bool:
    return isinstance(module, plan.Call) and module.path in COMMUTATIVE


def _needed(network: plan.Network) -> list[int]:
    seen: set[int] = set()
    pending = list(network.outputs)
    while pending:
        number = pending.pop()
        if number not in seen:
            seen.add(number)
            pending.extend(network.layers[number].inputs)
    return sorted(seen)


def _smallest_class(colours: Colours) -> list[int]:
    """The layers of the rarest colour that several have; none where all differ."""
    classes: dict[bytes, list[int]] = defaultdict(list)
    for number, colour in colours.items():
        classes[colour].append(number)
    several = [(len(layers), colour) for colour, layers in classes.items() if len(layers) > 1]
    return classes[min(several)[1]] if several else []


def _depth_first(outputs: Sequence[int], inputs: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    order: dict[int, None] = {}
    pending = [(output, False) for output in reversed(outputs)]
    while pending:
        number, done = pending.pop()
        if number in order:
            continue
        if done:
            order[number] = None
        else:
            pending.append((number, True))
            pending.extend((source, False) for source in reversed(inputs[number]))
    return tuple(order)


def _hash(*parts: str | int | bytes) -> bytes:
    data = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    whole = b"".join([len(part).to_bytes(4, "big") + part for part in data])
    return blake2b(whole, digest_size=12).digest()
