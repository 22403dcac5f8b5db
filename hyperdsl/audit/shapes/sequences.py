"""Recurrent layers, attention, and layers that wrap another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hyperdsl.audit.lengths import is_number
from hyperdsl.audit.shapes.rules import Arguments, LayerRule, Misfit, Several, Shape, Wrapped, number, shown
from hyperdsl.audit.shapes.windows import window


def _recurrent(shape: Shape, arguments: Arguments) -> Shape | Several:
    units = number(arguments["units"])
    made = (shape[0], units) if arguments["return_sequences"] is True else (units,)
    return made if arguments["return_state"] is False else Several((made, *((units,),) * arguments["states"]))


def _recurrent_rule(states: int) -> LayerRule:
    def apply(shape: Shape, arguments: Arguments) -> Shape | Several | None:
        if any(type(arguments[flag]) is not bool for flag in ("return_sequences", "return_state")):
            return None
        return _recurrent(shape, {**arguments, "states": states})

    return LayerRule(apply, ("units", "return_sequences", "return_state"), rank=2)


def _conv_recurrent(shape: Shape, arguments: Arguments) -> Shape | Misfit | None:
    if arguments["return_state"] is not False or type(arguments["return_sequences"]) is not bool:
        return None
    inner = shape[1:]
    last = arguments["data_format"] != "channels_first"
    found = window(
        inner[:-1] if last else inner[1:],
        *(arguments[name] for name in ("kernel_size", "strides", "padding", "dilation_rate")),
    )
    if isinstance(found, Misfit):
        return found
    filters = number(arguments["filters"])
    step = (*found, filters) if last else (filters, *found)
    return (shape[0], *step) if arguments["return_sequences"] else step


# --- layers around a layer


def _bidirectional(shape: Shape, arguments: Arguments) -> Shape | Misfit | Several | None:
    made = _inner(shape, arguments["layer"])
    mode = arguments["merge_mode"]
    if isinstance(made, Misfit) or made is None or isinstance(made, Several):
        return made if isinstance(made, Misfit) else None
    if mode is None:
        return Several((made, made))
    if mode not in ("concat", "sum", "mul", "ave"):
        return None
    return (*made[:-1], made[-1] * 2 if is_number(made[-1]) else made[-1]) if mode == "concat" else made


def _distributed(shape: Shape, arguments: Arguments) -> Shape | Misfit | None:
    if len(shape) < 2:
        return Misfit(f"it takes a sequence and gets {shown(shape)}", "Reshape gives a tensor more axes")
    made = _inner(shape[1:], arguments["layer"])
    if made is None or isinstance(made, Several):
        return None
    return made if isinstance(made, Misfit) else (shape[0], *made)


def _inner(shape: Shape, layer: Any) -> Shape | Misfit | Several | None:
    """What a wrapped layer makes of a shape."""
    from hyperdsl.audit.shapes.layers import RULES

    rule = RULES.get(layer.name) if isinstance(layer, Wrapped) else None
    if rule is None or rule.several:
        return None
    if rule.rank is not None and rule.rank != len(shape):
        axes = f"{rule.rank} {'axis' if rule.rank == 1 else 'axes'}"
        return Misfit(f"`{layer.name}` takes {axes} beside the batch and gets {shown(shape)}", "use another layer")
    return rule.apply(shape, dict(layer.arguments))


def _wrapped(shape: Shape, arguments: Arguments) -> Shape | Misfit | Several | None:
    return _inner(shape, arguments["layer"])


# --- attention


def _attention(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit:
    if len(shapes) not in (2, 3):
        return Misfit(f"it takes a query, a value and perhaps a key, and gets {len(shapes)} tensors", "write [x, y]")
    query, value = shapes[0], shapes[1]
    if len(query) < 2 or len(value) < 2:
        return Misfit(f"it takes sequences and gets {shown(query)} and {shown(value)}", "give them a time axis")
    key = shapes[2] if len(shapes) == 3 else value
    if _differ(query[-1], key[-1]):
        return Misfit(f"{shown(query)} and {shown(key)} differ in their last axis", "make the last axes equal")
    return (*query[:-1], value[-1])


def _several_heads(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit | None:
    if len(shapes) > 3:
        return Misfit(f"it takes a query, a value and perhaps a key, and gets {len(shapes)} tensors", "write [x, y]")
    short = next((s for s in shapes if len(s) < 2), None)
    if short is not None:
        return Misfit(f"it takes sequences and gets {shown(short)}", "give it a time axis")
    wanted = arguments.get("output_shape")
    if wanted is None:
        return shapes[0]
    return (*shapes[0][:-1], wanted) if is_number(wanted) else None


def _grouped_heads(shapes: Sequence[Shape], arguments: Arguments) -> Shape | Misfit | None:
    asking, there = arguments["num_query_heads"], arguments["num_key_value_heads"]
    if type(asking) is int and type(there) is int and asking % there:
        return Misfit(f"{there} heads of keys do not divide {asking} of queries", "choose a divisor")
    if len(shapes) > 1 and len(shapes[0]) > 1 and len(shapes[1]) > 1 and _differ(shapes[0][-1], shapes[1][-1]):
        return Misfit(
            f"{shown(shapes[0])} and {shown(shapes[1])} differ in their last axis", "make the last axes equal"
        )
    flat = next((s for s in shapes if len(s) != 2), None)
    if flat is not None:
        return Misfit(f"it takes sequences and gets {shown(flat)}", "give it a time axis, and no other one")
    return _several_heads(shapes, {})


def _differ(a: Any, b: Any) -> bool:
    return type(a) is int and type(b) is int and a != b


_STEP = ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate")

RULES: dict[str, LayerRule] = {
    **{name: _recurrent_rule(states) for name, states in (("LSTM", 2), ("GRU", 1), ("SimpleRNN", 1))},
    **{
        f"ConvLSTM{n}D": LayerRule(_conv_recurrent, ("return_sequences", "return_state", *_STEP), n + 2)
        for n in (1, 2, 3)
    },
    "Bidirectional": LayerRule(_bidirectional, ("layer", "merge_mode"), rank=2),
    "TimeDistributed": LayerRule(_distributed, ("layer",)),
    "SpectralNormalization": LayerRule(_wrapped, ("layer",)),
    "Attention": LayerRule(_attention, several=True),
    "AdditiveAttention": LayerRule(_attention, several=True),
    "MultiHeadAttention": LayerRule(_several_heads, ("output_shape",), several=True, alone=True),
    "GroupQueryAttention": LayerRule(
        _grouped_heads, ("num_query_heads", "num_key_value_heads"), several=True, alone=True
    ),
}
