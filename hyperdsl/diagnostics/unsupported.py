"""Parts of the language that are parsed and not supported yet (E09xx)."""

from __future__ import annotations

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def experiment(span: Span, name: str) -> Diagnostic:
    """``experiment``."""
    return Diagnostic(
        "E0902",
        "`experiment` is not supported yet",
        span,
        f"the experiment `{name}`",
        "pass its settings on the command line: hyperdsl search FILE --data ... --target ...",
    )


def neural(span: Span, name: str) -> Diagnostic:
    """Layers, ``train``, ``input``, ``loose``, ``tied``."""
    return Diagnostic(
        "E0903",
        f"`{name}` belongs to neural networks, which are not supported yet",
        span,
        "a neural form",
        "for tables use scikit-learn's MLPClassifier or MLPRegressor",
    )
