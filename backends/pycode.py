"""Builders of Python code as standard ``ast`` nodes, and the imports that they need.

Generated code exists as a tree until :mod:`hyperdsl.backends.printer` prints it or :mod:`hyperdsl.backends.live`
makes an object of it; no code is ever pasted from strings. What comes from a user enters as a constant.
"""

from __future__ import annotations

import ast
import keyword
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)

NOTE = "hyperdsl_note"  # the attribute of a node that holds the comment to print beside it

# Modules that are imported whole under their usual short name, ``np.log1p``.
SHORT_NAMES = {"numpy": "np", "pandas": "pd", "torch": "torch", "torch.nn": "nn", "torch.nn.functional": "F"}


@dataclass(slots=True)
class Imports:
    """The imports of one program and its other names at top level."""

    taken: set[str] = field(default_factory=set)
    paths: dict[str, str] = field(default_factory=dict)  # dotted path -> local name
    effects: set[str] = field(default_factory=set)  # imported for what importing does, the name is not used
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict)  # the last that a name has got

    def reference(self, path: str) -> ast.expr:
        """The expression that names what is at ``path``, imported."""
        module, _, name = path.rpartition(".")
        if path in SHORT_NAMES:
            return ast.Name(self._bind(path, SHORT_NAMES[path]))
        if module in SHORT_NAMES:
            return ast.Attribute(ast.Name(self._bind(module, SHORT_NAMES[module])), name)
        return ast.Name(self._bind(path, name))

    def add_effect(self, path: str) -> None:
        """Import ``path`` only for what its import does."""
        self.effects.add(path)

    def define(self, name: str, separator: str = "_") -> str:
        """A name for the program's own use that nothing else has: ``name``, or with a number after it."""
        base = checked_identifier(name)
        number = self._numbers.get((base, separator), 1)
        while name in self.taken:
            number += 1
            name = f"{base}{separator}{number}"
        self._numbers[base, separator] = number
        self.taken.add(name)
        return name

    def _bind(self, path: str, name: str) -> str:
        if path not in self.paths:
            for part in path.split("."):
                checked_identifier(part)
            self.paths[path] = self.define(name, separator="")
        return self.paths[path]

    def statements(self) -> list[list[ast.stmt]]:
        """Sorted import statements in groups: standard library, then the others."""
        modules = [ast.Import([_alias(p, n)]) for p, n in self.paths.items() if p in SHORT_NAMES or "." not in p]
        modules.sort(key=lambda s: _natural(s.names[0].name))
        members: dict[str, list[ast.alias]] = {}
        for path, local in self.paths.items():
            if path not in SHORT_NAMES and "." in path:
                module, _, name = path.rpartition(".")
                members.setdefault(module, []).append(_alias(name, local))
        effects = {p.rpartition(".")[0]: p.rpartition(".")[2] for p in sorted(self.effects)}
        froms: list[ast.stmt] = []
        for module in sorted({*members, *effects}, key=_natural):
            if module in effects:
                froms.append(note(ast.ImportFrom(module, [ast.alias(effects[module])], 0), "noqa: F401"))
            if module in members:
                froms.append(ast.ImportFrom(module, sorted(members[module], key=_member_order), 0))
        groups: dict[bool, list[ast.stmt]] = {True: [], False: []}
        for statement in [*modules, *froms]:
            groups[_root(statement) in sys.stdlib_module_names].append(statement)
        return [group for group in groups.values() if group]


def _alias(name: str, local: str) -> ast.alias:
    return ast.alias(name, None if local == name else local)


def _root(statement: ast.stmt) -> str:
    path = statement.names[0].name if isinstance(statement, ast.Import) else statement.module  # type: ignore[attr-defined]
    return str(path).partition(".")[0]


def _natural(name: str) -> tuple[object, ...]:
    """The order of isort: without case, numbers by value."""
    parts: list[object] = []
    for char_group in _digit_groups(name):
        parts.append((0, int(char_group), "") if char_group.isdecimal() else (1, 0, char_group.lower()))
    return (tuple(parts), name)


def _digit_groups(name: str) -> Iterable[str]:
    group = ""
    for char in name:
        if group and group[-1].isdecimal() != char.isdecimal():
            yield group
            group = ""
        group += char
    yield group


def _member_order(alias: ast.alias) -> tuple[object, ...]:
    """Constants, then classes, then functions, as isort's default order."""
    name = alias.name
    rank = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return (rank, *_natural(name))


def is_name(text: str) -> bool:
    """Whether a text can name a variable."""
    return text.isidentifier() and not keyword.iskeyword(text)


def checked_identifier(name: str) -> str:
    """``name``, which must be one; generated code holds no other names."""
    if not is_name(name):
        raise ValueError(f"not a Python name: {name!r}")
    return name


def unique(name: str, taken: Iterable[str], separator: str = "_") -> str:
    """``name``, or ``name_2``, ``name_3``, … when it is taken."""
    taken = set(taken)
    if name not in taken:
        return name
    number = 2
    while f"{name}{separator}{number}" in taken:
        number += 1
    return f"{name}{separator}{number}"


def literal(value: object) -> ast.expr:
    """A constant, list, tuple or dict of constants; the type of each is kept."""
    match value:
        case float() if not math.isfinite(value):
            return ast.Call(ast.Name("float"), [ast.Constant(str(value))], [])
        case bool() | int() | float() | str() | None:
            return ast.Constant(value)
        case list():
            return ast.List([literal(v) for v in value])
        case tuple():
            return ast.Tuple([literal(v) for v in value])
        case dict():
            return ast.Dict([literal(k) for k in value], [literal(v) for v in value.values()])
        case _:
            raise TypeError(f"not a constant: {value!r}")


def call(function: ast.expr, *positional: ast.expr, keywords: Mapping[str, ast.expr] | None = None) -> ast.Call:
    """``function(*positional, **keywords)``."""
    named = [ast.keyword(checked_identifier(k), v) for k, v in (keywords or {}).items()]
    return ast.Call(function, list(positional), named)


def parameters(names: Iterable[str], optional: Sequence[str] = ()) -> ast.arguments:
    """The parameters of a function; optional ones are None when left out."""
    defaults: list[ast.expr] = [ast.Constant(None) for _ in optional]
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(name) for name in (*names, *optional)],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=defaults,
    )


def assign(name: str, value: ast.expr) -> ast.Assign:
    """``name = value``."""
    return ast.Assign([ast.Name(checked_identifier(name))], value)


def note(node: Node, text: str) -> Node:
    """The node, with a comment to print beside it."""
    setattr(node, NOTE, " ".join(text.split()))  # on one line, whatever a file may be called
    return node


def note_of(node: ast.AST) -> str:
    """The comment of a node, empty where it has none."""
    return str(getattr(node, NOTE, ""))
