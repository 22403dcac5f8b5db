"""Text -> tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from lark.exceptions import UnexpectedToken

from hyperdsl.diagnostics import HypError, Reporter, syntax
from hyperdsl.source import Source, Span
from hyperdsl.syntax import tree
from hyperdsl.syntax.brackets import begins_line, outline
from hyperdsl.syntax.language import language
from hyperdsl.syntax.mistakes import Mistake, explain
from hyperdsl.syntax.scan import Token

if TYPE_CHECKING:
    from lark.parsers.lalr_interactive_parser import InteractiveParser

# How many nodes may lie inside each other: deep enough for any program, shallow enough to walk by recursion.
NODE_DEPTH = 1000


def parse(source: Source, reporter: Reporter) -> tree.Module:
    """The tree of a text; faults are reported, and the statements without fault are returned.

    Parameters
    ----------
    source : Source
        The text.
    reporter : Reporter
        Receives every diagnostic (E01xx, W01xx), at most one syntax error a statement.
    """
    tokens, starts = _tokens(source, reporter)
    if not tokens and not reporter.errors:
        reporter.add(syntax.nothing_here(Span(source, 0, 0)))
    return tree.Module(tuple(_statements(tokens, starts, reporter)), span=Span(source, 0, len(source.text)))


def parse_expression(source: Source, reporter: Reporter) -> tree.Expr:
    """The tree of a text that holds one expression.

    Raises
    ------
    HypError
        The text is no expression; ``reporter`` has the same diagnostics.
    """
    tokens, _ = _tokens(source, reporter)
    reporter.stop_on_errors()
    try:
        result = _run(language().begin("expression"), tokens, _end(tokens, None, source))
    except HypError as error:
        for diagnostic in error.diagnostics:
            reporter.add(diagnostic)
        raise
    assert isinstance(result, tree.Expr)
    return result


def _tokens(source: Source, reporter: Reporter) -> tuple[list[Token], list[int]]:
    """The tokens and where statements begin among them; none where brackets nest too deep to go on."""
    tokens = language().scanner.scan(source, reporter).tokens
    found = outline(tokens)
    for problem in found.problems:
        reporter.add(problem)
    return ([], []) if found.too_deep else (tokens, found.starts)


def _statements(tokens: Sequence[Token], starts: Sequence[int], reporter: Reporter) -> list[tree.Statement]:
    """Parse statement by statement, so that a fault in one does not hide the others."""
    if tokens and (not starts or starts[0] > 0):
        starts = [0, *starts]
    faults = [d.span.start for d in reporter.errors if d.span]
    statements: list[tree.Statement] = []
    failed = False
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        if failed and not begins_line(tokens[start]):
            continue
        part = tokens[start:end]
        stop = _end(part, tokens[end] if end < len(tokens) else None, part[0].span.source)
        failed = False
        try:
            module = _run(language().begin("module"), part, stop)
            assert isinstance(module, tree.Module)
            statements += module.statements
        except HypError as error:
            failed = True
            if not any(part[0].span.start <= fault <= stop.span.end for fault in faults):
                for diagnostic in error.diagnostics:
                    reporter.add(diagnostic)
    return statements


def _end(tokens: Sequence[Token], following: Token | None, source: Source) -> Token:
    """The token after the last one; its text is what follows, empty at the end of the text."""
    if not tokens:
        return Token("$END", "", Span(source, 0, 0))
    offset = tokens[-1].span.end
    return Token("$END", following.text if following else "", Span(source, offset, offset))


def _run(parser: InteractiveParser, tokens: Sequence[Token], end: Token) -> tree.Node:
    """Feed the tokens to a parser; HypError at the first that does not fit."""
    feed = parser.parser_state.feed_token
    at = 0
    try:
        for at, token in enumerate(tokens):  # noqa: B007 - read below
            feed(token)  # type: ignore[arg-type]
        at = len(tokens)
        result: tree.Node = feed(end, True)  # type: ignore[arg-type]
    except UnexpectedToken:
        accepted = frozenset(parser.accepts())  # type: ignore[no-untyped-call]
        raise HypError([explain(Mistake((*tokens, end), at, accepted), language().symbols)]) from None
    if len(tokens) > NODE_DEPTH:
        _check_depth(result)
    return result


def _check_depth(root: tree.Node) -> None:
    """Refuse a tree that is too deep to walk by recursion; every level takes at least one token."""
    level: list[object] = [root]
    for _ in range(NODE_DEPTH):
        level = [child for node in level for child in _children(node)]
        if not level:
            return
    deep = next(node for node in level if isinstance(node, tree.Node))
    raise HypError([syntax.expression_too_deep(deep.span, NODE_DEPTH)])


def _children(node: object) -> list[tree.Node]:
    found: list[tree.Node] = []
    waiting = [getattr(node, f.name) for f in fields(node)]  # type: ignore[arg-type]
    while waiting:
        value = waiting.pop()
        if isinstance(value, tree.Node):
            found.append(value)
        elif isinstance(value, tuple):
            waiting.extend(value)
    return found
