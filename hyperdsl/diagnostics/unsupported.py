"""Parts of the language that are parsed and not supported yet (E09xx)."""

from __future__ import annotations

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def neural(span: Span, name: str) -> Diagnostic:
    """Layers, ``train``, ``input``, ``loose``, ``tied``."""
    return Diagnostic(
        "E0903",
        f"`{name}` belongs to neural networks, which are not supported yet",
        span,
        "a neural form",
        "for tables use scikit-learn's MLPClassifier or MLPRegressor",
    )
