"""The shapes of all tensors of a network, from the shape of its input."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.audit.shapes.rules import SOME, Misfit, Several, Wrapped
from hyperdsl.backends.torch.code import Code, binary, item
from hyperdsl.backends.torch.layers import with_defaults
from hyperdsl.backends.torch.model import Size
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.unsupported import no_equal_in_torch, unknown_length_in_torch
from hyperdsl.frozen import frozen
from hyperdsl.ir import plan

SHAPE = "shape"  # the parameter: of the rows that a network is fitted to
# After these the last axis is another one.
_MIXES = frozenset({"Flatten", "Reshape", "Permute", "RepeatVector", "Concatenate"})
_OTHER_RANK = _MIXES | {"Embedding"}

Shape = tuple[Any, ...]


@frozen
class Tensor:
    """A shape without the batch, and the last axis of it; None where nothing says it."""

    shape: Shape
    size: Size | None


def class_name(layer: plan.Layer) -> str:
    """The name of a layer's class."""
    return layer.module.path.rpartition(".")[2] if isinstance(layer.module, plan.Call) else "input"


def tensors_of(network: plan.Network, shape: Shape | None, code: Code) -> list[Tensor]:
    """What each layer gives.

    Parameters
    ----------
    shape : tuple or None
        Of the rows, where the data say it.

    Raises
    ------
    HypError
        A layer is not Keras' own, or nothing says how long its input is.
    """
    found: list[Tensor] = []
    for layer in network.layers:
        if isinstance(layer.module, plan.InputPlan):
            found.append(_input(layer.module, network, shape))
        else:
            found.append(_given(layer, [found[i] for i in layer.inputs], code))
    return found


def _input(module: plan.InputPlan, network: plan.Network, shape: Shape | None) -> Tensor:
    lengths: Shape
    if module.shape is not None:
        lengths = tuple(SOME if n is None else n for n in module.shape)
    elif shape is not None:
        lengths = shape
    else:
        lengths = (SOME,) * _rank(network)
    last: Any = lengths[-1] if lengths else SOME
    size: Size | None = None if last == SOME else last
    if size is None and module.shape is None:
        size = item(ast.Name(SHAPE), -1)
    return Tensor(lengths, size)


def _rank(network: plan.Network) -> int:
    """The axes of a row, by the first layer that says how many it takes; else it is one of a table."""
    for layer in network.layers:
        rule = RULES.get(class_name(layer))
        if class_name(layer) in _OTHER_RANK:
            break
        if rule is not None and rule.rank is not None:
            return rule.rank
    return 1


def _given(layer: plan.Layer, taken: Sequence[Tensor], code: Code) -> Tensor:
    name = class_name(layer)
    rule = RULES.get(name)
    module = layer.module
    if rule is None or not isinstance(module, plan.Call) or not module.path.startswith("keras.layers."):
        raise HypError([no_equal_in_torch(module.span, name)])
    arguments = {k: _measured(v) for k, v in with_defaults(module)[0].items()}
    shapes = [t.shape for t in taken]
    made = rule.apply(shapes if rule.several else shapes[0], arguments)
    if isinstance(made, Misfit) or made is None:
        raise HypError([unknown_length_in_torch(module.span, name)])
    if isinstance(made, Several):
        raise HypError([no_equal_in_torch(module.span, name, "return_state")])
    return Tensor(made, _size(name, made, taken, code))


def _measured(value: Any) -> Any:
    """An argument as rules take it."""
    if isinstance(value, plan.Call) and value.path.startswith("keras.layers."):
        return Wrapped(
            value.path.rpartition(".")[2], tuple((k, _measured(v)) for k, v in with_defaults(value)[0].items())
        )
    return value


def _size(name: str, shape: Shape, taken: Sequence[Tensor], code: Code) -> Size | None:
    if shape and type(shape[-1]) is int:
        return shape[-1]
    sizes = [t.size for t in taken]
    if name == "Flatten" and len(taken[0].shape) > 1:
        is_input = isinstance(sizes[0], ast.Subscript) and set(taken[0].shape) == {SOME}
        return code.made("math.prod", ast.Name(SHAPE)) if is_input else None
    if name == "Concatenate" and all(size is not None for size in sizes):
        total: Any = sizes[0]
        for size in sizes[1:]:
            total = binary(total, ast.Add(), size)
        return total  # type: ignore[no-any-return]
    return sizes[0] if name not in _MIXES or name == "Flatten" else None
