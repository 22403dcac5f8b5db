"""The weights of a Keras model, put into the module of PyTorch that says the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from hyperdsl.ir import plan
from hyperdsl.ir.canonical import text
from hyperdsl.ir.networks import normalized


def carry_over(network: plan.Network, model: Any, module: nn.Module) -> None:
    """Set the weights of ``module``, whose layers were made in the order of the plan as those of ``model`` were."""
    of_class: dict[str, list[Any]] = {}
    for layer in sorted(model.layers, key=lambda layer: _number(layer.name)):
        of_class.setdefault(type(layer).__name__, []).append(layer)
    targets = _with_weights(module)
    for layer in normalized(network, text).layers:
        if isinstance(layer.module, plan.Call) and layer.tied is None:
            keras_layer = of_class[layer.module.path.rpartition(".")[2]].pop(0)
            if keras_layer.weights:
                _set(keras_layer, targets)
    assert next(targets, None) is None, "all modules have got their weights"


def value(weight: Any) -> np.ndarray[Any, Any]:
    """A tensor of Keras, whatever its backend."""
    import keras

    return np.asarray(keras.ops.convert_to_numpy(weight))


def _number(name: str) -> int:
    found = re.search(r"_(\d+)$", name)
    return int(found[1]) if found else 0


def _with_weights(module: nn.Module) -> Iterator[nn.Module]:
    """The modules with weights of their own, in the order in which they were made; attention is one."""
    if type(module).__name__ == "MultiHeadAttention" or (
        not list(module.children()) and (list(module.parameters()) or list(module.buffers()))
    ):
        yield module
        return
    for child in module.children():
        yield from _with_weights(child)


def _put(target: Any, weight: np.ndarray[Any, Any]) -> None:
    assert tuple(target.shape) == weight.shape, (target.shape, weight.shape)
    with torch.no_grad():
        target.copy_(torch.as_tensor(np.array(weight)))


def _set(layer: Any, targets: Iterator[nn.Module]) -> None:
    """One layer of Keras."""
    weights = {weight.path.rpartition("/")[2]: value(weight) for weight in layer.weights}
    target: Any = next(targets)
    match type(layer).__name__:
        case "SeparableConv1D" | "SeparableConv2D":
            _put(target.weight, _deep(weights["depthwise_kernel"]))
            point: Any = next(targets)
            _put(point.weight, _window(weights["pointwise_kernel"]))
            if "bias" in weights:
                _put(point.bias, weights["bias"])
            return
        case "DepthwiseConv1D" | "DepthwiseConv2D":
            _put(target.weight, _deep(weights["kernel"]))
        case "LSTM" | "GRU":
            _recurrent(layer, target, "")
            return
        case "Bidirectional":
            _recurrent(layer.forward_layer, target, "")
            _recurrent(layer.backward_layer, target, "_reverse")
            return
        case "MultiHeadAttention":
            _attention(layer, target)
            return
        case "Embedding":
            _put(target.weight, weights["embeddings"])
        case _ if "moving_mean" in weights:
            _put(target.running_mean, weights["moving_mean"])
            _put(target.running_var, weights["moving_variance"])
        case _ if "kernel" in weights:
            _put(target.weight, _window(weights["kernel"]))
    for theirs, ours in (("bias", "bias"), ("gamma", "weight"), ("scale", "weight"), ("beta", "bias")):
        if theirs in weights:
            _put(getattr(target, ours), weights[theirs])


def _window(kernel: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Inputs and outputs first; of a transposed convolution Keras swaps them, and so does PyTorch."""
    return np.moveaxis(kernel, (-1, -2), (0, 1))


def _deep(kernel: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    *sizes, channels, factor = kernel.shape
    return np.moveaxis(kernel.reshape(*sizes, channels * factor), -1, 0)[:, None]


def _recurrent(layer: Any, target: Any, end: str) -> None:
    kernel, inner, *bias = (value(w) for w in layer.cell.weights)
    units = layer.units
    order = [1, 0, 2] if type(layer).__name__ == "GRU" else [0, 1, 2, 3]

    def gates(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.concatenate([values[..., i * units : (i + 1) * units] for i in order], axis=-1)

    _put(getattr(target, f"weight_ih_l0{end}"), gates(kernel).T)
    _put(getattr(target, f"weight_hh_l0{end}"), gates(inner).T)
    if bias:
        both = gates(bias[0]) if bias[0].ndim == 2 else [gates(bias[0]), np.zeros(len(bias[0]), "float32")]
        _put(getattr(target, f"bias_ih_l0{end}"), np.asarray(both[0]))
        _put(getattr(target, f"bias_hh_l0{end}"), np.asarray(both[1]))


def _attention(layer: Any, target: Any) -> None:
    for name in ("query", "key", "value", "output"):
        dense = getattr(layer, f"_{name}_dense")
        kernel = value(dense.kernel)
        linear = getattr(target, name)
        _put(
            linear.weight,
            (kernel.reshape(-1, kernel.shape[-1]) if name == "output" else kernel.reshape(len(kernel), -1)).T,
        )
        if dense.bias is not None:
            _put(linear.bias, value(dense.bias).reshape(-1))
