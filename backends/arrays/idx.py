"""Images in the IDX files of MNIST and of the sets made after it, packed or not."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np


def read_arrays(path: str) -> dict[str, Any]:
    """The images of a file, and as ``y`` their classes where a file of labels lies beside it."""
    file = Path(path)
    labels = file.with_name(file.name.replace("images", "labels").replace("idx3", "idx1"))
    found = {"x": file} if labels == file or not labels.exists() else {"x": file, "y": labels}
    arrays = {}
    for name, part in found.items():
        data = part.read_bytes()
        if part.suffix == ".gz":
            data = gzip.decompress(data)
        axes = data[3] if data[:3] == b"\0\0\x08" else 0  # two zeros, the type (8: bytes), the number of axes
        shape = np.frombuffer(data, ">i4", axes, 4) if len(data) >= 4 + 4 * axes else np.zeros(0, int)
        if axes == 0 or len(data) - 4 - 4 * axes != np.prod(shape, dtype=object):
            raise ValueError(f"{part.name} is no IDX file of bytes, or is cut off")
        arrays[name] = np.frombuffer(data, np.uint8, offset=4 + 4 * axes).reshape(shape)
    if arrays["x"].ndim == 3:
        arrays["x"] = arrays["x"][..., np.newaxis]  # one channel
    return arrays
