"""Values in the files of others, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from hyperdsl.exchange.foreign import CannotImport


def entry(item: Mapping[str, Any], key: str) -> Any:
    """A value that must be there."""
    if key not in item:
        raise CannotImport(f"it has no `{key}`")
    return item[key]


def real(value: Any) -> float:
    """A finite number; also one in a string, as YAML takes ``1e-5`` for one."""
    try:
        number = float(value) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise CannotImport(f"{value!r} is no finite number")
    return number


def whole(value: Any) -> int:
    """A whole number."""
    if type(value) is int:
        return value
    number = real(value)
    if number != int(number):
        raise CannotImport(f"{value!r} is no whole number")
    return int(number)


def scalar(value: Any) -> bool | int | float | str | None:
    """A constant of the language."""
    if isinstance(value, float) and not math.isfinite(value):
        raise CannotImport(f"{value!r} is no finite number")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise CannotImport(f"{value!r} is no number, text, truth value or null")
