"""Layers of Keras with arguments that change what they give and weigh, and inputs for them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from hyperdsl.audit.shapes.layers import RULES
from hyperdsl.audit.shapes.rules import Wrapped
from hyperdsl.catalog import load_catalog

INPUTS = {1: (6,), 2: (9, 4), 3: (9, 7, 4), 4: (6, 5, 7, 4), 5: (3, 6, 5, 7, 4)}
_RATES = ("Dropout", "AlphaDropout", "GaussianDropout", *(f"SpatialDropout{n}D" for n in (1, 2, 3)))
_FACTOR = {
    **{name: {"factor": 0.1} for name in ("RandomBrightness", "RandomContrast", "RandomRotation")},
    "RandomTranslation": {"height_factor": 0.1, "width_factor": 0.1},
    **{name: {"factor": 0.1} for name in ("RandomSharpness", "RandomColorDegeneration")},
    "RandomZoom": {"height_factor": 0.1},
    "RandomPosterization": {"factor": 3},
}
_SIZES = ("Resizing", "CenterCrop", "RandomCrop")
_RECURRENT = ("LSTM", "GRU", "SimpleRNN")
OWN: dict[str, list[dict[str, Any]]] = {
    "Dense": [{"units": 5}, {"units": 3, "use_bias": False}],
    "EinsumDense": [
        {"equation": "abc,cd->abd", "output_shape": (None, 5), "bias_axes": "d"},
        {"equation": "abc,cde->abde", "output_shape": (None, 2, 3)},
    ],
    "Activation": [{"activation": "relu"}],
    **{name: [{"rate": 0.5}] for name in _RATES},
    "GaussianNoise": [{"stddev": 1.0}],
    "GroupNormalization": [{"groups": -1}, {"groups": 2}, {"groups": 3}, {}],
    "BatchNormalization": [{}, {"center": False}, {"scale": False}],
    "LayerNormalization": [{}, {"center": False}],
    "Normalization": [{"mean": 0.0, "variance": 1.0}],
    "PReLU": [{}, {"shared_axes": [1]}],
    "Rescaling": [{"scale": 2.0}],
    "Embedding": [{"input_dim": 10, "output_dim": 3}],
    "CategoryEncoding": [{"num_tokens": 5}, {"num_tokens": 5, "output_mode": "count"}],
    "Reshape": [{"target_shape": (3, 2)}, {"target_shape": (-1, 3)}, {"target_shape": (4, 2)}],
    "Permute": [{"dims": (2, 1)}],
    "RepeatVector": [{"n": 3}],
    **{n: [{"units": 5}, {"units": 5, "return_sequences": True}, {"units": 3, "use_bias": False}] for n in _RECURRENT},
    "Bidirectional": [{"layer": ("LSTM", {"units": 5}), "merge_mode": mode} for mode in ("concat", "sum", "mul", "ave")]
    + [{"layer": ("GRU", {"units": 3, "return_sequences": True})}],
    "TimeDistributed": [{"layer": ("Dense", {"units": 3})}],
    "SpectralNormalization": [{"layer": ("Dense", {"units": 3})}],
    **{name: [{"height": 5, "width": 6}] for name in _SIZES},
    **{name: [arguments] for name, arguments in _FACTOR.items()},
    **{f"Adaptive{kind}Pooling{n}D": [{"output_size": 2}] for kind in ("Max", "Average") for n in (1, 2, 3)},
    **{
        f"ConvLSTM{n}D": [{"filters": 2, "kernel_size": 2, "return_sequences": s, "padding": p}]
        for n in (1, 2, 3)
        for s, p in ((True, "same"),)
    },
    "Attention": [{}, {"use_scale": True}],
    "MultiHeadAttention": [{"num_heads": 2, "key_dim": 3}, {"num_heads": 3, "key_dim": 2, "use_bias": False}],
    "GroupQueryAttention": [{"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}],
}


def calls(name: str) -> Iterator[dict[str, Any]]:
    """Arguments of one layer."""
    rule = RULES[name]
    if name.startswith("ConvLSTM"):
        yield from OWN[name]
        yield {"filters": 2, "kernel_size": 2, "use_bias": False}
        return
    windows: list[dict[str, Any]] = [{}]
    size = next((s for s in ("kernel_size", "pool_size") if s in rule.reads), None)
    if size is not None:
        steps = itertools.product((1, 2, 3), (1, 2), ("same", "valid"))
        windows = [{size: s, "strides": t, "padding": p} for s, t, p in steps]
        if size == "kernel_size" and "Transpose" not in name:
            windows += [{size: 3, "dilation_rate": 2, "padding": p} for p in ("same", "valid")]
        if size == "kernel_size" and "groups" in rule.reads:
            windows += [{size: 1, "groups": 2, "filters": f} for f in (4, 5)]
            windows += [{size: 2, "strides": 2, "dilation_rate": 2}]
    extra = OWN.get(name, [{}])
    if "filters" in rule.reads:
        extra = [{"filters": 5}]
        yield {"filters": 4, "kernel_size": 2, "use_bias": False}
    if name.startswith("Depthwise"):
        extra = [{}, {"depth_multiplier": 2}]
    if name.startswith("Global"):
        extra = [{}, {"keepdims": True}]
    if name.startswith(("UpSampling", "ZeroPadding")):
        extra = [{}, {"size" if name.startswith("Up") else "padding": 3}]
    if name.startswith("Cropping"):
        extra = [{}, {"cropping": 2}, {"cropping": 4}]
    for window, own in itertools.product(windows, extra):
        yield {**own, **window}


def shapes(name: str, arguments: dict[str, Any]) -> list[tuple[int, ...]]:
    """Inputs of one tensor for a layer that takes one."""
    rank = RULES[name].rank
    if name == "Permute" or name == "EinsumDense":
        rank = 2
    if name == "TimeDistributed":
        return [(9, 4), (5, 9, 4)]
    if name == "RandomColorDegeneration":
        return [(9, 7, 4), (9, 7, 3)]
    return [INPUTS[r] for r in ([rank] if rank else [1, 2, 3])]


def given(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """All arguments as a rule gets them."""
    module = load_catalog().find(f"keras.layers.{name}")[0]
    found = {p.name: arguments.get(p.name, p.default) for p in module.parameters.values()}
    if isinstance(found.get("layer"), tuple):
        inner, own = found["layer"]
        found["layer"] = Wrapped(inner, tuple(given(inner, own).items()))
    return {name: tuple(v) if isinstance(v, list) else v for name, v in found.items()}


def made(name: str, arguments: dict[str, Any]) -> Any:
    """The layer itself."""
    import keras

    own = {**arguments}
    if isinstance(own.get("layer"), tuple):
        own["layer"] = made(*own["layer"])
    # Random numbers are compiled for each shape, zeros are not.
    parameters = load_catalog().find(f"keras.layers.{name}")[0].parameters
    own |= {p: "zeros" for p in parameters if p.endswith("_initializer")}
    return getattr(keras.layers, name)(**own)
