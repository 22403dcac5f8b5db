"""The digits that ship with scikit-learn."""

from __future__ import annotations

from typing import Any

from sklearn.datasets import load_digits


def read_arrays() -> dict[str, Any]:
    """1,797 handwritten digits of 8 x 8 pixels, from 0 to 16."""
    digits = load_digits()
    return {"x": digits.images[..., None], "y": digits.target}
