"""Layers that work on whole tensors: dense ones, embeddings, normalizations, changes of the shape."""

from __future__ import annotations

import math
from typing import Any

from hyperdsl.audit.lengths import is_number
from hyperdsl.audit.shapes.rules import SOME, Arguments, LayerRule, Misfit, Shape, number, shown


def _dense(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    if not shape:
        return Misfit("it has no axis", "Reshape it first")
    if shape[-1] is None:
        return Misfit("the length of the last axis is not fixed", "give `input` its length")
    return (*shape[:-1], number(arguments["units"]))


def _einsum(shape: Shape, arguments: Arguments) -> Shape | Misfit | None:
    equation, wanted = arguments["equation"], arguments["output_shape"]
    if not isinstance(equation, str) or "..." in equation:
        return None
    source, _, target = equation.replace(" ", "").partition("->")
    given = source.partition(",")[0]
    if len(given) != len(shape) + 1:
        axes = "1 axis" if len(given) == 2 else f"{len(given) - 1} axes"
        return Misfit(f"its equation takes {axes} beside the batch and gets {shown(shape)}", "change the equation")
    lengths = wanted if isinstance(wanted, tuple) else (wanted,)
    if len(lengths) != len(target) - 1:
        return None
    return tuple(None if n is None else number(n) for n in lengths)


def _embedding(shape: Shape, arguments: Arguments) -> Shape:
    return (*shape, number(arguments["output_dim"]))


def _categories(shape: Shape, arguments: Arguments) -> Shape | None:
    if arguments["output_mode"] not in ("multi_hot", "count") or not shape:
        return None
    return (*shape[:-1], number(arguments["num_tokens"]))


def _grouped(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    groups, axis = arguments["groups"], arguments["axis"]
    if type(axis) is not int or type(groups) is not int or not -len(shape) <= axis <= len(shape) or axis == 0:
        return shape
    channels = shape[axis - 1 if axis > 0 else axis]
    if type(channels) is int and groups > 0 and (groups > channels or channels % groups):
        return Misfit(
            f"{groups} groups do not divide {channels} channels", "choose a divisor, or -1 for one group each"
        )
    return shape


def _flatten(shape: Shape, arguments: Arguments) -> Shape:
    if None in shape:
        return (None,)
    return (math.prod(shape) if all(map(is_number, shape)) else SOME,)


def _reshape(shape: Shape, arguments: Arguments) -> Shape | Misfit | None:
    wanted = arguments["target_shape"]
    if not isinstance(wanted, tuple):
        return None
    if not all(is_number(n) for n in wanted):
        return (SOME,) * len(wanted)
    if not all(type(n) is int for n in (*shape, *wanted)):
        return tuple((None if None in shape else SOME) if n == -1 else n for n in wanted)
    size, rest = math.prod(shape), math.prod(n for n in wanted if n != -1)
    fits = rest and size % rest == 0 if -1 in wanted else size == rest
    if not fits:
        return Misfit(f"its {size} values do not fill {shown(wanted)}", "the numbers must multiply to the same")
    return tuple(size // rest if n == -1 else n for n in wanted)


def _permute(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    order = arguments["dims"]
    if not isinstance(order, tuple):
        return (None,) * len(shape)
    if sorted(order) != list(range(1, len(shape) + 1)):
        return Misfit(f"{order} is no order of its {len(shape)} axes", f"use each of 1..{len(shape)} once")
    return tuple(shape[n - 1] for n in order)


def _repeat_vector(shape: Shape, arguments: Arguments) -> Shape:
    return (number(arguments["n"]), *shape)


def same(shape: Shape, arguments: Arguments) -> Shape:
    return shape


def _colours(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    channels = shape[0] if arguments.get("data_format") == "channels_first" else shape[-1]
    if type(channels) is int and channels != 3:
        return Misfit(f"it takes 3 colours and gets {channels} channels", "leave it out, or use an image in colours")
    return shape


def _resized(shape: Shape, arguments: Arguments) -> Shape:
    size: tuple[Any, ...] = (number(arguments["height"]), number(arguments["width"]))
    return (shape[0], *size) if arguments.get("data_format") == "channels_first" else (*size, shape[-1])


_ANY_RANK = (
    *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Dropout", "AlphaDropout", "Identity", "Masking"),
    *("GaussianNoise", "GaussianDropout", "BatchNormalization", "LayerNormalization", "RMSNormalization"),
    *("UnitNormalization", "ActivityRegularization", "Rescaling", "Normalization"),
)
_IMAGES = (
    *("RandomBrightness", "RandomContrast", "RandomErasing", "RandomFlip", "RandomInvert", "RandomPerspective"),
    *("RandomPosterization", "RandomRotation", "RandomSharpness", "RandomShear", "RandomTranslation", "RandomZoom"),
    *("RandomElasticTransform", "RandomGaussianBlur", "AutoContrast", "Equalization", "Solarization"),
)

RULES: dict[str, LayerRule] = {
    "Dense": LayerRule(_dense, ("units",)),
    "EinsumDense": LayerRule(_einsum, ("equation", "output_shape")),
    "Embedding": LayerRule(_embedding, ("output_dim",)),
    "CategoryEncoding": LayerRule(_categories, ("num_tokens", "output_mode")),
    "Flatten": LayerRule(_flatten),
    "Reshape": LayerRule(_reshape, ("target_shape",)),
    "Permute": LayerRule(_permute, ("dims",)),
    "RepeatVector": LayerRule(_repeat_vector, ("n",), rank=1),
    "GroupNormalization": LayerRule(_grouped, ("groups", "axis")),
    **{name: LayerRule(same) for name in _ANY_RANK},
    **{f"SpatialDropout{n}D": LayerRule(same, rank=n + 1) for n in (1, 2, 3)},
    **{name: LayerRule(same, rank=3) for name in _IMAGES},
    "RandomColorDegeneration": LayerRule(_colours, ("data_format",), rank=3),
    **{
        name: LayerRule(_resized, ("height", "width", "data_format"), rank=3)
        for name in ("Resizing", "CenterCrop", "RandomCrop")
    },
}
