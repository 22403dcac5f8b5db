"""Image files below a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image


def read_arrays(folder: str) -> dict[str, Any]:
    """The images of a folder as numbers from 0 to 255; where it has folders, these are the classes."""
    endings = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
    files = sorted(path for path in Path(folder).rglob("*") if path.suffix.lower() in endings)
    images = [Image.open(path) for path in files]
    mode = "L" if all(image.mode in ("1", "L") for image in images) else "RGB"
    x = np.stack([np.asarray(image.convert(mode)) for image in images])
    places = [path.relative_to(folder).parts for path in files]
    classes = {"y": np.array([place[0] for place in places])} if all(len(place) > 1 for place in places) else {}
    return {"x": x.reshape(*x.shape[:3], -1), **classes}
