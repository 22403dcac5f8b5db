"""The tree: a program as it was written. Frozen nodes with spans and no behaviour.

Spans do not take part in equality, so two trees are equal when they say the same.
"""

from __future__ import annotations

from dataclasses import field
from typing import Literal as OneOf

from hyperdsl.frozen import frozen
from hyperdsl.source import Span


@frozen
class Node:
    """A part of the text."""

    span: Span = field(compare=False, repr=False, kw_only=True)


class Expr(Node):
    """Anything that denotes a value, a module or a space of them."""

    __slots__ = ()


# --- literals and names


@frozen
class Literal(Expr):
    """A number, string, ``True``/``true``, ``False``, ``None``. ``text`` is as written (exact decimals)."""

    value: int | float | bool | str | None
    text: str = field(compare=False, default="")


@frozen
class Name(Expr):
    """``id``."""

    id: str


@frozen
class Attribute(Expr):
    """``value.name``."""

    value: Expr
    name: str


@frozen
class Index(Expr):
    """``value[index]``."""

    value: Expr
    index: Expr


@frozen
class Slice(Expr):
    """``value[lower:upper:step]``."""

    value: Expr
    lower: Expr | None
    upper: Expr | None
    step: Expr | None


@frozen
class Argument(Node):
    """``v`` (positional), ``k = v`` (named), ``**record`` (splat) or ``...`` (recommended; value is None)."""

    kind: OneOf["positional", "named", "splat", "recommended"]
    name: str | None
    value: Expr | None
    name_span: Span | None = field(compare=False, repr=False, default=None)


@frozen
class Call(Expr):
    function: Expr
    arguments: tuple[Argument, ...]


@frozen
class Paren(Expr):
    """A parenthesized expression; kept because it groups alternatives."""

    value: Expr


@frozen
class ListExpr(Expr):
    """``[a, b]``."""

    items: tuple[Expr, ...]


@frozen
class TupleExpr(Expr):
    """``(a, b)``."""

    items: tuple[Expr, ...]


@frozen
class DictExpr(Expr):
    """``{0: 1, "b": 5}``; keys are literals."""

    items: tuple[tuple[Literal, Expr], ...]


@frozen
class Comprehension(Expr):
    """``[item for name in source if condition]``."""

    item: Expr
    name: str
    source: Expr
    condition: Expr | None


# --- spaces


@frozen
class Range(Expr):
    """``low..high [log] [step s] [default d]``."""

    low: Expr
    high: Expr
    log: bool = False
    step: Expr | None = None
    default: Expr | None = None


@frozen
class Alternative(Node):
    """``value`` or ``value @ weight`` in a choice."""

    value: Expr
    weight: Literal | None = None


@frozen
class Choice(Expr):
    """``a | b @ 3 | c``: at least two alternatives."""

    alternatives: tuple[Alternative, ...]


@frozen
class Presence(Expr):
    """``a?`` or ``a? @ 3``."""

    value: Expr
    weight: Literal | None = None


@frozen
class Conditional(Expr):
    """``then if test else other``."""

    test: Expr
    then: Expr
    other: Expr


@frozen
class Sequence(Expr):
    """``a >> b >> c``: at least two items."""

    items: tuple[Expr, ...]


@frozen
class Parallel(Expr):
    """``a & b & c``: at least two items."""

    items: tuple[Expr, ...]


@frozen
class Labelled(Expr):
    """``name: value``."""

    label: str
    value: Expr


@frozen
class Route(Node):
    """One line of ``columns { … }``: selectors (names, strings, calls) and what they go through."""

    selectors: tuple[Expr, ...]
    value: Expr


@frozen
class Columns(Expr):
    routes: tuple[Route, ...]


# --- operators


@frozen
class Unary(Expr):
    """``-x``, ``+x`` or ``not x``."""

    operator: OneOf["-", "+", "not"]
    value: Expr


@frozen
class Binary(Expr):
    """``left + right``, and the other operators of arithmetic."""

    operator: OneOf["+", "-", "*", "/", "//", "%", "**"]
    left: Expr
    right: Expr


@frozen
class Compare(Expr):
    """A chain: ``operators[i]`` stands between ``operands[i]`` and ``operands[i + 1]``."""

    operators: tuple[OneOf["==", "!=", "<", "<=", ">", ">=", "in", "not in", "is", "is not"], ...]
    operands: tuple[Expr, ...]


@frozen
class Boolean(Expr):
    """``a and b and c``: at least two items."""

    operator: OneOf["and", "or"]
    items: tuple[Expr, ...]


# --- statements


@frozen
class Parameter(Node):
    """``name`` or ``name = default`` of a template."""

    name: str
    default: Expr | None = None


class Statement(Node):
    """A definition or a constraint."""

    __slots__ = ()


@frozen
class SpaceDef(Statement):
    """``space name = value``."""

    name: str
    value: Expr
    name_span: Span = field(compare=False, repr=False, kw_only=True)
    doc: str = ""


@frozen
class Let(Statement):
    """``let name = value``, or with parameters a template that is decided once."""

    name: str
    parameters: tuple[Parameter, ...] | None
    value: Expr
    name_span: Span = field(compare=False, repr=False, kw_only=True)
    doc: str = ""


@frozen
class Def(Statement):
    """``def name(p, q = default) = value``: a template, fresh in every call."""

    name: str
    parameters: tuple[Parameter, ...]
    value: Expr
    name_span: Span = field(compare=False, repr=False, kw_only=True)
    doc: str = ""


@frozen
class ImportedName(Node):
    """A name in the list of an import."""

    name: str


@frozen
class Import(Statement):
    """``import "file.hyp" (a, b)`` (``is_path``) or ``import std.tabular (a, b)``."""

    target: str
    is_path: bool
    names: tuple[ImportedName, ...]
    target_span: Span = field(compare=False, repr=False, kw_only=True)


@frozen
class Use(Statement):
    """``use my_pkg.module.MyClass``."""

    path: str


@frozen
class Require(Statement):
    """``require e``; ``forbid e`` has ``negated``."""

    condition: Expr
    negated: bool = False


@frozen
class Entry(Node):
    """``name = value`` in an experiment."""

    name: str
    value: Expr
    name_span: Span = field(compare=False, repr=False, kw_only=True)


@frozen
class ExperimentDef(Statement):
    """``experiment name { entry … }``."""

    name: str
    entries: tuple[Entry, ...]
    name_span: Span = field(compare=False, repr=False, kw_only=True)
    doc: str = ""


@frozen
class Block(Expr):
    """``{ let … def … require … return value }``."""

    statements: tuple[Statement, ...]
    value: Expr


@frozen
class Module(Node):
    """A whole file; ``broken`` are the names in the heads of statements that could not be read."""

    statements: tuple[Statement, ...]
    broken: frozenset[str] = frozenset()
