"""Brackets and statements, found on the tokens before the parser runs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from hyperdsl.diagnostics import Diagnostic, syntax
from hyperdsl.syntax.scan import Token

NESTING = 200

CLOSING = {"(": ")", "[": "]", "{": "}"}
STATEMENTS = frozenset({"SPACE", "LET", "DEF", "IMPORT", "USE", "REQUIRE", "FORBID", "EXPERIMENT"})
INNER = frozenset({"LET", "DEF", "REQUIRE", "FORBID"})


@dataclass(slots=True)
class Outline:
    """Where the statements of a text begin (token numbers, offsets), and what is wrong with its brackets."""

    starts: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    too_deep: bool = False

    def begin(self, number: int, token: Token) -> None:
        """Note that a statement begins with this token."""
        self.starts.append(number)
        self.offsets.append(token.span.start)


def begins_line(token: Token) -> bool:
    """Whether only white space stands before the token in its line."""
    text, end = token.span.source.text, token.span.start
    while end and text[end - 1] in " \t\r\f\ufeff":
        end -= 1
    return not end or text[end - 1] == "\n"


def outline(tokens: Sequence[Token]) -> Outline:
    """Match the brackets and split at the statement keywords outside them.

    Where brackets do not match, a keyword that can only begin a statement ends every open bracket, so that the fault
    is shown where it is and not at the end of the text.
    """
    found = _match(tokens, mend=False)
    if not found.problems or found.too_deep:
        return found
    return _match(tokens, mend=True)


def _match(tokens: Sequence[Token], mend: bool) -> Outline:
    found = Outline()
    opened: list[Token] = []
    for i, token in enumerate(tokens):
        if token.text in CLOSING and token.type != "STRING":
            opened.append(token)
            if len(opened) > NESTING:
                return Outline(problems=[syntax.brackets_too_deep(token.span, NESTING)], too_deep=True)
        elif token.type in ("RPAR", "RSQB", "RBRACE"):
            found.problems += _close(opened, token)
        elif token.type in STATEMENTS and _may_begin(tokens, i):
            if opened and mend and _must_begin(tokens, i, opened[-1]):
                found.problems += _unclosed(opened)
                opened.clear()
            if not opened:
                found.begin(i, token)
        elif token.type == "NAME" and not opened and _is_headless(tokens, i):
            found.begin(i, token)
    found.problems += _unclosed(opened)
    found.problems = _first_in_each(found)
    return found


def _first_in_each(found: Outline) -> list[Diagnostic]:
    """The first problem of each statement; the others mostly follow from it."""
    first: dict[int, Diagnostic] = {}
    for problem in found.problems:
        statement = bisect_right(found.offsets, problem.span.start) if problem.span else 0
        first.setdefault(statement, problem)
    return list(first.values())


def _close(opened: list[Token], token: Token) -> Iterator[Diagnostic]:
    """Take a closing bracket; brackets inside that were left open end with it."""
    if not any(CLOSING[bracket.text] == token.text for bracket in opened):
        yield syntax.nothing_to_close(token.span, token.text, opened[-1].span if opened else None)
        return
    inner = opened.pop()
    if CLOSING[inner.text] == token.text:
        return
    yield syntax.wrong_bracket(token.span, token.text, CLOSING[inner.text], inner.span)
    while CLOSING[opened.pop().text] != token.text:
        pass


def _unclosed(opened: Sequence[Token]) -> list[Diagnostic]:
    """One message for all brackets still open: the innermost is where it went wrong."""
    if not opened:
        return []
    bracket = opened[-1]
    return [syntax.unclosed_bracket(bracket.span, bracket.text, CLOSING[bracket.text])]


def _may_begin(tokens: Sequence[Token], i: int) -> bool:
    """Whether this keyword stands where a statement can begin, not for a word in a path or for a mistaken name."""
    if i == 0:
        return True
    before = tokens[i - 1].type
    if before in ("DOT", "USE", "IMPORT"):
        return False
    return before not in ("SPACE", "LET", "DEF", "EXPERIMENT") or begins_line(tokens[i])


def _is_headless(tokens: Sequence[Token], i: int) -> bool:
    """Whether a line begins as a definition does whose keyword is missing or misspelled: no expression has this."""
    if i == 0 or not begins_line(tokens[i]) or tokens[i - 1].type in ("SPACE", "LET", "DEF", "EXPERIMENT"):
        return False
    following = [token.type for token in tokens[i + 1 : i + 3]]
    return following[:1] == ["EQUAL"] or following in (["NAME", "EQUAL"], ["NAME", "LPAR"], ["NAME", "MORETHAN"])


def _must_begin(tokens: Sequence[Token], i: int, innermost: Token) -> bool:
    """Whether this keyword inside brackets shows that they were meant to be closed before it."""
    token = tokens[i]
    names_argument = i + 1 < len(tokens) and tokens[i + 1].type == "EQUAL"
    if names_argument or not begins_line(token):
        return False
    return innermost.text != "{" or token.type not in INNER or token.span.column == 1
