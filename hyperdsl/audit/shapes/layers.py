"""What layers make of shapes: the arithmetic of the libraries' own ``compute_output_shape``, for Keras 3.

A shape is a tuple of lengths without the batch, None for one that is not known. A rule gets the shape of the input (or
the shapes, for layers that take several) and the arguments of the call, defaults included; it gives the shape of the
output, or a :class:`Misfit`. ``tests/test_shapes.py`` compares every rule with the layer itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hyperdsl.frozen import frozen

Shape = tuple[int | None, ...]
Arguments = Mapping[str, Any]


@frozen
class Misfit:
    """Why a layer cannot take what flows into it; ``remedy`` says what to do."""

    says: str
    remedy: str


Rule = Callable[[Shape, Arguments], "Shape | Misfit"]
Merge = Callable[[Sequence[Shape], Arguments], "Shape | Misfit"]


@frozen
class LayerRule:
    """The rule of one class.

    Parameters
    ----------
    reads : tuple of str
        The arguments that the shape depends on.
    rank : int or None
        Axes of the input, the batch left out; None takes any.
    """

    apply: Callable[..., Shape | Misfit]
    reads: tuple[str, ...] = ()
    rank: int | None = None
    several: bool = False


def shown(shape: Sequence[int | None]) -> str:
    """A shape as people write it, ``(28, 28, ?)``."""
    inner = ", ".join("?" if n is None else str(n) for n in shape)
    return f"({inner},)" if len(shape) == 1 else f"({inner})"


# --- convolution and pooling


def _each(value: Any, rank: int) -> tuple[int, ...] | None:
    """A number for each axis; None where it is not known."""
    if type(value) is int:
        return (value,) * rank
    if isinstance(value, tuple) and len(value) == rank and all(type(n) is int for n in value):
        return value
    return None


def _axes(shape: Shape, arguments: Arguments) -> tuple[tuple[int | None, ...], int | None, bool]:
    """The axes that a window moves over, the channels, and whether these stand last."""
    last = arguments.get("data_format") != "channels_first"
    return (shape[:-1], shape[-1], last) if last else (shape[1:], shape[0], last)


def _joined(axes: Sequence[int | None], channels: int | None, last: bool) -> Shape:
    return (*axes, channels) if last else (channels, *axes)


def _window(
    axes: Sequence[int | None], size: Any, strides: Any, padding: Any, dilation: Any = 1
) -> tuple[int | None, ...] | Misfit:
    """The axes after a window has moved over them."""
    rank = len(axes)
    sizes, steps, gaps = (_each(v, rank) for v in (size, size if strides is None else strides, dilation))
    if sizes is None or steps is None or gaps is None or not isinstance(padding, str):
        return (None,) * rank
    found: list[int | None] = []
    for length, width, step, gap in zip(axes, sizes, steps, gaps, strict=True):
        reach = gap * (width - 1) + 1
        if length is None:
            found.append(None)
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
    found = _window(
        axes, arguments["kernel_size"], arguments["strides"], arguments["padding"], arguments["dilation_rate"]
    )
    return found if isinstance(found, Misfit) else _joined(found, filters if type(filters) is int else None, last)


def _depthwise(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, channels, last = _axes(shape, arguments)
    factor = arguments["depth_multiplier"]
    found = _window(
        axes, arguments["kernel_size"], arguments["strides"], arguments["padding"], arguments["dilation_rate"]
    )
    made = channels * factor if type(factor) is int and channels is not None else None
    return found if isinstance(found, Misfit) else _joined(found, made, last)


def _transposed(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, _, last = _axes(shape, arguments)
    rank = len(axes)
    sizes, steps = _each(arguments["kernel_size"], rank), _each(arguments["strides"], rank)
    filters, padding = arguments["filters"], arguments["padding"]
    plain = arguments["output_padding"] is None and _each(arguments["dilation_rate"], rank) == (1,) * rank
    known = sizes is not None and steps is not None and plain and isinstance(padding, str)
    found: list[int | None] = []
    for number, length in enumerate(axes):
        if not known or length is None or sizes is None or steps is None:
            found.append(None)
        elif padding == "same":
            found.append(length * steps[number])
        else:
            found.append(length * steps[number] + max(sizes[number] - steps[number], 0))
    return _joined(found, filters if type(filters) is int else None, last)


def _pooling(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, channels, last = _axes(shape, arguments)
    found = _window(axes, arguments["pool_size"], arguments["strides"], arguments["padding"])
    return found if isinstance(found, Misfit) else _joined(found, channels, last)


def _global_pooling(shape: Shape, arguments: Arguments) -> Shape:
    axes, channels, last = _axes(shape, arguments)
    keeps = arguments["keepdims"] is True
    return _joined((1,) * len(axes), channels, last) if keeps else (channels,)


def _upsampling(shape: Shape, arguments: Arguments) -> Shape:
    axes, channels, last = _axes(shape, arguments)
    factors = _each(arguments["size"], len(axes))
    pairs = zip(axes, factors or (None,) * len(axes), strict=True)
    return _joined([None if n is None or f is None else n * f for n, f in pairs], channels, last)


def _zero_padding(shape: Shape, arguments: Arguments) -> Shape:
    axes, channels, last = _axes(shape, arguments)
    added = _edges(arguments["padding"], len(axes))
    pairs = zip(axes, added or (None,) * len(axes), strict=True)
    return _joined([None if n is None or e is None else n + sum(e) for n, e in pairs], channels, last)


def _cropping(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    axes, channels, last = _axes(shape, arguments)
    removed = _edges(arguments["cropping"], len(axes))
    found: list[int | None] = []
    for number, length in enumerate(axes):
        if removed is None or length is None:
            found.append(None)
            continue
        rest = length - sum(removed[number])
        if rest <= 0:
            return Misfit(f"nothing is left of {length} after cropping {removed[number]}", "crop less")
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


# --- dense layers, sequences


def _dense(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    if not shape:
        return Misfit("it has no axis", "Reshape it first")
    if shape[-1] is None:
        return Misfit("the length of the last axis is not fixed", "give `input` its length")
    units = arguments["units"]
    return (*shape[:-1], units if type(units) is int else None)


def _embedding(shape: Shape, arguments: Arguments) -> Shape:
    length = arguments["output_dim"]
    return (*shape, length if type(length) is int else None)


def _recurrent(shape: Shape, arguments: Arguments) -> Shape:
    units = arguments["units"] if type(arguments["units"]) is int else None
    return (shape[0], units) if arguments["return_sequences"] is True else (units,)


def _flatten(shape: Shape, arguments: Arguments) -> Shape:
    return (None if None in shape else math.prod(shape),)  # type: ignore[arg-type]


def _reshape(shape: Shape, arguments: Arguments) -> Shape | Misfit:
    wanted = arguments["target_shape"]
    if not isinstance(wanted, tuple) or not all(type(n) is int for n in wanted):
        return (None,) * len(wanted) if isinstance(wanted, tuple) else ()
    if None in shape:
        return tuple(None if n == -1 else n for n in wanted)
    size, rest = math.prod(shape), math.prod(n for n in wanted if n != -1)  # type: ignore[arg-type]
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
    times = arguments["n"]
    return (times if type(times) is int else None, *shape)


def _same(shape: Shape, arguments: Arguments) -> Shape:
    return shape


# --- merges


def _broadcast(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit:
    """Of tensors that are taken together value by value; an axis of length 1 fits to any."""
    found = shapes[0]
    for shape in shapes[1:]:
        longer, shorter = (found, shape) if len(found) >= len(shape) else (shape, found)
        shorter = (1,) * (len(longer) - len(shorter)) + shorter
        merged: list[int | None] = []
        for a, b in zip(longer, shorter, strict=True):
            if a is not None and b is not None and a != b and 1 not in (a, b):
                return Misfit(
                    f"shapes {shown(found)} and {shown(shape)} do not fit", "make them equal before the merge"
                )
            merged.append(b if a == 1 else a if b == 1 or a == b else None if a is None and b is None else a or b)
        found = tuple(merged)
    return found


def _concatenate(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit:
    axis = arguments["axis"]
    rank = len(shapes[0])
    if any(len(shape) != rank for shape in shapes):
        different = next(s for s in shapes if len(s) != rank)
        return Misfit(f"shapes {shown(shapes[0])} and {shown(different)} do not fit", "Flatten or Reshape one of them")
    if type(axis) is not int:
        return (None,) * rank
    place = axis - 1 if axis > 0 else rank + axis  # axis 0 is the batch
    if not 0 <= place < rank:
        return Misfit(f"there is no axis {axis} in {shown(shapes[0])}", f"use one of 1..{rank}, or -1")
    found: list[int | None] = []
    for number in range(rank):
        lengths = [shape[number] for shape in shapes]
        known = {n for n in lengths if n is not None}
        if number == place:
            found.append(None if None in lengths else sum(n for n in lengths if n is not None))
        elif len(known) > 1:
            a, b = shapes[0], next(s for s in shapes if s[number] not in (None, shapes[0][number]))
            return Misfit(
                f"shapes {shown(a)} and {shown(b)} do not fit", "make them equal but for the axis that is joined"
            )
        else:
            found.append(known.pop() if known else None)
    return tuple(found)


_WINDOW = ("kernel_size", "strides", "padding", "data_format", "dilation_rate")
_POOL = ("pool_size", "strides", "padding", "data_format")

RULES: dict[str, LayerRule] = {
    "Dense": LayerRule(_dense, ("units",)),
    "Embedding": LayerRule(_embedding, ("output_dim",)),
    "Flatten": LayerRule(_flatten),
    "Reshape": LayerRule(_reshape, ("target_shape",)),
    "Permute": LayerRule(_permute, ("dims",)),
    "RepeatVector": LayerRule(_repeat_vector, ("n",), rank=1),
    **{name: LayerRule(_recurrent, ("units", "return_sequences"), rank=2) for name in ("LSTM", "GRU", "SimpleRNN")},
    **{f"Conv{n}D": LayerRule(_convolution, ("filters", "groups", *_WINDOW), n + 1) for n in (1, 2, 3)},
    **{f"SeparableConv{n}D": LayerRule(_convolution, ("filters", *_WINDOW), n + 1) for n in (1, 2)},
    **{f"DepthwiseConv{n}D": LayerRule(_depthwise, ("depth_multiplier", *_WINDOW), n + 1) for n in (1, 2)},
    **{f"Conv{n}DTranspose": LayerRule(_transposed, ("filters", "output_padding", *_WINDOW), n + 1) for n in (1, 2, 3)},
    **{f"{kind}Pooling{n}D": LayerRule(_pooling, _POOL, n + 1) for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{
        f"Global{kind}Pooling{n}D": LayerRule(_global_pooling, ("data_format", "keepdims"), n + 1)
        for kind in ("Max", "Average")
        for n in (1, 2, 3)
    },
    **{f"UpSampling{n}D": LayerRule(_upsampling, ("size", "data_format"), n + 1) for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": LayerRule(_zero_padding, ("padding", "data_format"), n + 1) for n in (1, 2, 3)},
    **{f"Cropping{n}D": LayerRule(_cropping, ("cropping", "data_format"), n + 1) for n in (1, 2, 3)},
    **{
        name: LayerRule(_same)
        for name in (
            *("Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Dropout", "AlphaDropout", "Identity"),
            *("GaussianNoise", "GaussianDropout", "BatchNormalization", "LayerNormalization", "GroupNormalization"),
            *("UnitNormalization", "ActivityRegularization", "Rescaling", "Normalization"),
        )
    },
    "SpatialDropout1D": LayerRule(_same, rank=2),
    "SpatialDropout2D": LayerRule(_same, rank=3),
    "SpatialDropout3D": LayerRule(_same, rank=4),
    **{
        name: LayerRule(_broadcast, several=True)
        for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum")
    },
    "Concatenate": LayerRule(_concatenate, ("axis",), several=True),
}
