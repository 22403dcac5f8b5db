"""What a class's or function's own signature and documentation say."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

_CONSTANTS = (int, float, str, bool, type(None))


def own_parameters(target: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The named parameters, in order, without ``*args`` and ``**kwargs``."""
    parameters = inspect.signature(target).parameters
    return {n: p for n, p in parameters.items() if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)}


def takes_keywords(target: Callable[..., Any]) -> bool:
    """Whether there is a ``**kwargs``."""
    return any(p.kind is p.VAR_KEYWORD for p in inspect.signature(target).parameters.values())


def default_of(parameter: inspect.Parameter) -> dict[str, Any]:
    """The fields of a :class:`hyperdsl.catalog.model.Parameter` that say its default."""
    if parameter.default is parameter.empty:
        return {"required": True}
    if _is_constant(parameter.default):
        return {"default": parameter.default}
    return {"default_text": _default_text(parameter.default)}


def summary_of(target: object) -> str:
    """The first line of the documentation."""
    lines = (inspect.getdoc(target) or "").strip().splitlines()
    return lines[0] if lines else ""


def _is_constant(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(_is_constant(v) for v in value)
    if isinstance(value, dict):
        return all(_is_constant(k) and _is_constant(v) for k, v in value.items())
    return type(value) in _CONSTANTS


def _default_text(value: Any) -> str:
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    return f"{value.__module__}.{name}" if name else repr(value)
