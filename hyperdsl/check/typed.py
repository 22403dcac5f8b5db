"""The typed program: the tree of every file, with what its names stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hyperdsl.catalog.model import Module
from hyperdsl.frozen import frozen
from hyperdsl.source import Source
from hyperdsl.syntax import tree

Definition = tree.Let | tree.Def | tree.SpaceDef


@dataclass
class Unit:
    """One file: its own definitions, what it imports, the user's classes that it names."""

    name: str
    source: Source
    tree: tree.Module
    definitions: dict[str, Definition] = field(default_factory=dict)
    imported: dict[str, tuple[Unit, str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    used: dict[str, Module] = field(default_factory=dict)


@frozen(slots=False)
class Typed:
    """A program whose names are known.

    Parameters
    ----------
    units : tuple of Unit
        Every file of the program, each after those it imports; the last is the main one.
    modules : mapping
        The catalog's entry for each ``Name`` or ``Attribute`` node that names one, by ``id(node)``.
    recommended : mapping
        What ``...`` stands for in a call of a module, by its path: the expressions of the catalog, by parameter.
    """

    units: tuple[Unit, ...]
    modules: Mapping[int, Module]
    recommended: Mapping[str, Mapping[str, tree.Expr]]

    @property
    def main(self) -> Unit:
        return self.units[-1]

    @property
    def spaces(self) -> dict[str, tree.SpaceDef]:
        """The entry points of the main file."""
        return {n: d for n, d in self.main.definitions.items() if isinstance(d, tree.SpaceDef)}


def write(typed: Typed) -> str:
    """A readable listing: every definition with the modules that it names."""
    lines = []
    for unit in typed.units:
        lines.append(f"file {unit.source.name}")
        for name, (origin, original) in sorted(unit.imported.items()):
            lines.append(f"  import {name} = {origin.name}.{original}")
        lines.extend(f"  use {module.path}" for module in unit.used.values())
        for name, definition in unit.definitions.items():
            kind = type(definition).__name__.removesuffix("Def").lower() or "def"
            lines.append(f"  {kind} {name}: line {definition.span.line}")
            paths = {typed.modules[i].path for i in _ids(definition) if i in typed.modules}
            lines.extend(f"    {path}" for path in sorted(paths))
    return "\n".join(lines) + "\n"


def _ids(node: tree.Node) -> list[int]:
    found = []
    pending: list[object] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, tree.Node):
            found.append(id(item))
            pending.extend(getattr(item, name) for name in fields_of(type(item)))
        elif isinstance(item, tuple):
            pending.extend(item)
    return found


def fields_of(cls: type) -> tuple[str, ...]:
    """The names of a node's fields, spans left out."""
    return tuple(n for n in cls.__dataclass_fields__ if not n.endswith("span"))  # type: ignore[attr-defined]
