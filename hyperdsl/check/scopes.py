"""Scopes: which definition a name stands for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from hyperdsl.catalog.model import Module
from hyperdsl.source import Span
from hyperdsl.syntax import tree


@dataclass(slots=True)
class Binding:
    """A name in a scope. ``template`` holds the parameters of something that must be called."""

    name: str
    kind: str  # "let", "def", "space", "parameter", "variable", "import", "class"
    span: Span | None
    template: tuple[tree.Parameter, ...] | None = None
    module: Module | None = None
    value: tree.Expr | None = None
    used: bool = False


@dataclass(slots=True)
class Scope:
    outer: Scope | None = None
    bindings: dict[str, Binding] = field(default_factory=dict)

    def find(self, name: str) -> Binding | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bindings:
                return scope.bindings[name]
            scope = scope.outer
        return None

    def names(self) -> Iterator[str]:
        scope: Scope | None = self
        while scope is not None:
            yield from scope.bindings
            scope = scope.outer


def binding_of(statement: tree.Let | tree.Def | tree.SpaceDef) -> Binding:
    """The binding that a definition makes."""
    kind = {tree.Let: "let", tree.Def: "def", tree.SpaceDef: "space"}[type(statement)]
    template = None if isinstance(statement, tree.SpaceDef) else statement.parameters
    return Binding(statement.name, kind, statement.name_span, template, value=statement.value)
