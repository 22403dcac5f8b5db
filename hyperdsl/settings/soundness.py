"""What can be said of experiments beside mistakes elsewhere in a file: of entries that read nothing with one in it."""

from __future__ import annotations

from collections.abc import Sequence

from hyperdsl.check.typed import Typed, Unit
from hyperdsl.check.walk import nodes
from hyperdsl.diagnostics import Diagnostic
from hyperdsl.frozen import frozen
from hyperdsl.source import Span
from hyperdsl.syntax import tree

UNREADABLE = ("E01",)  # codes of statements without a tree


@frozen
class Faults:
    """The mistakes in a program, as far as its experiments are concerned.

    Parameters
    ----------
    spans : tuple of Span
        Where they are.
    names : frozenset of str
        What the main file defines or imports with a mistake in it, and all that reads it.
    spaces_known : bool
        Whether every space of the main file can be read.
    """

    spans: tuple[Span, ...] = ()
    names: frozenset[str] = frozenset()
    spaces_known: bool = True

    @classmethod
    def of(cls, typed: Typed, errors: Sequence[Diagnostic]) -> Faults:
        """Those that errors tell."""
        spans = tuple(error.span for error in errors if error.span is not None)
        unreadable = any(error.code.startswith(UNREADABLE) for error in errors)
        return cls(spans, frozenset(_open_names(typed.main, spans)), not unreadable)

    def leave(self, entry: tree.Entry) -> bool:
        """Whether an entry means something all the same."""
        if entry.name == "space" and not self.spaces_known:
            return False
        return not _overlap(entry.span, self.spans) and self.names.isdisjoint(_names(entry))


def _open_names(unit: Unit, spans: Sequence[Span]) -> set[str]:
    found = set(unit.unknown)  # what is imported well is among them
    if all(span.source is unit.source for span in spans):
        found -= {name for name, (origin, original) in unit.imported.items() if original in origin.definitions}
        found |= unit.tree.broken
    definitions = [s for s in unit.tree.statements if isinstance(s, (tree.Let, tree.Def, tree.SpaceDef))]
    found |= {d.name for d in definitions if _overlap(d.span, spans)}
    reads = [(d.name, _names(d)) for d in definitions]
    while more := {name for name, read in reads if not found.isdisjoint(read)} - found:
        found |= more
    return found


def _names(node: tree.Node) -> set[str]:
    return {part.id for part in nodes(node) if isinstance(part, tree.Name)}


def _overlap(outer: Span, spans: Sequence[Span]) -> bool:
    return any(s.source is outer.source and s.start < outer.end and outer.start < s.end for s in spans)
