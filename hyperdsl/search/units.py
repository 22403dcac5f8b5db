"""Numbers of trials as people write and read them."""

from __future__ import annotations

from collections.abc import Sequence

# What units stand for: times are in seconds, sizes in bytes.
UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "B": 1.0, "kB": 1e3, "MB": 1e6, "GB": 1e9, "%": 0.01}

_UNITS: dict[str, Sequence[tuple[float, str]]] = {
    **dict.fromkeys(("predict_time", "fit_time"), ((1.0, "s"), (1e-3, "ms"), (0.0, "us"))),
    **dict.fromkeys(("model_size", "memory"), ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (0.0, "B"))),
}


def shown(name: str, value: float) -> str:
    """A measure as people read it, costs with their unit."""
    for least, unit in _UNITS.get(name, ()):
        if abs(value) >= least:
            return f"{value / UNITS[unit]:.3g} {unit}"
    return f"{value:.6g}"
