"""Layers that move a window over a map: convolutions, pooling, padding and cropping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hyperdsl.audit.lengths import is_number
from hyperdsl.audit.shapes.rules import SOME, Arguments, LayerRule, Misfit, Shape, each, number


def _axes(shape: Shape, arguments: Arguments) -> tuple[tuple[Any, ...], Any, bool]:
    """The axes that a window moves over, the channels, and whether these stand last."""
    last = arguments.get("data_format") != "channels_first"
    return (shape[:-1], shape[-1], last) if last else (shape[1:], shape[0], last)


def _joined(axes: Sequence[Any], channels: Any, last: bool) -> Shape:
    return (*axes, channels) if last else (channels, *axes)


def window(axes: Sequence[Any], size: Any, strides: Any, padding: Any, dilation: Any = 1) -> tuple[Any, ...] | Misfit:
    """The axes after a window has moved over them."""
    rank = len(axes)
    sizes, steps, gaps = (each(v, rank) for v in (size, size if strides is None else strides, dilation))
    if sizes is None or steps is None or gaps is None or not isinstance(padding, str):
        return tuple(length and SOME for length in axes)
    found: list[Any] = []
    for length, width, step, gap in zip(axes, sizes, steps, gaps, strict=True):
        reach = gap * (width - 1) + 1
        if type(length) is not int:
            found.append(length and SOME)
        elif padding == "valid" and length < reach:
            return Misfit(
                f"a window of {reach} does not fit into {length}",
                'make it smaller, or pad: padding = "same"',
            )
        elif padding == "valid":
            found.append((length - reach) // step + 1)
        else:
            found.append(math.ceil(length / step))
    return tuple(found)


def _convolution(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, channels, last = _axes(shape, arguments)
    filters, groups = arguments.get("filters"), arguments.get("groups", 1)
    if type(groups) is int and type(channels) is int and type(filters) is int and groups > 1:
        if channels % groups or filters % groups:
            return Misfit(
                f"{groups} groups do not divide {channels} channels and {filters} filters", "choose a divisor"
            )
    steps, gaps = (each(arguments[name], len(axes)) for name in ("strides", "dilation_rate"))
    if steps is not None and gaps is not None and max(steps) > 1 and max(gaps) > 1 and "groups" in arguments:
        return Misfit(
            f"strides of {max(steps)} and a dilation of {max(gaps)} do not go together", "set one of them to 1"
        )
    found = window(
        axes, arguments["kernel_size"], arguments["strides"], arguments["padding"], arguments["dilation_rate"]
    )
    return found if isinstance(found, Misfit) else _joined(found, number(filters), last)


def _depthwise(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, channels, last = _axes(shape, arguments)
    factor = arguments["depth_multiplier"]
    found = window(
        axes, arguments["kernel_size"], arguments["strides"], arguments["padding"], arguments["dilation_rate"]
    )
    made = channels * factor if is_number(factor) and is_number(channels) else SOME
    return found if isinstance(found, Misfit) else _joined(found, made, last)


def _transposed(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, _, last = _axes(shape, arguments)
    rank = len(axes)
    sizes, steps = each(arguments["kernel_size"], rank), each(arguments["strides"], rank)
    filters, padding = arguments["filters"], arguments["padding"]
    plain = arguments["output_padding"] is None and each(arguments["dilation_rate"], rank) == (1,) * rank
    known = sizes is not None and steps is not None and plain and isinstance(padding, str)
    found: list[Any] = []
    for place, length in enumerate(axes):
        if not known or sizes is None or steps is None or not is_number(length):
            found.append(length and SOME)
        elif padding == "same":
            found.append(length * steps[place])
        else:
            found.append(length * steps[place] + max(sizes[place] - steps[place], 0))
    return _joined(found, number(filters), last)


def _pooling(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, channels, last = _axes(shape, arguments)
    found = window(axes, arguments["pool_size"], arguments["strides"], arguments["padding"])
    return found if isinstance(found, Misfit) else _joined(found, channels, last)


def _global_pooling(shape: Shape, arguments: Arguments) -> Shape:
    axes, channels, last = _axes(shape, arguments)
    keeps = arguments["keepdims"] is True
    return _joined((1,) * len(axes), channels, last) if keeps else (channels,)


def _upsampling(shape: Shape, arguments: Arguments) -> Shape:
    axes, channels, last = _axes(shape, arguments)
    factors = each(arguments["size"], len(axes))
    pairs = zip(axes, factors or (None,) * len(axes), strict=True)
    return _joined([n * f if is_number(n) and f is not None else n and SOME for n, f in pairs], channels, last)


def _zero_padding(shape: Shape, arguments: Arguments) -> Shape:
    axes, channels, last = _axes(shape, arguments)
    added = _edges(arguments["padding"], len(axes))
    pairs = zip(axes, added or (None,) * len(axes), strict=True)
    return _joined([n + sum(e) if is_number(n) and e is not None else n and SOME for n, e in pairs], channels, last)


def _cropping(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, channels, last = _axes(shape, arguments)
    removed = _edges(arguments["cropping"], len(axes))
    found: list[Any] = []
    for place, length in enumerate(axes):
        if removed is None or type(length) is not int:
            found.append(length and SOME)
            continue
        rest = length - sum(removed[place])
        if rest <= 0:
            return Misfit(f"nothing is left of {length} after cropping {removed[place]}", "crop less")
        found.append(rest)
    return _joined(found, channels, last)


def _edges(value: Any, rank: int) -> tuple[tuple[int, int], ...] | None:
    """What is added or removed before and after each axis."""
    if type(value) is int:
        return ((value, value),) * rank
    if rank == 1 and isinstance(value, tuple) and len(value) == 2 and all(type(n) is int for n in value):
        return (value,)
    if isinstance(value, tuple) and len(value) == rank:
        pairs = [(n, n) if type(n) is int else n for n in value]
        if all(isinstance(p, tuple) and len(p) == 2 and all(type(n) is int for n in p) for p in pairs):
            return tuple(pairs)
    return None


def _adaptive(shape: Shape, arguments: Arguments) -> Shape:
    axes, channels, last = _axes(shape, arguments)
    made = each(arguments["output_size"], len(axes))
    return _joined(made or (SOME,) * len(axes), channels, last)


_WINDOW = ("kernel_size", "strides", "padding", "data_format", "dilation_rate")
_POOL = ("pool_size", "strides", "padding", "data_format")
_POOLINGS = tuple((kind, n) for kind in ("Max", "Average") for n in (1, 2, 3))

RULES: dict[str, LayerRule] = {
    **{f"Conv{n}D": LayerRule(_convolution, ("filters", "groups", *_WINDOW), n + 1) for n in (1, 2, 3)},
    **{f"SeparableConv{n}D": LayerRule(_convolution, ("filters", *_WINDOW), n + 1) for n in (1, 2)},
    **{f"DepthwiseConv{n}D": LayerRule(_depthwise, ("depth_multiplier", *_WINDOW), n + 1) for n in (1, 2)},
    **{f"Conv{n}DTranspose": LayerRule(_transposed, ("filters", "output_padding", *_WINDOW), n + 1) for n in (1, 2, 3)},
    **{f"{kind}Pooling{n}D": LayerRule(_pooling, _POOL, n + 1) for kind, n in _POOLINGS},
    **{
        f"Global{kind}Pooling{n}D": LayerRule(_global_pooling, ("data_format", "keepdims"), n + 1)
        for kind, n in _POOLINGS
    },
    **{
        f"Adaptive{kind}Pooling{n}D": LayerRule(_adaptive, ("output_size", "data_format"), n + 1)
        for kind, n in _POOLINGS
    },
    **{f"UpSampling{n}D": LayerRule(_upsampling, ("size", "data_format"), n + 1) for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": LayerRule(_zero_padding, ("padding", "data_format"), n + 1) for n in (1, 2, 3)},
    **{f"Cropping{n}D": LayerRule(_cropping, ("cropping", "data_format"), n + 1) for n in (1, 2, 3)},
}
