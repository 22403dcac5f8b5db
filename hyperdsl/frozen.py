"""Frozen data classes that cost little to define.

``@frozen`` makes what ``@dataclass(frozen=True, slots=True)`` makes, and ``fields``, ``replace`` and ``asdict`` of
`dataclasses` take it as one of theirs. The standard decorator compiles six methods for each class when it is defined,
which for the classes behind ``hyperdsl check`` took a third of the whole run. Here a method is compiled when it is
first called, and what does not depend on the fields is shared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from functools import wraps
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")
Fields = dict[str, "Field[Any]"]
Writer = Callable[[type, Fields], tuple[str, dict[str, Any]]]

_FIELDS = "__dataclass_fields__"  # where `dataclasses` looks for them
_NEW = object()  # the default of a parameter whose field has a factory
_PARAMETERS = dataclass(frozen=True)(type("Standard", (), {})).__dataclass_params__  # type: ignore[attr-defined]


@overload
def frozen(cls: type[T], /) -> type[T]: ...
@overload
def frozen(*, slots: bool = True, eq: bool = True) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T] | None = None, /, *, slots: bool = True, eq: bool = True) -> Any:
    """Make a class a frozen data class; every field is an argument.

    Parameters
    ----------
    slots : bool
        Whether objects have slots in place of a ``__dict__``, which a cached property needs.
    eq : bool
        Whether objects are compared and hashed by their fields, otherwise by identity.
    """
    return _make(cls, slots, eq) if cls is not None else lambda cls: _make(cls, slots, eq)


def _make(cls: type, slots: bool, eq: bool) -> type:
    own = _own_fields(cls)
    inherited: Fields = {}
    for base in reversed(cls.__mro__[1:]):
        inherited.update(base.__dict__.get(_FIELDS, {}))
    fields = inherited | own
    written = {name for name, value in cls.__dict__.items() if value is not None}  # `__eq__` alone sets `__hash__`
    methods = {name: method for name, method in _SHARED.items() if slots or name not in _PICKLING}
    cls = _with_slots(cls, own, inherited) if slots else _with_defaults(cls, own)
    methods |= {n: _compiled_later(cls, n, w, fields) for n, w in _WRITERS.items() if eq or n == "__init__"}
    for name, method in methods.items():
        if name not in written:
            setattr(cls, name, method)
    described = {
        _FIELDS: fields,
        "__dataclass_params__": _PARAMETERS,
        "__match_args__": tuple(name for name, f in fields.items() if not f.kw_only),
    }
    for name, value in described.items():
        setattr(cls, name, value)
    return cls


def _own_fields(cls: type) -> Fields:
    """The fields that a class itself declares."""
    found: Fields = {}
    for name, annotation in cls.__dict__.get("__annotations__", {}).items():  # noqa: RUF063 (importing inspect costs more)
        if not annotation.startswith("ClassVar"):
            default = cls.__dict__.get(name, MISSING)
            described: Any = default if isinstance(default, Field) else field(default=default)
            described.name, described.type, described.kw_only = name, annotation, described.kw_only is True
            described._field_type = dataclasses._FIELD  # type: ignore[attr-defined]
            found[name] = described
    return found


def _with_slots(cls: type, own: Fields, inherited: Fields) -> type:
    """The class anew, since slots cannot be added to one that is there."""
    namespace = {n: v for n, v in cls.__dict__.items() if n not in own and n not in ("__dict__", "__weakref__")}
    namespace["__slots__"] = tuple(name for name in own if name not in inherited)
    made = type(cls)(cls.__name__, cls.__bases__, namespace)
    made.__qualname__ = cls.__qualname__
    return made


def _with_defaults(cls: type, own: Fields) -> type:
    """The class with plain defaults in place of descriptions of fields."""
    for name, described in own.items():
        if isinstance(cls.__dict__.get(name), Field):
            delattr(cls, name) if described.default is MISSING else setattr(cls, name, described.default)
    return cls


def _compiled_later(cls: type, name: str, write: Writer, fields: Fields) -> Callable[..., Any]:
    """A method that compiles itself when it is first called."""

    def first(self: object, *args: object, **keywords: object) -> Any:
        text, names = write(cls, fields)
        exec(text, names)
        method = names[name]
        method.__qualname__ = f"{cls.__qualname__}.{name}"
        setattr(cls, name, method)
        return method(self, *args, **keywords)

    return first


def _write_init(cls: type, fields: Fields) -> tuple[str, dict[str, Any]]:
    names: dict[str, Any] = {"_NEW": _NEW, "_set": object.__setattr__}
    parameters = {False: ["self"], True: ["*"]}  # by whether they are named in calls
    lines = []
    for name, described in fields.items():
        parameter = value = name
        if described.default is not MISSING:
            names[f"_default_{name}"] = described.default
            parameter = f"{name}=_default_{name}"
        elif described.default_factory is not MISSING:
            names[f"_new_{name}"] = described.default_factory
            parameter, value = f"{name}=_NEW", f"_new_{name}() if {name} is _NEW else {name}"
        parameters[bool(described.kw_only)].append(parameter)
        if "__slots__" in cls.__dict__:  # the slot's own setter is faster
            names[f"_set_{name}"] = getattr(cls, name).__set__
            lines.append(f" _set_{name}(self, {value})")
        else:
            lines.append(f" _set(self, {name!r}, {value})")
    signature = ", ".join(parameters[False] + (parameters[True] if len(parameters[True]) > 1 else []))
    return f"def __init__({signature}):\n" + "\n".join(lines or [" pass"]), names


def _write_eq(cls: type, fields: Fields) -> tuple[str, dict[str, Any]]:
    same = f"{_values(fields, 'self')} == {_values(fields, 'other')}"
    return f"def __eq__(self, other):\n return {same} if other.__class__ is self.__class__ else NotImplemented", {}


def _write_hash(cls: type, fields: Fields) -> tuple[str, dict[str, Any]]:
    return f"def __hash__(self):\n return hash({_values(fields, 'self')})", {}


def _values(fields: Fields, name: str) -> str:
    """What is compared of an object, as the text of a tuple."""
    return f"({''.join(f'{name}.{field}, ' for field, described in fields.items() if described.compare)})"


def __create_fn__() -> Callable[[Any], str]:
    """The shared ``__repr__``; `pprint` lays out what wraps a function made by one of this name."""

    def show(self: Any) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name, f in self.__dataclass_fields__.items() if f.repr)
        return f"{type(self).__qualname__}({', '.join(shown)})"

    return wraps(show)(lambda self: show(self))


def _refuse_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[object]:
    return [getattr(self, name) for name in self.__dataclass_fields__]


def _set_state(self: Any, state: list[object]) -> None:
    for name, value in zip(self.__dataclass_fields__, state, strict=True):
        object.__setattr__(self, name, value)


_PICKLING = {"__getstate__": _get_state, "__setstate__": _set_state}
_SHARED = {"__repr__": __create_fn__(), "__setattr__": _refuse_set, "__delattr__": _refuse_delete, **_PICKLING}
_WRITERS: dict[str, Writer] = {"__init__": _write_init, "__eq__": _write_eq, "__hash__": _write_hash}
