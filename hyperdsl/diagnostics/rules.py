"""Parameters of one class that do not go together (E0420, W0420, N0420)."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.source import Span


def fails(
    span: Span, module: str, where: str, says: str, witness: str, remedy: str, source: str, labels: Sequence[Label]
) -> Diagnostic:
    """What a library refuses when it fits."""
    return Diagnostic(
        "E0420",
        f"`{module}` fails {where}: {says}",
        span,
        _for_instance(witness),
        f"{remedy}; see {source}",
        tuple(labels),
    )


def ignored(span: Span, module: str, parameter: str, says: str, source: str) -> Diagnostic:
    """What a library takes and does not use."""
    return Diagnostic(
        "W0420",
        f"`{parameter}` of `{module}` has no effect here: {says}",
        span,
        "not used",
        f"leave it out; see {source}",
    )


def depends_on_data(span: Span, module: str, says: str, source: str) -> Diagnostic:
    """What a library refuses for some data."""
    return Diagnostic(
        "N0420",
        f"whether `{module}` can be fitted depends on the data: {says}",
        span,
        "judged with the data only",
        f"`hyperdsl check --data FILE` judges it; see {source}",
    )


def _for_instance(witness: str) -> str:
    return f"fails with {witness}" if witness else "here"
