"""Networks read from what ``get_config`` gives of them: their layers, and the tensors between these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hyperdsl.frozen import frozen

# What may differ between a layer and one that it can begin as.
_FREE = ("name", "trainable", "dtype", "units", "filters", "rate", "seed", "noise_shape", "momentum")
_FREE_ENDS = ("_initializer", "_regularizer", "_constraint")


@frozen
class Tensor:
    """What a layer gives: which layer, and which of its uses."""

    layer: str
    use: int


@frozen
class Layer:
    """A layer; ``uses`` are the tensors that it is applied to, each time that it is."""

    name: str
    kind: str
    config: Mapping[str, Any]
    uses: tuple[tuple[Tensor, ...], ...]

    @property
    def activation(self) -> Any:
        return self.config.get("activation", "linear")

    @property
    def width(self) -> int | None:
        """How many units it has, where it says so."""
        width = self.config.get("units", self.config.get("filters"))
        return None if width is None else int(width)

    @property
    def channels_last(self) -> bool:
        places = (self.config.get("data_format", "channels_last"), self.config.get("axis", -1))
        return places == ("channels_last", -1)

    @property
    def keeps_size(self) -> bool:
        """Whether windows have a middle and leave the size as it is; so do layers without any."""
        sizes, steps = self.config.get("kernel_size", ()), self.config.get("strides", ())
        is_same: bool = self.config.get("padding", "same") == "same" and self.config.get("groups", 1) == 1
        return is_same and self.channels_last and all(n % 2 for n in sizes) and all(n == 1 for n in steps)

    @property
    def sign(self) -> str:
        """What two layers have in common one of which can be the other, wider."""
        kept = {k: v for k, v in self.config.items() if k not in _FREE and not k.endswith(_FREE_ENDS)}
        return f"{self.kind} {len(self.uses)} {sorted(kept.items(), key=lambda item: item[0])}"


@frozen
class Network:
    """The layers of a network by name, what it gives, and the shapes of its tensors without the batch."""

    layers: Mapping[str, Layer]
    outputs: tuple[Tensor, ...]
    shapes: Mapping[Tensor, tuple[int | None, ...]]

    @classmethod
    def of(cls, network: Any) -> Network:
        """Read one."""
        config = network.get_config()
        shapes: dict[Tensor, tuple[int | None, ...]] = {}
        layers: dict[str, Layer] = {}
        for entry in config["layers"]:
            nodes = [dict(_tensors([node["args"], node["kwargs"]])) for node in entry["inbound_nodes"]]
            for taken in nodes:
                shapes |= taken
            uses = tuple(tuple(taken) for taken in nodes) or ((),)
            layers[entry["name"]] = Layer(entry["name"], entry["class_name"], entry["config"], uses)
        given = config["output_layers"]
        ends = [given] if given and isinstance(given[0], str) else given
        outputs = tuple(Tensor(name, use) for name, use, _ in ends)
        shapes |= {end: tuple(tensor.shape[1:]) for end, tensor in zip(outputs, network.outputs, strict=True)}
        return cls(layers, outputs, shapes)

    def channels(self, tensor: Tensor) -> int:
        """The length of the last axis."""
        shape = self.shapes[tensor]
        return int(shape[-1] or 0) if shape else 0

    def in_order(self) -> Iterator[Tensor]:
        """Every tensor behind those that it is made of."""
        done: set[Tensor] = set()
        waiting = [Tensor(layer.name, use) for layer in self.layers.values() for use in range(len(layer.uses))]
        while waiting:
            ready = [t for t in waiting if done.issuperset(self.layers[t.layer].uses[t.use])]
            yield from ready
            done.update(ready)
            waiting = [t for t in waiting if t not in done]


def _tensors(part: Any) -> Iterator[tuple[Tensor, tuple[int | None, ...]]]:
    """The tensors among the arguments of a call, with their shapes."""
    if isinstance(part, dict):
        if part.get("class_name") == "__keras_tensor__":
            name, use, _ = part["config"]["keras_history"]
            yield Tensor(name, use), tuple(part["config"]["shape"][1:])
            return
        part = list(part.values())
    if isinstance(part, (list, tuple)):
        for item in part:
            yield from _tensors(item)


def align(new: Sequence[Layer], old: Sequence[Layer]) -> dict[str, Layer]:
    """The layer of an old network for each of a new one that can begin as it, in order, those as wide rather."""
    signs = [layer.sign for layer in old]
    fits = [[_fit(layer, layer.sign, other, sign) for other, sign in zip(old, signs, strict=True)] for layer in new]
    best = [[0] * (len(old) + 1) for _ in range(len(new) + 1)]
    for i in reversed(range(len(new))):
        for j in reversed(range(len(old))):
            paired = fits[i][j] + best[i + 1][j + 1] if fits[i][j] else 0
            best[i][j] = max(paired, best[i + 1][j], best[i][j + 1])
    pairs: dict[str, Layer] = {}
    i = j = 0
    while i < len(new) and j < len(old):
        if fits[i][j] and best[i][j] == fits[i][j] + best[i + 1][j + 1]:
            pairs[new[i].name] = old[j]
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def _fit(layer: Layer, sign: str, old: Layer, other: str) -> int:
    if sign != other or (layer.width or 0) < (old.width or 0):
        return 0
    return 2 if layer.width == old.width else 1
