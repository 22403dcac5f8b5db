"""Text -> tokens and comments, by the terminals of the grammar.

Faults of single tokens (numbers, strings, characters) are collected here, and scanning goes on behind them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple
from unicodedata import normalize

from hyperdsl.diagnostics import Diagnostic, characters, habits
from hyperdsl.frozen import frozen
from hyperdsl.source import Source, Span
from hyperdsl.syntax.escapes import unescape

# The terminal of the token behind the last one.
END = "$END"

INTEGER_BITS = 4096
# No integer of more decimal digits has so few bits; spares Python the conversion.
INTEGER_DIGITS = 1234

BOUNDARY = re.compile(r"\w|\.(?!\.)")
WHOLE_NUMBER = re.compile(r"(?:\w|\.(?!\.))+")
BLOCK_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
REST_OF_LINE = re.compile(r"[^\r\n]*")
TRIPLE = re.compile(r'("""|\'\'\')(?:[^\\]|\\.)*?\1|"""[^\r\n]*|\'\'\'[^\r\n]*', re.DOTALL)
# Characters that no text should hold: control characters, marks that turn the direction of writing, lone surrogates.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
BYTE_ORDER_MARK = "\ufeff"


class Token(NamedTuple):
    """One token: its terminal, its text (names in NFC), its place, its value and the comment lines above it."""

    type: str
    text: str
    span: Span
    value: int | float | str | None = None
    doc: str = ""


@frozen
class Comment:
    """One comment, from ``#`` to the end of its line."""

    text: str
    span: Span


@frozen
class Scanned:
    """What a text consists of, and what is wrong with single tokens."""

    tokens: list[Token] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


class Scanner:
    """Splits texts by the terminals of a grammar."""

    def __init__(self, patterns: Mapping[str, str], words: Mapping[str, str]) -> None:
        """``patterns`` maps terminals to regular expressions, ``words`` fixed texts to terminals."""
        self.keywords = {text: name for text, name in words.items() if text.isidentifier()}
        self.symbols = {text: name for text, name in words.items() if not text.isidentifier()}
        longest = sorted(patterns.items(), key=lambda item: -len(item[1]))
        parts = [f"(?P<{name}>{pattern})" for name, pattern in longest]
        parts += [re.escape(symbol) for symbol in sorted(self.symbols, key=lambda s: (-len(s), s))]
        self.match = re.compile("|".join(parts)).match

    def scan(self, source: Source) -> Scanned:
        """All tokens, comments and faulty tokens of a text."""
        text = source.text
        result = Scanned()
        for odd in FORBIDDEN.finditer(text):
            result.problems.append(characters.odd_character(Span(source, odd.start(), odd.end()), odd.group()))
        position = 1 if text.startswith(BYTE_ORDER_MARK) else 0
        match, symbols, tokens = self.match, self.symbols, result.tokens
        while position < len(text):
            found = match(text, position)
            if found is None:
                position = _misread(source, position, result)
                continue
            kind, end, written = found.lastgroup, found.end(), found[0]
            if kind is None and not text.startswith("/*", position):
                tokens.append(Token(symbols[written], written, Span(source, position, end)))
            elif kind != "WHITESPACE":
                end = self._token(kind, written, Span(source, position, end), result)
            position = end
        return result

    def _token(self, kind: str | None, written: str, span: Span, result: Scanned) -> int:
        """Note what has been found at ``span``; where to read on."""
        text, start, end = span.source.text, span.start, span.end
        if kind is None and (comment := BLOCK_COMMENT.match(text, start)):
            result.problems.append(habits.foreign_comment(Span(span.source, start, start + 2), "/*"))
            return comment.end()
        if text.startswith(('"""', "'''"), start):
            return _misread(span.source, start, result)
        if kind == "NAME":
            self._name(written, span, result)
        elif kind == "COMMENT":
            result.comments.append(Comment(written.rstrip(), span))
        elif kind == "STRING":
            result.tokens.append(Token(kind, written, span, unescape(written, span, result.problems)))
        elif kind in ("INT", "FLOAT"):
            return _number(kind, written, span, result)
        elif kind is not None:
            result.tokens.append(Token(kind, written, span))
        return end

    def _name(self, written: str, span: Span, result: Scanned) -> None:
        kind = self.keywords.get(written, "NAME")
        if kind != "NAME":
            doc = _doc(span, result.comments)
            result.tokens.append(Token(kind, written, span, None, doc))
            return
        name = written
        if not written.isascii():
            name = normalize("NFC", written)
            _check_letters(written, name, span, result)
        result.tokens.append(Token("NAME", name, span))


def _number(kind: str, written: str, span: Span, result: Scanned) -> int:
    text, end = span.source.text, span.end
    if BOUNDARY.match(text, end) is not None:
        whole = WHOLE_NUMBER.match(text, span.start)
        assert whole is not None
        end = whole.end()
        span = Span(span.source, span.start, end)
        result.problems.append(characters.malformed_number(span, span.text))
        result.tokens.append(Token(kind, span.text, span, 0))
        return end
    value: int | float
    if kind == "FLOAT":
        value = float(written)
        if value == float("inf"):
            result.problems.append(characters.real_too_large(span))
    else:
        value = int(written) if len(written) <= INTEGER_DIGITS else 0
        if len(written) > INTEGER_DIGITS or value.bit_length() > INTEGER_BITS:
            result.problems.append(characters.integer_too_large(span, INTEGER_BITS))
    result.tokens.append(Token(kind, written, span, value))
    return end


def _misread(source: Source, start: int, result: Scanned) -> int:
    """Note what no token begins with; a string with a fault stands in for itself as a token."""
    text = source.text
    if text[start] in "\"'":
        triple = TRIPLE.match(text, start)
        rest = triple or REST_OF_LINE.match(text, start)
        assert rest is not None
        span = Span(source, start, rest.end())
        result.problems.append(
            characters.triple_quotes(span) if triple else characters.unclosed_string(span, text[start])
        )
        result.tokens.append(Token("STRING", span.text, span, ""))
        return span.end
    span = Span(source, start, start + 1)
    if FORBIDDEN.match(text, start) is None:
        result.problems.append(characters.odd_character(span, text[start]))
    return span.end


def _check_letters(written: str, name: str, span: Span, result: Scanned) -> None:
    if name.isidentifier():
        if plain := characters.look_alike(name):
            result.problems.append(characters.confusable_name(span, name, plain))
        return
    for i, letter in enumerate(written):
        if letter.isascii() or ("a" + letter).isidentifier() or FORBIDDEN.match(letter):
            continue
        result.problems.append(characters.odd_character(Span(span.source, span.start + i, span.start + i + 1), letter))
        return


def _doc(span: Span, comments: list[Comment]) -> str:
    """The text of the comment lines right above a token that begins its line."""
    source = span.source
    line, column = source.position(span.start)
    if not comments or source.line(line)[: column - 1].strip(" \t\ufeff"):
        return ""
    lines: list[str] = []
    for comment in reversed(comments):
        line -= 1
        at, column = source.position(comment.span.start)
        if at != line or source.line(at)[: column - 1].strip(" \t\ufeff"):
            break
        lines.append(comment.text.lstrip("#").strip())
    return "\n".join(reversed(lines))
