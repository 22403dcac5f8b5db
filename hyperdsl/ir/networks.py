"""The normal form of a network: equal for networks that are the same but for the order in which they are written.

Layers are told apart by what they are, what they take from and what takes from them (colour refinement, upwards and
downwards); they are numbered depth first from the outputs, inputs of a commutative merge in the order of their colours.
Where colours do not tell inputs apart, all orders are tried and the least text is taken, up to ``MOST_ORDERS``; past it
two networks with much symmetry may get two normal forms.

A sum has no zeros in it (``Rescaling(0.0)``, and what layers without a bias make of one), and a merge of one tensor is
that tensor; tensors that are added are taken to have one shape.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import groupby, islice, permutations, product

from hyperdsl.ir import plan

# Merge layers whose inputs may change places.
COMMUTATIVE = frozenset(f"keras.layers.{name}" for name in ("Add", "Average", "Maximum", "Minimum", "Multiply"))
MOST_ORDERS = 64
ADD = "keras.layers.Add"
MERGES = COMMUTATIVE | {"keras.layers.Concatenate"}

Text = Callable[[plan.Value], str]


def normalized(network: plan.Network, text: Text) -> plan.Network:
    """The normal form: layers that change nothing are gone, the others stand in the order of the canonical text.

    Parameters
    ----------
    text : callable
        The canonical text of a layer's module; ``pass`` for one that changes nothing.
    """
    texts = [text(layer.module) for layer in network.layers]
    whole = _without_identities(network, texts)
    kept = [n for n in range(len(whole.layers)) if n in _needed(whole)]
    colours = _colours(whole, texts, kept)
    orders = islice(_orders(whole, colours), MOST_ORDERS)
    candidates = [_numbered(whole, order) for order in orders]
    return min(candidates, key=lambda n: network_text(n, text)) if len(candidates) > 1 else candidates[0]


def network_text(network: plan.Network, text: Text) -> str:
    """The canonical text of a network that is in normal form."""
    parts = []
    for layer in network.layers:
        tied = "" if layer.tied is None else f"={layer.tied}"
        parts.append(f"{text(layer.module)}{tied}<{','.join(map(str, layer.inputs))}>")
    return f"net({';'.join(parts)}->{','.join(map(str, network.outputs))})"


def is_commutative(module: plan.PlanNode) -> bool:
    return isinstance(module, plan.Call) and module.path in COMMUTATIVE


def _without_identities(network: plan.Network, texts: Sequence[str]) -> plan.Network:
    """Inputs and outputs lead past layers that give their only input, and sums past zeros."""
    gives = list(range(len(network.layers)))
    zeros: set[int] = set()
    layers = []
    for number, layer in enumerate(network.layers):
        inputs = tuple(gives[i] for i in layer.inputs)
        path = layer.module.path if isinstance(layer.module, plan.Call) else ""
        if path == ADD:
            inputs = tuple(i for i in inputs if i not in zeros) or inputs[:1]
        if (texts[number] == "pass" or path in MERGES) and len(inputs) == 1:
            gives[number] = inputs[0]
        elif isinstance(layer.module, plan.Call):
            if gives_zero(path, dict(layer.module.arguments), bool(inputs) and zeros.issuperset(inputs)):
                zeros.add(number)
        layers.append(replace(layer, inputs=inputs))
    return replace(network, layers=tuple(layers), outputs=tuple(gives[o] for o in network.outputs))


# Layers that make zeros of zeros, each with the arguments that must have these values; those left out have defaults.
_PLAIN: dict[str, object] = {"use_bias": False, "activation": None}
_KEEPS_ZERO: dict[str, dict[str, object]] = {
    **{name: {} for name in ("ReLU", "LeakyReLU", "Dropout", "Flatten", "Concatenate", *(m[13:] for m in COMMUTATIVE))},
    **{f"{kind}Pooling{n}D": {} for kind in ("Max", "Average", "GlobalMax", "GlobalAverage") for n in (1, 2, 3)},
    **{f"{kind}{n}D": _PLAIN for kind in ("Conv", "DepthwiseConv", "SeparableConv") for n in (1, 2, 3)},
    "Dense": _PLAIN,
    "BatchNormalization": {"center": False},
}
READS_FOR_ZERO = ("scale", "offset", "use_bias", "activation", "center")
_DEFAULTS: dict[str, object] = {"use_bias": True, "activation": None, "center": True, "scale": None, "offset": 0.0}


def gives_zero(path: str, arguments: Mapping[str, object], takes_zero: bool) -> bool:
    """Whether a layer gives zeros whatever its weights are.

    Parameters
    ----------
    arguments : mapping
        Those that are not there have their defaults.
    takes_zero : bool
        Whether all that it takes is zero.
    """
    given = {**_DEFAULTS, **arguments}
    name = path.rpartition(".")[2]
    if name == "Rescaling" and given["offset"] == 0 and (takes_zero or given["scale"] == 0):
        return type(given["scale"]) in (int, float)
    wanted = _KEEPS_ZERO.get(name) if takes_zero and path.startswith("keras.layers.") else None
    return wanted is not None and all(given[key] == value for key, value in wanted.items())


def _needed(network: plan.Network) -> set[int]:
    seen: set[int] = set()
    pending = list(network.outputs)
    while pending:
        number = pending.pop()
        if number not in seen:
            seen.add(number)
            pending.extend(network.layers[number].inputs)
    return seen


# --- colours


def _colours(network: plan.Network, texts: Sequence[str], kept: Sequence[int]) -> dict[int, bytes]:
    """A colour for each layer; equal ones are probably symmetric."""
    users: dict[int, list[tuple[int, int]]] = defaultdict(list)  # the user and at which of its inputs
    groups: dict[int, list[int]] = defaultdict(list)  # layers with the same weights
    for number in kept:
        layer = network.layers[number]
        ordered = not is_commutative(layer.module)
        for place, source in enumerate(layer.inputs):
            users[source].append((number, place if ordered else -1))
        groups[number if layer.tied is None else layer.tied].append(number)
    together = {member: group for group in groups.values() for member in group}
    colours: dict[int, bytes] = {}
    for number in kept:
        inputs = [colours[i] for i in network.layers[number].inputs]
        if is_commutative(network.layers[number].module):
            inputs.sort()
        colours[number] = _hash(texts[number], len(together[number]), *inputs)
    ends = {n: repr([place for place, o in enumerate(network.outputs) if o == n]) for n in kept}
    classes = 0
    while len(set(colours.values())) > classes:
        classes = len(set(colours.values()))
        for number in reversed(kept):  # users first
            above = sorted(_hash(colours[user], place) for user, place in users[number])
            tied = sorted(colours[member] for member in together[number])
            colours[number] = _hash(colours[number], ends[number], *above, "tied", *tied)
        for number in kept:
            inputs = [colours[i] for i in network.layers[number].inputs]
            if is_commutative(network.layers[number].module):
                inputs.sort()
            colours[number] = _hash(colours[number], *inputs)
    return colours


def _hash(*parts: str | int | bytes) -> bytes:
    made = blake2b(digest_size=12)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        made.update(len(data).to_bytes(4, "big") + data)
    return made.digest()


# --- orders


def _orders(network: plan.Network, colours: dict[int, bytes]) -> Iterator[dict[int, tuple[int, ...]]]:
    """For each layer the order of its inputs; several where a merge takes from layers of one colour."""
    choices: list[list[tuple[int, ...]]] = []
    numbers = sorted(colours)
    for number in numbers:
        layer = network.layers[number]
        if not is_commutative(layer.module):
            choices.append([layer.inputs])
            continue
        runs = [list(run) for _, run in groupby(sorted(layer.inputs, key=colours.__getitem__), colours.__getitem__)]
        ways = product(*([tuple(run)] if len(set(run)) == 1 else sorted(set(permutations(run[:5]))) for run in runs))
        rest = [tuple(run[5:]) if len(set(run)) > 1 else () for run in runs]
        choices.append([tuple(n for part, more in zip(way, rest, strict=True) for n in (*part, *more)) for way in ways])
    for way in product(*choices):
        yield dict(zip(numbers, way, strict=True))


def _numbered(network: plan.Network, order: dict[int, tuple[int, ...]]) -> plan.Network:
    """The layers depth first from the outputs."""
    numbers: dict[int, int] = {}
    pending = [(output, False) for output in reversed(network.outputs)]
    while pending:
        number, done = pending.pop()
        if number in numbers:
            continue
        if done:
            numbers[number] = len(numbers)
        else:
            pending.append((number, True))
            pending.extend((source, False) for source in reversed(order[number]))
    layers = []
    first: dict[int, int] = {}
    for old, new in numbers.items():
        layer = network.layers[old]
        origin = old if layer.tied is None else layer.tied
        layers.append(replace(layer, inputs=tuple(numbers[i] for i in order[old]), tied=first.get(origin)))
        first.setdefault(origin, new)
    return replace(network, layers=tuple(layers), outputs=tuple(numbers[o] for o in network.outputs))
