"""A network that begins with the weights of another one, so that it computes the same where that can be.

What two networks have in common is found layer by layer. A layer of the new one may be *wider*: its further units are
copies, and what they are given to divides among copies what it took of the one (Chen et al. 2016, arXiv:1511.05641,
Net2Net; in shares that are drawn, so that copies do not learn alike). It may be *one more*, where it can begin as an
identity: dense layers, convolutions that keep the size, batch normalizations, what does nothing before training. Where
all layers are so, the new network computes what the old one does; elsewhere layers of equal shapes have equal weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hyperdsl.backends.keras.estimators import _placed
from hyperdsl.backends.keras.graphs import Layer, Network, Tensor, align
from hyperdsl.backends.keras.starting import start_backend
from hyperdsl.frozen import frozen

start_backend()

import keras  # noqa: E402

Array = np.ndarray[Any, Any]
ROWS = 256  # that normalizations are set by

DENSE, BATCH = "Dense", "BatchNormalization"
CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D")
SEPARABLE = ("SeparableConv1D", "SeparableConv2D")
DEPTHWISE = ("DepthwiseConv1D", "DepthwiseConv2D")
WEIGHTED = (DENSE, BATCH, *CONVOLUTIONS, *SEPARABLE, *DEPTHWISE)
IDLE = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "GaussianDropout", "GaussianNoise", "AlphaDropout")
BENT = ("ReLU", "LeakyReLU", "ELU")  # each number by itself
POOLS = ("MaxPooling", "AveragePooling", "GlobalAveragePooling", "GlobalMaxPooling", "ZeroPadding", "UpSampling")
SUMS = ("Add", "Multiply", "Average", "Maximum", "Minimum")
BY_NUMBER = (
    "linear",
    "relu",
    "leaky_relu",
    "elu",
    "selu",
    "gelu",
    "silu",
    "tanh",
    "sigmoid",
    "hard_sigmoid",
    "softplus",
)
POSITIVE = ("relu", "sigmoid", "softplus", "hard_sigmoid", "softmax")


@frozen
class Same:
    """A tensor that equals one of the old network, whose channels it may have several times.

    Parameters
    ----------
    tensor : Tensor
        Of the old network.
    channels : numpy.ndarray of int
        The channel of that for each of its own.
    positive : bool
        Whether no number in it is below 0.
    """

    tensor: Tensor
    channels: Array
    positive: bool

    @property
    def is_plain(self) -> bool:
        return np.array_equal(self.channels, np.arange(len(self.channels)))


@frozen
class Inherited:
    """What a network has of another one.

    Parameters
    ----------
    layers, of : int
        How many of its layers with weights have theirs from it, and how many there are.
    same : bool
        Whether it computes the same.
    normalizations : tuple of str
        Further batch normalizations, which are to be set to what they are given.
    """

    layers: int
    of: int
    same: bool
    normalizations: tuple[str, ...]


def inherit(network: Any, old: Any, weights: Mapping[str, Sequence[Array]], seed: int | None) -> Inherited:
    """Give a network the weights of another one.

    Parameters
    ----------
    network, old : keras.Model
        Of ``old`` only the layers are looked at.
    weights : mapping of str to sequence of numpy.ndarray
        Of the layers of ``old``, by name.
    seed : int or None
        Draws the shares of copies.
    """
    return _Morphism(network, old, weights, np.random.default_rng(seed)).run()


def begin_as(training: Any, old: Any, state: Mapping[str, Array]) -> Inherited:
    """Let a training that has done nothing yet begin with what another one has come to.

    Parameters
    ----------
    training : _Training
    old : NetworkClassifier or NetworkRegressor
        What the other one is of.
    state : mapping
        Of the other one.
    """
    with _placed(None, old.precision), keras.StatelessScope(initialize_variables=False):
        built = old.build.without_compiling()(training.parts[0].shape[1:])
    found = inherit(training.network, built, _weights_of(built, state), training.model.random_state)
    if found.normalizations:
        _settle(training.network, found.normalizations, training.parts[0][:ROWS])
    return found


def _weights_of(network: Any, state: Mapping[str, Array]) -> dict[str, list[Array]]:
    """The weights of each layer, those of the best epoch where they were kept."""
    every = [variable for layer in network.layers for variable in layer.variables]
    values = {id(variable): state[f"variable {n}"] for n, variable in enumerate(every)}
    values |= {id(weight): state[f"best {n}"] for n, weight in enumerate(network.weights) if f"best {n}" in state}
    return {layer.name: [values[id(weight)] for weight in layer.weights] for layer in network.layers}


def _settle(network: Any, names: Sequence[str], rows: Array) -> None:
    """Let batch normalizations leave these rows as they are: their mean and spread are those of what they are given."""
    layers = [network.get_layer(name) for name in names]
    given = keras.Model(network.inputs, [layer.input for layer in layers]).predict_on_batch(rows)
    for layer, values in zip(layers, given if isinstance(given, list) else [given], strict=True):
        flat = np.asarray(values, "float64").reshape(-1, values.shape[-1])
        mean, variance = flat.mean(axis=0), flat.var(axis=0)
        layer.set_weights([np.sqrt(variance + layer.epsilon), mean, mean, variance])


class _Morphism:
    def __init__(
        self, network: Any, old: Any, weights: Mapping[str, Sequence[Array]], rng: np.random.Generator
    ) -> None:
        self.network = network
        self.weights = weights
        self.rng = rng
        self.new, self.old = Network.of(network), Network.of(old)
        self.pairs = align(list(self.new.layers.values()), list(self.old.layers.values()))
        self.same: dict[Tensor, Same | None] = {}
        self.further: list[str] = []
        self.inherited: set[str] = set()

    def run(self) -> Inherited:
        for tensor in self.new.in_order():
            layer = self.new.layers[tensor.layer]
            sources = [self.same[source] for source in layer.uses[tensor.use]]
            partner = self.pairs.get(layer.name)
            self.same[tensor] = (
                self._one_more(layer, sources) if partner is None else self._other(tensor, partner, sources)
            )
        found = [self.same[tensor] for tensor in self.new.outputs]
        is_same = len(found) == len(self.old.outputs) and all(
            s is not None and s.tensor == t and s.is_plain for s, t in zip(found, self.old.outputs, strict=True)
        )
        total = sum(1 for layer in self.network.layers if layer.weights)
        return Inherited(len(self.inherited), total, is_same, tuple(self.further))

    # --- a layer that the old network has too

    def _other(self, tensor: Tensor, old: Layer, sources: Sequence[Same | None]) -> Same | None:
        layer, made = self.new.layers[tensor.layer], Tensor(old.name, tensor.use)
        known = [source for source in sources if source is not None]
        taken, theirs = [s.tensor for s in known], list(old.uses[tensor.use])
        if layer.kind in SUMS:  # in any order
            taken, theirs = (sorted(some, key=lambda t: (t.layer, t.use)) for some in (taken, theirs))
        if taken != theirs:
            self._put(layer, self.weights[old.name])
            return None
        if not known:  # an input
            return Same(made, np.arange(self.new.channels(tensor)), False)
        if all(s.is_plain for s in known) and layer.width == old.width:
            self._put(layer, self.weights[old.name])
            return Same(made, np.arange(self.new.channels(tensor)), _is_positive(layer, known))
        if layer.kind in WEIGHTED and tensor.use == 0 and len(layer.uses) == 1 and layer.channels_last:
            channels = self._wider(layer, old, known[0])
        else:
            channels = self._channels(layer, known)
        return None if channels is None else Same(made, channels, _is_positive(layer, known))

    def _channels(self, layer: Layer, sources: Sequence[Same]) -> Array | None:
        """What a layer without weights makes of channels; None where it is not told."""
        first = sources[0].channels
        if layer.kind in SUMS:
            return first if all(np.array_equal(first, s.channels) for s in sources) else None
        if layer.kind == "Concatenate" and layer.config.get("axis") == -1:
            widths = [self.old.channels(s.tensor) for s in sources]
            starts = np.cumsum([0, *widths[:-1]])
            return np.concatenate([s.channels + start for s, start in zip(sources, starts, strict=True)])
        if layer.kind == "Flatten":
            places = math.prod(length or 0 for length in self.new.shapes[layer.uses[0][0]][:-1])
            width = self.old.channels(sources[0].tensor)
            return (np.arange(places)[:, None] * width + first).ravel()
        is_by_number = layer.kind in (*IDLE, *BENT, "Rescaling") or (
            layer.kind == "Activation" and layer.activation in BY_NUMBER
        )
        return first if is_by_number or (layer.kind.startswith(POOLS) and layer.channels_last) else None

    def _wider(self, layer: Layer, old: Layer, source: Same) -> Array | None:
        """Set the weights of a layer whose inputs may be there several times, and which may have more units."""
        given, channels = self.weights[old.name], source.channels
        units = np.arange(0)
        if layer.width is not None:
            assert old.width is not None
            copies_units = layer.width == old.width or layer.activation in BY_NUMBER
            if not copies_units or layer.config.get("groups", 1) != 1:
                return None
            units = _copies(old.width, layer.width)
        shares = self._shares(channels)
        if layer.kind == BATCH:
            self._put(layer, [values[channels] for values in given])
            return channels
        if layer.kind in DEPTHWISE:
            spread = _spread(channels, given[0].shape[-1])
            self._put(layer, [given[0][..., channels, :], *(bias[spread] for bias in given[1:])])
            return spread
        if layer.kind in SEPARABLE:
            spread = _spread(channels, given[0].shape[-1])
            divided = given[1][..., spread, :][..., units] * self._shares(spread)[:, None]
            self._put(layer, [given[0][..., channels, :], divided, *(bias[units] for bias in given[2:])])
            return units
        divided = given[0][..., channels, :][..., units] * shares[:, None]
        self._put(layer, [divided, *(bias[units] for bias in given[1:])])
        return units

    def _shares(self, channels: Array) -> Array:
        """How copies of a channel share what is made of it: what they have adds up to 1."""
        drawn = self.rng.uniform(0.5, 1.5, len(channels))
        totals = np.bincount(channels, weights=drawn)
        shares: Array = (drawn / totals[channels]).astype("float32")
        return shares

    # --- one more layer

    def _one_more(self, layer: Layer, sources: Sequence[Same | None]) -> Same | None:
        source = sources[0] if len(sources) == 1 and len(layer.uses) == 1 else None
        if source is None:
            return None
        keeps = layer.activation == "linear" or (layer.activation == "relu" and source.positive)
        if layer.kind in IDLE or (layer.kind == "ReLU" and source.positive) or (layer.kind == "Activation" and keeps):
            return source
        if layer.kind == BATCH and layer.channels_last and layer.config["center"] and layer.config["scale"]:
            self.further.append(layer.name)
            return source
        if not keeps or layer.kind not in WEIGHTED or not layer.keeps_size:
            return None
        identity = self._identity(layer, len(source.channels))
        if identity is None:
            return None
        weights, units = identity
        self._put(layer, weights, is_inherited=False)
        return Same(source.tensor, source.channels[units], source.positive)

    def _identity(self, layer: Layer, channels: int) -> tuple[list[Array], Array] | None:
        """Weights with which a layer gives what it takes, some of it several times."""
        width = channels if layer.width is None else layer.width
        if width < channels or layer.config.get("depth_multiplier", 1) != 1:
            return None
        units = _copies(channels, width)
        blank = [np.zeros_like(values) for values in self.network.get_layer(layer.name).get_weights()]
        centre = tuple(size // 2 for size in blank[0].shape[:-2])
        if layer.kind in (*DEPTHWISE, *SEPARABLE):
            blank[0][centre] = 1
        if layer.kind not in DEPTHWISE:
            kernel = blank[1] if layer.kind in SEPARABLE else blank[0]
            middle = () if layer.kind == DENSE else tuple(size // 2 for size in kernel.shape[:-2])
            kernel[(*middle, units, np.arange(width))] = 1
        return blank, units

    def _put(self, layer: Layer, values: Sequence[Array], is_inherited: bool = True) -> None:
        """Set weights of the shapes that the layer has; others stay as they began."""
        there = self.network.get_layer(layer.name)
        if values and [np.shape(v) for v in values] == [tuple(w.shape) for w in there.weights]:
            there.set_weights(list(values))
            self.inherited |= {layer.name} if is_inherited else set()


def _copies(few: int, many: int) -> Array:
    """Which of some units each of more is; the same whenever the numbers are, so that sums of such tensors fit."""
    return np.concatenate([np.arange(few), np.random.default_rng((few, many)).integers(0, few, many - few)])


def _spread(channels: Array, times: int) -> Array:
    return (channels[:, None] * times + np.arange(times)).ravel()


def _is_positive(layer: Layer, sources: Sequence[Same]) -> bool:
    if layer.kind == "ReLU" or layer.activation in POSITIVE:
        return True
    keeps = layer.kind in (*IDLE, "Flatten", "Concatenate", "Add", "Average", "Maximum") or layer.kind.startswith(POOLS)
    return keeps and all(source.positive for source in sources)
