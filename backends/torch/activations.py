"""Activations by name, as modules."""

from __future__ import annotations

from typing import Any

from hyperdsl.backends.torch.model import Asked, Part
from hyperdsl.ir import plan

# Name in Keras -> module of PyTorch with arguments.
_MODULES: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("ReLU", {}),
    "relu6": ("ReLU6", {}),
    "leaky_relu": ("LeakyReLU", {"negative_slope": 0.2}),
    "elu": ("ELU", {}),
    "selu": ("SELU", {}),
    "celu": ("CELU", {}),
    "gelu": ("GELU", {}),
    "silu": ("SiLU", {}),
    "swish": ("SiLU", {}),
    "mish": ("Mish", {}),
    "tanh": ("Tanh", {}),
    "sigmoid": ("Sigmoid", {}),
    "hard_sigmoid": ("Hardsigmoid", {}),
    "hard_silu": ("Hardswish", {}),
    "hard_swish": ("Hardswish", {}),
    "hard_tanh": ("Hardtanh", {}),
    "log_sigmoid": ("LogSigmoid", {}),
    "softplus": ("Softplus", {}),
    "softsign": ("Softsign", {}),
    "hard_shrink": ("Hardshrink", {}),
    "soft_shrink": ("Softshrink", {}),
    "tanh_shrink": ("Tanhshrink", {}),
    "softmax": ("Softmax", {}),
    "log_softmax": ("LogSoftmax", {}),
}


def name_of(value: Any) -> str | None:
    """The name of an activation; None for one that changes nothing."""
    match value:
        case None | "linear":
            return None
        case str():
            return value
        case plan.Symbol(path=path) | plan.Call(path=path, arguments=()):
            name = path.rpartition(".")[2]
            return None if name == "linear" else name
    return ""


def activated(asked: Asked, first: bool, argument: str = "activation") -> tuple[Part, ...]:
    """The modules of an activation; ``first`` says where the channels of what it gets stand."""
    name = name_of(asked.get(argument))
    if name is None:
        return ()
    if name not in _MODULES:
        asked.refuse(argument)
    module, arguments = _MODULES[name]
    if module.endswith("Softmax"):
        arguments = {"dim": 1 if first else -1}
    return (Part(asked.code.made(f"nn.{module}", **arguments)),)
