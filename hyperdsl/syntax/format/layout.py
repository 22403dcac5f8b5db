"""Documents that know where lines may break, and the printer that decides where they do.

The algebra of Wadler, "A prettier printer" (2003), with comments as a part of it: a comment ends its line, wherever it
stands, and breaks the groups around it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Group(NamedTuple):
    """Printed on one line if it fits there, else its own lines break."""

    body: Doc


class Indent(NamedTuple):
    """Lines that break inside begin two columns further right."""

    body: Doc


class Align(NamedTuple):
    """Lines that break inside begin in the column where this begins."""

    body: Doc


class Line(NamedTuple):
    """``flat`` while its group is on one line, else a line break; a ``hard`` one always breaks.

    ``blank`` asks for an empty line at the break.
    """

    flat: str = " "
    hard: bool = False
    blank: bool = False


class IfBroken(NamedTuple):
    """Text that is there only if the group around it breaks."""

    text: str


class Remark(NamedTuple):
    """A comment: behind what was written last, or on a line of its ``own``, after an empty one if ``blank``."""

    text: str
    own: bool
    blank: bool = False


Doc: TypeAlias = "str | list[Doc] | Group | Indent | Align | Line | IfBroken | Remark"

STEP = 2


def render(document: Doc, width: int) -> str:
    """The text of a document in lines of at most ``width`` characters where it has breaks enough."""
    return _Printer(width).run(document)


def flat_width(document: Doc) -> int | None:
    """How many characters a document takes on one line; None if it cannot stand on one."""
    total = 0
    waiting: list[Doc] = [document]
    while waiting:
        part = waiting.pop()
        match part:
            case str():
                total += len(part)
            case list():
                waiting.extend(part)
            case Group(body) | Indent(body) | Align(body):
                waiting.append(body)
            case Remark():
                return None
            case Line(flat, hard):
                if hard:
                    return None
                total += len(flat)
            case IfBroken():
                pass
    return total


class _Item(NamedTuple):
    """A document to print, and how."""

    indent: int
    broken: bool
    document: Doc


class _Printer:
    """One run over a document; ``waiting`` is a stack, so that documents may nest as deep as they like."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.pieces: list[str] = []
        self.column = 0
        self.fresh = True  # nothing stands on this line yet
        self.remarked = False  # a comment ends this line
        self.waiting: list[_Item] = []

    def run(self, document: Doc) -> str:
        waiting = self.waiting
        waiting.append(_Item(0, True, document))
        while waiting:
            indent, broken, part = waiting.pop()
            match part:
                case str():
                    self.write(part, indent)
                case list():
                    waiting.extend(_Item(indent, broken, child) for child in reversed(part))
                case Group(body):
                    waiting.append(_Item(indent, broken and not self.fits(body), body))
                case Indent(body):
                    waiting.append(_Item(indent + STEP, broken, body))
                case Align(body):
                    if self.remarked:
                        self.end_line(indent)
                    waiting.append(_Item(self.column, broken, body))
                case Line(flat, _, blank):
                    if broken:
                        self.end_line(indent, blank)
                    else:
                        self.write(flat, indent)
                case IfBroken(text):
                    if broken:
                        self.write(text, indent)
                case Remark():
                    self.remark(part, indent)
        return "".join(self.pieces)

    def write(self, text: str, indent: int) -> None:
        if self.remarked:
            self.end_line(indent)
        if not text or (self.fresh and text == " "):
            return
        self.pieces.append(text)
        self.fresh = self.fresh and text.isspace()
        last = text.rfind("\n")  # a string may go on over several lines
        self.column = self.column + len(text) if last < 0 else len(text) - last - 1

    def remark(self, remark: Remark, indent: int) -> None:
        if not self.fresh and (remark.own or self.remarked):
            self.end_line(indent, remark.blank)
        if not self.fresh:
            self.drop_spaces()
            self.pieces.append("  ")
        self.pieces.append(remark.text)
        self.fresh = False
        self.remarked = True

    def end_line(self, indent: int, blank: bool = False) -> None:
        self.drop_spaces()
        self.pieces.append("\n\n" if blank else "\n")
        self.pieces.append(" " * indent)
        self.column = indent
        self.fresh = True
        self.remarked = False

    def drop_spaces(self) -> None:
        """Take back spaces that nothing came after."""
        while self.pieces and not self.pieces[-1].strip(" "):
            self.pieces.pop()

    def fits(self, document: Doc) -> bool:
        """Whether a document on one line, and what follows it up to the next possible break, ends before the width."""
        left = self.width - self.column
        parts = [(False, document)]
        following = len(self.waiting)
        while left >= 0:
            if not parts:
                if following == 0:
                    return True
                following -= 1
                parts.append((self.waiting[following].broken, self.waiting[following].document))
            broken, part = parts.pop()
            match part:
                case str():
                    first, more, _ = part.partition("\n")
                    left -= len(first)
                    if more:
                        return left >= 0
                case list():
                    parts.extend((broken, child) for child in reversed(part))
                case Group(body) | Indent(body) | Align(body):
                    parts.append((broken, body))
                case Line(flat, hard):
                    if broken or hard:
                        return broken
                    left -= len(flat)
                case IfBroken(text):
                    left -= len(text) if broken else 0
                case Remark():
                    return broken
        return False
