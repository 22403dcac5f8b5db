"""Recurrent layers and attention."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from hyperdsl.backends.torch.activations import name_of
from hyperdsl.backends.torch.code import expr, item, method
from hyperdsl.backends.torch.model import Asked, Made, Part
from hyperdsl.backends.torch.weights import filled, penalty
from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.unsupported import unknown_length_in_torch
from hyperdsl.ir import plan

_NEVER = ("return_state", "go_backwards", "stateful", "dropout", "recurrent_dropout")


def recurrent(asked: Asked) -> Made:
    part = _recurrent(asked, asked.name, twice=False)
    last = asked.get("return_sequences") is not True

    def apply(module: ast.expr, x: Sequence[ast.expr]) -> ast.expr:
        outputs = item(ast.Call(module, [x[0]], []), 0)
        return item(outputs, _all_of_the_last()) if last else outputs

    return Made((part,), apply, first=False, gives_first=False)


def _all_of_the_last() -> ast.expr:
    """``:, -1``."""
    return ast.Tuple([ast.Slice(None, None, None), expr(-1)])


def _recurrent(asked: Asked, name: str, twice: bool) -> Part:
    """The module of one or two directions. An LSTM of PyTorch has two biases, of which Keras has the first."""
    if name not in ("LSTM", "GRU"):
        asked.refuse()
    for argument in _NEVER:
        if asked.get(argument):
            asked.refuse(argument)
    if (name_of(asked.get("activation")), name_of(asked.get("recurrent_activation"))) != ("tanh", "sigmoid"):
        asked.refuse("activation" if name_of(asked.get("activation")) != "tanh" else "recurrent_activation")
    if name == "GRU" and asked.get("reset_after") is not True:
        asked.refuse("reset_after")
    units, bias = asked.get_number("units"), asked.get("use_bias")
    options = {"batch_first": True, **({} if bias else {"bias": False}), **({"bidirectional": True} if twice else {})}
    made = asked.code.made(f"nn.{name}", asked.size, units, **options)
    ends = ("_l0", "_l0_reverse") if twice else ("_l0",)
    gates = 4 if name == "LSTM" else 3
    for initializer in ("kernel_initializer", "recurrent_initializer", "bias_initializer"):
        if initializer != "bias_initializer" and filled(asked, initializer, 1, gates) is not None:
            asked.refuse(initializer)
        if initializer == "bias_initializer" and asked.get(initializer) not in (
            "zeros",
            asked.defaults.get(initializer),
        ):
            asked.refuse(initializer)
    if name == "LSTM" and asked.get("unit_forget_bias") is not True:
        asked.refuse("unit_forget_bias")
    fixed = tuple(f"bias_hh{end}" for end in ends) if name == "LSTM" and bias else ()
    weights = {"kernel_regularizer": "weight_ih", "recurrent_regularizer": "weight_hh", "bias_regularizer": "bias_ih"}
    penalties = [p for arg, w in weights.items() for end in ends for p in penalty(asked, arg, f"{w}{end}")]
    return Part(made, (), fixed, tuple(penalties))


def bidirectional(asked: Asked) -> Made:
    layer, mode = asked.get("layer"), asked.get("merge_mode")
    if not isinstance(layer, plan.Call):
        asked.refuse("layer")
    inner = inside(asked, layer)
    part = _recurrent(inner, inner.name, twice=True)
    last = inner.get("return_sequences") is not True
    inner.check_all_read()
    units = inner.get("units")
    if mode not in ("concat", "sum", "mul", "ave"):
        asked.refuse("merge_mode")

    def apply(module: ast.expr, x: Sequence[ast.expr]) -> ast.expr:
        called = ast.Call(module, [x[0]], [])
        if last:  # of each direction what it ends with
            asked.code.imports.taken.add("last_states")
            found: ast.expr = ast.Call(ast.Name("last_states"), [called], [])
        else:
            found = item(called, 0)
        if mode == "concat":
            return found
        both = method(found, "unflatten", -1, (2, units))
        return method(both, {"sum": "sum", "mul": "prod", "ave": "mean"}[mode], -2)

    return Made((part,), apply, first=False, gives_first=False)


def inside(asked: Asked, layer: plan.Call) -> Asked:
    """The layer that another one wraps, taking what that takes."""
    from hyperdsl.backends.torch.layers import with_defaults

    name = layer.path.rpartition(".")[2]
    given, defaults = with_defaults(layer)
    return Asked(
        name, layer.span or asked.span, given, defaults, asked.taken, asked.sizes, None, asked.first, asked.code
    )


def attention(asked: Asked) -> Made:
    """Attention with several heads; PyTorch's own module takes heads of one size only."""
    for argument in ("attention_axes", "sliding_window", "output_shape", "use_gate"):
        if asked.get(argument):
            asked.refuse(argument)
    sizes = [*asked.sizes] * (1 if len(asked.sizes) > 1 else 2)
    if None in sizes:
        raise HypError([unknown_length_in_torch(asked.span, asked.name)])
    sizes = [*sizes, *sizes[1:]][:3]  # query, value, and the key, which is the value where it is not given
    query, value, key = sizes
    heads, size = asked.get_number("num_heads"), asked.get_number("key_dim")
    value_size = asked.get_number("value_dim") or size
    options: dict[str, Any] = {
        "dropout": asked.get_number("dropout") or None,
        "bias": None if asked.get("use_bias") else False,
    }
    named = {k: expr(v) for k, v in options.items() if v is not None}
    if value_size != size:
        named["value_size"] = expr(value_size)
    if ast.dump(expr(value)) != ast.dump(expr(query)) or ast.dump(expr(key)) != ast.dump(expr(query)):
        named |= {"value": expr(value), "key": expr(key)}
    asked.code.imports.taken.add("MultiHeadAttention")
    made = ast.Call(ast.Name("MultiHeadAttention"), [expr(v) for v in (query, heads, size)], [])
    made.keywords = [ast.keyword(k, v) for k, v in named.items()]
    for argument in ("kernel_initializer", "bias_initializer"):
        if filled(asked, argument, 1, 1) is not None:
            asked.refuse(argument)
    projections = [f"{name}.weight" for name in ("query", "key", "value", "output")]
    penalties = [p for weight in projections for p in penalty(asked, "kernel_regularizer", weight)]
    part = Part(made, (), (), tuple(penalties), "initialize")

    def apply(module: ast.expr, x: Sequence[ast.expr]) -> ast.expr:
        return ast.Call(module, list(x) if len(x) > 1 else [x[0], x[0]], [])

    return Made((part,), apply, first=False, gives_first=False)


WRITERS = {
    "LSTM": recurrent,
    "GRU": recurrent,
    "Bidirectional": bidirectional,
    "MultiHeadAttention": attention,
}
