"""Which channels of a tensor there are: layers whose width is decided are built at their widest, and the rest is zero.

The weights of a narrower layer are then the first ones of the widest (Yu et al. 2019, ICLR, slimmable networks). What
works on each channel alone keeps the zeros, or is masked again; what mixes channels takes a zero for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from hyperdsl.frozen import frozen
from hyperdsl.ir.meaning import NOTHING


@frozen
class Channels:
    """The channels of a tensor in parts, of each of which the first ones are there.

    Parameters
    ----------
    parts : tuple of (int, int)
        How many channels a part has at most, and how many there are: a diagram.
    times : int
        How often all parts stand one after the other, in a map that was flattened.
    """

    parts: tuple[tuple[int, int], ...]
    times: int = 1

    @property
    def form(self) -> tuple[tuple[int, ...], int]:
        """What must be equal where tensors are added."""
        return tuple(full for full, _ in self.parts), self.times

    def repeated(self, times: int) -> Channels:
        return Channels(self.parts, self.times * times)

    def there(self, widths: Sequence[int]) -> list[int]:
        """The positions of the channels that there are, where the parts have these widths."""
        found: list[int] = []
        start = 0
        for _ in range(self.times):
            for (full, _), width in zip(self.parts, widths, strict=True):
                found += range(start, start + width)
                start += full
        return found


def first(width: int, full: int) -> np.ndarray[Any, Any]:
    """The mask of the first channels."""
    return (np.arange(full) < width).astype("float32")


# Layers that make new channels of all that they get, by the parameter that says how many.
WIDENING = {
    "Dense": "units",
    **{f"Conv{n}D{kind}": "filters" for n in (1, 2, 3) for kind in ("", "Transpose")},
    **{f"SeparableConv{n}D": "filters" for n in (1, 2)},
}
# Layers that make new channels, but whose width is no prefix of a wider one: what they keep from step to step mixes.
TAKING = {*WIDENING, "LSTM", "GRU", "SimpleRNN"}
# Layers that work on each channel alone: those that leave zeros zero, and those that do not.
KEEPING = {
    *("Dropout", "ReLU", "LeakyReLU", "Identity", "ActivityRegularization"),
    *(f"SpatialDropout{n}D" for n in (1, 2, 3)),
    *(f"{kind}Pooling{n}D" for kind in ("Max", "Average", "GlobalMax", "GlobalAverage") for n in (1, 2, 3)),
    *(f"{kind}{n}D" for kind in ("ZeroPadding", "Cropping", "UpSampling") for n in (1, 2, 3)),
}
CHANGING = {
    *("BatchNormalization", "Rescaling", "GaussianNoise", "GaussianDropout", "ELU", "PReLU"),
    *(f"DepthwiseConv{n}D" for n in (1, 2)),
}
# Merges of tensors with the same channels.
JOINING = {"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"}
# Activations that work on each value alone.
ELEMENTWISE = {
    *(None, NOTHING),
    *("relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "celu", "silu", "swish", "mish", "tanh", "sigmoid"),
    *("softplus", "softsign", "exponential", "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "linear"),
    *("log_sigmoid", "squareplus", "sparse_plus", "soft_shrink", "hard_shrink", "tanh_shrink", "threshold"),
}
# Arguments of which a narrow layer would not be a part of a wide one.
UNEQUAL = ("groups", "data_format", "depth_multiplier", "axis")
