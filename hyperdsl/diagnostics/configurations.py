"""Configurations that a user gives (E05xx)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.diagnostics.names import _or
from hyperdsl.source import Span


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


def condition_violated(span: Span | None) -> Diagnostic:
    """A configuration does not meet a condition of the space."""
    return Diagnostic("E0507", "the configuration does not meet a condition of the space", span, "not met", "change it")


def conditions_too_strict(span: Span | None, attempts: int) -> Diagnostic:
    """Conditions on continuous ranges hold too seldom to be met by drawing."""
    return Diagnostic(
        "E0508",
        f"no configuration that meets this condition was found in {attempts:,} draws",
        span,
        "met too seldom",
        "narrow the ranges that it reads, or let the end of one depend on the other: `low..x`",
    )


def no_configuration(span: Span | None) -> Diagnostic:
    """The conditions of a space exclude every configuration."""
    return Diagnostic(
        "E0509", "no configuration meets all conditions of this space", span, "an empty space", "relax a condition"
    )
