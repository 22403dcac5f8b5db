"""What an unfitted step is, as text: steps with equal texts do the same to the same input.

The text has the class and all that the object holds: the parameters, those of the objects within them too, and the
seed. So it needs no knowledge of libraries, and what it cannot write has no text and is not shared.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

TRUSTED = frozenset({"builtins", "sklearn", "numpy", "scipy", "lightgbm", "xgboost", "catboost"})
_DEEPEST = 40
_PLAIN = (bool, int, str, bytes, type(None))


class _Unknown(Exception):
    """Something that has no text."""


def identity(step: object) -> str | None:
    """The text of a step; None where it holds what has none, e.g. a function without a name."""
    try:
        return _text(step, 0)
    except _Unknown:
        return None


def leaves_input(value: object, depth: int = 0) -> bool:
    """Whether a step is known not to write into the arrays that it is given.

    True for what comes from known libraries, unless it or what it holds is told to with ``copy=False`` or the like.
    A test holds scikit-learn's classes to it.
    """
    if isinstance(value, (*_PLAIN, float)):
        return True
    if depth > _DEEPEST:
        return False
    if isinstance(value, Mapping):
        value = tuple(value.values())
    elif isinstance(value, functools.partial):
        value = (value.func, value.args, value.keywords)
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(leaves_input(item, depth + 1) for item in value)
    if isinstance(value, type) or hasattr(value, "__qualname__"):
        return _is_trusted(value)
    return _is_trusted(type(value)) and all(
        not _writes(name, held) and leaves_input(held, depth + 1) for name, held in _state(value).items()
    )


def _is_trusted(named: object) -> bool:
    return str(getattr(named, "__module__", None)).partition(".")[0] in TRUSTED


def _writes(name: str, value: object) -> bool:
    """Whether a parameter asks for work in place: ``copy=False``, ``copy_X=False``, ``overwrite=True``."""
    return (name.startswith("copy") and value is False) or (name.startswith(("overwrite", "inplace")) and value is True)


def _state(value: object) -> dict[str, Any]:
    return dict(getattr(value, "__dict__", None) or {})


def _text(value: object, depth: int) -> str:
    if isinstance(value, float):
        return f"{type(value).__name__} {value.hex()}"
    if isinstance(value, _PLAIN):
        return repr(value)
    if depth > _DEEPEST:
        raise _Unknown
    if isinstance(value, (list, tuple)):
        return f"{type(value).__name__}({','.join(_text(item, depth + 1) for item in value)})"
    if isinstance(value, (set, frozenset)):
        return f"set({','.join(sorted(_text(item, depth + 1) for item in value))})"
    if isinstance(value, Mapping):
        return f"map({','.join(f'{_text(k, depth + 1)}:{_text(v, depth + 1)}' for k, v in value.items())})"
    if isinstance(value, functools.partial):
        return f"partial{_text((value.func, value.args, value.keywords), depth + 1)}"
    return _array(value) or _named(value) or _object(value, depth)


def _array(value: object) -> str:
    """The text of NumPy's scalars and arrays; empty for anything else."""
    import numpy as np

    if isinstance(value, np.generic):
        return f"{value.dtype}({value!r})"
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            return f"array{value.shape}{_text(value.tolist(), 1)}"
        digest = blake2b(np.ascontiguousarray(value).tobytes(), digest_size=16).hexdigest()
        return f"array{value.shape}{value.dtype}{digest}"
    if isinstance(value, np.ufunc):
        return f"ufunc {value.__name__}"
    return ""


def _named(value: object) -> str:
    """The text of a class or a function that can be found by its name; empty for other objects."""
    name, module = getattr(value, "__qualname__", None), getattr(value, "__module__", None)
    if not isinstance(name, str):
        return ""
    if module is None or "<" in name or getattr(value, "__self__", None) is not None:
        raise _Unknown
    return f"{module}.{name}"


def _object(value: object, depth: int) -> str:
    kind = type(value)
    try:
        state = _state(value)
        if not state and not hasattr(value, "get_params"):
            raise _Unknown  # its state, if it has any, is out of sight
        inside = _text(state, depth + 1)
    except _Unknown:
        if not hasattr(value, "get_params"):
            raise
        inside = _text(value.get_params(deep=False), depth + 1)
    return f"{kind.__module__}.{kind.__qualname__}({inside})"
