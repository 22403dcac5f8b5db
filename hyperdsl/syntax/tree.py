"""The tree: a program as it was written. Frozen nodes with spans and no behaviour.

Spans do not take part in equality, so two trees are equal when they say the same.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from hyperdsl.source import Span


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the text."""

    span: Span = field(compare=False, repr=False, kw_only=True)


class Expr(Node):
    """Anything that denotes a value, a module or a space of them."""

    __slots__ = ()


# --- literals and names


@dataclass(frozen=True, slots=True)
class Literal(Expr):
    """A number, string, ``True``/``true``, ``False``, ``None``. ``text`` is as written (exact decimals)."""

    value: int | float | bool | str | None
    text: str = field(compare=False, default="")


@dataclass(frozen=True, slots=True)
class Name(Expr):
    """``id``."""

    id: str


@dataclass(frozen=True, slots=True)
class Attribute(Expr):
    """``value.name``."""

    value: Expr
    name: str


@dataclass(frozen=True, slots=True)
class Index(Expr):
    """``value[index]``."""

    value: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Slice(Expr):
    """``value[lower:upper:step]``."""

    value: Expr
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@dataclass(frozen=True, slots=True)
class Argument(Node):
    """``v`` (positional), ``k = v`` (named), ``**record`` (splat) or ``...`` (recommended; value is None)."""

    kind: OneOf["positional", "named", "splat", "recommended"]
    name: str | None
    value: Expr | None
    name_span: Span | None = field(compare=False, repr=False, default=None)


@dataclass(frozen=True, slots=True)
class Call(Expr):
    function: Expr
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Paren(Expr):
    """A parenthesized expression; kept because it groups alternatives."""

    value: Expr


@dataclass(frozen=True, slots=True)
class ListExpr(Expr):
    """``[a, b]``."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class TupleExpr(Expr):
    """``(a, b)``."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class DictExpr(Expr):
    """``{0: 1, "b": 5}``; keys are literals."""

    items: tuple[tuple[Literal, Expr], ...]


@dataclass(frozen=True, slots=True)
class Comprehension(Expr):
    """``[item for name in source if condition]``."""

    item: Expr
    name: str
    source: Expr
    condition: Expr | None


# --- spaces


@dataclass(frozen=True, slots=True)
class Range(Expr):
    """``low..high [log] [step s] [default d]``."""

    low: Expr
    high: Expr
    log: bool = False
    step: Expr | None = None
    default: Expr | None = None


@dataclass(frozen=True, slots=True)
class Alternative(Node):
    """``value`` or ``value @ weight`` in a choice."""

    value: Expr
    weight: Literal | None = None


@dataclass(frozen=True, slots=True)
class Choice(Expr):
    """``a | b @ 3 | c``: at least two alternatives."""

    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Presence(Expr):
    """``a?`` or ``a? @ 3``."""

    value: Expr
    weight: Literal | None = None


@dataclass(frozen=True, slots=True)
class Conditional(Expr):
    """``then if test else other``."""

    test: Expr
    then: Expr
    other: Expr


@dataclass(frozen=True, slots=True)
class Sequence(Expr):
    """``a >> b >> c``: at least two items."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Parallel(Expr):
    """``a & b & c``: at least two items."""

    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Labelled(Expr):
    """``name: value``."""

    label: str
    value: Expr


@dataclass(frozen=True, slots=True)
class Route(Node):
    """One line of ``columns { … }``: selectors (names, strings, calls) and what they go through."""

    selectors: tuple[Expr, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Columns(Expr):
    routes: tuple[Route, ...]


# --- operators


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    """``-x``, ``+x`` or ``not x``."""

    operator: OneOf["-", "+", "not"]
    value: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """``left + right``, and the other operators of arithmetic."""

    operator: OneOf["+", "-", "*", "/", "//", "%", "**"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare(Expr):
    """A chain: ``operators[i]`` stands between ``operands[i]`` and ``operands[i + 1]``."""

    operators: tuple[OneOf["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"], ...]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Boolean(Expr):
    """``a and b and c``: at least two items."""

    operator: OneOf["and", "or"]
    items: tuple[Expr, ...]


# --- statements


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """``name`` or ``name = default`` of a template."""

    name: str
    default: Expr | None = None


class Statement(Node):
    """A definition or a constraint."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class SpaceDef(Statement):
    """``space name = value``."""

    name: str
    value: Expr
    name_span: Span = field(compare=False, repr=False, kw_only=True)
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Let(Statement):
    """``let name = value``, or with parameters a template that is decided once."""

    name: str
    parameters: tuple[Parameter, ...] | None
    value: Expr
    name_span: Span = field(compare=False, repr=False, kw_only=True)
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Def(Statement):
    """``def name(p, q = default) = value``: a template, fresh in every call."""

    name: str
    parameters: tuple[Parameter, ...]
    value: Expr
    name_span: Span = field(compare=False, repr=False, kw_only=True)
    doc: str = ""


@dataclass(frozen=True, slots=True)
class ImportedName(Node):
    """A name in the list of an import."""

    name: str


@dataclass(frozen=True, slots=True)
class Import(Statement):
    """``import "file.hyp" (a, b)`` (``is_path``) or ``import std.tabular (a, b)``."""

    target: str
    is_path: bool
    names: tuple[ImportedName, ...]
    target_span: Span = field(compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Use(Statement):
    """``use my_pkg.module.MyClass``."""

    path: str


@dataclass(frozen=True, slots=True)
class Require(Statement):
    """``require e``; ``forbid e`` has ``negated``."""

    condition: Expr
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Entry(Node):
    """``name = value`` in an experiment."""

    name: str
    value: Expr


@dataclass(frozen=True, slots=True)
class ExperimentDef(Statement):
    """``experiment name { entry … }``."""

    name: str
    entries: tuple[Entry, ...]
    name_span: Span = field(compare=False, repr=False, kw_only=True)
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Block(Expr):
    """``{ let … def … require … return value }``."""

    statements: tuple[Statement, ...]
    value: Expr


@dataclass(frozen=True, slots=True)
class Module(Node):
    """A whole file; ``broken`` are the names in the heads of statements that could not be read."""

    statements: tuple[Statement, ...]
    broken: frozenset[str] = frozenset()
