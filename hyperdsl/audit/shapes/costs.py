"""Weights and multiply-adds of layers, by the shapes of what flows in and out.

*Weights* are all numbers that a layer stores, those that training does not change (moving means of a batch
normalization) included, as ``count_params()`` of Keras says.

*Multiply-adds* are those of one example going forward, as Howard et al. count them (MobileNets, 2017, section 3.1):
products of matrices and windows, each step of a recurrent layer, and the two products of an attention. A window counts
whole where it reaches over the edge. Biases, activations, normalizations, pooling and merges count as nothing.

``tests/test_costs.py`` compares weights with the layers themselves and multiply-adds with their compiled programs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hyperdsl.audit.lengths import Length, Number, is_number
from hyperdsl.audit.shapes.rules import Shape, Wrapped, each
from hyperdsl.frozen import frozen

Arguments = Mapping[str, Any]


class NotKnown(Exception):
    """A number depends on a length or an argument that is not known."""


Formula = Callable[[Sequence[Shape], Shape, Arguments], Number]


@frozen
class CostRule:
    """What one class costs.

    Parameters
    ----------
    weights, macs : callable
        ``(shapes of the inputs, shape of the output, arguments)``; raise :class:`NotKnown`.
    reads : tuple of str
        The arguments that they depend on.
    """

    weights: Formula
    macs: Formula
    reads: tuple[str, ...] = ()


def known(value: Any) -> Number:
    """A number.

    Raises
    ------
    NotKnown
        Where it is none.
    """
    if not is_number(value):
        raise NotKnown
    return value  # type: ignore[no-any-return]


def size(lengths: Sequence[Any]) -> Number:
    made: Number = 1
    for length in lengths:
        made = made * known(length)
    return made


def _flag(arguments: Arguments, name: str) -> int:
    value = arguments[name]
    if type(value) is not bool:
        raise NotKnown
    return int(value)


def _none(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return 0


def _over(value: Number, divisor: int) -> Number:
    if divisor == 1:
        return value
    found = value.over(divisor) if isinstance(value, Length) else value // divisor
    if found is None:
        raise NotKnown
    return found


# --- dense layers


def _dense(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    units = known(a["units"])
    kernel = known(shapes[0][-1]) * units
    if a.get("lora_rank") is not None:
        raise NotKnown
    return kernel + units * _flag(a, "use_bias")


def _dense_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return size(shapes[0]) * known(a["units"])


def _embedding(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return known(a["input_dim"]) * known(a["output_dim"])


def _einsum(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    lengths, kernel, _ = _letters(shapes[0], made, a)
    bias = a["bias_axes"]
    if bias is not None and not isinstance(bias, str):
        raise NotKnown
    return size([lengths[c] for c in kernel]) + (size([lengths[c] for c in bias]) if bias else 0)


def _einsum_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    lengths, _, batch = _letters(shapes[0], made, a)
    return size([n for c, n in lengths.items() if c != batch])


def _letters(shape: Shape, made: Shape, a: Arguments) -> tuple[dict[str, Any], str, str]:
    """The length of each letter of an equation ``ab,bc->ac``, the letters of the kernel, that of the batch."""
    equation = a["equation"]
    if not isinstance(equation, str) or "..." in equation:
        raise NotKnown
    sources, _, target = equation.replace(" ", "").partition("->")
    given, _, kernel = sources.partition(",")
    lengths = dict(zip(target[1:], made, strict=True)) | dict(zip(given[1:], shape, strict=True))
    return lengths | {given[0]: 1}, kernel, given[0]


# --- convolutions


def _area(a: Arguments, rank: int) -> int:
    sizes = each(a["kernel_size"], rank)
    if sizes is None:
        raise NotKnown
    return math.prod(sizes)


def _channels(shape: Shape, a: Arguments) -> Number:
    return known(shape[0] if a["data_format"] == "channels_first" else shape[-1])


def _places(shape: Shape, a: Arguments) -> Number:
    """The positions of a map, channels left out."""
    return size(shape[1:] if a["data_format"] == "channels_first" else shape[:-1])


def _conv_kernel(shapes: Sequence[Shape], a: Arguments) -> Number:
    groups = a.get("groups", 1)
    if type(groups) is not int:
        raise NotKnown
    return _over(_channels(shapes[0], a), groups) * _area(a, len(shapes[0]) - 1) * known(a["filters"])


def _conv(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return _conv_kernel(shapes, a) + known(a["filters"]) * _flag(a, "use_bias")


def _conv_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return _conv_kernel(shapes, a) * _places(made, a)


def _transposed_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return _conv_kernel(shapes, a) * _places(shapes[0], a)


def _depthwise_kernel(shapes: Sequence[Shape], a: Arguments) -> Number:
    return _channels(shapes[0], a) * known(a["depth_multiplier"]) * _area(a, len(shapes[0]) - 1)


def _depthwise(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return _depthwise_kernel(shapes, a) + _channels(made, a) * _flag(a, "use_bias")


def _depthwise_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return _depthwise_kernel(shapes, a) * _places(made, a)


def _separable_kernel(shapes: Sequence[Shape], a: Arguments) -> Number:
    between = _channels(shapes[0], a) * known(a["depth_multiplier"])
    return _depthwise_kernel(shapes, a) + between * known(a["filters"])


def _separable(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return _separable_kernel(shapes, a) + known(a["filters"]) * _flag(a, "use_bias")


def _separable_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    return _separable_kernel(shapes, a) * _places(made, a)


# --- recurrent layers


def _recurrent(gates: int) -> tuple[Formula, Formula]:
    def kernel(shapes: Sequence[Shape], a: Arguments) -> Number:
        units = known(a["units"])
        return (known(shapes[0][-1]) + units) * units * gates

    def weights(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
        biases = 2 if "reset_after" in a and _flag(a, "reset_after") else 1
        return kernel(shapes, a) + known(a["units"]) * (gates * biases * _flag(a, "use_bias"))

    def macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
        return kernel(shapes, a) * known(shapes[0][0])

    return weights, macs


def _conv_recurrent_kernel(shapes: Sequence[Shape], a: Arguments) -> tuple[Number, Number]:
    """Of the input and of the state."""
    inner = shapes[0][1:]
    filters, area = known(a["filters"]), _area(a, len(inner) - 1)
    return _channels(inner, a) * filters * (4 * area), filters * filters * (4 * area)


def _conv_recurrent(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    of_input, of_state = _conv_recurrent_kernel(shapes, a)
    return of_input + of_state + known(a["filters"]) * (4 * _flag(a, "use_bias"))


def _conv_recurrent_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    of_input, of_state = _conv_recurrent_kernel(shapes, a)
    step = made[1:] if _flag(a, "return_sequences") else made
    return (of_input + of_state) * _places(step, a) * known(shapes[0][0])


# --- wrappers


def _inside(a: Arguments) -> tuple[CostRule, Arguments]:
    inner = a["layer"]
    if not isinstance(inner, Wrapped) or inner.name not in COSTS:
        raise NotKnown
    return COSTS[inner.name], dict(inner.arguments)


def _of_wrapped(part: str, times: int) -> Formula:
    def formula(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
        rule, arguments = _inside(a)
        if a.get("backward_layer") is not None:
            raise NotKnown
        inner = made if times == 1 or a["merge_mode"] != "concat" else (*made[:-1], _over(known(made[-1]), times))
        return getattr(rule, part)(shapes, inner, arguments) * times  # type: ignore[no-any-return]

    return formula


def _distributed(part: str) -> Formula:
    def formula(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
        rule, arguments = _inside(a)
        times = known(shapes[0][0]) if part == "macs" else 1
        return getattr(rule, part)([shapes[0][1:]], made[1:], arguments) * times  # type: ignore[no-any-return]

    return formula


def _spectral(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    """Beside the layer's weights a vector as long as the last axis of its kernel."""
    rule, arguments = _inside(a)
    name = a["layer"].name
    if name != "Dense" and not (name.startswith("Conv") and name.endswith("D")):
        raise NotKnown
    return rule.weights(shapes, made, arguments) + known(arguments["units" if name == "Dense" else "filters"])


