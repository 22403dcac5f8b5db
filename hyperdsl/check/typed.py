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
    """One file: its own definitions, what it imports, the user's classes that it names.

    ``words`` are the names in experiments that nothing defines, dotted ones too, by ``id(node)``: each entry has words
    of its own.
    """

    name: str
    source: Source
    tree: tree.Module
    definitions: dict[str, Definition] = field(default_factory=dict)
    imported: dict[str, tuple[Unit, str]] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    used: dict[str, Module] = field(default_factory=dict)
    words: set[int] = field(default_factory=set)


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

    @property
    def experiments(self) -> tuple[tree.ExperimentDef, ...]:
        """The experiments of the main file; those of imported files are not run."""
        return tuple(s for s in self.main.tree.statements if isinstance(s, tree.ExperimentDef))


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
    lines.extend(f"  experiment {e.name}: line {e.span.line}" for e in typed.experiments)
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
