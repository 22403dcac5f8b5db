"""Columns that a program names and the data has or has not (E065x, W065x)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def unknown_column(name: str | int, columns: int, suggestions: Sequence[str], span: Span | None) -> Diagnostic:
    """A route names a column that the data does not have."""
    if isinstance(name, int):
        text = f"there is no column {name}: the data has {columns} columns"
        return Diagnostic("E0650", text, span, "not in the data", f"positions go from 0 to {columns - 1}")
    near = " or ".join(f'"{s}"' for s in suggestions)
    help = f"did you mean {near}?" if near else "name a column of the data, or select by kind: `numeric`, `categorical`"
    return Diagnostic("E0650", f'the data has no column "{name}"', span, "not in the data", help)


def bad_pattern(pattern: str, problem: str, span: Span | None) -> Diagnostic:
    """The pattern of ``regex(…)`` is not a regular expression."""
    return Diagnostic(
        "E0651",
        f'"{pattern}" is not a regular expression: {problem}',
        span,
        "in this route",
        "write a Python regular expression that matches whole column names, for instance `x_.*`",
    )


def needs_schema(selectors: Sequence[str], span: Span | None) -> Diagnostic:
    """What a route selects can be told only from data."""
    shown = ", ".join(selectors)
    return Diagnostic(
        "E0652",
        f"which columns are `{shown}` cannot be told without data",
        span,
        "depends on the data",
        "give the data's schema, or select by one thing alone: names, or a kind other than `text`",
    )


def names_are_gone(selectors: Sequence[str], span: Span | None) -> Diagnostic:
    """``columns`` stands after a step that gives an array without column names."""
    return Diagnostic(
        "E0653",
        f"`{', '.join(selectors)}` cannot be selected here: the step before gives columns without names",
        span,
        "after another step",
        "put `columns { … }` first, or select by position: `0, 1 => …`",
    )


def no_columns(span: Span | None) -> Diagnostic:
    """No route of ``columns`` takes a column of the data."""
    return Diagnostic(
        "E0654",
        "no route takes any column of this data",
        span,
        "nothing is left for the next step",
        "add a route for the kinds that the data has, or `rest => pass`",
    )
