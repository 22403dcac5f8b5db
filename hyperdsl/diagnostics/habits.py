"""Habits from other languages (codes of E01xx, beside ``syntax``)."""

from __future__ import annotations

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def range_sign(span: Span, written: str, help: str) -> Diagnostic:
    """``1...5``, ``1..=5``, ``0.1:1.0``."""
    label = "three dots" if written == "..." else "not the sign of a range"
    return Diagnostic("E0115", "a range is written with two dots", span, label, help)


def foreign_comment(span: Span, written: str) -> Diagnostic:
    """``// note`` or ``/* note */``."""
    return Diagnostic("E0121", f"`{written}` begins no comment", span, "", "comments begin with `#`")


def python_import(span: Span, found: str, instead: str) -> Diagnostic:
    """``from x import y``, ``import x as y`` or ``import sklearn``."""
    general = (
        "remove it: library classes need no import; your own class: `use my_pkg.MyClass`; "
        'a file: `import "parts.hyp" (name)`'
    )
    return Diagnostic(
        "E0122",
        f"this is Python's way to import, found {found}",
        span,
        "",
        f"write `{instead}`" if instead else general,
    )


def python_word(span: Span, word: str, help: str) -> Diagnostic:
    """A keyword of Python that this language does not have."""
    return Diagnostic("E0123", f"there is no `{word}` in this language", span, "", help)


def foreign_operator(span: Span, written: str, help: str) -> Diagnostic:
    """An operator of another language."""
    return Diagnostic("E0124", f"there is no operator `{written}`", span, "", help)


def string_prefix(span: Span, prefix: str) -> Diagnostic:
    """``r"…"``, ``f"…"``."""
    insertion = 'delete it: nothing is inserted into a text; write each text, `"a" | "b"`'
    plain = "delete it; a backslash in a string is written `\\\\`"
    return Diagnostic(
        "E0131",
        "strings have no prefix",
        span,
        f"`{prefix}` stands before a string",
        insertion if "f" in prefix.lower() else plain,
    )


def ternary(span: Span) -> Diagnostic:
    """``c ? a : b``."""
    return Diagnostic(
        "E0132", "`?` makes the part before it optional", span, "found a second value", "write `a if condition else b`"
    )


def starred_argument(span: Span) -> Diagnostic:
    """``f(*xs)``."""
    return Diagnostic(
        "E0143",
        "a list cannot be spread over arguments",
        span,
        "",
        "pass the list itself; a record is spread with `**record`",
    )


def returned_type(span: Span) -> Diagnostic:
    """``def f(x) -> y``."""
    return Diagnostic("E0120", "`->` means nothing here", span, "", "a template's body follows `=`: `def f(x) = …`")


def no_sets(span: Span) -> Diagnostic:
    """``{"a", "b"}``."""
    return Diagnostic(
        "E0147", "there are no sets", span, "no `:` behind a key", "for a choice write `a | b`, for a list `[a, b]`"
    )


def percent(span: Span, instead: str) -> Diagnostic:
    """``50%``."""
    return Diagnostic("E0148", "there are no percentages", span, "`%` is the remainder", f"write `{instead}`")


def modifier(span: Span, written: str, help: str) -> Diagnostic:
    """``1..5 log10``, ``1..5 by 2`` or ``1..5 log=True``."""
    return Diagnostic(
        "E0149",
        f"`{written}` means nothing behind a range",
        span,
        "only `log`, `step` and `default` follow a range",
        help,
    )
