"""Configurations that a user gives (E05xx)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.diagnostics.names import _or


def unknown_path(path: str, suggestions: Sequence[str]) -> Diagnostic:
    """A configuration names a decision that the space does not have."""
    help = f"did you mean {_or(suggestions)}?" if suggestions else "`hyperdsl info FILE` lists the decisions"
    return Diagnostic("E0501", f"this space has no decision `{path}`", None, "", help)


def bad_value(path: str, value: object, takes: str) -> Diagnostic:
    """A value that the decision does not admit."""
    return Diagnostic("E0502", f"`{path}` cannot be {value!r}", None, "", f"it takes {takes}")


def missing_path(path: str, takes: str) -> Diagnostic:
    """An active decision has no value."""
    return Diagnostic("E0503", f"the configuration does not say what `{path}` is", None, "", f"it takes {takes}")


def inactive_path(path: str) -> Diagnostic:
    """A value for a decision that the other values leave inactive."""
    return Diagnostic(
        "E0504",
        f"`{path}` is not active in this configuration",
        None,
        "",
        "remove it, or choose the part that it belongs to",
    )


def not_countable(reason: str) -> Diagnostic:
    """Rank, unrank and enumeration need an exact count."""
    return Diagnostic(
        "E0505", f"this space cannot be enumerated: {reason}", None, "", "`count()` gives bounds; sampling works"
    )
