"""Convolutions, poolings, padding: layers that move a window over a map. Channels stand first in all of them."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from typing import Any

from hyperdsl.backends.torch.activations import activated
from hyperdsl.backends.torch.code import binary, expr, method
from hyperdsl.backends.torch.model import Asked, Made, Part, Size
from hyperdsl.backends.torch.weights import scaled, weighed

Edges = Sequence[tuple[int, int]]  # what is added before and after each axis

_WEIGHTS: dict[str, tuple[str, str | None]] = {"weight": ("kernel_initializer", "kernel_regularizer")}
_BIAS: dict[str, tuple[str, str | None]] = {"bias": ("bias_initializer", "bias_regularizer")}


def _first(asked: Asked) -> None:
    """Refuse channels that stand first in Keras too."""
    if asked.get("data_format") not in (None, "channels_last"):
        asked.refuse("data_format")


def _short(values: Sequence[int]) -> int | tuple[int, ...]:
    """One number where all are equal."""
    return values[0] if len(set(values)) == 1 else tuple(values)


def _same(lengths: Sequence[int], sizes: Sequence[int], steps: Sequence[int], gaps: Sequence[int]) -> Edges:
    """What ``padding = "same"`` adds: as many as the last window needs, the odd one at the end."""
    edges = []
    for length, size, step, gap in zip(lengths, sizes, steps, gaps, strict=True):
        total = max((math.ceil(length / step) - 1) * step + gap * (size - 1) + 1 - length, 0)
        edges.append((total // 2, total - total // 2))
    return edges


def _padded(asked: Asked, edges: Edges, value: float = 0.0) -> Part:
    """A module that pads; a negative number takes away."""
    flat = [n for pair in reversed(edges) for n in pair]
    rank = len(edges)
    if value:
        return Part(
            asked.code.made(
                f"nn.ConstantPad{rank}d", tuple(flat), ast.UnaryOp(ast.USub(), asked.code.named("torch.inf"))
            )
        )
    return Part(asked.code.made(f"nn.ZeroPad{rank}d", tuple(flat)))


def _window(asked: Asked, sizes: Sequence[int], steps: Sequence[int], gaps: Sequence[int]) -> tuple[Any, Edges]:
    """The argument ``padding`` of a convolution, and what has to be padded before it."""
    none = [(0, 0)] * len(sizes)
    match asked.get_number("padding"):
        case "valid":
            return 0, none
        case "causal":
            return 0, [(gaps[0] * (sizes[0] - 1), 0)]
        case "same" if max(steps) == 1 and all(size % 2 for size in sizes):
            return ("same" if max(sizes) > 1 else 0), none
        case "same" if max(steps) == 1:  # PyTorch copies what it pads on one side only, and warns
            lacking = [gap * (size - 1) for size, gap in zip(sizes, gaps, strict=True)]
            return 0, [(total // 2, total - total // 2) for total in lacking]
        case "same":
            edges = _same(asked.lengths(), sizes, steps, gaps)
            if all(before == after for before, after in edges):
                return _short([before for before, _ in edges]), none
            return 0, edges
    asked.refuse("padding")
    return 0, none


def _convolution(
    asked: Asked, filters: Size, groups: Size | None, names: dict[str, Any], fans: Any, bias: bool
) -> list[Part]:
    """A convolution, behind what it needs of padding."""
    sizes, steps, gaps = (asked.each(name) for name in ("kernel_size", "strides", "dilation_rate"))
    padding, edges = _window(asked, sizes, steps, gaps)
    options: dict[str, Any] = {}
    if max(steps) > 1:
        options["stride"] = _short(steps)
    if padding:
        options["padding"] = padding
    if max(gaps) > 1:
        options["dilation"] = _short(gaps)
    if groups is not None:
        options["groups"] = groups
    if not bias:
        options["bias"] = False
    made = asked.code.made(f"nn.Conv{len(sizes)}d", asked.size, filters, _short(sizes), **options)
    parts = [] if all(edge == (0, 0) for edge in edges) else [_padded(asked, edges)]
    return [*parts, weighed(asked, made, names, fans)]


def convolution(asked: Asked) -> Made:
    _first(asked)
    filters, groups = asked.get_number("filters"), asked.get_number("groups")
    field = math.prod(asked.each("kernel_size"))
    bias = asked.get("use_bias")
    size = asked.size
    inner = size // groups if isinstance(size, int) else binary(size, ast.FloorDiv(), groups) if groups > 1 else size
    fans = (_times(field, inner), field * filters)
    names = _WEIGHTS | (_BIAS if bias else {})
    parts = _convolution(asked, filters, None if groups == 1 else groups, names, fans, bias)
    return Made((*parts, *activated(asked, first=True)), first=True, gives_first=True)


def _times(*factors: Size) -> Size:
    found: Any = 1
    for factor in factors:
        made = binary(found, ast.Mult(), factor) if found != 1 else expr(factor)
        found = made.value if isinstance(made, ast.Constant) else made
    return found  # type: ignore[no-any-return]


_DEPTHWISE: dict[str, tuple[str, str | None]] = {"weight": ("depthwise_initializer", "depthwise_regularizer")}


def _deep(asked: Asked, bias: bool) -> list[Part]:
    """A convolution of each channel by itself."""
    factor = asked.get_number("depth_multiplier")
    field = math.prod(asked.each("kernel_size"))
    names = _DEPTHWISE | (_BIAS if bias else {})
    fans = (_times(field, asked.size), field * factor)
    *before, part = _convolution(asked, _times(asked.size, factor), asked.size, names, fans, bias)
    initial = dict(part.initial)
    if factor > 1 and "weight" not in initial:  # the shape of the weight says other sums here
        initial["weight"] = lambda weight: scaled(asked.code, fans, (1.0, "fan_avg"), "uniform", weight)
    return [*before, Part(part.made, tuple(initial.items()), part.fixed, part.penalties)]


def depthwise(asked: Asked) -> Made:
    _first(asked)
    parts = _deep(asked, asked.get("use_bias"))
    return Made((*parts, *activated(asked, first=True)), first=True, gives_first=True)


def separable(asked: Asked) -> Made:
    _first(asked)
    filters, bias = asked.get_number("filters"), asked.get("use_bias")
    inner = _times(asked.size, asked.get_number("depth_multiplier"))
    rank = asked.rank - 1
    made = asked.code.made(f"nn.Conv{rank}d", inner, filters, 1, **({} if bias else {"bias": False}))
    names: dict[str, tuple[str, str | None]] = {"weight": ("pointwise_initializer", "pointwise_regularizer")}
    point = weighed(asked, made, names | (_BIAS if bias else {}), (inner, filters))
    return Made((*_deep(asked, bias=False), point, *activated(asked, first=True)), first=True, gives_first=True)


def transposed(asked: Asked) -> Made:
    _first(asked)
    filters, bias = asked.get_number("filters"), asked.get("use_bias")
    sizes, steps = asked.each("kernel_size"), asked.each("strides")
    if set(asked.each("dilation_rate")) != {1}:
        asked.refuse("dilation_rate")
    options: dict[str, Any] = {} if max(steps) == 1 else {"stride": _short(steps)}
    lacking = [max(step - size, 0) for size, step in zip(sizes, steps, strict=True)]
    if max(lacking):
        options["output_padding"] = _short(lacking)
    if not bias:
        options["bias"] = False
    made = asked.code.made(f"nn.ConvTranspose{len(sizes)}d", asked.size, filters, _short(sizes), **options)
    field = math.prod(sizes)
    part = weighed(asked, made, _WEIGHTS | (_BIAS if bias else {}), (field * filters, _times(field, asked.size)))
    surplus = [max(size - step, 0) for size, step in zip(sizes, steps, strict=True)]
    cut = [_padded(asked, [(-(n // 2), -(n - n // 2)) for n in surplus])] if max(surplus) else []
    cuts = cut if asked.get_number("padding") == "same" else []
    return Made((part, *cuts, *activated(asked, first=True)), first=True, gives_first=True)


# --- poolings


def pooling(asked: Asked) -> Made:
    _first(asked)
    rank = asked.rank - 1
    sizes = asked.each("pool_size")
    steps = sizes if asked.get("strides") is None else asked.each("strides")
    is_max = asked.name.startswith("Max")
    edges: Edges = [(0, 0)] * rank
    if asked.get_number("padding") == "same":
        edges = _same(asked.lengths(), sizes, steps, (1,) * rank)
    options: dict[str, Any] = {} if steps == sizes else {"stride": _short(steps)}
    kind = f"nn.{'Max' if is_max else 'Avg'}Pool{rank}d"
    before: list[Part] = []
    padding, ceiled = _even(edges, asked, sizes, steps)
    if padding is None and is_max:
        before = [_padded(asked, edges, -math.inf)]
    elif padding is None:
        return _uneven_average(asked, edges, sizes, steps)
    else:
        options |= {"padding": padding} if padding else {}
        options |= {"ceil_mode": True} if ceiled else {}
        options |= {"count_include_pad": False} if not is_max and (padding or ceiled) else {}
    return Made((*before, Part(asked.code.made(kind, _short(sizes), **options))), first=True, gives_first=True)


def _even(edges: Edges, asked: Asked, sizes: Sequence[int], steps: Sequence[int]) -> tuple[Any, bool]:
    """``padding`` and ``ceil_mode`` that pad so; None where nothing does."""
    if all(before == after for before, after in edges):
        return _short([before for before, _ in edges]), False
    if all(before == 0 for before, _ in edges):
        ends = zip(asked.lengths(), sizes, steps, strict=True)
        if all(math.ceil((n - size) / step) + 1 == math.ceil(n / step) for n, size, step in ends):
            return 0, True
    return None, False


def _uneven_average(asked: Asked, edges: Edges, sizes: Sequence[int], steps: Sequence[int]) -> Made:
    """The average of the values that are there, in windows of which some begin or end outside."""
    flat = tuple(n for pair in reversed(edges) for n in pair)
    asked.code.imports.taken.add("AveragePool")
    made = ast.Call(ast.Name("AveragePool"), [expr(v) for v in (_short(sizes), _short(steps), flat)], [])
    return Made((Part(made),), first=True, gives_first=True)


def global_pooling(asked: Asked) -> Made:
    _first(asked)
    name = "amax" if "Max" in asked.name else "mean"
    axes = tuple(range(2, asked.rank + 1))
    keeps = asked.get("keepdims") is True
    options = {"keepdim": True} if keeps else {}
    axis = axes[0] if len(axes) == 1 else axes
    return Made(apply=lambda _, x: method(x[0], name, axis, **options), first=True, gives_first=keeps)


def adaptive_pooling(asked: Asked) -> Made:
    _first(asked)
    kind = "Max" if "Max" in asked.name else "Avg"
    sizes = asked.each("output_size")
    made = asked.code.made(f"nn.Adaptive{kind}Pool{len(sizes)}d", _short(sizes))
    return Made((Part(made),), first=True, gives_first=True)


# --- lengths


def _pairs(value: Any, rank: int) -> Edges:
    if isinstance(value, int):
        return [(value, value)] * rank
    if rank == 1:
        return [tuple(value)]
    return [(n, n) if isinstance(n, int) else tuple(n) for n in value]


def zero_padding(asked: Asked) -> Made:
    _first(asked)
    edges = _pairs(asked.get_number("padding"), asked.rank - 1)
    return Made((_padded(asked, edges),), first=True, gives_first=True)


def cropping(asked: Asked) -> Made:
    _first(asked)
    edges = _pairs(asked.get_number("cropping"), asked.rank - 1)
    return Made((_padded(asked, [(-a, -b) for a, b in edges]),), first=True, gives_first=True)


def upsampling(asked: Asked) -> Made:
    _first(asked)
    if asked.get("interpolation") not in (None, "nearest"):
        asked.refuse("interpolation")
    made = asked.code.made("nn.Upsample", scale_factor=_short(asked.each("size")))
    return Made((Part(made),), first=True, gives_first=True)


WRITERS = {
    **{f"Conv{n}D": convolution for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": depthwise for n in (1, 2)},
    **{f"SeparableConv{n}D": separable for n in (1, 2)},
    **{f"Conv{n}DTranspose": transposed for n in (1, 2, 3)},
    **{f"{kind}Pooling{n}D": pooling for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Global{kind}Pooling{n}D": global_pooling for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"Adaptive{kind}Pooling{n}D": adaptive_pooling for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{f"ZeroPadding{n}D": zero_padding for n in (1, 2, 3)},
    **{f"Cropping{n}D": cropping for n in (1, 2, 3)},
    **{f"UpSampling{n}D": upsampling for n in (1, 2, 3)},
}
