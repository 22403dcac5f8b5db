"""What a searcher's options may be; each function gives the value, or raises the diagnostic that says what would do."""

from __future__ import annotations

import math
from typing import Any

from hyperdsl.diagnostics import HypError
from hyperdsl.diagnostics.studies import search_setting_invalid, searcher_single
from hyperdsl.search.goals import Goals


def whole(name: str, value: Any, least: int = 1) -> int:
    """A whole number from ``least`` on."""
    if type(value) is not int or value < least:
        raise HypError([search_setting_invalid(name, value, f"a whole number from {least} on")])
    return value


def number(name: str, value: Any, low: float, high: float = math.inf) -> float:
    """A number from ``low`` to ``high``."""
    if type(value) not in (int, float) or not low <= value <= high:
        expected = f"a number from {low:g} on" if high == math.inf else f"a number from {low:g} to {high:g}"
        raise HypError([search_setting_invalid(name, value, expected)])
    return float(value)


def switch(name: str, value: Any) -> bool:
    """``True`` or ``False``."""
    if type(value) is not bool:
        raise HypError([search_setting_invalid(name, value, "True or False")])
    return value


def one_of(name: str, value: Any, words: tuple[str, ...]) -> str:
    """One of some words."""
    if value not in words:
        expected = " or ".join(f'"{word}"' for word in words)
        raise HypError([search_setting_invalid(name, value, expected)])
    return str(value)


def require_single(searcher: str, goals: Goals) -> None:
    """Raise where a searcher that models one number is given several objectives."""
    if not goals.is_single:
        raise HypError([searcher_single(searcher, [o.name for o in goals.objectives])])
