"""The normal form of a network: equal for networks that are the same but for the order in which they are written.

Layers are numbered depth first from the outputs, inputs of a commutative merge in an order that ``symmetry`` finds. A
sum has no zeros in it (``Rescaling(0.0)``, and what layers without a bias make of one), and a merge of one tensor is
that tensor; tensors that are added are taken to have one shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from hyperdsl.ir import plan
from hyperdsl.ir.symmetry import COMMUTATIVE, Symmetries

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
    found = symmetries(network, text)
    places = {number: place for place, number in enumerate(found.way.layers)}
    layers = []
    first: dict[int, int] = {}
    for number, place in places.items():
        layer = found.network.layers[number]
        origin = number if layer.tied is None else layer.tied
        inputs = tuple(places[i] for i in found.way.inputs[number])
        layers.append(replace(layer, inputs=inputs, tied=first.get(origin)))
        first.setdefault(origin, place)
    return replace(network, layers=tuple(layers), outputs=tuple(places[o] for o in found.network.outputs))


def symmetries(network: plan.Network, text: Text) -> Symmetries:
    """The canonical text of a network, and which of its layers may change places."""
    texts = [text(layer.module) for layer in network.layers]
    return Symmetries(_without_identities(network, texts), texts)


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
