"""Time series in the format of the UCR and UEA archives."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np


def read_arrays(path: str) -> dict[str, Any]:
    """The series of a ``.ts`` file, or of those of a set that ships with sktime; what ends a line is their class."""
    files = [Path(path)]
    if path.startswith("sktime:"):
        package = find_spec("sktime")
        folder = Path(package.origin).parent / "datasets" / "data"  # type: ignore[union-attr, arg-type]
        files = sorted(folder.glob(f"{path[7:]}/*_T*.ts"), reverse=True)  # TRAIN, then TEST
    lines = [line.strip() for file in files for line in file.read_text("utf-8").splitlines()]
    parts = [line.split(":") for line in lines if line and not line.startswith(("#", "@"))]
    series = [[values.split(",") for values in part[:-1]] for part in parts]
    lengths = {len(values) for one in series for values in one}
    if len(lengths) != 1:
        raise ValueError(f"its series are of {len(lengths)} lengths, and networks take one")
    x = np.array(series, dtype="float32").transpose(0, 2, 1)
    return {"x": x, "y": np.array([part[-1] for part in parts])}
