"""What parts are called: in configurations, paths and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyperdsl.ir import ops
from hyperdsl.syntax import tree

if TYPE_CHECKING:
    from hyperdsl.ir.lowering.lower import Lowering


def label(run: Lowering, expr: tree.Expr, operand: int) -> ops.Scalar:
    """What an alternative is called in configurations: a constant itself, else its name."""
    op = run.builder[operand].op
    if isinstance(op, ops.Const) and (run.paths.trail is None or is_written(expr)):
        return op.value
    return name_of(expr) or shorten(expr.span.text)


def is_written(expr: tree.Expr) -> bool:
    """Whether an expression is a constant as it stands."""
    match expr:
        case tree.Paren(value=value) | tree.Labelled(value=value) | tree.Unary(value=value):
            return is_written(value)
    return isinstance(expr, tree.Literal)


def name_of(expr: tree.Expr) -> str | None:
    """What a person would call a part: its label, its class, the definition that it comes from."""
    match expr:
        case tree.Paren(value=value):
            return name_of(value)
        case tree.Labelled(label=label):
            return label
        case tree.Name(id=name):
            return name
        case tree.Attribute(name=name):
            return name
        case tree.Call(function=function):
            return name_of(function)
        case tree.Presence(value=value):
            inner = name_of(value)
            return f"{inner}?" if inner else None
        case tree.Sequence(items=items):
            parts = [name_of(i) for i in items]
            return " >> ".join(p for p in parts if p) if all(parts) else None
        case tree.Parallel(items=items):
            parts = [name_of(i) for i in items]
            return " & ".join(p for p in parts if p) if all(parts) else None
        case tree.Choice(alternatives=alternatives):
            parts = [name_of(a.value) for a in alternatives]
            return " | ".join(p for p in parts if p) if all(parts) else None
        case tree.TupleExpr(items=(tree.Literal(value=str(name)), _)):  # a named part, as voting and stacking take them
            return name
        case tree.Columns():
            return "columns"
    return None


def shorten(text: str, width: int = 40) -> str:
    """Source text on one line, cut at ``width`` characters."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"
