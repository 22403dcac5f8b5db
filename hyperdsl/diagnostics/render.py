"""A diagnostic -> text for people, or JSON for machines."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from hyperdsl.diagnostics.model import Diagnostic, Label
from hyperdsl.frozen import frozen
from hyperdsl.source import Source, Span

WIDTH = 110
TAB = 4
# How much of a long line stays in front of what is underlined.
LEAD = 24
# Characters a column that are looked at; marks of no width take several.
MARKS = 8
# Hangul vowels and finals, which join the consonant before them.
MEDIAL_JAMO = re.compile("[\u1160-\u11ff\ud7b0-\ud7fb]")
PAINT = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "note": "\x1b[1;36m"}
BLUE, BOLD, PLAIN = "\x1b[1;34m", "\x1b[1m", "\x1b[0m"


def render_text(diagnostic: Diagnostic, color: bool = False, width: int = WIDTH) -> str:
    """The diagnostic as it is shown on a terminal: message, place, source lines with carets, help.

    Parameters
    ----------
    diagnostic : Diagnostic
        What to show.
    color : bool
        Use ANSI colors.
    width : int
        Columns of the terminal; longer source lines are cut around what is underlined.
    """
    severity = diagnostic.severity
    head = _paint(f"{severity}[{diagnostic.code}]", PAINT[severity], color)
    first, *more = diagnostic.message.split("\n")
    lines = [f"{head}{_paint(': ' + visible(first), BOLD, color)}"]
    lines += [_paint(f"  {visible(line)}", BOLD, color) for line in more]
    gutter = " "
    if diagnostic.span is not None:
        snippets = _snippets(diagnostic, diagnostic.span)
        gutter = " " * (max(len(str(line.span.line)) for line in snippets) + 1)
        lines += _places(snippets, gutter, PAINT[severity], color, width)
    if diagnostic.help:
        bar = [_paint(f"{gutter}|", BLUE, color)] if diagnostic.span is not None else []
        lines += [*bar, f"{_paint(f'{gutter}=', BLUE, color)} help: {visible(diagnostic.help)}"]
    return "\n".join(lines)


def to_json(diagnostic: Diagnostic) -> dict[str, object]:
    """The diagnostic as plain data, as described in grammar/README.md; ends are exclusive."""
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "file": diagnostic.span.source.name if diagnostic.span else None,
        "start": _position(diagnostic.span, "start"),
        "end": _position(diagnostic.span, "end"),
        "label": diagnostic.label,
        "help": diagnostic.help,
        "labels": [
            {
                "file": label.span.source.name,
                "start": _position(label.span, "start"),
                "end": _position(label.span, "end"),
                "text": label.text,
            }
            for label in diagnostic.labels
        ],
    }


def visible(text: str, tab: str = " ") -> str:
    """The text with everything that a terminal would obey or hide replaced by a mark of the same place."""
    if text.isprintable():
        return text
    return "".join(map(_mark, text.replace("\t", tab)))


def cells(text: str) -> int:
    """Columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_cell, text))


@lru_cache(maxsize=4096)
def _mark(character: str) -> str:
    """Control characters as their picture, other invisible ones as the replacement character."""
    if character.isprintable():
        return character
    if ord(character) < 0x20:
        return chr(0x2400 + ord(character))
    return " " if character.isspace() else "\N{REPLACEMENT CHARACTER}"


@lru_cache(maxsize=4096)
def _cell(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me") or MEDIAL_JAMO.match(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _paint(text: str, color: str, on: bool) -> str:
    return f"{color}{text}{PLAIN}" if on else text


def _position(span: Span | None, end: str) -> dict[str, int] | None:
    if span is None:
        return None
    offset = span.start if end == "start" else span.end
    line, column = span.source.position(offset)
    before = span.source.text[offset - column + 1 : offset]
    return {"line": line, "column": column, "utf16_column": utf16_length(before) + 1, "offset": offset}


def utf16_length(text: str) -> int:
    """Code units in UTF-16, in which the language server protocol counts columns."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@frozen
class _Underline:
    """One place to show: its span, its text and whether it is the place of the diagnostic itself."""

    span: Span
    text: str
    primary: bool


def _snippets(diagnostic: Diagnostic, span: Span) -> list[_Underline]:
    """The places to show: those of the diagnostic's own file in order of lines, then those of other files."""

    def order(place: _Underline) -> tuple[bool, str, int, int]:
        elsewhere = place.span.source is not span.source
        return (elsewhere, place.span.source.name if elsewhere else "", place.span.line, place.span.start)

    labels: Sequence[Label] = diagnostic.labels
    places = [
        _Underline(span, diagnostic.label, True),
        *(_Underline(label.span, label.text, False) for label in labels),
    ]
    return sorted(places, key=order)


def _places(places: Sequence[_Underline], gutter: str, paint: str, color: bool, width: int) -> list[str]:
    """Arrow line, source lines and underlines, one file after the other."""
    primary = next(place for place in places if place.primary)
    bar = _paint(f"{gutter}|", BLUE, color)
    lines: list[str] = []
    source: Source | None = None
    shown = 0
    for place in places:
        number = place.span.line
        if place.span.source is not source:
            where = primary.span if source is None else place.span
            arrow = "-->" if source is None else ":::"
            lines += [f"{_paint(gutter[1:] + arrow, BLUE, color)} {visible(str(where))}", bar]
            source, shown = place.span.source, 0
        text, underline = _line(place, width - len(gutter) - 2)
        if number != shown:
            if shown and number > shown + 1:
                lines.append(_paint("...", BLUE, color))
            label = _paint(f"{number:>{len(gutter) - 1}} |", BLUE, color)
            lines.append(f"{label} {text}".rstrip())
            shown = number
        lines.append(f"{bar} {_paint(underline, paint if place.primary else BLUE, color)}")
    return lines


def _line(place: _Underline, room: int) -> tuple[str, str]:
    """The source line, cut to ``room`` columns around the place, and the underline below it with its text."""
    source, span = place.span.source, place.span
    line = source.line(span.line)
    room = max(room, 2 * LEAD)
    start = min(span.column - 1, len(line))
    end = max(start, min(len(line), start + span.end - span.start))
    reach = MARKS * room
    parts = (line[max(0, start - reach) : start], line[start : min(end, start + reach)], line[end : end + reach])
    before, marked, behind = (_expand(part) for part in parts)
    if len(line) > reach or cells(before + marked + behind) > room:
        if cells(before) > LEAD or start > reach:
            before = "…" + _tail(before, LEAD)
        rest = room - cells(before)
        if cells(marked) > rest:
            marked, behind = _head(marked, rest - 1) + "…", ""
        elif cells(marked + behind) > rest:
            behind = _head(behind, max(0, rest - cells(marked) - 1)) + "…"
    carets = ("^" if place.primary else "-") * max(1, cells(marked))
    return before + marked + behind, f"{' ' * cells(before)}{carets} {visible(place.text)}".rstrip()


def _expand(text: str) -> str:
    return visible(text, " " * TAB)


def _head(text: str, room: int) -> str:
    """As much of the beginning as fits."""
    taken = 0
    for i, character in enumerate(text):
        taken += _cell(character)
        if taken > room:
            return text[:i]
    return text


def _tail(text: str, room: int) -> str:
    """As much of the end as fits."""
    taken = 0
    for i in range(len(text) - 1, -1, -1):
        taken += _cell(text[i])
        if taken > room:
            return text[i + 1 :]
    return text
