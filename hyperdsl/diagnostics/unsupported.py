"""Parts of the language that are understood, and not supported everywhere yet (E09xx)."""

from __future__ import annotations

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def network_in_module(span: Span | None) -> Diagnostic:
    """Tensors in the Python module of a whole space."""
    return Diagnostic(
        "E0903",
        "networks cannot be written as the Python module of a whole space yet",
        span,
        "a network",
        "`hyperdsl compile FILE --default` writes the script of one configuration, `hyperdsl sample` draws others",
    )