def _wrapped_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    rule, arguments = _inside(a)
    return rule.macs(shapes, made, arguments)


# --- attention


def _attention_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    query, value = shapes[0], shapes[1]
    key = shapes[2] if len(shapes) > 2 else value
    return size(query) * known(key[0]) + size(query[:-1]) * size(value)


def _several_heads(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    query, value = shapes[0], shapes[-1]
    heads, width = known(a["num_heads"]), known(a["key_dim"])
    inner = width if a["value_dim"] is None else known(a["value_dim"])
    of_query, of_value = known(query[-1]), known(value[-1])
    kernels = heads * width * (of_query + of_value) + heads * inner * (of_value + known(made[-1]))
    return kernels + (heads * width * 2 + heads * inner + known(made[-1])) * _flag(a, "use_bias")


def _several_heads_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    query, value = shapes[0], shapes[-1]
    heads, width = known(a["num_heads"]), known(a["key_dim"])
    inner = width if a["value_dim"] is None else known(a["value_dim"])
    asked, there = size(query[:-1]), size(value[:-1])
    projected = size(query) * heads * width + size(value) * heads * (width + inner)
    attended = asked * there * heads * (width + inner)
    return projected + attended + asked * heads * inner * known(made[-1])


def _grouped(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    width, asking, there = known(a["head_dim"]), known(a["num_query_heads"]), known(a["num_key_value_heads"])
    of_query, of_value = known(shapes[0][-1]), known(shapes[-1][-1])
    kernels = width * asking * of_query * 2 + width * there * of_value * 2
    return kernels + (width * asking + width * there * 2 + of_query) * _flag(a, "use_bias")


def _grouped_macs(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    query, value = shapes[0], shapes[-1]
    width, asking, there = known(a["head_dim"]), known(a["num_query_heads"]), known(a["num_key_value_heads"])
    rows, others = size(query[:-1]), size(value[:-1])
    projected = size(query) * width * asking * 2 + size(value) * width * there * 2
    return projected + rows * others * asking * width * 2


# --- normalizations


def _on_axis(*flags: str, always: int = 0) -> Formula:
    """So many numbers for each channel, one more for each flag that is on."""

    def weights(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
        axes = a.get("axis", -1)
        axes = axes if isinstance(axes, tuple) else (axes,)
        if not all(type(n) is int and n for n in axes):
            raise NotKnown
        lengths = [shapes[0][n - 1 if n > 0 else n] for n in axes]
        return size(lengths) * (always + sum(_flag(a, flag) for flag in flags))

    return weights


def _prelu(shapes: Sequence[Shape], made: Shape, a: Arguments) -> Number:
    shared = a["shared_axes"]
    shared = (
        () if shared is None else shared if isinstance(shared, tuple) else tuple(getattr(shared, "items", (shared,)))
    )
    if not all(type(n) is int for n in shared):
        raise NotKnown
    return size([n for place, n in enumerate(shapes[0], start=1) if place not in shared])


def _scale(of: Callable[[Sequence[Shape]], Number]) -> Formula:
    return lambda shapes, made, a: of(shapes) * _flag(a, "use_scale")


_WINDOW = ("kernel_size", "data_format", "use_bias")
_FREE = CostRule(_none, _none)

COSTS: dict[str, CostRule] = {
    "Dense": CostRule(_dense, _dense_macs, ("units", "use_bias", "lora_rank")),
    "Embedding": CostRule(_embedding, _none, ("input_dim", "output_dim")),
    "EinsumDense": CostRule(_einsum, _einsum_macs, ("equation", "bias_axes")),
    **{f"Conv{n}D": CostRule(_conv, _conv_macs, ("filters", "groups", *_WINDOW)) for n in (1, 2, 3)},
    **{f"Conv{n}DTranspose": CostRule(_conv, _transposed_macs, ("filters", *_WINDOW)) for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": CostRule(_depthwise, _depthwise_macs, ("depth_multiplier", *_WINDOW)) for n in (1, 2)},
    **{
        f"SeparableConv{n}D": CostRule(_separable, _separable_macs, ("filters", "depth_multiplier", *_WINDOW))
        for n in (1, 2)
    },
    **{
        f"ConvLSTM{n}D": CostRule(_conv_recurrent, _conv_recurrent_macs, ("filters", "return_sequences", *_WINDOW))
        for n in (1, 2, 3)
    },
    "LSTM": CostRule(*_recurrent(4), ("units", "use_bias")),
    "GRU": CostRule(*_recurrent(3), ("units", "use_bias", "reset_after")),
    "SimpleRNN": CostRule(*_recurrent(1), ("units", "use_bias")),
    "Bidirectional": CostRule(
        _of_wrapped("weights", 2), _of_wrapped("macs", 2), ("layer", "merge_mode", "backward_layer")
    ),
    "TimeDistributed": CostRule(_distributed("weights"), _distributed("macs"), ("layer",)),
    "SpectralNormalization": CostRule(_spectral, _wrapped_macs, ("layer",)),
    "AdditiveAttention": CostRule(_scale(lambda shapes: known(shapes[0][-1])), _attention_macs, ("use_scale",)),
    "Attention": CostRule(_scale(lambda shapes: 1), _attention_macs, ("use_scale",)),
    "MultiHeadAttention": CostRule(
        _several_heads, _several_heads_macs, ("num_heads", "key_dim", "value_dim", "use_bias")
    ),
    "GroupQueryAttention": CostRule(
        _grouped, _grouped_macs, ("head_dim", "num_query_heads", "num_key_value_heads", "use_bias")
    ),
    "BatchNormalization": CostRule(_on_axis("center", "scale", always=2), _none, ("axis", "center", "scale")),
    "LayerNormalization": CostRule(_on_axis("center", "scale"), _none, ("axis", "center", "scale")),
    "GroupNormalization": CostRule(_on_axis("center", "scale"), _none, ("axis", "center", "scale")),
    "RMSNormalization": CostRule(_on_axis(always=1), _none, ("axis",)),
    "PReLU": CostRule(_prelu, _none, ("shared_axes",)),
}


def cost_rule(name: str) -> CostRule:
    """The rule of a layer that has a rule for shapes; most have no weights."""
    return COSTS.get(name, _FREE)
