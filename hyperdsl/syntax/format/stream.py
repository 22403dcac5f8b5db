"""The tokens of a text one after the other, with the comments and blank lines between them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hyperdsl.source import Source, Span
from hyperdsl.syntax.format.layout import Doc, Line, Remark
from hyperdsl.syntax.scan import Comment, Scanned, Token

COMMENT = re.compile(r"#[^\n]*")


class Stream:
    """Hands out each token once, in order, and each comment at the token that it stands before."""

    def __init__(self, source: Source, scanned: Scanned) -> None:
        self.tokens = scanned.tokens
        self.at = 0
        count = len(self.tokens) + 1
        self.remarks: list[list[Remark]] = [[] for _ in range(count)]
        self.blank = [False] * count
        self.begins_line = [False] * count
        self._place(source, all_comments(scanned))

    def _place(self, source: Source, comments: Sequence[Comment]) -> None:
        """Note what stands before each token; behind the last one, the comments at the end of the text."""
        text = source.text
        end = number = 0
        for at in range(len(self.tokens) + 1):
            span = self.tokens[at].span if at < len(self.tokens) else Span(source, len(text), len(text))
            while number < len(comments) and comments[number].span.start < span.start:
                comment = comments[number]
                lines = text.count("\n", end, comment.span.start)
                self.remarks[at].append(Remark(comment.text, lines > 0, lines > 1 and end > 0))
                end = max(end, comment.span.end)
                number += 1
            lines = text.count("\n", end, span.start)
            self.blank[at] = lines > 1 and end > 0
            self.begins_line[at] = lines > 0
            end = span.end

    @property
    def next(self) -> Token | None:
        """The token to be taken next; None behind the last."""
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def next_is(self, *types: str) -> bool:
        token = self.next
        return token is not None and token.type in types

    def take(self, text: str | None = None) -> Doc:
        """The next token, written as ``text`` if given, behind the comments before it."""
        token = self.tokens[self.at]
        remarks = self.take_remarks()
        self.at += 1
        written = token.text if text is None else text
        return [*remarks, written] if remarks else written

    def take_remarks(self) -> list[Doc]:
        """The comments before the next token, once."""
        remarks = self.remarks[self.at]
        if not remarks:
            return []
        self.remarks[self.at] = []
        return list(remarks)

    def has_remarks(self) -> bool:
        return bool(self.remarks[self.at])

    def gap(self, flat: str = " ", hard: bool = False, first: bool = False) -> list[Doc]:
        """The comments before the next token and a line break, which keeps an empty line unless it is the ``first``."""
        remarks = self.remarks[self.at]
        self.remarks[self.at] = []
        blank = self.blank[self.at]
        if first:
            lines = [number for number, remark in enumerate(remarks) if remark.own]
            blank = blank and bool(lines)
            for number in lines[:1]:
                remarks[number] = remarks[number]._replace(blank=False)
        return [*remarks, Line(flat, hard, blank)]

    def drop_comma(self) -> None:
        """Pass a comma if there is one; its comments wait for the token behind it."""
        if self.next_is("COMMA"):
            self.remarks[self.at + 1] = [*self.remarks[self.at], *self.remarks[self.at + 1]]
            self.remarks[self.at] = []
            self.at += 1

    def lead(self) -> None:
        """Make the next token, an operator, begin its line: a comment behind it at a line's end goes before it."""
        behind = self.remarks[self.at + 1]
        if behind and not behind[0].own and not self.begins_line[self.at]:
            self.remarks[self.at].append(behind.pop(0))


def all_comments(scanned: Scanned) -> list[Comment]:
    """The comments of a text in order, with those inside of a weighted presence (`a? # why` newline `@ 3`)."""
    inner = [
        Comment(found.group().rstrip(), Span(span.source, span.start + found.start(), span.start + found.end()))
        for kind, text, span, *_ in scanned.tokens
        if kind == "WEIGHTED_PRESENCE" and "#" in text
        for found in COMMENT.finditer(text)
    ]
    if not inner:
        return scanned.comments
    return sorted([*scanned.comments, *inner], key=lambda comment: comment.span.start)
