"""The value of a string literal: Python's escapes."""

from __future__ import annotations

import re
import unicodedata

from hyperdsl.diagnostics import Diagnostic, characters
from hyperdsl.source import Span

# Python's lexical analysis, "String and bytes literals": the escape sequences of str.
SINGLE = {
    "\n": "",
    "\r\n": "",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "v": "\v",
}
ESCAPE = re.compile(r"\\(\r\n|[0-7]{1,3}|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|N\{[^}\r\n]*\}|.)", re.DOTALL)


def unescape(written: str, span: Span, problems: list[Diagnostic]) -> str:
    """The value of a literal as written, quotes included; unknown escapes stay, with a warning, as in Python."""
    body = written[1:-1]
    if "\\" not in body:
        return body

    def replace(found: re.Match[str]) -> str:
        start = span.start + 1 + found.start()
        place = Span(span.source, start, start + len(found.group()))
        sequence = found.group(1)
        if sequence in SINGLE:
            return SINGLE[sequence]
        if sequence in ("x", "u", "U", "N"):
            problems.append(characters.broken_escape(place, found.group()))
            return ""
        if sequence[0] in "01234567" or len(sequence) > 1:
            character = _character(sequence)
            if character is None:
                problems.append(characters.broken_escape(place, found.group()))
            return character or ""
        problems.append(characters.unknown_escape(place, found.group()))
        return found.group()

    return ESCAPE.sub(replace, body)


def _character(sequence: str) -> str | None:
    """The character of a numeric or named escape; None if there is none."""
    if sequence[0] == "N":
        try:
            return unicodedata.lookup(sequence[2:-1])
        except KeyError:
            return None
    number = int(sequence, 8) if sequence[0] in "01234567" else int(sequence[1:], 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        return None
    return chr(number)
