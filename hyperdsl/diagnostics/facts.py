"""What is searched and facts of the data: ``data.rows`` and the like."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.diagnostics.model import Diagnostic
from hyperdsl.source import Span


def needs_data(span: Span, shown: str) -> Diagnostic:
    """A range, a count, a branch or a condition reads a fact, and no data was given."""
    return Diagnostic(
        "E0905",
        f"what is searched depends on `{shown}`, and no data is given",
        span,
        "known only with data",
        "give the table: `--data FILE --target COLUMN`; in Python `space.bind(schema)`",
    )


def decided_with_data(span: Span, shown: str) -> Diagnostic:
    """The same, where a file is only checked."""
    return Diagnostic(
        "N0905",
        f"what is searched depends on `{shown}`: the space differs from table to table",
        span,
        "known only with data",
        "`hyperdsl check --data FILE --target COLUMN` judges it for a table",
    )


def not_met(span: Span, shown: str) -> Diagnostic:
    """A condition on facts alone that the table does not meet."""
    return Diagnostic(
        "E0906",
        "the data does not meet this condition",
        span,
        shown,
        "take other data, or remove the condition",
    )


def absent(span: Span, fact: str) -> Diagnostic:
    """A fact that the table does not have."""
    guard = '; write what needs it as `… if data.task == "classification" else …`' if fact == "classes" else ""
    reason = "the target of a regression has no classes" if fact == "classes" else "it is not known of this table"
    return Diagnostic("E0907", f"there is no `data.{fact}` with this data", span, "is needed", f"{reason}{guard}")


def unknown_task(span: Span, value: object, tasks: Sequence[str]) -> Diagnostic:
    """``data.task`` is compared with what it never is."""
    known = " or ".join(f'"{t}"' for t in tasks)
    help = "ask `data.classes == 2`" if value == "binary" else "ask `data.classes > 2`" if value == "multiclass" else ""
    return Diagnostic(
        "E0908", f"`data.task` is never {value!r}", span, "compared here", f"it is {known}{'; ' + help if help else ''}"
    )
