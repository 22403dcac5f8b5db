"""Layers that work on whole tensors, merges, and the table of all layers that PyTorch has an equal of."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from hyperdsl.backends.torch import sequences, windows
from hyperdsl.backends.torch.activations import activated
from hyperdsl.backends.torch.code import binary, expr, method
from hyperdsl.backends.torch.model import Asked, Line, Made, Part
from hyperdsl.backends.torch.weights import filled, penalty, weighed
from hyperdsl.catalog import load_catalog
from hyperdsl.ir import plan


def with_defaults(layer: plan.Call) -> tuple[dict[str, Any], dict[str, Any]]:
    """All arguments of a layer, and those that it has where none are given."""
    (module, *_) = load_catalog().find(layer.path)
    defaults = {p.name: p.default for p in module.parameters.values()}
    return {**defaults, **{name: _plain(value) for name, value in layer.arguments}}, defaults


def _plain(value: Any) -> Any:
    """Lists as tuples."""
    return tuple(map(_plain, value.items)) if isinstance(value, plan.ListPlan) else value


# --- whole tensors


def dense(asked: Asked) -> Made:
    units, bias = asked.get_number("units"), asked.get("use_bias")
    made = asked.code.made("nn.Linear", asked.size, units, **({} if bias else {"bias": False}))
    weights: dict[str, tuple[str, str | None]] = {"weight": ("kernel_initializer", "kernel_regularizer")}
    if bias:
        weights["bias"] = ("bias_initializer", "bias_regularizer")
    part = weighed(asked, made, weights, (asked.size, units))
    return Made((part, *activated(asked, first=False)), first=False, gives_first=False)


def embedding(asked: Asked) -> Made:
    count, size = asked.get_number("input_dim"), asked.get_number("output_dim")
    if asked.get("mask_zero"):
        asked.refuse("mask_zero")
    made = asked.code.made("nn.Embedding", count, size)
    part = weighed(asked, made, {"weight": ("embeddings_initializer", "embeddings_regularizer")}, (count, size))
    return Made(
        (part,),
        lambda module, x: ast.Call(module, [method(x[0], "long")], []),
        first=False,
        gives_first=False,
    )


def activation(asked: Asked) -> Made:
    return Made(activated(asked, asked.first))


def rectified(asked: Asked) -> Made:
    slope, most = asked.get_number("negative_slope"), asked.get_number("max_value")
    if asked.get_number("threshold"):
        asked.refuse("threshold")
    if most is not None and (most != 6 or slope):
        if slope:
            asked.refuse("max_value")
        return Made((Part(asked.code.made("nn.Hardtanh", 0.0, most)),))
    if most is not None:
        return Made((Part(asked.code.made("nn.ReLU6")),))
    return Made((Part(asked.code.made("nn.LeakyReLU", slope) if slope else asked.code.made("nn.ReLU")),))


def leaky(asked: Asked) -> Made:
    return Made((Part(asked.code.made("nn.LeakyReLU", asked.get_number("negative_slope"))),))


def exponential(asked: Asked) -> Made:
    return Made((Part(asked.code.made("nn.ELU", asked.get_number("alpha"))),))


def softmax(asked: Asked) -> Made:
    if asked.get("axis") != -1:
        asked.refuse("axis")
    return Made((Part(asked.code.made("nn.Softmax", dim=1 if asked.first else -1)),))


def dropout(asked: Asked) -> Made:
    if asked.get("noise_shape") is not None:
        asked.refuse("noise_shape")
    kind = "AlphaDropout" if asked.name.startswith("Alpha") else "Dropout"
    return Made((Part(asked.code.made(f"nn.{kind}", asked.get_number("rate"))),))


def spatial_dropout(asked: Asked) -> Made:
    _plain_format(asked)
    made = asked.code.made(f"nn.Dropout{asked.rank - 1}d", asked.get_number("rate"))
    return Made((Part(made),), first=True, gives_first=True)


def _plain_format(asked: Asked) -> None:
    if asked.get("data_format") not in (None, "channels_last"):
        asked.refuse("data_format")


def same(asked: Asked) -> Made:
    return Made()


def rescaling(asked: Asked) -> Made:
    scale, offset = asked.get_number("scale"), asked.get_number("offset")

    def apply(_: ast.expr, x: Sequence[ast.expr]) -> ast.expr:
        scaled = x[0] if scale == 1 else binary(x[0], ast.Mult(), scale)
        return binary(scaled, ast.Add(), offset) if offset else scaled

    if not all(isinstance(v, int | float) for v in (scale, offset)):
        asked.refuse("scale")
    return Made(apply=apply)


# --- shapes


def flatten(asked: Asked) -> Made:
    _plain_format(asked)
    if asked.rank == 1:
        return Made()
    return Made((Part(asked.code.made("nn.Flatten")),), first=False, gives_first=False)


def reshape(asked: Asked) -> Made:
    shape = (-1, *asked.get_number("target_shape"))
    if shape.count(-1) > 1:  # the batch, and a length that follows from the others
        if asked.given is None or not all(type(n) is int for n in asked.given):
            asked.lengths()
        shape = (-1, *(asked.given or ()))
    return Made(apply=lambda _, x: method(x[0], "reshape", *shape), first=False, gives_first=False)


def permute(asked: Asked) -> Made:
    order = (0, *asked.get_number("dims"))
    return Made(apply=lambda _, x: method(x[0], "permute", *order), first=False, gives_first=False)


def repeat(asked: Asked) -> Made:
    times = asked.get_number("n")
    return Made(
        apply=lambda _, x: method(method(x[0], "unsqueeze", 1), "repeat", 1, times, 1), first=False, gives_first=False
    )


# --- normalizations


def _affine(asked: Asked, made: ast.expr) -> Part:
    """A module with a scale and an offset, of which one may stay as it is."""
    scale, center = asked.get("scale"), asked.get("center")
    fixed = tuple(name for name, has in (("weight", scale), ("bias", center)) if not has) if scale or center else ()
    initial: list[tuple[str, Line]] = []
    penalties: list[tuple[str, float, float]] = []
    for weight, name, has in (("weight", "gamma", scale), ("bias", "beta", center)):
        if has:
            if (line := filled(asked, f"{name}_initializer", 1, 1)) is not None:
                initial.append((weight, line))
            penalties += penalty(asked, f"{name}_regularizer", weight)
        else:
            asked.read.update((f"{name}_initializer", f"{name}_regularizer"))
    return Part(made, tuple(initial), fixed, tuple(penalties))


def _is_affine(asked: Asked) -> bool:
    return bool(asked.get("scale") or asked.get("center"))


def _last_axis(asked: Asked) -> None:
    axis = asked.get("axis")
    if (axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis) not in (-1, asked.rank):
        asked.refuse("axis")


def batch_normalization(asked: Asked) -> Made:
    _last_axis(asked)
    options: dict[str, Any] = {
        "eps": asked.get_number("epsilon"),
        "momentum": round(1 - asked.get_number("momentum"), 12),
    }
    if not _is_affine(asked):
        options["affine"] = False
    made = asked.code.made(f"nn.BatchNorm{max(asked.rank - 1, 1)}d", asked.size, **options)
    return Made((_affine(asked, made),), first=True, gives_first=True)


def layer_normalization(asked: Asked) -> Made:
    _last_axis(asked)
    options: dict[str, Any] = {"eps": asked.get_number("epsilon")}
    if not _is_affine(asked):
        options["elementwise_affine"] = False
    made = asked.code.made("nn.LayerNorm", asked.size, **options)
    return Made((_affine(asked, made),), first=False, gives_first=False)


def group_normalization(asked: Asked) -> Made:
    _last_axis(asked)
    groups = asked.get_number("groups")
    options: dict[str, Any] = {"eps": asked.get_number("epsilon")}
    if not _is_affine(asked):
        options["affine"] = False
    made = asked.code.made("nn.GroupNorm", asked.size if groups == -1 else groups, asked.size, **options)
    return Made((_affine(asked, made),), first=True, gives_first=True)


def rms_normalization(asked: Asked) -> Made:
    _last_axis(asked)
    made = asked.code.made("nn.RMSNorm", asked.size, eps=asked.get_number("epsilon"))
    return Made((Part(made),), first=False, gives_first=False)


# --- merges


def _folded(sign: ast.operator) -> Callable[[Asked], Made]:
    def merge(asked: Asked) -> Made:
        _one_rank(asked)
        return Made(apply=lambda _, x: reduce(lambda a, b: ast.BinOp(a, sign, b), x))

    return merge


def _one_rank(asked: Asked) -> None:
    """Keras puts axes behind the batch where one tensor has fewer, PyTorch before it."""
    if len({len(shape) for shape in asked.taken}) > 1:
        asked.refuse()


def average(asked: Asked) -> Made:
    _one_rank(asked)
    return Made(
        apply=lambda _, x: ast.BinOp(reduce(lambda a, b: ast.BinOp(a, ast.Add(), b), x), ast.Div(), expr(len(x)))
    )


def extreme(asked: Asked) -> Made:
    _one_rank(asked)
    name = f"torch.{asked.name.lower()}"
    return Made(apply=lambda _, x: reduce(lambda a, b: asked.code.made(name, a, b), x))


def concatenate(asked: Asked) -> Made:
    axis = asked.get("axis")
    rank = asked.rank
    place = axis if axis > 0 else rank + 1 + axis
    is_last = place == rank
    dim = (1 if asked.first else -1) if is_last else place + 1 if asked.first else place
    return Made(apply=lambda _, x: asked.code.made("torch.cat", ast.List(list(x)), dim=dim))


WRITERS: dict[str, Callable[[Asked], Made]] = {
    **windows.WRITERS,
    **sequences.WRITERS,
    "Dense": dense,
    "Embedding": embedding,
    "Activation": activation,
    "ReLU": rectified,
    "LeakyReLU": leaky,
    "ELU": exponential,
    "Softmax": softmax,
    "Dropout": dropout,
    "AlphaDropout": dropout,
    **{f"SpatialDropout{n}D": spatial_dropout for n in (1, 2, 3)},
    "Identity": same,
    "Rescaling": rescaling,
    "Flatten": flatten,
    "Reshape": reshape,
    "Permute": permute,
    "RepeatVector": repeat,
    "BatchNormalization": batch_normalization,
    "LayerNormalization": layer_normalization,
    "GroupNormalization": group_normalization,
    "RMSNormalization": rms_normalization,
    "Add": _folded(ast.Add()),
    "Multiply": _folded(ast.Mult()),
    "Subtract": _folded(ast.Sub()),
    "Average": average,
    "Maximum": extreme,
    "Minimum": extreme,
    "Concatenate": concatenate,
}
