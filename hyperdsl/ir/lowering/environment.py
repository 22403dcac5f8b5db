"""What names stand for while a program is lowered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Union

from hyperdsl.catalog.model import Module
from hyperdsl.source import Span
from hyperdsl.syntax import tree

MAX_NODES = 200_000  # 3 s of expansion; the largest programs that people have take some thousands
MAX_DEPTH = 1_000


class Stop(Exception):
    """Lowering cannot go on; the reason is reported."""


@dataclass(eq=False, slots=True)
class Template:
    """A ``def``, or a ``let`` with parameters: its body and the scope that it was written in.

    ``trail`` is None for a ``def``, which decides afresh; the body of a ``let`` stands on it (see ``paths``) at
    ``place``, whoever calls.
    """

    name: str
    parameters: tuple[tree.Parameter, ...]
    body: tree.Expr
    scope: Scope
    span: Span
    place: str = ""
    trail: int | None = None
    in_progress: bool = False


@dataclass(eq=False, slots=True)
class Delayed:
    """A ``let`` that is lowered when it is first used, and then once."""

    name: str
    value: tree.Expr
    scope: Scope
    place: str
    span: Span
    trail: int | None
    bound: Bound | None = None
    in_progress: bool = False


Bound = Union[int, Template, Module, Delayed]  # noqa: UP007


@dataclass(eq=False, slots=True)
class Scope:
    outer: Scope | None = None
    values: dict[str, Bound] = field(default_factory=dict)

    def find(self, name: str) -> Bound | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.outer
        return None
