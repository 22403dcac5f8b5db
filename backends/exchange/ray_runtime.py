"""How decisions are read from what Ray Tune drew: scripts for Ray hold copies of these functions.

Ray draws every entry of a parameter space, whatever the others are. What is not active is left aside, and a range whose
ends depend on other decisions is drawn as a place in [0, 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

PLACES: frozenset[str] = frozenset()


def taker(drawn: Mapping[str, Any]) -> Callable[[str, Any], Any]:
    """Decides as Ray drew."""

    def take(path: str, domain: Any) -> Any:
        if path in PLACES:
            return domain.draw(min(float(drawn[path]), 1 - 2.0**-53))
        return domain.read(drawn[path])

    return take
