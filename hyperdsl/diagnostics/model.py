"""Diagnostics as data: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from hyperdsl.frozen import frozen
from hyperdsl.source import Span

Severity = Literal["error", "warning", "note"]


@frozen
class Label:
    """A further place that a diagnostic points to, with the local fact there."""

    span: Span
    text: str


@frozen
class Diagnostic:
    """One message for a person.

    Parameters
    ----------
    code : str
        ``E0101`` for errors, ``W0201`` for warnings; unique per constructor.
    message : str
        What is wrong, in the user's terms.
    span : Span or None
        The place; None for problems that have no place in a text (data, storage).
    label : str
        The local fact, shown under the caret.
    help : str
        What to do or write instead.
    labels : tuple of Label
        Further places, e.g. where a name was first defined.
    """

    code: str
    message: str
    span: Span | None = None
    label: str = ""
    help: str = ""
    labels: tuple[Label, ...] = ()

    @property
    def severity(self) -> Severity:
        return {"E": "error", "W": "warning"}.get(self.code[0], "note")  # type: ignore[return-value]


class HypError(Exception):
    """Raised at the end of a stage that found errors; carries all its diagnostics.

    The one exception type for a user's mistake: faces render ``diagnostics`` and exit with 1.
    """

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        from hyperdsl.diagnostics.render import render_text

        return "\n".join(render_text(d) for d in self.diagnostics)

    def __reduce__(self) -> tuple[type[HypError], tuple[tuple[Diagnostic, ...]]]:
        return type(self), (self.diagnostics,)


@dataclass(slots=True)
class Reporter:
    """Collects the diagnostics of a run; each stage ends with :meth:`stop_on_errors`."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    _known: set[Diagnostic] = field(default_factory=set, init=False, repr=False, compare=False)

    def add(self, diagnostic: Diagnostic) -> None:
        if diagnostic not in self._known:
            self._known.add(diagnostic)
            self.diagnostics.append(diagnostic)

    @property
    def errors(self) -> list[Diagnostic]:
        return [d for d in self.diagnostics if d.severity == "error"]

    def stop_on_errors(self) -> None:
        """Raise :class:`HypError` with everything found so far if any of it is an error."""
        if self.errors:
            raise HypError(self.diagnostics)
